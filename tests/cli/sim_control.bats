#!/usr/bin/env bats
# hetzner-sim itself: its command line, its clock, its counts, its bill and its faults.
# shellcheck disable=SC2030,SC2031,SC2119,SC2120,SC2154 # helper.bash and bats set what is used here
bats_require_minimum_version 1.5.0
load helper

# wait_ready FILE: until a simulator has printed all its lines there
wait_ready() {
	for _ in $(seq 200); do
		if grep -qs '^# ready' "$1"; then return 0; fi
		sleep 0.05
	done
	return 1
}

# api METHOD PATH [BODY]: "STATUS BODY"
api() {
	curl -s -m 10 -X "$1" -H "Authorization: Bearer $HCLOUD_TOKEN" ${3+-d "$3"} -w '\n%{http_code}' "$HCLOUD_ENDPOINT$2" |
		awk 'NR > 1 { body = body last } { last = $0 } END { print last, body }'
}

control() {
	curl -s -m 10 -X "$1" ${3+-d "$3"} "$HETZNER_SIM$2"
}

order() {
	api POST /servers "{\"name\": \"$1\", \"server_type\": \"cx23\", \"image\": \"debian-12\", \"location\": \"fsn1\"}"
}

code_of() {
	jq -r .error.code <<<"${1#* }"
}

@test "it prints what a shell needs, to its last line, and quotes it" {
	start_simulator --dir "$BATS_TEST_TMPDIR/it's here"
	[ "$HETZNER_SIM_DIR" = "$BATS_TEST_TMPDIR/it's here" ]
	[ "$CCC_STATE_DIR" = "$HETZNER_SIM_DIR/state" ]
	[ "$HCLOUD_CONFIG" = "$HETZNER_SIM_DIR/hcloud.toml" ]
	[ -f "$HCLOUD_CONFIG" ]
	[[ $HCLOUD_TOKEN =~ ^[A-Za-z0-9]{64}$ ]]
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/simulator.out")" = "# ready" ]
	[ "$HETZNER_SIM_PID" = "$simulator" ]
	[[ $(command -v nixos-anywhere) == */sim/bin/none/nixos-anywhere ]]
}

@test "a state directory that the caller chose is left alone" {
	CCC_STATE_DIR=/elsewhere timeout 5 "$build/hetzner-sim" --dir "$BATS_TEST_TMPDIR/d" >"$BATS_TEST_TMPDIR/out" &
	local pid=$!
	wait_ready "$BATS_TEST_TMPDIR/out"
	kill "$pid"
	run ! grep CCC_STATE_DIR "$BATS_TEST_TMPDIR/out"
}

@test "SIGTERM ends it with 0; its own directory goes, a given one stays" {
	start_simulator
	kill "$simulator"
	wait "$simulator"
	[ -d "$HETZNER_SIM_DIR" ]

	TMPDIR=$BATS_TEST_TMPDIR "$build/hetzner-sim" >"$BATS_TEST_TMPDIR/out" &
	simulator=$!
	wait_ready "$BATS_TEST_TMPDIR/out"
	eval "$(cat "$BATS_TEST_TMPDIR/out")"
	[ -d "$HETZNER_SIM_DIR" ]
	kill "$simulator"
	wait "$simulator"
	[ ! -e "$HETZNER_SIM_DIR" ]
}

@test "a reader that leaves after the lines doesn't end it" {
	"$build/hetzner-sim" --dir "$BATS_TEST_TMPDIR/d" 2>/dev/null 3>&- | sed '/^# ready/q' >"$BATS_TEST_TMPDIR/out" &
	wait_ready "$BATS_TEST_TMPDIR/out"
	eval "$(cat "$BATS_TEST_TMPDIR/out")"
	sleep 0.2
	[ "$(control GET /requests | jq .total)" = 0 ]
	kill "$HETZNER_SIM_PID"
}

@test "bad options are refused with 2: another address, a word for a number, an unknown one" {
	for options in "--listen 0.0.0.0:0" "--listen 192.0.2.1:80" "--listen 127.0.0.1:99999" "--speed fast" "--speed 0" \
		"--projects 0" "--hosts vm" "--nonsense" "word"; do
		# shellcheck disable=SC2086 # an option and its value
		run timeout 5 "$build/hetzner-sim" $options
		[ "$status" -eq 2 ] || { echo "$options: $status $output"; return 1; }
		[ "${#lines[@]}" -eq 1 ]
	done
	run "$build/hetzner-sim" --help
	[ "$status" -eq 0 ]
	[[ $output == *--boot-seconds* ]]
}

@test "the port it is told to take is taken once" {
	start_simulator
	local port=${HETZNER_SIM#http://127.0.0.1:}
	run timeout 5 "$build/hetzner-sim" --listen "127.0.0.1:${port%%/*}"
	[ "$status" -ne 0 ]
	[[ $output == *"can't listen"* ]]
}

@test "the same seed gives the same token, ids and addresses" {
	start_simulator --seed 42
	local token=$HCLOUD_TOKEN
	order a
	local first
	first=$(control GET /servers | jq -c '.servers[0] | [.id, .address]')
	stop_simulator
	start_simulator --seed 42
	[ "$HCLOUD_TOKEN" = "$token" ]
	order a
	[ "$(control GET /servers | jq -c '.servers[0] | [.id, .address]')" = "$first" ]
	stop_simulator
	start_simulator --seed 43
	[ "$HCLOUD_TOKEN" != "$token" ]
}

@test "tokens: none, a wrong one, another project's; unknown paths and methods" {
	start_simulator --projects 2
	[ "$(curl -s "$HCLOUD_ENDPOINT/servers")" = '{"error":{"code":"unauthorized","message":"token is required","details":null}}' ]
	[ "$(curl -s -H 'Authorization: Bearer x' "$HCLOUD_ENDPOINT/servers" | jq -r .error.message)" = "the token you have provided is invalid" ]
	[ "$(curl -s "$HCLOUD_ENDPOINT/nothing" | jq -r .error.message)" = "api route not found" ]
	[ "$(curl -s -o /dev/null -w '%{http_code}' -X PUT "$HCLOUD_ENDPOINT/servers")" = 401 ]
	[[ $(api PUT /servers '{}') == 405* ]]
	[[ $(api POST /servers 'no JSON') == 400*json_error* ]]
	[[ $(api GET /datacenters) == 410* ]]

	order mine
	other=$(control GET /tokens | jq -r '.tokens[1]')
	[ "$(curl -s -H "Authorization: Bearer $other" "$HCLOUD_ENDPOINT/servers" | jq '.servers | length')" = 0 ]
	[ "$(api GET /servers | cut -d ' ' -f 2- | jq '.servers | length')" = 1 ]
}

@test "requests are counted exactly, by method and route" {
	start_simulator
	order a
	id=$(control GET /servers | jq '.servers[0].id')
	api GET "/servers/$id"
	api GET "/servers/$id?x=1"
	api GET /servers/999
	api GET /nowhere
	report=$(control GET /requests)
	[ "$(jq -r '.routes["GET /servers/{id}"]' <<<"$report")" = 3 ]
	[ "$(jq -r '.routes["POST /servers"]' <<<"$report")" = 1 ]
	[ "$(jq -r '.routes["GET (no such route)"]' <<<"$report")" = 1 ]
	[ "$(jq -r .total <<<"$report")" = 5 ]
	control DELETE /requests
	[ "$(control GET /requests | jq -c .)" = '{"total":0,"routes":{}}' ]
}

@test "the clock steps, and the Date header, the rate limit and the actions follow it" {
	start_simulator --speed 0.01 --rate-limit 10
	[[ $(order a) == 201* ]]
	[ "$(control GET /servers | jq -r '.servers[0].status')" = initializing ]
	for _ in $(seq 9); do api GET /locations >/dev/null; done
	[[ $(api GET /locations) == 429*rate_limit_exceeded* ]]
	control POST /clock '{"advance": 86400}'
	[ "$(control GET /servers | jq -r '.servers[0].status')" = running ]
	[[ $(api GET /locations) == 200* ]]
	date=$(curl -sI -X GET -H "Authorization: Bearer $HCLOUD_TOKEN" "$HCLOUD_ENDPOINT/locations" | sed -n 's/^Date: \(.*\)\r$/\1/p')
	ahead=$(($(date -u -d "$date" +%s) - $(date +%s)))
	[ "$ahead" -ge 86398 ]
	[ "$ahead" -le 86402 ]
	[[ $(control POST /clock '{"advance": -1}') == *invalid_input* ]]
	[[ $(control POST /clock '{"advance": "soon"}') == *invalid_input* ]]
}

@test "the answers carry the rate limit" {
	start_simulator
	headers=$(curl -sI -X GET -H "Authorization: Bearer $HCLOUD_TOKEN" "$HCLOUD_ENDPOINT/locations" | tr -d '\r')
	[[ $headers == *"RateLimit-Limit: 3600"* ]]
	[[ $headers == *"RateLimit-Remaining: 3599"* ]]
	reset=$(sed -n 's/^RateLimit-Reset: //p' <<<"$headers")
	[ $((reset - $(date +%s))) -le 2 ]
	[[ $headers == *"Content-Type: application/json"* ]]
}

@test "the bill counts every started hour of servers, IPv4s and snapshots, after their end no more" {
	start_simulator
	order a
	id=$(control GET /servers | jq '.servers[0].id')
	[ "$(control GET /bill | jq -c '[.items[] | [.kind, .hours]] | sort')" = '[["ipv4",1],["server",1]]' ]
	control POST /clock '{"advance": 3000}'
	[ "$(control GET /bill | jq '.items[0].hours')" = 1 ]
	control POST /clock '{"advance": 700}'
	[ "$(control GET /bill | jq '.items[0].hours')" = 2 ]
	[ "$(control GET /bill | jq -r '.total')" = 0.01920000 ]

	api POST "/servers/$id/actions/poweroff" '{}'
	control POST /clock '{"advance": 3600}'
	[ "$(control GET /bill | jq '.items[0].hours')" = 3 ]
	api POST "/servers/$id/actions/create_image" '{"type": "snapshot"}'
	control POST /clock '{"advance": 60}'
	api DELETE "/servers/$id"
	total=$(control GET /bill | jq '[.items[] | select(.kind != "snapshot") | .amount | tonumber] | add')
	control POST /clock '{"advance": 7200}'
	[ "$(control GET /bill | jq '[.items[] | select(.kind != "snapshot") | .amount | tonumber] | add')" = "$total" ]
	[ "$(control GET /bill | jq '.running')" = 1 ]
	[ "$(control GET /bill | jq '.items[] | select(.kind == "snapshot") | .hours')" = 3 ]
}

@test "a fault answers as told, as often as told, and has no effect" {
	start_simulator
	fault '{"match": {"method": "POST", "route": "/servers"}, "times": 2, "answer": {"status": 503, "code": "unavailable", "message": "not now"}}'
	[[ $(order a) == 503*unavailable*"not now"* ]]
	[[ $(order a) == 503* ]]
	[ "$(control GET /faults | jq '.faults | length')" = 0 ]
	[ "$(servers)" = 0 ]
	[[ $(order a) == 201* ]]
}

@test "a fault can wait, and can be taken back" {
	start_simulator
	fault '{"match": {"route": "/locations"}, "skip": 1, "html": true}'
	[[ $(api GET /locations) == 200* ]]
	run api GET /locations
	[[ $output == "502 <html>"* ]]
	fault '{"answer": {"status": 500}}'
	control DELETE /faults
	[[ $(api GET /locations) == 200* ]]
}

@test "a lost answer, a cut one, a big one and a late one" {
	start_simulator
	fault '{"match": {"route": "/servers", "method": "POST"}, "lose_answer": true}'
	run curl -s -m 5 -X POST -H "Authorization: Bearer $HCLOUD_TOKEN" -d '{"name":"a","server_type":"cx23","image":"debian-12"}' "$HCLOUD_ENDPOINT/servers"
	[ "$status" -eq 52 ]
	[ "$(servers)" = 1 ]
	[ "$(code_of "$(order a)")" = uniqueness_error ]

	fault '{"match": {"route": "/servers"}, "cut": true}'
	run api GET /servers
	[[ $output == 200* ]]
	run ! jq -e . <<<"${output#* }"

	fault '{"big": 9000000}'
	[ "$(curl -s -H "Authorization: Bearer $HCLOUD_TOKEN" "$HCLOUD_ENDPOINT/locations" | wc -c)" -gt 9000000 ]

	fault '{"hang": 1}'
	begun=$(date +%s%N)
	[[ $(api GET /locations) == 200* ]]
	[ $((($(date +%s%N) - begun) / 1000000)) -ge 1000 ]
}

@test "it ends at once although an answer is held back" {
	start_simulator
	fault '{"hang": 60}'
	api GET /locations >/dev/null &
	sleep 0.3
	kill "$simulator"
	timeout 5 tail --pid="$simulator" -f /dev/null
	simulator=
}

@test "an action that fails leaves the server there, off" {
	start_simulator
	fault '{"match": {"route": "/servers", "method": "POST"}, "fail_action": true}'
	action=$(order a | cut -d ' ' -f 2- | jq .action.id)
	control POST /clock '{"advance": 60}'
	[ "$(api GET "/actions/$action" | cut -d ' ' -f 2- | jq -r '.action.status, .action.error.code' | xargs)" = "error action_failed" ]
	[ "$(control GET /servers | jq -r '.servers[0].status')" = off ]
}

@test "a misspelt fault is refused rather than waiting for ever" {
	start_simulator
	for fault in '{"match": {"route": "/server"}, "html": true}' '{"htlm": true}' '{}' '{"answer": {"status": 1000}}' \
		'{"match": {"methd": "GET"}, "html": true}' '{"times": 0, "html": true}' '[]'; do
		run control POST /faults "$fault"
		[[ $output == *'"error"'* ]] || { echo "$fault: $output"; return 1; }
	done
	[ "$(control GET /faults | jq -c .)" = '{"faults":[]}' ]
}

@test "an error by its code, with the headers of a spent rate limit" {
	start_simulator
	fault '{"error": "rate_limit_exceeded", "seconds": 3600}'
	headers=$(curl -si -H "Authorization: Bearer $HCLOUD_TOKEN" "$HCLOUD_ENDPOINT/locations" | tr -d '\r')
	[[ $headers == *" 429 "*"RateLimit-Remaining: 0"*'"code":"rate_limit_exceeded"'* ]]
	reset=$(sed -n 's/^RateLimit-Reset: //p' <<<"$headers")
	[ $((reset - $(date +%s))) -ge 3590 ]
	[[ $(order a) == 429* ]]
	control POST /clock '{"advance": 3600}'
	[[ $(order a) == 201* ]]
	run control POST /faults '{"error": "rate_limit"}'
	[[ $output == *"no code of the API"* ]]
}

@test "a dropped request does nothing, a late one comes by itself, a repeated one comes twice" {
	start_simulator
	body='{"name":"a","server_type":"cx23","image":"debian-12"}'
	send() { curl -s -m 5 -X POST -H "Authorization: Bearer $HCLOUD_TOKEN" -d "$body" "$HCLOUD_ENDPOINT/servers"; }
	fault '{"match": {"method": "POST"}, "drop": true}'
	run send
	[ "$status" -eq 52 ]
	[ "$(servers)" = 0 ]

	fault '{"match": {"method": "POST"}, "late": 1}'
	run send
	[ "$status" -eq 52 ]
	[ "$(servers)" = 0 ]
	sleep 1.2
	[ "$(servers)" = 1 ]

	fault '{"match": {"method": "POST"}, "repeat": "second"}'
	[ "$(code_of "$(order b)")" = uniqueness_error ]
	[ "$(servers)" = 2 ]
	fault '{"match": {"method": "POST"}, "repeat": "first"}'
	[[ $(order c) == 201* ]]
	[ "$(control GET /requests | jq '.routes["POST /servers"]')" = 6 ]
}

@test "an endless answer goes on until the client has enough" {
	start_simulator
	fault '{"match": {"route": "/locations"}, "big": 300000, "endless": true}'
	run -28 curl -s -m 2 -o "$BATS_TEST_TMPDIR/answer" -H "Authorization: Bearer $HCLOUD_TOKEN" "$HCLOUD_ENDPOINT/locations"
	[ "$(stat -c %s "$BATS_TEST_TMPDIR/answer")" -gt 1000000 ]
	[ "$(head -c 400000 "$BATS_TEST_TMPDIR/answer" | jq '.padding | length')" = 300000 ]
	[[ $(api GET /locations) == 200* ]]
}

@test "a fresh server is missing from stale lists only" {
	start_simulator
	fault '{"stale": 3600, "times": 2}'
	id=$(order a | cut -d ' ' -f 2- | jq .server.id)
	[ "$(api GET /servers | cut -d ' ' -f 2- | jq '.servers | length')" = 0 ]
	[ "$(api GET "/servers?name=a" | cut -d ' ' -f 2- | jq '.servers | length')" = 0 ]
	[[ $(api GET "/servers/$id") == 200* ]]
	[ "$(api GET /servers | cut -d ' ' -f 2- | jq '.servers | length')" = 1 ]
}

@test "faults can come from a file, one or several, and a wrong file is an error" {
	echo '[{"match": {"route": "/locations"}, "error": "maintenance"}, {"error": "timeout"}]' >"$BATS_TEST_TMPDIR/faults"
	start_simulator --faults "$BATS_TEST_TMPDIR/faults"
	[[ $(order a) == 504*timeout* ]]
	[[ $(api GET /locations) == 403*maintenance* ]]
	[[ $(api GET /locations) == 200* ]]
	stop_simulator

	echo '{"error": "unavailable"}' >"$BATS_TEST_TMPDIR/faults"
	start_simulator --faults "$BATS_TEST_TMPDIR/faults"
	[[ $(api GET /locations) == 503* ]]
	stop_simulator
	simulator=

	for content in '[{"error": "timeout"}, {"eror": "timeout"}]' '{' ''; do
		echo "$content" >"$BATS_TEST_TMPDIR/faults"
		run timeout 5 "$build/hetzner-sim" --faults "$BATS_TEST_TMPDIR/faults"
		[ "$status" -eq 1 ]
		[[ $output == *"'$BATS_TEST_TMPDIR/faults'"* ]]
	done
	run timeout 5 "$build/hetzner-sim" --faults "$BATS_TEST_TMPDIR/nothing"
	[ "$status" -eq 1 ]
}

@test "somebody with the console, and a token that was revoked" {
	start_simulator
	id=$(order a | cut -d ' ' -f 2- | jq .server.id)
	control POST "/servers/$id" '{"do": "relabel", "labels": {"owner": "somebody"}}'
	control POST "/servers/$id" '{"do": "rename", "name": "b"}'
	[ "$(api GET "/servers/$id" | cut -d ' ' -f 2- | jq -c '[.server.name, .server.labels]')" = '["b",{"owner":"somebody"}]' ]
	control POST /tokens '{"project": 0, "valid": false}'
	[ "$(code_of "$(api GET "/servers/$id")")" = unauthorized ]
	control POST /tokens '{"project": 0, "valid": true}'
	control POST "/servers/$id" '{"do": "vanish"}'
	[[ $(api GET "/servers/$id") == 404* ]]
}

@test "what is sold out can't be ordered, whatever the catalogue says" {
	start_simulator
	control POST /stock '{"type": "cx23", "location": "fsn1", "available": false, "shown": true}'
	[[ $(order a) == 412*resource_unavailable* ]]
	available() { api GET "/server_types?name=cx23" | cut -d ' ' -f 2- | jq '.server_types[0].locations[] | select(.name == "fsn1").available'; }
	[ "$(available)" = true ]
	control POST /stock '{"type": "cx23", "location": "fsn1", "available": false}'
	[ "$(available)" = false ]
	control POST /stock '{"type": "cx23", "location": "fsn1", "available": true}'
	[[ $(order a) == 201* ]]
}

@test "a project has a limit of servers" {
	start_simulator --server-limit 1
	[[ $(order a) == 201* ]]
	[ "$(code_of "$(order b)")" = resource_limit_exceeded ]
}

@test "user data is limited to 32 KiB" {
	start_simulator
	data=$(head -c 32769 /dev/zero | tr '\0' x)
	jq -n --arg d "$data" '{name: "a", server_type: "cx23", image: "debian-12", user_data: $d}' >"$BATS_TEST_TMPDIR/body"
	[ "$(code_of "$(api POST /servers "@$BATS_TEST_TMPDIR/body")")" = invalid_input ]
}
