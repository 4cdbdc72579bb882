#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash and hosts.bash
# Keys that come and go, on a real machine with a real sshd. It needs root and port 22
# of loopback addresses.

bats_require_minimum_version 1.5.0
load helper
load hosts

setup() {
	real_machines first second
	start_simulator --hosts sshd
	ccc init >/dev/null
}

# as KEY COMMAND...: the user's own way in, with the host key that was handed over
as() {
	ssh -T "${options[@]}" -o LogLevel=ERROR -i "$1" -l claude -- "$address" "${@:2}" </dev/null
}

refused() {
	run as "$1" true
	[ "$status" -eq 255 ]
	[[ $output == *"Permission denied (publickey)"* ]]
}

@test "a user logs in with the key that came, no more with the one that went, also after a reboot" {
	order first
	[ "$(as first id -un)" = claude ]
	refused second

	ccc keys "$id" --add second.pub 2>/dev/null
	[ "$(as second id -un)" = claude ]
	[ "$(as first id -un)" = claude ]

	ccc keys "$id" --remove "$(print_of first)" 2>/dev/null
	[ "$(as second id -un)" = claude ]
	refused first

	as second touch /tmp/mark
	run ccc ssh "$id" -- reboot
	sleep 1
	for _ in $(seq 100); do
		as second true 2>/dev/null && break
		sleep 0.1
	done
	[ "$(as second id -un)" = claude ]
	refused first
	as second 'test ! -e /tmp/mark'
	[ "$(ccc keys "$id" -o json | jq -c '[.[] | .state]')" = '["in place"]' ]
}
