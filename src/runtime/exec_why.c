/*
 * exec why: what is the matter with a file that the kernel would not execute.
 * Reads the file, which is the image's and may be anything: every offset and length is checked.
 */
#include "runtime/exec_why.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/path.h"

#define WHY_HEAD_MAX 256 /* the kernel reads so much of a first line, BINPRM_BUF_SIZE */
#define WHY_PHDRS_MAX \
	4096 /* bytes of program headers that are looked at; the kernel takes up to 64 KiB */
#define WHY_TEXT_MAX 160
#define WHY_REGISTER \
	"it runs where binfmt_misc has an interpreter for it with the flag F, as the package " \
	"qemu-user-static brings them"

struct why_file {
	int fd;
	size_t len;
	unsigned char head[WHY_HEAD_MAX + 1];
};

static const struct {
	unsigned machine;
	const char *name;
} why_machines[] = {
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

static bool why_is_elf(const struct why_file *f)
{
	return f->len >= sizeof(Elf32_Ehdr) && memcmp(f->head, ELFMAG, SELFMAG) == 0;
}

/* Both classes have e_machine at the same place; its bytes are in the order that the file names. */
static unsigned why_machine(const struct why_file *f)
{
	const unsigned char *m = f->head + offsetof(Elf64_Ehdr, e_machine);

	return f->head[EI_DATA] == ELFDATA2MSB ? (unsigned)m[0] << 8 | m[1]
					       : (unsigned)m[1] << 8 | m[0];
}

static void why_read(struct why_file *f)
{
	ssize_t n = fd_read_full(f->fd, f->head, WHY_HEAD_MAX);

	f->len = n > 0 ? (size_t)n : 0;
}

/* Is it a program for another machine?  Says so in text. */
static bool why_foreign(const struct why_file *f, char *text, size_t size)
{
	struct utsname host = { 0 };
	char number[48];
	const char *name = number;

	if (!why_is_elf(f))
		return false;
	(void)snprintf(number, sizeof(number), "another CPU (ELF machine %u)", why_machine(f));
	for (size_t i = 0; i < sizeof(why_machines) / sizeof(why_machines[0]); i++)
		if (why_machines[i].machine == why_machine(f))
			name = why_machines[i].name;
	(void)uname(&host);
	(void)snprintf(text, size, "a program for %s, and this machine is %s", name, host.machine);
	/* arm is armv7l there, ppc64 ppc64le */
	return strncmp(name, host.machine, strlen(name)) != 0;
}

/* What the first line of a script names, NUL-terminated in the file's head; NULL: no script, or
 * nothing is named. */
static char *why_interpreter(struct why_file *f)
{
	char *start = (char *)f->head + 2;

	if (f->len <= 2 || memcmp(f->head, "#!", 2) != 0)
		return NULL;
	start += strspn(start, " \t");
	start[strcspn(start, " \t\n")] = '\0';
	return *start ? start : NULL;
}

/* A file of the image, for its first bytes. */
static int why_open(const char *file)
{
	return open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static int why_no_format(struct why_file *f, const char *file, struct err *e)
{
	const char *interpreter = why_interpreter(f);
	auto_fd fd = interpreter ? why_open(interpreter) : -1;
	struct why_file script = { .fd = fd };
	char text[WHY_TEXT_MAX];

	if (interpreter && fd >= 0)
		why_read(&script);
	if (why_foreign(interpreter ? &script : f, text, sizeof(text))) {
		(void)err_set(e, 0, "run %s: %s%s is %s", file,
			interpreter ? "its interpreter " : "it", interpreter ? interpreter : "",
			text);
		return err_hint(e, WHY_REGISTER);
	}
	if (why_is_elf(f))
		return err_set(e, ENOEXEC, "run %s", file);
	if (interpreter)
		return err_set(e, 0,
			"run %s: its interpreter %s has no format that this machine executes", file,
			interpreter);
	return err_set(e, 0, "run %s: %s", file,
		f->len == 0			? "the file is empty"
		: memcmp(f->head, "#!", 2) == 0 ? "its first line names no interpreter"
						: "it is no program, nor a script with a #! line");
}

/* The text of PT_INTERP, NUL-terminated in buf.  For files of this machine's byte order. */
static bool why_loader(const struct why_file *f, char *buf, size_t size)
{
	unsigned char table[WHY_PHDRS_MAX];
	bool wide = f->head[EI_CLASS] == ELFCLASS64;
	Elf64_Ehdr h64;
	Elf32_Ehdr h32;
	size_t entry = wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	ssize_t got;

	memcpy(&h64, f->head, sizeof(h64));
	memcpy(&h32, f->head, sizeof(h32));
	if (f->head[EI_DATA] != (BYTE_ORDER == LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB) ||
		(wide && f->len < sizeof(h64)))
		return false;
	got = pread(f->fd, table, sizeof(table), (off_t)(wide ? h64.e_phoff : h32.e_phoff));
	for (size_t i = 0; got > 0 && i < (wide ? h64.e_phnum : h32.e_phnum); i++) {
		Elf64_Phdr p64;
		Elf32_Phdr p32;
		uint64_t len;
		ssize_t n;

		if ((i + 1) * entry > (size_t)got)
			break;
		memcpy(&p64, table + i * entry, wide ? sizeof(p64) : sizeof(p32));
		memcpy(&p32, table + i * entry, sizeof(p32));
		if ((wide ? p64.p_type : p32.p_type) != PT_INTERP)
			continue;
		len = wide ? p64.p_filesz : p32.p_filesz;
		n = pread(f->fd, buf, len < size ? len : size - 1,
			(off_t)(wide ? p64.p_offset : p32.p_offset));
		buf[n > 0 ? n : 0] = '\0';
		return n > 0;
	}
	return false;
}

static int why_no_interpreter(struct why_file *f, const char *file, struct err *e)
{
	char text[PATH_TEXT_MAX], machine[WHY_TEXT_MAX];
	struct stat st;
	char *start;

	if (why_is_elf(f) && why_loader(f, text, sizeof(text)) &&
		(stat(text, &st) < 0 || !why_foreign(f, machine, sizeof(machine))))
		return err_set(e, 0, "run %s: its loader %s is not in the image", file, text);
	/* The kernel looked in the image for what binfmt_misc names. */
	if (why_foreign(f, machine, sizeof(machine))) {
		(void)err_set(e, 0,
			"run %s: it is %s, and what is registered for it is not in the image", file,
			machine);
		return err_hint(e, WHY_REGISTER);
	}
	start = why_interpreter(f);
	if (start) {
		if (start[strlen(start) - 1] == '\r')
			return err_set(e, 0,
				"run %s: its first line ends in a carriage return, which the kernel takes for a part of the interpreter's name",
				file);
		if (stat(start, &st) < 0)
			return err_set(e, 0, "run %s: its interpreter %s is not in the image", file,
				start);
		return err_set(e, 0,
			"run %s: what its interpreter %s needs to run is not in the image", file,
			start);
	}
	return err_set(e, 0, "run %s: its interpreter or loader is not in the image", file);
}

int exec_why(const char *file, int code, struct err *e)
{
	auto_fd fd = why_open(file);
	struct why_file f = { .fd = fd };
	struct stat st = { 0 };

	if (stat(file, &st) == 0 && S_ISDIR(st.st_mode)) {
		(void)err_set(e, 0, "run %s: it is a directory", file);
		return err_status(e, EXIT_CANNOT_EXEC);
	}
	if (fd >= 0 && S_ISREG(st.st_mode))
		why_read(&f);
	if (code == ENOENT) {
		(void)why_no_interpreter(&f, file, e);
		return err_status(e, EXIT_NOT_FOUND);
	}
	if (code == ENOEXEC && fd >= 0)
		(void)why_no_format(&f, file, e);
	else if (code == EACCES && S_ISREG(st.st_mode) && !(st.st_mode & 0111))
		(void)err_set(e, 0, "run %s: the file is not marked as executable", file);
	else
		(void)err_set(e, code, "run %s", file);
	return err_status(e, EXIT_CANNOT_EXEC);
}
