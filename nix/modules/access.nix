# Who gets in: the user as `claude`, the operator as root, by key over SSH, and nobody else.
{ config, lib, ... }:
let
  instance = config.ccc.instance;
  operated = instance.operatorKeys != [ ];
in
{
  options.ccc.sudo = lib.mkOption {
    type = lib.types.bool;
    default = true;
    description = "Whether `claude` may become root.";
  };

  config = {
    users.mutableUsers = false;
    users.users.claude = {
      isNormalUser = true;
      uid = 1000;
      description = "Claude Code";
      extraGroups = lib.optional config.ccc.sudo "wheel";
      openssh.authorizedKeys.keys = instance.sshKeys;
    };
    users.users.root.openssh.authorizedKeys.keys = instance.operatorKeys;
    # NixOS insists on a way to become root. Without sudo and an operator there is none, on purpose.
    users.allowNoPasswordLogin = !operated && !config.ccc.sudo;
    security.sudo = {
      wheelNeedsPassword = false;
      execWheelOnly = true;
    };

    services.openssh = {
      enable = true;
      openFirewall = false;
      hostKeys = [
        {
          type = "ed25519";
          path = "/etc/ssh/ssh_host_ed25519_key";
        }
      ];
      # Exactly these two, so that ccc-report can say which keys open the door: those built
      # in, and those that the operator added later.
      authorizedKeysInHomedir = false;
      authorizedKeysFiles = [ "/var/lib/ccc/authorized_keys.d/%u" ];
      settings = {
        PasswordAuthentication = false;
        KbdInteractiveAuthentication = false;
        PermitRootLogin = if operated then "prohibit-password" else "no";
        AllowUsers = [ "claude" ] ++ lib.optional operated "root";
        MaxAuthTries = 6;
        LoginGraceTime = 30;
        X11Forwarding = false;
      };
    };
    systemd.tmpfiles.rules = [
      "d /var/lib/ccc 0755 root root"
      "d /var/lib/ccc/authorized_keys.d 0755 root root"
    ];

    networking.nftables.enable = true;
    networking.firewall = {
      enable = true;
      allowedTCPPorts = [ 22 ];
      allowPing = true;
      logRefusedConnections = false;
    };
  };
}
