#!/usr/bin/env python3
"""Holds tests/count.py: a counter that could not count a failure would make every test pass."""
import importlib.util
import json
import pathlib
import sys
import tempfile

spec = importlib.util.spec_from_file_location("count", pathlib.Path(__file__).parent.parent / "count.py")
count = importlib.util.module_from_spec(spec)
spec.loader.exec_module(count)


def unit(*tests):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        for name, result, stdout in tests:
            file.write(json.dumps({"name": name, "result": result, "stdout": stdout}) + "\n")
        file.flush()
        return [(row[1], row[2]) for row in count.unit(file.name)]


def system(code, text):
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(text)
        file.flush()
        return [(row[1], row[2]) for row in count.system(file.name, code)]


ROWS = [
    ("each case of a program counts", unit(("x", "OK", "1..2\nok 1 - a\nok 2 - b\n")), [("-", "ok"), ("-", "ok")]),
    ("a failed case is failed", unit(("x", "FAIL", "ok 1 - a\nnot ok 2 - b\n# not ok - group\n")), [("-", "ok"), ("-", "failed")]),
    ("a skipped case is failed", unit(("x", "OK", "not ok 1 # SKIP a\nok 2 # SKIP b\n")), [("-", "failed"), ("-", "failed")]),
    ("a crash behind good cases is one failed case", unit(("x", "FAIL", "ok 1 - a\n")), [("-", "ok"), ("-", "failed")]),
    ("a time-out is failed", unit(("x", "TIMEOUT", "")), [("-", "failed")]),
    ("a program without cases counts as one", unit(("x", "OK", "fine\n")), [("-", "ok")]),
    ("a case counts under its database", unit(("db", "OK", "ok 1 - reads on sqlite\nok 2 - reads on postgres\n")),
     [("SQLite", "ok"), ("PostgreSQL", "ok")]),
    ("a program named for its database lends it to its cases", unit(("db postgres", "OK", "ok 1 - a\n")), [("PostgreSQL", "ok")]),
    ("no log at all is a failure", [row[2] for row in count.unit("/nowhere/at/all")], ["failed"]),
    ("a system run that says nothing is a failure", system(0, "hello\n"), [("-", "failed")]),
    ("a system run that dies is a failure", system(1, "ok - a [sqlite]\n"), [("SQLite", "ok"), ("-", "failed")]),
    ("a failed scenario counts once", system(1, "not ok - a [postgres]\n"), [("PostgreSQL", "failed")]),
]


def main():
    bad = 0
    for name, is_so, should_be in ROWS:
        bad += is_so != should_be
        print(f"{'ok' if is_so == should_be else 'not ok'} - {name}")
        if is_so != should_be:
            print(f"    {is_so} instead of {should_be}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
