#include "base/json.h"
#include "cli/commands.h"
#include "cli/explain.h"

/* -- explain --------------------------------------------------------------------------------- */

typedef struct Question {
    const char *var, *host, *cluster;
} Question;

static void print_json(Cli *cli, const Value *value)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    json_write_pretty(&text, value);
    fprintf(cli->screen.out, "%s\n", text_get(&text));
}

static Error *answer_var(Cli *cli, const Question *question)
{
    CLEANUP(session_end) Session session;
    TRY(session_begin(cli, &session));
    session.only_errors = true;
    TRY(session_load(&session));
    VarAnswer answer;
    TRY(explain_var(&session, question->var, question->host, question->cluster, &answer));
    const Registry *registry = cli->program->registry;
    if (cli->common.json) {
        print_json(cli, explain_var_json(cli->arena, registry, &answer));
        return NULL;
    }
    RenderOptions options = session_render_options(&session);
    Page page = page_new(cli->screen.out, &options);
    explain_var_text(&page, cli->arena, registry, &answer);
    return NULL;
}

static Error *run_explain(Cli *cli, const Command *command, char **argv)
{
    Question question = {0};
    bool is_done;
    const Option own[] = {
        {"var", OPTION_TEXT, &question.var, "NAME", "the parameter to explain"},
        {"host", OPTION_TEXT, &question.host, "HOST", "on this host: address, name or instance"},
        {"cluster", OPTION_TEXT, &question.cluster, "NAME", "on the hosts of this cluster"},
        {"v", OPTION_FLAG, &cli->common.verbose, NULL, "list everything one by one"},
    };
    TRY(cli_parse(cli, command, OPTIONS_SCREEN | OPTIONS_INVENTORY, own, COUNT_OF(own), &argv,
                  &is_done));
    if (is_done)
        return NULL;
    TRY(cli_expect(argv, 0));
    if (!question.var)
        return error_new(ERROR_INVALID, "say what to explain: pgsteer explain -var NAME");
    if (question.host && question.cluster)
        return error_new(ERROR_INVALID, "-host and -cluster exclude each other");
    return answer_var(cli, &question);
}

const Command command_explain = {
    "explain", "[options] -var NAME", "where a value comes from; no node is contacted",
    "The first line is the answer. Below it: all definitions that apply, strongest first, with\n"
    "'>' at the one that counts; then where the value ends and what a change of it needs.\n"
    "Secrets are not shown; which kind of secret it is, is.\n",
    run_explain};
