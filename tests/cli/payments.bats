#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# P4: one payment counts for one instance of the fleet, once; who gives it again is told what came of it.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
}

# hand_over EMAIL [OPTION...]: gives the id of a machine of this user
hand_over() {
	ccc provision --ssh-key "$keys/ed25519.pub" --hours 1 -o json --email "$@" 2>/dev/null | jq -r .instanceId
}

expiry() {
	ccc status "$1" -o json | jq -r .expiresAt
}

@test "a payment that counted for one machine counts for no other" {
	first=$(hand_over a@example.com --ref bought)
	other=$(hand_over b@example.com)
	ccc extend "$first" --hours 2 --ref added >/dev/null 2>&1
	before=$(expiry "$other")
	for reference in bought added; do
		refused_in_one_line 4 "payment '$reference' was counted for instance '$first'; another payment needs another --ref" \
			ccc extend "$other" --hours 2 --ref "$reference"
		refused_in_one_line 4 "was counted for instance '$first'" ccc extend --dry-run "$other" --hours 2 --ref "$reference"
	done
	ccc deprovision "$first" >/dev/null 2>&1
	for reference in bought added; do
		refused_in_one_line 4 "payment '$reference' was used for instance '$first', which is gone; another payment needs another --ref" \
			ccc extend "$other" --hours 2 --ref "$reference"
		refused_in_one_line 4 "payment '$reference' was used for instance '$first', which is gone" \
			ccc provision --email c@example.com --ssh-key "$keys/ed25519.pub" --ref "$reference"
	done
	[ "$(expiry "$other")" = "$before" ]
	[ "$(servers)" -eq 1 ]
}

@test "a payment whose machine was never handed over is still good" {
	stand_in nix-build <<<'exit 1'
	run with_stand_ins ccc provision --email a@example.com --ssh-key "$keys/ed25519.pub" --ref p1
	[ "$status" -ne 0 ]
	[ "$(ccc list -o json)" = "[]" ]
	other=$(hand_over b@example.com)
	ccc extend "$other" --hours 2 --ref p1 2>/dev/null
}

@test "a machine that has the id of another life does not use up that one's payment" {
	before=$(hand_over a@example.com)
	ccc deprovision "$before" >/dev/null 2>&1
	stand_in nix-build <<<'exit 1'
	run with_stand_ins ccc provision --email b@example.com --ssh-key "$keys/ed25519.pub" --ref p1
	failed=$(tail -n 1 "$CCC_STATE_DIR/history.jsonl" | jq -r .instanceId)
	after=$(hand_over c@example.com)
	ccc deprovision "$after" >/dev/null 2>&1
	other=$(hand_over d@example.com)
	cp "$CCC_STATE_DIR/history.jsonl" "$BATS_TEST_TMPDIR/history"
	for same in "$before" "$after"; do
		sed "s/$same/$failed/g" "$BATS_TEST_TMPDIR/history" >"$CCC_STATE_DIR/history.jsonl"
		ccc extend --dry-run "$other" --hours 2 --ref p1
	done
}

@test "a payment that is given again says what it brought, and when" {
	id=$(hand_over a@example.com)
	run --separate-stderr ccc extend "$id" --hours 2 --ref p1
	[ "$status" -eq 0 ]
	[ "$output" = "Instance $id now ends at $(expiry "$id")." ]
	at=$(jq -r '.instances[].payments[] | select(.reference == "p1") | .at' "$CCC_STATE_DIR/instances.json")
	run --separate-stderr ccc extend "$id" --hours 2 --ref p1
	[ "$status" -eq 0 ]
	[ "$output" = "Payment 'p1' was counted before, at $at: nothing was added. Instance $id ends at $(expiry "$id")." ]
	run --separate-stderr ccc extend "$id" --hours 2 --ref p1 -o json
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.countedBefore, .countedAt, .expiresAt]' <<<"$output")" = "[true,\"$at\",\"$(expiry "$id")\"]" ]
	run --separate-stderr ccc extend "$id" --hours 2 --ref p2 -o json
	[ "$(jq -c '[.countedBefore, .countedAt]' <<<"$output")" = "[false,null]" ]
	run ccc extend --dry-run "$id" --hours 2 --ref p1
	[ "$output" = "payment 'p1' was counted before, at $at, for instance '$id'; nothing would be added" ]
}

@test "time that is added while the box can't be reached counts, and is told later" {
	id=$(hand_over a@example.com)
	hcloud server poweroff "cc-$id" >/dev/null
	run --separate-stderr ccc extend "$id" --hours 2 --ref p1
	[ "$status" -eq 7 ]
	[ "$output" = "Instance $id now ends at $(expiry "$id")." ]
	[[ $stderr == *"ccc: the time is added, but the box was not told yet: instance '$id': "* ]]
	run --separate-stderr ccc extend "$id" --hours 2 --ref p1 -o json
	[ "$status" -eq 7 ]
	[ "$(jq -c '[.countedBefore, .expiresAt]' <<<"$output")" = "[true,\"$(expiry "$id")\"]" ]
	hcloud server poweron "cc-$id" >/dev/null
	later ccc reap 2>/dev/null
	[ "$(cat "$HETZNER_SIM_DIR/none/$id/expires-at")" -eq "$(date -d "$(expiry "$id")" +%s)" ]
	[[ $(ccc help) == *"  7  "*"recorded"*"'ccc reap'"* ]]
}

@test "a payment that is given to provision again says that nothing new was ordered" {
	id=$(hand_over a@example.com --ref p1)
	at=$(jq -r '.instances[].payments[].at' "$CCC_STATE_DIR/instances.json")
	run --separate-stderr ccc provision --email a@example.com --ssh-key "$keys/ed25519.pub" --hours 1 --ref p1
	[ "$status" -eq 0 ]
	[[ $output == "Instance     $id "* ]]
	[ "$stderr" = "ccc: payment 'p1' was counted before, at $at, for instance '$id'; nothing new is ordered" ]
	run --separate-stderr ccc provision --email a@example.com --ssh-key "$keys/ed25519.pub" --hours 1 --ref p1 -o json
	[ "$(jq -c '[.countedBefore, .countedAt]' <<<"$output")" = "[true,\"$at\"]" ]
	[ "$(servers)" -eq 1 ]
}
