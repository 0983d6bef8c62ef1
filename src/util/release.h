/*
 * release: the version of a kernel as a number that can be compared.
 */
#ifndef UTIL_RELEASE_H
#define UTIL_RELEASE_H

#include <stdint.h>
#include <stdio.h>

#define RELEASE(major, minor) ((unsigned)((major) << 8 | (minor)))

/* Of the text that uname(2) gives; 0 where that is no version, or NULL. */
static inline unsigned release_number(const char *text)
{
	unsigned major, minor;

	return text && sscanf(text, "%u.%u", &major, &minor) == 2 && minor <= UINT8_MAX
		       ? RELEASE(major, minor)
		       : 0;
}

#endif
