/*
 * exec: find the command inside the new root and become it.
 * Touches nothing.  execve(2) is tried first; files are read only to say why it failed.
 */
#include "runtime/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/exec_why.h"
#include "runtime/own_binary.h"
#include "util/path.h"

#define EXEC_SELF (-1) /* no errno: the command is sandbox itself */

static const char *exec_path(const struct plan *p)
{
	for (char **v = p->env; v && *v; v++)
		if (strncmp(*v, "PATH=", 5) == 0)
			return *v + 5;
	return PATH_DEFAULT;
}

/* ENOENT from execve also means that the file's interpreter is missing: is the file itself there?
 */
static bool exec_exists(const char *file)
{
	struct stat st;

	return stat(file, &st) == 0;
}

/*
 * Does the search go on after this failure?  A later directory may have a usable file of the same
 * name.
 */
static bool exec_is_passable(const char *file, int code)
{
	return code == EACCES || code == ENOTDIR || code == ELOOP || code == ENAMETOOLONG ||
	       code == ESTALE || code == ENODEV || code == ETIMEDOUT ||
	       (code == ENOENT && !exec_exists(file));
}

/* Execute the file, or only look whether that is allowed.  Returns the errno, or 0: it is. */
static int exec_try(const struct plan *p, const char *file, bool look)
{
	struct stat st;

	if (own_binary_is(file))
		return EXEC_SELF;
	if (!look)
		(void)execve(file, p->args, p->env);
	else if (stat(file, &st) == 0 && access(file, X_OK) == 0)
		return S_ISREG(st.st_mode) ? 0 : EACCES;
	return errno;
}

/*
 * Try each directory of PATH; an empty one is the working directory.  Only an EACCES is remembered,
 * with the file it was met on.  Returns the errno to report and leaves the file's name.
 */
static int exec_search(const struct plan *p, bool look, char *file, char *denied)
{
	const char *name = p->args[0], *path = exec_path(p);
	size_t name_len = strlen(name);
	int code;

	denied[0] = '\0';
	for (;;) {
		size_t len = strcspn(path, ":");

		if (len + name_len + 2 <= PATH_TEXT_MAX) {
			memcpy(file, path, len);
			file[len] = '/';
			memcpy(file + len + (len > 0), name, name_len + 1);
			code = exec_try(p, file, look);
			if (!exec_is_passable(file, code))
				return code;
			if (code == EACCES && exec_exists(file) && !denied[0])
				memcpy(denied, file, strlen(file) + 1);
		}
		if (!path[len])
			break;
		path += len + 1;
	}
	if (!denied[0])
		return ENOENT;
	memcpy(file, denied, strlen(denied) + 1);
	return EACCES;
}

static int exec_refuse_self(const char *file, struct err *e)
{
	(void)err_set(e, 0, "run %s: it leads to sandbox's own program, through /proc", file);
	return err_status(e, EXIT_CANNOT_EXEC);
}

static int exec_named(const struct plan *p, bool look, struct err *e)
{
	char file[PATH_TEXT_MAX], denied[PATH_TEXT_MAX];
	const char *name = p->args[0];
	int code;

	if (!name[0]) {
		(void)err_set(e, 0, "run the command: its name is empty");
		return err_status(e, EXIT_NOT_FOUND);
	}
	if (strchr(name, '/')) {
		code = exec_try(p, name, look);
		if (code == 0)
			return 0;
		if (code == EXEC_SELF)
			return exec_refuse_self(name, e);
		if ((code == ENOENT || code == ENOTDIR) && !exec_exists(name)) {
			(void)err_set(e, 0, "run %s: there is no such file in the image", name);
			return err_status(e, EXIT_NOT_FOUND);
		}
		return exec_why(name, code, e);
	}
	code = exec_search(p, look, file, denied);
	if (code == 0)
		return 0;
	if (code == EXEC_SELF)
		return exec_refuse_self(file, e);
	if (code == ENOENT && !exec_exists(file)) {
		(void)err_set(
			e, 0, "run %s: not found in the image (PATH is %s)", name, exec_path(p));
		return err_status(e, EXIT_NOT_FOUND);
	}
	return exec_why(file, code, e);
}

int exec_run(const struct plan *p, struct err *e)
{
	return exec_named(p, false, e);
}

int exec_find(const struct plan *p, struct err *e)
{
	return exec_named(p, true, e);
}
