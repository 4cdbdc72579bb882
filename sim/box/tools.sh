# Makes $out/bin: bash, busybox and all that busybox can be.
# Busybox looks at its own name, which in the store begins with a hash.
busybox() {
	(exec -a busybox "$busyboxProgram" "$@")
}

busybox mkdir -p "$out/bin"
busybox cp "$busyboxProgram" "$out/bin/busybox"
busybox cp "$bashProgram" "$out/bin/bash"
for applet in $(busybox --list); do
	case $applet in
	busybox | bash) ;;
	halt | poweroff | reboot | init | linuxrc) ;; # would act on the operator's kernel
	*) busybox ln -s busybox "$out/bin/$applet" ;;
	esac
done
