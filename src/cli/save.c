/*
 * save: the verb `save`: an image as an archive.
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

struct save_options {
	const char *output; /* NULL or "-": standard output */
};

static const struct opt save_opts[] = {
	{ 'o', "output", "FILE", "write to FILE instead of standard output", opt_text,
		.offset = offsetof(struct save_options, output) },
	{ 0 },
};

static int save_image(struct call *c, const struct stored_image *i, int out, struct err *e)
{
	as_subids_root();
	return watched_save(i, c->request.choice.name, out, e);
}

/*
 * The file is there whole or not at all.  It has no name while it is written, open(2) O_TMPFILE, so
 * that nothing is left of a process that is killed; where the file system cannot do that, it has
 * one of its own.
 */
static int save_to_file(
	struct call *c, const struct stored_image *i, const char *path, struct err *e)
{
	auto_free char *temporary = xmalloc(strlen(path) + 32), *dir = xstrdup(path);
	char *slash = strrchr(dir, '/'), text[32];
	struct stat st;
	bool named = false;
	int r;

	/* A pipe or a terminal is no place for other files. */
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
		return err_set(e, errno, "%s", path);
	r = save_image(c, i, fd, e);
	if (r < 0 && e->code)
		(void)err_wrap(e, "%s", path);
	(void)snprintf(text, sizeof(text), "/proc/self/fd/%d", fd);
	if (r == 0 && !special && !named &&
		linkat(AT_FDCWD, text, AT_FDCWD, temporary, AT_SYMLINK_FOLLOW) < 0)
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
	const struct save_options *o = c->options;
	const char *output = o->output && strcmp(o->output, "-") != 0 ? o->output : NULL;
	struct stored_image i;
	int r;

	if (!output && isatty(STDOUT_FILENO)) {
		(void)err_set(e, 0, "save: standard output is a terminal");
		return err_hint(e, "name a file with -o");
	}
	r = image_arg_open(c, image_arg_resolve(c, c->words[0], e), &i, e);
	if (r == 0)
		r = output ? save_to_file(c, &i, output, e) : save_image(c, &i, STDOUT_FILENO, e);
	stored_image_close(&i);
	return r;
}

const struct verb verb_save = {
	.name = "save",
	.synopsis = "[-o FILE] IMAGE",
	.summary = "write an image as an OCI archive",
	.opts = save_opts,
	.size = sizeof(struct save_options),
	.least = 1,
	.most = 1,
	.wants = "needs one image",
	.words = VERB_IMAGES,
	.store = VERB_STORE_ALL,
	.run = save_run,
	.details =
		"IMAGE is what `sandbox run` takes, except a plain root file system; a file is unpacked into the store first.\n"
		"skopeo, podman, umoci, Docker and `sandbox run` read the archive.  The store does not keep the blobs that an image\n"
		"was unpacked from: the archive has one uncompressed layer, made from the unpacked tree and the owners and devices\n"
		"that the layers recorded, and therefore another image id.  The config is the image's.  The same image always gives\n"
		"the same bytes.  Extended attributes that could not be set at unpacking (file capabilities) are not in the archive.\n"
		"If IMAGE is a name, the archive has that name.",
};
