#!/usr/bin/env python3
"""Counts test cases for script/test.

    count.py unit TESTLOG.json     meson's log: one line a program, with the TAP that cmocka printed
    count.py system LOG EXIT       what tests/system/run.py printed: "ok - NAME" or "not ok - NAME" lines, the database in
                                   brackets at the end ("ok - a leaver leaves [sqlite]"); and how it ended
    count.py sum TALLY             the tally that the other two print, as a table and a last line "N passed, N failed"

A line of the tally: part, database or "-", "ok" or "failed", name; separated by tabs. A program that ends badly without a
failed case of its own (a crash, a sanitizer's report, a time-out, a leak at the end) counts as one failed case. A skipped
case is a failed one: what could not be tried has not been shown to work.
"""
import json
import re
import sys

CASE = re.compile(r"^(ok|not ok)\b\s*\d*\s*(?:-\s*)?(.*)$")


def database_of(*names):
    for name in names:
        found = re.search(r"sqlite|postgres", name, re.IGNORECASE)
        if found:
            return {"sqlite": "SQLite", "postgres": "PostgreSQL"}[found.group().lower()]
    return "-"


def cases_in(text, part, program):
    """(ok, failed) and the lines of the tally for the TAP lines in text."""
    rows = []
    for line in text.splitlines():
        found = CASE.match(line.strip())
        if not found:
            continue
        name = found.group(2).strip()
        ok = found.group(1) == "ok" and "# SKIP" not in name.upper()
        full = f"{program}: {name}" if program else name
        rows.append((part, database_of(name, program), "ok" if ok else "failed", full.replace("\t", " ")))
    return rows


def unit(path):
    try:
        lines = open(path, encoding="utf-8", errors="replace").read().splitlines()
    except FileNotFoundError:  # meson did not get as far as running anything
        return [("unit", "-", "failed", "meson test wrote no log")]
    rows = []
    for line in lines:
        test = json.loads(line)
        program = test["name"]
        cases = cases_in(test.get("stdout") or "", "unit", program)
        good = test["result"] == "OK"
        bad = [row for row in cases if row[2] == "failed"]
        if not cases:
            cases = [("unit", database_of(program), "ok" if good else "failed", program)]
        elif not good and not bad:
            cases.append(("unit", database_of(program), "failed", f"{program}: ended with {test['result']}"))
        if not good or bad:
            print(f"\n--- {program}: {test['result']}", file=sys.stderr)
            for stream in ("stdout", "stderr"):
                for text in (test.get(stream) or "").splitlines()[-120:]:
                    print(text, file=sys.stderr)
        rows += cases
    return rows


def system(path, code):
    rows = cases_in(open(path, encoding="utf-8", errors="replace").read(), "system", "")
    if not rows or (code != 0 and all(row[2] == "ok" for row in rows)):
        rows.append(("system", "-", "failed", f"tests/system/run.py ended with {code} after {len(rows)} cases"))
    return rows


def total(path):
    rows = [line.rstrip("\n").split("\t", 3) for line in open(path, encoding="utf-8")]
    failed = [row for row in rows if row[2] != "ok"]
    if failed:
        print("failed:")
        for row in failed:
            print(f"  {row[0]}: {row[3]}")

    def line(title, some):
        bad = sum(1 for row in some if row[2] != "ok")
        print(f"  {title:<12} {len(some) - bad:>6} passed {bad:>4} failed")

    for column, order in ((0, ("unit", "system", "fuzz")), (1, ("SQLite", "PostgreSQL"))):
        for word in order:
            some = [row for row in rows if row[column] == word]
            if some:
                line(word, some)
    print(f"{len(rows) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed or not rows else 0


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "unit":
        rows = unit(arguments[1])
    elif len(arguments) == 3 and arguments[0] == "system":
        rows = system(arguments[1], int(arguments[2]))
    elif len(arguments) == 2 and arguments[0] == "sum":
        return total(arguments[1])
    else:
        print(__doc__, file=sys.stderr)
        return 2
    for row in rows:
        print("\t".join(row))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
