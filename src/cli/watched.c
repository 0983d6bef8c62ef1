/*
 * watched: work on images that shows its progress on a terminal, and that signals end cleanly.
 * Touches standard error and, while it works, the dispositions of INT, TERM and HUP.
 */
#include "cli/watched.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "store/folder.h"
#include "store/import.h"
#include "store/load.h"
#include "store/save.h"
#include "util/log.h"
#include "util/proc.h"
#include "util/size.h"

#define WATCHED_FIRST_MS 500 /* nothing is shown of what takes less */
#define WATCHED_EVERY_MS 100

/* The signal that asked for the end; only the handler writes it (docs/style.md). */
static volatile sig_atomic_t watched_caught;

static void watched_signal(int sig)
{
	watched_caught = sig;
}

struct watched_progress {
	bool enabled, shown;
	int64_t started, last; /* milliseconds */
	unsigned calls;
};

static void watched_show(void *arg, const struct unpack_stats *stats)
{
	struct watched_progress *p = arg;
	char size[32];
	int64_t now;

	/* The clock is looked at now and then only: this is called for every entry. */
	if (!p->enabled || (++p->calls & 63) != 0)
		return;
	now = proc_clock();
	if (now - p->started < WATCHED_FIRST_MS || now - p->last < WATCHED_EVERY_MS)
		return;
	p->last = now;
	p->shown = true;
	fprintf(stderr, "\rsandbox: unpacking: %llu entries, %s ",
		(unsigned long long)stats->entries, size_text(size, sizeof(size), stats->bytes));
}

static void watched_progress_start(struct watched_progress *p, struct import_request *rq)
{
	*p = (struct watched_progress){
		.enabled = log_get_level() != LOG_QUIET && isatty(STDERR_FILENO),
		.started = proc_clock(),
	};
	rq->progress = watched_show;
	rq->progress_arg = p;
}

static void watched_progress_end(struct watched_progress *p)
{
	if (p->shown)
		fprintf(stderr, "\r\033[K");
}

static const int ending[] = { SIGINT, SIGTERM, SIGHUP };
#define N_ENDING (sizeof(ending) / sizeof(*ending))

static void watched_catch(struct sigaction *old)
{
	struct sigaction sa = { .sa_handler = watched_signal };

	watched_caught = 0;
	for (size_t i = 0; i < N_ENDING; i++) {
		(void)sigaction(ending[i], NULL, &old[i]);
		if (old[i].sa_handler != SIG_IGN)
			(void)sigaction(ending[i], &sa, NULL);
	}
}

/* Everything is cleaned up by now: whoever waits for this process sees that a signal ended it. */
static void watched_restore(const struct sigaction *old)
{
	for (size_t i = 0; i < N_ENDING; i++)
		(void)sigaction(ending[i], &old[i], NULL);
	if (watched_caught) {
		(void)signal(watched_caught, SIG_DFL);
		(void)raise(watched_caught);
	}
}

static void watched_tell(const struct unpack_stats *st)
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

static void watched_hint(int r, struct err *e)
{
	if (r < 0 && (e->code == ENOSPC || e->code == EDQUOT) && !e->hint[0])
		(void)err_hint(
			e, "free some space (`sandbox gc`), or choose another place with --store");
}

/* An import on its way: it shows progress, and signals end it. */
struct watched {
	struct watched_progress progress;
	struct sigaction old[N_ENDING];
};

static void watched_begin(struct watched *w, struct import_request *rq)
{
	rq->stop = &watched_caught;
	watched_progress_start(&w->progress, rq);
	watched_catch(w->old);
}

static void watched_end(struct watched *w)
{
	watched_progress_end(&w->progress);
	watched_restore(w->old);
}

int watched_import(
	struct store *s, struct import_request *rq, struct stored_image *ret, struct err *e)
{
	struct unpack_stats stats = { 0 };
	struct watched w;
	int r;

	watched_begin(&w, rq);
	r = import_to_store(s, rq, ret, &stats, e);
	watched_end(&w);
	watched_hint(r, e);
	watched_tell(&stats);
	return r;
}

int watched_load(struct store *s, struct import_request *rq,
	int (*fn)(const char *id, char *const *names, void *arg, struct err *e), void *arg,
	struct err *e)
{
	struct watched w;
	int r;

	watched_begin(&w, rq);
	r = load_images(s, rq, fn, arg, e);
	watched_end(&w);
	watched_hint(r, e);
	return r;
}

int watched_save(const struct stored_image *i, const char *name, int out, struct err *e)
{
	struct sigaction old[N_ENDING];
	int r;

	watched_catch(old);
	r = save_archive(i, name, out, &watched_caught, e);
	watched_restore(old);
	return r;
}

int watched_unpack(struct import_request *rq, const char *dir, struct err *e)
{
	struct unpack_stats stats = { 0 };
	struct watched w;
	int r;

	watched_begin(&w, rq);
	r = folder_unpack(rq, dir, &stats, e);
	watched_end(&w);
	watched_tell(&stats);
	return r;
}
