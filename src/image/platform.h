/*
 * platform: os/architecture/variant, spelled as in Go and the image-spec, and the choice for this
 * machine.
 */
#pragma once

#include "util/arena.h"
#include "util/err.h"

struct platform {
	char *os, *arch, *variant; /* NULL: not stated */
};

/*
 * Parse OS/ARCH[/VARIANT] or ARCH; uname's names (x86_64, aarch64) are accepted.  Strings are in
 * a.  Returns 0, or -1 with e.
 */
int platform_parse(const char *text, struct arena *a, struct platform *p, struct err *e);

/* "linux/arm64/v8", without what is not stated; "" if nothing is.  In a's memory. */
char *platform_text(const struct platform *p, struct arena *a);

/* The GOARCH that this was built for. */
const char *platform_host_arch(void);

/*
 * How well have suits want: 0 not at all, higher is better.  If want does not state an
 * architecture, it is this machine's.  An image without a platform suits every one, with the lowest
 * rank.
 */
int platform_rank(const struct platform *have, const struct platform *want);
