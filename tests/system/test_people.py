"""test_people.py - one person and everybody: why they are as they are, what became of them, tables for others, what HR has to mend."""
import csv
import datetime
import io
import os
import stat

import truth
from harness import check, holds, same, scenario
from scenes import Scene


def day(days):
    return (truth.today() + datetime.timedelta(days=days)).isoformat()


def workers(hr, n):
    """People who work, have an address, a manager and no end date."""
    found = [p for p in hr.truth() if p["exists"] and p["status"] == "active" and not p["termination_date"] and p["email"] and p["supervisor"]
             and p["hire_date"] < day(-30)]
    check(len(found) >= n, f"only {len(found)} people work")
    return found[:n]


def why(company, person):
    found = company.ok("people", "why", f"acme/{person}")["people"]
    same(len(found), 1, f"people called {person}")
    return found[0]


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


# ---- why ----


@scenario
def why_somebody_is_as_they_are_names_field_value_and_rule(case):
    hr = case.sandbox(people=120)
    company = case.company(hr)
    company.arrive()
    going, gone, late, other, plain, boss = workers(hr, 6)
    hr.edit(going["id"], termination_date=day(20))
    hr.edit(late["id"], termination_date=day(-3))
    hr.edit(gone["id"], status="inactive")
    hr.edit(other["id"], email=plain["email"].upper())
    company.import_all()

    said = why(company, going["id"])
    same((said["lifecycle"], said["rule"]), ("leaving", "end-date-known"))
    holds(said["text"], f"HR states the end date {day(20)}", "(end-date-known)")
    same([(w["for"], w["until"]) for w in said["waits"]], [("date", day(21))])
    holds(said["waits"][0]["text"], f"the day after the end date {day(20)}", f"not before {day(28)} if HR")

    said = why(company, late["id"])
    same((said["lifecycle"], said["rule"]), ("leaving", "ended-but-active"))
    holds(said["text"], f"the end date {day(-3)} has passed", "HR's status is \"active\"", f"until {day(4)}")
    same([(w["for"], w["until"]) for w in said["waits"]], [("date", day(5))])

    said = why(company, gone["id"])
    same((said["lifecycle"], said["waits"], said["problems"]), ("left", [], []))
    holds(said["text"], "HR's status is \"inactive\" (status-inactive)")

    said = why(company, other["id"])
    same([p["problem"] for p in said["problems"]], ["shared-email"])
    holds(said["problems"][0]["text"], plain["last_name"], f"({plain['id']})", plain["email"])
    values = {v["field"]: v for v in said["values"]}
    same((values["email"]["value"], values["email"]["inputs"]), (plain["email"], {"email": plain["email"].upper()}))
    same({"first_name", "last_name", "email", "primary_team", "manager", "hire_date", "status"} - set(values), set(), "fields not explained")

    hr.edit(boss["id"], status="inactive")
    hr.edit(plain["id"], supervisor=boss["id"])
    company.import_all()
    said = why(company, plain["id"])
    same(sorted(p["problem"] for p in said["problems"]), ["manager-left", "shared-email"])
    text = company.run("people", "why", f"acme/{plain['id']}").out
    holds(text, f"{plain['first_name']} {plain['last_name']} ({plain['id']} in hr)", "active, because HR's status is \"active\" (employed)",
          "manager-left: the supervisor,", "Nothing is waited for.", "from HR's email", "where the values come from")
    same(len(company.ok("people", "why", f"acme/{plain['email']}")["people"]), 2, "people with that address")


@scenario
def what_an_account_waits_for_is_said_above_it_with_the_way_out(case):
    s = Scene(case, policy=["close-status=3"])
    ana, ben, cem = s.hire(), s.hire(), s.hire()

    def told(person):
        return " ".join(s.company.run("people", "why", f"acme/{person}").out.split())
    s.company.import_all()
    holds(told(ana), "what is waited for on acme/la: the next delivery", "no account nothing was decided yet")
    s.deliver()
    holds(told(ana), "Nothing is waited for.")
    s.edit(cem, position="Captain")
    undone = s.sync()["deliveries"][0]["run"]["run"]
    s.approve(s.company.rollcall("undo", f"acme/{undone}")[1]["run"]["run"])
    s.edit(ana, status="inactive")
    s.there.do(s.account(ben)["id"], "deactivate")
    s.sync()
    s.deliver("--inventory")
    holds(told(ana), f"what is waited for on acme/la: the day, or HR stating that the person works there: {day(3)}")
    holds(told(ben), "what is waited for on acme/la: somebody approving it")
    holds(told(cem), "what is waited for on acme/la: another value in HR, or somebody letting go of what was undone (rollcall pin release)")
    for person in (ana, ben, cem):
        check("Nothing is waited for" not in told(person), told(person))


@scenario
def what_is_waited_for_is_a_decision_or_a_look_up(case):
    hr = case.sandbox(people=120)
    company = case.company(hr)
    company.arrive()
    who = workers(hr, 12)
    for person in who[:6]:
        hr.edit(person["id"], email=f"p{person['id']}@other.example")
    new = hr.hire(first_name="Nova", last_name="Neu", hire_date=day(9), email="nova@x.example")["id"]
    same(company.import_()[0], 3)

    said = why(company, who[0]["id"])
    same([(w["for"], w["run"]) for w in said["waits"]], [("decision", 2)])
    holds(said["waits"][0]["text"], "run 2 waits for a person's decision since", f"{who[0]['email']} -> p{who[0]['id']}@other.example")
    same(why(company, who[8]["id"])["waits"], [])
    said = why(company, new)
    same((said["name"], said["lifecycle"], [(w["for"], w["run"]) for w in said["waits"]]), ("Nova Neu", None, [("decision", 2)]))
    done = company.run("people", "why", f"acme/{new}")
    same(done.code, 0)
    holds(done.out, "not in the directory yet", "run 2 waits", "rollcall run show acme/2")
    same(company.rollcall("people", "why", "acme/4711")[1]["error"]["name"], "person.unknown")
    company.reject(2)

    for person in who[:6]:
        hr.edit(person["id"], email=person["email"])
    hr.remove(who[9]["id"])
    hr.fault("v1.employees.get", "status", status=500)
    same(company.import_()[0], 0)
    said = why(company, who[9]["id"])
    same(([w["for"] for w in said["waits"]], said["lifecycle"]), (["look-up"], "active"))
    holds(said["waits"][0]["text"], "HR's list lacks this person since", "20 hours")


# ---- history ----


@scenario
def a_persons_history_is_told_newest_first_with_who_approved_it(case):
    hr = case.sandbox(people=120)
    company = case.company(hr)
    company.arrive()
    who = workers(hr, 7)
    one = who[0]["id"]
    hr.edit(one, last_name="Zwei")
    company.import_()
    for person in who:
        hr.edit(person["id"], email=f"p{person['id']}@wrong.example")
    same(company.import_()[0], 3)
    company.reject(3, "not these")
    for person in who:
        hr.edit(person["id"], email=f"p{person['id']}@right.example")
    same(company.import_()[0], 3)
    company.approve(4, "Ms Okafor knows")
    hr.edit(one, status="inactive")
    company.import_("--person", str(one))

    found = company.ok("people", "history", f"acme/{one}")["people"]
    same(len(found), 1)
    steps = found[0]["history"]
    same([(s["run"], s["kind"], s["state"], s["applied"], s["approved"]) for s in steps],
         [(5, "person", "applied", True, False), (4, "full", "applied", True, True), (3, "full", "rejected", False, False),
          (2, "full", "applied", True, False), (1, "full", "applied", True, True)])
    same([s["decided_because"] for s in steps], [None, "Ms Okafor knows", "not these", None, "looked through"])
    same([sorted(c["field"] for c in s["changes"]) for s in steps], [["lifecycle", "status"], ["email"], ["email"], ["last_name"], ["*"]])
    same((steps[2]["changes"][0]["new"], steps[1]["changes"][0]["new"]), (f"p{one}@wrong.example", f"p{one}@right.example"))
    text = company.run("people", "history", f"acme/{one}").out
    holds(text, "Zwei", "run 4 (full): applied, approved", "approved by", "Ms Okafor knows", "run 3 (full): rejected: would have changed this",
          "rejected by", "not these", f"email: {who[0]['email']} -> p{one}@right.example", "joins, active")
    order = [text.index(f"run {n} (") for n in (5, 4, 3, 2, 1)]
    same(order, sorted(order), "newest first")


# ---- tables for others ----


@scenario
def everybody_is_exported_with_names_and_without_formulas(case):
    hr = case.sandbox(people=120)
    company = case.company(hr)
    company.arrive()
    one, two = workers(hr, 2)
    hr.edit(one["id"], position="=cmd|' /C calc'!A0", department="@Yard, \"old\"")
    hr.edit(two["id"], last_name="-Minus")
    company.import_all()
    done = company.run("people", "export", "acme")
    same((done.code, done.err), (0, ""))
    rows = {r["hr_id"]: r for r in rows_of(done.out)}
    directory = company.people()
    same(set(rows), set(directory), "who is in it")
    truth = {str(p["id"]): p for p in hr.truth()}
    for person, row in rows.items():
        same(None in row, False, "a row is longer than the heads")
        same(row["lifecycle"], directory[person]["lifecycle"])
        same(row["email"], directory[person]["user"]["email"] or "")
        boss = truth[person]["supervisor"]
        same(row["manager_hr_id"], str(boss) if boss else "")
        same(row["manager_email"], (directory[str(boss)]["user"]["email"] or "") if boss else "")
        for cell in row.values():
            check(cell[:1] not in ("=", "+", "-", "@", "\t", "\r"), f"a spreadsheet would compute {cell!r}")
    row = rows[str(one["id"])]
    same((row["job_title"], row["primary_team"]), ("'=cmd|' /C calc'!A0", "'@Yard, \"old\""))
    same(rows[str(two["id"])]["last_name"], "'-Minus")

    said = {p["person"]: p for p in company.ok("people", "export", "acme")["people"]}
    same(set(said), set(directory))
    same((said[str(one["id"])]["user"]["job_title"], said[str(one["id"])]["team"]), ("=cmd|' /C calc'!A0", "@Yard, \"old\""))
    path = os.path.join(company.directory, "people.csv")
    done = company.run("people", "export", "acme", "--csv", "--to", path, "--bom")
    same((done.code, done.out, done.err), (0, "", f"120 rows in {path}\n"))
    same(stat.S_IMODE(os.stat(path).st_mode), 0o600)
    with open(path, "rb") as file:
        check(file.read().startswith(b"\xef\xbb\xbfhr_id,"), "no byte order mark")
    same(company.run("people", "export", "acme", "--csv", "excel").code, 2)


@scenario
def learn_amps_columns_hold_whom_its_import_can_take(case):
    hr = case.sandbox(people=120)
    company = case.company(hr)
    company.arrive()
    gone, nameless, one, two, ends = workers(hr, 5)
    hr.edit(gone["id"], status="inactive")
    hr.edit(two["id"], email=one["email"])
    hr.edit(ends["id"], termination_date=day(30))
    hr.hire(first_name="Late", last_name="Comer", hire_date=day(9), email="")
    company.import_all()
    done = company.run("people", "export", "acme", "--csv", "learnamp")
    same(done.code, 0)
    rows = {r["email"]: r for r in rows_of(done.out)}
    same(done.out.splitlines()[0], "first_name,last_name,email,job_title,primary_team,secondary_teams,language,primary_location,manager,hire_date,leave_date")
    people = company.people().values()
    addresses = [p["user"]["email"] for p in people if p["lifecycle"] not in ("left", "absent") and p["user"]["email"]]
    wanted = {a for a in addresses if addresses.count(a) == 1}
    same(set(rows), wanted, "who is in it")
    check(one["email"] not in rows and gone["email"] not in rows, "somebody is in it who must not be")
    same(rows[ends["email"]]["leave_date"], day(30))
    same(rows[nameless["email"]]["manager"], company.person(nameless["supervisor"])["user"]["email"])
    left, sharing = sum(p["lifecycle"] == "left" for p in people), sum(addresses.count(a) > 1 for a in addresses)
    holds(done.err, f"{len(rows)} people in it", f"{left} gone", "without a name or an address", f"{sharing} who share an address",
          "rollcall problems list acme")


# ---- what HR has to mend ----


@scenario
def problems_are_listed_by_cause_with_whom_they_are_about(case):
    hr = case.sandbox(people=120)
    company = case.company(hr)
    company.arrive()
    one, two, low, boss, ends, mine = workers(hr, 6)
    hr.edit(two["id"], email=one["email"])
    hr.edit(ends["id"], termination_date=day(-400), hire_date=day(-100))
    hr.edit(mine["id"], supervisor=mine["id"])
    hr.edit(boss["id"], status="inactive")
    hr.edit(low["id"], supervisor=boss["id"])
    company.import_all()
    stranger = hr.hire(first_name="Nova", last_name="Neu", hire_date=day(-9), email="nova@x.example")["id"]
    hr.edit(one["id"], supervisor=stranger)
    company.import_("--person", str(one["id"]))  # the stranger is not imported yet

    said = {p["problem"]: p for p in company.ok("problems", "list", "acme")["problems"]}
    listed = {cause: {p["person"] for p in said[cause]["people"]} for cause in said}
    same(listed["shared-email"] >= {str(one["id"]), str(two["id"])}, True, "shared addresses")
    pair = next(p for p in said["shared-email"]["people"] if p["person"] == str(two["id"]))
    same([w["person"] for w in pair["with"]], [str(one["id"])])
    same(listed["unknown-manager"], {str(one["id"])})
    check(str(low["id"]) in listed["manager-left"] and all(str(boss["id"]) in p["text"] for p in said["manager-left"]["people"]), f"{said['manager-left']}")
    same(listed["ends-before-start"], {str(ends["id"])})
    holds(said["ends-before-start"]["people"][0]["text"], day(-400), day(-100))
    same(listed["own-manager"], {str(mine["id"])})
    directory = company.people()
    for cause in said:
        holds(said[cause]["todo"], " ")
        for person in said[cause]["people"]:
            check(directory[person["person"]]["lifecycle"] not in ("left", "absent"), f"{person} has left")
    counted = {p for p, d in directory.items() if "no-email" in d["problems"] and d["lifecycle"] not in ("left", "absent")}
    same(listed["no-email"], counted)

    text = company.run("problems", "list", "acme/hr").out
    holds(text, "no-email (", "  there is no work e-mail: enter one in HR", f"is stated by {one['first_name']}", "unknown-manager (1 person)",
          f"the supervisor is {stranger}, whom we do not know")
    rows = rows_of(company.run("problems", "list", "acme", "--csv").out)
    same({(r["hr_id"], r["with_hr_id"]) for r in rows if r["problem"] == "shared-email"} >= {(str(one["id"]), str(two["id"])), (str(two["id"]), str(one["id"]))},
         True, "pairs in the table")
    same(sum(len(said[c]["people"]) for c in said if c != "shared-email"), sum(r["problem"] != "shared-email" for r in rows))
    same(company.ok("problems", "list", "acme/hr"), company.ok("problems", "list", "acme"), "the only integration")


@scenario
def a_company_without_problems_says_so(case):
    company = case.company()
    same(company.ok("problems", "list", "acme"), {"problems": []})
    same(company.run("problems", "list", "acme").out, "no problems\n")
    same(company.ok("people", "export", "acme"), {"people": []})


@scenario
def of_many_who_share_an_address_twenty_are_named_and_the_others_counted(case):
    s = Scene(case, people=4, begins=False, delivers=False)
    for _ in range(25):
        s.hire(email="reception@nordkap.example")
    s.company.arrive()
    (shared,) = [p for p in s.company.ok("problems", "list", "acme")["problems"] if p["problem"] == "shared-email"]
    same(len(shared["people"]), 25)
    for one in shared["people"]:
        holds(one["text"], "and 4 more too")
        same((len(one["with"]), one["text"].count(" Novak")), (20, 20))
