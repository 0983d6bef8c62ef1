/*
 * verify: the verb `verify`: is an image in the store still what was unpacked?
 * Reads the store; touches standard output.
 */
#include "store/verify.h"

#include <stdlib.h>

#include "cli/cli.h"
#include "kernel/as_subids.h"
#include "util/log.h"
#include "util/size.h"

static const struct opt verify_opts[] = { OPTS_GLOBAL };

static int verify_option(void *arg, int id, char *value, struct err *e)
{
	(void)e;
	(void)cli_global_option(arg, &verb_verify, id, value);
	return 0;
}

static void tell_entry(void *arg, const char *how, const char *path, const char *what)
{
	char quoted[4 * 4096];

	(void)arg;
	printf("%-8s /%s%s%s\n", how, log_quote(quoted, sizeof(quoted), path), *what ? ": " : "",
		what);
}

static int verify_image(struct store *s, const char *image, struct err *e)
{
	struct stored_image i = STORED_IMAGE_NONE;
	struct verify_stats stats = { 0 };
	char id[DIGEST_HEX + 1], size[32];
	int r = store_resolve(s, image, id, e);

	if (r == 0)
		r = stored_image_open(&i, s, id, e);
	if (r == 0) {
		as_subids_root();
		r = store_verify(&i, tell_entry, NULL, &stats, e);
	}
	stored_image_close(&i);
	if (r < 0)
		return -1;
	if (stats.differ)
		printf("%s %.12s: %llu %s\n", image, id, (unsigned long long)stats.differ,
			stats.differ == 1 ? "entry differs" : "entries differ");
	else
		printf("%s %.12s: %llu entries, %s, all as they were unpacked\n", image, id,
			(unsigned long long)stats.entries,
			size_text(size, sizeof(size), stats.bytes));
	return stats.differ != 0;
}

static int verify_run(int argc, char **argv, struct globals *g, struct err *e)
{
	struct store s = STORE_NONE;
	int at = opts_parse(verify_opts, argc, argv, verify_option, g, e), r = at < 0 ? -1 : 0;

	if (r == 0 && argc - at != 1)
		r = err_set(e, 0, "verify: needs one image");
	if (r == 0)
		r = cli_open_stores(&s, g, e);
	if (r == 0)
		r = verify_image(&s, argv[at], e);
	store_done(&s);
	return r;
}

const struct verb verb_verify = {
	.name = "verify",
	.synopsis = "IMAGE",
	.summary = "check that an image in the store is still what was unpacked",
	.opts = verify_opts,
	.run = verify_run,
	.details =
		"While an image is unpacked, its layers are checked against their SHA-256 digests, and what comes of them is\n"
		"recorded: type, mode, size, time and a 64-bit checksum of the contents of each entry.  This compares the tree\n"
		"with that record, reading every file, and names each entry that is missing, extra or changed.  It finds\n"
		"accidents; who can write to the store could change the record as well.  Exit status: 0 where all is as it was,\n"
		"1 where something differs.",
};
