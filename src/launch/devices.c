/*
 * devices: devices that the options ask for by a name, and not by a path.
 * Reads CDI specifications, /dev, libraries, and the caller's groups.
 */
#include "launch/devices.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/mount.h>
#include <string.h>
#include <unistd.h>

#include "cdi/cdi.h"
#include "launch/gpus.h"
#include "util/elf_file.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/path.h"

#define DEVICES_PATTERNS 8
#define DEVICES_OWN_GROUPS 4096 /* musl's NGROUPS_MAX is 32, Linux's 65536 */

/* ---- groups ---- */

/* Which nodes a group has, where they are. */
static const struct devices_group {
	const char *name, *patterns[DEVICES_PATTERNS];
} devices_groups[] = {
	{ "infiniband", { "/dev/infiniband/*" } },
	{ "uverbs", { "/dev/infiniband/uverbs*", "/dev/infiniband/rdma_cm" } },
	{ "cxi", { "/dev/cxi*" } },
	{ "hfi1", { "/dev/hfi1*" } },
	{ "xpmem", { "/dev/xpmem" } },
	{ "knem", { "/dev/knem" } },
	{ "gdrcopy", { "/dev/gdrdrv" } },
	{ "kfd", { "/dev/kfd", "/dev/dri/render*" } },
	{ "dri", { "/dev/dri/*" } },
	{ "fuse", { "/dev/fuse" } },
	{ "hpc", { "/dev/infiniband/*", "/dev/cxi*", "/dev/hfi1*", "/dev/xpmem", "/dev/knem",
			 "/dev/gdrdrv" } },
};

#define DEVICES_GROUPS (sizeof(devices_groups) / sizeof(*devices_groups))

static void devices_add_nodes(const char *pattern, struct plan_edits *ed, struct arena *a)
{
	glob_t found;

	if (glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char *path = arena_strdup(a, found.gl_pathv[i]);

		edits_add_mount(ed, a,
			(struct plan_mount){ .kind = MOUNT_BIND,
				.src = path,
				.dst = path,
				.attr = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
				.recursive = true,
				.deep = true,
				.device = true });
	}
	globfree(&found);
}

static int devices_add_group(
	const char *name, struct plan_edits *ed, struct arena *a, struct err *e)
{
	const struct devices_group *g = devices_groups;
	const size_t before = ed->n_mounts;
	const char *all = "";

	while (g < devices_groups + DEVICES_GROUPS && strcmp(g->name, name + 1) != 0)
		g++;
	if (g == devices_groups + DEVICES_GROUPS) {
		for (size_t i = 0; i < DEVICES_GROUPS; i++)
			all = arena_printf(a, "%s @%s", all, devices_groups[i].name);
		(void)err_set(e, 0, "device %s: there is no such group", name);
		return err_hint(e, "the groups are%s", all);
	}
	for (size_t i = 0; i < DEVICES_PATTERNS && g->patterns[i]; i++)
		devices_add_nodes(g->patterns[i], ed, a);
	if (ed->n_mounts == before)
		log_verbose("device %s: this host has none", name);
	return 0;
}

/* ---- what is asked for ---- */

/* The caller's groups are effective inside as well, and no others can be. */
static bool devices_have_group(uint32_t gid)
{
	gid_t groups[DEVICES_OWN_GROUPS];
	int n = getgroups(DEVICES_OWN_GROUPS, groups);

	while (n > 0 && groups[n - 1] != gid)
		n--;
	return n > 0 || getegid() == gid;
}

/* What will not open inside does not open outside. */
static void devices_tell_rights(const struct plan_edits *ed)
{
	for (size_t i = 0; i < ed->n_gids; i++)
		if (!devices_have_group(ed->gids[i]))
			log_note(
				"a device wants the group %u, which you are not in: its files may not open",
				ed->gids[i]);
	for (size_t i = 0; i < ed->n_mounts; i++)
		if (ed->mounts[i].device && access(ed->mounts[i].src, R_OK | W_OK) < 0 &&
			errno == EACCES)
			log_note("you may not use the device %s: ask for its group",
				ed->mounts[i].src);
}

int devices_find(struct run_options *o, struct arena *a, struct err *e)
{
	struct strv names = { 0 }, paths = { 0 };
	struct cdi c;
	int r = 0;

	for (size_t i = 0; r == 0 && i < o->devices.n; i++) {
		char *text = o->devices.v[i];

		if (*text == '@')
			r = devices_add_group(text, &o->edits, a, e);
		else
			strv_add(a, edits_is_name(text) ? &names : &paths, text);
	}
	o->devices = paths;
	if (r == 0 && (names.n || o->gpus)) {
		cdi_read(&c, o->cdi_dirs.v);
		if (o->gpus)
			r = gpus_find(o->gpus, &c, &names, &o->edits, a, e);
		if (r == 0)
			r = cdi_resolve(&c, &names, &o->edits, a, e);
		cdi_done(&c);
	}
	if (r == 0)
		devices_tell_rights(&o->edits);
	return r;
}

/* ---- glibc ---- */

/* Where images have it that have no cache of their loader. */
static int devices_open_libc(int rootfs)
{
	static const char *const paths[] = { "lib64/libc.so.6", "usr/lib64/libc.so.6",
		"usr/lib/libc.so.6", "lib/libc.so.6", "lib/x86_64-linux-gnu/libc.so.6",
		"lib/aarch64-linux-gnu/libc.so.6", "lib/riscv64-linux-gnu/libc.so.6",
		"lib/arm-linux-gnueabihf/libc.so.6" };
	int fd = -1;

	for (size_t i = 0; fd < 0 && i < sizeof(paths) / sizeof(*paths); i++)
		fd = path_open_in_root(rootfs, paths[i], O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	return fd;
}

static unsigned devices_glibc(int fd, bool needs)
{
	struct elf_file f;

	if (fd < 0 || !elf_file_open(&f, fd))
		return 0;
	return needs ? elf_file_needs_glibc(&f) : elf_file_has_glibc(&f);
}

static bool devices_is_library(const struct plan_mount *m)
{
	const char *slash = m->kind == MOUNT_BIND ? strrchr(m->src, '/') : NULL;

	return slash && strncmp(slash + 1, "lib", 3) == 0 && strstr(slash, ".so");
}

void devices_tell_glibc(const struct plan_edits *ed, int rootfs)
{
	auto_fd libc = -1;
	struct arena a = { 0 };
	const char *names = NULL;
	unsigned has = 0, most = 0;

	for (size_t i = 0; i < ed->n_mounts; i++) {
		const char *path = ed->mounts[i].src;
		auto_fd fd =
			devices_is_library(&ed->mounts[i]) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
		const unsigned needs = devices_glibc(fd, true);

		if (needs && libc < 0) {
			libc = devices_open_libc(rootfs);
			has = devices_glibc(libc, false);
		}
		if (needs <= has)
			continue;
		names = names ? arena_printf(&a, "%s, %s", names, strrchr(path, '/') + 1) : path;
		most = needs > most ? needs : most;
	}
	if (names && has)
		log_note("will not load: %s: it needs glibc %u.%u, and the image has %u.%u", names,
			most / 1000, most % 1000, has / 1000, has % 1000);
	else if (names)
		log_note("will not load: %s: the image has no glibc", names);
	arena_done(&a);
}
