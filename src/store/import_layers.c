/*
 * import_layers: the layers of an image become its tree.
 * Reads the container, and writes by unpack/ only.
 */
#include "store/import_layers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image/member.h"
#include "unpack/layer_job.h"
#include "util/arena.h"
#include "util/digest.h"

/* A layer in work, and what it reads from.  Must not move meanwhile. */
struct layer_run {
	struct member_stream member;
	struct digest_stream sum;
	char what[64];
	struct layer_job *part; /* NULL: free */
};

/* Checks the digest of the blob if the container states one. */
static int import_layers_begin(struct layer_run *run, struct unpack *u, const struct image *i,
	struct container *c, size_t index, struct err *e)
{
	const struct image_layer *l = &i->layers[index];
	struct stream *blob;

	run->member = (struct member_stream){ .fd = -1 };
	(void)snprintf(run->what, sizeof(run->what), "layer %zu (%.12s)", index + 1, l->diff_id);
	if (member_open(&run->member, c, l->member, e) < 0)
		return -1;
	if (l->size >= 0 && l->size != run->member.size)
		return err_set(e, 0,
			"%s: size mismatch: its descriptor says %lld bytes, it has %lld", run->what,
			(long long)l->size, (long long)run->member.size);
	digest_stream_init(&run->sum, &run->member.stream, l->digest, run->what);
	/* If both digests are the same, the layer is not compressed: one sum is enough. */
	blob = l->digest && strcmp(l->digest, l->diff_id) != 0 ? &run->sum.stream
							       : &run->member.stream;
	run->part = layer_job_begin(u, blob, run->what, l->diff_id);
	return 0;
}

static int import_layers_end(struct layer_run *run, struct err *e)
{
	char have[DIGEST_HEX_MAX + 1];
	int r = run->part ? layer_job_end(run->part, have, e) : 0;

	run->part = NULL;
	member_close(&run->member);
	run->member = (struct member_stream){ .fd = -1 };
	return r;
}

static size_t import_layers_at_once(void)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN); /* those that this process may use */

	return cpus < 1 ? 1 : cpus < IMPORT_LAYERS_AT_ONCE ? (size_t)cpus : IMPORT_LAYERS_AT_ONCE;
}

int import_layers_unpack(
	struct unpack *u, const struct image *i, struct container *c, struct err *e)
{
	const size_t many = import_layers_at_once();
	struct layer_run *runs = xmalloc(many * sizeof(*runs));
	struct err stuck = { 0 }, later;
	size_t begun = 0;
	int r = 0, s = 0; /* of ending, and of beginning */

	memset(runs, 0, many * sizeof(*runs));
	/* An error of a lower layer is reported first, as if they were unpacked one by one. */
	for (size_t ended = 0; ended < begun || (ended < i->n_layers && r == 0 && s == 0);
		ended++) {
		for (; r == 0 && s == 0 && begun < i->n_layers && begun < ended + many; begun++)
			s = import_layers_begin(&runs[begun % many], u, i, c, begun, &stuck);
		if (import_layers_end(&runs[ended % many], r == 0 ? e : &later) < 0)
			r = -1;
	}
	free(runs);
	if (r < 0 || s == 0)
		return r;
	*e = stuck;
	return -1;
}
