#include "providers/kinds/place.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

/* A word is a parameter of the host, or a name derived from its identity. */
typedef struct Word {
    const char *word;
    const char *param;
    const char *(*derive)(Arena *arena, const Host *host);
} Word;

static const char *derive_address(Arena *arena, const Host *host)
{
    (void)arena;
    return host_address(host);
}

static const char *derive_name(Arena *arena, const Host *host)
{
    (void)arena;
    return host_name(host);
}

static const char *derive_instance(Arena *arena, const Host *host)
{
    (void)arena;
    return host_instance(host);
}

/* The folder above pg_bin_dir: "/usr/pgsql" is a link to the version in use. */
static const char *derive_pg_home(Arena *arena, const Host *host)
{
    const char *bin = host_text(host, "pg_bin_dir");
    const char *slash = strrchr(bin, '/');
    return slash && slash != bin ? arena_strndup(arena, bin, (size_t)(slash - bin)) : "/usr/pgsql";
}

static const Word words[] = {
    {"address", NULL, derive_address},   {"ca_cn", "ca_cn", NULL},
    {"cluster", "pg_cluster", NULL},     {"dbsu", "pg_dbsu", NULL},
    {"dbsu_home", "pg_dbsu_home", NULL}, {"etcd_data", "etcd_data", NULL},
    {"fs_main", "pg_fs_main", NULL},     {"instance", NULL, derive_instance},
    {"member", NULL, place_etcd_member}, {"name", NULL, derive_name},
    {"pg_bin", "pg_bin_dir", NULL},      {"pg_home", NULL, derive_pg_home},
    {"repo_home", "repo_home", NULL},    {"version", "pg_version", NULL},
};

static const char *word_value(Arena *arena, const Host *host, const char *word, size_t length)
{
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strlen(words[i].word) != length || strncmp(words[i].word, word, length) != 0)
            continue;
        return words[i].derive ? words[i].derive(arena, host) : host_text(host, words[i].param);
    }
    assert(false && "there is no such word");
    return "";
}

const char *place_expand(Arena *arena, const Host *host, const char *text)
{
    if (!strchr(text, '@'))
        return arena_strdup(arena, text);
    CLEANUP(text_release) Text out = TEXT_INIT;
    const char *rest = text;
    for (const char *at = strchr(rest, '@'); at; at = strchr(rest, '@')) {
        const char *end = strchr(at + 1, '@');
        assert(end && "a word ends with an at sign");
        text_add_bytes(&out, rest, (size_t)(at - rest));
        text_add(&out, word_value(arena, host, at + 1, (size_t)(end - at - 1)));
        rest = end + 1;
    }
    text_add(&out, rest);
    return text_copy(&out, arena);
}

bool place_keeps_leases(const Host *host)
{
    return host_in_group(host, "etcd") &&
           strcmp(host_text(host, "pgsteer_lease_authority"), "etcd") == 0;
}

unsigned place_roles(const Host *host)
{
    unsigned roles = PLACE_ANY;
    if (host_in_group(host, "infra"))
        roles |= PLACE_INFRA | (host_bool(host, "repo_enabled", true) ? PLACE_REPO : 0u);
    if (host_in_group(host, "etcd"))
        roles |= PLACE_ETCD | (place_keeps_leases(host) ? PLACE_LEASES : 0u);
    if (!*host_cluster(host))
        return roles;
    roles |= PLACE_PG;
    if (host_bool(host, "patroni_enabled", true))
        roles |= PLACE_PATRONI;
    if (host_bool(host, "pgbouncer_enabled", true))
        roles |= PLACE_POOLER;
    if (host_bool(host, "haproxy_enabled", true))
        roles |= PLACE_PROXY;
    return roles;
}

const char *place_etcd_member(Arena *arena, const Host *host)
{
    return arena_printf(arena, "%s-%s", host_text(host, "etcd_cluster"),
                        host_text(host, "etcd_seq"));
}

/* The host of a group with the lowest sequence number, the first of equals. */
static const Host *first_of(const Inventory *inventory, const char *group, const char *sequence)
{
    const Host *const *hosts = NULL;
    size_t count = inventory_group_hosts(inventory, group, &hosts);
    const Host *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!first ||
            host_int(hosts[i], sequence, INT64_MAX) < host_int(first, sequence, INT64_MAX))
            first = hosts[i];
    }
    return first;
}

const Host *place_ca_host(const Inventory *inventory)
{
    const Host *infra = first_of(inventory, "infra", "infra_seq");
    return infra ? infra : first_of(inventory, "etcd", "etcd_seq");
}

/* Does any infra node serve the package repository? */
static bool has_repo(const Inventory *inventory)
{
    const Host *const *hosts = NULL;
    size_t count = inventory_group_hosts(inventory, "infra", &hosts);
    for (size_t i = 0; i < count; i++) {
        if (place_roles(hosts[i]) & PLACE_REPO)
            return true;
    }
    return false;
}

static bool has_word(const char *text, const char *word)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    char **parts = NULL;
    size_t count = text_words(scratch, text, true, &parts);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(parts[i], word) == 0)
            return true;
    }
    return false;
}

const char *place_apt_list(const Inventory *inventory, const Host *host)
{
    bool is_local = has_repo(inventory) && has_word(host_text(host, "node_repo_modules"), "local");
    return is_local ? "/etc/apt/sources.list.d/pgsteer.list" : "";
}

const char *place_apt_refresh(const Host *host)
{
    return place_roles(host) & PLACE_REPO ? "apt.local" : "apt.update";
}

const Value *place_reading(ResourceSet *out, const Facts *facts, const Host *host,
                           const char *scope, const char *source)
{
    const Value *value = facts_value(facts, source, host_address(host));
    if (value)
        return value;
    const char *reason = "its node was not read";
    facts_is_unknown(facts, source, host_address(host), &reason);
    resource_set_unknown_scope(out, scope, reason);
    return NULL;
}

const Value *place_entry(ResourceSet *out, const Value *reading, const char *scope,
                         const char *name)
{
    const Value *entry = value_get(reading, name);
    if (!entry)
        resource_set_unknown_scope(out, scope,
                                   arena_printf(out->arena, "%s was not asked about", name));
    return entry;
}
