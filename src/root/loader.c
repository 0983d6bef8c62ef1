/*
 * loader: what the dynamic loader of an image knows about folders of libraries.
 * The image's own ldconfig would be a program of the image that runs before its rights are taken, takes three
 * times as long (64 ms for 1,250 files; here 21), and many images have none.
 * Reads libraries in the new root; makes names there, above the image.
 */
#include "root/loader.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/elf_file.h"
#include "util/fd.h"
#include "util/ld_cache.h"
#include "util/log.h"
#include "util/names.h"
#include "util/path.h"
#include "util/sys.h"

#define LOADER_CONF "00-nvcr-sandbox.conf" /* as NVIDIA's tools name theirs */
#define LOADER_NEW ".sandbox-new"
#define LOADER_LIBS_MAX 4096 /* in all folders */
#define LOADER_MUSL_DEFAULT "/lib:/usr/local/lib:/usr/lib"
#define LOADER_TEXT_MAX (64u << 10)

/* The file of a folder that a name stands for. */
struct loader_lib {
	char *name, *file;
	uint32_t flags;
	bool is_link;
};

bool loader_is_of_root(int rootfd, int fd)
{
	struct sys_statx root = { 0 }, st = { 0 };

	if (sys_statx(rootfd, "", AT_EMPTY_PATH, SYS_STATX_MNT_ID, &root) < 0 ||
		sys_statx(fd, "", AT_EMPTY_PATH, SYS_STATX_MNT_ID, &st) < 0)
		return false;
	/* before Linux 5.8 only the file system is known */
	return root.mask & st.mask & SYS_STATX_MNT_ID
		       ? root.mnt_id == st.mnt_id
		       : root.dev[0] == st.dev[0] && root.dev[1] == st.dev[1];
}

int loader_open_dir(int rootfd, const char *path, bool make, struct err *e)
{
	auto_fd fd = make ? path_mkdirs_in_root(rootfd, path, 0755)
			  : path_open_in_root(rootfd, path, O_PATH | O_DIRECTORY, 0);

	if (fd < 0)
		return err_set(e, errno, "%s", path);
	return loader_is_of_root(rootfd, fd)
		       ? fd_take(&fd)
		       : err_set(e, 0, "%s: a directory of the host is mounted there", path);
}

int loader_link(int dir, const char *name, const char *target, struct err *e)
{
	char old[PATH_MAX];
	const ssize_t n = readlinkat(dir, name, old, sizeof(old));

	if (n == (ssize_t)strlen(target) && memcmp(old, target, (size_t)n) == 0)
		return 0;
	if ((n >= 0 || errno != ENOENT) && unlinkat(dir, name, 0) < 0)
		return err_set(e, errno, "replace %s", name);
	return symlinkat(target, dir, name) < 0 ? err_set(e, errno, "make the link %s", name) : 0;
}

/* Replace a file by another one at once; a link of the image is replaced, too. */
static int loader_put(const struct loader *l, const char *folder, const char *name,
	const char *text, size_t len, struct err *e)
{
	auto_fd dir = loader_open_dir(l->rootfd, folder, true, e), fd = -1;

	if (dir < 0)
		return -1;
	(void)unlinkat(dir, LOADER_NEW, 0);
	fd = openat(dir, LOADER_NEW, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 || fd_write_full(fd, text, len) < 0 || renameat(dir, LOADER_NEW, dir, name) < 0)
		return err_set(e, errno, "%s/%s", folder, name);
	return 0;
}

/* ---- the libraries of a folder ---- */

/* The name by which programs ask for it; false: it is no library. */
static bool loader_look(const struct loader *l, int dir, const char *file, struct loader_lib *ret,
	struct arena *a, bool is_link)
{
	auto_fd fd = -1;
	char soname[ELF_FILE_NAME];
	struct elf_file elf;

	/* a link may lead anywhere in the root */
	if (is_link)
		fd = path_open_in_root(l->rootfd, ret->file, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	else
		fd = openat(dir, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || !elf_file_open(&elf, fd))
		return false;
	*ret = (struct loader_lib){ arena_strdup(a, elf_file_soname(&elf, soname) ? soname : file),
		arena_strdup(a, file), ld_cache_flags(elf.machine, elf.wide), is_link };
	return ret->flags && !strchr(ret->name, '/');
}

/* Of the files of a name, a file is better than a link, and a greater version than a lesser. */
static bool loader_is_better(const struct loader_lib *x, const struct loader_lib *y)
{
	return x->is_link != y->is_link ? y->is_link : ld_cache_compare(x->file, y->file) > 0;
}

static int loader_read_folder(const struct loader *l, int dir, const char *folder,
	struct loader_lib **libs, size_t *n, struct arena *a, struct err *e)
{
	const char *name;
	auto_names d;

	if (names_open(&d, dir) < 0)
		return err_set(e, errno, "%s", folder);
	while ((name = names_next(&d))) {
		struct loader_lib lib = { 0 };
		size_t i = 0;

		if (strncmp(name, "lib", 3) != 0 || !strstr(name, ".so") || d.type == DT_DIR)
			continue;
		lib.file = arena_printf(a, "%s/%s", folder, name);
		if (!loader_look(l, dir, name, &lib, a, d.type != DT_REG))
			continue;
		while (i < *n &&
			((*libs)[i].flags != lib.flags || strcmp((*libs)[i].name, lib.name) != 0))
			i++;
		if (i == *n && i == LOADER_LIBS_MAX)
			return err_set(e, 0, "%s: too many libraries", folder);
		if (i == *n)
			*libs = xgrow(*libs, (*n)++, sizeof(**libs));
		else if (!loader_is_better(&lib, &(*libs)[i]))
			continue;
		(*libs)[i] = lib;
	}
	return errno ? err_set(e, errno, "%s", folder) : 0;
}

/* Add the libraries of a folder to the cache.  A folder that is missing has none. */
static int loader_add_folder(
	struct loader *l, const char *text, struct ld_cache *cache, struct err *e)
{
	char folder[PATH_TEXT_MAX];
	struct loader_lib *libs = NULL;
	auto_fd dir = -1;
	size_t n = 0;
	bool of_root;
	int r;

	if (path_clean_in_root(text, folder, sizeof(folder)) < 0)
		return err_set(e, errno, "--folder %s", text);
	dir = path_open_in_root(l->rootfd, folder, O_RDONLY | O_DIRECTORY, 0);
	if (dir < 0)
		return errno == ENOENT ? 0 : err_set(e, errno, "--folder %s", text);
	of_root = loader_is_of_root(l->rootfd, dir);
	r = loader_read_folder(l, dir, folder, &libs, &n, &l->arena, e);
	for (size_t i = 0; r == 0 && i < n; i++) {
		const struct loader_lib *lib = &libs[i];
		const bool link = of_root && !lib->is_link && strcmp(lib->name, lib->file) != 0;

		if (link)
			r = loader_link(dir, lib->name, lib->file, e);
		ld_cache_add(cache, lib->name,
			arena_printf(&l->arena, "/%s/%s", folder, link ? lib->name : lib->file),
			lib->flags);
	}
	free(libs);
	return r;
}

/* ---- what the loaders read ---- */

static char *loader_read(const struct loader *l, const char *path, size_t max, size_t *ret_len)
{
	auto_fd fd = path_open_in_root(l->rootfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? fd_read_all(fd, max, ret_len)
								     : NULL;
}

static int loader_write_cache(struct loader *l, struct ld_cache *cache, struct err *e)
{
	size_t len;
	auto_free char *old = loader_read(l, "etc/ld.so.cache", LD_CACHE_MAX, &len), *text = NULL;

	if (old)
		ld_cache_parse(cache, old, len, &l->arena);
	text = ld_cache_text(cache, &len);
	return loader_put(l, "etc", "ld.so.cache", text, len, e);
}

/* So that an ldconfig that somebody calls inside finds the folders again. */
static int loader_write_conf(struct loader *l, struct err *e)
{
	static const char include[] = "include /etc/ld.so.conf.d/*.conf\n";
	const char *text = "";
	auto_fd conf = path_open_in_root(l->rootfd, "etc/ld.so.conf", O_PATH, 0);

	for (size_t i = 0; i < l->folders.n; i++)
		text = arena_printf(&l->arena, "%s%s\n", text, l->folders.v[i]);
	if (loader_put(l, "etc/ld.so.conf.d", LOADER_CONF, text, strlen(text), e) < 0)
		return -1;
	return conf >= 0 ? 0 : loader_put(l, "etc", "ld.so.conf", include, strlen(include), e);
}

/* The name of musl's machine in "ld-musl-x86_64.so.1"; NULL: the image has no musl. */
static const char *loader_musl(const struct loader *l)
{
	auto_fd dir = path_open_in_root(l->rootfd, "lib", O_RDONLY | O_DIRECTORY, 0);
	const char *name;
	auto_names d;

	if (names_open(&d, dir) < 0)
		return NULL;
	while ((name = names_next(&d)))
		if (names_match(name, "ld-musl-", ".so.1"))
			return arena_strndup(
				(struct arena *)&l->arena, name, strlen(name) - strlen(".so.1"));
	return NULL;
}

static int loader_write_musl(struct loader *l, const char *musl, struct err *e)
{
	const char *file = arena_printf(&l->arena, "%s.path", musl), *text = LOADER_MUSL_DEFAULT;
	const char *path = arena_printf(&l->arena, "etc/%s", file);
	auto_free char *old = loader_read(l, path, LOADER_TEXT_MAX, NULL);

	if (old)
		text = arena_strdup(&l->arena, old);
	for (size_t i = l->folders.n; i-- > 0;)
		text = arena_printf(&l->arena, "%s\n%s", l->folders.v[i], text);
	return loader_put(l, "etc", file, text, strlen(text), e);
}

int loader_write(struct loader *l, struct err *e)
{
	struct ld_cache cache = { 0 };
	const char *musl = loader_musl(l);
	int r = 0;

	if (l->first) {
		struct strv all = { 0 };

		strv_add_copy(&l->arena, &all, l->first);
		for (size_t i = 0; i < l->folders.n; i++)
			strv_add(&l->arena, &all, l->folders.v[i]);
		l->folders = all;
	}
	for (size_t i = 0; r == 0 && i < l->folders.n; i++)
		r = loader_add_folder(l, l->folders.v[i], &cache, e);
	if (r == 0)
		r = musl				   ? loader_write_musl(l, musl, e)
		    : loader_write_cache(l, &cache, e) < 0 ? -1
							   : loader_write_conf(l, e);
	free(cache.v);
	return r;
}

void loader_done(struct loader *l)
{
	arena_done(&l->arena);
}
