#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2154 # variables of helper.bash; bats runs each test in a subshell
# Ctrl-C and SIGTERM: once stops cleanly, twice leaves at once; both can be gone on
# with, and no program is left at work.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
	pids=$BATS_TEST_TMPDIR/pids
	touch "$pids"
	# It heeds no signal, and leaves a child that left its group.
	stand_in nix-build <<-END
		trap '' INT TERM HUP
		setsid sh -c 'trap "" INT TERM HUP; echo \$\$ >>"$pids"; while :; do sleep 0.2; done' &
		echo \$\$ >>"$pids"
		while :; do sleep 0.2; done
	END
}

teardown() {
	local pid
	[ -z "${ccc-}" ] || kill -9 "$ccc" 2>/dev/null || true
	while read -r pid; do kill -9 "$pid" 2>/dev/null || true; done <"$pids"
	stop_simulator
}

# begin: a provision at work in the background, its process id in $ccc
begin() {
	PATH=$BATS_TEST_TMPDIR/bin:$PATH ccc provision --email user@example.com --ssh-key "$keys/ed25519.pub" \
		>"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	ccc=$!
	until_true 5 at_work
}

at_work() {
	[ "$(wc -l <"$pids")" -eq 2 ]
}

none_at_work() {
	local pid
	while read -r pid; do
		! kill -0 "$pid" || return 1
	done <"$pids"
}

has_server() {
	[ "$(member serverId)" -gt 0 ]
}

# ends_with STATUS SECONDS: ccc ends in that time
ends_with() {
	until_true "$2" not_running
	local status=0
	wait "$ccc" || status=$?
	cat "$BATS_TEST_TMPDIR/out"
	[ "$status" -eq "$1" ]
}

not_running() {
	[[ $(ps -o stat= -p "$ccc") != [RSD]* ]]
}

# goes_on: nothing is left at work, the lease is free, and what was begun is finished
goes_on() {
	until_true 4 none_at_work
	run ccc resume
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(ccc list -o json | jq -r '.[0].status')" = running ]
	[ "$(servers)" -eq 1 ]
}

@test "Ctrl-C stops cleanly, and no program is left at work" {
	begin
	until_true 5 has_server
	kill -INT "$ccc"
	ends_with 130 1
	grep -q "press Ctrl-C again to leave at once" "$BATS_TEST_TMPDIR/out"
	grep -q "instance '$(only_id)' stays ordered: 'ccc reap' finishes it by itself, 'ccc resume $(only_id)' now; 'ccc deprovision $(only_id)' ends it" "$BATS_TEST_TMPDIR/out"
	[ "$(servers)" -eq 1 ]
	until_true 4 none_at_work
	id=$(only_id)
	refused_in_one_line 4 "instance '$id' of 'user@example.com' is not handed over yet; go on with 'ccc resume $id', or end it with 'ccc deprovision $id'" \
		provision
	goes_on
	refused_in_one_line 4 "extend it with: ccc extend $id --hours H" provision
}

@test "SIGTERM is the same, and what it left can be ended too" {
	begin
	until_true 5 has_server
	kill -TERM "$ccc"
	ends_with 130 1
	until_true 4 none_at_work
	ccc deprovision "$(only_id)" >/dev/null
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
}

@test "Ctrl-C waits for the answer to a create, so that the server is known" {
	fault '{"match": {"method": "POST", "route": "/servers"}, "hang": 1.5}'
	begin
	until_true 5 create_is_sent
	kill -INT "$ccc"
	sleep 0.3
	run ! not_running
	ends_with 130 3
	has_server
	goes_on
	[ "$(requests "POST /servers")" -eq 1 ]
}

# interrupted WORD...: what is said after Ctrl-C in this command, which hangs in its first request of METHOD ROUTE
interrupted() {
	fault "{\"match\": {\"method\": \"$1\", \"route\": \"$2\"}, \"hang\": 9}"
	curl -s -X DELETE "$HETZNER_SIM/requests" >/dev/null
	route="$1 $2"
	shift 2
	"$@" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	ccc=$!
	until_true 5 is_asked
	kill -INT "$ccc"
	ends_with 130 2
	no_faults
}

is_asked() {
	[ "$(requests "$route")" -ge 1 ]
}

says() {
	grep -qF -- "$1" "$BATS_TEST_TMPDIR/out"
}

@test "Ctrl-C says of an end that is recorded that it goes on by itself" {
	provision >/dev/null
	id=$(only_id)
	interrupted GET '/servers/{id}' ccc deprovision "$id" --yes
	says "the end of instance '$id' is recorded and can't be taken back: 'ccc reap' finishes it by itself, 'ccc resume $id' now"
	run ! says "left as it is"
	refused_in_one_line 4 "can't be extended any more" ccc extend "$id" --hours 1
	ccc reap
	[ "$(servers)" -eq 0 ]
}

@test "Ctrl-C in a sweep says what stops an end that is not decided yet" {
	provision --hours 1 >/dev/null
	id=$(only_id)
	edit '.goal = "gone" | .reason = "expired"'
	fault '{"match": {"method": "GET", "route": "/servers/{id}"}, "hang": 9}'
	exec 9<>"$CCC_STATE_DIR/state.lock"
	flock -x 9
	ccc resume "$id" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- 9>&- &
	ccc=$!
	sleep 1
	kill -INT "$ccc"
	ends_with 130 2
	exec 9>&-
	says "the end of instance '$id' is recorded: 'ccc reap' finishes it by itself, 'ccc resume $id' now; 'ccc extend $id --hours H' stops it, if said before"
	no_faults
	ccc extend "$id" --hours 1 2>/dev/null
	[ "$(ccc status "$id" -o json | jq -r .status)" = running ]
}

@test "Ctrl-C says of a suspension what takes it back" {
	provision >/dev/null
	id=$(only_id)
	interrupted POST '/firewalls/{id}/actions/apply_to_resources' ccc suspend "$id"
	says "the suspension is recorded, but the network is not cut yet: instance '$id': 'ccc reap' goes on by itself, 'ccc resume $id' now; 'ccc unsuspend $id' takes it back"
	run ! says deprovision
	interrupted GET '/servers/{id}' ccc unsuspend "$id"
	says "'ccc reap' goes on by itself, 'ccc resume $id' now; 'ccc suspend $id' takes it back"
	ccc resume "$id" 2>/dev/null
	[ "$(ccc status "$id" -o json | jq -r .status)" = running ]
	interrupted GET '/servers/{id}' ccc extend "$id" --hours 100
	says "the time is added, but the box was not told yet: instance '$id': 'ccc reap' goes on by itself, 'ccc resume $id' now"
	run ! says "takes it back"
}

@test "Ctrl-C before the order says that a sweep will order it" {
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	slow nix-instantiate ''
	PATH=$BATS_TEST_TMPDIR/bin:$PATH provision >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	ccc=$!
	wait_until_asked
	kill -INT "$(pgrep -P "$ccc" -x ccc || echo "$ccc")"
	ends_with 130 2
	touch "$BATS_TEST_TMPDIR/go"
	says "instance '$(only_id)' stays ordered: 'ccc reap' orders its server and finishes it by itself, 'ccc resume $(only_id)' now; 'ccc deprovision $(only_id)' ends it"
}

@test "Ctrl-C twice leaves at once, and the server is found again" {
	fault '{"match": {"method": "POST", "route": "/servers"}, "hang": 4}'
	begin
	until_true 5 create_is_sent
	kill -INT "$ccc"
	sleep 0.2
	kill -INT "$ccc"
	ends_with 130 1
	grep -q "left at once; nothing is lost: 'ccc reap' goes on by itself, 'ccc resume' now" "$BATS_TEST_TMPDIR/out"
	[ "$(member serverId)" = null ]
	goes_on
}

@test "SIGTERM after Ctrl-C leaves at once as well" {
	fault '{"match": {"method": "POST", "route": "/servers"}, "hang": 4}'
	begin
	until_true 5 create_is_sent
	kill -INT "$ccc"
	sleep 0.2
	kill -TERM "$ccc"
	ends_with 130 1
	until_true 4 none_at_work
	ccc deprovision "$(only_id)" >/dev/null
	[ "$(servers)" -eq 0 ]
}

requests() {
	curl -s "$HETZNER_SIM/requests" | jq ".routes[\"$1\"]"
}

create_is_sent() {
	[ "$(requests "POST /servers")" -ge 1 ]
}
