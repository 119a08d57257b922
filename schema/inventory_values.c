/* Values that differ from host to host: holes, which bear an address, and placeholders. */
#include <string.h>

#include "base/text.h"
#include "schema/inventory_internal.h"

static const char *listen_vip(const Host *host)
{
    const char *address = host_text(host, "pg_vip_address");
    if (!host_bool(host, "pg_vip_enabled", false) || text_starts_with(address, "127.0.0."))
        return NULL;
    return arena_strndup(host->inventory->arena, address, strcspn(address, "/"));
}

static const char *version_text(const Host *host)
{
    return arena_printf(host->inventory->arena, "%lld", (long long)host_int(host, "pg_version", 0));
}

/* What a placeholder stands for on a host; NULL: it stays as it is. */
static const char *placeholder_value(const Host *host, const char *name, size_t length,
                                     unsigned allowed)
{
    static const char *const names[] = {"admin_ip", "pg_cluster", "pg_version", "ip", "lo", "vip"};
    static const unsigned places[] = {PLACE_ADMIN_IP | PLACE_REPO,
                                      PLACE_CLUSTER,
                                      PLACE_VERSION,
                                      PLACE_LISTEN,
                                      PLACE_LISTEN,
                                      PLACE_LISTEN};
    size_t i = 0;
    while (i < COUNT_OF(names) &&
           (strlen(names[i]) != length || strncmp(names[i], name, length) != 0))
        i++;
    if (i == COUNT_OF(names) || !(places[i] & allowed))
        return NULL;
    switch (i) {
    case 0:
        return host_text(host, "admin_ip");
    case 1:
        return host->cluster;
    case 2:
        return version_text(host);
    case 3:
        return host->address;
    case 4:
        return "127.0.0.1";
    default:
        return listen_vip(host);
    }
}

static const char *expand(const Host *host, const char *text, unsigned allowed)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    while (*text) {
        bool is_name = strncmp(text, "${", 2) == 0;
        size_t length = is_name ? strcspn(text + 2, "}") : 0;
        const char *value = is_name ? placeholder_value(host, text + 2, length, allowed) : NULL;
        if (value) {
            text_add(&out, value);
            text += 2 + length + (text[2 + length] == '}');
        } else if (allowed & PLACE_VERSION && strncmp(text, "$v", 2) == 0) {
            text_add(&out, version_text(host));
            text += 2;
        } else {
            text_add_char(&out, *text++);
        }
    }
    return text_copy(&out, host->inventory->arena);
}

typedef struct Copier {
    Inventory *inventory;
    const Host *host;
    const Var *var;
    unsigned placeholders; /* that are filled in texts */
} Copier;

static const Value *copy_hole(const Copier *copier, const Value *value, Value *copy)
{
    Arena *arena = copier->inventory->arena;
    copy->type = VALUE_SECRET;
    copy->text = ARENA_JOIN(arena, copier->host->address, "|", copier->var->name, value->text);
    Secret *secret = map_get(copier->var->typed.secrets, value->text);
    if (copier->placeholders && secret->form == SECRET_PLAIN)
        secret =
            secret_new(arena, SECRET_PLAIN,
                       expand(copier->host, secret->text, copier->placeholders), &secret->origin);
    map_set(copier->inventory->secrets, copy->text, secret);
    return copy;
}

static bool has_secret(const Copier *copier, const Value *value)
{
    return copier->var->typed.secrets && value_has_secret(value);
}

/* Values are shared down to those that hold a secret or a placeholder.
 * NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the document's */
static const Value *copy_value(const Copier *copier, const Value *value)
{
    Arena *arena = copier->inventory->arena;
    if (value == &value_null || (!copier->placeholders && !has_secret(copier, value)))
        return value;
    Value *copy =
        places_new(&copier->inventory->places, places_origin(&copier->inventory->places, value));
    if (value->type == VALUE_SECRET)
        return copy_hole(copier, value, copy);
    if (value->type == VALUE_TEXT && copier->placeholders) {
        copy->type = VALUE_TEXT;
        copy->text = expand(copier->host, value->text, copier->placeholders);
        return copy;
    }
    bool is_list = value->type == VALUE_LIST;
    if (!is_list && value->type != VALUE_MAP) {
        *copy = *value;
        return copy;
    }
    copy->type = value->type;
    value_reserve(arena, copy, value_count(value));
    for (size_t i = 0; i < value_count(value); i++) {
        if (is_list)
            value_push(arena, copy, copy_value(copier, value->list.items[i]));
        else
            value_add(arena, copy, value->map.keys[i], copy_value(copier, value->map.values[i]));
    }
    return copy;
}

static const Value *find_resolved(const Host *host, const Var *var)
{
    for (size_t i = 0; i < host->resolved_count; i++) {
        if (host->resolved[i].var == var)
            return host->resolved[i].value;
    }
    return NULL;
}

/* What came out the last time for a definition that holds nothing but ${admin_ip}. */
typedef struct Recent {
    const Var *var;
    const char *admin_ip;
    const Value *value;
} Recent;

typedef struct Resolver {
    Inventory *inventory;
    Resolved *found; /* of the current host */
    size_t found_count, found_capacity;
    Recent *recent;
    size_t recent_count, recent_capacity;
} Resolver;

static Recent *recent_of(Resolver *resolver, const Var *var)
{
    for (size_t i = 0; i < resolver->recent_count; i++) {
        if (resolver->recent[i].var == var)
            return &resolver->recent[i];
    }
    Recent recent = {.var = var, .admin_ip = ""};
    ARENA_PUSH(resolver->inventory->arena, resolver->recent, resolver->recent_count,
               resolver->recent_capacity, recent);
    return &resolver->recent[resolver->recent_count - 1];
}

/* Equal for all hosts with the same admin_ip, which is nearly always all of them. */
static const Value *resolve_admin(Resolver *resolver, const Host *host, const Var *var)
{
    Recent *recent = recent_of(resolver, var);
    const char *admin_ip = host_text(host, "admin_ip");
    if (!recent->value || strcmp(recent->admin_ip, admin_ip) != 0) {
        Copier copier = {resolver->inventory, host, var, var->typed.placeholders};
        recent->value = copy_value(&copier, var->typed.value);
        recent->admin_ip = admin_ip;
    }
    return recent->value;
}

static const Value *resolve_var(Resolver *resolver, const Host *host, const Var *var)
{
    unsigned placeholders = var->typed.placeholders;
    bool by_admin = placeholders == PLACE_ADMIN_IP || placeholders == PLACE_REPO;
    if (!var->typed.secrets && by_admin)
        return resolve_admin(resolver, host, var);
    /* Members of a cluster share what depends on nothing but the cluster. */
    const Value *shared = find_resolved(host->lead, var);
    if (shared && !(placeholders & ~(unsigned)PLACE_CLUSTER))
        return shared;
    Copier copier = {resolver->inventory, host, var, placeholders};
    return copy_value(&copier, var->typed.value);
}

static void resolve_set(Resolver *resolver, Host *host, const VarSet *set)
{
    for (size_t i = 0; i < set->differing_count; i++) {
        if (!host_follows(host, set, set->differing[i]))
            continue;
        const Var *var = &set->vars[set->differing[i]];
        Resolved resolved = {var, resolve_var(resolver, host, var)};
        ARENA_PUSH(resolver->inventory->arena, resolver->found, resolver->found_count,
                   resolver->found_capacity, resolved);
        host->resolved = resolver->found;
        host->resolved_count = resolver->found_count;
    }
}

static bool are_same(const Resolved *a, const Resolved *b, size_t count)
{
    size_t same = 0;
    while (same < count && a[same].var == b[same].var && a[same].value == b[same].value)
        same++;
    return same == count;
}

/* Members of a cluster mostly have the values of the first one. */
static const Resolved *keep_found(const Resolver *resolver, const Host *host)
{
    const Host *lead = host->lead;
    size_t count = resolver->found_count;
    if (lead != host && lead->resolved_count == count &&
        are_same(lead->resolved, resolver->found, count))
        return lead->resolved;
    return arena_grow_array(resolver->inventory->arena, resolver->found, count, count,
                            sizeof(Resolved));
}

static void resolve_host(Resolver *resolver, Host *host)
{
    resolver->found_count = 0;
    for (size_t l = 0; l < host->layers.count; l++)
        resolve_set(resolver, host, host->layers.items[l]);
    resolve_set(resolver, host, resolver->inventory->defaults);
    if (host->resolved_count > 0)
        host->resolved = keep_found(resolver, host);
}

void inventory_resolve_values(Inventory *inventory)
{
    Resolver resolver = {.inventory = inventory};
    for (size_t i = 0; i < inventory->host_count; i++)
        resolve_host(&resolver, inventory->hosts[i]);
}

const Value *host_var_value(const Host *host, const Var *var)
{
    if (!var)
        return NULL;
    if (!var->typed.value)
        return &value_null;
    bool differs = var->typed.secrets || var->typed.placeholders;
    const Value *resolved = differs ? find_resolved(host, var) : NULL;
    return resolved ? resolved : var->typed.value;
}
