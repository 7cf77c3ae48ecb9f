"""test_scen_bad_values.py - values that the platform or we will not take: a clear reason for that person, and the run goes on."""
from harness import check, holds, same
from scenes import Scene, scene


@scene(0, "a name of 10,000 characters gets nobody an account and stops nobody else")
def _(case):
    six = " + ".join(["last_name"] * 6)
    s = Scene(case, mapping=f"last_name = {six}\n")
    ana = s.hire(last_name="Lo")
    s.sync()
    s.edit(ana, last_name="x" * 1900, position="Foreman")
    new, other = s.hire(last_name="y" * 1900), s.hire()
    s.sync()
    s.shows(ana, lastName="Lo" * 6, jobTitle="Foreman")
    same((s.accounts(new), len(s.mails(other))), ([], 1))
    same(s.row(new)["waits"], "hr")
    s.quiet()


@scene(0, "a team whose name the platform will not take stops nobody's account")
def _(case):
    s = Scene(case, mapping='primary_team = group("unit", job_title)\n')
    ana, ben = s.hire(position="x" * 300), s.hire(position="Works")
    said = s.sync()
    calls = s.calls_of(said["deliveries"][0]["run"]["run"])
    failed, = [c for c in calls if c["state"] == "failed"]
    same(failed["of"], "team")
    holds(failed["answer"], "too long")
    same((len(s.mails(ana)), s.team(ana), s.team(ben)), (1, None, "Works"))
    s.edit(ana, position="Choir")
    s.sync()
    same(s.team(ana), "Choir")


@scene(0, "two units of one name in HR become two teams, or the first alone where the platform takes a name once")
def _(case):
    for word in ("allowed", "refused"):
        s = Scene(case, mapping="secondary_teams = [team]\n", switches={"teams.same-name": word})
        ana, ben = s.hire(department="Choir"), s.hire(team="Choir")
        s.sync()
        found = s.there.teams("Choir")
        same(len(found), 2 if word == "allowed" else 1)
        same(s.team(ana) == "Choir" or word == "refused", True)
        same(len(s.mails(ben)), 1)
        s.quiet() if word == "allowed" else s.sync()


@scene(0, "one team made by hand is linked to one of HR's units of that name, not to two")
def _(case):
    s = Scene(case, mapping="secondary_teams = [team]\n")
    hand, = s.there.teams("Logistics")
    ana, ben = s.hire(department="Logistics"), s.hire(team="Logistics")
    s.sync()
    found = s.there.teams("Logistics")
    same((len(found), hand in found), (2, True))
    ids = [t["integrationExternalId"] for t in found.values()]
    check(None not in ids and ids[0] != ids[1], ids)
    s.quiet()
    s.hr.control("POST", "rename-unit", {"kind": "department", "from": "Logistics", "to": "Transport"})
    s.sync()
    same((len(s.there.teams("Logistics")), s.team(ana)), (1, "Transport"))
    s.days(1)
    s.quiet()


@scene(0, "on a platform from before external ids nothing is delivered twice, and it is said why")
def _(case):
    s = Scene(case, begins=False, switches={"external-id.known": "off"})
    s.company.arrive()
    holds(s.company.run("destination", "check", "acme/la").out, "integrationExternalId")
    for _ in range(3):
        code, answer = s.company.rollcall("deliver", "acme/la")
        if code == 3:
            run = answer["run"]
            s.company.rollcall("run", "approve", f"acme/{run['other_run'] if run['state'] == 'superseded' else run['run']}", "--reason", "so")
    emails = [a["email"].lower() for a in s.accounts()]
    same(len(emails), len(set(emails)))
    invited = [m["to"].lower() for m in s.there.mails() if m["kind"] == "invitation"]
    same(len(invited), len(set(invited)), "mails")
