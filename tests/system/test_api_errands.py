"""test_api_errands.py - the API of rollcall serve for what talks to another system: previews, undoing, checks, closing accounts of nobody, a
mail to try. Nobody's request waits for the other system: it is written down, a worker does it, and the errand tells what came of it."""
import time

import contract
from contract import Api
from harness import check, holds, same, scenario
from mailserver import MailServer
from scenes import LEARNAMP_SECRET, Scene
from serving import Serve, until
from test_api import ERRANDS_MOST, Desk, all_pages, desk_is_full, refusals, state_of, too_many

contract.covers(__file__, "errands")
ACME = "/companies/acme"
HR, LA = ACME + "/integrations/hr", ACME + "/destinations/la"


class Errands(Desk):
    def __init__(self, case):
        self.s = s = Scene(case, people=6, begins=False)
        self.ana = s.hire(first_name="Ana")
        self.old, self.robot = (s.there.put(firstName="Lesson", lastName=name, email=f"{name.lower()}@x.example", status="confirmed")
                                for name in ("Old", "Robot"))
        s.begin()
        self.make_tokens()


def ended(api, said, state="done", seconds=60):
    number = said["errand"]["errand"]
    errand = until(lambda: (e := api.get(ACME + f"/errands/{number}")["errand"])["state"] != "waiting" and e, "its end", seconds)
    check(errand["state"] == state or state is None, lambda: f"{errand}")
    return errand


def of_nobody(desk, api):
    by, root = api.as_(desk.operates), api.as_(desk.root)
    for path in ("/integrations/nobody/sync", "/integrations/nobody/check", "/destinations/nobody/deliver", "/destinations/nobody/check"):
        by.post(ACME + path, {} if path.endswith("check") else {"preview": True}, status=404)
    by.post(LA + "/deliver", {"inventory": True}, status=400)
    by.post(HR + "/sync", {"preview": 1}, status=400)
    same(by.post(ACME + "/runs/999999/undo", {}, status=404)["name"], "run.unknown")
    same(by.post(ACME + "/runs/1/undo", {}, status=400)["name"], "undo.import")
    same(by.get(ACME + "/errands/1", status=404)["name"], "errand.unknown")
    same(root.get(ACME + "/errands")["errands"], [])


def previews(desk, api, s):
    """What would happen on both sides, and nothing does; approving makes just that."""
    by = api.as_(desk.operates)
    s.edit(desk.ana, position="Foreman")
    s.there.forget()
    key = {"Idempotency-Key": "preview-1"}
    said = by.post(HR + "/sync", {"preview": True}, status=202, headers=key)
    same(by.post(HR + "/sync", {"preview": True}, status=202, headers=key), said)
    same([said["errand"][name] for name in ("kind", "about", "state", "runs", "result", "error")], ["preview-sync", "hr", "waiting", [], None, None])
    errand = ended(by, said)
    imported, delivery = errand["runs"]
    same([state_of(by, run) for run in errand["runs"]], ["previewed"] * 2)
    same(s.there.writes(), [], "calls by a preview")
    same([(k["person"], k["new"]) for k in by.get(ACME + f"/runs/{imported}/changes")["changes"]], [(str(desk.ana), "Foreman")])
    calls = by.get(ACME + f"/runs/{delivery}/calls")["calls"]
    same([(k["person"], k["verb"]) for k in calls], [(str(desk.ana), "update")])
    by.post(ACME + f"/runs/{delivery}/approve", {"reason": "as looked at"}, status=202)
    until(lambda: state_of(by, delivery) == "applied", "what was approved", 60)
    same(state_of(by, imported), "applied")
    s.shows(desk.ana, jobTitle="Foreman")
    errand = ended(by, by.post(LA + "/deliver", {"preview": True, "inventory": True}, status=202))
    same((errand["kind"], len(errand["runs"])), ("preview-delivery", 1))
    return delivery


def undone(desk, api, s, run):
    by = api.as_(desk.operates)
    errand = ended(by, by.post(ACME + f"/runs/{run}/undo", {"preview": True}, status=202))
    errand = ended(by, by.post(ACME + f"/runs/{run}/undo", status=202))
    (undo,) = errand["runs"]
    same(by.get(ACME + f"/runs/{undo}")["run"]["kind"], "undo")
    s.shows(desk.ana, jobTitle="Foreman")
    by.post(ACME + f"/runs/{undo}/approve", {"reason": "it was a mistake"}, status=202)
    until(lambda: state_of(by, undo) == "applied", "the undo", 60)
    s.shows(desk.ana, jobTitle="Welder")
    same(by.post(ACME + f"/runs/{run}/undo", status=409)["name"], "undo.nothing")


def checks(desk, api, s):
    by = api.as_(desk.operates)
    for path, words in ((HR, ("integration", "acme/hr")), (LA, ("destination", "acme/la"))):
        errand = ended(by, by.post(path + "/check", status=202))
        code, said = desk.company.rollcall(words[0], "check", words[1])
        same((errand["result"], errand["result"]["ok"]), (said, code == 0))
    for secret, good in (("wrong", False), (LEARNAMP_SECRET, True)):
        desk.company.ok("destination", "set", "acme/la", "--secret-file", "client-secret=" + desk.company.file("another", secret + "\n"))
        errand = ended(by, by.post(LA + "/check", status=202), state=None)
        same(errand["state"] == "done" and errand["result"]["ok"], good, f"{errand}")


def closing(desk, api, s):
    by, path = api.as_(desk.operates), LA + "/accounts/close"
    both = [str(desk.old), str(desk.robot)]
    for confirm in (1, 3, "2", None):
        by.post(path, {"accounts": both, "confirm": confirm}, status=400)
    same(by.post(path, {"accounts": both}, status=400)["name"], "account.confirm")
    by.post(path, {"accounts": both[:1] * 2, "confirm": 2}, status=400)
    by.post(path, {"confirm": 1}, status=400)
    by.post(ACME + "/destinations/nobody/accounts/close", {"accounts": both, "confirm": 2}, status=404)
    s.there.forget()
    ours = str(s.account(desk.ana)["id"])
    errand = ended(by, by.post(path, {"accounts": [*both, ours], "confirm": 3}, status=202), "failed")
    same((errand["error"]["name"], errand["result"]), ("account.answer", {"closed": 0}))
    same(s.there.writes(), [], "somebody's was among them")
    by.post(LA + "/pause", {"because": "they are at it"})
    errand = ended(by, by.post(path, {"accounts": both, "confirm": 2}, status=202), "failed")
    same((errand["error"]["name"], errand["result"]), ("destination.paused", {"closed": 0}))
    same(s.there.writes(), [], "paused")
    by.post(LA + "/resume")
    paused_meanwhile(desk, by, s)
    errand = ended(by, by.post(path, {"accounts": both, "confirm": 2}, status=202))
    same((errand["result"], errand["about"]), ({"closed": 2}, "la"))
    same([route for route, _ in s.there.writes()], ["users.deactivate"] * 2)
    entries = [e["what"] for e in api.as_(desk.administers).get(ACME + "/audit?limit=1000")["entries"] if "operate of acme" in e["who"]]
    check(any(what.startswith("errand ") and "close-accounts of la" in what for what in entries), lambda: f"{entries}")
    same(len([what for what in entries if "of nobody is deactivated" in what]), 3)


def paused_meanwhile(desk, by, s):
    """The call that is under way is the last."""
    more = [str(s.there.put(firstName="Lesson", lastName=name, email=f"{name.lower()}@x.example", status="confirmed")) for name in ("One", "Two")]
    desk.company.rollcall("deliver", "acme/la", "--preview", "--inventory")
    s.there.fault("users.update", "slow", ms=1500, count=1)
    s.there.fault("users.deactivate", "slow", ms=1500, count=1)
    s.there.forget()
    said = by.post(LA + "/accounts/close", {"accounts": more, "confirm": 2}, status=202)
    until(lambda: s.there.writes(), "the first call", 30)
    by.post(LA + "/pause", {"because": "stop"})
    errand = ended(by, said, "failed")
    same((errand["error"]["name"], errand["result"]), ("destination.paused", {"closed": 1}))
    same(len(s.there.writes()), 1)
    s.there.no_faults()
    by.post(LA + "/resume")
    s.there.forget()


def a_mail(desk, api, mail):
    by = api.as_(desk.administers)
    for wrong in ({}, {"to": "nobody"}, {"to": 1}):
        by.post(ACME + "/alerts/test", wrong, status=400)
    errand = ended(by, by.post(ACME + "/alerts/test", {"to": "ana@acme.example"}, status=202))
    check(errand["result"]["answer"], lambda: f"{errand}")
    same(len(mail.mails("ana@acme.example")), 1)


def a_full_desk(desk, api, run):
    """Who asks in a loop is stopped at a hundred, of which each is there once; another company is not concerned."""
    by, root = api.as_(desk.operates), api.as_(desk.root)
    with desk_is_full(desk.company):
        for path in (f"/runs/{run}/undo", "/integrations/hr/check", "/destinations/la/check"):
            too_many(by, ACME + path)
        too_many(by, LA + "/accounts/close", {"accounts": ["1"], "confirm": 1})
        too_many(api.as_(desk.administers), ACME + "/alerts/test", {"to": "ana@acme.example"})
        same(len([e for e in all_pages(by, ACME + "/errands?limit=1000", "errands") if e["state"] == "waiting"]), ERRANDS_MOST)
        root.post("/companies/other/alerts/test", {"to": "bob@other.example"}, status=202)
    ended(by, by.post(LA + "/check", status=202))


@scenario
def what_talks_to_another_system_is_an_errand(case):
    desk = Errands(case)
    mail = case.stack.enter_context(MailServer())
    with Serve(desk.company, env=mail.environment()) as serve:
        api = Api(serve.port, desk.root)
        of_nobody(desk, api)
        refusals(desk, api, "errands")
        run = previews(desk, api, desk.s)
        a_full_desk(desk, api, run)
        undone(desk, api, desk.s, run)
        checks(desk, api, desk.s)
        closing(desk, api, desk.s)
        a_mail(desk, api, mail)
        everything = api.get(ACME + "/errands?limit=1000")["errands"]
        check(len(everything) >= 8, f"{len(everything)} errands")
        same(all_pages(api, ACME + "/errands?limit=3", "errands"), everything, "page by page")
        same(api.unseen("errands"), [], "promised, and never seen")
        serve.stop()


@scenario
def an_account_of_somebody_who_works_here_is_closed_by_nobodys_hand_before_and_after_the_first_delivery(case):
    desk = Errands.__new__(Errands)
    desk.s = s = Scene(case, people=6, begins=False)
    desk.ana = s.hire(first_name="Ana", email="ana@x.example")
    account = str(s.there.put(firstName="Ana", lastName="X", email="ana@x.example", status="confirmed"))
    desk.make_tokens()
    s.company.arrive()
    code, said = s.company.rollcall("deliver", "acme/la")
    same(code, 3, f"a first delivery is held: {said}")
    s.there.forget()
    with Serve(desk.company) as serve:
        by = Api(serve.port, desk.operates)
        row = next(a for a in by.get(LA + "/accounts?limit=1000")["accounts"] if a["account"] == account)
        same(row["person"], None, "nobody's, as far as is known")
        errand = ended(by, by.post(LA + "/accounts/close", {"accounts": [account], "confirm": 1}, status=202), "failed")
        same((errand["error"]["name"], errand["result"]), ("destination.undelivered", {"closed": 0}))
        serve.stop()
    code, told = s.company.rollcall("accounts", "close", "acme/la", account, "--confirm", "1")
    same((code, told["error"]["name"]), (1, "destination.undelivered"))
    same(s.there.writes(), [])
    s.approve(said["run"]["run"])
    s.there.forget()
    late = s.hire(first_name="Lea", email="lea@x.example")  # by HR, and not imported by anybody yet
    hers = str(s.there.put(firstName="Lea", lastName="X", email="lea@x.example", status="confirmed"))
    s.company.import_all()
    s.deliver("--preview", "--inventory")
    code, told = s.company.rollcall("accounts", "close", "acme/la", hers, "--confirm", "1")
    same((code, told["error"]["name"]), (1, "account.answer"), f"{late} works here")
    same(s.there.writes(), [])


@scenario
def an_errand_outlives_its_process_and_a_slow_platform_keeps_no_request_waiting(case):
    desk = Errands(case)
    s = desk.s
    with Serve(desk.company) as serve:
        by = Api(serve.port, desk.operates)
        s.there.fault("users.list", "slow", ms=4000, count=0)
        began = time.monotonic()
        said = by.post(LA + "/deliver", {"preview": True, "inventory": True}, status=202)
        other = by.post(LA + "/check", status=202)
        check(time.monotonic() - began < 3, "a request waited for the platform")
        until(lambda: s.there.calls(), "the first call", 30)
        serve.kill()
    s.there.no_faults()
    with Serve(desk.company) as serve:
        by = Api(serve.port, desk.operates)
        errand = ended(by, said)
        same(state_of(by, errand["runs"][0]), "previewed")
        ended(by, other)
        serve.stop()


@scenario
def without_a_mail_server_an_errand_says_so_and_after_a_week_it_is_forgotten(case):
    desk = Errands(case)
    with Serve(desk.company) as serve:
        by = Api(serve.port, desk.administers)
        errand = ended(by, by.post(ACME + "/alerts/test", {"to": "ana@acme.example"}, status=202), "failed")
        same(errand["error"]["name"], "mail.none")
        holds(errand["error"]["text"], "ROLLCALL_SMTP_URL")
        serve.stop()
    desk.company.ok("retention", "apply", "acme")
    with Serve(desk.company) as serve:
        same(len(Api(serve.port, desk.reads).get(ACME + "/errands")["errands"]), 1)
        serve.stop()
    desk.s.days(8)
    desk.company.ok("retention", "apply", "acme")
    with Serve(desk.company) as serve:
        same(Api(serve.port, desk.reads).get(ACME + "/errands")["errands"], [])
        serve.stop()
