#include <stdlib.h>

#include "base/file.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "schema/sarif.h"

static const Value *report_value(Arena *arena, Diagnostics *diagnostics, bool is_valid)
{
    Value *report = value_map(arena);
    value_set_bool(arena, report, "valid", is_valid);
    value_set_int(arena, report, "error_count", (int64_t)diagnostics_error_count(diagnostics));
    value_set_int(arena, report, "warning_count", (int64_t)diagnostics_warning_count(diagnostics));
    value_set_int(arena, report, "waived_count", (int64_t)diagnostics_waived_count(diagnostics));
    value_set(arena, report, "diagnostics", diagnostics_value(arena, diagnostics));
    return report;
}

/* An error that stands beside the problems is one of reading them at all. */
static const Value *sarif_value(const Session *session, const Error *error)
{
    const Cli *cli = session->cli;
    char *failure = error && !cli->is_reported ? error_text(error) : NULL;
    const char *directory = file_real(cli->arena, ".");
    SarifRun run = {.version = cli->program->version,
                    .directory = directory ? directory : "",
                    .inventory = session->paths[0],
                    .failure = failure ? arena_strdup(cli->arena, failure) : NULL};
    free(failure);
    return sarif_document(cli->arena, session->diagnostics, &run);
}

static void print(const Cli *cli, const Value *document)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    json_write_pretty(&text, document);
    fprintf(cli->screen.out, "%s\n", text_get(&text));
}

static void print_success(const Session *session)
{
    size_t hosts = inventory_host_count(session->inventory);
    size_t clusters = inventory_cluster_count(session->inventory);
    fprintf(session->cli->screen.out,
            "Success! The inventory is valid: %zu node%s, %zu cluster%s.\n", hosts,
            hosts == 1 ? "" : "s", clusters, clusters == 1 ? "" : "s");
}

static Error *validate(Cli *cli, bool as_sarif)
{
    CLEANUP(session_end) Session session;
    TRY(session_begin(cli, &session));
    Error *error = session_load(&session);
    bool is_document = as_sarif || cli->common.json;
    if (is_document && session.diagnostics)
        print(cli, as_sarif ? sarif_value(&session, error)
                            : report_value(cli->arena, session.diagnostics, !error));
    if (!is_document && !error)
        print_success(&session);
    return error;
}

static Error *run(Cli *cli, const Command *command, char **argv)
{
    bool as_sarif = false, is_done;
    const Option own[] = {
        {"sarif", OPTION_FLAG, &as_sarif, NULL, "the problems as SARIF 2.1.0, for code scanning"}};
    TRY(cli_parse(cli, command, OPTIONS_SCREEN | OPTIONS_INVENTORY, own, COUNT_OF(own), &argv,
                  &is_done));
    if (is_done)
        return NULL;
    TRY(cli_expect(argv, 0));
    if (as_sarif && cli->common.json)
        return error_new(ERROR_INVALID, "-json and -sarif exclude each other");
    return validate(cli, as_sarif);
}

const Command command_validate = {
    "validate", "[options]", "check the inventory; no node is contacted",
    "-sarif names files relative to the directory it runs in, so run it at the root of the\n"
    "repository. Waived warnings are in it, as suppressed ones.\n"
    "pgsteer schema CODE explains a problem by its code, such as W017.",
    run};
