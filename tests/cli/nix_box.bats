#!/usr/bin/env bats
# The box of nix/: what can be known of it without building it. Where NIXPKGS and DISKO name
# folders with the sources of the two (of Nix 2.8 and newer kinds), the whole system is
# evaluated; NIXPKGS_OVERLAY may name a file that stands in for packages they lack.
# shellcheck disable=SC2016 # what is quoted is meant literally

bats_require_minimum_version 1.5.0

setup() {
	box=$BATS_TEST_DIRNAME/../../nix
	facts=$BATS_TEST_DIRNAME/../nix
	keys=$BATS_TEST_DIRNAME/../fixtures/keys
	instance=$BATS_TEST_TMPDIR/instance.json
	export NIX_CONFIG='build-users-group =
sandbox = false
substituters =
experimental-features = nix-command flakes'
}

pure() {
	nix-instantiate --store dummy:// --eval --strict --json "$@"
}

key() {
	cut -d ' ' -f 1,2 "$keys/$1.pub"
}

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

need_sources() {
	[[ -n ${NIXPKGS:-} && -n ${DISKO:-} ]] || skip 'NIXPKGS and DISKO name no sources of nixpkgs and disko to evaluate with'
	sources=(--arg nixpkgs "$NIXPKGS" --arg disko "$DISKO" --argstr instanceFile "$instance")
	[ -z "${NIXPKGS_OVERLAY:-}" ] || sources+=(--arg overlays "[ (import $NIXPKGS_OVERLAY) ]")
}

# parameters KEYS [MORE]: writes an instance.json
parameters() {
	printf '{"instanceId": "a1b2c3", "expiresAt": 1893456000, "sshKeys": %s%s}' "$1" "${2:-}" >"$instance"
}

# broken: the promises that the box of $instance breaks
broken() {
	"$facts/broken" "$BATS_TEST_TMPDIR/facts.json" "${sources[@]}"
}

@test "the whole system evaluates and keeps its promises" {
	need_sources
	parameters "[\"$(key ed25519)\", \"$(key rsa4096)\"]" ", \"operatorKeys\": [\"$(key sk-ed25519)\"]"
	run -0 broken
	echo "$output"
	[ "$output" = '[]' ]
}

@test "without an operator's key nobody logs in as root" {
	need_sources
	parameters "[\"$(key ed25519)\"]"
	run -0 broken
	echo "$output"
	[ "$output" = '[]' ]
	jq -e '.sshd.AllowUsers == ["claude"] and .sshd.PermitRootLogin == "no"' "$BATS_TEST_TMPDIR/facts.json"
}

@test "a bug is planted for every promise of the box" {
	"$facts/plant" --check
}

# Most of a system is built once, and only its parameters anew.
@test "two instances differ in eight small derivations at most" {
	need_sources
	store=(--store "$BATS_TEST_TMPDIR/store")
	derivations() {
		nix-instantiate "$box" "${sources[@]}" "${store[@]}" -A toplevel -A diskoScript >"$1" 2>"$1.log"
		nix-store "${store[@]}" -qR "$(head -n 1 "$1")" | LC_ALL=C sort >"$1.all"
	}
	parameters "[\"$(key ed25519)\"]" ", \"operatorKeys\": [\"$(key sk-ed25519)\"]"
	derivations "$BATS_TEST_TMPDIR/one"
	parameters "[\"$(key rsa4096)\", \"$(key rsa3072)\"]" ", \"operatorKeys\": [\"$(key sk-ed25519)\"]"
	sed -i 's/a1b2c3/d4e5f6/; s/1893456000/1893999999/' "$instance"
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
		run nix-instantiate "$box" "${sources[@]}" -A toplevel
		[ "$status" -ne 0 ]
		[[ $output == *"$1"* ]]
	}
	parameters "[\"$(key ed25519)\\nssh-ed25519 AAAA\"]"
	wrong ccc.instance.sshKeys
	parameters '[]'
	wrong ccc.instance.sshKeys
	parameters "[\"$(key ed25519)\"]" ', "operatorKeys": ["${x}"]'
	wrong ccc.instance.operatorKeys
	parameters "[\"$(key ed25519)\"]" ', "email": "user@example.com"'
	wrong ccc.instance.email
	parameters "[\"$(key ed25519)\"]"
	sed -i s/a1b2c3/A1B2C3/ "$instance"
	wrong ccc.instance.instanceId
}

@test "the flake makes the same box, an example, ccc and a shell" {
	need_sources
	parameters "[\"$(key ed25519)\"]"
	box_drv=$(nix-instantiate "$box" "${sources[@]}" -A toplevel)
	nix-instantiate --eval --strict --json "$facts/flake.nix" "${sources[@]}" >"$BATS_TEST_TMPDIR/flake"
	run -0 jq -r '.module, .byParameters, .byFile' "$BATS_TEST_TMPDIR/flake"
	[ "$output" = "$box_drv"$'\n'"$box_drv"$'\n'"$box_drv" ]
	jq -e '(.example | test("-nixos-system-cc-a1b2c3-.*\\.drv$")) and .example != .module and .exampleOpensTo == []' "$BATS_TEST_TMPDIR/flake"
	jq -e '(.ccc | test("-ccc-[0-9.]+\\.drv$")) and .standard == .ccc and (.shell | test("-nix-shell\\.drv$"))' "$BATS_TEST_TMPDIR/flake"
}

@test "the test that boots the box evaluates" {
	need_sources
	run -0 --separate-stderr nix-instantiate "$facts/vm.nix" "${sources[@]}"
	[[ $output == *-vm-test-run-ccc-box.drv ]]
}
