"""test_scen_teams.py - docs/scenarios.md, 32 to 41: teams and managers, who have to be there before anybody refers to them."""
from harness import check, holds, same
from scenes import Scene, scene


@scene(32, "a new department becomes one team, however many arrive together")
def _(case):
    s = Scene(case)
    people = [s.hire(department="Choir") for _ in range(5)]
    s.sync()
    same(len(s.there.teams("Choir")), 1)
    same({s.team(p) for p in people}, {"Choir"})
    s.edit(s.hire(), department="Choir")
    s.sync()
    same(len(s.there.teams("Choir")), 1)
    s.quiet()


@scene(33, "a team renamed in HR is renamed there, and whoever is in it stays")
def _(case):
    s = Scene(case)
    people = [s.hire(department="Choir") for _ in range(3)]
    s.sync()
    team = list(s.there.teams("Choir"))
    s.there.forget()
    s.hr.control("POST", "rename-unit", {"kind": "department", "from": "Choir", "to": "Big choir"})
    s.sync()
    same(list(s.there.teams("Big choir")), team)
    same([route for route, _ in s.there.writes()], ["teams.update"])
    same({s.team(p) for p in people}, {"Big choir"})
    s.quiet()


@scene(34, "where HR gives names and no ids a rename is another team, and the old one goes only by a setting")
def _(case):
    s = Scene(case, begins=False, settings={"prune-teams": "yes"})
    s.hr.switches({"refs.no-id": "on"})
    ana, ben = s.hire(department="Choir"), s.hire()
    s.begin()
    s.edit(ana, department="Big choir")
    s.sync()
    same((len(s.there.teams("Choir")), s.team(ana)), (1, "Big choir"))
    s.deliver("--inventory")
    same(len(s.there.teams("Choir")), 1)
    s.policy("prune-teams=yes")
    s.deliver("--inventory")
    same([t["exists"] for t in s.there.teams("Choir").values()], [False] if s.there.teams("Choir") else [])
    same((s.team(ana), s.team(ben)), ("Big choir", "Works"))


@scene(34, "a team of ours into which somebody was put by hand is not pruned")
def _(case):
    s = Scene(case, policy=["prune-teams=yes"], settings={"prune-teams": "yes"})
    ana = s.hire(department="Choir")
    s.sync()
    team, = s.there.teams("Choir")
    stranger = s.there.put(firstName="Some", lastName="Body", email="somebody@nordkap.example", status="confirmed")
    s.edit(ana, department="Works")
    s.there.control("PATCH", f"teams/{team}", {"members": [s.account(ana)["id"], stranger]})
    s.sync()
    s.sync()
    s.deliver("--inventory")
    found = s.there.teams()[team]
    check(found["exists"], "the team is gone, with somebody in it")
    same(found["members"], [stranger])
    same(s.team(ana), "Works")


@scene(35, "a team made by hand that has the name is linked where it is the only one, and two are told")
def _(case):
    s = Scene(case)
    hand, = s.there.teams("Logistics")
    ana, ben = s.hire(department="Logistics"), s.hire(department="Project Aurora")
    s.sync()
    same((s.account(ana)["primaryTeam"], len(s.there.teams("Logistics"))), (hand, 1))
    row = s.told(ben, "team-ambiguous")
    same((row["waits"], s.account(ben)["primaryTeam"], len(s.there.teams("Project Aurora"))), ("platform", None, 2))
    s.quiet()
    first, _ = s.there.teams("Project Aurora")
    s.there.control("PATCH", f"teams/{first}", {"name": "Project Boreas"})
    s.deliver("--inventory")
    same(s.team(ben), "Project Aurora")


@scene(35, "by a setting no team made by hand is linked")
def _(case):
    s = Scene(case, policy=["adopt-teams=no"])
    hand, = s.there.teams("Logistics")
    ana = s.hire(department="Logistics")
    s.sync()
    same((s.account(ana)["primaryTeam"], s.there.teams()[hand]["integrationExternalId"]), (None, None))
    s.told(ana, "not-available", "primary_team")


def waiting_teams(s):
    """The teams that people wait for, and how many: as they are told by the list of conflicts; the number of status too."""
    teams = s.company.ok("conflict", "list", "acme/la")["teams"]
    there, = s.company.ok("status")["destinations"]
    same(there["team_waits"], len([t for t in teams if t["asks"] is None]))
    return {(t["name"], t["people"], t["code"]) for t in teams}


def no_run(s):
    """A delivery with nothing else to do: no run, no call, and nobody is told that all is well."""
    s.there.forget()
    same(s.deliver()["run"], None)
    same(s.there.calls(), [], "calls although nothing has changed")
    said = s.company.run("deliver", "acme/la").out
    holds(said, "nothing is due", "for something:  rollcall accounts list acme/la --waits")


@scene(35, "two teams of the name are told by the name, with who waits and what helps, and are no reason for a run")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(department="Project Aurora"), s.hire(department="Project Aurora")
    s.sync()
    row = s.told(ana, "team-ambiguous", "several teams on the platform are called Project Aurora")
    same(row["waits"], "platform")
    no_run(s)
    same(waiting_teams(s), {("Project Aurora", 2, "team-ambiguous")})
    says = "2 teams on the platform are called Project Aurora; 2 people, for whom HR states it, wait for it. What helps: saying which of them it is, or that another one is made"
    flat = lambda *command: " ".join(s.company.run(*command).out.split())
    holds(flat("conflict", "list", "acme/la"), "team-ambiguous " + says)
    holds(flat("status"), "Team Project Aurora is given to nobody: " + says, "rollcall deliver acme/la --inventory")
    holds(flat("people", "why", f"acme/{ana}"), "several teams on the platform are called Project Aurora; rollcall conflict list says what helps")
    first, _ = s.there.teams("Project Aurora")
    s.there.control("DELETE", f"teams/{first}")
    s.days(1)
    s.sync()
    same([s.team(p) for p in (ana, ben)], ["Project Aurora"] * 2)
    same(waiting_teams(s), set())
    s.quiet()


@scene(35, "a team that no setting lets rollcall make or link is told so, and is no reason for a run")
def _(case):
    s = Scene(case, policy=["create-teams=no", "adopt-teams=no"])
    ana, ben = s.hire(department="Choir"), s.hire(department="Logistics")
    s.sync()
    s.told(ana, "not-available", "team Choir is not on the platform and none is made")
    s.told(ben, "not-available", "team Logistics on the platform is left alone")
    no_run(s)
    teams = waiting_teams(s)
    check({("Choir", 1, "team-not-made"), ("Logistics", 1, "team-taken")} <= teams, lambda: f"{teams}")
    s.policy("create-teams=yes", "adopt-teams=yes")
    s.deliver()
    same([s.team(p) for p in (ana, ben)], ["Choir", "Logistics"])
    same(waiting_teams(s), set())
    s.quiet()


def answer(s, team, *words):
    """Said about a team; what is said back."""
    done = s.company.run("conflict", "resolve", "acme/la", team, *words, "--team")
    same(done.code, 0, done.err)
    return done


@scene(35, "of two teams of the name a person says which one it is, or that another one is made")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(department="Project Aurora"), s.hire(department="Project Aurora")
    s.sync()
    first, second = s.there.teams("Project Aurora")
    s.there.control("PATCH", f"teams/{second}", {"integrationExternalId": "other:7"})
    s.deliver("--inventory")
    told, = s.company.ok("conflict", "list", "acme/la")["teams"]
    members = {i: len(t["members"]) for i, t in s.there.teams("Project Aurora").items()}
    same((told["there"], told["candidates"]), (2, [
        {"id": str(first), "name": "Project Aurora", "members": members[first], "external_id": None},
        {"id": str(second), "name": "Project Aurora", "members": members[second], "external_id": "other:7"}]))
    holds(" ".join(s.company.run("conflict", "list", "acme/la").out.split()), f"{first} Project Aurora", f"{second} Project Aurora", "external id other:7")
    club, = s.there.teams("Book club")
    for id_, name in ((club, "team.not-there"), ("nobody", "team.not-there")):
        got, said = s.company.rollcall("conflict", "resolve", "acme/la", told["team"], "link", id_, "--team")
        same((got, said["error"]["name"]), (1, name))
    s.there.forget()
    holds(answer(s, "Project Aurora", "link", second).out, "noted: link", "overwrites the external id other:7 that the team there carries")
    same((s.there.calls(), waiting_teams(s)), ([], set()))
    holds(s.company.run("deliver", "acme/la", "--preview").out, "1 teams to be linked")
    s.deliver()
    same([s.account(p)["primaryTeam"] for p in (ana, ben)], [second] * 2)
    check(s.there.teams()[second]["integrationExternalId"].endswith(told["team"]), "it does not carry our id")
    same((s.there.teams()[first]["integrationExternalId"], len(s.there.teams("Project Aurora"))), (None, 2))
    s.quiet()


@scene(35, "a team that the platform refuses to make is told in its words, and tried again when somebody says so")
def _(case):
    s = Scene(case, switches={"teams.same-name": "refused"})
    ana = s.hire(department="Project Aurora")
    s.sync()
    answer(s, "Project Aurora", "create")
    s.deliver()
    s.told(ana, "team-refused")
    no_run(s)
    same(waiting_teams(s), {("Project Aurora", 1, "team-refused")})
    holds(" ".join(s.company.run("conflict", "list", "acme/la").out.split()), "the platform refused to make team Project Aurora: ", "a team has this name already",
          *[f"{team} Project Aurora" for team in s.there.teams("Project Aurora")])
    s.deliver("--inventory")  # once, as not every refusal is for good
    same(len(s.there.writes()), 1)
    no_run(s)
    same(waiting_teams(s), {("Project Aurora", 1, "team-refused")})
    s.there.switches({"teams.same-name": "allowed"})
    answer(s, "Project Aurora", "create")
    s.deliver()
    same((s.team(ana), len(s.there.teams("Project Aurora"))), ("Project Aurora", 3))
    s.quiet()


@scene(35, "a team of which a person says that it is given to nobody is not asked about again, and the word can be taken back")
def _(case):
    s = Scene(case, policy=["create-teams=no"])
    ana = s.hire(department="Choir")
    s.sync()
    s.told(ana, "not-available")
    waits = s.company.ok("status")["destinations"][0]["team_waits"]
    answer(s, "Choir", "ignore")
    s.deliver()
    s.told(ana, "team-ignored", "team Choir is given to nobody, as a person has said")
    no_run(s)
    told, = [t for t in s.company.ok("conflict", "list", "acme/la")["teams"] if t["name"] == "Choir"]
    same((told["code"], told["people"]), ("team-ignored", 1))
    same(s.company.ok("status")["destinations"][0]["team_waits"], waits - 1)
    answer(s, "Choir", "create")
    s.deliver()
    same(s.team(ana), "Choir")
    s.quiet()


@scene(36, "another team: the one of ours is left, and teams made by hand are left alone")
def _(case):
    s = Scene(case, switches={"teams.old-primary": "secondary"})
    ana = s.hire()
    s.sync()
    account = s.account(ana)["id"]
    club, = s.there.teams("Book club")
    s.there.control("PATCH", f"teams/{club}", {"members": [account]})
    works, = s.there.teams("Works")
    s.edit(ana, department="Choir")
    s.sync()
    s.sync()
    same(s.team(ana), "Choir")
    check(account not in s.there.teams()[works]["members"], "still in the old team")
    check(account in s.there.teams()[club]["members"], "no longer in a team made by hand")
    s.quiet()


@scene(36, "further teams that HR states are joined once they are there, and left when it states them no more")
def _(case):
    s = Scene(case, mapping="secondary_teams = [team]\n")
    ana = s.hire(team="Night shift")
    ben = s.hire(team="Project Aurora")  # two of that name
    s.sync()
    account = s.account(ana)["id"]
    night, = s.there.teams("Night shift")
    same((s.team(ana), account in s.there.teams()[night]["members"]), ("Works", True))
    same((s.team(ben), s.code(ben)), ("Works", "team-ambiguous"))
    s.quiet()
    s.edit(ana, team=None)
    s.sync()
    check(account not in s.there.teams()[night]["members"], "still in a team that HR no longer states")
    same(s.team(ana), "Works")
    s.quiet()


@scene(36, "whoever gets another team of each kind that is to be made first gets all that goes with it in one delivery")
def _(case):
    s = Scene(case, mapping="secondary_teams = [team]\n")
    ana = s.hire(team="Red")
    s.sync()
    s.edit(ana, department="Oven", team="Green", position="Cook", email="ana9@nordkap.example")
    s.sync()
    account = s.shows(ana, jobTitle="Cook", email="ana9@nordkap.example")
    (red, was), = s.there.teams("Red").items()
    (green, there), = s.there.teams("Green").items()
    same((s.team(ana), account in there["members"], account in was["members"]), ("Oven", True, False))
    s.quiet()
    s.edit(ana, team="Blue")  # and one that joins the team that is there already
    ben = s.hire(team="Green", department="Oven")
    s.sync()
    same([len(s.there.teams(name)[i]["members"]) for name in ("Green", "Blue") for i in s.there.teams(name)], [1, 1])
    same((s.code(ana), s.code(ben)), ("in-step", "in-step"))
    s.quiet()


@scene(35, "a team deleted there is told and asked about, and is back when somebody says so, or makes one")
def _(case):
    s = Scene(case)
    ana, ben = s.hire(department="Choir"), s.hire(department="Band")
    s.sync()
    for name in ("Choir", "Band"):
        team, = s.there.teams(name)
        s.there.control("DELETE", f"teams/{team}")
    s.deliver("--inventory")
    cem = s.hire(department="Choir")
    s.sync()
    same((s.team(cem), len(s.mails(cem))), (None, 1))
    for person, name in ((ana, "Choir"), (ben, "Band"), (cem, "Choir")):
        s.told(person, "team-deleted-there", f"team {name} was deleted on the platform")
    s.quiet()
    teams = s.company.ok("conflict", "list", "acme/la")["teams"]
    same({(t["name"], t["people"], t["asks"]) for t in teams}, {("Choir", 2, "recreate"), ("Band", 1, "recreate")})
    there, = s.company.ok("status")["destinations"]
    same(there["team_asks"], 2)
    s.company.ok("conflict", "resolve", "acme/la", "Choir", "create", "--team")
    s.there.control("POST", "teams", {"name": "Band"})
    s.deliver("--inventory")
    same([s.team(p) for p in (ana, ben, cem)], ["Choir", "Band", "Choir"])
    same((s.company.ok("conflict", "list", "acme/la")["teams"], len(s.mails(cem))), ([], 1))
    s.quiet()


@scene(37, "a team that nobody is in any more is never deleted by itself")
def _(case):
    s = Scene(case)
    ana = s.hire(department="Choir")
    s.sync()
    s.edit(ana, status="inactive")
    s.sync()
    s.deliver("--inventory")
    same(len(s.there.teams("Choir")), 1)
    s.days(1)
    s.quiet()
    s.hire(department="Choir")
    s.sync()
    same(len(s.there.teams("Choir")), 1)


@scene(38, "a manager without an account yet gets one, and is set in the same delivery")
def _(case):
    s = Scene(case)
    people = [s.hire() for _ in range(3)]
    ben = s.hire()
    cem = s.hire(supervisor=people[0])
    for person in people:
        s.edit(person, supervisor=ben)
    s.sync()
    same({s.manager(p) for p in people}, {ben})
    same((s.manager(cem), s.manager(ben)), (people[0], s.boss))
    same({s.code(p) for p in people}, {"in-step"})
    s.quiet()


@scene(39, "a manager who gets no account leaves the field as it is, and that is told")
def _(case):
    s = Scene(case)
    ben = s.hire(email=None)
    ana = s.hire(supervisor=ben)
    s.sync()
    same((s.told(ana, "not-available", "manager")["waits"], len(s.mails(ana))), ("other", 1))
    s.edit(ben, email="ben@nordkap.example")
    s.sync()
    same(s.manager(ana), ben)


@scene(40, "managers in a circle make no loop, and are told")
def _(case):
    s = Scene(case)
    ana, ben, cem = s.hire(), s.hire(), s.hire()
    s.edit(ana, supervisor=ana)
    s.edit(ben, supervisor=cem)
    s.edit(cem, supervisor=ben)
    s.sync()
    same([s.code(ana), s.code(ben), s.code(cem)], ["problem", "manager-cycle", "manager-cycle"])
    check(s.manager(ana) != ana and s.manager(ben) != cem and s.manager(cem) != ben, "a circle there")
    s.quiet()
    dan, eve, fay = s.hire(), s.hire(), s.hire()
    for who, boss in ((dan, eve), (eve, fay), (fay, dan)):
        s.edit(who, supervisor=boss)
    s.sync()
    same([s.code(dan), s.code(eve), s.code(fay)], ["manager-cycle"] * 3)
    s.edit(fay, supervisor=s.boss)  # two steps above dan
    s.sync()
    same([s.manager(dan), s.manager(eve), s.manager(fay)], [eve, fay, s.boss])
    s.quiet()
    s.edit(fay, supervisor=dan)
    s.edit(dan, supervisor=s.boss)
    s.sync()
    s.edit(dan, supervisor=eve)  # eve shows fay, and fay dan
    s.sync()
    same((s.code(dan), s.manager(dan)), ("manager-cycle", s.boss))
    s.edit(fay, status="inactive")  # who is nobody's manager there from then on
    s.sync()
    s.sync()
    same((s.is_open(fay), s.manager(dan), s.code(eve)), (False, eve, "manager-gone"))
    s.quiet()
    s.edit(fay, status="active")
    s.sync()
    same((s.is_open(fay), s.manager(dan), s.manager(fay)), (True, eve, dan))  # shown all the while
    same([s.code(dan), s.code(eve), s.code(fay)], ["in-step", "manager-cycle", "in-step"])
    check(s.manager(eve) != fay, "a circle there")
    s.quiet()
    s.deliver("--inventory")
    s.quiet()


@scene(41, "when a manager leaves, reports get the successor first, and whoever has none is told")
def _(case):
    s = Scene(case)
    boss, heir = s.hire(), s.hire()
    ana, ben = s.hire(supervisor=boss), s.hire(supervisor=boss)
    s.sync()
    same((s.manager(ana), s.manager(ben)), (boss, boss))
    s.there.forget()
    s.edit(boss, status="inactive")
    s.edit(ana, supervisor=heir)
    s.sync()
    same([route for route, _ in s.there.writes()], ["users.update", "users.deactivate"])
    same(s.manager(ana), heir)
    holds(s.told(ben, "manager-gone", "no successor")["waits"], "hr")
    same(s.is_open(boss), False)
    s.quiet()
