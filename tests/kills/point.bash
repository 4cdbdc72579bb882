# shellcheck shell=bash disable=SC2154 # variables of run, world.bash and commands.bash
# One point: the command is disturbed once, at one call; then everything is made whole, and
# what there is goes to judge.jq.

# Where ccc is killed by strace, on entry of the call, so before it has its effect:
#   fsync, rename, unlink      what is durable
#   sendto, recvfrom           what Hetzner knows, what we know of it
#   clone3, rt_sigprocmask     before a process is started, and when it just was
# and from inside the programs that it starts (see `program`):
#   program                    ccc, when the program has just begun
#   guard                      the guard between ccc and the program, at the same moment
kill_calls="fsync rename unlink sendto recvfrom clone3 rt_sigprocmask program guard"
# Calls that fail instead: a disk that is broken, a disk that is full.
error_calls="fsync:EIO fsync:ENOSPC write:ENOSPC rename:ENOSPC"
traced_calls=fsync,rename,unlink,sendto,recvfrom,clone3,rt_sigprocmask,write

# play COMMAND CALL NUMBER [ERROR]
play() {
	local command=$1 call=$2 number=$3 error=${4-} line start
	point="$command $call $number${error:+ $error}"
	failing=${error:+1}
	[ "$call" != guard ] || failing=1
	start=$(column 2 "$command" "$commands")
	open_world "$start"
	step_clocks "$(column 3 "$start" "$starts")"
	remember
	read -ra line < <(command_line "$command")
	line=("${line[@]/#@/$subject}")
	disturb "${line[@]}"
	check_released
	[ -z "$failing" ] || check_answer
	"$(column 3 "$command" "$commands")"
	observe recovered
	if [ "$(column 5 "$command" "$commands")" = repeated ]; then
		ccc "${line[@]}" >"$world/out" 2>"$world/err"
		status=$?
		observe repeated
	fi
}

# disturb COMMAND...: sets $status, $ended, and $reached, since two runs are not always alike
disturb() {
	local effect=signal=SIGKILL tracer=(strace -o "$world/trace" -e signal=none)
	[ -z "$error" ] || effect=error=$error
	case $call in
	undisturbed) tracer+=(-e "trace=$traced_calls") ;;
	program | guard) tracer=() HETZNER_SIM_STRIKE="$call $number" ;;
	*) tracer+=(-e "trace=$call" -e "inject=$call:$effect:when=$number") ;;
	esac
	{ PATH=$world/bin:$PATH "${tracer[@]}" "${stepped[@]}" "$build/ccc" "$@" </dev/null >"$world/out" 2>"$world/err"; } 2>/dev/null
	status=$?
	ended=$status
	HETZNER_SIM_STRIKE=none
	reached=missed
	if [ "$status" -eq 137 ] || [ -e "$world/struck" ] || grep -qs INJECTED "$world/trace"; then
		reached=reached
	fi
}

# points_of COMMAND: of an undisturbed run, as lines "COMMAND CALL NUMBER [ERROR]"
points_of() {
	local calls=$kill_calls call count number
	[ "$(column 4 "$1" "$commands")" = kills ] || calls+=" $error_calls"
	for call in $calls; do
		case $call in
		program | guard) count=$(find "$world" -maxdepth 1 -name 'started.*' | wc -l) ;;
		*) count=$(grep -c "^${call%:*}(" "$world/trace") ;;
		esac
		for ((number = 1; number <= count; number++)); do
			case $call in
			*:*) echo "$1 ${call%:*} $number ${call#*:}" ;;
			*) echo "$1 $call $number" ;;
			esac
		done
	done
}

# A command that could not do its work says so. When it says that it did it, it did.
check_answer() {
	if [ "$status" -eq 0 ]; then
		observe done
	elif ! grep -q '^ccc: .\{20\}' "$world/err" && ! grep -q '^write(2, .*INJECTED' "$world/trace"; then
		violation "it ended with status $status and said nothing"
	fi
}

# --- children and leases ------------------------------------------------------------

# A process of this world besides the simulator and this shell, still with a memory (a guard
# gives up its memory before its lease). Sets $child. "acting": that needs a lease, which
# looking at a fingerprint does not.
has_child() {
	local directory words
	for directory in /proc/[0-9]*; do
		case ${directory#/proc/} in "$$" | "$simulator") continue ;; esac
		mapfile -d '' words <"$directory/cmdline"
		child=${words[*]}
		case ${1-}:$child in
		*:) ;;
		acting:sleep* | acting:*ssh-keygen*' -l -E '*) ;;
		*) return 0 ;;
		esac
	done 2>/dev/null
	return 1
}

is_free() {
	flock -n 9 9<"$1"
}

# A child that outlives ccc for a moment holds the lease; then it is gone, and all is free.
check_released() {
	local lock patience=300 child
	for lock in "$state"/locks/*; do
		if [ -e "$lock" ] && [ "${lock##*/}" != "$neighbour" ] && is_free "$lock" && has_child acting; then
			violation "the lease of ${lock##*/} is free while '$child' is at work"
		fi
	done
	while has_child; do
		patience=$((patience - 1))
		if [ "$patience" -eq 0 ]; then
			violation "$child was left behind"
			break
		fi
		pause
	done
	for lock in "$state"/locks/* "$state/state.lock"; do
		[ ! -e "$lock" ] || await is_free "$lock"
	done
}

# --- what is judged -------------------------------------------------------------------

# The servers, firewalls and SSH keys of the project, and the bill: JSON, each with a comma.
things_at_hetzner() {
	curl -sf -w , -H "Authorization: Bearer $HCLOUD_TOKEN" "$HETZNER_SIM/servers" "$HETZNER_SIM/bill" \
		"$HCLOUD_ENDPOINT/firewalls?per_page=50" "$HCLOUD_ENDPOINT/ssh_keys?per_page=50"
}

remember() {
	hetzner_before=$(things_at_hetzner)
	state_before=null
	[ ! -e "$state/instances.json" ] || state_before=$(<"$state/instances.json")
}

# observe done|recovered|repeated: a line of JSON for judge.jq
observe() {
	local box boxes= keys=
	for box in "$world"/sim/none/*; do
		[ ! -e "$box/expires-at" ] || boxes+="\"${box##*/}\": $(<"$box/expires-at"), "
		[ ! -e "$box/authorized_keys.d/claude" ] ||
			keys+="\"${box##*/}\": \"$(paste -sd , "$box/authorized_keys.d/claude")\", "
	done
	cat <<-END >>"$observed"
		{"point": "$point", "command": "$command", "failing": ${failing:-0}, "phase": "$1", "status": $status,
		"subject": "$subject", "hetznerBefore": [$hetzner_before null], "stateBefore": $state_before,
		"hetzner": [$(things_at_hetzner) null], "state": $(<"$state/instances.json"),
		"history": [$(joined "$state/history.jsonl")], "told": [$(histories) null], "boxes": {$boxes "": 0}, "keys": {$keys "": ""},
		"files": [$(cd "$world/sim" && find state none/hosts -printf '"%p", ') ""]}
	END
}

joined() {
	[ ! -e "$1" ] || paste -sd , "$1"
}

# What ccc itself tells of the instance in question.
histories() {
	local id
	for id in "$state"/locks/*; do
		id=${id##*/}
		[ "$id" = "$neighbour" ] || [ "$id" = '*' ] || ! ccc status "$id" -o json 2>/dev/null || echo ,
	done
}
