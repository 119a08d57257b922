#include "cli/session.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/map.h"
#include "engine/paces.h"
#include "engine/survey.h"
#include "plans/reach.h"
#include "plans/render.h"

enum { DIAGNOSTICS_SHOWN = 50, PAGE_COLUMNS = 100, MS_PER_DAY = 24 * 60 * 60 * 1000 };

static const char *const default_inventories[] = {"pgsteer.yml", "pigsty.yml", "inventory.yml"};

void session_end(Session *session)
{
    if (session->world)
        session->world->free(session->world);
    session->world = NULL;
    observation_end(session->observation);
    vault_freep(&session->vault);
    known_passwords_freep(&session->known_passwords);
}

static Error *find_inventory(Session *session)
{
    OptionList *given = &session->cli->common.inventories;
    for (size_t i = 0; given->count == 0 && i < COUNT_OF(default_inventories); i++) {
        if (file_exists(default_inventories[i]))
            ARENA_PUSH(session->cli->arena, given->items, given->count, given->capacity,
                       default_inventories[i]);
    }
    if (given->count == 0)
        return error_new(ERROR_INVALID,
                         "there is no pgsteer.yml, pigsty.yml or inventory.yml here; name the "
                         "inventory with -i PATH");
    return NULL;
}

/* A link at the end stays: group_vars are looked for beside it. */
static const char *absolute(Arena *arena, const char *path)
{
    bool is_directory = file_type(path) == FILE_DIRECTORY;
    const char *real = file_real(arena, is_directory ? path : file_dirname(arena, path));
    if (!real || is_directory)
        return real ? real : path;
    const char *slash = strrchr(path, '/');
    return arena_printf(arena, "%s/%s", real, slash ? slash + 1 : path);
}

Error *session_begin(Cli *cli, Session *ret)
{
    *ret = (Session){.cli = cli, .run = run_new(cli->arena)};
    TRY(find_inventory(ret));
    const OptionList *given = &cli->common.inventories;
    const char **paths = ARENA_ARRAY(cli->arena, const char *, given->count + 1);
    for (size_t i = 0; i < given->count; i++)
        paths[i] = given->items[i];
    ret->paths = paths;
    ret->path_count = given->count;
    const char *real = file_real(cli->arena, paths[0]);
    ret->state_dir = state_dir_of(cli->arena, real ? real : paths[0], cli->common.state_dir);
    return NULL;
}

Error *session_state_dir(Cli *cli, StateDir *ret)
{
    if (cli->common.state_dir) {
        *ret = state_dir_of(cli->arena, "", cli->common.state_dir);
        return NULL;
    }
    CLEANUP(session_end) Session session;
    TRY(session_begin(cli, &session));
    *ret = session.state_dir;
    return NULL;
}

void session_report(const Session *session, Diagnostics *diagnostics, const char *end)
{
    const Cli *cli = session->cli;
    diagnostics_print(cli->screen.err, diagnostics, DIAGNOSTICS_SHOWN, cli->screen.unicode,
                      cli_color(cli, true));
    fprintf(cli->screen.err, "%s%s\n", *end ? " " : "", end);
}

Error *session_take_passwords(Session *session)
{
    const OptionList *files = &session->cli->common.vault_password_files;
    session->vault = vault_new();
    for (size_t i = 0; i < files->count; i++)
        TRY(vault_add_file(session->vault, files->items[i]));
    vault_add_environment(session->vault);
    return NULL;
}

Error *session_load(Session *session)
{
    Cli *cli = session->cli;
    TRY(session_take_passwords(session));
    session->diagnostics = diagnostics_new(cli->arena);
    diagnostics_set_today(session->diagnostics, clock_date(cli->arena, clock_wall_ms()));
    TRY(inventory_load(cli->arena, session->paths, session->path_count, session->diagnostics,
                       &session->inventory));
    size_t error_count = diagnostics_error_count(session->diagnostics);
    size_t shown = session->only_errors ? error_count : diagnostics_count(session->diagnostics);
    if (shown > 0)
        session_report(session, session->diagnostics,
                       error_count > 0 ? "No node was contacted, nothing was changed." : "");
    if (error_count > 0 || !session->inventory) {
        cli->is_reported = true;
        return error_new(ERROR_INVALID, "the inventory has errors");
    }
    inventory_use_vault(session->inventory, session->vault);
    session->known_passwords = known_passwords_new(clock_wall_ms() / MS_PER_DAY);
    inventory_use_known_passwords(session->inventory, session->known_passwords);
    session->domain_count = domains_of(cli->arena, session->inventory, &session->domains);
    return NULL;
}

Error *session_connect(Session *session)
{
    Connection connection = session->cli->common.connection;
    connection.run = session->run;
    connection.inventory = session->inventory;
    known_passwords_read(session->known_passwords, session->state_dir.known_passwords);
    return session->cli->program->world_new(&connection, &session->world);
}

/* NULL-terminated, or NULL for none. */
static const char *const *patterns(Arena *arena, const OptionList *list)
{
    if (!list || list->count == 0)
        return NULL;
    const char **items = ARENA_ARRAY(arena, const char *, list->count + 1);
    memcpy(items, list->items, list->count * sizeof(*items));
    return items;
}

void session_narrow(Session *session, const OptionList *targets, const OptionList *excludes)
{
    Arena *arena = session->cli->arena;
    if (excludes->count == 0)
        session->domain_count = reach_of(arena, patterns(arena, targets), session->domains,
                                         session->domain_count, &session->domains);
}

static void say_observing(const Session *session)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Map *hosts = map_new(scratch);
    for (size_t i = 0; i < session->domain_count; i++) {
        const Domain *domain = &session->domains[i];
        for (size_t h = 0; h < domain->host_count; h++)
            map_set(hosts, host_address(domain->hosts[h]), hosts);
    }
    size_t count = map_count(hosts);
    fprintf(session->cli->screen.err, "Observing %zu node%s...\n", count, count == 1 ? "" : "s");
    fflush(session->cli->screen.err);
}

static ObserveInput observe_input(const Session *session)
{
    const Cli *cli = session->cli;
    return (ObserveInput){.registry = cli->program->registry,
                          .world = session->world,
                          .workers = cli->common.parallelism};
}

static void note_unread(const Session *session)
{
    if (session->observation &&
        session->observation->hosts_observed < session->observation->hosts_wanted)
        outcome_add(&session->cli->outcome, CONDITION_UNREAD);
}

Error *session_observe_some(Session *session, const Domain *domains, size_t count,
                            const char *const *sources)
{
    Cli *cli = session->cli;
    ObserveInput input = observe_input(session);
    input.domains = domains;
    input.domain_count = count;
    input.sources = sources;
    TRY(observe(cli->arena, &input, &session->observation));
    note_unread(session);
    return NULL;
}

Error *session_observe(Session *session)
{
    say_observing(session);
    return session_observe_some(session, session->domains, session->domain_count, NULL);
}

/* Where the plan comes from: a saved one is applied from any directory. */
static void sign_plan(Session *session)
{
    Arena *arena = session->cli->arena;
    const char **paths = ARENA_ARRAY(arena, const char *, session->path_count + 1);
    for (size_t i = 0; i < session->path_count; i++)
        paths[i] = absolute(arena, session->paths[i]);
    char digest[SHA256_HEX + 1];
    inventory_digest(session->inventory, digest);
    session->plan->inventory_paths = paths;
    session->plan->program_version = session->cli->program->version;
    session->plan->created_wall_ms = clock_wall_ms();
    session->plan->inventory_digest = arena_strdup(arena, digest);
}

/* The one thing that planning writes. Where no state is kept yet none is begun for it, and without
 * the file the next plan takes longer. */
static void keep_known_passwords(const Session *session)
{
    if (file_type(session->state_dir.path) == FILE_DIRECTORY)
        error_free(known_passwords_write(session->known_passwords));
}

Error *session_plan(Session *session, const OptionList *targets, const OptionList *excludes,
                    bool is_saved)
{
    Cli *cli = session->cli;
    const ObserveInput observe = observe_input(session);
    const PlanInput plan = {.registry = cli->program->registry,
                            .inventory = session->inventory,
                            .domains = session->domains,
                            .domain_count = session->domain_count,
                            .targets = patterns(cli->arena, targets),
                            .excludes = patterns(cli->arena, excludes),
                            .paces = paces_read(cli->arena, session->state_dir.timings),
                            .witness = session->witness.in_place ? &session->witness : NULL,
                            .standing = session->standing.put ? &session->standing : NULL};
    const SurveyInput input = {.observe = &observe, .plan = &plan, .with_world = is_saved};
    say_observing(session);
    Error *error = survey(cli->arena, &input, &session->observation, &session->plan);
    note_unread(session);
    TRY(error);
    sign_plan(session);
    keep_known_passwords(session);
    if (session->plan->withheld_count > 0)
        outcome_add(&cli->outcome, CONDITION_UNREAD);
    return NULL;
}

RenderOptions session_render_options(const Session *session)
{
    const Cli *cli = session->cli;
    return (RenderOptions){.color = cli_color(cli, false),
                           .unicode = cli->screen.unicode,
                           .verbose = cli->common.verbose,
                           .columns = PAGE_COLUMNS};
}
