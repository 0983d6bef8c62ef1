/*
 * runs: entering and leaving runs/.
 * Called by cli/run.c.  Touches runs/ of the store.
 */
#include "store/runs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/json.h"
#include "util/path.h"

/* As docker has it for names of containers. */
static int check_name(const char *name, struct err *e)
{
	size_t n = strlen(name);
	bool ok = n > 0 && n <= RUN_NAME_MAX && isalnum((unsigned char)name[0]);

	for (size_t i = 0; ok && i < n; i++)
		ok = isalnum((unsigned char)name[i]) || strchr("_.-", name[i]);
	return ok ? 0 : err_set(e, 0, "--name: %s: must begin with a letter or digit, go on with those, '_', '.' or '-', "
				      "and have at most %d of them", name, RUN_NAME_MAX);
}

/* 1: ours, 0: a live run has it, -1 with errno.  A file that its owner removed meanwhile is no entry: try again. */
static int try_enter(struct run_entry *r, const char *name)
{
	struct stat here, there;

	for (;;) {
		auto_fd fd = path_open_beneath(r->store->runs, name, O_RDWR | O_CREAT, 0600);

		if (fd < 0)
			return -1;
		if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
			return 0;
		if (fstat(fd, &here) < 0 || fstatat(r->store->runs, name, &there, AT_SYMLINK_NOFOLLOW) < 0 ||
			here.st_ino != there.st_ino)
			continue;
		r->lock = fd_take(&fd);
		return 1;
	}
}

int runs_enter(struct run_entry *r, struct store *s, const char *name, const char *image, struct err *e)
{
	auto_json j = json_new_obj();
	auto_free char *text = NULL;
	int got;

	*r = (struct run_entry){.store = s, .lock = -1};
	if (check_name(name, e) < 0)
		return -1;
	got = try_enter(r, name);
	if (got < 0)
		return err_set(e, errno, "store: runs/%s", name);
	if (got == 0)
		return err_set(e, 0, "--name: %s: another run has this name", name);
	strcpy(r->name, name);
	json_put_str(j, "name", name);
	json_put_str(j, "image", image);
	json_put_int(j, "pid", getpid());
	json_put_int(j, "started", (int64_t)time(NULL));
	text = json_dump(j, false);
	if (ftruncate(r->lock, 0) < 0 || fd_write_full(r->lock, text, strlen(text)) < 0)
		return err_set(e, errno, "store: runs/%s", name);
	return 0;
}

void runs_leave(struct run_entry *r)
{
	if (r->name[0])
		(void)unlinkat(r->store->runs, r->name, 0);
	fd_closep(&r->lock);
	*r = (struct run_entry){.store = r->store, .lock = -1};
}
