"""test_events.py - live progress: who listens at /events is told what happens, whichever process does it, and is dropped when he does not read."""
import contextlib
import os
import signal
import time

from contract import Api
from harness import check, holds, psql, same, scenario
from scenes import Scene
from serving import Serve, slow_listing, until
from stream import Stream
from test_api import token

class Watched(Scene):
    def __init__(self, case, **how):
        super().__init__(case, **how)
        self.reads = token(self.company, right="read")
        self.foreign = None

    def watch(self, serve, secret=None, **how):
        return Stream(serve.port, secret or self.reads, **how)


@scenario
def whoever_listens_is_told_of_runs_jobs_and_progress_while_they_go_on(case):
    s = Watched(case, people=30, integration={"timeout-s": 30})
    ana = s.hire(first_name="Ana")
    s.sync()
    operates = token(s.company, right="operate")
    with Serve(s.company) as serve, s.watch(serve) as stream:
        same([r for r in stream.states() if r in ("listing", "checking", "passed")], [], "nothing is under way yet")
        s.edit(ana, position="Foreman")
        slow_listing(s.hr, 3500)
        began = time.monotonic()
        Api(serve.port, operates).post("/companies/acme/integrations/hr/sync", status=202)
        until(lambda: "listing" in stream.states(), "a run that lists", 5)
        case.note(f"told after {time.monotonic() - began:.1f} s")
        check(time.monotonic() - began < 3, "told late")
        until(lambda: [j for j in stream.of("job") if j["kind"] == "sync" and j["running"]], "a job that runs", 5)
        told = until(lambda: stream.of("progress"), "progress", 10)[0]
        same((told["integration"], told["destination"], told["company"]), ("hr", None, "acme"))
        check(told["phase"] in ("starting", "asking for rights", "reading the list"), f"{told}")
        until(lambda: "applied" in stream.states(told["run"]), "its end", 20)
        until(lambda: [r for r in stream.of("run") if r["kind"] == "delivery" and r["state"] == "applied"], "the delivery", 20)
        until(lambda: [j for j in stream.of("job") if j["kind"] == "sync"][-1]["running"] is False, "the job's end", 10)
        same(s.account(ana)["jobTitle"], "Foreman")
        api = Api(serve.port, s.reads)
        run = [r for r in stream.of("run") if r["run"] == told["run"]][-1]
        same(run, api.get(f"/companies/acme/runs/{told['run']}")["run"], "the same as when it is asked for")
        same(stream.wrong, [])
        serve.stop()


@scenario
def progress_says_how_many_of_how_many_and_when_it_will_be_done(case):
    s = Watched(case, people=60, begins=False, integration={"timeout-s": 30})
    s.there.fault("users.create", "slow", ms=150, count=0)
    s.company.arrive()
    operates = token(s.company, right="operate")
    code, answer = s.company.rollcall("deliver", "acme/la")
    same(code, 3, answer)
    held = answer["run"]["run"]
    with Serve(s.company) as serve, s.watch(serve) as stream, s.watch(serve, path=f"/companies/acme/events?run={held}") as one:
        same(stream.of("hold")[0]["run"], held, "what waits is told at the beginning")
        Api(serve.port, operates).post(f"/companies/acme/runs/{held}/approve", {"reason": "looked through"}, status=202)
        sending = until(lambda: [p for p in stream.of("progress") if p["phase"] == "carrying out" and p["left_s"] is not None], "progress", 30)[-1]
        same((sending["run"], sending["destination"], sending["integration"]), (held, "la", None))
        check(0 <= sending["done"] <= sending["of"] and sending["of"] >= 50, f"{sending}")
        check(sending["ends_at"] >= sending["at"], f"{sending}")
        holds(sending["text"], f"{sending['done']} of {sending['of']} carried out", "calls a second", "s left")
        until(lambda: "applied" in stream.states(held), "its end", 60)
        until(lambda: "applied" in one.states(held), "its end for the other", 5)
        same({r["run"] for r in one.of("run", "hold", "progress")}, {held})
        same([j for j in one.of("job") if j["subject"] not in (str(held),)], [], "jobs of something else")
        done = [p["done"] for p in stream.of("progress") if p["phase"] == "carrying out"]
        same(done, sorted(done))
        check(len(done) >= 2, f"{done}")
        check(len(stream.of("progress")) < 60, "written per person")
        serve.stop()


@scenario
def what_another_process_does_is_told_as_well(case):
    s = Watched(case, people=8)
    ana = s.hire(first_name="Ana")
    s.sync()
    if s.company.kind == "postgres":
        operates = token(s.company, right="operate")
        with Serve(s.company, workers=1) as api_only, Serve(s.company, workers=1) as other, s.watch(api_only) as stream, s.watch(other) as second:
            s.edit(ana, position="Foreman")
            slow_listing(s.hr, 1500)
            Api(other.port, operates).post("/companies/acme/integrations/hr/sync", status=202)
            for each in (stream, second):
                until(lambda each=each: [p for p in each.of("progress") if p["integration"] == "hr"], "progress", 10)
                until(lambda each=each: [r for r in each.of("run") if r["kind"] == "delivery" and r["state"] == "applied"], "the delivery", 20)
            api_only.stop()
            other.stop()
        return
    with Serve(s.company) as serve, s.watch(serve) as stream:
        s.edit(ana, position="Foreman")
        run = s.company.ok("import", "acme/hr")["run"]["run"]
        until(lambda: "applied" in stream.states(run), "a run of the command line", 5)
        serve.stop()


@scenario
def a_hold_is_told_and_so_is_its_end(case):
    s = Watched(case, people=20)
    s.sync()
    for person in [p["id"] for p in s.hr.truth() if p["exists"]][:15]:
        s.hr.edit(person, last_name="Everybody")
    with Serve(s.company) as serve, s.watch(serve) as stream:
        code, answer = s.company.import_()
        same(code, 3, answer)
        held = answer["run"]["run"]
        until(lambda: [r["run"] for r in stream.of("hold")] == [held], "the hold", 5)
        until(lambda: [a for a in stream.of("alert") if a["run"] == held and a["over_at"] is None], "an alert", 30)
        s.company.reject(held)
        until(lambda: stream.states(held)[-1] == "rejected", "its end", 5)
        until(lambda: [a for a in stream.of("alert") if a["run"] == held and a["over_at"] is not None], "the alert's end", 30)
        serve.stop()


@scenario
def whoever_was_away_is_told_what_ended_meanwhile(case):
    s = Watched(case, people=5)
    ana = s.hire(first_name="Ana")
    s.sync()
    with Serve(s.company) as serve:
        with s.watch(serve) as stream:
            s.edit(ana, position="Foreman")
            first = s.company.ok("sync", "acme/hr")
            until(lambda: [r for r in stream.of("run") if r["kind"] == "delivery"], "a run", 5)
            last = stream.last_id()
        s.edit(ana, position="Poet")
        missed = s.company.import_()[1]["run"]["run"]
        with s.watch(serve, last=last) as again:
            same(again.states(missed), ["applied"], "what was missed")
        with s.watch(serve) as fresh:
            same(fresh.states(missed), [], "nobody asked for what has ended")
        for odd in ("x", "0", "-5", "9" * 30, "1e9", "", "99999999999999999"):
            with s.watch(serve, last=odd) as tolerant:
                same(tolerant.wrong, [])
        serve.stop()
    with Serve(s.company) as serve, s.watch(serve, last=last) as after:  # another process
        same(after.states(missed), ["applied"])
        check(first, "it ran")
        serve.stop()


@scenario(databases=["sqlite"])
def it_is_for_whoever_may_look_and_another_company_is_not_there(case):
    s = Watched(case, people=4)
    s.company.ok("company", "add", "other")
    foreign, root = token(s.company, of="other", right="administer"), token(s.company, of=None, right="read")
    with Serve(s.company) as serve:
        api = Api(serve.port, s.reads)
        same(api.as_(None).call("GET", "/companies/acme/events", status=401)["name"], "token.missing")
        same(api.as_("rollcall_" + "0" * 12 + "_" + "0" * 64).call("GET", "/companies/acme/events", status=401)["name"], "token.unknown")
        same(api.as_(foreign).call("GET", "/companies/acme/events", status=404)["name"], "company.unknown")
        same(api.as_(root).call("GET", "/companies/nobody/events", status=404)["name"], "company.unknown")
        same(api.call("GET", "/companies/acme/events?run=999", status=404)["name"], "run.unknown")
        for wrong in ("?run=x", "?run=0", "?run=", "?limit=5", "?runs=1"):
            same(api.call("GET", "/companies/acme/events" + wrong, status=400)["name"], "request.argument", wrong)
        with s.watch(serve, foreign, path="/companies/other/events") as theirs, s.watch(serve, root) as all_seeing:
            s.company.ok("import", "acme/hr")
            until(lambda: all_seeing.states(), "a run", 5)
            time.sleep(1)
            same(theirs.events, [], "of another company")
        serve.stop()


@scenario(databases=["sqlite"])
def so_many_streams_and_no_more_of_a_token_and_of_an_address(case):
    s = Watched(case, people=4)
    tokens = [s.reads] + [token(s.company, right="read") for _ in range(4)]
    with contextlib.ExitStack() as stack:
        serve = stack.enter_context(Serve(s.company))
        threads = threads_of(serve)
        of_one = [stack.enter_context(s.watch(serve, s.reads)) for _ in range(8)]
        api = Api(serve.port, s.reads)
        same(api.call("GET", "/companies/acme/events", status=429)["name"], "events.too-many")
        check(int(api.headers["Retry-After"]) > 0, f"{api.headers}")
        for secret in tokens[1:4]:
            for _ in range(8):
                stack.enter_context(s.watch(serve, secret, ready=False))
        same(api.as_(tokens[4]).call("GET", "/companies/acme/events", status=429)["name"], "events.too-many", "of an address")
        check(threads_of(serve) <= threads + 1, f"{threads_of(serve)} threads instead of {threads}")
        same(serve.get("/healthz")[0], 200)
        of_one[0].close()
        stack.enter_context(contextlib.closing(until(lambda: admitted(s, serve), "a free place", 25)))
        serve.stop()
        for each in of_one[1:]:
            check(each.ended.wait(5), "still open")
            check(each.whole_end, "cut off, not ended")


def admitted(s, serve):
    stream = s.watch(serve, reads=False)
    return stream if stream.status == 200 else stream.close()


def threads_of(serve):
    return len(os.listdir(f"/proc/{serve.process.pid}/task"))


@scenario(databases=["sqlite"])
def a_stream_goes_on_for_longer_than_requests_may_and_ends_with_its_token(case):
    s = Watched(case, people=4)
    said = s.company.ok("token", "add", "acme", "--name", "short", "--right", "read")
    with Serve(s.company) as serve, s.watch(serve) as stream, s.watch(serve, said["secret"]) as short:
        time.sleep(21)  # SERVE_REQUEST_S is 20
        check(not stream.ended.is_set() and not short.ended.is_set(), "ended by a time limit")
        check(sum(c == "" for c in stream.comments) >= 2, f"heartbeats: {stream.comments}")
        s.company.ok("token", "revoke", "acme", said["token"]["token"])
        check(short.ended.wait(15), "a revoked token goes on listening")
        check(not stream.ended.is_set(), "and takes others with it")
        s.company.ok("import", "acme/hr")
        until(lambda: stream.states(), "a run", 5)
        serve.stop()


@scenario
def a_reader_that_does_not_read_holds_up_nobody_and_neither_does_a_pause_of_the_machine(case):
    s = Watched(case, people=5)
    ana = s.hire(first_name="Ana")
    s.sync()
    with Serve(s.company) as serve, s.watch(serve) as reads, contextlib.closing(s.watch(serve, reads=False)) as idle:
        for i in range(3):
            s.edit(ana, position=f"Poet {i}")
            s.company.ok("sync", "acme/hr")
        until(lambda: len([r for r in reads.of("run") if r["state"] == "applied"]) >= 3, "what the others are told", 10)
        os.kill(serve.process.pid, signal.SIGSTOP)  # as a machine that sleeps
        time.sleep(1)
        os.kill(serve.process.pid, signal.SIGCONT)
        s.edit(ana, position="Baker")
        run = s.company.import_()[1]["run"]["run"]
        until(lambda: "applied" in reads.states(run), "the next one", 10)
        check(idle.status == 200, "it never listened")
        serve.stop()


@scenario(databases=["postgres"])
def while_the_database_is_away_streams_stay_and_go_on_afterwards(case):
    s = Watched(case, people=4)
    with Serve(s.company) as serve, s.watch(serve) as stream:
        name = s.company.database.rpartition("/")[2]
        psql(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")
        time.sleep(1)
        s.company.ok("import", "acme/hr")
        until(lambda: stream.states(), "a run", 20)
        check(not stream.ended.is_set(), "it ended")
        serve.stop()
