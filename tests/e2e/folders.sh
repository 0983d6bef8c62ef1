#!/bin/sh
# modes: outer
# Folders that hand things down: setgid with a project's group, and a default ACL.  What sandbox makes there has the caller's group, and
# the modes that it asked for.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

# The unprivileged user, with one more group where the script runs as root and can give it one.
as_user=
other=$(id -G | tr ' ' '\n' | grep -vx "$(id -g)" | head -n 1)
group=$(id -g)
if [ "$(id -u)" = 0 ]; then
	other=54321 group=$(id -g "$TEST_USER")
	as_user="setpriv --reuid=$TEST_USER --regid=$group --groups=$other"
	chown "$TEST_USER:$group" home
fi
made() { # FOLDER: a new one of that user
	mkdir "$1"
	[ -z "$as_user" ] || chown "$TEST_USER:$group" "$1"
}

# set_acl FOLDER: a default ACL, user::rwx, user:65534:r-x, group::rwx, mask::rwx, other::---
set_acl() {
	python3 - "$1" <<-'EOP'
		import os, struct, sys
		none = 2 ** 32 - 1
		acl = ((1, 7, none), (2, 5, 65534), (4, 7, none), (16, 7, none), (32, 0, none))
		os.setxattr(sys.argv[1], 'system.posix_acl_default', struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *e) for e in acl))
	EOP
}
# extra_acls FOLDER: what below it has an ACL
extra_acls() {
	python3 - "$1" <<-'EOP'
		import os, sys
		for folder, folders, files in os.walk(sys.argv[1]):
		    for f in [folder] + [os.path.join(folder, f) for f in files]:
		        if any('posix_acl' in x for x in os.listxattr(f, follow_symlinks=False)):
		            print(os.path.relpath(f, sys.argv[1]))
	EOP
}
# writes NAME FOLDER: runs with their store, and what they write, in FOLDER
# shellcheck disable=SC2086 # words
writes() {
	for o in "--scratch $2" '--writable k' ''; do
		gives "$1: run $o" 0 '755 640 644 755 1' $as_user sandbox --store "$2/store" run $o "$IMAGES/docker.tar" sh -c \
			'umask 027; echo x >/etc/marker; echo x >/secret; umask 022; echo x >/new; mkdir /newd; echo $(stat -c %a /etc /secret /new /newd) $(ls /etc/marker | wc -l)'
	done
	gives "$1: ... again" 0 x $as_user sandbox --store "$2/store" run --writable k "$IMAGES/docker.tar" cat /new
	gives "$1: unpack" 0 '' $as_user sandbox unpack "$IMAGES/docker.tar" "$2/tree"
}

made acl
if set_acl acl 2>/dev/null; then
	writes 'a default ACL' acl
	is "$(for f in acl/store/images/* acl/store/writable/k acl/tree; do extra_acls $f; done)" '' '... nothing made for a run has an ACL'
	gives '... files without --scratch' 0 644 $as_user sandbox --store acl/store run test:1 sh -c 'umask 022; : >/f; stat -c %a /f'
else
	skip 'a folder with a default ACL' 'this file system has none'
fi

if [ -n "$other" ]; then
	made project
	chgrp "$other" project && chmod 2770 project
	writes 'setgid with the group of a project' project
	is "$(find project/store/images/* project/store/writable/k project/tree ! -group "$group" ! -path '*/work/work*')" '' '... what is made for a run has the own group'
else
	skip 'a folder with setgid and another group' 'the user has one group only'
fi
done_testing
