/*
 * cp: the verb `cp`: copies files in and out of a run, of what --writable keeps, and out of an image.
 * Reads the store; touches the files that it copies, and the standard streams for a tar.
 *
 * Both ends are directory descriptors, and names in them.  The host's is opened first: the other one
 * is resolved inside the root, in the namespaces of inside.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/verb.h"
#include "launch/inside.h"
#include "store/folder.h"
#include "store/owners.h"
#include "store/save_layer.h"
#include "util/copy_tree.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/path.h"

#define CP_LINKS_MAX 40 /* as the kernel's limit */
#define CP_HOST (-1)	/* in the place of a root */

struct cp_options {
	bool archive, follow;
};

static const struct opt cp_opts[] = {
	{ 'a', "archive", NULL, "keep owners", opt_flag,
		.offset = offsetof(struct cp_options, archive) },
	{ 'L', "follow-link", NULL, "if SRC is a link, copy what it leads to", opt_flag,
		.offset = offsetof(struct cp_options, follow) },
	{ 0 },
};

/* One end. */
struct cp_end {
	const char *word; /* NAME:PATH, PATH or "-" */
	char *name;	  /* NULL: on the host */
	const char *path;
	bool slash;    /* the path says that it is a directory */
	bool contents; /* ... and means what is in it */
	int dir;       /* holds base, or is itself the destination if into is set */
	bool into;
	char base[PATH_NAME_MAX + 1];	/* "." if dir is the directory itself */
	char called[PATH_NAME_MAX + 1]; /* the last component as it was given */
};

struct cp {
	struct cp_end from, to;
	const struct cp_options *options;
	const char *store; /* --store */
	struct store *s;
	struct owners recorded; /* of a tar */
	bool tar;
	bool guard; /* as the caller, whose own folders may be protected from writing */
	struct arena *arena;
};

static void cp_note(const struct cp *c, size_t n, const char *what)
{
	if (n)
		log_note("cp: %s: %s: %zu", c->from.word, what, n);
}

static int cp_open(int root, const char *path, int flags)
{
	return root == CP_HOST ? open(path, flags | O_CLOEXEC)
			       : path_open_in_root(root, path, flags, 0);
}

/* A word is a path of the host if a slash or a dot begins it, or if it has no colon. */
static void cp_parse(struct cp_end *p, char *word, struct arena *a)
{
	const char *colon = strstr(word, ":/");

	*p = (struct cp_end){ .word = word, .path = word, .dir = -1 };
	if (!colon)
		colon = strchr(word, ':');
	if (colon && colon > word && *word != '/' && *word != '.') {
		p->name = arena_strndup(a, word, (size_t)(colon - word));
		p->path = colon[1] ? colon + 1 : "/";
	}
}

static int cp_failed(const struct cp_end *p, struct err *e)
{
	return err_set(e, errno, "cp: %s", p->word);
}

/* Cut what stands for "a directory" and for "its contents" off the end of path. */
static void cp_trim(struct cp_end *p, char *path)
{
	for (size_t n = strlen(path); n > 1; n = strlen(path)) {
		if (path[n - 1] == '/')
			path[n - 1] = '\0';
		else if (path[n - 1] == '.' && path[n - 2] == '/' && (p->contents = true))
			path[n - (n > 2 ? 2 : 1)] = '\0';
		else
			break;
		p->slash = true;
	}
}

/* Open the directory of path, and find its last component.  False with errno. */
static bool cp_split(struct cp_end *p, int root, char *path)
{
	char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	const bool self = !*base || strcmp(base, ".") == 0 || strcmp(base, "..") == 0;

	fd_closep(&p->dir);
	if (strlen(base) > PATH_NAME_MAX)
		return err_errno(ENAMETOOLONG) == 0;
	p->contents = p->contents || self;
	memcpy(p->base, self ? "." : base, self ? 2 : strlen(base) + 1);
	if (self) {
		p->dir = cp_open(root, path, O_PATH | O_DIRECTORY);
	} else if (slash) {
		*slash = '\0';
		p->dir = cp_open(root, slash == path ? "/" : path, O_PATH | O_DIRECTORY);
		*slash = '/';
	} else {
		p->dir = cp_open(root, ".", O_PATH | O_DIRECTORY);
	}
	return p->dir >= 0;
}

/* Find the entry: a link at the end of the path is followed inside the root, as those before it. */
static int cp_locate(struct cp_end *p, int root, bool follow, struct err *e)
{
	char path[2 * PATH_TEXT_MAX], link[PATH_TEXT_MAX];

	if (snprintf(path, PATH_TEXT_MAX, "%s", p->path) >= PATH_TEXT_MAX)
		return err_set(e, ENAMETOOLONG, "cp: %s", p->word);
	cp_trim(p, path);
	for (int i = 0; i < CP_LINKS_MAX; i++) {
		ssize_t n;
		size_t len;

		if (!cp_split(p, root, path))
			return cp_failed(p, e);
		if (i == 0)
			memcpy(p->called, p->base, sizeof(p->called));
		n = follow || p->slash ? readlinkat(p->dir, p->base, link, sizeof(link) - 1) : -1;
		if (n < 0)
			return 0;
		link[n] = '\0';
		len = link[0] == '/' || !strrchr(path, '/')
			      ? 0
			      : (size_t)(strrchr(path, '/') - path) + 1;
		if (len + (size_t)n >= PATH_TEXT_MAX)
			return err_set(e, ENAMETOOLONG, "cp: %s", p->word);
		memcpy(path + len, link, (size_t)n + 1);
	}
	return err_set(e, ELOOP, "cp: %s", p->word);
}

/* Find the destination: a directory to copy into, or a name that may be free. */
static int cp_locate_to(struct cp_end *p, int root, struct err *e)
{
	p->dir = cp_open(root, p->path, O_PATH | O_DIRECTORY);
	p->into = p->dir >= 0;
	return p->into ? 0 : cp_locate(p, root, true, e);
}

/* The word as a message puts a path behind it. */
static const char *cp_called(const struct cp *c, const struct cp_end *p)
{
	char *word = arena_strdup(c->arena, p->word);
	size_t n = strlen(word);

	while (n > 0 && (word[n - 1] == '/' || (n > 1 && strcmp(word + n - 2, "/.") == 0)))
		word[--n] = '\0';
	return word;
}

/* What is not known to be a directory must not be one in name. */
static int cp_check_file(const struct cp *c, mode_t mode, struct err *e)
{
	if (S_ISCHR(mode) || S_ISBLK(mode)) {
		(void)err_set(e, 0, "cp: %s: is a device", c->from.word);
		return err_hint(e, c->from.name ? "`sandbox cp NAME:DEVICE -` puts it into a tar"
						: "`sandbox run --device` adds one of the host");
	}
	if (c->from.slash)
		return err_set(e, ENOTDIR, "cp: %s", c->from.word);
	return !c->to.into && c->to.slash ? err_set(e, 0, "cp: %s: no such directory", c->to.word)
					  : 0;
}

static int cp_copy(struct cp *c, const struct copy_owners *who, struct err *e)
{
	const struct cp_end *from = &c->from, *to = &c->to;
	struct copy_task t = { .from = cp_called(c, from),
		.to = cp_called(c, to),
		.owners = who,
		.guard = c->guard && !to->name };
	auto_fd in = -1;
	struct stat st;
	int r;

	if (fstatat(from->dir, from->base, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return cp_failed(from, e);
	if (!S_ISDIR(st.st_mode) && cp_check_file(c, st.st_mode, e) < 0)
		return -1;
	if (to->into && from->contents && S_ISDIR(st.st_mode)) {
		in = path_open_beneath(from->dir, from->base, O_RDONLY | O_DIRECTORY, 0);
		r = in < 0 ? cp_failed(from, e) : copy_tree_over(in, to->dir, &t, e);
	} else {
		if (to->into)
			t.to = arena_printf(c->arena, "%s/%s", t.to, from->called);
		r = copy_tree_one(
			from->dir, from->base, to->dir, to->into ? from->called : to->base, &t, e);
	}
	cp_note(c, t.devices, "devices that became empty files");
	return r;
}

static void cp_owner(void *arg, const char *path, uid_t *ret_uid, gid_t *ret_gid)
{
	const struct cp *c = arg;

	if (c->tar) {
		const struct owner who = owners_of(&c->recorded, path);

		*ret_uid = who.uid;
		*ret_gid = who.gid;
	} else {
		/* Inside root's, outside the caller's. */
		*ret_uid = c->to.name ? 0 : geteuid();
		*ret_gid = c->to.name ? 0 : getegid();
	}
}

static int cp_inside(const struct inside *in, void *arg, struct err *e)
{
	struct cp *c = arg;
	const struct copy_owners who = { .of = cp_owner, .arg = c, .loose = true };
	int r;

	if (c->to.name && in->kind == INSIDE_IMAGE) {
		(void)err_set(e, 0, "cp: %s: an image is never written to", c->to.name);
		return err_hint(e, "copy into a run, or into what `run --writable NAME` keeps");
	}
	r = c->to.name ? cp_locate_to(&c->to, in->root, e)
		       : cp_locate(&c->from, in->root, c->options->follow, e);
	if (r == 0 && c->tar && !c->to.into)
		r = err_set(e, 0, "cp: %s: no such directory", c->to.word);
	return r < 0 ? -1 : cp_copy(c, c->options->archive ? NULL : &who, e);
}

static int cp_put(struct save_tar *t, const void *buf, size_t len, struct err *e)
{
	(void)t;
	return fd_write_full(STDOUT_FILENO, buf, len) < 0
		       ? err_set(e, errno, "write to standard output")
		       : 0;
}

static int cp_inside_tar(const struct inside *in, void *arg, struct err *e)
{
	struct cp *c = arg;
	struct cp_end *p = &c->from;
	struct save_tar out = { .put = cp_put };
	size_t sockets = 0;
	struct stat st;

	if (cp_locate(p, in->root, c->options->follow, e) < 0)
		return -1;
	if (fstatat(p->dir, p->base, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return cp_failed(p, e);
	if (S_ISSOCK(st.st_mode))
		return err_set(e, 0, "cp: %s: a tar cannot hold a socket", p->word);
	if (save_layer_part(p->dir, p->base, p->contents ? "." : p->called, &out, &sockets, e) < 0)
		return err_wrap(e, "cp: %s", p->word);
	cp_note(c, sockets, "sockets left out, which a tar cannot hold");
	return 0;
}

static int cp_out(struct cp *c, struct err *e)
{
	if (strcmp(c->to.word, "-") != 0) {
		if (cp_locate_to(&c->to, CP_HOST, e) < 0)
			return -1;
		return inside_call(c->s, c->store, c->from.name, cp_inside, c, e);
	}
	if (isatty(STDOUT_FILENO))
		return err_set(e, 0, "cp: standard output is a terminal");
	return inside_call(c->s, c->store, c->from.name, cp_inside_tar, c, e);
}

/* dir has what the tar unpacked to. */
static int cp_from_tar(int dir, void *arg, struct err *e)
{
	struct cp *c = arg;
	int r = owners_read(&c->recorded, dir, e);
	const size_t devices = owners_devices(&c->recorded);

	c->tar = c->from.contents = true;
	(void)strcpy(c->from.base, ".");
	c->from.dir = path_open_beneath(dir, "rootfs", O_RDONLY | O_DIRECTORY, 0);
	if (r == 0)
		r = inside_call(c->s, c->store, c->to.name, cp_inside, c, e);
	cp_note(c, devices, "devices that became empty files");
	owners_done(&c->recorded);
	return r;
}

static int cp_in(struct cp *c, struct call *call, struct err *e)
{
	struct import_request *rq = &call->request;

	if (strcmp(c->from.word, "-") != 0)
		return cp_locate(&c->from, CP_HOST, c->options->follow, e) < 0
			       ? -1
			       : inside_call(c->s, c->store, c->to.name, cp_inside, c, e);
	rq->source = "-";
	rq->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	return folder_of_tar(rq, c->s->staging, cp_from_tar, c, e);
}

static int cp_run(struct call *call, struct err *e)
{
	struct cp c = { .options = call->options,
		.store = call->globals->store,
		.s = &call->store,
		.recorded = OWNERS_NONE,
		.guard = geteuid() != 0,
		.arena = &call->arena };
	int r = -1;

	(void)umask(0); /* for fifos and sockets; all else gets its mode at the end */
	cp_parse(&c.from, call->words[0], &call->arena);
	cp_parse(&c.to, call->words[1], &call->arena);
	if (!c.from.name == !c.to.name) {
		(void)err_set(e, 0, "cp: %s of the two must be NAME:PATH",
			c.from.name ? "only one" : "one");
		(void)err_hint(e, "a path of the host that has a colon begins with ./ or /");
	} else {
		r = c.from.name ? cp_out(&c, e) : cp_in(&c, call, e);
	}
	fd_closep(&c.from.dir);
	fd_closep(&c.to.dir);
	return r;
}

const struct verb verb_cp = {
	.name = "cp",
	.synopsis = "[-a] [-L] NAME:SRC DST|- ; sandbox cp [-a] [-L] SRC|- NAME:DST",
	.summary = "copy files into or out of a sandbox",
	.opts = cp_opts,
	.size = sizeof(struct cp_options),
	.least = 2,
	.most = 2,
	.wants = "needs a source and a destination",
	.words = VERB_RUNS,
	.store = VERB_STORE_ALL,
	.run = cp_run,
	.details =
		"NAME is a run, else what `run --writable NAME` keeps while no run uses it, else an image, which is only read.\n"
		"As in Docker, a DST that is a directory gets a copy of SRC in it; SRC/. means the contents of SRC.  Links inside\n"
		"lead nowhere else.  Copies belong to root inside and to you outside, and are not setuid; -a keeps both as far as\n"
		"the ids exist.  `-` is a tar: on standard output with SRC in it, or on standard input to unpack in DST.\n"
		"A file in the way is replaced; a folder of the host that you have protected from writing is not written to.  In a\n"
		"copied folder an empty file stands for a device, and a note says so; a tar has devices, but no sockets.",
};
