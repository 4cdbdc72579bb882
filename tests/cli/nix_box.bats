#!/usr/bin/env bats
# The box of nix/: what can be known of it without building it. Where NIXPKGS and DISKO name
# folders with the sources of the two (of Nix 2.8 and newer kinds), the whole system is
# evaluated; NIXPKGS_OVERLAY may name a file that stands in for packages they lack.
# shellcheck disable=SC2016,SC2154 # what is quoted is meant literally; variables of evaluation.bash

bats_require_minimum_version 1.5.0
load evaluation

@test "every Nix file parses and keeps its form" {
	check=$BATS_TEST_DIRNAME/../../tools/check-nix
	run -0 "$check"
	cd "$BATS_TEST_TMPDIR"
	printf '{\n  a = 1;\n}\n' >good.nix
	run -0 "$check" good.nix
	for bad in '{\n  a = ;\n}\n' '{\n\ta = 1;\n}\n' '{\n  a = 1; \n}\n' '{\n   a = 1;\n}\n' '{\n  a = 1;\n}' '{\n  a = 1;\n}\n\n' \
		'{\r\n}\n' "{\n  # $(printf '%0120d' 0)\n}\n"; do
		printf "$bad" >bad.nix
		run ! "$check" good.nix bad.nix
	done
}

@test "both inputs are pinned by revision and hash" {
	pins=$(pure --arg lock "$box/flake.lock" -E '{ lock }: let
		nodes = (builtins.fromJSON (builtins.readFile lock)).nodes;
		pinned = name: builtins.match "[0-9a-f]{40}" nodes.${name}.locked.rev != null
			&& builtins.match "sha256-[A-Za-z0-9+/]{43}=" nodes.${name}.locked.narHash != null;
	in [ (pinned "nixpkgs") (pinned "disko") ]')
	[ "$pins" = '[true,true]' ]
}

# broken [OPTION...]: the promises that the box of $instance breaks
broken() {
	"$box_tests/broken" "$BATS_TEST_TMPDIR/facts.json" "${sources[@]}" "$@"
}

@test "the whole system evaluates and keeps its promises" {
	need_sources
	good ".sshKeys += [\"$(key rsa4096)\"]" >"$instance"
	run -0 broken
	echo "$output"
	[ "$output" = '[]' ]
}

@test "without an operator's key nobody logs in as root" {
	need_sources
	good 'del(.operatorKeys)' >"$instance"
	run -0 broken
	echo "$output"
	[ "$output" = '[]' ]
	jq -e '.sshd.AllowUsers == ["claude"] and .sshd.PermitRootLogin == "no"' "$BATS_TEST_TMPDIR/facts.json"
}

@test "the form that is one for all evaluates too, keeps its promises, and is the same for two instances" {
	need_sources
	form=(--arg form "$box/shared")
	good >"$instance"
	run -0 broken "${form[@]}"
	echo "$output"
	[ "$output" = '[]' ]
	jq -e .shared "$BATS_TEST_TMPDIR/facts.json"
	derivations() {
		nix-instantiate "$box/shared" "${sources[@]}" --store "$BATS_TEST_TMPDIR/store" -A toplevel -A diskoScript 2>/dev/null
	}
	one=$(derivations)
	[ "$(wc -l <<<"$one")" -eq 2 ]
	good ".sshKeys = [\"$(key rsa4096)\", \"$(key rsa3072)\"] | .instanceId = \"d4e5f6\" | .expiresAt = 1893999999 | .operatorKeys = [] |
		.operatorAccess = \"commands\"" >"$instance"
	[ "$(derivations)" = "$one" ]
	# what a machine would refuse is refused before there is one
	good '.sshKeys[0] += "\nssh-ed25519 AAAA"' >"$instance"
	run nix-instantiate "$box/shared" "${sources[@]}" -A toplevel
	[ "$status" -ne 0 ]
	[[ $output == *ccc.instance.sshKeys* ]]
}

@test "a bug is planted for every promise of the box" {
	"$box_tests/plant" --check
}

# Most of a system is built once, and only its parameters anew.
@test "two instances differ in eight small derivations at most" {
	need_sources
	store=(--store "$BATS_TEST_TMPDIR/store")
	derivations() {
		nix-instantiate "$box" "${sources[@]}" "${store[@]}" -A toplevel -A diskoScript >"$1" 2>"$1.log"
		nix-store "${store[@]}" -qR "$(head -n 1 "$1")" | LC_ALL=C sort >"$1.all"
	}
	good >"$instance"
	derivations "$BATS_TEST_TMPDIR/one"
	good ".sshKeys = [\"$(key rsa4096)\", \"$(key rsa3072)\"] | .instanceId = \"d4e5f6\" | .expiresAt = 1893999999" >"$instance"
	derivations "$BATS_TEST_TMPDIR/other"
	cd "$BATS_TEST_TMPDIR"
	LC_ALL=C comm -13 one.all other.all >anew
	echo "$(wc -l <other.all) in all, built anew:" && cat anew
	[ "$(wc -l <other.all)" -gt 1000 ]
	[ "$(wc -l <anew)" -ge 1 ]
	[ "$(wc -l <anew)" -le 8 ]
	[ "$(tail -n 1 one)" = "$(tail -n 1 other)" ]
	[ "$(head -n 1 one)" != "$(head -n 1 other)" ]
}

@test "a wrong parameter is an error that names it" {
	need_sources
	wrong() {
		good "$2" >"$instance"
		run nix-instantiate "$box" "${sources[@]}" -A toplevel
		[ "$status" -ne 0 ]
		[[ $output == *"$1"* ]]
	}
	wrong ccc.instance.sshKeys '.sshKeys[0] += "\nssh-ed25519 AAAA"'
	wrong ccc.instance.sshKeys '.sshKeys = []'
	wrong ccc.instance.operatorKeys '.operatorKeys = ["${x}"]'
	wrong ccc.instance.email '.email = "user@example.com"'
	wrong ccc.instance.instanceId '.instanceId = "A1B2C3"'
}

@test "the flake makes the same box, an example, ccc and a shell" {
	need_sources
	good 'del(.operatorKeys)' >"$instance"
	box_drv=$(nix-instantiate "$box" "${sources[@]}" -A toplevel)
	nix-instantiate --eval --strict --json "$box_tests/flake.nix" "${sources[@]}" >"$BATS_TEST_TMPDIR/flake"
	run -0 jq -r '.module, .byParameters, .byFile' "$BATS_TEST_TMPDIR/flake"
	[ "$output" = "$box_drv"$'\n'"$box_drv"$'\n'"$box_drv" ]
	jq -e '(.example | test("-nixos-system-cc-a1b2c3-.*\\.drv$")) and .example != .module and .exampleOpensTo == []' "$BATS_TEST_TMPDIR/flake"
	jq -e --arg shared "$(nix-instantiate "$box/shared" "${sources[@]}" -A toplevel)" '.shared == $shared' "$BATS_TEST_TMPDIR/flake"
	jq -e '(.ccc | test("-ccc-[0-9.]+\\.drv$")) and .standard == .ccc and (.shell | test("-nix-shell\\.drv$"))' "$BATS_TEST_TMPDIR/flake"
}

@test "the test that boots the box evaluates" {
	need_sources
	run -0 --separate-stderr nix-instantiate "$box_tests/vm.nix" "${sources[@]}"
	[[ $output == *-vm-test-run-ccc-box.drv ]]
}
