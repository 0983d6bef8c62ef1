/*
 * tap: a test program's output for prove(1), Test Anything Protocol 13.
 * Included by the one source file of each program in tests/unit.
 * Touches standard output and its own counters.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static struct {
	int run, failed;
} tap;

/* One check, named by fmt.  Returns what it was given, so that what depends on it can be left out.
 */
static inline __attribute__((format(printf, 2, 3))) bool tap_ok(bool good, const char *fmt, ...)
{
	va_list ap;

	tap.run++;
	tap.failed += !good;
	printf("%sok %d - ", good ? "" : "not ", tap.run);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	return good;
}

/* Two strings are equal; NULL equals NULL only.  Tells both where they differ. */
static inline bool tap_str(const char *have, const char *want, const char *name)
{
	bool good = have && want ? strcmp(have, want) == 0 : have == want;

	tap_ok(good, "%s", name);
	if (!good)
		printf("# have: %s\n# want: %s\n", have ? have : "(null)", want ? want : "(null)");
	return good;
}

static inline bool tap_int(long long have, long long want, const char *name)
{
	tap_ok(have == want, "%s", name);
	if (have != want)
		printf("# have: %lld\n# want: %lld\n", have, want);
	return have == want;
}

static inline void tap_skip(const char *name, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++tap.run, name, why);
}

/* The last line; main returns its value. */
static inline int tap_done(void)
{
	printf("1..%d\n", tap.run);
	return tap.failed ? 1 : 0;
}
