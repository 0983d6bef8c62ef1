/*
 * release: a kernel version as a number, for comparison.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>

#define RELEASE(major, minor) ((unsigned)((major) << 8 | (minor)))

/* The version in the release of uname(2); 0 if there is none, or for NULL. */
static inline unsigned release_number(const char *text)
{
	unsigned major, minor;

	return text && sscanf(text, "%u.%u", &major, &minor) == 2 && minor <= UINT8_MAX
		       ? RELEASE(major, minor)
		       : 0;
}
