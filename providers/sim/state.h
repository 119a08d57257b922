/*
 * providers/sim/state.h - what the simulation remembers; private to providers/sim.
 *
 * Everything lives in the simulation's arena until its end: states change, they are not collected.
 * What thousands of nodes have alike is kept once (sim_keep).
 */
#pragma once

#include "base/map.h"
#include "base/random.h"
#include "base/value_pool.h"
#include "base/virtual_clock.h"
#include "providers/sim/sim.h"

typedef struct Sim Sim;
typedef struct Node Node;
typedef struct Cluster Cluster;
typedef struct Etcd Etcd;

/* A time without something that had been there. */
typedef struct Gap {
    bool was_there;
    bool is_open;
    int64_t begin_ms; /* of an open one */
} Gap;

/* A file, folder or link. */
typedef struct Path {
    const char *type; /* "file", "dir", "link"; NULL: it was removed */
    const char *owner, *group, *mode, *target;
    const char *content; /* of a file */
} Path;

typedef struct Unit {
    const char *active; /* "inactive", "active", "failed" */
    int64_t pid, started_us;
    bool is_enabled, need_reload;
} Unit;

/* Roles and databases of one system identifier, as the sources tell them. */
typedef struct Catalog {
    Value *roles;     /* {name: attributes} */
    Value *databases; /* {name: attributes} */
    Map *contents;    /* database -> {schemas, extensions, default_acl, functions} */
} Catalog;

enum { STANDBY_LIMITS = 5 }; /* settings of which a standby needs as much as its leader */

typedef enum ServerState { SERVER_STOPPED, SERVER_STARTING, SERVER_RUNS } ServerState;

/* The write-ahead log of a server, as it was at some moment (wal.h). */
typedef struct Wal {
    int64_t bytes, at_ms;
    bool waits;         /* for standbys, before clients are told */
    bool is_written;    /* since then, by clients */
    Node *source;       /* whom it has streamed from since then; NULL: nobody */
    int64_t fork_bytes; /* where its timeline began */
} Wal;

/* A physical replication slot (slots.c). */
typedef struct Slot {
    const Node *member; /* whom it is for */
    int64_t bytes;      /* of the log that it still needs */
} Slot;

/* A data directory and the server on it. */
typedef struct Server {
    bool is_initialized;
    const char *version; /* major, of the programs that made the data */
    bool has_checksums;
    const char *system_identifier;
    int64_t timeline;
    Wal wal;
    Slot *slots; /* they outlive a restart, and are not copied */
    size_t slot_count, slot_capacity;
    int64_t redo_bytes, checkpoint_ms; /* where the last checkpoint began; when the next one is */
    int64_t gone_bytes;                /* log before that is recycled */
    ServerState state;
    bool is_standby;
    bool has_run; /* since it was copied or made */
    int64_t pid, start_ms;
    const Value *settings; /* {name: text}: in effect */
    const Value *pending;  /* {name: text}: waiting for a restart */
    int64_t limits[STANDBY_LIMITS];
    const Value *read_config, *read_keys; /* what the settings were taken from */
    Catalog *catalog;
} Server;

typedef enum PatroniTask {
    TASK_NONE,
    TASK_INITDB,
    TASK_COPY,
    TASK_START,
    TASK_RESTART
} PatroniTask;

typedef struct Patroni {
    bool runs;
    const Value *keys; /* of its file, flat, as read at start or reload */
    const char *scope, *name;
    PatroniTask task;       /* what it is at, until the event that ends it */
    uint64_t life;          /* counts starts and stops: what was begun before is void */
    Cluster *cluster;       /* that it last saw in etcd */
    bool is_named, is_sync; /* in synchronous_standby_names of its leader; in the key /sync */
    bool is_picked;         /* while its leader chooses those */
    bool tells_pending;     /* that its server must restart: it looks when it hands settings out */
    bool is_leaving;        /* it asks not to be one of them, before its server stops */
    int64_t alone_ms;       /* since when it has not reached etcd; 0: it reaches it */
} Patroni;

typedef struct EtcdMember {
    bool has_data, runs;
    Etcd *etcd; /* once it has data */
    const char *name;
    const Value *listed; /* its entry in Etcd.members; NULL: it has none */
    int64_t since_ms;    /* it runs */
} EtcdMember;

/* When a trouble is there: begin_ms <= now < end_ms. */
typedef struct Span {
    SimTroubleKind kind;
    int64_t begin_ms, end_ms, amount_ms;
} Span;

/* What somebody else is going to do. */
typedef struct Meddling {
    int64_t at_ms;
    Effect effect;
    bool is_done;
} Meddling;

struct Node {
    Sim *sim;
    const char *address, *hostname;
    bool is_down;
    SimSize size;
    int64_t next_pid;
    Map *paths;      /* path -> Path */
    Map *units;      /* name -> Unit */
    Map *certs;      /* path -> Value */
    Map *users;      /* name -> Value */
    Value *packages; /* {name: version} */
    Value *markers;  /* {key: value} */
    Map *fences;     /* domain -> Fence: the newest that was seen */
    Map *repos;      /* folder -> (present: indexed) */
    Value *ports;    /* TCP, listened on */
    Span *troubles;
    size_t trouble_count, trouble_capacity;
    Meddling *meddlings;
    size_t meddling_count, meddling_capacity;
    Map *answers; /* source -> Answer: the last ones, while some are stale */
    EtcdMember etcd;
    Patroni patroni;
    Server server;
};

/* One etcd cluster, told apart by its token. */
struct Etcd {
    const char *token;
    Value *members; /* [{id, name, peer_urls, client_urls, started, learner}] */
    Value *users;   /* [name] */
    Value *roles;   /* {name: [prefix]} */
    bool auth_enabled;
    Map *clusters; /* scope -> Cluster */
    Map *keys;     /* of nobody's cluster: base64 of the key -> kv as etcd tells it */
    int64_t revision;
    Node **nodes; /* that were ever members of it */
    size_t node_count, node_capacity;
    Gap quorum;
};

/* What a member says of itself in etcd (patroni_key.c). */
typedef struct MemberKey {
    int64_t until_ms; /* it lives, unless it is touched */
    const char *name, *state;
    int64_t timeline, bytes; /* of its log; 0 and -1: its server does not run */
    bool needs_restart;
    const Value *file_keys; /* its tags are among them */
} MemberKey;

/* What Patroni keeps in etcd of one cluster. */
struct Cluster {
    const char *scope;
    Etcd *etcd;
    const char *initialize;  /* system identifier; "" while one is made; NULL: no key */
    Node *claimant;          /* who makes it */
    Node *leader;            /* NULL: no key */
    int64_t lease_ms;        /* until when the leader's key lives without being touched */
    int64_t told_bytes;      /* of the leader's log, when it last wrote to etcd */
    const Node *sync_leader; /* of the key /sync; NULL: no key */
    bool waits_for_any;      /* its leader, for want of names: synchronous_standby_names is '*' */
    int64_t named_ms, named_bytes; /* since when the names are as they are, and where the log was */
    Gap guards;
    int64_t told_clients_bytes; /* they know that it was written until there */
    int64_t timeline;           /* the newest */
    int64_t lost_ms; /* etcd lost its quorum then: leases end only after it is back; 0: it has it */
    Node *candidate; /* who is to take over; NULL: whoever is first */
    const Value *config; /* NULL: no key */
    Node **members;      /* that have ever been there */
    Map *keys;           /* address -> MemberKey, of those; NULL: none yet */
    size_t member_count, member_capacity;
    Gap writes;
    bool had_data;
};

typedef void (*EventRun)(Node *node);

#define EVENT_ANY_LIFE UINT64_MAX

typedef struct Event {
    int64_t at_ms;
    uint64_t order; /* of events of the same moment */
    Node *node;
    uint64_t life; /* patroni.life when it was planned; EVENT_ANY_LIFE: that does not matter */
    EventRun run;
} Event;

struct Sim {
    World world; /* first */
    Arena *arena;
    ValuePool *pool; /* in the arena */
    VirtualClock *virtual_clock;
    const Clock *clock;
    Random random;
    Map *nodes;    /* address -> Node */
    Map *etcds;    /* token -> Etcd */
    Event *events; /* a heap */
    size_t event_count, event_capacity;
    uint64_t event_order;
    int64_t event_ms;      /* of the event that happens just now, else -1 */
    uint64_t system_count; /* of initdb */
    SimFaults faults;
    SimWorst worst;
    bool ignores_worst;
    SimWatch watch;
};

/* What the simulation has made it may change, but for what it keeps. */
Value *state_edit(const Value *value);

/* An equal value or text, kept once for all nodes that have it: it may be compared by its place,
 * and is not changed any more. Nothing of what is given is needed afterwards. NULL gives NULL. */
const Value *sim_keep(Sim *sim, const Value *value);
const char *sim_keep_text(Sim *sim, const char *text);

/* -- time (events.c) ------------------------------------------------------------------------- */

int64_t sim_now_ms(const Sim *sim);

/* `base_ms`, up to a quarter more. */
int64_t sim_spread_ms(Sim *sim, int64_t base_ms);

/* Call run(node) then, unless its Patroni was stopped or started meanwhile. */
void sim_after(Node *node, int64_t delay_ms, EventRun run);

/* The same, whatever becomes of its Patroni. */
void sim_after_anyway(Node *node, int64_t delay_ms, EventRun run);

/* Everything that should have happened by now happens. */
void sim_catch_up(Sim *sim);

/* Remember how bad it is now (worst.c). */
void sim_note_worst(Sim *sim);

/* -- nodes (node.c) -------------------------------------------------------------------------- */

Node *node_new(Sim *sim, const char *address, const char *hostname);
Path *node_path(Node *node, const char *path);          /* NULL: not there */
const char *node_content(Node *node, const char *path); /* NULL: no file; through one link */
void node_put(Node *node, const char *path, const Path *state);
void node_remove(Node *node, const char *path);
Unit *node_unit(Node *node, const char *name); /* NULL: not loaded; ".service" may be left out */
bool node_unit_is_active(Node *node, const char *name);
void node_power_off(Node *node);
void node_power_on(Node *node); /* what is enabled starts */
void node_listen(Node *node, int64_t port, bool is_open);

int64_t node_wall_ms(const Node *node); /* as its own clock tells it */

/* -- trouble (trouble.c) ---------------------------------------------------------------------- */

void node_trouble(Node *node, const SimTrouble *trouble);
const Span *node_troubled(const Node *node, SimTroubleKind kind); /* now; NULL: it is not */
bool nodes_meet(const Node *a, const Node *b);                    /* does one hear of the other? */
void node_meddle(Node *node, int64_t after_ms, const Effect *effect);

/* The answer to a request, or in its place one of a moment ago. */
const Value *stale_or(Node *node, const ReadRequest *request, const Value *value);

/* -- what runs on them ----------------------------------------------------------------------- */

/* A service with this name was told to do this; by units.c. Errors: it does not start. */
MUST_USE Error *etcd_service(Node *node, const char *action);
MUST_USE Error *patroni_service(Node *node, const char *action);

bool etcd_is_healthy(const Node *node);
MUST_USE Error *etcd_gateway(Node *node, const EtcdRequest *request, Arena *arena, EtcdAnswer *ret);
/* Do more than half of those that vote run, and meet the observer? NULL: whoever meets them. */
bool etcd_has_quorum(const Etcd *etcd, const Node *observer);
Etcd *etcd_of(Sim *sim, const char *token);
Cluster *etcd_cluster(Sim *sim, Etcd *etcd, const char *scope); /* made if it is not there */

/* The cluster of a node whose Patroni has read its file and reaches etcd; or NULL. */
Cluster *patroni_cluster(Node *node);
void postgres_start(Node *node, bool is_standby); /* takes settings: Patroni's and its own */
void postgres_stop(Node *node);
void postgres_reload(Node *node);                       /* what needs a restart becomes pending */
void postgres_look(Node *node, const Cluster *cluster); /* reload when Patroni's part is new */

/* What initdb and Patroni after it make; `keys` are those of its file. */
Catalog *catalog_new(Arena *arena, const Value *keys);

/* -- the two halves of a world --------------------------------------------------------------- */

typedef struct Answering {
    Node *node;
    const ReadRequest *request;
    Arena *arena; /* of the answer */
} Answering;

/* *ret stays NULL for what has no answer; an Error is its reason. */
typedef Error *(*Answerer)(const Answering *about, const Value **ret);

Error *answer_node(const Answering *about, const Value **ret);
Error *answer_etcd(const Answering *about, const Value **ret);
Error *answer_patroni(const Answering *about, const Value **ret);
/* pg_settings; `in_auto_conf`: names that ALTER SYSTEM set. */
const Value *pg_settings_tell(const Answering *about, const Value *in_auto_conf);

Error *answer_sql(const Answering *about, const Value **ret);

typedef struct Doing {
    Node *node;
    const Value *args;
    int64_t deadline_ms;
    int64_t takes_ms; /* to be set: how long it takes */
} Doing;

typedef Error *(*Performer)(Doing *doing);

/* What it asks for is done; that it takes time is up to the caller. */
MUST_USE Error *effect_do(Doing *doing, EffectType type);

Error *do_file_put(Doing *doing);
Error *do_file_set_put(Doing *doing);
Error *do_file_block(Doing *doing);
Error *do_file_remove(Doing *doing);
Error *do_dir(Doing *doing);
Error *do_link(Doing *doing);
Error *do_user(Doing *doing);
Error *do_hostname(Doing *doing);
Error *do_packages(Doing *doing);
Error *do_apt_update(Doing *doing);
Error *do_repo_index(Doing *doing);
Error *do_unit(Doing *doing);
Error *do_ca(Doing *doing);
Error *do_cert(Doing *doing);
Error *do_etcd(Doing *doing);
Error *do_rest(Doing *doing);
Error *do_sql(Doing *doing);
Error *do_data_remove(Doing *doing);
Error *do_marker(Doing *doing);
