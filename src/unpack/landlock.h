/*
 * wall: a second wall around unpacking, landlock(7).
 *
 * The first one is that every path is resolved below one directory.  Were there a fault in that, or
 * in a library that reads the image, the kernel still lets nothing be written outside.
 */
#pragma once

#include "util/err.h"

/*
 * Call fn in a thread that can write and make files below dir only, start no program, make no
 * device, and reach no TCP port, abstract socket or process of others; wait for it.  The calling
 * thread is as it was: what a thread gives up with Landlock it cannot get back, and mounting, which
 * the sandbox needs later, is forbidden there.  Where the kernel has no Landlock that can rename
 * between directories (before 5.19), fn is called as it is.  Returns what fn does.
 */
int landlock_run(int dir, int (*fn)(void *arg, struct err *e), void *arg, struct err *e);

/* The version of the kernel's Landlock; 0 with errno where there is none.  From 2 on it is used. */
int landlock_version(void);
