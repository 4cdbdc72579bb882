# A toy box: what ccc builds and installs on the simulator's machines. Built by Nix
# alone, from two static programs of Debian, and the scripts that the real box has.
#
#   nix-build sim/box --argstr instanceFile FILE -A toplevel -A diskoScript
{
  instanceFile,
  shared ? false, # in the second form, see shared/
  bash ? "/bin/bash-static",
  busybox ? "/bin/busybox",
  ...
}:
let
  inherit (builtins)
    attrNames
    concatStringsSep
    isBool
    isList
    seq
    toFile
    toJSON
    ;
  scripts = ../../nix/scripts;
  parameters = import ../../nix/parameters.nix;
  given = parameters.defaults // parameters.read instanceFile;
  lines = list: concatStringsSep "" (map (line: line + "\n") list);

  sshd = import ../../nix/sshd.nix {
    inherit lastStretch sftpServer;
    instance = if shared then seq given null else given;
  };
  lastStretch = 10;
  sftpServer = "/usr/lib/openssh/sftp-server"; # of the machine's own programs, as sshd is
  word =
    value:
    if isBool value then
      (if value then "yes" else "no")
    else if isList value then
      concatStringsSep " " value
    else
      toString value;

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

  # What an instance is, as files of /etc: at once, or the rules for the first boot to learn it by.
  name = if shared then "cc-shared" else "cc-${given.instanceId}";
  etc =
    if shared then
      { "ccc/parameters.json" = import ../../nix/first-boot.nix; }
    else
      {
        "ccc/authorized_keys" = lines given.sshKeys;
        "ccc/instance.json" = toJSON { inherit (given) instanceId expiresAt; };
        "hostname" = lines [ name ];
        "ssh/authorized_keys.d/root" = lines sshd.rootKeys;
      };
in
{
  toplevel = buildWithTools ./toplevel.sh {
    name = "nixos-system-${name}-simulated";
    inherit lastStretch;
    systemFiles = ./system;
    boxScripts = map (name: file name (scripts + "/${name}")) (
      [
        "ccc-expire"
        "ccc-left"
        "ccc-operator"
        "ccc-parameter"
        "ccc-report"
        "ccc-session"
        "ccc-set-expiry"
        "ccc-set-keys"
        "ccc-welcome"
      ]
      ++ (
        if shared then
          [
            "ccc-first-boot"
            "ccc-set-host-key"
          ]
        else
          [ ]
      )
    );
    etcNames = attrNames etc;
    etcFiles = map (name: toFile (baseNameOf name) etc.${name}) (attrNames etc);
    sshdConfig = toFile "sshd_config" (
      lines (
        map (name: "${name} ${word sshd.settings.${name}}") (attrNames sshd.settings)
        ++ [
          "AuthorizedKeysFile /etc/ssh/authorized_keys.d/%u ${sshd.keyFile}"
          "HostKey /etc/ssh/ssh_host_ed25519_key"
          "UsePAM no"
          "PidFile none"
          "SetEnv PATH=/run/current-system/sw/bin"
          "Subsystem sftp ${sftpServer}"
        ]
      )
      + sshd.forClaude
    );
  };

  diskoScript = buildWithTools ./disko.sh { name = "disko-simulated"; };
}
