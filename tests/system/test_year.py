"""test_year.py - a sample of prove_serve.py: weeks with the daemon, killed and lied to, end with the truth, and would not without
its protections."""
import harness
import year
from harness import check, same, scenario

SEED = 1
DAYS, KILLS, PEOPLE = 35, 12, 250


def _lived(database, program=None, seed=SEED, **how):
    return year.live((seed, database, program, {"people": PEOPLE, "kills": 0, **how}))


@scenario
def weeks_with_the_daemon_end_with_the_truth(case):
    days, kills = (DAYS, KILLS) if case.database == "sqlite" else (DAYS // 3, KILLS // 3)
    lived = _lived(case.database, days=days, kills=kills)
    same(lived["found"], [], "found")
    numbers = lived["numbers"]
    check(numbers["days"] == days and numbers["steps"] > 4 * days and numbers["times held against the truth"], lambda: f"too quiet: {numbers}")
    same(sum(lived["kills"].values()), kills, "kills")
    case.row("days with the daemon", f"{days} days of {PEOPLE} people", f"{numbers['steps']} steps", f"{kills} kills",
             f"{numbers['approved: import'] + numbers['approved: delivery']} holds approved")


def _without(protection, *only):
    def victims(case):
        found = []
        for seed in range(SEED, SEED + 4):  # on a busy machine nothing may be read on the very day on which all goes wrong
            lived = _lived(case.database, harness.program_without(protection), seed, days=20, until_found=True, only=only)
            found = [text for kind, _, text in lived["found"] if kind in year.weeks.HARM]
            if found:
                break
        check(found, lambda: f"nobody is harmed without it: it protects nobody, or the days are too quiet: {lived['found']}")
        case.note(f"without the {protection}: {found[0]}")

    victims.__name__ = f"without the {protection} the daemon finds victims"
    victims.__module__ = __name__
    return scenario(databases=["sqlite"])(victims)


_without("guard", "HR wrong: inactive")
_without("clock", "clock ahead")
