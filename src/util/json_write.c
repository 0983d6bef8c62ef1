/*
 * json_write: writes JSON text from left to right into one buffer, without a tree.
 * Touches the heap.
 */
#include "util/json_write.h"

#include <stdio.h>
#include <string.h>

#include "util/arena.h"
#include "util/log.h"

#define JSON_WRITE_ROOM 16384 /* bytes of the first buffer: most plans fit */

/* The first three bytes of U+10FF00 to U+10FFFF in UTF-8.  The third and fourth hold the escaped
 * byte. */
#define JSON_RAW_0 0xf4
#define JSON_RAW_1 0x8f
#define JSON_RAW_2 0xbc

/* One byte at a time: most pieces are so short that a call of memcpy(3) costs more. */
static inline void json_write_byte(struct json_writer *w, char c)
{
	if (w->len == w->room) {
		w->room = w->room ? w->room * 2 : JSON_WRITE_ROOM;
		w->text = xrealloc(w->text, w->room);
	}
	w->text[w->len++] = c;
}

static void json_write_bytes(struct json_writer *w, const char *s, size_t n)
{
	for (; n; n--)
		json_write_byte(w, *s++);
}

static void json_write_line(struct json_writer *w)
{
	if (!w->indent)
		return;
	json_write_byte(w, '\n');
	for (unsigned i = 0; i < w->depth; i++)
		json_write_bytes(w, "  ", 2);
}

static bool json_is_raw(const unsigned char *s)
{
	return s[0] == JSON_RAW_0 && s[1] == JSON_RAW_1 && (s[2] & 0xfc) == JSON_RAW_2;
}

static void json_write_char(struct json_writer *w, const char **s)
{
	unsigned char c = (unsigned char)**s;
	size_t n = log_utf8_len(*s);
	char text[8];

	if (n > 1 && !json_is_raw((const unsigned char *)*s)) {
		json_write_bytes(w, *s, n);
		*s += n;
		return;
	}
	++*s;
	if (c >= 0x80) {
		w->escaped = true;
		text[0] = (char)JSON_RAW_0;
		text[1] = (char)JSON_RAW_1;
		text[2] = (char)(JSON_RAW_2 | c >> 6);
		text[3] = (char)(0x80 | (c & 0x3f));
		json_write_bytes(w, text, 4);
	} else if (c == '\n') {
		json_write_bytes(w, "\\n", 2);
	} else if (c < 0x20) {
		json_write_bytes(w, text, (size_t)snprintf(text, sizeof(text), "\\u%04x", c));
	} else {
		text[0] = '\\';
		text[1] = (char)c;
		json_write_bytes(w, text, 2);
	}
}

static void json_write_quoted(struct json_writer *w, const char *s)
{
	json_write_byte(w, '"');
	while (*s)
		if ((unsigned char)*s >= 0x20 && (unsigned char)*s < 0x80 && *s != '"' &&
			*s != '\\')
			json_write_byte(w, *s++);
		else
			json_write_char(w, &s);
	json_write_byte(w, '"');
}

/* The comma, line and key before a value. */
static void json_write_begin(struct json_writer *w, const char *key)
{
	if (w->more)
		json_write_byte(w, ',');
	if (w->depth)
		json_write_line(w);
	w->more = true;
	if (!key)
		return;
	json_write_quoted(w, key);
	json_write_bytes(w, ": ", w->indent ? 2 : 1);
}

void json_write_open(struct json_writer *w, const char *key, char bracket)
{
	json_write_begin(w, key);
	json_write_byte(w, bracket);
	w->depth++;
	w->more = false;
}

void json_write_close(struct json_writer *w, char bracket)
{
	w->depth--;
	if (w->more)
		json_write_line(w);
	json_write_byte(w, bracket);
	w->more = true;
}

void json_write_str(struct json_writer *w, const char *key, const char *s)
{
	if (!s)
		return;
	json_write_begin(w, key);
	json_write_quoted(w, s);
}

static void json_write_number(struct json_writer *w, const char *key, bool minus, uint64_t v)
{
	char text[24], *at = text + sizeof(text);

	json_write_begin(w, key);
	do
		*--at = (char)('0' + v % 10);
	while (v /= 10);
	if (minus)
		*--at = '-';
	json_write_bytes(w, at, (size_t)(text + sizeof(text) - at));
}

void json_write_int(struct json_writer *w, const char *key, int64_t v)
{
	json_write_number(w, key, v < 0, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

void json_write_uint(struct json_writer *w, const char *key, uint64_t v)
{
	json_write_number(w, key, false, v);
}

void json_write_bool(struct json_writer *w, const char *key, bool v)
{
	json_write_begin(w, key);
	json_write_bytes(w, v ? "true" : "false", v ? 4 : 5);
}

char *json_write_end(struct json_writer *w)
{
	char *text;

	json_write_byte(w, '\0');
	text = w->text;
	*w = (struct json_writer){ .indent = w->indent };
	return text;
}

void json_unescape(char *s)
{
	unsigned char *from = (unsigned char *)s, *to = from;

	while (*from) {
		if (json_is_raw(from)) {
			*to++ = (unsigned char)(from[2] << 6 | (from[3] & 0x3f));
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
}
