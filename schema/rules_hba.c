/* HBA rules, one by one and as the files that they become. */
#include "schema/rules_hba.h"

#include <string.h>

#include "base/text.h"

static void hba_words(const RuleRun *run, const Host *host, const char *param, const Value *rules)
{
    HbaTarget target = text_starts_with(param, "pgb_") ? HBA_PGBOUNCER : HBA_POSTGRES;
    for (size_t i = 0; i < value_count(rules); i++) {
        const char *problem = hba_check(run->scratch, value_at(rules, i), target);
        if (problem)
            diagnostics_add(run->diagnostics, "E027",
                            rule_value_origin(host, param, value_at(rules, i)), NULL,
                            "a rule of %s: %s", param, problem);
    }
}

static void check_hba_user(const RuleRun *run, const Host *host, const char *param,
                           const Value *user)
{
    char **words;
    size_t count = text_words(run->scratch, value_as_text(user, ""), true, &words);
    for (size_t i = 0; i < count; i++) {
        const char *name = words[i] + (words[i][0] == '+');
        bool is_known = strcmp(name, "all") == 0 || text_starts_with(name, "${") ||
                        rule_role_exists(host, name);
        if (!is_known)
            diagnostics_add(run->diagnostics, "W016", rule_value_origin(host, param, user), NULL,
                            "a rule names the user %s, which no list defines", name);
    }
}

static void hba_users(const RuleRun *run, const Host *host, const char *param, const Value *rules)
{
    for (size_t i = 0; *host->cluster && i < value_count(rules); i++)
        check_hba_user(run, host, param, value_get(value_at(rules, i), "user"));
}

/* -- Rules that never count ------------------------------------------------------------------ */

/* What became of one rule in the files of all members that have it. */
typedef struct Usage {
    bool is_needed; /* in one file at least */
    bool is_same;   /* what takes its place asks for the same */
    const char *rule, *by;
    const Origin *origin, *by_origin;
    int64_t by_order;
} Usage;

static Usage *usage_of(const RuleRun *run, Map *usages, const HbaLine *line)
{
    const char *key = rule_place(run->scratch, line->origin);
    Usage *usage = map_get(usages, key);
    if (usage)
        return usage;
    usage = ARENA_NEW(run->scratch, Usage);
    *usage = (Usage){.origin = line->origin, .is_same = true};
    map_set(usages, key, usage);
    return usage;
}

/* Own rules in front of the defaults are there to replace them, and own rules that say what the
 * defaults say do no harm. */
static bool is_meant(const HbaLine *line, const HbaLine *by, bool is_same)
{
    return line->is_default ? !by->is_default : by->is_default && is_same;
}

static void note_covered(const RuleRun *run, Usage *usage, const HbaEntries *entries, size_t i,
                         size_t by)
{
    const HbaLine *line = hba_entry_line(entries, i), *other = hba_entry_line(entries, by);
    bool is_same = hba_asks_the_same(entries, i, by);
    usage->is_needed = usage->is_needed || is_meant(line, other, is_same);
    if (usage->is_needed || (usage->rule && (is_same || !usage->is_same)))
        return;
    usage->is_same = is_same;
    usage->rule = arena_strdup(run->scratch, line->rule);
    usage->by = arena_strdup(run->scratch, other->rule);
    usage->by_origin = other->origin;
    usage->by_order = other->order;
}

/* The lines of a rule stand together. */
static void note_usage(const RuleRun *run, Map *usages, const HbaEntries *entries)
{
    for (size_t i = 0; i < entries->count; i++) {
        const HbaLine *line = hba_entry_line(entries, i);
        Usage *usage = line->origin ? usage_of(run, usages, line) : NULL;
        size_t by;
        if (!usage || usage->is_needed)
            continue;
        if (hba_is_covered(entries, i, &by))
            note_covered(run, usage, entries, i, by);
        else
            usage->is_needed = true;
    }
}

static void report_unused(const RuleRun *run, const Usage *usage)
{
    const char *advice = "Take it out: it changes nothing.";
    if (!usage->is_same && usage->by_order == INT64_MAX)
        advice = "Put it above the other one, or give it an order.";
    else if (!usage->is_same)
        advice = arena_printf(run->scratch,
                              "Give it an order below %lld, or take it out: the first rule that "
                              "fits decides.",
                              (long long)usage->by_order);
    Diagnostic *problem = diagnostics_add(run->diagnostics, "W027", usage->by_origin, advice,
                                          "this rule can never match: %s\"%s\" comes first",
                                          usage->by_origin ? "" : "the default rule ", usage->by);
    diagnostic_add_place(problem, usage->origin);
}

/* -- Files ----------------------------------------------------------------------------------- */

static void check_file(const RuleRun *run, HbaCache *cache, Arena *arena, const PgCluster *cluster,
                       HbaView view, Map *usages)
{
    if (!hba_view_read(cache, arena, &view))
        return;
    note_usage(run, usages, &view.entries);
    rule_hba_reach(run, arena, cluster, &view);
}

/* The view that a member has, its own or that of one before it. */
static HbaView *view_of(HbaCache *cache, Arena *arena, Map *views, const Host *host)
{
    const char *common = hba_common_shape(arena, host);
    const char *shape = hba_shape(cache, arena, host, common);
    HbaView *view = map_get(views, shape);
    if (view)
        return view;
    view = ARENA_NEW(arena, HbaView);
    *view = (HbaView){.host = host, .common = common};
    map_set(views, shape, view);
    return view;
}

static void check_files(const RuleRun *run, HbaCache *cache, const PgCluster *cluster, Map *usages)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Map *views = map_new(arena);
    HbaView *last = NULL;
    for (size_t i = 0; i < cluster->member_count; i++) {
        const Host *host = cluster->members[i];
        if (!last || !hba_are_alike(cache, last->host, host))
            last = view_of(cache, arena, views, host);
        if (last->host != host)
            last->other = host;
    }
    for (size_t i = 0; i < map_count(views); i++) {
        HbaView view = *(const HbaView *)map_value_at(views, i);
        view.roles = hba_roles(arena, view.host);
        check_file(run, cache, arena, cluster, view, usages);
        view.target = HBA_PGBOUNCER;
        if (host_bool(view.host, "pgbouncer_enabled", true))
            check_file(run, cache, arena, cluster, view, usages);
    }
}

static void files(const RuleRun *run)
{
    Map *usages = map_new(run->scratch);
    HbaCache *cache = hba_cache_new(run->scratch, run->inventory);
    for (size_t i = 0; i < inventory_cluster_count(run->inventory); i++)
        check_files(run, cache, inventory_cluster_at(run->inventory, i), usages);
    for (size_t i = 0; i < map_count(usages); i++) {
        const Usage *usage = map_value_at(usages, i);
        if (!usage->is_needed && usage->rule)
            report_unused(run, usage);
    }
}

static const Rule rows[] = {
    {"E027", "HBA rules use words that exist, where they can work", .value = hba_words,
     .params = {"pg_hba_rules", "pg_default_hba_rules", "pgb_hba_rules", "pgb_default_hba_rules"}},
    {"W016", "users of HBA rules exist", .value = hba_users,
     .params = {"pg_hba_rules", "pg_default_hba_rules", "pgb_hba_rules", "pgb_default_hba_rules"}},
    {"E027 W027", "HBA files let in whom the cluster needs, and each rule of them counts",
     .all = files},
};

const RuleTable rules_hba = {rows, COUNT_OF(rows)};
