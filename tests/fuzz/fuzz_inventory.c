/* Any bytes as an inventory: it loads or is refused, every parameter of every host has a value,
 * every hole its secret, HBA and selectors render, and no command line token is unsafe. The first
 * byte chooses a frame around the bytes, so that they reach the depths of a real inventory. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "schema/hba.h"
#include "schema/inventory.h"
#include "schema/params.h"
#include "schema/selector.h"
#include "schema/tuning.h"
#include "schema/typing.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const struct {
    const char *before, *after;
} frames[] = {
    {"", ""},
    {"all:\n  children:\n    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } } }\n    pg-test:\n"
     "      hosts: { 10.10.10.11: { pg_seq: 1, pg_role: primary } }\n"
     "      vars:\n        pg_cluster: pg-test\n        ",
     "\n"},
    {"all: { children: { pg-test: { vars: { pg_cluster: pg-test, pg_users: [", "] } } } }\n"},
    {"all: { children: { pg-test: { hosts: { 10.10.10.11: {", "} } } } }\n"},
    {"all: { children: { pg-test: { hosts: { 10.10.10.11: { pg_seq: 1, pg_role: primary } }, vars:"
     " { pg_cluster: pg-test, pg_hba_rules: [",
     "] } } } }\n"},
};

/* `text` is the inventory's: a secret that comes from outside of it may be missing. */
static void check_value(const Inventory *inventory, const Value *value, const char *text)
{
    if (value->type == VALUE_SECRET)
        assert(strchr(value->text, '|') &&
               (strstr(text, "from_") || inventory_secret(inventory, value->text)));
    const Origin *origin = inventory_origin(inventory, value);
    assert(!origin || origin->line > 0);
}

static void check_host(Arena *arena, const Inventory *inventory, const Host *host, const char *text)
{
    static const char *const tokens[] = {"ansible_host", "ansible_user", "ansible_become_user"};
    assert(typing_is_ipv4(host_address(host), false) && *host_name(host));
    for (size_t i = 0; i < params_count(); i++) {
        const Value *value = host_param(host, params_at(i)->name);
        assert(value && host_text(host, params_at(i)->name));
        check_value(inventory, value, text);
    }
    for (size_t i = 0; i < COUNT_OF(tokens); i++) {
        const char *token = host_text(host, tokens[i]);
        assert(!*token || typing_is_token(token));
    }
    const HbaFile *file = hba_file(arena, inventory, host, HBA_POSTGRES);
    for (size_t i = 0; i < value_count(file->rules); i++)
        assert(!strchr(value_as_text(value_at(file->rules, i), "\n"), '\n'));
    const TuningSetting *settings;
    const Machine machine = {8192, 4, 1LL << 40};
    assert(tuning_settings(arena, host, &machine, &settings) > 0);
}

static void check_selector(Arena *arena, const char *text, const Host *host)
{
    Selector *selector = NULL;
    CLEANUP(error_freep) Error *error = selector_parse(arena, text, &selector);
    if (!error)
        selector_matches(selector, host);
}

static void print(Diagnostics *diagnostics)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    diagnostics_print(stream, diagnostics, 50, false, false);
    fclose(stream);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    size_t frame = bytes[0] % COUNT_OF(frames);
    CLEANUP(arena_freep) Arena *arena = arena_new();
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_add(&text, frames[frame].before);
    text_add_bytes(&text, bytes + 1, size - 1);
    text_add(&text, frames[frame].after);
    Diagnostics *diagnostics = diagnostics_new(arena);
    Inventory *inventory =
        inventory_load_bytes(arena, "f.yml", text_get(&text), text.length, diagnostics);
    assert(inventory || diagnostics_error_count(diagnostics) > 0);
    for (size_t i = 0; inventory && i < inventory_host_count(inventory) && i < 4; i++) {
        check_host(arena, inventory, inventory_host_at(inventory, i), text_get(&text));
        check_selector(arena, text_get(&text), inventory_host_at(inventory, i));
    }
    print(diagnostics);
    return 0;
}
