/*
 * bpf: puts a classic BPF program together.  Only seccomp_compile uses it.
 * Touches nothing but the program.
 *
 * BPF jumps forward only, so a program is written from its end: what is jumped to exists already
 * and has a label. Every function returns the label of what it put first in the order of execution.
 */
#pragma once

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

#include "seccomp/table.h"

struct bpf {
	struct sock_filter insn[BPF_MAXINSNS]; /* in reverse: [0] is executed last */
	unsigned n;
	bool full; /* the kernel takes no more instructions than BPF_MAXINSNS: what is here is of no
		      use */
};

/* An instruction's place, counted from the end of the program. */
typedef unsigned bpf_label;

/* Return a verdict; one that is near enough is shared. */
bpf_label bpf_ret(struct bpf *b, uint32_t verdict);

/* A = the word at offset in struct seccomp_data; go on at next. */
bpf_label bpf_load(struct bpf *b, uint32_t offset, bpf_label next);

/* Compare A with k: test is BPF_JEQ, BPF_JGT or BPF_JGE. */
bpf_label bpf_if(struct bpf *b, uint16_t test, uint32_t k, bpf_label yes, bpf_label no);

/* Compare an argument, the low half alone where narrow. */
bpf_label bpf_arg(
	struct bpf *b, const struct seccomp_arg *arg, bool narrow, bpf_label yes, bpf_label no);

/* Whether a comparison can be one of bpf_any: it holds for numbers of 32 bits alone, and is decided
 * by the low half. */
bool bpf_is_small(const struct seccomp_arg *arg);

/*
 * yes where any of n > 0 comparisons holds, each bpf_is_small and of one argument; cheaper than
 * bpf_arg for each.  The last of args is asked first.
 */
bpf_label bpf_any(struct bpf *b, const struct seccomp_arg *const *args, size_t n, bool narrow,
	bpf_label yes, bpf_label no);
