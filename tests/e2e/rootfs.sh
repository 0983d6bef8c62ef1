#!/bin/sh
# modes: outer
# Root folders as others keep them: directories that the caller may not enter, files of another group, and the host's own root;
# and folders that an image is unpacked into although nothing can be renamed to them.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

# The host's own root is an image like another, and the way back to it is closed.
as=
mkdir place
if [ "$(id -u)" = 0 ]; then
	chmod 755 .
	make_ranger sandbox-rootfs 2500000
	chown sandbox-rootfs: place
	as=./as_ranger
fi
here='[ "$(stat -c %d:%i /..)" = "$(stat -c %d:%i /)" ] && [ "$(grep -c " / " /proc/mounts)" = 1 ] && echo up'
for option in '' --keep-id --read-only; do
	run $as sandbox run $option / sh -c "$here"
	is "$RC:$OUT" 0:up "the host's root $option" || tell "$ERR"
done
run $as sandbox run / sh -c 'touch /etc/made-by-sandbox; rm -f /bin/true'
[ -e /bin/true ] && [ ! -e /etc/made-by-sandbox ]
ok $? '... is not written to' || rm -f /etc/made-by-sandbox

# listing DIR: all but the times of directories
listing() {
	(cd "$1" && find . -printf '%P %y %m %l\n' | LC_ALL=C sort)
}
$as mkdir -p place/here place/mounted place/shut/in
image=$IMAGES/docker.tar
$as sandbox unpack "$image" place/wanted
printf '#!/bin/sh\ncd "$1" && shift && exec "$@"\n' >at
chmod 755 at
for into in . ./ ./. ../here "$PWD/place/here"; do
	gives "unpack into $into" 0 '' $as "$PWD/at" place/here sandbox unpack "$image" "$into"
	is "$(listing place/here)" "$(listing place/wanted)" '... gives the tree'
	find place/here -mindepth 1 -delete
done
touch place/here/file
for into in . ../here; do
	fails "unpack into $into, which is not empty" 125 'Directory not empty' $as "$PWD/at" place/here sandbox unpack "$image" $into
done
is "$(ls -A place/here)" file '... leaves it as it was'
chmod 555 place/shut
gives 'unpack below a folder that is read-only' 0 '' $as sandbox unpack "$image" place/shut/in
is "$(listing place/shut/in)" "$(listing place/wanted)" '... gives the tree'
cat >mounted <<'END'
#!/bin/sh
cd place && mount -t tmpfs none mounted && sandbox unpack "$1" mounted && ls mounted
END
chmod 755 mounted
gives 'unpack into a mount point' 0 "$(ls place/wanted)" $as unshare -Urm "$PWD/mounted" "$image"

# The root of a disk may be another user's: it keeps its mode, and that is all.
if [ "$(id -u)" = 0 ]; then
	mount -t tmpfs -o mode=1777 none place/mounted
	gives 'unpack onto a disk whose root another user owns' 0 '' $as sandbox unpack "$image" place/mounted
	is "$(stat -c %a place/mounted) $(listing place/mounted | tail -n +2)" "1777 $(listing place/wanted | tail -n +2)" '... gives the tree'
	umount place/mounted
fi

[ "$(id -u)" = 0 ] || skip_all 'only root can give files to others'
groupadd -f sandbox-second
usermod -aG sandbox-second sandbox-rootfs
trap 'wait_for 20 userdel sandbox-rootfs; groupdel sandbox-second; rm -rf "$WORK"' EXIT

# A folder of a site, unpacked with its owners
cp -R "$IMAGES/rootfs" site
mkdir -p site/root site/home site/tmp site/var/tmp
echo secret >site/root/secret
chown -R 1:1 site
for dir in root home tmp var var/tmp; do
	chmod 700 site/$dir
	gives "/$dir is 0700" 0 up $as sandbox run ./site echo up
	gives "/$dir is 0700, --keep-id" 0 up $as sandbox run --keep-id ./site echo up
	chmod 755 site/$dir
done
chmod 700 site/root
run $as sandbox run ./site cat /root/secret
like "$RC:$OUT:$ERR" '^1::.*Permission denied' 'what the caller may not enter stays closed'
fails 'a mount in there is refused by its path' 125 '/root/data.*Permission denied' $as sandbox run -v /etc:/root/data ./site true
fails '... and so is a working directory' 125 'working directory /root/data: Permission denied' $as sandbox run -w /root/data ./site true
ln -s /usr/share/zoneinfo/Etc/UTC site/etc/localtime
gives 'a file on a link to nothing' 0 root $as sandbox run -v /etc/group:/etc/localtime ./site sh -c 'head -n 1 /etc/localtime | cut -d: -f1'
gives 'mounts elsewhere are made' 0 up $as sandbox run -v /etc:/usr/new/dir ./site echo up

# A folder of one's own that belongs to a project's group
cp -R "$IMAGES/rootfs" project
chown -R sandbox-rootfs:sandbox-second project
run $as sandbox run ./project sh -c 'echo >/tmp/made && echo up'
like "$RC:$OUT:$ERR" '^0:up:sandbox: the image belongs to another user or group: .*--writable-copy' "a project's group: a note"
gives '... a copy can be changed' 0 root $as sandbox run --writable-copy ./project sh -c 'rm /bin/ls; echo >>/etc/passwd && stat -c %G /etc/passwd'
[ -e project/bin/ls ]
ok $? '... and the folder stays'
gives '... as the group it can be changed' 0 up $as sg sandbox-second -c 'sandbox run ./project sh -c "rm /bin/ls; echo >>/etc/passwd && echo up"'
done_testing
