"""test_api_people.py - the API of rollcall serve for whoever looks after people: how all stands, why somebody stands where they stand,
what became of them, what a run would do, all that is held of somebody, and forgetting them."""
import sqlite3
import urllib.parse

import contract
from contract import Api
from harness import check, holds, psql, same, scenario
from scenes import day
from serving import Serve
from test_api import Desk, all_pages, refusals

contract.covers(__file__, "people")
ACME = "/companies/acme"


def ok(desk, *words):
    return desk.company.ok(*map(str, words))


def how_all_stands(desk, api):
    root, reads = api.as_(desk.root), api.as_(desk.reads)
    said = ok(desk, "status")
    same(root.get("/status"), said)
    same({d["company"] for d in reads.get("/status")["destinations"]}, {"acme"}, "of one company")
    same(api.as_(desk.foreign).get("/status"), {"integrations": [], "destinations": []})
    same(reads.get(ACME + "/status"), ok(desk, "status", "acme"))


def one_person(desk, api, s):
    reads, administers = api.as_(desk.reads), api.as_(desk.administers)
    person = ACME + f"/people/{desk.ana}"
    same(reads.get(person + "/why"), ok(desk, "people", "why", f"acme/{desk.ana}"))
    same(reads.get(person + "/history"), ok(desk, "people", "history", f"acme/{desk.ana}"))
    mail = urllib.parse.quote(reads.get(person)["people"][0]["user"]["email"], safe="")
    same(reads.get(ACME + f"/people/{mail}/why")["people"][0]["person"], str(desk.ana))
    told, said = administers.get(person + "/export"), ok(desk, "people", "export", "acme", "--person", desk.ana)
    same({**told, "exported_at": None}, {**said, "exported_at": None})
    check(told["held"]["versions"] and told["held"]["accounts"], lambda: f"{told}")
    for what in ("why", "history", "export"):
        same(administers.get(ACME + f"/people/nobody/{what}", status=404)["name"], "person.unknown")
    twins = [s.hire(email="twin@nordkap.example") for _ in range(2)]
    s.company.import_all()
    found = reads.get(ACME + "/people/twin@nordkap.example/why")["people"]
    same({p["person"] for p in found}, set(map(str, twins)))
    check(all("shared-email" in {q["problem"] for q in p["problems"]} for p in found), lambda: f"{found}")
    same(administers.get(ACME + "/people/twin@nordkap.example/export", status=400)["name"], "person.several")
    return twins


def what_is_wrong(desk, api, s, twins):
    reads = api.as_(desk.reads)
    s.edit(twins[0], supervisor=None, email=None)
    s.company.import_all()
    whole = reads.get(ACME + "/problems?limit=1000")
    same(whole["next"], None)

    def people(said):
        return [(p["problem"], who["person"]) for p in said for who in p["people"]]

    told = people(ok(desk, "problems", "list", "acme", "--all")["problems"])
    same(sorted(people(whole["problems"])), sorted(told))
    check(("no-email", str(twins[0])) in told, lambda: f"{told}")
    same(people(all_pages(reads, ACME + "/problems?limit=1", "problems")), people(whole["problems"]), "page by page")
    same({p["problem"] for p in reads.get(ACME + "/problems?problem=no-email")["problems"]}, {"no-email"})
    same(reads.get(ACME + "/problems?integration=hr")["problems"], reads.get(ACME + "/problems")["problems"])
    reads.get(ACME + "/problems?problem=none-of-these", status=400)
    same(reads.get(ACME + "/problems?integration=nobody", status=404)["name"], "integration.unknown")
    some = reads.get(ACME + "/people?problem=no-email")["people"]
    same([p["person"] for p in some], [who for name, who in people(whole["problems"]) if name == "no-email"])
    same(len(reads.get(ACME + "/people?problem=any")["people"]), len(ok(desk, "people", "list", "acme", "--problem", "any")["people"]))
    reads.get(ACME + "/people?problem=none-of-these", status=400)
    # what was found is kept until something changes
    before = reads.get(ACME + "/status")["integrations"]
    same(before, reads.get(ACME + "/status")["integrations"], "asked twice")
    s.edit(twins[0], email="mended@nordkap.example")
    s.company.import_all()
    after = reads.get(ACME + "/problems?limit=1000")["problems"]
    check(("no-email", str(twins[0])) not in people(after), lambda: f"{after}")
    same(sorted(people(after)), sorted(people(ok(desk, "problems", "list", "acme", "--all")["problems"])))
    status = reads.get(ACME + "/status")["integrations"]
    check(status[0]["with_problems"] < before[0]["with_problems"], lambda: f"{before} {status}")
    same(status, s.company.rollcall("status", "acme")[1]["integrations"])


def what_a_run_would_do(desk, api, s):
    reads = api.as_(desk.reads)
    newcomer = s.hire(first_name="Neva")
    s.edit(desk.ana, position="Foreman")
    run = ok(desk, "import", "acme/hr", "--preview")["run"]["run"]
    said = ok(desk, "run", "show", f"acme/{run}")
    whole = reads.get(ACME + f"/runs/{run}/changes?limit=1000")
    same({name: whole[name] for name in ("groups", "changes", "left_out", "difference")},
         {name: said[name] for name in ("groups", "changes", "left_out", "difference")})
    check(len(said["changes"]) >= 2, lambda: f"{said}")
    same(all_pages(reads, ACME + f"/runs/{run}/changes?limit=1", "changes"), said["changes"], "page by page")
    why = reads.get(ACME + f"/people/{newcomer}/why")["people"][0]
    same((why["lifecycle"], why["waits"][0]["run"]), (None, run), "who is only staged")
    after = reads.get(ACME + f"/people?run={run}&limit=1000")["people"]
    same(after, ok(desk, "people", "list", "acme", "--run", run)["people"])
    check(str(newcomer) in {p["person"] for p in after}, "as it would be")
    reads.get(ACME + "/people?run=999999", status=404)
    reads.get(ACME + "/people?run=x", status=400)
    same(reads.get(ACME + f"/runs/{run}/calls", status=404)["name"], "run.kind")
    reads.get(ACME + "/runs/999999/changes", status=404)
    ok(desk, "run", "reject", f"acme/{run}", "--reason", "x")
    for subject, query in (("hr", "integration=hr"), ("la", "destination=la")):
        same([r["run"] for r in reads.get(ACME + f"/runs?{query}")["runs"]], [r["run"] for r in ok(desk, "run", "list", f"acme/{subject}")["runs"]])
        same(reads.get(ACME + "/runs?" + query.replace(subject, "nobody"), status=404)["name"].partition(".")[2], "unknown")
    reads.get(ACME + "/runs?integration=hr&destination=la", status=400)
    limits = '{"name":{"run":[0,0]}}'
    for query, words in (("", ()), ("?days=3", ("--days", 3)), ("?limits=" + urllib.parse.quote(limits), ("--limits", limits)), ("?limits=", ("--limits", ""))):
        told = ok(desk, "run", "simulate", "acme/hr", *words)["simulation"]
        same({**reads.get(ACME + "/integrations/hr/simulation" + query)["simulation"], "since": None}, {**told, "since": None}, query)
    for wrong in ("?limits=x", "?days=0", "?days=3651"):
        reads.get(ACME + "/integrations/hr/simulation" + wrong, status=400)
    same(reads.get(ACME + "/integrations/nobody/simulation", status=404)["name"], "integration.unknown")
    delivery = next(r["run"] for r in reads.get(ACME + "/runs")["runs"] if r["kind"] == "delivery")
    said = ok(desk, "run", "show", f"acme/{delivery}")
    whole = reads.get(ACME + f"/runs/{delivery}/calls?limit=1000")
    same({name: whole[name] for name in said}, said)
    check(said["calls"], "a delivery without calls")
    same(all_pages(reads, ACME + f"/runs/{delivery}/calls?limit=1", "calls"), said["calls"], "page by page")
    same(reads.get(ACME + f"/runs/{delivery}/changes", status=404)["name"], "run.kind")


def beside(desk, sql):
    """What webhooks have told is kept beside the database on SQLite."""
    if desk.company.kind == "postgres":
        return psql(sql, desk.company.database).strip()
    with sqlite3.connect(desk.company.database + ".events") as db:
        return "".join(str(row[0]) for row in db.execute(sql))


def hint_of(desk):
    numbers = "SELECT company_id, integration_id FROM integration"
    if desk.company.kind == "postgres":
        company, integration = psql(numbers, desk.company.database).strip().split("|")
    else:
        with sqlite3.connect(f"file:{desk.company.database}?mode=ro", uri=True) as db:
            company, integration = db.execute(numbers).fetchone()
    beside(desk, "INSERT INTO webhook_event (company_id, integration_id, digest, name, source_id, arrived_at, last_at, times, state, wanted_at)"
           f" VALUES ({company}, {integration}, 'x', 'person.updated', '{desk.ana}', 1, 1, 1, 'again', 9000000000000000)")


def hints(desk):
    return int(beside(desk, "SELECT COUNT(*) FROM webhook_event"))


def somebody_is_forgotten(desk, api, s):
    by, path, person = api.as_(desk.administers), ACME + f"/people/{desk.ana}/erase", ACME + f"/people/{desk.ana}"
    by.post(path, {}, status=400)
    by.post(path, {"reason": "asked", "yes": "yes"}, status=400)
    same(by.post(path, {"reason": "asked by letter"}, status=409)["name"], "person.listed")
    s.edit(desk.ana, status="inactive", termination_date=day(-1))
    s.approve_import()
    s.hr.remove(desk.ana)
    s.company.import_all()
    hint_of(desk)
    same(by.post(path, {"reason": "asked by letter"}, status=409)["name"], "person.account")
    code, said = desk.company.rollcall("people", "erase", f"acme/{desk.ana}", "--reason", "asked by letter")
    same((code, said["error"]["name"]), (1, "person.account"))
    same(hints(desk), 1, "what webhooks have told of somebody who was not forgotten")
    key = {"Idempotency-Key": "erase-1"}
    receipt = by.post(path, {"reason": "asked by letter", "yes": True}, headers=key)["erasure"]
    same(by.post(path, {"reason": "asked by letter", "yes": True}, headers=key)["erasure"], receipt)
    holds(receipt["by"], "administer of acme")
    same(by.get(ACME + "/receipts"), ok(desk, "people", "receipts", "acme"))
    same(by.get(ACME + "/receipts")["receipts"], [receipt])
    same(hints(desk), 0)
    for what in ("", "/why", "/history", "/export"):
        by.get(person + what, status=404)


@scenario
def people_and_runs_are_shown_as_the_command_line_shows_them_and_somebody_is_forgotten(case):
    desk = Desk(case)
    with Serve(desk.company) as serve:
        api = Api(serve.port, desk.root)
        refusals(desk, api, "people")
        how_all_stands(desk, api)
        twins = one_person(desk, api, desk.s)
        what_is_wrong(desk, api, desk.s, twins)
        what_a_run_would_do(desk, api, desk.s)
        somebody_is_forgotten(desk, api, desk.s)
        same(api.unseen("people"), [], "promised, and never seen")
        serve.stop()
