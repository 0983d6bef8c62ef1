/*
 * probe_binfmt: does the host run programs for other processors?
 * Reads what is registered in /proc/sys/fs/binfmt_misc, binfmt-misc.rst of the kernel.
 */
#include "doctor/probe_binfmt.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/elf_machine.h"
#include "util/fd.h"
#include "util/names.h"

#define PROBE_BINFMT_DIR "/proc/sys/fs/binfmt_misc"
#define PROBE_BINFMT_MAX 4096 /* bytes of an entry */
#define PROBE_BINFMT_NAMES 256

/* Names of processors, with commas between them. */
struct probe_binfmt {
	char inside[PROBE_BINFMT_NAMES];  /* whose interpreter works inside any root */
	char outside[PROBE_BINFMT_NAMES]; /* whose interpreter works on the host only */
};

/* The bytes with which a file has to begin.  Returns how many there are. */
static size_t probe_binfmt_magic(const char *text, unsigned char head[ELF_MACHINE_HEAD])
{
	const char *hex = strstr(text, "\nmagic ");
	size_t n = 0;

	if (!hex || !strstr(text, "\noffset 0\n"))
		return 0;
	for (hex += strlen("\nmagic "); n < ELF_MACHINE_HEAD && sscanf(hex, "%2hhx", &head[n]) == 1;
		hex += 2)
		n++;
	return n;
}

static void probe_binfmt_entry(struct probe_binfmt *b, const char *text)
{
	unsigned char head[ELF_MACHINE_HEAD];
	const char *name, *flags = strstr(text, "\nflags: ");
	char *list =
		flags && memchr(flags + 8, 'F', strcspn(flags + 8, "\n")) ? b->inside : b->outside;
	size_t len = strlen(list);

	if (strncmp(text, "enabled\n", 8) != 0)
		return;
	name = elf_machine_name(head, probe_binfmt_magic(text, head));
	if (name)
		(void)snprintf(list + len, PROBE_BINFMT_NAMES - len, "%s%s", len ? ", " : "", name);
}

static void probe_binfmt_read(struct probe_binfmt *b)
{
	const char *name;
	auto_names d;

	(void)names_take(&d, open(PROBE_BINFMT_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	while ((name = names_next(&d))) {
		auto_fd fd = openat(d.fd, name, O_RDONLY | O_CLOEXEC);
		char *text = fd < 0 ? NULL : fd_read_all(fd, PROBE_BINFMT_MAX, NULL);

		if (text)
			probe_binfmt_entry(b, text);
		free(text);
	}
}

void probe_binfmt(struct probe *p)
{
	struct probe_binfmt b = { .inside = "" };

	probe_binfmt_read(&b);
	if (b.outside[0]) {
		probe_find(p, PROBE_BROKEN, "programs for %s run on the host, but not inside",
			b.outside);
		(void)err_hint(&p->e,
			"register the interpreter with the flag F, as package qemu-user-binfmt or qemu-user-static does: see " PROBE_BINFMT_DIR);
	} else if (b.inside[0]) {
		probe_find(p, PROBE_OK, "an interpreter is registered for %s", b.inside);
	} else {
		probe_find(p, PROBE_MISSING, "no interpreter is registered in " PROBE_BINFMT_DIR);
	}
}
