/*
 * json: documents that are refused, members by type, and what is written.
 * Run by prove.
 * Touches memory only.
 */
#include <stdlib.h>

#include "tap.h"
#include "util/json.h"
#include "util/json_write.h"

static const struct {
	const char *name, *text, *want; /* want: part of the message; NULL where it parses */
} documents[] = {
	{ "an object", "{\"a\":[1,2.5,true,null,\"x\"]}", NULL },
	{ "a byte after the end", "{} x", "line 1" },
	{ "cut short", "{\"a\":", "not valid JSON" },
	{ "nothing", "", "not valid JSON" },
	{ "a key twice", "{\"a\":1,\"a\":2}", "duplicate" },
	{ "a comment", "{/**/}", "not valid JSON" },
	{ "brackets inside strings do not nest",
		"[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
		"\\\"[[[\"]",
		NULL },
	{ "an integer beyond 64 bits", "{\"big\":18446744073709551616}", NULL },
};

static void test_parse(void)
{
	static char deep[200], wide[1200000];
	struct err e;
	size_t n = 0;

	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		const char *text = documents[i].text, *want = documents[i].want;
		auto_json j = json_parse(text, strlen(text), &e);

		tap_ok(want ? !j && strstr(e.msg, want) : j != NULL, "parse: %s",
			documents[i].name);
	}
	for (int depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
		memset(deep, '[', (size_t)depth);
		memset(deep + depth, ']', (size_t)depth);
		auto_json j = json_parse(deep, 2 * (size_t)depth, &e);

		tap_ok(!j == (depth > JSON_DEPTH_MAX), "nesting of %d", depth);
	}
	wide[n++] = '[';
	while (n < sizeof(wide) - 2) {
		wide[n++] = '0';
		wide[n++] = ',';
	}
	auto_json j = json_parse(wide, n, &e);
	tap_ok(!j && strstr(e.msg, "values"), "too many values are refused before they are read");
	auto_json nul = json_parse("{}\0", 3, &e);
	tap_ok(!nul, "a NUL after the end is refused");
	auto_json big = json_parse(wide, (size_t)JSON_TEXT_MAX + 1, &e);
	tap_ok(!big && strstr(e.msg, "8 MiB"), "too long is refused unread");
}

/* Each beside what Go's decoder makes of it; U is U+FFFD.  Go keeps NUL, which a C string cannot. */
#define U "\xef\xbf\xbd"
static const struct {
	const char *text, *want;
} odd_strings[] = {
	{ "caf\xe9", "caf" U },
	{ "\xff\xfe", U U },
	{ "\xc3", U },
	{ "\xc0\xaf", U U },
	{ "\xed\xa0\x80", U U U },
	{ "\xf4\x90\x80\x80", U U U U },
	{ "caf\xc3\xa9 \xf0\x9f\x98\x80", "caf\xc3\xa9 \xf0\x9f\x98\x80" },
	{ "a\\u0000b\\u0000", "a" U "b" U },
	{ "\\ud800", U },
	{ "\\uDC00\\uD800", U U },
	{ "\\ud800\\u0041", U "A" },
	{ "\\ud800\\ud83d\\ude00", U "\xf0\x9f\x98\x80" },
	{ "\\\\ud800\\\\u0000", "\\ud800\\u0000" },
	{ "\\\"\xff\\\\", "\"" U "\\" },
};

static void test_strings(void)
{
	char text[256];
	struct err e;

	for (size_t i = 0; i < sizeof(odd_strings) / sizeof(odd_strings[0]); i++) {
		int n = snprintf(text, sizeof(text), "{\"%s\":\"%s\"}", odd_strings[i].text,
			odd_strings[i].text);
		auto_json j = json_parse(text, (size_t)n, &e);

		if (!tap_ok(j && json_text(json_get(j, odd_strings[i].want)) &&
				    strcmp(json_text(json_get(j, odd_strings[i].want)),
					    odd_strings[i].want) == 0,
			    "a name and a value that are no text: %s", odd_strings[i].text))
			printf("# %s\n", j ? json_dump(j, false) : e.msg);
	}
	static const char *const wrong[] = { "\"\\\xff\"", "\"\\u00\xff\"", "\"\\u12\"", "\xff",
		"\"\\", "\"\\ud800", "\"\\u", "\"\1\"" };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		/* On the heap, so that reading too far is seen. */
		char *exact = strdup(wrong[i]);
		auto_json j = json_parse(exact, strlen(exact), &e);

		tap_ok(!j, "what is no JSON stays none: %zu", i);
		free(exact);
	}
}

static void test_members(void)
{
	static const char text[] =
		"{\"s\":\"x\",\"i\":-5,\"b\":true,\"l\":[\"a\",\"b\"],\"o\":{\"k\":1},\"n\":null,"
		"\"m\":[\"a\",1],\"repoTags\":[\"t\"],\"Twice\":1,\"TWICE\":2,\"twice\":3,\"tWICE\":null}";
	struct arena a = { 0 };
	struct err e;
	struct strv l = { 0 };
	auto_json j = json_parse(text, strlen(text), &e);
	char *s = NULL;
	int64_t i = 7;
	bool b = false;
	json *o = NULL;

	tap_ok(json_get_str(j, "s", &a, &s, &e) == 0 && s && strcmp(s, "x") == 0, "a string");
	tap_ok(json_get_i64(j, "i", &i, &e) == 0 && i == -5, "an integer");
	tap_ok(json_get_bool(j, "b", &b, &e) == 0 && b, "a truth");
	tap_ok(json_get_strv(j, "l", &a, &l, &e) == 0 && l.n == 2 && !l.v[2], "a list of strings");
	tap_ok(json_get_obj(j, "o", &o, &e) == 0 && json_is_object(o), "an object");
	tap_ok(json_get_i64(j, "n", &i, &e) == 0 && i == -5, "null leaves the value alone");
	tap_ok(json_get_i64(j, "none", &i, &e) == 0 && i == -5, "absence as well");
	tap_ok(json_get_str(j, "i", &a, &s, &e) < 0 && strstr(e.msg, "\"i\" is not a string"),
		"the wrong type is an error that names the member");
	tap_ok(json_get_strv(j, "m", &a, &l, &e) < 0 && l.n == 2,
		"a list with a number in it is none of strings");
	tap_ok(json_get_i64(j, "s", &i, &e) < 0 && json_get_bool(j, "i", &b, &e) < 0 &&
			json_get_obj(j, "l", &o, &e) < 0 && json_get_arr(j, "o", &o, &e) < 0,
		"no other type passes either");
	tap_ok(json_len(json_get(j, "RepoTags")) == 1, "a key in another case");
	tap_ok(json_get_i64(j, "Twice", &i, &e) == 0 && i == 3,
		"of keys in several cases the last one counts, null aside");
	tap_ok(!json_get(NULL, "x") && !json_at(j, 0) && json_len(j) == 0 && !json_text(j),
		"nothing in nothing");
	arena_done(&a);
}

static void test_big_numbers(void)
{
	static const char text[] = "{\"big\":18446744073709551616,\"size\":123456789012,\"f\":1.5}";
	struct err e;
	auto_json j = json_parse(text, strlen(text), &e);
	int64_t n = 0;

	tap_ok(json_get_i64(j, "size", &n, &e) == 0 && n == 123456789012,
		"others beside a big number are exact");
	tap_ok(json_get_i64(j, "big", &n, &e) < 0 && json_get_i64(j, "f", &n, &e) < 0,
		"the big one is refused when read");
}

#define SEEN_MAX 16

static int count_members(const char *key, json *value, void *arg)
{
	char *seen = arg;

	snprintf(seen + strlen(seen), SEEN_MAX - strlen(seen), "%s", key);
	return value ? 0 : 9;
}

static void test_write(void)
{
	static char *const words[] = { (char *)"a\"b", (char *)"\xff\n", NULL };
	auto_json j = json_new_obj();
	json *arr = json_new_arr();
	char seen[SEEN_MAX] = "";
	char *text;

	json_put_str(j, "z", "1");
	json_put_str(j, "none", NULL);
	json_put(j, "skipped", NULL);
	json_put_int(j, "i", INT64_MIN);
	json_put_bool(j, "b", false);
	json_add(arr, json_new_strv(words));
	json_add(arr, json_new_strv(NULL));
	json_add(arr, json_new_str(NULL));
	json_put(j, "\xfe", arr);
	text = json_dump(j, false);
	tap_str(text,
		"{\"z\":\"1\",\"i\":-9223372036854775808,\"b\":false,\"\\\\xfe\":[[\"a\\\"b\","
		"\"\\\\xff\\n\"],[],null]}",
		"in the order of putting, on one line, broken bytes escaped");
	free(text);
	text = json_dump(arr, true);
	tap_ok(strstr(text, "\n  [\n    \"a\\\"b\"") != NULL, "indented by two for people");
	free(text);
	json_put(j, "n", json_new_str(NULL));
	json_put_int(j, "after", 1);
	tap_int(json_each(j, count_members, seen), 9, "json_each stops where it is told to");
	tap_str(seen, "zib\\xfen", "having gone in order");
	tap_int(json_each(NULL, count_members, seen), 0, "and does nothing with nothing");
}

static void test_u64(void)
{
	static const struct {
		const char *text;
		bool good, minus;
		uint64_t want;
	} rows[] = {
		{ "0", true, false, 0 },
		{ "9223372036854775807", true, false, INT64_MAX },
		{ "9223372036854775808", false, false, 0 },
		{ "18446744073709551614", false, false, 0 },
		{ "118446744073709551615", false, false, 0 },
		{ "184467440737095516150", false, false, 0 },
		{ "0.18446744073709551615", false, false, 0 },
		{ "-18446744073709551615", false, false, 0 },
		{ "-9223372036854775807", true, true, INT64_MAX },
		{ "18446744073709551615", true, false, UINT64_MAX },
		{ "18446744073709551616", false, false, 0 },
		{ "-1", true, true, 1 },
		{ "-0", true, false, 0 },
		{ "1.5", false, false, 0 },
		{ "1e3", true, false, 1000 },
		{ "1e-3", false, false, 0 },
		{ "9007199254740993", true, false, 9007199254740993 },
		{ "\"18446744073709551615\"", false, false, 0 },
		{ "true", false, false, 0 },
	};
	/* the others in the document make no difference */
	static const char *const beside[] = { "", ",\"x\":18446744073709551615",
		",\"x\":-7,\"y\":\"-9\\\"9e-\"" };
	char text[160];
	struct err e;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t k = 0; k < sizeof(beside) / sizeof(beside[0]); k++) {
			bool minus = false, good;
			uint64_t n = 0;

			snprintf(text, sizeof(text), "{\"n\":%s%s}", rows[i].text, beside[k]);
			auto_json j = json_parse_u64(text, strlen(text), &e);
			good = json_u64(json_get(j, "n"), &minus, &n);
			tap_ok(j && good == rows[i].good &&
					(!good || (minus == rows[i].minus && n == rows[i].want)),
				"64 bits: %s", text);
		}
	for (size_t n = 0; n < sizeof(text); n++)
		text[n] = "-e+.0\"\\[,"[n * 7 % 9];
	auto_json j = json_parse_u64(text, sizeof(text), &e);
	tap_ok(!j, "what only looks like numbers is no JSON");
}

/* What is written is JSON, and the strings in it come back whole. */
static void test_writer(void)
{
	static const char *const strings[] = { "", "plain", "\"\\/\b\n\x01\x7f",
		"caf\xc3\xa9 \xf0\x9f\x98\x80", "\xff", "\xc3", "a\x80z\xc3\xa9",
		"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbe\x80\xfe", "\xed\xa0\x80" };
	const size_t n = sizeof(strings) / sizeof(strings[0]);
	struct arena a = { 0 };
	struct err e;

	for (int indent = 0; indent < 2; indent++) {
		struct json_writer w = { .indent = indent };
		char *text;

		json_write_open(&w, NULL, '{');
		json_write_open(&w, "list", '[');
		for (size_t i = 0; i < n; i++)
			json_write_str(&w, NULL, strings[i]);
		json_write_close(&w, ']');
		json_write_str(&w, "none", NULL);
		json_write_int(&w, "least", INT64_MIN);
		json_write_uint(&w, "most", UINT64_MAX);
		json_write_bool(&w, "b\xff", true);
		json_write_open(&w, "empty", '{');
		json_write_close(&w, '}');
		json_write_close(&w, '}');
		tap_ok(w.escaped, "bytes that are no characters were told of");
		text = json_write_end(&w);
		auto_json j = json_parse_u64(text, strlen(text), &e);
		tap_ok(j && json_len(json_get(j, "list")) == n && !json_get(j, "none") &&
				json_get(j, "empty"),
			"it can be read");
		for (size_t i = 0; i < n; i++) {
			char *copy = arena_strdup(&a, json_text(json_at(json_get(j, "list"), i)));

			json_unescape(copy);
			tap_ok(strcmp(copy, strings[i]) == 0, "string %zu comes back", i);
		}
		tap_ok(indent ? strstr(text, "\n  \"least\": -9223372036854775808,\n") != NULL
			      : strstr(text,
					",\"least\":-9223372036854775808,\"most\":18446744073709551615,") !=
					NULL,
			"numbers, %s", indent ? "for people" : "on one line");
		free(text);
	}
	arena_done(&a);
}

int main(void)
{
	test_parse();
	test_strings();
	test_members();
	test_big_numbers();
	test_write();
	test_u64();
	test_writer();
	return tap_done();
}
