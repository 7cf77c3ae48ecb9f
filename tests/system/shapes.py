"""shapes.py - what the command line answers as JSON, in shapes; shaped() holds an answer against one.

A shape is a type ("time": a text that is a moment), a set of the values that there are, a dict with its keys ("key?" may be missing),
a list with the shape of its elements, Maybe, Free or User.
"""
import re

from harness import check, same
from truth import FIELDS


class Maybe:
    """The shape, or null."""

    def __init__(self, shape):
        self.shape = shape


class Free:
    """An object whose keys are words of one kind, or any value at all. custom: keys custom.NAME are welcome too."""

    def __init__(self, keys=None, custom=False):
        self.keys = keys
        self.custom = custom


class User:
    """A user: texts or null, several teams as a list of keys; custom fields by their names."""


def shaped(have, want, where="$"):
    """have has exactly this shape: a dict its keys ("key?" may be missing), a list any number of its one element."""
    if isinstance(want, Maybe):
        if have is not None:
            shaped(have, want.shape, where)
    elif isinstance(want, Free):
        if want.keys is not None:
            same({key for key in have if not (want.custom and key.startswith("custom."))} - set(want.keys), set(), f"{where}: unknown keys")
    elif isinstance(want, User):
        shaped(have, Free((*FIELDS, *LATER_FIELDS), custom=True), where)
        for key, value in have.items():
            shaped(value, Maybe([str] if key == "secondary_teams" else str), f"{where}.{key}")
    elif isinstance(want, dict):
        check(isinstance(have, dict), f"{where} is {have!r}")
        all_keys = {key.rstrip("?") for key in want}
        same(set(have) - all_keys, set(), f"{where}: keys too many")
        same({key for key in want if not key.endswith("?")} - set(have), set(), f"{where}: keys missing")
        for key, shape in want.items():
            if key.rstrip("?") in have:
                shaped(have[key.rstrip("?")], shape, f"{where}.{key.rstrip('?')}")
    elif isinstance(want, list):
        check(isinstance(have, list), f"{where} is {have!r}")
        for i, one in enumerate(have):
            shaped(one, want[0], f"{where}[{i}]")
    elif want == "time":
        check(isinstance(have, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", have), f"{where} is {have!r}, no time")
    elif isinstance(want, set):
        check(have in want, f"{where} is {have!r}, none of {want}")
    else:
        check(type(have) is want, f"{where} is {have!r}, not {want.__name__}")


CLASSES = ("joins", "leavers", "unannounced", "excluded", "email", "name", "team", "manager", "location", "leave_date", "cleared", "adoptions",
           "invitations", "other")
PROBLEMS = ("no-email", "bad-email", "no-first-name", "no-last-name", "unknown-status", "bad-date", "bad-value", "ends-before-start",
            "own-manager")
LIFECYCLES = ("expected", "active", "leave", "leaving", "left", "absent")
LATER_FIELDS = ("secondary_teams", "language", "excluded")
COMPANY = {"company": str, "name": str, "zone": str, "created_at": "time", "sources": Maybe([str]), "destinations": Maybe([str]),
           "suspended": Maybe({"by": str, "because": Maybe(str), "at": "time"})}
STANDING = {"in_hr": {"new", "kept", "by-hand", "failing"}, "note": Maybe(str), "looked_at": Maybe("time"), "failing_since": Maybe("time"),
            "silent_since": Maybe("time")}
INTEGRATION = {"company": str, "integration": str, "source": str, "team": {"team", "department"}, "settings": Free(),
               "limits": Maybe(Free(CLASSES)), "listed_at": Maybe("time"), "schedule": Maybe(str), "next_at": Maybe("time"), "webhook": Maybe(STANDING)}
CONNECTED = {"source?": str, "adapter?": str, "team?": str, "schedule?": Maybe(str), "feeds?": [str], "settings": Free(), "credentials": Free(),
             "policy?": Free(), "limits": Maybe(Free(CLASSES)), "mapping?": Maybe([str])}
CONFIG = {"company": str, "version": str, "name": str, "zone": str, "retention": Free(), "alerts": [str], "enabled": Free(("sources", "destinations")), "integrations": {"hr?": CONNECTED},
          "destinations": {}}
STEP = {"act": {"add", "change", "remove", "stays"}, "kind": {"company", "integration", "destination"}, "path": str, "old": Free(), "new": Free(),
        "people": Maybe(int), "follows": Maybe(str), "confirm": Maybe(str)}
PLAN = {"company": str, "version": Maybe(str), "new": bool, "stale": bool, "changes": int, "steps": [STEP], "todo": [str]}
APPLIED = {"plan": PLAN, "version": str, "mappings": [{"integration": str, "mapping": Maybe(int), "active": bool, "run": Maybe(int), "text": Maybe(str)}],
           "left": [str]}
COUNTS = {"read": int, "unchanged": int, "joiners": int, "changed": int, "missing": int, "absent": int, "gone": int, "left_out": int,
          "arrived_left": int, "teams_new": int, "teams_renamed": int, "shared_email": int, "unknown_manager": int,
          "classes": Free(CLASSES), "fields": Free((*FIELDS, *LATER_FIELDS, "lifecycle"), custom=True), "problems": Free(PROBLEMS), "vanished": Free((*FIELDS, *LATER_FIELDS))}
PROOF = {"complete": bool, "reason": str, "declared": int, "distinct": int, "rows": int, "pages": int, "repeated": int, "bytes": int,
         "end": {"more", "empty-page", "declared", "repeated-page", "no-end", "refused-behind-the-last"}}
FINDING = {"class": set(CLASSES), "window": {"run", "24h", "30d"}, "counted": int, "now": int, "limit": int, "population": int, "text": str}
VERDICT = {"held": bool, "first": bool, "missing_not_looked_up": int, "reasons": [str], "findings": [FINDING]}
RUN = {"run": int, "company": str, "integration": Maybe(str), "destination?": Maybe(str), "kind": {"full", "since", "person", "remap"},
       "state": {"listing", "checking", "passed", "held", "previewed", "applied", "rejected", "superseded", "failed"},
       "preview": bool, "approved": bool, "started_at": "time", "ended_at": Maybe("time"), "applied_at": Maybe("time"),
       "population": int, "counts": COUNTS, "proof": Maybe(PROOF),
       "verdict": Maybe(VERDICT), "reason": Maybe(str), "decided_by": Maybe(str), "decided_because": Maybe(str), "other_run": Maybe(int)}
GROUPS = {"unannounced", "leavers", "excluded", "joins", "returns", "email", "name", "team", "manager", "location", "leave_date", "cleared", "other",
          "arrived-left"}
CHANGE = {"person": str, "name": Maybe(str), "email": Maybe(str), "field": {*FIELDS, "lifecycle", "*"}, "old": Maybe(str), "new": Maybe(str),
          "old_name": Maybe(str), "new_name": Maybe(str), "class": set(CLASSES), "rule": str, "group": GROUPS, "part": Maybe(str)}
GROUP = {"group": GROUPS, "title": str, "people": int, "over_limit": bool, "parts": [{"part": Maybe(str), "people": int}]}
WHO = {"person": str, "name": Maybe(str)}
SHOWN = {"run": RUN, "groups": [GROUP], "changes": [CHANGE], "left_out": [WHO],
         "difference": Maybe({"instead_of": int, "no_longer": [WHO], "new": [WHO], "otherwise": [WHO]})}
LOOKED_AT = {"run": int, "started_at": "time", "state": str, "approved": bool, "was": Maybe(str), "would": [str]}
SIMULATION = {"company": str, "integration": str, "days": int, "since": "time", "limits": Free(CLASSES),
              "runs": {"looked_at": int, "were_held": int, "would_be_held": int, "unknown": int}, "now_held": [LOOKED_AT], "now_pass": [LOOKED_AT],
              "unknown": [LOOKED_AT], "classes": [{"class": set(CLASSES), "was_held": int, "would_be_held": int}],
              "rhythm": {"runs": int, "days": int, "enough": bool, "population": int,
                         "classes": [{"class": set(CLASSES), "window": {"run", "24h", "30d"}, "most": int, "limit": int, "usual": int, "suggested": int,
                                      "above_usual": bool}]},
              "suggested_limits": Maybe(Free(CLASSES))}
DRILL = {"company": str, "integration": str, "people": int, "through": int,
         "results": [{"name": {"empty-list", "half-list", "half-list-as-all", "all-emails", "all-inactive", "rights-shrank", "narrowed", "team-gone",
                               "one-team"}, "title": str, "through": bool, "people": int, "texts": [str],
                      "by": {"nothing", "proof", "half-known", "look-up", "limit", "no-effect", "not-tried"}}]}
PERSON = {"person": str, "user_id": int, "run": int, "lifecycle": set(LIFECYCLES), "rule": str, "presence": {"listed", "missing", "gone"},
          "user": User(), "problems": [set(PROBLEMS)]}
WHY = {"person": str, "name": Maybe(str), "integration": str, "lifecycle": set(LIFECYCLES), "rule": str, "text": str, "excluded": Maybe(str),
       "problems": [{"problem": str, "text": str}],
       "waits": [{"for": {"decision", "look-up", "date"}, "run": Maybe(int), "until": Maybe(str), "text": str}],
       "accounts": [{"destination": str, "account": Maybe(str), "status": str, "code": Maybe(str), "text": Maybe(str), "waits": Maybe(str),
                     "remedy": Maybe(str), "due_on": Maybe(str), "asks": Maybe(str),
                     "calls": [{"run": int, "at": "time", "verb": str, "text": str, "state": str, "answer": Maybe(str)}]}],
       "values": [{"field": str, "value": Maybe(str), "rule": str, "inputs": Free(), "why": str}]}
HISTORY = {"person": str, "name": Maybe(str), "user_id": int,
           "history": [{"run": int, "kind": str, "state": str, "applied": bool, "at": "time", "approved": bool, "decided_by": Maybe(str),
                        "decided_because": Maybe(str),
                        "changes": [{"field": str, "old": Maybe(str), "new": Maybe(str), "class": set(CLASSES), "rule": str}]}]}
EXPORTED = {"person": str, "integration": str, "lifecycle": set(LIFECYCLES), "user": User(), "team": Maybe(str), "secondary_teams": Maybe(str),
            "manager": Maybe(str), "manager_email": Maybe(str), "problems": [str]}
PROBLEM = {"problem": {*PROBLEMS, "shared-email", "unknown-manager", "manager-left"}, "todo": str,
           "people": [{"person": str, "name": str, "integration": str, "email": Maybe(str), "text": str, "with": [{"person": str, "name": str}]}]}
TOKEN = {"token": str, "company": Maybe(str), "name": str, "right": {"read", "operate", "administer"}, "made_by": str, "made_at": "time",
         "expires_at": Maybe("time"), "used_at": Maybe("time")}
AUDIT = {"entry": int, "at": "time", "who": str, "what": str, "before": Maybe(Free()), "after": Maybe(Free())}
FINDINGS = [{"code": str, "severity": {"error", "warning"}, "line": int, "column": int, "length": int, "sentence": str, "suggestion": Maybe(str)}]
KEYS = Maybe({"none", "last-listing", "hr"})
CHECKED = {"ok": bool, "keys": KEYS, "findings": FINDINGS, "not_taken": {}}
MAPPING = {"mapping": int, "state": {"draft", "active", "retired"}, "made_at": "time", "made_by": str, "note": Maybe(str), "activated_at": Maybe("time")}
STRANGE = {"person": str, "name": Maybe(str), "alike": int,
           "reasons": [{"reason": {"loses-access", "excluded", "let-in", "loses-value", "only-value", "most-fields", "rare"}, "field": Maybe(str), "text": str}],
           "changes": [{"field": str, "old": Maybe(str), "new": Maybe(str), "old_name": Maybe(str), "new_name": Maybe(str), "class": set(CLASSES)}]}
TRIED = {"mapping": int, "read": int, "changed": int, "fields": Free((*FIELDS, *LATER_FIELDS, "lifecycle"), custom=True), "classes": Free(CLASSES),
         "cleared": int, "excluded": int, "unknown": int, "unread": Maybe(str), "lists_first": bool, "verdict": VERDICT, "held_run": Maybe(int),
         "strangest": [STRANGE]}
TRIED_ON = {"mapping": int, "person": str,
            "rules": [{"target": str, "rule": str, "inputs": Free(), "before": Maybe(str), "result": Maybe(str), "why": str}]}
STATE = {"company": str, "integration": str, "verdict": {"ok", "held", "failed", "stale", "new"}, "listed_at": Maybe("time"),
         "people": dict.fromkeys(LIFECYCLES, int), "with_problems": int, "shared_email": int, "unsettled": int, "webhook": Maybe(STANDING), "last_run": Maybe(RUN), "held_run": Maybe(RUN)}
STATUS = {"integrations": [STATE],
          "destinations": [{"company": str, "destination": str, "verdict": {"ok", "held", "failed", "paused", "new"}, "listed_at": Maybe("time"),
                            "accounts": int, "asks": int, "uninvited": int, "lapsed": int, "apart": int, "team_asks": int, "team_waits": int, "refused": int, "deleted": int, "last_run": Maybe(RUN), "held_run": Maybe(RUN)}]}
ERROR = {"error": {"name": str, "code": {"retry", "unsure", "limited", "auth", "not_found", "conflict", "invalid", "fatal"}, "text": str}}
