# What sshd is told, as data: the box (modules/access.nix) and the simulator's toy take it from here,
# so that what was tried on the one holds for the other.
{
  # null: the keys that a machine is given when it first boots, each with its confinement, if any
  instance ? null,
  lastStretch ? null, # minutes
  sftpServer ? null,
}:
let
  operated = instance == null || instance.operatorKeys != [ ];
  confined = instance != null && instance.operatorAccess == "commands";
in
rec {
  settings = {
    PasswordAuthentication = false;
    KbdInteractiveAuthentication = false;
    PermitRootLogin =
      if !operated then
        "no"
      else if confined then
        "forced-commands-only"
      else
        "prohibit-password";
    AllowUsers = [ "claude" ] ++ (if operated then [ "root" ] else [ ]);
    MaxAuthTries = 6;
    LoginGraceTime = 30;

    # From the user's computer to the machine, as editors and browsers want it, and no way back.
    AllowTcpForwarding = "local";
    AllowStreamLocalForwarding = "local";
    GatewayPorts = "no";
    PermitTunnel = "no";
    X11Forwarding = false;
    # Without it, who pushes by SSH would copy a private key here. It is the user's to ask for (ssh -A).
    AllowAgentForwarding = true;
  };

  # For the user, in sshd_config's own words, after all of the above.
  forClaude = ''
    Match User claude
      ForceCommand /run/current-system/sw/bin/ccc-session ${toString lastStretch} ${sftpServer}
  '';

  # Beside /etc/ssh/authorized_keys.d/%u, which is NixOS's own.
  keyFile = "/var/lib/ccc/authorized_keys.d/%u";

  # What stands before a key that opens but the few commands that ccc needs.
  confinement = "restrict,command=\"/run/current-system/sw/bin/ccc-operator\"";

  rootKeys =
    if instance == null then
      [ ]
    else if confined then
      map (key: "${confinement} ${key}") instance.operatorKeys
    else
      instance.operatorKeys;
}
