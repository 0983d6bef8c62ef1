#!/bin/sh
# modes: user
# The man page and the shells' completion are made from the option tables: they hold all options, and the programs
# that read them find no fault.
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

sandbox help --man >sandbox.1
run groff -man -Tutf8 -ww -z sandbox.1
is "$RC:$OUT$ERR" '0:' 'groff has nothing to say about the man page'
groff -man -Tutf8 -P-cbou sandbox.1 >page 2>/dev/null

verbs=$(sandbox help | sed -n 's/^  sandbox \([a-z]*\) .*/\1/p')
lacking=
for verb in $verbs; do
	grep -q "sandbox $verb" page || lacking="$lacking $verb"
	for option in $(sandbox help "$verb" | grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+'); do
		grep -q -- "$option" page || lacking="$lacking $verb:$option"
	done
done
is "$lacking" '' 'the man page has every verb and option'
like "$(cat page)" 'abstract' 'it says that abstract sockets are shared with the network of the host'
like "$(sandbox help run)" '^Confinement:' '`sandbox help run` groups the options'

sandbox run -q "$IMAGES/docker.tar" true
sandbox help --completion bash >bash.sh
# complete_bash WORD...: what bash offers for the last of the words
complete_bash() {
	bash -c '. ./bash.sh; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sandbox; printf "%s\n" "${COMPREPLY[@]}"' bash "$@" | sort
}
is "$(complete_bash sandbox ru)" run 'bash: a verb'
is "$(complete_bash sandbox run --entry)" --entrypoint 'bash: an option'
is "$(complete_bash sandbox --store x run --cap-a)" --cap-add 'bash: behind an option that takes a value'
is "$(complete_bash sandbox run --env-file --cap-a)" '' 'bash: no option where a value is expected'
name=$(sandbox images | sed -n '2s/ .*//p')
like "$(complete_bash sandbox run "$(printf %.3s "$name")")" "^$name\$" 'bash: a name of an image'
is "$(complete_bash sandbox run -- | wc -l)" "$(sandbox help run | grep -cE '^ +(-[a-zA-Z], )?--[a-z]')" \
	'bash: as many long options as help tells'

sandbox help --completion zsh >_sandbox
run zsh -n _sandbox
is "$RC:$ERR" '0:' 'zsh: reads the script'
# compdef's function is called with a stand-in for _arguments that prints what it is given
run zsh -fc 'words=(sandbox run --x); CURRENT=3; _arguments() { print -l -- "$@" }; . ./_sandbox'
like "$OUT" '^\*--entrypoint\[.*:COMMAND:_files$' 'zsh: an option with its help and value'
is "$(printf '%s\n' "$OUT" | grep -oE -- '--[a-z-]+' | grep -cxE -- '--(entrypoint|cap-add|volume|store)')" 4 'zsh: the others'
fails 'another shell' 125 'only bash and zsh' sandbox help --completion fish
done_testing
