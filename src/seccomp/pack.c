/*
 * pack: libseccomp's call numbers as a packed table (names.h).
 * Touches memory only; the only user of libseccomp, which sandbox itself is not linked with.
 */
#include "seccomp/pack.h"

#include <seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "seccomp/names.h"
#include "seccomp/table.h"
#include "util/arena.h"

/* In the order of names_abis. */
static const uint32_t pack_arches[NAMES_ABIS] = { SCMP_ARCH_X86_64, SCMP_ARCH_X32, SCMP_ARCH_X86,
	SCMP_ARCH_AARCH64, SCMP_ARCH_ARM, SCMP_ARCH_RISCV64 };

struct pack_call {
	char *name;
	uint16_t numbers[NAMES_ABIS];
};

struct pack {
	struct pack_call *v;
	size_t n;
};

static int pack_compare(const void *a, const void *b)
{
	return strcmp(((const struct pack_call *)a)->name, ((const struct pack_call *)b)->name);
}

/*
 * Number to name, and not the other way: for the calls that i386 can also make through
 * socketcall(2) and ipc(2) libseccomp gives a number of its own invention.
 */
static void pack_add(struct pack *l, size_t abi, uint32_t nr, uint32_t packed)
{
	char *name = seccomp_syscall_resolve_num_arch(
		pack_arches[abi], (int)(names_abis[abi].base + nr));
	size_t i = 0;

	if (!name)
		return;
	while (i < l->n && strcmp(l->v[i].name, name) != 0)
		i++;
	if (i == l->n) {
		l->v = xgrow(l->v, l->n, sizeof(*l->v));
		l->v[l->n++].name = xstrdup(name);
		memset(l->v[i].numbers, 0xff, sizeof(l->v[i].numbers));
	}
	l->v[i].numbers[abi] = (uint16_t)packed;
	free(name);
}

/* Write the calls to out, which has room.  Returns the end. */
static unsigned char *pack_write(const struct pack *l, unsigned bits, unsigned char *out)
{
	const char *last = "";

	for (size_t i = 0; i < l->n; i++) {
		const char *name = l->v[i].name;
		size_t shared = 0, rest;

		while (name[shared] && name[shared] == last[shared])
			shared++;
		*out++ = (unsigned char)(shared + 1);
		rest = strlen(name + shared) + 1;
		memcpy(out, name + shared, rest);
		out += rest;
		for (size_t abi = 0; abi < NAMES_ABIS; abi++) {
			if (!(names_abis[abi].bit & bits))
				continue;
			*out++ = l->v[i].numbers[abi] & 0xff;
			*out++ = l->v[i].numbers[abi] >> 8;
		}
		last = name;
	}
	*out++ = 0;
	return out;
}

unsigned char *pack_names(unsigned arch, size_t *ret_size)
{
	struct pack l = { 0 };
	size_t size = 1;
	unsigned char *text;

	for (size_t i = 0; i < NAMES_ABIS; i++) {
		const struct names_abi *abi = &names_abis[i];

		if (!(abi->bit & (arch | seccomp_abis(arch))))
			continue;
		for (uint32_t nr = 0; nr < NAMES_COMMON_END; nr++)
			pack_add(&l, i, nr, nr);
		for (uint32_t nr = 0; nr < abi->n_extra; nr++)
			pack_add(&l, i, abi->extra + nr, NAMES_COMMON_END + nr);
	}
	if (l.n)
		qsort(l.v, l.n, sizeof(*l.v), pack_compare);
	for (size_t i = 0; i < l.n; i++)
		size += strlen(l.v[i].name) + 2 + 2 * (size_t)NAMES_ABIS;
	text = xmalloc(size);
	*ret_size = (size_t)(pack_write(&l, arch | seccomp_abis(arch), text) - text);
	for (size_t i = 0; i < l.n; i++)
		free(l.v[i].name);
	free(l.v);
	return text;
}
