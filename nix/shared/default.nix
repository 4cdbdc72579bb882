# The box in its second form: one system for all instances, which each machine makes its own by the
# user data of its first boot (modules/first-boot.nix). The parameters are looked at all the
# same, so that what a first boot would refuse is refused before anything is paid for.
{
  instanceFile ? null,
  ...
}@given:
assert instanceFile == null || (import ../parameters.nix).read instanceFile != null;
import ../. (removeAttrs given [ "instanceFile" ] // { instance = null; })
