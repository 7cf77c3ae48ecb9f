"""test_serve.py - the daemon: rollcall serve beside both sandboxes.

Time is shifted by the preloaded clock, so that a schedule is due at once; nothing here waits for a whole minute.
"""
import contextlib
import json
import os
import re
import select
import signal
import socket
import sqlite3
import time

from harness import check, holds, psql, same, scenario
from scenes import Scene, day
from serving import Serve, ahead, in_state, schedule, slow_listing, until

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/operate.md")


@scenario
def somebody_is_edited_in_hr_and_the_account_follows_within_the_schedule(case):
    s = Scene(case)
    ana = s.hire(first_name="Ana")
    s.sync()
    s.edit(ana, position="Foreman")
    said = schedule(s.company)
    same(said["schedule"], "every 1 minute")
    check(said["next_at"] is not None, f"{said}")
    with Serve(s.company, shift=57) as serve:  # due in about three seconds
        same(s.account(ana)["jobTitle"], "Welder")
        until(lambda: s.account(ana)["jobTitle"] == "Foreman", "the new title", 20)
        until(lambda: serve.done() == 1, "the end of the job")
        run = in_state(s.company, "applied", "full")[0]
        lines = [line for line in serve.lines() if line.get("job", "").startswith("sync/acme/hr/")]
        check(any(line.get("import") == "applied" and line["run"] == run["run"] for line in lines), f"{lines}")
        check(any(line.get("delivery") == "applied" and line["destination"] == "la" for line in lines), f"{lines}")
        check(any(line.get("work") == "done" for line in lines), f"{lines}")
        same({line["job"] for line in lines}, {lines[0]["job"]}, "one job, one name")
        serve.stop()
    shown = s.company.ok("integration", "show", "acme/hr")["integration"]
    same(shown["schedule"], "every 1 minute")
    holds(s.company.run("integration", "show", "acme/hr").out, "schedule     every 1 minute; next ")


@scenario
def missed_times_are_caught_up_once(case):
    s = Scene(case)
    schedule(s.company)
    s.days(3)
    before = len(s.company.ok("run", "list", "acme/hr")["runs"])
    with Serve(s.company) as serve:
        until(lambda: serve.done() == 1, "the job")
        time.sleep(2)
        same(serve.done(), 1, "jobs after three days of every minute")
        same(len(s.company.ok("run", "list", "acme/hr")["runs"]), before + 1)
        same(serve.metrics()['rollcall_jobs_due{kind="sync"}'], 0)
        serve.stop()


@scenario
def what_is_due_by_date_happens_though_nothing_else_does(case):
    s = Scene(case)
    ana = s.hire(first_name="Ana", termination_date=day(1))
    s.sync()
    same(s.company.ok("integration", "show", "acme/hr")["integration"]["schedule"], None)
    with Serve(s.company) as serve:  # the platform gets its next midnight
        until(lambda: serve.get("/readyz")[0] == 200, "readiness")
        time.sleep(1)
        serve.stop()
    check(s.is_open(ana), "closed before her last day was over")
    s.days(3)
    with Serve(s.company) as serve:
        until(lambda: not s.is_open(ana), "the day after her last")
        until(lambda: serve.done("delivery") == 1, "the end of the job")
        same(serve.done("sync"), 0)
        serve.stop()


@scenario
def after_a_pause_hr_is_asked_before_dates_decide(case):
    """The machine stood still over somebody's last day, which HR has put off meanwhile."""
    s = Scene(case)
    ana = s.hire(first_name="Ana", termination_date=day(1))
    s.sync()
    schedule(s.company, "every 2 hours")
    with Serve(s.company) as serve:  # the platform gets its next midnight
        until(lambda: serve.get("/readyz")[0] == 200, "readiness")
        time.sleep(1)
        serve.stop()
    s.edit(ana, termination_date=None)
    s.there.forget()
    s.days(3)
    slow_listing(s.hr, 700)
    with Serve(s.company) as serve:
        until(lambda: serve.done() == 1, "the end of the sync")
        same(s.there.writes(), [], "what was sent of somebody who stays")
        check(any(line.get("delivery") == "waits-for-an-import" for line in serve.lines()), serve.log())
        serve.stop()


@scenario(databases=["sqlite"])
def where_hr_cannot_be_asked_dates_decide(case):
    s = Scene(case)
    ana = s.hire(first_name="Ana", termination_date=day(1))
    s.sync()
    schedule(s.company, "every 2 hours")
    with Serve(s.company) as serve:
        until(lambda: serve.get("/readyz")[0] == 200, "readiness")
        time.sleep(1)
        serve.stop()
    s.days(3)
    s.hr.fault("*", "status", status=503, count=0)
    with Serve(s.company) as serve:
        until(lambda: not s.is_open(ana), "the day after her last, though HR is down", 60)
        same(serve.done(), 0, "syncs")
        serve.stop()


@scenario
def killed_in_the_middle_it_goes_on_where_it_was(case):
    s = Scene(case, integration={"timeout-s": 30})
    people = [s.hire() for _ in range(6)]
    s.sync()
    for person in people:
        s.edit(person, position="Foreman")
    schedule(s.company)
    slow_listing(s.hr, 20000)
    with Serve(s.company, shift=61) as serve:
        until(lambda: in_state(s.company, "listing"), "a run that lists")
        serve.kill()
    holds(s.company.run("integration", "show", "acme/hr", env=ahead(200)).out, "has been due since", "does rollcall serve run?")
    s.hr.no_faults()
    s.there.forget()
    s.there.fault("users.update", "slow", ms=1500, count=0)
    with Serve(s.company, shift=61) as serve:  # reads, and is killed while it carries out
        until(lambda: len(s.there.writes()) >= 2, "calls that change something")
        serve.kill()
    s.there.no_faults()
    with Serve(s.company, shift=61) as serve:
        until(lambda: all(s.account(person)["jobTitle"] == "Foreman" for person in people), "everybody's title")
        until(lambda: serve.done() == 1, "the end of the job")
        check(any("their process has died" in line.get("reason", "") for line in serve.lines()), serve.log())
        serve.stop()
    same(in_state(s.company, "listing") + in_state(s.company, "passed"), [], "runs that nobody ended")
    s.quiet()


@scenario
def asked_to_stop_in_the_middle_of_a_list_it_throws_the_list_away(case):
    hr = case.sandbox(people=60)
    company = case.company(hr, settings={"page-size": 10, "timeout-s": 30})
    company.arrive()
    schedule(company)
    slow_listing(hr, 700, count=0)
    with Serve(company, shift=61) as serve:
        until(lambda: in_state(company, "listing"), "a run that lists")
        began = time.monotonic()
        serve.stop(10)
        check(time.monotonic() - began < 8, "it took its time")
        lines = serve.lines()
        check(any(line.get("import") == "stopped" for line in lines), f"{lines}")
        check(any(line.get("serve") == "stopped" for line in lines), f"{lines}")
    hr.no_faults()
    code, answer = company.import_()  # nobody holds anything any more
    same(code, 0, f"{answer}")
    same(in_state(company, "listing"), [])


@scenario
def asked_to_stop_while_it_delivers_it_ends_what_is_out_and_goes_on_later(case):
    s = Scene(case, settings={"timeout-s": 10})
    people = [s.hire() for _ in range(60)]
    code, _ = s.company.rollcall("sync", "acme/hr")
    if code == 3:
        s.approve_import()
    for person in people:
        s.edit(person, position="Foreman")
    schedule(s.company)
    s.there.forget()
    s.there.fault("users.update", "slow", ms=400, count=0)
    with Serve(s.company, shift=61) as serve:
        until(lambda: len(s.there.writes()) >= 4, "calls that change something", 90)
        serve.stop(20)
    now = [p for p in people if s.account(p)["jobTitle"] == "Foreman"]
    check(0 < len(now) < len(people), f"{len(now)} of {len(people)} were changed")
    same([r["state"] for r in in_state(s.company, "passed")], ["passed"], "the run that goes on")
    s.there.no_faults()
    with Serve(s.company, shift=61) as serve:
        until(lambda: all(s.account(p)["jobTitle"] == "Foreman" for p in people), "everybody's title")
        until(lambda: serve.done() == 1, "the end of the job", 90)
        serve.stop()
    same(in_state(s.company, "passed"), [])
    case.note(f"{len(now)} of {len(people)} before it was stopped [{case.database}]")
    s.quiet()


@scenario
def beside_the_command_line_one_of_the_two_waits(case):
    hr = case.sandbox(people=40)
    company = case.company(hr, settings={"timeout-s": 30})
    company.arrive()
    schedule(company)
    slow_listing(hr, 4000)
    by_hand = company.start("--json", "import", "acme/hr")
    until(lambda: in_state(company, "listing"), "the import by hand")
    with Serve(company, shift=61) as serve:
        until(lambda: serve.metrics()['rollcall_jobs_waited_total{kind="sync"}'] >= 1, "a job that waits")
        same(len(in_state(company, "listing")), 1, "imports at once")
        out, err = by_hand.communicate(timeout=30)
        same(by_hand.returncode, 0, f"{out} {err}")
        same(serve.metrics()['rollcall_jobs_failed_total{kind="sync"}'], 0, "it is nobody's failure")
        until(lambda: serve.done() == 1, "its turn", 40)
        serve.stop()


@scenario
def what_fails_is_tried_again_and_at_once_when_it_was_mended(case):
    s = Scene(case)
    ana = s.hire(first_name="Ana")
    s.sync()
    s.edit(ana, position="Foreman")
    schedule(s.company)
    s.hr.fault("v1.auth", "status", status=403)
    with Serve(s.company, shift=61) as serve:
        until(lambda: serve.metrics()['rollcall_jobs_failed_total{kind="sync"}'] == 1, "the failure")
        holds(s.company.run("integration", "show", "acme/hr").out, "it failed, and is tried again")
        time.sleep(1.5)
        same(serve.metrics()['rollcall_jobs_failed_total{kind="sync"}'], 1, "it is not tried again and again")
        said = [line for line in serve.lines() if line["level"] == "error"]
        check(len(said) == 1 and said[0]["import"] == "failed" and said[0]["code"] == "auth", f"{said}")
        s.hr.no_faults()
        s.company.ok("integration", "set", "acme/hr", "--set", "page-size=50")
        until(lambda: s.account(ana)["jobTitle"] == "Foreman", "the new title", 15)
        serve.stop()


@scenario
def a_platform_that_is_down_gets_a_job_of_its_own(case):
    s = Scene(case)
    ana = s.hire(first_name="Ana")
    s.sync()
    s.edit(ana, position="Foreman")
    schedule(s.company)
    s.there.fault("*", "status", status=503)
    with Serve(s.company, shift=61) as serve:
        until(lambda: serve.done() == 1, "a sync whose import went well", 60)
        lines = serve.lines()
        check(any(line.get("delivery") == "failed" and line.get("destination") == "la" for line in lines), f"{lines}")
        s.there.no_faults()
        until(lambda: s.account(ana)["jobTitle"] == "Foreman", "the new title, by a delivery of its own", 60)
        until(lambda: serve.done("delivery") == 1, "the end of that job")
        serve.stop()


@scenario
def a_paused_platform_is_left_alone_and_nothing_fails(case):
    s = Scene(case)
    ana = s.hire(first_name="Ana")
    s.sync()
    s.edit(ana, position="Foreman")
    schedule(s.company)
    s.company.ok("destination", "pause", "acme/la", "--because", "summer")
    s.there.forget()
    with Serve(s.company, shift=61) as serve:
        until(lambda: serve.done() == 1, "the job")
        same(s.there.writes(), [])
        same(serve.metrics()['rollcall_jobs_failed_total{kind="sync"}'], 0)
        serve.stop()


@scenario
def it_can_be_watched(case):
    s = Scene(case)
    with Serve(s.company) as serve:
        same(serve.get("/healthz")[0], 200)
        until(lambda: serve.get("/readyz")[0] == 200, "readiness")
        same(serve.get("/healthz", "HEAD")[2], "")
        metrics = serve.metrics()
        same(metrics["rollcall_companies"], 1)
        same(metrics["rollcall_runs_held"], 0)
        same(metrics["rollcall_integrations_scheduled"], 0)
        check(metrics['rollcall_runs_last_day{state="applied"}'] >= 2, f"{metrics}")
        check(0 <= metrics['rollcall_import_age_seconds{company="acme",integration="hr"}'] < 120, f"{metrics}")
        check(1 << 20 < metrics["process_resident_memory_bytes"] < 1 << 30, f"{metrics}")
        check(0 < metrics["process_cpu_seconds_total"] < 60 and metrics["process_open_fds"] > 3, f"{metrics}")
        told = set(re.findall(r"^\| `([a-z_]+)(?:\{[a-z, ]+\})?` \|", open(DOCUMENT, encoding="utf-8").read(), re.M))
        same({name.partition("{")[0] for name in metrics} ^ told, set(), "metrics that docs/operate.md does not name, or that are not there")
        for method, path in (("GET", "/"), ("GET", "/metrics/"), ("GET", "/healthz%2f"), ("GET", "/%68ealthz"), ("POST", "/healthz"),
                             ("DELETE", "/metrics"), ("GET", "/api/v2/companies"), ("GET", "/../healthz"), ("GET", "/" + "x" * 3000)):
            status, kind, text = serve.get(path, method)
            same((status, kind), (404, "application/problem+json"), f"{method} {path[:60]}")
            same({k: v for k, v in json.loads(text).items() if k in ("status", "name", "title")},
                 {"status": 404, "name": "not-found", "title": "Not Found"})
        status, _, _ = serve.get("/healthz", headers={"X-Long": "x" * 40000})
        check(status in (413, 431), f"a head of 40 KB: {status}")
        same(serve.get("/healthz", "POST", body=b"x" * 200000)[0], 413)
        if case.database == "postgres":
            psql(f"alter database {s.company._name} with allow_connections false; "
                 f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{s.company._name}'")
            status, kind, text = serve.get("/healthz")
            same((status, kind, json.loads(text)["name"]), (503, "application/problem+json", "unavailable"))
            psql(f"alter database {s.company._name} with allow_connections true")
            until(lambda: serve.get("/healthz")[0] == 200, "a database that is back")
        serve.stop()


@scenario(databases=["sqlite"])
def one_address_cannot_take_all_connections(case):
    company = case.company()
    with Serve(company) as serve:
        taken = []
        with contextlib.ExitStack() as stack:
            for _ in range(80):
                one = stack.enter_context(socket.create_connection(("127.0.0.1", serve.port), timeout=5))
                taken.append(one)
            time.sleep(0.5)
            closed = [one for one in taken if select.select([one], [], [], 0)[0]]
            check(10 <= len(closed) <= 20, f"{len(closed)} of 80 were turned away")
        # Until the server has seen them go, whoever comes is still one too many.
        def room():
            with contextlib.suppress(ConnectionError):
                return serve.get("/healthz")[0] == 200
            return False
        until(room, "room")
        serve.stop()


@scenario(databases=["sqlite"])
def what_keeps_it_from_starting_is_said(case):
    hr = case.sandbox(people=5)
    company = case.company(hr)
    other = case.company()
    for arguments, phrase in ((("--listen", "8470"), "HOST:PORT"), (("--listen", "::1:8470"), "HOST:PORT"), (("--listen", "127.0.0.1:99999"), "HOST:PORT"),
                              (("--workers", "0"), "from 1 to 64"), (("--workers", "65"), "from 1 to 64"), (("--workers", "many"), "from 1 to 64"),
                              (("now",), "usage: rollcall serve")):
        done = company.run("serve", *arguments)
        same(done.code, 2, f"{arguments}: {done}")
        holds(done.err, phrase)
    same(company.run("serve", env={"ROLLCALL_LISTEN": "nowhere"}).code, 2)
    same(company.run("serve", env={"ROLLCALL_WORKERS": "no"}).code, 2)

    def fails(name, phrase, *arguments, **how):
        code, answer = company.rollcall("serve", *arguments, **how)
        same((code, answer["error"]["name"]), (1, name), f"{answer}")
        holds(answer["error"]["text"], phrase)

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        fails("server.port-taken", "another program has the port", "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
    fails("server.address", "cannot listen", "--listen", "192.0.2.1:0")
    fails("secret.key", "key", env={"ROLLCALL_KEY_FILE": company.key_file + ".none"})
    fails("secret.key", "key", env={"ROLLCALL_KEY_FILE": other.key_file})
    fails("db.unreachable", "", env={"ROLLCALL_DATABASE": "/nonexistent/rollcall.db"})
    code, answer = company.rollcall("serve", env={"ROLLCALL_DATABASE": None})
    same((code, answer["error"]["name"]), (2, "database.unnamed"))
    with contextlib.closing(sqlite3.connect(company.database)) as db:
        db.execute("update rollcall_migration set number = 1000 where number = (select max(number) from rollcall_migration)")
        db.commit()
    fails("db.newer", "")


@scenario(databases=["sqlite"])
def systemd_is_told_when_it_is_ready_and_when_it_stops(case):
    company = case.company()
    path = os.path.join(company.directory, "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(path)
        heard.settimeout(10)
        with Serve(company, env={"NOTIFY_SOCKET": path}) as serve:
            same(heard.recv(100), b"READY=1")
            serve.stop(how=signal.SIGINT)
            same(heard.recv(100), b"STOPPING=1")


def private_mb(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
        return sum(int(line.split()[1]) for line in f if line.startswith("Private_")) / 1024


@scenario
def come_to_rest_it_gives_back_what_work_has_left(case):
    """Once, and what comes after that is done as before."""
    s = Scene(case, people=300)
    schedule(s.company, "every 2 hours")
    with Serve(s.company, shift=3 * 3600, level=("--log", "debug")) as serve:
        until(lambda: serve.done() >= 1, "a sync")
        worked = private_mb(serve.process.pid)
        until(lambda: "rests" in [line.get("serve") for line in serve.lines()], "rest")
        rested = private_mb(serve.process.pid)
        case.note(f"after work {worked:.1f} MB private, at rest {rested:.1f} MB")
        check(rested < worked and rested < 15, f"{rested} of {worked} MB private")
        time.sleep(6)
        same([line.get("serve") for line in serve.lines()].count("rests"), 1, "once is enough")
        s.edit(s.boss, position="Chief of Rest")
        s.company.ok("integration", "set", "acme/hr", "--schedule", "every 1 hour")
        until(lambda: serve.done() >= 2, "the sync after that")
        serve.stop(5)


@scenario(databases=["sqlite"])
def idle_it_costs_next_to_nothing(case):
    s = Scene(case)
    schedule(s.company, "every 2 hours")
    with Serve(s.company) as serve:
        until(lambda: serve.get("/readyz")[0] == 200, "readiness")
        time.sleep(1)
        before = serve.metrics()["process_cpu_seconds_total"]
        time.sleep(10)
        after = serve.metrics()
        spent = after["process_cpu_seconds_total"] - before
        case.note(f"idle: {spent * 10:.2f} % of a processor, {after['process_resident_memory_bytes'] / 1e6:.1f} MB resident")
        check(spent < 0.1, f"{spent} s of CPU in ten seconds of nothing")
        serve.stop(5)
