#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# --keep-on-failure: a machine that failed stays for a look, and not for ever.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
}

# Once the server is there and its boot is waited for.
failing_build() {
	stand_in nix-build <<-END
		until ls "$CCC_STATE_DIR"/instances/*/known_hosts 2>/dev/null; do sleep 0.05; done >&2
		echo "error: the box is broken" >&2
		exit 1
	END
}

failing_install() {
	stand_in nixos-anywhere <<-'END'
		echo '### Formatting hard drive with disko ###'
		echo "error: there is no disk" >&2
		exit 3
	END
}

# kept: provisions, which fails, and the server is there to be looked at
kept() {
	run with_stand_ins provision --keep-on-failure
	[ "$status" -eq 1 ]
	id=$(only_id)
	[[ $output == *"$1"*"in instances/$id/log of the state directory; its server is kept for a look: 'ccc ssh $id', then 'ccc deprovision $id'"* ]]
	[ "$(servers)" -eq 1 ]
	[ "$(ccc status "$id" -o json | jq -r .status)" = failed ]
	until_true 5 ccc ssh "$id" -- true
	[ "$(ccc ssh "$id" -- hostname)" = "cc-$id" ]
}

@test "a failed build keeps the server until its deadline, and reap ends it then" {
	failing_build
	kept "the box is broken"
	[ $(($(date -d "$(member keepUntil)" +%s) - $(date -d "$(member failedAt)" +%s))) -eq 14400 ]
	[[ $(ccc status "$id") == *"Kept until"* ]]
	advance 14200
	run faketime -f +14200s ccc reap
	[ "$status" -eq 0 ]
	[ "$(servers)" -eq 1 ]
	advance 400
	run faketime -f +14600s ccc reap
	[ "$status" -eq 0 ]
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
}

@test "a failed install keeps the server until it is ended by hand" {
	failing_install
	kept "there is no disk"
	run ccc extend "$id" --hours 1
	[ "$status" -eq 4 ]
	[[ $output == *"nothing was charged: end it with 'ccc deprovision $id'"* ]]
	run provision
	[ "$status" -eq 4 ]
	[[ $output == *"failed and is kept for a look; end it with: ccc deprovision $id"* ]]
	run ccc resume
	[ "$status" -eq 0 ]
	[ "$(ccc status "$id" -o json | jq -r .status)" = failed ]
	ccc deprovision "$id" >/dev/null
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
}

@test "a machine with another host key is kept for the console alone" {
	stand_in nixos-anywhere <<-'END'
		echo 'Host key verification failed.' >&2
		exit 1
	END
	run with_stand_ins provision --keep-on-failure
	[ "$status" -eq 1 ]
	id=$(only_id)
	[[ $output == *"its server is kept for a look in Hetzner's console, as its host key is not the one that 'ccc ssh' trusts; then 'ccc deprovision $id'"* ]]
	[[ $output != *"'ccc ssh $id'"* ]]
}

@test "a failed install that nobody asked to keep is undone" {
	failing_install
	run with_stand_ins provision
	[ "$status" -eq 1 ]
	[[ $output == *"failed with status 3"*"there is no disk"*"nothing is left at Hetzner"* ]]
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
}

@test "nothing is kept where there is no server yet" {
	stand_in ssh-keygen <<<'exit 1'
	run with_stand_ins provision --keep-on-failure
	[ "$status" -eq 1 ]
	[[ $output == *"nothing is left at Hetzner"* ]]
	[ "$(ccc list -o json)" = "[]" ]
}

@test "a clock that is wrong does not end what is kept" {
	failing_build
	kept "the box is broken"
	run faketime -f +20000s ccc reap
	[ "$status" -ne 0 ]
	[[ $output == *"ahead of Hetzner's"* ]]
	[ "$(servers)" -eq 1 ]
	[ "$(ccc status "$id" -o json | jq -r .status)" = failed ]
}
