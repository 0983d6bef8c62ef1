/*
 * size: a number of bytes with a unit.
 * Touches memory only.
 */
#include "util/size.h"

#include <stdio.h>
#include <string.h>

#include "util/number.h"

#define SIZE_FRACTION_MAX 6

/* "", "b", and "k", "kb" or "kib" with any letter of units. */
static bool size_unit(const char *s, unsigned *ret_shift)
{
	static const char units[] = "kmgt";
	const char *u = *s ? strchr(units, *s | 0x20) : NULL;

	*ret_shift = u ? 10 * (unsigned)(u - units + 1) : 0;
	s += u != NULL;
	s += u && (*s | 0x20) == 'i' && (s[1] | 0x20) == 'b';
	s += (*s | 0x20) == 'b';
	return !*s;
}

bool size_parse(const char *text, uint64_t *ret)
{
	size_t whole = strspn(text, "0123456789"), places = 0;
	uint64_t n, part = 0, scale = 1, factor;
	unsigned shift;

	if (text[whole] == '.')
		places = strspn(text + whole + 1, "0123456789");
	if (!number_read(text, whole, INT64_MAX, &n) || places > SIZE_FRACTION_MAX)
		return false;
	for (size_t i = 0; i < places; i++, scale *= 10)
		part = part * 10 + (uint64_t)(text[whole + 1 + i] - '0');
	if (!size_unit(text + whole + (places ? places + 1 : 0), &shift))
		return false;
	factor = UINT64_C(1) << shift;
	if (__builtin_mul_overflow(n, factor, &n) ||
		__builtin_add_overflow(n, part * factor / scale, &n))
		return false;
	*ret = n;
	return n <= INT64_MAX;
}

int size_read(const char *what, const char *text, uint64_t least, uint64_t *ret, struct err *e)
{
	const bool mega = least >> 20;

	if (!size_parse(text, ret))
		return err_set(e, 0, "%s %s: not a size such as 500m or 1.5g", what, text);
	if (*ret < least)
		return err_set(e, 0, "%s %s: must be at least %llu%s", what, text,
			(unsigned long long)(mega ? least >> 20 : least), mega ? "m" : "");
	return 0;
}

char *size_text(char *buf, size_t size, uint64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	double v = (double)bytes;
	size_t u = 0;

	while (v >= 1000 && u < 4) {
		v /= 1000;
		u++;
	}
	(void)snprintf(buf, size, u == 0 ? "%.0f %s" : "%.1f %s", v, units[u]);
	return buf;
}
