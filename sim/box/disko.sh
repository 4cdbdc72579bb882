# Makes $out, the script that a machine runs to prepare its disk.
cat >"$out" <<END
#!$tools/bin/bash
# Wipes the disk and mounts it: a directory stands for the disk and its file system.
set -eu
PATH=$tools/bin
disk=/dev/sda

if [ ! -d "\$disk" ]; then
	echo "disko: there is no simulated disk \$disk here; nothing was done" >&2
	exit 1
fi
umount /mnt 2>/dev/null || true
find "\$disk" -mindepth 1 -maxdepth 1 -exec rm -rf {} +
mkdir -p /mnt
mount -o bind "\$disk" /mnt
echo "disko: \$disk is empty and mounted on /mnt"
END
chmod 755 "$out"
