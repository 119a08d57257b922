/*
 * cli/commands.h - every command, by file.
 */
#pragma once

#include "cli/cli.h"

extern const Command command_apply, command_diff, command_explain, command_graph, command_help,
    command_inventory, command_lease, command_list, command_plan, command_probe, command_schema,
    command_show, command_sim, command_state, command_status, command_validate, command_version;
