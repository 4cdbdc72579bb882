#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# What a person sees: live progress on a terminal, plain lines elsewhere; questions on a
# terminal only.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
	unset NO_COLOR
	export TERM=xterm
	order="ccc provision --email user@example.com --ssh-key $keys/ed25519.pub"
	escape=$'\e'
}

# on_terminal COMMAND: 60 columns wide; what was shown is in $shown, one line feed a line
on_terminal() {
	run script -qec "stty cols 60; $1" /dev/null
	shown=${output//$'\r\n'/$'\n'}
	shown=${shown%$'\r'}
	echo "$shown" | cat -v
}

# every_step MARK: one line a step, with its duration
every_step() {
	local step
	for step in prepare create build boot install verify; do
		[ "$(grep -cE "$1 cc-[0-9a-f]{6} $step +[0-9]+\.[0-9] s  [a-z]" <<<"$lines_shown")" -eq 1 ]
	done
}

# what stays on the screen: a carriage return and "erase to the end" take the rest of a line away
screen() {
	sed -E "s/.*\r${escape}\[K//"
}

@test "a terminal shows a line a step with its duration, and what is at work below" {
	on_terminal "$order"
	[ "$status" -eq 0 ]
	lines_shown=$(screen <<<"$shown")
	every_step "^${escape}\[32m✓${escape}\[0m"
	[[ $shown == *$'\r'"${escape}[K  "*"create: creating the server"* ]]
	[[ $shown == *"${escape}[K  install: partitioning the disk"* ]]
	# No line that changes is wider than the terminal, or erasing it would leave parts of it.
	while read -r line; do
		[ "${#line}" -lt 60 ]
	done < <(tr '\r' '\n' <<<"$shown" | sed -nE "s/^${escape}\[K//p" | grep -v '✓')
	# At the end nothing that changed is left.
	[[ $lines_shown != *"creating the server  |"* ]]
	[[ $lines_shown == *"Log in with  ssh claude@$(member serverIp)"* ]]
}

@test "NO_COLOR leaves no control sequence but the one that erases a line" {
	NO_COLOR=1 on_terminal "$order"
	[ "$status" -eq 0 ]
	lines_shown=$(screen <<<"$shown")
	every_step "^✓"
	[[ $lines_shown != *$'\e'* ]]
	[[ ${shown//"${escape}[K"/} != *$'\e'* ]]
}

@test "a dumb terminal, a file and a pipe get plain lines" {
	TERM=dumb on_terminal "$order"
	[ "$status" -eq 0 ]
	[[ $shown != *$'\e'* && $shown != *$'\r'* ]]
	lines_shown=$shown every_step "^done"
	ccc deprovision "$(only_id)" >/dev/null 2>"$BATS_TEST_TMPDIR/errors"
	run ! grep -q '[^[:print:][:space:]]' "$BATS_TEST_TMPDIR/errors"
	run --separate-stderr $order
	[ "$status" -eq 0 ]
	[[ $stderr != *$'\e'* && $stderr != *$'\r'* && $output != *$'\e'* ]]
	lines_shown=$stderr every_step "^done"
	[[ $stderr == *"install: partitioning the disk"* ]]
	[[ $output == "Instance     $(only_id) "* ]]
}

@test "a step that failed says so in its line" {
	stand_in nix-build <<<'echo "error: no such box" >&2; exit 1'
	PATH=$BATS_TEST_TMPDIR/bin:$PATH on_terminal "$order"
	[ "$status" -eq 1 ]
	[[ $(screen <<<"$shown") == *"${escape}[31m✗${escape}[0m cc-"*" build "*" s  cannot build the box"*"no such box"* ]]
}

# answer WORDS: deprovision on a terminal on which that is typed
answer() {
	run script -qec "ccc deprovision ${ids[*]}" /dev/null < <(printf '%b' "$1" && sleep 1)
	echo "$output"
}

@test "an end is asked about on a terminal, and only yes is yes" {
	provision >/dev/null
	provision --email other@example.com >/dev/null
	mapfile -t ids < <(ccc list -o json | jq -r '.[].instanceId')
	for typed in 'n\nn\n' '\n\n' 'y\nn\n' 'never\n' 'yep\nyep\n' 'yes!\nyes!\n' '\004'; do
		answer "$typed"
		[ "$status" -eq 1 ]
		[[ $output == *"end instance ${ids[0]} of "*" of paid time left)? [y/N]"* ]]
		[[ $output == *"nothing was ended"* ]]
		[ "$(servers)" -eq 2 ]
		[ "$(ccc list -o json | jq '[.[] | select(.status == "running")] | length')" -eq 2 ]
	done
	answer 'y\nYES\n'
	[ "$status" -eq 0 ]
	[ "$(servers)" -eq 0 ]
}

@test "nothing is asked with --yes, nor without a terminal" {
	provision >/dev/null
	run script -qec "ccc deprovision --yes $(only_id)" /dev/null </dev/null
	[ "$status" -eq 0 ]
	[[ $output != *"[y/N]"* ]]
	[ "$(servers)" -eq 0 ]
	provision >/dev/null
	run script -qec "ccc deprovision $(only_id) </dev/null" /dev/null </dev/null
	[ "$status" -eq 0 ]
	[[ $output != *"[y/N]"* ]]
	[ "$(servers)" -eq 0 ]
	provision >/dev/null
	run ccc deprovision "$(only_id)" < <(echo n)
	[ "$status" -eq 0 ]
	[ "$(servers)" -eq 0 ]
}

@test "who redirects the errors is asked on the terminal itself" {
	provision >/dev/null
	ids=("$(only_id)" "2>$BATS_TEST_TMPDIR/errors")
	answer 'n\n'
	[ "$status" -eq 1 ]
	[[ $output == *"end instance ${ids[0]} of "*"[y/N]"* ]]
	[ "$(servers)" -eq 1 ]
	answer 'y\n'
	[ "$status" -eq 0 ]
	[ "$(servers)" -eq 0 ]
	run ! grep -F '[y/N]' "$BATS_TEST_TMPDIR/errors"
}
