"""test_webhooks.py - the daemon is told by HR that something has changed: rollcall serve, and a sandbox that posts."""
import datetime
import json
import sqlite3
import threading
import time

from harness import check, holds, psql, same, scenario
from scenes import Scene, day, scene
from serving import Serve, in_state, slow_listing, until

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

    def runs(self, kind="full"):
        return [r for r in self.company.ok("run", "list", "acme/hr")["runs"] if r["kind"] == kind]

    def events(self):
        """[(name, source id, times, state)] as they are stored."""
        sql = "SELECT name, source_id, times, state FROM webhook_event ORDER BY arrived_at, digest"
        if self.company.kind == "postgres":
            return [tuple(row.split("|")) for row in psql(sql, self.company.database).splitlines()]
        sql = f"SELECT * FROM ({sql}) UNION ALL SELECT name, source_id, times, 'new' FROM webhook_arrived"  # not a row yet
        with sqlite3.connect(f"file:{self.company.database}.events?mode=ro", uri=True) as db:
            return [tuple(str(v) if v is not None else "" for v in row) for row in db.execute(sql)]


def just_now():
    """When something was, as HR tells it: a moment before what it shows, and another time for each event. One of last week makes
    doubtful what is read within a second of a listing."""
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=10)).isoformat()


def body(name="person.updated", person="4000001", at=None, **more):
    return json.dumps({"company_id": "90210", "event_name": name, "occurred_at": at or just_now(), "payload": {"person": {"id": person}}, "meta": {}, **more})


def post(serve, hook, text, token=None, path=None):
    """The status."""
    headers = {"Content-Type": "application/json"}
    if token != "":
        headers["Authorization"] = token or hook["token"]
    return serve.get(path or hook["path"], "POST", headers, text)[0]


def soon(fact):
    """As until(), for whoever measures."""
    end = time.monotonic() + 30
    while not fact():
        check(time.monotonic() < end, "nothing came of it")
        time.sleep(0.02)


@scenario
def somebody_is_edited_in_hr_and_the_account_follows_within_seconds(case):
    s = Hooked(case)
    ana = s.hire(first_name="Ana")
    s.sync()
    same(s.hook["waiting"], True)
    before = len(s.runs())
    holds(s.company.run("integration", "webhook", "show", "acme/hr").out, "waiting  nothing has come yet", "person.updated", s.hook["token"])
    with s.serve() as serve:
        s.put_into_hr(serve)
        began = time.monotonic()
        s.edit(ana, position="Foreman")
        until(lambda: s.account(ana)["jobTitle"] == "Foreman", "the new title", 20)
        case.note(f"{time.monotonic() - began:.1f} s from HR to the platform")
        until(lambda: [row[3] for row in s.events()] == ["done"], "the event's end", 20)
        same(len(s.runs()), before, "listings of everybody")
        serve.stop()
    shown = s.shown()
    same((shown["waiting"], shown["deliveries"]), (False, 1))
    check(shown["last_at"] is not None, f"{shown}")
    holds(s.company.run("integration", "webhook", "show", "acme/hr").out, "last     ", "employment.updated; 1 so far")


@scenario
def edits_in_hr_are_on_the_platform_within_a_second_also_a_hundred_at_once(case):
    s = Hooked(case, people=120, integration={"per-minute": 0})
    people = [p["id"] for p in s.hr.truth() if s.accounts(p["id"]) and s.is_open(p["id"])][:101]
    with s.serve(pace=60) as serve:
        s.put_into_hr(serve)
        alone = []
        for i in range(9):
            began = time.monotonic()
            s.edit(people[100], position=f"Smith {i}")
            soon(lambda: s.account(people[100])["jobTitle"] == f"Smith {i}")
            alone.append(time.monotonic() - began)
            time.sleep(0.3 + 0.1 * i)
        full = len(s.runs())
        began = time.monotonic()
        for person in people[:100]:
            s.edit(person, position="Foreman")
        told = time.monotonic() - began
        took = {}
        while len(took) < 100 and time.monotonic() - began < 30:
            new = [a["integrationExternalId"] for a in s.there.everybody() if a["jobTitle"] == "Foreman"]
            for account in new:
                took.setdefault(account, time.monotonic() - began)
            time.sleep(0.02)
        serve.stop()
    alone.sort()
    times = sorted(took.values())
    case.note(f"alone: median {alone[4]:.2f} s, at most {alone[-1]:.2f} s; a hundred edits within {told:.1f} s: median {times[49]:.2f} s, 99th {times[98]:.2f} s")
    same(len(times), 100)
    same(len(s.runs()), full, "listings of everybody")
    check(alone[4] < 1 and times[98] < 3, "slower than promised")


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
        same(post(serve, s.hook, body()), 204)
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
        s.hr.forget()
        s.hr.control("POST", "webhooks/raise", {"event_name": "person.updated", "person": 4000001, "count": 50, "each": True})
        until(lambda: s.attempts() == 100, "100 deliveries")
        until(lambda: not [row for row in s.events() if row[3] == "new"], "the first look")
        rows = s.events()
        same(sum(int(row[2]) for row in rows), 100)
        check(len(rows) <= 50, f"{len(rows)} rows")
        gets = len([r for r in s.hr.requests()["requests"] if r["route"] == "v1.employees.get"])
        check(50 <= gets <= 150, f"{gets} people read for 50 that were told of")
        same((len(s.runs()), len(s.runs("person"))), (before, 0), "nobody has changed")
        slow_listing(s.hr, 4000)
        same(post(serve, s.hook, body("person.reincarnated")), 204)
        until(lambda: in_state(s.company, "listing"), "a run that lists")
        s.hr.forget()
        for i in range(250):
            same(post(serve, s.hook, body(person=str(5000000 + i))), 204)
        until(lambda: len(s.runs()) >= before + 2 and not [row for row in s.events() if row[3] in ("asked", "new")],
              "a listing: more people than are read one by one", 45)
        serve.stop()


@scenario
def syncs_out_of_hints_keep_their_distance(case):
    s = Hooked(case)
    s.sync()
    with s.serve(pace=12) as serve:
        began = time.monotonic()
        before = len(s.runs())
        for i in range(8):
            same(post(serve, s.hook, body("person.reincarnated")), 204)
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
            same(post(serve, s.hook, body(person=str(ana))), 204)
            serve.kill()
        same(len([row for row in s.events() if row[3] != "done"]) > 0, True, "it was not written down")
        with s.serve() as serve:
            until(lambda: s.account(ana)["jobTitle"] == title, f"{title}", 20)
            serve.stop()


@scenario
def killed_in_the_middle_of_a_burst_all_that_was_acknowledged_is_there_once(case):
    s = Hooked(case)
    s.sync()
    for seconds in (0, 0.05, 0.15, 0.3):
        before = sum(int(row[2]) for row in s.events())
        sent, acknowledged = [], []
        with s.serve(pace=3600) as serve:
            def bring(number):
                for i in range(1000):
                    at = f"2026-11-23T09:{number:02}:{i // 1000:02}.{i % 1000:03}Z"
                    sent.append(at)
                    try:
                        acknowledged.append(post(serve, s.hook, body("absence.created", person=None, at=at, key=seconds)))
                    except OSError:
                        return  # it is gone
                    except Exception as why:  # half an answer
                        acknowledged.append(why)
                        return

            threads = [threading.Thread(target=bring, args=[n]) for n in range(8)]
            for thread in threads:
                thread.start()
            until(lambda: acknowledged, "the first of them")
            time.sleep(seconds)
            serve.kill()
            for thread in threads:
                thread.join()
        good = acknowledged.count(204)
        kept = sum(int(row[2]) for row in s.events()) - before
        check(good > 0, "nothing was acknowledged")
        check(good <= kept <= len(sent), f"{good} acknowledged and {kept} kept, of {len(sent)}")
        same(s.shown()["deliveries"], before + kept)  # whoever asks sorts in what was left
        same(sum(int(row[2]) for row in s.events()), before + kept)
    with s.serve(pace=3600) as serve:
        same(s.shown()["deliveries"], before + kept)
        serve.stop()


@scenario
def while_a_sync_is_under_way_a_hint_is_done_once_more_after_it(case):
    s = Hooked(case, integration={"timeout-s": 30})
    ana = s.hire(first_name="Ana")
    s.sync()
    with s.serve() as serve:
        slow_listing(s.hr, 4000)
        same(post(serve, s.hook, body("person.reincarnated")), 204)
        until(lambda: in_state(s.company, "listing"), "a run that lists")
        time.sleep(0.5)
        s.edit(ana, position="Foreman")
        began = time.monotonic()
        same(post(serve, s.hook, body(person=str(ana))), 204)
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
        until(lambda: [row[3] for row in s.events()] == ["again"], "the first look", 20)
        same(s.account(ana)["jobTitle"], "Welder", "HR still showed the old state")
        until(lambda: s.account(ana)["jobTitle"] == "Foreman", "the new title", 45)
        until(lambda: [row[3] for row in s.events()] == ["done"], "the event's end", 20)
        same(len(s.runs("person")), 1, "runs: looks in vain leave none")
        serve.stop()


@scenario
def hints_do_not_hurry_an_hr_system_that_fails(case):
    s = Hooked(case, integration={"retries": 1, "retry-wait-ms": 5})
    s.sync()
    s.hr.fault("v1.employees.list", "status", status=500, count=0)
    with s.serve() as serve:
        failed = lambda: serve.metrics()['rollcall_jobs_failed_total{kind="sync"}']
        same(post(serve, s.hook, body("person.reincarnated")), 204)
        until(lambda: failed() == 1, "a failure")
        for i in range(6):
            same(post(serve, s.hook, body("person.reincarnated")), 204)
            time.sleep(1)
        same(failed(), 1, "tries within the pause")
        serve.stop()
    check(all(row[3] == "asked" for row in s.events()), f"{s.events()}")


@scenario
def killed_at_any_moment_after_its_2xx_no_hint_is_lost(case):
    s = Hooked(case)
    ana = s.hire(first_name="Ana")
    s.sync()
    for i in range(14):
        with s.serve() as serve:
            s.edit(ana, position=f"Smith {i}")
            same(post(serve, s.hook, body(person=str(ana))), 204)
            time.sleep(0.04 * i)
            serve.kill()
        if i % 2 == 0:  # of a job that kills its worker again and again, other jobs go first
            continue
        with s.serve() as serve:
            # What a dead one had claimed in its last moment is looked for every 30 s. The job has to end, not only
            # its call: with a third death in a row it would be put off.
            until(lambda: all(row[3] == "done" for row in s.events()), f"the end of hint {i}", 90)
            same(s.account(ana)["jobTitle"], f"Smith {i}")
            serve.stop()
    with s.serve() as serve:
        until(lambda: all(row[3] == "done" for row in s.events()), "the hints' end", 60)
        same((s.account(ana)["jobTitle"], len(s.mails(ana))), ("Smith 13", 1))
        serve.stop()


def leave(s, serve, people):
    """They have left, and HR tells of each."""
    for person in people:
        s.edit(person, status="inactive", termination_date=day(-1))
        same(post(serve, s.hook, body("employment.terminated", str(person))), 204)


@scenario
def whoever_leaves_is_closed_at_once_but_no_more_than_a_listing_may(case):
    s = Hooked(case, people=20)
    people = [p["id"] for p in s.hr.truth() if p["id"] != s.boss and s.accounts(p["id"]) and s.is_open(p["id"])]
    closed = lambda: len([p for p in people if not s.is_open(p)])
    with s.serve() as serve:
        began = time.monotonic()
        leave(s, serve, people[:2])
        until(lambda: closed() == 2, "the first two", 20)
        case.note(f"closed after {time.monotonic() - began:.1f} s")
        same(len(s.runs()), 1, "listings of everybody")
        # Three by themselves would pass, which is what a run may. Whichever is read before the next is told
        # of is the third, and the last.
        leave(s, serve, people[2:5])
        held = until(lambda: [r for r in s.runs() if r["state"] == "held"], "a listing that is held", 30)
        before = closed()
        check(before in (2, 3), f"{before} were closed without anybody's word")
        check("leaving" in str(held[0]), f"{held[0]}")
        leave(s, serve, people[5:6])  # one more is part of that question, not beside it
        time.sleep(3)
        same(closed(), before, "closed beside a run that is held")
        serve.stop()


@scenario
def somebody_in_a_run_that_is_held_waits_for_it_and_others_do_not(case):
    s = Hooked(case, people=20)
    people = [p["id"] for p in s.hr.truth() if p["id"] != s.boss and s.accounts(p["id"]) and s.is_open(p["id"])]
    for person in people[:6]:
        s.edit(person, status="inactive", termination_date=day(-1))
    s.sync(code=3)
    with s.serve() as serve:
        time.sleep(1.1)  # HR tells whole seconds: what is edited in the second of the listing may be in it already
        s.edit(people[0], position="Poet")
        s.edit(people[8], position="Foreman")
        for person in (people[0], people[8]):
            same(post(serve, s.hook, body(person=str(person))), 204)
        until(lambda: s.account(people[8])["jobTitle"] == "Foreman", "who is in no held run", 20)
        until(lambda: len(s.runs()) >= 3, "a listing about the other", 20)
        check(s.is_open(people[0]) and s.account(people[0])["jobTitle"] != "Poet", "a hint went past a run that is held")
        same(len([r for r in s.runs() if r["state"] == "held"]), 1)
        serve.stop()


@scenario
def whom_hr_does_not_know_is_closed_by_no_hint(case):
    s = Hooked(case, people=8)
    ana = s.hire(first_name="Ana")
    s.sync()
    with s.serve() as serve:
        s.hr.fault("v1.employees.get", "status", status=404, count=0)
        same(post(serve, s.hook, body("person.deleted", str(ana))), 204)
        same(post(serve, s.hook, body("person.created", "4999999")), 204)
        before = len(s.runs())
        until(lambda: len(s.runs()) > before, "a listing", 30)
        time.sleep(1)
        check(s.is_open(ana), "closed by a hint")
        serve.stop()


@scenario
def a_new_manager_or_team_is_for_a_listing(case):
    s = Hooked(case)
    s.hire(department="Works")
    s.sync()
    before = len(s.runs())
    with s.serve() as serve:
        ana = s.hire(first_name="Ana", department="Harbour")
        bob = s.hire(first_name="Bob", supervisor=ana)
        cem = s.hire(first_name="Cem")
        same(post(serve, s.hook, body("person.created", str(cem))), 204)
        until(lambda: s.accounts(cem), "somebody new in a team that is known", 20)
        same(len(s.runs()), before, "listings of everybody")
        same(post(serve, s.hook, body("person.created", str(bob))), 204)
        until(lambda: s.accounts(bob) and s.team(ana) == "Harbour", "both, by a listing", 30)
        same(len(s.runs()), before + 1, "listings of everybody")
        serve.stop()


@scenario
def people_who_cannot_be_read_are_left_to_a_listing(case):
    s = Hooked(case, integration={"retries": 0})
    ana = s.hire(first_name="Ana")
    s.sync()
    s.hr.fault("v1.employees.get", "status", status=500, count=0)
    with s.serve() as serve:
        s.edit(ana, position="Foreman")
        same(post(serve, s.hook, body(person=str(ana))), 204)
        until(lambda: s.account(ana)["jobTitle"] == "Foreman", "the new title", 60)
        same(len(s.runs()), 3, "listings of everybody")
        serve.stop()


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
