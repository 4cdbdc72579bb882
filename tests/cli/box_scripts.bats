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
	export TZ=EST5 # what is told is UTC
	touch "$calls"
	stand_in systemctl 'exit 0'
	stand_in runuser 'shift 3; exec "$@"'
	stand_in claude 'echo "2.1.0 (Claude Code)"; echo more'
	stand_in wall 'exit 0'
	stand_in loginctl 'exit 0'
	stand_in networkctl 'exit 0'
	stand_in sleep 'exit 0'
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

# A program of that name that notes how it was called and then runs a line of shell.
stand_in() {
	printf '#!/bin/sh\nprintf "%%s\\n" "%s $*" >>"%s"\n%s\n' "$1" "$calls" "$2" >"$BATS_TEST_TMPDIR/bin/$1"
	chmod 755 "$BATS_TEST_TMPDIR/bin/$1"
}

# stop_clock SECONDS: that long before 2030-01-01 00:00 UTC, when the time that was built in ends
stop_clock() {
	now=$((1893456000 - $1))
	printf '#!/bin/sh\n[ "$*" != +%%s ] || set -- -d @%s +%%s\nexec /usr/bin/date "$@"\n' "$now" >"$BATS_TEST_TMPDIR/bin/date"
	chmod 755 "$BATS_TEST_TMPDIR/bin/date"
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

@test "ccc-left says it to people, to a status line and to scripts" {
	left() {
		stop_clock "$1"
		[ "$("$scripts/ccc-left")" = "$2; the end is 2030-01-01 00:00 UTC" ]
		[ "$("$scripts/ccc-left" --short)" = "$2 (00:00 UTC)" ]
		[ "$("$scripts/ccc-left" --seconds)" = "$1 1893456000" ]
	}
	left 360000 '100 h 0 min left'
	left 86399 '23 h 59 min left'
	left 3600 '1 h 0 min left'
	left 3599 '59 min left'
	left 60 '1 min left'
	left 59 'less than 1 min left'
	left 0 'time is over'
	left -700 'time is over'
	"$scripts/ccc-set-expiry" 1893456600
	[ "$("$scripts/ccc-left" --seconds)" = '-100 1893456600' ]
}

@test "without the time, an expiry or a sane one nobody knows what is left, and nothing is done about it" {
	stop_clock -100
	nobody_knows() {
		run "$scripts/ccc-left" --seconds
		[ "$status" -eq 1 ]
		[ -z "$output" ]
		run "$scripts/ccc-left" --short
		[ -z "$output" ]
		run "$scripts/ccc-left"
		[[ $output == *'not known yet'* ]]
		run -0 "$scripts/ccc-expire" 10
		[ ! -s "$calls" ]
		[ "$(session 'echo in')" = in ]
	}
	rm "$CCC_ROOT/run/systemd/timesync/synchronized"
	nobody_knows
	touch "$CCC_ROOT/run/systemd/timesync/synchronized"
	for wrong in rubbish 0123 189345600000 -5; do
		echo "$wrong" >"$CCC_ROOT/var/lib/ccc/expires-at"
		nobody_knows
	done
	rm "$CCC_ROOT/var/lib/ccc/expires-at" "$CCC_ROOT/etc/ccc/instance.json"
	nobody_knows
}

@test "ccc-expire is silent while there is time" {
	stop_clock 1860
	run -0 "$scripts/ccc-expire" 10
	[ ! -s "$calls" ]
}

# expire SECONDS: what a run at that time does, a line a program
expire() {
	stop_clock "$1"
	: >"$calls"
	"$scripts/ccc-expire" "${2:-10}"
	cat "$calls"
}

@test "ccc-expire warns no later than 30, 10 and 2 minutes before, with the end in UTC, each once" {
	[[ $(expire 1859) == 'wall The paid time of this machine ends at 2030-01-01 00:00 UTC, in 30 min.'* ]]
	for seconds in 1800 1799 900 660; do
		[ -z "$(expire $seconds)" ]
	done
	[[ $(expire 659) == 'wall '*'2030-01-01 00:00 UTC, in 10 min.'* ]]
	[ -z "$(expire 600)" ]
	[[ $(expire 179) == 'wall '*'2030-01-01 00:00 UTC, in 2 min.'* ]]
	[ -z "$(expire 60)" ]
	[ -z "$(expire 1)" ]
	"$scripts/ccc-set-expiry" 1893456060
	[[ $(expire 1) == 'wall '*'ends at 2030-01-01 00:01 UTC, in 1 min.'* ]]
}

@test "ccc-expire ends the sessions, lets the copies of the last stretch be, and powers nothing off" {
	for program in poweroff shutdown; do
		stand_in "$program" 'exit 0'
	done
	expected='wall The paid time of this machine ended at 2030-01-01 00:00 UTC.
It is deleted soon, with all that is on it.
Until then, or 2030-01-01 00:10 UTC, files can be copied out: scp, sftp, rsync.
sleep 1
loginctl terminate-user claude'
	[ "$(expire 0)" = "$expected" ]
	[ -z "$(expire -60)" ]
	[ -z "$(expire -599)" ]
	[ "$(expire -600)" = 'loginctl terminate-user claude' ]
	[ "$(expire -660)" = 'loginctl terminate-user claude' ]
	# an extension begins anew
	"$scripts/ccc-set-expiry" 1893459600
	[ -z "$(expire -720)" ]
	[[ $(expire -3600) == 'wall '*'ended at 2030-01-01 01:00 UTC'*'terminate-user claude' ]]
	# where there is no last stretch
	rm -r "$CCC_ROOT/run/ccc"
	[[ $(expire -3600 0) != *copied*UTC* ]]
	[ "$(expire -3660 0)" = 'loginctl terminate-user claude' ]
}

@test "ccc-expire ends the sessions also where nobody can be told" {
	stand_in wall 'exit 1'
	[[ $(expire 0) == 'wall '*'loginctl terminate-user claude' ]]
	[ -z "$(expire -60)" ]
}

# session COMMAND: what sshd would run for it
session() {
	SHELL=/bin/bash SSH_ORIGINAL_COMMAND=$1 "$scripts/ccc-session" 10 "$BATS_TEST_TMPDIR/bin/sftp-server" </dev/null
}

@test "ccc-session gives what was asked for while there is time" {
	stop_clock 1
	[ "$(session 'echo "a  b"; echo $0; exit 0')" = $'a  b\n/bin/bash' ]
	run session 'exit 7'
	[ "$status" -eq 7 ]
	[ "$(SHELL=/bin/bash HOME=$BATS_TEST_TMPDIR "$scripts/ccc-session" 10 sftp <<<'shopt -q login_shell && echo login')" = login ]
	stand_in sftp-server 'echo "words: $*"'
	[ "$(session "$BATS_TEST_TMPDIR/bin/sftp-server")" = 'words: ' ]
}

@test "in the last stretch ccc-session lets copy out, and nothing else" {
	stop_clock -599
	for program in sftp-server scp rsync git-upload-pack; do
		stand_in "$program" 'for word; do echo "<$word>"; done'
	done
	touch "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two"
	[ "$(session "$BATS_TEST_TMPDIR/bin/sftp-server")" = '<-R>' ]
	[ "$(session "$BATS_TEST_TMPDIR/bin/sftp-server ")" = '<-R>' ]
	[ "$(session "scp -r -p -f -- 'a b'")" = $'<-r>\n<-p>\n<-f>\n<-->\n<a b>' ]
	[ "$(HOME=/h session 'scp -f ~/x')" = $'<-f>\n</h/x>' ]
	[ "$(cd "$BATS_TEST_TMPDIR" && session 'scp -f one* t*o')" = $'<-f>\n<one>\n<two>' ]
	[ "$(session 'rsync --server --sender -logDtpre.iLsfxCIvu . work\ dir/')" = \
		$'<--server>\n<--sender>\n<-logDtpre.iLsfxCIvu>\n<.>\n<work dir/>' ]
	[ "$(session "git-upload-pack 'project'")" = '<project>' ]
	: >"$calls"
	for command in '' id bash 'scp -t x' 'scp -r -t x' 'scp -S id -f x' 'scp x -f y' 'rsync --server . x' \
		'rsync --daemon' 'scp -f x; id' 'scp -f x && id' 'scp -f x | id' 'scp -f $(id)' 'scp -f `id`' 'scp -f x >y' \
		'scp -f <(id)' $'scp -f x\nid' '/tmp/sftp-server' 'git-receive-pack x' 'scpx -f y'; do
		run session "$command"
		[ "$status" -eq 1 ]
		[ "$output" = "The paid time of this machine ended at 2030-01-01 00:00 UTC. Until 2030-01-01 00:10 UTC\
 files can still be copied out: scp, sftp, rsync." ]
	done
	[ ! -s "$calls" ]
}

@test "after the last stretch nobody gets in, until there is time again" {
	stop_clock -600
	for command in '' id 'scp -f x' "$BATS_TEST_TMPDIR/bin/sftp-server"; do
		run session "$command"
		[ "$status" -eq 1 ]
		[ "$output" = 'The paid time of this machine ended at 2030-01-01 00:00 UTC. Nobody gets in any more.' ]
	done
	"$scripts/ccc-set-expiry" 1893456601
	[ "$(session 'echo in')" = in ]
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

# welcome ADDRESS: the login text of a machine with that address
welcome() {
	SSH_CONNECTION="198.51.100.7 50000 $1 22" "$scripts/ccc-welcome"
}

@test "the login text is short and says what is left, how Claude logs in and how to keep work" {
	stop_clock 86399
	run welcome 255.255.255.255
	[ "${#lines[@]}" -lt 10 ]
	[ "$(awk 'length > 80' <<<"$output")" = '' ]
	[ "${lines[0]}" = '23 h 59 min left; the end is 2030-01-01 00:00 UTC' ]
	[[ $output == *"run 'claude'"*browser*code*'scp -r claude@255.255.255.255:DIRECTORY .'* ]]
	run welcome 2001:db8::1
	[[ $output == *"scp -r 'claude@[2001:db8::1]':DIRECTORY ."* ]]
	[ "$(SSH_CONNECTION='' "$scripts/ccc-welcome" | wc -l)" -eq 8 ]
}

@test "the login text comes on a terminal, and on nothing else" {
	stop_clock 3600
	session="SHELL=/bin/true $scripts/ccc-session 10 sftp"
	[[ $(script -qec "$session" /dev/null </dev/null) == *'1 h 0 min left'* ]]
	[ -z "$(script -qec "SSH_ORIGINAL_COMMAND=true $session" /dev/null </dev/null)" ]
	[ -z "$(sh -c "$session" </dev/null 2>&1)" ]
}

@test "docs/login.md shows what the scripts say" {
	unset CCC_ROOT
	"$BATS_TEST_DIRNAME/../../tools/make-login" | diff "$BATS_TEST_DIRNAME/../../docs/login.md" -
}
