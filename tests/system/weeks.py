"""weeks.py - companies live through weeks between a make-believe HR system and a make-believe learning platform, in bad weather;
every account has to be what HR and the policy say, and nobody harmed. For prove_delivery.py and test_weeks.py.

One company: two sandboxes, a database, and a calendar that all three share (rollcall's is moved by preload/clock.c). A week:

  Monday     life goes on in HR (joiners with dates, leavers by status, date and deletion, marriages, swapped addresses, other teams
             and managers, rehires, withdrawn notices, leave, addresses missing and shared) and on the platform (edits by hand,
             accounts closed, reopened and deleted, strangers); up to three troubles are drawn; `sync`, perhaps killed, perhaps
             again; whoever decides on what is held knows the truth
  Wednesday  likewise, a little less
  Friday     calm: `sync` until it says no more, everything that harms nobody is approved
  Sunday     the same; then accounts are held against the truth, and one more `sync` must ask the platform nothing

After each command the platform's own trail, its mails and its log are read:

  closed     an account deactivated whose person works there
  doubled    a second account made for a person who has one
  mailed     a second invitation to a person
  protected  an account closed whose role is protected
  lost       an account taken for deleted that is there
  stranger   an account changed that is nobody's in HR, or that was linked to somebody with another address
  wrong      at the week's end, an account that is not what it should be, and nothing known excuses it
  restless   a delivery that asks the platform something though nothing has changed
  stuck      calm weather, and a command fails or holds what it held before
  broken     a fault of this file

Everything is drawn from (seed, company, week), so that one company can be replayed alone.
"""
import collections
import datetime
import os
import random
import subprocess

import harness
import truth as oracle
import weeks_weather
from harness import check
from inside import Inside, fault_library
from scenes import clock_library
from storm import Subject, Wire, side_by_side
from weeks_end import OPEN, PROTECTED, Held

PEOPLE, FIRST_DAY = 200, "2026-11-23"
# A platform that answers every call of one kind with 503 is asked with pauses that double, up to a minute each, before it is left alone.
PATIENCE_S = 900
AHEAD = 14
KEY = "learnamp-sandbox"
HARM = ("closed", "doubled", "mailed", "stranger", "protected", "lost")
BAD = (*HARM, "wrong", "restless", "stuck", "broken")
LIFE = ("join", "join", "leave by status", "leave by date", "withdrawn", "deleted", "marriage", "swap", "team", "rename team",
        "manager leaves", "rehire", "on leave", "back", "no email", "email again", "shared email", "title")
UNDER_WAY = ("listing", "checking", "passed")


# ---- the three of them ---------------------------------------------------------------------------------------------------


class There(Wire):
    """The learning platform."""

    system = "learnamp"

    def __init__(self, people, accounts, seed, profile):
        super().__init__(people, seed, "--accounts", str(accounts), "--today", FIRST_DAY, "--profile", profile)

    def accounts(self):
        return {str(a["id"]): a for a in self.control("GET", "truth")["accounts"]}

    def change(self, account, **values):
        return self.control("PATCH", f"accounts/{account}", values)

    def do(self, account, what):
        return self.control("POST", f"accounts/{account}/{what}", {})


class Later(Subject):
    """A rollcall whose calendar is moved."""

    later_s = 0

    def environment(self, **more):
        env = super().environment(**more)
        env["LD_PRELOAD"] = f"{env['LD_PRELOAD']}:{clock_library()}" if "LD_PRELOAD" in env else clock_library()
        env["CLOCK_SHIFT_SECONDS"] = str(self.later_s)
        return env


class Life:
    """One company through some weeks. What happened is in the counters and in self.found."""

    def __init__(self, seed, number, database, program=None, tell=None, weeks=50, aim=None):
        self.seed, self.number, self.database, self.program, self.tell, self.weeks_n = seed, number, database, program, tell, weeks
        self.aim_at = weeks_weather.AIMS.get(aim)
        self.found = []                          # (kind, week, text)
        self.outcomes = collections.Counter()    # (trouble, outcome)
        self.kills = collections.Counter()       # (state, what became of it)
        self.numbers = collections.Counter()
        self.excuses = collections.Counter()
        self.week, self.weather = -1, []
        self.trail_n = self.mails_n = 0
        self.by_hand = {}                        # account: what somebody did last on the platform: closed, reopened
        self.taken_for_deleted = set()           # accounts that are there
        self.deleted = set()                     # people whose account somebody deleted there
        self.has_stated = collections.defaultdict(set)  # person: addresses that HR has stated at some time
        self.agreed = set()                      # accounts that somebody agreed to link
        self.invited_at = {}                     # external id: the account that was invited last
        self.invited, self.made = collections.Counter(), {}
        self.calls, self.hits = {}, collections.defaultdict(list)

    def run(self, until=None, until_found=False):
        rng = random.Random(f"{self.seed}/{self.number}")
        seed = rng.randrange(1, 1 << 30)
        self.full = self.number % 4 >= 2  # the platform can invite: they do so on the first day, and make accounts ahead
        with Wire(PEOPLE, seed, "--today", FIRST_DAY) as self.hr, \
                There(PEOPLE, rng.choice([0, 10, 60, 150]), seed, "full" if self.full else "public") as self.there, Later(self.database) as self.company, Inside(self.company) as self.inside:
            self.company.program = self.program
            self.settle_in(rng)
            for self.week in range(self.weeks_n):
                self.one(random.Random(f"{self.seed}/{self.number}/{self.week}"))
                if self.week == until or (until_found and self.victims()):
                    break
        return self

    def victims(self):
        return sum(1 for kind, _, _ in self.found if kind in HARM)

    def note(self, kind, text):
        self.found.append((kind, self.week, f"{text}; {'; '.join(map(repr, self.weather)) or 'calm'}"))
        if self.tell:
            self.tell(f"  {kind}: {text}")

    # -- setting up --

    def settle_in(self, rng):
        c = self.company
        catalogue = self.there.control("GET", "switches")["switches"]
        self.words = {s["name"]: [w for w in s.get("words", "").split("|") if w and w != str(s["default"])] for s in catalogue}
        pairs = weeks_weather.habits(catalogue)
        self.habits = dict([pairs[(self.number * 3 + i) % len(pairs)] for i in range(3)]) if self.number % 7 != 6 else {}
        self.hr_usual = {"clock.date-header": "virtual"}
        self.usual = {"clock.date-header": "virtual", **self.habits}
        self.calm()
        now = datetime.datetime.fromisoformat(self.hr.control("GET", "clock")["now"].replace("Z", "+00:00"))
        self.company.later_s = round((now - datetime.datetime.now(datetime.timezone.utc)).total_seconds())
        c.connect(self.hr, settings={"retries": 2, "retry-wait-ms": 1, "timeout-s": 2})
        c.ok("destination", "add", "acme/la", "learnamp", "--set", f"base-url={self.there.origin}", "--set", f"client-id={KEY}",
             "--set", "max-per-second=0", "--set", "retries=2", "--set", "retry-wait-ms=1", "--set", "timeout-s=2", "--secret-file",
             "client-secret=" + c.file("there", "learnamp-sandbox-secret\n"), "--feed", "hr")
        if self.full:
            c.ok("policy", "set", "acme/la", "invite=on-hire-date", f"ahead-days={AHEAD}")
        self.prefix = c.ok("destination", "show", "acme/la")["destination"]["prefix"] + ":hr:"
        if self.tell:
            self.tell(f"habits: {self.habits}")

    def pass_days(self, days):
        self.hr.clock(add_days=days)
        self.there.clock(add_days=days)
        self.company.later_s += days * 86400
        self.today = datetime.date.fromisoformat(self.hr.control("GET", "clock")["today"])

    def calm(self):
        for sandbox, usual in ((self.hr, self.hr_usual), (self.there, self.usual)):
            sandbox.no_faults()
            sandbox.switches()
            sandbox.switches(usual)
        self.weather = []

    def storm(self, rng):
        hr, there = weeks_weather.draw(rng)
        if self.aim_at:
            there += self.aim_at(rng)
        for sandbox, troubles in ((self.hr, hr), (self.there, there)):
            for t in troubles:
                for fault in t.faults:
                    sandbox.fault(**fault)
                for name, value in t.switches.items():
                    sandbox.switches({name: rng.choice(self.words[name]) if value is None else value})
        self.weather = hr + there

    # -- life --

    def people(self):
        return {str(p["id"]): p for p in self.hr.truth()}

    def day(self, days):
        return (self.today + datetime.timedelta(days=days)).isoformat()

    def employed(self, person):
        return oracle.lifecycle_of(person, self.today) != "left"

    def live(self, rng, much):
        """HR's week."""
        self.hr.life(seed=rng.randrange(1, 1 << 30), joins=rng.randrange(2), leaves=rng.randrange(2), notices=rng.randrange(2),
                     renames=rng.randrange(3), moves=rng.randrange(3), emails=rng.randrange(2), managers=rng.randrange(2),
                     removes=int(rng.random() < 0.3), rehires=int(rng.random() < 0.3))
        people = self.people()
        works = [i for i, p in people.items() if p["exists"] and p["status"] != "inactive"]
        gone = [i for i, p in people.items() if p["exists"] and p["status"] == "inactive"]
        n = self.week * 10 + (5 if much else 0)
        for what in rng.sample(LIFE, 5 if much else 2):
            if len(works) < 20:
                break
            who = works.pop(rng.randrange(len(works)))
            self.happen(rng, what, who, works, gone, people, n)

    def happen(self, rng, what, who, works, gone, people, n):
        hr = self.hr
        if what == "join":
            hr.hire(hire_date=self.day(rng.choice([-3, 0, 1, 10, 40])), email=f"new.{n}@nordkap.example", first_name="Nova", last_name=f"Neu{n}")
        elif what == "leave by status":
            hr.edit(who, status="inactive", termination_date=self.day(rng.choice([-1, 0])))
        elif what == "leave by date":
            hr.edit(who, termination_date=self.day(rng.choice([1, 5, 12, 30])))
        elif what == "withdrawn":
            for i in works:
                if people[i]["termination_date"]:
                    hr.edit(i, termination_date=None)
                    break
        elif what == "deleted":
            hr.remove(who)
        elif what == "marriage":
            hr.edit(who, last_name=f"Verheiratet{n}", email=f"married.{n}@nordkap.example")
        elif what == "swap":
            other = works[rng.randrange(len(works))]
            a, b = people[who]["email"], people[other]["email"]
            if a and b:
                hr.edit(who, email=f"swap.{n}@nordkap.example")
                hr.edit(other, email=a)
                hr.edit(who, email=b)
        elif what == "team":
            hr.edit(who, department=rng.choice([people[works[0]]["department"], f"Team {n % 50}"]))
        elif what == "rename team":
            old = people[who]["department"]
            if old:
                hr.control("POST", "rename-unit", {"kind": "department", "from": old, "to": f"{old.split(' /')[0]} / {n}"})
        elif what == "manager leaves":
            led = collections.Counter(p["supervisor"] for i, p in people.items() if i in works and p["supervisor"])
            for boss, _ in led.most_common()[rng.randrange(5):]:
                if str(boss) in works:
                    hr.edit(boss, status="inactive", termination_date=self.day(0))
                    if rng.random() < 0.7:
                        successor = works[rng.randrange(len(works))]
                        for i in works:
                            if people[i]["supervisor"] == boss and i != successor:
                                hr.edit(i, supervisor=int(successor))
                    break
        elif what == "rehire" and gone:
            hr.edit(rng.choice(gone), status="active", termination_date=None, hire_date=self.day(0))
        elif what == "on leave":
            hr.edit(who, status="leave")
        elif what == "back" :
            for i in works:
                if people[i]["status"] == "leave":
                    hr.edit(i, status="active")
        elif what == "no email":
            hr.edit(who, email=None)
        elif what == "email again":
            for i in works:
                if not people[i]["email"]:
                    hr.edit(i, email=f"again.{n}.{i}@nordkap.example")
        elif what == "shared email":
            other = people[works[rng.randrange(len(works))]]["email"]
            if other:
                hr.edit(who, email=other)
        elif what == "title":
            hr.edit(who, position=f"Lion tamer {n}", office=rng.choice(["Reykjavík", "Bremen", None]))

    def meddle(self, rng):
        """Somebody on the platform."""
        accounts = self.there.accounts()
        if rng.random() < 0.1:
            some = [i for i, a in accounts.items() if a["exists"] and a["status"] in OPEN and a["role"] == "viewer" and
                    (a["integrationExternalId"] or "").startswith(self.prefix)]
            if some:
                self.there.change(rng.choice(some), role="admin")
        ours = [i for i, a in accounts.items() if a["exists"] and (a["integrationExternalId"] or "").startswith(self.prefix)
                and a["role"] not in PROTECTED]
        for _ in range(rng.choice([0, 0, 1, 1, 2])):
            what = rng.choice(["edit", "edit", "edit", "close", "close", "reopen", "delete", "stranger", "accept", "accept", "email"])
            if what == "stranger":
                self.there.control("POST", "accounts", {"email": f"stranger.{self.week}.{rng.randrange(1000)}@elsewhere.example",
                                                        "firstName": "Sten", "lastName": "Stranger"})
                continue
            if not ours:
                return
            who = rng.choice(ours)
            accounts = self.there.accounts()
            if what == "edit":
                self.there.change(who, **rng.choice([{"firstName": "Edited"}, {"jobTitle": "By hand"}, {"location": "By hand"},
                                                     {"primaryTeam": 16}, {"manager": None}]))
            elif what == "email":
                self.there.change(who, email=f"hand.{self.week}.{who}@elsewhere.example")
            elif what == "accept" and accounts[who]["status"] == "invite_pending":
                self.there.do(who, "accept")
            elif what == "close" and accounts[who]["status"] in OPEN:
                self.there.do(who, "deactivate")
                self.by_hand[who] = "closed"
            elif what == "reopen" and accounts[who]["status"] == "deactivated":
                self.there.do(who, "reactivate")
                self.by_hand[who] = "reopened"
            elif what == "delete" and rng.random() < 0.5:
                self.there.control("DELETE", f"accounts/{who}")
                self.deleted.add(accounts[who]["integrationExternalId"][len(self.prefix):])

    # -- rollcall --

    def command(self, rng, arguments, kill):
        """(exit code, answer or None when it was killed), judged."""
        before, people = self.there.accounts(), self.people()
        for who, person in people.items():
            self.has_stated[who].add(oracle.fold(oracle.clean(person["email"])))
        env, name = {}, arguments[0]
        if kill:
            nth = self.aim(rng, name)
            env = {"ROLLCALL_FAULT": f"{'send' if nth < 0 else 'any'} {abs(nth)} KILL"}
        report = os.path.join(self.company.directory, "report")
        env.update(LD_PRELOAD=fault_library(), ROLLCALL_FAULT_REPORT=report)
        done = self.company.run("--json", *arguments, env=env, timeout=PATIENCE_S)
        self.numbers["commands"] += 1
        answer = None
        if done.code == -9:
            self.count_kill(name, nth)
        else:
            with open(report, encoding="ascii") as f:
                self.calls[name] = int(f.read().split()[8])
            check(done.code in (0, 1, 3), lambda: f"{arguments} ended with {done}")
            answer = harness.parse(done, arguments)
        self.judge(before, people)
        self.look_for_lost()
        return done.code, answer

    def aim(self, rng, name):
        """At which call to the system it is killed: anywhere, or where a state that is still rare was met before."""
        if self.database == "sqlite" and rng.random() < 0.5:
            return -rng.randint(1, 30)  # there, what is sent are requests alone
        known = sorted(state for command, state in self.hits if command == name)
        if known and rng.random() < 0.5:
            rare = min(known, key=lambda state: self.kills[state])
            return max(1, rng.choice(self.hits[name, rare][-20:]) + rng.randint(-5, 5))
        return rng.randint(1, self.calls.get(name, 1500) * 5 // 4)

    def count_kill(self, name, nth):
        row = self.inside.rows("SELECT state, destination_id, run_id FROM run ORDER BY run_id DESC LIMIT 1")
        state, destination, run = row[0] if row else ("before any run", None, None)
        if state == "passed" and destination and self.inside.number(
                "SELECT COUNT(*) FROM effect AS e JOIN run AS r ON r.company_id = e.company_id AND r.run_id = e.run_id"
                f" WHERE e.run_id = {run} AND e.state = 'planned' AND (e.pass < r.sent_pass OR (e.pass = r.sent_pass AND e.effect_id <= r.sent_to))"):
            state = "passed, effects sent and not known of"
        state = f"{'delivery' if destination else 'import'} {state}"
        self.kills[state] += 1
        if nth > 0:
            self.hits[name, state].append(nth)

    def outcome_of(self, code, answer):
        if answer is None:
            return "killed"
        if "error" in answer:
            return f"refused: {answer['error']['name'] or answer['error']['code']}"
        runs = [answer["import"]] if "import" in answer else []
        runs += [d["run"] for d in answer.get("deliveries", []) if d["run"]]
        if "run" in answer and answer["run"]:
            runs.append(answer["run"])
        states = {r["state"] for r in runs}
        return "held" if states & {"held", "superseded"} else "applied" if states else "nothing"

    # -- judging: after every command --

    def judge(self, before, people):
        trail = self.there.control("GET", f"trail?from={self.trail_n}&limit=100000")
        mails = self.there.control("GET", f"mails?from={self.mails_n}&limit=100000")
        self.trail_n, self.mails_n = trail["total"], mails["total"]
        entries = [e for e in trail["entries"] if e["by"] == KEY and not e["what"].startswith("team")]
        sent = [m for m in mails["mails"] if m["by"] == KEY and m["kind"] in ("invitation", "invited-again")]
        if not entries and not sent:
            return
        now = self.there.accounts()
        for e in entries:
            self.judge_entry(e, str(e["id"]), before, now, people)
        for m in sent:
            account = str(m["account"])
            whom = (now.get(account) or {}).get("integrationExternalId") or f"account {account}"
            before = self.invited_at.get(whom, account)
            if before != account and now[before]["integrationExternalId"] != whom:
                self.invited[whom] = 0  # that account was handed over to somebody else's record
            self.invited_at[whom] = account
            self.invited[whom] += 1
            self.numbers["invitations"] += 1
            if self.invited[whom] > 1:
                self.note("mailed", f"{whom} was invited {self.invited[whom]} times")

    def judge_entry(self, e, account, before, now, people):
        is_, was = now.get(account), before.get(account)
        ours = (is_["integrationExternalId"] or "") if is_ else ""
        if not ours.startswith(self.prefix) and account in self.agreed:
            self.numbers["opened before it is linked"] += 1
            return
        if not ours.startswith(self.prefix):
            self.note("stranger", f"account {account} ({is_ and is_['email']}) {e['what']}: {e['detail']}")
            return
        who = ours[len(self.prefix):]
        person = people.get(who)
        self.numbers[e["what"]] += 1
        if e["what"] == "deactivated" and person is not None and person["exists"] and self.employed(person):
            self.note("closed", f"{who} ({account}) works: {person['status']}, {person['termination_date']}")
        if e["what"] == "deactivated" and is_["role"] in PROTECTED:
            self.note("protected", f"{who} ({account}) is {is_['role']}")
        if e["what"] == "created":
            old = self.made.get(who)
            if old is not None and now[old]["exists"] and now[old]["integrationExternalId"] == ours and old != account:
                self.note("doubled", f"{who} has {old} and {account}")
            self.made[who] = account
        elif was is not None and not (was["integrationExternalId"] or "").startswith(self.prefix):
            self.numbers["adopted"] += 1
            if person is None or not self.is_by_address(who, person, oracle.fold(was["email"])):
                self.note("stranger", f"account {account} ({was['email']}) was linked to {who} ({person and person['email']})")

    def is_by_address(self, who, person, shown):
        """What HR states now; or what it stated when it was read last, as when the import that brings another address is held."""
        return shown == oracle.fold(oracle.clean(person["email"])) or (
            shown in self.has_stated[who] and shown == self.company.person(who)["user"]["email"])

    def look_for_lost(self):
        """Whom this command takes for deleted. Nobody can tell of whom a list lacks and the platform says by id that there is nobody; who
        was taken for deleted so is no new victim before the next list."""
        weather = {t.name.split()[1] for t in self.weather if t.name.startswith("there")}
        if not any(name.startswith(("list.", "page-", "no-total", "get.")) for name in weather):
            return
        there = self.there.accounts()
        gone = {a["account"]: a["person"] for a in self.company.ok("accounts", "list", "acme/la")["accounts"]
                if a["account"] and a["status"] == "deleted" and there[a["account"]]["exists"]}
        for account in gone.keys() - self.taken_for_deleted if "get.wrong-404" not in weather else ():
            self.note("lost", f"account {account} of {gone[account]} is there")
        self.taken_for_deleted = set(gone)

    # -- deciding, as somebody who knows the truth --

    def decide(self, rng, answer, kill, calm):
        runs = [answer["import"]] if "import" in answer else []
        runs += [d["run"] for d in answer.get("deliveries", [answer]) if d.get("run")]
        decided = False
        for r in runs:
            number = r["run"] if r["state"] == "held" else r["other_run"] if r["state"] == "superseded" else None
            if number is None:
                continue
            harmed = self.harmed_by(number, r["destination"])
            if harmed and calm:
                self.note("closed", f"{harmed} work, and in calm weather run {number} would close them")
            verb = "reject" if harmed else "approve"
            code, said = self.command(rng, ["run", verb, f"acme/{number}", "--reason", "looked through"], kill)
            self.numbers[f"holds {verb}{'' if code == 0 else ': not done'}"] += 1
            if calm and code not in (0, -9):
                self.note("stuck", f"{verb} of {number}: {said['error']}")
            decided = True
        return decided

    def harmed_by(self, number, destination):
        people = self.people()
        if destination is None:
            now = self.company.people()
            return [i for i, p in self.company.people("--run", str(number)).items() if p["lifecycle"] in ("left", "absent") and
                    self.employed(people[i]) and now.get(i, {"lifecycle": "active"})["lifecycle"] not in ("left", "absent")]
        calls = self.company.ok("run", "show", f"acme/{number}")["calls"]
        return [c["person"] for c in calls if c["verb"] == "deactivate" and c["of"] == "person" and self.employed(people[c["person"]])]

    def agree(self, rng):
        """Somebody says yes to linking an account that rollcall asks about."""
        asks = [a for a in self.company.ok("conflict", "list", "acme/la")["conflicts"] if a["asks"] == "adopt"]
        if asks:
            one = rng.choice(asks)
            self.agreed.add(one["asks_for"])
            self.company.ok("conflict", "resolve", "acme/la", one["person"], "approve")
            self.numbers["asked, and agreed"] += 1

    # -- a week --

    def sync(self, rng, calm):
        kill = not calm and rng.random() < 0.5
        words = ["sync", "acme/hr"]
        if kill and rng.random() < 0.7:  # only what follows the import
            self.command(rng, ["import", "acme/hr"], False)
            words = ["deliver", "acme/la"]
        for again in range(3):
            if again == 2:
                words = ["sync", "acme/hr"]
            code, answer = self.command(rng, words, kill and again < 2)
            outcome = self.outcome_of(code, answer)
            for name in {t.name for t in self.weather} or {"calm"}:
                self.outcomes[name, outcome] += 1
            if self.tell:
                self.tell(f"week {self.week}, {self.today}: {outcome}{' ' + str(answer['error']['text']) if answer and 'error' in answer else ''}; "
                          f"{'; '.join(map(repr, self.weather)) or 'calm'}")
            if answer is not None:
                break
        return answer

    def one(self, rng):
        self.pass_days(0 if self.week == 0 else 1)  # Monday
        for much in (True, False):
            if self.week > 0:
                self.live(rng, much)
                self.meddle(rng)
                self.storm(rng)
            answer = self.sync(rng, calm=False)
            if rng.random() < 0.3:
                self.calm()
            if rng.random() < 0.4:
                self.agree(rng)
            if answer is not None and "error" not in answer and rng.random() < 0.8:
                self.decide(rng, answer, rng.random() < 0.3, calm=False)
            self.calm()
            self.pass_days(2)
        self.settle(rng)  # Friday
        self.pass_days(2)
        self.settle(rng)
        self.compare()
        self.quiet(rng)
        self.numbers["weeks"] += 1

    def settle(self, rng):
        for _ in range(8):
            answer = self.sync(rng, calm=True)
            if "error" in answer:
                self.note("stuck", f"in calm weather: {answer['error']}")
                return
            if not self.decide(rng, answer, False, calm=True) and not any(d["run"] for d in answer["deliveries"]):
                return
        self.note("stuck", f"in calm weather it never says that nothing is to be done: {self.why(answer)}")

    def why(self, answer):
        run = max(d["run"]["run"] for d in answer["deliveries"] if d["run"])
        return [(c["person"], c["verb"], c["code"], c["sentence"], c["state"], c["answer"]) for c in self.company.ok("run", "show", f"acme/{run}")["calls"]][:4]

    def quiet(self, rng):
        self.there.forget()
        code, answer = self.command(rng, ["sync", "acme/hr"], False)
        asked = self.there.requests()["total"]
        if code == 0 and asked:
            self.note("restless", f"{asked} requests though nothing has changed: {self.why(answer) if answer['deliveries'][0]['run'] else ''}")

    # -- the accounts against the truth --

    def compare(self):
        people, accounts = self.people(), self.there.accounts()
        teams = {t["id"]: t for t in self.there.control("GET", "teams")["teams"]}
        told = {a["person"]: a for a in self.company.ok("accounts", "list", "acme/la")["accounts"] if a["person"]}
        held = Held(self, people, accounts, teams, told, self.company.people())
        for who, person in people.items():
            self.numbers["people compared"] += 1
            for what, excused in held.against(who, person):
                if excused:
                    self.excuses[excused] += 1
                else:
                    self.note("wrong", f"{who}: {what} (told: {told.get(who, {}).get('code')}: {told.get(who, {}).get('text')})")


# ---- many companies --------------------------------------------------------------------------------------------------------


def live(job):
    """One company in a process of its own: a dict that can be added up."""
    seed, number, databases, program, until_found, weeks, aim = job
    database = databases[number % len(databases)]
    life = Life(seed, number, database, program, weeks=weeks, aim=aim)
    if os.path.isdir("/dev/shm") and database == "sqlite":
        harness.tempfile.tempdir = "/dev/shm"  # kill -9 takes nothing from the system's memory; a disk would only be slower
    try:
        life.run(until_found=until_found)
    except (Exception, subprocess.TimeoutExpired) as why:  # a fault of this file is found like one of rollcall
        life.note("broken", f"{type(why).__name__}: {why}")
    finally:
        harness.tempfile.tempdir = None
    return {"number": number, "database": database, "outcomes": life.outcomes, "kills": life.kills, "numbers": life.numbers,
            "excuses": life.excuses, "found": life.found, "habits": life.__dict__.get("habits", {})}


def live_all(seed, numbers, databases=harness.DATABASES, program=None, processes=2, until_found=False, weeks=50, aim=None):
    """Yields what live() returns, as companies end. until_found: each ends with its first victim. aim: one of weeks_weather.AIMS, or no such."""
    yield from side_by_side(live, [(seed, number, tuple(databases), program, until_found, weeks, aim) for number in numbers], processes)


def add_up(results):
    total = {"companies": 0, "outcomes": collections.Counter(), "kills": collections.Counter(), "numbers": collections.Counter(),
             "excuses": collections.Counter(), "found": [], "habits": set()}
    for r in results:
        total["companies"] += 1
        for key in ("outcomes", "kills", "numbers", "excuses"):
            total[key].update(r[key])
        total["habits"] |= set(r["habits"].items())
        total["found"] += [(r["number"], r["database"], *one) for one in r["found"]]
    return total
