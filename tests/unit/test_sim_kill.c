/*
 * The runner is killed at every point of an apply: before and after each record of its journal, and
 * before and after each effect. The fleet goes on without it; the next apply, with its state
 * directory or with an empty one, ends where the one that nobody killed did.
 *
 * The fleet is memory of the runner's process. So at its point the runner forks: the child has the
 * fleet, and one thread; it closes all that is open, and waits. The runner then kills itself with
 * SIGKILL, and the child comes after it.
 *
 *     test_sim_kill [EVERY [FIRST_SEED [COUNT]]]      each EVERY-th point of each way
 *     test_sim_kill at WAY SEED POINT here|elsewhere  one of them
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aftermath.h"
#include "base/file.h"
#include "engine/git/store.h"
#include "engine/journal.h"
#include "kill_ways.h"
#include "trial.h"
#include "unit.h"

enum { EVERY = 61, LIMIT_S = 300, FILE_MAX_BYTES = 1 << 24, FDS_OPEN = 16, PROGRESS_KILLS = 250 };

#define BEFORE    "before" /* state directory: when the last apply begins */
#define STATE     ".pgsteer"
#define ELSEWHERE "elsewhere"
#define WORLD     "world"

typedef struct Tally {
    uint64_t points; /* of the way, as nobody is killed */
    uint64_t kills, failed;
    Aftermath sum;
} Tally;

static void add_up(Tally *tally, const Aftermath *left)
{
    tally->sum.lost_actions += left->lost_actions;
    tally->sum.stuck_leases += left->stuck_leases;
    tally->sum.forgotten_pauses += left->forgotten_pauses;
}

static bool is_clean(const Aftermath *left)
{
    return left->lost_actions == 0 && left->stuck_leases == 0 && left->forgotten_pauses == 0;
}

/* The place of a kill. */
typedef struct Kill {
    const KillWay *way;
    uint64_t seed, point; /* from 1 */
    bool is_elsewhere;
} Kill;

typedef struct Runner {
    FakeCli *cli;
    Tally *tally;           /* shared by all processes */
    uint64_t seen, dies_at; /* points; 0: never */
    size_t effects;
    bool is_armed, is_elsewhere;
    Store *kept; /* while one is open the library does not read all certificates again */
    int go;      /* is closed when the one who comes after may begin */
} Runner;

static Runner runner;

static void wrong(const char *what)
{
    perror(what);
    _exit(EXIT_FAILURE);
}

/* -- files ------------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)type;
    (void)where;
    return remove(path);
}

static void remove_tree(const char *path)
{
    if (file_exists(path) && nftw(path, remove_one, FDS_OPEN, FTW_DEPTH | FTW_PHYS) != 0)
        wrong(path);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the state directory */
static void copy_tree(Arena *arena, const char *from, const char *to)
{
    char *bytes;
    size_t count;
    const char *const *names = NULL;
    if (file_type(from) == FILE_REGULAR) {
        check_fine(file_read(arena, from, FILE_MAX_BYTES, &bytes, &count));
        int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (fd < 0 || write(fd, bytes, count) != (ssize_t)count || close(fd) != 0)
            wrong(to);
        return;
    }
    check_fine(file_make_dirs(to, 0700));
    check_fine(file_list(arena, from, &names, &count));
    for (size_t i = 0; i < count; i++)
        copy_tree(arena, arena_printf(arena, "%s/%s", from, names[i]),
                  arena_printf(arena, "%s/%s", to, names[i]));
}

/* A directory with what the last apply begins with; go there. */
static void enter(const char *name)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    remove_tree(name);
    check_fine(file_make_dirs(name, 0700));
    if (file_exists(BEFORE))
        copy_tree(arena, BEFORE, arena_printf(arena, "%s/" STATE, name));
    copy_tree(arena, "pgsteer.yml", arena_printf(arena, "%s/pgsteer.yml", name));
    if (chdir(name) != 0)
        wrong(name);
}

/* -- the one who comes after ------------------------------------------------------------------- */

/* When the dead one was restarting the leader nobody leads for a moment: an apply then says that it
 * cannot see (exit 10), changes nothing, and is begun again. */
static bool apply_once_it_sees(const char *state)
{
    enum { TRIES = 3, PAUSE_MS = 30000, EXIT_UNREAD = 10 };
    for (int try = 1;; try++) {
        size_t before = runner.effects;
        int status = aftermath_apply(runner.cli, state);
        if (status != EXIT_UNREAD || try == TRIES || runner.effects != before)
            return status == 0;
        sim_cli_fleet()->wait_ms(sim_cli_fleet()->context, PAUSE_MS);
    }
}

static _Noreturn void come_after(int unused_end)
{
    char byte;
    Trace trace = {runner.is_elsewhere ? ELSEWHERE : STATE, WORLD};
    static const Trace unharmed = {"../unharmed/" STATE, "../unharmed/" WORLD};
    runner.is_armed = false;
    alarm(LIMIT_S);
    close(unused_end);
    while (read(runner.go, &byte, 1) < 0 && errno == EINTR)
        continue;
    close_range(STDERR_FILENO + 1, ~0U, 0);
    sim_cli_fleet()->outlive(sim_cli_fleet()->context);
    Aftermath left = {.lost_actions = 1};
    bool is_done = apply_once_it_sees(trace.state);
    const char *story = arena_printf(runner.cli->arena, "%s\n%s", runner.cli->out, runner.cli->err);
    if (is_done)
        left = aftermath_look(runner.cli, &trace, &unharmed, &runner.effects);
    if (!is_clean(&left))
        fprintf(stderr, "%s apply:\n%s\n", is_done ? "after this" : "this failed, the next", story);
    add_up(runner.tally, &left);
    _exit(is_clean(&left) ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* -- the one who is killed --------------------------------------------------------------------- */

static int other_end; /* of runner.go */

static void may_die(void)
{
    if (!runner.is_armed || ++runner.seen != runner.dies_at)
        return;
    pid_t child = fork();
    if (child == 0)
        come_after(other_end);
    if (child > 0)
        kill(getpid(), SIGKILL);
    wrong("fork");
}

static void at_effect(void *context)
{
    (void)context;
    runner.effects++;
    may_die();
}

/* The linker puts this one in place of journal_append. */
Error *__real_journal_append(Journal *journal, const Value *record);
Error *__wrap_journal_append(Journal *journal, const Value *record);

Error *__wrap_journal_append(Journal *journal, const Value *record)
{
    may_die();
    Error *error = __real_journal_append(journal, record);
    may_die();
    return error;
}

/* The last apply, in a process of its own. */
static _Noreturn void run(const char *directory, uint64_t dies_at)
{
    alarm(LIMIT_S);
    enter(directory);
    runner.is_armed = true;
    runner.dies_at = dies_at;
    if (aftermath_apply(runner.cli, STATE) != 0)
        fprintf(stderr, "%s\n%s\n", runner.cli->out, runner.cli->err);
    runner.is_armed = false;
    runner.tally->points = runner.seen;
    Trace trace = {STATE, WORLD};
    Aftermath left = aftermath_look(runner.cli, &trace, NULL, &runner.effects);
    _exit(is_clean(&left) ? EXIT_SUCCESS : EXIT_FAILURE);
}

static int wait_for(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            wrong("waitpid");
    }
    return status;
}

/* False: it was not killed, or the one who came after found something wrong. */
static bool kill_once(const Kill *it)
{
    int ends[2];
    if (pipe(ends) != 0)
        wrong("pipe");
    runner.go = ends[0];
    other_end = ends[1];
    runner.is_elsewhere = it->is_elsewhere;
    pid_t child = fork();
    if (child == 0)
        run("killed", it->point);
    int status = wait_for(child);
    bool was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    close(ends[0]);
    close(ends[1]);
    if (!was_killed) {
        fprintf(stderr, "it was not killed\n");
        return false;
    }
    runner.tally->kills++;
    return wait_for(-1) == 0; /* the one who came after: its parent is dead */
}

/* The long form takes an hour. */
static void tell_progress(const Tally *tally)
{
    if (tally->kills % PROGRESS_KILLS != 0)
        return;
    printf("%llu kills, %llu failed\n", (unsigned long long)tally->kills,
           (unsigned long long)tally->failed);
    fflush(stdout);
}

static void kill_at(const Kill *it)
{
    bool is_fine = kill_once(it);
    tell_progress(runner.tally);
    if (is_fine)
        return;
    runner.tally->failed++;
    fprintf(stderr, "failed: test_sim_kill at %s %llu %llu %s\n", it->way->name,
            (unsigned long long)it->seed, (unsigned long long)it->point,
            it->is_elsewhere ? "elsewhere" : "here");
}

/* -- ways -------------------------------------------------------------------------------------- */

static void write_inventory(const char *text)
{
    check_fine(file_write_all("pgsteer.yml", 0600, text, strlen(text)));
}

/* All but the last apply; a run that nobody kills is left in "unharmed". */
static void prepare(const KillWay *way)
{
    static const SimWatch watch = {at_effect, NULL};
    const char *const *step = way->inventories;
    sim_cli_fleet()->watch(sim_cli_fleet()->context, &watch);
    for (const char *const *node = aftermath_nodes; *node; node++)
        sim_cli_fleet()->add_node(sim_cli_fleet()->context, *node);
    for (; step[1]; step++) {
        write_inventory(*step);
        if (aftermath_apply(runner.cli, BEFORE) != 0)
            fprintf(stderr, "%s\n", runner.cli->err);
    }
    write_inventory(*step);
    runner.tally->points = 0;
    pid_t child = fork();
    if (child == 0)
        run("unharmed", 0);
    if (wait_for(child) != 0) {
        fprintf(stderr, "failed: the way '%s', with nobody killed\n", way->name);
        runner.tally->failed++;
    }
}

/* Thousands of runs leave nothing that a disk has to keep. */
static void go_to_memory(FakeCli *f)
{
    static const char memory[] = "/dev/shm/test_sim_kill.XXXXXX";
    if (access("/dev/shm", W_OK) != 0)
        return;
    remove_tree(f->directory);
    memcpy(f->directory, memory, sizeof(memory));
    if (!mkdtemp(f->directory) || chdir(f->directory) != 0)
        wrong(f->directory);
}

static void begin(FakeCli *f, Tally *tally, const KillWay *way)
{
    go_to_memory(f);
    runner = (Runner){.cli = f, .tally = tally};
    check_fine(store_open("kept.git", true, &runner.kept));
    prepare(way);
}

static void end(void)
{
    store_freep(&runner.kept);
}

static void kill_everywhere(Tally *tally, const KillWay *way, uint64_t seed, uint64_t every)
{
    CLEANUP(sim_cli_end) FakeCli f = sim_cli_new(seed);
    begin(&f, tally, way);
    uint64_t points = tally->points;
    for (uint64_t point = 1 + seed % every; point <= points; point += every) {
        kill_at(&(Kill){way, seed, point, false});
        kill_at(&(Kill){way, seed, point, true});
    }
    end();
    printf("%s, seed %llu: %llu points; so far %llu kills, %llu failed\n", way->name,
           (unsigned long long)seed, (unsigned long long)points, (unsigned long long)tally->kills,
           (unsigned long long)tally->failed);
    fflush(stdout);
}

static void kill_all(Tally *tally, uint64_t every, uint64_t first_seed, uint64_t count)
{
    for (uint64_t seed = first_seed; seed < first_seed + count; seed++) {
        for (size_t i = 0; i < kill_way_count; i++)
            kill_everywhere(tally, &kill_ways[i], seed, every);
    }
}

static void kill_there(Tally *tally, char **words)
{
    for (size_t i = 0; i < kill_way_count; i++) {
        if (strcmp(kill_ways[i].name, words[0]) != 0)
            continue;
        Kill it = {&kill_ways[i], strtoull(words[1], NULL, 10), strtoull(words[2], NULL, 10),
                   strcmp(words[3], "elsewhere") == 0};
        CLEANUP(sim_cli_end) FakeCli f = sim_cli_new(it.seed);
        begin(&f, tally, it.way);
        kill_at(&it);
        end();
    }
}

static uint64_t number(int argc, char **argv, int at, uint64_t otherwise)
{
    return argc > at ? strtoull(argv[at], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
    Tally *tally = trial_shared(sizeof *tally);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (argc == 6 && strcmp(argv[1], "at") == 0)
        kill_there(tally, argv + 2);
    else
        kill_all(tally, number(argc, argv, 1, EVERY), number(argc, argv, 2, 1),
                 number(argc, argv, 3, 1));
    printf("%llu kills, %zu lost actions, %zu stuck leases, %zu forgotten pauses; %llu failed\n",
           (unsigned long long)tally->kills, tally->sum.lost_actions, tally->sum.stuck_leases,
           tally->sum.forgotten_pauses, (unsigned long long)tally->failed);
    return tally->failed == 0 && tally->kills > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
