#include "schema/hba_match.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/map.h"
#include "base/text.h"

/* -- Roles ----------------------------------------------------------------------------------- */

struct HbaRoles {
    Arena *arena;
    Map *memberships; /* name → Value, a list of names */
};

static bool is_granted(const Value *entry)
{
    const char *state = value_get_text(entry, "state");
    return strcmp(state, "absent") != 0 && strcmp(state, "revoke") != 0;
}

static void add_memberships(HbaRoles *roles, const Value *user)
{
    const char *name = value_get_text(user, "name");
    Value *list = map_get(roles->memberships, name);
    if (!list) {
        list = value_list(roles->arena);
        map_set(roles->memberships, name, list);
    }
    const Value *wanted = value_get(user, "roles");
    for (size_t i = 0; i < value_count(wanted); i++) {
        if (is_granted(value_at(wanted, i)))
            value_push(roles->arena, list, value_get(value_at(wanted, i), "name"));
    }
}

HbaRoles *hba_roles(Arena *arena, const Host *host)
{
    static const char *const params[] = {"pg_default_roles", "pg_users"};
    HbaRoles *roles = ARENA_NEW(arena, HbaRoles);
    *roles = (HbaRoles){.arena = arena, .memberships = map_new(arena)};
    for (size_t p = 0; p < COUNT_OF(params); p++) {
        const Value *users = host_param(host, params[p]);
        for (size_t i = 0; i < value_count(users); i++)
            add_memberships(roles, value_at(users, i));
    }
    return roles;
}

/* NOLINTNEXTLINE(misc-no-recursion): each user is visited once */
static bool reaches(const HbaRoles *roles, Map *visited, const char *user, const char *role)
{
    if (strcmp(user, role) == 0)
        return true;
    const Value *list = map_get(roles->memberships, user);
    if (!list || map_set(visited, user, visited))
        return false;
    for (size_t i = 0; i < value_count(list); i++) {
        if (reaches(roles, visited, value_as_text(value_at(list, i), ""), role))
            return true;
    }
    return false;
}

bool hba_is_member(const HbaRoles *roles, const char *user, const char *role)
{
    if (strcmp(user, role) == 0 || !map_get(roles->memberships, user))
        return strcmp(user, role) == 0;
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    return reaches(roles, map_new(scratch), user, role);
}

/* -- Lines ----------------------------------------------------------------------------------- */

typedef enum WordKind {
    WORD_NAME,
    WORD_ALL,
    WORD_ROLE, /* +name */
    WORD_SAME_USER,
    WORD_SAME_ROLE,
    WORD_REPLICATION,
    WORD_UNKNOWN, /* a file or a regular expression */
} WordKind;

typedef struct Word {
    WordKind kind;
    const char *text; /* without the + */
} Word;

typedef struct Words {
    Word *items;
    size_t count, capacity;
} Words;

typedef enum PlaceKind {
    PLACE_SOCKET,
    PLACE_NETWORK,
    PLACE_ANYWHERE,
    PLACE_UNKNOWN, /* a name, the server's own network */
} PlaceKind;

typedef struct Network {
    int family;
    unsigned char bytes[16];
    unsigned bits;
} Network;

struct HbaEntry {
    const HbaLine *line;
    unsigned over; /* 0: not understood */
    Words databases, users;
    PlaceKind place;
    Network network;
    const char *method; /* with its options */
};

static const struct {
    const char *word;
    unsigned over;
} types[] = {
    {"local", HBA_OVER_SOCKET},   {"host", HBA_OVER_TCP | HBA_OVER_TLS | HBA_OVER_GSS},
    {"hostssl", HBA_OVER_TLS},    {"hostnossl", HBA_OVER_TCP | HBA_OVER_GSS},
    {"hostgssenc", HBA_OVER_GSS}, {"hostnogssenc", HBA_OVER_TCP | HBA_OVER_TLS},
};

static const struct {
    const char *word;
    WordKind kind;
} database_words[] = {
    {"all", WORD_ALL},
    {"sameuser", WORD_SAME_USER},
    {"samerole", WORD_SAME_ROLE},
    {"samegroup", WORD_SAME_ROLE},
    {"replication", WORD_REPLICATION},
};

/* One word up to a blank or comma, quotes removed. */
static const char *next_word(Arena *arena, const char **at, bool *ret_quoted)
{
    const char *c = *at + strspn(*at, " ");
    size_t length = strcspn(c, " ,\"");
    *ret_quoted = *c == '"';
    if (c[length] != '"') {
        *at = c + length;
        return arena_strndup(arena, c, length);
    }
    CLEANUP(text_release) Text word = TEXT_INIT;
    bool in_quotes = false;
    for (; *c && (in_quotes || (*c != ' ' && *c != ',')); c++) {
        if (*c != '"')
            text_add_char(&word, *c);
        else if (in_quotes && c[1] == '"')
            text_add_char(&word, *c++);
        else
            in_quotes = !in_quotes;
    }
    *at = c;
    return text_copy(&word, arena);
}

static Word word_of(const char *text, bool is_quoted, bool is_database)
{
    if (is_quoted)
        return (Word){WORD_NAME, text};
    if (*text == '@' || *text == '/')
        return (Word){WORD_UNKNOWN, text};
    for (size_t i = 0; is_database && i < COUNT_OF(database_words); i++) {
        if (strcmp(database_words[i].word, text) == 0)
            return (Word){database_words[i].kind, text};
    }
    if (!is_database && *text == '+')
        return (Word){WORD_ROLE, text + 1};
    return (Word){strcmp(text, "all") == 0 ? WORD_ALL : WORD_NAME, text};
}

static Words next_words(Arena *arena, const char **at, bool is_database)
{
    Words words = {0};
    do {
        *at += **at == ',';
        bool is_quoted;
        const char *text = next_word(arena, at, &is_quoted);
        ARENA_PUSH(arena, words.items, words.count, words.capacity,
                   word_of(text, is_quoted, is_database));
    } while (**at == ',');
    return words;
}

static bool parse_address(const char *text, Network *ret)
{
    ret->family = strchr(text, ':') ? AF_INET6 : AF_INET;
    ret->bits = ret->family == AF_INET6 ? 128 : 32;
    return inet_pton(ret->family, text, ret->bytes) == 1;
}

/* "255.255.0.0" is 16. */
static bool bits_of_mask(const char *text, const Network *network, unsigned *ret_bits)
{
    Network mask = {0};
    if (!parse_address(text, &mask) || mask.family != network->family)
        return false;
    for (*ret_bits = 0; *ret_bits < mask.bits; (*ret_bits)++) {
        if (!(mask.bytes[*ret_bits / 8] & 0x80 >> *ret_bits % 8))
            break;
    }
    return true;
}

static bool parse_network(Arena *arena, const char *text, const char **at, Network *ret)
{
    const char *slash = strchr(text, '/');
    if (!parse_address(slash ? arena_strndup(arena, text, (size_t)(slash - text)) : text, ret))
        return false;
    bool is_quoted;
    if (!slash)
        return bits_of_mask(next_word(arena, at, &is_quoted), ret, &ret->bits);
    int64_t bits;
    if (!text_to_int(slash + 1, &bits) || bits < 0 || bits > ret->bits)
        return false;
    ret->bits = (unsigned)bits;
    return true;
}

static PlaceKind next_place(Arena *arena, const char **at, Network *ret)
{
    bool is_quoted;
    const char *text = next_word(arena, at, &is_quoted);
    if (strcmp(text, "all") == 0)
        return PLACE_ANYWHERE;
    return parse_network(arena, text, at, ret) ? PLACE_NETWORK : PLACE_UNKNOWN;
}

static HbaEntry entry_of(Arena *arena, const HbaLine *line)
{
    HbaEntry entry = {.line = line, .method = ""};
    const char *at = line->rule;
    bool is_quoted;
    const char *type = next_word(arena, &at, &is_quoted);
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (strcmp(types[i].word, type) == 0)
            entry.over = types[i].over;
    }
    if (!entry.over)
        return entry;
    entry.databases = next_words(arena, &at, true);
    entry.users = next_words(arena, &at, false);
    if (entry.over != HBA_OVER_SOCKET)
        entry.place = next_place(arena, &at, &entry.network);
    if (entry.place != PLACE_UNKNOWN)
        entry.method = at + strspn(at, " ");
    return entry;
}

HbaEntries hba_entries(Arena *arena, const HbaRoles *roles, const HbaLine *lines, size_t count)
{
    HbaEntries entries = {.roles = roles, .items = ARENA_ARRAY(arena, HbaEntry, count + 1)};
    for (size_t i = 0; i < count; i++) {
        if (lines[i].enabled && *lines[i].rule)
            entries.items[entries.count++] = entry_of(arena, &lines[i]);
    }
    return entries;
}

HbaEntries hba_entries_join(Arena *arena, const HbaRoles *roles, const HbaEntries *a,
                            const HbaEntries *b)
{
    HbaEntries both = {.roles = roles, .items = ARENA_ARRAY(arena, HbaEntry, a->count + b->count)};
    for (size_t i = 0, j = 0; i < a->count || j < b->count;) {
        bool is_first =
            j == b->count || (i < a->count && a->items[i].line->order <= b->items[j].line->order);
        both.items[both.count++] = is_first ? a->items[i++] : b->items[j++];
    }
    return both;
}

const HbaLine *hba_entry_line(const HbaEntries *entries, size_t i)
{
    return entries->items[i].line;
}

const char *hba_entry_method(const HbaEntries *entries, size_t i)
{
    return entries->items[i].method;
}

/* -- Does a line fit? ------------------------------------------------------------------------ */

typedef enum Fit {
    FIT_NO,
    FIT_MAYBE,
    FIT_YES,
} Fit;

static Fit fit_if(bool holds)
{
    return holds ? FIT_YES : FIT_NO;
}

static Fit word_fits(const HbaRoles *roles, const Word *word, const HbaConnection *connection,
                     const char *name)
{
    switch (word->kind) {
    case WORD_ALL:
        return FIT_YES;
    case WORD_ROLE:
        return fit_if(hba_is_member(roles, name, word->text));
    case WORD_SAME_USER:
        return fit_if(strcmp(name, connection->user) == 0);
    case WORD_SAME_ROLE:
        return fit_if(hba_is_member(roles, connection->user, name));
    case WORD_NAME:
        return fit_if(strcmp(name, word->text) == 0);
    case WORD_REPLICATION:
        return FIT_NO;
    case WORD_UNKNOWN:
        break;
    }
    return FIT_MAYBE;
}

static Fit words_fit(const HbaRoles *roles, const Words *words, const HbaConnection *connection,
                     const char *name)
{
    Fit best = FIT_NO;
    for (size_t i = 0; i < words->count && best != FIT_YES; i++) {
        Fit fit = FIT_NO;
        if (name)
            fit = word_fits(roles, &words->items[i], connection, name);
        else
            fit = fit_if(words->items[i].kind == WORD_REPLICATION);
        best = fit > best ? fit : best;
    }
    return best;
}

static bool network_holds(const Network *network, const Network *inner)
{
    if (network->family != inner->family || network->bits > inner->bits)
        return false;
    unsigned whole = network->bits / 8, rest = network->bits % 8;
    unsigned char mask = (unsigned char)(0xff00 >> rest);
    return memcmp(network->bytes, inner->bytes, whole) == 0 &&
           (rest == 0 || ((network->bytes[whole] ^ inner->bytes[whole]) & mask) == 0);
}

static Fit place_fits(const HbaEntry *entry, const Network *client)
{
    if (entry->place == PLACE_NETWORK)
        return fit_if(network_holds(&entry->network, client));
    return entry->place == PLACE_UNKNOWN ? FIT_MAYBE : FIT_YES;
}

static Fit entry_fits(const HbaRoles *roles, const HbaEntry *entry, const HbaConnection *connection,
                      const Network *client)
{
    if (!entry->over)
        return FIT_MAYBE;
    if (!(entry->over & connection->over))
        return FIT_NO;
    Fit fits[] = {
        place_fits(entry, client),
        words_fit(roles, &entry->databases, connection, connection->database),
        words_fit(roles, &entry->users, connection, connection->user),
    };
    Fit worst = FIT_YES;
    for (size_t i = 0; i < COUNT_OF(fits); i++)
        worst = fits[i] < worst ? fits[i] : worst;
    return worst;
}

HbaVerdict hba_decide(const HbaEntries *entries, const HbaConnection *connection, size_t *ret_by)
{
    Network client = {0};
    if (connection->address && !parse_address(connection->address, &client))
        return HBA_UNKNOWN;
    for (size_t i = 0; i < entries->count; i++) {
        Fit fit = entry_fits(entries->roles, &entries->items[i], connection, &client);
        if (fit == FIT_NO)
            continue;
        *ret_by = i;
        return fit == FIT_YES ? HBA_DECIDED : HBA_UNKNOWN;
    }
    return HBA_NO_LINE;
}

/* -- Is a line of any use? ------------------------------------------------------------------- */

static bool word_covers(const HbaRoles *roles, const Word *word, const Word *inner)
{
    if (word->kind == inner->kind && strcmp(word->text, inner->text) == 0)
        return true;
    if (word->kind == WORD_ALL)
        return inner->kind != WORD_REPLICATION;
    return word->kind == WORD_ROLE && (inner->kind == WORD_NAME || inner->kind == WORD_ROLE) &&
           hba_is_member(roles, inner->text, word->text);
}

static bool words_cover(const HbaRoles *roles, const Words *words, const Word *inner)
{
    for (size_t i = 0; i < words->count; i++) {
        if (word_covers(roles, &words->items[i], inner))
            return true;
    }
    return false;
}

static bool place_covers(const HbaEntry *entry, const HbaEntry *inner)
{
    if (entry->place == PLACE_ANYWHERE || inner->place == PLACE_SOCKET)
        return true;
    return entry->place == PLACE_NETWORK && inner->place == PLACE_NETWORK &&
           network_holds(&entry->network, &inner->network);
}

static bool may_cover(const HbaEntry *entry, const HbaEntry *inner)
{
    return entry->line->source != inner->line->source && inner->over &&
           (entry->over & inner->over) == inner->over && place_covers(entry, inner);
}

/* The first line before `i` that takes one database and one user of it; else `i`. */
static size_t coverer(const HbaEntries *entries, size_t i, const Word *database, const Word *user)
{
    for (size_t j = 0; j < i; j++) {
        const HbaEntry *entry = &entries->items[j];
        if (may_cover(entry, &entries->items[i]) &&
            words_cover(entries->roles, &entry->databases, database) &&
            words_cover(entries->roles, &entry->users, user))
            return j;
    }
    return i;
}

bool hba_asks_the_same(const HbaEntries *entries, size_t i, size_t j)
{
    return entries->items[i].over == entries->items[j].over &&
           strcmp(entries->items[i].method, entries->items[j].method) == 0;
}

bool hba_is_covered(const HbaEntries *entries, size_t i, size_t *ret_by)
{
    const HbaEntry *entry = &entries->items[i];
    bool has_any = false;
    for (size_t d = 0; d < entry->databases.count; d++) {
        for (size_t u = 0; u < entry->users.count; u++) {
            size_t by = coverer(entries, i, &entry->databases.items[d], &entry->users.items[u]);
            if (by == i)
                return false;
            if (!has_any || !hba_asks_the_same(entries, i, by))
                *ret_by = by;
            has_any = true;
        }
    }
    return has_any;
}
