"""test_rights.py - credentials that may see less than before: nobody is wrongly absent or left, and it is said what is missing."""
import json
import time

from harness import Failure, check, holds, same, scenario
from test_faults import USUAL_LEAVERS
from truth import HELD, OTHER, compare, much_to_find, outcome, victims


def _during(company, hr, requests, do):
    """An import during which do() is called once so many pages of the list have been asked for."""
    process = company.start("--json", "import", "acme/hr")
    while process.poll() is None:
        if sum(r["route"] == "v1.employees.list" for r in hr.requests()["requests"]) >= requests:
            do()
            break
        time.sleep(0.002)
    out, err = process.communicate(timeout=60)
    try:
        return process.returncode, json.loads(out)
    except ValueError:
        raise Failure(f"exit {process.returncode}, {out}, {err}") from None


@scenario
def rights_that_shrink_half_way_harm_nobody(case):
    hr = case.sandbox(people=130)
    company = case.company(hr, settings={"page-size": 20}, integration=("--limits", USUAL_LEAVERS))
    company.arrive()
    all_of_it = hr.control("GET", "credentials")["credentials"][0]
    words = []
    for n, (pages, less) in enumerate([(1, {"sees": {"percent": 50}}), (3, {"sees": {"percent": 50}}), (6, {"sees": {"percent": 50}}),
                                       (2, {"sees": {"percent": 90}}), (7, {"sees": {"percent": 90}}),
                                       (2, {"attributes": ["first_name", "last_name"]}), (4, {"attributes": ["last_name", "status"]}),
                                       (3, {"scopes": []}), (7, {"scopes": []}), (2, {"sees": {"office": "Nowhere"}})]):
        known = company.people()
        much_to_find(hr, n)
        hr.fault("v1.employees.list", "slow", ms=20)
        hr.forget()
        code, answer = _during(company, hr, pages, lambda change=less: hr.credential(**change))
        truth, people = hr.truth(), company.people()
        same(victims(people, truth), [], f"page {pages}, {less}: wrongly gone")
        word = answer["error"]["name"] if code == 1 else HELD if code == 3 else answer["run"]["state"]
        if code:
            same(people, known, f"page {pages}, {less}: the directory after {word}")
        for person, have in people.items():  # nothing that is known may be lost
            lost = {f for f, v in known.get(person, {"user": {}})["user"].items() if v is not None and have["user"].get(f) is None}
            same(lost, set(), f"page {pages}, {less}: {person} lost")
        words.append([f"at page {pages}", less, word])
        hr.no_faults()
        hr.credential(scopes=all_of_it["scopes"], attributes="usual", sees="all")
        company.import_all()
        compare(company.people(), hr.truth(), known=known)
    for row in words:
        case.row("rights that shrink during an import", *row)


@scenario
def a_credential_that_sees_only_some_is_noticed(case):
    hr = case.sandbox(people=400)
    company = case.company(hr)
    company.arrive()
    known = company.people()
    for sees, want in (({"percent": 10}, OTHER), ({"percent": 45}, OTHER), ({"percent": 60}, HELD), ({"percent": 90}, HELD),
                       ({"office": "Nowhere"}, OTHER)):
        hr.credential(sees=sees)
        code, answer = company.import_()
        same(outcome(company, hr, known, code, answer), want, f"seeing {sees}")
        if code == 3:
            holds(answer["run"]["reason"], "missing from HR's list", "nobody is taken for gone")
        elif "percent" in sees:
            holds(answer["error"]["text"], "another account", "cannot be approved")
        same(company.people(), known)
    # and what could be seen before is seen again
    hr.credential(sees="all")
    company.import_all()
    compare(company.people(), hr.truth())
    check(not any(r["state"] == "held" for r in company.ok("run", "list", "acme/hr")["runs"]), "a hold is left over")


UNANNOUNCED = "gone from HR without an end date"


@scenario
def a_credential_narrowed_to_nearly_all_closes_nobody(case):
    hr = case.sandbox(people=900)
    company, twin = case.company(hr), case.company(hr)
    company.arrive()
    twin.arrive()
    known = company.people()
    hr.credential(sees={"percent": 97})  # the rights are what they were, and by id HR says that it does not know the others
    hr.forget()
    code, answer = company.import_()
    same((code, answer["run"]["state"]), (3, "held"))
    same(company.people(), known, "the directory while it is held")
    counts = answer["run"]["counts"]
    check(10 < counts["missing"] <= 40 and counts["gone"] == counts["missing"], lambda: f"it looked otherwise to it: {counts}")
    check(counts["classes"]["unannounced"] > 10, lambda: f"classes: {counts['classes']}")
    holds(answer["run"]["reason"], f"{counts['classes']['unannounced']} people {UNANNOUNCED}: the limit for one run is 1")
    check("leaving: the limit" not in answer["run"]["reason"], "it is the limit for leavers that held it")
    check(any(r["route"] == "v1.employees.get" for r in hr.requests()["requests"]), "nobody was asked for")
    # whoever has to decide is told what to find out, and sees these people before other leavers
    for words in (company.run("status").out, company.run("run", "show", f"acme/{answer['run']['run']}").out):
        holds(words, "Ask first: were their profiles deleted in HR, or may the credential see fewer people than before?")
    shown = company.run("run", "show", f"acme/{answer['run']['run']}").out
    holds(shown, f"people {UNANNOUNCED} ({counts['classes']['unannounced']})",
          f"people leaving ({counts['classes']['leavers'] - counts['classes']['unannounced']})")
    same(shown.count("limit for"), 1, "limits told, one for each class")
    # asked again it says the same, and there is one thing to decide
    code, again = company.import_()
    same((code, again["run"]["state"], again["run"]["other_run"]), (3, "superseded", answer["run"]["run"]))
    same(company.rollcall("status", "acme")[0], 3)
    same(company.people(), known)
    # without this limit they would have left, all of them at work
    twin.ok("integration", "set", "acme/hr", "--limits", '{"unannounced":{"run":[900,0],"24h":[900,0],"30d":[900,0]}}')
    code, answer = twin.import_()
    same((code, answer["run"]["state"]), (0, "applied"))
    check(len(victims(twin.people(), hr.truth())) > 10, "nobody is harmed without it: it protects nobody")
    # what could be seen before is seen again
    hr.credential(sees="all")
    code, answer = company.import_()
    same((code, answer["run"]["state"]), (0, "applied"))
    compare(company.people(), hr.truth())
    check(not any(r["state"] == "held" for r in company.ok("run", "list", "acme/hr")["runs"]), "a hold is left over")


@scenario
def an_ordinary_deletion_passes_and_a_handful_is_asked_about(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    company.arrive()
    working = [p["id"] for p in hr.truth() if p["exists"] and p["status"] == "active" and not p["termination_date"]]
    hr.remove(working[0])
    code, answer = company.import_()
    same((code, answer["run"]["state"], answer["run"]["counts"]["classes"]["unannounced"]), (0, "applied", 1))
    same(company.person(working[0])["lifecycle"], "left")
    for person in working[1:5]:
        hr.remove(person)
    code, answer = company.import_()
    same((code, answer["run"]["state"]), (3, "held"))
    holds(answer["run"]["reason"], f"4 people {UNANNOUNCED}: the limit for one run is 1")
    same({company.person(p)["lifecycle"] for p in working[1:5]}, {"active"})
    company.approve(answer["run"]["run"])
    same({company.person(p)["lifecycle"] for p in working[1:5]}, {"left"})
    compare(company.people(), hr.truth())


@scenario
def approving_what_a_blind_credential_says_closes_nobody(case):
    hr = case.sandbox(people=400)
    company = case.company(hr)
    company.arrive()
    hr.credential(sees={"percent": 80})
    code, answer = company.import_()
    same((code, answer["run"]["state"]), (3, "held"))
    company.approve(answer["run"]["run"])
    unseen = [p for p in company.people().values() if p["presence"] != "listed"]
    check(len(unseen) > 40, f"{len(unseen)} are not seen")
    same({p["presence"] for p in unseen}, {"missing"}, "taken for gone")
    same({p["rule"] for p in unseen} - {"status-inactive", "end-date-passed"}, {"missing-unconfirmed"})
    hr.credential(sees="all")
    company.import_all()
    compare(company.people(), hr.truth())


@scenario
def without_rights_an_import_says_which(case):
    hr = case.sandbox(people=130)
    company = case.company(hr)
    company.arrive()
    known = company.people()
    hr.credential(scopes=[])
    code, answer = company.import_()
    same(outcome(company, hr, known, code, answer), "personio.right")
    holds(answer["error"]["text"], "right", "Tick it in")
