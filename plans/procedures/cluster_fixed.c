/*
 * What initdb has fixed for the life of a cluster, and what the inventory says of it now. Nothing
 * can be planned for a difference; it must not pass in silence, either.
 */
#include <ctype.h>
#include <string.h>

#include "plans/procedures/cluster.h"
#include "schema/tuning.h"

/* Of the database postgres, which initdb makes. */
static const struct {
    const char *param, *fact;
} columns[] = {{"pg_encoding", "encoding"}, {"pg_lc_collate", "collate"}, {"pg_lc_ctype", "ctype"}};

static const char *next_letter(const char *text)
{
    while (*text && !isalnum((unsigned char)*text))
        text++;
    return text;
}

/* en_US.UTF-8 is en_US.utf8. */
static bool is_same_name(const char *a, const char *b)
{
    a = next_letter(a);
    b = next_letter(b);
    while (*a && tolower((unsigned char)*a) == tolower((unsigned char)*b)) {
        a = next_letter(a + 1);
        b = next_letter(b + 1);
    }
    return *a == *b;
}

static void note_difference(Builder *builder, const Situation *situation, const char *param,
                            const char *wanted, const char *seen)
{
    if (!*seen || is_same_name(wanted, seen))
        return;
    builder_note(builder, situation->domain, "warning", "W068",
                 host_param_origin(situation->domain->hosts[0], param),
                 "%s is %s, and the cluster was made with %s: it stays so, another value needs a "
                 "new cluster",
                 param, wanted, seen);
}

/* Of the first member that was asked. */
static const char *seen_checksums(const Situation *situation)
{
    for (size_t i = 0; i < situation->domain->host_count; i++) {
        const char *seen = value_as_text(facts_path(situation->facts, "sql.member",
                                                    host_address(situation->domain->hosts[i]),
                                                    "settings/data_checksums/setting"),
                                         "");
        if (*seen)
            return seen;
    }
    return "";
}

void cluster_fixed_notes(Builder *builder, const Situation *situation)
{
    const Domain *domain = situation->domain;
    const Host *host = domain->hosts[0];
    const Value *database =
        facts_path(situation->facts, "sql.databases", domain->name, "databases/postgres");
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        note_difference(builder, situation, columns[i].param, host_text(host, columns[i].param),
                        value_get_text(database, columns[i].fact));
    bool has_checksums = host_bool(host, "pg_checksum", true) || tuning_is_critical(host);
    note_difference(builder, situation, "pg_checksum", has_checksums ? "on" : "off",
                    seen_checksums(situation));
}
