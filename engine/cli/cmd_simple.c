#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "cli/commands.h"

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
