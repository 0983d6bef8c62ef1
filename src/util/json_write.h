/*
 * json_write: writes JSON text from left to right into one buffer, without a tree.
 *
 * Strings may hold any bytes, but JSON holds only characters.  Each byte that is not valid UTF-8,
 * and each byte of a character from U+10FF00 to U+10FFFF, becomes the character U+10FF00 plus its
 * value. json_unescape reverses that.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero-initialise all members except indent. */
struct json_writer {
	char *text; /* malloc'd; the caller frees what json_write_end returns */
	size_t len, room;
	unsigned depth;
	bool indent;  /* by two blanks; else all is one line */
	bool more;    /* there is a value before this one at this depth */
	bool escaped; /* some string had invalid bytes */
};

/* key is NULL in an array and at the top.  A NULL string is left out. */
void json_write_open(struct json_writer *w, const char *key, char bracket);
void json_write_close(struct json_writer *w, char bracket);
void json_write_str(struct json_writer *w, const char *key, const char *s);
void json_write_int(struct json_writer *w, const char *key, int64_t v);
void json_write_uint(struct json_writer *w, const char *key, uint64_t v);
void json_write_bool(struct json_writer *w, const char *key, bool v);

/* Return the text, NUL-terminated and without a newline at its end.  w is empty again. */
char *json_write_end(struct json_writer *w);

/* Restore the bytes that json_write_str escaped, in place. */
void json_unescape(char *s);
