#!/bin/sh
# pasta of 2023-03-09 (passt 0.0~git20230309.7c7625d, Debian 12): a UDP port that is forwarded to another number is a one-way street.
# `-u 127.0.0.1/15361:5353` brings the request to the server inside, and the server's answer never arrives outside.  With the same number
# on both sides the answer arrives.  TCP answers either way.
# Seen: 15361 to 15361: "got it".  15361 to 5353: the server has the request, the client nothing.
. "$(dirname "$0")/lib.sh"
packages passt=0.0~git20230309.7c7625d-1

cat >server.py <<'EOF'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('', int(sys.argv[1])))
s.settimeout(5)
open('ready', 'w').close()
try:
    while True:
        text, peer = s.recvfrom(100)
        print(text.decode(), file=open('request', 'w'), flush=True)
        s.sendto(b'got it', peer)
except TimeoutError:
    pass
EOF
cat >client.py <<'EOF'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(2)
for _ in range(3):
    s.sendto(b'hello', ('127.0.0.1', 15361))
    try:
        print(s.recv(100).decode())
        break
    except TimeoutError:
        pass
EOF
# pasta as root becomes nobody after it has made its namespaces, and cannot map ids then.
chmod 777 .
as=
[ "$(id -u)" != 0 ] || as='setpriv --reuid=65534 --regid=65534 --clear-groups'
# asked PORT: the answer to a request, where the server listens on PORT
asked() {
	rm -f ready request
	# shellcheck disable=SC2086 # words
	$as timeout 30 "$T/root/usr/bin/pasta" --config-net -t none -T none -U none -u "127.0.0.1/15361:$1" -- python3 server.py "$1" >pasta.log 2>&1 &
	for _ in $(seq 100); do
		[ ! -e ready ] || break
		sleep 0.1
	done
	python3 client.py
	wait
}
seen 'the same number' 'got it' "$(asked 15361)"
seen 'another number: the answer' '' "$(asked 5353)"
seen '... the request' hello "$(cat request)"
done_here
