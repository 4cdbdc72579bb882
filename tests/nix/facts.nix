# What the box promises, as one JSON value, for the tests. NIXPKGS and DISKO are folders.
{
  nixpkgs,
  disko,
  instanceFile,
  overlays ? [ ],
}:
let
  box = import ../../nix {
    inherit
      nixpkgs
      disko
      instanceFile
      overlays
      ;
  };
  c = box.config;
  lib = import (nixpkgs + "/lib");
in
{
  drvPath = builtins.unsafeDiscardStringContext box.toplevel.drvPath;
  diskoDrvPath = builtins.unsafeDiscardStringContext box.diskoScript.drvPath;
  hostName = c.networking.hostName;
  failedAssertions = map (a: a.message) (builtins.filter (a: !a.assertion) c.assertions);
  warnings = c.warnings;
  firewall = {
    inherit (c.networking.firewall)
      enable
      allowedTCPPorts
      allowedUDPPorts
      allowedTCPPortRanges
      allowPing
      ;
  };
  sshd = {
    inherit (c.services.openssh) enable ports authorizedKeysFiles;
    hostKeys = map (key: key.path) c.services.openssh.hostKeys;
    inherit (c.services.openssh.settings)
      PasswordAuthentication
      KbdInteractiveAuthentication
      PermitRootLogin
      AllowUsers
      X11Forwarding
      ;
  };
  keys = {
    inherit (c.environment.etc."ccc/authorized_keys") text mode;
    rules = builtins.filter (r: builtins.match ".*authorized_keys.*" r != null) c.systemd.tmpfiles.rules;
    builtInFor = builtins.attrNames (
      lib.filterAttrs (
        _: user: user.openssh.authorizedKeys.keys != [ ] || user.openssh.authorizedKeys.keyFiles != [ ]
      ) c.users.users
    );
  };
  rootKeys = c.users.users.root.openssh.authorizedKeys.keys;
  instance = c.environment.etc."ccc/instance.json".text;
  grub = {
    inherit (c.boot.loader.grub) devices efiSupport efiInstallAsRemovable;
  };
  rootDisk = {
    inherit (c.fileSystems."/") fsType autoResize;
  };
  network = c.systemd.network.units."10-uplink.network".text;
  timer = c.systemd.timers.ccc-expire.timerConfig.OnCalendar;
  claude = map (p: p.version) (
    builtins.filter (p: (p.pname or "") == "claude-code") c.environment.systemPackages
  );
  scripts = builtins.sort builtins.lessThan (
    builtins.filter (n: builtins.match "ccc-.*" n != null) (
      map (p: p.name) c.environment.systemPackages
    )
  );
}
