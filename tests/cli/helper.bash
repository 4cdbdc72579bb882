# What the tests of ccc share: a simulator of their own, and a ready fleet.
# Every test has its own project and state; nothing of the caller's environment is used.

build=${CCC_BUILD:-$BATS_TEST_DIRNAME/../../build}
keys=$BATS_TEST_DIRNAME/../fixtures/keys

# start_simulator [OPTION...]: exports what it prints; ends with the test
start_simulator() {
	local out=$BATS_TEST_TMPDIR/simulator.out
	unset "${!CCC_@}" HCLOUD_TOKEN HCLOUD_ENDPOINT HCLOUD_CONTEXT
	export XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	"$build/hetzner-sim" --dir "$BATS_TEST_TMPDIR/sim" --hosts none --boot-seconds 0.2 --speed 20 "$@" >"$out" 2>"$out.err" 3>&- &
	simulator=$!
	for _ in $(seq 200); do
		grep -q '^# ready' "$out" && break
		sleep 0.05
	done
	grep -q '^# ready' "$out" || {
		cat "$out.err" >&2
		return 1
	}
	eval "$(cat "$out")"
	PATH=$build:$PATH
}

stop_simulator() {
	[ -z "${open-}" ] || rm -rf "$open"
	[ -z "${simulator-}" ] || kill "$simulator" 2>/dev/null || true
	[ -z "${simulator-}" ] || wait "$simulator" 2>/dev/null || true
}

# What every test ends with; a file that has more to end says so with a teardown of its own.
teardown() {
	stop_simulator
}

# provision [OPTION...]: for one user and one hour, unless told otherwise
provision() {
	[[ " $*" == *" --email"* ]] || set -- --email user@example.com "$@"
	[[ " $*" == *" --hours"* ]] || set -- --hours 1 "$@"
	ccc provision --ssh-key "$keys/ed25519.pub" "$@"
}

servers() {
	curl -s "$HETZNER_SIM/servers" | jq '.servers | length'
}

# fault JSON: the next matching request is answered so
fault() {
	curl -sf -X POST -d "$1" "$HETZNER_SIM/faults" >/dev/null
}

# no_faults: forgets the faults that wait
no_faults() {
	curl -sf -X DELETE "$HETZNER_SIM/faults" >/dev/null
}

# advance SECONDS: steps the simulator's clock; ccc's is stepped by faketime
advance() {
	curl -sf -X POST -d "{\"advance\": $1}" "$HETZNER_SIM/clock" >/dev/null
}

# later COMMAND...: with both clocks three minutes further, so that what failed is due again
later() {
	advance 180
	faketime -f "+$(curl -s "$HETZNER_SIM/clock" | jq .advanced)s" "$@"
}

# refused_in_one_line STATUS TEXT COMMAND...
refused_in_one_line() {
	local expected=$1 text=$2
	shift 2
	run "$@"
	echo "status $status: $output"
	[ "$status" -eq "$expected" ]
	[[ $output == *"$text"* ]]
	[ "${#lines[@]}" -eq 1 ]
}

# key_of FILE, print_of FILE: type and base64, or the fingerprint, of FILE.pub
key_of() {
	cut -d ' ' -f 1,2 "$1.pub"
}

print_of() {
	ssh-keygen -lf "$1.pub" | cut -d ' ' -f 2
}

# pin FILE...: these host keys are those of the machine, in known_hosts
pin() {
	for key in "$@"; do echo "machine $(key_of "$key")"; done >known_hosts
}

only_id() {
	ccc list -o json | jq -r '.[0].instanceId'
}

# member NAME: of the only record, as the state file has it
member() {
	jq -r ".instances[].$1" "$CCC_STATE_DIR/instances.json"
}

# stand_in NAME <SCRIPT: a program of that name, first in the PATH of what `with_stand_ins` runs
stand_in() {
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	(echo '#!/bin/sh' && cat) >"$BATS_TEST_TMPDIR/bin/$1"
	chmod 755 "$BATS_TEST_TMPDIR/bin/$1"
}

with_stand_ins() {
	PATH=$BATS_TEST_TMPDIR/bin:$PATH "$@"
}

# until_true SECONDS COMMAND...: repeats it until it succeeds; fails when the time is over
until_true() {
	local until=$(($(date +%s%N) + $1 * 1000000000))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s%N)" -lt "$until" ] || return 1
		sleep 0.05
	done
}

# edit FILTER: changes the only record, as another ccc would have
edit() {
	jq ".instances[] |= (. | $1)" "$CCC_STATE_DIR/instances.json" >"$BATS_TEST_TMPDIR/edited"
	cat "$BATS_TEST_TMPDIR/edited" >"$CCC_STATE_DIR/instances.json"
}

# slow PROGRAM WORD: it waits, when it is called with this word, until the file `go` is there; then it is the real one
slow() {
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	cat >"$BATS_TEST_TMPDIR/bin/$1" <<-END
		#!/bin/sh
		case "\$*" in *$2*)
			touch '$BATS_TEST_TMPDIR/asked'
			while [ ! -e '$BATS_TEST_TMPDIR/go' ]; do sleep 0.05; done ;;
		esac
		exec $(command -v "$1") "\$@"
	END
	chmod +x "$BATS_TEST_TMPDIR/bin/$1"
}

wait_until_asked() {
	for _ in $(seq 200); do
		[ ! -e "$BATS_TEST_TMPDIR/asked" ] || return 0
		sleep 0.05
	done
	return 1
}

# killed PROGRAM: a provision that was killed when it had come as far as that program
killed() {
	stand_in "$1" <<<"touch '$BATS_TEST_TMPDIR/there'; exec sleep 60"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH "$build/ccc" provision --email user@example.com --ssh-key "$keys/ed25519.pub" >/dev/null 2>&1 3>&- &
	local provision=$!
	until_true 20 test -e "$BATS_TEST_TMPDIR/there"
	kill -9 "$provision"
	wait "$provision" || true
	rm "$BATS_TEST_TMPDIR/bin/$1" "$BATS_TEST_TMPDIR/there"
	id=$(only_id)
	until_true 20 flock -n "$CCC_STATE_DIR/locks/$id" true # its guard has ended
}

# open_directory: sets $open to a directory that everybody can enter, with a ccc that everybody can
# run; stop_simulator removes it
open_directory() {
	open=$(mktemp -d)
	chmod 755 "$open"
	cp "$build/ccc" "$open/ccc"
}

# as_nobody COMMAND...: as a user without any rights
as_nobody() {
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# write_context TOKEN: the only context of hcloud, active, has this token
write_context() {
	export HCLOUD_CONFIG=$BATS_TEST_TMPDIR/cli.toml
	printf 'active_context = "fleet"\n[[contexts]]\n  name = "fleet"\n  token = "%s"\n' "$1" >"$HCLOUD_CONFIG"
}
