"""serving.py - rollcall serve in a process of its own, for scenarios: its clock is shifted by the preloaded one (preload/clock.c)."""
import contextlib
import http.client
import json
import os
import re
import select
import signal
import subprocess
import time

import harness
from harness import check, holds, same
from scenes import clock_library


def ahead(seconds):
    """The environment in which a program's clock is so much ahead."""
    return {"LD_PRELOAD": clock_library(), "CLOCK_SHIFT_SECONDS": str(seconds),
            "ASAN_OPTIONS": (os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0").lstrip(":")}


class Serve:
    """rollcall serve in a process of its own, on a free port. shift: seconds by which its clock is ahead."""

    def __init__(self, company, *arguments, shift=0, workers=2, env=None, level=(), listen="127.0.0.1:0"):
        shift += int(company.environment_more.get("CLOCK_SHIFT_SECONDS", 0))
        more = {**ahead(shift), **(env or {})}
        self.log_file = os.path.join(getattr(company, "logs", company.directory), f"serve.{time.monotonic_ns()}.log")
        with open(self.log_file, "wb") as log:
            self.process = company.start("--json", *level, "serve", "--listen", listen, "--workers", workers, *arguments,
                                         env=more, stderr=log)
        ready, _, _ = select.select([self.process.stdout], [], [], 30)
        line = self.process.stdout.readline() if ready else b""
        check(line, lambda: f"serve did not start: {self.log()}")
        said = json.loads(line)
        check("serve" in said, lambda: f"serve did not start: {said}")
        self.port = int(said["serve"]["listen"].rpartition(":")[2])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def log(self):
        with open(self.log_file, encoding="utf-8", errors="replace") as f:
            return f.read()

    def lines(self):
        """Each line of the log is one JSON object."""
        return [json.loads(line) for line in self.log().splitlines()]

    def get(self, path, method="GET", headers=None, body=None):
        """(status, type, text)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.getheader("Content-Type"), answer.read().decode()

    def metrics(self):
        """{name and labels: number}"""
        status, kind, text = self.get("/metrics")
        same(status, 200, text)
        holds(kind, "text/plain", "version=0.0.4")
        found = {}
        for line in text.splitlines():
            if line.startswith("#"):
                check(re.fullmatch(r"# (HELP [a-z_]+ .+|TYPE [a-z_]+ (counter|gauge))", line), f"no line of Prometheus: {line}")
                continue
            row = re.fullmatch(r'([a-z_]+(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})?) (-?[0-9.]+)', line)
            check(row, f"no line of Prometheus: {line}")
            found[row.group(1)] = float(row.group(2))
        return found

    def done(self, kind="sync"):
        return self.metrics()[f'rollcall_jobs_done_total{{kind="{kind}"}}']

    def stop(self, seconds=15, how=signal.SIGTERM):
        self.process.send_signal(how)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise harness.Failure(f"it did not end within {seconds} seconds: {self.log()[-2000:]}") from None
        same(code, 0, self.log()[-2000:])

    def kill(self):
        self.process.kill()
        self.process.wait()


def until(fact, what, seconds=30):
    """Looks again and again; the first answer that is not false."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = fact()
        if found:
            return found
        time.sleep(0.1)
    raise harness.Failure(f"{what} did not come about within {seconds} seconds" + (f": {found}" if found else ""))


def schedule(company, words="every 1 minute"):
    return company.ok("integration", "set", "acme/hr", "--schedule", words)["integration"]


def slow_listing(hr, ms, count=1):
    return hr.fault("v1.employees.list", "slow", ms=ms, count=count)


def in_state(company, state, kind=None):
    return [r for r in company.ok("run", "list", "acme")["runs"] if r["state"] == state and kind in (None, r["kind"])]
