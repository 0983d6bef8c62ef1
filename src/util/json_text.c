/*
 * json_text: checks and changes JSON text before it is parsed.
 * Touches memory only.
 */
#include "util/json_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/log.h"

#define JSON_TEXT_MOST "18446744073709551615"
#define JSON_TEXT_LEAST "-9223372036854775808"
#define JSON_TEXT_DIGITS 20		   /* bytes of either */
#define JSON_TEXT_NUMBER "0123456789+-.eE" /* what more of a number may stand beside it */

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

/* The code unit of \uXXXX at s, or 0 if there is something else. */
static unsigned json_text_unit(const char *s)
{
	char digits[5] = "";

	if (s[0] != '\\' || s[1] != 'u' || strspn(s + 2, "0123456789abcdefABCDEF") < 4)
		return 0;
	memcpy(digits, s + 2, 4);
	return (unsigned)strtoul(digits, NULL, 16);
}

/* The length of the escape at s, after mending it.  The parser reports what is none. */
static size_t json_text_escape(char *s)
{
	const unsigned unit = json_text_unit(s), next = unit ? json_text_unit(s + 6) : 0;

	if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000)
		return 12;
	if ((unit >= 0xd800 && unit < 0xe000) || strncmp(s, "\\u0000", 6) == 0)
		memcpy(s + 2, "fffd", 4);
	return s[1] == '\\' || s[1] == '"' ? 2 : 1;
}

char *json_text_mend(const char *text, size_t len, size_t *ret_len)
{
	static const char unknown[3] = { '\xef', '\xbf', '\xbd' };
	/* Each byte becomes three at most: from the end of the buffer the copy grows towards it. */
	char *out = xmalloc(3 * len + 1), *to = out, *from = out + 2 * len;
	const char *end = from + len;

	memcpy(from, text, len);
	from[len] = '\0';
	while (from < end) {
		size_t n = *from == '\\' ? json_text_escape(from) : log_utf8_len(from);

		if (!n && *from) {
			memcpy(to, unknown, sizeof(unknown));
			to += sizeof(unknown);
			from++;
			continue;
		}
		n += !n; /* a NUL byte, which the parser refuses */
		memmove(to, from, n);
		to += n;
		from += n;
	}
	*ret_len = (size_t)(to - out);
	return out;
}

char *json_text_wrap(const char *text, size_t len)
{
	char *out = xmalloc(len + 1);
	bool quoted = false;

	memcpy(out, text, len);
	for (size_t i = 0; i < len; i++)
		if (quoted && out[i] == '\\')
			i++;
		else if (out[i] == '"')
			quoted = !quoted;
		else if (!quoted && out[i] == '1' && len - i >= JSON_TEXT_DIGITS &&
			 memcmp(out + i, JSON_TEXT_MOST, JSON_TEXT_DIGITS) == 0 &&
			 !(i && strchr(JSON_TEXT_NUMBER, out[i - 1])) &&
			 !(i + JSON_TEXT_DIGITS < len &&
				 strchr(JSON_TEXT_NUMBER, out[i + JSON_TEXT_DIGITS])))
			memcpy(out + i, JSON_TEXT_LEAST, JSON_TEXT_DIGITS);
	return out;
}
