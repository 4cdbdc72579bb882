#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2030,SC2031,SC2143,SC2154 # $() is the machine's; variables of helper.bash
# The simulator's real machines: private, reached by SSH, installed by nixos-anywhere,
# and gone when they should be. They need root and port 22 of loopback addresses.

bats_require_minimum_version 1.5.0
load helper
load hosts

setup() {
	real_machines operator user stranger bootstrap lasting
}

start_cloud() {
	start_simulator --hosts sshd
	hcloud ssh-key create --name operator --public-key-from-file operator.pub >/dev/null
	jq -n --rawfile private bootstrap --rawfile public bootstrap.pub \
		'{ssh_deletekeys: true, ssh_keys: {ed25519_private: $private, ed25519_public: $public}}' |
		(echo '#cloud-config' && jq -c .) >user_data
}

# create NAME [OPTION...]: sets $address; comes back when its SSH answers, whoever it lets in
create() {
	hcloud server create --name "$1" --type cpx22 --image debian-12 --ssh-key operator "${@:2}" >/dev/null
	address=$(hcloud server ip "$1")
	wait_for_ssh
}

wait_for_ssh() {
	for _ in $(seq 100); do
		[ -z "$(shown_key)" ] || return 0
		sleep 0.1
	done
	cat "$HETZNER_SIM_DIR"/console/* >&2
	return 1
}

# The host key that the machine shows: "type base64".
shown_key() {
	ssh-keyscan -T 2 -t ed25519 "$address" 2>/dev/null | cut -d ' ' -f 2,3
}

# as KEY USER COMMAND...: with the host keys pinned that are in the file known_hosts
as() {
	ssh -F /dev/null -T -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none -i "$1" -o ConnectTimeout=5 \
		-o UserKnownHostsFile=known_hosts -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes \
		-o HostKeyAlias=machine -o LogLevel=ERROR -l "$2" -- "$address" "${@:3}" </dev/null
}

# press BUTTON: reboot or poweroff, from inside, which may cut the connection at once
press() {
	run as operator root "$1"
	echo "$status: $output"
	[ "$status" -eq 0 ] || [ "$status" -eq 255 ] # ssh's own, whatever it saw of the cut
}

# restart: by the machine itself, until it answers again
restart() {
	press reboot
	sleep 0.5
	[ -z "$(shown_key)" ]
	wait_for_ssh
}

# The machines that have files.
machines_on_disk() {
	find "/proc/$simulator/root/$HETZNER_SIM_DIR/hosts" -mindepth 1 -maxdepth 1 ! -name base -printf '%f\n'
}

# The first process of the only machine, as the operator sees it.
first_process() {
	pgrep -P "$simulator"
}

# Processes of a process namespace.
processes_in() {
	local file
	for file in /proc/[0-9]*/ns/pid; do
		[ "$(readlink "$file" 2>/dev/null)" != "$1" ] || echo "$file"
	done
}

build_box() {
	jq -n --arg user "$(key_of user)" --arg operator "$(key_of operator)" \
		'{instanceId: "a1b2c3", expiresAt: 1893456000, sshKeys: [$user], operatorKeys: [$operator]}' >instance.json
	nix-build "$CCC_BOX" --argstr instanceFile "$PWD/instance.json" -A toplevel -A diskoScript --out-link "$PWD/result" \
		>paths 2>build.log
	{ read -r toplevel && read -r disko_script; } <paths
	mkdir -p extra/etc/ssh
	cp lasting extra/etc/ssh/ssh_host_ed25519_key
	cp lasting.pub extra/etc/ssh/ssh_host_ed25519_key.pub
}

# An ssh first in PATH that pins, for programs that don't: with the file known_hosts.
put_ssh_first() {
	mkdir -p bin
	printf '#!/bin/sh\nexec %s -F /dev/null -o StrictHostKeyChecking=yes -o UserKnownHostsFile=%s -o HostKeyAlias=machine "$@"\n' \
		"$(command -v ssh)" "$PWD/known_hosts" >bin/ssh
	chmod +x bin/ssh
}

# install PROGRAM [OPTION...]
install_with() {
	PATH=$PWD/bin:$PATH timeout 90 "$1" --build-on local --store-paths "$disko_script" "$toplevel" --kexec "$CCC_KEXEC" \
		-i operator "${@:2}" --target-host "root@$address" </dev/null >install.log 2>&1
}

installed_as_ordered() {
	for _ in $(seq 100); do
		as operator root true 2>/dev/null && break
		sleep 0.1
	done
	[ "$(shown_key)" = "$(key_of lasting)" ]
	[ "$(as user claude 'id -un; claude --version')" = $'claude\n2.1.197 (Claude Code, simulated)' ]
	run as operator root ccc-report
	[ "$output" = "instance=a1b2c3
key=$(key_of user)
claude=2.1.197 (Claude Code, simulated)
expires=1893456000
system=$toplevel
end=1" ]
	run as user root true
	[ "$status" -eq 255 ]
	run as operator claude true
	[ "$status" -eq 255 ]
}

@test "two machines at once, private from the operator and from each other" {
	ours=$(uname -n)
	start_cloud
	create first --user-data-from-file user_data
	first=$address
	pin bootstrap
	as operator root 'touch /root/mark /tmp/mark; hostname fooled'
	create second --user-data-from-file user_data
	[ "$address" != "$first" ]
	[ "$(as operator root hostname)" = second ]
	[ "$(address=$first as operator root hostname)" = fooled ]
	[ "$(uname -n)" = "$ours" ]
	[ "$(as operator root cut -d '" "' -f 5 /proc/self/mountinfo)" = "/
/usr
/proc
/run
/tmp
/dev
/dev/pts
/dev/shm
/run/machine/memory" ]
	[ "$(as operator root 'ls -A /root /home /tmp /etc/ssh')" = "/etc/ssh:
ssh_host_ed25519_key
ssh_host_ed25519_key.pub
sshd_config

/home:

/root:
.ssh

/tmp:" ]
	[ "$(as operator root cat /etc/passwd)" = "$(cat "$BATS_TEST_DIRNAME/../../sim/hosts/image/etc/passwd")" ]
	run as operator root "test -e '$BATS_TEST_TMPDIR'"
	[ "$status" -eq 1 ]
	run as operator root "touch /usr/mark"
	[ "$status" -eq 1 ]
	[ ! -e /usr/mark ]
	# sh, sshd with its two for this connection, and the command itself
	[ "$(as operator root 'set -- /proc/[0-9]*; echo $#')" -le 6 ]
	[ "$(as operator root 'cat /proc/1/comm')" = sh ]
}

@test "the host key is that of the user data, or else the machine's own" {
	start_cloud
	create ordered --user-data-from-file user_data
	[ "$(shown_key)" = "$(key_of bootstrap)" ]
	create own
	[ "$(shown_key)" != "$(key_of bootstrap)" ]
	printf '#!/bin/sh\necho hello\n' >script
	create foreign --user-data-from-file script
	[ "$(shown_key)" != "$(key_of bootstrap)" ]
	grep -q "does not begin with a line '#cloud-config'" "$HETZNER_SIM_DIR"/console/*
}

@test "a machine never comes up, hangs, or has another host key, as a fault wants it" {
	start_cloud
	fault '{"ssh": "other-host-key"}'
	create other --user-data-from-file user_data
	[ "$(shown_key)" != "$(key_of bootstrap)" ]
	pin bootstrap
	run as operator root true
	[ "$status" -eq 255 ]
	[[ $output == *"Host key verification failed"* ]]

	fault '{"ssh": "hangs"}'
	hcloud server create --name hangs --type cpx22 --image debian-12 --ssh-key operator --user-data-from-file user_data >/dev/null
	address=$(hcloud server ip hangs)
	for _ in $(seq 50); do
		! (exec 4<>"/dev/tcp/$address/22") 2>/dev/null || break
		sleep 0.1
	done
	run as operator root true
	[ "$status" -eq 255 ]
	[[ $output == *"banner"* ]]
	hcloud server poweroff hangs >/dev/null
	run ! bash -c "exec 4<>/dev/tcp/$address/22"
	hcloud server delete hangs >/dev/null

	fault '{"ssh": "never"}'
	hcloud server create --name never --type cpx22 --image debian-12 --ssh-key operator --user-data-from-file user_data >/dev/null
	address=$(hcloud server ip never)
	sleep 2
	[ -z "$(shown_key)" ]
	hcloud server poweroff never >/dev/null
	hcloud server poweron never >/dev/null
	sleep 4
	[ -z "$(shown_key)" ]
	[ "$(curl -s "$HETZNER_SIM/servers" | jq -r '.servers[] | select(.name == "never").status')" = running ]
	create usual --user-data-from-file user_data
	[ "$(shown_key)" = "$(key_of bootstrap)" ]
}

@test "only the keys that were ordered get in, and only as root" {
	start_cloud
	create machine --user-data-from-file user_data
	pin bootstrap
	as operator root true
	run as stranger root true
	[ "$status" -eq 255 ]
	[[ $output == *"Permission denied (publickey)"* ]]
	pin stranger
	run as operator root true
	[ "$status" -eq 255 ]
	[[ $output == *"Host key verification failed"* ]]
}

@test "power off keeps the disk, rebuild does not, and the machine has buttons inside" {
	start_cloud
	create machine --user-data-from-file user_data
	pin bootstrap
	as operator root 'touch /root/mark; echo mine >/etc/os-release'
	hcloud server poweroff machine >/dev/null
	[ -z "$(shown_key)" ]
	hcloud server poweron machine >/dev/null
	wait_for_ssh
	as operator root 'test -e /root/mark && grep -q mine /etc/os-release && test -z "$(ls /tmp)"'

	as operator root touch /tmp/mark
	restart
	as operator root 'test -e /root/mark && test -z "$(ls /tmp)"'

	press poweroff
	sleep 4
	[ -z "$(shown_key)" ]

	hcloud server rebuild --image debian-12 machine >/dev/null
	wait_for_ssh
	as operator root 'test ! -e /root/mark'
}

@test "a deleted server's processes and files are gone, and so are all when the simulator ends" {
	start_cloud
	create machine
	namespace=$(readlink "/proc/$(first_process)/ns/pid")
	[ -n "$(processes_in "$namespace")" ]
	[ "$(machines_on_disk | wc -l)" -eq 1 ]
	hcloud server delete machine >/dev/null
	[ -z "$(processes_in "$namespace")" ]
	[ -z "$(machines_on_disk)" ]
	[ -z "$(shown_key)" ]

	create another
	namespace=$(readlink "/proc/$(first_process)/ns/pid")
	kill "$simulator"
	wait "$simulator"
	[ -z "$(processes_in "$namespace")" ]
	[ ! -e "$HETZNER_SIM_DIR/hosts" ]
}

@test "a simulator that is killed leaves no process and no mount" {
	start_cloud
	create machine --user-data-from-file user_data
	pin bootstrap
	as operator root 'setsid sleep 1000 >/dev/null 2>&1 </dev/null &'
	namespace=$(readlink "/proc/$(first_process)/ns/pid")
	[ "$(processes_in "$namespace" | wc -l)" -ge 3 ]
	kill -KILL "$simulator"
	wait "$simulator" || true
	for _ in $(seq 50); do
		[ -n "$(processes_in "$namespace")" ] || break
		sleep 0.1
	done
	[ -z "$(processes_in "$namespace")" ]
	[ -z "$(shown_key)" ]
	[ -z "$(grep -lF "$HETZNER_SIM_DIR" /proc/[0-9]*/mountinfo 2>/dev/null)" ]
	[ -z "$(ls -A "$HETZNER_SIM_DIR/hosts")" ]
}

@test "the stand-in of nixos-anywhere installs the box, through an ssh that pins" {
	start_cloud
	create machine --user-data-from-file user_data
	build_box
	pin bootstrap lasting
	put_ssh_first
	install_with "$BATS_TEST_DIRNAME/../../sim/bin/nixos-anywhere" --extra-files extra
	[ "$(grep '^###' install.log)" = '### Uploading install SSH keys ###
### Gathering machine facts ###
### Switching system into kexec ###
### Gathering machine facts ###
### Formatting hard drive with disko ###
### Uploading the system closure ###
### Copying extra files ###
### Installing NixOS ###
### Rebooting ###
### Waiting for the machine to become unreachable due to reboot ###
### Done! ###' ]
	installed_as_ordered
	[ "$(as operator root ccc-set-expiry 1900000000)" = expires=1900000000 ]
	restart
	[[ $(as operator root ccc-report) == *expires=1900000000* ]]
	as operator root 'echo ccc.service >/run/failed-units'
	[[ $(as operator root ccc-report) == *failed=ccc.service* ]]
}

@test "the stand-in keeps the host keys when asked, and can stop after a phase" {
	start_cloud
	create machine --user-data-from-file user_data
	build_box
	pin bootstrap
	put_ssh_first
	install_with "$BATS_TEST_DIRNAME/../../sim/bin/nixos-anywhere" --copy-host-keys --phases kexec,disko,install
	[ "$(as operator root 'sed -n s/^VARIANT_ID=//p /etc/os-release')" = installer ]
	restart
	[ "$(shown_key)" = "$(key_of bootstrap)" ]
	[ "$(as user claude hostname)" = cc-a1b2c3 ]
}

@test "a wrong host key lets nobody install" {
	start_cloud
	create machine --user-data-from-file user_data
	build_box
	pin stranger
	put_ssh_first
	run timeout 5 env PATH="$PWD/bin:$PATH" "$BATS_TEST_DIRNAME/../../sim/bin/nixos-anywhere" --build-on local \
		--store-paths "$disko_script" "$toplevel" --kexec "$CCC_KEXEC" -i operator --target-host "root@$address" </dev/null
	[ "$status" -eq 124 ]
	[[ $output == *"Host key verification failed"* ]]
	[[ $output != *"Gathering machine facts"* ]]
	pin bootstrap
	[ "$(as operator root 'ls /root/kexec 2>&1')" = "ls: cannot access '/root/kexec': No such file or directory" ]
}

@test "a disk without a system boots nothing" {
	start_cloud
	create machine --user-data-from-file user_data
	build_box
	pin bootstrap
	put_ssh_first
	install_with "$BATS_TEST_DIRNAME/../../sim/bin/nixos-anywhere" --phases kexec,disko
	press reboot
	for _ in $(seq 60); do
		grep -q 'no operating system' "$HETZNER_SIM_DIR"/console/* && break
		sleep 0.1
	done
	grep -q 'no operating system' "$HETZNER_SIM_DIR"/console/*
	[ -z "$(shown_key)" ]
}

@test "nixos-anywhere itself installs the box" {
	program=$(type -aP nixos-anywhere | grep -v '/sim/bin/' | head -n 1 || true)
	[ -n "$program" ] || skip "no nixos-anywhere is installed here; the stand-in was tested"
	start_cloud
	create machine --user-data-from-file user_data
	build_box
	pin bootstrap lasting
	put_ssh_first
	install_with "$program" --extra-files extra
	grep -qx '### Done! ###' install.log
	installed_as_ordered
}

@test "a box refuses what is no id, no time and no key" {
	start_cloud
	build_box
	good=$(cat instance.json)
	for change in '.instanceId = "A1B2C3"' '.instanceId = "a1b2c3\n"' '.expiresAt = "soon"' '.sshKeys = []' \
		'.sshKeys = ["ssh-ed25519 AAAA\ncommand=\"x\" ssh-ed25519 BBBB"]' '.operatorKeys = ["ssh-dss AAAA"]'; do
		jq "$change" <<<"$good" >instance.json
		run nix-build "$CCC_BOX" --argstr instanceFile "$PWD/instance.json" -A toplevel --no-out-link
		[ "$status" -ne 0 ]
		option=${change%% =*}
		[[ $output == *"instance: ccc.instance$option must be "* ]]
	done
}

@test "where port 22 is taken on every address it says what to do" {
	export HETZNER_SIM_PROGRAM=$build/hetzner-sim
	# shellcheck disable=SC2016 # for the inner shell
	run unshare --net sh -c '
		ip link set lo up
		busybox nc -l -p 22 >/dev/null &
		sleep 0.5
		timeout 10 "$HETZNER_SIM_PROGRAM" --hosts sshd --dir sim
		status=$?
		kill $!
		exit $status'
	[ "$status" -eq 1 ]
	[[ $output == *"listens on port 22 of every address"*"unshare --net"* ]]
}
