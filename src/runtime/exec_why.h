/*
 * exec_why: what is the matter with a file that the kernel would not execute.
 */
#ifndef RUNTIME_EXEC_WHY_H
#define RUNTIME_EXEC_WHY_H

#include "util/err.h"

/*
 * Say why execve(2) of file, which exists, failed with code, as far as a look into it tells. Always
 * returns -1, with e: status 127 where its interpreter or loader is missing, else 126.
 */
int exec_why(const char *file, int code, struct err *e);

#endif
