"""test_backup.py - a database is copied while it is used, and put back: nothing is sent twice, and what has happened since is found.

On PostgreSQL the copy is pg_dump's and the way back pg_restore's, as docs/operate.md has them; rollcall is told afterwards.
"""
import os
import shutil
import sqlite3
import stat
import subprocess
import threading

from harness import check, holds, same, scenario
from scenes import Scene, day
from serving import Serve, schedule, until


def tool(*words, env=None):
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, env=env)
    check(done.returncode == 0, lambda: f"{words[0]}: {done.stderr}")
    return done.stdout


class Kept:
    """A backup of a company's database."""

    def __init__(self, company, name="kept"):
        self.company = company
        self.file = os.path.join(company.directory, name)
        if company.kind == "sqlite":
            company.ok("backup", self.file)
        else:
            tool("pg_dump", "--format=custom", "--no-owner", f"--file={self.file}", f"--dbname={company.database}")

    def back(self):
        """In the place of the database; what rollcall says."""
        if self.company.kind == "sqlite":
            return self.company.ok("restore", self.file, "--to", self.company.database, "--replace")["restored"]
        self.copy()
        return self.company.ok("restore", "--by-hand")["restored"]

    def copy(self):
        """The same by a careless hand: nobody tells rollcall."""
        if self.company.kind == "sqlite":
            for end in ("", "-wal", "-shm"):
                if os.path.exists(self.company.database + end):
                    os.unlink(self.company.database + end)
            shutil.copy(self.file, self.company.database)
            with sqlite3.connect(self.company.database) as db:
                db.execute("pragma application_id = 0")
            db.close()
        else:
            tool("pg_restore", "--clean", "--if-exists", "--no-owner", "--exit-on-error", "--single-transaction",
                 f"--dbname={self.company.database}", self.file)


def everybody(s):
    """What the platform really has, without what a look changes."""
    return {a["id"]: {k: v for k, v in a.items() if k not in ("updatedAt", "lastSeenAt")} for a in s.there.everybody()}


def a_busy_week(s):
    """Somebody joins, leaves, is renamed, moves, gets another address; all of it delivered. By what they are called."""
    people = {name: s.hire(first_name=name.title()) for name in ("stays", "leaver", "renamed", "mover", "mailer", "idle")}
    s.approve_import()
    kept = Kept(s.company)
    people["joiner"] = s.hire(first_name="Joiner")
    s.edit(people["leaver"], status="inactive", termination_date=day(-1))
    s.edit(people["renamed"], last_name="Newname", position="Foreman")
    s.edit(people["mover"], department="Yard")
    s.edit(people["mailer"], email="another@nordkap.example")
    s.approve_import()
    s.quiet()
    same(s.account(people["joiner"])["firstName"], "Joiner")
    check(not s.is_open(people["leaver"]), "the leaver is closed")
    return people, kept


@scenario
def after_an_older_state_nobody_is_invited_twice_or_doubled_and_accounts_are_as_hr_says(case):
    s = Scene(case, people=8)
    people, kept = a_busy_week(s)
    truth, mails = everybody(s), s.there.mails()
    check(len(s.mails(people["joiner"])) == 1, "the joiner was invited, once")
    said = kept.back()
    same(said["destinations"], 1)
    s.there.forget()

    code, answer = s.company.rollcall("deliver", "acme/la")
    same((code, answer["error"]["name"]), (1, "destination.restored"), "nothing is sent on the word of the old directory")
    same(s.there.calls(), [], "and nobody is asked")
    same(s.company.ok("destination", "show", "acme/la")["destination"]["restored_at"] is None, False)

    s.company.import_all()
    code, answer = s.company.rollcall("deliver", "acme/la")
    same(s.there.writes(), [], "calls before anybody has looked")
    if code == 3:
        holds(answer["run"]["reason"], "put back from a backup")
        s.approve(answer["run"]["run"])
    else:
        same(code, 0, answer)
    same(everybody(s), truth, "accounts after all of it")
    same(s.there.mails(), mails, "mails that were sent")
    same([len(s.accounts(person)) for person in people.values()], [1] * len(people), "accounts of each")
    same(s.code(people["joiner"]), "in-step")
    same(s.company.ok("destination", "show", "acme/la")["destination"]["restored_at"], None)
    s.quiet()
    same(everybody(s), truth)


@scenario
def what_hr_and_the_platform_have_done_since_is_found_and_shown_before_it_is_sent(case):
    s = Scene(case, people=8)
    people, kept = a_busy_week(s)
    s.edit(people["idle"], position="Skipper")  # after all that, HR goes on
    late = s.hire(first_name="Late")
    kept.back()
    s.company.import_all()
    code, answer = s.company.rollcall("deliver", "acme/la")
    same(code, 3, answer)
    holds(answer["run"]["reason"], "put back from a backup")
    same({c["verb"] for c in s.calls_of(answer["run"]["run"])} >= {"create", "update"}, True)
    s.approve(answer["run"]["run"])
    s.shows(people["idle"], jobTitle="Skipper")
    same(len(s.mails(late)), 1, "mails to whoever joined last")
    s.shows(people["renamed"], lastName="Newname", jobTitle="Foreman")
    check(not s.is_open(people["leaver"]), "the leaver stays closed")
    s.quiet()


@scenario
def without_being_told_the_old_directory_counts_for_the_present(case):
    """The negative control: a copy put back by hand has its deliveries believe it."""
    s = Scene(case, people=8)
    people, kept = a_busy_week(s)
    truth = everybody(s)
    kept.copy()
    s.company.rollcall("deliver", "acme/la", "--inventory")
    now = everybody(s)
    reverted = [person for person in people.values() if s.accounts(person) and
                now[s.account(person)["id"]] != truth[s.account(person)["id"]]]
    check(reverted, "nobody was harmed: what is this test worth?")
    case.note(f"given back what they had a week ago: {len(reverted)} of {len(people)}")


@scenario
def a_run_that_waited_in_the_backup_cannot_be_approved_any_more(case):
    s = Scene(case, people=8)
    ana = s.hire(first_name="Ana")
    code, answer = s.company.import_("--preview")
    same(code, 0, answer)
    waiting = answer["run"]["run"]
    kept = Kept(s.company)
    s.sync()
    s.edit(ana, first_name="Anna")
    s.sync()
    said = kept.back()
    same(said["runs_ended"], 1)
    code, answer = s.company.rollcall("run", "approve", f"acme/{waiting}", "--reason", "it waited")
    same((code, answer["error"]["name"]), (1, "run.not-waiting"))
    run = s.company.import_all()["run"]
    check(run > waiting + 1000, lambda: f"run {run}: its number was given out before")


@scenario
def the_daemon_leaves_a_platform_alone_until_hr_was_read(case):
    s = Scene(case, people=8)
    people, kept = a_busy_week(s)
    truth, mails = everybody(s), s.there.mails()
    kept.back()
    s.there.forget()
    schedule(s.company)
    with Serve(s.company, shift=57) as serve:
        until(lambda: serve.done() >= 1, "a sync")
        until(lambda: [r for r in s.company.ok("run", "list", "acme")["runs"] if r["kind"] == "full" and r["state"] == "applied"],
              "an import")
        serve.stop()
    same(s.there.writes(), [], "calls")
    same((everybody(s), s.there.mails()), (truth, mails))


@scenario(databases=["sqlite"])
def a_backup_is_taken_while_the_daemon_works_and_is_readable_for_its_owner_alone(case):
    s = Scene(case, people=60)
    schedule(s.company)
    stop, faults = threading.Event(), []
    file = os.path.join(s.company.directory, "kept")

    def again():
        while not stop.is_set():
            code, answer = s.company.rollcall("backup", file, "--replace")
            if code != 0:
                faults.append(answer)
            elif (stat.S_IMODE(os.stat(file).st_mode), os.path.exists(file + "-wal")) != (0o600, False):
                faults.append(os.stat(file))
            else:
                with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as db:
                    if db.execute("pragma integrity_check").fetchone() != ("ok",):
                        faults.append("it is damaged")
                db.close()

    with Serve(s.company, shift=57) as serve:
        thread = threading.Thread(target=again)
        thread.start()
        s.hr.life(seed=3, joins=8, renames=9, moves=9)
        until(lambda: serve.done() >= 1, "a sync")
        stop.set()
        thread.join()
        serve.stop()
    same(faults[:3], [])
    same([n for n in os.listdir(s.company.directory) if "partial" in n], [])


@scenario(databases=["sqlite"])
def restore_puts_nothing_in_the_place_of_what_is_used_newer_or_somebody_elses(case):
    s = Scene(case, people=4)
    c = s.company
    kept = Kept(c).file

    def refused(name, *arguments, **how):
        code, answer = c.rollcall(*arguments, **how)
        same((code, answer["error"]["name"]), (1, name), " ".join(arguments))
        return answer["error"]["text"]

    holds(refused("copy.exists", "backup", kept), "--replace")
    refused("copy.exists", "backup", c.database, "--replace")
    refused("copy.exists", "restore", kept, "--to", c.database)
    refused("copy.missing", "restore", kept + "x", "--to", c.database, "--replace")
    refused("db.not-a-database", "restore", c.file("words", "no database\n" * 900), "--to", c.database, "--replace")
    refused("db.backup", "company", "list", env={"ROLLCALL_DATABASE": kept})
    with Serve(c) as serve:
        holds(refused("copy.in-use", "restore", kept, "--to", c.database, "--replace"), "stop rollcall serve")
        serve.stop()
    newer = os.path.join(c.directory, "newer.db")
    shutil.copy(kept, newer)
    with sqlite3.connect(newer) as db:
        db.execute("pragma application_id = 0")
        db.execute("insert into rollcall_migration values (999, 0)")
    db.close()
    refused("db.newer", "restore", newer, "--to", os.path.join(c.directory, "else.db"))
    refused("db.newer", "restore", kept, "--to", newer, "--replace")
    with sqlite3.connect(newer) as db:
        same(db.execute("select max(number) from rollcall_migration").fetchone(), (999,))
    db.close()
    same(sorted(n for n in os.listdir(c.directory) if "restoring" in n or "before" in n or "else" in n), [])
    said = c.ok("restore", kept, "--to", c.database, "--replace")["restored"]
    check(os.path.exists(said["kept"]), "what was there is kept")
    same(stat.S_IMODE(os.stat(c.database).st_mode), 0o600)
    same(len(c.ok("company", "list")["companies"]), 1)
    same(c.rollcall("restore", kept)[0], 2)
    same(c.rollcall("restore", "--by-hand", "--to", kept)[0], 2)


@scenario(databases=["postgres"])
def with_postgresql_backup_says_which_program_does_it(case):
    company = case.company()
    code, answer = company.rollcall("backup", os.path.join(company.directory, "kept"))
    same((code, answer["error"]["name"]), (1, "copy.database"))
    holds(answer["error"]["text"], "pg_dump --format=custom --no-owner")
    check("@" not in answer["error"]["text"], "an address may have a password")
