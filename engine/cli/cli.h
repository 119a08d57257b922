/*
 * cli/cli.h - what every command gets: the program it is part of, where it prints, common options.
 *
 * stdout is the result, stderr everything else. A command returns NULL or an Error; conditions that
 * are no errors (changes pending, something unread) it adds to cli->outcome. cli_main prints the
 * error, the list of conditions, and turns them into the exit status.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/options.h"
#include "engine/outcome.h"
#include "schema/contract/registry.h"
#include "schema/contract/simulation.h"
#include "schema/inventory.h"

/* How to reach nodes; NULL and false: as ssh itself would. */
typedef struct Connection {
    const char *ssh_config;
    const char *known_hosts;
    const char *private_key;
    const char *ssh_backend;
    const char *user;
    bool accept_new_host_keys;
    const char *run;
    const Inventory *inventory;
} Connection;

/* What main() hands over, so that nothing else knows the providers. */
typedef struct Program {
    const char *version;
    const Registry *registry;
    const char *(*probe_text)(Arena *arena);
    Error *(*world_new)(const Connection *connection, World **ret);
    Simulation (*simulation_new)(uint64_t seed);
    void (*leave)(int status); /* end the process at once, with threads still running */
} Program;

typedef struct Screen {
    FILE *out, *err, *in;
    bool out_is_tty, err_is_tty, in_is_tty;
    bool color; /* may be used where the stream is a terminal */
    bool unicode;
    size_t columns; /* of the terminal on stderr; 100 for files and pipes */
    size_t rows;    /* of the terminal on stderr; 0: not known            */
} Screen;

typedef struct Common {
    OptionList inventories, vault_password_files;
    const char *chdir, *state_dir;
    Connection connection;
    size_t parallelism;
    bool no_color, json, verbose, input;
} Common;

typedef struct Cli {
    const Program *program;
    Arena *arena;
    Screen screen;
    Common common;
    Outcome outcome;
    bool is_reported;   /* the returned Error was shown already                    */
    bool is_classified; /* its condition is in `outcome` already                   */
} Cli;

typedef struct Command {
    const char *name;
    const char *usage; /* "[options] [FILE]" */
    const char *summary;
    const char *details; /* below the options in its help; may be NULL */
    Error *(*run)(Cli *cli, const struct Command *command, char **argv);
} Command;

extern const Command *const cli_commands[]; /* NULL-terminated, in the order of help */

/* The whole program on given streams; returns the exit status. Does not return after an apply that
 * was left at once (third signal). */
int cli_main(const Program *program, const Screen *screen, int argc, char **argv);

/* -- options --------------------------------------------------------------------------------- */

/* Groups of common options that a command takes. */
enum {
    OPTIONS_SCREEN = 1,    /* -json -no-color -chdir           */
    OPTIONS_INVENTORY = 2, /* -i -vault-password-file -state-dir */
    OPTIONS_NODES = 4,     /* -ssh-config ... -parallelism     */
    OPTIONS_ALL = 7,
    OPTIONS_MAX = 32,
};

/* The groups and the command's own options in one table; answers -help (then *ret_is_done).
 * Errors: ERROR_INVALID. */
MUST_USE Error *cli_parse(Cli *cli, const Command *command, unsigned groups, const Option *own,
                          size_t own_count, char ***argv, bool *ret_is_done);

/* More arguments than `most`? Errors: ERROR_INVALID naming the first one too many. */
MUST_USE Error *cli_expect(char **argv, size_t most);

bool cli_color(const Cli *cli, bool is_stderr);
