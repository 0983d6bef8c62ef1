/*
 * runs: lists and finds live runs.
 * Reads the folder runs/, and removes dead entries.
 */
#include "runs/runs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util/fd.h"
#include "util/names.h"
#include "util/path.h"

#define RUNS_FOREIGN_SECONDS (7 * 86400)
#define RUNS_READ 64 /* names that a start reads at most */
#define RUNS_END_SIZE (NODE_NAME_MAX + 2)

/* What was read of an entry that can be found, or that uses an image. */
struct runs_known {
	char *file, *id, *image;
	bool foreign, used; /* used: it uses its image */
};

void runs_done(struct runs *s)
{
	fd_closep(&s->dir);
	free(s->known);
	arena_done(&s->arena);
	*s = (struct runs){ .dir = -1 };
}

/* The end of the names of this machine's entries. */
static void runs_end(char end[RUNS_END_SIZE])
{
	end[0] = '@';
	node_name(end + 1);
}

/* Call fn for each entry whose name ends so, dead or alive, until it returns other than 0.  Returns
 * what fn returned, or -1 with errno. */
static int runs_each_entry(
	struct runs *s, const char *end, int (*fn)(struct live_run *r, void *arg), void *arg)
{
	auto_names d;
	const char *file;
	int stop = 0;

	if (names_open(&d, s->dir) < 0)
		return -1;
	while (!stop && (file = names_next(&d))) {
		struct live_run r;

		if (!strchr(file, '@') || !names_match(file, "", end))
			continue;
		if (live_run_open(&r, s->dir, file) == 0)
			stop = fn(&r, arg);
		live_run_done(&r);
	}
	return stop;
}

struct runs_visit {
	int (*fn)(const struct live_run *r, void *arg);
	void *arg;
	bool ended, look;
	unsigned dead;
};

static int runs_visit(struct live_run *r, void *arg)
{
	struct runs_visit *v = arg;
	bool over = live_run_is_over(r);

	v->dead += over;
	if (over && !v->look)
		(void)live_run_remove(r);
	return v->fn && r->facts && (r->alive || (v->ended && !over)) ? v->fn(r, v->arg) : 0;
}

static int runs_visit_all(struct runs *s, struct runs_visit *v)
{
	char end[RUNS_END_SIZE];

	runs_end(end);
	return runs_each_entry(s, end, runs_visit, v);
}

int runs_each(struct runs *s, bool ended, int (*fn)(const struct live_run *r, void *arg), void *arg,
	struct err *e)
{
	struct runs_visit v = { .fn = fn, .arg = arg, .ended = ended };
	int stop = runs_visit_all(s, &v);

	return stop < 0 ? err_set(e, errno, "store: runs") : stop;
}

unsigned runs_sweep(struct runs *s, bool look)
{
	struct runs_visit v = { .look = look };

	(void)runs_visit_all(s, &v);
	return v.dead + run_log_sweep(s->dir, look);
}

void runs_sweep_few(struct runs *s)
{
	char end[RUNS_END_SIZE], few[NAMES_FEW][NAMES_SIZE];
	struct runs_visit v = { .fn = NULL };

	runs_end(end);
	for (size_t n = names_few(s->dir, "", end, RUNS_READ, few); n > 0; n--) {
		struct live_run r;

		if (live_run_open(&r, s->dir, few[n - 1]) == 0)
			(void)runs_visit(&r, &v);
		live_run_done(&r);
	}
}

struct runs_reading {
	struct runs *runs;
	char end[RUNS_END_SIZE]; /* of the names of this machine's entries */
	bool starting;		 /* some entry is still empty */
};

/*
 * The lock of a run of another machine may not be visible here, and its process is not: a run that
 * began within a week counts as alive.
 */
static bool runs_counts(const struct live_run *r, bool foreign)
{
	struct stat st;

	return r->alive || (foreign && r->status < 0 && fstat(r->fd, &st) == 0 &&
				   time(NULL) - st.st_mtime < RUNS_FOREIGN_SECONDS);
}

static int runs_note(struct live_run *r, void *arg)
{
	struct runs_reading *g = arg;
	struct runs *s = g->runs;
	bool foreign = !names_match(r->file, "", g->end);
	struct runs_known k = { .foreign = foreign, .used = runs_counts(r, foreign) };

	if (!k.used && (foreign || !live_run_tells(r)))
		return 0;
	g->starting = g->starting || !r->facts;
	k.file = arena_strdup(&s->arena, r->file);
	k.id = arena_strdup(&s->arena, live_run_text(r, "id"));
	k.image = arena_strdup(&s->arena, live_run_text(r, "image"));
	s->known = xgrow(s->known, s->n_known, sizeof(*s->known));
	s->known[s->n_known++] = k;
	return 0;
}

/* Read all entries, unless none can have changed since the last time.  Returns true if they were
 * read. */
static bool runs_read(struct runs *s)
{
	struct runs_reading g = { .runs = s };
	struct stat st = { 0 };

	if (fstat(s->dir, &st) == 0 && s->changed.tv_sec &&
		st.st_ctim.tv_sec == s->changed.tv_sec && st.st_ctim.tv_nsec == s->changed.tv_nsec)
		return false;
	free(s->known);
	s->known = NULL;
	s->n_known = 0;
	runs_end(g.end);
	(void)runs_each_entry(s, "", runs_note, &g);
	s->changed = st.st_ctim;
	if (g.starting || !path_is_settled(&st))
		s->changed.tv_sec = 0;
	return true;
}

const char *runs_use(struct runs *s, const char *image)
{
	(void)runs_read(s);
	for (size_t i = 0; i < s->n_known; i++)
		if (s->known[i].used && strcmp(s->known[i].image, image) == 0)
			return s->known[i].file;
	return NULL;
}

/* Open the entry of this name; true if its run is alive or has left something. */
static bool runs_open(struct runs *s, const char *file, const char *called, struct live_run *r)
{
	if (live_run_open(r, s->dir, file) == 0 && (r->alive || live_run_tells(r))) {
		r->called = called;
		return true;
	}
	live_run_done(r);
	return false;
}

/* Count this machine's entries whose id begins so; 1 if an id is equal.  *ret gets the last one. */
static unsigned runs_match(const struct runs *s, const char *id, const struct runs_known **ret)
{
	unsigned n = 0;

	for (size_t i = 0; i < s->n_known; i++) {
		const struct runs_known *k = &s->known[i];

		if (k->foreign || strncmp(k->id, id, strlen(id)) != 0)
			continue;
		*ret = k;
		if (strcmp(k->id, id) == 0)
			return 1;
		n++;
	}
	return n;
}

int runs_find(struct runs *s, const char *name, struct live_run *r, struct err *e)
{
	char end[RUNS_END_SIZE], file[RUN_FILE_MAX + 1];
	const struct runs_known *found;
	bool known = strlen(name) < RUNS_PREFIX_MIN; /* the entries need not be read */
	unsigned n = 0;

	/* The file of most runs is named after what is asked for. */
	runs_end(end);
	*r = LIVE_RUN_NONE;
	if (snprintf(file, sizeof(file), "%s%s", name, end) < (int)sizeof(file) &&
		runs_open(s, file, name, r))
		return 0;
	for (bool again = !known; again;) {
		n = runs_match(s, name, &found);
		if (n == 1 && runs_open(s, found->file, name, r))
			return 0;
		again = n < 2 && !known && runs_read(s);
		known = true;
	}
	if (n > 1)
		return err_set(e, 0, "%s: several runs have ids that begin like this", name);
	(void)err_set(e, 0, "%s: no such run", name);
	e->code = ENOENT;
	return err_hint(e, "`sandbox ps -a` lists them");
}
