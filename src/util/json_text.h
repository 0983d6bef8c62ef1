/*
 * json_text: checks and changes JSON text before it is parsed.
 */
#pragma once

#include <stddef.h>

#include "util/err.h"

#define JSON_TEXT_MAX (8u << 20)   /* bytes of one document */
#define JSON_DEPTH_MAX 64	   /* nesting */
#define JSON_VALUES_MAX (1u << 19) /* values in one document */

/* Check these limits.  Returns 0, or -1 with e. */
int json_text_check(const char *text, size_t len, struct err *e);

/* A malloc'd copy of text in which U+FFFD stands for what json_parse does not keep. */
char *json_text_mend(const char *text, size_t len, size_t *ret_len);

/*
 * A malloc'd copy of text for json_parse_u64, since the library has no unsigned integers: 2^64-1, which
 * is infinity in many documents, becomes -2^63.
 */
char *json_text_wrap(const char *text, size_t len);
