/*
 * What the catalogs say: one statement each, one JSON text. Sorted by bytes, so equal states give
 * equal answers. Columns: PostgreSQL documentation, "System Catalogs"; all are there since 13.
 */
#include "providers/sources/rows.h"

enum { MAX_BYTES = 64 * 1024 * 1024 };

static bool postgres_runs(const Facts *facts, const char *host_address)
{
    return value_as_int(facts_path(facts, "node.data", host_address, "postmaster_pid"), 0) > 0;
}

/* The timeline of the file that is being written, else received, else of the last checkpoint.
 * primary_conninfo may hold a password: its text is left out. */
static const char member_text[] =
    "SELECT json_build_object("
    " 'in_recovery', pg_is_in_recovery(),"
    " 'version_num', current_setting('server_version_num')::int,"
    " 'system_identifier', (SELECT system_identifier::text FROM pg_control_system()),"
    " 'timeline', CASE WHEN pg_is_in_recovery() THEN"
    "   coalesce((SELECT received_tli FROM pg_stat_wal_receiver),"
    "            (SELECT timeline_id FROM pg_control_checkpoint()))"
    "   ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END,"
    " 'start_time', to_char(pg_postmaster_start_time() AT TIME ZONE 'UTC',"
    "   'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
    " 'wal_lsn', CASE WHEN pg_is_in_recovery() THEN"
    "   coalesce(pg_last_wal_replay_lsn(), pg_last_wal_receive_lsn())"
    "   ELSE pg_current_wal_lsn() END::text,"
    " 'settings', (SELECT json_object_agg(name, json_build_object("
    "     'setting', CASE WHEN name <> 'primary_conninfo' THEN setting END,"
    "     'unit', unit, 'vartype', vartype, 'context', context, 'source', source,"
    "     'sourcefile', sourcefile, 'pending_restart', pending_restart)"
    "   ORDER BY name COLLATE \"C\") FROM pg_settings),"
    " 'hba_errors', coalesce((SELECT json_agg(json_build_object("
    "     'line', line_number, 'error', error) ORDER BY line_number)"
    "   FROM pg_hba_file_rules WHERE error IS NOT NULL), '[]'))::text";

const Source source_sql_member = {
    .name = "sql.member",
    .scope = SCOPE_NODE,
    .via = VIA_SQL,
    .stage = 2,
    .text = member_text,
    .budget_ms = 20000,
    .max_bytes = MAX_BYTES,
    .gate = postgres_runs,
    .doc = "settings and position of a PostgreSQL server",
};

static const char roles_text[] =
    "SELECT json_build_object('roles', coalesce(json_object_agg(r.rolname, json_build_object("
    " 'superuser', r.rolsuper, 'inherit', r.rolinherit, 'createrole', r.rolcreaterole,"
    " 'createdb', r.rolcreatedb, 'login', r.rolcanlogin, 'replication', r.rolreplication,"
    " 'bypassrls', r.rolbypassrls, 'connlimit', r.rolconnlimit,"
    " 'valid_until', r.rolvaliduntil::text, 'password', r.rolpassword,"
    " 'comment', shobj_description(r.oid, 'pg_authid'),"
    " 'config', coalesce((SELECT to_json(s.setconfig) FROM pg_db_role_setting s"
    "   WHERE s.setrole = r.oid AND s.setdatabase = 0), '[]'),"
    " 'roles', coalesce((SELECT json_object_agg(p.rolname,"
    "     json_build_object('admin', m.admin_option) ORDER BY p.rolname COLLATE \"C\")"
    "   FROM (SELECT roleid, bool_or(admin_option) AS admin_option FROM pg_auth_members"
    "         WHERE member = r.oid GROUP BY roleid) m"
    "   JOIN pg_authid p ON p.oid = m.roleid), '{}'))"
    " ORDER BY r.rolname COLLATE \"C\"), '{}'))::text FROM pg_authid r";

const Source source_sql_roles = {
    .name = "sql.roles",
    .scope = SCOPE_LEADER,
    .via = VIA_SQL,
    .stage = 2,
    .text = roles_text,
    .budget_ms = 20000,
    .max_bytes = MAX_BYTES,
    .doc = "roles of a cluster",
};

static const char databases_text[] =
    "SELECT json_build_object('databases', coalesce(json_object_agg(d.datname, json_build_object("
    " 'owner', pg_get_userbyid(d.datdba), 'encoding', pg_encoding_to_char(d.encoding),"
    " 'collate', d.datcollate, 'ctype', d.datctype, 'is_template', d.datistemplate,"
    " 'allow_connections', d.datallowconn, 'connlimit', d.datconnlimit,"
    " 'comment', shobj_description(d.oid, 'pg_database'), 'acl', d.datacl::text[],"
    " 'config', coalesce((SELECT to_json(s.setconfig) FROM pg_db_role_setting s"
    "   WHERE s.setdatabase = d.oid AND s.setrole = 0), '[]'))"
    " ORDER BY d.datname COLLATE \"C\"), '{}'))::text FROM pg_database d";

const Source source_sql_databases = {
    .name = "sql.databases",
    .scope = SCOPE_LEADER,
    .via = VIA_SQL,
    .stage = 2,
    .text = databases_text,
    .budget_ms = 20000,
    .max_bytes = MAX_BYTES,
    .doc = "databases of a cluster",
};

/* Functions are those of the monitor schema but not of an extension: all that we create. */
static const char database_text[] =
    "SELECT json_build_object("
    " 'schemas', coalesce((SELECT json_object_agg(nspname,"
    "     json_build_object('owner', pg_get_userbyid(nspowner)) ORDER BY nspname COLLATE \"C\")"
    "   FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'),"
    "   '{}'),"
    " 'extensions', coalesce((SELECT json_object_agg(e.extname,"
    "     json_build_object('version', e.extversion, 'schema', n.nspname)"
    "     ORDER BY e.extname COLLATE \"C\")"
    "   FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace), '{}'),"
    " 'default_acl', coalesce((SELECT json_agg(json_build_object("
    "     'role', pg_get_userbyid(a.defaclrole), 'schema', coalesce(n.nspname, ''),"
    "     'type', a.defaclobjtype, 'acl', a.defaclacl::text[])"
    "     ORDER BY pg_get_userbyid(a.defaclrole) COLLATE \"C\", n.nspname COLLATE \"C\","
    "              a.defaclobjtype)"
    "   FROM pg_default_acl a LEFT JOIN pg_namespace n ON n.oid = a.defaclnamespace), '[]'),"
    " 'functions', coalesce((SELECT json_agg(n.nspname || '.' || p.proname || '(' ||"
    "     oidvectortypes(p.proargtypes) || ')'"
    "     ORDER BY p.proname COLLATE \"C\", p.oid)"
    "   FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
    "   WHERE n.nspname = 'monitor' AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.deptype = 'e'"
    "     AND x.classid = 'pg_proc'::regclass AND x.objid = p.oid)), '[]'))::text";

const Source source_sql_database = {
    .name = "sql.database",
    .scope = SCOPE_DATABASE,
    .via = VIA_SQL,
    .stage = 3,
    .text = database_text,
    .budget_ms = 20000,
    .max_bytes = MAX_BYTES,
    .doc = "schemas, extensions and default privileges of a database",
};
