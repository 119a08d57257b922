/* Certificates, etcd with TLS and users, PostgreSQL through the relay, Patroni's API. */
#include "base/clock.h"
#include "base/digest.h"
#include "lab_contract/lab_world.h"

#define CERT_ARGS(name, cn, sans)                                                                  \
    "{\"ca_host\":\"10.10.10.10\",\"ca_path\":\"/etc/pgsteer/ca\",\"cn\":\"" cn                    \
    "\",\"sans\":[" sans "],\"days\":7300,\"key\":\"/etc/etcd/" name                               \
    ".key\",\"cert\":\"/etc/etcd/" name ".crt\",\"ca\":\"/etc/etcd/ca.crt\",\"owner\":\"etcd\","   \
    "\"group\":\"etcd\",\"key_mode\":\"0600\"}"

#define SERVER_SANS "\"DNS:localhost\",\"DNS:etcd-1\",\"IP:127.0.0.1\",\"IP:10.10.10.11\""

/* The authority is another node: its effects are performed there. */
static int64_t do_on_ca(Lab *lab, EffectType type, const char *args)
{
    Lab there = *lab;
    there.node = lab->ca;
    return lab_do(&there, type, args);
}

static void certificates(void **state)
{
    Lab *lab = *state;
    static const char ca[] = "{\"path\":\"/etc/pgsteer/ca\",\"cn\":\"pgsteer-ca\",\"days\":36500}";
    assert_true(lab_error(lab, EFFECT_CERT, CERT_ARGS("server", "etcd-1", SERVER_SANS)) != NULL);
    assert_int_equal(do_on_ca(lab, EFFECT_CA, ca), 1);
    assert_int_equal(do_on_ca(lab, EFFECT_CA, ca), 0);
    assert_int_equal(lab_do(lab, EFFECT_CERT, CERT_ARGS("server", "etcd-1", SERVER_SANS)), 1);
    assert_int_equal(lab_do(lab, EFFECT_CERT, CERT_ARGS("server", "etcd-1", SERVER_SANS)), 0);
    assert_int_equal(lab_do(lab, EFFECT_CERT, CERT_ARGS("root", "root", "")), 1);
    assert_int_equal(lab_do(lab, EFFECT_CERT, CERT_ARGS("root", "root", "")), 0);

    Reading certs = lab_read(lab, "node.certs", "[\"/etc/etcd/server.crt\"]");
    assert_string_equal(lab_value(lab, &certs, "~1etc~1etcd~1server.crt/cn"), "\"etcd-1\"");
    assert_string_equal(lab_value(lab, &certs, "~1etc~1etcd~1server.crt/issuer"), "\"pgsteer-ca\"");
    assert_string_equal(lab_value(lab, &certs, "~1etc~1etcd~1server.crt/key_matches"), "true");
    assert_string_equal(lab_value(lab, &certs, "~1etc~1etcd~1server.crt/sans"),
                        "[" SERVER_SANS "]");
    assert_string_equal(
        lab_sh(lab, "cd /etc/etcd; openssl verify -CAfile ca.crt server.crt root.crt; "
                    "stat -c '%U %a' server.key server.crt; ls -A"),
        "server.crt: OK\nroot.crt: OK\netcd 600\netcd 644\nca.crt\nroot.crt\nroot.key\nserver.crt\n"
        "server.key");
    /* Another name makes another certificate; the authority's key stays where it is. */
    assert_int_equal(lab_do(lab, EFFECT_CERT, CERT_ARGS("server", "etcd-2", SERVER_SANS)), 1);
    assert_int_equal(lab_do(lab, EFFECT_CERT, CERT_ARGS("server", "etcd-1", SERVER_SANS)), 1);
    assert_true(strstr(lab_error(lab, EFFECT_CERT, CERT_ARGS("x", "$(touch /canary)", "")),
                       "cannot be the name") != NULL);
}

static const char etcd_yml[] =
    "name: etcd-1\\ndata-dir: /data/etcd\\nlisten-peer-urls: https://10.10.10.11:2380\\n"
    "listen-client-urls: https://10.10.10.11:2379,https://127.0.0.1:2379\\n"
    "initial-advertise-peer-urls: https://10.10.10.11:2380\\n"
    "advertise-client-urls: https://10.10.10.11:2379\\n"
    "initial-cluster: etcd-1=https://10.10.10.11:2380\\ninitial-cluster-state: new\\n"
    "client-transport-security:\\n  cert-file: /etc/etcd/server.crt\\n"
    "  key-file: /etc/etcd/server.key\\n  client-cert-auth: true\\n"
    "  trusted-ca-file: /etc/etcd/ca.crt\\npeer-transport-security:\\n"
    "  cert-file: /etc/etcd/server.crt\\n  key-file: /etc/etcd/server.key\\n"
    "  client-cert-auth: true\\n  trusted-ca-file: /etc/etcd/ca.crt\\n";

/* Each operation twice: the second changes nothing. */
static void twice(Lab *lab, EffectType type, const char *args)
{
    if (lab_do(lab, type, args) != 1)
        fail_msg("%s did not change anything", args);
    if (lab_do(lab, type, args) != 0)
        fail_msg("%s changed something again", args);
}

static void etcd_with_tls(void **state)
{
    Lab *lab = *state;
    lab_do(lab, EFFECT_DIR,
           "{\"path\":\"/data/etcd\",\"owner\":\"etcd\",\"group\":\"etcd\",\"mode\":\"0700\"}");
    lab_do(lab, EFFECT_FILE_PUT,
           arena_printf(lab->arena,
                        "{\"path\":\"/etc/etcd/etcd.yml\",\"content\":\"%s\",\"owner\":\"etcd\","
                        "\"group\":\"etcd\",\"mode\":\"0640\"}",
                        etcd_yml));
    Reading before = lab_read(lab, "etcd.member", NULL);
    assert_string_equal(lab_value(lab, &before, "configured"), "true");
    assert_string_equal(lab_value(lab, &before, "healthy"), "false");
    assert_string_equal(lab_value(lab, &before, "auth_enabled"), "null");
    assert_string_equal(lab_value(lab, &before, "data_initialized"), "false");
    lab_do(lab, EFFECT_FILE_PUT,
           "{\"path\":\"/etc/systemd/system/etcd.service\",\"content\":\"[Service]\\nType=notify\\n"
           "User=etcd\\nExecStart=/usr/bin/etcd --config-file /etc/etcd/etcd.yml\\n\",\"owner\":"
           "\"root\",\"group\":\"root\",\"mode\":\"0644\"}");
    lab_do(lab, EFFECT_UNIT, "{\"action\":\"daemon-reload\"}");
    twice(lab, EFFECT_UNIT, "{\"name\":\"etcd\",\"action\":\"start\"}");
}

static void etcd_users(void **state)
{
    Lab *lab = *state;
    twice(lab, EFFECT_ETCD, "{\"op\":\"role_put\",\"name\":\"root\"}");
    assert_int_equal(lab_do(lab, EFFECT_ETCD,
                            "{\"op\":\"user_put\",\"name\":\"root\",\"password\":\"r'$(x)\\\"\","
                            "\"roles\":[\"root\"]}"),
                     1);
    twice(lab, EFFECT_ETCD, "{\"op\":\"auth_enable\"}");
    twice(lab, EFFECT_ETCD,
          "{\"op\":\"role_put\",\"name\":\"pg-test\",\"prefix\":\"/pg/pg-test/\"}");
    twice(lab, EFFECT_ETCD,
          "{\"op\":\"user_put\",\"name\":\"pg-test\",\"password\":\"a'b\\\"c:d@e#f%\",\"roles\":["
          "\"pg-"
          "test\"]}");
    twice(lab, EFFECT_ETCD,
          "{\"op\":\"user_put\",\"name\":\"pg-test\",\"password\":\"other\",\"roles\":[\"pg-test\"]"
          "}");
    twice(lab, EFFECT_ETCD,
          "{\"op\":\"key_put\",\"key\":\"/pg/pg-test/initialize\",\"value\":\"7412345\"}");
    twice(lab, EFFECT_ETCD,
          "{\"op\":\"key_put\",\"key\":\"/pg/pg-test/leader\",\"value\":\"pg-test-1\"}");
    assert_non_null(lab_error(lab, EFFECT_ETCD, "{\"op\":\"prefix_delete\",\"prefix\":\"/\"}"));
    assert_non_null(lab_error(lab, EFFECT_ETCD, "{\"op\":\"$(touch /canary)\"}"));

    Reading after = lab_read(lab, "etcd.member", NULL);
    static const struct {
        const char *path, *want;
    } cases[] = {
        {"data_initialized", "true"},
        {"healthy", "true"},
        {"auth_enabled", "true"},
        {"members/0/name", "\"etcd-1\""},
        {"members/0/started", "true"},
        {"members/0/peer_urls", "[\"https://10.10.10.11:2380\"]"},
        {"users", "[\"pg-test\",\"root\"]"},
        {"roles/pg-test", "[\"/pg/pg-test/\"]"},
        {"clusters/pg-test/initialize", "\"7412345\""},
        {"clusters/pg-test/leader", "\"pg-test-1\""},
        {"clusters/pg-test/has_config", "false"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (strcmp(lab_value(lab, &after, cases[i].path), cases[i].want) != 0)
            fail_msg("%s: got %s", cases[i].path, lab_value(lab, &after, cases[i].path));
    }
    assert_string_equal(lab_sh(lab, "ls / | grep canary"), "");
}

#define MEMBER(op, n, rest)                                                                        \
    "{\"op\":\"" op "\",\"name\":\"etcd-" n "\",\"peer_url\":\"https://10.10.10.1" n               \
    ":2380\"" rest "}"

/* After etcd: one member, which goes on alone while a newcomer that never starts has no vote. */
static void a_learner_of_etcd(void **state)
{
    Lab *lab = *state;
    static const char second[] = MEMBER("member_add", "2", ",\"learner\":true");
    static const char third[] = MEMBER("member_add", "3", ",\"learner\":true");
    twice(lab, EFFECT_ETCD, second);
    Reading with = lab_read(lab, "etcd.member", NULL);
    assert_string_equal(lab_value(lab, &with, "healthy"), "true");
    assert_non_null(strstr(lab_value(lab, &with, "members"), "\"learner\":true"));
    assert_non_null(strstr(lab_value(lab, &with, "members"), "\"learner\":false"));
    const char *early = lab_error(lab, EFFECT_ETCD, MEMBER("member_promote", "2", ""));
    assert_non_null(early);
    assert_non_null(strstr(early, "in sync with leader"));
    assert_non_null(strstr(lab_error(lab, EFFECT_ETCD, third), "too many learner"));
    assert_non_null(strstr(lab_error(lab, EFFECT_ETCD, MEMBER("member_promote", "3", "")),
                           "no member at https://10.10.10.13:2380"));
    assert_non_null(strstr(lab_error(lab, EFFECT_ETCD, MEMBER("learner_remove", "1", "")),
                           "no learner any more"));
    twice(lab, EFFECT_ETCD, MEMBER("learner_remove", "2", ""));
    Reading without = lab_read(lab, "etcd.member", NULL);
    assert_string_equal(lab_value(lab, &without, "members/1"), "(none)");
}

static void sql_over_the_relay(void **state)
{
    Lab *lab = *state;
    lab_sh(lab, "mkdir -p /data/postgres/t; chown -R postgres: /data/postgres; "
                "ln -s /data/postgres/t /pg; mkdir /pg/data; chown postgres: /pg/data; "
                "ln -sfn /usr/lib/postgresql/15 /usr/pgsql");
    Reading none = lab_read(lab, "node.data", NULL);
    assert_string_equal(lab_value(lab, &none, "empty"), "true");
    Reading refused = lab_read(lab, "sql.member", NULL);
    assert_null(refused.value);
    assert_non_null(strstr(refused.unknown_reason, "/var/run/postgresql/.s.PGSQL.5432"));

    lab_sh(lab, "cd /tmp; sudo -u postgres /usr/pgsql/bin/initdb -D /pg/data -k >/dev/null 2>&1; "
                "echo \"unix_socket_directories='/var/run/postgresql'\nlog_statement=all\n"
                "logging_collector=on\nlog_directory='/tmp/pglog'\" >>/pg/data/postgresql.conf; "
                "sudo -u postgres /usr/pgsql/bin/pg_ctl -D /pg/data -w -l /tmp/pg.log start "
                ">/dev/null 2>&1");
    Reading data = lab_read(lab, "node.data", NULL);
    assert_string_equal(lab_value(lab, &data, "initialized"), "true");
    assert_string_equal(lab_value(lab, &data, "version"), "\"15\"");
    assert_string_equal(lab_value(lab, &data, "timeline"), "1");
    assert_string_not_equal(lab_value(lab, &data, "postmaster_pid"), "0");
    assert_non_null(
        strstr(lab_error(lab, EFFECT_DATA_REMOVE, "{\"path\":\"/pg/data\"}"), "a server runs"));
    Reading member = lab_read(lab, "sql.member", NULL);
    assert_string_equal(lab_value(lab, &member, "in_recovery"), "false");
    assert_string_equal(lab_value(lab, &member, "timeline"), "1");
    assert_string_equal(lab_value(lab, &member, "settings/max_connections/context"),
                        "\"postmaster\"");
    assert_string_equal(lab_value(lab, &member, "hba_errors"), "[]");
}

#define SQL(op, rest) "{\"op\":\"" op "\"," rest "}"

static const char *const operations[] = {
    SQL("role_create", "\"name\":\"Odd \\\"name\\\" '\""),
    SQL("role_create", "\"name\":\"app\""),
    SQL("role_create", "\"name\":\"readers\""),
    SQL("role_create", "\"name\":\"dbuser_monitor\""),
    SQL("role_alter",
        "\"name\":\"app\",\"attributes\":{\"login\":true,\"createdb\":true,\"connlimit\":7,"
        "\"valid_until\":\"2035-01-01\"}"),
    SQL("role_alter", "\"name\":\"app\",\"attributes\":{\"createdb\":false,\"valid_until\":null}"),
    SQL("role_password", "\"name\":\"app\",\"verifier\":\"pa'ss\\\"\\\\word canary77\""),
    SQL("role_password", "\"name\":\"readers\",\"verifier\":\"p\\u00e4ssw\\u00f6rd\""),
    SQL("role_setting", "\"name\":\"app\",\"setting\":\"work_mem\",\"value\":\"64MB\""),
    SQL("role_setting", "\"name\":\"app\",\"setting\":\"search_path\",\"value\":\"a, public\""),
    SQL("role_setting", "\"name\":\"app\",\"setting\":\"log_duration\",\"value\":true"),
    SQL("role_setting", "\"name\":\"app\",\"setting\":\"work_mem\",\"value\":null"),
    SQL("role_grant", "\"role\":\"readers\",\"member\":\"app\""),
    SQL("role_grant", "\"role\":\"readers\",\"member\":\"app\",\"admin\":true"),
    SQL("role_comment", "\"name\":\"app\",\"comment\":\"it's; DROP TABLE x\""),
    SQL("database_create", "\"name\":\"app db\",\"owner\":\"app\",\"encoding\":\"UTF8\","
                           "\"lc_collate\":\"C\",\"lc_ctype\":\"C\",\"template\":\"template0\","
                           "\"connlimit\":50"),
    SQL("database_create", "\"name\":\"plain\""),
    SQL("database_alter", "\"name\":\"plain\",\"attributes\":{\"owner\":\"app\",\"connlimit\":"
                          "9,\"is_template\":true}"),
    SQL("database_comment", "\"name\":\"plain\",\"comment\":\"hers\""),
    SQL("database_setting", "\"name\":\"plain\",\"setting\":\"timezone\",\"value\":\"UTC\""),
    SQL("schema_create", "\"name\":\"monitor\",\"owner\":\"postgres\",\"database\":\"plain\""),
    SQL("extension_create", "\"name\":\"pg_stat_statements\",\"schema\":\"monitor\",\"database\":"
                            "\"plain\""),
    SQL("extension_create", "\"name\":\"pg_trgm\",\"database\":\"plain\""),
    SQL("extension_create", "\"name\":\"earthdistance\",\"database\":\"plain\""),
    SQL("extension_create", "\"name\":\"adminpack\",\"database\":\"plain\""),
    SQL("default_privileges", "\"role\":\"app\",\"grant\":\"GRANT SELECT, INSERT ON TABLES TO "
                              "readers\",\"database\":\"plain\""),
    SQL("default_privileges", "\"role\":\"app\",\"grant\":\"GRANT ALL ON SEQUENCES TO readers\","
                              "\"schema\":\"monitor\",\"database\":\"plain\""),
    SQL("default_privileges", "\"role\":\"app\",\"grant\":\"GRANT USAGE ON SCHEMAS TO PUBLIC\","
                              "\"database\":\"plain\""),
    SQL("grant_database", "\"name\":\"plain\",\"role\":\"readers\",\"privileges\":[\"CREATE\"]"),
    SQL("revoke_public", "\"object\":\"database\",\"name\":\"plain\",\"privileges\":[\"TEMPORARY\","
                         "\"CONNECT\"]"),
    SQL("revoke_public", "\"object\":\"schema\",\"name\":\"public\",\"privileges\":[\"USAGE\"],"
                         "\"database\":\"plain\""),
    SQL("function_create", "\"name\":\"monitor.user_lookup(name)\",\"database\":\"plain\""),
    SQL("role_revoke", "\"role\":\"readers\",\"member\":\"app\""),
};

static void sql_operations(void **state)
{
    Lab *lab = *state;
    for (size_t i = 0; i < COUNT_OF(operations); i++)
        twice(lab, EFFECT_SQL, operations[i]);
    assert_int_equal(lab_do(lab, EFFECT_SQL, "{\"op\":\"reload\"}"), 1);
    assert_int_equal(lab_do(lab, EFFECT_SQL, "{\"op\":\"checkpoint\"}"), 1);
    assert_int_equal(lab_do(lab, EFFECT_SQL, "{\"op\":\"replay_wait\",\"lsn\":\"F/0\"}"), 0);
}

static void sql_sources_after_operations(void **state)
{
    Lab *lab = *state;
    Reading roles = lab_read(lab, "sql.roles", NULL);
    assert_string_equal(lab_value(lab, &roles, "roles/app/config"),
                        "[\"search_path=a, public\",\"log_duration=on\"]");
    assert_string_equal(lab_value(lab, &roles, "roles/app/comment"), "\"it's; DROP TABLE x\"");
    const char *stored = value_as_text(value_path(roles.value, "roles/app/password"), "");
    assert_true(scram_matches(stored, "pa'ss\"\\word canary77", "app"));
    Reading databases = lab_read(lab, "sql.databases", NULL);
    assert_string_equal(lab_value(lab, &databases, "databases/app db/collate"), "\"C\"");
    assert_string_equal(lab_value(lab, &databases, "databases/plain/config"), "[\"TimeZone=UTC\"]");
    ReadRequest request = {
        .source = source_find("sql.database"), .subject = "x/plain", .database = "plain"};
    Reading inside = {0};
    check_fine(lab->world->read(lab->world, lab->node, &request, 1, -1, lab->arena, &inside));
    assert_string_equal(lab_value(lab, &inside, "extensions/pg_stat_statements/schema"),
                        "\"monitor\"");
    assert_string_equal(lab_value(lab, &inside, "extensions/cube/schema"), "\"public\"");
    assert_string_equal(lab_value(lab, &inside, "functions"), "[\"monitor.user_lookup(name)\"]");
    assert_string_equal(lab_value(lab, &inside, "default_acl/0/role"), "\"app\"");
    assert_string_equal(
        lab_sh(
            lab,
            "sudo -u postgres psql -p 5432 -AtqX -c \"SET ROLE dbuser_monitor\" "
            "-c \"SELECT username, password LIKE 'SCRAM%' FROM monitor.user_lookup('app')\" plain"),
        "app|t");
    /* Neither the password nor its verifier is in the server's log. */
    assert_string_equal(lab_sh(lab, "cat /tmp/pglog/* | grep -c -e canary77 -e 'SCRAM-SHA-256[$]'"),
                        "0");
    assert_string_equal(lab_sh(lab, "cat /tmp/pglog/* | grep -c 'CREATE ROLE'"), "4");
}

static void sql_refusals(void **state)
{
    Lab *lab = *state;
    static const struct {
        const char *args, *want;
    } cases[] = {
        {SQL("role_alter", "\"name\":\"app\",\"attributes\":{\"connlimit\":-7}"),
         "invalid connection limit"},
        {SQL("role_grant", "\"role\":\"nosuch\",\"member\":\"app\""),
         "role \"nosuch\" does not exist"},
        {SQL("role_password", "\"name\":\"nosuch\",\"verifier\":\"secret55\""), "SQLSTATE 42704"},
        {SQL("nosuch", "\"name\":\"app\""), "no such operation"},
        {SQL("role_grant", "\"role\":\"x\""), "'member' is missing"},
        {SQL("default_privileges",
             "\"role\":\"app\",\"grant\":\"GRANT SELECT ON TABLES TO a; DROP\""),
         "not a default privilege"},
        {SQL("extension_create", "\"name\":\"nosuch\""), "nosuch"},
        {SQL("schema_create", "\"name\":\"x\",\"database\":\"nosuch\""), "does not exist"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *error = lab_error(lab, EFFECT_SQL, cases[i].args);
        if (!error || !strstr(error, cases[i].want) || strstr(error, "secret55"))
            fail_msg("%s: got %s", cases[i].args, error ? error : "no error");
    }
}

/* HTTP/1.0, as Patroni's: what was asked comes back. */
static const char fake_patroni[] =
    "cat >/tmp/patroni.pl <<'EOF'\n"
    "use IO::Socket::INET;\n"
    "my $l = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 8008, Listen => 5,"
    " ReuseAddr => 1) or die;\n"
    "while (my $c = $l->accept) {\n"
    "  my ($head, $length) = ('', 0);\n"
    "  while (<$c>) { s/\\r?\\n$//; last if $_ eq ''; $head .= \"$_|\"; $length = $1 if "
    "/^Content-Length: (\\d+)/i }\n"
    "  my $body = ''; read($c, $body, $length) if $length;\n"
    "  my ($path) = $head =~ /^\\S+ (\\S+)/;\n"
    "  my $status = $path eq '/patroni' ? 503 : $path eq '/restart' ? 409 : 200;\n"
    "  my $out = $path eq '/patroni' ? '{\"state\":\"stopped\"}' : $path eq '/cluster' ? "
    "'{\"x\":1' :"
    " $path eq '/config' && $head =~ /^GET/ ? '{\"ttl\":30}' : \"$head$body\";\n"
    "  $out = 'x' x 9000000 if $path eq '/big';\n"
    "  print $c \"HTTP/1.0 $status OK\\r\\nContent-Type: application/json\\r\\n\\r\\n$out\"; close "
    "$c;\n"
    "}\nEOF\n"
    "systemd-run -q --unit=fake perl /tmp/patroni.pl; "
    "until grep -q ':1F48 .* 0A ' /proc/net/tcp; do sleep 0.05; done";

static void patroni_api(void **state)
{
    Lab *lab = *state;
    Reading down = lab_read(lab, "patroni.member", NULL);
    assert_null(down.value);
    lab_sh(lab, fake_patroni);
    Reading member = lab_read(lab, "patroni.member", NULL);
    assert_string_equal(lab_value(lab, &member, "state"), "\"stopped\"");
    Reading config = lab_read(lab, "patroni.config", NULL);
    assert_string_equal(lab_value(lab, &config, "ttl"), "30");
    Reading broken = lab_read(lab, "patroni.cluster", NULL);
    assert_null(broken.value);

    Effect effect = {.type = EFFECT_REST, .host = lab->node, .fence = &lab->fence};
    Value *args = value_map(lab->arena);
    Value *body = value_map(lab->arena);
    value_set_int(lab->arena, body, "ttl", 20);
    value_set_text(lab->arena, args, "method", "PATCH");
    value_set_text(lab->arena, args, "path", "/config");
    value_set(lab->arena, args, "body", body);
    value_set_text(lab->arena, args, "user", "postgres");
    value_set_text(lab->arena, args, "password", "Patroni.API");
    effect.args = args;
    const Value *outcome = NULL;
    check_fine(lab->world->perform(lab->world, lab->node, &effect, 1, -1, lab->arena, &outcome));
    const char *said = value_as_text(value_path(outcome, "said/0"), "");
    static const char *const wanted[] = {"PATCH /config HTTP/1.0|", "Content-Length: 10|",
                                         "{\"ttl\":20}",
                                         "Authorization: Basic cG9zdGdyZXM6UGF0cm9uaS5BUEk=|"};
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        if (!strstr(said, wanted[i]))
            fail_msg("%s is not in %s", wanted[i], said);
    }
    assert_null(strstr(said, "Expect"));
    const char *conflict = lab_error(
        lab, EFFECT_REST, "{\"method\":\"POST\",\"path\":\"/restart\",\"body\":{},\"ok\":[200]}");
    assert_true(conflict && strstr(conflict, "POST /restart with 409"));
    const char *big = lab_error(lab, EFFECT_REST, "{\"method\":\"GET\",\"path\":\"/big\"}");
    assert_true(big && strstr(big, "longer than"));
}

/* By a file, a statement and a request of Patroni: each way has its own look at the fence. */
static void who_was_taken_over_does_nothing(void **state)
{
    static const struct {
        EffectType type;
        const char *args;
    } cases[] = {
        {EFFECT_MARKER, "{\"key\":\"late\",\"value\":1}"},
        {EFFECT_SQL, "{\"op\":\"reload\"}"},
        {EFFECT_REST, "{\"method\":\"PATCH\",\"path\":\"/config\",\"body\":{}}"},
    };
    Lab *lab = *state;
    const Fence ours = lab->fence;
    const Fence newer = {"lab", ours.token + 1, "run-b", "there:2", "now"};
    lab->fence = newer;
    lab_do(lab, EFFECT_MARKER, "{\"key\":\"takeover\"}");
    lab->fence = ours;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *error = lab_error(lab, cases[i].type, cases[i].args);
        if (!error || !strstr(error, "lab was taken over by run run-b (there:2), whose lease is"))
            fail_msg("%s: got %s", cases[i].args, error ? error : "no error");
    }
    assert_string_equal(lab_sh(lab, "ls /var/lib/pgsteer/markers | grep -c late"), "0");
    lab->fence = newer;
}

/* Secrets are masked on the node, in each form that our files have. */
static void secrets_are_masked(void **state)
{
    Lab *lab = *state;
    lab_sh(lab,
           "cat >/etc/secret.yml <<'EOF'\n"
           "scope: pg-test\npassword: canary1\nrestapi:\n  authentication: {username: u, password: "
           "'can''ary2'}\n  token: |\n    canary3\n    canary4\n  list:\n  - password: "
           "\"can\\\"ary5\"\n"
           "    user: kept\npassword_encryption: scram-sha-256\n"
           "conninfo: host=x password=canary6 port=1\narchive_command: tool "
           "--repo-cipher-pass=canary7 %p\n"
           "env: {PGPASSWORD: canary8}\nEOF\n"
           "printf '\"app\" \"ver\"\"canary9\"\\n; comment\\n\"broken canary10\\n' "
           ">/etc/userlist.txt\n"
           "printf 'listen = *\\nauth_password = canary11 ; x\\n' >/etc/x.ini");
    Reading files = lab_read(lab, "node.secret_files",
                             "[\"/etc/secret.yml\",\"/etc/userlist.txt\",\"/etc/x.ini\"]");
    const char *all = lab_value(lab, &files, "");
    if (strstr(all, "canary") || strstr(all, "ary2") || strstr(all, "ary5"))
        fail_msg("%s", all);
    const char *content =
        value_as_text(value_path(files.value, "files/~1etc~1secret.yml/content"), "");
    const char *kept[] = {"scope: pg-test\n",
                          "    user: kept\n",
                          "password_encryption: scram-sha-256\n",
                          "host=x password=sha256:",
                          " port=1\n",
                          " %p\n",
                          "username: u,"};
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        if (!strstr(content, kept[i]))
            fail_msg("'%s' is not in %s", kept[i], content);
    }
    static const char *const values[] = {"canary1", "can'ary2", "can\"ary5",
                                         "canary6", "canary7",  "canary8"};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        char hex[SHA256_HEX + 1];
        const char *both =
            arena_printf(lab->arena, "%s%s", value_get_text(files.value, "nonce"), values[i]);
        sha256_hex(both, strlen(both), hex);
        if (!strstr(content, hex))
            fail_msg("the digest of %s is not in %s", values[i], content);
    }
    char hex[SHA256_HEX + 1];
    const char *both =
        arena_printf(lab->arena, "%sver\"canary9", value_get_text(files.value, "nonce"));
    sha256_hex(both, strlen(both), hex);
    assert_non_null(strstr(
        value_as_text(value_path(files.value, "files/~1etc~1userlist.txt/content"), ""), hex));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates),
        cmocka_unit_test(etcd_with_tls),
        cmocka_unit_test(etcd_users),
        cmocka_unit_test(a_learner_of_etcd),
        cmocka_unit_test(sql_over_the_relay),
        cmocka_unit_test(sql_operations),
        cmocka_unit_test(sql_sources_after_operations),
        cmocka_unit_test(sql_refusals),
        cmocka_unit_test(patroni_api),
        cmocka_unit_test(who_was_taken_over_does_nothing),
        cmocka_unit_test(secrets_are_masked),
    };
    return cmocka_run_group_tests_name("lab_services", tests, lab_setup, lab_teardown);
}
