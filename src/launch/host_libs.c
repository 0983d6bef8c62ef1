/*
 * host_libs: libraries of the host that come before the image's.
 * Reads libraries and the loaders' caches of the host and the image, and LD_LIBRARY_PATH.
 */
#include "launch/host_libs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/elf_file.h"
#include "util/fd.h"
#include "util/ld_cache.h"
#include "util/names.h"
#include "util/path.h"

#define HOST_LIBS_MAX 512 /* libraries of a run */
#define HOST_LIBS_DEPTH 8 /* folders in folders */
#define HOST_LIBS_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* glibc, which is the image's: its parts belong to the loader. */
static const char *const host_libs_glibc[] = { "ld-linux", "ld64.so", "libc.so.6", "libm.so.6",
	"libmvec.so.1", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1",
	"libresolv.so.2", "libanl.so.1", "libBrokenLocale.so.1", "libnss_", "libthread_db.so.1" };

/* The compiler's, which are the image's if it has them: programs of the image may need them to be as new. */
static const char *const host_libs_compiler[] = { "libstdc++.so.6", "libgcc_s.so.1",
	"libgfortran.so.", "libquadmath.so.0", "libgomp.so.1", "libatomic.so.1" };

struct host_lib {
	const char *name, *path;
	bool wanted; /* its own needs must be there, since it was asked for */
};

struct host_libs {
	struct run_options *o;
	struct arena *a;
	int rootfs;
	struct host_lib v[HOST_LIBS_MAX];
	size_t n;
	struct ld_cache host, image;
	unsigned machine, glibc; /* of all; what they need */
	bool wide;
	const char *glibc_of; /* the one that needs it */
};

static bool host_libs_listed(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strncmp(name, list[i], strlen(list[i])) == 0)
			return true;
	return false;
}

#define HOST_LIBS_LISTED(name, list) host_libs_listed(name, list, sizeof(list) / sizeof(*(list)))

static void host_libs_read_cache(struct ld_cache *c, int root, struct arena *a)
{
	auto_fd fd = root < 0 ? open("/etc/ld.so.cache", HOST_LIBS_FLAGS)
			      : path_open_in_root(root, "etc/ld.so.cache", HOST_LIBS_FLAGS, 0);
	struct stat st;
	size_t len;
	auto_free char *text = fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)
				       ? NULL
				       : fd_read_all(fd, LD_CACHE_MAX, &len);

	if (text)
		ld_cache_parse(c, text, len, a);
}

static const char *host_libs_cached(
	const struct host_libs *h, const struct ld_cache *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].flags == ld_cache_flags(h->machine, h->wide) &&
			strcmp(c->v[i].name, name) == 0)
			return c->v[i].path;
	return NULL;
}

/* ---- the image's ---- */

/* Open a library of the image as its loader would find it.  -1: it has none of that name. */
static int host_libs_open_in_image(const struct host_libs *h, const char *name)
{
	/* Debian's folder has a name of its own for each machine: the host's, if it is a Debian. */
	const char *libc = host_libs_cached(h, &h->host, "libc.so.6");
	const char *cached = host_libs_cached(h, &h->image, name);
	const char *const dirs[] = { libc ? libc : "/", "/lib64/", "/usr/lib64/", "/lib/",
		"/usr/lib/" };
	int fd = cached ? path_open_in_root(h->rootfs, cached, HOST_LIBS_FLAGS, 0) : -1;

	for (size_t i = 0; fd < 0 && i < sizeof(dirs) / sizeof(*dirs); i++) {
		const int n = (int)(strrchr(dirs[i], '/') - dirs[i]);

		fd = path_open_in_root(h->rootfs, arena_printf(h->a, "%.*s/%s", n, dirs[i], name),
			HOST_LIBS_FLAGS, 0);
	}
	return fd;
}

static int host_libs_check_glibc(const struct host_libs *h, struct err *e)
{
	auto_fd fd = host_libs_open_in_image(h, "libc.so.6");
	struct elf_file libc;
	unsigned has;

	if (fd < 0 || !elf_file_open(&libc, fd) || libc.machine != h->machine ||
		libc.wide != h->wide)
		return err_set(e, 0,
			"%s is for glibc, which the image does not have for this processor",
			h->v[0].path);
	has = elf_file_has_glibc(&libc);
	if (h->glibc > has)
		return err_set(e, 0, "%s needs glibc %u.%u, and the image has %u.%u", h->glibc_of,
			h->glibc / 1000, h->glibc % 1000, has / 1000, has % 1000);
	return 0;
}

/* ---- the host's ---- */

/* The first of these folders, with colons between, that has the library.  $ORIGIN is the needing one's own. */
static const char *host_libs_in(
	const struct host_libs *h, const char *folders, const char *origin, const char *name)
{
	const size_t at = (size_t)(strrchr(origin, '/') - origin);

	for (size_t n; folders && *folders; folders += n + (folders[n] == ':')) {
		const char *rest = folders, *path;

		n = strcspn(folders, ":");
		if (strncmp(rest, "$ORIGIN", 7) == 0)
			rest += 7;
		else if (strncmp(rest, "${ORIGIN}", 9) == 0)
			rest += 9;
		path = arena_printf(h->a, "%.*s%.*s/%s", rest == folders ? 0 : (int)at, origin,
			(int)(folders + n - rest), rest, name);
		if (*path == '/' && access(path, R_OK) == 0)
			return path;
	}
	return NULL;
}

/* Where the host's loader would find it: ld.so(8). */
static const char *host_libs_find(
	const struct host_libs *h, const struct elf_file *by, const char *path, const char *name)
{
	char run_path[ELF_FILE_NAME];
	const char *found =
		elf_file_run_path(by, run_path) ? host_libs_in(h, run_path, path, name) : NULL;

	if (!found)
		found = host_libs_in(h, getenv("LD_LIBRARY_PATH"), path, name);
	if (!found)
		found = host_libs_cached(h, &h->host, name);
	return found ? found : host_libs_in(h, "/lib64:/usr/lib64:/lib:/usr/lib", path, name);
}

static int host_libs_put(
	struct host_libs *h, const char *name, const char *path, bool wanted, struct err *e)
{
	for (size_t i = 0; i < h->n; i++)
		if (strcmp(h->v[i].name, name) == 0)
			return 0;
	if (h->n == HOST_LIBS_MAX)
		return err_set(
			e, 0, "%s: more than %d libraries are not supported", path, HOST_LIBS_MAX);
	h->v[h->n++] = (struct host_lib){ name, path, wanted };
	return 0;
}

static int host_libs_need(
	struct host_libs *h, const struct elf_file *f, const char *path, bool wanted, struct err *e)
{
	char name[ELF_FILE_NAME];

	for (unsigned i = 0; elf_file_library(f, i, name); i++) {
		const char *found;

		if (strchr(name, '/') || HOST_LIBS_LISTED(name, host_libs_glibc))
			continue;
		if (HOST_LIBS_LISTED(name, host_libs_compiler)) {
			auto_fd own = host_libs_open_in_image(h, name);

			if (own >= 0)
				continue;
		}
		found = host_libs_find(h, f, path, name);
		if (!found && wanted)
			return err_set(
				e, 0, "%s needs %s, which this host does not have", path, name);
		if (found && host_libs_put(h, arena_strdup(h->a, name), found, wanted, e) < 0)
			return -1;
	}
	return 0;
}

/* Look at a library: what it needs is taken, too.  Of a folder, files that are none are passed over. */
static int host_libs_look(struct host_libs *h, int fd, const char *path, bool wanted, struct err *e)
{
	struct elf_file f;
	unsigned glibc;

	if (fd < 0)
		return err_set(e, errno, "%s", path);
	if (!elf_file_open(&f, fd))
		return wanted ? err_set(e, 0, "%s: is no shared library", path) : 0;
	if (!h->machine) {
		h->machine = f.machine;
		h->wide = f.wide;
	}
	if (f.machine != h->machine || f.wide != h->wide)
		return wanted ? err_set(e, 0, "%s: is for another processor than %s", path,
					h->v[0].path)
			      : 0;
	glibc = elf_file_needs_glibc(&f);
	if (glibc > h->glibc) {
		h->glibc = glibc;
		h->glibc_of = path;
	}
	return host_libs_need(h, &f, path, wanted, e);
}

/* A folder of what libraries load by its path, such as Open MPI's components: it keeps its place. */
static int host_libs_look_in(
	struct host_libs *h, int dir, const char *path, int depth, struct err *e)
{
	auto_names names;
	const char *name;

	if (names_take(&names, dir) < 0)
		return err_set(e, errno, "%s", path);
	while ((name = names_next(&names))) {
		const char *at = arena_printf(h->a, "%s/%s", path, name);
		const bool is_dir = names_is_dir(&names, name);
		auto_fd fd = openat(names.fd, name, HOST_LIBS_FLAGS);
		int r = 0;

		if (is_dir && fd >= 0 && depth < HOST_LIBS_DEPTH)
			r = host_libs_look_in(h, fd_take(&fd), at, depth + 1, e);
		else if (!is_dir && fd >= 0)
			r = host_libs_look(h, fd, at, false, e);
		if (r < 0)
			return -1;
	}
	return 0;
}

/* "FILE[:NAME...]", or a folder. */
static int host_libs_ask(struct host_libs *h, const char *text, struct err *e)
{
	const size_t n = strcspn(text, ":");
	const char *path = arena_strndup(h->a, text, n), *name = strrchr(path, '/');
	auto_fd fd = open(path, HOST_LIBS_FLAGS);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, errno, "%s", path);
	if (S_ISDIR(st.st_mode)) {
		strv_add(h->a, &h->o->volumes, arena_printf(h->a, "%s:%s:ro", path, path));
		return host_libs_look_in(h, fd_take(&fd), path, 0, e);
	}
	for (text += n;; text += strcspn(text, ":")) {
		if (host_libs_put(h, name + 1, path, true, e) < 0)
			return -1;
		if (!*text++)
			return 0;
		name = arena_printf(h->a, "/%.*s", (int)strcspn(text, ":"), text);
	}
}

/* What the image, or -e, says of a variable; "" for nothing. */
static const char *host_libs_variable(
	const struct run_options *o, const struct image_config *c, const char *name)
{
	const char *value = "";
	const size_t n = strlen(name);

	for (char **v = c->env; v && *v; v++)
		if (strncmp(*v, name, n) == 0 && (*v)[n] == '=')
			value = *v + n + 1;
	for (size_t i = 0; i < o->env.n; i++)
		if (strncmp(o->env.v[i], name, n) == 0 &&
			(!o->env.v[i][n] || o->env.v[i][n] == '='))
			value = o->env.v[i] + n + (o->env.v[i][n] == '=');
	return value;
}

static int host_libs_take(struct host_libs *h, struct err *e)
{
	for (size_t i = 0; i < h->o->host_libs.n; i++)
		if (host_libs_ask(h, h->o->host_libs.v[i], e) < 0)
			return -1;
	/* it grows meanwhile */
	for (size_t i = 0; i < h->n; i++) {
		auto_fd fd = open(h->v[i].path, HOST_LIBS_FLAGS);

		if (host_libs_look(h, fd, h->v[i].path, h->v[i].wanted, e) < 0)
			return -1;
	}
	return h->machine ? host_libs_check_glibc(h, e) : 0;
}

int host_libs_add(struct run_options *o, const struct image_config *c, int rootfs, struct arena *a,
	struct err *e)
{
	struct host_libs *h;
	const char *old;
	int r;

	if (!o->host_libs.n)
		return 0;
	h = arena_alloc(a, sizeof(*h));
	*h = (struct host_libs){ .o = o, .a = a, .rootfs = rootfs };
	host_libs_read_cache(&h->host, -1, a);
	host_libs_read_cache(&h->image, rootfs, a);
	r = host_libs_take(h, e);
	free(h->host.v);
	free(h->image.v);
	if (r < 0)
		return err_wrap(e, "--host-library");
	for (size_t i = 0; i < h->n; i++)
		strv_add(a, &o->volumes,
			arena_printf(a, "%s:" HOST_LIBS_DIR "/%s:ro", h->v[i].path, h->v[i].name));
	old = host_libs_variable(o, c, "LD_LIBRARY_PATH");
	if (h->n)
		strv_add(a, &o->env,
			arena_printf(
				a, "LD_LIBRARY_PATH=" HOST_LIBS_DIR "%s%s", *old ? ":" : "", old));
	return 0;
}
