/*
 * cdi: YAML as a tree, its limits, CDI specifications that are refused, and the order of names in the loader's cache.
 * Run by prove.
 * Touches memory only.
 */
#include <stdlib.h>

#include "cdi/spec.h"
#include "plan/hook.h"
#include "tap.h"
#include "util/ld_cache.h"
#include "util/yaml.h"

static const struct {
	const char *name, *text, *want; /* want: the same as JSON, or a part of the message */
	bool good;
} documents[] = {
	{ "an object", "a: 1\nb: [x, -2, 0x10, 0644, 0o644]\n",
		"{\"a\":1,\"b\":[\"x\",-2,16,420,420]}", true },
	{ "words", "[true, False, ~, null, yes, 1.5, 0.5.0, 1e3, -]",
		"[true,false,null,null,\"yes\",\"1.5\",\"0.5.0\",\"1e3\",\"-\"]", true },
	{ "quotes make strings", "['1', \"true\", \"a\\nb\", '']",
		"[\"1\",\"true\",\"a\\nb\",\"\"]", true },
	{ "a block", "a: |\n  x\n  y\nb: >-\n  x\n  y\n", "{\"a\":\"x\\ny\\n\",\"b\":\"x y\"}",
		true },
	{ "no value", "a:\nb: []\nc: {}\n", "{\"a\":null,\"b\":[],\"c\":{}}", true },
	{ "a beginning and an end", "%YAML 1.1\n---\na: 1\n...\n", "{\"a\":1}", true },
	{ "JSON", "{\"a\": [1, \"x\", null]}", "{\"a\":[1,\"x\",null]}", true },
	{ "an alias", "a: &x [1, 2]\nb: *x\nc: {d: *x}\n",
		"{\"a\":[1,2],\"b\":[1,2],\"c\":{\"d\":[1,2]}}", true },
	{ "the last anchor of a name", "[&x 1, &x 2, *x]", "[1,2,2]", true },
	{ "a tag of a type", "[!!str 1, !!int \"2\", !!str true]", "[\"1\",2,\"true\"]", true },
	{ "more than 64 bits", "[9223372036854775807, 9223372036854775808]",
		"[9223372036854775807,\"9223372036854775808\"]", true },
	{ "a tag that nobody knows", "!foo 1", "type", false },
	{ "a key twice", "a: 1\na: 2\n", "line 2, column 1: a key that was there", false },
	{ "a key that is a list", "[1]: 2\n", "no word", false },
	{ "an alias that contains itself", "&x [*x]", "without an anchor", false },
	{ "an alias of nothing", "[*x]", "without an anchor", false },
	{ "two documents", "a: 1\n---\nb: 1\n", "second document", false },
	{ "nothing", "", "empty", false },
	{ "a comment only", "# x\n", "empty", false },
	{ "a tab", "a:\n\t- b\n", "not valid YAML: line 2", false },
	{ "cut short", "a: [1, 2", "not valid YAML", false },
	{ "a NUL in a string", "a: \"x\\0y\"", "NUL", false },
};

static void test_yaml(void)
{
	struct err e;

	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		auto_json j = yaml_parse(documents[i].text, strlen(documents[i].text), &e);
		char *got = j ? json_dump(j, false) : NULL;

		if (documents[i].good)
			tap_str(got ? got : e.msg, documents[i].want, documents[i].name);
		else
			tap_ok(!j && strstr(e.msg, documents[i].want), "%s is refused: %s",
				documents[i].name, j ? got : e.msg);
		free(got);
	}
}

/* Ten aliases of ten aliases ...: a few hundred bytes would be a billion values. */
static void test_yaml_limits(void)
{
	char text[4096], *end = text;
	static char deep[2 * JSON_DEPTH_MAX + 8];
	struct err e;

	end += sprintf(end, "- &l0 [x]\n");
	for (int i = 1; i < 10; i++) {
		end += sprintf(end, "- &l%d [", i);
		for (int k = 0; k < 10; k++)
			end += sprintf(end, "*l%d,", i - 1);
		end += sprintf(end, "]\n");
	}
	auto_json j = yaml_parse(text, (size_t)(end - text), &e);
	tap_ok(!j && strstr(e.msg, "more than 65536 values"), "aliases of aliases are counted");
	/* each is one level deeper than the one before */
	end = text + sprintf(text, "- &d0 [x]\n");
	for (int i = 1; i < JSON_DEPTH_MAX; i++)
		end += sprintf(end, "- &d%d [*d%d]\n", i, i - 1);
	auto_json chain = yaml_parse(text, (size_t)(end - text), &e);
	tap_ok(!chain && strstr(e.msg, "too deep"), "depth by aliases has the same limit: %s",
		e.msg);
	memset(deep, '[', JSON_DEPTH_MAX + 1);
	memset(deep + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	auto_json k = yaml_parse(deep, 2 * (JSON_DEPTH_MAX + 1), &e);
	tap_ok(!k && strstr(e.msg, "deeper"), "depth has a limit");
}

#define SPEC(version, rest) \
	"{\"cdiVersion\":\"" version "\",\"kind\":\"vendor.com/device\"," rest "}"
#define DEVICE(edits) "\"devices\":[{\"name\":\"x\",\"containerEdits\":{" edits "}}]"

/* want NULL: it is fine. */
static const struct {
	const char *text, *want;
} specs[] = {
	{ SPEC("0.3.0", DEVICE("\"env\":[\"A=b\"]")), NULL },
	{ SPEC("v1.1.0", DEVICE("\"env\":[\"A=b\"]")), NULL },
	{ SPEC("1.2.0", DEVICE("\"env\":[\"A=b\"]")), "cdiVersion: \"1.2.0\" is not supported" },
	{ SPEC("0.9.0", DEVICE("\"env\":[\"A=b\"]")), "cdiVersion: \"0.9.0\"" },
	{ "{\"kind\":\"v.com/d\",\"devices\":[]}", "cdiVersion: is missing" },
	{ "{\"cdiVersion\":\"1.0.0\",\"devices\":[]}", "kind: is missing" },
	{ "[]", "not an object" },
	{ SPEC("1.0.0", "\"devcies\":[]"), "unknown member \"devcies\"" },
	{ SPEC("1.0.0", DEVICE("\"deviceNode\":[]")),
		"devices[0]: containerEdits: unknown member \"deviceNode\"" },
	{ SPEC("1.0.0", DEVICE("")), "devices[0]: containerEdits: is empty" },
	{ SPEC("1.0.0", "\"devices\":[{\"name\":0,\"containerEdits\":{\"env\":[\"A=b\"]}}]"),
		"name: is not a string" },
	{ SPEC("1.0.0", DEVICE("\"env\":[\"A\"]")), "env: \"A\" is not of the form" },
	{ SPEC("1.0.0", DEVICE("\"env\":[\"=b\"]")), "env: \"=b\"" },
	{ SPEC("1.0.0", DEVICE("\"env\":\"A=b\"")), "env: is not a list of strings" },
	{ SPEC("1.0.0", DEVICE("\"deviceNodes\":[{\"hostPath\":\"/dev/null\"}]")),
		"deviceNodes[0]: path: is missing" },
	{ SPEC("1.0.0", DEVICE("\"deviceNodes\":[{\"path\":\"/d\",\"type\":\"x\"}]")),
		"type: \"x\"" },
	{ SPEC("1.0.0", DEVICE("\"deviceNodes\":[{\"path\":\"/d\",\"major\":-1}]")),
		"major: is not a number" },
	{ SPEC("1.0.0", DEVICE("\"deviceNodes\":[{\"path\":\"/d\",\"permissions\":\"x\"}]")),
		"permissions: \"x\"" },
	{ SPEC("1.1.0", DEVICE("\"deviceNodes\":[{\"path\":\"/d\",\"permissions\":\"none\"}]")),
		NULL },
	{ SPEC("0.4.0", DEVICE("\"deviceNodes\":[{\"path\":\"/d\",\"hostPath\":\"/e\"}]")),
		"hostPath: needs cdiVersion 0.5.0" },
	{ SPEC("0.3.0",
		  DEVICE("\"mounts\":[{\"hostPath\":\"/a\",\"containerPath\":\"/b\",\"type\":\"bind\"}]")),
		"type: needs cdiVersion 0.4.0" },
	{ SPEC("1.0.0", DEVICE("\"mounts\":[{\"hostPath\":\"/a\"}]")),
		"mounts[0]: containerPath: is missing" },
	{ SPEC("1.0.0", DEVICE("\"hooks\":[{\"hookName\":\"before\",\"path\":\"/a\"}]")),
		"hookName: there is no hook \"before\"" },
	{ SPEC("0.6.0", DEVICE("\"additionalGids\":[1]")),
		"additionalGids: needs cdiVersion 0.7.0" },
	{ SPEC("0.7.0", DEVICE("\"additionalGids\":[1]")), NULL },
	{ SPEC("0.7.0", DEVICE("\"intelRdt\":{\"closID\":\"x\"}")), NULL },
	{ SPEC("1.0.0", DEVICE("\"netDevices\":[{\"hostInterfaceName\":\"e\",\"name\":\"f\"}]")),
		"netDevices: needs cdiVersion 1.1.0" },
	{ SPEC("1.1.0", DEVICE("\"netDevices\":[{\"hostInterfaceName\":\"e\",\"name\":\"f\"}]")),
		NULL },
	{ SPEC("1.0.0", "\"annotations\":{\"a\":\"b\"},\"devices\":[]"), NULL },
	{ SPEC("0.5.0", "\"annotations\":{\"a\":\"b\"}"), "annotations: needs cdiVersion 0.6.0" },
	{ SPEC("1.0.0", "\"annotations\":{\"a\":1}"), "annotations: is not an object of strings" },
	{ SPEC("0.4.0", "\"devices\":[{\"name\":\"0\",\"containerEdits\":{\"env\":[\"A=b\"]}}]"),
		"a digit first needs cdiVersion 0.5.0" },
	{ SPEC("0.5.0", "\"devices\":[{\"name\":\"0:1\",\"containerEdits\":{\"env\":[\"A=b\"]}}]"),
		NULL },
	{ SPEC("0.5.0", "\"devices\":[{\"name\":\"a b\",\"containerEdits\":{\"env\":[\"A=b\"]}}]"),
		"name: \"a b\"" },
	{ SPEC("0.5.0", "\"devices\":[{\"name\":\"a\",\"containerEdits\":{\"env\":[\"A=b\"]}},"
			"{\"name\":\"a\",\"containerEdits\":{\"env\":[\"A=b\"]}}]"),
		"devices[1]: name: \"a\" comes twice" },
	{ "{\"cdiVersion\":\"1.0.0\",\"kind\":\"vendor\"}", "kind: \"vendor\"" },
	{ "{\"cdiVersion\":\"1.0.0\",\"kind\":\"vendor/a/b\"}", "kind: \"vendor/a/b\"" },
	{ "{\"cdiVersion\":\"1.0.0\",\"kind\":\"1vendor/a\"}", "kind: \"1vendor/a\"" },
	{ "{\"cdiVersion\":\"0.5.0\",\"kind\":\"vendor/a.b\"}", "a dot in the class" },
	{ "{\"cdiVersion\":\"0.6.0\",\"kind\":\"vendor/a.b\"}", NULL },
};

static void test_specs(void)
{
	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
		for (int yaml = 0; yaml <= 1; yaml++) {
			const char *want = specs[i].want;
			struct err e = { 0 };
			struct cdi_spec s;
			int r = cdi_spec_parse(&s, specs[i].text, strlen(specs[i].text), yaml, &e);

			tap_ok(want ? r < 0 && strstr(e.msg, want) : r == 0, "%s: %s",
				want ? want : specs[i].text, e.msg);
			cdi_spec_done(&s);
		}
}

static void test_compare(void)
{
	static const char *const rising[] = { "liba.so.1", "liba.so.2", "liba.so.10", "libb",
		"libb.so", "libb1.so" };

	for (size_t i = 0; i + 1 < sizeof(rising) / sizeof(*rising); i++) {
		tap_ok(ld_cache_compare(rising[i], rising[i + 1]) < 0, "%s < %s", rising[i],
			rising[i + 1]);
		tap_ok(ld_cache_compare(rising[i + 1], rising[i]) > 0, "and the other way");
	}
	tap_int(ld_cache_compare("liba.so.01", "liba.so.1"), 0, "numbers by value");
}

static void test_cache(void)
{
	struct ld_cache c = { 0 }, again = { 0 };
	struct arena a = { 0 };
	size_t len;
	char *text;

	ld_cache_add(&c, "liba.so.1", "/first", 3);
	ld_cache_add(&c, "libc.so.6", "/c", 3);
	ld_cache_add(&c, "liba.so.1", "/second", 3);
	text = ld_cache_text(&c, &len);
	ld_cache_parse(&again, text, len, &a);
	tap_int((long long)again.n, 3, "a cache has what was added");
	tap_str(again.n == 3 ? again.v[0].name : "", "libc.so.6", "the last name first");
	tap_str(again.n == 3 ? again.v[1].path : "", "/first", "equal names in their order");
	for (size_t n = 0; n < len; n++) {
		char *cut = memcpy(xmalloc(n + 1), text, n); /* the sanitizer watches its end */
		struct ld_cache some = { 0 };

		ld_cache_parse(&some, cut, n, &a);
		free(some.v);
		free(cut);
	}
	free(text);
	free(c.v);
	free(again.v);
	arena_done(&a);
}

/* As many entries as there are bytes for, all of one long name. */
static void test_cache_limits(void)
{
	const size_t entries = 20000, head = 48, line = 24, len = head + entries * line + 4096;
	char *text = memset(xmalloc(len), 'x', len);
	struct ld_cache c = { 0 };
	struct arena a = { 0 };
	const uint32_t n = (uint32_t)entries;
	uint32_t at = (uint32_t)(head + entries * line);
	char *again;
	size_t longer;

	memset(text, 0, at);
	memcpy(text, "glibc-ld.so.cache1.1", 20);
	memcpy(text + 20, &n, sizeof(n));
	for (size_t i = 0; i < entries; i++) {
		memcpy(text + head + i * line + 4, &at, sizeof(at));
		memcpy(text + head + i * line + 8, &at, sizeof(at));
	}
	ld_cache_parse(&c, text, len, &a);
	tap_int((long long)c.n, 0, "a name without an end");
	text[len - 1] = '\0';
	ld_cache_parse(&c, text, len, &a);
	again = ld_cache_text(&c, &longer);
	tap_ok(c.n && longer <= 2 * (size_t)LD_CACHE_MAX, "a cache that grew: %zu", longer);
	free(again);
	free(c.v);
	free(text);
	arena_done(&a);
}

#define HOOK(program, words) \
	{ \
		.path = (char *)(program), .args = (char **)(words) \
	}

static void test_hooks(void)
{
	static const char *const cdi[] = { "nvidia-cdi-hook", "create-symlinks", "--link", "a::/b",
		"--link=c::/d", NULL };
	static const char *const ctk[] = { "nvidia-ctk", "hook", "chmod", "--path", "/x", "--mode",
		NULL };
	static const char *const other[] = { "nvidia-ctk", "runtime", "configure", NULL };
	const struct plan_hook hooks[] = { HOOK("/usr/bin/nvidia-cdi-hook", cdi),
		HOOK("/usr/bin/nvidia-ctk", ctk), HOOK("/usr/bin/nvidia-ctk", other),
		HOOK("/opt/hook", cdi), HOOK("/usr/bin/nvidia-cdi-hook", NULL) };
	static const int kinds[] = { HOOK_LINKS, HOOK_CHMOD, -1, -1, -1 };
	struct hook_option o;
	struct err e;
	size_t at = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		tap_int(hook_kind(&hooks[i], &e), kinds[i], hooks[i].path);
	tap_ok(strstr(e.msg, "/usr/bin/nvidia-cdi-hook is not supported"), "the message names it");
	tap_ok(hook_next(&hooks[0], &at, &o) && hook_is(&o, "link"), "an option");
	tap_str(o.value, "a::/b", "its value");
	tap_ok(hook_next(&hooks[0], &at, &o) && hook_is(&o, "link"), "another");
	tap_str(o.value, "c::/d", "its value behind a sign");
	tap_ok(!hook_next(&hooks[0], &at, &o), "no more");
	at = 0;
	tap_ok(hook_next(&hooks[1], &at, &o), "an option of another hook");
	tap_ok(hook_next(&hooks[1], &at, &o) && !*o.value, "a value that is missing is empty");
}

int main(void)
{
	test_yaml();
	test_yaml_limits();
	test_specs();
	test_compare();
	test_cache();
	test_cache_limits();
	test_hooks();
	return tap_done();
}
