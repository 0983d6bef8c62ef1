#!/bin/sh
# Stores that are only read: searched before one's own, also those of another user, and never written to.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

site=$WORK/site
chmod 755 "$WORK"
gives 'load --shared' 0 'Loaded image: test:1' sandbox --store "$site" load --shared "$IMAGES/docker.tar"
is "$(find "$site" -mindepth 1 -maxdepth 1 ! -perm -055 -printf '%f\n' | sort)" "$(printf 'runs\nstaging')" 'all can read it, but what is its owner'"'"'s business'
is "$(find "$site/images" ! -type l ! -perm -044)" '' 'and every file of the image'
is "$(find "$site/images" -perm /6000)" '' 'no file in it has setuid or setgid'
run sandbox --store "$site" verify test:1
is "$RC" 0 'that is not a difference'
cp "$IMAGES/rootfs.tar" setuid.tar
mkdir -p add/bin
cp "$IMAGES/rootfs/bin/busybox" add/bin/suid
chmod 6750 add/bin/suid
tar -rf setuid.tar -C add bin/suid
sandbox --store "$site" load --shared setuid.tar >/dev/null
is "$(find "$site/images" -name suid -printf '%m\n')" 755 'also where the image has one'
sandbox --store "$WORK/private" load "$IMAGES/docker.tar" >/dev/null
fails 'an image that was not unpacked for others' 125 'for its owner only' sandbox --store "$WORK/private" load --shared "$IMAGES/docker.tar"
sandbox --store "$site" load "$IMAGES/config.tar" >/dev/null
id=$(sandbox inspect "$IMAGES/config.tar" | awk '$1 == "id" { print $2 }')
is "$(stat -c %a "$site/images/$id" "$site/refs/config:1" | paste -sd' ')" '700 600' 'without --shared it stays private'
sandbox --store "$site" rm config:1

# A name that was mistyped makes no store, unless a file is to be put there
for verb in images ps 'rm a' 'tag a b' 'gc --dry-run' 'verify a' 'exec a true' 'logs a' 'stop a' writable 'save -o x a' 'cp a:/x y'; do
	# shellcheck disable=SC2086 # words
	fails "--store of no store: $verb" 125 '--store typo: No such file or directory' sandbox --store typo $verb
done
[ ! -e typo ]
ok $? '... and none is made'
run env SANDBOX_STORE="$WORK/later" sandbox images
is "$RC:$ERR" 0: 'the variable may name one that is made later'

# From here on the reader is another user, where the script can be that
mkdir reader
if [ "$MODE" = root ]; then
	chown "$TEST_USER:" reader
fi
cat >as_reader <<-EOF
	#!/bin/sh
	[ "$MODE" != root ] || set -- setpriv --reuid=$TEST_USER --regid=$(id -g "$TEST_USER") --init-groups "\$@"
	HOME=$WORK/reader SANDBOX_STORES=\${STORES-$site} exec "\$@"
EOF
chmod 755 as_reader
own=$WORK/reader/.local/share/sandbox
find "$site" -printf '%p %i %m %u %T@ %C@\n' | sort >before

gives 'run by name' 0 x ./as_reader sandbox run test:1 echo x
gives 'run by the tarball' 0 x ./as_reader sandbox run "$IMAGES/docker.tar" echo x
gives 'run by another tarball of the same image' 0 x ./as_reader sandbox run "$IMAGES/oci.tar" echo x
is "$(ls -A "$own/images")" '' 'nothing was unpacked'
id=$(ls "$site/images" | while read -r i; do [ ! -e "$site/images/$i/rootfs/etc/marker" ] || echo "$i"; done)
gives 'run by the start of its id' 0 x ./as_reader sandbox run "$(echo "$id" | cut -c1-12)" echo x
gives 'files can be made where programs make them' 0 ok ./as_reader sandbox run test:1 sh -c 'mkdir /new && echo x >/tmp/x && echo x >/root/x && rm /tmp/x && echo ok'
run ./as_reader sandbox images
like "$OUT" "^test:1 +$(echo "$id" | cut -c1-12) .*  $site$" 'images tells the store'
like "$OUT" '^NAME .* STORE$' 'in a column of its own'
run ./as_reader sandbox images --json
is "$(printf '%s' "$OUT" | python3 -c 'import json, sys; print([i["shared"] for i in json.load(sys.stdin)])')" '[True, True]' 'and in JSON'
run ./as_reader sandbox inspect test:1
like "$RC:$OUT" 'name +test:1' 'inspect'
run ./as_reader sandbox verify test:1
is "$RC:$ERR" 0: 'verify'
gives 'save' 0 '' ./as_reader sandbox save -o "$WORK/reader/saved.tar" test:1
gives 'its runs are in the own store' 0 '' ./as_reader sh -c 'sandbox run -d --name mine test:1 sleep 60 >/dev/null && sandbox ps | grep -q " mine " && sandbox exec mine true && sandbox kill mine >/dev/null'
gives '--writable' 0 '' ./as_reader sandbox run --writable w test:1 sh -c 'echo kept >/tmp/kept'
gives '--writable again' 0 kept ./as_reader sandbox run --writable w test:1 cat /tmp/kept
fails 'rm' 125 'test:1' ./as_reader sandbox rm test:1
fails 'tag' 125 'only read' ./as_reader sandbox tag test:1 mine
./as_reader sandbox gc --max-size 0 >/dev/null
find "$site" -printf '%p %i %m %u %T@ %C@\n' | sort >after
is "$(diff before after)" '' 'nothing was written there'
if [ "$MODE" = root ]; then
	fails 'as one'"'"'s own store another user'"'"'s is refused' 125 'belongs to another user.*SANDBOX_STORES' ./as_reader sandbox --store "$site" images
fi

# Several: in the order they are named, one's own last
second=$WORK/second
sandbox --store "$second" load --shared "$IMAGES/busybox.tar" >/dev/null
sandbox --store "$second" tag busybox test:1
gives 'the first that has the name' 0 'second layer' ./as_reader sandbox run test:1 cat /etc/marker
run env STORES="$second:$site" ./as_reader sandbox run test:1 cat /etc/marker
like "$RC:$ERR" '^1:' 'in the order they are named'
gives '--store before SANDBOX_STORES' 1 '' ./as_reader sandbox --store "$second" --store "$own" run test:1 test -e /etc/marker
gives 'the last --store is one'"'"'s own' 0 x env STORES= ./as_reader sandbox --store "$site" --store "$WORK/reader/own" run test:1 echo x
[ -d "$WORK/reader/own/runs" ] && [ -z "$(ls -A "$WORK/reader/own/images")" ]
ok $? 'it was made, and nothing unpacked'
gives 'an image that none has goes there' 0 'entry x' env STORES= ./as_reader sandbox --store "$site" --store "$WORK/reader/own" run "$IMAGES/config.tar" x
is "$(ls "$WORK/reader/own/images" | wc -l)" 1 'one image'
run env STORES="$WORK/nosuch:$site" ./as_reader sandbox run test:1 echo x
is "$RC:$OUT" 0:x 'a store of SANDBOX_STORES that is not there is left out'
like "$ERR" '^sandbox: SANDBOX_STORES: left out: .*nosuch' 'with a note'
fails 'one of --store that is not there is an error' 125 'nosuch' ./as_reader sandbox --store "$WORK/nosuch" --store "$own" run test:1 true
gives 'the own store may be listed, too' 0 x env STORES="$own:$site" ./as_reader sandbox run test:1 echo x
is "$(STORES="$site:$own:$site" ./as_reader sandbox images | grep -c '^test:1 ')" 1 'and one may be listed twice'

# One that cannot be written at all, as on a mount that is read-only
if [ "$MODE" != nested ]; then
	run ./as_reader unshare -Urm sh -c "mount --bind '$site' '$site' && mount -o remount,bind,ro '$site' && exec sandbox run test:1 echo x"
	is "$RC:$OUT:$ERR" 0:x: 'a read-only mount'
fi

# A store that lies: links instead of parts, a record for another image
evil=$WORK/evil
mkdir -p "$evil/images" "$evil/refs"
echo "$id" >"$evil/refs/test:1"
ln -s "$site/images/$id" "$evil/images/$id"
run env STORES="$evil" ./as_reader sandbox run test:1 true
like "$RC:$ERR" '^125:.*image' 'a link in place of an image is not followed'
rm "$evil/images/$id"
mkdir -p "$evil/images/$id"
ln -s / "$evil/images/$id/rootfs"
cp "$site/images/$id/"*.json "$evil/images/$id/"
run env STORES="$evil" ./as_reader sandbox run test:1 cat /etc/hostname
like "$RC:$ERR" '^125:' 'nor one in place of its root'
done_testing
