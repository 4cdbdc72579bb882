{
  description = "The box that ccc rents out: NixOS with Claude Code on a Hetzner Cloud server";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    disko.url = "github:nix-community/disko";
    disko.inputs.nixpkgs.follows = "nixpkgs";
  };

  # ccc itself builds default.nix. The flake holds the pins for it (flake.lock, which
  # tools/move-pins renews), and hands the box to those who make one of their own.
  outputs =
    {
      self,
      nixpkgs,
      disko,
      ...
    }:
    let
      pkgs = nixpkgs.legacyPackages.x86_64-linux;
      inherit (self.packages.x86_64-linux) ccc;
    in
    {
      nixosModules.default.imports = [
        disko.nixosModules.disko
        ./modules
      ];

      # A system, with `toplevel` and `diskoScript` beside its `config`. What it is given are
      # the parameters, or a file with them.
      lib.mkInstance =
        given:
        import ./. (
          {
            inherit nixpkgs disko;
          }
          // (if builtins.isAttrs given then { instance = given; } else { instanceFile = given; })
        );

      # Nobody has the private key.
      nixosConfigurations.example = self.lib.mkInstance {
        instanceId = "a1b2c3";
        expiresAt = 1893456000;
        sshKeys = [
          "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO+ScOooqcsZop3SvW4sNltGw9mvODNRVCQtJ1hk8a6O"
        ];
      };

      # The box in its second form, as ./shared gives it: one system for all instances.
      nixosConfigurations.shared = import ./shared { inherit nixpkgs disko; };

      # These two need the whole repository around this folder.
      packages.x86_64-linux = {
        ccc = pkgs.callPackage ../package.nix { };
        default = ccc;
      };
      devShells.x86_64-linux.default = pkgs.mkShell {
        inputsFrom = [ ccc ];
        packages = [
          pkgs.bats
          pkgs.clang-tools
          pkgs.cppcheck
          pkgs.jq
          pkgs.shellcheck
        ];
      };
    };
}
