# Makes $out, a system as nixos-install expects one: init, activate, etc, sw/bin and
# bin/switch-to-configuration.

# The scripts name their interpreter and themselves by store path.
place() {
	sed -e "s|@tools@|$tools|g" -e "s|@out@|$out|g" -e "s|@lastStretch@|$lastStretch|g" "$1" >"$2"
	chmod "$3" "$2"
}

mkdir -p "$out/bin" "$out/sw/bin" "$out/etc/ssh"
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
for program in /usr/sbin/runuser /usr/bin/curl /usr/bin/jq /usr/bin/rsync /usr/bin/scp /usr/bin/ssh-keygen /usr/bin/wall; do
	ln -sf "$program" "$out/sw/bin/${program##*/}"
done

for file in init activate minutes; do
	place "$systemFiles/$file" "$out/$file" 755
done
place "$systemFiles/switch-to-configuration" "$out/bin/switch-to-configuration" 755

cp -R "$systemFiles/etc/." "$out/etc/"
cp "$sshdConfig" "$out/etc/ssh/sshd_config"
# shellcheck disable=SC2086 # into words
set -- $etcFiles
for name in $etcNames; do
	mkdir -p "$(dirname "$out/etc/$name")"
	cp "$1" "$out/etc/$name"
	shift
done
printf '%s' "$(uname -m)-linux" >"$out/system"
