/*
 * fuzz target name: names of images, platforms, digests and paths.  What is accepted is safe as a
 * file name in the store, and reads the same when it is read again.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "image/platform.h"
#include "image/ref.h"
#include "util/arena.h"
#include "util/digest.h"
#include "util/path.h"

static bool has_dots(const char *path)
{
	for (const char *p = path; *p; p += strcspn(p, "/"), p += *p == '/') {
		size_t n = strcspn(p, "/");

		if (n == 0 || (n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
			return true;
	}
	return false;
}

static void check_ref(struct arena *a, const char *text)
{
	struct err e;
	const char *name = ref_normalise(a, text, &e), *again;

	if (!name) {
		fuzz_check_err(&e);
		fuzz_check(!ref_same(text, text));
		return;
	}
	fuzz_check(name[0] && name[0] != '/' && strlen(name) <= REF_MAX);
	fuzz_check(!has_dots(name) && strpbrk(name, " \\\t\n%") == NULL);
	for (const char *p = name; *p; p++)
		fuzz_check(*p > ' ' && *p < 0x7f);
	fuzz_check(ref_same(text, text) && ref_same(text, name));
	again = ref_normalise(a, name, &e);
	fuzz_check(again && strcmp(again, name) == 0);
}

static void check_platform(struct arena *a, const char *text)
{
	struct platform p, none = { 0 };
	struct err e;

	if (platform_parse(text, a, &p, &e) < 0) {
		fuzz_check_err(&e);
		return;
	}
	fuzz_check(p.os && p.arch && *p.os && *p.arch && !strchr(p.arch, '/'));
	fuzz_check(!p.variant || *p.variant);
	fuzz_check(platform_rank(&p, &p) > 0);
	(void)platform_rank(&p, &none);
	(void)platform_rank(&none, &p);
}

static void check_path(const char *text)
{
	char clean[PATH_TEXT_MAX], again[PATH_TEXT_MAX], small[16];
	const char *name;
	size_t parent;

	errno = 0;
	if (path_clean(text, clean, sizeof(clean)) < 0) {
		fuzz_check(errno == EXDEV || errno == ENAMETOOLONG);
		return;
	}
	fuzz_check(clean[0] != '/' && !has_dots(clean));
	fuzz_check(path_clean(clean, again, sizeof(again)) == 0 && strcmp(clean, again) == 0);
	fuzz_check(path_clean(text, small, sizeof(small)) < 0 || strcmp(clean, small) == 0);
	parent = path_split(clean, &name);
	fuzz_check(!strchr(name, '/') && (parent ? clean + parent + 1 == name : clean == name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct arena a = { 0 };
	struct err e;

	check_ref(&a, text);
	check_platform(&a, text);
	check_path(text);
	if (digest_parse(text, "input", &e))
		fuzz_check(strlen(text) == 7 + DIGEST_HEX || strlen(text) == 7 + DIGEST_HEX_MAX);
	else
		fuzz_check_err(&e);
	arena_done(&a);
	free(text);
	return 0;
}
