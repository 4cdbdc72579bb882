# What the box promises about who gets in and how it is to live in, as one JSON value, for the tests.
# `more` is a module of an operator's own.
{
  nixpkgs,
  disko,
  instanceFile,
  overlays ? [ ],
  more ? { },
}:
let
  system = import (nixpkgs + "/nixos/lib/eval-config.nix") {
    system = "x86_64-linux";
    modules = [
      (disko + "/module.nix")
      ../../nix/modules
      {
        ccc.instance = builtins.fromJSON (builtins.readFile instanceFile);
        nixpkgs.overlays = overlays;
      }
      more
    ];
  };
  c = system.config;
in
{
  drvPath = builtins.unsafeDiscardStringContext c.system.build.toplevel.drvPath;
  failedAssertions = map (a: a.message) (builtins.filter (a: !a.assertion) c.assertions);
  sshd = c.services.openssh.settings;
  sshdMore = c.services.openssh.extraConfig;
  rootKeys = c.users.users.root.openssh.authorizedKeys.keys;
  nft = {
    inherit (c.networking.nftables) enable;
    inherit (c.networking.nftables.tables.ccc) family content;
  };
  packages = map (p: p.pname or p.name) c.environment.systemPackages;
  tmux = c.environment.etc."tmux.conf".text;
  podman = {
    inherit (c.virtualisation.podman) enable dockerCompat;
    withoutRoot = c.users.users.claude.autoSubUidGidRange;
  };
  nixLd = c.programs.nix-ld.enable;
  motd = c.users.motd;
  expire = {
    run = c.systemd.services.ccc-expire.serviceConfig.ExecStart;
    calendar = c.systemd.timers.ccc-expire.timerConfig.OnCalendar;
    wantedBy = c.systemd.timers.ccc-expire.wantedBy;
  };
}
