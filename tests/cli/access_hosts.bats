#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # $ is the machine's; variables of helper.bash and hosts.bash
# What the box's sshd lets through and what not, on a real machine with a real sshd. It needs root and
# port 22 of loopback addresses.

bats_require_minimum_version 1.5.0
load helper
load hosts

setup() {
	real_machines user other
	start_simulator --hosts sshd
	ccc init >/dev/null
}

teardown() {
	[ -z "${tunnel-}" ] || kill "$tunnel" 2>/dev/null || true
	stop_simulator
}

# claude [OPTION...] -- COMMAND...: the user's own way in
claude() {
	local more=()
	while [ "$1" != -- ]; do
		more+=("$1")
		shift
	done
	ssh "${options[@]}" -i user -l claude "${more[@]}" "$address" "${@:2}" </dev/null
}

@test "forwarding goes from the user's computer to the machine, and no other way" {
	order user
	options+=(-o ExitOnForwardFailure=yes)
	[ "$(claude -- id -un)" = claude ]

	ssh "${options[@]}" -i user -l claude -N -L "127.0.0.9:2222:$address:22" -L "$PWD/socket:$address:22" "$address" \
		</dev/null >/dev/null 2>&1 3>&- &
	tunnel=$!
	until_true 5 test -S socket
	[ "$(ssh-keyscan -T 5 -p 2222 -t ed25519 127.0.0.9 2>/dev/null | cut -d ' ' -f 2,3)" = "$(cut -d ' ' -f 2,3 known_hosts)" ]

	run claude -R 127.0.0.9:2223:127.0.0.1:22 -- true
	[ "$status" -eq 255 ]
	[[ $output == *"remote port forwarding failed"* ]]
	DISPLAY=127.0.0.1:9 run claude -v -X -- 'echo "display: $DISPLAY."'
	[ "$status" -eq 0 ]
	[[ $output == *"X11 forwarding request failed"* ]]
	[[ $output == *"display: ."* ]]

	# what takes more than a client to try
	ccc ssh "$id" -- /usr/sbin/sshd -T -C user=claude,host=h,addr=192.0.2.1 >configuration
	for line in 'allowstreamlocalforwarding local' 'permittunnel no' 'gatewayports no' 'allowagentforwarding yes' 'allowusers claude' 'allowusers root' \
		'permitrootlogin without-password' 'passwordauthentication no' 'kbdinteractiveauthentication no'; do
		grep -qx "$line" configuration
	done
}

@test "an operator without a shell can still verify, extend and change keys" {
	export CCC_OPERATOR_ACCESS=commands
	order user
	unset CCC_OPERATOR_ACCESS # the machine stays as it was built
	[ "$(claude -- id -un)" = claude ]
	[[ $(ccc ssh "$id" -- ccc-report) == "instance=$id"*end=1 ]]
	ccc extend "$id" --hours 1 >/dev/null 2>&1
	[[ $(ccc ssh "$id" -- ccc-report) == *"expires=$(date -d "$(member expiresAt)" +%s)"* ]]
	ccc keys "$id" --add other.pub 2>/dev/null
	[ "$(ccc keys "$id" -o json | jq -c '[.[] | .state]')" = '["in place","in place"]' ]

	refused_in_one_line 1 "its machine gives the operator no shell; 'ccc ssh $id -- ccc-report'" ccc ssh "$id"
	refused() {
		run ccc ssh "$id" -- "$@" </dev/null
		[ "$status" -eq 126 ]
		[[ $output == *"the operator has no shell here"* ]]
	}
	rm "$CCC_STATE_DIR/instances/$id/instance.json"
	run ccc ssh "$id" </dev/null
	[ "$status" -eq 126 ]
	[[ $output == *"the operator has no shell here"* ]]
	refused id
	refused 'ccc-report; id'
	refused 'ccc-report $(id)'
	refused $'ccc-report\nid'
	refused ccc-report -x
	refused /run/current-system/sw/bin/ccc-report
	refused cat /home/claude/.bash_history
	run ccc ssh "$id" -- ccc-set-expiry 0
	[ "$status" -eq 2 ]

	# neither around it: no terminal, no files, no way through
	operator=(ssh "${options[@]}" -i "$CCC_STATE_DIR/keys/operator" -l root)
	run sftp "${operator[@]:1:${#operator[@]}-3}" -b /dev/null "root@$address"
	[ "$status" -ne 0 ]
	run "${operator[@]}" -W "$address:22" "$address" </dev/null
	[[ $output == *"administratively prohibited"* ]]
}

@test "what the operator gets is one of two things" {
	CCC_OPERATOR_ACCESS=sudo refused_in_one_line 2 "CCC_OPERATOR_ACCESS is 'sudo'; expected 'root' or 'commands'" \
		ccc provision --email user@example.com --ssh-key "$keys/ed25519.pub"
}
