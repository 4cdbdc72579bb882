#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# selftest: a machine from the order to the proof that it is gone, and what it finds when something is not.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
	ssh=$(command -v ssh)
}

# nothing_is_left: of it, here or there
nothing_is_left() {
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
	[ "$(ls "$CCC_STATE_DIR/keys")" = $'operator\noperator.pub' ]
	ccc fsck >/dev/null
}

# on_login SCRIPT: is done when the user logs in; $id is the instance
on_login() {
	stand_in ssh <<-END
		case "\$*" in *whoami*)
			id=\$(echo "\$*" | sed 's/.*HostKeyAlias=cc-\(......\).*/\1/')
			$1
			;;
		esac
		exec $ssh "\$@"
	END
}

@test "without --yes it says what it would cost, and orders nothing" {
	run --separate-stderr ccc selftest
	echo "$output $stderr"
	[ "$status" -eq 2 ]
	[[ $output =~ ^"It would cost one started hour of a "[a-z0-9]+" in "[a-z0-9]+", EUR "0\.[0-9]+" net and its IPv4 address ("[0-9.]+" when only the dearest choice is in stock)."$ ]]
	[ "$stderr" = "ccc: --yes is missing: nothing was ordered" ]
	run --separate-stderr ccc selftest --dry-run --yes
	[ "$status" -eq 0 ]
	[[ $output == "It would cost "* ]]
	[ "$(curl -s "$HETZNER_SIM/requests" | jq -c '.routes["POST /servers"]')" = null ]
	nothing_is_left
	run ccc selftest --yes --type huge
	[ "$status" -eq 4 ]
	CCC_BOX=/nonexistent run ccc selftest --yes
	[ "$status" -eq 1 ]
	nothing_is_left
}

@test "a machine comes, lets its user in and goes, and that is proven" {
	provision >/dev/null
	other=$(only_id)
	run --separate-stderr ccc selftest --yes
	echo "$output" "$stderr"
	[ "$status" -eq 0 ]
	[ "$(awk '{ print $1, $2 }' <<<"$output")" = "ok cost
ok provision
ok login
ok deprovision
ok servers
ok primary-ips
ok ssh-keys
ok firewalls
ok snapshots" ]
	[[ $output == *"servers          1 in the project, none of them left over"*"primary-ips      2 in the project"* ]]
	[[ $stderr == "This costs one started hour of a "* ]]
	[ "$(only_id)" = "$other" ]
	ccc deprovision "$other" >/dev/null
	nothing_is_left
	run --separate-stderr ccc selftest --yes -o json
	[ "$status" -eq 0 ]
	[ "$(jq -r '[.[].verdict] | unique | join(" ")' <<<"$output")" = ok ]
	nothing_is_left
}

# hetzner COLLECTION JSON: a command that makes one thing there
hetzner() {
	echo "curl -sf -o /dev/null -H 'Authorization: Bearer $HCLOUD_TOKEN' --json '$2' '$HCLOUD_ENDPOINT/$1'"
}

# finds CHECK TEXT: what was planted while it ran is named, and is all that fails
finds() {
	run --separate-stderr with_stand_ins ccc selftest --yes -o json
	echo "$output" "$stderr"
	[ "$status" -eq 1 ]
	[ "$(jq -r '[.[] | select(.verdict == "failure") | .check] | join(" ")' <<<"$output")" = "$1" ]
	[[ $(jq -r '.[] | select(.verdict == "failure") | .detail' <<<"$output") == *"$2"*" is there and was not before"* ]]
	[[ $(tail -n 1 <<<"$stderr") == "ccc: the self-test failed: $2"* ]]
}

@test "what is left over is found and named" {
	on_login "$(hetzner ssh_keys "{\"name\": \"left\", \"public_key\": \"$(cat "$keys/ed25519.pub")\"}")"
	finds ssh-keys "SSH key "
	on_login "$(hetzner firewalls '{"name": "left"}')"
	finds firewalls "firewall "
	# of the same instance, and no record knows it
	on_login "$(hetzner servers "{\"name\": \"left\", \"server_type\": \"cx23\", \"image\": \"debian-12\", \"labels\": {\"ccc-instance\": \"'\$id'\"}}")"
	finds servers "server "
}

@test "a user that can't log in is a failure, and the machine goes all the same" {
	stand_in ssh <<-END
		case "\$*" in *whoami*) echo "Permission denied" >&2; exit 255 ;; esac
		exec $ssh "\$@"
	END
	run --separate-stderr with_stand_ins ccc selftest --yes
	echo "$output" "$stderr"
	[ "$status" -eq 1 ]
	[[ $output == *"failure  login            ssh failed with status 255: Permission denied"*"ok       deprovision"*"ok       snapshots"* ]]
	nothing_is_left
}

@test "an installation that fails is a failure, and leaves nothing" {
	stand_in nixos-anywhere <<<'echo "no such disk" >&2; exit 1'
	run --separate-stderr with_stand_ins ccc selftest --yes
	echo "$output" "$stderr"
	[ "$status" -eq 1 ]
	[[ $output == *"failure  provision "*"no such disk"*"ok       servers"* ]]
	nothing_is_left
}

@test "a project that can't be looked at afterwards is no proof" {
	on_login "curl -sf '$HETZNER_SIM/faults' -d '{\"match\": {\"route\": \"/primary_ips\"}, \"times\": 20, \"answer\": {\"status\": 403, \"code\": \"forbidden\", \"message\": \"no\"}}'"
	run --separate-stderr with_stand_ins ccc selftest --yes
	echo "$output" "$stderr"
	[ "$status" -ne 0 ]
	[[ $output == *"ok       deprovision"*"failure  proof "*"nothing is proven; look with 'ccc fsck'"* ]]
	[ "$(servers)" -eq 0 ]
}

@test "Ctrl-C ends the machine, and says so" {
	stand_in nixos-anywhere <<<"touch '$BATS_TEST_TMPDIR/there'; exec sleep 60"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH ccc selftest --yes >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	pid=$!
	until_true 20 test -e "$BATS_TEST_TMPDIR/there"
	[ "$(servers)" -eq 1 ]
	kill -INT "$pid"
	status=0
	wait "$pid" || status=$?
	cat "$BATS_TEST_TMPDIR/out"
	[ "$status" -eq 130 ]
	grep -q "^failure  provision        interrupted; the machine is ended now" "$BATS_TEST_TMPDIR/out"
	grep -q "^ok       deprovision" "$BATS_TEST_TMPDIR/out"
	grep -q "^ok       servers" "$BATS_TEST_TMPDIR/out"
	nothing_is_left
}
