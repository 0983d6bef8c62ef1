/*
 * fuzz target cdi: what devices and images say: a CDI specification in YAML or JSON and what becomes of it, glibc's
 * ld.so.cache, and a shared library.  The first byte of the input chooses.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cdi/device.h"
#include "cdi/spec.h"
#include "fuzz.h"
#include "plan/hook.h"
#include "util/elf_file.h"
#include "util/ld_cache.h"
#include "util/yaml.h"

static void check_edits(const struct plan_edits *ed)
{
	struct hook_option o;
	struct err e;

	for (size_t i = 0; i < ed->env.n; i++)
		fuzz_check(strchr(ed->env.v[i], '=') > ed->env.v[i]);
	for (size_t i = 0; i < ed->n_mounts; i++)
		fuzz_check(ed->mounts[i].dst[0] == '/' && ed->mounts[i].dst[1]);
	for (size_t i = 0; i < ed->create_container.n; i++) {
		fuzz_check(hook_kind(&ed->create_container.v[i], &e) >= 0);
		for (size_t at = 0; hook_next(&ed->create_container.v[i], &at, &o);)
			fuzz_check(o.name && o.value);
	}
}

static void check_spec(const char *text, size_t size, bool yaml)
{
	struct plan_edits ed = { 0 };
	struct arena a = { 0 };
	struct cdi_spec s;
	struct err e;

	if (cdi_spec_parse(&s, text, size, yaml, &e) < 0) {
		fuzz_check_err(&e);
	} else {
		const json *devices = json_get(s.tree, "devices");

		if (cdi_device_edits(s.edits, "spec", &ed, &a, &e) < 0)
			fuzz_check_err(&e);
		for (size_t i = 0; i < json_len(devices); i++)
			if (cdi_device_edits(json_get(json_at(devices, i), "containerEdits"),
				    "spec", &ed, &a, &e) < 0)
				fuzz_check_err(&e);
		check_edits(&ed);
	}
	cdi_spec_done(&s);
	arena_done(&a);
}

/* What is JSON by both readers is the same. */
static void check_same(const char *text, size_t size)
{
	struct err e;
	auto_json y = yaml_parse(text, size, &e);

	if (y) {
		char *one = json_dump(y, false);
		auto_json again = yaml_parse(one, strlen(one), &e);
		char *other = again ? json_dump(again, false) : NULL;

		/* JSON escapes half of a surrogate pair, and control bytes, in words that YAML lacks */
		fuzz_check(!other || strchr(one, '\\') || strcmp(one, other) == 0);
		free(one);
		free(other);
	}
}

static void check_cache(const char *text, size_t size)
{
	struct ld_cache c = { 0 }, again = { 0 };
	struct arena a = { 0 };
	size_t len;
	char *out;

	ld_cache_parse(&c, text, size, &a);
	out = ld_cache_text(&c, &len);
	ld_cache_parse(&again, out, len, &a);
	fuzz_check(again.n == c.n);
	for (size_t i = 1; i < again.n; i++)
		fuzz_check(ld_cache_compare(again.v[i - 1].name, again.v[i].name) >= 0);
	free(out);
	free(c.v);
	free(again.v);
	arena_done(&a);
}

static void check_library(const char *bytes, size_t size)
{
	int fd = memfd_create("library", MFD_CLOEXEC);
	char name[ELF_FILE_NAME];
	struct elf_file f;

	fuzz_check(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
	if (elf_file_open(&f, fd)) {
		if (elf_file_soname(&f, name))
			fuzz_check(*name && strlen(name) < sizeof(name));
		(void)elf_file_needs_glibc(&f);
		(void)elf_file_has_glibc(&f);
	}
	(void)close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 1;

	if (!size)
		return 0;
	size--;
	if (*data == 'l')
		check_cache(text, size);
	else if (*data == 'e')
		check_library(text, size);
	else if (*data == 's')
		check_same(text, size);
	else
		check_spec(text, size, *data == 'y');
	return 0;
}
