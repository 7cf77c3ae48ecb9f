"""test_erase.py - everything that is held of somebody, told in one document; and forgetting them, with a receipt."""
import contextlib
import json
import sqlite3
import time

from harness import SECRET, check, holds, same, scenario
from scenes import LEARNAMP_SECRET, Scene, day
from serving import Serve, in_state, until

NAME = "Zweibrücken-Quittung"


def everything(s, person):
    done = s.company.run("people", "export", "acme", "--person", person)
    same(done.code, 0, done)
    return json.loads(done.out)


def a_life(s):
    """Somebody with a past: renamed, moved, invited, closed."""
    ana = s.hire(first_name="Ana", last_name=NAME, email="zq@nordkap.example")
    s.approve_import()
    s.edit(ana, position="Foreman", first_name="Anabel")
    s.sync()
    s.edit(ana, status="inactive", termination_date=day(-1))
    s.approve_import()
    check(not s.is_open(ana), "closed")
    return ana


@scenario
def one_document_tells_all_of_somebody_and_no_secret(case):
    s = Scene(case, people=5)
    ana = a_life(s)
    told = everything(s, ana)
    held = told["held"]
    same((told["person"], told["integration"]), (str(ana), "hr"))
    check(len(held["versions"]) >= 3 and len(held["changes"]) >= 3 and len(held["effects"]) >= 3, lambda: f"{held.keys()}")
    same(held["accounts"][0]["status"], "deactivated")
    same(held["directory"][0]["person"], str(ana))
    names = {v["user"]["first_name"] for v in held["versions"]}
    same(names, {"Ana", "Anabel"})
    text = json.dumps(told, ensure_ascii=False)
    for secret in (SECRET, LEARNAMP_SECRET):
        check(secret not in text, "a secret is told")
    check("Neo" not in text.replace("Zweibr", ""), "somebody else is told")
    same(everything(s, "zq@nordkap.example")["person"], str(ana))
    same(s.company.rollcall("people", "export", "acme", "--person", "4711")[1]["error"]["name"], "person.unknown")


@scenario
def somebody_is_forgotten_once_gone_and_nothing_of_them_is_left_in_the_database(case):
    s = Scene(case, people=5)
    ana = a_life(s)

    def erase(*more):
        return s.company.rollcall("people", "erase", f"acme/{ana}", "--reason", "asked by letter", *more)

    same(s.company.rollcall("people", "erase", f"acme/{ana}")[0], 2, "without a reason")
    code, answer = erase()
    same((code, answer["error"]["name"]), (1, "person.listed"))
    s.hr.remove(ana)
    s.approve_import()
    code, answer = erase()
    same((code, answer["error"]["name"]), (1, "person.account"))
    s.there.do(s.account(ana)["id"], "anonymise")
    s.deliver("--inventory")
    others = {p: v for p, v in s.company.people().items() if p != str(ana)}
    code, answer = erase()
    same(code, 0, answer)
    receipt = answer["erasure"]
    same(receipt["reason"], "asked by letter")
    check(receipt["removed"]["versions"] >= 3 and receipt["removed"]["directory"] == 1, lambda: f"{receipt}")
    same(s.company.people(), others, "the others")
    same(s.company.ok("people", "receipts", "acme")["receipts"], [receipt])
    check(NAME.encode() not in s.company.directory_bytes(), "the name is still in the database's files")
    check(b"zq@nordkap" not in s.company.directory_bytes(), "the address is still in the database's files")
    check(NAME not in json.dumps(receipt, ensure_ascii=False) and str(ana) not in json.dumps(receipt), "the receipt names them")
    same(s.company.rollcall("people", "show", f"acme/{ana}")[0], 1)
    s.there.forget()
    s.sync()
    same(s.there.writes(), [], "calls after that")
    check(str(ana) not in s.company.people(), "they came back")


@scenario(databases=["sqlite"])
def a_log_that_a_reader_holds_is_emptied_once_the_reader_has_gone_and_the_receipt_says_when(case):
    s = Scene(case, people=5)
    ana = a_life(s)
    s.hr.remove(ana)
    s.approve_import()
    s.there.do(s.account(ana)["id"], "anonymise")
    s.deliver("--inventory")
    with contextlib.closing(sqlite3.connect(s.company.database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM version").fetchone()  # an old state from now on
        receipt = s.company.ok("people", "erase", f"acme/{ana}", "--reason", "asked by letter")["erasure"]
        same(receipt["logs_emptied_at"], None)
        holds(" ".join(s.company.run("people", "receipts", "acme").out.split()), "may still have old pages of it", "tries again")
        with Serve(s.company) as serve:
            until(lambda: serve.get("/readyz")[0] == 200, "readiness")
            time.sleep(1)
            same(s.company.ok("people", "receipts", "acme")["receipts"][0]["logs_emptied_at"], None)
            reader.execute("ROLLBACK")
            until(lambda: s.company.ok("people", "receipts", "acme")["receipts"][0]["logs_emptied_at"], "an emptied log", 45)
            check(any(line.get("erasure") == "logs-emptied" for line in serve.lines()), serve.log()[-2000:])
            serve.stop()
    check(NAME.encode() not in s.company.directory_bytes(), "the name is still in the database's files")


@scenario
def with_yes_it_is_done_and_hr_brings_them_again(case):
    s = Scene(case, people=5)
    ana = s.hire(first_name="Ana")
    s.sync()
    account = s.account(ana)
    held = s.company.import_("--preview")[1]["run"]["run"]
    s.edit(ana, last_name="Changed")
    waiting = s.company.import_("--preview")[1]["run"]["run"]
    code, answer = s.company.rollcall("people", "erase", f"acme/{ana}", "--reason", "a test", "--yes")
    same((code, answer["error"]["name"]), (1, "person.waits"), "a run that waits is not spoilt")
    for run in (held, waiting):
        s.company.rollcall("run", "reject", f"acme/{run}", "--reason", "no")
    receipt = s.company.ok("people", "erase", f"acme/{ana}", "--reason", "a test", "--yes")["erasure"]
    holds(" ".join(receipt["kept"]), "left alone")
    s.there.forget()
    s.company.import_all()
    s.company.rollcall("deliver", "acme/la")
    check(str(ana) in s.company.people(), "HR lists them")
    same(s.there.writes(), [], "and the account that nobody is responsible for is left alone")
    same(s.account(ana)["status"], account["status"])


@scenario
def while_somebody_imports_nobody_is_forgotten(case):
    s = Scene(case, people=5)
    ana = s.hire()
    s.sync()
    s.hr.fault("v1.employees.list", "slow", ms=3000, count=1)
    other = s.company.start("import", "acme/hr")
    until(lambda: in_state(s.company, "listing"), "an import that lists")
    code, answer = s.company.rollcall("people", "erase", f"acme/{ana}", "--reason", "a test")
    same((code, answer["error"]["name"]), (1, "busy"))
    other.wait(30)
