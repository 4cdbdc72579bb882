# ccc for those who have Nix: `nix build ./nix#ccc`. The simulator is not in it, its hosts
# want Debian.
{
  lib,
  stdenv,
  cmocka,
  curl,
  inih,
  jansson,
  libmicrohttpd,
  makeWrapper,
  meson,
  ninja,
  nix,
  nixos-anywhere,
  openssh,
  openssl,
  pkg-config,
}:
stdenv.mkDerivation {
  pname = "ccc";
  version = builtins.head (
    builtins.match ".*[[:space:]]version: '([0-9.]+)'.*" (builtins.readFile ./meson.build)
  );

  # What meson reads, so that a change of the documents builds nothing anew.
  src = lib.sourceByRegex ./. [
    "meson\\.build|meson_options\\.txt"
    "(bench|man|nix|sim|src|tests)(/.*)?"
  ];

  nativeBuildInputs = [
    makeWrapper
    meson
    ninja
    pkg-config
  ];
  buildInputs = [
    cmocka
    curl
    inih
    jansson
    libmicrohttpd
    openssl
  ];

  # What ccc starts; the operator's own come first.
  postInstall = ''
    wrapProgram $out/bin/ccc --suffix PATH : ${
      lib.makeBinPath [
        nix
        nixos-anywhere
        openssh
      ]
    }
  '';

  meta = {
    description = "Sells or lends time-boxed servers with Claude Code";
    license = lib.licenses.mit;
    mainProgram = "ccc";
    platforms = [ "x86_64-linux" ];
  };
}
