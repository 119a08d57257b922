/* Who must get through the HBA files, or the cluster does not work. */
#include <string.h>

#include "base/text.h"
#include "schema/rules_hba.h"

/* Where a connection comes from. */
typedef enum From {
    FROM_SOCKET,
    FROM_NODE, /* the socket or 127.0.0.1, one is enough */
    FROM_MEMBERS,
    FROM_ADMIN,
} From;

typedef struct Path {
    const char *user;     /* the parameter with the name */
    const char *database; /* NULL: replication */
    const char *enabled;  /* counts only where this parameter is true; NULL: always */
    const char *loss;     /* what does not work without it */
    const char *rule;     /* what to write, without its end */
    HbaTarget target;
    From from;
    bool has_certificate;
} Path;

static const Path paths[] = {
    {"pg_dbsu", "postgres", NULL, "Patroni cannot manage the server",
     "{ user: '${dbsu}', db: all, addr: local, auth: ident", HBA_POSTGRES, FROM_SOCKET, false},
    {"pg_replication_username", NULL, NULL, "replicas cannot follow",
     "{ user: '${repl}', db: replication, addr: cluster, auth: pwd", HBA_POSTGRES, FROM_MEMBERS,
     false},
    {"pg_monitor_username", "postgres", "pg_exporter_enabled", "nothing measures the server",
     "{ user: '${monitor}', db: all, addr: localhost, auth: pwd", HBA_POSTGRES, FROM_NODE, false},
    {"pg_admin_username", "postgres", NULL, "the administrator cannot come in",
     "{ user: '${admin}', db: all, addr: admin, auth: pwd", HBA_POSTGRES, FROM_ADMIN, true},
    {"pg_dbsu", "pgbouncer", NULL, "the pool cannot be managed",
     "{ user: '${dbsu}', db: pgbouncer, addr: local, auth: peer", HBA_PGBOUNCER, FROM_SOCKET,
     false},
    {"pg_monitor_username", "pgbouncer", "pgbouncer_exporter_enabled", "nothing measures the pool",
     "{ user: '${monitor}', db: pgbouncer, addr: localhost, auth: pwd", HBA_PGBOUNCER, FROM_NODE,
     false},
};

/* What a file says to somebody. */
typedef struct Answer {
    bool is_in;
    bool is_decided; /* by the line `by` */
    size_t by;
} Answer;

/* A program with a password is asked; it is no system user, and over TCP only the administrator may
 * have a certificate. */
static bool lets_in(const char *method, unsigned over, bool has_certificate)
{
    if (text_starts_with(method, "reject"))
        return false;
    if (over == HBA_OVER_SOCKET)
        return true;
    bool wants_system_user = text_starts_with(method, "peer") || text_starts_with(method, "ident");
    return !wants_system_user && (has_certificate || !text_starts_with(method, "cert"));
}

static Answer ask(const HbaView *view, HbaConnection connection, bool has_certificate)
{
    Answer answer = {0};
    HbaVerdict verdict = hba_decide(&view->entries, &connection, &answer.by);
    answer.is_decided = verdict == HBA_DECIDED;
    answer.is_in = verdict == HBA_UNKNOWN ||
                   (answer.is_decided && lets_in(hba_entry_method(&view->entries, answer.by),
                                                 connection.over, has_certificate));
    return answer;
}

/* Clients try with TLS and without. The answer of the first way in, else of the last one tried
 * that a line decided. */
static Answer ask_all(const HbaView *view, unsigned ways, HbaConnection connection,
                      bool has_certificate)
{
    Answer answer = {0};
    for (unsigned way = HBA_OVER_SOCKET; way <= HBA_OVER_TLS && !answer.is_in; way <<= 1) {
        if (!(ways & way))
            continue;
        connection.over = way;
        Answer next = ask(view, connection, has_certificate);
        answer = next.is_in || next.is_decided ? next : answer;
    }
    return answer;
}

/* The rule that decides; else what keeps a rule from being there, as far as the inventory says. */
static const Origin *place_of(const HbaView *view, const Answer *answer)
{
    if (answer->is_decided && hba_entry_line(&view->entries, answer->by)->origin)
        return hba_entry_line(&view->entries, answer->by)->origin;
    const char *const params[] = {hba_param(view->target, true), "node_firewall_intranet",
                                  hba_param(view->target, false)};
    for (size_t i = 0; i < COUNT_OF(params); i++) {
        if (host_param_is_set(view->host, params[i]))
            return host_param_origin(view->host, params[i]);
    }
    const PgCluster *cluster = inventory_cluster(view->host->inventory, view->host->cluster);
    return cluster ? &cluster->origin : &view->host->origin;
}

/* A rule goes in front of the one that decides. */
static const char *advice_of(Arena *arena, const HbaView *view, const Answer *answer,
                             const char *loss, const char *rule)
{
    enum { SOON = 50 };
    int64_t order = SOON;
    if (answer->is_decided && hba_entry_line(&view->entries, answer->by)->order <= SOON)
        order = hba_entry_line(&view->entries, answer->by)->order - 1;
    if (order < 0)
        return arena_printf(arena, "So %s. Let in first who must come in:\n  - %s, order: 0 }",
                            loss, rule);
    return arena_printf(arena, "So %s. Write into %s:\n  - %s, order: %lld }", loss,
                        hba_param(view->target, false), rule, (long long)order);
}

static void report(const RuleRun *run, const HbaView *view, const Answer *answer, const char *code,
                   const char *who, const char *advice)
{
    const Origin *place = place_of(view, answer);
    const char *software = view->target == HBA_POSTGRES ? "PostgreSQL" : "PgBouncer";
    const char *key =
        arena_printf(run->scratch, "%s %s %s:%d", advice, software, place->file, place->line);
    if (!rule_first(run, key))
        return;
    const char *why = "no rule fits";
    if (answer->is_decided)
        why = arena_printf(run->scratch, "\"%s\" is the first rule that fits",
                           hba_entry_line(&view->entries, answer->by)->rule);
    diagnostics_add(run->diagnostics, code, place, advice, "%s on %s turns %s away: %s", software,
                    view->host->name, who, why);
}

static void report_path(const RuleRun *run, Arena *arena, const HbaView *view, const Path *path,
                        const Answer *answer, const char *address)
{
    const char *user = host_text(view->host, path->user);
    const char *who = user;
    if (!path->database)
        who = arena_printf(arena, "the replication of %s from %s", user, address);
    else if (address)
        who = arena_printf(arena, "%s from %s", user, address);
    else
        who = arena_printf(arena, "%s of its own node", user);
    report(run, view, answer, "E027", who, advice_of(arena, view, answer, path->loss, path->rule));
}

/* Each member may lead, and the others follow it. */
static void check_members(const RuleRun *run, Arena *arena, const PgCluster *cluster,
                          const HbaView *view, const Path *path)
{
    for (size_t i = 0; i < cluster->member_count; i++) {
        bool is_self = cluster->members[i] == view->host;
        if (is_self && !view->other)
            continue;
        HbaView leader = *view;
        leader.host = is_self ? view->other : view->host;
        HbaConnection connection = {.user = host_text(leader.host, path->user),
                                    .database = path->database,
                                    .address = cluster->members[i]->address};
        Answer answer = ask_all(&leader, HBA_OVER_TCP | HBA_OVER_TLS, connection, false);
        if (answer.is_in)
            continue;
        report_path(run, arena, &leader, path, &answer, connection.address);
        return;
    }
}

/* A default that nobody wrote is no admin node. */
static const char *admin_address(const Host *host)
{
    const char *address = host_text(host, "admin_ip");
    bool is_real = host_param_is_set(host, "admin_ip") || inventory_host(host->inventory, address);
    return is_real && *address ? address : NULL;
}

static void check_one(const RuleRun *run, Arena *arena, const HbaView *view, const Path *path)
{
    const char *address = path->from == FROM_ADMIN ? admin_address(view->host) : "127.0.0.1";
    if (!address)
        return;
    unsigned ways = path->from == FROM_SOCKET ? 0 : HBA_OVER_TCP | HBA_OVER_TLS;
    ways |= path->from == FROM_ADMIN ? 0 : HBA_OVER_SOCKET;
    HbaConnection connection = {
        .user = host_text(view->host, path->user), .database = path->database, .address = address};
    Answer answer = ask_all(view, ways, connection, path->has_certificate);
    if (!answer.is_in)
        report_path(run, arena, view, path, &answer, path->from == FROM_ADMIN ? address : NULL);
}

/* -- Pool ------------------------------------------------------------------------------------ */

/* Does a user get to one database at least? */
static Answer ask_databases(const HbaView *view, unsigned ways, HbaConnection connection)
{
    Answer answer = {0};
    const Value *databases = host_param(view->host, "pg_databases");
    for (size_t i = 0; i < value_count(databases) && !answer.is_in; i++) {
        if (!rule_is_pooled(value_at(databases, i), true))
            continue;
        connection.database = value_get_text(value_at(databases, i), "name");
        Answer next = ask_all(view, ways, connection, false);
        answer = next.is_in || next.is_decided ? next : answer;
    }
    return answer;
}

static bool has_pooled_database(const HbaView *view)
{
    const Value *databases = host_param(view->host, "pg_databases");
    for (size_t i = 0; i < value_count(databases); i++) {
        if (rule_is_pooled(value_at(databases, i), true))
            return true;
    }
    return false;
}

/* Clients come to PgBouncer through the proxy of any member, and PgBouncer comes to PostgreSQL
 * through the socket. If nobody gets through, there is no pool. */
static void check_pool(const RuleRun *run, Arena *arena, const PgCluster *cluster,
                       const HbaView *view)
{
    bool is_pool = view->target == HBA_PGBOUNCER;
    unsigned ways = is_pool ? HBA_OVER_TCP | HBA_OVER_TLS : HBA_OVER_SOCKET;
    const Value *users = host_param(view->host, "pg_users");
    const char *last = NULL;
    Answer answer = {0};
    for (size_t i = 0; i < value_count(users) && !answer.is_in; i++) {
        if (!rule_is_pooled(value_at(users, i), false))
            continue;
        last = value_get_text(value_at(users, i), "name");
        answer = ask_databases(
            view, ways, (HbaConnection){.user = last, .address = cluster->members[0]->address});
    }
    if (!last || answer.is_in || !has_pooled_database(view))
        return;
    const char *advice = advice_of(arena, view, &answer, "nobody gets through the pool",
                                   is_pool ? "{ user: all, db: all, addr: cluster, auth: pwd"
                                           : "{ user: all, db: all, addr: local, auth: pwd");
    const char *who = is_pool ? arena_printf(arena, "users of the pool such as %s", last)
                              : arena_printf(arena, "the pool (%s on the socket)", last);
    /* A user without a rule may be meant to come without the pool. */
    const char *code = is_pool || answer.is_decided ? "E027" : "W027";
    report(run, view, &answer, code, who, advice);
}

static bool pool_is_local(const Host *host)
{
    return host_bool(host, "pgbouncer_enabled", true) && !*host_text(host, "pgbouncer_redirect_to");
}

void rule_hba_reach(const RuleRun *run, Arena *arena, const PgCluster *cluster, const HbaView *view)
{
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        const Path *path = &paths[i];
        if (path->target != view->target ||
            (path->enabled && !host_bool(view->host, path->enabled, true)))
            continue;
        if (path->from == FROM_MEMBERS)
            check_members(run, arena, cluster, view, path);
        else
            check_one(run, arena, view, path);
    }
    if (view->target == HBA_PGBOUNCER || pool_is_local(view->host))
        check_pool(run, arena, cluster, view);
}
