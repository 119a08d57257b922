/*
 * Plain files of a node: units, the web site, drop-ins of packages, sudo rules.
 *
 * None holds a secret, so they are read and compared as texts. An early file is written before
 * packages are installed, because installing them reads it.
 */
#include <string.h>

#include "base/text.h"
#include "providers/kinds/file_texts.h"
#include "providers/kinds/kinds.h"
#include "providers/kinds/package_names.h"
#include "providers/kinds/place.h"

typedef const char *(*ContentFunction)(Arena *arena, const Host *host);

typedef struct FileRow {
    unsigned roles;
    const char *path;
    const char *mode;
    bool is_early;
    const char *service;     /* who must re-read it: "systemd", "nginx" or "" */
    const char *text;        /* with @words@ */
    ContentFunction content; /* instead of `text`; NULL means: the file must not be there */
    const char *inventory;   /* the parameter that it comes from, or NULL */
} FileRow;

static const char *blacklist(Arena *arena, const Host *host);
static const char *no_restarts(Arena *arena, const Host *host);
static const char *sudo_rules(Arena *arena, const Host *host);

static const FileRow rows[] = {
    {.roles = PLACE_REPO,
     .path = "/etc/nginx/conf.d/pgsteer.conf",
     .mode = "0644",
     .is_early = true,
     .service = "nginx",
     .text = file_text_web_site,
     .inventory = "repo_home"},
    {.roles = PLACE_REPO | PLACE_ETCD | PLACE_PG,
     .path = "/etc/apt/apt.conf.d/52pgsteer",
     .mode = "0644",
     .is_early = true,
     .service = "",
     .content = blacklist},
    {.roles = PLACE_REPO | PLACE_ETCD | PLACE_PG,
     .path = "/etc/needrestart/conf.d/pgsteer.conf",
     .mode = "0644",
     .is_early = true,
     .service = "",
     .content = no_restarts},
    {.roles = PLACE_PG,
     .path = "/etc/postgresql-common/createcluster.d/pgsteer.conf",
     .mode = "0644",
     .is_early = true,
     .service = "",
     .text = file_text_no_main_cluster},
    {.roles = PLACE_ETCD,
     .path = "/etc/systemd/system/etcd.service",
     .mode = "0644",
     .is_early = true,
     .service = "systemd",
     .text = file_text_etcd_unit},
    {.roles = PLACE_PATRONI,
     .path = "/etc/systemd/system/patroni.service",
     .mode = "0644",
     .is_early = true,
     .service = "systemd",
     .text = file_text_patroni_unit,
     .inventory = "pg_dbsu"},
    {.roles = PLACE_POOLER,
     .path = "/etc/systemd/system/pgbouncer.service",
     .mode = "0644",
     .is_early = true,
     .service = "systemd",
     .text = file_text_pgbouncer_unit,
     .inventory = "pg_dbsu"},
    {.roles = PLACE_PROXY,
     .path = "/etc/systemd/system/haproxy.service",
     .mode = "0644",
     .is_early = true,
     .service = "systemd",
     .text = file_text_haproxy_unit},
    {.roles = PLACE_PG,
     .path = "/etc/tmpfiles.d/pgsteer.conf",
     .mode = "0644",
     .service = "",
     .text = file_text_tmpfiles,
     .inventory = "pg_dbsu"},
    {.roles = PLACE_PG,
     .path = "/etc/profile.d/pgsql.sh",
     .mode = "0644",
     .service = "",
     .text = file_text_profile,
     .inventory = "pg_bin_dir"},
    {.roles = PLACE_PG,
     .path = "/etc/sudoers.d/postgres",
     .mode = "0440",
     .service = "",
     .content = sudo_rules,
     .inventory = "pg_dbsu_sudo"},
};

static const ParamRow params[] = {
    {.name = "path",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "Where the file is."},
    {.name = "content",
     .type = PARAM_TEXT,
     .doc = "What is in it.",
     .inventory = "pg_dbsu pg_dbsu_sudo pg_bin_dir repo_home"},
    {.name = "owner",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_FOLD,
     .doc = "The user that it belongs to."},
    {.name = "group",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_FOLD,
     .doc = "The group that it belongs to."},
    {.name = "mode",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_FOLD,
     .doc = "Its access mode, as four octal digits."},
    {.name = "early",
     .type = PARAM_BOOL,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "Whether it must be there before packages are installed."},
    {.name = "service",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "Who must read it again when it has changed."},
};

static const char *const sources[] = {"node.files", NULL};

static const struct {
    const char *level; /* of pg_dbsu_sudo */
    const char *text;
} sudo_levels[] = {
    {"limit", file_text_sudo_limit},
    {"all", file_text_sudo_all},
    {"nopass", file_text_sudo_nopass},
};

static const char *sudo_rules(Arena *arena, const Host *host)
{
    for (size_t i = 0; i < COUNT_OF(sudo_levels); i++) {
        if (strcmp(sudo_levels[i].level, host_text(host, "pg_dbsu_sudo")) == 0)
            return place_expand(arena, host, sudo_levels[i].text);
    }
    return NULL;
}

/* Names are regular expressions there; of what Debian names packages, '+' and '.' mean more. */
static void add_pattern(Text *out, const char *name)
{
    text_add(out, "    \"^");
    for (; *name; name++) {
        if (*name == '.' || *name == '+')
            text_add(out, "[");
        text_add_char(out, *name);
        if (*name == '.' || *name == '+')
            text_add(out, "]");
    }
    text_add(out, "$\";\n");
}

static const char *blacklist(Arena *arena, const Host *host)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    text_add(&out, "// Written by pgsteer: these packages are upgraded with care, not at night.\n"
                   "Unattended-Upgrade::Package-Blacklist {\n");
    const Value *names = package_names(arena, host);
    for (size_t i = 0; i < value_count(names); i++)
        add_pattern(&out, value_as_text(value_at(names, i), ""));
    text_add(&out, "};\n");
    return text_copy(&out, arena);
}

/* needrestart's own language is Perl. */
static const char *no_restarts(Arena *arena, const Host *host)
{
    (void)host;
    return arena_strdup(arena,
                        "# Written by pgsteer: these services are restarted with care.\n"
                        "$nrconf{override_rc}{qr(^(etcd|patroni|pgbouncer|haproxy)\\.service$)}"
                        " = 0;\n");
}

/* NULL: there must be no such file. */
static const char *wanted_content(Arena *arena, const Host *host, const FileRow *row)
{
    return row->text ? place_expand(arena, host, row->text) : row->content(arena, host);
}

static void declare(ResourceSet *out, const Host *host, const FileRow *row)
{
    Arena *arena = out->arena;
    const char *content = wanted_content(arena, host, row);
    Resource *file = resource_add(out, host_name(host), row->path, host_address(host));
    file->origin = row->inventory ? host_param_origin(host, row->inventory) : NULL;
    file->ensure = content ? ENSURE_PRESENT : ENSURE_ABSENT;
    resource_set(file, "path", value_text(arena, row->path), NULL);
    resource_set(file, "content", content ? value_text(arena, content) : NULL, file->origin);
    resource_set(file, "owner", value_text(arena, "root"), NULL);
    resource_set(file, "group", value_text(arena, "root"), NULL);
    resource_set(file, "mode", value_text(arena, row->mode), NULL);
    resource_set(file, "early", value_bool(row->is_early), NULL);
    resource_set(file, "service", value_text(arena, row->service), NULL);
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    (void)facts;
    const Host *host = domain->hosts[0];
    unsigned roles = place_roles(host);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (roles & rows[i].roles)
            declare(out, host, &rows[i]);
    }
    return NULL;
}

static void read_file(ResourceSet *out, const Host *host, const FileRow *row, const Value *files)
{
    static const char *const facts_of[] = {"owner", "group", "mode"};
    const Value *entry = place_entry(out, files, host_name(host), row->path);
    if (!value_get_bool(entry, "exists", false))
        return;
    Resource *file = resource_add(out, host_name(host), row->path, host_address(host));
    for (size_t i = 0; i < COUNT_OF(facts_of); i++)
        resource_set(file, facts_of[i], value_get(entry, facts_of[i]), NULL);
    const Value *content = value_get(entry, "content");
    if (content && content->type == VALUE_TEXT)
        resource_set(file, "content", content, NULL);
    else /* too long or no text: surely not what we write */
        resource_set(file, "content", value_text(out->arena, ""), NULL);
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    const Host *host = domain->hosts[0];
    unsigned roles = place_roles(host);
    const Value *files = place_reading(out, facts, host, host_name(host), "node.files");
    for (size_t i = 0; files && i < COUNT_OF(rows); i++) {
        if (roles & rows[i].roles)
            read_file(out, host, &rows[i], files);
    }
    return NULL;
}

const Kind kind_file = {
    .name = "file",
    .domain = DOMAIN_NODE,
    .doc = "A plain file of the node's configuration.",
    .folds = true,
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "file.put",
    .update_verb = "file.put",
    .delete_verb = "file.remove",
    .desired = desired,
    .read = read,
};
