# The box on virtual machines, in both its forms, for who has a Nix that builds: `nix-build
# tests/nix/vm.nix`. Its disk and its IPv6 address are Hetzner's affair, so they are left out; the
# rest is the box as it is installed, with a neighbour that knocks.
{
  inputs ? import ../../nix/inputs.nix,
  nixpkgs ? inputs.nixpkgs,
  disko ? inputs.disko,
  overlays ? [ ],
}:
let
  pkgs = import nixpkgs {
    inherit overlays;
    system = "x86_64-linux";
  };
  # keys that all tests of NixOS know
  snakeOil = import (nixpkgs + "/nixos/tests/ssh-keys.nix") pkgs;
  key = builtins.head (builtins.match "([^ ]+ [^ ]+).*" snakeOil.snakeOilEd25519PublicKey);

  instance = {
    instanceId = "a1b2c3";
    expiresAt = 4102444800;
    sshKeys = [ key ];
    operatorKeys = [ key ];
  };
  box =
    { lib, ... }:
    {
      imports = [
        (disko + "/module.nix")
        ../../nix/modules
      ];
      disko.enableConfig = false;
      boot.growPartition = lib.mkForce false;
      # Without a network the time is the host's.
      services.timesyncd.enable = lib.mkForce false;
      # Beside the uplink there is the test's own network, which has no DHCP.
      systemd.network.networks."10-uplink".matchConfig.Name = lib.mkForce "eth0";
      systemd.services.ccc-ipv6.enable = false;
      virtualisation.memorySize = 2048;
    };
in
pkgs.testers.runNixOSTest {
  name = "ccc-box";
  # The box chooses its own packages: claude-code is unfree.
  node.pkgsReadOnly = false;
  defaults.nixpkgs.overlays = overlays;

  # The script knows a machine by the name of its system, and reaches it by that of its host.
  nodes.box =
    { lib, ... }:
    {
      imports = [ box ];
      ccc.instance = instance;
      networking.hostName = lib.mkForce "box";
    };

  # The metadata service is a folder here.
  nodes.shared =
    { lib, ... }:
    {
      imports = [ box ];
      ccc.instance = null;
      system.name = lib.mkForce "shared";
      systemd.services.ccc-first-boot.environment.CCC_METADATA = "file:///etc/metadata";
      environment.etc."metadata/userdata".text =
        "#cloud-config\n"
        + builtins.toJSON {
          ssh_keys.ed25519_private = snakeOil.snakeOilEd25519PrivateKey.text;
          ccc = instance // {
            instanceId = "d4e5f6";
          };
        };
    };

  nodes.neighbour =
    { nodes, pkgs, ... }:
    {
      environment.systemPackages = [ pkgs.nmap ];
      networking.hosts.${nodes.shared.networking.primaryIPAddress} = [ "shared" ];
    };

  testScript = ''
    start_all()
    box.wait_for_unit("multi-user.target")
    box.wait_for_open_port(22)
    neighbour.wait_for_unit("multi-user.target")
    neighbour.succeed("install -m 600 ${snakeOil.snakeOilEd25519PrivateKey} /root/key")

    options = "-o StrictHostKeyChecking=no -o BatchMode=yes -o ConnectTimeout=10"

    with subtest("the user and the operator get in by key"):
        assert "claude" == neighbour.succeed(f"ssh {options} -i /root/key claude@box whoami").strip()
        assert "root" == neighbour.succeed(f"ssh {options} -i /root/key root@box whoami").strip()

    with subtest("without the key nobody does, and no password is asked for"):
        for user in ["claude", "root"]:
            refusal = neighbour.fail(f"ssh {options} -o PubkeyAuthentication=no {user}@box true 2>&1")
            assert "Permission denied (publickey)." in refusal, refusal

    with subtest("TCP 22 is open and nothing else"):
        found = neighbour.succeed("nmap -Pn -n -p- -T5 --max-retries 1 --min-rate 5000 --open -oG - box")
        ports = found.split("Ports: ")[1].split("\t")[0].split("\n")[0]
        assert ports.startswith("22/open/tcp") and "," not in ports, found

    with subtest("the report says that all is well"):
        report = neighbour.succeed(f"ssh {options} -i /root/key root@box ccc-report").splitlines()
        assert "instance=a1b2c3" in report, report
        assert "key=${key}" in report, report
        assert "expires=4102444800" in report, report
        assert report[-1] == "end=1", report
        assert not [line for line in report if line.startswith("failed=")], report
        assert any(line.startswith("claude=") and len(line) > len("claude=") for line in report), report

    with subtest("an extension is taken"):
        neighbour.succeed(f"ssh {options} -i /root/key root@box ccc-set-expiry 4102448400")
        extended = neighbour.succeed(f"ssh {options} -i /root/key root@box ccc-report")
        assert "expires=4102448400" in extended, extended

    with subtest("what people reach for runs"):
        for program in ["git", "tmux", "rg", "jq", "node", "python3"]:
            neighbour.succeed(f"ssh {options} -i /root/key claude@box command -v {program}")

    with subtest("the box that is one for all learns whose it is, and changes its host key"):
        pinned = "-o BatchMode=yes -o ConnectTimeout=10 -o UserKnownHostsFile=/root/known -i /root/key"
        shared.wait_for_open_port(22)
        neighbour.succeed("echo 'shared ${key}' >/root/known && ssh-keygen -q -t ed25519 -N \"\" -f /root/lasting")
        report = neighbour.succeed(f"ssh {pinned} root@shared ccc-report").splitlines()
        assert "instance=d4e5f6" in report and report[-1] == "end=1", report
        assert not [line for line in report if line.startswith("failed=")], report
        neighbour.succeed(f"ssh {pinned} root@shared ccc-set-host-key </root/lasting")
        neighbour.fail(f"ssh {pinned} root@shared true")
        neighbour.succeed("echo shared $(cat /root/lasting.pub) >/root/known")
        for _ in range(2):
            assert "cc-d4e5f6" == neighbour.succeed(f"ssh {pinned} claude@shared hostname").strip()
            shared.shutdown()
            shared.start()
            shared.wait_for_open_port(22)
  '';
}
