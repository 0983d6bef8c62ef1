/*
 * err: what went wrong.  Every room returns one; only cli/ prints it.
 * It is plain data: a child can write it into a pipe to its parent.
 */
#pragma once

#include <errno.h>

#define ERR_MSG_MAX 768
#define ERR_HINT_MAX 512

/* Exit statuses of sandbox itself; anything else is the payload's. */
enum {
	EXIT_SANDBOX = 125,	/* sandbox failed: bad flags, bad image, no namespaces ... */
	EXIT_CANNOT_EXEC = 126, /* the command was found but cannot be executed */
	EXIT_NOT_FOUND = 127,	/* the command was not found */
	EXIT_SIGNAL_BASE = 128, /* 128 + n: signal n ended the payload */
};

struct err {
	int code;		 /* the errno behind it, or 0 */
	int status;		 /* the exit status of sandbox; 0 means EXIT_SANDBOX */
	char msg[ERR_MSG_MAX];	 /* one line, no newline: what failed: the object: the reason */
	char hint[ERR_HINT_MAX]; /* what the user can do, or empty */
};

/*
 * Set *e to the formatted text, followed by ": reason" if code is an errno other than 0.  Control
 * bytes and broken UTF-8 (the text may come from a hostile image) are escaped as \xNN.  Always
 * returns -1, so that a failing function ends in `return err_set(...)`.
 */
int err_set(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Put "context: " in front of the message.  Always returns -1. */
int err_wrap(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Set the hint (one line).  Always returns -1. */
int err_hint(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Set the exit status that e leads to.  Always returns -1. */
int err_status(struct err *e, int status);

/* Set errno.  Always returns -1. */
static inline int err_errno(int code)
{
	errno = code;
	return -1;
}
