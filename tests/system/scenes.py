"""scenes.py - a small company between its HR system and its learning platform, for the scenarios of docs/scenarios.md.

    @scene(12, "two HR records, one address")
    def _(case):
        s = Scene(case)                     # both sandboxes, ten people imported and delivered, all of it approved
        ana = s.hire(first_name="Ana")
        s.sync()                            # import and deliver, as it says with --json
        same(s.account(ana)["jobTitle"], "Welder")
        same(s.code(ana), "in-step")

Everything is seen from outside: what the platform really has (its control API), which calls it got, which mails it sent, and what
rollcall says. s.days(3) lets three days pass for rollcall and both sandboxes. NEEDS_DAEMON names what cannot be shown without one;
coverage() counts, and fails for a scenario of the list that is neither.

Every day all of them run on SQLite and every sixth on PostgreSQL, where each takes its seconds; all on both:

    ROLLCALL_SCENES=all script/with-postgres python3 tests/system/run.py build/release "test_scen"
"""
import datetime
import os
import re

import harness
from harness import Sandbox, check, holds, same, scenario
from truth import today

LEARNAMP_SECRET = "learnamp-sandbox-secret"
SCOPES = ("users:read users:create users:update users:deactivate users:reactivate teams:read teams:create teams:update teams:delete "
          "team_users:read team_users:create team_users:delete").split()
# What these scenarios ask for beyond what is shown here. The rest of each is shown by a scene of its number, where there is one.
NEEDS_DAEMON = {70: "import all now"}
_numbers = set()


def day(days):
    return (today() + datetime.timedelta(days=days)).isoformat()


def scene(number, words, **how):
    """A scenario of docs/scenarios.md; 0: of none of them."""
    if number % 6 and os.environ.get("ROLLCALL_SCENES") != "all":
        how.setdefault("databases", ["sqlite"])

    def add(f):
        f.title = f"{number}. {words}" if number else words
        _numbers.add(number)
        return scenario(f, **how)

    return add


def listed():
    """The numbers of docs/scenarios.md with their names."""
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "../../docs/scenarios.md"), encoding="utf-8") as file:
        rows = re.findall(r"^\| (\d+) \| ([^|]+?) \|", file.read(), re.MULTILINE)
    return {int(number): words for number, words in rows}


def coverage():
    """(lines to be printed, numbers that are neither covered nor known to need the daemon)"""
    wanted = listed()
    shown = _numbers & set(wanted)
    lines = [f"{len(shown)} of {len(wanted)} scenarios are shown here"]
    lines += [f"needs the daemon: {n}. {wanted[n]}" for n in sorted(set(wanted) - shown) if n in NEEDS_DAEMON]
    return lines, sorted(set(wanted) - shown - set(NEEDS_DAEMON))


class LearnAmp(Sandbox):
    """A make-believe Learn Amp, with its control API."""

    system = "learnamp"

    def everybody(self):
        return self.control("GET", "truth")["accounts"]

    def put(self, **values):
        """An account made by hand; its id."""
        return self.control("POST", "accounts", values)["id"]

    def change(self, account, **values):
        return self.control("PATCH", f"accounts/{account}", values)

    def do(self, account, what):
        """deactivate, reactivate, anonymise, accept, invite: by hand"""
        return self.control("POST", f"accounts/{account}/{what}")

    def delete(self, account):
        return self.control("DELETE", f"accounts/{account}")

    def teams(self, name=None):
        """{id: team}"""
        found = self.control("GET", "teams")["teams"]
        return {t["id"]: t for t in found if name is None or t["name"] == name}

    def mails(self, account=None):
        return [m for m in self.control("GET", "mails?limit=5000")["mails"] if account is None or m["account"] == account]

    def may_log_in(self, email):
        return self.control("POST", "login", {"email": email})["may"]

    def calls(self):
        """Those that came through the API since forget(), without tokens."""
        return [r for r in self.requests()["requests"] if r["route"] != "token"]

    def writes(self):
        """The changing ones of them: "PUT users.update" in order, with their bodies: [(route, body)]"""
        return [(r["route"], r["body"]) for r in self.calls() if r["method"] != "GET"]


def clock_library():
    return os.path.join(os.path.dirname(harness.rollcall_path()), "../tests/system/preload/libclock.so")


class Scene:
    """hr, there, company (acme/hr, acme/la), boss: the first of HR's people. Texts of people given by keyword are HR's attributes."""

    def __init__(self, case, people=4, accounts=0, policy=(), switches=None, profile="public", mapping=None, begins=True, seed=75,
                 settings=None, integration=None, limits=None, delivers=True, seldom=False):
        more = ["--accounts", str(accounts), "--profile", profile, "--people", str(people)]
        self.hr = case.sandbox(people=people, seed=seed)
        self.there = case.stack.enter_context(LearnAmp(people, seed, *more[:4], switches=switches))
        self.company = case.company(self.hr, settings=integration)
        self.shift = 0
        self._names = 0
        self.boss = self.hr.truth()[0]["id"]
        self.key = {"client-secret": LEARNAMP_SECRET}
        self.settings = {"retries": 2, "retry-wait-ms": 5, "timeout-s": 2, **(settings or {})}
        if mapping is not None:
            self.map(mapping)
        if delivers:
            self.connect(policy, limits)
        if begins:
            self.begin()

    def connect(self, policy=(), limits=None, key="la"):
        given = {"base-url": self.there.origin, "client-id": "learnamp-sandbox", "max-per-second": 0, **self.settings}
        sets = [word for name, value in given.items() for word in ("--set", f"{name}={value}")]
        more = ["--limits", limits] if limits else []
        self.company.ok("destination", "add", f"acme/{key}", "learnamp", *sets, *more,
                        "--secret-file", "client-secret=" + self.company.file("la-secret", self.key["client-secret"] + "\n"))
        if policy:
            self.policy(*policy)

    def begin(self):
        """The first import and the first delivery, both approved."""
        self.company.arrive()
        self.first()

    def first(self):
        code, answer = self.company.rollcall("deliver", "acme/la")
        same(code, 3, f"a first delivery is held: {answer}")
        self.approve(answer["run"]["run"])
        self.there.forget()

    # -- time --

    def days(self, n, hr=True, there=True, us=True):
        """So many days pass. Without one of the three: its clock stays."""
        if us:
            self.shift += n * 86400
            sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
            self.company.environment_more = {"LD_PRELOAD": clock_library(), "CLOCK_SHIFT_SECONDS": str(self.shift),
                                             "ASAN_OPTIONS": sanitizer.lstrip(":")}
        for sandbox in [self.hr] * hr + [self.there] * there:
            sandbox.clock(add_days=n)
        for sandbox in (self.hr, self.there):
            sandbox.switches({"clock.date-header": "virtual"})

    # -- HR --

    def hire(self, **values):
        """Somebody who works there for long, in Works, under the boss."""
        self._names += 1
        given = {"first_name": f"Neo{self._names}", "last_name": f"Novak{self._names}", "status": "active", "hire_date": day(-100),
                 "email": f"neo{self._names}@nordkap.example", "position": "Welder", "department": "Works", "office": "Leeds",
                 "supervisor": self.boss, "termination_date": None, "preferred_name": None}
        given.update(values)
        return self.hr.hire(**given)["id"]

    def edit(self, person, **values):
        return self.hr.edit(person, **values)

    def map(self, text):
        answer = self.company.ok("mapping", "draft", "acme/hr", "--file", self.company.file("mapping", text))
        code, answer = self.company.rollcall("mapping", "activate", "acme/hr", str(answer["mapping"]))
        check(code in (0, 3), f"the mapping: {answer}")
        if code == 3:
            self.company.approve(answer["run"]["run"])

    # -- rollcall --

    def policy(self, *settings):
        return self.company.ok("policy", "set", "acme/la", *settings)

    def import_(self, code=0):
        """An import; one that is held is approved."""
        return self.company.import_all()

    def deliver(self, *arguments, code=0):
        said, answer = self.company.rollcall("deliver", "acme/la", *arguments)
        same(said, code, f"deliver: {answer}")
        return answer

    def sync(self, *arguments, code=0):
        said, answer = self.company.rollcall("sync", "acme/hr", *arguments)
        same(said, code, f"sync: {answer}")
        return answer

    def approve(self, run, code=0):
        said, answer = self.company.rollcall("run", "approve", f"acme/{run}", "--reason", "looked through")
        same(said, code, f"approve: {answer}")
        return answer

    def approve_import(self):
        """Imports, approving what the guard holds, then delivers likewise."""
        self.company.import_all()
        code, answer = self.company.rollcall("deliver", "acme/la")
        if code == 3:
            run = answer["run"]
            return self.approve(run["other_run"] if run["state"] == "superseded" else run["run"])
        same(code, 0, f"deliver: {answer}")
        return answer

    def calls_of(self, run):
        """The calls of a delivery, planned or made."""
        return self.company.ok("run", "show", f"acme/{run}")["calls"]

    def rows(self, *arguments):
        return self.company.ok("accounts", "list", "acme/la", *arguments)["accounts"]

    def row(self, person):
        found = [r for r in self.rows() if r["person"] == str(person)]
        same(len(found), 1, f"rows of {person}")
        return found[0]

    def code(self, person):
        return self.row(person)["code"]

    def told(self, person, code, *phrases):
        """What was decided last about somebody, and words of why."""
        row = self.row(person)
        same(row["code"], code, row["text"])
        holds(row["text"], *map(str, phrases))
        return row

    def resolve(self, person, answer):
        return self.company.ok("conflict", "resolve", "acme/la", person, answer)

    # -- the platform --

    def accounts(self, person=None, email=None):
        """Those that exist, by our external id or address."""
        return [a for a in self.there.everybody() if a["exists"] and
                (person is None or (a["integrationExternalId"] or "").endswith(f":hr:{person}")) and
                (email is None or a["email"].lower() == email.lower())]

    def account(self, person):
        found = self.accounts(person)
        same(len(found), 1, f"accounts of {person}")
        return found[0]

    def shows(self, person, **values):
        """The account shows these; its id."""
        account = self.account(person)
        same({name: account[name] for name in values}, values, f"account of {person}")
        return account["id"]

    def is_open(self, person):
        return self.account(person)["status"] != "deactivated"

    def mails(self, person):
        return self.there.mails(self.account(person)["id"])

    def team(self, person):
        """The name of the primary team."""
        account = self.account(person)
        return self.there.teams()[account["primaryTeam"]]["name"] if account["primaryTeam"] else None

    def manager(self, person):
        """HR id of the manager that the platform shows, or the account's id where it has none of ours."""
        boss = self.account(person)["manager"]
        external = self.there.control("GET", f"truth/{boss}")["integrationExternalId"] if boss else None
        return int(external.rpartition(":")[2]) if external else boss

    def quiet(self):
        """Another delivery changes nothing there."""
        self.there.forget()
        self.sync()
        same(self.there.writes(), [], "calls although nothing has changed")


def snapshot(s):
    """The accounts by id as they are now; from here on calls are counted anew."""
    s.there.forget()
    return {a["id"]: a for a in s.accounts()}


def unharmed(s, before):
    """Everybody on the platform is as they were in that snapshot."""
    same({a["id"]: a for a in s.accounts()}, before, "accounts")
    same(s.there.writes(), [])
