/*
 * import: finding or unpacking the image that a verb was given, with progress on a terminal.
 * Touches standard error and, while it works, the dispositions of INT, TERM
 * and HUP.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "image/platform.h"
#include "store/save.h"
#include "util/fd.h"
#include "util/log.h"
#include "util/size.h"

#define PROGRESS_FIRST_MS 500 /* nothing is shown of what takes less */
#define PROGRESS_EVERY_MS 100

/* The signal that asked for the end; written by the handler only (docs/style.md). */
static volatile sig_atomic_t caught;

static void on_signal(int sig)
{
	caught = sig;
}

struct progress {
	bool enabled, shown;
	long long started, last; /* milliseconds */
	unsigned calls;
};

static long long now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

static void show_progress(void *arg, const struct unpack_stats *stats)
{
	struct progress *p = arg;
	char size[32];
	long long now;

	/* The clock is looked at now and then only: this is called for every entry. */
	if (!p->enabled || (++p->calls & 63) != 0)
		return;
	now = now_ms();
	if (now - p->started < PROGRESS_FIRST_MS || now - p->last < PROGRESS_EVERY_MS)
		return;
	p->last = now;
	p->shown = true;
	fprintf(stderr, "\rsandbox: unpacking: %llu entries, %s ",
		(unsigned long long)stats->entries, size_text(size, sizeof(size), stats->bytes));
}

static void progress_start(struct progress *p, struct import_request *rq)
{
	*p = (struct progress){
		.enabled = log_get_level() != LOG_QUIET && isatty(STDERR_FILENO),
		.started = now_ms(),
	};
	rq->progress = show_progress;
	rq->progress_arg = p;
}

static void progress_end(struct progress *p)
{
	if (p->shown)
		fprintf(stderr, "\r\033[K");
}

static const int ending[] = { SIGINT, SIGTERM, SIGHUP };
#define N_ENDING (sizeof(ending) / sizeof(*ending))

static void catch_signals(struct sigaction *old)
{
	struct sigaction sa = { .sa_handler = on_signal };

	caught = 0;
	for (size_t i = 0; i < N_ENDING; i++) {
		(void)sigaction(ending[i], NULL, &old[i]);
		if (old[i].sa_handler != SIG_IGN)
			(void)sigaction(ending[i], &sa, NULL);
	}
}

/* Everything is cleaned up by now; who waits for this process sees that a signal ended it. */
static void restore_signals(const struct sigaction *old)
{
	for (size_t i = 0; i < N_ENDING; i++)
		(void)sigaction(ending[i], &old[i], NULL);
	if (caught) {
		(void)signal(caught, SIG_DFL);
		(void)raise(caught);
	}
}

static void tell_stats(const struct unpack_stats *st)
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
		log_verbose("%llu entries are not root's: their owners are recorded, not set",
			(unsigned long long)st->owners);
}

static void hint_space(int r, struct err *e)
{
	if (r < 0 && (e->code == ENOSPC || e->code == EDQUOT) && !e->hint[0])
		(void)err_hint(e, "make room (`sandbox gc`), or choose another place with --store");
}

/* An import on its way: it shows progress, and signals end it. */
struct watched {
	struct progress progress;
	struct sigaction old[N_ENDING];
};

static void watched_begin(struct watched *w, struct import_request *rq)
{
	rq->stop = &caught;
	progress_start(&w->progress, rq);
	catch_signals(w->old);
}

static void watched_end(struct watched *w)
{
	progress_end(&w->progress);
	restore_signals(w->old);
}

int cli_import(struct store *s, struct import_request *rq, struct stored_image *ret, struct err *e)
{
	struct unpack_stats stats = { 0 };
	struct watched w;
	int r;

	watched_begin(&w, rq);
	r = store_import(s, rq, ret, &stats, e);
	watched_end(&w);
	hint_space(r, e);
	tell_stats(&stats);
	return r;
}

int cli_load(struct store *s, struct import_request *rq,
	int (*fn)(const char *id, char *const *names, void *arg, struct err *e), void *arg,
	struct err *e)
{
	struct watched w;
	int r;

	watched_begin(&w, rq);
	r = store_load(s, rq, fn, arg, e);
	watched_end(&w);
	hint_space(r, e);
	return r;
}

int cli_save(const struct stored_image *i, const char *name, int out, struct err *e)
{
	struct sigaction old[N_ENDING];
	int r;

	catch_signals(old);
	r = store_save(i, name, out, &caught, e);
	restore_signals(old);
	return r;
}

int cli_unpack_to(
	struct import_request *rq, const char *dir, struct unpack_stats *stats, struct err *e)
{
	struct watched w;
	int r;

	watched_begin(&w, rq);
	r = store_unpack_to(rq, dir, stats, e);
	watched_end(&w);
	tell_stats(stats);
	return r;
}

int cli_open_stores(struct store *s, const struct globals *g, struct err *e)
{
	return store_open(s, g->store, e) < 0 || store_open_others(s, g->shared.v, e) < 0 ? -1 : 0;
}

bool cli_is_source(const char *image, struct import_request *rq, struct arena *a)
{
	const char *hash = strrchr(image, '#');
	struct stat st;

	rq->source = image;
	if (strcmp(image, "-") == 0 || stat(image, &st) == 0)
		return true;
	if (hash && hash > image) {
		char *file = arena_strndup(a, image, (size_t)(hash - image));

		if (strcmp(file, "-") == 0 || stat(file, &st) == 0) {
			rq->source = file;
			rq->choice.name = hash + 1;
			return true;
		}
	}
	return false;
}

int cli_open_image(struct store *s, const char *image, struct import_request *rq, struct arena *a,
	struct stored_image *ret, struct err *e)
{
	char id[DIGEST_HEX + 1];

	*ret = STORED_IMAGE_NONE;
	if (cli_is_source(image, rq, a))
		return cli_import(s, rq, ret, e);
	if (store_resolve(s, image, id, e) == 0)
		return stored_image_open(ret, s, id, e);
	if (e->code != ENOENT)
		return -1;
	/* A path that is not there and a name that is not known look alike: say what was looked
	 * for. */
	if (strchr(image, '/') && image[0] != '/' && image[0] != '.')
		return err_set(e, ENOENT, "%s: neither a file nor an image in the store", image);
	if (strchr(image, '/'))
		return err_set(e, ENOENT, "%s", image);
	(void)err_set(e, ENOENT, "%s: neither a file nor an image in the store", image);
	return err_hint(e, "`sandbox images` lists what is there");
}

int cli_image_option(struct import_request *rq, struct arena *a, int id, char *value, struct err *e)
{
	struct platform p;
	uint64_t n = 0;

	switch (id) {
	case OPT_TAG:
		rq->choice.name = value;
		return 1;
	case OPT_PLATFORM:
		if (platform_parse(value, a, &p, e) < 0)
			return -1;
		rq->choice.os = p.os;
		rq->choice.arch = p.arch;
		rq->choice.variant = p.variant;
		return 1;
	case OPT_MAX_ENTRIES:
		return size_read("--max-entries", value, 1, &rq->limits.entries, e) < 0 ? -1 : 1;
	case OPT_MAX_BYTES:
		return size_read("--max-bytes", value, 1, &rq->limits.bytes, e) < 0 ? -1 : 1;
	case OPT_RESERVE:
		if (size_read("--reserve", value, 0, &n, e) < 0)
			return -1;
		rq->limits.reserve = n ? n : 1;
		return 1;
	case OPT_XZ_MEMORY:
		if (size_read("--xz-memory", value, 0, &n, e) < 0)
			return -1;
		rq->limits.xz_memory = n ? n : 1;
		return 1;
	default:
		return 0;
	}
}

char *cli_date(char buf[CLI_DATE_SIZE], int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	buf[0] = '\0';
	if (gmtime_r(&t, &tm))
		(void)strftime(buf, CLI_DATE_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return buf;
}
