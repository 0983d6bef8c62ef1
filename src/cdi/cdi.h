/*
 * cdi: the devices of all CDI specifications in some folders.
 */
#pragma once

#include "cdi/spec.h"
#include "plan/edits.h"

struct cdi_device {
	char *name; /* VENDOR/CLASS=DEVICE */
	struct cdi_spec *spec;
	const json *edits; /* the specification's */
	size_t folder;
	const struct cdi_spec *
		other; /* in the same folder, with a device of that name: it can be neither; or NULL */
};

struct cdi {
	struct arena arena;
	char *const *folders; /* the caller's */
	struct cdi_spec *specs;
	struct cdi_device *devices;
	size_t n_devices;
	struct err *problems; /* of files that are not used */
	size_t n_problems;
};

/* Read every *.json and *.yaml of the folders; a folder that is missing is none.  NULL-terminated; no
 * folder: /etc/cdi and /var/run/cdi.  A later one takes precedence. */
void cdi_read(struct cdi *c, char *const *folders);
void cdi_done(struct cdi *c); /* NULL and zeros are fine */

/* The device of that name; NULL if there is none, or more than one in the same folder. */
const struct cdi_device *cdi_find(const struct cdi *c, const char *name);

/*
 * Add to ed what the named devices ask for, and what their specifications ask for, once each.  "all" stands
 * for all devices of a kind, if no device has that name.  Strings are a's.  Returns 0, or -1 with e.
 */
int cdi_resolve(const struct cdi *c, const struct strv *names, struct plan_edits *ed,
	struct arena *a, struct err *e);
