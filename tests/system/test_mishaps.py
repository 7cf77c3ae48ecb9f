"""test_mishaps.py - what the daemon has to survive: a full disk, a database that is gone or locked. Each says what is wrong in plain
words and loses nothing; what can mend itself goes on by itself once it has. What keeps it from starting is in test_starting.py.

A full disk is a small tmpfs where mounting is allowed (root), elsewhere the failing writes of preload/fault.c while a file is there.
PostgreSQL is gone by a proxy in between that is cut: its cluster is shared with other scenarios.
"""
import contextlib
import glob
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.parse
import uuid

import harness
from harness import check, holds, psql, same, scenario
from inside import fault_library
from serving import ahead, in_state, schedule, slow_listing, until
from test_webhooks import Hooked, body, post


def detail(answer):
    """(status, what it says)"""
    status, _, text = answer
    return status, json.loads(text).get("detail", text) if text.startswith("{") else text.strip()


def troubles(serve, word="trouble"):
    return [line for line in serve.lines() if line.get("database") == word]


class Api:
    def __init__(self, company, serve):
        self.serve = serve
        self.headers = {"Authorization": "Bearer " + company.ok("token", "add", "--name", "all", "--right", "administer")["secret"],
                        "Content-Type": "application/json"}

    def __call__(self, path, method="GET", what=None, **headers):
        return detail(self.serve.get("/api/v1" + path, method, {**self.headers, **headers}, None if what is None else json.dumps(what)))


def cpu(serve):
    """Seconds of processor time that the daemon has used."""
    with open(f"/proc/{serve.process.pid}/stat", encoding="ascii") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Hints:
    """Webhooks of events that are all different; those that were acknowledged."""

    def __init__(self, s, serve):
        self.s, self.serve, self.n, self.taken = s, serve, 0, []

    def send(self):
        self.n += 1
        person = str(7000000 + self.n)
        status = post(self.serve, self.s.hook, body(person=person))
        check(status in (204, 503), f"a webhook was answered {status}")
        if status == 204:
            self.taken.append(person)
        return status

    def are_kept(self):
        kept = {row[1] for row in self.s.events()}
        same([person for person in self.taken if person not in kept], [], "acknowledged, and not there")


def begin_to_list(s, serve, api, hints, person):
    """A webhook has been carried out, somebody is edited in HR, and an import is under way."""
    until(lambda: serve.get("/readyz")[0] == 200, "readiness")
    same(hints.send(), 204)
    until(lambda: serve.done("hint") + serve.done() >= 1, "its end")
    s.there.forget()
    s.edit(person, position="Foreman")
    slow_listing(s.hr, 1500)
    same(api("/companies/acme/integrations/hr/sync", "POST", {})[0], 202)
    until(lambda: in_state(s.company, "listing"), "an import under way")


# ---- a full disk ------------------------------------------------------------------------------------------------------


class Disk:
    """Where the databases of a scenario lie, and that can be filled."""

    def __init__(self, case):
        self.folder = tempfile.mkdtemp(prefix="rollcall-disk.")
        case.stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.place = os.path.join(self.folder, "disk")
        os.mkdir(self.place)
        self.full = os.path.join(self.folder, "full")
        may = os.geteuid() == 0 and not os.environ.get("ROLLCALL_TEST_NO_MOUNT")
        mounted = may and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m" if case.database == "sqlite" else "size=48m", "none", self.place],
                                                       capture_output=True, check=False).returncode == 0
        self.is_real, self.space = mounted, None
        played = "played by preload/fault.c" if case.database == "sqlite" else "not tried"
        case.note(f"a full disk of {case.database}: " + ("a tmpfs" if mounted else played + ", as mounting is not allowed"))
        if mounted:
            case.stack.callback(subprocess.run, ["umount", "-l", self.place], check=True)
            if case.database == "postgres":
                self.space = "disk_" + uuid.uuid4().hex[:12]
                for folder in (self.folder, self.place):
                    shutil.chown(folder, "postgres")
                psql(f"create tablespace {self.space} location '{self.place}'")
                case.stack.callback(psql, f"drop tablespace {self.space}")

    @contextlib.contextmanager
    def home(self):
        """Companies of SQLite that are made meanwhile lie on it; PostgreSQL's are moved()."""
        tempfile.tempdir = self.place if self.space is None else None
        try:
            yield
        finally:
            tempfile.tempdir = None

    def moved(self, company):
        if self.space is not None:
            psql(f"alter database {company._name} set tablespace {self.space}")

    def environment(self, shift):
        if self.is_real:
            return {}
        more = ahead(shift)
        return {"LD_PRELOAD": more["LD_PRELOAD"] + " " + fault_library(), "ROLLCALL_FAULT": "write 1 ENOSPC+", "ROLLCALL_FAULT_WHILE": self.full}

    def fill(self):
        if not self.is_real:
            open(self.full, "w", encoding="ascii").close()
            return
        for step in (65536, 512):  # to the last page
            with contextlib.suppress(OSError), open(os.path.join(self.place, "ballast"), "ab", buffering=0) as f:
                while f.write(b"x" * step) == step:
                    pass

    def forget_catalog(self):
        """PostgreSQL's cache of a catalog, which vacuum throws away and the next connection writes anew, is gone; full as before."""
        for path in glob.glob(os.path.join(self.place, "PG_*", "*", "pg_internal.init")):
            os.unlink(path)
        self.fill()

    def free(self):
        os.unlink(os.path.join(self.place, "ballast") if self.is_real else self.full)


@scenario
def while_the_disk_is_full_nothing_is_acknowledged_that_is_not_kept_and_then_all_goes_on(case):
    disk = Disk(case)
    if case.database == "postgres" and not disk.is_real:
        return  # the server's disk is not ours to play
    with disk.home():
        s = Hooked(case, people=10)
    c = s.company
    disk.moved(c)
    c.logs = disk.folder
    ana = s.hire(first_name="Ana")
    s.sync()
    with s.serve(shift=0, env=disk.environment(0)) as serve:
        api, hints = Api(c, serve), Hints(s, serve)
        begin_to_list(s, serve, api, hints, ana)
        disk.fill()
        until(lambda: hints.send() == 503, "a webhook that is refused", 60)
        used = cpu(serve)
        status, says = until(lambda: serve.get("/readyz")[0] == 503 and detail(serve.get("/readyz")), "that it is not ready")
        holds(says, "no space is left", "free some")
        same(serve.get("/healthz")[0], 200, "it can be read")
        same(api("/companies")[0], 200)
        draft = {"text": "primary_team = department\n" + "# a long explanation\n" * 1000}
        for _ in range(100):  # its log may have room from before
            status, says = api("/companies/acme/integrations/hr/mappings", "POST", draft)
            check(status in (200, 201, 503), f"{status} {says}")
            if status == 503:
                break
        same(status, 503, says)
        holds(says, "no space is left", "free some")
        for _ in range(50):
            hints.send()
        time.sleep(12)
        status, says = detail(serve.get("/readyz"))
        same(status, 503, says)
        check(cpu(serve) - used < 2, lambda: f"{cpu(serve) - used} s of CPU in twelve seconds of nothing")
        same([line["name"] for line in troubles(serve)], ["db.full"], "what the log says of it")
        holds(troubles(serve)[0]["text"], "free some, nothing was lost")
        check(len([line for line in serve.lines() if line["level"] in ("error", "warn")]) <= 8, lambda: serve.log()[-3000:])
        check(serve.metrics()["rollcall_webhooks_not_taken_total"] >= 1, "they are counted")
        same(s.account(ana)["jobTitle"], "Welder", "nothing is told to the platform that is not written down")
        same(s.there.writes(), [])
        if disk.is_real and c.kind == "sqlite":  # and by hand
            done = c.run("backup", os.path.join(c.directory, "kept"))
            same(done.code, 1, f"{done}")
            holds(done.err, "no space is left", "free some")
            same([n for n in os.listdir(c.directory) if n.startswith("kept")], [], "halves that were left behind")
            holds(c.run("status").out, "the disk: less than 1 MB is left")
        if c.kind == "postgres":
            disk.forget_catalog()
            done = c.run("status")
            same(done.code, 1, f"{done}")
            holds(done.err, "no space left", "free some")
            status, says = until(lambda: serve.get("/readyz")[0] == 503 and detail(serve.get("/readyz")), "that it is not ready")
            holds(says, "no space is left", "free some")
            time.sleep(2)
            same({line["name"] for line in troubles(serve)}, {"db.full"}, "what the log says of it")
        disk.free()
        until(lambda: serve.get("/readyz")[0] == 200, "readiness, without a restart", 15)
        same(hints.send(), 204)
        until(lambda: s.account(ana)["jobTitle"] == "Foreman", "the new title", 90)
        hints.are_kept()
        same(len(troubles(serve, "works-again")), 1, "that it is over")
        until(lambda: in_state(c, "listing") == [], "the end of all runs")
        serve.stop()
    s.quiet()


# ---- PostgreSQL is gone -----------------------------------------------------------------------------------------------


class Proxy:
    """Before the PostgreSQL of the tests; cut() and mend()."""

    def __init__(self):
        self.to = ("127.0.0.1", urllib.parse.urlsplit(os.environ["ROLLCALL_TEST_POSTGRES"].replace("%2F", "-")).port)
        self.listener, self.port, self.pairs, self.lock = None, 0, [], threading.Lock()
        self.mend()

    def mend(self):
        listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self.listener, self.port = listener, listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener):
        while True:
            try:
                here, _ = listener.accept()
            except OSError:
                return
            there = socket.create_connection(self.to)
            with self.lock:
                if listener is not self.listener:
                    here.close()
                    there.close()
                    return
                self.pairs += [here, there]
            for a, b in ((here, there), (there, here)):
                threading.Thread(target=self._carry, args=(a, b), daemon=True).start()

    @staticmethod
    def _carry(a, b):
        with contextlib.suppress(OSError):
            while data := a.recv(65536):
                b.sendall(data)
        for one in (a, b):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def cut(self):
        with self.lock:
            listener, self.listener, pairs, self.pairs = self.listener, None, self.pairs, []
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for one in pairs:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self):
        if self.listener is not None:
            self.cut()


@scenario(databases=["postgres"])
def while_postgresql_is_gone_the_daemon_waits_and_goes_on_when_it_is_back(case):
    s = Hooked(case, people=10)
    c = s.company
    proxy = Proxy()
    case.stack.callback(proxy.close)
    straight = c.database
    head, _, name = straight.rpartition("/")
    through = f"{head.rpartition('@')[0]}@127.0.0.1:{proxy.port}/{name}"
    ana = s.hire(first_name="Ana")
    s.sync()
    with s.serve(env={"ROLLCALL_DATABASE": through}) as serve:
        api, hints = Api(c, serve), Hints(s, serve)
        begin_to_list(s, serve, api, hints, ana)
        proxy.cut()
        used = cpu(serve)
        status, says = detail(serve.get("/readyz"))
        same(status, 503, says)
        holds(says, "database")
        same(hints.send(), 503)
        same(serve.get("/healthz")[0], 503)
        for _ in range(2):
            status, says = api("/companies")
            same(status, 503, says)
            holds(says, "database")
            check("127.0.0.1" not in says, f"who asks is told where the database is: {says}")
        time.sleep(12)
        same([hints.send() for _ in range(20)], [503] * 20)
        status, says = detail(serve.get("/readyz"))
        same(status, 503, says)
        holds(says, "goes on by itself")
        check(cpu(serve) - used < 2, lambda: f"{cpu(serve) - used} s of CPU in twelve seconds of nothing")
        same(serve.process.poll(), None, "it has ended")
        same(len(troubles(serve)), 1, "what the log says of it")
        same(s.there.writes(), [])
        proxy.mend()
        until(lambda: serve.get("/readyz")[0] == 200, "readiness, without a restart", 20)
        same(hints.send(), 204)
        until(lambda: s.account(ana)["jobTitle"] == "Foreman", "the new title", 90)
        same(api("/companies")[0], 200)
        hints.are_kept()
        same(len(troubles(serve, "works-again")), 1, "that it is over")
        until(lambda: in_state(c, "listing") == [], "the end of all runs")
        serve.stop()
    s.quiet()


# ---- somebody holds the database locked -------------------------------------------------------------------------------


@contextlib.contextmanager
def locked(company):
    """By somebody who has forgotten a transaction."""
    with contextlib.ExitStack() as stack:
        if company.kind == "sqlite":
            for end in ("", ".events"):
                db = stack.enter_context(contextlib.closing(sqlite3.connect(company.database + end, timeout=20, isolation_level=None)))
                db.execute("begin immediate")
            yield
            return
        holder = subprocess.Popen(["psql", "-X", "-q", "-d", company.database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        holder.stdin.write("begin; lock table job, webhook_event in exclusive mode; select 'held';\n")
        holder.stdin.flush()
        until(lambda: "held" in holder.stdout.readline(), "the lock")
        try:
            yield
        finally:
            holder.stdin.close()
            holder.wait()
            holder.stdout.close()


@scenario
def a_database_that_somebody_holds_locked_for_half_a_minute_is_waited_for(case):
    s = Hooked(case, people=10)
    c = s.company
    ana = s.hire(first_name="Ana")
    s.sync()
    s.edit(ana, position="Foreman")
    schedule(c)
    with s.serve(shift=55) as serve:  # due in five seconds
        api, hints = Api(c, serve), Hints(s, serve)
        until(lambda: serve.get("/readyz")[0] == 200, "readiness")
        with locked(c):
            began, used = time.monotonic(), cpu(serve)
            same(hints.send(), 503)
            status, says = until(lambda: serve.get("/readyz")[0] == 503 and detail(serve.get("/readyz")), "that it is not ready")
            holds(says, "locked", "goes on by itself")
            same(serve.get("/healthz")[0], 200, "it can be read")
            same(api("/companies")[0], 200)
            status, says = api("/companies/acme/integrations/hr/sync", "POST", {})
            same(status, 503, says)
            holds(says, "locked")
            time.sleep(max(0, 30 - (time.monotonic() - began)))
            check(cpu(serve) - used < 2, lambda: f"{cpu(serve) - used} s of CPU in half a minute of nothing")
            same(serve.process.poll(), None, "it has ended")
            same(serve.get("/readyz")[0], 503)
            same([line["name"] for line in troubles(serve)], ["db.busy"], "what the log says of it")
        until(lambda: serve.get("/readyz")[0] == 200, "readiness, without a restart", 20)
        same(hints.send(), 204)
        until(lambda: s.account(ana)["jobTitle"] == "Foreman", "the new title", 90)
        hints.are_kept()
        same(len(troubles(serve, "works-again")), 1, "that it is over")
        serve.stop()


# ---- systemd ----------------------------------------------------------------------------------------------------------


@scenario(databases=["sqlite"])
def systemd_is_told_how_it_goes_and_that_it_lives(case):
    s = Hooked(case, people=4)
    path = os.path.join(s.company.directory, "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(path)
        heard.settimeout(20)

        def hear(begins):
            end = time.monotonic() + 30
            while time.monotonic() < end:
                said = heard.recv(1000).decode()
                if said.startswith(begins):
                    return said
            raise harness.Failure(f"{begins} was not said")

        with s.serve(env={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "24000000", "WATCHDOG_PID": None}) as serve:
            same(heard.recv(1000), b"READY=1")
            hear("WATCHDOG=1")
            holds(hear("STATUS="), f"serves at http://127.0.0.1:{serve.port}")
            hear("WATCHDOG=1")
            with locked(s.company):
                same(Hints(s, serve).send(), 503)
                holds(hear("STATUS="), "db.busy: something else holds the database locked")
                hear("WATCHDOG=1")  # a database that is in trouble is no reason to be ended
            holds(hear("STATUS="), "serves at")
            serve.stop(how=signal.SIGTERM)
            hear("STOPPING=1")
