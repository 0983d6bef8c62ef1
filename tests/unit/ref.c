/*
 * ref: which texts are names of images, and which of them are the same one.
 */
#include "image/ref.h"
#include "tap.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
	const char *text, *want; /* NULL: refused */
} cases[] = {
	{ "alpine", "alpine:latest" },
	{ "alpine:3.19", "alpine:3.19" },
	{ "library/alpine", "alpine:latest" },
	{ "docker.io/alpine", "alpine:latest" },
	{ "docker.io/library/alpine:3.19", "alpine:3.19" },
	{ "index.docker.io/library/alpine", "alpine:latest" },
	{ "docker.io/library/a/b", "library/a/b:latest" },
	{ "docker.io/user/a__b-c.d", "user/a__b-c.d:latest" },
	{ "localhost/a", "localhost/a:latest" },
	{ "localhost:5000/a:b", "localhost:5000/a:b" },
	{ "Host.example:80/a/b", "Host.example:80/a/b:latest" },
	{ "[::1]:5000/a", "[::1]:5000/a:latest" },
	{ "a@sha256:" HEX, "a@sha256:" HEX },
	{ "a:1@sha256:" HEX, "a:1@sha256:" HEX },
	/* What remains of a name that is made shorter must not be another registry's. */
	{ "docker.io/docker.io/a", "docker.io/docker.io/a:latest" },
	{ "docker.io/localhost/a", "docker.io/localhost/a:latest" },
	/* A name becomes a file name, and part of lines that people read. */
	{ "", NULL },
	{ ".", NULL },
	{ "..", NULL },
	{ "../a", NULL },
	{ "./a", NULL },
	{ "a/../b", NULL },
	{ "a/..", NULL },
	{ "..:80/a", NULL },
	{ "host..example/a", NULL },
	{ "-rf", NULL },
	{ "a/-b", NULL },
	{ "a-", NULL },
	{ "/a", NULL },
	{ "a/", NULL },
	{ "a//b", NULL },
	{ "A", NULL },
	{ "a b", NULL },
	{ "a\n", NULL },
	{ "a\xc3\xa9", NULL },
	{ "a:", NULL },
	{ "a:b:c", NULL },
	{ "a:b/c", NULL },
	{ "a:.b", NULL },
	{ "host:/a", NULL },
	{ "host:port/a", NULL },
	{ "[::1/a", NULL },
	{ "[]/a", NULL },
	{ "a@sha256:", NULL },
	{ "a@sha256:" HEX "0", NULL },
	{ "a@md5:" HEX, NULL },
	{ "a:@sha256:" HEX, NULL },
	{ "a:\x1b[31m@sha256:" HEX, NULL },
	{ "a:b\n@sha256:" HEX, NULL },
};

static void check(const char *text, const char *want)
{
	struct arena a = { 0 };
	struct err e = { 0 };
	char *have = ref_normalise(&a, text, &e), name[160];

	snprintf(name, sizeof(name), "%s: %s", want ? "name" : "no name", text);
	for (char *p = name; *p; p++)
		if (*p < ' ')
			*p = '?';
	tap_str(have, want, name);
	if (want) {
		tap_ok(ref_same(text, want), "%s: the same as its short form", text);
		tap_str(ref_normalise(&a, want, &e), want, "and that is its own");
	} else {
		tap_ok(e.msg[0] && !ref_same(text, text), "    matches nothing");
	}
	arena_done(&a);
}

/* The limit is one of the name with its tag. */
static void check_length(void)
{
	struct arena a = { 0 };
	struct err e;
	char name[REF_MAX + 2], *whole;
	size_t longest = REF_MAX - strlen(":latest");

	memset(name, 'a', sizeof(name));
	name[longest] = '\0';
	whole = ref_normalise(&a, name, &e);
	tap_ok(whole && strlen(whole) == REF_MAX && ref_same(name, whole), "the longest name");
	name[longest] = 'a';
	name[longest + 1] = '\0';
	tap_ok(!ref_normalise(&a, name, &e) && !ref_same(name, name), "one byte more");
	arena_done(&a);
}

static const struct {
	const char *full, *text;
	bool matches;
} shorts[] = {
	{ "localhost/two:1", "two:1", true },
	{ "localhost/two", "two", true },
	{ "localhost/two:latest", "two", true },
	{ "quay.io/a/two:1", "two:1", true },
	{ "quay.io/a/two:1", "a/two:1", true },
	{ "a/two:1", "two:1", true },
	{ "localhost:5000/a/two:1", "a/two:1", true },
	/* The same name is not a short one. */
	{ "two:1", "two:1", false },
	{ "docker.io/library/two:1", "two:1", false },
	/* Another tag, a part of a component, a whole name. */
	{ "localhost/two:1", "two", false },
	{ "localhost/two:1", "two:2", false },
	{ "localhost/two:1", "wo:1", false },
	{ "localhost/two:1", "1", false },
	{ "x.io/localhost/two:1", "localhost/two:1", false },
	{ "quay.io/docker.io/two:1", "docker.io/two:1", false },
	{ "localhost/two:1", "", false },
	{ "localhost/two:1", "/two:1", false },
	{ "", "two", false },
};

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check(cases[i].text, cases[i].want);
	tap_ok(!ref_same("alpine", "alpine:edge"), "another tag is another image");
	tap_ok(!ref_same("docker.io/docker.io/a", "docker.io/a"), "so is another registry");
	for (size_t i = 0; i < sizeof(shorts) / sizeof(*shorts); i++)
		tap_ok(ref_matches_short(shorts[i].full, shorts[i].text) == shorts[i].matches,
			"%s %s short for %s", shorts[i].text, shorts[i].matches ? "is" : "is not",
			shorts[i].full);
	check_length();
	return tap_done();
}
