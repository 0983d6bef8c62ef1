/*
 * landlock: a second barrier around unpacking, landlock(7).
 *
 * The first is that every path is resolved below one directory.  If that, or a library that reads
 * the image, has a fault, the kernel still prevents writing outside.
 */
#pragma once

#include "util/err.h"

/*
 * Call fn in a thread that can write and make files below dir only, cannot start programs or make
 * devices, and cannot reach TCP ports, abstract sockets or other processes; wait for it.  The
 * calling thread is not confined: a thread cannot undo Landlock, and the sandbox needs to mount
 * later, which Landlock forbids.  On kernels whose Landlock cannot rename between directories
 * (before 5.19), fn is called directly.  Returns what fn returns.
 */
int landlock_run(int dir, int (*fn)(void *arg, struct err *e), void *arg, struct err *e);

/* The version of the kernel's Landlock, or 0 with errno.  Version 2 or later is used. */
int landlock_version(void);
