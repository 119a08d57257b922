#include "engine/git/ref_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/process.h"
#include "engine/git/handles.h"
#include "engine/lock.h"

enum { SWAP_TRIES = 20, LOCK_WAIT_MS = 20000, LIMIT_MS = 10000, ANSWER_MAX_BYTES = 65536 };

struct RefFiles {
    git_repository *repository;
    Arena *arena;
    const char *ref;
    const char *url; /* NULL: the repository itself is the place */
    const char *cache;
    Lock *lock;          /* of the cache */
    const char *refusal; /* why the last push was none; NULL: it was one, or there was none */
};

/* -- the git program ------------------------------------------------------------------------- */

bool ref_files_is_url(const char *place)
{
    const char *colon = strchr(place, ':'), *slash = strchr(place, '/');
    return strstr(place, "://") || (colon && (!slash || colon < slash));
}

/* Runs it in the cache; *ret_said is the last line of what it complained of. */
static Error *run_git(const RefFiles *files, Arena *arena, const char *const *arguments,
                      bool *ret_is_fine, const char **ret_said)
{
    static const char *const begin[] = {
        "env",      "GIT_TERMINAL_PROMPT=0",
        "LC_ALL=C", "git",
        "-c",       "core.sshCommand=ssh -o BatchMode=yes -o ConnectTimeout=8",
        "-C"};
    enum { BEGIN = COUNT_OF(begin), MAX = 20 };
    char *argv[MAX] = {NULL};
    size_t count = 0;
    for (size_t i = 0; i < BEGIN; i++)
        argv[count++] = arena_strdup(arena, begin[i]);
    argv[count++] = arena_strdup(arena, files->cache);
    for (size_t i = 0; arguments[i] && count + 1 < MAX; i++)
        argv[count++] = arena_strdup(arena, arguments[i]);
    CLEANUP(text_release) Text out = TEXT_INIT;
    CLEANUP(text_release) Text err = TEXT_INIT;
    int status = 0;
    TRY(process_run(argv, NULL, 0, ANSWER_MAX_BYTES, clock_monotonic_ms() + LIMIT_MS, &out, &err,
                    &status));
    char *said = text_copy(&err, arena);
    said[strcspn(said, "\n")] = '\0';
    *ret_said = said;
    *ret_is_fine = status == 0;
    return NULL;
}

static Error *fetch(const RefFiles *files)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const char *all = arena_printf(arena, "+%s*:%s*", files->ref, files->ref), *said;
    const char *const arguments[] = {"fetch", "--quiet",  "--no-tags", "--prune",
                                     "--",    files->url, all,         NULL};
    bool is_fine;
    TRY(run_git(files, arena, arguments, &is_fine, &said));
    return is_fine ? NULL : error_new(ERROR_UNREACHABLE, "git cannot fetch: %s", said);
}

/* Refused, or lost on the way: what came of it is seen by the next fetch. */
static Error *push(RefFiles *files, const git_oid *before, const git_oid *to, bool *ret_is_done)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    char hex[GIT_OID_HEXSZ + 1];
    const char *said;
    const char *old = before ? arena_strdup(arena, git_oid_tostr(hex, sizeof(hex), before)) : "";
    const char *lease = arena_printf(arena, "--force-with-lease=%s:%s", files->ref, old);
    const char *what =
        arena_printf(arena, "%s:%s", git_oid_tostr(hex, sizeof(hex), to), files->ref);
    const char *const arguments[] = {"push", "--quiet", lease, "--", files->url, what, NULL};
    TRY(run_git(files, arena, arguments, ret_is_done, &said));
    files->refusal = *ret_is_done ? NULL : arena_strdup(files->arena, said);
    return NULL;
}

/* -- opening --------------------------------------------------------------------------------- */

static Error *open_cache(RefFiles *files)
{
    TRY(lock_wait(arena_printf(files->arena, "%s.lock", files->cache), "leases", LOCK_WAIT_MS,
                  &files->lock));
    git_repository_init_options options;
    git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
    options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH;
    options.mode = 0700;
    if (git_repository_init_ext(&files->repository, files->cache, &options) < 0)
        return git_failed(ERROR_LOCAL, "cannot make a repository");
    return fetch(files);
}

static Error *open_place(RefFiles *files, const char *place)
{
    if (files->url)
        return open_cache(files);
    if (git_repository_open_bare(&files->repository, place) < 0)
        return git_failed(ERROR_UNREACHABLE, "cannot open the repository");
    return NULL;
}

Error *ref_files_begin(void)
{
    return git_set_up();
}

void ref_files_end(void)
{
    git_libgit2_shutdown();
}

Error *ref_files_open(const char *place, const char *cache, const char *ref, RefFiles **ret)
{
    CLEANUP(ref_files_freep) RefFiles *files = NULL;
    TRY(git_set_up());
    files = must_malloc(sizeof(*files));
    *files = (RefFiles){.arena = arena_new()};
    files->ref = arena_strdup(files->arena, ref);
    files->cache = arena_strdup(files->arena, cache);
    if (ref_files_is_url(place))
        files->url = arena_strdup(files->arena, place);
    TRY(open_place(files, place));
    *ret = files;
    files = NULL;
    return NULL;
}

void ref_files_freep(RefFiles **files)
{
    if (!*files)
        return;
    git_repository_free((*files)->repository);
    lock_freep(&(*files)->lock);
    arena_free((*files)->arena);
    free(*files);
    git_libgit2_shutdown();
    *files = NULL;
}

/* -- reading --------------------------------------------------------------------------------- */

/* *ret_commit and *ret_tree stay NULL when the ref is not there yet. */
static Error *look(const RefFiles *files, git_commit **ret_commit, git_tree **ret_tree)
{
    git_oid id;
    int failure = git_reference_name_to_id(&id, files->repository, files->ref);
    if (failure == GIT_ENOTFOUND)
        return NULL;
    if (failure < 0 || git_commit_lookup(ret_commit, files->repository, &id) < 0 ||
        git_commit_tree(ret_tree, *ret_commit) < 0)
        return git_failed(ERROR_LOCAL, "cannot read the ref");
    return NULL;
}

static const char *id_text(Arena *arena, const git_oid *id)
{
    char hex[GIT_OID_HEXSZ + 1];
    return arena_strdup(arena, git_oid_tostr(hex, sizeof(hex), id));
}

static Error *read_entry(const RefFiles *files, Arena *arena, const git_tree_entry *entry,
                         RefFile *ret)
{
    CLEANUP(git_blob_end) git_blob *blob = NULL;
    if (git_blob_lookup(&blob, files->repository, git_tree_entry_id(entry)) < 0)
        return git_failed(ERROR_LOCAL, "cannot read a file of the ref");
    *ret = (RefFile){
        .name = arena_strdup(arena, git_tree_entry_name(entry)),
        .content = arena_strndup(arena, git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob)),
        .version = id_text(arena, git_tree_entry_id(entry)),
    };
    return NULL;
}

Error *ref_files_list(RefFiles *files, Arena *arena, RefFile **ret, size_t *ret_count)
{
    CLEANUP(git_commit_end) git_commit *commit = NULL;
    CLEANUP(git_tree_end) git_tree *tree = NULL;
    TRY(look(files, &commit, &tree));
    *ret_count = tree ? git_tree_entrycount(tree) : 0;
    *ret = ARENA_ARRAY(arena, RefFile, *ret_count);
    for (size_t i = 0; i < *ret_count; i++)
        TRY(read_entry(files, arena, git_tree_entry_byindex(tree, i), &(*ret)[i]));
    return NULL;
}

/* -- changing -------------------------------------------------------------------------------- */

static bool is_unchanged(Arena *arena, const git_tree *tree, const RefFile *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const git_tree_entry *entry = tree ? git_tree_entry_byname(tree, wanted[i].name) : NULL;
        const char *now = entry ? id_text(arena, git_tree_entry_id(entry)) : "";
        if (strcmp(now, wanted[i].version) != 0)
            return false;
    }
    return true;
}

static Error *make_tree(const RefFiles *files, Arena *arena, git_tree *base, const RefFile *wanted,
                        size_t count, git_oid *ret)
{
    git_tree_update *updates = ARENA_ARRAY(arena, git_tree_update, count);
    for (size_t i = 0; i < count; i++) {
        updates[i] = (git_tree_update){.action = GIT_TREE_UPDATE_UPSERT,
                                       .filemode = GIT_FILEMODE_BLOB,
                                       .path = wanted[i].name};
        if (git_blob_create_from_buffer(&updates[i].id, files->repository, wanted[i].content,
                                        strlen(wanted[i].content)) < 0)
            return git_failed(ERROR_LOCAL, "cannot write to the repository");
    }
    if (git_tree_create_updated(ret, files->repository, base, count, updates) < 0)
        return git_failed(ERROR_LOCAL, "cannot write a tree");
    return NULL;
}

static Error *make_commit(const RefFiles *files, git_commit *parent, const git_oid *tree_id,
                          const char *message, git_oid *ret)
{
    CLEANUP(git_tree_end) git_tree *tree = NULL;
    CLEANUP(git_signature_end) git_signature *author = NULL;
    const git_commit *parents[] = {parent};
    if (git_tree_lookup(&tree, files->repository, tree_id) < 0 ||
        git_signature_new(&author, "pgsteer", "pgsteer@localhost", clock_wall_ms() / 1000, 0) < 0 ||
        git_commit_create(ret, files->repository, NULL, author, author, "UTF-8", message, tree,
                          parent ? 1 : 0, parents) < 0)
        return git_failed(ERROR_LOCAL, "cannot write a commit");
    return NULL;
}

/* *ret_is_moved is false when another moved it first. */
static Error *move_ref(RefFiles *files, git_commit *before, const git_oid *to, bool *ret_is_moved)
{
    CLEANUP(git_reference_end) git_reference *reference = NULL;
    git_oid old;
    if (files->url)
        return push(files, before ? git_commit_id(before) : NULL, to, ret_is_moved);
    memset(&old, 0, sizeof(old));
    if (before)
        git_oid_cpy(&old, git_commit_id(before));
    int failure = git_reference_create_matching(&reference, files->repository, files->ref, to, 1,
                                                &old, "leases");
    *ret_is_moved = failure == 0;
    bool was_second = failure == GIT_EMODIFIED || failure == GIT_ELOCKED;
    return failure < 0 && !was_second ? git_failed(ERROR_LOCAL, "cannot move the ref") : NULL;
}

/* Somebody else's files may change all the time: then once more. */
static Error *try_swap(RefFiles *files, Arena *arena, const RefFile *wanted, size_t count,
                       const char *message, bool *ret_is_current, bool *ret_is_done)
{
    CLEANUP(git_commit_end) git_commit *parent = NULL;
    CLEANUP(git_tree_end) git_tree *base = NULL;
    git_oid tree, commit;
    TRY(look(files, &parent, &base));
    *ret_is_current = is_unchanged(arena, base, wanted, count);
    if (!*ret_is_current)
        return NULL;
    TRY(make_tree(files, arena, base, wanted, count, &tree));
    TRY(make_commit(files, parent, &tree, message, &commit));
    return move_ref(files, parent, &commit, ret_is_done);
}

Error *ref_files_swap(RefFiles *files, Arena *arena, const RefFile *wanted, size_t count,
                      const char *message, bool *ret_is_done)
{
    bool is_current = true;
    *ret_is_done = false;
    for (int tries = 0; tries < SWAP_TRIES; tries++) {
        TRY(try_swap(files, arena, wanted, count, message, &is_current, ret_is_done));
        if (!is_current || *ret_is_done)
            break;
        clock_sleep_ms(1 + (clock_wall_ms() & 15)); /* another is at it right now */
        if (files->url)
            TRY(fetch(files));
    }
    if (is_current && !*ret_is_done) /* nobody changed these files: it is not about them */
        return error_new(ERROR_UNREACHABLE, "%s cannot be moved: %s", files->ref,
                         files->refusal ? files->refusal : "others move it all the time");
    return NULL;
}
