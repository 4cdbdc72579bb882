#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# init and doctor: a fleet is made once, whatever interrupts it, and what is wrong with it is named.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
}

# objects KIND: how many the project has
objects() {
	hcloud "$1" list -o json | jq length
}

@test "init makes one key, one firewall and a private state, and again nothing" {
	run ccc init -o json
	[ "$status" -eq 0 ]
	first=$output
	[ "$(stat -c %a "$CCC_STATE_DIR" "$CCC_STATE_DIR/instances.json" "$CCC_STATE_DIR/keys/operator")" = $'700\n600\n600' ]
	operator=$(sha256sum "$CCC_STATE_DIR/keys/operator")
	run ccc init -o json
	[ "$status" -eq 0 ]
	[ "$output" = "$first" ]
	[ "$operator" = "$(sha256sum "$CCC_STATE_DIR/keys/operator")" ]
	[ "$(objects ssh-key) $(objects firewall)" = "1 1" ]
}

@test "an init that was interrupted is completed by the next, and made nothing twice" {
	local trouble
	for trouble in '"answer": {"status": 500, "code": "internal", "message": "no"}' '"lose_answer": true' '"cut": true'; do
		for route in /ssh_keys /firewalls; do
			CCC_STATE_DIR=$BATS_TEST_TMPDIR/state$((++count))
			fault "{\"match\": {\"method\": \"POST\", \"route\": \"$route\"}, $trouble}"
			run ccc init --another
			[ "$status" -eq 5 ]
			[[ $output == *"run 'ccc init' again when this is mended"* ]]
			run ccc provision --email a@example.com --ssh-key "$keys/ed25519.pub"
			[ "$status" -eq 6 ]
			[[ $output == *"run 'ccc init' again"* ]]
			ccc init >/dev/null
			[ "$(objects ssh-key) $(objects firewall)" = "$count $count" ]
		done
	done
}

@test "an init that would be done, or is refused, makes nothing" {
	run ccc init --dry-run
	[ "$status" -eq 0 ]
	[ ! -e "$CCC_STATE_DIR" ]
	run env -u HCLOUD_TOKEN "$build/ccc" init
	[ "$status" -eq 2 ]
	[ ! -e "$CCC_STATE_DIR" ]
	HCLOUD_TOKEN=wrong run ccc init
	[ "$status" -eq 5 ]
	[[ $output == *"refused the token"* ]]
	[ "$(objects ssh-key) $(objects firewall)" = "0 0" ]
	ccc init >/dev/null
	[ "$(objects ssh-key) $(objects firewall)" = "1 1" ]
}

@test "a dry run of init says what is missing, and of a whole fleet that nothing would be done" {
	run ccc init --dry-run
	[[ $output == "would make the state directory '$CCC_STATE_DIR' with an operator key, and at Hetzner, "* ]]
	mkdir -m 0755 "$BATS_TEST_TMPDIR/foreign"
	refused_in_one_line 6 "no state directory of ccc" ccc -C "$BATS_TEST_TMPDIR/foreign" init --dry-run
	refused_in_one_line 5 "no firewall of fleet '0123abcd'" ccc init --dry-run --adopt --fleet 0123abcd
	fault '{"match": {"method": "POST", "route": "/firewalls"}, "answer": {"status": 500, "code": "internal", "message": "no"}}'
	run ! ccc init
	fleet=$(jq -r .fleet.id "$CCC_STATE_DIR/instances.json")
	run ccc init --dry-run
	[ "$status" -eq 0 ]
	[ "$output" = "would complete fleet $fleet in '$CCC_STATE_DIR': what it still lacks at Hetzner" ]
	ccc init >/dev/null
	before=$(find "$CCC_STATE_DIR" -type f -exec sha256sum {} + | sort)
	run ccc init --dry-run
	[ "$status" -eq 0 ]
	[ "$output" = "nothing would be done: fleet $fleet is complete in '$CCC_STATE_DIR'" ]
	run ccc init --dry-run -o json
	[ "$(jq -c . <<<"$output")" = "{\"would\":null,\"stateDirectory\":\"$CCC_STATE_DIR\"}" ]
	refused_in_one_line 6 "not of '0123abcd'" ccc init --dry-run --adopt --fleet 0123abcd
	[ "$before" = "$(find "$CCC_STATE_DIR" -type f -exec sha256sum {} + | sort)" ]
	mv "$CCC_STATE_DIR/keys/operator" "$BATS_TEST_TMPDIR/operator"
	mv "$CCC_STATE_DIR/keys/operator.pub" "$BATS_TEST_TMPDIR/operator.pub"
	run ccc init --dry-run
	[ "$output" = "would complete fleet $fleet in '$CCC_STATE_DIR': its operator key" ]
}

@test "init begins no fleet beside one whose state it can't see, unless that is meant" {
	mkdir -m 0700 "$BATS_TEST_TMPDIR/lost"
	run --separate-stderr ccc init -o json
	fleet=$(jq -r .fleet <<<"$output")
	firewall=$(jq -r .firewallId <<<"$output")
	provision >/dev/null
	id=$(only_id)
	mv "$CCC_STATE_DIR" "$BATS_TEST_TMPDIR/lost"
	refused_in_one_line 6 "run 'ccc init' first: it makes one, or says how one that was lost comes back" ccc list
	for option in '' --dry-run; do
		refused_in_one_line 6 "firewall $firewall of fleet '$fleet' is in this token's project" ccc init $option
		[[ $output == *"'ccc init --adopt --fleet $fleet' and then 'ccc fsck --fix'"*"'ccc init --another'"* ]]
		[ ! -e "$CCC_STATE_DIR" ]
	done
	[ "$(objects ssh-key) $(objects firewall)" = "1 1" ]
	refused_in_one_line 2 "--another begins a new fleet" ccc init --another --adopt --fleet "$fleet"
	CCC_STATE_DIR=$BATS_TEST_TMPDIR/second ccc init --another >/dev/null
	[ "$(objects ssh-key) $(objects firewall)" = "2 2" ]
	CCC_STATE_DIR=$BATS_TEST_TMPDIR/second ccc init >/dev/null
	# the way out that it names
	ccc init --adopt --fleet "$fleet" >/dev/null
	ccc fsck --fix >/dev/null || true
	[ "$(only_id)" = "$id" ]
}

@test "firewalls that are no fleet's keep nobody from beginning one" {
	hcloud firewall create --name ccc-0123abcd >/dev/null
	hcloud firewall create --name one --label ccc-fleet=0123abcd >/dev/null
	hcloud firewall create --name two --label managed-by=ccc --label ccc-fleet=nonsense >/dev/null
	hcloud firewall create --name three --label managed-by=ccc --label ccc-fleet=0123abcd --label ccc-role=isolated >/dev/null
	ccc init
	[ "$(objects firewall)" -eq 5 ]
}

@test "an init of a whole fleet looks whether it is one, and says what it found" {
	stop_simulator
	rm -rf "$BATS_TEST_TMPDIR/sim"
	start_simulator --projects 2
	ccc init >/dev/null
	ours=$HCLOUD_TOKEN
	other=$(curl -s "$HETZNER_SIM/tokens" | jq -r '.tokens[1]')
	before=$(find "$CCC_STATE_DIR" -type f -exec sha256sum {} + | sort)
	for option in '' --dry-run; do
		HCLOUD_TOKEN=$other refused_in_one_line 5 "is not in this token's project; use the token of the project in which" ccc init $option
		HCLOUD_TOKEN=garbage refused_in_one_line 5 "refused the token" ccc init $option
		[[ $output != *"not complete"* ]]
	done
	[ "$(HCLOUD_TOKEN=$other objects ssh-key) $(HCLOUD_TOKEN=$other objects firewall)" = "0 0" ]
	hcloud ssh-key delete "$(hcloud ssh-key list -o noheader -o columns=id)" >/dev/null
	run ccc init --dry-run
	[ "$status" -eq 0 ]
	[[ $output == "would complete fleet "*": what it still lacks at Hetzner" ]]
	[ "$before" = "$(find "$CCC_STATE_DIR" -type f -exec sha256sum {} + | sort)" ]
	run ccc init
	[ "$status" -eq 0 ]
	[[ $output != *"the way"* ]]
	[ "$(objects ssh-key)" -eq 1 ]
	provision >/dev/null
	hcloud firewall remove-from-resource --type server --server "cc-$(only_id)" "$(hcloud firewall list -o noheader -o columns=id)" >/dev/null
	hcloud firewall delete "$(hcloud firewall list -o noheader -o columns=id)" >/dev/null
	for option in '' --dry-run; do
		refused_in_one_line 5 "if it was deleted there, make it anew: ccc fsck --fix" ccc init $option
	done
	[ "$(objects firewall)" -eq 0 ]
	# the way out that it names
	ccc fsck --fix >/dev/null || true
	ccc init
	[ "$HCLOUD_TOKEN" = "$ours" ]
}

@test "inits at once make one fleet, one after the other" {
	for _ in 1 2 3 4 5 6; do
		ccc init >>"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
		inits+=("$!")
	done
	for init in "${inits[@]}"; do wait "$init" || true; done
	cat "$BATS_TEST_TMPDIR/out"
	[ "$(grep -c '^Fleet' "$BATS_TEST_TMPDIR/out")" -ge 1 ]
	[ "$(grep '^Fleet' "$BATS_TEST_TMPDIR/out" | sort -u | wc -l)" -eq 1 ]
	run grep -vE "^Fleet|^At Hetzner|^Next|another 'ccc init' is at work in '.*'; wait until it is done$" "$BATS_TEST_TMPDIR/out"
	[ -z "$output" ]
	[ "$(objects ssh-key) $(objects firewall)" = "1 1" ]
	provision >/dev/null
}

@test "init on a fleet that is at work changes nothing of what others record meanwhile" {
	ccc init >/dev/null
	fault '{"match": {"method": "GET", "route": "/ssh_keys"}, "hang": 3}'
	PATH=$BATS_TEST_TMPDIR/bin:$PATH ccc init >/dev/null 2>&1 3>&- &
	slow=$!
	sleep 1
	ccc reap
	swept=$(jq -r .fleet.sweptAt "$CCC_STATE_DIR/instances.json")
	[ "$swept" != null ]
	kill -0 "$slow"
	wait "$slow"
	[ "$(jq -r .fleet.sweptAt "$CCC_STATE_DIR/instances.json")" = "$swept" ]
}

# ailing CHECK TEXT COMMAND...: doctor fails that check alone, and says how to mend it
ailing() {
	local check=$1 text=$2
	shift 2
	run --separate-stderr "$@" -o json
	echo "$output"
	[ "$status" -eq 1 ]
	[ "$(jq -r '[.[] | select(.verdict == "failure") | .check] | join(" ")' <<<"$output")" = "$check" ]
	[[ $(jq -r '.[] | select(.verdict == "failure") | .detail' <<<"$output") == *"$text"* ]]
	[ "$(tail -n 1 <<<"$stderr")" = "ccc: 1 check failed" ]
}

# a_box REQUIREMENTS: sets $box to a copy of the toy that needs this of Nix
a_box() {
	box=$BATS_TEST_TMPDIR/box
	rm -rf "$box"
	cp -R "${toy:=$CCC_BOX}" "$box"
	echo "$1" >"$box/requirements.json"
}

# nix_is VERSION SYSTEM SETTING...: which Nix is in PATH, and how it is set
nix_is() {
	stand_in nix-instantiate <<<"echo '{\"version\": \"$1\", \"system\": \"$2\"}'"
	shift 2
	printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/settings"
	stand_in nix <<<"case \$* in *' $shows') cat '$BATS_TEST_TMPDIR/settings' ;; *) echo \"error: '\$3' is not a recognised command\" >&2; exit 1 ;; esac"
}

@test "doctor wants a Nix that the box takes, and says how to get one" {
	ccc init >/dev/null
	local shows='config show' cache='substituters = https://cache.nixos.org/ https://mine.example.com'
	whole='{"nix": "2.18", "system": "x86_64-linux", "substituter": true}'
	a_box "$whole"
	export CCC_BOX=$box
	for version in 2.18 2.18.0 2.26.3 3.0 2.100.1pre2026 2.91.0-lix; do
		nix_is "$version" x86_64-linux "$cache"
		run with_stand_ins ccc doctor
		echo "$output"
		[ "$status" -eq 0 ]
		[[ $output == *"ok       nix              $version; the box needs 2.18 or newer"*"ok       system           x86_64-linux"* ]]
		[[ $output == *"ok       substituter      https://cache.nixos.org/ https://mine.example.com"* ]]
	done
	shows=show-config
	for version in 2.8.0 2.17.9 1.99 2 unknown ''; do
		nix_is "$version" x86_64-linux "$cache"
		ailing nix "it is $version, and the box needs 2.18 or newer; install a newer one" with_stand_ins ccc doctor
	done
	nix_is 2.18 x86_64-linux 'substituters = ' 'extra-substituters = https://no.example.com'
	ailing substituter "write 'substituters = https://cache.nixos.org/'" with_stand_ins ccc doctor
	nix_is 2.18 aarch64-linux "$cache" 'extra-platforms = armv7l-linux i686-linux' "builders = @$BATS_TEST_TMPDIR/machines"
	ailing system "this machine is aarch64-linux, and nothing here builds for x86_64-linux; name a builder" with_stand_ins ccc doctor
	echo 'ssh://big i686-linux,x86_64-linux - 4' >"$BATS_TEST_TMPDIR/machines"
	run with_stand_ins ccc doctor
	[ "$status" -eq 0 ]
	[[ $output == *"ok       system           x86_64-linux, by a builder"* ]]
	nix_is 2.18 aarch64-linux "$cache" 'extra-platforms = armv7l-linux x86_64-linux' 'builders = '
	run with_stand_ins ccc doctor
	[ "$status" -eq 0 ]
	a_box '{}'
	nix_is 2.4 riscv64-linux 'substituters = '
	run with_stand_ins ccc doctor
	[ "$status" -eq 0 ]
	[[ $output == *"ok       parameters       built into each box"* ]]
	a_box '{"parameters": "user-data"}'
	run with_stand_ins ccc doctor
	[ "$status" -eq 0 ]
	[[ $output == *"ok       parameters       by user data: one closure for all instances"* ]]
	for bad in '{"nix": "new"}' '{"nix": 2.18}' '{"substituter": "yes"}' '{"parameters": "closures"}' '{"parameters": 1}' '{' ''; do
		a_box "$bad"
		ailing nix "'$box/requirements.json': " with_stand_ins ccc doctor
	done
}

@test "doctor warns of an installer that nobody checks, and refuses a wrong one" {
	ccc init >/dev/null
	run ccc doctor
	[ "$status" -eq 0 ]
	[[ $output == *"warning  kexec            none is set, so each machine fetches its installer from the net"*"CCC_KEXEC=FILE"* ]]
	export CCC_KEXEC=$BATS_TEST_TMPDIR/kexec.tar.gz
	echo installer >"$CCC_KEXEC"
	run ccc doctor
	[ "$status" -eq 0 ]
	[[ $output == *"warning  kexec "*"export CCC_KEXEC_SHA256=$(sha256sum <"$CCC_KEXEC" | cut -d ' ' -f 1)"* ]]
	CCC_KEXEC_SHA256=$(sha256sum <"$CCC_KEXEC" | cut -d ' ' -f 1) run ccc doctor
	[[ $output == *"ok       kexec            $CCC_KEXEC"* ]]
	CCC_KEXEC_SHA256=$(sha256sum </dev/null | cut -d ' ' -f 1) ailing kexec "find out who changed it" ccc doctor
	rm "$CCC_KEXEC"
	ailing kexec "cannot open" ccc doctor
}

@test "doctor --build builds the box and says how long that took" {
	ccc init >/dev/null
	run --separate-stderr ccc doctor --build
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output =~ "ok       build            the box was evaluated and built in "[0-9]+\.[0-9]" s" ]]
	[[ $stderr == "building the box"* ]]
	stand_in nix-build <<<'sed s/^/saw/ "$4" >&2; echo "error: no such box" >&2; exit 1'
	ailing build "no such box" with_stand_ins ccc doctor --build
	[[ $output == *'saw  \"instanceId\": \"0a1b2c\"'* ]]
	run ls -d /tmp/ccc-doctor-*
	[ "$status" -ne 0 ]
}

@test "doctor names what is wrong, changing nothing" {
	ccc init >/dev/null
	before=$(find "$CCC_STATE_DIR" -type f -exec sha256sum {} + | sort)
	curl -s -X DELETE "$HETZNER_SIM/requests" >/dev/null
	run ccc doctor
	[ "$status" -eq 0 ]
	mkdir "$BATS_TEST_TMPDIR/few"
	for program in ssh ssh-keygen nix nix-instantiate nix-build; do
		ln -s "$(command -v "$program")" "$BATS_TEST_TMPDIR/few/$program"
	done
	ailing nixos-anywhere "install nixos-anywhere" env "PATH=$BATS_TEST_TMPDIR/few" "$build/ccc" doctor
	CCC_BOX=/nonexistent ailing box "set CCC_BOX" ccc doctor
	ailing clock "at most 60 s are allowed" faketime -f +90s "$build/ccc" doctor
	ailing clock "at most 60 s are allowed" faketime -f -90s "$build/ccc" doctor
	HCLOUD_TOKEN=wrong ailing token "export the right HCLOUD_TOKEN" ccc doctor
	mv "$CCC_STATE_DIR/keys/operator.pub" "$BATS_TEST_TMPDIR"
	ailing "operator key" "make it from the private half: ccc init" ccc doctor
	mv "$CCC_STATE_DIR/keys/operator" "$BATS_TEST_TMPDIR"
	ailing "operator key" "put keys/operator back from a copy" ccc doctor
	mv "$BATS_TEST_TMPDIR/operator" "$BATS_TEST_TMPDIR/operator.pub" "$CCC_STATE_DIR/keys"
	hcloud firewall delete "$(hcloud firewall list -o noheader -o columns=id)" >/dev/null
	ailing token "is not in this token's project; use the token of the project in which 'ccc init' ran, or, if it was deleted there, make it anew: ccc fsck --fix" ccc doctor
	[ "$(curl -s "$HETZNER_SIM/requests" | jq -c '.routes | keys - ["DELETE /firewalls/{id}", "GET /firewalls"]')" = \
		'["GET /firewalls/{id}"]' ]
	[ "$before" = "$(find "$CCC_STATE_DIR" -type f -exec sha256sum {} + | sort)" ]
	HCLOUD_TOKEN= run --separate-stderr ccc -C /nonexistent doctor -o json
	[ "$status" -eq 6 ]
	[ "$stderr" = "ccc: 2 checks failed" ]
	[ "$(jq -r '[.[] | select(.verdict == "failure") | .check] | join(" ")' <<<"$output")" = "state token" ]
	[[ $output == *"run 'ccc init' first"*"HCLOUD_TOKEN is not set"* ]]
	HCLOUD_TOKEN= run ccc doctor
	[ "$status" -eq 2 ]
	[[ $output == *"ok       state"*"failure  token"*"HCLOUD_TOKEN is not set"* ]]
	CCC_BOX=/nonexistent HCLOUD_TOKEN=wrong run ccc -C /nonexistent doctor
	[ "$status" -eq 1 ]
	[[ $output == *"failure  box"*"failure  state"*"failure  token"*"refused the token"*"3 checks failed"* ]]
	run ccc -C /nonexistent doctor
	[[ $output == *"ok       token            it is accepted"*"ok       clock"* ]]
	[ "$status" -eq 6 ]
	[[ $output == *"run 'ccc init' first"* ]]
}
