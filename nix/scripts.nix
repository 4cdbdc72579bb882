# The scripts of the box as packages: the files as they are, which other boxes (and the
# tests) use too.
{ pkgs }:
name: pkgs.writeScriptBin name (builtins.readFile (./scripts + "/${name}"))
