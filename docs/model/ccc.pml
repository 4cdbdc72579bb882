/*
 * The protocol between provision, reap, extend, deprovision and Hetzner for one instance, and all that may go
 * wrong around it. README.md says what is left out and how to check it.
 *
 * Names are those of src/lifecycle: step_X is step X of steps.c, change_X the commit of that name, run_advance,
 * run_fail and run_finish are the engine's, admit, extend and set_goals the commands' transactions. Members of a
 * record are those of record.h; those called _at are true or false here.
 *
 * What stands in one atomic happens as one: a transaction, or a request together with its effect. Between two of
 * them everything else may happen, and the process may die.
 *
 * Time is a tick: at least SETTLE_SECONDS, and as long as what a user buys. A create takes effect within the
 * tick in which its intent was committed, or never: the assumption that step_find and step_prove rest on.
 */

#ifndef BROKEN
#define BROKEN NOTHING /* a rule that is broken on purpose, described in the file mutations */
#endif
mtype:rule = { NOTHING, RECORD_AFTER_CREATE, ADOPT_BY_NAME, ADOPT_BY_LABELS, UNKNOWN_IS_ABSENT, STALE_ANCHOR, DELETE_BY_ID,
	EXTEND_FROM_NOW, EXTEND_AFTER_DECIDE, DECIDE_WITHOUT_READING, ONE_LIST, FORGET_WITHOUT_PROOF, NO_LEASE,
	DECIDE_BY_REASON, VERIFY_AFTER_END, EXTENSION_FAILS_VERIFY, DELETE_WITHOUT_ANCHOR, CLOCK_AFTER_LIST,
	PROVE_AT_ONCE, PROVE_FORGETS_ID, CREATE_UNPREPARED, INSTALL_UNBUILT, INSTALL_UNBOOTED, VERIFY_UNINSTALLED,
	VERIFY_UNROTATED, VERIFY_BOOTSTRAP, ANNOUNCE_UNREAD, REBUILD_BY_ID, REBUILD_AT_ONCE, BOOT_UNREBUILT };

bool troubled;
#ifdef FAULTS /* that everything ends needs trouble to be finite; safety is checked without a limit */
byte faults;
#define TROUBLE    faults < FAULTS -> faults++; troubled = true
#else
#define TROUBLE    true -> troubled = true
#endif
#ifndef PROCESSES
#define PROCESSES  3 /* at work at once */
#endif
#ifndef REPEATS
#define REPEATS    2 /* of what happens now and then: an extension, a change of our servers behind our back */
#endif
#define SENDS      3 /* create requests of all runs together: our servers have the ids 2 to 4 */
#define BYSTANDER  1 /* the id of a server that may have the name that we ask for, or a copy of our labels */

/* A condition that must hold, and the promise (README.md) that the error shall name. */
#ifndef ONLY
#define ONLY 0 /* the number of the promise that is looked at alone; 0: all */
#endif
#define LOOKED_AT(number) (ONLY == 0 || ONLY == number)
bool P1 = LOOKED_AT(1), P2 = LOOKED_AT(2), P3 = LOOKED_AT(3), P4 = LOOKED_AT(4), P6 = LOOKED_AT(6);
#define PROMISE(promise, condition) assert((condition) || !promise)

mtype:why = { none, deprovision, expired, failed, abandoned };

typedef Record { /* as committed last */
	bool exists, gone;     /* gone: the goal */
	mtype:why reason;
	byte paid, left;       /* paid_seconds; expires_at - now */
	bool overdue;          /* give_up_at has passed */
	bool settled, resent;  /* create_sent_at was a tick ago; an earlier create may not have been answered */
	byte server_id;
	bool host_key, built_at, reachable_at, installed_at, rotated_at;
	bool announced;        /* status_is_announced(): box_expires_at is expires_at */
	bool kexec_failed_at, rebuild_sent_at, rebuilt_at;
	bool rebuild_settled;  /* rebuild_sent_at was a tick ago */
	bool create_sent_at, verified_at, failed_at, deleting_at, missing_at, delete_confirmed_at, deleted_at
};
typedef Server { bool billed, named, labelled }; /* labelled: fleet, instance and nonce are the record's */

Record record;
bool admitted, lease;
#define FORGOTTEN (admitted && !record.exists)
bool box_knows; /* the box was told of all that was paid */
bool lasting;   /* the box answers with the lasting host key, no more with the bootstrap one */
byte owed; /* what nobody may shrink: time that was paid for and not yet used */

Server server[5];
byte late_rebuild; /* the server that a rebuild is on its way to whose sender waits no more; 0: none */
byte last_id = BYSTANDER, sends, late; /* late: creates under way whose sender waits no more */
byte changes; bool tampered; /* of our servers, behind our back */

#define LABELLED(i) (server[i].billed && server[i].labelled)
#define NAMED(i)    (server[i].billed && server[i].named)
#define OURS(i)     (NAMED(i) && (server[i].labelled || BROKEN == ADOPT_BY_NAME) || \
		     BROKEN == ADOPT_BY_LABELS && LABELLED(i)) /* cloud_server_matches() */
#define ANY(what)   (what(1) || what(2) || what(3) || what(4))

/* --- the world -------------------------------------------------------------------------------------- */

inline arrive() { /* a create takes effect, unless the name is taken: names are unique in a project */
	if
	:: ANY(NAMED) /* 409 */
	:: else ->
		last_id++; found = last_id;
		server[found].billed = true; server[found].named = true; server[found].labelled = true;
		PROMISE(P1, record.exists && record.create_sent_at);
		PROMISE(P6, record.host_key) /* it is planted with the server, or never */
	fi
}

inline wipe(id) { /* a rebuild takes effect: whatever is on the disk is gone */
	PROMISE(P2, !server[id].billed || OURS(id) || late_rebuild);
	PROMISE(P4, !server[id].billed || !record.verified_at)
}

inline vanish(id) {
	server[id].billed = false; server[id].named = false; server[id].labelled = false
}

active proctype hetzner() {
	byte found;
end:	do
	:: atomic { late > 0 -> late--; arrive(); found = 0 }
	:: atomic { late > 0 -> late-- } /* lost on its way */
	:: atomic { late_rebuild > 0 -> wipe(late_rebuild); late_rebuild = 0 }
	:: atomic { late_rebuild > 0 -> late_rebuild = 0 }
	od
}

active proctype clock() {
end:	do
	:: atomic {
		admitted && late == 0 && late_rebuild == 0 -> record.settled = true; record.overdue = true;
		record.rebuild_settled = record.rebuild_sent_at;
		record.left = (record.left > 0 -> record.left - 1 : 0);
		owed = (owed > 0 -> owed - 1 : 0)
	}
	od
}

active proctype others() { /* a bystander, and somebody with a browser */
	byte i;
	atomic {
		server[BYSTANDER].billed = true;
		if :: server[BYSTANDER].named = true :: server[BYSTANDER].labelled = true :: skip fi
	}
end:	do
	:: atomic {
		changes < REPEATS && (server[2].billed || server[3].billed || server[4].billed) -> changes++;
		if :: server[2].billed -> i = 2 :: server[3].billed -> i = 3 :: server[4].billed -> i = 4 fi;
		if
		:: server[i].labelled = false; tampered = true
		:: server[i].named = false; tampered = true
		:: vanish(i)
		fi;
		i = 0
	}
	od
}

/* --- what the steps share ---------------------------------------------------------------------------- */

#define COMMITTED gone_seen = record.gone /* after each commit the run knows the newest goal */

inline may_die() { /* a crash frees the lease and forgets what the run knew, as run_finish does */
	if :: skip :: TROUBLE -> goto run_finish fi
}

inline anchor_check() { /* fleet/anchor.c: another project's token does not see the fleet's firewall */
	if
	:: !stranger || BROKEN == STALE_ANCHOR
	:: stranger && BROKEN != STALE_ANCHOR -> goto run_fail
	:: TROUBLE -> goto run_fail
	fi
}

inline unknown() { /* 401, 429, 5xx, a time-out, half a list: nothing was learned */
	if :: BROKEN == UNKNOWN_IS_ABSENT :: else -> goto run_fail fi
}

inline list_servers() { /* found: the recorded server, or one that must be ours, or 0 */
	settled = record.settled; /* asked before the list begins */
	if
	:: TROUBLE -> unknown()
	:: stranger
	:: !stranger && LABELLED(record.server_id) -> found = record.server_id
	:: !stranger && OURS(1) -> found = 1
	:: !stranger && OURS(2) -> found = 2
	:: !stranger && OURS(3) -> found = 3
	:: !stranger && OURS(4) -> found = 4
	:: !stranger && !LABELLED(record.server_id) && !ANY(OURS)
	fi
}

/* --- goal running --------------------------------------------------------------------------------------- */

/* A step whose needs are not met fails, for the machine can't do what is asked: nothing that it rests on is there. */
#define PREPARED  (record.host_key || BROKEN == CREATE_UNPREPARED)
#define BUILT     (record.built_at || BROKEN == INSTALL_UNBUILT)
#define BOOTED    (record.reachable_at || BROKEN == INSTALL_UNBOOTED)
#define REBUILT   (!record.kexec_failed_at || record.rebuilt_at || BROKEN == BOOT_UNREBUILT)
#define INSTALLED (record.installed_at || BROKEN == VERIFY_UNINSTALLED)
#define ROTATED   (record.rotated_at || BROKEN == VERIFY_UNROTATED || BROKEN == VERIFY_BOOTSTRAP || \
		   BROKEN == VERIFY_UNINSTALLED)

inline step_prepare() {
	atomic {
		!gone_seen && !record.host_key -> may_die();
		if
		:: TROUBLE -> goto run_fail
		:: true -> record.host_key = true; COMMITTED /* change_prepared */
		fi
	}
}

inline step_build() {
	atomic {
		!gone_seen && record.host_key && !record.built_at && !record.verified_at -> may_die();
		if
		:: TROUBLE -> goto run_fail
		:: true -> record.built_at = true; COMMITTED /* change_built */
		fi
	}
}

inline change_intent() {
	record.resent = record.resent || record.create_sent_at;
	record.create_sent_at = true; record.settled = false; COMMITTED
}

/* A crash between intent and request is the same as a request that is lost on its way. */
inline step_create() {
	atomic {
		!gone_seen && PREPARED && !record.server_id -> anchor_check();
		if :: sends < SENDS && !stranger -> sends++ :: else -> goto run_fail fi;
		if :: BROKEN != RECORD_AFTER_CREATE -> change_intent() :: else fi;
		if
		:: TROUBLE -> goto run_fail /* limit, stock: surely nothing was done */
		:: TROUBLE -> late++ /* no answer: the step begins again, resend() */
		:: true -> arrive();
			if /* on_found(): who has the name? */
			:: found
			:: !found && NAMED(1) -> found = 1
			:: !found && NAMED(2) -> found = 2
			:: !found && NAMED(3) -> found = 3
			:: !found && NAMED(4) -> found = 4
			:: TROUBLE -> found = 0
			fi;
			if
			:: found && !OURS(found) -> found = 0; goto run_fail
			:: else
			fi
		fi
	}
	atomic {
		may_die();
		if
		:: found -> /* change_created */
			record.server_id = found; record.create_sent_at = true; COMMITTED;
			PROMISE(P2, found != BYSTANDER);
			found = 0
		:: else
		fi
	}
}

/* Once, and its intent is durable; what was not answered is waited for until it came or never will. A crash between
 * intent and request is the same as a request that is lost on its way. */
inline step_rebuild() {
	atomic {
		!gone_seen && record.server_id && record.kexec_failed_at && !record.rebuilt_at && !record.verified_at &&
			(!record.rebuild_sent_at || record.rebuild_settled || BROKEN == REBUILD_AT_ONCE) -> may_die();
		if
		:: record.rebuild_sent_at -> record.rebuilt_at = true /* on_waited(), change_rebuilt */
		:: else -> record.rebuild_sent_at = true; record.rebuild_settled = false; /* change_ordered */
			if /* on_seen(); nobody interferes between this look and the rebuild that follows at once */
			:: TROUBLE -> goto run_fail
			:: !OURS(record.server_id) && BROKEN != REBUILD_BY_ID -> goto run_fail
			:: OURS(record.server_id) || BROKEN == REBUILD_BY_ID ->
				if
				:: wipe(record.server_id); record.rebuilt_at = true
				:: TROUBLE -> late_rebuild = record.server_id /* no answer */
				fi
			fi
		fi;
		COMMITTED
	}
}

inline step_boot() {
	atomic {
		!gone_seen && record.server_id && REBUILT && !record.reachable_at && !record.verified_at -> may_die();
		if /* on_probe(): the pinned key answers */
		:: TROUBLE -> goto run_fail
		:: !server[record.server_id].billed -> goto run_fail
		:: server[record.server_id].billed -> record.reachable_at = true; COMMITTED /* change_reachable */
		fi
	}
}

inline step_install() { /* whatever was on the disk is gone then */
	atomic {
		!gone_seen && record.server_id && BOOTED && BUILT && !record.installed_at && !record.verified_at -> may_die();
		if
		:: TROUBLE -> goto run_fail
		:: !server[record.server_id].billed || !record.reachable_at || !record.built_at -> goto run_fail
		:: server[record.server_id].billed && record.reachable_at && record.built_at
		fi
	}
	atomic {
		may_die();
		PROMISE(P4, !record.verified_at);
		if
		:: record.installed_at = true; COMMITTED /* change_installed */
		:: !record.kexec_failed_at -> /* change_returned */
			record.kexec_failed_at = true; record.reachable_at = false; COMMITTED
		fi
	}
}

inline step_rotate() { /* of a box that is the same for all; any other has its host key from the installation on */
	atomic {
		!gone_seen && record.server_id && record.installed_at && !record.rotated_at && !record.verified_at -> may_die();
		if
		:: TROUBLE -> goto run_fail
		:: !server[record.server_id].billed -> goto run_fail
		:: server[record.server_id].billed -> lasting = true
		fi
	}
	atomic { may_die(); record.rotated_at = true; COMMITTED } /* change_rotated */
}

inline step_verify() { /* the paid time starts here */
	atomic {
		!gone_seen && record.server_id && INSTALLED && ROTATED && !record.verified_at -> may_die();
		if
		:: TROUBLE -> goto run_fail
		:: !server[record.server_id].billed || !record.installed_at -> goto run_fail
		:: !lasting && BROKEN != VERIFY_BOOTSTRAP -> goto run_fail /* that key alone is pinned */
		:: server[record.server_id].billed && record.installed_at && (lasting || BROKEN == VERIFY_BOOTSTRAP) ->
			told = record.paid; box_knows = true /* on_report(): the box is told its expiry */
		fi
	}
	atomic {
		may_die();
		if /* change_verified */
		:: record.gone && BROKEN != VERIFY_AFTER_END -> goto run_fail
		:: (!record.gone || BROKEN == VERIFY_AFTER_END) && told == record.paid ->
			record.verified_at = true; record.left = record.paid; owed = record.paid;
			record.announced = true; PROMISE(P4, box_knows); PROMISE(P6, lasting)
		:: (!record.gone || BROKEN == VERIFY_AFTER_END) && told != record.paid -> /* it was extended: once more */
			if :: BROKEN == EXTENSION_FAILS_VERIFY -> goto run_fail :: else fi
		fi;
		told = 0; COMMITTED
	}
}

inline step_announce() {
	atomic {
		!gone_seen && record.verified_at && !record.announced -> may_die();
		if
		:: TROUBLE -> goto run_fail
		:: !server[record.server_id].billed -> goto run_fail
		:: server[record.server_id].billed -> told = record.paid; box_knows = true
		fi
	}
	atomic {
		may_die();
		if /* change_box: what was told; when it was extended meanwhile, the step is not done */
		:: told == record.paid || BROKEN == ANNOUNCE_UNREAD -> record.announced = true; PROMISE(P4, box_knows)
		:: else
		fi;
		told = 0; COMMITTED
	}
}

/* --- goal gone -------------------------------------------------------------------------------------------- */

#define FOUND   (record.server_id || !record.create_sent_at || record.deleted_at)
#define DELETED (!record.server_id || record.delete_confirmed_at)

inline step_decide() { /* the point of no return: goal and expiry are read again */
	atomic {
		gone_seen && !record.deleting_at -> may_die();
		if /* change_deleting */
		:: BROKEN != DECIDE_WITHOUT_READING && ((!record.gone && BROKEN != DECIDE_BY_REASON) ||
			(record.reason == expired && record.left > 0)) -> record.gone = false; record.reason = none
		:: else -> record.deleting_at = true; PROMISE(P4, owed == 0);
			/* what nobody reads from here on makes no states of its own */
			record.built_at = false; record.reachable_at = false; record.installed_at = false;
			record.rotated_at = false; lasting = false;
			record.kexec_failed_at = false; record.rebuild_sent_at = false; record.rebuilt_at = false;
			record.rebuild_settled = false;
			record.announced = false; box_knows = false
		fi;
		COMMITTED
	}
}

inline step_find() {
	atomic { gone_seen && record.deleting_at && !FOUND -> anchor_check(); list_servers() }
	atomic {
		may_die();
		if
		:: found -> record.server_id = found; PROMISE(P2, found != BYSTANDER) /* change_adopted */
		:: !found && ((record.missing_at && (settled || (BROKEN == CLOCK_AFTER_LIST && record.settled))) ||
			BROKEN == ONE_LIST) -> record.deleted_at = true /* change_absent */
		:: else -> record.missing_at = true; goto run_finish /* change_missing; come_back_later() */
		fi;
		found = 0; settled = false; COMMITTED
	}
}

inline step_delete() {
	atomic {
		gone_seen && record.deleting_at && FOUND && !DELETED ->
		if /* on_seen(); nobody interferes between this look and the delete that follows at once */
		:: TROUBLE -> unknown()
		:: stranger || !server[record.server_id].billed -> /* 404 */
			if :: BROKEN != DELETE_WITHOUT_ANCHOR -> anchor_check() :: else fi
		:: !stranger && server[record.server_id].billed ->
			if
			:: OURS(record.server_id) || BROKEN == DELETE_BY_ID
			:: else -> goto run_fail /* refused and reported */
			fi;
			PROMISE(P2, NAMED(record.server_id) && LABELLED(record.server_id) && record.server_id != BYSTANDER);
			PROMISE(P4, owed == 0 && record.deleting_at);
			vanish(record.server_id)
		fi
	}
	atomic { may_die(); record.delete_confirmed_at = true; COMMITTED } /* change_confirmed */
}

inline step_prove() {
	atomic {
		gone_seen && record.deleting_at && FOUND && DELETED && !record.deleted_at ->
		if
		:: record.create_sent_at && BROKEN != FORGET_WITHOUT_PROOF -> anchor_check(); list_servers()
		:: else -> settled = true
		fi
	}
	atomic {
		may_die();
		if
		:: found -> record.delete_confirmed_at = false; /* change_unconfirmed: it is deleted once more */
			if /* also when an earlier create came late and it is another one */
			:: BROKEN == PROVE_FORGETS_ID -> goto run_fail
			:: else -> record.server_id = found
			fi
		:: !found && (settled || !record.resent || BROKEN == PROVE_AT_ONCE) ->
			record.deleted_at = true /* change_deleted */
		:: else -> goto run_finish /* one may still come: later */
		fi;
		found = 0; settled = false; COMMITTED
	}
}

inline step_forget() {
	atomic {
		gone_seen && record.deleted_at -> may_die();
		PROMISE(P3, !ANY(OURS) && !server[record.server_id].billed);
		record.exists = false;
		goto run_finish
	}
}

/* --- the commands ------------------------------------------------------------------------------------------- */

inline admit() { /* admission.c; the lease is taken before the record can be seen */
	admitted = true; record.exists = true; record.reason = none; record.paid = 1;
	lease = true; holds = true
}

inline set_goals(why) { record.gone = true; record.reason = why } /* sweep.c and ending.c */

/* When it does not hold, extend refuses and charges nothing. */
#define EXTENDABLE ((!record.deleting_at || BROKEN == EXTEND_AFTER_DECIDE) && !record.failed_at && \
		    (!record.gone || record.reason == expired))
inline extend() { /* extension.c */
	record.gone = false; record.reason = none; record.paid++; record.announced = false; box_knows = false;
	if
	:: record.verified_at -> owed++; record.left = (BROKEN == EXTEND_FROM_NOW -> 1 : record.left + 1)
	:: else
	fi
}

/* A command is its transaction, then the engine; one that dies in between is a transaction alone. */
active [PROCESSES] proctype ccc() {
	bool holds, stranger, gone_seen, settled; /* stranger: the token is another project's */
	byte found, told;
end:	do
	:: FORGOTTEN -> break
	:: atomic { !admitted -> admit(); goto run_advance }
	:: atomic { record.exists && !record.gone && !record.verified_at && record.overdue -> set_goals(abandoned) }
	:: atomic { record.exists && !record.gone && record.verified_at && record.left == 0 -> set_goals(expired) }
	:: atomic { record.exists && (!record.gone || record.reason == expired) ->
		set_goals(deprovision); owed = 0 } /* the time is given up by who owns it */
	:: atomic { record.exists && record.paid <= REPEATS && EXTENDABLE -> extend() }
	:: atomic { /* engine_take(); a sweep ends what is over before it tells boxes anything */
		record.exists && (record.gone || !record.verified_at || (!record.announced && record.left > 0)) &&
			(!lease || BROKEN == NO_LEASE) ->
		lease = true; holds = true; COMMITTED;
		if :: stranger = false :: TROUBLE; stranger = true fi
	}
run_advance:	do
		:: atomic { gone_seen != record.gone -> COMMITTED } /* on_refresh() */
		:: atomic { !gone_seen && record.verified_at && record.announced -> goto run_finish }
		:: step_prepare()
		:: step_create()
		:: step_build()
		:: step_rebuild()
		:: step_boot()
		:: step_install()
		:: step_rotate()
		:: step_verify()
		:: step_announce()
		:: step_decide()
		:: step_find()
		:: step_delete()
		:: step_prove()
		:: step_forget()
		od;
run_fail:	atomic {
			may_die();
			if
			:: record.verified_at || gone_seen
			:: else -> /* change_failed */
				record.failed_at = true; record.reason = (record.gone -> record.reason : failed);
				PROMISE(P4, record.gone || troubled || changes > 0 || server[BYSTANDER].named);
				record.gone = true; COMMITTED;
				goto run_advance
			fi
		}
run_finish:	atomic {
			lease = (holds -> false : lease);
			holds = false; stranger = false; gone_seen = false; settled = false; found = 0; told = 0
		}
	od
}

#ifdef FAULTS
ltl everything_ends { <> (FORGOTTEN || tampered) }
#endif
