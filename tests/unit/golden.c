#include "golden.h"

#include <dirent.h>

#include "base/file.h"
#include "unit.h"

void golden_expect(const char *path, const char *text, const Text *expected)
{
    if (strcmp(text_get(expected), text) == 0)
        return;
    if (getenv("UPDATE_GOLDEN"))
        check_fine(file_write_all(path, 0644, text_get(expected), expected->length));
    else
        fail_msg("%s differs; with UPDATE_GOLDEN=1 it would be:\n%s", path, text_get(expected));
}

size_t golden_each_file(Arena *arena, const char *name,
                        void (*play)(Arena *arena, const char *path))
{
    const char *folder = arena_printf(arena, TESTS_DIR "/cases/%s", name);
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    size_t played = 0;
    for (int i = 0; i < count; i++) {
        if (text_ends_with(entries[i]->d_name, ".case")) {
            play(arena, arena_printf(arena, "%s/%s", folder, entries[i]->d_name));
            played++;
        }
        free(entries[i]);
    }
    free(entries);
    return played;
}
