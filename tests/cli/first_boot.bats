#!/usr/bin/env bats
# The first boot of the box that is the same for all instances, and the change of its host key: the scripts
# as they are, in a root directory of their own.
# shellcheck disable=SC2016,SC2154 # what is quoted is meant literally; variables of evaluation.bash

bats_require_minimum_version 1.5.0
load evaluation

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	pure "$BATS_TEST_DIRNAME/../../nix/first-boot.nix" | jq -r . >rules
	hostile_parameters
	for name in bootstrap lasting; do
		ssh-keygen -q -t ed25519 -N '' -C "$name" -f $name
	done
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return 1
	scripts=$BATS_TEST_DIRNAME/../../nix/scripts
	calls=$BATS_TEST_TMPDIR/calls
	export CCC_ROOT=$BATS_TEST_TMPDIR/root CCC_METADATA=file://$BATS_TEST_TMPDIR
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	for program in sleep systemctl; do
		stand_in $program 'exit 0'
	done
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	fresh
}

# fresh: a machine on which the system was just installed
fresh() {
	rm -rf "$CCC_ROOT"
	mkdir -p "$CCC_ROOT/etc/ccc" "$CCC_ROOT/run/systemd/timesync" "$CCC_ROOT/proc/sys/kernel"
	touch "$CCC_ROOT/run/systemd/timesync/synchronized" "$CCC_ROOT/proc/sys/kernel/hostname"
	cp rules "$CCC_ROOT/etc/ccc/parameters.json"
	: >"$calls"
}

# A program of that name that notes how it was called and then runs a line of shell.
stand_in() {
	printf '#!/bin/sh\nprintf "%%s\\n" "%s $*" >>"%s"\n%s\n' "$1" "$calls" "$2" >"$BATS_TEST_TMPDIR/bin/$1"
	chmod 755 "$BATS_TEST_TMPDIR/bin/$1"
}

# user_data PARAMETERS [KEY-FILE]: as ccc sends them, with these parameters (JSON text)
user_data() {
	printf '#cloud-config\n{"ssh_keys":{"ed25519_private":%s},"ccc":%s}\n' "$(jq -Rs . "${2:-bootstrap}")" "$1" \
		>"$BATS_TEST_TMPDIR/userdata"
}

# made: everything that a first boot writes, a line each with its mode
made() {
	(cd "$CCC_ROOT" && find . -type f ! -path ./etc/ccc/parameters.json ! -name synchronized -printf '%m %P\n' | LC_ALL=C sort)
}

untouched='644 proc/sys/kernel/hostname'
whole="600 etc/ssh/ssh_host_ed25519_key
644 etc/hostname
644 etc/ssh/ssh_host_ed25519_key.pub
644 proc/sys/kernel/hostname
644 var/lib/ccc/authorized_keys.d/claude
644 var/lib/ccc/authorized_keys.d/root
644 var/lib/ccc/instance.json"

# contents: of the same, as one text
contents() {
	made && (cd "$CCC_ROOT" && made | cut -d ' ' -f 2 | xargs head -v -n -0)
}

# refused TEXT: the first boot fails with that reason, and nobody gets in
refused() {
	run "$scripts/ccc-first-boot"
	echo "status $status: $output"
	[ "$status" -eq 1 ]
	[[ $output == *"ccc-first-boot: nobody can log in, as "*"$1"* ]]
	[ "$(made)" = "$untouched" ]
	[ ! -s "$CCC_ROOT/proc/sys/kernel/hostname" ]
	[ "$(ls -A "$CCC_ROOT/run")" = systemd ]
}

@test "the first boot makes the machine what the user data say" {
	user_data "$(good ".sshKeys += [\"$(key rsa4096)\", \"$(key sk-ed25519)\"]")"
	run -0 "$scripts/ccc-first-boot"
	[ "$output" = 'ccc-first-boot: this is cc-a1b2c3' ]
	[ "$(made)" = "$whole" ]
	[ "$(cat "$CCC_ROOT/etc/hostname")" = cc-a1b2c3 ]
	[ "$(cat "$CCC_ROOT/proc/sys/kernel/hostname")" = cc-a1b2c3 ]
	[ "$(cat "$CCC_ROOT/var/lib/ccc/authorized_keys.d/claude")" = "$(key ed25519; key rsa4096; key sk-ed25519)" ]
	[ "$(cat "$CCC_ROOT/var/lib/ccc/authorized_keys.d/root")" = "$(key sk-ed25519)" ]
	[ "$(cat "$CCC_ROOT/etc/ssh/ssh_host_ed25519_key.pub")" = "$(cut -d ' ' -f 1,2 bootstrap.pub)" ]
	cmp bootstrap "$CCC_ROOT/etc/ssh/ssh_host_ed25519_key"
	# the key is on no other place, and neither are all user data
	[ "$(grep -rl 'OPENSSH PRIVATE' "$CCC_ROOT")" = "$CCC_ROOT/etc/ssh/ssh_host_ed25519_key" ]

	run "$scripts/ccc-report"
	[[ $output == "instance=a1b2c3
key=$(key ed25519)
key=$(key rsa4096)
key=$(key sk-ed25519)
"*"expires=1893456000
"* ]]
	[[ $("$scripts/ccc-left" --seconds) == *' 1893456000' ]]
	"$scripts/ccc-set-expiry" 1900000000
	[[ $("$scripts/ccc-left" --seconds) == *' 1900000000' ]]
}

@test "an operator without a shell is confined by the line of the key, and without an operator there is no line" {
	user_data "$(good '.operatorAccess = "commands"')"
	"$scripts/ccc-first-boot"
	[ "$(cat "$CCC_ROOT/var/lib/ccc/authorized_keys.d/root")" = \
		"restrict,command=\"/run/current-system/sw/bin/ccc-operator\" $(key sk-ed25519)" ]
	fresh
	user_data "$(good '.operatorAccess = "commands" | .operatorKeys = []')"
	"$scripts/ccc-first-boot"
	[ ! -s "$CCC_ROOT/var/lib/ccc/authorized_keys.d/root" ]
	fresh
	user_data "$(good 'del(.operatorKeys)')"
	"$scripts/ccc-first-boot"
	[ "$(made)" = "$whole" ]
	[ ! -s "$CCC_ROOT/var/lib/ccc/authorized_keys.d/root" ]
}

@test "what Nix refuses of the parameters the first boot refuses too, and names the option" {
	[ "$(find hostile -name '*.json' | wc -l)" -gt 240 ]
	for file in hostile/*.json; do
		case $file in
		*/1MB-*) continue ;;       # more than a server takes
		*/surrogate-*) continue ;; # to some versions of jq that is no JSON
		esac
		user_data "$(cat "$file")"
		status=0
		"$scripts/ccc-first-boot" >"$BATS_TEST_TMPDIR/said" 2>&1 || status=$?
		# the last words of the file's name, and no other
		options=$(basename "$file" .json | tr - '\n' | grep -xE 'instanceId|expiresAt|sshKeys|operatorKeys|operatorAccess' | sort -u)
		told=$(grep -oE 'ccc\.[A-Za-z]+ must' "$BATS_TEST_TMPDIR/said" | sed 's/ccc\.//; s/ must//' | sort -u)
		[ "$status $told $(made)" = "1 $options $untouched" ] || {
			echo "$file: $status $(cat "$BATS_TEST_TMPDIR/said")"
			return 1
		}
	done
}

@test "parameters that are missing, of another kind or unknown are refused" {
	while IFS=$'\t' read -r reason filter; do
		user_data "$(good "$filter")"
		refused "$reason"
	done <<'END'
of the user data ccc.instanceId must be six lower-case	del(.instanceId)
ccc.expiresAt must be a Unix time	del(.expiresAt)
ccc.sshKeys must be a list of 1 or more	del(.sshKeys)
ccc.sshKeys must be	.sshKeys = []
ccc.sshKeys must be	.sshKeys = "ssh-ed25519 AAAA"
ccc.sshKeys must be	.sshKeys = {a: .sshKeys[0]}
ccc.sshKeys must be	.sshKeys += [null]
ccc.sshKeys must be	.sshKeys += [["ssh-ed25519 AAAA"]]
ccc.operatorKeys must be	.operatorKeys = null
ccc.operatorAccess must be "root" or "commands"	.operatorAccess = "sudo"
ccc.operatorAccess must be	.operatorAccess = "roots"
ccc.operatorAccess must be	.operatorAccess = null
ccc.expiresAt must be	.expiresAt = 1577836799
ccc.expiresAt must be	.expiresAt = 10000000000
ccc.expiresAt must be	.expiresAt = 1893456000.5
ccc.expiresAt must be	.expiresAt = "1893456000"
ccc.expiresAt must be	.expiresAt = true
ccc.instanceId must be	.instanceId = 123456
ccc.instanceId must be	.instanceId = "A1B2C3"
ccc.email is no parameter	.email = "user@example.com"
ccc.problem is no parameter	.problem = ""
ccc.ex?pi is no parameter	."ex\u001bpi" = 1
ccc.instanceId must be six lower-case hexadecimal digits; ccc.sshKeys must	.instanceId = "" | .sshKeys = []
ccc is no object	[.]
ccc is no object	null
ccc is no object	"x"
END
}

@test "user data of another form are refused" {
	parameters=$(good | jq -c .)
	key=$(jq -Rs . bootstrap)
	keys_member="\"ssh_keys\":{\"ed25519_private\":$key}"
	given() {
		printf '%b' "$2" | sed "s|@keys|${keys_member//\\/\\\\}|; s|@ccc|$parameters|" >"$BATS_TEST_TMPDIR/userdata"
		refused "$1"
	}
	form='the user data are not "#cloud-config" and one JSON object in which nothing is given twice'
	given "$form" '{@keys,"ccc":@ccc}\n'
	given "$form" '#!/bin/sh\n{@keys,"ccc":@ccc}\n'
	given "$form" '#cloud-config \n{@keys,"ccc":@ccc}\n'
	given "$form" '#cloud-config\n'
	given "$form" '#cloud-config\nccc:\n  instanceId: a1b2c3\n'
	given "$form" '#cloud-config\n[{@keys,"ccc":@ccc}]\n'
	given "$form" '#cloud-config\n"ccc"\n'
	given "$form" '#cloud-config\n{@keys,"ccc":@ccc}{}\n'
	given "$form" '#cloud-config\n{@keys,"ccc":@ccc\n'
	given "$form" '#cloud-config\n{@keys,"ccc":@ccc}\000\n'
	given "$form" '#cloud-config\n{@keys,"ccc":@ccc,"ccc":@ccc}\n'
	given "$form" '#cloud-config\n{@keys,"ccc":{},"ccc":@ccc}\n'
	given "$form" '#cloud-config\n{@keys,"ccc":{"sshKeys":["ssh-ed25519 BBBB"]},"ccc":@ccc}\n'
	given "$form" '#cloud-config\n{@keys,"ccc":1,"ccc":@ccc}\n'
	given "$form" '#cloud-config\n{@keys,"ccc":@ccc,"ccc":1}\n'
	given "$form" '#cloud-config\n{@keys,"c\\u0063c":{"instanceId":"d4e5f6"},"ccc":@ccc}\n'
	given "$form" '#cloud-config\n{@keys,@keys,"ccc":@ccc}\n'
	given "$form" '#cloud-config\n{@keys,"ccc":'"${parameters/'"expiresAt"'/'"expiresAt":1893999999,"expiresAt"'}"'}\n'
	given 'ccc is no object' '#cloud-config\n{@keys}\n'
	given 'ccc is no object' '#cloud-config\n{@keys,"ccc":[@ccc]}\n'

	host_key='of the user data ssh_keys.ed25519_private must be a private ed25519 key in OpenSSH'
	given "$host_key" '#cloud-config\n{"ccc":@ccc}\n'
	given "$host_key" '#cloud-config\n{"ssh_keys":[],"ccc":@ccc}\n'
	given "$host_key" '#cloud-config\n{"ssh_keys":{"ed25519_private":1},"ccc":@ccc}\n'
	ssh-keygen -q -t ed25519 -N secret -f "$BATS_TEST_TMPDIR/locked"
	ssh-keygen -q -t ecdsa -N '' -f "$BATS_TEST_TMPDIR/ecdsa"
	for bad in bootstrap.pub "$BATS_TEST_TMPDIR/locked" "$BATS_TEST_TMPDIR/ecdsa"; do
		user_data "$(good)" "$bad"
		refused "$host_key"
	done
	# and nothing was wrong with the rest
	user_data "$(good)"
	run -0 "$scripts/ccc-first-boot"
}

@test "the network may come late, and where it never does the console says why" {
	user_data "$(good)"
	mv "$BATS_TEST_TMPDIR/userdata" "$BATS_TEST_TMPDIR/later"
	stand_in sleep "[ \$(grep -c '^sleep 5$' '$calls') -lt 3 ] || cp '$BATS_TEST_TMPDIR/later' '$BATS_TEST_TMPDIR/userdata'"
	run -0 "$scripts/ccc-first-boot"
	[[ ${lines[0]} == 'ccc-first-boot: no user data yet (curl: '*'); trying again' ]]
	[ "${lines[1]}" = 'ccc-first-boot: this is cc-a1b2c3' ]
	[ "$(grep -c '^sleep 5$' "$calls")" -eq 3 ]
	[ "$(made)" = "$whole" ]

	fresh
	stand_in sleep 'exit 0'
	rm "$BATS_TEST_TMPDIR/userdata"
	refused 'there are no user data: curl: '
	[ "$(grep -c '^sleep 5$' "$calls")" -ge 59 ]
	: >"$BATS_TEST_TMPDIR/userdata"
	refused 'there are no user data: they are empty'
	# of the next boot
	user_data "$(good)"
	run -0 "$scripts/ccc-first-boot"
	[ "$(made)" = "$whole" ]
}

@test "the user data are those of Hetzner's metadata service" {
	unset CCC_METADATA
	user_data "$(good)"
	stand_in curl "while [ \"\$1\" != --output ]; do shift; done; cp '$BATS_TEST_TMPDIR/userdata' \"\$2\""
	run -0 "$scripts/ccc-first-boot"
	[[ $(grep ^curl "$calls") == 'curl --fail '*' http://169.254.169.254/hetzner/v1/userdata' ]]
}

@test "another boot changes nothing, whatever the user data say by then" {
	user_data "$(good)"
	"$scripts/ccc-first-boot"
	"$scripts/ccc-set-expiry" 1900000000
	"$scripts/ccc-set-keys" ssh-ed25519 CCCC
	"$scripts/ccc-set-host-key" <lasting
	before=$(contents)
	user_data "$(good '.instanceId = "d4e5f6" | .sshKeys = ["ssh-ed25519 DDDD"]')"
	run -0 "$scripts/ccc-first-boot"
	[ -z "$output" ]
	[ "$(contents)" = "$before" ]
	rm "$BATS_TEST_TMPDIR/userdata"
	run -0 "$scripts/ccc-first-boot"
	[ "$(contents)" = "$before" ]
}

@test "a host key that is there already stays" {
	mkdir "$CCC_ROOT/etc/ssh"
	cp lasting "$CCC_ROOT/etc/ssh/ssh_host_ed25519_key"
	user_data "$(good)"
	run -0 "$scripts/ccc-first-boot"
	cmp lasting "$CCC_ROOT/etc/ssh/ssh_host_ed25519_key"
}

# cut_after CALL: the CALL-th mv or sync ends all that runs, as a power cut does, after its effect
cut_after() {
	local program
	for program in mv sync; do
		stand_in $program "/usr/bin/$program \"\$@\" || exit
[ \$(grep -cE '^(mv|sync) ' '$calls') -ne $1 ] || kill -KILL 0"
	done
}

# each_cut COMMAND...: ends it at each moment that makes something durable or known; `after_cut` looks then
each_cut() {
	local call
	for call in $(seq 40); do
		fresh
		before_cut
		: >"$calls"
		cut_after "$call"
		setsid -w "$@" >"$BATS_TEST_TMPDIR/said" 2>&1 && break
		rm "$BATS_TEST_TMPDIR/bin/mv" "$BATS_TEST_TMPDIR/bin/sync"
		echo "cut after call $call: $(tail -n 1 "$calls")"
		after_cut
	done
	[ "$call" -gt 4 ] && [ "$call" -lt 40 ]
}

# made_durable: in the calls, every file was synced before it was put in place, and its folder afterwards
made_durable() {
	awk '
		$1 == "sync" { for (i = 2; i <= NF; i++) { synced[$i] = 1; delete open[$i] } }
		$1 == "mv" { if (!synced[$3]) bad = 1; folder = $4; sub("/[^/]*$", "", folder); open[folder] = 1; moved++; last = $4 }
		END { for (folder in open) bad = 1; if (bad || !moved) exit 1; print last }' "$calls"
}

@test "whenever the power goes, the next boot makes the machine whole" {
	user_data "$(good)"
	before_cut() { :; }
	after_cut() {
		rm -rf "$CCC_ROOT"/run/ccc-first-boot.* # what is there lives in memory
		# with the marker all is there, and without it the next boot begins anew
		[ ! -e "$CCC_ROOT/var/lib/ccc/instance.json" ] || [ "$(made | grep -v '/\.')" = "$whole" ]
		for file in etc/hostname var/lib/ccc/authorized_keys.d/claude var/lib/ccc/instance.json; do
			[ ! -e "$CCC_ROOT/$file" ] || [ -s "$CCC_ROOT/$file" ]
		done
		"$scripts/ccc-first-boot" >/dev/null
		[ "$(made | grep -v '/\.')" = "$whole" ]
		cmp bootstrap "$CCC_ROOT/etc/ssh/ssh_host_ed25519_key"
		[ "$(cat "$CCC_ROOT/var/lib/ccc/authorized_keys.d/claude")" = "$(key ed25519)" ]
	}
	each_cut "$scripts/ccc-first-boot"
	[ "$(made_durable)" = "$CCC_ROOT/var/lib/ccc/instance.json" ]
}

@test "a disk that is full lets nobody in, and says so" {
	user_data "$(good)"
	for name in hostname claude root instance; do
		fresh
		stand_in cp "case \$2 in *.$name.*) echo 'cp: No space left on device' >&2; exit 1 ;; esac; exec /usr/bin/cp \"\$@\""
		run "$scripts/ccc-first-boot"
		[ "$status" -ne 0 ]
		[[ $output == *'No space left'* ]]
		[ ! -e "$CCC_ROOT/var/lib/ccc/instance.json" ]
	done
}

@test "ccc-set-host-key puts the lasting key in place, and says which it is" {
	user_data "$(good)"
	"$scripts/ccc-first-boot"
	for _ in once again; do
		: >"$calls"
		run -0 "$scripts/ccc-set-host-key" <lasting
		[ "$output" = "hostkey=$(cut -d ' ' -f 1,2 lasting.pub)"$'\nend=1' ]
		[ "$(cat "$calls")" = 'systemctl reload sshd.service' ]
		cmp lasting "$CCC_ROOT/etc/ssh/ssh_host_ed25519_key"
		[ "$(made)" = "$whole" ]
	done
	run ! grep -rqF "$(sed -n 5p bootstrap)" "$CCC_ROOT"
	# where sshd does not take it nothing is confirmed
	stand_in systemctl 'exit 1'
	run ! "$scripts/ccc-set-host-key" <lasting
	[[ $output != *end=1* ]]
}

@test "ccc-set-host-key refuses what is no such key, and changes nothing" {
	user_data "$(good)"
	"$scripts/ccc-first-boot"
	before=$(contents)
	ssh-keygen -q -t ed25519 -N secret -f "$BATS_TEST_TMPDIR/locked"
	ssh-keygen -q -t rsa -b 2048 -N '' -f "$BATS_TEST_TMPDIR/rsa"
	ssh-keygen -q -t ecdsa -N '' -f "$BATS_TEST_TMPDIR/ecdsa"
	head -c 20000 /dev/zero | tr '\0' A >"$BATS_TEST_TMPDIR/long"
	head -n 4 lasting >"$BATS_TEST_TMPDIR/half"
	sed '3s/^./\x00/' lasting >"$BATS_TEST_TMPDIR/nul"
	: >"$calls"
	for bad in /dev/null lasting.pub "$BATS_TEST_TMPDIR"/{locked,rsa,ecdsa,long,half,nul}; do
		run -2 "$scripts/ccc-set-host-key" <"$bad"
		[[ $output == 'ccc-set-host-key: standard input is no private ed25519 key'* ]]
		[ "$(contents)" = "$before" ]
	done
	run -2 "$scripts/ccc-set-host-key" --now <lasting
	run -2 "$scripts/ccc-set-host-key" --before-sshd x <lasting
	[ "$(contents)" = "$before" ]
	[ ! -s "$calls" ]
}

@test "whenever the power goes while the host key changes, sshd has the old or the new one" {
	user_data "$(good)"
	before_cut() { "$scripts/ccc-first-boot" >/dev/null; }
	after_cut() {
		file=$CCC_ROOT/etc/ssh/ssh_host_ed25519_key
		cmp -s bootstrap "$file" || cmp lasting "$file"
		"$scripts/ccc-set-host-key" <lasting >/dev/null
		cmp lasting "$file"
		[ "$(cat "$file.pub")" = "$(cut -d ' ' -f 1,2 lasting.pub)" ]
	}
	each_cut sh -c "exec '$scripts/ccc-set-host-key' <lasting"
	made_durable
}

@test "an operator without a shell can change the host key, without options" {
	user_data "$(good)"
	"$scripts/ccc-first-boot"
	PATH=$scripts:$PATH
	SSH_ORIGINAL_COMMAND=ccc-set-host-key run -0 "$scripts/ccc-operator" <lasting
	[[ $output == *end=1 ]]
	for more in '--before-sshd' x; do
		SSH_ORIGINAL_COMMAND="ccc-set-host-key $more" run -126 "$scripts/ccc-operator" <bootstrap
	done
	for command in ccc-first-boot 'ccc-parameter instanceId'; do
		SSH_ORIGINAL_COMMAND=$command run -126 "$scripts/ccc-operator"
	done
	cmp lasting "$CCC_ROOT/etc/ssh/ssh_host_ed25519_key"
}
