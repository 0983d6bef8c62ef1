/*
 * probe_optional: what only some runs need.
 */
#pragma once

#include "doctor/probe.h"
#include "plan/plan.h"

/* Try it, as probe_steps does and after it. */
void probe_optional(const struct plan *p, int rootfs, struct probe *list);
