#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# P2 and P3: what is not known is not absent. Whatever the API answers while an instance is
# ended, its record stays until its server is proven gone.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
}

# still_recorded SERVERS: after an end that failed
still_recorded() {
	echo "status $status: $output"
	[ "$status" -ne 0 ]
	[ "$(ccc list -o json | jq -r 'map(.instanceId) | join(" ")')" = "$id" ]
	[ "$(servers)" -eq "$1" ]
	[ -d "$CCC_STATE_DIR/instances/$id" ]
	no_faults
}

# troubled METHOD ROUTE SERVERS TROUBLE...: each trouble on that route stops the end, and SERVERS are left
troubled() {
	local method=$1 route=$2 left=$3 trouble
	shift 3
	for trouble in "$@"; do
		fault "{\"match\": {\"method\": \"$method\", \"route\": \"$route\"}, \"times\": 40, $trouble}"
		run ccc deprovision "$id"
		still_recorded "$left"
	done
}

cut='"cut": true'
html='"html": true, "answer": {"status": 200}'
failure='"answer": {"status": 500, "code": "internal", "message": "no"}'
unauthorized='"answer": {"status": 401, "code": "unauthorized", "message": "no"}'
forbidden='"answer": {"status": 403, "code": "forbidden", "message": "no"}'

@test "no answer to a look or a list drops a record" {
	provision >/dev/null
	id=$(only_id)
	troubled GET "/servers/{id}" 1 "$cut" "$html" "$failure" "$unauthorized" "$forbidden"
	troubled DELETE "/servers/{id}" 1 "$failure" "$unauthorized" "$forbidden"
	troubled DELETE "/servers/{id}" 0 "$cut"
	troubled GET "/firewalls/{id}" 0 "$cut" "$html" "$failure" "$unauthorized" "$forbidden"
	troubled GET "/servers" 0 "$cut" "$html" "$failure" "$unauthorized" "$forbidden"
	ccc deprovision "$id" >/dev/null
	[ "$(ccc list -o json)" = "[]" ]
}

@test "no answer about the delete's action drops a record" {
	for trouble in "$cut" "$failure" "$unauthorized"; do
		provision >/dev/null
		id=$(only_id)
		troubled GET "/actions" 0 "$trouble"
		run ccc reap # too soon: it waits, and says so
		[ "$status" -eq 1 ]
		ccc deprovision "$id" >/dev/null || true
		[ "$(ccc list -o json)" = "[]" ]
	done
}

@test "a delete that fails leaves server and record, and is tried again" {
	provision >/dev/null
	id=$(only_id)
	fault '{"match": {"method": "DELETE", "route": "/servers/{id}"}, "fail_action": true}'
	run ccc deprovision "$id"
	still_recorded "$(servers)"
	# The end was decided: no time is sold for it any more, and the user waits for it.
	run ccc extend "$id" --hours 1
	[ "$status" -eq 4 ]
	[[ $output == *"is being deleted and can't be extended any more; nothing was charged"* ]]
	run provision
	[ "$status" -eq 4 ]
	[[ $output == *"still being ended"*"ccc resume $id"* ]]
	ccc deprovision "$id" >/dev/null
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
}

@test "another project's 404 proves nothing, and the right token ends the server" {
	stop_simulator
	rm -rf "$BATS_TEST_TMPDIR/sim"
	start_simulator --projects 2
	ccc init >/dev/null
	provision >/dev/null
	id=$(only_id)
	other=$(curl -s "$HETZNER_SIM/tokens" | jq -r --arg ours "$HCLOUD_TOKEN" '.tokens[] | select(. != $ours)')
	HCLOUD_TOKEN=$other run ccc deprovision "$id"
	[[ $output == *"is not in this token's project"* ]]
	still_recorded 1
	ccc deprovision "$id" >/dev/null
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
}

@test "a 404 that was wrong does not leave a server behind" {
	absent='"answer": {"status": 404, "code": "not_found", "message": "no"}'
	for method in GET DELETE; do
		provision >/dev/null
		id=$(only_id)
		fault "{\"match\": {\"method\": \"$method\", \"route\": \"/servers/{id}\"}, $absent}"
		run timeout 10 ccc deprovision "$id"
		echo "$output"
		[ "$status" -eq 0 ]
		[ "$(servers)" -eq 0 ]
		[ "$(ccc list -o json)" = "[]" ]
	done
	provision >/dev/null
	id=$(only_id)
	troubled DELETE "/servers/{id}" 1 "$absent"
	[[ $output == *"still there after 3 deletes; look at it in the console"* ]]
	ccc deprovision "$id" >/dev/null
	[ "$(servers)" -eq 0 ]
}

@test "an instance whose server is gone is listed, takes paid time, and can be ended" {
	provision >/dev/null
	id=$(only_id)
	hcloud server delete "cc-$id" >/dev/null
	[ "$(ccc list -o json | jq -r '.[0].status')" = running ]
	run ccc status "$id"
	[ "$status" -eq 0 ]
	ccc reap
	[ "$(ccc list -o json | jq length)" -eq 1 ]
	run ccc deprovision "$id"
	[ "$status" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
}

# For half an hour neither an id nor a list shows any server, new or old.
@test "an outage in which no server is seen forgets none" {
	look='{"match": {"method": "GET", "route": "/servers/{id}"}, "stale": 1e9, "seconds": 1800}'
	list='{"match": {"method": "GET", "route": "/servers"}, "stale": 1e9, "seconds": 1800}'
	for user in 1 2 3 4; do provision --email "user$user@example.com" --hours 4 >/dev/null; done
	id=$(only_id)
	fault "$look"
	fault "$list"
	run ccc deprovision "$id"
	echo "$output"
	[ "$status" -eq 7 ]
	[[ $output == *"Hetzner's list lacks 3 of 3 servers that should be there, so it is not believed and nothing is forgotten"* ]]
	[ "$(ccc list -o json | jq length)" -eq 4 ]
	[ "$(servers)" -eq 4 ]
	advance 1800
	faketime -f +1900s ccc reap
	[ "$(ccc list -o json | jq length)" -eq 3 ]
	[ "$(servers)" -eq 3 ]
}

# The create is answered, and then neither its id nor a list shows it for a while.
@test "a server that was made just now is not believed to be gone" {
	absent='"answer": {"status": 404, "code": "not_found", "message": "no"}'
	fault '{"match": {"method": "GET", "route": "/actions"}, "times": 40, "answer": {"status": 500, "code": "internal", "message": "no"}}'
	fault "{\"match\": {\"method\": \"GET\", \"route\": \"/servers/{id}\"}, $absent}"
	fault '{"match": {"method": "GET", "route": "/servers"}, "times": 4, "stale": 600}'
	run timeout 60 ccc provision --email user@example.com --ssh-key "$keys/ed25519.pub" --hours 1
	echo "$output"
	[ "$status" -ne 0 ]
	[[ $output == *"does not answer to its id, but was made minutes ago; 'ccc reap' looks once more in "* ]]
	no_faults
	[ "$(servers)" -eq 1 ]
	advance 700
	faketime -f +700s ccc reap
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
}
