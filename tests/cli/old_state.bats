#!/usr/bin/env bats
# P4: a state that was put back from an old copy, or lost, ends nobody and begins no other fleet.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
	fleet=$(jq -r .fleet.id "$CCC_STATE_DIR/instances.json")
	provision >/dev/null
	id=$(only_id)
	cp -a "$CCC_STATE_DIR" "$BATS_TEST_TMPDIR/old"
}

put_old_state_back() {
	cp "$BATS_TEST_TMPDIR/old/instances.json" "$CCC_STATE_DIR/instances.json"
}

@test "an old copy is refused by all that writes, until it is rebuilt" {
	ccc extend "$id" --hours 24 --ref shop-1 >/dev/null
	new=$(member expiresAt)
	put_old_state_back
	old=$(cat "$CCC_STATE_DIR/instances.json")
	advance 7200
	for command in reap "extend $id --hours 1" "keys $id --add $keys/rsa4096.pub" "deprovision $id" "suspend $id" \
		"provision --email other@example.com --ssh-key $keys/ed25519.pub --hours 1"; do
		# shellcheck disable=SC2086
		run faketime -f +7200s ccc $command
		echo "$command: $status: $output"
		[ "$status" -eq 6 ]
		[[ $output == *"is an old copy: the history beside it is "*" changes ahead"*"ccc init --adopt --fleet $fleet"* ]]
	done
	[ "$(servers)" -eq 1 ]
	[ "$old" = "$(cat "$CCC_STATE_DIR/instances.json")" ]
	run --separate-stderr ccc health
	[ "$status" -eq 2 ]
	[[ $output == *"critical stale-state"* ]]
	# the way out that they name
	mv "$CCC_STATE_DIR/instances.json" "$BATS_TEST_TMPDIR/away"
	ccc init --adopt --fleet "$fleet" >/dev/null
	faketime -f +7200s ccc fsck --fix
	[ "$(member expiresAt)" = "$new" ]
	faketime -f +7200s ccc reap
	[ "$(servers)" -eq 1 ]
	run ccc fsck
	[ "$status" -eq 0 ]
}

@test "of an old copy nothing is found but that it is old" {
	ccc provision --email other@example.com --ssh-key "$keys/ed25519.pub" --hours 1 >/dev/null
	other=$(ccc list -o json | jq -r '.[] | select(.email == "other@example.com").instanceId')
	ccc deprovision "$id" >/dev/null
	put_old_state_back
	way="put the newest copy of instances.json back, or move the file away and rebuild it from the history: ccc init --adopt --fleet $fleet; ccc fsck --fix"
	for options in "" --fix "--fix --yes"; do
		# shellcheck disable=SC2086
		run --separate-stderr ccc fsck $options -o json
		echo "$output"
		[ "$status" -eq 1 ]
		[ "$(jq -c '[.findings[].kind, .mended[].kind]' <<<"$output")" = '["stale-state"]' ]
		[ "$(jq -c '.findings[0] | [.fix, .safe, .advice]' <<<"$output")" = "[null,null,\"$way\"]" ]
		[[ $stderr == "ccc: 1 finding"* ]]
	done
	[ ! -e "$CCC_STATE_DIR/instances/$id/known_hosts" ]
	run --separate-stderr faketime -f +4h ccc health -o json
	[ "$status" -eq 2 ]
	[ "$(jq -c '[.problems[] | .kind, .safe, .advice]' <<<"$output")" = "[\"stale-state\",null,\"$way\"]" ]
	# the way out that they name
	mv "$CCC_STATE_DIR/instances.json" "$BATS_TEST_TMPDIR/away"
	eval "${way##*history: }"
	[ "$(ccc list -o json | jq -r '.[].instanceId')" = "$other" ]
	ccc fsck
}

@test "whois answers from the history when the state is an old copy" {
	ip=$(member serverIp)
	ccc deprovision "$id" >/dev/null
	ccc provision --email other@example.com --ssh-key "$keys/ed25519.pub" --hours 1 >/dev/null
	new=$(member serverIp)
	put_old_state_back
	run --separate-stderr ccc whois "$ip" -o json
	[ "$(jq -c '[.[] | .email, .until != null]' <<<"$output")" = '["user@example.com",true]' ]
	[[ $stderr == "ccc: warning: "*" is an old copy: "*"Until then the history answers alone"* ]]
	run --separate-stderr ccc whois "$new" -o json
	[ "$(jq -r '.[].email' <<<"$output")" = other@example.com ]
}

@test "an old copy is said to be one by all that show it" {
	ccc extend "$id" --hours 24 --ref shop-1 >/dev/null
	for command in list "status $id" "keys $id" resume "extend $id --hours 1 --dry-run"; do
		# shellcheck disable=SC2086
		run --separate-stderr ccc $command
		[ "$status" -eq 0 ]
		[ -z "$stderr" ]
	done
	put_old_state_back
	warning="ccc: warning: instances.json in '$CCC_STATE_DIR' is an old copy: the history beside it is "
	for command in list "status $id" "keys $id" resume "ssh $id -- true" "extend $id --hours 1 --dry-run" "reap --dry-run"; do
		# shellcheck disable=SC2086
		run --separate-stderr ccc $command
		echo "$command: $stderr"
		[ "$status" -eq 0 ]
		[ "$(grep -c . <<<"$stderr")" -eq 1 ]
		[[ $stderr == "$warning"*" changes ahead"*"'ccc init --adopt --fleet $fleet' and then 'ccc fsck --fix'" ]]
	done
	run --separate-stderr ccc doctor
	[ "$status" -eq 6 ]
	[[ $output == *"failure  state            ${warning#ccc: warning: }"* ]]
}

@test "an old copy that lacks an instance begins nothing beside it" {
	ccc provision --email other@example.com --ssh-key "$keys/ed25519.pub" --hours 1 >/dev/null
	put_old_state_back
	run ccc provision --email other@example.com --ssh-key "$keys/ed25519.pub" --hours 1
	[ "$status" -eq 6 ]
	[ "$(servers)" -eq 2 ]
}

@test "the state and the history of two fleets are told apart" {
	mkdir -m 0700 "$BATS_TEST_TMPDIR/other"
	CCC_STATE_DIR=$BATS_TEST_TMPDIR/other ccc init --another >/dev/null
	cp "$BATS_TEST_TMPDIR/other/instances.json" "$CCC_STATE_DIR/instances.json"
	refused_in_one_line 6 "has the history of fleet '$fleet' and the state of fleet" ccc reap
	[ "$(servers)" -eq 1 ]
}

@test "where a fleet's state was lost, init begins no other" {
	rm "$CCC_STATE_DIR/instances.json"
	for command in init list reap "status $id" "provision --email a@example.com --ssh-key $keys/ed25519.pub"; do
		# shellcheck disable=SC2086
		refused_in_one_line 6 "has lost its instances.json, and the history of a fleet is left in it" ccc $command
		[[ $output == *"put a copy of that file back, or rebuild it with 'ccc init --adopt --fleet $fleet' and then 'ccc fsck --fix'"* ]]
	done
	run ccc health
	[ "$status" -eq 3 ]
	[[ $output == "UNKNOWN - "*"ccc init --adopt --fleet $fleet"* ]]
	run ccc doctor
	[ "$status" -eq 6 ]
	[[ $output == *"failure  state"*"ccc init --adopt --fleet $fleet"* ]]
	[ ! -e "$CCC_STATE_DIR/instances.json" ]
	mkdir -m 0700 "$BATS_TEST_TMPDIR/other"
	CCC_STATE_DIR=$BATS_TEST_TMPDIR/other ccc init --another >/dev/null
	other=$(jq -r .fleet.id "$BATS_TEST_TMPDIR/other/instances.json")
	refused_in_one_line 6 "has the history of fleet '$fleet' and the state of fleet '$other'" ccc init --adopt --fleet "$other"
	mv "$CCC_STATE_DIR/history.jsonl" "$BATS_TEST_TMPDIR/history"
	refused_in_one_line 6 "a folder of a fleet is left in it" ccc init
	mv "$BATS_TEST_TMPDIR/history" "$CCC_STATE_DIR/history.jsonl"
	ccc init --adopt --fleet "$fleet" >/dev/null
	ccc fsck --fix
	[ "$(ccc list -o json | jq -r '.[].instanceId')" = "$id" ]
}

@test "where the history is an old copy too, the server's label keeps what was paid" {
	ccc extend "$id" --hours 24 --ref shop-1 >/dev/null
	new=$(member labelExpiresAt)
	rm -r "$CCC_STATE_DIR"
	cp -a "$BATS_TEST_TMPDIR/old" "$CCC_STATE_DIR"
	advance 7200
	run faketime -f +7200s ccc reap
	[ "$status" -eq 0 ]
	[[ $output == *"label says that it is paid until $new"* ]]
	[ "$(servers)" -eq 1 ]
	[ "$(member expiresAt)" = "$new" ]
	run faketime -f +7200s ccc reap
	[ "$output" = "" ]
	advance 100000
	faketime -f +107200s ccc reap
	[ "$(servers)" -eq 0 ]
}

@test "a machine that goes on by its label takes time, and an order to end it is obeyed" {
	ccc extend "$id" --hours 24 --ref shop-1 >/dev/null
	label=$(member labelExpiresAt)
	rm -r "$CCC_STATE_DIR"
	cp -a "$BATS_TEST_TMPDIR/old" "$CCC_STATE_DIR"
	advance 7200
	faketime -f +7200s ccc reap
	[ "$(jq '.instances[] | has("reason") or has("deletingAt")' "$CCC_STATE_DIR/instances.json")" = false ]
	faketime -f +7200s ccc extend "$id" --hours 1 --ref shop-2 >/dev/null
	[ "$(member expiresAt)" = "$(date -u -d "$label + 1 hour" +%Y-%m-%dT%H:%M:%SZ)" ]
	rm -r "$CCC_STATE_DIR"
	cp -a "$BATS_TEST_TMPDIR/old" "$CCC_STATE_DIR"
	faketime -f +7200s ccc deprovision "$id" --yes
	[ "$(servers)" -eq 0 ]
}

@test "a label that says no time that there is keeps nobody, and spoils no state" {
	server=$(member serverId)
	until=$(member expiresAt)
	hcloud server add-label --overwrite "$server" ccc-expires=253402300800 >/dev/null
	ccc extend "$id" --hours 24 >/dev/null
	new=$(date -u -d "$until + 24 hours" +%Y-%m-%dT%H:%M:%SZ)
	[ "$(member expiresAt)" = "$new" ]
	[ "$(member labelExpiresAt)" = "$new" ]
	hcloud server add-label --overwrite "$server" ccc-expires=253402300800 >/dev/null
	advance 100000
	faketime -f +100000s ccc reap
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
}

@test "an extension of such a copy comes on top of what the label says" {
	ccc extend "$id" --hours 48 --ref shop-1 >/dev/null
	paid=$(member expiresAt)
	rm -r "$CCC_STATE_DIR"
	cp -a "$BATS_TEST_TMPDIR/old" "$CCC_STATE_DIR"
	run ccc extend "$id" --hours 24 --ref shop-2
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"label says that it is paid until $paid"* ]]
	new=$(date -u -d "$paid + 24 hours" +%Y-%m-%dT%H:%M:%SZ)
	[ "$(member expiresAt)" = "$new" ]
	[ "$(member labelExpiresAt)" = "$new" ]
	[ "$(member boxExpiresAt)" = "$new" ]
}
