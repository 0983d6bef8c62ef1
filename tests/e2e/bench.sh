#!/bin/sh
# bench: the driver of the benchmark runs (the tiny image, sandbox and the floor only), and its table has the rows that were asked for.  No time is judged.
# modes: user
. "${TESTS:-$(dirname "$0")/..}/lib.sh"
command -v python3 >/dev/null || skip_all 'python3 is missing'
[ -x "$HELPERS/bench/timer" ] || skip_all 'the benchmark was not built: make helpers'

rows='^(warm|together|in-a-row|waiting)$/^(floor|sandbox)$'
run python3 -B "$TESTS/bench/bench.py" --smoke --rows "$rows" --images images --out table.md \
	--helpers "$HELPERS/bench" --sandbox "$(command -v sandbox)"
is "$RC" 0 'the benchmark of a start ends well' || tell "$OUT
$ERR"
table=$(cat table.md)
for row in 'floor' 'sandbox'; do
	is "$(printf '%s\n' "$table" | grep -Ec "^\| $row \|( [0-9.,]+ \|){3} [0-9]")" 3 "a row with numbers in three sections: $row"
done
for title in 'Warm start of' '64 at once' '1,000 in a row' 'Memory of what waits'; do
	like "$table" "^## $title" "a section: $title"
done
like "$table" '^\| 64 at once: at most 2 × the floor \| [0-9.]+ × \| (met|MISSED) \|' 'a verdict on what was measured'
like "$table" '^\| cold, gzip: at most 1.7 × tar -x \| – \| not measured \|' 'and none on what was not'
unlike "$table" 'failed:' 'no row failed'
unlike "$table" "$WORK|$(uname -n | sed 's/[^a-zA-Z0-9-]/./g')/" 'no path of this machine'
is "$(ls -d "$TMPDIR"/sandbox-bench-* 2>/dev/null)" '' 'the work directory is gone'

# What cannot be run is in the table all the same, with the reason.
mkdir lame
cp "$HELPERS"/bench/* lame/
printf '#!/bin/sh\necho "floor: broken on purpose" >&2\nexit 3\n' >lame/floor
run python3 -B "$TESTS/bench/bench.py" --smoke --rows '^warm$/^floor$' --images images --out table2.md --helpers lame \
	--sandbox "$(command -v sandbox)"
is "$RC" 1 'a floor that fails is a failure of the run'
like "$(cat table2.md)" '^\| floor \| failed: status 3: floor: broken on purpose \|' 'and its row says why'
done_testing
