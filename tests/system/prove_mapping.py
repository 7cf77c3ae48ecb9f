#!/usr/bin/env python3
"""prove_mapping.py - mappings end, read what they say, fail with a place, do what a try-out said; and the guard's years

    script/prove mapping [PART]... [--mappings 20000] [--expressions 100000] [--tries 25] [--people 400] [--fuzz-seconds 600]
                         [--companies 1000] [--seed 1]

Parts, all of them unless some are named:
  properties   random mappings over random people, under sanitizers: evaluating ends, nothing is looked at that is not among what is
               read, the same employee gives the same user
  expressions  that many random expressions, half of them spoiled, under sanitizers: each is parsed and evaluated, or refused with a place
  try          so many random mappings on each database: what `mapping try --all` says is what activating does
  fuzz         the fuzz target of mappings that long, as script/test fuzz builds it
  guard        prove_guard.py: companies' years against the guard, and the control without it
One table comes at the end; the last line is a JSON object, and the exit code is 0 when all of it held. Nothing here needs the
machine to be idle.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import time

import harness
import prove_guard
import tried

HERE = os.path.dirname(os.path.abspath(__file__))
RANDOM = "tests/people/test_people_mapping_random"


def run(command, **environment):
    """Its lines, shown as they come; a Failure when it failed."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **environment})
    lines = []
    for line in process.stdout:
        print(line, end="", flush=True)
        lines.append(line.rstrip("\n"))
    if process.wait() != 0:
        raise harness.Failure(f"{os.path.basename(command[0])} ended with {process.returncode}")
    return lines


def sanitized():
    """The tests of mappings, compiled with sanitizers as script/test does; the program."""
    run(["bash", "-c", f"source script/lib.sh && build_sanitized {RANDOM}"])
    return os.path.join("build/test", RANDOM)


def random_test(name, **environment):
    """One test of the program by its name; its lines."""
    return run([sanitized(), name], ASAN_OPTIONS="detect_stack_use_after_return=1:strict_string_checks=1",
               UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1", **{k: str(v) for k, v in environment.items()})


def found(lines, pattern):
    for line in lines:
        match = re.search(pattern, line)
        if match:
            return match
    raise harness.Failure(f"no line says {pattern}")


def properties(o):
    sound = found(random_test("sound_mappings*", ROLLCALL_MAPPINGS=o.mappings, ROLLCALL_SEED=o.seed), r"(\d+) of (\d+) mappings sound")
    spoiled = found(random_test("spoiled_mappings*", ROLLCALL_MAPPINGS=o.mappings, ROLLCALL_SEED=o.seed), r"(\d+) of (\d+) mappings sound")
    random_test("who_looks_at_more*")
    mappings, people = int(sound[1]), int(sound[1]) * 12
    return [("random mappings, each evaluated to its end", f"{mappings:,} over {people:,} people"),
            ("attributes looked at that are not among what is read", "0 (the control is found out)"),
            ("same employee, another user", "0"),
            ("spoiled mappings, refused with a place or sound", f"{int(spoiled[2]) - int(spoiled[1]):,} and {int(spoiled[1]):,}")]


def expressions(o):
    m = found(random_test("expressions*", ROLLCALL_EXPRESSIONS=o.expressions, ROLLCALL_SEED=o.seed),
              r"(\d+) expressions: (\d+) parsed, (\d+) refused with a place, (\d+) people")
    return [("random expressions under sanitizers", f"{int(m[1]):,}, no crash"),
            ("parsed, and evaluated", f"{int(m[2]):,}, for {int(m[4]):,} people"),
            ("refused, each with a line and a column", f"{int(m[3]):,}")]


def try_and_activate(o):
    texts = tried.mappings(sanitized(), o.tries, o.seed)
    rows = []
    for database in harness.DATABASES:
        total = tried.run(database, texts, o.people, o.seed)
        rows.append((f"[{database}] mappings tried on {o.people} people, then activated, the same each time", f"{total.mappings}"))
        rows.append((f"[{database}] people changed, fields changed, approved after a hold", f"{total.people:,}, {total.fields:,}, {total.held}"))
        rows.append((f"[{database}] without any change, with a filter that leaves people out", f"{total.without}, {total.filters}"))
    return rows


def fuzz(o):
    lines = run(["script/test", "fuzz"], ROLLCALL_FUZZ_SECONDS=str(o.fuzz_seconds), ROLLCALL_FUZZ_TARGETS="mapping")
    return [(f"fuzzing for {o.fuzz_seconds} s, no crash and nothing broken", f"{int(found(lines, r'mapping: (.*) inputs')[1]):,} inputs")]


def guard(o):
    code, lines = prove_guard.prove(o.companies, o.seed)
    print("\n".join(lines))
    years = found(lines, r"questions a company and year: ([0-9.]+) \(at most (\d+)\); disasters let through: (\d+) of (\d+)")
    control = found(lines, r"control: .*disasters let through: (\d+) of (\d+)")
    if code:
        raise harness.Failure(f"{years[1]} questions a company and year, {years[3]} disasters let through, {control[1]} without the guard")
    return [(f"false holds a company and year, {o.companies:,} companies", f"{years[1]} (at most {years[2]})"),
            ("disasters let through", f"{years[3]} of {int(years[4]):,}"),
            ("control: let through without the guard", f"{int(control[1]):,} of {int(control[2]):,}")]


PARTS = {"properties": properties, "expressions": expressions, "try": try_and_activate, "fuzz": fuzz, "guard": guard}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", choices=[*PARTS, []], help=", ".join(PARTS))
    parser.add_argument("--mappings", type=int, default=20000)
    parser.add_argument("--expressions", type=int, default=100000)
    parser.add_argument("--tries", type=int, default=25)
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--fuzz-seconds", type=int, default=600)
    parser.add_argument("--companies", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    o = parser.parse_args()
    os.environ["ROLLCALL_BUILD"] = os.path.abspath(os.environ.get("ROLLCALL_BUILD", "build/release"))
    os.chdir(os.path.join(HERE, "../.."))
    harness.use_build(os.environ["ROLLCALL_BUILD"])
    table, failed, verdicts, started = [], False, {}, time.monotonic()
    for part, prove in PARTS.items():
        if o.parts and part not in o.parts:
            continue
        print(f"\n-- {part}", flush=True)
        began = time.monotonic()
        try:
            rows, verdict = prove(o), "held"
        except harness.Failure as why:
            print(f"FAILED: {why}", flush=True)
            rows, verdict, failed = [(str(why).splitlines()[0][:100], "")], "FAILED", True
        table += [(part, *row, verdict) for row in rows]
        verdicts[part] = verdict
        print(f"{part}: {verdict}, {time.monotonic() - began:.0f} s", flush=True)
    print("\n== what was proven\n")
    widths = [max(len(row[i]) for row in table) for i in range(4)]
    for row in table:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    print(json.dumps({"prove": "mapping", "ok": not failed, "seed": o.seed, "parts": verdicts,
                      "seconds": round(time.monotonic() - started)}))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
