/* registry_check: one clause per malformed row. A row that ships has passed here. */
#include <string.h>

#include "schema/contract/registry.h"

/* Where problems go, and what they are about. */
typedef struct Findings {
    Text *out;
    size_t count;
} Findings;

static void find(Findings *findings, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void find(Findings *findings, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    text_vaddf(findings->out, fmt, args);
    va_end(args);
    text_add_char(findings->out, '\n');
    findings->count++;
}

static bool is_blank(const char *text)
{
    return !text || !*text;
}

/* Names end up in addresses and file names: lower-case letters, digits, '_' and, below, dots. */
static bool is_name(const char *text, bool dots)
{
    if (is_blank(text) || *text == '.' || text[strlen(text) - 1] == '.')
        return false;
    const char *allowed =
        dots ? "abcdefghijklmnopqrstuvwxyz0123456789_." : "abcdefghijklmnopqrstuvwxyz0123456789_";
    return text[strspn(text, allowed)] == '\0';
}

static void check_param_needs(Findings *findings, const Kind *kind, const ParamRow *row)
{
    bool needs_service =
        row->need == NEED_RELOAD || row->need == NEED_RECONNECT || row->need == NEED_RESTART;
    if ((unsigned)row->need >= NEED_COUNT || (unsigned)row->service >= SERVICE_COUNT)
        find(findings, "kind %s: param %s has no such need or service", kind->name, row->name);
    else if (needs_service && row->service == SERVICE_NONE)
        find(findings, "kind %s: param %s needs a %s of no service", kind->name, row->name,
             need_name(row->need));
}

static void check_param_flags(Findings *findings, const Kind *kind, const ParamRow *row)
{
    const unsigned known = PARAM_FLAG_SECRET | PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD |
                           PARAM_FLAG_ADD_ONLY | PARAM_FLAG_SESSIONS;
    bool has_entries = row->type == PARAM_LIST || row->type == PARAM_SET ||
                       row->type == PARAM_MAP || row->type == PARAM_SETTINGS;
    if (row->flags & ~known)
        find(findings, "kind %s: param %s has an unknown flag", kind->name, row->name);
    if ((row->flags & PARAM_FLAG_ADD_ONLY) && !has_entries)
        find(findings, "kind %s: param %s is add-only but has no entries", kind->name, row->name);
}

static void check_param(Findings *findings, const Kind *kind, size_t index)
{
    const ParamRow *row = &kind->params[index];
    if (!is_name(row->name, false)) {
        find(findings, "kind %s: param %zu has no proper name", kind->name, index);
        return;
    }
    if (kind_param(kind, row->name) != (int)index)
        find(findings, "kind %s: param %s is there twice", kind->name, row->name);
    if ((unsigned)row->type > PARAM_SETTINGS)
        find(findings, "kind %s: param %s has no such type", kind->name, row->name);
    if (is_blank(row->doc))
        find(findings, "kind %s: param %s has no doc", kind->name, row->name);
    check_param_needs(findings, kind, row);
    check_param_flags(findings, kind, row);
}

static void check_verb_name(Findings *findings, const Registry *registry, const Kind *kind,
                            const char *name)
{
    if (name && !registry_verb(registry, name))
        find(findings, "kind %s: there is no verb %s", kind->name, name);
}

static bool can_change(const Kind *kind)
{
    for (size_t i = 0; i < kind->param_count; i++) {
        if (!(kind->params[i].flags & PARAM_FLAG_CREATE_ONLY))
            return true;
    }
    return false;
}

static bool has_keyed_param(const Kind *kind)
{
    for (size_t i = 0; i < kind->param_count; i++) {
        if (kind->params[i].type == PARAM_MAP || kind->params[i].type == PARAM_SETTINGS)
            return true;
    }
    return false;
}

static void check_kind_functions(Findings *findings, const Kind *kind)
{
    if (!kind->desired || !kind->read)
        find(findings, "kind %s lacks desired() or read()", kind->name);
    if (kind->key_need && !has_keyed_param(kind))
        find(findings, "kind %s has key_need() but no param with keys", kind->name);
    if (!kind->update_verb && can_change(kind))
        find(findings, "kind %s has params that can change but no update verb", kind->name);
}

static void check_kind(Findings *findings, const Registry *registry, const Kind *kind)
{
    if (!is_name(kind->name, false)) {
        find(findings, "a kind has no proper name");
        return;
    }
    if (registry_kind(registry, kind->name) != kind)
        find(findings, "kind %s is there twice", kind->name);
    if (is_blank(kind->doc))
        find(findings, "kind %s has no doc", kind->name);
    if ((unsigned)kind->domain >= DOMAIN_TYPE_COUNT)
        find(findings, "kind %s has no such domain", kind->name);
    for (const char *const *source = kind->sources; source && *source; source++) {
        if (!registry_source(registry, *source))
            find(findings, "kind %s: there is no source %s", kind->name, *source);
    }
    check_verb_name(findings, registry, kind, kind->create_verb);
    check_verb_name(findings, registry, kind, kind->update_verb);
    check_verb_name(findings, registry, kind, kind->delete_verb);
    check_kind_functions(findings, kind);
    for (size_t i = 0; i < kind->param_count; i++)
        check_param(findings, kind, i);
}

static void check_source(Findings *findings, const Registry *registry, const Source *source)
{
    if (!is_name(source->name, true) || !strchr(source->name, '.')) {
        find(findings, "a source has no proper name");
        return;
    }
    if (registry_source(registry, source->name) != source)
        find(findings, "source %s is there twice", source->name);
    if (is_blank(source->doc) || is_blank(source->text))
        find(findings, "source %s has no doc or no text", source->name);
    if (source->stage < 0 || source->stage > 3)
        find(findings, "source %s has stage %d", source->name, source->stage);
    if (source->budget_ms <= 0 || source->max_bytes == 0)
        find(findings, "source %s has no bound", source->name);
    if (source->scope == SCOPE_DATABASE && source->via != VIA_SQL)
        find(findings, "source %s is asked in databases, but not by SQL", source->name);
}

static void check_verb(Findings *findings, const Registry *registry, const Verb *verb)
{
    if (!is_name(verb->name, true) || !strchr(verb->name, '.')) {
        find(findings, "a verb has no proper name");
        return;
    }
    if (registry_verb(registry, verb->name) != verb)
        find(findings, "verb %s is there twice", verb->name);
    if (is_blank(verb->doc) || is_blank(verb->progress))
        find(findings, "verb %s has no doc or no progress word", verb->name);
    if ((unsigned)verb->availability >= AVAILABILITY_COUNT)
        find(findings, "verb %s has no such availability", verb->name);
    if (verb->expected_ms <= 0 || verb->deadline_ms < verb->expected_ms)
        find(findings, "verb %s has no expected time, or one above its deadline", verb->name);
    if (!verb->effects && !verb->post)
        find(findings, "verb %s has neither effects nor checks", verb->name);
}

/* A verb's name, or "kind.*" for at least one verb. */
static bool leads_somewhere(const Registry *registry, const char *pattern)
{
    if (is_blank(pattern))
        return false;
    size_t length = strlen(pattern);
    if (length < 3 || strcmp(pattern + length - 2, ".*") != 0)
        return registry_verb(registry, pattern) != NULL;
    for (const Verb *const *verb = registry->verbs; verb && *verb; verb++) {
        if (strncmp((*verb)->name, pattern, length - 1) == 0)
            return true;
    }
    return false;
}

static void check_order(Findings *findings, const Registry *registry, const OrderRow *row,
                        size_t index)
{
    if (!leads_somewhere(registry, row->from))
        find(findings, "order row %zu: from '%s' is no verb", index, row->from ? row->from : "");
    if (!leads_somewhere(registry, row->to))
        find(findings, "order row %zu: to '%s' is no verb", index, row->to ? row->to : "");
    if (is_blank(row->sentence))
        find(findings, "order row %zu has no sentence", index);
    bool names = row->relation == ORDER_NAMED || row->relation == ORDER_HOST_NAMED;
    if (names == is_blank(row->param))
        find(
            findings,
            "order row %zu: a param belongs to ORDER_NAMED and ORDER_HOST_NAMED, and to them alone",
            index);
    if (!names && text_equal(row->from, row->to))
        find(findings, "order row %zu makes '%s' wait for itself", index, row->to);
}

size_t registry_check(const Registry *registry, Text *out)
{
    Findings findings = {.out = out};
    for (const Kind *const *kind = registry->kinds; kind && *kind; kind++)
        check_kind(&findings, registry, *kind);
    for (const Source *const *source = registry->sources; source && *source; source++)
        check_source(&findings, registry, *source);
    for (const Verb *const *verb = registry->verbs; verb && *verb; verb++)
        check_verb(&findings, registry, *verb);
    for (size_t i = 0; i < registry->order_count; i++)
        check_order(&findings, registry, &registry->order[i], i);
    return findings.count;
}
