# shellcheck shell=sh
defines HAVE_LINUX_SECCOMP_H >configure.h
set --
for file in src/*.c; do
	case $file in src/arch-syscall-dump.c) ;; *) set -- "$@" "$file" ;; esac
done
ARCHIVE_FLAGS='-I. -Iinclude -Isrc' archive seccomp "$@"
cp include/seccomp.h include/seccomp-syscalls.h "$prefix/include/"
