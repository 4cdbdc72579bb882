#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# provision --dry-run: what would be ordered, in which order, for how much; and nothing happens.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
}

# quote [OPTION...]
quote() {
	provision --dry-run "$@"
}

@test "the choices come in the order of provision, with live prices and the cost" {
	curl -s -X DELETE "$HETZNER_SIM/requests" >/dev/null
	before=$(find "$CCC_STATE_DIR" -type f -exec sha256sum {} + | sort)
	run --separate-stderr quote --hours 23
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[[ $output == "would order a server as large as cpx21 for user@example.com, 23 h, with 1 SSH key; nothing was created"* ]]
	[[ $output == *"COST is of 24 started hours"* ]]
	grep -qE '^CHOICE +TYPE +LOCATION +EUR/HOUR +EUR/MONTH +COST EUR +AVAILABLE$' <<<"$output"
	# Read once, and nothing written anywhere.
	[ "$(curl -s "$HETZNER_SIM/requests" | jq -Sc .routes)" = '{"GET /pricing":1,"GET /server_types":1}' ]
	[ "$(servers)" -eq 0 ]
	[ "$before" = "$(find "$CCC_STATE_DIR" -type f -exec sha256sum {} + | sort)" ]
	read -r choice type location hourly monthly cost available < <(grep '^1 ' <<<"$output")
	[ "$choice $type $location $available" = "1 cx33 fsn1 yes" ]
	api=$(curl -s -H "Authorization: Bearer $HCLOUD_TOKEN" "$HCLOUD_ENDPOINT/server_types?name=cx33" |
		jq -r '.server_types[0].prices[] | select(.location == "fsn1") | "\(.price_hourly.net) \(.price_monthly.net)"')
	[ "$(jq -n "[$hourly, $monthly, $cost] == [${api/ /, }, ($hourly * 24 * 10000 | ceil) / 10000]")" = true ]
	provision >/dev/null
	[ "$(member builtType) $(member location)" = "cx33 fsn1" ]
}

@test "as JSON: the same, and nothing else" {
	run --separate-stderr quote --hours 23 --location nbg1,hel1 -o json
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[ "$(jq -c '[.would, .email, .serverType, .hours, .billedHours, .currency, (.sshKeys | length)]' <<<"$output")" = \
		'["provision","user@example.com","cpx21",23,24,"EUR",1]' ]
	[ "$(jq -c '.choices[0] | keys' <<<"$output")" = '["available","cost","location","priceHourly","priceMonthly","type"]' ]
	[ "$(jq -c '[.choices[] | select(.available) | .location] | unique' <<<"$output")" = '["hel1","nbg1"]' ]
	[ "$(jq -r '.choices[0] | "\(.type) \(.location)"' <<<"$output")" = "cx33 nbg1" ]
	jq -e '.choices[] | .cost | test("^[0-9]+[.][0-9]{4}$")' <<<"$output" >/dev/null
}

@test "locations may be in capitals" {
	run --separate-stderr quote --location NBG1,Hel1 -o json
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.choices[].location] | unique' <<<"$output")" = '["hel1","nbg1"]' ]
	provision --location FSN1 >/dev/null
	[ "$(member location) $(jq -c '.instances[].locations' "$CCC_STATE_DIR/instances.json")" = 'fsn1 ["fsn1"]' ]
}

@test "what is said to be out of stock comes last" {
	curl -sf -X POST -d '{"type": "cx33", "location": "fsn1", "available": false}' "$HETZNER_SIM/stock" >/dev/null
	run quote -o json --location fsn1
	[ "$(jq -r '.choices[0].type' <<<"$output")" != cx33 ]
	[ "$(jq -r '.choices | map(.type) | index("cx33") as $i | .[$i]' <<<"$output")" = cx33 ]
	[ "$(jq -c '[.choices[] | select(.type == "cx33") | .available]' <<<"$output")" = '[false]' ]
	[ "$(jq -c '.choices | map(.available) | . == (sort | reverse)' <<<"$output")" = true ]
	run quote --location fsn1
	[[ $output == *"cx33 "*"out of stock, they say"* ]]
}

@test "what provision would refuse is refused" {
	run quote --location mars
	[ "$status" -eq 4 ]
	[[ $output == *"there is no location 'mars' at Hetzner; try others with --location"* ]]
	run quote --location ""
	[ "$status" -eq 4 ]
	[[ $output == *"'' is no list of locations"* ]]
	run quote --hours 0
	[ "$status" -eq 4 ]
	provision --ref p1 >/dev/null
	run quote
	[ "$status" -eq 4 ]
	[[ $output == *"one server a user"* ]]
	run quote --ref p1
	[ "$status" -eq 0 ]
	[[ $output == *"for instance '$(only_id)'; nothing would be ordered"* ]]
	ccc deprovision "$(only_id)" >/dev/null
	run quote --ref p1
	[ "$status" -eq 4 ]
	for route in /server_types /pricing; do
		fault "{\"match\": {\"method\": \"GET\", \"route\": \"$route\"}, \"times\": 40, \"cut\": true}"
		run quote
		[ "$status" -eq 5 ]
		[ "${#lines[@]}" -eq 1 ]
		no_faults
	done
	[ "$(servers)" -eq 0 ]
}
