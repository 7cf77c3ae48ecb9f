"""test_faults.py - whatever goes wrong on the way, nobody is wrongly absent or left, and the next import is right again.

Every kind of fault of the sandbox meets every kind of request of an import: once, at a moment that a seed picks; now and then; and
all the time. Each time there are joiners, leavers and changes to find. The table that is printed says what came of it.
A fault that made no difference anywhere (no refusal, no repetition, no doubt) fails, unless HARMLESS says why it is right so.
"""
import http.server
import json
import random
import subprocess
import threading
import time

import harness
from harness import check, holds, same, scenario
from truth import ANSWER, RIGHT, WAIT, compare, much_to_find, outcome

ROUTES = {"v1.auth": 1, "v1.attributes": 2, "v1.employees.list": 9, "v1.employees.get": 5}  # and about how often an import asks
WIDE = json.dumps({c: {"run": [200, 99], "24h": [5000, 99], "30d": [5000, 99]} for c in
                   ("joins", "leavers", "unannounced", "email", "name", "team", "manager", "location", "leave_date", "cleared")})
USUAL_LEAVERS = json.dumps({**json.loads(WIDE), "leavers": {"run": [3, 5], "24h": [5000, 99], "30d": [5000, 99]}})

# name: (kind, parameters). Times are short; what happens when they are longer than a time-out is a scenario of its own.
FAULTS = {
    "status 400": ("status", {"status": 400}),
    "status 401": ("status", {"status": 401}),
    "status 403": ("status", {"status": 403}),
    "status 403 html": ("status", {"status": 403, "body": "html"}),
    "status 404": ("status", {"status": 404}),
    "status 404 html": ("status", {"status": 404, "body": "html"}),
    "status 404 empty": ("status", {"status": 404, "body": "empty"}),
    "status 408": ("status", {"status": 408}),
    "status 409": ("status", {"status": 409}),
    "status 429": ("status", {"status": 429}),
    "status 500": ("status", {"status": 500}),
    "status 502 html": ("status", {"status": 502, "body": "html"}),
    "status 503 text": ("status", {"status": 503, "body": "text"}),
    "status 200 error": ("status", {"status": 200, "body": "error"}),
    "status 204 empty": ("status", {"status": 204, "body": "empty"}),
    "status 200 null": ("status", {"status": 200, "body": "null"}),
    "reset": ("reset", {}),
    "close-before": ("close-before", {}),
    "redirect": ("redirect", {"text": "/v1/company/employees?limit=1"}),
    "expire-token": ("expire-token", {}),
    "replace with no people": ("replace", {"text": '{"success":true,"metadata":{"total_elements":0,"current_page":0,"total_pages":0},"data":[]}'}),
    "replace with an object": ("replace", {"text": "{}"}),
    "html": ("html", {}),
    "empty-body": ("empty-body", {}),
    "slow": ("slow", {"ms": 20}),
    "drip": ("drip", {"bytes": 20000, "ms": 3}),
    "stall": ("stall", {"at": 100, "ms": 20}),
    "cut": ("cut", {}),
    "cut at 10": ("cut", {"at": 10}),
    "cut-chunked": ("cut-chunked", {}),
    "truncate": ("truncate", {}),
    "truncate to 1": ("truncate", {"at": 1}),
    "chunked": ("chunked", {}),
    "close": ("close", {}),
    "close-after": ("close-after", {}),
    "content-type html": ("content-type", {"text": "text/html"}),
    "content-type none": ("content-type", {"text": ""}),
    "gzip": ("gzip", {}),
    "gzip-broken": ("gzip-broken", {}),
    "oversized": ("oversized", {"bytes": 9 << 20}),
    "deep": ("deep", {}),
    "invalid-utf8": ("invalid-utf8", {}),
    "nul-byte": ("nul-byte", {}),
    "duplicate-keys id": ("duplicate-keys", {}),
    "duplicate-keys data": ("duplicate-keys", {"text": "data"}),
    "duplicate-keys total": ("duplicate-keys", {"text": "total_elements"}),
    "numbers-as-strings": ("numbers-as-strings", {}),
    "big-integers": ("big-integers", {}),
    "null-data": ("null-data", {}),
    "data-object": ("data-object", {}),
    "success-false": ("success-false", {}),
    "trailing": ("trailing", {}),
    "row-null": ("row-null", {}),
    "row-no-id": ("row-no-id", {}),
}
HARMLESS = {
    "slow": "it is waited for",
    "drip": "it is waited for",
    "stall": "it is waited for",
    "chunked": "a right answer in another form",
    "close": "a right answer; the next request opens a connection",
    "close-after": "a right answer; a connection that has ended is opened again before anything counts as failed",
    "gzip": "a right answer in another form",
    "deep": "what nobody asked for is dropped unread, however deep",
    "numbers-as-strings": "a number is a number in either form",
}


def _repeated(hr):
    """Whether an import asked for something again: the same twice running, a second token, the list from its beginning."""
    asked = [(r["route"], r["path"], r["query"]) for r in hr.requests()["requests"]]
    running = [one for one in asked if one[0] != "v1.auth"]
    pages = [one for one in asked if one[0] == "v1.employees.list"]
    return any(a == b for a, b in zip(running, running[1:])) or len(asked) - len(running) > 1 or len(pages) > len(set(pages))


def _meet(name):
    kind, parameters = FAULTS[name]

    def met(case):
        hr = case.sandbox(people=130)
        # No limit that could hide a victim behind a hold.
        company = case.company(hr, settings={"page-size": 20}, integration=("--limits", WIDE))
        company.arrive()
        n, effects, cells = 0, 0, []
        for route, about in ROUTES.items():
            words = []
            for how in ("once", "now and then", "always"):
                known = company.people()
                compare(known, hr.truth())
                much_to_find(hr, n)
                n += 1
                hr.forget()
                rng = random.Random(f"{name} {route} {how}")
                when = {"once": {"after": rng.randrange(about), "count": 1},
                        "now and then": {"probability": 0.4, "seed": rng.randrange(1, 1 << 30)},
                        "always": {}}[how]
                hr.fault(route, kind, **parameters, **when)
                code, answer = company.import_()
                fired = hr.faults()["faults"][0]["fired"]
                word = outcome(company, hr, known, code, answer)
                check(word in (RIGHT, WAIT) or code == 1, f"{route} {how}: {word}")
                repeated = _repeated(hr)
                if fired and (repeated or word != RIGHT):
                    effects += 1
                words.append("-" if not fired else word + (" after repeating" if repeated and word == RIGHT else ""))
                hr.no_faults()
                run = company.import_all()
                same(run["state"], "applied")
                compare(company.people(), hr.truth(), known=known)
            cells.append(f"{route.split('.', 1)[1]}: " + (words[0] if len(set(words)) == 1 else " / ".join(words)))
        case.row("fault: what came of it on each route, once / now and then / always", name, *cells)
        if name in HARMLESS:
            same(effects, 0, "refused, repeated or doubted although it is listed as harmless")
        else:
            check(effects > 0, "it never once caused a refusal, a repetition or a doubt")

    met.__name__ = f"nobody is harmed by the fault {name}"
    met.__module__ = __name__
    return scenario(met)


for _name in FAULTS:
    _meet(_name)


@scenario(databases=["sqlite"])
def every_kind_of_fault_is_met(case):
    listed = subprocess.run([harness.sandbox_path(), "--faults"], capture_output=True, text=True, check=True).stdout
    # Those of calls that write, and those of lists that Personio's own switches play.
    elsewhere = {"lost", "late-status", "page-before", "page-after", "page-empty", "no-total"}
    same({line.split()[0] for line in listed.splitlines()} - {kind for kind, _ in FAULTS.values()} - elsewhere, set(), "met by nobody")


@scenario
def faults_of_all_kinds_at_once_over_many_imports(case):
    hr = case.sandbox(people=220, seed=5)
    company = case.company(hr, settings={"page-size": 50}, integration=("--limits", WIDE))
    company.arrive()
    words = {}
    for n in range(25):
        known = company.people()
        much_to_find(hr, n)
        rng = random.Random(n)
        for _ in range(3):
            kind, parameters = FAULTS[rng.choice(sorted(FAULTS))]
            hr.fault(rng.choice(sorted(ROUTES)), kind, **parameters, probability=rng.choice([0.1, 0.3, 0.6]), seed=n + 1)
        code, answer = company.import_()
        word = outcome(company, hr, known, code, answer)
        check(word in (RIGHT, WAIT) or code == 1, f"round {n}: {word}")
        words[word] = words.get(word, 0) + 1
        hr.no_faults()
        company.import_all()
        compare(company.people(), hr.truth(), known=known)
    case.row("25 imports with three kinds of faults each", *[f"{word}: {count}" for word, count in sorted(words.items())])
    check(words.get(RIGHT, 0) > 2 and len(words) > 2, f"too much of one kind: {words}")


# ---- slowness ----


@scenario
def what_is_slower_than_the_time_out_is_given_up(case):
    hr = case.sandbox(people=60)
    company = case.company(hr, settings={"timeout-s": 1, "retries": 1})
    company.arrive()
    known = company.people()
    much_to_find(hr)
    for route, kind, parameters in (("v1.auth", "slow", {"ms": 1500}), ("v1.employees.list", "drip", {"bytes": 200, "ms": 100}),
                                    ("v1.employees.list", "stall", {"at": 50, "ms": 1500})):
        hr.fault(route, kind, **parameters)
        began = time.monotonic()
        code, answer = company.import_()
        took = time.monotonic() - began
        same(outcome(company, hr, known, code, answer), "http.timeout", f"{route} {kind}")
        check(1.5 < took < 4, f"two times one second took {took:.1f} s")
        hr.no_faults()
    hr.fault("v1.employees.list", "slow", ms=1500, count=1)
    company.import_all()
    compare(company.people(), hr.truth(), known=known)


# ---- tokens ----


@scenario
def a_token_that_ends_in_the_middle_is_asked_for_again(case):
    hr = case.sandbox(people=130)
    company = case.company(hr, settings={"page-size": 20})
    company.arrive()
    for status in (403, 401):
        hr.switches({"auth.bad-token-status": status, "auth.same-token": "off"})
        known = company.people()
        much_to_find(hr, status)
        hr.fault("v1.employees.list", "expire-token", after=3, count=1)
        hr.forget()
        code, answer = company.import_()
        same(outcome(company, hr, known, code, answer), RIGHT)
        tokens = {r["token"] for r in hr.requests()["requests"] if r["route"] == "v1.employees.list"}
        same(len(tokens), 2, "tokens used for the list")
        hr.no_faults()


@scenario
def tokens_that_are_good_for_one_request_are_used_once(case):
    hr = case.sandbox(people=130)
    company = case.company(hr, settings={"page-size": 20})
    hr.switches({"auth.one-time-token": "on"})
    company.arrive()
    known = company.people()
    much_to_find(hr)
    hr.forget()
    code, answer = company.import_()
    same(outcome(company, hr, known, code, answer), RIGHT)
    tokens = [r["token"] for r in hr.requests()["requests"] if r["status"] == 200 and r["token"]]
    check(len(tokens) > 8 and len(set(tokens)) == len(tokens), f"{len(tokens)} requests with {len(set(tokens))} tokens")


# ---- limits ----


@scenario
def what_is_limited_without_a_time_is_tried_again_with_growing_pauses(case):
    hr = case.sandbox(people=130)
    company = case.company(hr, settings={"page-size": 20, "retry-wait-ms": 40, "retries": 3})
    company.arrive()
    known = company.people()
    much_to_find(hr)
    hr.fault("v1.employees.list", "status", status=429, after=2, count=3)
    hr.forget()
    code, answer = company.import_()
    same(outcome(company, hr, known, code, answer), RIGHT)
    same([r["status"] for r in hr.requests()["requests"] if r["route"] == "v1.employees.list"][2:6], [429, 429, 429, 200])
    # for ever: given up after as many repetitions as were allowed
    hr.no_faults()
    hr.fault("v1.employees.list", "status", status=429)
    hr.forget()
    began = time.monotonic()
    code, answer = company.import_()
    same(answer["error"]["name"], "http.limited")
    holds(answer["error"]["text"], "4 tries")
    check(time.monotonic() - began > 0.04 + 0.08 + 0.16, "the pauses did not grow")
    same(len([r for r in hr.requests()["requests"] if r["route"] == "v1.employees.list"]), 4)


@scenario
def a_time_that_is_asked_for_is_waited_for(case):
    hr = case.sandbox(people=130)
    company = case.company(hr, settings={"page-size": 20})
    company.arrive()
    known = company.people()
    much_to_find(hr)
    hr.fault("v1.employees.list", "status", status=429, retry_after=1, after=2, count=1)
    began = time.monotonic()
    code, answer = company.import_()
    same(outcome(company, hr, known, code, answer), RIGHT)
    check(time.monotonic() - began >= 1, "it did not wait")
    # an hour is too long within a command: it says so at once
    hr.no_faults()
    hr.fault("v1.employees.list", "status", status=429, retry_after=3600)
    known = company.people()
    began = time.monotonic()
    code, answer = company.import_()
    same(outcome(company, hr, known, code, answer), "personio.limited")
    holds(answer["error"]["text"], "wait")
    check(time.monotonic() - began < 1, "it waited")


@scenario
def real_limits_slow_an_import_down_and_nothing_more(case):
    for form in ("none", "seconds", "date"):
        hr = case.sandbox(people=130, limits=True, switches={"rate.list-per-second": 8, "rate.retry-after": form})
        company = case.company(hr, settings={"page-size": 10, "retry-wait-ms": 300, "retries": 6})
        company.arrive()
        statuses = [r["status"] for r in hr.requests()["requests"] if r["route"] == "v1.employees.list"]
        check(429 in statuses, "the limit was never met")
        compare(company.people(), hr.truth())
        company.close()
        hr.stop()


@scenario
def within_the_usual_pace_no_limit_is_met(case):
    hr = case.sandbox(people=130, limits=True)
    company = case.company(hr, settings={"page-size": 4, "per-minute": 280})
    company.arrive()  # 33 pages: more than the burst of a second
    same({r["status"] for r in hr.requests()["requests"]}, {200})
    compare(company.people(), hr.truth())


# ---- elsewhere ----


class Elsewhere:
    """Another host that writes down what it is asked."""

    def __init__(self):
        asked = self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append((self.command, self.path, dict(self.headers), self.rfile.read(int(self.headers.get("Content-Length") or 0))))
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(b'{"success":true,"metadata":{"total_elements":0},"data":[]}')

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


@scenario
def nothing_goes_to_where_a_redirect_points(case):
    elsewhere = case.stack.enter_context(Elsewhere())
    hr = case.sandbox(people=130)
    company = case.company(hr, integration=("--limits", WIDE))
    company.arrive()
    for status in (301, 302, 303, 307, 308):
        for route in ROUTES:
            known = company.people()
            much_to_find(hr, status)
            hr.fault(route, "redirect", status=status, text=elsewhere.origin + "/v1/company/employees")
            code, answer = company.import_()
            word = outcome(company, hr, known, code, answer)
            same(word, WAIT if route == "v1.employees.get" else ANSWER, f"{status} on {route}")
            if code == 1:
                holds(answer["error"]["text"], "redirect")
            same(elsewhere.asked, [], "asked elsewhere")
            hr.no_faults()
            company.import_all()
