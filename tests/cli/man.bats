#!/usr/bin/env bats
# The manual says what the commands say of themselves.

build=${CCC_BUILD:-$BATS_TEST_DIRNAME/../../build}

@test "ccc.1 is what tools/make-man prints" {
	"$BATS_TEST_DIRNAME/../../tools/make-man" "$build/ccc" | diff "$BATS_TEST_DIRNAME/../../man/ccc.1" -
}

@test "every command has help that names its usage" {
	for command in init provision handover list status extend keys deprovision ssh suspend unsuspend reap resume fsck whois health doctor selftest config help version; do
		"$build/ccc" help "$command" | grep -q "^usage: ccc $command"
		"$build/ccc" "$command" --help | grep -q "^usage: ccc $command"
	done
}
