#!/bin/sh
# base.sh BASE KEXEC: makes, once for all machines, what a fresh disk holds and the
# tarball that stands for the installer. /usr itself is bound read-only from the
# operator's machine, so Debian's own links into it belong to the image.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
base=$1
kexec=$2

umask 022
mkdir -p "$base"
cp -R "$here/image/." "$base/"
for link in bin sbin lib lib32 lib64 libx32; do
	[ ! -L "/$link" ] || ln -s "usr/${link}" "$base/$link"
done
cd "$base"
mkdir -p dev etc/ssh home mnt nix proc run sys tmp usr var/lib var/tmp
mkdir -m 700 root root/.ssh
chmod 1777 tmp var/tmp
sed -n 's/^\([^:]*\):.*/\1:*:1::::::/p' etc/passwd >etc/shadow
chmod 600 etc/shadow
echo 12.0 >etc/debian_version
cp -R /etc/alternatives etc/alternatives

tar -C "$here" --owner=root --group=root -czf "$kexec" kexec
