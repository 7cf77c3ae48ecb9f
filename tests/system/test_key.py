"""test_key.py - the installation's key: where it comes from, and another one in its place while everything runs."""
import os
import stat

from harness import SECRET, check, holds, same, scenario
from scenes import LEARNAMP_SECRET, Scene
from serving import Serve, schedule, until


def digits(path):
    with open(path, encoding="ascii") as f:
        return f.read()


def without_file(company, **more):
    """The environment in which no file is named."""
    return {"ROLLCALL_KEY_FILE": None, **more}


@scenario
def the_key_may_come_from_a_file_the_environment_or_systemd(case):
    s = Scene(case, people=4)
    c = s.company
    key = digits(c.key_file)
    moved = c.file("elsewhere", key)
    os.unlink(c.key_file)
    folder = os.path.join(c.directory, "credentials")
    os.mkdir(folder, 0o700)
    with open(os.path.join(folder, "rollcall.key"), "w", encoding="ascii") as f:
        f.write(key)
    os.chmod(os.path.join(folder, "rollcall.key"), 0o440)  # as systemd's access lists show
    for more, place in (({"ROLLCALL_KEY_FILE": moved}, moved), ({"ROLLCALL_KEY": key.strip()}, "ROLLCALL_KEY"),
                        ({"CREDENTIALS_DIRECTORY": folder}, "the credential rollcall.key")):
        env = without_file(c, **more)
        same(c.ok("key", "show", env=env)["key"]["from"], place)
        same(c.rollcall("import", "acme/hr", env=env)[0], 0)
        same(c.rollcall("integration", "check", "acme/hr", env=env)[0], 0)
    code, answer = c.rollcall("key", "show", env={"ROLLCALL_KEY_FILE": moved, "ROLLCALL_KEY": key.strip()})
    same((code, answer["error"]["name"]), (1, "secret.key"))
    holds(answer["error"]["text"], "more than one place")
    code, answer = c.rollcall("key", "show", env=without_file(c, ROLLCALL_KEY="0" * 64))
    same((code, answer["error"]["name"]), (1, "secret.key"))
    code, answer = c.rollcall("key", "show", env=without_file(c, ROLLCALL_KEY="not hexadecimal"))
    same((code, answer["error"]["name"]), (1, "secret.key"))
    check("not hexadecimal" not in answer["error"]["text"].replace("key file ROLLCALL_KEY has something in it that is no", ""),
          "the key is told")


@scenario
def with_another_key_everything_goes_on_and_nobody_looks_changed(case):
    s = Scene(case, people=20)
    c = s.company
    old = digits(c.key_file)
    before = c.ok("key", "show")["key"]
    said = c.ok("key", "rotate")["key"]
    same(said["sealed_anew"], 2)
    check(said["key"] != before["key"] and digits(c.key_file) != old, "it is another one")
    same(digits(c.key_file + ".old"), old)
    same(stat.S_IMODE(os.stat(c.key_file).st_mode), 0o600)
    check(not os.path.exists(c.key_file + ".new"), "nothing is left over")
    s.there.forget()
    run = s.sync()["import"]
    same((run["counts"]["unchanged"], run["counts"]["changed"]), (run["counts"]["read"], 0), "people")
    same(s.there.writes(), [])
    code, answer = c.rollcall("import", "acme/hr", env={"ROLLCALL_KEY_FILE": c.key_file + ".old"})
    same((code, answer["error"]["name"]), (1, "secret.key"))
    holds(answer["error"]["text"], before["key"], said["key"])
    same(s.company.rollcall("import", "acme/hr")[0], 0, "nothing was lost by trying")


@scenario
def a_rotation_cut_short_between_database_and_files_is_brought_to_its_end(case):
    s = Scene(case, people=4)
    c = s.company
    old = digits(c.key_file)
    c.ok("key", "rotate")
    new = digits(c.key_file)
    os.rename(c.key_file, c.key_file + ".new")  # as it is right after the commit
    os.rename(c.key_file + ".old", c.key_file)
    same(digits(c.key_file), old)
    same(c.rollcall("import", "acme/hr")[0], 0)
    same((digits(c.key_file), digits(c.key_file + ".old")), (new, old))


@scenario
def the_daemon_takes_the_new_key_while_it_runs(case):
    s = Scene(case, people=6)
    ana = s.hire(first_name="Ana")
    s.sync()
    schedule(s.company)
    with Serve(s.company, shift=57) as serve:
        until(lambda: serve.done() >= 1, "a sync")
        s.company.ok("key", "rotate")
        s.edit(ana, position="Foreman")
        s.company.ok("integration", "set", "acme/hr", "--set", "page-size=40")  # sealed anew by somebody else
        schedule(s.company, "every 2 minutes")
        s.company.ok("integration", "show", "acme/hr")
        serve.stop()
    with Serve(s.company, shift=57 + 3600) as serve:
        until(lambda: s.account(ana)["jobTitle"] == "Foreman", "the new title", 20)
        done = serve.done()
        s.company.ok("key", "rotate")
        s.edit(ana, position="Skipper")
        schedule(s.company, "every 1 minute")
        until(lambda: serve.done() > done and s.account(ana)["jobTitle"] == "Skipper", "the newest title", 90)
        holds(serve.log(), '"key":"read-anew"')
        check('"level":"error"' not in serve.log(), serve.log())
        serve.stop()


@scenario(databases=["sqlite"])
def a_daemon_whose_key_file_lags_behind_says_so_and_loses_nothing(case):
    s = Scene(case, people=4)
    c = s.company
    ana = s.hire(first_name="Ana")
    s.sync()
    s.edit(ana, position="Foreman")
    schedule(c)
    with Serve(c, shift=50) as serve:
        old = digits(c.key_file)
        c.ok("key", "rotate")
        new = digits(c.key_file)
        c.file("rollcall.key", old)  # a deployment that brings the old one back
        until(lambda: serve.metrics()['rollcall_jobs_failed_total{kind="sync"}'] >= 1, "a failure")
        holds(serve.log(), "sealed with key")
        c.file("rollcall.key", new)
        c.ok("integration", "set", "acme/hr", "--schedule", "every 1 minute")
        until(lambda: s.account(ana)["jobTitle"] == "Foreman", "the new title", 100)
        serve.stop()


@scenario
def what_cannot_be_written_gets_its_new_key_elsewhere(case):
    s = Scene(case, people=4)
    c = s.company
    key = digits(c.key_file).strip()
    env = without_file(c, ROLLCALL_KEY=key)
    same(c.rollcall("key", "rotate", env=env)[0], 2)
    new = os.path.join(c.directory, "new.key")
    same(c.ok("key", "rotate", "--new", new, env=env)["key"]["from"], new)
    same(c.rollcall("integration", "check", "acme/hr", env=env)[1]["error"]["name"], "secret.key")
    same(c.rollcall("integration", "check", "acme/hr", env={"ROLLCALL_KEY_FILE": new})[0], 0)
    same(stat.S_IMODE(os.stat(new).st_mode), 0o600)


@scenario
def after_a_key_was_lost_credentials_are_entered_anew_and_people_stay(case):
    s = Scene(case, people=6)
    c = s.company
    people = c.people()
    os.unlink(c.key_file)
    same(c.rollcall("import", "acme/hr")[1]["error"]["name"], "secret.key")
    c.ok("key", "rotate", "--lost")
    check(c.rollcall("import", "acme/hr")[0] != 0, "an import without a credential")
    c.ok("integration", "set", "acme/hr", "--secret-file", "client-secret=" + c.file("hr-secret", SECRET))
    c.ok("destination", "set", "acme/la", "--secret-file", "client-secret=" + c.file("la-secret", LEARNAMP_SECRET))
    s.there.forget()
    s.company.import_all()
    s.deliver()
    same((set(c.people()), s.there.writes()), (set(people), []))
