#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash and hosts.bash
# The toy box that is the same for all instances, on a real machine with a real sshd: it learns from its user data whose it
# is, changes its host key, and stays what it is. It needs root and port 22 of loopback addresses.

bats_require_minimum_version 1.5.0
load helper
load hosts

setup() {
	real_machines operator user other bootstrap lasting
	start_simulator --hosts sshd
	hcloud ssh-key create --name operator --public-key-from-file operator.pub >/dev/null
	options=(-F /dev/null -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none -o ConnectTimeout=5 -o LogLevel=ERROR
		-o UserKnownHostsFile="$PWD/known_hosts" -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes
		-o HostKeyAlias=machine)
	mkdir bin
	printf '#!/bin/sh\nexec %s %s "$@"\n' "$(command -v ssh)" "${options[*]}" >bin/ssh
	chmod 755 bin/ssh
}

teardown() {
	[ -z "${session-}" ] || kill "$session" 2>/dev/null || true
	stop_simulator
}

# parameters FILTER: of one instance, changed by jq's FILTER, as JSON
parameters() {
	jq -nc --arg user "$(key_of user)" --arg operator "$(key_of operator)" \
		'{instanceId: "a1b2c3", expiresAt: 4102444800, sshKeys: [$user], operatorKeys: [$operator]} | '"$1"
}

# install PARAMETERS [USER-DATA-PARAMETERS]: a machine of one's own, by hand as ccc does it; sets $address
install() {
	parameters "$1" >instance.json
	(echo '#cloud-config' && jq -nc --rawfile private bootstrap --rawfile public bootstrap.pub --argjson ccc "$(parameters "${2-$1}")" \
		'{ssh_keys: {ed25519_private: $private, ed25519_public: $public}, $ccc}') >user_data
	hcloud server create --name machine --type cpx22 --image debian-12 --ssh-key operator --user-data-from-file user_data >/dev/null
	address=$(hcloud server ip machine)
	pin bootstrap
	nix-build "$CCC_BOX/shared" --argstr instanceFile "$PWD/instance.json" -A toplevel -A diskoScript --out-link "$PWD/result" >/dev/null 2>&1
	until_true 20 operator true
	PATH=$PWD/bin:$PATH timeout 60 nixos-anywhere --build-on local --store-paths "$(readlink result-2)" "$(readlink result)" -i operator \
		--kexec "$CCC_KEXEC" "root@$address" >log 2>&1
}

operator() {
	ssh "${options[@]}" -i operator -l root "$address" "$@" </dev/null
}

# change_host_key KEY: as ccc does it
change_host_key() {
	ssh "${options[@]}" -i operator -l root "$address" ccc-set-host-key <"$1"
}

claude() {
	ssh "${options[@]}" -i user -l claude "$address" "$@" </dev/null
}

# console_says TEXT
console_says() {
	until_true 20 grep -rqF "$1" "$HETZNER_SIM_DIR/console"
}

boot_again() {
	hcloud server poweroff machine >/dev/null
	hcloud server poweron machine >/dev/null
	until_true 20 operator true
}

@test "a machine learns whose it is, changes its host key under a connection, and stays so over boots" {
	install .
	until_true 20 claude true
	[ "$(claude 'id -un; hostname')" = $'claude\ncc-a1b2c3' ]
	[[ $(operator ccc-report) == "instance=a1b2c3
key=$(key_of user)
"*"expires=4102444800
"*end=1 ]]
	[ "$(readlink -f result)" = "$(operator ccc-report | sed -n 's/^system=//p')" ]
	run claude cat /run/machine/metadata/userdata
	[ "$status" -ne 0 ]
	[[ $output == *"Permission denied"* ]]

	mkfifo keyboard
	ssh -T "${options[@]}" -i user -l claude "$address" cat <keyboard >screen 2>&1 3>&- &
	session=$!
	exec 7>keyboard
	echo before >&7
	until_true 5 grep -q before screen
	for pins in 'bootstrap lasting' lasting; do # the second time as after a crash of whoever asked
		# shellcheck disable=SC2086 # into words
		pin $pins
		[ "$(change_host_key lasting)" = "hostkey=$(key_of lasting)"$'\nend=1' ]
	done
	console_says 'Received SIGHUP' # a newer sshd than some reads its keys then alone
	echo after >&7
	until_true 5 grep -q after screen
	exec 7>&-

	pin lasting
	[ "$(claude id -un)" = claude ]
	pin bootstrap
	run claude true
	[ "$status" -eq 255 ]
	[[ $output == *"Host key verification failed."* ]]

	pin lasting
	operator ccc-set-expiry 4102448400
	# shellcheck disable=SC2046 # two words
	operator ccc-set-keys $(key_of other)
	boot_again
	[[ $(operator ccc-report) == "instance=a1b2c3
key=$(key_of other)
"*"expires=4102448400
"* ]]
	[ "$(operator hostname)" = cc-a1b2c3 ]
	run claude true
	[ "$status" -eq 255 ]
	[[ $output == *"Permission denied (publickey)"* ]]
	mv other user && mv other.pub user.pub
	[ "$(claude id -un)" = claude ]
}

@test "two instances have the same system, and one whose operator has no shell is confined" {
	parameters '.instanceId = "d4e5f6" | .expiresAt += 1 | .operatorAccess = "commands"' >other.json
	parameters . >instance.json
	for file in other instance; do
		nix-build "$CCC_BOX/shared" --argstr instanceFile "$PWD/$file.json" -A toplevel -A diskoScript --no-out-link >"$file.paths" 2>/dev/null
	done
	[ "$(wc -l <other.paths)" -eq 2 ]
	cmp other.paths instance.paths
	install '.operatorAccess = "commands"'
	until_true 20 claude true
	[[ $(operator ccc-report) == instance=a1b2c3*end=1 ]]
	run -126 operator id
	[[ $output == *"the operator has no shell here"* ]]
	[ "$(change_host_key lasting)" = "hostkey=$(key_of lasting)"$'\nend=1' ]
	pin lasting
	run -126 operator cat /etc/ssh/ssh_host_ed25519_key
}

@test "a parameter that does not fit is refused by the box, and by a machine on which it is installed all the same" {
	parameters '.sshKeys = ["command=\"id\" " + .sshKeys[0]]' >bad.json
	run nix-build "$CCC_BOX/shared" --argstr instanceFile "$PWD/bad.json" -A toplevel -A diskoScript --no-out-link
	[ "$status" -ne 0 ]
	[[ $output == *'ccc.instance.sshKeys must be'* ]]

	install . '.sshKeys = ["command=\"id\" " + .sshKeys[0]]'
	console_says 'ccc-first-boot: nobody can log in, as of the user data ccc.sshKeys must be'
	run operator true
	[ "$status" -eq 255 ]
	[[ $output == *"Connection refused"* ]]
	[ ! -e "/proc/$(pgrep -P "$simulator")/root/var/lib/ccc/instance.json" ]
}
