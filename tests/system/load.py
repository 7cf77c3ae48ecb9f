"""load.py - rollcall serve, built with the thread sanitizer, with everything at it at once: syncs, webhooks, the API from many sides,
numbers, decisions, a mail server that is not there; asked to stop in the middle of it, and started again. For prove_serve.py:

    load.under_thread_sanitizer(60)     # what the sanitizer reported, each as a text
"""
import contextlib
import glob
import http.client
import json
import os
import random
import signal
import subprocess
import threading
import time

import harness
from harness import Failure, check
from scenes import LEARNAMP_SECRET, LearnAmp
from storm import Subject

EVENTS = ["person.created", "person.updated", "person.deleted", "employment.created", "employment.updated"]
ROUNDS = 3  # of a daemon, each stopped under load


def tsan_program():
    path = os.path.join(os.path.dirname(os.path.dirname(harness.rollcall_path())), "../tsan/src/rollcall")
    if not os.access(path, os.X_OK):
        raise Failure(f"{path} is not there: script/prove builds it")
    return os.path.realpath(path)


class Load:
    def __init__(self, company, hr, there, hook, token):
        self.company, self.hr, self.there, self.hook, self.token = company, hr, there, hook, token
        self.port, self.ending = None, threading.Event()
        self.answers = {}
        self.lock = threading.Lock()

    def ask(self, method, path, body=None, authorization=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, json.dumps(body) if body is not None else None,
                               {"Authorization": authorization or f"Bearer {self.token}", "Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
        with self.lock:
            self.answers[answer.status] = self.answers.get(answer.status, 0) + 1
        return answer.status, text

    def until_it_ends(self, turn, seed):
        rng = random.Random(seed)
        while not self.ending.is_set():
            try:
                turn(rng)
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)  # it is being stopped

    def look(self, rng):
        self.ask("GET", rng.choice(["/metrics", "/healthz", "/readyz", "/api/v1/companies/acme/people?limit=50", "/api/v1/companies/acme/runs?limit=5",
                                    "/api/v1/companies", "/api/v1/companies/acme/audit", "/api/v1/companies/acme/destinations/la", "/none"]))

    def act(self, rng):
        what = rng.choice(["integrations/hr/sync", "destinations/la/deliver", "destinations/la/pause", "destinations/la/resume", "tokens"])
        body = {"reason": "busy"} if what.endswith("pause") else {"name": "short", "right": "read"} if what == "tokens" else {}
        self.ask("POST", f"/api/v1/companies/acme/{what}", body)
        status, text = self.ask("GET", "/api/v1/companies/acme/runs?limit=5")
        for run in json.loads(text)["runs"] if status == 200 else []:
            if run["state"] == "held":
                self.ask("POST", f"/api/v1/companies/acme/runs/{run['run']}/{rng.choice(['approve', 'approve', 'reject'])}", {"reason": "seen"})
        time.sleep(0.1)

    def tell(self, rng):
        body = {"company_id": "1", "event_name": rng.choice(EVENTS), "occurred_at": f"2026-11-23T09:00:{rng.randrange(60):02}Z",
                "payload": {"person": {"id": str(rng.randrange(4000001, 4000200))}}, "meta": {}}
        self.ask("POST", self.hook["path"], body, self.hook["token"])

    def change(self, rng):
        self.hr.life(seed=rng.randrange(1, 1 << 30), joins=1, renames=2, moves=2, leaves=int(rng.random() < 0.2))
        time.sleep(0.2)

    def round(self, seconds, env, seed):
        process = self.company.start_daemon(env)
        try:
            self.port = int(json.loads(process.stdout.readline())["serve"]["listen"].rpartition(":")[2])
            self.ending.clear()
            turns = [self.look] * 3 + [self.act] * 2 + [self.tell] * 3 + [self.change]
            threads = [threading.Thread(target=self.until_it_ends, args=(turn, seed * 100 + n)) for n, turn in enumerate(turns)]
            for t in threads:
                t.start()
            time.sleep(seconds)
            process.send_signal(signal.SIGTERM)
            code = process.wait(120)
        finally:
            self.ending.set()
            if process.poll() is None:
                process.kill()
            for t in threads:
                t.join()
            process.stdout.close()
        return code


class Loaded(Subject):
    def start_daemon(self, env):
        with open(os.path.join(self.directory, "serve.log"), "ab") as log:
            return subprocess.Popen([tsan_program(), "--json", "serve", "--listen", "127.0.0.1:0", "--workers", "4", "--webhook-pace", "1",
                                     "--smtp", "smtp://127.0.0.1:9", "--smtp-from", "rollcall@acme.example", "--alert-to", "it@acme.example"],
                                    env=self.environment(**env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)


def under_thread_sanitizer(seconds, database="sqlite", people=200):
    """The reports; an exit code that is not 0 is one of them."""
    with harness.Sandbox(people, 3) as hr, LearnAmp(people, 3, "--accounts", "20") as there, Loaded(database) as company:
        company.connect(hr)
        company.ok("destination", "add", "acme/la", "learnamp", "--set", f"base-url={there.origin}", "--set", "client-id=learnamp-sandbox",
                   "--set", "max-per-second=0", "--secret-file", "client-secret=" + company.file("la", LEARNAMP_SECRET + "\n"), "--feed", "hr")
        company.arrive()
        code, answer = company.rollcall("deliver", "acme/la")
        check(code == 3, lambda: f"{answer}")
        company.approve(answer["run"]["run"])
        company.ok("integration", "set", "acme/hr", "--schedule", "every 1 minute")
        hook = company.ok("integration", "webhook", "show", "acme/hr")["webhook"]
        token = company.ok("token", "add", "acme", "--name", "load", "--right", "administer")["secret"]
        load = Load(company, hr, there, hook, token)
        reports = os.path.join(company.directory, "tsan")
        env = {"TSAN_OPTIONS": f"halt_on_error=0:exitcode=66:log_path={reports}"}
        codes = [load.round(seconds / ROUNDS, env, n) for n in range(ROUNDS)]
        found = [open(path, encoding="utf-8", errors="replace").read()[:4000] for path in sorted(glob.glob(reports + ".*"))]
        found += [f"round {n}: exit code {code}" for n, code in enumerate(codes) if code != 0 and not found]
        found += [f"{n} answers of {status}" for status, n in load.answers.items() if status in (500, 501)]
        if sum(load.answers.values()) < 20 * seconds:
            found.append(f"too quiet: {load.answers}")
        print(f"  load: {dict(sorted(load.answers.items()))}", flush=True)
        return found
