/* Revisions as trees of files: directories, links, what is gone or outside, bad names. */
#include <unistd.h>

#include "base/text.h"
#include "engine/git/revision.h"
#include "git_repo.h"
#include "schema/inventory.h"

typedef struct Fixture {
    Arena *arena;
    char directory[64];
    char home[256]; /* where the test began */
} Fixture;

static void fixture_end(Fixture *f)
{
    assert_int_equal(chdir(f->home), 0);
    shell(arena_printf(f->arena, "rm -rf %s", f->directory));
    arena_free(f->arena);
}

/* Two commits of a repository in DIRECTORY/repo, where the test goes; in the working tree nothing
 * is left but a new file. */
static Fixture fixture(void)
{
    Fixture f = {.arena = arena_new(), .directory = "/tmp/test_revision.XXXXXX"};
    assert_non_null(getcwd(f.home, sizeof(f.home)));
    assert_non_null(mkdtemp(f.directory));
    assert_int_equal(chdir(f.directory), 0);
    write_text("outside.yml", "outside\n");
    shell("mkdir -p repo/conf/group_vars repo/b.d");
    assert_int_equal(chdir("repo"), 0);
    git_init();
    write_text("conf/a.yml", "first\n");
    git_commit_all();
    write_text("conf/a.yml", "second\n");
    write_text("conf/group_vars/all.yml", "x: 1\n");
    write_text("b", "b\n");
    write_text("b.d/c", "c\n");
    shell("ln -s conf/a.yml link && ln -s ../conf b.d/up && ln -s . self && ln -s loop loop && "
          "ln -s ../outside.yml out && ln -s $PWD/b absolute && ln -s link again");
    shell(GIT " add -A && " GIT " update-index --add --cacheinfo "
              "160000,1234567890123456789012345678901234567890,module && " GIT
              " commit -q -m next");
    shell(GIT " tag -a -m tagged marked");
    shell("rm -rf conf b b.d link self loop out absolute again");
    return f;
}

static Revision *open_revision(const char *name)
{
    Revision *revision = NULL;
    check_fine(revision_open(".", name, &revision));
    return revision;
}

static const char *read_at(Fixture *f, const Revision *revision, const char *path)
{
    const FileTree *files = revision_files(revision);
    char *bytes = NULL;
    size_t length = 0;
    check_fine(files->read(files->context, f->arena, path, 100, &bytes, &length));
    assert_int_equal(strlen(bytes), length);
    return bytes;
}

static void files_are_those_of_the_revision(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    CLEANUP(revision_freep) Revision *old = open_revision("HEAD~1");
    CLEANUP(revision_freep) Revision *new = open_revision("main");
    CLEANUP(revision_freep) Revision *tagged = open_revision("marked");
    assert_string_equal(read_at(&f, old, "conf/a.yml"), "first\n");
    assert_string_equal(read_at(&f, new, "conf/a.yml"), "second\n");
    assert_string_equal(revision_id(new), revision_id(tagged));
    assert_int_equal(strlen(revision_id(old)), 40);
}

static void paths_lead_where_they_would_in_the_working_tree(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    CLEANUP(revision_freep) Revision *revision = open_revision("HEAD");
    const FileTree *files = revision_files(revision);
    const char *const ways[] = {
        "./conf/a.yml",   "conf//a.yml",  "conf/../conf/a.yml",
        "link",           "again",        "b.d/up/a.yml",
        "self/self/link", "../repo/link", arena_printf(f.arena, "%s/repo/conf/a.yml", f.directory)};
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        assert_string_equal(read_at(&f, revision, ways[i]), "second\n");
        assert_int_equal(files->type(files->context, ways[i]), FILE_REGULAR);
    }
    shell("ln -s repo ../alias");
    const char *alias = arena_printf(f.arena, "%s/alias/conf/a.yml", f.directory);
    assert_string_equal(read_at(&f, revision, alias), "second\n");
    assert_string_equal(files->real(files->context, f.arena, "b.d/up"),
                        files->real(files->context, f.arena, "conf"));
    assert_null(files->real(files->context, f.arena, "none"));
    shell("mkdir sub");
    assert_int_equal(chdir("sub"), 0);
    assert_string_equal(read_at(&f, revision, "../conf/a.yml"), "second\n");
}

static void types_are_told_apart(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    CLEANUP(revision_freep) Revision *revision = open_revision("HEAD");
    const FileTree *files = revision_files(revision);
    static const struct {
        const char *path;
        FileType type;
    } cases[] = {
        {".", FILE_DIRECTORY},      {"conf", FILE_DIRECTORY},     {"b.d/up", FILE_DIRECTORY},
        {"self", FILE_DIRECTORY},   {"conf/a.yml", FILE_REGULAR}, {"none", FILE_ABSENT},
        {"conf/none", FILE_ABSENT}, {"b/under", FILE_ABSENT},     {"loop", FILE_ABSENT},
        {"out", FILE_ABSENT},       {"absolute", FILE_ABSENT},    {"module", FILE_SPECIAL},
        {"..", FILE_ABSENT},        {"/etc/passwd", FILE_ABSENT}, {"../outside.yml", FILE_ABSENT},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (files->type(files->context, cases[i].path) != cases[i].type)
            fail_msg("%s is not of the type %d", cases[i].path, (int)cases[i].type);
    }
}

static void lists_are_sorted_by_bytes(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    CLEANUP(revision_freep) Revision *revision = open_revision("HEAD");
    const FileTree *files = revision_files(revision);
    const char *const *names;
    size_t count;
    check_fine(files->list(files->context, f.arena, ".", &names, &count));
    assert_int_equal(count, 10);
    for (size_t i = 1; i < count; i++)
        assert_true(strcmp(names[i - 1], names[i]) < 0);
    check_fine(files->list(files->context, f.arena, "b.d/up", &names, &count));
    assert_int_equal(count, 2);
    assert_string_equal(names[0], "a.yml");
    assert_string_equal(names[1], "group_vars");
}

static void what_cannot_be_read_is_said(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    CLEANUP(revision_freep) Revision *revision = open_revision("HEAD");
    const FileTree *files = revision_files(revision);
    static const char *const cases[][2] = {
        {"none", "cannot read 'none' in the revision HEAD: there is nothing of that name"},
        {"conf", "it is a directory"},
        {"module", "it is a submodule"},
        {"../outside.yml", "it is outside of the repository"},
    };
    char *bytes;
    const char *const *names;
    size_t length;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_error(files->read(files->context, f.arena, cases[i][0], 100, &bytes, &length),
                    ERROR_INVALID, cases[i][1]);
    check_error(files->read(files->context, f.arena, "conf/a.yml", 3, &bytes, &length),
                ERROR_INVALID, "longer than 3 bytes");
    check_error(files->list(files->context, f.arena, "b", &names, &length), ERROR_INVALID,
                "it is a file");
}

static void bad_revisions_are_refused(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    Revision *revision = NULL;
    check_error(revision_open(".", "nothing", &revision), ERROR_INVALID,
                "there is no revision 'nothing' in the repository");
    check_error(revision_open(".", "HEAD:conf/a.yml", &revision), ERROR_INVALID,
                "there is no revision");
    check_error(revision_open("..", "HEAD", &revision), ERROR_INVALID, "is in no git repository");
    shell(GIT " clone -q --bare . ../bare.git");
    check_error(revision_open("../bare.git", "HEAD", &revision), ERROR_INVALID,
                "has no working tree");
    shell(GIT " clone -q --depth 1 file://$PWD ../shallow");
    check_error(revision_open("../shallow", "HEAD~1", &revision), ERROR_INVALID, "shallow clone");
    assert_null(revision);
}

/* -- a whole inventory ----------------------------------------------------------------------- */

static void digest_from(Arena *arena, const FileTree *tree, char ret[SHA256_HEX + 1])
{
    static const char *const paths[] = {"directory"};
    Diagnostics *diagnostics = diagnostics_new(arena);
    Inventory *inventory;
    check_fine(inventory_load_from(arena, tree, paths, 1, diagnostics, &inventory));
    assert_int_equal(diagnostics_error_count(diagnostics), 0);
    assert_true(inventory_host_count(inventory) > 2);
    inventory_digest(inventory, ret);
}

static void an_inventory_is_the_same_from_both(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    shell("cp -r " TESTS_DIR "/cases/inventory-ansible/directory .");
    git_commit_all();
    CLEANUP(revision_freep) Revision *revision = open_revision("HEAD");
    char from_disk[SHA256_HEX + 1], from_git[SHA256_HEX + 1];
    digest_from(f.arena, file_tree_disk(), from_disk);
    shell("rm -rf directory");
    digest_from(f.arena, revision_files(revision), from_git);
    assert_string_equal(from_disk, from_git);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_those_of_the_revision),
        cmocka_unit_test(paths_lead_where_they_would_in_the_working_tree),
        cmocka_unit_test(types_are_told_apart),
        cmocka_unit_test(lists_are_sorted_by_bytes),
        cmocka_unit_test(what_cannot_be_read_is_said),
        cmocka_unit_test(bad_revisions_are_refused),
        cmocka_unit_test(an_inventory_is_the_same_from_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
