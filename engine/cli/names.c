#include "cli/names.h"

#include <string.h>

#include "base/text.h"

Error *names_unknown(Arena *arena, const char *what, const char *name, const char *const *names,
                     size_t count)
{
    const char *near = text_nearest(name, names, count);
    return error_new(ERROR_INVALID, "there is no %s '%s' in the inventory%s", what, name,
                     near ? arena_printf(arena, ", did you mean '%s'?", near) : "");
}

static bool is_called(const Host *host, const char *name)
{
    return strcmp(host_address(host), name) == 0 || strcmp(host_name(host), name) == 0 ||
           strcmp(host_instance(host), name) == 0;
}

const Host *names_host(const Inventory *inventory, const char *name)
{
    for (size_t i = 0; i < inventory_host_count(inventory); i++) {
        if (is_called(inventory_host_at(inventory, i), name))
            return inventory_host_at(inventory, i);
    }
    return NULL;
}

Error *names_find_host(Arena *arena, const Inventory *inventory, const char *name, const Host **ret)
{
    size_t count = inventory_host_count(inventory), name_count = 0;
    const char **names = ARENA_ARRAY(arena, const char *, count * 3);
    *ret = names_host(inventory, name);
    if (*ret)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        const Host *host = inventory_host_at(inventory, i);
        names[name_count++] = host_address(host);
        names[name_count++] = host_name(host);
        names[name_count++] = host_instance(host);
    }
    return names_unknown(arena, "host", name, names, name_count);
}
