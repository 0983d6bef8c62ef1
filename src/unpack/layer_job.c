/*
 * part: one layer of several that are on their way at once, and the thread that stages it.
 * Writes below the unpack's work directory.
 *
 * Until it is merged a layer has no part in the others: its stage is a folder of its own, and what
 * is known of its inodes is in tables of its own, which the merge joins to those of the tree.  Only
 * the totals are everybody's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unpack/stage.h"
#include "unpack/thread.h"

#define LAYER_JOB_STACK (1u << 20) /* bytes; only what is used takes memory */

struct layer_job {
	struct unpack *whole;
	struct unpack unpack; /* its own tables and counts; the rest is that of the whole */
	struct stage stage;
	struct stream *blob;
	const char *what, *diff_id;
	char sum[DIGEST_HEX + 1];
	int r;
	struct err e;
	bool threaded;
	pthread_t thread;
};

static void layer_job_stage(struct layer_job *p)
{
	p->r = stage_init(&p->stage, &p->unpack, &p->e);
	if (p->r == 0)
		p->r = layer_stage(&p->stage, p->blob, p->what, p->diff_id, p->sum, &p->e);
}

static void *layer_job_main(void *arg)
{
	layer_job_stage(arg);
	return NULL;
}

/* Its tables are joined to those of the tree, which the stage works with from now on. */
static void layer_job_join_tables(struct layer_job *p)
{
	struct unpack *u = p->whole, *own = &p->unpack;

	inodes_move(&u->inodes, &own->inodes);
	contents_move(&u->contents, &own->contents);
	u->stats.entries += own->stats.entries;
	u->stats.bytes += own->stats.bytes;
	u->stats.devices += own->stats.devices;
	u->stats.xattrs += own->stats.xattrs;
	u->stats.owners += own->stats.owners;
	u->n_trash += own->n_trash;
	u->no_xattrs |= own->no_xattrs;
	p->stage.unpack = u;
}

static struct layer_job *layer_job_new(
	struct unpack *u, struct stream *blob, const char *what, const char *diff_id)
{
	struct layer_job *p = xmalloc(sizeof(*p));

	*p = (struct layer_job){
		.whole = u, .unpack = *u, .blob = blob, .what = what, .diff_id = diff_id
	};
	p->unpack.layer = ++u->begun;
	p->unpack.n_trash = 0;
	p->unpack.written = p->unpack.checked = 0;
	p->unpack.stats = (struct unpack_stats){ 0 };
	p->unpack.inodes = (struct inodes){ 0 };
	p->unpack.contents = (struct contents){ 0 };
	return p;
}

struct layer_job *unpack_begin(
	struct unpack *u, struct stream *blob, const char *what, const char *diff_id)
{
	struct layer_job *p = layer_job_new(u, blob, what, diff_id);
	pthread_attr_t attr;

	if (pthread_attr_init(&attr) == 0) {
		(void)pthread_attr_setstacksize(&attr, LAYER_JOB_STACK);
		p->threaded = thread_start(&p->thread, &attr, layer_job_main, p);
		(void)pthread_attr_destroy(&attr);
	}
	return p;
}

static int layer_job_merge(struct layer_job *p, char ret_diff_id[DIGEST_HEX + 1], struct err *e)
{
	layer_job_join_tables(p);
	memcpy(ret_diff_id, p->sum, sizeof(p->sum));
	return layer_merge(&p->stage, e) < 0 ? -1 : stage_remove(&p->stage, e);
}

int unpack_end(struct layer_job *p, char ret_diff_id[DIGEST_HEX + 1], struct err *e)
{
	int r;

	if (p->threaded)
		(void)pthread_join(p->thread, NULL);
	else
		layer_job_stage(p); /* no thread could be had, or none was wanted */
	r = p->r;
	if (r < 0)
		*e = p->e;
	else
		r = layer_job_merge(p, ret_diff_id, e);
	if (r < 0)
		p->whole->totals->gave_up = true;
	if (r < 0 && strncmp(e->msg, p->what, strlen(p->what)) != 0)
		(void)err_wrap(e, "%s", p->what);
	stage_done(&p->stage);
	inodes_done(&p->unpack.inodes);
	contents_done(&p->unpack.contents);
	free(p);
	return r;
}

int unpack_layer(struct unpack *u, struct stream *blob, const char *what, const char *diff_id,
	char ret_diff_id[DIGEST_HEX + 1], struct err *e)
{
	return unpack_end(layer_job_new(u, blob, what, diff_id), ret_diff_id, e);
}
