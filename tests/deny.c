/*
 * deny: runs a command in which the named system calls fail, as an older kernel or a strict
 * container would have it. Called by tests/e2e: deny CALL[/ARG/VALUE]=ERRNO... -- COMMAND [ARG...]
 * With ARG (0 to 5) only where the low 32 bits of that argument are VALUE.
 * Installs a seccomp filter on itself and execs.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DENY_MAX 64

static const struct {
	const char *name;
	unsigned number;
} calls[] = {
	{ "pidfd_send_signal", 424 },
	{ "open_tree", 428 },
	{ "move_mount", 429 },
	{ "fsopen", 430 },
	{ "fsconfig", 431 },
	{ "fsmount", 432 },
	{ "pidfd_open", 434 },
	{ "clone3", 435 },
	{ "close_range", 436 },
	{ "openat2", 437 },
	{ "faccessat2", 439 },
	{ "mount_setattr", 442 },
	{ "landlock_create_ruleset", 444 },
	{ "landlock_add_rule", 445 },
	{ "landlock_restrict_self", 446 },
	{ "mount", SYS_mount },
	{ "setns", SYS_setns },
	{ "umount2", SYS_umount2 },
	{ "pivot_root", SYS_pivot_root },
	{ "unshare", SYS_unshare },
	{ "keyctl", SYS_keyctl },
	{ "memfd_create", SYS_memfd_create },
	{ "statx", SYS_statx },
	{ "renameat2", SYS_renameat2 },
	{ "copy_file_range", SYS_copy_file_range },
	{ "execveat", SYS_execveat },
	{ "openat", SYS_openat },
	{ "ioctl", SYS_ioctl },
	{ "flock", SYS_flock },
	{ "fsync", SYS_fsync },
	{ "linkat", SYS_linkat },
	{ "fchmod", SYS_fchmod },
	{ "utimensat", SYS_utimensat },
	{ "fsetxattr", SYS_fsetxattr },
	{ "seccomp", SYS_seccomp },
};

static const struct {
	const char *name;
	int number;
} errors[] = {
	{ "ENOSYS", ENOSYS },
	{ "EPERM", EPERM },
	{ "EACCES", EACCES },
	{ "EINVAL", EINVAL },
	{ "ENOSPC", ENOSPC },
	{ "EDQUOT", EDQUOT },
	{ "EIO", EIO },
	{ "ENODEV", ENODEV },
	{ "ENOTSUP", ENOTSUP },
	{ "EUSERS", EUSERS },
	{ "EROFS", EROFS },
	{ "ENOLCK", ENOLCK },
	{ "EBUSY", EBUSY },
};

struct rule {
	unsigned call, arg, value;
	int error;
	int has_arg;
};

static int parse(const char *text, struct rule *r)
{
	size_t len = strcspn(text, "/="), i, j;
	const char *error = strchr(text, '=');

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strlen(calls[i].name) == len && strncmp(calls[i].name, text, len) == 0)
			break;
	for (j = 0; error && j < sizeof(errors) / sizeof(errors[0]); j++)
		if (strcmp(errors[j].name, error + 1) == 0)
			break;
	if (i == sizeof(calls) / sizeof(calls[0]) || !error ||
		j == sizeof(errors) / sizeof(errors[0]))
		return -1;
	*r = (struct rule){ .call = calls[i].number, .error = errors[j].number };
	r->has_arg = text[len] == '/';
	return r->has_arg && (sscanf(text + len, "/%u/%i", &r->arg, (int *)&r->value) != 2 ||
				     r->arg > 5)
		       ? -1
		       : 0;
}

/* Some instructions of the filter, which begin and end with the number of the call loaded. */
static void add_rule(struct sock_fprog *program, const struct rule *r)
{
	const struct sock_filter code[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, r->call, 0, r->has_arg ? 4 : 1),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[r->arg])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, r->value, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)r->error),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};

	for (int i = 0; i < 5; i++)
		if (r->has_arg || i == 0 || i == 3)
			program->filter[program->len++] = code[i];
}

int main(int argc, char **argv)
{
	struct sock_filter code[5 * DENY_MAX + 2] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};
	struct sock_fprog program = { .len = 1, .filter = code };
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		struct rule r;

		if (i > DENY_MAX || parse(argv[i], &r) < 0) {
			fprintf(stderr, "deny: %s: want CALL[/ARG/VALUE]=ERRNO, both known\n",
				argv[i]);
			return 99;
		}
		add_rule(&program, &r);
	}
	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (i >= argc - 1) {
		fprintf(stderr, "usage: deny CALL[/ARG/VALUE]=ERRNO... -- COMMAND [ARG...]\n");
		return 99;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
		perror("deny: install the filter");
		return 99;
	}
	execvp(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 127;
}
