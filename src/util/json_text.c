/*
 * json_text: checks and changes JSON text before it is parsed.
 * Touches memory only.
 */
#include "util/json_text.h"

#include <stdbool.h>
#include <string.h>

#include "util/arena.h"

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
