/*
 * number: a decimal number in text.
 * Touches nothing.
 */
#include "util/number.h"

bool number_read(const char *s, size_t n, uint64_t max, uint64_t *ret)
{
	*ret = 0;
	for (size_t i = 0; i < n; i++)
		if (s[i] < '0' || s[i] > '9' || __builtin_mul_overflow(*ret, 10, ret) ||
			__builtin_add_overflow(*ret, (uint64_t)(s[i] - '0'), ret) || *ret > max)
			return false;
	return n > 0;
}
