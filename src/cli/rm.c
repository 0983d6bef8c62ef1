/*
 * rm: the verb `rm`: removes images, and what runs have written, from the store.
 * Touches the store.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "cli/verb.h"
#include "launch/subids.h"
#include "runs/runs.h"
#include "store/remove.h"
#include "store/writable.h"
#include "util/log.h"
#include "util/proc.h"

struct rm_options {
	struct strv writables;
	bool force;
};

#define AT(member) .offset = offsetof(struct rm_options, member)

/* clang-format off */
static const struct opt rm_opts[] = {
	{ 0, "writable", "NAME", "remove what runs with `--writable NAME` have written", opt_list, AT(writables) },
	{ 'f', "force", NULL, "the names are those of runs: kill them, and forget their status and log", opt_flag, AT(force) },
	{ 'v', "volumes", NULL, "no effect: volumes are folders of yours", opt_ignored, .offset = 0 },
	{ 0 },
};
/* clang-format on */

/* As `docker rm -f`, which scripts call before `run --name`: a run that there is not is no failure. */
static int rm_one_run(struct call *c, const char *name, struct err *e)
{
	struct live_run r = LIVE_RUN_NONE;
	struct proc init = PROC_NONE, runner = PROC_NONE;
	struct err ignored;
	int status = runs_find(&c->store.runs, name, &r, e);

	if (status < 0 && e->code == ENOENT) {
		log_note("rm: %s: no such run", name);
		return 0;
	}
	if (status == 0 && r.alive) {
		status = live_run_open_init(&r, &init, e);
		/* with process 1 all ends; a shell may have stopped the runner */
		if (status == 0 && proc_signal(&init, SIGKILL) == 0 &&
			proc_open(&runner, (pid_t)live_run_number(&r, "runner"), 0) == 0)
			(void)proc_signal(&runner, SIGCONT);
	}
	if (status == 0) {
		(void)live_run_wait(&r, &ignored);
		live_run_forget(&r, true);
		puts(name);
	}
	proc_done(&runner);
	proc_done(&init);
	live_run_done(&r);
	return status;
}

static int rm_runs(struct call *c, struct err *e)
{
	int r = 0;

	for (char **name = c->words; *name; name++) {
		struct err one = { 0 };

		if (rm_one_run(c, *name, &one) < 0)
			r = verb_fail(r, e, &one);
	}
	return r;
}

static int rm_run(struct call *c, struct err *e)
{
	const struct rm_options *o = c->options;
	const struct strv *writables = &o->writables;

	if (!c->n && !writables->n)
		return err_set(e, 0, "rm: no name given");
	if (c->n && writables->n) {
		(void)err_set(
			e, 0, "rm: %s: is it an image, or a name of --writable?", c->words[0]);
		return err_hint(
			e, "write --writable before each name; remove images by another command");
	}
	if (writables->n)
		return writable_remove(&c->store, writables->v, subids_strip_upper, e);
	if (o->force)
		return rm_runs(c, e);
	c->store.strip = subids_strip_image;
	if (remove_named(&c->store, c->words, e) == 0)
		return 0;
	return e->code == ENOENT && !e->hint[0] ? err_hint(e, "`rm -f` removes a run") : -1;
}

const struct verb verb_rm = {
	.name = "rm",
	.synopsis = "IMAGE... | --writable NAME... | -f RUN...",
	.summary = "remove images, what --writable keeps, or runs",
	.opts = rm_opts,
	.size = sizeof(struct rm_options),
	.most = VERB_ANY,
	.words = VERB_IMAGES,
	.store = VERB_STORE_OWN,
	.run = rm_run,
	.details =
		"IMAGE is a name or the first digits of an id.  If an image has several names, only the given name is removed;\n"
		"with the last name, or by id, the image is removed.  `rm` does not remove an image that is in use.\n"
		"With -f, as `docker rm -f`, the names are those of runs, and one that there is not is no failure.\n"
		"What runs have written with --writable outlives the image.  --writable can be given several times.",
};
