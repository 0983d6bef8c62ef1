/* exec_why: why the kernel would not execute a file. */
#pragma once

#include "util/err.h"

/*
 * Say why execve(2) of an existing file failed with code, as far as its content tells.  Always
 * returns -1, with e: status 127 where an interpreter or loader is missing, else 126.
 */
int exec_why(const char *file, int code, struct err *e);
