#include "schema/sarif.h"

#include <ctype.h>
#include <string.h>

#include "base/digest.h"
#include "base/map.h"
#include "base/text.h"
#include "schema/codes.h"

/* -- Addresses ------------------------------------------------------------------------------- */

static void add_escaped(Text *out, const char *path)
{
    for (; *path; path++) {
        if (isalnum((unsigned char)*path) || strchr("-._~/", *path))
            text_add_char(out, *path);
        else
            text_addf(out, "%%%02X", (unsigned char)*path);
    }
}

/* What stands behind the directory; NULL: the path is not in it. */
static const char *path_below(const char *path, const char *directory)
{
    size_t length = strlen(directory);
    while (length > 0 && directory[length - 1] == '/')
        length--;
    return strncmp(path, directory, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

const char *sarif_uri(Arena *arena, const char *path, const char *directory)
{
    CLEANUP(text_release) Text uri = TEXT_INIT;
    const char *below = path_below(path, directory);
    path = below ? below : path;
    while (strncmp(path, "./", 2) == 0)
        path += 2 + strspn(path + 2, "/");
    if (*path == '/')
        text_add(&uri, "file://");
    add_escaped(&uri, path);
    return text_copy(&uri, arena);
}

/* -- Parts ----------------------------------------------------------------------------------- */

static Value *message(Arena *arena, const char *text)
{
    Value *message = value_map(arena);
    value_set_text(arena, message, "text", text);
    return message;
}

static Value *list_of(Arena *arena, const Value *item)
{
    Value *list = value_list(arena);
    value_push(arena, list, item);
    return list;
}

static const char *level_of(const char *code)
{
    return code[0] == 'E' ? "error" : "warning";
}

static Value *region(Arena *arena, const Origin *place, size_t width)
{
    Value *region = value_map(arena);
    value_set_int(arena, region, "startLine", place->line);
    value_set_int(arena, region, "startColumn", place->column);
    value_set_int(arena, region, "endLine", place->line);
    value_set_int(arena, region, "endColumn", place->column + (int64_t)(width ? width : 1));
    return region;
}

static Value *location(Arena *arena, const SarifRun *run, const Origin *place, size_t width)
{
    Value *artifact = value_map(arena), *physical = value_map(arena), *location = value_map(arena);
    value_set_text(arena, artifact, "uri", sarif_uri(arena, place->file, run->directory));
    value_set(arena, physical, "artifactLocation", artifact);
    value_set(arena, physical, "region", region(arena, place, width));
    value_set(arena, location, "physicalLocation", physical);
    return location;
}

/* The width is that of the last place. */
static size_t width_at(const Diagnostic *diagnostic, size_t i)
{
    return i + 1 == diagnostic->place_count ? diagnostic->width : 1;
}

static Value *first_location(Arena *arena, const SarifRun *run, const Diagnostic *diagnostic)
{
    Origin start = {run->inventory, 1, 1};
    return diagnostic->place_count > 0
               ? location(arena, run, &diagnostic->places[0], width_at(diagnostic, 0))
               : location(arena, run, &start, 1);
}

static Value *related_locations(Arena *arena, const SarifRun *run, const Diagnostic *diagnostic)
{
    Value *list = value_list(arena);
    for (size_t i = 1; i < diagnostic->place_count; i++) {
        Value *place = location(arena, run, &diagnostic->places[i], width_at(diagnostic, i));
        value_set_int(arena, place, "id", (int64_t)i);
        value_set(arena, place, "message", message(arena, "the other place"));
        value_push(arena, list, place);
    }
    return list;
}

static Value *suppression(Arena *arena, const Diagnostic *diagnostic)
{
    Value *suppression = value_map(arena);
    value_set_text(arena, suppression, "kind", "inSource");
    value_set_text(arena, suppression, "status", "accepted");
    value_set_text(
        arena, suppression, "justification",
        arena_printf(arena, "%s (until %s)", diagnostic->waived_for, diagnostic->waived_until));
    return suppression;
}

/* The same from run to run, wherever the line has moved to. */
static Value *fingerprints(Arena *arena, const Diagnostic *diagnostic, const Value *place)
{
    const Value *uri = value_path(place, "physicalLocation/artifactLocation/uri");
    const char *text = arena_printf(arena, "%s|%s|%s", diagnostic->code, value_as_text(uri, ""),
                                    diagnostic->message);
    char digest[SHA256_HEX + 1];
    sha256_hex(text, strlen(text), digest);
    Value *fingerprints = value_map(arena);
    value_set_text(arena, fingerprints, "problem/v1", digest);
    return fingerprints;
}

/* -- Results and rules ----------------------------------------------------------------------- */

/* The number of a code among those that occur: each of them once. */
static size_t rule_number(Arena *arena, Map *numbers, const char *code)
{
    size_t *number = map_get(numbers, code);
    if (!number) {
        number = ARENA_NEW(arena, size_t);
        *number = map_count(numbers);
        map_set(numbers, code, number);
    }
    return *number;
}

static Value *result(Arena *arena, const SarifRun *run, const Diagnostic *diagnostic, size_t rule)
{
    const char *text = diagnostic->advice
                           ? arena_printf(arena, "%s\n%s", diagnostic->message, diagnostic->advice)
                           : diagnostic->message;
    Value *place = first_location(arena, run, diagnostic), *result = value_map(arena);
    value_set_text(arena, result, "ruleId", diagnostic->code);
    value_set_int(arena, result, "ruleIndex", (int64_t)rule);
    value_set_text(arena, result, "level", level_of(diagnostic->code));
    value_set(arena, result, "message", message(arena, text));
    value_set(arena, result, "locations", list_of(arena, place));
    if (diagnostic->place_count > 1)
        value_set(arena, result, "relatedLocations", related_locations(arena, run, diagnostic));
    value_set(arena, result, "partialFingerprints", fingerprints(arena, diagnostic, place));
    if (diagnostic->waived_for)
        value_set(arena, result, "suppressions", list_of(arena, suppression(arena, diagnostic)));
    return result;
}

static Value *rule(Arena *arena, const Code *code)
{
    Value *rule = value_map(arena), *configuration = value_map(arena);
    value_set_text(arena, configuration, "level", level_of(code->code));
    value_set_text(arena, rule, "id", code->code);
    value_set(arena, rule, "shortDescription", message(arena, code->meaning));
    value_set(arena, rule, "fullDescription", message(arena, code->meaning));
    value_set(arena, rule, "help", message(arena, code->doc));
    value_set(arena, rule, "defaultConfiguration", configuration);
    return rule;
}

static Value *tool(Arena *arena, const SarifRun *run, const Map *numbers)
{
    Value *rules = value_list(arena), *driver = value_map(arena), *tool = value_map(arena);
    for (size_t i = 0; i < map_count(numbers); i++)
        value_push(arena, rules, rule(arena, codes_find(map_key_at(numbers, i))));
    value_set_text(arena, driver, "name", "pgsteer");
    value_set_text(arena, driver, "version", run->version);
    value_set(arena, driver, "rules", rules);
    value_set(arena, tool, "driver", driver);
    return tool;
}

static Value *invocation(Arena *arena, const SarifRun *run)
{
    Value *invocation = value_map(arena);
    value_set_bool(arena, invocation, "executionSuccessful", !run->failure);
    if (run->failure) {
        Value *notification = value_map(arena);
        value_set_text(arena, notification, "level", "error");
        value_set(arena, notification, "message", message(arena, run->failure));
        value_set(arena, invocation, "toolExecutionNotifications", list_of(arena, notification));
    }
    return invocation;
}

const Value *sarif_document(Arena *arena, Diagnostics *diagnostics, const SarifRun *run)
{
    Value *results = value_list(arena), *only = value_map(arena), *document = value_map(arena);
    Map *numbers = map_new(arena);
    for (size_t i = 0; i < diagnostics_count(diagnostics); i++) {
        const Diagnostic *diagnostic = diagnostics_at(diagnostics, i);
        size_t number = rule_number(arena, numbers, diagnostic->code);
        value_push(arena, results, result(arena, run, diagnostic, number));
    }
    value_set(arena, only, "tool", tool(arena, run, numbers));
    value_set(arena, only, "invocations", list_of(arena, invocation(arena, run)));
    value_set_text(arena, only, "columnKind", "unicodeCodePoints");
    value_set(arena, only, "results", results);
    value_set_text(arena, document, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    value_set_text(arena, document, "version", "2.1.0");
    value_set(arena, document, "runs", list_of(arena, only));
    return document;
}
