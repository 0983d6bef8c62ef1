#!/bin/sh
# modes: user
# Command lines that were written for `docker run`: all of its options are known, flags take =true and =false, and names are whole.
# What becomes of an option is read from the help: done, "no effect: WHY" or "refused: WHY".
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

image=$IMAGES/docker.tar
sandbox run -q "$image" true
sandbox help run >help

# Docker 26's reference of `docker run`, and the old names that it still takes
for option in -a add-host annotation attach blkio-weight blkio-weight-device -c cap-add cap-drop cgroup-parent cgroupns cidfile cpu-count \
	cpu-percent cpu-period cpu-quota cpu-rt-period cpu-rt-runtime cpu-shares cpus cpuset-cpus cpuset-mems -d detach detach-keys device \
	device-cgroup-rule device-read-bps device-read-iops device-write-bps device-write-iops disable-content-trust dns dns-opt dns-option \
	dns-search domainname -e entrypoint env env-file expose gpus group-add -h health-cmd health-interval health-retries \
	health-start-interval health-start-period health-timeout help hostname -i init interactive io-maxbandwidth io-maxiops ip ip6 ipc \
	isolation kernel-memory -l label label-file link link-local-ip log-driver log-opt -m mac-address memory memory-reservation \
	memory-swap memory-swappiness mount name net net-alias network network-alias no-healthcheck oom-kill-disable oom-score-adj -P -p pid \
	pids-limit platform privileged publish publish-all pull -q quiet read-only restart rm runtime security-opt shm-size sig-proxy \
	stop-signal stop-timeout storage-opt sysctl -t tmpfs tty -u ulimit user userns uts -v volume volume-driver volumes-from -w workdir; do
	case $option in -?) pattern="^  $option, --" ;; *) pattern="^  (-., |    )--$option " ;; esac
	grep -Eq -- "$pattern" help || echo "$option" >>unknown
done
is "$(cat unknown 2>/dev/null)" '' 'every option of docker run is known'

gives 'an empty name is none' 0 "$(uname -n)" sandbox run --name '' -h '' "$image" uname -n

# rows KIND: name and value of each option whose help says KIND
rows() {
	sed -nE "s/^  (-., |    )--([a-z0-9-]+) ([^ ]*) .*$1: .*/\2 \3/p" help
}
rows 'no effect' >none
rows refused >refused
[ "$(wc -l <none)" -gt 30 ] && [ "$(wc -l <refused)" -gt 15 ]
ok $? 'the help says which have no effect, and which are refused' || tell "$(cat none refused)"

# value PLACEHOLDER: something that may stand there: a word of the help, a number, a name
value() {
	case $1 in
	[a-z]*) echo "${1%%|*}" ;;
	N | TIME | SIZE | PORT) echo 1 ;;
	*) echo a=b ;;
	esac
}
bad=
while read -r name placeholder; do
	word=--$name
	[ -z "$placeholder" ] || word=--$name=$(value "$placeholder")
	run sandbox run "$word" "$image" echo up
	[ "$RC:$OUT" = 0:up ] && printf '%s\n' "$ERR" | grep -Eq "^$|^sandbox: --$name: .*no effect: ." && [ "$(printf %s "$ERR" | grep -c '')" -le 1 ] ||
		bad="$bad $word: $RC $OUT $ERR;"
	run sandbox run -q "$word" "$image" echo up
	[ "$RC:$OUT:$ERR" = 0:up: ] || bad="$bad -q $word: $ERR;"
done <none
is "$bad" '' 'what has no effect runs, and says so in a line at most, which -q hides'
bad=
while read -r name placeholder; do
	run sandbox run "--$name${placeholder:+=$(value "$placeholder")}" "$image" echo up
	why=$(sed -nE "s/^  (-., |    )--$name .*refused: (.*)/\2/p" help)
	[ "$RC:$OUT" = 125: ] && [ "$ERR" = "sandbox: --$name${placeholder:+ $(value "$placeholder")}: $why" ] || bad="$bad $name: $RC $OUT $ERR;"
done <refused
is "$bad" '' 'what is refused is refused by name, with the reason that the help has'
fails 'another value than the words of the help' 125 '--pid host: only private is supported.*process numbers' sandbox run --pid host "$image" true
fails 'a restart' 125 '--restart always: only no is supported' sandbox run --restart=always "$image" true
gives 'the empty value is the default' 0 up sandbox run --pid= --ipc '' --uts= --restart= --cgroupns= "$image" echo up
run sandbox run -l a=b --label c=d --label a=b "$image" echo up
is "$RC:$OUT:$ERR" '0:up:sandbox: --label: no effect: a run has no labels' 'a note is said once'
run sandbox run --label a=b -q "$image" echo up
is "$RC:$OUT:$ERR" 0:up: '-q behind it hides it, too'
run sandbox run --rm=false "$image" echo up
is "$RC:$OUT:$ERR" '0:up:sandbox: --rm=false: no effect: a run leaves nothing behind' 'what cannot be switched off says so'

# Flags: a row without a value
bad=
for flag in $(sed -nE 's/^  (-., |    )--([a-z0-9-]+)  .*/\2/p' help); do
	for value in =false =False =0; do
		run sandbox run -q "--$flag$value" "$image" echo up
		[ "$RC:$OUT" = 0:up ] || bad="$bad $flag$value: $RC $OUT $ERR;"
	done
	run sandbox run "--$flag=maybe" "$image" echo up
	[ "$RC" = 125 ] && [ "$ERR" = "sandbox: --$flag=maybe: a flag takes =true and =false only" ] || bad="$bad $flag=maybe: $RC $ERR;"
done
is "$bad" '' 'every flag takes =false, and nothing but a truth value'
gives '=true' 1 '' sh -c 'sandbox run --read-only=true --rm=true --init=true -i=true "$1" sh -c "echo >/x" 2>/dev/null' sh "$image"
gives 'the last counts' 0 '' sandbox run --read-only=true --read-only=false "$image" sh -c 'echo >/x'
gives 'letters, and = before a value' 0 '/etc b' sandbox run -it=false -w=/etc -e=A=b "$image" sh -c 'echo $PWD $A'
run sandbox run -dq=true --name flagged "$image" sleep 100
like "$RC:$OUT" '^0:[0-9a-f]{12}$' 'a group of letters with = at its end'
gives 'in other verbs, too' 0 x sandbox exec -t=false flagged echo x
sandbox kill flagged >/dev/null
for word in --entry --read-onl --preserve-f --netw; do
	fails "$word is no name" 125 "unknown option: $word( \\(did you mean .*)?\$" sandbox run $word x "$image" true
done
fails 'nor in other verbs' 125 'unknown option: --sig$' sandbox kill --sig TERM x

# What is done
before_sysctl=$(cat /proc/sys/net/core/somaxconn /proc/sys/kernel/shmmax | tr '\n' ' ')
dry() {
	sandbox run --dry-run "$@" "$image" true | python3 -c 'import json, sys; p = json.load(sys.stdin); print(eval(sys.argv[1]))' "$want" 2>&1
}
gives '--domainname' 0 example.org sandbox run --domainname example.org "$image" cat /proc/sys/kernel/domainname
gives '--dns-search and --dns-option' 0 'nameserver 192.0.2.1
search a.example b.example
options ndots:2 rotate' sandbox run --dns 192.0.2.1 --dns-search a.example --dns-search b.example --dns-option ndots:2 --dns-opt rotate "$image" \
	grep -E '^(nameserver|search|domain|options)' /etc/resolv.conf
gives '--dns-search .' 0 0 sandbox run --dns-search . "$image" sh -c 'grep -cE "^(search|domain)" /etc/resolv.conf || true'
gives '--net' 0 lo sandbox run --net none "$image" ls /sys/class/net
gives '--privileged: all capabilities, no filter, nothing masked' 0 '0
0
1' sandbox run --privileged "$image" sh -c \
	'grep -c "^CapEff:.*00a80425fb" /proc/self/status; sed -n "s/^Seccomp:.//p" /proc/self/status; unshare -U true && echo 1' sh
want='p["linux"]["seccomp"]["defaultAction"]'
printf '{"defaultAction":"SCMP_ACT_ALLOW"}' >all.json
is "$(dry --security-opt seccomp=all.json --privileged)" SCMP_ACT_ALLOW 'a filter that is named goes over --privileged'
want='p["linux"]["resources"]["memory"]["swap"], p["linux"]["resources"]["cpu"]'
is "$(dry -m 100m --memory-swap 150m --cpu-quota 50000 --cpu-period 200000)" "(157286400, {'quota': 50000, 'period': 200000})" \
	'--memory-swap, --cpu-quota and --cpu-period are in the plan'
gives '--cpus 0, --pids-limit 0, --memory 0: no limit' 0 up sandbox run --cpus 0 --pids-limit 0 --memory 0 "$image" echo up
gives '--shm-size 0 is the default' 0 65536 sandbox run --shm-size 0 "$image" sh -c 'df -k /dev/shm | awk "NR == 2 { print \$2 }"'
gives '--tmpfs with the options of a mount' 0 '1000 1000 700 1024' sandbox run -u 1000:1000 --tmpfs /t:rw,size=1m,mode=700,uid=1000,gid=1000,nr_inodes=1k,async \
	-q "$image" sh -c 'touch /t/x && echo $(stat -c "%u %g %a" /t) $(df -i /t | awk "NR == 2 { print \$2 }")'
run sandbox run --tmpfs /t:uid=1000 "$image" stat -c %u /t
is "$RC:$OUT:$ERR" '0:0:sandbox: --tmpfs /t:uid=1000: option "uid=1000" has no effect' '... where one id is mapped, another than it has no effect'
cpu=$(sed -n 's/^Cpus_allowed_list:[^0-9]*\([0-9]*\).*/\1/p' /proc/self/status) # one that this machine gives us
gives '--cpuset-cpus' 0 "Cpus_allowed_list:	$cpu" sandbox run --cpuset-cpus "8191,$cpu-$cpu" "$image" grep Cpus_allowed_list /proc/self/status
fails '--cpuset-cpus of no processor' 125 '--cpuset-cpus 8191: .*you may use none of these' sandbox run --cpuset-cpus 8191 "$image" true
gives '--oom-score-adj' 0 '999 999' sandbox run --oom-score-adj 999 "$image" sh -c 'echo $(cat /proc/self/oom_score_adj /proc/1/oom_score_adj)'
if [ "$(id -u)" != 0 ]; then
	fails '--oom-score-adj that only root may have' 125 '--oom-score-adj -999: Permission denied.*only root' sandbox run --oom-score-adj -999 "$image" true
fi
for network in none private; do
	fails "host-gateway without the host's network: $network" 125 '--add-host a:host-gateway: only --network host leads' \
		sandbox run --network "$network" --add-host a:host-gateway "$image" true
done
gives '--sysctl of the network and of shared memory' 0 '77 1000' sandbox run --network none --sysctl net.core.somaxconn=77 --sysctl kernel.shmmax=1000 \
	"$image" sh -c 'echo $(cat /proc/sys/net/core/somaxconn /proc/sys/kernel/shmmax)'
is "$(cat /proc/sys/net/core/somaxconn /proc/sys/kernel/shmmax | tr '\n' ' ')" "$before_sysctl" "... the host's stay"
fails "--sysctl of the host's network" 125 '--sysctl net.core.somaxconn=77: needs a network of its own' sandbox run --sysctl net.core.somaxconn=77 "$image" true
for name in kernel.panic=1 vm.overcommit_memory=1 kernel.shmmaxx=1 net.=1 net/../kernel/panic=1 fs.mqueue.=1; do
	run sandbox run --network none --sysctl "$name" "$image" true
	is "$RC:$OUT" 125: "--sysctl $name is refused" || tell "$ERR"
done
fails '--sysctl of no parameter' 125 '--sysctl net.nope=1: No such file' sandbox run --network none --sysctl net.nope=1 "$image" true
fails '--network of a run' 125 '--network container:web: .*sandbox exec web COMMAND' sandbox run --network container:web "$image" true
fails '--network of Docker' 125 '--network mynet: .*runs reach each other' sandbox run --network mynet "$image" true
for port in 80 127.0.0.1::80 8000-8005:80; do
	fails "--publish $port: no port is chosen" 125 "--publish $port: .*sandbox does not look for a free port" sandbox run --network private -p "$port" "$image" true
done
fails '--scratch-size that is too small is named' 125 '--scratch-size 1024 is too small: .*No space left' sandbox run --scratch-size 1k "$image" true
fails 'an image that Docker would pull' 125 'debian:12: neither a file nor an image.*nothing is pulled: `sandbox load FILE`' sandbox run debian:12 true
digest=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["manifests"][0]["digest"])' "$IMAGES/oci-dir/index.json")
sandbox --store digests load -q "$IMAGES/oci-dir" >/dev/null
id=$(sandbox --store digests inspect test:1 | sed -n 's/^id *//p')
for name in "$digest" "test@$digest" "test:1@$digest" "test@sha256:$id"; do
	gives "an image by its digest: $name" 0 up sandbox --store digests run "$name" echo up
done
fails 'another digest' 125 "test@sha256:0.*neither a file nor an image" sandbox --store digests run "test@sha256:$(printf '%064d' 0)" true
fails '--memory-swap below --memory' 125 'memory-swap 50m: needs --memory' sandbox run -m 100m --memory-swap 50m "$image" true
id=$(sandbox run -d --stop-timeout 1 "$image" sh -c 'trap "" TERM; while :; do sleep 1; done')
before=$(date +%s)
sandbox stop "$id" >/dev/null
[ $(($(date +%s) - before)) -lt 8 ]
ok $? '--stop-timeout'
done_testing
