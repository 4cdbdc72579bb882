# A Hetzner Cloud server (x86): boot, virtual hardware, network, clock.
{
  config,
  lib,
  modulesPath,
  pkgs,
  ...
}:
let
  script = import ../scripts.nix { inherit pkgs; };
in
{
  imports = [ (modulesPath + "/profiles/qemu-guest.nix") ];

  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";

  # Older hosts boot by BIOS, newer ones by UEFI, and the type does not tell which.
  boot.loader.grub = {
    enable = true;
    efiSupport = true;
    efiInstallAsRemovable = true;
    configurationLimit = 3;
  };
  boot.loader.timeout = 1;
  boot.initrd.availableKernelModules = [
    "ahci"
    "sd_mod"
    "sr_mod"
    "virtio_blk"
    "virtio_pci"
    "virtio_scsi"
  ];
  # A snapshot may come up on a larger disk.
  boot.growPartition = true;
  services.qemuGuest.enable = true;

  # IPv4 comes by DHCP. IPv6 is static and not announced; the address is known to the
  # metadata service only.
  networking.useNetworkd = true;
  networking.useDHCP = false;
  systemd.network.networks."10-uplink" = {
    matchConfig = {
      Type = "ether";
      Name = "en* eth*";
    };
    networkConfig = {
      DHCP = "ipv4";
      IPv6AcceptRA = false;
    };
    linkConfig.RequiredForOnline = "routable";
  };
  systemd.services.ccc-ipv6 = {
    description = "Take the IPv6 address from the metadata service";
    wantedBy = [ "multi-user.target" ];
    wants = [ "network-online.target" ];
    after = [ "network-online.target" ];
    path = [
      pkgs.curl
      config.systemd.package
    ];
    serviceConfig = {
      Type = "oneshot";
      RemainAfterExit = true;
      ExecStart = "${script "ccc-ipv6"}/bin/ccc-ipv6 10-uplink";
    };
  };

  # An expiry means nothing without the time.
  services.timesyncd.enable = true;
  networking.timeServers = [
    "ntp1.hetzner.de"
    "ntp2.hetzner.com"
    "ntp3.hetzner.net"
  ];
  time.timeZone = "UTC";
}
