#!/usr/bin/env python3
"""prove_delivery.py - 1,000 weeks of companies, with both sides failing: nobody is harmed, every account is as HR says (see weeks.py)

    script/with-postgres tests/system/prove_delivery.py [BUILD] [--weeks 1000] [--companies 20] [--seed 1]
    script/with-postgres tests/system/prove_delivery.py BUILD --seed 1 --company 17 [--until WEEK] [--without PROTECTION] [--aim TROUBLE]

The first prints how each trouble came out, in which state rollcall was killed, what was found, and lets the same companies live
once more without one protection each, which must find victims, and with it again, which must find none; the last line is a JSON
object, and the exit code is 0 when nobody was harmed and every control found somebody. The second replays one company and tells every command. Companies live on SQLite and
PostgreSQL in turn, and their platforms differ in the habits that Learn Amp's documentation leaves open. Everything is drawn from the
seed; where exactly threads are when a kill strikes is not.
"""
import argparse
import json
import os
import sys
import time

import harness
import weeks
import weeks_weather

PROTECTIONS = ("leave", "protected", "lost", "inventory")


def count(found):
    return {kind: sum(1 for f in found if f[2] == kind) for kind in weeks.BAD}


def replay(o):
    database = harness.DATABASES[o.company % len(harness.DATABASES)]
    if os.path.isdir("/dev/shm") and database == "sqlite":
        harness.tempfile.tempdir = "/dev/shm"
    program = harness.program_without(o.without) if o.without else None
    life = weeks.Life(o.seed, o.company, database, program, tell=lambda text: print(text, flush=True), weeks=o.weeks // o.companies,
                      aim=o.aim or o.without)
    print(f"company {o.company}, seed {o.seed}, on {database}{', without the ' + o.without if o.without else ''}")
    life.run(until=o.until)
    for kind, week, text in life.found:
        print(f"{kind} in week {week}: {text}")
    print(dict(life.numbers), dict(life.kills), dict(life.excuses))
    return 1 if life.found else 0


def show_progress(results, title):
    done, told = 0, time.monotonic()
    for r in results:
        done += r["numbers"]["weeks"]
        if time.monotonic() - told > 20:
            told = time.monotonic()
            print(f"  {title}: {done} weeks", flush=True)
        yield r


def show_found(total, o):
    rarest = sorted(total["found"], key=lambda f: sum(1 for other in total["found"] if other[2] == f[2]))
    for number, database, kind, week, text in rarest[:30]:
        print(f"  {kind}: company {number} [{database}], week {week}: {text}")
        print(f"    tests/system/prove_delivery.py {o.build} --seed {o.seed} --weeks {o.weeks} --companies {o.companies} "
              f"--company {number} --until {week}")
    if len(total["found"]) > 30:
        print(f"  ... and {len(total['found']) - 30} more")


def table(outcomes):
    rows = {}
    for (trouble, outcome), n in outcomes.items():
        rows.setdefault(trouble, {})[outcome] = n
    width = max(map(len, rows), default=0)
    for name in sorted(rows, key=lambda name: (name != "calm", name)):
        some = sorted(rows[name].items(), key=lambda item: -item[1])
        yield f"{name:<{width}} {sum(rows[name].values()):>6}  " + ", ".join(f"{outcome} {n}" for outcome, n in some)


def harmed(total):
    return [f for f in total["found"] if f[2] in weeks.HARM]


def control(o, protection):
    """The same companies without a protection, a few at a time, until somebody is harmed; then those again with it, as long."""
    first, some, results, total = 0, 2 * o.processes, [], weeks.add_up([])
    numbers = [n for n in range(o.companies) if protection != "lost" or n % 4 >= 2]  # where rollcall invites by itself
    run = {"processes": o.processes, "weeks": o.weeks // o.companies, "aim": protection}
    while first < len(numbers) and not harmed(total):
        results += weeks.live_all(o.seed, numbers[first:first + some], program=harness.program_without(protection), until_found=True, **run)
        total = weeks.add_up(results)
        first += some
    victims = harmed(total)
    print(f"without the {protection}: {len(victims)} harmed in {total['numbers']['weeks']} weeks of {total['companies']} companies", flush=True)
    with_it = []
    if victims:
        number, database, kind, week, text = victims[0]
        print(f"  for example company {number} [{database}], week {week}: {kind}: {text}")
        run["weeks"] = 1 + max(f[3] for f in victims)
        with_it = harmed(weeks.add_up(weeks.live_all(o.seed, sorted({f[0] for f in victims}), **run)))
        print(f"  with it, the same companies as long: {len(with_it)} harmed", flush=True)
    return {"weeks": total["numbers"]["weeks"], "victims": len(victims), "with_it": len(with_it)}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("build", nargs="?", default=os.environ.get("ROLLCALL_BUILD", "build/release"))
    p.add_argument("--weeks", type=int, default=1000)
    p.add_argument("--companies", type=int, default=20)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--processes", type=int, default=2)
    p.add_argument("--company", type=int)
    p.add_argument("--until", type=int, metavar="WEEK")
    p.add_argument("--without", choices=PROTECTIONS)
    p.add_argument("--aim", choices=weeks_weather.AIMS, help="the trouble that this control is about, in every storm; with --without, its own")
    o = p.parse_args()
    harness.use_build(o.build)
    if o.company is not None:
        return replay(o)
    print(f"{o.companies} companies of {weeks.PEOPLE} people, {o.weeks // o.companies} weeks each, seed {o.seed}", flush=True)
    began = time.monotonic()
    total = weeks.add_up(show_progress(weeks.live_all(o.seed, range(o.companies), processes=o.processes, weeks=o.weeks // o.companies),
                                       "weeks"))
    seconds = time.monotonic() - began
    print("\ntrouble, times that a sync met it, what became of them:")
    for line in table(total["outcomes"]):
        print("  " + line)
    print("\nkilled, by the state that was left behind:")
    for state, n in sorted(total["kills"].items()):
        print(f"  {state:<40}{n:>6}")
    print("\nwhat happened:")
    for name, n in sorted(total["numbers"].items()):
        print(f"  {name:<40}{n:>6}")
    print("\nwhat is not as HR says at a week's end, and why that is right:")
    for name, n in sorted(total["excuses"].items()):
        print(f"  {name:<60}{n:>6}")
    bad = count(total["found"])
    print(f"\n{total['numbers']['weeks']} weeks in {seconds:.0f} s: " + ", ".join(f"{n} {kind}" for kind, n in bad.items()))
    show_found(total, o)
    controls = {protection: control(o, protection) for protection in PROTECTIONS}
    good = not any(bad.values()) and all(c["victims"] and not c["with_it"] for c in controls.values())
    print(json.dumps({"prove": "delivery", "ok": good, "seed": o.seed, "companies": o.companies, "weeks": total["numbers"]["weeks"],
                      "people_compared": total["numbers"]["people compared"], "habits": len(total["habits"]), **bad,
                      "controls": controls, "seconds": round(seconds)}))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
