/*
 * exec_why: why the kernel would not execute a file.
 * Reads the file, which is the image's and may hold anything: every offset and length is checked.
 */
#include "runtime/exec_why.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "util/elf_machine.h"
#include "util/fd.h"
#include "util/path.h"

#define EXEC_WHY_HEAD 256      /* the kernel reads so much of a first line, BINPRM_BUF_SIZE */
#define EXEC_WHY_PHDRS 4096    /* bytes of program headers that are looked at */
#define EXEC_WHY_SCRIPTS_MAX 5 /* interpreters that are scripts themselves, as in the kernel */
#define EXEC_WHY_REGISTER \
	"it runs where binfmt_misc has an interpreter for it with the flag F, as the package " \
	"qemu-user-static brings them"

/* The command, or an interpreter on the way to it. */
struct exec_why {
	const char *command, *what; /* "it", or "its interpreter /bin/x" */
	int fd, code;
	size_t len;
	unsigned char head[EXEC_WHY_HEAD + 1];
};

/* The name of the processor, if it is not this machine's. */
static const char *exec_why_foreign(const struct exec_why *f, const struct utsname *host)
{
	const char *name = elf_machine_name(f->head, f->len);

	/* uname(2) says armv7l for arm, ppc64le for ppc64 */
	return name && strncmp(name, host->machine, strlen(name)) != 0 ? name : NULL;
}

static uint64_t exec_why_number(const unsigned char *bytes, size_t n)
{
	uint64_t number = 0;

	while (n-- > 0)
		number = number << 8 | bytes[n];
	return number;
}

/* The text of PT_INTERP, NUL-terminated in buf.  For little-endian files, elf(5). */
static bool exec_why_loader(const struct exec_why *f, char *buf, size_t size)
{
	const bool wide = f->head[EI_CLASS] == ELFCLASS64;
	const size_t entry = wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr), width = wide ? 8 : 4;
	const size_t count = exec_why_number(f->head + (wide ? 56 : 44), 2);
	unsigned char table[EXEC_WHY_PHDRS], *p = table;
	ssize_t got = pread(f->fd, table, sizeof(table),
		(off_t)exec_why_number(f->head + (wide ? 32 : 28), width));

	for (size_t i = 0; i < count && got >= (ssize_t)((i + 1) * entry); i++, p += entry) {
		ssize_t n;

		if (exec_why_number(p, 4) != PT_INTERP)
			continue;
		n = pread(f->fd, buf, size - 1, (off_t)exec_why_number(p + width, width));
		buf[n > 0 ? n : 0] = '\0';
		return n > 0;
	}
	return false;
}

static int exec_why_elf(const struct exec_why *f, struct err *e)
{
	char loader[PATH_TEXT_MAX];
	struct utsname host = { 0 };
	struct stat st;
	const char *foreign;

	(void)uname(&host);
	foreign = exec_why_foreign(f, &host);
	if (f->code == ENOENT && exec_why_loader(f, loader, sizeof(loader)) &&
		(stat(loader, &st) < 0 || !foreign))
		return err_set(e, 0, "run %s: %s needs the loader %s, which is not in the image",
			f->command, f->what, loader);
	if (!foreign)
		return err_set(e, f->code, "run %s", f->command);
	(void)err_set(e, 0, "run %s: %s is a program for %s, and this machine is %s%s", f->command,
		f->what, foreign, host.machine,
		f->code == ENOENT ? ", and the interpreter registered for it is not in the image"
				  : "");
	return err_hint(e, EXEC_WHY_REGISTER);
}

static int exec_why_look(const char *command, const char *what, const char *file, int code,
	unsigned depth, struct err *e);

static int exec_why_script(struct exec_why *f, unsigned depth, struct err *e)
{
	char *name = (char *)f->head + 2, what[EXEC_WHY_HEAD + 32];
	struct stat st;

	name += strspn(name, " \t");
	name[strcspn(name, " \t\n")] = '\0';
	if (!*name)
		return err_set(e, 0, "run %s: %s is a script whose first line names no interpreter",
			f->command, f->what);
	if (name[strlen(name) - 1] == '\r')
		return err_set(e, 0,
			"run %s: %s is a script whose first line ends in a carriage return, which the kernel takes for a part of the interpreter's name",
			f->command, f->what);
	if (stat(name, &st) < 0)
		return err_set(e, 0,
			"run %s: %s is a script whose interpreter %s is not in the image",
			f->command, f->what, name);
	(void)snprintf(what, sizeof(what), "its interpreter %s", name);
	return exec_why_look(f->command, what, name, f->code, depth + 1, e);
}

static int exec_why_look(const char *command, const char *what, const char *file, int code,
	unsigned depth, struct err *e)
{
	auto_fd fd = open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct exec_why f = { .command = command, .what = what, .fd = fd, .code = code };
	ssize_t n = fd < 0 ? -1 : fd_read_full(fd, f.head, EXEC_WHY_HEAD);

	f.len = n > 0 ? (size_t)n : 0;
	if (n < 0 || depth > EXEC_WHY_SCRIPTS_MAX)
		return err_set(e, code, "run %s: %s", command, what);
	if (f.len > sizeof(Elf32_Ehdr) && memcmp(f.head, ELFMAG, SELFMAG) == 0)
		return exec_why_elf(&f, e);
	if (f.len >= 2 && memcmp(f.head, "#!", 2) == 0)
		return exec_why_script(&f, depth, e);
	return err_set(e, 0, "run %s: %s is %s", command, what,
		f.len ? "no program, nor a script with a #! line" : "an empty file");
}

int exec_why(const char *file, int code, struct err *e)
{
	struct stat st = { 0 };

	if (stat(file, &st) == 0 && S_ISDIR(st.st_mode))
		(void)err_set(e, 0, "run %s: it is a directory", file);
	else if (code == EACCES && S_ISREG(st.st_mode) && !(st.st_mode & 0111))
		(void)err_set(e, 0, "run %s: the file is not marked as executable", file);
	else if (S_ISREG(st.st_mode) && (code == ENOENT || code == ENOEXEC))
		(void)exec_why_look(file, "it", file, code, 0, e);
	else
		(void)err_set(e, code, "run %s", file);
	return err_status(e, code == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_EXEC);
}
