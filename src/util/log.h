/*
 * log: lines on standard error: failures, notes, warnings.
 * The level is one of the few mutable globals (docs/style.md); cli/ sets it once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_QUIET, LOG_NORMAL, LOG_VERBOSE };

void log_set_level(enum log_level level);
enum log_level log_get_level(void);

/* "sandbox: text" at every level: why something failed. */
void log_failure(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* "sandbox: text" at LOG_NORMAL and above: a change of behaviour that concerns the user. */
void log_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* "sandbox: text" at LOG_VERBOSE only. */
void log_verbose(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Copy src (any bytes) into dst (size bytes) with control bytes and broken UTF-8 as \xNN.  The text
 * is cut if it does not fit, and always NUL-terminated.  Returns dst.
 */
char *log_quote(char *dst, size_t size, const char *src);

/* The length of the UTF-8 character at s; 0 at the end, or if s does not begin with a valid one. */
size_t log_utf8_len(const char *s);
