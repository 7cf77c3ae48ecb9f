"""weeks_weather.py - what goes wrong between rollcall and both sides in the companies of weeks.py, and how their platforms may be."""
from storm_weather import Trouble

# What a switch that takes a number may be set to; of the others, every word.
NUMBERS = {"list.default-page": [10], "list.max-page": [20, 50], "deactivate.last-owner-status": [403, 204],
           "deactivate.again-status": [400, 404], "reactivate.again-status": [400, 404]}
NOT_MET = ("rate.",)
# With another order for every page no list is ever proven complete, so that nothing is done at all: a trouble, not a habit.
NEVER = (("list.order", "unstable"),)
LIES = ("list.total-wrong", "list.total-grows", "list.page-ignored", "list.row-moves", "list.skip-last-row", "list.repeat-first-row",
        "list.empty", "list.headers", "list.lag-seconds", "list.order", "get.wrong-404", "nulls.missing", "extra-members", "ids.as-string")
LIE_NUMBERS = {"list.total-wrong": [-30, -1, 1, 2], "list.total-grows": [1, -1], "list.lag-seconds": [3600]}
HR_ROUTES = ["v1.employees.list"] * 6 + ["v1.employees.get"] * 2 + ["v1.attributes", "v1.auth", "*"]
THERE_ROUTES = (["users.create"] * 6 + ["users.invite"] * 4 + ["users.update"] * 4 + ["users.deactivate"] * 3 + ["users.reactivate"] * 2 + ["users.list"] * 5 +
                ["users.get", "users.get-external", "teams.list", "teams.create", "teams.update", "members.remove", "token", "*", "*"])
KINDS = ["status"] * 4 + ["reset", "close-before", "cut", "cut-chunked", "truncate", "slow", "html", "empty-body", "expire-token", "close-after"]
THERE_KINDS = KINDS + ["lost"] * 6 + ["late-status"] * 4 + ["no-total", "page-before", "page-after", "page-empty"]


def draw_fault(rng, routes, kinds):
    kind = rng.choice(kinds)
    one = {"route": rng.choice(routes), "kind": kind, "count": rng.choice([1, 1, 2, 3, 6, 0]), "after": rng.choice([0, 0, 0, 1, 2, 4, 8]),
           "probability": rng.choice([1, 1, 0.5, 0.3]), "seed": rng.randrange(1, 1 << 30)}
    if kind in ("status", "late-status"):
        one["status"] = rng.choice([429, 429, 500, 502, 503, 503, 504])
        if rng.random() < 0.3:
            one["retry_after"] = 0
    elif kind == "slow":
        one["ms"] = rng.choice([20, 60])
    elif kind in ("cut", "cut-chunked", "truncate"):
        one["at"] = rng.choice([0, 0, 1, 40, 300])
    if kind.startswith("page-") or kind == "no-total":
        one["route"] = "users.list"
    if kind == "expire-token":
        one["count"] = one["count"] or 2
    return one


def draw(rng):
    """(troubles of HR, troubles of the platform)"""
    hr, there = [], []
    for _ in range(rng.choice([0, 1, 1, 2, 3])):
        dice = rng.random()
        if dice < 0.25:
            one = draw_fault(rng, HR_ROUTES, KINDS)
            hr.append(Trouble(f"HR {one['kind']} {one.get('status', '')}".strip(), [one]))
        elif dice < 0.32:
            name, value = rng.choice([("list.total-shrinks", 1), ("list.row-moves", "to-end"), ("list.total-wrong", 2)])
            hr.append(Trouble(f"HR {name}", switches={name: value}))
        elif dice < 0.5:
            name = rng.choice(LIES)
            there.append(Trouble(f"there {name}", switches={name: rng.choice(LIE_NUMBERS.get(name, [None]))}))
        else:
            one = draw_fault(rng, THERE_ROUTES, THERE_KINDS)
            there.append(Trouble(f"there {one['kind']} {one.get('status', '')}".strip(), [one]))
    return hr, there


# What a negative control is mostly about, in every storm beside what is drawn: else it is a matter of months whether its protection is
# needed at all. None of it harms anybody while the protection is there: prove_delivery.py looks.
def aim_at_lost(rng):
    return [Trouble("there lost", [{"route": "users.invite", "kind": "lost", "count": rng.choice([1, 2]), "after": 0, "probability": 1,
                                    "seed": rng.randrange(1, 1 << 30)}])]


def aim_at_inventory(rng):
    name, value = rng.choice([("list.skip-last-row", "on"), ("list.row-moves", "to-end"), ("list.page-ignored", "on"), ("list.lag-seconds", 3600)])
    return [Trouble(f"there {name}", switches={name: value})]


AIMS = {"lost": aim_at_lost, "inventory": aim_at_inventory}


def habits(catalogue):
    """Every value that is not the default of each switch marked as unknown: how a platform may be."""
    pairs = []
    for s in catalogue:
        if s["mark"] == "U" and not s["name"].startswith(NOT_MET):
            words = [w for w in s.get("words", "").split("|") if w and w != str(s["default"])]
            pairs += [(s["name"], value) for value in (words or NUMBERS.get(s["name"], [])) if (s["name"], value) not in NEVER]
    return pairs
