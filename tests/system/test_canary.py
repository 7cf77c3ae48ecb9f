"""test_canary.py - credentials that can be told apart from everything else are planted, and then looked for wherever they must not be.

Answers, logs at every level, the arguments and environments of processes, the database's files, backups, a core.
"""
import os
import resource
import signal
import subprocess
import time
import uuid

from harness import Failure, check, same, scenario
from scenes import Scene
from serving import Serve, schedule, until


def planted(case):
    """A scene whose sandboxes know credentials that stand nowhere else: (scene, all that must not be seen)."""
    s = Scene(case, people=5)
    hr = f"canary-hr-{uuid.uuid4().hex}"
    s.hr.new_credential(client_id="canary", client_secret=hr)
    s.company.ok("integration", "set", "acme/hr", "--set", "client-id=canary",
                 "--secret-file", "client-secret=" + s.company.file("planted", hr + "\n"))
    os.unlink(os.path.join(s.company.directory, "planted"))
    os.unlink(os.path.join(s.company.directory, "secret"))
    os.unlink(os.path.join(s.company.directory, "la-secret"))
    with open(s.company.key_file, encoding="ascii") as f:
        key = f.read().strip()
    return s, {"HR's secret": hr, "Learn Amp's secret": "learnamp-sandbox-secret", "the key": key}


# How access tokens are sent and come; what they are, only the sides and rollcall's memory know.
TOKENS = {"a token that is sent": "Bearer ", "a token that came": '"access_token"'}


def seen(where, content, canaries):
    content = content if isinstance(content, bytes) else content.encode()
    for what, canary in canaries.items():
        check(canary.encode() not in content, f"{what} stands in {where}")


def of_process(pid):
    def read(name):
        try:
            with open(f"/proc/{pid}/{name}", "rb") as f:
                return f.read()
        except OSError:
            return b""
    return {"its arguments": read("cmdline"), "its environment": read("environ")}


@scenario
def planted_credentials_are_in_no_answer_no_log_and_no_table(case):
    s, canaries = planted(case)
    c = s.company
    for arguments in (("--log", "debug", "import", "acme/hr"), ("--log", "debug", "deliver", "acme/la", "--inventory"),
                      ("integration", "show", "acme/hr"), ("destination", "show", "acme/la"), ("integration", "check", "acme/hr"),
                      ("destination", "check", "acme/la"), ("key", "show"), ("status",), ("people", "export", "acme"),
                      ("integration", "privacy", "acme/hr"), ("run", "list", "acme"), ("integration", "list")):
        for form in ((), ("--json",)):
            done = c.run(*form, *arguments)
            seen(" ".join(arguments), done.out + done.err, {**canaries, **TOKENS})
    for fault in ({"kind": "status", "status": 401}, {"kind": "status", "status": 500}, {"kind": "truncate"}):
        s.hr.fault("v1.auth", count=3, **fault)
        done = c.run("--log", "debug", "import", "acme/hr")
        seen(f"an import with {fault}", done.out + done.err, canaries)
        s.hr.no_faults()
    seen("the database", c.directory_bytes(), {**canaries, **TOKENS})
    c.ok("key", "rotate")
    seen("the database after another key", c.directory_bytes(), canaries)
    if c.kind == "sqlite":
        kept = os.path.join(c.directory, "kept")
        c.ok("backup", kept)
        with open(kept, "rb") as f:
            seen("a backup", f.read(), canaries)
    try:  # the control: what stands somewhere is seen
        seen("a control", f"level=debug secret={canaries['the key']}", canaries)
    except Failure:
        return
    check(False, "a planted credential is not seen: what is this test worth?")


@scenario
def planted_credentials_are_in_no_argument_environment_or_log_of_the_daemon(case):
    s, canaries = planted(case)
    c = s.company
    schedule(c)
    key = canaries["the key"]
    os.unlink(c.key_file)
    s.hr.fault("v1.employees.list", "slow", ms=1500, count=3)
    c.environment_more = {**c.environment_more, "ROLLCALL_KEY_FILE": None, "ROLLCALL_KEY": key}
    with Serve(c, shift=57, level=("--log", "debug")) as serve:
        end = time.monotonic() + 20
        while time.monotonic() < end and serve.done() < 1:
            for where, content in of_process(serve.process.pid).items():
                seen(where, content, canaries)
            time.sleep(0.05)
        until(lambda: serve.done() >= 1, "a sync")
        check(of_process(serve.process.pid)["its environment"], "there is an environment to look at")
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(serve.process.pid)], capture_output=True, text=True, check=False)
        same(children.stdout.split(), [], "children")
        for path in ("/metrics", "/healthz", "/nothing"):
            seen(path, serve.get(path)[2], canaries)
        serve.stop()
        seen("the log", serve.log(), {**canaries, **TOKENS})


@scenario(databases=["sqlite"])
def a_process_that_crashes_leaves_no_core(case):
    s, _ = planted(case)

    def may_dump():
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    s.hr.fault("v1.employees.list", "slow", ms=4000, count=1)
    process = s.company.start("import", "acme/hr", cwd=s.company.directory, preexec_fn=may_dump)
    time.sleep(1)
    with open(f"/proc/{process.pid}/limits", encoding="ascii") as f:
        line = next(row for row in f if row.startswith("Max core file size"))
    same(line.split()[4:6], ["1", "1"], "how large a core may be")
    process.send_signal(signal.SIGABRT)
    process.wait(10)
    same(process.returncode, -signal.SIGABRT)
    same([n for n in os.listdir(s.company.directory) if n.startswith("core")], [])
