/*
 * Plan files: any bytes are refused or give a plan that can be shown and written again. The bytes
 * are the lines; the closing line is added here, since no fuzzer finds a digest.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "plans/plan_file.h"
#include "plans/plan_lines.h"
#include "plans/render.h"
#include "unit/fake_kinds.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void show(const Plan *plan)
{
    const RenderOptions options = {.columns = 100, .unicode = true};
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    plan_render_text(stream, plan, &options);
    plan_render_json(stream, plan, NULL);
    plan_render_dot(stream, plan);
    fclose(stream);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    CLEANUP(text_release) Text file = TEXT_INIT;
    CLEANUP(text_release) Text again = TEXT_INIT;
    char hex[SHA256_HEX + 1];
    text_add_bytes(&file, bytes, size);
    if (size > 0 && bytes[size - 1] != '\n')
        text_add_char(&file, '\n');
    sha256_hex(text_get(&file), file.length, hex);
    text_addf(&file, "{\"end\":{\"sha256\":\"%s\"}}\n", hex);
    Plan *plan = NULL, *second = NULL;
    Error *error = plan_file_parse(arena, text_get(&file), file.length, &fake_registry, &plan);
    if (error) {
        error_free(error);
        return 0;
    }
    show(plan);
    plan_lines_write(&again, plan);
    error = plan_file_parse(arena, text_get(&again), again.length, &fake_registry, &second);
    assert(!error);
    return 0;
}
