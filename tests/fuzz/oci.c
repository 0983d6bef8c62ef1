/*
 * fuzz target oci: a config.json of anybody.  What can be read can be written, and is read again as the
 * same plan.
 */
#include <string.h>

#include "fuzz.h"
#include "plan/oci.h"
#include "plan_equal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = fuzz_text(data, size), *written = NULL;
	struct plan p, q;
	struct err e;

	if (oci_read(&p, text, size, &e) < 0) {
		fuzz_check_err(&e);
		plan_done(&p);
		return 0;
	}
	written = oci_write(&p, size % 2);
	fuzz_check(oci_read(&q, written, strlen(written), &e) == 0);
	fuzz_check(!plan_differs(&p, &q));
	if (oci_check(&p, &e) < 0)
		fuzz_check_err(&e);
	plan_done(&p);
	plan_done(&q);
	return 0;
}
