/*
 * Services that re-read what has changed: steps of procedures, no changes of a resource.
 *
 * Arguments, all optional: "list" (apt), "units" (systemd).
 */
#include "providers/verbs/action_args.h"
#include "providers/verbs/verbs.h"

static void look_add_active(Arena *arena, CheckList *out, const Action *action, const char *unit)
{
    look_add(arena, out, action,
             (Look){.source = "node.units",
                    .asked = unit,
                    .path = "active",
                    .relation = RELATION_EQUAL,
                    .value = value_text(arena, "active"),
                    .bound_ms = SECONDS(10), /* "reloading" for a moment */
                    .sentence = "the service runs"});
}

/* A service that is reloaded through systemd. */
#define UNIT_RELOAD(function, unit)                                                                \
    static void function##_effects(Arena *arena, const Action *action, EffectList *out)            \
    {                                                                                              \
        effect_add_unit(arena, out, action, unit, "reload");                                       \
    }                                                                                              \
    static void function##_post(Arena *arena, const Action *action, CheckList *out)                \
    {                                                                                              \
        look_add_active(arena, out, action, unit);                                                 \
    }

UNIT_RELOAD(haproxy, "haproxy.service")
UNIT_RELOAD(pgbouncer, "pgbouncer.service")
UNIT_RELOAD(nginx, "nginx.service")
/* Not by its API: the password there may be what has changed. */
UNIT_RELOAD(patroni, "patroni.service")

const Verb verb_haproxy_reload = {
    .name = "haproxy.reload",
    .doc = "Let HAProxy read its files again; connections stay.",
    .availability = AVAILABLE_RELOAD,
    .half_done = HALF_REPEAT,
    .expected_ms = 500,
    .deadline_ms = MINUTES(2),
    .progress = "reloading",
    .effects = haproxy_effects,
    .post = haproxy_post,
};

const Verb verb_pgbouncer_reload = {
    .name = "pgbouncer.reload",
    .doc = "Let PgBouncer read its files again; connections stay.",
    .availability = AVAILABLE_RELOAD,
    .half_done = HALF_REPEAT,
    .expected_ms = 300,
    .deadline_ms = MINUTES(2),
    .progress = "reloading",
    .effects = pgbouncer_effects,
    .post = pgbouncer_post,
};

const Verb verb_nginx_reload = {
    .name = "nginx.reload",
    .doc = "Let the web server read its files again.",
    .half_done = HALF_REPEAT,
    .expected_ms = 300,
    .deadline_ms = MINUTES(2),
    .progress = "reloading",
    .effects = nginx_effects,
    .post = nginx_post,
};

static void postgres_effects(Arena *arena, const Action *action, EffectList *out)
{
    Value *args = value_map(arena);
    value_set_text(arena, args, "op", "reload");
    effect_add(arena, out, EFFECT_SQL, action->host, args);
}

static void postgres_post(Arena *arena, const Action *action, CheckList *out)
{
    look_add(arena, out, action,
             (Look){.source = "sql.member",
                    .path = "hba_errors/0",
                    .relation = RELATION_ABSENT,
                    .sentence = "the server has no complaint about its rules"});
}

const Verb verb_postgres_reload = {
    .name = "postgres.reload",
    .doc = "Let the server read its files again; sessions stay.",
    .availability = AVAILABLE_RELOAD,
    .half_done = HALF_REPEAT,
    .expected_ms = 300,
    .deadline_ms = MINUTES(2),
    .progress = "reloading",
    .effects = postgres_effects,
    .post = postgres_post,
};

const Verb verb_patroni_reload = {
    .name = "patroni.reload",
    .doc = "Let Patroni read its file again, and the server with it; sessions stay.",
    .availability = AVAILABLE_RELOAD,
    .half_done = HALF_REPEAT,
    .expected_ms = 500,
    .deadline_ms = MINUTES(2),
    .progress = "reloading",
    .effects = patroni_effects,
    .post = patroni_post,
};

static void systemd_effects(Arena *arena, const Action *action, EffectList *out)
{
    Value *args = value_map(arena);
    value_set_text(arena, args, "action", "daemon-reload");
    effect_add(arena, out, EFFECT_UNIT, action->host, args);
}

static void systemd_post(Arena *arena, const Action *action, CheckList *out)
{
    const Value *units = value_get(action->args, "units");
    for (size_t i = 0; i < value_count(units); i++)
        look_add(arena, out, action,
                 (Look){.source = "node.units",
                        .asked = value_as_text(value_at(units, i), ""),
                        .path = "need_reload",
                        .relation = RELATION_EQUAL,
                        .value = &value_false,
                        .sentence = "systemd has read the unit's file"});
}

const Verb verb_systemd_reload = {
    .name = "systemd.reload",
    .doc = "Let systemd read its unit files again.",
    .half_done = HALF_REPEAT,
    .expected_ms = 300,
    .deadline_ms = SECONDS(60),
    .progress = "reloading",
    .effects = systemd_effects,
    .post = systemd_post,
};

static void apt_effects(Arena *arena, const Action *action, EffectList *out)
{
    Value *args = value_map(arena);
    value_set_text(arena, args, "list", value_get_text(action->args, "list"));
    effect_add(arena, out, EFFECT_APT_UPDATE, action->host, args);
}

const Verb verb_apt_local = {
    .name = "apt.local",
    .doc = "Read the package lists again on the node that holds the repository.",
    .interruptible = true,
    .half_done = HALF_REPEAT,
    .expected_ms = SECONDS(1),
    .deadline_ms = SECONDS(180),
    .progress = "reading package lists",
    .effects = apt_effects,
};

const Verb verb_apt_update = {
    .name = "apt.update",
    .doc = "Read the package lists again.",
    .interruptible = true,
    .half_done = HALF_REPEAT,
    .expected_ms = SECONDS(1),
    .deadline_ms = SECONDS(180),
    .progress = "reading package lists",
    .effects = apt_effects,
};
