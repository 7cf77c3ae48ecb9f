"""truth.py - what the directory has to say, worked out here a second time from the sandbox's truth.

user_of() and lifecycle_of() know the default mapping and the words of the lifecycle; compare() holds a whole directory against
the truth; victims() names those whom the directory calls gone although they work there. outcome() says in a word how an import
ended under something odd, and fails where the directory is wrong.
"""
import datetime
import unicodedata
import zoneinfo

from harness import Failure, check, same

FIELDS = ("first_name", "last_name", "email", "job_title", "avatar", "primary_location", "primary_team", "manager", "hire_date",
          "leave_date", "status")
KEPT_WHEN_EMPTY = ("first_name", "last_name", "email", "status")
GRACE_DAYS = 7
_TRIMMED = "".join(map(chr, [*range(9, 14), 32, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200C), 0x2028, 0x2029, 0x202F, 0x205F, 0x2060,
                             0x3000, 0xFEFF]))


def today(zone="Europe/Berlin"):
    return datetime.datetime.now(zoneinfo.ZoneInfo(zone)).date()


def clean(text):
    """Trimmed and NFC; nothing left is None."""
    return unicodedata.normalize("NFC", text.strip(_TRIMMED)) or None if text else None


def fold(text):
    """A-Z to a-z and nothing else."""
    return text and "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


def user_of(person):
    """The fields that follow from the truth alone; team key and avatar need ids and addresses that it does not tell."""
    return {
        "first_name": clean(person["first_name"]),
        "last_name": clean(person["last_name"]),
        "email": fold(clean(person["email"])),
        "job_title": clean(person["position"]),
        "primary_location": clean(person["office"]),
        "manager": str(person["supervisor"]) if person["supervisor"] is not None else None,
        "hire_date": person["hire_date"],
        "leave_date": person["termination_date"],
        "status": person["status"],
    }


def lifecycle_of(person, day=None):
    day = day or today()
    hire, end = (datetime.date.fromisoformat(d) if d else None for d in (person["hire_date"], person["termination_date"]))
    again = hire is not None and end is not None and hire > end
    if not person["exists"] or person["status"] == "inactive":
        return "left"
    known = person["status"] in ("onboarding", "active", "leave")
    if end is not None and end < day and not (again and known) and (not known or (day - end).days > GRACE_DAYS):
        return "left"
    if hire is not None and hire > day:
        return "expected"
    if person["status"] == "onboarding" and hire is None:
        return "expected"
    if end is not None and not again:
        return "leaving"
    return "leave" if person["status"] == "leave" else "active"


def compare(people, everybody, known=None, unit="department", unread=False):
    """people: Company.people(); everybody: Sandbox.truth(); known: the directory before, for values that stay when HR has none;
    unread: fields may be missing from a person, as never read.

    Raises a Failure that names the first differences; returns {name of a unit: team key}.
    """
    wrong = []
    keys, names = {}, {}
    everybody = {str(p["id"]): p for p in everybody}
    for person in set(people) - set(everybody):
        wrong.append(f"{person} is in the directory and nowhere else")
    for person, true in everybody.items():
        have = people.get(person)
        if have is None:
            if true["exists"]:
                wrong.append(f"{person} is not in the directory")
            continue
        if have["lifecycle"] != lifecycle_of(true) and not (unread and "status" not in have["user"]):
            wrong.append(f"{person} is {have['lifecycle']} ({have['rule']}), not {lifecycle_of(true)}")
        if not true["exists"]:
            continue  # what was last known stays
        before = (known or {}).get(person, {}).get("user", {})
        for field, want in user_of(true).items():
            if want is None and field in KEPT_WHEN_EMPTY:
                want = before.get(field)
            if field not in have["user"] and unread:
                continue
            if field not in have["user"] or have["user"][field] != want:
                wrong.append(f"{person}: {field} is {have['user'].get(field, 'missing')!r}, not {want!r}")
        if "primary_team" not in have["user"]:
            if not unread:
                wrong.append(f"{person}: the team is missing")
            continue
        key, name = have["user"]["primary_team"], clean(true[unit])
        if (key is None) != (name is None) or keys.setdefault(name, key) != key or names.setdefault(key, name) != name:
            wrong.append(f"{person}: {unit} {name!r} is team {key!r}, but {keys.get(name)!r} for others")
    if wrong:
        raise Failure(f"{len(wrong)} differences: " + "; ".join(wrong[:6]))
    return keys


def victims(people, everybody):
    """Those who are absent or left in the directory although they are employed or still to come."""
    true = {str(p["id"]): p for p in everybody}
    return [f"{person} is {have['lifecycle']} ({have['rule']}), not {lifecycle_of(true[person])}"
            for person, have in people.items()
            if have["lifecycle"] in ("left", "absent") and person in true and lifecycle_of(true[person]) != "left"]


def overlooked(people, everybody):
    """Those who have left in truth and whom the directory still takes for employed."""
    true = {str(p["id"]): p for p in everybody}
    return [person for person, have in people.items()
            if have["lifecycle"] not in ("left", "absent") and person in true and lifecycle_of(true[person]) == "left"]


# ---- imports under something odd ----

RIGHT = "right"              # the directory is the truth
PART = "right, in part"      # what is there is right; who was not listed is not there, what could not be read is missing
SAID = "as HR says"          # HR states something else than the truth, and nothing shows it
WAIT = "right, leavers wait"  # right but for people who have left in truth: not settled this time
HELD = "held"                # nothing changed: a person is asked
CUT = "listing.incomplete"   # nothing changed: refused by this name
OTHER = "listing.other-account"
NO_PEOPLE = "no-people"      # a first import checks the credential before it reads
NO_TOTAL = "no-total"
ANSWER = "personio.answer"
RIGHT_MISSING = "personio.right"


def outcome(company, hr, known, code, answer, as_said=None):
    """One of the words above, or the name of an error. A wrong directory is a Failure.

    known: the directory before; as_said(truth, people): what HR states instead of the truth.
    """
    people, truth = company.people(), hr.truth()
    if code == 1:
        same(people, known, "the directory after a refusal")
        check(answer["error"]["name"] and len(answer["error"]["text"]) > 20, lambda: f"refused without words: {answer}")
        return answer["error"]["name"]
    if code == 3:
        same(people, known, "the directory while a run is held")
        return HELD
    same(code, 0)
    if as_said is not None:
        compare(people, as_said(truth, people), known=known)
        return SAID
    same(victims(people, truth), [], "wrongly gone")
    try:
        compare(people, truth, known=known)
        return RIGHT
    except Failure as found:
        try:
            compare(people, [p for p in truth if str(p["id"]) in people], known=known, unread=not known)
            return PART
        except Failure:
            left = {str(p["id"]) for p in truth if lifecycle_of(p) == "left"}
            compare({k: v for k, v in people.items() if k not in left}, [p for p in truth if str(p["id"]) not in left], known=known)
            check(overlooked(people, truth) or any(p["lifecycle"] == "absent" for p in people.values()), str(found))
            return WAIT


def much_to_find(hr, n=0):
    """Joiners, leavers of each kind, changes: all within the guard's limits. n: how often this was called before."""
    def day(days):
        return (today() + datetime.timedelta(days=days)).isoformat()

    who = iter([p["id"] for p in hr.truth() if p["exists"] and p["status"] == "active" and not p["termination_date"] and p["email"] and
                p["supervisor"] and p["hire_date"] < day(-30)])
    # Only one of those whom HR calls working may be gone at once; more of those whose end is stated, or who have not begun.
    announced = [p["id"] for p in hr.truth() if p["exists"] and lifecycle_of(p) in ("leaving", "expected")]
    hr.remove(next(who))
    another = next(who)
    hr.remove(announced[0] if announced else another)
    hr.edit(next(who), status="inactive", termination_date=day(-1))
    hr.edit(next(who), last_name=f"Änderung {n}", position=f"Lion tamer {n}")
    hr.edit(next(who), email=f"other.{n}@example.org")
    hr.edit(next(who), office=f"Reykjavík {n}")
    for i in range(3):
        hr.hire(first_name="Nova", last_name=f"Neu {n}", hire_date=day(0), email=f"new.{n}.{i}@example.org")
