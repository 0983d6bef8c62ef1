#!/bin/sh
# Terminals: the caller's passed on, and one of the sandbox's own (-t).
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

image=$IMAGES/docker.tar
sandbox run "$image" true
command -v python3 >/dev/null || skip_all 'python3 is needed'

# on_terminal NAME REGEX STEP... -- COMMAND...: all steps can be done, and the text on the terminal matches
on_terminal() {
	name=$1 regex=$2
	shift 2
	run timeout 300 python3 "$TESTS/terminal.py" "$@"
	[ "$RC" = 0 ] && printf '%s\n' "$OUT" | grep -Eq -- "$regex"
	ok $? "$name" || tell "want: /$regex/
got status $RC: $OUT
$ERR"
}

# A terminal of its own
on_terminal '-t: a terminal of its own devpts' '^/dev/pts/0$' end -- sandbox run -t "$image" tty
on_terminal '-t: with the window size' '^31 99$' --size 31x99 end -- sandbox run -t "$image" stty size
on_terminal '-t: standard streams are terminals, and the status comes back' '^status 7$' end -- \
	sandbox run -it "$image" sh -c 'test -t 0 && test -t 1 && test -t 2 && exit 7'
on_terminal '-t: a new size arrives' '^40 111$' want:ready size:40x111 want:40 end -- \
	sandbox run -t "$image" sh -c 'trap "stty size; exit" WINCH; echo ready; while :; do sleep 0.1; done'
on_terminal '-t: what is typed arrives, and is shown once' '^got some words' want:ready 'type:some words\r' end -- \
	sandbox run -t "$image" sh -c 'echo ready; read x; echo "got $x"'
on_terminal '-t: /dev/console is the terminal' '^same$' end -- \
	sandbox run -t "$image" sh -c 'test -c /dev/console && echo same >/dev/console'
gives 'without -t there is no /dev/console' 1 '' sandbox run "$image" test -e /dev/console
on_terminal '-t: the terminal is the controlling one' '^yes$' end -- sandbox run -t "$image" sh -c 'echo yes >/dev/tty'
on_terminal '-t: much output arrives whole' '^199999$' end -- sandbox run -t "$image" seq 199999
on_terminal '-t: TERM is there' '^TERM=.+' end -- sandbox run -t "$image" env
on_terminal '-t: Ctrl-C ends the command' '^status 130$' want:ready modes:raw 'type:\x03' end -- \
	sandbox run -t "$image" sh -c 'echo ready; sleep 100'
on_terminal '-t: with --no-init' '^/dev/pts/0$' end -- sandbox run -t --no-init "$image" tty

# The caller's terminal: raw while it runs, and as it was in every ending
on_terminal 'raw mode ends with the command' '^status 0$' want:ready modes:raw 'type:\r' end modes:cooked -- \
	sandbox run -t "$image" sh -c 'echo ready; read x'
on_terminal 'raw mode ends where the command is not there' '^status 127$' end modes:cooked -- \
	sandbox run -t "$image" nosuchcommand
on_terminal 'raw mode ends with SIGTERM' '^status 143$' want:ready modes:raw signal:TERM end modes:cooked -- \
	sandbox run -t "$image" sh -c 'echo ready; exec sleep 100'
# a shell lives on, so that the terminal does
on_terminal 'raw mode ends even with SIGKILL' '^shell 137' want:ready modes:raw group:KILL want:shell modes:cooked -- \
	sh -mc 'sandbox run -t "$0" sh -c "echo ready; exec sleep 100"; echo shell $?; read x' "$image"
wait_for 10 gone 'echo ready; exec sleep 100'
ok $? 'and nothing is left'

# Without a terminal on the outside
is "$(echo word | sandbox run -t "$image" sh -c 'read x; echo "<$x>"' | tr -d '\r' | tail -n 1)" '<word>' '-t with a pipe on both sides'
is "$(printf 'a\nb\n' | sandbox run -t "$image" sh -c 'stty -echo; cat' | tr -d '\r' | tail -n 1)" b '-t: the end of the input is seen'
is "$(sandbox run -t "$image" yes </dev/null 2>err | head -n 1 | tr -d '\r')" y '-t: a reader that goes away ends it'

# Job control of a shell outside, without -t
if command -v bash >/dev/null; then
	on_terminal 'Ctrl-Z stops it, fg goes on' 'went on' 'want:[#$] ' "type:sandbox run -v $WORK:/w $image sh -c 'echo re\"\"ady; until [ -e /w/now ]; do sleep 0.05; done; echo went \"\"on'\r" \
		want:ready 'type:\x1a' want:Stopped 'type:fg\r' "touch:$WORK/now" 'want:went on' 'want:[#$] ' 'type:exit\r' end -- bash --norc --noprofile -i
	# The runner is slow after a change of the window's size, so that it hears of the signal and of the stop at once.  SIGCONT takes
	# away a stop signal that is still pending: nobody may take the one that process 1 has got for another.
	if strace -o /dev/null true 2>/dev/null; then
		slow='strace -DDD -qq -o /dev/null -e trace=?poll,?ppoll -e inject=?poll,?ppoll:delay_enter=300000'
		loop="sh -c 'echo re\"\"ady; until [ -e /w/then ]; do sleep 0.05; done; sleep 1; echo went \"\"on'"
		on_terminal 'a slow runner: Ctrl-Z stops it, fg goes on' 'went on' 'want:[#$] ' "type:$slow sandbox run -v $WORK:/w $image $loop\r" \
			want:ready size:40x111 'type:\x1a' want:Stopped 'type:fg\r' "touch:$WORK/then" 'want:went on' 'want:[#$] ' 'type:exit\r' end -- \
			bash --norc --noprofile -i
		rm -f then
		sandbox run -d --name box -v "$WORK:/w" "$image" sleep 1000 >/dev/null
		on_terminal 'the same with exec' 'went on' 'want:[#$] ' "type:$slow sandbox exec box $loop\r" \
			want:ready size:40x111 'type:\x1a' want:Stopped 'type:fg\r' "touch:$WORK/then" 'want:went on' 'want:[#$] ' 'type:exit\r' end -- \
			bash --norc --noprofile -i
		sandbox stop -t 0 box >/dev/null
	else
		skip 'a slow runner' 'strace is not there, or may not trace'
	fi
	on_terminal 'Ctrl-C ends it, and the shell goes on' 'status was 130' 'want:[#$] ' \
		"type:sandbox run $image sh -c 'echo re\"\"ady; sleep 100'\r" want:ready 'type:\x03' 'type:echo status was $?\r' \
		'want:status was 130' 'type:exit\r' end -- bash --norc --noprofile -i
	on_terminal '-t in the background waits to be in front' 'front' 'want:[#$] ' \
		"type:sandbox run -t $image sh -c 'echo in fr\"\"ont' &\r" 'want:\[1\]' \
		'type:until jobs | grep -q Stop; do sleep 0.05; done; jobs\r' 'want:Stopped' 'type:fg\r' 'want:in front' \
		'want:[#$] ' 'type:exit\r' end -- bash --norc --noprofile -i
else
	skip 'job control' 'no bash here'
fi

# Job control of a shell inside
on_terminal '-t: job control inside' 'inside went on' 'want:# ' 'type:sh -c "echo re\\"\\"ady; exec sleep 100"\r' want:ready 'type:\x1a' want:Stopped 'type:kill %1; fg; echo inside we""nt on\r' \
	'want:inside went on' 'type:exit\r' end -- sandbox run -t "$image" sh -i
# The command stops itself: so does sandbox, with the terminal as it was; continued, both go on.
if command -v bash >/dev/null; then
	on_terminal '-t: stopped and continued' 'and on' 'want:[#$] ' "type:sandbox run -t $image sh -c 'echo re\"\"ady; kill -STOP \$\$; echo and \"\"on'\r" \
		want:ready want:Stopped 'type:fg\r' 'want:and on' 'want:[#$] ' 'type:exit\r' end -- bash --norc --noprofile -i
fi
done_testing
