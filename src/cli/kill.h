/*
 * kill: what `kill` and `stop` share.
 */
#pragma once

#include "cli/opts.h"

/* int: a signal by name or number. */
opt_kind kill_signal;
