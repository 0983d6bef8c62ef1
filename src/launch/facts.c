/*
 * facts: what a plan depends on, except the image's config and the options.
 * Reads small files of the host and of the image.
 */
#include "launch/facts.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kernel/cgroup_view.h"
#include "launch/subids.h"
#include "util/fd.h"
#include "util/path.h"

#define FACTS_LINE_MAX 255	  /* of an interpreter line, as the kernel reads it */
#define FACTS_WORDS_MAX 16	  /* that are looked at */
#define FACTS_FILE_MAX (1u << 20) /* passwd, group, hosts, resolv.conf */

char *facts_read(int root, const char *path, struct arena *a)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	auto_fd fd = root >= 0 ? path_open_in_root(root, path, flags, 0)
			       : openat(AT_FDCWD, path, flags); /* musl's open is two calls */
	struct stat st;
	auto_free char *text = NULL;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return NULL;
	text = fd_read_all(fd, FACTS_FILE_MAX, NULL);
	return arena_strdup(a, text);
}

static bool facts_is_script(const char *path)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	auto_fd fd = strchr(path, '/') ? open(path, flags) : -1;
	char line[FACTS_LINE_MAX + 1];
	struct stat st;
	ssize_t n = -1;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		n = fd_read_full(fd, line, FACTS_LINE_MAX);
	line[n < 0 ? 0 : n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return strncmp(line, "#!", 2) == 0 && strstr(line, "sandbox");
}

const char *facts_script(char *const *words)
{
	for (size_t i = 0; i < FACTS_WORDS_MAX && words[i]; i++)
		if (facts_is_script(words[i]))
			return words[i];
	return NULL;
}

static bool facts_in_image(int rootfs, const char *path, mode_t type)
{
	auto_fd fd = path_open_in_root(rootfs, path, O_PATH, 0);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type;
}

/* "Europe/Rome"; a name that leads out of the folder is invalid. */
static void facts_zone(struct host_facts *h, const char *zone, int rootfs, struct arena *a)
{
	const char *path = arena_printf(a, "/usr/share/zoneinfo/%s", zone);
	struct stat st;

	if (!*zone || *zone == '/' || strstr(zone, ".."))
		return;
	h->zone_in_image = facts_in_image(rootfs, path, S_IFREG);
	h->zone_on_host = stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

void facts_gather(struct host_facts *h, const struct run_options *o, int rootfs, struct arena *a)
{
	char cwd[PATH_MAX];
	struct utsname host = { 0 };

	(void)uname(&host);
	*h = (struct host_facts){
		.uid = geteuid(),
		.gid = getegid(),
		.hostname = arena_strdup(a, host.nodename),
		.kernel = arena_strdup(a, host.release),
		.cwd = arena_strdup(a, getcwd(cwd, sizeof(cwd))),
		.term = isatty(STDIN_FILENO) ? getenv("TERM") : NULL,
		.resolv_conf = facts_read(-1, "/etc/resolv.conf", a),
		.hosts = facts_read(-1, "/etc/hosts", a),
		.passwd = facts_read(rootfs, "etc/passwd", a),
		.group = facts_read(rootfs, "etc/group", a),
		.environ = environ,
		.has_localtime = access("/etc/localtime", R_OK) == 0,
		.has_apt = facts_in_image(rootfs, "etc/apt/apt.conf.d", S_IFDIR),
	};
	cgroup_view(&h->cgroups_v1, &h->cgroups, a);
	if (o->keep_id || o->subuid)
		subids_gather(h, a);
	if (o->timezone)
		facts_zone(h, o->timezone, rootfs, a);
}
