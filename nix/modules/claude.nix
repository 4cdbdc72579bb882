# Claude Code. Its binary is fetched from Anthropic by whoever builds: unfree packages are in no
# public cache. Whom it works for it learns from the user alone, who logs it in on the machine.
{ lib, pkgs, ... }:
{
  nixpkgs.config.allowUnfreePredicate = package: lib.getName package == "claude-code";
  environment.systemPackages = [ pkgs.claude-code ];
}
