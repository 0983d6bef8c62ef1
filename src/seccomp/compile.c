/*
 * seccomp_compile: rules → a filter for the kernel.
 * Touches nothing.
 *
 * For each ABI the rules become a list of calls sorted by number, the calls become ranges of equal
 * verdict, and the ranges a tree of comparisons (ranges.c).
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "seccomp/bpf.h"
#include "seccomp/compile.h"
#include "seccomp/ranges.h"
#include "util/arena.h"

#define NO_SUCH_CALL (SECCOMP_RET_ERRNO | ENOSYS)
#define OTHER_ABI SECCOMP_RET_KILL_PROCESS
#define NO_END ((uint64_t)UINT32_MAX + 1)

/*
 * Numbers of new calls are the same on all architectures and lie below this; above it x32 and ARM
 * keep ranges of their own (syscall_64.tbl and asm/unistd.h of the kernel).
 */
#define COMMON_END 512u

struct abi {
	unsigned bit;	/* SECCOMP_ON_* */
	uint32_t scmp;	/* libseccomp's name for it */
	uint32_t audit; /* the kernel's: x32 shares x86_64's and has a bit in the number instead */
	uint32_t base;	/* that bit */
	uint32_t extra, n_extra; /* the range of its own */
	bool narrow;		 /* arguments are 32 bits wide */
};

/* Those that share an audit value stand together, in the order of their bases. */
static const struct abi abis[] = {
	{ SECCOMP_ON_AMD64, SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64, 0, COMMON_END, 0, false },
	{ SECCOMP_ON_X32, SCMP_ARCH_X32, AUDIT_ARCH_X86_64, 0x40000000, COMMON_END, 36, true },
	{ SECCOMP_ON_X86, SCMP_ARCH_X86, AUDIT_ARCH_I386, 0, COMMON_END, 0, true },
	{ SECCOMP_ON_ARM64, SCMP_ARCH_AARCH64, AUDIT_ARCH_AARCH64, 0, COMMON_END, 0, false },
	{ SECCOMP_ON_ARM, SCMP_ARCH_ARM, AUDIT_ARCH_ARM, 0, 0xf0000, 8, true },
	{ SECCOMP_ON_RISCV64, SCMP_ARCH_RISCV64, AUDIT_ARCH_RISCV64, 0, COMMON_END, 0, false },
};

#define N_ABIS (sizeof(abis) / sizeof(*abis))

/* A name and its number, as libseccomp has them. */
struct number {
	char *name;
	uint32_t nr;
};

struct numbers {
	struct number v[COMMON_END + 64];
	size_t n;
	uint32_t newest; /* the highest below COMMON_END */
};

struct calls {
	struct call *v;
	size_t n, room;
};

void seccomp_filter_done(struct seccomp_filter *f)
{
	free(f->insns);
	*f = (struct seccomp_filter){ 0 };
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct number *)a)->name, ((const struct number *)b)->name);
}

static void numbers_read(struct numbers *l, const struct abi *a, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to && l->n < sizeof(l->v) / sizeof(*l->v); i++) {
		char *name = seccomp_syscall_resolve_num_arch(a->scmp, (int)(a->base + i));

		if (!name)
			continue;
		l->v[l->n++] = (struct number){ name, a->base + i };
		if (i < COMMON_END)
			l->newest = a->base + i;
	}
}

/*
 * Number to name, and not the other way: for the calls that i386 can also make through
 * socketcall(2) and ipc(2) libseccomp gives a number of its own invention.
 */
static struct numbers *numbers_new(const struct abi *a)
{
	struct numbers *l = xmalloc(sizeof(*l));

	l->n = 0;
	l->newest = a->base;
	numbers_read(l, a, 0, COMMON_END);
	numbers_read(l, a, a->extra, a->extra + a->n_extra);
	qsort(l->v, l->n, sizeof(*l->v), by_name);
	return l;
}

static void numbers_free(struct numbers *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].name);
	free(l);
}

static void calls_add(struct calls *l, const struct call *c)
{
	if (!l->v || l->n == l->room) {
		l->room = l->room ? 2 * l->room : 512;
		l->v = xrealloc(l->v, l->room * sizeof(*l->v));
	}
	l->v[l->n++] = *c;
}

/* Add what a set of rules says.  set is its place in the order; ordered: no rule of it stands above
 * another. */
static void calls_read(struct calls *l, const struct numbers *numbers,
	const struct seccomp_rules *rules, const struct seccomp_target *t, uint32_t set,
	bool ordered)
{
	for (size_t i = 0; i < rules->n; i++) {
		const struct seccomp_rule *r = &rules->v[i];
		uint32_t rank = set << 28 | (uint32_t)(!ordered && r->n_args) << 27 | (uint32_t)i;

		if (!seccomp_rule_counts(r, t))
			continue;
		for (const char *const *name = r->names; *name; name++) {
			struct number key = { (char *)*name, 0 };
			const struct number *found =
				bsearch(&key, numbers->v, numbers->n, sizeof(key), by_name);

			if (found)
				calls_add(l, &(struct call){ found->nr, rank, r });
		}
	}
}

static int by_number(const void *a, const void *b)
{
	const struct call *x = a, *y = b;

	if (x->nr != y->nr)
		return x->nr < y->nr ? -1 : 1;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

/* Numbers from..to-1 that no rule speaks of. */
static void ranges_add_silent(struct ranges *l, const struct abi *a, const struct numbers *numbers,
	const struct seccomp_policy *p, uint64_t from, uint64_t to)
{
	uint32_t action = p->default_verdict & SECCOMP_RET_ACTION_FULL, unknown = NO_SUCH_CALL;
	uint32_t extra = a->base + a->extra;
	uint64_t cut[] = { from, numbers->newest + 1u, extra, extra + a->n_extra };

	if (action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG || action == SECCOMP_RET_TRACE)
		unknown = p->default_verdict;
	for (size_t i = 0; i < sizeof(cut) / sizeof(*cut); i++) {
		uint64_t at = cut[i];
		bool known = at <= numbers->newest || (at >= extra && at < extra + a->n_extra);

		if (at >= from && at < to)
			ranges_add(l, &(struct range){ .first = (uint32_t)at,
					      .verdict = known ? p->default_verdict : unknown });
	}
}

/* The ranges of one ABI, up to (not with) end.  calls are its own, sorted. */
static void ranges_read(struct ranges *l, const struct abi *a, const struct numbers *numbers,
	const struct seccomp_policy *p, const struct calls *calls, uint64_t end)
{
	uint64_t next = a->base;

	for (size_t i = 0, n; i < calls->n; i += n) {
		const struct call *c = &calls->v[i];
		struct range r = { .first = c->nr,
			.verdict = p->default_verdict,
			.calls = c,
			.narrow = a->narrow };

		for (n = 1; i + n < calls->n && c[n].nr == c->nr; n++)
			;
		while (r.n_calls < n && c[r.n_calls].rule->n_args)
			r.n_calls++;
		if (r.n_calls < n) /* a rule without arguments: none after it is asked */
			r.verdict = c[r.n_calls].rule->verdict;
		ranges_add_silent(l, a, numbers, p, next, c->nr);
		ranges_add(l, &r);
		next = (uint64_t)c->nr + 1;
	}
	ranges_add_silent(l, a, numbers, p, next, end);
}

/* The ranges of one ABI, up to (not with) end; calls get what they point to. */
static void abi_read(struct ranges *ranges, struct calls *calls, const struct abi *a,
	const struct seccomp_policy *p, const struct seccomp_target *t, uint64_t end)
{
	struct numbers *numbers = numbers_new(a);

	calls_read(calls, numbers, &seccomp_always, t, 0, true);
	if (t->emulate)
		calls_read(calls, numbers, &seccomp_emulate, t, 1, true);
	calls_read(calls, numbers, &p->rules, t, 2, false);
	if (calls->n)
		qsort(calls->v, calls->n, sizeof(*calls->v), by_number);
	ranges_read(ranges, a, numbers, p, calls, end);
	numbers_free(numbers);
}

static bool abi_counts(
	const struct abi *a, const struct seccomp_policy *p, const struct seccomp_target *t)
{
	return a->bit == t->arch || (a->bit & p->abis & seccomp_abis(t->arch));
}

/* The program for *a, and for the ABI that shares its audit value where there is one. */
static bpf_label abi_put(struct bpf *b, const struct abi *a, const struct seccomp_policy *p,
	const struct seccomp_target *t)
{
	const struct abi *second = a + 1 < abis + N_ABIS && a[1].audit == a->audit ? a + 1 : NULL;
	struct ranges ranges = { 0 };
	struct calls calls[2] = { 0 };
	bpf_label found;

	abi_read(&ranges, &calls[0], a, p, t, second ? second->base : NO_END);
	if (second && abi_counts(second, p, t))
		abi_read(&ranges, &calls[1], second, p, t, NO_END);
	else if (second)
		ranges_add(&ranges, &(struct range){ .first = second->base, .verdict = OTHER_ABI });
	found = bpf_load(b, offsetof(struct seccomp_data, nr), ranges_put(b, &ranges));
	ranges_done(&ranges);
	free(calls[0].v);
	free(calls[1].v);
	return found;
}

int seccomp_compile(const struct seccomp_policy *p, const struct seccomp_target *t,
	struct seccomp_filter *ret, struct err *e)
{
	struct bpf *b = xmalloc(sizeof(*b));
	bpf_label next;

	*ret = (struct seccomp_filter){ 0 };
	*b = (struct bpf){ 0 };
	next = bpf_ret(b, OTHER_ABI);
	/* backwards, so that the machine's own ABI is asked first */
	for (size_t i = N_ABIS; i > 0; i--) {
		const struct abi *a = &abis[i - 1];

		if (!a->base && abi_counts(a, p, t))
			next = bpf_if(b, BPF_JEQ, a->audit, abi_put(b, a, p, t), next);
	}
	(void)bpf_load(b, offsetof(struct seccomp_data, arch), next);
	if (!b->full) {
		ret->n = (unsigned short)b->n;
		ret->insns = xmalloc(b->n * sizeof(*ret->insns));
		for (unsigned i = 0; i < b->n; i++)
			ret->insns[i] = b->insn[b->n - 1 - i];
	}
	free(b);
	if (!ret->insns)
		return err_set(e, 0,
			"seccomp: more rules than fit into the kernel's %d instructions",
			BPF_MAXINSNS);
	return 0;
}
