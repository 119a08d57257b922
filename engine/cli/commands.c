#include "cli/commands.h"

const Command *const cli_commands[] = {
    &command_validate, &command_plan,      &command_apply, &command_show,   &command_explain,
    &command_status,   &command_list,      &command_graph, &command_sim,    &command_lease,
    &command_state,    &command_inventory, &command_diff,  &command_schema, &command_probe,
    &command_version,  &command_help,      NULL,
};
