/*
 * loader: what the dynamic loader of an image knows about folders of libraries.
 */
#pragma once

#include <stdbool.h>

#include "util/arena.h"
#include "util/err.h"

struct loader {
	int rootfd;
	const char *first;   /* a folder that comes before the others; or NULL */
	struct strv folders; /* in the root */
	struct arena arena;
};

/*
 * Let the image's loader find the libraries of the folders, before its own of the same names: by glibc's
 * ld.so.cache, which keeps what it has, and by musl's list of folders.  Links by their names are made as
 * ldconfig(8) makes them.  Returns 0, or -1 with e.
 */
int loader_write(struct loader *l, struct err *e);
void loader_done(struct loader *l);

/* Is fd of the root's own mount?  What is written elsewhere could be a file of the host. */
bool loader_is_of_root(int rootfd, int fd);

/* Open a directory of the root's own mount; make: if it is missing.  Returns a descriptor, or -1 with e. */
int loader_open_dir(int rootfd, const char *path, bool make, struct err *e);

/* Make a link, also in the place of something else that is no directory.  Returns 0, or -1 with e. */
int loader_link(int dir, const char *name, const char *target, struct err *e);
