"""test_cli.py - the command line as a contract: commands, exit codes, shapes of JSON, help, secrets, what a terminal shows.

docs/command-line.md tells it; its examples are run in test_cli_examples.py.
"""
import json
import os
import pty
import re
import select
import stat
import subprocess
import termios
import time

from harness import SECRET, check, holds, parse, rollcall_path, same, scenario
from shapes import (APPLIED, AUDIT, CHECKED, COMPANY, CONFIG, DRILL, ERROR, EXPORTED, FINDINGS, HISTORY, INTEGRATION, KEYS, MAPPING, Maybe,
                    PERSON, PLAN, PROBLEM, RUN, SHOWN, SIMULATION, STATUS, TOKEN, TRIED, TRIED_ON, WHY, shaped)

# Not in the story of this file: what they answer is looked at where they are used, in the scenarios.
UNTOLD = ("accounts", "backup", "calendar", "conflict", "deliver", "destination", "integration privacy", "invite", "key", "people erase", "people receipts", "pin", "policy", "restore", "retention", "serve", "sync", "undo")


def told(commands):
    return [command for command in commands if command.split()[0] not in UNTOLD and command not in UNTOLD]


def commands_of(company):
    """Every command that --help lists: "mapping try", "status"."""
    listed = re.findall(r"^  ([a-z]+(?: [a-z]+)?)(?= )", company.run("--help").out, re.M)
    check(len(listed) >= 31 and "import" in listed and "mapping try" in listed, f"only {listed} in --help")
    return listed


@scenario
def every_command_keeps_its_shape_and_its_exit_code(case):
    hr = case.sandbox(people=120)
    company = case.company(add=False)
    secret = company.file("secret", SECRET + "\n")
    connect = ("--source", "personio", "--set", f"base-url={hr.origin}", "--set", "client-id=papi-sandbox", "--set", "per-minute=0",
               "--secret-file", f"client-secret={secret}")
    good = company.file("good", 'language = "en"\nsecondary_teams = [cost_centre]\ncustom.site = office\n')
    bad = company.file("bad", 'language = "english"\n')
    document = company.file("document", '{"company": "acme", "name": "Acme", "integrations": {"hr": {"source": "personio", "schedule": "off"}}}')
    slip = company.file("slip", '{"company": "acme", "nam": "Acme"}')
    gone, renamed = (p["id"] for p in [p for p in hr.truth() if p["status"] == "active" and not p["termination_date"]][3:5])
    story = [
        # arguments, exit code, shape; or something that happens in between
        (("company", "list"), 0, {"companies": [COMPANY]}),
        (("company", "add", "acme", "--name", "Acme & Söhne", "--zone", "Europe/Vienna"), 0, {"company": COMPANY}),
        (("company", "show", "acme"), 0, {"company": COMPANY}),
        (("company", "add", "acme"), 1, ERROR),
        (("integration", "add", "acme/hr", *connect), 0, {"integration": INTEGRATION}),
        (("company", "export", "acme"), 0, CONFIG),
        (("company", "export", "nobody"), 1, ERROR),
        (("company", "plan", document), 0, {"plan": PLAN}),
        (("company", "plan", slip), 1, ERROR),
        (("company", "plan", document, "--remove", "hr"), 2, ERROR),
        (("company", "apply", document, "--remove", "integration/hr"), 2, ERROR),
        (("company", "apply", document), 0, APPLIED),
        (("company", "apply", document), 0, APPLIED),
        (("company", "set", "acme"), 2, ERROR),
        (("company", "set", "acme", "--sources", "csv"), 1, ERROR),
        (("company", "set", "acme", "--sources", "personio"), 0, {"company": COMPANY}),
        (("integration", "add", "acme/two", "--source", "csv", "--set", "file=/x"), 1, ERROR),
        (("company", "set", "acme", "--sources", "all"), 0, {"company": COMPANY}),
        (("company", "suspend", "acme", "--because", "so"), 0, {"company": COMPANY}),
        (("company", "suspend", "acme"), 1, ERROR),
        (("import", "acme/hr"), 1, ERROR),
        (("integration", "check", "acme/hr"), 1, ERROR),
        (("status", "acme"), 0, STATUS),
        (("company", "resume", "acme"), 0, {"company": COMPANY}),
        (("company", "resume", "acme"), 1, ERROR),
        (("company", "add", "nova"), 0, {"company": COMPANY}),
        (("company", "remove", "nova"), 2, ERROR),
        (("company", "remove", "nova", "--confirm", "nova"), 0, {"removed": str, "people": int, "accounts": int, "left": [str]}),
        (("integration", "show", "acme/hr"), 0, {"integration": INTEGRATION}),
        (("integration", "set", "acme/hr", "--limits", '{"leavers":{"run":[1,0]}}', "--team", "department"), 0, {"integration": INTEGRATION}),
        (("integration", "set", "acme/hr", "--schedule", "every 30 minutes"), 0, {"integration": INTEGRATION}),
        (("integration", "set", "acme/hr", "--schedule", "sometimes"), 2, ERROR),
        (("integration", "list"), 0, {"integrations": [INTEGRATION]}),
        (("integration", "webhook", "show", "acme/hr"), 0, {"webhook": {"path": str, "token": str, "made_at": "time", "in_hr": str, "note": Maybe(str), "remote_id": Maybe(str), "looked_at": Maybe("time"), "events": [str], "waiting": bool,
                                                                        "deliveries": int, "open": int, "first_at": Maybe("time"), "last_at": Maybe("time")}}),
        (("integration", "check", "acme/hr"), 0, {"ok": bool, "people": int, "findings": [{"level": {"ok", "warn", "fail"}, "name": str, "text": str}]}),
        (("status",), 0, STATUS),
        (("import", "acme/hr"), 3, {"run": RUN}),
        (("import", "acme/hr"), 3, {"run": RUN}),
        (("status", "acme"), 3, STATUS),
        (("run", "list", "acme/hr"), 0, {"runs": [RUN]}),
        (("people", "list", "acme", "--run", "1"), 0, {"people": [PERSON]}),
        (("run", "show", "acme/1"), 0, SHOWN),
        (("run", "show", "acme/1", "--csv"), 2, ERROR),
        (("run", "approve", "acme/1"), 2, ERROR),
        (("run", "approve", "acme/1", "--reason", "looked through"), 0, {"run": RUN}),
        (("run", "approve", "acme/1", "--reason", "again"), 1, ERROR),
        (("people", "list", "acme"), 0, {"people": [PERSON]}),
        (("people", "list", "acme", "--lifecycle", "active", "--problem", "any", "--limit", "2"), 0, {"people": [PERSON]}),
        (("people", "show", f"acme/{renamed}"), 0, {"people": [PERSON]}),
        (("people", "show", "acme/4711"), 1, ERROR),
        lambda: (hr.remove(gone), hr.edit(renamed, last_name="Newname")),
        (("import", "acme/hr", "--preview"), 0, {"run": RUN}),
        (("run", "show", "acme/3"), 0, SHOWN),
        (("run", "reject", "acme/3", "--reason", "not today"), 0, {"run": RUN}),
        (("import", "acme/hr", "--person", renamed), 0, {"run": RUN}),
        (("import", "acme/hr"), 0, {"run": RUN}),
        lambda: [hr.edit(p["id"], status="inactive") for p in [p for p in hr.truth() if p["status"] == "active"][:4]],
        (("import", "acme/hr"), 3, {"run": RUN}),
        (("run", "show", "acme/6"), 0, SHOWN),
        (("run", "simulate", "acme/hr"), 0, {"simulation": SIMULATION}),
        (("run", "simulate", "acme/hr", "--limits", '{"name":{"run":[0,0]}}', "--days", "7"), 0, {"simulation": SIMULATION}),
        (("run", "simulate", "acme/hr", "--days", "0"), 2, ERROR),
        (("run", "simulate", "acme/hr", "--limits", '{"nam":{}}'), 2, ERROR),
        (("guard", "drill", "acme/hr"), 0, {"drill": DRILL}),
        (("people", "why", f"acme/{renamed}"), 0, {"people": [WHY]}),
        (("people", "why", "acme/4711"), 1, ERROR),
        (("people", "history", f"acme/{renamed}"), 0, {"people": [HISTORY]}),
        (("people", "history", "acme/4711"), 1, ERROR),
        (("people", "export", "acme"), 0, {"people": [EXPORTED]}),
        (("people", "export", "acme", "--csv"), 2, ERROR),
        (("problems", "list", "acme"), 0, {"problems": [PROBLEM]}),
        (("problems", "list", "acme/hr"), 0, {"problems": [PROBLEM]}),
        (("mapping", "list", "acme/hr"), 0, {"mappings": [MAPPING]}),
        (("mapping", "check", "acme/hr"), 0, CHECKED),
        (("mapping", "check", "acme/hr", "--file", bad), 1, CHECKED),
        (("mapping", "draft", "acme/hr", "--file", bad), 1, ERROR),
        (("mapping", "draft", "acme/hr"), 2, ERROR),
        (("mapping", "draft", "acme/hr", "--file", good, "--note", "one language"), 0, {"mapping": int, "keys": KEYS, "findings": FINDINGS, "not_taken": {}}),
        (("mapping", "draft", "acme/hr", "--file", good), 0, {"mapping": int, "keys": KEYS, "findings": FINDINGS, "not_taken": {}}),
        (("mapping", "discard", "acme/hr", "2"), 0, {"mapping": int}),
        (("mapping", "discard", "acme/hr", "2"), 1, ERROR),
        (("mapping", "check", "acme/hr", "1"), 0, CHECKED),
        (("mapping", "show", "acme/hr", "1"), 0, {"mapping": int, "state": {"draft"}, "text": str}),
        (("mapping", "show", "acme/hr", "--full"), 0, {"mapping": int, "state": {"default"}, "text": str}),
        (("mapping", "diff", "acme/hr", "1"), 0, {"differences": [{"what": str, "was": Maybe(str), "becomes": Maybe(str)}]}),
        (("mapping", "try", "acme/hr", "1", "--all"), 0, TRIED),
        (("mapping", "try", "acme/hr", "1", "--person", renamed), 0, TRIED_ON),
        (("mapping", "try", "acme/hr", "1"), 2, ERROR),
        (("mapping", "activate", "acme/hr", "1", "--preview"), 0, {"mapping": int, "run": RUN}),
        (("mapping", "activate", "acme/hr", "1"), 3, {"mapping": int, "run": RUN}),  # it lists everybody, and stands in for run 6
        (("run", "approve", "acme/8", "--reason", "as tried"), 0, {"run": RUN}),
        (("mapping", "list", "acme/hr"), 0, {"mappings": [MAPPING]}),
        (("people", "show", f"acme/{renamed}"), 0, {"people": [PERSON]}),
        (("people", "why", f"acme/{renamed}"), 0, {"people": [WHY]}),
        (("people", "history", f"acme/{renamed}"), 0, {"people": [HISTORY]}),
        (("people", "export", "acme"), 0, {"people": [EXPORTED]}),
        (("integration", "set", "acme/hr", "--team", "team"), 1, ERROR),
        (("alert", "set", "acme"), 2, ERROR),
        (("alert", "set", "acme", "--to", "ana@acme.example, mira@acme.example"), 2, ERROR),
        (("alert", "set", "acme", "--to", "ana@acme.example", "--to", "mira@acme.example"), 0, {"to": [str]}),
        (("alert", "set", "acme", "--to", "off"), 0, {"to": [str]}),
        (("alert", "list"), 0, {"alerts": [{}]}),
        (("alert", "mute", "acme/hr", "held", "--days", "2"), 1, ERROR),
        (("alert", "mute", "acme/hr", "nonsense", "--days", "2"), 2, ERROR),
        (("alert", "mute", "acme/hr", "held"), 2, ERROR),
        (("alert", "test", "--to", "ana@acme.example"), 2, ERROR),
        (("alert", "test", "--to", "ana@acme.example", "--smtp", "smtp://127.0.0.1:1", "--smtp-from", "r@acme.example"), 1, ERROR),
        lambda: hr.fault("v1.auth", "status", status=403),
        (("import", "acme/hr"), 1, ERROR),
        (("integration", "check", "acme/hr"), 1, {"ok": bool, "people": int, "findings": [{"level": {"ok", "warn", "fail"}, "name": str, "text": str}]}),
        (("run", "list", "acme"), 0, {"runs": [RUN]}),
        (("status",), 0, STATUS),
        (("integration", "remove", "acme/hr"), 2, ERROR),
        (("integration", "remove", "acme/hr", "--confirm", "hr"), 0, {"removed": str, "people": int, "left_open": [{"destination": str, "people": int}], "left": [str]}),
        (("company", "show", "nobody"), 1, ERROR),
        (("token", "add", "acme", "--name", "robot"), 0, {"token": TOKEN, "secret": str}),
        (("token", "add", "--name", "robot", "--right", "administer", "--days", "3"), 0, {"token": TOKEN, "secret": str}),
        (("token", "add", "acme", "--name", "robot", "--days", "0"), 2, ERROR),
        (("token", "list", "acme"), 0, {"tokens": [TOKEN]}),
        (("token", "list"), 0, {"tokens": [TOKEN]}),
        (("token", "revoke", "acme", "0123456789ab"), 1, ERROR),
        lambda: shaped(company.ok("token", "revoke", company.ok("token", "list")["tokens"][0]["token"]), {"revoked": str}),
        (("audit", "list", "acme"), 0, {"entries": [AUDIT]}),
        (("audit", "list", "acme", "--limit", "0"), 2, ERROR),
        (("nonsense",), 2, ERROR),
        ((), 2, ERROR),
    ]
    met = set()
    for step in story:
        if callable(step):
            step()
            continue
        arguments, code, shape = step
        done = company.run("--json", *arguments)
        same(done.code, code, f"rollcall {' '.join(map(str, arguments))}: {done}")
        same(done.out.count("\n"), 1, "lines of JSON")
        shaped(parse(done, arguments), shape, "rollcall " + " ".join(map(str, arguments[:3])))
        check(not done.err.startswith("{"), f"JSON on standard error: {done.err}")
        met.add(" ".join(arguments[:2]) if arguments and arguments[0] not in ("import", "status") else "".join(arguments[:1]))
    same(set(told(commands_of(company))) - met, set(), "commands that nobody tried")


@scenario
def the_same_for_people_exits_alike_and_says_something(case):
    hr = case.sandbox(people=120)
    company = case.company(hr)
    good = company.file("good", 'language = if office == "Lyon" then "fr" else "en"\n')
    for arguments, code, phrases in (
            (("company", "list"), 0, ("acme",)), (("company", "show", "acme"), 0, ("Acme", "Europe/Berlin")),
            (("integration", "list"), 0, ("acme/hr", "personio")), (("integration", "show", "acme/hr"), 0, ("base-url", hr.origin)),
            (("integration", "check", "acme/hr"), 0, ("120 people", "rollcall import acme/hr")),
            (("run", "list", "acme"), 0, ("nothing has run yet",)), (("status",), 0, ("not imported yet", "rollcall import acme/hr")),
            (("import", "acme/hr"), 3, ("held", "120 people", "rollcall run approve acme/1", "Nothing has been changed")),
            (("status",), 3, ("held", "rollcall run show acme/1")), (("run", "show", "acme/1"), 0, ("people joining (",)),
            (("run", "approve", "acme/1", "--reason", "fine"), 0, ("applied", "120")),
            (("run", "list", "acme"), 0, ("applied", "hr")), (("status",), 0, ("all is well", "active")),
            (("people", "list", "acme"), 0, ("120 people",)), (("people", "show", "acme/4000003"), 0, ("lifecycle", "email", "primary_team")),
            (("import", "acme/hr"), 0, ("unchanged  120",)), (("run", "show", "acme/99"), 1, ()), (("people", "show", "acme/x"), 1, ("x",)),
            (("mapping", "list", "acme/hr"), 0, ("the default mapping counts",)), (("mapping", "check", "acme/hr"), 0, ("it can be used",)),
            (("mapping", "draft", "acme/hr", "--file", good, "--note", "for Lyon"), 0, ("draft 1 is saved", "rollcall mapping try acme/hr 1 --all")),
            (("mapping", "list", "acme/hr"), 0, ("draft", "for Lyon")), (("mapping", "show", "acme/hr", "1"), 0, ("language",)),
            (("mapping", "diff", "acme/hr", "1"), 0, ("language", "becomes")),
            (("mapping", "try", "acme/hr", "1", "--all"), 0, ("would change", "What the guard counts", "The strangest", "Nothing was changed")),
            (("mapping", "try", "acme/hr", "1", "--person", "4000003"), 0, ("language = ", "after ")),
            (("mapping", "activate", "acme/hr", "1"), 0, ("applied", "counts from now on")),
            (("mapping", "list", "acme/hr"), 0, ("active", "activated")), (("integration", "set", "acme/hr", "--team", "team"), 1, ("primary_team = team",)),
            (("company", "add", "Acme"), 2, ("a-z",))):
        done = company.run(*arguments)
        same(done.code, code, f"{arguments}: {done}")
        holds(done.out + done.err, *phrases)
        check("\x1b" not in done.out + done.err, f"{arguments}: colours where there is no terminal")
        if code in (1, 2):
            same(done.out, "", f"{arguments}: standard output")
            check(done.err.startswith("rollcall: "), f"{arguments}: {done.err}")
        if code == 1:
            check(re.search(r"\n\([a-z.-]+: see docs/errors.md\)\n$", done.err), f"{arguments}: the error has no name: {done.err}")


@scenario(databases=["sqlite"])
def help_is_there_for_every_command(case):
    company = case.company(add=False)
    top = company.run("--help")
    same((top.code, top.err), (0, ""))
    for command in commands_of(company):
        done = company.run(*command.split(), "--help")
        same((done.code, done.err), (0, ""), command)
        check(done.out.startswith(f"usage: rollcall {command}"), f"{command}: {done.out}")
    holds(company.run("integration", "add", "--help").out, "client-secret", "page-size", "leavers")
    version = company.run("--version")
    check(version.code == 0 and re.fullmatch(r"rollcall \d+\.\d+\.\d+\n", version.out), f"{version}")
    check(not os.path.exists(company.database), "asking for help made a database")


@scenario(databases=["sqlite"])
def what_was_meant_is_suggested(case):
    company = case.company()
    for arguments, phrase in (
            (("compny", "list"), 'did you mean "company list"?'), (("people", "lst", "acme"), 'did you mean "people list"?'),
            (("staus",), 'did you mean "status"?'), (("impot", "acme/hr"), 'did you mean "import"?'),
            (("company",), "there are: company add, company list, company show, company set, company suspend, company resume, company remove, company export, company plan, company apply"), (("frobnicate",), "rollcall --help"),
            (("--databse", "x", "status"), "did you mean --database?"), (("import", "acme/hr", "--previw"), "did you mean --preview?"),
            (("run", "approve", "acme/1", "--reasn=x"), "did you mean --reason?"), (("import", "acme/hr", "--person"), "lacks its value"),
            (("import", "acme/hr", "--zzz"), "rollcall import --help"), (("import", "acme/hr", "--json"), "--json stands before the command"),
            (("import",), "usage: rollcall import COMPANY/KEY"), (("import", "a", "b"), "usage: rollcall import COMPANY/KEY"),
            (("--log", "loud", "status"), "error, warn, info or debug"), (("--log",), "lacks its value"),
            (("people", "list", "acme", "--lifecycle", "gone"), "expected, active, leave, leaving, left, absent")):
        code, said = company.rollcall(*arguments)
        same((code, said["error"]["name"]), (2, "misused"), f"{arguments}")
        holds(said["error"]["text"], phrase)
        plain = company.run(*arguments)
        same((plain.code, plain.out), (2, ""), f"{arguments}")
        holds(plain.err, phrase)
    code, said = company.rollcall("status", env={"ROLLCALL_DATABASE": None})
    same((code, said["error"]["name"]), (2, "database.unnamed"))
    holds(said["error"]["text"], "--database", "ROLLCALL_DATABASE")


# ---- secrets ----


@scenario
def secrets_show_up_nowhere(case):
    hr = case.sandbox(people=120)
    secret = "papi-Geheimnis-0815-äöü"
    hr.new_credential(client_id="other", client_secret=secret, attributes="usual")
    company = case.company()
    connect = ("--source", "personio", "--set", f"base-url={hr.origin}", "--set", "client-id=other", "--set", "per-minute=0")
    said = []

    def run(*arguments, **how):
        for json_or_not in ((), ("--json",)):
            done = company.run(*json_or_not, "--log", "debug", *arguments, **how)
            said.append(done.out + done.err)
        return done

    run("integration", "add", "acme/none", *connect)
    refused = run("integration", "add", "acme/none", *connect, "--set", f"client-secret={secret}")
    same(refused.code, 2)
    holds(refused.out, "is a secret", "--secret-file")
    check(secret not in refused.out, "the refusal repeats the secret")
    run("integration", "add", "acme/hr", *connect, "--secret-env", "client-secret=HR_SECRET", env={"HR_SECRET": secret})
    for command in (("integration", "show", "acme/hr"), ("integration", "list"), ("integration", "check", "acme/hr"), ("import", "acme/hr"),
                    ("run", "approve", "acme/1", "--reason", "fine"), ("run", "show", "acme/1"), ("status",)):
        run(*command)
    hr.fault("v1.employees.list", "html")
    same(run("import", "acme/hr").code, 1)
    tokens = {r["token"] for r in hr.requests()["requests"] if r["token"]}
    check(tokens, "nobody signed in")
    with open(company.key_file, encoding="ascii") as file:
        key = file.read().strip()
    same(len(company.people()), 120)
    everything = "".join(said)
    kept = company.directory_bytes()
    check(len(kept) > 50000 and b"papi" not in kept.replace(b"papi-sandbox", b""), "part of a secret is in the database")
    for hidden in (secret, key, *tokens):
        check(hidden not in everything, f"{hidden!r} was said")
        check(hidden.encode() not in kept, f"{hidden!r} is in the database")
    check("HR_SECRET" not in everything.replace("client-secret=HR_SECRET", ""), "the variable's name is told")
    logged = "".join(line for text in said for line in text.splitlines(True) if line.startswith("level="))
    check(not re.search(r"[\w.]+@nordkap\.example", logged), "an address is logged")


@scenario
def the_key_is_made_once_and_for_its_owner_alone(case):
    company = case.company(add=False)
    done = company.run("company", "add", "acme")
    holds(done.out, company.key_file, "Keep a copy")
    same(stat.S_IMODE(os.stat(company.key_file).st_mode), 0o600)
    with open(company.key_file, encoding="ascii") as file:
        key = file.read()
    check(re.fullmatch(r"[0-9a-f]{64}\n", key), "the key has another form")
    check("Keep a copy" not in company.run("company", "add", "second").out, "a key was made again")
    with open(company.key_file, encoding="ascii") as file:
        same(file.read(), key)
    if case.database == "sqlite":
        same({stat.S_IMODE(os.stat(os.path.join(company.directory, f)).st_mode) for f in os.listdir(company.directory)}, {0o600})
        beside = {"ROLLCALL_DATABASE": os.path.join(company.directory, "x.db"), "ROLLCALL_KEY_FILE": None}
        same(company.run("company", "add", "acme", env=beside).code, 0)
        check(os.path.exists(beside["ROLLCALL_DATABASE"] + ".key"), "the key does not lie beside the database")
    else:
        code, said = company.rollcall("company", "add", "third", env={"ROLLCALL_KEY_FILE": None})
        same((code, said["error"]["name"]), (1, "secret.key"))
        holds(said["error"]["text"], "ROLLCALL_KEY_FILE")


# ---- terminals ----


def on_terminal(company, *arguments, answers=(), env=None, timeout=30):
    """(exit code, what was shown) with a terminal on all three; answers: [(when this was shown, type that)]."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(rollcall_path(), [rollcall_path(), *map(str, arguments)], {**company.environment(**(env or {})), "TERM": "xterm"})
    shown, answers, until = b"", list(answers), time.monotonic() + timeout
    while time.monotonic() < until:
        if select.select([fd], [], [], 0.2)[0]:
            try:
                more = os.read(fd, 65536)
            except OSError:
                break
            if not more:
                break
            shown += more
        if answers and answers[0][0].encode() in shown:
            while termios.tcgetattr(fd)[3] & termios.ECHO:  # it says what it wants, and then hides what is typed
                time.sleep(0.01)
            os.write(fd, answers.pop(0)[1].encode())
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode(errors="replace")


@scenario(databases=["sqlite"])
def on_a_terminal_an_import_shows_a_live_bar(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    hr.fault("v1.employees.list", "slow", ms=300)
    code, shown = on_terminal(company, "import", "acme/hr")
    same(code, 3)
    check(re.search(r"\r\x1b\[K\[=+> *\] \d+ of 300 people, \d+ a second, \d+ s left", shown), f"no bar: {shown!r}")
    holds(shown, "\x1b[1m")
    check(shown.rindex("\r\x1b[K") < shown.index("acme/hr, run 1: held"), "the bar stays behind the summary")
    code, shown = on_terminal(company, "--json", "import", "acme/hr")
    same((code, shown.count("\n"), "\x1b" in shown), (3, 1, False))
    json.loads(shown)
    check("\x1b[1m" not in on_terminal(company, "status", env={"NO_COLOR": "1"})[1], "colours although NO_COLOR is set")


@scenario(databases=["sqlite"])
def elsewhere_a_line_comes_every_few_seconds(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    hr.fault("v1.employees.list", "slow", ms=1700)
    done = company.run("import", "acme/hr")
    same(done.code, 3)
    check(re.fullmatch(r"(\d+ of 300 people, \d+ a second, \d+ s left\n)+", done.err), f"{done.err!r}")


@scenario
def a_secret_may_be_typed_and_is_not_shown(case):
    hr = case.sandbox(people=20)
    company = case.company()
    code, shown = on_terminal(company, "integration", "add", "acme/hr", "--source", "personio", "--set", f"base-url={hr.origin}", "--set",
                              "client-id=papi-sandbox", answers=[("client-secret: ", SECRET + "\n")])
    same(code, 0, shown)
    check(SECRET not in shown, "what was typed is shown")
    same(company.rollcall("integration", "check", "acme/hr")[0], 0)


# ---- the world around ----


@scenario(databases=["sqlite"])
def the_database_is_named_by_option_or_environment(case):
    company = case.company()
    other = os.path.join(company.directory, "other.db")
    same(company.ok("company", "list")["companies"][0]["company"], "acme")
    same(company.rollcall("--database", other, "company", "list"), (0, {"companies": []}))
    same(stat.S_IMODE(os.stat(other).st_mode), 0o600)
    for empty in (None, ""):
        same(company.rollcall("company", "list", env={"ROLLCALL_DATABASE": empty})[1]["error"]["name"], "database.unnamed")


@scenario
def an_answer_that_cannot_be_delivered_is_a_failure(case):
    company = case.company()
    with open("/dev/full", "wb") as full:
        for json_or_not in ((), ("--json",)):
            done = subprocess.run([rollcall_path(), *json_or_not, "company", "list"], env=company.environment(), stdout=full,
                                  stderr=subprocess.PIPE, check=False)
            same(done.returncode, 1)


@scenario
def bytes_that_are_no_text_do_no_harm(case):
    company = case.company()
    for arguments, code, name in (((b"company", b"add", b"odd", b"--name", b"\xff\xfe"), 2, "misused"),
                                  ((b"people", b"show", b"acme/\xff"), 2, "misused"), ((b"peo\xc3", b"list"), 2, "misused"),
                                  ((b"people", b"show", b"acme/" + b"x" * 5000), 1, "person.unknown"),
                                  ((b"people", b"show", b"acme/';drop table company;--"), 1, "person.unknown")):
        done = subprocess.run([rollcall_path(), "--json", *arguments], env=company.environment(), capture_output=True, check=False)
        same((done.returncode, json.loads(done.stdout.decode())["error"]["name"]), (code, name), f"{arguments[-1][:20]}")
    same([c["company"] for c in company.ok("company", "list")["companies"]], ["acme"])
    company.ok("company", "add", "odd", "--name", "\x01\x1b[2J\u202e")
    same(set(company.run("company", "list").out) & {"\x01", "\x1b"}, set(), "what a terminal would obey")
