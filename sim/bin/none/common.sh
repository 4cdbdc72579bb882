# What the stand-ins of `hetzner-sim --hosts none` share. The simulator writes down each of
# its machines in a directory below $machines (sim/hosts/standin.h); here are added what
# was built, in $store, and what was installed, in a machine's root/.
# shellcheck shell=sh disable=SC2034 # used by those who read this
case $0 in
/*) here=${0%/*} ;;
*) here=$(cd "$(dirname "$0")" && pwd) ;;
esac
state=${HETZNER_SIM_DIR:?is set by hetzner-sim}/none
machines=$state/hosts
store=$state/store

# wrong MESSAGE: the caller of a stand-in made a mistake that the real program would not forgive
wrong() {
	echo "${0##*/} (simulated): $*" >&2
	exit 2
}

# first_line FILE: sets $line, to nothing when there is no such file
first_line() {
	line=
	[ ! -r "$1" ] || read -r line <"$1" || true
}

# Milliseconds on a clock that nobody sets: the one of ready_at.
uptime_ms() {
	read -r seconds _ </proc/uptime
	echo "${seconds%.*}${seconds#*.}0"
}

# find_machine ADDRESS: sets $machine to its directory
find_machine() {
	for machine in "$machines"/*; do
		first_line "$machine/address"
		[ "$line" != "$1" ] || return 0
	done
	machine=
	return 1
}

# Has the machine $machine come up?
is_up() {
	first_line "$machine/ready_at"
	[ ! -e "$machine/off" ] && [ "$(uptime_ms)" -ge "$line" ]
}

# without_comment "TYPE BASE64 COMMENT"
without_comment() {
	words=${1#* }
	[ "$words" = "$1" ] || echo "${1%% *} ${words%% *}"
}

# The public half of a private key file, without its comment.
public_half() {
	without_comment "$(ssh-keygen -y -P '' -f "$1" 2>/dev/null </dev/null)"
}

# instance_file FILE: is it what a box takes? Sets $id, $expires, $user_keys, $operator_keys
# (lines).
read_instance_file() {
	content=$(tr -d '\n' <"$1")
	id=$(echo "$content" | sed -n 's/.*"instanceId": *"\([0-9a-f]\{6\}\)".*/\1/p')
	expires=$(echo "$content" | sed -n 's/.*"expiresAt": *\([1-9][0-9]*\).*/\1/p')
	user_keys=$(keys_of sshKeys)
	operator_keys=$(keys_of operatorKeys)
	[ -n "$id" ] && [ -n "$expires" ] && [ -n "$user_keys" ]
}

keys_of() {
	echo "$content" | sed -n "s/.*\"$1\": *\\[\\([^]]*\\)\\].*/\\1/p" | tr ',' '\n' |
		sed -n 's/^ *"\(\(ssh-ed25519\|sk-ssh-ed25519@openssh\.com\|ssh-rsa\) [A-Za-z0-9+/]*=*\)" *$/\1/p'
}
