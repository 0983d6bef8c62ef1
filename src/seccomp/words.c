/*
 * words: what the members of a seccomp profile may say.
 * Constant data; touches nothing.
 */
#include "seccomp/words.h"

#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>

#include "seccomp/table.h"

const struct word words_actions[] = {
	{ "SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD },
	{ "SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD },
	{ "SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS },
	{ "SCMP_ACT_TRAP", SECCOMP_RET_TRAP },
	{ "SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO },
	{ "SCMP_ACT_TRACE", SECCOMP_RET_TRACE },
	{ "SCMP_ACT_LOG", SECCOMP_RET_LOG },
	{ "SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF },
	{ "SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW },
	{ NULL, 0 },
};

const struct word words_ops[] = {
	{ "SCMP_CMP_NE", SECCOMP_NE },
	{ "SCMP_CMP_LT", SECCOMP_LT },
	{ "SCMP_CMP_LE", SECCOMP_LE },
	{ "SCMP_CMP_EQ", SECCOMP_EQ },
	{ "SCMP_CMP_GE", SECCOMP_GE },
	{ "SCMP_CMP_GT", SECCOMP_GT },
	{ "SCMP_CMP_MASKED_EQ", SECCOMP_MASKED_EQ },
	{ NULL, 0 },
};

/* As architectures and archMap have them; those that no machine of ours runs are known and without
 * effect. */
const struct word words_abis[] = {
	{ "SCMP_ARCH_X86_64", SECCOMP_ON_AMD64 },
	{ "SCMP_ARCH_X32", SECCOMP_ON_X32 },
	{ "SCMP_ARCH_X86", SECCOMP_ON_X86 },
	{ "SCMP_ARCH_AARCH64", SECCOMP_ON_ARM64 },
	{ "SCMP_ARCH_ARM", SECCOMP_ON_ARM },
	{ "SCMP_ARCH_LOONGARCH64", 0 },
	{ "SCMP_ARCH_MIPS", 0 },
	{ "SCMP_ARCH_MIPS64", 0 },
	{ "SCMP_ARCH_MIPS64N32", 0 },
	{ "SCMP_ARCH_MIPSEL", 0 },
	{ "SCMP_ARCH_MIPSEL64", 0 },
	{ "SCMP_ARCH_MIPSEL64N32", 0 },
	{ "SCMP_ARCH_M68K", 0 },
	{ "SCMP_ARCH_PARISC", 0 },
	{ "SCMP_ARCH_PARISC64", 0 },
	{ "SCMP_ARCH_PPC", 0 },
	{ "SCMP_ARCH_PPC64", 0 },
	{ "SCMP_ARCH_PPC64LE", 0 },
	{ "SCMP_ARCH_RISCV64", SECCOMP_ON_RISCV64 },
	{ "SCMP_ARCH_S390", 0 },
	{ "SCMP_ARCH_S390X", 0 },
	{ "SCMP_ARCH_SH", 0 },
	{ "SCMP_ARCH_SHEB", 0 },
	{ NULL, 0 },
};

/* As includes and excludes have them. */
const struct word words_arches[] = {
	{ "amd64", SECCOMP_ON_AMD64 },
	{ "x32", SECCOMP_ON_X32 },
	{ "x86", SECCOMP_ON_X86 },
	{ "arm64", SECCOMP_ON_ARM64 },
	{ "arm", SECCOMP_ON_ARM },
	{ "ppc64le", SECCOMP_ON_PPC64LE },
	{ "riscv64", SECCOMP_ON_RISCV64 },
	{ "s390", SECCOMP_ON_S390 },
	{ "s390x", SECCOMP_ON_S390X },
	{ NULL, 0 },
};

/* TSYNC is for processes with threads, of which a payload has none before its exec. */
const struct word words_flags[] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC", 0 },
	{ "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
	{ NULL, 0 },
};
