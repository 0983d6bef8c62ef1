/*
 * seccomp_run: what the kernel would do with a filter, worked out by a small interpreter.
 * Touches memory only.
 */
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>

#include "seccomp/pack.h"

/* No verdict is this: the kernel's are in the high half and the errno in the low. */
#define RUN_BROKEN 0xdeadbeefu

/* The calls of a machine as seccomp_compile takes them, kept from then on. */
static inline const unsigned char *seccomp_run_names(unsigned arch)
{
	static unsigned char *kept[32];
	unsigned char **names = &kept[__builtin_ctz(arch)];
	size_t size;

	if (!*names)
		*names = pack_names(arch, &size);
	return *names;
}

/* Run n instructions on *d.  Only what seccomp(2) takes is known; all else gives RUN_BROKEN. */
static inline uint32_t seccomp_run(
	const struct sock_filter *v, size_t n, const struct seccomp_data *d)
{
	uint32_t a = 0;

	for (size_t i = 0; i < n; i++) {
		const struct sock_filter *s = &v[i];

		switch (s->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (s->k > sizeof(*d) - 4 || s->k % 4)
				return RUN_BROKEN;
			memcpy(&a, (const char *)d + s->k, 4);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= s->k;
			break;
		case BPF_JMP | BPF_JA:
			i += s->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			i += a == s->k ? s->jt : s->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			i += a > s->k ? s->jt : s->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			i += a >= s->k ? s->jt : s->jf;
			break;
		case BPF_RET | BPF_K:
			return s->k;
		default:
			return RUN_BROKEN;
		}
	}
	return RUN_BROKEN;
}
