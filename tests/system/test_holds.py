"""test_holds.py - a held run and the person who decides about it: what is shown and why, tables, decisions, and HR mended meanwhile."""
import contextlib
import csv
import io
import json
import os
import re
import sqlite3
import stat
import subprocess

from harness import check, holds, psql, rollcall_path, same, scenario


def workers(hr, n):
    """Ids of people who work, have an address and no end date, in the order of their ids."""
    found = [p for p in hr.truth() if p["exists"] and p["status"] == "active" and not p["termination_date"] and p["email"] and p["supervisor"]]
    check(len(found) >= n, f"only {len(found)} people work")
    return [p["id"] for p in found[:n]]


def rows_of(text):
    """A table as a spreadsheet reads it: [{head: cell}]."""
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@scenario
def a_held_run_says_which_limit_was_passed_and_whom_it_is_about(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    company.arrive()
    who = workers(hr, 30)
    for person in who[:8]:
        hr.edit(person, email=f"p{person}@renamed.example")
    hr.edit(who[8], status="inactive")
    hr.edit(who[9], last_name="Neu")
    hr.edit(who[10], department="Yard")
    hr.edit(who[11], supervisor=who[12])
    hr.edit(who[13], position="")
    code, answer = company.import_()
    same(code, 3)
    run = answer["run"]["run"]
    shown = company.run("run", "show", f"acme/{run}")
    same(shown.code, 0)
    head, _, rest = shown.out.partition("\n  read ")
    holds(head, "held", "Held because\n  8 e-mail changes: the limit for one run is 5")
    people = {str(p["id"]): p for p in hr.truth()}
    holds(rest, "e-mail changes (8): over the limit\n  nordkap.example -> renamed.example (8)\n", "people leaving (1)\n", "name changes (1)\n",
          "moves between teams (1)\n", "-> Yard (1)", "changes of manager (1)\n", f"({who[12]})", "values cleared (1)\n  job_title (1)\n",
          "active -> left: HR's status is inactive", f"rollcall run approve acme/{run} --reason")
    for person in who[:12]:
        holds(rest, f"{person}      {people[str(person)]['first_name']}")
    for person in who[:8]:
        holds(rest, f" -> p{person}@renamed.example")
    order = [rest.index(title) for title in ("people leaving", "e-mail changes", "name changes", "moves between teams", "changes of manager")]
    same(order, sorted(order), "the order of the sections")
    said = company.ok("run", "show", f"acme/{run}")
    groups = {g["group"]: g for g in said["groups"]}
    same({g for g in groups if groups[g]["over_limit"]}, {"email"}, "groups over a limit")
    same(groups["email"]["parts"], [{"part": "nordkap.example -> renamed.example", "people": 8}])
    same(said["run"]["verdict"]["reasons"], ["8 e-mail changes: the limit for one run is 5 (2 % of 291)"])
    moved = [c for c in said["changes"] if c["group"] == "team"]
    same([(c["person"], c["new_name"]) for c in moved], [(str(who[10]), "Yard")])
    check(moved[0]["new"].startswith("department"), f"{moved}")


@scenario
def a_long_list_is_cut_and_all_shows_everybody(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    same(company.import_()[0], 3)
    cut, whole = (company.run("run", "show", "acme/1", *more).out for more in ((), ("--all",)))
    people = {str(p["id"]) for p in hr.truth() if p["exists"]}
    same({line.split()[0] for line in whole.splitlines() if line.startswith("    4")}, people, "whom --all shows")
    check(cut.count("\n    4") < 100, f"{cut.count(chr(10))} lines are shown")
    holds(cut, "... and ", "rollcall run show acme/1 --all")
    check("... and" not in whole and "--all" not in whole, "--all is cut")
    for section in ("people joining (", "people new to us who have left already, or whom a filter leaves out ("):
        holds(cut, section)
        holds(whole, section)


@scenario
def a_table_holds_every_change_and_no_cell_is_computed(case):
    hr = case.sandbox(people=120)
    company = case.company(hr)
    company.arrive()
    names = ["=1+1", "+49 421", "-Minus", "@home", "=HYPERLINK(\"http://x.example\",\"y\")", "a;=1+1", "plain, with a comma", "the \"old\" one",
             "＝full"]
    who = workers(hr, len(names))
    for person, name in zip(who, names):
        hr.edit(person, position=name)
    same(company.import_()[0], 0)
    done = company.run("run", "show", "acme/2", "--csv", "-")
    same((done.code, done.err), (0, ""))
    check(done.out.count("\r\n") == len(names) + 1 and done.out.endswith("\r\n"), "rows do not end with CR LF")
    rows = rows_of(done.out)
    same([r["hr_id"] for r in rows], [r["hr_id"] for r in sorted(rows, key=lambda r: r["name"].encode())], "the order")
    harmless = {"=1+1": "'=1+1", "+49 421": "'+49 421", "-Minus": "'-Minus", "@home": "'@home", "a;=1+1": "a;'=1+1", "＝full": "'＝full",
                names[4]: "'" + names[4]}
    same({r["hr_id"]: r["new"] for r in rows}, {str(p): harmless.get(n, n) for p, n in zip(who, names)})
    for row in rows:
        for cell in row.values():
            check(cell[:1] not in ("=", "+", "-", "@", "\t", "\r"), f"a spreadsheet would compute {cell!r}")
    same({r["group"] for r in rows} | {r["field"] for r in rows}, {"other changes", "job_title"})
    same(company.run("run", "show", "acme/2", "--csv").out, done.out, "without a name it is standard output")
    marked = subprocess.run([rollcall_path(), "run", "show", "acme/2", "--csv", "--bom"], env=company.environment(), capture_output=True, check=True)
    same(marked.stdout, b"\xef\xbb\xbf" + done.out.encode().replace(b"\n", b"\n"), "with a byte order mark")


@scenario
def a_table_in_a_file_is_whole_and_for_its_owner_alone(case):
    hr = case.sandbox(people=60)
    company = case.company(hr)
    company.import_()
    path = os.path.join(company.directory, "run.csv")
    done = company.run("run", "show", "acme/1", "--csv", path)
    same((done.code, done.out, done.err), (0, "", f"60 rows in {path}\n"))
    same(stat.S_IMODE(os.stat(path).st_mode), 0o600)
    with open(path, encoding="utf-8", newline="") as file:
        same(len(rows_of(file.read())), 60)
    before = os.stat(path).st_ino
    same(company.run("run", "show", "acme/1", "--csv", path).code, 0)
    check(os.stat(path).st_ino != before, "it was written over, and would have been half a table meanwhile")
    same([f for f in os.listdir(company.directory) if f.startswith("run.csv")], ["run.csv"], "drafts")
    for where in (os.path.join(company.directory, "none", "run.csv"), company.directory, "/dev/full"):
        done = company.run("run", "show", "acme/1", "--csv", where)
        same((done.code, done.out), (1, ""), where)
        holds(done.err, "cannot be written", "(output.file: see docs/errors.md)")
    for wrong in (("--json", "run", "show", "acme/1", "--csv"), ("run", "show", "acme/1", "--bom")):
        same(company.run(*wrong).code, 2, " ".join(wrong))


@scenario
def when_hr_is_mended_the_new_run_shows_who_differs(case):
    hr = case.sandbox(people=120)
    company = case.company(hr)
    company.arrive()
    who = workers(hr, 12)
    truth = {p["id"]: p for p in hr.truth()}
    for person in who[:7]:
        hr.edit(person, email=f"p{person}@wrong.example")
    same(company.import_()[0], 3)
    for person in who[:2]:
        hr.edit(person, email=truth[person]["email"])  # mended
    hr.edit(who[2], email=f"q{who[2]}@wrong.example")  # otherwise
    hr.edit(who[7], email=f"p{who[7]}@wrong.example")
    code, answer = company.import_()
    same((code, answer["run"]["state"], answer["run"]["other_run"]), (3, "held", 2))
    said = company.ok("run", "show", "acme/3")["difference"]
    same({key: sorted(p["person"] for p in said[key]) for key in ("no_longer", "new", "otherwise")},
         {"no_longer": sorted(map(str, who[:2])), "new": [str(who[7])], "otherwise": [str(who[2])]})
    same(said["instead_of"], 2)
    text = company.run("run", "show", "acme/3").out
    holds(text, "since run 2", "concerned then, and no longer (2)", "concerned only now (1)", "concerned then and now, but otherwise (1)",
          f"{who[0]}      {truth[who[0]]['first_name']}")
    old = company.run("run", "show", "acme/2").out
    holds(old, "superseded", "rollcall run show acme/3")
    same(company.rollcall("run", "approve", "acme/2", "--reason", "the old one")[1]["error"]["name"], "run.not-waiting")
    # mended altogether: what is left is applied by itself, and the hold is over
    for person in who[:8]:
        hr.edit(person, email=truth[person]["email"])
    hr.edit(who[9], last_name="Neu")
    code, answer = company.import_()
    same((code, answer["run"]["state"]), (0, "applied"))
    said = company.ok("run", "show", "acme/4")["difference"]
    same((said["instead_of"], [p["person"] for p in said["new"]], len(said["no_longer"])), (3, [str(who[9])], 6))
    same(company.rollcall("status")[0], 0)


@scenario
def a_decision_is_kept_with_its_reason(case):
    hr = case.sandbox(people=120)
    company = case.company(hr)
    company.arrive()
    for person in workers(hr, 7):
        hr.edit(person, email=f"p{person}@other.example")
    same(company.import_()[0], 3)
    same(company.reject(2, "HR had a filter on")["state"], "rejected")
    holds(company.run("run", "show", "acme/2").out, "rejected", "on the command line: HR had a filter on")
    same(company.import_()[0], 3)
    company.approve(3, "Ms Okafor says it is right")
    text = company.run("run", "show", "acme/3").out
    holds(text, "applied", "on the command line: Ms Okafor says it is right", "e-mail changes (7): over the limit", "The guard's objection")
    check("run approve" not in text, "what is applied can be approved")


# ---- looking again with other limits ----


def sql(company, statement):
    """Run on the company's database, behind rollcall's back."""
    if company.kind == "postgres":
        psql(statement, company.database)
    else:
        with contextlib.closing(sqlite3.connect(company.database)) as db:
            db.execute(statement)
            db.commit()


def age(company, days):
    """Everything that ran before is so many days older."""
    back = days * 86400 * 1000000
    sql(company, f"UPDATE run SET started_at = started_at - {back}, ended_at = ended_at - {back}, applied_at = applied_at - {back}")


@scenario
def other_limits_are_tried_on_the_runs_that_have_been(case):
    hr = case.sandbox(people=120)
    company = case.company(hr, integration=("--limits", '{"name":{"run":[5,0],"24h":[10,0],"30d":[30,0]}}'))
    company.arrive()
    who = workers(hr, 40)
    held = []
    for i, people in enumerate([1, 4, 0, 6, 0, 1, 7, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0, 1, 1]):
        for person in who[:people]:
            hr.edit(person, last_name=f"Neu{i}")
        age(company, 2)
        code, answer = company.import_()
        if code == 3:
            held.append(answer["run"]["run"])
            if len(held) == 1:
                company.approve(held[0])
            else:
                company.reject(held[1])
                truth = company.people()
                for person in who[:people]:
                    hr.edit(person, last_name=truth[str(person)]["user"]["last_name"])
    same(len(held), 2, "held runs")
    before = company.ok("run", "list", "acme"), company.people()
    asked = len(hr.requests()["requests"])

    said = company.ok("run", "simulate", "acme/hr", "--limits", '{"name":{"run":[3,0]}}')["simulation"]
    same((said["runs"]["looked_at"], said["runs"]["were_held"], said["runs"]["would_be_held"]), (25, 3, 4))
    same([(r["run"], r["would"]) for r in said["now_held"]], [(3, ["4 name changes: the limit for one run is 3"])])
    same(said["now_pass"], [])
    same(said["classes"], [{"class": "name", "was_held": 2, "would_be_held": 3}])

    loose = ("--limits", '{"name":{"run":[9,0],"24h":[9,0],"30d":[40,0]}}')
    said = company.ok("run", "simulate", "acme/hr", *loose)["simulation"]
    same([(r["run"], r["state"], r["was"]) for r in said["now_pass"]],
         [(held[0], "applied", "6 name changes: the limit for one run is 5"), (held[1], "rejected", "7 name changes: the limit for one run is 5")])
    text = company.run("run", "simulate", "acme/hr", *loose).out
    check(text.index("WOULD HAVE GONE THROUGH") < text.index("would have passed, and were held (1)"), text)

    said = company.ok("run", "simulate", "acme/hr")["simulation"]
    same((said["now_held"], said["now_pass"]), ([], []), "with the limits that there were")
    rhythm = {(c["class"], c["window"]): c for c in said["rhythm"]["classes"]}
    run = rhythm["name", "run"]
    same((run["most"], run["usual"], run["suggested"], run["above_usual"]), (6, 4, 9, True))
    check(said["rhythm"]["enough"], f"{said['rhythm']}")
    suggested = json.dumps(said["suggested_limits"])
    holds(company.run("run", "simulate", "acme/hr").out, "ABOVE THE USUAL", "rollcall integration set acme/hr --limits '{\"name\":")
    again = company.ok("run", "simulate", "acme/hr", "--limits", suggested)["simulation"]
    same(again["now_held"], [], "held with the limits suggested")
    same([r["run"] for r in again["now_pass"]], [held[0], held[1]])
    company.ok("integration", "set", "acme/hr", "--limits", suggested)

    few = company.ok("run", "simulate", "acme/hr", "--days", "7")["simulation"]
    check(not few["rhythm"]["enough"] and few["suggested_limits"] is None, f"{few['rhythm']}")
    same((company.ok("run", "list", "acme"), company.people()), before, "what looking again has changed")
    same(len(hr.requests()["requests"]), asked, "requests to HR")


# ---- drills ----


@scenario
def a_drill_says_what_would_have_stopped_each_disaster_and_leaves_no_trace(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    same(company.rollcall("guard", "drill", "acme/hr")[1]["error"]["name"], "drill.nobody")
    company.arrive()
    before = company.ok("run", "list", "acme"), company.people(), company.ok("status")
    asked = len(hr.requests()["requests"])
    code, said = company.rollcall("guard", "drill", "acme/hr")
    same((code, said["drill"]["people"], said["drill"]["through"]), (0, 300, 0))
    by = {r["name"]: r["by"] for r in said["drill"]["results"]}
    same(by, {"empty-list": "half-known", "half-list": "proof", "half-list-as-all": "limit", "all-emails": "limit", "all-inactive": "limit",
              "rights-shrank": "look-up", "narrowed": "limit", "team-gone": "limit", "one-team": "limit"})
    for r in said["drill"]["results"]:
        check(r["people"] > 0 and all(len(t) > 20 for t in r["texts"]) and re.search(r"\d", r["texts"][0]), f"{r}")
    done = company.run("guard", "drill", "acme/hr")
    same((done.code, done.err), (0, ""))
    holds(done.out, "Nothing would have gone through unasked.")
    same((company.ok("run", "list", "acme"), company.people(), company.ok("status")), before, "what the drill has changed")
    same(len(hr.requests()["requests"]), asked, "requests to HR")
    same(company.import_()[1]["run"]["run"], 2, "the number of the next run")

    company.ok("integration", "set", "acme/hr", "--limits", '{"email":{"run":[900,0],"24h":[900,0],"30d":[900,0]}}')
    code, said = company.rollcall("guard", "drill", "acme/hr")
    same((code, [r["name"] for r in said["drill"]["results"] if r["through"]]), (1, ["all-emails"]))
    done = company.run("guard", "drill", "acme/hr")
    same(done.code, 1)
    holds(done.out, "THROUGH  everybody has another e-mail address (300 people)", "1 would have gone through unasked")


@scenario
def a_drill_goes_on_beside_an_import_and_while_a_run_waits(case):
    hr = case.sandbox(people=120)
    company = case.company(hr)
    company.arrive()
    for person in workers(hr, 9):
        hr.edit(person, email=f"p{person}@other.example")
    same(company.import_()[0], 3)
    hr.fault("v1.employees.list", "slow", ms=700)
    slow = company.start("import", "acme/hr")
    try:
        code, said = company.rollcall("guard", "drill", "acme/hr")
        same((code, said["drill"]["through"]), (0, 0))
        same(slow.poll(), None, "the import has ended before the drill")
    finally:
        slow.communicate(timeout=60)
    same(slow.returncode, 3, "the import beside it")
