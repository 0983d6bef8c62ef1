#!/bin/sh
# modes: user
# Every example is made, and runs as its README says.  make_examples.sh makes them while other tests run.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

[ -n "${STAGE:-}" ] || skip_all 'tests/run.sh starts this, with the examples being made'
examples=$STAGE/examples
made() {
	wait_for 560 test -e "$examples/$1.status" && [ "$(cat "$examples/$1.status")" = 0 ]
	ok $? "$1 is made" || tell "$(cat "$examples/$1.log")"
}

# The README of an example, word by word, with what was made already.
paper() {
	mkdir "paper.$1"
	printf '#!/bin/sh\ncp "%s" "$1"\n' "$examples/$1.tar" >"paper.$1/make.sh"
	chmod +x "paper.$1/make.sh"
	(cd "paper.$1" && python3 -B "$TESTS/papers.py" "$TESTS/../rootfs-examples/$1/README.md" 1 sh) >paper.results
	is "$(cut -d ' ' -f 1 paper.results | sort -u)" ok "$1: its README" || tell "$(cat paper.results)"
}

made hello
paper hello
gives 'hello' 0 "Hello from inside! I am uid 0, process 2, on host \"box\", Linux $(uname -r) on $(uname -m)." \
	sandbox run --hostname box "$examples/hello.tar"
sandbox unpack "$examples/hello.tar" hello
[ "$(stat -c %s hello/hello)" -lt 51200 ]
ok $? 'hello is under 50 KB'

made busybox
paper busybox
gives 'busybox' 0 '1000 guest' sandbox run --user guest "$examples/busybox.tar" sh -c 'echo $(id -u) $(id -un)'
gives 'busybox: its own command is a shell' 0 'from the shell' sh -c "echo 'echo from the shell' | sandbox run '$examples/busybox.tar'"

made debian
paper debian
run sandbox run "$examples/debian.tar" apt-get --version
like "$RC:$OUT" '^0:apt [0-9.]+ \((amd64|arm64)\)$' 'debian: apt-get --version'
is "$ERR" '' 'debian: nothing on standard error'
gives 'debian: its release' 0 "$(. /etc/os-release && echo "$ID $VERSION_CODENAME")" \
	sandbox run "$examples/debian.tar" sh -c '. /etc/os-release; echo $ID $VERSION_CODENAME'
gives 'debian: dpkg' 0 'install ok installed' sandbox run "$examples/debian.tar" dpkg-query -W -f '${Status}' bash

made python
paper python
gives 'python' 0 1267650600228229401496703205376 sandbox run "$examples/python.tar" -c 'print(2**100)'
echo 'import json, sys; print(json.dumps(sys.argv[1:]))' >script.py
gives 'python: a script of the caller' 0 '["a", "b"]' sandbox run -v "$PWD:/work" -w /work "$examples/python.tar" script.py a b
done_testing
