/*
 * hook: the hooks of CDI specifications that sandbox does itself: those of NVIDIA's nvidia-cdi-hook, and of
 * `nvidia-ctk hook`, which is the same.
 */
#pragma once

#include "plan/plan.h"
#include "util/err.h"

enum hook_kind {
	HOOK_LINKS,  /* create-symlinks --link TARGET::LINK... */
	HOOK_CACHE,  /* update-ldcache --folder DIR... */
	HOOK_CHMOD,  /* chmod --mode MODE --path PATH... */
	HOOK_COMPAT, /* enable-cuda-compat --host-driver-version VERSION */
	HOOK_NOTHING, /* it keeps programs from making devices, which no user can, or is for graphics on a screen */
};

/* Which one it is.  Returns an enum hook_kind, or -1 with e: none of them. */
int hook_kind(const struct plan_hook *h, struct err *e);

/* An option of a hook. */
struct hook_option {
	const char *name;  /* without dashes; perhaps with '=' and the value behind it */
	const char *value; /* "" if there is none */
};

/*
 * The next option in h's words from *at on, which is 0 at first: --NAME VALUE or --NAME=VALUE; one dash is
 * fine.  Returns false at the end.
 */
bool hook_next(const struct plan_hook *h, size_t *at, struct hook_option *ret);

/* Is it the option of that name? */
bool hook_is(const struct hook_option *o, const char *name);
