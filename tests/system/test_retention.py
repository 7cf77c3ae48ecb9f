"""test_retention.py - what is no longer needed goes by rules, and nothing that anybody needs goes with it."""
from harness import check, holds, same, scenario
from inside import Inside
from scenes import Scene
from serving import Serve, until


def due(s):
    return s.company.ok("retention", "show", "acme")["retention"]["due"]


def a_year_of_changes(s):
    ana, bo = s.hire(first_name="Ana"), s.hire(first_name="Bo")
    s.approve_import()
    for name in ("Second", "Third"):
        s.edit(ana, last_name=name, position=name)
        s.sync()
    s.edit(bo, last_name="Rejected")
    s.company.ok("run", "reject", f"acme/{s.company.import_('--preview')[1]['run']['run']}", "--reason", "no")
    s.edit(bo, last_name="Bo")
    s.sync()
    return ana, bo


@scenario
def after_a_year_earlier_versions_are_gone_and_everybody_is_explained_as_before(case):
    s = Scene(case, people=5)
    ana, bo = a_year_of_changes(s)
    same(sum(due(s).values()), 0, "due at once")
    s.days(400)
    s.approve_import()  # credentials, dates: as on any day
    people, accounts = s.company.people(), s.there.everybody()
    why = {p: s.company.ok("people", "why", f"acme/{p}")["people"][0]["values"] for p in (ana, bo)}
    held = s.company.import_("--preview")[1]["run"]["run"]
    was = due(s)
    check(was["versions"] > 0 and was["changes"] > 0 and was["effects"] > 0, lambda: f"due: {was}")
    removed = s.company.ok("retention", "apply", "acme")["removed"]
    same({k: v for k, v in removed.items() if k != "runs"}, {k: v for k, v in was.items() if k != "runs"}, "what went, and what was said")
    same(sum(due(s).values()), 0)
    same(s.company.people(), people)
    same({p: s.company.ok("people", "why", f"acme/{p}")["people"][0]["values"] for p in (ana, bo)}, why)
    check(s.company.ok("people", "history", f"acme/{ana}")["people"][0]["history"], "the step that made Ana what she is")
    s.approve(held)
    s.quiet()
    same(s.there.everybody(), accounts)


@scenario
def the_daemon_does_it_at_night(case):
    s = Scene(case, people=5)
    a_year_of_changes(s)
    s.company.ok("retention", "set", "acme", "history=30")
    with Serve(s.company), Inside(s.company) as inside:  # the jobs of the night are there from now on
        until(lambda: inside.number("SELECT COUNT(*) FROM job WHERE kind = 'retain'") > 0, "a job for the night")
    s.days(40)
    check(due(s)["versions"] > 0, "something is due")
    with Serve(s.company) as serve:
        until(lambda: serve.done("retain") >= 1, "the night's job")
        serve.stop()
        holds(serve.log(), '"retain":"done"')
    same(due(s)["versions"], 0)


@scenario
def a_rule_is_said_in_days_and_kept_in_the_audit(case):
    company = case.company()
    same(company.ok("retention", "set", "acme", "effects=keep", "runs=90")["retention"]["days"],
         {"stages": 30, "history": 365, "effects": None, "audit": 1095, "runs": 90})
    same(company.rollcall("retention", "set", "acme", "effects=3")[0], 2)
    same(company.rollcall("retention", "set", "acme", "nonsense=300")[0], 2)
    same(company.ok("retention", "show", "acme")["retention"]["days"]["effects"], None)
    same(company.rollcall("retention", "show", "nobody")[1]["error"]["name"], "company.unknown")
