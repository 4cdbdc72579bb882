# The parameters of instanceFile as the types of the box's module let them through, with
# nothing of NixOS but its library.
{ nixpkgs, instanceFile }:
let
  lib = import (nixpkgs + "/lib");
  anything = lib.mkOption { type = lib.types.anything; };
  evaluated = lib.evalModules {
    modules = [
      ../../nix/modules/instance.nix
      {
        options = {
          boot = anything;
          environment = anything;
          networking = anything;
        };
        config = {
          _module.args.pkgs.writeText = _: text: text;
          ccc.instance =
            with import ../../nix/parameters.nix;
            parse (builtins.readFile instanceFile);
        };
      }
    ];
  };
in
evaluated.config.ccc.instance
