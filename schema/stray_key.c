#include "schema/stray_key.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "schema/params.h"
#include "schema/secret_name.h"

static bool has_no_value(const DocNode *map, size_t i)
{
    const DocNode *value = map->map.values[i];
    return value->type == DOC_SCALAR && value->style == DOC_PLAIN && *value->text == '\0';
}

static bool is_secret(const char *name)
{
    const char *near = secret_name(name) ? name : params_nearest_of_all(name);
    return near && secret_name(near);
}

static void report(Diagnostics *diagnostics, const DocNode *map, size_t i, const char *advice,
                   const char *message)
{
    const DocNode *key = map->map.key_nodes[i], *value = map->map.values[i];
    diagnostics_hide(diagnostics, &key->origin, value->end_line, value->end_column);
    diagnostics_add(diagnostics, "E002", &key->origin, advice, "%s", message);
}

/* "password:x", "password x" */
static bool report_stuck(Diagnostics *diagnostics, const DocNode *map, size_t i)
{
    const DocNode *key = map->map.key_nodes[i];
    size_t length = 0;
    while (isalnum((unsigned char)key->text[length]) || key->text[length] == '_')
        length++;
    if (length == 0 || key->text[length] == '\0')
        return false;
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_add_bytes(&text, key->text, length);
    if (!is_secret(text_get(&text)))
        return false;
    text_add(&text, " has no value: no colon with a blank after it ends its name");
    report(diagnostics, map, i, "Write KEY: VALUE.", text_get(&text));
    return true;
}

/* {password: a,b}: "b" is a key. */
static bool report_cut(Diagnostics *diagnostics, const DocNode *map, size_t i)
{
    size_t last = i; /* behind the text that was cut */
    while (last > 0 && has_no_value(map, last))
        last--;
    if (map->style != DOC_FLOW || last == i || !is_secret(map->map.keys[last]))
        return false;
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_addf(&text, "the text of %s ends at a comma, and a key without a value follows",
              map->map.keys[last]);
    report(diagnostics, map, i, "Put the whole text into quotes.", text_get(&text));
    return true;
}

bool stray_key_report(Diagnostics *diagnostics, const DocNode *map, size_t i)
{
    return report_stuck(diagnostics, map, i) || report_cut(diagnostics, map, i);
}
