/*
 * save_layer: writes the tree of an image as one layer.
 * Reads the image's folder.
 */
#include "store/save_layer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "store/owners.h"
#include "util/fd.h"
#include "util/path.h"
#include "util/seen.h"
#include "util/stream.h"
#include "util/tree.h"
#include "util/xattr.h"

#define XATTRS_MAX 65536 /* XATTR_LIST_MAX and XATTR_SIZE_MAX of linux/limits.h */
#define XATTR_NAME_ROOM 256

struct save_layer {
	struct save_tar *tar;
	struct owners owners; /* of a tree in the store */
	bool real;	      /* the files have their owners */
	const char *prefix;   /* before every path; NULL: none */
	struct seen seen;
	size_t sockets; /* left out */
	char *buf, *names, *value;
};

/* star's key for attributes in pax, which Docker and GNU tar use too. */
static void save_layer_xattrs(struct save_layer *l, int fd, struct save_tar_records *r)
{
	ssize_t n = flistxattr(fd, l->names, XATTRS_MAX);

	for (const char *name = l->names; n > 0 && name < l->names + n; name += strlen(name) + 1) {
		ssize_t size =
			xattr_is_refused(name) ? -1 : fgetxattr(fd, name, l->value, XATTRS_MAX);
		char key[sizeof("SCHILY.xattr.") + XATTR_NAME_ROOM];

		(void)snprintf(key, sizeof(key), "SCHILY.xattr.%s",
			strncmp(name, XATTR_KEPT, strlen(XATTR_KEPT)) == 0
				? name + strlen(XATTR_KEPT)
				: name);
		if (size >= 0)
			save_tar_record(r, key, l->value, (size_t)size);
	}
}

static int save_layer_contents(
	struct save_layer *l, int fd, const struct tree_entry *w, uint64_t size, struct err *e)
{
	uint64_t left = size;

	while (left > 0) {
		size_t want = left < STREAM_CHUNK ? (size_t)left : STREAM_CHUNK;
		ssize_t n = fd_read_full(fd, l->buf, want);

		if (n < 0)
			return err_set(e, errno, "/%s of the image", w->path);
		if ((size_t)n < want)
			return err_set(e, 0, "/%s of the image changes while it is read", w->path);
		if (l->tar->put(l->tar, l->buf, want, e) < 0)
			return -1;
		left -= want;
	}
	return save_tar_pad(l->tar, size, e);
}

/* A file or directory, open in fd: these can have extended attributes. */
static int save_layer_opened(struct save_layer *l, int fd, struct save_tar_entry *n,
	const struct tree_entry *w, bool contents, struct err *e)
{
	struct save_tar_records r = { .text = NULL };
	int status;

	save_layer_xattrs(l, fd, &r);
	n->records = r.text;
	n->n_records = r.n;
	status = save_tar_header(l->tar, n, e);
	free(r.text);
	if (status == 0 && contents)
		status = save_layer_contents(l, fd, w, n->size, e);
	return status;
}

static int save_layer_file(struct save_layer *l, struct save_tar_entry *n, const struct owner *who,
	const struct tree_entry *w, struct err *e)
{
	const char *first = seen_before(&l->seen, &w->st, n->path);

	if (first) {
		n->type = '1';
		n->link = first;
		return save_tar_header(l->tar, n, e);
	}
	if (who->device != '-') {
		n->type = who->device == 'c' ? '3' : '4';
		n->major = who->major;
		n->minor = who->minor;
		return save_tar_header(l->tar, n, e);
	}
	auto_fd fd = openat(w->dir, w->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, errno, "/%s of the image", w->path);
	n->type = '0';
	n->size = (uint64_t)w->st.st_size;
	return save_layer_opened(l, fd, n, w, true, e);
}

static int save_layer_dir(
	struct save_layer *l, struct save_tar_entry *n, const struct tree_entry *w, struct err *e)
{
	char path[2 * PATH_TEXT_MAX + 2];
	auto_fd fd = openat(w->dir, w->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_set(e, errno, "/%s of the image", w->path);
	(void)snprintf(path, sizeof(path), "%s/", *n->path ? n->path : ".");
	n->path = path;
	n->type = '5';
	return save_layer_opened(l, fd, n, w, false, e);
}

static int save_layer_link(
	struct save_layer *l, struct save_tar_entry *n, const struct tree_entry *w, struct err *e)
{
	char text[PATH_TEXT_MAX];
	ssize_t len = readlinkat(w->dir, w->name, text, sizeof(text) - 1);

	if (len < 0)
		return err_set(e, errno, "/%s of the image", w->path);
	text[len] = '\0';
	n->link = text;
	n->type = '2';
	return save_tar_header(l->tar, n, e);
}

/* The record names devices; a file that a run has put in the place of one is none. */
static struct owner save_layer_owner(const struct save_layer *l, const struct tree_entry *w)
{
	struct owner who = owners_of(&l->owners, w->path);

	if (l->real) {
		who.uid = w->st.st_uid;
		who.gid = w->st.st_gid;
	}
	if (w->st.st_size > 0)
		who.device = '-';
	return who;
}

static const char *save_layer_path(
	const struct save_layer *l, const struct tree_entry *w, char path[2 * PATH_TEXT_MAX])
{
	if (!l->prefix)
		return w->path;
	(void)snprintf(path, 2 * PATH_TEXT_MAX, "%s%s%s", l->prefix, *w->path ? "/" : "", w->path);
	return path;
}

static int save_layer_entry(const struct tree_entry *w, void *arg, struct err *e)
{
	struct save_layer *l = arg;
	const struct owner who = save_layer_owner(l, w);
	char path[2 * PATH_TEXT_MAX];
	struct save_tar_entry n = {
		.path = save_layer_path(l, w, path),
		.mode = w->st.st_mode & 07777,
		.uid = who.uid,
		.gid = who.gid,
		.mtime = w->st.st_mtim,
	};

	switch (w->st.st_mode & S_IFMT) {
	case S_IFREG:
		return save_layer_file(l, &n, &who, w, e);
	case S_IFDIR:
		return save_layer_dir(l, &n, w, e);
	case S_IFLNK:
		return save_layer_link(l, &n, w, e);
	case S_IFIFO:
		n.type = '6';
		return save_tar_header(l->tar, &n, e);
	case S_IFCHR:
	case S_IFBLK:
		n.type = S_ISCHR(w->st.st_mode) ? '3' : '4';
		n.major = major(w->st.st_rdev);
		n.minor = minor(w->st.st_rdev);
		return save_tar_header(l->tar, &n, e);
	default:
		l->sockets++;
		return 0;
	}
}

static void save_layer_init(struct save_layer *l, struct save_tar *t, bool real)
{
	*l = (struct save_layer){ .tar = t, .owners = OWNERS_NONE, .real = real };
	l->buf = xmalloc(STREAM_CHUNK);
	l->names = xmalloc(XATTRS_MAX);
	l->value = xmalloc(XATTRS_MAX);
}

static int save_layer_end(struct save_layer *l, int r, struct err *e)
{
	if (r == 0)
		r = save_tar_end(l->tar, e);
	owners_done(&l->owners);
	seen_done(&l->seen);
	free(l->buf);
	free(l->names);
	free(l->value);
	return r;
}

int save_layer_write(const struct stored_image *i, bool real, struct save_tar *t, struct err *e)
{
	struct save_layer l;
	int r;

	save_layer_init(&l, t, real);
	r = owners_read(&l.owners, i->dir, e);
	if (r == 0)
		r = tree_walk(i->rootfs, save_layer_entry, &l, e);
	return save_layer_end(&l, r, e);
}

int save_layer_part(int dir, const char *name, const char *as, struct save_tar *t,
	size_t *ret_sockets, struct err *e)
{
	auto_fd below = -1;
	struct tree_entry w = { .path = "", .dir = dir, .name = name };
	struct save_layer l;
	int r;

	save_layer_init(&l, t, true);
	l.prefix = as;
	if (fstatat(dir, name, &w.st, AT_SYMLINK_NOFOLLOW) < 0) {
		r = err_set(e, errno, "%s", as);
	} else if (S_ISDIR(w.st.st_mode)) {
		below = path_open_beneath(dir, name, O_RDONLY | O_DIRECTORY, 0);
		r = below < 0 ? err_set(e, errno, "%s", as)
			      : tree_walk(below, save_layer_entry, &l, e);
	} else {
		r = save_layer_entry(&w, &l, e);
	}
	*ret_sockets = l.sockets;
	return save_layer_end(&l, r, e);
}
