/*
 * names: system calls by name, and how the ABIs of a machine count them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/arena.h"

/*
 * Numbers of new calls are the same on all architectures and lie below this; above it x32 and ARM
 * keep ranges of their own (syscall_64.tbl and asm/unistd.h of the kernel).
 */
#define NAMES_COMMON_END 512u

struct names_abi {
	unsigned bit;	/* SECCOMP_ON_* */
	uint32_t audit; /* AUDIT_ARCH_*: x32 shares x86_64's and has a bit in the number instead */
	uint32_t base;	/* that bit */
	uint32_t extra, n_extra; /* the range of its own */
	bool narrow;		 /* arguments are 32 bits wide */
};

/* Those that share an audit value stand together, in the order of their bases. */
#define NAMES_ABIS 6
extern const struct names_abi names_abis[NAMES_ABIS];

/*
 * The packed table of one machine is a byte string, sorted by name.  Each name is a byte with the
 * length that it shares with the name before plus one, the rest of the name, a NUL, and two bytes
 * (the lower first) for each ABI of the machine in the order of SECCOMP_ON_*: the number, without
 * base and counted from NAMES_COMMON_END where it is an extra one, or NAMES_NONE.  A NUL ends it.
 */
#define NAMES_NONE 0xffffu

struct name {
	const char *text;
	const unsigned char *numbers;
};

struct names {
	struct arena arena; /* has the texts */
	struct name *v;	    /* sorted */
	size_t n;
	unsigned arch;
};

void names_read(struct names *ret, const unsigned char *packed, unsigned arch);
void names_done(struct names *l);

/* The number of a call on one ABI of the machine.  Returns false where it has none. */
bool names_find(
	const struct names *l, const struct names_abi *abi, const char *text, uint32_t *ret);

/* The highest number on this ABI, the range of its own left aside. */
uint32_t names_newest(const struct names *l, const struct names_abi *abi);
