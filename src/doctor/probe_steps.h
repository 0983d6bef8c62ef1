/*
 * probe_steps: the steps of a run, one after the other.
 */
#ifndef DOCTOR_PROBE_STEPS_H
#define DOCTOR_PROBE_STEPS_H

#include "doctor/probe.h"
#include "plan/plan.h"

/*
 * Try all steps of p, a plan with the defaults, whose args are a command that is not there.  rootfs
 * takes the image's part: a directory on the file system of the store; nothing is written to it.
 * list has PROBE_STEPS entries, in shared memory.
 */
void probe_steps(const struct plan *p, int rootfs, struct probe *list);

#endif
