/*
 * json: reads and writes JSON, and checks limits and types.
 * Touches memory, and reads the file that it is given.
 */
#include <jansson.h>

/* The library has these as macros; here they are functions. */
#undef json_is_object
#undef json_is_array
#undef json_is_string

#include "util/json.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "util/fd.h"
#include "util/json_text.h"
#include "util/log.h"
#include "util/path.h"

/* A real below this can represent every integer exactly. */
#define JSON_EXACT_MAX 9007199254740992.0

void json_freep(json **j)
{
	json_decref(*j);
	*j = NULL;
}

static json *json_load(const char *text, size_t len, struct err *e)
{
	json_error_t why;
	json *j = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);

	/* Some integer is beyond int64; it may be in a member that nobody reads. */
	if (!j && json_error_code(&why) == json_error_numeric_overflow)
		j = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &why);
	if (!j)
		(void)err_set(e, 0, "not valid JSON: line %d, column %d: %s", why.line, why.column,
			why.text);
	return j;
}

json *json_parse(const char *text, size_t len, struct err *e)
{
	auto_free char *clean = NULL;

	if (json_text_check(text, len, e) < 0)
		return NULL;
	clean = json_text_mend(text, len, &len);
	return json_load(clean, len, e);
}

json *json_parse_u64(const char *text, size_t len, struct err *e)
{
	char *wrapped;
	json *j;

	if (json_text_check(text, len, e) < 0)
		return NULL;
	wrapped = json_text_wrap(text, len);
	j = json_load(wrapped, len, e);
	free(wrapped);
	return j;
}

json *json_read(int dirfd, const char *path, size_t max, struct err *e)
{
	size_t len = 0;
	auto_free char *text = path_read_beneath(dirfd, path, max, &len);
	json *j = text ? json_parse(text, len, e) : NULL;

	if (!text)
		(void)err_set(e, errno, "%s", path);
	else if (!j)
		(void)err_wrap(e, "%s", path);
	return j;
}

bool json_is_object(const json *j)
{
	return j && json_typeof(j) == JSON_OBJECT;
}

bool json_is_array(const json *j)
{
	return j && json_typeof(j) == JSON_ARRAY;
}

bool json_is_string(const json *j)
{
	return j && json_typeof(j) == JSON_STRING;
}

bool json_is_bool(const json *j)
{
	return j && (json_typeof(j) == JSON_TRUE || json_typeof(j) == JSON_FALSE);
}

json *json_get(const json *obj, const char *key)
{
	/* The iterator needs an object that is not const, but does not change it. */
	json *o = (json *)obj, *found = NULL, *value;

	for (void *it = json_object_iter(o); it; it = json_object_iter_next(o, it)) {
		value = json_object_iter_value(it);
		if (json_typeof(value) != JSON_NULL &&
			strcasecmp(json_object_iter_key(it), key) == 0)
			found = value;
	}
	return found;
}

size_t json_len(const json *arr)
{
	return json_array_size(arr);
}

size_t json_count(const json *obj)
{
	return json_object_size(obj);
}

bool json_is_empty(const json *j)
{
	return !j || !(json_is_true(j) || json_integer_value(j) || json_real_value(j) != 0 ||
			     json_string_length(j) || json_array_size(j) || json_object_size(j));
}

json *json_at(const json *arr, size_t i)
{
	json *v = json_array_get(arr, i);

	return v && json_typeof(v) != JSON_NULL ? v : NULL;
}

const char *json_text(const json *j)
{
	return json_string_value(j);
}

static int json_wrong(const char *key, const char *wanted, struct err *e)
{
	return err_set(e, 0, "member \"%s\" is not %s", key, wanted);
}

int json_get_str(const json *obj, const char *key, struct arena *a, char **ret, struct err *e)
{
	const json *v = json_get(obj, key);

	if (!v)
		return 0;
	if (!json_is_string(v))
		return json_wrong(key, "a string", e);
	*ret = arena_strdup(a, json_text(v));
	return 0;
}

/* json_load reads integers as reals if one of them is beyond int64. */
static bool json_whole_real(const json *v, int64_t *ret)
{
	double d = json_real_value(v);

	if (json_typeof(v) != JSON_REAL || !(d > -JSON_EXACT_MAX && d < JSON_EXACT_MAX))
		return false;
	*ret = (int64_t)d;
	return (double)*ret == d;
}

int json_get_i64(const json *obj, const char *key, int64_t *ret, struct err *e)
{
	const json *v = json_get(obj, key);
	int64_t n;

	if (!v)
		return 0;
	if (json_typeof(v) == JSON_INTEGER)
		n = json_integer_value(v);
	else if (!json_whole_real(v, &n))
		return json_wrong(key, "an integer of 64 bits", e);
	*ret = n;
	return 0;
}

bool json_u64(const json *v, bool *ret_minus, uint64_t *ret)
{
	int64_t n;

	if (v && json_typeof(v) == JSON_INTEGER)
		n = json_integer_value(v);
	else if (!v || !json_whole_real(v, &n))
		return false;
	*ret_minus = n < 0 && n != INT64_MIN;
	*ret = n == INT64_MIN ? UINT64_MAX : *ret_minus ? -(uint64_t)n : (uint64_t)n;
	return true;
}

int json_get_bool(const json *obj, const char *key, bool *ret, struct err *e)
{
	const json *v = json_get(obj, key);

	if (!v)
		return 0;
	if (!json_is_bool(v))
		return json_wrong(key, "true or false", e);
	*ret = json_typeof(v) == JSON_TRUE;
	return 0;
}

int json_get_strv(
	const json *obj, const char *key, struct arena *a, struct strv *ret, struct err *e)
{
	const json *v = json_get(obj, key);

	if (!v)
		return 0;
	if (!json_is_array(v))
		return json_wrong(key, "an array of strings", e);
	for (size_t i = 0; i < json_len(v); i++)
		if (json_at(v, i) && !json_is_string(json_at(v, i)))
			return json_wrong(key, "an array of strings", e);
	*ret = (struct strv){ 0 };
	for (size_t i = 0; i < json_len(v); i++)
		strv_add_copy(a, ret, json_at(v, i) ? json_text(json_at(v, i)) : "");
	return 0;
}

static int json_get_kind(const json *obj, const char *key, json_type type, const char *wanted,
	json **ret, struct err *e)
{
	json *v = json_get(obj, key);

	if (v && json_typeof(v) != type)
		return json_wrong(key, wanted, e);
	*ret = v ? v : *ret;
	return 0;
}

int json_get_obj(const json *obj, const char *key, json **ret, struct err *e)
{
	return json_get_kind(obj, key, JSON_OBJECT, "an object", ret, e);
}

int json_get_arr(const json *obj, const char *key, json **ret, struct err *e)
{
	return json_get_kind(obj, key, JSON_ARRAY, "an array", ret, e);
}

int json_each(json *obj, int (*fn)(const char *key, json *value, void *arg), void *arg)
{
	json *value;
	int r;

	for (void *it = json_object_iter(obj); it; it = json_object_iter_next(obj, it)) {
		value = json_object_iter_value(it);
		if (json_typeof(value) == JSON_NULL)
			value = NULL;
		r = fn(json_object_iter_key(it), value, arg);
		if (r)
			return r;
	}
	return 0;
}

/* Its arguments here are valid, so the library can fail only for want of memory. */
static json *json_made(json *j)
{
	if (!j)
		arena_out_of_memory();
	return j;
}

json *json_new_obj(void)
{
	return json_made(json_object());
}

json *json_new_arr(void)
{
	return json_made(json_array());
}

/* A malloc'd copy of s with each byte that is not valid UTF-8 as \xNN. */
static char *json_utf8(const char *s)
{
	static const char hex[] = "0123456789abcdef";
	size_t n, at = 0, len = strlen(s);
	char *out = xmalloc(len > SIZE_MAX / 4 - 1 ? SIZE_MAX : len * 4 + 1);

	while (*s) {
		n = log_utf8_len(s);
		if (n) {
			memcpy(out + at, s, n);
			at += n;
			s += n;
			continue;
		}
		out[at++] = '\\';
		out[at++] = 'x';
		out[at++] = hex[(unsigned char)*s >> 4];
		out[at++] = hex[(unsigned char)*s & 15];
		s++;
	}
	out[at] = '\0';
	return out;
}

json *json_new_str(const char *s)
{
	char *clean;
	json *j;

	if (!s)
		return json_null();
	clean = json_utf8(s);
	j = json_made(json_string_nocheck(clean));
	free(clean);
	return j;
}

json *json_new_strv(char *const *v)
{
	json *arr = json_new_arr();

	for (; v && *v; v++)
		json_add(arr, json_new_str(*v));
	return arr;
}

json *json_new_int(int64_t v)
{
	return json_made(json_integer(v));
}

json *json_new_bool(bool v)
{
	return json_boolean(v);
}

json *json_share(json *j)
{
	return json_incref(j);
}

void json_put(json *obj, const char *key, json *value)
{
	char *clean;

	if (!value)
		return;
	clean = json_utf8(key);
	if (json_object_set_new_nocheck(obj, clean, value) < 0)
		arena_out_of_memory();
	free(clean);
}

bool json_put_new(json *obj, const char *key, json *value)
{
	if (json_object_get(obj, key)) {
		json_decref(value);
		return false;
	}
	json_put(obj, key, value);
	return true;
}

void json_put_str(json *obj, const char *key, const char *s)
{
	if (s)
		json_put(obj, key, json_new_str(s));
}

void json_put_int(json *obj, const char *key, int64_t v)
{
	json_put(obj, key, json_new_int(v));
}

void json_put_bool(json *obj, const char *key, bool v)
{
	json_put(obj, key, json_boolean(v));
}

void json_add(json *arr, json *value)
{
	if (value && json_array_append_new(arr, value) < 0)
		arena_out_of_memory();
}

char *json_dump(const json *j, bool indent)
{
	char *text = json_dumps(j, JSON_ENCODE_ANY | (indent ? JSON_INDENT(2) : JSON_COMPACT));

	if (!text)
		arena_out_of_memory();
	return text;
}
