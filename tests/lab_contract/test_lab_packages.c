/* Package repository, lists and the install job, on the node that has the packages. */
#include "base/clock.h"
#include "lab_contract/lab_world.h"

#define REPO_ARGS "{\"path\":\"/www/pigsty\"}"

static void index_and_lists(void **state)
{
    Lab *lab = *state;
    Reading before = lab_read(lab, "node.repo", "[\"/www/pigsty\"]");
    assert_string_equal(lab_value(lab, &before, "~1www~1pigsty/index_current"), "false");
    assert_int_equal(lab_do(lab, EFFECT_REPO_INDEX, REPO_ARGS), 1);
    assert_int_equal(lab_do(lab, EFFECT_REPO_INDEX, REPO_ARGS), 0);
    Reading after = lab_read(lab, "node.repo", "[\"/www/pigsty\"]");
    assert_string_equal(lab_value(lab, &after, "~1www~1pigsty/index_current"), "true");
    assert_string_equal(lab_sh(lab, "cd /www/pigsty; ls *.deb | wc -l; grep -c ^SHA256 Packages"),
                        lab_sh(lab, "cd /www/pigsty; ls *.deb | wc -l; ls *.deb | wc -l"));
    lab_sh(lab, "rm /www/pigsty/acl_*.deb");
    Reading gone = lab_read(lab, "node.repo", "[\"/www/pigsty\"]");
    assert_string_equal(lab_value(lab, &gone, "~1www~1pigsty/index_current"), "false");
    assert_int_equal(lab_do(lab, EFFECT_REPO_INDEX, REPO_ARGS), 1);

    lab_do(lab, EFFECT_FILE_PUT,
           "{\"path\":\"/etc/apt/sources.list.d/pgsteer.list\",\"content\":"
           "\"deb [trusted=yes] file:/www/pigsty ./\\n\",\"owner\":\"root\",\"group\":\"root\","
           "\"mode\":\"0644\"}");
    assert_int_equal(
        lab_do(lab, EFFECT_APT_UPDATE, "{\"list\":\"/etc/apt/sources.list.d/pgsteer.list\"}"), 1);
    const char *error = lab_error(lab, EFFECT_APT_UPDATE, "{\"list\":\"/none.list\"}");
    assert_true(!error || strstr(error, "package lists"));
}

/* Services do not start, nothing is left of the means that kept them from it. */
static void installs_without_starting(void **state)
{
    Lab *lab = *state;
    lab_sh(lab, "echo '#!/bin/sh\nexit 0' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d");
    assert_int_equal(lab_do(lab, EFFECT_PACKAGES, "{\"names\":[\"haproxy\",\"pgbouncer\"]}"), 1);
    assert_int_equal(lab_do(lab, EFFECT_PACKAGES, "{\"names\":[\"haproxy\",\"pgbouncer\"]}"), 0);
    assert_string_equal(lab_sh(lab, "systemctl is-active haproxy pgbouncer"), "inactive\ninactive");
    assert_string_equal(lab_sh(lab, "tail -1 /usr/sbin/policy-rc.d; ls /usr/sbin/policy*"),
                        "exit 0\n/usr/sbin/policy-rc.d");
    lab_sh(lab, "rm /usr/sbin/policy-rc.d");
    Reading packages = lab_read(lab, "node.packages", NULL);
    assert_string_not_equal(lab_value(lab, &packages, "installed/haproxy"), "(none)");
}

static void says_which_package_is_missing(void **state)
{
    Lab *lab = *state;
    const char *error = lab_error(lab, EFFECT_PACKAGES, "{\"names\":[\"etcd-client\",\"nosuch\"]}");
    assert_non_null(error);
    if (!strstr(error, "Unable to locate package nosuch") || !strstr(error, lab->node))
        fail_msg("%s", error);
    assert_string_equal(lab_sh(lab, "ls /usr/sbin/policy-rc.d 2>/dev/null"), "");
    /* A failed job does not stand in the way of the next. */
    assert_int_equal(lab_do(lab, EFFECT_PACKAGES, "{\"names\":[\"etcd-client\"]}"), 1);
    Reading jobs = lab_read(lab, "node.jobs", NULL);
    assert_string_equal(lab_value(lab, &jobs, ""), "{}");
}

/* The runner goes away in the middle: the job goes on, the next run waits for it. */
static void a_second_runner_attaches(void **state)
{
    Lab *lab = *state;
    static const char args[] = "{\"names\":[\"postgresql-15\",\"patroni\"]}";
    Error *error = lab_perform_within(lab, EFFECT_PACKAGES, args, 2500);
    check_error(error, ERROR_UNREACHABLE, "did not finish");
    assert_string_equal(lab_sh(lab, "systemctl is-active pgsteer-packages"), "active");
    Reading jobs = lab_read(lab, "node.jobs", NULL);
    assert_string_equal(lab_value(lab, &jobs, "pgsteer-packages.service/active"), "\"active\"");
    assert_int_equal(lab_do(lab, EFFECT_PACKAGES, args), 1);
    assert_string_equal(
        lab_sh(lab, "journalctl -q -o cat -u pgsteer-packages | grep -c '^Started'; "
                    "grep -c Commandline /var/log/apt/history.log; "
                    "grep Commandline /var/log/apt/history.log | grep -c postgresql-15; "
                    "dpkg-query -W -f '${Status}' patroni"),
        lab_sh(lab, "journalctl -q -o cat -u pgsteer-packages | grep -c '^Started'; "
                    "grep -c Commandline /var/log/apt/history.log; echo 1; "
                    "printf 'install ok installed'"));
}

/* The job itself is killed in the middle of unpacking: the next run repairs and finishes. */
static void a_killed_job_is_repaired(void **state)
{
    Lab *lab = *state;
    lab_sh(
        lab,
        "apt-get -q -y remove --purge postgresql-15 patroni postgresql-client-15 >/dev/null 2>&1; "
        "cat >/usr/local/bin/killer <<'X'\n#!/bin/sh\n"
        "until grep -q ' unpack\\| half-installed ' /var/lib/dpkg/triggers/none 2>/dev/null || "
        "dpkg-query -W -f '${db:Status-Status}\\n' | grep -q -e unpacked -e half; do :; done\n"
        "systemctl kill -s KILL pgsteer-packages\nX\n"
        "chmod 755 /usr/local/bin/killer; systemd-run -q /usr/local/bin/killer");
    static const char args[] = "{\"names\":[\"postgresql-15\",\"patroni\"]}";
    const char *error = lab_error(lab, EFFECT_PACKAGES, args);
    assert_non_null(error);
    if (!strstr(error, "ended from outside"))
        fail_msg("%s", error);
    Reading half = lab_read(lab, "node.packages", NULL);
    assert_string_not_equal(lab_value(lab, &half, "half"), "[]");
    assert_int_equal(lab_do(lab, EFFECT_PACKAGES, args), 1);
    Reading whole = lab_read(lab, "node.packages", NULL);
    assert_string_equal(lab_value(lab, &whole, "half"), "[]");
    assert_string_equal(lab_sh(lab, "ls /usr/sbin/policy-rc.d 2>/dev/null"), "");
}

static void a_full_disk_is_said(void **state)
{
    Lab *lab = *state;
    lab_sh(lab, "mkdir -p /srv/full; mount -t tmpfs -o size=64k tmpfs /srv/full; "
                "echo old >/srv/full/f; cat /dev/zero >/srv/full/rest 2>/dev/null");
    const char *error =
        lab_error(lab, EFFECT_FILE_PUT,
                  arena_printf(lab->arena,
                               "{\"path\":\"/srv/full/f\",\"content\":\"%0*d\","
                               "\"owner\":\"root\",\"group\":\"root\",\"mode\":\"0644\"}",
                               20000, 1));
    assert_non_null(error);
    if (!strstr(error, "No space left on device") || !strstr(error, "/srv/full/f"))
        fail_msg("%s", error);
    assert_string_equal(lab_sh(lab, "cat /srv/full/f; ls -A /srv/full"), "old\nf\nrest");
    lab_sh(lab, "umount /srv/full");
}

static void refused_sudo_is_said(void **state)
{
    Lab *lab = *state;
    lab_sh(lab, "useradd -m nosudo; mkdir -m 700 /home/nosudo/.ssh; "
                "cp /home/admin/.ssh/authorized_keys /home/nosudo/.ssh/; "
                "chown -R nosudo:nosudo /home/nosudo");
    World *world = lab_world_as("nosudo");
    ReadRequest request = {.source = source_find("node.os"), .subject = lab->node};
    Reading reading = {0};
    Error *error = world->read(world, lab->node, &request, 1, clock_monotonic_ms() + 20000,
                               lab->arena, &reading);
    check_error(error, ERROR_REFUSED, "sudo");
    world->free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(index_and_lists),
        cmocka_unit_test(installs_without_starting),
        cmocka_unit_test(says_which_package_is_missing),
        cmocka_unit_test(a_second_runner_attaches),
        cmocka_unit_test(a_killed_job_is_repaired),
        cmocka_unit_test(a_full_disk_is_said),
        cmocka_unit_test(refused_sudo_is_said),
    };
    return cmocka_run_group_tests_name("lab_packages", tests, lab_setup, lab_teardown);
}
