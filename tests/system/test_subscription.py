"""test_subscription.py - the webhook that rollcall keeps in HR by itself: whatever becomes of it there, of what belongs to others, and of what it did
not tell; who hears of it when it fails; and its end with what it belongs to."""
import time

from contract import Api
from harness import check, holds, same, scenario
from mailserver import MailServer
from serving import until
from test_api import token
from test_webhooks import EVENTS
from test_webhooks_kept import Kept

ADMIN = "ana.admin@acme.example"
HOUR = 3600


class Told(Kept):
    """... and the company has somebody to be told."""

    def __init__(self, case, **how):
        super().__init__(case, **how)
        self.mail = case.stack.enter_context(MailServer())
        self.company.ok("alert", "set", "acme", "--to", ADMIN)

    def serve_with_mail(self, **how):
        return self.serve(env=self.mail.environment(), **how)

    def subjects(self):
        return [str(m["Subject"]) for m in self.mail.mails(ADMIN)]

    def standing(self):
        return self.company.ok("integration", "show", "acme/hr")["integration"]["webhook"]

    def look_now(self):
        self.sql("UPDATE job SET run_at_us = 1 WHERE kind = 'webhook'")


def begun_among(s, before=()):
    """It is kept, and its service has been stopped; its id in HR."""
    with s.serve() as serve:
        until(s.kept, "the webhook, and its ping", 20)
        serve.stop()
    return next(w["id"] for w in s.hooks() if w["id"] not in before)


def begun(s):
    return begun_among(s)


def begin_anew(s):
    """HR is well, has none of ours any more, and is connected again."""
    s.hr.no_faults()
    s.hr.control("DELETE", "webhooks")
    s.company.connect(s.hr)
    s.hook = s.shown()
    begun(s)


def told_everywhere(s, serve, word, phrase):
    """Status, integration show, company show, metrics and the API say it; with words of what to do."""
    for command in (("status",), ("integration", "show", "acme/hr"), ("company", "show", "acme")):
        said = " ".join(s.company.run(*command).out.split())
        holds(said, "does not tell of changes by itself", phrase, "Safe to do: rollcall integration webhook show acme/hr")
    same(serve.metrics()[f'rollcall_webhooks_in_hr{{state="{word}"}}'], 1)
    api = Api(serve.port, token(s.company, right="read"))
    same(api.get("/companies/acme/integrations/hr")["integration"]["webhook"], s.standing())
    same([i["webhook"] for i in api.get("/companies/acme/status")["integrations"]], [s.standing()])
    same(s.company.ok("status", "acme")["integrations"][0]["webhook"], s.standing())


# ---- somebody is told -------------------------------------------------------------------------------------------------


def cannot_be_kept(case, fault, phrase, route="webhooks.update"):
    s = Told(case)
    if route == "webhooks.update":
        s.disable(begun(s))
    s.hr.fault(route, "status", count=0, **fault)
    with s.serve_with_mail() as serve:
        until(lambda: s.standing()["failing_since"], "a failure", 20)
        holds(s.standing()["note"], phrase)
        told_everywhere(s, serve, "failing", phrase)
        same(s.subjects(), [], "a hiccup is told to nobody")
        serve.stop()
    with s.serve_with_mail(shift=2 * HOUR) as serve:
        until(s.subjects, "a mail", 30)
        same(s.subjects(), ["Acme: HR system hr does not tell of changes by itself"])
        holds(str(s.mail.mails(ADMIN)[0].get_content()), phrase, "rollcall integration webhook show acme/hr")
        same([(a["cause"], a["subject"]) for a in s.company.ok("alert", "list", "acme")["alerts"]], [("webhook", "hr")])
        until(lambda: serve.metrics()['rollcall_alerts_open{cause="webhook"}'] == 1, "the number of it")
        s.hr.no_faults()
        s.look_now()
        until(lambda: len(s.subjects()) == 2, "a mail that it is over", 60)
        same(s.subjects()[1], "Acme: over: HR system hr tells of changes by itself again")
        same((s.hooks()[0]["status"], s.standing()["failing_since"]), ("ENABLED", None))
        serve.stop()


@scenario
def a_webhook_that_hr_lets_nobody_mend_is_told_once_and_once_when_it_is_over(case):
    cannot_be_kept(case, {"status": 500}, "PATCH /v2/webhooks")


@scenario
def one_that_hr_lets_nobody_make_is_told_likewise(case):
    cannot_be_kept(case, {"status": 500}, "POST /v2/webhooks", route="webhooks.create")


@scenario
def one_that_stays_disabled_although_hr_says_yes_is_told_too(case):
    cannot_be_kept(case, {"status": 200}, "stays so although it was told to be enabled")


@scenario
def one_by_which_nothing_comes_while_listings_find_changes_is_told_until_something_comes(case):
    s = Told(case)
    people = [s.hire(first_name=f"Ana{n}") for n in range(4)]
    s.sync()
    begun(s)
    s.hr.switches({"webhooks.lost-percent": 100})  # as HR sees it they are sent
    s.days(3)
    for person in people[:2]:
        s.edit(person, position="Foreman")
    s.company.import_all()
    with s.serve_with_mail() as serve:
        until(lambda: serve.done("webhook") >= 1, "a look", 30)
        same(s.standing()["silent_since"], None, "two may be changes of which nobody tells")
        serve.stop()
    s.edit(people[2], position="Foreman")
    s.company.import_all()
    with s.serve_with_mail() as serve:
        until(lambda: s.standing()["silent_since"], "silence", 30)
        until(lambda: len(s.subjects()) == 1, "a mail", 30)
        same(s.subjects(), ["Acme: HR system hr does not tell of changes by itself"])
        told_everywhere(s, serve, "silent", "nothing has come by its webhook since")
        same(s.standing()["in_hr"], "kept")
        s.hr.switches({"webhooks.lost-percent": 0})
        s.edit(people[3], position="Poet")
        until(lambda: len(s.subjects()) == 2, "a mail that it is over", 60)
        same(s.standing()["silent_since"], None)
        serve.stop()


# ---- what becomes of it in HR -------------------------------------------------------------------------------------------


@scenario
def one_that_was_removed_in_hr_is_made_again_while_and_after_it_runs(case):
    s = Kept(case)
    ana = s.hire(first_name="Ana")
    s.sync()
    first = begun(s)
    s.hr.control("DELETE", "webhooks")
    with s.serve() as serve:
        until(lambda: [w["id"] != first for w in s.hooks()] == [True], "another one", 20)
        s.edit(ana, position="Foreman")
        until(lambda: s.account(ana)["jobTitle"] == "Foreman", "the new title", 20)
        s.hr.control("DELETE", "webhooks")
        s.sql("UPDATE job SET run_at_us = 1 WHERE kind = 'webhook'")
        until(lambda: len(s.hooks()) == 1, "a third one", 20)
        until(s.kept, "what is known of it", 20)
        s.edit(ana, position="Poet")
        until(lambda: s.account(ana)["jobTitle"] == "Poet", "the new title", 20)
        same(s.shown()["remote_id"], s.hooks()[0]["id"])
        serve.stop()


@scenario
def whatever_somebody_made_of_its_authentication_there_it_is_our_token_again(case):
    s = Kept(case)
    id = begun(s)
    for made in ({"auth_type": "NONE"}, {"auth_type": "CUSTOM", "custom_headers": {"X-Secret": "theirs"}}):
        s.hr.control("DELETE", "webhooks")
        s.hr.control("POST", "webhooks", {"url": f"http://127.0.0.1:{s.port}{s.hook['path']}", "enabled_events": EVENTS, **made})
        same([w["auth_type"] for w in s.hooks()], [made["auth_type"]])
        with s.serve() as serve:
            until(lambda: [(w["auth_type"], w.get("token")) for w in s.hooks()] == [("TOKEN", s.hook["token"])], f"our token in place of {made}", 20)
            s.hr.control("POST", "webhooks/raise", {"event_name": "person.updated", "person": s.boss})
            until(lambda: serve.metrics()["rollcall_webhooks_received_total"] >= 1, "what HR tells by it", 20)
            same(serve.metrics()["rollcall_webhooks_refused_total"], 0, "the token is sent as it was given, and nothing before it")
            serve.stop()
    check(id not in [w["id"] for w in s.hooks()], "another one by now")


@scenario
def what_belongs_to_another_is_left_alone(case):
    s = Kept(case)
    others = [{"url": "https://hooks.other.example/personio/acme", "token": "theirs", "enabled_events": ["person.updated"], "description": "rollcall"},
              {"url": f"http://127.0.0.1:{s.port}/webhooks/personio/{'0' * 48}", "token": "of another installation", "enabled_events": EVENTS},
              {"url": f"http://127.0.0.1:{s.port}{s.hook['path']}x", "token": "nearly ours", "enabled_events": EVENTS}]
    for other in others:
        s.hr.control("POST", "webhooks", other)
    before = {w["id"]: w for w in s.hooks()}
    id = begun_among(s, before)
    mine = [w for w in s.hooks() if w["id"] not in before]
    same((len(s.hooks()), [w["id"] for w in mine]), (4, [id]))
    s.disable(mine[0]["id"])
    with s.serve() as serve:
        until(lambda: all(w["status"] == "ENABLED" for w in s.hooks()), "ours enabled again", 20)
        serve.stop()
    same({w["id"]: w for w in s.hooks() if w["id"] in before}, before)
    s.company.ok("integration", "remove", "acme/hr", "--confirm", "hr")
    same({w["id"]: w for w in s.hooks()}, before)


@scenario
def two_of_ours_after_a_crash_are_one_and_both_go_with_their_integration(case):
    s = Kept(case)
    id = begun(s)
    s.hr.switches({"webhooks.same-url": "accepted"})
    twin = {"url": f"http://127.0.0.1:{s.port}{s.hook['path']}", "token": "of the one that died", "enabled_events": EVENTS}
    s.hr.control("POST", "webhooks", twin)
    s.sql("UPDATE webhook SET remote_id = NULL, state = 'failing'")  # it died between making and remembering
    with s.serve() as serve:
        until(lambda: len(s.hooks()) == 1, "one of them", 20)
        until(s.kept, "what is known of it", 20)
        same([(w["token"], w["status"]) for w in s.hooks()], [(s.hook["token"], "ENABLED")])
        serve.stop()
    check(id is not None, "one was there")
    s.hr.control("POST", "webhooks", twin)
    same(len(s.hooks()), 2)
    same(s.company.ok("integration", "remove", "acme/hr", "--confirm", "hr")["left"], [])
    same(s.hooks(), [])


# ---- what was missed ----------------------------------------------------------------------------------------------------


@scenario(databases=["sqlite"])
def more_than_five_thousand_missed_events_are_one_listing_of_everybody(case):
    s = Kept(case)
    ana = s.hire(first_name="Ana")
    s.sync()
    begun(s)
    s.hr.switches({"webhooks.lost-percent": 100})
    s.edit(ana, position="Foreman")
    for _ in range(6):
        s.hr.control("POST", "webhooks/raise", {"event_name": "person.updated", "person": s.boss, "count": 900, "each": True})
    full = len(s.runs())
    s.hr.forget()
    with s.serve() as serve:
        until(lambda: len(s.runs()) > full, "a listing of everybody", 100)  # who minds hints looks once a minute
        until(lambda: s.account(ana)["jobTitle"] == "Foreman", "what was missed", 60)
        pages = [r for r in s.hr.requests()["requests"] if r["route"] == "webhooks.events"]
        check(25 <= len(pages) <= 27, f"{len(pages)} pages of 200")
        same(len({r["query"] for r in pages}), len(pages), "each page is another one")
        gets = [r for r in s.hr.requests()["requests"] if r["route"] == "v1.employees.get"]
        check(len(gets) < 300, f"{len(gets)} people were read one by one")
        serve.stop()
        same([e for e in s.events() if e[0]], [e for e in s.events() if e[0] == "ping"], "and none of them is kept")
        same(len(s.runs()), full + 1, "one listing")


# ---- its end --------------------------------------------------------------------------------------------------------------


@scenario
def with_its_company_the_webhook_goes_also_in_hr(case):
    s = Kept(case)
    begun(s)
    same(len(s.hooks()), 1)
    said = s.company.ok("company", "remove", "acme", "--confirm", "acme")
    same((said["left"], s.hooks()), ([], []))


@scenario
def what_hr_does_not_let_us_delete_is_told_in_the_answer_and_keeps_nobody_from_removing(case):
    s = Kept(case)
    begun(s)
    s.hr.fault("webhooks.delete", "status", status=500, count=0)
    done = s.company.run("integration", "remove", "acme/hr", "--confirm", "hr")
    same((done.code, s.company.ok("integration", "list", "acme")["integrations"]), (0, []))
    holds(done.err, "the webhook of hr in HR could not be deleted", "delete it there by hand")
    same(len(s.hooks()), 1)
    begin_anew(s)
    s.hr.fault("webhooks.list", "slow", ms=60000, count=0)
    began = time.monotonic()
    said = s.company.ok("company", "remove", "acme", "--confirm", "acme")
    check(time.monotonic() - began < 15, lambda: f"it waited for HR for {time.monotonic() - began} s")
    check(len(said["left"]) == 1, lambda: f"{said}")
    same(s.company.ok("company", "list")["companies"], [])


@scenario
def what_was_to_be_deleted_later_is_told_when_its_integration_goes_before(case):
    s = Kept(case)
    begun(s)
    s.hr.fault("webhooks.delete", "status", status=500, count=0)
    same(s.company.ok("integration", "webhook", "remove", "acme/hr")["in_hr"], "later")
    said = s.company.ok("integration", "remove", "acme/hr", "--confirm", "hr")
    check(len(said["left"]) == 1, lambda: f"{said}")
    holds(said["left"][0], "the webhook of hr in HR could not be deleted", "delete it there by hand")
    same(len(s.hooks()), 1)
    begin_anew(s)
    s.hr.fault("webhooks.delete", "status", status=500, count=0)
    s.company.ok("integration", "webhook", "remove", "acme/hr")
    s.hr.no_faults()
    same((s.company.ok("integration", "remove", "acme/hr", "--confirm", "hr")["left"], s.hooks()), ([], []))


@scenario
def hr_that_does_not_answer_is_told_in_the_answer_of_the_api_too(case):
    s = Kept(case)
    begun(s)
    with s.serve() as serve:
        s.hr.fault("webhooks.list", "slow", ms=60000, count=0)
        api = Api(serve.port, token(s.company, right="administer"))
        said = api.delete("/companies/acme/integrations/hr?confirm=hr", status=200)
        check(len(said["left"]) == 1, lambda: f"{said}")
        s.hr.no_faults()
        serve.stop()


@scenario
def a_removal_that_is_refused_leaves_the_webhook_as_it_was(case):
    s = Kept(case)
    begun(s)
    s.hr.fault("v1.employees.list", "slow", ms=4000, count=1)
    there = [w["id"] for w in s.hooks()]
    other = s.company.start("import", "acme/hr")
    until(lambda: [r for r in s.company.ok("run", "list", "acme")["runs"] if r["state"] == "listing"], "an import that lists")
    for command in (("integration", "remove", "acme/hr", "--confirm", "hr"), ("company", "remove", "acme", "--confirm", "acme")):
        code, said = s.company.rollcall(*command)
        same((code, said["error"]["name"]), (1, "busy"))
        same([w["id"] for w in s.hooks()], there, "what is in HR")
    other.wait(30)
    with s.serve() as serve:
        until(lambda: [w["token"] for w in s.hooks()] == [s.hook["token"]], "the webhook", 20)
        serve.stop()
