#!/bin/sh
# modes: user
# Random layers, and every image at hand, become the same with sandbox, with umoci, and with a model of the image-spec in
# Python; the differences that remain are told in tests/diff/DIFFERENCES.md.
# A longer run: tests/diff/run.py --count 2000 --seed N
. "${TESTS:-$(dirname "$0")/..}/lib.sh"

command -v umoci >/dev/null || skip 'umoci makes the same' 'umoci is not installed'

# compared NAME ARGUMENT...: run.py explains all differences; what it was about goes into comments
compared() {
	name=$1
	shift
	python3 -B "$TESTS/diff/run.py" "$@" >told 2>&1
	ok $? "$name" || tell "$(grep -v '^#' told)"
	grep '^#' told
	tail -n 1 told | sed 's/^/# /'
}

compared 'random sequences of layers' --count "${DIFF_COUNT:-200}" --seed "${DIFF_SEED:-1}"

# Every rule has its paragraph, and every paragraph a rule.
grep -ohE '\b(sandbox|umoci|python)_[a-z0-9_]+\b' "$TESTS/diff/compare.py" "$TESTS/diff/images.py" | sort -u |
	grep -vxE 'sandbox_unpack|umoci_unpack|umoci_case|sandbox_case' >rules
grep -ohE '\b(sandbox|umoci|python)_[a-z0-9_]+\b' "$TESTS/diff/DIFFERENCES.md" | sort -u >paragraphs
is "$(cat rules)" "$(cat paragraphs)" 'DIFFERENCES.md tells the rules that there are'

# Images of each kind, those of cases.sh and dialects.sh and, where ../shared is, those.
python3 -B "$TESTS/cases/make.py" own "$IMAGES/rootfs.tar" >log 2>&1 && python3 -B "$TESTS/hostile/dialects.py" d >>log 2>&1
ok $? 'the images are made' || tell "$(cat log)"
python3 -c 'import json
for case in json.load(open("own/list.json")):
    if "refused" not in case and case.get("compare", True):
        print("own/" + case["image"])' >list
ls d/rootfs/*.tar d/packed/*.tar >>list
# shellcheck disable=SC2046 # one word each
compared 'images of each kind' --images $(cat list)
if [ -e "${SHARED:-}/cases/make_cases.py" ]; then
	python3 -B "$SHARED/cases/make_cases.py" "$WORK/made" >log 2>&1
	python3 -c 'import json, sys
for case in json.load(open(sys.argv[1] + "/cases.json")):
    if "refusal" not in case:
        print(sys.argv[1] + "/" + case["image"])' "$WORK/made" >list
	# shellcheck disable=SC2046
	compared 'the shared cases' --images $(cat list)
	tail -n +2 "$SHARED/images/INDEX.tsv" | cut -f 1 | sed "s,^,$SHARED/images/," >list
	# shellcheck disable=SC2046
	compared 'the real images' --images $(cat list)
fi
done_testing
