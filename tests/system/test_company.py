"""test_company.py - a company's configuration as a document: taken to another installation, and applied where people are known."""
import json

from harness import SECRET, check, holds, same, scenario
from scenes import LEARNAMP_SECRET, Scene, day


def exported(company, key="acme"):
    done = company.run("company", "export", key)
    same((done.code, done.err), (0, ""))
    return done.out


@scenario
def an_empty_installation_gets_the_company_and_works_once_its_credentials_are_set(case):
    s = Scene(case)
    s.company.file("m", 'language = "en"\n# for everybody\n')
    s.company.ok("mapping", "draft", "acme/hr", "--file", s.company.file("m", 'language = "en"\n# for everybody\n'))
    s.company.rollcall("mapping", "activate", "acme/hr", "1")
    s.company.ok("retention", "set", "acme", "history=90")
    s.company.ok("alert", "set", "acme", "--to", "ana@acme.example")
    document = exported(s.company)
    check(SECRET not in document and LEARNAMP_SECRET not in document, "a credential in a document")
    same(exported(s.company), document, "the same bytes")
    path = s.company.file("acme.json", document)
    same(s.company.ok("company", "plan", path)["plan"]["changes"], 0)
    same(s.company.ok("company", "apply", path)["plan"]["changes"], 0)
    same(exported(s.company), document)

    other = case.company(add=False)
    done = other.run("company", "apply", path)
    same(done.code, 0, f"{done}")
    holds(done.out, "company acme is new", "To be set by hand", "rollcall integration set acme/hr --secret-file client-secret=FILE")
    same(other.run("company", "export", "acme").out.replace('"client-secret":false', '"client-secret":true'), document)
    code, said = other.rollcall("import", "acme/hr")
    same((code, said["error"]["name"]), (1, "setting"))
    other.ok("integration", "set", "acme/hr", "--secret-file", f"client-secret={other.file('hr', SECRET)}")
    other.ok("destination", "set", "acme/la", "--secret-file", f"client-secret={other.file('la', LEARNAMP_SECRET)}")
    same(exported(other), document)
    code, said = other.rollcall("import", "acme/hr")
    same((code, said["run"]["state"]), (3, "held"))
    other.ok("run", "approve", f"acme/{said['run']['run']}", "--reason", "moved")
    # another prefix: the accounts are the other installation's, until somebody says that they are taken over
    prefixes = [c.ok("destination", "show", "acme/la")["destination"]["prefix"] for c in (s.company, other)]
    check(prefixes[0] != prefixes[1], f"{prefixes}")
    there = s.there.control("GET", "truth")["accounts"]
    other.rollcall("deliver", "acme/la")
    same(s.there.control("GET", "truth")["accounts"], there)
    other.ok("policy", "set", "acme/la", f"adopt-prefix={prefixes[0]}")
    code, said = other.rollcall("deliver", "acme/la")
    same((code, said["run"]["state"]), (3, "held"), f"{said}")
    same(s.there.control("GET", "truth")["accounts"], there)


@scenario
def a_mapping_in_a_document_is_guarded_like_any_other(case):
    s = Scene(case, people=12)
    document = json.loads(exported(s.company))
    document["integrations"]["hr"]["mapping"] = ['exclude when status == "active"']
    path = s.company.file("acme.json", json.dumps(document))
    plan = s.company.ok("company", "plan", path)["plan"]
    same([(p["path"], p["people"] > 0) for p in plan["steps"]], [("integrations.hr.mapping", True)])
    calls = s.there.control("GET", "truth")["accounts"]
    code, said = s.company.rollcall("company", "apply", path)
    same((code, said["mappings"][0]["active"]), (3, False), f"{said}")
    run = s.company.ok("run", "show", f"acme/{said['mappings'][0]['run']}")["run"]
    same((run["kind"], run["state"]), ("remap", "held"))
    same(json.loads(exported(s.company))["integrations"]["hr"]["mapping"], None, "it does not count")
    s.company.rollcall("deliver", "acme/la")
    same(s.there.control("GET", "truth")["accounts"], calls, "nobody's account is touched")
    s.company.ok("run", "reject", f"acme/{run['run']}", "--reason", "not meant")


@scenario
def a_policy_in_a_document_says_whom_it_concerns(case):
    s = Scene(case)
    s.edit(s.boss, status="inactive")
    s.company.import_all()
    document = json.loads(exported(s.company))
    document["destinations"]["la"]["policy"]["close-status"] = "no"
    path = s.company.file("acme.json", json.dumps(document))
    done = s.company.run("company", "plan", path)
    holds(done.out, "destinations.la.policy.close-status", "0 accounts closed instead of 1", "Nothing has changed yet")
    check(s.is_open(s.boss), "a plan changes nothing")


@scenario
def a_policy_that_is_to_be_set_counts_whoever_came_since_the_last_delivery_and_all_mails(case):
    s = Scene(case, people=12)
    people = [p for p in s.hr.truth() if p["id"] != s.boss and p["status"] == "active" and p["email"]]
    lead = s.hire(department=people[1]["department"])
    for days in (10, 20, 30):
        s.hire(hire_date=day(days))
    s.edit(people[0]["id"], department="Works")
    s.edit(people[1]["id"], supervisor=lead)
    s.company.import_all()
    rows = len(s.rows())

    def said(*settings):
        told = s.company.ok("policy", "set", "acme/la", *settings, "--preview")["delivery"]
        return [(n["create"], n["mails"], n["update"]) for n in (told["before"], told["after"])]
    s.there.forget()
    same(said("invite=on-hire-date"), [(4, 4, 2), (1, 1, 2)])
    same(said("invite=by-hand"), [(4, 4, 2), (4, 0, 2)])
    same(said("create-teams=no"), [(4, 4, 2), (4, 4, 1)])
    s.there.control("POST", "teams", {"name": "Works"})
    same(said("adopt-teams=no"), [(4, 4, 2), (4, 4, 1)], "a team made by hand has the name")
    same(s.there.writes(), [], "a preview")
    same(len(s.rows()), rows, "nobody is kept")
    document = json.loads(exported(s.company))
    document["destinations"]["la"]["policy"]["invite"] = "by-hand"
    holds(s.company.run("company", "plan", s.company.file("acme.json", json.dumps(document))).out, "0 accounts invited instead of 4")
    holds(s.company.run("policy", "set", "acme/la", "invite=on-hire-date").out, "accounts made", "invitations")
    s.there.forget()
    s.deliver()
    routes = [route for route, _ in s.there.writes()]
    same((routes.count("users.create"), routes.count("users.update")), (1, 2), f"{routes}")
    s.quiet()


@scenario
def what_feeds_a_platform_no_more_is_told_by_the_plan_and_wants_a_yes(case):
    s = Scene(case)
    s.company.ok("integration", "add", "acme/ext", "--source", "csv", "--set", "file=/dev/null")
    people = sum(a["status"] == "active" for a in s.rows() if a["person"])
    document = json.loads(exported(s.company))
    del document["version"]

    def fed_by(*keys):
        document["destinations"]["la"]["feeds"] = list(keys)
        return s.company.file("acme.json", json.dumps(document))

    def feeds():
        return s.company.ok("destination", "show", "acme/la")["destination"]["feeds"]
    path = fed_by("ext")
    step, = s.company.ok("company", "plan", path)["plan"]["steps"]
    same((step["path"], step["people"], step["confirm"]), ("destinations.la.feeds", people, f"la={people}"))
    holds(step["follows"], "without hr", "nobody closes them")
    holds(s.company.run("company", "plan", path).out, f"rollcall company apply {path} --confirm la={people}")
    for confirm in ((), ("--confirm", f"la={people + 1}"), ("--confirm", people), ("--confirm", "la"), ("--confirm", f"hr={people}")):
        code, said = s.company.rollcall("company", "apply", path, *confirm)
        same((code, said["error"]["name"]), (2, "misused"), confirm)
        holds(said["error"]["text"], "without hr", f"{people} people with open accounts", f"--confirm la={people}")
    same(feeds(), ["hr"])
    # one more takes nobody away
    step, = s.company.ok("company", "apply", fed_by("hr", "ext"))["plan"]["steps"]
    same((step["path"], step["people"], step["confirm"], feeds()), ("destinations.la.feeds", None, None, ["hr", "ext"]))
    # nor does one through which nobody is known
    s.company.ok("company", "apply", fed_by("hr"))
    s.company.ok("company", "apply", fed_by("ext"), "--confirm", f"la={people}")
    same(feeds(), ["ext"])


@scenario
def an_integration_that_is_to_go_is_told_with_whose_accounts_stay_open(case):
    s = Scene(case)
    ana = s.hire(first_name="Ana")
    s.sync()
    s.edit(ana, status="inactive")
    s.sync()
    same(s.is_open(ana), False)
    people = sum(a["status"] == "active" for a in s.rows() if a["person"])
    stay = f"{people} have open accounts on la, which stay open as they are: nobody keeps them in step or closes them any more, whatever HR says"
    # whether it still feeds it or not
    document = json.loads(exported(s.company))
    del document["version"], document["integrations"]["hr"]
    document["destinations"]["la"]["feeds"] = []
    path = s.company.file("acme.json", json.dumps(document))
    plan = s.company.ok("company", "plan", path, "--remove", "integration/hr")["plan"]
    # those whose integration goes are told with that alone
    same([(step["act"], step["path"], step["confirm"]) for step in plan["steps"]],
         [("change", "destinations.la.feeds", None), ("remove", "integrations.hr", "hr")])
    holds(plan["steps"][1]["follows"], f"forgotten; of them {stay}")
    holds(s.company.run("company", "plan", path, "--remove", "integration/hr").out,
          f"rollcall company apply {path} --remove integration/hr --confirm hr")
    for more in ((), ("--confirm", "la")):
        code, said = s.company.rollcall("company", "apply", path, "--remove", "integration/hr", *more)
        same((code, said["error"]["name"]), (2, "misused"))
        holds(said["error"]["text"], f"of its people {stay}; if that is meant, say --confirm hr")
    for unfed in (False, True):
        if unfed:
            s.company.ok("destination", "set", "acme/la", "--feed", "ext", "--confirm", people)
        else:
            s.company.ok("integration", "add", "acme/ext", "--source", "csv", "--set", "file=/dev/null")
        code, said = s.company.rollcall("integration", "remove", "acme/hr")
        same((code, said["error"]["name"]), (2, "misused"))
        holds(said["error"]["text"], f"and their history; of them {stay}; if that is meant, say --confirm hr")
    done = s.company.ok("integration", "remove", "acme/hr", "--confirm", "hr")
    same(done["left_open"], [{"destination": "la", "people": people}])
    same(s.company.ok("integration", "remove", "acme/ext", "--confirm", "ext")["left_open"], [])
    left = s.company.ok("accounts", "list", "acme/la", "--unmatched")["accounts"]
    same(sum((a["tie"], a["status"]) == ("ours", "active") for a in left), people)


@scenario
def another_address_or_client_id_of_a_platform_makes_it_unread(case):
    s = Scene(case)
    ana = s.hire()
    s.sync()

    def applied(**settings):
        document = json.loads(exported(s.company))
        del document["version"]
        document["destinations"]["la"]["settings"].update(settings)
        s.company.ok("company", "apply", s.company.file("acme.json", json.dumps(document)))
        return s.company.ok("destination", "show", "acme/la")["destination"]

    was = s.company.ok("destination", "show", "acme/la")["destination"]
    check(was["listed_at"] is not None, f"{was}")
    same(applied(**{"max-per-second": "7"})["listed_at"], was["listed_at"], "another pace")
    for name, other in (("client-id", "elsewhere"), ("base-url", "http://127.0.0.1:9")):
        same(applied(**{name: other})["listed_at"], None, name)
        same(applied(**{name: was["settings"][name]})["listed_at"], None, f"{name}, and back: nobody has looked since")
        # it shows that it is the same, and is read before anything else
        s.there.forget()
        s.edit(ana, position=f"Foreman {name}")
        s.sync()
        check("users.list" in {c["route"] for c in s.there.calls()}, f"{s.there.calls()}")
        s.shows(ana, jobTitle=f"Foreman {name}")
        check(s.company.ok("destination", "show", "acme/la")["destination"]["listed_at"] is not None, name)
