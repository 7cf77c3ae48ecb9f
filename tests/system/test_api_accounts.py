"""test_api_accounts.py - the API of rollcall serve for accounts of a platform: whose they are, what waits for an answer, what is due when,
what people decide by hand; and whom the company has told of what."""
import contract
from contract import Api
from harness import check, holds, same, scenario
from mailserver import MailServer
from scenes import Scene, day
from serving import Serve, until
from test_api import Desk, all_pages, refusals

contract.covers(__file__, "accounts")
ACME = "/companies/acme"
LA = ACME + "/destinations/la"


def ok(desk, *words):
    return desk.company.ok(*map(str, words))


class Counter(Desk):
    """A platform with strangers, an account that asks, one that waits, and somebody whose last day is known."""

    def __init__(self, case):
        self.s = s = Scene(case, people=6, begins=False, policy=["invite=by-hand", "account-without-mail=no"])
        self.ana = s.hire(first_name="Ana")
        self.cem = s.hire(first_name="Cem", last_name="Demir", email="cem@nordkap.example")
        self.gil = s.hire(first_name="Gil", termination_date=day(5))
        self.ida = s.hire(first_name="Ida", last_name="Ito", email="ida@nordkap.example", termination_date=day(5))
        s.there.put(firstName="Cem", lastName="Demir", email="cem@nordkap.example", status="deactivated")
        s.there.put(firstName="Ida", lastName="Ito", email="ida@nordkap.example", status="confirmed")
        self.robot, self.other, self.hers = (s.there.put(firstName="Lesson", lastName=name, email=f"{name.lower()}@x.example", status="confirmed")
                                             for name in ("Robot", "Other", "Hers"))
        s.begin()
        self.make_tokens()


def lists(desk, api):
    reads = api.as_(desk.reads)
    for which, word in ((None, []), ("all", []), ("unmatched", ["--unmatched"]), ("asks", ["--asks"]), ("waits", ["--waits"])):
        told = ok(desk, "accounts", "list", "acme/la", "--all", *word)
        said = reads.get(LA + "/accounts?limit=1000" + (f"&which={which}" if which else ""))
        same((said["total"], said["accounts"], said["next"]), (told["total"], told["accounts"], None), which)
        check(said["accounts"], lambda: f"none are {which}")
        same(all_pages(reads, LA + "/accounts?limit=2" + (f"&which={which}" if which else ""), "accounts"), told["accounts"], "page by page")
    reads.get(LA + "/accounts?which=lost", status=400)
    same(reads.get(LA + "/accounts?which=left"), {"total": 0, "accounts": [], "next": None})
    told = ok(desk, "conflict", "list", "acme/la")
    same(all_pages(reads, LA + "/conflicts?limit=1", "conflicts"), told["conflicts"])
    same(reads.get(LA + "/calendar"), ok(desk, "calendar", "acme/la"))
    check(str(desk.ida) in {a["person"] for d in reads.get(LA + "/calendar?days=40")["days"] for a in d["accounts"]}, "whose last day is known")
    same(reads.get(LA + "/calendar?days=0"), ok(desk, "calendar", "acme/la", "--days", 0))
    for days in ("731", "x", "-1", ""):
        reads.get(LA + f"/calendar?days={days}", status=400)
    for path in ("/accounts", "/conflicts", "/calendar", "/pins"):
        same(reads.get(ACME + "/destinations/nobody" + path, status=404)["name"], "destination.unknown")


def elsewhere(desk, by):
    """An account of another platform, and a person whom that one is not fed, are not told as unknown."""
    desk.company.ok("integration", "add", "acme/csv", "--source", "csv", "--set", "file=/dev/null")
    desk.company.ok("destination", "add", "acme/second", "learnamp", "--set", "base-url=http://127.0.0.1:9", "--set", "client-id=x", "--feed", "csv",
                    "--secret-file", "client-secret=" + desk.company.file("second", "secret\n"))
    path = ACME + "/destinations/second/accounts"
    same(by.post(path + "/ignore", {"accounts": [str(desk.robot)]}, status=409)["name"], "account.elsewhere")
    same(by.post(path + "/ignore", {"accounts": ["4711"]}, status=404)["name"], "account.unknown")
    same(by.post(ACME + "/destinations/second/invite", {"people": [str(desk.ana)]}, status=409)["name"], "account.not-fed")
    desk.company.ok("destination", "remove", "acme/second", "--confirm", "second")
    desk.company.ok("integration", "remove", "acme/csv", "--confirm", "csv")


def answers(desk, api):
    by, reads = api.as_(desk.operates), api.as_(desk.reads)
    path = LA + f"/conflicts/{desk.cem}/resolve"
    asked = {name: a[name] for a in reads.get(LA + "/conflicts")["conflicts"] if a["person"] == str(desk.cem) for name in ("asks", "asks_for")}
    check(asked, "an account asks")
    by.post(path, {"answer": "perhaps", **asked}, status=400)
    by.post(path, {}, status=400)
    by.post(path, {"answer": "link"}, status=400)
    by.post(path, {"answer": "link", "asks": "money", "asks_for": None}, status=400)
    by.post(LA + "/conflicts/nobody/resolve", {"answer": "link", **asked}, status=404)
    for other in ({**asked, "asks_for": "4711"}, {**asked, "asks_for": None}, {**asked, "asks": "email"}):
        same(by.post(path, {"answer": "approve", **other}, status=409)["name"], "account.changed")
    key = {"Idempotency-Key": "cem-1"}
    same(by.post(path, {"answer": "link", **asked}, headers=key), {"done": "link"})
    same(by.post(path, {"answer": "link", **asked}, headers=key), {"done": "link"})
    same(by.headers["Idempotency-Replayed"], "true")
    same(by.post(LA + "/accounts/ignore", {"accounts": [str(desk.robot)]}), {"done": "ignore"})
    ties = {a["account"]: a["tie"] for a in reads.get(LA + "/accounts?limit=1000")["accounts"]}
    same(ties[str(desk.robot)], "ignored")
    by.post(LA + "/accounts/ignore", {"accounts": [str(desk.robot)], "no_longer": True})
    for wrong in ({}, {"accounts": []}, {"accounts": "1"}, {"accounts": [1]}, {"accounts": ["1"] * 101}, {"accounts": ["1"], "no_longer": 1}):
        by.post(LA + "/accounts/ignore", wrong, status=400)
    same(by.post(LA + "/accounts/ignore", {"accounts": ["4711"]}, status=404)["name"], "account.unknown")
    by.post(LA + "/accounts/link", {"account": str(desk.hers)}, status=400)
    by.post(LA + "/accounts/link", {"account": str(desk.hers), "person": "nobody"}, status=404)
    by.post(LA + "/accounts/link", {"account": "4711", "person": str(desk.ana)}, status=404)
    theirs = str(desk.s.there.put(firstName="Lesson", lastName="Lea", email="lea@x.example", status="confirmed"))
    desk.s.deliver("--preview", "--inventory")
    late = desk.s.hire(first_name="Lea")
    desk.company.import_all()  # and nothing has been decided about an account of hers yet
    asks = {"account": theirs, "person": str(late)}
    said = by.post(LA + "/accounts/link", asks, status=400)
    same(said["name"], "account.confirm")
    holds(said["detail"], "Lesson Lea", "lea@x.example", "another name")
    by.post(LA + "/accounts/link", {**asks, "confirm": "yes"}, status=400)
    tie = {"account": theirs, "account_name": "Lesson Lea", "account_email": "lea@x.example", "person": str(late)}
    said = by.post(LA + "/accounts/link", {**asks, "confirm": True})
    same(said, {"done": "link", **tie, "person_name": said["person_name"]})
    same(by.post(LA + "/accounts/unlink", {"account": theirs}), {**said, "done": "unlink"})
    same(by.post(LA + "/accounts/unlink", {"account": theirs}, status=400)["name"], "account.answer")
    by.post(LA + "/accounts/unlink", {}, status=400)
    by.post(LA + "/accounts/link", {**asks, "confirm": True})
    elsewhere(desk, by)
    same(by.post(LA + "/accounts/link", {"account": str(desk.hers), "person": str(desk.ana), "confirm": True})["done"], "link")
    said = {a["account"]: a["person"] for a in reads.get(LA + "/accounts?limit=1000")["accounts"]}
    same(said[str(desk.hers)], str(desk.ana))
    what = [e["what"] for e in api.as_(desk.administers).get(ACME + "/audit?limit=1000")["entries"] if "operate of acme" in e["who"]]
    check(len(what) >= 4 and any("link" in one for one in what), lambda: f"{what}")


def teams(desk, api):
    by, reads = api.as_(desk.operates), api.as_(desk.reads)
    same(reads.get(LA + "/conflicts")["teams"], [])
    there = desk.s.there
    team, = there.teams("Works")
    there.control("DELETE", f"teams/{team}")
    desk.s.deliver("--preview", "--inventory")
    told = ok(desk, "conflict", "list", "acme/la")["teams"]
    same([(t["name"], t["code"], t["asks"]) for t in told], [("Works", "team-deleted-there", "recreate")])
    same((reads.get(LA + "/conflicts?limit=1")["teams"], reads.get(ACME + "/status")["destinations"][0]["team_asks"]), (told, 1))
    path = LA + "/teams/resolve"
    for wrong in ({}, {"team": "Works"}, {"answer": "create"}, {"team": "Works", "answer": "perhaps"}, {"team": "Works", "answer": "link"}):
        by.post(path, wrong, status=400)
    same(by.post(path, {"team": "Nowhere", "answer": "create"}, status=404)["name"], "team.unknown")
    same(by.post(path, {"team": told[0]["team"], "answer": "ignore"}), {"done": "ignore"})
    same(by.post(path, {"team": "Works", "answer": "create"}), {"done": "create"})
    same(reads.get(LA + "/conflicts")["teams"], [])
    ones = [there.control("POST", "teams", {"name": "Quay"})["id"] for _ in range(2)]
    desk.s.hire(department="Quay")
    desk.s.import_()
    desk.s.deliver("--preview", "--inventory")
    told, = reads.get(LA + "/conflicts")["teams"]
    same((told, told["code"], told["asks"], told["there"]), (ok(desk, "conflict", "list", "acme/la")["teams"][0], "team-ambiguous", None, 2))
    same([(c["id"], c["name"], c["members"], c["external_id"]) for c in told["candidates"]], [(str(i), "Quay", 0, None) for i in ones])
    quay = {"team": told["team"]}
    for wrong in ({"answer": "link"}, {"answer": "approve"}, {"answer": "create", "id": "7"}, {"answer": "link", "id": 7}):
        by.post(path, {**quay, **wrong}, status=400)
    same(by.post(path, {**quay, "answer": "link", "id": "77777"}, status=404)["name"], "team.not-there")
    same(by.post(path, {**quay, "answer": "ignore"}), {"done": "ignore"})
    same([t["code"] for t in reads.get(LA + "/conflicts")["teams"]], ["team-ignored"])
    same(by.post(path, {**quay, "answer": "link", "id": str(ones[1])}), {"done": "link"})
    same(reads.get(LA + "/conflicts")["teams"], [])


def invitations(desk, api):
    by = api.as_(desk.operates)
    for wrong in ({}, {"all": True, "team": "Works"}, {"people": []}, {"all": True, "on": "soon"}, {"all": "yes"}, {"team": "Works", "people": ["1"]}):
        by.post(LA + "/invite", wrong, status=400)
    said = by.post(LA + "/invite", {"all": True, "preview": True})
    same({**said}, ok(desk, "invite", "acme/la", "--all", "--preview"))
    check(len(said["people"]) >= 2, lambda: f"{said}")
    same(by.post(LA + "/invite", {"team": "Works", "preview": True})["people"],
         ok(desk, "invite", "acme/la", "--team", "Works", "--preview")["people"])
    by.post(LA + "/invite", {"people": ["nobody"]}, status=404)
    for preview in (True, False):  # who has had theirs: what is refused is not promised
        named = {"people": [str(desk.ana)]}
        same(by.post(LA + "/invite", {**named, "preview": preview}, status=400)["name"], "account.answer")
        code, told = desk.company.rollcall("invite", "acme/la", desk.ana, *(["--preview"] if preview else []))
        same((code, told["error"]["name"]), (1, "account.answer"))
    for wrong in ({"all": True}, {"all": True, "confirm": len(said["people"]) + 1}, {"all": True, "confirm": 0}, {"team": "Works"},
                  {"people": [str(desk.gil)], "confirm": 2}):
        same(by.post(LA + "/invite", wrong, status=400)["name"], "account.confirm")
    same(by.post(LA + "/invite", {"all": True, "preview": True}, headers={"Idempotency-Key": "all-1"}, status=400)["name"], "request.invalid")
    by.post(ACME + "/destinations/nobody/invite", {"all": True}, status=404)
    said = by.post(LA + "/invite", {"people": [str(desk.gil)], "on": day(3)})
    same([said["preview"], said["on"], [a["person"] for a in said["people"]]], [False, day(3), [str(desk.gil)]])


def told_by_mail(desk, api, mail):
    by, operates, path = api.as_(desk.administers), api.as_(desk.operates), ACME + "/alerts/to"
    same(by.get(path), {"to": []})
    same(by.put(path, {"to": ["hr@acme.example", "it@acme.example"]}), {"to": ["hr@acme.example", "it@acme.example"]})
    same(by.get(path)["to"], ["hr@acme.example", "it@acme.example"])
    for wrong in ({}, {"to": None}, {"to": ["nobody"]}, {"to": ["a@b.example"] * 2}, {"to": [f"a{n}@b.example" for n in range(21)]}, {"to": [1]}):
        by.put(path, wrong, status=400)
    same(by.put(path, {"to": []}), {"to": []})
    same(operates.get(ACME + "/alerts"), {"alerts": []})
    by.put(path, {"to": ["hr@acme.example"]})
    leavers = [desk.s.hire() for _ in range(8)]
    desk.s.approve_import()
    for person in leavers:
        desk.s.edit(person, status="inactive", termination_date=day(-1))
    desk.company.rollcall("import", "acme/hr")
    alert = until(lambda: operates.get(ACME + "/alerts")["alerts"], "an alert about what waits", 60)[0]
    until(lambda: [m["state"] for m in operates.get(ACME + "/alerts")["alerts"][0]["mails"]] == ["sent"], "that the mail is out")
    same(len(mail.mails("hr@acme.example")), 1)
    same(by.get(ACME + "/alerts?all=1"), ok(desk, "alert", "list", "acme", "--all"))
    for token in (operates, api.as_(desk.reads)):
        mails = token.get(ACME + "/alerts?all=1")["alerts"][0]["mails"]
        same([(m["to"], m["answer"], m["state"]) for m in mails], [(None, None, "sent")], "whom the company tells")
    same([m["to"] for m in by.get(ACME + "/alerts")["alerts"][0]["mails"]], ["hr@acme.example"])
    operates.get(ACME + "/alerts?all=2", status=400)
    path, of = ACME + "/alerts/mute", {"subject": alert["subject"], "cause": alert["cause"]}
    check(operates.post(path, {**of, "days": 3})["muted_until"] > day(2), "for three days")
    same(operates.post(path, {**of, "days": 0})["muted_until"], None)
    for wrong in ({**of}, {**of, "days": 91}, {**of, "days": "1"}, {**of, "cause": "weather", "days": 1}):
        operates.post(path, wrong, status=400)
    same(operates.post(path, {**of, "subject": "nobody", "days": 1}, status=404)["name"], "alert.unknown")


def what_was_undone(desk, api, s):
    by = api.as_(desk.operates)
    s.sync()
    same(s.there.control("GET", f"truth/{desk.hers}")["integrationExternalId"].rpartition(":")[2], str(desk.ana), "what was linked by hand has our id")
    s.edit(desk.ana, position="Foreman")
    run = s.sync()["deliveries"][0]["run"]["run"]
    _, said = s.company.rollcall("undo", f"acme/{run}")
    s.approve(said["run"]["run"])
    pins = by.get(LA + "/pins")
    same(pins, ok(desk, "pin", "list", "acme/la"))
    check(pins["pins"], "nothing is held")
    person = pins["pins"][0]["person"]
    for wrong in ({}, {"person": person, "team": "Works"}):
        by.post(LA + "/pins/release", wrong, status=400)
    by.post(LA + "/pins/release", {"team": "No such team"}, status=404)
    same(by.post(LA + "/pins/release", {"person": person, "field": "language"}), {"released": 0})
    check(by.post(LA + "/pins/release", {"person": person})["released"] >= 1, "let go of")
    same([p for p in by.get(LA + "/pins")["pins"] if p["person"] == person], [])


def while_a_delivery_is_under_way(desk, api, s):
    """Nobody writes to its accounts."""
    by = api.as_(desk.operates)
    s.there.fault("users.update", "slow", ms=1500, count=0)
    s.edit(desk.gil, position="Packer")
    s.company.import_all()
    s.there.forget()
    by.post(LA + "/deliver", status=202)
    until(lambda: s.there.writes(), "the first call", 30)
    for path, body in (("/accounts/link", {"account": str(desk.other), "person": str(desk.cem)}), ("/accounts/unlink", {"account": str(desk.hers)}), ("/accounts/ignore", {"accounts": [str(desk.other)]}),
                       (f"/conflicts/{desk.cem}/resolve", {"answer": "link", "asks": "adopt", "asks_for": "1"}), ("/invite", {"people": [str(desk.cem)]}),
                       ("/teams/resolve", {"team": "Works", "answer": "ignore"}), ("/pins/release", {"person": str(desk.cem)})):
        same(by.post(LA + path, body, status=409)["name"], "busy")
    s.there.no_faults()
    until(lambda: by.get(ACME + "/runs?limit=1")["runs"][0]["state"] == "applied", "its end")


@scenario
def accounts_are_shown_as_the_command_line_shows_them_and_decided_about_by_hand(case):
    desk = Counter(case)
    mail = case.stack.enter_context(MailServer())
    with Serve(desk.company, env=mail.environment()) as serve:
        api = Api(serve.port, desk.root)
        refusals(desk, api, "accounts")
        lists(desk, api)
        answers(desk, api)
        teams(desk, api)
        invitations(desk, api)
        what_was_undone(desk, api, desk.s)
        while_a_delivery_is_under_way(desk, api, desk.s)
        told_by_mail(desk, api, mail)
        same(api.unseen("accounts"), [], "promised, and never seen")
        serve.stop()


@scenario
def who_left_and_can_still_sign_in_is_listed(case):
    desk = Counter(case)
    s, gone = desk.s, []
    for name in ("Lea", "Lev", "Liv"):
        s.there.put(firstName=name, lastName="Lund", email=f"{name.lower()}@nordkap.example", status="confirmed")
        gone.append(s.hire(first_name=name, last_name="Lund", email=f"{name.lower()}@nordkap.example"))
    s.company.import_all()
    s.deliver("--inventory")
    s.company.ok("accounts", "ignore", "acme/la", *(s.account(person)["id"] for person in gone))
    for person in gone:
        s.edit(person, status="inactive")
    s.company.import_all()
    told = ok(desk, "accounts", "list", "acme/la", "--left")
    same([a["person"] for a in told["accounts"]], [str(person) for person in gone])
    with Serve(desk.company) as serve:
        reads = Api(serve.port, desk.reads)
        said = reads.get(LA + "/accounts?which=left&limit=1000")
        same((said["total"], said["accounts"], said["next"]), (3, told["accounts"], None))
        same(all_pages(reads, LA + "/accounts?which=left&limit=2", "accounts"), told["accounts"], "page by page")
        there, = reads.get(ACME + "/status")["destinations"]
        same((there["verdict"], there["left_open"], there["left"]), ("leavers", 3, told["accounts"]))
        serve.stop()
