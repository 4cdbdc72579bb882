# Claude Code, and what it and its user reach for. Its binary is fetched from Anthropic by
# whoever builds: unfree packages are in no public cache.
{ lib, pkgs, ... }:
{
  nixpkgs.config.allowUnfreePredicate = package: lib.getName package == "claude-code";

  environment.systemPackages = [
    pkgs.claude-code
    pkgs.curl
    pkgs.gitMinimal
    pkgs.jq
    pkgs.nodejs
    pkgs.python3
    pkgs.ripgrep
    pkgs.tmux
  ];

  # Programs that were not built for NixOS (npm's, pip's, an editor's server) run.
  programs.nix-ld.enable = true;
}
