#!/bin/sh
# modes: root
# Servers of Debian 12 with one id and with --subuid: the tables of docs/compatibility.md.  SERVERS=yes runs it: it fetches 150 MB of
# packages twice, and takes five minutes.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside

[ "${SERVERS:-}" = yes ] || nothing_to_try 'SERVERS=yes runs it'
[ -n "${STAGE:-}" ] || skip_all 'tests/run.sh starts this, with the examples being made'
wait_for 560 test -e "$STAGE/examples/debian.status" && [ "$(cat "$STAGE/examples/debian.status")" = 0 ]
ok $? 'the Debian example is made' || done_testing
chmod 755 "$WORK"
make_ranger sandbox-servers 2400000
ln -s "$STAGE/examples/debian.tar" ranger/debian.tar
chmod -R go+rX "$STAGE/examples" 2>/dev/null

# inside IDS SCRIPT [OPTIONS]: with what was installed there
inside() {
	ids=$1 script=$2
	option= tree=$ids
	case $ids in
	subuid) option=--subuid ;;
	ids) option=--emulate=ids tree=one ;;
	esac
	# shellcheck disable=SC2086 # none or one word
	run timeout 900 ./as_ranger sandbox run -q $option ${3:---network none} --writable "$tree" ranger/debian.tar sh -c "$script"
}
packages='nginx-light lighttpd apache2-bin haproxy memcached redis-server unbound dnsmasq cron rsyslog mariadb-server postgresql
openssh-server openssh-client tor vsftpd squid gosu curl python3 procps strace gdb gcc libc6-dev'
for ids in one subuid; do
	# shellcheck disable=SC2086,SC2116 # one line of words
	inside $ids "export DEBIAN_FRONTEND=noninteractive; apt-get update -qq && apt-get install -y -qq --no-install-recommends $(echo $packages) >/dev/null" '--network host'
	is "$RC" 0 "$ids: apt-get install of ${packages%% *} and more" || tell "$ERR"
done

# row NAME ONE SUBUID SCRIPT [IDS]: the last line that it prints, with one id, with a range (and with --emulate=ids, if that differs)
row() {
	for ids in one subuid ids; do
		inside $ids "$4"
		case $ids in
		one) want=$2 ;;
		ids) want=${5:-$3} ;;
		*) want=$3 ;;
		esac
		like "$(printf '%s\n%s' "$ERR" "$OUT" | tail -n 1)" "$want" "$ids: $1" || tell "$OUT $ERR"
	done
}
get='for i in 1 2 3 4 5 6 7 8 9 10; do curl -s -m 2 http://127.0.0.1:80/ >page && break; sleep 0.5; done'
row nginx Welcome Welcome "nginx; $get; grep -o 'Welcome' page | tail -n 1"
row lighttpd '^200$' '^200$' "mkdir -p /var/www/html; echo x >/var/www/html/index.html; lighttpd -f /etc/lighttpd/lighttpd.conf; $get; curl -so /dev/null -w '%{http_code}\n' http://127.0.0.1:80/"
row haproxy '^served$' '^served$' 'printf "global\n user haproxy\n group haproxy\n chroot /var/lib/haproxy\ndefaults\n mode http\n timeout client 1s\n timeout server 1s\n timeout connect 1s\nfrontend f\n bind 127.0.0.1:80\n http-request return status 200 content-type text/plain string served\n" >/etc/h.cfg
	haproxy -D -f /etc/h.cfg; '"$get; cat page; echo"
row memcached '^STAT pid' '^STAT pid' 'memcached -u memcache -d; sleep 1; bash -c "exec 3<>/dev/tcp/127.0.0.1/11211; echo stats >&3; head -n 1 <&3"'
row redis '^PONG' '^PONG' 'redis-server /etc/redis/redis.conf --daemonize yes; sleep 1; redis-cli ping'
row unbound '^124$' '^124$' 'printf "server:\n interface: 127.0.0.1\n" >/etc/u.conf; timeout 3 unbound -d -c /etc/u.conf; echo $?'
row dnsmasq '^up$' '^up$' 'dnsmasq --user=dnsmasq --port=5300; pgrep -x dnsmasq >/dev/null && echo up'
row cron '^up$' '^up$' 'cron; pgrep -x cron >/dev/null && echo up'
row rsyslog '^hello$' '^hello$' 'rsyslogd 2>/dev/null; for i in 1 2 3 4 5 6 7 8 9 10; do logger hello; sleep 0.5; grep -qs "hello\$" /var/log/syslog && break; done; grep -o "hello\$" /var/log/syslog | head -n 1'
row mariadb '^2$' '^2$' 'service mariadb start >/dev/null; mariadb -e "select 1+1" | tail -n 1; service mariadb stop >/dev/null'
row 'PostgreSQL, initdb' 'initdb: hint' '^made$' 'su postgres -c "/usr/lib/postgresql/15/bin/initdb -D /tmp/pg >/tmp/log" && echo made' 'removing data directory'
row sshd '^closed$' '^in$' 'mkdir -p /run/sshd /root/.ssh; rm -f /root/k; ssh-keygen -q -t ed25519 -N "" -f /root/k; cp /root/k.pub /root/.ssh/authorized_keys
	/usr/sbin/sshd -p 2222; sleep 1; ssh -o StrictHostKeyChecking=no -o LogLevel=ERROR -p 2222 -i /root/k root@127.0.0.1 echo in || echo closed'
row 'tor, with a user' 'Problem with User' '^124$' 'timeout 5 tor --User debian-tor --SocksPort 0 --DataDirectory /var/lib/tor 2>&1 | grep -o "Problem with User\|private data directory" || echo 124' 'private data directory'
row squid '^root$' '^up$' 'timeout 5 squid -N -d 1 >log 2>&1; grep -q "run Squid as root" log && echo root || echo up'
row gosu '^0$' '^[1-9][0-9]*$' 'gosu redis id -u'
row setpriv '^0$' '^[1-9][0-9]*$' 'setpriv --reuid=redis --regid=redis --clear-groups id -u'
row 'an entrypoint that loops with gosu' '^124$' '^[1-9][0-9]*$' 'printf "%s\n" "#!/bin/sh" "[ \$(id -u) != 0 ] || exec gosu redis \$0" "id -u" >/loop; chmod 755 /loop; timeout 2 /loop || echo $?'
row gdb 'exited normally' 'exited normally' 'echo "int main(void) { return 0; }" >m.c; gcc -g -o m m.c; gdb -batch -ex run ./m 2>/dev/null | tail -n 1'
row 'the address sanitizer' 'AddressSanitizer' 'AddressSanitizer' 'echo "#include <stdlib.h>
	int main(void) { char *p = malloc(1); return p[1]; }" >s.c; gcc -fsanitize=address -o s s.c; ./s 2>&1 | grep -o "AddressSanitizer" | tail -n 1'
row 'io_uring' '^1 ' '^1 ' 'python3 -c "import ctypes, errno; l = ctypes.CDLL(None, use_errno=True); l.syscall(425, 1, bytes(120)); print(ctypes.get_errno(), \"EPERM\")"'
row 'rename of a folder of the image' 'Errno 18' 'Errno 18' 'python3 -c "import os; os.rename(\"/usr/lib/locale\", \"/usr/lib/other\")" 2>&1 | grep -o "Errno [0-9]*"'
row 'mv of one' '^moved$' '^moved$' 'mv /usr/lib/locale /usr/lib/other && [ ! -e /usr/lib/locale ] && mv /usr/lib/other /usr/lib/locale && echo moved'
row 'one name of several' '^1 2 other$' '^1 2 other$' 'perl -e1; cd /usr/bin; set -- perl5.*; echo "# x" >>perl; echo $(stat -c %h perl) $(stat -c %h $1) other'
for ids in one subuid; do
	./as_ranger sandbox rm --writable $ids >/dev/null
done
done_testing
