#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# Keys that come and go, on a real machine with a real sshd. It needs root and port 22
# of loopback addresses.

bats_require_minimum_version 1.5.0
load helper

setup() {
	[ "$(id -u)" -eq 0 ] || skip "real machines need root"
	cd "$BATS_TEST_TMPDIR" || return 1
	for key in first second; do
		ssh-keygen -q -t ed25519 -N '' -C "$key" -f "$key"
	done
	start_simulator --hosts sshd
	ccc init >/dev/null
}

# as KEY COMMAND...: the user's own way in, with the host key that was handed over
as() {
	ssh -F /dev/null -T -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none -i "$1" -o ConnectTimeout=5 \
		-o UserKnownHostsFile=known_hosts -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes \
		-o HostKeyAlias="cc-$id" -o LogLevel=ERROR -l claude -- "$address" "${@:2}" </dev/null
}

refused() {
	run as "$1" true
	[ "$status" -eq 255 ]
	[[ $output == *"Permission denied (publickey)"* ]]
}

@test "a user logs in with the key that came, no more with the one that went, also after a reboot" {
	ccc provision --email user@example.com --ssh-key first.pub --hours 1 >/dev/null 2>&1
	id=$(only_id)
	address=$(ccc list -o json | jq -r '.[0].serverIp')
	echo "cc-$id $(ccc status "$id" -o json | jq -r .hostKey)" >known_hosts
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
