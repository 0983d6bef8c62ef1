/*
 * watched: long work on images: shows progress on a terminal, and ends cleanly on a signal.
 * Touches standard error and, while it works, the dispositions of INT, TERM and HUP.
 */
#include "cli/watched.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "kernel/as_subids.h"
#include "store/folder.h"
#include "store/import.h"
#include "store/load.h"
#include "store/save.h"
#include "util/log.h"
#include "util/proc.h"
#include "util/size.h"

#define WATCHED_FIRST_MS 500 /* shorter work shows no progress */
#define WATCHED_EVERY_MS 100

static const int watched_signals[] = { SIGINT, SIGTERM, SIGHUP };
#define WATCHED_SIGNALS (sizeof(watched_signals) / sizeof(*watched_signals))

/* The signal that asked for the end.  Only the handler writes it (docs/style.md). */
static volatile sig_atomic_t watched_caught;

static void watched_signal(int sig)
{
	watched_caught = sig;
}

struct watched {
	bool shows;	       /* progress */
	int64_t started, last; /* milliseconds */
	unsigned calls;
	struct sigaction old[WATCHED_SIGNALS];
	struct unpack_stats stats; /* of the whole import, set at its end */
};

static void watched_show(void *arg, const struct unpack_stats *stats)
{
	struct watched *w = arg;
	char size[32];
	int64_t now;

	/* This is called for every entry, so it seldom reads the clock. */
	if (!w->shows || (++w->calls & 63) != 0)
		return;
	now = proc_clock();
	if (now - w->started < WATCHED_FIRST_MS || now - w->last < WATCHED_EVERY_MS)
		return;
	w->last = now;
	fprintf(stderr, "\rsandbox: unpacking: %llu entries, %s ",
		(unsigned long long)stats->entries, size_text(size, sizeof(size), stats->bytes));
}

static void watched_note(const struct unpack_stats *st)
{
	char size[32];

	if (st->entries == 0)
		return;
	log_verbose("unpacked %llu entries, %s", (unsigned long long)st->entries,
		size_text(size, sizeof(size), st->bytes));
	if (st->devices)
		log_verbose(
			"%llu device nodes became empty files", (unsigned long long)st->devices);
	if (st->xattrs)
		log_verbose(
			"%llu extended attributes (file capabilities, labels, ACLs) could not be kept",
			(unsigned long long)st->xattrs);
	if (st->owners)
		log_verbose(
			"%llu entries do not belong to root: their owners are recorded, not set",
			(unsigned long long)st->owners);
}

/* rq is NULL if the work is not an import. */
static void watched_begin(struct watched *w, struct import_request *rq)
{
	const struct sigaction sa = { .sa_handler = watched_signal };

	*w = (struct watched){
		.shows = rq && log_get_level() != LOG_QUIET && isatty(STDERR_FILENO),
		.started = rq ? proc_clock() : 0,
	};
	watched_caught = 0;
	for (size_t i = 0; i < WATCHED_SIGNALS; i++) {
		(void)sigaction(watched_signals[i], NULL, &w->old[i]);
		if (w->old[i].sa_handler != SIG_IGN)
			(void)sigaction(watched_signals[i], &sa, NULL);
	}
	if (!rq)
		return;
	rq->stop = &watched_caught;
	rq->progress = watched_show;
	rq->progress_arg = w;
}

void watched_clear(void)
{
	if (log_get_level() != LOG_QUIET && isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
}

/* The work has cleaned up.  If a signal ended it, end this process by that signal, for its
 * parent to see.  Returns r, the result of the work. */
static int watched_end(struct watched *w, int r)
{
	/* A worker may have shown it (store/worker.h). */
	if (w->shows && proc_clock() - w->started >= WATCHED_FIRST_MS)
		watched_clear();
	for (size_t i = 0; i < WATCHED_SIGNALS; i++)
		(void)sigaction(watched_signals[i], &w->old[i], NULL);
	if (watched_caught) {
		(void)signal(watched_caught, SIG_DFL);
		(void)raise(watched_caught);
	}
	watched_note(&w->stats);
	return r;
}

/* The same for work that writes to the store. */
static int watched_end_in_store(struct watched *w, int staging, int r, struct err *e)
{
	(void)watched_end(w, r);
	if (r == 0 || e->hint[0])
		return r;
	if (e->code == ENOSPC || e->code == EDQUOT)
		(void)err_hint(
			e, "free some space (`sandbox gc`), or choose another place with --store");
	else if (e->code && faccessat(staging, ".", W_OK, 0) < 0)
		(void)err_hint(e, "choose another place with --store");
	return r;
}

int watched_import(
	struct store *s, struct import_request *rq, struct stored_image *ret, struct err *e)
{
	struct watched w;

	watched_begin(&w, rq);
	return watched_end_in_store(&w, s->staging, import_to_store(s, rq, ret, &w.stats, e), e);
}

int watched_cache(struct cache *c, struct store *s, const char *id, struct import_request *rq,
	struct stored_image *ret, struct err *e)
{
	struct watched w;

	watched_begin(&w, rq);
	return watched_end(&w, cache_take(c, s, id, rq, ret, &w.stats, e));
}

int watched_load(struct store *s, struct import_request *rq,
	void (*fn)(const char *id, char *const *names), struct err *e)
{
	struct watched w;

	watched_begin(&w, rq);
	return watched_end_in_store(&w, s->staging, load_images(s, rq, fn, e), e);
}

int watched_unpack(struct import_request *rq, const char *dir, uint64_t *ret_devices, struct err *e)
{
	struct watched w;

	int r;

	watched_begin(&w, rq);
	r = watched_end(&w, folder_unpack(rq, dir, &w.stats, e));
	*ret_devices = w.stats.devices;
	return r;
}

/* No handler: copy_tree looks for pending signals, which are delivered once it has cleaned up. */
int watched_copy(const struct stored_image *i, const char *dir, struct err *e)
{
	sigset_t stop, old;
	int r;

	(void)sigemptyset(&stop);
	for (size_t n = 0; n < WATCHED_SIGNALS; n++)
		(void)sigaddset(&stop, watched_signals[n]);
	(void)sigprocmask(SIG_BLOCK, &stop, &old);
	r = folder_copy(i, dir, as_subids_root, e);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	return r;
}

int watched_save(const struct stored_image *i, const char *name, int out, struct err *e)
{
	const struct save_request rq = { .name = name, .stop = &watched_caught };
	struct watched w;

	watched_begin(&w, NULL);
	return watched_end(&w, save_archive(i, &rq, out, e));
}
