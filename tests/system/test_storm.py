"""test_storm.py - a sample of prove_storm.py: random faults and lies harm nobody, and would without the protections."""
import harness
import storm
from harness import check, same, scenario

SEED = 1
COMPANIES = 4  # a hundred imports


@scenario
def random_faults_and_lies_harm_nobody(case):
    total = storm.add_up(storm.live_all(SEED, range(COMPANIES), [case.database], processes=1))
    same([f for f in total["found"]], [], "found")
    check(total["imports"] > 20 * COMPANIES and total["leavers"] > 50, lambda: f"too quiet: {total}")
    case.row("a storm", f"{total['imports']} imports", f"{total['leavers']} leavers found", f"{total['rejected']} holds rejected")


def _without(protection):
    def victims(case):
        program = harness.program_without(protection)
        for life in storm.live_all(SEED, range(1, 25), [case.database], program, 1, until_found=True):
            found = [text for kind, _, text in life["found"] if kind == "victim"]
            if found:
                case.note(f"without the {protection}: {found[0]}")
                return
        check(False, "the storm harms nobody without it: it protects nobody, or the storm is too weak")

    victims.__name__ = f"without the {protection} the same storm finds victims"
    victims.__module__ = __name__
    return scenario(victims)


for _protection in ("proof", "guard", "lookup"):
    _without(_protection)
