#include "fake_kinds.h"

#include <string.h>

#include "base/json.h"
#include "plans/procedures/procedures.h"
#include "unit.h"

/* -- kinds ----------------------------------------------------------------------------------------
 */

static const Origin *origin_at(Arena *arena, int64_t line)
{
    if (line == 0)
        return NULL;
    Origin *origin = ARENA_NEW(arena, Origin);
    *origin = (Origin){"inventory.yml", (int)line, 1};
    return origin;
}

static void set_params(ResourceSet *out, Resource *resource, const Value *item)
{
    const Value *params = value_get(item, "params"), *unknown = value_get(item, "unknown");
    for (size_t i = 0; i < value_count(params); i++) {
        const char *name = params->map.keys[i];
        int64_t line = value_get_int(value_get(item, "lines"), name, 0);
        resource_set(resource, name, params->map.values[i], origin_at(out->arena, line));
        const Value *reason = value_get(value_get(item, "reasons"), name);
        resource_set_reason(resource, name, value_as_text(reason, NULL));
        resource_set_key_reasons(resource, name, value_get(value_get(item, "key_reasons"), name));
    }
    for (size_t i = 0; i < value_count(unknown); i++)
        resource_set_unknown_param(resource, unknown->map.keys[i], out->arena,
                                   unknown->map.values[i]->text);
}

static void add_resources(ResourceSet *out, const Value *list)
{
    for (size_t i = 0; i < value_count(list); i++) {
        const Value *item = value_at(list, i);
        const char *kind = value_get_text(item, "kind");
        if (*kind && strcmp(kind, out->kind->name) != 0)
            continue;
        Resource *resource =
            resource_add(out, value_get_text(item, "scope"), value_get_text(item, "name"),
                         value_get_text(item, "host"));
        resource->ensure = value_get_bool(item, "absent", false) ? ENSURE_ABSENT : ENSURE_PRESENT;
        resource->note = value_as_text(value_get(item, "note"), NULL);
        resource->origin = origin_at(out->arena, value_get_int(item, "line", 0));
        resource_ask(resource, out->arena, "test.observed", "all");
        set_params(out, resource, item);
    }
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    const Value *value = facts_value(facts, "test.desired", domain->name);
    if (value && value->type == VALUE_TEXT)
        return error_new(ERROR_INVALID, "%s", value->text);
    add_resources(out, value);
    return NULL;
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    const Value *mine =
        value_get(facts_value(facts, "test.observed", domain->name), out->kind->name);
    if (mine && mine->type == VALUE_TEXT)
        return error_new(ERROR_INVALID, "%s", mine->text);
    out->complete = value_get_bool(mine, "complete", true);
    out->unknown_reason = value_as_text(value_get(mine, "reason"), NULL);
    const Value *scopes = value_get(mine, "scopes");
    for (size_t i = 0; i < value_count(scopes); i++)
        resource_set_unknown_scope(out, scopes->map.keys[i], scopes->map.values[i]->text);
    add_resources(out, value_get(mine, "resources"));
    return NULL;
}

static Need key_need(const Domain *domain, const Facts *facts, const char *param, const char *key)
{
    (void)domain;
    (void)facts;
    (void)param;
    return strcmp(key, "shared_buffers") == 0 ? NEED_RESTART : NEED_RELOAD;
}

#define PARAM(NAME, TYPE) .name = (NAME), .type = (TYPE), .doc = "A param of a test."

static const ParamRow config_params[] = {
    {PARAM("settings", PARAM_SETTINGS), .need = NEED_RELOAD, .service = SERVICE_POSTGRES,
     .flags = PARAM_FLAG_FOLD | PARAM_FLAG_ADD_ONLY},
    {PARAM("patroni", PARAM_MAP)},
};

static const ParamRow instance_params[] = {
    {PARAM("encoding", PARAM_STRING), .flags = PARAM_FLAG_CREATE_ONLY},
    {PARAM("identifier", PARAM_STRING), .flags = PARAM_FLAG_CREATE_ONLY},
    {PARAM("token", PARAM_STRING), .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_SECRET},
    {PARAM("sessions", PARAM_INT), .need = NEED_RECONNECT, .service = SERVICE_POSTGRES},
};

static const ParamRow role_params[] = {
    {PARAM("login", PARAM_BOOL)},
    {PARAM("roles", PARAM_SET)},
    {PARAM("password", PARAM_STRING), .flags = PARAM_FLAG_SECRET},
    {PARAM("comment", PARAM_STRING), .flags = PARAM_FLAG_FOLD},
};

static const ParamRow hba_params[] = {
    {PARAM("rules", PARAM_LINES), .need = NEED_RELOAD, .service = SERVICE_POSTGRES},
};

static const ParamRow file_params[] = {
    {PARAM("content", PARAM_TEXT)},
    {PARAM("mode", PARAM_STRING)},
    {PARAM("service", PARAM_STRING), .flags = PARAM_FLAG_FOLD},
    {PARAM("size", PARAM_SIZE)},
    {PARAM("age", PARAM_DURATION)},
};

static const ParamRow package_params[] = {
    {PARAM("names", PARAM_SET), .flags = PARAM_FLAG_ADD_ONLY},
};

static const ParamRow unit_params[] = {
    {PARAM("active", PARAM_BOOL)},
    {PARAM("current", PARAM_BOOL), .need = NEED_RELOAD, .service = SERVICE_SYSTEMD},
};

static const ParamRow proxy_params[] = {
    {PARAM("ports", PARAM_LIST), .need = NEED_RELOAD, .service = SERVICE_HAPROXY},
};

static const ParamRow link_params[] = {
    {PARAM("target", PARAM_STRING), .need = NEED_RECREATE},
};

static const ParamRow etcd_params[] = {
    {PARAM("config", PARAM_MAP), .need = NEED_RESTART, .service = SERVICE_ETCD},
};

static const char *const sources[] = {"test.desired", "test.observed", NULL};

#define KIND(NAME, DOMAIN, PARAMS)                                                                 \
    .name = (NAME), .domain = (DOMAIN), .doc = "A kind of a test.", .params = (PARAMS),            \
    .param_count = COUNT_OF(PARAMS), .sources = sources, .desired = desired, .read = read,         \
    .create_verb = NAME ".create", .update_verb = NAME ".update"

static const Kind kind_packages = {KIND("packages", DOMAIN_NODE, package_params), .folds = true};
static const Kind kind_file = {KIND("file", DOMAIN_NODE, file_params),
                               .delete_verb = "file.delete"};
static const Kind kind_link = {KIND("link", DOMAIN_NODE, link_params),
                               .delete_verb = "link.delete"};
static const Kind kind_unit = {KIND("unit", DOMAIN_NODE, unit_params), .folds = true};
static const Kind kind_proxy = {KIND("proxy", DOMAIN_NODE, proxy_params)};
static const Kind kind_repo = {KIND("repo", DOMAIN_INFRA, package_params)};
static const Kind kind_etcd = {KIND("etcd", DOMAIN_ETCD, etcd_params), .starts = SERVICE_ETCD};
static const Kind kind_instance = {KIND("instance", DOMAIN_CLUSTER, instance_params),
                                   .delete_verb = "instance.delete", .data_bearing = true};
static const Kind kind_config = {KIND("config", DOMAIN_CLUSTER, config_params),
                                 .key_need = key_need};
static const Kind kind_hba = {KIND("hba", DOMAIN_CLUSTER, hba_params)};
static const Kind kind_role = {KIND("role", DOMAIN_CLUSTER, role_params),
                               .delete_verb = "role.delete"};

static const Kind *const kinds[] = {&kind_repo,   &kind_packages, &kind_file, &kind_link,
                                    &kind_unit,   &kind_proxy,    &kind_etcd, &kind_instance,
                                    &kind_config, &kind_hba,      &kind_role, NULL};

/* -- verbs ----------------------------------------------------------------------------------------
 */

static void effects(Arena *arena, const Action *action, EffectList *out)
{
    Value *args = value_map(arena);
    value_set_text(arena, args, "name", action->address);
    effect_add(arena, out, EFFECT_HOSTNAME, action->host, args);
}

static void post(Arena *arena, const Action *action, CheckList *out)
{
    check_add(arena, out,
              (Check){.source = "test.observed",
                      .subject = action->host,
                      .path = "there",
                      .relation = RELATION_EQUAL,
                      .value = value_bool(true),
                      .bound_ms = 1000,
                      .sentence = "it is there"});
}

#define VERB(NAME, DOC, AVAILABILITY, EXPECTED_MS)                                                 \
    {                                                                                              \
        .name = (NAME), .doc = (DOC), .availability = (AVAILABILITY),                              \
        .expected_ms = (EXPECTED_MS), .deadline_ms = 300000, .progress = "working",                \
        .effects = effects, .post = post                                                           \
    }
#define DISRUPTIVE(NAME, DOC, AVAILABILITY, EXPECTED_MS)                                           \
    {                                                                                              \
        .name = (NAME), .doc = (DOC), .availability = (AVAILABILITY),                              \
        .expected_ms = (EXPECTED_MS), .deadline_ms = 300000, .progress = "working",                \
        .effects = effects, .disruptive = true                                                     \
    }

static const Verb verb_rows[] = {
    VERB("repo.create", "Build the package repository.", AVAILABLE, 20000),
    VERB("repo.update", "Build the package repository.", AVAILABLE, 20000),
    VERB("packages.create", "Install packages, the work goes on alone.", AVAILABLE, 30000),
    VERB("packages.update", "Install packages.", AVAILABLE, 30000),
    VERB("file.create", "Write a file.", AVAILABLE, 100),
    VERB("file.update", "Write a file.", AVAILABLE, 100),
    VERB("file.delete", "Remove a file.", AVAILABLE, 100),
    VERB("link.create", "Make a link.", AVAILABLE, 100),
    VERB("link.update", "Make a link.", AVAILABLE, 100),
    VERB("link.delete", "Remove a link.", AVAILABLE, 100),
    VERB("unit.create", "Start a unit.", AVAILABLE, 500),
    VERB("unit.update", "Start a unit.", AVAILABLE, 500),
    VERB("proxy.create", "Write the proxy's file.", AVAILABLE, 100),
    VERB("proxy.update", "Write the proxy's file.", AVAILABLE, 100),
    VERB("etcd.create", "Start a member of etcd.", AVAILABLE, 2000),
    VERB("etcd.update", "Write the file of etcd.", AVAILABLE, 100),
    DISRUPTIVE("etcd.restart", "Restart a member of etcd.", AVAILABLE_RESTART, 3000),
    VERB("instance.create", "Create a member.", AVAILABLE, 5000),
    DISRUPTIVE("instance.update", "Restart a member.", AVAILABLE_RESTART, 9000),
    VERB("instance.delete", "Remove a member.", AVAILABLE_REBUILD, 2000),
    VERB("config.create", "Hand settings to Patroni.", AVAILABLE, 1000),
    VERB("config.update", "Hand settings to Patroni.", AVAILABLE, 1000),
    VERB("hba.create", "Write the rules.", AVAILABLE, 100),
    VERB("hba.update", "Write the rules.", AVAILABLE, 100),
    VERB("role.create", "Create roles.", AVAILABLE, 100),
    VERB("role.update", "Change roles.", AVAILABLE, 100),
    VERB("role.delete", "Drop roles.", AVAILABLE_RECONNECT, 100),
    VERB("haproxy.reload", "Reload the proxy.", AVAILABLE_RELOAD, 400),
    VERB("nginx.reload", "Reload the web server.", AVAILABLE_RELOAD, 400),
    VERB("postgres.reload", "Reload PostgreSQL.", AVAILABLE_RELOAD, 400),
    VERB("systemd.reload", "Have systemd read its files.", AVAILABLE, 300),
    DISRUPTIVE("leader.switch", "Hand the leadership over.", AVAILABLE_WRITE_GAP, 2000),
};

#define V(i) &verb_rows[i]
static const Verb *const verbs[] = {
    V(0),  V(1),  V(2),  V(3),  V(4),  V(5),  V(6),  V(7),  V(8),  V(9),  V(10),
    V(11), V(12), V(13), V(14), V(15), V(16), V(17), V(18), V(19), V(20), V(21),
    V(22), V(23), V(24), V(25), V(26), V(27), V(28), V(29), V(30), V(31), NULL,
};
_Static_assert(COUNT_OF(verbs) == COUNT_OF(verb_rows) + 1, "every verb is listed");

static const Source source_rows[] = {
    {.name = "test.desired", .text = "-", .budget_ms = 1, .max_bytes = 1, .doc = "wanted"},
    {.name = "test.observed", .text = "-", .budget_ms = 1, .max_bytes = 1, .doc = "seen"},
};
static const Source *const source_list[] = {&source_rows[0], &source_rows[1], NULL};

static const OrderRow order[] = {
    {"repo.*", "packages.*", ORDER_ALL, NULL, "packages come from the repository"},
    {"packages.*", "file.*", ORDER_SAME_HOST, NULL, "packages bring the folders"},
    {"packages.*", "instance.*", ORDER_SAME_HOST, NULL, "the server must be installed"},
    {"systemd.reload", "unit.*", ORDER_SAME_HOST, NULL, "systemd must know the unit"},
    {"etcd.*", "instance.*", ORDER_ALL, NULL, "Patroni needs its DCS"},
    {"instance.*", "config.*", ORDER_SAME_DOMAIN, NULL, "Patroni must run"},
    {"instance.*", "hba.*", ORDER_SAME_SCOPE, NULL, "the data directory must be there"},
    {"config.*", "role.*", ORDER_SAME_DOMAIN, NULL, "settings first"},
    {"role.*", "role.*", ORDER_NAMED, "roles", "a role is created before its members"},
};

const Registry fake_registry = {
    .kinds = kinds,
    .sources = source_list,
    .verbs = verbs,
    .order = order,
    .order_count = COUNT_OF(order),
};

/* -- procedures -----------------------------------------------------------------------------------
 */

/* "test.notes": what a procedure would say. */
static void add_notes(Builder *builder, const Situation *situation)
{
    const Value *notes = facts_value(situation->facts, "test.notes", situation->domain->name);
    for (size_t i = 0; i < value_count(notes); i++) {
        const Value *note = value_at(notes, i);
        builder_note(builder, situation->domain, value_get_text(note, "kind"),
                     value_get_text(note, "code"),
                     origin_at(builder_arena(builder), value_get_int(note, "line", 0)), "%s",
                     value_get_text(note, "text"));
    }
}

/* "test.switch": a hand-over of the leadership inside a bracket, and two limits. */
static void add_switch(Builder *builder, const Situation *situation)
{
    const Domain *domain = situation->domain;
    if (!facts_value(situation->facts, "test.switch", domain->name))
        return;
    Action *open = builder_add_step(builder, domain, "systemd.reload", "pause.cluster",
                                    domain->name, "", NULL, "nobody else may lead meanwhile");
    Action *close = builder_add_step(builder, domain, "systemd.reload", "resume.cluster",
                                     domain->name, "", NULL, "everybody may lead again");
    Action *body = builder_add_step(builder, domain, "leader.switch", "switchover.cluster",
                                    domain->name, "", NULL, "the leader must restart");
    builder_add_bracket(builder, open, close);
    builder_add_to_bracket(builder, open, body);
}

static Error *build(Builder *builder, const Situation *situation)
{
    add_notes(builder, situation);
    TRY(procedure_require_ours(situation));
    add_switch(builder, situation);
    TRY(procedure_generic(builder, situation));
    procedure_reloads(builder, situation);
    return NULL;
}

static const Procedure procedure_rows[DOMAIN_TYPE_COUNT] = {
    [DOMAIN_INFRA] = {"infra", DOMAIN_INFRA, "For tests.", build},
    [DOMAIN_NODE] = {"node", DOMAIN_NODE, "For tests.", build},
    [DOMAIN_ETCD] = {"etcd", DOMAIN_ETCD, "For tests.", build},
    [DOMAIN_CLUSTER] = {"cluster", DOMAIN_CLUSTER, "For tests.", build},
};

const Procedure *const fake_procedures[] = {
    &procedure_rows[DOMAIN_INFRA],
    &procedure_rows[DOMAIN_NODE],
    &procedure_rows[DOMAIN_ETCD],
    &procedure_rows[DOMAIN_CLUSTER],
    NULL,
};

/* -- input ----------------------------------------------------------------------------------------
 */

const Value *fake_json(Arena *arena, const char *json)
{
    const Value *value = NULL;
    CLEANUP(error_freep) Error *error = json_parse_holes(arena, json, strlen(json), &value);
    if (error)
        fail_msg("%s in: %s", error->message, json);
    return value;
}

static void put(Facts *facts, const char *source, const char *subject, const Value *value)
{
    const char *unknown = value_as_text(value_get(value, "unknown"), NULL);
    if (unknown && value_count(value) == 1)
        facts_put_unknown(facts, source, subject, ERROR_UNREACHABLE, unknown);
    else
        facts_put_known(facts, source, subject, value);
}

Facts *fake_facts(Arena *arena, const char *json)
{
    Facts *facts = facts_new(arena);
    const Value *value = fake_json(arena, json);
    for (size_t i = 0; i < value_count(value); i++) {
        const Value *subjects = value->map.values[i];
        for (size_t k = 0; k < value_count(subjects); k++)
            put(facts, value->map.keys[i], subjects->map.keys[k], subjects->map.values[k]);
    }
    return facts;
}

size_t fake_domains(Arena *arena, const char *yaml, const Inventory **ret_inventory,
                    const Domain **ret_domains)
{
    Diagnostics *diagnostics = diagnostics_new(arena);
    const Inventory *inventory =
        inventory_load_bytes(arena, "inventory.yml", yaml, strlen(yaml), diagnostics);
    if (!inventory || diagnostics_error_count(diagnostics) > 0)
        fail_msg("the inventory of the test has errors: %s",
                 diagnostics_count(diagnostics) ? diagnostics_at(diagnostics, 0)->message : "");
    *ret_inventory = inventory;
    return domains_of(arena, inventory, ret_domains);
}

Error *fake_plan(Arena *arena, const char *yaml, const char *facts, const char *const *targets,
                 const char *const *excludes, Plan **ret)
{
    PlanInput input = {.registry = &fake_registry,
                       .procedures = fake_procedures,
                       .targets = targets,
                       .excludes = excludes,
                       .facts = fake_facts(arena, facts),
                       .observe_ms = 412};
    input.domain_count = fake_domains(arena, yaml, &input.inventory, &input.domains);
    input.hosts_wanted = input.hosts_observed = inventory_host_count(input.inventory);
    TRY(plan_build(arena, &input, ret));
    return NULL;
}
