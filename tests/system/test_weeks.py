"""test_weeks.py - a sample of prove_delivery.py: weeks in bad weather harm nobody, and would without the protections."""
import harness
import weeks
from harness import check, same, scenario

SEED = 1
WEEKS = 10  # of each of two companies


@scenario(databases=["sqlite"])  # both in prove_delivery.py
def weeks_in_bad_weather_harm_nobody(case):
    total = weeks.add_up(weeks.live_all(SEED, (1, 2), [case.database], processes=1, weeks=WEEKS))
    same(total["found"], [], "found")
    numbers = total["numbers"]
    check(numbers["weeks"] == 2 * WEEKS and numbers["created"] > 50 and numbers["deactivated"] > 10, lambda: f"too quiet: {numbers}")
    case.row("weeks", f"{numbers['weeks']} weeks", f"{numbers['people compared']} people compared", f"{sum(total['kills'].values())} kills")


def _without(protection):
    def victims(case):
        program = harness.program_without(protection)
        for life in weeks.live_all(SEED, range(1, 5), [case.database], program, 1, until_found=True, weeks=6):
            found = [text for kind, _, text in life["found"] if kind in weeks.HARM]
            if found:
                case.note(f"without {protection}: {found[0]}")
                return
        check(False, "the weeks harm nobody without it: it protects nobody, or they are too quiet")

    victims.__name__ = f"without the rule about {protection} the same weeks find victims"
    victims.__module__ = __name__
    return scenario(databases=["sqlite"])(victims)


_without("leave")
