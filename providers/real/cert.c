#include "providers/real/cert.h"

#include <ctype.h>
#include <string.h>

/* What a common or alternative name consists of; a '$' or a newline would mean something to
 * openssl. */
static bool is_name(const char *text)
{
    for (const char *c = text; *c; c++) {
        if (!isalnum((unsigned char)*c) && !strchr("._:*@-", *c))
            return false;
    }
    return *text != '\0';
}

static Error *check_names(const Value *args)
{
    const Value *sans = value_get(args, "sans");
    const char *cn = value_get_text(args, "cn");
    if (*cn && !is_name(cn))
        return error_new(ERROR_INVALID, "'%s' cannot be the name of a certificate", cn);
    for (size_t i = 0; i < value_count(sans); i++) {
        const char *name = value_as_text(value_at(sans, i), "");
        if (!is_name(name))
            return error_new(ERROR_INVALID, "'%s' cannot be a name in a certificate", name);
    }
    return NULL;
}

/* One call on the node of the authority, which may be the node itself. */
static Error *call_ca(const NodeContext *context, const Value *args, const char *function,
                      const Value *call_args, NodeResult *ret)
{
    const char *ca_host = value_get_text(args, "ca_host");
    if (strcmp(ca_host, context->host) == 0)
        return node_call_one(context->loan->session, function, call_args, context->fence,
                             context->deadline_ms, context->arena, ret);
    Loan loan = {0};
    TRY(session_borrow(context->pool, ca_host, false, context->deadline_ms, &loan));
    Error *error = node_call_one(loan.session, function, call_args, context->fence,
                                 context->deadline_ms, context->arena, ret);
    session_give_back(&loan, !error || error->code != ERROR_UNREACHABLE);
    return error ? error_wrap(error, "at the authority on %s", ca_host) : NULL;
}

static Error *read_ca(const NodeContext *context, const Value *args, NodeResult *ret)
{
    Value *call = value_map(context->arena);
    value_set_text(context->arena, call, "path", value_get_text(args, "ca_path"));
    return call_ca(context, args, "ca_read", call, ret);
}

static Error *sign(const NodeContext *context, const Value *args, const char *request,
                   NodeResult *ret)
{
    Arena *arena = context->arena;
    Value *call = value_map(arena);
    value_set_text(arena, call, "path", value_get_text(args, "ca_path"));
    value_set_int(arena, call, "days", value_get_int(args, "days", 0));
    value_set_text(arena, call, "content", request);
    if (value_get(args, "sans"))
        value_set(arena, call, "sans", value_get(args, "sans"));
    return call_ca(context, args, "cert_sign", call, ret);
}

/* The arguments that the two steps on the node share. */
static Value *node_args(Arena *arena, const Value *args)
{
    static const char *const names[] = {"cn", "sans",  "key",   "cert",
                                        "ca", "owner", "group", "key_mode"};
    Value *call = value_map(arena);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const Value *value = value_get(args, names[i]);
        if (value)
            value_set(arena, call, names[i], value);
    }
    return call;
}

Error *cert_perform(const NodeContext *context, const Effect *effect, NodeResult *ret)
{
    Arena *arena = context->arena;
    SshSession *session = context->loan->session;
    NodeResult ca = {0};
    NodeResult request = {0};
    NodeResult certificate = {0};
    NodeResult placed = {0};
    TRY(check_names(effect->args));
    TRY(read_ca(context, effect->args, &ca));

    Value *ask = node_args(arena, effect->args);
    value_set_text(arena, ask, "content", ca.said);
    TRY(node_call_one(session, "cert_request", ask, context->fence, context->deadline_ms, arena,
                      &request));
    *ret = (NodeResult){.is_changed = request.is_changed};
    if (!*request.said)
        return NULL;

    TRY(sign(context, effect->args, request.said, &certificate));
    Value *place = node_args(arena, effect->args);
    value_set_text(arena, place, "content", certificate.said);
    value_set_text(arena, place, "value", ca.said);
    TRY(node_call_one(session, "cert_place", place, context->fence, context->deadline_ms, arena,
                      &placed));
    ret->is_changed = true;
    return NULL;
}
