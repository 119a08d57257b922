#include "engine/git/handles.h"

#include "base/attr.h"

void git_commit_end(git_commit **handle)
{
    git_commit_free(*handle);
}

void git_tree_end(git_tree **handle)
{
    git_tree_free(*handle);
}

void git_tree_entry_end(git_tree_entry **handle)
{
    git_tree_entry_free(*handle);
}

void git_blob_end(git_blob **handle)
{
    git_blob_free(*handle);
}

void git_diff_end(git_diff **handle)
{
    git_diff_free(*handle);
}

void git_object_end(git_object **handle)
{
    git_object_free(*handle);
}

void git_reference_end(git_reference **handle)
{
    git_reference_free(*handle);
}

void git_revwalk_end(git_revwalk **handle)
{
    git_revwalk_free(*handle);
}

void git_signature_end(git_signature **handle)
{
    git_signature_free(*handle);
}

Error *git_failed(ErrorCode code, const char *what)
{
    const git_error *error = git_error_last();
    return error_new(code, "%s: %s", what, error && error->message ? error->message : "no reason");
}

Error *git_set_up(void)
{
    static const int levels[] = {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG,
                                 GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_PROGRAMDATA};
    if (git_libgit2_init() < 0)
        return git_failed(ERROR_LOCAL, "cannot set libgit2 up");
    for (size_t i = 0; i < COUNT_OF(levels); i++)
        git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "");
    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
    return NULL;
}
