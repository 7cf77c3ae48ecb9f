"""test_scen_joining.py - docs/scenarios.md, 1 to 14: who gets an account, when, and with which mail; who gets none, and why."""
from harness import check, holds, same
from scenes import Scene, day, scene


@scene(1, "a new hire today has an account, once, with one mail")
def _(case):
    s = Scene(case)
    ana = s.hire(first_name="Ana", last_name="Lopez", email="ana@nordkap.example", hire_date=day(0))
    same(s.sync("--preview")["deliveries"][0]["about"]["calls"], 2, "calls foretold")
    s.sync()
    s.shows(ana, firstName="Ana", lastName="Lopez", email="ana@nordkap.example", jobTitle="Welder", location="Leeds", hireDate=day(0),
            role="viewer", status="invite_pending")
    same((s.team(ana), s.manager(ana)), ("Works", s.boss))
    same([m["kind"] for m in s.mails(ana)], ["invitation"])
    same([route for route, _ in s.there.writes()], ["teams.create", "users.create"])
    same(s.code(ana), "in-step")
    s.quiet()
    same(len(s.mails(ana)), 1)


@scene(2, "invited by hand: an account without a mail, listed as to be invited")
def _(case):
    s = Scene(case, policy=["invite=by-hand"])
    same([m for m in s.there.mails() if m["kind"] == "invitation"], [], "mails of the roll-out")
    ana = s.hire()
    s.sync()
    same((s.account(ana)["status"], s.mails(ana)), ("not_invited", []))
    row = s.told(ana, "invited-by-hand", "no invitation")
    same(row["waits"], "platform")
    check(str(ana) in {r["person"] for r in s.rows("--waits")}, "not listed")
    s.there.do(s.account(ana)["id"], "invite")
    s.deliver("--inventory")
    same(s.code(ana), "in-step")
    same(len(s.mails(ana)), 1)

    s.policy("account-without-mail=no")
    ben = s.hire(email="ben@nordkap.example")
    s.sync()
    row = s.told(ben, "invited-by-hand", "ben@nordkap.example")
    same((row["asks"], row["asks_for"], s.accounts(ben)), ("invite", "ben@nordkap.example", []))
    code, said = s.company.rollcall("invite", "acme/la", "--team", "Nope", "--preview")
    same((code, said["error"]["name"]), (1, "team.unknown"))
    same([r["person"] for r in s.company.ok("invite", "acme/la", "--team", "Works", "--preview")["people"]], [str(ben)])
    s.resolve(ben, "approve")
    s.deliver()
    same([m["kind"] for m in s.mails(ben)], ["invitation"])
    same(s.company.ok("invite", "acme/la", "--team", "Works", "--preview")["people"], [], "a team of whom nobody waits")


@scene(3, "invited on the hire date: until the day no account, on the day one with one mail")
def _(case):
    s = Scene(case, policy=["invite=on-hire-date"])
    ana = s.hire(hire_date=day(3), status="onboarding")
    ben = s.hire(hire_date=day(2), status="onboarding")
    none = s.hire(hire_date=None, status="onboarding")
    s.sync()
    row = s.told(ana, "before-hire-date", day(3))
    same((row["due_on"], s.accounts(ana), s.accounts(ben)), (day(3), [], []))
    same(s.told(none, "no-hire-date")["waits"], "hr")
    days = {d["day"]: [a["person"] for a in d["accounts"]] for d in s.company.ok("calendar", "acme/la")["days"]}
    same((days[day(2)], days[day(3)]), ([str(ben)], [str(ana)]))
    s.days(1)
    s.sync()
    same(s.accounts(ben), [])
    s.days(1)
    s.deliver()  # HR is not asked again
    same((len(s.mails(ben)), s.accounts(ana)), (1, []))
    s.days(1)
    s.deliver()
    same((len(s.mails(ana)), s.code(ana)), (1, "in-step"))
    s.policy("invite-days=-3")
    cem, dee = s.hire(hire_date=day(6), status="onboarding"), s.hire(hire_date=day(7), status="onboarding")
    s.sync()
    same((len(s.mails(cem)), s.told(dee, "before-hire-date")["due_on"]), (1, day(4)))


@scene(3, "by a date that is in doubt nobody gets an account")
def _(case):
    s = Scene(case, policy=["invite=on-hire-date", "fresh-days=2"])
    ana = s.hire(hire_date=day(1), status="onboarding")
    ben = s.hire(hire_date=day(4), status="onboarding")
    s.sync()
    s.days(1, there=False)  # the platform's clock says that it is yesterday
    s.deliver("--inventory")
    same((s.told(ana, "clock-in-doubt")["waits"], s.accounts(ana)), ("reading", []))
    s.there.clock(add_days=1)
    s.deliver("--inventory")
    same(len(s.mails(ana)), 1)
    s.days(3)
    s.deliver()  # HR was not read for four days
    same((s.told(ben, "read-too-long-ago")["waits"], s.accounts(ben)), ("reading", []))
    s.sync()
    same(len(s.mails(ben)), 1)


@scene(4, "an account ahead of the hire date is made without a mail, and waits for an invitation by hand")
def _(case):
    s = Scene(case, policy=["invite=on-hire-date", "ahead-days=2"])
    ana = s.hire(hire_date=day(3), status="onboarding")
    s.sync()
    same(s.told(ana, "before-hire-date")["due_on"], day(1))
    s.days(1)
    s.sync()
    same((s.account(ana)["status"], s.mails(ana)), ("not_invited", []))
    same(s.told(ana, "invitation-later", "by somebody on the platform")["due_on"], day(3))
    same(s.company.ok("status")["destinations"][0]["uninvited"], 0)
    s.days(2)
    s.sync()
    same((s.told(ana, "invited-by-hand")["waits"], s.mails(ana)), ("platform", []))
    same(s.company.ok("status")["destinations"][0]["uninvited"], 1)
    for words in (("status", "acme"), ("conflict", "list", "acme/la")):
        holds(" ".join(s.company.run(*words).out.split()), "1 account waits for an invitation that only somebody on the platform can send")
    warns = "the platform takes no call for that"
    holds(s.company.ok("policy", "set", "acme/la", "ahead-days=3", "--preview")["warning"], "nobody is invited by rollcall", warns)
    holds(" ".join(s.company.run("policy", "set", "acme/la", "ahead-days=3", "--preview").out.split()), "Beware: ", warns)
    same(s.company.ok("policy", "set", "acme/la", "ahead-days=0", "--preview")["warning"], None)
    same(len(s.accounts(ana)), 1)
    s.quiet()


@scene(4, "an account ahead of the hire date is invited on the day where the platform can, once")
def _(case):
    s = Scene(case, policy=["invite=on-hire-date", "ahead-days=14"], profile="full")
    ana = s.hire(hire_date=day(1), status="onboarding")
    s.sync()
    same(s.mails(ana), [])
    s.days(1)
    s.there.fault("users.invite", "lost", count=1)
    s.deliver()
    same([m["kind"] for m in s.mails(ana)], ["invitation"])
    same(s.code(ana), "in-step")
    s.days(1)
    s.quiet()
    same(len(s.mails(ana)), 1)


@scene(5, "a hire date that moves is followed both ways, and nobody is mailed again")
def _(case):
    s = Scene(case, policy=["invite=on-hire-date"])
    ana = s.hire(hire_date=day(4), status="onboarding")
    s.sync()
    for later in (9, 1):
        s.edit(ana, hire_date=day(later))
        s.sync()
        same(s.told(ana, "before-hire-date")["due_on"], day(later))
    s.days(1)
    s.sync()
    same(len(s.mails(ana)), 1)
    s.edit(ana, hire_date=day(6))
    s.there.forget()
    s.sync()
    same([route for route, _ in s.there.writes()], ["users.update"])
    s.shows(ana, hireDate=day(6), status="invite_pending")
    s.days(5)
    s.quiet()
    same(len(s.mails(ana)), 1)


@scene(6, "a hire that is cancelled before the start makes nobody, and closes what was made ahead")
def _(case):
    s = Scene(case, policy=["invite=on-hire-date"])
    ana = s.hire(hire_date=day(2), status="onboarding")
    ahead = s.hire(hire_date=day(9), status="onboarding")
    s.sync()
    s.policy("ahead-days=14")
    s.edit(ana, status="inactive")
    s.sync()
    same(s.told(ana, "gone-without-account")["due_on"], None)
    same(s.account(ahead)["status"], "not_invited")
    s.edit(ahead, status="inactive")
    s.sync()
    same((s.is_open(ahead), s.mails(ahead)), (False, []))
    s.days(2)
    s.deliver()
    same(s.accounts(ana), [])


@scene(7, "a roll-out with invitations off mails nobody, then or later")
def _(case):
    s = Scene(case, people=12, policy=["invite=by-hand"])
    people = [a for a in s.accounts() if (a["integrationExternalId"] or "").startswith("rollcall-")]
    check(len(people) >= 8, f"{len(people)} accounts")
    same([m for m in s.there.mails() if m["kind"] == "invitation"], [])
    s.policy("invite=at-once")
    s.quiet()
    same([m for m in s.there.mails() if m["kind"] == "invitation"], [])
    same({s.code(a["integrationExternalId"].rpartition(":")[2]) for a in people}, {"invited-by-hand"})


@scene(8, "an account that is there under the same address is linked, not made again")
def _(case):
    s = Scene(case, begins=False)
    ana = s.hire(first_name="Ana", last_name="Lopez", email="ana@nordkap.example")
    theirs = s.there.put(firstName="Ana", lastName="Lopez", email="Ana@Nordkap.example", status="confirmed", role="curator")
    s.begin()
    same(s.account(ana)["id"], theirs)
    s.shows(ana, email="Ana@Nordkap.example", role="curator", status="confirmed", jobTitle="Welder")
    same((s.mails(ana), len(s.accounts(email="ana@nordkap.example")), s.code(ana)), ([], 1, "in-step"))
    s.quiet()


@scene(0, "an invitation that was asked for, and a setting, are told by the calendar and by why before a delivery has run")
def _(case):
    s = Scene(case, policy=["invite=on-hire-date", "ahead-days=10"], profile="full")
    ana = s.hire(hire_date=day(9), status="onboarding")
    s.sync()
    def calendar():
        return [(d["day"], a["person"], a["code"]) for d in s.company.ok("calendar", "acme/la", "--days", "60")["days"] for a in d["accounts"]]
    def why():
        return s.company.ok("people", "why", f"acme/{ana}")["people"][0]["accounts"][0]
    same(calendar(), [(day(9), str(ana), "invited")])
    s.company.ok("policy", "set", "acme/la", "invite=by-hand")
    same((calendar(), why()["code"], why()["asks"]), ([], "invited-by-hand", "invite"))
    s.deliver()
    s.company.ok("invite", "acme/la", str(ana), "--on", day(3))
    same((calendar(), why()["code"], why()["asks"], why()["due_on"]), ([(day(3), str(ana), "invited")], "invitation-asked", None, day(3)))
    told = " ".join(s.company.run("people", "why", f"acme/{ana}").out.split())
    check("the next delivery" not in told and "gives the word" not in told, told)
    holds(told, f"the day, or somebody asking for another one: {day(3)}")
    s.company.ok("policy", "set", "acme/la", "invite=on-hire-date")
    s.company.ok("policy", "set", "acme/la", "invite-days=-8")
    same([row[1] for row in calendar()], [str(ana)])
    before = (calendar(), why()["code"], why()["due_on"])
    s.deliver()
    same((calendar(), why()["code"], why()["due_on"]), before, "and so it is after it")


@scene(0, "an invitation that was asked for to an address that HR states no more is told, with what to type; no mail goes to either", databases=["sqlite", "postgres"])
def _(case):
    s = Scene(case, policy=["invite=by-hand", "account-without-mail=no"])
    ana, ben = s.hire(first_name="Ana", last_name="Lind", email="ana@nordkap.example"), s.hire(first_name="Ben", email="ben@nordkap.example")
    s.sync()
    same(s.company.ok("status")["destinations"][0]["lapsed"], 0)
    holds(s.company.run("invite", "acme/la", ana, "--on", day(3), "--preview").out, "ana@nordkap.example")
    s.company.ok("invite", "acme/la", ana, ben, "--on", day(3))
    s.deliver()
    s.told(ana, "invitation-asked", "ana@nordkap.example")
    s.edit(ana, email="ana.lind@nordkap.example")
    s.company.import_all()
    again = f"rollcall invite acme/la {ana} --on {day(3)}"

    def told(*command):
        done = s.company.run(*command)
        holds(" ".join(done.out.split()), f"asked for an invitation to ana@nordkap.example on {day(3)}, and HR states another address now, ana.lind@nordkap.example", again)
    told("people", "why", f"acme/{ana}")  # before a delivery has looked at it
    s.deliver()
    row = s.told(ana, "invitation-lapsed", "ana.lind@nordkap.example")
    same((row["waits"], row["asks"], row["asks_for"]), ("approval", "invite", "ana.lind@nordkap.example"))
    told("people", "why", f"acme/{ana}")
    told("accounts", "list", "acme/la", "--waits")
    told("conflict", "list", "acme/la")
    same(s.company.ok("status")["destinations"][0]["lapsed"], 1)
    holds(s.company.run("status").out, "HR states no more", "accounts list acme/la --waits")
    s.days(3)
    s.deliver("--inventory")
    same((s.code(ana), s.accounts(ana), len(s.mails(ben))), ("invitation-lapsed", [], 1))
    check("--on" not in s.company.run("accounts", "list", "acme/la", "--waits").out, "that day is here")
    # what is typed counts for the address of now, also before a delivery has looked at it
    s.edit(ana, email="a.lind@nordkap.example")
    s.company.import_all()
    holds(s.company.run("invite", "acme/la", ana).out, "a.lind@nordkap.example")
    s.deliver()
    same([m["kind"] for m in s.mails(ana)], ["invitation"])
    same(s.account(ana)["email"], "a.lind@nordkap.example")
    for address in ("ana@nordkap.example", "b.lind@nordkap.example"):
        s.edit(ana, email=address)
        s.sync()
    same(len(s.mails(ana)), 1, "no second one")
    same(s.company.ok("status")["destinations"][0]["lapsed"], 0)


@scene(8, "an account there that may be somebody else's is left alone until a person says so")
def _(case):
    s = Scene(case, begins=False)
    closed = s.hire(first_name="Cem", last_name="Demir", email="cem@nordkap.example")
    other = s.hire(first_name="Oda", last_name="Falk", email="oda@nordkap.example")
    okta = s.hire(first_name="Olav", last_name="Dahl", email="olav@nordkap.example")
    ids = [s.there.put(firstName="Cem", lastName="Demir", email="cem@nordkap.example", status="deactivated"),
           s.there.put(firstName="Bob", lastName="Miller", email="oda@nordkap.example", status="confirmed"),
           s.there.put(firstName="Olav", lastName="Dahl", email="olav@nordkap.example", status="confirmed", integrationExternalId="okta:77")]
    before = [s.there.control("GET", f"truth/{i}") for i in ids]
    s.begin()
    same([s.told(p, code)["waits"] for p, code in ((closed, "adopt-deactivated"), (other, "adopt-other-name"), (okta, "other-connector"))],
         ["approval", "approval", "platform"])
    same([s.there.control("GET", f"truth/{i}") for i in ids], before, "the accounts in question")
    asked = {r["person"]: r["in_question"] for r in s.company.ok("conflict", "list", "acme/la")["conflicts"]}
    same({person: (it["account"], it["name"], it["email"], it["person"], it["status"]) for person, it in asked.items()},
         {str(closed): (str(ids[0]), "Cem Demir", "cem@nordkap.example", None, "deactivated"), str(other): (str(ids[1]), "Bob Miller", "oda@nordkap.example", None, "active")})
    holds(" ".join(s.company.run("conflict", "list", "acme/la").out.split()), f"account {ids[1]}: Bob Miller, oda@nordkap.example, open",
          f"it is theirs: rollcall conflict resolve acme/la {other} link", f"it is somebody else's: rollcall conflict resolve acme/la {other} ignore")
    s.resolve(closed, "link")
    s.resolve(other, "ignore")
    s.deliver()
    same((s.account(closed)["id"], s.is_open(closed)), (ids[0], True))
    same((s.told(other, "email-taken")["waits"], s.accounts(other)), ("platform", []))
    same([s.there.control("GET", f"truth/{i}") for i in ids[1:]], before[1:], "those that nobody approved")
    s.quiet()


@scene(9, "an admin's account under the same address is linked once a person approves it, and keeps its role")
def _(case):
    s = Scene(case, begins=False)
    ana = s.hire(first_name="Ana", last_name="Lopez", email="ana@nordkap.example")
    theirs = s.there.put(firstName="Ana", lastName="Old", email="ana@nordkap.example", status="confirmed", role="admin")
    s.begin()
    row = s.told(ana, "adopt-protected", theirs)
    same((row["asks"], row["asks_for"], s.accounts(ana)), ("adopt", str(theirs), []))
    s.resolve(ana, "approve")
    s.deliver()
    same(s.shows(ana, role="admin", lastName="Lopez", jobTitle="Welder"), theirs)
    s.quiet()


@scene(10, "a missing work e-mail leaves one person out and nobody else")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(email=None), s.hire()
    s.sync()
    same((s.told(ana, "no-email", "no work e-mail")["waits"], s.accounts(ana)), ("hr", []))
    same(len(s.mails(ben)), 1)
    s.edit(ana, email="ana@nordkap.example")
    s.sync()
    same(len(s.mails(ana)), 1)


@scene(11, "blanks around an address are trimmed, and what is no address stops only that account")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(email="  ana@nordkap.example "), s.hire(email="ben at nordkap")
    s.sync()
    s.shows(ana, email="ana@nordkap.example")
    same((s.told(ben, "bad-email")["waits"], s.accounts(ben)), ("hr", []))
    s.edit(ana, email="no address", position="Foreman")
    s.sync()
    s.shows(ana, email="ana@nordkap.example", jobTitle="Foreman")


@scene(12, "two HR records, one address")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(email="a@nordkap.example"), s.hire(email="a@nordkap.example", status="inactive")
    cem, dee = s.hire(email="c@nordkap.example"), s.hire(email="C@nordkap.example")
    s.sync()
    same((len(s.accounts(ana)), s.code(ben)), (1, "gone-without-account"))
    for one in (cem, dee):
        same(s.told(one, "email-claimed", "several people", "c@nordkap.example")["waits"], "hr")
    same(s.accounts(email="c@nordkap.example"), [])
    s.edit(dee, email="dee@nordkap.example")
    s.sync()
    same((len(s.mails(cem)), len(s.mails(dee))), (1, 1))
    eve = s.hire(email="c@nordkap.example")  # who has the account keeps it
    s.sync()
    s.told(eve, "email-claimed", "comes first")
    same((len(s.accounts(email="c@nordkap.example")), s.code(cem)), (1, "in-step"))


@scene(12, "a filter that leaves one of two out settles whose the address is")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(email="a@nordkap.example"), s.hire(email="a@nordkap.example", office="Nowhere")
    s.sync()
    same([s.code(ana), s.code(ben)], ["email-claimed"] * 2)
    s.map('exclude when office == "Nowhere" because "a duplicate"\n')
    s.deliver()
    same((len(s.mails(ana)), s.accounts(ben)), (1, []))


@scene(13, "an address held by a deactivated account of another HR id is not taken over unasked")
def _(case):
    s = Scene(case)
    ana = s.hire(email="a@nordkap.example")
    s.sync()
    s.edit(ana, status="inactive")
    s.sync()
    theirs = s.account(ana)
    ben = s.hire(email="a@nordkap.example", first_name="Ben", last_name="Other")
    s.policy("relink=yes")
    s.sync()
    row = s.told(ben, "relink-offered", theirs["id"])
    same((row["waits"], row["asks"]), ("approval", "adopt"))
    same(s.there.control("GET", f"truth/{theirs['id']}")["status"], "deactivated")
    same(s.accounts(ben), [])
    s.there.forget()
    s.deliver()
    same(s.there.writes(), [])
    s.resolve(ben, "ignore")
    s.sync()
    same((s.told(ben, "email-taken", "somebody else's", theirs["id"])["asks"], s.accounts(ben), s.there.writes()), (None, [], []))
    s.quiet()
    s.there.change(theirs["id"], email="a.old@nordkap.example")
    s.deliver("--inventory")
    same((s.shows(ben, email="a@nordkap.example") != theirs["id"], len(s.mails(ben)), s.is_open(ana)), (True, 1, False))
    s.quiet()


@scene(14, "a missing last name is never asked of the platform, and a refused one once")
def _(case):
    s = Scene(case)
    ana = s.hire(last_name=None)
    s.sync()
    same(s.told(ana, "no-last-name")["waits"], "hr")
    same([w for w in s.there.writes() if w[0].startswith("users.")], [])
    s.edit(ana, last_name="Lopez")
    s.sync()
    same(len(s.mails(ana)), 1)
    # what the platform will not take for one person is said of that person, and tried again once HR states another value
    ben, cem = s.hire(last_name="Cher"), s.hire()
    s.there.fault("users.create", "status", status=400, count=1)
    answer = s.sync()
    calls = s.calls_of(answer["deliveries"][0]["run"]["run"])
    failed = [c for c in calls if c["state"] == "failed"]
    same(len(failed), 1)
    holds(failed[0]["answer"], "Something went wrong")
    lost, kept = (ben, cem) if not s.accounts(ben) else (cem, ben)
    row = s.told(lost, "refused-unnamed", "refused to make an account of what HR states, and named no field: Something went wrong")
    same((row["waits"], len(s.mails(kept))), ("hr", 1))
    holds(row["remedy"], "another value of anything that was sent is tried again, once")
    s.quiet()
    s.there.fault("users.create", "status", status=400, count=1)
    s.there.forget()
    s.edit(lost, position="Cook")
    s.sync()
    s.sync()
    same([route for route, _ in s.there.writes()], ["users.create"])
    s.told(lost, "refused-unnamed")
    s.quiet()
    s.edit(lost, last_name="Sarkisian")  # whichever it is
    s.sync()
    same(len(s.mails(lost)), 1)


@scene(0, "where a platform takes them, all nine standard fields arrive and follow, pictures and leave dates too")
def _(case):
    s = Scene(case, people=12, profile="full")
    found = s.company.ok("destination", "check", "acme/la")["findings"]
    same([f["name"] for f in found if f["level"] != "ok"], [])
    same(s.company.ok("mapping", "check", "acme/hr")["not_taken"], {})
    ana = s.hire(first_name="Ana", last_name="Lopez", email="ana@nordkap.example", termination_date=day(40))
    s.sync()
    s.shows(ana, firstName="Ana", lastName="Lopez", email="ana@nordkap.example", jobTitle="Welder", location="Leeds", hireDate=day(-100),
            leaveDate=day(40))
    same((s.team(ana), s.manager(ana)), ("Works", s.boss))
    s.edit(ana, first_name="Anne", last_name="Lopes", email="anne@nordkap.example", position="Fitter", office="Munich", hire_date=day(-90),
           termination_date=day(30), department="Sales")
    s.sync()
    s.shows(ana, firstName="Anne", lastName="Lopes", email="anne@nordkap.example", jobTitle="Fitter", location="Munich", hireDate=day(-90),
            leaveDate=day(30))
    same(s.team(ana), "Sales")
    shown = {int(a["integrationExternalId"].rpartition(":")[2]): a["avatar"] for a in s.there.everybody() if a["avatar"]}
    check(shown, "somebody has a picture")
    for person, picture in shown.items():
        same(picture, f"{s.hr.origin}/v1/company/employees/{person}/profile-picture")


@scene(0, "what a platform has no place for is said by both checks, not person by person")
def _(case):
    s = Scene(case)
    ana = s.hire(termination_date=day(40))
    s.sync()
    found = {f["name"]: f["text"] for f in s.company.ok("destination", "check", "acme/la")["findings"] if f["level"] != "ok"}
    check(any("pictures and leave dates" in text for text in found.values()), f"said once: {found}")
    same(s.company.ok("mapping", "check", "acme/hr")["not_taken"], {"la": "avatar, leave_date"})
    same(s.account(ana)["leaveDate"], None)
    s.told(ana, "in-step")
    s.quiet()
