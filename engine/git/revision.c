#include "engine/git/revision.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/git/handles.h"

enum { LINKS_MAX = 32 };

struct Revision {
    FileTree files;
    Arena *arena;
    git_repository *repository;
    git_tree *tree;
    const char *name; /* as the user calls it */
    const char *root; /* the working tree */
    char id[GIT_OID_HEXSZ + 1];
};

/* -- paths ----------------------------------------------------------------------------------- */

/* Without "", "." and ".." and slashes at the ends; NULL: it climbs out. */
static const char *tidy(Arena *arena, const char *path)
{
    char **parts;
    size_t count = text_split(arena, path, '/', &parts), kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(parts[i], "..") == 0) {
            if (kept == 0)
                return NULL;
            kept--;
        } else if (*parts[i] && strcmp(parts[i], ".") != 0) {
            parts[kept++] = parts[i];
        }
    }
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < kept; i++)
        text_addf(&text, "%s%s", i ? "/" : "", parts[i]);
    return text_copy(&text, arena);
}

/* The part behind the directory, both absolute; NULL: it is not in it. */
static const char *below(const char *path, const char *directory)
{
    size_t length = strlen(directory);
    if (strncmp(path, directory, length) != 0)
        return NULL;
    return path[length] == '/' ? path + length + 1 : path[length] == '\0' ? path + length : NULL;
}

/* With links on the way to the repository resolved, as far as there is something. */
static const char *real_beginning(Arena *arena, const char *path)
{
    const char *head = path, *real = NULL;
    while (!(real = file_real(arena, head)) && strcmp(head, "/") != 0)
        head = file_dirname(arena, head);
    const char *rest = path + strlen(head);
    return arena_printf(arena, "%s/%s", real ? real : head, rest + strspn(rest, "/"));
}

/* Where it is in the repository; NULL: outside. */
static const char *place_of(const Revision *revision, Arena *arena, const char *path)
{
    const char *here = file_real(arena, ".");
    const char *whole =
        path[0] == '/' ? path : arena_printf(arena, "%s/%s", here ? here : "", path);
    const char *inside = tidy(arena, whole);
    if (!inside)
        return NULL;
    whole = arena_printf(arena, "/%s", inside);
    inside = below(whole, revision->root);
    if (!inside)
        inside = below(real_beginning(arena, whole), revision->root);
    return inside ? tidy(arena, inside) : NULL;
}

/* -- what is there --------------------------------------------------------------------------- */

typedef struct Found {
    git_filemode_t mode; /* GIT_FILEMODE_UNREADABLE: nothing is there */
    git_oid id;
    const char *path;
} Found;

static const Found nothing = {.mode = GIT_FILEMODE_UNREADABLE};

static Found find(const Revision *revision, Arena *arena, const char *path, unsigned links);

/* `rest` is what the path goes on with behind the link.
 * NOLINTNEXTLINE(misc-no-recursion): LINKS_MAX bounds it */
static Found follow(const Revision *revision, Arena *arena, const Found *link, const char *rest,
                    unsigned links)
{
    CLEANUP(git_blob_end) git_blob *blob = NULL;
    if (links >= LINKS_MAX || git_blob_lookup(&blob, revision->repository, &link->id) < 0)
        return nothing;
    const char *target =
        arena_strndup(arena, git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob));
    const char *slash = strrchr(link->path, '/');
    int length = slash ? (int)(slash - link->path) : 0;
    const char *path =
        tidy(arena, arena_printf(arena, "%.*s/%s/%s", length, link->path, target, rest));
    return *target == '/' || !path ? nothing : find(revision, arena, path, links + 1);
}

/* One step down; NULL: there is no such directory. The tree that is left is ended. */
static bool enter(const Revision *revision, git_tree **tree, const git_oid *id)
{
    git_tree *next = NULL;
    if (git_tree_lookup(&next, revision->repository, id) < 0)
        return false;
    git_tree_free(*tree);
    *tree = next;
    return true;
}

/* The path is tidy. NOLINTNEXTLINE(misc-no-recursion): LINKS_MAX bounds it */
static Found find(const Revision *revision, Arena *arena, const char *path, unsigned links)
{
    CLEANUP(git_tree_end) git_tree *tree = NULL;
    Found found = {.mode = GIT_FILEMODE_TREE, .path = path};
    git_oid_cpy(&found.id, git_tree_id(revision->tree));
    for (const char *rest = path; *rest;) {
        size_t length = strcspn(rest, "/");
        if (found.mode != GIT_FILEMODE_TREE || !enter(revision, &tree, &found.id))
            return nothing;
        const git_tree_entry *entry =
            git_tree_entry_byname(tree, arena_strndup(arena, rest, length));
        if (!entry)
            return nothing;
        found.mode = git_tree_entry_filemode(entry);
        git_oid_cpy(&found.id, git_tree_entry_id(entry));
        found.path = arena_strndup(arena, path, (size_t)(rest + length - path));
        rest += length + (rest[length] == '/');
        if (found.mode == GIT_FILEMODE_LINK)
            return follow(revision, arena, &found, rest, links);
    }
    return found;
}

static FileType type_of(const Found *found)
{
    switch (found->mode) {
    case GIT_FILEMODE_TREE:
        return FILE_DIRECTORY;
    case GIT_FILEMODE_BLOB:
    case GIT_FILEMODE_BLOB_EXECUTABLE:
        return FILE_REGULAR;
    case GIT_FILEMODE_COMMIT:
        return FILE_SPECIAL;
    case GIT_FILEMODE_LINK:
    case GIT_FILEMODE_UNREADABLE:
        break;
    }
    return FILE_ABSENT;
}

/* -- as a FileTree --------------------------------------------------------------------------- */

static Error *unreadable(const Revision *revision, const char *path, const char *why)
{
    return error_new(ERROR_INVALID, "cannot read '%s' in the revision %s: %s", path, revision->name,
                     why);
}

/* Errors: ERROR_INVALID when it is not of the type. */
static Error *find_typed(const Revision *revision, Arena *arena, const char *path, FileType type,
                         Found *ret)
{
    static const char *const names[] = {[FILE_ABSENT] = "there is nothing of that name",
                                        [FILE_REGULAR] = "it is a file",
                                        [FILE_DIRECTORY] = "it is a directory",
                                        [FILE_SPECIAL] = "it is a submodule"};
    const char *place = place_of(revision, arena, path);
    if (!place)
        return unreadable(revision, path, "it is outside of the repository");
    *ret = find(revision, arena, place, 0);
    return type_of(ret) == type ? NULL : unreadable(revision, path, names[type_of(ret)]);
}

static Error *read_blob(const void *context, Arena *arena, const char *path, size_t max_bytes,
                        char **ret_bytes, size_t *ret_length)
{
    const Revision *revision = context;
    CLEANUP(git_blob_end) git_blob *blob = NULL;
    Found found;
    TRY(find_typed(revision, arena, path, FILE_REGULAR, &found));
    if (git_blob_lookup(&blob, revision->repository, &found.id) < 0)
        return git_failed(ERROR_LOCAL, "cannot read a file of the repository");
    size_t length = (size_t)git_blob_rawsize(blob);
    if (length > max_bytes)
        return unreadable(revision, path, arena_printf(arena, "longer than %zu bytes", max_bytes));
    char *bytes = arena_alloc(arena, length + 1);
    memcpy(bytes, git_blob_rawcontent(blob), length);
    bytes[length] = '\0';
    *ret_bytes = bytes;
    *ret_length = length;
    return NULL;
}

static FileType type_at(const void *context, const char *path)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    const char *place = place_of(context, scratch, path);
    Found found = place ? find(context, scratch, place, 0) : nothing;
    return type_of(&found);
}

static Error *list_tree(const void *context, Arena *arena, const char *path,
                        const char *const **ret_names, size_t *ret_count)
{
    const Revision *revision = context;
    CLEANUP(git_tree_end) git_tree *tree = NULL;
    Found found;
    TRY(find_typed(revision, arena, path, FILE_DIRECTORY, &found));
    if (git_tree_lookup(&tree, revision->repository, &found.id) < 0)
        return git_failed(ERROR_LOCAL, "cannot read a directory of the repository");
    size_t count = git_tree_entrycount(tree);
    const char **names = ARENA_ARRAY(arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        names[i] = arena_strdup(arena, git_tree_entry_name(git_tree_entry_byindex(tree, i)));
    if (count > 0) /* git sorts directories as if their names ended with a slash */
        qsort(names, count, sizeof(*names), text_compare);
    *ret_names = names;
    *ret_count = count;
    return NULL;
}

static const char *real_place(const void *context, Arena *arena, const char *path)
{
    const Revision *revision = context;
    const char *place = place_of(revision, arena, path);
    Found found = place ? find(revision, arena, place, 0) : nothing;
    return type_of(&found) == FILE_ABSENT
               ? NULL
               : arena_printf(arena, "%s/%s", revision->root, found.path);
}

/* -- opening --------------------------------------------------------------------------------- */

static Error *open_repository(Revision *revision, const char *near)
{
    if (git_repository_open_ext(&revision->repository, near, 0, NULL) < 0)
        return error_new(ERROR_INVALID, "'%s' is in no git repository", near);
    const char *root = git_repository_workdir(revision->repository);
    revision->root = root ? file_real(revision->arena, root) : NULL;
    return revision->root
               ? NULL
               : error_new(ERROR_INVALID, "the repository of '%s' has no working tree", near);
}

static Error *open_tree(Revision *revision)
{
    CLEANUP(git_object_end) git_object *object = NULL;
    CLEANUP(git_object_end) git_object *commit = NULL;
    bool is_shallow = git_repository_is_shallow(revision->repository) == 1;
    if (git_revparse_single(&object, revision->repository, revision->name) < 0 ||
        git_object_peel(&commit, object, GIT_OBJECT_COMMIT) < 0)
        return error_new(ERROR_INVALID, "there is no revision '%s' in the repository %s%s",
                         revision->name, revision->root,
                         is_shallow ? ", which is a shallow clone (git fetch --unshallow)" : "");
    git_oid_tostr(revision->id, sizeof(revision->id), git_object_id(commit));
    if (git_commit_tree(&revision->tree, (git_commit *)commit) < 0)
        return git_failed(ERROR_LOCAL, "cannot read a commit of the repository");
    return NULL;
}

Error *revision_open(const char *near, const char *name, Revision **ret)
{
    TRY(git_set_up());
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0); /* nothing that is in it is run */
    CLEANUP(revision_freep) Revision *revision = must_malloc(sizeof(*revision));
    *revision = (Revision){.files = {revision, read_blob, type_at, list_tree, real_place},
                           .arena = arena_new()};
    revision->name = arena_strdup(revision->arena, name);
    TRY(open_repository(revision, near));
    TRY(open_tree(revision));
    *ret = revision;
    revision = NULL;
    return NULL;
}

void revision_freep(Revision **revision)
{
    if (!*revision)
        return;
    git_tree_free((*revision)->tree);
    git_repository_free((*revision)->repository);
    arena_free((*revision)->arena);
    free(*revision);
    git_libgit2_shutdown();
    *revision = NULL;
}

const FileTree *revision_files(const Revision *revision)
{
    return &revision->files;
}

const char *revision_id(const Revision *revision)
{
    return revision->id;
}
