/*
 * commit: the verb `commit`: makes an image of what --writable keeps.
 * Touches the store and standard output.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cli/list.h"
#include "cli/verb.h"
#include "cli/watched.h"
#include "image/change.h"
#include "image/ref.h"
#include "launch/inside.h"
#include "store/save.h"
#include "util/fd.h"

struct commit_options {
	const char *author, *message;
	struct strv change;
	bool pause;
};

#define AT(member) .offset = offsetof(struct commit_options, member)

/* clang-format off */
static const struct opt commit_opts[] = {
	{ 'c', "change", "LINE", "change the config by a line of a Dockerfile; see below", opt_list, AT(change) },
	{ 'a', "author", "TEXT", "who made it", opt_text, AT(author) },
	{ 'm', "message", "TEXT", "what was done", opt_text, AT(message) },
	{ 'p', "pause", NULL, "no effect: no run may be using it", opt_flag, AT(pause) },
	{ 0 },
};
/* clang-format on */

struct commit {
	struct save_request rq;
	int out;
};

static int commit_save(const struct inside *in, void *arg, struct err *e)
{
	struct commit *c = arg;
	struct stored_image merged = *in->image;

	merged.rootfs = in->root;
	c->rq.real = in->real;
	return save_archive(&merged, &c->rq, c->out, e);
}

/* A file without a name, on the disk where the image will be. */
static int commit_spool(const struct store *s, struct err *e)
{
	char name[32];
	int fd;

	(void)snprintf(name, sizeof(name), ".commit-%ld", (long)getpid());
	fd = openat(s->staging, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(e, errno, "write to the store %s", s->path);
	(void)unlinkat(s->staging, name, 0);
	return fd;
}

static int commit_run(struct call *call, struct err *e)
{
	const struct commit_options *o = call->options;
	struct stored_image made = STORED_IMAGE_NONE;
	char date[LIST_DATE_SIZE];
	struct commit c = { .rq = { .author = o->author,
				    .comment = o->message,
				    .change = o->change.v,
				    .created = list_date(date, time(NULL)) } };
	auto_fd out = -1;
	int r = 0;

	if (call->n > 1) {
		c.rq.name = ref_normalise(&call->arena, call->words[1], e);
		r = c.rq.name ? 0 : -1;
	}
	if (r == 0)
		out = r = commit_spool(&call->store, e);
	c.out = out;
	if (r >= 0)
		r = inside_call_writable(
			&call->store, call->globals->store, call->words[0], commit_save, &c, e);
	if (r == 0) {
		call->request.source = call->words[0];
		call->request.fd = fd_take(&out);
		(void)lseek(call->request.fd, 0, SEEK_SET);
		r = watched_import(&call->store, &call->request, &made, e);
	}
	if (r == 0)
		printf("sha256:%s\n", made.record.id);
	stored_image_close(&made);
	return r < 0 ? err_wrap(e, "commit") : 0;
}

const struct verb verb_commit = {
	.name = "commit",
	.synopsis = "[-c LINE] [-m TEXT] [-a TEXT] NAME [IMAGE[:TAG]]",
	.summary = "turn what `run --writable NAME` keeps into an image",
	.opts = commit_opts,
	.size = sizeof(struct commit_options),
	.least = 1,
	.most = 2,
	.wants = "needs the name of a --writable, and may have one for the image",
	.words = VERB_RUNS,
	.store = VERB_STORE_ALL,
	.run = commit_run,
	.details =
		"The new image has one layer: the files as a run with NAME sees them, without its volumes.  It shares no layer with\n"
		"the old image, whose compressed layers the store does not keep.  Its config is that of the image that NAME goes\n"
		"with, changed by " CHANGE_WORDS " in\n"
		"--change, which can be given several times.  NAME and its image stay.  No run may be using NAME.  `sandbox save`\n"
		"writes the new image as an archive for other tools.",
};
