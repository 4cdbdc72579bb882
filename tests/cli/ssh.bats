#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# ccc ssh: the operator's way in, with the host key pinned.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
}

teardown() {
	[ -z "${ccc-}" ] || kill -9 "$ccc" 2>/dev/null || true
	stop_simulator
}

@test "a command runs on the machine, and its exit status is passed on" {
	provision >/dev/null
	id=$(only_id)
	run --separate-stderr ccc ssh "$id" -- hostname
	[ "$status" -eq 0 ]
	[ "$output" = "cc-$id" ]
	run ccc ssh "$id" -- whoami
	[ "$output" = root ]
	run ccc ssh "$id" -- exit 7
	[ "$status" -eq 7 ]
	run -127 ccc ssh "$id" -- no-such-command
	[[ $output == *"no-such-command: command not found"* ]]
	run env -u HCLOUD_TOKEN "$build/ccc" ssh "$id" -- hostname
	[ "$status" -eq 0 ]
}

@test "another host key is refused, and so is another operator's key" {
	provision >/dev/null
	id=$(only_id)
	ssh-keygen -q -t ed25519 -N '' -f "$BATS_TEST_TMPDIR/stranger"
	host_key=$(echo "$HETZNER_SIM_DIR"/none/hosts/*/host_key)
	cp "$host_key" "$BATS_TEST_TMPDIR/good"
	cut -d ' ' -f 1,2 "$BATS_TEST_TMPDIR/stranger.pub" >"$host_key"
	run ccc ssh "$id" -- hostname
	[ "$status" -eq 255 ]
	[ "$output" = 'Host key verification failed.' ]
	cp "$BATS_TEST_TMPDIR/good" "$host_key"
	cp "$BATS_TEST_TMPDIR/stranger" "$CCC_STATE_DIR/keys/operator"
	run ccc ssh "$id" -- hostname
	[ "$status" -eq 255 ]
	[[ $output == *"Permission denied (publickey)"* ]]
}

# The stand-in of ssh checks keys; what the real one is told is looked at here.
@test "ssh is told to trust the recorded host key only, and knows no token" {
	provision >/dev/null
	id=$(only_id)
	stand_in ssh <<-END
		printf '%s\n' "\$@" >"$BATS_TEST_TMPDIR/words"
		env >"$BATS_TEST_TMPDIR/environment"
	END
	with_stand_ins ccc ssh "$id" -- ls -la '/a b'
	for word in StrictHostKeyChecking=yes GlobalKnownHostsFile=/dev/null UpdateHostKeys=no IdentitiesOnly=yes \
		IdentityAgent=none BatchMode=yes "HostKeyAlias=cc-$id" \
		"UserKnownHostsFile=\"$CCC_STATE_DIR/instances/$id/known_hosts\"" \
		"IdentityFile=\"$CCC_STATE_DIR/keys/operator\""; do
		grep -qxF -- "$word" "$BATS_TEST_TMPDIR/words"
	done
	[ "$(head -n 2 "$BATS_TEST_TMPDIR/words")" = $'-F\n/dev/null' ]
	[ "$(tail -n 5 "$BATS_TEST_TMPDIR/words")" = "--
$(member serverIp)
ls
-la
/a b" ]
	run ! grep HCLOUD "$BATS_TEST_TMPDIR/environment"
	run ! grep -F -- "$HCLOUD_TOKEN" "$BATS_TEST_TMPDIR/environment" "$BATS_TEST_TMPDIR/words"
	[ "$(wc -l <"$CCC_STATE_DIR/instances/$id/known_hosts")" -eq 1 ]
}

@test "a shell on a terminal gets a terminal there" {
	provision >/dev/null
	id=$(only_id)
	# shellcheck disable=SC2016 # the stand-in's words
	stand_in ssh <<<'echo "words: $*"'
	run with_stand_ins script -qec "ccc ssh $id" /dev/null
	[[ $output == *"words: -t -F /dev/null"* ]]
	run with_stand_ins script -qec "ccc ssh $id -- true" /dev/null
	[[ $output == *"words: -F /dev/null"* ]]
	run with_stand_ins ccc ssh "$id"
	[[ $output == *"words: -F /dev/null"* ]]
}

@test "no server yet, no such instance, no ssh: each says what to do" {
	fault '{"match": {"method": "GET", "route": "/firewalls/{id}"}, "hang": 20}'
	ccc provision --email user@example.com --ssh-key "$keys/ed25519.pub" >/dev/null 2>&1 3>&- &
	ccc=$!
	until_true 5 has_record
	id=$(only_id)
	run ccc ssh "$id" -- true
	[ "$status" -eq 1 ]
	[ "$output" = "ccc: instance '$id' has no server yet; 'ccc status $id' shows how far it is" ]
	kill -9 "$ccc"
	run ccc ssh abc123
	[ "$status" -eq 3 ]
	[[ $output == *"'ccc list' shows those that there are"* ]]
	run ccc ssh
	[ "$status" -eq 2 ]
	ccc resume >/dev/null
	mkdir "$BATS_TEST_TMPDIR/nothing"
	PATH=$BATS_TEST_TMPDIR/nothing run "$build/ccc" ssh "$id"
	[ "$status" -eq 1 ]
	[[ $output == *"install the OpenSSH client"* ]]
}

has_record() {
	[ "$(ccc list -o json | jq length)" -eq 1 ]
}
