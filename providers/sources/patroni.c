/* Patroni's REST API, GET only. Asked where patroni.service is active. */
#include <string.h>

#include "base/json.h"
#include "providers/sources/rows.h"

enum { HTTP_OK = 200, HTTP_UNAVAILABLE = 503, MAX_BYTES = 4 * 1024 * 1024 };

static bool patroni_is_active(const Facts *facts, const char *host_address)
{
    static const char *const names[] = {"patroni.service/active", "patroni/active"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const Value *active = facts_path(facts, "node.units", host_address, names[i]);
        if (text_equal(value_as_text(active, NULL), "active"))
            return true;
    }
    return false;
}

/* GET /patroni answers 503 when PostgreSQL is down: that is an answer, too. */
static Error *parse_member(Arena *arena, const char *bytes, size_t length, int status,
                           const Value **ret)
{
    const Value *map = NULL;
    if (status != HTTP_OK && status != HTTP_UNAVAILABLE)
        return error_new(ERROR_REFUSED, "Patroni answered with status %d", status);
    TRY(json_parse(arena, bytes, length, &map));
    if (map->type != VALUE_MAP)
        return error_new(ERROR_REFUSED, "Patroni's answer is not a map");
    *ret = map;
    return NULL;
}

static Error *parse_ok(Arena *arena, const char *bytes, size_t length, int status,
                       const Value **ret)
{
    if (status != HTTP_OK)
        return error_new(ERROR_REFUSED, "Patroni answered with status %d", status);
    return parse_member(arena, bytes, length, status, ret);
}

const Source source_patroni_member = {
    .name = "patroni.member",
    .scope = SCOPE_NODE,
    .via = VIA_REST,
    .stage = 1,
    .text = "/patroni",
    .budget_ms = 20000,
    .max_bytes = MAX_BYTES,
    .parse = parse_member,
    .gate = patroni_is_active,
    .doc = "what Patroni says of its own member",
};

const Source source_patroni_cluster = {
    .name = "patroni.cluster",
    .scope = SCOPE_NODE,
    .via = VIA_REST,
    .stage = 1,
    .text = "/cluster",
    .budget_ms = 20000,
    .max_bytes = MAX_BYTES,
    .parse = parse_ok,
    .gate = patroni_is_active,
    .doc = "members and leader of the cluster",
};

const Source source_patroni_config = {
    .name = "patroni.config",
    .scope = SCOPE_NODE,
    .via = VIA_REST,
    .stage = 1,
    .text = "/config",
    .budget_ms = 20000,
    .max_bytes = MAX_BYTES,
    .parse = parse_ok,
    .gate = patroni_is_active,
    .doc = "the dynamic configuration of the cluster",
};
