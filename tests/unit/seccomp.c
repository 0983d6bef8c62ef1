/*
 * seccomp: the filters say of every call what the table says, and the kernel does it.
 * Three witnesses: the table read afresh by a few plain lines here, libseccomp's own filter of the
 * same rules, and a child process that makes the calls.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plan/defaults.h"
#include "seccomp/compile.h"
#include "seccomp/table.h"
#include "seccomp_default.h"
#include "seccomp_run.h"
#include "tap.h"

#define FAIL(code) (SECCOMP_RET_ERRNO | (code))
#define ALLOW SECCOMP_RET_ALLOW
#define X32_BIT 0x40000000u

static const struct abi {
	const char *name;
	unsigned machine;
	uint32_t scmp, audit, base;
	bool narrow;
} abis[] = {
	{ "x86_64", SECCOMP_ON_AMD64, SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64, 0, false },
	{ "x32", SECCOMP_ON_AMD64, SCMP_ARCH_X32, AUDIT_ARCH_X86_64, X32_BIT, true },
	{ "i386", SECCOMP_ON_AMD64, SCMP_ARCH_X86, AUDIT_ARCH_I386, 0, true },
	{ "aarch64", SECCOMP_ON_ARM64, SCMP_ARCH_AARCH64, AUDIT_ARCH_AARCH64, 0, false },
	{ "arm", SECCOMP_ON_ARM64, SCMP_ARCH_ARM, AUDIT_ARCH_ARM, 0, true },
	{ "riscv64", SECCOMP_ON_RISCV64, SCMP_ARCH_RISCV64, AUDIT_ARCH_RISCV64, 0, false },
};
#define N_ABIS (sizeof(abis) / sizeof(*abis))

/* What an argument may be: every value that a rule names, its neighbours, and the same with bits
 * set above 32. */
static const uint64_t values[] = { 0, 1, 2, 7, 8, 9, 11, 12, 13, 16, 18, 19, 21, 37, 38, 39, 40, 41,
	45, 46, 255, S_IFCHR | 0644, S_IFBLK, S_IFREG | 0600, S_IFDIR, S_IFIFO, 0x5411, 0x5412,
	0x5413, 0x541b, 0x541c, 0x541d, 0x20000, 0x20008, 0x10000000, 0x7e020000, 0x01000000,
	0x80000000, 0xffffffff, 0x100000000, 0x100000001, 0x100000026, 0x100000028, 0x500005412,
	0xffffffff0000541c, 0x7fffffff00000010, 0xffffffffffffffff };
#define N_VALUES (sizeof(values) / sizeof(*values))

static bool holds(const struct seccomp_arg *arg, const uint64_t args[6], bool narrow)
{
	uint64_t wide = narrow ? UINT32_MAX : UINT64_MAX;
	uint64_t x = args[arg->index] & wide, value = arg->value & wide;

	switch (arg->op) {
	case SECCOMP_NE:
		return x != value;
	case SECCOMP_LT:
		return x < value;
	case SECCOMP_LE:
		return x <= value;
	case SECCOMP_EQ:
		return x == value;
	case SECCOMP_GE:
		return x >= value;
	case SECCOMP_GT:
		return x > value;
	case SECCOMP_MASKED_EQ:
		return (x & value) == arg->value_two;
	}
	return false;
}

static bool names(const struct seccomp_rule *r, const char *name)
{
	for (const char *n = r->names; *n; n += strlen(n) + 1)
		if (strcmp(n, name) == 0)
			return true;
	return false;
}

static bool counts(const struct seccomp_rule *r, const struct seccomp_target *t)
{
	if (r->excludes.arches & t->arch || r->excludes.caps & t->caps)
		return false;
	if (r->includes.arches && !(r->includes.arches & t->arch))
		return false;
	return (r->includes.caps & ~t->caps) == 0 && t->kernel >= r->includes.min_kernel;
}

/* Whether a rule of the set holds, with or without arguments as asked; *ret gets its verdict. */
static bool decided(const struct seccomp_rules *rules, const struct seccomp_target *t,
	const struct abi *a, const char *name, const uint64_t args[6], int with_args, uint32_t *ret)
{
	for (size_t i = 0; i < rules->n; i++) {
		const struct seccomp_rule *r = &rules->v[i];
		bool all = names(r, name) && counts(r, t) &&
			   (with_args < 0 || with_args == (r->n_args > 0));

		for (size_t k = 0; k < r->n_args; k++)
			all = all && holds(&r->args[k], args, a->narrow);
		if (all) {
			*ret = r->verdict;
			return true;
		}
	}
	return false;
}

/* The highest number that libseccomp knows below the ranges that x32 and ARM have for themselves.
 */
static uint32_t newest(const struct abi *a)
{
	for (uint32_t nr = 511;; nr--) {
		char *name = seccomp_syscall_resolve_num_arch(a->scmp, (int)(a->base + nr));

		free(name);
		if (name)
			return nr;
	}
}

static uint32_t wanted(const struct seccomp_target *t, const struct abi *a, uint32_t top,
	uint32_t nr, const char *name, const uint64_t args[6])
{
	uint32_t verdict = FAIL(EPERM), number = nr - a->base;

	if (name &&
		(decided(&seccomp_always, t, a, name, args, -1, &verdict) ||
			decided(&seccomp_emulations[t->emulate], t, a, name, args, -1, &verdict) ||
			decided(&seccomp_docker.rules, t, a, name, args, 0, &verdict) ||
			decided(&seccomp_docker.rules, t, a, name, args, 1, &verdict)))
		return verdict;
	if (number <= top || (a->scmp == SCMP_ARCH_X32 && number >= 512 && number < 548) ||
		(a->scmp == SCMP_ARCH_ARM && number >= 0xf0000 && number < 0xf0008))
		return FAIL(EPERM);
	return FAIL(ENOSYS);
}

static uint32_t run(
	const struct seccomp_filter *f, const struct abi *a, uint32_t nr, const uint64_t args[6])
{
	struct seccomp_data d = { .nr = (int)nr, .arch = a->audit };

	memcpy(d.args, args, sizeof(d.args));
	return seccomp_run(f->insns, f->n, &d);
}

/* The i-th way to fill the arguments: two of them with each pair of values' neighbours, the others
 * 0. */
static void fill(uint64_t args[6], unsigned round, size_t i)
{
	memset(args, 0, 6 * sizeof(*args));
	args[round] = values[i];
	args[(round + 1) % 6] = values[(i * 7 + 3) % N_VALUES];
}

/* All numbers that may be calls, of one ABI, against what the table says. */
static void check_table(const struct seccomp_filter *f, const struct seccomp_target *t,
	const struct abi *a, const char *what)
{
	uint32_t top = newest(a), wrong = 0, allowed = 0;
	uint64_t args[6];

	for (uint32_t number = 0; number < 0xf0010;
		number = number == 1023 ? 0xefff0 : number + 1) {
		uint32_t nr = a->base + number;
		char *name = seccomp_syscall_resolve_num_arch(a->scmp, (int)nr);

		for (unsigned round = 0; round < 3; round++) {
			for (size_t i = 0; i < N_VALUES; i++) {
				uint32_t want, have;

				fill(args, round, i);
				want = wanted(t, a, top, nr, name, args);
				have = run(f, a, nr, args);
				if (have != want && wrong++ < 5)
					printf("# %s %s(%#llx, %#llx, %#llx): %#x, not %#x\n",
						a->name, name ? name : "?",
						(unsigned long long)args[0],
						(unsigned long long)args[1],
						(unsigned long long)args[2], have, want);
			}
		}
		memset(args, 0, sizeof(args));
		allowed += run(f, a, nr, args) == ALLOW;
		free(name);
	}
	tap_ok(wrong == 0 && allowed > 240, "%s: every call of %s as the table says (%u allowed)",
		what, a->name, allowed);
}

/* libseccomp's filter of Docker's rules. */
static void oracle(const struct seccomp_target *t, struct seccomp_filter *ret)
{
	scmp_filter_ctx ctx = seccomp_init(FAIL(EPERM));
	FILE *file = tmpfile();
	int fd = fileno(file);

	(void)seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE);
	for (size_t i = 0; i < N_ABIS; i++)
		if (abis[i].machine == t->arch)
			(void)seccomp_arch_add(ctx, abis[i].scmp);
	for (size_t i = 0; i < seccomp_docker.rules.n; i++) {
		const struct seccomp_rule *r = &seccomp_docker.rules.v[i];
		struct scmp_arg_cmp arg = { 0 };

		if (r->n_args)
			arg = (struct scmp_arg_cmp){ r->args->index,
				(enum scmp_compare)(r->args->op + 1), r->args->value,
				r->args->value_two };
		for (const char *n = r->names; *n && counts(r, t); n += strlen(n) + 1)
			if (seccomp_syscall_resolve_name(n) != __NR_SCMP_ERROR)
				(void)seccomp_rule_add_array(ctx, r->verdict,
					seccomp_syscall_resolve_name(n), (unsigned)r->n_args, &arg);
	}
	(void)seccomp_export_bpf(ctx, fd);
	seccomp_release(ctx);
	ret->n = (unsigned short)(lseek(fd, 0, SEEK_END) / (off_t)sizeof(*ret->insns));
	ret->insns = calloc(ret->n ? ret->n : 1, sizeof(*ret->insns));
	if (pread(fd, ret->insns, ret->n * sizeof(*ret->insns), 0) < 0)
		ret->n = 0;
	fclose(file);
}

/* Against libseccomp: equal but for numbers that it does not know and the two ioctls. */
static void check_oracle(const struct seccomp_filter *f, const struct seccomp_target *t,
	const struct abi *a, const char *what)
{
	struct seccomp_filter o = { 0 };
	uint32_t top = newest(a), wrong = 0;
	uint64_t args[6];

	oracle(t, &o);
	for (uint32_t number = 0; number <= top; number++) {
		uint32_t nr = a->base + number;
		char *name = seccomp_syscall_resolve_num_arch(a->scmp, (int)nr);

		for (size_t k = 0; k < 2 * N_VALUES; k++) {
			uint32_t request;

			fill(args, k % 2, k / 2);
			request = (uint32_t)args[1];
			if (name && strcmp(name, "ioctl") == 0 &&
				(request == 0x5412 || request == 0x541c))
				continue;
			if (run(f, a, nr, args) != run(&o, a, nr, args) && wrong++ < 5)
				printf("# %s %s(%#llx, %#llx): %#x, libseccomp %#x\n", a->name,
					name ? name : "?", (unsigned long long)args[0],
					(unsigned long long)args[1], run(f, a, nr, args),
					run(&o, a, nr, args));
		}
		free(name);
	}
	tap_ok(wrong == 0 && o.n > 100,
		"%s: %s as libseccomp's filter has it (%u instructions against %u)", what, a->name,
		f->n, o.n);
	seccomp_filter_done(&o);
}

static void check_machine(unsigned arch)
{
	static const struct {
		const char *name;
		uint64_t more, less;
		enum seccomp_emulation emulate;
	} cases[] = {
		{ "default", 0, 0, SECCOMP_EMULATE_NONE },
		{ "emulating", 0, 0, SECCOMP_EMULATE_BASIC },
		{ "emulating ids", 0, 0, SECCOMP_EMULATE_IDS },
		{ "CAP_SYS_ADMIN", 1ull << CAP_SYS_ADMIN, 0, SECCOMP_EMULATE_NONE },
		{ "all capabilities", UINT64_MAX, 0, SECCOMP_EMULATE_NONE },
		{ "no capability", 0, UINT64_MAX, SECCOMP_EMULATE_BASIC },
	};

	for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++) {
		struct seccomp_target t = { .arch = arch,
			.names = seccomp_run_names(arch),
			.kernel = SECCOMP_KERNEL(6, 1),
			.emulate = cases[c].emulate,
			.caps = (defaults_caps() | cases[c].more) & ~cases[c].less };
		struct seccomp_filter f;
		struct err e = { 0 };

		if (!tap_ok(seccomp_compile(&seccomp_docker, &t, &f, &e) == 0, "%s: compiles",
			    cases[c].name))
			continue;
		for (size_t i = 0; i < N_ABIS; i++) {
			if (abis[i].machine != arch)
				continue;
			check_table(&f, &t, &abis[i], cases[c].name);
			if (!t.emulate)
				check_oracle(&f, &t, &abis[i], cases[c].name);
		}
		seccomp_filter_done(&f);
	}
}

/* The filter for parallel programs allows six calls more, and nothing else. */
static void check_hpc(void)
{
	const struct seccomp_target t = {
		.arch = SECCOMP_ON_SELF, .kernel = SECCOMP_KERNEL(6, 1), .caps = defaults_caps()
	};
	const struct seccomp_rule *more = &seccomp_hpc.rules.v[seccomp_docker.rules.n];
	size_t n = 0;

	tap_ok(seccomp_hpc.rules.n == seccomp_docker.rules.n + 1 && seccomp_rule_counts(more, &t),
		"hpc: one rule more");
	for (const char *s = more->names; *s; s += strlen(s) + 1, n++)
		for (size_t i = 0; i < seccomp_docker.rules.n; i++)
			for (const char *d = seccomp_docker.rules.v[i].names;
				*d && seccomp_rule_counts(&seccomp_docker.rules.v[i], &t);
				d += strlen(d) + 1)
				if (strcmp(s, d) == 0)
					tap_ok(false, "hpc: %s is Docker's", s);
	tap_int((long long)n, 6, "hpc: six calls");
}

/* The ready-made filters are what compiling at run time gives. */
static void check_ready(void)
{
	static const struct {
		const char *name;
		const struct seccomp_policy *policy;
		enum seccomp_emulation emulate;
		const struct sock_filter *insns;
		size_t size;
	} cases[] = {
		{ "default", &seccomp_docker, SECCOMP_EMULATE_NONE, seccomp_ready,
			sizeof(seccomp_ready) },
		{ "emulating", &seccomp_docker, SECCOMP_EMULATE_BASIC, seccomp_ready_emulate,
			sizeof(seccomp_ready_emulate) },
		{ "hpc", &seccomp_hpc, SECCOMP_EMULATE_NONE, seccomp_ready_hpc,
			sizeof(seccomp_ready_hpc) },
		{ "emulating ids", &seccomp_docker, SECCOMP_EMULATE_IDS, seccomp_ready_ids,
			sizeof(seccomp_ready_ids) },
		{ "emulating hpc", &seccomp_hpc, SECCOMP_EMULATE_BASIC, seccomp_ready_hpc_emulate,
			sizeof(seccomp_ready_hpc_emulate) },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seccomp_target t = { .arch = SECCOMP_ON_SELF,
			.kernel = SECCOMP_KERNEL(4, 18),
			.caps = defaults_caps(),
			.emulate = cases[i].emulate,
			.names = seccomp_names };
		struct seccomp_filter f = { 0 };
		struct err e = { 0 };

		tap_ok(seccomp_compile(cases[i].policy, &t, &f, &e) == 0 &&
				f.n * sizeof(*f.insns) == cases[i].size &&
				memcmp(f.insns, cases[i].insns, cases[i].size) == 0,
			"the ready-made %s filter is the compiled one", cases[i].name);
		seccomp_filter_done(&f);
	}
	tap_ok((defaults_caps() & SECCOMP_READY_ASKS) == SECCOMP_READY_CAPS,
		"they are for the default capabilities");
}

int main(void)
{
	check_machine(SECCOMP_ON_AMD64);
	check_machine(SECCOMP_ON_ARM64);
	check_machine(SECCOMP_ON_RISCV64);
	check_hpc();
	check_ready();
	return tap_done();
}
