/* Files of a node: paths, contents, masked contents, certificates, markers, package folders. */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "providers/sources/answer.h"
#include "providers/sources/fragments.h"
#include "providers/sources/rows.h"

enum { KIB = 1024, MIB = 1024 * 1024 };

static const struct {
    char letter; /* find's %y */
    const char *type;
} path_types[] = {{'f', "file"}, {'d', "dir"}, {'l', "link"}};

static const char *path_type(char letter)
{
    for (size_t i = 0; i < COUNT_OF(path_types); i++) {
        if (path_types[i].letter == letter)
            return path_types[i].type;
    }
    return "other";
}

static const Value *path_value(Arena *arena, const char *type, char *const *fields)
{
    Value *path = value_map(arena);
    value_set_text(arena, path, "type", type);
    value_set_text(arena, path, "owner", fields[3]);
    value_set_text(arena, path, "group", fields[4]);
    value_set(arena, path, "mode", answer_mode(arena, fields[5]));
    value_set_text(arena, path, "target", fields[6]);
    return path;
}

static Error *parse_paths(Arena *arena, const char *bytes, size_t length, int status,
                          const Value **ret)
{
    (void)status;
    char empty[] = "";
    char *absent[] = {empty, empty, empty, empty, empty, empty, empty};
    Answer answer = answer_of(arena, bytes, length);
    Value *paths = value_map(arena);
    for (char *line = answer_line(&answer); line; line = answer_line(&answer)) {
        char *fields[7];
        answer_fields(line, fields, COUNT_OF(fields));
        if (strcmp(fields[0], "arg") == 0)
            value_set(arena, paths, fields[1], path_value(arena, "absent", absent));
        else if (strcmp(fields[0], "path") == 0)
            value_set(arena, paths, fields[1], path_value(arena, path_type(*fields[2]), fields));
    }
    *ret = paths;
    return NULL;
}

const Source source_node_paths = {
    .name = "node.paths",
    .scope = SCOPE_NODE,
    .via = VIA_PROBE,
    .text = embedded_node_paths,
    .budget_ms = 20000,
    .max_bytes = 1L * MIB,
    .parse = parse_paths,
    .doc = "type, owner and mode of paths",
};

static Value *file_absent(Arena *arena)
{
    Value *file = value_map(arena);
    value_set_bool(arena, file, "exists", false);
    value_set_text(arena, file, "owner", "");
    value_set_text(arena, file, "group", "");
    value_set_text(arena, file, "mode", "");
    value_set(arena, file, "content", &value_null);
    value_set_text(arena, file, "sha256", "");
    return file;
}

/* fields: ..., owner, group, mode at [2..4]. */
static Value *file_there(Arena *arena, char *const *fields)
{
    Value *file = file_absent(arena);
    value_set_bool(arena, file, "exists", true);
    value_set_text(arena, file, "owner", fields[2]);
    value_set_text(arena, file, "group", fields[3]);
    value_set(arena, file, "mode", answer_mode(arena, fields[4]));
    return file;
}

static void file_set_content(Arena *arena, Value *file, const char *bytes, size_t length)
{
    char digest[SHA256_HEX + 1];
    sha256_hex(bytes, length, digest);
    value_set_text(arena, file, "sha256", digest);
    bool is_text = text_is_valid_utf8(bytes, length) && !memchr(bytes, '\0', length);
    if (is_text)
        value_set_text(arena, file, "content", arena_strndup(arena, bytes, length));
}

static Error *file_decode(Arena *arena, Value *file, const char *path, const char *how, char *text)
{
    if (strcmp(how, "content") != 0) {
        text[strcspn(text, " ")] = '\0';
        value_set_text(arena, file, "sha256", text);
        return NULL;
    }
    size_t length = 0;
    const unsigned char *bytes = base64_decode(arena, text, &length);
    if (!bytes)
        return error_new(ERROR_REFUSED, "the content of %s arrived damaged", path);
    file_set_content(arena, file, (const char *)bytes, length);
    return NULL;
}

static Error *parse_files(Arena *arena, const char *bytes, size_t length, int status,
                          const Value **ret)
{
    (void)status;
    Answer answer = answer_of(arena, bytes, length);
    Value *files = value_map(arena);
    for (char *line = answer_line(&answer); line; line = answer_line(&answer)) {
        char *fields[7];
        size_t count = answer_fields(line, fields, COUNT_OF(fields));
        if (strcmp(fields[0], "arg") == 0) {
            value_set(arena, files, fields[1], file_absent(arena));
        } else if (strcmp(fields[0], "file") == 0 && count == COUNT_OF(fields)) {
            Value *file = file_there(arena, fields);
            TRY(file_decode(arena, file, fields[1], fields[5], fields[6]));
            value_set(arena, files, fields[1], file);
        }
    }
    *ret = files;
    return NULL;
}

const Source source_node_files = {
    .name = "node.files",
    .scope = SCOPE_NODE,
    .via = VIA_PROBE,
    .text = embedded_node_files,
    .budget_ms = 20000,
    .max_bytes = 16L * MIB,
    .parse = parse_files,
    .doc = "contents of managed files",
};

/* One "file" line; its content of fields[6] bytes and a newline follow. */
static Error *secret_file(Answer *answer, char *const *fields, Value *files)
{
    Value *file = file_there(answer->arena, fields);
    int64_t length = 0;
    bool has_content = strcmp(fields[5], "content") == 0;
    if (!text_to_int(fields[6], &length) || length < 0)
        return error_new(ERROR_REFUSED, "the answer about %s is damaged", fields[1]);
    if (has_content) {
        const char *bytes = answer_bytes(answer, (size_t)length);
        if (!bytes)
            return error_new(ERROR_REFUSED, "the content of %s arrived damaged", fields[1]);
        file_set_content(answer->arena, file, bytes, (size_t)length);
        (void)answer_line(answer);
    }
    value_set(answer->arena, files, fields[1], file);
    return NULL;
}

static Error *parse_secret_files(Arena *arena, const char *bytes, size_t length, int status,
                                 const Value **ret)
{
    (void)status;
    Answer answer = answer_of(arena, bytes, length);
    Value *files = value_map(arena);
    const char *nonce = "";
    for (char *line = answer_line(&answer); line; line = answer_line(&answer)) {
        char *fields[7];
        size_t count = answer_fields(line, fields, COUNT_OF(fields));
        if (strcmp(fields[0], "nonce") == 0)
            nonce = fields[1];
        else if (strcmp(fields[0], "absent") == 0)
            value_set(arena, files, fields[1], file_absent(arena));
        else if (strcmp(fields[0], "file") == 0 && count == COUNT_OF(fields))
            TRY(secret_file(&answer, fields, files));
    }
    if (!*nonce)
        return error_new(ERROR_REFUSED, "the answer about files with secrets has no beginning");
    Value *map = value_map(arena);
    value_set_text(arena, map, "nonce", nonce);
    value_set(arena, map, "files", files);
    *ret = map;
    return NULL;
}

const Source source_node_secret_files = {
    .name = "node.secret_files",
    .scope = SCOPE_NODE,
    .via = VIA_PROBE,
    .text = embedded_node_secret_files,
    .budget_ms = 20000,
    .max_bytes = 16L * MIB,
    .parse = parse_secret_files,
    .doc = "files that can hold secrets, with the secrets masked on the node",
};

static const AnswerKey cert_keys[] = {
    {"cn", "cn", VALUE_TEXT},
    {"issuer", "issuer", VALUE_TEXT},
    {"serial", "serial", VALUE_TEXT},
    {"not_after_s", "not_after_s", VALUE_INT},
    {"key_matches", "key_matches", VALUE_BOOL},
};

/* The CN of an RFC 2253 name: "CN=etcd\, one,O=x" -> "etcd, one". */
static const char *common_name(Arena *arena, const char *name)
{
    const char *at = name;
    while (at && strncmp(at, "CN=", 3) != 0) {
        at = strchr(at, ',');
        at = at ? at + 1 : NULL;
    }
    if (!at)
        return "";
    CLEANUP(text_release) Text cn = TEXT_INIT;
    for (at += 3; *at && *at != ','; at++) {
        if (*at == '\\' && at[1])
            at++;
        text_add_char(&cn, *at);
    }
    return text_copy(&cn, arena);
}

/* "DNS:n1, IP Address:10.0.0.1" -> ["DNS:n1", "IP:10.0.0.1"]. */
static const Value *alternative_names(Arena *arena, const char *line)
{
    static const char address[] = "IP Address:";
    char **parts = NULL;
    size_t count = text_split(arena, line, ',', &parts);
    Value *names = value_list(arena);
    for (size_t i = 0; i < count; i++) {
        const char *part = parts[i] + strspn(parts[i], " ");
        if (text_starts_with(part, address))
            value_push(arena, names, value_textf(arena, "IP:%s", part + strlen(address)));
        else if (*part)
            value_push(arena, names, value_text(arena, part));
    }
    return names;
}

static Value *cert_new(Arena *arena)
{
    Value *cert = value_map(arena);
    answer_defaults(arena, cert, cert_keys, COUNT_OF(cert_keys));
    value_set(arena, cert, "sans", value_list(arena));
    return cert;
}

static void cert_line(Arena *arena, Value *cert, char *line)
{
    char *key = NULL;
    char *text = NULL;
    if (strncmp(line, "    ", 4) == 0)
        value_set(arena, cert, "sans", alternative_names(arena, line));
    else if (!answer_pair(line, '=', &key, &text))
        return;
    else if (strcmp(key, "subject") == 0)
        value_set_text(arena, cert, "cn", common_name(arena, text));
    else if (strcmp(key, "issuer") == 0)
        value_set_text(arena, cert, "issuer", common_name(arena, text));
    else
        answer_set(arena, cert, cert_keys, COUNT_OF(cert_keys), key, text);
}

static Error *parse_certs(Arena *arena, const char *bytes, size_t length, int status,
                          const Value **ret)
{
    (void)status;
    Answer answer = answer_of(arena, bytes, length);
    Value *certs = value_map(arena);
    const char *path = "";
    Value *cert = NULL;
    for (char *line = answer_line(&answer); line; line = answer_line(&answer)) {
        if (strncmp(line, "arg\t", 4) == 0) {
            path = line + 4;
            cert = NULL;
            value_set(arena, certs, path, &value_null);
        } else if (strcmp(line, "cert") == 0 && *path) {
            cert = cert_new(arena);
            value_set(arena, certs, path, cert);
        } else if (cert) {
            cert_line(arena, cert, line);
        }
    }
    *ret = certs;
    return NULL;
}

const Source source_node_certs = {
    .name = "node.certs",
    .scope = SCOPE_NODE,
    .via = VIA_PROBE,
    .text = embedded_node_certs,
    .budget_ms = 20000,
    .max_bytes = 1L * MIB,
    .parse = parse_certs,
    .doc = "certificates: names, issuer, end",
};

static Error *parse_markers(Arena *arena, const char *bytes, size_t length, int status,
                            const Value **ret)
{
    (void)status;
    Answer answer = answer_of(arena, bytes, length);
    Value *markers = value_map(arena);
    for (char *line = answer_line(&answer); line; line = answer_line(&answer)) {
        char *fields[2];
        if (answer_fields(line, fields, COUNT_OF(fields)) < COUNT_OF(fields))
            continue;
        size_t size = 0;
        const unsigned char *json = base64_decode(arena, fields[1], &size);
        const Value *marker = NULL;
        CLEANUP(error_freep)
        Error *error = json ? json_parse(arena, (const char *)json, size, &marker)
                            : error_new(ERROR_REFUSED, "no base64");
        if (error)
            return error_new(ERROR_REFUSED, "marker %s is damaged", fields[0]);
        value_set(arena, markers, fields[0], marker);
    }
    *ret = markers;
    return NULL;
}

const Source source_node_markers = {
    .name = "node.markers",
    .scope = SCOPE_NODE,
    .via = VIA_PROBE,
    .text = embedded_node_markers,
    .budget_ms = 20000,
    .max_bytes = 4L * MIB,
    .parse = parse_markers,
    .doc = "notes of ours on the node",
};

static const Value *repo_value(Arena *arena, const char *count, const char *exists,
                               const char *current)
{
    int64_t number = 0;
    (void)text_to_int(count, &number);
    Value *repo = value_map(arena);
    value_set_int(arena, repo, "deb_count", number);
    value_set_bool(arena, repo, "index_exists", strcmp(exists, "true") == 0);
    value_set_bool(arena, repo, "index_current", strcmp(current, "true") == 0);
    return repo;
}

static Error *parse_repo(Arena *arena, const char *bytes, size_t length, int status,
                         const Value **ret)
{
    (void)status;
    Answer answer = answer_of(arena, bytes, length);
    Value *folders = value_map(arena);
    for (char *line = answer_line(&answer); line; line = answer_line(&answer)) {
        char *fields[5];
        answer_fields(line, fields, COUNT_OF(fields));
        if (strcmp(fields[0], "arg") == 0)
            value_set(arena, folders, fields[1], repo_value(arena, "0", "", ""));
        else if (strcmp(fields[0], "repo") == 0)
            value_set(arena, folders, fields[1],
                      repo_value(arena, fields[2], fields[3], fields[4]));
    }
    *ret = folders;
    return NULL;
}

const Source source_node_repo = {
    .name = "node.repo",
    .scope = SCOPE_NODE,
    .via = VIA_PROBE,
    .text = embedded_node_repo,
    .budget_ms = 20000,
    .max_bytes = 64L * KIB,
    .parse = parse_repo,
    .doc = "package folders and their index",
};
