#include "base/json.h"
#include "cli/commands.h"
#include "schema/manual.h"
#include "schema/params.h"

/* -- schema ---------------------------------------------------------------------------------- */

static Error *unknown_name(Cli *cli, const char *name)
{
    const char *near = params_nearest(name);
    return error_new(ERROR_INVALID, "there is no parameter, object, setting or code '%s'%s", name,
                     near ? arena_printf(cli->arena, ", did you mean '%s'?", near) : "");
}

static Error *write_manual(Cli *cli, const char *name, bool as_page, bool as_json, Text *out)
{
    const Registry *registry = cli->program->registry;
    if (name && (as_page || as_json))
        return error_new(ERROR_INVALID, "-man and -json-schema are of all parameters, not of one");
    if (as_page && as_json)
        return error_new(ERROR_INVALID, "-man and -json-schema exclude each other");
    if (name)
        return manual_text_of(out, registry, name) ? NULL : unknown_name(cli, name);
    if (as_page)
        manual_page(out, registry);
    else if (as_json)
        json_write_pretty(out, manual_json_schema(cli->arena, registry));
    else
        manual_text(out, registry);
    return NULL;
}

static Error *run_schema(Cli *cli, const Command *command, char **argv)
{
    bool as_page = false, as_json = false, is_done;
    const Option own[] = {
        {"man", OPTION_FLAG, &as_page, NULL, "the manual page pgsteer-inventory(5), as mdoc"},
        {"json-schema", OPTION_FLAG, &as_json, NULL, "a JSON Schema (draft 7) for editors"},
    };
    TRY(cli_parse(cli, command, 0, own, COUNT_OF(own), &argv, &is_done));
    if (is_done)
        return NULL;
    TRY(cli_expect(argv, 1));
    CLEANUP(text_release) Text text = TEXT_INIT;
    TRY(write_manual(cli, argv[0], as_page, as_json, &text));
    fputs(text_get(&text), cli->screen.out);
    return NULL;
}

const Command command_schema = {
    "schema", "[options] [NAME]",
    "print the reference of the inventory, or of one parameter or code",
    "NAME is a parameter (pg_users), an object in one (user), a setting of PostgreSQL that not "
    "every\n"
    "parameter may hold (max_connections), or the code of a problem (W017).\n"
    "An editor with the YAML language server completes and checks an inventory that begins with\n"
    "  # yaml-language-server: $schema=PATH\n"
    "where PATH is what -json-schema printed; an installation has it in share/pgsteer.\n",
    run_schema};
