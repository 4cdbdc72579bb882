# What the tests on the simulator's real machines share, beside helper.bash.

# real_machines KEY...: skips where there can be none; goes to the test's own folder and makes key pairs of these names
real_machines() {
	local name
	[ "$(id -u)" -eq 0 ] || skip "real machines need root"
	cd "$BATS_TEST_TMPDIR" || return 1
	for name; do
		ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$name"
	done
}

# order KEY: a machine for who has that key; sets $id, $address and $options, those of the user's own ssh
order() {
	ccc provision --email user@example.com --ssh-key "$1.pub" --hours 1 >/dev/null 2>&1
	id=$(only_id)
	address=$(member serverIp)
	echo "cc-$id $(ccc status "$id" -o json | jq -r .hostKey)" >known_hosts
	options=(-F /dev/null -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none -o ConnectTimeout=5
		-o UserKnownHostsFile=known_hosts -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes
		-o HostKeyAlias="cc-$id")
}
