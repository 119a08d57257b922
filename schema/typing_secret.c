/* Secrets: holes in the place of texts, and what says where the text comes from. */
#include <string.h>

#include "base/text.h"
#include "base/vault_text.h"
#include "schema/secret.h"
#include "schema/typing_internal.h"

/* "|NAME|FIELD": everything below the parameter. */
static const char *address_of(const Reader *reader, const Step *step)
{
    const char *address = "";
    for (; step->up; step = step->up)
        address = ARENA_JOIN(reader->typing->arena, "|", step->name, address);
    return address;
}

const Value *typing_hole(const Reader *reader, const Step *step, const Origin *origin,
                         SecretForm form, const char *text)
{
    Arena *arena = reader->typing->arena;
    if (!reader->typed->secrets)
        reader->typed->secrets = map_new(arena);
    Value *value = places_new(reader->typing->places, origin);
    value->type = VALUE_SECRET;
    value->text = address_of(reader, step);
    static const Origin nowhere = {0};
    map_set(reader->typed->secrets, value->text,
            secret_new(arena, form, text, reader->typing->is_default ? &nowhere : origin));
    return value;
}

bool typing_is_encrypted(const DocNode *node)
{
    return text_equal(node->tag, "!vault") || text_equal(node->tag, "!vault-encrypted");
}

const Value *typing_read_encrypted(const Reader *reader, const Step *step, const DocNode *node)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    VaultText parsed;
    CLEANUP(error_freep)
    Error *error = node->type == DOC_SCALAR
                       ? vault_text_parse(scratch, node->text, &parsed)
                       : error_new(ERROR_INVALID, "is %s", doc_type_name(node));
    if (!error)
        return typing_hole(reader, step, &node->origin, SECRET_VAULT, node->text);
    diagnostics_add(reader->typing->diagnostics, "E045", &node->origin,
                    "Put here what  ansible-vault encrypt_string  prints.", "the !vault of %s %s",
                    step->name, error->message);
    return NULL;
}

static bool is_variable_name(const char *text)
{
    static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    return *text && strchr(first, *text) &&
           text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789")] ==
               '\0';
}

const char *typing_secret_source(const DocNode *node)
{
    bool is_source = node->type == DOC_MAP && node->map.count == 1 &&
                     node->map.values[0]->type == DOC_SCALAR &&
                     typing_has_word("from_env|from_file", node->map.keys[0]);
    return is_source ? node->map.keys[0] : NULL;
}

/* {from_env: NAME} or {from_file: PATH} */
static const Value *read_secret_map(const Reader *reader, const Step *step, const DocNode *node)
{
    const DocNode *env = doc_get(node, "from_env"), *file = doc_get(node, "from_file");
    const DocNode *source = env ? env : file;
    bool is_fine = node->map.count == 1 && source && source->type == DOC_SCALAR && *source->text &&
                   !doc_is_null(source) && !typing_is_encrypted(source) &&
                   !strstr(source->text, "{{");
    if (!is_fine || (env && !is_variable_name(env->text))) {
        diagnostics_add(reader->typing->diagnostics, "E002", &node->origin,
                        "Write a text, {from_env: NAME}, {from_file: PATH} or !vault.",
                        "this map does not say where %s comes from", step->name);
        return NULL;
    }
    if (env)
        return typing_hole(reader, step, &node->origin, SECRET_ENV, env->text);
    const char *path = file->text[0] == '/' ? file->text
                                            : arena_printf(reader->typing->arena, "%s/%s",
                                                           reader->typing->directory, file->text);
    return typing_hole(reader, step, &node->origin, SECRET_FILE, path);
}

const Value *typing_read_password(const Reader *reader, const Step *step, const DocNode *node,
                                  const Parameter *row)
{
    (void)row;
    if (typing_is_encrypted(node))
        return typing_read_encrypted(reader, step, node);
    if (node->type == DOC_MAP)
        return read_secret_map(reader, step, node);
    if (node->type != DOC_SCALAR)
        return typing_wrong(reader, step, node, "a text");
    ScalarContext context = {reader->typing, step->name, reader->placeholders,
                             &reader->typed->placeholders, true};
    if (!scalar_check_text(&context, node))
        return NULL;
    if (*node->text == '\0') { /* no secret, and whether there is one matters to a plan */
        Value *empty = places_new(reader->typing->places, &node->origin);
        empty->type = VALUE_TEXT;
        empty->text = "";
        return empty;
    }
    const char *looks = node->style == DOC_PLAIN ? scalar_looks(node->text) : NULL;
    if (looks)
        diagnostics_add(reader->typing->diagnostics, "W052", &node->origin,
                        "Quote it, so that every tool reads the same text.", "%s is written as %s",
                        step->name, looks);
    return typing_hole(reader, step, &node->origin, SECRET_PLAIN, node->text);
}
