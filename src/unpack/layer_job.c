/*
 * layer_job: the thread that stages a layer, and the merge afterwards.
 * Writes below the unpack's work directory.
 *
 * Until the merge a layer shares nothing with the others but the const struct work and its totals:
 * it has its own stage and its own tables, which the merge adds to the tree's.
 */
#include "unpack/layer_job.h"

#include <stdlib.h>
#include <string.h>

#include "unpack/layer.h"
#include "unpack/thread.h"
#include "util/arena.h"

#define LAYER_JOB_STACK (1u << 20) /* bytes; only used pages take memory */

struct layer_job {
	struct unpack *unpack; /* for the merge; the thread uses only its work */
	struct tables tables;  /* the layer's own */
	struct stage stage;
	struct stream *blob;
	const char *what, *diff_id;
	char sum[DIGEST_HEX_MAX + 1];
	int r;
	struct err e;
	bool threaded;
	pthread_t thread;
};

static void *layer_job_stage(void *arg)
{
	struct layer_job *p = arg;

	p->r = stage_init(&p->stage, &p->unpack->work, &p->tables, &p->e);
	if (p->r == 0)
		p->r = layer_stage(&p->stage, p->blob, p->what, p->diff_id, p->sum, &p->e);
	return NULL;
}

static struct layer_job *layer_job_new(
	struct unpack *u, struct stream *blob, const char *what, const char *diff_id)
{
	struct layer_job *p = xmalloc(sizeof(*p));

	*p = (struct layer_job){ .unpack = u,
		.tables.layer = ++u->begun,
		.blob = blob,
		.what = what,
		.diff_id = diff_id };
	return p;
}

struct layer_job *layer_job_begin(
	struct unpack *u, struct stream *blob, const char *what, const char *diff_id)
{
	struct layer_job *p = layer_job_new(u, blob, what, diff_id);
	pthread_attr_t attr;

	if (pthread_attr_init(&attr) == 0) {
		(void)pthread_attr_setstacksize(&attr, LAYER_JOB_STACK);
		p->threaded = thread_start(&p->thread, &attr, layer_job_stage, p);
		(void)pthread_attr_destroy(&attr);
	}
	return p;
}

static int layer_job_merge(struct layer_job *p, char ret_diff_id[DIGEST_HEX_MAX + 1], struct err *e)
{
	tables_move(&p->unpack->tables, &p->tables);
	p->stage.tables = &p->unpack->tables;
	memcpy(ret_diff_id, p->sum, sizeof(p->sum));
	return layer_merge(&p->stage, e) < 0 ? -1 : stage_remove(&p->stage, e);
}

int layer_job_end(struct layer_job *p, char ret_diff_id[DIGEST_HEX_MAX + 1], struct err *e)
{
	int r;

	/* No thread could be started, or this is layer_job_run. */
	if (p->threaded)
		(void)pthread_join(p->thread, NULL);
	else
		(void)layer_job_stage(p);
	r = p->r;
	if (r < 0)
		*e = p->e;
	else
		r = layer_job_merge(p, ret_diff_id, e);
	if (r < 0)
		p->unpack->work.totals->gave_up = true;
	if (r < 0 && strncmp(e->msg, p->what, strlen(p->what)) != 0)
		(void)err_wrap(e, "%s", p->what);
	stage_done(&p->stage);
	tables_done(&p->tables);
	free(p);
	return r;
}

int layer_job_run(struct unpack *u, struct stream *blob, const char *what, const char *diff_id,
	char ret_diff_id[DIGEST_HEX_MAX + 1], struct err *e)
{
	return layer_job_end(layer_job_new(u, blob, what, diff_id), ret_diff_id, e);
}
