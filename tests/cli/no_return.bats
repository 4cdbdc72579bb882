#!/usr/bin/env bats
# The point of no return is durable before anything is deleted, however long the state is locked.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
	provision >/dev/null
	id=$(only_id)
}

deletes() {
	curl -s "$HETZNER_SIM/requests" | jq '.routes["DELETE /servers/{id}"] // 0'
}

@test "no delete is sent while the state can't be written" {
	# it is to be gone, and its end was put off
	fault '{"match": {"method": "GET", "route": "/servers/{id}"}, "times": 1, "answer": {"status": 403, "code": "forbidden", "message": "no"}}'
	run ccc deprovision "$id"
	[ "$status" -eq 7 ]
	jq ".instances[\"$id\"] |= del(.deletingAt)" "$CCC_STATE_DIR/instances.json" >"$BATS_TEST_TMPDIR/undecided"
	cp "$BATS_TEST_TMPDIR/undecided" "$CCC_STATE_DIR/instances.json"
	exec 9<>"$CCC_STATE_DIR/state.lock"
	flock -x 9
	ccc resume 3>&- 9>&- &
	pid=$!
	sleep 2
	[ "$(servers)" -eq 1 ]
	[ "$(deletes)" -eq 0 ]
	exec 9>&-
	wait "$pid"
	[ "$(servers)" -eq 0 ]
	[ "$(deletes)" -eq 1 ]
}
