/*
 * seccomp_compile: rules → a filter for the kernel.
 * Touches nothing.
 *
 * For each ABI the rules become a list of calls sorted by number, the calls become ranges of equal
 * verdict, and the ranges a tree of comparisons (ranges.c).
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "seccomp/bpf.h"
#include "seccomp/compile.h"
#include "seccomp/names.h"
#include "seccomp/ranges.h"
#include "util/arena.h"

#define NO_SUCH_CALL (SECCOMP_RET_ERRNO | ENOSYS)
#define OTHER_ABI SECCOMP_RET_KILL_PROCESS
#define NO_END ((uint64_t)UINT32_MAX + 1)

struct calls {
	struct call *v;
	size_t n;
};

/* What the filter is made of. */
struct compile {
	const struct seccomp_policy *policy;
	const struct seccomp_target *target;
	struct names names;
	struct bpf *bpf;
};

void seccomp_filter_done(struct seccomp_filter *f)
{
	free(f->insns);
	*f = (struct seccomp_filter){ 0 };
}

static bool compile_unknown_passes(uint32_t verdict)
{
	uint32_t action = verdict & SECCOMP_RET_ACTION_FULL;

	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG ||
	       action == SECCOMP_RET_TRACE;
}

/* Add what a set of rules says.  set is its place in the order; ordered: no rule of it stands above
 * another. */
static void compile_rules(const struct compile *c, const struct names_abi *abi, struct calls *l,
	const struct seccomp_rules *rules, uint32_t set, bool ordered)
{
	for (size_t i = 0; i < rules->n; i++) {
		const struct seccomp_rule *r = &rules->v[i];
		struct call call = { .rule = r,
			.rank = set << 28 | (uint32_t)(!ordered && r->n_args) << 27 | (uint32_t)i };

		if (!seccomp_rule_counts(r, c->target))
			continue;
		for (const char *name = r->names; *name; name += strlen(name) + 1) {
			if (!names_find(&c->names, abi, name, &call.nr))
				continue;
			l->v = xgrow(l->v, l->n, sizeof(*l->v));
			l->v[l->n++] = call;
		}
	}
}

static int compile_compare(const void *a, const void *b)
{
	const struct call *x = a, *y = b;

	if (x->nr != y->nr)
		return x->nr < y->nr ? -1 : 1;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

/* Numbers from..to-1 that no rule speaks of. */
static void compile_silent(const struct compile *c, const struct names_abi *abi, struct ranges *l,
	uint64_t from, uint64_t to)
{
	uint32_t verdict = c->policy->default_verdict;
	uint32_t unknown = compile_unknown_passes(verdict) ? verdict : NO_SUCH_CALL;
	uint32_t extra = abi->base + abi->extra, newest = names_newest(&c->names, abi);
	uint64_t cut[] = { from, newest + 1u, extra, extra + abi->n_extra };

	for (size_t i = 0; i < sizeof(cut) / sizeof(*cut); i++) {
		uint64_t at = cut[i];
		bool known = at <= newest || (at >= extra && at < extra + abi->n_extra);

		if (at >= from && at < to)
			ranges_add(l, &(struct range){ .first = (uint32_t)at,
					      .verdict = known ? verdict : unknown });
	}
}

/* The ranges of one ABI, up to (not with) end; calls get what they point to. */
static void compile_abi(const struct compile *c, const struct names_abi *abi, struct ranges *l,
	struct calls *calls, uint64_t end)
{
	uint64_t next = abi->base;

	compile_rules(c, abi, calls, &seccomp_always, 0, true);
	compile_rules(c, abi, calls, &seccomp_emulations[c->target->emulate], 1, true);
	compile_rules(c, abi, calls, &c->policy->rules, 2, false);
	if (calls->n)
		qsort(calls->v, calls->n, sizeof(*calls->v), compile_compare);
	for (size_t i = 0, n; i < calls->n; i += n) {
		const struct call *v = &calls->v[i];
		struct range r = { .first = v->nr,
			.verdict = c->policy->default_verdict,
			.calls = v,
			.narrow = abi->narrow };

		for (n = 1; i + n < calls->n && v[n].nr == v->nr; n++)
			;
		while (r.n_calls < n && v[r.n_calls].rule->n_args)
			r.n_calls++;
		if (r.n_calls < n) /* a rule without arguments: none after it is asked */
			r.verdict = v[r.n_calls].rule->verdict;
		compile_silent(c, abi, l, next, v->nr);
		ranges_add(l, &r);
		next = (uint64_t)v->nr + 1;
	}
	compile_silent(c, abi, l, next, end);
}

static bool compile_has(const struct compile *c, const struct names_abi *abi)
{
	return abi->bit == c->target->arch ||
	       (abi->bit & c->policy->abis & seccomp_abis(c->target->arch));
}

/* The program for *abi, and for the ABI that shares its audit value where there is one. */
static bpf_label compile_put(const struct compile *c, const struct names_abi *abi)
{
	bool shares = abi + 1 < names_abis + NAMES_ABIS && abi[1].audit == abi->audit;
	const struct names_abi *second = shares ? abi + 1 : NULL;
	struct ranges ranges = { 0 };
	struct calls calls[2] = { 0 };
	bpf_label found;

	compile_abi(c, abi, &ranges, &calls[0], second ? second->base : NO_END);
	if (second && compile_has(c, second))
		compile_abi(c, second, &ranges, &calls[1], NO_END);
	else if (second)
		ranges_add(&ranges, &(struct range){ .first = second->base, .verdict = OTHER_ABI });
	found = bpf_load(c->bpf, offsetof(struct seccomp_data, nr), ranges_put(c->bpf, &ranges));
	ranges_done(&ranges);
	free(calls[0].v);
	free(calls[1].v);
	return found;
}

int seccomp_compile(const struct seccomp_policy *p, const struct seccomp_target *t,
	struct seccomp_filter *ret, struct err *e)
{
	struct bpf *b = xmalloc(sizeof(*b));
	struct compile c = { .policy = p, .target = t, .bpf = b };
	bpf_label next;

	*ret = (struct seccomp_filter){ 0 };
	*b = (struct bpf){ 0 };
	names_read(&c.names, t->names, t->arch);
	next = bpf_ret(b, OTHER_ABI);
	/* backwards, so that the machine's own ABI is asked first */
	for (size_t i = NAMES_ABIS; i > 0; i--) {
		const struct names_abi *abi = &names_abis[i - 1];

		if (!abi->base && compile_has(&c, abi))
			next = bpf_if(b, BPF_JEQ, abi->audit, compile_put(&c, abi), next);
	}
	(void)bpf_load(b, offsetof(struct seccomp_data, arch), next);
	if (!b->full) {
		ret->n = (unsigned short)b->n;
		ret->insns = xmalloc(b->n * sizeof(*ret->insns));
		for (unsigned i = 0; i < b->n; i++)
			ret->insns[i] = b->insn[b->n - 1 - i];
	}
	names_done(&c.names);
	free(b);
	if (!ret->insns)
		return err_set(e, 0,
			"seccomp: more rules than fit into the kernel's %d instructions",
			BPF_MAXINSNS);
	return 0;
}
