/*
 * copy: a small tree from one directory to another.
 */
#ifndef RUNTIME_COPY_H
#define RUNTIME_COPY_H

#include "util/err.h"

/*
 * Copy what directory from holds into directory to, which is empty: directories, files, links and
 * fifos with their modes.  Follows no link; other kinds are passed over.  Returns 0, or -1 with e.
 */
int copy_tree(int from, int to, struct err *e);

#endif
