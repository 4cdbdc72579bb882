#!/usr/bin/env bats
# The contract of cloud.h: both drivers are asked the same questions, and whatever goes wrong on the way they give the same
# answers. Where they may differ, the table says both.
# shellcheck disable=SC2030,SC2031,SC2154 # helper.bash and bats set what is used here
load helper

number=0 # of names that in_trouble made up

setup() {
	command -v hcloud >/dev/null || skip "hcloud is not installed"
	start_simulator --rate-limit 100000
	write_context "$HCLOUD_TOKEN"
	export ASK_GUARD=$build/ccc
	key=$(ask hetzner create-key operator "$(cat "$keys/ed25519.pub")" | made)
	firewall=$(ask hetzner create-firewall wall | made)
}

made() {
	sed -n 's/^made //p'
}

# order DRIVER NAME: a server's id
order() {
	ask "$1" create "$2" cx23 fsn1 debian-12 "$firewall" "$key" | sed -n 's/^server \([0-9]*\) .*/\1/p'
}

# ask DRIVER QUESTION [ARGUMENT...]: what was answered, with what the driver said of an error kept aside
ask() {
	"$build/tests/contract/ask" "$@" 2>"$BATS_TEST_TMPDIR/message" || echo "ended with $?"
}

requests() {
	curl -s "$HETZNER_SIM/requests" | jq ".routes[\"$1\"] // 0"
}

# both EXPECTED QUESTION [ARGUMENT...]: the first line of both drivers' answers
both() {
	local expected=$1 driver
	shift
	for driver in hetzner hcloud; do
		says "$driver" "$expected" "$@" || return 1
	done
}

# says DRIVER EXPECTED QUESTION [ARGUMENT...]: its verdict, and of actions if EXPECTED has them
says() {
	local driver=$1 expected=$2 answer
	shift 2
	answer=$(ask "$driver" "$@" | sed -n '1p; s/^actions: /, /p; 1!{/^ended/p}' | paste -sd '')
	[ "$answer" = "$expected" ] || {
		echo "$driver $*: expected '$expected', got '$answer': $(cat "$BATS_TEST_TMPDIR/message")"
		return 1
	}
}

# same QUESTION [ARGUMENT...]: all that they answer is the same, to the last fact
same() {
	diff <(ask hetzner "$@") <(ask hcloud "$@")
}

# In the tables below: "method route" that meets the fault | fault | verdict of hetzner | and of hcloud, "=" the same.
# in_trouble QUESTION...: each row's question, for both; @N stands for a name that was not used before, @S for a new server
in_trouble() {
	local asked fault hetzner hcloud driver expected method route failed=0
	local -a words
	while IFS='|' read -r asked fault hetzner hcloud; do
		read -r method route <<<"$asked"
		for driver in hetzner hcloud; do
			expected=$hetzner
			[ "$driver" = hetzner ] || [[ $hcloud == *=* ]] || expected=$hcloud
			expected=$(xargs <<<"$expected")
			number=$((number + 1))
			words=("${@//@N/cc-$number}")
			[[ $* != *@S* ]] || words=("${words[@]//@S/$(order hetzner "cc-$number")}")
			no_faults
			fault "$(jq -c --arg method "$method" --arg route "$route" '. + {match: {method: $method, route: $route}}' <<<"$fault")"
			says "$driver" "$expected" "${words[@]}" || { echo "    with $fault"; failed=1; }
		done
	done
	no_faults
	return "$failed"
}

@test "servers are made, found, listed, labelled, rebuilt and deleted" {
	for driver in hetzner hcloud; do
		id=$(order "$driver" "cc-$driver")
		[ -n "$id" ]
		[ "$(curl -s "$HETZNER_SIM/servers" | jq -r ".servers[] | select(.id == $id).user_data")" = "$(printf '#cloud-config\n{"a": "b c\\n'"'"'"}\n')" ]
		both found get "$id"
		both found find "cc-$driver"
		same get "$id"
		same find "cc-$driver"
		says "$driver" "done, success" rebuild "$id" debian-13
		says "$driver" "done, success" label "$id" 1800000000
		[ "$(ask hetzner get "$id" | sed -n 's/.* //p')" = ccc/f1/abc123/n-1/1800000000/ ]
		says "$driver" "done, success" label "$id" ""
		[ "$(ask hetzner get "$id" | sed -n 's/.* //p')" = ccc/f1/abc123/n-1// ]
		says "$driver" "done, success" label "$id" ""
	done
	both "listed 2" list f1
	both "listed 0" list f2
	both "listed 2" list -
	same list f1
	same list -
	same list-addresses
	both absent find cc-none
	both absent get 77
	both "error not_found" label 77 1
	for driver in hetzner hcloud; do
		id=$(ask "$driver" find "cc-$driver" | sed -n 's/^server \([0-9]*\) .*/\1/p')
		says "$driver" "done, success" delete "$id"
		says "$driver" absent delete "$id"
		until_true 5 says "$driver" absent get "$id"
	done
	both "listed 0" list -
	both "listed 0" list-addresses
}

@test "firewalls are made with all their rules, found, put on and taken off" {
	for driver in hetzner hcloud; do
		id=$(order hetzner "cc-$driver")
		wall=$(ask "$driver" create-firewall "wall-$driver" | made)
		isolation=$(ask "$driver" create-isolation "isolation-$driver" | made)
		same get-firewall "$wall"
		ask hetzner get-firewall "$wall" | grep -qx "firewall $wall wall-$driver changes: ccc/f1////"
		ask hetzner get-firewall "$isolation" | grep -qx "firewall $isolation isolation-$driver changes: ccc/f1////isolated"
		says "$driver" "error uniqueness_error" create-firewall "wall-$driver"
		says "$driver" "done, success" apply "$isolation" "$id"
		same get "$id"
		ask hetzner get "$id" | grep -q " firewall:$isolation "
		says "$driver" "error firewall_already_applied" apply "$isolation" "$id"
		says "$driver" "done, success" remove "$isolation" "$id"
		[[ $(ask hetzner get "$id") != *":$isolation "* ]]
	done
	rules() { curl -s -H "Authorization: Bearer $HCLOUD_TOKEN" "$HCLOUD_ENDPOINT/firewalls?name=$1" | jq -S '.firewalls[0].rules'; }
	diff <(rules wall-hetzner) <(rules wall-hcloud)
	diff <(rules isolation-hetzner) <(rules isolation-hcloud)
	for driver in hetzner hcloud; do
		made=$(rules "isolation-$driver")
		isolation=$(curl -s -H "Authorization: Bearer $HCLOUD_TOKEN" "$HCLOUD_ENDPOINT/firewalls?name=isolation-$driver" | jq '.firewalls[0].id')
		curl -sf -H "Authorization: Bearer $HCLOUD_TOKEN" -d '{"rules": []}' "$HCLOUD_ENDPOINT/firewalls/$isolation/actions/set_rules" >/dev/null
		same get-firewall "$isolation"
		ask "$driver" get-firewall "$isolation" | grep "isolation-$driver changes:it lacks"
		says "$driver" "done, success" set-rules "$isolation" isolated
		[ "$(rules "isolation-$driver")" = "$made" ]
	done
	both "error not_found" set-rules 77 isolated
	both absent get-firewall 77
	same list-firewalls f1
	same list-firewalls f2
	same list-firewalls -
}

@test "keys, addresses, snapshots and offers are the same by both" {
	print=$(ssh-keygen -E md5 -lf "$keys/ed25519.pub" | sed 's/.*MD5:\([0-9a-f:]*\).*/\1/')
	both found find-key "$print"
	same find-key "$print"
	both absent find-key "00${print:2}"
	both "error uniqueness_error" create-key operator "$(cat "$keys/ed25519.pub")"
	both "error invalid_input" create-key other "ssh-ed25519 AAAA nonsense"
	hcloud ssh-key delete operator
	says hcloud "done" create-key operator "$(cat "$keys/ed25519.pub")"
	key=$(ask hcloud find-key "$print" | sed -n 's/^key \([0-9]*\) .*/\1/p')
	same list-keys
	order hetzner cc-1
	hcloud server create-image cc-1 --type snapshot --description kept
	same list-snapshots
	both "listed 1" list-snapshots
	same list-addresses
	both "listed 2" list-addresses
	same list-offers
	for driver in hetzner hcloud; do
		ASK_METERS=1 ask "$driver" list-offers | tail -n 2 | diff - <(printf 'clock: agrees\nrate: less of 100000\n')
	done
}

@test "prices of types are the same; hcloud knows neither the currency nor the price of an address or a snapshot" {
	ask hetzner list-prices | sed -n '/^price c/s/ EUR$//p' | sort >"$BATS_TEST_TMPDIR/hetzner"
	ask hcloud list-prices | sed -n '/^price c/s/ ?$//p' | sort | diff "$BATS_TEST_TMPDIR/hetzner" -
	[ -s "$BATS_TEST_TMPDIR/hetzner" ]
	ask hetzner list-prices | grep -q '^price ipv4 '
	[[ $(ask hcloud list-prices) != *ipv4* ]]
}

@test "long lists come whole, or not at all" {
	for number in $(seq 60); do
		printf '{"name": "s%s", "server_type": "cx23", "image": "debian-12", "labels": {"managed-by": "ccc", "ccc-fleet": "f1"}}' "$number" |
			curl -sf -o /dev/null -H "Authorization: Bearer $HCLOUD_TOKEN" -H 'Content-Type: application/json' -d @- "$HCLOUD_ENDPOINT/servers"
	done
	both "listed 60" list f1
	same list f1
	for driver in hetzner hcloud; do
		fault '{"match": {"method": "GET", "route": "/servers"}, "skip": 1, "error": "forbidden"}'
		says "$driver" "error forbidden" list f1
	done
}

@test "who asks for the same list in one turn shares one" {
	for driver in hetzner hcloud; do
		before=$(requests "GET /servers")
		ask "$driver" list-at-once f1 | diff - <(printf 'listed 0\nlisted 0\nlisted 0\n')
		[ "$(requests "GET /servers")" -eq $((before + 1)) ]
	done
}

@test "a look-up says absent for nothing but a true 404, and a list is whole or an error" {
	id=$(order hetzner cc-known)
	export ASK_TIMEOUT_MS=1000
	in_trouble get "$id" <<-'ROWS'
		GET /servers/{id} | {"error": "not_found"}                                                   | absent             | =
		GET /servers/{id} | {"answer": {"status": 404, "code": "gone", "message": "no"}}             | error gone         | =
		GET /servers/{id} | {"html": true, "answer": {"status": 404, "code": "x", "message": "x"}}   | error -            | =
		GET /servers/{id} | {"error": "unauthorized"}                                                | error unauthorized | =
		GET /servers/{id} | {"error": "forbidden"}                                                   | error forbidden    | =
		GET /servers/{id} | {"error": "rate_limit_exceeded"}                                         | found              | =
		GET /servers/{id} | {"error": "server_error"}                                                | found              | =
		GET /servers/{id} | {"html": true}                                                           | found              | =
		GET /servers/{id} | {"drop": true}                                                           | found              | =
		GET /servers/{id} | {"cut": true}                                                            | error -            | =
		GET /servers/{id} | {"drop": true, "times": 3}                                               | error -            | =
		GET /servers/{id} | {"big": 1000}                                                            | error -            | =
		GET /servers/{id} | {"hang": 2.5, "times": 3}                                                | error -            | =
	ROWS
	in_trouble find cc-known <<-'ROWS'
		GET /servers | {"error": "not_found"}                 | error not_found    | =
		GET /servers | {"error": "unauthorized"}              | error unauthorized | =
		GET /servers | {"big": 1000}                          | error -            | =
	ROWS
	in_trouble list f1 <<-'ROWS'
		GET /servers | {"error": "not_found"}                 | error not_found    | =
		GET /servers | {"error": "unavailable"}               | listed 1           | =
		GET /servers | {"big": 1000}                          | error -            | =
	ROWS
	in_trouble get-firewall "$firewall" <<-'ROWS'
		GET /firewalls/{id} | {"error": "not_found"}          | absent             | =
		GET /firewalls/{id} | {"error": "unauthorized"}       | error unauthorized | =
		GET /firewalls/{id} | {"drop": true, "times": 3}      | error -            | =
	ROWS
	in_trouble find-key 00:11 <<-'ROWS'
		GET /ssh_keys | {"error": "not_found"}                | error not_found    | =
		GET /ssh_keys | {"drop": true}                        | absent             | =
	ROWS
}

@test "a create is sent once, and nothing but a plain no says that nothing was made" {
	export ASK_TIMEOUT_MS=2000
	in_trouble create @N cx23 fsn1 debian-12 "$firewall" "$key" <<-'ROWS'
		POST /servers | {"error": "uniqueness_error"}         | error uniqueness_error        | =
		POST /servers | {"error": "resource_unavailable"}     | error resource_unavailable    | =
		POST /servers | {"error": "placement_error"}          | error placement_error         | =
		POST /servers | {"error": "resource_limit_exceeded"}  | error resource_limit_exceeded | =
		POST /servers | {"error": "unauthorized"}             | error unauthorized            | =
		POST /servers | {"error": "not_found"}                | error not_found               | =
		POST /servers | {"error": "rate_limit_exceeded"}      | error rate_limit_exceeded     | =
		POST /servers | {"error": "conflict"}                 | error conflict                | =
		POST /servers | {"error": "locked"}                   | error locked                  | =
		POST /servers | {"error": "server_error"}             | maybe server_error            | =
		POST /servers | {"error": "timeout"}                  | maybe timeout                 | =
		POST /servers | {"html": true}                        | maybe -                       | =
		POST /servers | {"big": 1000}                         | maybe -                       | =
		POST /servers | {"drop": true}                        | maybe -                       | =
		POST /servers | {"lose_answer": true}                 | maybe -                       | =
		POST /servers | {"cut": true}                         | maybe -                       | =
		POST /servers | {"hang": 3.5}                         | maybe -                       | =
		POST /servers | {"fail_action": true}                 | done, action_failed           | =
	ROWS
	[ "$(requests "POST /servers")" -eq 36 ]
	# what the program looks up first, it can't find; Hetzner itself is not even asked
	says hetzner "error invalid_input" create cc-x cx23 fsn1 debian-1 "$firewall" "$key"
	says hcloud "error -" create cc-x cx23 fsn1 debian-1 "$firewall" "$key"
	grep -q "image not found: debian-1" "$BATS_TEST_TMPDIR/message"
	says hetzner "error firewall_resource_not_found" create cc-x cx23 fsn1 debian-12 77 "$key"
	says hcloud "error not_found" create cc-x cx23 fsn1 debian-12 77 "$key"
	fault '{"match": {"method": "GET", "route": "/images"}, "drop": true}'
	says hcloud "error -" create cc-x cx23 fsn1 debian-12 "$firewall" "$key"
	[ "$(requests "POST /servers")" -le 38 ]
}

@test "a rebuild is sent once too" {
	export ASK_TIMEOUT_MS=2000
	in_trouble rebuild @S debian-13 <<-'ROWS'
		POST /servers/{id}/actions/rebuild | {"error": "locked"}              | error locked              | =
		POST /servers/{id}/actions/rebuild | {"error": "conflict"}            | error conflict            | =
		POST /servers/{id}/actions/rebuild | {"error": "rate_limit_exceeded"} | error rate_limit_exceeded | =
		POST /servers/{id}/actions/rebuild | {"error": "server_error"}        | maybe server_error        | =
		POST /servers/{id}/actions/rebuild | {"lose_answer": true}            | maybe -                   | =
		POST /servers/{id}/actions/rebuild | {"fail_action": true}            | done, action_failed       | =
	ROWS
	[ "$(requests "POST /servers/{id}/actions/rebuild")" -eq 12 ]
	both "error not_found" rebuild 77 debian-12
}

@test "a delete is sent until it is answered" {
	in_trouble delete @S <<-'ROWS'
		DELETE /servers/{id} | {"error": "protected"}           | error protected     | =
		DELETE /servers/{id} | {"error": "unauthorized"}        | error unauthorized  | =
		DELETE /servers/{id} | {"error": "locked"}              | done, success       | =
		DELETE /servers/{id} | {"error": "rate_limit_exceeded"} | done, success       | =
		DELETE /servers/{id} | {"lose_answer": true}            | absent              | =
		DELETE /servers/{id} | {"error": "server_error"}        | done, success       | =
		DELETE /servers/{id} | {"fail_action": true}            | done, action_failed | done, success
	ROWS
}

@test "labels, firewalls and keys in trouble" {
	in_trouble label @S 1800000000 <<-'ROWS'
		PUT /servers/{id} | {"error": "unauthorized"}                           | error unauthorized | =
		PUT /servers/{id} | {"error": "conflict"}                               | done, success      | =
		PUT /servers/{id} | {"lose_answer": true}                               | done, success      | =
		PUT /servers/{id} | {"error": "invalid_input"}                          | error invalid_input | =
	ROWS
	in_trouble apply "$firewall" @S <<-'ROWS'
		POST /firewalls/{id}/actions/apply_to_resources | {"error": "locked"}   | error locked | =
	ROWS
	id=$(order hetzner cc-bare)
	ask hetzner remove "$firewall" "$id"
	in_trouble apply "$firewall" "$id" <<-'ROWS'
		POST /firewalls/{id}/actions/apply_to_resources | {"error": "server_error"}        | maybe server_error  | =
		POST /firewalls/{id}/actions/apply_to_resources | {"error": "rate_limit_exceeded"} | done, success       | error firewall_already_applied
	ROWS
	in_trouble create-key @N "$(cat "$keys/ed25519.pub")" <<-'ROWS'
		POST /ssh_keys | {"error": "server_error"}        | maybe server_error     | =
		POST /ssh_keys | {"drop": true}                   | maybe -                | =
		POST /ssh_keys | {"error": "rate_limit_exceeded"} | error uniqueness_error | =
	ROWS
}

@test "without a network nothing is absent; what a connection was refused for may have been sent, says hcloud" {
	export HCLOUD_ENDPOINT=http://127.0.0.1:1/v1
	both "error -" get 1
	both "error -" find cc-1
	both "error -" list f1
	both "error -" find-key 00:11
	both "error -" list-offers
	both "error -" create cc-x cx23 fsn1 debian-12 1 1
	says hetzner "error -" create-key x "$(cat "$keys/ed25519.pub")"
	says hcloud "maybe -" create-key x "$(cat "$keys/ed25519.pub")"
	for driver in hetzner hcloud; do
		ASK_METERS=1 ask "$driver" get 1 | tail -n 2 | diff - <(printf 'clock: unknown\nrate: unknown\n')
	done
}

@test "a token that is not taken makes nothing absent" {
	write_context wrong
	export HCLOUD_TOKEN=wrong
	for question in "get 1" "get-firewall 1" "list f1" "find cc-1" "find-key 00:11" "list-offers" "delete 1" "label 1 2" "rebuild 1 debian-12" \
		"create cc-x cx23 fsn1 debian-12 1 1" "create-firewall x" "apply 1 2"; do
		# shellcheck disable=SC2086 # words
		both "error unauthorized" $question
	done
	grep -q "hcloud context list" "$BATS_TEST_TMPDIR/message"
	[[ $(cat "$BATS_TEST_TMPDIR/message") != *wrong* ]]
}

@test "what hcloud says for people is not believed: without its talk nothing is known" {
	stand_in hcloud <<-'EOF'
		case "$*" in
		*create*) echo "Server 5 created" ;;
		*delete*) echo "Server 5 deleted" ;;
		*) echo "hcloud: server not found: 5" >&2; exit 1 ;;
		esac
	EOF
	export PATH=$BATS_TEST_TMPDIR/bin:$PATH
	says hcloud "error -" get 5
	grep -q "server not found: 5" "$BATS_TEST_TMPDIR/message"
	says hcloud "error -" find cc-5
	says hcloud "error -" list f1
	says hcloud "maybe -" create cc-x cx23 fsn1 debian-12 1 1
	says hcloud "maybe -" delete 5
	rm "$BATS_TEST_TMPDIR/bin/hcloud"
	export PATH=/nonexistent
	"$build/tests/contract/ask" hcloud create cc-x cx23 fsn1 debian-12 1 1 2>&1 | /usr/bin/grep -q "cannot find the program 'hcloud'"
	export PATH=/usr/bin:/bin
}

@test "a program that never ends is ended, and one that dies half-way leaves it open" {
	export ASK_TIMEOUT_MS=500
	stand_in hcloud <<-'EOF'
		printf -- '--- Request:\nGET /v1/images HTTP/1.1\r\n\r\n\n\n--- Response:\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}\n\n'
		[ "$2" != create ] || printf -- '--- Request:\nPOST /v1/servers HTTP/1.1\r\n\r\n{}\n\n'
		[ "$2" = create ] || exec sleep 60
		kill -9 $$
	EOF
	export PATH=$BATS_TEST_TMPDIR/bin:$PATH
	says hcloud "maybe -" create cc-x cx23 fsn1 debian-12 1 1
	started=$(date +%s)
	says hcloud "error -" rebuild 7 debian-12
	[ $(($(date +%s) - started)) -lt 10 ]
}

# talk METHOD PATH STATUS JSON...: a stand-in of hcloud whose talk this is, with the more headers that $headers has
talk() {
	(
		echo "cat <<'END'"
		while [ $# -gt 0 ]; do
			printf -- '--- Request:\n%s %s HTTP/1.1\r\nHost: api\r\n\r\n\n\n' "$1" "$2"
			printf -- '--- Response:\nHTTP/1.1 %s OK\r\nContent-Type: application/json\r\nContent-Length: %s\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n%b\r\n%s\n\n' "$3" "${#4}" "${headers-}" "$4"
			shift 4
		done
		echo END
		cat
	) </dev/stdin | stand_in hcloud
}

@test "a NUL hides nothing that was sent after it" {
	talk POST /v1/servers 201 '{"server": {"id": 7}}' </dev/null
	sed -i '1a printf -- "--- Request:\\nGET /v1/images HTTP/1.1\\r\\n\\r\\n--- Response:\\nHTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\n{\\0}"' "$BATS_TEST_TMPDIR/bin/hcloud"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH says hcloud "maybe -" create cc-x cx23 fsn1 debian-12 1 1
}

@test "half a list is none, and an answer to another question is no answer" {
	page() { echo "{\"servers\": [$1], \"meta\": {\"pagination\": {\"page\": $2, \"next_page\": $3}}}"; }
	talk GET "/v1/servers?page=1" 200 "$(page '' 1 2)" </dev/null
	PATH=$BATS_TEST_TMPDIR/bin:$PATH says hcloud "error -" list f1
	grep -q "read a part of the list" "$BATS_TEST_TMPDIR/message"
	talk GET "/v1/servers?page=1" 200 "$(page '' 1 2)" GET "/v1/servers?page=2" 200 "$(page '' 2 null)" </dev/null
	PATH=$BATS_TEST_TMPDIR/bin:$PATH says hcloud "listed 0" list f1
	talk GET "/v1/servers?page=1" 200 "$(page '' 1 null)" GET "/v1/servers?page=2" 200 "$(page '' 2 null)" </dev/null
	PATH=$BATS_TEST_TMPDIR/bin:$PATH says hcloud "error -" list f1
	# a newer program may look up more besides
	talk GET /v1/locations 200 '{}' GET "/v1/servers?page=1" 200 "$(page '' 1 null)" GET /v1/servers/6 404 '{"error": {"code": "not_found"}}' </dev/null
	PATH=$BATS_TEST_TMPDIR/bin:$PATH says hcloud "listed 0" list f1
	PATH=$BATS_TEST_TMPDIR/bin:$PATH says hcloud absent get 6
	PATH=$BATS_TEST_TMPDIR/bin:$PATH says hcloud "error not_found" get 5
}

@test "the clock is read from the last answer of a program that ended after it" {
	export ASK_TIMEOUT_MS=500
	talk GET /v1/servers/5 404 '{"error": {"code": "not_found"}}' </dev/null
	ASK_METERS=1 PATH=$BATS_TEST_TMPDIR/bin:$PATH ask hcloud get 5 | diff - <(printf 'absent\nclock: differs\nrate: unknown\n')
	talk GET /v1/servers/5 404 '{"error": {"code": "not_found"}}' <<<'exec sleep 60'
	ASK_METERS=1 PATH=$BATS_TEST_TMPDIR/bin:$PATH ask hcloud get 5 | diff - <(printf 'absent\nclock: unknown\nrate: unknown\n')
}

@test "hcloud goes on with a firewall that was left half made, and with nobody else's" {
	hcloud firewall create --name half --label managed-by=ccc >/dev/null
	says hcloud "done" create-firewall half
	id=$(hcloud firewall describe half -o json | jq .id)
	[ "$(ask hetzner get-firewall "$id")" = "$(printf 'found\nfirewall %s half changes: ccc/f1////' "$id")" ]
	hcloud firewall create --name others --label owner=somebody >/dev/null
	says hcloud "error uniqueness_error" create-firewall others
	grep -q "not a half-made one" "$BATS_TEST_TMPDIR/message"
	hcloud firewall create --name used >/dev/null
	order hetzner cc-1
	hcloud firewall apply-to-resource used --type server --server cc-1 >/dev/null
	says hcloud "error uniqueness_error" create-firewall used
	[ "$(hcloud firewall describe used -o json | jq -c '[.rules, .labels]')" = '[[],{}]' ]
	# until its last label it is no fleet's
	fault '{"match": {"method": "POST", "route": "/firewalls/{id}/actions/set_rules"}, "error": "forbidden"}'
	says hcloud "maybe forbidden" create-firewall broken
	[[ $(ask hetzner list-firewalls f1) != *broken* ]]
	says hcloud "done" create-firewall broken
	ask hetzner list-firewalls f1 | grep -q 'broken changes: ccc/f1////'
}

@test "of the program a few run at a time" {
	mkdir "$BATS_TEST_TMPDIR/running"
	stand_in hcloud <<-EOF
		cd "$BATS_TEST_TMPDIR/running" && touch \$\$
		set -- *
		echo \$# >>../counts
		sleep 0.3
		rm \$\$
	EOF
	[ "$(ASK_TIMEOUT_MS=5000 PATH=$BATS_TEST_TMPDIR/bin:$PATH ask hcloud get-many 20 | grep -c '^error -')" -eq 20 ]
	[ "$(wc -l <"$BATS_TEST_TMPDIR/counts")" -eq 20 ]
	[ "$(sort -n "$BATS_TEST_TMPDIR/counts" | tail -n 1)" -le 8 ]
	[ "$(sort -n "$BATS_TEST_TMPDIR/counts" | tail -n 1)" -gt 2 ]
}

@test "what hcloud floods us with is bounded, and proves nothing" {
	talk POST /v1/servers 201 '{"server": {"id": 7}}' <<<"head -c 80000000 /dev/zero | tr '\\0' x"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH says hcloud "maybe -" create cc-x cx23 fsn1 debian-12 1 1
	grep -q "wrote more than" "$BATS_TEST_TMPDIR/message"
}

@test "near the end of the rate limit reads wait for the bucket to fill" {
	made_then_read() {
		local started
		talk POST /v1/firewalls 409 '{"error": {"code": "uniqueness_error"}}' GET "/v1/firewalls?name=x" 200 '{}' </dev/null
		started=$(date +%s%N)
		PATH=$BATS_TEST_TMPDIR/bin:$PATH says hcloud "error -" create-firewall x
		echo $((($(date +%s%N) - started) / 1000000))
	}
	headers='Ratelimit-Limit: 3600\r\nRatelimit-Remaining: 21\r\n'
	[ "$(made_then_read)" -lt 900 ]
	headers='Ratelimit-Limit: 3600\r\nRatelimit-Remaining: 19\r\n'
	[ "$(made_then_read)" -ge 1000 ]
	# an answer that says how long to wait is heeded
	headers='Retry-After: 2\r\n'
	talk GET /v1/servers/5 429 '{"error": {"code": "rate_limit_exceeded"}}' <<<"date +%s%N >>$BATS_TEST_TMPDIR/times"
	ASK_LEAVE_MS=3700 PATH=$BATS_TEST_TMPDIR/bin:$PATH ask hcloud get 5
	[ "$(wc -l <"$BATS_TEST_TMPDIR/times")" -eq 2 ]
	[ $((($(tail -n 1 "$BATS_TEST_TMPDIR/times") - $(head -n 1 "$BATS_TEST_TMPDIR/times")) / 1000000)) -ge 2100 ]
}

@test "who leaves is called back no more, and leaves no program at work" {
	id=$(order hetzner cc-1)
	stand_in hcloud <<-EOF
		echo \$\$ >>"$BATS_TEST_TMPDIR/pids"
		exec sleep 60
	EOF
	for question in "get $id" "label $id 1" "create cc-2 cx23 fsn1 debian-12 $firewall $key" "create-firewall other" "list-at-once f1" "list-offers" \
		"find-key 00:11" "apply $firewall $id"; do
		fault '{"seconds": 30, "hang": 3}'
		for driver in hetzner hcloud; do
			# shellcheck disable=SC2086 # words
			[ -z "$(ASK_LEAVE_MS=100 PATH=$BATS_TEST_TMPDIR/bin:$PATH ask "$driver" $question)" ]
		done
		no_faults
	done
	[ "$(wc -l <"$BATS_TEST_TMPDIR/pids")" -eq 8 ]
	while read -r pid; do until_true 5 is_gone "$pid"; done <"$BATS_TEST_TMPDIR/pids"
}

is_gone() {
	! kill -0 "$1" 2>/dev/null
}
