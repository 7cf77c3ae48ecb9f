"""test_bad_database.py - a database or a key that cannot be used is named in plain words, and nothing is lost."""
import contextlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess

from harness import check, holds, psql, same, scenario
from test_bad_input import refused


def unprivileged():
    """root as somebody without its rights, so that a file's mode counts."""
    return ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--") if os.geteuid() == 0 else ()


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
