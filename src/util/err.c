/*
 * err: fills in struct err.
 * Touches the struct that it is given; errno is left as it was.
 */
#include "util/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/log.h"

/* Bytes of a text before it is escaped and cut: a path of 4,096 bytes and some words. */
#define ERR_RAW_MAX 5120

static __attribute__((format(printf, 3, 0))) void err_format(
	char *dst, size_t size, const char *fmt, va_list ap)
{
	if (vsnprintf(dst, size, fmt, ap) < 0)
		dst[0] = '\0';
}

int err_set(struct err *e, int code, const char *fmt, ...)
{
	char raw[ERR_RAW_MAX], reason[128] = "";
	int saved = errno;
	size_t used;
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	err_format(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	if (code)
		(void)snprintf(reason, sizeof(reason), ": %s", strerror(code));

	memset(e, 0, sizeof(*e));
	e->code = code;
	/* A long name may be cut, but never the reason. */
	log_quote(e->msg, sizeof(e->msg) - strlen(reason), raw);
	used = strlen(e->msg);
	memcpy(e->msg + used, reason, strlen(reason) + 1);
	errno = saved;
	return -1;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char raw[ERR_RAW_MAX], context[ERR_MSG_MAX];
	int saved = errno;
	size_t len, room, used;
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	err_format(raw, sizeof(raw), fmt, ap);
	va_end(ap);

	/* The message is quoted already.  If both do not fit, the context is cut. */
	len = strnlen(e->msg, sizeof(e->msg) - 1);
	room = sizeof(e->msg) - 1 - len;
	if (room > 2) {
		log_quote(context, room - 1, raw);
		used = strlen(context);
		memmove(e->msg + used + 2, e->msg, len);
		memcpy(e->msg, context, used);
		memcpy(e->msg + used, ": ", 2);
		e->msg[used + 2 + len] = '\0';
	}
	errno = saved;
	return -1;
}

int err_hint(struct err *e, const char *fmt, ...)
{
	char raw[ERR_RAW_MAX];
	int saved = errno;
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	err_format(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	log_quote(e->hint, sizeof(e->hint), raw);
	errno = saved;
	return -1;
}

int err_status(struct err *e, int status)
{
	if (e)
		e->status = status;
	return -1;
}
