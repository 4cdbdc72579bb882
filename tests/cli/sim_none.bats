#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031,SC2154 # each test is a process; variables of helper.bash
# The stand-ins of `hetzner-sim --hosts none`: they answer as good machines would, and
# refuse what those would refuse.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	cd "$BATS_TEST_TMPDIR" || return 1
	for key in operator user stranger bootstrap lasting; do
		ssh-keygen -q -t ed25519 -N '' -C "$key" -f "$key"
	done
	hcloud ssh-key create --name operator --public-key-from-file operator.pub >/dev/null
	jq -n --rawfile private bootstrap --rawfile public bootstrap.pub \
		'{ssh_keys: {ed25519_private: $private, ed25519_public: $public}}' | (echo '#cloud-config' && jq -c .) >user_data
	hcloud server create --name machine --type cpx22 --image debian-12 --ssh-key operator \
		--user-data-from-file user_data >/dev/null
	address=$(hcloud server ip machine)
	pin bootstrap
	for _ in $(seq 50); do
		as operator root true 2>/dev/null && break
		sleep 0.1
	done
}

# as KEY USER COMMAND...
as() {
	ssh -F /dev/null -T -o BatchMode=yes -i "$1" -o UserKnownHostsFile=known_hosts -o StrictHostKeyChecking=yes \
		-o HostKeyAlias=machine -l "$2" -- "$address" "${@:3}"
}

build_box() {
	jq -n --arg user "$(key_of user)" --arg operator "$(key_of operator)" \
		'{instanceId: "a1b2c3", expiresAt: 1893456000, sshKeys: [$user], operatorKeys: [$operator]}' >instance.json
	nix-build "$CCC_BOX" --argstr instanceFile "$PWD/instance.json" -A toplevel -A diskoScript \
		--out-link "$PWD/result" >paths
	{ read -r toplevel && read -r disko_script; } <paths
	mkdir -p extra/etc/ssh bin
	cp lasting extra/etc/ssh/ssh_host_ed25519_key
	printf '#!/bin/sh\nexec %s -o StrictHostKeyChecking=yes -o UserKnownHostsFile=%s -o HostKeyAlias=machine "$@"\n' \
		"$(command -v ssh)" "$PWD/known_hosts" >bin/ssh
	chmod +x bin/ssh
}

install() {
	PATH=$PWD/bin:$PATH timeout 5 nixos-anywhere --build-on local --store-paths "$disko_script" "$toplevel" \
		-i operator --extra-files extra --target-host "root@$address"
}

@test "a machine has another host key, hangs or never comes up, as a fault wants it" {
	for way in other-host-key hangs never; do
		fault "{\"ssh\": \"$way\"}"
		hcloud server create --name "$way" --type cpx22 --image debian-12 --ssh-key operator \
			--user-data-from-file user_data >/dev/null
	done
	sleep 0.5
	address=$(hcloud server ip other-host-key)
	run -255 as operator root true
	[ "$output" = 'Host key verification failed.' ]
	address=$(hcloud server ip hangs)
	run -255 ssh -o ConnectTimeout=1 -o HostKeyAlias=machine -l root "$address" true
	[ "$output" = 'Connection timed out during banner exchange' ]
	run -124 timeout 2 ssh -o HostKeyAlias=machine -l root "$address" true
	address=$(hcloud server ip never)
	run -255 as operator root true
	[[ $output == *"Connection refused" ]]
}

@test "ssh lets in whom the machine would let in" {
	as operator root true
	run -127 as operator root ccc-report
	run as stranger root true
	[ "$status" -eq 255 ]
	[[ $output == *"Permission denied (publickey)"* ]]
	run as operator claude true
	[ "$status" -eq 255 ]
	pin stranger
	run as operator root true
	[ "$status" -eq 255 ]
	[ "$output" = 'Host key verification failed.' ]
}

@test "a machine that is off, deleted or not yet up answers nobody" {
	hcloud server poweroff machine >/dev/null
	run as operator root true
	[ "$status" -eq 255 ]
	[[ $output == *"Connection refused"* ]]
	hcloud server poweron machine >/dev/null
	as operator root true
	hcloud server delete machine >/dev/null
	run as operator root true
	[ "$status" -eq 255 ]
	address=127.0.0.9
	run as operator root true
	[[ $output == *"Connection refused"* ]]
}

@test "an installed machine has the lasting key, the user's keys and the box's own scripts" {
	build_box
	[[ $toplevel =~ ^/nix/store/[0-9a-df-np-sv-z]{32}-nixos-system-cc-a1b2c3 ]]
	[ "$(readlink result) $(readlink result-2)" = "$toplevel $disko_script" ]
	pin bootstrap
	run install
	[ "$status" -eq 0 ]
	[[ $output == *"### Done! ###" ]]
	run as operator root true
	[ "$status" -eq 255 ]
	pin lasting
	run as operator root ccc-report
	[[ $output == "instance=a1b2c3
key=$(key_of user)
claude=2.1.197 (Claude Code, simulated)
expires=1893456000
system="*"
end=1" ]]
	[ "$(as user claude claude --version)" = '2.1.197 (Claude Code, simulated)' ]
	run as user root true
	[ "$status" -eq 255 ]
	[ "$(as operator root ccc-set-expiry 1900000000)" = expires=1900000000 ]
	[[ $(as operator root ccc-report) == *expires=1900000000* ]]
	run as operator root ccc-set-expiry soon
	[ "$status" -eq 2 ]
}

@test "nothing is installed past a wrong host key, and nothing that was not built" {
	build_box
	pin stranger
	run install
	[ "$status" -eq 124 ]
	[[ $output == *"Host key verification failed"* ]]
	pin bootstrap
	run -127 as operator root ccc-report
	toplevel=/nix/store/00000000000000000000000000000000-nixos-system
	run install
	[ "$status" -eq 1 ]
	[[ $output == *"must be existing store-paths"* ]]
}

@test "a rebuilt machine knows nothing of what was installed" {
	build_box
	install
	hcloud server rebuild --image debian-12 machine >/dev/null
	for _ in $(seq 50); do
		as operator root true 2>/dev/null && break
		sleep 0.1
	done
	run -127 as operator root ccc-report
}

@test "a caller that errs is told" {
	build_box
	run ssh --pin-nothing "$address" true
	[ "$status" -eq 2 ]
	run ssh -o StrictHostKeyCheking=yes "$address" true
	[ "$status" -eq 2 ]
	run nix-build "$CCC_BOX" --argstr instance "$PWD/instance.json" -A toplevel -A diskoScript
	[ "$status" -eq 2 ]
	run nix-build "$CCC_BOX" --argstr instanceFile "$PWD/instance.json" -A toplevel
	[ "$status" -eq 2 ]
	run nix-build /nonexistent --argstr instanceFile "$PWD/instance.json" -A toplevel -A diskoScript
	[ "$status" -eq 2 ]
	jq '.sshKeys = []' instance.json >empty.json
	run nix-build "$CCC_BOX" --argstr instanceFile "$PWD/empty.json" -A toplevel -A diskoScript
	[ "$status" -eq 1 ]
	run nixos-anywhere --store-paths "$disko_script" "$toplevel" --flake . --target-host "root@$address"
	[ "$status" -eq 2 ]
}
