#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# init and doctor: a fleet is made once, whatever interrupts it, and what is wrong with it is named.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
}

# objects KIND: how many the project has
objects() {
	hcloud "$1" list -o json | jq length
}

@test "init makes one key, one firewall and a private state, and again nothing" {
	run ccc init -o json
	[ "$status" -eq 0 ]
	first=$output
	[ "$(stat -c %a "$CCC_STATE_DIR" "$CCC_STATE_DIR/instances.json" "$CCC_STATE_DIR/keys/operator")" = $'700\n600\n600' ]
	operator=$(sha256sum "$CCC_STATE_DIR/keys/operator")
	run ccc init -o json
	[ "$status" -eq 0 ]
	[ "$output" = "$first" ]
	[ "$operator" = "$(sha256sum "$CCC_STATE_DIR/keys/operator")" ]
	[ "$(objects ssh-key) $(objects firewall)" = "1 1" ]
}

@test "an init that was interrupted is completed by the next, and made nothing twice" {
	local trouble
	for trouble in '"answer": {"status": 500, "code": "internal", "message": "no"}' '"lose_answer": true' '"cut": true'; do
		for route in /ssh_keys /firewalls; do
			CCC_STATE_DIR=$BATS_TEST_TMPDIR/state$((++count))
			fault "{\"match\": {\"method\": \"POST\", \"route\": \"$route\"}, $trouble}"
			run ccc init
			[ "$status" -eq 5 ]
			[[ $output == *"run 'ccc init' again when this is mended"* ]]
			run ccc provision --email a@example.com --ssh-key "$keys/ed25519.pub"
			[ "$status" -eq 6 ]
			[[ $output == *"run 'ccc init' again"* ]]
			ccc init >/dev/null
			[ "$(objects ssh-key) $(objects firewall)" = "$count $count" ]
		done
	done
}

@test "an init that would be done, or is refused, makes nothing" {
	run ccc init --dry-run
	[ "$status" -eq 0 ]
	[ ! -e "$CCC_STATE_DIR" ]
	run env -u HCLOUD_TOKEN "$build/ccc" init
	[ "$status" -eq 2 ]
	[ ! -e "$CCC_STATE_DIR" ]
	HCLOUD_TOKEN=wrong run ccc init
	[ "$status" -eq 5 ]
	[[ $output == *"refused the token"* ]]
	[ "$(objects ssh-key) $(objects firewall)" = "0 0" ]
	ccc init >/dev/null
	[ "$(objects ssh-key) $(objects firewall)" = "1 1" ]
}

@test "a dry run of init says what is missing, and of a whole fleet that nothing would be done" {
	run ccc init --dry-run
	[[ $output == "would make the state directory '$CCC_STATE_DIR' with an operator key, and at Hetzner, "* ]]
	mkdir -m 0755 "$BATS_TEST_TMPDIR/foreign"
	refused_in_one_line 6 "no state directory of ccc" ccc -C "$BATS_TEST_TMPDIR/foreign" init --dry-run
	refused_in_one_line 5 "no firewall of fleet '0123abcd'" ccc init --dry-run --adopt --fleet 0123abcd
	fault '{"match": {"method": "POST", "route": "/firewalls"}, "answer": {"status": 500, "code": "internal", "message": "no"}}'
	run ! ccc init
	fleet=$(jq -r .fleet.id "$CCC_STATE_DIR/instances.json")
	run ccc init --dry-run
	[ "$status" -eq 0 ]
	[ "$output" = "would complete fleet $fleet in '$CCC_STATE_DIR': what it still lacks at Hetzner" ]
	ccc init >/dev/null
	before=$(find "$CCC_STATE_DIR" -type f -exec sha256sum {} + | sort)
	run ccc init --dry-run
	[ "$status" -eq 0 ]
	[ "$output" = "nothing would be done: fleet $fleet is complete in '$CCC_STATE_DIR'" ]
	run ccc init --dry-run -o json
	[ "$(jq -c . <<<"$output")" = "{\"would\":null,\"stateDirectory\":\"$CCC_STATE_DIR\"}" ]
	refused_in_one_line 6 "not of '0123abcd'" ccc init --dry-run --adopt --fleet 0123abcd
	[ "$before" = "$(find "$CCC_STATE_DIR" -type f -exec sha256sum {} + | sort)" ]
	mv "$CCC_STATE_DIR/keys/operator" "$BATS_TEST_TMPDIR/operator"
	mv "$CCC_STATE_DIR/keys/operator.pub" "$BATS_TEST_TMPDIR/operator.pub"
	run ccc init --dry-run
	[ "$output" = "would complete fleet $fleet in '$CCC_STATE_DIR': its operator key" ]
}

@test "inits at once make one fleet, one after the other" {
	for _ in 1 2 3 4 5 6; do
		ccc init >>"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
		inits+=("$!")
	done
	for init in "${inits[@]}"; do wait "$init" || true; done
	cat "$BATS_TEST_TMPDIR/out"
	[ "$(grep -c '^Fleet' "$BATS_TEST_TMPDIR/out")" -ge 1 ]
	[ "$(grep '^Fleet' "$BATS_TEST_TMPDIR/out" | sort -u | wc -l)" -eq 1 ]
	run grep -vE "^Fleet|^At Hetzner|^Next|another 'ccc init' is at work in '.*'; wait until it is done$" "$BATS_TEST_TMPDIR/out"
	[ -z "$output" ]
	[ "$(objects ssh-key) $(objects firewall)" = "1 1" ]
	provision >/dev/null
}

# ailing CHECK TEXT COMMAND...: doctor fails that check alone, and says how to mend it
ailing() {
	local check=$1 text=$2
	shift 2
	run --separate-stderr "$@" -o json
	echo "$output"
	[ "$status" -eq 1 ]
	[ "$(jq -r '[.[] | select(.verdict == "failure") | .check] | join(" ")' <<<"$output")" = "$check" ]
	[[ $(jq -r '.[] | select(.verdict == "failure") | .detail' <<<"$output") == *"$text"* ]]
	[ "$stderr" = "ccc: 1 check failed" ]
}

@test "doctor names what is wrong, changing nothing" {
	ccc init >/dev/null
	before=$(find "$CCC_STATE_DIR" -type f -exec sha256sum {} + | sort)
	curl -s -X DELETE "$HETZNER_SIM/requests" >/dev/null
	run ccc doctor
	[ "$status" -eq 0 ]
	mkdir "$BATS_TEST_TMPDIR/few"
	for program in ssh ssh-keygen nix-instantiate nix-build; do
		ln -s "$(command -v "$program")" "$BATS_TEST_TMPDIR/few/$program"
	done
	ailing nixos-anywhere "install nixos-anywhere" env "PATH=$BATS_TEST_TMPDIR/few" "$build/ccc" doctor
	CCC_BOX=/nonexistent ailing box "set CCC_BOX" ccc doctor
	ailing clock "at most 60 s are allowed" faketime -f +90s "$build/ccc" doctor
	ailing clock "at most 60 s are allowed" faketime -f -90s "$build/ccc" doctor
	HCLOUD_TOKEN=wrong ailing token "export the right HCLOUD_TOKEN" ccc doctor
	mv "$CCC_STATE_DIR/keys/operator.pub" "$BATS_TEST_TMPDIR"
	ailing "operator key" "make it from the private half: ccc init" ccc doctor
	mv "$CCC_STATE_DIR/keys/operator" "$BATS_TEST_TMPDIR"
	ailing "operator key" "put keys/operator back from a copy" ccc doctor
	mv "$BATS_TEST_TMPDIR/operator" "$BATS_TEST_TMPDIR/operator.pub" "$CCC_STATE_DIR/keys"
	hcloud firewall delete "$(hcloud firewall list -o noheader -o columns=id)" >/dev/null
	ailing token "is not in this token's project; use the token of the project in which 'ccc init' ran, or, if it was deleted there, make it anew: ccc fsck --fix" ccc doctor
	[ "$(curl -s "$HETZNER_SIM/requests" | jq -c '.routes | keys - ["DELETE /firewalls/{id}", "GET /firewalls"]')" = \
		'["GET /firewalls/{id}"]' ]
	[ "$before" = "$(find "$CCC_STATE_DIR" -type f -exec sha256sum {} + | sort)" ]
	HCLOUD_TOKEN= run --separate-stderr ccc -C /nonexistent doctor -o json
	[ "$status" -eq 6 ]
	[ "$stderr" = "ccc: 2 checks failed" ]
	[ "$(jq -r '[.[] | select(.verdict == "failure") | .check] | join(" ")' <<<"$output")" = "state token" ]
	[[ $output == *"run 'ccc init' first"*"HCLOUD_TOKEN is not set"* ]]
	HCLOUD_TOKEN= run ccc doctor
	[ "$status" -eq 2 ]
	[[ $output == *"ok       state"*"failure  token"*"HCLOUD_TOKEN is not set"* ]]
	CCC_BOX=/nonexistent HCLOUD_TOKEN=wrong run ccc -C /nonexistent doctor
	[ "$status" -eq 1 ]
	[[ $output == *"failure  box"*"failure  state"*"failure  token"*"refused the token"*"3 checks failed"* ]]
	run ccc -C /nonexistent doctor
	[[ $output == *"ok       token            it is accepted"*"ok       clock"* ]]
	[ "$status" -eq 6 ]
	[[ $output == *"run 'ccc init' first"* ]]
}
