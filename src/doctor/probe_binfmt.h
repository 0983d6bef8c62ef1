/*
 * probe_binfmt: does the host run programs for other processors?
 */
#pragma once

#include "doctor/probe.h"

/* Read which interpreters are registered, and whether they work in another root. */
void probe_binfmt(struct probe *p);
