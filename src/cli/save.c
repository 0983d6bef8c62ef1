/*
 * save: the verb `save`: writes an image as an archive.
 * Reads the store; writes the archive.
 */
#include "store/save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/image_arg.h"
#include "cli/watched.h"
#include "kernel/as_subids.h"
#include "util/fd.h"
#include "util/path.h"

/* It fills a string; NULL or "-": standard output. */
static const struct opt save_opts[] = {
	{ 'o', "output", "FILE", "write to FILE instead of standard output", opt_text,
		.offset = 0 },
	{ 0 },
};

static int save_image(
	struct call *c, const struct stored_image *i, int out, const char *called, struct err *e)
{
	int r;

	as_subids_root();
	r = watched_save(i, c->request.choice.name, out, e);
	return r < 0 && e->code ? err_wrap(e, "%s", called) : r;
}

/*
 * Make the whole file or none.  It has no name while it is written, open(2) O_TMPFILE, so a process
 * that is killed leaves nothing behind.  If the file system lacks that, it has a temporary name.
 */
static int save_to_file(
	struct call *c, const struct stored_image *i, const char *path, struct err *e)
{
	/* What a link leads to is replaced, not the link. */
	auto_free char *real = realpath(path, NULL), *dir = xstrdup(real ? real : path);
	auto_free char *temporary = xmalloc(strlen(dir) + 32);
	char *slash = strrchr(dir, '/'), text[32];
	struct stat st;
	bool named = false;
	int r;

	/* To replace a file needs no permission on it: ask as if it were written to. */
	if (!*path || (real && access(real, W_OK) < 0))
		return err_set(e, errno, "save: --output %s", path);
	path = real ? real : path;
	/* A pipe or a terminal is written to directly. */
	bool special = stat(path, &st) == 0 && !S_ISREG(st.st_mode);
	(void)sprintf(temporary, "%s.sandbox-%ld", path, (long)getpid());
	if (slash)
		slash[slash == dir] = '\0';
	auto_fd fd = special ? open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)
			     : open(slash ? dir : ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
	if (fd < 0 && !special && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
		named = true;
		fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	}
	if (fd < 0)
		return err_set(e, errno, "save: --output %s", path);
	r = save_image(c, i, fd, path, e);
	if (r == 0 && !special && !named &&
		linkat(AT_FDCWD, path_of_fd(text, sizeof(text), fd), AT_FDCWD, temporary,
			AT_SYMLINK_FOLLOW) < 0)
		r = err_set(e, errno, "%s", temporary);
	else if (!special)
		named = true;
	if (r == 0 && !special && rename(temporary, path) < 0)
		r = err_set(e, errno, "%s", path);
	if (r < 0 && named)
		(void)unlink(temporary);
	return r;
}

static int save_run(struct call *c, struct err *e)
{
	const char *output = *(const char **)c->options;
	struct stored_image i;
	int r;

	if (output && strcmp(output, "-") == 0)
		output = NULL;
	if (!output && isatty(STDOUT_FILENO)) {
		(void)err_set(e, 0, "save: standard output is a terminal");
		return err_hint(e, "name a file with -o");
	}
	r = image_arg_open(c, image_arg_resolve(c, c->words[0], e), &i, e);
	if (r == 0)
		r = output ? save_to_file(c, &i, output, e)
			   : save_image(c, &i, STDOUT_FILENO, "standard output", e);
	stored_image_close(&i);
	return r;
}

const struct verb verb_save = {
	.name = "save",
	.synopsis = "[-o FILE] IMAGE",
	.summary = "write an image as an OCI archive",
	.opts = save_opts,
	.size = sizeof(const char *),
	.least = 1,
	.most = 1,
	.wants = "needs one image",
	.words = VERB_IMAGES,
	.store = VERB_STORE_ALL,
	.run = save_run,
	.details =
		"IMAGE is what `sandbox run` takes, except a plain root file system; a file is first unpacked into the store.\n"
		"skopeo, podman, umoci, Docker and `sandbox run` read the archive.  The store does not keep the blobs of an image.\n"
		"So the archive has one uncompressed layer, made from the unpacked tree and the recorded owners and devices, and\n"
		"another image id.  The config is the image's.  The same image always gives\n"
		"the same bytes.  Extended attributes that could not be unpacked (file capabilities) are not in the archive.\n"
		"If IMAGE is a name, the archive has that name.  FILE is replaced at the end, whatever its mode, as `docker save` does.",
};
