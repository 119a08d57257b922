#include "engine/git/tree.h"

#include <git2.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

enum { LINKS_MAX = 8, NAME_DIGITS = 7, PATH_BYTES = 4096 };

struct GitTree {
    FileTree files;
    git_repository *repository;
    git_tree *root;
    char *working; /* the working directory, seen from the repository's: "", "fleet/" */
    char *top;     /* the repository's working directory, absolute, with a slash at its end */
    char name[NAME_DIGITS + 1];
};

static void entry_end(git_tree_entry **entry)
{
    git_tree_entry_free(*entry);
}

static void blob_end(git_blob **blob)
{
    git_blob_free(*blob);
}

static void object_end(git_object **object)
{
    git_object_free(*object);
}

static void subtree_end(git_tree **tree)
{
    git_tree_free(*tree);
}

static Error *failed(ErrorCode code, const char *what)
{
    const git_error *error = git_error_last();
    return error_new(code, "%s: %s", what, error && error->message ? error->message : "no reason");
}

/* -- paths ---------------------------------------------------------------------------------------
 */

/* Without ".", "..", and double slashes; NULL: it leads out. "" is the top. */
static const char *normal(Arena *arena, const char *path)
{
    char **parts = NULL;
    size_t count = text_split(arena, path, '/', &parts), kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (*parts[i] == '\0' || strcmp(parts[i], ".") == 0)
            continue;
        if (strcmp(parts[i], "..") != 0)
            parts[kept++] = parts[i];
        else if (kept-- == 0)
            return NULL;
    }
    CLEANUP(text_release) Text out = TEXT_INIT;
    for (size_t i = 0; i < kept; i++)
        text_addf(&out, "%s%s", i > 0 ? "/" : "", parts[i]);
    return text_copy(&out, arena);
}

/* As git names it, or NULL. */
static const char *inside(const GitTree *tree, Arena *arena, const char *path)
{
    if (*path != '/')
        return normal(arena, arena_printf(arena, "%s%s", tree->working, path));
    size_t length = strlen(tree->top);
    if (strncmp(path, tree->top, length) == 0)
        return normal(arena, path + length);
    bool is_top = strncmp(path, tree->top, length - 1) == 0 && path[length - 1] == '\0';
    return is_top ? "" : NULL;
}

/* -- entries -------------------------------------------------------------------------------------
 */

static Error *blob_of(const GitTree *tree, const git_tree_entry *entry, git_blob **ret)
{
    if (git_blob_lookup(ret, tree->repository, git_tree_entry_id(entry)) != 0)
        return failed(ERROR_LOCAL, "cannot read the repository");
    return NULL;
}

/* Where a link leads, seen from the top. */
static const char *target_of(const GitTree *tree, Arena *arena, const char *path,
                             const git_tree_entry *entry)
{
    CLEANUP(blob_end) git_blob *blob = NULL;
    CLEANUP(error_freep) Error *error = blob_of(tree, entry, &blob);
    if (error)
        return NULL;
    const char *text =
        arena_strndup(arena, git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob));
    if (*text == '/')
        return inside(tree, arena, text);
    return normal(arena, arena_printf(arena, "%s/%s", file_dirname(arena, path), text));
}

/* The entry of a path, links followed; NULL: nothing, or the top. */
static git_tree_entry *find(const GitTree *tree, Arena *arena, const char *path,
                            const char **ret_path)
{
    const char *at = inside(tree, arena, path);
    for (int links = 0; at && *at && links < LINKS_MAX; links++) {
        git_tree_entry *entry = NULL;
        if (git_tree_entry_bypath(&entry, tree->root, at) != 0)
            return NULL;
        if (git_tree_entry_filemode(entry) != GIT_FILEMODE_LINK) {
            *ret_path = at;
            return entry;
        }
        at = target_of(tree, arena, at, entry);
        git_tree_entry_free(entry);
    }
    *ret_path = at && !*at ? at : NULL;
    return NULL;
}

/* -- as a FileTree -------------------------------------------------------------------------------
 */

static FileType tree_type(const void *context, const char *path)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const char *at = NULL;
    CLEANUP(entry_end) git_tree_entry *entry = find(context, arena, path, &at);
    if (!entry)
        return at ? FILE_DIRECTORY : FILE_ABSENT;
    git_object_t type = git_tree_entry_type(entry);
    return type == GIT_OBJECT_TREE   ? FILE_DIRECTORY
           : type == GIT_OBJECT_BLOB ? FILE_REGULAR
                                     : FILE_ABSENT;
}

static Error *tree_read(const void *context, Arena *arena, const char *path, size_t max_bytes,
                        char **ret_bytes, size_t *ret_length)
{
    const GitTree *tree = context;
    const char *at = NULL;
    CLEANUP(entry_end) git_tree_entry *entry = find(tree, arena, path, &at);
    CLEANUP(blob_end) git_blob *blob = NULL;
    if (!entry || git_tree_entry_type(entry) != GIT_OBJECT_BLOB)
        return error_new(ERROR_INVALID, "'%s' is no file in commit %s", path, tree->name);
    TRY(blob_of(tree, entry, &blob));
    size_t length = (size_t)git_blob_rawsize(blob);
    if (length > max_bytes)
        return error_new(ERROR_INVALID, "'%s' is longer than %zu bytes", path, max_bytes);
    *ret_bytes = arena_strndup(arena, git_blob_rawcontent(blob), length);
    *ret_length = length;
    return NULL;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void list_names(const git_tree *folder, Arena *arena, const char *const **ret_names,
                       size_t *ret_count)
{
    size_t count = git_tree_entrycount(folder);
    const char **names = ARENA_ARRAY(arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++)
        names[i] = arena_strdup(arena, git_tree_entry_name(git_tree_entry_byindex(folder, i)));
    qsort(names, count, sizeof(*names), by_name);
    *ret_names = names;
    *ret_count = count;
}

static Error *tree_list(const void *context, Arena *arena, const char *path,
                        const char *const **ret_names, size_t *ret_count)
{
    const GitTree *tree = context;
    const char *at = NULL;
    CLEANUP(entry_end) git_tree_entry *entry = find(tree, arena, path, &at);
    CLEANUP(subtree_end) git_tree *folder = NULL;
    if (!entry && at) {
        list_names(tree->root, arena, ret_names, ret_count);
        return NULL;
    }
    if (!entry || git_tree_entry_type(entry) != GIT_OBJECT_TREE)
        return error_new(ERROR_LOCAL, "'%s' is no directory in commit %s", path, tree->name);
    if (git_tree_lookup(&folder, tree->repository, git_tree_entry_id(entry)) != 0)
        return failed(ERROR_LOCAL, "cannot read the repository");
    list_names(folder, arena, ret_names, ret_count);
    return NULL;
}

static const char *tree_real(const void *context, Arena *arena, const char *path)
{
    const char *at = NULL;
    CLEANUP(entry_end) git_tree_entry *entry = find(context, arena, path, &at);
    return entry || at ? arena_printf(arena, "/%s", at) : NULL;
}

/* -- opening -------------------------------------------------------------------------------------
 */

static Error *find_repository(GitTree *tree)
{
    char here[PATH_BYTES];
    if (!getcwd(here, sizeof(here)))
        return error_new(ERROR_LOCAL, "the working directory is not there any more");
    if (git_repository_open_ext(&tree->repository, here, 0, NULL) != 0)
        return failed(ERROR_INVALID, "there is no git repository here");
    const char *top = git_repository_workdir(tree->repository);
    if (!top)
        return error_new(ERROR_INVALID, "the repository has no working directory");
    size_t length = strlen(top);
    bool is_below = strncmp(here, top, length) == 0;
    CLEANUP(text_release) Text working = TEXT_INIT;
    if (is_below)
        text_addf(&working, "%s/", here + length);
    tree->working = must_strdup(text_get(&working));
    tree->top = must_strdup(top);
    return NULL;
}

static Error *find_commit(GitTree *tree, const char *revision)
{
    CLEANUP(object_end) git_object *found = NULL;
    CLEANUP(object_end) git_object *commit = NULL;
    if (git_revparse_single(&found, tree->repository, revision) != 0 ||
        git_object_peel(&commit, found, GIT_OBJECT_COMMIT) != 0)
        return error_new(ERROR_INVALID, "the repository has no revision '%s'", revision);
    git_oid_tostr(tree->name, sizeof(tree->name), git_object_id(commit));
    if (git_object_peel((git_object **)&tree->root, commit, GIT_OBJECT_TREE) != 0)
        return failed(ERROR_LOCAL, "cannot read the commit");
    return NULL;
}

Error *git_tree_open(const char *revision, GitTree **ret)
{
    CLEANUP(git_tree_freep) GitTree *tree = must_malloc(sizeof(*tree));
    *tree = (GitTree){.files = {tree, tree_read, tree_type, tree_list, tree_real}};
    if (git_libgit2_init() < 0)
        return failed(ERROR_LOCAL, "cannot set libgit2 up");
    TRY(find_repository(tree));
    TRY(find_commit(tree, revision));
    *ret = tree;
    tree = NULL;
    return NULL;
}

void git_tree_freep(GitTree **tree)
{
    GitTree *gone = *tree;
    if (!gone)
        return;
    git_tree_free(gone->root);
    git_repository_free(gone->repository);
    git_libgit2_shutdown();
    free(gone->working);
    free(gone->top);
    free(gone);
    *tree = NULL;
}

const FileTree *git_tree_files(const GitTree *tree)
{
    return &tree->files;
}

const char *git_tree_name(const GitTree *tree)
{
    return tree->name;
}
