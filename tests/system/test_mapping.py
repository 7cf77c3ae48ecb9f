"""test_mapping.py - a mapping is written, looked at, made to count and taken back; and nobody changes but as it said before."""
from harness import check, holds, same, scenario

CAPITALS = 'job_title = upper(job_title)\nlanguage = if office == "Berlin" then "de" else "en"\n'


def draft(company, text, *more):
    answer = company.ok("mapping", "draft", "acme/hr", "--file", company.file("mapping", text), *more)
    return answer["mapping"]


@scenario
def a_mapping_with_an_error_is_not_saved_and_its_place_is_told(case):
    company = case.company(case.sandbox(people=20))
    path = company.file("mapping", "job_title = uper(job_title)\n")
    done = company.run("mapping", "draft", "acme/hr", "--file", path)
    same(done.code, 1)
    holds(done.err, "line 1, column 13", 'no function "uper"', 'did you mean "upper"?', "nothing was saved")
    same(company.ok("mapping", "list", "acme/hr")["mappings"], [])


@scenario
def what_a_try_out_says_is_what_activating_does(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    company.arrive()
    before = company.people()
    number = draft(company, CAPITALS)
    tried = company.ok("mapping", "try", "acme/hr", str(number), "--all")
    same(company.people(), before, "a try-out changes nobody")
    code, preview = company.rollcall("mapping", "activate", "acme/hr", str(number), "--preview")
    same(company.people(), before, "a preview changes nobody")
    code, done = company.rollcall("mapping", "activate", "acme/hr", str(number))
    if code == 3:
        company.approve(done["run"]["run"])
    else:
        same(code, 0)
    after = company.people()
    changed = {person for person in after if after[person]["user"] != before[person]["user"]}
    same(len(changed), tried["changed"], "people changed")
    same(preview["run"]["counts"]["changed"], tried["changed"])
    for field, people in tried["fields"].items():
        same(sum(after[p]["user"][field] != before[p]["user"].get(field) for p in after), people, field)
    for person in changed:
        title = before[person]["user"]["job_title"]
        same(after[person]["user"]["job_title"], title.upper() if title else title)
    # and HR says nothing new
    _, again = company.import_()
    same((again["run"]["counts"]["unchanged"], again["run"]["counts"]["changed"]), (300, 0))
    same(company.people(), after)
    # taken back: everybody is as before
    code, back = company.rollcall("mapping", "activate", "acme/hr", "default")
    if code == 3:
        company.approve(back["run"]["run"])
    restored = company.people()
    for person in restored:
        same(restored[person]["user"]["job_title"], before[person]["user"]["job_title"])
    check(all(p["state"] == "retired" for p in company.ok("mapping", "list", "acme/hr")["mappings"]), "one is still active")


@scenario
def a_mapping_that_reads_more_lists_everybody_first(case):
    hr = case.sandbox(people=120)
    company = case.company(hr)
    company.arrive()
    number = draft(company, "custom.kind = employment_type\n")
    tried = company.ok("mapping", "try", "acme/hr", str(number), "--all")
    same(tried["unread"], "employment_type")
    code, done = company.rollcall("mapping", "activate", "acme/hr", str(number))
    if code == 3:
        company.approve(done["run"]["run"])
    same(done["run"]["kind"], "full")
    same(company.ok("mapping", "list", "acme/hr")["mappings"][0]["state"], "active")
    _, again = company.import_()
    same(again["run"]["counts"]["changed"], 0)
    same(again["run"]["counts"]["unchanged"], 120)


@scenario
def a_mapping_that_waits_for_approval_outlives_the_imports_of_the_nights_between(case):
    hr = case.sandbox(people=200)
    company = case.company(hr)
    company.arrive()
    number = draft(company, 'email = "somebody@example.org"\n')
    code, held = company.rollcall("mapping", "activate", "acme/hr", str(number))
    same((code, held["run"]["state"]), (3, "held"))
    person = next(p["id"] for p in hr.truth() if p["status"] == "active" and not p["termination_date"] and p["email"])
    hr.edit(person, last_name="Newname")
    code, night = company.import_()
    same((code, night["run"]["state"]), (0, "applied"))
    approved = company.approve(held["run"]["run"])
    check(approved is not None, "the held run is gone")
    people = company.people()
    # whoever changed in between was left out, and is seen through the new mapping by the next import
    same(people[str(person)]["user"]["last_name"], "Newname")
    company.import_all()
    same({p["user"]["email"] for p in company.people().values()}, {"somebody@example.org"})
