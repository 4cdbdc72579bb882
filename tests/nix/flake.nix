# What the flake of nix/ gives, made of folders instead of pinned inputs. As JSON: names and
# derivations, each evaluated.
{
  nixpkgs,
  disko,
  instanceFile,
  overlays ? [ ],
}:
let
  parameters = (import ../../nix/parameters.nix).read instanceFile;
  flake = (import ../../nix/flake.nix).outputs {
    self = flake;
    nixpkgs = {
      outPath = nixpkgs;
      legacyPackages.x86_64-linux = import nixpkgs {
        inherit overlays;
        system = "x86_64-linux";
      };
    };
    disko = {
      outPath = disko;
      nixosModules.disko = import (disko + "/module.nix");
    };
  };

  # as lib.nixosSystem of nixpkgs' own flake does it
  nixosSystem =
    modules:
    import (nixpkgs + "/nixos/lib/eval-config.nix") {
      inherit modules;
      system = null;
    };
  overlaid.nixpkgs.overlays = overlays;
  drv = package: builtins.unsafeDiscardStringContext package.drvPath;
  systemOf =
    system: drv (system.extendModules { modules = [ overlaid ]; }).config.system.build.toplevel;
in
{
  module =
    (nixosSystem [
      flake.nixosModules.default
      overlaid
      { ccc.instance = parameters; }
    ]).config.system.build.toplevel.drvPath;
  byParameters = systemOf (flake.lib.mkInstance parameters);
  byFile = systemOf (flake.lib.mkInstance instanceFile);
  example = systemOf flake.nixosConfigurations.example;
  exampleOpensTo = flake.nixosConfigurations.example.config.ccc.instance.operatorKeys;
  shared = systemOf flake.nixosConfigurations.shared;
  ccc = drv flake.packages.x86_64-linux.ccc;
  standard = drv flake.packages.x86_64-linux.default;
  shell = drv flake.devShells.x86_64-linux.default;
}
