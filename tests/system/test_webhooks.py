"""test_webhooks.py - the daemon is told by HR that something has changed: rollcall serve, and a sandbox that posts."""
import json
import sqlite3
import time

from harness import check, holds, psql, same, scenario
from scenes import Scene, scene
from test_serve import Serve, in_state, slow_listing, until

EVENTS = ["person.created", "person.updated", "person.deleted", "employment.created", "employment.updated", "employment.deleted",
          "employment.started", "employment.terminated"]


class Hooked(Scene):
    """With a webhook of acme/hr that nobody has put into HR yet."""

    def __init__(self, case, **how):
        super().__init__(case, **how)
        self.hook = self.shown()

    def shown(self, verb="show"):
        return self.company.ok("integration", "webhook", verb, "acme/hr")["webhook"]

    def serve(self, pace=0, **how):
        return Serve(self.company, "--webhook-pace", pace, **how)

    def put_into_hr(self, serve, **more):
        return self.hr.control("POST", "webhooks", {"url": f"http://127.0.0.1:{serve.port}{self.hook['path']}",
                                                    "token": self.hook["token"], "enabled_events": EVENTS, **more})

    def attempts(self):
        return self.hr.control("GET", "webhooks")["attempts"]

    def statuses(self):
        return [r["status"] for r in self.hr.control("GET", "webhooks")["webhooks"]]

    def runs(self):
        return [r for r in self.company.ok("run", "list", "acme/hr")["runs"] if r["kind"] == "full"]

    def events(self):
        """[(name, source id, times, state)] as they are stored."""
        sql = "SELECT name, source_id, times, state FROM webhook_event ORDER BY arrived_at, digest"
        if self.company.kind == "postgres":
            return [tuple(row.split("|")) for row in psql(sql, self.company.database).splitlines()]
        with sqlite3.connect(f"file:{self.company.database}.events?mode=ro", uri=True) as db:
            return [tuple(str(v) if v is not None else "" for v in row) for row in db.execute(sql)]


def body(name="person.updated", person="4000001", at="2026-11-23T09:00:00.123Z", **more):
    return json.dumps({"company_id": "90210", "event_name": name, "occurred_at": at, "payload": {"person": {"id": person}}, "meta": {}, **more})


def post(serve, hook, text, token=None, path=None):
    """The status."""
    headers = {"Content-Type": "application/json"}
    if token != "":
        headers["Authorization"] = token or hook["token"]
    return serve.get(path or hook["path"], "POST", headers, text)[0]


@scenario
def somebody_is_edited_in_hr_and_the_account_follows_within_seconds(case):
    s = Hooked(case)
    ana = s.hire(first_name="Ana")
    s.sync()
    same(s.hook["waiting"], True)
    holds(s.company.run("integration", "webhook", "show", "acme/hr").out, "waiting  nothing has come yet", "person.updated", s.hook["token"])
    with s.serve() as serve:
        s.put_into_hr(serve)
        began = time.monotonic()
        s.edit(ana, position="Foreman")
        until(lambda: s.account(ana)["jobTitle"] == "Foreman", "the new title", 20)
        case.note(f"{time.monotonic() - began:.1f} s from HR to the platform")
        until(lambda: [row[1:] for row in s.events()] == [("", "1", "again")] or [row[3] for row in s.events()] == ["done"], "the event's end", 20)
        serve.stop()
    shown = s.shown()
    same((shown["waiting"], shown["deliveries"]), (False, 1))
    check(shown["last_at"] is not None, f"{shown}")
    holds(s.company.run("integration", "webhook", "show", "acme/hr").out, "last     ", "employment.updated; 1 so far")


@scenario
def who_does_not_know_address_and_token_is_refused_and_nothing_happens(case):
    s = Hooked(case)
    path = s.hook["path"]
    with s.serve() as serve:
        for other in (path[:-1] + ("0" if path[-1] != "0" else "1"), path + "0", path[:-1], path + "/", "/webhooks/personio/", "/webhooks/personio", "/webhooks",
                      path.replace("personio", "kombo"), path.replace("personio/", "personio//"), path.replace("/webhooks", "/webhooks/.")):
            same(post(serve, s.hook, body(), path=other), 404, other)
        for method in ("GET", "HEAD", "PUT", "DELETE"):
            same(serve.get(path, method, {"Authorization": s.hook["token"]})[0], 404, method)
        for token in ("", "wrong", s.hook["token"][:-1], s.hook["token"] + "0", "Bearer", "Basic " + s.hook["token"], s.hook["token"].upper() + "x"):
            same(post(serve, s.hook, body(), token=token), 401, token)
        same(post(serve, s.hook, "x" * (65 << 10)), 413)
        same(s.events(), [])
        same(post(serve, s.hook, body(), token="Bearer " + s.hook["token"]), 204)
        same(post(serve, s.hook, body(at="2026-11-23T09:00:01Z")), 204)
        same(len(s.events()), 2)
        renewed = s.shown("renew")
        check(renewed["path"] != path and renewed["token"] != s.hook["token"], "it was not renewed")
        same(post(serve, s.hook, body()), 404, "the old address")
        same(post(serve, s.hook, body(), path=renewed["path"]), 401, "the old token")
        same(post(serve, renewed, body()), 204)
        same(s.company.ok("integration", "webhook", "remove", "acme/hr")["removed"], True)
        same(post(serve, renewed, body()), 404)
        check(s.hook["token"] not in serve.log() and s.hook["path"] not in serve.log(), "a secret is in the log")
        serve.stop()


@scenario
def whatever_the_body_says_it_is_a_hint_and_no_fact(case):
    s = Hooked(case)
    ana = s.hire(first_name="Ana")
    s.sync()
    before = s.account(ana)
    with s.serve() as serve:
        for text in ("", "{", "[]", "null", "<html>", '{"event_name": 7}', '{"event_name": "a\\u0000b"}', '{"event_name": "' + "x" * 65 + '"}', "\xff\xfe",
                     "[" * 2000, body(person=""), body(person="x" * 5000), body(at="yesterday"), body(company_id="66600"),
                     body(name="person.deleted", person=str(ana)), body(name="employment.terminated", person=str(ana)), body(name="person.reincarnated"),
                     json.dumps({"event_name": "employment.updated", "occurred_at": "2026-11-23T09:00:00Z", "payload": {"employment": {"id": "6d0f"}}})):
            same(post(serve, s.hook, text.encode("latin-1")), 204, text[:60])
        until(lambda: len(s.runs()) > 2 and serve.done() >= 1, "a sync")
        same({k: v for k, v in s.account(ana).items() if k != "updatedAt"}, {k: v for k, v in before.items() if k != "updatedAt"})
        check(s.is_open(ana), "closed by a hint")
        serve.stop()


@scene(69, "hints in bursts: duplicates and a hundred events make few syncs", databases=["sqlite", "postgres"])
def duplicates_and_a_burst_of_a_hundred_events_make_few_syncs(case):
    s = Hooked(case, people=60)
    with s.serve() as serve:
        s.hr.switches({"webhooks.twice-percent": 100, "webhooks.both-events": "on"})
        s.put_into_hr(serve)
        before = len(s.runs())
        s.hr.control("POST", "webhooks/raise", {"event_name": "person.updated", "person": 4000001, "count": 100, "each": True})
        until(lambda: s.attempts() == 200, "200 deliveries")
        until(lambda: serve.done() >= 1 and not [row for row in s.events() if row[3] == "asked" or row[3] == "new"], "the first sync")
        check(len(s.runs()) - before <= 2, f"{len(s.runs()) - before} syncs for a burst")
        rows = s.events()
        same(sum(int(row[2]) for row in rows), 200)
        check(len(rows) <= 100, f"{len(rows)} rows")
        until(lambda: all(row[3] == "done" for row in s.events()), "another look, and no third", 45)
        check(len(s.runs()) - before <= 3, f"{len(s.runs()) - before} syncs for a burst")
        count = len(s.runs())
        time.sleep(3)
        same(len(s.runs()), count, "syncs afterwards")
        serve.stop()


@scenario
def syncs_out_of_hints_keep_their_distance(case):
    s = Hooked(case)
    s.sync()
    with s.serve(pace=12) as serve:
        s.put_into_hr(serve)
        began = time.monotonic()
        before = len(s.runs())
        for i in range(8):
            s.hr.control("POST", "webhooks/raise", {"event_name": "person.updated", "person": s.boss})
            time.sleep(1)
        until(lambda: len(s.runs()) > before, "a sync", 20)
        check(time.monotonic() - began > 7, "sooner than the distance")
        same(len(s.runs()) - before, 1)
        serve.stop()


@scenario
def killed_right_after_its_2xx_the_hint_is_not_lost(case):
    s = Hooked(case)
    ana = s.hire(first_name="Ana")
    s.sync()
    for title in ("Foreman", "Poet", "Smith"):
        with s.serve() as serve:
            s.edit(ana, position=title)
            same(post(serve, s.hook, body(person=str(ana), at=f"2026-11-23T09:00:0{len(title)}Z")), 204)
            serve.kill()
        same(len([row for row in s.events() if row[3] != "done"]) > 0, True, "it was not written down")
        with s.serve() as serve:
            until(lambda: s.account(ana)["jobTitle"] == title, f"{title}", 20)
            serve.stop()


@scenario
def while_a_sync_is_under_way_a_hint_is_done_once_more_after_it(case):
    s = Hooked(case, integration={"timeout-s": 30})
    ana = s.hire(first_name="Ana")
    s.sync()
    with s.serve() as serve:
        slow_listing(s.hr, 4000)
        same(post(serve, s.hook, body(person=str(s.boss))), 204)
        until(lambda: in_state(s.company, "listing"), "a run that lists")
        time.sleep(0.5)
        s.edit(ana, position="Foreman")
        began = time.monotonic()
        same(post(serve, s.hook, body(person=str(ana), at="2026-11-23T09:00:09Z")), 204)
        check(time.monotonic() - began < 2, "acknowledged late")
        until(lambda: s.account(ana)["jobTitle"] == "Foreman", "the new title", 30)
        serve.stop()


@scenario
def hr_that_shows_the_old_state_for_a_while_is_looked_at_again(case):
    s = Hooked(case)
    ana = s.hire(first_name="Ana")
    s.sync()
    with s.serve() as serve:
        s.put_into_hr(serve)
        s.hr.switches({"webhooks.read-lag-ms": 12000})
        s.edit(ana, position="Foreman")
        until(lambda: serve.done() == 1, "the first sync", 20)
        same(s.account(ana)["jobTitle"], "Welder", "HR still showed the old state")
        until(lambda: s.account(ana)["jobTitle"] == "Foreman", "the new title", 45)
        until(lambda: [row[3] for row in s.events()] == ["done"], "the event's end", 20)
        same(serve.done(), 2)
        serve.stop()


@scenario
def hints_do_not_hurry_an_hr_system_that_fails(case):
    s = Hooked(case, integration={"retries": 1, "retry-wait-ms": 5})
    s.sync()
    s.hr.fault("v1.employees.list", "status", status=500, count=0)
    with s.serve() as serve:
        failed = lambda: serve.metrics()['rollcall_jobs_failed_total{kind="sync"}']
        same(post(serve, s.hook, body(at="2026-11-23T09:00:00Z")), 204)
        until(lambda: failed() == 1, "a failure")
        for i in range(6):
            same(post(serve, s.hook, body(at=f"2026-11-23T09:01:0{i}Z")), 204)
            time.sleep(1)
        same(failed(), 1, "tries within the pause")
        serve.stop()
    check(all(row[3] == "asked" for row in s.events()), f"{s.events()}")


@scenario
def a_webhook_of_a_removed_integration_is_gone_with_it(case):
    s = Hooked(case)
    with s.serve() as serve:
        same(post(serve, s.hook, body()), 204)
        s.company.ok("integration", "remove", "acme/hr", "--confirm", "hr")
        same(post(serve, s.hook, body()), 404)
        until(lambda: s.events() == [], "forgotten events", 20)
        serve.stop()


@scenario
def the_command_says_what_is_wrong(case):
    s = Hooked(case)
    same(s.shown(), {**s.hook}, "shown again")
    at = s.company.ok("integration", "webhook", "show", "acme/hr", "--public-url", "https://rollcall.example/")["webhook"]["address"]
    same(at, "https://rollcall.example" + s.hook["path"])
    for words in (["renew"], ["show"], ["other", "acme/hr"], ["show", "acme/hr", "--public-url", "http://rollcall.example"],
                  ["show", "acme/hr", "--public-url", "nowhere"]):
        same(s.company.rollcall("integration", "webhook", *words)[0], 2, words)
    s.company.ok("integration", "webhook", "remove", "acme/hr")
    code, answer = s.company.rollcall("integration", "webhook", "remove", "acme/hr")
    same((code, answer["error"]["name"]), (1, "webhook.none"))
    same(s.company.rollcall("integration", "webhook", "show", "acme/no")[1]["error"]["name"], "integration.unknown")
    same(s.company.rollcall("serve", "--webhook-pace", "soon")[0], 2)
    code, answer = s.company.rollcall("audit", "list", "acme")
    words = [e["what"] for e in answer["entries"]]
    same([w for w in words if "webhook" in w], ["webhook of hr removed", "webhook of hr made"])
