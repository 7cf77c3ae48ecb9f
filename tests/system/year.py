"""year.py - a company lives through a year with `rollcall serve` beside it, and nobody types a command. For prove_serve.py and
test_year.py.

HR, platform and daemon share one clock (preload/clock.c), which is moved from one instant of the day to the next, and runs fast
while anything is at work. On working days things happen in HR and on the platform (weeks.py); Personio's webhooks tell of it, but
a part of them is lost, doubled, late and in another order. And once in the year:

  HR down           answers 503 for a day, and closes every connection for a week
  platform down     likewise
  HR wrong          states for some hours that everybody is inactive, and on another day lists one person in two
  our clock wrong   some days ahead for ten hours, and later some days behind
  reorganised       many get another team, many join, many leave: more than the guard lets through unasked

The daemon is killed (SIGKILL) again and again, at any moment or at its nth call to the system, and comes back at once or hours
later. What is held is approved over the API where that is rightful, and else left alone: those approvals are the only steps that
anybody takes. Every Sunday on which nothing is wrong, and at the end, directory and accounts are held against the truth, and a
further sync must change nothing. What is found has the words of weeks.py, and besides:

  smudge     a Sunday's directory is not the truth
  crashed    the daemon ended by itself
  held       a run that would close somebody who works still waits though all has been well for a day
"""
import collections
import contextlib
import ctypes
import datetime
import json
import mmap
import os
import random
import select
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
import zoneinfo

import harness
import truth as oracle
import weeks
from harness import Failure, check
from inside import Inside, fault_library
from scenes import clock_library
from storm import Subject, Wire
from weeks import There

PEOPLE = 500
BEGIN = datetime.datetime(2027, 1, 4, 0, 0, tzinfo=datetime.timezone.utc)  # a Monday
ZONE = zoneinfo.ZoneInfo("Europe/Berlin")
INSTANTS = ((0, 20), (8, 10), (11, 0), (14, 0), (17, 30))  # of a working day, local time; at 00:05 dates are due
HASTE = 30  # so much faster does time pass while something is at work
LOOK_S = 0.005
BAD = (*weeks.BAD, "smudge", "crashed", "held")
# What happens when, as a share of the year: (share, what, days)
CALENDAR = ((0.08, "reorganised", 0), (0.14, "HR down", 1), (0.20, "many join", 0), (0.24, "platform down", 1), (0.30, "HR wrong: inactive", 0.3),
            (0.37, "HR down", 7), (0.46, "clock ahead", 0.4), (0.54, "many leave", 0), (0.60, "platform down", 7), (0.70, "HR wrong: half", 1),
            (0.78, "clock behind", 0.4), (0.86, "reorganised", 0))
WRONG_BY = datetime.timedelta(days=10, hours=3)  # more than the week for which somebody whose end has come may still be called working
WEBHOOKS = {"webhooks.lost-percent": 15, "webhooks.twice-percent": 20, "webhooks.shuffle-ms": 600000, "webhooks.delay-ms": 500,
            "webhooks.both-events": "on", "webhooks.deadline-ms": 60000}


class Clock:
    """What preload/clock.c reads."""

    def __init__(self, path, begin):
        with open(path, "wb") as f:
            f.write(bytes(16))
        self.path = path
        with open(path, "r+b") as f:
            self._map = mmap.mmap(f.fileno(), 16)
        self._passed, self._wrong = (ctypes.c_int64.from_buffer(self._map, at) for at in (0, 8))  # written at once each
        self.pass_((begin - self.now()).total_seconds())

    def pass_(self, seconds):
        self._passed.value += round(seconds * 1e6)

    def wrong(self, seconds):
        self._wrong.value = round(seconds * 1e6)

    def now_us(self):
        return time.time_ns() // 1000 + self._passed.value

    def daemon_us(self):
        return self.now_us() + self._wrong.value

    def now(self):
        return datetime.datetime.fromtimestamp(self.now_us() / 1e6, datetime.timezone.utc)

    def environment(self):
        return {"LD_PRELOAD": clock_library(), "CLOCK_FILE": self.path}


class HR(Wire):
    def __init__(self, clock, people, seed):
        self.environment = {**os.environ, **clock.environment()}
        super().__init__(people, seed)


class Platform(There):
    def __init__(self, clock, people, accounts, seed):
        self.environment = {**os.environ, **clock.environment()}
        Wire.__init__(self, people, seed, "--accounts", str(accounts), "--profile", "full")


class Lived(Subject):
    """A rollcall that goes by a Clock."""

    clock = None

    def environment(self, **more):
        env = super().environment(**more)
        ours = {**self.clock.environment(), "CLOCK_WRONG": "1"} if self.clock else {}
        if "LD_PRELOAD" in more and ours:
            ours["LD_PRELOAD"] = f"{more['LD_PRELOAD']}:{ours['LD_PRELOAD']}"
        return {**env, **ours}


class Daemon:
    """rollcall serve on a port that stays the same, however often it is killed."""

    def __init__(self, company):
        self.company, self.process = company, None
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.log_file = os.path.join(company.directory, "serve.log")
        self.starts = 0

    def start(self, env=None):
        """False: it was dead before it said that it listens."""
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [self.company.program or harness.rollcall_path(), "--json", "serve", "--listen", f"127.0.0.1:{self.port}", "--webhook-pace", "60"],
                env=self.company.environment(**(env or {})), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        self.starts += 1
        ready, _, _ = select.select([self.process.stdout], [], [], 60)
        line = self.process.stdout.readline() if ready else b""
        if line and "serve" in json.loads(line):
            return True
        code = self.process.wait(10)
        check(code == -9, lambda: f"serve did not start: exit code {code}, {line!r}, {self.last_words()}")
        return False

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.process is not None:
            if self.process.poll() is None:
                self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    def stop(self):
        self.process.terminate()
        code = self.process.wait(90)
        self.process.stdout.close()
        self.process = None
        check(code == 0, lambda: f"asked to stop it ended with {code}: {self.last_words()}")

    def last_words(self):
        with open(self.log_file, encoding="utf-8", errors="replace") as f:
            return f.read()[-1500:]

    def api(self, method, path, token, body=None):
        """(status, what it says)"""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/v1{path}", method=method,
                                         data=json.dumps(body).encode() if body is not None else None,
                                         headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as why:
            return why.code, json.loads(why.read())


class Year(weeks.Life):
    """self.week, in what is found, is the day."""

    def __init__(self, seed, database, program=None, tell=None, days=364, kills=100, people=PEOPLE, until_found=False, only=None):
        super().__init__(seed, 2, database, program, tell)
        self.days_n, self.kills_n, self.people_n, self.until_found, self.only = days, kills, people, until_found, only
        self.alone = {}         # held run that would harm: since when it may be left alone
        self.trouble = []       # words of what is wrong now
        self.well_since = None
        self.truth_before = {}
        self.before_down = {}   # people as HR stated them when it went down last
        self.calls_n = 3000     # to the system, of a step with something to do

    def run(self, *_, **__):
        rng = random.Random(f"year {self.seed}")
        seed = rng.randrange(1, 1 << 30)
        self.full, self.habits, self.hr_usual, self.usual = True, {}, {}, {}
        with contextlib.ExitStack() as stack:
            self.company = stack.enter_context(Lived(self.database))
            self.clock = self.company.clock = Clock(os.path.join(self.company.directory, "clock"), BEGIN)
            self.hr = stack.enter_context(HR(self.clock, self.people_n, seed))
            self.there = stack.enter_context(Platform(self.clock, self.people_n, self.people_n // 4, seed))
            self.inside = stack.enter_context(Inside(self.company))
            self.company.program = self.program
            self.daemon = Daemon(self.company)
            stack.callback(self.daemon.kill)
            self.today = self.clock.now().astimezone(ZONE).date()
            oracle.today = lambda zone=None: self.today  # what the directory has to say goes by this day
            self.settle_in(rng)
            self.live_through(rng)
            self.daemon.stop()
        return self

    # -- setting up: what an operator types on the first day --

    def settle_in(self, rng):
        c = self.company
        c.connect(self.hr, settings={"retries": 2, "retry-wait-ms": 1, "timeout-s": 60})
        c.ok("destination", "add", "acme/la", "learnamp", "--set", f"base-url={self.there.origin}", "--set", f"client-id={weeks.KEY}",
             "--set", "max-per-second=0", "--set", "retries=2", "--set", "retry-wait-ms=1", "--set", "timeout-s=60", "--secret-file",
             "client-secret=" + c.file("there", "learnamp-sandbox-secret\n"), "--feed", "hr")
        c.ok("policy", "set", "acme/la", "invite=on-hire-date", f"ahead-days={weeks.AHEAD}")
        self.prefix = c.ok("destination", "show", "acme/la")["destination"]["prefix"] + ":hr:"
        self.note_stated()
        before, people = self.there.accounts(), self.people()
        c.arrive()
        code, answer = c.rollcall("deliver", "acme/la")
        check(code == 3, lambda: f"a first delivery ended with {code}: {answer}")
        c.ok("run", "approve", f"acme/{answer['run']['run']}", "--reason", "the first")
        self.truth_before = people
        self.judge(before, people)
        c.ok("integration", "set", "acme/hr", "--schedule", "every 2 hours")
        hook = c.ok("integration", "webhook", "show", "acme/hr")["webhook"]
        self.hr.switches(WEBHOOKS)
        self.hr.control("POST", "webhooks", {"url": f"http://127.0.0.1:{self.daemon.port}{hook['path']}", "token": hook["token"],
                                             "enabled_events": ["person.created", "person.updated", "person.deleted", "employment.created",
                                                                "employment.updated", "employment.deleted", "employment.started",
                                                                "employment.terminated"]})
        self.token = c.ok("token", "add", "acme", "--name", "who looks after it", "--right", "operate")["secret"]
        self.daemon.start()

    # -- time --

    def move_to(self, day, hour, minute):
        """The next instant, if it has not come by itself."""
        at = datetime.datetime.combine(day, datetime.time(hour, minute), ZONE)
        self.clock.pass_(max(0, (at - self.clock.now()).total_seconds()))
        self.today = self.clock.now().astimezone(ZONE).date()

    def is_at_rest(self):
        """Asked in the order in which work is handed on, so that nothing slips through."""
        now = self.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f")
        if any(one["due"] <= now for one in self.hr.control("GET", "webhooks")["waiting"]) and self.daemon.is_alive():
            return False
        if self.events("new"):
            return False
        return not self.inside.number("SELECT COUNT(*) FROM job WHERE company_id IS NOT NULL AND run_at_us IS NOT NULL AND "
                                      f"(owner IS NOT NULL OR run_at_us <= {self.clock.daemon_us()})")

    def events(self, state):
        sql = f"SELECT COUNT(*) FROM webhook_event WHERE state = '{state}'"
        if self.database == "postgres":
            return self.inside.number(sql)
        with contextlib.closing(sqlite3.connect(f"file:{self.company.database}.events?mode=ro", uri=True, timeout=20)) as db:
            arrived = db.execute("SELECT COUNT(*) FROM webhook_arrived").fetchone()[0] if state == "new" else 0  # not a row yet
            return db.execute(sql).fetchone()[0] + arrived

    def rest(self, seconds=60):
        """Time runs until nothing is at work and nothing due."""
        end = time.monotonic() + seconds
        while not self.is_at_rest():
            self.look_alive()
            if time.monotonic() > end:
                self.note("stuck", f"at work without an end: {self.inside.rows('SELECT kind, subject, owner, run_at_us, attempts FROM job')}; "
                                   f"{self.daemon.last_words()}")
                return
            self.clock.pass_(HASTE * LOOK_S)
            time.sleep(LOOK_S)
        self.look_alive()

    def look_alive(self):
        if self.daemon.process is not None and not self.daemon.is_alive():
            self.note("crashed", f"with {self.daemon.process.returncode}: {self.daemon.last_words()}")
            self.daemon.kill()
            self.daemon.start()

    # -- the year --

    def live_through(self, rng):
        calendar = sorted((round(share * self.days_n), what, days) for share, what, days in CALENDAR
                          if self.only is None or what in self.only)
        kills = collections.Counter(rng.choices(range(self.days_n), k=self.kills_n))
        began = self.today
        for n in range(self.days_n):
            self.week = n
            day = began + datetime.timedelta(days=n)
            rng = random.Random(f"year {self.seed} {n}")
            at = collections.Counter(rng.choices(range(len(INSTANTS)), k=kills[n]))
            for i, (hour, minute) in enumerate(INSTANTS):
                if day.weekday() >= 5 and hour in (11, 17) and not at[i]:
                    continue
                self.step(rng, day, hour, minute, calendar, at[i])
                if self.until_found and self.victims():
                    return
            if day.weekday() == 6 and not self.trouble and self.all_well_for(days=1):
                self.sunday()
            self.numbers["days"] += 1
            if self.tell and n % 7 == 6:
                self.tell(f"day {n}, {day}: {dict(self.numbers)}")
        self.last_day(began + datetime.timedelta(days=self.days_n))

    def step(self, rng, day, hour, minute, calendar, kills):
        self.end_trouble()
        while calendar and calendar[0][0] <= self.week and hour >= 8:
            self.begin_trouble(rng, *calendar.pop(0)[1:])
        before, self.truth_before = self.there.accounts(), self.people()
        for _ in range(kills):
            self.kill(rng, lambda: self.happen_now(rng, day, hour, minute))
        if not kills:
            self.happen_now(rng, day, hour, minute)
        self.rest()
        if hour in (8, 14):
            self.clock.pass_(30)  # another look at those of whom HR showed the old state
            self.rest()
        self.judge(before, self.people())
        self.decide_what_is_held(before)
        self.numbers["steps"] += 1

    def happen_now(self, rng, day, hour, minute):
        self.move_to(day, hour, minute)
        if day.weekday() < 5 and hour >= 8:
            self.live_a_little(rng, hour)
        self.note_stated()
        self.clock.pass_(4)  # hints settle

    def live_a_little(self, rng, hour):
        people = self.people()
        works = [i for i, p in people.items() if p["exists"] and p["status"] != "inactive"]
        gone = [i for i, p in people.items() if p["exists"] and p["status"] == "inactive"]
        n = self.week * 10 + hour // 3
        for what in rng.sample(weeks.LIFE, 1 if hour != 11 else 2):
            self.happen(rng, what, works.pop(rng.randrange(len(works))), works, gone, people, n)
        if hour == 14:
            self.hr.life(seed=rng.randrange(1, 1 << 30), joins=rng.randrange(2), leaves=int(rng.random() < 0.15), notices=int(rng.random() < 0.2),
                         renames=rng.randrange(2), moves=rng.randrange(3), emails=int(rng.random() < 0.3), managers=rng.randrange(2),
                         removes=int(rng.random() < 0.03), rehires=int(rng.random() < 0.1))
        if hour == 17 and rng.random() < 0.4:
            self.meddle(rng)

    def note_stated(self):
        for who, person in self.people().items():
            self.has_stated[who].add(oracle.fold(oracle.clean(person["email"])))

    # -- what goes wrong --

    def begin_trouble(self, rng, what, days):
        self.numbers[what] += 1
        until = self.clock.now() + datetime.timedelta(days=days)
        if what == "reorganised":
            self.reorganise(rng)
        elif what == "many join":
            for i in range(self.people_n // 8):
                self.hr.hire(hire_date=self.day(i % 3), email=f"many.{self.week}.{i}@nordkap.example", first_name="Mara", last_name=f"Many{i}")
        elif what == "many leave":
            for who in rng.sample(self.at_work(), self.people_n // 15):
                self.hr.edit(who, status="inactive", termination_date=self.day(-1))
        elif what.startswith("HR wrong"):
            self.hr.switches({"status.inactive-all": "on"} if what.endswith("inactive") else {"list.half": "on"})
        elif what.startswith("clock"):
            for who, ends in zip(rng.sample(self.at_work(), 4), (0, 1, 1, 2)):
                self.hr.edit(who, termination_date=self.day(ends))
            self.clock.wrong(WRONG_BY.total_seconds() * (1 if what.endswith("ahead") else -1))
        else:
            if what == "HR down":
                self.before_down = self.people()
            side = self.hr if what.startswith("HR") else self.there
            side.fault("*", *(("status",) if days < 2 else ("close-before",)), **({"status": 503} if days < 2 else {}), count=0)
        if days:
            self.trouble.append((what, until))
        self.well_since = None
        if self.tell:
            self.tell(f"day {self.week}: {what}")

    def end_trouble(self):
        now = self.clock.now()
        for what, until in [t for t in self.trouble if t[1] <= now]:
            self.trouble.remove((what, until))
            if what.startswith("HR wrong"):
                self.hr.switches({"status.inactive-all": None, "list.half": None})
            elif what.startswith("clock"):
                self.clock.wrong(0)
            else:
                (self.hr if what.startswith("HR") else self.there).no_faults()
        self.weather = [what for what, _ in self.trouble]
        if self.trouble:
            self.well_since = None
        elif self.well_since is None:
            self.well_since = now

    def all_well_for(self, days):
        return self.well_since is not None and self.clock.now() - self.well_since >= datetime.timedelta(days=days)

    def at_work(self):
        return [i for i, p in self.people().items() if p["exists"] and p["status"] == "active" and not p["termination_date"] and
                p["hire_date"] and p["hire_date"] < self.day(-20)]

    def reorganise(self, rng):
        sizes = collections.Counter(p["department"] for i, p in self.people().items() if i in set(self.at_work()) and p["department"])
        name = f"Reorganised {self.week}"
        for who in rng.sample(self.at_work(), min(self.people_n // 6, sum(sizes.values()))):
            self.hr.edit(who, department=name)

    # -- killing --

    def kill(self, rng, happens):
        """At any moment of a step, or at a call to the system; it comes back at once, or hours later."""
        slow = rng.random() < 0.4 and not self.trouble
        if slow:
            for side in (self.hr, self.there):
                side.fault("*", "slow", ms=rng.choice([10, 30]), count=0)
        if rng.random() < 0.5:
            self.kill_at_a_call(rng, happens)
        else:
            happens()
            self.wait_for_work(rng)
            time.sleep(rng.uniform(0, 0.3 if slow else 0.03))
            self.count_death()
        if slow:
            self.hr.no_faults()
            self.there.no_faults()
        if rng.random() < 0.3:
            self.clock.pass_(rng.choice([90, 1200, 5 * 3600]))
            self.numbers["it came back later"] += 1
        self.daemon.start()

    def wait_for_work(self, rng):
        """Until somebody is at a job; often until a delivery is being carried out."""
        what = rng.choice(["SELECT COUNT(*) FROM job WHERE company_id IS NOT NULL AND owner IS NOT NULL AND run_at_us IS NOT NULL",
                           "SELECT COUNT(*) FROM run WHERE state = 'passed' AND destination_id IS NOT NULL"])
        end = time.monotonic() + 0.7
        while time.monotonic() < end and not self.inside.number(what):
            self.clock.pass_(0.05)
            time.sleep(0.001)

    def kill_at_a_call(self, rng, happens):
        report = os.path.join(self.company.directory, "report")
        self.daemon.stop()
        nth = rng.randint(1, self.calls_n)
        alive = self.daemon.start({"LD_PRELOAD": fault_library(), "ROLLCALL_FAULT": f"any {nth} KILL", "ROLLCALL_FAULT_REPORT": report})
        happens()
        end = time.monotonic() + 5
        while alive and self.daemon.is_alive() and time.monotonic() < end and not self.is_at_rest():
            self.clock.pass_(HASTE * LOOK_S)
            time.sleep(LOOK_S)
        if self.daemon.is_alive():
            with open(report, encoding="ascii") as f:
                self.calls_n = max(500, int(f.read().split()[8]))
        self.count_death()

    def count_death(self):
        self.daemon.kill()
        busy = self.inside.rows("SELECT kind FROM job WHERE company_id IS NOT NULL AND owner IS NOT NULL AND run_at_us IS NOT NULL ORDER BY kind")
        runs = self.inside.rows("SELECT state, destination_id, run_id FROM run WHERE state IN ('listing', 'checking', 'passed') ORDER BY run_id")
        state = "; ".join(f"{'delivery' if destination else 'import'} {s}{self.out(run) if s == 'passed' and destination else ''}"
                          for s, destination, run in runs)
        self.kills[state or (f"at a job ({busy[0][0]}), between runs" if busy else "with nothing to do")] += 1

    def out(self, run):
        n = self.inside.number(
            "SELECT COUNT(*) FROM effect AS e JOIN run AS r ON r.company_id = e.company_id AND r.run_id = e.run_id"
            f" WHERE e.run_id = {run} AND e.state = 'planned' AND (e.pass < r.sent_pass OR (e.pass = r.sent_pass AND e.effect_id <= r.sent_to))")
        return ", effects sent and not known of" if n else ""

    # -- judging --

    def judge_entry(self, e, account, before, now, people):
        """Whoever did not work when the step began, or does not when it ends, may be closed in between."""
        who = ((now.get(account) or {}).get("integrationExternalId") or "")[len(self.prefix):]
        earlier = self.truth_before.get(who)
        if e["what"] == "deactivated" and earlier is not None and not (earlier["exists"] and self.employed(earlier)):
            people = {**people, who: earlier}
        known = self.before_down.get(who)
        if e["what"] == "deactivated" and "HR down" in self.weather and known and known["termination_date"] and \
                known["termination_date"] < self.today.isoformat():
            self.numbers["closed by an end that HR stated before it was down"] += 1  # whoever puts it off meanwhile can tell nobody
            return
        super().judge_entry(e, account, before, now, people)

    def decide_what_is_held(self, before):
        for again in range(6):
            waiting = [(int(run), destination) for run, destination in
                       self.inside.rows("SELECT run_id, destination_id FROM run WHERE state = 'held' ORDER BY run_id")]
            decided = [number for number, destination in waiting if self.decide_one(number, destination)]
            if not decided:
                return
            self.rest()
            self.judge(before, self.people())
        self.note("stuck", "six approvals in a row, and more is held")

    def decide_one(self, number, destination):
        harmed = self.harmed_by(number, destination)
        if harmed:
            if number not in self.alone:
                self.numbers["holds left alone, as they would harm"] += 1
            self.alone.setdefault(number, self.clock.now())
            if self.all_well_for(days=1) and self.clock.now() - self.alone[number] > datetime.timedelta(days=1):
                self.note("held", f"run {number} would close {harmed} who work")
            return False
        status, said = self.daemon.api("POST", f"/companies/acme/runs/{number}/approve", self.token, {"reason": "looked through"})
        if status != 202:
            if said.get("name") != "run.not-waiting":
                self.note("stuck", f"approving run {number}: {status} {said}")
            return False
        self.numbers[f"approved: {'delivery' if destination else 'import'}"] += 1
        if self.tell:
            self.tell(f"day {self.week}: approved run {number}")
        return True

    # -- at the end of a week, and of the year --

    def settle_down(self, day, hours):
        for hour in hours:
            self.move_to(day, hour, 30)
            before, self.truth_before = self.there.accounts(), self.people()
            self.clock.pass_(4)
            self.rest()
            self.judge(before, self.people())
            self.decide_what_is_held(before)

    def sunday(self):
        self.settle_down(self.today, (18, 20))
        self.hold_against_the_truth()
        self.there.forget()
        self.settle_down(self.today, (22,))
        changed = [r for r in self.there.requests()["requests"] if r["method"] != "GET" and r["route"] != "token"]
        if changed:
            self.note("restless", f"{len(changed)} changes though nothing has changed: {changed[:3]}")

    def last_day(self, day):
        self.clock.wrong(0)
        self.trouble = [(what, self.clock.now()) for what, _ in self.trouble]
        self.end_trouble()
        self.settle_down(day, (1, 4, 9))
        day += datetime.timedelta(days=1)
        self.settle_down(day, (1, 9))
        self.hold_against_the_truth()
        left = self.inside.is_sound()
        if left:
            self.note("wrong", f"in the tables: {left}")
        if self.alone.keys() & {int(r) for r, in self.inside.rows("SELECT run_id FROM run WHERE state = 'held'")}:
            self.note("held", "a run that would harm still waits")

    def at_what(self):
        """What the daemon is at, and said last: for whoever looks for the cause."""
        jobs = self.inside.rows("SELECT kind, subject, owner, run_at_us, until_us, attempts FROM job WHERE company_id IS NOT NULL ORDER BY kind")
        runs = self.inside.rows("SELECT run_id, kind, state, reason FROM run ORDER BY run_id DESC LIMIT 6")
        with open(self.daemon.log_file, encoding="utf-8", errors="replace") as f:
            said = f.read()[-3000:]
        return f"it is {self.clock.now_us()}, jobs {jobs}, runs {runs}, log: {said}"

    def hold_against_the_truth(self):
        self.compare()
        people, everybody = self.company.people(), self.hr.truth()
        try:
            oracle.compare(people, everybody, known=people)
        except Failure as why:
            self.note("smudge", f"{why}; {self.at_what()}")
        for who, p in people.items():
            email = p["user"].get("email")
            if email is not None and email not in self.has_stated[who]:
                self.note("smudge", f"{who} has an address that HR has never stated")
        self.numbers["times held against the truth"] += 1


def live(job):
    """One year in a process of its own: a dict for weeks.add_up()."""
    seed, database, program, how = job
    year = Year(seed, database, program, **how)
    if os.path.isdir("/dev/shm") and database == "sqlite":
        harness.tempfile.tempdir = "/dev/shm"  # kill -9 takes nothing from the system's memory
    try:
        year.run()
    except (Exception, subprocess.TimeoutExpired) as why:  # a fault of this file is found like one of rollcall
        year.note("broken", f"{type(why).__name__}: {why}")
    finally:
        harness.tempfile.tempdir = None
    return {"number": seed, "database": database, "outcomes": year.outcomes, "kills": year.kills, "numbers": year.numbers,
            "excuses": year.excuses, "found": year.found, "habits": {}}
