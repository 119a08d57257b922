#include "onlooker.h"

#include "base/json.h"
#include "providers/sources/registry.h"
#include "unit.h"

void onlooker_begin(Rehearsal *it, const char *inventory)
{
    const char *why = "";
    rehearsal_begin(it, 1, inventory);
    rehearsal_plan(it);
    if (rehearsal_apply(it, &why) > 0)
        fail_msg("not done:\n%s", why);
    onlooker_wait(it, MINUTE_MS);
    it->sim.forget_worst(it->sim.context);
}

void onlooker_wait(const Rehearsal *it, int64_t duration_ms)
{
    it->sim.wait_ms(it->sim.context, duration_ms);
}

void onlooker_befall(const Rehearsal *it, SimTroubleKind kind, const char *address, int64_t for_ms)
{
    SimTrouble trouble = {kind, address, 0, for_ms, 0};
    it->sim.trouble(it->sim.context, &trouble);
}

void onlooker_service(const Rehearsal *it, const char *address, const char *name,
                      const char *action)
{
    Value *args = value_map(it->arena);
    value_set_text(it->arena, args, "name", name);
    value_set_text(it->arena, args, "action", action);
    it->sim.meddle(it->sim.context, address, 0, &(Effect){EFFECT_UNIT, address, args, NULL});
}

static void request(const Rehearsal *it, const char *address, const char *method, const char *path,
                    const char *text)
{
    const Value *body = NULL;
    Value *args = value_map(it->arena);
    check_fine(json_parse(it->arena, text, strlen(text), &body));
    value_set_text(it->arena, args, "method", method);
    value_set_text(it->arena, args, "path", path);
    value_set(it->arena, args, "body", body);
    it->sim.meddle(it->sim.context, address, 0, &(Effect){EFFECT_REST, address, args, NULL});
}

void onlooker_post(const Rehearsal *it, const char *address, const char *path, const char *body)
{
    request(it, address, "POST", path, body);
}

void onlooker_patch(const Rehearsal *it, const char *settings)
{
    request(it, LEADER, "PATCH", "/config", settings);
}

void onlooker_empty(const Rehearsal *it, const char *address)
{
    Value *args = value_map(it->arena);
    value_set_text(it->arena, args, "path", "/pg/data");
    it->sim.meddle(it->sim.context, address, 0, &(Effect){EFFECT_DATA_REMOVE, address, args, NULL});
}

const Value *onlooker_ask(const Rehearsal *it, const char *address, const char *source)
{
    ReadRequest request = {.source = source_find(source), .subject = address};
    Reading reading = {0};
    World *world = it->sim.world;
    check_fine(world->read(world, address, &request, 1, -1, it->arena, &reading));
    return reading.value;
}

int64_t onlooker_position(const Rehearsal *it, const char *address)
{
    const Value *log = value_get(onlooker_ask(it, address, "patroni.member"), "xlog");
    return value_get_int(log, "location", value_get_int(log, "replayed_location", -1));
}

const Value *onlooker_listed(const Rehearsal *it, const char *address)
{
    const Value *members = value_get(onlooker_ask(it, LEADER, "patroni.cluster"), "members");
    for (size_t i = 0; i < value_count(members); i++) {
        if (strcmp(value_get_text(value_at(members, i), "host"), address) == 0)
            return value_at(members, i);
    }
    return NULL;
}
