#!/bin/sh
# Many processes use, name and remove the same few images for a while.  Usage: hammer.sh SECONDS PROCESSES IMAGE STORE...
# Process N works in the N-th of the stores, in turn: several paths may lead to one store.  Says what went wrong, a line each; nothing: all
# is right.  Touches the stores and the working directory; sandbox is found in PATH.  For busybox as well.
set -u
seconds=$1 processes=$2 image=$3
shift 3
end=$(($(date +%s) + seconds))
want=$(sandbox --store "$1" run "$image" sh -c 'ls -R /bin /etc /home; cat /etc/marker' | md5sum)
gone='No such file|not in the store|neither a file nor|in use|is removing it|is using it|another run has this name'

# whole NAME COMMAND...: the command shows the whole image, or says that it is gone
whole() {
	name=$1
	shift
	"$@" >"$me.out" 2>"$me.err"
	rc=$?
	case $rc in
	0) [ "$(md5sum <"$me.out")" = "$want" ] || echo "$name: status 0, but not the whole image: $(head -n 3 "$me.out" | tr '\n' ' ')" ;;
	125) grep -Eq "$gone" "$me.err" || echo "$name: $(cat "$me.err")" ;;
	*) echo "$name: status $rc: $(cat "$me.err")" ;;
	esac
}

# done_or_gone NAME COMMAND...: it succeeds, or says that something is gone or in use
done_or_gone() {
	name=$1
	shift
	"$@" >"$me.out" 2>"$me.err" || grep -Eq "$gone" "$me.err" || echo "$name: status $?: $(cat "$me.out" "$me.err")"
}

worker() {
	me=work.$1 store=$2 dice=$1
	while [ "$(date +%s)" -lt "$end" ]; do
		dice=$(((dice * 1103515245 + 12345) % 2147483648))
		case $((dice / 65536 % 12)) in
		0 | 1) whole 'run of a file' sandbox --store "$store" run "$image" sh -c 'ls -R /bin /etc /home; cat /etc/marker' ;;
		2 | 3 | 4) whole 'run' sandbox --store "$store" run test:1 sh -c 'ls -R /bin /etc /home; cat /etc/marker' ;;
		5) done_or_gone verify sandbox --store "$store" verify test:1 ;;
		6) done_or_gone tag sandbox --store "$store" tag test:1 "more:$1" ;;
		7) done_or_gone rm sandbox --store "$store" rm test:1 ;;
		8) done_or_gone 'rm of another name' sandbox --store "$store" rm "more:$1" ;;
		9) done_or_gone load sandbox --store "$store" load "$image" ;;
		10) done_or_gone gc sandbox --store "$store" gc --max-size 0 ;;
		11)
			# What is in use stays whole.
			if sandbox --store "$store" run -d --name "live$1" "$image" sleep 1000 >/dev/null 2>"$me.err"; then
				whole 'exec' sandbox --store "$store" exec "live$1" sh -c 'ls -R /bin /etc /home; cat /etc/marker'
				sandbox --store "$store" kill "live$1" >/dev/null 2>&1
				sandbox --store "$store" wait "live$1" >/dev/null 2>&1
			else
				grep -Eq "$gone" "$me.err" || echo "run -d: $(cat "$me.err")"
			fi
			;;
		esac
	done
}

i=0
while [ $i -lt "$processes" ]; do
	worker $i "$1" &
	first=$1
	shift
	set -- "$@" "$first"
	i=$((i + 1))
done
wait
sandbox --store "$1" run "$image" true || echo 'no run any more'
sandbox --store "$1" gc >/dev/null || echo 'gc fails in the end'
sandbox --store "$1" verify "$image" >/dev/null || echo "the image is not whole in the end"
left=$(ls -A "$1/staging" | grep -v '\.lock$')
[ -z "$left" ] || echo "left in staging: $left"
