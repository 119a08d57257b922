#include "engine/git/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "engine/git/handles.h"

enum { AUTHOR_OFFSET_MINUTES = 0 };

struct Store {
    git_repository *repository;
};

/* -- opening --------------------------------------------------------------------------------- */

static Error *create(const char *path, git_repository **ret)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    TRY(file_make_dirs(file_dirname(arena, path), 0700));
    git_repository_init_options options;
    git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
    options.flags =
        GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH | GIT_REPOSITORY_INIT_NO_REINIT;
    options.mode = 0700;
    options.initial_head = "main";
    if (git_repository_init_ext(ret, path, &options) < 0)
        return git_failed(ERROR_LOCAL, "cannot make the state repository");
    return NULL;
}

static Error *open_or_create(const char *path, bool may_create, git_repository **ret)
{
    if (!file_exists(path)) {
        if (may_create)
            return create(path, ret);
        return error_new(ERROR_INVALID, "nothing was recorded yet: there is no %s", path);
    }
    if (git_repository_open_bare(ret, path) < 0)
        return git_failed(ERROR_LOCAL, "cannot open the state repository");
    return NULL;
}

Error *store_open(const char *path, bool may_create, Store **ret)
{
    git_repository *repository = NULL;
    TRY(git_set_up());
    Error *error = open_or_create(path, may_create, &repository);
    if (error) {
        git_libgit2_shutdown();
        return error;
    }
    Store *store = must_malloc(sizeof(*store));
    store->repository = repository;
    *ret = store;
    return NULL;
}

void store_freep(Store **store)
{
    if (!*store)
        return;
    git_repository_free((*store)->repository);
    free(*store);
    git_libgit2_shutdown();
    *store = NULL;
}

/* -- reading --------------------------------------------------------------------------------- */

static Error *look_up_commit(Store *store, const char *id, git_commit **ret)
{
    git_oid oid;
    if (git_oid_fromstr(&oid, id) < 0 || git_commit_lookup(ret, store->repository, &oid) < 0)
        return git_failed(ERROR_LOCAL, "cannot read a commit");
    return NULL;
}

static Error *look_up_tree(Store *store, const char *id, git_tree **ret)
{
    CLEANUP(git_commit_end) git_commit *commit = NULL;
    TRY(look_up_commit(store, id, &commit));
    if (git_commit_tree(ret, commit) < 0)
        return git_failed(ERROR_LOCAL, "cannot read a tree");
    return NULL;
}

static const char *id_text(Arena *arena, const git_oid *oid)
{
    char hex[GIT_OID_HEXSZ + 1];
    return arena_strdup(arena, git_oid_tostr(hex, sizeof(hex), oid));
}

/* The newest commit; NULL in an empty store. */
static Error *newest(Store *store, Arena *arena, const char **ret)
{
    git_oid oid;
    int failure = git_reference_name_to_id(&oid, store->repository, STORE_REF);
    if (failure == GIT_ENOTFOUND)
        *ret = NULL;
    else if (failure < 0)
        return git_failed(ERROR_LOCAL, "cannot read the branch of the state repository");
    else
        *ret = id_text(arena, &oid);
    return NULL;
}

Error *store_resolve(Store *store, Arena *arena, const char *revision, const char **ret_commit)
{
    if (!revision || !*revision) {
        TRY(newest(store, arena, ret_commit));
        return *ret_commit ? NULL : error_new(ERROR_INVALID, "nothing was recorded yet");
    }
    CLEANUP(git_object_end) git_object *object = NULL;
    CLEANUP(git_object_end) git_object *commit = NULL;
    if (git_revparse_single(&object, store->repository, revision) < 0 ||
        git_object_peel(&commit, object, GIT_OBJECT_COMMIT) < 0)
        return error_new(ERROR_INVALID, "there is no snapshot '%s' (pgsteer state log lists them)",
                         revision);
    *ret_commit = id_text(arena, git_object_id(commit));
    return NULL;
}

Error *store_read(Store *store, Arena *arena, const char *commit, const char *path,
                  const char **ret_content)
{
    CLEANUP(git_tree_end) git_tree *tree = NULL;
    CLEANUP(git_tree_entry_end) git_tree_entry *entry = NULL;
    CLEANUP(git_blob_end) git_blob *blob = NULL;
    *ret_content = NULL;
    if (!commit)
        return NULL;
    TRY(look_up_tree(store, commit, &tree));
    int failure = git_tree_entry_bypath(&entry, tree, path);
    if (failure == GIT_ENOTFOUND)
        return NULL;
    if (failure < 0 || git_blob_lookup(&blob, store->repository, git_tree_entry_id(entry)) < 0)
        return git_failed(ERROR_LOCAL, "cannot read a file of the state repository");
    *ret_content = arena_strndup(arena, git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob));
    return NULL;
}

static StoreCommit describe(Arena *arena, const git_commit *commit)
{
    return (StoreCommit){.id = id_text(arena, git_commit_id(commit)),
                         .message = arena_strdup(arena, git_commit_message(commit)),
                         .wall_ms = (int64_t)git_commit_time(commit) * 1000};
}

Error *store_log(Store *store, Arena *arena, size_t most, StoreCommit **ret, size_t *ret_count)
{
    CLEANUP(git_revwalk_end) git_revwalk *walk = NULL;
    StoreCommit *commits = NULL;
    size_t count = 0, capacity = 0;
    const char *first = NULL;
    TRY(newest(store, arena, &first));
    if (first && (git_revwalk_new(&walk, store->repository) < 0 ||
                  git_revwalk_sorting(walk, GIT_SORT_TOPOLOGICAL) < 0 ||
                  git_revwalk_push_ref(walk, STORE_REF) < 0))
        return git_failed(ERROR_LOCAL, "cannot read the history");
    git_oid oid;
    while (first && count < most && git_revwalk_next(&oid, walk) == 0) {
        CLEANUP(git_commit_end) git_commit *commit = NULL;
        TRY(look_up_commit(store, id_text(arena, &oid), &commit));
        StoreCommit item = describe(arena, commit);
        ARENA_PUSH(arena, commits, count, capacity, item);
    }
    *ret = commits;
    *ret_count = count;
    return NULL;
}

static int add_line(const git_diff_delta *delta, const git_diff_hunk *hunk,
                    const git_diff_line *line, void *payload)
{
    Text *out = payload;
    (void)delta;
    (void)hunk;
    bool has_sign = line->origin == GIT_DIFF_LINE_CONTEXT ||
                    line->origin == GIT_DIFF_LINE_ADDITION ||
                    line->origin == GIT_DIFF_LINE_DELETION;
    if (has_sign)
        text_add_char(out, line->origin);
    text_add_bytes(out, line->content, line->content_len);
    return 0;
}

static Error *diff_trees(Store *store, git_tree *from, git_tree *to, Text *out)
{
    CLEANUP(git_diff_end) git_diff *diff = NULL;
    if (git_diff_tree_to_tree(&diff, store->repository, from, to, NULL) < 0 ||
        git_diff_print(diff, GIT_DIFF_FORMAT_PATCH, add_line, out) < 0)
        return git_failed(ERROR_LOCAL, "cannot compare two snapshots");
    return NULL;
}

Error *store_diff(Store *store, const char *from, const char *to, Text *out)
{
    CLEANUP(git_tree_end) git_tree *old_tree = NULL;
    CLEANUP(git_tree_end) git_tree *new_tree = NULL;
    TRY(look_up_tree(store, from, &old_tree));
    TRY(look_up_tree(store, to, &new_tree));
    return diff_trees(store, old_tree, new_tree, out);
}

Error *store_show(Store *store, Arena *arena, const char *commit, StoreCommit *ret, Text *out)
{
    CLEANUP(git_commit_end) git_commit *found = NULL;
    CLEANUP(git_commit_end) git_commit *parent = NULL;
    CLEANUP(git_tree_end) git_tree *tree = NULL;
    CLEANUP(git_tree_end) git_tree *parent_tree = NULL;
    TRY(look_up_commit(store, commit, &found));
    TRY(look_up_tree(store, commit, &tree));
    if (git_commit_parentcount(found) > 0 &&
        (git_commit_parent(&parent, found, 0) < 0 || git_commit_tree(&parent_tree, parent) < 0))
        return git_failed(ERROR_LOCAL, "cannot read the snapshot before");
    *ret = describe(arena, found);
    return diff_trees(store, parent_tree, tree, out);
}

/* -- writing --------------------------------------------------------------------------------- */

/* Removing what is not there would be refused: such files are left out. */
static Error *make_updates(Store *store, Arena *arena, git_tree *base, const StoreFile *files,
                           size_t count, git_tree_update *ret_updates, size_t *ret_count)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        git_tree_update update = {.path = arena_strdup(arena, files[i].path),
                                  .filemode = GIT_FILEMODE_BLOB};
        CLEANUP(git_tree_entry_end) git_tree_entry *entry = NULL;
        update.action = files[i].content ? GIT_TREE_UPDATE_UPSERT : GIT_TREE_UPDATE_REMOVE;
        if (!files[i].content && (!base || git_tree_entry_bypath(&entry, base, update.path) != 0))
            continue;
        if (files[i].content &&
            git_blob_create_from_buffer(&update.id, store->repository, files[i].content,
                                        strlen(files[i].content)) < 0)
            return git_failed(ERROR_LOCAL, "cannot write to the state repository");
        ret_updates[used++] = update;
    }
    *ret_count = used;
    return NULL;
}

static Error *write_commit(Store *store, git_commit *parent, const git_oid *tree_id,
                           const char *message, git_oid *ret)
{
    CLEANUP(git_tree_end) git_tree *tree = NULL;
    CLEANUP(git_signature_end) git_signature *author = NULL;
    const git_commit *parents[] = {parent};
    git_time_t now = clock_wall_ms() / 1000;
    if (git_tree_lookup(&tree, store->repository, tree_id) < 0 ||
        git_signature_new(&author, "pgsteer", "pgsteer@localhost", now, AUTHOR_OFFSET_MINUTES) <
            0 ||
        git_commit_create(ret, store->repository, NULL, author, author, "UTF-8", message, tree,
                          parent ? 1 : 0, parents) < 0)
        return git_failed(ERROR_LOCAL, "cannot write a commit");
    return NULL;
}

/* Only if nobody moved it since we looked: compare and swap. */
static Error *move_branch(Store *store, const git_oid *to, const char *before)
{
    CLEANUP(git_reference_end) git_reference *reference = NULL;
    git_oid old;
    memset(&old, 0, sizeof(old));
    if (before && git_oid_fromstr(&old, before) < 0)
        return git_failed(ERROR_LOCAL, "cannot read a commit");
    int failure = git_reference_create_matching(&reference, store->repository, STORE_REF, to, 1,
                                                &old, "apply");
    if (failure == GIT_EMODIFIED || failure == GIT_ELOCKED)
        return git_failed(ERROR_CONFLICT, "another run moved the state repository meanwhile");
    return failure < 0 ? git_failed(ERROR_LOCAL, "cannot move the branch") : NULL;
}

Error *store_commit(Store *store, Arena *arena, const StoreFile *files, size_t count,
                    const char *message, const char **ret_commit)
{
    CLEANUP(git_commit_end) git_commit *parent = NULL;
    CLEANUP(git_tree_end) git_tree *base = NULL;
    const char *before = NULL;
    *ret_commit = NULL;
    TRY(newest(store, arena, &before));
    if (before) {
        TRY(look_up_commit(store, before, &parent));
        TRY(look_up_tree(store, before, &base));
    }
    git_tree_update *updates = ARENA_ARRAY(arena, git_tree_update, count);
    git_oid tree_id, commit_id;
    TRY(make_updates(store, arena, base, files, count, updates, &count));
    if (git_tree_create_updated(&tree_id, store->repository, base, count, updates) < 0)
        return git_failed(ERROR_LOCAL, "cannot write a tree");
    if (base && git_oid_equal(&tree_id, git_tree_id(base)))
        return NULL;
    TRY(write_commit(store, parent, &tree_id, message, &commit_id));
    TRY(move_branch(store, &commit_id, before));
    *ret_commit = id_text(arena, &commit_id);
    return NULL;
}
