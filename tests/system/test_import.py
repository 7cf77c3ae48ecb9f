"""test_import.py - people arrive as they are, every edit is exactly one change, and a preview is what approving it does."""
import datetime
import json
import unicodedata
import urllib.request
from collections import Counter

from harness import Failure, check, holds, same, scenario
from truth import clean, compare, fold, lifecycle_of, overlooked, today, user_of, victims


def in_days(n):
    return (today() + datetime.timedelta(days=n)).isoformat()


def workers(hr, **like):
    """Ids of people who plainly work there: active, with all that can be had, and no end in sight."""
    return [p["id"] for p in hr.truth()
            if p["exists"] and p["status"] == "active" and not p["termination_date"] and p["email"] and p["department"] and p["office"] and
            p["supervisor"] and p["hire_date"] < in_days(-30) and all(p[k] == v for k, v in like.items())]


def listed_by_hand(hr):
    """{id: attributes} as the API gives them, asked for without rollcall."""
    def ask(path, data=None, headers=None):
        request = urllib.request.Request(hr.origin + path, data=data, headers=headers or {})
        return json.load(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30))

    token = ask("/v1/auth", b'{"client_id":"papi-sandbox","client_secret":"papi-sandbox-secret"}',
                {"Content-Type": "application/json"})["data"]["token"]
    everybody, offset = {}, 0
    while True:
        rows = ask(f"/v1/company/employees?limit=100&offset={offset}", headers={"Authorization": f"Bearer {token}"})["data"]
        if not rows:
            return everybody
        for row in rows:
            attributes = row["attributes"]
            everybody[str(attributes["id"]["value"])] = attributes
        offset += len(rows)


@scenario
def three_thousand_people_arrive_exactly_as_they_are(case):
    hr = case.sandbox(people=3000)
    company = case.company(hr)
    run = company.arrive()
    truth, people = hr.truth(), company.people()
    same(len(people), 3000)
    compare(people, truth)
    counts = run["counts"]
    same((counts["read"], counts["joiners"], counts["changed"], counts["unchanged"]), (3000, 3000, 0, 0))
    same(counts["arrived_left"], sum(lifecycle_of(p) == "left" for p in truth), "people who had left before")
    same(counts["problems"].get("no-email", 0), sum(clean(p["email"]) is None for p in truth), "people without e-mail")
    # the comparison has met what is rare
    raw = [p[k] for p in truth for k in ("first_name", "last_name") if p[k]]
    check(any(name != name.strip() for name in raw), "nobody has blanks around a name")
    check(any(name != unicodedata.normalize("NFC", name) for name in raw), "nobody has a decomposed name")
    check(any(p["email"] and p["email"] != fold(p["email"]) for p in truth), "nobody has capitals in an address")
    check({lifecycle_of(p) for p in truth} == {"expected", "active", "leave", "leaving", "left"}, "a lifecycle is not there")
    check(any(p["supervisor"] is None for p in truth) and any(p["team"] is None for p in truth), "nobody lacks anything")
    # ids of teams and pictures, which the truth does not tell
    for person, attributes in listed_by_hand(hr).items():
        department = attributes["department"]["value"]
        want = f"department:{department['attributes']['id']}" if department else None
        same(people[person]["user"]["primary_team"], want, f"team of {person}")
        same(people[person]["user"]["avatar"], attributes["profile_picture"]["value"], f"avatar of {person}")


@scenario
def importing_again_changes_nobody(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    first = company.arrive()
    before = company.people()
    code, answer = company.import_()
    same((code, answer["run"]["state"]), (0, "applied"))
    counts = answer["run"]["counts"]
    same((counts["unchanged"], counts["changed"], counts["joiners"], counts["missing"]), (300, 0, 0, 0))
    same(company.changes(answer["run"]["run"]), {})
    same(company.people(), before)
    same({p["run"] for p in before.values()}, {first["run"]}, "the run that wrote a person")


@scenario
def every_edit_is_exactly_its_change(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    company.arrive()
    some = iter(workers(hr))
    boss = workers(hr)[-1]
    others = {p["department"] for p in hr.truth()} - {None}
    end = in_days(40)
    table = [
        # what is edited; what changes: field -> new value
        ({"first_name": "Zoë"}, {"first_name": "Zoë"}),
        ({"first_name": "  Ana\u0308is \u00a0"}, {"first_name": "Anäis"}),
        ({"last_name": "Nguyễn"}, {"last_name": "Nguyễn"}),
        ({"email": "New.Address@Example.ORG"}, {"email": "new.address@example.org"}),
        ({"position": "Astronaut"}, {"job_title": "Astronaut"}),
        ({"position": None}, {"job_title": None}),
        ({"office": "Reykjavík"}, {"primary_location": "Reykjavík"}),
        ({"office": None}, {"primary_location": None}),
        ({"supervisor": boss}, {"manager": str(boss)}),
        ({"supervisor": None}, {"manager": None}),
        ({"hire_date": "2019-02-28"}, {"hire_date": "2019-02-28"}),
        ({"hire_date": in_days(3)}, {"hire_date": in_days(3), "lifecycle": "expected"}),
        ({"termination_date": end}, {"leave_date": end, "lifecycle": "leaving"}),
        ({"status": "leave"}, {"status": "leave", "lifecycle": "leave"}),
        ({"status": "inactive"}, {"status": "inactive", "lifecycle": "left"}),
        ({"department": None}, {"primary_team": None}),
        ({"department": "Ministry of Silly Walks"}, {"primary_team": "*"}),
        ({"department": sorted(others)[0], "position": "Two at once"}, {"primary_team": "*", "job_title": "Two at once"}),
        # what is not mapped
        ({"preferred_name": "Bobby"}, {}),
        ({"team": "Somewhere else"}, {}),
        ({"subcompany": "Another GmbH"}, {}),
        ({"last_working_day": end}, {}),
        # what is known stays, and the person has a problem
        ({"email": None}, {}, "no-email"),
        ({"first_name": None}, {}, "no-first-name"),
        ({"last_name": " \u00a0"}, {}, "no-last-name"),
        ({"email": "no address at all"}, {}, "bad-email"),
    ]
    for edit, want, *problems in table:
        person = next(some)
        if edit.get("department") in others:  # a move, not a stay
            person = next(p for p in some if hr.truth(p)["department"] != edit["department"])
        old = company.person(person)
        hr.edit(person, **edit)
        run = company.import_all()
        changes = company.changes(run["run"])
        same({p for p, _ in changes}, {str(person)} if want else set(), f"{edit}: who changed")
        new = {field: new for (_, field), (_, new) in changes.items()}
        if want.get("primary_team") == "*":
            check(new.get("primary_team", "").startswith("department:"), f"{edit}: the new team is {new.get('primary_team')}")
            want = {**want, "primary_team": new["primary_team"]}
        same(new, want, f"{edit}: changes")
        for (_, field), (before, _) in changes.items():
            same(before, old["lifecycle"] if field == "lifecycle" else old["user"][field], f"{edit}: old {field}")
        same(run["counts"]["changed"], 1 if want or problems else 0, f"{edit}: people changed")
        same(run["counts"]["fields"], dict.fromkeys(want, 1), f"{edit}: counted by field")
        same(company.person(person)["problems"], problems, f"{edit}: problems")
    # what only looks different
    person = next(some)
    true = hr.truth(person)
    hr.edit(person, first_name=f" {unicodedata.normalize('NFD', clean(true['first_name']))}\u200b", email=true["email"].upper())
    same(company.changes(company.import_all()["run"]), {}, "blanks, decomposition and capitals")


@scenario
def joiners_come_and_those_who_start_later_are_expected(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    company.arrive()
    now = hr.hire(first_name="Ада", last_name="Лавлейс", email="ada@example.org", hire_date=in_days(0))["id"]
    later = hr.hire(first_name="Grace", last_name="Hopper", email="grace@example.org", hire_date=in_days(20))["id"]
    code, answer = company.import_()
    same((code, answer["run"]["counts"]["joiners"], answer["run"]["counts"]["changed"]), (0, 2, 0))
    same(company.person(now)["lifecycle"], "active")
    same(company.person(later)["lifecycle"], "expected")
    same(sorted(p for p, _ in company.changes(answer["run"]["run"])), [str(now), str(later)], "one change row a joiner")
    compare(company.people(), hr.truth())
    same(company.person("ada@example.org")["person"], str(now), "found by e-mail")


@scenario
def leavers_leave_by_status_by_deletion_and_by_date(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    company.arrive()
    a, b, c, d, e = workers(hr)[:5]
    hr.edit(a, status="inactive", termination_date=in_days(-1))
    hr.remove(b)
    hr.edit(c, termination_date=in_days(-30))  # HR still says active: contradicts itself for longer than the grace
    hr.edit(d, termination_date=in_days(-2))   # within the grace
    hr.edit(e, termination_date=in_days(10))
    run = company.import_all()
    same(run["counts"]["missing"], 1)
    same(run["counts"]["gone"], 1)
    same(run["counts"]["classes"]["leavers"], 3)
    have = {p: (company.person(p)["lifecycle"], company.person(p)["rule"]) for p in (a, b, c, d, e)}
    same(have, {a: ("left", "status-inactive"), b: ("left", "not-found"), c: ("left", "end-date-passed"),
                d: ("leaving", "ended-but-active"), e: ("leaving", "end-date-known")})
    compare(company.people(), hr.truth())
    # they stay left, and are not looked up for ever
    hr.forget()
    same(company.changes(company.import_all()["run"]), {})
    same([r["path"] for r in hr.requests()["requests"] if r["route"] == "v1.employees.get"], [], "look-ups of people known to be gone")


@scenario
def leavers_who_are_no_longer_listed_are_looked_up(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    company.arrive()
    hr.switches({"list.inactive": "hidden"})
    a, b = workers(hr)[:2]
    hr.edit(a, status="inactive", termination_date=in_days(-1))
    hr.remove(b)
    run = company.import_all()
    same(run["state"], "applied")
    same(company.person(a)["lifecycle"], "left")
    same(company.person(b)["lifecycle"], "left")
    same(victims(company.people(), hr.truth()), [])
    same(overlooked(company.people(), hr.truth()), [])


@scenario
def who_comes_back_is_back(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    company.arrive()
    person = workers(hr)[0]
    true = hr.truth(person)
    hr.edit(person, status="inactive", termination_date=in_days(-20))
    company.import_all()
    same(company.person(person)["lifecycle"], "left")
    hr.edit(person, status="active", hire_date=in_days(0), termination_date=None)  # under the old id
    code, answer = company.import_()
    same((code, answer["run"]["counts"]["changed"]), (0, 1))
    same(company.person(person)["lifecycle"], "active")
    hr.edit(person, status="inactive", hire_date="2015-01-01", termination_date=in_days(-1))  # and under a new one
    again = hr.hire(first_name=true["first_name"], last_name=true["last_name"], email=true["email"], hire_date=in_days(0))["id"]
    company.import_all()
    same(company.person(person)["lifecycle"], "left")
    same(company.person(again)["lifecycle"], "active")
    same(len(company.ok("people", "show", f"acme/{true['email']}")["people"]), 2, "people with the address")
    compare(company.people(), hr.truth())
    # the old end date still stands there, before the new start
    hr.edit(person, status="active", hire_date=in_days(-1), termination_date="2020-05-31")
    company.import_all()
    same(company.person(person)["lifecycle"], "active")


@scenario
def two_with_one_address_are_both_there(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    a, b, c, d = workers(hr)[:4]
    hr.edit(a, email="Same@Example.org")
    hr.edit(b, email="same@example.org ")
    hr.edit(c, email="left@example.org", status="inactive")
    hr.edit(d, email="left@example.org")
    company.arrive()
    same(sorted(p["person"] for p in company.ok("people", "show", "acme/same@example.org")["people"]), sorted([str(a), str(b)]))
    addresses = Counter(p["user"]["email"] for p in company.people().values() if p["user"]["email"] and p["lifecycle"] != "left")
    shared = sum(n > 1 for n in addresses.values())
    check(shared >= 1)
    same(company.ok("status", "acme")["integrations"][0]["shared_email"], shared, "shared addresses in status")
    code, said = company.rollcall("import", "acme/hr", json=False)
    same(code, 0)
    holds(said, "shared-email")


@scenario
def people_without_an_address_are_there_and_named(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    company.arrive()
    without = [str(p["id"]) for p in hr.truth() if clean(p["email"]) is None]
    check(without)
    same(sorted(company.people("--problem", "no-email")), sorted(without))
    hr.edit(without[0], email="at.last@example.org")
    run = company.import_all()
    same(company.changes(run["run"]), {(without[0], "email"): (None, "at.last@example.org")})
    same(company.person(without[0])["problems"], [])
    compare(company.people(), hr.truth())


@scenario
def a_renamed_team_is_one_rename_and_nobody_changes(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    company.arrive()
    person = workers(hr)[0]
    hr.control("POST", "rename-unit", {"kind": "department", "from": hr.truth(person)["department"], "to": "Renamed & Co"})
    code, answer = company.import_()
    same((code, answer["run"]["counts"]["teams_renamed"], answer["run"]["counts"]["changed"]), (0, 1, 0))
    same(company.changes(answer["run"]["run"]), {})
    holds(company.run("people", "show", f"acme/{person}").out, "(Renamed & Co)")


@scenario
def teams_may_come_from_teams(case):
    hr = case.sandbox(people=300)
    company = case.company(hr, integration=("--team", "team"))
    company.arrive()
    people = company.people()
    compare(people, hr.truth(), unit="team")
    check(any((p["user"]["primary_team"] or "").startswith("team:") for p in people.values()))
    # another setting is a change for everybody, and asks
    company.ok("integration", "set", "acme/hr", "--team", "department")
    code, answer = company.import_()
    same((code, answer["run"]["state"]), (3, "held"))
    company.approve(answer["run"]["run"])
    compare(company.people(), hr.truth())


@scenario
def one_person_at_a_time(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    company.arrive()
    a, b, c = workers(hr)[:3]
    before = company.people()
    hr.edit(a, last_name="Newname")
    hr.edit(b, last_name="Not-yet")
    code, answer = company.import_("--person", a)
    same((code, answer["run"]["kind"], answer["run"]["state"]), (0, "person", "applied"))
    same(set(company.changes(answer["run"]["run"])), {(str(a), "last_name")})
    now = company.people()
    same({p for p in now if now[p] != before[p]}, {str(a)}, "who changed")
    # somebody new, somebody removed, somebody whom nobody knows
    new = hr.hire(first_name="Nova", last_name="Nueva", email="nova@example.org", hire_date=in_days(0))["id"]
    same(company.import_("--person", new)[0], 0)
    same(company.person(new)["lifecycle"], "active")
    hr.remove(c)
    code, answer = company.import_("--person", c)
    same((code, answer["run"]["state"], answer["run"]["counts"]["gone"]), (0, "applied", 0))
    holds(answer["run"]["reason"], "decided by the whole list")
    same(company.person(c)["lifecycle"], "active", "a credential that sees fewer people answers just so")
    company.import_()
    same(company.person(c)["lifecycle"], "left")
    same(company.import_("--person", c)[1]["run"]["counts"]["gone"], 0, "gone already")
    code, answer = company.import_("--person", 999)
    same((code, answer["error"]["name"]), (1, "person.unknown"))
    code, answer = company.import_("--person", "x/../y")
    same((code, answer["error"]["name"]), (1, "person.id"))
    code, answer = company.import_("--person", "")
    same((code, answer["error"]["name"]), (2, "misused"))
    # all of it is what a full import finds
    company.import_all()
    compare(company.people(), hr.truth())


def _life(hr, seed):
    hr.life(seed=seed, joins=4, leaves=3, notices=3, renames=5, moves=6, emails=4, managers=5, removes=3, rehires=2)


def _without_ids(people):
    """What is the same in two databases."""
    return {k: {f: v for f, v in p.items() if f not in ("user_id", "run")} for k, p in people.items()}


@scenario
def a_preview_changes_nothing_and_approving_it_is_importing(case):
    hr = case.sandbox(people=300)
    company, twin = case.company(hr), case.company(hr)
    company.arrive()
    twin.arrive()
    before = company.people()
    _life(hr, 7)
    code, answer = company.import_("--preview")
    run = answer["run"]["run"]
    same((code, answer["run"]["state"], answer["run"]["preview"]), (0, "previewed", True))
    same(company.people(), before, "the directory after a preview")
    overlay = company.people("--run", run)
    check(overlay != before, "the overlay shows nothing")
    applied = company.approve(run)
    same((applied["state"], applied["approved"]), ("applied", True))
    after = company.people()
    same(overlay, after, "overlay before, directory after")
    twin.import_all()
    same(_without_ids(after), _without_ids(twin.people()), "approved preview and import")
    compare(after, hr.truth(), known=before)


@scenario
def the_overlay_of_every_held_run_is_the_directory_after(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    code, answer = company.import_()  # the first import
    same(code, 3)
    before = {}
    for seed in range(1, 6):
        overlay = company.people("--run", answer["run"]["run"])
        same(company.people(), before, f"round {seed}: the directory before")
        company.approve(answer["run"]["run"])
        known = company.people()
        same(overlay, known, f"round {seed}")
        compare(known, hr.truth(), known=before)
        before = known
        _life(hr, seed)
        code, answer = company.import_("--preview")
        same(code, 0)


@scenario
def a_rejected_run_leaves_everything_as_it_was(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    company.arrive()
    before = company.people()
    crowd = workers(hr)[:40]
    for person in crowd:
        hr.edit(person, status="inactive", termination_date=in_days(-1))
    code, answer = company.import_()
    same((code, answer["run"]["state"]), (3, "held"))
    holds(answer["run"]["reason"], "40 people leaving", "limit for one run is 14 (5 % of 291)")
    same(company.people(), before)
    # the same again: the hold stays, and there is one
    code, again = company.import_()
    same((code, again["run"]["state"], again["run"]["other_run"]), (3, "superseded", answer["run"]["run"]))
    same([r["run"] for r in company.ok("run", "list", "acme/hr")["runs"] if r["state"] == "held"], [answer["run"]["run"]])
    same(company.rollcall("status", "acme")[0], 3, "exit code of status while something is held")
    rejected = company.reject(answer["run"]["run"])
    same((rejected["state"], rejected["decided_because"]), ("rejected", "not this one"))
    same(company.people(), before)
    code, late = company.rollcall("run", "approve", f"acme/{answer['run']['run']}", "--reason", "too late")
    same((code, late["error"]["name"]), (1, "run.not-waiting"))
    # it comes up again, and something else replaces it
    code, third = company.import_()
    same((code, third["run"]["state"]), (3, "held"))
    hr.edit(crowd[0], status="active", termination_date=None)
    code, fourth = company.import_()
    same((code, fourth["run"]["state"], fourth["run"]["other_run"]), (3, "held", third["run"]["run"]))
    same(company.ok("run", "show", f"acme/{third['run']['run']}")["run"]["state"], "superseded")
    company.approve(fourth["run"]["run"])
    compare(company.people(), hr.truth())


@scenario
def what_adds_up_over_a_day_is_held_too(case):
    hr = case.sandbox(people=100)
    company = case.company(hr)
    company.arrive()
    left = iter(workers(hr))
    seen = []
    for _ in range(4):  # three a run are allowed, five in 24 hours
        for person in (next(left), next(left)):
            hr.edit(person, status="inactive", termination_date=in_days(-1))
        code, answer = company.import_()
        seen.append((code, answer["run"]["state"]))
        if code == 3:
            holds(answer["run"]["reason"], "24")
            break
    same(seen, [(0, "applied"), (0, "applied"), (3, "held")])


@scenario
def a_person_run_goes_on_beside_a_held_run_and_is_named_when_it_is_approved(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    company.arrive()
    crowd = workers(hr)[:30]
    for person in crowd:
        hr.edit(person, last_name=f"Held-{person}")
    code, answer = company.import_()
    same((code, answer["run"]["state"]), (3, "held"))
    hr.edit(crowd[3], last_name="Moved-on")
    same(company.import_("--person", crowd[3])[1]["run"]["state"], "applied")
    same(company.person(crowd[3])["user"]["last_name"], "Moved-on")
    applied = company.approve(answer["run"]["run"])
    same(applied["counts"]["left_out"], 1)
    same(company.person(crowd[3])["user"]["last_name"], "Moved-on", "never replaced by something older")
    same(company.person(crowd[4])["user"]["last_name"], f"Held-{crowd[4]}")
    company.import_all()
    compare(company.people(), hr.truth())


@scenario
def a_year_in_weeks_ends_where_the_truth_is(case):
    hr = case.sandbox(people=400, seed=11)
    company = case.company(hr)
    company.arrive()
    known = company.people()
    for week in range(12):
        _life(hr, 100 + week)
        run = company.import_all()
        people = company.people()
        compare(people, hr.truth(), known=known)
        same(victims(people, hr.truth()), [])
        same(overlooked(people, hr.truth()), [])
        same(run["counts"]["read"], sum(p["exists"] for p in hr.truth()), f"people read in week {week}")
        known = people


@scenario
def readable_fields_that_vanish_are_kept_and_told(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    company.arrive()
    before = company.people()
    usual = ["first_name", "last_name", "email", "status", "supervisor", "department", "hire_date", "termination_date"]
    hr.credential(attributes=usual)  # no position, office, profile_picture
    code, answer = company.import_()
    if code == 1:
        raise Failure(f"refused: {answer}")
    same(answer["run"]["counts"]["changed"], 0, "people changed")
    check(answer["run"]["counts"]["vanished"].get("job_title", 0) > 250, lambda: f"vanished: {answer['run']['counts']['vanished']}")
    same(company.people(), before)
    same(user_of(hr.truth(int(next(iter(before)))))["first_name"], next(iter(before.values()))["user"]["first_name"])
