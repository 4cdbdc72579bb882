# What must hold after a disturbance and what mended it. Prints a line a violation.
#   $hetzner_before, $hetzner    servers, firewalls, SSH keys, bill
#   $state_before, $state        instances.json; $history, its history as it lies there
#   $histories                   `ccc status`, of each instance
#   $files                       paths below the state, and the machines
#   $failing                     ccc went on, with a call that failed or a child that was killed: it may
#                                undo what it began, and says so
#   $boxes                       "<id>/expires-at:<seconds>" of every installed machine

def wrong(condition; message): if condition then message else empty end;
def seconds: if . == null or . == "" then 0 else fromdate end;

($error != "") as $failing
| ($state[0]) as $now
| ($state_before[0] // {fleet: {id: ""}, instances: {}}) as $old
| ($files | split("\n")) as $paths
| $now.fleet.id as $fleet
| def is_ours: .labels["ccc-fleet"] == $fleet;
  def identity: {id, name, labels, created};
  def things($from): [$from[0].servers[], $from[1].firewalls[], $from[2].ssh_keys[]];
  def names_below($folder): [$paths[] | select(startswith($folder + "/")) | ltrimstr($folder + "/") | select(contains("/") | not)] | sort;
  def of($list; $id): $list | map(select(.instanceId == $id));
  ([$hetzner[0].servers[] | select(is_ours)]) as $servers
| ([$now.instances[]]) as $records
| ([$now.instances[] | select($old.instances[.instanceId] | not)]) as $new
| ([$hetzner[3].items[] | select(.kind == "server") | .id]
	- [things($hetzner_before)[] | .id]) as $billed

# Only what the last commit of each revision says took effect.
| def effective($id; $revision):
	of($history; $id) | map(select(.revision <= $revision)) | group_by(.revision) | map(last);
  def replayed: reduce .[] as $line ({}; . + $line.set | with_entries(select(.value != null)));
  def history_of_record:
	. as $record | effective($record.instanceId; $record.revision) as $lines
	| of($history; $record.instanceId) as $all
	| wrong(($lines | map(.revision)) != [range(1; $record.revision + 1)];
		"\(.instanceId): the history has revisions \($lines | map(.revision)), the record has \(.revision)"),
	  wrong(($lines | replayed) != ($record | del(.revision)); "\(.instanceId): the history tells of another record"),
	  wrong(($all | last | .revision) > $record.revision + 1; "\(.instanceId): the history is ahead of the record"),
	  wrong($phase == "repeated" and ($all | last | .revision) != $record.revision;
		"\(.instanceId): the last revision in the history is not the record's"),
	  (($histories[] | select(.instanceId == $record.instanceId) | .history | length) as $told
	  | wrong($told != $record.revision; "\(.instanceId): ccc tells \($told) events of \($record.revision)"));
  def history_of_gone:
	group_by(.instanceId)[] | select($now.instances[.[0].instanceId] | not)
	| wrong((last | .event) != "forgotten" and map([.event, .revision]) != [["requested", 1]];
		"\(.[0].instanceId) is not in the state, and its history does not say why");

# --- what always holds ---
  def always:
	wrong([things($hetzner)[] | select(is_ours | not) | identity] != [things($hetzner_before)[] | select(is_ours | not) | identity];
		"what belongs to others was changed"),
	wrong([$servers[] | [.id, .name, .labels["ccc-nonce"]]] | sort != ([$records[] | [.serverId, .serverName, .nonce]] | sort);
		"servers \($servers | map(.name)), records \($records | map(.serverName))"),
	wrong([$hetzner[1].firewalls[] | select(is_ours) | .id] != [$now.fleet.firewallId]; "not exactly one firewall, the recorded one"),
	wrong([$hetzner[2].ssh_keys[] | select(is_ours) | .id] != [$now.fleet.sshKeyId]; "not exactly one SSH key, the recorded one"),
	($records[] | wrong(.status != "running" or .goal != "running"; "\(.instanceId) is \(.status)")),
	wrong(names_below("none/hosts") != ([$hetzner[0].servers[].id | tostring] | sort); "the machines are not those of the servers"),
	wrong(names_below("state/locks") - ($now.instances | keys) != []; "lease files of nobody: \(names_below("state/locks"))"),
	wrong(names_below("state/instances") != ($now.instances | keys); "files of nobody: \(names_below("state/instances"))"),
	($paths[] | select(test("/\\.[^/]*\\.tmp$")) | "a temporary file was left: \(.)"),
	($paths[] | select(test("/instances/.*(bootstrap_key|ssh_host_ed25519_key)$")) | "a private key was left: \(.)"),
	($records[] | (.serverId | tostring) as $id | .instanceId as $instance | (.expiresAt | seconds | tostring) as $expires
		| wrong([$boxes | split("\n")[] | select(contains("/\($instance)/"))] | map(endswith(":\($expires)")) != [true];
			"\($instance): the box was not told \(.expiresAt)")),
	($servers[] | (.labels["ccc-expires"] | tonumber) as $until | .name as $name
		| $records[] | select(.serverName == $name) | wrong($until < (.expiresAt | seconds); "\(.instanceId): the label is too early")),
	($records[] | history_of_record),
	($history | history_of_gone),
	wrong($old.fleet.id != "" and ($now.fleet | del(.sweptAt, .sweepBeganAt)) != ($old.fleet | del(.sweptAt, .sweepBeganAt)); "the fleet is another one");

# What fails before it is handed over is undone, and says so.
  def may_end: $command == "deprovision" or $command == "reap" or ($command == "resume" and $failing);

# Those that the command is not about are as they were; of the others no paid time is gone.
  def others:
	$old.instances[] | . as $before | $now.instances[.instanceId] as $after
	| if .instanceId != $subject then wrong($after != $before; "\(.instanceId) was changed")
	  elif $after == null then wrong(may_end | not; "\(.instanceId) was lost")
	  else wrong(($after.expiresAt | seconds) < ($before.expiresAt | seconds) or $after.paidSeconds < $before.paidSeconds or
		($after.payments | contains($before.payments) | not); "\(.instanceId): paid time is gone")
	  end;

  def bought($hours): wrong(.paidSeconds != $hours * 3600 or (.payments | map(.reference)) != ["p1"]; "\(.instanceId): paid \(.payments)");
  def extended:
	$now.instances[$subject] as $after | $old.instances[$subject] as $before
	| {after: ($after.payments | map(.reference)), more: (($after.expiresAt | seconds) - ($before.expiresAt | seconds))};

# --- what holds of each command ---
  def of_command:
	if $command == "init" then wrong($records != []; "instances from nowhere")
	elif $command == "provision" then
		($new[] | bought(24)),
		wrong(($new | length) > 1; "two instances for one payment"),
		wrong(($failing | not) and ($billed | length) != ($new | length); "billed: \($billed), instances: \($new | length)"),
		wrong($phase != "recovered" and ($new | length) != 1 and (($failing | not) or $status != "4"); "the payment gave no instance (status \($status))")
	elif $command == "abandoned" then
		($new[] | bought(24), wrong(.verifiedAt == null; "\(.instanceId) was not given up")),
		wrong(($billed | length) > 1; "billed: \($billed)")
	elif $command == "resume" then
		($now.instances[$subject] // empty | bought(24)), wrong(($failing | not) and $billed != []; "billed again: \($billed)")
	elif $command == "extend" then
		extended | wrong([["p1"], 0] != [.after, .more] and [["p1", "p2"], 3600] != [.after, .more]; "half an extension: \(.)"),
		wrong($phase != "recovered" and .more != 3600; "the extension does not count")
	elif $command == "deprovision" then
		wrong($phase != "recovered" and $now.instances[$subject] != null; "it is still there"),
		wrong($now.instances[$subject] != null and $now.instances[$subject] != $old.instances[$subject]; "it is half gone")
	else wrong($now.instances[$subject] != null; "it was not ended") end;

  [(if $phase != "done" then always, others else empty end), of_command] | .[]
