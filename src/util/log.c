/*
 * log: lines on standard error, and the quoting of text that nobody vouches for.
 * Touches standard error and its own level.
 */
#include "util/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOG_RAW_MAX 5120
#define LOG_PREFIX "sandbox: "

static enum log_level log_level = LOG_NORMAL;

void log_set_level(enum log_level level)
{
	log_level = level;
}

enum log_level log_get_level(void)
{
	return log_level;
}

size_t log_utf8_len(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	unsigned long c;
	size_t n;

	if (p[0] < 0x80)
		return p[0] ? 1 : 0;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		n = 2;
	else if ((p[0] & 0xf0) == 0xe0)
		n = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		n = 4;
	else
		return 0;
	c = p[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	/* longer than need be, a surrogate, or above Unicode's end */
	if ((n == 3 && c < 0x800) || (n == 4 && c < 0x10000) || c > 0x10ffff ||
		(c >= 0xd800 && c <= 0xdfff))
		return 0;
	return n;
}

/*
 * Length of the character at s where a terminal merely shows it; 0 where it would act on it: C0,
 * DEL, C1 (0x9b starts an escape sequence as ESC [ does), and what turns the direction of writing
 * or breaks the line.
 */
static size_t log_plain_len(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n = log_utf8_len(s);

	if (n == 1 && (p[0] < 0x20 || p[0] == 0x7f))
		return 0;
	if (n == 2 && p[0] == 0xc2 && p[1] < 0xa0)
		return 0;
	if (n == 3 && p[0] == 0xe2 && p[1] == 0x80 &&
		((p[2] >= 0xa8 && p[2] <= 0xae) || p[2] == 0x8e || p[2] == 0x8f))
		return 0;
	if (n == 3 && p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9)
		return 0;
	return n;
}

char *log_quote(char *dst, size_t size, const char *src)
{
	static const char hex[] = "0123456789abcdef";
	size_t n, at = 0;

	if (!size)
		return dst;
	while (*src) {
		n = log_plain_len(src);
		if (at + (n ? n : 4) >= size)
			break;
		if (n) {
			memcpy(dst + at, src, n);
			at += n;
			src += n;
			continue;
		}
		dst[at++] = '\\';
		dst[at++] = 'x';
		dst[at++] = hex[(unsigned char)*src >> 4];
		dst[at++] = hex[(unsigned char)*src & 15];
		src++;
	}
	dst[at] = '\0';
	return dst;
}

/* One write, so that lines of several processes on one terminal or file do not mix. */
static __attribute__((format(printf, 1, 0))) void log_line(const char *fmt, va_list ap)
{
	char raw[LOG_RAW_MAX], line[LOG_RAW_MAX + sizeof(LOG_PREFIX)] = LOG_PREFIX;
	size_t len = sizeof(LOG_PREFIX) - 1;

	if (vsnprintf(raw, sizeof(raw), fmt, ap) < 0)
		return;
	log_quote(line + len, sizeof(line) - len - 1, raw);
	len = strlen(line);
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, len) < 0)
		return; /* nowhere left to complain */
}

void log_note(const char *fmt, ...)
{
	va_list ap;

	if (log_level < LOG_NORMAL)
		return;
	va_start(ap, fmt);
	log_line(fmt, ap);
	va_end(ap);
}

void log_verbose(const char *fmt, ...)
{
	va_list ap;

	if (log_level < LOG_VERBOSE)
		return;
	va_start(ap, fmt);
	log_line(fmt, ap);
	va_end(ap);
}
