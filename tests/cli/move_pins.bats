#!/usr/bin/env bats
# tools/move-pins, in a copy, with stand-ins of Nix: what is not built, or breaks a promise, or
# does not boot, moves nothing.

bats_require_minimum_version 1.5.0
load helper

setup() {
	root=$BATS_TEST_TMPDIR/copy
	here=$BATS_TEST_DIRNAME/../..
	mkdir -p "$root/tests/fixtures" "$root/tools"
	cp -r "$here/nix" "$root/nix"
	cp -r "$here/tests/nix" "$root/tests/nix"
	cp -r "$here/tests/fixtures/keys" "$root/tests/fixtures/keys"
	cp "$here/tools/move-pins" "$root/tools/move-pins"
	cp "$root/nix/flake.lock" "$BATS_TEST_TMPDIR/old.lock"
	# They answer as their files say; what they were asked is in `asked`.
	export SAID=$BATS_TEST_TMPDIR KVM=$BATS_TEST_TMPDIR/kvm
	stand_in nix <<'END'
echo "nix $*" >>"$SAID/asked"
[ ! -e "$SAID/no-update" ] || exit 1
[ ! -e "$SAID/nothing-newer" ] || exit 0
sed -i "s/\"rev\": \"[0-9a-f]*\"/\"rev\": \"0123456789abcdef0123456789abcdef01234567\"/" flake.lock
END
	stand_in nix-build <<'END'
echo "nix-build $*" >>"$SAID/asked"
grep -q 0123456789abcdef "${1%/tests/nix/vm.nix}/flake.lock" "${1%/tests/nix/vm.nix}/nix/flake.lock" 2>/dev/null || exit 9
case $1 in
*vm.nix) [ ! -e "$SAID/no-boot" ] ;;
*) [ ! -e "$SAID/no-build" ] ;;
esac
END
	stand_in nix-instantiate <<'END'
echo "nix-instantiate $*" >>"$SAID/asked"
case "$*" in
*facts.nix*) [ ! -e "$SAID/no-facts" ] && echo '{}' ;;
*promises.nix*) cat "$SAID/broken" 2>/dev/null || echo '[]' ;;
esac
END
}

teardown() { :; }

move() {
	run with_stand_ins timeout 60 "$root/tools/move-pins"
	echo "$status: $output"
	[ ! -e "$root/nix/flake.lock.new" ]
}

stayed() {
	cmp "$root/nix/flake.lock" "$BATS_TEST_TMPDIR/old.lock"
}

@test "pins whose box is built and keeps its promises are moved" {
	move
	[ "$status" -eq 0 ]
	grep 0123456789abcdef "$root/nix/flake.lock"
	[[ $output == *'not booted'* ]]
	[ "$(cut -d ' ' -f 1 "$SAID/asked")" = $'nix\nnix-build\nnix-instantiate\nnix-instantiate' ]
	grep -q 'nix-build .* -A toplevel -A diskoScript' "$SAID/asked"
}

@test "where there is KVM the box is booted first" {
	touch "$KVM"
	move
	[ "$status" -eq 0 ]
	grep -q 'nix-build .*/tests/nix/vm.nix' "$SAID/asked"
	grep 0123456789abcdef "$root/nix/flake.lock"
}

@test "whatever fails, nothing moves" {
	touch "$KVM"
	for fault in no-update no-build no-facts no-boot; do
		touch "$SAID/$fault"
		move
		[ "$status" -ne 0 ]
		stayed
		rm "$SAID/$fault"
	done
	echo '["sshd listens there"]' >"$SAID/broken"
	move
	[ "$status" -eq 1 ]
	[[ $output == *'sshd listens there'* ]]
	stayed
}

@test "where there is nothing newer nothing is built" {
	touch "$SAID/nothing-newer"
	move
	[ "$status" -eq 0 ]
	[[ $output == *'nothing newer'* ]]
	stayed
	run ! grep nix-build "$SAID/asked"
}
