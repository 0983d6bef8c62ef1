/*
 * ranges: ranges of calls → comparisons.
 * Touches nothing but the program.
 *
 * The kernel copies, checks and translates a filter each time that it is loaded, so it is worth
 * being short; and it asks it of every call once (seccomp_cache_prepare(), Linux 5.11), so a call
 * is found in about ten steps.
 */
#include "seccomp/ranges.h"

#include <stdlib.h>

#include "util/arena.h"

#define SINGLES_MAX 4 /* more save nothing in Docker's filter */

static bool same_verdict(const struct range *a, const struct range *b)
{
	return !a->n_calls && !b->n_calls && a->verdict == b->verdict;
}

void ranges_add(struct ranges *l, const struct range *r)
{
	if (l->v && l->n && !r->n_calls) {
		const struct range *last = &l->v[l->n - 1];

		if (!last->n_calls && last->verdict == r->verdict)
			return;
	}
	l->v = xgrow(l->v, l->n, sizeof(*l->v));
	l->v[l->n++] = *r;
}

void ranges_done(struct ranges *l)
{
	free(l->v);
	*l = (struct ranges){ 0 };
}

#define ANY_MAX 64

/* Rules before end that can be asked at once: equal verdict, one small comparison each, of one
 * argument. */
static size_t leaf_group(const struct range *r, size_t end, const struct seccomp_arg *args[ANY_MAX])
{
	const struct seccomp_rule *last = r->calls[end - 1].rule;
	size_t n = 0;

	while (n < end && n < ANY_MAX) {
		const struct seccomp_rule *rule = r->calls[end - 1 - n].rule;

		if (rule->n_args != 1 || rule->verdict != last->verdict ||
			!bpf_is_small(rule->args) || rule->args->index != last->args->index)
			break;
		args[n++] = rule->args;
	}
	return n;
}

static bpf_label leaf(struct bpf *b, const struct range *r)
{
	const struct seccomp_arg *args[ANY_MAX];
	bpf_label next = bpf_ret(b, r->verdict);

	for (size_t end = r->n_calls; end > 0;) {
		const struct seccomp_rule *rule = r->calls[end - 1].rule;
		size_t n = leaf_group(r, end, args);
		bpf_label no = next;

		next = bpf_ret(b, rule->verdict);
		if (n > 1) {
			next = bpf_any(b, args, n, r->narrow, next, no);
			end -= n;
			continue;
		}
		for (size_t i = rule->n_args; i > 0; i--)
			next = bpf_arg(b, &rule->args[i - 1], r->narrow, next, no);
		end--;
	}
	return next;
}

/*
 * Ranges that are alike but for some single calls.  Such a call takes one comparison, where a tree
 * takes two; yet they are asked one after the other, so there may not be many.
 */
struct stretch {
	const struct range *v, *base; /* base is one of those that are alike */
	size_t n, singles;
};

/* The longest stretch at the beginning of v[0..n-1] whose verdict is base's. */
static struct stretch stretch_of(const struct range *v, size_t n, const struct range *base)
{
	struct stretch s = { .v = v, .base = base };

	for (; s.n < n; s.n++) {
		bool single = s.n + 1 < n && v[s.n + 1].first - v[s.n].first == 1;

		if (same_verdict(&v[s.n], base))
			continue;
		if (!single || s.singles == SINGLES_MAX)
			break;
		s.singles++;
	}
	return s;
}

/* The stretch at the beginning of v[0..n-1] that takes the fewest comparisons for what it covers.
 */
static struct stretch stretch_first(const struct range *v, size_t n)
{
	struct stretch best = { .v = v, .base = v, .n = 1 };

	for (size_t i = 0; i < 2 && i < n; i++) {
		struct stretch s = stretch_of(v, n, &v[i]);

		if (!v[i].n_calls && s.n - s.singles > best.n - best.singles)
			best = s;
	}
	return best;
}

static bpf_label stretch_put(struct bpf *b, const struct stretch *s)
{
	bpf_label next = leaf(b, s->base);

	for (size_t i = s->n; i > 0; i--)
		if (s->n > 1 && !same_verdict(&s->v[i - 1], s->base))
			next = bpf_if(b, BPF_JEQ, s->v[i - 1].first, leaf(b, &s->v[i - 1]), next);
	return next;
}

/* Find the stretch of A among s[0..n-1]; A is not below the first. */
static bpf_label ranges_tree(struct bpf *b, const struct stretch *s, size_t n)
{
	size_t half = n / 2;
	bpf_label left, right;

	if (n == 1)
		return stretch_put(b, s);
	right = ranges_tree(b, s + half, n - half);
	left = ranges_tree(b, s, half);
	return bpf_if(b, BPF_JGE, s[half].v->first, right, left);
}

bpf_label ranges_put(struct bpf *b, const struct ranges *l)
{
	struct stretch *v = xmalloc(l->n * sizeof(*v));
	bpf_label found;
	size_t n = 0;

	for (size_t at = 0; at < l->n; at += v[n++].n)
		v[n] = stretch_first(l->v + at, l->n - at);
	found = ranges_tree(b, v, n);
	free(v);
	return found;
}
