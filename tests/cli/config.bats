#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# ccc.ini: where it is found, what beats what, what is refused, and that nothing costs money because of a mistake in it.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
	ini=$CCC_STATE_DIR/ccc.ini
}

# setting NAME: its value and where that is from, as `config show` says it
setting() {
	ccc config show -o json | jq -r --arg name "$1" '.[] | select(.setting == $name) | "\(.value // "-") \(.from)"'
}

# shows NAME VALUE FROM
shows() {
	local seen
	seen=$(setting "$1")
	echo "$1: $seen"
	[ "$seen" = "$2 $3" ]
}

# write LINE...: into the state's ccc.ini
write() {
	printf '%s\n' "$@" >"$ini"
}

for_whom() {
	provision --email "$1@example.com" "${@:2}"
}

# in_time COMMAND...: with the simulator's clock
in_time() {
	faketime -f "+$(curl -s "$HETZNER_SIM/clock" | jq .advanced)s" "$@"
}

@test "the sample is a ccc.ini without a mistake, and changes nothing" {
	ccc config show -o json >"$BATS_TEST_TMPDIR/before"
	ccc config sample >"$ini"
	run ccc config check
	[ "$output" = "ok: $ini" ]
	ccc config show -o json >"$BATS_TEST_TMPDIR/after"
	diff <(jq '.[] | select(.setting != "ccc.ini")' "$BATS_TEST_TMPDIR/before") <(jq '.[] | select(.setting != "ccc.ini")' "$BATS_TEST_TMPDIR/after")
	[ "$(setting ccc.ini)" = "$ini found" ]
	provision
	# every setting of it may be said, and what is shown as standing is what stands without it
	sed 's/^#\([a-z0-9-]* = \)/\1/' "$ini" >"$BATS_TEST_TMPDIR/all.ini"
	[ "$(grep -c '^[a-z0-9-]* = ' "$BATS_TEST_TMPDIR/all.ini")" -ge 20 ]
	run ccc config check "$BATS_TEST_TMPDIR/all.ini"
	[ "$output" = "ok: $BATS_TEST_TMPDIR/all.ini" ]
	export CCC_CONFIG=$BATS_TEST_TMPDIR/all.ini
	unset CCC_BOX
	for name in orders.locations orders.minimum-hours orders.maximum-hours machines.image api.http-timeout machines.box; do
		[ "$(jq -r --arg name "$name" '.[] | select(.setting == $name).value' <(CCC_CONFIG='' ccc config show -o json))" = \
			"$(setting "$name" | sed 's/ [^ ]*$//')" ]
	done
}

@test "the first file that is there counts, alone" {
	mkdir -p "$XDG_CONFIG_HOME/ccc" "$BATS_TEST_TMPDIR/home/.config/ccc"
	shows api.http-timeout 30 default
	printf '[api]\nhttp-timeout = 4\n' >"$BATS_TEST_TMPDIR/home/.config/ccc/ccc.ini"
	shows api.http-timeout 30 default
	HOME=$BATS_TEST_TMPDIR/home XDG_CONFIG_HOME='' shows api.http-timeout 4 "$BATS_TEST_TMPDIR/home/.config/ccc/ccc.ini:2"
	printf '[api]\nhttp-timeout = 3\n[orders]\nmax-servers = 9\n' >"$XDG_CONFIG_HOME/ccc/ccc.ini"
	shows api.http-timeout 3 "$XDG_CONFIG_HOME/ccc/ccc.ini:2"
	write '[api]' 'http-timeout = 2'
	shows api.http-timeout 2 "$ini:2"
	shows orders.max-servers - default
	printf '[api]\n\nhttp-timeout = 1\n' >"$BATS_TEST_TMPDIR/named.ini"
	CCC_CONFIG=$BATS_TEST_TMPDIR/named.ini shows api.http-timeout 1 "$BATS_TEST_TMPDIR/named.ini:3"
	CCC_CONFIG=$BATS_TEST_TMPDIR/nowhere refused_in_one_line 2 "nowhere: cannot be read: No such file" ccc provision
	# a link, as NixOS makes them, is followed
	ln -sf "$BATS_TEST_TMPDIR/named.ini" "$ini"
	shows api.http-timeout 1 "$ini:3"
	rm "$ini"
	ln -s /nowhere "$ini"
	shows api.http-timeout 3 "$XDG_CONFIG_HOME/ccc/ccc.ini:2"
}

@test "an option beats the environment, that beats the file, that beats the default" {
	first_choice() {
		for_whom user --dry-run -o json "$@" | jq -r '.choices[0].location'
	}
	[ "$(first_choice)" = fsn1 ]
	write '[orders]' 'locations = hel1, nbg1'
	[ "$(first_choice)" = hel1 ]
	shows orders.locations "hel1, nbg1" "$ini:2"
	[ "$(CCC_LOCATIONS=nbg1 first_choice)" = nbg1 ]
	CCC_LOCATIONS=nbg1 shows orders.locations nbg1 CCC_LOCATIONS
	[ "$(CCC_LOCATIONS=nbg1 first_choice --location fsn1)" = fsn1 ]
	provision
	[ "$(member location)" = hel1 ]
}

@test "box, installer, image and access come from the file as they do from the environment" {
	box=$CCC_BOX
	unset CCC_BOX
	write '[machines]' "box = $box" 'image = nothing-1' 'operator-access = commands'
	curl -s -X DELETE "$HETZNER_SIM/requests" >/dev/null
	run provision
	[ "$status" -eq 5 ]
	[[ $output == *image* ]]
	CCC_IMAGE=debian-12 provision
	[ "$(jq -r .operatorAccess "$CCC_STATE_DIR/instances/$(only_id)/instance.json")" = commands ]
	write '[machines]' "box = /nonexistent"
	refused_in_one_line 1 "no default.nix in the folder of the box, '/nonexistent'" for_whom other
	CCC_BOX=$box for_whom other --dry-run
	echo installer >"$BATS_TEST_TMPDIR/kexec"
	write '[machines]' "box = $box" "kexec = $BATS_TEST_TMPDIR/kexec" "kexec-sha256 = $(sha256sum </dev/null | cut -d ' ' -f 1)"
	refused_in_one_line 1 "is not the one that was chosen" for_whom other
}

@test "the time that a request may take comes from the file too" {
	write '[api]' 'http-timeout = 1'
	fault '{"match": {"method": "GET", "route": "/server_types"}, "times": 9, "hang": 1.6}'
	SECONDS=0
	run for_whom user --dry-run
	[ "$status" -eq 5 ]
	[ "$SECONDS" -le 9 ]
	[[ $output == *"did not answer in time"* ]]
}

# order [OPTION...]: the types that would be tried, in their order
order() {
	for_whom user --dry-run -o json "$@" | jq -r '[.choices[] | "\(.type)@\(.location)"] | join(" ")'
}

@test "types and ceilings of a size" {
	write '[orders]' 'locations = fsn1' '[size cpx21]' 'types = cx43, cx33'
	[[ $(order) == "cx43@fsn1 cx33@fsn1" ]]
	[[ $(order --type cpx11) != cx43* ]]
	provision
	[ "$(member serverType)" = cpx21 ]
	[ "$(member builtType)" = cx43 ]
	ccc deprovision "$(only_id)" >/dev/null
	price=$(for_whom user --dry-run -o json | jq -r '.choices[] | select(.type == "cx33").priceMonthly')
	write '[orders]' 'locations = fsn1' '[size cpx21]' 'types = cx43, cx33' "monthly-ceiling = $price"
	[ "$(order)" = cx33@fsn1 ]
	provision
	[ "$(member builtType)" = cx33 ]
	ccc deprovision "$(only_id)" >/dev/null
	# out of stock is no reason to pay more
	write '[orders]' 'locations = fsn1' '[size cpx21]' 'hourly-ceiling = 0.0001'
	refused_in_one_line 4 "costs more than the ceiling in [size cpx21] of ccc.ini; the first choice would be" for_whom user --dry-run
	run provision
	[ "$status" -eq 4 ]
	[ "$(servers)" -eq 0 ]
	write '[size cpx21]' 'types = cx23'
	refused_in_one_line 4 "none of the types in [size cpx21] of ccc.ini is on sale" for_whom user --dry-run
}

@test "no more servers than the fleet may have" {
	write '[orders]' 'max-servers = 2'
	for_whom one --hours 9 --ref p1
	for_whom two --hours 5
	one=$(ccc list -o json | jq -r '.[] | select(.email == "one@example.com").instanceId')
	two=$(ccc list -o json | jq -r '.[] | select(.email == "two@example.com").instanceId')
	before=$(sha256sum "$CCC_STATE_DIR"/*.json*)
	refused_in_one_line 4 "the fleet has 2 servers and max-servers is 2: '$two' is paid until " for_whom three
	[[ $output == *"'$one' is paid until "*"ccc deprovision ID"* ]]
	refused_in_one_line 4 "max-servers is 2" for_whom three --dry-run
	run ccc selftest --yes
	[ "$status" -eq 4 ]
	[[ $output == *"failure  provision "*"max-servers is 2"* ]]
	[ "$before" = "$(sha256sum "$CCC_STATE_DIR"/*.json*)" ]
	[ "$(servers)" -eq 2 ]
	# what was ordered is not refused when it is asked for again, nor is time for what there is
	for_whom one --hours 9 --ref p1
	ccc extend "$one" --hours 1
	CCC_MAX_SERVERS=3 for_whom three --dry-run
	ccc deprovision "$two"
	for_whom three
}

@test "no fewer and no more hours than are sold" {
	write '[orders]' 'minimum-hours = 2' 'maximum-hours = 48'
	refused_in_one_line 4 "1 hours are fewer than minimum-hours, 2; 'ccc config show'" for_whom user
	refused_in_one_line 4 "49 hours are more than maximum-hours, 48; 'ccc config show'" for_whom user --dry-run --hours 49
	[ "$(ccc list -o json)" = "[]" ]
	provision --hours 2
	refused_in_one_line 4 "fewer than minimum-hours" ccc extend "$(only_id)" --hours 1
	refused_in_one_line 4 "more than maximum-hours" ccc extend "$(only_id)" --hours 49
	ccc extend "$(only_id)" --hours 48
	CCC_MINIMUM_HOURS=1 ccc extend "$(only_id)" --hours 1
}

@test "each mistake is told with its file, its line and what was expected" {
	write '[orders]' 'max-servers = lots' '' 'nonsense' '[machines]' 'operator-access = sudo'
	run --separate-stderr ccc config check
	[ "$status" -eq 2 ]
	[ "${#lines[@]}" -eq 3 ]
	[ "${lines[0]}" = "$ini:2: max-servers is 'lots'; expected a whole number from 1 to 100000" ]
	[ "${lines[1]}" = "$ini:4: expected 'name = value', '[section]', or a comment that begins with '#'" ]
	[ "${lines[2]}" = "$ini:6: operator-access is 'sudo'; expected 'root' or 'commands'" ]
	[ "$stderr" = "ccc: 3 mistakes in ccc.ini or the environment" ]
	[ "$(ccc config check -o json | jq -c '[.[].line]')" = "[2,4,6]" ]
	CCC_HTTP_TIMEOUT=0 run ccc config check
	[[ ${lines[3]} == "CCC_HTTP_TIMEOUT is '0'; expected a whole number from 1 to 600" ]]
	cp "$ini" "$BATS_TEST_TMPDIR/copy.ini"
	rm "$ini"
	run ccc config check
	[ "$output" = "ok: there is no ccc.ini, so the defaults hold" ]
	run ccc config check "$BATS_TEST_TMPDIR/copy.ini"
	[ "$status" -eq 2 ]
	run ccc config check "$BATS_TEST_TMPDIR/nowhere.ini"
	[ "$status" -eq 2 ]
	for words in '' 'frobnicate' 'sample x' 'show x' 'check x y'; do
		# shellcheck disable=SC2086 # words
		run ccc config $words
		[ "$status" -eq 2 ]
		[[ $output == *"sample | check [FILE] | show"* ]]
	done
}

@test "the token stands in no file, and is in no message" {
	for line in "token = $HCLOUD_TOKEN" "hcloud-token: $HCLOUD_TOKEN" "image = $HCLOUD_TOKEN/" "$HCLOUD_TOKEN" "locations = $HCLOUD_TOKEN"; do
		write '[api]' 'cloud = hetzner' '[machines]' "$line"
		for command in "config check" "config show" "list" "reap" "doctor"; do
			# shellcheck disable=SC2086 # words
			run ccc $command
			echo "$line: $output"
			[[ $output != *"${HCLOUD_TOKEN:0:12}"* ]]
		done
	done
	write '[api]' "token = x"
	refused_in_one_line 2 "$ini:2: this does not belong here; the API token stands in no file, and is read from the environment alone: export HCLOUD_TOKEN" for_whom user
	[[ $(ccc config show 2>&1) != *"${HCLOUD_TOKEN:0:12}"* ]]
}

@test "a file that others can write, or that is not ours, is not believed" {
	write '[orders]' 'max-servers = 1'
	for mode in 0664 0646 0666; do
		chmod $mode "$ini"
		refused_in_one_line 2 "$ini: others can write it (mode $mode); expected one that they can't: chmod go-w it" for_whom user
		[ "$(setting orders.max-servers 2>/dev/null)" = "- default" ]
	done
	chmod 0644 "$ini"
	shows orders.max-servers 1 "$ini:2"
	if [ "$(id -u)" -eq 0 ]; then
		chown nobody "$ini"
		refused_in_one_line 2 "belongs to user" for_whom user
		chown root "$ini"
	fi
	head -c 70000 /dev/zero | tr '\0' '#' >"$ini"
	run for_whom user
	[ "$status" -eq 2 ]
	rm "$ini"
	mkdir "$ini"
	refused_in_one_line 2 "$ini" for_whom user
}

@test "what makes something refuses to start on a mistake" {
	provision
	id=$(only_id)
	write '[orders]' 'max-servers = lots'
	refused_in_one_line 2 "$ini:2: max-servers" for_whom other
	refused_in_one_line 2 "$ini:2: max-servers" ccc selftest --yes
	refused_in_one_line 2 "$ini:2: max-servers" ccc extend "$id" --hours 1
	refused_in_one_line 2 "$ini:2: max-servers" ccc resume
	refused_in_one_line 2 "$ini:2: max-servers" ccc init
	run --separate-stderr ccc health
	[ "$status" -eq 1 ]
	[[ ${lines[0]} == "WARNING - "*settings* ]]
	[[ $output == *"warning  settings: $ini:2: max-servers is 'lots'"* ]]
	[ -z "$stderr" ]
	run ccc doctor
	[ "$status" -eq 2 ]
	[[ $output == *"failure  settings         $ini:2: max-servers is 'lots'"* ]]
	# what shows or ends something says it, and goes on
	for command in "list" "status $id" "fsck" "suspend $id" "unsuspend $id" "keys $id" "deprovision $id"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr ccc $command
		echo "$command: $status $output $stderr"
		[ "$status" -eq 0 ]
		[[ $stderr == *"ccc: warning: $ini:2: max-servers is 'lots'; expected"* ]]
	done
	[ "$(servers)" -eq 0 ]
	# what goes by no setting says nothing of them
	run --separate-stderr ccc whois 192.0.2.1
	[[ $stderr != *max-servers* ]]
	ccc help >/dev/null
	[ "$(ccc version)" ]
}

@test "a sweep ends what is over whatever stands in the file, and says that something is wrong" {
	provision
	for mistake in "nonsense" "[api]"$'\n'"cloud = aws" "[machines]"$'\n'"image = x y" $'\xff\xfe\x00'; do
		printf '%s\n' "$mistake" >"$ini"
		advance 3800
		run in_time ccc reap
		echo "$output"
		[ "$status" -eq 2 ]
		[[ $output == *"ccc: warning: $ini:"* ]]
		[ "$(servers)" -eq 0 ]
		[ "$(ccc list -o json 2>/dev/null)" = "[]" ]
		rm "$ini"
		in_time ccc provision --hours 1 --email user@example.com --ssh-key "$keys/ed25519.pub"
	done
	write '[orders]' 'max-servers = 1'
	chmod 0666 "$ini"
	advance 3800
	run in_time ccc reap
	[ "$status" -eq 2 ]
	[ "$(servers)" -eq 0 ]
	chmod 0600 "$ini"
	run in_time ccc reap
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	CCC_OPERATOR_ACCESS=sudo run in_time ccc reap
	[ "$status" -eq 2 ]
}

# waits STEP SERVERS: a sweep goes no further with the order than there, and undoes nothing of it
waits() {
	run ccc reap
	echo "$output"
	[ "$status" -eq 2 ]
	[[ $output == *"cc-$id $1: $ini:2: monthly-ceiling is 'five'; expected an amount above 0"* ]]
	[ "$(member goal)" = running ]
	[ "$(member failedAt)" = null ]
	[ "$(servers)" -eq "$2" ]
}

@test "what is not evaluated, or not installed, waits until the file is mended" {
	for step in "nix-instantiate evaluate 0" "nixos-anywhere install 1"; do
		killed "${step%% *}"
		write '[size cpx21]' 'monthly-ceiling = five'
		# shellcheck disable=SC2086 # words
		waits ${step#* }
		rm "$ini"
		ccc reap
		[ "$(ccc list -o json | jq -r '.[].status')" = running ]
		ccc deprovision "$id"
	done
}

@test "what is not ordered waits until the file is mended: by the defaults it would be another server" {
	fault '{"match": {"method": "GET", "route": "/server_types"}, "times": 1, "hang": 20}'
	ccc provision --email user@example.com --ssh-key "$keys/ed25519.pub" >/dev/null 2>&1 3>&- &
	until_true 20 bash -c "curl -s '$HETZNER_SIM/requests' | jq -e '.routes[\"GET /server_types\"] > 0'"
	kill -9 $!
	wait $! || true
	id=$(only_id)
	until_true 20 flock -n "$CCC_STATE_DIR/locks/$id" true
	write '[size cpx21]' 'monthly-ceiling = five'
	waits create 0
	no_faults
	write '[size cpx21]' 'types = cx43'
	ccc reap
	[ "$(member builtType)" = cx43 ]
	[ "$(ccc list -o json | jq -r '.[].status')" = running ]
}
