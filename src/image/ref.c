/*
 * ref: parses and compares names of images.
 * Touches memory only.
 */
#include "image/ref.h"

#include <ctype.h>
#include <string.h>

#include "util/digest.h"

#define TAG ":latest" /* added to a name without a tag */

static bool ref_is_word(char c)
{
	return islower((unsigned char)c) || isdigit((unsigned char)c);
}

/* Components: lower-case letters and digits, with separators between, as in Docker's grammar. */
static bool ref_path_is_valid(const char *s, size_t n)
{
	if (n == 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		/* No component that is "." or "..", or looks like an option. */
		bool first = i == 0 || s[i - 1] == '/', last = i + 1 == n || s[i + 1] == '/';

		if (ref_is_word(s[i]))
			continue;
		if (first || last || !strchr("/._-", s[i]) || (s[i] == '.' && s[i - 1] == '.'))
			return false;
	}
	return true;
}

static bool ref_tag_is_valid(const char *s, size_t n)
{
	if (n == 0 || n > 128 || !(isalnum((unsigned char)s[0]) || s[0] == '_'))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("_.-", s[i]))
			return false;
	return true;
}

/* Labels separated by dots, or an IPv6 address in brackets; then perhaps a port. */
static bool ref_host_is_valid(const char *s, size_t n)
{
	size_t i = 0;

	if (s[0] == '[') {
		i = 1 + strspn(s + 1, "0123456789abcdefABCDEF:.");
		if (i == 1 || i >= n || s[i++] != ']')
			return false;
	}
	for (; i < n && s[i] != ':'; i++)
		if (s[0] == '[' || (!isalnum((unsigned char)s[i]) &&
					   (i == 0 || !strchr(".-", s[i]) || s[i - 1] == '.')))
			return false;
	return i > 0 && (i == n || (i + 1 < n && strspn(s + i + 1, "0123456789") >= n - i - 1));
}

/* Length of a leading "HOST[:PORT]/": it has a dot or a colon, or is "localhost". */
static size_t ref_host_length(const char *s)
{
	size_t n = strcspn(s, "/");

	if (s[n] != '/' || !ref_host_is_valid(s, n))
		return 0;
	if (memchr(s, '.', n) || memchr(s, ':', n) || (n == 9 && memcmp(s, "localhost", 9) == 0))
		return n + 1;
	return 0;
}

/* [:TAG][@sha256:HEX], or a longer digest */
static bool ref_rest_is_valid(const char *s)
{
	if (*s == ':') {
		size_t n = strcspn(s + 1, "@");

		if (!ref_tag_is_valid(s + 1, n))
			return false;
		s += 1 + n;
	}
	return !*s || (*s == '@' && digest_digits(s + 1));
}

/* Leave out Docker's registry and "library/", unless the rest would mean another registry. */
static const char *ref_shorten(const char *text)
{
	static const char *const homes[] = { "docker.io/", "index.docker.io/" };
	static const char library[] = "library/";

	for (size_t i = 0; i < sizeof(homes) / sizeof(*homes); i++) {
		size_t n = strlen(homes[i]);

		if (strncmp(text, homes[i], n) == 0 && ref_host_length(text + n) == 0) {
			text += n;
			break;
		}
	}
	if (strncmp(text, library, strlen(library)) == 0 && !strchr(text + strlen(library), '/'))
		text += strlen(library);
	return text;
}

char *ref_normalise(struct arena *a, const char *text, struct err *e)
{
	const char *name = ref_shorten(text), *rest;
	size_t host, path;

	host = ref_host_length(name);
	path = strcspn(name + host, ":@");
	rest = name + host + path;
	if (!ref_path_is_valid(name + host, path) || !ref_rest_is_valid(rest)) {
		(void)err_set(e, 0, "not an image name: %s", text);
		(void)err_hint(e, "a name is [HOST[:PORT]/]NAME[:TAG], with NAME in lower case");
		return NULL;
	}
	/* With the tag, so that the result is valid input again. */
	if (strlen(name) + (rest[0] ? 0 : strlen(TAG)) > REF_MAX) {
		(void)err_set(e, 0, "image name over %d bytes", REF_MAX);
		return NULL;
	}
	return arena_printf(a, "%s%s", name, rest[0] ? "" : TAG);
}

bool ref_same(const char *x, const char *y)
{
	struct arena a = { 0 };
	struct err e;
	const char *p = ref_normalise(&a, x, &e), *q = ref_normalise(&a, y, &e);
	bool same = p && q && strcmp(p, q) == 0;

	arena_done(&a);
	return same;
}

bool ref_matches_short(const char *full, const char *text)
{
	struct arena a = { 0 };
	struct err e;
	const char *whole = ref_normalise(&a, full, &e), *part = ref_normalise(&a, text, &e);
	size_t more =
		whole && part && strlen(whole) > strlen(part) ? strlen(whole) - strlen(part) : 0;
	/* A name with a host is complete. */
	bool matches = more > 0 && ref_host_length(text) == 0 && whole[more - 1] == '/' &&
		       strcmp(whole + more, part) == 0;

	arena_done(&a);
	return matches;
}
