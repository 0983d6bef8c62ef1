/*
 * probe_steps: the steps of a run, one after the other.
 */
#pragma once

#include "doctor/probe.h"
#include "plan/plan.h"

/*
 * Try all steps of p, a plan with the defaults and a command that does not exist.  rootfs stands in
 * for the image: a directory on the file system of the store, which is not written to.  list has
 * PROBE_STEPS entries, in shared memory.
 */
void probe_steps(const struct plan *p, int rootfs, struct probe *list);
