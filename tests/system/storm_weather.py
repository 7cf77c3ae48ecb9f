"""storm_weather.py - what goes wrong during an import of storm.py: faults of any kind on any route, switches, credentials that see or read
less, edits in the middle of a listing."""
import json
import subprocess

import harness

ROUTES = (["v1.employees.list"] * 9 + ["v1.employees.get"] * 4 + ["v1.attributes"] * 2 + ["v1.auth"] * 2 + ["*"] * 3)

# What a number may be set to. A switch with words takes any of its words.
NUMBERS = {
    "auth.token-seconds": [1, 60, 86400], "auth.wrong-status": [401, 400], "auth.bad-token-status": [401, 400, 404],
    "auth.missing-fields-status": [400], "auth.v2-status": [401], "auth.right-missing-status": [401, 404],
    "list.default-page": [10, 200], "list.max-limit": [7, 20, 49, 100], "list.limit-ignored": [7, 30, 100, 1000],
    "list.short-page": [1, 3, 30], "list.total-wrong": [-60, -3, -1, -1, 1, 2, 50, 1000000], "list.total-shrinks": [1, 2],
    "list.total-pages-wrong": [1, 5], "status.unknown-percent": [1, 10, 100], "attributes.missing-percent": [1, 10, 100],
}
NOT_MET = ("rate.", "updated-since.", "picture.")
REPLACEMENTS = [
    "null", "[]", "{}", '""', "0", '{"success":true}', '{"success":true,"data":[]}', '{"success":true,"data":null}',
    '{"success":true,"metadata":{"total_elements":0,"current_page":0,"total_pages":0},"data":[]}',
    '{"success":true,"metadata":{"total_elements":1},"data":[{"type":"Employee","attributes":{"id":{"value":1}}}]}',
    '{"success":false,"error":{"code":404,"message":"Not found"}}', '{"success":true,"data":{"type":"Employee","attributes":{}}}',
]
ATTRIBUTES = ["first_name", "last_name", "email", "position", "status", "hire_date", "termination_date", "department", "office",
              "supervisor", "team", "preferred_name"]


class Trouble:
    """What goes wrong during one import: under a name for the table."""

    def __init__(self, name, faults=(), switches=None, credential=None, midway=None):
        self.name, self.faults, self.switches = name, list(faults), switches or {}
        self.credential, self.midway = credential, midway

    def __repr__(self):
        parts = [*self.faults, self.switches, self.credential, self.midway and {"midway": self.midway}]
        return f"{self.name} " + " ".join(json.dumps(p) for p in parts if p)


def _fault_details(rng, kind, one):
    if kind == "status":
        one["status"] = rng.choice([400, 401, 403, 404, 404, 408, 409, 418, 422, 429, 429, 500, 500, 502, 503, 504])
        one["body"] = rng.choice(["v1", "v1", "v2", "error", "html", "text", "empty", "null"])
        if rng.random() < 0.3:
            one["retry_after"] = rng.choice([0] * 8 + [3600] * 3 + [1])
            one["count"] = one["count"] or 1
    elif kind in ("slow", "stall"):
        long = rng.random() < 0.04  # longer than the time-out of a second
        one.update(ms=1200 if long else rng.choice([1, 10, 40]), count=1 if long else one["count"], at=rng.choice([0, 1, 200]))
        one["count"] = one["count"] or 2
    elif kind == "drip":
        one.update(bytes=rng.choice([3000, 20000]), ms=1)
        one["count"] = one["count"] or 1
    elif kind in ("cut", "cut-chunked", "truncate"):
        one["at"] = rng.choice([0, 0, 1, 10, 100, 5000])
    elif kind == "redirect":
        one.update(status=rng.choice([301, 302, 303, 307, 308]), text=rng.choice(["", "/v1/company/employees", "/"]))
    elif kind == "replace":
        one["text"] = rng.choice(REPLACEMENTS)
    elif kind == "content-type":
        one["text"] = rng.choice(["", "text/html", "text/plain", "application/json; charset=utf-8", "application/problem+json"])
    elif kind == "oversized":
        one["bytes"] = rng.choice([1000, 300000, 300000, 9 << 20])
    elif kind == "deep":
        one["depth"] = rng.choice([5, 200, 10000])
    elif kind == "duplicate-keys":
        one["text"] = rng.choice(["id", "data", "total_elements"])
    elif kind == "trailing":
        one["text"] = rng.choice(["{}", " ", "\n", "garbage", "]"])


def draw_fault(rng, kinds):
    kind = rng.choice(kinds)
    one = {"route": rng.choice(ROUTES), "kind": kind, "count": rng.choice([1, 1, 1, 2, 3, 0, 0]),
           "after": rng.choice([0, 0, 0, 1, 2, 3, 4, 6]), "probability": rng.choice([1, 1, 1, 0.5, 0.2]),
           "seed": rng.randrange(1, 1 << 30)}
    _fault_details(rng, kind, one)
    name = f"fault {kind}" + (f" {one['status'] // 100}xx" if kind == "status" and one["status"] not in (404, 429) else
                              f" {one['status']}" if kind == "status" else "")
    return Trouble(name, [one])


def draw_switch(rng, catalogue):
    s = rng.choice(catalogue)
    words = [w for w in s.get("words", "").split("|") if w and w != s["default"]]
    value = rng.choice(words or NUMBERS[s["name"]])
    return Trouble(f"switch {s['name']}", switches={s["name"]: value})


def draw_credential(rng):
    kind = rng.randrange(7)
    if kind == 0:
        return Trouble("sees 50 %", credential={"sees": {"percent": 50}})
    if kind == 1:
        return Trouble("sees 90 %", credential={"sees": {"percent": 90}})
    if kind in (2, 3):
        return Trouble("sees nearly all", credential={"sees": {"percent": rng.choice([97, 98, 99])}})
    if kind == 4:
        kept = [a for a in ATTRIBUTES if rng.random() < 0.7]
        return Trouble("attributes taken away", credential={"attributes": kept})
    if kind == 5:
        scopes = rng.choice([["employees:read"], [], ["personio:persons:read", "employees:read", "more:read"]])
        return Trouble("other scopes", credential={"scopes": scopes})
    return Trouble("another secret", credential={"client_secret": "changed"})


# One row moves while the list is read, and the total agrees with what is left: a listing that proves itself and lacks one person.
SMALL_LIE = {"list.row-moves": "to-end", "list.total-wrong": -1}


def draw_plot(rng):
    """Lies that fit together: what single draws would hardly ever meet."""
    plot = rng.choice([0, 0, 1, 2, 3, 3, 3, 4, 5, 6])
    n = rng.choice([1, 1, 1, 2])  # so many are denied; three witnesses are found; the same are denied again
    deny = {"route": "v1.employees.get", "kind": "status", "status": 404, "body": "v1"}
    deny = rng.choice([[{**deny, "count": n}, {**deny, "after": 3, "count": n}]] * 3 +
                      [[{**deny, "probability": 0.5, "seed": rng.randrange(1, 1 << 30)}]])
    if plot == 0:
        return Trouble("small lie", switches=dict(SMALL_LIE, **{"list.row-moves": rng.choice(["to-end", "to-front"])}))
    if plot == 1:
        get = rng.choice([{"get.wrong-404": "on"}, {"get.wrong-404": "on"}, {"get.other-person": "on"}])
        return Trouble(f"small lie, {next(iter(get))}", switches={**SMALL_LIE, **get})
    if plot == 2:
        outage = {"route": "v1.employees.get", "kind": rng.choice(["status", "status", "reset", "html", "cut", "null-data", "empty-body"]),
                  "status": rng.choice([500, 503, 403, 404]), "body": rng.choice(["v1", "html"])}
        return Trouble("small lie, look-up down", [outage], dict(SMALL_LIE))
    if plot == 3:
        lost = {"route": "v1.employees.list", "kind": "row-no-id", "after": rng.randrange(3), "count": 1}
        return rng.choice([Trouble("row moves, some 404", deny, {"list.row-moves": rng.choice(["to-end", "to-front"])}),
                           Trouble("row without id, some 404", [lost, *deny])])
    if plot == 4:
        return Trouble("edits midway", midway={"page": rng.randrange(3), "how": rng.choice(["swap", "swap", "remove", "life"])})
    if plot == 5:
        return Trouble("left people hidden", switches={"list.inactive": "hidden", "get.inactive": rng.choice(["404", "found"])})
    big = rng.choice([{"list.half": "on"}, {"list.empty": "on"}, {"status.inactive-all": "on"}])
    return Trouble(f"big lie: {next(iter(big))}", switches={**big, **({"get.wrong-404": "on"} if rng.random() < 0.5 else {})})


def _denies_some(fault):
    """Whether it can say "not found" of one person and not of another."""
    return (fault["kind"] == "status" and fault["status"] == 404 and fault["route"] in ("v1.employees.get", "*") and
            (fault.get("probability", 1) < 1 or fault.get("after", 0) > 0 or fault.get("count", 0) > 0))


def draw(rng, kinds, catalogue):
    troubles = []
    for _ in range(rng.choice([0, 1, 1, 1, 2, 2, 3])):
        dice = rng.random()
        troubles.append(draw_fault(rng, kinds) if dice < 0.4 else draw_switch(rng, catalogue) if dice < 0.68 else
                        draw_credential(rng) if dice < 0.75 else draw_plot(rng))
    switches = {name: value for t in troubles for name, value in t.switches.items()}
    proves_itself = any(t.midway for t in troubles) or (
        switches.get("list.row-moves", "off") != "off" and switches.get("list.total-wrong") == -1)
    if proves_itself:  # then the look-up is the last witness: see the top
        troubles = [t for t in troubles if not any(_denies_some(f) for f in t.faults)]
    return troubles


def fault_kinds():
    """All that the sandbox knows; error answers, of which there are so many, more often."""
    said = subprocess.run([harness.sandbox_path(), "personio", "--faults"], capture_output=True, text=True, check=True).stdout
    return [line.split()[0] for line in said.splitlines()] + ["status"] * 4
