#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# P5: no secret escapes, and what a machine prints is made harmless.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
	seen=$BATS_TEST_TMPDIR/seen
	mkdir "$seen"
}

# watched PROGRAM: before it goes on it writes down what /proc tells everybody about itself, its
# guard and the ccc above
watched() {
	stand_in "$1" <<-END
		guard=\$PPID
		read -r _ _ _ ccc _ </proc/\$guard/stat
		for pid in \$\$ \$guard \$ccc; do
			for what in cmdline environ limits; do
				cat /proc/\$pid/\$what >"$seen/$1.\$\$.\$pid.\$what"
			done
		done
		exec $(command -v "$1") "\$@"
	END
}

@test "the token is seen in no process, of ccc, its guards and its children" {
	local program
	for program in ssh ssh-keygen nix-instantiate nix-build nixos-anywhere; do
		watched "$program"
	done
	with_stand_ins provision >/dev/null
	with_stand_ins ccc extend "$(only_id)" --hours 1 >/dev/null
	for program in ssh ssh-keygen nix-instantiate nix-build nixos-anywhere; do
		[ "$(find "$seen" -name "$program.*.environ" | wc -l)" -ge 3 ]
	done
	# It was looked for where it would be: ccc's own environment is among what was seen.
	grep -qa "CCC_STATE_DIR=" "$seen"/ssh.*.environ
	run grep -laF -- "$HCLOUD_TOKEN" "$seen"/*
	[ -z "$output" ]
	# A core of any of them would hold what its memory holds.
	run grep -L "^Max core file size  *0  *0 " "$seen"/*.limits
	[ -z "$output" ]
}

@test "the memory of ccc is nobody else's, nor a core's" {
	[ "$(id -u)" -eq 0 ] || skip "needs root to be two users"
	open_directory
	# Seen by another process of its own user: who may read its environment may read its memory.
	cp -a "$CCC_STATE_DIR" "$open/state"
	chown -R 65534:65534 "$open/state"
	fault '{"match": {"method": "GET", "route": "/firewalls/{id}"}, "hang": 4}'
	CCC_STATE_DIR=$open/state setpriv --reuid 65534 --regid 65534 --clear-groups "$open/ccc" doctor >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	doctor=$!
	until_true 3 grep -q "^$open/ccc" "/proc/$doctor/cmdline"
	sleep 0.5
	run as_nobody cat "/proc/$doctor/environ"
	kill "$doctor"
	echo "$output"
	[ "$status" -ne 0 ]
	[[ $output == *"Permission denied"* ]]
}

@test "children get the environment that is listed, and no more" {
	watched nix-build
	SECRET_OF_MINE=hidden LD_AUDIT_NOT=1 NIX_SSHOPTS=-oStrictHostKeyChecking=no SSH_AUTH_SOCK=/agent HCLOUD_CONTEXT=x \
		with_stand_ins provision >/dev/null
	child=$(find "$seen" -name 'nix-build.*.cmdline' -exec grep -La -e '--guard' -e provision {} +)
	tr '\0' '\n' <"${child%cmdline}environ" >"$BATS_TEST_TMPDIR/environment"
	grep -q '^PATH=' "$BATS_TEST_TMPDIR/environment"
	run ! grep -E 'SECRET_OF_MINE|LD_AUDIT|NIX_SSHOPTS|SSH_AUTH_SOCK|^HCLOUD' "$BATS_TEST_TMPDIR/environment"
}

@test "user data holds a bootstrap host key and an id, and no key that lasts" {
	fault '{"match": {"method": "POST", "route": "/servers"}, "lose_answer": true}'
	# The lasting key's private half exists from the start, and is looked at before it is removed.
	stand_in nix-build <<-END
		cat "$CCC_STATE_DIR"/instances/*/extra/etc/ssh/ssh_host_ed25519_key >"$BATS_TEST_TMPDIR/lasting"
		exec $(command -v nix-build) "\$@"
	END
	with_stand_ins provision >/dev/null
	curl -s "$HETZNER_SIM/servers" | jq -r '.servers[0].user_data' >"$BATS_TEST_TMPDIR/user_data"
	[ "$(head -n 1 "$BATS_TEST_TMPDIR/user_data")" = '#cloud-config' ]
	data=$(tail -n +2 "$BATS_TEST_TMPDIR/user_data")
	[ "$(jq -r 'keys | join(" ")' <<<"$data")" = "ccc ssh_deletekeys ssh_genkeytypes ssh_keys ssh_pwauth" ]
	[ "$(jq -c .ccc <<<"$data")" = "{\"instanceId\":\"$(only_id)\"}" ]
	[ "$(jq -r '.ssh_keys.ed25519_public' <<<"$data")" = "$(member bootstrapHostKey)" ]
	[ "$(member bootstrapHostKey)" != "$(member hostKey)" ]
	grep -q 'PRIVATE KEY' "$BATS_TEST_TMPDIR/lasting"
	run grep -F "$(sed -n 4p "$BATS_TEST_TMPDIR/lasting")" "$BATS_TEST_TMPDIR/user_data"
	[ "$status" -eq 1 ]
	for secret in "$HCLOUD_TOKEN" user@example.com "$(cut -d ' ' -f 2 "$keys/ed25519.pub")"; do
		run grep -F -- "$secret" "$BATS_TEST_TMPDIR/user_data"
		[ "$status" -eq 1 ]
	done
}

hostile=$'\e]0;owned\a\e[2J\e[31mred\x9b1m\x7f\u202etxt'

@test "what a program or a machine prints is escaped, on the terminal and in the log" {
	stand_in nix-build <<-END
		until ls "$CCC_STATE_DIR"/instances/*/known_hosts; do sleep 0.05; done >/dev/null 2>&1
		printf '%s\n' '$hostile' '$hostile' >&2
		exit 1
	END
	run with_stand_ins provision --keep-on-failure
	harmless "$output"
	[[ $output == *'\x1b[31mred'* ]]
	id=$(only_id)
	harmless "$(cat "$CCC_STATE_DIR/instances/$id/log")"
	grep -qF '\x1b[31mred' "$CCC_STATE_DIR/instances/$id/log"
	harmless "$(ccc status "$id")"
	harmless "$(ccc status "$id" -o json | jq -r .failure)"
}

@test "a machine that calls itself something hostile is refused, and its name is escaped" {
	real=$(command -v ssh)
	stand_in ssh <<-END
		case "\$*" in *ccc-report*) printf 'instance=%s\nend=1\n' '$hostile' && exit 0 ;; esac
		exec $real "\$@"
	END
	stand_in nixos-anywhere <<-END
		printf '### %s ###\n' '$hostile'
		exec $(command -v nixos-anywhere) "\$@"
	END
	run with_stand_ins provision
	[ "$status" -eq 1 ]
	[[ $output == *"the machine says that it is instance '"*'\x1b[31mred'* ]]
	harmless "$output"
	[ "$(servers)" -eq 0 ]
}

# harmless TEXT: no control character but the line feed
harmless() {
	[ -n "$1" ]
	if LC_ALL=C grep -aP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]' <<<"$1"; then return 1; fi
}
