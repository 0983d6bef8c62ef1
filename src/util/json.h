/*
 * json: typed, limit-checked access to JSON.  The only user of the JSON library.
 * null counts as absent; unknown members are ignored; a member of the wrong type is an error that
 * names it.
 */
#ifndef UTIL_JSON_H
#define UTIL_JSON_H

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
 * Parse len bytes.  Duplicate keys, embedded NULs, trailing text and more than the limits above are
 * errors. An integer beyond 64 bits is not, since it may stand in a member that nobody reads;
 * json_get_i64 refuses it. NULL on error; the caller releases.
 */
json *json_parse(const char *text, size_t len, struct err *e);

/* The same for json_u64, which gets every integer of 64 bits then; json_get_i64 must not be used. */
json *json_parse_u64(const char *text, size_t len, struct err *e);

/* The same of the file path below dirfd, of at most max bytes, as path_read_beneath has it. */
json *json_read(int dirfd, const char *path, size_t max, struct err *e);

bool json_is_object(const json *j);
bool json_is_array(const json *j);
bool json_is_string(const json *j);

/* Borrowed member or element; NULL where absent, null, or j is no object / array. */
json *json_get(const json *obj, const char *key);
json *json_get_nocase(const json *obj,
	const char *key);	  /* the exact name first, then in any case, as Go reads it */
size_t json_len(const json *arr); /* 0 for anything that is no array */
json *json_at(const json *arr, size_t i);
size_t json_count(const json *obj); /* members; 0 for anything that is no object */
bool json_is_empty(const json *j);  /* absent, null, false, 0, "", [] or {} */

/* Value of a string; NULL where j is none. Strings with an embedded NUL are refused when parsing.
 */
const char *json_text(const json *j);

/* Of json_parse_u64: an integer, as its sign and the rest.  Returns false for what is none. */
bool json_u64(const json *v, bool *ret_minus, uint64_t *ret);

/*
 * Member by type.  Each returns 0 and leaves *ret alone where the member is absent,
 * 0 and sets *ret where it has the type, -1 with e otherwise.
 */
int json_get_str(const json *obj, const char *key, struct arena *a, char **ret, struct err *e);
int json_get_i64(const json *obj, const char *key, int64_t *ret, struct err *e);
int json_get_bool(const json *obj, const char *key, bool *ret, struct err *e);
int json_get_strv(
	const json *obj, const char *key, struct arena *a, struct strv *ret, struct err *e);
int json_get_obj(const json *obj, const char *key, json **ret, struct err *e); /* borrowed */
int json_get_arr(const json *obj, const char *key, json **ret, struct err *e); /* borrowed */

/*
 * Calls fn for each member of an object in its order, with NULL for a null; stops at the first that
 * returns other than 0 and returns that.
 */
int json_each(json *obj, int (*fn)(const char *key, json *value, void *arg), void *arg);

/* Building.  A child handed to json_put or json_add belongs to its parent from then on. NULL
 * children are skipped. */
json *json_new_obj(void);
json *json_new_arr(void);
json *json_new_str(
	const char *s); /* NULL gives null; bytes that are no UTF-8 are escaped as \xNN */
json *json_new_int(int64_t v);
json *json_new_bool(bool v);
json *json_new_strv(char *const *v); /* NULL gives an empty array */
void json_put(json *obj, const char *key, json *value);
void json_put_str(json *obj, const char *key, const char *s); /* NULL: left out */
void json_put_int(json *obj, const char *key, int64_t v);
void json_put_bool(json *obj, const char *key, bool v);
void json_add(json *arr, json *value);

/* As text in a malloc'd string: one line, or indented by two for people.  Ends in no newline. */
char *json_dump(const json *j, bool indent);

#endif
