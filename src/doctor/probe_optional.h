/*
 * probe_optional: what only some runs need.
 */
#ifndef DOCTOR_PROBE_OPTIONAL_H
#define DOCTOR_PROBE_OPTIONAL_H

#include "doctor/probe.h"
#include "plan/plan.h"

/* Try it, as probe_steps does and after it. */
void probe_optional(const struct plan *p, int rootfs, struct probe *list);

#endif
