/* What -i names: files, and directories of files, as Ansible would go through them. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "schema/inventory_internal.h"

enum { DIRECTORY_MAX_DEPTH = 8 };

static const char not_run[] =
    "An inventory is data, nothing in it is run. Write what it gives into "
    "a YAML file:\nansible-inventory -i FILE --list --yaml";

/* The first line that is neither empty nor a comment. */
static const char *first_line(const char *text, size_t *ret_length)
{
    for (;;) {
        text += strspn(text, " \t\r\n");
        if (*text != '#' && *text != ';')
            break;
        text += strcspn(text, "\n");
    }
    *ret_length = strcspn(text, "\r\n");
    return text;
}

/* "[etcd]", "[pg-test:vars]" */
static bool is_ini_section(const char *line, size_t length)
{
    size_t name = 1;
    while (name < length && (isalnum((unsigned char)line[name]) || strchr("_.:-", line[name])))
        name++;
    return *line == '[' && name > 1 && name < length && line[name] == ']' &&
           strspn(line + name + 1, " \t") == length - name - 1;
}

/* "10.10.10.10 etcd_seq=1" */
static bool is_ini_host(const char *line, size_t length)
{
    bool has_value = false;
    for (size_t i = 0; i < length; i++) {
        if (line[i] == ':' && (i + 1 == length || line[i + 1] == ' '))
            return false;
        has_value = has_value || line[i] == '=';
    }
    return has_value && isalnum((unsigned char)*line);
}

/* What a file is that cannot be a YAML inventory, or NULL. */
static const char *foreign_form(const char *bytes)
{
    if (text_starts_with(bytes, "#!"))
        return "a script";
    if (text_starts_with(bytes, "$ANSIBLE_VAULT;"))
        return "encrypted as a whole";
    size_t length = 0;
    const char *line = first_line(bytes, &length);
    bool is_ini = is_ini_section(line, length) || is_ini_host(line, length);
    return is_ini ? "in the INI format" : NULL;
}

static void refuse(Inventory *inventory, const char *path, const Origin *origin, const char *what)
{
    inventory->is_broken = true;
    const char *advice = not_run;
    if (text_starts_with(what, "encrypted"))
        advice = "Encrypt single values instead: ansible-vault encrypt_string";
    diagnostics_add(inventory->diagnostics, "E060", origin, advice, "%s cannot be read: it is %s",
                    path, what);
}

static const DocNode *parse(Inventory *inventory, const char *name, const char *bytes,
                            size_t length)
{
    SourceBytes file = {bytes, length};
    ARENA_PUSH(inventory->arena, inventory->files, inventory->file_count, inventory->file_capacity,
               file);
    diagnostics_add_file(inventory->diagnostics, name, bytes, length);
    const DocNode *root =
        document_parse(inventory->arena, name, bytes, length, inventory->diagnostics);
    inventory->is_broken = inventory->is_broken || !root;
    return root;
}

void inventory_take_bytes(Inventory *inventory, const char *name, const char *bytes, size_t length)
{
    const char *what = foreign_form(bytes);
    if (what) {
        const Origin origin = {.file = name, .line = 1, .column = 1};
        diagnostics_add_file(inventory->diagnostics, name, bytes, length);
        diagnostics_distrust(inventory->diagnostics, name);
        refuse(inventory, name, &origin, what);
        return;
    }
    const DocNode *root = parse(inventory, name, bytes, length);
    const DocNode *plugin = doc_get(root, "plugin");
    if (plugin && plugin->type == DOC_SCALAR)
        refuse(inventory, name, &plugin->origin,
               arena_printf(inventory->arena, "a configuration of the plugin %s", plugin->text));
    if (!root || plugin)
        return;
    inventory->parsed_count++;
    inventory_take(inventory, root, file_dirname(inventory->arena, name));
}

void inventory_report_unreadable(Inventory *inventory, Error *error)
{
    char *text = error_text(error);
    diagnostics_add(inventory->diagnostics, "E061", NULL, NULL, "%s", text);
    free(text);
    error_free(error);
    inventory->is_broken = true;
}

FileType inventory_file_type(const Inventory *inventory, const char *path)
{
    return inventory->tree->type(inventory->tree->context, path);
}

static const char *real_path(const Inventory *inventory, const char *path)
{
    return inventory->tree->real(inventory->tree->context, inventory->arena, path);
}

/* All files together are bounded as one is. */
static Error *read_bytes(Inventory *inventory, const char *path, char **ret_bytes,
                         size_t *ret_length)
{
    *ret_length = 0;
    if (inventory->byte_count <= DOCUMENT_MAX_BYTES)
        TRY(inventory->tree->read(inventory->tree->context, inventory->arena, path,
                                  DOCUMENT_MAX_BYTES, ret_bytes, ret_length));
    inventory->byte_count += *ret_length;
    if (inventory->byte_count > DOCUMENT_MAX_BYTES)
        return error_new(ERROR_INVALID,
                         "'%s' is not read: all files together are longer than 64 MB", path);
    return NULL;
}

/* The bytes of something that was found and not named; NULL: it was reported. */
static const char *read_found(Inventory *inventory, const char *path, size_t *ret_length)
{
    char *bytes = NULL;
    Error *error = NULL;
    if (inventory_file_type(inventory, path) == FILE_SPECIAL)
        error = error_new(ERROR_INVALID, "'%s' is neither a file nor a directory", path);
    else
        error = read_bytes(inventory, path, &bytes, ret_length);
    if (!error)
        return bytes;
    inventory_report_unreadable(inventory, error);
    return NULL;
}

bool inventory_list(Inventory *inventory, const char *path, unsigned depth,
                    const char *const **ret_names, size_t *ret_count)
{
    if (depth == 0)
        inventory->directories = map_new(inventory->arena);
    const char *real = real_path(inventory, path);
    const char *first = real ? map_get(inventory->directories, real) : NULL;
    Error *error = NULL;
    if (first)
        error = error_new(ERROR_INVALID, "'%s' is the same directory as '%s'", path, first);
    else if (depth > DIRECTORY_MAX_DEPTH)
        error = error_new(ERROR_INVALID, "'%s' is nested too deeply", path);
    else
        error = inventory->tree->list(inventory->tree->context, inventory->arena, path, ret_names,
                                      ret_count);
    if (error)
        inventory_report_unreadable(inventory, error);
    else if (real)
        map_set(inventory->directories, real, arena_strdup(inventory->arena, path));
    return !error;
}

const DocNode *inventory_read_found(Inventory *inventory, const char *path)
{
    size_t length = 0;
    const char *bytes = read_found(inventory, path, &length);
    if (!bytes)
        return NULL;
    if (text_starts_with(bytes, "$ANSIBLE_VAULT;")) {
        refuse(inventory, path, NULL, foreign_form(bytes));
        return NULL;
    }
    return parse(inventory, path, bytes, length);
}

bool inventory_ignores(const char *name)
{
    static const char *const names[] = {"group_vars", "host_vars", "vars_plugins"};
    static const char *const ends[] = {".pyc", ".pyo", ".swp",  ".bak", "~",    ".rpm",  ".md",
                                       ".txt", ".rst", ".orig", ".ini", ".cfg", ".retry"};
    bool ignored = *name == '.';
    for (size_t i = 0; i < COUNT_OF(names); i++)
        ignored = ignored || strcmp(name, names[i]) == 0;
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        ignored = ignored || text_ends_with(name, ends[i]);
    return ignored;
}

const char *inventory_extension(const char *name)
{
    const char *dot = strrchr(name + strspn(name, "."), '.');
    return dot ? dot : "";
}

bool inventory_is_yaml_extension(const char *extension)
{
    return typing_has_word(".yml|.yaml|.json", extension);
}

static void read_directory(Inventory *inventory, const char *path, unsigned depth);

/* One entry of a directory of inventories.
 * NOLINTNEXTLINE(misc-no-recursion): DIRECTORY_MAX_DEPTH bounds it */
static void read_entry(Inventory *inventory, const char *path, const char *name, unsigned depth)
{
    const char *extension = inventory_extension(name), *bytes;
    size_t length = 0;
    if (inventory_file_type(inventory, path) == FILE_DIRECTORY)
        read_directory(inventory, path, depth + 1);
    else if (*extension && !inventory_is_yaml_extension(extension))
        refuse(inventory, path, NULL,
               arena_printf(inventory->arena, "a file with the extension %s", extension));
    else if ((bytes = read_found(inventory, path, &length)))
        inventory_take_bytes(inventory, path, bytes, length);
}

/* Ansible reads these folders only beside what -i names. */
static void warn_of_deep_vars(Inventory *inventory, const char *path, const char *name)
{
    if (strcmp(name, "group_vars") == 0 || strcmp(name, "host_vars") == 0)
        diagnostics_add(inventory->diagnostics, "W060", NULL,
                        "They count in a directory that -i names, and beside a file that -i names.",
                        "%s is not read: it is in a subdirectory of the inventory", path);
}

/* NOLINTNEXTLINE(misc-no-recursion): DIRECTORY_MAX_DEPTH bounds it */
static void read_directory(Inventory *inventory, const char *path, unsigned depth)
{
    const char *const *names = NULL;
    size_t count = 0;
    if (!inventory_list(inventory, path, depth, &names, &count))
        return;
    for (size_t i = 0; i < count; i++) {
        const char *entry = arena_printf(inventory->arena, "%s/%s", path, names[i]);
        if (!inventory_ignores(names[i]))
            read_entry(inventory, entry, names[i], depth);
        else if (depth > 0)
            warn_of_deep_vars(inventory, entry, names[i]);
    }
}

static Error *read_file(Inventory *inventory, const char *path)
{
    char *bytes = NULL;
    size_t length = 0;
    TRY(read_bytes(inventory, path, &bytes, &length));
    inventory_take_bytes(inventory, path, bytes, length);
    return NULL;
}

/* A folder that two sources share counts where the later one stands. */
static void add_folder(Inventory *inventory, const char *folder)
{
    const char *real = real_path(inventory, folder);
    size_t kept = 0;
    for (size_t i = 0; i < inventory->folder_count; i++) {
        if (!text_equal(real_path(inventory, inventory->folders[i]), real))
            inventory->folders[kept++] = inventory->folders[i];
    }
    inventory->folder_count = kept;
    ARENA_PUSH(inventory->arena, inventory->folders, inventory->folder_count,
               inventory->folder_capacity, folder);
}

static Error *read_source(Inventory *inventory, const char *path)
{
    size_t before = inventory->parsed_count;
    bool was_broken = inventory->is_broken;
    if (inventory_file_type(inventory, path) != FILE_DIRECTORY) {
        TRY(read_file(inventory, path));
        add_folder(inventory, file_dirname(inventory->arena, path));
        return NULL;
    }
    read_directory(inventory, path, 0);
    if (inventory->parsed_count == before && inventory->is_broken == was_broken)
        inventory_report_unreadable(inventory,
                                    error_new(ERROR_INVALID, "'%s' holds no inventory file", path));
    add_folder(inventory, path);
    return NULL;
}

/* Without the slashes at the end. */
static const char *trimmed(Arena *arena, const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    return arena_strndup(arena, path, length);
}

Error *inventory_read_sources(Inventory *inventory, const char *const *paths, size_t path_count)
{
    for (size_t i = 0; i < path_count; i++)
        TRY(read_source(inventory, trimmed(inventory->arena, paths[i])));
    inventory_settle_groups(inventory);
    inventory_take_beside(inventory);
    return NULL;
}
