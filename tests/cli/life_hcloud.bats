#!/usr/bin/env bats
# The life of an instance where the token is in a context of hcloud, and ccc has none.
# shellcheck disable=SC2030,SC2031,SC2154 # helper.bash and bats set what is used here

bats_require_minimum_version 1.5.0
load helper

setup() {
	command -v hcloud >/dev/null || skip "hcloud is not installed"
	start_simulator
	token=$HCLOUD_TOKEN
	unset HCLOUD_TOKEN
	write_context "$token"
	export CCC_CLOUD=hcloud
}

@test "from an empty project to gone" {
	ccc init >/dev/null
	[ "$(ccc init | grep -c 'Fleet .* is ready')" -eq 1 ]
	run --separate-stderr provision -o json
	[ "$status" -eq 0 ]
	id=$(jq -r .instanceId <<<"$output")
	[ "$(jq -r .status <<<"$output")" = running ]
	[ "$(servers)" -eq 1 ]

	before=$(ccc status "$id" -o json | jq -r .expiresAt)
	ccc extend "$id" --hours 24 2>/dev/null
	after=$(ccc status "$id" -o json | jq -r .expiresAt)
	[ $(($(date -d "$after" +%s) - $(date -d "$before" +%s))) -eq 86400 ]
	[ "$(hcloud server describe "cc-$id" -o json | jq -r '.labels["ccc-expires"]')" -eq "$(date -d "$after" +%s)" ]

	ccc suspend "$id" 2>/dev/null
	[ "$(hcloud server describe "cc-$id" -o json | jq '.public_net.firewalls | length')" -eq 1 ]
	[ "$(hcloud firewall list -o json | jq '[.[] | select(.labels["ccc-role"] == "isolated") | .applied_to[]] | length')" -eq 1 ]
	ccc unsuspend "$id" 2>/dev/null
	run ccc fsck
	[ "$status" -eq 0 ]
	[[ $output == "Nothing differs"* ]]

	run ccc reap
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(servers)" -eq 1 ]
	run --separate-stderr ccc deprovision "$id"
	[ "$status" -eq 0 ]
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
}

@test "reap ends what has expired by Hetzner's clock too, and only that" {
	ccc init >/dev/null
	provision >/dev/null
	ccc provision --email longer@example.com --ssh-key "$keys/ed25519.pub" --hours 24 >/dev/null
	run faketime -f +3800s ccc reap
	[ "$status" -eq 1 ]
	[[ $output == *"ahead of Hetzner's"* ]]
	[ "$(servers)" -eq 2 ]
	advance 3800
	run faketime -f +3800s ccc reap
	[ "$status" -eq 0 ]
	[ "$(servers)" -eq 1 ]
	[ "$(ccc list -o json | jq -r '.[].email')" = longer@example.com ]
	[ "$(jq '.fleet.rateLimit' "$CCC_STATE_DIR/instances.json")" -eq 3600 ]
}

@test "a create whose answer was lost, or whose ccc was killed, makes one server" {
	ccc init >/dev/null
	fault '{"match": {"method": "POST", "route": "/servers"}, "lose_answer": true}'
	provision >/dev/null
	[ "$(servers)" -eq 1 ]
	fault '{"match": {"method": "POST", "route": "/servers"}, "hang": 3}'
	ccc provision --email second@example.com --ssh-key "$keys/ed25519.pub" >/dev/null 2>&1 3>&- &
	pid=$!
	until_true 5 has_servers 2
	kill -9 "$pid"
	wait "$pid" || true
	run ccc resume
	[ "$status" -eq 0 ]
	[ "$(servers)" -eq 2 ]
	[ "$(ccc list -o json | jq -r '[.[].status] | unique | join(",")')" = running ]
}

has_servers() {
	[ "$(servers)" -eq "$1" ]
}

@test "no key is on a command line, no token in a file of ours or in a child's environment" {
	ccc init >/dev/null
	stand_in hcloud <<-EOF
		tr '\\0' '\\n' </proc/\$\$/cmdline >>"$BATS_TEST_TMPDIR/arguments"
		env >>"$BATS_TEST_TMPDIR/environment"
		"$(command -v hcloud)" "\$@" | tee -a "$BATS_TEST_TMPDIR/talk"
	EOF
	with_stand_ins ccc provision --email user@example.com --ssh-key "$keys/ed25519.pub" >/dev/null
	grep -q user-data-from-file "$BATS_TEST_TMPDIR/arguments"
	run grep -cE "PRIVATE|cloud-config|$token" "$BATS_TEST_TMPDIR/arguments"
	[ "$output" -eq 0 ]
	grep -qx "HCLOUD_CONFIG=$HCLOUD_CONFIG" "$BATS_TEST_TMPDIR/environment"
	run grep -cE "^(HCLOUD_TOKEN|CCC_|BATS_)|$token" "$BATS_TEST_TMPDIR/environment"
	[ "$output" -eq 0 ]
	grep -q "Authorization: REDACTED" "$BATS_TEST_TMPDIR/talk"
	run grep -c -- "$token" "$BATS_TEST_TMPDIR/talk"
	[ "$output" -eq 0 ]
	run grep -rlF -- "$token" "$CCC_STATE_DIR" "$HETZNER_SIM_DIR/none"
	[ -z "$output" ]
}

@test "it is never in doubt whose token is used" {
	HCLOUD_TOKEN=x refused_in_one_line 2 "HCLOUD_TOKEN is set, and by cloud = hcloud the token is that of hcloud's context; unset the one or the other" ccc init
	HCLOUD_CONTEXT=other refused_in_one_line 2 "HCLOUD_CONTEXT is 'other', and hcloud has no such context" ccc init
	HCLOUD_CONFIG=/nonexistent refused_in_one_line 2 "hcloud has no active context; 'hcloud context create NAME'" ccc init
	CCC_CLOUD=aws refused_in_one_line 2 "CCC_CLOUD is 'aws'; expected 'hetzner' or 'hcloud'" ccc init
	ln -s "$build/ccc" "$BATS_TEST_TMPDIR/ccc"
	PATH=$BATS_TEST_TMPDIR refused_in_one_line 1 "cannot find the program 'hcloud' in PATH; install it" "$build/ccc" init
	[ "$(curl -s "$HETZNER_SIM/requests" | jq .total)" -eq 0 ]
	HCLOUD_CONTEXT=fleet ccc init >/dev/null
}

@test "doctor says which driver, program and context are used" {
	ccc init >/dev/null
	run ccc doctor
	[ "$status" -eq 0 ]
	[[ $output == *"ok       driver           hcloud: the program '$(command -v hcloud)' asks, with the token of its context 'fleet'; of its version it says: $(hcloud version)"* ]]
	[[ $output == *"ok       token            it is accepted"* ]]
	[[ $output == *"ok       clock            "* ]]
	CCC_CLOUD=hetzner HCLOUD_TOKEN=$token run ccc doctor
	[ "$status" -eq 0 ]
	[[ $output == *"ok       driver           hetzner: "* ]]
	write_context wrong
	run ccc doctor
	[ "$status" -eq 1 ]
	[[ $output == *"failure  token            "*"refused the token"*"hcloud context list"* ]]
	HCLOUD_CONTEXT=other run ccc doctor
	[ "$status" -eq 2 ]
	[[ $output == *"failure  driver           HCLOUD_CONTEXT is 'other'"* ]]
}

@test "what an order would cost is told without a currency that nobody named" {
	ccc init >/dev/null
	run provision --dry-run -o json
	[ "$status" -eq 0 ]
	[ "$(jq -r .currency <<<"$output")" = "?" ]
	[ "$(jq -r '.choices | length > 0' <<<"$output")" = true ]
}
