#!/usr/bin/env python3
"""prove_storm.py - 10,000 imports while HR fails and lies: nobody is wrongly closed (see storm.py)

    script/with-postgres tests/system/prove_storm.py [BUILD] [--imports 10000] [--seed 1]
    script/with-postgres tests/system/prove_storm.py BUILD --seed 1 --company 17 [--until STEP] [--without proof|guard|lookup]

The first prints how each fault and switch came out, then lets the same companies meet the same weather with one
protection switched off each, which must find victims; the last line is a JSON object, and the exit code is 0 when nobody was
harmed and every control found somebody. The second replays one company and tells every step. Companies live on SQLite and
PostgreSQL in turn. The weather comes from the seed alone; which witnesses a look-up asks, and when exactly an edit in the middle of a
listing falls, do not.
"""
import argparse
import json
import os
import sys
import time

import harness
import storm

PROTECTIONS = ("proof", "guard", "lookup")
BAD = ("victim", "ghost", "smudge", "tampered", "stuck", "broken")


def count(found):
    return {kind: sum(1 for f in found if f[2] == kind) for kind in BAD}


def replay(o):
    database = harness.DATABASES[o.company % len(harness.DATABASES)]
    program = harness.program_without(o.without) if o.without else None
    life = storm.Life(o.seed, o.company, database, program, tell=print)
    print(f"company {o.company}, seed {o.seed}, on {database}{', without the ' + o.without if o.without else ''}")
    life.run(until=o.until)
    for kind, step, text in life.found:
        print(f"{kind} at step {step}: {text}")
    return 1 if life.found else 0


def show_progress(results, wanted, title):
    """Passes results on and says now and then how far it is."""
    done, told = 0, time.monotonic()
    for r in results:
        done += r["imports"]
        if time.monotonic() - told > 20:
            told = time.monotonic()
            print(f"  {title}: {done} of about {wanted} imports", flush=True)
        yield r


def show_found(total, o, without=""):
    for number, database, kind, step, text in total["found"][:20]:
        print(f"  {kind}: company {number} [{database}], step {step}: {text}")
        print(f"    tests/system/prove_storm.py {o.build} --seed {o.seed} --company {number} --until {step}{without}")
    if len(total["found"]) > 20:
        print(f"  ... and {len(total['found']) - 20} more")


def control(o, protection, companies):
    """The same companies without a protection, a twentieth of them at a time, until somebody is harmed."""
    batch = max(6, companies // 20)
    program = harness.program_without(protection)
    results, first = [], 0
    while first < companies and not any(f[0] == "victim" for r in results for f in r["found"]):
        results += storm.live_all(o.seed, range(first, min(first + batch, companies)), program=program, processes=o.processes)
        first += batch
    total = storm.add_up(results)
    victims = [f for f in total["found"] if f[2] == "victim"]
    print(f"without the {protection}: {len(victims)} people wrongly closed in {total['imports']} imports of "
          f"{len({f[0] for f in victims})} of {total['companies']} companies", flush=True)
    if victims:
        number, database, _, step, text = victims[0]
        print(f"  for example company {number} [{database}], step {step}: {text}")
    return {"imports": total["imports"], "victims": len(victims)}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("build", nargs="?", default=os.environ.get("ROLLCALL_BUILD", "build/release"))
    p.add_argument("--imports", type=int, default=10000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--processes", type=int, default=3)
    p.add_argument("--company", type=int)
    p.add_argument("--until", type=int, metavar="STEP")
    p.add_argument("--without", choices=PROTECTIONS)
    o = p.parse_args()
    harness.use_build(o.build)
    if o.company is not None:
        return replay(o)
    companies = max(1, -(-o.imports // storm.STEPS))
    print(f"{companies} companies of 200 to 320 people, {storm.STEPS} imports each, seed {o.seed}", flush=True)
    began = time.monotonic()
    total = storm.add_up(show_progress(storm.live_all(o.seed, range(companies), processes=o.processes), o.imports, "imports"))
    seconds = time.monotonic() - began
    print("\ntrouble, imports that met it, what became of them:")
    for line in storm.table(total["outcomes"]):
        print("  " + line)
    bad = count(total["found"])
    print(f"\n{total['imports']} imports in {seconds:.0f} s: {bad['victim']} people wrongly closed; {total['leavers']} rightful leavers "
          f"found, {bad['ghost']} overlooked; {bad['smudge']} wrong values; {total['approved']} holds approved, {total['rejected']} rejected")
    show_found(total, o)
    controls = {protection: control(o, protection, companies) for protection in PROTECTIONS}
    good = not any(bad.values()) and all(c["victims"] for c in controls.values())
    print(json.dumps({"prove": "storm", "ok": good, "seed": o.seed, "companies": companies, "imports": total["imports"],
                      "leavers": total["leavers"], **bad, "controls": controls, "seconds": round(time.monotonic() - began)}))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
