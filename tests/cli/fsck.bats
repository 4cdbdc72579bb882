#!/usr/bin/env bats
# ccc fsck and ccc init --adopt: what differs is found, what is proven is mended, and nobody else's is touched.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator --projects 2
	ccc init >/dev/null
	fleet=$(jq -r .fleet.id "$CCC_STATE_DIR/instances.json")
}

# kinds: what fsck finds, by blanks
kinds() {
	ccc fsck -o json 2>/dev/null | jq -r '[.findings[].kind] | join(" ")'
}

# make_server NAME INSTANCE NONCE [EXPIRES]: with this fleet's labels, but not by ccc
make_server() {
	hcloud server create --name "$1" --type cx23 --image debian-12 --firewall "ccc-$fleet" --label managed-by=ccc --label "ccc-fleet=$fleet" \
		--label "ccc-instance=$2" --label "ccc-nonce=$3" --label "ccc-expires=${4-4000000000}" >/dev/null
}

# leak: a server that is made late, when its request was given up for good
leak() {
	fault '{"match": {"method": "POST", "route": "/servers"}, "times": 1, "hang": 2, "answer": {"status": 503, "code": "unavailable", "message": "later"}}'
	ccc provision --email user@example.com --ssh-key "$keys/ed25519.pub" --hours 1 >/dev/null 2>&1 3>&- &
	local pid=$!
	for _ in $(seq 100); do
		[ "$(curl -s "$HETZNER_SIM/requests" | jq '.routes["POST /servers"]')" = null ] || break
		sleep 0.05
	done
	kill -9 "$pid"
	wait "$pid" || true
	id=$(only_id)
	nonce=$(jq -r '.instances[].nonce' "$CCC_STATE_DIR/instances.json")
	for _ in $(seq 50); do
		ccc deprovision "$id" 2>&1 | grep -q 'once more' && break
		sleep 0.1
	done
	advance 700
	faketime -f +700s ccc reap >/dev/null
	[ "$(ccc list -o json)" = "[]" ]
	make_server "cc-$id" "$id" "$nonce"
}

@test "a fleet in order has nothing to say, and strangers are counted" {
	provision >/dev/null
	hcloud server create --name web --type cx23 --image debian-12 >/dev/null
	before=$(sha256sum "$CCC_STATE_DIR/instances.json")
	curl -s -X DELETE "$HETZNER_SIM/requests" >/dev/null
	run ccc fsck
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "Nothing differs: 1 instance, fleet $fleet." ]
	[ "${lines[1]}" = "Not this fleet's, and left alone: 1 server, 2 primary IPs." ]
	[ "$(curl -s "$HETZNER_SIM/requests" | jq -r '.routes | keys | join(", ")')" = \
		"GET /firewalls, GET /firewalls/{id}, GET /images, GET /pricing, GET /primary_ips, GET /servers, GET /ssh_keys" ]
	[ "$(curl -s "$HETZNER_SIM/requests" | jq .total)" -eq 7 ]
	[ "$before" = "$(sha256sum "$CCC_STATE_DIR/instances.json")" ]
}

@test "a server that came after its request was given up is ended, with what it costs" {
	leak
	run --separate-stderr faketime -f +700s ccc fsck -o json
	[ "$status" -eq 1 ]
	[ "$(jq -r '.findings[0].kind' <<<"$output")" = leaked-server ]
	[ "$(jq -r '.findings[0].instanceId' <<<"$output")" = "$id" ]
	[ "$(jq -r .monthly <<<"$output")" = 5.99 ]
	[ "$(jq -r .currency <<<"$output")" = EUR ]
	run --separate-stderr faketime -f +700s ccc fsck --fix
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "mended   leaked-server $id"* ]]
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
	# it was ended like any other
	run jq -rs "[.[] | select(.instanceId == \"$id\") | .event] | .[-6:] | join(\" \")" "$CCC_STATE_DIR/history.jsonl"
	[ "$output" = "leaked deleting deleted gone forgotten" ] || [[ $output == *" leaked deleting deleted gone forgotten" ]]
}

@test "what only looks like ours is never touched" {
	provision >/dev/null
	id=$(only_id)
	nonce=$(jq -r '.instances[].nonce' "$CCC_STATE_DIR/instances.json")
	make_server web1 "$id" "$nonce"     # every label copied
	make_server cc-aaaaaa "$id" "$nonce" # and the form of the name
	make_server cc-bbbbbb bbbbbb ""
	hcloud server create --name cc-cccccc --type cx23 --image debian-12 --label managed-by=ccc --label ccc-fleet=ffffffff \
		--label ccc-instance=cccccc --label ccc-nonce=n >/dev/null
	[ "$(kinds)" = "duplicate-server duplicate-server unexplained-server" ]
	run ccc fsck --fix --yes
	[ "$status" -eq 1 ]
	[ "$(servers)" -eq 5 ]
	[ "$(ccc list -o json | jq length)" -eq 1 ]
	hcloud server delete web1 >/dev/null
	hcloud server delete cc-aaaaaa >/dev/null
	ccc deprovision "$id" >/dev/null
	make_server web1 "$id" "$nonce"
	make_server "cc-$id" "$id" "$nonce" # what ended was another server
	[ "$(kinds)" = "unexplained-server unexplained-server unexplained-server" ]
	run ccc fsck --fix --yes
	[ "$status" -eq 1 ]
	[ "$(servers)" -eq 4 ]
	[ "$(ccc list -o json)" = "[]" ]
}

@test "an unknown server of ours is adopted, and nothing but the operator's word ends it" {
	soon=$(($(date +%s) + 600))
	make_server cc-def456 def456 n1 "$soon"
	[ "$(kinds)" = unrecorded-server ]
	run --separate-stderr ccc fsck --fix
	[ "$status" -eq 1 ]
	[[ $output == *"mended   unrecorded-server def456: adopt it"* ]]
	[[ $output == *"warning  adopted, instance def456"* ]]
	[ "$(ccc list -o json | jq -r '.[0].status')" = adopted ]
	refused_in_one_line 4 "nobody knows whose it is; accept it first with: ccc extend def456 --hours H" ccc suspend def456
	advance 3600
	faketime -f +3600s ccc reap
	faketime -f +3600s ccc resume
	run --separate-stderr faketime -f +3600s ccc fsck --fix
	[ "$status" -eq 1 ]
	[[ $output == *"critical adopted-overdue, instance def456"* ]]
	[ "$(servers)" -eq 1 ]
	run --separate-stderr faketime -f +3600s ccc fsck --fix --yes
	[ "$status" -eq 0 ]
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
}

@test "an adopted machine that was accepted ends at its label's expiry" {
	make_server cc-def456 def456 n1 $(($(date +%s) + 600))
	run ccc fsck --fix --yes
	[ "$status" -eq 0 ]
	[ "$(servers)" -eq 1 ]
	[ "$(ccc list -o json | jq -r '.[0].status')" = running ]
	ccc reap
	[ "$(servers)" -eq 1 ]
	advance 700
	faketime -f +700s ccc reap
	[ "$(servers)" -eq 0 ]
}

@test "an adopted machine that is extended ends then, and its label says so" {
	expires=$(($(date +%s) + 600))
	make_server cc-def456 def456 n1 "$expires"
	ccc fsck --fix >/dev/null 2>&1 || true
	run ccc extend def456 --hours 1
	[ "$status" -eq 0 ]
	[[ $output == *"its host key is not known"* ]] || [[ $output == *"Its host key is not known"* ]]
	run hcloud server describe cc-def456 -o json
	[ "$(jq -r '.labels["ccc-expires"]' <<<"$output")" -eq $((expires + 3600)) ]
	run ccc fsck
	[ "$status" -eq 0 ]
	advance 5000
	faketime -f +5000s ccc reap
	[ "$(servers)" -eq 0 ]
}

@test "time that is added to the last time there is spoils no state" {
	make_server cc-def456 def456 n1 253402300799
	ccc fsck --fix >/dev/null || true
	ccc extend def456 --hours 24 >/dev/null 2>&1 || true
	[ "$(member expiresAt)" = 9999-12-31T23:59:59Z ]
	ccc list >/dev/null
}

@test "a wrong clock ends no adopted machine" {
	make_server cc-def456 def456 n1 $(($(date +%s) + 600))
	ccc fsck --fix >/dev/null 2>&1 || true
	run faketime -f +3600s ccc fsck --fix --yes
	[ "$status" -eq 1 ]
	[[ $output == *"ahead of Hetzner's"* ]]
	[ "$(servers)" -eq 1 ]
}

@test "the state directory is lost, and comes back from labels" {
	provision >/dev/null
	id=$(only_id)
	nonce=$(jq -r '.instances[].nonce' "$CCC_STATE_DIR/instances.json")
	expires=$(hcloud server describe "cc-$id" -o json | jq -r '.labels["ccc-expires"]')
	rm -r "$CCC_STATE_DIR"
	run ccc init --adopt --fleet ffffffff
	[ "$status" -eq 5 ]
	[[ $output == *"nothing was made"* ]]
	[ ! -e "$CCC_STATE_DIR" ]
	run --separate-stderr ccc init --adopt --fleet "$fleet"
	[ "$status" -eq 0 ]
	[[ $output == *"The operator's key is a new one"* ]]
	[ "$(hcloud ssh-key list -o noheader | wc -l)" -eq 2 ]
	[ "$(hcloud firewall list -o noheader | wc -l)" -eq 1 ]
	[ "$(kinds)" = "unrecorded-server spare-ssh-key" ]
	ccc fsck --fix >/dev/null 2>&1 || true
	run jq -c '.instances[] | [.instanceId, .nonce, .email, .status]' "$CCC_STATE_DIR/instances.json"
	[ "$output" = "[\"$id\",\"$nonce\",\"\",\"adopted\"]" ]
	[ "$(date -d "$(ccc list -o json | jq -r '.[0].expiresAt')" +%s)" -eq "$expires" ]
	run ccc ssh "$id"
	[ "$status" -eq 1 ]
	[[ $output == *"host key of instance '$id' is not known"* ]]
	run ccc deprovision "$id" --yes
	[ "$status" -eq 0 ]
	[ "$(servers)" -eq 0 ]
	provision >/dev/null # and the fleet goes on
}

@test "where nobody can be asked, an adopted machine is ended on a written yes only" {
	provision >/dev/null
	ours=$(only_id)
	make_server cc-def456 def456 n1
	ccc fsck --fix >/dev/null 2>&1 || true
	before=$(sha256sum "$CCC_STATE_DIR/instances.json")
	refused_in_one_line 4 "instance 'def456' was adopted, and nobody knows whose it is; if it is to end: ccc deprovision def456 --yes" \
		ccc deprovision "$ours" def456 </dev/null
	[ "$before" = "$(sha256sum "$CCC_STATE_DIR/instances.json")" ]
	run ccc deprovision def456 --dry-run </dev/null
	[ "$status" -eq 0 ]
	ccc deprovision def456 --yes </dev/null
	[ "$(servers)" -eq 1 ]
	# accepted, it is as any other
	make_server cc-fed654 fed654 n2
	ccc fsck --fix >/dev/null 2>&1 || true
	ccc extend fed654 --hours 1 >/dev/null 2>&1
	ccc deprovision "$ours" fed654 </dev/null
	[ "$(servers)" -eq 0 ]
}

@test "the state directory is lost, and who was suspended stays so until unsuspend" {
	provision >/dev/null
	id=$(only_id)
	ccc suspend "$id" >/dev/null
	isolated=$(jq .fleet.isolationFirewallId "$CCC_STATE_DIR/instances.json")
	walls() {
		hcloud server describe "cc-$id" -o json | jq -c '[.public_net.firewalls[].id]'
	}
	[ "$(walls)" = "[$isolated]" ]
	rm -r "$CCC_STATE_DIR"
	ccc init --adopt --fleet "$fleet" >/dev/null
	run --separate-stderr ccc fsck
	[[ $output == *"it is cut off by the isolating firewall, so it is adopted as suspended"* ]]
	ccc fsck --fix >/dev/null 2>&1 || true
	[ "$(kinds)" = "adopted spare-ssh-key" ]
	[ "$(ccc list -o json | jq -r '.[0] | "\(.status) \(.isolatedAt != null)"')" = "suspended true" ]
	[ "$(jq .fleet.isolationFirewallId "$CCC_STATE_DIR/instances.json")" -eq "$isolated" ]
	run --separate-stderr ccc status "$id"
	[[ $output == *"Status       suspended"*"it had the isolating firewall when it was adopted"* ]]
	refused_in_one_line 4 "nobody knows whose it is; accept it first with: ccc extend $id --hours H" ccc unsuspend "$id"
	ccc reap
	ccc extend "$id" --hours 1 >/dev/null
	ccc reap
	[ "$(walls)" = "[$isolated]" ]
	[ "$(kinds)" = spare-ssh-key ]
	ccc unsuspend "$id" >/dev/null
	[ "$(walls)" = "[$(jq .fleet.firewallId "$CCC_STATE_DIR/instances.json")]" ]
	[ "$(kinds)" = spare-ssh-key ]
}

@test "instances.json is lost, and who was suspended gets the fleet's firewall alone at unsuspend" {
	provision >/dev/null
	id=$(only_id)
	ccc suspend "$id" >/dev/null
	rm "$CCC_STATE_DIR/instances.json"
	ccc init --adopt --fleet "$fleet" >/dev/null
	ccc fsck --fix >/dev/null 2>&1
	[ "$(ccc list -o json | jq -r '.[0].status')" = suspended ]
	ccc unsuspend "$id" >/dev/null
	[ "$(hcloud server describe "cc-$id" -o json | jq -c '[.public_net.firewalls[].id]')" = "[$(jq .fleet.firewallId "$CCC_STATE_DIR/instances.json")]" ]
}

@test "who has the isolating firewall without being suspended is not called open" {
	provision >/dev/null
	id=$(only_id)
	ccc suspend "$id" >/dev/null
	ccc unsuspend "$id" >/dev/null
	hcloud firewall apply-to-resource --type server --server "cc-$id" "ccc-$fleet-isolated" >/dev/null
	hcloud firewall remove-from-resource --type server --server "cc-$id" "ccc-$fleet" >/dev/null
	[ "$(kinds)" = cut-off-server ]
	# each way out that is named
	[[ $(ccc fsck 2>/dev/null) == *"by hand: to leave it so: ccc suspend $id; to give its network back: the same, then ccc unsuspend $id"* ]]
	ccc suspend "$id" >/dev/null
	[ "$(kinds)" = "" ]
	ccc unsuspend "$id" >/dev/null
	[ "$(kinds)" = "" ]
	[ "$(hcloud server describe "cc-$id" -o json | jq -c '[.public_net.firewalls[].id]')" = "[$(jq .fleet.firewallId "$CCC_STATE_DIR/instances.json")]" ]
}

@test "instances.json is lost, and comes back from the history, whole" {
	provision --ref p1 >/dev/null
	id=$(only_id)
	ccc extend "$id" --hours 2 --ref p2 >/dev/null 2>&1
	jq -S '.instances[] | del(.revision)' "$CCC_STATE_DIR/instances.json" >"$BATS_TEST_TMPDIR/before"
	rm "$CCC_STATE_DIR/instances.json" "$CCC_STATE_DIR/instances/$id/known_hosts"
	run ccc list
	[ "$status" -eq 6 ]
	run --separate-stderr ccc init --adopt --fleet "$fleet"
	[ "$status" -eq 0 ]
	[[ $output != *"The operator's key is a new one"* ]]
	[ "$(kinds)" = lost-record ] # and its files are not called strays
	run --separate-stderr ccc fsck --fix
	[ "$status" -eq 0 ]
	[[ $output == *"mended   lost-record $id"* ]]
	[[ $output == *"mended   known-hosts-missing $id"* ]]
	jq -S '.instances[] | del(.revision)' "$CCC_STATE_DIR/instances.json" | diff "$BATS_TEST_TMPDIR/before" -
	run ccc ssh "$id" -- true
	[ "$status" -eq 0 ]
	ccc extend "$id" --hours 2 --ref p2 # was counted
	run jq -r '.instances[].paidSeconds' "$CCC_STATE_DIR/instances.json"
	[ "$output" -eq 10800 ]
	ccc deprovision "$id" >/dev/null
	[ "$(servers)" -eq 0 ]
}

@test "a fleet that was half adopted is completed in its own project only" {
	provision >/dev/null
	rm -r "$CCC_STATE_DIR"
	fault '{"match": {"method": "POST", "route": "/ssh_keys"}, "times": 1, "answer": {"status": 403, "code": "forbidden", "message": "no"}}'
	run ccc init --adopt --fleet "$fleet"
	[ "$status" -ne 0 ]
	[ -e "$CCC_STATE_DIR/instances.json" ]
	no_faults
	other=$(curl -s "$HETZNER_SIM/tokens" | jq -r '.tokens[1]')
	for words in "--adopt --fleet $fleet" ""; do
		# shellcheck disable=SC2086 # the words are several
		HCLOUD_TOKEN=$other run ccc init $words
		[ "$status" -eq 5 ]
		[[ $output == *"is not in this token's project"* ]]
		[ "$(HCLOUD_TOKEN=$other hcloud firewall list -o noheader | wc -l)" -eq 0 ]
		[ "$(HCLOUD_TOKEN=$other hcloud ssh-key list -o noheader | wc -l)" -eq 0 ]
	done
	ccc init >/dev/null
	[ "$(kinds)" = "unrecorded-server spare-ssh-key" ]
	ccc fsck --fix >/dev/null 2>&1 || true
	[ "$(ccc list -o json | jq -r '.[0].status')" = adopted ]
}

@test "what was done to a server behind our back is said, and how to mend it; nothing is changed" {
	provision >/dev/null
	id=$(only_id)
	hcloud server remove-label "cc-$id" ccc-nonce >/dev/null
	hcloud server enable-protection "cc-$id" delete rebuild >/dev/null
	hcloud server poweroff "cc-$id" >/dev/null
	hcloud server update --name mine "cc-$id" >/dev/null
	[ "$(kinds)" = "relabelled-server renamed-server protected-server server-off" ]
	run ccc fsck --fix --yes
	[ "$status" -eq 1 ]
	[ "$(servers)" -eq 1 ]
	# each advice is a command that works
	while read -r advice; do
		eval "$advice" >/dev/null
	done < <(ccc fsck -o json 2>/dev/null | jq -r '.findings[].advice')
	run ccc fsck
	[ "$status" -eq 0 ]
	ccc deprovision "$id" >/dev/null
	[ "$(servers)" -eq 0 ]
}

@test "a suspended machine is in order, and is not when it has its network back" {
	provision >/dev/null
	id=$(only_id)
	ccc suspend "$id" >/dev/null
	run ccc fsck
	[ "$status" -eq 0 ]
	hcloud firewall apply-to-resource --type server --server "cc-$id" "ccc-$fleet" >/dev/null
	[ "$(kinds)" = open-server ]
	[[ $(ccc fsck 2>/dev/null) == *"it has firewall $(jq .fleet.firewallId "$CCC_STATE_DIR/instances.json") beside the isolating one"* ]]
	eval "$(ccc fsck -o json 2>/dev/null | jq -r '.findings[0].advice')" >/dev/null
	[ "$(kinds)" = "" ]
	ccc unsuspend "$id" >/dev/null
	run ccc fsck
	[ "$status" -eq 0 ]
}

@test "keys of an adopted machine are not known, and so not changed" {
	make_server cc-def456 def456 n1
	ccc fsck --fix >/dev/null 2>&1 || true
	run ccc keys def456 --add "$keys/ed25519.pub"
	[ "$status" -eq 4 ]
	[[ $output == *"neither its keys nor its host key are known"* ]]
}

@test "a server that vanished is known to be gone by its id, not by a list" {
	provision >/dev/null
	id=$(only_id)
	hcloud server remove-label "cc-$id" managed-by >/dev/null # no list of the fleet has it now
	[ "$(kinds)" = "relabelled-server" ]
	hcloud server delete "cc-$id" >/dev/null
	[ "$(kinds)" = "vanished-server" ]
	run ccc fsck --fix --yes
	[ "$status" -eq 1 ]
	[ "$(ccc list -o json | jq length)" -eq 1 ]
	ccc deprovision "$id" >/dev/null
	run ccc fsck
	[ "$status" -eq 0 ]
}

@test "half an answer makes no finding" {
	provision >/dev/null
	for route in /firewalls/{id} /servers /firewalls /ssh_keys /primary_ips /images /pricing; do
		fault "{\"match\": {\"method\": \"GET\", \"route\": \"$route\"}, \"times\": 1, \"answer\": {\"status\": 403, \"code\": \"forbidden\", \"message\": \"no\"}}"
		run --separate-stderr ccc fsck --fix --yes
		[ "$status" -eq 5 ]
		[ -z "$output" ]
	done
	hcloud server delete "cc-$(only_id)" >/dev/null
	fault '{"match": {"method": "GET", "route": "/servers/{id}"}, "times": 1, "answer": {"status": 403, "code": "forbidden", "message": "no"}}'
	run --separate-stderr ccc fsck
	[ "$status" -eq 5 ]
	[ -z "$output" ]
}

@test "another project's token changes nothing" {
	provision >/dev/null
	other=$(curl -s "$HETZNER_SIM/tokens" | jq -r '.tokens[1]')
	before=$(sha256sum "$CCC_STATE_DIR/instances.json")
	HCLOUD_TOKEN=$other run ccc fsck --fix --yes
	[ "$status" -eq 5 ]
	[[ $output == *"use the token of the project"* ]]
	[ "$before" = "$(sha256sum "$CCC_STATE_DIR/instances.json")" ]
	HCLOUD_TOKEN=$other run hcloud firewall list -o noheader
	[ -z "$output" ]
}

@test "the anchor and the operator's key are registered anew" {
	provision >/dev/null
	id=$(only_id)
	hcloud firewall remove-from-resource --type server --server "cc-$id" "ccc-$fleet" >/dev/null
	hcloud firewall delete "ccc-$fleet" >/dev/null
	run ccc reap
	[ "$status" -eq 5 ]
	[[ $output == *"if it was deleted there, make it anew: ccc fsck --fix"* ]]
	hcloud ssh-key delete "ccc-$fleet" >/dev/null
	[ "$(kinds)" = "anchor-missing operator-key-missing" ]
	run ccc fsck --fix
	[ "$status" -eq 1 ]
	[ "$(hcloud ssh-key list -o noheader | wc -l)" -eq 1 ]
	[ "$(hcloud firewall list -o noheader | wc -l)" -eq 1 ]
	[ "$(kinds)" = open-server ] # which had the old one
	eval "$(ccc fsck -o json 2>/dev/null | jq -r '.findings[0].advice')" >/dev/null
	run ccc fsck
	[ "$status" -eq 0 ]
	ccc deprovision "$id" >/dev/null
	provision >/dev/null
	[ "$(servers)" -eq 1 ]
}

@test "the anchor was relabelled: it is not gone, and what puts its labels back is said" {
	provision >/dev/null
	id=$(only_id)
	hcloud firewall remove-label "ccc-$fleet" ccc-fleet >/dev/null
	hcloud firewall add-label "ccc-$fleet" ccc-role=isolated >/dev/null
	anchor=$(jq .fleet.firewallId "$CCC_STATE_DIR/instances.json")
	run ccc reap
	[ "$status" -eq 5 ]
	[[ $output == *"firewall $anchor is there without the labels of fleet '$fleet'; put them back: hcloud firewall add-label --overwrite $anchor managed-by=ccc; hcloud firewall add-label --overwrite $anchor ccc-fleet=$fleet" ]]
	[ "$(kinds)" = relabelled-anchor ]
	run ccc fsck --fix
	[ "$status" -eq 1 ]
	[[ $output != *"Not this fleet's"*"firewall"* ]]
	eval "$(ccc fsck -o json 2>/dev/null | jq -r '.findings[0].advice')" >/dev/null
	run ccc fsck
	[ "$status" -eq 0 ]
	ccc reap
	# another one took its name, and has no labels
	hcloud firewall remove-from-resource --type server --server "cc-$id" "ccc-$fleet" >/dev/null
	hcloud firewall delete "ccc-$fleet" >/dev/null
	hcloud firewall create --name "ccc-$fleet" >/dev/null
	run ccc fsck --fix
	[ "$status" -eq 1 ]
	advice="hcloud firewall add-label --overwrite ccc-$fleet managed-by=ccc; hcloud firewall add-label --overwrite ccc-$fleet ccc-fleet=$fleet"
	[[ $output == *"anchor-missing"*"is not mended: "*"firewall ccc-$fleet is there without the labels of fleet '$fleet'; put them back: $advice"* ]]
	eval "$advice" >/dev/null
	ccc fsck --fix || true
	[[ " $(kinds) " != *" anchor-missing "* ]]
}

# operator_advice: what fsck says when files of the operator's key are missing, and nothing else
operator_advice() {
	ccc fsck -o json 2>/dev/null | jq -r '.findings[] | select(.kind == "operator-file-missing") | .advice'
}

@test "the public half of the operator's key is missing, and is made from the private one" {
	provision >/dev/null
	operator=$(sha256sum <"$CCC_STATE_DIR/keys/operator")
	public=$(cut -d ' ' -f 1,2 "$CCC_STATE_DIR/keys/operator.pub")
	rm "$CCC_STATE_DIR/keys/operator.pub"
	[ "$(kinds)" = operator-file-missing ]
	[ "$(operator_advice)" = "make it from the private half: ccc init" ]
	ccc init >/dev/null
	[ "$operator" = "$(sha256sum <"$CCC_STATE_DIR/keys/operator")" ]
	[ "$public" = "$(cut -d ' ' -f 1,2 "$CCC_STATE_DIR/keys/operator.pub")" ]
	[ "$(hcloud ssh-key list -o noheader | wc -l)" -eq 1 ]
	[ "$(kinds)" = "" ]
	ccc ssh "$(only_id)" -- true
}

@test "the operator's key is lost, and a new one is made and registered" {
	provision >/dev/null
	old=$(jq .fleet.sshKeyId "$CCC_STATE_DIR/instances.json")
	rm "$CCC_STATE_DIR/keys/operator"
	[ "$(kinds)" = operator-file-missing ]
	[[ $(operator_advice) == *"put keys/operator back from a copy"*"remove keys/operator.pub, and make a new one: ccc init" ]]
	run ccc init
	[ "$status" -eq 6 ]
	rm "$CCC_STATE_DIR/keys/operator.pub"
	[[ $(operator_advice) == *"make a new one: ccc init" ]]
	fault '{"match": {"method": "POST", "route": "/ssh_keys"}, "answer": {"status": 403, "code": "forbidden", "message": "no"}}'
	run ccc init # which made the files, and is done by the next
	[ "$status" -eq 5 ]
	run --separate-stderr ccc init
	[ "$status" -eq 0 ]
	[[ $output == *"is registered now, in the place of another"* ]]
	[ "$(jq .fleet.sshKeyId "$CCC_STATE_DIR/instances.json")" -ne "$old" ]
	[ "$(kinds)" = spare-ssh-key ] # of the old one
	ccc provision --email other@example.com --ssh-key "$keys/ed25519.pub" --hours 1 >/dev/null
	ccc ssh "$(ccc list -o json | jq -r '.[] | select(.email == "other@example.com").instanceId')" -- true
}

@test "a fleet that was adopted is not in order before fsck --fix compared it" {
	provision >/dev/null
	rm -r "$CCC_STATE_DIR"
	ccc init --adopt --fleet "$fleet" >/dev/null
	for _ in 1 2; do
		run ccc health
		[ "$status" -eq 2 ]
		[[ $output == *"critical uncompared-state: "*"; run: ccc fsck --fix"* ]]
		ccc fsck >/dev/null || true
	done
	ccc fsck --fix >/dev/null || true
	run ccc health
	[[ $output == "OK - 1 instance, "* ]]
	ccc fsck --fix >/dev/null || true
	ccc init >/dev/null
	run ccc health
	[ "$status" -eq 0 ]
}

@test "another operator key than the registered one is seen, and neither is to be deleted" {
	provision >/dev/null
	cp -a "$CCC_STATE_DIR/keys" "$BATS_TEST_TMPDIR/old"
	rm "$CCC_STATE_DIR"/keys/operator*
	run --separate-stderr ccc init
	[[ $output == *"The operator's key is a new one: the way by 'ccc ssh' into machines made before is lost with the old one."* ]]
	[ "$(kinds)" = spare-ssh-key ]
	new=$(jq -r .fleet.sshKeyFingerprint "$CCC_STATE_DIR/instances.json")
	cp -a "$BATS_TEST_TMPDIR"/old/* "$CCC_STATE_DIR/keys/"
	[ "$(kinds)" = operator-key-differs ]
	run ccc fsck
	[[ $output == *"keys/operator.pub is MD5:"*"registered is MD5:$new"*"by hand: a machine is reached with the key that it was made with: "*"or register the one that lies there, for new machines: ccc init"* ]]
	run ccc doctor
	[ "$status" -eq 1 ]
	[[ $output == *"failure  operator key     keys/operator.pub is MD5:"*"registered is MD5:$new; "*": ccc init"* ]]
	run ccc init --dry-run
	[[ $output == "would complete fleet $fleet in "* ]]
	# the way out that they name
	run --separate-stderr ccc init
	[ "$status" -eq 0 ]
	[[ $output == *"The operator's key in keys/ is registered now, in the place of another (MD5:$new): machines that were made with that one are reached with it alone."* ]]
	ccc ssh "$(only_id)" -- true
	[ "$(kinds)" = spare-ssh-key ] # of the one in between
	run ccc doctor
	[ "$status" -eq 0 ]
}

@test "what could not be proven gone for want of the anchor is proven with the new one" {
	provision >/dev/null
	id=$(only_id)
	hcloud firewall remove-from-resource --type server --server "cc-$id" "ccc-$fleet" >/dev/null
	hcloud firewall delete "ccc-$fleet" >/dev/null
	run ccc deprovision "$id"
	[ "$status" -eq 7 ]
	[ "$(ccc list -o json | jq length)" -eq 1 ]
	[ "$(kinds)" = anchor-missing ] # the operator's key proves the project now
	run ccc fsck --fix
	[ "$status" -eq 0 ]
	ccc resume
	[ "$(ccc list -o json)" = "[]" ]
}

@test "a snapshot with our label is told with its price" {
	provision >/dev/null
	hcloud server create-image "cc-$(only_id)" --type snapshot --description kept --label managed-by=ccc --label "ccc-fleet=$fleet" >/dev/null
	run --separate-stderr ccc fsck -o json
	[ "$status" -eq 1 ]
	[ "$(jq -r '.findings[0].kind' <<<"$output")" = kept-snapshot ]
	size=$(hcloud image list --type snapshot -o json | jq '.[0].image_size')
	[ "$(jq -r .monthly <<<"$output")" = "$(awk "BEGIN { v = sprintf(\"%.6f\", 0.0143 * $size); sub(/0+\$/, \"\", v); print v }")" ]
}

@test "files that belong to nothing go, and only those" {
	provision >/dev/null
	id=$(only_id)
	ccc provision --email other@example.com --ssh-key "$keys/ed25519.pub" --hours 1 >/dev/null
	other=$(ccc list -o json | jq -r '.[] | select(.email == "other@example.com").instanceId')
	ccc deprovision "$other" >/dev/null
	mkdir "$CCC_STATE_DIR/instances/$other" "$CCC_STATE_DIR/instances/fedcba"
	touch "$CCC_STATE_DIR/locks/$other" "$CCC_STATE_DIR/.instances.json.1a2b3c4d.tmp" "$CCC_STATE_DIR/instances/$id/.known_hosts.1a2b3c4d.tmp"
	rm "$CCC_STATE_DIR/instances/$id/known_hosts"
	[ "$(kinds)" = "known-hosts-missing stray-folder stray-folder stray-lock stray-temporary stray-temporary" ]
	run ccc fsck --fix
	[ "$status" -eq 1 ]
	[ "$(kinds)" = stray-folder ]
	[ -d "$CCC_STATE_DIR/instances/fedcba" ] # nobody knows what it is
	run ccc ssh "$id" -- true
	[ "$status" -eq 0 ]
	rmdir "$CCC_STATE_DIR/instances/fedcba"
	run ccc fsck
	[ "$status" -eq 0 ]
}

@test "a state that was edited, or put back from an old copy, is told from its history" {
	provision >/dev/null
	id=$(only_id)
	cp "$CCC_STATE_DIR/instances.json" "$BATS_TEST_TMPDIR/old"
	jq ".instances[\"$id\"].email = \"else@example.com\"" "$BATS_TEST_TMPDIR/old" >"$CCC_STATE_DIR/instances.json"
	[ "$(kinds)" = edited-record ]
	cp "$BATS_TEST_TMPDIR/old" "$CCC_STATE_DIR/instances.json"
	for hours in 1 2; do
		ccc extend "$id" --hours "$hours" >/dev/null 2>&1
	done
	cp "$BATS_TEST_TMPDIR/old" "$CCC_STATE_DIR/instances.json"
	[ "$(kinds)" = stale-state ]
	# the way out that it names
	rm "$CCC_STATE_DIR/instances.json"
	ccc init --adopt --fleet "$fleet" >/dev/null
	run ccc fsck --fix
	[ "$status" -eq 0 ]
	[ "$(jq -r '.instances[].paidSeconds' "$CCC_STATE_DIR/instances.json")" -eq 14400 ]
}

# at_terminal ANSWER COMMAND...: with standard input and error on a terminal
at_terminal() {
	local answer=$1
	shift
	printf '%s\n' "$answer" | timeout 30 script -qec "$*" /dev/null
}

@test "at a terminal it asks" {
	make_server cc-def456 def456 n1 1
	run at_terminal n ccc fsck --fix
	[[ $output == *"unrecorded-server def456 ("*"adopt it"*"[y/N]"* ]]
	[ "$(ccc list -o json)" = "[]" ]
	run at_terminal y ccc fsck --fix # the first question is answered, the second is not
	[ "$(ccc list -o json | jq -r '.[0].status')" = adopted ]
	[ "$(servers)" -eq 1 ]
	run at_terminal y ccc fsck --fix
	[[ $output == *"adopted-overdue def456"*"nobody knows whose it is"*"[y/N]"* ]]
	[ "$(servers)" -eq 0 ]
}

@test "a dry run changes nothing, whatever else is given" {
	make_server cc-def456 def456 n1 1
	before=$(cat "$CCC_STATE_DIR/instances.json")
	run ccc fsck --fix --yes --dry-run
	[ "$status" -eq 1 ]
	[[ $output == *"unrecorded-server, instance def456"* ]]
	[ "$before" = "$(cat "$CCC_STATE_DIR/instances.json")" ]
	[ "$(servers)" -eq 1 ]
}

@test "the command lines" {
	run ccc fsck --yes
	[ "$status" -eq 2 ]
	run ccc init --adopt
	[ "$status" -eq 2 ]
	run ccc init --fleet "$fleet"
	[ "$status" -eq 2 ]
	run ccc init --adopt --fleet XYZ
	[ "$status" -eq 4 ]
	run ccc init --adopt --fleet ffffffff
	[ "$status" -eq 6 ]
	[[ $output == *"is the state of fleet '$fleet'"* ]]
	run ccc init --adopt --fleet "$fleet"
	[ "$status" -eq 0 ]
}
