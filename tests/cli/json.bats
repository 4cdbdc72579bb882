#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# -o json: one JSON value on standard output and nothing else there, of every command; and
# every command says when standard output can't be written.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
}

# json STATUS FILTER EXPECTED COMMAND...: its output is one value, of which the filter gives that
json() {
	local expected_status=$1 filter=$2 expected=$3
	shift 3
	run --separate-stderr ccc "$@" -o json
	echo "ccc $*: $status: $output"
	[ "$status" -eq "$expected_status" ]
	[ "$(jq -s length <<<"$output")" -eq 1 ]
	[ "$(jq -c "$filter" <<<"$output")" = "$expected" ]
}

@test "what there is, and what was done" {
	json 0 '[.fleet, .firewallId, .sshKeyId] | map(type)' '["string","number","number"]' init
	json 0 '.' '[]' list
	json 0 '.' '[]' reap
	json 0 '.' '[]' resume
	json 0 '[.status, .serverType]' '["running","cpx21"]' provision --email user@example.com --ssh-key "$keys/ed25519.pub"
	id=$(only_id)
	json 0 'map(.instanceId)' "[\"$id\"]" list
	json 0 '[.instanceId, (.history | length > 5), (.timeLeftSeconds > 86000)]' "[\"$id\",true,true]" status "$id"
	json 0 '[.instanceId, .paidSeconds]' "[\"$id\",90000]" extend "$id" --hours 1
	json 0 'map(.state) | length' 1 keys "$id"
	json 0 'map(.instanceId)' "[\"$id\"]" whois "$(member serverIp)"
	json 3 '.' '[]' whois 192.0.2.1
	json 0 '.findings' '[]' fsck
	json 0 '.status' '"OK"' health
	json 0 '[.instanceId, .status]' "[\"$id\",\"suspended\"]" suspend "$id"
	json 0 '[.instanceId, .status]' "[\"$id\",\"running\"]" unsuspend "$id"
	json 0 'map([.verdict, .check]) | unique | map(.[0]) | unique' '["ok","warning"]' doctor
	json 0 '.' "[{\"instanceId\":\"$id\",\"outcome\":\"done\",\"status\":\"gone\"}]" deprovision "$id"
	json 0 '.version | type' '"string"' version
	json 0 'map(.name)' "$(ccc help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p' | jq -cRn '[inputs]')" help
	json 0 '[.name, (.options | map(.name))]' '["extend",["hours","ref","dry-run"]]' help extend
	json 0 '.name' '"reap"' reap --help
}

@test "what would be done" {
	json 0 "[.would, .stateDirectory]" "[null,\"$CCC_STATE_DIR\"]" init --dry-run
	json 0 '.' '[]' reap --dry-run
	json 0 '.' '[]' resume --dry-run
	provision >/dev/null
	id=$(only_id)
	json 0 '.' "{\"would\":\"extend\",\"instanceId\":\"$id\",\"hours\":3}" extend "$id" --hours 3 --dry-run
	json 0 '.[0] | [.would, .instanceId, .email, .timeLeftSeconds > 3000]' \
		"[\"end\",\"$id\",\"user@example.com\",true]" deprovision "$id" --dry-run
	json 0 '.' "{\"would\":\"suspend\",\"instanceId\":\"$id\",\"email\":\"user@example.com\"}" suspend "$id" --dry-run
	json 0 '[.would, .instanceId]' "[null,\"$id\"]" unsuspend "$id" --dry-run
	json 0 '[.would, .instanceId, (.sshKeys | length)]' "[\"keys\",\"$id\",2]" \
		keys "$id" --add "$keys/rsa4096.pub" --dry-run
	run --separate-stderr faketime -f +7200s ccc reap --dry-run -o json
	[ "$status" -eq 1 ]
	[ "$output" = "[]" ]
	advance 7200
	run --separate-stderr faketime -f +7200s ccc reap --dry-run -o json
	[ "$(jq -c . <<<"$output")" = \
		"[{\"would\":\"end\",\"instanceId\":\"$id\",\"email\":\"user@example.com\",\"reason\":\"expired\"}]" ]
	stand_in nix-build <<<'sleep 30'
	with_stand_ins timeout -s INT 1 "$build/ccc" provision --email other@example.com --ssh-key "$keys/ed25519.pub" || true
	other=$(ccc list -o json | jq -r '.[] | select(.email == "other@example.com") | .instanceId')
	json 0 '.' "[{\"would\":\"resume\",\"instanceId\":\"$other\"}]" resume --dry-run
	json 0 'map([.would, .instanceId])' "[[\"resume\",\"$other\"]]" reap --dry-run
	[ "$(servers)" -eq 2 ]
}

@test "what failed, is held or was interrupted is told for each" {
	provision >/dev/null
	first=$(only_id)
	provision --email other@example.com >/dev/null
	second=$(ccc list -o json | jq -r '.[] | select(.email == "other@example.com") | .instanceId')
	hcloud server remove-label "cc-$first" ccc-nonce >/dev/null
	json 7 'map([.instanceId, .outcome, .status, (.error // "" | test("not touched"))])' \
		"[[\"$first\",\"failed\",\"deleting\",true],[\"$second\",\"done\",\"gone\",false]]" deprovision "$first" "$second"
	provision --email third@example.com >/dev/null
	third=$(ccc list -o json | jq -r '.[] | select(.email == "third@example.com") | .instanceId')
	# Somebody else works on it: the goal is set, and the holder will see it.
	exec 8>"$CCC_STATE_DIR/locks/$third"
	flock 8
	json 0 '.' "[{\"instanceId\":\"$third\",\"outcome\":\"held\"}]" deprovision "$third"
	[[ $stderr == *"in the hands of another ccc"* ]]
	exec 8>&-
	json 0 'map(select(.instanceId == "'"$third"'") | .outcome)' '["done"]' resume "$third"
}

@test "nothing is on standard output when a command fails" {
	for command in "status abc123" "extend abc123 --hours 1" "deprovision abc123" "resume abc123" "frobnicate" \
		"provision --email nobody" "-C /nonexistent list"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr ccc $command -o json
		[ "$status" -ne 0 ]
		[ -z "$output" ]
		[ "${#stderr_lines[@]}" -eq 1 ]
	done
}

@test "standard output that is full or closed is an error, and nothing is lost" {
	for command in list reap resume fsck help version doctor "init --dry-run" init; do
		for where in '>/dev/full' '>&-'; do
			run bash -c "ccc $command -o json $where"
			[ "$status" -eq 1 ]
			[[ $output == *"cannot write to standard output"* ]]
		done
	done
	run bash -c "ccc provision --email user@example.com --ssh-key '$keys/ed25519.pub' >/dev/full"
	[ "$status" -eq 1 ]
	[[ $output == *"cannot write to standard output"* ]]
	[ "$(ccc list -o json | jq -r '.[0].status')" = running ]
	for command in "status $(only_id)" "extend $(only_id) --hours 1 --ref p1" "deprovision $(only_id)"; do
		run bash -c "ccc $command >/dev/full"
		[ "$status" -eq 1 ]
		[[ $output == *"cannot write to standard output"* ]]
	done
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
}

@test "closed standard descriptors are nobody else's" {
	# What is opened next would take their numbers: what is said would end in a file or a socket.
	run bash -c "ccc provision --email user@example.com --ssh-key '$keys/ed25519.pub' <&- >&- 2>&-"
	[ "$status" -eq 1 ]
	id=$(only_id)
	[ "$(ccc list -o json | jq -r '.[0].status')" = running ]
	run grep -rlE 'Log in with|making host keys|standard output' "$CCC_STATE_DIR"
	[ -z "$output" ]
	run bash -c "ccc reap <&- >&- 2>&-"
	[ "$status" -eq 0 ]
	run bash -c "ccc deprovision $id <&- 2>&-"
	[ "$status" -eq 0 ]
	[ "$(servers)" -eq 0 ]
}
