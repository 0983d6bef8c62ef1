#!/bin/sh
# pasta of 2023-03-09 (passt 0.0~git20230309.7c7625d, Debian 12): of a range of ports it forwards those that are free, with status 0 and
# without a word.
# Where one port of `-t 127.0.0.1/18097-18100` is taken, pasta starts, runs the command, and forwards the other three.  So a range that was
# accepted says nothing of any one of its ports: a caller has to try each of them before.
# Seen, with 18099 taken: status 0, nothing said, and 18097, 18098 and 18100 forwarded.
. "$(dirname "$0")/lib.sh"
packages passt=0.0~git20230309.7c7625d-1

cat >taken.py <<'EOF'
import socket, time
s = socket.socket()
s.bind(('127.0.0.1', 18099))
s.listen()
open('ready', 'w').close()
time.sleep(20)
EOF
cat >tries.py <<'EOF'
import socket
def is_free(port):
    with socket.socket() as s:
        try:
            s.bind(('127.0.0.1', port))
            return True
        except OSError:
            return False
print(*[port for port in (18097, 18098, 18100) if not is_free(port)])
EOF
wait_for_file() {
	for _ in $(seq 100); do
		[ ! -e "$1" ] || return 0
		sleep 0.1
	done
}
# pasta as root becomes nobody after it has made its namespaces, and cannot map ids then.
chmod 777 .
as=
[ "$(id -u)" != 0 ] || as='setpriv --reuid=65534 --regid=65534 --clear-groups'
python3 taken.py &
taken=$!
wait_for_file ready
# shellcheck disable=SC2086 # words
$as timeout 30 "$T/root/usr/bin/pasta" --config-net -t 127.0.0.1/18097-18100 -u none -T none -U none -- \
	sh -c 'touch up; until [ -e go ]; do sleep 0.1; done' >out 2>said &
pasta=$!
wait_for_file up
forwarded=$(python3 tries.py)
touch go
ended=0
wait $pasta || ended=$?
kill $taken
wait $taken 2>/dev/null || true
seen status 0 $ended
seen 'what it says' '' "$(cat said out)"
seen 'ports that are forwarded' '18097 18098 18100' "$forwarded"
done_here
