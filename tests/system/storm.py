"""storm.py - companies live through imports while their HR system fails and lies; nobody may be harmed. For prove_storm.py and
test_storm.py.

One company: a sandbox, a database, and imports one after the other. Before each import life goes on in HR (people join,
leave, marry, move, are deleted, come back; days pass), and nought to three troubles are drawn: faults of any kind on any
route, switches, credentials that see or read less, edits in the middle of a listing. After each import the directory is
held against the sandbox's truth:

  victim    somebody who works, before and after, and whom this import made `left` or `absent`
  ghost     somebody who is gone in HR and is still employed after a calm import that was applied
  smudge    a value that is not HR's after a calm import that was applied
  tampered  a directory that changed although the import failed, was held, or only previewed

Holds are decided as a careful person does: looked at first (`people list --run N`), approved only when nobody who works
would be closed by it, and not always; in calm weather shrunken rights are accepted. Everything is drawn from (seed, company,
step), so that one company can be replayed alone, and a rollcall without one of its protections meets the same weather.

What is left out: requests that an import never makes (updated_since, pictures), rate limits over minutes, and one thing that
no client could tell from the truth: a person who is missing in the list, missing in its total, and unknown by id, while
everybody else is there. That is what a deleted profile looks like. So at most two of the three lie about the same
person, unless they lie about more people than may be gone at once without HR having said so (one): then the guard has to
see it.
"""
import http.client
import json
import multiprocessing
import random
import subprocess
import time
import unicodedata

import harness
from harness import Company, Failure, Sandbox
from storm_weather import NOT_MET, NUMBERS, draw, fault_kinds

STEPS = 25  # of one company: an import or two each
GONE = ("left", "absent")
UNANNOUNCED = 1  # the guard's usual limit for one run: so many whom HR called working may be gone from it
WIDE = {c: {"24h": [100000, 100], "30d": [100000, 100]} for c in
        ("joins", "leavers", "unannounced", "excluded", "email", "name", "team", "manager", "location", "leave_date", "cleared")}


# ---- a sandbox that is asked often ---------------------------------------------------------------------------------------


class Wire(Sandbox):
    """The control API over one connection that stays open."""

    line = None

    def control(self, method, path, body=None):
        data = json.dumps(body) if body is not None else None
        for attempt in (1, 2):
            try:
                if self.line is None:
                    self.line = http.client.HTTPConnection(self.origin[len("http://"):], timeout=60)
                self.line.request(method, f"/_control/{path}", data)
                answer = self.line.getresponse()
                text = answer.read()
                break
            except (http.client.HTTPException, OSError):
                self.line = None
                if attempt == 2:
                    raise
        if answer.status >= 300:
            raise Failure(f"{method} {path}: {answer.status} {text.decode(errors='replace')}")
        return json.loads(text or b"null")

    def seen(self):
        """The ids that the credential is shown now. No other trouble may be on."""
        line = http.client.HTTPConnection(self.origin[len("http://"):], timeout=60)
        line.request("POST", "/v1/auth", json.dumps({"client_id": "papi-sandbox", "client_secret": harness.SECRET}),
                     {"Content-Type": "application/json"})
        token = json.loads(line.getresponse().read())["data"]["token"]
        ids, rows = set(), True
        while rows:
            line.request("GET", f"/v1/company/employees?limit=100&offset={len(ids)}&attributes[]=id",
                         headers={"Authorization": "Bearer " + token})
            rows = json.loads(line.getresponse().read())["data"]
            ids.update(str(row["attributes"]["id"]["value"]) for row in rows)
        line.close()
        return ids


class Subject(Company):
    """A company whose rollcall may lack a protection."""

    program = None

    def run(self, *arguments, env=None, timeout=120, **popen):
        done = subprocess.run([self.program or harness.rollcall_path(), *map(str, arguments)], capture_output=True,
                              env=self.environment(**(env or {})), timeout=timeout, check=False, stdin=subprocess.DEVNULL, **popen)
        return harness.Done(done.returncode, done.stdout.decode(), done.stderr.decode(errors="replace"))

    def begin(self, *arguments):
        return subprocess.Popen([self.program or harness.rollcall_path(), "--json", *arguments], env=self.environment(),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


# ---- one company -------------------------------------------------------------------------------------------------------


def works(person):
    return person["exists"] and person["status"] != "inactive"


def normal(value):
    return unicodedata.normalize("NFC", value).strip() if value else None


class Life:
    """One company through some imports. What happened is in self.outcomes and self.found."""

    def __init__(self, seed, number, database, program=None, tell=None):
        self.seed, self.number, self.database, self.program, self.tell = seed, number, database, program, tell
        self.imports = 0
        self.outcomes = {}  # (trouble, outcome): how often
        self.found = []     # (kind, step, text)
        self.leavers = 0    # rightful ones that an import found
        self.approved = self.rejected = 0
        self.held = None
        self.directory = {}
        self.weather = []
        self.step = -1

    def run(self, steps=STEPS, until=None, until_found=False):
        rng = random.Random(f"{self.seed}/{self.number}")
        people_n, page = rng.randrange(200, 321), rng.randrange(40, 67)
        settings = {"page-size": page, "retry-wait-ms": 1, "retries": 2, "timeout-s": 1, "per-minute": 0}
        limits = ("--limits", json.dumps(WIDE)) if rng.random() < 0.67 else ()
        with Wire(people_n, rng.randrange(1, 1 << 30)) as self.hr, Subject(self.database) as self.company:
            self.company.program = self.program
            self.company.connect(self.hr, settings=settings, more=limits)
            self.kinds = fault_kinds()
            self.catalogue = [s for s in self.hr.control("GET", "switches")["switches"] if not s["name"].startswith(NOT_MET) and
                              (s.get("words") or s["name"] in NUMBERS)]
            for self.step in range(steps):
                self.one(random.Random(f"{self.seed}/{self.number}/{self.step}"), last=self.step == steps - 1)
                if self.step == until or (until_found and self.victims()):
                    break
        return self

    def victims(self):
        return sum(1 for kind, _, _ in self.found if kind == "victim")

    # -- HR --

    def live(self, rng):
        big = rng.random() < 0.06  # a bad week: more leave, or join, than may without approval
        self.hr.life(seed=rng.randrange(1, 1 << 30), joins=rng.randrange(3), leaves=rng.randrange(12, 30) if big else rng.randrange(3),
                     notices=rng.randrange(2), renames=rng.randrange(4), moves=rng.randrange(3), emails=rng.randrange(2),
                     managers=rng.randrange(2), removes=int(rng.random() < 0.4), rehires=int(rng.random() < 0.4))
        if big:
            self.hr.life(seed=rng.randrange(1, 1 << 30), joins=rng.randrange(20, 40),
                         removes=rng.choice([0, 0, 25]))
        if rng.random() < 0.15:
            self.hr.clock(add_days=rng.randrange(1, 21))

    def truth(self):
        return {str(p["id"]): p for p in self.hr.truth()}

    def storm(self, troubles):
        truth = self.truth()
        for t in sorted((t for t in troubles if t.credential), key=lambda t: "sees" not in t.credential):
            self.hr.credential(**t.credential)
            if "sees" in t.credential:
                seen = self.hr.seen()
                gone = sum(1 for i, p in self.directory.items() if i not in seen and p["lifecycle"] in ("active", "leave"))
                if gone <= UNANNOUNCED:  # see the top
                    self.hr.credential(sees={"percent": 50})
        for t in troubles:
            for fault in t.faults:
                self.hr.fault(**fault)
            if t.switches:
                self.hr.switches(t.switches)
        return truth

    def calm(self):
        self.hr.no_faults()
        self.hr.switches()
        self.hr.credential(client_secret=harness.SECRET, sees="all", attributes="usual",
                            scopes=["employees:read", "personio:persons:read"])

    # -- rollcall --

    def import_with(self, rng, troubles, *arguments):
        """(exit code, answer); edits midway happen while a page is on its way."""
        self.imports += 1
        midway = next((t.midway for t in troubles if t.midway), None)
        if midway is None:
            return self.company.import_(*arguments)
        number = self.hr.fault(route="v1.employees.list", kind="slow", ms=60, after=midway["page"], count=1)["number"]
        process = self.company.begin("import", "acme/hr", *arguments)
        for _ in range(400):
            if process.poll() is not None or any(f["number"] == number and f["fired"] for f in self.hr.faults()["faults"]):
                break
            time.sleep(0.002)
        working = [p["id"] for p in self.hr.truth() if works(p)]
        if midway["how"] != "life":
            self.hr.remove(rng.choice(working[:30]))
        if midway["how"] == "swap":  # the total stays as it was, and everybody behind has moved up by one
            self.hr.hire()
        elif midway["how"] == "life":
            self.hr.life(seed=rng.randrange(1, 1 << 30), joins=1, leaves=1, removes=1, renames=2)
        out, err = process.communicate(timeout=120)
        done = harness.Done(process.returncode, out.decode(), err.decode(errors="replace"))
        return done.code, harness.parse(done)

    @staticmethod
    def outcome_of(code, answer):
        if "error" in answer:
            return f"refused: {answer['error']['name'] or answer['error']['code']}"
        run = answer["run"]
        if run["state"] == "applied" and "still employed" in (run["reason"] or ""):
            return "disproved"
        if run["state"] == "applied" and "stay as they are" in (run["reason"] or ""):
            return "imported, some unsettled"
        if run["state"] == "applied" and run["reason"]:
            return "imported, with a note"
        return {"applied": "imported", "superseded": "held already"}.get(run["state"], run["state"])

    @staticmethod
    def applied(outcome):
        return outcome.startswith("imported") or outcome == "disproved"

    def note(self, kind, text):
        self.found.append((kind, self.step, f"{text}; weather: {'; '.join(map(repr, self.weather)) or 'calm'}"))

    # -- one import --

    def one(self, rng, last):
        self.live(rng)
        calm = last or self.step % 6 == 5 or (not self.directory and self.step > 2)
        self.weather = troubles = [] if calm else draw(rng, self.kinds, self.catalogue)
        before = self.storm(troubles)
        arguments, title = [], "import"
        dice = rng.random()
        if not calm and self.directory and dice < 0.15:
            arguments, title = (["--preview"], "preview") if dice < 0.07 else (["--person", rng.choice(list(before))], "one person")
            if title == "one person" and any("status.inactive-all" in t.switches for t in troubles):
                arguments, title = [], "import"  # there is no other witness than this person's own status
        for again in range(2 if not calm and dice > 0.95 else 1):
            code, answer = self.import_with(rng, troubles if again == 0 else [], *arguments)
            outcome = self.outcome_of(code, answer)
            for name in {t.name for t in troubles} or {"calm"}:
                self.outcomes[name, outcome] = self.outcomes.get((name, outcome), 0) + 1
            self.outcomes[f"kind: {title}", outcome] = self.outcomes.get((f"kind: {title}", outcome), 0) + 1
            now = self.truth()
            self.judge(before, now, answer, outcome)
        self.calm()
        if self.tell:
            self.tell(f"step {self.step}: {title}: {outcome}; {'; '.join(map(repr, troubles)) or 'calm'}")
        self.decide(rng, answer, now, calm)
        if calm:
            self.settle(rng, answer, outcome, now)

    def settle(self, rng, answer, outcome, now):
        """In calm weather a few more imports bring the directory in line: after a hold, after a crowd that was let go unasked, after
        rights that shrank and were accepted."""
        for more in range(5):
            if outcome == "imported":
                break
            if outcome == "imported, some unsettled" and more == 2:  # they are as they should be, and somebody says so
                self.company.ok("integration", "set", "acme/hr", "--accept-rights")
            if more == 4 or not (self.applied(outcome) or outcome.startswith("held")):
                self.note("stuck", f"an import in calm weather was {outcome}: {answer}")
                return
            code, answer = self.import_with(rng, [])
            outcome = self.outcome_of(code, answer)
            self.judge(now, now, answer, outcome)
            self.decide(rng, answer, now, calm=True)
        self.compare(now)

    def judge(self, before, now, answer, outcome):
        """What the import did to the directory."""
        was, self.directory = self.directory, self.company.people()
        if not self.applied(outcome) and self.directory != was:
            self.note("tampered", f"the import was {outcome}, and the directory is another")
        for i, p in self.directory.items():
            if p["lifecycle"] not in GONE or (i in was and was[i]["lifecycle"] in GONE):
                continue
            if i in before and works(before[i]) and works(now[i]):
                self.note("victim", f"{i} works and became {p['lifecycle']} ({p['rule']}) by run {answer.get('run', {}).get('run')}")
            elif i in was:
                self.leavers += 1

    def closed_by(self, run, now):
        """Who works and would be closed by this run."""
        return [i for i, p in self.company.people("--run", str(run)).items() if p["lifecycle"] in GONE and works(now[i]) and
                self.directory.get(i, {"lifecycle": "active"})["lifecycle"] not in GONE]

    def decide(self, rng, answer, now, calm):
        """A careful person looks at what waits."""
        run = answer.get("run", {})
        if run.get("state") in ("held", "previewed"):
            self.held = run["run"]
        elif run.get("state") == "superseded" and run.get("other_run"):
            self.held = run["other_run"]
        elif run.get("state") == "applied" and run["kind"] == "full":
            self.held = None
        if self.held is None or (not calm and rng.random() < 0.25):
            return
        harmed = self.closed_by(self.held, now)
        if calm and harmed:
            self.note("victim", f"{harmed} work, and an import in calm weather would close them by run {self.held}")
        if harmed or (not calm and rng.random() < 0.1):
            code, decision = self.company.rollcall("run", "reject", f"acme/{self.held}", "--reason", "somebody of them works here")
            self.rejected += code == 0
        else:
            code, decision = self.company.rollcall("run", "approve", f"acme/{self.held}", "--reason", "all of them are gone")
            self.approved += code == 0
            self.judge(now, now, decision, "imported" if code == 0 else "refused")
        if code != 0 and decision["error"]["name"] != "run.not-waiting":
            self.note("tampered", f"deciding on run {self.held}: {decision['error']}")
        if self.tell:
            self.tell(f"  run {self.held}: {'rejected' if harmed else 'decided'} {code}")
        self.held = None

    def compare(self, now):
        """After calm imports the directory is what HR says."""
        for i, p in now.items():
            mine = self.directory.get(i)
            if mine is None:
                if p["exists"]:
                    self.note("ghost", f"{i} is in HR and not in the directory")
            elif not works(p):
                if mine["lifecycle"] != "left":
                    self.note("ghost", f"{i} is gone in HR and {mine['lifecycle']} in the directory")
            elif mine["lifecycle"] in GONE:
                self.note("ghost", f"{i} works in HR and is {mine['lifecycle']} in the directory")
            else:
                want = {"first_name": p["first_name"], "last_name": p["last_name"], "job_title": p["position"],
                        "primary_location": p["office"], "hire_date": p["hire_date"], "leave_date": p["termination_date"],
                        "status": p["status"], "manager": p["supervisor"] and str(p["supervisor"])}
                for field, value in want.items():
                    if normal(value) != normal(mine["user"][field]):
                        self.note("smudge", f"{i} has {field} {value!r} in HR and {mine['user'][field]!r} in the directory")


# ---- many companies --------------------------------------------------------------------------------------------------------


def live(job):
    """One company in a process of its own: a dict that can be added up."""
    seed, number, databases, program, until_found = job
    database = databases[number % len(databases)]
    life = Life(seed, number, database, program)
    try:
        life.run(until_found=until_found)
    except Exception as why:  # a fault of the storm is found like one of rollcall
        life.note("broken", f"{type(why).__name__}: {why}")
    return {"number": number, "database": database, "imports": life.imports, "outcomes": life.outcomes, "found": life.found,
            "leavers": life.leavers, "approved": life.approved, "rejected": life.rejected}


def side_by_side(live_one, jobs, processes):
    """Yields what live_one() returns of each job, as they end."""
    if processes == 1:
        yield from map(live_one, jobs)
        return
    with multiprocessing.get_context("fork").Pool(min(processes, len(jobs))) as pool:
        yield from pool.imap_unordered(live_one, jobs)


def live_all(seed, numbers, databases=harness.DATABASES, program=None, processes=3, until_found=False):
    """Yields what live() returns, as companies end. until_found: each ends with its first victim."""
    yield from side_by_side(live, [(seed, number, tuple(databases), program, until_found) for number in numbers], processes)


def add_up(results):
    total = {"imports": 0, "companies": 0, "leavers": 0, "approved": 0, "rejected": 0, "outcomes": {}, "found": []}
    for r in results:
        total["companies"] += 1
        for key in ("imports", "leavers", "approved", "rejected"):
            total[key] += r[key]
        for key, n in r["outcomes"].items():
            total["outcomes"][key] = total["outcomes"].get(key, 0) + n
        total["found"] += [(r["number"], r["database"], *one) for one in r["found"]]
    return total


def table(outcomes):
    """Lines: trouble, imports, and what became of them, most frequent first."""
    rows = {}
    for (trouble, outcome), n in outcomes.items():
        rows.setdefault(trouble, {})[outcome] = n
    width = max(map(len, rows), default=0)
    order = sorted(rows, key=lambda name: (name != "calm", name.startswith("kind: "), name))
    for name in order:
        some = sorted(rows[name].items(), key=lambda item: -item[1])
        yield f"{name:<{width}} {sum(rows[name].values()):>6}  " + ", ".join(f"{outcome} {n}" for outcome, n in some)
