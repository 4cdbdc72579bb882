# The toy box in its second form: the same for all instances, each of which reads at its first boot
# which one it is. The real one is nix/shared.
{ instanceFile, ... }@given: import ../. (given // { shared = true; })
