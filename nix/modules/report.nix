# What the operator's ccc asks a running box.
{ pkgs, ... }:
let
  script = import ../scripts.nix { inherit pkgs; };
in
{
  environment.systemPackages = [ (script "ccc-report") ];
}
