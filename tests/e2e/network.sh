#!/bin/sh
# --network private: a network of its own with a way out, by pasta.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

image=$IMAGES/docker.tar
run env PATH="$(dirname "$(command -v sandbox)")" sandbox run "$image" true # in the store

command -v pasta >/dev/null || {
	fails 'without pasta there is a clear error' 125 'network private: pasta' sandbox run --network private "$image" echo ran
	done_testing
}
sandbox run --network private "$image" true 2>err || {
	like "$(cat err)" '^sandbox: --network private: pasta: ' 'what pasta lacks is told'
	skip 'the rest' "$(cat err)"
	done_testing
}

inside=$(sandbox run --network private "$image" sh -c 'readlink /proc/self/ns/net; ip -o addr; cat /etc/resolv.conf')
unlike "$inside" "$(readlink /proc/self/ns/net | tr -d '[]')" 'a network namespace of its own'
like "$inside" 'inet 127.0.0.1' 'with a loopback'
like "$inside" '^2: .* inet6? ' 'and an interface that has an address'
like "$inside" '^nameserver 169.254.1.1$' 'names are asked for by pasta'

# The host's loopback is not reachable, not even by the gateway; a published port is, from outside.
port=$((20000 + $$ % 20000))
cat >server.py <<'END'
import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.listen()
print("ready", flush=True)
while True:
    c, _ = s.accept()
    c.sendall(b"secret\n")
    c.close()
END
python3 server.py $port >ready &
server=$!
wait_for 10 grep -q ready ready
is "$(sandbox run "$image" sh -c "nc -w 3 127.0.0.1 $port </dev/null")" secret 'the host'"'"'s network has the host'"'"'s loopback'
is "$(sandbox run --network private "$image" sh -c "nc -w 2 127.0.0.1 $port </dev/null; nc -w 2 \$(ip route | sed -n 's/^default via \([^ ]*\).*/\1/p') $port </dev/null")" \
	'' 'a private one does not'
kill $server
published=$((port + 1))
sandbox run --network private -p "127.0.0.1:$published:80" "$image" sh -c 'echo from inside | timeout 20 nc -l -p 80' &
cat >client.py <<'END'
import socket, sys, time
for i in range(100):
    try:
        s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2)
        s.settimeout(30)
        text = s.recv(100).decode()
    except OSError:
        text = ""
    if text:
        print(text, end="")
        break
    time.sleep(0.1)
END
is "$(python3 client.py $published)" 'from inside' 'a published port leads inside'
wait

# UDP, under the same number and another one: it answers, or the run does not begin and says which pasta would do.
udp() { # udp PORT: what the server on it answers, published as $published on the loopback
	sandbox run --network private -p "127.0.0.1:$published:$1/udp" -v /usr:/usr -v /lib:/lib -v /lib64:/lib64 -v "$PWD/answer.py:/answer.py" \
		"$image" timeout 20 /usr/bin/python3 /answer.py "$1" 2>err &
	python3 udp.py $published
	kill $! 2>/dev/null
	wait
}
cat >answer.py <<'END'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", int(sys.argv[1])))
while True:
    text, peer = s.recvfrom(100)
    s.sendto(b"answer " + text, peer)
END
cat >udp.py <<'END'
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("127.0.0.1", int(sys.argv[1])))
s.settimeout(0.5)
for i in range(12):
    try:
        s.send(b"asked\n")
        print(s.recv(100).decode(), end="")
        break
    except OSError:
        time.sleep(0.2)
END
is "$(udp $published)" 'answer asked' 'a UDP port under the same number'
answer=$(udp 5353)
if [ -s err ]; then
	like "$(paste -sd' ' err)" '^sandbox: --publish: .* no answer from UDP port 5353 under the number [0-9]+.*same number' 'another number, with an older pasta: refused'
	run sandbox run --network private -p "$published:5353/udp" "$image" echo ran
	is "$RC:$OUT" 0:ran 'on every address: it runs, for other machines'
	like "$ERR" 'no answer from UDP port 5353' '... and says that this one is left out'
else
	is "$answer" 'answer asked' 'a UDP port under another number'
fi

# A port that cannot be had is named, also where pasta could have the others of a range.
python3 server.py $port >ready &
server=$!
wait_for 10 grep -q ready ready
for range in "$port:80" "$port-$((port + 1)):80-81"; do
	fails "a port that is taken: $range" 125 "--publish: 127.0.0.1, port $port of the host: Address in use" sandbox run --network bridge -p "127.0.0.1:$range" "$image" true
done
kill $server
fails 'an address of another machine' 125 "--publish: 192.0.2.1, port $port of the host: Address not available" sandbox run --network private -p "192.0.2.1:$port:80" "$image" true
if [ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 79 ] && [ "$MODE" = user ]; then
	fails 'a low port' 125 '--publish: port 79 of the host: Permission denied .*ip_unprivileged_port_start.*8079' sandbox run --network private -p 79:79 "$image" true
fi

# Nothing is left of it, however it ends.
sandbox run --network private -p "127.0.0.1:$published:80" "$image" true
gone "127.0.0.1/$published"
ok $? 'pasta ends with the run'
sandbox run --network private -p "127.0.0.1:$published:80" "$image" sleep 60 &
if wait_for 20 sh -c "ls -d /proc/[0-9]*/exe >/dev/null; grep -al '127.0.0.1/$published-' /proc/[0-9]*/cmdline 2>/dev/null | grep -q ."; then
	kill -KILL $!
	wait
	wait_for 5 gone "127.0.0.1/$published"
	ok $? 'pasta ends with a runner that is killed'
else
	ok 1 'pasta runs beside the sandbox'
fi
done_testing
