#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# A state that can't be read or written, and a history that was damaged: said with the
# place and the way out; nothing is created, nothing lost.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
}

# state_of_nobody: a copy of the state that belongs to a user without rights, in $state
state_of_nobody() {
	[ "$(id -u)" -eq 0 ] || skip "needs root to be somebody else"
	open_directory
	state=$open/state
	cp -a "$CCC_STATE_DIR" "$state"
	chown -R 65534:65534 "$state"
}

@test "a state that its owner can't read" {
	state_of_nobody
	as_nobody "$open/ccc" -C "$state" list
	chmod 0000 "$state/instances.json"
	refused_in_one_line 6 "is closed to its owner (mode 0000); run: chmod 0600 '$state/instances.json'" as_nobody "$open/ccc" -C "$state" list
	chmod 0600 "$state/instances.json"
	chmod 0000 "$state"
	refused_in_one_line 6 "'$state' is closed to its owner (mode 0000), so what it holds is not known; if it is ccc's state directory, run: chmod 0700 '$state'" as_nobody "$open/ccc" -C "$state" list
	chmod 0700 "$state"
	mkdir -m 0700 "$open/inner"
	mv "$state" "$open/inner/state"
	refused_in_one_line 6 "Permission denied; run ccc as the user whose state it is" as_nobody "$open/ccc" -C "$open/inner/state" list
}

@test "a state of somebody else" {
	state_of_nobody
	refused_in_one_line 6 "belongs to user 65534 and you are user 0; run ccc as its owner" ccc -C "$state" list
	mkdir -m 0700 "$open/closed"
	refused_in_one_line 6 "'$open/closed' belongs to user 0 and you are user 65534" as_nobody "$open/ccc" -C "$open/closed" list
}

@test "a state that can be read only is shown, and nothing is begun" {
	state_of_nobody
	chmod 0500 "$state"
	as_nobody "$open/ccc" -C "$state" list
	run as_nobody "$open/ccc" -C "$state" provision --email a@example.com --ssh-key "$(cat "$keys/ed25519.pub")"
	[ "$status" -eq 6 ]
	[[ $output == *"cannot save the state in '$state'"*"Permission denied"* ]]
	[ "$(servers)" -eq 0 ]
}

@test "a state directory that is a file, a link, or not there" {
	touch "$BATS_TEST_TMPDIR/file"
	refused_in_one_line 6 "is no directory" ccc -C "$BATS_TEST_TMPDIR/file" list
	refused_in_one_line 6 "there is no state in '$BATS_TEST_TMPDIR/file/below'" ccc -C "$BATS_TEST_TMPDIR/file/below" list
	ln -s "$CCC_STATE_DIR" "$BATS_TEST_TMPDIR/link"
	refused_in_one_line 6 "links are not followed" ccc -C "$BATS_TEST_TMPDIR/link" list
}

@test "a directory that is no state's is not to be closed to others" {
	foreign=$BATS_TEST_TMPDIR/foreign
	mkdir -m 0755 "$foreign"
	touch "$foreign/letter"
	for directory in / "$foreign"; do
		refused_in_one_line 6 "'$directory' is no state directory of ccc: it has no instances.json; name one with -C or CCC_STATE_DIR, or make one with 'ccc init'" \
			ccc -C "$directory" list
	done
	refused_in_one_line 6 "'$foreign' is open to other users (mode 0755) and no state directory of ccc; name one that is not there yet, and 'ccc init' makes it" \
		ccc -C "$foreign" init
	[ "$(ls -A "$foreign")" = letter ]
	[ "$(stat -c %a "$foreign")" = 755 ]
}

@test "a directory without a name is none" {
	cd "$CCC_STATE_DIR"
	refused_in_one_line 2 "-C names no directory" ccc -C '' list
	refused_in_one_line 2 "-C names no directory" ccc list --directory=
	CCC_STATE_DIR= refused_in_one_line 2 "CCC_STATE_DIR names no directory; unset it, or name one" ccc list
	CCC_STATE_DIR= ccc -C . list
}

@test "a torn last line of the history is mended by the next commit" {
	provision >/dev/null
	id=$(only_id)
	# Longer than what the next commit writes over it.
	printf '{"at":"2026-01-01T00:00:00Z","instanceId":"%s","detail":"%8000s' "$id" x >>"$CCC_STATE_DIR/history.jsonl"
	[[ $(ccc status "$id") == *verified* ]]
	ccc extend "$id" --hours 1 --ref p1 2>/dev/null
	jq -e . "$CCC_STATE_DIR/history.jsonl" >/dev/null
	[[ $(ccc status "$id") == *extended* ]]
	[ "$(grep -c '"event":"verified"' "$CCC_STATE_DIR/history.jsonl")" -eq 1 ]
	run ccc extend "$id" --hours 2 --ref p1
	[ "$status" -eq 4 ]
}

@test "a damaged line inside the history is named, and the rest goes on" {
	provision >/dev/null
	id=$(only_id)
	sed -i '3s/"event"/"ev\x01ent/' "$CCC_STATE_DIR/history.jsonl"
	before=$(sha256sum "$CCC_STATE_DIR"/{instances.json,history.jsonl})
	refused_in_one_line 6 "'$CCC_STATE_DIR/history.jsonl': line 3: " ccc status "$id"
	[[ $output == *"; mend that line or take it out; nothing was changed"* ]]
	# Whether a payment was used before can't be told: none is taken for a new server.
	refused_in_one_line 6 "line 3: " ccc provision --email b@example.com --ssh-key "$keys/ed25519.pub" --ref new
	[ "$before" = "$(sha256sum "$CCC_STATE_DIR"/{instances.json,history.jsonl})" ]
	[ "$(servers)" -eq 1 ]
	[ "$(ccc list -o json | jq length)" -eq 1 ]
	# Time that was paid is not refused: its machine would end.
	run --separate-stderr ccc extend "$id" --hours 1 --ref p1
	[ "$status" -eq 0 ]
	[[ $stderr == *"ccc: warning: whether payment 'p1' was used for an instance that is gone is not known ("*"line 3: "* ]]
	ccc reap
	ccc deprovision "$id" >/dev/null
	[ "$(servers)" -eq 0 ]
}
