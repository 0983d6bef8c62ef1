/*
 * ref: parsing and comparing names of images.
 * Called by image/, store/ and cli/.  Touches memory only.
 */
#include "image/ref.h"

#include <ctype.h>
#include <string.h>

#include "util/digest.h"

/* Components: lower-case letters and digits with single separators between, as in Docker's grammar. */
static bool path_is_valid(const char *s, size_t n)
{
	if (n == 0 || s[0] == '/' || s[n - 1] == '/')
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (islower(c) || isdigit(c) || c == '/' || c == '-' || c == '_')
			continue;
		/* No component that is "." or "..": the name becomes a file name in the store. */
		if (c == '.' && i > 0 && s[i - 1] != '/' && s[i - 1] != '.')
			continue;
		return false;
	}
	return strstr(s, "//") == NULL || strstr(s, "//") >= s + n;
}

static bool tag_is_valid(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || n > 128 || !(isalnum((unsigned char)s[0]) || s[0] == '_'))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("_.-", s[i]))
			return false;
	return true;
}

/* Length of a leading "HOST[:PORT]/": it has a dot or a colon, or is "localhost". */
static size_t host_length(const char *s)
{
	size_t n = strcspn(s, "/");

	if (s[n] != '/')
		return 0;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr(".-:[]", s[i]))
			return 0;
	if (memchr(s, '.', n) || memchr(s, ':', n) || (n == 9 && memcmp(s, "localhost", 9) == 0))
		return n + 1;
	return 0;
}

char *ref_normalise(struct arena *a, const char *text, struct err *e)
{
	static const char home[] = "docker.io/", library[] = "library/";
	size_t host, path;
	const char *rest;

	if (strlen(text) > REF_MAX) {
		(void)err_set(e, 0, "name of an image is over %d bytes", REF_MAX);
		return NULL;
	}
	if (strncmp(text, home, strlen(home)) == 0) {
		text += strlen(home);
		if (strncmp(text, library, strlen(library)) == 0)
			text += strlen(library);
	}
	host = host_length(text);
	path = strcspn(text + host, ":@");
	rest = text + host + path;
	if (!path_is_valid(text + host, path) ||
		(rest[0] == ':' && !strchr(rest, '@') && !tag_is_valid(rest + 1)) ||
		(strchr(rest, '@') && (strncmp(strchr(rest, '@'), "@sha256:", 8) != 0 ||
					      !digest_is_hex(strchr(rest, '@') + 8)))) {
		(void)err_set(e, 0, "not a name of an image: %s", text);
		return NULL;
	}
	return arena_printf(a, "%s%s", text, rest[0] ? "" : ":latest");
}

bool ref_same(const char *x, const char *y)
{
	struct arena a = {0};
	struct err e;
	const char *p = ref_normalise(&a, x, &e), *q = ref_normalise(&a, y, &e);
	bool same = p && q && strcmp(p, q) == 0;

	arena_done(&a);
	return same;
}
