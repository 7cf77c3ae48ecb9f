#!/usr/bin/env python3
"""nth.py - the nth call of a small import fails, for every n: memory, writes, syncs, connections, files.

    script/with-postgres tests/system/nth.py BUILD_DIR [sqlite|postgres] [KIND]... [SAMPLE]

attempt() makes one import of a small company whose nth call of a kind fails (preload/fault.c). Whatever n is:
  - the process ends by itself: with 0, or with 1 and a message; never by a signal, never not at all;
  - the directory is the old one or the new one; exit 0 means the new one, "the directory is as it was" the old one;
  - the next import, without a fault, ends with the new directory at once, and nothing is doubled or left over.
The next import is tried from each state that failing ones leave behind, not from each of the thousand times that they leave the same
(but at every hundredth n all the same). Two states are the same when every row of every table is, but for moments within the attempt,
the end of its lease and the number of its process, and the files beside are.
run() does so for every n until the import ends untouched; test_nth.py for a few hundred. On PostgreSQL it is the client's calls
that fail: what happens to a server is the server's.
"""
import collections
import contextlib
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
import time

import harness
from harness import Company, Done, Failure, Sandbox, check, same
from inside import Inside, fault_library

COLUMNS = ("alloc", "write", "sync", "connect", "open", "read", "send", "recv", "any", "struck")
# (call, what goes wrong, what it is called in tables). A disk that is full stays full; the others go wrong once.
KINDS = {
    "sqlite": (("alloc", "ENOMEM"), ("write", "ENOSPC+"), ("write", "EIO"), ("sync", "EIO"), ("connect", "ECONNREFUSED"),
               ("open", "EMFILE"), ("read", "EIO"), ("send", "ECONNRESET"), ("recv", "ECONNRESET")),
    "postgres": (("alloc", "ENOMEM"), ("write", "ENOSPC+"), ("write", "EIO"), ("sync", "EIO"), ("connect", "ECONNREFUSED"),
                 ("open", "EMFILE"), ("read", "EIO"), ("send", "ECONNRESET"), ("recv", "ECONNRESET")),
}
PEOPLE, PAGE = 30, 10
LEASE_US = 600_000_000  # store/lease.h: so long an import holds its integration when it ends without letting go
SECONDS = 30  # for one import: longer is a hang


class Small:
    """A small company with somebody joining, changing, leaving by status and leaving without a word: the import that is tried."""

    def __init__(self, database, hr):
        self.company = Company(database, hr, settings={"page-size": PAGE, "retry-wait-ms": 1})
        self.inside = Inside(self.company)
        self.report = self.company.directory + "/report"
        self.known = {}  # {a state from which the next import has gone right: its directory}

    def arrive(self):
        self.company.arrive()
        self.old = self.inside.directory()
        self.run_before = self.inside.newest_run()[0]
        self.inside.keep()

    def measure(self):
        """The import without a fault: how many calls it makes, and where it has to end."""
        done = self.start("none", 0, "")
        same(done.code, 0, f"an import without a fault: {done}")
        self.totals = self.counts()
        self.new = self.inside.directory()
        self.changed = self.inside.changes(self.run_before)
        check(self.old != self.new and self.changed, "the import that is tried has nothing to do")
        same(self.totals["struck"], 0, "faults that struck without being asked for")
        self.inside.rest()

    def close(self):
        self.inside.__exit__()
        self.company.close()

    def start(self, kind, n, error):
        """The import: a Done that also has its pid, and between which times it ran."""
        env = {"LD_PRELOAD": fault_library(), "ROLLCALL_FAULT_REPORT": self.report}
        if n:
            env["ROLLCALL_FAULT"] = f"{kind} {n} {error}"
        began = time.time_ns() // 1000
        with self.company.start("import", "acme/hr", env=env) as process:
            try:
                out, err = process.communicate(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise Failure(f"it did not end within {SECONDS} s") from None
        done = Done(process.returncode, out.decode(), err.decode(errors="replace"))
        done.pid, done.began, done.ended = process.pid, began, time.time_ns() // 1000
        return done

    def counts(self):
        with open(self.report, encoding="ascii") as f:
            return dict(zip(COLUMNS, map(int, f.read().split())))

    def state(self, done):
        """What an import has left behind, the same text for two that left the same but for when it was and whose lease it is."""
        def moment(found):
            for after_us, name in ((0, "now"), (LEASE_US, "lease's end")):
                if done.began <= int(found.group()) - after_us <= done.ended:
                    return name
            return found.group()

        lines = [re.sub(r"\b[0-9]{16}\b", moment, " ".join(row)) for row in self.inside.difference()]
        lines = [re.sub(rf" pid:(\S+) {done.pid} [0-9]+\b", r" pid:\1 it", line) for line in lines]
        return "\n".join(sorted(lines) + sorted(os.listdir(self.company.directory)))

    def attempt(self, kind, n, error):
        """What became of it, in a word; None when the fault did not strike."""
        self.inside.restore()
        done = self.start(kind, n, error)
        struck = self.counts()["struck"] > 0
        check(done.code in (0, 1), lambda: f"it ended with {done}")
        state = self.state(done)
        is_known = state in self.known and n % 100 != 0
        now = self.known[state] if is_known else self.inside.directory()
        check(now in (self.old, self.new), "the directory is neither the old nor the new one")
        if done.code == 0:
            check(now == self.new, lambda: f"it ended with 0, and the directory is the old one: {done}")
        else:
            check(struck, lambda: f"it failed without a fault: {done}")
            check(any(line.startswith("rollcall: ") and len(line) > 20 for line in done.err.splitlines()),
                  lambda: f"it ended with 1 and without a message: {done}")
            check("as it was" not in done.err or now == self.old, lambda: f"the directory is the new one: {done}")
        if not is_known:
            self.go_on(done)
            self.known[state] = now
        if not struck:
            return None
        return "went on" if done.code == 0 else "failed, directory old" if now == self.old else "failed, directory new"

    def go_on(self, done):
        """The next import, from what that one has left."""
        after = self.company.run("import", "acme/hr", timeout=SECONDS)
        same(after.code, 0, f"the next import ({after}), after {done}")
        check(self.inside.directory() == self.new, "the next import did not end with the new directory")
        changed = self.inside.changes(self.run_before)
        same([c for c in changed if c not in self.changed], [], "changes too many")
        same(changed, self.changed, "what has changed")
        check(self.inside.is_sound() is None, self.inside.is_sound)


# ---- many of them -----------------------------------------------------------------------------------------------------

_small = None  # of this process


def _try(job):
    kind, n, error = job
    try:
        return job, _small.attempt(kind, n, error), None
    except Failure as why:
        return job, None, str(why)


def _begin(smalls, taken):
    global _small
    with taken.get_lock():
        _small = smalls[taken.value]
        taken.value += 1


def run(database, kinds=None, sample=0, processes=(os.cpu_count() or 1) + 1, tell=print, most_failures=5):
    """{(call, error): Counter of outcomes}; sample: about so many n of each kind, 0 all. Raises a Failure that names the n at fault."""
    tables, wrong = {}, []
    context = multiprocessing.get_context("fork")
    if os.path.isdir("/dev/shm"):  # syncs need not reach a disk to fail, and cost most of the time
        tempfile.tempdir = "/dev/shm"
    smalls = []
    with contextlib.ExitStack() as stack:
        hr = stack.enter_context(Sandbox(PEOPLE, 3))
        for _ in range(processes):  # everybody arrives before anything happens: all have the same old directory
            smalls.append(Small(database, hr))
            stack.callback(smalls[-1].close)
            smalls[-1].arrive()
        said = hr.life(seed=3, joins=2, leaves=1, renames=2, moves=2, emails=1, managers=1, removes=1)
        check(len(said["did"]) >= 9, f"too little happens: {said}")
        for small in smalls:
            small.measure()
        taken = context.Value("i", 0)
        if processes > 1:
            each = stack.enter_context(context.Pool(processes, _begin, (smalls, taken))).imap_unordered
        else:
            _begin(smalls, taken)
            each = map
        for kind, error in KINDS[database]:
            if kinds and kind not in kinds:
                continue
            total = max(small.totals[kind] for small in smalls)
            outcomes = tables[kind, error] = collections.Counter()
            step = max(1, total // sample) if sample else 1
            # as many as were counted, and on until it stays untouched: threads take turns differently each time
            for numbers in (range((step + 1) // 2, total + 1, step), range(total + 1, total + 1 + (10 if sample else 30))):
                jobs = [(kind, n, error) for n in numbers]
                for job, outcome, why in each(_try, jobs):
                    if why is None:
                        outcomes[outcome or "untouched"] += 1
                    else:
                        wrong.append(f"nth {job[0]} {job[1]} {job[2]}: {why}")
                        tell(f"  {database}: {wrong[-1]}", flush=True)
                    if len(wrong) >= most_failures:
                        raise Failure(f"{len(wrong)} times: " + "; ".join(wrong[:3]))
            check(outcomes["untouched"] > 0 or wrong, f"{kind}: no n was large enough to leave the import untouched")
            if not sample:
                tell(f"  {database}: every n of {kind} {error}: {dict(outcomes)}", flush=True)
    if wrong:
        raise Failure(f"{len(wrong)} times: " + "; ".join(wrong[:3]))
    return tables


def rows_of(tables):
    """Lines for a table: call, error, how many n, outcomes."""
    for (kind, error), outcomes in tables.items():
        yield (f"nth {kind}", error.rstrip("+") + (" from then on" if error.endswith("+") else ""),
               f"{sum(outcomes.values()) - outcomes['untouched']:,} n",
               ", ".join(f"{count:,} {word}" for word, count in sorted(outcomes.items()) if word != "untouched") or "never called")


def main(arguments):
    harness.use_build(arguments[0])
    databases = [a for a in arguments[1:] if a in KINDS] or list(KINDS)
    kinds = [a for a in arguments[1:] if a in COLUMNS]
    sample = next((int(a) for a in arguments[1:] if a.isdigit()), 0)
    for database in databases:
        for row in rows_of(run(database, kinds, sample, most_failures=20)):
            print(f"{database:9}{row[0]:12} {row[1]:20} {row[2]:>10}  {row[3]}", flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failure as found:
        sys.exit(f"nth: {found}")
