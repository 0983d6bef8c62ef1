/*
 * verify: the verb `verify`: compares an image in the store with what was unpacked.
 * Reads the store; touches standard output.
 */
#include "store/verify.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/image_arg.h"
#include "kernel/as_subids.h"
#include "util/log.h"
#include "util/size.h"

static void verify_print(const char *how, const char *path, const char *what)
{
	char quoted[4 * 4096];

	printf("%-8s /%s%s%s\n", how, log_quote(quoted, sizeof(quoted), path), *what ? ": " : "",
		what);
}

static int verify_run(struct call *c, struct err *e)
{
	const char *image = c->words[0];
	struct stored_image i;
	struct verify_stats stats = { 0 };
	char id[DIGEST_HEX + 1], size[32];
	int r = image_arg_open(c, image_arg_resolve(c, image, e), &i, e);

	const bool unchecked = r < 0 && e->code == ESTALE;

	/* One that a crash may have damaged can be used again if nothing differs. */
	if (r == 0 || unchecked) {
		memcpy(id, i.record.id, sizeof(id));
		as_subids_root();
		r = verify_stored(&i, verify_print, &stats, e);
		if (r == 0 && unchecked && !stats.differ && !i.store->shared)
			r = stored_image_settle(&i, e);
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

const struct verb verb_verify = {
	.name = "verify",
	.synopsis = "IMAGE",
	.summary = "check that an image in the store has not changed since it was unpacked",
	.least = 1,
	.most = 1,
	.wants = "needs one image",
	.words = VERB_IMAGES,
	.store = VERB_STORE_ALL,
	.run = verify_run,
	.details =
		"IMAGE is what `sandbox run` takes, except a plain root file system.\n"
		"When an image is unpacked, sandbox checks its layers against their SHA-256 digests, and records type, mode, size,\n"
		"time and a 64-bit checksum of the contents of each entry.  `verify` reads every file, compares the tree with that\n"
		"record, and names each entry that is missing, extra or changed.  It finds accidents: whoever can write to the\n"
		"store could also change the record.  Exit status: 0 if nothing differs, 1 if something does.",
};
