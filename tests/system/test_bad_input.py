"""test_bad_input.py - whatever is wrong, the message says so in plain words, the exit code tells, and the directory is as it was."""
import contextlib
import http.server
import json
import os
import re
import socket
import ssl
import subprocess
import threading
import time

from harness import check, holds, same, scenario
from truth import compare

ERRORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/errors.md")
with open(ERRORS, encoding="utf-8") as _file:
    EXPLAINED = set(re.findall(r"`([a-z-]+(?:\.[a-z-]+)?)`(?=[^|]*\|)", _file.read()))


def refused(answer, name, *phrases, code=1):
    """(exit code, JSON answer) is this error, explained in docs/errors.md, and its text holds the phrases."""
    have, said = answer
    same((have, said.get("error", said).get("name")), (code, name), f"{said}")
    check(name in EXPLAINED, f"{name} is not explained in docs/errors.md")
    same(set(said["error"]), {"name", "code", "text"})
    check("\n" not in said["error"]["text"], "more than one line")
    holds(said["error"]["text"], *phrases)


# ---- the other side ----


@scenario
def wrong_credentials_are_named(case):
    hr = case.sandbox(people=60)
    company = case.company(hr)
    company.arrive()
    known = company.people()
    company.ok("integration", "set", "acme/hr", "--secret-file", "client-secret=" + company.file("wrong", "not-the-secret\n"))
    for status in (403, 401):
        hr.switches({"auth.wrong-status": status})
        refused(company.import_(), "personio.credentials", "client-id", "client-secret", "copy both again")
    code, said = company.rollcall("integration", "check", "acme/hr")
    same((code, [f["name"] for f in said["findings"] if f["level"] == "fail"]), (1, ["credentials"]))
    same(company.people(), known)
    # and it is seen in the morning
    state = company.ok("status", "acme")["integrations"][0]
    same(state["verdict"], "failed", "status after imports that could not sign in")


@scenario
def missing_rights_are_named_in_words_that_can_be_acted_on(case):
    hr = case.sandbox(people=60)
    company = case.company(hr)
    hr.credential(scopes=[])
    refused(company.import_(), "personio.right", "Missing right", "Employees", "Tick it in")
    hr.credential(scopes=["employees:read"], attributes=["first_name", "last_name", "status"])
    code, said = company.import_()
    same((code, said["error"]["name"]), (1, "attribute-missing"))
    code, said = company.rollcall("integration", "check", "acme/hr")
    same((code, said["ok"]), (1, False))
    missing = " ".join(f["text"] for f in said["findings"] if f["name"] == "attribute-missing")
    holds(missing, "Email", "Supervisor", "Hire date")
    hr.credential(attributes="all")
    code, said = company.rollcall("integration", "check", "acme/hr")
    same((code, said["ok"], said["people"]), (0, True, 60))
    much = " ".join(f["text"] for f in said["findings"] if f["name"] == "too-much-readable")
    holds(much, "Pay", "Bank details", "Birth dates")
    same(company.people(), {})


@scenario
def hosts_that_cannot_be_reached_are_named(case):
    company = case.company()
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        company.connect(f"http://127.0.0.1:{closed.getsockname()[1]}")
        refused(company.import_(), "http.unreachable", "127.0.0.1")
    company.ok("integration", "set", "acme/hr", "--set", "base-url=https://rollcall.invalid")
    refused(company.import_(), "http.unreachable", "rollcall.invalid")
    for url in ("http://api.personio.example", "http://192.168.0.9:8085", "http://localhost.example.org"):
        code, said = company.rollcall("integration", "set", "acme/hr", "--set", f"base-url={url}")
        same((code, said["error"]["name"]), (2, "misused"), url)
        holds(said["error"]["text"], "base-url", "without encryption", "https://")
    same(company.ok("integration", "show", "acme/hr")["integration"]["settings"]["base-url"], "https://rollcall.invalid")
    for url, phrase in (("http://api.personio.example", "without encryption"), ("api.personio.de", "URL"), ("ftp://x.example", "http"),
                        ("https://api.personio.example/v1", "without /v1"), ("https://api.personio.example/?x=1", "without ?"),
                        ("", "")):
        code, said = company.rollcall("integration", "add", "acme/other", "--source", "personio", "--set", f"base-url={url}",
                                      "--set", "client-id=x", "--secret-file", "client-secret=" + company.file("s", "y"))
        if url:
            same((code, said["error"]["name"]), (2, "misused"), url)
            holds(said["error"]["text"], "base-url", phrase)
        else:
            same(code, 0, "without a base-url the usual one is taken")


class _Tls(contextlib.AbstractContextManager):
    """An HTTPS server with this certificate, which answers nothing of use."""

    def __init__(self, certificate, key):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = b'{"success":false,"error":{"code":0,"message":"no"}}'
                self.send_response(403)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))  # without it newer libraries want TLS to say where it ends
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)

        class Server(http.server.ThreadingHTTPServer):
            def finish_request(self, request, client_address):
                super().finish_request(context.wrap_socket(request, server_side=True), client_address)

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def _certificate(directory, name, *more):
    files = os.path.join(directory, name + ".pem"), os.path.join(directory, name + ".key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}",
                    "-out", files[0], "-keyout", files[1], *more], check=True, capture_output=True)
    return files


@scenario
def certificates_that_prove_nothing_are_refused(case):
    hr = case.sandbox(people=20)
    company = case.company()
    own = _certificate(company.directory, "own", "-days", "2", "-addext", "subjectAltName=IP:127.0.0.1")
    other = _certificate(company.directory, "other", "-days", "2", "-addext", "subjectAltName=DNS:elsewhere.example")
    company.connect("https://127.0.0.1:1")
    with _Tls(*own) as server:
        company.ok("integration", "set", "acme/hr", "--set", f"base-url=https://127.0.0.1:{server.port}")
        refused(company.import_(), "http.certificate", "certificate")
        company.ok("integration", "set", "acme/hr", "--set", f"ca-file={own[0]}")  # trusted by name: it is spoken to
        refused(company.import_(), "personio.credentials")
        company.ok("integration", "set", "acme/hr", "--set", "ca-file=" + other[0])
        refused(company.import_(), "http.certificate")
        same(company.rollcall("integration", "set", "acme/hr", "--set", "ca-file=/nowhere")[0], 2)
        company.ok("integration", "set", "acme/hr", "--set", f"base-url=http://127.0.0.1:{server.port}")
        code, said = company.import_()
        check(code == 1 and said["error"]["name"] in ("http.no-answer", "http.not-http"), f"HTTP to an HTTPS port: {said}")
    with _Tls(*other) as server:
        company.ok("integration", "set", "acme/hr", "--set", f"base-url=https://127.0.0.1:{server.port}", "--set", f"ca-file={other[0]}")
        refused(company.import_(), "http.certificate")  # good, but for another host
    company.ok("integration", "set", "acme/hr", "--set", "base-url=" + hr.origin.replace("http:", "https:"))
    refused(company.import_(), "http.tls")


@scenario
def another_account_is_never_taken_for_this_one(case):
    hr = case.sandbox(people=100)
    company = case.company(hr)
    company.arrive()
    known = company.people()
    other = case.sandbox(people=400, seed=2)
    for person in other.truth()[:150]:
        other.remove(person["id"])
    company.ok("integration", "set", "acme/hr", "--set", f"base-url={other.origin}")
    refused(company.import_(), "listing.other-account", "another account", "Nothing was changed", "cannot be approved")
    same(company.people(), known)
    # the same numbers for other people: nothing shows it but the guard
    alike = case.sandbox(people=100, seed=3)
    company.ok("integration", "set", "acme/hr", "--set", f"base-url={alike.origin}")
    code, answer = company.import_()
    same((code, answer["run"]["state"]), (3, "held"))
    holds(answer["run"]["reason"], "e-mail changes", "name changes")
    same(company.people(), known)
    company.reject(answer["run"]["run"])
    company.ok("integration", "set", "acme/hr", "--set", f"base-url={hr.origin}")
    same(company.import_all()["counts"]["changed"], 0)


# ---- at once ----


@scenario
def what_a_dead_process_has_left_is_told(case):
    hr = case.sandbox(people=60)
    company = case.company(hr, settings={"page-size": 20})
    company.arrive()
    hr.fault("v1.employees.list", "slow", ms=300)
    hr.forget()
    process = company.start("import", "acme/hr")
    while not any(r["route"] == "v1.employees.list" for r in hr.requests()["requests"]):
        check(process.poll() is None, "the import is over before its list was asked for")
        time.sleep(0.002)
    process.kill()
    process.communicate()
    holds(company.run("status").out, "listing since", "If its process has died, nothing is lost: the next import begins anew")
    hr.no_faults()
    company.import_all()
    check("since" not in company.run("status").out, "status goes on about a run that has failed")


@scenario
def of_two_imports_at_once_one_is_busy(case):
    hr = case.sandbox(people=100)
    company = case.company(hr)
    company.arrive()
    hr.edit(hr.truth()[0]["id"], last_name="Twice")
    hr.fault("v1.employees.list", "slow", ms=400, count=1)
    both = [company.start("--json", "import", "acme/hr") for _ in range(2)]
    answers = []
    for process in both:
        out, err = process.communicate(timeout=60)
        answers.append((process.returncode, json.loads(out)))
        same(err, b"")
    answers.sort(key=lambda a: a[0])
    same((answers[0][0], answers[0][1].get("run", {}).get("state")), (0, "applied"), f"{answers}")
    refused(answers[1], "busy", "another process")
    compare(company.people(), hr.truth())
    # removing and deciding while one runs are refused alike
    hr.fault("v1.employees.list", "slow", ms=1500, count=1)
    one = company.start("--json", "import", "acme/hr")
    while not any(r["state"] == "listing" for r in company.ok("run", "list", "acme/hr")["runs"]):
        check(one.poll() is None, "the import ended too early")
        time.sleep(0.01)
    refused(company.rollcall("integration", "remove", "acme/hr", "--confirm", "hr"), "busy")
    refused(company.import_("--person", 4000001), "busy")
    # and who was killed stands in nobody's way
    one.kill()
    one.communicate()
    hr.no_faults()
    code, answer = company.import_()
    same((code, answer.get("run", {}).get("state")), (0, "applied"), f"after kill -9: {answer}")
    same([r["state"] for r in company.ok("run", "list", "acme/hr")["runs"]][:2], ["applied", "failed"])


# ---- names, settings, limits ----


@scenario
def names_and_settings_that_make_no_sense_are_refused(case):
    company = case.company()
    for key in ("", "Acme", "a/b", "-a", "ümlaut", "a" * 41, "a b"):
        code, said = company.rollcall("company", "add", "--", key)
        same((code, said["error"]["name"]), (2, "misused"), f"company {key!r}")
        holds(said["error"]["text"], "a-z, 0-9")
    for zone in ("Mars/Olympus", "", "../../etc/passwd"):
        code, said = company.rollcall("company", "add", "other", "--zone", zone)
        same((code, said["error"]["name"]), (2, "misused"), f"zone {zone!r}")
        holds(said["error"]["text"], "zone")
    refused(company.rollcall("company", "add", "acme"), "company.exists", "already")
    refused(company.rollcall("company", "show", "nobody"), "company.unknown", "nobody")
    same(company.ok("company", "add", "strange", "--name", "Äcme \"& Söhne\"\t\x1b[31m")["company"]["name"][:14], "Äcme \"& Söhne\"")
    check("\x1b" not in company.run("company", "show", "strange").out, "a name reaches the terminal as a command")

    secret = company.file("secret", "x\n")
    base = ("integration", "add", "acme/hr", "--source", "personio")
    good = ("--set", "client-id=x", "--secret-file", f"client-secret={secret}")
    for arguments, phrases in (
            (("integration", "add", "acme/hr", "--source", "workday", *good), ("personio", "csv")),
            (("integration", "add", "acme/hr", *good), ("--source",)),
            (("integration", "add", "acme/H R", "--source", "personio", *good), ("a-z, 0-9",)),
            ((*base, "--set", "client-id=x"), ("client-secret", "--secret-file")),
            ((*base, "--secret-file", f"client-secret={secret}"), ("client-id", "--set")),
            ((*base, *good, "--set", "client-secret=y"), ("is a secret", "--secret-file")),
            ((*base, *good, "--secret-file", f"client-id={secret}"), ("is no secret", "--set")),
            ((*base, *good, "--set", "clientid=y"), ("did you mean \"client-id\"",)),
            ((*base, *good, "--set", "pagesize=50"), ("did you mean \"page-size\"",)),
            ((*base, *good, "--set", "page-size"), ("KEY=VALUE",)),
            ((*base, *good, "--set", "page-size=0"), ("page-size", "1", "100")),
            ((*base, *good, "--set", "page-size=many"), ("page-size",)),
            ((*base, *good, "--set", "timeout-s=99999999999999999999"), ("timeout-s",)),
            ((*base, *good, "--set", "client-id=papi 7"), ("client-id", "copy it again")),
            ((*base, *good[:2], "--secret-file", "client-secret=" + company.file("blank", "one two\n")), ("client-secret", "copy it again")),
            ((*base, *good, "--set", "ca-file=/nowhere"), ("/nowhere",)),
            ((*base, *good, "--set", f"ca-file={company.directory}"), ("certificates",)),
            ((*base, *good, "--set", "ca-file=" + company.file("no-pem", "nothing\n")), ("no certificates",)),
            (("integration", "add", "acme/hr", "--source", "csv", "--set", "file=people.csv"), ("file", "whole path")),
            (("integration", "add", "acme/hr", "--source", "csv", "--set", "file=/x.csv", "--set", "complete=yes"), ("complete", "trailer")),
            ((*base, *good[:2], "--secret-file", "client-secret=/nowhere"), ("/nowhere", "cannot be read")),
            ((*base, *good[:2], "--secret-env", "client-secret=NOT_SET"), ("NOT_SET",)),
            ((*base, *good, "--team", "squad"), ("team", "department", "squad")),
            ((*base, *good, "--limits", "{"), ("limits", "JSON")),
            ((*base, *good, "--limits", "[1]"), ("limits", "JSON object")),
            ((*base, *good, "--limits", '{"leaver":{"run":[3,5]}}'), ("\"leaver\" is no class", "leavers")),
            ((*base, *good, "--limits", '{"leavers":{"week":[3,5]}}'), ("week", "24h")),
            ((*base, *good, "--limits", '{"leavers":{"run":3}}'), ("[people, percent]",)),
            ((*base, *good, "--limits", '{"leavers":{"run":[3,500]}}'), ("[people, percent]",)),
            ((*base, *good, "--limits", '{"leavers":{"run":[-1,5]}}'), ("[people, percent]",)),
            ((*base, *good, "--limits", '{"leavers":[3,5]}'), ("leavers",))):
        code, said = company.rollcall(*arguments)
        same((code, said["error"]["name"]), (2, "misused"), f"{arguments[3:]}: {said}")
        holds(said["error"]["text"], *phrases)
    refused(company.rollcall("integration", "add", "nobody/hr", "--source", "personio", *good), "company.unknown")
    same(company.ok("integration", "list")["integrations"], [])
    # without the client secret on a terminal or otherwise, nothing hangs
    company.ok(*base, *good)
    refused(company.rollcall(*base, *good), "integration.exists", "already")
    same(company.rollcall("integration", "set", "acme/hr")[0], 2)
    same(company.rollcall("integration", "set", "acme/hr", "--set", "page-size=101")[0], 2)
    refused(company.rollcall("integration", "set", "acme/none", "--set", "page-size=10"), "integration.unknown")
    refused(company.import_(integration="acme/none"), "integration.unknown", "none")
    for reference in ("acme", "acme/", "/hr", "nobody/hr"):
        code, said = company.import_(integration=reference)
        check(code in (1, 2) and said["error"]["name"] in ("reference", "company.unknown", "integration.unknown"), f"{reference}: {said}")
    for run in ("acme/x", "acme/0", "acme/-1", "acme/1x"):
        refused(company.rollcall("run", "show", run), "reference", "COMPANY/NUMBER", code=2)
    refused(company.rollcall("run", "show", "acme/99999999999999999999"), "run.unknown")
    refused(company.rollcall("run", "approve", "acme/7", "--reason", "x"), "run.unknown")
    same(company.rollcall("run", "approve", "acme/7")[0], 2)
    same(company.rollcall("people", "list", "acme", "--lifecycle", "dead")[0], 2)
    same(company.rollcall("people", "list", "acme", "--problem", "bad")[0], 2)
    same(company.rollcall("people", "list", "acme", "--limit", "0")[0], 2)


@scenario
def an_integration_goes_with_everybody_known_through_it(case):
    hr = case.sandbox(people=50)
    company = case.company(hr)
    company.connect(hr, "acme/second")
    company.arrive()
    code, answer = company.import_(integration="acme/second")
    company.approve(answer["run"]["run"])
    same(len(company.ok("people", "list", "acme")["people"]), 100)
    for confirm in ((), ("--confirm", "wrong"), ("--confirm", "second")):
        code, said = company.rollcall("integration", "remove", "acme/hr", *confirm)
        same((code, said["error"]["name"]), (2, "misused"))
        holds(said["error"]["text"], "50 people", "--confirm hr")
    same(company.ok("integration", "remove", "acme/hr", "--confirm", "hr"), {"removed": "hr", "people": 50, "left_open": [], "left": []})
    same([i["integration"] for i in company.ok("integration", "list", "acme")["integrations"]], ["second"])
    same(len(company.ok("people", "list", "acme")["people"]), 50)
    refused(company.import_(), "integration.unknown")
    same(company.import_(integration="acme/second")[1]["run"]["counts"]["unchanged"], 50)
    company.connect(hr)  # as if it had never been there
    company.arrive()
    same(len(company.ok("people", "list", "acme")["people"]), 100)
