/*
 * json_text: JSON before it is parsed.
 */
#ifndef UTIL_JSON_TEXT_H
#define UTIL_JSON_TEXT_H

#include <stddef.h>

#include "util/err.h"

#define JSON_TEXT_MAX (8u << 20)   /* bytes of one document */
#define JSON_DEPTH_MAX 64	   /* nesting */
#define JSON_VALUES_MAX (1u << 19) /* values in one document */

/* Is it within these limits?  Returns 0, or -1 with e. */
int json_text_check(const char *text, size_t len, struct err *e);

/*
 * A copy of text where every integer from 2^63 to 2^64-1 is the negative one of the same bits, and
 * every negative integer a real: the library has no unsigned ones.  malloc'd.
 */
char *json_text_wrap(const char *text, size_t len, size_t *ret_len);

#endif
