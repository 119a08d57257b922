/* group_vars and host_vars: files beside an inventory that are named like a group or a host. */
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "schema/inventory_internal.h"

/* Of several files for one name only the first is read. */
static const char *const extensions[] = {"", ".yml", ".yaml", ".json"};

/* The names in one group_vars or host_vars. */
typedef struct Folder {
    Inventory *inventory;
    const char *path;
    const char *word; /* what its files are named like */
    const char **names;
    bool *is_used;
    size_t count;
    KeyIndex index;
} Folder;

static void warn(Inventory *inventory, const char *path, const char *advice, const char *why)
{
    diagnostics_add(inventory->diagnostics, "W060", NULL, advice, "%s is not read: %s", path, why);
}

static void take_file(Inventory *inventory, const char *path, VarSets *sets)
{
    const DocNode *root = inventory_read_found(inventory, path);
    const VarSet *set = inventory_vars(inventory, root, file_dirname(inventory->arena, path));
    if (set->count > 0)
        ARENA_PUSH(inventory->arena, sets->items, sets->count, sets->capacity, set);
}

static void take_directory(Inventory *inventory, const char *path, VarSets *sets, unsigned depth);

/* One entry of group_vars/GROUP/.
 * NOLINTNEXTLINE(misc-no-recursion): inventory_list() bounds it */
static void take_entry(Inventory *inventory, const char *path, const char *name, VarSets *sets,
                       unsigned depth)
{
    const char *extension = inventory_extension(name);
    FileType type = inventory_file_type(inventory, path);
    if (type == FILE_DIRECTORY && !*extension)
        take_directory(inventory, path, sets, depth + 1);
    else if (type == FILE_REGULAR && (!*extension || inventory_is_yaml_extension(extension)))
        take_file(inventory, path, sets);
    else if (type == FILE_ABSENT)
        warn(inventory, path, NULL, "the link leads nowhere");
    else if (!inventory_ignores(name))
        warn(inventory, path, "Read are .yml, .yaml, .json and names without an extension.",
             arena_printf(inventory->arena, "it has the extension %s", extension));
}

/* NOLINTNEXTLINE(misc-no-recursion): inventory_list() bounds it */
static void take_directory(Inventory *inventory, const char *path, VarSets *sets, unsigned depth)
{
    const char *const *names;
    size_t count;
    if (!inventory_list(inventory, path, depth, &names, &count))
        return;
    for (size_t i = 0; i < count; i++) {
        if (*names[i] != '.' && !text_ends_with(names[i], "~"))
            take_entry(inventory, arena_printf(inventory->arena, "%s/%s", path, names[i]), names[i],
                       sets, depth);
    }
}

/* What is there for one group or host. */
static void take_name(Folder *folder, const char *name, VarSets *sets)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    const char *taken = NULL;
    for (size_t i = 0; i < COUNT_OF(extensions); i++) {
        text_clear(&text);
        text_addf(&text, "%s%s", name, extensions[i]);
        ptrdiff_t at =
            key_index_find(&folder->index, folder->names, folder->count, text_get(&text));
        if (at == KEY_NOT_FOUND)
            continue;
        folder->is_used[at] = true;
        Arena *arena = folder->inventory->arena;
        const char *path = arena_printf(arena, "%s/%s", folder->path, folder->names[at]);
        FileType type = inventory_file_type(folder->inventory, path);
        if (type == FILE_ABSENT)
            warn(folder->inventory, path, NULL, "the link leads nowhere");
        else if (taken)
            warn(folder->inventory, path, "Put both into one directory of that name.",
                 arena_printf(arena, "%s goes before it", taken));
        else if (type == FILE_DIRECTORY)
            take_directory(folder->inventory, path, sets, 0);
        else
            take_file(folder->inventory, path, sets);
        taken = taken || type == FILE_ABSENT ? taken : path;
    }
}

/* The names of all groups or hosts, for suggestions. */
static const char *nearest(const Folder *folder, const char *name)
{
    const Inventory *inventory = folder->inventory;
    const Map *map =
        text_equal(folder->word, "group") ? inventory->groups : inventory->host_by_address;
    const char **names = ARENA_ARRAY(inventory->arena, const char *, map_count(map));
    for (size_t i = 0; i < map_count(map); i++)
        names[i] = map_key_at(map, i);
    return text_nearest(name, names, map_count(map));
}

static void warn_of_stray(const Folder *folder, const char *entry)
{
    Arena *arena = folder->inventory->arena;
    const char *extension = inventory_extension(entry);
    bool is_yaml = inventory_is_yaml_extension(extension);
    bool is_named = is_yaml || !*extension || typing_is_ipv4(entry, false);
    if (!is_named || inventory_ignores(entry))
        return;
    const char *name =
        arena_strndup(arena, entry, strlen(entry) - (is_yaml ? strlen(extension) : 0));
    const char *near = nearest(folder, name);
    warn(folder->inventory, arena_printf(arena, "%s/%s", folder->path, entry),
         near ? arena_printf(arena, "Did you mean %s?", near) : NULL,
         arena_printf(arena, "there is no %s %s", folder->word, name));
}

/* The names in it; false: there is no such folder. */
static bool open_folder(Inventory *inventory, const char *path, const char *word, Folder *ret)
{
    FileType type = inventory_file_type(inventory, path);
    if (type != FILE_ABSENT && type != FILE_DIRECTORY)
        warn(inventory, path, NULL, "it is no directory");
    if (type != FILE_DIRECTORY)
        return false;
    const char *const *names;
    size_t count;
    Error *error =
        inventory->tree->list(inventory->tree->context, inventory->arena, path, &names, &count);
    if (error) {
        inventory_report_unreadable(inventory, error);
        return false;
    }
    *ret = (Folder){.inventory = inventory,
                    .path = path,
                    .word = word,
                    .names = ARENA_ARRAY(inventory->arena, const char *, count),
                    .is_used = ARENA_ARRAY(inventory->arena, bool, count)};
    for (; ret->count < count;
         key_index_added(inventory->arena, &ret->index, ret->names, ret->count)) {
        ret->names[ret->count] = names[ret->count];
        ret->count++;
    }
    return true;
}

static void close_folder(const Folder *folder)
{
    for (size_t i = 0; i < folder->count; i++) {
        if (!folder->is_used[i])
            warn_of_stray(folder, folder->names[i]);
    }
}

static const char *path_in(Arena *arena, const char *folder, const char *name)
{
    return strcmp(folder, ".") == 0 ? name : arena_printf(arena, "%s/%s", folder, name);
}

static void take_group_vars(Inventory *inventory, size_t number)
{
    Folder folder;
    const char *path = path_in(inventory->arena, inventory->folders[number], "group_vars");
    if (!open_folder(inventory, path, "group", &folder))
        return;
    take_name(&folder, "all", &inventory->all_beside);
    for (size_t i = 0; i < map_count(inventory->groups); i++) {
        Group *group = map_value_at(inventory->groups, i);
        if (!group->beside)
            group->beside = ARENA_ARRAY(inventory->arena, VarSets, inventory->folder_count);
        take_name(&folder, group->name, &group->beside[number]);
    }
    close_folder(&folder);
}

static void take_host_vars(Inventory *inventory, size_t number)
{
    Folder folder;
    const char *path = path_in(inventory->arena, inventory->folders[number], "host_vars");
    if (!open_folder(inventory, path, "node", &folder))
        return;
    for (size_t i = 0; i < inventory->host_count; i++)
        take_name(&folder, inventory->hosts[i]->address, &inventory->hosts[i]->own);
    close_folder(&folder);
}

void inventory_take_beside(Inventory *inventory)
{
    for (size_t i = 0; i < inventory->folder_count; i++) {
        take_group_vars(inventory, i);
        take_host_vars(inventory, i);
    }
}
