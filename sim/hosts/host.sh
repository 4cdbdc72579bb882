#!/bin/sh
# host.sh MACHINE BASE ADDRESS disk|installer: the first process of a simulated machine, in
# namespaces of its own. Makes the root, enters it, starts what is there, then waits
# for a button. How it ends tells machine.c what comes next.
set -eu
machine=$1
base=$2
address=$3
source=$4
root=$machine/root

ended_reboot=10
ended_kexec=11
ended_poweroff=12
ended_unbootable=13

say() {
	echo "[$(cut -d' ' -f1 /proc/uptime)] $*"
}

# What a provider does before the first boot: the image, and the host and root keys on it.
write_disk() {
	[ ! -e "$machine/imaged" ] || return 0
	cp -a "$base/." "$machine/disk/"
	cp -a "$machine/seed/." "$machine/disk/etc/ssh/"
	mv "$machine/disk/etc/ssh/authorized_keys" "$machine/disk/root/.ssh/authorized_keys"
	touch "$machine/imaged"
}

mount_root() {
	case $source in
	disk)
		write_disk
		mount --bind "$machine/disk" "$root"
		;;
	installer)
		mount -t tmpfs -o mode=755 installer "$root"
		cp -a "$base/." "$root/"
		cp -R "$(dirname "$0")/installer/." "$root/"
		cp -a "$machine/memory/." "$root/etc/ssh/"
		mv "$root/etc/ssh/authorized_keys" "$root/root/.ssh/authorized_keys"
		;;
	esac
}

# The directories and device files that any system finds when it starts.
mount_kernel() {
	cd "$root"
	for link in bin sbin lib lib32 lib64 libx32; do
		[ -e "$link" ] || [ ! -L "$base/$link" ] || cp -P "$base/$link" "$link"
	done
	mkdir -p dev proc run sys tmp usr
	mount --bind /usr usr
	mount -o remount,bind,ro usr
	mount -t proc proc proc
	mount -t tmpfs -o mode=755 run run
	mount -t tmpfs -o mode=1777 tmp tmp
	mount -t tmpfs -o mode=755 dev dev
	while read -r name major minor; do
		mknod -m 666 "dev/$name" c "$major" "$minor"
	done <<-END
		null 1 3
		zero 1 5
		full 1 7
		random 1 8
		urandom 1 9
		tty 5 0
	END
	mkdir dev/pts dev/shm
	mount -t devpts -o newinstance,gid=5,mode=620,ptmxmode=666 devpts dev/pts
	mount -t tmpfs -o mode=1777 shm dev/shm
	ln -s pts/ptmx dev/ptmx
	ln -s /proc/self/fd dev/fd
	ln -s fd/0 dev/stdin
	ln -s fd/1 dev/stdout
	ln -s fd/2 dev/stderr
}

# The side of the machine that is no computer: buttons, its network card's address, the memory
# that a kexec hands on, what the metadata service would tell, and for the installer the disk: a
# directory that stands for it. All of it is root's.
attach_machine() {
	mkdir -m 700 run/machine run/machine/memory run/old
	mkfifo -m 600 run/machine/buttons
	echo "$address" >run/machine/address
	cp -R "$machine/metadata" run/machine/metadata
	rm -rf "$machine/memory"
	mkdir "$machine/memory"
	mount --bind "$machine/memory" run/machine/memory
	if [ "$source" = installer ]; then
		mkdir dev/sda
		mount --bind "$machine/disk" dev/sda
	fi
}

# It shares kernel, clock and network with the operator: these rights it does not get.
start() {
	exec setpriv --bounding-set=-sys_module,-sys_rawio,-sys_boot,-sys_time,-mknod,-net_admin "$@" </dev/null
}

start_debian() {
	uname -n >/etc/hostname
	[ -e /etc/ssh/ssh_host_ed25519_key ] ||
		ssh-keygen -q -t ed25519 -N '' -C "root@$(uname -n)" -f /etc/ssh/ssh_host_ed25519_key
	mkdir -m 755 /run/sshd
	start /usr/sbin/sshd -D -e -o "ListenAddress=$address"
}

mount_root
mount_kernel
attach_machine
pivot_root . run/old
umount -l /run/old
rmdir /run/old

if [ -f /boot/loader ]; then
	system=$(sed -n 's/^init=//p' /boot/loader)
	say "starting $system"
	start "$system" &
elif [ -f /etc/debian_version ]; then
	say "starting $(sed -n 's/^PRETTY_NAME=//p' /etc/os-release)"
	start_debian &
else
	say 'there is no operating system on the disk'
	exit $ended_unbootable
fi

# The end of an orphan, which a first process inherits and the shell collects, interrupts
# `read`; and since we hold the pipe's other end too, it never ends.
exec 3<>/run/machine/buttons
while :; do
	read -r button <&3 || continue
	say "button: $button"
	case $button in
	reboot) exit $ended_reboot ;;
	kexec) exit $ended_kexec ;;
	poweroff) exit $ended_poweroff ;;
	esac
done
