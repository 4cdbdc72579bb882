#!/usr/bin/env bats
# The life of an instance through the real ccc, against the simulator.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
}

@test "from request to gone" {
	run --separate-stderr provision -o json
	[ "$status" -eq 0 ]
	id=$(jq -r .instanceId <<<"$output")
	[[ $id =~ ^[0-9a-f]{6}$ ]]
	[ "$(jq -r .status <<<"$output")" = running ]
	[ "$(jq -r .serverType <<<"$output")" = cpx21 ]
	[[ $(jq -r .hostKeyFingerprint <<<"$output") =~ ^SHA256: ]]
	[ "$(jq -r '[.instances[]] | length' "$CCC_STATE_DIR/instances.json")" -eq 1 ]
	[ "$(servers)" -eq 1 ]
	run --separate-stderr ccc deprovision "$id"
	[ "$status" -eq 0 ]
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
	[ ! -e "$CCC_STATE_DIR/instances/$id" ]
	[ ! -e "$CCC_STATE_DIR/locks/$id" ]
	run grep -c '"event":"forgotten"' "$CCC_STATE_DIR/history.jsonl"
	[ "$output" -eq 1 ]
}

@test "no private half of a host key stays" {
	provision >/dev/null
	id=$(only_id)
	run find "$CCC_STATE_DIR/instances/$id" -name 'bootstrap_key' -o -name 'ssh_host_ed25519_key'
	[ -z "$output" ]
	run grep -rl 'PRIVATE KEY' "$CCC_STATE_DIR/instances/$id"
	[ -z "$output" ]
}

@test "the token is in no file, and in no child's environment" {
	provision >/dev/null
	run grep -rlF -- "$HCLOUD_TOKEN" "$CCC_STATE_DIR" "$HETZNER_SIM_DIR/none"
	[ -z "$output" ]
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\nenv >"%s/seen"\nexit 1\n' "$BATS_TEST_TMPDIR" >"$BATS_TEST_TMPDIR/bin/nix-build"
	chmod +x "$BATS_TEST_TMPDIR/bin/nix-build"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run ccc provision --email other@example.com --ssh-key "$keys/ed25519.pub"
	[ "$status" -eq 1 ]
	[ -s "$BATS_TEST_TMPDIR/seen" ]
	run grep -c HCLOUD "$BATS_TEST_TMPDIR/seen"
	[ "$output" -eq 0 ]
}

@test "a provision asks for no more than it needs" {
	curl -s -X DELETE "$HETZNER_SIM/requests" >/dev/null
	provision >/dev/null
	run jq -c '.routes | del(.["GET /actions"])' < <(curl -s "$HETZNER_SIM/requests")
	[ "$output" = '{"GET /firewalls/{id}":1,"GET /server_types":1,"POST /servers":1}' ]
}

@test "an extension adds to what is left, and the same payment counts once" {
	provision >/dev/null
	id=$(only_id)
	before=$(ccc status "$id" -o json | jq -r .expiresAt)
	ccc extend "$id" --hours 2 --ref p1 2>/dev/null
	ccc extend "$id" --hours 2 --ref p1 2>/dev/null
	after=$(ccc status "$id" -o json | jq -r .expiresAt)
	[ $(($(date -d "$after" +%s) - $(date -d "$before" +%s))) -eq 7200 ]
	[ "$(cat "$HETZNER_SIM_DIR/none/$id/expires-at")" -eq "$(date -d "$after" +%s)" ]
	run ccc extend "$id" --hours 3 --ref p1
	[ "$status" -eq 4 ]
}

@test "the same payment provisions once" {
	provision --ref p1 >/dev/null
	run --separate-stderr provision --ref p1 -o json
	[ "$status" -eq 0 ]
	[ "$(servers)" -eq 1 ]
	ccc deprovision "$(only_id)" >/dev/null
	run provision --ref p1
	[ "$status" -eq 4 ]
	[ "$(servers)" -eq 0 ]
}

@test "a payment is not handed to another customer" {
	provision --ref p1 >/dev/null
	run ccc provision --email other@example.com --ssh-key "$keys/ed25519.pub" --hours 1 --ref p1
	[ "$status" -eq 4 ]
	[[ $output == *"for another request"* ]]
	[[ $output != *"user@example.com"* && $output != *127.* ]]
	run provision --ref p1 --hours 2
	[ "$status" -eq 4 ]
	[ "$(servers)" -eq 1 ]
}

@test "a token that died shows before anything is due" {
	provision >/dev/null
	HCLOUD_TOKEN=wrong run ccc reap
	[ "$status" -eq 5 ]
	[[ $output == *"refused the token"* ]]
	HCLOUD_ENDPOINT=http://127.0.0.1:9/v1 run ccc reap
	[ "$status" -eq 5 ]
	[ "$(jq .fleet.sweptAt "$CCC_STATE_DIR/instances.json")" = null ]
	run ccc reap
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "one server a user" {
	provision >/dev/null
	run provision
	[ "$status" -eq 4 ]
	[[ $output == *"one server a user"* ]]
	[ "$(servers)" -eq 1 ]
}

@test "reap ends what has expired, and only that" {
	provision >/dev/null
	ccc provision --email longer@example.com --ssh-key "$keys/ed25519.pub" --hours 24 >/dev/null
	curl -sf -X POST -d '{"advance": 3800}' "$HETZNER_SIM/clock" >/dev/null
	run faketime -f +3800s ccc reap
	[ "$status" -eq 0 ]
	[ "$(servers)" -eq 1 ]
	[ "$(ccc list -o json | jq -r '.[].email')" = longer@example.com ]
}

@test "a clock that was stepped forward ends nobody" {
	provision >/dev/null
	run faketime -f +7200s ccc reap
	[ "$status" -eq 1 ]
	[[ $output == "ccc: 1 instance whose time is over is left alone: this machine's clock is "*" s ahead of Hetzner's"* ]]
	[ "$(servers)" -eq 1 ]
	run faketime -f +7200s ccc reap --dry-run
	[ "$status" -eq 1 ]
	[[ $output == "ccc: 1 instance whose time is over is left alone: this machine's clock is "*" s ahead of Hetzner's"* ]]
	HCLOUD_TOKEN=wrong run ccc reap --dry-run
	[ "$status" -eq 5 ]
	run ccc extend "$(only_id)" --hours 1
	[ "$status" -eq 0 ]
	run ccc reap
	[ "$status" -eq 0 ]
	[ "$(servers)" -eq 1 ]
}

@test "a clock that was stepped back ends nobody and loses nothing" {
	provision >/dev/null
	run faketime -f -7200s ccc reap
	[ "$status" -eq 0 ]
	[ "$(servers)" -eq 1 ]
	[ "$(ccc list -o json | jq length)" -eq 1 ]
}

@test "ten kills of provision, each resumed" {
	for i in $(seq 10); do
		ccc provision --email "user$i@example.com" --ssh-key "$keys/ed25519.pub" >/dev/null 2>&1 3>&- &
		pid=$!
		sleep "0.0$((i * 4 % 10))$i"
		kill -9 "$pid" 2>/dev/null || true
		wait "$pid" || true
	done
	for _ in $(seq 5); do
		ccc resume && break
		sleep 1
	done
	run ccc list -o json
	[ "$(jq '[.[] | select(.status != "running")] | length' <<<"$output")" -eq 0 ]
	[ "$(jq length <<<"$output")" -eq "$(servers)" ]
}

@test "an answer lost after the create is found again, not paid twice" {
	fault '{"match": {"method": "POST", "route": "/servers"}, "times": 1, "lose_answer": true}'
	run provision
	[ "$status" -eq 0 ]
	[ "$(servers)" -eq 1 ]
}

@test "out of stock tries the next choice" {
	fault '{"match": {"method": "POST", "route": "/servers"}, "times": 1, "answer": {"status": 412, "code": "resource_unavailable", "message": "error during placement"}}'
	run provision
	[ "$status" -eq 0 ]
	[[ $output == *"error during placement"* ]]
	[ "$(servers)" -eq 1 ]
}

@test "a box that can't be evaluated is told before anything is paid for" {
	cp -R "$CCC_BOX/../../nix" "$BATS_TEST_TMPDIR/nix"
	for box in "$CCC_BOX" "$BATS_TEST_TMPDIR/nix"; do
		curl -s -X DELETE "$HETZNER_SIM/requests" >/dev/null
		stand_in nix-instantiate <<-'END'
			printf '%s\n' "error: undefined variable 'sshKey'" "" "       at /box/default.nix:34:30:" "" "           33|   fits" >&2
			exit 1
		END
		CCC_BOX=$box run with_stand_ins provision --ref p1
		echo "$output"
		[ "$status" -eq 1 ]
		[[ $output == *"the box '$box' can't be evaluated: undefined variable 'sshKey'; what was begun is undone and nothing is left at Hetzner" ]]
		[ "$(curl -s "$HETZNER_SIM/requests" | jq -c '.routes["POST /servers"]')" = null ]
		[ "$(ccc list -o json)" = "[]" ]
	done
	provision --ref p1 >/dev/null # the payment was for nothing yet
	[ "$(servers)" -eq 1 ]
}

@test "what was evaluated is built, and evaluated once more only where it was lost" {
	stand_in nix-build <<-END
		echo "\$*" >>"$BATS_TEST_TMPDIR/asked"
		[ -z "\$(cat "$BATS_TEST_TMPDIR/lose")" ] || exec sleep 60
		exec $(command -v nix-build) "\$@"
	END
	touch "$BATS_TEST_TMPDIR/lose"
	with_stand_ins provision >/dev/null
	folder=$CCC_STATE_DIR/instances/$(only_id)
	[ "$(cat "$BATS_TEST_TMPDIR/asked")" = "$folder/derivation $folder/derivation-2 --out-link $folder/result" ]
	[ "$(ccc status "$(only_id)" -o json | jq -r '.evaluatedAt <= .builtAt')" = true ]
	ccc deprovision "$(only_id)" >/dev/null
	echo yes >"$BATS_TEST_TMPDIR/lose"
	: >"$BATS_TEST_TMPDIR/asked"
	with_stand_ins timeout -s KILL 3 "$build/ccc" provision --email user@example.com --ssh-key "$keys/ed25519.pub" || true
	: >"$BATS_TEST_TMPDIR/lose"
	rm "$CCC_STATE_DIR/instances/$(only_id)/derivation"
	until_true 20 flock -n "$CCC_STATE_DIR/locks/$(only_id)" true
	with_stand_ins ccc resume
	folder=$CCC_STATE_DIR/instances/$(only_id)
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/asked")" = \
		"$CCC_BOX --argstr instanceFile $folder/instance.json -A toplevel -A diskoScript --out-link $folder/result" ]
}

@test "a build that fails is rolled back" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\nsleep 0.3\necho "error: the box is broken" >&2\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/nix-build"
	chmod +x "$BATS_TEST_TMPDIR/bin/nix-build"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run provision
	[ "$status" -eq 1 ]
	[[ $output == *"the box is broken"* ]]
	[[ $output == *"nothing is left at Hetzner; 'ccc provision --keep-on-failure' keeps server and log for a look"* ]]
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
}

@test "Ctrl-C stops cleanly and says how to go on" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\nsleep 30\n' >"$BATS_TEST_TMPDIR/bin/nix-build"
	chmod +x "$BATS_TEST_TMPDIR/bin/nix-build"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run timeout -s INT 2 "$build/ccc" provision --email user@example.com --ssh-key "$keys/ed25519.pub"
	[[ $output == *"'ccc resume "*" now"* ]]
	[ "$(ccc list -o json | jq length)" -eq 1 ]
	for _ in $(seq 40); do
		run ccc resume
		[ "$status" -eq 0 ] && break
		sleep 0.2
	done
	[ "$(ccc list -o json | jq -r '.[0].status')" = running ]
	[[ $output == *"Log in with  ssh claude@"*"Host key     SHA256:"* ]]
}

@test "a server that vanished is noticed when it is ended" {
	provision >/dev/null
	id=$(only_id)
	curl -sf -X DELETE -H "Authorization: Bearer $HCLOUD_TOKEN" "$HCLOUD_ENDPOINT/servers/$(jq -r '.instances[].serverId' "$CCC_STATE_DIR/instances.json")" >/dev/null
	run ccc deprovision "$id"
	[ "$status" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
}

@test "a server whose labels were changed is not touched" {
	provision >/dev/null
	hcloud server remove-label "cc-$(only_id)" ccc-nonce
	run ccc deprovision "$(only_id)"
	[ "$status" -eq 7 ] # it is recorded
	[[ $output == *"it was not touched; 'ccc reap' tries again, 'ccc fsck' says what is in its way"* ]]
	run ccc reap
	[[ $output == *"it was not touched; 'ccc fsck' says what is in its way" ]]
	[ "$(servers)" -eq 1 ]
	[ "$(ccc list -o json | jq length)" -eq 1 ]
}

@test "an end that Hetzner refuses names who says what to do" {
	provision >/dev/null
	hcloud server enable-protection "cc-$(only_id)" delete rebuild >/dev/null
	run ccc deprovision "$(only_id)"
	[ "$status" -eq 7 ]
	[[ $output == *"protected"*"'ccc reap' tries again, 'ccc fsck' says what is in its way"* ]]
	[[ $(ccc fsck) == *"hcloud server disable-protection"* ]]
	[ "$(servers)" -eq 1 ]
}

@test "dry runs change nothing" {
	run provision --dry-run
	[ "$status" -eq 0 ]
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
	provision >/dev/null
	before=$(sha256sum "$CCC_STATE_DIR/instances.json")
	ccc deprovision --dry-run "$(only_id)"
	ccc extend --dry-run "$(only_id)" --hours 3
	ccc reap --dry-run
	ccc resume --dry-run
	[ "$before" = "$(sha256sum "$CCC_STATE_DIR/instances.json")" ]
}

@test "extend --dry-run says what the real one would refuse" {
	provision >/dev/null
	id=$(only_id)
	ccc extend "$id" --hours 2 --ref p1
	run ccc extend --dry-run "$id" --hours 3 --ref p1
	[ "$status" -eq 4 ]
	[[ $output == *"was counted before, with 2 h"* ]]
	run ccc extend --dry-run "$id" --hours 2 --ref p1
	[ "$status" -eq 0 ]
	[[ $output == *"nothing would be added"* ]]
	run ccc extend --dry-run "$id" --hours 2 --ref p1 -o json
	[ "$(jq .would <<<"$output")" = null ]
	run ccc extend --dry-run abc123 --hours 2
	[ "$status" -eq 3 ]
	edit '.goal = "gone" | .reason = "deprovision"'
	run ccc extend --dry-run "$id" --hours 2
	[ "$status" -eq 4 ]
	[[ $output == *"is being deleted"* ]]
}

@test "an instance that is named twice is ended once" {
	provision >/dev/null
	id=$(only_id)
	run ccc deprovision --dry-run "$id" "cc-$id"
	[ "${#lines[@]}" -eq 1 ]
	run --separate-stderr ccc deprovision "cc-$id" "$id"
	[ "$status" -eq 0 ]
	[ "$output" = "Instance $id is gone, and so is its server." ]
	[[ $stderr != *"another ccc"* ]]
	[ "$(servers)" -eq 0 ]
}

@test "what came of an instance is said by what it was" {
	provision >/dev/null
	id=$(only_id)
	ccc extend "$id" --hours 1 >/dev/null
	edit '.boxExpiresAt = .verifiedAt' # it is to be announced once more
	run --separate-stderr ccc resume "$id"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "Instance $id is running." ]
	advance 8000
	run --separate-stderr faketime -f +8000s ccc reap
	[ "$output" = "Instance $id is gone, and so is its server." ]
	[ "$(servers)" -eq 0 ]
}

@test "what was bought is what is left at the handover, and the end stays where it was" {
	ccc provision --email user@example.com --ssh-key "$keys/ed25519.pub" --hours 2 >/dev/null
	id=$(only_id)
	expires=$(date -d "$(member expiresAt)" +%s)
	[ "$((expires - $(date -d "$(member verifiedAt)" +%s)))" -ge 7260 ] # some grace
	[[ $(ccc list | tail -n 1) =~ Z\ \ 2\ h\ *$ ]]
	[[ $(ccc status "$id") == *"Time left    2 h"$'\n'* ]]
	[[ $(ccc deprovision "$id" --dry-run) == *"(2 h of paid time left)"* ]]
	[ "$(ccc list -o json | jq '.[0].timeLeftSeconds')" -gt 7200 ]
	run faketime -f "@$(date -d "@$((expires - 300))" '+%F %T')" ccc status "$id"
	[[ $output == *"Time left    5 min"* ]] || [[ $output == *"Time left    4 min 5"* ]]
	ccc extend "$id" --hours 1 >/dev/null
	[[ $(ccc list | tail -n 1) =~ Z\ \ 3\ h\ *$ ]]
}

@test "an instance that had no server says so at its end" {
	provision >/dev/null
	id=$(only_id)
	hcloud server delete "cc-$id" >/dev/null
	edit 'del(.serverId, .verifiedAt, .expiresAt, .installedAt, .reachableAt, .createSentAt)'
	run --separate-stderr ccc deprovision "$id"
	[ "$status" -eq 0 ]
	[ "$output" = "Instance $id is gone: no server was ever asked for." ]
	provision >/dev/null
	id=$(only_id)
	hcloud server delete "cc-$id" >/dev/null
	edit 'del(.serverId, .verifiedAt, .expiresAt, .installedAt, .reachableAt)'
	run --separate-stderr ccc deprovision "$id"
	[ "$status" -ne 0 ]
	advance 700
	run --separate-stderr faketime -f +700s ccc reap
	[ "$output" = "Instance $id is gone: no server of it was ever made." ]
}

@test "an order to end does not wait for the clock, whatever the clock had ended before" {
	for reason in expired abandoned; do
		provision >/dev/null
		id=$(only_id)
		edit ".goal = \"gone\" | .reason = \"$reason\" | .expiresAt = \"2001-01-01T00:00:00Z\""
		run faketime -f +7200s "$build/ccc" resume "$id"
		[ "$status" -ne 0 ]
		[ "$(servers)" -eq 1 ]
		run faketime -f +7200s "$build/ccc" deprovision "$id"
		echo "$output"
		[ "$status" -eq 0 ]
		[ "$(servers)" -eq 0 ]
	done
}
