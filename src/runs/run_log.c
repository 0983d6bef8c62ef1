/*
 * run_log: what a run in the background has printed.
 * Touches its files in runs/.
 *
 * Two files take turns, so that a log never needs more than twice RUN_LOG_MAX.
 */
#include "runs/run_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/names.h"
#include "util/path.h"

#define RUN_LOG_READ 64 /* names that a start reads at most */
#define RUN_LOG_KEEP_SECONDS \
	(86400 + 7200) /* longer than a status is kept, and than a beat takes */

void run_log_file(char file[RUN_LOG_FILE_SIZE], const char *id, bool old)
{
	(void)snprintf(file, RUN_LOG_FILE_SIZE, "%s%s" RUN_LOG_END, id, old ? ".old" : "");
}

bool run_log_is_there(int dir, const char *id)
{
	char file[RUN_LOG_FILE_SIZE], old[RUN_LOG_FILE_SIZE];

	run_log_file(file, id, false);
	run_log_file(old, id, true);
	return path_is_there(dir, file) || path_is_there(dir, old);
}

void run_log_remove(int dir, const char *id)
{
	char file[RUN_LOG_FILE_SIZE];

	for (int old = 0; old <= 1; old++) {
		run_log_file(file, id, old);
		(void)unlinkat(dir, file, 0);
	}
}

/* Begin a new file.  The last one, if there is one, becomes the one before. */
static int run_log_turn(struct run_log *l)
{
	char file[RUN_LOG_FILE_SIZE], old[RUN_LOG_FILE_SIZE];

	run_log_file(file, l->id, false);
	run_log_file(old, l->id, true);
	if (l->fd >= 0)
		(void)renameat(l->dir, file, l->dir, old);
	fd_closep(&l->fd);
	l->fd = path_open_beneath(l->dir, file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	l->size = 0;
	return l->fd;
}

static void run_log_write(struct run_log *l, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(l->fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		text += n;
		len -= (size_t)n;
		l->size += (uint64_t)n;
	}
	l->lost += len;
}

void run_log_put(struct run_log *l, const char *text, size_t len)
{
	char line[80];
	uint64_t lost = l->lost;

	if ((l->fd < 0 || l->size + len > RUN_LOG_MAX) && run_log_turn(l) < 0) {
		l->lost += len;
		return;
	}
	if (lost) {
		l->lost = 0;
		run_log_write(l, line,
			(size_t)snprintf(line, sizeof(line),
				"\n[sandbox: the disk was full: %llu bytes are missing here]\n",
				(unsigned long long)lost));
		if (l->lost) {
			l->lost = lost + len;
			return;
		}
	}
	run_log_write(l, text, len);
}

void run_log_beat(const struct run_log *l)
{
	if (l->fd >= 0)
		(void)futimens(l->fd, NULL);
}

/* Its writer beats as long as the run lives. */
static bool run_log_is_over(int dir, const char *file)
{
	struct stat st;

	return fstatat(dir, file, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       time(NULL) - st.st_mtime > RUN_LOG_KEEP_SECONDS;
}

void run_log_sweep_few(int dir)
{
	char few[NAMES_FEW][NAMES_SIZE];

	for (size_t n = names_few(dir, "", RUN_LOG_END, RUN_LOG_READ, few); n > 0; n--)
		if (run_log_is_over(dir, few[n - 1]))
			(void)unlinkat(dir, few[n - 1], 0);
}

unsigned run_log_sweep(int dir, bool look)
{
	unsigned n = 0;
	const char *file;
	auto_names d;

	(void)names_open(&d, dir);
	while ((file = names_next(&d))) {
		if (!names_match(file, "", RUN_LOG_END) || !run_log_is_over(dir, file))
			continue;
		n++;
		if (!look)
			(void)unlinkat(dir, file, 0);
	}
	return n;
}
