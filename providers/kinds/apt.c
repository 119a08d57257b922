/*
 * The list from which a node installs packages: the repository on the infra node.
 *
 * The infra node that serves it reads the folder itself, so that it can install its web server.
 */
#include "providers/kinds/kinds.h"
#include "providers/kinds/place.h"

static const ParamRow params[] = {
    {.name = "path",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "The file that holds the list."},
    {.name = "content",
     .type = PARAM_TEXT,
     .doc = "Its lines.",
     .inventory = "node_repo_modules admin_ip repo_home repo_name"},
    {.name = "refresh",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "The verb that reads the package lists again."},
    {.name = "owner",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_FOLD,
     .doc = "The user that the file belongs to."},
    {.name = "group",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_FOLD,
     .doc = "The group that the file belongs to."},
    {.name = "mode",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_FOLD,
     .doc = "Its access mode, as four octal digits."},
};

static const char *const sources[] = {"node.files", NULL};

static const Value *wanted_content(Arena *arena, const Host *host)
{
    const char *name = host_text(host, "repo_name");
    if (place_roles(host) & PLACE_REPO)
        return value_textf(arena, "deb [trusted=yes] file:%s/%s ./\n", host_text(host, "repo_home"),
                           name);
    return value_textf(arena, "deb [trusted=yes] http://%s/%s ./\n", host_text(host, "admin_ip"),
                       name);
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    (void)facts;
    Arena *arena = out->arena;
    const Host *host = domain->hosts[0];
    const char *list = place_apt_list(domain->inventory, host);
    if (!*list)
        return NULL;
    Resource *apt = resource_add(out, host_name(host), "", host_address(host));
    apt->origin = host_param_origin(host, "node_repo_modules");
    resource_ask(apt, arena, "node.files", list);
    resource_set(apt, "path", value_text(arena, list), NULL);
    resource_set(apt, "content", wanted_content(arena, host), apt->origin);
    resource_set(apt, "refresh", value_text(arena, place_apt_refresh(host)), NULL);
    resource_set(apt, "owner", value_text(arena, "root"), NULL);
    resource_set(apt, "group", value_text(arena, "root"), NULL);
    resource_set(apt, "mode", value_text(arena, "0644"), NULL);
    return NULL;
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    static const char *const names[] = {"content", "owner", "group", "mode"};
    const Host *host = domain->hosts[0];
    const char *list = place_apt_list(domain->inventory, host);
    const Value *files =
        *list ? place_reading(out, facts, host, host_name(host), "node.files") : NULL;
    const Value *entry = files ? place_entry(out, files, host_name(host), list) : NULL;
    if (!value_get_bool(entry, "exists", false))
        return NULL;
    Resource *apt = resource_add(out, host_name(host), "", host_address(host));
    for (size_t i = 0; i < COUNT_OF(names); i++)
        resource_set(apt, names[i], value_get(entry, names[i]), NULL);
    return NULL;
}

const Kind kind_apt = {
    .name = "apt",
    .domain = DOMAIN_NODE,
    .doc = "The list of package sources of a node.",
    .folds = true,
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "apt.set",
    .update_verb = "apt.set",
    .desired = desired,
    .read = read,
};
