"""test_scen_safety.py - docs/scenarios.md, 56 to 74: what goes wrong on the way, on either side, and whom it must not harm."""
import json
import os
import signal
import time

from harness import check, holds, same
from scenes import SCOPES, LearnAmp, Scene, coverage, day, scene, snapshot, unharmed


@scene(0, "every scenario of the list is shown here, or is known to need the daemon")
def _(case):
    lines, missing = coverage()
    for line in lines:
        case.note(line)
    same(missing, [], "scenarios that nobody shows")


@scene(56, "when most people vanish from HR's list the import waits for a person, and nobody is deactivated")
def _(case):
    s = Scene(case, people=30)
    before = snapshot(s)
    s.hr.switches({"list.half": "on"})
    said = s.company.rollcall("sync", "acme/hr")
    check(said[0] in (1, 3), f"{said}")
    s.deliver()
    s.days(2)
    s.deliver()
    unharmed(s, before)
    s.hr.switches({"list.half": None})
    s.hr.credential(sees={"percent": 80})
    check(s.company.rollcall("sync", "acme/hr")[0] in (1, 3))
    s.deliver()
    unharmed(s, before)


@scene(57, "when HR fails in mid-import its list is thrown away, and nobody is touched")
def _(case):
    s = Scene(case)
    ana = s.hire()
    s.sync()
    before = snapshot(s)
    s.edit(ana, status="inactive")
    s.hr.fault("v1.employees.list", "status", status=500, after=1)
    code, said = s.company.rollcall("sync", "acme/hr")
    same(code, 1)
    holds(said["error"]["text"], "500")
    s.deliver()
    unharmed(s, before)
    s.hr.no_faults()
    s.sync()
    same(s.is_open(ana), False)


@scene(58, "an empty list of HR's touches nobody")
def _(case):
    s = Scene(case, people=12)
    before = snapshot(s)
    s.hr.switches({"list.empty": "on"})
    same(s.company.rollcall("sync", "acme/hr")[0], 1)
    s.deliver()
    s.days(3)
    s.deliver()
    unharmed(s, before)


@scene(59, "absence that nothing confirms closes nobody; confirmed, it closes after the days of grace")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(), s.hire()
    s.sync()
    s.hr.remove(ana)
    s.sync()
    row = s.told(ana, "grace")
    same((row["due_on"], s.is_open(ana)), (day(1), True))
    s.days(1)
    s.sync()
    same((s.is_open(ana), s.code(ana)), (False, "closed"))
    s.hr.remove(ben)
    s.hr.fault("v1.employees.get", "status", status=500)
    s.sync()
    s.days(2)
    s.sync()
    same((s.company.person(ben)["lifecycle"], s.told(ben, "stays-by-setting", "close-absent")["waits"]), ("absent", "setting"))
    check(s.is_open(ben), "closed by silence")


@scene(59, "HR's word that it does not know somebody waits its own day, however long they had been absent or inactive")
def _(case):
    s = Scene(case, policy=["close-status=5"])
    ana, ben = s.hire(), s.hire()
    s.sync()
    s.hr.remove(ana)
    s.hr.fault("v1.employees.get", "status", status=500, count=0)
    for _ in range(4):
        s.sync()
        s.days(1)
    s.edit(ben, status="inactive")
    s.sync()
    same((s.company.person(ana)["lifecycle"], s.told(ben, "grace")["due_on"]), ("absent", day(9)))
    s.hr.no_faults()
    s.days(1)
    s.hr.remove(ben)
    s.sync()
    for person in (ana, ben):
        same((s.told(person, "grace")["due_on"], s.is_open(person)), (day(6), True))
    s.days(1)
    s.sync()
    for person in (ana, ben):
        same((s.is_open(person), s.code(person)), (False, "closed"))


@scene(60, "whom a filter leaves out is deactivated with the reason, many only after somebody was asked")
def _(case):
    s = Scene(case)
    ana = s.hire(office="Nowhere")
    s.sync()
    s.map('exclude when office == "Nowhere" because "contractor"\n')
    said = s.deliver()
    same(s.is_open(ana), False)
    holds(s.calls_of(said["run"]["run"])[0]["sentence"], "contractor")
    s.edit(ana, office="Leeds")
    s.sync()
    check(s.is_open(ana), "let in again, and not opened")
    crowd = [s.hire() for _ in range(6)]
    s.sync()
    for person in crowd:
        s.edit(person, office="Nowhere")
    before = snapshot(s)
    same(s.company.import_()[0], 3)
    s.deliver()
    unharmed(s, before)
    s.company.import_all()
    answer = s.company.rollcall("deliver", "acme/la")[1]
    check(answer["run"]["state"] in ("held", "applied"))
    if answer["run"]["state"] == "held":
        unharmed(s, before)


@scene(61, "a platform that is down loses nothing")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(), s.hire()
    s.sync()
    s.edit(ana, position="Foreman")
    s.edit(ben, status="inactive")
    cem = s.hire()
    s.there.fault("*", "status", status=503)
    code, said = s.company.rollcall("sync", "acme/hr")
    same(code, 1)
    holds(said["error"]["text"], "503")
    s.edit(ana, position="Director")
    same(s.company.rollcall("sync", "acme/hr")[0], 1)
    s.there.no_faults()
    s.deliver()
    s.shows(ana, jobTitle="Director")
    same((s.is_open(ben), len(s.mails(cem))), (False, 1))
    s.quiet()


@scene(61, "one that is down for changes alone ends the run, and the next goes on")
def _(case):
    s = Scene(case)
    people = [s.hire() for _ in range(3)]
    s.there.fault("users.create", "status", status=503)
    same(s.company.rollcall("sync", "acme/hr")[0], 1)
    same([p for p in people if s.accounts(p)], [])
    s.there.no_faults()
    s.deliver()
    same([len(s.mails(p)) for p in people], [1] * 3)
    same([s.manager(p) for p in people], [s.boss] * 3)
    s.quiet()


@scene(61, "a process that is killed while it sends has its work ended by the next, with one account and one mail each")
def _(case):
    s = Scene(case)
    people = [s.hire() for _ in range(7)]
    gone = s.hire()
    s.sync()
    s.edit(gone, status="inactive")
    more = [s.hire() for _ in range(6)]
    for person in people[:4]:
        s.edit(person, position="Foreman")
    s.company.import_all()
    for after in (1, 4, 7):
        s.there.no_faults()
        s.there.fault("users.create", "slow", ms=4000, after=after // 2)
        s.there.fault("users.update", "slow", ms=4000, after=after)
        process = s.company.start("--json", "deliver", "acme/la")
        time.sleep(0.7)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    s.there.no_faults()
    s.deliver()
    s.deliver()
    same([len(s.accounts(p)) for p in more], [1] * 6)
    same([len(s.mails(p)) for p in more + people], [1] * 13)
    for person in people[:4]:
        s.shows(person, jobTitle="Foreman")
    same(s.is_open(gone), False)
    same({s.code(p) for p in people + more}, {"in-step"})
    s.quiet()


@scene(62, "\"too many\" is waited for, and it finishes")
def _(case):
    s = Scene(case, settings={"retries": 6})
    people = [s.hire() for _ in range(5)]
    s.there.fault("users.create", "status", status=429, retry_after=1, count=3)
    s.there.fault("users.update", "status", status=429, count=2)
    began = time.monotonic()
    s.sync()
    check(time.monotonic() - began >= 1, "it did not wait as it was asked to")
    same([len(s.mails(p)) for p in people], [1] * 5)
    s.quiet()


@scene(63, "a creation whose answer is lost is looked for before it is repeated: one account, one mail")
def _(case):
    for kind, more in (("lost", {}), ("late-status", {"status": 500}), ("reset", {}), ("empty-body", {})):
        s = Scene(case)
        s.there.fault("users.create", kind, count=1, **more)
        ana = s.hire(email="ana@nordkap.example")
        s.sync()
        s.deliver()
        s.shows(ana, jobTitle="Welder")
        same((len(s.accounts(email="ana@nordkap.example")), len(s.mails(ana)), s.code(ana)), (1, 1, "in-step"), kind)
        s.quiet()


@scene(63, "when nothing is heard any more after a creation, the next delivery looks, and whoever leaves meanwhile is closed")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(), s.hire()
    s.company.import_all()
    s.there.fault("users.create", "lost")
    s.there.fault("users.get-external", "status", status=503)
    s.there.fault("users.list", "status", status=503, after=0)
    code, _ = s.company.rollcall("deliver", "acme/la")
    check(code in (0, 1), code)
    s.there.no_faults()
    s.edit(ben, status="inactive")
    s.there.forget()
    s.sync()
    s.deliver()
    same((len(s.accounts(ana)), len(s.mails(ana)), s.code(ana)), (1, 1, "in-step"))
    same([a["status"] for a in s.accounts(ben)], ["deactivated"] * len(s.accounts(ben)))
    s.quiet()


@scene(64, "a token that runs out is renewed, and a revoked key stops the run with one message")
def _(case):
    s = Scene(case)
    people = [s.hire() for _ in range(4)]
    s.there.fault("users.create", "expire-token", count=1)
    s.sync()
    same([len(s.mails(p)) for p in people], [1] * 4)
    for person in people:
        s.edit(person, position="Foreman")
    s.there.control("PATCH", "credentials", {"client_id": "learnamp-sandbox", "client_secret": "another"})
    s.there.control("POST", "expire-tokens", {})
    s.there.forget()
    done = s.company.run("sync", "acme/hr")
    same((done.code, s.there.writes()), (1, []))
    same(done.err.count("refused client-id and client-secret"), 1, "messages about the key")
    tokens = [r for r in s.there.requests()["requests"] if r["route"] == "token"]
    check(len(tokens) <= 3, f"asked for a token {len(tokens)} times")
    s.there.control("PATCH", "credentials", {"client_id": "learnamp-sandbox", "client_secret": "learnamp-sandbox-secret"})
    s.deliver()
    s.shows(people[3], jobTitle="Foreman")


@scene(65, "a scope that is missing is named by the check, and a delivery without it harms nobody and says so")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(), s.hire()
    s.sync()
    for scope in SCOPES:
        if scope in ("teams:delete", "teams:update", "team_users:read"):
            continue
        s.there.control("PATCH", "credentials", {"client_id": "learnamp-sandbox", "scopes": [x for x in SCOPES if x != scope]})
        s.there.control("POST", "expire-tokens", {})
        done = s.company.run("destination", "check", "acme/la")
        same(done.code, 1, f"{scope}: {done.out}")
        holds(done.out, scope)
    s.there.control("PATCH", "credentials", {"client_id": "learnamp-sandbox", "scopes": [x for x in SCOPES if x.endswith(":read")]})
    s.there.control("POST", "expire-tokens", {})
    s.edit(ana, position="Foreman")
    s.edit(ben, status="inactive")
    before = snapshot(s)
    done = s.company.run("sync", "acme/hr")
    same(done.code, 1)
    holds(done.err, "scope")
    same({a["id"]: a for a in s.accounts()}, before)
    s.there.control("PATCH", "credentials", {"client_id": "learnamp-sandbox", "scopes": SCOPES})
    s.there.control("POST", "expire-tokens", {})
    s.deliver()
    s.shows(ana, jobTitle="Foreman")
    same(s.is_open(ben), False)


@scene(66, "because of a list of the platform's that is incomplete nobody is made, linked, closed or thought deleted")
def _(case):
    s = Scene(case, people=12)
    ana = s.hire()
    s.company.import_all()
    before = snapshot(s)
    codes = {r["person"]: r["code"] for r in s.rows()}
    for switch in ({"list.skip-last-row": "on", "list.max-page": 5}, {"list.total-wrong": 7}, {"list.headers": "missing", "list.empty": "on"},
                   {"list.row-moves": "to-end", "list.max-page": 5}):
        s.there.switches(switch)
        code, said = s.company.rollcall("deliver", "acme/la", "--inventory")
        if code == 0:  # without numbers an empty list cannot be told from a platform without accounts, but for what we know of it
            same([c for c in s.calls_of(said["run"]["run"]) if c["verb"] == "create" and c["person"] not in (None, str(ana))], [], f"{switch}")
        else:
            same(code, 1, f"{switch}: {said}")
        same({r["person"]: r["code"] for r in s.rows() if r["person"] in codes and r["person"] != str(ana)},
             {p: c for p, c in codes.items() if p != str(ana)}, f"{switch}")
        s.there.switches()
    now = {a["id"]: a for a in s.accounts() if not (a["integrationExternalId"] or "").endswith(f":{ana}")}
    same(now, before)
    s.deliver("--inventory")
    same(len(s.mails(ana)), 1)


@scene(67, "of two at once only one writes")
def _(case):
    s = Scene(case)
    people = [s.hire() for _ in range(5)]
    s.company.import_all()
    s.there.fault("users.create", "slow", ms=800)
    one = s.company.start("--json", "deliver", "acme/la")
    time.sleep(0.5)
    code, said = s.company.rollcall("deliver", "acme/la")
    one.communicate(timeout=60)
    same((one.returncode, code), (0, 1))
    holds(said["error"]["text"], f"another process ({one.pid}")
    same([len(s.mails(p)) for p in people], [1] * 5)


@scene(71, "only what is mapped is asked for, kept and sent")
def _(case):
    s = Scene(case, mapping="job_title = unmapped\n")
    ana = s.hire(position="Secret agent", subcompany="Black budget")
    s.sync()
    asked = {r["query"] for r in s.hr.requests()["requests"] if r["route"] == "v1.employees.list"}
    for word in ("position", "subcompany", "fix_salary", "gender"):
        same([q for q in asked if word in q], [], word)
    kept = s.company.directory_bytes()
    sent = json.dumps(s.there.writes())
    for secret in ("Secret agent", "Black budget"):
        check(secret.encode() not in kept and secret not in sent, f"{secret!r} was kept or sent")
    same(s.account(ana)["jobTitle"], None)
    check(s.company.run("deliver", "acme/la").err.count("@") == 0, "an address in a log")


@scene(72, "every call can be traced to its reason")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(email="ana@nordkap.example"), s.hire()
    said = s.sync()
    first = {c["person"]: c for c in s.calls_of(said["deliveries"][0]["run"]["run"]) if c["of"] == "person"}
    same(first[str(ana)]["code"], "joins")
    holds(first[str(ana)]["sentence"], "status active", "ana@nordkap.example")
    s.edit(ana, position="Foreman")
    s.edit(ben, status="inactive")
    said = s.sync()
    calls = {c["person"]: c for c in s.calls_of(said["deliveries"][0]["run"]["run"])}
    same((calls[str(ana)]["code"], calls[str(ben)]["code"]), ("hr-states", "left-status"))
    holds(calls[str(ana)]["sentence"], "job_title: Welder -> Foreman", "HR states")
    holds(calls[str(ben)]["sentence"], "status inactive", "HR's status is inactive")
    out = s.company.file("calls.csv", "")
    os.unlink(out)
    done = s.company.run("run", "show", f"acme/{said['deliveries'][0]['run']['run']}", "--csv")
    same(done.code, 0, done.err)
    holds(done.out, "Welder -> Foreman", "left-status" if "left-status" in done.out else "inactive")


@scene(73, "leap day, the end of the year and other zones shift no date")
def _(case):
    for form in ("local", "odd", "z"):
        s = Scene(case, policy=["invite=at-once"])
        s.hr.switches({"dates.offset": form})
        leap, year = s.hire(hire_date="2024-02-29"), s.hire(hire_date="2023-12-31")
        s.sync()
        s.shows(leap, hireDate="2024-02-29")
        s.shows(year, hireDate="2023-12-31")
        s.quiet()


@scene(73, "an account is closed when the day begins where the company is")
def _(case):
    s = Scene(case, begins=False, delivers=False)
    s.company.ok("company", "add", "east", "--zone", "Pacific/Kiritimati")
    s.company.ok("company", "add", "west", "--zone", "Pacific/Pago_Pago")
    # 25 hours apart: where it is a day later somebody's last day has passed, and where it is not it has not
    import datetime
    import zoneinfo
    west = datetime.datetime.now(zoneinfo.ZoneInfo("Pacific/Pago_Pago")).date().isoformat()
    ana = s.hire(termination_date=west, status="active")
    s.company.connect(s.hr, "west/hr")
    s.company.connect(s.hr, "east/hr")
    for company in ("west", "east"):
        given = {"base-url": s.there.origin, "client-id": "learnamp-sandbox", "max-per-second": 0, **s.settings}
        s.company.ok("destination", "add", f"{company}/la", "learnamp",
                     *[w for n, v in given.items() for w in ("--set", f"{n}={v}")],
                     "--secret-file", "client-secret=" + s.company.file("la-secret", "learnamp-sandbox-secret\n"))
        s.company.ok("policy", "set", f"{company}/la", "ended-but-active-days=0")
        code, answer = s.company.rollcall("import", f"{company}/hr")
        same(code, 3, f"{answer}")
        s.company.ok("run", "approve", f"{company}/{answer['run']['run']}", "--reason", "so")
        s.company.rollcall("deliver", f"{company}/la", "--preview")
    same(s.company.ok("people", "show", f"west/{ana}")["people"][0]["lifecycle"], "leaving")
    check(s.company.ok("people", "show", f"east/{ana}")["people"][0]["lifecycle"] in ("left", "leaving"))
    code = {c: [r["code"] for r in s.company.ok("accounts", "list", f"{c}/la")["accounts"] if r["person"] == str(ana)] for c in ("west", "east")}
    check(code["west"] != ["gone-without-account"], code)


@scene(74, "with nobody changed nothing is written anywhere")
def _(case):
    s = Scene(case, people=60)
    known = s.company.people()
    rows = s.rows()
    s.there.forget()
    for _ in range(2):
        s.sync()
    same(s.there.writes(), [])
    same(s.company.people(), known)
    same(s.rows(), rows)
    s.days(1)
    s.sync()
    same(s.there.writes(), [])
    same([r["code"] for r in s.rows()], [r["code"] for r in rows])


@scene(0, "a sync goes on behind a platform that is paused or down: leavers are closed on the others, and each is told")
def _(case):
    s = Scene(case)
    first, second = s.there, case.stack.enter_context(LearnAmp(4, 75, "--accounts", "0", "--profile", "public"))
    s.there = second
    s.connect(key="lb")
    s.there = first
    ana, bob, cyd = s.hire(), s.hire(), s.hire()
    said = s.company.rollcall("sync", "acme/hr")[1]
    s.approve(said["deliveries"][1]["run"]["run"])

    def on_the_second(person):
        s.there = second
        found = s.is_open(person)
        s.there = first
        return found

    s.company.ok("destination", "pause", "acme/la", "--because", "a move")
    s.edit(ana, status="inactive")
    code, said = s.company.rollcall("sync", "acme/hr")
    same(code, 1, said)
    same(said["import"]["state"], "applied")
    same([one.get("destination") for one in said["deliveries"]], ["la", None])
    same(said["deliveries"][0]["run"], None)
    same(said["deliveries"][0]["error"]["name"], "destination.paused")
    same(said["error"], said["deliveries"][0]["error"])
    same(said["deliveries"][1]["run"]["state"], "applied")
    same((s.is_open(ana), on_the_second(ana)), (True, False))
    s.company.ok("destination", "resume", "acme/la")
    first.fault("*", "status", status=503, count=0)
    s.edit(bob, status="inactive")
    told = s.company.run("sync", "acme/hr")
    same(told.code, 1)
    holds(told.err, "rollcall: acme/la: ")
    holds(told.out, "acme/lb, run ")
    same(on_the_second(bob), False)
    first.no_faults()
    second.fault("*", "status", status=503, count=0)
    s.edit(cyd, status="inactive")
    code, said = s.company.rollcall("sync", "acme/hr")
    same((code, said["deliveries"][0]["run"]["state"], said["deliveries"][1]["run"]["state"]), (1, "applied", "failed"))
    same([s.is_open(one) for one in (ana, bob, cyd)], [False, False, False])
