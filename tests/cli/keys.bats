#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# Keys of the user that come and go while the machine lives.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
	second=$BATS_TEST_TMPDIR/second
	ssh-keygen -q -t ed25519 -N '' -C second -f "$second"
}

# The keys that the machine takes.
in_the_box() {
	cat "$HETZNER_SIM_DIR/none/$id/authorized_keys.d/claude"
}

# "state fingerprint" of each key, as ccc tells it.
told() {
	ccc keys "$id" -o json | jq -r '.[] | "\(.state) \(.fingerprint)"'
}

hand_over() {
	provision 2>/dev/null >&2
	id=$(only_id)
}

@test "a second key comes, the first one goes" {
	hand_over
	[ "$(told)" = "in place $(print_of "$keys/ed25519")" ]
	run grep -c keys-told "$CCC_STATE_DIR/history.jsonl"
	[ "$output" -eq 0 ] # it was built in
	run --separate-stderr ccc keys "$id" --add "$second.pub"
	[ "$status" -eq 0 ]
	[[ $output == *"ssh-ed25519  $(print_of "$second")  in place"* ]]
	[ "$(in_the_box)" = "$(key_of "$keys/ed25519")"$'\n'"$(key_of "$second")" ]
	run --separate-stderr ccc keys "$id" --remove "$(print_of "$keys/ed25519")"
	[ "$status" -eq 0 ]
	[ "$(in_the_box)" = "$(key_of "$second")" ]
	[ "$(told)" = "in place $(print_of "$second")" ]
	[ "$(ccc status "$id" -o json | jq -r .status)" = running ]
}

@test "the only key is replaced in one call, which is one change of the record" {
	hand_over
	before=$(ccc status "$id" -o json | jq .revision)
	ccc keys "$id" --remove "$(print_of "$keys/ed25519")" --add "$(cat "$second.pub")" --add "$keys/rsa4096.pub" 2>/dev/null
	[ "$(in_the_box)" = "$(key_of "$second")"$'\n'"$(key_of "$keys/rsa4096")" ]
	# the change, and that the box has it
	[ "$(ccc status "$id" -o json | jq .revision)" -eq $((before + 2)) ]
	run jq -r 'select(.event == "keys-changed") | .detail' "$CCC_STATE_DIR/history.jsonl"
	[ "$output" = "+$(print_of "$second") +$(print_of "$keys/rsa4096") -$(print_of "$keys/ed25519")" ]
}

@test "keys are shown without a token and to machines" {
	hand_over
	HCLOUD_TOKEN='' run --separate-stderr ccc keys "$id" -o json
	[ "$status" -eq 0 ]
	[ "$(jq -c '.[] | [.type, .fingerprint, .key, .state]' <<<"$output")" = \
		"[\"ssh-ed25519\",\"$(print_of "$keys/ed25519")\",\"$(key_of "$keys/ed25519")\",\"in place\"]" ]
	HCLOUD_TOKEN='' run ccc keys "$id" --add "$second.pub"
	[ "$status" -eq 2 ]
	[[ $output == *"HCLOUD_TOKEN is not set"* ]]
}

@test "a change that makes no sense is refused, whole" {
	hand_over
	before=$(sha256sum "$CCC_STATE_DIR/instances.json")
	refused() {
		run ccc keys "$id" "${@:3}"
		[ "$status" -eq "$1" ]
		[[ $output == *"$2"* ]]
		[ "$before" = "$(sha256sum "$CCC_STATE_DIR/instances.json")" ]
	}
	first=$(print_of "$keys/ed25519")
	refused 4 "is there already" --add "$keys/ed25519.pub"
	refused 4 "is given twice" --add "$second.pub" --add "$second.pub"
	refused 4 "can't be entered" --remove "$first"
	refused 3 "it has no key $(print_of "$second")" --remove "$(print_of "$second")"
	refused 3 "it has no key" --add "$second.pub" --remove "$(print_of "$keys/rsa4096")"
	refused 4 "is no fingerprint" --add "$second.pub" --remove "${first#SHA256:}"
	refused 4 "2048 bits" --add "$second.pub" --add "$keys/rsa2048.pub"
	refused 4 "there is no file 'missing.pub'; give" --add missing.pub
	for i in $(seq 8); do
		ssh-keygen -q -t ed25519 -N '' -f "$BATS_TEST_TMPDIR/more$i"
		more+=(--add "$BATS_TEST_TMPDIR/more$i.pub")
	done
	refused 4 "more than 8" "${more[@]}"
	id=000000
	refused 3 "there is no instance '000000'" --add "$second.pub"
	[ "$(curl -s "$HETZNER_SIM/requests" | jq '.routes["POST /servers"]')" -eq 1 ]
}

@test "an instance at its end gets no key any more" {
	hand_over
	fault '{"match": {"method": "DELETE"}, "times": 50, "answer": {"status": 423, "code": "protected"}}'
	run ccc deprovision "$id"
	[ "$status" -ne 0 ]
	run ccc keys "$id" --add "$second.pub"
	[ "$status" -eq 4 ]
	[[ $output == *"it is being deleted"* ]]
}

@test "a box that can't be reached gets its keys by the next sweep that can" {
	hand_over
	hcloud server poweroff "cc-$id" >/dev/null
	run ccc keys "$id" --add "$second.pub" --remove "$(print_of "$keys/ed25519")"
	[ "$status" -eq 7 ]
	[[ $output == *"the change is recorded, but the box does not have it yet"* ]]
	[ "$(told)" = "to be added $(print_of "$second")"$'\n'"to be removed $(print_of "$keys/ed25519")" ]
	[ "$(in_the_box)" = "$(key_of "$keys/ed25519")" ]
	run later ccc reap
	[ "$status" -eq 1 ]
	hcloud server poweron "cc-$id" >/dev/null
	run later ccc reap
	[ "$status" -eq 0 ]
	[ "$(in_the_box)" = "$(key_of "$second")" ]
	[ "$(told)" = "in place $(print_of "$second")" ]
	run ccc reap
	[ "$output" = "" ]
}

@test "a change that comes while the box is told another is told by the same ccc" {
	hand_over
	slow ssh ccc-set-keys
	PATH=$BATS_TEST_TMPDIR/bin:$PATH "$build/ccc" keys "$id" --add "$second.pub" >/dev/null 2>&1 3>&- &
	pid=$!
	wait_until_asked
	run ccc keys "$id" --remove "$(print_of "$keys/ed25519")"
	[ "$status" -eq 0 ]
	[[ $output == *"in the hands of another ccc"* ]]
	[[ $output == *"to be removed"* ]]
	touch "$BATS_TEST_TMPDIR/go"
	wait "$pid"
	[ "$(in_the_box)" = "$(key_of "$second")" ]
	[ "$(told)" = "in place $(print_of "$second")" ]
}

@test "killed between the record and the box, reap brings the key" {
	hand_over
	slow ssh ccc-set-keys
	PATH=$BATS_TEST_TMPDIR/bin:$PATH "$build/ccc" keys "$id" --add "$second.pub" >/dev/null 2>&1 3>&- &
	pid=$!
	wait_until_asked
	kill -9 "$pid"
	wait "$pid" || true
	[ "$(told | grep -c '^to be added')" -eq 1 ]
	[ "$(in_the_box)" = "$(key_of "$keys/ed25519")" ]
	# the guard frees the lease when it has ended the ssh
	for _ in $(seq 40); do
		ccc reap && [ "$(told | grep -c '^to be added')" -eq 0 ] && break
		sleep 0.2
	done
	[ "$(in_the_box)" = "$(key_of "$keys/ed25519")"$'\n'"$(key_of "$second")" ]
}

@test "a key that the box may have got before its answer was lost is taken away again" {
	hand_over
	stand_in ssh <<-END
		$(command -v ssh) "\$@"
		case "\$*" in *ccc-set-keys*) exit 255 ;; esac
	END
	with_stand_ins run ccc keys "$id" --add "$second.pub"
	[ "$status" -eq 7 ]
	[ "$(in_the_box)" = "$(key_of "$keys/ed25519")"$'\n'"$(key_of "$second")" ]
	rm "$BATS_TEST_TMPDIR/bin/ssh"
	run ccc keys "$id" --remove "$(print_of "$second")"
	[ "$status" -eq 0 ]
	[ "$(in_the_box)" = "$(key_of "$keys/ed25519")" ]
	[ "$(told)" = "in place $(print_of "$keys/ed25519")" ]
}

@test "a key that comes while the box is built is there when it is handed over" {
	slow nix-build '' # its parameters are written already
	PATH=$BATS_TEST_TMPDIR/bin:$PATH provision >/dev/null 2>&1 3>&- &
	pid=$!
	wait_until_asked
	id=$(only_id)
	run ccc keys "$id" --add "$second.pub"
	[ "$status" -eq 0 ]
	[[ $output == *"to be added"* ]]
	touch "$BATS_TEST_TMPDIR/go"
	wait "$pid"
	[ "$(ccc status "$id" -o json | jq -r .status)" = running ]
	[ "$(in_the_box)" = "$(key_of "$keys/ed25519")"$'\n'"$(key_of "$second")" ]
	[ "$(told | grep -c '^in place')" -eq 2 ]
}

@test "nothing is handed over while a key that was built in is not in place" {
	slow ssh ccc-report
	PATH=$BATS_TEST_TMPDIR/bin:$PATH provision >/dev/null 2>&1 3>&- &
	pid=$!
	wait_until_asked
	id=$(only_id)
	mv "$HETZNER_SIM_DIR/none/$id/authorized_keys.d" "$BATS_TEST_TMPDIR/hidden"
	touch "$BATS_TEST_TMPDIR/go"
	sleep 3
	[ "$(ccc status "$id" -o json | jq -r .status)" = verifying ]
	mv "$BATS_TEST_TMPDIR/hidden" "$HETZNER_SIM_DIR/none/$id/authorized_keys.d"
	wait "$pid"
	[ "$(ccc status "$id" -o json | jq -r .status)" = running ]
}

@test "a box that still takes a key that was removed is no success" {
	hand_over
	mkdir -p "$HETZNER_SIM_DIR/none/$id/../../../etc/ssh/authorized_keys.d"
	key_of "$keys/ed25519" >"$HETZNER_SIM_DIR/none/$id/../../../etc/ssh/authorized_keys.d/claude"
	run ccc keys "$id" --add "$second.pub" --remove "$(print_of "$keys/ed25519")"
	[ "$status" -eq 7 ]
	[[ $output == *"still takes another key"* ]]
	[ "$(told)" = "to be added $(print_of "$second")"$'\n'"to be removed $(print_of "$keys/ed25519")" ]
}

@test "a dry run of keys changes nothing" {
	hand_over
	before=$(sha256sum "$CCC_STATE_DIR/instances.json")
	run ccc keys "$id" --add "$second.pub" --dry-run
	[ "$status" -eq 0 ]
	[[ $output == *"with 2 SSH keys;"* ]]
	run ccc keys "$id" --remove "$(print_of "$keys/ed25519")" --dry-run
	[ "$status" -eq 4 ]
	[ "$before" = "$(sha256sum "$CCC_STATE_DIR/instances.json")" ]
}
