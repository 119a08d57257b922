/*
 * postgresql.auto.conf of one instance: what pg_parameters says, above the dynamic configuration
 * (PostgreSQL documentation, "Setting Parameters"; ALTER SYSTEM writes the same file).
 */
#include <ctype.h>
#include <string.h>

#include "providers/kinds/kinds.h"
#include "providers/kinds/pg_layout.h"
#include "providers/kinds/pg_roles.h"
#include "providers/kinds/place.h"

static const ParamRow params[] = {
    {.name = "settings",
     .type = PARAM_SETTINGS,
     .need = NEED_RELOAD,
     .service = SERVICE_POSTGRES,
     .doc = "Settings of this instance alone.",
     .inventory = "pg_parameters"},
};

static const char *const sources[] = {"node.files", "node.data", "sql.member", NULL};

static const Value *as_texts(Arena *arena, const Value *map)
{
    Value *out = value_map(arena);
    for (size_t i = 0; i < value_count(map); i++)
        value_set(arena, out, map->map.keys[i], pg_scalar_text(arena, map->map.values[i]));
    return out;
}

/* initdb makes an empty file: on a bare node there is nothing to do before something is wanted. */
static bool is_nothing_yet(const Facts *facts, const Host *host, const Value *settings)
{
    const Value *files = facts_value(facts, "node.files", host_address(host));
    const Value *file = value_get(files, PG_AUTOCONF_FILE);
    return value_count(settings) == 0 && file && !value_get_bool(file, "exists", false);
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    for (size_t i = 0; i < domain->host_count; i++) {
        const Host *host = domain->hosts[i];
        const Value *settings = as_texts(out->arena, host_param(host, "pg_parameters"));
        if (is_nothing_yet(facts, host, settings))
            continue;
        Resource *autoconf = resource_add(out, host_instance(host), "", host_address(host));
        autoconf->origin = host_param_origin(host, "pg_parameters");
        resource_ask(autoconf, out->arena, "node.files", PG_AUTOCONF_FILE);
        resource_set(autoconf, "settings", settings, autoconf->origin);
    }
    return NULL;
}

/* The text of `name = 'value'`, quotes undone; NULL for a comment or a blank line. */
static const char *parse_line(Arena *arena, char *line, const char **ret_name)
{
    char *equals = strchr(line, '=');
    if (line[0] == '#' || !equals)
        return NULL;
    char *end = equals;
    while (end > line && isspace((unsigned char)end[-1]))
        end--;
    *ret_name = arena_strndup(arena, line, (size_t)(end - line));
    const char *value = equals + 1;
    value += strspn(value, " \t");
    if (*value != '\'')
        return arena_strndup(arena, value, strcspn(value, " \t#"));
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (value++; *value && (*value != '\'' || value[1] == '\''); value++) {
        if ((*value == '\'' || *value == '\\') && value[1])
            value++;
        text_add_char(&text, *value);
    }
    return text_copy(&text, arena);
}

static const Value *parse_file(Arena *arena, const char *content)
{
    Value *settings = value_map(arena);
    char **lines;
    size_t count = text_split(arena, content, '\n', &lines);
    for (size_t i = 0; i < count; i++) {
        const char *name;
        const char *value = parse_line(arena, lines[i], &name);
        if (value)
            value_set_text(arena, settings, name, value);
    }
    return settings;
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    out->complete = true;
    for (size_t i = 0; i < domain->host_count; i++) {
        const Host *host = domain->hosts[i];
        const Value *files = place_reading(out, facts, host, host_instance(host), "node.files");
        const char *content =
            value_as_text(value_get(value_get(files, PG_AUTOCONF_FILE), "content"), NULL);
        if (!content)
            continue;
        Resource *autoconf = resource_add(out, host_instance(host), "", host_address(host));
        resource_set(autoconf, "settings", parse_file(out->arena, content), NULL);
    }
    return NULL;
}

/* As in kind config: pg_settings.context decides. */
static Need key_need(const Domain *domain, const Facts *facts, const char *param, const char *key)
{
    (void)param;
    return pg_setting_needs_restart(domain, facts, key) ? NEED_RESTART : NEED_RELOAD;
}

const Kind kind_autoconf = {
    .name = "autoconf",
    .domain = DOMAIN_CLUSTER,
    .doc = "Settings of one instance, in postgresql.auto.conf: they override the cluster's.",
    .folds = true,
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "autoconf.write",
    .update_verb = "autoconf.write",
    .desired = desired,
    .read = read,
    .key_need = key_need,
};
