/*
 * idmap: who the caller is inside.
 * Writes /proc/self/{setgroups,uid_map,gid_map}; idmap_enter makes a user namespace.
 */
#include "kernel/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "util/fd.h"

#define IDMAP_LINE_MAX 36   /* three numbers of 10 digits, blanks, newline */
#define IDMAP_LINES_MAX 340 /* the kernel's limit since 4.15, user_namespaces(7) */

static bool idmap_has_root(const struct id_map *maps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (maps[i].inside == 0 && maps[i].count > 0)
			return true;
	return false;
}

static bool idmap_is_single(const struct id_maps *m)
{
	return m->n_uid == 1 && m->n_gid == 1 && m->uid->count == 1 && m->gid->count == 1;
}

static bool idmap_is_nested(const struct id_maps *m)
{
	return idmap_is_single(m) && !(idmap_has_root(m->uid, 1) && idmap_has_root(m->gid, 1));
}

static int idmap_put(int proc, const char *name, const char *text, struct err *e)
{
	auto_fd fd = openat(proc, name, O_WRONLY | O_CLOEXEC);

	/* The kernel takes a map in a single write only. */
	if (fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text))
		return 0;
	(void)err_set(e, errno, "set up the user namespace: write %s to /proc/%s", text, name);
	if (errno == EPERM || errno == EACCES)
		return err_hint(e,
			"a security module (AppArmor: kernel.apparmor_restrict_unprivileged_userns) may forbid it, or the plan maps ids that the caller does not have");
	return -1;
}

int idmap_deny_groups(int proc, struct err *e)
{
	return idmap_put(proc, "self/setgroups", "deny", e);
}

int idmap_put_map(int proc, const char *name, const struct id_map *maps, size_t n, struct err *e)
{
	char text[IDMAP_LINES_MAX * IDMAP_LINE_MAX];
	size_t len = 0;

	if (n > IDMAP_LINES_MAX)
		return err_set(e, 0, "too many lines for /proc/%s", name);
	text[0] = '\0';
	/* No newline behind the last: in a message the text stands on one line. */
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%u %u %u", i ? "\n" : "",
			maps[i].inside, maps[i].outside, maps[i].count);
	return idmap_put(proc, name, text, e);
}

static int idmap_put_both(int proc, const struct id_maps *m, struct err *e)
{
	return idmap_put_map(proc, "self/gid_map", m->gid, m->n_gid, e) < 0
		       ? -1
		       : idmap_put_map(proc, "self/uid_map", m->uid, m->n_uid, e);
}

int idmap_write(int proc, struct id_maps maps, struct err *e)
{
	struct id_map uid = { 0, 0, 1 }, gid = { 0, 0, 1 };
	const struct id_maps outer = { &uid, &gid, 1, 1 };

	/*
	 * Without CAP_SETGID outside, the kernel accepts a gid map only with setgroups denied,
	 * user_namespaces(7).  The supplementary groups stay as they are: users need them for
	 * shared file systems.
	 */
	if (idmap_is_single(&maps) && idmap_deny_groups(proc, e) < 0)
		return -1;
	if (!idmap_is_nested(&maps))
		return idmap_put_both(proc, &maps, e);
	uid.outside = maps.uid->outside;
	gid.outside = maps.gid->outside;
	return idmap_put_both(proc, &outer, e);
}

int idmap_enter(int proc, struct id_maps maps, struct err *e)
{
	struct id_map uid = { 0, 0, 1 }, gid = { 0, 0, 1 };
	const struct id_maps inner = { &uid, &gid, 1, 1 };

	if (!idmap_is_nested(&maps))
		return 0;
	uid.inside = maps.uid->inside;
	gid.inside = maps.gid->inside;
	/* The files in /proc/self are the caller's own only while it is dumpable, proc(5); exec
	 * resets it anyway. */
	if (prctl(PR_SET_DUMPABLE, 1) < 0 || unshare(CLONE_NEWUSER) < 0)
		return err_set(e, errno, "create the payload's user namespace");
	return idmap_put_both(proc, &inner, e);
}
