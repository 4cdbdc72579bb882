#!/usr/bin/env bats
# What gets into a box: every parameter against values that were made to break out of it. With
# Nix alone by what reads instance.json, and with NIXPKGS by the types of the module too.
# shellcheck disable=SC2016,SC2154 # what is quoted is meant literally; variables of evaluation.bash

bats_require_minimum_version 1.5.0
load evaluation

setup_file() {
	export NIX_CONFIG='experimental-features = nix-command flakes'
	cd "$BATS_FILE_TMPDIR" || return 1
	hostile_parameters
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return 1
	parameters=$box/parameters.nix
}

# read_file FILE: as a box does it
read_file() {
	pure --argstr file "$PWD/$1" --arg parameters "$parameters" -E '{ file, parameters }: (import parameters).read file'
}

# refused OPTION FILTER: it is, by an error that names the option
refused() {
	good "$2" >refused.json
	refused_file "$1"
}

refused_file() {
	run read_file refused.json
	[ "$status" -ne 0 ]
	[[ $output == *"ccc.instance$1 "* ]]
}

@test "what ccc takes as a key the box takes too" {
	for name in ed25519 sk-ed25519 rsa4096; do
		good ".sshKeys = [\"$(key $name)\"]" >good.json
		[ "$(read_file good.json | jq -r '.sshKeys[0]')" = "$(key $name)" ]
	done
}

@test "parameters that are right come out as they went in" {
	for filter in . 'del(.operatorKeys)' '.operatorKeys = []' '.sshKeys += .sshKeys' '.expiresAt = 9999999999'; do
		good "$filter" >good.json
		[ "$(read_file good.json | jq -S .)" = "$(jq -S . good.json)" ]
	done
	# an RSA key of 16384 bits is as long as this
	good '.sshKeys = ["ssh-rsa " + "A" * 2764]' >good.json
	read_file good.json >good.out
}

@test "every hostile value in every parameter is refused by a sentence that names the option" {
	[ "$(find hostile -name '*.json' | wc -l)" -gt 240 ]
	pure --arg folder "$PWD/hostile" --arg parameters "$parameters" -E '{ folder, parameters }:
		with import parameters;
		builtins.mapAttrs (name: _: problems (parse (builtins.readFile (folder + "/${name}")))) (builtins.readDir folder)' >said
	run -0 jq -r 'to_entries[]
		| (.key | rtrimstr(".json") | [splits("-")] | map(select(IN("instanceId", "expiresAt", "sshKeys", "operatorKeys", "operatorAccess"))) | unique) as $options
		| select((.value | map(split(" ")[0] | ltrimstr("ccc.instance.")) | unique) != $options) | [.key, .value[]] | @tsv' said
	echo "$output"
	[ -z "$output" ]
}

@test "the box reads its parameters so" {
	mkdir -p nixpkgs/nixos/lib disko
	echo '{ }' >disko/module.nix
	echo '{ modules, ... }: { config.system.build = { toplevel = map (module: module.ccc.instance or null) modules; diskoScript = 0; }; }' \
		>nixpkgs/nixos/lib/eval-config.nix
	box() {
		pure "$box" --arg nixpkgs "$PWD/nixpkgs" --arg disko "$PWD/disko" -A toplevel "$@"
	}
	good >good.json
	box --argstr instanceFile "$PWD/good.json" | jq -e --slurpfile good good.json '.[2] == $good[0]'
	box --arg instance '{ instanceId = "a1b2c3"; expiresAt = 1893456000; sshKeys = [ "ssh-ed25519 AAAA" ]; }' | jq -e '.[2].instanceId == "a1b2c3"'
	run ! box --arg instance '{ instanceId = "a1b2c3"; expiresAt = 1893456000; sshKeys = [ "ssh-ed25519" ]; }'
	[[ $output == *'ccc.instance.sshKeys '* ]]
	for name in nul-behind-sshKeys 1MB-operatorKeys newline-behind-instanceId quote-expiresAt; do
		run ! box --argstr instanceFile "$PWD/hostile/$name.json"
		[[ $output == *"ccc.instance.${name##*-} "* ]]
	done
	run ! box
	[[ $output == *'--argstr instanceFile FILE'* ]]
}

@test "keys of other kinds, ids of other forms and times of other units are refused" {
	for name in dsa ecdsa ed25519-cert; do
		refused .sshKeys ".sshKeys = [\"$(key $name)\"]"
	done
	for bad in '"ssh-ed25519"' '"ssh-ed25519 "' '""' null 1 '[]' '{}'; do
		refused .operatorKeys ".operatorKeys = [$bad]"
	done
	for bad in '[]' null '"x"' '{}'; do
		refused .sshKeys ".sshKeys = $bad"
	done
	for bad in '""' '"a1b2c"' '"a1b2c3d"' '"A1B2C3"' null 123456 '[]'; do
		refused .instanceId ".instanceId = $bad"
	done
	for bad in 0 -1 1577836799 10000000000 1893456000000 9223372036854775807 1893456000.5 '"1893456000"' null true; do
		refused .expiresAt ".expiresAt = $bad"
	done
}

@test "nothing is missing, nothing is there twice, and nothing else is there" {
	for option in instanceId expiresAt sshKeys; do
		refused ".$option" "del(.$option)"
	done
	refused .email '.email = "user@example.com"'
	refused '' '[.]'
	good | sed 's/"sshKeys"/"sshKeys": ["command=\\"id\\""], &/' >refused.json
	refused_file .sshKeys
	good | sed 's/"expiresAt"/"expires\\u0041t" : 1893456001, &/' >refused.json
	refused_file '.expires\u0041t'
	good | sed 's/a1b2c3/a1b2c3\x00/' >refused.json
	run ! read_file refused.json
	good | head -n 3 >refused.json
	run ! read_file refused.json
}

@test "the module's types refuse them too, and name the option" {
	[ -n "${NIXPKGS:-}" ] || skip 'NIXPKGS and DISKO name no sources of nixpkgs and disko to evaluate with'
	types() {
		pure "$box_tests/types.nix" --arg nixpkgs "$NIXPKGS" --argstr instanceFile "$1"
	}
	good 'del(.operatorKeys)' >good.json
	[ "$(types "$PWD/good.json" | jq -c 'del(.sshKeys)')" = '{"expiresAt":1893456000,"instanceId":"a1b2c3","operatorAccess":"root","operatorKeys":[]}' ]
	for file in hostile/*.json; do
		option=${file##*-}
		run types "$PWD/$file"
		echo "$file: ${output:0:300}"
		[ "$status" -ne 0 ]
		[[ $output == *"ccc.instance.${option%.json}"* ]]
	done
}
