#!/bin/sh
# modes: user
# Each key with which a site sets up the runs of its users: what it does, and that users cannot give another value once it is locked.
# The site's files are in /etc, which a mount namespace of the script's own replaces.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

mine=$HOME/.config/sandbox
mkdir -p "$mine" etc/sandbox bin data/there
cp /etc/passwd /etc/group etc/
sandbox --store "$WORK/shared" load --shared "$IMAGES/docker.tar" >/dev/null
sandbox --store "$WORK/shared" load --shared "$IMAGES/config.tar" >/dev/null
id=$(cut -c1-64 shared/refs/test:1)
cat >bin/site <<'END'
#!/bin/sh
exec unshare -Urm sh -c 'mount --bind etc /etc && exec "$@"' sh "$@"
END
# aged: a cache with one copy that was not used for long, and then a run of another image
cat >bin/aged <<'END'
#!/bin/sh
rm -rf small
sandbox run config:1 x >/dev/null
for image in small/images/*; do
	sed -i 's/"unpacked":[0-9]*/"unpacked":1000000000/' "$image/record.json"
	touch -d 2001-01-01 "$image/lock"
done
sandbox run test:1 true
ls small/images
END
chmod 755 bin/site bin/aged
PATH=$WORK/bin:$PATH

# key KEY VALUE OTHER WANT COMMAND: with KEY = VALUE in a file of the site, the command prints WANT, and without it something else.  With
# lock = KEY, OTHER is refused as an option, as a variable and in the user's file.  $more: further lines of the site's file.
key() {
	key=$1 value=$2 other=$3 want=$4 command=$5
	: >"$mine/sandbox.conf"
	printf '%s\n' "$more" >etc/sandbox/sandbox.conf
	run site sh -c "$command"
	[ "$OUT" != "$want" ]
	ok $? "$key: without it something else" || tell "$OUT"
	printf '%s = %s\nlock = %s\n' "$key" "$value" "$key" >>etc/sandbox/sandbox.conf
	run site sh -c "$command"
	is "$OUT" "$want" "$key = $value" || tell "$ERR"
	run site sandbox run "--$key=$other" test:1 true
	like "$RC:$ERR" "^125:sandbox: --$key: the site has locked it" '... locked: no option'
	variable=SANDBOX_$(echo "$key" | tr a-z- A-Z_)
	[ "$key" != shared-store ] || variable=SANDBOX_STORES
	run site env "$variable=$other" sandbox run test:1 true
	like "$RC:$ERR" "^125:sandbox: the environment: $key: the site has locked it" '... no variable'
	printf '%s = %s\n' "$key" "$other" >"$mine/sandbox.conf"
	run site sandbox run test:1 true
	like "$RC:$ERR" "^125:sandbox: $mine/sandbox.conf:1: $key: the site has locked it" '... no line of the user'
}

# ---- stores ----
more=
key shared-store "$WORK/shared" "$WORK/elsewhere" x 'sandbox run test:1 echo x'
more="shared-store = $WORK/shared"
key store "$WORK/own/%n" "$WORK/elsewhere" "$(uname -n)" 'sandbox run test:1 true; ls own'
: >"$mine/sandbox.conf"
rm -rf "$STORE"
run site env SANDBOX_STORE= sandbox images
[ "$RC" = 0 ] && [ ! -e "$STORE" ]
ok $? '... an empty variable is none' || tell "$ERR"
key cache "$WORK/cache" "$WORK/elsewhere" "$id" 'sandbox run test:1 true; ls cache/images'
more="shared-store = $WORK/shared
cache = $WORK/small"
key cache-max-size 1k 1g '' 'rm -rf small; sandbox run test:1 true; ls small/images'
key cache-older-than 30d 90d "$id" aged
mkdir -p small
key cache-shared true false "$id" 'rm -rf small; mkdir -m 770 small; sandbox run test:1 true; ls small/images'

# ---- what is mounted ----
more="shared-store = $WORK/shared"
export COLOUR=red
key volume "?$WORK/data/\${COLOUR}:/data" /:/host there 'mkdir -p data/red/there; sandbox run test:1 ls /data'
key tmpfs /mine:mode=711 /other 711 'sandbox run test:1 stat -c %a /mine'
key device '?/dev/null:/dev/mine' /dev/full /dev/mine 'sandbox run test:1 ls /dev/mine'
key read-only true false 'no' 'sandbox run test:1 sh -c "touch /x 2>/dev/null || echo no"'
key scratch "$WORK/scratch" /tmp 1 'mkdir -p scratch; sandbox run -d --name s test:1 sleep 100 >/dev/null; ls -A scratch | wc -l; sandbox kill s >/dev/null'

# ---- environment ----
key env 'WHO=%U ${COLOUR} 100%%' A=b '0 red 100%' 'sandbox run test:1 sh -c "echo \$WHO"'
key env COLOUR A=b red 'sandbox run test:1 sh -c "echo \$COLOUR"'
key env-host true false red 'sandbox run test:1 sh -c "echo \$COLOUR"'
echo LINE=file >lines
key env-file "$WORK/lines" /dev/null file 'sandbox run test:1 sh -c "echo \$LINE"'

# ---- network ----
key network none host lo 'sandbox run test:1 sed -n "3,\$s/:.*//p" /proc/net/dev | tr -d " "'
key hostname box other box 'sandbox run test:1 hostname'
key dns 192.0.2.1 192.0.2.2 'nameserver 192.0.2.1' 'sandbox run test:1 grep nameserver /etc/resolv.conf'
key add-host 'box:192.0.2.1' a:192.0.2.2 192.0.2.1 'sandbox run test:1 awk "/box/ { print \$1 }" /etc/hosts'

# ---- limits ----
key ulimit nofile=77 nofile=88 77 'sandbox run test:1 sh -c "ulimit -n"'
key timeout 1 2 143 'sandbox run test:1 sleep 3; echo $?'
key umask 027 0 0027 'sandbox run test:1 sh -c umask'

# ---- confinement, ids, emulation ----
key cap-drop ALL CHOWN 0000000000000000 'sandbox run test:1 awk "/CapEff/ { print \$2 }" /proc/self/status'
key security-opt seccomp=unconfined seccomp=default 0 'sandbox run test:1 awk "\$1 == \"Seccomp:\" { print \$2 }" /proc/self/status'
key user 12:34 0 '12 34' 'sandbox run test:1 sh -c "echo \$(id -u) \$(id -g)"'
key emulate none basic no 'sandbox run test:1 chown 12 /etc/passwd || echo no'

# ---- presets, messages ----
more="shared-store = $WORK/shared
[preset small]
hostname = small
[preset large]
hostname = large
[all]"
key preset small large small 'sandbox run test:1 hostname'
printf 'message = Ask help@site\nlock = message\n' >etc/sandbox/sandbox.conf
: >"$mine/sandbox.conf"
run site sandbox run nosuch:1
like "$ERR" '^sandbox: Ask help@site$' 'message'
run site env SANDBOX_MESSAGE=x sandbox run test:1 true
like "$RC:$ERR" '^125:sandbox: the environment: message: the site has locked it' '... locked: no variable'
echo 'message = Mine' >"$mine/sandbox.conf"
run site sandbox run test:1 true
like "$RC:$ERR" "^125:sandbox: $mine/sandbox.conf:1: message: the site has locked it" '... no line of the user'
gives '... and --check takes it' 0 '' site sandbox config --check etc/sandbox/sandbox.conf
done_testing
