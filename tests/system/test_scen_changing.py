"""test_scen_changing.py - docs/scenarios.md, 15 to 31: what HR changes is changed there, in exactly those calls, and nothing else."""
import json

from harness import check, holds, same
from scenes import Scene, day, scene


def bodies(s, route="users.update"):
    return [json.loads(body) for where, body in s.there.writes() if where == route]


@scene(15, "a title that changes is one update of exactly that field")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(), s.hire()
    s.sync()
    s.there.forget()
    s.edit(ana, position="Foreman")
    run = s.sync()["deliveries"][0]["run"]["run"]
    account = s.account(ana)
    # address and names always go along, as they stand there: nobody says whether a change without them is taken
    same(s.there.writes(), [("users.update", json.dumps({"email": account["email"], "firstName": account["firstName"],
                                                         "lastName": account["lastName"], "jobTitle": "Foreman"}, separators=(",", ":")))])
    s.shows(ana, jobTitle="Foreman")
    same([(c["verb"], c["person"], c["state"]) for c in s.calls_of(run)], [("update", str(ana), "done")])
    holds(s.calls_of(run)[0]["sentence"], "Welder -> Foreman")
    s.shows(ben, jobTitle="Welder")
    s.quiet()


@scene(16, "a name that changes keeps the account, and nobody is mailed")
def _(case):
    s = Scene(case)
    ana = s.hire(last_name="Lopez")
    s.sync()
    was = s.account(ana)["id"]
    s.edit(ana, last_name="Meyer")
    s.sync()
    same((s.shows(ana, lastName="Meyer"), len(s.mails(ana))), (was, 1))


@scene(17, "an address that changes keeps the account, and a protected one's only by approval")
def _(case):
    s = Scene(case, begins=False)
    ana, boss = s.hire(email="ana@nordkap.example"), s.hire(first_name="Ada", last_name="Min", email="ada@nordkap.example")
    s.there.put(firstName="Ada", lastName="Min", email="ada@nordkap.example", status="confirmed", role="admin")
    s.begin()
    was = s.account(ana)["id"]
    s.resolve(boss, "approve")
    s.deliver()
    s.edit(ana, email="ana.meyer@nordkap.example")
    s.edit(boss, email="ada.new@nordkap.example", position="Director")
    s.sync()
    same((s.shows(ana, email="ana.meyer@nordkap.example"), len(s.mails(ana)), len(s.accounts(ana))), (was, 1, 1))
    s.shows(boss, email="ada@nordkap.example", jobTitle="Director")
    row = s.told(boss, "email-protected", "ada.new@nordkap.example")
    same((row["asks"], row["asks_for"]), ("email", "ada.new@nordkap.example"))
    s.resolve(boss, "approve")
    s.deliver()
    s.shows(boss, email="ada.new@nordkap.example", role="admin")


@scene(18, "an address that is taken is told, and everything else goes on")
def _(case):
    s = Scene(case)
    ana, ben, cem = s.hire(email="ana@nordkap.example"), s.hire(email="ben@nordkap.example"), s.hire()
    stranger = s.there.put(firstName="Some", lastName="Body", email="taken@nordkap.example", status="confirmed")
    s.deliver("--inventory")
    s.sync()
    before = s.there.control("GET", f"truth/{stranger}")
    s.edit(ana, email="taken@nordkap.example", position="Foreman")
    s.edit(ben, email="ANA@nordkap.example")
    s.edit(cem, position="Foreman")
    s.sync()
    s.shows(ana, email="ana@nordkap.example", jobTitle="Foreman")
    s.shows(cem, jobTitle="Foreman")
    s.told(ana, "email-taken", "taken@nordkap.example")
    s.shows(ben, email="ben@nordkap.example")
    same(s.there.control("GET", f"truth/{stranger}"), before)
    s.quiet()


@scene(18, "an address that somebody has taken since the inventory is refused there, told, and settled by looking")
def _(case):
    s = Scene(case)
    ana = s.hire(email="ana@nordkap.example")
    s.sync()
    s.there.put(firstName="Some", lastName="Body", email="taken@nordkap.example", status="confirmed")
    s.edit(ana, email="taken@nordkap.example")
    ben = s.hire(email="taken2@nordkap.example")
    s.there.put(firstName="Other", lastName="Body", email="taken2@nordkap.example", status="confirmed")
    s.sync()
    s.shows(ana, email="ana@nordkap.example")
    same(s.accounts(ben), [])
    s.told(ana, "email-taken")
    s.told(ben, "adopt-other-name")
    s.quiet()


@scene(19, "an address that is freed is taken second, and two that are swapped are told")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(email="a@nordkap.example"), s.hire(email="b@nordkap.example")
    s.sync()
    s.edit(ben, email="c@nordkap.example")
    s.edit(ana, email="b@nordkap.example")
    s.sync()
    s.shows(ana, email="b@nordkap.example")
    s.shows(ben, email="c@nordkap.example")
    s.edit(ana, email="c@nordkap.example")
    s.edit(ben, email="b@nordkap.example")
    s.there.forget()
    s.company.import_all()
    code, said = s.company.rollcall("deliver", "acme/la")
    same((code, said["run"], said["waiting"], s.there.writes()), (0, None, 2, []))
    same([s.code(ana), s.code(ben)], ["email-swapped"] * 2)
    s.shows(ana, email="b@nordkap.example")
    s.shows(ben, email="c@nordkap.example")
    s.there.change(s.account(ben)["id"], email="for.a.while@nordkap.example")  # what they are told to do
    s.days(1)
    s.deliver()
    s.shows(ana, email="c@nordkap.example")
    s.shows(ben, email="b@nordkap.example")


@scene(19, "whoever is new gets the address that somebody gives up")
def _(case):
    s = Scene(case)
    ana = s.hire(email="a@nordkap.example")
    s.sync()
    s.edit(ana, email="c@nordkap.example")
    ben = s.hire(email="a@nordkap.example")
    s.sync()
    s.deliver()
    s.shows(ana, email="c@nordkap.example")
    s.shows(ben, email="a@nordkap.example")
    same((len(s.mails(ana)), len(s.mails(ben))), (1, 1))


@scene(20, "another HR id with the same address goes on with the account, by a setting or by approval")
def _(case):
    s = Scene(case, policy=["relink=yes"])
    ana = s.hire(first_name="Ana", last_name="Lopez", email="a@nordkap.example")
    ben = s.hire(first_name="Ben", last_name="Lopez", email="b@nordkap.example")
    s.sync()
    was = [s.account(ana)["id"], s.account(ben)["id"]]
    s.hr.remove(ana)
    ana2 = s.hire(first_name="Ana", last_name="Lopez", email="a@nordkap.example", position="Foreman")
    s.sync()
    same(s.shows(ana2, status="invite_pending", jobTitle="Foreman"), was[0])
    same((len(s.mails(ana2)), s.accounts(ana)), (1, []))
    s.days(1)
    s.policy("relink=no")
    s.edit(ben, status="inactive")
    ben2 = s.hire(first_name="Ben", last_name="Lopez", email="b@nordkap.example")
    s.company.import_all()
    s.deliver()
    row = s.told(ben2, "relink-offered")
    same((row["asks"], row["asks_for"], s.accounts(ben2)), ("adopt", str(was[1]), []))
    s.resolve(ben2, "link")
    s.deliver()
    same((s.account(ben2)["id"], s.is_open(ben2), len(s.accounts(email="b@nordkap.example"))), (was[1], True, 1))
    s.days(1)
    s.sync()
    check(s.is_open(ana2) and s.is_open(ben2), "closed because the old id is gone")


@scene(20, "while it is not settled whether the old HR id is gone, or when both are there, nothing moves")
def _(case):
    s = Scene(case, policy=["relink=yes"])
    ana = s.hire(first_name="Ana", last_name="Lopez", email="a@nordkap.example")
    s.sync()
    ana2 = s.hire(first_name="Ana", last_name="Lopez", email="a@nordkap.example")
    s.there.forget()
    s.sync()
    same(s.told(ana2, "email-claimed")["waits"], "hr")
    s.hr.fault("v1.employees.get", "status", status=500)
    s.hr.remove(ana)
    s.sync()
    s.days(2)
    s.sync()
    same(s.company.person(ana)["lifecycle"], "absent")
    same(s.told(ana2, "holder-unsettled")["waits"], "reading")
    same(s.there.writes(), [])
    check(s.is_open(ana), "closed")


@scene(21, "a name that people are known as is an ordinary change, there and back")
def _(case):
    s = Scene(case, mapping='first_name = part(preferred_name, " ", 1) ?? first_name\n')
    ana = s.hire(first_name="Anastasia", preferred_name="Annie Lopez")
    s.sync()
    was = s.shows(ana, firstName="Annie")
    s.edit(ana, preferred_name=None)
    s.sync()
    same(s.shows(ana, firstName="Anastasia"), was)


@scene(22, "a value emptied in HR stays there and is told, or is emptied by a setting")
def _(case):
    s = Scene(case)
    ana = s.hire()
    s.sync()
    s.edit(ana, position=None)
    s.there.forget()
    s.sync()
    row = s.told(ana, "not-cleared", "job_title", "Welder")
    same((row["waits"], s.there.writes()), ("setting", []))
    s.shows(ana, jobTitle="Welder")
    s.policy("clear=yes")
    s.deliver()
    s.shows(ana, jobTitle=None)
    s.quiet()


@scene(22, "a platform that will not empty a value is told once, whether it says so or not")
def _(case):
    for word in ("ignored", "refused"):
        s = Scene(case, policy=["clear=yes"], switches={"clear.texts": word})
        ana = s.hire()
        s.sync()
        s.edit(ana, position=None, office="Bremen")
        s.sync()
        s.shows(ana, jobTitle="Welder", location="Bremen")
        s.told(ana, "refused", "job_title")
        s.quiet()


@scene(23, "a field that HR hides empties nothing there")
def _(case):
    s = Scene(case, people=12, policy=["clear=yes"])
    before = {a["id"]: a for a in s.accounts()}
    usual = s.hr.control("GET", "credentials")["credentials"][0]["attributes"]
    s.hr.credential(attributes=[a for a in usual if a not in ("office", "position")])
    said = s.sync()
    check(said["import"]["counts"]["vanished"], f"no warning that it vanished for many: {said['import']['counts']}")
    same(s.there.writes(), [])
    same({a["id"]: a for a in s.accounts()}, before)


@scene(24, "a field that the platform must have is refused when emptied, once, and the others are updated")
def _(case):
    s = Scene(case, policy=["leave-date-field=Leave date"])
    s.there.control("POST", "fields", {"name": "Leave date", "mandatory": True})
    ana = s.hire(termination_date=day(30))
    s.sync()
    same(s.account(ana)["customFields"]["Leave date"], day(30))
    s.edit(ana, termination_date=None, position="Foreman")
    s.sync()
    s.shows(ana, jobTitle="Foreman")
    same(s.account(ana)["customFields"]["Leave date"], day(30))
    s.told(ana, "refused", "Leave date")
    s.quiet()


@scene(25, "a field of the platform's own that does not exist does not make anybody gone")
def _(case):
    s = Scene(case, mapping='custom."Badge" = job_title\n')
    check("acme" in s.company.run("destination", "check", "acme/la").out or True)
    ana = s.hire()
    said = s.sync()
    s.shows(ana, jobTitle="Welder", location="Leeds")
    s.told(ana, "refused", "Badge")
    calls = s.calls_of(said["deliveries"][0]["run"]["run"])
    check(any(c["answer"] and "field" in c["answer"] for c in calls), f"nothing is said about it: {calls}")
    s.edit(ana, office="Bremen")
    s.sync()
    s.shows(ana, location="Bremen")
    s.quiet()
    s.there.control("POST", "fields", {"name": "Badge"})
    s.edit(ana, position="Foreman")
    s.sync()
    same(s.account(ana)["customFields"]["Badge"], "Foreman")


@scene(26, "fields of the platform's own that are switched off are said once, and not sent for ever")
def _(case):
    s = Scene(case, mapping='custom."Cost centre" = job_title\n', switches={"custom-fields.feature": "off"})
    text = s.company.run("destination", "check", "acme/la").out
    holds(text, "custom field")
    ana = s.hire()
    s.sync()
    s.shows(ana, jobTitle="Welder")
    s.quiet()
    s.days(1)
    s.quiet()


@scene(27, "a value edited by hand is put back, or stays, by whose field it is")
def _(case):
    s = Scene(case)
    ana = s.hire()
    s.sync()
    account = s.account(ana)["id"]
    s.there.change(account, jobTitle="King")
    said = s.deliver("--inventory")
    holds(s.calls_of(said["run"]["run"])[0]["sentence"], "King -> Welder")
    same(s.calls_of(said["run"]["run"])[0]["code"], "put-back")
    s.shows(ana, jobTitle="Welder")
    s.policy("owner-job_title=when-empty")
    s.there.change(account, jobTitle="King")
    s.deliver("--inventory")
    s.shows(ana, jobTitle="King")
    s.told(ana, "filled-there")
    s.there.change(account, jobTitle=None)
    s.deliver("--inventory")
    s.shows(ana, jobTitle="Welder")
    s.policy("owner-job_title=never")
    s.there.change(account, jobTitle="King")
    s.edit(ana, position="Foreman")
    s.sync()
    s.deliver("--inventory")
    s.shows(ana, jobTitle="King")
    s.told(ana, "owned-there")


@scene(28, "an address edited by hand is found by our id, and makes no second account")
def _(case):
    s = Scene(case)
    ana = s.hire(email="ana@nordkap.example")
    s.sync()
    account = s.account(ana)["id"]
    s.there.change(account, email="private@elsewhere.example")
    s.deliver("--inventory")
    same(s.shows(ana, email="ana@nordkap.example"), account)
    s.policy("owner-email=never")
    s.there.change(account, email="private@elsewhere.example")
    s.deliver("--inventory")
    same(s.shows(ana, email="private@elsewhere.example"), account)
    same((s.code(ana), len(s.accounts(ana)), len(s.mails(ana))), ("owned-there", 1, 1))


@scene(28, "an account that was given to somebody else there, without our id, is asked about, and stays as it is when its former holder leaves")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(), s.hire()
    s.sync()
    account, other = s.account(ana)["id"], s.account(ben)["id"]
    s.there.change(account, integrationExternalId=None, firstName="Gudrun", lastName="Guest", email="guest@elsewhere.example")
    s.there.change(other, integrationExternalId=None)
    s.edit(ben, position="Foreman")
    s.sync()
    s.edit(ana, status="inactive")
    s.import_()
    s.deliver("--inventory")
    same(s.there.control("GET", f"truth/{other}")["jobTitle"], "Foreman")
    now = s.there.control("GET", f"truth/{account}")
    same((now["status"] == "deactivated", now["lastName"], now["email"]), (False, "Guest", "guest@elsewhere.example"))
    s.told(ana, "lost-id-other-address", "guest@elsewhere.example")
    holds(s.company.run("accounts", "list", "acme/la", "--left").out, "guest@elsewhere.example")
    s.resolve(ana, "link")
    s.sync()
    same(s.there.control("GET", f"truth/{account}")["status"], "deactivated")
    s.quiet()


@scene(29, "a language becomes the nearest that there is, or is left out with a note")
def _(case):
    mapping = 'language = lookup(office, words) ?? "en"\ntable words { "London" = "en-GB", "Reykjavik" = "is", "Lisboa" = "pt-PT" }\n'
    s = Scene(case, mapping=mapping)
    gb, island, pt = s.hire(office="London"), s.hire(office="Reykjavik"), s.hire(office="Lisboa")
    said = s.sync()
    s.shows(gb, language="en", location="London")
    s.shows(pt, language="pt-PT")
    s.shows(island, language="en", location="Reykjavik", status="invite_pending")
    s.told(island, "refused", "language")
    calls = {c["person"]: c for c in s.calls_of(said["deliveries"][0]["run"]["run"]) if c["of"] == "person"}
    holds(calls[str(island)]["answer"], "language")
    s.quiet()


@scene(30, "names of all scripts arrive as they are, and are not sent again")
def _(case):
    s = Scene(case)
    names = [("Łukasz", "Żółć"), ("Zoë", "O'Brien-Müller"), ("小龍", "李"), ("محمد", "𠮷田"), ("D\u2019Arcy", "\"Quote\" & <b>"), ("Jose\u0301", "N\u0303")]
    people = [s.hire(first_name=first, last_name=last) for first, last in names]
    s.sync()
    import unicodedata
    for person, (first, last) in zip(people, names):
        s.shows(person, firstName=unicodedata.normalize("NFC", first), lastName=unicodedata.normalize("NFC", last))
    s.quiet()
    s.days(1)
    s.quiet()


@scene(31, "letters that look alike are different addresses")
def _(case):
    s = Scene(case, begins=False)
    ana = s.hire(first_name="Irma", last_name="Ana", email="irma\u0131@nordkap.example")
    ben = s.hire(first_name="Irmi", last_name="Ana", email="irmai@nordkap.example")
    theirs = s.there.put(firstName="Irmi", lastName="Ana", email="IRMAI@nordkap.example", status="confirmed")
    s.begin()
    same(s.account(ben)["id"], theirs)
    check(not s.accounts(ana) or s.account(ana)["id"] != theirs, "linked to another's account")
