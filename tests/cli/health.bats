#!/usr/bin/env bats
# ccc health, as monitoring calls it: first line, exit codes, and no word with Hetzner.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
	ccc reap
}

@test "OK, without a token and without Hetzner" {
	provision >/dev/null
	curl -s -X DELETE "$HETZNER_SIM/requests" >/dev/null
	run --separate-stderr env -u HCLOUD_TOKEN ccc health
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ $output =~ ^"OK - 1 instance, last sweep "[0-9]+" s ago"$ ]]
	[ -z "$stderr" ]
	[ "$(curl -s "$HETZNER_SIM/requests" | jq .total)" -eq 0 ]
	run --separate-stderr ccc health -o json
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.status, .code, .problems]' <<<"$output")" = '["OK",0,[]]' ]
}

@test "a sweep that does not come is seen" {
	provision >/dev/null
	run --separate-stderr faketime -f +960s ccc health
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "WARNING - 1 problem: stale-sweep" ]
	[[ ${lines[1]} == "warning  stale-sweep: the last one was 16 min"*" ago, or"* ]]
	run --separate-stderr faketime -f +960s ccc health --sweep-warning 20
	[ "$status" -eq 0 ]
	run --separate-stderr faketime -f +3540s ccc health
	[ "$status" -eq 1 ]
	run --separate-stderr faketime -f +3605s ccc health -o json
	[ "$status" -eq 2 ]
	[ "$(jq -r .status <<<"$output")" = CRITICAL ]
	[ "$(jq -r .code <<<"$output")" -eq 2 ]
	[ "$(jq -r '.problems[0].kind' <<<"$output")" = stale-sweep ]
	ccc deprovision "$(only_id)" >/dev/null
	run --separate-stderr faketime -f +36000s ccc health # also while there is nothing to sweep
	[ "$status" -eq 2 ]
	[ "${lines[0]}" = "CRITICAL - 1 problem: stale-sweep" ]
}

@test "a cron that never ran is seen before the first instance" {
	export CCC_STATE_DIR=$BATS_TEST_TMPDIR/fresh
	ccc init --another >/dev/null
	run --separate-stderr faketime -f +840s ccc health
	[ "$status" -eq 0 ]
	[ "$output" = "OK - 0 instances, last sweep never" ]
	run --separate-stderr faketime -f +960s ccc health
	[ "$status" -eq 1 ]
	[[ ${lines[1]} == "warning  stale-sweep: there was none since 'ccc init', for 16 min"* ]]
	faketime -f +960s ccc reap
	run --separate-stderr faketime -f +960s ccc health
	[ "$status" -eq 0 ]
}

@test "what is over and still there, and an end that fails" {
	provision >/dev/null
	id=$(only_id)
	curl -sf -X POST -d '{"advance": 4800}' "$HETZNER_SIM/clock" >/dev/null
	hcloud server enable-protection "cc-$id" delete rebuild >/dev/null
	run --separate-stderr faketime -f +4800s ccc health
	[ "$status" -eq 2 ]
	[[ $output == *"warning  overdue $id: it should have been ended "* ]]
	[[ $output == *"critical stale-sweep"* ]]
	run faketime -f +4800s ccc reap
	[ "$status" -ne 0 ]
	run --separate-stderr faketime -f +4800s ccc health
	[ "$status" -eq 1 ]
	[[ $output == *"failing $id: its end failed 1 time,"*"protected"* ]]
	hcloud server disable-protection "cc-$id" delete rebuild >/dev/null
	curl -sf -X POST -d '{"advance": 100}' "$HETZNER_SIM/clock" >/dev/null
	faketime -f +4900s ccc reap
	run --separate-stderr faketime -f +4900s ccc health
	[ "$status" -eq 0 ]
}

@test "an end that Hetzner calls done, and is not, is tried ever more rarely and gets critical" {
	provision >/dev/null
	id=$(only_id)
	fault '{"match": {"method": "DELETE", "route": "/servers/{id}"}, "times": 1000, "answer": {"status": 200}}'
	run ccc deprovision "$id"
	echo "status $status: $output"
	[ "$status" -ne 0 ]
	[[ $output == *"the server is still there after 3 deletes"* ]]
	passed=0
	sweep_after() {
		advance "$1"
		passed=$((passed + $1))
		faketime -f "+${passed}s" ccc reap >/dev/null 2>&1 || true
	}
	[ "$(member attempts)" -eq 1 ]
	sweep_after 61
	[ "$(member attempts)" -eq 2 ]
	sweep_after 61
	[ "$(member attempts)" -eq 2 ] # the pause is two minutes by now
	run --separate-stderr faketime -f "+${passed}s" ccc health
	[ "$status" -eq 1 ]
	sweep_after 61
	[ "$(member attempts)" -eq 3 ]
	run --separate-stderr faketime -f "+${passed}s" ccc health
	[ "$status" -eq 2 ]
	[[ $output == *"critical failing $id: its end failed 3 times,"*"still there after 3 deletes"* ]]
	no_faults
	sweep_after 301
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
	run --separate-stderr faketime -f "+${passed}s" ccc health
	[ "$status" -eq 0 ]
}

installing() {
	[ "$(member status)" = installing ]
}

sweeping() {
	[ "$(jq .fleet.sweepBeganAt "$CCC_STATE_DIR/instances.json")" != "$(jq .fleet.sweptAt "$CCC_STATE_DIR/instances.json")" ]
}

@test "what is stuck, and a sweep that was killed" {
	stand_in nix-build <<<'exec sleep 60'
	PATH=$BATS_TEST_TMPDIR/bin:$PATH ccc provision --email user@example.com --ssh-key "$keys/ed25519.pub" --hours 1 >/dev/null 2>&1 3>&- &
	pid=$!
	until_true 20 installing
	kill -9 "$pid"
	wait "$pid" || true
	id=$(only_id)
	run --separate-stderr faketime -f +4400s ccc health --sweep-critical 1000
	[[ $output != *"stuck"* ]] # the build alone may take an hour
	run --separate-stderr faketime -f +4600s ccc health --sweep-critical 1000
	[ "$status" -eq 1 ]
	[[ $output == *"warning  stuck $id: it is installing, and nothing happened for "* ]]
	until_true 20 flock -n "$CCC_STATE_DIR/locks/$id" true # its guard has ended: the sweep goes on with it
	sleep 1 # `init` counts as a sweep, and times are whole seconds
	PATH=$BATS_TEST_TMPDIR/bin:$PATH ccc reap >/dev/null 2>&1 3>&- &
	pid=$!
	until_true 20 sweeping
	kill -9 "$pid"
	wait "$pid" || true
	run --separate-stderr faketime -f +1000s ccc health
	[ "$status" -eq 1 ]
	[[ $output == *"warning  unended-sweep: it began at "* ]]
}

@test "a clock that was set back, a full disk, and few requests left" {
	provision >/dev/null
	run --separate-stderr faketime -f -7200s ccc health
	[ "$status" -eq 1 ]
	[[ $output == *"warning  clock-behind: by "* ]]
	run --separate-stderr ccc health --disk-warning 99999999
	[ "$status" -eq 1 ]
	[[ $output == *"warning  disk-full: "*" MiB are left" ]]
	run --separate-stderr ccc health --disk-warning 99999999 --disk-critical 99999999
	[ "$status" -eq 2 ]
	jq '.fleet += {rateLimit: 3600, rateRemaining: 100, rateSeenAt: .fleet.sweptAt}' "$CCC_STATE_DIR/instances.json" >"$BATS_TEST_TMPDIR/state"
	cp "$BATS_TEST_TMPDIR/state" "$CCC_STATE_DIR/instances.json"
	run --separate-stderr ccc health
	[ "$status" -eq 1 ]
	[[ $output == *"warning  rate-limit: 100 of 3600 an hour were left"* ]]
}

@test "a long error in another alphabet is in the answer for programs too" {
	provision >/dev/null
	jq --arg long "$(printf 'x%0.sé' $(seq 150))" '.instances[] += {attempts: 1, retryAt: .fleet.sweptAt, lastError: $long}' \
		"$CCC_STATE_DIR/instances.json" >"$BATS_TEST_TMPDIR/state"
	cp "$BATS_TEST_TMPDIR/state" "$CCC_STATE_DIR/instances.json"
	run --separate-stderr ccc health -o json
	[ "$status" -eq 1 ]
	[[ $(jq -r '.problems[].kind' <<<"$output") == failing* ]]
}

@test "the rate limit is what the last sweep saw of it" {
	stop_simulator
	rm -r "$BATS_TEST_TMPDIR/sim"
	start_simulator --rate-limit 50
	ccc init >/dev/null
	provision >/dev/null
	curl -sf -X POST -d '{"advance": 3900}' "$HETZNER_SIM/clock" >/dev/null
	for _ in $(seq 41); do
		curl -s -o /dev/null -H "Authorization: Bearer $HCLOUD_TOKEN" "$HCLOUD_ENDPOINT/locations"
	done
	faketime -f +3900s ccc reap
	[ "$(servers)" -eq 0 ]
	[ "$(jq .fleet.rateLimit "$CCC_STATE_DIR/instances.json")" -eq 50 ]
	run --separate-stderr faketime -f +3900s ccc health
	[ "$status" -ge 1 ]
	[[ $output == *"rate-limit: "*" of 50 an hour were left"* ]]
}

@test "an adopted machine past its label's expiry" {
	fleet=$(jq -r .fleet.id "$CCC_STATE_DIR/instances.json")
	hcloud server create --name cc-def456 --type cx23 --image debian-12 --label managed-by=ccc --label "ccc-fleet=$fleet" \
		--label ccc-instance=def456 --label ccc-nonce=n1 --label "ccc-expires=$(($(date +%s) + 600))" >/dev/null
	ccc fsck --fix >/dev/null 2>&1 || true
	run --separate-stderr ccc health
	[ "$status" -eq 0 ]
	run --separate-stderr faketime -f +601s ccc health
	[ "$status" -eq 2 ]
	[[ $output == *"critical adopted-overdue def456: "* ]]
}

@test "a state that does not fit its history" {
	provision >/dev/null
	cp "$CCC_STATE_DIR/instances.json" "$BATS_TEST_TMPDIR/old"
	ccc extend "$(only_id)" --hours 1 >/dev/null 2>&1
	ccc extend "$(only_id)" --hours 1 >/dev/null 2>&1
	cp "$BATS_TEST_TMPDIR/old" "$CCC_STATE_DIR/instances.json"
	run --separate-stderr ccc health
	[ "$status" -eq 2 ]
	[[ $output == *"critical stale-state: "* ]]
}

@test "UNKNOWN, in the form that monitoring reads" {
	run --separate-stderr ccc -C "$BATS_TEST_TMPDIR/nowhere" health
	[ "$status" -eq 3 ]
	[[ $output == "UNKNOWN - there is no state in "* ]]
	run --separate-stderr ccc health --sweep-warning soon
	[ "$status" -eq 3 ]
	[[ $output == "UNKNOWN - "* ]]
	for words in "health --sweep-warming 5" "-x health" "-o yaml health" "health -o" "health now" "-C  health" "health --sweep-warning"; do
		IFS=' ' read -r -a line <<<"$words"
		[[ $words != "-C "* ]] || line=(-C "" health)
		run --separate-stderr ccc "${line[@]}"
		echo "$words: $status $output $stderr"
		[ "$status" -eq 3 ]
		[[ $output == "UNKNOWN - "* ]]
		[ "${#lines[@]}" -eq 1 ]
		[ -z "$stderr" ]
	done
	run --separate-stderr ccc health --nonsense -o json
	[ "$status" -eq 3 ]
	[ "$(jq -r '.status + ": " + .summary' <<<"$output")" = "UNKNOWN: unknown option '--nonsense'; see 'ccc help health'" ]
	run bash -c "ccc health >/dev/full"
	[ "$status" -eq 3 ]
	[[ $output == *"cannot write to standard output"* ]]
	echo "{" >"$CCC_STATE_DIR/instances.json"
	run --separate-stderr ccc health -o json
	[ "$status" -eq 3 ]
	[ "$(jq -r .status <<<"$output")" = UNKNOWN ]
}

swept_at() {
	jq -r .fleet.sweptAt "$CCC_STATE_DIR/instances.json"
}

@test "a sweep that took long does not set back what a later one recorded" {
	provision >/dev/null
	advance 4000
	fault '{"match": {"method": "DELETE", "route": "/servers/{id}"}, "hang": 4}'
	PATH=$BATS_TEST_TMPDIR/bin:$PATH faketime -f +4000s ccc reap >/dev/null 2>&1 3>&- &
	slow=$!
	sleep 2
	run faketime -f +4000s ccc reap
	echo "$output"
	later=$(swept_at)
	[ "$(date -d "$later" +%s)" -gt $(($(date +%s) + 3900)) ]
	kill -0 "$slow"
	wait "$slow"
	[ "$(ccc list -o json)" = "[]" ]
	echo "$later, then $(swept_at)"
	[ "$(swept_at)" = "$later" ]
}

@test "what a sweep recorded by a clock that was ahead does not last" {
	faketime -f +7200s ccc reap
	ahead=$(swept_at)
	ccc reap
	[[ $(swept_at) < $ahead ]]
}

@test "thresholds that contradict each other are no thresholds" {
	run ccc health --sweep-warning 90 --sweep-critical 20
	[ "$status" -eq 3 ]
	[ "$output" = "UNKNOWN - --sweep-critical (20) is less than --sweep-warning (90)" ]
	run ccc health --disk-warning 50 --disk-critical 51
	[ "$status" -eq 3 ]
	[ "$output" = "UNKNOWN - --disk-critical (51) is more than --disk-warning (50)" ]
	# one that is not given follows
	run ccc health --sweep-warning 60
	[ "$status" -eq 0 ]
	run faketime -f +4000s ccc health --sweep-warning 61
	[ "$status" -eq 2 ]
}

@test "a missing operator key is seen" {
	ccc reap
	rm "$CCC_STATE_DIR/keys/operator"
	run ccc health
	[ "$status" -eq 2 ]
	[ "${lines[0]}" = "CRITICAL - 1 problem: operator-file-missing" ]
	[ "${lines[1]}" = "critical operator-file-missing: keys/operator; 'ccc fsck' says what can be done" ]
}

@test "an old sweep may be the clock's" {
	faketime -f -7200s ccc reap
	run ccc health
	[[ $output == *"the last one was 2 h "*"ago, or this machine's clock was wrong; is 'ccc reap' called every few minutes?"* ]]
}
