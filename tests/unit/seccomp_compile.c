/*
 * seccomp_compile: comparisons decide as they read, long programs jump right, too long ones are
 * refused.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>

#include "seccomp/compile.h"
#include "seccomp_run.h"
#include "tap.h"

#define FAIL(code) (SECCOMP_RET_ERRNO | (code))
#define ALLOW SECCOMP_RET_ALLOW
#define X32_BIT 0x40000000u

static uint32_t run(const struct seccomp_filter *f, uint32_t nr, const uint64_t args[6])
{
	struct seccomp_data d = { .nr = (int)nr, .arch = AUDIT_ARCH_X86_64 };

	memcpy(d.args, args, sizeof(d.args));
	return seccomp_run(f->insns, f->n, &d);
}

/* A policy for x86_64 alone, of a few rules that Docker's profile has no like of. */
static void check_policy(void)
{
	static const struct seccomp_arg range[] = { { 0, SECCOMP_GE, 0x100000000, 0 },
		{ 1, SECCOMP_LE, 5, 0 } };
	static const struct seccomp_arg ne[] = { { 5, SECCOMP_NE, 0x500000005, 0 } };
	static const struct seccomp_arg gt[] = { { 2, SECCOMP_GT, 0xffffffff, 0 } };
	static const struct seccomp_arg high[] = { { 3, SECCOMP_MASKED_EQ, 0xff00000000,
		0x1200000000 } };
	static const char reading[] = "read\0no_such_call\0", writing[] = "write\0";
	static const char closing[] = "close\0", opening[] = "open\0";
	static const struct seccomp_rule rules[] = {
		{ .names = reading, .verdict = FAIL(1), .args = range, .n_args = 2 },
		{ .names = reading, .verdict = FAIL(2), .args = ne, .n_args = 1 },
		{ .names = writing, .verdict = FAIL(3), .args = gt, .n_args = 1 },
		{ .names = writing, .verdict = FAIL(4), .args = high, .n_args = 1 },
		{ .names = closing, .verdict = FAIL(5), .args = high, .n_args = 1 },
		{ .names = closing, .verdict = FAIL(6) },
		{ .names = opening,
			.verdict = FAIL(7),
			.excludes.min_kernel = SECCOMP_KERNEL(5, 0) },
		{ .names = opening,
			.verdict = FAIL(8),
			.includes.min_kernel = SECCOMP_KERNEL(5, 0) },
	};
	static const struct {
		uint32_t nr, verdict;
		uint64_t args[6];
	} calls[] = {
		{ 0, FAIL(1), { 0x100000000, 5, 0, 0, 0, 0x500000005 } },
		{ 0, ALLOW, { 0x100000000, 6, 0, 0, 0, 0x500000005 } },
		{ 0, ALLOW, { 0xffffffff, 5, 0, 0, 0, 0x500000005 } },
		{ 0, FAIL(2), { 0xffffffff, 5, 0, 0, 0, 5 } },
		{ 1, FAIL(3), { 0, 0, 0x100000000, 0x1200000000 } },
		{ 1, FAIL(4), { 0, 0, 0xffffffff, 0x9912ffffffff } },
		{ 1, ALLOW, { 0, 0, 0xffffffff, 0x1300000000 } },
		{ 3, FAIL(6), { 0, 0, 0, 0x1200000000 } },
		{ 2, FAIL(8), { 0 } },
		{ 16, FAIL(EPERM), { 0, 0xdead00005412 } },
		{ 16, ALLOW, { 0, 0x5411 } },
		{ 1000, ALLOW, { 0 } }, /* unknown, but the default lets pass */
		/* an ABI that the policy does not name */
		{ X32_BIT, SECCOMP_RET_KILL_PROCESS, { 0 } },
	};
	struct seccomp_policy p = { .default_verdict = ALLOW,
		.rules = { rules, sizeof(rules) / sizeof(*rules) } };
	struct seccomp_target t = { .arch = SECCOMP_ON_AMD64,
		.kernel = SECCOMP_KERNEL(5, 0),
		.names = seccomp_run_names(SECCOMP_ON_AMD64) };
	struct seccomp_data d = { .arch = AUDIT_ARCH_I386 };
	struct seccomp_filter f = { 0 };
	struct err e = { 0 };

	if (!tap_ok(seccomp_compile(&p, &t, &f, &e) == 0, "a policy of its own compiles"))
		return;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		tap_int(run(&f, calls[i].nr, calls[i].args), calls[i].verdict,
			"a comparison decides");
	tap_int(seccomp_run(f.insns, f.n, &d), SECCOMP_RET_KILL_PROCESS,
		"another ABI's calls kill");
	seccomp_filter_done(&f);
}

/* More rules than a filter can hold are an error, not a filter with a part of them. */
static void check_full(void)
{
	struct seccomp_rule *rules = calloc(3000, sizeof(*rules));
	struct seccomp_arg *args = calloc(3000, sizeof(*args));
	struct seccomp_policy p = { .default_verdict = ALLOW, .rules = { rules, 3000 } };
	struct seccomp_target t = { .arch = SECCOMP_ON_AMD64,
		.names = seccomp_run_names(SECCOMP_ON_AMD64) };
	struct seccomp_filter f = { 0 };
	struct err e = { 0 };

	for (unsigned i = 0; i < 3000; i++) {
		args[i] = (struct seccomp_arg){ i % 6, SECCOMP_GT, (uint64_t)i << 20, 0 };
		rules[i] = (struct seccomp_rule){
			.names = "read\0", .verdict = FAIL(i), .args = &args[i], .n_args = 1
		};
	}
	tap_ok(seccomp_compile(&p, &t, &f, &e) < 0 && !f.insns, "too many rules are refused");
	tap_ok(strstr(e.msg, "4096") != NULL, "and the message names the kernel's limit");
	p.rules.n = 500;
	tap_ok(seccomp_compile(&p, &t, &f, &e) == 0 && f.n > 2000, "as many as fit are taken");
	tap_int(run(&f, 0, (uint64_t[6]){ 0, (uint64_t)0x1 << 40 }), FAIL(1),
		"jumps over 255 instructions hold");
	tap_int(run(&f, 0, (uint64_t[6]){ 0 }), ALLOW, "to the end");
	seccomp_filter_done(&f);
	free(rules);
	free(args);
}

int main(void)
{
	check_policy();
	check_full();
	return tap_done();
}
