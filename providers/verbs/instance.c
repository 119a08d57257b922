/*
 * How things are done to one PostgreSQL instance: Patroni with its data directory, and the files
 * beside it.
 */
#include <string.h>

#include "providers/kinds/yaml_file.h"
#include "providers/verbs/cluster.h"
#include "providers/verbs/cluster_parts.h"
#include "schema/contract/content.h"

static void add_unit(Arena *arena, EffectList *out, const Action *action, const char *name,
                     const char *verb)
{
    Value *args = value_map(arena);
    value_set_text(arena, args, "name", name);
    value_set_text(arena, args, "action", verb);
    value_set_bool(arena, args, "block", strcmp(verb, "stop") == 0);
    effect_add(arena, out, EFFECT_UNIT, action->host, args);
}

/* --- instance --------------------------------------------------------------------------------- */

/* patroni.yml: the managed keys, then the bootstrap section. */
static void add_patroni_file(Arena *arena, EffectList *out, const Action *action)
{
    Value *keys = value_map(arena);
    const Value *parts[] = {arg_param(action, "config"), arg_param(action, "bootstrap")};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        for (size_t j = 0; j < value_count(parts[i]); j++)
            value_set(arena, keys, parts[i]->map.keys[j], parts[i]->map.values[j]);
    }
    const Value *content = yaml_file_render(
        arena, "# Written by pgsteer from the inventory; a change here is drift.\n", keys);
    effect_add(
        arena, out, EFFECT_FILE_PUT, action->host,
        cluster_file_args(arena, value_get_text(action->args, "path"), content, "0640", action));
}

/* What an earlier try left in the data directory, which Patroni would not touch. */
static void add_clearing(Arena *arena, EffectList *out, const Action *action)
{
    const Value *path = arg_param(action, "unfinished");
    if (!path)
        return;
    Value *args = value_map(arena);
    value_set(arena, args, "path", path);
    value_set_bool(arena, args, "unfinished", true);
    add_unit(arena, out, action, "patroni", "stop");
    effect_add(arena, out, EFFECT_DATA_REMOVE, action->host, args);
}

/* The claim of the try that was cut short: Patroni would wait for it forever. */
static void add_claim_removal(Arena *arena, EffectList *out, const Action *action)
{
    const Value *claim = value_get(action->args, "claim");
    if (!claim)
        return;
    Value *args = value_map(arena);
    value_set_text(arena, args, "op", "key_delete");
    value_set(arena, args, "key", value_get(claim, "key"));
    effect_add(arena, out, EFFECT_ETCD, value_get_text(claim, "host"), args);
}

static void bootstrap_pre(Arena *arena, const Action *action, CheckList *out)
{
    const Value *claim = value_get(action->args, "claim");
    if (!claim)
        return;
    check_add(arena, out,
              (Check){.source = "etcd.member",
                      .subject = value_get_text(claim, "host"),
                      .path = arena_printf(arena, "clusters/%s/leader", action->cluster),
                      .relation = RELATION_ABSENT,
                      .sentence = "nobody leads the cluster"});
}

static void instance_start_effects(Arena *arena, const Action *action, EffectList *out)
{
    add_clearing(arena, out, action);
    bool joins = strcmp(action->verb->name, "instance.join") == 0;
    cluster_marker_add(arena, out, action, action->host, joins ? "formed" : "forming");
    add_patroni_file(arena, out, action);
    add_claim_removal(arena, out, action);
    add_unit(arena, out, action, "patroni", "start");
}

static void instance_update_effects(Arena *arena, const Action *action, EffectList *out)
{
    add_patroni_file(arena, out, action);
    if (!value_get_bool(value_get(action->args, "before"), "running", true))
        add_unit(arena, out, action, "patroni", "start");
}

static void bootstrap_post(Arena *arena, const Action *action, CheckList *out)
{
    patroni_check(arena, out, action, "state", (Want){RELATION_EQUAL, value_text(arena, "running")},
                  MINUTES(2), "PostgreSQL runs");
    patroni_check(arena, out, action, "role",
                  (Want){RELATION_IN, value_either(arena, "master", "primary")}, MINUTES(1),
                  "it is the leader and takes writes");
}

static void join_post(Arena *arena, const Action *action, CheckList *out)
{
    patroni_check(arena, out, action, "state", (Want){RELATION_EQUAL, value_text(arena, "running")},
                  MINUTES(60), "it was copied and PostgreSQL runs");
    patroni_check(arena, out, action, "timeline", (Want){RELATION_EXISTS, NULL}, MINUTES(1),
                  "it follows the leader");
}

static void update_post(Arena *arena, const Action *action, CheckList *out)
{
    patroni_check(arena, out, action, "state", (Want){RELATION_EQUAL, value_text(arena, "running")},
                  MINUTES(2), "PostgreSQL runs");
}

const Verb verb_instance_bootstrap = {
    .name = "instance.bootstrap",
    .doc = "Create the cluster: initdb, start Patroni, wait for the leader.",
    .half_done = HALF_REPEAT,
    .expected_ms = SECONDS(5),
    .deadline_ms = MINUTES(4),
    .progress = "initdb, then the first leader",
    .effects = instance_start_effects,
    .pre = bootstrap_pre,
    .post = bootstrap_post,
};

const Verb verb_instance_join = {
    .name = "instance.join",
    .doc = "Start Patroni on an empty node: a copy of the leader's data, then streaming.",
    .half_done = HALF_REPEAT,
    .expected_ms = SECONDS(4),
    .deadline_ms = MINUTES(62),
    .progress = "being copied from the leader",
    .effects = instance_start_effects,
    .post = join_post,
};

const Verb verb_instance_update = {
    .name = "instance.update",
    .doc = "Write patroni.yml, start Patroni if it does not run.",
    .half_done = HALF_WRITE,
    .expected_ms = SECONDS(1) / 2,
    .deadline_ms = MINUTES(4),
    .progress = "writing patroni.yml",
    .effects = instance_update_effects,
    .post = update_post,
};

/* --- files of an instance --------------------------------------------------------------------- */

static void hba_effects(Arena *arena, const Action *action, EffectList *out)
{
    effect_add(arena, out, EFFECT_FILE_PUT, action->host,
               cluster_file_args(arena, "/pg/data/pg_hba.conf", arg_param(action, "content"),
                                 "0600", action));
}

static void autoconf_effects(Arena *arena, const Action *action, EffectList *out)
{
    const Value *settings = arg_param(action, "settings");
    Value *pieces = value_list(arena);
    value_push(arena, pieces,
               value_text(arena, "# Written by pgsteer from pg_parameters; ALTER SYSTEM here is "
                                 "drift.\n"));
    for (size_t i = 0; i < value_count(settings); i++) {
        value_push(arena, pieces, value_textf(arena, "%s = ", settings->map.keys[i]));
        value_push(arena, pieces, content_piece(arena, "conf", settings->map.values[i]));
        value_push(arena, pieces, value_text(arena, "\n"));
    }
    effect_add(arena, out, EFFECT_FILE_PUT, action->host,
               cluster_file_args(arena, "/pg/data/postgresql.auto.conf", pieces, "0600", action));
}

const Verb verb_hba_write = {
    .name = "hba.write",
    .doc = "Write pg_hba.conf.",
    .half_done = HALF_REPEAT,
    .expected_ms = SECONDS(1) / 5,
    .deadline_ms = MINUTES(1),
    .progress = "writing pg_hba.conf",
    .access_may_lock_out = true,
    .effects = hba_effects,
};

const Verb verb_autoconf_write = {
    .name = "autoconf.write",
    .doc = "Write postgresql.auto.conf.",
    .half_done = HALF_REPEAT,
    .expected_ms = SECONDS(1) / 5,
    .deadline_ms = MINUTES(1),
    .progress = "writing postgresql.auto.conf",
    .effects = autoconf_effects,
};
