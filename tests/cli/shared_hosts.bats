#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash and hosts.bash
# The box that is one for all instances, from the order to the user's login, on real machines with a real sshd.
# It needs root and port 22 of loopback addresses. By nixos-anywhere itself where it is installed.

bats_require_minimum_version 1.5.0
load helper
load hosts

setup() {
	real_machines user second
	start_simulator --hosts sshd
	export CCC_BOX=$CCC_BOX/shared
	installer=$(type -aP nixos-anywhere | grep -v '/sim/bin/' | head -n 1 || true)
	[ -z "$installer" ] || stand_in nixos-anywhere <<<"exec $installer \"\$@\""
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	ccc init >/dev/null
}

# claude COMMAND...: the user's own way in, with the host key that was handed over
claude() {
	ssh -T "${options[@]}" -o LogLevel=ERROR -i user -l claude -- "$address" "$@" </dev/null
}

bootstrap_key_is_refused() {
	echo "cc-$id $(member bootstrapHostKey)" >bootstrap
	run ssh -T -F /dev/null -o BatchMode=yes -o UserKnownHostsFile=bootstrap -o GlobalKnownHostsFile=/dev/null \
		-o StrictHostKeyChecking=yes -o HostKeyAlias="cc-$id" -i user -l claude -- "$address" true </dev/null
	[ "$status" -eq 255 ]
	[[ $output == *"Host key verification failed"* ]]
}

@test "a user logs in with the lasting host key, also after a reboot; the bootstrap key opens nothing" {
	order user
	[ "$(claude hostname)" = "cc-$id" ]
	[ "$(claude id -un)" = claude ]
	bootstrap_key_is_refused
	[[ $(ccc ssh "$id" -- ccc-report) == "instance=$id"*"expires=$(date -d "$(member expiresAt)" +%s)"*end=1 ]]
	run grep -rl 'PRIVATE KEY' "$CCC_STATE_DIR"
	[ "$output" = "$CCC_STATE_DIR/keys/operator" ]

	# a second boot is no first one
	ccc extend "$id" --hours 1 >/dev/null 2>&1
	ccc keys "$id" --add second.pub --remove "$(print_of user)" 2>/dev/null
	mv second user && mv second.pub user.pub
	claude touch /tmp/mark
	run ccc ssh "$id" -- reboot
	until_true 30 claude 'test ! -e /tmp/mark'
	bootstrap_key_is_refused
	[[ $(ccc ssh "$id" -- ccc-report) == *"expires=$(date -d "$(member expiresAt)" +%s)"*end=1 ]]
}

@test "two machines have one closure, and each is its own" {
	order user
	first=$id system=$(member systemPath)
	[ "$(claude hostname)" = "cc-$first" ]
	ccc provision --email second@example.com --ssh-key second.pub --hours 1 >/dev/null 2>&1
	[ "$(jq -r '.instances[].systemPath' "$CCC_STATE_DIR/instances.json" | sort -u)" = "$system" ]
	for id in $(jq -r '.instances | keys[]' "$CCC_STATE_DIR/instances.json"); do
		[[ $(ccc ssh "$id" -- ccc-report) == "instance=$id"*end=1 ]]
		[ "$(ccc ssh "$id" -- hostname)" = "cc-$id" ]
	done
	[ "$(jq -r '[.instances[].hostKey] | unique | length' "$CCC_STATE_DIR/instances.json")" -eq 2 ]
}

@test "an operator without a shell gives the host key all the same" {
	export CCC_OPERATOR_ACCESS=commands
	order user
	[ "$(claude id -un)" = claude ]
	bootstrap_key_is_refused
	run ccc ssh "$id" -- id </dev/null
	[ "$status" -eq 126 ]
	[[ $output == *"the operator has no shell here"* ]]
	ccc extend "$id" --hours 1 >/dev/null 2>&1
	[[ $(ccc ssh "$id" -- ccc-report) == *"expires=$(date -d "$(member expiresAt)" +%s)"*end=1 ]]
}
