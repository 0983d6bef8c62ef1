/*
 * oci: a plan as an OCI runtime-spec config.json (runtime-spec 1.2), and back.
 * What the specification has no word for stands in annotations that begin with "sandbox.".
 * docs/oci-fields.md lists every field: which are kept, which are refused, which are ignored.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "plan/plan.h"
#include "util/err.h"

/* The document, in a malloc'd string without a newline at its end; indent: for people. */
char *oci_write(const struct plan *p, bool indent);

/*
 * Read one from anybody.  It gets no defaults.  Returns 0, or -1 with e that names the field;
 * plan_done in both cases.
 */
int oci_read(struct plan *p, const char *text, size_t len, struct err *e);

/* Can the runtime do all that p asks for?  A plan of plan_make passes.  Returns 0, or -1 with e that
 * names the field. */
int oci_check(const struct plan *p, struct err *e);
