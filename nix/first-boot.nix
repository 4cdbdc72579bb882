# What ccc-first-boot goes by: the text of /etc/ccc/parameters.json.
builtins.toJSON {
  inherit (import ./parameters.nix) parameters defaults;
  inherit (import ./sshd.nix { }) confinement;
}
