"""harness.py - the real programs against the sandbox, over HTTP, on SQLite and on PostgreSQL.

A scenario is a function that takes a Case; its name is a sentence and is what the report says:

    from harness import scenario, check, same

    @scenario
    def a_leaver_leaves(case):
        hr = case.sandbox(people=300)           # a sandbox of its own on a free port
        company = case.company(hr)              # a fresh database, company "acme", integration "acme/hr"
        company.arrive()                        # first import, approved
        gone = hr.truth()[0]["id"]
        hr.remove(gone)
        code, answer = company.import_()        # what `rollcall --json import acme/hr` said
        same(code, 0)
        same(company.person(gone)["lifecycle"], "left")

It runs once for each database; @scenario(databases=["sqlite"]) narrows that down. What a Case started ends with it. Scenarios
run in processes of their own (running.py), so nothing is shared between them. case.note("...") prints below the result,
case.row("table", ...) adds a line to a table that is printed at the end.

The programs are found in the build directory that run.py is given (or ROLLCALL_BUILD, for other scripts: call
use_build(), then make Sandbox and Company with `with`). PostgreSQL is named by ROLLCALL_TEST_POSTGRES, as script/with-postgres
sets it; a server that is not there is a failure.
"""
import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
import uuid

DATABASES = ("sqlite", "postgres")
SECRET = "papi-sandbox-secret"

_build = os.environ.get("ROLLCALL_BUILD", "build/release")


def use_build(directory):
    """Where the programs are."""
    global _build
    _build = os.path.abspath(directory)
    for program in (rollcall_path(), sandbox_path()):
        if not os.access(program, os.X_OK):
            raise SystemExit(f"{program} is not there: build it first")


def rollcall_path():
    return os.path.join(os.path.abspath(_build), "src/rollcall")


def sandbox_path():
    return os.path.join(os.path.abspath(_build), "sandbox/rollcall-sandbox")


def program_without(protection):
    """rollcall with one protection switched off, as script/lib.sh builds it beside the release."""
    return os.path.join(os.path.dirname(os.path.abspath(_build)), "clang/tests/system", f"rollcall-without-{protection}")


# ---- checks -----------------------------------------------------------------------------------------------------------


class Failure(AssertionError):
    """What a scenario found to be wrong; anything else that is raised is a fault of the scenario."""


def check(fact, why="it is not so"):
    if not fact:
        raise Failure(why() if callable(why) else why)


def same(have, want, what=""):
    if have != want:
        raise Failure(f"{what + ': ' if what else ''}{_short(have)} instead of {_short(want)}")


def holds(text, *phrases):
    """Every phrase stands in the text."""
    for phrase in phrases:
        check(phrase in text, lambda: f"{phrase!r} is not in {_short(text)}")


def _short(value):
    text = repr(value)
    return text if len(text) <= 600 else text[:600] + "..."


# ---- the sandbox ------------------------------------------------------------------------------------------------------


class Sandbox:
    """A make-believe Personio in a process of its own, with its control API (docs/sandbox.md)."""

    system = "personio"
    environment = None  # of its process; None: ours

    def __init__(self, people=300, seed=1, *arguments, limits=False, switches=None):
        command = [sandbox_path(), self.system, "--port", "0", "--people", str(people), "--seed", str(seed), *arguments]
        if not limits:
            command.append("--no-limits")
        for name, value in (switches or {}).items():
            command += ["--switch", f"{name}={value}"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        env=self.environment)
        self.origin, said = None, []
        for line in self.process.stdout:  # it says so once it listens
            said.append(line)
            found = re.search(r"http://[0-9a-z.:]+", line)
            if found:
                self.origin = found.group()
                break
        if self.origin is None:
            raise Failure(f"the sandbox did not start: {''.join(said)}")
        self._direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()

    def control(self, method, path, body=None):
        """What /_control/PATH answers."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.origin}/_control/{path}", data=data, method=method)
        try:
            with self._direct.open(request, timeout=60) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as why:
            raise Failure(f"{method} {path}: {why.code} {why.read().decode(errors='replace')}") from None

    def truth(self, person=None):
        """Everybody as they really are, removed ones with exists False; or one of them."""
        return self.control("GET", "truth")["people"] if person is None else self.control("GET", f"truth/{person}")

    def edit(self, person, **values):
        return self.control("PATCH", f"people/{person}", values)

    def hire(self, **values):
        """Somebody new; the answer has the id."""
        return self.control("POST", "people", values)

    def remove(self, person):
        """The profile is deleted: 404 from then on."""
        return self.control("DELETE", f"people/{person}")

    def life(self, **counts):
        """So many random edits: seed, joins, leaves, notices, renames, moves, emails, managers, removes, rehires."""
        return self.control("POST", "life", counts)

    def switches(self, values=None):
        """Sets {"name": value} (None: the default); without values all go back to their defaults."""
        return self.control("POST", "switches", values) if values else self.control("DELETE", "switches")

    def fault(self, route, kind, **parameters):
        return self.control("POST", "faults", {"route": route, "kind": kind, **parameters})

    def faults(self):
        """How often each was seen and fired."""
        return self.control("GET", "faults")

    def no_faults(self):
        return self.control("DELETE", "faults")

    def clock(self, **how):
        """clock(add_days=3), clock(add_seconds=5), clock(now="2026-11-23T09:00:00Z")"""
        return self.control("POST", "clock", how)

    def credential(self, **values):
        """Changes what the credential may: scopes, attributes, sees. Takes effect at once."""
        return self.control("PATCH", "credentials", {"client_id": "papi-sandbox", **values})

    def new_credential(self, **values):
        return self.control("POST", "credentials", values)

    def requests(self, limit=20000):
        return self.control("GET", f"requests?limit={limit}")

    def counters(self):
        return self.control("GET", "counters")

    def forget(self):
        """Clears the log of requests, and with it the counters."""
        return self.control("DELETE", "requests")


# ---- a company in a database of its own --------------------------------------------------------------------------------


def psql(sql, where=None):
    server = os.environ.get("ROLLCALL_TEST_POSTGRES")
    if not server:
        raise Failure("ROLLCALL_TEST_POSTGRES names no server: run this by script/with-postgres")
    done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", where or server, "-c", sql],
                          capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise Failure(f"psql: {done.stderr.strip()}")
    return done.stdout


class Answer(dict):
    """What rollcall said; to ask for "run" when it said "error" is a Failure that shows it."""

    def __missing__(self, key):
        raise Failure(f"the answer has no {key!r}: {_short(dict(self))}")


class Done:
    """How a program ended: code, out, err."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __repr__(self):
        return f"exit {self.code}, out {_short(self.out)}, err {_short(self.err)}"


class Company:
    """A fresh database of one kind, its key file, and by default company "acme" with integration "acme/hr"."""

    def __init__(self, database, hr=None, *, people=None, settings=None, add=True, zone="Europe/Berlin", integration=()):
        """hr: a Sandbox, or None for no integration. settings: {"retries": 3} for --set; integration: more arguments."""
        self.kind = database
        self.people_n = people
        self.directory = tempfile.mkdtemp(prefix="rollcall-test.")
        os.chmod(self.directory, 0o700)
        self.key_file = os.path.join(self.directory, "rollcall.key")
        self.environment_more = {}  # for every program that it runs
        self._name = None
        if database == "sqlite":
            self.database = os.path.join(self.directory, "rollcall.db")
        else:
            self._name = "t" + uuid.uuid4().hex[:20]
            psql(f"create database {self._name}")
            head, _, _ = os.environ["ROLLCALL_TEST_POSTGRES"].rpartition("/")
            self.database = f"{head}/{self._name}"
        try:
            if add:
                self.ok("company", "add", "acme", "--name", "Acme", "--zone", zone)
            if hr is not None:
                self.connect(hr, settings=settings, more=integration)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        shutil.rmtree(self.directory, ignore_errors=True)
        if self._name is not None:
            psql(f"drop database if exists {self._name} with (force)")
            self._name = None

    def file(self, name, content):
        """A file in the company's directory, readable by nobody else; its path."""
        path = os.path.join(self.directory, name)
        with open(path, "wb", opener=lambda p, flags: os.open(p, flags, 0o600)) as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        return path

    def connect(self, hr, key="acme/hr", settings=None, secret=SECRET, client="papi-sandbox", more=()):
        """Adds an integration. Quick to retry and quick to give up, unless settings say otherwise."""
        origin = hr if isinstance(hr, str) else hr.origin
        given = {"base-url": origin, "client-id": client, "per-minute": 0, "retry-wait-ms": 5, "retries": 3, "timeout-s": 2}
        given.update(settings or {})
        sets = [word for name, value in given.items() for word in ("--set", f"{name}={value}")]
        return self.ok("integration", "add", key, "--source", "personio", *sets,
                       "--secret-file", "client-secret=" + self.file("secret", secret + "\n"), *more)

    # -- running rollcall --

    def environment(self, **more):
        env = {"PATH": os.environ["PATH"], "HOME": self.directory, "LC_ALL": "C.UTF-8", "ROLLCALL_DATABASE": self.database,
               "ROLLCALL_KEY_FILE": self.key_file}
        for name, value in {**self.environment_more, **more}.items():
            env.pop(name, None) if value is None else env.__setitem__(name, value)
        return env

    def run(self, *arguments, env=None, timeout=120, prefix=(), **popen):
        """rollcall with these arguments, as it is: a Done. prefix: a command that runs it."""
        done = subprocess.run([*prefix, rollcall_path(), *map(str, arguments)], env=self.environment(**(env or {})), timeout=timeout,
                              check=False, **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **popen})
        return Done(done.returncode, done.stdout.decode(), (done.stderr or b"").decode(errors="replace"))

    def start(self, *arguments, env=None, **popen):
        """The same, not waited for: a Popen."""
        return subprocess.Popen([rollcall_path(), *map(str, arguments)], env=self.environment(**(env or {})),
                                **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **popen})

    def rollcall(self, *arguments, json=True, **how):
        """(exit code, the JSON object on standard output), or with json=False (exit code, both outputs as text)."""
        if not json:
            done = self.run(*arguments, **how)
            return done.code, done.out + done.err
        done = self.run("--json", *arguments, **how)
        return done.code, parse(done, arguments)

    def ok(self, *arguments, **how):
        """The JSON answer of what has to end with 0."""
        code, answer = self.rollcall(*arguments, **how)
        check(code == 0, lambda: f"rollcall {' '.join(map(str, arguments))} ended with {code}: {_short(answer)}")
        return answer

    def import_(self, *arguments, integration="acme/hr", **how):
        """(exit code, {"run": ...} or {"error": ...})"""
        return self.rollcall("import", integration, *arguments, **how)

    def approve(self, run, reason="looked through"):
        """Approves a run by its number; the applied run."""
        return self.ok("run", "approve", f"acme/{run}", "--reason", reason)["run"]

    def reject(self, run, reason="not this one"):
        return self.ok("run", "reject", f"acme/{run}", "--reason", reason)["run"]

    def arrive(self):
        """A first import, which is held, approved: the applied run."""
        code, answer = self.import_()
        check(code == 3, lambda: f"a first import ended with {code}: {_short(answer)}")
        return self.approve(answer["run"]["run"])

    def import_all(self):
        """An import that is approved if it is held (or says the same as one that is): the applied run; a Failure when it failed."""
        code, answer = self.import_()
        check(code in (0, 3), lambda: f"the import ended with {code}: {_short(answer)}")
        run = answer["run"]
        if code == 0:
            return run
        return self.approve(run["other_run"] if run["state"] == "superseded" else run["run"])

    def people(self, *arguments):
        """{id in HR: person} of the directory."""
        return {p["person"]: p for p in self.ok("people", "list", "acme", *arguments)["people"]}

    def person(self, source_id):
        found = self.ok("people", "show", f"acme/{source_id}")["people"]
        same(len(found), 1, f"people called {source_id}")
        return found[0]

    def changes(self, run):
        """{(person, field): (old, new)} of a run."""
        rows = self.ok("run", "show", f"acme/{run}")["changes"]
        return {(row["person"], row["field"]): (row["old"], row["new"]) for row in rows}

    def directory_bytes(self):
        """Everything that the database holds, to look for what it must not hold."""
        if self.kind == "sqlite":
            return b"".join(open(os.path.join(self.directory, name), "rb").read() for name in os.listdir(self.directory)
                            if name.startswith("rollcall.db"))
        done = subprocess.run(["pg_dump", "--data-only", "-d", self.database], capture_output=True, timeout=60, check=False)
        check(done.returncode == 0, lambda: f"pg_dump: {done.stderr.decode()}")
        return done.stdout


def parse(done, arguments=()):
    """Standard output with --json is exactly one JSON object on one line."""
    try:
        answer = json.loads(done.out)
    except ValueError:
        raise Failure(f"rollcall --json {' '.join(map(str, arguments))}: {done} is not one JSON object") from None
    check(isinstance(answer, dict) and done.out.endswith("\n"), lambda: f"{done} is not one JSON object and a line end")
    return Answer(answer)


# ---- scenarios ---------------------------------------------------------------------------------------------------------

_scenarios = []  # (function, databases)


def scenario(function=None, *, databases=DATABASES):
    def add(f):
        _scenarios.append((f, tuple(databases)))
        return f

    return add if function is None else add(function)


def scenarios():
    return list(_scenarios)


class Case:
    """What one scenario on one database works with; whatever it made ends with it."""

    def __init__(self, database):
        self.database = database
        self.notes, self.rows = [], []
        self.stack = contextlib.ExitStack()

    def sandbox(self, *arguments, **how):
        return self.stack.enter_context(Sandbox(*arguments, **how))

    def company(self, hr=None, **how):
        return self.stack.enter_context(Company(self.database, hr, **how))

    def note(self, text):
        self.notes.append(text)

    def row(self, table, *cells):
        """A line of a table; the database stands in front of the line."""
        self.rows.append((table, [str(cell) for cell in cells]))
