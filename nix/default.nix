# A box: from an instance's parameters to the system and the script that partitions its
# disk. ccc calls it as
#
#   nix-build nix --argstr instanceFile FILE -A toplevel -A diskoScript
#
# `config` is there to be looked at, `overlays` to replace packages. shared/ is its second form.
{
  instanceFile ? throw "which box? --argstr instanceFile FILE",
  instance ? (import ./parameters.nix).read instanceFile,
  inputs ? import ./inputs.nix,
  nixpkgs ? inputs.nixpkgs,
  disko ? inputs.disko,
  overlays ? [ ],
}:
let
  system = import (nixpkgs + "/nixos/lib/eval-config.nix") {
    # hetzner.nix says which.
    system = null;
    modules = [
      (disko + "/module.nix")
      ./modules
      {
        ccc.instance = if instance == null then null else (import ./parameters.nix).check instance;
        nixpkgs.overlays = overlays;
      }
    ];
  };
in
system // { inherit (system.config.system.build) toplevel diskoScript; }
