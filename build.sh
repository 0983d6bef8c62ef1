#!/bin/sh
# build: from a fresh machine to a working sandbox, a first run of it, or its tests.
#
#	./build.sh		build/sandbox
#	./build.sh demo		the same, then an example image is made and run by an unprivileged user
#	./build.sh test		the same, then every check and test
#	./build.sh --target T	for another machine too, as build/T/sandbox; deps/targets.tsv lists them: aarch64 and others
#
# Installs what is missing where it runs as root; elsewhere it says which command would, and ends with status 1.
# Touches build/, and as root the machine's packages.  $SANDBOX_DISTFILES: a directory with the pinned sources.
set -eu
cd "$(dirname "$0")"
jobs=$(nproc 2>/dev/null || echo 2)

say() { printf 'build.sh: %s\n' "$*" >&2; }
die() {
	say "$*"
	exit 1
}

# ---- what the machine must have ----

# need PACKAGE PROBE: note the Debian package where the probe, a command or an absolute path, finds nothing.
packages=
need() {
	case $2 in
	/*) [ ! -e "$2" ] || return 0 ;;
	*) ! command -v "$2" >/dev/null 2>&1 || return 0 ;;
	esac
	packages="$packages $1"
}

# The same for a package that no single command stands for: asks dpkg, where that is.
need_package() {
	command -v dpkg-query >/dev/null || return 0
	case $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) in *'ok installed') return 0 ;; esac
	packages="$packages $1"
}

need_for_build() {
	need gcc gcc
	need binutils ar
	need make make
	need m4 m4
	case $(uname -m) in x86_64) need nasm nasm ;; esac
	need xz-utils xz
	need linux-libc-dev /usr/include/linux/seccomp.h
	command -v curl >/dev/null 2>&1 || command -v wget >/dev/null 2>&1 || packages="$packages curl ca-certificates"
}

# What the targets given need, of the table; those of the machine itself first.
need_for_targets() {
	for target in $targets; do
		for package in $(awk -F '\t' -v name="$target" '$1 == name { print $3 }' deps/targets.tsv); do
			need_package "$package"
		done
	done
}

need_for_examples() {
	need python3 python3
	need util-linux setpriv
}

need_for_tests() {
	need libc6-dev /usr/include/stdio.h
	need perl prove
	# The house style is pinned to LLVM 14; where a machine has only others, `make lint` leaves their checks out.
	llvm=
	! apt-cache show clang-format-14 >/dev/null 2>&1 || llvm=-14
	need "clang-format$llvm" "clang-format$llvm"
	need "clang-tidy$llvm" "clang-tidy$llvm"
	need cppcheck cppcheck
	while read -r package; do
		need_package "$package"
	done <tests/packages.txt
}

install_needed() {
	[ -n "$packages" ] || return 0
	command -v apt-get >/dev/null 2>&1 || die "this machine lacks what Debian packages as$packages: install it, and try again"
	if [ "$(id -u)" != 0 ]; then
		say "packages are missing; this installs them:"
		printf 'sudo apt-get install --yes --no-install-recommends%s\n' "$packages" >&2
		exit 1
	fi
	say "installing$packages"
	DEBIAN_FRONTEND=noninteractive
	export DEBIAN_FRONTEND
	log=build/packages.log
	mkdir -p build
	# shellcheck disable=SC2086 # a list
	{ apt-get update && apt-get install --yes --no-install-recommends $packages; } >"$log" 2>&1 </dev/null || {
		tail -n 20 "$log" >&2
		die "apt-get cannot install$packages"
	}
}

# ---- the three things to do ----

build() {
	deps/build.sh build current
	make --no-print-directory -j "$jobs"
}

# The rest of the two commands, for one machine more.  The native build makes the system call filters of all.
build_target() {
	deps/build.sh build "current-$1"
	make --no-print-directory -j "$jobs" "TARGET=$1"
}

# An example image, by a user without any privilege: as root, one whose number nobody has.
demo() {
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/sandbox-demo.XXXXXX")
	trap 'chmod -R u+rwX "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT
	trap 'exit 1' HUP INT TERM
	mkdir "$scratch/home"
	CC_MUSL=$PWD/build/deps/current/bin/musl-gcc rootfs-examples/hello/make.sh "$scratch/hello.tar"
	cp build/sandbox "$scratch/"
	as=
	if [ "$(id -u)" = 0 ]; then
		uid=60100
		while getent passwd "$uid" >/dev/null 2>&1; do
			uid=$((uid + 1))
		done
		chmod 755 "$scratch"
		chmod 644 "$scratch/hello.tar"
		chown "$uid:$uid" "$scratch/home"
		as="setpriv --reuid=$uid --regid=$uid --clear-groups"
	fi
	(
		cd "$scratch"
		# shellcheck disable=SC2086 # a list
		as_user() { $as env -i PATH="$scratch:/usr/local/bin:/usr/bin:/bin" HOME="$scratch/home" TERM="${TERM:-dumb}" "$@"; }
		printf '\n'
		for command in 'id' 'sandbox run hello.tar' 'sandbox images'; do
			printf '$ %s\n' "$command"
			# shellcheck disable=SC2086 # a command line
			as_user $command
		done
	)
}

# The virtual machines of the tests run one other build.
check() {
	deps/build.sh build current-san
	build_target aarch64
	make --no-print-directory -j "$jobs" TARGET=aarch64 helpers
	make --no-print-directory -j "$jobs" check
	# For whoever reads the log: what the change costs.
	make --no-print-directory -s size-diff
}

targets=
while [ "${1:-}" = --target ]; do
	awk -v name="${2:-}" '$1 == name { found = 1 } END { exit !found }' deps/targets.tsv ||
		die "--target: one of$(awk '!/^#/ { printf " %s", $1 }' deps/targets.tsv)"
	targets="$targets $2"
	shift 2
done

case ${1:-build} in
build)
	need_for_build
	need_for_targets
	install_needed
	build
	for target in $targets; do
		build_target "$target"
	done
	;;
demo)
	need_for_build
	need_for_examples
	install_needed
	build
	demo
	;;
test)
	targets=aarch64
	need_for_build
	need_for_targets
	need_for_examples
	need_for_tests
	install_needed
	build
	check
	;;
-h | --help | help) sed -n '2,/^set/s/^#\{0,1\} \{0,1\}//p' "$0" | sed '$d' ;;
*) die "no such thing to do: $1 (demo, test, --target NAME, or nothing)" ;;
esac
