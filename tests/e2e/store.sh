#!/bin/sh
# The store: unpacked once, found by name and digest, listed and removed; unpack and inspect.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

# What would change if an image were unpacked again.
snapshot() {
	find "$STORE/images" -printf '%p %i %C@\n' | sort
}

cp "$IMAGES/docker.tar" image.tar
gives 'the first run' 0 one sandbox run image.tar echo one
is "$(stat -c %a "$STORE")" 700 'the store is for its owner only'
snapshot >before
gives 'the second run' 0 two sandbox run image.tar echo two
snapshot >after
is "$(diff before after)" '' 'does not unpack again'
gives 'the same image in another format' 0 three sandbox run "$IMAGES/classic.tar" sh -c 'echo three'
store_is_clean
ok $? 'nothing is left in staging and runs'

gives 'by its name' 0 named sandbox run test:1 echo named
run sandbox images
like "$OUT" '(^|[[:space:]])test(:|[[:space:]]+)1([[:space:]]|$)' 'images lists the name'
id=$(tar -xOf image.tar manifest.json | grep -o '"Config":"blobs/sha256/[0-9a-f]*' | sed 's,.*/,,')
like "$OUT" "$(echo "$id" | cut -c1-12)" 'and the id'
gives 'by the beginning of its digest' 0 found sandbox run "$(echo "$id" | cut -c1-12)" echo found
gives 'by the whole digest' 0 found sandbox run "sha256:$id" echo found
fails 'a name that is not there' 125 'nosuch' sandbox run nosuch:1 true

cp "$IMAGES/busybox.tar" other.tar
gives 'another image' 0 other sandbox run other.tar echo other
gives 'the tag latest can be left out' 0 found sandbox run busybox echo found

# A tarball that was replaced is another image.
cp "$IMAGES/config.tar" image.tar
gives 'a file that has changed is read again' 0 'entry again' sandbox run image.tar again

run sandbox rm test:1
is "$RC:$ERR" 0: 'rm by name'
fails 'it is gone' 125 'test:1' sandbox run test:1 true
run sandbox images
unlike "$OUT" "$(echo "$id" | cut -c1-12)" 'and no longer listed'
[ ! -e "$STORE/images/$id" ]
ok $? 'and its directory is gone'
gives 'the file brings it back' 0 back sandbox run "$IMAGES/docker.tar" echo back
fails 'rm of a name that is not there' 125 'nosuch' sandbox rm nosuch

# Two runs that come first at the same time.
rm -rf "$STORE"
for i in 1 2 3 4; do
	sandbox run "$IMAGES/docker.tar" echo together >"out.$i" 2>"err.$i" &
done
wait
is "$(cat out.1 out.2 out.3 out.4)" 'together
together
together
together' 'four first runs at once'
is "$(find "$STORE/images" -mindepth 1 -maxdepth 1 | wc -l)" 1 'make one image'
store_is_clean
ok $? 'and leave nothing besides'

gives '--store' 0 elsewhere sandbox --store "$WORK/elsewhere" run "$IMAGES/docker.tar" echo elsewhere
[ -d "$WORK/elsewhere/images/$id" ]
ok $? 'the image is there'
gives 'SANDBOX_STORE' 0 x env SANDBOX_STORE="$WORK/by-environment" sandbox run "$IMAGES/docker.tar" echo x
[ -d "$WORK/by-environment/images/$id" ]
ok $? 'the image is there too'

gives 'unpack' 0 '' sandbox unpack "$IMAGES/docker.tar" tree
is "$(cat tree/etc/marker; ls tree/home; readlink tree/bin/sh)" 'second layer
new
/bin/busybox' 'the directory holds the files of the image'
fails 'unpack onto something' 125 'tree' sandbox unpack "$IMAGES/docker.tar" tree

run sandbox inspect "$IMAGES/config.tar"
is "$RC:$ERR" 0: 'inspect'
for text in config:1 linux 'amd64|arm64' 'bin/echo' 'FROM_IMAGE=yes' '/var/made/by/workdir' guest; do
	like "$OUT" "$text" "tells $text"
done
run sandbox inspect --json "$IMAGES/config.tar"
is "$(printf '%s' "$OUT" | python3 -c 'import json, sys; print(type(json.load(sys.stdin)).__name__)' 2>&1)" dict 'inspect --json is JSON'

run sandbox --version
like "$RC:$OUT" '^0:sandbox [0-9]+\.[0-9]' '--version'
for verb in '' run unpack inspect images rm; do
	# shellcheck disable=SC2086 # no verb is no argument
	run sandbox help $verb
	like "$RC:$OUT" "0:.*" "help $verb"
	like "$OUT" "sandbox ${verb:-run}" "help $verb tells how it is used"
done
done_testing
