#!/usr/bin/env bats
# shellcheck disable=SC2154 # variables of helper.bash
# Keys and key files that are odd inside: refused with what is wrong and what to do, and
# nothing is created.

bats_require_minimum_version 1.5.0
load helper

setup() {
	start_simulator
	ccc init >/dev/null
	before=$(sha256sum "$CCC_STATE_DIR/instances.json")
	cd "$BATS_TEST_TMPDIR" || return 1
}

# key_refused TEXT WORD: what is wrong, then what to do, in one line
key_refused() {
	run timeout 5 ccc provision --email a@example.com --ssh-key "$2"
	echo "status $status: $output"
	[ "$status" -eq 4 ]
	[[ $output == *"$1"*"; "* ]]
	[ "${#lines[@]}" -eq 1 ]
	[ "$(servers)" -eq 0 ]
	[ "$before" = "$(sha256sum "$CCC_STATE_DIR/instances.json")" ]
}

# field FILE: its bytes behind their length, as keys are written
field() {
	local length
	length=$(stat -c %s "$1")
	# shellcheck disable=SC2059 # bytes
	printf "$(printf '\\x%02x' $((length >> 24)) $((length >> 16 & 255)) $((length >> 8 & 255)) $((length & 255)))"
	cat "$1"
}

# rsa EXPONENT MODULUS [REST]: files of bytes; prints a public key
rsa() {
	printf ssh-rsa >kind
	echo "ssh-rsa $( (field kind && field "$1" && field "$2" && cat "${3:-/dev/null}") | base64 -w 0)"
}

# number FIRST COUNT LAST: the bytes FIRST (may be several), COUNT times 0x5a, LAST
number() {
	# shellcheck disable=SC2059 # bytes
	printf "$1" && head -c "$2" /dev/zero | tr '\0' Z && printf "$3"
}

@test "RSA keys of an odd structure" {
	number '\x01\x00\x01' 0 '' >exponent
	number '\x00\xc5' 510 '\x01' >modulus
	good=$(rsa exponent modulus)
	run ccc provision --dry-run --email a@example.com --ssh-key "$good"
	[ "$status" -eq 0 ]
	number '\x00\xc5' 510 '\x02' >even
	key_refused "modulus is even" "$(rsa exponent even)"
	number '\x01' 0 '' >one
	key_refused "the exponent 1," "$(rsa one modulus)"
	number '\x03' 0 '' >three
	key_refused "the exponent 3," "$(rsa three modulus)"
	number '\x01\x00\x02' 0 '' >even_exponent
	key_refused "the exponent 65538" "$(rsa even_exponent modulus)"
	number '\x01\x00\x00\x00\x00\x00\x00\x00\x01' 0 '' >long_exponent
	key_refused "more than 64 bits" "$(rsa long_exponent modulus)"
	number '\xc5' 510 '\x01' >negative
	key_refused "cut short or oddly written" "$(rsa exponent negative)"
	number '\xff' 0 '' >negative_exponent
	key_refused "cut short or oddly written" "$(rsa negative_exponent modulus)"
	number '\x00\x00\xc5' 510 '\x01' >padded
	key_refused "cut short or oddly written" "$(rsa exponent padded)"
	: >nothing
	key_refused "cut short or oddly written" "$(rsa nothing modulus)"
	key_refused "cut short or oddly written" "$(rsa exponent nothing)"
	number '\x00\xc5' 509 '\x01' >short
	key_refused "4088 bits" "$(rsa exponent short)"
	number '\x00\xc5' 2047 '\x01' >long
	key_refused "16392 bits" "$(rsa exponent long)"
	echo more >rest
	key_refused "there is more behind its end" "$(rsa exponent modulus rest)"
	key_refused "damaged" "${good:0:300}"
}

@test "an ed25519 key that is too long, too short or goes on" {
	printf ssh-ed25519 >kind
	for size in 0 31 33 64; do
		head -c "$size" /dev/zero >point
		key_refused "holds 32 bytes" "ssh-ed25519 $( (field kind && field point) | base64 -w 0)"
	done
	head -c 32 /dev/zero >point
	key_refused "there is more behind its end" "ssh-ed25519 $( (field kind && field point && field kind) | base64 -w 0)"
	key_refused "does not hold a key" "ssh-ed25519 AAAA"
	key_refused "does not hold a key" "ssh-ed25519 /////w=="
}

@test "a key file that is a directory, a pipe, a device, huge, empty or no text" {
	mkdir folder
	mkfifo pipe
	key_refused "is no regular file" folder
	key_refused "is no regular file" pipe
	key_refused "is no regular file" /dev/zero
	head -c 70000 /dev/zero | tr '\0' 'A' >huge
	key_refused "has more than 65536 bytes" huge
	truncate -s 20G sparse
	key_refused "has more than 65536 bytes" sparse
	: >empty
	key_refused "the key is empty" empty
	head -c 300 /dev/urandom >noise
	key_refused "" noise
	ln -s nowhere dangling
	key_refused "No such file" dangling
	ln -s "$keys/ed25519.pub" link
	run ccc provision --dry-run --email a@example.com --ssh-key link
	[ "$status" -eq 0 ]
}

@test "a key file that can't be read" {
	[ "$(id -u)" -eq 0 ] || skip "needs root to be somebody else"
	open_directory
	cp "$keys/ed25519.pub" "$open/closed"
	chmod 0600 "$open/closed"
	cp -a "$CCC_STATE_DIR" "$open/state"
	chown -R 65534:65534 "$open/state"
	run as_nobody "$open/ccc" -C "$open/state" provision --email a@example.com --ssh-key "$open/closed"
	[ "$status" -eq 4 ]
	[[ $output == *"cannot open '$open/closed': Permission denied; give the user's public key"* ]]
	[ "${#lines[@]}" -eq 1 ]
	[ "$(servers)" -eq 0 ]
}

@test "a comment in which a line ends is no second key" {
	printf '%s user@host\nmore of the comment\n' "$(cut -d ' ' -f 1,2 "$keys/ed25519.pub")" >lines
	key_refused "one" lines
	printf '%s user\rhost\n' "$(cut -d ' ' -f 1,2 "$keys/ed25519.pub")" >returns
	key_refused "" returns
}

@test "more keys than anybody has" {
	many=()
	for i in 1 2 3 4 5 6 7 8; do
		ssh-keygen -q -t ed25519 -N '' -f "many$i"
		many+=(--ssh-key "many$i.pub")
	done
	run ccc provision --dry-run --email a@example.com "${many[@]}"
	[ "$status" -eq 0 ]
	run ccc provision --email a@example.com "${many[@]}" --ssh-key "$keys/rsa4096.pub"
	[ "$status" -eq 4 ]
	[[ $output == *"more than 8 SSH keys; leave some out"* ]]
	[ "$(servers)" -eq 0 ]
}
