#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# An API that does not answer, and a state that somebody keeps locked: told soon, tried again
# where that is safe, and nothing is made twice, lost or believed.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
	export CCC_HTTP_TIMEOUT=1
}

teardown() {
	[ -z "${holder-}" ] || kill "$holder" 2>/dev/null || true
	[ -z "${ccc-}" ] || kill "$ccc" 2>/dev/null || true
	stop_simulator
}

# hang METHOD ROUTE TIMES
hang() {
	fault "{\"match\": {\"method\": \"$1\", \"route\": \"$2\"}, \"times\": $3, \"hang\": 1.6}"
}

@test "an endpoint that hangs is given up, and nothing is created" {
	hang GET "/firewalls/{id}" 20
	SECONDS=0
	run provision
	[ "$status" -eq 5 ]
	[ "$SECONDS" -le 9 ]
	[[ $output == *"did not answer in time; try again"*"nothing is left at Hetzner"* ]]
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
}

@test "an answer that comes late once costs a second try, not the work" {
	hang GET "/firewalls/{id}" 1
	hang POST "/servers" 1
	run provision
	[ "$status" -eq 0 ]
	[[ $output == *"the answer was lost ("*"did not answer in time"*"asking again"* ]]
	[ "$(servers)" -eq 1 ]
}

@test "the time allowed is a number of seconds" {
	for value in 0 -1 601 1s '' ' '; do
		CCC_HTTP_TIMEOUT=$value run provision --dry-run
		if [ -z "$value" ]; then
			[ "$status" -eq 0 ]
		else
			[ "$status" -eq 2 ]
			[[ $output == *"CCC_HTTP_TIMEOUT"* ]]
			[ "${#lines[@]}" -eq 1 ]
		fi
	done
}

has_servers() {
	[ "$(servers)" -eq "$1" ]
}

# locked_at METHOD ROUTE SERVERS COMMAND...: runs it with a clock that goes 15 times as fast; while its request waits for
# the answer, and there are so many servers, a foreign process locks the state for good. Sets $status and $output.
locked_at() {
	local servers=$3 pid
	CCC_HTTP_TIMEOUT=600
	hang "$1" "$2" 1
	shift 3
	timeout 20 faketime -f '+0 x15' "$@" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	pid=$!
	until_true 5 has_servers "$servers"
	flock --no-fork --nonblock "$CCC_STATE_DIR/state.lock" sleep 100 3>&- &
	holder=$!
	status=0
	wait "$pid" || status=$?
	output=$(cat "$BATS_TEST_TMPDIR/out")
	echo "status $status: $output"
}

# names_the_holder STATUS
names_the_holder() {
	[ "$status" -eq "$1" ]
	[[ $output == *"'$CCC_STATE_DIR' has been locked for more than 30 s by process $holder (sleep)"*"'ccc reap' tries again"* ]]
}

@test "a state that stays locked is told with who holds it, and the server is found again" {
	locked_at POST /servers 1 ccc provision --email user@example.com --ssh-key "$keys/ed25519.pub" --hours 1
	names_the_holder 6
	[ "$(member serverId)" = null ]
	kill "$holder"
	ccc reap
	[ "$(servers)" -eq 1 ]
	[ "$(member serverId)" = "$(curl -s "$HETZNER_SIM/servers" | jq '.servers[0].id')" ]
	[ "$(member status)" = running ]
}

@test "a state that stays locked at the end of a machine holds its record" {
	provision >/dev/null
	id=$(only_id)
	locked_at DELETE "/servers/{id}" 0 ccc deprovision "$id"
	names_the_holder 7
	[ "$(member deletedAt)" = null ]
	kill "$holder"
	ccc reap
	[ "$(ccc list -o json)" = "[]" ]
}

# leap SECONDS: so much later it is at once for the ccc that `leaping` runs, and for nobody else
leap() {
	echo "+$1s" >"$BATS_TEST_TMPDIR/clock"
}

leaping() {
	leap 0
	env "LD_PRELOAD=$(faketime -f +0s printenv LD_PRELOAD)" FAKETIME_NO_CACHE=1 \
		FAKETIME_TIMESTAMP_FILE="$BATS_TEST_TMPDIR/clock" "$@"
}

is_copying() {
	cat "$CCC_STATE_DIR"/instances/*/log | grep -q "copying path 2"
}

@test "a phase of the installation that does not end is ended at its own limit, and told in short" {
	stand_in nixos-anywhere <<-'END'
		echo '### Uploading install SSH keys ###'
		for line in $(seq 15); do echo "line $line"; done
		echo '### Uploading the system closure ###'
		echo 'copying path 1 of 3'
		echo 'copying path 2 of 3'
		sleep 600
	END
	PATH=$BATS_TEST_TMPDIR/bin:$PATH leaping ccc provision --email user@example.com --ssh-key "$keys/ed25519.pub" --hours 1 \
		>"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	ccc=$!
	until_true 10 is_copying
	leap 2300 # connecting has 300 s, copying 2400
	sleep 6
	kill -0 "$ccc"
	leap 2420
	status=0
	wait "$ccc" || status=$?
	cat "$BATS_TEST_TMPDIR/out"
	[ "$status" -eq 1 ]
	grep -qF "'copying the system' took longer than its limit of 2400 s: copying path 1 of 3 | copying path 2 of 3" "$BATS_TEST_TMPDIR/out"
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
}
