#include "schema/manual_parts.h"

#include <string.h>

#include "base/text.h"
#include "schema/rules.h"

/* -- types ------------------------------------------------------------------------------------- */

static const char *range_of(Arena *arena, const Parameter *row)
{
    double scale = row->type == TYPE_REAL ? 1000 : 1;
    if (row->max == 0 || row->type == TYPE_PORT)
        return "";
    if (row->max == INT64_MAX)
        return arena_printf(arena, " of at least %.12g", (double)row->min / scale);
    return arena_printf(arena, " from %.12g to %.12g", (double)row->min / scale,
                        (double)row->max / scale);
}

static const char *object_type(Arena *arena, const Parameter *row)
{
    const ParameterSchema *schema = row->schema;
    if (row->type == TYPE_OBJECT)
        return arena_printf(arena, "a map: %s", schema->name);
    if (row->flags & PARAMETER_PORT_KEYS)
        return arena_printf(arena, "a map of ports; each entry is a map: %s", schema->name);
    if (row->type == TYPE_OBJECT_MAP)
        return schema->is_positional
                   ? arena_printf(arena,
                                  "a map; each entry is the list of values of a %s, in order",
                                  schema->name)
                   : arena_printf(arena, "a map; each entry is a map: %s", schema->name);
    return arena_printf(arena, "a list; each entry is a map: %s%s%s%s", schema->name,
                        schema->text_field ? " (or only its " : "",
                        schema->text_field ? schema->text_field : "",
                        schema->text_field ? ")" : "");
}

const char *manual_type(Arena *arena, const Parameter *row)
{
    const char *unit = row->unit ? arena_printf(arena, ", in %s", row->unit) : "";
    if (row->schema)
        return object_type(arena, row);
    if (row->type == TYPE_ENUM)
        return arena_printf(arena, "one of %s", params_words(arena, row->words));
    if (row->type == TYPE_PASSWORD)
        return "a password: a text, {from_env: NAME}, {from_file: PATH} or !vault";
    if (row->type == TYPE_INT_OR_WORD)
        return arena_printf(arena, "a whole number%s%s, or %s", range_of(arena, row), unit,
                            params_words(arena, row->words));
    const char *type =
        arena_printf(arena, "%s%s%s", params_type_name(row->type), range_of(arena, row), unit);
    if (!row->words)
        return type;
    bool is_text = row->type == TYPE_TEXT || row->type == TYPE_TOKEN;
    return arena_printf(arena, "%s%s%s", is_text ? "a text" : type, is_text ? " such as " : ", or ",
                        params_words(arena, row->words));
}

/* -- changes ----------------------------------------------------------------------------------- */

/* Is `name` one of these words? */
static bool is_listed(Arena *arena, const char *words, const char *name)
{
    char **parts;
    size_t count = words ? text_words(arena, words, false, &parts) : 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(parts[i], name) == 0)
            return true;
    }
    return false;
}

const char *manual_need(Arena *arena, const Kind *kind, const ParamRow *row)
{
    bool has_keys = kind->key_need && (row->type == PARAM_MAP || row->type == PARAM_SETTINGS);
    if (row->flags & PARAM_FLAG_CREATE_ONLY)
        return "reported, never made: fixed from the beginning";
    if (row->need == NEED_RECREATE)
        return "made anew";
    if (row->need == NEED_NOTHING && !has_keys)
        return "in place";
    Need need = has_keys && row->need == NEED_NOTHING ? NEED_RELOAD : row->need;
    return arena_printf(arena, "%s of %s%s", need_name(need), service_name(row->service),
                        has_keys ? ", or more where a key needs it" : "");
}

/* One phrase and the kinds that it is true of. */
typedef struct Phrase {
    const char *text;
    const char *kinds;
    const Kind *last;
} Phrase;

enum { PHRASES_MAX = 32 };

static size_t add_phrase(Arena *arena, Phrase *phrases, size_t count, const Kind *kind,
                         const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(phrases[i].text, text) != 0)
            continue;
        if (phrases[i].last != kind)
            phrases[i].kinds = arena_printf(arena, "%s, %s", phrases[i].kinds, kind->name);
        phrases[i].last = kind;
        return count;
    }
    if (count < PHRASES_MAX)
        phrases[count++] = (Phrase){text, kind->name, kind};
    return count;
}

const char *manual_change(Arena *arena, const Registry *registry, const char *name)
{
    Phrase phrases[PHRASES_MAX];
    size_t count = 0;
    for (const Kind *const *kind = registry->kinds; *kind; kind++) {
        for (size_t i = 0; i < (*kind)->param_count; i++) {
            const ParamRow *row = &(*kind)->params[i];
            if (is_listed(arena, row->inventory, name))
                count = add_phrase(arena, phrases, count, *kind, manual_need(arena, *kind, row));
        }
    }
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < count; i++)
        text_addf(&text, "%s%s (%s)", i > 0 ? "; " : "", phrases[i].text, phrases[i].kinds);
    return count > 0 ? text_copy(&text, arena) : NULL;
}

/* -- the rest of a row ------------------------------------------------------------------------- */

static const char *levels_of(Arena *arena, unsigned levels)
{
    static const struct {
        unsigned level;
        const char *name;
    } names[] = {{LEVEL_GLOBAL, "all"},
                 {LEVEL_CLUSTER, "a cluster"},
                 {LEVEL_INSTANCE, "a host"},
                 {LEVEL_ARGUMENT, "one run"}};
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (levels & names[i].level)
            text_addf(&text, "%s%s", text_get(&text)[0] ? ", " : "", names[i].name);
    }
    return text_copy(&text, arena);
}

static const char *placeholders_of(Arena *arena, unsigned places)
{
    static const struct {
        unsigned place;
        const char *names;
    } names[] = {{PLACE_ADMIN_IP, "${admin_ip}"},
                 {PLACE_CLUSTER, "${pg_cluster}"},
                 {PLACE_VERSION, "${pg_version} $v"},
                 {PLACE_LISTEN, "${ip} ${lo} ${vip}"},
                 {PLACE_REPO, "${admin_ip} ${distro_codename} ${distro_name}"}};
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (places & names[i].place)
            text_addf(&text, "%s%s", text_get(&text)[0] ? " " : "", names[i].names);
    }
    return text_get(&text)[0] ? text_copy(&text, arena) : NULL;
}

static ManualFact default_of(Arena *arena, const Parameter *row)
{
    const char *since = row->since ? arena_printf(arena, " (since Pigsty %s)", row->since) : "";
    ManualFact fact = {"Default", NULL, NULL};
    if (!row->fallback)
        fact.text = "none";
    else if (strchr(row->fallback, '\n'))
        fact = (ManualFact){"Default", "these entries", row->fallback};
    else
        fact.text = arena_printf(arena, "%s%s", *row->fallback ? row->fallback : "\"\"", since);
    return fact;
}

const char *manual_old_names(Arena *arena, const ParameterSchema *schema, const Parameter *row)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    const ParameterRename *rename;
    for (size_t i = 0;
         (rename = schema ? params_renamed_field_at(schema, i) : params_renamed_at(i)) != NULL;
         i++) {
        if (strcmp(rename->new_name, row->name) == 0)
            text_addf(&text, "%s%s (until %s)", text_get(&text)[0] ? ", " : "", rename->old_name,
                      rename->since);
    }
    return text_copy(&text, arena);
}

const char *manual_rules(Arena *arena, const Code *code)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < rules_count(); i++) {
        if (strstr(rules_at(i)->codes, code->code))
            text_addf(&text, "%s%s", text.length > 0 ? "; " : "", rules_at(i)->sentence);
    }
    return text.length > 0 ? text_copy(&text, arena) : NULL;
}

const char *manual_field(Arena *arena, const ParameterSchema *schema, const Parameter *field)
{
    const char *old_names = manual_old_names(arena, schema, field);
    return arena_printf(arena, "%s; %s%s%s%s%s%s", field->doc, manual_type(arena, field),
                        field->flags & PARAMETER_REQUIRED ? "; required" : "",
                        field->fallback ? "; default " : "", field->fallback ? field->fallback : "",
                        *old_names ? "; was " : "", old_names);
}

static const char *change_of(Arena *arena, const Registry *registry, const Parameter *row)
{
    const char *change = manual_change(arena, registry, row->name);
    if (row->flags & PARAMETER_DEAD)
        return "nothing reads it";
    if (row->flags & PARAMETER_IDENTITY)
        return "part of a name: another value is another thing";
    return change ? change : "nothing on a node, in this version";
}

/* -- settings ---------------------------------------------------------------------------------- */

/* The two parameters that hold settings of any name, but not of each. */
static const struct {
    const char *param;
    bool (*is_free)(const SettingPlace *place);
} setting_maps[] = {{"pg_parameters", setting_is_free_in_parameters},
                    {"pg_dcs", setting_is_free_in_dcs}};

/* The settings that a parameter may not hold; NULL: it holds none at all. */
static const char *refused_settings(Arena *arena, const char *param)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t m = 0; m < COUNT_OF(setting_maps); m++) {
        if (strcmp(setting_maps[m].param, param) != 0)
            continue;
        for (size_t i = 0; setting_place_at(i); i++) {
            if (!setting_maps[m].is_free(setting_place_at(i)))
                text_addf(&text, "%s%s", text.length > 0 ? ", " : "the settings ",
                          setting_place_at(i)->setting);
        }
    }
    return text.length > 0 ? text_copy(&text, arena) : NULL;
}

static const char *refusing_params(Arena *arena, const SettingPlace *place)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t m = 0; m < COUNT_OF(setting_maps); m++) {
        if (!setting_maps[m].is_free(place))
            text_addf(&text, "%s%s", text.length > 0 ? ", " : "", setting_maps[m].param);
    }
    return text_copy(&text, arena);
}

void manual_setting_facts(Arena *arena, const SettingPlace *place,
                          ManualFact facts[MANUAL_SETTING_FACTS])
{
    const char *giver = place->owner                    ? place->owner
                        : setting_is_free_in_dcs(place) ? "pg_dcs, as postgresql: parameters"
                                                        : "Patroni";
    const char *lands = arena_printf(arena, "%s; from there %s", setting_home_name(place->home),
                                     place->on_command_line ? "on the command line of the server"
                                                            : "in postgresql.conf");
    facts[0] = (ManualFact){"Given by", giver, NULL};
    facts[1] = (ManualFact){"Value", place->note, NULL};
    facts[2] = (ManualFact){"Lands in", lands, NULL};
    facts[3] = (ManualFact){"Refused in", refusing_params(arena, place), NULL};
}

void manual_facts(Arena *arena, const Registry *registry, const Parameter *row,
                  ManualFact facts[MANUAL_FACTS])
{
    const char *old_names = manual_old_names(arena, NULL, row);
    facts[MANUAL_TYPE] = (ManualFact){"Type", manual_type(arena, row), NULL};
    facts[MANUAL_DEFAULT] = default_of(arena, row);
    facts[MANUAL_LEVELS] = (ManualFact){"Written for", levels_of(arena, row->levels), NULL};
    facts[MANUAL_PLACEHOLDERS] =
        (ManualFact){"May hold", placeholders_of(arena, row->placeholders), NULL};
    facts[MANUAL_FEEDS] = (ManualFact){"Ends in", row->feeds, NULL};
    facts[MANUAL_CHANGE] = (ManualFact){"Change", change_of(arena, registry, row), NULL};
    facts[MANUAL_NOT_FOR] = (ManualFact){"Not for", refused_settings(arena, row->name), NULL};
    facts[MANUAL_OLD_NAMES] = (ManualFact){"Was called", *old_names ? old_names : NULL, NULL};
}

/* -- objects ----------------------------------------------------------------------------------- */

typedef struct SchemaList {
    Arena *arena;
    const ParameterSchema **items;
    size_t count, capacity;
} SchemaList;

static void add_schema(SchemaList *list, const ParameterSchema *schema)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] == schema)
            return;
    }
    ARENA_PUSH(list->arena, list->items, list->count, list->capacity, schema);
}

/* The list grows while it is walked: what fields refer to comes behind. */
static void add_inner(SchemaList *list)
{
    for (size_t i = 0; i < list->count; i++) {
        for (size_t f = 0; f < list->items[i]->field_count; f++) {
            if (list->items[i]->fields[f].schema)
                add_schema(list, list->items[i]->fields[f].schema);
        }
    }
}

size_t manual_schemas_of(Arena *arena, const Parameter *row, const ParameterSchema *const **ret)
{
    SchemaList list = {.arena = arena};
    if (row->schema)
        add_schema(&list, row->schema);
    add_inner(&list);
    *ret = list.items;
    return list.count;
}

size_t manual_schemas(Arena *arena, const ParameterSchema *const **ret)
{
    SchemaList list = {.arena = arena};
    for (size_t i = 0; i < params_count(); i++) {
        if (params_at(i)->schema)
            add_schema(&list, params_at(i)->schema);
    }
    add_inner(&list);
    *ret = list.items;
    return list.count;
}
