# `broken` are the promises of the box that the facts of it don't keep, by name. factsFile is
# what facts.nix said, instanceFile what it was made for. `names` are all; tests/nix/planted and, of
# the box that is the same for all instances, planted-shared break each.
{
  factsFile ? null,
  instanceFile ? null,
}:
let
  inherit (builtins)
    all
    attrNames
    elem
    filter
    fromJSON
    match
    readFile
    sort
    ;
  facts = fromJSON (readFile factsFile);
  instance = {
    operatorKeys = [ ];
  }
  // fromJSON (readFile instanceFile);
  inherit (facts) shared;
  operated = shared || instance.operatorKeys != [ ];
  sorted = sort builtins.lessThan;
  among = list: all (name: elem name list);

  promises = {
    "NixOS finds no fault" = facts.failedAssertions ++ facts.warnings == [ ];
    "it bears the name of its instance" =
      facts.hostName == (if shared then "" else "cc-${instance.instanceId}");
    "the instance it is lies in a file" =
      if shared then
        facts.instance == null
      else
        fromJSON facts.instance == { inherit (instance) instanceId expiresAt; };

    "a box for all learns whose it is before sshd starts, or sshd does not" =
      !shared
      || (
        with facts.firstBoot;
        enable
        && Type == "oneshot"
        && ExecStart == "/run/current-system/sw/bin/ccc-first-boot"
        && elem "sshd.service" before
        && elem "sshd.service" requiredBy
        && elem "network-online.target" after
        && elem "network-online.target" wants
        && said == "journal+console"
        && among programs [
          "curl"
          "jq"
          "openssh"
        ]
        && among facts.scripts [
          "ccc-first-boot"
          "ccc-set-host-key"
        ]
      );
    "a box for all goes by the same patterns" =
      !shared
      ||
        fromJSON facts.firstBoot.rules == {
          inherit (import ../../nix/parameters.nix) parameters defaults;
          confinement = "restrict,command=\"/run/current-system/sw/bin/ccc-operator\"";
        };
    "a box for all makes no host key of its own" = !shared || !elem "sshd-keygen" facts.units.services;
    "the metadata service is for root" =
      facts.nft.enable
      && facts.nft.table
      && facts.nft.family == "inet"
      && match ".*\n\tip daddr 169.254.169.254 meta skuid != 0 reject\n.*" facts.nft.content != null;

    "TCP 22 is open and nothing else" =
      with facts.firewall;
      enable
      && allowedTCPPorts == [ 22 ]
      && allowedUDPPorts == [ ]
      && allowedTCPPortRanges == [ ]
      && allowedUDPPortRanges == [ ]
      && allowedInterfaces == [ ]
      && trustedInterfaces == [ "lo" ];
    "sshd listens there" = facts.sshd.enable && facts.sshd.ports == [ 22 ];
    "no password opens it" =
      !facts.sshd.PasswordAuthentication && !facts.sshd.KbdInteractiveAuthentication;
    "root logs in only for an operator" =
      facts.sshd.PermitRootLogin == (if operated then "prohibit-password" else "no");
    "nobody else logs in" =
      facts.sshd.AllowUsers != null
      && sorted facts.sshd.AllowUsers == [ "claude" ] ++ (if operated then [ "root" ] else [ ]);
    "no X11 and no ports for others" =
      !facts.sshd.X11Forwarding && elem facts.sshd.GatewayPorts or null [ "no" null ];
    "its host key is the one that ccc planted" =
      facts.sshd.hostKeys == [ "/etc/ssh/ssh_host_ed25519_key" ];
    "keys are in two files and come from no command" =
      facts.sshd.authorizedKeysCommand == "none"
      &&
        sorted facts.sshd.authorizedKeysFiles == [
          "/etc/ssh/authorized_keys.d/%u"
          "/var/lib/ccc/authorized_keys.d/%u"
        ];
    "the user's keys are those given" =
      facts.keys.text == (
        if shared then
          null
        else
          builtins.concatStringsSep "" (map (key: key + "\n") instance.sshKeys)
      );
    "sshd may read the user's keys" =
      facts.keys.mode == (if shared then null else "0444")
      &&
        facts.keys.rules == [
          "d /var/lib/ccc/authorized_keys.d 0755 root root"
        ]
        ++ (
          if shared then
            [ ]
          else
            [ "L /var/lib/ccc/authorized_keys.d/claude - - - - /etc/ccc/authorized_keys" ]
        );
    "the operator's keys are root's" =
      facts.rootKeys == (if shared then [ ] else instance.operatorKeys)
      && facts.keys.builtInFor == (if operated && !shared then [ "root" ] else [ ]);
    "claude is the only user" = !facts.users.mutable && facts.users.normal == [ "claude" ];
    "nobody has a password" = facts.users.withPassword == [ ];

    "GRUB boots it by BIOS and by UEFI" =
      with facts.boot;
      enable
      && devices == [ "/dev/sda" ]
      && efiSupport
      && efiInstallAsRemovable
      && !canTouchEfiVariables
      && efiSysMountPoint == "/boot"
      && timeout <= 5;
    "the disk has a partition for either" =
      with facts.disk.partitions;
      bios.type == "EF02" && efi.type == "EF00";
    "the root is the last partition and grows" =
      facts.boot.growPartition
      && facts.disk.fsType == "ext4"
      && facts.disk.autoResize
      && all (
        name: name == "root" || facts.disk.partitions.${name}.priority < facts.disk.partitions.root.priority
      ) (attrNames facts.disk.partitions);
    "the initrd knows virtual hardware" = among facts.boot.initrdModules [
      "ahci"
      "sd_mod"
      "virtio_blk"
      "virtio_net"
      "virtio_pci"
      "virtio_scsi"
    ];
    "the guest agent answers" = facts.guestAgent;

    "IPv4 by DHCP, IPv6 not by advertisement, no address known at build time" =
      facts.network == {
        units."10-uplink.network" = ''
          [Match]
          Name=en* eth*
          Type=ether

          [Link]
          RequiredForOnline=routable

          [Network]
          DHCP=ipv4
          IPv6AcceptRA=false

        '';
        defaultGateway = null;
        defaultGateway6 = null;
        useNetworkd = true;
        useDHCP = false;
        dhcpcd = false;
        interfaces = [ ];
      };
    "the clock is right and in UTC" =
      facts.clock.enable
      && facts.clock.zone == "UTC"
      && match ".*NTP=[a-z].*" facts.clock.file != null;

    "its services start" = among facts.units.services [
      "ccc-ipv6"
      "growpart"
      "nftables"
      "sshd"
      "systemd-networkd"
      "systemd-timesyncd"
    ];
    "the expiry is looked at every minute" =
      elem "ccc-expire" facts.units.timers && facts.expire.calendar == "minutely";

    "claude-code is there, once" = builtins.length facts.claude == 1;
    "what people reach for is there" = facts.nixLd && among facts.programs [
      "curl"
      "git-minimal"
      "jq"
      "nodejs"
      "python3"
      "ripgrep"
      "tmux"
    ];
    "what the operator's ccc calls is there" = among facts.scripts [
      "ccc-report"
      "ccc-set-expiry"
      "ccc-set-keys"
    ];
  };
in
rec {
  names = attrNames promises;
  broken = filter (name: !promises.${name}) names;
}
