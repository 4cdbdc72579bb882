# What the box promises about who gets in and how it is to live in, as one JSON value, for the tests.
{
  nixpkgs,
  disko,
  instanceFile,
  overlays ? [ ],
}:
let
  box = import ../../nix {
    inherit
      nixpkgs
      disko
      instanceFile
      overlays
      ;
  };
  c = box.config;
in
{
  drvPath = builtins.unsafeDiscardStringContext box.toplevel.drvPath;
  failedAssertions = map (a: a.message) (builtins.filter (a: !a.assertion) c.assertions);
  sshd = c.services.openssh.settings;
  sshdMore = c.services.openssh.extraConfig;
  rootKeys = c.users.users.root.openssh.authorizedKeys.keys;
  nft = {
    inherit (c.networking.nftables) enable;
    inherit (c.networking.nftables.tables.ccc) family content;
  };
}
