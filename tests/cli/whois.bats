#!/usr/bin/env bats
# ccc whois: who had an address, from the history, also when the machine is long gone.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
}

@test "while it is there, when it is gone, and without anybody at Hetzner to ask" {
	provision >/dev/null
	ip=$(ccc list -o json | jq -r '.[0].serverIp')
	network=$(ccc list -o json | jq -r '.[0].serverIpv6')
	id=$(only_id)
	run --separate-stderr ccc whois "$ip"
	[ "$status" -eq 0 ]
	[[ ${lines[1]} == "$id  user@example.com  "*"(still)" ]]
	# any address of its network
	run --separate-stderr ccc whois "${network%/64}42" -o json
	[ "$status" -eq 0 ]
	[ "$(jq -r '.[0].instanceId' <<<"$output")" = "$id" ]
	[ "$(jq -r '.[0].until' <<<"$output")" = null ]
	ccc deprovision "$id" >/dev/null
	stop_simulator
	unset HCLOUD_TOKEN
	run --separate-stderr ccc whois "$ip" -o json
	[ "$status" -eq 0 ]
	[ "$(jq -r '.[0].email' <<<"$output")" = user@example.com ]
	until=$(jq -r '.[0].until' <<<"$output")
	from=$(jq -r '.[0].from' <<<"$output")
	# at a time within, just after it, and before it
	run --separate-stderr ccc whois "$ip" --at "$until"
	[ "$status" -eq 0 ]
	run --separate-stderr faketime -f +60s ccc whois "$ip" --at "$(date -u -d "$until + 1 second" +%FT%TZ)"
	[ "$status" -eq 3 ]
	[ -z "$output" ]
	begin=$(jq -rs '.[0].at' "$CCC_STATE_DIR/history.jsonl")
	[[ $stderr == *"no machine of this fleet had $ip at "*", as far as the history goes back (to $begin)"* ]]
}

@test "what the history can't know is said" {
	run --separate-stderr ccc whois 192.0.2.1
	[ "$status" -eq 3 ]
	[[ $stderr == *"the history is empty, so nobody can be told from it: who had 192.0.2.1 is not known"* ]]
	provision >/dev/null
	ip=$(ccc list -o json | jq -r '.[0].serverIp')
	begin=$(jq -rs '.[0].at' "$CCC_STATE_DIR/history.jsonl")
	run --separate-stderr ccc whois 192.0.2.1
	[ "$status" -eq 3 ]
	[[ $stderr == *"no machine of this fleet had 192.0.2.1, as far as the history goes back (to $begin)"* ]]
	run --separate-stderr ccc whois "$ip" --at "$(date -u -d "$begin - 1 second" +%FT%TZ)"
	[ "$status" -eq 3 ]
	[ -z "$output" ]
	[[ $stderr == *"the history begins at $begin: who had $ip before is not known"* ]]
	# nobody knows what is yet to come either
	for at in "$(date -u -d '1 minute' +%FT%TZ)" 9999-01-01T00:00Z; do
		refused_in_one_line 4 "'$at' is in the future" ccc whois "$ip" --at "$at"
	done
	rm "$CCC_STATE_DIR/history.jsonl"
	run --separate-stderr ccc whois "$ip"
	[ "$status" -eq 3 ]
	[[ $stderr == *"the history is empty"* ]]
}

@test "with a damaged state the history answers alone" {
	provision >/dev/null
	ip=$(ccc list -o json | jq -r '.[0].serverIp')
	id=$(only_id)
	cp "$CCC_STATE_DIR/instances.json" "$BATS_TEST_TMPDIR/good"
	echo '{' >"$CCC_STATE_DIR/instances.json"
	run --separate-stderr ccc whois "$ip"
	[ "$status" -eq 0 ]
	[[ ${lines[1]} == "$id  user@example.com  "*"(still)" ]]
	[[ $stderr == *"warning: "*"instances.json"*"the history answers alone, and its newest lines may never have taken effect"* ]]
	run --separate-stderr ccc whois "$ip" -o json
	[ "$(jq -r '.[0].instanceId' <<<"$output")" = "$id" ]
}

@test "with the state missing the history answers alone" {
	fleet=$(jq -r .fleet.id "$CCC_STATE_DIR/instances.json")
	provision >/dev/null
	id=$(only_id)
	ip=$(member serverIp)
	rm "$CCC_STATE_DIR/instances.json"
	run --separate-stderr ccc whois "$ip" -o json
	[ "$status" -eq 0 ]
	[ "$(jq -r '.[0].instanceId' <<<"$output")" = "$id" ]
	[[ $stderr == "ccc: warning: "*"ccc init --adopt --fleet $fleet"*"Until then the history answers alone"* ]]
	run --separate-stderr ccc whois 10.0.0.1
	[ "$status" -eq 3 ]
	rm "$CCC_STATE_DIR/history.jsonl"
	refused_in_one_line 6 "a folder of a fleet is left in it" ccc whois "$ip"
	refused_in_one_line 6 "there is no state" ccc -C "$BATS_TEST_TMPDIR/nowhere" whois "$ip"
}

@test "times without a zone are UTC, and that is said" {
	provision >/dev/null
	ip=$(ccc list -o json | jq -r '.[0].serverIp')
	TZ=Asia/Tokyo run --separate-stderr ccc whois "$ip" --at "$(date -u +%FT%H:%M:%S)"
	[ "$status" -eq 0 ]
	[[ $stderr == *"UTC is assumed"* ]]
	run --separate-stderr ccc whois "$ip" --at "$(TZ=Asia/Tokyo date +%FT%H:%M:%S+09:00)"
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	run --separate-stderr ccc whois "$ip" --at "$(TZ=Asia/Tokyo date -d '-1 hour' +%FT%H:%M+09:00)"
	[ "$status" -eq 3 ]
}

@test "nobody, nonsense, and a damaged history" {
	run --separate-stderr ccc whois 192.0.2.1
	[ "$status" -eq 3 ]
	[ -z "$output" ]
	run --separate-stderr ccc whois 192.0.2.1 -o json
	[ "$status" -eq 3 ]
	[ "$output" = "[]" ]
	run ccc whois example.com
	[ "$status" -eq 4 ]
	run ccc whois 192.0.2.1 --at noon
	[ "$status" -eq 4 ]
	run ccc whois
	[ "$status" -eq 2 ]
	echo '{"at": "x"}' >>"$CCC_STATE_DIR/history.jsonl"
	chmod 600 "$CCC_STATE_DIR/history.jsonl"
	run ccc whois 192.0.2.1
	[ "$status" -eq 6 ]
}

@test "a machine that was adopted is somebody unknown's, and its record that came back is the old user's" {
	provision >/dev/null
	ip=$(ccc list -o json | jq -r '.[0].serverIp')
	fleet=$(jq -r .fleet.id "$CCC_STATE_DIR/instances.json")
	mv "$CCC_STATE_DIR" "$CCC_STATE_DIR.lost"
	ccc init --adopt --fleet "$fleet" >/dev/null
	ccc fsck --fix >/dev/null 2>&1 || true
	run --separate-stderr ccc whois "$ip"
	[ "$status" -eq 0 ]
	[[ ${lines[1]} == *"(unknown)"*"(still)" ]]
	rm -r "$CCC_STATE_DIR"
	mv "$CCC_STATE_DIR.lost" "$CCC_STATE_DIR"
	rm "$CCC_STATE_DIR/instances.json"
	ccc init --adopt --fleet "$fleet" >/dev/null
	ccc fsck --fix >/dev/null 2>&1 || true
	run --separate-stderr ccc whois "$ip"
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[1]} == *"user@example.com"*"(still)" ]]
}
