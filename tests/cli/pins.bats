#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# P6: every connection is pinned. A machine with another host key is waited for, and never
# accepted; with the right one it goes on.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator --boot-seconds 10
	ccc init >/dev/null
	ssh-keygen -q -t ed25519 -N '' -f "$BATS_TEST_TMPDIR/stranger"
}

teardown() {
	[ -z "${ccc-}" ] || kill -9 "$ccc" 2>/dev/null || true
	stop_simulator
}

# The host key that the only machine shows.
host_key() {
	echo "$HETZNER_SIM_DIR"/none/hosts/*/host_key
}

# begin: a provision at work in the background
begin() {
	PATH=$BATS_TEST_TMPDIR/bin:$PATH ccc provision --email user@example.com --ssh-key "$keys/ed25519.pub" \
		>"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	ccc=$!
}

# The machine shows the stranger's key from now on; show_own_key takes that back.
show_stranger() {
	cp "$(host_key)" "$BATS_TEST_TMPDIR/own"
	cut -d ' ' -f 1,2 "$BATS_TEST_TMPDIR/stranger.pub" >"$BATS_TEST_TMPDIR/new"
	mv "$BATS_TEST_TMPDIR/new" "$(host_key)"
}

show_own_key() {
	cp "$BATS_TEST_TMPDIR/own" "$BATS_TEST_TMPDIR/new"
	mv "$BATS_TEST_TMPDIR/new" "$(host_key)"
}

has_host_key() {
	[ -s "$(host_key)" ]
}

# refused_times N: so often the host key was refused, as the instance's log says
refused_times() {
	[ "$(cat "$CCC_STATE_DIR"/instances/*/log | grep -c 'Host key verification failed')" -ge "$1" ]
}

finished() {
	grep -q "Log in with" "$BATS_TEST_TMPDIR/out"
}

# A stand-in of nixos-anywhere that shows the stranger's key: `before` or `after` the work
stranger_in_install() {
	cut -d ' ' -f 1,2 "$BATS_TEST_TMPDIR/stranger.pub" >"$BATS_TEST_TMPDIR/strange"
	stand_in nixos-anywhere <<-END
		key=\$(echo "$HETZNER_SIM_DIR"/none/hosts/*/host_key)
		show() { cp "\$key" "$BATS_TEST_TMPDIR/own" && cp "$BATS_TEST_TMPDIR/strange" "\$key.new" && mv "\$key.new" "\$key"; }
		[ $1 = after ] || show
		$(command -v nixos-anywhere) "\$@" || exit
		[ $1 = before ] || show
	END
}

@test "another host key at boot" {
	begin
	until_true 5 has_host_key
	show_stranger
	until_true 5 refused_times 2
	[ "$(ccc list -o json | jq -r '.[0].status')" = booting ]
	[ "$(member reachableAt)" = null ]
	show_own_key
	until_true 8 finished
	[ "$(member verifiedAt)" != null ]
}

@test "another host key while it is installed" {
	stranger_in_install before
	begin
	until_true 8 refused_times 1
	[ "$(ccc list -o json | jq -r '.[0].status')" = installing ]
	[ "$(member installedAt)" = null ]
	[ ! -e "$(dirname "$(host_key)")/root" ]
	show_own_key
	until_true 8 finished
}

@test "another host key after it was installed" {
	stranger_in_install after
	begin
	until_true 8 refused_times 1
	[ "$(ccc list -o json | jq -r '.[0].status')" = verifying ]
	[ "$(member verifiedAt)" = null ]
	show_own_key
	until_true 8 finished
}

@test "the host key of the first boot is not good any more after the install" {
	stand_in nixos-anywhere <<<'echo "### Done! ###"'
	begin
	until_true 8 refused_times 1
	[ "$(ccc list -o json | jq -r '.[0].status')" = verifying ]
	[ "$(cat "$CCC_STATE_DIR"/instances/*/known_hosts)" = "$(member serverName) $(member hostKey)" ]
	kill -INT "$ccc"
	wait "$ccc" || true
	ccc deprovision "$(only_id)" >/dev/null
	[ "$(servers)" -eq 0 ]
}

# It takes its time to end, as a copy under way does; whatever it starts meanwhile is pinned.
@test "what is being ended is pinned to its last breath" {
	stand_in nixos-anywhere <<-END
		trap '' TERM
		touch "$BATS_TEST_TMPDIR/started"
		for _ in \$(seq 600); do
			[ -x "\${PATH%%:*}/ssh" ] || touch "$BATS_TEST_TMPDIR/unpinned"
			sleep 0.1
		done
	END
	begin
	until_true 10 test -e "$BATS_TEST_TMPDIR/started"
	ccc deprovision "$(only_id)" >/dev/null || true
	wait "$ccc" || true
	[ "$(ccc list -o json)" = "[]" ]
	[ "$(servers)" -eq 0 ]
	[ ! -e "$BATS_TEST_TMPDIR/unpinned" ]
}
