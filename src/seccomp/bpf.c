/*
 * bpf: puts a classic BPF program together, from its end to its beginning.
 * Touches nothing but the program.
 *
 * Of BPF only what the kernel's cache of constant verdicts can follow is used to find a call: loads
 * of nr and arch, jumps by constants, and ret (seccomp_is_const_allow(), Linux 5.11): a call
 * allowed without a look at its arguments then costs the same whatever the length of the program.
 */
#include <linux/seccomp.h>
#include <stddef.h>

#include "seccomp/bpf.h"

/* Conditional jumps reach 255 instructions; two of those that a far jump takes may come between. */
#define REACH 250u
/* How far back an equal ret is looked for. */
#define SHARE 200u

/* Words of an argument, on the little-endian machines that we run on. */
#define LOW(i) ((uint32_t)(offsetof(struct seccomp_data, args) + 8 * (i)))
#define HIGH(i) (LOW(i) + 4)

static bpf_label put(struct bpf *b, uint16_t code, uint32_t k, unsigned jt, unsigned jf)
{
	if (b->n == BPF_MAXINSNS) {
		b->full = true;
		return b->n - 1;
	}
	b->insn[b->n] = (struct sock_filter){ code, (uint8_t)jt, (uint8_t)jf, k };
	return b->n++;
}

/* Instructions between the one that is put next and a label. */
static unsigned distance(const struct bpf *b, bpf_label to)
{
	return b->n - 1 - to;
}

static bpf_label end_of(const struct bpf *b, bpf_label at)
{
	while (b->insn[at].code == (BPF_JMP | BPF_JA))
		at -= b->insn[at].k + 1;
	return at;
}

/* Whether two labels lead to the same. */
static bool equal_ends(const struct bpf *b, bpf_label one, bpf_label other)
{
	const struct sock_filter *x, *y;

	one = end_of(b, one);
	other = end_of(b, other);
	x = &b->insn[one];
	y = &b->insn[other];
	return one == other || (x->code == (BPF_RET | BPF_K) && y->code == x->code && y->k == x->k);
}

/*
 * An instruction that is there already, does this, and then goes on to the same places; else the
 * one that would be put next.  The kernel copies, checks and translates a program each time that it
 * is loaded, so a short one starts faster: the ABIs of a machine share what they ask of arguments.
 * For one that jumps nowhere yes and no are the same.
 */
static bpf_label same(const struct bpf *b, uint16_t code, uint32_t k, bpf_label yes, bpf_label no)
{
	bpf_label at;

	if (b->full)
		return b->n;
	for (at = b->n - 1; at > 0; at--) {
		const struct sock_filter *i = &b->insn[at];

		if (i->code == code && i->k == k && equal_ends(b, at - 1 - i->jt, yes) &&
			equal_ends(b, at - 1 - i->jf, no))
			return at;
	}
	return b->n;
}

/* Make a label reachable by a conditional jump. */
static bpf_label near(struct bpf *b, bpf_label to)
{
	if (b->full || distance(b, to) <= REACH)
		return to;
	return put(b, BPF_JMP | BPF_JA, distance(b, to), 0, 0);
}

/* Make a label the very next instruction. */
static void next_is(struct bpf *b, bpf_label to)
{
	if (!b->full && distance(b, to) != 0)
		(void)put(b, BPF_JMP | BPF_JA, distance(b, to), 0, 0);
}

bpf_label bpf_ret(struct bpf *b, uint32_t verdict)
{
	for (unsigned i = b->n; i > 0 && b->n - i < SHARE; i--) {
		if (b->insn[i - 1].code == (BPF_RET | BPF_K) && b->insn[i - 1].k == verdict)
			return i - 1;
	}
	return put(b, BPF_RET | BPF_K, verdict, 0, 0);
}

/* An instruction that jumps nowhere. */
static bpf_label step(struct bpf *b, uint16_t code, uint32_t k, bpf_label next)
{
	bpf_label found = same(b, code, k, next, next);

	if (found < b->n)
		return found;
	next_is(b, next);
	return put(b, code, k, 0, 0);
}

bpf_label bpf_load(struct bpf *b, uint32_t offset, bpf_label next)
{
	return step(b, BPF_LD | BPF_W | BPF_ABS, offset, next);
}

bpf_label bpf_if(struct bpf *b, uint16_t test, uint32_t k, bpf_label yes, bpf_label no)
{
	bpf_label found;

	if (yes == no)
		return yes;
	found = same(b, BPF_JMP | test | BPF_K, k, yes, no);
	if (found < b->n)
		return found;
	yes = near(b, yes);
	no = near(b, no);
	return put(b, BPF_JMP | test | BPF_K, k, distance(b, yes), distance(b, no));
}

/* (word & mask) == value, where the word is at offset. */
static bpf_label masked(
	struct bpf *b, uint32_t offset, uint32_t mask, uint32_t value, bpf_label yes, bpf_label no)
{
	bpf_label next;

	if (mask == 0)
		return value == 0 ? yes : no;
	next = bpf_if(b, BPF_JEQ, value, yes, no);
	if (mask != UINT32_MAX)
		next = step(b, BPF_ALU | BPF_AND | BPF_K, mask, next);
	return bpf_load(b, offset, next);
}

static bpf_label equal(struct bpf *b, unsigned i, uint64_t mask, uint64_t value, bool narrow,
	bpf_label yes, bpf_label no)
{
	bpf_label low = masked(b, LOW(i), (uint32_t)mask, (uint32_t)value, yes, no);

	return narrow ? low
		      : masked(b, HIGH(i), (uint32_t)(mask >> 32), (uint32_t)(value >> 32), low,
				no);
}

/* test is BPF_JGT or BPF_JGE. */
static bpf_label greater(struct bpf *b, unsigned i, uint16_t test, uint64_t value, bool narrow,
	bpf_label yes, bpf_label no)
{
	bpf_label low = bpf_load(b, LOW(i), bpf_if(b, test, (uint32_t)value, yes, no)), same;

	if (narrow)
		return low;
	same = bpf_if(b, BPF_JEQ, (uint32_t)(value >> 32), low, no);
	return bpf_load(b, HIGH(i), bpf_if(b, BPF_JGT, (uint32_t)(value >> 32), yes, same));
}

bpf_label bpf_arg(
	struct bpf *b, const struct seccomp_arg *arg, bool narrow, bpf_label yes, bpf_label no)
{
	switch (arg->op) {
	case SECCOMP_NE:
		return equal(b, arg->index, UINT64_MAX, arg->value, narrow, no, yes);
	case SECCOMP_LT:
		return greater(b, arg->index, BPF_JGE, arg->value, narrow, no, yes);
	case SECCOMP_LE:
		return greater(b, arg->index, BPF_JGT, arg->value, narrow, no, yes);
	case SECCOMP_EQ:
		return equal(b, arg->index, UINT64_MAX, arg->value, narrow, yes, no);
	case SECCOMP_GE:
		return greater(b, arg->index, BPF_JGE, arg->value, narrow, yes, no);
	case SECCOMP_GT:
		return greater(b, arg->index, BPF_JGT, arg->value, narrow, yes, no);
	case SECCOMP_MASKED_EQ:
		return equal(b, arg->index, arg->value, arg->value_two, narrow, yes, no);
	}
	return no;
}

bool bpf_is_small(const struct seccomp_arg *arg)
{
	return (arg->op == SECCOMP_EQ || arg->op == SECCOMP_LT) && arg->value <= UINT32_MAX;
}

bpf_label bpf_any(struct bpf *b, const struct seccomp_arg *const *args, size_t n, bool narrow,
	bpf_label yes, bpf_label no)
{
	bpf_label next = no;

	for (size_t i = 0; i < n; i++) {
		uint32_t value = (uint32_t)args[i]->value;

		if (args[i]->op == SECCOMP_EQ)
			next = bpf_if(b, BPF_JEQ, value, yes, next);
		else
			next = bpf_if(b, BPF_JGE, value, next, yes);
	}
	next = bpf_load(b, LOW(args[0]->index), next);
	return narrow ? next : bpf_load(b, HIGH(args[0]->index), bpf_if(b, BPF_JEQ, 0, next, no));
}
