/*
 * seccomp_table: which system calls a payload may make, as data.
 * seccomp_compile turns it into a filter, at build time (seccomp_gen) and at run time (seccomp).
 * Touches nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/release.h"

/* Architectures as Docker's profile names them; the first five and RISCV64 are also the ABIs
 * that a filter can cover. */
enum {
	SECCOMP_ON_AMD64 = 1 << 0,
	SECCOMP_ON_X32 = 1 << 1,
	SECCOMP_ON_X86 = 1 << 2,
	SECCOMP_ON_ARM64 = 1 << 3,
	SECCOMP_ON_ARM = 1 << 4,
	SECCOMP_ON_PPC64LE = 1 << 5,
	SECCOMP_ON_RISCV64 = 1 << 6,
	SECCOMP_ON_S390 = 1 << 7,
	SECCOMP_ON_S390X = 1 << 8,
	SECCOMP_ON_OTHER = 1 << 9, /* named by a profile, never ours */
};

/* The machine that this code is compiled for. */
#if defined(__x86_64__)
#define SECCOMP_ON_SELF SECCOMP_ON_AMD64
#elif defined(__aarch64__)
#define SECCOMP_ON_SELF SECCOMP_ON_ARM64
#elif defined(__arm__)
#define SECCOMP_ON_SELF SECCOMP_ON_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define SECCOMP_ON_SELF SECCOMP_ON_RISCV64
#endif

#define SECCOMP_KERNEL(major, minor) RELEASE(major, minor)
#define SECCOMP_KERNEL_MIN SECCOMP_KERNEL(4, 18) /* the oldest that sandbox runs on */

enum seccomp_op {
	SECCOMP_NE,
	SECCOMP_LT,
	SECCOMP_LE,
	SECCOMP_EQ,
	SECCOMP_GE,
	SECCOMP_GT,
	SECCOMP_MASKED_EQ, /* (argument & value) == value_two */
};

/* Compares one argument, unsigned, 64 bits wide (32 on the 32-bit ABIs and on x32, as libseccomp
 * does). */
struct seccomp_arg {
	unsigned index; /* 0 to 5 */
	enum seccomp_op op;
	uint64_t value, value_two;
};

/* What must hold of the run for a rule to count; what is 0 is not asked. */
struct seccomp_when {
	uint64_t caps;	 /* includes: all of these are in the bounding set; excludes: any of them */
	unsigned arches; /* SECCOMP_ON_*, any of them is the machine's own */
	unsigned min_kernel; /* SECCOMP_KERNEL(): at least this */
};

struct seccomp_rule {
	const char *names; /* each ends with a NUL, the last with two; unknown ones are skipped */
	uint32_t verdict;  /* SECCOMP_RET_*, with the errno in the low half */
	const struct seccomp_arg *args; /* all of them must hold */
	size_t n_args;
	struct seccomp_when includes, excludes;
};

/* What answers for calls that cannot work where one id alone is mapped, before the policy is asked. */
enum seccomp_emulation {
	SECCOMP_EMULATE_NONE,
	SECCOMP_EMULATE_BASIC, /* the filter: success, and nothing changes */
	SECCOMP_EMULATE_IDS,   /* a supervisor, for ids, and the filter, for owners */
};

/* The calls that are a supervisor's, each with a rule of that index in seccomp_emulations[IDS]. */
enum seccomp_ask {
	ASK_GETUID,
	ASK_GETEUID,
	ASK_GETGID,
	ASK_GETEGID,
	ASK_GETRESUID,
	ASK_GETRESGID,
	ASK_GETGROUPS,
	ASK_SETUID,
	ASK_SETGID,
	ASK_SETREUID,
	ASK_SETREGID,
	ASK_SETRESUID,
	ASK_SETRESGID,
	ASK_SETFSUID,
	ASK_SETFSGID,
	ASK_SETGROUPS,
	ASK_CAPGET,
	ASK_CAPSET,
	ASK_GET_KEEPCAPS, /* from here on prctl(2) */
	ASK_SET_KEEPCAPS,
	ASK_GET_SECUREBITS,
	ASK_SET_SECUREBITS,
	ASK_GET_NO_NEW_PRIVS,
	ASK_SET_NO_NEW_PRIVS,
	ASK_GET_TIMERSLACK,
	ASK_SET_TIMERSLACK,
	ASK_CAP_AMBIENT, /* to here */
	ASK_EXECVE,
	ASK_EXECVEAT,
	ASK_KILL,
	ASK_PEERCRED, /* getsockopt(2) */
	ASKS,
};

/* A set of rules; seccomp_compile.h says how a set is read. */
struct seccomp_rules {
	const struct seccomp_rule *v;
	size_t n;
};

struct seccomp_policy {
	uint32_t default_verdict; /* where no rule holds */
	unsigned abis;	/* SECCOMP_ON_*: ABIs beside the machine's own; calls of any other kill */
	unsigned flags; /* SECCOMP_FILTER_FLAG_* for the loading */
	struct seccomp_rules rules;
};

/* The run that a filter is for. */
struct seccomp_target {
	unsigned arch;	 /* the machine's own, SECCOMP_ON_* */
	unsigned kernel; /* SECCOMP_KERNEL() */
	uint64_t caps;	 /* bounding set */
	enum seccomp_emulation emulate;
	const unsigned char *names; /* the machine's calls, packed (names.h); for seccomp_compile */
};

/* Whether what includes and excludes ask holds of the run. */
bool seccomp_rule_counts(const struct seccomp_rule *r, const struct seccomp_target *t);

/* Does a say for the run t what b says?  a has rules without conditions only. */
bool seccomp_policy_same(const struct seccomp_policy *a, const struct seccomp_policy *b,
	const struct seccomp_target *t);

/* Docker's default profile; and with the calls that say where memory lies, for parallel programs. */
extern const struct seccomp_policy seccomp_docker, seccomp_hpc;

/* Asked before any policy, whoever made it: calls that reach out of the sandbox through a shared
 * terminal. */
extern const struct seccomp_rules seccomp_always;

/* Asked second; for each seccomp_emulation. */
extern const struct seccomp_rules seccomp_emulations[3];

/* The ABIs that a machine runs beside its own, of those that a filter can cover. */
unsigned seccomp_abis(unsigned arch);

/* The capabilities that any rule of seccomp_docker asks for. */
uint64_t seccomp_docker_asks(void);
