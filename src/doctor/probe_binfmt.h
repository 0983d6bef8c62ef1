/*
 * probe_binfmt: does the host run programs for other processors?
 */
#ifndef DOCTOR_PROBE_BINFMT_H
#define DOCTOR_PROBE_BINFMT_H

#include "doctor/probe.h"

/* Read which interpreters are registered, and whether they work in another root. */
void probe_binfmt(struct probe *p);

#endif
