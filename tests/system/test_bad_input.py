"""test_bad_input.py - whatever is wrong, the message says so in plain words, the exit code tells, and the directory is as it was."""
import contextlib
import http.server
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import threading
import time

from harness import check, holds, psql, same, scenario
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


def unprivileged():
    """root as somebody without its rights, so that a file's mode counts."""
    return ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--") if os.geteuid() == 0 else ()


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


# ---- the database ----


def _mounted(case, mib):
    """A file system of so many MiB, or None where nobody may mount one."""
    path = os.path.join("/tmp", f"rollcall-full.{os.getpid()}.{case.database}")
    os.mkdir(path)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=755", "none", path], capture_output=True).returncode != 0:
        os.rmdir(path)
        return None

    def away():
        subprocess.run(["umount", "-l", path], check=True)
        os.rmdir(path)

    case.stack.callback(away)
    return path


@scenario(databases=["sqlite"])
def a_full_disk_is_named_and_nothing_is_lost(case):
    hr = case.sandbox(people=2000)
    company = case.company(hr)
    disk = _mounted(case, 2)
    if disk is not None:
        shutil.copy(company.database, disk)
        full, how = os.path.join(disk, "rollcall.db"), {}
    else:
        import resource

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, 2 << 20))

        full, how = company.database, {"preexec_fn": limit}
    answer = company.import_(env={"ROLLCALL_DATABASE": full}, **how)
    refused(answer, "db.full" if disk is not None else answer[1]["error"]["name"], "space" if disk is not None else "")
    same(company.rollcall("people", "list", "acme", env={"ROLLCALL_DATABASE": full})[1]["people"], [])
    if disk is not None:  # more space, and it goes on
        subprocess.run(["mount", "-o", "remount,size=60m", disk], check=True)
    code, run = company.import_(env={"ROLLCALL_DATABASE": full})
    same((code, run["run"]["counts"]["read"]), (3, 2000))  # held, or the first one has gone on and is held
    held = [r for r in company.ok("run", "list", "acme/hr", env={"ROLLCALL_DATABASE": full})["runs"] if r["state"] == "held"]
    same([r["counts"]["joiners"] for r in held], [2000])


@scenario(databases=["sqlite"])
def a_file_that_may_not_be_written_is_named(case):
    hr = case.sandbox(people=40)
    company = case.company(hr)
    company.arrive()
    os.chmod(company.database, 0o400)
    refused(company.import_(prefix=unprivileged()), "db.read-only", "cannot be written", company.database)
    os.chmod(company.database, 0o600)
    os.chmod(company.directory, 0o500)
    refused(company.import_(prefix=unprivileged()), "db.read-only", "directory")
    fresh = {"ROLLCALL_DATABASE": os.path.join(company.directory, "fresh.db")}
    refused(company.rollcall("company", "list", env=fresh, prefix=unprivileged()), "db.read-only", "cannot be made")
    os.chmod(company.directory, 0o700)
    same(company.import_()[0], 0)


@scenario(databases=["postgres"])
def an_account_or_a_database_that_may_not_write_is_named(case):
    hr = case.sandbox(people=40)
    company = case.company(hr)
    company.arrive()
    known = company.people()
    name = company.database.rpartition("/")[2]
    psql(f"alter database {name} set default_transaction_read_only = on")
    refused(company.import_(), "db.read-only", "read-only")
    psql(f"alter database {name} reset default_transaction_read_only")
    role = "reader_" + name
    psql(f"create role {role} login password 'reader'; grant connect on database {name} to {role}")
    try:
        psql(f"grant usage on schema public to {role}; grant select on all tables in schema public to {role}", company.database)
        account = re.sub(r"//[^@]*@", f"//{role}:reader@", company.database)
        refused(company.import_(env={"ROLLCALL_DATABASE": account}), "db.auth", "refuses a right")
        wrong = re.sub(r"//[^@]*@", f"//{role}:wrong@", company.database)
        refused(company.import_(env={"ROLLCALL_DATABASE": wrong}), "db.auth", role, "password")
    finally:
        psql(f"drop owned by {role}", company.database)
        psql(f"drop owned by {role}; drop role {role}")
    refused(company.import_(env={"ROLLCALL_DATABASE": company.database + "_not"}), "db.unreachable", "has no database")
    refused(company.import_(env={"ROLLCALL_DATABASE": "postgres://rollcall:x@127.0.0.1:1/x"}), "db.unreachable")
    same(company.people(), known)


@scenario
def a_database_of_a_newer_version_is_left_alone(case):
    hr = case.sandbox(people=40)
    company = case.company(hr)
    company.arrive()
    newer = "insert into rollcall_migration (number, applied_at) values (9999, 0)"
    if case.database == "sqlite":
        with contextlib.closing(sqlite3.connect(company.database)) as db, db:
            db.execute(newer)
    else:
        psql(newer, company.database)
    for command in (("import", "acme/hr"), ("people", "list", "acme"), ("status",)):
        refused(company.rollcall(*command), "db.newer", "9999", "newer")


@scenario(databases=["sqlite"])
def a_file_that_is_no_sound_database_is_named(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    company.arrive()
    refused(company.import_(env={"ROLLCALL_DATABASE": company.file("letter", "Dear Sir or Madam, " * 500)}), "db.not-a-database", "letter")
    refused(company.import_(env={"ROLLCALL_DATABASE": company.directory}), "db.unreachable")
    refused(company.import_(env={"ROLLCALL_DATABASE": "/nowhere/at/all/rollcall.db"}), "db.unreachable", "directory does not exist")
    refused(company.import_(env={"ROLLCALL_DATABASE": "mysql://somewhere/x"}), "db.address", "postgres://")
    with open(company.database, "rb") as file:
        sound = file.read()
    seen = set()
    for at in range(4096, len(sound) - 4096, len(sound) // 40 // 4096 * 4096):  # a page of rubbish at many places
        spoiled = company.file("spoiled.db", sound[:at] + b"\xa5" * 4096 + sound[at + 4096:])
        for left in ("spoiled.db-wal", "spoiled.db-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(company.directory, left))
        code, said = company.import_(env={"ROLLCALL_DATABASE": spoiled})
        if code == 1:
            seen.add(said["error"]["name"])
            holds(said["error"]["text"], "damaged")
    check("db.corrupt" in seen, f"the damage was called {seen}")
    same(seen - {"db.corrupt"}, set())


@scenario
def without_its_key_nothing_is_opened(case):
    hr = case.sandbox(people=40)
    company, stranger = case.company(hr), case.company()
    company.arrive()
    same(os.stat(company.key_file).st_mode & 0o777, 0o600)
    refused(company.import_(env={"ROLLCALL_KEY_FILE": company.directory + "/not-there"}), "secret.key", "not-there", "it is not there")
    refused(company.import_(env={"ROLLCALL_KEY_FILE": stranger.key_file}), "secret.key", "the secrets are sealed with key")
    refused(company.import_(env={"ROLLCALL_KEY_FILE": company.file("short", "abc\n")}), "secret.key", "cut short")
    refused(company.import_(env={"ROLLCALL_KEY_FILE": company.file("words", "z" * 64 + "\n")}), "secret.key", "hexadecimal")
    refused(company.import_(env={"ROLLCALL_KEY_FILE": company.directory}), "secret.key")
    for mode in (0o640, 0o604, 0o660):
        os.chmod(company.key_file, mode)
        refused(company.import_(), "secret.key", "open to other users", "chmod 600")
    os.chmod(company.key_file, 0o600)
    # what needs no secret works without the key, and another company does not silently make a second one
    same(len(company.ok("people", "list", "acme", env={"ROLLCALL_KEY_FILE": "/nowhere"})["people"]), 40)
    refused(company.rollcall("company", "add", "other", env={"ROLLCALL_KEY_FILE": company.directory + "/new.key"}), "secret.key")
    check(not os.path.exists(company.directory + "/new.key"), "a second key was made")
    same(company.import_()[0], 0)
    # a lost key: new secrets under a new one
    os.rename(company.key_file, company.key_file + ".lost")
    refused(company.import_(), "secret.key")


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


# ---- CSV ----

HEADER = "id;first_name;last_name;email;status;hire_date;termination_date;department;job_title;supervisor\n"


def _rows(n, **change):
    people = [[str(i), f"Änne{i}", "O'Neill; \"Ann\"" if i == 3 else f"Muster{i}", f"P{i}@example.org", "active", "2020-01-31", "",
               "Vertrieb", "Lead", "1" if i > 1 else ""] for i in range(1, n + 1)]
    for i, values in change.items():
        people[int(i[1:]) - 1] = values and [values.get(h, v) for h, v in zip(HEADER.strip().split(";"), people[int(i[1:]) - 1])]
    return ["".join('"' + cell.replace('"', '""') + '"' + ";" for cell in p)[:-1] + "\n" for p in people if p]


@scenario
def people_come_from_files(case):
    company = case.company()
    path = company.file("people.csv", "\ufeff" + HEADER + "".join(_rows(30)) + "#count=30\n")
    company.ok("integration", "add", "acme/hr", "--source", "csv", "--set", f"file={path}", "--set", "complete=trailer")
    code, said = company.rollcall("integration", "check", "acme/hr")
    same((code, said["people"]), (0, 30))
    company.arrive()
    people = company.people()
    same(len(people), 30)
    same({k: people["3"]["user"][k] for k in ("first_name", "last_name", "email", "hire_date", "leave_date", "job_title", "manager")},
         {"first_name": "Änne3", "last_name": "O'Neill; \"Ann\"", "email": "p3@example.org", "hire_date": "2020-01-31", "leave_date": None,
          "job_title": "Lead", "manager": "1"})
    # one changed, one out, one new; in another alphabet and with other dates
    rows = _rows(31, p5={"last_name": "Größer"}, p6=None)
    text = "".join(row.replace("2020-01-31", "31.01.2020") for row in [HEADER, *rows]) + "#count=30\n"
    company.file("people.csv", text.encode("cp1252"))
    code, answer = company.import_("--preview")  # nothing can be read of these values: what is known stays
    same((code, answer["run"]["counts"]["fields"]), (0, {"lifecycle": 1}))
    same((answer["run"]["counts"]["problems"]["bad-value"], answer["run"]["counts"]["problems"]["bad-date"]), (30, 30))
    company.reject(answer["run"]["run"])
    company.ok("integration", "set", "acme/hr", "--set", "encoding=latin-1", "--set", "date-format=dd.mm.yyyy")
    run = company.import_all()
    same({c for c in company.changes(run["run"]) if c[0] != "31"}, {("5", "last_name"), ("6", "lifecycle")})
    same(company.person("5")["problems"], [])
    same(company.person("6")["lifecycle"], "left")
    same(company.person("31")["lifecycle"], "active")
    same(company.import_("--person", 5)[0], 0)
    same(company.rollcall("import", "acme/hr", "--person", "77")[1]["error"]["name"], "person.unknown")


@scenario
def files_that_are_not_whole_change_nothing(case):
    company = case.company()
    whole = HEADER + "".join(_rows(20)) + "#count=20\n"
    path = company.file("people.csv", whole)
    company.ok("integration", "add", "acme/hr", "--source", "csv", "--set", f"file={path}", "--set", "complete=trailer")
    company.arrive()
    known = company.people()
    rows = _rows(20)
    for name, content, phrases in (
            ("csv.no-trailer", HEADER + "".join(rows[:15]), ("#count",)),
            ("csv.no-trailer", whole[: len(whole) * 2 // 3].rpartition("\n")[0] + "\n", ("#count",)),
            ("csv.quote", HEADER + "".join(rows[:19]) + rows[19][:-2] + "\n#count=20\n", ()),
            ("listing.incomplete", HEADER + "".join(rows[:19]) + "#count=20\n", ("20", "19")),
            ("csv.trailer", HEADER + "#count=20\n" + "".join(rows) + "#count=20\n", ("#count",)),
            ("csv.header", "".join(rows), ("id",)),
            ("csv.header", "", ("header",)),
            ("csv.header", HEADER.replace("job_title", "email") + "".join(rows), ("email",)),
            ("csv.header", whole.replace("supervisor", "B\u00fcro").encode("latin-1"), ("encoding",)),
            ("csv.encoding", whole.encode("utf-16"), ()),
            ("csv.too-long", HEADER + "1;" + "x" * (3 << 20) + "\n#count=1\n", ())):
        company.file("people.csv", content)
        refused(company.import_(), name, *phrases)
        same(company.people(), known, f"the directory after {name}")
    # a row that is odd, or somebody twice: nobody can be called gone, so nothing is believed
    for content in (HEADER + "".join(rows[:18]) + "19;only;three\n" + rows[19] + "#count=20\n",
                    HEADER + "".join(rows[:19]) + rows[2].replace("Lead", "Boss") + "#count=20\n"):
        company.file("people.csv", content)
        code, said = company.import_()
        same((code, said["error"]["name"]), (1, "listing.incomplete"))
        same(company.people(), known)
    os.unlink(path)
    refused(company.import_(), "csv.file", "people.csv")
    os.mkfifo(path)
    refused(company.import_(timeout=20), "csv.file")
    os.unlink(path)
    os.mkdir(path)
    refused(company.import_(), "csv.file")
    os.rmdir(path)
    company.file("people.csv", whole)
    same(company.import_()[1]["run"]["counts"]["unchanged"], 20)
    # a file that does not say that it is whole closes nobody
    company.ok("integration", "set", "acme/hr", "--set", "complete=no")
    company.file("people.csv", HEADER + "".join(rows[:19]))
    code, said = company.import_()
    same((code, said["error"]["name"]), (1, "listing.incomplete"))
    same(company.people(), known)
    for setting in ("complete=maybe", "delimiter=x", "encoding=ebcdic", "date-format=yy"):
        code, said = company.rollcall("integration", "set", "acme/hr", "--set", setting)
        same((code, said["error"]["name"]), (2, "misused"), setting)
        holds(said["error"]["text"], setting.split("=")[0])
