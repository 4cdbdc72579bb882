#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # $ is of jq and of the inner shell; variables of evaluation.bash
# Who gets into the box of nix/ and how it is to live in, as far as evaluation tells; see nix_box.bats.

bats_require_minimum_version 1.5.0
load evaluation

# facts FILTER [OPTION...]: of the box whose parameters jq's FILTER changed, as JSON
facts() {
	good "$1" >"$instance"
	nix-instantiate --eval --strict --json "$box_tests/facts.nix" "${sources[@]}" "${@:2}"
}

# holds FACTS PROGRAM: jq's program is true of them
holds() {
	jq -e --arg operator "$(key sk-ed25519)" "$2" <<<"$1" >/dev/null || {
		echo "not so: $2" >&2
		return 1
	}
}

@test "the metadata service answers root, and nobody else" {
	[ "$(id -u)" -eq 0 ] || skip "a network of its own needs root"
	run -0 unshare --net sh -euc '
		ip link set lo up
		ip address add 169.254.169.254/32 dev lo
		busybox httpd -f -p 169.254.169.254:80 -h "$2" &
		trap "kill $!" EXIT
		ask() { "$@" curl -s --max-time 5 --retry 5 --retry-connrefused --retry-delay 0 http://169.254.169.254/secret; }
		nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
		[ "$(ask nobody)" = told ]
		printf "table inet ccc {\n%s\n}\n" "$(cat "$1")" | nft -f -
		[ "$(ask env)" = told ]
		! nobody curl -s --max-time 5 http://169.254.169.254/secret' \
		sh "$box/metadata.nft" "$(echo told >"$BATS_TEST_TMPDIR/secret" && echo "$BATS_TEST_TMPDIR")"
}

@test "the operator has root or a few commands, and both live with the same sshd" {
	need_sources
	usual=$(facts .)
	confined=$(facts '.operatorAccess = "commands"')
	for facts in "$usual" "$confined"; do
		holds "$facts" '.failedAssertions == []'
		holds "$facts" '.nft | .enable and .family == "inet" and
			(.content | contains("ip daddr 169.254.169.254 meta skuid != 0 reject"))'
		holds "$facts" '.sshd | .AllowTcpForwarding == "local" and .AllowStreamLocalForwarding == "local" and
			.GatewayPorts == "no" and .PermitTunnel == "no" and .X11Forwarding == false and .AllowAgentForwarding == true'
	done
	holds "$usual" '.rootKeys == [$operator] and .sshd.PermitRootLogin == "prohibit-password"'
	holds "$confined" '.rootKeys == ["restrict,command=\"/run/current-system/sw/bin/ccc-operator\" " + $operator] and
		.sshd.PermitRootLogin == "forced-commands-only"'
	nix-instantiate "$box" "${sources[@]}" -A toplevel # all of the confined one
	run facts '.operatorAccess = "sudo"'
	[ "$status" -ne 0 ]
	[[ $output == *ccc.instance.operatorAccess* ]]
}

@test "the user's sessions go by the time that is left, and a last stretch can be chosen" {
	need_sources
	facts=$(facts .)
	holds "$facts" '.sshd.extraConfig | test("\\nMatch User claude\\n +ForceCommand /run/current-system/sw/bin/ccc-session 10 /nix/store/[^ ]*/libexec/sftp-server\n$")'
	holds "$facts" '.expire == {run: "/run/current-system/sw/bin/ccc-expire 10", calendar: "minutely", wantedBy: ["timers.target"]}'
	facts=$(facts . --arg more '{ ccc.lastStretch = 0; }')
	holds "$facts" '.sshd.extraConfig | contains("/ccc-session 0 /")'
	holds "$facts" '.expire.run | endswith(" 0")'
}

@test "what people reach for is there" {
	need_sources
	facts=$(facts .)
	for name in claude-code gcc-wrapper git jq nodejs podman podman-docker-compat python3 ripgrep rsync tmux ccc-left ccc-welcome; do
		holds "$facts" ".programs | any(startswith(\"$name\"))"
	done
	holds "$facts" '.podman == {enable: true, dockerCompat: true, withoutRoot: true} and .nixLd'
	holds "$facts" '.tmux | contains("ccc-left --short")'
	holds "$facts" '.failedAssertions == [] and .motd == ""'
}
