#!/bin/sh
# modes: user root
# commit: what --writable keeps becomes an image, for sandbox and for other tools.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

sandbox load "$IMAGES/docker.tar" >/dev/null
sandbox run --writable base test:1 sh -c '
	echo new >/new; rm /etc/group; chmod 700 /root; echo over >/etc/marker
	mkdir -p /opt/old; echo x >/opt/old/x; ln /new /hard; ln -s new /link; mkfifo /fifo; touch -d "2001-02-03 00:00:00" /new'
# in the image: a directory that the next run removes and makes again
sandbox commit base first >/dev/null
sandbox run --writable second first sh -c 'rm -r /opt/old; mkdir /opt/old; echo y >/opt/old/y; mv /link /moved'

# The image
run sandbox commit second mine:1
is "$RC:$ERR" '0:' 'commit'
like "$OUT" '^sha256:[0-9a-f]{64}$' 'prints the id'
id=${OUT#sha256:}
is "$(sandbox images --json | python3 -c 'import json, sys; print([i["id"] for i in json.load(sys.stdin) if i["names"] == ["mine:1"]][0])')" "$id" 'the image has the name'
gives 'what was written is in it' 0 'new
over
y
new' sandbox run mine:1 sh -c 'cat /new /etc/marker; ls /opt/old; readlink /moved'
gives 'what was removed is not' 0 '' sandbox run mine:1 sh -c 'ls -d /etc/group /opt/old/x /link 2>/dev/null || true'
gives 'modes, links, times' 0 '700 2 981158400 fifo' sandbox run mine:1 sh -c 'echo $(stat -c %a /root) $(stat -c "%h %Y" /hard) $(stat -c %F /fifo)'
cmp -s "$STORE/images/$id/rootfs/bin/busybox" "$(find "$STORE"/images/*/rootfs/bin/busybox | head -n 1)"
ok $? 'the rest is of the image'
gives 'its config is the image'"'"'s' 0 "$(sandbox inspect --json test:1 | python3 -c 'import json, sys; print(json.load(sys.stdin)["config"]["config"])')" \
	sh -c 'sandbox inspect --json mine:1 | python3 -c "import json, sys; print(json.load(sys.stdin)[\"config\"][\"config\"])"'
gives 'the --writable stays as it is' 0 y sandbox run --writable second first ls /opt/old
gives 'an image without a name' 0 64 sh -c 'sandbox commit second | cut -d: -f2 | tr -d "\n" | wc -c'
gives 'what the new image runs' 0 ok sandbox run --writable third mine:1 echo ok

# Its config
sandbox commit -c 'ENTRYPOINT ["/bin/echo", "a b"]' -c 'ENV A=1 B="two words" C='"'"'$x'"'"'' -c 'env D one  two' -c 'WORKDIR /opt' --change 'LABEL l=m' -c 'USER 5:6' \
	-c 'STOPSIGNAL SIGUSR1' -m 'why' -a 'who' second changed >/dev/null
gives 'ENTRYPOINT takes the place of CMD, too' 0 'a b' sandbox run changed
gives 'ENV, WORKDIR, USER' 0 '1,two words,$x,one  two /opt 5:6' sandbox run --entrypoint sh changed -c 'echo "$A,$B,$C,$D $(pwd) $(id -u):$(id -g)"'
gives 'LABEL, STOPSIGNAL, author and message' 0 "{'l': 'm'} SIGUSR1 who why" sh -c 'sandbox inspect --json changed | python3 -c "
import json, sys
c = json.load(sys.stdin)[\"config\"]
print(c[\"config\"][\"Labels\"], c[\"config\"][\"StopSignal\"], c[\"author\"], c[\"history\"][-1][\"comment\"])"'
sandbox commit -c 'CMD echo $0 by a shell' -c 'ENV A=2' -c 'WORKDIR below' second shell >/dev/null
gives 'CMD for a shell' 0 '/bin/sh by a shell' sandbox run shell
sandbox commit -c 'CMD ["x"]' -c 'ENTRYPOINT ["echo"]' second both >/dev/null
gives 'CMD before ENTRYPOINT stays' 0 x sandbox run both
sandbox commit -c 'EXPOSE 80 90/udp
VOLUME /data
ONBUILD RUN x' second ports >/dev/null
gives 'EXPOSE, VOLUME, ONBUILD, several lines in one' 0 "{'80/tcp': {}, '90/udp': {}} {'/data': {}} ['RUN x']" sh -c 'sandbox inspect --json ports | python3 -c "
import json, sys
c = json.load(sys.stdin)[\"config\"][\"config\"]
print(c[\"ExposedPorts\"], c[\"Volumes\"], c[\"OnBuild\"])"'
gives 'the steps of the old image are told, and that their layers are in the one' 0 'True True' sh -c 'for i in first ports; do sandbox inspect --json $i; echo ,; done | python3 -c "
import json, sys
a, b = json.loads(\"[\" + sys.stdin.read().rstrip(\",\\n\") + \"]\")
old, new = a[\"config\"][\"history\"], b[\"config\"][\"history\"]
print([s[\"created_by\"] for s in new[:-1]] == [s[\"created_by\"] for s in old], [not s.get(\"empty_layer\") for s in new] == [False] * len(old) + [True])"'
fails 'a line that is not supported' 125 'change RUN x: only CMD' sandbox commit -c 'RUN x' second x
fails 'a signal that is none' 125 'STOPSIGNAL FOO: no such signal' sandbox commit -c 'STOPSIGNAL FOO' second x
fails 'a port that is none' 125 'EXPOSE 99999: 99999 is not PORT' sandbox commit -c 'EXPOSE 99999' second x
fails 'the second of two lines' 125 'change FOO y: only' sandbox commit -c 'USER x
FOO y' second x
fails 'no value' 125 'change USER: the value is missing' sandbox commit -c USER second x
fails 'no JSON' 125 'CMD \["a": not valid JSON' sandbox commit -c 'CMD ["a"' second x
fails 'no words' 125 'not a string' sandbox commit -c 'CMD [1]' second x

# What cannot be
fails 'a limit of files' 125 'commit: write: File too large.*ulimit -f' sh -c 'ulimit -f 100; sandbox commit second x'
if [ "$MODE" = user ]; then
	chmod 555 "$STORE/staging"
	fails 'a store that cannot be written to' 125 "commit: write to the store $STORE: Permission denied" sandbox commit second x
	chmod 700 "$STORE/staging"
fi
fails 'no such name' 125 'nosuch: no --writable has this name.*run --writable' sandbox commit nosuch x
fails 'no image name' 125 'not an image name: UPPER: .a name is .*in lower case' sandbox commit second UPPER:
sandbox run -d --name live --writable second first sleep 1000 >/dev/null
fails 'while a run has it' 125 'another run is using it' sandbox commit second x
sandbox kill live >/dev/null
sandbox wait live >/dev/null
store_is_clean
ok $? 'nothing is left' || tell "$(ls -A "$STORE/staging" "$STORE/runs")"

# Other tools
sandbox save -o mine.tar mine:1
gives 'sandbox reads what save makes of it' 0 y sandbox --store other run mine.tar ls /opt/old
if command -v skopeo >/dev/null; then
	for kind in oci-archive docker-archive; do
		gives "skopeo copies it: $kind" 0 '' skopeo copy -q "$kind:mine.tar" "oci:copy-$kind:x"
	done
	gives 'and runs again' 0 over sandbox run copy-oci-archive cat /etc/marker
else
	skip 'skopeo' 'not installed'
fi
# podman is no package that the tests need: where it is
if [ "$MODE" = root ] && command -v podman >/dev/null; then
	short=$(mktemp -d /tmp/podXXXXXX) # podman wants a short path
	pod() {
		podman --root "$WORK/podman" --runroot "$short" --storage-driver vfs "$@"
	}
	OUT=$(pod load -q -i mine.tar 2>&1)
	RC=$?
	like "$RC:$OUT" '^0:Loaded image: .*mine:1' 'podman loads it'
	pod image mount mine:1 >mounted 2>/dev/null &&
		is "$(ls "$(cat mounted)/opt/old"; ls -d "$(cat mounted)/etc/group" 2>/dev/null)" y 'with these files'
	pod image umount -a >/dev/null 2>&1
	rm -rf "$short"
fi

# Real owners
if [ "$MODE" = root ] && command -v newuidmap >/dev/null; then
	make_ranger sandbox-commit 2600000
	cp mine.tar ranger/
	chmod 644 ranger/mine.tar
	./as_ranger sandbox -q run --subuid --writable own ranger/mine.tar sh -c 'echo z >/z; chown 33:44 /z; chmod 600 /z; mkdir /var/own; chown 7 /var/own'
	run ./as_ranger sandbox commit own owned:1
	like "$RC:$OUT:$ERR" '^0:sha256:[0-9a-f]*:$' '--subuid: commit'
	gives 'keeps the owners' 0 '33:44 7:0 0:0' ./as_ranger sandbox -q run --subuid owned:1 sh -c 'echo $(stat -c %u:%g /z /var/own /bin)'
	./as_ranger sandbox rm --writable own owned:1
fi
done_testing
