"""test_mapping.py - a mapping is written, looked at, made to count and taken back; and nobody changes but as it said before."""
import os
import re

from harness import check, holds, same, scenario

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/mapping.md")

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


# ---- what is checked when it is written ----


@scenario
def keys_are_held_against_what_the_credential_may_read(case):
    hr = case.sandbox(people=20)
    company = case.company(hr)
    path = company.file("mapping", 'custom.code = custom("dynamic_204831")\njob_title = custom("Personalnummer") ?? job_title\n')
    code, found = company.rollcall("mapping", "check", "acme/hr", "--file", path)
    same((code, found["ok"], found["keys"]), (1, False, "hr"), "before the first import HR is asked")
    company.arrive()
    hr.forget()
    code, found = company.rollcall("mapping", "check", "acme/hr", "--file", path)
    same([(f["code"], f["severity"], f["line"], f["column"], f["length"]) for f in found["findings"]],
         [("unknown-key", "error", 1, 22, 16), ("unknown-key", "error", 2, 20, 16)])
    same(found["findings"][1]["suggestion"], "dynamic_204813", "what HR calls Personalnummer")
    done = company.run("mapping", "draft", "acme/hr", "--file", path)
    same(done.code, 1)
    holds(done.err, "line 1, column 22", 'no attribute with the key "dynamic_204831"', 'did you mean "dynamic_2048', "nothing was saved")
    same(company.ok("mapping", "list", "acme/hr")["mappings"], [])
    done = company.run("mapping", "check", "acme/hr", "--file", path)
    same((done.code, done.err), (1, ""))
    holds(done.out, "line 1, column 22: error:", 'did you mean "dynamic_204813"?', "2 errors: it cannot be used so.")
    # what is known from the last listing needs no question
    hr.forget()
    good = company.file("mapping", 'custom.code = custom("dynamic_204813")\n')
    same(company.ok("mapping", "check", "acme/hr", "--file", good)["keys"], "last-listing")
    same(hr.requests()["requests"], [])
    same(company.ok("mapping", "check", "acme/hr")["keys"], "none", "the default names no keys")


@scenario
def a_key_that_was_granted_since_the_last_listing_is_asked_for(case):
    hr = case.sandbox(people=20)
    usual = hr.control("GET", "credentials")["credentials"][0]["attributes"]
    hr.credential(attributes=[key for key in usual if key != "dynamic_204813"])
    company = case.company(hr)
    company.arrive()
    path = company.file("mapping", 'custom.code = custom("dynamic_204813")\n')
    code, found = company.rollcall("mapping", "check", "acme/hr", "--file", path)
    same((code, found["keys"], found["findings"][0]["code"]), (1, "hr", "unknown-key"))
    hr.credential(attributes=usual)
    same(company.ok("mapping", "check", "acme/hr", "--file", path), {"ok": True, "keys": "hr", "findings": [], "not_taken": {}})


@scenario
def where_hr_was_never_read_and_cannot_be_asked_that_is_said_in_a_line(case):
    hr = case.sandbox(people=20)
    company = case.company(hr, settings={"retries": 0})
    hr.stop()
    path = company.file("mapping", 'custom.code = custom("dynamic_204831")\n')
    code, found = company.rollcall("mapping", "check", "acme/hr", "--file", path)
    same((code, found), (0, {"ok": True, "keys": None, "findings": [], "not_taken": {}}))
    done = company.run("mapping", "draft", "acme/hr", "--file", path)
    same(done.code, 0)
    holds(done.err, "could not be checked until HR is read")
    same(done.err.count("\n"), 1)
    check("could not be checked" not in company.run("mapping", "check", "acme/hr", "default").out, "the default names no keys")


@scenario
def a_saved_mapping_is_checked_again(case):
    hr = case.sandbox(people=20)
    company = case.company(hr)
    company.arrive()
    number = draft(company, 'custom.code = custom("dynamic_204813")\n')
    same(company.ok("mapping", "check", "acme/hr", str(number))["findings"], [])
    usual = hr.control("GET", "credentials")["credentials"][0]["attributes"]
    hr.credential(attributes=[key for key in usual if key != "dynamic_204813"])
    company.import_all()
    code, found = company.rollcall("mapping", "check", "acme/hr", str(number))
    same((code, [f["code"] for f in found["findings"]]), (1, ["unknown-key"]))
    same(company.rollcall("mapping", "check", "acme/hr", "9")[1]["error"]["name"], "mapping.unknown")
    same(company.rollcall("mapping", "check", "acme/hr", "1", "--file", "x")[0], 2)


# ---- what it would do ----


@scenario
def a_try_out_says_what_the_guard_will_say(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    company.arrive()
    text = ('exclude when office == "Bremen"\njob_title = if id == "4000012" then "Captain" else job_title\n'
            'primary_location = if office == "Lyon" then "" else office.name\ncustom.site = office\n')
    number = draft(company, text)
    before = company.people()
    tried = company.ok("mapping", "try", "acme/hr", str(number), "--all")
    code, held = company.rollcall("mapping", "activate", "acme/hr", str(number))
    same((code, held["run"]["state"], held["run"]["kind"]), (3, "held", "remap"))
    counts = held["run"]["counts"]
    same((tried["read"], tried["changed"], tried["fields"], tried["classes"]),
         (counts["read"], counts["changed"], counts["fields"], counts["classes"]))
    same(tried["verdict"], held["run"]["verdict"])
    same((tried["unread"], tried["lists_first"], tried["held_run"]), (None, False, None))
    same(company.people(), before)
    bremen = {str(p["id"]) for p in hr.truth() if p["office"] == "Bremen"}
    lyon = {str(p["id"]) for p in hr.truth() if p["office"] == "Lyon"}
    same((tried["excluded"], tried["cleared"]), (len(bremen), len(lyon)))
    same(tried["fields"]["custom.site"], sum(p["office"] is not None for p in hr.truth()), "custom fields by name")
    check("custom.site" in company.run("run", "show", f"acme/{held['run']['run']}").out, "the summary leaves the custom field out")
    # the captain is the strangest, for a reason that is told
    first = tried["strangest"][0]
    same(first["person"], "4000012")
    check(first["name"] in ("\u0e2a\u0e21\u0e0a\u0e32\u0e22 \u0e17\u0e2d\u0e07\u0e14\u0e35",), f"the name is {first['name']!r}")
    check({"reason": "only-value", "field": "job_title", "text": "gets a job_title that nobody else has"} in first["reasons"], f"{first['reasons']}")
    title = next(c for c in first["changes"] if c["field"] == "job_title")
    same((title["old"], title["new"], title["class"]), (before["4000012"]["user"]["job_title"], "Captain", "other"))
    check(4 <= len(tried["strangest"]) <= 10, f"{len(tried['strangest'])} strange people")
    check(all(s["reasons"] and s["changes"] for s in tried["strangest"]), "somebody is strange for no reason")
    # a second one that would be held has to wait for the first
    again = company.ok("mapping", "try", "acme/hr", str(number), "--all")
    same(again["held_run"], held["run"]["run"])
    said = company.run("mapping", "try", "acme/hr", str(number), "--all").out
    holds(said, "It would be held:", "people excluded by a filter: the limit for one run is", "Captain", "Nothing was changed")


@scenario
def a_small_change_meets_no_objection(case):
    hr = case.sandbox(people=120)
    company = case.company(hr)
    company.arrive()
    number = draft(company, 'job_title = if id == "4000012" then "" else job_title\n')
    tried = company.ok("mapping", "try", "acme/hr", str(number), "--all")
    same((tried["changed"], tried["classes"], tried["cleared"]), (1, {"cleared": 1}, 1))
    check(not tried["verdict"]["held"], "it would be held")
    same([r["reason"] for r in tried["strangest"][0]["reasons"]], ["loses-value", "rare"])
    same(company.rollcall("mapping", "activate", "acme/hr", str(number))[0], 0)


# ---- the team, said twice ----


@scenario
def the_setting_for_teams_and_a_mapping_of_ones_own_do_not_contradict_each_other(case):
    hr = case.sandbox(people=60)
    company = case.company(hr)
    company.arrive()
    number = draft(company, "language = \"en\"\n")
    activate(company, number)
    code, said = company.rollcall("integration", "set", "acme/hr", "--team", "team")
    same((code, said["error"]["name"]), (1, "mapping.team"))
    holds(said["error"]["text"], "would have no effect", "primary_team = team", "rollcall mapping activate acme/hr default")
    same(company.ok("integration", "show", "acme/hr")["integration"]["team"], "department")
    company.ok("integration", "set", "acme/hr", "--set", "page-size=50")
    # the other way round
    activate(company, "default")
    company.ok("integration", "set", "acme/hr", "--team", "team")
    company.import_all()
    code, said = company.rollcall("mapping", "activate", "acme/hr", str(number))
    same((code, said["error"]["name"]), (1, "mapping.team"))
    holds(company.run("mapping", "check", "acme/hr", str(number)).out, "cannot be activated as it is", "primary_team = team")
    activate(company, draft(company, "language = \"en\"\nprimary_team = team\n"))
    same(company.import_()[1]["run"]["counts"]["changed"], 0)


# ---- everything that a company may wish, against its HR ----


def activate(company, number):
    code, done = company.rollcall("mapping", "activate", "acme/hr", str(number))
    check(code in (0, 3), lambda: f"activating ended with {code}: {done}")
    if code == 3:
        company.approve(done["run"]["run"])
    return done


def through(company, text):
    """Everybody's user, as the mapping makes it; the next import changes nobody."""
    activate(company, draft(company, text))
    counts = company.import_()[1]["run"]["counts"]
    same((counts["changed"], counts["joiners"]), (0, 0), text)
    return {person: p["user"] for person, p in company.people().items()}


@scenario
def every_mapping_of_the_document_is_drafted_activated_and_imported_through(case):
    hr = case.sandbox(people=40)
    company = case.company(hr)
    company.arrive()
    with open(DOCUMENT, encoding="utf-8") as file:
        texts = re.findall(r"```mapping\n(.*?)```", file.read(), re.S)
    check(len(texts) == 14, f"{len(texts)} mappings in docs/mapping.md")
    for text in texts:  # HR here has other keys
        through(company, text.replace("dynamic_1234", "dynamic_204813").replace("dynamic_77", "dynamic_204811"))


@scenario
def the_day_on_which_employment_ends_is_the_one_that_was_chosen(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    company.arrive()
    truth = {str(p["id"]): p for p in hr.truth()}
    for text, end in (("leave_date = termination_date\n", lambda p: p["termination_date"]),
                      ("leave_date = last_working_day ?? termination_date\n", lambda p: p["last_working_day"] or p["termination_date"]),
                      ("leave_date = termination_date ?? contract_end_date\n", lambda p: p["termination_date"] or p["contract_end_date"]),
                      ("leave_date = earliest(termination_date, last_working_day, contract_end_date)\n",
                       lambda p: min(filter(None, (p["termination_date"], p["last_working_day"], p["contract_end_date"])), default=None))):
        users = through(company, text)
        wrong = [person for person, user in users.items() if user["leave_date"] != end(truth[person])]
        same(wrong, [], text)
        check(sum(user["leave_date"] is not None for user in users.values()) > 10, "hardly anybody leaves: this shows little")


@scenario
def teams_names_and_languages_come_from_where_they_were_wished(case):
    hr = case.sandbox(people=300)
    company = case.company(hr)
    company.arrive()
    truth = {str(p["id"]): p for p in hr.truth()}
    through(company, 'primary_team = team ?? department\nsecondary_teams = [department, cost_centre]\n'
            'first_name = part(preferred_name, " ", 1) ?? first_name\n'
            'language = lookup(office, languages) ?? "en"\ntable languages { "Lyon" = "fr", "Kraków" = "pl", "Bremen" = "de" }\n'
            'custom.number = custom("dynamic_204813")\n')
    languages = {"Lyon": "fr", "Kraków": "pl", "Bremen": "de"}
    exported = {p["person"]: p for p in company.ok("people", "export", "acme")["people"]}
    preferred = 0
    for person, p in truth.items():
        user = exported[person]["user"]
        same(exported[person]["team"], p["team"] or p["department"], person)
        further = (exported[person]["secondary_teams"] or "").split("; ")
        centres = [name for name in further if name.startswith("KST ")]  # the truth names one of two, HR their shares
        same([name for name in further if name and name not in centres], [p["department"]] if p["team"] and p["department"] else [], person)
        same(len(centres), 1 if p["cost_centers"] else 0, person)
        same(user["language"], languages.get(p["office"], "en"), person)
        if p["preferred_name"]:
            preferred += 1
            same(user["first_name"], p["preferred_name"].split()[0], person)
        same(user["custom.number"], p["dynamic_204813"], person)
    check(preferred > 20, "hardly anybody has a preferred name")
    # and one person is shown with all of it
    someone = next(person for person, p in truth.items() if p["team"] and p["cost_centers"])
    shown = company.run("people", "show", f"acme/{someone}").out
    holds(shown, f"({truth[someone]['department']})", "custom.number", truth[someone]["dynamic_204813"])
    check("\x1f" not in shown, "keys are not taken apart")
    why = company.run("people", "why", f"acme/{someone}").out
    holds(why, "secondary_teams", f"({truth[someone]['department']})", "custom.number")
    for command in (("people", "why"), ("people", "history"), ("people", "show")):
        answer = company.run("--json", *command, f"acme/{someone}").out
        check("u001f" not in answer.lower() and "\x1f" not in answer, f"{command}: keys are not taken apart")
        holds(answer, "custom.number")
    check(isinstance(company.person(someone)["user"]["secondary_teams"], list), "further teams are a list")


@scenario
def what_an_empty_value_means_is_said_field_by_field(case):
    hr = case.sandbox(people=60)
    company = case.company(hr)
    company.arrive()
    person = next(p for p in hr.truth() if p["status"] == "active" and p["email"] and p["position"] and not p["termination_date"])
    through(company, "empty job_title = keep\nempty email = clear\n")
    hr.edit(person["id"], position=None, email=None)
    company.import_all()
    user = company.person(person["id"])["user"]
    same((user["job_title"], user["email"]), (person["position"], None))
    activate(company, "default")
    company.import_all()
    same(company.person(person["id"])["user"]["job_title"], None, "the default clears it")


@scenario
def filters_leave_out_exactly_whom_they_say(case):
    hr = case.sandbox(people=120)
    company = case.company(hr)
    company.arrive()
    wish = hr.truth()[7]["id"]
    hr.edit(wish, dynamic_204811="yes")
    company.import_all()
    truth = {str(p["id"]): p for p in hr.truth()}
    users = through(company, "custom.kind = employment_type\ncustom.wish = custom(\"dynamic_204811\")\n")
    kinds = {person: user.get("custom.kind") for person, user in users.items()}
    check(len(set(kinds.values())) > 1, f"all are employed alike: {set(kinds.values())}")
    kind = next(k for k in kinds.values() if k)
    for text, out in (('exclude when office in ["Bremen", "Lyon"]', lambda i, p: p["office"] in ("Bremen", "Lyon")),
                      ('include when legal_entity == "Nordkap GmbH"', lambda i, p: p["subcompany"] != "Nordkap GmbH"),
                      ('exclude when department == "Finance"', lambda i, p: p["department"] == "Finance"),
                      (f'exclude when employment_type == "{kind}"', lambda i, p: kinds[i] == kind),
                      ('exclude when status == "onboarding"', lambda i, p: p["status"] == "onboarding"),
                      ('include when custom("dynamic_204811") == "yes"', lambda i, p: i != str(wish))):
        left_out = {person for person, user in through(company, text + ' because "of this"\n').items() if user.get("excluded") == "of this"}
        same(left_out, {i for i, p in truth.items() if p["exists"] and out(i, p)}, text)
        check(left_out and len(left_out) < len(truth), f"{text}: this shows little")
