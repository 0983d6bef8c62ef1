/*
 * sys: system calls that musl has no wrapper for, and their constants. Thin wrappers: -1 with
 * errno.
 *
 * Kernel baseline: Linux 4.18 with RHEL 8's backports.  Each newer call has a fallback in one file:
 *
 *   call                                since    fallback in           what it does instead
 *   pidfd_send_signal, pidfd_open       5.1, 3   util/proc.c           number and start time
 *   fsopen, open_tree, move_mount       5.2      kernel/mnt.c          mount(2) by /proc/self/fd
 *   openat2                             5.6      util/path.c           a walk component by component
 *   close_range                         5.9      util/fd.c             /proc/self/fd
 *   overlay in a user namespace         5.11     root/no_overlay.c     FUSE, a copy or read-only
 *   mount_setattr                       5.12     kernel/mnt.c          remount one by one
 *
 * <linux/mount.h> and <sys/mount.h> define the same names.  This header includes the latter and
 * adds what it lacks; no other file includes the former.
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* openat2(2); names of our own, since another file may include <linux/openat2.h> */
struct sys_open_how {
	uint64_t flags, mode, resolve;
};

#define SYS_RESOLVE_NO_XDEV 0x01
#define SYS_RESOLVE_NO_MAGICLINKS 0x02
#define SYS_RESOLVE_NO_SYMLINKS 0x04
#define SYS_RESOLVE_BENEATH 0x08
#define SYS_RESOLVE_IN_ROOT 0x10

/* open_tree(2), move_mount(2) */
#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef OPEN_TREE_CLOEXEC
#define OPEN_TREE_CLOEXEC O_CLOEXEC
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 0x04
#endif
#ifndef MOVE_MOUNT_T_EMPTY_PATH
#define MOVE_MOUNT_T_EMPTY_PATH 0x40
#endif

/* fsopen(2), fsconfig(2), fsmount(2); names of our own, since glibc has an enum with these */
#define SYS_FSOPEN_CLOEXEC 1
#define SYS_FSCONFIG_SET_FLAG 0
#define SYS_FSCONFIG_SET_STRING 1
#define SYS_FSCONFIG_CMD_CREATE 6
#define SYS_FSMOUNT_CLOEXEC 1

/* mount_setattr(2) */
#ifndef MOUNT_ATTR_RDONLY
#define MOUNT_ATTR_RDONLY 0x01
#endif
#ifndef MOUNT_ATTR_NOSUID
#define MOUNT_ATTR_NOSUID 0x02
#endif
#ifndef MOUNT_ATTR_NODEV
#define MOUNT_ATTR_NODEV 0x04
#endif
#ifndef MOUNT_ATTR_NOEXEC
#define MOUNT_ATTR_NOEXEC 0x08
#endif

struct sys_mount_attr {
	uint64_t attr_set, attr_clr, propagation, userns_fd;
};

static inline int sys_openat2(int dirfd, const char *path, struct sys_open_how *how)
{
	return (int)syscall(SYS_openat2, dirfd, path, how, sizeof(*how));
}

static inline int sys_open_tree(int dirfd, const char *path, unsigned flags)
{
	return (int)syscall(SYS_open_tree, dirfd, path, flags);
}

static inline int sys_move_mount(
	int from, const char *from_path, int to, const char *to_path, unsigned flags)
{
	return (int)syscall(SYS_move_mount, from, from_path, to, to_path, flags);
}

static inline int sys_fsopen(const char *type, unsigned flags)
{
	return (int)syscall(SYS_fsopen, type, flags);
}

static inline int sys_fsconfig(int fd, unsigned cmd, const char *key, const char *value)
{
	return (int)syscall(SYS_fsconfig, fd, cmd, key, value, 0);
}

static inline int sys_fsmount(int fd, unsigned flags, unsigned attr)
{
	return (int)syscall(SYS_fsmount, fd, flags, attr);
}

static inline int sys_mount_setattr(
	int dirfd, const char *path, unsigned flags, const struct sys_mount_attr *attr)
{
	return (int)syscall(SYS_mount_setattr, dirfd, path, flags, attr, sizeof(*attr));
}

static inline int sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	return (int)syscall(SYS_close_range, first, last, flags);
}

/* statx(2), with members that the C library does not name yet */
struct sys_statx {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, pad;
	uint64_t ino;
	uint64_t size, blocks, attributes_mask, times[8];
	uint32_t rdev[2], dev[2];
	uint64_t mnt_id;
	uint64_t spare[13];
};

#define SYS_STATX_INO 0x100u
#define SYS_STATX_MNT_ID 0x1000u /* Linux 5.8 */

static inline int sys_statx(
	int dirfd, const char *path, int flags, unsigned mask, struct sys_statx *ret)
{
	return (int)syscall(SYS_statx, dirfd, path, flags, mask, ret);
}

/* getdents64(2); the C libraries do not agree on a name for the struct */
struct sys_dirent {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

static inline ssize_t sys_getdents(int fd, void *buf, size_t size)
{
	return syscall(SYS_getdents64, fd, buf, size);
}

static inline int sys_pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(SYS_pivot_root, new_root, put_old);
}

static inline int sys_pidfd_open(pid_t pid, unsigned flags)
{
	return (int)syscall(SYS_pidfd_open, pid, flags);
}

static inline int sys_pidfd_send_signal(int pidfd, int sig)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
}

/*
 * Did a system call fail because it is missing? EPERM counts: seccomp filters of older container
 * runtimes return it for calls that they do not know.  After a real refusal the fallback fails,
 * too.
 */
static inline int sys_is_missing(int code)
{
	return code == ENOSYS || code == EPERM;
}
