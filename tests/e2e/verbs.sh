#!/bin/sh
# verbs: what Docker's users look for: unpack a stored image, rename, top, stats, logs; cp and commit have their own.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

image=$IMAGES/docker.tar
runs=$STORE/runs
sandbox load "$image" >/dev/null

# unpack an image of the store: what unpacking the file gives
sandbox unpack "$image" from-file
gives 'unpack NAME DIR' 0 '' sandbox unpack test:1 from-store
listing() {
	(cd "$1" && find . ! -type d -printf '%P %y %m %n %s %T@ %l\n' -o -printf '%P %y %m\n' | LC_ALL=C sort)
}
is "$(listing from-store)" "$(listing from-file)" 'is the tree that unpacking the file gives'
[ "$(ls -i from-store/bin/busybox | cut -d' ' -f1)" != "$(ls -i "$STORE"/images/*/rootfs/bin/busybox | cut -d' ' -f1)" ]
ok $? 'and none of the files of the store'
fails 'a folder that is not empty' 125 'from-store: Directory not empty' sandbox unpack test:1 from-store
fails 'no such image' 125 'nosuch: neither' sandbox unpack nosuch dir
[ ! -e dir ] && [ -z "$(find . -maxdepth 1 -name '.sandbox*')" ]
ok $? 'nothing is left beside it'
fails 'a missing path makes no store' 125 'none.tar: No such file' sandbox --store new unpack ./none.tar dir
[ ! -e new ]
ok $? 'indeed'

# What DIR may be: an empty folder however it is called, and what is wrong is said before anything is unpacked.
mkdir into links
ln -s ../into links/empty
ln -s ../from-file links/full
ln -s ../nowhere links/dangling
ln -s loop links/loop
ln -s ../verbs-file links/file
echo x >verbs-file
broken=$WORK/broken.tar
head -c 100000 "$image" >"$broken"
for from in test:1 "$image"; do
	for into in links/empty links/empty/ "$PWD/links/empty" into/. links/../into; do
		gives "unpack $(basename "$from") $into" 0 '' sandbox unpack "$from" "$into"
		is "$(ls into)" "$(ls from-file)" '... gives the tree'
		find into -mindepth 1 -delete
	done
	gives 'unpack into the working directory by its path' 0 '' sh -c 'cd into && sandbox unpack "$1" "$PWD" && [ -n "$(ls)" ]' sh "$from"
	find into -mindepth 1 -delete
	fails "no name" 125 'the name of the directory is empty: No such file' sandbox unpack "$from" ''
done
[ -h links/empty ]
ok $? 'a link stays a link'
for from in "$image" "$broken"; do
	fails 'a link to a folder that is not empty' 125 'links/full: Directory not empty' sandbox unpack "$from" links/full
	fails 'a folder that is not empty' 125 'from-file: Directory not empty' sandbox unpack "$from" from-file
	fails 'a link to nothing' 125 'links/dangling: what the link leads to: No such file' sandbox unpack "$from" links/dangling
	fails 'a link to itself' 125 'links/loop: what the link leads to: (Symbolic link loop|Too many)' sandbox unpack "$from" links/loop
	fails 'a link to a file' 125 'links/file: Not a directory' sandbox unpack "$from" links/file
	fails 'a file' 125 'verbs-file: Not a directory' sandbox unpack "$from" verbs-file
	fails 'a folder in one that is not there' 125 'gone: No such file' sandbox unpack "$from" gone/in
done
[ -z "$(find . -name '.sandbox*')" ] && [ ! -e nowhere ]
ok $? 'nothing is left anywhere'
mkdir closed && echo secret >closed/file && mkdir closed/bin && cp from-file/bin/busybox closed/bin/ && chmod 0 closed/file
if [ "$MODE" = root ]; then tar -cf closed.tar -C closed .; else unshare -Ur tar -cf closed.tar -C closed .; fi
sandbox load closed.tar#locked >/dev/null
if [ "$MODE" = user ]; then
	mkdir -p shut/empty own && chmod 555 shut own
	for from in test:1 "$image"; do
		fails 'unpack into a folder that the caller has protected' 125 'shut/new: Permission denied' sandbox unpack "$from" shut/new
		fails '... in its place' 125 'own: Permission denied' sandbox unpack "$from" own
	done
	gives 'an open folder in it' 0 '' sandbox unpack test:1 shut/empty
	is "$(ls shut):$(ls own)" empty: 'gets it, and nothing is left beside it'
fi
gives 'a file that its owner may not read' 0 '' sandbox unpack locked out
chmod 600 out/file
is "$(cat out/file)" secret 'is copied'

# names of plain tars, and what is not in the store
gives 'load --tag names a plain tar' 0 'Loaded image: mine:3' sandbox load --tag mine:3 "$IMAGES/rootfs.tar"
gives 'so does FILE#NAME' 0 'Loaded image: other:latest' sandbox load "$IMAGES/rootfs.tar#other"
gives 'it has that name' 0 x sandbox run mine:3 echo x
fails 'a name that is none' 125 'UPPER' sandbox load --tag UPPER: "$IMAGES/rootfs.tar"
fails 'tag FILE' 125 'docker.tar: is a file, not an image in the store.*sandbox load' sandbox tag "$image" x
fails 'tag FOLDER' 125 'from-file: is a folder, not an image in the store.*load --tag x -' sandbox tag ./from-file x
fails 'tag of nothing' 125 'nosuch: not in the store' sandbox tag nosuch x

# rename
start() {
	name=$1
	shift
	id=$(sandbox run -d --name "$name" test:1 sh -c "$@")
}
runner() {
	sandbox ps --json | python3 -c 'import json, sys; print([r["runner"] for r in json.load(sys.stdin) if r["name"] == sys.argv[1]][0])' "$1"
}
start one 'sleep 100'
start two 'sleep 100'
fails 'a name that a live run has' 125 'rename: two: another run has this name' sandbox rename one two
fails 'its own' 125 'rename: one: the run has this name' sandbox rename one one
fails 'no name' 125 'rename: a/b: must begin' sandbox rename one a/b
fails 'no run' 125 'none: no such run' sandbox rename none x
gives 'rename' 0 '' sandbox rename one first
like "$(sandbox ps)" ' first +test:1 ' 'ps shows the new name'
unlike "$(sandbox ps)" ' one +test:1 ' 'and not the old one'
gives 'exec finds it' 0 x sandbox exec first echo x
fails 'but not by the old one' 125 'one: no such run' sandbox exec one echo x
gives 'the old name is free' 0 x sandbox run --name one test:1 echo x
gives 'stop' 0 "$(printf 'first\ntwo')" sandbox stop -t 0 first two
like "$(sandbox wait first)" '^1(37|43)$' 'wait knows the status under the new name'
sandbox wait two >/dev/null
# a run in the foreground removes its entry, whatever its name is by then, and no other run's
mkfifo go
sandbox run --name fore test:1 cat <go &
exec 8>go
wait_for 10 sandbox exec fore true
gives 'rename one in the foreground' 0 '' sandbox rename fore renamed
start fore 'sleep 100' 8>&-
exec 8>&-
wait $!
is "$?:$(ls "$runs")" "0:$(cd "$runs" && echo fore@*)" 'it leaves the entry of the run that has its old name, and none of its own'
gives 'rename by id, in the way of an ended run' 0 '' sandbox rename "$id" renamed
sandbox kill renamed >/dev/null
sandbox wait renamed >/dev/null
id=$(sandbox run -d test:1 sleep 100)
gives 'a run without a name gets one' 0 '' sandbox rename "$id" named
like "$(sandbox ps)" "^$id +named " 'and keeps its id'
sandbox kill named >/dev/null
sandbox wait named >/dev/null

# top and stats: all processes of the run, those of exec as well, and no others
start busy 'while :; do :; done & exec sleep 4321'
sandbox exec busy sleep 4322 &
exec_pid=$!
has_all() {
	sandbox top busy | grep -q 'sleep 4321' && sandbox top busy | grep -q 'sleep 4322'
}
wait_for 10 has_all
ok $? 'top shows the command, and that of exec' || tell "$(sandbox top busy)"
is "$(sandbox top busy | sed -n '1p' | tr -s ' ')" 'UID PID PPID C STIME TTY TIME CMD' 'in the columns of ps -f'
is "$(sandbox top busy | wc -l)" 5 'with the loop and process 1, and nothing else' || tell "$(sandbox top busy)"
pids() {
	sandbox top --json busy | python3 -c 'import json, sys; print(*[p["pid"] for p in json.load(sys.stdin)], sep="\n")'
}
is "$(for p in $(pids); do readlink "/proc/$p/ns/pid" || readlink "/proc/$(cut -d' ' -f1 "/proc/$p/task/$p/children")/ns/pid"; done 2>/dev/null | sort -u | wc -l)" 1 'by the numbers of the host'
like "$(sandbox stats --no-stream)" "^$id +busy +[1-9][0-9]*\\.[0-9]+% +[0-9.]+ [kM]B +4$" 'stats of all runs'
is "$(sandbox stats --json busy | python3 -c 'import json, sys; r = json.load(sys.stdin); print(len(r), r[0]["name"], r[0]["processes"], r[0]["cpuPercent"] > 3, r[0]["bytes"] > 100000)')" '1 busy 4 True True' 'stats of one, as JSON'
fails 'top takes no options of ps' 125 'takes no options of ps' sandbox top busy aux
fails 'top of nothing' 125 'no such run' sandbox top nosuch
fails 'stats of nothing' 125 'no such run' sandbox stats nosuch
sandbox kill busy >/dev/null
wait $exec_pid 2>/dev/null
sandbox wait busy >/dev/null

# logs
start talk 'echo out; echo err >&2; printf "no end"; exec sleep 100'
log_has() {
	sandbox logs "$1" | grep -q "$2"
}
wait_for 10 log_has talk 'no end'
gives 'logs' 0 "$(printf 'out\nerr\nno end')" sandbox logs talk
gives '--tail' 0 "$(printf 'err\nno end')" sandbox logs --tail 2 talk
gives '-n more than there are' 0 "$(printf 'out\nerr\nno end')" sandbox logs -n 99 talk
gives '--tail 0' 0 '' sandbox logs --tail 0 talk
gives '--tail all' 0 "$(printf 'out\nerr\nno end')" sandbox logs --tail all talk
gives 'options may follow the name' 0 "$(printf 'err\nno end')" sandbox logs talk --tail 2
fails 'but not a --' 125 'needs one run' sandbox logs talk -- --tail
fails '--tail of no number' 125 'tail few' sandbox logs --tail few talk
sandbox logs -f --tail 1 talk >followed &
follower=$!
sandbox exec talk sh -c 'echo " from now" >/proc/2/fd/1'
wait_for 10 grep -q 'end from now' followed
ok $? '-f shows what comes'
sandbox kill talk >/dev/null
wait $follower
is $? 0 'and ends with the run'
gives 'the status' 0 137 sandbox wait talk
gives 'logs of a run that has ended' 0 'no end from now' sandbox logs -n 1 talk
first=$id
start talk 'exit 4'
is "$id" "$(ls "$runs" | sed -n 's/^talk@.*/'"$id/p")" 'the next run of that name has an id of its own'
gives '... the first is there by its id' 0 'no end from now' sandbox logs -n 1 "$first"
gives '... with its status' 0 137 sandbox wait "$first"
gives 'the next run of that name has none of it' 0 '' sandbox logs talk
wait_for 10 test "$(sandbox wait talk)" = 4
fails 'no run' 125 'no such run' sandbox logs nosuch
sandbox run --name fore test:1 cat <go &
exec 8>go
wait_for 10 sandbox exec fore true
fails 'a run in the foreground has no log' 125 'fore.*: was started without --detach|[0-9a-f]{12}: was started without' sandbox logs fore
exec 8>&-
wait $!
sandbox run -d --name file --log "$WORK/file.log" test:1 sh -c 'echo in a file' >/dev/null
wait_for 10 grep -q file file.log
gives 'with --log, from that file' 0 'in a file' sandbox logs file
sandbox wait file >/dev/null

# Words that are no verbs: what was meant, or what stands for a verb of Docker; each verb that is named is one.
while IFS='|' read -r words hint; do
	fails "no verb: $words" 125 "no such verb: ${words%% *} \(.*$hint" sandbox $words
	for verb in $(printf '%s\n' "$ERR" | grep -o '`sandbox [a-z]*' | cut -d' ' -f2); do
		sandbox help | grep -q "^  sandbox $verb "
		ok $? "... $verb is one"
	done
done <<'END'
imagse|did you mean `sandbox images`
rn|`sandbox run`
pull busybox|talks to no registry.*skopeo.*`sandbox load FILE`
push x|skopeo
login|no registry
build .|builds no images
rmi x|`sandbox rm IMAGE`
start x|does not start again
restart x|does not start again
create x|`sandbox run -d`
attach x|`sandbox logs -f NAME`
pause x|`sandbox kill -s STOP NAME`
volume ls|a folder of yours
network create x|belongs to its run
compose up|nothing here
list|`sandbox images` lists images, `sandbox ps` runs
prune|`sandbox gc`
./image.tar ls|`sandbox run IMAGE`
busybox:1 ls|`sandbox run IMAGE`
image ls|`sandbox images`
image rm x|`sandbox rm`
image pull x|talks to no registry
container ls|`sandbox ps`
container exec x|`sandbox exec`
container prune|`sandbox gc`
system prune -a|`sandbox gc`
system df|`sandbox images`
version|`sandbox --version`
nonsense|`sandbox help` lists them
END
fails 'help of one' 125 'no such verb: pull .*registry' sandbox help pull
fails 'a mistyped option' 125 'unknown option: --nmae.*did you mean --name' sandbox run --nmae x test:1
fails 'with one dash' 125 'unknown option: -n.*did you mean --name' sandbox run -name x test:1
fails 'one that is like none' 125 'unknown option: --nothing$' sandbox ps --nothing
fails '-h of a verb' 125 'unknown option: -h.*--help' sandbox ps -h
gives '-h' 0 "$(sandbox help)" sandbox -h
gives '-v' 0 "$(sandbox --version)" sandbox -v

# One rule: what sandbox itself fails to do is 125, in every verb, by the name that was given.
sandbox run -d --name ended test:1 sh -c 'echo said; exit 3' >/dev/null
sandbox wait ended >/dev/null
id=$(cat "$runs"/ended@* | sed -n 's/.*"id": *"\([0-9a-f]*\)".*/\1/p')
while read -r words; do
	fails "$words" 125 nosuch sandbox $words
	case $words in
	*:/*) words=$(echo "$words" | sed 's/nosuch/ended/') ;;
	exec* | kill* | top* | stats*) words=$(echo "$words" | sed 's/nosuch/ended/') ;;
	*) continue ;;
	esac
	fails "$words" 125 'ended: has ended, with status 3' sandbox $words
	words=$(echo "$words" | sed "s/ended/$id/")
	fails 'by its id' 125 "$id: has ended, with status 3" sandbox $words
done <<'END'
exec nosuch true
stop nosuch
kill nosuch
wait nosuch
logs nosuch
top nosuch
stats nosuch
rename nosuch x
cp nosuch:/etc x
cp from-file nosuch:/x
commit nosuch x
run nosuch true
save -o x nosuch
unpack nosuch x
inspect nosuch
tag nosuch x
verify nosuch
rm nosuch
rm --writable nosuch
load nosuch
END
gives 'the first digits of an id' 0 said sandbox logs "$(echo "$id" | cut -c 1-3)"
fails '... at least three' 125 'no such run' sandbox logs "$(echo "$id" | cut -c 1-2)"
fails 'a name is none' 125 'rename: x: the run has this name' sh -c 'sandbox rename ended x; sandbox rename "$1" x' - "$id"
gives 'an ended run has its new name' 0 said sandbox logs x

# What docker's users type: all runs, ids only, rm -f, and the options that a log or a listing cannot have
sandbox rm -f $(sandbox ps -aq) 2>/dev/null
is "$(sandbox ps -aq):$(ls "$runs")" : 'rm -f $(ps -aq) forgets all runs, and leaves nothing of them'
start up 'trap "" TERM; echo x; while :; do sleep 1; done'
sandbox run -d --name over test:1 sh -c 'echo y; exit 3' >/dev/null
sandbox wait over >/dev/null
gives 'ps -q: ids only' 0 "$id" sandbox ps -q
like "$(sandbox ps -a)" '^[0-9a-f]+ +over +test:1 +0 [^ ]+ +exited 3 +sh -c' 'ps -a: those that have ended, with their status'
like "$(sandbox ps -a)" "^$id +up +test:1 +[1-9][0-9]* [^ ]+ +up +sh -c" '... and the others'
unlike "$(sandbox ps)" over 'ps has live ones only'
gives 'images -q' 0 "$(sandbox images --json | python3 -c 'import json, sys; print(*[i["id"][:12] for i in json.load(sys.stdin)], sep="\n")')" sandbox images -q
fails 'logs -t' 125 'timestamps: the log keeps no times' sandbox logs -t over
fails 'logs --since' 125 'since 1m: the log keeps no times' sandbox logs --since 1m over
gives 'logs --details' 0 y sandbox logs --details over
fails 'ps --format' 125 'json has every field' sandbox ps --format x
fails 'inspect -f' 125 'json has every field' sandbox inspect -f '{{.Config.Cmd}}' test:1
fails 'inspect of a run' 125 'up: is a run, not an image.*ps -a' sandbox inspect up
fails 'commit of a run' 125 'up: no --writable has this name' sandbox commit up x
fails 'rm of a run' 125 'image up: not in the store.*rm -f' sandbox rm up
sandbox stop -t -1 up >stopped &
stopper=$!
wait_for 10 grep -q 'S (sleeping)' /proc/$stopper/status
gives 'stop -s' 0 up sandbox stop -s KILL up
wait $stopper
is "$?:$(cat stopped)" 0:up 'stop -t -1 waits for the end, however long it takes'
fails 'stop -t of no number' 125 'time -2: not a number' sandbox stop -t -2 up
sandbox rm -f up >/dev/null
start up 'trap "" TERM; echo x; while :; do sleep 1; done'
run sandbox rm -fv nosuch up over
is "$RC:$OUT:$ERR:$(ls "$runs" | grep -c .)" "0:$(printf 'up\nover'):sandbox: rm: nosuch: no such run:0" 'rm -f kills a run, and one that there is not is no failure'
gone_run() {
	! sandbox ps -q | grep -q "$id"
}
wait_for 10 gone_run
ok $? '... it has ended'
sandbox run --name fore test:1 cat <go &
exec 8>go
wait_for 10 sandbox exec fore true
gives 'rm -f of one in the foreground' 0 fore sandbox rm -f fore
wait $!
is $? 137 '... kills it'
exec 8>&-
sandbox rm -f $(sandbox ps -aq) 2>/dev/null

# One waits for a run while another takes its name.
first=$(sandbox run -d --name twice test:1 sleep 1000)
sandbox wait twice >waited &
waiter=$!
wait_for 10 sh -c "grep -q '^Name:.sandbox' /proc/$waiter/status && grep -q '^State:.S' /proc/$waiter/status"
kill -STOP $waiter
sandbox kill twice >/dev/null
wait_for 10 sh -c '! sandbox ps -q | grep -q .'
sandbox run -d --name twice test:1 sleep 1000 >/dev/null
gives 'the ended one is there by its id' 0 "$first" sh -c 'sandbox ps -aq | grep "$1"' - "$first"
kill -CONT $waiter
wait $waiter
is "$?:$(cat waited)" 0:137 'whoever waits has the status of the first'
is "$(sandbox ps -aq | wc -l)" 1 '... which is forgotten then'
sandbox rm -f twice >/dev/null

# All that a run prints is there when `wait` returns, up to the last byte.
sandbox run -d --name much test:1 sh -c 'i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done' >/dev/null
sandbox wait much >/dev/null
is "$(sandbox logs much | wc -l):$(sandbox logs -n 1 much)" '20000:line 19999' 'every line is there at the end'
# The runner is killed, as where memory runs out: what was printed is there for as long.
id=$(sandbox run -d --name lost test:1 sh -c 'echo before; exec sleep 77')
wait_for 10 sh -c 'sandbox logs lost | grep -q before'
kill -9 "$(sandbox ps --json | python3 -c 'import json, sys
print([r["runner"] for r in json.load(sys.stdin) if r.get("name") == "lost"][0])')"
wait_for 10 sh -c '! sandbox ps | grep -q lost'
gives 'the log of a run whose runner was killed' 0 before sandbox logs lost
gives '... by the id' 0 before sandbox logs "$id"
fails '... stats do not wait for what has ended' 125 'lost: has ended' timeout 20 sandbox stats lost
fails '... and it has no status' 125 'its runner was killed, and left no status' sandbox wait lost
sandbox run -d --name lost test:1 true >/dev/null
gives 'its name is free' 0 0 sandbox wait lost
# A limit: the first lines go, the last stay.
sandbox run -d --name flood test:1 sh -c 'yes 1234567890123456789012345678901 | head -c 30000000; echo; echo last' >/dev/null
sandbox wait flood >/dev/null
size=$(du -cb "$runs"/*.log | tail -n 1 | cut -f1)
[ "$size" -gt 8000000 ] && [ "$size" -lt 18000000 ]
ok $? 'a log has a limit' || tell "$size"
is "$(sandbox logs flood | tail -n 1):$(sandbox logs flood | wc -c)" "last:$(cat "$runs"/"$(sandbox logs -n 0 flood; cd "$runs" && ls -t -- *.old.log | head -n 1 | cut -d. -f1)"*.log | wc -c)" 'and keeps the end, in both files'
is "$(sandbox logs -n 300000 flood | wc -l)" 300000 '--tail counts across both'

# What is left is swept: by the next run of an old log, by gc; `wait` of a run that printed nothing leaves nothing.
touch -d '3 days ago' "$runs"/*
sandbox run -d --name sweeper test:1 true >/dev/null
sandbox wait sweeper >/dev/null
sandbox gc >/dev/null
is "$(ls "$runs")" '' 'old logs and statuses are removed' || tell "$(ls -l "$runs")"

# A full disk: the command does not notice, and the log says what is missing.
cat >full.sh <<'END'
mkdir full && mount -t tmpfs -o size=6m full full || exit 77
cd full
sandbox --store store load "$1" >/dev/null || exit 1
sandbox --store store run -d --name box test:1 sh -c 'echo first; until [ -e /tmp/a ]; do sleep 0.05; done
	i=0; while [ $i -lt 2000 ]; do echo "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx $i"; i=$((i+1)); done; touch /tmp/done
	until [ -e /tmp/b ]; do sleep 0.05; done; echo after; touch /tmp/said; exec sleep 100' >/dev/null || exit 1
until sandbox --store store logs box | grep -q first; do sleep 0.05; done
dd if=/dev/zero of=fill bs=4096 2>/dev/null
sandbox --store store exec box touch /tmp/a
until sandbox --store store exec box test -e /tmp/done; do sleep 0.05; done
sleep 0.3
rm fill
sandbox --store store exec box touch /tmp/b
until sandbox --store store exec box test -e /tmp/said; do sleep 0.05; done
until sandbox --store store logs box | grep -q after; do sleep 0.05; done
sandbox --store store logs box
sandbox --store store kill box >/dev/null
END
run timeout 60 unshare -Ur -m sh full.sh "$image"
if [ "$RC" = 77 ]; then
	skip 'a full disk' 'no mounts in a user namespace here'
else
	is "$RC:$(echo "$OUT" | sed -n '1p;$p' | tr '\n' ' ')" '0:first after ' 'a full disk stops neither the command nor, later, its log' || tell "$ERR"
	like "$OUT" 'the disk was full: [0-9]+ bytes are missing here' 'the log says what is missing'
fi
done_testing
