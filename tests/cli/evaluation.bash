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

# hostile_parameters: the folder hostile with parameters that were made to break out, a file each. The last words of its name are
# the options that it attacks.
hostile_parameters() {
	local name value option
	mkdir hostile
	while IFS=$'\t' read -r name value; do
		written "$name"-instanceId "$value" '.instanceId = $value'
		written "$name"-behind-instanceId "$value" '.instanceId += $value'
		written "$name"-expiresAt "$value" '.expiresAt = $value'
		written "$name"-operatorAccess "$value" '.operatorAccess = $value'
		written "$name"-behind-operatorAccess "$value" '.operatorAccess = "commands" + $value'
		for option in sshKeys operatorKeys; do
			written "$name-$option" "$value" ".$option = [\$value]"
			written "$name-behind-$option" "$value" ".${option}[0] += \$value"
			written "$name-before-$option" "$value" ".${option}[0] |= \$value + ."
			written "$name-second-$option" "$value" ".$option += [\$value]"
			written "$name-list-$option" "$value" ".$option = \$value"
		done
	done <<'END'
quote	"\""
backslash	"\\"
escape	"\\u0000"
antiquote	"${builtins.abort \"x\"}"
closing	"''"
newline	"\n"
another	"\nssh-ed25519 AAAA"
return	"\r"
nul	"\u0000"
nul-and-more	"\u0000\ncommand=\"id\" ssh-ed25519 AAAA"
tab	"\t"
delete	"\u007f"
accent	"é"
full-width	"１"
right-to-left	"\u202e"
option	" -oProxyCommand=id"
path	"/../../"
10kB	"A" * 10240
1MB	"A" * 1048576
END
	# What jq does not write
	good >plain
	sed 's/"a1b2c3"/"\\ud800"/' plain >hostile/surrogate-instanceId.json
	sed 's/"a1b2c3"/"a1b2c3\\u0000"/' plain >hostile/again-nul-instanceId.json
	sed 's/AAAA/\\u0000AAAA/' plain >hostile/again-nul-sshKeys-operatorKeys.json
}

# written NAME VALUE FILTER: hostile/NAME.json
written() {
	good "($2) as \$value | $3" >"hostile/$1.json"
}
