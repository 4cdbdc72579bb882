# What the tests of ccc share: a simulator of their own, and a ready fleet.
# Every test has its own project and state; nothing of the caller's environment is used.

build=${CCC_BUILD:-$BATS_TEST_DIRNAME/../../build}
keys=$BATS_TEST_DIRNAME/../fixtures/keys

# start_simulator [OPTION...]: exports what it prints; ends with the test
start_simulator() {
	local out=$BATS_TEST_TMPDIR/simulator.out
	unset CCC_STATE_DIR CCC_BOX CCC_KEXEC HCLOUD_TOKEN HCLOUD_ENDPOINT HCLOUD_CONTEXT
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
	[ -z "${simulator-}" ] || kill "$simulator" 2>/dev/null || true
	[ -z "${simulator-}" ] || wait "$simulator" 2>/dev/null || true
}

provision() {
	ccc provision --email user@example.com --ssh-key "$keys/ed25519.pub" --hours 1 "$@"
}

servers() {
	curl -s "$HETZNER_SIM/servers" | jq '.servers | length'
}

# fault JSON: the next matching request is answered so
fault() {
	curl -sf -X POST -d "$1" "$HETZNER_SIM/faults" >/dev/null
}

only_id() {
	ccc list -o json | jq -r '.[0].instanceId'
}
