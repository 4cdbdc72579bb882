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

# read_instance_file FILE: does it hold what a box takes, an instance.json or user data? Sets $id, $expires, $user_keys, $operator_keys
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

# Nix writes hashes with 32 letters and digits, of which e is none.
nix_hash() {
	sha256sum | cut -c 1-32 | tr e z
}

# read_box_arguments ARGUMENT...: sets $box, $instance_file, $attributes, $link and, of what is no box, $derivations
read_box_arguments() {
	box=
	instance_file=
	link=
	attributes=
	derivations=
	while [ $# -gt 0 ]; do
		case $1 in
		--argstr)
			[ $# -ge 3 ] || wrong '--argstr needs two words'
			[ "$2" = instanceFile ] || wrong "this box has no argument '$2'"
			instance_file=$3
			shift 3
			;;
		-A | --attr)
			attributes="$attributes ${2:?-A needs a word}"
			shift 2
			;;
		-o | --out-link | --add-root)
			link=${2:?--out-link needs a word}
			shift 2
			;;
		--no-out-link) shift ;;
		-*) wrong "unknown option '$1'" ;;
		*)
			case $(readlink "$1" || true) in
			/nix/store/*.drv) derivations="$derivations $(readlink "$1")" ;;
			*)
				[ -z "$box" ] || wrong "two boxes: '$box' and '$1'"
				box=$1
				;;
			esac
			shift
			;;
		esac
	done
}

# Evaluates $box, into which this instance's parameters are built, or nobody's: puts the two things that are to be built into $store, and their names there into $system, $disko
evaluate_box() {
	[ -e "$box/default.nix" ] || wrong "there is no box in '$box'"
	[ "$attributes" = ' toplevel diskoScript' ] || wrong "expected -A toplevel -A diskoScript, not '$attributes'"
	if ! read_instance_file "$instance_file"; then
		echo "error: '$instance_file' holds no instance's parameters" >&2
		exit 1
	fi
	built_in=$instance_file
	if grep -q '"parameters": *"user-data"' "$box/requirements.json" 2>/dev/null; then
		id=shared
		built_in=$box/requirements.json
	fi
	system=$(nix_hash <"$built_in")-nixos-system-cc-$id-simulated
	disko=$(echo disko | nix_hash)-disko-simulated
	mkdir -p "$store"
	cp "$built_in" "$store/$system.drv"
	echo 'a disk script' >"$store/$disko.drv"
}
