#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# Machines that are cut off from the network, kept as they are, and given back.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator --projects 2
	ccc init >/dev/null
	provision 2>/dev/null >&2
	id=$(only_id)
	anchor=$(jq .fleet.firewallId "$CCC_STATE_DIR/instances.json")
}

# The firewalls of the server as the API shows them: "anchor", "isolated", "anchor isolated", ...
walls() {
	hcloud server describe "cc-${1:-$id}" -o json | jq -r '.public_net.firewalls[] | select(.status == "applied") | .id' |
		while read -r wall; do
			if [ "$wall" -eq "$anchor" ]; then
				echo anchor
			else
				hcloud firewall describe "$wall" -o json | jq -r '.labels["ccc-role"]'
			fi
		done | paste -sd ' '
}

status_of() {
	ccc status "$id" -o json | jq -r .status
}

# trouble ROUTE WHAT: at the next POST to it
trouble() {
	fault "{\"match\": {\"method\": \"POST\", \"route\": \"$1\"}, $2}"
}

apply=/firewalls/{id}/actions/apply_to_resources
remove=/firewalls/{id}/actions/remove_from_resources

@test "a machine is cut off, stays as it is, and is given back" {
	[ "$(walls)" = anchor ]
	run --separate-stderr ccc suspend "$id" --reason 'abuse report 17'
	[ "$status" -eq 0 ]
	[[ $output == *"is cut off from the network"* ]]
	[ "$(walls)" = isolated ]
	[ "$(servers)" -eq 1 ]
	run --separate-stderr ccc status "$id"
	[[ $output == *"Status       suspended"* ]]
	[[ $output == *"Suspended    $(date -u +%Y-%m-%dT)"* ]]
	[[ $output == *"Because      abuse report 17"* ]]
	[[ $output == *"Cut off from $(date -u +%Y-%m-%dT)"* ]]
	[ "$(ccc list -o json | jq -r '.[0] | "\(.status) \(.suspendReason)"')" = "suspended abuse report 17" ]
	run ccc reap
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
	run --separate-stderr ccc unsuspend "$id"
	[ "$status" -eq 0 ]
	[ "$(walls)" = anchor ]
	run --separate-stderr ccc status "$id" -o json
	[ "$(jq -r '"\(.status) \(.suspendedAt) \(.suspendReason) \(.isolatedAt)"' <<<"$output")" = "running null null null" ]
	[ "$(ccc ssh "$id" -- whoami)" = root ]
}

@test "one firewall isolates all, lets nothing in and nothing out, and is no anchor" {
	ccc provision --email other@example.com --ssh-key "$keys/ed25519.pub" --hours 1 2>/dev/null >&2
	for one in $(ccc list -o json | jq -r '.[].instanceId'); do
		ccc suspend "$one" 2>/dev/null
		[ "$(walls "$one")" = isolated ]
	done
	[ "$(hcloud firewall list -o json | jq length)" -eq 2 ]
	run jq -r '.fleet | "\(.firewallId) \(.isolationFirewallId)"' "$CCC_STATE_DIR/instances.json"
	[ "$output" = "$anchor $(hcloud firewall list -o json -l ccc-role=isolated | jq '.[0].id')" ]
	run curl -s -H "Authorization: Bearer $HCLOUD_TOKEN" "$HCLOUD_ENDPOINT/firewalls?label_selector=ccc-role%3Disolated"
	[ "$(jq -c '[.firewalls[0].rules[] | [.direction, .protocol, .port, .destination_ips]]' <<<"$output")" = \
		'[["out","tcp","9",["192.0.2.1/32"]]]' ]
	# a machine that comes now gets the anchor
	ccc provision --email third@example.com --ssh-key "$keys/ed25519.pub" --hours 1 2>/dev/null >&2
	[ "$(walls "$(ccc list -o json | jq -r '.[] | select(.email == "third@example.com").instanceId')")" = anchor ]
}

@test "init does not take the isolating firewall for the anchor" {
	export CCC_STATE_DIR=$BATS_TEST_TMPDIR/another
	trouble /firewalls '"answer": {"status": 403, "code": "forbidden"}'
	run ccc init --another
	[ "$status" -eq 5 ]
	fleet=$(jq -r .fleet.id "$CCC_STATE_DIR/instances.json")
	hcloud firewall create --name other --label managed-by=ccc --label "ccc-fleet=$fleet" --label ccc-role=isolated >/dev/null
	ccc init >/dev/null
	run hcloud firewall describe "$(jq .fleet.firewallId "$CCC_STATE_DIR/instances.json")" -o json
	[ "$(jq -r .name <<<"$output")" = "ccc-$fleet" ]
}

@test "at no moment is the machine without a firewall" {
	stop_simulator
	unset CCC_STATE_DIR
	rm -r "$BATS_TEST_TMPDIR/sim"
	start_simulator --speed 1
	ccc init >/dev/null
	provision 2>/dev/null >&2
	id=$(only_id)
	server=$(jq '.instances[].serverId' "$CCC_STATE_DIR/instances.json")
	watch() {
		while [ ! -e "$BATS_TEST_TMPDIR/enough" ]; do
			curl -s -H "Authorization: Bearer $HCLOUD_TOKEN" "$HCLOUD_ENDPOINT/servers/$server" |
				jq -c '[.server.public_net.firewalls[].id]'
			sleep 0.05
		done | uniq >"$BATS_TEST_TMPDIR/seen"
	}
	watch 3>&- &
	sleep 0.2
	ccc suspend "$id" 2>/dev/null
	ccc unsuspend "$id" 2>/dev/null
	sleep 0.2
	touch "$BATS_TEST_TMPDIR/enough"
	wait $!
	anchor=$(jq .fleet.firewallId "$CCC_STATE_DIR/instances.json")
	isolated=$(jq .fleet.isolationFirewallId "$CCC_STATE_DIR/instances.json")
	[ "$(cat "$BATS_TEST_TMPDIR/seen")" = "[$anchor]
[$anchor,$isolated]
[$isolated]
[$anchor,$isolated]
[$anchor]" ]
}

@test "lost answers, refusals that pass and actions that fail are got over" {
	trouble /firewalls '"lose_answer": true'
	trouble "$apply" '"lose_answer": true'
	trouble "$remove" '"answer": {"status": 423, "code": "locked"}'
	trouble "$remove" '"cut": true'
	ccc suspend "$id" 2>/dev/null
	[ "$(walls)" = isolated ]
	[ "$(hcloud firewall list -o json | jq length)" -eq 2 ]
	trouble "$apply" '"fail_action": true'
	trouble "$remove" '"lose_answer": true'
	ccc unsuspend "$id" 2>/dev/null
	[ "$(walls)" = anchor ]
	[ "$(curl -s "$HETZNER_SIM/faults" | jq '.faults | length')" -eq 0 ]
}

@test "what Hetzner refuses is recorded, shown, and done by a later sweep" {
	trouble "$apply" '"answer": {"status": 403, "code": "forbidden", "message": "no"}'
	run ccc suspend "$id"
	[ "$status" -eq 7 ]
	[[ $output == *"the suspension is recorded, but the network is not cut yet"* ]]
	[ "$(status_of)" = suspending ]
	[[ $(ccc list) == *"$id  suspending "* ]]
	run ccc status "$id"
	[[ $output == *"Status       suspending"* ]]
	[[ $output == *"Log in       ssh "*" (to be cut off, not yet)"* ]]
	[[ $output == *"Network      to be cut, not yet: "*"no"* ]]
	[[ $output == *"Next try at  20"* ]]
	[[ $output != *"ut off from"* ]]
	[ "$(ccc fsck -o json 2>/dev/null | jq -r '.findings[] | "\(.kind) \(.advice)"')" = "suspension-pending ccc resume $id" ]
	# what waits to be tried again is told by each sweep, and by no exit status of 0
	run ccc reap
	[ "$status" -eq 1 ]
	[[ $output == *"instance '$id' is unfinished (suspending); next try at 20"*"Z: "*"no"* ]]
	[ "${#lines[@]}" -eq 1 ]
	run --separate-stderr ccc reap -o json
	[ "$(jq -c '.[] | [.instanceId, .outcome, .status]' <<<"$output")" = "[\"$id\",\"later\",\"suspending\"]" ]
	run ccc reap --dry-run
	[[ $output == *"would wait with instance $id until 20"* ]]
	run later ccc reap
	[ "$status" -eq 0 ]
	[ "$(walls)" = isolated ]
	[ "$(status_of)" = suspended ]
	trouble "$remove" '"answer": {"status": 403, "code": "forbidden", "message": "no"}'
	run ccc unsuspend "$id"
	[ "$status" -eq 7 ]
	[ "$(status_of)" = unsuspending ]
	run ccc status "$id"
	[[ $output == *"Network      to be as usual, not yet: "*"no"* ]]
	[ "$(ccc fsck -o json 2>/dev/null | jq -r '.findings[].kind')" = suspension-pending ]
	run ccc unsuspend "$id"
	[ "$status" -eq 0 ]
	[ "$(walls)" = anchor ]
}

# killed_at ROUTE COMMAND...: kill -9 while a POST to it is unanswered
killed_at() {
	trouble "$1" '"hang": 20'
	"${@:2}" >/dev/null 2>&1 3>&- &
	pid=$!
	for _ in $(seq 200); do
		[ "$(curl -s "$HETZNER_SIM/faults" | jq '.faults | length')" -gt 0 ] || break
		sleep 0.05
	done
	[ "$(curl -s "$HETZNER_SIM/faults" | jq '.faults | length')" -eq 0 ]
	kill -9 "$pid"
	wait "$pid" || true
}

@test "killed anywhere, a sweep goes on from what the server shows" {
	for route in /firewalls "$apply" "$remove"; do
		killed_at "$route" "$build/ccc" suspend "$id" --reason again
		[ "$(status_of)" = suspending ]
		ccc reap 2>/dev/null
		[ "$(walls)" = isolated ]
		[ "$(ccc status "$id" -o json | jq -r .isolatedAt)" != null ]
		ccc unsuspend "$id" 2>/dev/null
		hcloud firewall delete "$(hcloud firewall list -o json -l ccc-role=isolated | jq '.[0].id')" >/dev/null
	done
	for route in "$apply" "$remove"; do
		ccc suspend "$id" 2>/dev/null
		killed_at "$route" "$build/ccc" unsuspend "$id"
		[ "$(status_of)" = unsuspending ]
		ccc reap 2>/dev/null
		[ "$(walls)" = anchor ]
		[ "$(status_of)" = running ]
	done
}

@test "given back at once after a kill in the middle, and cut off again" {
	killed_at "$apply" "$build/ccc" suspend "$id"
	[ "$(walls)" = "anchor isolated" ]
	ccc unsuspend "$id" 2>/dev/null
	[ "$(walls)" = anchor ]
	ccc suspend "$id" 2>/dev/null
	killed_at "$apply" "$build/ccc" unsuspend "$id"
	ccc suspend "$id" 2>/dev/null
	[ "$(walls)" = isolated ]
	[ "$(status_of)" = suspended ]
}

@test "what a suspended machine is to be told is recorded, keeps no sweep busy, and is told afterwards" {
	ccc suspend "$id" 2>/dev/null
	before=$(cat "$HETZNER_SIM_DIR/none/$id/expires-at")
	run --separate-stderr ccc extend "$id" --hours 100
	[ "$status" -eq 0 ]
	[ "$stderr" = "" ] || [[ $stderr != *warning* ]]
	run --separate-stderr ccc keys "$id" --add "$keys/rsa4096.pub"
	[ "$status" -eq 0 ]
	[[ $output == *"to be added"* ]]
	run ccc reap
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
	[ "$(cat "$HETZNER_SIM_DIR/none/$id/expires-at")" -eq "$before" ]
	[ "$(wc -l <"$HETZNER_SIM_DIR/none/$id/authorized_keys.d/claude")" -eq 1 ]
	# the label is Hetzner's and not the machine's: it is an upper bound already
	expires=$(date -d "$(ccc status "$id" -o json | jq -r .expiresAt)" +%s)
	[ "$(hcloud server describe "cc-$id" -o json | jq -r '.labels["ccc-expires"]')" -ge "$expires" ]
	ccc unsuspend "$id" 2>/dev/null
	[ "$(cat "$HETZNER_SIM_DIR/none/$id/expires-at")" -eq "$expires" ]
	[ "$(wc -l <"$HETZNER_SIM_DIR/none/$id/authorized_keys.d/claude")" -eq 2 ]
}

@test "paid time goes on: a suspended machine ends as any other, at its time or before" {
	ccc suspend "$id" 2>/dev/null
	curl -sf -X POST -d '{"advance": 4000}' "$HETZNER_SIM/clock" >/dev/null
	run faketime -f +4000s ccc reap
	[ "$status" -eq 0 ]
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
}

@test "deprovision ends a machine that is suspended, wholly or in half" {
	trouble "$remove" '"answer": {"status": 403, "code": "forbidden", "message": "no"}'
	run ccc suspend "$id"
	[ "$status" -eq 7 ]
	[ "$(walls)" = "anchor isolated" ]
	ccc deprovision "$id" 2>/dev/null
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
}

@test "suspended once more, only the reason is another" {
	ccc suspend "$id" --reason one 2>/dev/null
	since=$(ccc status "$id" -o json | jq -r .suspendedAt)
	revision=$(ccc status "$id" -o json | jq .revision)
	sleep 1.1
	ccc suspend "$id" 2>/dev/null
	[ "$(ccc status "$id" -o json | jq .revision)" -eq "$revision" ]
	ccc suspend "$id" --reason two 2>/dev/null
	[ "$(ccc status "$id" -o json | jq -r '"\(.suspendedAt) \(.suspendReason)"')" = "$since two" ]
}

@test "what makes no sense is refused and changes nothing" {
	before=$(sha256sum "$CCC_STATE_DIR/instances.json")
	refused() {
		run ccc "${@:3}"
		echo "status $status: $output"
		[ "$status" -eq "$1" ]
		[[ $output == *"$2"* ]]
		[ "$before" = "$(sha256sum "$CCC_STATE_DIR/instances.json")" ]
		[ "$(walls)" = anchor ]
	}
	refused 3 "there is no instance '000000'" suspend 000000
	refused 3 "there is no instance '000000'" unsuspend 000000
	refused 0 "Instance $id is not suspended." unsuspend "$id"
	refused 4 "control characters" suspend "$id" --reason $'two\nlines'
	refused 4 "control characters" suspend "$id" --reason $'\xff'
	refused 4 "201 bytes" suspend "$id" --reason "$(printf '%201s' x)"
	refused 0 "would cut instance $id" suspend "$id" --dry-run
	refused 0 "instance $id is not suspended; nothing would be changed" unsuspend "$id" --dry-run
}

@test "what was not handed over is not suspended" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\nsleep 2\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/nix-build"
	chmod +x "$BATS_TEST_TMPDIR/bin/nix-build"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH run ccc provision --email other@example.com --ssh-key "$keys/ed25519.pub" --keep-on-failure
	failed=$(ccc list -o json | jq -r '.[] | select(.email == "other@example.com").instanceId')
	run ccc suspend "$failed"
	[ "$status" -eq 4 ]
	[[ $output == *"was not handed over"* ]]
}

@test "another project's token makes no firewall there, and what is known of ours stays" {
	ccc suspend "$id" 2>/dev/null
	ccc unsuspend "$id" 2>/dev/null
	known=$(jq .fleet "$CCC_STATE_DIR/instances.json")
	other=$(curl -s "$HETZNER_SIM/tokens" | jq -r --arg ours "$HCLOUD_TOKEN" '.tokens[] | select(. != $ours)')
	HCLOUD_TOKEN=$other run ccc suspend "$id"
	echo "$output"
	[ "$status" -eq 7 ]
	[[ $output == *"is not in this token's project"* && $output != *"is not there any more"* ]]
	[ "$(HCLOUD_TOKEN=$other hcloud firewall list -o json | jq length)" -eq 0 ]
	[ "$(jq .fleet "$CCC_STATE_DIR/instances.json")" = "$known" ]
	ccc suspend "$id" 2>/dev/null
	[ "$(walls)" = isolated ]
	hcloud server delete "cc-$id" >/dev/null
	run ccc unsuspend "$id" # with ours it is proven
	[ "$status" -eq 7 ]
	[[ $output == *"is not there any more; tell its user, and close the record: ccc deprovision $id"* ]]
}

# set_rules FIREWALL RULES: as somebody in the console would
set_rules() {
	curl -sf -X POST -H "Authorization: Bearer $HCLOUD_TOKEN" -d "{\"rules\": $2}" \
		"$HCLOUD_ENDPOINT/firewalls/$1/actions/set_rules" >/dev/null
}

rules() {
	curl -sf -H "Authorization: Bearer $HCLOUD_TOKEN" "$HCLOUD_ENDPOINT/firewalls/$1" | jq -cS .firewall.rules
}

findings() {
	ccc fsck -o json 2>/dev/null | jq -r '[.findings[].kind] | join(" ")'
}

@test "an isolating firewall that does not isolate is found, and gets its rules back" {
	ccc suspend "$id" 2>/dev/null
	isolation=$(jq .fleet.isolationFirewallId "$CCC_STATE_DIR/instances.json")
	made=$(rules "$isolation")
	everybody='["0.0.0.0/0", "::/0"]'
	for change in \
		"[{\"direction\": \"in\", \"protocol\": \"tcp\", \"port\": \"1-65535\", \"source_ips\": [\"0.0.0.0/0\"]}]" \
		"[{\"direction\": \"out\", \"protocol\": \"tcp\", \"port\": \"9\", \"destination_ips\": $everybody}]" \
		'[]'; do
		set_rules "$isolation" "$change"
		[ "$(findings)" = leaky-isolation ]
		run ccc fsck --dry-run
		[ "$status" -eq 1 ]
		[[ $output == *"critical leaky-isolation, firewall $isolation"*"lacks out tcp 9 to 192.0.2.1/32"*"1 machine has it"* ]]
		[ "$(rules "$isolation")" != "$made" ]
		run --separate-stderr ccc fsck --fix
		[ "$status" -eq 0 ]
		[[ $output == "mended   leaky-isolation: "* ]]
		[ "$(rules "$isolation")" = "$made" ]
	done
	[ "$(walls)" = isolated ]
	# who is not suspended and has it would be cut off by that: only on the operator's word
	set_rules "$isolation" '[]'
	ccc provision --email other@example.com --ssh-key "$keys/ed25519.pub" --hours 1 2>/dev/null >&2
	other=$(ccc list -o json | jq -r '.[] | select(.email == "other@example.com").instanceId')
	hcloud firewall apply-to-resource --type server --server "cc-$other" "$isolation" >/dev/null
	ccc fsck --fix >/dev/null 2>&1 || true
	[ "$(rules "$isolation")" = '[]' ]
	# nobody is suspended by it meanwhile
	run ccc suspend "$other"
	[ "$status" -ne 0 ]
	[[ $output == *"does not cut off: it lacks out tcp 9 to 192.0.2.1/32; 'ccc fsck' says how to mend it"* ]]
	ccc unsuspend "$other" 2>/dev/null || true
	hcloud firewall remove-from-resource --type server --server "cc-$other" "$isolation" >/dev/null || true
	ccc fsck --fix --yes >/dev/null 2>&1 || true
	[ "$(rules "$isolation")" = "$made" ]
	[ "$(findings)" = "" ]
}

@test "what is cut off in name only is not adopted as suspended" {
	ccc suspend "$id" 2>/dev/null
	fleet=$(jq -r .fleet.id "$CCC_STATE_DIR/instances.json")
	set_rules "$(jq .fleet.isolationFirewallId "$CCC_STATE_DIR/instances.json")" '[]' # so everything goes out
	rm -r "$CCC_STATE_DIR"
	ccc init --adopt --fleet "$fleet" >/dev/null
	run ccc fsck
	[[ $output == *"unrecorded-server"*"leaky-isolation"* ]]
	[[ $output != *"adopted as suspended"* ]]
	ccc fsck --fix >/dev/null 2>&1 || true
	[ "$(status_of)" = adopted ]
}

@test "other rules of the fleet's firewall are told, and set back on the operator's word" {
	made=$(rules "$anchor")
	set_rules "$anchor" '[]'
	[ "$(findings)" = changed-anchor ]
	[[ $(ccc fsck 2>/dev/null) == *"it lacks in tcp 22 from 0.0.0.0/0 and 1 more, and 9 other rules"* ]]
	set_rules "$anchor" "$(jq -c '. + [{"direction": "in", "protocol": "tcp", "port": "443", "source_ips": ["0.0.0.0/0"]}]' <<<"$made")"
	[ "$(findings)" = changed-anchor ]
	run ccc fsck --fix </dev/null
	[ "$status" -eq 1 ]
	[[ $output == *"it has in tcp 443 from 0.0.0.0/0 beside those of ccc"* ]]
	[ "$(rules "$anchor")" != "$made" ]
	run ccc fsck --fix --yes
	[ "$status" -eq 0 ]
	[ "$(rules "$anchor")" = "$made" ]
	# in another order they are the same
	set_rules "$anchor" "$(jq -c 'reverse | map(.source_ips |= reverse | .destination_ips |= reverse | del(.description))' <<<"$made")"
	[ "$(findings)" = "" ]
}
