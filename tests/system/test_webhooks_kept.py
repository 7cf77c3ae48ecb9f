"""test_webhooks_kept.py - rollcall keeps its own webhook in HR: made, found again, mended, taken away."""
import socket
import sqlite3
import time

from harness import check, holds, psql, same, scenario
from serving import Serve, until
from test_webhooks import EVENTS, Hooked, body, post


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Kept(Hooked):
    """rollcall is reached at an address that it knows, and may keep its webhook in HR by itself."""

    def __init__(self, case, rights=True, **how):
        self.port = free_port()
        super().__init__(case, **how)
        self.hr.switches({"webhooks.loopback-http": "allowed"})
        if not rights:
            self.hr.control("PATCH", "credentials", {"client_id": "papi-sandbox", "scopes": ["employees:read"]})

    def serve(self, pace=0, **how):
        return Serve(self.company, "--webhook-pace", pace, "--public-url", f"http://127.0.0.1:{self.port}", listen=f"127.0.0.1:{self.port}", **how)

    def kept(self):
        shown = self.shown()
        return shown if shown["in_hr"] == "kept" and not shown["waiting"] else None

    def hooks(self):
        return self.hr.control("GET", "webhooks")["webhooks"]

    def disable(self, id):
        """As somebody may do in Personio's pages, or Personio itself."""
        self.hr.control("POST", "webhooks/disable", {"id": id})

    def sql(self, statement):
        if self.company.kind == "postgres":
            psql(statement, self.company.database)
        else:
            with sqlite3.connect(self.company.database) as db:
                db.execute(statement)


@scenario
def rollcall_makes_its_webhook_in_hr_and_edits_come_through_it(case):
    s = Kept(case)
    ana = s.hire(first_name="Ana")
    s.sync()
    same((s.shown()["in_hr"], s.hooks()), ("new", []))
    with s.serve() as serve:
        shown = until(s.kept, "the webhook, and its ping", 20)
        made = s.hooks()
        same([(w["status"], w["token"], len(w["enabled_events"])) for w in made], [("ENABLED", shown["token"], 8)])
        same(made[0]["id"], shown["remote_id"])
        check(made[0]["url"].endswith(shown["path"]), f"{made}")
        s.edit(ana, position="Foreman")
        until(lambda: s.account(ana)["jobTitle"] == "Foreman", "the new title", 20)
        holds(s.company.run("integration", "webhook", "show", "acme/hr").out, "kept by rollcall, for http://127.0.0.1")
        renewed = s.shown("renew")
        until(lambda: s.hooks()[0]["url"].endswith(renewed["path"]), "the new address in HR", 20)
        same((len(s.hooks()), s.hooks()[0]["token"]), (1, renewed["token"]))
        s.edit(ana, position="Poet")
        until(lambda: s.account(ana)["jobTitle"] == "Poet", "the new title", 20)
        serve.stop()
        check(renewed["token"] not in serve.log() and renewed["path"] not in serve.log(), "a secret is in the log")
    same(s.company.ok("integration", "webhook", "remove", "acme/hr"), {"removed": True, "in_hr": "removed"})
    same(s.hooks(), [])


@scenario
def whatever_was_forgotten_the_webhook_in_hr_is_never_there_twice(case):
    s = Kept(case)
    for statement in ("UPDATE webhook SET remote_id = NULL, state = 'new'", "UPDATE webhook SET remote_id = 'gone'", None):
        with s.serve() as serve:
            until(s.kept, "the webhook", 20)
            id = s.hooks()[0]["id"]
            serve.kill()
        if statement:
            s.sql(statement)
        else:
            s.hr.switches({"webhooks.same-url": "accepted"})
            s.put_into_hr(serve)
            same(len(s.hooks()), 2)
        with s.serve() as serve:
            until(lambda: "webhook\":\"kept" in serve.log() or "webhook\":\"made" in serve.log(), "a look", 20)
            same([w["id"] for w in s.hooks()], [id])
            serve.stop()


@scenario
def a_webhook_whose_making_had_no_answer_is_found_again(case):
    s = Kept(case)
    s.hr.fault("webhooks.create", "lost", count=1)
    with s.serve() as serve:
        until(lambda: s.company.ok("integration", "webhook", "show", "acme/hr")["webhook"]["in_hr"] == "failing", "a failure", 20)
        same(len(s.hooks()), 1, "it was made, and nobody heard")
        serve.stop()
    s.sql("UPDATE job SET run_at_us = 1 WHERE kind = 'webhook'")
    with s.serve() as serve:
        until(lambda: s.shown()["in_hr"] == "kept", "found again", 20)
        same(len(s.hooks()), 1)
        serve.stop()


@scenario
def one_whose_making_had_no_answer_goes_with_the_rest(case):
    s = Kept(case)
    s.hr.fault("webhooks.create", "lost", count=1)
    with s.serve() as serve:
        until(lambda: s.company.ok("integration", "webhook", "show", "acme/hr")["webhook"]["in_hr"] == "failing", "a failure", 20)
        serve.stop()
    same((len(s.hooks()), s.shown()["remote_id"]), (1, None))
    same(s.company.ok("integration", "webhook", "remove", "acme/hr"), {"removed": True, "in_hr": "removed"})
    same(s.hooks(), [])


@scenario
def one_at_our_address_that_somebody_else_made_gets_our_token(case):
    s = Kept(case)
    s.hr.control("POST", "webhooks", {"url": f"http://127.0.0.1:{s.port}{s.hook['path']}", "token": "an-old-one", "enabled_events": EVENTS})
    with s.serve() as serve:
        shown = until(s.kept, "the webhook, and its ping", 20)
        same([w["token"] for w in s.hooks()], [shown["token"]])
        serve.stop()


@scenario
def what_is_beside_it_may_fail_and_the_webhook_is_kept(case):
    s = Kept(case)
    s.hr.switches({"webhooks.ping-body": "empty"})
    s.hr.fault("webhooks.events", "status", status=403, count=0)
    for _ in range(2):
        with s.serve() as serve:
            until(s.kept, "the webhook, and its ping", 20)
            until(lambda: '"webhook":"made"' in serve.log() or '"webhook":"kept"' in serve.log(), "a look", 20)
            serve.stop()
    holds(s.shown()["note"], "what was missed could not be read")
    same(s.shown()["in_hr"], "kept")


@scenario
def a_service_that_nobody_reaches_looks_again_later(case):
    s = Kept(case)
    with Serve(s.company) as serve:
        until(lambda: serve.done("webhook") == 1, "a look", 20)
        serve.stop()
    due = "SELECT COUNT(*) FROM job WHERE kind = 'webhook' AND run_at_us > 0"
    if s.company.kind == "postgres":
        same(psql(due, s.company.database).strip(), "1")
    else:
        with sqlite3.connect(s.company.database) as db:
            same(db.execute(due).fetchone()[0], 1)


@scenario
def without_the_right_it_says_what_to_do_by_hand(case):
    s = Kept(case, rights=False)
    with s.serve() as serve:
        shown = until(lambda: s.shown() if s.shown()["in_hr"] == "by-hand" else None, "a refusal", 20)
        same((shown["waiting"], shown["events"]), (True, EVENTS))
        check("personio:webhooks:write" in shown["note"], shown["note"])
        holds(s.company.run("integration", "webhook", "show", "acme/hr").out, "by hand", "waiting  nothing has come yet", "person.updated", shown["token"])
        s.put_into_hr(serve)
        s.hr.control("POST", "webhooks/raise", {"event_name": "person.updated", "person": s.boss})
        until(lambda: not s.shown()["waiting"], "the first", 20)
        counts = serve.metrics()
        same((counts["rollcall_webhooks_received_total"], counts["rollcall_webhooks_duplicate_total"]), (1, 0))
        check(counts["rollcall_webhooks_waiting"] == 1 and counts["rollcall_webhooks_oldest_seconds"] < 30, f"{counts}")
        twice = body(person="1")
        same([post(serve, s.hook, twice) for _ in range(2)], [204, 204])
        same(post(serve, s.hook, body(), token="wrong"), 401)
        same([serve.metrics()[f"rollcall_webhooks_{what}_total"] for what in ("received", "refused")], [3, 1])
        # One event that came twice. Whoever sorts it in counts it: the daemon's writer, or whoever looks first.
        until(lambda: [times for _, person, times, state in s.events() if person == "1" and state != "new"] == ["2"], "what is the same one")
        check(serve.metrics()["rollcall_webhooks_duplicate_total"] in (0, 1), "counted more than once")
        same(serve.metrics()['rollcall_jobs_failed_total{kind="webhook"}'], 0)
        serve.stop()


@scenario
def one_that_was_disabled_is_enabled_again_and_what_was_missed_is_read(case):
    s = Kept(case)
    ana = s.hire(first_name="Ana")
    s.sync()
    with s.serve() as serve:
        until(s.kept, "the webhook", 20)
        serve.stop()
    s.hr.switches({"webhooks.gap-percent": 10000})
    s.edit(ana, position="Foreman")
    until(lambda: s.attempts() >= 2, "attempts in vain")
    full = len(s.runs())
    id = s.hooks()[0]["id"]
    s.hr.switches({"webhooks.senders": 0})
    with s.serve() as serve:
        until(lambda: s.account(ana)["jobTitle"] == "Foreman", "what was told while nobody heard", 20)
        same(len(s.runs()), full, "listings of everybody")
        serve.stop()
    s.hr.switches({"webhooks.senders": 4})
    s.disable(id)
    with s.serve() as serve:
        until(lambda: s.hooks()[0]["status"] == "ENABLED", "enabled again", 20)
        holds(until(lambda: s.shown()["note"], "a word about it"), "disabled")
        serve.stop()


@scenario
def with_its_integration_the_webhook_goes_also_in_hr(case):
    s = Kept(case)
    with s.serve() as serve:
        until(s.kept, "the webhook", 20)
        s.hr.fault("webhooks.delete", "status", status=500, count=0)
        same(s.company.ok("integration", "webhook", "remove", "acme/hr"), {"removed": True, "in_hr": "later"})
        same(post(serve, s.hook, body()), 404)
        same(len(s.hooks()), 1)
        s.hr.no_faults()
        until(lambda: s.hooks() == [], "deleted later", 60)
        s.shown()
        until(s.kept, "another one", 20)
        serve.stop()
    s.company.ok("integration", "remove", "acme/hr", "--confirm", "hr")
    same(s.hooks(), [])


@scenario
def check_says_how_changes_are_noticed(case):
    s = Hooked(case)
    said = lambda: [(f["level"], f["text"]) for f in s.company.ok("integration", "check", "acme/hr")["findings"] if f["name"] == "webhook"]
    same([level for level, _ in said()], ["warn"])
    holds(said()[0][1], "ROLLCALL_PUBLIC_URL", "set a schedule")
    s.company.ok("integration", "set", "acme/hr", "--schedule", "every 30 minutes")
    same([level for level, _ in said()], ["ok"])
    holds(said()[0][1], "every 30 minutes")


@scenario(databases=["postgres"])
def what_one_process_asks_for_another_one_begins_at_once(case):
    s = Kept(case)
    with Serve(s.company, "--public-url", f"http://127.0.0.1:{s.port}") as serve:
        until(lambda: serve.done("webhook") == 1, "a first look")
        took = []
        for i in range(4):
            before = serve.done("webhook")
            time.sleep(0.7 * i)
            began = time.monotonic()
            s.shown("renew")  # a process of its own
            until(lambda: serve.done("webhook") > before, "a look", 20)
            took.append(time.monotonic() - began)
        case.note(f"after {', '.join(f'{t:.1f}' for t in took)} s, the command included")
        check(max(took) < 3, f"{took}")
        serve.stop()
