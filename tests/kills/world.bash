# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run, commands.bash and point.bash
# A world: a simulator with strangers' servers, keys and firewalls, and a state directory.
# It lives in namespaces of its own (processes, mounts), at a path that is the same for all
# of them. So a start state is prepared once and then copied: files as they are, and what
# is at Hetzner by sending the same requests to a simulator with the same seed.

world=$work/world
state=$world/sim/state
user_key=$here/../fixtures/keys/ed25519.pub
second_key=$here/../fixtures/keys/rsa4096.pub
clock_step=0
stepped=()

violation() {
	echo "violation $point: $*"
}

# open_world START; it ends with its namespaces
open_world() {
	local name requests machine
	mount -t tmpfs -o mode=0700 world "$world"
	mkdir "$world/bin" "$world/sim"
	for name in ssh ssh-keygen nix-instantiate nix-build nixos-anywhere; do
		ln -s "$here/program" "$world/bin/$name"
	done
	exec {nap}<> <(:)
	open_simulator
	subject= neighbour=
	[ "$1" != nothing ] || return 0
	if [ -s "$work/start/$1/requests" ]; then
		requests=$(<"$work/start/$1/requests")
		curl -K - <<<"${requests//@endpoint@/$HCLOUD_ENDPOINT}"
		for machine in "$work/start/$1/sim/none/hosts"/*; do
			await test -e "$world/sim/none/hosts/${machine##*/}/address"
		done
		cp -a "$work/start/$1/sim/." "$world/sim"
	fi
	[ ! -e "$world/sim/none/shared_box" ] || CCC_BOX=$CCC_BOX/shared
	subject=$(<"$work/start/$1/subject")
	neighbour=$(<"$work/start/$1/neighbour")
}

# await COMMAND...: until it succeeds
await() {
	local patience=1000
	until "$@"; do
		patience=$((patience - 1))
		if [ "$patience" -eq 0 ]; then
			violation "waited in vain for: $*"
			return
		fi
		pause
	done
}

open_simulator() {
	local line lines
	unset "${!CCC_@}" HCLOUD_TOKEN HCLOUD_ENDPOINT HCLOUD_CONTEXT
	exec {lines}< <(exec "$build/hetzner-sim" --dir "$world/sim" --hosts none --boot-seconds 0.01 --speed 1000 \
		--seed 1 2>"$world/simulator.log")
	simulator=$!
	while IFS= read -r -u "$lines" line && [ "$line" != '# ready' ]; do
		eval "$line"
	done
	exec {lines}<&-
	export HETZNER_SIM_WORLD=$world HETZNER_SIM_PATH=$PATH HETZNER_SIM_STRIKE=none
}

# pause: a moment, without starting a program for it
pause() {
	read -rt 0.01 -u "$nap" || true
}

# ccc as the operator runs it, by a clock that is the simulator's
ccc() {
	"${stepped[@]}" "$build/ccc" "$@" </dev/null
}

# step_clocks SECONDS: the simulator's, and that of every ccc from now on
step_clocks() {
	[ "$1" -ne 0 ] || return 0
	curl -sf -o "$world/answer" -d "{\"advance\": $1}" "$HETZNER_SIM/clock"
	clock_step=$((clock_step + $1))
	stepped=(env "LD_PRELOAD=$KILLS_FAKETIME" "FAKETIME=+${clock_step}s")
}

# The requests, as options of curl, that make what is at Hetzner once more, in the order in which
# it was made. A firewall that is younger than its server was put on later.
requests_of_world() {
	curl -sf -H "Authorization: Bearer $HCLOUD_TOKEN" "$HCLOUD_ENDPOINT/servers?per_page=50" \
		"$HCLOUD_ENDPOINT/firewalls?per_page=50" "$HCLOUD_ENDPOINT/ssh_keys?per_page=50" |
		jq -rs --arg token "$HCLOUD_TOKEN" '
		[(.[0].servers[] | .id as $server | [.public_net.firewalls[].id] as $firewalls
		  | {id, path: "servers", body: {name, labels, server_type: .server_type.name, location: .location.name,
				image: "debian-12", firewalls: [$firewalls[] | select(. < $server) | {firewall: .}]}},
		    ($firewalls[] | select(. > $server)
		    | {id: (. + 0.5), path: "firewalls/\(.)/actions/apply_to_resources",
				body: {apply_to: [{type: "server", server: {id: $server}}]}})),
		 (.[1].firewalls[] | {id, path: "firewalls", body: {name, labels, rules}}),
		 (.[2].ssh_keys[] | {id, path: "ssh_keys", body: {name, labels, public_key}})]
		| sort_by(.id)
		| map("url = \"@endpoint@/\(.path)\"\njson = \(.body | tojson | tojson)\n" +
			"header = \"Authorization: Bearer \($token)\"\nfail\nsilent\noutput = /dev/null")
		| join("\nnext\n")'
}

# keep_world NAME: from now on a start state of this name
keep_world() {
	local start=$work/start/$1
	mkdir -p "$start/sim/none"
	requests_of_world >"$start/requests"
	[ ! -e "$state" ] || cp -a "$state" "$start/sim/"
	cp -a "$world/sim/none/." "$start/sim/none/"
	instance_of user@example.com >"$start/subject"
	instance_of neighbour@example.com >"$start/neighbour"
}

# instance_of EMAIL
instance_of() {
	[ ! -e "$state/instances.json" ] ||
		jq -r --arg email "$1" '.instances[] | select(.email == $email) | .instanceId' "$state/instances.json"
}

# hetzner COLLECTION JSON: makes one thing there
hetzner() {
	curl -sf -o "$world/answer" -H "Authorization: Bearer $HCLOUD_TOKEN" --json "$2" "$HCLOUD_ENDPOINT/$1"
}

# Those who share the project: names like ours, and labels like ours of another fleet.
make_strangers() {
	local labels='{"managed-by": "ccc", "ccc-fleet": "0badf1ee", "ccc-instance": "abcdef", "ccc-nonce": "0"}'
	local server='"server_type": "cx23", "image": "debian-12", "location": "fsn1"'
	hetzner servers "{\"name\": \"cc-abcdef\", $server, \"labels\": $labels}"
	hetzner servers "{\"name\": \"cc-012345\", $server}"
	hetzner firewalls "{\"name\": \"ccc-0badf1ee\", \"labels\": $labels}"
	hetzner ssh_keys "{\"name\": \"ccc-0badf1ee\", \"public_key\": \"$(<"$user_key")\", \"labels\": $labels}"
}
