/* Directories, group_vars and host_vars: what is refused, what is not read and who says so. What
 * is merged how: test_inventory_ansible.c. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "schema/inventory.h"
#include "unit.h"

enum { FILES_MAX = 6 };

#define GOOD "all: { children: { pg-a: { hosts: { 10.0.0.1: } } } }\n"
#define NOT_RUN                                                                                    \
    "An inventory is data, nothing in it is run. Write what it gives into a YAML file:\n"          \
    "ansible-inventory -i FILE --list --yaml"

#define WAIVERS "pgsteer_waivers: []\n"
#define FOR_ALL "Write it into the vars of all: it counts for the inventory."

typedef struct Entry {
    const char *path; /* "dir/" a directory */
    const char *text; /* "->PATH" a link, "|" a pipe */
} Entry;

typedef struct SourceCase {
    Entry files[FILES_MAX];
    const char *source;
    const char *says; /* "CODE message" of those about sources; D stands for the directory */
    const char *advice;
} SourceCase;

static const SourceCase cases[] = {
    {{{"i/a.yml", GOOD}, {"i/b", "#!/bin/sh\necho {}\n"}},
     "i",
     "E060 D/i/b cannot be read: it is a script",
     NOT_RUN},
    {{{"b.yml", "#!/usr/bin/env python3\n"}},
     "b.yml",
     "E060 D/b.yml cannot be read: it is a script",
     NOT_RUN},
    {{{"i/a.yml", GOOD}, {"i/hosts", "# ours\n[etcd]\n10.0.0.1 etcd_seq=1\n"}},
     "i",
     "E060 D/i/hosts cannot be read: it is in the INI format",
     NOT_RUN},
    {{{"hosts", "; ours\n\n10.0.0.1 etcd_seq=1\n"}},
     "hosts",
     "E060 D/hosts cannot be read: it is in the INI format",
     NOT_RUN},
    {{{"i/a.yml", GOOD}, {"i/b.toml", "[all.vars]\n"}},
     "i",
     "E060 D/i/b.toml cannot be read: it is a file with the extension .toml",
     NOT_RUN},
    {{{"a.yml", "$ANSIBLE_VAULT;1.1;AES256\n3132\n"}},
     "a.yml",
     "E060 D/a.yml cannot be read: it is encrypted as a whole",
     "Encrypt single values instead: ansible-vault encrypt_string"},
    {{{"a.yml", GOOD}, {"group_vars/all", "$ANSIBLE_VAULT;1.1;AES256\n3132\n"}},
     "a.yml",
     "E060 D/group_vars/all cannot be read: it is encrypted as a whole",
     "Encrypt single values instead: ansible-vault encrypt_string"},
    {{{"a.yml", "plugin: amazon.aws.aws_ec2\n"}},
     "a.yml",
     "E060 D/a.yml cannot be read: it is a configuration of the plugin amazon.aws.aws_ec2",
     NOT_RUN},
    {{{"i/", NULL}}, "i", "E061 'D/i' holds no inventory file", NULL},
    {{{"i/a.bak", GOOD}}, "i/", "E061 'D/i' holds no inventory file", NULL},
    {{{"i/a.yml", GOOD}, {"i/b.yml", "|"}},
     "i",
     "E061 'D/i/b.yml' is neither a file nor a directory",
     NULL},
    {{{"i/a.yml", GOOD}, {"i/b.yml", "->none"}},
     "i",
     "E061 cannot read 'D/i/b.yml': No such file or directory",
     NULL},
    {{{"i/a.yml", GOOD}, {"i/again", "->."}},
     "i",
     "E061 'D/i/again' is the same directory as 'D/i'",
     NULL},
    {{{"i/a/b/c/d/e/f/g/h/i/a.yml", GOOD}},
     "i",
     "E061 'D/i/a/b/c/d/e/f/g/h/i' is nested too deeply",
     NULL},
    {{{"a.yml", GOOD}, {"group_vars/pg-a/x", "->."}},
     "a.yml",
     "E061 'D/group_vars/pg-a/x' is the same directory as 'D/group_vars/pg-a'",
     NULL},
    {{{"a.yml", GOOD}, {"group_vars/all/x", "a: 1"}, {"group_vars/pg-a", "->all"}},
     "a.yml",
     NULL,
     NULL},
    {{{"a.yml", GOOD}, {"group_vars/pg-a", "|"}},
     "a.yml",
     "E061 'D/group_vars/pg-a' is neither a file nor a directory",
     NULL},
    {{{"a.yml", GOOD}, {"group_vars/pg-a.yml", WAIVERS}},
     "a.yml",
     "E057 pgsteer_waivers of a group or host is not read",
     FOR_ALL},
    {{{"a.yml", GOOD}, {"host_vars/10.0.0.1", WAIVERS}},
     "a.yml",
     "E057 pgsteer_waivers of a group or host is not read",
     FOR_ALL},
    {{{"a.yml", GOOD}, {"group_vars/all.yml", WAIVERS}}, "a.yml", NULL, NULL},
    {{{"a.yml", GOOD}, {"group_vars/pg-b.yml", "a: 1"}},
     "a.yml",
     "W060 D/group_vars/pg-b.yml is not read: there is no group pg-b",
     "Did you mean pg-a?"},
    {{{"a.yml", GOOD}, {"group_vars/else", "a: 1"}},
     "a.yml",
     "W060 D/group_vars/else is not read: there is no group else",
     NULL},
    {{{"a.yml", GOOD}, {"host_vars/10.0.0.2", "a: 1"}},
     "a.yml",
     "W060 D/host_vars/10.0.0.2 is not read: there is no node 10.0.0.2",
     "Did you mean 10.0.0.1?"},
    {{{"a.yml", GOOD}, {"group_vars/pg-a.yml", "a: 1"}, {"group_vars/pg-a.yaml", "a: 1"}},
     "a.yml",
     "W060 D/group_vars/pg-a.yaml is not read: D/group_vars/pg-a.yml goes before it",
     "Put both into one directory of that name."},
    {{{"a.yml", GOOD}, {"group_vars/pg-a.yml", "->none"}},
     "a.yml",
     "W060 D/group_vars/pg-a.yml is not read: the link leads nowhere",
     NULL},
    {{{"a.yml", GOOD}, {"host_vars/10.0.0.1/x", "->none"}},
     "a.yml",
     "W060 D/host_vars/10.0.0.1/x is not read: the link leads nowhere",
     NULL},
    {{{"a.yml", GOOD}, {"host_vars/10.0.0.1/x.toml", "a = 1"}},
     "a.yml",
     "W060 D/host_vars/10.0.0.1/x.toml is not read: it has the extension .toml",
     "Read are .yml, .yaml, .json and names without an extension."},
    {{{"a.yml", GOOD}, {"group_vars", "a: 1"}},
     "a.yml",
     "W060 D/group_vars is not read: it is no directory",
     NULL},
    {{{"i/a.yml", GOOD}, {"i/sub/host_vars/10.0.0.1", "a: 1"}, {"i/sub/b.yml", GOOD}},
     "i",
     "W060 D/i/sub/host_vars is not read: it is in a subdirectory of the inventory",
     "They count in a directory that -i names, and beside a file that -i names."},
    {{{"a.yml", GOOD},
      {"group_vars/notes.txt", "a"},
      {"group_vars/.x", "a"},
      {"host_vars/x~", "a"}},
     "a.yml",
     NULL,
     NULL},
};

static void make(Arena *arena, const char *directory, const Entry *entry)
{
    const char *path = arena_printf(arena, "%s/%s", directory, entry->path);
    bool is_directory = text_ends_with(path, "/");
    check_fine(file_make_dirs(is_directory ? path : file_dirname(arena, path), 0700));
    if (is_directory)
        return;
    if (text_starts_with(entry->text, "->"))
        assert_int_equal(symlink(entry->text + 2, path), 0);
    else if (strcmp(entry->text, "|") == 0)
        assert_int_equal(mkfifo(path, 0600), 0);
    else
        check_fine(file_write_all(path, 0600, entry->text, strlen(entry->text)));
}

/* With the directory's name for every D that begins a path. */
static const char *expected(Arena *arena, const char *text, const char *directory)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    for (; *text; text++) {
        if (text_starts_with(text, "D/"))
            text_add(&out, directory);
        else
            text_add_char(&out, *text);
    }
    return text_copy(&out, arena);
}

static void check_said(Arena *arena, Diagnostics *diagnostics, const SourceCase *row,
                       const char *directory)
{
    const char *wanted = row->says ? expected(arena, row->says, directory) : NULL;
    size_t found = 0;
    for (size_t i = 0; i < diagnostics_count(diagnostics); i++) {
        const Diagnostic *problem = diagnostics_at(diagnostics, i);
        bool is_counted =
            text_starts_with(problem->code + 1, "06") || text_equal(problem->code, "E057");
        if (!is_counted)
            continue;
        const char *said = arena_printf(arena, "%s %s", problem->code, problem->message);
        if (!text_equal(said, wanted) || !text_equal(problem->advice, row->advice))
            fail_msg("'%s' (%s) instead of '%s'", said, problem->advice, wanted);
        found++;
    }
    if (found != (wanted ? 1 : 0))
        fail_msg("%zu times instead of '%s'", found, wanted);
}

static void what_is_no_inventory_is_named(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char directory[] = "/tmp/pgsteer-sources-XXXXXX";
        assert_non_null(mkdtemp(directory));
        for (size_t f = 0; f < FILES_MAX && cases[i].files[f].path; f++)
            make(*state, directory, &cases[i].files[f]);
        const char *path = arena_printf(*state, "%s/%s", directory, cases[i].source);
        Diagnostics *diagnostics = diagnostics_new(*state);
        Inventory *inventory;
        check_fine(inventory_load(*state, &path, 1, diagnostics, &inventory));
        assert_int_equal(system(arena_printf(*state, "rm -rf %s", directory)), 0);
        check_said(*state, diagnostics, &cases[i], directory);
    }
}

/* What is bounded is the whole inventory, not only each of its files. */
static void all_files_together_are_bounded(void **state)
{
    char directory[] = "/tmp/pgsteer-sources-XXXXXX";
    assert_non_null(mkdtemp(directory));
    for (int i = 0; i < 3; i++) { /* holes take no room */
        const char *path = arena_printf(*state, "%s/%d.yml", directory, i);
        check_fine(file_write_all(path, 0600, "", 0));
        assert_int_equal(truncate(path, i == 1 ? 0 : 40 << 20), 0);
    }
    const char *path = directory;
    Diagnostics *diagnostics = diagnostics_new(*state);
    Inventory *inventory;
    check_fine(inventory_load(*state, &path, 1, diagnostics, &inventory));
    assert_int_equal(system(arena_printf(*state, "rm -rf %s", directory)), 0);
    const Diagnostic *last = diagnostics_at(diagnostics, diagnostics_count(diagnostics) - 1);
    assert_string_equal(last->code, "E061");
    assert_non_null(strstr(last->message, "/2.yml' is not read: all files together are longer"));
    assert_int_equal(diagnostics_error_count(diagnostics), 3);
}

/* Named, and never ending. */
static void devices_are_read_up_to_the_bound(void **state)
{
    const char *path = "/dev/zero";
    Inventory *inventory;
    check_error(inventory_load(*state, &path, 1, diagnostics_new(*state), &inventory),
                ERROR_INVALID, "longer than 67108864 bytes");
    assert_null(inventory);
}

/* The bytes of all files count, wherever they were found. */
static void the_digest_is_over_all_files(void **state)
{
    static const Entry files[] = {{"a.yml", GOOD}, {"group_vars/all", "a: 1"}};
    char directory[] = "/tmp/pgsteer-sources-XXXXXX", digest[SHA256_HEX + 1], want[SHA256_HEX + 1];
    assert_non_null(mkdtemp(directory));
    for (size_t f = 0; f < COUNT_OF(files); f++)
        make(*state, directory, &files[f]);
    const char *path = arena_printf(*state, "%s/a.yml", directory);
    Inventory *inventory;
    check_fine(inventory_load(*state, &path, 1, diagnostics_new(*state), &inventory));
    assert_int_equal(system(arena_printf(*state, "rm -rf %s", directory)), 0);
    inventory_digest(inventory, digest);
    sha256_hex(GOOD "a: 1", strlen(GOOD "a: 1"), want);
    assert_string_equal(digest, want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_no_inventory_is_named, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(all_files_together_are_bounded, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(devices_are_read_up_to_the_bound, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(the_digest_is_over_all_files, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
