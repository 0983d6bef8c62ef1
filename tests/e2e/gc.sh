#!/bin/sh
# modes: user
# images tells when an image was used; gc removes what nobody needs, and nothing that somebody does.
# It removes what is the own user's, whoever that is.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

deny=$HELPERS/deny
long=60
# age NAME DAYS: the image was unpacked, and last used, so long ago
age() {
	folder=$STORE/images/$(sandbox images --json | python3 -c '
import json, sys
print([i["id"] for i in json.load(sys.stdin) if sys.argv[1] in i["names"]][0])' "$1")
	touch -d "$2 days ago" "$folder/lock"
	sed -i "s/\"unpacked\":[0-9]*/\"unpacked\":$(($(date +%s) - $2 * 86400))/" "$folder/record.json"
}
has() {
	sandbox images | grep -q "^$1 "
}
# fact NAME KEY: what images --json says
fact() {
	sandbox images --json | python3 -c '
import json, sys
print([i[sys.argv[2]] for i in json.load(sys.stdin) if sys.argv[1] in i["names"]][0])' "$1" "$2"
}
# live NAME IMAGE: a run in the background that goes on
live() {
	sandbox run -d --name "$1" "$2" sleep $long >/dev/null
}

for image in docker busybox config; do
	sandbox run --entrypoint true "$IMAGES/$image.tar"
done

# images
run sandbox images
like "$OUT" '^NAME +ID +SIZE +CREATED +USED' 'images has a heading'
like "$OUT" '^test:1 +[0-9a-f]{12} +[0-9.]+ MB +1970-01-01T00:00:00Z +20[0-9-]{8}T[0-9:]{8}Z$' 'name, id, size, created, used'
is "$(fact test:1 created)" '1970-01-01T00:00:00Z' 'images --json: created'
is "$(fact test:1 store)" "$STORE" 'images --json: store'
age test:1 50
is "$(fact test:1 used | cut -c1-10)" "$(date -u -d '50 days ago' +%F)" 'used: as long ago as the last run'
sandbox run test:1 true
is "$(fact test:1 used | cut -c1-10)" "$(date -u +%F)" 'a run is a use'
folder=$STORE/images/$(fact test:1 id)
touch -d '30 seconds ago' "$folder/lock"
before=$(stat -c %Y "$folder/lock")
sandbox run test:1 true
is "$(stat -c %Y "$folder/lock")" "$before" 'one a moment later writes nothing'
age test:1 50
before=$(stat -c %Y "$folder/lock")
gives 'where that cannot be written the run goes on' 0 x "$deny" utimensat=EROFS -- sandbox run test:1 echo x
is "$(stat -c %Y "$folder/lock")" "$before" '... and it was not written'

# Without an option: what is left over, and what has no name
gives 'nothing to do' 0 'freed 0 B' sandbox gc
python3 - "$IMAGES/classic.tar" anonymous.tar <<-'EOF'
	import io, json, sys, tarfile
	# the same image with another config and no name
	with tarfile.open(sys.argv[1]) as old, tarfile.open(sys.argv[2], "w") as new:
	    for m in old:
	        data = old.extractfile(m).read() if m.isreg() else b""
	        if m.name == "manifest.json":
	            manifest = json.loads(data)
	            config = json.loads(old.extractfile(manifest[0]["Config"]).read())
	            config["author"] = "nobody"
	            text = json.dumps(config).encode()
	            manifest[0].update(Config="anonymous.json", RepoTags=None)
	            c = tarfile.TarInfo("anonymous.json")
	            c.size = len(text)
	            new.addfile(c, io.BytesIO(text))
	            data = json.dumps(manifest).encode()
	            m.size = len(data)
	        new.addfile(m, io.BytesIO(data))
EOF
sandbox run anonymous.tar true
like "$(sandbox images)" '^- ' 'an image without a name'
mkdir "$STORE/staging/new-dead"
echo "$(uname -n)" >"$STORE/staging/new-dead/lock"
head -c 100000 /dev/urandom >"$STORE/staging/new-dead/data"
echo 1111111111111111111111111111111111111111111111111111111111111111 >"$STORE/refs/lost:1"
echo 1111111111111111111111111111111111111111111111111111111111111111 >"$STORE/sources/1-2-3"
echo '{"id":"123456789abc","pid":1}' >"$STORE/runs/dead@$(uname -n | tr -c 'A-Za-z0-9.\n-' _)"
find "$STORE" | sort >before
run sandbox gc --dry-run
like "$RC:$OUT" '^0:would remove leftover of a process that was ended: new-dead, 1[0-9][0-9]\.[0-9] kB$' '--dry-run: a half-unpacked image'
like "$OUT" '^would remove image - [0-9a-f]{12}, 2\.0 MB, last used 20' '... an image without a name'
like "$OUT" '^would remove name without an image: lost:1$' '... a name'
like "$OUT" '^would remove record of a file whose image is gone: 1-2-3$' '... a record of a file'
like "$OUT" '^would remove entries of runs that have ended: 1$' '... a dead run'
like "$OUT" '^would free 2\.1 MB$' '... and the sum'
find "$STORE" | sort >after
is "$(diff before after)" '' '... but removes nothing'
run sandbox gc
like "$RC:$OUT" '^freed 2\.1 MB$' 'gc frees as much'
unlike "$(sandbox images)" '^- ' 'the image without a name is gone'
is "$(ls -A "$STORE/staging" "$STORE/runs" | grep -v :)" '' 'so are the leftovers'
is "$(ls "$STORE/refs")" "$(printf 'busybox:latest\nconfig:1\ntest:1')" 'and the name'
has test:1 && has busybox:latest
ok $? 'images with a name stay'
mkdir "$STORE/images/2222222222222222222222222222222222222222222222222222222222222222"
run sandbox gc
like "$OUT" '^removed damaged image: 2222' 'an image that was never whole'

# By age
age test:1 40
age busybox:latest 20
run sandbox gc --older-than 30d
like "$OUT" '^removed image test:1 ' '--older-than: an image that was not used for long'
has busybox:latest && ! has test:1
ok $? 'and no other'
run sandbox gc --older-than 4w
is "$OUT" 'freed 0 B' 'weeks'
run sandbox gc --older-than 479h --dry-run
like "$OUT" '^would remove image busybox:latest ' 'hours'
for bad in 30 d -1d 3y 1d1h ''; do
	fails "--older-than '$bad'" 125 'not an age' sandbox gc --older-than "$bad"
done

# By size: the least recently used first
sandbox run "$IMAGES/docker.tar" true
age test:1 3
age busybox:latest 2
age config:1 1
run sandbox gc --max-size 4M
like "$OUT" '^removed image test:1 ' '--max-size: the least recently used'
is "$(sandbox images | awk 'NR > 1 { print $1 }' | sort)" "$(printf 'busybox:latest\nconfig:1')" 'and only as many as it takes'
run sandbox gc --max-size 100G
is "$OUT" 'freed 0 B' 'there is room'
fails 'a size that is none' 125 'not a size' sandbox gc --max-size much

# What is in use stays
sandbox run "$IMAGES/docker.tar" true
live one test:1
age test:1 90
run sandbox gc --max-size 0 --older-than 1d
like "$ERR" '^sandbox: not removed: test:1 .* in use' 'an image that runs stays, and gc says so'
is "$(sandbox images | awk 'NR > 1 { print $1 }')" test:1 'all others are gone'
run "$deny" flock=ENOLCK -- sandbox gc --max-size 0
like "$ERR" '^sandbox: not removed: test:1 .* in use by the run one' 'also where the file system has no locks'
fails 'rm neither' 125 'in use by the run one' "$deny" flock=ENOLCK -- sandbox rm test:1
fails 'nor with locks' 125 'image [0-9a-f]{12}: in use by the run one \(`sandbox stop one` ends it\)$' sandbox rm test:1
fails 'of several none where one cannot be found' 125 'nosuch' sandbox rm test:1 nosuch
mkfifo held
sandbox save test:1 >held &
exec 8<held
fails 'nor while it is saved: the process is named' 125 'in use by the run one|in use by process' sandbox rm test:1
sandbox kill one >/dev/null && sandbox wait one >/dev/null 2>&1
wait_for 5 sh -c '! sandbox ps | grep one'
fails '... and no other uses it' 125 "image [0-9a-f]{12}: in use by process $!\$" sandbox rm test:1
exec 8<&-
wait
live one test:1
gives 'and it is whole' 0 x sandbox run test:1 echo x
sandbox kill one >/dev/null

# A run of another machine that shares the store
id=$(fact test:1 id)
echo "{\"id\":\"123456789abc\",\"image\":\"$id\",\"pid\":1}" >"$STORE/runs/job@other-node"
age test:1 90
run sandbox gc --max-size 0
like "$ERR" 'in use by the run job on other-node' 'a run of another machine counts'
fails 'rm says what to do if that is gone' 125 'remove runs/job@other-node' sandbox rm test:1
touch -d '8 days ago' "$STORE/runs/job@other-node"
run sandbox gc --max-size 0
like "$OUT" '^removed image test:1' 'for a week'
rm "$STORE/runs/job@other-node"

# What was written with --writable needs its image, and a run that is just starting has no entry yet
sandbox run --writable kept "$IMAGES/docker.tar" touch /kept
age test:1 90
run sandbox gc --older-than 1d
like "$ERR" 'not removed: test:1 .*--writable' 'the image of a --writable stays'
sandbox rm --writable kept
touch "$STORE/images/$id/lock"
run "$deny" flock=ENOLCK -- sandbox gc --max-size 0
like "$ERR" 'may just be starting' 'without locks one that was used just now stays'
run sandbox gc --max-size 0
like "$OUT" '^freed 2\.0 MB$' 'then it goes'
is "$(cd "$STORE" && find images refs sources staging -type f)" '' 'and nothing is left in the store'
done_testing
