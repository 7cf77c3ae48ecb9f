"""test_api.py - the API of rollcall serve, over HTTP, held against docs/api.yaml: what it shows and does, who may, and what is refused."""
import contextlib
import json
import re
import threading
import time
import urllib.parse

import contract
from contract import Api
from harness import check, holds, same, scenario
from inside import Inside
from scenes import Scene, day
from serving import Serve, until
from stream import Stream


contract.covers(__file__, "")


def token(company, of="acme", right="administer", **more):
    arguments = [a for name, value in more.items() for a in (f"--{name}", value)]
    said = company.ok("token", "add", *([of] if of else []), "--name", f"{right} of {of or 'all'}", "--right", right, *arguments)
    check(re.fullmatch(r"rollcall_[0-9a-f]{12}_[0-9a-f]{64}", said["secret"]), f"{said}")
    return said["secret"]


def state_of(api, run):
    return api.get(f"/companies/acme/runs/{run}")["run"]["state"]


def all_pages(api, path, name):
    found, cursor = [], ""
    while cursor is not None:
        said = api.get(path + cursor)
        found += said[name]
        cursor = f"&cursor={said['next']}" if said["next"] is not None else None
    return found


ERRANDS_MOST = 100


@contextlib.contextmanager
def desk_is_full(company, of="acme"):
    """As many errands of a company wait as may; nobody comes to these."""
    number = f"(SELECT company_id FROM company WHERE key = '{of}')"
    with Inside(company) as inside:
        waiting = inside.number(f"SELECT COUNT(*) FROM errand WHERE company_id = {number} AND state = 'waiting'")
        rows = ", ".join(f"({number}, {9000000 + i}, 'undo', 'waiting', {9000000 + i}, 'x', 1790000000000000, '[]')" for i in range(ERRANDS_MOST - waiting))
        inside.rows(f"INSERT INTO errand (company_id, errand_id, kind, state, subject_id, who, made_us, runs) VALUES {rows}")
        try:
            yield
        finally:
            inside.rows("DELETE FROM errand WHERE errand_id >= 9000000")


def too_many(api, path, body=None):
    """The desk is full, which is said with when to ask again, in the form of all errors."""
    said = api.post(path, body, status=429)
    same(said["name"], "errand.too-many")
    check(int(api.headers["Retry-After"]) >= 30, f"{api.headers['Retry-After']}")
    holds(said["detail"], f"{ERRANDS_MOST} errands")


@scenario
def the_contract_lets_nothing_through_unsaid(case):
    same(contract.loose_schemas(), [])
    ids = [operation["operationId"] for _, _, operation in contract.operations()]
    same(len(ids), len(set(ids)), "operation ids")
    same({contract.tag_of(operation) for _, _, operation in contract.operations()}, set(contract.COVERED), "tags, and files that look after them")


class Desk:
    """A company with people, a held import and a platform, served; and tokens of every kind."""

    def __init__(self, case):
        self.s = Scene(case)
        self.ana = self.s.hire(first_name="Ana")
        self.s.sync()
        self.make_tokens()

    def make_tokens(self):
        self.company = self.s.company
        self.company.ok("company", "add", "other")
        self.reads, self.operates, self.administers = (token(self.company, right=r) for r in ("read", "operate", "administer"))
        self.root = token(self.company, of=None)
        self.foreign = token(self.company, of="other")


def refusals(desk, api, *tags):
    """Each way of saying no that does not depend on what is asked."""
    reads, root, acme = api.as_(desk.reads), api.as_(desk.root), "/companies/acme"

    def no_token(method, path, body=None):
        said = api.as_(None).call(method, path, body, status=401)
        same(said["name"], "token.missing")
        same(api.as_("rollcall_" + "0" * 12 + "_" + "0" * 64).call(method, path, body, status=401)["name"], "token.unknown")

    spent = {"Idempotency-Key": f"spent on something else {tags}"}
    root.post(acme + "/destinations/la/pause", {"because": "x"}, headers=spent)
    root.post(acme + "/destinations/la/resume")
    for method, path, operation in contract.operations(*tags):
        filled = re.sub(r"\{([a-z]+)\}", lambda m: {"company": "acme", "run": "1"}.get(m.group(1), "nobody"), path)
        no_token(method, filled)
        if "403" in operation["responses"]:
            reads.call(method, filled, status=403)
        if "415" in operation["responses"]:
            root.call(method, filled, b"reason=because", status=415, kind="application/x-www-form-urlencoded")
        if method in ("POST", "PUT", "PATCH") and "400" in operation["responses"]:
            holds(root.call(method, filled, {"unknown": 1}, status=400)["detail"], "unknown")
            root.call(method, filled, b"{", status=400)
            root.call(method, filled, b"[]", status=400)
        if method == "GET" and "400" in operation["responses"]:
            root.call(method, filled + "?limit=0", status=400)
            root.call(method, filled + "?limit=1001", status=400)
            root.call(method, filled + "?cursor=x", status=400)
            holds(root.call(method, filled + "?limt=1", status=400)["detail"], "limt")
        if "{company}" in path and "404" in operation["responses"]:
            gone = filled.replace("/acme", "/nobody")
            same(root.call(method, gone, status=404)["name"], "company.unknown")
        if "422" in operation["responses"]:
            same(root.call(method, filled, {}, status=422, headers=spent)["name"], "idempotency.other")


def everything_once(desk, api, s):
    """Each operation as it is meant, and each way in which it says no."""
    reads, operates, root = api.as_(desk.reads), api.as_(desk.operates), api.as_(desk.root)
    acme = "/companies/acme"
    refusals(desk, api, "")

    # the caller, and companies
    said = reads.get("")
    same([said["token"][k] for k in ("company", "right")], ["acme", "read"])
    same(root.get("/")["token"]["company"], None)
    same([c["company"] for c in reads.get("/companies")["companies"]], ["acme"])
    same({c["company"] for c in root.get("/companies")["companies"]}, {"acme", "other"})
    same(root.post("/companies", {"company": "third", "zone": "Asia/Tokyo"}, status=201)["company"]["zone"], "Asia/Tokyo")
    same(root.post("/companies", {"company": "third"}, status=409)["name"], "company.exists")
    root.post("/companies", {"company": "No Key"}, status=400)
    root.post("/companies", {"company": "fourth", "zone": "Nowhere/At-all"}, status=400)
    same(reads.get(acme)["company"]["company"], "acme")

    # ETags
    for path in (acme, acme + "/integrations/hr", acme + "/destinations/la"):
        reads.get(path)
        tag = reads.headers["ETag"]
        reads.get(path, status=304, headers={"If-None-Match": tag})
        reads.get(path, headers={"If-None-Match": '"another"'})

    # people
    everybody = all_pages(reads, acme + "/people?limit=3", "people")
    same(len(everybody), len({p["user_id"] for p in everybody}), "each once")
    same(len(everybody), len(desk.company.ok("people", "list", "acme")["people"]))
    same(everybody, desk.company.ok("people", "list", "acme")["people"], "as the command line says")
    for one in reads.get(acme + "/people?lifecycle=active&limit=1000")["people"]:
        same(one["lifecycle"], "active")
    reads.get(acme + "/people?lifecycle=asleep", status=400)
    found = reads.get(acme + f"/people/{desk.ana}")["people"][0]
    same(found["user"]["first_name"], "Ana")
    mail = urllib.parse.quote(found["user"]["email"], safe="")
    same(reads.get(acme + f"/people/{mail}")["people"], [found])
    same(reads.get(acme + f"/people/%23{found['user_id']}")["people"], [found])
    same(reads.get(acme + "/people/nobody", status=404)["name"], "person.unknown")

    # runs, integrations, destinations
    runs = all_pages(reads, acme + "/runs?limit=2", "runs")
    same([r["run"] for r in runs], [r["run"] for r in desk.company.ok("run", "list", "acme")["runs"]])
    same(reads.get(acme + f"/runs/{runs[0]['run']}")["run"], runs[0])
    reads.get(acme + "/runs/999999", status=404)
    reads.get(acme + "/runs/0", status=404)
    same(reads.get(acme + "/integrations")["integrations"], desk.company.ok("integration", "list", "acme")["integrations"])
    same(reads.get(acme + "/integrations/hr")["integration"]["source"], "personio")
    same(reads.get(acme + "/integrations/nobody", status=404)["name"], "integration.unknown")
    same(reads.get(acme + "/destinations")["destinations"], desk.company.ok("destination", "list", "acme")["destinations"])
    same(reads.get(acme + "/destinations/nobody", status=404)["name"], "destination.unknown")

    # events: as many as a token may, and one more (more of them in test_events.py)
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(Stream(api.port, desk.reads)) for _ in range(8)]
        same({stream.status for stream in streams}, {200})
        api.seen.add(("listenToEvents", 200))
        same(reads.get(acme + "/events", status=429)["name"], "events.too-many")

    # work
    with desk_is_full(desk.company):
        too_many(operates, acme + "/integrations/hr/sync", {"preview": True})
        too_many(operates, acme + "/destinations/la/deliver", {"preview": True})
    for path in ("/integrations/hr/sync", "/destinations/la/deliver"):
        same(operates.post(acme + path, status=202)["job"]["company"], "acme")
        operates.post(acme + path, {}, status=202)
        operates.post(acme + path.replace("/hr/", "/nobody/").replace("/la/", "/nobody/"), status=404)
    paused = operates.post(acme + "/destinations/la/pause", {"because": "summer"})["destination"]["paused"]
    same(paused["because"], "summer")
    holds(paused["by"], "operate of acme")
    same(operates.post(acme + "/destinations/la/resume")["destination"]["paused"], None)
    operates.post(acme + "/destinations/nobody/pause", status=404)
    operates.post(acme + "/destinations/nobody/resume", status=404)
    for verb in ("approve", "reject"):
        operates.post(acme + f"/runs/{runs[0]['run']}/{verb}", {"reason": "why not"}, status=409)
        operates.post(acme + f"/runs/999999/{verb}", {"reason": "why not"}, status=404)
        operates.post(acme + f"/runs/{runs[0]['run']}/{verb}", {}, status=400)

    # tokens and the audit log
    for path, by in ((acme + "/tokens", api.as_(desk.administers)), ("/tokens", root)):
        made = by.post(path, {"name": "robot", "right": "read", "days": 3}, status=201)
        api.as_(made["secret"]).get("/")
        check(made["token"]["token"] in {t["token"] for t in by.get(path)["tokens"]}, "it is listed")
        check(made["secret"] not in json.dumps(by.get(path)), "its secret is told again")
        by.post(path, {"name": "robot", "right": "everything"}, status=400)
        by.post(path, {"name": "robot", "right": "read", "days": 0}, status=400)
        by.delete(path + "/" + made["token"]["token"], status=204)
        by.delete(path + "/" + made["token"]["token"], status=404)
        api.as_(made["secret"]).get("/", status=401)
    entries = all_pages(api.as_(desk.administers), acme + "/audit?limit=2", "entries")
    check(any("la paused" in e["what"] and "operate of acme" in e["who"] for e in entries), f"{entries}")


def held_and_decided(desk, api, s):
    """An import that the guard holds, decided over the API and carried out by a worker."""
    operates, acme = api.as_(desk.operates), "/companies/acme"
    leavers = [s.hire() for _ in range(8)]
    operates.post(acme + "/integrations/hr/sync", status=202)
    until(lambda: s.accounts(leavers[-1]), "their accounts", 60)
    for person in leavers:
        s.edit(person, status="inactive", termination_date=day(-1))

    def hold():
        operates.post(acme + "/integrations/hr/sync", status=202)
        return until(lambda: next((r for r in operates.get(acme + "/runs?limit=5")["runs"] if r["state"] == "held"), None), "a held run", 60)

    first = hold()
    holds(first["reason"], "leav")
    check(all(s.is_open(person) for person in leavers), "nobody is closed before somebody says so")
    same(operates.post(acme + f"/runs/{first['run']}/reject", {"reason": "a mistake in HR"}, status=202)["run"]["run"], first["run"])
    until(lambda: state_of(operates, first["run"]) == "rejected", "the rejection")
    again = hold()
    key = {"Idempotency-Key": "monday-1"}
    path = acme + f"/runs/{again['run']}/approve"
    said = operates.post(path, {"reason": "they have left"}, status=202, headers=key)
    same(operates.post(path, {"reason": "they have left"}, status=202, headers=key), said, "the same answer")
    same(operates.headers["Idempotency-Replayed"], "true")
    same(operates.post(path, {"reason": "another"}, status=422, headers=key)["name"], "idempotency.other")
    until(lambda: state_of(operates, again["run"]) == "applied", "what was approved")
    run = operates.get(acme + f"/runs/{again['run']}")["run"]
    same(run["decided_because"], "they have left")
    holds(run["decided_by"], "API token operate of acme")
    until(lambda: not any(s.is_open(person) for person in leavers), "their accounts closed, though nobody asked for a delivery", 60)


@scenario
def every_operation_answers_as_the_contract_says_with_every_status_that_it_promises(case):
    desk = Desk(case)
    with Serve(desk.company) as serve:
        api = Api(serve.port, desk.root)
        everything_once(desk, api, desk.s)
        held_and_decided(desk, api, desk.s)
        same(api.unseen(""), [], "promised, and never seen")
        case.note(f"{len(api.seen)} pairs of operation and status [{case.database}]")
        serve.stop()


@scenario
def another_companys_token_sees_nothing(case):
    desk = Desk(case)
    with Serve(desk.company) as serve:
        api = Api(serve.port, desk.foreign)
        before = desk.company.ok("audit", "list", "acme")
        own = desk.company.ok("token", "list", "acme")["tokens"][0]["token"]
        run = desk.company.ok("run", "list", "acme")["runs"][0]["run"]
        names = {"company": "acme", "person": str(desk.ana), "run": str(run), "integration": "hr", "destination": "la", "token": own, "errand": "1",
                 "mapping": "1"}
        bodies = {"approve": {"reason": "x"}, "reject": {"reason": "x"}, "tokens": {"name": "x", "right": "read"}}
        walls = 0
        for method, path, _ in contract.operations():
            filled = re.sub(r"\{([a-z]+)\}", lambda m: names[m.group(1)], path)
            if "{company}" in path:
                said = api.call(method, filled, bodies.get(path.rpartition("/")[2]), status=404)
                same(said, api.call(method, filled.replace("/acme", "/nobody"), bodies.get(path.rpartition("/")[2]), status=404),
                     "as if it were not there")
                walls += 1
        check(walls >= 15, f"{walls} operations of a company")
        same([c["company"] for c in api.get("/companies")["companies"]], ["other"])
        api.get("/tokens", status=403)
        api.delete(f"/tokens/{own}", status=403)
        same(desk.company.ok("audit", "list", "acme"), before)
        case.note(f"{walls} operations [{case.database}]")
        serve.stop()


@scenario
def a_token_expires_and_can_be_revoked_while_it_is_served(case):
    company = case.company(case.sandbox(people=5))
    company.ok("company", "add", "beta")
    short = token(company, right="read", days=2)
    with Serve(company) as serve:
        Api(serve.port, short).get("/")
        id_ = short.split("_")[1]
        shown = {t["token"]: t for t in company.ok("token", "list", "acme")["tokens"]}
        check(shown[id_]["used_at"] is not None, f"{shown}")
        code, _ = company.rollcall("token", "revoke", "beta", id_)
        same(code, 1, "of another company")
        company.ok("token", "revoke", "acme", id_)
        same(Api(serve.port, short).get("/", status=401)["name"], "token.unknown")
        serve.stop()
    short = token(company, right="read", days=2)
    with Serve(company, shift=3 * 86400) as serve:
        same(Api(serve.port, short).get("/", status=401)["name"], "token.unknown")
        serve.stop()


@scenario
def what_no_client_sends_is_refused_and_harms_nobody(case):
    company = case.company(case.sandbox(people=5))
    root = token(company, of=None)
    with Serve(company) as serve:
        api = Api(serve.port, root)
        for path in ("/companies/acme%00", "/companies/%2e%2e/acme", "/companies/acme/../acme", "/companies//", "/companies/%zz", "/companies/%ff",
                     "/companies/acme/people/" + "x" * 2000, "/companies/acme/runs/-1", "/companies/acme/runs/1e3", "/companies/acme/runs/99999999999999999999",
                     "x", "//", "/companies/acme/"):
            status, headers, _ = api.raw("GET", path)
            check(status in (400, 404), f"{path} -> {status}")
        same(api.raw("BREW", "/companies")[0], 405)
        same(api.raw("PUT", "/companies/acme")[0], 405)
        for bearer in ("", "rollcall_", root[:-1], root + "0", root.upper(), root.replace("_", "-"), "rollcall_" + "f" * 12 + "_" + "é" * 32):
            status, headers, _ = Api(serve.port, None).raw("GET", "/", headers={"Authorization": f"Bearer {bearer}".encode()})
            same(status, 401, bearer)
            same(headers["WWW-Authenticate"], 'Bearer realm="rollcall"')
        same(Api(serve.port, None).raw("GET", "/", headers={"Authorization": f"Basic {root}"})[0], 401)
        deep = b"[" * 30000 + b"]" * 30000
        for body in (b'{"company":' + deep + b"}", b'{"company":"\xff"}', b'{"company":"a\\u0000b"}', b'{"company":1}', b"\x00", b'{"company":"a"} x',
                     b'{"company":"a","company":"b"}' + b" " * 10, b'{"company":"' + b"a" * 50000 + b'"}'):
            status, _, _ = api.raw("POST", "/companies", body, {"Content-Type": "application/json"})
            check(status in (201, 400), f"{body[:40]} -> {status}")
        same(api.raw("POST", "/companies", b" " * 70000, {"Content-Type": "application/json"})[0], 413)
        for key in ("x" * 101, ""):
            same(api.raw("POST", "/companies", b'{"company":"c"}', {"Content-Type": "application/json", "Idempotency-Key": key})[0], 400)
        check("Authorization" not in serve.log() and root.split("_")[2] not in serve.log(), "a token in the log")
        serve.stop()


@scenario
def sent_many_times_at_once_with_one_key_it_is_done_once(case):
    company = case.company(case.sandbox(people=5))
    root = token(company, of=None)
    with Serve(company) as serve:
        got = []

        def send():
            status, headers, _ = Api(serve.port, root).raw("POST", "/companies", b'{"company":"once"}',
                                                           {"Content-Type": "application/json", "Idempotency-Key": "k"})
            got.append((status, headers.get("Idempotency-Replayed")))

        threads = [threading.Thread(target=send) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        same(sum(1 for status, replayed in got if status == 201 and replayed is None), 1, f"{got}")
        check(all(status in (201, 409) for status, _ in got), f"{got}")
        serve.stop()


@scenario
def a_delivery_previewed_over_an_import_that_is_over_ends_when_it_is_approved(case):
    s = Scene(case)
    ana = s.hire(first_name="Ana")
    s.sync()
    s.edit(ana, position="Foreman")
    s.company.rollcall("sync", "acme/hr", "--preview")
    run = next(r for r in s.company.ok("run", "list", "acme")["runs"] if r["kind"] == "delivery" and r["state"] == "previewed")["run"]
    s.edit(ana, position="Forewoman")
    s.company.import_all()  # takes the place of the import that was previewed
    s.there.forget()
    root = token(s.company, of=None)
    with Serve(s.company) as serve:
        api = Api(serve.port, root)
        api.post(f"/companies/acme/runs/{run}/approve", {"reason": "go"}, status=202)
        until(lambda: state_of(api, run) in ("rejected", "superseded"), "its end")
        said = api.get(f"/companies/acme/runs/{run}")["run"]
        holds(f"{said['decided_because']} {said['reason']}", "the import that belongs to it")
        same(s.there.writes(), [], "calls that change something")
        serve.stop()


@scenario
def what_was_decided_is_carried_out_by_the_next_process_when_this_one_dies(case):
    s = Scene(case)
    people = [s.hire() for _ in range(5)]
    s.company.ok("destination", "pause", "acme/la")
    root = token(s.company, of=None)
    with Serve(s.company) as serve:
        api = Api(serve.port, root)
        api.post("/companies/acme/integrations/hr/sync", status=202)
        run = until(lambda: next((r for r in api.get("/companies/acme/runs")["runs"] if r["kind"] == "full" and r["state"] in ("held", "applied")), None),
                    "the import", 60)
        # Else the delivery behind it is made by the next process, and supersedes what is decided there.
        until(lambda: not any(serve.metrics()[f'rollcall_jobs_{state}{{kind="{kind}"}}'] for state in ("due", "running") for kind in ("sync", "delivery")),
              "the end of its jobs", 60)
        serve.stop()
    if run["state"] == "held":
        s.company.ok("run", "approve", f"acme/{run['run']}", "--reason", "x")
    s.company.ok("destination", "resume", "acme/la")
    preview = s.company.ok("deliver", "acme/la", "--preview")["run"]["run"]
    s.there.fault("users.create", "slow", ms=1500, count=0)
    with Serve(s.company) as serve:
        api = Api(serve.port, root)
        api.post(f"/companies/acme/runs/{preview}/approve", {"reason": "go"}, status=202)
        until(lambda: s.there.writes(), "the first call", 30)
        serve.kill()
    s.there.no_faults()
    with Serve(s.company) as serve:
        api = Api(serve.port, root)
        until(lambda: all(s.accounts(person) for person in people), "everybody's account", 60)
        until(lambda: state_of(api, preview) in ("applied", "failed", "superseded"), "the end of the run", 60)
        time.sleep(1)
        serve.stop()
    s.quiet()
