#!/usr/bin/env bats
# The scripts of the box, run against a root directory of their own.
# shellcheck disable=SC2016 # what is quoted is meant literally

bats_require_minimum_version 1.5.0

setup() {
	scripts=$BATS_TEST_DIRNAME/../../nix/scripts
	export CCC_ROOT=$BATS_TEST_TMPDIR/root
	mkdir -p "$CCC_ROOT/etc/ccc" "$CCC_ROOT/etc/ssh/authorized_keys.d" "$CCC_ROOT/var/lib/ccc/authorized_keys.d" \
		"$CCC_ROOT/run/systemd/timesync" "$CCC_ROOT/store/system" "$BATS_TEST_TMPDIR/bin"
	ln -s "$CCC_ROOT/store/system" "$CCC_ROOT/run/current-system"
	touch "$CCC_ROOT/run/systemd/timesync/synchronized"
	printf '{"expiresAt":1893456000,"instanceId":"a1b2c3"}' >"$CCC_ROOT/etc/ccc/instance.json"
	printf 'ssh-ed25519 AAAA\nssh-rsa BBBB\n' >"$CCC_ROOT/etc/ssh/authorized_keys.d/claude"
	calls=$BATS_TEST_TMPDIR/calls
	touch "$calls"
	stand_in systemctl 'exit 0'
	stand_in runuser 'shift 3; exec "$@"'
	stand_in claude 'echo "2.1.0 (Claude Code)"; echo more'
	stand_in wall 'exit 0'
	stand_in loginctl 'exit 0'
	stand_in networkctl 'exit 0'
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

# A program of that name that notes how it was called and then runs a line of shell.
stand_in() {
	printf '#!/bin/sh\nprintf "%%s\\n" "%s $*" >>"%s"\n%s\n' "$1" "$calls" "$2" >"$BATS_TEST_TMPDIR/bin/$1"
	chmod 755 "$BATS_TEST_TMPDIR/bin/$1"
}

expires_in() {
	"$scripts/ccc-set-expiry" $(($(date +%s) + $1)) >/dev/null
}

@test "ccc-report says everything about a good box" {
	run "$scripts/ccc-report"
	[ "$status" -eq 0 ]
	expected="instance=a1b2c3
key=ssh-ed25519 AAAA
key=ssh-rsa BBBB
claude=2.1.0 (Claude Code)
expires=1893456000
system=$CCC_ROOT/store/system
end=1"
	[ "$output" = "$expected" ]
	grep -q '^runuser -u claude -- env HOME=/home/claude claude --version$' "$calls"
}

@test "ccc-report reads pretty-printed parameters as well" {
	printf '{\n  "instanceId" : "a1b2c3",\n  "expiresAt": 1893456000\n}\n' >"$CCC_ROOT/etc/ccc/instance.json"
	run "$scripts/ccc-report"
	[ "${lines[0]}" = instance=a1b2c3 ]
	[[ $output == *"expires=1893456000"* ]]
}

@test "ccc-report lists keys of both files, without comments, blank lines and a missing line end" {
	printf '# by the operator\n\nssh-ed25519 CCCC user@example.com\nsk-ssh-ed25519@openssh.com DDDD' \
		>"$CCC_ROOT/var/lib/ccc/authorized_keys.d/claude"
	run "$scripts/ccc-report"
	[ "$(grep -c '^key=' <<<"$output")" -eq 4 ]
	[[ $output == *"key=ssh-ed25519 CCCC"$'\n'* ]]
	[[ $output == *"key=sk-ssh-ed25519@openssh.com DDDD"$'\n'* ]]
}

@test "ccc-report gives no version when claude fails, whatever it prints" {
	stand_in claude 'echo "2.1.0 (Claude Code)"; exit 1'
	run "$scripts/ccc-report"
	[[ $output == *$'\nclaude=\n'* ]]
	[[ $output == *"end=1" ]]
}

@test "ccc-report names failed units, and says when nobody can tell" {
	stand_in systemctl 'echo "sshd.service loaded failed failed OpenSSH"; echo "a.timer loaded failed failed A"'
	run "$scripts/ccc-report"
	[[ $output == *$'\nfailed=sshd.service\nfailed=a.timer\n'* ]]
	stand_in systemctl 'exit 1'
	run "$scripts/ccc-report"
	[[ $output == *$'\nfailed=systemctl does not answer\n'* ]]
}

@test "ccc-report on a foreign machine names no instance and still ends" {
	rm -r "$CCC_ROOT"
	mkdir "$CCC_ROOT"
	run "$scripts/ccc-report"
	[ "${lines[0]}" = instance= ]
	[[ $output == *$'\nexpires=\nsystem=\nend=1' ]]
}

@test "ccc-set-expiry writes, reads back and is what ccc-report then says" {
	run "$scripts/ccc-set-expiry" 1900000000
	[ "$status" -eq 0 ]
	[ "$output" = expires=1900000000 ]
	[ "$(cat "$CCC_ROOT/var/lib/ccc/expires-at")" = 1900000000 ]
	run "$scripts/ccc-set-expiry" 1800000000
	[ "$output" = expires=1800000000 ]
	run "$scripts/ccc-report"
	[[ $output == *"expires=1800000000"* ]]
	[ "$(find "$CCC_ROOT/var/lib/ccc" -type f -name '.*' | wc -l)" -eq 0 ]
}

@test "ccc-set-expiry makes its directory" {
	rm -r "${CCC_ROOT:?}/var"
	run "$scripts/ccc-set-expiry" 1900000000
	[ "$status" -eq 0 ]
	[ "$(stat -c %a "$CCC_ROOT/var/lib/ccc/expires-at")" = 644 ]
}

@test "ccc-set-expiry refuses what is no unix time and changes nothing" {
	"$scripts/ccc-set-expiry" 1900000000
	for bad in '' -1 0 0123 1e9 '1 2' 12a 1893456000000 '$(id)'; do
		run "$scripts/ccc-set-expiry" "$bad"
		[ "$status" -eq 2 ]
	done
	run "$scripts/ccc-set-expiry"
	[ "$status" -eq 2 ]
	run "$scripts/ccc-set-expiry" 1 2
	[ "$status" -eq 2 ]
	[ "$(cat "$CCC_ROOT/var/lib/ccc/expires-at")" = 1900000000 ]
}

@test "ccc-set-keys puts the whole list in place, also of a link, and is what ccc-report then says" {
	rm "$CCC_ROOT/etc/ssh/authorized_keys.d/claude"
	echo 'ssh-ed25519 AAAA' >"$CCC_ROOT/etc/ccc/authorized_keys"
	ln -s "$CCC_ROOT/etc/ccc/authorized_keys" "$CCC_ROOT/var/lib/ccc/authorized_keys.d/claude"
	[[ $("$scripts/ccc-report") == *$'\nkey=ssh-ed25519 AAAA\nclaude='* ]]
	run "$scripts/ccc-set-keys" ssh-ed25519 CCCC sk-ssh-ed25519@openssh.com DD/+==
	[ "$status" -eq 0 ]
	[ "$output" = $'key=ssh-ed25519 CCCC\nkey=sk-ssh-ed25519@openssh.com DD/+==\nend=1' ]
	[ "$(stat -c '%a %F' "$CCC_ROOT/var/lib/ccc/authorized_keys.d/claude")" = '644 regular file' ]
	[ "$(cat "$CCC_ROOT/etc/ccc/authorized_keys")" = 'ssh-ed25519 AAAA' ]
	run "$scripts/ccc-report"
	[ "$(grep ^key= <<<"$output")" = $'key=ssh-ed25519 CCCC\nkey=sk-ssh-ed25519@openssh.com DD/+==' ]
	run "$scripts/ccc-set-keys" ssh-rsa EEEE
	[ "$output" = $'key=ssh-rsa EEEE\nend=1' ]
	[ "$(ls -A "$CCC_ROOT/var/lib/ccc/authorized_keys.d")" = claude ]
}

@test "ccc-set-keys tells a key that is built in besides: it still opens the door" {
	run "$scripts/ccc-set-keys" ssh-ed25519 CCCC
	[ "$output" = $'key=ssh-ed25519 AAAA\nkey=ssh-rsa BBBB\nkey=ssh-ed25519 CCCC\nend=1' ]
}

@test "ccc-set-keys refuses what is no key, and an empty list, and changes nothing" {
	"$scripts/ccc-set-keys" ssh-ed25519 CCCC
	refused() {
		run "$scripts/ccc-set-keys" "$@"
		[ "$status" -eq 2 ]
	}
	refused
	refused ssh-ed25519
	refused ssh-ed25519 CCCC ssh-rsa
	refused ssh-ed25519 ''
	refused ssh-ed25519 'CC CC'
	refused ssh-ed25519 $'CCCC\nssh-rsa'
	refused ssh-dss CCCC
	refused 'command="id"' ssh-ed25519
	refused 'ssh-ed25519 CCCC'
	[ "$(cat "$CCC_ROOT/var/lib/ccc/authorized_keys.d/claude")" = 'ssh-ed25519 CCCC' ]
	[ "$(ls -A "$CCC_ROOT/var/lib/ccc/authorized_keys.d")" = claude ]
}

@test "ccc-expire is silent while there is time" {
	expires_in 7200
	run "$scripts/ccc-expire"
	[ "$status" -eq 0 ]
	[ ! -s "$calls" ]
}

@test "ccc-expire warns at each mark once, and again after an extension" {
	expires_in 1700
	"$scripts/ccc-expire"
	"$scripts/ccc-expire"
	[ "$(grep -c '^wall .*ends in 29 min' "$calls")" -eq 1 ]
	expires_in 290
	"$scripts/ccc-expire"
	"$scripts/ccc-expire"
	[ "$(grep -c '^wall .*ends in 5 min' "$calls")" -eq 1 ]
	expires_in 285
	"$scripts/ccc-expire"
	[ "$(grep -c '^wall' "$calls")" -eq 3 ]
	run ! grep -q loginctl "$calls"
}

@test "ccc-expire ends the user's sessions when the time is over, and powers nothing off" {
	stand_in poweroff 'exit 0'
	expires_in -1
	run "$scripts/ccc-expire"
	[ "$status" -eq 0 ]
	run "$scripts/ccc-expire"
	[ "$(grep -c '^wall .*is over' "$calls")" -eq 1 ]
	[ "$(grep -c '^loginctl terminate-user claude$' "$calls")" -eq 2 ]
	run ! grep -q 'poweroff\|^systemctl' "$calls"
}

@test "ccc-expire does nothing without the time, an expiry or a sane one" {
	expires_in -100
	rm "$CCC_ROOT/run/systemd/timesync/synchronized"
	run "$scripts/ccc-expire"
	[ "$status" -eq 0 ]
	touch "$CCC_ROOT/run/systemd/timesync/synchronized"
	echo rubbish >"$CCC_ROOT/var/lib/ccc/expires-at"
	run "$scripts/ccc-expire"
	[ "$status" -eq 0 ]
	rm "$CCC_ROOT/var/lib/ccc/expires-at" "$CCC_ROOT/etc/ccc/instance.json"
	run "$scripts/ccc-expire"
	[ "$status" -eq 0 ]
	[ ! -s "$calls" ]
}

@test "ccc-ipv6 takes the address out of the metadata" {
	stand_in curl 'cat <<END
hostname: cc-a1b2c3
network-config:
  config:
  - mac_address: 96:00:00:08:19:da
    name: eth0
    subnets:
    - dns_nameservers:
      - 2a01:4ff:ff00::add:1
      ipv4: true
      type: dhcp
  - name: eth0:0
    subnets:
    - address: 2001:db8:1:2::1/64
      gateway: fe80::1
      ipv6: true
      type: static
END'
	run "$scripts/ccc-ipv6" 10-uplink
	[ "$status" -eq 0 ]
	[ "$(cat "$CCC_ROOT/run/systemd/network/10-uplink.network.d/ipv6.conf")" = "[Network]
Address=2001:db8:1:2::1/64
Gateway=fe80::1" ]
	grep -q '^networkctl reload$' "$calls"
}

@test "ccc-ipv6 goes on without an address" {
	stand_in curl 'exit 7'
	run "$scripts/ccc-ipv6" 10-uplink
	[ "$status" -eq 0 ]
	[ ! -e "$CCC_ROOT/run/systemd/network" ]
	stand_in curl 'printf "subnets:\n- address: 10.0.0.2/24\n- address: ::1/64; rm -rf\n"'
	run "$scripts/ccc-ipv6" 10-uplink
	[ "$status" -eq 0 ]
	[ ! -e "$CCC_ROOT/run/systemd/network" ]
}
