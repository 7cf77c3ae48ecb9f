#!/usr/bin/env python3
# bench_deliver.py - first accounts on a platform, against a bare libcurl loop and a Node script; limits; nothing to do; memory.
#
# script/bench deliver [--quick] [--rounds N] [--people N] [--many N] [--no-limits-parts]
#
# docs/benchmarks.md says what is measured and why. Ends with 1 when a target is missed.
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

import measure
from measure import Bench, Failed, Ours, Sandbox, Side, Verdicts, print_sides, remove, run

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("ROLLCALL_BUILD", os.path.join(TOP, "build/release"))
WORK = os.path.join(TOP, "build/bench-deliver")
ROLLCALL = os.path.join(BUILD, "src/rollcall")
SANDBOX = os.path.join(BUILD, "sandbox/rollcall-sandbox")
CALLS = os.path.join(BUILD, "bench/calls")
NODE = os.path.join(TOP, "bench/node/deliver.js")
IN_FLIGHT = 16  # of all three
SCOPES = "users:read users:create users:update teams:read teams:create"


class There(Sandbox):
    """A make-believe Learn Amp that nobody has an account on yet, but for its nine strangers."""

    def __init__(self, people, *arguments):
        self.people = people
        self.process = subprocess.Popen([SANDBOX, "learnamp", "--port", "0", "--people", str(people), "--seed", "1", *arguments],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if "http://" not in line:
            raise Failed("the sandbox did not start")
        self.origin = line.split()[-1]
        self.direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def token(self):
        form = urllib.parse.urlencode({"client_id": "learnamp-sandbox", "client_secret": "learnamp-sandbox-secret",
                                       "grant_type": "client_credentials", "scope": SCOPES})
        with self.direct.open(self.origin + "/oauth/token", form.encode()) as answer:
            return json.load(answer)["access_token"]


class Delivers(Ours):
    """rollcall with everybody imported, and a platform beside."""

    def set_up_there(self, there, **settings):
        self.set_up()
        for command in self.first_commands():
            run(*command)
        secret = os.path.join(self.work, "there")
        with open(secret, "w", encoding="ascii") as f:
            f.write("learnamp-sandbox-secret\n")
        given = {"base-url": there.origin, "client-id": "learnamp-sandbox", "max-per-second": 0, "at-once": IN_FLIGHT, **settings}
        sets = [word for name, value in given.items() for word in ("--set", f"{name}={value}")]
        run([self.program, "destination", "add", "bench/la", "learnamp", *sets, "--secret-file", f"client-secret={secret}", "--feed", "hr"],
            self.env)

    def deliver(self, *codes):
        return [self.program, "--json", "deliver", "bench/la"], self.env, codes

    def approve(self, run_id, quiet=True):
        return [self.program, *(["--json"] if quiet else []), "run", "approve", f"bench/{run_id}", "--reason", "measured"], self.env, (0,)


def held_run(took):
    return json.loads(took.out)["run"]["run"]


def calls_made(there):
    return {route: sum(n.values()) if isinstance(n, dict) else n for route, n in there.ask("GET", "/_control/counters")["routes"].items()}


def apart(work, *arguments):
    """What work() returns, from a process of its own: what it needs of memory would else count as that of every process started
    from here on (a child's peak begins with that of its parent)."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        with os.fdopen(write, "w") as to:
            json.dump(work(*arguments), to)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as said:
        answer = said.read()
    os.waitpid(child, 0)
    return json.loads(answer)


def write_accounts(there, path):
    """What rollcall has made, as a file for the others: the same values, managers by line, teams by the ids of a fresh platform."""
    accounts = [a for a in there.ask("GET", "/_control/truth")["accounts"] if (a["integrationExternalId"] or "").startswith("rollcall")]
    teams = {t["id"]: t["name"] for t in there.ask("GET", "/_control/teams")["teams"]}
    line_of = {a["id"]: i for i, a in enumerate(accounts, 1)}
    there.ask("POST", "/_control/reset")
    fresh = {}
    for name in sorted({teams[a["primaryTeam"]] for a in accounts if a["primaryTeam"]}):
        fresh[name] = there.ask("POST", "/_control/teams", {"name": name})["id"]
    managers = 0
    with open(path, "w", encoding="utf-8") as f:
        for a in accounts:
            body = {name: a[name] for name in ("email", "firstName", "lastName", "jobTitle", "location", "hireDate", "integrationExternalId")
                    if a[name]}
            if a["primaryTeam"]:
                body["primaryTeamId"] = fresh[teams[a["primaryTeam"]]]
            manager = line_of.get(a["manager"], 0)
            managers += manager > 0
            f.write(json.dumps(body, ensure_ascii=False) + f"\t{manager}\n")
    return len(accounts), managers, list(fresh)


def reset(there, teams):
    there.ask("POST", "/_control/reset")
    for name in teams:
        there.ask("POST", "/_control/teams", {"name": name})


# ---- the parts ----


def first(bench, hr, there, rounds, verdicts):
    own, node_start, bound_start = bench.start_s(ROLLCALL, "--version"), bench.start_s("node", NODE, "nothing"), bench.start_s(CALLS, "nothing")
    ours_side, bound, node = Side("rollcall: deliver, approve", 2 * own), Side("(a) libcurl alone", bound_start), Side("(b) Node", node_start)
    again = Side("rollcall: nothing to do", own)
    path, file = os.path.join(WORK, "ours.db"), os.path.join(WORK, "accounts")
    teams, quiet, asked = [], 0, {}
    for n in range(rounds):
        print(f"  round {n + 1} of {rounds}, {hr.people:,} people", file=sys.stderr)
        remove(path)
        there.ask("POST", "/_control/reset")
        ours = Delivers(ROLLCALL, WORK, hr, path)
        ours.set_up_there(there)
        began, busy = there.cpu_s(), measure.machine_busy_s()
        planned = run(*ours.deliver(3))
        done = run(*ours.approve(held_run(planned)))
        wall = planned.wall_s + done.wall_s
        ours_side.wall.append(wall)
        ours_side.cpu.append(planned.cpu_s + done.cpu_s)
        ours_side.sandbox.append(there.cpu_s() - began)
        ours_side.peak.append(max(planned.peak_mb, done.peak_mb))
        bench.noise.add(wall, measure.machine_busy_s() - busy, ours_side.cpu[-1] + ours_side.sandbox[-1])
        asked = calls_made(there)
        there.ask("DELETE", "/_control/requests")
        bench.measure(again, there, ours.deliver(0))
        quiet += there.ask("GET", "/_control/requests?limit=1")["total"]
        accounts, managers, teams = apart(write_accounts, there, file)
        env = dict(os.environ, ROLLCALL_BENCH_TOKEN=there.token())
        bench.measure(bound, there, ([CALLS, there.origin, file, str(IN_FLIGHT)], env))
        reset(there, teams)
        env = dict(os.environ, ROLLCALL_BENCH_TOKEN=there.token())
        bench.measure(node, there, (["node", NODE, there.origin, file], env))
    remove(path)
    print(f"\n{accounts:,} first accounts, {managers:,} of them with a manager, {IN_FLIGHT} calls at once, medians of {rounds}")
    print_sides((ours_side, bound, node, again), accounts)
    print(f"  calls of rollcall: {', '.join(f'{route} {n}' for route, n in sorted(asked.items()) if n)}\n")
    verdicts.at_least("first accounts, to (a) libcurl alone", bound.wall_s() / ours_side.wall_s(), 0.7)
    verdicts.at_least("first accounts, to (b) Node", node.wall_s() / ours_side.wall_s(), 2.5)
    verdicts.holds(f"nothing to do: calls, {accounts:,} accounts", "none", str(quiet), quiet == 0)
    verdicts.at_most(f"peak memory, {accounts:,} accounts", max(ours_side.peak), 64, "MB")
    verdicts.at_most(f"nothing to do, {accounts:,} accounts", again.wall_s(), 1, "s", 2)


def distant(hr, there, ms, rounds, verdicts):
    """The same beside libcurl alone where an answer takes as long as it does over a network."""
    path, file, ours_s, bound_s = os.path.join(WORK, "ours.db"), os.path.join(WORK, "accounts"), [], []
    slow = {"route": "*", "kind": "slow", "ms": ms, "count": 0}
    for _ in range(rounds):
        remove(path)
        there.ask("POST", "/_control/reset")
        ours = Delivers(ROLLCALL, WORK, hr, path)
        ours.set_up_there(there)
        there.ask("POST", "/_control/faults", slow)
        planned = run(*ours.deliver(3))
        ours_s.append(planned.wall_s + run(*ours.approve(held_run(planned))).wall_s)
        there.ask("DELETE", "/_control/faults")
        reset(there, apart(write_accounts, there, file)[2])
        there.ask("POST", "/_control/faults", slow)
        bound_s.append(run([CALLS, there.origin, file, str(IN_FLIGHT)], dict(os.environ, ROLLCALL_BENCH_TOKEN=there.token())).wall_s)
        there.ask("DELETE", "/_control/faults")
    remove(path)
    verdicts.at_least(f"first accounts, {ms} ms an answer, to (a)", statistics.median(bound_s) / statistics.median(ours_s), 0.7)


def many(bench, people, verdicts):
    """Nothing to do for everybody, and memory."""
    path = os.path.join(WORK, "many.db")
    with Sandbox(SANDBOX, people) as hr, There(people, "--no-limits") as there:
        remove(path)
        ours = Delivers(ROLLCALL, WORK, hr, path)
        ours.set_up_there(there)
        planned = run(*ours.deliver(3))
        done = run(*ours.approve(held_run(planned)))
        there.ask("DELETE", "/_control/requests")
        side = Side("nothing to do", 0)
        for _ in range(5):
            bench.measure(side, there, ours.deliver(0))
        asked = there.ask("GET", "/_control/requests?limit=1")["total"]
        verdicts.at_most(f"nothing to do, {people:,} people", side.wall_s(), 1, "s", 2)
        verdicts.holds(f"nothing to do, {people:,} people: calls", "none", str(asked), asked == 0)
        verdicts.at_most(f"peak memory, {people:,} people", max(planned.peak_mb, done.peak_mb, *side.peak), 64, "MB")
        remove(path)


def watched(command, env):
    """Runs it and reads what it says on the way: (wall seconds, [(seconds, done, all, left)])."""
    began, lines = time.monotonic(), []
    process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def read():
        for line in process.stderr:
            found = re.search(r"(\d+) of (\d+) carried out.*?(\d+) s left", line)
            if found:
                lines.append((time.monotonic() - began, *map(int, found.groups())))

    reader = threading.Thread(target=read)
    reader.start()
    code = process.wait()
    reader.join()
    process.stderr.close()
    if code != 0:
        raise Failed(f"{' '.join(command[:4])} ended with {code}")
    return time.monotonic() - began, lines


def answered(there):
    """How many calls were answered, refused with 429, and refused so after the first minute."""
    requests = there.ask("GET", "/_control/requests?limit=20000")["requests"]
    at = [time.mktime(time.strptime(r["at"], "%Y-%m-%dT%H:%M:%SZ")) for r in requests]
    refused = [when for r, when in zip(requests, at) if r["status"] == 429]
    return len(requests) - len(refused), len(refused), sum(1 for when in refused if when - at[0] > 60)


def limited(people, name, switches, settings, per_s, least_percent, verdicts, foretells):
    path = os.path.join(WORK, "limited.db")
    arguments = [word for s, value in switches.items() for word in ("--switch", f"{s}={value}")]
    with Sandbox(SANDBOX, people) as hr, There(people, *arguments) as there:
        remove(path)
        ours = Delivers(ROLLCALL, WORK, hr, path)
        ours.set_up_there(there, **settings)
        run_id = held_run(run(*ours.deliver(3)))
        there.ask("DELETE", "/_control/requests")
        wall_s, lines = watched(ours.approve(run_id, quiet=False)[0], ours.env)
        good, refused, late = apart(answered, there)
        print(f"  {name}: {good} calls in {wall_s:.1f} s, {refused} refused with 429, {late} of them after the first minute")
        verdicts.at_least(f"{name}: used of {per_s:g} calls a second", 100 * good / wall_s / per_s, least_percent, "%")
        if foretells:
            verdicts.holds(f"{name}: 429 after the first minute", "none", str(late), late == 0)
            # A line comes every five seconds: the one that is nearest to the middle.
            half = min(((abs(2 * done - all_), at, left) for at, done, all_, left in lines), default=None)
            half = half and half[1:]
            off = 100 * abs(half[0] + half[1] - wall_s) / (wall_s - half[0]) if half else 100
            verdicts.at_most(f"{name}: the finish as told at half-time, off by", off, 10, "% of the rest", 1)
        remove(path)


def main():
    options = argparse.ArgumentParser(prog="script/bench deliver", description="First accounts on a platform, against a bare libcurl "
                                      "loop and a Node script; limits; nothing to do; memory.")
    options.add_argument("--quick", action="store_true", help="one round of 5,000 people, the configured limit, and nothing longer")
    options.add_argument("--rounds", type=int, default=5, help="medians of so many (5)")
    options.add_argument("--people", type=int, default=20000, help="people of the comparison (20000)")
    options.add_argument("--many", type=int, default=100000, help="people of the part about nothing to do (100000)")
    o = options.parse_args()
    people = 5000 if o.quick else o.people
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    bench, verdicts, began = Bench(), Verdicts(), time.monotonic()
    with Sandbox(SANDBOX, people) as hr, There(people, "--no-limits") as there:
        first(bench, hr, there, 1 if o.quick else max(1, o.rounds), verdicts)
        distant(hr, there, 2, 1 if o.quick else 3, verdicts)
    limited(1600 if o.quick else 6000, "a ceiling set here", {"rate.per-minute": 0}, {"max-per-second": 100}, 100, 97, verdicts, True)
    if not o.quick:
        limited(3000, "a limit that the platform tells", {"rate.per-minute": 1200, "rate.retry-after": "seconds"}, {"retries": 20}, 20, 80,
                verdicts, False)
        many(bench, o.many, verdicts)
    shutil.rmtree(WORK, ignore_errors=True)
    verdicts.print()
    bench.noise.print()
    print(f"{len(verdicts.rows)} numbers, {verdicts.missed} missed, in {time.monotonic() - began:.0f} s")
    return 1 if verdicts.missed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failed:
        sys.exit(f"bench_deliver: {failed}")
