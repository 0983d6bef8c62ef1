/*
 * probe foreign: does the host run programs for other processors (binfmt_misc)?
 * Executes programs of a few instructions, from files in memory.
 */
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor/probe.h"
#include "util/fd.h"
#include "util/path.h"

#define FOREIGN_AT 0x10000 /* where it is loaded */
#define FOREIGN_TEXT_MAX 256

/* exit(0), as each of them says it; 64 bits but for arm. */
static const struct {
	const char *name; /* as uname(2) has it */
	uint16_t machine;
	uint32_t flags;
	uint32_t code[3]; /* little-endian; three instructions, but x86_64 is in bytes */
} foreign[] = {
	{ "aarch64", EM_AARCH64, 0, { 0xd2800ba8, 0xd2800000, 0xd4000001 } },
	{ "arm", EM_ARM, EF_ARM_EABI_VER5, { 0xe3a07001, 0xe3a00000, 0xef000000 } },
	{ "ppc64le", EM_PPC64, 2, { 0x38000001, 0x38600000, 0x44000002 } },
	{ "riscv64", EM_RISCV, 4, { 0x05d00893, 0x00000513, 0x00000073 } },
	{ "x86_64", EM_X86_64, 0, { 0x00003cb8, 0x0fff3100, 0x00000005 } },
};

#define FOREIGN_COUNT (sizeof(foreign) / sizeof(foreign[0]))

union foreign_file {
	struct {
		Elf64_Ehdr head;
		Elf64_Phdr load;
		uint32_t code[3];
	} wide;
	struct {
		Elf32_Ehdr head;
		Elf32_Phdr load;
		uint32_t code[3];
	} narrow;
};

/* One header for both classes: they differ in the widths of their members only. */
#define FOREIGN_FILL(f, class, ehdr, phdr, i) \
	do { \
		(f)->head = (ehdr){ \
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, class, ELFDATA2LSB, \
				EV_CURRENT }, \
			.e_type = ET_EXEC, \
			.e_machine = foreign[i].machine, \
			.e_version = EV_CURRENT, \
			.e_entry = FOREIGN_AT + sizeof((f)->head) + sizeof((f)->load), \
			.e_phoff = sizeof((f)->head), \
			.e_flags = foreign[i].flags, \
			.e_ehsize = sizeof((f)->head), \
			.e_phentsize = sizeof((f)->load), \
			.e_phnum = 1, \
		}; \
		(f)->load = (phdr){ \
			.p_type = PT_LOAD, \
			.p_flags = PF_R | PF_X, \
			.p_vaddr = FOREIGN_AT, \
			.p_paddr = FOREIGN_AT, \
			.p_filesz = sizeof(*(f)), \
			.p_memsz = sizeof(*(f)), \
			.p_align = 0x1000, \
		}; \
		memcpy((f)->code, foreign[i].code, sizeof((f)->code)); \
	} while (0)

/* A file in memory, or -1.  It stays open across exec: the interpreter is told it by its number. */
static int foreign_file(size_t i)
{
	union foreign_file f = { 0 };
	size_t size = foreign[i].machine == EM_ARM ? sizeof(f.narrow) : sizeof(f.wide);
	auto_fd fd = memfd_create("sandbox", 0);

	if (foreign[i].machine == EM_ARM)
		FOREIGN_FILL(&f.narrow, ELFCLASS32, Elf32_Ehdr, Elf32_Phdr, i);
	else
		FOREIGN_FILL(&f.wide, ELFCLASS64, Elf64_Ehdr, Elf64_Phdr, i);
	return fd >= 0 && fd_write_full(fd, &f, size) == 0 ? fd_take(&fd) : -1;
}

static _Noreturn void foreign_main(int fd)
{
	char path[32];
	char *const argv[] = { (char *)"sandbox", NULL }, *const envp[] = { NULL };
	const struct rlimit none = { 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	/* Debian's 5.10 says ENOENT to execveat(2) without a path; a host may have no /proc. */
	(void)execve(path_of_fd(path, sizeof(path), fd), argv, envp);
	(void)fexecve(fd, argv, envp);
	_exit(1);
}

unsigned probe_foreign(void)
{
	struct utsname host;
	unsigned set = 0;

	if (uname(&host) < 0)
		return 0;
	for (size_t i = 0; i < FOREIGN_COUNT; i++) {
		auto_fd fd = strcmp(foreign[i].name, host.machine) == 0 ? -1 : foreign_file(i);
		pid_t pid = fd < 0 ? -1 : fork();
		int status = -1;

		if (pid == 0)
			foreign_main(fd);
		while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (status == 0)
			set |= 1u << i;
	}
	return set;
}

static size_t foreign_names(char *buf, size_t size, unsigned set)
{
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < FOREIGN_COUNT; i++)
		if (set & 1u << i)
			n += (size_t)snprintf(
				buf + n, size - n, "%s%s", n ? ", " : "", foreign[i].name);
	return n;
}

void probe_foreign_say(struct probe *p, unsigned outside, unsigned inside)
{
	char names[FOREIGN_TEXT_MAX];

	if (foreign_names(names, sizeof(names), outside & ~inside)) {
		probe_find(
			p, PROBE_BROKEN, "programs for %s run on the host, but not inside", names);
		(void)err_hint(&p->e,
			"the interpreter has to be registered with the flag F: /proc/sys/fs/binfmt_misc tells, package qemu-user-binfmt or qemu-user-static does it");
	} else if (foreign_names(names, sizeof(names), inside)) {
		probe_find(p, PROBE_OK, "programs for %s are run", names);
	} else {
		probe_find(p, PROBE_MISSING, "no interpreter is registered");
	}
}
