/*
 * names: system calls by name, and how the ABIs of a machine count them.
 * Touches memory only.
 */
#include "seccomp/names.h"

#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>

#include "seccomp/table.h"

const struct names_abi names_abis[NAMES_ABIS] = {
	{ SECCOMP_ON_AMD64, AUDIT_ARCH_X86_64, 0, NAMES_COMMON_END, 0, false },
	{ SECCOMP_ON_X32, AUDIT_ARCH_X86_64, 0x40000000, NAMES_COMMON_END, 36, true },
	{ SECCOMP_ON_X86, AUDIT_ARCH_I386, 0, NAMES_COMMON_END, 0, true },
	{ SECCOMP_ON_ARM64, AUDIT_ARCH_AARCH64, 0, NAMES_COMMON_END, 0, false },
	{ SECCOMP_ON_ARM, AUDIT_ARCH_ARM, 0, 0xf0000, 8, true },
	{ SECCOMP_ON_RISCV64, AUDIT_ARCH_RISCV64, 0, NAMES_COMMON_END, 0, false },
};

/* Bytes of numbers for the ABIs whose bit is below this one. */
static size_t names_column(unsigned arch, unsigned bit)
{
	return 2 * (size_t)__builtin_popcount((arch | seccomp_abis(arch)) & (bit - 1));
}

void names_read(struct names *ret, const unsigned char *packed, unsigned arch)
{
	const char *last = "";

	*ret = (struct names){ .arch = arch };
	while (*packed) {
		size_t shared = *packed++ - 1u, rest = strlen((const char *)packed) + 1;
		char *text = arena_alloc(&ret->arena, shared + rest);

		memcpy(text, last, shared);
		memcpy(text + shared, packed, rest);
		packed += rest;
		ret->v = xgrow(ret->v, ret->n, sizeof(*ret->v));
		ret->v[ret->n++] = (struct name){ last = text, packed };
		packed += names_column(arch, SECCOMP_ON_OTHER);
	}
}

void names_done(struct names *l)
{
	free(l->v);
	arena_done(&l->arena);
	*l = (struct names){ 0 };
}

/* As packed: NAMES_NONE, or without what the ABI adds. */
static uint32_t names_packed(
	const struct names *l, const struct names_abi *abi, const struct name *name)
{
	const unsigned char *at = name->numbers + names_column(l->arch, abi->bit);

	return at[0] | (uint32_t)at[1] << 8;
}

static int names_compare(const void *text, const void *name)
{
	return strcmp(text, ((const struct name *)name)->text);
}

bool names_find(const struct names *l, const struct names_abi *abi, const char *text, uint32_t *ret)
{
	const struct name *name = bsearch(text, l->v, l->n, sizeof(*l->v), names_compare);
	uint32_t nr = name ? names_packed(l, abi, name) : NAMES_NONE;

	if (nr == NAMES_NONE)
		return false;
	*ret = abi->base + nr + (nr < NAMES_COMMON_END ? 0 : abi->extra - NAMES_COMMON_END);
	return true;
}

uint32_t names_newest(const struct names *l, const struct names_abi *abi)
{
	uint32_t newest = 0;

	for (size_t i = 0; i < l->n; i++) {
		uint32_t nr = names_packed(l, abi, &l->v[i]);

		if (nr < NAMES_COMMON_END && nr > newest)
			newest = nr;
	}
	return abi->base + newest;
}
