# One system for all instances: which one a machine is it reads from its user data, once and before
# anybody can get in. Where it can't, sshd does not start.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  script = import ../scripts.nix { inherit pkgs; };
in
lib.mkIf (config.ccc.instance == null) {
  system.name = "cc-shared";
  environment.systemPackages = map script [
    "ccc-first-boot"
    "ccc-set-host-key"
  ];
  # One that is made here is known to nobody.
  services.openssh.generateHostKeys = false;

  environment.etc."ccc/parameters.json".text = import ../first-boot.nix;

  systemd.services.ccc-first-boot = {
    description = "Learn from the user data which instance this is";
    requiredBy = [ "sshd.service" ];
    before = [ "sshd.service" ];
    wants = [ "network-online.target" ];
    after = [ "network-online.target" ];
    path = [
      config.programs.ssh.package
      pkgs.curl
      pkgs.jq
    ];
    serviceConfig = {
      Type = "oneshot";
      RemainAfterExit = true;
      ExecStart = "/run/current-system/sw/bin/ccc-first-boot";
      StandardOutput = "journal+console";
      StandardError = "journal+console";
    };
  };
}
