/*
 * json_text: checks and changes JSON text before it is parsed.
 * Touches memory only.
 */
#include "util/json_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "util/arena.h"

/*
 * Count levels and values by the brackets and commas outside strings, before the library allocates
 * anything: it allows 2,048 levels, and a document of short values takes sixty times its size in
 * memory.
 */
int json_text_check(const char *text, size_t len, struct err *e)
{
	size_t depth = 0, values = 1;
	bool quoted = false;

	if (len > JSON_TEXT_MAX)
		return err_set(e, 0, "JSON document larger than %u MiB", JSON_TEXT_MAX >> 20);
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
			continue;
		}
		if (c == '"')
			quoted = true;
		else if (c == '[' || c == '{')
			depth++, values++;
		else if ((c == ']' || c == '}') && depth)
			depth--;
		else if (c == ',')
			values++;
		if (depth > JSON_DEPTH_MAX)
			return err_set(e, 0, "JSON nested deeper than %d levels", JSON_DEPTH_MAX);
		if (values > JSON_VALUES_MAX)
			return err_set(
				e, 0, "JSON document with more than %u values", JSON_VALUES_MAX);
	}
	return 0;
}

/* The length of the number at s, at most len bytes.  *ret_fits: it is an integer whose digits
 * fit into *ret_v. */
static size_t json_text_number(const char *s, size_t len, uint64_t *ret_v, bool *ret_fits)
{
	size_t n = 0;

	*ret_v = 0;
	*ret_fits = true;
	for (; n < len && s[n] && strchr("0123456789+-.eE", s[n]); n++)
		if (s[n] < '0' || s[n] > '9')
			*ret_fits = *ret_fits && n == 0 && s[n] == '-';
		else if (__builtin_mul_overflow(*ret_v, 10, ret_v) ||
			 __builtin_add_overflow(*ret_v, (uint64_t)(s[n] - '0'), ret_v))
			*ret_fits = false;
	return n;
}

char *json_text_wrap(const char *text, size_t len, size_t *ret_len)
{
	char *out = xmalloc(len * 2 + 1), *to = out;
	bool quoted = false, fits;

	for (size_t i = 0, n; i < len; i += n) {
		uint64_t v;

		n = quoted ? 0 : json_text_number(text + i, len - i, &v, &fits);
		if (n && fits && v > INT64_MAX && text[i] != '-') {
			to += sprintf(to, "-%llu", (unsigned long long)-v);
		} else if (n) {
			memcpy(to, text + i, n);
			to += n;
			if (fits && n > 1 && text[i] == '-')
				to = stpcpy(to, ".0");
		} else {
			if (quoted && text[i] == '\\' && i + 1 < len)
				*to++ = text[i++];
			else if (text[i] == '"')
				quoted = !quoted;
			*to++ = text[i];
			n = 1;
		}
	}
	*ret_len = (size_t)(to - out);
	return out;
}
