#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# What Nix evaluated and built for an instance is kept from garbage collection while it lives, and no
# longer; and a box that Nix can't evaluate costs nothing. It needs Nix, root and port 22 of loopback addresses.

bats_require_minimum_version 1.5.0
load helper
load hosts

setup() {
	real_machines
	start_simulator --hosts sshd
	ccc init >/dev/null
}

# roots_of PATH: the links that keep it, of this test
roots_of() {
	nix-store --query --roots "$1" 2>/dev/null | sed -n "s|^$CCC_STATE_DIR/\(.*\) -> .*|\1|p" | sort
}

@test "what was built for an instance lives and goes with it" {
	provision >/dev/null 2>&1
	id=$(only_id)
	system=$(member systemPath) disko=$(member diskoPath)
	derivation=$(nix-store --query --deriver "$system")
	[ "$(roots_of "$system")" = "instances/$id/result" ]
	[ "$(roots_of "$disko")" = "instances/$id/result-2" ]
	roots_of "$derivation" | grep -qx "instances/$id/derivation"
	run nix-store --delete "$system"
	[ "$status" -ne 0 ]
	[ -d "$system" ]
	ccc deprovision "$id" >/dev/null 2>&1
	[ -z "$(roots_of "$system")$(roots_of "$disko")$(roots_of "$derivation")" ]
	nix-store --delete "$system" "$derivation" >/dev/null 2>&1
	[ ! -e "$system" ]
}

@test "a box that Nix can't evaluate is told with Nix's reason, and no server is made" {
	cp -R "$CCC_BOX/.." "$BATS_TEST_TMPDIR/sim-copy"
	cp -R "$CCC_BOX/../../nix" "$BATS_TEST_TMPDIR/nix"
	box=$BATS_TEST_TMPDIR/sim-copy/box
	sed -i 's/^  parameters = import/  parameters = imp0rt/' "$box/default.nix"
	CCC_BOX=$box run provision
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"ccc: instance '"*"': the box '$box' can't be evaluated: undefined variable 'imp0rt'; what was begun is undone and nothing is left at Hetzner" ]]
	sed -i 's/^  parameters = imp0rt/  parameters = import/' "$box/default.nix"
	sed -i 's/\[0-9a-f\]{6}/[g-z]{6}/' "$BATS_TEST_TMPDIR/nix/parameters.nix" # a file beside the box
	CCC_BOX=$box run provision
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"can't be evaluated: instance: ccc.instance.instanceId must be six lower-case hexadecimal digits; what"* ]]
	[ "$(curl -s "$HETZNER_SIM/requests" | jq -c '.routes["POST /servers"]')" = null ]
	[ "$(ccc list -o json)" = "[]" ]
}
