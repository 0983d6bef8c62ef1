/*
 * cgroup_view: where programs look for the limits of this process.
 * Reads /proc/self/cgroup, and limits of this process's cgroup and of those above it.
 */
#include "kernel/cgroup_view.h"

#include <ctype.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/path.h"

#define CGROUP_VIEW_TOP "/sys/fs/cgroup"
#define CGROUP_VIEW_TEXT 4096 /* bytes of /proc/self/cgroup */

/* "No limit" of version 1 is the greatest long number, rounded down to a page. */
#define CGROUP_VIEW_NONE (UINT64_C(1) << 62)

/* As /proc/self/cgroup names controllers. */
static const struct {
	const char *controller, *top;
	const char *files[3];	  /* the first that limits counts */
	const char *top_files[3]; /* what programs read at the top, where Docker has their cgroup */
} cgroup_view_kinds[] = {
	{ "", CGROUP_VIEW_TOP, { "memory.max", "cpu.max" },
		{ NULL } }, /* version 2, always first */
	{ "memory", CGROUP_VIEW_TOP "/memory", { "memory.limit_in_bytes" },
		{ "memory.limit_in_bytes" } },
	{ "cpu", CGROUP_VIEW_TOP "/cpu", { "cpu.cfs_quota_us" },
		{ "cpu.cfs_quota_us", "cpu.cfs_period_us" } },
};
#define CGROUP_VIEW_KINDS (sizeof(cgroup_view_kinds) / sizeof(*cgroup_view_kinds))

/* The number at the beginning of dir/file, of which "max" and -1 are none. */
static uint64_t cgroup_view_limit(const char *dir, size_t len, const char *file)
{
	char path[PATH_TEXT_MAX], text[64] = "";
	auto_fd fd = -1;

	(void)snprintf(path, sizeof(path), "%.*s/%s", (int)len, dir, file);
	fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC); /* musl's open is two calls */
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0 || !isdigit((unsigned char)text[0]))
		return CGROUP_VIEW_NONE;
	return strtoull(text, NULL, 10);
}

/*
 * Which has the least limit, the cgroup own or one between it and the first top bytes of its path?
 * Returns the length of its path, or 0: none.  Quotas are compared as if their periods were one,
 * which they are where nobody has a reason: 100 ms.
 */
static size_t cgroup_view_least(const char *own, size_t top, const char *file)
{
	uint64_t least = CGROUP_VIEW_NONE;
	size_t found = 0;

	for (size_t n = strlen(own); n > top;) {
		uint64_t limit = cgroup_view_limit(own, n, file);

		if (limit < least) {
			least = limit;
			found = n;
		}
		while (own[--n] != '/')
			;
	}
	return found;
}

static void cgroup_view_add(size_t kind, const char *path, struct strv *ret_pairs, struct arena *a)
{
	const char *top = cgroup_view_kinds[kind].top;
	const char *const *file = cgroup_view_kinds[kind].files;
	char *own = arena_printf(a, "%s%s", top, path);
	size_t found = 0;

	for (; !found && *file; file++)
		found = cgroup_view_least(own, strlen(top), *file);
	if (!found)
		return;
	if (own[found]) {
		strv_add_copy(a, ret_pairs, kind ? own : top);
		strv_add(a, ret_pairs, arena_strndup(a, own, found));
	}
	for (file = cgroup_view_kinds[kind].top_files; *file; file++) {
		strv_add(a, ret_pairs, arena_printf(a, "%s/%s", top, *file));
		strv_add(a, ret_pairs, arena_printf(a, "%.*s/%s", (int)found, own, *file));
	}
}

void cgroup_view(bool *ret_v1, struct strv *ret_pairs, struct arena *a)
{
	char buf[CGROUP_VIEW_TEXT], *text = buf, *line, *word;
	auto_fd fd = -1;
	struct statfs fs;
	ssize_t n;

	*ret_v1 = false;
	*ret_pairs = (struct strv){ 0 };
	/* systemd mounts a tmpfs for the directories of version 1; sysfs: nothing is mounted */
	if (statfs(CGROUP_VIEW_TOP, &fs) < 0 || fs.f_type == SYSFS_MAGIC)
		return;
	*ret_v1 = fs.f_type != CGROUP2_SUPER_MAGIC;
	fd = openat(AT_FDCWD, "/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);
	buf[n > 0 ? n : 0] = '\0';
	while ((line = strsep(&text, "\n"))) {
		/* "NUMBER:CONTROLLER,CONTROLLER:PATH"; "/.." is outside of a cgroup namespace */
		char *words = strchr(line, ':'), *path = words ? strchr(words + 1, ':') : NULL;

		if (!path || !path[1] || !path[2] || strncmp(path + 1, "/..", 3) == 0)
			continue;
		*path++ = '\0';
		words++;
		while ((word = strsep(&words, ",")))
			for (size_t i = 0; i < CGROUP_VIEW_KINDS; i++)
				if ((i > 0) == *ret_v1 &&
					strcmp(word, cgroup_view_kinds[i].controller) == 0)
					cgroup_view_add(i, path, ret_pairs, a);
	}
}
