/*
 * number: a decimal number in text.
 * Touches nothing.
 */
#include "util/number.h"

#include <string.h>

bool number_read(const char *s, size_t n, uint64_t max, uint64_t *ret)
{
	*ret = 0;
	for (size_t i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '9' || __builtin_mul_overflow(*ret, 10, ret) ||
			__builtin_add_overflow(*ret, (uint64_t)(s[i] - '0'), ret) || *ret > max)
			return false;
	return n > 0;
}

bool number_set(const char *s, unsigned char set[NUMBER_SET_MAX / 8])
{
	for (;; s++) {
		uint64_t first, last;
		size_t n = strcspn(s, "-,");

		if (!number_read(s, n, NUMBER_SET_MAX - 1, &first))
			return false;
		last = first;
		s += n;
		if (*s == '-') {
			n = strcspn(++s, ",");
			if (!number_read(s, n, NUMBER_SET_MAX - 1, &last) || last < first)
				return false;
			s += n;
		}
		for (; first <= last; first++)
			set[first / 8] |= (unsigned char)(1u << first % 8);
		if (!*s)
			return true;
	}
}
