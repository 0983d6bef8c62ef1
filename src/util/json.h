/*
 * json: typed, limit-checked access to JSON.  The only user of the JSON library.
 * null counts as absent, and unknown members are ignored.  A member of the wrong type is an error
 * that names it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "util/arena.h"
#include "util/err.h"
#include "util/json_text.h"

typedef struct json_t json; /* jansson's own struct, opaque here */

void json_freep(json **j);
#define auto_json __attribute__((cleanup(json_freep))) json *

/*
 * Parse len bytes.  As Go's decoder does, which wrote or read most documents, read whatever a string
 * cannot hold as U+FFFD: bytes that are not UTF-8 and half surrogates; and NUL, which a string of C
 * cannot hold.  Duplicate keys, trailing text and more than the limits of json_text.h are errors.
 * An integer beyond 64 bits is not: it may be in a member that nobody
 * reads, and json_get_i64 refuses it.  NULL on error; the caller releases.
 */
json *json_parse(const char *text, size_t len, struct err *e);

/* The same for readers by json_u64, which then gets 2^64-1 as well, infinity in many documents, and not
 * by json_get_i64.  It refuses what json_parse reads as U+FFFD. */
json *json_parse_u64(const char *text, size_t len, struct err *e);

/* The same for the file that path_read_beneath reads. */
json *json_read(int dirfd, const char *path, size_t max, struct err *e);

bool json_is_object(const json *j);
bool json_is_array(const json *j);
bool json_is_string(const json *j);
bool json_is_bool(const json *j);

/*
 * Borrowed member or element; NULL if absent or null, or if j is not an object or array.  As in Go,
 * upper and lower case are the same in a member's name, and the last one of a name counts.
 */
json *json_get(const json *obj, const char *key);
size_t json_len(const json *arr); /* 0 if it is not an array */
json *json_at(const json *arr, size_t i);
size_t json_count(const json *obj); /* members; 0 if it is not an object */
bool json_is_empty(const json *j);  /* absent, null, false, 0, "", [] or {} */

/* The value of a string; NULL if j is not one. */
const char *json_text(const json *j);

/* The sign and value of an integer from json_parse_u64.  Returns false for anything else, and for
 * integers from 2^63 to 2^64-2. */
bool json_u64(const json *v, bool *ret_minus, uint64_t *ret);

/*
 * Read a member of a type.  Each returns 0 and sets *ret; 0 and leaves *ret alone if the member is
 * absent; or -1 with e if it has another type.
 */
int json_get_str(const json *obj, const char *key, struct arena *a, char **ret, struct err *e);
int json_get_i64(const json *obj, const char *key, int64_t *ret, struct err *e);
int json_get_bool(const json *obj, const char *key, bool *ret, struct err *e);
int json_get_strv(
	const json *obj, const char *key, struct arena *a, struct strv *ret, struct err *e);
int json_get_obj(const json *obj, const char *key, json **ret, struct err *e); /* borrowed */
int json_get_arr(const json *obj, const char *key, json **ret, struct err *e); /* borrowed */

/*
 * Call fn for each member of an object in order, with NULL for a null.  Stop when it returns other
 * than 0, and return that.
 */
int json_each(json *obj, int (*fn)(const char *key, json *value, void *arg), void *arg);

/* Building.  The parent owns a child that is passed to json_put or json_add.  NULL children are
 * skipped. */
json *json_new_obj(void);
json *json_new_arr(void);
json *json_new_str(const char *s);   /* NULL gives null; invalid UTF-8 is escaped as \xNN */
json *json_new_strv(char *const *v); /* NULL gives an empty array */
json *json_new_int(int64_t v);
json *json_new_bool(bool v);
json *json_share(json *j); /* j itself, with one more owner */
void json_put(json *obj, const char *key, json *value);
bool json_put_new(
	json *obj, const char *key, json *value); /* false, and value is freed: there is the key */
void json_put_str(json *obj, const char *key, const char *s); /* NULL: left out */
void json_put_int(json *obj, const char *key, int64_t v);
void json_put_bool(json *obj, const char *key, bool v);
void json_add(json *arr, json *value);

/* The text in a malloc'd string: one line, or indented by two.  It does not end in a newline. */
char *json_dump(const json *j, bool indent);
