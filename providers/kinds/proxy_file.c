/*
 * The format is HAProxy's: its Configuration Manual 2.6, "Configuration file format", "Proxies",
 * and for the state of servers "server-state-file".
 */
#include "providers/kinds/proxy_file.h"

#include <string.h>

#include "base/text.h"
#include "schema/contract/content.h"

/* --- the file of a service -------------------------------------------------------------------- */

const char *proxy_service_path(Arena *arena, const char *cluster, const char *service)
{
    return arena_printf(arena, PROXY_FOLDER "/%s-%s.cfg", cluster, service);
}

#define MARKER "# Managed by pgsteer: "

const char *proxy_service_marker(Arena *arena, const char *cluster, const char *service)
{
    return arena_printf(arena, MARKER "%s/%s", cluster, service);
}

const char *proxy_marked_service(Arena *arena, const char *line, const char *cluster)
{
    const char *prefix = proxy_service_marker(arena, cluster, "");
    if (!text_starts_with(line, prefix) || strchr(line + strlen(prefix), '/'))
        return NULL;
    return arena_strdup(arena, line + strlen(prefix));
}

const Value *proxy_service_lines(Arena *arena, const char *cluster, const char *service)
{
    static const char *const lines[] = {"mode tcp", "option httpchk",
                                        "http-check expect status 200"};
    Value *list = value_list(arena);
    value_push(arena, list, value_textf(arena, "listen %s-%s", cluster, service));
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        value_push(arena, list, value_text(arena, lines[i]));
    return list;
}

/* Lines with a param of their own: what stands before its value. */
static const struct {
    const char *param;
    const char *prefix;
} service_lines[] = {
    {"bind", "bind "},
    {"maxconn", "maxconn "},
    {"balance", "balance "},
    {"check", "http-check send meth OPTIONS uri "},
    {"options", "default-server "},
};

/* HAProxy wants what is sent before what is expected. */
static bool is_expectation(const char *line)
{
    return text_starts_with(line, "http-check expect ");
}

static void add_lines(Text *out, const Value *lines, bool expectations)
{
    for (size_t i = 0; i < value_count(lines); i++) {
        const char *line = value_as_text(value_at(lines, i), "");
        if (is_expectation(line) == expectations)
            text_addf(out, "%s%s\n", i ? "    " : "", line);
    }
}

const char *proxy_service_render(Arena *arena, const char *cluster, const char *service,
                                 const Value *params)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    text_addf(&out, "%s\n", proxy_service_marker(arena, cluster, service));
    const Value *lines = value_get(params, "lines");
    add_lines(&out, lines, false);
    for (size_t i = 0; i < COUNT_OF(service_lines); i++) {
        const Value *value = value_get(params, service_lines[i].param);
        text_addf(&out, "    %s", service_lines[i].prefix);
        if (value && value->type == VALUE_INT)
            text_addf(&out, "%lld\n", (long long)value->integer);
        else
            text_addf(&out, "%s\n", value_as_text(value, ""));
    }
    add_lines(&out, lines, true);
    const Value *members = value_get(params, "members");
    for (size_t i = 0; i < value_count(members); i++)
        text_addf(&out, "    server %s %s\n", members->map.keys[i],
                  value_as_text(members->map.values[i], ""));
    return text_copy(&out, arena);
}

/* A line without its comment, blanks made one: what counts of it. A '#' inside a word is none. */
static const char *essence(Arena *arena, const char *line)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    char **words;
    size_t count = text_words(arena, line, false, &words);
    for (size_t i = 0; i < count && words[i][0] != '#'; i++)
        text_addf(&out, "%s%s", i ? " " : "", words[i]);
    return text_copy(&out, arena);
}

static bool read_param(Arena *arena, Value *params, const char *line)
{
    for (size_t i = 0; i < COUNT_OF(service_lines); i++) {
        if (!text_starts_with(line, service_lines[i].prefix))
            continue;
        value_set_text(arena, params, service_lines[i].param,
                       line + strlen(service_lines[i].prefix));
        return true;
    }
    return false;
}

static bool read_server(Arena *arena, Value *members, const char *line)
{
    if (!text_starts_with(line, "server "))
        return false;
    const char *name = line + strlen("server ");
    size_t length = strcspn(name, " ");
    value_set_text(arena, members, arena_strndup(arena, name, length),
                   name + length + (name[length] == ' '));
    return true;
}

const Value *proxy_service_read(Arena *arena, const char *text)
{
    Value *params = value_map(arena), *members = value_map(arena), *lines = value_list(arena);
    char **split;
    size_t count = text_split(arena, text, '\n', &split);
    for (size_t i = 0; i < count; i++) {
        const char *line = essence(arena, split[i]);
        if (line[0] && !read_param(arena, params, line) && !read_server(arena, members, line))
            value_push(arena, lines, value_text(arena, line));
    }
    value_set(arena, params, "members", members);
    value_set(arena, params, "lines", lines);
    return params;
}

/* --- the main file ---------------------------------------------------------------------------- */

static const char auth[] = "stats auth ";

/* Where the part of a key after its section begins. */
static const char *keyword_of(const char *key)
{
    const char *slash = strchr(key, '/');
    return slash ? slash + 1 : key;
}

static void add_text(Arena *arena, Value *pieces, const char *text)
{
    value_push(arena, pieces, value_text(arena, text));
}

static void render_line(Arena *arena, Value *pieces, const char *keyword, const Value *value)
{
    if (text_starts_with(keyword, auth)) {
        add_text(arena, pieces, arena_printf(arena, "    %s:", keyword));
        value_push(arena, pieces, content_piece(arena, "haproxy", value));
        add_text(arena, pieces, "\n");
        return;
    }
    const char *rest = value_as_text(value, "");
    add_text(arena, pieces, arena_printf(arena, "    %s%s%s\n", keyword, rest[0] ? " " : "", rest));
}

const Value *proxy_main_render(Arena *arena, const Value *keys)
{
    Value *pieces = value_list(arena);
    const char *previous = "";
    add_text(arena, pieces, PROXY_HEADER);
    for (size_t i = 0; i < value_count(keys); i++) {
        const char *key = keys->map.keys[i];
        size_t length = (size_t)(keyword_of(key) - key);
        if (strncmp(previous, key, length) != 0)
            add_text(arena, pieces, arena_printf(arena, "\n%.*s\n", (int)length - 1, key));
        render_line(arena, pieces, keyword_of(key), keys->map.values[i]);
        previous = key;
    }
    return pieces;
}

static bool is_section(const char *line)
{
    static const char *const words[] = {"global",  "defaults", "listen", "frontend",
                                        "backend", "userlist", "peers",  "program"};
    size_t length = strcspn(line, " ");
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strlen(words[i]) == length && strncmp(words[i], line, length) == 0)
            return true;
    }
    return false;
}

/* Of these the second word says what the line is about. */
static bool has_two_words(const char *line)
{
    static const char *const words[] = {"option ", "timeout ", "stats "};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (text_starts_with(line, words[i]))
            return true;
    }
    return false;
}

static size_t keyword_length(const char *line)
{
    size_t length = strcspn(line, " ");
    if (text_starts_with(line, auth))
        return strlen(auth) + strcspn(line + strlen(auth), ":");
    if (has_two_words(line))
        length += 1 + strcspn(line + length + 1, " ");
    return length;
}

/* A second line of the same keyword gets a number: it is kept, and seen as one that is not ours. */
static const char *free_key(Arena *arena, const Value *keys, const char *key)
{
    const char *free = key;
    for (int i = 2; value_get(keys, free); i++)
        free = arena_printf(arena, "%s #%d", key, i);
    return free;
}

const Value *proxy_main_read(Arena *arena, const char *text)
{
    Value *keys = value_map(arena);
    char **lines;
    size_t count = text_split(arena, text, '\n', &lines);
    const char *section = "";
    for (size_t i = 0; i < count; i++) {
        const char *line = essence(arena, lines[i]);
        if (is_section(line)) {
            section = line;
        } else if (line[0]) {
            size_t length = keyword_length(line);
            const char *key = arena_printf(arena, "%s/%.*s", section, (int)length, line);
            value_set_text(arena, keys, free_key(arena, keys, key),
                           line + length + (line[length] != '\0'));
        }
    }
    return keys;
}

/* --- the state of servers over a reload ------------------------------------------------------- */

const char proxy_keeper_text[] =
    "#!/usr/bin/perl\n"
    "# Written by pgsteer; a change here is undone.\n"
    "#\n"
    "# Before HAProxy reads its files again: note which servers are up, so that the new process\n"
    "# does not take every server for one that is up until its first checks. A server that was\n"
    "# not there before, or at another address, starts down.\n"
    "use strict;\n"
    "use IO::Socket::UNIX;\n"
    "\n"
    "my $state = \"" PROXY_STATE_FILE "\";\n"
    "unlink $state;\n"
    "my ($section, @wanted);\n"
    "for my $path (sort glob \"" PROXY_FOLDER "/*.cfg\") {\n"
    "    open(my $file, \"<\", $path) or die \"$path: $!\\n\";\n"
    "    while (<$file>) {\n"
    "        $section = $1 if /^(?:listen|backend)\\s+(\\S+)/;\n"
    "        push @wanted, [$section, $1, $2, $3]\n"
    "            if /^\\s+server\\s+(\\S+)\\s+([0-9.]+):([0-9]+)\\s/;\n"
    "    }\n"
    "}\n"
    "my $proxy = IO::Socket::UNIX->new(\"" PROXY_SOCKET "\")\n"
    "    or die \"haproxy does not answer: $!\\n\";\n"
    "print $proxy \"show servers state\\n\";\n"
    "my ($head, %seen) = \"\";\n"
    "while (<$proxy>) {\n"
    "    my @field = split;\n"
    "    if (@field > 18 and not /^#/) { $seen{\"@field[1, 3, 4]\"} = \\@field }\n"
    "    else { $head .= $_ if /\\S/ }\n"
    "}\n"
    "open(my $out, \">\", \"$state.new\") or die \"$state: $!\\n\";\n"
    "print $out $head;\n"
    "for (@wanted) {\n"
    "    my ($section, $name, $address, $port) = @$_;\n"
    "    my $line = $seen{\"$section $name $address\"} || [0, $section, 0, $name, $address,\n"
    "        0, 0, 1, 0, 0, 17, 2, 2, 6, 0, 0, 0, \"-\", 0, \"-\", 0, 0, \"-\", \"-\", 0];\n"
    "    # HAProxy takes the port from here, not from its files; and it has no agents.\n"
    "    @$line[18, 24] = ($port, 0);\n"
    "    print $out \"@$line\\n\";\n"
    "}\n"
    "close $out or die \"$state: $!\\n\";\n"
    "rename \"$state.new\", $state or die \"$state: $!\\n\";\n";
