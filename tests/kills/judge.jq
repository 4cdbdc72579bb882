# Judges what was observed after a disturbance, and after what made it whole: "judged POINT" of
# each that was made whole, and a line a violation, "violation POINT: text". An observation (see `observe` in point.bash) has
#   point, command      what was disturbed
#   phase               "done": the command claims to have done it; "recovered": it was made
#                       whole; "repeated": the command was given again, and ended with `status`
#   failing             ccc went on with a call that failed or a child that was killed: it may
#                       undo what it began
#   subject             the instance, or the fleet, that the command is about, if it was there before
#   hetzner, hetznerBefore    servers, bill, firewalls, SSH keys
#   state, stateBefore        instances.json
#   history, told       the history as it lies there, and as `ccc status` tells it
#   boxes, keys         the expiry that each installed machine was told, and the user's keys in it
#   files               paths below the state directory, and the machines

def wrong(condition; message): if condition then message else empty end;
def seconds: if . == null or . == "" then 0 else fromdate end;

def fleet: .state.fleet.id;
def records: [.state.instances[]];
def subject_before: .stateBefore.instances[.subject];
def subject_now: .state.instances[.subject];
def new_records: (.stateBefore.instances // {}) as $old | records | map(select($old[.instanceId] | not));
def things($from): [$from[0].servers[], $from[2].firewalls[], $from[3].ssh_keys[]];
def is_of($fleet): .labels["ccc-fleet"] == $fleet;
def billed: [.hetzner[1].items[] | select(.kind == "server") | .id] - [.hetznerBefore[1].items[] | .id];
def names_below($folder):
	[.files[] | select(startswith($folder + "/")) | ltrimstr($folder + "/") | select(contains("/") | not)] | sort;

# --- what always holds ------------------------------------------------------------------

def strangers($from): fleet as $fleet | [things($from)[] | select(is_of($fleet) | not) | {id, name, labels}];

def hetzner:
	records as $records
	| fleet as $fleet
	| (.hetzner[0].servers | map(select(is_of($fleet)))) as $servers
	| wrong(strangers(.hetzner) != strangers(.hetznerBefore); "what belongs to others was changed"),
	  wrong(($servers | map([.id, .name, .labels["ccc-nonce"]]) | sort)
			!= ($records | map([.serverId, .serverName, .nonce]) | sort);
		"servers \($servers | map(.name)), records \($records | map(.serverName))"),
	  ($records[] as $record | $servers[] | select(.id == $record.serverId)
	  | wrong((.labels["ccc-expires"] | tonumber) < ($record.expiresAt | seconds); "\(.name): the label is too early")),
	  wrong(([.hetzner[2].firewalls[] | select(is_of($fleet)) | .id] | sort)
			!= ([.state.fleet | .firewallId, .isolationFirewallId | select(.)] | sort);
		"the firewalls are not those recorded"),
	  wrong([.hetzner[3].ssh_keys[] | select(is_of($fleet)) | .id] != [.state.fleet.sshKeyId];
		"not exactly one SSH key, the recorded one");

# Of a machine that was adopted nobody knows what is in it.
def machines:
	wrong(names_below("none/hosts") != ([.hetzner[0].servers[].id | tostring] | sort);
		"the machines are not those of the servers"),
	(.boxes as $boxes | .keys as $keys | records[] | select(.adoptedAt | not)
	| wrong($boxes[.instanceId] != (.expiresAt | seconds); "\(.instanceId): the box was not told \(.expiresAt)"),
	  wrong(($keys[.instanceId] // "" | split(",") | sort) != (.sshKeys | sort);
		"\(.instanceId): the box has other keys than the record"));

def networks:
	.state.fleet as $fleet | .hetzner[2].firewalls as $firewalls
	| (records[] as $record
	| [$firewalls[] | select(any(.applied_to[]; .server.id == $record.serverId)) | .id]
	| wrong(. != [if $record.suspendedAt then $fleet.isolationFirewallId else $fleet.firewallId end];
		"\($record.instanceId): firewalls \(.), suspended: \($record.suspendedAt != null)"));

def files:
	(names_below("state/locks") - (.state.instances | keys) | wrong(. != []; "lease files of nobody: \(.)")),
	(names_below("state/instances") - (.state.instances | keys) | wrong(. != []; "files of nobody: \(.)")),
	(.files[]
	| wrong(test("/\\.[^/]*\\.tmp$"); "a temporary file was left: \(.)"),
	  wrong(test("/instances/.*(bootstrap_key|ssh_host_ed25519_key)$"); "a private key was left: \(.)"));

# Of a commit that was not finished the history may hold lines. The next commit uses their
# revisions again, and only its lines count.
def took_effect($record):
	map(select(.instanceId == $record.instanceId and .revision <= $record.revision)) | group_by(.revision) | map(last);
def replayed: reduce .[] as $line ({}; . + $line.set | with_entries(select(.value != null)));

def history_of($record; $phase; $told):
	took_effect($record) as $lines
	| (map(select(.instanceId == $record.instanceId)) | last | .revision) as $last
	| $record.instanceId as $id
	| wrong(($lines | map(.revision)) != [range(1; $record.revision + 1)];
		"\($id): revision \($record.revision), and a history of \($lines | map(.revision))"),
	  wrong(($lines | replayed) != ($record | del(.revision)); "\($id): the history tells of another record"),
	  wrong($last > $record.revision + ($phase == "recovered" | if . then 1 else 0 end);
		"\($id): the history is at revision \($last), the record at \($record.revision)"),
	  ($told[] | select(. != null and .instanceId == $id) | .history | length
	  | wrong(. != $record.revision; "\($id): ccc tells of \(.) events, there were \($record.revision)"));

def histories:
	.phase as $phase | .told as $told | .state.instances as $instances
	| ($instances[] as $record | .history | history_of($record; $phase; $told)),
	  (.history | group_by(.instanceId)[] | select($instances[.[0].instanceId] | not)
	  | wrong((last | .event) != "forgotten" and map([.event, .revision]) != [["requested", 1]];
		"\(.[0].instanceId) is not in the state, and its history does not say why"));

# Of those that were there, others are as they were, and of the subject no paid time is gone.
def those_before:
	(.command == "deprovision" or .command == "reap" or (.command == "resume" and .failing == 1)) as $may_end
	| .subject as $subject | .state.instances as $now
	| (.stateBefore.instances // {})[] as $before | $now[$before.instanceId] as $after | $before.instanceId as $id
	| if $id != $subject then wrong($after != $before; "\($id) was changed")
	  elif $after == null then wrong($may_end | not; "\($id) was lost")
	  else wrong(($after.expiresAt | seconds) < ($before.expiresAt | seconds) or $after.paidSeconds < $before.paidSeconds or
		($after.payments | contains($before.payments) | not); "\($id): paid time is gone")
	  end;

# What a sweep notes of itself comes and goes, and what is made once may be made now, or anew.
def identity:
	del(.sweptAt, .sweepBeganAt, .rateLimit, .rateRemaining, .rateSeenAt, .isolationFirewallId, .sshKeyId);

def fleet_itself:
	wrong(.stateBefore != null and (.state.fleet | identity) != (.stateBefore.fleet | identity);
		"it is another fleet"),
	(records[]
	| wrong(.status != (if .suspendedAt then "suspended" else "running" end) or .goal != "running";
		"\(.instanceId) is \(.status)"));

def always: hetzner, machines, networks, files, histories, those_before, fleet_itself;

# --- what holds of each command ---------------------------------------------------------

# The payment p1 counts once, and nothing else does.
def paid_for($hours):
	wrong(.paidSeconds != $hours * 3600 or (.payments | map(.reference)) != ["p1"]; "\(.instanceId): paid \(.payments)");

def provision:
	(new_records | length) as $new
	| (new_records[] | paid_for(24)),
	  wrong($new > 1; "\($new) instances for one payment"),
	  wrong(.failing == 0 and (billed | length) != $new; "billed \(billed | length) servers for \($new) instances"),
	  wrong(.phase != "recovered" and $new != 1 and (.failing == 0 or .status != 4);
		"the payment gave no instance (status \(.status))");

def abandoned:
	(new_records[] | paid_for(24), wrong((.verifiedAt | seconds) == 0; "\(.instanceId) was not given up")),
	wrong((billed | length) > 1; "billed \(billed | length) servers");

def resume:
	(subject_now | select(.) | paid_for(24)),
	wrong(.failing == 0 and billed != []; "billed another server");

def extend:
	(subject_now.payments | map(.reference)) as $payments
	| ((subject_now.expiresAt | seconds) - (subject_before.expiresAt | seconds)) as $more
	| wrong([$payments, $more] != [["p1"], 0] and [$payments, $more] != [["p1", "p2"], 3600];
		"half an extension: \($payments), \($more) s"),
	  wrong(.phase != "recovered" and $more != 3600; "the extension does not count");

def deprovision:
	wrong(.phase != "recovered" and subject_now != null; "it is still there"),
	wrong(subject_now != null and subject_now != subject_before; "it is half gone");

# What was asked for is there in the end, or nothing of it; and there once the command says so.
def keys:
	(subject_now.sshKeys - subject_before.sshKeys | length) as $more
	| wrong(subject_before.sshKeys - subject_now.sshKeys != [] or $more > 1; "the keys are \(subject_now.sshKeys)"),
	  wrong(.phase != "recovered" and $more != 1; "the key does not count");

def suspend:
	wrong(.phase != "recovered" and (subject_now.suspendedAt | not); "it is not suspended");

def unsuspend:
	wrong(.phase != "recovered" and subject_now.suspendedAt != null; "it is still suspended");

# The lost record is back, the machine without one has one.
def fsck:
	(subject_now | paid_for(24)),
	wrong((.state.instances | length) != 3; "records of \(.state.instances | keys)"),
	wrong(.state.instances.fedcba | .adoptedAt == null or .acceptedAt == null; "the machine was not adopted");

# Both machines have records again, made from their labels.
def adopt:
	wrong(.phase == "recovered" and ((records | length) != 2 or any(records[]; .acceptedAt == null));
		"records of \(.state.instances | keys)");

# Whatever happened, its machine is gone, at the latest when its hour was over.
def selftest:
	wrong(new_records != []; "its machine was left: \(new_records | map(.instanceId))"),
	wrong((billed | length) > 1; "billed \(billed | length) servers");

def of_command:
	if .command == "init" then wrong(records != []; "instances from nowhere")
	elif .command == "provision" or .command == "rebuild" or .command == "shared" then provision
	elif .command == "abandoned" then abandoned
	elif .command == "resume" then resume
	elif .command == "extend" then extend
	elif .command == "deprovision" then deprovision
	elif .command == "keys" then keys
	elif .command == "suspend" then suspend
	elif .command == "unsuspend" then unsuspend
	elif .command == "fsck" then fsck
	elif .command == "adopt" then adopt
	elif .command == "selftest" then selftest
	elif .command == "reap" then wrong(subject_now != null; "it was not ended")
	else "nobody knows what '\(.command)' should do"
	end;

(select(.phase == "recovered") | "judged \(.point)"),
"violation \(.point): \(.phase): \(if .phase == "done" then of_command else always, of_command end)"
