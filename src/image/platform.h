/*
 * platform: os/architecture/variant, as Go and the image-spec spell them, and which suits this
 * machine.
 */
#pragma once

#include "util/arena.h"
#include "util/err.h"

struct platform {
	char *os, *arch, *variant; /* NULL: not stated */
};

/* Parse OS/ARCH[/VARIANT] or a bare ARCH; uname's names (x86_64, aarch64) are taken too. Strings
 * into a. 0, or -1 with e. */
int platform_parse(const char *text, struct arena *a, struct platform *p, struct err *e);

/* GOARCH of the machine that this was built for. */
const char *platform_host_arch(void);

/*
 * How well have suits want: 0 not at all, higher is better.  Where want states no architecture,
 * this machine's is meant. An image that states no platform suits everyone, a little.
 */
int platform_rank(const struct platform *have, const struct platform *want);
