"""test_scen_leaving.py - docs/scenarios.md, 42 to 55: who loses access and when, who comes back, and whom nobody touches."""
from harness import check, holds, same
from scenes import Scene, day, scene


@scene(42, "status inactive closes the account, once")
def _(case):
    s = Scene(case)
    ana = s.hire(email="ana@nordkap.example")
    s.sync()
    s.there.do(s.account(ana)["id"], "accept")
    s.deliver("--inventory")
    check(s.there.may_log_in("ana@nordkap.example"), "may not log in")
    s.there.forget()
    s.edit(ana, status="inactive")
    said = s.sync()
    same((s.is_open(ana), s.there.may_log_in("ana@nordkap.example")), (False, False))
    same([route for route, _ in s.there.writes()], ["users.deactivate"])
    holds(s.calls_of(said["deliveries"][0]["run"]["run"])[0]["sentence"], "status inactive")
    same(s.told(ana, "closed")["due_on"], None)
    s.quiet()
    s.days(30)
    s.quiet()


@scene(43, "an end date ahead closes on the day after the last day, even if HR cannot be reached")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(termination_date=day(3)), s.hire(termination_date=day(12))
    s.sync()
    same(s.told(ana, "in-step")["due_on"], day(4))
    s.hr.fault("*", "status", status=503)
    s.days(3)
    same(s.company.rollcall("sync", "acme/hr")[0], 1)
    s.deliver()
    check(s.is_open(ana), "closed on the last day")
    s.days(1)
    s.deliver()
    same((s.is_open(ana), s.code(ana)), (False, "closed"))
    s.days(9)
    s.deliver()
    check(s.is_open(ben), "closed by a date that was read too long ago")
    same(s.told(ben, "read-too-long-ago")["waits"], "reading")
    s.hr.no_faults()
    s.sync()
    same(s.is_open(ben), False)


@scene(43, "the calendar tells the day on which an account is closed, and says so, days of grace or none")
def _(case):
    s = Scene(case, policy=["close-status=no", "close-end-date=2"])
    ana = s.hire(termination_date=day(5))
    s.sync()

    def told():
        return [(d["day"], a["code"], a["due_on"]) for d in s.company.ok("calendar", "acme/la")["days"] for a in d["accounts"] if a["person"] == str(ana)]
    same(told(), [(day(8), "left-end-date", day(8))])
    same(s.row(ana)["due_on"], day(6), "when it is looked at again")
    s.days(7)
    s.sync()
    same((s.is_open(ana), s.code(ana), told()), (True, "grace", [(day(8), "left-end-date", day(8))]))
    s.days(1)
    holds(s.company.run("calendar", "acme/la", "--days", "0").out, day(8), "Neo1 Novak1", "is deactivated")
    s.sync()
    same((s.is_open(ana), told()), (False, []))
    s.policy("close-end-date=0")
    cem = s.hire(termination_date=day(11))
    s.sync()
    holds(" ".join(s.company.run("calendar", "acme/la").out.split()), day(12), f"account {s.account(cem)['id']} is deactivated; not before {day(19)} if HR")
    same([w["until"] for w in s.company.ok("people", "why", f"acme/{cem}")["people"][0]["waits"] if w["for"] == "date"], [day(12)], "and so says why")
    s.policy("ended-but-active-days=2")
    holds(" ".join(s.company.run("calendar", "acme/la").out.split()), f"not before {day(14)} if HR")
    holds(s.company.ok("people", "why", f"acme/{cem}")["people"][0]["waits"][0]["text"], f"not before {day(14)} if HR")
    s.connect(key="lb")
    s.connect(key="lc")
    turns = [w["text"] for w in s.company.ok("people", "why", f"acme/{cem}")["people"][0]["waits"] if w["for"] == "date"]
    same(len(turns), 2)
    holds(turns[0], "on la: ", f"not before {day(14)} if HR")
    holds(turns[1], "on lb, lc: ", f"not before {day(19)} if HR")


@scene(43, "while the clocks are apart no end date counts")
def _(case):
    s = Scene(case)
    ana = s.hire(termination_date=day(1))
    s.sync()
    s.days(2, there=False)
    s.deliver("--inventory")
    s.deliver()
    check(s.is_open(ana), "closed by a clock that is in doubt")
    same(s.code(ana), "clock-in-doubt")
    s.there.clock(add_days=2)
    s.deliver()
    same(s.is_open(ana), False)


@scene(44, "an end date that has passed while the status is active waits for the days of grace, or a setting")
def _(case):
    s = Scene(case)
    ana, ben, old = s.hire(), s.hire(), s.hire()
    s.sync()
    s.edit(ana, termination_date=day(-2))
    s.sync()
    holds(s.told(ana, "in-step")["due_on"], day(6))
    check(s.is_open(ana), "closed at once")
    s.days(6)
    s.sync()
    same(s.is_open(ana), False)
    s.policy("ended-but-active-days=0")
    s.edit(ben, termination_date=day(4))
    s.sync()
    same(s.is_open(ben), False)
    s.policy("close-end-date=no")
    s.edit(old, termination_date=day(-20))
    s.sync()
    holds(s.told(old, "stays-by-setting", "close-end-date")["waits"], "setting")
    check(s.is_open(old), "closed against the setting")


@scene(45, "an end that is withdrawn or postponed is followed, and whoever was closed is opened once with team and manager")
def _(case):
    s = Scene(case)
    ana = s.hire(termination_date=day(5))
    s.sync()
    for end, due in ((day(20), day(21)), (None, None)):
        s.edit(ana, termination_date=end)
        s.sync()
        same(s.told(ana, "in-step")["due_on"], due)
    s.edit(ana, termination_date=day(-1), status="inactive")
    s.sync()
    account = s.account(ana)
    same((s.is_open(ana), account["primaryTeam"]), (False, None))
    s.there.forget()
    s.edit(ana, termination_date=None, status="active")
    s.sync()
    same((s.is_open(ana), s.team(ana), s.manager(ana), len(s.mails(ana))), (True, "Works", s.boss, 1))
    same([route for route, _ in s.there.writes()], ["users.reactivate", "users.update"])
    s.quiet()


@scene(46, "somebody rehired under the same HR id gets the same account back, refreshed, on the first day, without a mail")
def _(case):
    s = Scene(case)
    ana = s.hire()
    s.sync()
    was = s.account(ana)["id"]
    s.edit(ana, status="inactive")
    s.sync()
    s.days(2)
    s.edit(ana, status="onboarding", hire_date=day(4), termination_date=None, position="Foreman")
    s.sync()
    same((s.told(ana, "before-hire-date")["due_on"], s.is_open(ana)), (day(4), False))
    s.days(2)
    s.sync()
    same((s.shows(ana, jobTitle="Foreman", hireDate=day(4)), s.is_open(ana), len(s.mails(ana))), (was, True, 1))
    s.quiet()
    s.policy("reactivate=no")
    s.edit(ana, status="inactive")
    s.sync()
    s.edit(ana, status="active")
    s.sync()
    same((s.told(ana, "not-reactivated")["asks"], s.is_open(ana)), ("reactivate", False))
    s.resolve(ana, "approve")
    s.deliver()
    check(s.is_open(ana), "not opened although approved")


@scene(46, "somebody rehired whose closed account was given to somebody else there is not opened, also where closed ones are hidden")
def _(case):
    s = Scene(case, switches={"get.deactivated": "404"})
    ana, ben, cem = s.hire(), s.hire(), s.hire()
    s.sync()
    ids = [s.account(p)["id"] for p in (ana, ben, cem)]
    for person in (ana, ben, cem):
        s.edit(person, status="inactive")
    s.sync()
    for account, who in zip(ids[:2], ("guest", "second")):
        s.there.change(account, integrationExternalId=None, firstName=who, lastName="Guest", email=f"{who}@elsewhere.example")
    for person in (ana, ben, cem):
        s.edit(person, status="active")
    s.import_()
    s.deliver()
    same([s.there.control("GET", f"truth/{a}")["status"] == "deactivated" for a in ids], [True, True, False])
    s.deliver("--inventory")
    for person, who in ((ana, "guest"), (ben, "second")):
        s.told(person, "lost-id-other-address", f"{who}@elsewhere.example")
    same([s.there.control("GET", f"truth/{a}")["status"] == "deactivated" for a in ids], [True, True, False])
    s.quiet()


@scene(47, "somebody rehired under another HR id is offered the old account, and gets it on the first day")
def _(case):
    s = Scene(case)
    ana = s.hire(first_name="Ana", last_name="Lopez", email="a@nordkap.example")
    s.sync()
    was = s.account(ana)["id"]
    s.edit(ana, status="inactive")
    s.sync()
    again = s.hire(first_name="Ana", last_name="Lopez", email="a@nordkap.example", position="Foreman", hire_date=day(2), status="onboarding")
    s.sync()
    same((s.told(again, "relink-offered")["asks"], s.accounts(again), s.is_open(ana)), ("adopt", [], False))
    s.policy("relink=yes")
    s.deliver()
    same(s.told(again, "before-hire-date")["due_on"], day(2))
    s.days(2)
    s.sync()
    same((s.shows(again, jobTitle="Foreman"), s.is_open(again), len(s.mails(again)), s.accounts(ana)), (was, True, 1, []))
    s.quiet()
    same(s.code(ana), "gone-without-account")


@scene(48, "somebody away on leave keeps the account, whatever the settings say")
def _(case):
    s = Scene(case)
    ana = s.hire()
    s.sync()
    s.edit(ana, status="leave")
    s.policy("close-absent=0", "close-status=0", "close-excluded=0", "ended-but-active-days=0")
    s.sync()
    same((s.is_open(ana), s.code(ana)), (True, "on-leave"))
    s.edit(ana, position="Foreman")
    s.sync()
    s.shows(ana, jobTitle="Foreman")
    s.days(40)
    s.quiet()
    check(s.is_open(ana), "closed")


@scene(49, "onboarding is not begun: the hire date counts")
def _(case):
    s = Scene(case, policy=["invite=on-hire-date"])
    ana = s.hire(status="onboarding", hire_date=day(2))
    s.sync()
    same((s.told(ana, "before-hire-date")["due_on"], s.accounts(ana)), (day(2), []))
    s.days(2)
    s.deliver()
    same(len(s.mails(ana)), 1)


@scene(50, "deactivated by hand while HR says active: told, and not opened unasked")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(), s.hire()
    s.sync()
    s.there.do(s.account(ana)["id"], "deactivate")
    s.deliver("--inventory")
    row = s.told(ana, "deactivated-by-hand")
    same((row["asks"], s.is_open(ana)), ("reactivate", False))
    s.policy("undo-deactivated-by-hand=yes")  # what was so once stays so
    s.there.do(s.account(ben)["id"], "deactivate")
    s.deliver("--inventory")
    same((s.is_open(ana), s.is_open(ben)), (False, True))
    s.resolve(ana, "approve")
    s.deliver()
    check(s.is_open(ana), "not opened although approved")
    # once HR agrees that they are gone, a rehire opens it again
    s.policy("undo-deactivated-by-hand=no")
    s.there.do(s.account(ana)["id"], "deactivate")
    s.deliver("--inventory")
    s.edit(ana, status="inactive")
    s.sync()
    s.edit(ana, status="active")
    s.sync()
    check(s.is_open(ana), "HR had agreed")


@scene(51, "reactivated by hand while HR says inactive: told, and closed again only by a setting")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(), s.hire()
    s.sync()
    s.edit(ana, status="inactive")
    s.edit(ben, status="inactive")
    s.sync()
    s.there.do(s.account(ana)["id"], "reactivate")
    s.deliver("--inventory")
    row = s.told(ana, "reactivated-by-hand")
    same((row["waits"], s.is_open(ana)), ("platform", True))
    s.policy("undo-reactivated-by-hand=yes")
    s.there.do(s.account(ben)["id"], "reactivate")
    said = s.deliver("--inventory")
    same((s.is_open(ana), s.is_open(ben)), (True, False))
    holds(s.calls_of(said["run"]["run"])[0]["sentence"], "reactivated by hand")


@scene(52, "an account deleted there is not made again, or mailed, unasked")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(email="ana@nordkap.example"), s.hire()
    s.sync()
    old = s.account(ana)["id"]
    mails = len(s.there.mails())
    s.there.delete(old)
    s.there.delete(s.account(ben)["id"])
    s.there.forget()
    s.deliver("--inventory")
    same((s.told(ana, "deleted-there", old)["asks"], s.accounts(ana)), ("recreate", []))
    s.edit(ben, status="inactive")
    s.sync()
    same((s.told(ben, "deleted-there")["asks"], s.there.writes(), len(s.there.mails())), (None, [], mails))
    s.resolve(ana, "create")
    s.deliver()
    check(s.account(ana)["id"] != old, "the same account")
    same(len(s.mails(ana)), 1)


@scene(52, "an account deleted there since the inventory is found out by a change, and believed")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(), s.hire()
    s.sync()
    s.there.delete(s.account(ana)["id"])
    s.edit(ana, position="Foreman")
    s.edit(ben, position="Foreman")
    s.sync()
    s.shows(ben, jobTitle="Foreman")
    same((s.code(ana), s.accounts(ana)), ("deleted-there", []))
    s.quiet()


@scene(53, "an anonymised account is never filled again")
def _(case):
    s = Scene(case)
    ana = s.hire()
    s.sync()
    account = s.account(ana)["id"]
    s.there.do(account, "deactivate")
    s.there.do(account, "anonymise")
    before = s.there.control("GET", f"truth/{account}")
    s.edit(ana, position="Foreman")
    s.there.forget()
    s.sync()
    s.deliver("--inventory")
    check(s.code(ana) in ("anonymised", "deleted-there"), s.row(ana))
    code, _ = s.company.rollcall("conflict", "resolve", "acme/la", ana, "approve")
    if s.code(ana) == "anonymised":
        same(code, 1, "an approval of what nobody asked")
        s.deliver("--inventory")
        same(s.there.writes(), [])
    same(s.there.control("GET", f"truth/{account}"), before)


@scene(54, "admins and others whom HR does not know are never changed and never closed")
def _(case):
    s = Scene(case, people=12, begins=False)
    strangers = {a["id"]: a for a in s.there.everybody()}
    check(any(a["role"] == "admin" for a in strangers.values()), "there is no admin")
    s.begin()
    people = [p["id"] for p in s.hr.truth() if p["status"] == "active" and p["email"]]
    for person in people[-3:]:
        s.edit(person, status="inactive")
    s.edit(people[1], position="Chief")
    s.approve_import()
    s.days(1)
    s.deliver()
    now = {a["id"]: a for a in s.there.everybody() if a["id"] in strangers}
    same({i: a for i, a in now.items() if a != strangers[i]}, {}, "strangers that have changed")
    # nor whoever was to be left alone
    left = s.account(people[2])
    s.company.ok("accounts", "ignore", "acme/la", left["id"])
    s.edit(people[2], status="inactive")
    s.approve_import()
    same((s.is_open(people[2]), s.code(people[2])), (True, "ignored"))


@scene(55, "the last owner leaves: told, and not deactivated; so it is with every protected account")
def _(case):
    s = Scene(case, begins=False, policy=["protect-accounts=prot@nordkap.example"])
    owner, = [a for a in s.there.everybody() if a["role"] == "owner"]
    ana = s.hire(first_name=owner["firstName"], last_name=owner["lastName"], email=owner["email"])
    prot = s.hire(email="prot@nordkap.example")
    s.begin()
    s.resolve(ana, "approve")
    s.deliver()
    same(s.account(ana)["id"], owner["id"])
    s.edit(ana, status="inactive")
    s.edit(prot, status="inactive")
    s.there.forget()
    s.sync()
    same((s.told(ana, "protected", "owner")["waits"], s.told(prot, "protected")["waits"]), ("platform", "platform"))
    s.policy("protect-roles=")  # the owner stays protected
    s.deliver("--inventory")
    same((s.is_open(ana), s.is_open(prot), s.there.writes()), (True, True, []))
    s.policy("protect-accounts=")
    s.deliver()
    same((s.is_open(ana), s.is_open(prot)), (True, False))


@scene(55, "whoever left and can still sign in is told by status, whatever is in the way, and what each waits for")
def _(case):
    s = Scene(case, policy=["close-status=0", "close-not-found=5"])
    prot, left_alone, grace, silent, plain = (s.hire(first_name=name) for name in ("Prot", "Alone", "Grace", "Silent", "Plain"))
    s.sync()

    def left():
        said = s.company.ok("accounts", "list", "acme/la", "--left")
        same(said["total"], len(said["accounts"]))
        there, = s.company.ok("status", "acme")["destinations"]
        same((there["left_open"], there["left"]), (said["total"], said["accounts"][:3]))
        text = s.company.run("status", "acme").out
        check(("can still sign in" in text) == (said["total"] > 0), text)
        return there["verdict"], {int(a["person"]): a["code"] for a in said["accounts"]}
    same(left(), ("ok", {}))
    s.policy("protect-accounts=" + s.account(prot)["email"])
    s.company.ok("accounts", "ignore", "acme/la", s.account(left_alone)["id"])
    for person in (prot, left_alone, plain):
        s.edit(person, status="inactive")
    s.hr.remove(grace)
    s.approve_import()
    same(left(), ("leavers", {prot: "protected", left_alone: "ignored"}))
    holds(s.company.run("status", "acme").out, "not all is well", "2 people who left can still sign in: Prot ", ", Alone ",
          "rollcall accounts list acme/la --left")
    check(s.is_open(grace), "closed before the days of grace are over")
    # the platform answers as if it were out of order: nobody knows, time after time
    s.there.fault("users.deactivate", "status", status=500, count=0)
    s.edit(silent, status="inactive")
    for verdict in ("leavers", "failed"):
        s.sync()
        same(left(), (verdict, {prot: "protected", left_alone: "ignored", silent: "in-doubt"}))
    holds(s.company.run("status", "acme").out, "the platform answered 1 call neither yes nor no")
    s.company.ok("destination", "pause", "acme/la")
    same(set(left()[1].values()), {"paused", "ignored"})
    s.company.ok("destination", "resume", "acme/la")
    s.there.no_faults()
    s.policy("protect-accounts=")
    s.sync()
    same(left(), ("leavers", {left_alone: "ignored"}))
    s.company.ok("accounts", "ignore", "acme/la", s.account(left_alone)["id"], "--no-longer")
    s.sync()
    same(left(), ("ok", {}))


@scene(55, "what feeds a platform no more is told with how many people are looked after no more, and wants a yes")
def _(case):
    s = Scene(case)
    ana = s.hire(first_name="Ana")
    s.sync()
    s.company.ok("integration", "add", "acme/ext", "--source", "csv", "--set", "file=/dev/null")
    people = sum(a["status"] == "active" for a in s.rows() if a["person"])
    code, answer = s.company.rollcall("destination", "set", "acme/la", "--feed", "ext")
    same((code, "without hr, " in answer["error"]["text"]), (2, True), answer)
    same(s.company.ok("destination", "show", "acme/la")["destination"]["feeds"], ["hr"])
    same(s.company.rollcall("destination", "set", "acme/la", "--feed", "ext", "--confirm", people + 1)[0], 2)
    # one more takes nobody away
    said = s.company.ok("destination", "set", "acme/la", "--feed", "hr", "--feed", "ext")
    same((said["destination"]["feeds"], said["dropped"], said["left_open"]), (["hr", "ext"], [], 0))
    said = s.company.ok("destination", "set", "acme/la", "--feed", "ext", "--confirm", people)
    same((said["destination"]["feeds"], said["dropped"], said["left_open"]), (["ext"], ["hr"], people))
    s.edit(ana, status="inactive")
    s.company.import_all()
    why = s.company.run("people", "why", f"acme/{ana}").out
    check("the next delivery" not in why and "does not feed it" in why, why)
    told, = s.rows("--left")
    same((told["person"], told["code"]), (str(ana), "not-fed"))


@scene(54, "a company that changes its HR system keeps its accounts, and they are closed with whoever leaves")
def _(case):
    s = Scene(case)
    ana, bob, cyd = (s.hire(first_name=name) for name in ("Ana", "Bob", "Cyd"))
    s.sync()
    before = {a["id"]: (a["status"], a["email"]) for a in s.there.everybody()}
    ids = {person: s.account(person)["id"] for person in (ana, bob, cyd)}
    s.company.ok("accounts", "ignore", "acme/la", ids[cyd])  # a person's word, which stays
    s.company.ok("integration", "remove", "acme/hr", "--confirm", "hr")
    ties = {a["account"]: a["tie"] for a in s.rows("--unmatched")}
    same([ties[str(ids[person])] for person in (ana, bob, cyd)], ["ours", "ours", "ignored"])
    s.there.forget()
    s.company.connect(s.hr, key="acme/new")
    s.company.approve(s.company.rollcall("import", "acme/new")[1]["run"]["run"])
    s.company.ok("destination", "set", "acme/la", "--feed", "new")
    said, answer = s.company.rollcall("deliver", "acme/la")
    if said == 3:
        s.approve(answer["run"]["run"])
    same({a["id"]: (a["status"], a["email"]) for a in s.there.everybody()}, before, "nobody is doubled, closed or renamed")
    same((s.row(ana)["account"], s.row(bob)["account"], s.row(cyd)["account"]), (str(ids[ana]), str(ids[bob]), None))
    s.told(cyd, "email-taken", "left alone")
    s.edit(ana, status="inactive")
    s.company.ok("sync", "acme/new")
    states = {a["id"]: a["status"] for a in s.there.everybody()}
    same((states[ids[ana]], states[ids[bob]] in ("deactivated", "suspended")), ("deactivated", False))
    # what is left is closed by name and number, once it is said to be left alone no more and HR has the person no more
    s.edit(cyd, status="inactive")
    s.company.ok("sync", "acme/new")
    code, told = s.company.rollcall("accounts", "close", "acme/la", ids[cyd], "--confirm", "1")
    same((code, told["error"]["name"]), (1, "account.answer"))
    holds(told["error"]["text"], "--no-longer")
    s.company.ok("accounts", "ignore", "acme/la", ids[cyd], "--no-longer")
    s.company.ok("accounts", "close", "acme/la", ids[cyd], "--confirm", "1")
    same({a["id"]: a["status"] for a in s.there.everybody()}[ids[cyd]], "deactivated")
    # and the one that was removed, added again: by the ids, leavers among them
    s.company.ok("integration", "remove", "acme/new", "--confirm", "new")
    s.edit(bob, status="inactive")
    s.company.connect(s.hr, key="acme/new")
    s.company.approve(s.company.rollcall("import", "acme/new")[1]["run"]["run"])
    s.company.ok("destination", "set", "acme/la", "--feed", "new")
    told, = s.rows("--left")
    same((told["person"], told["account"], told["code"]), (str(bob), str(ids[bob]), "next-delivery"))
    s.company.ok("deliver", "acme/la")
    same((s.row(bob)["account"], {a["id"]: a["status"] for a in s.there.everybody()}[ids[bob]]), (str(ids[bob]), "deactivated"))
    same(s.rows("--left"), [])
    same(len(s.there.everybody()), len(before))
    same(s.there.control("GET", "mails")["mails"][len(before):], [])


@scene(54, "an account that was unlinked is closed by hand, and who has none through that is told")
def _(case):
    s = Scene(case)
    ana, bob = s.hire(first_name="Ana"), s.hire(first_name="Bob")
    s.sync()
    hers, his = s.account(ana)["id"], s.account(bob)["id"]
    for account in (hers, his):
        s.company.ok("accounts", "unlink", "acme/la", account)
    s.edit(ana, status="inactive")
    s.sync()
    holds(s.company.run("status", "acme").out, "1 person has no account", "--waits")
    same(s.company.ok("status", "acme")["destinations"][0]["apart"], 1)
    s.there.change(his, integrationExternalId=None)
    s.deliver("--inventory")
    s.told(bob, "unlinked", "as a person said", "another address")
    s.company.ok("accounts", "ignore", "acme/la", his, "--no-longer")
    s.there.forget()
    s.deliver()
    s.told(bob, "unlinked")
    same(s.there.writes(), [])
    code, told = s.company.rollcall("accounts", "close", "acme/la", his, "--confirm", "1")
    holds(told["error"]["text"], "the address of somebody who works here")
    s.hr.remove(ana)
    s.approve_import()
    code, told = s.company.rollcall("people", "erase", f"acme/{ana}", "--reason", "asked for")
    same((code, told["error"]["name"]), (1, "person.account"), told)
    s.company.ok("accounts", "close", "acme/la", hers, "--confirm", "1")
    same({a["id"]: a["status"] for a in s.there.everybody()}[hers], "deactivated")
