#include "base/json.h"
#include "cli/commands.h"
#include "cli/explain.h"

/* -- explain --------------------------------------------------------------------------------- */

typedef struct Question {
    const char *var, *host, *cluster; /* -var */
    const char *address;
} Question;

static Error *check_question(const Question *question)
{
    bool is_var = question->var;
    if (is_var && question->address)
        return error_new(ERROR_INVALID, "'%s' is one argument too many: -var NAME or an ADDRESS",
                         question->address);
    if (!is_var && !question->address)
        return error_new(ERROR_INVALID, "say what to explain: pgsteer explain ADDRESS, or pgsteer "
                                        "explain -var NAME");
    if (!is_var && (question->host || question->cluster))
        return error_new(ERROR_INVALID, "-host and -cluster go with -var NAME");
    if (question->host && question->cluster)
        return error_new(ERROR_INVALID, "-host and -cluster exclude each other");
    return NULL;
}

static void print_json(Cli *cli, const Value *value)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    json_write_pretty(&text, value);
    fprintf(cli->screen.out, "%s\n", text_get(&text));
}

static Error *answer_parameter(const Session *session, const Page *page, const char *name,
                               const ExplainHosts *hosts)
{
    Cli *cli = session->cli;
    const Registry *registry = cli->program->registry;
    VarAnswer answer;
    TRY(explain_var(session, name, hosts, &answer));
    if (cli->common.json)
        print_json(cli, explain_var_json(cli->arena, registry, &answer));
    else
        explain_var_text(page, cli->arena, registry, &answer);
    return NULL;
}

static Error *answer_setting(const Session *session, const Page *page, const char *name,
                             const ExplainHosts *hosts)
{
    Cli *cli = session->cli;
    SettingAnswer answer;
    TRY(explain_setting(session, name, hosts, &answer));
    if (answer.winner_count == 0)
        return explain_unknown(cli->arena, &answer);
    if (cli->common.json)
        print_json(cli, explain_setting_json(cli->arena, &answer));
    else
        explain_setting_text(page, cli->arena, &answer);
    return NULL;
}

static Error *answer_var(const Session *session, const Question *question)
{
    RenderOptions options = session_render_options(session);
    Page page = page_new(session->cli->screen.out, &options);
    ExplainHosts hosts;
    TRY(explain_hosts(session, question->host, question->cluster, &hosts));
    if (!params_find(question->var, NULL))
        return answer_setting(session, &page, question->var, &hosts);
    return answer_parameter(session, &page, question->var, &hosts);
}

static Error *answer_object(const Session *session, const Page *page, const char *address)
{
    Cli *cli = session->cli;
    ObjectAnswer answer;
    TRY(explain_object(session, address, &answer));
    if (cli->common.json)
        print_json(cli, explain_object_json(cli->arena, &answer));
    else
        explain_object_text(page, cli->arena, &answer);
    return NULL;
}

static Error *answer_address(const Session *session, const Question *question)
{
    Cli *cli = session->cli;
    RenderOptions options = session_render_options(session);
    Page page = page_new(cli->screen.out, &options);
    ScopeAnswer answer;
    TRY(explain_scope(session, question->address, &answer));
    if (!answer.domain)
        return answer_object(session, &page, question->address);
    if (cli->common.json)
        print_json(cli, explain_scope_json(cli->arena, &answer));
    else
        explain_scope_text(&page, cli->arena, &answer);
    return NULL;
}

static Error *answer(Cli *cli, const Question *question)
{
    CLEANUP(session_end) Session session;
    TRY(session_begin(cli, &session));
    session.only_errors = true;
    TRY(session_load(&session));
    return question->var ? answer_var(&session, question) : answer_address(&session, question);
}

static Error *run_explain(Cli *cli, const Command *command, char **argv)
{
    Question question = {0};
    bool is_done;
    const Option own[] = {
        {"var", OPTION_TEXT, &question.var, "NAME",
         "a parameter of the inventory, or a setting of PostgreSQL"},
        {"host", OPTION_TEXT, &question.host, "HOST", "on this host: address, name or instance"},
        {"cluster", OPTION_TEXT, &question.cluster, "NAME", "on the hosts of this cluster"},
        {"v", OPTION_FLAG, &cli->common.verbose, NULL, "list everything one by one"},
    };
    TRY(cli_parse(cli, command, OPTIONS_SCREEN | OPTIONS_INVENTORY, own, COUNT_OF(own), &argv,
                  &is_done));
    if (is_done)
        return NULL;
    TRY(cli_expect(argv, 1));
    question.address = argv[0];
    TRY(check_question(&question));
    return answer(cli, &question);
}

const Command command_explain = {
    "explain", "[options] ADDRESS | -var NAME", "where a value comes from; no node is contacted",
    "The first line is the answer.\n\n"
    "-var NAME      a parameter: all definitions that apply to the hosts, strongest first, with\n"
    "               '>' at the one that counts; where the value ends, what a change of it needs.\n"
    "               A setting of PostgreSQL (-var work_mem): what counts on each member,\n"
    "               postgresql.auto.conf, patroni.yml or the DCS.\n"
    "ADDRESS        what is wanted of an object, as plans name it (config.pg-test,\n"
    "               role.pg-test/app), and where each value comes from.\n"
    "ADDRESS.PARAM  one value of it: config.pg-test.max_connections.\n"
    "NAME           the objects of a cluster or a node: pg-test, pg-test-1.\n\n"
    "What only the nodes can tell is (known later). Secrets are not shown; what kind of secret it\n"
    "is, is.\n",
    run_explain};
