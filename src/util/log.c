/*
 * log: lines on standard error, and quoting of untrusted text.
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
	/* an overlong form, a surrogate, or beyond the last code point */
	if ((n == 3 && c < 0x800) || (n == 4 && c < 0x10000) || c > 0x10ffff ||
		(c >= 0xd800 && c <= 0xdfff))
		return 0;
	return n;
}

/*
 * The length of the character at s if a terminal only shows it; 0 for a character that controls the
 * terminal: C0, DEL, C1 (0x9b starts an escape sequence like ESC [), and those that change the
 * direction of text or break the line.
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

/* One write(2), so that the lines of several processes do not mix. */
static __attribute__((format(printf, 2, 0))) void log_line(
	enum log_level least, const char *fmt, va_list ap)
{
	char raw[LOG_RAW_MAX], line[LOG_RAW_MAX + sizeof(LOG_PREFIX)] = LOG_PREFIX;
	size_t len = sizeof(LOG_PREFIX) - 1;

	if (log_level < least || vsnprintf(raw, sizeof(raw), fmt, ap) < 0)
		return;
	log_quote(line + len, sizeof(line) - len - 1, raw);
	len = strlen(line);
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, len) < 0)
		return; /* there is nowhere to report this */
}

void log_failure(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_QUIET, fmt, ap);
	va_end(ap);
}

void log_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_NORMAL, fmt, ap);
	va_end(ap);
}

void log_verbose(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(LOG_VERBOSE, fmt, ap);
	va_end(ap);
}
