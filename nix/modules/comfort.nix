# What Claude and its user reach for, and what the user reads after logging in (ccc-session shows it).
{ pkgs, ... }:
let
  script = import ../scripts.nix { inherit pkgs; };
in
{
  environment.systemPackages = [
    (script "ccc-welcome")
    pkgs.curl
    pkgs.gcc
    pkgs.gitMinimal
    pkgs.gnumake
    pkgs.jq
    pkgs.nodejs
    pkgs.pkg-config
    pkgs.python3
    pkgs.ripgrep
    pkgs.rsync
    pkgs.unzip
  ];

  programs.tmux = {
    enable = true;
    extraConfig = builtins.readFile ../tmux.conf;
  };

  # Containers without root, also by the name that people know.
  virtualisation.podman = {
    enable = true;
    dockerCompat = true;
  };

  # Programs that were not built for NixOS (npm's, pip's, an editor's server) run.
  programs.nix-ld.enable = true;
}
