#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "engine/perform.h"

typedef struct Activity {
    char text[ACTIVITY_MAX_BYTES];
} Activity;

struct Activities {
    pthread_mutex_t lock;
    size_t count;
    Activity *items; /* by action */
};

Activities *activities_new(size_t action_count)
{
    Activities *activities = must_malloc(sizeof(*activities));
    pthread_mutex_init(&activities->lock, NULL);
    activities->count = action_count;
    activities->items = must_malloc(action_count * sizeof(*activities->items));
    memset(activities->items, 0, action_count * sizeof(*activities->items));
    return activities;
}

void activities_free(Activities *activities)
{
    if (!activities)
        return;
    pthread_mutex_destroy(&activities->lock);
    free(activities->items);
    free(activities);
}

void activities_set(Activities *activities, size_t action, const char *text)
{
    if (!activities)
        return;
    pthread_mutex_lock(&activities->lock);
    snprintf(activities->items[action].text, ACTIVITY_MAX_BYTES, "%s", text);
    pthread_mutex_unlock(&activities->lock);
}

const char *execution_activity(const Execution *execution, size_t action, char *buffer, size_t size)
{
    Activities *activities = execution->activities;
    pthread_mutex_lock(&activities->lock);
    snprintf(buffer, size, "%s", activities->items[action].text);
    pthread_mutex_unlock(&activities->lock);
    return buffer;
}
