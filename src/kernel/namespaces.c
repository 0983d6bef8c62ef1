/*
 * namespaces: the namespaces other than the mount namespace.
 * Changes the namespaces of the calling process; where that is refused, reads the sysctls that
 * govern them.
 */
#include "kernel/namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/path_max.h"

static const struct {
	int flag;
	const char *name, *limit;
} namespaces_kinds[] = {
	{ CLONE_NEWUSER, "user", "user.max_user_namespaces" },
	{ CLONE_NEWPID, "pid", "user.max_pid_namespaces" },
	{ CLONE_NEWIPC, "ipc", "user.max_ipc_namespaces" },
	{ CLONE_NEWUTS, "uts", "user.max_uts_namespaces" },
	{ CLONE_NEWCGROUP, "cgroup", "user.max_cgroup_namespaces" },
	{ CLONE_NEWNET, "network", "user.max_net_namespaces" },
};

/* A sysctl's value, or -1 where it cannot be read. */
static long namespaces_sysctl(const char *path)
{
	char buf[32] = "";
	auto_fd fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fd_read_full(fd, buf, sizeof(buf) - 1) <= 0)
		return -1;
	return strtol(buf, NULL, 10);
}

/* Distributions switch user namespaces off in three ways, user_namespaces(7): say which one. */
static int namespaces_hint_user(struct err *e, int code)
{
	if (namespaces_sysctl("/proc/sys/user/max_user_namespaces") == 0)
		return err_hint(e,
			"the administrator can allow them: sysctl user.max_user_namespaces=15000");
	if (namespaces_sysctl("/proc/sys/kernel/unprivileged_userns_clone") == 0)
		return err_hint(e,
			"the administrator can allow them: sysctl kernel.unprivileged_userns_clone=1");
	if (namespaces_sysctl("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1)
		return err_hint(e,
			"the administrator can allow them: an AppArmor profile for sandbox, or sysctl kernel.apparmor_restrict_unprivileged_userns=0");
	if (code == ENOSPC)
		return err_hint(e, "the limit user.max_user_namespaces is reached");
	if (code == EUSERS)
		return err_hint(e, "they are nested too deeply (32 levels)");
	if (code == EINVAL || code == ENOSYS)
		return err_hint(e, "this kernel was built without CONFIG_USER_NS");
	return err_hint(e,
		"inside another container its filter refuses them (Docker and podman: --security-opt seccomp=unconfined), inside a chroot the kernel does");
}

/* The kernel refused all at once: try one by one, to name the one. */
static int namespaces_explain(unsigned flags, int code, struct err *e)
{
	for (size_t i = 0; i < sizeof(namespaces_kinds) / sizeof(namespaces_kinds[0]); i++) {
		if (!(flags & (unsigned)namespaces_kinds[i].flag) ||
			unshare(namespaces_kinds[i].flag) == 0)
			continue;
		code = errno;
		(void)err_set(e, code, "create a %s namespace", namespaces_kinds[i].name);
		if (namespaces_kinds[i].flag == CLONE_NEWUSER)
			return namespaces_hint_user(e, code);
		if (code == ENOSPC)
			return err_hint(e, "the administrator can raise the limit: sysctl %s=15000",
				namespaces_kinds[i].limit);
		if (code == EPERM && !(flags & CLONE_NEWUSER))
			return err_hint(e, "--no-userns needs root with CAP_SYS_ADMIN");
		return -1;
	}
	return err_set(e, code, "create the namespaces of the sandbox, a user namespace first");
}

int namespaces_unshare(unsigned flags, struct err *e)
{
	flags &= ~(unsigned)(CLONE_NEWNS | CLONE_NEWCGROUP);
	return unshare((int)flags) == 0 ? 0 : namespaces_explain(flags, errno, e);
}

int namespaces_loopback(struct err *e)
{
	auto_fd fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	/* netdevice(7); the kernel gives it 127.0.0.1 and ::1 by itself. */
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &r) < 0)
		return err_set(e, errno, "bring the loopback interface up");
	return 0;
}

/* The root of a new cgroup namespace is where the caller is, cgroup_namespaces(7). */
static int namespaces_cgroup(struct err *e)
{
	return unshare(CLONE_NEWCGROUP) == 0 ? 0 : namespaces_explain(CLONE_NEWCGROUP, errno, e);
}

int namespaces_configure(
	unsigned flags, const char *hostname, const char *domainname, struct err *e)
{
	if (flags & CLONE_NEWCGROUP && namespaces_cgroup(e) < 0)
		return -1;
	if (hostname && flags & CLONE_NEWUTS && sethostname(hostname, strlen(hostname)) < 0)
		return err_set(e, errno, "set the host name %s", hostname);
	if (domainname && flags & CLONE_NEWUTS && setdomainname(domainname, strlen(domainname)) < 0)
		return err_set(e, errno, "set the domain name %s", domainname);
	return flags & CLONE_NEWNET ? namespaces_loopback(e) : 0;
}

int namespaces_set(int proc, const char *name, const char *value, struct err *e)
{
	char path[PATH_TEXT_MAX];
	auto_fd fd = -1;

	if (snprintf(path, sizeof(path), "sys/%s", name) >= (int)sizeof(path))
		return err_set(e, ENAMETOOLONG, "--sysctl %s", name);
	for (char *dot = path; (dot = strchr(dot, '.'));)
		*dot = '/';
	fd = openat(proc, path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value))
		return 0;
	(void)err_set(e, errno, "--sysctl %s=%s", name, value);
	return errno == EACCES ? err_hint(e, "the kernel leaves this one to root of the host") : -1;
}
