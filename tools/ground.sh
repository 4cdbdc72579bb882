# The ground that ./check and ./quickstart stand on, read by both: root, Debian's packages,
# and port 22 of loopback addresses, where the sshd of each simulated host listens.

# What builds everything and runs it against the simulator.
packages="gcc meson ninja-build pkg-config libcurl4-openssl-dev libinih-dev libjansson-dev libmicrohttpd-dev libssl-dev libcmocka-dev
	jq curl openssh-client openssh-server nix-bin hcloud-cli bash-static busybox-static faketime iproute2 util-linux procps cpio tar"

# Something holds port 22 on every address, of IPv4 or IPv6.
port_22_is_taken() {
	awk '$4 == "0A" && $2 ~ /^0+:0016$/ { taken = 1 } END { exit !taken }' /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# stand_on PACKAGES COMMAND...: returns where all of it is given. COMMAND is the caller itself
# with its arguments: it is started again through sudo when root is missing, and in a network
# namespace of its own ("$ground" is "namespace" there) when port 22 is taken.
stand_on() {
	local packages=$1
	shift
	if [ -n "${ground-}" ]; then
		return
	fi
	if [ "$(id -u)" -ne 0 ]; then
		echo "The simulated hosts need namespaces and port 22 of loopback addresses: going on through sudo." >&2
		exec sudo --preserve-env=CI,NIXPKGS,DISKO -- "$@"
	fi
	# shellcheck disable=SC2086 # a list of packages
	tools/install-packages $packages || exit 1
	if port_22_is_taken; then
		# shellcheck disable=SC2016 # "$@" is the inner shell's
		exec env ground=namespace unshare --net -- sh -c 'ip link set lo up && exec "$@"' sh "$@"
	fi
	ground=host
}
