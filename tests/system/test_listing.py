"""test_listing.py - however oddly HR lists, the directory is right or the import says clearly why not.

Each switch of the sandbox that can bear on a listing or a look-up is turned, one value after the other: for a first import, and
for one that has joiners, leavers and changes to find. What must come of it stands in the tables below; what never may is a wrong
directory. And once the oddity is over, the next import is right again.
"""
from harness import check, same, scenario
from truth import ANSWER, CUT, HELD, NO_PEOPLE, NO_TOTAL, OTHER, PART, RIGHT, RIGHT_MISSING, SAID, WAIT, compare, much_to_find, outcome

# switch: {value: (a first import, one with much to find)}
TABLE = {
    # what is asked for
    "list.default-page": {7: RIGHT},
    "list.max-limit": {10: RIGHT},
    "list.max-limit-error": {"on": RIGHT},
    "list.bad-number": {"error": RIGHT},
    "list.limit-ignored": {7: RIGHT, 50: RIGHT, 1000: RIGHT},
    "list.offset-ignored": {"on": CUT},
    "list.offset-is-page": {"on": CUT},
    "list.past-end": {"repeat": RIGHT, "error": RIGHT},
    "list.attributes-ignored": {"on": RIGHT},
    # who comes, in which order
    "list.order": {"descending": RIGHT, "shuffled": RIGHT, "unstable": CUT},
    "list.inactive": {"hidden": (PART, RIGHT)},
    "list.half": {"on": (PART, HELD)},  # just half of those who are known: not yet another account
    "list.empty": {"on": (NO_PEOPLE, OTHER)},
    "list.row-moves": {"to-end": CUT, "to-front": CUT},
    "list.short-page": {3: RIGHT, 19: RIGHT},
    "list.skip-last-row": {"on": RIGHT},
    "list.repeat-first-row": {"on": CUT},
    # what it says about itself
    "list.total-wrong": {1: CUT, -1: CUT, -60: CUT, 1000: CUT},
    "list.total-shrinks": {1: CUT},
    "list.total-form": {"string": RIGHT, "missing": (NO_TOTAL, CUT), "null": (NO_TOTAL, CUT)},
    "list.metadata": {"missing": (NO_TOTAL, CUT)},
    "list.total-pages-wrong": {1: RIGHT, -2: RIGHT},
    "list.current-page-one-based": {"on": RIGHT},
    "list.echo-as-string": {"on": RIGHT},
    # signing in
    "auth.query-string": {"accept": RIGHT},
    "auth.one-time-token": {"on": RIGHT},
    "auth.same-token": {"off": RIGHT},
    "auth.token-seconds": {1: RIGHT},
    "auth.expires-in": {"full": RIGHT, "missing": RIGHT, "string": RIGHT},
    "auth.scope": {"missing": (RIGHT, WAIT)},  # the rights do not read as before: "not found" counts for nothing
    "auth.echo": {"none": RIGHT, "other": RIGHT},
    "auth.bad-token-status": {401: RIGHT},
    # one employee, catalogue
    "get.unknown-code-zero": {"on": RIGHT},
    "get.wrong-404": {"on": (RIGHT, WAIT)},
    "get.attributes": {"off": RIGHT},
    "get.inactive": {"404": RIGHT},
    "get.unseen": {"403": RIGHT},
    "get.other-person": {"on": (RIGHT, WAIT)},
    "catalogue.options": {"off": RIGHT},
    "catalogue.lists-unreadable": {"on": RIGHT},
    "catalogue.forbidden": {"on": RIGHT_MISSING},
    # how values are written
    "envelope.no-type": {"on": RIGHT},
    "labels.german": {"on": RIGHT},
    "empty-object": {"text": RIGHT, "list": RIGHT},
    "empty-text": {"text": RIGHT},
    "dates.offset": {"no-colon": RIGHT, "odd": RIGHT, "utc": RIGHT, "z": RIGHT, "date-only": RIGHT},
    "dates.custom": {"timestamp": RIGHT},
    "supervisor.names": {"on": RIGHT},
    "supervisor.flat": {"on": RIGHT},
    "tags.form": {"comma-blank": RIGHT, "json": RIGHT},
    "hours.form": {"number": RIGHT},
    "numbers.custom": {"string": RIGHT},
    "ids.as-string": {"on": RIGHT},
    "refs.no-id": {"on": (RIGHT, HELD)},
    "cost-centers.universal-id": {"cost_center": RIGHT},
    "status.inactive-all": {"on": (SAID, HELD)},
    "status.unknown-percent": {20: SAID},
    "status.capitals": {"on": RIGHT},
    "gender.unknown": {"on": RIGHT},
    "termination-type.capitals": {"on": RIGHT},
    "extra-members": {"on": RIGHT},
    "vacation-day-balance": {"on": RIGHT},
    "attributes.missing-percent": {10: (PART, RIGHT)},
    "errors.german": {"off": RIGHT},
    "errors.extra-members": {"on": RIGHT},
}
ELSEWHERE = ("auth.v2-", "auth.revoke-", "auth.wrong-status", "auth.missing-fields-status", "auth.right-missing-status")
GROUPS = ("list.", "auth.", "get.", "catalogue.", "envelope.", "labels.", "empty-", "dates.", "supervisor.", "tags.", "hours.", "numbers.", "ids.",
          "refs.", "cost-centers.", "status.", "gender.", "termination-type.", "extra-members", "vacation-", "attributes.", "errors.")


def all_inactive(truth, _):
    return [{**p, "status": "inactive"} for p in truth]


def some_unknown(truth, people):
    odd = {int(k) for k, p in people.items() if p["user"]["status"] not in ("onboarding", "active", "leave", "inactive")}
    check(len(truth) / 20 < len(odd) < len(truth) / 2, f"{len(odd)} of {len(truth)} have an unknown status")
    return [{**p, "status": people[str(p["id"])]["user"]["status"]} if p["id"] in odd else p for p in truth]


AS_SAID = {"status.inactive-all": all_inactive, "status.unknown-percent": some_unknown}


def _turn(switch, value, want):
    wants = want if isinstance(want, tuple) else (want, want)

    def turned(case):
        hr = case.sandbox(people=130)
        company = case.company(hr, settings={"page-size": 20})
        hr.switches({switch: value})
        code, answer = company.import_()
        if code == 3:
            same(company.people(), {}, "the directory while a first import is held")
            company.approve(answer["run"]["run"])
            code = 0
        first = outcome(company, hr, {}, code, answer, AS_SAID.get(switch))
        hr.switches()
        company.import_all()
        known = company.people()
        compare(known, hr.truth())

        much_to_find(hr)
        hr.switches({switch: value})
        code, answer = company.import_()
        later = outcome(company, hr, known, code, answer, AS_SAID.get(switch))
        case.row("oddity", f"{switch} = {value}", "first import: " + first, "later: " + later)
        hr.switches()
        company.import_all()
        compare(company.people(), hr.truth(), known=known)
        same((first, later), wants, f"{switch} = {value}")

    turned.__name__ = f"the directory is right or the import says why not, with {switch} = {value}"
    turned.__module__ = __name__
    return scenario(turned)


for _switch, _values in TABLE.items():
    for _value, _want in _values.items():
        _turn(_switch, _value, _want)


@scenario(databases=["sqlite"])
def every_switch_of_listings_and_values_is_turned(case):
    hr = case.sandbox(people=10)
    for switch in hr.control("GET", "switches")["switches"]:
        if switch["name"].startswith(GROUPS) and not switch["name"].startswith(ELSEWHERE):
            check(switch["name"] in TABLE, f"{switch['name']} is turned by nobody")
            for word in (switch.get("words") or "").split("|"):
                check(word in ("", switch["default"]) or word in TABLE[switch["name"]], f"{switch['name']} = {word} is turned by nobody")
