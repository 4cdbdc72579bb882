# The parameters of an instance: how each must look, and how instance.json is read. Builtins
# alone, so that a box without NixOS's modules can use it too.
let
  inherit (builtins)
    all
    attrNames
    concatStringsSep
    filter
    fromJSON
    isAttrs
    isInt
    isList
    isString
    length
    match
    readFile
    removeAttrs
    replaceStrings
    split
    stringLength
    substring
    ;

  # Data, so that a first boot can go by the same. Nothing else gets into the system: no quote, no
  # line end and no option can ride along with a key.
  kinds = {
    instanceId = {
      description = "six lower-case hexadecimal digits";
      longest = 6;
      pattern = "[0-9a-f]{6}";
    };
    # Neither nothing nor milliseconds: ccc-expire would go by no such time.
    expiresAt = {
      description = "a Unix time in seconds, from 2020 to 2286";
      least = 1577836800;
      most = 9999999999;
    };
    # An RSA key of 16384 bits, the longest that sshd takes, has 2,772 characters.
    sshKey = {
      description = "an SSH key (ssh-ed25519, sk-ssh-ed25519@openssh.com, ssh-rsa) without options and comment";
      longest = 3000;
      pattern = "(ssh-ed25519|sk-ssh-ed25519@openssh\\.com|ssh-rsa) [A-Za-z0-9+/]+={0,2}";
    };
    operatorAccess = {
      description = "\"root\" or \"commands\"";
      longest = 8;
      pattern = "root|commands";
    };
  };

  # Matching takes stack for every character: the length comes first.
  fits =
    kind: value:
    if kind ? each then
      isList value && length value >= kind.fewest && all (fits kind.each) value
    else if kind ? pattern then
      isString value && stringLength value <= kind.longest && match kind.pattern value != null
    else
      isInt value && value >= kind.least && value <= kind.most;

  listOfKeys = fewest: {
    inherit fewest;
    description = "a list of ${toString fewest} or more, each ${kinds.sshKey.description}";
    each = kinds.sshKey;
  };

  parameters = {
    inherit (kinds) instanceId expiresAt operatorAccess;
    sshKeys = listOfKeys 1;
    operatorKeys = listOfKeys 0;
  };
  defaults = {
    operatorKeys = [ ];
    operatorAccess = "root";
  };

  # What is wrong, a sentence each that names the option.
  problems =
    given:
    if !isAttrs given then
      [ "ccc.instance is no object" ]
    else
      map (name: "ccc.instance.${substring 0 40 name} is no parameter") (
        attrNames (removeAttrs given (attrNames parameters))
      )
      ++ map (name: "ccc.instance.${name} must be ${parameters.${name}.description}") (
        filter (name: !(fits parameters.${name} ((defaults // given).${name} or null))) (
          attrNames parameters
        )
      );

  # No parameter needs an escape like \u0041, and what old versions of Nix make of \u0000 is the
  # end of the string, which hides what follows. So the backslash stays in, and fits nowhere.
  parse = json: fromJSON (replaceStrings [ "\\\\" "\\u" ] [ "\\\\" "\\\\u" ] json);

  # The last of two would win, whatever the first one said.
  repeated =
    json:
    map (name: "ccc.instance.${name} is given twice") (
      filter (name: length (split "\"${name}\"[[:space:]]*:" json) > 3) (attrNames parameters)
    );

  checked =
    problems: given:
    if problems == [ ] then given else throw "instance: ${concatStringsSep "; " problems}";
in
{
  inherit
    kinds
    fits
    parameters
    defaults
    problems
    parse
    ;

  check = given: checked (problems given) given;

  read =
    file:
    let
      json = readFile file;
      given = parse json;
    in
    checked (problems given) (checked (repeated json) given);
}
