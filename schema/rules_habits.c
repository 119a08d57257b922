/* What works, but not for long: known passwords, backups that nobody makes. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "schema/rules_internal.h"

static const char *const sample_passwords[] = {
    "DBUser.DBA",    "DBUser.Monitor", "DBUser.Replicator", "DBUser.Meta", "DBUser.Viewer",
    "DBUser.Supa",   "Patroni.API",    "Etcd.Root",         "pigsty",      "S3User.MinIO",
    "S3User.Backup", "S3User.Meta",    "S3User.Data",       "pgBackRest",
};

static bool is_sample(const char *password)
{
    for (size_t i = 0; i < COUNT_OF(sample_passwords); i++) {
        const char *sample = sample_passwords[i];
        if (sample[0] == password[0] && strcmp(sample, password) == 0)
            return true;
    }
    return false;
}

/* Defaults of software that does not run on the host do no harm. */
static bool default_matters(const RuleRun *run, const char *address, const char *param)
{
    const char *text = arena_strndup(run->scratch, address, (size_t)(param - address - 1));
    const Host *host = inventory_host(run->inventory, text);
    if (text_starts_with(param, "etcd_"))
        return host_in_group(host, "etcd");
    if (text_starts_with(param, "haproxy_"))
        return *host->cluster != '\0' && host_bool(host, "haproxy_enabled", true);
    return *host->cluster != '\0' && !text_starts_with(param, "pgbackrest_repo");
}

typedef struct Found {
    Diagnostic *problem;
    Text names;
    size_t count;
} Found;

static void take_password(const RuleRun *run, Found *found, const char *address,
                          const Secret *secret)
{
    const char *param = strchr(address, '|') + 1;
    bool is_default = secret->origin.line == 0;
    const char *name = arena_strndup(run->scratch, param, strcspn(param, "|"));
    if (!varset_find(run->inventory->defaults, name))
        return; /* of a module that is not managed */
    const char *key = is_default ? param : rule_place(run->scratch, &secret->origin);
    if (map_get(run->seen, key) || (is_default && !default_matters(run, address, param)))
        return;
    rule_first(run, key);
    found->count++;
    if (is_default)
        text_addf(&found->names, "%s%s", found->names.length ? ", " : "", param);
    else
        diagnostic_add_place(found->problem, &secret->origin);
}

static void known_passwords(const RuleRun *run)
{
    Diagnostic collected = {0};
    Found found = {.problem = &collected, .names = TEXT_INIT};
    for (size_t i = 0; i < map_count(run->inventory->secrets); i++) {
        const Secret *secret = map_value_at(run->inventory->secrets, i);
        if (secret->form == SECRET_PLAIN && is_sample(secret->text))
            take_password(run, &found, map_key_at(run->inventory->secrets, i), secret);
    }
    const char *advice = "Everybody knows them: choose your own.";
    if (found.names.length > 0)
        advice =
            arena_printf(run->scratch, "%s\nNot set, so they have their well-known default: %s",
                         advice, text_get(&found.names));
    if (found.count > 0) {
        Diagnostic *problem = diagnostics_add(run->diagnostics, "W031", NULL, advice,
                                              "%zu password%s of the public samples", found.count,
                                              found.count == 1 ? " is the one" : "s are the ones");
        for (size_t i = 0; i < collected.place_count; i++)
            diagnostic_add_place(problem, &collected.places[i]);
    }
    text_release(&found.names);
}

/* -- Passwords that cannot work -------------------------------------------------------------- */

/* Programs log in with these, so they need the password itself. */
static bool is_used_to_log_in(const char *param)
{
    static const char *const params[] = {"pg_replication_password", "pg_monitor_password",
                                         "pg_admin_password", "pg_dbsu_password"};
    for (size_t i = 0; i < COUNT_OF(params); i++) {
        if (strcmp(params[i], param) == 0)
            return true;
    }
    return false;
}

static bool is_verifier(const char *text)
{
    size_t hex = text_starts_with(text, "md5") ? strspn(text + 3, "0123456789abcdef") : 0;
    return text_starts_with(text, "SCRAM-SHA-256$") || (hex == 32 && text[3 + hex] == '\0');
}

static void check_password(const RuleRun *run, const char *address, const Secret *secret)
{
    const char *param = strchr(address, '|') + 1, *field = strrchr(address, '|') + 1;
    const char *problem = secret_problem(secret->text);
    const char *advice = "Write it on one line; a block (|) ends in a line break.";
    if (!problem && is_used_to_log_in(param) && is_verifier(secret->text)) {
        problem = "is the stored form of a password, with which nobody can log in";
        advice = "Write the password itself, {from_env: NAME}, {from_file: PATH} or !vault.";
    }
    if (problem && rule_first(run, rule_place(run->scratch, &secret->origin)))
        diagnostics_add(run->diagnostics, "E031", &secret->origin, advice, "%s %s", field, problem);
}

static void usable_passwords(const RuleRun *run)
{
    for (size_t i = 0; i < map_count(run->inventory->secrets); i++) {
        const char *address = map_key_at(run->inventory->secrets, i);
        const Secret *secret = map_value_at(run->inventory->secrets, i);
        const char *param = strchr(address, '|') + 1;
        const char *name = arena_strndup(run->scratch, param, strcspn(param, "|"));
        if (secret->form == SECRET_PLAIN && varset_find(run->inventory->defaults, name))
            check_password(run, address, secret);
    }
}

/* MAILTO=root, a comment, or when and what; /etc/crontab has a user between the two. */
static bool is_cron_line(Arena *arena, const char *line, bool has_user)
{
    char **words;
    size_t count = text_words(arena, line, false, &words);
    if (strchr(line, '\n'))
        return false;
    if (count == 0 || *words[0] == '#' || (isalpha((unsigned char)*words[0]) && strchr(line, '=')))
        return true;
    size_t when = *words[0] == '@' ? 1 : 5;
    return count >= when + has_user + 1;
}

static void cron_lines(const RuleRun *run, const Host *host, const char *param, const Value *lines)
{
    bool has_user = strcmp(param, "node_crontab") == 0;
    for (size_t i = 0; i < value_count(lines); i++) {
        const char *line = value_as_text(value_at(lines, i), "");
        if (!is_cron_line(run->scratch, line, has_user))
            diagnostics_add(
                run->diagnostics, "E032", rule_value_origin(host, param, value_at(lines, i)),
                has_user ? "Write MINUTE HOUR DAY MONTH WEEKDAY USER COMMAND."
                         : "Write MINUTE HOUR DAY MONTH WEEKDAY COMMAND.",
                "\"%s\" is no line of %s", line, has_user ? "/etc/crontab" : "a crontab");
    }
}

static bool has_backup_job(const Host *host)
{
    static const char *const params[] = {"pg_crontab", "node_crontab"};
    for (size_t p = 0; p < COUNT_OF(params); p++) {
        const Value *lines = host_param(host, params[p]);
        for (size_t i = 0; i < value_count(lines); i++) {
            const char *line = value_as_text(value_at(lines, i), "");
            if (strstr(line, "pg-backup") || strstr(line, "pgbackrest"))
                return true;
        }
    }
    return false;
}

/* What is advised is not carried out either, which has to be said here. */
static const char no_job_advice[] =
    "Add one, say   pg_crontab: [ '00 01 * * * /pg/bin/pg-backup full' ]\n"
    "This version of pgsteer sets up neither the job nor pgBackRest: do that by hand, or write "
    "pgbackrest_enabled: false";

static void backup_jobs(const RuleRun *run)
{
    size_t count = 0;
    const PgCluster *first = NULL;
    for (size_t i = 0; i < inventory_cluster_count(run->inventory); i++) {
        const PgCluster *cluster = inventory_cluster_at(run->inventory, i);
        const Host *host = cluster->members[0];
        if (!host_bool(host, "pgbackrest_enabled", true) || has_backup_job(host))
            continue;
        first = first ? first : cluster;
        count++;
    }
    if (count == 1)
        diagnostics_add(run->diagnostics, "W032", &first->origin, no_job_advice,
                        "%s has no backup job", first->name);
    if (count > 1)
        diagnostics_add(run->diagnostics, "W032", &first->origin, no_job_advice,
                        "%zu clusters have no backup job; the first is %s", count, first->name);
}

static const Rule rows[] = {
    {"E031", "passwords are of one line, and those that programs use are no stored forms",
     .all = usable_passwords},
    {"W031", "passwords are not those of the public samples", .all = known_passwords},
    {"E032", "lines of a crontab have five fields and a command", .value = cron_lines,
     .params = {"pg_crontab", "node_crontab"}},
    {"W032", "where backups are kept, something makes them", .all = backup_jobs},
};

const RuleTable rules_habits = {rows, COUNT_OF(rows)};
