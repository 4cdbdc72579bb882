#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash and hosts.bash
# The end of the paid time inside the box, on a real machine with a real sshd whose clock is stepped
# forward. It needs root and port 22 of loopback addresses.

bats_require_minimum_version 1.5.0
load helper
load hosts

setup() {
	real_machines user other
	start_simulator --hosts sshd
	ccc init >/dev/null
	order user
	options+=(-o LogLevel=ERROR -o User=claude)
	# what the machine has in /, as the operator of this test sees it
	root=/proc/$(pgrep -P "$simulator")/root
	ends=$(cat "$root/var/lib/ccc/expires-at")
	end=$(utc "$ends")
}

teardown() {
	for process in ${session-} ${tunnel-}; do
		kill "$process" 2>/dev/null || true
	done
	stop_simulator
}

utc() {
	date -u -d "@$1" '+%Y-%m-%d %H:%M UTC'
}

# claude COMMAND...: the user's own way in
claude() {
	ssh -T "${options[@]}" -i user "$address" "$@" </dev/null
}

# left SECONDS: steps the machine's clock to that long before its end
left() {
	echo $((ends - $1 - $(date +%s))) >"$root/run/clock-step.new"
	mv "$root/run/clock-step.new" "$root/run/clock-step"
}

# open_terminal: the user logs in on a terminal and stays; what it shows is in the file terminal
open_terminal() {
	rm -f keyboard
	mkfifo keyboard
	ssh -tt "${options[@]}" -i user "$address" <keyboard >terminal 2>&1 3>&- &
	session=$!
	exec 7>keyboard
	until_true 5 grep -q "'ccc-left' says" terminal
}

shows() {
	until_true 5 grep -qF "$1" terminal
}

is_over() {
	until_true 5 sh -c "! kill -0 $1"
}

# no_entry TEXT COMMAND...: refused by the machine in that one line
no_entry() {
	run claude "${@:2}"
	[ "$status" -eq 1 ]
	[ "$output" = "The paid time of this machine ended at $end. $1" ]
}

copy_out() {
	scp -q "${options[@]}" -i user "$@" "[$address]:work/*" copies/
}

@test "time runs out: warnings, a last stretch for copies, a closed door, and an extension that opens it" {
	open_terminal
	[[ $(head -n 1 terminal) == '1 h '*"the end is $end"* ]]
	[ -z "$(claude true 2>&1)" ]
	claude 'mkdir work; echo mine >work/file'

	left 1850
	shows "ends at $end, in 30 min"
	left 650
	shows "ends at $end, in 10 min"
	[[ $(claude ccc-left) == '10 min left; the end is '"$end" ]]
	left 150
	shows "ends at $end, in 2 min"
	left 0
	shows "ended at $end."
	is_over "$session"

	stretch=$(utc $((ends + 600)))
	no_entry "Until $stretch files can still be copied out: scp, sftp, rsync." id
	no_entry "Until $stretch files can still be copied out: scp, sftp, rsync."
	mkdir copies
	copy_out -O -p && [ "$(cat copies/file)" = mine ]
	rm -r copies/*
	scp -q "${options[@]}" -i user "$address:work/file" copies/ && [ "$(cat copies/file)" = mine ]
	rm -r copies/*
	rsync -a -e "ssh ${options[*]} -i user" "$address:work/" copies/ && [ "$(cat copies/file)" = mine ]
	run scp -q -O "${options[@]}" -i user known_hosts "$address:work/in"
	[ "$status" -ne 0 ]
	run scp -q "${options[@]}" -i user known_hosts "$address:work/in"
	[ "$status" -ne 0 ]
	run rsync -a -e "ssh ${options[*]} -i user" known_hosts "$address:work/in"
	[ "$status" -ne 0 ]
	[ "$(find "$root/home/claude/work" -mindepth 1 -printf '%f\n')" = file ]

	ssh -N -L "$PWD/socket:$address:22" "${options[@]}" -i user "$address" </dev/null >/dev/null 2>&1 3>&- &
	tunnel=$!
	until_true 5 test -S socket
	left -600
	no_entry 'Nobody gets in any more.' id
	run copy_out
	[ "$status" -ne 0 ]
	is_over "$tunnel"

	# a machine that has not learned the time shuts nobody out
	rm "$root/run/systemd/timesync/synchronized"
	[ "$(claude id -un)" = claude ]
	touch "$root/run/systemd/timesync/synchronized"

	# other keys don't open a door that time has closed
	ccc keys "$id" --add other.pub 2>/dev/null
	ccc keys "$id" --remove "$(print_of user)" 2>/dev/null
	run claude id
	[ "$status" -eq 255 ]
	[[ $output == *'Permission denied (publickey)'* ]]
	mv other user && mv other.pub user.pub
	no_entry 'Nobody gets in any more.' id

	ccc extend "$id" --hours 1 >/dev/null 2>&1
	[ "$(claude id -un)" = claude ]
	ends=$((ends + 3600))
	end=$(utc $ends)
	open_terminal
	left 1850
	shows "ends at $end, in 30 min"
}
