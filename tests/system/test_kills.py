"""test_kills.py - a sample of kills.py: kill -9 at any moment leaves the old directory or the new one."""
from harness import scenario

import kills

KILLS = 40


@scenario
def kill_9_at_any_moment_leaves_the_old_or_the_new_directory_and_the_next_import_is_right(case):
    total = kills.run(case.database, KILLS, processes=1)
    for state in kills.STATES:
        if total.kills[state]:
            case.row("kill -9", state, total.kills[state])
