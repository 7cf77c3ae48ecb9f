"""running.py - runs the scenarios of harness.py: which of them today, how many at a time, and what is printed of them."""
import multiprocessing
import os
import signal
import time
import traceback

from harness import Case, DATABASES, Failure, scenarios

SECONDS = 180  # for one scenario


def title(function):
    """What the report calls it: its own title where it has one (scenes.py)."""
    return getattr(function, "title", None) or function.__name__.replace("_", " ").strip()


def _too_long(*_):
    raise Failure(f"it took more than {SECONDS} seconds")


def _run_one(job):
    index, database = job
    function = scenarios()[index][0]
    case = Case(database)
    began = time.monotonic()
    why = None
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(SECONDS)
    try:
        with case.stack:
            function(case)
    except Failure as found:
        line = [frame.lineno for frame in traceback.extract_tb(found.__traceback__) if frame.name == function.__name__]
        why = f"{found}" + (f" (line {line[-1]})" if line else "")
    except BaseException:  # a fault of the scenario is a failed case like any other
        why = traceback.format_exc()
    finally:
        signal.alarm(0)
    return index, database, why, time.monotonic() - began, case.notes, case.rows


def _worker():
    signal.signal(signal.SIGINT, signal.SIG_IGN)


# Files whose scenarios wait for clocks and time-outs, are of one kind and many, or hardly ask the database: every day all of them run
# on SQLite and every third on PostgreSQL; all on both with ROLLCALL_SCENES=all, as for the scenarios of docs/scenarios.md (scenes.py).
SAMPLED = ("test_api", "test_api_accounts", "test_api_config", "test_api_errands", "test_api_people", "test_backup", "test_bad_database",
           "test_bad_input", "test_canary", "test_cli", "test_cli_examples", "test_company", "test_csv", "test_events", "test_hostile",
           "test_key", "test_mapping", "test_people", "test_retention", "test_serve", "test_year")

# The longest files, of many scenarios alike: half of them, and a sixth.
HALVED = ("test_alerts", "test_faults", "test_listing", "test_mishaps", "test_rights", "test_starting", "test_subscription", "test_webhooks")


def is_for_today(index, function, database):
    if os.environ.get("ROLLCALL_SCENES") == "all":
        return True
    if function.__module__ in HALVED:
        return index % (2 if database == "sqlite" else 6) == 0
    return database == "sqlite" or function.__module__ not in SAMPLED or index % 3 == 0


def _mixed(jobs):
    """One scenario of each file in turn: those of one file wait for the same things, or all want the CPU."""
    turns, place = {}, {}
    for job in jobs:
        file = scenarios()[job[0]][0].__module__
        place[job] = turns[file] = turns.get(file, 0) + 1
    return sorted(jobs, key=place.get)


def run_all(name_filter="", processes=6):
    """Runs what has name_filter in "file: name [database]" and prints it; True when nothing failed and something ran."""
    jobs = []
    for index, (function, databases) in enumerate(scenarios()):
        for database in databases:
            if name_filter in f"{function.__module__}: {title(function)} [{database}]" and (name_filter or is_for_today(index, function, database)):
                jobs.append((index, database))
    passed = dict.fromkeys(DATABASES, 0)
    failed = dict.fromkeys(DATABASES, 0)
    tables = {}
    slowest, by_file = [], {}
    began = time.monotonic()
    # Each in a process of its own: some set the oracle's clock, and none may find what another has left behind.
    with multiprocessing.get_context("fork").Pool(processes, _worker, maxtasksperchild=1) as pool:
        for index, database, why, seconds, notes, rows in pool.imap_unordered(_run_one, _mixed(jobs)):
            name = title(scenarios()[index][0])
            slowest.append((seconds, f"{name} [{database}]"))
            file = scenarios()[index][0].__module__
            by_file[file] = by_file.get(file, 0) + seconds
            for note in notes:
                print(f"  {note}")
            for table, cells in rows:
                tables.setdefault((table, database), []).append(cells)
            if why is None:
                passed[database] += 1
                print(f"ok - {name} [{database}]", flush=True)
            else:
                failed[database] += 1
                first, _, rest = why.strip().partition("\n")
                if rest:  # a traceback: its last line says what, all of it where
                    first = why.strip().splitlines()[-1]
                    print("  " + why.strip().replace("\n", "\n  "))
                print(f"not ok - {name} [{database}]: {first}", flush=True)
    for (table, database), rows in sorted(tables.items()):
        print(f"\n{table}, {database}:")
        widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(max(map(len, rows)))]
        for row in rows:
            print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    print(f"\n{time.monotonic() - began:.0f} s; slowest: " +
          ", ".join(f"{seconds:.1f} s {name}" for seconds, name in sorted(slowest, reverse=True)[:3]))
    print("by file: " + ", ".join(f"{seconds:.0f} s {name}" for name, seconds in sorted(by_file.items(), key=lambda item: -item[1])))
    for database in DATABASES:
        print(f"{database}: {passed[database]} passed, {failed[database]} failed")
    return bool(jobs) and not any(failed.values())
