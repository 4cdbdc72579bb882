#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# A kexec that comes back in the base system: the server is rebuilt and installed once more, once. Whatever
# happens to that request, it is sent a single time and to our own server only.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
	fall_back 1
}

teardown() {
	[ -z "${ccc-}" ] || kill -9 "$ccc" 2>/dev/null || true
	stop_simulator
}

# fall_back TIMES [COMMAND]: so often the machine comes back in its old system; the command comes before that
fall_back() {
	echo "$1" >"$BATS_TEST_TMPDIR/left"
	stand_in nixos-anywhere <<-END
		left=\$(cat "$BATS_TEST_TMPDIR/left")
		[ "\$left" -gt 0 ] || exec $(PATH=${PATH#"$BATS_TEST_TMPDIR/bin:"} command -v nixos-anywhere) "\$@"
		echo \$((left - 1)) >"$BATS_TEST_TMPDIR/left"
		echo '### Switching system into kexec ###'
		echo '### Gathering machine facts ###'
		${2-}
		echo 'aborted: Failed to kexec into NixOS installer' >&2
		exit 1
	END
}

# rebuilds: requests for one that arrived
rebuilds() {
	curl -s "$HETZNER_SIM/requests" | jq '.routes["POST /servers/{id}/actions/rebuild"] // 0'
}

rebuild_fault() {
	fault "{\"match\": {\"method\": \"POST\", \"route\": \"/servers/{id}/actions/rebuild\"}, $1}"
}

# begin: a provision at work in the background
begin() {
	PATH=$BATS_TEST_TMPDIR/bin:$PATH ccc provision --email user@example.com --ssh-key "$keys/ed25519.pub" --hours 1 \
		>"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	ccc=$!
}

events() {
	jq -r .event "$CCC_STATE_DIR/history.jsonl" | tr '\n' ' '
}

is_sent() {
	[ "$(rebuilds)" -eq 1 ]
}

has_fact() {
	[ "$(member "$1")" != null ]
}

is_handed_over() {
	[ "$(member status)" = running ] && [ "$(rebuilds)" -eq 1 ] && [ "$(servers)" -eq 1 ]
}

@test "once: the server is rebuilt and installed again" {
	run with_stand_ins provision
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"Failed to kexec"*"the base system is put back"* ]]
	is_handed_over
	[[ $(events) == *" reachable install-started kexec-failed rebuild-sent rebuilt reachable install-started installed verified "* ]]
	[ "$(ccc ssh "$(only_id)" -- true 2>&1)" = "" ]
}

@test "twice: it failed, and nothing is left" {
	fall_back 2
	run with_stand_ins provision
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"failed with status 1 while 'looking at the machine': "*"Failed to kexec into NixOS installer"* ]]
	[ "$(rebuilds)" -eq 1 ]
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
}

@test "killed while it is rebuilt, it goes on without another rebuild" {
	rebuild_fault '"action_seconds": 60'
	begin
	until_true 10 has_fact rebuildSentAt
	until_true 5 is_sent
	kill -9 "$ccc"
	wait "$ccc" || true
	[ "$(member rebuiltAt)" = null ]
	run with_stand_ins ccc resume
	echo "$output"
	[ "$status" -eq 0 ]
	is_handed_over
}

@test "a rebuild without an answer is waited for until it came, or never will" {
	rebuild_fault '"drop": true'
	run with_stand_ins provision
	echo "$output"
	[ "$status" -eq 5 ]
	[[ $output == *"the rebuild request was never answered and may still arrive; 'ccc reap' goes on in "* ]]
	run with_stand_ins later ccc reap
	[ "$status" -eq 5 ]
	[ "$(member rebuiltAt)" = null ]
	advance 430
	with_stand_ins later ccc reap
	is_handed_over
}

@test "a rebuild whose answer alone was lost is seen" {
	rebuild_fault '"lose_answer": true'
	run with_stand_ins provision
	echo "$output"
	[ "$status" -eq 0 ]
	is_handed_over
}

@test "a rebuild that is refused fails the instance" {
	rebuild_fault '"error": "protected"'
	run with_stand_ins provision
	echo "$output"
	[ "$status" -eq 5 ]
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
}

@test "a server that is not ours any more is not rebuilt" {
	fall_back 1 "curl -sf -X POST -d '{\"do\": \"rename\", \"name\": \"mine\"}' $HETZNER_SIM/servers/\$(curl -s $HETZNER_SIM/servers | jq '.servers[0].id') >/dev/null"
	run with_stand_ins provision
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"no longer match the record; it was not touched"* ]]
	[ "$(rebuilds)" -eq 0 ]
	[ "$(servers)" -eq 1 ]
}

@test "with which image is not known while there is a mistake in ccc.ini, and it waits" {
	rebuild_fault '"times": 1, "hang": 20'
	begin
	until_true 20 is_sent
	kill -9 "$ccc"
	wait "$ccc" || true
	id=$(only_id)
	until_true 20 flock -n "$CCC_STATE_DIR/locks/$id" true
	no_faults
	# as if the kill had come before the request
	jq 'del(.instances[].rebuildSentAt)' "$CCC_STATE_DIR/instances.json" >"$BATS_TEST_TMPDIR/state"
	cat "$BATS_TEST_TMPDIR/state" >"$CCC_STATE_DIR/instances.json"
	printf '[machines]\nimage = debian 12\n' >"$CCC_STATE_DIR/ccc.ini"
	before=$(rebuilds)
	run ccc reap
	echo "$output"
	[ "$status" -eq 2 ]
	[[ $output == *"cc-$id rebuild: $CCC_STATE_DIR/ccc.ini:2: image is 'debian 12'; expected"* ]]
	[ "$(rebuilds)" -eq "$before" ]
	rm "$CCC_STATE_DIR/ccc.ini"
	run with_stand_ins ccc reap
	echo "$output"
	[ "$(rebuilds)" -gt "$before" ]
	[ "$(member status)" = running ]
}
