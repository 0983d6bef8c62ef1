/*
 * mountinfo: the mounts that the caller sees, from /proc/self/mountinfo.
 */
#ifndef UTIL_MOUNTINFO_H
#define UTIL_MOUNTINFO_H

#include <stdbool.h>

struct mountinfo {
	char *text, *rest;
	/* of the present line */
	int id, parent;
	char *root;  /* what of the file system is mounted */
	char *point; /* where, as seen from the caller's root */
	char *type;
};

void mountinfo_close(struct mountinfo *m); /* keeps errno */
#define auto_mountinfo __attribute__((cleanup(mountinfo_close))) struct mountinfo

/* Read the list.  Returns 0, or -1 with errno; mountinfo_close in both cases. */
int mountinfo_open(struct mountinfo *m);

/* Go to the first line or the next; false behind the last.  The lines are in the order of the
 * mounting, so that a parent comes before its children. */
bool mountinfo_next(struct mountinfo *m);

#endif
