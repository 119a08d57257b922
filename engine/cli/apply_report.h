/*
 * cli/apply_report.h - what is said when an apply is over: failures in full, counts, truth beside
 * promise; and which conditions that is.
 */
#pragma once

#include "cli/cli.h"
#include "engine/events.h"

/* Boxes for what failed, on stderr; "Apply complete!" and "Impact:" on stdout (not with -json). */
void apply_report(Cli *cli, const Execution *execution);

/* Conditions of the execution into cli->outcome. */
void apply_classify(Cli *cli, const Execution *execution);
