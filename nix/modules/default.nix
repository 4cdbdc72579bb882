# One concern a file. Everything is the same for every instance but what instance.nix
# takes in: so most of a system is built once.
{
  imports = [
    ./instance.nix
    ./hetzner.nix
    ./disk.nix
    ./access.nix
    ./first-boot.nix
    ./claude.nix
    ./comfort.nix
    ./expiry.nix
    ./report.nix
    ./small.nix
  ];
}
