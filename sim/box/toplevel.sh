# Makes $out, a system as nixos-install expects one: init, activate, etc, sw/bin and
# bin/switch-to-configuration.

# The scripts name their interpreter and themselves by store path.
place() {
	sed -e "s|@tools@|$tools|g" -e "s|@out@|$out|g" -e "s|@lastStretch@|$lastStretch|g" "$1" >"$2"
	chmod "$3" "$2"
}

mkdir -p "$out/bin" "$out/sw/bin" "$out/etc/ccc" "$out/etc/ssh/authorized_keys.d" "$out/etc/pam.d"
for program in "$tools"/bin/*; do
	ln -s "$program" "$out/sw/bin/${program##*/}"
done
for program in "$systemFiles"/sw/*; do
	rm -f "$out/sw/bin/${program##*/}"
	place "$program" "$out/sw/bin/${program##*/}" 755
done
for script in $boxScripts; do
	name=${script##*/}
	cp "$script" "$out/sw/bin/${name#*-}"
	chmod 755 "$out/sw/bin/${name#*-}"
done
# Of the machine's own programs, as the kernel and sshd are.
for program in /usr/sbin/runuser /usr/bin/wall /usr/bin/scp /usr/bin/rsync; do
	ln -sf "$program" "$out/sw/bin/${program##*/}"
done

for file in init activate minutes; do
	place "$systemFiles/$file" "$out/$file" 755
done
place "$systemFiles/switch-to-configuration" "$out/bin/switch-to-configuration" 755

cp -R "$systemFiles/etc/." "$out/etc/"
cp "$instanceJson" "$out/etc/ccc/instance.json"
cp "$claudeKeys" "$out/etc/ccc/authorized_keys"
cp "$sshdConfig" "$out/etc/ssh/sshd_config"
cp "$rootKeys" "$out/etc/ssh/authorized_keys.d/root"
echo "cc-$instanceId" >"$out/etc/hostname"
printf '%s' "$(uname -m)-linux" >"$out/system"
