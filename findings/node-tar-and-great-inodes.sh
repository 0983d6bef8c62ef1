#!/bin/sh
# node-tar 6.1.13 (what npm packs with) and Node 18.20.4 (Debian 12): where inode numbers are greater than 2^53, different files become one.
# Node's stat gives st_ino as a double.  node-tar knows hard links by it, so each file with more than one link becomes a link to the first
# such file that it meets whose number rounds alike.  Status 0, nothing said.  An overlay with xino=on (the kernel's default with
# CONFIG_OVERLAY_FS_XINO_AUTO) sets bit 63 of the numbers of lower files; Python and GNU tar are right there.
# Seen: files f1, f2 and f3 with a second link each, "1", "2" and "3" in them: all six come out with "1".
. "$(dirname "$0")/lib.sh"
packages nodejs=18.20.4+dfsg-1~deb12u2 libnode108=18.20.4+dfsg-1~deb12u2 node-tar=6.1.13+~cs7.0.5-1 libuv1=1.44.2-1+deb12u1 \
	node-minipass=3.3.6+~cs9.4.19-1+deb12u1 libbrotli1=1.0.9-2+deb12u1 libc-ares2=1.18.1-3 libicu72=72.1-3+deb12u1 \
	libnghttp2-14=1.52.0-1+deb12u3 libssl3=3.0.22-1~deb12u2 zlib1g=1:1.2.13.dfsg-1 node-acorn=8.8.1+ds+~cs25.17.7-2 \
	node-cjs-module-lexer=1.2.2+dfsg-5 node-undici=5.15.0+dfsg1+~cs20.10.9.3-1+deb12u4 node-chownr=2.0.0-2 \
	node-mkdirp=1.0.4+~1.0.2-4 node-safe-buffer=5.2.1+~cs2.1.2-3 node-yallist=4.0.0+~4.0.1-1 tar=1.34+dfsg-1.2+deb12u1

cat >inside.sh <<'EOF'
mount -t tmpfs t m && mkdir m/upper m/work m/root || exit 77
mount -t overlay o -o "lowerdir=lower,upperdir=m/upper,workdir=m/work,userxattr,$1" m/root || exit 77
# Debian's node has this path built in.
mount -t tmpfs t /usr/share && mkdir /usr/share/nodejs && mount --bind root/usr/share/nodejs /usr/share/nodejs || exit 77
node -e "require('/usr/share/nodejs/tar').c({sync: true, file: 'node.tar', cwd: process.cwd() + '/m/root'}, ['.'])"
tar -C m/root -cf gnu.tar .
EOF
mkdir lower m
for n in 1 2 3; do
	echo $n >lower/f$n
	ln lower/f$n lower/g$n
done
# contents OPTION ARCHIVE: what is in f1 f2 f3 g1 g2 g3
contents() {
	unshare -rm sh inside.sh "$1" >said 2>&1 || { cat said >&2 && exit 77; }
	rm -rf out
	mkdir out
	tar -C out -xf "$2"
	cat out/* | paste -sd ' '
}
seen 'node-tar, xino=off' '1 2 3 1 2 3' "$(contents xino=off node.tar)"
seen 'node-tar, xino=on' '1 1 1 1 1 1' "$(contents xino=on node.tar)"
seen 'GNU tar, xino=on' '1 2 3 1 2 3' "$(contents xino=on gnu.tar)"
done_here
