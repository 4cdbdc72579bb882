# What the operator's ccc asks a running box.
{ pkgs, ... }:
let
  script = import ../scripts.nix { inherit pkgs; };
in
{
  environment.systemPackages = map script [
    "ccc-parameter"
    "ccc-report"
  ];
}
