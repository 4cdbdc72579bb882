# The end of the paid time, as far as the box itself goes: warnings, then closed sessions.
# It is a courtesy that works while the operator's machine is off. The unit is the same for
# all instances; the time is data, and an extension only writes a file.
{ config, pkgs, ... }:
let
  script = import ../scripts.nix { inherit pkgs; };
in
{
  environment.systemPackages = [ (script "ccc-set-expiry") ];

  systemd.services.ccc-expire = {
    description = "Warn before the paid time ends, and end the user's sessions then";
    path = [
      config.systemd.package
      pkgs.util-linux
    ];
    serviceConfig = {
      Type = "oneshot";
      ExecStart = "${script "ccc-expire"}/bin/ccc-expire";
    };
  };
  systemd.timers.ccc-expire = {
    wantedBy = [ "timers.target" ];
    timerConfig = {
      OnCalendar = "minutely";
      AccuracySec = "5s";
    };
  };
}
