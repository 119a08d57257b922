#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "providers/real/gather.h"
#include "providers/real/probe.h"
#include "providers/real/world.h"
#include "providers/registry.h"
#include "providers/sim/sim.h"

enum { FILE_COLUMNS = 100 };

static Error *new_world(const Connection *connection, World **ret)
{
    TRY(ssh_global_init());
    TRY(world_real_global_init());
    SshHostKeyPolicy policy =
        connection->accept_new_host_keys ? SSH_HOST_KEY_ACCEPT_NEW : SSH_HOST_KEY_STRICT;
    WorldSettings settings = {.ssh = {.host_key_policy = policy,
                                      .config_file = connection->ssh_config,
                                      .known_hosts_file = connection->known_hosts,
                                      .backend = connection->ssh_backend},
                              .user = connection->user,
                              .key_file = connection->private_key,
                              .inventory = connection->inventory,
                              .run = connection->run};
    *ret = world_gather_new(world_real_new(&settings));
    return NULL;
}

static const char *get_probe(Arena *arena)
{
    return probe_text(arena);
}

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

static bool is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strstr(value, "UTF-8") || strstr(value, "utf8") || strstr(value, "UTF8");
    }
    return false;
}

static void measure(int fd, Screen *screen)
{
    struct winsize size;
    screen->columns = FILE_COLUMNS;
    if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return;
    screen->columns = size.ws_col;
    screen->rows = size.ws_row;
}

static Screen make_screen(void)
{
    bool is_ci = is_set("CI");
    const char *terminal = getenv("TERM");
    bool is_dumb = terminal && strcmp(terminal, "dumb") == 0;
    Screen screen = {.out = stdout,
                     .err = stderr,
                     .in = stdin,
                     .out_is_tty = isatty(STDOUT_FILENO),
                     .err_is_tty = isatty(STDERR_FILENO) && !is_ci && !is_dumb,
                     .in_is_tty = isatty(STDIN_FILENO) && !is_ci,
                     .color = !is_set("NO_COLOR") && !is_dumb,
                     .unicode = is_utf8()};
    measure(STDERR_FILENO, &screen);
    return screen;
}

int main(int argc, char **argv)
{
    static const Program program = {.version = PGSTEER_VERSION,
                                    .registry = &pgsteer_registry,
                                    .probe_text = get_probe,
                                    .world_new = new_world,
                                    .simulation_new = sim_new,
                                    .leave = _exit};
    signal(SIGPIPE, SIG_IGN);
    Screen screen = make_screen();
    return cli_main(&program, &screen, argc, argv);
}
