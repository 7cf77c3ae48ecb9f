"""tried.py - what `mapping try --all` says, beside what activating then does, for random mappings over a company."""
import dataclasses
import subprocess

from harness import Company, Sandbox, check, same

# Reads everything that a random mapping may read, so that all of it is stored when one is tried.
WIDE = """\
custom.preferred = preferred_name
custom.kind = employment_type
custom.contract = contract_end_date
custom.last_day = last_working_day
custom.team = team
custom.cost_centre = cost_centre
custom.entity = legal_entity
custom.team_id = team.id
custom.department = department.name
custom.one = custom("KEY")
"""
KEY = "dynamic_204813"  # of the sandbox's company


def mappings(program, n, seed):
    """n random sound mappings, as the tests of mappings make them (tests/people/maker.c)."""
    done = subprocess.run([program, "print", str(n), str(seed)], stdout=subprocess.PIPE, check=True)
    texts = [text.decode() for text in done.stdout.split(b"\0") if text]
    same(len(texts), n, "mappings printed")
    texts = [text.replace('"k1"', f'"{KEY}"').replace('"k2"', f'"{KEY}"') for text in texts]
    # every other one beside the rules that count already, so that it changes some people and not all
    def kept(text):
        return "".join(line + "\n" for line in WIDE.splitlines() if not line.startswith("custom.one") or "custom.one" not in text)

    return [text + kept(text).replace("KEY", KEY) * (i % 2) for i, text in enumerate(texts)]


@dataclasses.dataclass
class Total:
    mappings: int = 0
    people: int = 0
    fields: int = 0
    held: int = 0
    without: int = 0
    filters: int = 0


def draft(company, text):
    return company.ok("mapping", "draft", "acme/hr", "--file", company.file("mapping", text))["mapping"]


def activate(company, number):
    """(the run, applied, whether it was held); a run of None: nobody was there."""
    code, answer = company.rollcall("mapping", "activate", "acme/hr", str(number))
    check(code in (0, 3), lambda: f"activating {number} ended with {code}: {answer}")
    run = answer.get("run")
    return (company.approve(run["run"]), True) if code == 3 else (run, False)


def what_changed(company, run):
    """{field: people} of a run that is applied; and the people."""
    fields, everybody = {}, set()
    for person, field in company.changes(run):
        fields.setdefault(field, set()).add(person)
        everybody.add(person)
    return {field: len(people) for field, people in fields.items()}, everybody


def stated(person):
    """What is stated about them: what nobody knows is not told, and what is known to be empty is null, which is no difference to anybody."""
    return {field: value for field, value in person["user"].items() if value is not None}


def one(company, text, total):
    number = draft(company, text)
    before = company.people()
    tried = company.ok("mapping", "try", "acme/hr", str(number), "--all")
    same(tried["unread"], None, "everything is stored")
    same(company.people(), before, "a try-out changes nobody")
    run, held = activate(company, number)
    after = company.people()
    fields, changed = what_changed(company, run["run"])
    same(run["kind"], "remap")
    same(tried["read"], run["counts"]["read"], "looked at")
    same(tried["changed"], run["counts"]["changed"], "people changed, as counted")
    same(tried["changed"], len(changed), "people changed, by their changes")
    same(tried["fields"], fields, "fields changed")
    same(run["counts"]["fields"], fields, "fields changed, as the run counts them")
    same(tried["classes"], run["counts"]["classes"], "what the guard counts")
    same(run["counts"]["problems"].get("filter-unknown", 0), tried["unknown"], "people of whom a filter cannot tell")
    differs = {person for person in after if stated(after[person]) != stated(before[person])}
    check(differs <= changed, lambda: f"{len(differs - changed)} people differ without a change")
    total.mappings += 1
    total.people += len(changed)
    total.fields += sum(fields.values())
    total.held += held
    total.without += not changed
    total.filters += tried["excluded"] > 0


def run(database, texts, people, seed):
    """A Failure where the two differ."""
    total = Total()
    with Sandbox(people, seed) as hr, Company(database, hr) as company:
        wide = draft(company, WIDE.replace("KEY", KEY))
        activate(company, wide)
        company.arrive()
        for text in texts:
            try:
                one(company, text, total)
            except AssertionError as why:
                why.args = (f"{database}, mapping {total.mappings}: {why}\n{text}",)
                raise
            activate(company, wide)
            company.import_all()
    return total
