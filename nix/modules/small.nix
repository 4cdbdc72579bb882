# A machine of 2 GB that lives for hours.
{
  zramSwap.enable = true;
  boot.tmp.cleanOnBoot = true;
  documentation.enable = false;
  nix.channel.enable = false;
  nix.settings = {
    experimental-features = [
      "nix-command"
      "flakes"
    ];
    # Collect garbage before the disk is full, and not more than needed.
    min-free = 512 * 1024 * 1024;
    max-free = 3 * 1024 * 1024 * 1024;
  };
  # By a flake the system would carry the sources of nixpkgs along: nearly half a gigabyte.
  nixpkgs.flake = {
    setFlakeRegistry = false;
    setNixPath = false;
  };
  system.stateVersion = "26.05";
}
