# shellcheck shell=bash disable=SC2034,SC2154 # variables of run and world.bash
# The commands that are disturbed, as a table, and the states in which they begin.

buy="provision --email user@example.com --ssh-key $user_key --ref p1 --hours"

# name         start state   made whole by       disturbed by   then       the command; @ is what it is about
commands="
init           empty         init_again          kills+errors   -          init --another
provision      fleet         reap_until_done     kills+errors   repeated   $buy 24
rebuild        falling        reap_until_done     kills          repeated   $buy 24
shared         sharing       reap_until_done    kills          repeated   $buy 24
abandoned      fleet         give_up             kills          -          $buy 24
resume         interrupted   resume_until_done   kills+errors   -          resume
extend         running       reap_until_done     kills+errors   repeated   extend @ --hours 1 --ref p2
deprovision    running       reap_until_done     kills+errors   repeated   deprovision @
reap           expired       reap_until_done     kills+errors   -          reap
keys           running       reap_until_done     kills+errors   repeated   keys @ --add $second_key
suspend        running       reap_until_done     kills+errors   repeated   suspend @ --reason complaint
unsuspend      suspended     reap_until_done     kills+errors   repeated   unsuspend @
fsck           damaged       fsck_until_done     kills+errors   repeated   fsck --fix --yes
selftest       fleet         give_up             kills          -          selftest --yes
adopt          lost          adopt_until_done    kills+errors   -          init --adopt --fleet @
"

# column NUMBER NAME TABLE: of the line of that name
column() {
	awk -v number="$1" -v name="$2" '$1 == name { print $number }' <<<"$3"
}

# command_line NAME: its words
command_line() {
	awk -v name="$1" '$1 == name { $1 = $2 = $3 = $4 = $5 = ""; print }' <<<"$commands"
}

# --- start states ---------------------------------------------------------------

# name         made from   so many seconds before the command
starts="
empty          nothing     0
fleet          empty       0
running        fleet       0
falling        fleet       0
sharing        fleet       0
expired        fleet       4000
interrupted    fleet       0
suspended      running     0
damaged        running     0
lost           running     0
"

prepare_empty() {
	make_strangers
	keep_world empty
}

prepare_fleet() {
	ccc init --another >/dev/null
	ccc provision --email neighbour@example.com --ssh-key "$user_key" --ref p0 --hours 24 >/dev/null 2>&1
	keep_world fleet
}

prepare_running() {
	# shellcheck disable=SC2086 # words
	ccc $buy 24 >/dev/null 2>&1
	keep_world running
}

# The kexec of the next machine comes back in the base system (see `program`).
prepare_falling() {
	: >"$world/sim/none/kexec_fails"
	keep_world falling
}

# The next machine gets the box that is one for all (see `open_world`).
prepare_sharing() {
	: >"$world/sim/none/shared_box"
	keep_world sharing
}

prepare_expired() {
	# shellcheck disable=SC2086 # words
	ccc $buy 1 >/dev/null 2>&1
	keep_world expired
}

# Killed when the create request had arrived and its answer had not: only the name tells.
prepare_interrupted() {
	curl -sf -o "$world/answer" "$HETZNER_SIM/faults" \
		-d '{"match": {"method": "POST", "route": "/servers"}, "times": 1, "hang": 60}'
	# shellcheck disable=SC2086 # words
	PATH=$world/bin:$PATH "$build/ccc" $buy 24 >/dev/null 2>&1 </dev/null &
	await is_ordered_and_built
	kill -KILL $!
	wait $! 2>/dev/null
	check_released
	keep_world interrupted
}

is_ordered_and_built() {
	jq -e '.instances[] | select(.email == "user@example.com") | .builtAt' "$state/instances.json" >/dev/null &&
		curl -s "$HETZNER_SIM/servers" | jq -e '.servers | length == 4' >/dev/null
}

prepare_suspended() {
	ccc suspend "$subject" --reason complaint >/dev/null 2>&1
	keep_world suspended
}

# The record of a machine is lost, another machine never had one, the operator's key is not
# registered any more, and the state directory is not as a ccc leaves it.
prepare_damaged() {
	local labels kept=$work/start/damaged lost=$subject
	labels=$(jq -c '{"managed-by": "ccc", "ccc-fleet": .fleet.id, "ccc-instance": "fedcba",
		"ccc-nonce": "0123456789abcdef0123456789abcdef", "ccc-expires": (now + 86400 | floor | tostring)}' \
		"$state/instances.json")
	hetzner servers "{\"name\": \"cc-fedcba\", \"server_type\": \"cx23\", \"image\": \"debian-12\", \"location\": \"fsn1\",
		\"firewalls\": [{\"firewall\": $(jq .fleet.firewallId "$state/instances.json")}], \"labels\": $labels}"
	await has_started 5
	jq --arg id "$lost" 'del(.instances[$id])' "$state/instances.json" >"$world/without"
	cp "$world/without" "$state/instances.json"
	rm "$state/instances/$neighbour/known_hosts"
	touch "$state/locks/0a0a0a" "$state/.instances.json.tmp"
	keep_world damaged
	echo "$lost" >"$kept/subject"
	cat <<-END >>"$kept/requests"
		next
		request = DELETE
		url = "@endpoint@/ssh_keys/$(jq .fleet.sshKeyId "$state/instances.json")"
		header = "Authorization: Bearer $HCLOUD_TOKEN"
		fail
		silent
	END
}

# The state directory is gone; somebody still knows what the fleet is called.
prepare_lost() {
	local fleet
	fleet=$(jq -r .fleet.id "$state/instances.json")
	rm -r "$state"
	keep_world lost
	echo "$fleet" >"$work/start/lost/subject"
}

# has_started COUNT: so many servers have a host
has_started() {
	[ "$(find "$world/sim/none/hosts" -name address | wc -l)" -eq "$1" ]
}

# --- what makes it whole again ----------------------------------------------------

# until_done COMMAND...: until it has nothing left to do; what fails is tried again later, and
# then later still.
until_done() {
	local wait=61
	until ccc "$@" >"$world/recovery" 2>&1 && nothing_is_unfinished; do
		if [ "$wait" -gt 1000 ]; then
			violation "'ccc $*' does not come to an end: $(tail -n 1 "$world/recovery")"
			return
		fi
		step_clocks "$wait"
		wait=$((wait * 2))
	done
}

nothing_is_unfinished() {
	jq -e 'all(.instances[]; .status == "running" or (.suspendedAt and .isolatedAt))' "$state/instances.json" >"$world/answer"
}

reap_until_done() {
	until_done reap
}

resume_until_done() {
	until_done resume
}

fsck_until_done() {
	until_done fsck --fix --yes
}

# As told by fsck, the operator removes the key whose private half was lost.
adopt_until_done() {
	local key
	until_done init --adopt --fleet "$subject"
	for key in $(ccc fsck -o json 2>"$world/answer" | jq -r '.findings[] | select(.kind == "spare-ssh-key") | .id'); do
		curl -sf -o "$world/answer" -X DELETE -H "Authorization: Bearer $HCLOUD_TOKEN" "$HCLOUD_ENDPOINT/ssh_keys/$key"
	done
	fsck_until_done
}

init_again() {
	until_done init --another
	until_done reap
}

# Nobody comes back for it: it is undone after two hours, and ten minutes later for sure.
give_up() {
	step_clocks 7300
	if ! ccc reap >"$world/recovery" 2>&1; then
		step_clocks 700
		until_done reap
	fi
}
