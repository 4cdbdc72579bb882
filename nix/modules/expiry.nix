# The end of the paid time, as far as the box itself goes: warnings, then closed sessions and, but
# for copies in a last stretch (ccc-session, which access.nix puts before the shell), a closed door.
# It is a courtesy that works while the operator's machine is off. The unit is the same for
# all instances; the time is data, and an extension only writes a file.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  script = import ../scripts.nix { inherit pkgs; };
in
{
  options.ccc.lastStretch = lib.mkOption {
    type = lib.types.ints.between 0 1440;
    default = 10;
    description = "Minutes after the paid time in which files can still be copied out, if the machine is still there.";
  };

  config = {
    environment.systemPackages = map script [
      "ccc-expire"
      "ccc-left"
      "ccc-session"
      "ccc-set-expiry"
    ];

    systemd.services.ccc-expire = {
      description = "Warn before the paid time ends, and end the user's sessions then";
      path = [
        config.systemd.package
        pkgs.util-linux
      ];
      serviceConfig = {
        Type = "oneshot";
        ExecStart = "/run/current-system/sw/bin/ccc-expire ${toString config.ccc.lastStretch}";
      };
    };
    systemd.timers.ccc-expire = {
      wantedBy = [ "timers.target" ];
      timerConfig = {
        OnCalendar = "minutely";
        AccuracySec = "5s";
      };
    };
  };
}
