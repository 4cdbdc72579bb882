# The sources that the box is made from, as flake.lock pins them. Nix 2.18 or newer is
# needed to evaluate this nixpkgs.
let
  lock = builtins.fromJSON (builtins.readFile ./flake.lock);

  source =
    name:
    let
      pin = lock.nodes.${name}.locked;
    in
    builtins.fetchTarball {
      url = "https://github.com/${pin.owner}/${pin.repo}/archive/${pin.rev}.tar.gz";
      sha256 = pin.narHash;
    };
in
{
  nixpkgs = source "nixpkgs";
  disko = source "disko";
}
