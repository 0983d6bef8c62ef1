/*
 * hooks: what NVIDIA's hooks for CDI do: links, the loader's cache, modes.
 * Makes names in the new root, above the image.
 */
#include "root/hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plan/hook.h"
#include "root/loader.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/names.h"
#include "util/path.h"

#define HOOKS_COMPAT "/usr/local/cuda/compat" /* libraries of a newer driver, in NVIDIA's images */

struct hooks {
	int rootfd;
	const struct plan_hook *hook; /* the one that is at work */
	struct loader loader;
	bool cache; /* it is to be written */
};

static int hooks_fail(int code, const char *what, const char *of, struct err *e)
{
	return err_set(e, code, "%s %s", what, of);
}

/* A link that is there already stays, as does its time. */
static int hooks_link(struct hooks *h, const char *text, struct err *e)
{
	const char *sign = strstr(text, "::"), *name;
	char target[PATH_TEXT_MAX], path[PATH_TEXT_MAX];
	auto_fd dir = -1;

	if (!sign || sign == text || (size_t)(sign - text) >= sizeof(target) ||
		path_clean_in_root(sign + 2, path, sizeof(path)) < 0 || !path[0])
		return err_set(e, 0, "--link %s: is not of the form TARGET::LINK", text);
	memcpy(target, text, (size_t)(sign - text));
	target[sign - text] = '\0';
	path[path_split(path, &name)] = '\0';
	dir = loader_open_dir(h->rootfd, name == path ? "" : path, true, e);
	if (dir < 0)
		return err_wrap(e, "--link %s", text);
	return loader_link(dir, name, target, e) < 0 ? err_wrap(e, "--link %s", text) : 0;
}

/* What is mounted has the rights of the host's file, and what is missing needs none. */
static int hooks_chmod(const struct hooks *h, const char *mode, const char *path, struct err *e)
{
	auto_fd fd = path_open_in_root(h->rootfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	const size_t n = strspn(mode, "01234567");

	if (!n || mode[n] || n > 5)
		return err_set(e, 0, "--mode %s: is not an octal mode", mode);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return hooks_fail(errno, "--path", path, e);
	if (!loader_is_of_root(h->rootfd, fd)) {
		log_verbose("hook chmod: %s is mounted: it stays as it is", path);
		return 0;
	}
	return fchmod(fd, (mode_t)strtoul(mode, NULL, 8)) < 0 ? hooks_fail(errno, "--path", path, e)
							      : 0;
}

static int hooks_chmod_all(struct hooks *h, struct err *e)
{
	const char *mode = "";
	struct hook_option o;

	for (size_t at = 0; hook_next(h->hook, &at, &o);)
		if (hook_is(&o, "mode"))
			mode = o.value;
	for (size_t at = 0; hook_next(h->hook, &at, &o);)
		if (hook_is(&o, "path") && hooks_chmod(h, mode, o.value, e) < 0)
			return -1;
	return 0;
}

/* libcuda.so.555.42.06 in the image's folder: 555; 0: there is none. */
static unsigned hooks_compat_version(int rootfd)
{
	auto_fd dir = path_open_in_root(rootfd, HOOKS_COMPAT, O_RDONLY | O_DIRECTORY, 0);
	unsigned most = 0, major;
	const char *name;
	auto_names d;
	char dot;

	if (names_open(&d, dir) < 0)
		return 0;
	while ((name = names_next(&d)))
		if (sscanf(name, "libcuda.so.%9u%c", &major, &dot) == 2 && dot == '.' &&
			major > most)
			most = major;
	return most;
}

static void hooks_compat(struct hooks *h)
{
	struct hook_option o;
	unsigned host = 0;

	for (size_t at = 0; hook_next(h->hook, &at, &o);)
		if (hook_is(&o, "host-driver-version"))
			host = (unsigned)strtoul(o.value, NULL, 10);
	if (host && hooks_compat_version(h->rootfd) > host)
		h->loader.first = HOOKS_COMPAT;
}

static int hooks_one(struct hooks *h, struct err *e)
{
	const int kind = hook_kind(h->hook, e);
	struct hook_option o;

	if (kind < 0)
		return -1;
	if (kind == HOOK_CHMOD)
		return hooks_chmod_all(h, e);
	if (kind == HOOK_COMPAT)
		hooks_compat(h);
	h->cache = h->cache || kind == HOOK_CACHE;
	for (size_t at = 0; hook_next(h->hook, &at, &o);) {
		if (kind == HOOK_LINKS && hook_is(&o, "link") && hooks_link(h, o.value, e) < 0)
			return -1;
		if (kind == HOOK_CACHE && hook_is(&o, "folder"))
			strv_add_copy(&h->loader.arena, &h->loader.folders, o.value);
	}
	return 0;
}

int hooks_run(const struct plan *p, int rootfd, struct err *e)
{
	const struct plan_hooks *l = &p->create_container;
	struct hooks h = { .rootfd = rootfd, .loader = { .rootfd = rootfd } };
	int status = 0;

	for (size_t i = 0; status == 0 && i < l->n; i++) {
		h.hook = &l->v[i];
		status = hooks_one(&h, e);
		if (status < 0)
			(void)err_wrap(e, "hook %s", h.hook->path);
	}
	if (status == 0 && h.cache && loader_write(&h.loader, e) < 0)
		status = err_wrap(e, "hook update-ldcache");
	loader_done(&h.loader);
	return status;
}

/* The nearest directory of a path that the image has. */
static int hooks_find_parent(struct mount_parents *s, int image, const char *text, struct err *e)
{
	char path[PATH_TEXT_MAX];
	const char *name;

	if (path_clean_in_root(text, path, sizeof(path)) < 0)
		return 0;
	while (path[0] && !path_is_there(image, path))
		path[path_split(path, &name)] = '\0';
	return path[0] ? mount_parents_add(s, image, path, e) : 0;
}

int hooks_find_parents(struct mount_parents *s, const struct plan *p, int image, struct err *e)
{
	static const char *const own[] = { "etc", "etc/ld.so.conf.d" };

	for (size_t i = 0; i < p->create_container.n; i++) {
		struct hook_option o;

		for (size_t k = 0; k < sizeof(own) / sizeof(*own); k++)
			if (hooks_find_parent(s, image, own[k], e) < 0)
				return -1;
		for (size_t at = 0; hook_next(&p->create_container.v[i], &at, &o);) {
			const char *link = hook_is(&o, "link") ? strstr(o.value, "::") : NULL;
			char dir[PATH_TEXT_MAX] = "";
			const char *name;

			if (link && path_clean_in_root(link + 2, dir, sizeof(dir)) == 0)
				dir[path_split(dir, &name)] = '\0';
			if (link || hook_is(&o, "folder"))
				if (hooks_find_parent(s, image, link ? dir : o.value, e) < 0)
					return -1;
		}
	}
	return 0;
}
