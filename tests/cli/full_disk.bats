#!/usr/bin/env bats
# P7: on a full disk nothing new is begun, and what is under way is brought to its end.

# shellcheck disable=SC2016 # scripts for an inner shell
bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
}

# on_small_disk SCRIPT: with a state directory on a disk of 2 MB of its own; `fill` leaves no byte of it
on_small_disk() {
	export build keys CCC_STATE_DIR=$BATS_TEST_TMPDIR/small
	mkdir -p "$CCC_STATE_DIR"
	unshare --mount bash -euc '
		mount -t tmpfs -o size=2m,mode=0700 small "$CCC_STATE_DIR"
		fill() { cat /dev/zero >>"$CCC_STATE_DIR/filling" 2>/dev/null || true; }
		provision() { ccc provision --email "$1" --ssh-key "$keys/ed25519.pub" --hours 1; }
		'"$1"
}

@test "an end goes on, a beginning does not" {
	run on_small_disk '
		ccc init >/dev/null
		provision user@example.com >/dev/null
		id=$(ccc list -o json | jq -r ".[0].instanceId")
		fill
		provision other@example.com && exit 90
		ccc list
		ccc deprovision "$id" || exit 91
		[ "$(ccc list -o json)" = "[]" ] || exit 92
		fill
		provision other@example.com && exit 93
		rm "$CCC_STATE_DIR/filling"
		provision other@example.com >/dev/null || exit 94
		[ -e "$CCC_STATE_DIR/reserve" ] || exit 95
	'
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"whose disk is full; free some room"*"is gone, and so is its server."*"whose disk is full; free some room"* ]]
	[ "$(servers)" -eq 1 ]
}

@test "paid time is taken on a full disk too" {
	run on_small_disk '
		ccc init >/dev/null
		provision user@example.com >/dev/null
		id=$(ccc list -o json | jq -r ".[0].instanceId")
		fill
		ccc extend "$id" --hours 2 --ref p1 || exit 90
		[ "$(ccc status "$id" -o json | jq .paidSeconds)" -eq 10800 ] || exit 91
	'
	echo "$output"
	[ "$status" -eq 0 ]
}
