/* registry look-ups, and registry_check: each broken row is found, a good registry is silent. */
#include <string.h>

#include "schema/contract/registry.h"
#include "unit.h"

static Error *no_resources(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    (void)domain;
    (void)facts;
    (void)out;
    return NULL;
}

static Need no_need(const Domain *domain, const Facts *facts, const char *param, const char *key)
{
    (void)domain;
    (void)facts;
    (void)param;
    (void)key;
    return NEED_NOTHING;
}

static void no_effects(Arena *arena, const Action *action, EffectList *out)
{
    (void)arena;
    (void)action;
    (void)out;
}

static const ParamRow good_param = {"path", PARAM_STRING,  NEED_NOTHING, SERVICE_NONE,
                                    0,      "where it is", NULL};
static const char *const good_sources[] = {"node.files", NULL};
static const Source good_source = {
    .name = "node.files", .text = "ls", .budget_ms = 1000, .max_bytes = 100, .doc = "files"};
static const Verb good_verb = {.name = "file.put",
                               .doc = "write",
                               .expected_ms = 10,
                               .deadline_ms = 1000,
                               .progress = "writing",
                               .effects = no_effects};
static const Kind good_kind = {.name = "file",
                               .domain = DOMAIN_NODE,
                               .doc = "a file",
                               .params = &good_param,
                               .param_count = 1,
                               .sources = good_sources,
                               .create_verb = "file.put",
                               .update_verb = "file.put",
                               .desired = no_resources,
                               .read = no_resources};
static const OrderRow good_order = {"file.*", "file.put", ORDER_NAMED, "after", "files first"};

/* A registry of up to two of each, all well unless replaced. */
typedef struct Fixture {
    Kind kind, more_kind;
    ParamRow params[2];
    Source source, more_source;
    Verb verb, more_verb;
    OrderRow order;
    const Kind *kinds[3];
    const Source *sources[3];
    const Verb *verbs[3];
    Registry registry;
} Fixture;

static Fixture *fixture(void)
{
    static Fixture f;
    f = (Fixture){.kind = good_kind,
                  .params = {good_param},
                  .source = good_source,
                  .verb = good_verb,
                  .order = good_order};
    f.more_kind = good_kind;
    f.more_kind.name = "link";
    f.more_source = good_source;
    f.more_source.name = "node.links";
    f.more_verb = good_verb;
    f.more_verb.name = "link.put";
    f.kind.params = f.params;
    f.kinds[0] = &f.kind;
    f.kinds[1] = &f.more_kind;
    f.sources[0] = &f.source;
    f.sources[1] = &f.more_source;
    f.verbs[0] = &f.verb;
    f.verbs[1] = &f.more_verb;
    f.registry = (Registry){f.kinds, f.sources, f.verbs, &f.order, 1};
    return &f;
}

static void look_ups_find_rows_by_name(void **state)
{
    (void)state;
    Fixture *f = fixture();
    assert_ptr_equal(registry_kind(&f->registry, "link"), &f->more_kind);
    assert_ptr_equal(registry_source(&f->registry, "node.links"), &f->more_source);
    assert_ptr_equal(registry_verb(&f->registry, "link.put"), &f->more_verb);
    assert_null(registry_kind(&f->registry, "none"));
    assert_null(registry_source(&f->registry, "none"));
    assert_null(registry_verb(&f->registry, "none"));
    Registry empty = {0};
    assert_null(registry_kind(&empty, "file"));
    assert_null(registry_source(&empty, "file"));
    assert_null(registry_verb(&empty, "file"));
}

static void expect(const Fixture *f, const char *want)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    size_t count = registry_check(&f->registry, &out);
    if (count == 0 || !strstr(text_get(&out), want))
        fail_msg("%zu findings, no '%s' in: %s", count, want, text_get(&out));
}

static void a_good_registry_is_silent(void **state)
{
    (void)state;
    CLEANUP(text_release) Text out = TEXT_INIT;
    size_t count = registry_check(&fixture()->registry, &out);
    assert_string_equal(text_get(&out), "");
    assert_int_equal(count, 0);
    assert_int_equal(registry_check(&(Registry){0}, &out), 0);
}

#define BROKEN(statement, want)                                                                    \
    do {                                                                                           \
        Fixture *f = fixture();                                                                    \
        statement;                                                                                 \
        expect(f, want);                                                                           \
    } while (0)

static void broken_kinds_are_found(void **state)
{
    (void)state;
    static const char *const no_such[] = {"node.nothing", NULL};
    BROKEN(f->kind.name = NULL, "a kind has no proper name");
    BROKEN(f->kind.name = "", "a kind has no proper name");
    BROKEN(f->kind.name = "Fi le", "a kind has no proper name");
    BROKEN(f->more_kind.name = "file", "kind file is there twice");
    BROKEN(f->kind.doc = "", "kind file has no doc");
    BROKEN(f->kind.domain = DOMAIN_TYPE_COUNT, "no such domain");
    BROKEN(f->kind.sources = no_such, "there is no source node.nothing");
    BROKEN(f->kind.create_verb = "file.make", "there is no verb file.make");
    BROKEN(f->kind.update_verb = "file.make", "there is no verb file.make");
    BROKEN(f->kind.delete_verb = "file.make", "there is no verb file.make");
    BROKEN(f->kind.update_verb = NULL, "can change but no update verb");
    BROKEN(f->kind.desired = NULL, "lacks desired() or read()");
    BROKEN(f->kind.read = NULL, "lacks desired() or read()");
    BROKEN(f->kind.key_need = no_need, "key_need() but no param with keys");
}

static void params_fixed_for_life_need_no_update(void **state)
{
    (void)state;
    Fixture *f = fixture();
    f->kind.update_verb = NULL;
    f->params[0].flags = PARAM_FLAG_CREATE_ONLY;
    f->more_kind.key_need = no_need;
    static const ParamRow settings = {
        "s", PARAM_SETTINGS, NEED_RELOAD, SERVICE_POSTGRES, PARAM_FLAG_ADD_ONLY, "settings", NULL};
    f->more_kind.params = &settings;
    CLEANUP(text_release) Text out = TEXT_INIT;
    registry_check(&f->registry, &out);
    assert_string_equal(text_get(&out), "");
}

static void broken_params_are_found(void **state)
{
    (void)state;
    BROKEN(f->params[0].name = NULL, "param 0 has no proper name");
    BROKEN(f->params[0].name = "a.b", "param 0 has no proper name");
    BROKEN((f->params[1] = good_param, f->kind.param_count = 2), "param path is there twice");
    BROKEN(f->params[0].type = (ParamType)(PARAM_SETTINGS + 1), "no such type");
    BROKEN(f->params[0].doc = NULL, "param path has no doc");
    BROKEN(f->params[0].need = NEED_COUNT, "no such need or service");
    BROKEN(f->params[0].service = SERVICE_COUNT, "no such need or service");
    BROKEN(f->params[0].need = NEED_RELOAD, "needs a reload of no service");
    BROKEN(f->params[0].flags = 1024, "unknown flag");
    BROKEN(f->params[0].flags = PARAM_FLAG_ADD_ONLY, "add-only but has no entries");
}

static void broken_sources_are_found(void **state)
{
    (void)state;
    BROKEN(f->source.name = "files", "a source has no proper name");
    BROKEN(f->source.name = ".files", "a source has no proper name");
    BROKEN(f->source.name = "node.", "a source has no proper name");
    BROKEN(f->more_source.name = "node.files", "source node.files is there twice");
    BROKEN(f->source.doc = NULL, "no doc or no text");
    BROKEN(f->source.text = "", "no doc or no text");
    BROKEN(f->source.stage = 4, "has stage 4");
    BROKEN(f->source.stage = -1, "has stage -1");
    BROKEN(f->source.budget_ms = 0, "has no bound");
    BROKEN(f->source.max_bytes = 0, "has no bound");
    BROKEN(f->source.scope = SCOPE_DATABASE, "not by SQL");
}

static void broken_verbs_are_found(void **state)
{
    (void)state;
    BROKEN(f->verb.name = "put", "a verb has no proper name");
    BROKEN(f->more_verb.name = "file.put", "verb file.put is there twice");
    BROKEN(f->verb.doc = "", "no doc or no progress");
    BROKEN(f->verb.progress = NULL, "no doc or no progress");
    BROKEN(f->verb.availability = AVAILABILITY_COUNT, "no such availability");
    BROKEN(f->verb.expected_ms = 0, "no expected time");
    BROKEN(f->verb.deadline_ms = 5, "above its deadline");
    BROKEN(f->verb.effects = NULL, "neither effects nor checks");
}

static void broken_order_is_found(void **state)
{
    (void)state;
    BROKEN(f->order.from = "file.none", "order row 0: from 'file.none' is no verb");
    BROKEN(f->order.from = "fil.*", "from 'fil.*' is no verb");
    BROKEN(f->order.from = NULL, "from '' is no verb");
    BROKEN(f->order.to = "*", "to '*' is no verb");
    BROKEN(f->order.sentence = "", "order row 0 has no sentence");
    BROKEN(f->order.param = NULL, "a param belongs to ORDER_NAMED");
    BROKEN(f->order.relation = ORDER_ALL, "a param belongs to ORDER_NAMED");
    BROKEN((f->order.relation = ORDER_HOST_NAMED, f->order.param = NULL), "a param belongs to");
    BROKEN((f->order.relation = ORDER_ALL, f->order.from = "file.put"), "wait for itself");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look_ups_find_rows_by_name),
        cmocka_unit_test(a_good_registry_is_silent),
        cmocka_unit_test(broken_kinds_are_found),
        cmocka_unit_test(params_fixed_for_life_need_no_update),
        cmocka_unit_test(broken_params_are_found),
        cmocka_unit_test(broken_sources_are_found),
        cmocka_unit_test(broken_verbs_are_found),
        cmocka_unit_test(broken_order_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
