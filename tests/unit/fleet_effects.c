/* Effects on nodes that are made of facts: what each does to what the sources say. */
#include "base/digest.h"
#include "fleet.h"
#include "schema/contract/content.h"
#include "unit.h"

/* An effect as it is performed: on which node, with what. */
typedef struct Doing {
    Fleet *fleet;
    const char *host;
    const Value *args;
} Doing;

static const char *arg(const Doing *doing, const char *name)
{
    return value_get_text(doing->args, name);
}

static Value *thing(const Doing *doing, const char *source, const char *name)
{
    return fleet_entry(doing->fleet, source, doing->host, name);
}

static void put(const Doing *doing, Value *map, const char *key, const char *text)
{
    value_set_text(doing->fleet->arena, map, key, text);
}

static void copy(const Doing *doing, Value *map, const char *const *names)
{
    for (; *names; names++) {
        const Value *value = value_get(doing->args, *names);
        if (value)
            value_set(doing->fleet->arena, map, *names, value);
    }
}

static const char *const access_names[] = {"owner", "group", "mode", NULL};

static void put_content(const Doing *doing, const char *path, const char *text)
{
    char hex[SHA256_HEX + 1];
    Value *file = thing(doing, "node.files", path);
    sha256_hex(text, strlen(text), hex);
    value_set_bool(doing->fleet->arena, file, "exists", true);
    put(doing, file, "content", text);
    put(doing, file, "sha256", hex);
}

static void file_put(const Doing *doing)
{
    const char *text = "";
    const char *path = arg(doing, "path");
    check_fine(content_render(doing->fleet->arena, value_get(doing->args, "content"), &text));
    put_content(doing, path, text);
    copy(doing, thing(doing, "node.files", path), access_names);
    if (strcmp(path, "/etc/etcd/etcd.yml") == 0)
        value_set_bool(doing->fleet->arena, fleet_fact(doing->fleet, "etcd.member", doing->host),
                       "configured", true);
    if (!text_starts_with(path, "/etc/systemd/system/"))
        return;
    Value *unit = thing(doing, "node.units", strrchr(path, '/') + 1);
    bool is_loaded = strcmp(value_get_text(unit, "load"), "loaded") == 0;
    value_set_bool(doing->fleet->arena, unit, "need_reload", is_loaded);
}

/* At the end of the file; one that was there goes. */
static void file_block(const Doing *doing)
{
    Arena *arena = doing->fleet->arena;
    const char *before = value_get_text(thing(doing, "node.files", arg(doing, "path")), "content");
    const char *begin = arena_printf(arena, "# BEGIN pgsteer %s\n", arg(doing, "block"));
    const char *end = arena_printf(arena, "# END pgsteer %s\n", arg(doing, "block"));
    const char *at = strstr(before, begin);
    const char *head = at ? arena_strndup(arena, before, (size_t)(at - before)) : before;
    const char *tail = at ? strstr(at, end) + strlen(end) : "";
    put_content(doing, arg(doing, "path"),
                arena_printf(arena, "%s%s%s%s%s", head, begin, arg(doing, "content"), end, tail));
}

static void file_remove(const Doing *doing)
{
    value_set_bool(doing->fleet->arena, thing(doing, "node.files", arg(doing, "path")), "exists",
                   false);
    put(doing, thing(doing, "node.paths", arg(doing, "path")), "type", "absent");
}

static void dir(const Doing *doing)
{
    Value *path = thing(doing, "node.paths", arg(doing, "path"));
    put(doing, path, "type", "dir");
    copy(doing, path, access_names);
}

static void link_put(const Doing *doing)
{
    Value *path = thing(doing, "node.paths", arg(doing, "path"));
    put(doing, path, "type", "link");
    put(doing, path, "target", arg(doing, "target"));
}

static void user(const Doing *doing)
{
    static const char *const names[] = {"uid", "gid", "group", "home", "shell", NULL};
    copy(doing, thing(doing, "node.users", arg(doing, "name")), names);
}

static void hostname(const Doing *doing)
{
    put(doing, fleet_fact(doing->fleet, "node.os", doing->host), "hostname", arg(doing, "name"));
}

/* A package brings its unit, enabled, and starts nothing. */
static void packages(const Doing *doing)
{
    static const char *const units[][2] = {{"nginx", "nginx.service"},
                                           {"etcd-server", "etcd.service"},
                                           {"patroni", "patroni.service"},
                                           {"pgbouncer", "pgbouncer.service"},
                                           {"haproxy", "haproxy.service"}};
    const Value *names = value_get(doing->args, "names");
    for (size_t i = 0; i < value_count(names); i++) {
        const char *name = value_as_text(value_at(names, i), "");
        put(doing, thing(doing, "node.packages", "installed"), name, "1");
        for (size_t k = 0; k < COUNT_OF(units); k++) {
            if (strcmp(units[k][0], name) == 0)
                put(doing, thing(doing, "node.units", units[k][1]), "load", "loaded");
        }
    }
}

static void repo_index(const Doing *doing)
{
    Value *repo = thing(doing, "node.repo", arg(doing, "path"));
    value_set_bool(doing->fleet->arena, repo, "index_exists", true);
    value_set_bool(doing->fleet->arena, repo, "index_current", true);
}

static Value *etcd_list(const Doing *doing, const char *name)
{
    return (Value *)(uintptr_t)value_get(doing->fleet->etcd, name);
}

static bool etcd_votes(const Value *member)
{
    return member && !value_get_bool(member, "learner", false);
}

/* Its entry on the list, or NULL. */
static const Value *etcd_entry(const Fleet *fleet, const char *host)
{
    const Value *members = value_get(fleet->etcd, "members");
    const char *part = arena_printf(fleet->arena, "//%s:", host);
    for (size_t i = 0; i < value_count(members); i++) {
        const Value *urls = value_get(value_at(members, i), "peer_urls");
        if (strstr(value_as_text(value_at(urls, 0), ""), part))
            return value_at(members, i);
    }
    return NULL;
}

/* More than half of those that vote run: then each of them answers. */
static void etcd_elect(Fleet *fleet)
{
    const Value *members = value_get(fleet->etcd, "members");
    size_t running = 0, voters = 0;
    for (size_t i = 0; i < value_count(members); i++) {
        const Value *member = value_at(members, i);
        voters += etcd_votes(member);
        running += etcd_votes(member) && value_get_bool(member, "started", false);
    }
    bool is_healthy = running * 2 > voters;
    for (size_t i = 0; i < inventory_host_count(fleet->inventory); i++) {
        const char *host = host_address(inventory_host_at(fleet->inventory, i));
        Value *reading = fleet_fact(fleet, "etcd.member", host);
        bool is_started = value_get_bool(reading, "data_initialized", false) &&
                          etcd_votes(etcd_entry(fleet, host));
        value_set_bool(fleet->arena, reading, "healthy", is_healthy && is_started);
        for (size_t k = 0; is_healthy && is_started && k < value_count(fleet->etcd); k++)
            value_set(fleet->arena, reading, fleet->etcd->map.keys[k], fleet->etcd->map.values[k]);
    }
}

static Value *etcd_listed(const Doing *doing, const char *peer_url)
{
    Value *members = etcd_list(doing, "members");
    for (size_t i = 0; i < value_count(members); i++) {
        if (strcmp(value_as_text(value_at(value_get(value_at(members, i), "peer_urls"), 0), ""),
                   peer_url) == 0)
            return (Value *)(uintptr_t)value_at(members, i);
    }
    Arena *arena = doing->fleet->arena;
    Value *member = value_map(arena);
    Value *urls = value_list(arena);
    value_push(arena, urls, value_text(arena, peer_url));
    put(doing, member, "name", "");
    value_set(arena, member, "peer_urls", urls);
    value_set_bool(arena, member, "started", false);
    value_push(arena, members, member);
    return member;
}

static void etcd_unlist(const Doing *doing, const char *peer_url)
{
    const Value *gone = etcd_listed(doing, peer_url), *members = etcd_list(doing, "members");
    Value *left = value_list(doing->fleet->arena);
    assert_false(etcd_votes(gone));
    for (size_t i = 0; i < value_count(members); i++) {
        if (value_at(members, i) != gone)
            value_push(doing->fleet->arena, left, value_at(members, i));
    }
    value_set(doing->fleet->arena, doing->fleet->etcd, "members", left);
}

/* The text of a key in the file that the member starts with. */
static const char *etcd_setting(const Doing *doing, const char *key)
{
    const char *text = value_get_text(thing(doing, "node.files", "/etc/etcd/etcd.yml"), "content");
    const char *at = strstr(text, arena_printf(doing->fleet->arena, "\n%s: ", key));
    assert_non_null(at);
    at = strchr(at, ':') + 3; /* blank and quote */
    return arena_strndup(doing->fleet->arena, at, strcspn(at, "\"'\n"));
}

static void etcd_start(const Doing *doing)
{
    Arena *arena = doing->fleet->arena;
    Value *reading = fleet_fact(doing->fleet, "etcd.member", doing->host);
    char **pairs = NULL;
    size_t count = text_split(arena, etcd_setting(doing, "initial-cluster"), ',', &pairs);
    for (size_t i = 0; i < count; i++) {
        char *equal = strchr(pairs[i], '=');
        assert_non_null(equal);
        Value *member = etcd_listed(doing, equal + 1);
        *equal = '\0';
        if (strcmp(pairs[i], etcd_setting(doing, "name")) == 0) {
            put(doing, member, "name", pairs[i]);
            value_set_bool(arena, member, "started", true);
        }
    }
    value_set_bool(arena, reading, "data_initialized", true);
    etcd_elect(doing->fleet);
}

static void unit(const Doing *doing)
{
    const char *name = arg(doing, "name");
    const char *action = arg(doing, "action");
    if (strcmp(action, "daemon-reload") == 0) {
        Value *units = fleet_fact(doing->fleet, "node.units", doing->host);
        for (size_t i = 0; i < value_count(units); i++) {
            Value *each = thing(doing, "node.units", units->map.keys[i]);
            value_set_bool(doing->fleet->arena, each, "need_reload", false);
        }
        return;
    }
    Value *service = thing(doing, "node.units", name);
    assert_string_equal(value_get_text(service, "load"), "loaded");
    if (strcmp(action, "enable") == 0)
        put(doing, service, "enabled", "enabled");
    if (strcmp(action, "start") == 0 || strcmp(action, "restart") == 0)
        put(doing, service, "active", "active");
    if (strcmp(action, "restart") == 0 && strcmp(name, "etcd.service") == 0)
        etcd_start(doing);
    if (strcmp(action, "restart") == 0 && strcmp(name, "nginx.service") == 0) {
        Value *ports = (Value *)(uintptr_t)value_get(
            fleet_fact(doing->fleet, "node.listen", doing->host), "tcp");
        value_push(doing->fleet->arena, ports, value_int(doing->fleet->arena, 80));
    }
}

static void put_cert(const Doing *doing, const char *path, const char *issuer)
{
    Arena *arena = doing->fleet->arena;
    Value *cert = thing(doing, "node.certs", path);
    put(doing, cert, "cn", arg(doing, "cn"));
    put(doing, cert, "issuer", issuer);
    static const char *const names[] = {"sans", NULL};
    copy(doing, cert, names);
    value_set_int(arena, cert, "not_after_s",
                  FLEET_CLOCK_S + value_get_int(doing->args, "days", 0) * 86400);
    value_set_bool(arena, cert, "key_matches", true);
}

static void ca(const Doing *doing)
{
    put_cert(doing, arena_printf(doing->fleet->arena, "%s/ca.crt", arg(doing, "path")),
             arg(doing, "cn"));
}

static void cert(const Doing *doing)
{
    Doing authority = {doing->fleet, arg(doing, "ca_host"), doing->args};
    const char *path = arena_printf(doing->fleet->arena, "%s/ca.crt", arg(doing, "ca_path"));
    put_cert(doing, arg(doing, "cert"),
             value_get_text(thing(&authority, "node.certs", path), "cn"));
    Value *key = thing(doing, "node.paths", arg(doing, "key"));
    put(doing, key, "type", "file");
    copy(doing, key, access_names);
    put(doing, key, "mode", arg(doing, "key_mode"));
}

static void etcd(const Doing *doing)
{
    Arena *arena = doing->fleet->arena;
    const char *op = arg(doing, "op");
    if (strcmp(op, "auth_enable") == 0)
        value_set_bool(arena, doing->fleet->etcd, "auth_enabled", true);
    if (strcmp(op, "member_add") == 0 || strcmp(op, "member_promote") == 0)
        value_set_bool(arena, etcd_listed(doing, arg(doing, "peer_url")), "learner",
                       value_get_bool(doing->args, "learner", false));
    if (strcmp(op, "learner_remove") == 0)
        etcd_unlist(doing, arg(doing, "peer_url"));
    if (strcmp(op, "user_put") == 0)
        value_push(arena, etcd_list(doing, "users"), value_text(arena, arg(doing, "name")));
    if (strcmp(op, "role_put") == 0) {
        Value *prefixes = value_list(arena);
        value_push(arena, prefixes, value_text(arena, arg(doing, "prefix")));
        value_set(arena, etcd_list(doing, "roles"), arg(doing, "name"), prefixes);
    }
    etcd_elect(doing->fleet);
}

static void marker(const Doing *doing)
{
    value_set(doing->fleet->arena, fleet_fact(doing->fleet, "node.markers", doing->host),
              arg(doing, "key"), value_get(doing->args, "value"));
}

/* A server that was told to read its files has no complaint about them. */
static void sql(const Doing *doing)
{
    value_set(doing->fleet->arena, fleet_fact(doing->fleet, "sql.member", doing->host),
              "hba_errors", &value_empty_list);
}

static void nothing(const Doing *doing)
{
    (void)doing;
}

static void (*const performers[EFFECT_TYPE_COUNT])(const Doing *doing) = {
    [EFFECT_FILE_PUT] = file_put,
    [EFFECT_FILE_BLOCK] = file_block,
    [EFFECT_FILE_REMOVE] = file_remove,
    [EFFECT_DIR] = dir,
    [EFFECT_LINK] = link_put,
    [EFFECT_USER] = user,
    [EFFECT_HOSTNAME] = hostname,
    [EFFECT_PACKAGES] = packages,
    [EFFECT_APT_UPDATE] = nothing,
    [EFFECT_REPO_INDEX] = repo_index,
    [EFFECT_UNIT] = unit,
    [EFFECT_CA] = ca,
    [EFFECT_CERT] = cert,
    [EFFECT_ETCD] = etcd,
    [EFFECT_MARKER] = marker,
    [EFFECT_SQL] = sql,
};

void fleet_perform(Fleet *fleet, const Effect *effect)
{
    check_fine(effect_check(effect));
    if (!performers[effect->type])
        fail_msg("no node is expected to see the effect %s", effect_rows[effect->type].name);
    Doing doing = {fleet, effect->host, effect->args};
    performers[effect->type](&doing);
}
