# What is known of the box without building it, as one JSON value: promises.nix and nix_access.bats
# judge it. `more` is a module of an operator's own; `form` the box's folder, in whichever form.
{
  inputs ? import ../../nix/inputs.nix,
  nixpkgs ? inputs.nixpkgs,
  disko ? inputs.disko,
  instanceFile,
  overlays ? [ ],
  more ? { },
  form ? ../../nix,
}:
let
  box = import form {
    inherit
      nixpkgs
      disko
      instanceFile
      overlays
      ;
  };
  c = (box.extendModules { modules = [ more ]; }).config;
  lib = import (nixpkgs + "/lib");

  unit =
    unit:
    unit.enable && (unit.wantedBy != [ ] || unit.requiredBy != [ ] || unit.upheldBy or [ ] != [ ]);
  # of these units, those that something starts
  started = units: builtins.attrNames (lib.filterAttrs (_: unit) units);
in
{
  shared = c.ccc.instance == null;
  hostName = c.networking.hostName;
  failedAssertions = map (a: a.message) (builtins.filter (a: !a.assertion) c.assertions);
  warnings = c.warnings;
  firewall = {
    inherit (c.networking.firewall)
      enable
      allowedTCPPorts
      allowedUDPPorts
      allowedTCPPortRanges
      allowedUDPPortRanges
      trustedInterfaces
      allowPing
      ;
    # podman names its bridge and opens nothing on it
    allowedInterfaces = builtins.filter (
      name:
      with c.networking.firewall.interfaces.${name};
      allowedTCPPorts ++ allowedUDPPorts ++ allowedTCPPortRanges ++ allowedUDPPortRanges != [ ]
    ) (builtins.attrNames c.networking.firewall.interfaces);
  };
  sshd = c.services.openssh.settings // {
    inherit (c.services.openssh)
      enable
      ports
      authorizedKeysFiles
      authorizedKeysCommand
      extraConfig
      ;
    hostKeys = map (key: key.path) c.services.openssh.hostKeys;
  };
  keys = {
    text = c.environment.etc."ccc/authorized_keys".text or null;
    mode = c.environment.etc."ccc/authorized_keys".mode or null;
    rules = builtins.filter (r: builtins.match ".*authorized_keys.*" r != null) c.systemd.tmpfiles.rules;
    builtInFor = builtins.attrNames (
      lib.filterAttrs (
        _: user: user.openssh.authorizedKeys.keys != [ ] || user.openssh.authorizedKeys.keyFiles != [ ]
      ) c.users.users
    );
  };
  rootKeys = c.users.users.root.openssh.authorizedKeys.keys;
  nft = {
    inherit (c.networking.nftables) enable;
    table = c.networking.nftables.tables.ccc.enable;
    inherit (c.networking.nftables.tables.ccc) family content;
  };
  instance = c.environment.etc."ccc/instance.json".text or null;
  firstBoot = lib.optionalAttrs (c.systemd.services ? ccc-first-boot) {
    rules = c.environment.etc."ccc/parameters.json".text;
    programs = map lib.getName c.systemd.services.ccc-first-boot.path;
    inherit (c.systemd.services.ccc-first-boot)
      enable
      after
      before
      requiredBy
      wants
      ;
    inherit (c.systemd.services.ccc-first-boot.serviceConfig) ExecStart Type;
    said = c.systemd.services.ccc-first-boot.serviceConfig.StandardError or null;
  };
  boot = {
    inherit (c.boot) growPartition;
    inherit (c.boot.loader) timeout;
    inherit (c.boot.loader.grub)
      enable
      devices
      efiSupport
      efiInstallAsRemovable
      ;
    inherit (c.boot.loader.efi) canTouchEfiVariables efiSysMountPoint;
    initrdModules = c.boot.initrd.availableKernelModules ++ c.boot.initrd.kernelModules;
  };
  disk = {
    inherit (c.fileSystems."/") fsType autoResize;
    partitions = lib.mapAttrs (_: partition: {
      inherit (partition) type priority;
    }) c.disko.devices.disk.main.content.partitions;
  };
  network = {
    units = lib.mapAttrs (_: unit: unit.text) c.systemd.network.units;
    inherit (c.networking)
      defaultGateway
      defaultGateway6
      useNetworkd
      useDHCP
      ;
    dhcpcd = c.networking.dhcpcd.enable;
    interfaces = builtins.attrNames c.networking.interfaces;
  };
  clock = {
    inherit (c.services.timesyncd) enable;
    file = c.environment.etc."systemd/timesyncd.conf".text or null;
    zone = c.time.timeZone;
  };
  units = {
    services = started c.systemd.services;
    timers = started c.systemd.timers;
    sockets = started c.systemd.sockets;
  };
  users = {
    mutable = c.users.mutableUsers;
    normal = builtins.attrNames (lib.filterAttrs (_: user: user.isNormalUser) c.users.users);
    withPassword = builtins.attrNames (
      lib.filterAttrs (
        _: user:
        builtins.any (value: value != null && value != "!") [
          user.hashedPassword
          user.hashedPasswordFile
          user.initialHashedPassword
          user.initialPassword
          user.password
        ]
      ) c.users.users
    );
  };
  programs = map lib.getName c.environment.systemPackages;
  nixLd = c.programs.nix-ld.enable;
  guestAgent = c.services.qemuGuest.enable;
  tmux = c.environment.etc."tmux.conf".text or null;
  podman = {
    inherit (c.virtualisation.podman) enable dockerCompat;
    withoutRoot = c.users.users.claude.autoSubUidGidRange;
  };
  motd = c.users.motd;
  expire = {
    run = c.systemd.services.ccc-expire.serviceConfig.ExecStart;
    calendar = c.systemd.timers.ccc-expire.timerConfig.OnCalendar;
    wantedBy = c.systemd.timers.ccc-expire.wantedBy;
  };
  claude = map (p: p.version) (
    builtins.filter (p: (p.pname or "") == "claude-code") c.environment.systemPackages
  );
  scripts = builtins.sort builtins.lessThan (
    builtins.filter (n: builtins.match "ccc-.*" n != null) (
      map (p: p.name) c.environment.systemPackages
    )
  );
}
