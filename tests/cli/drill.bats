#!/usr/bin/env bats
# The drill's command line, and what plants bugs for it.

bats_require_minimum_version 1.5.0

build=${CCC_BUILD:-$BATS_TEST_DIRNAME/../../build}
plant=$BATS_TEST_DIRNAME/../drill/plant

# says STATUS TEXT OPTION...: the drill ends with it at once, in one line
says() {
	run timeout 60 "$build/drill" "${@:3}"
	echo "status $status: $output"
	[ "$status" -eq "$1" ]
	[[ $output == *"$2"* ]]
}

@test "mishaps have names" {
	for name in kill power-cut EIO ENOSPC full-disk Ctrl-C unsaved overtaken; do
		run --separate-stderr "$build/drill" --errand reap-mixed --mishap "$name" --at 5
		[ "$status" -eq 0 ]
		[ "${lines[-1]}" = "no violation" ]
	done
	says 2 "there is no mishap '99'; there are: kill power-cut EIO ENOSPC full-disk Ctrl-C unsaved overtaken" --errand reap-mixed --mishap 99 --at 5
	says 2 "there is no errand 'nothing'; there are: " --errand nothing --mishap kill --at 5
}

@test "nothing is called well that was not tried" {
	says 2 "nothing was struck: reap-mixed has no effect 99999 that kill could meet" --errand reap-mixed --mishap kill --at 99999
	says 2 "--at counts effects from 1" --errand reap-mixed --mishap kill --at 0
	says 2 "--mishap and --at go together" --errand reap-mixed --mishap kill
	says 2 "--mishap, --at and --end are for '--errand'" --mishap kill --at 5
	says 2 "unexpected 'extra'" extra --seeds 1
	says 2 "unknown option '--sedes'" --sedes 1
	says 2 "an option needs a value: '--seeds'" --seeds
}

@test "help says all, and a run says what it does" {
	says 0 "usage: drill" --help
	for word in --seeds --first-seed --minutes --enumerate --replay --brief --errand --mishap --at --end unsaved overtaken reap-mixed; do
		grep -qF -- "$word" <<<"$output"
	done
	run --separate-stderr "$build/drill" --seeds 1
	[ "$status" -eq 0 ]
	[ "$stderr" = "drill: lives drawn from the seeds 1 to 1" ]
}

@test "plant names what it does not have, and what does not fit" {
	run timeout 60 "$plant" no-such-bug
	[ "$status" -eq 2 ]
	[ "$output" = "plant: there is no tests/drill/planted/no-such-bug.patch" ]
	copy=$BATS_TEST_TMPDIR/tree
	mkdir -p "$copy/tests/drill/planted"
	cp "$plant" "$copy/tests/drill/plant"
	printf 'one\n' >"$copy/file"
	printf 'P1: fits\n\n--- a/file\n+++ b/file\n@@ -1 +1 @@\n-one\n+two\n' >"$copy/tests/drill/planted/fits.patch"
	run "$copy/tests/drill/plant" --check
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	printf 'P1: does not\n\n--- a/file\n+++ b/file\n@@ -1 +1 @@\n-three\n+two\n' >"$copy/tests/drill/planted/old.patch"
	printf 'P1: does not either\n\n--- a/none\n+++ b/none\n@@ -1 +1 @@\n-three\n+two\n' >"$copy/tests/drill/planted/older.patch"
	run "$copy/tests/drill/plant" --check
	[ "$status" -eq 1 ]
	[[ $output == *"NOT FITTING old"*"NOT FITTING older"* ]]
	[[ $output != *"FITTING fits"* ]]
}
