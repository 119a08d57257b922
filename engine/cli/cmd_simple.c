#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/session.h"

/* -- validate -------------------------------------------------------------------------------- */

static Error *validate(Cli *cli)
{
    CLEANUP(session_end) Session session;
    TRY(session_begin(cli, &session));
    Error *error = session_load(&session);
    if (cli->common.json && session.diagnostics) {
        CLEANUP(text_release) Text text = TEXT_INIT;
        Value *report = value_map(cli->arena);
        value_set_bool(cli->arena, report, "valid", !error);
        value_set_int(cli->arena, report, "error_count",
                      (int64_t)diagnostics_error_count(session.diagnostics));
        value_set_int(cli->arena, report, "warning_count",
                      (int64_t)diagnostics_warning_count(session.diagnostics));
        value_set_int(cli->arena, report, "waived_count",
                      (int64_t)diagnostics_waived_count(session.diagnostics));
        value_set(cli->arena, report, "diagnostics",
                  diagnostics_value(cli->arena, session.diagnostics));
        json_write_pretty(&text, report);
        fprintf(cli->screen.out, "%s\n", text_get(&text));
    }
    if (error)
        return error;
    if (!cli->common.json)
        fprintf(cli->screen.out, "Success! The inventory is valid: %zu node%s, %zu cluster%s.\n",
                inventory_host_count(session.inventory),
                inventory_host_count(session.inventory) == 1 ? "" : "s",
                inventory_cluster_count(session.inventory),
                inventory_cluster_count(session.inventory) == 1 ? "" : "s");
    return NULL;
}

static Error *run_validate(Cli *cli, const Command *command, char **argv)
{
    bool is_done;
    TRY(cli_parse(cli, command, OPTIONS_SCREEN | OPTIONS_INVENTORY, NULL, 0, &argv, &is_done));
    if (is_done)
        return NULL;
    TRY(cli_expect(argv, 0));
    return validate(cli);
}

const Command command_validate = {
    "validate", "[options]", "check the inventory; no node is contacted",
    "pgsteer schema CODE explains a problem by its code, such as W017.\n", run_validate};

/* -- probe ----------------------------------------------------------------------------------- */

static Error *run_probe(Cli *cli, const Command *command, char **argv)
{
    bool is_done;
    TRY(cli_parse(cli, command, 0, NULL, 0, &argv, &is_done));
    if (is_done)
        return NULL;
    TRY(cli_expect(argv, 0));
    fputs(cli->program->probe_text(cli->arena), cli->screen.out);
    return NULL;
}

const Command command_probe = {
    "probe", "", "print the script that observing runs on nodes; it is the same for all", NULL,
    run_probe};

/* -- version --------------------------------------------------------------------------------- */

static Error *run_version(Cli *cli, const Command *command, char **argv)
{
    bool is_done;
    TRY(cli_parse(cli, command, OPTIONS_SCREEN, NULL, 0, &argv, &is_done));
    if (is_done)
        return NULL;
    TRY(cli_expect(argv, 0));
    const char *probe = cli->program->probe_text(cli->arena);
    char digest[SHA256_HEX + 1];
    sha256_hex(probe, strlen(probe), digest);
    if (!cli->common.json) {
        fprintf(cli->screen.out, "pgsteer %s\nprobe   sha256:%s\n", cli->program->version, digest);
        return NULL;
    }
    CLEANUP(text_release) Text text = TEXT_INIT;
    Value *report = value_map(cli->arena);
    value_set_text(cli->arena, report, "version", cli->program->version);
    value_set_text(cli->arena, report, "probe_sha256", digest);
    json_write(&text, report);
    fprintf(cli->screen.out, "%s\n", text_get(&text));
    return NULL;
}

const Command command_version = {"version", "[options]", "version, and digest of the probe", NULL,
                                 run_version};
