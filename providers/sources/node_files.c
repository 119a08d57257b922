/* Files of a node: paths, contents, masked contents, certificates, markers, package folders. */
#include <stdlib.h>
#include <string.h>

#include "base/certificate.h"
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

/* The bytes that a line announced, and the newline after them; NULL if they are not all there. */
static const char *announced(Answer *answer, const char *length_text, size_t *ret_length)
{
    int64_t length = 0;
    if (!text_to_int(length_text, &length) || length < 0)
        return NULL;
    const char *bytes = answer_bytes(answer, (size_t)length);
    if (bytes)
        (void)answer_line(answer);
    *ret_length = (size_t)length;
    return bytes;
}

/* One "file" line: fields[5] is "content" with the length of what follows, "sha256" with the digest
 * of what is too long to be told, or "none". */
static Error *file_line(Answer *answer, char *const *fields, Value *files)
{
    Value *file = file_there(answer->arena, fields);
    value_set(answer->arena, files, fields[1], file);
    if (strcmp(fields[5], "sha256") == 0)
        value_set_text(answer->arena, file, "sha256", fields[6]);
    if (strcmp(fields[5], "content") != 0)
        return NULL;
    size_t length = 0;
    const char *bytes = announced(answer, fields[6], &length);
    if (!bytes)
        return error_new(ERROR_REFUSED, "the content of %s arrived damaged", fields[1]);
    file_set_content(answer->arena, file, bytes, length);
    return NULL;
}

/* The lines about files up to the end. */
static Error *file_lines(Answer *answer, Value *files)
{
    for (char *line = answer_line(answer); line; line = answer_line(answer)) {
        char *fields[7];
        size_t count = answer_fields(line, fields, COUNT_OF(fields));
        if (strcmp(fields[0], "absent") == 0)
            value_set(answer->arena, files, fields[1], file_absent(answer->arena));
        else if (strcmp(fields[0], "file") == 0 && count == COUNT_OF(fields))
            TRY(file_line(answer, fields, files));
    }
    return NULL;
}

static Error *parse_files(Arena *arena, const char *bytes, size_t length, int status,
                          const Value **ret)
{
    (void)status;
    Answer answer = answer_of(arena, bytes, length);
    Value *files = value_map(arena);
    TRY(file_lines(&answer, files));
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

/* "nonce", a tab and the salt of the digests, then as node.files. */
static Error *parse_secret_files(Arena *arena, const char *bytes, size_t length, int status,
                                 const Value **ret)
{
    (void)status;
    Answer answer = answer_of(arena, bytes, length);
    char *first = answer_line(&answer);
    char *fields[2] = {NULL, NULL};
    if (!first || answer_fields(first, fields, COUNT_OF(fields)) < COUNT_OF(fields) ||
        strcmp(fields[0], "nonce") != 0 || !*fields[1])
        return error_new(ERROR_REFUSED, "the answer about files with secrets has no beginning");
    Value *files = value_map(arena);
    TRY(file_lines(&answer, files));
    Value *map = value_map(arena);
    value_set_text(arena, map, "nonce", fields[1]);
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

static Value *cert_value(Arena *arena, const Certificate *cert)
{
    Value *map = value_map(arena);
    Value *sans = value_list(arena);
    for (size_t i = 0; i < cert->san_count; i++)
        value_push(arena, sans, value_text(arena, cert->sans[i]));
    value_set_text(arena, map, "cn", cert->cn);
    value_set_text(arena, map, "issuer", cert->issuer);
    value_set_text(arena, map, "serial", cert->serial);
    value_set_int(arena, map, "not_after_s", cert->not_after_s);
    value_set_bool(arena, map, "key_matches", false);
    value_set(arena, map, "sans", sans);
    return map;
}

/* Is what the node says about the key of this certificate: its public half? */
static bool is_public_key(const Certificate *cert, const char *pem, size_t length)
{
    size_t wanted = strlen(cert->public_key);
    return wanted > 0 && length >= wanted && memcmp(pem, cert->public_key, wanted) == 0;
}

typedef struct Certs {
    Answer answer;
    Value *all;       /* path -> certificate, or null: not there */
    const char *path; /* what the lines are about */
    Value *now;       /* its certificate */
    Certificate cert; /* as it was read */
} Certs;

static Error *cert_pem(Certs *certs, bool is_cert, const char *length)
{
    static const Certificate unread = {.cn = "", .issuer = "", .serial = "", .public_key = ""};
    Arena *arena = certs->answer.arena;
    size_t size = 0;
    const char *pem = announced(&certs->answer, length, &size);
    if (!pem)
        return error_new(ERROR_REFUSED, "the content of %s arrived damaged", certs->path);
    if (is_cert) {
        if (!certificate_read(arena, pem, size, &certs->cert))
            certs->cert = unread;
        certs->now = cert_value(arena, &certs->cert);
        value_set(arena, certs->all, certs->path, certs->now);
    } else if (certs->now && is_public_key(&certs->cert, pem, size)) {
        value_set_bool(arena, certs->now, "key_matches", true);
    }
    return NULL;
}

/* "arg PATH" for each; if it is there "cert LENGTH" and PEM; if its key is there,
 * "key_matches=true" or "public LENGTH" and the key's public half as PEM. */
static Error *parse_certs(Arena *arena, const char *bytes, size_t length, int status,
                          const Value **ret)
{
    (void)status;
    Certs certs = {.answer = answer_of(arena, bytes, length), .all = value_map(arena), .path = ""};
    for (char *line = answer_line(&certs.answer); line; line = answer_line(&certs.answer)) {
        char *fields[2];
        answer_fields(line, fields, COUNT_OF(fields));
        bool is_cert = strcmp(fields[0], "cert") == 0;
        if (strcmp(fields[0], "arg") == 0) {
            certs.path = fields[1];
            certs.now = NULL;
            value_set(arena, certs.all, certs.path, &value_null);
        } else if (is_cert || strcmp(fields[0], "public") == 0) {
            TRY(cert_pem(&certs, is_cert, fields[1]));
        } else if (certs.now && strcmp(fields[0], "key_matches=true") == 0) {
            value_set_bool(arena, certs.now, "key_matches", true);
        }
    }
    *ret = certs.all;
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
        char *fields[3];
        if (answer_fields(line, fields, COUNT_OF(fields)) < COUNT_OF(fields))
            continue;
        size_t size = 0;
        const char *json = announced(&answer, fields[2], &size);
        const Value *marker = NULL;
        CLEANUP(error_freep)
        Error *error =
            json ? json_parse(arena, json, size, &marker) : error_new(ERROR_REFUSED, "cut off");
        if (error)
            return error_new(ERROR_REFUSED, "marker %s is damaged", fields[1]);
        value_set(arena, markers, fields[1], marker);
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
