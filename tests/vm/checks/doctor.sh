# doctor: what `sandbox doctor` says of a whole machine, and that a run agrees.  Started by ../session.sh.
. /tests/lib.sh

# verdict NAME: of one line
verdict() {
	sed -n "s/^\([a-z]*\) *$1  .*/\1/p" .report
}

# An initramfs with nothing mounted
bare=-bare wanted=1
[ ! -e /proc/self ] || bare=
[ -n "$bare" ] && [ "$MODE" = user ] || wanted=0

sandbox doctor --store "$WORK/store" >.report 2>.errors
status=$?
sandbox run -q --store "$WORK/store" "$IMAGES/docker.tar" true 2>>.errors
is "$((status == 0))" "$(($? == 0))" 'a run agrees with the exit status' || tell "$(cat .report .errors)"
is "$status" "$wanted" 'whether images can be run' || tell "$(cat .report)"
names='seccomp store store-locks store-exec'
[ $wanted = 1 ] || names="$names user-namespaces id-map pid-namespace mount-namespace proc dev devpts sysfs network-namespace run"
for name in $names; do
	is "$(verdict $name)" ok "$name"
done
is "$(verdict host-files)" "$([ -z "$bare" ] && echo ok || { [ "$MODE" = user ] && echo broken || echo missing; })" host-files
is "$(sed -n 's/^ok *kernel *Linux \([^,]*\), \([^;]*\).*/\1 \2/p' .report)" "$(uname -r) $(uname -m)" kernel

# What these kernels differ in
major=$(uname -r | cut -d. -f1) minor=$(uname -r | cut -d. -f2)
at_least() {
	[ "$major" -gt "$1" ] || { [ "$major" = "$1" ] && [ "$minor" -ge "$2" ]; } && echo "${3:-ok}" || echo "${4:-missing}"
}
[ $wanted = 1 ] || is "$(verdict system-calls)" "$(at_least 5 12)" 'system-calls'
[ "$overlay" = no ] && have=missing || have=$(at_least 5 11)
[ $wanted = 0 ] || have=broken
is "$(verdict overlay)" "$have" 'overlay'
is "$(verdict landlock)" "$(at_least 5 19)" 'landlock'
sandbox run -q --store "$WORK/store" "$IMAGES/docker.tar" sh -c 'echo x >/etc/passwd' 2>/dev/null
is "$(($? == 0))" "$([ "$(verdict overlay)" = ok ] && echo 1 || echo 0)" 'overlay: a run agrees'
sandbox run -q --store "$WORK/store" --memory 64m "$IMAGES/docker.tar" true 2>/dev/null
is "$(($? == 0))" "$(grep -c '^[a-z]* *cgroups *memory' .report)" 'cgroups: a run agrees' || tell "$(cat .report)"

# The picture of this host in docs/doctor/, with what changes left out; pictures.py draws it anew from these lines.
sed 's/^\(ok *kernel *Linux [0-9]*\.[0-9]*\)[^,]*/\1/; s/, [0-9.]* .B free/, N free/' .report >.picture
cmp -s .picture "/pictures/$major.$minor$bare-$MODE.txt"
ok $? "the picture $major.$minor$bare-$MODE"
sed 's/^/# /' .picture
done_testing
