#!/usr/bin/env bats
# An independent witness: the official hcloud CLI lives whole lives on hetzner-sim.
# shellcheck disable=SC2030,SC2031,SC2119,SC2120,SC2154 # helper.bash and bats set what is used here
load helper

setup() {
	command -v hcloud >/dev/null || skip "hcloud is not installed"
	start_simulator
	ssh-keygen -q -t ed25519 -N '' -C "user@laptop" -f "$BATS_TEST_TMPDIR/key"
}

# field KIND NAME FILTER: of the API's own object
field() {
	hcloud "$1" describe "$2" -o json | jq -r "$3"
}

create_key() {
	hcloud ssh-key create --name laptop --public-key-from-file "$BATS_TEST_TMPDIR/key.pub" "$@"
}

create_server() {
	hcloud server create --name web1 --type cx23 --image debian-12 --location fsn1 --ssh-key laptop "$@"
}

@test "an SSH key is created, found by its fingerprint, renamed, labelled and deleted" {
	run create_key --label owner=me
	[ "$status" -eq 0 ]
	[[ $output =~ ^SSH\ key\ [0-9]+\ created$ ]]
	fingerprint=$(ssh-keygen -E md5 -lf "$BATS_TEST_TMPDIR/key.pub" | sed 's/.*MD5:\([0-9a-f:]*\).*/\1/')
	[ "$(field ssh-key laptop .fingerprint)" = "$fingerprint" ]
	[ "$(field ssh-key laptop .public_key)" = "$(cat "$BATS_TEST_TMPDIR/key.pub")" ]
	[ "$(field ssh-key laptop .labels.owner)" = me ]

	run create_key
	[ "$status" -eq 1 ]
	[[ $output == *"(uniqueness_error)"* ]]

	hcloud ssh-key update laptop --name desk
	hcloud ssh-key add-label desk room=2
	[ "$(field ssh-key desk .labels.room)" = 2 ]
	hcloud ssh-key remove-label desk owner
	[ "$(field ssh-key desk '.labels | keys | join(",")')" = room ]
	hcloud ssh-key delete desk
	run hcloud ssh-key describe desk
	[ "$status" -eq 1 ]
	[ "$(hcloud ssh-key list -o json)" = null ]
}

@test "a malformed public key is refused" {
	echo "ssh-ed25519 AAAA nonsense" >"$BATS_TEST_TMPDIR/bad.pub"
	run hcloud ssh-key create --name bad --public-key-from-file "$BATS_TEST_TMPDIR/bad.pub"
	[ "$status" -eq 1 ]
	[[ $output == *"(invalid_input)"* ]]
}

@test "a server is created, described, listed by label, switched off and on, and deleted" {
	create_key
	printf '#cloud-config\n{"x": "y"}\n' >"$BATS_TEST_TMPDIR/user-data"
	run create_server --label env=dev --label run=7 --user-data-from-file "$BATS_TEST_TMPDIR/user-data"
	[ "$status" -eq 0 ]
	[[ $output == *"Server "*" created"* ]]
	[[ $output != *"Root password"* ]]

	[ "$(field server web1 .status)" = running ]
	[ "$(field server web1 .location.name)" = fsn1 ]
	[ "$(field server web1 .server_type.name)" = cx23 ]
	[ "$(field server web1 .image.name)" = debian-12 ]
	[ "$(field server web1 'has("datacenter")')" = false ]
	[[ $(hcloud server ip web1) == 127.* ]]
	[ "$(hcloud server ip web1)" = "$(field server web1 .public_net.ipv4.ip)" ]
	[ "$(curl -s "$HETZNER_SIM/servers" | jq -r '.servers[0].user_data')" = "$(cat "$BATS_TEST_TMPDIR/user-data")" ]

	[ "$(hcloud server list -l env=dev,run -o noheader -o columns=name)" = web1 ]
	[ -z "$(hcloud server list -l 'env!=dev' -o noheader)" ]
	[ "$(hcloud server list -l 'env in (prod,dev)' -o json | jq length)" = 1 ]

	hcloud server poweroff web1
	[ "$(field server web1 .status)" = off ]
	hcloud server poweron web1
	[ "$(field server web1 .status)" = running ]
	hcloud server reboot web1
	hcloud server reset web1
	hcloud server shutdown web1
	until [ "$(field server web1 .status)" = off ]; do sleep 0.1; done

	run hcloud server delete web1
	[ "$status" -eq 0 ]
	[ "$(hcloud server list -o json)" = null ]
	[ "$(hcloud primary-ip list -o json)" = null ]
	run hcloud server describe web1
	[ "$status" -eq 1 ]
}

@test "a server without a key gets a root password, one without IPv4 has none" {
	run hcloud server create --name lone --type cx23 --image debian-12 --without-ipv4
	[ "$status" -eq 0 ]
	[[ $output == *"Root password: "* ]]
	[ "$(field server lone .public_net.ipv4)" = null ]
	[[ $(field server lone .public_net.ipv6.ip) == 2001:db8:*::/64 ]]
	[ "$(hcloud primary-ip list -o json | jq length)" = 1 ]
}

@test "a server is renamed, labelled, protected, rebuilt and changed in type" {
	create_key
	create_server
	hcloud server update web1 --name web2
	hcloud server add-label web2 x=y
	[ "$(field server web2 .labels.x)" = y ]
	hcloud server remove-label web2 x
	[ "$(field server web2 .labels)" = '{}' ]

	hcloud server enable-protection web2 delete rebuild
	run hcloud server delete web2
	[ "$status" -eq 1 ]
	[[ $output == *"(protected)"* ]]
	run hcloud server rebuild web2 --image debian-13
	[ "$status" -eq 1 ]
	hcloud server disable-protection web2 delete rebuild

	hcloud server rebuild web2 --image debian-13
	[ "$(field server web2 .image.name)" = debian-13 ]

	run hcloud server change-type web2 cx33
	[ "$status" -eq 1 ]
	[[ $output == *"(server_not_stopped)"* ]]
	hcloud server poweroff web2
	hcloud server change-type web2 cx33
	[ "$(field server web2 .server_type.name)" = cx33 ]
	[ "$(field server web2 .primary_disk_size)" = 80 ]
	hcloud server delete web2
}

@test "the lesser actions work too" {
	create_key
	create_server
	hcloud server enable-rescue web1 --ssh-key laptop
	[ "$(field server web1 .rescue_enabled)" = true ]
	hcloud server disable-rescue web1
	hcloud server enable-backup web1
	[ "$(field server web1 .backup_window)" != null ]
	hcloud server disable-backup web1
	hcloud server reset-password web1 | grep -q 'Password of server'
	hcloud server set-rdns web1 --hostname box.example.com
	[ "$(field server web1 .public_net.ipv4.dns_ptr)" = box.example.com ]
	hcloud server request-console web1 | grep -q 'wss://'
}

@test "a firewall gets rules, is applied, refuses deletion meanwhile, and is deleted" {
	create_key
	cat >"$BATS_TEST_TMPDIR/rules.json" <<-'RULES'
		[{"direction": "in", "source_ips": ["0.0.0.0/0", "::/0"], "protocol": "tcp", "port": "22", "description": "ssh"},
		 {"direction": "in", "source_ips": ["203.0.113.0/24"], "protocol": "icmp"}]
	RULES
	run hcloud firewall create --name wall --rules-file "$BATS_TEST_TMPDIR/rules.json" --label a=b
	[ "$status" -eq 0 ]
	[ "$(field firewall wall '.rules | length')" = 2 ]
	[ "$(field firewall wall '.rules[1].port')" = null ]

	create_server --firewall wall
	id=$(field server web1 .id)
	[ "$(field server web1 '.public_net.firewalls[0].status')" = applied ]
	[ "$(field firewall wall '.applied_to[0].server.id')" = "$id" ]
	run hcloud firewall delete wall
	[ "$status" -eq 1 ]
	[[ $output == *"(resource_in_use)"* ]]

	hcloud firewall remove-from-resource wall --type server --server web1
	[ "$(field firewall wall '.applied_to | length')" = 0 ]
	hcloud firewall apply-to-resource wall --type server --server web1
	[ "$(field server web1 '.public_net.firewalls | length')" = 1 ]
	run hcloud firewall apply-to-resource wall --type server --server web1
	[ "$status" -eq 1 ]
	[[ $output == *firewall_already_applied* ]]

	hcloud firewall add-rule wall --direction in --protocol udp --port 4000-5000 --source-ips 198.51.100.0/24
	[ "$(field firewall wall '.rules | length')" = 3 ]
	hcloud firewall delete-rule wall --direction in --protocol udp --port 4000-5000 --source-ips 198.51.100.0/24
	[ "$(field firewall wall '.rules | length')" = 2 ]
	hcloud firewall add-rule wall --direction out --protocol tcp --port 443 --destination-ips 2001:db8::/32
	[ "$(field firewall wall '.rules[2].destination_ips[0]')" = 2001:db8::/32 ]
	echo '[]' >"$BATS_TEST_TMPDIR/none.json"
	hcloud firewall replace-rules wall --rules-file "$BATS_TEST_TMPDIR/none.json"
	[ "$(field firewall wall '.rules | length')" = 0 ]

	hcloud server delete web1
	[ "$(field firewall wall '.applied_to | length')" = 0 ]
	hcloud firewall delete wall
	[ "$(hcloud firewall list -o json)" = null ]
}

@test "a firewall applied by labels follows them" {
	create_key
	hcloud firewall create --name wall
	hcloud firewall apply-to-resource wall --type label_selector --label-selector env=dev
	create_server --label env=dev
	[ "$(field server web1 '.public_net.firewalls | length')" = 1 ]
	[ "$(field firewall wall '.applied_to[0].applied_to_resources | length')" = 1 ]
	hcloud server remove-label web1 env
	[ "$(field server web1 '.public_net.firewalls | length')" = 0 ]
	hcloud firewall remove-from-resource wall --type label_selector --label-selector env=dev
	hcloud firewall delete wall
}

@test "a rule with host bits or without a port is refused" {
	echo '[{"direction": "in", "source_ips": ["10.0.0.1/8"], "protocol": "tcp", "port": "22"}]' >"$BATS_TEST_TMPDIR/r"
	run curl -s -H "Authorization: Bearer $HCLOUD_TOKEN" -d "{\"name\": \"w\", \"rules\": $(cat "$BATS_TEST_TMPDIR/r")}" \
		"$HCLOUD_ENDPOINT/firewalls"
	[ "$(jq -r .error.code <<<"$output")" = invalid_input ]
	echo '[{"direction": "in", "source_ips": ["0.0.0.0/0"], "protocol": "tcp"}]' >"$BATS_TEST_TMPDIR/r"
	run hcloud firewall create --name w --rules-file "$BATS_TEST_TMPDIR/r"
	[ "$status" -eq 1 ]
	[ "$(hcloud firewall list -o json)" = null ]
}

@test "a snapshot is made, outlives its server, starts another one, and is deleted" {
	create_key
	create_server
	run hcloud server create-image web1 --type snapshot --description golden --label a=b
	[ "$status" -eq 0 ]
	[[ $output =~ Image\ ([0-9]+)\ created ]]
	id=${BASH_REMATCH[1]}
	[ "$(field image "$id" .status)" = available ]
	[ "$(field image "$id" .description)" = golden ]
	[ "$(field image "$id" .created_from.name)" = web1 ]
	[ "$(field image "$id" '.image_size > 0')" = true ]
	[ "$(hcloud image list --type snapshot -l a=b -o noheader -o columns=id)" = "$id" ]

	hcloud server delete web1
	hcloud server create --name web2 --type cx23 --image "$id" --ssh-key laptop
	[ "$(field server web2 .image.id)" = "$id" ]

	hcloud image update "$id" --description silver
	hcloud image add-label "$id" c=d
	hcloud image enable-protection "$id" delete
	run hcloud image delete "$id"
	[ "$status" -eq 1 ]
	hcloud image disable-protection "$id" delete
	hcloud image delete "$id"
	[ "$(hcloud image list --type snapshot -o json)" = null ]
}

@test "the catalogue says what is sold where" {
	[ "$(hcloud location list -o noheader -o columns=name | xargs)" = "fsn1 nbg1 hel1 ash hil sin" ]
	api() { curl -sf -H "Authorization: Bearer $HCLOUD_TOKEN" "$HCLOUD_ENDPOINT$1"; }
	types=$(api '/server_types?per_page=50')
	sold() { jq -r ".server_types[] | select(.name == \"$1\").locations[] | select(.available).name" <<<"$types" | xargs; }
	[ "$(sold cpx21)" = "ash hil" ]
	[ "$(sold cpx22)" = "fsn1 nbg1 hel1 sin" ]
	[ "$(sold cx23)" = "fsn1 nbg1 hel1" ]
	[ "$(jq '[.server_types[] | select(.name == "cx22")] | length' <<<"$types")" = 0 ]
	[ "$(jq -r '.server_types[] | select(.name == "cpx21").locations[] | select(.name == "fsn1").deprecation.unavailable_after' <<<"$types")" != null ]
	[ "$(api /pricing | jq -r '.pricing.primary_ips[0].prices[0].price_monthly.net')" = 0.50000000 ]
	run hcloud datacenter list
	[ "$status" -eq 1 ]
	[[ $output == *"deprecated_api_endpoint"* ]]
}

@test "orders that Hetzner would refuse are refused" {
	create_key
	refused() {
		local code=$1
		shift
		run hcloud server create --name no --image debian-12 "$@"
		[ "$status" -eq 1 ]
		[[ $output == *"($code)"* ]] || { echo "$output"; return 1; }
	}
	refused invalid_input --type cpx21 --location fsn1
	refused invalid_input --type cpx22 --location ash
	refused invalid_input --type cx22
	refused invalid_input --type cx23 --location mars
	refused invalid_input --type cax11
	refused invalid_input --type cx23 --label 'bad key=1'
	run hcloud server create --name 'under_score' --type cx23 --image debian-12
	[ "$status" -eq 1 ]
	create_server
	run create_server
	[[ $output == *"(uniqueness_error)"* ]]
	[ "$(servers)" = 1 ]
}
