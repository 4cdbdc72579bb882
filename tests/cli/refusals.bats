#!/usr/bin/env bats
# Bad input: the exit code of its kind, one line that says what and how to mend it,
# nothing created, nothing lost.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
	before=$(sha256sum "$CCC_STATE_DIR/instances.json")
}

# refused STATUS TEXT COMMAND...: and the state and the project stay as they are
refused() {
	refused_in_one_line "$@"
	[ "$(servers)" -eq 0 ]
	[ ! -e "$CCC_STATE_DIR/instances.json" ] || [ "$before" = "$(sha256sum "$CCC_STATE_DIR/instances.json")" ]
}

key_refused() {
	refused 4 "$1" ccc provision --email a@example.com --ssh-key "$2"
}

@test "keys" {
	key_refused "2048" "$keys/rsa2048.pub"
	key_refused "3072" "$keys/rsa3072.pub"
	key_refused "dsa" "$keys/dsa.pub"
	key_refused "ecdsa" "$keys/ecdsa.pub"
	key_refused "certificate" "$keys/ed25519-cert.pub"
	ssh-keygen -q -t ed25519 -N '' -f "$BATS_TEST_TMPDIR/k"
	key_refused "private" "$BATS_TEST_TMPDIR/k"
	key_refused "option" "command=\"x\" $(cat "$keys/ed25519.pub")"
	cat "$keys/ed25519.pub" "$keys/ed25519.pub" >"$BATS_TEST_TMPDIR/two"
	key_refused "one" "$BATS_TEST_TMPDIR/two"
	key_refused "base64" "ssh-ed25519 AAAA!!!!"
	key_refused "ssh-rsa" "ssh-ed25519 $(cut -d ' ' -f 2 "$keys/rsa4096.pub")"
	key_refused "no file" "$BATS_TEST_TMPDIR/nowhere"
}

@test "a comment with quotes, dollars and newlines travels nowhere" {
	# shellcheck disable=SC2016 # the dollar is meant to be one
	printf '%s "quoted" ${danger} '"''"'x\n' "$(cut -d ' ' -f 1,2 "$keys/ed25519.pub")" >"$BATS_TEST_TMPDIR/key"
	ccc provision --email a@example.com --ssh-key "$BATS_TEST_TMPDIR/key" >/dev/null
	run grep -rl danger "$CCC_STATE_DIR"
	[ -z "$output" ]
}

@test "hours, size, e-mail, location" {
	for hours in 0 -1 1000000000 1h30 1.5 ""; do
		refused 4 "hours" ccc provision --email a@example.com --ssh-key "$keys/ed25519.pub" --hours="$hours"
	done
	refused 4 "cpx11" ccc provision --email a@example.com --ssh-key "$keys/ed25519.pub" --type cpx99
	for email in nobody @b a@ "-a@example.com" "a b@example.com" "$(printf 'a\ab@example.com')"; do
		refused 4 "e-mail" ccc provision "--email=$email" --ssh-key "$keys/ed25519.pub"
	done
	refused 4 "location" ccc provision --email a@example.com --ssh-key "$keys/ed25519.pub" --location "fsn1,;"
}

@test "the command line" {
	refused 2 "unknown command" ccc frobnicate
	refused 2 "unknown option" ccc list --frobnicate
	refused 2 "no command" ccc
	refused 2 "needs more" ccc status
	refused 2 "unexpected" ccc status abc123 abc124
	refused 2 "output format" ccc list -o yaml
	refused 3 "there is no instance" ccc status abc123
	refused 3 "there is no instance" ccc deprovision abc123
	refused 3 "there is no instance" ccc extend abc123 --hours 1
}

@test "a closed or full standard output is an error" {
	run bash -c "ccc help >/dev/full"
	[ "$status" -eq 1 ]
	[[ $output == *"standard output"* ]]
	run bash -c "ccc list >&-"
	[ "$status" -eq 1 ]
}

@test "the state" {
	refused 6 "ccc init" ccc -C "$BATS_TEST_TMPDIR/nowhere" list
	mkdir -m 0700 "$BATS_TEST_TMPDIR/empty"
	refused 6 "ccc init" ccc -C "$BATS_TEST_TMPDIR/empty" reap
	bad=$BATS_TEST_TMPDIR/bad
	cp -a "$CCC_STATE_DIR" "$bad"
	head -c 40 "$CCC_STATE_DIR/instances.json" >"$bad/instances.json"
	refused 6 "no valid JSON in line" ccc -C "$bad" reap
	echo 'no json' >"$bad/instances.json"
	refused 6 "no valid JSON in line 1" ccc -C "$bad" list
	jq '.version = 2' "$CCC_STATE_DIR/instances.json" >"$bad/instances.json"
	refused 6 "version 2" ccc -C "$bad" list
	truncate -s 100M "$bad/instances.json"
	refused 6 "more than any state" ccc -C "$bad" list
	cp -p "$CCC_STATE_DIR/instances.json" "$bad/"
	chmod 0644 "$bad/instances.json"
	refused 6 "chmod 0600" ccc -C "$bad" list
	chmod 0600 "$bad/instances.json"
	chmod 0755 "$bad"
	refused 6 "chmod 0700" ccc -C "$bad" list
	chmod 0700 "$bad"
	rm "$bad/instances.json"
	mkdir "$bad/instances.json"
	refused 6 "not a regular file" ccc -C "$bad" list
}

@test "a state of another user" {
	[ "$(id -u)" -eq 0 ] || skip "needs root to give a file away"
	cp -a "$CCC_STATE_DIR" "$BATS_TEST_TMPDIR/theirs"
	chown nobody "$BATS_TEST_TMPDIR/theirs/instances.json"
	refused 6 "belongs to user" ccc -C "$BATS_TEST_TMPDIR/theirs" list
}

@test "the token" {
	provision=(ccc provision --email a@example.com --ssh-key "$keys/ed25519.pub")
	HCLOUD_TOKEN= refused 2 "HCLOUD_TOKEN" "${provision[@]}"
	HCLOUD_TOKEN="$HCLOUD_TOKEN"$'\n' refused 2 "newline" "${provision[@]}"
	run env -u HCLOUD_TOKEN "${provision[@]}"
	[ "$status" -eq 2 ]
	HCLOUD_TOKEN=wrong run "${provision[@]}"
	[ "$status" -eq 5 ]
	[[ $output == *"refused the token"* ]]
	[ "$(servers)" -eq 0 ]
}

@test "the token of another project creates and forgets nothing" {
	stop_simulator
	rm -rf "$BATS_TEST_TMPDIR/sim"
	start_simulator --projects 2
	ccc init >/dev/null
	provision >/dev/null
	other=$(curl -s "$HETZNER_SIM/tokens" | jq -r '.. | strings' | grep -E '^[A-Za-z0-9]{64}$' | grep -v "$HCLOUD_TOKEN" | head -n 1)
	[ -n "$other" ]
	HCLOUD_TOKEN=$other run ccc provision --email b@example.com --ssh-key "$keys/ed25519.pub"
	[ "$status" -eq 5 ]
	[[ $output == *"is not in this token's project"* ]]
	HCLOUD_TOKEN=$other run ccc extend "$(only_id)" --hours 200
	echo "$output"
	[ "$status" -eq 7 ]
	[[ $output == *"is not in this token's project"* && $output != *"is gone"* ]]
	HCLOUD_TOKEN=$other run ccc deprovision "$(only_id)"
	[ "$status" -eq 7 ]
	HCLOUD_TOKEN=$other run ccc resume
	[ "$status" -ne 0 ]
	run ccc reap # too soon after a failure: it waits, and says so
	[ "$status" -eq 1 ]
	[[ $output == *"is unfinished (deleting); next try at "*"is not in this token's project"* ]]
	curl -sf -X POST -d '{"advance": 200}' "$HETZNER_SIM/clock" >/dev/null
	HCLOUD_TOKEN=$other run faketime -f +200s ccc reap
	[ "$status" -ne 0 ]
	[[ $output == *"the sweep could do nothing"*"not in this token's project"* ]]
	[ "$(ccc status "$(only_id)" -o json | jq .attempts)" -eq 2 ]
	[ "$(ccc list -o json | jq 'map(select(.email == "user@example.com")) | length')" -eq 1 ]
	[ "$(hcloud server list -o noheader | wc -l)" -eq 1 ]
}

@test "an endpoint that refuses" {
	HCLOUD_ENDPOINT=http://127.0.0.1:9/v1 run ccc provision --email a@example.com --ssh-key "$keys/ed25519.pub"
	[ "$status" -eq 5 ]
	[[ $output == *"no connection could be made"* ]]
	[ "$(servers)" -eq 0 ]
}

@test "an endpoint without TLS gets no token" {
	HCLOUD_ENDPOINT=http://192.0.2.1/v1 run ccc provision --email a@example.com --ssh-key "$keys/ed25519.pub"
	[ "$status" -eq 2 ]
	[[ $output == *"use https"* ]]
}

@test "answers that are a web page, cut, or endless" {
	for kind in '"html": true' '"cut": true' '"big": 9437184'; do
		fault '{"match": {"method": "GET", "route": "/firewalls/{id}"}, "times": 20, '"$kind"'}'
		run ccc provision --email a@example.com --ssh-key "$keys/ed25519.pub"
		echo "$kind: $status $output"
		[ "$status" -eq 5 ]
		[ "$(servers)" -eq 0 ]
		curl -s -X DELETE "$HETZNER_SIM/faults" >/dev/null
	done
	[ "$(servers)" -eq 0 ]
}
