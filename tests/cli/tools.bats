#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# What the operator's own machine lacks is named, and undoes nothing that was paid for.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
}

# only_programs NAME...: sets $few to a folder that holds these programs
only_programs() {
	few=$BATS_TEST_TMPDIR/few
	rm -rf "$few"
	mkdir "$few"
	for program in "$@"; do
		ln -s "$(command -v "$program")" "$few/$program"
	done
}

# waits TEXT COMMAND...: that says what is missing, and the order stays
waits() {
	local text=$1
	shift
	run "$@"
	echo "$status: $output"
	[ "$status" -eq 1 ]
	[[ $output == *"$text"* ]]
	[ "$(member goal)" = running ]
	[ "$(member failedAt)" = null ]
	[ "$(only_id)" = "$id" ]
}

@test "a box or a program that is missing undoes no order" {
	killed nix-instantiate
	CCC_BOX=/nonexistent waits "set CCC_BOX" ccc reap
	only_programs ssh ssh-keygen nix-build nixos-anywhere
	waits "install Nix" env "PATH=$few" "$build/ccc" reap
	ccc reap
	[ "$(ccc list -o json | jq -r '.[].status')" = running ]
	[ "$(servers)" -eq 1 ]
}

@test "health says at once what an order waits for, and it is written down once" {
	killed nix-instantiate
	run -0 ccc health --sweep-warning 1440
	only_programs ssh ssh-keygen nix-build nixos-anywhere
	waits "install Nix" env "PATH=$few" "$build/ccc" reap
	run ccc health
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"waiting"*"$id"*"install Nix"* ]]
	told=$(wc -l <"$CCC_STATE_DIR/history.jsonl")
	waits "install Nix" env "PATH=$few" "$build/ccc" reap
	[ "$(wc -l <"$CCC_STATE_DIR/history.jsonl")" -eq "$told" ]
	ccc reap
	run -0 ccc health
}

@test "an installer or an ssh that is missing undoes no order and no server" {
	killed nixos-anywhere
	[ "$(servers)" -eq 1 ]
	server=$(member serverId)
	only_programs ssh ssh-keygen nix-instantiate nix-build
	waits "install nixos-anywhere" env "PATH=$few" "$build/ccc" reap
	only_programs ssh-keygen nix-instantiate nix-build nixos-anywhere
	waits "install the OpenSSH client" env "PATH=$few" "$build/ccc" reap
	ccc reap
	[ "$(ccc list -o json | jq -r '.[].status')" = running ]
	[ "$(member serverId)" = "$server" ]
	[ "$(servers)" -eq 1 ]
}

@test "an order that can't go on for want of a box is given up when its time is over" {
	killed nix-instantiate
	advance 7300
	CCC_BOX=/nonexistent run faketime -f +7300s "$build/ccc" reap
	[ "$status" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
	[ "$(servers)" -eq 0 ]
}

# refused TEXT COMMAND...: with 1, nothing recorded, nothing asked
refused() {
	local text=$1 before
	shift
	before=$(sha256sum "$CCC_STATE_DIR"/*.json*)
	curl -s -X DELETE "$HETZNER_SIM/requests" >/dev/null
	run "$@" provision --email user@example.com --ssh-key "$keys/ed25519.pub"
	echo "$status: $output"
	[ "$status" -eq 1 ]
	[[ $output == *"$text"* ]]
	[ "${#lines[@]}" -eq 1 ]
	[ "$before" = "$(sha256sum "$CCC_STATE_DIR"/*.json*)" ]
	[ "$(curl -s "$HETZNER_SIM/requests" | jq -c .routes)" = "{}" ]
}

@test "a provision looks at its own tools before anything is recorded or asked" {
	CCC_BOX=/nonexistent refused "set CCC_BOX" ccc
	local missing programs=(ssh ssh-keygen nix-instantiate nix-build nixos-anywhere)
	for missing in "${programs[@]}"; do
		only_programs "${programs[@]}"
		rm "$few/$missing"
		refused "cannot find the program '$missing' in PATH; install" env "PATH=$few" "$build/ccc"
	done
}

@test "an installer that is not the one that was chosen is refused before anything is recorded or asked" {
	export CCC_KEXEC=$BATS_TEST_TMPDIR/kexec.tar.gz
	echo installer >"$CCC_KEXEC"
	sum=$(sha256sum <"$CCC_KEXEC" | cut -d ' ' -f 1)
	export CCC_KEXEC_SHA256=${sum^^}
	provision >/dev/null
	ccc deprovision "$(only_id)" >/dev/null
	echo other >"$CCC_KEXEC"
	refused "is not the one that was chosen: its SHA-256 is $(sha256sum <"$CCC_KEXEC" | cut -d ' ' -f 1)" ccc
	rm "$CCC_KEXEC"
	refused "the installer (CCC_KEXEC): cannot open '$CCC_KEXEC'" ccc
	CCC_KEXEC=$BATS_TEST_TMPDIR refused "is no file" ccc
	CCC_KEXEC='' refused "CCC_KEXEC_SHA256 is set and CCC_KEXEC is not" ccc
}

@test "an installer that was changed since the order is not used, and undoes no order" {
	export CCC_KEXEC=$BATS_TEST_TMPDIR/kexec.tar.gz
	echo installer >"$CCC_KEXEC"
	CCC_KEXEC_SHA256=$(sha256sum <"$CCC_KEXEC" | cut -d ' ' -f 1)
	export CCC_KEXEC_SHA256
	killed nix-build
	echo changed >"$CCC_KEXEC"
	waits "is not the one that was chosen" ccc reap
	[ "$(servers)" -eq 1 ]
	echo installer >"$CCC_KEXEC"
	ccc reap
	[ "$(ccc list -o json | jq -r '.[].status')" = running ]
}

@test "a machine that runs is not hidden by a handover that can't be printed" {
	run bash -c "ccc provision --email other@example.com --ssh-key '$keys/ed25519.pub' >/dev/full"
	[ "$status" -eq 1 ]
	[[ $output == *"standard output"*"; the machine runs: ccc handover $(only_id)" ]]
	[ "$(servers)" -eq 1 ]
}
