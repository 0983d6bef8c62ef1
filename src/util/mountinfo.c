/*
 * mountinfo: the mounts that the caller sees, proc(5).
 * Reads /proc/self/mountinfo.
 */
#include "util/mountinfo.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "util/fd.h"

#define MOUNTINFO_MAX (16u << 20) /* bytes; 100,000 mounts are the kernel's default limit */

/* The kernel writes blanks and backslashes as \ooo. */
static void mountinfo_decode(char *s)
{
	char *out = s;

	while (*s) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
			s[3] >= '0' && s[3] <= '7') {
			*out++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0'));
			s += 4;
		} else {
			*out++ = *s++;
		}
	}
	*out = '\0';
}

void mountinfo_close(struct mountinfo *m)
{
	free(m->text);
}

int mountinfo_open(struct mountinfo *m)
{
	auto_fd fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);

	m->rest = m->text = fd < 0 ? NULL : fd_read_all(fd, MOUNTINFO_MAX, NULL);
	return m->text ? 0 : -1;
}

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw" */
bool mountinfo_next(struct mountinfo *m)
{
	char *line = strsep(&m->rest, "\n"), *field[5] = { NULL }, *type;

	for (size_t i = 0; i < 5 && line; i++)
		field[i] = strsep(&line, " ");
	type = line ? strstr(line, "- ") : NULL;
	if (!type)
		return false;
	type += 2;
	m->id = (int)strtol(field[0], NULL, 10);
	m->parent = (int)strtol(field[1], NULL, 10);
	m->root = field[3];
	m->point = field[4];
	m->type = strsep(&type, " ");
	mountinfo_decode(m->root);
	mountinfo_decode(m->point);
	return true;
}
