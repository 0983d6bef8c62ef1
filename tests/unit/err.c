/*
 * err: what messages look like, whatever went into them; and the arena that texts live in.
 * Run by prove.
 * Touches memory only.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "tap.h"
#include "util/arena.h"
#include "util/err.h"
#include "util/log.h"

static const struct {
	const char *name, *in, *want;
} quotes[] = {
	{ "plain text stays", "a b/c", "a b/c" },
	{ "umlauts and emoji stay", "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80",
		"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80" },
	{ "newline and tab", "a\nb\tc", "a\\x0ab\\x09c" },
	{ "escape sequence", "\x1b[2J", "\\x1b[2J" },
	{ "DEL", "\x7f", "\\x7f" },
	{ "C1 control, an escape sequence too",
		"\xc2\x9b"
		"2J",
		"\\xc2\\x9b2J" },
	{ "lone continuation byte", "\x80", "\\x80" },
	{ "cut character at the end", "a\xe2\x82", "a\\xe2\\x82" },
	{ "overlong slash", "\xc0\xaf", "\\xc0\\xaf" },
	{ "overlong in three bytes", "\xe0\x80\xaf", "\\xe0\\x80\\xaf" },
	{ "surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80" },
	{ "above Unicode's end", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
	{ "turned writing direction",
		"\xe2\x80\xae"
		"gpj",
		"\\xe2\\x80\\xaegpj" },
};

static void test_quote(void)
{
	char buf[64], small[6];

	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++)
		tap_str(log_quote(buf, sizeof(buf), quotes[i].in), quotes[i].want, quotes[i].name);
	tap_str(log_quote(small, sizeof(small), "abc\n"), "abc", "no half of an escape at the end");
	tap_str(log_quote(small, sizeof(small), "abcd\xc3\xbc"), "abcd",
		"no half of a character at the end");
	tap_str(log_quote(small, sizeof(small), "abcdef"), "abcde", "cut to the room there is");
	tap_str(log_quote(small, 1, "a"), "", "room for the end only");
}

static void test_err(void)
{
	static char big[6000];
	struct err e = { .status = 7, .hint = "old" };
	size_t len;

	tap_int(err_set(&e, 0, "open %s", "x"), -1, "err_set returns -1");
	tap_str(e.msg, "open x", "no reason without an errno");
	tap_int(e.status, 0, "a new error forgets the old status");
	tap_str(e.hint, "", "and the old hint");

	errno = EBADF;
	(void)err_set(&e, ENOENT, "open %s", "a\nb");
	tap_str(e.msg, "open a\\x0ab: No such file or directory",
		"the reason follows, the name is quoted");
	tap_int(e.code, ENOENT, "the errno is kept");
	tap_int(errno, EBADF, "errno itself is left alone");

	tap_int(err_wrap(&e, "image %s", "i\x1b"), -1, "err_wrap returns -1");
	tap_str(e.msg, "image i\\x1b: open a\\x0ab: No such file or directory",
		"the context comes first");
	tap_int(e.code, ENOENT, "and the errno stays");
	(void)err_hint(&e, "try %d", 1);
	(void)err_status(&e, EXIT_NOT_FOUND);
	tap_ok(strcmp(e.hint, "try 1") == 0 && e.status == 127, "hint and status");
	(void)err_set(&e, 0, "%s again", e.msg);
	tap_str(e.msg, "image i\\x1b: open a\\x0ab: No such file or directory again",
		"its own message as argument");

	memset(big, 'x', sizeof(big) - 1);
	(void)err_set(&e, ENOSPC, "write %s", big);
	len = strlen(e.msg);
	tap_ok(len == ERR_MSG_MAX - 1 && strcmp(e.msg + len - 25, ": No space left on device") == 0,
		"a long name is cut, the reason is not");
	(void)err_wrap(&e, "more");
	tap_ok(strlen(e.msg) == ERR_MSG_MAX - 1 && strncmp(e.msg, "write", 5) == 0,
		"context that has no room is left out");
	(void)err_set(&e, 0, "short");
	(void)err_wrap(&e, "%s", big);
	tap_ok(strlen(e.msg) < ERR_MSG_MAX && strstr(e.msg, "xx: short"), "long context is cut");
	tap_int(err_set(NULL, EIO, "x") + err_wrap(NULL, "x") + err_hint(NULL, "x"), -3,
		"without a struct err");
}

static void test_arena(void)
{
	struct arena a = { 0 };
	struct strv l = { 0 };
	bool zero = true, aligned = true, right = true;
	char *p;

	for (size_t i = 0; i < 3000; i++) {
		size_t size = i % 7 == 0 ? 5000 + i : i % 40;

		p = arena_alloc(&a, size);
		aligned &= (uintptr_t)p % sizeof(long double) == 0;
		for (size_t j = 0; j < size; j++)
			zero &= p[j] == 0;
		memset(p, 0xff, size);
	}
	tap_ok(zero, "memory is zeroed");
	tap_ok(aligned, "and aligned");
	tap_ok(l.v == NULL, "an empty list is NULL");
	for (int i = 0; i < 1000; i++)
		strv_add(&a, &l, arena_printf(&a, "%d", i));
	for (int i = 0; i < 1000; i++)
		right &= atoi(l.v[i]) == i;
	tap_ok(right && l.n == 1000 && l.v[1000] == NULL, "a list of 1,000 ends in NULL");
	tap_str(arena_strndup(&a, "abc", 2), "ab", "arena_strndup cuts");
	tap_str(arena_strndup(&a, "abc", 9), "abc", "and does not read on");
	tap_ok(arena_strdup(&a, NULL) == NULL, "NULL stays NULL");
	arena_done(&a);
	arena_done(NULL);
	tap_str(arena_strdup(&a, "again"), "again", "usable after arena_done");
	arena_done(&a);
}

int main(void)
{
	test_quote();
	test_err();
	test_arena();
	return tap_done();
}
