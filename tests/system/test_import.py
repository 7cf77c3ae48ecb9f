"""test_import.py - people arrive as they are, and every edit is exactly one change."""
from harness import check, same, scenario


@scenario
def a_leaver_leaves(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    company.arrive()
    gone = next(p["id"] for p in hr.truth() if p["status"] == "active")
    hr.remove(gone)
    code, answer = company.import_()
    same(code, 0)
    same(answer["run"]["state"], "applied")
    same(company.person(gone)["lifecycle"], "left")
