/*
 * elf_machine: which processor a program is for.
 */
#include "util/elf_machine.h"

#include <elf.h>
#include <string.h>

static const struct {
	unsigned number;
	const char *name;
} elf_machine_names[] = {
	{ EM_386, "i386" },
	{ EM_X86_64, "x86_64" },
	{ EM_ARM, "arm" },
	{ EM_AARCH64, "aarch64" },
	{ EM_RISCV, "riscv64" },
	{ EM_PPC, "ppc" },
	{ EM_PPC64, "ppc64" },
	{ EM_S390, "s390x" },
	{ EM_MIPS, "mips" },
	{ EM_SPARCV9, "sparc64" },
	{ 258, "loongarch64" },
	{ EM_IA_64, "ia64" },
};

const char *elf_machine_name(const unsigned char *head, size_t n)
{
	const unsigned char *m = head + offsetof(Elf64_Ehdr, e_machine); /* in both classes */
	unsigned number;

	if (n < ELF_MACHINE_HEAD || memcmp(head, ELFMAG, SELFMAG) != 0)
		return NULL;
	number = head[EI_DATA] == ELFDATA2MSB ? (unsigned)m[0] << 8 | m[1]
					      : (unsigned)m[1] << 8 | m[0];
	for (size_t i = 0; i < sizeof(elf_machine_names) / sizeof(elf_machine_names[0]); i++)
		if (elf_machine_names[i].number == number)
			return elf_machine_names[i].name;
	return "another processor";
}
