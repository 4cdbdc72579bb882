#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2154 # variables of helper.bash; bats runs each test in a subshell
# What a user is sent: the same text from provision, and later.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
}

# handed_over: its text and its id in $text and $id
handed_over() {
	text=$(provision 2>/dev/null)
	id=$(only_id)
}

@test "the text is provision's, any time later, and has all that a user needs" {
	handed_over
	run --separate-stderr ccc handover "$id"
	[ "$status" -eq 0 ]
	[ "$output" = "$text" ]
	[ "$(ccc handover "cc-$id")" = "$text" ]
	ip=$(member serverIp)
	member hostKey >"$BATS_TEST_TMPDIR/host.pub"
	for line in "Log in with  ssh claude@$ip" "Host key     $(print_of "$BATS_TEST_TMPDIR/host") (ED25519)" \
		"Ends at      $(member expiresAt) (UTC)" "  Host cc-$id" "    HostName $ip" "    User claude" \
		"    HostKeyAlias cc-$id" "  cc-$id $(member hostKey)"; do
		grep -qxF -- "$line" <<<"$output"
	done
	[[ $output == *"run 'claude'"*"in the browser of your own computer"* ]]
	[[ $output == *"deleted with all that is on it"*"scp -r cc-$id:DIRECTORY ."* ]]
	# nothing of the instance's files is needed
	rm "$CCC_STATE_DIR/instances/$id/known_hosts"
	[ "$(ccc handover "$id")" = "$text" ]
	ccc extend "$id" --hours 5 2>/dev/null || true
	grep -qF "Ends at      $(member expiresAt) (UTC)" <(ccc handover "$id")
}

@test "for programs it is the record, the fingerprint and the text" {
	run --separate-stderr provision -o json
	made=$output
	id=$(only_id)
	run --separate-stderr ccc handover "$id" -o json
	[ "$status" -eq 0 ]
	[ "$(jq -r .handover <<<"$output")" = "$(ccc handover "$id")" ]
	for name in handover hostKeyFingerprint hostKey serverIp expiresAt instanceId; do
		[ "$(jq -r ".$name" <<<"$output")" = "$(jq -r ".$name" <<<"$made")" ]
	done
}

@test "a sweep that finishes a provision says how to get the text" {
	stand_in nix-build <<<'sleep 30'
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run timeout -s INT 2 "$build/ccc" provision --email user@example.com --ssh-key "$keys/ed25519.pub"
	[ "$status" -eq 124 ]
	id=$(only_id)
	for _ in $(seq 40); do
		run --separate-stderr ccc reap
		[ -z "$output" ] || break
		sleep 0.2
	done
	[ "${lines[0]}" = "Instance $id is running." ]
	[ "${lines[1]}" = "Instance $id was handed over: 'ccc handover $id' prints what its user needs." ]
	ccc handover "$id" | grep -q "Log in with  ssh claude@"
	# what was handed over before is not told again
	sleep 1.1
	edit '.boxExpiresAt = "2020-01-01T00:00:00Z"'
	run --separate-stderr ccc reap
	[ "$output" = "Instance $id is running." ]
}

@test "before the handover, and after the end, it is refused with the state" {
	handed_over
	refused_in_one_line 3 "there is no instance 'ffffff'" ccc handover ffffff
	cp "$CCC_STATE_DIR/instances.json" "$BATS_TEST_TMPDIR/running"
	edit 'del(.verifiedAt)'
	refused_in_one_line 4 "instance '$id' is not handed over yet (verifying); 'ccc reap' finishes it, 'ccc status $id' shows it" ccc handover "$id"
	cat "$BATS_TEST_TMPDIR/running" >"$CCC_STATE_DIR/instances.json"
	edit '.goal = "gone" | .reason = "deprovision"'
	refused_in_one_line 4 "instance '$id' is being ended (deleting)" ccc handover "$id"
	cat "$BATS_TEST_TMPDIR/running" >"$CCC_STATE_DIR/instances.json"
	edit '.expiresAt = "2020-01-01T00:00:00Z"'
	refused_in_one_line 4 "instance '$id' is being ended (expired)" ccc handover "$id"
	cat "$BATS_TEST_TMPDIR/running" >"$CCC_STATE_DIR/instances.json"
	edit 'del(.hostKey)'
	refused_in_one_line 4 "the host key of instance '$id' is not known" ccc handover "$id"
}

@test "of a machine that is cut off it says so" {
	handed_over
	ccc suspend "$id" 2>/dev/null
	run --separate-stderr ccc handover "$id"
	[ "$status" -eq 0 ]
	[ "$output" = "$text" ]
	[[ $stderr == "ccc: warning: instance '$id' is suspended: nobody gets in before 'ccc unsuspend $id'" ]]
}
