#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2154 # variables of helper.bash; bats runs each test in a subshell
# The box that is one for all instances: its parameters are in the user data, and its machine gets the lasting
# host key by a step of its own.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	usual=$CCC_BOX
	export CCC_BOX=$usual/shared
	ccc init >/dev/null
}

teardown() {
	[ -z "${ccc-}" ] || kill -9 "$ccc" 2>/dev/null || true
	stop_simulator
}

# begin: a provision at work in the background, until it asks for what is slow
begin() {
	PATH=$BATS_TEST_TMPDIR/bin:$PATH ccc provision --email user@example.com --ssh-key "$keys/ed25519.pub" --hours 1 \
		>"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	ccc=$!
	wait_until_asked
	id=$(only_id)
}

# kill_it: nobody is at work any more, and what was slow is no more
kill_it() {
	kill -9 "$ccc"
	wait "$ccc" || true
	rm "$BATS_TEST_TMPDIR"/bin/*
	touch "$BATS_TEST_TMPDIR/go"
	until_true 10 flock -n "$CCC_STATE_DIR/locks/$id" true
}

routes() {
	curl -s "$HETZNER_SIM/requests" | jq -c .routes
}

# requests_for USER: those that its machine cost, but for how often it was asked whether something is done
requests_for() {
	local before
	before=$(routes)
	provision --email "$1@example.com" >/dev/null 2>&1
	jq -Sc --argjson before "$before" 'with_entries(.value -= ($before[.key] // 0) | select(.value > 0)) |
		del(.["GET /actions"])' <<<"$(routes)"
}

# user_data: what the only server was made with
user_data() {
	cat "$HETZNER_SIM_DIR"/none/hosts/*/user_data
}

# answers MEMBER: the machine has that host key of the record, and no other opens it
answers() {
	for pinned in hostKey bootstrapHostKey; do
		echo "cc-$id $(member "$pinned")" >"$BATS_TEST_TMPDIR/pin"
		run ssh -o UserKnownHostsFile="$BATS_TEST_TMPDIR/pin" -o StrictHostKeyChecking=yes -o HostKeyAlias="cc-$id" \
			-i "$CCC_STATE_DIR/keys/operator" -l root -- "$(member serverIp)" true
		if [ "$pinned" = "$1" ]; then
			[ "$status" -eq 0 ]
		else
			[ "$status" -eq 255 ]
			[[ $output == *"Host key verification failed"* ]]
		fi
	done
}

events() {
	jq -r .event "$CCC_STATE_DIR/history.jsonl" | tr '\n' ' '
}

is_handed_over() {
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(member status)" = running ]
	[ "$(servers)" -eq 1 ]
	answers hostKey
	[ "$(cat "$CCC_STATE_DIR/instances/$id/known_hosts")" = "cc-$id $(member hostKey)" ]
	run grep -rl 'PRIVATE KEY' "$CCC_STATE_DIR"
	[ "$output" = "$CCC_STATE_DIR/keys/operator" ]
}

@test "a machine is handed over with the lasting host key alone, and its user data say what the box is to know" {
	export CCC_OPERATOR_ACCESS=commands
	run provision
	id=$(only_id)
	[[ $output == *"done cc-$id rotate"* ]]
	is_handed_over
	[ "$(user_data | head -n 1)" = '#cloud-config' ]
	[ "$(user_data | tail -n +2 | jq -Sc .ccc)" = "$(jq -Sc . "$CCC_STATE_DIR/instances/$id/instance.json")" ]
	[ "$(user_data | tail -n +2 | jq -c '.ccc | keys')" = '["expiresAt","instanceId","operatorAccess","operatorKeys","sshKeys"]' ]
	[ "$(user_data | tail -n +2 | jq -r .ssh_keys.ed25519_public)" = "$(member bootstrapHostKey)" ]
	run user_data
	[[ $output != *user@example.com* ]]
	[ "$(grep -o 'BEGIN [A-Z ]*KEY' <<<"$output")" = 'BEGIN OPENSSH PRIVATE KEY' ]
}

@test "the closure is the same for everybody, and no machine costs another request" {
	CCC_BOX=$usual requests_for first >"$BATS_TEST_TMPDIR/usual"
	requests_for second >"$BATS_TEST_TMPDIR/shared"
	requests_for third >>"$BATS_TEST_TMPDIR/shared"
	[ "$(jq -c '[.instances[] | select(.takesUserData)] | [length, (map(.systemPath, .diskoPath) | unique | length)]' \
		"$CCC_STATE_DIR/instances.json")" = '[2,2]' ]
	cat "$BATS_TEST_TMPDIR/usual" "$BATS_TEST_TMPDIR/shared"
	[[ $(cat "$BATS_TEST_TMPDIR/usual") == *'"POST /servers":1'* ]]
	[ "$(sort -u "$BATS_TEST_TMPDIR/usual" "$BATS_TEST_TMPDIR/shared" | wc -l)" -eq 1 ]
}

@test "the box of the usual form gets its host key as before, and nobody's parameters are in its user data" {
	CCC_BOX=$usual run provision
	[[ $output != *rotate* ]]
	id=$(only_id)
	is_handed_over
	[ "$(user_data | tail -n +2 | jq -c .ccc)" = "{\"instanceId\":\"$id\"}" ]
	[ "$(member takesUserData)" = null ]
}

@test "a box that takes another host key than it was given is a clean failure" {
	stand_in ssh <<-END
		case "\$*" in *ccc-set-host-key*)
			cat >/dev/null
			echo 'hostkey=$(key_of "$keys/ed25519")'
			echo end=1
			exit ;;
		esac
		exec $(command -v ssh) "\$@"
	END
	with_stand_ins run provision
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"FAIL"*"rotate"*"the box has another host key than it was given"* ]]
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = '[]' ]
}

@test "what a box says of its host key counts only when it is whole" {
	stand_in ssh <<-END
		case "\$*" in *ccc-set-host-key*)
			[ -e "$BATS_TEST_TMPDIR/said" ] || {
				touch "$BATS_TEST_TMPDIR/said"
				$(command -v ssh) "\$@" | head -n 1
				exit 0
			} ;;
		esac
		exec $(command -v ssh) "\$@"
	END
	with_stand_ins run provision
	id=$(only_id)
	is_handed_over
	[ -e "$BATS_TEST_TMPDIR/said" ]
}

@test "killed before the box is given its host key, and gone on with" {
	slow ssh ccc-set-host-key
	begin
	kill_it
	answers bootstrapHostKey
	[ "$(member rotatedAt)" = null ]
	run ccc resume "$id"
	is_handed_over
}

@test "killed when the box has its host key and nobody heard of it, and gone on with" {
	stand_in ssh <<-END
		$(command -v ssh) "\$@"
		status=\$?
		case "\$*" in *ccc-set-host-key*)
			touch '$BATS_TEST_TMPDIR/asked'
			while [ ! -e '$BATS_TEST_TMPDIR/go' ]; do sleep 0.05; done ;;
		esac
		exit \$status
	END
	begin
	kill_it
	answers hostKey
	[ "$(member rotatedAt)" = null ]
	run ccc resume "$id"
	is_handed_over
	[[ $(events) == *"installed rotated verified "* ]]
}

@test "an installation that was not recorded is found by the bootstrap host key, which the box has still" {
	slow ssh ccc-set-host-key
	begin
	kill_it
	edit 'del(.installedAt)'
	stand_in nixos-anywhere <<<'exit 1'
	with_stand_ins run ccc resume "$id"
	is_handed_over
	[[ $(jq -r .detail "$CCC_STATE_DIR/history.jsonl") == *"found installed"* ]]
}

@test "a kexec that fails is tried once more with this box too" {
	stand_in nixos-anywhere <<-END
		[ ! -e "$BATS_TEST_TMPDIR/failed" ] && touch "$BATS_TEST_TMPDIR/failed" || exec $(command -v nixos-anywhere) "\$@"
		echo '### Switching system into kexec ###'
		echo 'aborted: Failed to kexec into NixOS installer' >&2
		exit 1
	END
	with_stand_ins run provision
	id=$(only_id)
	is_handed_over
	[[ $(events) == *"kexec-failed rebuild-sent rebuilt"* ]]
}

# Eight keys of the largest kind fit, so that it takes another ccc's record to have more.
@test "keys that have no room in the user data are refused before anything is paid for" {
	slow nix-instantiate ''
	begin
	kill_it
	large=$({
		printf '\0\0\0\7ssh-rsa\0\0\0\3\1\0\1\0\0\10\1\0\300'
		head -c 2046 /dev/zero
		printf '\1'
	} | base64 -w 0)
	edit ".sshKeys = [range(12) | \"ssh-rsa $large\"]"
	run ccc resume "$id"
	echo "$output"
	[ "$status" -ne 0 ]
	[[ $output == *"FAIL"*" evaluate "*"the user data has 3"*" bytes, and a server takes 32768 at most; give fewer or shorter SSH keys"* ]]
	[ "$(curl -s "$HETZNER_SIM/requests" | jq '.routes["POST /servers"] // 0')" -eq 0 ]
}

@test "as many keys as an instance may have fit" {
	for i in $(seq 0 7); do
		{
			printf 'ssh-rsa '
			{
				printf '\0\0\0\7ssh-rsa\0\0\0\3\1\0\1\0\0\10\1\0\300'
				head -c 2045 /dev/zero
				printf "%b\1" "\\01$i"
			} | base64 -w 0
			echo
		} >"$BATS_TEST_TMPDIR/key$i.pub"
		many+=(--ssh-key "$BATS_TEST_TMPDIR/key$i.pub")
	done
	run ccc provision --email user@example.com --hours 1 "${many[@]}"
	id=$(only_id)
	is_handed_over
	[ "$(user_data | tail -n +2 | jq '.ccc.sshKeys | length')" -eq 8 ]
}

@test "an instance stays with the form of the box that it was ordered with" {
	slow nix-build ''
	begin
	kill_it
	CCC_BOX=$usual run ccc resume "$id"
	is_handed_over
	[ "$(member takesUserData)" = true ]
}

@test "what a power cut took of an evaluation is not evaluated anew with a box of the other form" {
	slow nix-build ''
	begin
	kill_it
	rm "$CCC_STATE_DIR/instances/$id"/derivation*
	CCC_BOX=$usual run ccc resume "$id"
	echo "$output"
	[ "$status" -ne 0 ]
	[[ $output == *"set CCC_BOX to that one"* ]]
	run ccc resume "$id"
	is_handed_over
}

@test "a box whose requirements can't be understood is refused before the order is recorded" {
	cp -R "$usual" "$BATS_TEST_TMPDIR/box"
	echo '{"parameters": "snapshot"}' >"$BATS_TEST_TMPDIR/box/requirements.json"
	CCC_BOX=$BATS_TEST_TMPDIR/box run provision
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"'$BATS_TEST_TMPDIR/box/requirements.json': member 'parameters' is neither"* ]]
	[ "$(ccc list -o json)" = '[]' ]
}
