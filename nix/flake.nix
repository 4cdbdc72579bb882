{
  description = "The box that ccc rents out: NixOS with Claude Code on a Hetzner Cloud server";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    disko.url = "github:nix-community/disko";
    disko.inputs.nixpkgs.follows = "nixpkgs";
  };

  # ccc itself builds default.nix. The flake holds the pins for it (flake.lock, which
  # `nix flake update` renews), and hands the modules to boxes of an operator's own.
  outputs =
    { nixpkgs, disko, ... }:
    {
      nixosModules.default.imports = [
        disko.nixosModules.disko
        ./modules
      ];

      # instanceFile: a path inside the caller's flake
      lib.box = instanceFile: import ./. { inherit nixpkgs disko instanceFile; };
    };
}
