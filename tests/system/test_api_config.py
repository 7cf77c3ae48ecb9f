"""test_api_config.py - the API of rollcall serve for whoever sets companies up: companies themselves, what they may connect, integrations,
destinations, credentials, mappings, policies, and all of it as one document."""
import contextlib
import json
import socket
import threading
import time

import contract
from contract import Api
from harness import SECRET, check, holds, same, scenario
from inside import Inside
from scenes import LEARNAMP_SECRET
from serving import Serve, until
from test_api import Desk, desk_is_full, refusals, token, too_many

contract.covers(__file__, "configuration")
ACME = "/companies/acme"


def tagged(api, path):
    """What it shows, and its ETag as If-Match."""
    said = api.get(path)
    return said, {"If-Match": api.headers["ETag"]}


def entries(desk, company="acme"):
    return [e["what"] for e in desk.company.ok("audit", "list", company)["entries"]]


def company_itself(desk, api):
    root, administers = api.as_(desk.root), api.as_(desk.administers)
    said, match = tagged(administers, ACME)
    same((said["company"]["sources"], said["company"]["suspended"]), (None, None))
    same(administers.patch(ACME, {"name": "Other"}, status=428)["name"], "match.missing")
    same(administers.patch(ACME, {"name": "Other"}, status=412, headers={"If-Match": '"0"'})["name"], "match.stale")
    same(administers.patch(ACME, {"name": "Nordkap"}, headers=match)["company"]["name"], "Nordkap")
    same(entries(desk)[0], "company changed")
    same(administers.patch(ACME, {"name": "Late"}, status=412, headers=match)["name"], "match.stale")
    _, match = tagged(administers, ACME)
    holds(administers.patch(ACME, {"nam": "x"}, status=400, headers=match)["detail"], 'did you mean "name"?')
    holds(administers.patch(ACME, {"zone": "Nowhere/At-all"}, status=400, headers=match)["detail"], "zone")
    # what is enabled is the operator's to say
    same(administers.patch(ACME, {"enabled": {"sources": ["personio"]}}, status=403, headers=match)["name"], "token.rights")
    same(root.patch(ACME, {"enabled": {"sources": ["csv"]}}, status=409, headers=match)["name"], "company.uses")
    same(root.patch(ACME, {"enabled": {"sources": ["personio"]}}, headers=match)["company"]["sources"], ["personio"])
    same([s["name"] for s in administers.get(ACME + "/systems")["sources"]], ["personio"])
    said = administers.post(ACME + "/integrations", {"integration": "two", "source": "csv"}, status=409)
    same(said["name"], "source.off")
    holds(said["detail"], "enabled: personio")
    _, match = tagged(root, ACME)
    root.patch(ACME, {"enabled": None}, headers=match)
    systems = administers.get(ACME + "/systems")
    same([s["name"] for s in systems["sources"]], ["personio", "csv"])
    keys = {k["setting"]: k for k in systems["destinations"][0]["settings"]}
    check(keys["client-secret"]["secret"] and "ca-file" not in keys, f"{keys}")
    check("ca-file" in {k["setting"] for k in root.get(ACME + "/systems")["destinations"][0]["settings"]}, "the operator's")


def suspended(desk, api):
    root, administers, reads = api.as_(desk.root), api.as_(desk.administers), api.as_(desk.reads)
    said = root.post(ACME + "/suspend", {"because": "not paid"})["company"]["suspended"]
    same((said["because"], said["by"][:9]), ("not paid", "API token"))
    same(root.post(ACME + "/suspend", {}, status=409)["name"], "company.suspended")
    check(reads.get(ACME + "/people")["people"] != [], "it can be looked at")
    for method, path, operation in contract.operations():
        if "{company}" in path and method != "GET" and "installation" not in operation["summary"]:
            filled = path.replace("{company}", "acme").replace("{token}", "0" * 12)
            same(administers.call(method, filled, status=403)["name"], "token.suspended", path)
    root.post(ACME + "/resume", {})
    same(root.post(ACME + "/resume", {}, status=409)["name"], "company.active")
    same(entries(desk)[:2], ["company resumed", "company suspended"])


def integrations(desk, api):
    root, administers = api.as_(desk.root), api.as_(desk.administers)
    path = ACME + "/integrations"
    new = {"integration": "two", "source": "personio", "schedule": "every 30 minutes", "settings": {"client-id": "papi-sandbox", "per-minute": 0},
           "mapping": ['language = "en"']}
    for body, phrase in (({}, "integration is missing"), ({"integration": "two", "source": "workday"}, 'no "workday"'),
                         ({**new, "settings": {"clientid": "x"}}, 'did you mean "client-id"?'),
                         ({**new, "settings": {"client-secret": "hunter2"}}, "a credential"),
                         ({**new, "settings": {"client-id": "a b"}}, "client-id"), ({**new, "mapping": ["language ="]}, "integrations.two"),
                         ({**new, "integration": "No Key"}, "1 to 40"), ({**new, "schedule": "sometimes"}, "every 30 minutes")):
        holds(administers.post(path, body, status=400)["detail"], phrase)
    same(administers.post(path, {**new, "integration": "hr"}, status=409)["name"], "integration.exists")
    # files of the machine are not for a company to read
    file = {"integration": "file", "source": "csv", "settings": {"file": "/etc/passwd"}}
    same(administers.post(path, file, status=403)["name"], "token.rights")
    root.post(path, file, status=201)
    said = administers.post(path, new, status=201, headers={"Idempotency-Key": "new"})["integration"]
    same(administers.post(path, new, status=201, headers={"Idempotency-Key": "new"})["integration"], said)
    same((said["schedule"], said["settings"]), ("every 30 minutes", {"client-id": "papi-sandbox", "per-minute": "0"}))
    check(said["next_at"] is not None, "its job is there")
    same(entries(desk)[0], "integration two added")
    same(administers.get(path + "/two/mappings/active")["text"], 'language = "en"')

    two = path + "/two"
    _, match = tagged(administers, two)
    same(administers.patch(two, {"team": "department"}, status=428)["name"], "match.missing")
    said = administers.patch(two, {"settings": {"page-size": 50, "per-minute": None}, "schedule": None}, headers=match)["integration"]
    same((said["schedule"], said["settings"]), (None, {"client-id": "papi-sandbox", "page-size": "50"}))
    same(administers.patch(two, {"schedule": "daily at 6:00"}, status=412, headers=match)["name"], "match.stale")
    match = {"If-Match": administers.headers["ETag"]} if "ETag" in administers.headers else tagged(administers, two)[1]
    same(administers.patch(two, {"team": "team"}, status=409, headers=match)["name"], "mapping.team")
    holds(administers.patch(two, {"shedule": None}, status=400, headers=match)["detail"], 'did you mean "schedule"?')
    administers.patch(two, {"settings": {"page-size": "1000"}}, status=400, headers=match)
    administers.patch(path + "/nobody", {}, status=404, headers=match)

    # credentials go in, and never come out
    same(administers.get(ACME + "/document")["document"]["integrations"]["two"]["credentials"], {"client-secret": False})
    for body, phrase in (({}, "by their names"), ({"credentials": {"client-secre": "x"}}, 'did you mean "client-secret"?'),
                         ({"credentials": {"client-secret": 1}}, "is a text"), ({"credentials": {"client-secret": "a b"}}, "copy it again")):
        holds(administers.call("PUT", two + "/credentials", body, status=400)["detail"], phrase)
    administers.put(two + "/credentials", {"credentials": {"client-secret": SECRET}}, status=204)
    same(entries(desk)[0], "credentials of integration two set")
    same(administers.get(ACME + "/document")["document"]["integrations"]["two"]["credentials"], {"client-secret": True})
    administers.put(path + "/nobody/credentials", {"credentials": {"client-secret": SECRET}}, status=404)
    for one in (ACME + "/document", two, ACME + "/audit", path):
        check(SECRET not in json.dumps(administers.get(one)), one)

    # nobody has them sent to where they listen themselves
    _, match = tagged(root, two)
    root.patch(two, {"settings": {"base-url": "http://127.0.0.1:9"}}, headers=match)
    same(administers.get(ACME + "/document")["document"]["integrations"]["two"]["credentials"], {"client-secret": False})
    code, said = desk.company.rollcall("import", "acme/two")
    same((code, said["error"]["name"]), (1, "setting"))
    elsewhere = {**root.get(ACME + "/destinations/la")["destination"]["settings"], "base-url": "http://127.0.0.1:9"}
    plan = administers.post(ACME + "/document/plan", {"document": {"company": "acme", "destinations": {"la": {"adapter": "learnamp",
                                                                                                         "settings": elsewhere}}}})["plan"]
    holds(plan["steps"][0]["follows"], "forgotten")
    holds(plan["todo"][0], "destination set acme/la --secret-file")

    mappings(desk, administers, two)
    holds(administers.delete(two, status=400)["detail"], "?confirm=two")
    administers.delete(two + "?confirm=hr", status=400)
    administers.delete(path + "/nobody?confirm=nobody", status=404)
    administers.delete(two + "?confirm=two", status=204)
    administers.get(two, status=404)
    same(entries(desk)[0], "integration two removed")
    root.delete(path + "/file?confirm=file", status=204)


def mappings(desk, administers, two):
    path = two + "/mappings"
    same([m["state"] for m in administers.get(path)["mappings"]], ["active"])
    same(administers.get(path + "/default")["state"], "default")
    same(administers.get(path + "/99", status=404)["name"], "mapping.unknown")
    said = administers.post(path + "/check", {"text": "language = english"})
    check(not said["ok"] and said["findings"][0]["line"] == 1, f"{said}")
    check(administers.post(path + "/check", {"text": 'language = "de"'})["ok"], "nothing is wrong with it")
    same(administers.post(path, {"text": "language = english"}, status=400)["name"], "mapping.invalid")
    drafts = [administers.post(path, {"text": f'language = "{word}"', "note": "one"}, status=201)["mapping"] for word in ("de", "fr")]
    same(administers.get(path + f"/{drafts[0]}")["text"], 'language = "de"')
    administers.delete(path + f"/{drafts[1]}", status=204)
    same(administers.post(path + f"/{drafts[0]}/activate", {})["active"], True)
    same(administers.post(path + f"/{drafts[0]}/activate", {}, status=409)["name"], "mapping.active")
    same(administers.delete(path + f"/{drafts[0]}", status=409)["name"], "mapping.not-a-draft")
    same(administers.get(path + "/active")["mapping"], drafts[0])
    # of those who are known, guarded: everybody of hr gets another language, at once or once somebody says so
    hr = ACME + "/integrations/hr/mappings"
    draft = administers.post(hr, {"text": 'language = "fr"'}, status=201)["mapping"]
    said = administers.post(hr + f"/{draft}/activate", {})
    check(said["run"] is not None and said["run"]["kind"] == "remap", f"{said}")
    same(said["active"], said["run"]["state"] == "applied")
    if said["run"]["state"] == "held":
        desk.company.ok("run", "approve", f"acme/{said['run']['run']}", "--reason", "french")
    # one that reads what was never read: everybody is listed first, by an errand
    draft = administers.post(hr, {"text": 'language = "fr"\nsecondary_teams = [cost_centre]'}, status=201)["mapping"]
    with desk_is_full(desk.company):
        too_many(administers, hr + f"/{draft}/activate", {})
    errand = administers.post(hr + f"/{draft}/activate", {}, status=202)["errand"]
    same((errand["kind"], errand["about"]), ("activate-mapping", "hr"))
    until(lambda: administers.get(ACME + f"/errands/{errand['errand']}")["errand"]["state"] != "waiting", "the errand")
    errand = administers.get(ACME + f"/errands/{errand['errand']}")["errand"]
    same((errand["state"], errand["error"]), ("done", None))
    same(administers.get(ACME + f"/runs/{errand['runs'][0]}")["run"]["kind"], "full")


def destinations(desk, api):
    root, administers = api.as_(desk.root), api.as_(desk.administers)
    path, la = ACME + "/destinations", ACME + "/destinations/la"
    new = {"destination": "two", "adapter": "learnamp", "settings": {"base-url": "http://127.0.0.1:1", "client-id": "x"}, "policy": {"invite": "by-hand"}}
    for body, phrase in (({}, "destination is missing"), ({**new, "adapter": "moodle"}, 'no "moodle"'), ({**new, "feeds": ["nobody"]}, "nobody"),
                         ({**new, "policy": {"invit": "x"}}, 'did you mean "invite"?'), ({**new, "settings": {}}, "base-url")):
        holds(administers.post(path, body, status=400)["detail"], phrase)
    same(administers.post(path, {**new, "settings": {**new["settings"], "ca-file": "/etc/passwd"}}, status=403)["name"], "token.rights")
    same(administers.post(path, {**new, "destination": "la"}, status=409)["name"], "destination.exists")
    said = administers.post(path, new, status=201)["destination"]
    same((said["feeds"], said["policy"]), (["hr"], {"invite": "by-hand"}))
    two = path + "/two"
    administers.patch(two, {"feeds": []}, status=428)
    _, match = tagged(administers, two)
    same(administers.patch(two, {"feeds": [], "limits": {"leavers": {"run": [1, 1]}}}, headers=match)["destination"]["limits"], {"leavers": {"run": [1, 1]}})
    administers.patch(two, {"feeds": ["hr"]}, status=412, headers=match)
    _, match = tagged(administers, two)
    administers.patch(two, {"feeds": ["nobody"]}, status=400, headers=match)
    administers.patch(path + "/nobody", {}, status=404, headers=match)
    unfed(desk, administers, la)
    administers.put(two + "/credentials", {"credentials": {"client-secret": LEARNAMP_SECRET}}, status=204)
    administers.put(two + "/credentials", {"credentials": {"secret": "x"}}, status=400)
    administers.put(path + "/nobody/credentials", {"credentials": {"client-secret": "x"}}, status=404)
    same(entries(desk)[0], "credentials of destination two set")

    # a policy, with whom it concerns
    said, match = tagged(administers, la + "/policy")
    administers.get(la + "/policy", status=304, headers={"If-None-Match": match["If-Match"]})
    same({"policy": said["policy"]}["policy"]["invite"], desk.company.ok("policy", "show", "acme/la")["policy"]["invite"])
    administers.get(path + "/nobody/policy", status=404)
    seen = administers.post(la + "/policy/preview", {"policy": {"close-excluded": "3"}})
    same((seen["saved"], seen["changes"][0]["new"]), (False, "3"))
    check(seen["delivery"]["after"]["looked_at"] > 0, f"{seen}")
    same(administers.get(la + "/policy")["policy"], said["policy"], "nothing is saved")
    for body in ({}, {"policy": {}}, {"policy": {"invite": 1}}, {"policy": {"invit": "by-hand"}}, {"policy": {"invite": "never"}}):
        administers.post(la + "/policy/preview", body, status=400)
        administers.patch(la + "/policy", body, status=400, headers=match)
    administers.patch(la + "/policy", {"policy": {"adopt": "no"}}, status=428)
    said = administers.patch(la + "/policy", {"policy": {"close-excluded": "3"}}, headers=match)
    same((said["saved"], said["policy"]["close-excluded"]), (True, "3"))
    holds(entries(desk)[0], "policy of destination la")
    administers.patch(la + "/policy", {"policy": {"adopt": "no"}}, status=412, headers=match)
    _, match = tagged(administers, la + "/policy")
    same(administers.patch(la + "/policy", {"policy": {"close-excluded": None}}, headers=match)["changes"][0]["old"], "3")

    holds(administers.delete(two, status=400)["detail"], "?confirm=two")
    administers.delete(path + "/nobody?confirm=nobody", status=404)
    administers.delete(two + "?confirm=two", status=204)
    administers.get(two, status=404)


def unfed(desk, administers, la):
    """What feeds it no more takes people with open accounts away: that wants their number."""
    people = sum(a["status"] == "active" for a in desk.company.ok("accounts", "list", "acme/la")["accounts"] if a["person"])
    check(people > 0, "nobody has an account")
    for more in ({}, {"confirm": people + 1}, {"confirm": 0}):
        _, match = tagged(administers, la)
        said = administers.patch(la, {"feeds": [], **more}, status=400, headers=match)
        same(said["name"], "account.confirm")
        holds(said["detail"], f"without hr, {people} people with open accounts", f"say confirm {people}")
    administers.patch(la, {"feeds": [], "confirm": "yes"}, status=400, headers=match)
    document = {"company": "acme", "destinations": {"la": {"adapter": "learnamp", "feeds": []}}}
    plan = administers.post(ACME + "/document/plan", {"document": document})["plan"]
    same([(step["path"], step["people"], step["confirm"]) for step in plan["steps"] if step["act"] == "change"],
         [("destinations.la.feeds", people, f"la={people}")])
    _, match = tagged(administers, ACME + "/document")
    for more in ({}, {"confirm": ["la"]}, {"confirm": [people]}, {"confirm": [f"la={people + 1}"]}):
        said = administers.put(ACME + "/document", {"document": document, **more}, status=400, headers=match)
        same(said["name"], "account.confirm", more)
        holds(said["detail"], "destinations.la.feeds: without hr", f"say confirm la={people}")
    holds(administers.delete(ACME + "/integrations/hr", status=400)["detail"], f"of them {people} have open accounts on la", "?confirm=hr")
    detail = administers.put(ACME + "/document", {"document": document, "remove": ["integration/hr"]}, status=400, headers=match)["detail"]
    holds(detail, f"of its people {people} have open accounts on la", "name its key again in confirm")
    same(administers.get(la)["destination"]["feeds"], ["hr"])
    administers.put(ACME + "/document", {"document": document, "confirm": [f"la={people}"]}, headers=match)
    same(administers.get(la)["destination"]["feeds"], [])
    _, match = tagged(administers, la)
    administers.patch(la, {"feeds": ["hr"]}, headers=match)
    _, match = tagged(administers, la)
    same(administers.patch(la, {"feeds": [], "confirm": people}, headers=match)["destination"]["feeds"], [])
    _, match = tagged(administers, la)
    administers.patch(la, {"feeds": ["hr"]}, headers=match)


def documents(desk, api):
    administers = api.as_(desk.administers)
    path = ACME + "/document"
    said, match = tagged(administers, path)
    document = said["document"]
    same(document, desk.company.ok("company", "export", "acme"))
    api.as_(desk.reads).get(path, status=403)
    administers.get(path, status=304, headers={"If-None-Match": match["If-Match"]})
    same(administers.post(path + "/plan", {"document": document})["plan"]["changes"], 0)
    wanted = {**document, "name": "Kap", "integrations": {"hr": {**document["integrations"]["hr"], "schedule": "daily at 05:00"}}, "destinations": {}}
    plan = administers.post(path + "/plan", {"document": wanted, "remove": ["destination/la"]})["plan"]
    same([(s["act"], s["path"]) for s in plan["steps"]],
         [("change", "name"), ("change", "integrations.hr.schedule"), ("remove", "destinations.la")])
    check(plan["steps"][2]["people"] > 0, f"{plan}")
    for body in ({"document": {"company": "other"}}, {"document": {**document, "nam": "x"}}, {}, {"document": document, "remove": ["la"]}):
        administers.post(path + "/plan", body, status=400)
        administers.put(path, body, status=400, headers=match)
    other = {"company": "acme", "integrations": {"hr": {"source": "csv", "settings": {}}}}
    same(administers.post(path + "/plan", {"document": other}, status=409)["name"], "document.fixed")
    same(administers.put(path, {"document": other}, status=409, headers=match)["name"], "document.fixed")
    administers.put(path, {"document": wanted}, status=428)
    holds(administers.put(path, {"document": wanted, "remove": ["destination/la"]}, status=400, headers=match)["detail"], "confirm")
    done = administers.put(path, {"document": wanted}, headers=match)
    same([(s["act"], s["path"]) for s in done["plan"]["steps"]],
         [("change", "name"), ("change", "integrations.hr.schedule"), ("stays", "destinations.la")])
    same(entries(desk)[0], "configuration applied")
    administers.put(path, {"document": wanted}, status=412, headers=match)
    now, match = tagged(administers, path)
    same(now["document"]["version"], done["version"])
    same(now["document"]["integrations"]["hr"]["schedule"], "daily at 05:00")
    administers.put(path, {"document": document}, headers=match)  # whatever it was made of: If-Match says what was looked at
    same(administers.get(path)["document"], document)


def large_routes():
    mappings = ACME + "/integrations/hr/mappings"
    return (("PUT", ACME + "/document", "document"), ("POST", ACME + "/document/plan", "document"), ("POST", mappings, "text"), ("POST", mappings + "/check", "text"))


def large_ones(desk, api):
    """Documents and mappings may be larger than other requests; to a limit, and only for who shows a token."""
    administers = api.as_(desk.administers)
    path = ACME + "/document"
    said, match = tagged(administers, path)
    document = said["document"]
    rows = "".join(f'  "{n} \\"quoted\\"" = "{"x" * 20}",\n' for n in range(1000))
    text = "".join(f"table t{n} {{\n{rows}}}\n" for n in range(1)) + "job_title = lookup(job_title, t0)\n"
    check(40000 < len(text) < 64 << 10, f"{len(text)} bytes")
    padded = text + "".join(f'# "{n}" ' + '"' * 60 + "\n" for n in range((63000 - len(text)) // 72))
    wanted = {**document, "integrations": {"hr": {**document["integrations"]["hr"], "mapping": padded.splitlines()}}}
    body = {"document": wanted}
    check(len(json.dumps(body)) > 70000, f"{len(json.dumps(body))} bytes")
    same([s["path"] for s in administers.post(path + "/plan", body)["plan"]["steps"]], ["integrations.hr.mapping"])
    same(administers.put(path, body, headers=match)["plan"]["changes"], 1)
    same("\n".join(administers.get(path)["document"]["integrations"]["hr"]["mapping"]), padded.rstrip("\n"))
    mapping = ACME + "/integrations/hr/mappings"
    check(administers.post(mapping + "/check", {"text": padded})["ok"], "as a mapping of its own")
    administers.post(mapping, {"text": padded}, status=201)
    _, match = tagged(administers, path)
    administers.put(path, {"document": document}, headers=match)
    kind = {"Content-Type": "application/json"}
    for size, method, where, token, status in ((4 << 20, "POST", path + "/plan", desk.administers, 400), ((4 << 20) + 1, "POST", path + "/plan", desk.administers, 413),
                                               ((4 << 20) + 1, "PUT", path, desk.administers, 413), (70000, "POST", path + "/plan", None, 413),
                                               (70000, "POST", path + "/plan", "rollcall_x", 413), (70000, "POST", path + "/plan", desk.reads, 413),
                                               (70000, "GET", path, desk.administers, 413), (70000, "POST", ACME + "/integrations", desk.administers, 413),
                                               (70000, "PATCH", ACME, desk.administers, 413), (70000, "POST", path + "/plan/", desk.administers, 413)):
        same(api.as_(token).raw(method, where, b" " * size, kind)[0], status, f"{method} {where} of {size} bytes")
    for method, where, key in large_routes():
        body = {key: "x" * (4 << 20)}
        same(administers.call(method, where, body=body, status=413)["name"], "request.too-large")
    same(administers.post(path + "/plan", {"document": document}, headers={"Idempotency-Key": "plan-1"}, status=400)["name"], "request.invalid")
    deep = b'{"document":' + b"[" * 2000000 + b"]" * 2000000 + b"}"
    same(administers.raw("POST", path + "/plan", deep, kind)[0], 400)
    with contextlib.ExitStack() as stack:
        def is_full():  # who only asks takes room for a moment, too: then one more has to come
            line = stack.enter_context(socket.create_connection(("127.0.0.1", api.port), timeout=40))
            line.sendall(announcing(desk.administers) + b"\r\n{")
            return administers.raw("POST", path + "/plan", b" " * 70000, kind)[0] == 429
        until(is_full, "no room is left")
        without_room(administers)


def announcing(token):
    return (f"POST /api/v1{ACME}/document/plan HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {4 << 20}\r\n").encode()


def without_room(api):
    for method, where, key in large_routes():
        same(api.call(method, where, body={key: "x" * 70000}, status=429)["name"], "request.no-room")


def slow_large_ones(api, desk):
    """Who announces much and sends little is cut off like anybody else, and keeps nobody else waiting meanwhile."""
    head = announcing(desk.administers)
    nobodys = announcing("rollcall_x").replace(f"Content-Length: {4 << 20}".encode(), b"Transfer-Encoding: chunked")
    with contextlib.ExitStack() as stack:
        for _ in range(4):  # these have no room
            stack.enter_context(socket.create_connection(("127.0.0.1", api.port), timeout=40)).sendall(nobodys + b"\r\n")
        lines = [stack.enter_context(socket.create_connection(("127.0.0.1", api.port), timeout=40)) for _ in range(2)]
        began = time.monotonic()
        for line in lines:
            line.sendall(head + b"\r\n{")
        time.sleep(1)
        asks = stack.enter_context(socket.create_connection(("127.0.0.1", api.port), timeout=10))
        asks.sendall(head + b"Expect: 100-continue\r\n\r\n")
        holds(asks.recv(1000).decode(), "HTTP/1.1 429 ", "Retry-After: 5", "Request-Id: ", "application/problem+json")
        without_room(api.as_(desk.administers))
        api.as_(desk.reads).get(ACME)  # smaller ones
        for line in lines:
            with contextlib.suppress(ConnectionError):
                same(line.recv(1000), b"", "an answer to half a request")
        check(15 < time.monotonic() - began < 30, f"{time.monotonic() - began} seconds")
    api.as_(desk.administers).post(ACME + "/document/plan", {"document": {"company": "acme"}})


def what_stays_in_hr(desk, api, s):
    """Of a webhook that HR does not let us delete, the answer to a removal tells; and it is removed all the same."""
    root = api.as_(desk.root)
    root.post("/companies", {"company": "brief"}, status=201)
    for key, path in (("one", "/companies/brief/integrations/one?confirm=one"), ("two", "/companies/brief?confirm=brief")):
        desk.company.connect(s.hr, key=f"brief/{key}")
        desk.company.ok("integration", "webhook", "show", f"brief/{key}")
        with Inside(desk.company) as inside:
            inside.rows("UPDATE webhook SET state = 'kept', remote_id = 'abc', kept_for = 'https://rollcall.example'")
        s.hr.fault("webhooks.list", "status", status=500, count=0)
        said = root.delete(path, status=200)
        s.hr.no_faults()
        same(len(said["left"]), 1)
        holds(said["left"][0], f"the webhook of {key} in HR could not be deleted", "delete it there by hand")
    root.get("/companies/brief", status=404)


def gone(desk, api, s):
    """What is under way keeps an integration, a destination and a company; then they go."""
    root, administers = api.as_(desk.root), api.as_(desk.administers)
    s.hr.fault("v1.employees.list", "slow", ms=4000, count=1)
    one = desk.company.start("--json", "import", "acme/hr")
    while not any(r["state"] == "listing" for r in desk.company.ok("run", "list", "acme/hr")["runs"]):
        check(one.poll() is None, "the import ended too early")
        time.sleep(0.01)
    same(administers.delete(ACME + "/integrations/hr?confirm=hr", status=409)["name"], "busy")
    same(root.delete(ACME + "?confirm=acme", status=409)["name"], "busy")
    one.communicate(timeout=60)
    s.there.fault("*", "slow", ms=1500, count=2)
    one = desk.company.start("--json", "deliver", "acme/la", "--inventory")
    while not any(r["state"] == "listing" and r["destination"] for r in desk.company.ok("run", "list", "acme")["runs"]):
        check(one.poll() is None, "the delivery ended too early")
        time.sleep(0.01)
    same(administers.delete(ACME + "/destinations/la?confirm=la", status=409)["name"], "busy")
    one.communicate(timeout=60)
    before = s.there.control("GET", "truth")["accounts"]
    administers.delete(ACME + "?confirm=acme", status=403)
    holds(root.delete(ACME, status=400)["detail"], "nobody closes them any more")
    root.delete(ACME + "?confirm=acme", status=204)
    root.get(ACME, status=404)
    same(administers.get("/", status=401)["name"], "token.unknown", "its tokens went with it")
    same(s.there.control("GET", "truth")["accounts"], before, "nothing happens on the platform")


@scenario
def configuration_is_read_and_written_as_the_contract_says(case):
    desk = Desk(case)
    with Serve(desk.company) as serve:
        api = Api(serve.port, desk.root)
        refusals(desk, api, "configuration")
        company_itself(desk, api)
        suspended(desk, api)
        integrations(desk, api)
        destinations(desk, api)
        documents(desk, api)
        large_ones(desk, api)
        what_stays_in_hr(desk, api, desk.s)
        gone(desk, api, desk.s)
        same(api.unseen("configuration"), [], "promised, and never seen")
        check(SECRET not in serve.log() and LEARNAMP_SECRET not in serve.log(), "a credential in the log")
        serve.stop()


@scenario(databases=["sqlite"])
def who_announces_a_large_body_and_sends_a_little_is_cut_off_and_keeps_nobody_waiting(case):
    desk = Desk(case)
    with Serve(desk.company) as serve:
        slow_large_ones(Api(serve.port, desk.root), desk)
        serve.stop()


@scenario
def of_many_who_change_what_they_saw_one_does(case):
    company = case.company(case.sandbox(people=5))
    administers = token(company)
    with Serve(company) as serve:
        _, match = tagged(Api(serve.port, administers), ACME + "/integrations/hr")
        got = []

        def change(n):
            got.append(Api(serve.port, administers).raw("PATCH", ACME + "/integrations/hr", json.dumps({"settings": {"page-size": 10 + n}}).encode(),
                                                        {"Content-Type": "application/json", **match})[0])

        threads = [threading.Thread(target=change, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        same(sorted(got).count(200), 1, f"{got}")
        check(set(got) <= {200, 412, 503}, f"{got}")
        same(sum(e["what"] == "integration hr changed" for e in company.ok("audit", "list", "acme")["entries"]), 1)
        serve.stop()


@scenario
def a_suspended_company_is_left_alone_by_the_service_and_keeps_what_webhooks_tell(case):
    desk = Desk(case)
    root = None
    with Serve(desk.company) as serve:
        root = Api(serve.port, desk.root)
        root.post(ACME + "/suspend", {"because": "not paid"})
        leaver = desk.ana
        desk.s.hr.edit(leaver, status="inactive")
        root.post(ACME + "/integrations/hr/sync", {}, status=202)
        before = len(desk.company.ok("run", "list", "acme")["runs"])
        time.sleep(3)
        same(len(desk.company.ok("run", "list", "acme")["runs"]), before, "nothing ran")
        check(desk.s.is_open(leaver), "and nobody was closed")
        code, said = desk.company.rollcall("import", "acme/hr")
        same((code, said["error"]["name"]), (1, "company.suspended"))
        root.post(ACME + "/resume", {})
        deadline = time.monotonic() + 60
        while desk.s.is_open(leaver):
            check(time.monotonic() < deadline, "what has waited is done once it is resumed")
            time.sleep(0.2)
        serve.stop()
