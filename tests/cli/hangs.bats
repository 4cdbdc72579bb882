#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# An API that does not answer: told soon, tried again where that is safe, and nothing
# is made twice, lost or believed.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
	export CCC_HTTP_TIMEOUT=1
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
