#include "schema/hba.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "schema/typing.h"

/* How one must prove who one is. */
typedef struct Method {
    const char *word;
    const char *type;   /* of the line, for addresses */
    const char *method; /* NULL: pg_pwd_enc of the host */
    bool needs_tls, needs_system_user;
} Method;

static const Method methods[] = {
    {"deny", "host", "reject", false, false},
    {"reject", "host", "reject", false, false},
    {"pwd", "host", NULL, false, false},
    {"sha", "host", "scram-sha-256", false, false},
    {"scram-sha-256", "host", "scram-sha-256", false, false},
    {"md5", "host", "md5", false, false},
    {"ssl", "hostssl", NULL, true, false},
    {"ssl-sha", "hostssl", "scram-sha-256", true, false},
    {"ssl-md5", "hostssl", "md5", true, false},
    {"cert", "hostssl", "cert", true, false},
    {"os", "host", "ident", false, true},
    {"ident", "host", "ident", false, true},
    {"peer", "host", "peer", false, true},
    {"trust", "host", "trust", false, false},
};

static const Method *find_method(const Value *rule)
{
    const char *word = value_get_text(rule, "auth");
    word = *word ? word : "pwd";
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        if (strcmp(methods[i].word, word) == 0)
            return &methods[i];
    }
    return NULL;
}

static const struct {
    const char *placeholder, *param;
} users[] = {
    {"${dbsu}", "pg_dbsu"},
    {"${repl}", "pg_replication_username"},
    {"${monitor}", "pg_monitor_username"},
    {"${admin}", "pg_admin_username"},
};

static const char *user_of(const Host *host, const char *word)
{
    for (size_t i = 0; i < COUNT_OF(users); i++) {
        if (strcmp(users[i].placeholder, word) == 0)
            return host_text(host, users[i].param);
    }
    return word;
}

/* A name with other signs than these is quoted; words like all and +role are not. */
static void add_name(Text *out, const char *name)
{
    bool is_plain = *name != '\0';
    for (const char *c = name; *c; c++)
        is_plain = is_plain && (isalnum((unsigned char)*c) || strchr("_+-.@$&", *c) ||
                                (unsigned char)*c >= 0x80);
    if (is_plain) {
        text_add(out, name);
        return;
    }
    const char *plus = *name == '+' ? "+" : "";
    text_addf(out, "%s\"", plus);
    for (const char *c = name + strlen(plus); *c; c++)
        text_addf(out, *c == '"' ? "\"\"" : "%c", *c);
    text_add_char(out, '"');
}

/* "a, ${dbsu}" to "a,postgres"; "" to "all". */
static const char *names_of(Arena *arena, const Host *host, const char *list)
{
    char **words;
    size_t count = text_split(arena, *list ? list : "all", ',', &words);
    CLEANUP(text_release) Text out = TEXT_INIT;
    for (size_t i = 0; i < count; i++) {
        char *word = words[i] + strspn(words[i], " ");
        size_t length = strlen(word);
        while (length > 0 && word[length - 1] == ' ')
            word[--length] = '\0';
        if (out.length > 0)
            text_add_char(&out, ',');
        add_name(&out, user_of(host, word));
    }
    return text_copy(&out, arena);
}

typedef struct Lines {
    Arena *arena;
    const Host *host;
    HbaTarget target;
    bool is_default;
    HbaLine *items;
    size_t count, capacity;
} Lines;

static bool counts_here(const Host *host, const char *role)
{
    if (!*role || strcmp(role, "default") == 0 || strcmp(role, "common") == 0)
        return true;
    bool is_offline = strcmp(role, "offline") == 0 && host_bool(host, "pg_offline_query", false);
    return is_offline || strcmp(role, host_text(host, "pg_role")) == 0;
}

static const char *one_blank(Arena *arena, const char *line);

static void add_line(Lines *lines, const Value *rule, const char *text)
{
    HbaLine line = {
        .text = text,
        .rule = one_blank(lines->arena, text),
        .title = value_get_text(rule, "title"),
        .order = value_get_int(rule, "order", INT64_MAX),
        .enabled = counts_here(lines->host, value_get_text(rule, "role")),
        .is_default = lines->is_default,
        .source = rule,
    };
    ARENA_PUSH(lines->arena, lines->items, lines->count, lines->capacity, line);
}

/* What a rule says beside its address. */
typedef struct Rule {
    const Value *rule;
    const Method *method;
    const char *db, *user;
} Rule;

static const char *method_word(const Lines *lines, const Rule *rule, bool is_local)
{
    if (rule->method->needs_system_user && (is_local || lines->target == HBA_PGBOUNCER))
        return "peer";
    if (rule->method->method)
        return rule->method->method;
    return host_text(lines->host, "pg_pwd_enc");
}

/* A word and blanks up to the next column, at least one. */
static void add_column(Text *out, const char *word, size_t width)
{
    static const char blanks[] = "                    ";
    size_t length = strlen(word);
    text_add_bytes(out, word, length);
    if (length < width)
        text_add_bytes(out, blanks, width - length);
    text_add_char(out, ' ');
}

static void add_address(Lines *lines, const Rule *rule, const char *address)
{
    enum { TYPE_WIDTH = 8, NAME_WIDTH = 20 };
    bool is_local = *address == '\0';
    CLEANUP(text_release) Text line = TEXT_INIT;
    add_column(&line, is_local ? "local" : rule->method->type, TYPE_WIDTH);
    add_column(&line, rule->db, NAME_WIDTH);
    add_column(&line, rule->user, NAME_WIDTH);
    add_column(&line, address, NAME_WIDTH);
    text_add(&line, method_word(lines, rule, is_local));
    add_line(lines, rule->rule, text_copy(&line, lines->arena));
}

static void add_hosts(Lines *lines, const Rule *rule, const Host *const *hosts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_address(lines, rule, ARENA_JOIN(lines->arena, host_address(hosts[i]), "/32"));
}

/* A certificate cannot be shown on a socket. */
static void add_localhost(Lines *lines, const Rule *rule, const Inventory *inventory)
{
    (void)inventory;
    if (strcmp(rule->method->word, "cert") != 0)
        add_address(lines, rule, "");
    add_address(lines, rule, "127.0.0.1/32");
    add_address(lines, rule, "::1/128");
}

static void add_socket(Lines *lines, const Rule *rule, const Inventory *inventory)
{
    (void)inventory;
    add_address(lines, rule, "");
}

static void add_admin(Lines *lines, const Rule *rule, const Inventory *inventory)
{
    (void)inventory;
    add_address(lines, rule, ARENA_JOIN(lines->arena, host_text(lines->host, "admin_ip"), "/32"));
}

static void add_infra(Lines *lines, const Rule *rule, const Inventory *inventory)
{
    const Host *const *hosts;
    size_t count = inventory_group_hosts(inventory, "infra", &hosts);
    add_hosts(lines, rule, hosts, count);
}

static void add_cluster(Lines *lines, const Rule *rule, const Inventory *inventory)
{
    const PgCluster *cluster = inventory_cluster(inventory, host_cluster(lines->host));
    if (cluster)
        add_hosts(lines, rule, cluster->members, cluster->member_count);
}

static const char *with_mask(Arena *arena, const char *address)
{
    return strchr(address, '/') ? address : ARENA_JOIN(arena, address, "/32");
}

static void add_intranet(Lines *lines, const Rule *rule, const Inventory *inventory)
{
    (void)inventory;
    const Value *networks = host_param(lines->host, "node_firewall_intranet");
    for (size_t i = 0; i < value_count(networks); i++)
        add_address(lines, rule, with_mask(lines->arena, value_as_text(value_at(networks, i), "")));
}

static void add_world(Lines *lines, const Rule *rule, const Inventory *inventory)
{
    (void)inventory;
    add_address(lines, rule, "0.0.0.0/0");
    add_address(lines, rule, "::/0");
}

static const struct {
    const char *word;
    void (*add)(Lines *lines, const Rule *rule, const Inventory *inventory);
} aliases[] = {
    {"local", add_socket},      {"localhost", add_localhost}, {"admin", add_admin},
    {"infra", add_infra},       {"cluster", add_cluster},     {"intra", add_intranet},
    {"intranet", add_intranet}, {"world", add_world},         {"all", add_world},
};

static bool is_alias(const char *word)
{
    for (size_t i = 0; i < COUNT_OF(aliases); i++) {
        if (strcmp(aliases[i].word, word) == 0)
            return true;
    }
    return false;
}

static void add_raw(Lines *lines, const Value *rule)
{
    const Value *raw = value_get(rule, "rules");
    for (size_t i = 0; i < value_count(raw); i++)
        add_line(lines, rule, value_as_text(value_at(raw, i), ""));
}

static void add_rule(Lines *lines, const Inventory *inventory, const Value *value)
{
    if (hba_check(lines->arena, value, lines->target))
        return;
    size_t first = lines->count;
    const char *address = value_get_text(value, "addr");
    Rule rule = {
        .rule = value,
        .method = find_method(value),
        .db = names_of(lines->arena, lines->host, value_get_text(value, "db")),
        .user = names_of(lines->arena, lines->host, value_get_text(value, "user")),
    };
    if (value_count(value_get(value, "rules")) > 0)
        add_raw(lines, value);
    else if (!is_alias(address))
        add_address(lines, &rule, with_mask(lines->arena, address));
    for (size_t i = 0; i < COUNT_OF(aliases) && lines->count == first; i++) {
        if (strcmp(aliases[i].word, address) == 0)
            aliases[i].add(lines, &rule, inventory);
    }
    for (size_t i = first; i < lines->count; i++)
        lines->items[i].origin = inventory_origin(inventory, value);
}

/* Stable by insertion: lists are short and nearly sorted. */
static void sort_lines(HbaLine *lines, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        HbaLine line = lines[i];
        size_t at = i;
        for (; at > 0 && lines[at - 1].order > line.order; at--)
            lines[at] = lines[at - 1];
        lines[at] = line;
    }
}

const char *hba_param(HbaTarget target, bool is_default)
{
    static const char *const params[][2] = {
        [HBA_POSTGRES] = {"pg_hba_rules", "pg_default_hba_rules"},
        [HBA_PGBOUNCER] = {"pgb_hba_rules", "pgb_default_hba_rules"},
    };
    return params[target][is_default];
}

static void add_list(Lines *lines, const Inventory *inventory, bool is_default)
{
    const Value *rules = host_param(lines->host, hba_param(lines->target, is_default));
    lines->is_default = is_default;
    for (size_t i = 0; i < value_count(rules); i++)
        add_rule(lines, inventory, value_at(rules, i));
}

static size_t sorted(Lines *lines, HbaLine **ret_lines)
{
    sort_lines(lines->items, lines->count);
    *ret_lines = lines->items;
    return lines->count;
}

size_t hba_list_lines(Arena *arena, const Inventory *inventory, const Host *host, HbaTarget target,
                      bool is_default, HbaLine **ret_lines)
{
    Lines lines = {.arena = arena, .host = host, .target = target};
    add_list(&lines, inventory, is_default);
    return sorted(&lines, ret_lines);
}

size_t hba_lines(Arena *arena, const Inventory *inventory, const Host *host, HbaTarget target,
                 HbaLine **ret_lines)
{
    Lines lines = {.arena = arena, .host = host, .target = target};
    add_list(&lines, inventory, true);
    add_list(&lines, inventory, false);
    return sorted(&lines, ret_lines);
}

const HbaFile *hba_file(Arena *arena, const Inventory *inventory, const Host *host,
                        HbaTarget target)
{
    HbaLine *lines;
    size_t count = hba_lines(arena, inventory, host, target, &lines);
    Value *rules = value_list(arena);
    CLEANUP(text_release) Text content = TEXT_INIT;
    text_add(&content,
             "# Written by pgsteer from the inventory; changes made here are replaced.\n");
    const char *title = "";
    for (size_t i = 0; i < count; i++) {
        if (*lines[i].title && strcmp(lines[i].title, title) != 0)
            text_addf(&content, "\n# %s\n", lines[i].title);
        title = lines[i].title;
        text_add(&content, lines[i].enabled ? "" : "# ");
        text_add(&content, lines[i].text);
        text_add_char(&content, '\n');
        if (lines[i].enabled)
            value_push(arena, rules, value_text(arena, lines[i].rule));
    }
    HbaFile *file = ARENA_NEW(arena, HbaFile);
    *file = (HbaFile){rules, text_copy(&content, arena)};
    return file;
}

/* Blanks and hashes in quotes belong to it. */
static size_t word_length(const char *text)
{
    size_t length = strcspn(text, " \t\r#\"");
    while (text[length] == '"') {
        length += 1 + strcspn(text + length + 1, "\"");
        length += text[length] == '"';
        length += strcspn(text + length, " \t\r#\"");
    }
    return length;
}

/* Words with one blank between them, without a comment. */
static const char *one_blank(Arena *arena, const char *line)
{
    static const char blanks[] = " \t\r";
    char *out = arena_strdup(arena, line), *end = out;
    for (line += strspn(line, blanks); *line && *line != '#'; line += strspn(line, blanks)) {
        if (end > out)
            *end++ = ' ';
        size_t length = word_length(line);
        memcpy(end, line, length);
        end += length;
        line += length;
    }
    *end = '\0';
    return out;
}

const Value *hba_rules_of(Arena *arena, const char *content)
{
    Value *rules = value_list(arena);
    char **lines;
    size_t count = text_split(arena, content, '\n', &lines);
    for (size_t i = 0; i < count; i++) {
        const char *rule = one_blank(arena, lines[i]);
        if (*rule)
            value_push(arena, rules, value_text(arena, rule));
    }
    return rules;
}

static const char *check_lines(Arena *arena, const Value *raw)
{
    for (size_t i = 0; i < value_count(raw); i++) {
        const char *line = value_as_text(value_at(raw, i), "");
        if (strchr(line, '\n'))
            return "a raw line must be one line";
        char **words;
        if (text_words(arena, line, false, &words) < 4 && *line != '#')
            return arena_printf(arena, "'%s' is no line of a HBA file", line);
    }
    return NULL;
}

static const char *check_names(Arena *arena, const Value *rule, HbaTarget target)
{
    const char *db = value_get_text(rule, "db"), *user = value_get_text(rule, "user");
    if (strpbrk(db, "\n\r") || strpbrk(user, "\n\r") ||
        strpbrk(value_get_text(rule, "title"), "\n\r"))
        return "a name or title holds a line break";
    if (target == HBA_PGBOUNCER && strcmp(db, "replication") == 0)
        return "replication does not go through the pool";
    if (target == HBA_PGBOUNCER && strchr(user, '+'))
        return "the pool knows no group roles, so +role matches nobody";
    const char *placeholder = strstr(user, "${");
    for (size_t i = 0; placeholder && i < COUNT_OF(users); i++) {
        if (text_starts_with(placeholder, users[i].placeholder))
            placeholder = NULL;
    }
    return placeholder ? arena_printf(arena, "nothing fills the placeholder %s", placeholder)
                       : NULL;
}

/* Empty is not the same as left out, which would let in everybody. */
static const char *check_empty(Arena *arena, const Value *rule)
{
    static const char *const fields[] = {"user", "db", "addr", "auth"};
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        const Value *value = value_get(rule, fields[i]);
        if (value && !*value_as_text(value, ""))
            return arena_printf(arena, "its %s is empty", fields[i]);
    }
    return NULL;
}

const char *hba_check(Arena *arena, const Value *rule, HbaTarget target)
{
    const Value *raw = value_get(rule, "rules");
    if (value_count(raw) > 0)
        return check_lines(arena, raw);
    const char *empty = check_empty(arena, rule);
    if (empty)
        return empty;
    const char *address = value_get_text(rule, "addr");
    if (!*address)
        return "it has neither addr nor rules";
    const Method *method = find_method(rule);
    if (!method)
        return arena_printf(arena, "the auth word %s is not known", value_get_text(rule, "auth"));
    if (!is_alias(address) && !typing_is_ipv4(address, true))
        return arena_printf(arena,
                            "%s is neither an IPv4 address nor local, localhost, admin, "
                            "infra, cluster, intra or world",
                            address);
    bool is_local = strcmp(address, "local") == 0;
    if (is_local && method->needs_tls)
        return arena_printf(arena, "a socket has no TLS, so auth %s cannot be asked for there",
                            method->word);
    if (strcmp(method->word, "peer") == 0 && !is_local)
        return "peer works on the socket only: write addr: local";
    return check_names(arena, rule, target);
}
