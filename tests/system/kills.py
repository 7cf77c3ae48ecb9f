#!/usr/bin/env python3
"""kills.py - kill -9 at any moment of an import, a decision or a preview: the old directory or the new one, and the next import
goes on from there.

    script/with-postgres tests/system/kills.py BUILD_DIR [sqlite|postgres] [KILLS] [SEED]

Each round something happens in the sandbox's company, so that there is always something to stage: people join, leave, are removed,
move, are renamed. Often a run is then made to wait, held or previewed. Then a command is killed: an import, a preview, `run approve`
or `run reject`; at its nth call to the system (preload/fault.c; a seed picks n), or from outside after a while, sometimes with
look-ups or pages slowed down. What a death counts as is the state that the database is found in; states that were met too rarely
are aimed at, and it goes on until each has its number. Now and then the next command, which finds what the dead one left, is killed
as well, and things go on happening in between. Then must hold:
  - right after: everybody reads as before, or as the truth was when one of the killed commands listed it; nothing in between;
    a run that waits still waits, or is what the killed command makes of it;
  - the next import ends at once, with the truth; it does not wait until the dead one's lease is over, and nothing waits after it;
  - each difference is one change, told once; nobody is there twice; no run is left in the middle; the tables are sound.
"""
import collections
import contextlib
import json
import multiprocessing
import os
import random
import subprocess
import sys
import time

import harness
import truth
from harness import Company, Failure, Sandbox, check, same
from inside import Inside, fault_library

PEOPLE, PAGE = 220, 50
CLASSES = ("joins", "leavers", "unannounced", "email", "name", "team", "manager", "location", "leave_date", "cleared")
LOOSE = json.dumps({c: {"run": [1000000, 0], "24h": [1000000, 0], "30d": [1000000, 0]} for c in CLASSES})
# Leavers may leave, else nobody would be asked for: who is missing from an approved run would be absent at first.
TIGHT = json.dumps({c: {"run": [0, 0], "24h": [0, 0], "30d": [0, 0]} if c != "leavers" else json.loads(LOOSE)[c] for c in CLASSES})
SECONDS = 20  # for one command: longer is waiting

# What a victim leaves behind: the run that is under way, else the one that waits, else whether the last one has just been applied.
BEFORE, LISTING, CHECKING, LOOKING_UP, APPLYING, APPLIED, HELD, PREVIEWED = (
    "between commands", "listing", "checking", "checking, asking for the missing", "passed, applying", "applied, ending", "held",
    "previewed")
STATES = (BEFORE, LISTING, CHECKING, LOOKING_UP, APPLYING, APPLIED, HELD, PREVIEWED)
WANTED = (BEFORE, LISTING, LOOKING_UP, APPLYING, APPLIED, HELD, PREVIEWED)
# Besides, of any state: with a run that waits beside the one under way, and of a command that found what a dead one had left.
BESIDE, AGAIN = "  of these beside a run that waits", "  of these going on with a dead one's run"
UNDER_WAY = ("listing", "checking", "passed")
# What a killed command may make of the run that waits.
MAKES = {"import": {"superseded"}, "preview": set(), "approve": {"applied"}, "reject": {"rejected"}}


class Aim:
    """What to kill, and at which call: anything anywhere, or where a state that is still rare was met before."""

    def __init__(self, rng):
        self.rng = rng
        self.total = {}                               # command: calls that it makes about
        self.hits = collections.defaultdict(list)     # (command, state): calls
        self.kills = collections.Counter()            # state

    def scene(self):
        """Which kind of run should wait when a command is killed: HELD, PREVIEWED or None."""
        if self.rng.random() < 0.4:
            rare = min(WANTED, key=lambda state: self.kills[state])
            return rare if rare in (HELD, PREVIEWED) else None
        return self.rng.choice((None, None, None, HELD, PREVIEWED))

    def call(self, command):
        total = self.total.get(command, 200)
        known = [state for state in STATES if self.hits[command, state]]
        if known and self.rng.random() < 0.5:
            rare = min(known, key=lambda state: self.kills[state])
            return max(1, self.rng.choice(self.hits[command, rare][-40:]) + self.rng.randint(-3, 3))
        return self.rng.randint(1, total + total // 50)

    def hit(self, command, state, call):
        self.kills[state] += 1
        if call is not None:
            self.hits[command, state].append(call)


class Death:
    """One kill: what was killed, in which state, and what became of it."""

    def __init__(self, name, state, run, is_old):
        self.name, self.state, self.run, self.is_old = name, state, run, is_old
        self.fate = None  # of the run, once the next import is through

    def __str__(self):
        return f"{self.name} killed while {self.state}"


class Rounds:
    """One company, killed again and again."""

    def __init__(self, database, seed):
        self.rng = random.Random(f"{database} {seed}")
        self.hr = Sandbox(PEOPLE, 5)
        self.company = Company(database, self.hr, settings={"page-size": PAGE, "retry-wait-ms": 1, "timeout-s": 10},
                               integration=("--limits", LOOSE))
        self.inside = Inside(self.company)
        self.aim = Aim(self.rng)
        self.tight = False
        self.deaths, self.told = [], []  # all; those of this round
        self.marks = collections.Counter()
        self.report = self.company.directory + "/report"
        self.company.arrive()
        self.settled()

    def close(self):
        self.inside.rest()
        self.company.close()
        self.hr.stop()

    # -- what is known to be so --

    def settled(self):
        """Nothing is under way: the directory is the truth."""
        self.old = self.company.people()
        self.truths = [self.hr.truth()]
        truth.compare(self.old, self.truths[0], self.old)
        self.run_settled = self.inside.newest_run()[0]

    def happen(self):
        r = self.rng
        self.hr.life(seed=r.randrange(1 << 30), joins=r.randint(1, 4), leaves=r.randint(0, 2), removes=r.randint(0, 3),
                     renames=r.randint(1, 4), moves=r.randint(0, 4), emails=r.randint(0, 2), managers=r.randint(0, 2),
                     notices=r.randint(0, 1), rehires=r.randint(0, 1))
        self.truths.append(self.hr.truth())

    def guard(self, tight):
        if self.tight != tight:
            self.company.ok("integration", "set", "acme/hr", "--limits", TIGHT if tight else LOOSE)
            self.tight = tight

    # -- killing --

    def wait_with(self, kind):
        """Makes a run wait that is HELD or PREVIEWED; its number."""
        if self.told:  # one of the killed commands may have applied all there was
            self.happen()
        self.guard(tight=kind == HELD)
        code, answer = self.company.import_(*(("--preview",) if kind == PREVIEWED else ()))
        run = answer["run"]
        if run["state"] == "superseded" and run["other_run"]:  # one that wants the same waits already
            return run["other_run"]
        check(code == (3 if kind == HELD else 0) and run["state"] == kind, lambda: f"a run that should wait ended with {code}: {answer}")
        if self.rng.random() < 0.4:
            self.happen()
        return run["run"]

    def waiting(self):
        """{number: state} of the runs that wait for a decision."""
        return {run: state for run, state in self.inside.runs().items() if state in (HELD, PREVIEWED)}

    def command(self):
        """What is killed: (name, arguments, the run that it decides on)."""
        left = {run: state for run, state in self.inside.runs().items() if state in UNDER_WAY}
        if left:  # by a dead one: it is gone on with, or given up
            run, state = max(left.items())
            if state != "listing" and self.rng.random() < 0.1:
                return "reject", ["run", "reject", f"acme/{run}", "--reason", "left over"], run
            return "import", ["import", "acme/hr"], None
        kind = self.aim.scene()
        run = self.wait_with(kind) if kind else max(self.waiting(), default=None)
        if run is None:
            if self.rng.random() < 0.15:
                return "preview", ["import", "acme/hr", "--preview"], None
            self.guard(tight=self.rng.random() < 0.1)
            return "import", ["import", "acme/hr"], None
        name = self.rng.choice(("import", "preview", "approve", "approve", "reject"))
        if name == "import":
            self.guard(tight=self.rng.random() < 0.5)
        return name, {"import": ["import", "acme/hr"], "preview": ["import", "acme/hr", "--preview"]}.get(
            name, ["run", name, f"acme/{run}", "--reason", "all known"]), run if name in ("approve", "reject") else None

    def kill(self):
        """Kills a command; its Death, or None when it was over too soon."""
        name, arguments, about = self.command()
        before, waited = self.inside.runs(), self.waiting()
        key = (name, min(waited.values(), default=None), self.tight)
        self.hr.forget()
        how = self.rng.random()
        call = self.aim.call(key) if how < 0.8 else None
        env = {"LD_PRELOAD": fault_library(), "ROLLCALL_FAULT_REPORT": self.report}
        if call is not None:
            env["ROLLCALL_FAULT"] = f"any {call} KILL"
        elif how < 0.88:
            self.hr.fault("v1.employees.get", "slow", ms=80)
        elif how < 0.92:
            self.hr.fault("v1.employees.list", "slow", ms=30)
        with open(self.company.directory + "/said", "a", encoding="utf-8") as said:
            said.write(f"-- {name}, call {call}\n")
            said.flush()
            process = self.company.start("--json", *arguments, env=env, stdout=subprocess.DEVNULL, stderr=said)
        if call is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(self.rng.uniform(0.002, 0.25))
            process.kill()
        try:
            code = process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Failure(f"{name}, call {call}: it did not end within {SECONDS} s") from None
        if call is None:
            self.hr.no_faults()
        people = self.company.people()
        self.looks_right(people, f"{name}, call {call}")
        self.wait_for_server()
        if code != -9:
            check(code in (0, 3), f"{name} ended with {code}")
            with open(self.report, encoding="ascii") as f:
                self.aim.total[key] = int(f.read().split()[8])
            return None
        after = self.inside.runs()
        for run, state in waited.items():
            allowed = {state} | (MAKES[name] if about in (run, None) else set())
            if name == "approve" and about > run:
                allowed.add("superseded")  # the run that is approved is the newer listing
            check(after[run] in allowed, f"run {run} was {state}, and is {after[run]} after {name} was killed at call {call}")
        return self.count(key, call, Death(name, *self.state(before, after, about), people == self.old), before, after)

    def count(self, key, call, death, before, after):
        self.aim.hit(key, death.state, call)
        if after.get(death.run) in UNDER_WAY:
            self.marks[BESIDE] += any(state in (HELD, PREVIEWED) for state in after.values())
        self.marks[AGAIN] += any(state in UNDER_WAY for state in before.values())
        self.deaths.append(death)
        self.told.append(death)
        return death

    def state(self, before, after, about):
        """(a state, the run that is in it)"""
        for run, state in after.items():
            if state == "checking":
                return (LOOKING_UP if "employees.get" in json.dumps(self.hr.requests()) else CHECKING), run
            if state in UNDER_WAY:
                return {"listing": LISTING, "passed": APPLYING}[state], run
        newest = max(after)
        if after[newest] == "applied" and before.get(newest) != "applied":
            return APPLIED, newest
        if about is not None and after[about] == "applied":
            return APPLIED, about
        for run in ([about] if about is not None else []) + sorted(after, reverse=True):
            if after[run] in (HELD, PREVIEWED):
                return after[run], run
        return BEFORE, None

    def wait_for_server(self):
        """PostgreSQL finds out about a dead client at its next word: what it was doing may still be done."""
        if self.company.kind == "sqlite":
            return
        until = time.monotonic() + SECONDS
        while self.inside.number("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
                                 "pg_backend_pid() AND backend_type = 'client backend'"):
            check(time.monotonic() < until, "the server goes on working for a client that is dead")
            time.sleep(0.002)

    # -- what must hold --

    def looks_right(self, people, what):
        """The directory is one that was true at some time since all was settled, whole.

        One difference is allowed where more happened before a dead one's run was gone on with: whoever it asks as a witness may
        have been removed meanwhile, then "not found" proves nothing, and those who are missing wait for the next listing.
        """
        if people == self.old:
            return
        why = None
        settled = {p["id"]: p for p in self.truths[0]}
        for everybody in reversed(self.truths):
            waiting = [settled.get(p["id"], p) if not p["exists"] else p for p in everybody]
            for state in [everybody] if len(self.truths) == 2 else [everybody, waiting]:
                try:
                    truth.compare(people, state, self.old)
                    return
                except Failure as different:
                    why = why or different
        raise Failure(f"{what}: neither the old directory nor a new one: {why}")

    def next_import(self, what):
        self.guard(tight=False)
        began = time.monotonic()
        done = self.company.run("import", "acme/hr", env={"LD_PRELOAD": fault_library(), "ROLLCALL_FAULT_REPORT": self.report},
                                timeout=120)
        took = time.monotonic() - began
        same(done.code, 0, f"the import after {what} ({done})")
        check(took < SECONDS, f"the import after {what} took {took:.0f} s")
        with open(self.report, encoding="ascii") as f:
            self.aim.total["import"] = int(f.read().split()[8])
        people = self.company.people()
        truth.compare(people, self.truths[-1], self.old)
        check(self.inside.is_sound() is None, lambda: f"after {what}: {self.inside.is_sound()}")
        same(self.waiting(), {}, f"runs that wait although everybody was listed after {what}")
        self.changes_add_up(people, what)
        runs = self.inside.runs()
        for death in self.told:
            death.fate = runs.get(death.run)
        self.settled()

    def changes_add_up(self, people, what):
        rows = self.inside.rows(f"""SELECT v.source_id, c.field, c.old_value, c.new_value FROM change c
            JOIN run r ON r.company_id = c.company_id AND r.run_id = c.run_id
            JOIN version v ON v.company_id = c.company_id AND v.run_id = c.run_id AND v.user_id = c.user_id
            WHERE r.state = 'applied' AND v.left_out = 0 AND c.run_id > {self.run_settled} ORDER BY c.run_id""")
        chains = collections.defaultdict(list)
        for person, field, old, new in rows:
            chains[person, field].append((old, new))
        for key, links in chains.items():
            if len(self.truths) == 2:
                same(len(links), 1, f"changes told of {key} after {what}: {links}; their number")
            for (_, new), (old, _) in zip(links, links[1:]):
                check(new == old, f"changes of {key} after {what} do not follow each other: {links}")
            check(all(old != new for old, new in links), f"a change of {key} that is none, after {what}: {links}")
        told = {key: (links[0][0], links[-1][1]) for key, links in chains.items()
                if links[0][0] != links[-1][1] and (key[0] in self.old or key[1] == "*")}
        true = differences(self.old, people)
        if len(self.truths) > 2:  # who joined may have changed since
            told, true = ({key: None if key[1] == "*" else pair for key, pair in d.items()} for d in (told, true))
        same({key: pair for key, pair in told.items() if true.get(key, 0) != pair}, {}, f"changes told and untrue after {what}")
        same({key: pair for key, pair in true.items() if key not in told}, {}, f"changes not told after {what}")

    def round(self):
        """One kill, sometimes several in a row, and what must hold afterwards."""
        self.happen()
        self.told = []
        while self.kill() is not None and self.rng.random() > 0.75:
            if self.rng.random() < 0.5:
                self.happen()
        self.next_import(", ".join(map(str, self.told)) or "a command that was over too soon")


def differences(old, new):
    """{(person, field): (before, after)} as the changes of runs tell it."""
    found = {}
    for person, now in new.items():
        if person not in old:
            found[person, "*"] = (None, now["lifecycle"])
            continue
        was = old[person]
        pairs = {field: (was["user"].get(field), now["user"].get(field)) for field in {**was["user"], **now["user"]}}
        pairs["lifecycle"] = (was["lifecycle"], now["lifecycle"])
        found.update({(person, field): pair for field, pair in pairs.items() if pair[0] != pair[1]})
    return found


# ---- many of them -----------------------------------------------------------------------------------------------------


class Tally:
    """Deaths by state and what became of them; can be added up."""

    def __init__(self, rounds=None):
        self.kills, self.marks, self.outcomes = collections.Counter(), collections.Counter(), collections.Counter()
        for d in rounds.deaths if rounds else ():
            self.kills[d.state] += 1
            self.outcomes[d.state, "old directory" if d.is_old else "new directory"] += 1
            self.outcomes[d.state, f"run {d.fate}" if d.fate else "no run"] += 1
        self.marks += rounds.marks if rounds else collections.Counter()

    def add(self, other):
        self.kills += other.kills
        self.marks += other.marks
        self.outcomes += other.outcomes

    def sum(self):
        return sum(self.kills.values())

    def too_rare(self, wanted):
        return [f"{self.kills[state]} {state}" for state in WANTED if self.kills[state] < wanted]

    def table(self):
        """Lines: a state, how many died in it, and what was found: the directory right after, the run behind the next import."""
        columns = ["old directory", "new directory"]
        columns += sorted({what for _, what in self.outcomes} - set(columns))
        yield f"{'killed while':<34}{'kills':>7}" + "".join(f"{c:>16}" for c in columns)
        for state in STATES:
            yield f"{state:<34}{self.kills[state]:>7}" + "".join(f"{self.outcomes[state, c] or '-':>16}" for c in columns)
        yield f"{'all':<34}{self.sum():>7}" + "".join(f"{sum(self.outcomes[s, c] for s in STATES) or '-':>16}" for c in columns)
        for mark in (BESIDE, AGAIN):
            yield f"{mark:<34}{self.marks[mark]:>7}"


def _work(job):
    database, seed, kills, wanted = job
    rounds = Rounds(database, seed)
    try:
        while True:
            tally = Tally(rounds)
            if tally.sum() >= kills and (not tally.too_rare(wanted) or tally.sum() >= 3 * kills):
                return tally, None
            try:
                rounds.round()
            except Failure as why:
                runs = rounds.inside.rows("SELECT run_id, state, reason FROM run ORDER BY run_id DESC LIMIT 5")
                with open(rounds.company.directory + "/said", encoding="utf-8") as said:
                    last = said.read()[-300:]
                return tally, f"seed {seed}, kill {len(rounds.deaths)}: {why}\nthe latest runs: {runs}\nsaid:\n{last}"
    finally:
        rounds.close()


def run(database, kills, seed=1, processes=2, wanted=0):
    """A Tally of so many kills at least; goes on until each state that has to be seen was seen `wanted` times, or fails."""
    if os.path.isdir("/dev/shm") and database == "sqlite":
        harness.tempfile.tempdir = "/dev/shm"  # kill -9 takes nothing from the system's memory; a disk would only be slower
    jobs = [(database, seed * 100 + i, -(-kills // processes), -(-wanted // processes)) for i in range(processes)]
    total, wrong = Tally(), []
    if processes == 1:
        results = [_work(jobs[0])]
    else:
        with multiprocessing.get_context("fork").Pool(processes) as pool:
            results = pool.map(_work, jobs, chunksize=1)
    for counted, why in results:
        total.add(counted)
        wrong += [why] if why else []
    if wrong:
        raise Failure("; ".join(wrong))
    rare = total.too_rare(wanted)
    check(not rare, lambda: "\n".join([f"killed too rarely: {', '.join(rare)}; {wanted} of each are wanted", *total.table()]))
    return total


def main(arguments):
    harness.use_build(arguments[0])
    numbers = [int(a) for a in arguments[1:] if a.isdigit()]
    kills = numbers[0] if numbers else 500
    for database in [a for a in arguments[1:] if a in harness.DATABASES] or harness.DATABASES:
        total = run(database, kills, numbers[1] if len(numbers) > 1 else 1, wanted=20 if kills >= 300 else 0)
        print(f"{database}: the old or the new directory after each of {total.sum()} kills")
        for line in total.table():
            print(f"  {line}", flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failure as found:
        sys.exit(f"kills: {found}")
