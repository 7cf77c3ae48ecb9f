"""weeks_end.py - at a week's end of weeks.py: everybody's account against HR, and what is known to excuse a difference."""
import collections

import truth as oracle

OPEN = ("not_invited", "invite_scheduled", "invite_pending", "confirmed", "external")
PROTECTED = ("owner", "admin", "hr")


class Held:
    """One week's end."""

    def __init__(self, life, people, accounts, teams, told, directory):
        self.life, self.people, self.accounts, self.teams, self.told = life, people, accounts, teams, told
        self.of, self.at, self.stated = {}, collections.defaultdict(list), collections.Counter()
        for i, a in accounts.items():
            external = a["integrationExternalId"] or ""
            if external.startswith(life.prefix) and (a["exists"] or external[len(life.prefix):] not in self.of):
                self.of[external[len(life.prefix):]] = i
            if a["exists"] and a["email"]:
                self.at[oracle.fold(a["email"])].append(i)
        for p in people.values():
            if p["email"]:
                self.stated[oracle.fold(oracle.clean(p["email"]))] += 1
        # An address that HR empties stays theirs (the mapping's "empty email = keep") until HR states another one: nobody else
        # who states it is given it meanwhile, as a form half filled in is no word about whose a mailbox is.
        self.kept = collections.Counter(directory[who]["user"]["email"] for who, p in people.items() if who in directory and p["exists"] and
                                        not oracle.clean(p["email"]) and life.employed(p) and directory[who]["user"].get("email"))

    def against(self, who, person):
        """[(what is wrong, what excuses it or None)]"""
        mine = self.of.get(who)
        account = self.accounts.get(mine)
        exists = account is not None and account["exists"]
        if not self.life.employed(person):
            if exists and account["status"] != "deactivated" and account["status"] != "anonymised":
                return [("is gone, and the account is open", self.stays_open(mine, account))]
            return []
        hire = person["hire_date"]
        begins_later = self.life.full and (not hire or hire > self.life.day(0))
        if not exists:
            return [("has no account", "begins later" if begins_later else self.has_none(who, person))]
        if account["status"] not in OPEN:
            return [("the account is closed", "begins later" if begins_later else "closed by hand" if self.life.by_hand.get(mine) == "closed" else None)]
        return [(f"{field} is {have!r}, not {want!r}", excuse) for field, have, want, excuse in self.fields(who, person, mine, account)]

    def stays_open(self, mine, account):
        if account["role"] in PROTECTED:
            return "protected role"
        if self.life.by_hand.get(mine) == "reopened":
            return "reopened by hand"
        return None

    def is_kept(self, who, email):
        return self.kept[email] > 0 and self.told.get(who, {}).get("code") == "email-claimed"

    def has_none(self, who, person):
        email = oracle.fold(oracle.clean(person["email"]))
        if not email:
            return "no address"
        if self.stated[email] > 1:
            return "address stated for several"
        if self.is_kept(who, email):
            return "address emptied in HR for somebody else, who keeps it"
        if self.at[email]:
            return f"address is another account's: {self.told.get(who, {}).get('code')}"
        if not oracle.clean(person["last_name"]) or not oracle.clean(person["first_name"]):
            return "no name"
        return "deleted by hand" if who in self.life.deleted else None

    def fields(self, who, person, mine, account):
        want = oracle.user_of(person)
        for field, name in (("first_name", "firstName"), ("last_name", "lastName"), ("job_title", "jobTitle"),
                            ("primary_location", "location"), ("hire_date", "hireDate")):
            if want[field] is not None and oracle.clean(account[name]) != want[field]:
                yield field, account[name], want[field], None
        if want["email"] is not None and oracle.fold(account["email"]) != want["email"]:
            others = [i for i in self.at[want["email"]] if i != mine]
            yield "email", account["email"], want["email"], ("address stated for several" if self.stated[want["email"]] > 1 else
                                                             "address emptied in HR for somebody else, who keeps it" if self.is_kept(who, want["email"]) else
                                                             "address is another account's" if others else
                                                             "protected role" if account["role"] in PROTECTED else None)
        team = oracle.clean(person["department"])
        have = self.teams.get(account["primaryTeam"], {}).get("name")
        if team is not None and have != team:
            yield "team", have, team, None
        yield from self.manager(who, want["manager"], account)

    def manager(self, who, boss, account):
        if boss is None or boss == who:
            return
        seen, above = {who}, boss
        while above is not None:
            if above in seen:
                return  # a circle
            seen.add(above)
            above = self.people.get(above, {}).get("supervisor")
            above = str(above) if above is not None else None
        there = self.of.get(boss)
        if boss not in self.people or not self.life.employed(self.people[boss]) or there is None or not self.accounts[there]["exists"] \
                or self.accounts[there]["status"] not in OPEN:
            return
        if str(account["manager"]) != there:
            never = self.accounts[there]["status"] == "not_invited" and self.life.habits.get("manager.never-invited") == "refused"
            yield "manager", account["manager"], there, "never invited" if never else None
