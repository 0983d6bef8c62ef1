/*
 * systemd_scope: a delegated cgroup for the calling process, from the caller's systemd.
 */
#pragma once

#include "util/err.h"

/*
 * Have systemd move the calling process into a scope of its own, org.freedesktop.systemd1(5), as
 * `systemd-run --user --scope` does for the command that it starts.  Returns 0, or -1 with e where
 * there is no such systemd or it refuses.
 */
int systemd_scope_enter(struct err *e);
