/*
 * elf_machine: the processor that a program is for.
 */
#include "util/elf_machine.h"

#include <elf.h>
#include <string.h>

#include "util/word.h"

static const struct word elf_machines[] = {
	{ "i386", EM_386 },
	{ "x86_64", EM_X86_64 },
	{ "arm", EM_ARM },
	{ "aarch64", EM_AARCH64 },
	{ "riscv64", EM_RISCV },
	{ "ppc", EM_PPC },
	{ "ppc64", EM_PPC64 },
	{ "s390x", EM_S390 },
	{ "mips", EM_MIPS },
	{ "sparc64", EM_SPARCV9 },
	{ "loongarch64", 258 },
	{ "ia64", EM_IA_64 },
	{ NULL, 0 },
};

const char *elf_machine_name(const unsigned char *head, size_t n)
{
	const unsigned char *m = head + offsetof(Elf64_Ehdr, e_machine); /* in both classes */
	const char *name;

	if (n < ELF_MACHINE_HEAD || memcmp(head, ELFMAG, SELFMAG) != 0)
		return NULL;
	name = word_name(elf_machines, head[EI_DATA] == ELFDATA2MSB ? (unsigned)m[0] << 8 | m[1]
								    : (unsigned)m[1] << 8 | m[0]);
	return name ? name : "another processor";
}
