#include "kind_case.h"

#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "golden.h"
#include "plans/builder.h"
#include "providers/kinds/kinds.h"
#include "providers/registry.h"
#include "schema/contract/content.h"
#include "unit.h"

KindCase *kind_case(Arena *arena, const char *inventory)
{
    KindCase *play = ARENA_NEW(arena, KindCase);
    Diagnostics *diagnostics = diagnostics_new(arena);
    *play = (KindCase){.arena = arena, .facts = facts_new(arena)};
    play->inventory =
        inventory_load_bytes(arena, "test.yml", inventory, strlen(inventory), diagnostics);
    if (!play->inventory || diagnostics_error_count(diagnostics) > 0) {
        diagnostics_print(stderr, diagnostics, 10, false, false);
        fail_msg("the inventory has errors");
    }
    const Domain *domains;
    size_t count = domains_of(arena, play->inventory, &domains);
    for (size_t i = 0; i < count; i++) {
        if (domains[i].type == DOMAIN_CLUSTER && !play->domain)
            play->domain = &domains[i];
    }
    assert_non_null(play->domain);
    return play;
}

/* --- facts ------------------------------------------------------------------------------------ */

void case_fact(KindCase *play, const char *source, const char *subject, const char *json)
{
    char *text = arena_strdup(play->arena, json);
    for (char *c = strchr(text, '\''); c; c = strchr(c, '\''))
        *c = '"';
    const Value *value = NULL;
    check_fine(json_parse(play->arena, text, strlen(text), &value));
    facts_put_known(play->facts, source, subject, value);
}

void case_unread(KindCase *play, const char *source, const char *subject, const char *reason)
{
    facts_put_unknown(play->facts, source, subject, ERROR_UNREACHABLE, reason);
}

static Value *reading(KindCase *play, const char *source, const char *host)
{
    Value *value = (Value *)(uintptr_t)facts_value(play->facts, source, host);
    if (!value) {
        value = value_map(play->arena);
        facts_put_known(play->facts, source, arena_strdup(play->arena, host), value);
    }
    return value;
}

static void put_file(KindCase *play, Value *files, const char *path, const char *content)
{
    Value *file = value_map(play->arena);
    value_set_bool(play->arena, file, "exists", content != NULL);
    value_set(play->arena, file, "content",
              content ? value_text(play->arena, content) : &value_null);
    value_set(play->arena, files, path, file);
}

void case_file(KindCase *play, const char *host, const char *path, const char *content)
{
    put_file(play, reading(play, "node.files", host), path, content);
}

void case_secret_file(KindCase *play, const char *host, const char *path, const char *content)
{
    Value *value = reading(play, "node.secret_files", host);
    value_set_text(play->arena, value, "nonce", CASE_NONCE);
    Value *files = (Value *)(uintptr_t)value_get(value, "files");
    if (!files) {
        files = value_map(play->arena);
        value_set(play->arena, value, "files", files);
    }
    put_file(play, files, path, content);
}

const char *case_mask(Arena *arena, const char *secret)
{
    char hex[SHA256_HEX + 1];
    const char *both = arena_printf(arena, CASE_NONCE "%s", secret);
    sha256_hex(both, strlen(both), hex);
    return arena_printf(arena, "sha256:%s", hex);
}

void case_edit(KindCase *play, const char *host, const char *path, const char *from, const char *to)
{
    const char *text =
        value_get_text(value_get(facts_value(play->facts, "node.files", host), path), "content");
    const char *at = strstr(text, from);
    if (!at)
        fail_msg("'%s' is not in\n%s", from, text);
    case_file(play, host, path,
              arena_printf(play->arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)));
}

void case_unit(KindCase *play, const char *host, const char *name, const char *active)
{
    case_fact(
        play, "node.units", host,
        arena_printf(play->arena, "{'%s': {'load': 'loaded', 'active': '%s'}}", name, active));
}

static void put_absent(KindCase *play, const char *source, const char *host, const char *name)
{
    if (strcmp(source, "node.files") == 0)
        case_file(play, host, name, NULL);
    if (strcmp(source, "node.secret_files") == 0)
        case_secret_file(play, host, name, NULL);
    if (strcmp(source, "node.units") == 0)
        value_set(play->arena, reading(play, source, host), name, value_map(play->arena));
}

static void ask(KindCase *play, const Kind *kind)
{
    ResourceSet *set = resource_set_new(play->arena, kind, play->domain);
    check_fine(kind->desired(play->domain, facts_new(play->arena), set));
    for (size_t i = 0; i < resource_set_count(set); i++) {
        const Resource *resource = resource_set_at(set, i);
        for (size_t k = 0; k < value_count(resource->asks); k++) {
            const Value *names = resource->asks->map.values[k];
            for (size_t n = 0; n < value_count(names); n++)
                put_absent(play, resource->asks->map.keys[k], resource->host,
                           value_as_text(value_at(names, n), ""));
        }
    }
}

void case_bare(KindCase *play)
{
    static const char *const known[][2] = {{"node.data", "{'initialized': false, 'empty': true}"},
                                           {"node.packages", "{'installed': {}}"},
                                           {"node.proxy", "{'files': {}}"},
                                           {"node.files", "{}"},
                                           {"node.secret_files", "{'nonce': '" CASE_NONCE "'}"},
                                           {"node.units", "{}"},
                                           {"node.listen", "{'tcp': []}"},
                                           {"node.markers", "{}"}};
    for (size_t i = 0; i < play->domain->host_count; i++) {
        for (size_t k = 0; k < COUNT_OF(known); k++)
            case_fact(play, known[k][0], host_address(play->domain->hosts[i]), known[k][1]);
    }
    for (const Kind *const *kind = pgsteer_registry.kinds; *kind; kind++) {
        if ((*kind)->domain == DOMAIN_CLUSTER)
            ask(play, *kind);
    }
}

/* document[a][b]... for a '/'-separated key; what must not be there is not. */
static void set_nested(Arena *arena, Value *document, const char *key, const Value *value)
{
    for (const char *slash = strchr(key, '/'); slash; slash = strchr(key, '/')) {
        const char *name = arena_strndup(arena, key, (size_t)(slash - key));
        if (!value_get(document, name))
            value_set(arena, document, name, value_map(arena));
        document = (Value *)(uintptr_t)value_get(document, name);
        key = slash + 1;
    }
    if (value->type != VALUE_NULL)
        value_set(arena, document, key, value);
}

Value *case_document(KindCase *play)
{
    ResourceSet *set = resource_set_new(play->arena, &kind_config, play->domain);
    check_fine(kind_config.desired(play->domain, play->facts, set));
    const Resource *config = resource_set_at(set, 0);
    const Value *patroni = resource_value(config, "patroni");
    const Value *settings = resource_value(config, "settings");
    Value *out = value_map(play->arena);
    for (size_t i = 0; i < value_count(patroni); i++)
        set_nested(play->arena, out, patroni->map.keys[i], patroni->map.values[i]);
    for (size_t i = 0; i < value_count(settings); i++)
        set_nested(play->arena, out,
                   arena_printf(play->arena, "postgresql/parameters/%s", settings->map.keys[i]),
                   settings->map.values[i]);
    return out;
}

/* --- differences ------------------------------------------------------------------------------ */

static ResourceSet *resources(KindCase *play, const Kind *kind, bool seen)
{
    ResourceSet *set = resource_set_new(play->arena, kind, play->domain);
    check_fine((seen ? kind->read : kind->desired)(play->domain, play->facts, set));
    return set;
}

Diff case_diff(KindCase *play, const Kind *kind)
{
    return diff_sets(play->arena, play->domain, play->facts, resources(play, kind, false),
                     resources(play, kind, true));
}

static void add_value(Text *out, const Value *value)
{
    if (value)
        value_format(out, value);
    else
        text_add(out, "nothing");
}

static void add_param(Text *out, const char *address, const ParamChange *param)
{
    text_addf(out, "update %s %s%s%s: ", address, param->row->name, param->key ? "/" : "",
              param->key ? param->key : "");
    add_value(out, param->before);
    text_add(out, " -> ");
    add_value(out, param->after);
    text_addf(out, "%s%s%s\n", param->need ? " (" : "", param->need ? need_name(param->need) : "",
              param->need ? ")" : "");
}

static void add_change(Text *out, const Change *change)
{
    const char *address = change_resource(change)->address;
    for (size_t i = 0; i < change->param_count && change->op == CHANGE_UPDATE; i++)
        add_param(out, address, &change->params[i]);
    if (change->op == CHANGE_WITHHOLD)
        text_addf(out, "withhold %s: %s\n", address, change->withhold_reason);
    else if (change->op != CHANGE_UPDATE)
        text_addf(out, "%s %s\n", change_op_name(change->op), address);
}

const char *case_story(KindCase *play, const Kind *kind)
{
    Diff diff = case_diff(play, kind);
    CLEANUP(text_release) Text out = TEXT_INIT;
    for (size_t i = 0; i < diff.change_count; i++)
        add_change(&out, &diff.changes[i]);
    for (size_t i = 0; i < diff.note_count; i++)
        text_addf(&out, "%s: %s\n", diff.notes[i].kind, diff.notes[i].text);
    return text_copy(&out, play->arena);
}

void case_expect(KindCase *play, const Kind *kind, const char *story)
{
    assert_string_equal(case_story(play, kind), story);
}

/* --- actions ---------------------------------------------------------------------------------- */

static const Value *extra(KindCase *play)
{
    Value *args = value_map(play->arena);
    value_set_text(play->arena, args, "owner", "postgres");
    value_set_text(play->arena, args, "group", "postgres");
    value_set_text(play->arena, args, "path", "/pg/conf/pg-test-1.yml");
    value_set_text(play->arena, args, "user", "postgres");
    value_set(play->arena, args, "password", value_secret(play->arena, "patroni_password"));
    value_set_int(play->arena, args, "port", 8008);
    return args;
}

const Action *case_action(KindCase *play, const Kind *kind, const char *address)
{
    Diff diff = case_diff(play, kind);
    Builder *builder = builder_new(play->arena, &pgsteer_registry);
    for (size_t i = 0; i < diff.change_count; i++) {
        if (strcmp(change_resource(&diff.changes[i])->address, address) == 0)
            builder_add_change(builder, &diff.changes[i], NULL, extra(play));
    }
    Action *action = builder_action_of(builder, address);
    if (action && !*action->host)
        action->host = "@leader"; /* as the cluster's procedure does */
    if (!action)
        fail_msg("nothing is to be done about %s:\n%s", address, case_story(play, kind));
    return action;
}

const Action *case_batch(KindCase *play, const Kind *kind, const char *verb, const char *address)
{
    Diff diff = case_diff(play, kind);
    Builder *builder = builder_new(play->arena, &pgsteer_registry);
    const Change **changes = ARENA_ARRAY(play->arena, const Change *, diff.change_count);
    for (size_t i = 0; i < diff.change_count; i++)
        changes[i] = &diff.changes[i];
    const Action *action = builder_add_changes(builder, changes, diff.change_count, verb, address);
    assert_non_null(action);
    return action;
}

static const char *show_hole(void *arena, const char *address)
{
    return arena_printf(arena, "<%s>", address);
}

static const char *rendered(Arena *arena, const Value *content)
{
    const char *text = "";
    check_fine(content_render(arena, value_fill(arena, content, show_hole, arena), &text));
    return text;
}

static void add_file(Arena *arena, Text *out, const Value *file)
{
    text_addf(out, "--- %s %s:%s %s\n%s", value_get_text(file, "path"),
              value_get_text(file, "owner"), value_get_text(file, "group"),
              value_get_text(file, "mode"), rendered(arena, value_get(file, "content")));
}

static void add_effect(Arena *arena, Text *out, const Effect *effect)
{
    const Value *files = value_get(effect->args, "files");
    const Value *remove = value_get(effect->args, "remove");
    check_fine(effect_check(effect));
    text_addf(out, "%s @%s ", effect_rows[effect->type].name, effect->host);
    if (effect->type == EFFECT_FILE_PUT) {
        text_add_char(out, '\n');
        add_file(arena, out, effect->args);
    } else if (effect->type == EFFECT_FILE_SET_PUT) {
        text_addf(out, "checker %s\n", value_get_text(effect->args, "checker"));
        for (size_t i = 0; i < value_count(files); i++)
            add_file(arena, out, value_at(files, i));
        for (size_t i = 0; i < value_count(remove); i++)
            text_addf(out, "--- remove %s\n", value_as_text(value_at(remove, i), ""));
    } else {
        json_write(out, effect->args);
        text_add_char(out, '\n');
    }
}

const char *case_effects(KindCase *play, const Action *action)
{
    EffectList effects = {0};
    CLEANUP(text_release) Text out = TEXT_INIT;
    if (action->verb->effects)
        action->verb->effects(play->arena, action, &effects);
    text_addf(&out, "%s\n", action->verb->name);
    for (size_t i = 0; i < effects.count; i++)
        add_effect(play->arena, &out, &effects.items[i]);
    return text_copy(&out, play->arena);
}

static void add_checks(Text *out, const char *when, const CheckList *checks)
{
    for (size_t i = 0; i < checks->count; i++) {
        const Check *check = &checks->items[i];
        text_addf(out, "%s %s@%s %s %s ", when, check->source, check->subject, check->path,
                  relation_name(check->relation));
        add_value(out, check->value);
        text_addf(out, " within %lld ms: %s\n", (long long)check->bound_ms, check->sentence);
    }
}

const char *case_checks(KindCase *play, const Action *action)
{
    CheckList pre = {0}, post = {0};
    CLEANUP(text_release) Text out = TEXT_INIT;
    if (action->verb->pre)
        action->verb->pre(play->arena, action, &pre);
    if (action->verb->post)
        action->verb->post(play->arena, action, &post);
    add_checks(&out, "pre", &pre);
    add_checks(&out, "post", &post);
    return text_copy(&out, play->arena);
}

const char *case_content(KindCase *play, const Action *action, const char *path)
{
    EffectList effects = {0};
    if (action->verb->effects)
        action->verb->effects(play->arena, action, &effects);
    for (size_t i = 0; i < effects.count; i++) {
        const Value *args = effects.items[i].args, *files = value_get(args, "files");
        if (strcmp(value_get_text(args, "path"), path) == 0)
            return rendered(play->arena, value_get(args, "content"));
        for (size_t k = 0; k < value_count(files); k++) {
            if (strcmp(value_get_text(value_at(files, k), "path"), path) == 0)
                return rendered(play->arena, value_get(value_at(files, k), "content"));
        }
    }
    fail_msg("%s does not write %s", action->verb->name, path);
    return NULL;
}

void case_write(KindCase *play, const Kind *kind, const char *address, const char *const *paths)
{
    const Action *action = case_action(play, kind, address);
    for (; *paths; paths++)
        case_file(play, action->host, *paths, case_content(play, action, *paths));
}

/* --- cases in files --------------------------------------------------------------------------- */

const char *case_section(Arena *arena, const char *text, const char *name)
{
    const char *head = arena_printf(arena, "\n@%s\n", name);
    const char *start = strstr(text, head);
    if (!start)
        return "";
    start += strlen(head);
    const char *end = strstr(start - 1, "\n@");
    return arena_strndup(arena, start, end ? (size_t)(end + 1 - start) : strlen(start));
}

/* The next word of a line; *line goes behind it. */
static const char *next_word(Arena *arena, const char **line)
{
    size_t length = strcspn(*line, " ");
    const char *word = arena_strndup(arena, *line, length);
    *line += length + strspn(*line + length, " ");
    return word;
}

void case_facts(KindCase *play, const char *text)
{
    char **lines;
    size_t count = text_split(play->arena, text, '\n', &lines);
    for (size_t i = 0; i < count; i++) {
        const char *line = lines[i];
        if (!line[0])
            continue;
        const char *source = next_word(play->arena, &line);
        const char *subject = next_word(play->arena, &line);
        case_fact(play, source, subject, line);
    }
}

static const Kind *kind_of(const char *name)
{
    const Kind *kind = registry_kind(&pgsteer_registry, name);
    if (!kind)
        fail_msg("there is no kind %s", name);
    return kind;
}

static void add_stories(KindCase *play, const char *names, Text *out)
{
    char **words;
    size_t count = text_words(play->arena, names, false, &words);
    for (size_t i = 0; i < count; i++)
        text_add(out, case_story(play, kind_of(words[i])));
}

static void add_answers(KindCase *play, const char *text, Text *out)
{
    char **lines;
    size_t count = text_split(play->arena, text, '\n', &lines);
    for (size_t i = 0; i < count; i++) {
        const char *line = lines[i];
        if (!line[0])
            continue;
        const Kind *kind = kind_of(next_word(play->arena, &line));
        const Action *action = case_action(play, kind, line);
        text_addf(out, "=== %s: %s%s", line, case_effects(play, action), case_checks(play, action));
    }
}

static void play_file(Arena *arena, const char *path)
{
    char *text;
    size_t length;
    check_fine(file_read(arena, path, 1 << 20, &text, &length));
    KindCase *play = kind_case(arena, case_section(arena, text, "inventory"));
    case_bare(play);
    case_facts(play, case_section(arena, text, "facts"));
    const char *generated = strstr(text, "\n@story\n");
    CLEANUP(text_release) Text out = TEXT_INIT;
    text_add_bytes(&out, text, generated ? (size_t)(generated + 1 - text) : length);
    text_add(&out, "@story\n");
    add_stories(play, case_section(arena, text, "kinds"), &out);
    text_add(&out, "@answers\n");
    add_answers(play, case_section(arena, text, "show"), &out);
    golden_expect(path, text, &out);
}

void case_play_folder(Arena *arena, const char *name)
{
    assert_true(golden_each_file(arena, name, play_file) > 0);
}
