#!/usr/bin/env python3
"""prove_import.py - imports harm nobody: storms of faults, kill -9, failing calls, fuzzed input; full counts

    script/prove import [PART]... [--imports 10000] [--kills 500] [--seed 1] [--sample N] [--fuzz-seconds 300]

Parts, all of them unless some are named:
  storm   prove_storm.py: imports while HR fails and lies, and controls without one protection each
  kills   kills.py: kill -9 at that many moments at least on each database, 20 of them in each state of a run
  nth     nth.py: the nth allocation, write, sync, connect, ... fails, for every n (with --sample for some N of each)
  fuzz    every fuzz target that long, as script/test fuzz builds them
A table of everything comes at the end; the last line is a JSON object, and the exit code is 0 when all of it held.
"""
import argparse
import json
import os
import subprocess
import sys
import time

import harness
import kills

HERE = os.path.dirname(os.path.abspath(__file__))
PARTS = ("storm", "kills", "nth", "fuzz")


def storm(o):
    """Its own tables and its own verdict."""
    lines = run([sys.executable, "-u", os.path.join(HERE, "prove_storm.py"), os.environ["ROLLCALL_BUILD"],
                 "--imports", str(o.imports), "--seed", str(o.seed)])
    return [line for line in lines[-40:] if line.strip() and not line.startswith("{")]


def run(command, **environment):
    """Its lines, shown as they come; a Failure when it failed."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
    lines = []
    for line in process.stdout:
        print(line, end="", flush=True)
        lines.append(line.rstrip("\n"))
    if process.wait() != 0:
        script = next((word for word in command if word.endswith(".py")), command[-1])
        raise harness.Failure(f"{os.path.basename(script)} ended with {process.returncode}")
    return lines


def prove_kills(o):
    rows = []
    for database in harness.DATABASES:
        total = kills.run(database, o.kills, o.seed, wanted=20 if o.kills >= 300 else 0)
        rows.append(f"{database}: the old or the new directory after each of {total.sum()} kills, and the truth after the next import")
        rows += [f"  {line}" for line in total.table()]
    return rows


def prove_nth(o):
    """In a process of its own: it is the client's calls that fail."""
    lines = run([sys.executable, "-u", os.path.join(HERE, "nth.py"), os.environ["ROLLCALL_BUILD"],
                 str(o.sample)])
    return [line for line in lines if line.startswith(harness.DATABASES)]


def fuzz(o):
    lines = run(["script/test", "fuzz"], ROLLCALL_FUZZ_SECONDS=str(o.fuzz_seconds))
    return [line.strip() for line in lines if line.endswith(" inputs")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", choices=[*PARTS, []], help=", ".join(PARTS))
    parser.add_argument("--imports", type=int, default=10000)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--fuzz-seconds", type=int, default=300)
    o = parser.parse_args()
    os.environ["ROLLCALL_BUILD"] = os.path.abspath(os.environ.get("ROLLCALL_BUILD", "build/release"))
    os.chdir(os.path.join(HERE, "../.."))
    harness.use_build(os.environ["ROLLCALL_BUILD"])
    results = []
    for part, prove in zip(PARTS, (storm, prove_kills, prove_nth, fuzz)):
        if o.parts and part not in o.parts:
            continue
        print(f"\n-- {part}", flush=True)
        began = time.monotonic()
        rows, why = [], None
        try:
            rows = prove(o)
            print("\n".join(rows) if part == "kills" else "", flush=True)
        except harness.Failure as found:
            why = str(found)
            print(f"FAILED: {why}", flush=True)
        results.append((part, rows, why, time.monotonic() - began))
    print("\n== what was proven")
    for part, rows, why, seconds in results:
        print(f"\n{part}: {'held' if why is None else 'FAILED: ' + why} ({seconds / 60:.0f} min)")
        for row in rows:
            print(f"  {row}")
    good = not any(why for _, _, why, _ in results)
    print(json.dumps({"prove": "import", "ok": good, "seed": o.seed, "parts": {part: why or "held" for part, _, why, _ in results},
                      "seconds": round(sum(seconds for _, _, _, seconds in results))}))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
