# A toy box: what ccc builds and installs on the simulator's machines. Built by Nix
# alone, from two static programs of Debian, and the scripts that the real box has.
#
#   nix-build sim/box --argstr instanceFile FILE -A toplevel -A diskoScript
{
  instanceFile,
  bash ? "/bin/bash-static",
  busybox ? "/bin/busybox",
  ...
}:
let
  inherit (builtins)
    all
    concatStringsSep
    fromJSON
    isInt
    isString
    match
    readFile
    toFile
    toJSON
    ;
  patterns = import ../../nix/patterns.nix;
  scripts = ../../nix/scripts;
  given = fromJSON (readFile instanceFile);

  fits = pattern: value: isString value && match pattern value != null;
  check =
    good: what: value:
    if good then value else throw "instance file: ${what} is wrong";
  keys =
    name: list: check (all (fits patterns.sshKey) list) name (concatStringsSep "" (map (key: key + "\n") list));
  instanceId = check (fits patterns.instanceId given.instanceId) "instanceId" given.instanceId;
  expiresAt = check (isInt given.expiresAt && given.expiresAt > 0) "expiresAt" given.expiresAt;
  sshKeys = check (given.sshKeys != [ ]) "sshKeys" given.sshKeys;

  file =
    name: path:
    builtins.path {
      inherit name path;
    };

  # Runs a script with the variables given, and no other program than these two.
  build =
    script: variables:
    derivation (
      {
        system = builtins.currentSystem;
        args = [
          "-eu"
          script
        ];
      }
      // variables
    );
  buildWithTools =
    script: variables:
    build script (
      {
        inherit tools;
        builder = "${tools}/bin/bash";
        PATH = "${tools}/bin";
      }
      // variables
    );

  tools = build ./tools.sh rec {
    name = "tools";
    builder = bashProgram;
    bashProgram = file "bash" (/. + bash);
    busyboxProgram = file "busybox" (/. + busybox);
  };
in
{
  toplevel = buildWithTools ./toplevel.sh {
    name = "nixos-system-cc-${instanceId}-simulated";
    inherit instanceId;
    systemFiles = ./system;
    reports = [
      (file "ccc-report" (scripts + "/ccc-report"))
      (file "ccc-set-expiry" (scripts + "/ccc-set-expiry"))
      (file "ccc-set-keys" (scripts + "/ccc-set-keys"))
    ];
    instanceJson = toFile "instance.json" (toJSON {
      inherit instanceId expiresAt;
    });
    claudeKeys = toFile "claude-keys" (keys "sshKeys" sshKeys);
    rootKeys = toFile "root-keys" (keys "operatorKeys" (given.operatorKeys or [ ]));
  };

  diskoScript = buildWithTools ./disko.sh { name = "disko-simulated"; };
}
