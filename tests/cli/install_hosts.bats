#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154,SC2314 # the machine's own $; variables of helper.bash
# What can go wrong while a real machine is installed: each ends with a machine that works, or with nothing
# left. By nixos-anywhere itself where it is installed, else by its stand-in, which the last test says. It needs root
# and port 22 of loopback addresses. What would be waited for is leapt over by ccc's clock alone.

bats_require_minimum_version 1.5.0
load helper

setup() {
	[ "$(id -u)" -eq 0 ] || skip "real machines need root"
	cd "$BATS_TEST_TMPDIR" || return 1
	for key in user stranger; do
		ssh-keygen -q -t ed25519 -N '' -C "$key" -f "$key"
	done
	start_simulator --hosts sshd
	installer=$(type -aP nixos-anywhere | grep -v '/sim/bin/' | head -n 1 || true)
	[ -z "$installer" ] || stand_in nixos-anywhere <<<"exec $installer \"\$@\""
	ccc init >/dev/null
	leap 0
}

teardown() {
	for process in "${ccc[@]}"; do
		kill "$process" 2>/dev/null || true
	done
	stop_simulator
}

declare -gA ccc # by name of what goes wrong

# leap SECONDS: so much later it is at once, for those that `begin` began
leap() {
	echo "+$1s" >"$BATS_TEST_TMPDIR/clock"
}

# begin NAME: a provision at work in the background, by a clock that leaps, with the stand-ins of that name
begin() {
	PATH=$PWD/$1.bin:$BATS_TEST_TMPDIR/bin:$PATH LD_PRELOAD=$(faketime -f +0s printenv LD_PRELOAD) FAKETIME_NO_CACHE=1 \
		FAKETIME_TIMESTAMP_FILE=$BATS_TEST_TMPDIR/clock \
		ccc provision --email "$1@example.com" --ssh-key user.pub --hours 1 >"$1.out" 2>&1 3>&- &
	ccc[$1]=$!
}

# of NAME MEMBER: of its record, "" when there is none
of() {
	jq -r ".instances[] | select(.email == \"$1@example.com\") | .$2 // \"\"" "$CCC_STATE_DIR/instances.json"
}

has() {
	[ -n "$(of "$1" "$2")" ]
}

# said NAME TEXT: by a program that was started for it
said() {
	grep -qF -- "$2" "$CCC_STATE_DIR/instances/$(of "$1" instanceId)/log"
}

# happened NAME EVENT, also when its record is gone
happened() {
	jq -e --slurp --arg email "$1@example.com" --arg event "$2" \
		'(.[] | select(.set.email == $email) | .instanceId) as $id | any(.[]; .instanceId == $id and .event == $event)' \
		"$CCC_STATE_DIR/history.jsonl" >/dev/null
}

# failed_cleanly NAME TEXT...
failed_cleanly() {
	local status=0 name=$1
	wait "${ccc[$name]}" || status=$?
	cat "$name.out"
	[ "$status" -eq 1 ]
	for text in "${@:2}"; do
		grep -qF -- "$text" "$name.out"
	done
	[ -z "$(of "$name" email)" ]
	! grep -qF "Log in with" "$name.out" || return 1
	happened "$name" gone
	! happened "$name" verified || return 1
}

nothing_is_left() {
	[ "$(servers)" -eq 0 ]
	[ "$(ccc list -o json)" = "[]" ]
	[ "$(find "$CCC_STATE_DIR/instances" -mindepth 1 | wc -l)" -eq 0 ]
}

# works NAME
works() {
	local status=0
	wait "${ccc[$1]}" || status=$?
	cat "$1.out"
	[ "$status" -eq 0 ]
	[ "$(of "$1" status)" = running ]
	echo "machine $(of "$1" hostKey)" >known_hosts
	[ "$(ssh -F /dev/null -T -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none -i user -o ConnectTimeout=5 \
		-o UserKnownHostsFile=known_hosts -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes \
		-o HostKeyAlias=machine -o LogLevel=ERROR -l claude -- "$(of "$1" serverIp)" id -un </dev/null)" = claude ]
}

# kexec_does NAME COMMAND: its installer's tarball, NAME.tar.gz, does that instead of starting the installer
kexec_does() {
	mkdir "$1.kexec"
	tar -C "$1.kexec" -xzf "$CCC_KEXEC"
	sed -i "s,echo kexec >/run/machine/buttons,$2," "$1.kexec/kexec/run"
	grep -qF -- "$2" "$1.kexec/kexec/run"
	tar -C "$1.kexec" -czf "$1.tar.gz" kexec
}

# show_stranger NAME PATTERN COUNT: from the COUNT-th connection on whose words match, another host key is
# expected than the machine's, as if a stranger stood there
show_stranger() {
	mkdir "$1.bin"
	cat >"$1.bin/ssh" <<-END
		#!/bin/sh
		case "\$*" in $2) echo >>"$PWD/$1.matched" ;; esac
		if [ "\$(cat "$PWD/$1.matched" 2>/dev/null | wc -l)" -ge $3 ]; then
			file=\$(echo "\$*" | sed -n 's/.*UserKnownHostsFile="\([^"]*\)".*/\1/p')
			echo "\$(cut -d ' ' -f 1 "\$file" | head -n 1) $(key_of stranger)" >"$PWD/$1.strange"
			cp "$PWD/$1.strange" "\$file"
		fi
		exec $(command -v ssh) "\$@"
	END
	chmod +x "$1.bin/ssh"
}

@test "a kexec that comes back in Debian is tried once more after a rebuild, and not twice" {
	kexec_does once 'echo reboot >/run/machine/buttons'
	kexec_does twice 'echo reboot >/run/machine/buttons'
	CCC_KEXEC=$PWD/once.tar.gz begin once
	CCC_KEXEC=$PWD/twice.tar.gz begin twice
	until_true 30 has once kexecFailedAt
	cp "$CCC_KEXEC" once.tar.gz
	failed_cleanly twice "Failed to kexec into NixOS installer"
	happened twice rebuilt
	works once
	grep -qF "the base system is put back" once.out
	has once rebuiltAt
	[ "$(servers)" -eq 1 ]
}

@test "a machine that is not to be reached any more after the kexec" {
	kexec_does dead 'echo poweroff >/run/machine/buttons'
	CCC_KEXEC=$PWD/dead.tar.gz begin dead
	until_true 30 said dead 'machine will boot into nixos'
	sleep 2
	leap 920
	failed_cleanly dead "'booting the installer' took longer than its limit of 900 s"
	nothing_is_left
}

@test "a copy that is cut" {
	mkdir cut.bin
	cat >cut.bin/nix <<-END
		#!/bin/sh
		case " \$* " in
		*remote-store*)
			$(command -v nix) "\$@" &
			sleep 0.2
			kill -9 \$!
			kill -9 \$\$
			;;
		esac
		exec $(command -v nix) "\$@"
	END
	chmod +x cut.bin/nix
	begin cut
	failed_cleanly cut "while 'copying the system'"
	nothing_is_left
}

@test "a machine that boots as another instance" {
	mkdir box
	cat >box/default.nix <<-END
		{ instanceFile, ... }@arguments:
		let
		  ours = builtins.readFile instanceFile;
		  other = builtins.toJSON (builtins.fromJSON ours // { instanceId = "ffffff"; });
		in
		import $CCC_BOX (arguments // { instanceFile = builtins.toFile "instance.json" other; })
	END
	CCC_BOX=$PWD/box begin other
	failed_cleanly other "the machine says that it is instance 'ffffff'"
	nothing_is_left
}

@test "a machine that never comes back from its reboot, and one that comes back with another host key" {
	show_stranger strange '*ccc-report*' 1
	begin never
	begin strange
	until_true 60 said never '### Waiting for the machine to become unreachable'
	curl -sf -d '{"do": "poweroff"}' "$HETZNER_SIM/servers/$(of never serverId)" >/dev/null
	until_true 60 has never installedAt
	until_true 60 has strange installedAt
	until_true 20 said strange 'Host key verification failed'
	leap 620
	failed_cleanly never "verifying the machine took longer than 600 s"
	failed_cleanly strange 'Host key verification failed'
	nothing_is_left
}

@test "another host key than ours at the first boot" {
	fault '{"ssh": "other-host-key"}'
	begin boot
	until_true 20 said boot 'Host key verification failed'
	leap 620
	failed_cleanly boot 'Host key verification failed'
	! happened boot reachable || return 1
	nothing_is_left
}

@test "another host key after the kexec" {
	kexec_does strange 'ssh-keygen -q -t ed25519 -N "" -f /tmp/key; cp /tmp/key /run/machine/memory/ssh_host_ed25519_key; echo kexec >/run/machine/buttons'
	CCC_KEXEC=$PWD/strange.tar.gz begin strange
	until_true 30 said strange 'Host key verification failed'
	leap 920
	failed_cleanly strange "'booting the installer' took longer than its limit of 900 s" 'Host key verification failed'
	nothing_is_left
}

@test "another host key when the disk is partitioned, when nix copy brings the system, and when it is installed" {
	show_stranger disk '*-disko-simulated*' 1
	show_stranger copy '*nix-store*' 2
	show_stranger install '*" sh"|*" sh --"|*" sh -s"' 3 # twice a script looks at the machine
	begin disk
	begin copy
	begin install
	failed_cleanly disk "while 'partitioning the disk'" 'Host key verification failed'
	failed_cleanly copy "while 'copying the system'" 'Host key verification failed'
	failed_cleanly install "while 'installing'" 'Host key verification failed'
	! happened install installed || return 1
	nothing_is_left
}

@test "all that was tried with nixos-anywhere itself" {
	[ -n "$installer" ] || skip "no nixos-anywhere is installed here; its stand-in was tried"
}
