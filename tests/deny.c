/*
 * deny: runs a command in which the named system calls fail, as an older kernel or a strict
 * container would have it. Called by tests/e2e: deny CALL=ERRNO... -- COMMAND [ARG...] Installs a
 * seccomp filter on itself and execs.
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
	{ "open_tree", 428 },
	{ "move_mount", 429 },
	{ "fsopen", 430 },
	{ "fsconfig", 431 },
	{ "fsmount", 432 },
	{ "close_range", 436 },
	{ "openat2", 437 },
	{ "mount_setattr", 442 },
	{ "mount", SYS_mount },
	{ "umount2", SYS_umount2 },
	{ "pivot_root", SYS_pivot_root },
	{ "unshare", SYS_unshare },
	{ "keyctl", SYS_keyctl },
	{ "memfd_create", SYS_memfd_create },
	{ "flock", SYS_flock },
	{ "fsync", SYS_fsync },
	{ "linkat", SYS_linkat },
	{ "fchmod", SYS_fchmod },
	{ "utimensat", SYS_utimensat },
	{ "fsetxattr", SYS_fsetxattr },
	{ "seccomp", SYS_seccomp },
	{ "landlock_create_ruleset", 444 },
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
};

static int parse(const char *text, unsigned *ret_call, int *ret_error)
{
	size_t len = strcspn(text, "="), i, j;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strlen(calls[i].name) == len && strncmp(calls[i].name, text, len) == 0)
			break;
	for (j = 0; text[len] && j < sizeof(errors) / sizeof(errors[0]); j++)
		if (strcmp(errors[j].name, text + len + 1) == 0)
			break;
	if (i == sizeof(calls) / sizeof(calls[0]) || !text[len] ||
		j == sizeof(errors) / sizeof(errors[0]))
		return -1;
	*ret_call = calls[i].number;
	*ret_error = errors[j].number;
	return 0;
}

int main(int argc, char **argv)
{
	struct sock_filter code[2 * DENY_MAX + 2] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};
	struct sock_fprog program = { .len = 1, .filter = code };
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		unsigned call;
		int error;

		if (i > DENY_MAX || parse(argv[i], &call, &error) < 0) {
			fprintf(stderr, "deny: %s: want CALL=ERRNO, both known\n", argv[i]);
			return 99;
		}
		code[program.len++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1);
		code[program.len++] = (struct sock_filter)BPF_STMT(
			BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error);
	}
	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (i >= argc - 1) {
		fprintf(stderr, "usage: deny CALL=ERRNO... -- COMMAND [ARG...]\n");
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
