# What the tests of the box share: parameters for it, and the sources to evaluate it with.

box=$BATS_TEST_DIRNAME/../../nix
box_tests=$BATS_TEST_DIRNAME/../nix
keys=$BATS_TEST_DIRNAME/../fixtures/keys

setup() {
	instance=$BATS_TEST_TMPDIR/instance.json
	export NIX_CONFIG='build-users-group =
sandbox = false
substituters =
experimental-features = nix-command flakes'
}

# need_sources: sets $sources to the options that evaluate the box of $instance
need_sources() {
	[[ -n ${NIXPKGS:-} && -n ${DISKO:-} ]] || skip 'NIXPKGS and DISKO name no sources of nixpkgs and disko to evaluate with'
	sources=(--arg nixpkgs "$NIXPKGS" --arg disko "$DISKO" --argstr instanceFile "$instance")
	[ -z "${NIXPKGS_OVERLAY:-}" ] || sources+=(--arg overlays "[ (import $NIXPKGS_OVERLAY) ]")
}

pure() {
	nix-instantiate --store dummy:// --eval --strict --json "$@"
}

key() {
	cut -d ' ' -f 1,2 "$keys/$1.pub"
}

# good [FILTER]: parameters that nothing is wrong with, changed by jq's FILTER
good() {
	jq -n --rawfile user "$keys/ed25519.pub" --rawfile operator "$keys/sk-ed25519.pub" '
		def key: split(" ")[:2] | join(" ");
		{instanceId: "a1b2c3", expiresAt: 1893456000, sshKeys: [$user | key], operatorKeys: [$operator | key]} | '"${1:-.}"
}
