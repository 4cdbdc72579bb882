#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2154 # variables of helper.bash; bats runs each test in a subshell
# What is said of an instance is so, also where it is not as usual.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
	provision >/dev/null 2>&1
	id=$(only_id)
}

# adopted: one more machine, def456, whose record was lost
adopted() {
	fleet=$(jq -r .fleet.id "$CCC_STATE_DIR/instances.json")
	hcloud server create --name cc-def456 --type cx23 --image debian-12 --firewall "ccc-$fleet" --label managed-by=ccc \
		--label "ccc-fleet=$fleet" --label ccc-instance=def456 --label ccc-nonce=n1 --label "ccc-expires=$1" >/dev/null
	ccc fsck --fix >/dev/null 2>&1 || true
}

@test "status of an adopted machine does not say that it ends" {
	adopted 1000000000
	run ccc status def456
	echo "$output"
	[[ $output == *"Label says   2001-09-09T01:46:40Z, but nothing ends it before you say so"* ]]
	[[ $output != *"Ends at"* && $output != *"Time left"* ]]
	ccc extend def456 --hours 2 >/dev/null 2>&1
	[[ $(ccc status def456) == *"Ends at      "*"Time left    "[12]" h"* ]]
}

@test "status of one that is being ended has no time left" {
	[[ $(ccc status "$id") == *"Time left    1 h"* ]]
	edit '.goal = "gone" | .reason = "deprovision"'
	run ccc status "$id"
	[[ $output == *"Status       deleting"*"Paid until   20"* ]]
	[[ $output != *"Time left"* && $output != *"Ends at"* ]]
	[[ $(ccc list) =~ $id.*deleting.*Z\ +- ]]
}

@test "extend does not tell a box that can't be told" {
	adopted 4000000000
	run ccc extend def456 --hours 2
	[ "$status" -eq 0 ]
	[[ $output == *"can't be told"* ]]
	[[ $output != *"telling the box"* ]]
}

@test "keys says when a box that can't be told gets them" {
	ccc suspend "$id" >/dev/null 2>&1
	ccc keys "$id" --add "$keys/rsa4096.pub" >/dev/null 2>&1
	[[ $(ccc keys "$id") == *"to be added, once the suspension is over"* ]]
	[ "$(ccc keys "$id" -o json | jq -r '.[].state')" = "in place"$'\n'"to be added" ]
	# and before there is a box, none has them
	edit 'del(.verifiedAt, .installedAt, .suspendedAt, .isolatedAt, .isolationBeganAt)'
	run ccc keys "$id"
	[[ $output == *"to be built in"* ]]
	[[ $output != *"in place"* ]]
}

@test "a key that is removed and added changes nothing" {
	print=$(print_of "$keys/ed25519")
	ccc keys "$id" --remove "$print" --add "$keys/ed25519.pub" >/dev/null
	run grep -c '"event":"keys-changed"' "$CCC_STATE_DIR/history.jsonl"
	[ "$output" -eq 0 ]
	ccc keys "$id" --add "$keys/rsa4096.pub" >/dev/null 2>&1
	ccc keys "$id" --remove "$print" --add "$keys/ed25519.pub" >/dev/null
	run grep -c '"event":"keys-changed"' "$CCC_STATE_DIR/history.jsonl"
	[ "$output" -eq 1 ]
}

@test "a server that somebody else deleted was not deleted by us" {
	hcloud server delete "cc-$id" >/dev/null
	run ccc deprovision "$id"
	[ "$status" -eq 0 ]
	[[ $output == *"warning: cc-$id delete: server $(jq -r 'select(.set.serverId) | .set.serverId' "$CCC_STATE_DIR/history.jsonl") was there no more; unless an earlier end was cut short, somebody else deleted it"* ]]
	[[ $output == *"Instance $id is gone, and so is its server."* ]]
	[[ $output != *"was deleted."* ]]
}

@test "an instance that ended is known as such" {
	ccc deprovision "$id" >/dev/null 2>&1
	for command in "status" "deprovision" "ssh" "keys" "handover" "unsuspend"; do
		refused_in_one_line 3 "there is no instance '$id' any more: it ended at $(date -u +%Y-%m-%dT)" ccc $command "$id"
	done
	refused_in_one_line 3 "there is no instance 'ffffff'; 'ccc list' shows those that there are" ccc status ffffff
}

@test "ssh says why nobody may answer" {
	ccc suspend "$id" >/dev/null 2>&1
	run --separate-stderr timeout 20 ccc ssh "$id" -- true
	[[ ${stderr_lines[0]} == "ccc: warning: instance '$id' is suspended: nobody gets through before 'ccc unsuspend $id'; Hetzner's console does" ]]
	ccc unsuspend "$id" >/dev/null 2>&1
	run --separate-stderr ccc ssh "$id" -- true
	[ -z "$stderr" ]
	edit 'del(.verifiedAt, .installedAt)'
	run --separate-stderr ccc ssh "$id" -- true
	[[ ${stderr_lines[0]} == "ccc: warning: instance '$id' is installing: it may not answer yet; 'ccc status $id' shows how far it is" ]]
}

@test "init --adopt --dry-run makes no firewall, and says so" {
	fleet=$(jq -r .fleet.id "$CCC_STATE_DIR/instances.json")
	export CCC_STATE_DIR=$BATS_TEST_TMPDIR/another
	run ccc init --adopt --fleet "$fleet" --dry-run
	[ "$status" -eq 0 ]
	[[ $output == "would make the state directory '$CCC_STATE_DIR' with an operator key for fleet $fleet, and at Hetzner the SSH key object, unless it exists; the fleet's firewall is there" ]]
}

@test "fsck tells first what is worst" {
	rm "$CCC_STATE_DIR/keys/operator"
	rm "$CCC_STATE_DIR/instances/$id/known_hosts"
	hcloud server poweroff "cc-$id" >/dev/null
	fleet=$(jq -r .fleet.id "$CCC_STATE_DIR/instances.json")
	hcloud ssh-key create --name spare --public-key-from-file "$keys/rsa4096.pub" --label "managed-by=ccc" --label "ccc-fleet=$fleet" >/dev/null
	run --separate-stderr ccc fsck -o json
	[ "$(jq -r '[.findings[].severity] | [., sort_by({critical: 0, warning: 1, notice: 2}[.])] | .[0] == .[1]' <<<"$output")" = true ]
	run ccc fsck
	severities=$(grep -oE '^(critical|warning|notice)' <<<"$output" | uniq | paste -sd ' ')
	[ "$severities" = "critical warning notice" ]
}

@test "doctor says which way the clock is wrong, and what to do" {
	run faketime -f -7200s ccc doctor
	[[ $output =~ failure\ +clock\ +7[12][0-9][0-9]\ s\ behind\ Hetzner\'s\;\ at\ most\ 60\ s\ are\ allowed:\ let\ NTP\ set\ it\ \(timedatectl\ set-ntp\ true\) ]]
}

@test "an argument of any length is told in a line of its own" {
	long=$(printf 'x%.0s' $(seq 5000))
	for words in "$long" "list $long" "list --$long" "status $long" "extend $id --hours $long" "list -o $long" \
		"whois $long" "keys $id --remove $long" "help $long" "health --sweep-warning $long" \
		"provision --email a@example.com --type $long --ssh-key $keys/ed25519.pub" \
		"provision --email $long --ssh-key $keys/ed25519.pub" \
		"provision --email a@example.com --ssh-key $keys/ed25519.pub --location $long" \
		"provision --email a@example.com --ssh-key $keys/ed25519.pub --ref $long" \
		"init --adopt --fleet $long" "suspend $id --reason $long"; do
		# shellcheck disable=SC2086 # words
		run ccc $words
		[ "$status" -ne 0 ]
		echo "${words:0:60}: ${#output}: $output"
		[ "${#output}" -lt 400 ]
	done
}

@test "usage has no trailing blank, and help is as wide as a terminal" {
	run ccc list extra
	[ "$output" = "ccc: unexpected 'extra'; usage: ccc list" ]
	for command in $(ccc help -o json | jq -r '.[].name'); do
		run awk 'length($0) > 120' <(ccc help "$command")
		echo "$output"
		[ -z "$output" ]
		run grep -n ' $' <(ccc help "$command")
		echo "$output"
		[ -z "$output" ]
	done
}

@test "a location that does not exist is refused before anything is recorded" {
	refused_in_one_line 4 "there is no location 'mars' at Hetzner; try others with --location" \
		ccc provision --email other@example.com --ssh-key "$keys/ed25519.pub" --location mars
	[ "$(ccc list -o json | jq length)" -eq 1 ]
	run grep -c other@example.com "$CCC_STATE_DIR/history.jsonl"
	[ "$output" -eq 0 ]
}

@test "a wait for Hetzner's rate limit is told" {
	fault '{"error": "rate_limit_exceeded", "seconds": 3}'
	run --separate-stderr ccc deprovision "$id"
	echo "$stderr"
	[ "$status" -eq 0 ]
	[[ $stderr == *"ccc: Hetzner's rate limit is reached; asking again in "[0-9]*" s"* ]]
	[ "$(grep -c "rate limit is reached" <<<"$stderr")" -le 2 ] # not for each request
}
