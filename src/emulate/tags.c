/*
 * tags: which credentials a thread believes to have.
 * Touches the timer slack of threads.
 */
#include "emulate/tags.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/arena.h"
#include "util/fd.h"
#include "util/number.h"

#define TAGS_TEXT 32 /* of a number and a file name */

void tags_done(struct tags *t)
{
	for (size_t i = 0; i < TAGS_MAX; i++) {
		if (t->known[i])
			free(t->known[i]->groups);
		free(t->known[i]);
	}
	*t = (struct tags){ 0 };
}

int tags_open(int proc, pid_t tid)
{
	char name[TAGS_TEXT];

	/* A thread has such a directory as well, which a listing leaves out. */
	(void)snprintf(name, sizeof(name), "%d/timerslack_ns", tid);
	return openat(proc, name, O_RDWR | O_CLOEXEC);
}

unsigned tags_get(int fd)
{
	char text[TAGS_TEXT];
	ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof(text), 0);
	uint64_t slack;

	if (n < 1 || !number_read(text, (size_t)n - 1, UINT64_MAX, &slack))
		return 0;
	return slack > TAGS_BASE && slack <= TAGS_BASE + TAGS_MAX ? (unsigned)(slack - TAGS_BASE)
								  : 0;
}

int tags_set(int fd, unsigned tag)
{
	char text[TAGS_TEXT];
	int n = snprintf(text, sizeof(text), "%u", TAGS_BASE + tag);

	return write(fd, text, (size_t)n) == n ? 0 : -1;
}

const struct creds *tags_creds(const struct tags *t, unsigned tag)
{
	return tag ? t->known[tag - 1] : NULL;
}

/* Note the tags of all threads of a process, or of all processes in dir itself. */
static void tags_mark(int proc, const char *path, bool used[TAGS_MAX])
{
	int fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;
	uint64_t id;

	while (dir && (d = readdir(dir))) {
		char tasks[TAGS_TEXT];
		auto_fd slack = -1;
		unsigned tag;

		if (!number_read(d->d_name, strlen(d->d_name), INT32_MAX, &id))
			continue;
		(void)snprintf(tasks, sizeof(tasks), "%d/task", (int)id);
		if (path[0] == '.')
			tags_mark(proc, tasks, used);
		slack = tags_open(proc, (pid_t)id);
		tag = tags_get(slack);
		if (tag)
			used[tag - 1] = true;
	}
	if (dir)
		(void)closedir(dir);
	else
		fd_closep(&fd);
}

/* A thread that is being made has its tag just before it is listed, so its maker has it, too. */
static void tags_sweep(struct tags *t, int proc)
{
	bool used[TAGS_MAX] = { false };

	tags_mark(proc, ".", used);
	for (size_t i = 0; i < TAGS_MAX; i++) {
		if (used[i] || !t->known[i])
			continue;
		t->bytes -= t->known[i]->n_groups * sizeof(*t->known[i]->groups);
		free(t->known[i]->groups);
		free(t->known[i]);
		t->known[i] = NULL;
	}
}

static unsigned tags_place(struct tags *t, const struct creds *c)
{
	size_t size = c->n_groups * sizeof(*c->groups);
	struct creds *copy;
	size_t i = 0;

	while (i < TAGS_MAX && t->known[i])
		i++;
	if (i == TAGS_MAX || t->bytes + size > TAGS_BYTES)
		return 0;
	copy = xmalloc(sizeof(*copy));
	*copy = *c;
	copy->groups = size ? xmalloc(size) : NULL;
	if (size)
		memcpy(copy->groups, c->groups, size);
	t->known[i] = copy;
	t->bytes += size;
	return (unsigned)i + 1;
}

unsigned tags_add(struct tags *t, int proc, const struct creds *c)
{
	unsigned tag;

	for (size_t i = 0; i < TAGS_MAX; i++)
		if (t->known[i] && creds_equal(t->known[i], c))
			return (unsigned)i + 1;
	tag = tags_place(t, c);
	if (tag)
		return tag;
	tags_sweep(t, proc);
	return tags_place(t, c);
}
