/*
 * seccomp_gen: prints the ready-made filters and the names of calls as a C header.  A program of its own, run when sandbox
 * is built: seccomp_gen MACHINE >seccomp_default.h, for the machine that sandbox is built for.
 * Writes standard output; the same table and libseccomp give the same bytes.
 */
#include <linux/capability.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seccomp/compile.h"
#include "seccomp/names.h"
#include "seccomp/pack.h"
#include "seccomp/table.h"

/* The only one of Docker's default capabilities that the profile asks for. */
#define GEN_CAPS (UINT64_C(1) << CAP_SYS_CHROOT)

/* As the compilers name them; armhf is Debian's name. */
static const struct {
	const char *name;
	unsigned arch;
} machines[] = {
	{ "x86_64", SECCOMP_ON_AMD64 },
	{ "aarch64", SECCOMP_ON_ARM64 },
	{ "riscv64", SECCOMP_ON_RISCV64 },
	{ "arm", SECCOMP_ON_ARM },
	{ "armhf", SECCOMP_ON_ARM },
};

static int print(
	const char *name, const struct seccomp_policy *policy, const struct seccomp_target *t)
{
	struct err e = { 0 };
	struct seccomp_filter f;

	if (seccomp_compile(policy, t, &f, &e) < 0) {
		fprintf(stderr, "seccomp_gen: %s\n", e.msg);
		return -1;
	}
	printf("\n/* %u instructions */\nstatic const struct sock_filter %s[] = {\n", f.n, name);
	for (unsigned i = 0; i < f.n; i++)
		printf("\t{ 0x%02x, %u, %u, 0x%08x },\n", f.insns[i].code, f.insns[i].jt,
			f.insns[i].jf, f.insns[i].k);
	printf("};\n");
	seccomp_filter_done(&f);
	return 0;
}

static void print_names(const unsigned char *names, size_t size)
{
	printf("\n/* names.h says how to read them. */\nstatic const unsigned char seccomp_names[] = {");
	for (size_t i = 0; i < size; i++)
		printf("%s%u,", i % 24 ? " " : "\n\t", names[i]);
	printf("\n};\n");
}

/* The numbers of the calls that are a supervisor's.  Where an ABI has two of a name, the one without "32" has ids of 16 bits. */
static void print_asked(const unsigned char *packed, unsigned arch)
{
	struct names names;

	names_read(&names, packed, arch);
	printf("\nstatic const struct {\n\tuint32_t audit, nr;\n\tunsigned char ask;\n\tbool narrow;\n"
	       "} __attribute__((unused)) seccomp_ready_asked[] = {\n");
	for (size_t i = 0; i < NAMES_ABIS; i++) {
		const struct names_abi *abi = &names_abis[i];

		if (!(abi->bit & (arch | seccomp_abis(arch))))
			continue;
		for (unsigned ask = 0; ask < ASKS; ask++) {
			const char *name = seccomp_emulations[SECCOMP_EMULATE_IDS].v[ask].names;
			const char *wide = name + strlen(name) + 1;
			uint32_t nr, other;

			if (names_find(&names, abi, name, &nr))
				printf("\t{ 0x%08x, 0x%08x, %u, %d },\n", abi->audit, nr, ask,
					*wide && names_find(&names, abi, wide, &other));
			if (*wide && names_find(&names, abi, wide, &nr))
				printf("\t{ 0x%08x, 0x%08x, %u, 0 },\n", abi->audit, nr, ask);
		}
	}
	printf("};\n");
	names_done(&names);
}

int main(int argc, char **argv)
{
	const struct scmp_version *v = seccomp_version();
	/* minKernel: all that the profile asks for is older than any kernel that sandbox runs on */
	struct seccomp_target t = { .kernel = SECCOMP_KERNEL_MIN, .caps = GEN_CAPS };
	unsigned char *names;
	size_t size;

	for (size_t i = 0; argc == 2 && i < sizeof(machines) / sizeof(*machines); i++)
		if (strcmp(argv[1], machines[i].name) == 0)
			t.arch = machines[i].arch;
	if (!t.arch) {
		fprintf(stderr, "usage: seccomp_gen MACHINE, of those that the filters are for\n");
		return 2;
	}
	t.names = names = pack_names(t.arch, &size);
	printf("/* Made by seccomp_gen for %s with the call numbers of libseccomp %u.%u.%u: do not edit. */\n",
		argv[1], v->major, v->minor, v->micro);
	printf("#define SECCOMP_READY_CAPS 0x%llxull /* among SECCOMP_READY_ASKS */\n",
		(unsigned long long)t.caps);
	printf("#define SECCOMP_READY_ASKS 0x%llxull /* capabilities that change the filter */\n",
		(unsigned long long)seccomp_docker_asks());
	if (print("seccomp_ready", &seccomp_docker, &t) < 0 ||
		print("seccomp_ready_hpc", &seccomp_hpc, &t) < 0)
		return 1;
	t.emulate = SECCOMP_EMULATE_BASIC;
	if (print("seccomp_ready_emulate", &seccomp_docker, &t) < 0 ||
		print("seccomp_ready_hpc_emulate", &seccomp_hpc, &t) < 0)
		return 1;
	t.emulate = SECCOMP_EMULATE_IDS;
	if (print("seccomp_ready_ids", &seccomp_docker, &t) < 0)
		return 1;
	print_asked(names, t.arch);
	print_names(names, size);
	free(names);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
