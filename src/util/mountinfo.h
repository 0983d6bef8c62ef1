/*
 * mountinfo: the mounts that the caller sees, from /proc/self/mountinfo.
 */
#pragma once

#include <stdbool.h>

struct mountinfo {
	char *text, *rest;
	/* of the current line */
	int id, parent;
	char *root;  /* the mounted directory within its file system */
	char *point; /* the mount point, below the caller's root */
	char *type;
};

void mountinfo_close(struct mountinfo *m); /* keeps errno */
#define auto_mountinfo __attribute__((cleanup(mountinfo_close))) struct mountinfo

/* Read the list.  Returns 0, or -1 with errno; mountinfo_close in both cases. */
int mountinfo_open(struct mountinfo *m);

/* Go to the first or next line; false after the last.  The lines are in the order of mounting,
 * so that a parent comes before its children. */
bool mountinfo_next(struct mountinfo *m);
