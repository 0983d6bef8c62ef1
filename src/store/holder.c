/*
 * holder: the process that is making something, on a file system without locks.
 * Touches KEY.held in the staging folder; looks at processes.
 */
#include "store/holder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util/err.h"
#include "util/fd.h"
#include "util/node.h"
#include "util/path.h"
#include "util/proc.h"

#define HOLDER_BEAT_SECONDS 10
#define HOLDER_SILENT_SECONDS \
	120 /* a holder on another machine that was silent for so long is dead; clocks \
	       differ, and one large file takes a while */

static int holder_write(int fd)
{
	char host[NODE_NAME_MAX + 1], text[NODE_NAME_MAX + 64];

	node_name(host);
	(void)snprintf(text, sizeof(text), "%s %ld %llu\n", host, (long)getpid(),
		(unsigned long long)proc_start(getpid()));
	return fd_write_full(fd, text, strlen(text));
}

int holder_take(int parent, const char *key)
{
	char name[160];

	(void)snprintf(name, sizeof(name), "%s" HOLDER_SUFFIX, key);
	for (int i = 0; i < 2; i++) {
		auto_fd fd = path_open_beneath(parent, name, O_RDWR | O_CREAT | O_EXCL, 0600);

		if (fd >= 0 && holder_write(fd) == 0)
			return fd_take(&fd);
		if (fd >= 0 || errno != EEXIST || !holder_is_gone(parent, name))
			return -1;
		(void)unlinkat(parent, name, 0);
	}
	return err_errno(EEXIST);
}

void holder_beat(int fd)
{
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && time(NULL) - st.st_mtime >= HOLDER_BEAT_SECONDS)
		(void)futimens(fd, NULL);
}

void holder_leave(int parent, const char *key)
{
	char name[160];

	(void)snprintf(name, sizeof(name), "%s" HOLDER_SUFFIX, key);
	(void)unlinkat(parent, name, 0);
}

bool holder_is_gone(int parent, const char *name)
{
	auto_fd fd = path_open_beneath(parent, name, O_RDONLY | O_NONBLOCK, 0);
	char here[NODE_NAME_MAX + 1], host[NODE_NAME_MAX + 1] = "", text[NODE_NAME_MAX + 64] = "";
	unsigned long long start = 0;
	struct proc p = PROC_NONE;
	struct stat st;
	long pid = 0;
	bool gone;

	if (fd < 0 || fstat(fd, &st) < 0 || fd_read_full(fd, text, sizeof(text) - 1) < 0)
		return false;
	node_name(here);
	/* An empty file has just been made. */
	if (sscanf(text, "%64s %ld %llu", host, &pid, &start) != 3 || strcmp(host, here) != 0)
		return time(NULL) - st.st_mtime > HOLDER_SILENT_SECONDS;
	gone = proc_open(&p, (pid_t)pid, start) < 0 && errno == ESRCH;
	proc_done(&p);
	return gone;
}
