# The parameters of one instance, from its instance.json: typed, so that whatever is not an
# id or a key is an error that names the option. There is no place for an e-mail address.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  inherit (import ../parameters.nix) kinds fits defaults;
  typed = type: kind: types.addCheck type (fits kind) // { inherit (kind) description; };
  key = typed types.str kinds.sshKey;
  instance = config.ccc.instance;
in
{
  options.ccc.instance = mkOption {
    description = "Whose machine it is. null: the system is the same for all, and learns it when it first boots.";
    type = types.nullOr (
      types.submodule {
        options = {
          instanceId = mkOption {
            type = typed types.str kinds.instanceId;
            example = "a1b2c3";
          };
          expiresAt = mkOption {
            type = typed types.int kinds.expiresAt;
            description = "Unix time: no earlier than the paid time ends; ccc-set-expiry writes the true one.";
          };
          sshKeys = mkOption {
            type = types.nonEmptyListOf key;
            description = "Public keys of the user.";
          };
          operatorKeys = mkOption {
            type = types.listOf key;
            default = defaults.operatorKeys;
            description = "Public keys that may log in as root. Without one nobody can.";
          };
          operatorAccess = mkOption {
            type = typed types.str kinds.operatorAccess;
            default = defaults.operatorAccess;
            description = "What these keys open: a shell, or the few commands that ccc needs.";
          };
        };
      }
    );
  };

  config = {
    networking.hostName = if instance == null then "" else "cc-${instance.instanceId}";
    environment.etc."ccc/instance.json" = lib.mkIf (instance != null) {
      text = builtins.toJSON { inherit (instance) instanceId expiresAt; };
    };

    # The host name would be in the initrd and in the build-time check of the firewall's
    # rules, so that both were built anew for every instance.
    boot.initrd.systemd.contents."/etc/hostname".source = lib.mkForce (
      pkgs.writeText "initrd-hostname" "ccc\n"
    );
    networking.nftables.checkRuleset = false;
  };
}
