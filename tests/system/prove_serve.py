#!/usr/bin/env python3
"""prove_serve.py - a year of 500 people with the daemon, killed a hundred times: it ends with the truth (see year.py)

    script/with-postgres tests/system/prove_serve.py [BUILD] [--days 364] [--kills 100] [--seed 1] [--load-seconds 60]
    script/with-postgres tests/system/prove_serve.py BUILD --database sqlite [--days N] [--without PROTECTION]

The first lets the same year pass on SQLite and, a third of it, on PostgreSQL, then once more without one protection each, which must find victims,
runs a daemon built with the thread sanitizer under load (load.py), and the unit under a systemd of its own (packaging/booted.sh; without root it says that
it cannot); the last line is a JSON object, and the exit code is 0 when
nobody was harmed, nobody had to do anything but approve what was rightful, every control found somebody, and systemd had nothing to complain of. The second replays one
of them and tells what happens. Life comes from the seed; where exactly the daemon is when a kill strikes does not.
"""
import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import time

import harness
import load
import weeks
import year

# Without which protection, and what happens in the year that it is about; None: all of it.
CONTROLS = {"leave": None, "guard": ["HR wrong: inactive"], "clock": ["clock ahead"], "protected": None}


def job(o, database, without=None, **how):
    program = harness.program_without(without) if without else None
    return o.seed, database, program, {"days": o.days, "kills": o.kills, "people": o.people, **how}


def replay(o):
    if o.database == "sqlite" and os.path.isdir("/dev/shm"):
        harness.tempfile.tempdir = "/dev/shm"
    seed, database, program, how = job(o, o.database, o.without, until_found=bool(o.without), only=CONTROLS.get(o.without))
    lived = year.Year(seed, database, program, tell=lambda text: print(text, flush=True), **how).run()
    for kind, day, text in lived.found:
        print(f"{kind} on day {day}: {text}")
    print(dict(lived.numbers), dict(lived.kills))
    return 1 if lived.found else 0


def show(lived):
    print(f"\n{lived['database']}: {lived['numbers']['days']} days")
    for title, rows in (("what happened", lived["numbers"]), ("killed, by what was left behind", lived["kills"]),
                        ("what is not as HR says on a Sunday, and why that is right", lived["excuses"])):
        print(f"  {title}:")
        for name, n in sorted(rows.items()):
            print(f"    {name:<66}{n:>7}")
    for kind, day, text in lived["found"][:20]:
        print(f"  {kind} on day {day}: {text[:600]}")
    sys.stdout.flush()


def approvals(lived):
    return lived["numbers"]["approved: import"] + lived["numbers"]["approved: delivery"]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("build", nargs="?", default=os.environ.get("ROLLCALL_BUILD", "build/release"))
    p.add_argument("--days", type=int, default=364)
    p.add_argument("--kills", type=int, default=100)
    p.add_argument("--people", type=int, default=year.PEOPLE)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--processes", type=int, default=2)
    p.add_argument("--load-seconds", type=int, default=60)
    p.add_argument("--database", choices=harness.DATABASES)
    p.add_argument("--without", choices=CONTROLS)
    o = p.parse_args()
    harness.use_build(o.build)
    if o.database:
        return replay(o)
    print(f"{o.days} days of {o.people} people, {o.kills} kills, seed {o.seed}", flush=True)
    began = time.monotonic()
    jobs = [job(o, "sqlite"), job(o, "postgres", days=o.days // 3, kills=o.kills // 3)]
    jobs += [job(o, "sqlite", name, kills=0, until_found=True, only=only) for name, only in CONTROLS.items()]
    with multiprocessing.get_context("fork").Pool(o.processes) as pool:
        results = [pool.apply_async(year.live, (one,)) for one in jobs]
        lived = [r.get() for r in results[:2]]
        for one in lived:
            show(one)
        victims = {}
        for name, r in zip(CONTROLS, results[2:]):
            found = [f for f in r.get()["found"] if f[0] in weeks.HARM]
            victims[name] = len(found)
            print(f"without the {name}: {len(found)} harmed" + (f", on day {found[0][1]}: {found[0][2][:200]}" if found else ""), flush=True)
    reports = load.under_thread_sanitizer(o.load_seconds) if o.load_seconds else None
    if reports is not None:
        print(f"under the thread sanitizer for {o.load_seconds} s of load: {len(reports)} reports")
        print("\n".join(reports[:3]))
    booted = subprocess.run([os.path.join(os.path.dirname(os.path.abspath(__file__)), "../packaging/booted.sh"), o.build], check=False).returncode
    bad = {kind: sum(1 for one in lived for f in one["found"] if f[0] == kind) for kind in year.BAD}
    good = not any(bad.values()) and all(victims.values()) and not reports and booted in (0, 77)
    print(json.dumps({"prove": "serve", "ok": good, "seed": o.seed, "days": [one["numbers"]["days"] for one in lived],
                      "kills": [sum(one["kills"].values()) for one in lived], "approved": [approvals(one) for one in lived],
                      "left_alone": [one["numbers"]["holds left alone, as they would harm"] for one in lived],
                      **bad, "controls": victims, "sanitizer_reports": None if reports is None else len(reports),
                      "under_systemd": {0: "ok", 77: "not tried"}.get(booted, "not ok"), "seconds": round(time.monotonic() - began)}))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
