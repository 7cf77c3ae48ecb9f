#!/usr/bin/env python3
"""prove_guard.py - a thousand companies' years against the guard: questions asked, disasters let through

    script/prove guard [--companies 1000] [--seed 1] [--limits JSON]

The companies have 10 to 20,000 people, hire and let go, marry, take apprentices, are reorganised, buy others; each year is imported
once, four or twenty-four times a day, and the guard's own arithmetic (src/sync/guard.c) says when a person is asked. Then each of them
meets every disaster of tests/guard/disaster.c. The exit code is 0 when an ordinary year asks four questions at most, on average,
no disaster goes through, and without the guard they do. --limits tries others than the usual.
"""
import argparse
import os
import subprocess
import sys


def prove(companies, seed, limits=None):
    """(exit code, the lines)"""
    programs = os.path.join(os.path.abspath(os.environ.get("ROLLCALL_BUILD", "build/release")), "tests/guard")
    how = ["--companies", str(companies), "--seed", str(seed)] + (["--limits", limits] if limits else [])

    def ask(name, *more):
        return subprocess.run([os.path.join(programs, name), *how, *more], stdout=subprocess.PIPE, text=True, check=False)

    years, control = ask("guard-years"), ask("guard-years-without", "--control")
    lines = years.stdout.splitlines() + [""] + ["control: " + "\n".join(control.stdout.splitlines()[-2:])]
    return (1 if years.returncode or control.returncode else 0), lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limits")
    o = parser.parse_args()
    code, lines = prove(o.companies, o.seed, o.limits)
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
