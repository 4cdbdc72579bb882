# How the texts among the parameters of an instance look. Nothing else gets into the system,
# so no quote, no line end and no option can ride along with a key.
{
  instanceId = "[0-9a-f]{6}";
  sshKey = "(ssh-ed25519|sk-ssh-ed25519@openssh\\.com|ssh-rsa) [A-Za-z0-9+/]+={0,2}";
}
