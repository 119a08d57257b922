#include "schema/contract/effect.h"

#include <string.h>

#define ARGS(...)  ((const char *const[]){__VA_ARGS__, NULL})
#define SECONDS(n) ((n)*INT64_C(1000))
#define MINUTES(n) ((n)*INT64_C(60000))

/* Arguments: "?name" is optional, "..." allows any further ones (those of the operation). */
const EffectRow effect_rows[EFFECT_TYPE_COUNT] = {
    [EFFECT_FILE_PUT] = {EFFECT_FILE_PUT, "file_put",
                         ARGS("path", "content", "owner", "group", "mode"), false, SECONDS(30),
                         "write a file atomically"},
    [EFFECT_FILE_SET_PUT] = {EFFECT_FILE_SET_PUT, "file_set_put",
                             ARGS("files", "?remove", "?checker"), false, SECONDS(60),
                             "stage files that belong together, check them, move them into place"},
    [EFFECT_FILE_BLOCK] = {EFFECT_FILE_BLOCK, "file_block",
                           ARGS("path", "block", "content", "?owner", "?group", "?mode"), false,
                           SECONDS(30), "write a marked block of a file that others write, too"},
    [EFFECT_FILE_REMOVE] = {EFFECT_FILE_REMOVE, "file_remove", ARGS("path"), false, SECONDS(30),
                            "remove a file"},
    [EFFECT_DIR] = {EFFECT_DIR, "dir", ARGS("path", "owner", "group", "mode"), false, SECONDS(30),
                    "make a directory and set its owner and mode"},
    [EFFECT_LINK] = {EFFECT_LINK, "link", ARGS("path", "target"), false, SECONDS(30),
                     "make a symbolic link"},
    [EFFECT_USER] = {EFFECT_USER, "user",
                     ARGS("name", "?uid", "?gid", "?group", "?groups", "?home", "?shell",
                          "?system"),
                     false, SECONDS(30), "make a user of the operating system"},
    [EFFECT_HOSTNAME] = {EFFECT_HOSTNAME, "hostname", ARGS("name"), false, SECONDS(30),
                         "set the name of the node"},
    [EFFECT_PACKAGES] = {EFFECT_PACKAGES, "packages", ARGS("names", "?job"), true, MINUTES(15),
                         "install packages"},
    [EFFECT_APT_UPDATE] = {EFFECT_APT_UPDATE, "apt_update", ARGS("?list"), false, MINUTES(3),
                           "read package lists again"},
    [EFFECT_REPO_INDEX] = {EFFECT_REPO_INDEX, "repo_index", ARGS("path"), false, MINUTES(5),
                           "write the index of a folder of packages"},
    [EFFECT_UNIT] = {EFFECT_UNIT, "unit", ARGS("?name", "action", "?block"), false, MINUTES(2),
                     "start, stop, enable or reload a unit"},
    [EFFECT_CA] = {EFFECT_CA, "ca", ARGS("path", "cn", "days"), false, SECONDS(60),
                   "make the certificate authority"},
    [EFFECT_CERT] = {EFFECT_CERT, "cert",
                     ARGS("ca_host", "ca_path", "cn", "?sans", "days", "key", "cert", "ca", "owner",
                          "group", "key_mode"),
                     false, SECONDS(60), "make a key on the node and have it certified"},
    [EFFECT_ETCD] = {EFFECT_ETCD, "etcd", ARGS("op", "..."), false, SECONDS(60),
                     "change members, users or keys of etcd"},
    [EFFECT_REST] = {EFFECT_REST, "rest",
                     ARGS("method", "path", "?body", "?port", "?user", "?password", "?ok"), false,
                     SECONDS(60), "call the Patroni REST API of a member"},
    [EFFECT_SQL] = {EFFECT_SQL, "sql", ARGS("op", "..."), false, MINUTES(2),
                    "perform a catalog operation"},
    [EFFECT_POOL_CONSOLE] = {EFFECT_POOL_CONSOLE, "pool_console", ARGS("command", "?database"),
                             false, SECONDS(30), "give the pooler a command"},
    [EFFECT_DATA_REMOVE] = {EFFECT_DATA_REMOVE, "data_remove", ARGS("path", "?unfinished"), false,
                            MINUTES(5), "remove a data directory"},
    [EFFECT_MARKER] = {EFFECT_MARKER, "marker", ARGS("key", "?value"), false, SECONDS(30),
                       "keep a note of ours beside what is managed"},
};

static bool row_has(const EffectRow *row, const char *name)
{
    for (const char *const *arg = row->args; *arg; arg++) {
        if (strcmp(*arg, "...") == 0 || strcmp(*arg + (**arg == '?'), name) == 0)
            return true;
    }
    return false;
}

Error *effect_check(const Effect *effect)
{
    if ((unsigned)effect->type >= EFFECT_TYPE_COUNT)
        return error_new(ERROR_INVALID, "there is no effect number %d", (int)effect->type);
    const EffectRow *row = &effect_rows[effect->type];
    if (!effect->host || !*effect->host)
        return error_new(ERROR_INVALID, "effect %s names no node", row->name);
    if (!effect->args || effect->args->type != VALUE_MAP)
        return error_new(ERROR_INVALID, "effect %s has no map of arguments", row->name);
    for (const char *const *arg = row->args; *arg; arg++) {
        bool is_needed = **arg != '?' && strcmp(*arg, "...") != 0;
        if (is_needed && !value_get(effect->args, *arg))
            return error_new(ERROR_INVALID, "effect %s lacks the argument '%s'", row->name, *arg);
    }
    for (size_t i = 0; i < effect->args->map.count; i++) {
        if (!row_has(row, effect->args->map.keys[i]))
            return error_new(ERROR_INVALID, "effect %s does not know the argument '%s'", row->name,
                             effect->args->map.keys[i]);
    }
    return NULL;
}
