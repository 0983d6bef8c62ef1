#!/bin/sh
# modes: user
# What installs packages and changes owners as root works with one id: dpkg, apt-get, tar, nginx, in the Debian example.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

[ -n "${STAGE:-}" ] || skip_all 'tests/run.sh starts this, with the examples being made'
wait_for 560 test -e "$STAGE/examples/debian.status" && [ "$(cat "$STAGE/examples/debian.status")" = 0 ]
ok $? 'the Debian example is made' || done_testing
image=$STAGE/examples/debian.tar

# A package whose files have owners, made here: it needs no network.
mkdir -p pkg/DEBIAN pkg/usr/bin pkg/var/lib/owned
cat >pkg/DEBIAN/control <<'END'
Package: owned
Version: 1
Architecture: all
Maintainer: nobody <nobody@example.org>
Description: a file of another user
END
cat >pkg/DEBIAN/postinst <<'END'
#!/bin/sh
set -e
chown -R www-data:www-data /var/lib/owned
chown root:staff /usr/bin/owned
chmod 2755 /usr/bin/owned
su -s /bin/sh -c 'echo by another user >/var/lib/owned/file' nobody
END
printf '#!/bin/sh\necho installed\n' >pkg/usr/bin/owned
chmod 755 pkg/DEBIAN/postinst pkg/usr/bin/owned
gives 'dpkg-deb makes a package' 0 '' sandbox run -q -v "$PWD:/w" "$image" sh -c 'dpkg-deb --root-owner-group -b /w/pkg /w/owned.deb >/dev/null'
gives 'dpkg -i' 0 'installed
by another user' sandbox run -v "$PWD:/w" "$image" sh -c 'dpkg -i /w/owned.deb >/dev/null && owned && cat /var/lib/owned/file'
run sandbox run -v "$PWD:/w" "$image" sh -c 'apt-get install -y /w/owned.deb >/tmp/log 2>&1 || cat /tmp/log; owned; apt-get remove -y owned >/tmp/log 2>&1 || cat /tmp/log; owned'
like "$OUT:$RC" '^installed:127$' 'apt-get install ./x.deb, and remove' || tell "$ERR"
unlike "$OUT" '^[WE]:' 'without warnings or errors of apt'
run sandbox run --emulate=none -v "$PWD:/w" "$image" dpkg -i /w/owned.deb
[ "$RC" != 0 ]
ok $? 'which is the work of --emulate=basic: without it dpkg fails'

# GNU tar as root restores owners, and goes on
mkdir -p tree/dir
echo text >tree/dir/file
ln -s file tree/dir/link
tar -C tree --owner=4711 --group=815 --numeric-owner -cf owned.tar .
gives 'GNU tar -x as root' 0 'text' sandbox run -v "$PWD/owned.tar:/owned.tar" "$image" \
	sh -c 'mkdir /x && tar -C /x --same-owner -xf /owned.tar && cat /x/dir/file'
gives 'cp -a, install -o, chgrp' 0 '' sandbox run "$image" sh -c 'cp -a /etc /e && install -o nobody -g staff /etc/passwd /p && chgrp -R mail /e'
gives 'useradd and su' 0 made sandbox run "$image" sh -c 'useradd -m someone && su someone -c "echo made"'

# From the mirror that the example was made from
run sandbox run --writable nginx "$image" sh -c 'apt-get update && apt-get install -y --no-install-recommends nginx-light'
if [ "$RC" != 0 ] && printf '%s\n' "$OUT$ERR" | grep -Eq 'Could not (resolve|connect)|Temporary failure|Unable to locate|Failed to fetch'; then
	skip 'nginx' 'no package mirror can be reached'
	done_testing
fi
is "$RC" 0 'apt-get update and install from a mirror' || tell "$(printf '%s\n' "$OUT$ERR" | tail -n 20)"
unlike "$OUT
$ERR" '^(W|E): ' 'without warnings or errors of apt'
like "$(sandbox run --network none --writable nginx "$image" sh -c '
	nginx
	perl -MIO::Socket::INET -e '"'"'
		for (1 .. 50) {
			last if $s = IO::Socket::INET->new("127.0.0.1:80");
			select(undef, undef, undef, 0.1);
		}
		print $s "GET / HTTP/1.0\r\n\r\n";
		print while <$s>'"'"'
	nginx -s stop' 2>&1)" 'Welcome to nginx' 'nginx with its workers of another user'
gives 'and all of it goes again' 0 '' sandbox rm --writable nginx
done_testing
