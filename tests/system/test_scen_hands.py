"""test_scen_hands.py - docs/scenarios.md, 68, 75 and 76, and what else somebody does by hand: looking before, stopping, taking back,
linking."""
import time

from harness import check, holds, same
from scenes import LearnAmp, Scene, day, scene, snapshot, unharmed


@scene(68, "a dry run says every call with old and new values, makes none, and the real run makes those")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(), s.hire()
    s.sync()
    s.edit(ana, position="Foreman")
    s.edit(ben, status="inactive")
    cem = s.hire(department="Choir")
    before = snapshot(s)
    people = s.company.people()
    said = s.sync("--preview")
    unharmed(s, before)
    same(s.company.people(), people, "the directory")
    run = said["deliveries"][0]["run"]["run"]
    planned = {(c["verb"], c["person"]): c for c in s.calls_of(run)}
    same(set(planned), {("create", None), ("update", str(ana)), ("create", str(cem)), ("deactivate", str(ben))})
    field, = planned["update", str(ana)]["plan"]["fields"]
    same((field["field"], field["from"], field["to"]), ("job_title", "Welder", "Foreman"))
    text = s.company.run("run", "show", f"acme/{run}").out
    holds(text, "job_title: Welder -> Foreman", "Choir")
    s.approve(run)
    same(sorted(route for route, _ in s.there.writes()), ["teams.create", "users.create", "users.deactivate", "users.update"])
    same({c["state"] for c in s.calls_of(run)}, {"done"})
    same((s.team(cem), s.is_open(ben)), ("Choir", False))
    s.shows(ana, jobTitle="Foreman")
    s.quiet()


@scene(68, "who waits for an account that the run makes or moves is told like everybody, once, with all old and new values")
def _(case):
    s = Scene(case)
    ana, ben, cem, dan = s.hire(), s.hire(), s.hire(), s.hire()
    s.sync()
    mia = s.hire()
    eve = s.hire(supervisor=mia)
    s.edit(ana, supervisor=mia)
    s.edit(ben, supervisor=mia, position="Foreman")
    s.edit(cem, email="cem@nordkap.example")
    s.edit(dan, email="neo3@nordkap.example")  # which cem gives up
    s.import_()
    said = s.deliver("--preview")
    run = said["run"]["run"]
    same({(e["verb"], e["of"]): e["planned"] for e in said["effects"]}, {("create", "people"): 2, ("update", "people"): 4})

    def lines(*arguments):
        text = s.company.run("run", "show", f"acme/{run}", *arguments).out
        found = {p: [line for line in text.splitlines() if line.startswith(f"    {p} ")] for p in (ana, ben, cem, dan, eve, mia)}
        same({len(f) for f in found.values()}, {1}, text)
        return {p: f[0] for p, f in found.items()}

    told = lines("--all")
    holds(told[ana], " manager: ")
    holds(told[ben], "job_title: Welder -> Foreman; then manager: ")
    holds(told[dan], "email: neo4@nordkap.example -> neo3@nordkap.example")
    holds(told[eve], "; then manager: ")
    same("; then " in told[mia] + told[ana] + told[dan], False)
    s.there.fault("users.update", "status", status=400)
    text = s.company.run("run", "approve", f"acme/{run}", "--reason", "looked through").out
    holds(text, "2 accounts made", "0 accounts updated", "not done, and why", f"    {eve} ")
    told = lines()
    holds(told[ana], "[failed]")
    holds(told[eve], "; then manager: ", "[failed]")
    check("[failed]" not in told[mia], told[mia])


@scene(75, "switched off: accounts stay as they are, and nobody is closed")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(), s.hire()
    s.sync()
    before = snapshot(s)
    s.company.ok("destination", "pause", "acme/la", "--because", "a move")
    s.edit(ana, status="inactive")
    code, said = s.company.rollcall("sync", "acme/hr")
    same(code, 1)
    holds(said["error"]["text"], "paused")
    s.days(2)
    same(s.company.rollcall("deliver", "acme/la")[0], 1)
    unharmed(s, before)
    s.company.ok("destination", "resume", "acme/la")
    s.deliver()
    same(s.is_open(ana), False)
    guest = s.there.put(firstName="Gudrun", lastName="Guest", email="guest@elsewhere.example", status="confirmed")
    s.deliver("--inventory")
    s.company.ok("accounts", "ignore", "acme/la", str(guest))
    before = snapshot(s)
    asked = s.company.run("destination", "remove", "acme/la")
    same(asked.code, 2)
    holds(" ".join(asked.err.split()), "also that 1 is left alone or not whose it seems")
    s.company.ok("destination", "remove", "acme/la", "--confirm", "la")
    s.edit(ben, status="inactive")
    s.company.import_all()
    unharmed(s, before)
    # connected again, its accounts are known by the ids that they carry, or by their addresses; first of all somebody is asked
    s.connect()
    prefix = s.company.ok("destination", "show", "acme/la")["destination"]["prefix"]
    s.deliver()
    same(s.code(ana), "gone-without-account")
    s.told(s.boss, "other-connector")
    unharmed(s, before)
    old = next(a["integrationExternalId"].partition(":")[0] for a in before.values() if (a["integrationExternalId"] or "").endswith(f":{ana}"))
    check(old != prefix, "another installation has the same prefix")
    s.policy(f"adopt-prefix={old}:")
    code, said = s.company.rollcall("deliver", "acme/la")
    same(code, 3, f"{said}")
    unharmed(s, before)
    mails = len(s.there.mails())
    s.approve(said["run"]["run"])
    # its teams carry another's ids and are left alone
    s.told(s.boss, "not-available", "primary_team")
    now = s.there.control("GET", f"truth/{s.row(s.boss)['account']}")
    same((now["integrationExternalId"], len(s.there.mails()), len(s.accounts(email=now["email"]))), (f"{prefix}:hr:{s.boss}", mails, 1))


@scene(68, "who looks at a delivery that was killed sends nothing of it; rejecting ends it, and delivering goes on with it")
def _(case):
    s = Scene(case, people=60)
    people = [p["id"] for p in s.hr.truth() if p["status"] == "active" and p["email"] and s.accounts(p["id"])]
    for person in people:
        s.edit(person, position="Foreman")
    s.company.import_all()
    for how in ("rejected", "gone on with"):
        sent, mails = len(s.there.writes()), len(s.there.mails())
        s.company.ok("destination", "set", "acme/la", "--set", "max-per-second=1")  # one lane
        s.there.fault("users.update", "slow", ms=400)
        one = s.company.start("--json", "deliver", "acme/la")
        until = time.monotonic() + 20
        while len(s.there.writes()) < sent + 2 and time.monotonic() < until:
            time.sleep(0.05)
        one.kill()
        one.communicate()
        s.there.no_faults()
        s.company.ok("destination", "set", "acme/la", "--set", "max-per-second=0")
        time.sleep(1)  # the call that was out
        sent = len(s.there.writes())
        run = s.company.ok("run", "list", "acme/la")["runs"][0]
        same(run["state"], "passed")
        for looks in (("deliver", "acme/la"), ("sync", "acme/hr"), ("undo", f"acme/{run['run']}")):
            for options in ((), ("--preview",)) if looks[0] == "undo" else (("--preview",),):
                code, said = s.company.rollcall(*looks, *options)
                same((code, said["error"]["name"]), (1, "delivery.interrupted"), f"{looks}")
        same((len(s.there.writes()), len(s.there.mails())), (sent, mails), "calls and mails by looking")
        same([d["verdict"] for d in s.company.ok("status")["destinations"]], ["interrupted"])
        holds(s.company.run("status").out, "was interrupted while it was carried out", "run reject")
        holds(s.company.run("run", "show", f"acme/{run['run']}").out, "rollcall deliver acme/la", "rollcall run reject")
        if how == "rejected":
            s.company.ok("run", "reject", f"acme/{run['run']}", "--reason", "the wrong title")
            same(len(s.there.writes()), sent, "calls by rejecting")
            states = {c["state"] for c in s.calls_of(run["run"])}
            check("dropped" in states and states <= {"done", "unsure", "dropped"}, f"{states}")
            same([d["verdict"] for d in s.company.ok("status")["destinations"]], ["failed"])
            same(s.company.rollcall("deliver", "acme/la", "--preview")[0], 0)
    said = s.company.ok("deliver", "acme/la")
    same((said["run"]["run"], said["run"]["state"]), (run["run"], "applied"), "it says what it has gone on with")
    for person in people:
        s.shows(person, jobTitle="Foreman")
    same(len(s.there.mails()), mails)
    s.quiet()


@scene(75, "a platform that is paused while a delivery is under way gets no more calls")
def _(case):
    s = Scene(case, people=60)
    people = [p["id"] for p in s.hr.truth() if p["status"] == "active" and p["email"] and s.accounts(p["id"])]
    check(len(people) > 40, f"only {len(people)} people")
    for person in people:
        s.edit(person, position="Foreman")
    s.company.import_all()
    s.company.ok("destination", "set", "acme/la", "--set", "max-per-second=1")  # one lane
    s.there.fault("users.update", "slow", ms=400)
    one = s.company.start("--json", "deliver", "acme/la")
    until = time.monotonic() + 20
    while not s.there.writes() and time.monotonic() < until:
        time.sleep(0.05)
    s.company.ok("destination", "pause", "acme/la")
    out, _ = one.communicate(timeout=60)
    same(one.returncode, 1)
    holds(out.decode(), "paused")
    s.there.no_faults()
    sent = len(s.there.writes())
    check(0 < sent < len(people), f"{sent} of {len(people)} calls were made")
    s.company.ok("destination", "set", "acme/la", "--set", "max-per-second=0")
    s.company.ok("destination", "resume", "acme/la")
    s.deliver()
    for person in people:
        s.shows(person, jobTitle="Foreman")
    same(len(s.there.writes()), len(people), "calls altogether")


@scene(76, "what was undone stays undone until HR states another value, or somebody lets go of it")
def _(case):
    s = Scene(case)
    ana = s.hire(position="Welder")
    s.sync()
    s.edit(ana, position="Foreman")
    run = s.sync()["deliveries"][0]["run"]["run"]
    s.shows(ana, jobTitle="Foreman")
    code, said = s.company.rollcall("undo", f"acme/{run}")
    same(code, 3, f"{said}")
    s.shows(ana, jobTitle="Foreman")  # it waits for a person
    code, status = s.company.rollcall("status")
    same((code, [d["held_run"]["run"] for d in status["destinations"]]), (3, [said["run"]["run"]]))
    holds(s.company.run("status").out, f"would undo what run {run} did")
    s.approve(said["run"]["run"])
    s.shows(ana, jobTitle="Welder")
    for _ in range(3):
        s.sync()
        s.shows(ana, jobTitle="Welder")
    same([pin["field"] for pin in s.company.ok("pin", "list", "acme/la")["pins"]], ["job_title"])
    s.company.ok("pin", "release", "acme/la", ana)
    s.sync()
    s.shows(ana, jobTitle="Foreman")


@scene(76, "an account that an undo keeps open is closed once HR states that the person left by something else than what was undone")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(office="Nowhere"), s.hire()
    s.sync()
    s.map('exclude when office == "Nowhere" because "contractor"\n')

    def undone(run):
        s.approve(s.company.rollcall("undo", f"acme/{run}")[1]["run"]["run"])
    undone(s.deliver()["run"]["run"])
    s.edit(ben, status="inactive")
    undone(s.sync()["deliveries"][0]["run"]["run"])
    for _ in range(3):
        s.days(1)
        s.sync()
        for person in (ana, ben):
            s.told(person, "opened-by-undo", "has undone")
            check(s.is_open(person), "closed by the same statement")
    s.edit(ana, termination_date=day(5))
    s.sync()
    same(s.told(ana, "opened-by-undo")["due_on"], day(6), "the day after the end date")
    s.edit(ana, termination_date=None, status="inactive")
    s.sync()
    same((s.is_open(ana), s.code(ana), s.is_open(ben)), (False, "closed", True))
    same([pin["person"] for pin in s.company.ok("pin", "list", "acme/la")["pins"]], [str(ben)])
    s.quiet()
    s.edit(ben, termination_date=day(2))
    s.sync()
    same((s.is_open(ben), s.code(ben)), (False, "closed"))
    same(s.company.ok("pin", "list", "acme/la")["pins"], [])
    s.quiet()


@scene(19, "who waits for an address that is not going to be given up is told whose it is, and why")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(first_name="Ana", email="ana@nordkap.example"), s.hire(first_name="Ben", email="ben@nordkap.example")
    s.sync()
    s.edit(ana, email="ana2@nordkap.example")
    run = s.sync()["deliveries"][0]["run"]["run"]
    s.approve(s.company.rollcall("undo", f"acme/{run}")[1]["run"]["run"])
    s.shows(ana, email="ana@nordkap.example")
    joi = s.hire(first_name="Joi", email="ana@nordkap.example")
    s.sync()
    s.told(joi, "email-taken", f"account {s.account(ana)['id']}", "ana2@nordkap.example", "undone")
    check("email-taken" in {a["code"] for a in s.rows("--waits")})
    holds(s.company.run("people", "why", f"acme/{joi}").out, "which keeps it", "rollcall pin release")
    same(s.accounts(email="ana@nordkap.example"), [s.account(ana)])
    s.company.ok("pin", "release", "acme/la", ana)
    s.sync()
    s.deliver()
    s.shows(ana, email="ana2@nordkap.example")
    s.shows(joi, email="ana@nordkap.example")
    s.policy("owner-email=never")
    s.edit(ben, email="ben2@nordkap.example")
    s.sync()
    bea = s.hire(first_name="Bea", email="ben@nordkap.example")
    s.sync()
    s.told(bea, "email-taken", "owner-email", "ben2@nordkap.example")
    s.policy("owner-email=hr")
    s.deliver()
    s.deliver()
    s.shows(ben, email="ben2@nordkap.example")
    s.shows(bea, email="ben@nordkap.example")


@scene(0, "accounts that HR does not know are listed, and linked, left alone or closed by name and count, never by themselves")
def _(case):
    s = Scene(case, people=6, begins=False)
    was_there = s.there.put(firstName="Left", lastName="Before", email="left.before@nordkap.example")
    other = s.there.put(firstName="Also", lastName="Gone", email="also.gone@nordkap.example")
    robot = s.there.put(firstName="Lesson", lastName="Robot", email="robot@nordkap.example")
    s.begin()
    ana = s.hire(first_name="Ana", last_name="Marr", email="ana.marr@nordkap.example")
    hers = s.there.put(firstName="Ana", lastName="Marr", email="ana@private.example")
    s.company.import_all()
    said = s.company.rollcall("accounts", "link", "acme/la", str(hers), str(ana))
    holds(said[1]["error"]["text"], "deliver --inventory")  # made since the last inventory
    s.deliver("--preview", "--inventory")
    unmatched = {int(a["account"]) for a in s.rows("--unmatched")}
    check({was_there, other, robot, hers} <= unmatched, f"listed: {unmatched}")
    s.company.ok("accounts", "link", "acme/la", str(hers), str(ana))
    s.company.ok("accounts", "ignore", "acme/la", str(robot))
    s.there.forget()
    for wrong in ("1", "3", "-2", "two"):
        code, _ = s.company.rollcall("accounts", "close", "acme/la", str(was_there), str(other), "--confirm", wrong)
        check(code in (1, 2), f"--confirm {wrong} ended with {code}")
    same(s.there.writes(), [], "calls without the right count")
    code, said = s.company.rollcall("accounts", "close", "acme/la", str(robot), "--confirm", "1")
    same(code, 1, f"one that is left alone was closed: {said}")
    s.there.change(other, role="admin")
    code, said = s.company.rollcall("accounts", "close", "acme/la", str(other), "--confirm", "1")
    same(code, 1, f"one that has become an admin since was closed: {said}")
    s.there.change(other, role="viewer", email="ana.marr@nordkap.example")
    code, said = s.company.rollcall("accounts", "close", "acme/la", str(other), "--confirm", "1")
    same(code, 1, f"one that has become that of somebody who works here was closed: {said}")
    s.there.change(other, email="also.gone@nordkap.example")
    s.company.ok("accounts", "close", "acme/la", str(was_there), str(other), "--confirm", "2")
    same([route for route, _ in s.there.writes()], ["users.deactivate"] * 2)
    states = {a["id"]: a["status"] for a in s.there.everybody()}
    same((states[was_there], states[other], states[robot]), ("deactivated", "deactivated", "not_invited"))
    s.sync()
    same(s.there.control("GET", f"truth/{hers}")["email"], "ana.marr@nordkap.example")
    same(len(s.accounts(email="ana.marr@nordkap.example")), 1)
    s.quiet()


@scene(0, "a link by hand names both sides, asks before it does harm, and is taken back: then nothing happens to the account")
def _(case):
    s = Scene(case)
    ana = s.hire(first_name="Ana", last_name="Alt", email="ana@nordkap.example")
    gone = s.hire(first_name="Noel", last_name="Marchand", status="inactive", termination_date=day(-5))
    wrong = s.there.put(firstName="Noel", lastName="Marchand", email="noel@partners.example", status="confirmed")
    boss = s.there.put(firstName="Ana", lastName="Alt", email="boss@partners.example", role="admin", status="confirmed")
    s.company.import_all()
    s.deliver("--preview", "--inventory")
    for account, person, words in ((wrong, ana, ("Noel Marchand", "noel@partners.example", f"Ana Alt ({ana})", "another name", "is renamed (Ana Alt)", "gets the address ana@nordkap.example")),
                                   (boss, ana, ("boss@partners.example", "is protected")), (wrong, gone, (f"Noel Marchand ({gone})", "gone from HR", "is closed"))):
        code, said = s.company.rollcall("accounts", "link", "acme/la", str(account), str(person))
        same((code, said["error"]["name"]), (1, "account.confirm"))
        holds(said["error"]["text"], "--confirm", *words)
    before = s.there.control("GET", f"truth/{wrong}")
    said = s.company.ok("accounts", "link", "acme/la", str(wrong), str(ana), "--confirm")
    same((said["account_name"], said["account_email"], said["person_name"]), ("Noel Marchand", "noel@partners.example", "Ana Alt"))
    s.sync()
    same(s.there.control("GET", f"truth/{wrong}")["lastName"], "Alt", "what was confirmed was done")
    s.there.change(wrong, firstName=before["firstName"], lastName=before["lastName"], email=before["email"])
    same(s.company.ok("accounts", "unlink", "acme/la", str(wrong))["person"], str(ana))
    s.there.forget()
    s.deliver("--inventory")
    same(s.code(ana), "unlinked")
    s.company.ok("accounts", "ignore", "acme/la", str(wrong), "--no-longer")  # it still has our id: even so it is nobody's
    s.deliver("--inventory")
    s.deliver("--inventory")
    same((s.code(ana), s.there.writes()), ("unlinked", []))
    right = s.there.put(firstName="Ana", lastName="Alt", email="ana@private.example", status="confirmed")
    s.deliver("--inventory")
    s.company.ok("accounts", "link", "acme/la", str(right), str(ana))
    s.sync()
    same(s.there.control("GET", f"truth/{right}")["email"], "ana@nordkap.example")
    s.edit(ana, status="inactive")
    s.sync()
    states = {a["id"]: (a["status"], a["email"]) for a in s.there.everybody()}
    same((states[right][0], states[wrong]), ("deactivated", ("confirmed", before["email"])))
    s.quiet()


@scene(0, "what was edited by hand and is not HR's to say is shown, and stays")
def _(case):
    s = Scene(case, policy=["owner-job_title=never"])
    ana = s.hire()
    s.sync()
    account = s.account(ana)["id"]
    s.there.change(account, jobTitle="Chief Welder")
    s.there.forget()
    s.deliver("--inventory")
    same(s.there.writes(), [])
    s.shows(ana, jobTitle="Chief Welder")
    holds(s.row(ana)["text"], "Chief Welder")
    holds(s.company.run("people", "why", f"acme/{ana}").out, "Chief Welder", "Welder")
    s.policy("owner-job_title=hr")
    s.deliver()
    s.shows(ana, jobTitle="Welder")


@scene(0, "a destination that is pointed at another customer's platform touches nobody there, and goes on once it is pointed back")
def _(case):
    s = Scene(case, people=6)
    leaver, married, joiner = s.hire(), s.hire(), None
    s.sync()
    other = case.stack.enter_context(LearnAmp(6, 75, "--accounts", "0"))
    for i in range(12):
        other.put(email=f"theirs{i}@elsewhere.example", firstName=f"Their{i}", lastName="Own", status="confirmed")
    theirs = {a["id"]: a for a in other.everybody()}
    check(str(s.account(leaver)["id"]) in map(str, theirs), "the ids there are others' here")
    other.forget()
    s.edit(leaver, status="inactive")
    s.edit(married, last_name="Married")
    joiner = s.hire()
    s.company.ok("destination", "set", "acme/la", "--set", f"base-url={other.origin}")
    code, answer = s.company.rollcall("sync", "acme/hr")
    same((code, answer["error"]["name"]), (1, "destination.another"))
    holds(answer["error"]["text"], "another customer's")
    same((other.writes(), {a["id"]: a for a in other.everybody()}, other.mails()), ([], theirs, []))
    holds(s.company.run("status", "acme").out, "it is another platform")
    same(s.company.rollcall("accounts", "close", "acme/la", "1010", "--confirm", "1")[0] != 0, True)
    same(other.writes(), [])
    s.company.ok("destination", "set", "acme/la", "--set", f"base-url={s.there.origin}")
    s.sync()
    check(not s.is_open(leaver), "closed")
    same(s.account(married)["lastName"], "Married")
    same(len(s.mails(joiner)), 1)
    same(other.writes(), [])


@scene(0, "an account that somebody deleted on the platform is told as that, and not as refused")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(), s.hire()
    s.sync()
    gone = s.account(ana)["id"]
    s.there.delete(gone)
    s.edit(ana, position="Cook")
    s.edit(ben, position="Cook")
    s.sync()
    said = s.company.run("status", "acme").out
    holds(said, "1 account that the last delivery was to change was deleted on the platform by somebody", "A person is asked about one account")
    check("refused" not in said, said)
    there = s.company.ok("status", "acme")["destinations"][0]
    same((there["refused"], there["deleted"], there["asks"]), (0, 1, 1))
    s.told(ana, "deleted-there", gone)
    s.shows(ben, jobTitle="Cook")
    s.resolve(ana, "create")
    s.sync()
    same(s.company.ok("status", "acme")["destinations"][0]["deleted"], 0)
    same(len(s.accounts(ana)), 1)
    same(len(s.mails(ana)), 1)


@scene(0, "what somebody decides about a run on the command line is on record, as it is by the API")
def _(case):
    s = Scene(case)
    first = [e["what"] for e in s.company.ok("audit", "list", "acme")["entries"]]
    check("run 1 approved" in first and "run 2 approved" in first, first)
    ana = s.hire()
    s.company.import_all()
    run = s.deliver("--preview")["run"]["run"]
    s.company.ok("run", "reject", f"acme/{run}", "--reason", "not now")
    said = s.company.rollcall("run", "reject", f"acme/{run}", "--reason", "not now")
    same((said[0], said[1]["error"]["name"]), (1, "run.not-waiting"))
    last = s.company.ok("audit", "list", "acme")["entries"]
    same([e["what"] for e in last if e["what"].startswith(f"run {run} ")], [f"run {run} rejected"])
    holds(last[0]["who"], "on the command line")
    same(s.accounts(ana), [])
