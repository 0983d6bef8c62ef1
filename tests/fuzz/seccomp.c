/*
 * fuzz target seccomp: a profile in Docker's JSON, and the filter that it compiles to.  The kernel
 * would take every filter that is made, and whatever the profile says, a call that types into the
 * caller's terminal is not allowed.
 */
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "fuzz.h"
#include "seccomp/compile.h"
#include "seccomp/profile.h"
#include "seccomp_run.h"
#include "util/fd.h"
#include "util/json.h"

/* What bpf_check_classic() of the kernel asks for: every jump ends inside, every way ends in a
 * return. */
static void check_filter(const struct seccomp_filter *f)
{
	fuzz_check(f->n > 0 && f->n <= BPF_MAXINSNS);
	for (size_t i = 0; i < f->n; i++) {
		const struct sock_filter *s = &f->insns[i];
		size_t left = f->n - i - 1u;

		if (BPF_CLASS(s->code) != BPF_JMP)
			continue;
		if (BPF_OP(s->code) == BPF_JA)
			fuzz_check(s->k < left);
		else
			fuzz_check(s->jt < left && s->jf < left);
	}
	fuzz_check(f->insns[f->n - 1].code == (BPF_RET | BPF_K));
}

static void check_verdicts(const struct seccomp_filter *f, uint32_t audit, int ioctl_nr)
{
	struct seccomp_data d = { .arch = audit };

	for (int nr = -1; nr < 520; nr++) {
		d.nr = nr;
		fuzz_check(seccomp_run(f->insns, f->n, &d) != RUN_BROKEN);
	}
	d = (struct seccomp_data){ .arch = audit, .nr = ioctl_nr, .args = { 0, TIOCSTI } };
	fuzz_check(seccomp_run(f->insns, f->n, &d) != SECCOMP_RET_ALLOW);
	d.args[1] |= 0xffffffff00000000ull;
	fuzz_check(seccomp_run(f->insns, f->n, &d) != SECCOMP_RET_ALLOW);
}

static void compile(const struct seccomp_policy *p, const struct seccomp_target *t)
{
	bool amd64 = t->arch == SECCOMP_ON_AMD64;
	struct seccomp_filter f = { 0 };
	struct err e;

	if (seccomp_compile(p, t, &f, &e) < 0) {
		fuzz_check_err(&e);
		return;
	}
	check_filter(&f);
	check_verdicts(&f, amd64 ? AUDIT_ARCH_X86_64 : AUDIT_ARCH_AARCH64, amd64 ? 16 : 29);
	if (amd64 && (p->abis & SECCOMP_ON_X86))
		check_verdicts(&f, AUDIT_ARCH_I386, 54);
	seccomp_filter_done(&f);
}

/* What is written can be read, and is written again as it was. */
static void check_written(
	const struct seccomp_policy *p, const struct seccomp_target *t, struct arena *a)
{
	auto_free char *text = seccomp_profile_text(p, t), *again = NULL;
	struct seccomp_policy q;
	struct err e;

	fuzz_check(seccomp_profile_parse(text, strlen(text), t, a, &q, &e) == 0);
	again = seccomp_profile_text(&q, t);
	fuzz_check(strcmp(text, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct seccomp_target t = { .arch = size % 2 ? SECCOMP_ON_AMD64 : SECCOMP_ON_ARM64,
		.kernel = SECCOMP_KERNEL(5, 10),
		.caps = 0xa80425fb,
		.emulate = (enum seccomp_emulation)(size / 2 % 3),
		.names = seccomp_run_names(size % 2 ? SECCOMP_ON_AMD64 : SECCOMP_ON_ARM64) };
	char *text = fuzz_text(data, size);
	struct seccomp_policy p;
	struct arena a = { 0 };
	struct err e;

	if (seccomp_profile_parse(text, size, &t, &a, &p, &e) == 0) {
		compile(&p, &t);
		check_written(&p, &t, &a);
	} else {
		fuzz_check_err(&e);
	}
	arena_done(&a);
	free(text);
	return 0;
}
