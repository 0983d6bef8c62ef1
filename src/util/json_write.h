/*
 * json_write: JSON text that is written from left to right into one buffer, without a tree.
 *
 * A string may hold any bytes, JSON only characters.  Each byte that is part of no UTF-8 character
 * becomes the character U+10FF00 plus its number, and so does each byte of these characters
 * themselves; json_unescape turns them back.
 */
#ifndef UTIL_JSON_WRITE_H
#define UTIL_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero-initialise, but for indent. */
struct json_writer {
	char *text; /* malloc'd, the caller's to free; NUL-terminated by json_write_end */
	size_t len, room;
	unsigned depth;
	bool indent;  /* by two blanks for people; else one line */
	bool more;    /* a value stands before at this depth */
	bool escaped; /* some string had bytes that are no characters */
};

/* key is NULL in an array and at the top; a NULL string is left out. */
void json_write_open(struct json_writer *w, const char *key, char bracket);
void json_write_close(struct json_writer *w, char bracket);
void json_write_str(struct json_writer *w, const char *key, const char *s);
void json_write_int(struct json_writer *w, const char *key, int64_t v);
void json_write_uint(struct json_writer *w, const char *key, uint64_t v);
void json_write_bool(struct json_writer *w, const char *key, bool v);

/* The text, without a newline at its end; w is empty again. */
char *json_write_end(struct json_writer *w);

/* Turn what json_write_str made of bytes that are no characters back, in place. */
void json_unescape(char *s);

#endif
