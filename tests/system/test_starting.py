"""test_starting.py - what keeps the daemon from starting, or turns up while it runs: a key that is missing or wrong, a port that is taken,
a time zone that the machine does not know. Each says what is wrong in plain words and writes nothing."""
import os
import socket

import harness
from harness import check, holds, same, scenario
from serving import Serve, until
from test_mishaps import Api, Hints
from test_webhooks import Hooked


def contents(company):
    """Of everything that lies beside a database of SQLite."""
    found = {}
    for name in sorted(os.listdir(company.directory)):
        with open(os.path.join(company.directory, name), "rb") as f:
            found[name] = f.read()
    return found


def refuses(company, name, *phrases, code=1, arguments=(), **how):
    """`serve` does not start, and says why and what to do, in one line and the error's name."""
    done = company.run("serve", "--listen", "127.0.0.1:0", *arguments, timeout=30, **how)
    same((done.code, done.out), (code, ""), f"{done}")
    lines = done.err.splitlines()
    same((len(lines), lines[1:]), (2, [f"({name}: see docs/errors.md)"]), f"{done}")
    holds(lines[0], *phrases)
    check(len(lines[0]) < 270 and lines[0].startswith("rollcall: "), f"{done}")


def may_not_read(company, is_root, names):
    """A key that root has put there, or one that lost its rights."""
    os.chmod(company.key_file, 0o600 if is_root else 0)
    prefix = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups") if is_root else ()
    for owner in (65534, 0) if is_root else (os.geteuid(),):
        for name in (".", *(n for n in names if n.startswith("rollcall.db"))):
            os.chown(os.path.join(company.directory, name), owner, -1)
        if owner:
            refuses(company, "secret.key", "may not read it", "belongs to the user that runs rollcall", prefix=prefix)


@scenario
def with_a_key_that_is_missing_or_wrong_it_does_not_start_says_what_to_do_and_writes_nothing(case):
    s = case.company()
    other = case.company()
    with open(s.key_file, encoding="ascii") as f:
        key = f.read()
    with open(other.key_file, encoding="ascii") as f:
        others = f.read()
    os.unlink(s.key_file)
    before = contents(s)
    is_root = os.geteuid() == 0
    refuses(s, "secret.key", "is not there", "ROLLCALL_KEY_FILE", "rollcall key rotate --lost")
    for content, phrases in ((key[:40], ("cut short", "64 hexadecimal digits", "copy")), ("", ("cut short",)), (key + "00", ("too long",)),
                             ("x" * 64, ("hexadecimal digit", "copy")), (others, ("sealed with key", "key rotate"))):
        s.file("rollcall.key", content)
        refuses(s, "secret.key", *phrases)
    s.file("rollcall.key", key)
    os.chmod(s.key_file, 0o640)
    refuses(s, "secret.key", "open to other users (mode 640)", "chmod 600 " + s.key_file)
    if s.kind == "sqlite" or not is_root:  # nobody else reaches the socket of PostgreSQL
        may_not_read(s, is_root, before)
    os.unlink(s.key_file)
    os.mkdir(s.key_file)
    refuses(s, "secret.key", "is not a file", "ROLLCALL_KEY_FILE")
    os.rmdir(s.key_file)
    if s.kind == "sqlite":
        same(contents(s), before, "what was written meanwhile")
    s.file("rollcall.key", key)
    with Serve(s) as serve:
        until(lambda: serve.get("/readyz")[0] == 200, "readiness, with the key back")
        serve.stop()


@scenario
def the_key_is_replaced_while_it_runs(case):
    s = Hooked(case, people=6)
    c = s.company
    ana = s.hire(first_name="Ana")
    s.sync()
    with open(c.key_file, encoding="ascii") as f:
        key = f.read()
    with s.serve() as serve:
        api, hints = Api(c, serve), Hints(s, serve)
        c.file("rollcall.key", "ab" * 32 + "\n")  # a deployment that brings another one
        same(hints.send(), 204)
        s.edit(ana, position="Foreman")
        same(api("/companies/acme/integrations/hr/sync", "POST", {})[0], 202)
        until(lambda: s.account(ana)["jobTitle"] == "Foreman", "the new title, with the key at hand", 60)
        c.file("rollcall.key", key)
        c.ok("key", "rotate")
        same(hints.send(), 204, "a webhook whose token was sealed with the key of before")
        secret = {"client-secret": harness.SECRET}
        status, says = api("/companies/acme/integrations/hr/credentials", "PUT", {"credentials": secret})
        check(status in (200, 204), f"credentials under the next key: {status} {says}")
        s.edit(ana, position="Skipper")
        same(api("/companies/acme/integrations/hr/sync", "POST", {})[0], 202)
        until(lambda: s.account(ana)["jobTitle"] == "Skipper", "the newest title, under the next key", 60)
        check('"level":"error"' not in serve.log(), serve.log())
        serve.stop()
    same(c.rollcall("integration", "check", "acme/hr")[0], 0)


@scenario(databases=["sqlite"])
def a_port_that_is_taken_is_named_and_used_once_it_is_free(case):
    c = case.company()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refuses(c, "server.port-taken", f"127.0.0.1 port {port}", "another program has the port", "ss -ltnp", "another port",
                arguments=("--listen", f"127.0.0.1:{port}"))
    with Serve(c, listen=f"127.0.0.1:{port}") as serve:
        same(serve.get("/healthz")[0], 200)
        refuses(c, "server.port-taken", f"port {port}", arguments=("--listen", f"127.0.0.1:{port}"))
        same(serve.get("/healthz")[0], 200, "the first one goes on")
        serve.stop()
    refuses(c, "server.address", "192.0.2.1 port 8470", "does not have the address", arguments=("--listen", "192.0.2.1:8470"))


@scenario
def a_time_zone_that_the_machine_does_not_know_is_told_and_over_once_it_does(case):
    company = case.company(case.sandbox(people=5))
    company.arrive()
    nowhere = {"TZDIR": company.directory}
    code, said = company.import_(env=nowhere)
    same((code, said["error"]["name"]), (1, "company.zone"))
    same(company.ok("status", env=nowhere)["integrations"][0]["verdict"], "failed")
    _, text = company.rollcall("status", json=False, env=nowhere)
    holds(text, "acme/hr: failed")
    holds(text, "the time zone Europe/Berlin is not known on this machine: install tzdata, or set another one (rollcall company set acme")
    same(company.import_()[0], 0)
    same(company.ok("status")["integrations"][0]["verdict"], "ok")


@scenario(databases=["sqlite"])
def where_nothing_may_be_written_it_says_whose_the_files_are_to_be(case):
    c = case.company()
    if os.geteuid() == 0:
        nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
        for name in os.listdir(c.directory):
            os.chown(os.path.join(c.directory, name), 65534, 65534)
        os.chmod(c.directory, 0o755)
        os.chown(c.directory, 0, 0)
    else:
        nobody = ()
        os.chmod(c.directory, 0o500)
    refuses(c, "db.read-only", "cannot be written", "must belong to the user that runs rollcall", prefix=nobody)
    if nobody:  # the other way round: what root makes there nobody else could open
        os.chown(c.directory, 65534, 65534)
        refuses(c, "db.owner", "belongs to nobody", "runuser -u nobody -- rollcall")
        for words in (("company", "add", "other"), ("key", "rotate"), ("status",), ("restore", c.database, "--to", c.database, "--replace")):
            done = c.run(*words)
            same(done.code, 1, f"{words}: {done}")
            holds(done.err, "belongs to nobody")
        os.chown(c.database, 0, 0)
        refuses(c, "db.owner", "belongs to root, and this is nobody", "chown", prefix=nobody)
        os.chown(c.directory, 0, 0)
        os.chown(c.database, 65534, 65534)
    new = os.path.join(c.directory, "new.db")
    refuses(c, "db.read-only", new, "cannot be made", prefix=nobody, env={"ROLLCALL_DATABASE": new})
    refuses(c, "db.unreachable", "its directory does not exist", env={"ROLLCALL_DATABASE": os.path.join(c.directory, "none", "new.db")})
    os.chmod(c.directory, 0o700)
