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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limits")
    o = parser.parse_args()
    programs = os.path.join(os.path.abspath(os.environ.get("ROLLCALL_BUILD", "build/release")), "tests/guard")
    how = ["--companies", str(o.companies), "--seed", str(o.seed)] + (["--limits", o.limits] if o.limits else [])
    code = subprocess.run([os.path.join(programs, "guard-years"), *how], check=False).returncode
    control = subprocess.run([os.path.join(programs, "guard-years-without"), *how, "--control"], stdout=subprocess.PIPE, text=True, check=False)
    print("\ncontrol: " + "\n".join(control.stdout.splitlines()[-2:]))
    return 1 if code or control.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
