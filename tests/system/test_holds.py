"""test_holds.py - a held run and the person who decides about it: what is shown and why, tables, decisions, and HR mended meanwhile."""
import csv
import io
import os
import stat
import subprocess

from harness import check, holds, rollcall_path, same, scenario


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
    same(said["run"]["verdict"]["reasons"], ["8 e-mail changes: the limit for one run is 5"])
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
    for section in ("people joining (", "people new to us who have left already ("):
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
