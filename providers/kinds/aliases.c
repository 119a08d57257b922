#include "providers/kinds/aliases.h"

#include <string.h>

#include "base/text.h"

static const struct {
    const char *alias;
    const char *packages;
} rows[] = {
    {"pgsql", "postgresql-$v postgresql-client-$v"},
    {"pgsql-mini", "postgresql-$v postgresql-client-$v"},
    {"pgsql-core", "postgresql-$v postgresql-client-$v"},
    {"pgsql-main", "postgresql-$v postgresql-client-$v postgresql-$v-repack"},
    {"pgsql-server", "postgresql-$v"},
    {"pgsql-client", "postgresql-client-$v"},
    {"pgsql-devel", "postgresql-server-dev-$v"},
    {"pgsql-common", "patroni python3-etcd python3-psycopg2"},
    {"patroni", "patroni python3-etcd python3-psycopg2"},
    {"etcd", "etcd-server etcd-client"},
    {"repack", "postgresql-$v-repack"},
    {"pg_repack", "postgresql-$v-repack"},
    {"pg_cron", "postgresql-$v-cron"},
    {"pgvector", "postgresql-$v-pgvector"},
    {"wal2json", "postgresql-$v-wal2json"},
    {"pgaudit", "postgresql-$v-pgaudit"},
    {"hypopg", "postgresql-$v-hypopg"},
    {"postgis", "postgresql-$v-postgis-3"},
};

static const char *const version_words[] = {"${pg_version}", "$v"};

/* One name with the first word of its kind replaced; a name never holds more. */
static const char *with_version(Arena *arena, const char *name, const char *version)
{
    for (size_t i = 0; i < COUNT_OF(version_words); i++) {
        const char *at = strstr(name, version_words[i]);
        if (at)
            return arena_printf(arena, "%.*s%s%s", (int)(at - name), name, version,
                                at + strlen(version_words[i]));
    }
    return name;
}

void aliases_add(Arena *arena, const char *name, Value *names)
{
    for (size_t i = 0; i < value_count(names); i++) {
        if (strcmp(value_as_text(value_at(names, i), ""), name) == 0)
            return;
    }
    value_push(arena, names, value_text(arena, name));
}

bool aliases_know(const char *alias)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (strcmp(rows[i].alias, alias) == 0)
            return true;
    }
    return false;
}

void aliases_expand(Arena *arena, const char *alias, const char *version, Value *names)
{
    const char *packages = alias;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (strcmp(rows[i].alias, alias) == 0)
            packages = rows[i].packages;
    }
    char **parts = NULL;
    size_t count = text_words(arena, packages, true, &parts);
    for (size_t i = 0; i < count; i++)
        aliases_add(arena, with_version(arena, parts[i], version), names);
}
