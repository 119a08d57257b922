/* Which line of an HBA file decides, and which can never. */
#include "base/text.h"
#include "schema/hba_match.h"
#include "unit.h"

static const char users[] =
    "all: { children: { etcd: { hosts: { 10.0.0.9: { etcd_seq: 1 } } }, pg: {\n"
    "  vars: { pg_cluster: pg, pg_users: [ { name: boss, roles: [staff] },\n"
    "    { name: staff, roles: [readers, { name: writers, state: revoke }] },\n"
    "    { name: readers }, { name: writers, roles: [x] }, { name: x, roles: [writers] } ] },\n"
    "  hosts: { 10.0.0.1: { pg_seq: 1, pg_role: primary } } } } }\n";

static const HbaRoles *roles_of(Arena *arena)
{
    Inventory *inventory =
        inventory_load_bytes(arena, "f.yml", users, strlen(users), diagnostics_new(arena));
    assert_non_null(inventory);
    return hba_roles(arena, inventory_host(inventory, "10.0.0.1"));
}

/* Each line is a rule of its own; one that begins with '#' is of another role. */
static HbaEntries entries_of(Arena *arena, const char *text)
{
    char **texts;
    size_t count = text_split(arena, text, '\n', &texts);
    HbaLine *lines = ARENA_ARRAY(arena, HbaLine, count);
    for (size_t i = 0; i < count; i++) {
        lines[i] = (HbaLine){.rule = texts[i], .enabled = texts[i][0] != '#'};
        lines[i].source = value_text(arena, texts[i]);
    }
    return hba_entries(arena, roles_of(arena), lines, count);
}

static void members_are_found(void **state)
{
    const HbaRoles *roles = roles_of(*state);
    assert_true(hba_is_member(roles, "boss", "boss"));
    assert_true(hba_is_member(roles, "boss", "staff"));
    assert_true(hba_is_member(roles, "boss", "readers"));
    assert_false(hba_is_member(roles, "boss", "writers"));
    assert_false(hba_is_member(roles, "readers", "boss"));
    assert_false(hba_is_member(roles, "writers", "readers")); /* members of each other */
    assert_false(hba_is_member(roles, "stranger", "staff"));
    assert_true(hba_is_member(roles, "stranger", "stranger"));
}

enum { NONE = -1, UNKNOWN = -2 };

static int decided_by(const HbaEntries *entries, const HbaConnection *connection)
{
    size_t by;
    switch (hba_decide(entries, connection, &by)) {
    case HBA_NO_LINE:
        return NONE;
    case HBA_DECIDED:
        return (int)by;
    case HBA_UNKNOWN:
        break;
    }
    return UNKNOWN;
}

static const struct {
    const char *lines;
    HbaConnection connection;
    int by;
} connections[] = {
    {"host all all 10.0.0.0/8 md5\nhost all all 0.0.0.0/0 reject",
     {HBA_OVER_TCP, "app", "app", "10.1.1.1"},
     0},
    {"host all all 10.0.0.0/9 md5\nhost all all 0.0.0.0/0 reject",
     {HBA_OVER_TCP, "app", "app", "10.128.0.0"},
     1},
    {"host all all 10.0.0.0 255.128.0.0 md5", {HBA_OVER_TCP, "app", "app", "10.127.255.255"}, 0},
    {"host all all 10.0.0.0 255.128.0.0 md5", {HBA_OVER_TCP, "app", "app", "10.128.0.0"}, NONE},
    {"host all all ::1/128 md5\nhost all all fe80::/10 md5",
     {HBA_OVER_TCP, "app", "app", "fe80::1"},
     1},
    {"host all all ::/0 md5", {HBA_OVER_TCP, "app", "app", "10.1.1.1"}, NONE},
    {"host all all all md5", {HBA_OVER_TLS, "app", "app", "10.1.1.1"}, 0},
    {"hostssl all all all md5", {HBA_OVER_TCP, "app", "app", "10.1.1.1"}, NONE},
    {"hostssl all all all md5", {HBA_OVER_TLS, "app", "app", "10.1.1.1"}, 0},
    {"hostnossl all all all md5", {HBA_OVER_TLS, "app", "app", "10.1.1.1"}, NONE},
    {"hostgssenc all all all gss", {HBA_OVER_TLS, "app", "app", "10.1.1.1"}, NONE},
    {"hostnogssenc all all all gss", {HBA_OVER_TLS, "app", "app", "10.1.1.1"}, 0},
    {"local all all peer", {HBA_OVER_TCP, "app", "app", "127.0.0.1"}, NONE},
    {"local all all peer", {HBA_OVER_SOCKET, "app", "app", NULL}, 0},
    {"host all all all md5", {HBA_OVER_SOCKET, "app", "app", NULL}, NONE},
    {"local all all peer", {HBA_OVER_SOCKET, "app", NULL, NULL}, NONE}, /* all is no stream */
    {"local replication all peer", {HBA_OVER_SOCKET, "app", NULL, NULL}, 0},
    {"local \"replication\" all peer", {HBA_OVER_SOCKET, "app", NULL, NULL}, NONE},
    {"local replication all peer", {HBA_OVER_SOCKET, "app", "replication", NULL}, NONE},
    {"local a,b, c x,app peer", {HBA_OVER_SOCKET, "app", "c", NULL}, 0},
    {"local \"all\" all peer", {HBA_OVER_SOCKET, "app", "app", NULL}, NONE},
    {"local \"a \"\"b\" all peer", {HBA_OVER_SOCKET, "app", "a \"b", NULL}, 0},
    {"local sameuser all peer", {HBA_OVER_SOCKET, "app", "app", NULL}, 0},
    {"local sameuser all peer", {HBA_OVER_SOCKET, "app", "b", NULL}, NONE},
    {"local samerole all peer", {HBA_OVER_SOCKET, "boss", "readers", NULL}, 0},
    {"local all +readers peer", {HBA_OVER_SOCKET, "boss", "a", NULL}, 0},
    {"local all +\"readers\" peer", {HBA_OVER_SOCKET, "boss", "a", NULL}, 0},
    {"local all +writers peer", {HBA_OVER_SOCKET, "boss", "a", NULL}, NONE},
    {"#local all all trust\nlocal all all peer", {HBA_OVER_SOCKET, "boss", "a", NULL}, 0},
    {"local all /^b reject\nlocal all all peer", {HBA_OVER_SOCKET, "boss", "a", NULL}, UNKNOWN},
    {"local @list all reject", {HBA_OVER_SOCKET, "boss", "a", NULL}, UNKNOWN},
    {"host all x samenet md5\nhost all all all md5", {HBA_OVER_TCP, "app", "app", "10.1.1.1"}, 1},
    {"host all all samenet md5", {HBA_OVER_TCP, "app", "app", "10.1.1.1"}, UNKNOWN},
    {"host all all db.lan md5", {HBA_OVER_TCP, "app", "app", "10.1.1.1"}, UNKNOWN},
    {"host all all 10.0.0.0/99 md5", {HBA_OVER_TCP, "app", "app", "10.1.1.1"}, UNKNOWN},
    {"include other.conf", {HBA_OVER_TCP, "app", "app", "10.1.1.1"}, UNKNOWN},
    {"host all all all md5", {HBA_OVER_TCP, "app", "app", "somewhere"}, UNKNOWN},
    {"", {HBA_OVER_TCP, "app", "app", "10.1.1.1"}, NONE},
};

static void the_first_line_that_fits_decides(void **state)
{
    for (size_t i = 0; i < COUNT_OF(connections); i++) {
        HbaEntries entries = entries_of(*state, connections[i].lines);
        int by = decided_by(&entries, &connections[i].connection);
        if (by != connections[i].by)
            fail_msg("case %zu: %d decides\n%s", i, by, connections[i].lines);
    }
}

/* The last line of each. */
static const struct {
    const char *lines;
    int by;
} pairs[] = {
    {"host all all 10.0.0.0/8 md5\nhost a b 10.1.0.0/16 md5", 0},
    {"host all all 10.1.0.0/16 md5\nhost a b 10.0.0.0/8 md5", NONE},
    {"host all all all md5\nhost a b fe80::/64 md5", 0},
    {"host all all samenet md5\nhost a b 10.1.0.0/16 md5", NONE},
    {"host all all all md5\nhost a b samenet md5", 0},
    {"host all all 0.0.0.0/0 md5\nhost a b samenet md5", NONE},
    {"host all all all md5\nhostssl a b all md5", 0},
    {"hostssl all all all md5\nhost a b all md5", NONE},
    {"host all all all md5\nlocal a b md5", NONE},
    {"host all all all md5\nhost replication b all md5", NONE},
    {"host all all all md5\nhost sameuser b all md5", 0},
    {"host sameuser all all md5\nhost a a all md5", NONE},
    {"host a,b x,y all md5\nhost b,a y all md5", 0},
    {"host a x,y all md5\nhost b y all reject\nhost b,a y all md5", 1},
    {"host a x all md5\nhost b y all reject\nhost b,a x,y all md5", NONE},
    {"host all +readers all md5\nhost all boss all md5", 0},
    {"host all +readers all md5\nhost all +staff all md5", 0},
    {"host all +staff all md5\nhost all +readers all md5", NONE},
    {"host all /^a all md5\nhost all ab all md5", NONE},
    {"include other.conf\nhost all ab all md5", NONE},
    {"host all all all md5\ninclude other.conf", NONE},
    {"local all all peer\nlocal all postgres peer", 0},
};

static void covered_lines_are_found(void **state)
{
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        HbaEntries entries = entries_of(*state, pairs[i].lines);
        size_t by = 0;
        int found = hba_is_covered(&entries, entries.count - 1, &by) ? (int)by : NONE;
        if (found != pairs[i].by)
            fail_msg("case %zu: covered by %d\n%s", i, found, pairs[i].lines);
    }
}

static void lines_of_one_rule_do_not_cover_each_other(void **state)
{
    const Value *rule = value_text(*state, "rule");
    HbaLine lines[] = {
        {.rule = "host all all all md5", .enabled = true, .source = rule},
        {.rule = "host a b all md5", .enabled = true, .source = rule},
    };
    HbaEntries entries = hba_entries(*state, roles_of(*state), lines, COUNT_OF(lines));
    size_t by;
    assert_false(hba_is_covered(&entries, 1, &by));
    assert_true(hba_asks_the_same(&entries, 0, 1));
    assert_string_equal(hba_entry_method(&entries, 1), "md5");
    assert_ptr_equal(hba_entry_line(&entries, 1), &lines[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(members_are_found, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(the_first_line_that_fits_decides, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(covered_lines_are_found, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(lines_of_one_rule_do_not_cover_each_other, arena_setup,
                                        arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
