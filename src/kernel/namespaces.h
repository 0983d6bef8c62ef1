/*
 * namespaces: the namespaces other than the mount namespace.
 */
#pragma once

#include "util/err.h"

/*
 * Move the caller into new namespaces of the kinds in flags (CLONE_NEW*) at once, all but the mount
 * and the cgroup namespace; the pid namespace begins with its next child.  Returns 0, or -1 with e,
 * which names the setting of the host that refuses it.
 */
int namespaces_unshare(unsigned flags, struct err *e);

/*
 * Inside, by process 1, of what flags has: enter the cgroup namespace, set the host name and the NIS
 * domain name (NULL: keep it), bring the loopback interface up.  Returns 0, or -1 with e.
 */
int namespaces_configure(
	unsigned flags, const char *hostname, const char *domainname, struct err *e);

/* Set a kernel parameter, "net.core.somaxconn", of the caller's namespaces; proc is a procfs.  Returns 0, or -1
 * with e. */
int namespaces_set(int proc, const char *name, const char *value, struct err *e);

/* Bring the loopback interface of the caller's network up.  Returns 0, or -1 with e. */
int namespaces_loopback(struct err *e);
