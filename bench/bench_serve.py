#!/usr/bin/env python3
# bench_serve.py - the daemon: webhooks against a bare libmicrohttpd, from an edit in HR to the account, idle, a thousand companies.
#
# script/bench serve [--quick] [--rounds N] [--people N] [--companies N] [--only webhooks|edits|idle|companies] [--profile]
#
# docs/benchmarks.md says what is measured and why. Ends with 1 when a target is missed. --profile records with perf what the
# daemon does under webhooks (build/bench-serve/perf.data).
import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import measure
from bench_deliver import Delivers, There
from measure import Failed, Noise, Sandbox, Verdicts, machine_busy_s, median, run, table

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("ROLLCALL_BUILD", os.path.join(TOP, "build/release"))
WORK = os.path.join(TOP, "build/bench-serve")
ROLLCALL = os.path.join(BUILD, "src/rollcall")
SANDBOX = os.path.join(BUILD, "sandbox/rollcall-sandbox")
BARE = os.path.join(BUILD, "bench/bare")
POSTS = os.path.join(BUILD, "bench/posts")
CONNECTIONS, THREADS = 64, 4  # threads of both servers
EVENTS = ["person.created", "person.updated", "employment.created", "employment.updated", "employment.started", "employment.terminated"]
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def cpu_s(pid):
    """CPU seconds that a process has used."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def switches_cpu_ns(pid):
    """The same by the scheduler's clock, all threads: fine enough for a process that idles."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as f:
            total += int(f.read().split()[0])
    return total


def private_mb(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
        rows = dict(line.split(":", 1) for line in f if ":" in line)
    return sum(int(rows[name].split()[0]) for name in ("Private_Clean", "Private_Dirty")) / 1024


class Serve:
    """rollcall serve of a company set up before."""

    def __init__(self, ours, *arguments, workers=2):
        self.ours = ours
        began = time.monotonic()
        with open(os.path.join(WORK, "serve.log"), "wb") as log:
            self.process = subprocess.Popen([ROLLCALL, "--json", "serve", "--listen", "127.0.0.1:0", "--workers", str(workers), *arguments],
                                            env=ours.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        line = self.process.stdout.readline()
        self.start_s = time.monotonic() - began
        if not line:
            raise Failed("serve did not start")
        self.port = int(json.loads(line)["serve"]["listen"].rpartition(":")[2])
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.process.stdout.close()

    def ask(self, path, token, body=None):
        data = None if body is None else json.dumps(body).encode()
        ask = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/v1{path}", data=data,
                                     headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        with direct.open(ask, timeout=60) as answer:
            return json.load(answer)


def rollcall(ours, *arguments, codes=(0,)):
    return json.loads(run([ROLLCALL, "--json", *arguments], ours.env, codes).out)


def token_of(ours, *of):
    return rollcall(ours, "token", "add", *of, "--name", "bench", "--right", "operate" if of else "administer")["secret"]


def until(fact, seconds, what):
    end = time.monotonic() + seconds
    while not (found := fact()):
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {seconds} s")
        time.sleep(0.01)
    return found


# ---- webhooks -------------------------------------------------------------------------------------------------------

_event = [0]


def posts(port, path, token, seconds, expected, connections=CONNECTIONS, events=True):
    """A load, under way: a Popen."""
    _event[0] += 100_000_000
    return subprocess.Popen([POSTS, str(port), path, token, str(connections), str(seconds), str(expected), *([str(_event[0])] if events else [])],
                            stdout=subprocess.PIPE, text=True)


def ended(load):
    said, _ = load.communicate()
    if load.returncode != 0:
        raise Failed("the load broke off")
    said = json.loads(said)
    if said["other"]:
        raise Failed(f"{said['other']} answers were not as expected")
    return {**said, "per_s": said["answered"] / said["seconds"]}


class Bare:
    def __init__(self, token):
        self.process = subprocess.Popen([BARE, str(THREADS), token], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[-1])
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def loaded(noise, server, path, token, seconds):
    before, busy = cpu_s(server.pid), machine_busy_s()
    said = ended(posts(server.port, path, token, seconds, 204))
    said["server_cpu_s"] = cpu_s(server.pid) - before
    noise.add(said["seconds"], machine_busy_s() - busy, said["server_cpu_s"] + said["cpu_s"])
    return said


def applied_under(ours, serve, hook, held, token, noise):
    """The load while a held import is approved: from just before to the end of the apply."""
    before, busy = cpu_s(serve.pid), machine_busy_s()
    load = posts(serve.port, hook["path"], hook["token"], 120, 204)
    time.sleep(0.3)
    began = time.monotonic()
    serve.ask(f"/companies/bench/runs/{held}/approve", token, {"reason": "measured"})
    until(lambda: serve.ask(f"/companies/bench/runs/{held}", token)["run"]["state"] == "applied", 100, "the apply")
    took = time.monotonic() - began
    load.terminate()
    said = ended(load)
    said["server_cpu_s"] = cpu_s(serve.pid) - before
    noise.add(said["seconds"], machine_busy_s() - busy, said["server_cpu_s"] + said["cpu_s"])
    return said, took


def webhooks(options, verdicts, noise):
    print(f"\nWebhooks, {CONNECTIONS} connections, {THREADS} threads on both sides, {options.seconds} s each:")
    sides = {"bare libmicrohttpd": [], "rollcall": [], "rollcall, applying": []}
    for n in range(options.rounds):
        with contextlib.ExitStack() as stack:
            hr = stack.enter_context(Sandbox(SANDBOX, options.people))
            where = os.path.join(WORK, f"webhooks-{n}.db")
            ours = Delivers(ROLLCALL, WORK, hr, where)
            ours.set_up()
            held = json.loads(run([ROLLCALL, "--json", "import", "bench/hr"], ours.env, (3,)).out)["run"]["run"]
            hook, token = rollcall(ours, "integration", "webhook", "show", "bench/hr")["webhook"], token_of(ours, "bench")
            with Bare(hook["token"]) as bare:
                sides["bare libmicrohttpd"].append(loaded(noise, bare, "/", hook["token"], options.seconds))
            with Serve(ours) as serve:
                recorder = profiler(serve) if options.profile else None
                sides["rollcall"].append(loaded(noise, serve, hook["path"], hook["token"], options.seconds))
                if recorder:
                    recorder.send_signal(signal.SIGINT)
                    recorder.wait()
            with Serve(ours) as serve:
                said, took = applied_under(ours, serve, hook, held, token, noise)
                said["apply_s"] = took
                sides["rollcall, applying"].append(said)
            for end in ("", "-wal", "-shm", ".events", ".events-wal", ".events-shm"):
                with contextlib.suppress(FileNotFoundError):
                    os.remove(where + end)

    def of(side, what):
        return median([s[what] for s in sides[side]])

    table(("", "accepted/s", "p50 ms", "p99 ms", "most ms", "CPU s of the server", "CPU s of the load"),
          [(name, f"{of(name, 'per_s'):,.0f}", f"{of(name, 'p50_ms'):.1f}", f"{of(name, 'p99_ms'):.1f}", f"{of(name, 'most_ms'):.0f}",
            f"{of(name, 'server_cpu_s'):.2f}", f"{of(name, 'cpu_s'):.2f}") for name in sides])
    print(f"\nApplying {options.people:,} people took {of('rollcall, applying', 'apply_s'):.2f} s under that load.")
    ratios = [ours["per_s"] / bare["per_s"] for ours, bare in zip(sides["rollcall"], sides["bare libmicrohttpd"])]
    verdicts.at_least("webhooks accepted durably, of a bare libmicrohttpd", median(ratios), 0.5)
    verdicts.at_most("webhooks: p99", of("rollcall", "p99_ms"), 50, "ms", 1)
    verdicts.at_most(f"webhooks while {options.people:,} people are applied: p99", of("rollcall, applying", "p99_ms"), 50, "ms", 1)


def profiler(serve):
    return subprocess.Popen(["perf", "record", "-q", "-g", "-p", str(serve.pid), "-o", os.path.join(WORK, "perf.data")],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


# ---- from an edit in HR to the account ------------------------------------------------------------------------------


def put_into_hr(hr, serve, hook):
    hr.ask("DELETE", "/_control/webhooks")
    hr.ask("POST", "/_control/webhooks", {"url": f"http://127.0.0.1:{serve.port}{hook['path']}", "token": hook["token"], "enabled_events": EVENTS})


def arrived(ours, there):
    """Imported and delivered, both approved."""
    ours.set_up_there(there)
    held = json.loads(run(*ours.deliver(3)).out)["run"]["run"]
    run(*ours.approve(held))


def edited(hr, there, people, title, seconds=30):
    """Seconds from each edit to its account, as it is on the platform."""
    began, took = {}, {}
    for person in people:
        began[f":hr:{person}"] = time.monotonic()
        hr.ask("PATCH", f"/_control/people/{person}", {"position": title})
    end = time.monotonic() + seconds
    while len(took) < len(people):
        if time.monotonic() > end:
            raise Failed(f"{len(people) - len(took)} of {len(people)} edits did not arrive within {seconds} s")
        for account in there.ask("GET", "/_control/truth")["accounts"]:
            key = str(account["integrationExternalId"])
            key = key[key.find(":hr:"):]
            if key in began and key not in took and account["jobTitle"] == title:
                took[key] = time.monotonic() - began[key]
        time.sleep(0.01)
    return sorted(took.values())


def edits(options, verdicts, noise):
    people = 300
    with Sandbox(SANDBOX, people) as hr, There(people, "--no-limits") as there:
        ours = Delivers(ROLLCALL, WORK, hr, os.path.join(WORK, "edits.db"))
        arrived(ours, there)
        linked = {a["person"] for a in rollcall(ours, "accounts", "list", "bench/la")["accounts"] if a["code"] == "in-step"}
        staff = [p["id"] for p in hr.ask("GET", "/_control/truth")["people"] if p["exists"] and p["status"] == "active" and str(p["id"]) in linked]
        hook = rollcall(ours, "integration", "webhook", "show", "bench/hr")["webhook"]
        with Serve(ours, "--webhook-pace", "0") as serve:
            put_into_hr(hr, serve, hook)
            busy, began, before = machine_busy_s(), time.monotonic(), cpu_s(serve.pid)
            single = [edited(hr, there, [staff[n]], f"Single {n}")[0] for n in range(options.edits)]
            burst = [t for n in range(options.rounds) for t in edited(hr, there, staff[:100], f"Burst {n}")]
            noise.add(time.monotonic() - began, machine_busy_s() - busy, cpu_s(serve.pid) - before)
            single.sort(), burst.sort()

    def at(times, share):
        return times[int((len(times) - 1) * share)]

    print(f"\nFrom an edit in HR to the account ({people} people, sandboxes without limits):")
    table(("", "edits", "p50 s", "p99 s", "most s"),
          [(name, len(t), f"{at(t, 0.5):.2f}", f"{at(t, 0.99):.2f}", f"{t[-1]:.2f}") for name, t in (("one at a time", single), ("bursts of 100", burst))])
    verdicts.at_most("an edit in HR to its account: p50", at(single, 0.5), 1, "s", 2)
    verdicts.at_most("the same in bursts of 100 people: p99", at(burst, 0.99), 3, "s", 2)


# ---- idle -----------------------------------------------------------------------------------------------------------


def idle(options, verdicts, _noise):
    people = 300
    with Sandbox(SANDBOX, people) as hr, There(people, "--no-limits") as there:
        ours = Delivers(ROLLCALL, WORK, hr, os.path.join(WORK, "idle.db"))
        arrived(ours, there)
        token = token_of(ours, "bench")
        with Serve(ours, "--webhook-pace", "0") as serve:
            fresh = private_mb(serve.pid)
            for _ in range(3):
                serve.ask("/companies/bench/integrations/hr/sync", token, {})
                time.sleep(1)
            ended(posts(serve.port, "/api/v1/companies/bench/people?limit=100", f"Bearer {token}", 1, 200, 8, events=False))
            time.sleep(5)
            before = switches_cpu_ns(serve.pid)
            time.sleep(options.idle)
            share = (switches_cpu_ns(serve.pid) - before) / 1e9 / options.idle * 100
            memory = private_mb(serve.pid)
            threads = len(os.listdir(f"/proc/{serve.pid}/task"))
    print(f"\nIdle for {options.idle} s, after three syncs and a second of requests: {memory:.1f} MB private ({fresh:.1f} MB when it had just started), "
          f"{threads} threads, {share:.3f} % of a CPU.")
    verdicts.at_most("idle: private memory", memory, 15, "MB", 1)
    verdicts.at_most("idle: CPU", share, 0.1, "%", 3)


# ---- a thousand companies -------------------------------------------------------------------------------------------


def add_companies(ours, hr, numbers):
    secret = os.path.join(WORK, "secret")
    for n in numbers:
        key = f"c{n}"
        rollcall(ours, "company", "add", key, "--name", key, "--zone", "Europe/Berlin")
        rollcall(ours, "integration", "add", f"{key}/hr", "--source", "personio", "--set", f"base-url={hr.origin}", "--set", f"client-id={measure.CLIENT}",
                 "--set", "per-minute=0", "--secret-file", f"client-secret={secret}")
        held = rollcall(ours, "import", f"{key}/hr", codes=(3,))["run"]["run"]
        rollcall(ours, "run", "approve", f"{key}/{held}", "--reason", "measured")


def asked(serve, token, seconds=3):
    return ended(posts(serve.port, "/api/v1/companies/c1/people?limit=20", f"Bearer {token}", seconds, 200, 4, events=False))


def insist(serve, path, token, body):
    """Workers write all the time: who asks may be told to try again."""
    for _ in range(60):
        try:
            return serve.ask(path, token, body)
        except urllib.error.HTTPError as why:
            if why.code != 503:
                raise
    raise Failed(f"{path}: 503 sixty times")


def passed_over(log):
    """How often c1 had a turn though somebody else had waited since before its last one, in the order in which the service told it."""
    since, n, turn = {}, 0, 0
    with open(log, encoding="utf-8") as f:
        for line in map(json.loads, f):
            if line.get("status") == 202 and line.get("company") != "c1":
                since.setdefault(line["company"], turn)
            elif line.get("work") == "begins" and line["job"].startswith("sync/"):
                company = line["job"].split("/")[1]
                since.pop(company, None)
                if company == "c1":
                    turn += 1
                    n += any(t < turn - 1 for t in since.values())
    return n, turn


def shares(serve, token, n):
    """One company asks again and again while each of the others asks once."""
    syncs = [f"/companies/c{i}/integrations/hr/sync" for i in range(1, n + 1)]
    began = time.monotonic()
    for path in syncs[1:]:
        insist(serve, syncs[0], token, {})
        insist(serve, path, token, {})
    waiting = set(range(2, n + 1))
    while waiting:
        insist(serve, syncs[0], token, {})
        for i in list(waiting)[:20]:
            runs = serve.ask(f"/companies/c{i}/runs?limit=1", token)["runs"]
            if runs[0]["run"] > 1 and runs[0]["state"] == "applied":
                waiting.discard(i)
        if time.monotonic() - began > 300:
            raise Failed(f"{len(waiting)} of {n} companies were not served within 300 s")
    took = time.monotonic() - began
    return *passed_over(os.path.join(WORK, "serve.log")), took


def companies(options, verdicts, noise):
    n = options.companies
    with Sandbox(SANDBOX, 100) as hr:
        one = Delivers(ROLLCALL, WORK, hr, os.path.join(WORK, "one.db"))
        one.set_up()  # writes the secret
        add_companies(one, hr, [1])
        many = Delivers(ROLLCALL, WORK, hr, os.path.join(WORK, "many.db"))
        print(f"\nMaking {n} companies of 100 people ...", flush=True)
        add_companies(many, hr, range(1, n + 1))
        tokens = [token_of(ours) for ours in (one, many)]
        starts, p95 = [], [[], []]
        for _ in range(options.rounds):
            for side, ours in enumerate((one, many)):
                with Serve(ours) as serve:
                    if side == 1:
                        starts.append(serve.start_s)
                    busy, began, before = machine_busy_s(), time.monotonic(), cpu_s(serve.pid)
                    said = asked(serve, tokens[side])
                    noise.add(time.monotonic() - began, machine_busy_s() - busy, cpu_s(serve.pid) - before + said["cpu_s"])
                    p95[side].append(said["p95_ms"])
        with Serve(many) as serve:
            greedy, turns, took = shares(serve, tokens[1], n)
            memory = private_mb(serve.pid)
    print(f"One company: API p95 {median(p95[0]):.2f} ms. {n} companies: p95 {median(p95[1]):.2f} ms, start {median(starts):.2f} s; "
          f"all of them synced in {took:.1f} s ({n / took:.0f} a second), the one that keeps asking {turns} times; {memory:.0f} MB private.")
    verdicts.at_most(f"{n} companies in one process: start", median(starts), 2, "s", 2)
    verdicts.at_most("the same: API p95, of one company", median([m / o for o, m in zip(*p95)]), 1.5, "×", 2)
    verdicts.at_most("turns of a company that keeps asking, while others have waited since before its last", greedy, 2, "", 0)


PARTS = {"webhooks": webhooks, "edits": edits, "idle": idle, "companies": companies}


def main():
    parser = argparse.ArgumentParser(prog="script/bench serve", allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="few of everything: to see that it works")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--people", type=int)
    parser.add_argument("--companies", type=int)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    usual = (1, 5000, 20, 2, 5, 10) if options.quick else (3, 100_000, 1000, 5, 20, 30)
    for name, value in zip(("rounds", "people", "companies", "seconds", "edits", "idle"), usual):
        if getattr(options, name, None) is None:
            setattr(options, name, value)
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    verdicts, noise = Verdicts(), Noise()
    for name, part in PARTS.items():
        if options.only in (None, name):
            part(options, verdicts, noise)
    print()
    verdicts.print()
    noise.print()
    return 1 if verdicts.missed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as why:
        sys.exit(f"bench serve: {why}")
