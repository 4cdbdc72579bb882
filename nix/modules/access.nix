# Who gets in: the user as `claude`, the operator as root, by key over SSH, and nobody else.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  instance = config.ccc.instance;
  sshd = import ../sshd.nix {
    inherit (config.ccc) instance lastStretch;
    sftpServer = config.services.openssh.sftpServerExecutable;
  };
  script = import ../scripts.nix { inherit pkgs; };
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
    };
    users.users.root.openssh.authorizedKeys.keys = sshd.rootKeys;
    # NixOS insists on a way to become root that it can see. Without an operator that is sudo or,
    # on purpose, nothing.
    users.allowNoPasswordLogin = sshd.rootKeys == [ ];
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
      # Beside what NixOS builds in, which is the operator's key alone. No other file, so that
      # ccc-report can say which keys open the door.
      authorizedKeysInHomedir = false;
      authorizedKeysFiles = [ sshd.keyFile ];
      inherit (sshd) settings;
      extraConfig = lib.mkAfter sshd.forClaude;
    };

    # The user's keys change during a machine's life, so what sshd reads is data. At first it is
    # a link to those built in, if any; ccc-set-keys puts a file in its place, which every later boot
    # leaves alone. sshd wants a file of keys outside the store, whose folder a group may write to.
    environment.systemPackages = [
      (script "ccc-operator")
      (script "ccc-set-keys")
    ];
    environment.etc."ccc/authorized_keys" = lib.mkIf (instance != null) {
      text = lib.concatMapStrings (key: key + "\n") instance.sshKeys;
      mode = "0444";
    };
    systemd.tmpfiles.rules = [
      "d /var/lib/ccc 0755 root root"
      "d /var/lib/ccc/authorized_keys.d 0755 root root"
    ]
    ++ lib.optional (
      instance != null
    ) "L /var/lib/ccc/authorized_keys.d/claude - - - - /etc/ccc/authorized_keys";

    networking.nftables.enable = true;
    networking.nftables.tables.ccc = {
      family = "inet";
      content = builtins.readFile ../metadata.nft;
    };
    networking.firewall = {
      enable = true;
      allowedTCPPorts = [ 22 ];
      allowPing = true;
      logRefusedConnections = false;
    };
  };
}
