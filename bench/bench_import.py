#!/usr/bin/env python3
# bench_import.py - a first import and one without changes, against a careful Node script and the bound.
#
# script/bench import [--quick] [--rounds N] [--people N] [--no-million] [--no-postgres]
#
# docs/benchmarks.md says what is measured and why. Ends with 1 when a target is missed.
import argparse
import json
import os
import shutil
import sqlite3
import sys
import time
import urllib.parse

from measure import Bench, Failed, Ours, Sandbox, Side, Verdicts, median, print_sides, remove, run

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("ROLLCALL_BUILD", os.path.join(TOP, "build/release"))
WORK = os.path.join(TOP, "build/bench-import")
NODE = os.path.join(TOP, "build/bench-node")
ROLLCALL = os.path.join(BUILD, "src/rollcall")
SANDBOX = os.path.join(BUILD, "sandbox/rollcall-sandbox")
BOUND = os.path.join(BUILD, "bench/bound")

NODE_LEAST_PER_S = 20000   # slower, and it is no baseline
PEAK_MOST_MB = 128
SHORT_TIMES = 5  # in each round: what takes a third of a second is measured so often
ABOUT_PEOPLE = ["version", "change", '"user"', "team", "team_version"]


def attributes_asked(sandbox):
    """The attributes that our importer asks for, from the sandbox's log of a small import; and the query without limit and offset."""
    path = os.path.join(WORK, "look.db")
    ours = Ours(ROLLCALL, WORK, sandbox, path)
    remove(path)
    ours.set_up()
    run(*ours.import_command(3))
    logged = sandbox.ask("GET", "/_control/requests?limit=1000")["requests"]
    query = next(r["query"] for r in logged if r["route"] == "v1.employees.list" and "limit=100" in r["query"])
    pairs = [(k, v) for k, v in urllib.parse.parse_qsl(query) if k not in ("limit", "offset")]
    remove(path)
    return [v for k, v in pairs if k == "attributes[]"], urllib.parse.urlencode(pairs)


def check_people(took, people):
    said = json.loads(took.out.strip().splitlines()[-1])
    if said["people"] != people:
        raise Failed(f"{said['people']} people came instead of {people}")


def forbid_writing(path):
    """From now on every row about people that is written, even with what it holds already, ends the import."""
    db = sqlite3.connect(path)
    before = [db.execute(f"SELECT COUNT(*) FROM {t}").fetchone()[0] for t in ABOUT_PEOPLE]
    for i, name in enumerate(ABOUT_PEOPLE):
        for what in ("INSERT", "UPDATE", "DELETE"):
            db.execute(f"CREATE TRIGGER bench_{i}_{what} BEFORE {what} ON {name}"
                       f" BEGIN SELECT RAISE(ABORT, 'a row about people is written'); END")
    db.commit()
    db.close()
    return before


def rows_about_people(path):
    db = sqlite3.connect(path)
    counts = [db.execute(f"SELECT COUNT(*) FROM {t}").fetchone()[0] for t in ABOUT_PEOPLE]
    db.close()
    return counts


def no_row_written(sandbox, path):
    """An import without changes into a database that refuses rows about people. Returns (whether it went well, in words)."""
    before = forbid_writing(path)
    try:
        run(*Ours(ROLLCALL, WORK, sandbox, path).import_command(0))
    except Failed as why:
        return False, "tried to write one: " + str(why).splitlines()[-1][:60]
    after = rows_about_people(path)
    return after == before, "none, with triggers that refuse them" if after == before else f"{before} became {after}"


# ---- the parts ----


def against_baselines(bench, sandbox, query, rounds, verdicts):
    people = sandbox.people
    own, node_start, bound_start = bench.start_s(ROLLCALL, "--version"), bench.start_s("node", f"{NODE}/import.js", "nothing"), \
        bench.start_s(BOUND, "nothing")
    first, first_node, bound = Side("rollcall: import, approve", 2 * own), Side("(a) Node", node_start), Side("(b) bound", bound_start)
    again, again_node, fetch = Side("rollcall: import", own), Side("(a) Node, run again", node_start), \
        Side("fetch and parse alone", bound_start)
    env = dict(os.environ, ROLLCALL_BENCH_TOKEN=sandbox.token())
    ours_db, node_db, bound_db = (os.path.join(WORK, name) for name in ("ours.db", "node.db", "bound.db"))
    ours = Ours(ROLLCALL, WORK, sandbox, ours_db)
    node = ["node", f"{NODE}/import.js", sandbox.origin, query, node_db], env
    for n in range(rounds):
        print(f"  round {n + 1} of {rounds}, {people:,} people", file=sys.stderr)
        for path in (ours_db, node_db, bound_db):
            remove(path)
        ours.set_up()
        bench.measure(first, sandbox, *ours.first_commands())
        check_people(bench.measure(first_node, sandbox, node)[0], people)
        check_people(bench.measure(bound, sandbox, ([BOUND, "store", sandbox.origin, query, bound_db], env))[0], people)
        check_people(bench.measure(again_node, sandbox, node)[0], people)
        for _ in range(SHORT_TIMES):
            bench.measure(again, sandbox, ours.import_command(0))
            check_people(bench.measure(fetch, sandbox, ([BOUND, "fetch", sandbox.origin, query], env))[0], people)
    clean, words = no_row_written(sandbox, ours_db)
    for path in (ours_db, node_db, bound_db):
        remove(path)

    print(f"\nFirst import of {people:,} people, medians of {rounds}")
    print_sides((first, first_node, bound), people)
    print(f"Again, without changes, medians of {SHORT_TIMES * rounds}, Node's of {rounds}")
    print_sides((again, again_node, fetch), people)
    node_per_s = people / first_node.wall_s()
    valid = node_per_s >= NODE_LEAST_PER_S
    if not valid:
        print(f"NO BASELINE: Node reached {node_per_s:,.0f} people/s; below {NODE_LEAST_PER_S:,} this machine is too busy or too slow "
              f"to say anything.\n")
    verdicts.at_least("first import, to (a) Node", first_node.wall_s() / first.wall_s(), 2.5, valid=valid)
    verdicts.at_least("first import, to (b) the bound", bound.wall_s() / first.wall_s(), 0.7)
    verdicts.at_least("no change, to (a) Node", again_node.wall_s() / again.wall_s(), 5, valid=valid)
    verdicts.at_least("no change, to fetch and parse alone", fetch.wall_s() / again.wall_s(), 0.7)
    verdicts.holds("no change: rows about people written", "none", words, clean)


def million(bench, few, many, rounds, verdicts):
    """The same path at 10,000 and at 1,000,000. The few are measured five times as often: one of their imports is short."""
    own = bench.start_s(ROLLCALL, "--version")
    sides = {}
    for sandbox in (few, many):
        sides[sandbox] = [Side(f"{sandbox.people:,}: import", own), Side("  approve", own), Side("  import without changes", own)]
    path = os.path.join(WORK, "ours.db")
    for n in range(rounds):
        for sandbox in [few] * 5 + [many]:
            ours = Ours(ROLLCALL, WORK, sandbox, path)
            if sandbox is many:
                print(f"  round {n + 1} of {rounds}, {sandbox.people:,} people", file=sys.stderr)
            remove(path)
            ours.set_up()
            for side, command in zip(sides[sandbox], [*ours.first_commands(), ours.import_command(0)]):
                bench.measure(side, sandbox, command)
    remove(path)
    for sandbox in (few, many):
        print(f"\n{sandbox.people:,} people, medians of {len(sides[sandbox][0].wall)}")
        print_sides(sides[sandbox], sandbox.people)

    def rate(sandbox, wanted):
        return sandbox.people / sum(sides[sandbox][i].own_s() for i in wanted)

    verdicts.at_least(f"first import: rate at {many.people:,} to that at {few.people:,}", rate(many, (0, 1)) / rate(few, (0, 1)), 0.9)
    verdicts.at_least(f"no change: rate at {many.people:,} to that at {few.people:,}", rate(many, (2,)) / rate(few, (2,)), 0.9)
    for side, name in zip(sides[many], ("import", "approve", "import without changes")):
        verdicts.at_most(f"peak memory at {many.people:,}: {name}", max(side.peak), PEAK_MOST_MB, "MB")


def postgres_cpu_s(directory):
    """CPU seconds of the server: its first process, those that it has buried, those that live."""
    with open(os.path.join(directory, "data/postmaster.pid"), encoding="ascii") as f:
        first = f.readline().strip()
    ticks = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
                fields = f.read().rsplit(")", 1)[1].split()
        except OSError:
            continue  # it has just ended
        if pid == first:
            ticks += sum(map(int, fields[11:15]))
        elif fields[1] == first:
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def on_postgres(bench, sandbox, where, rounds, verdicts):
    url = urllib.parse.urlsplit(where)
    directory = urllib.parse.unquote(url.netloc.rsplit("@", 1)[1].rsplit(":", 1)[0])
    own = bench.start_s(ROLLCALL, "--version")
    sides = [Side("PostgreSQL: import, approve", 2 * own), Side("PostgreSQL: no change", own)]
    server = [[], []]
    for n in range(rounds):
        print(f"  round {n + 1} of {rounds}, {sandbox.people:,} people on PostgreSQL", file=sys.stderr)
        run(["psql", "-q", where, "-c", f"CREATE DATABASE bench_{n}"])
        ours = Ours(ROLLCALL, WORK, sandbox, url._replace(path=f"/bench_{n}").geturl())
        ours.set_up()
        for i, commands in enumerate((ours.first_commands(), (ours.import_command(0),))):
            before_s = postgres_cpu_s(directory)
            bench.measure(sides[i], sandbox, *commands)
            server[i].append(postgres_cpu_s(directory) - before_s)
            bench.noise.add(0, 0, server[i][-1])  # it was counted as others'
        run(["psql", "-q", where, "-c", f"DROP DATABASE bench_{n}"])
    print(f"\n{sandbox.people:,} people on PostgreSQL, medians of {rounds}")
    print_sides(sides, sandbox.people)
    print(f"  CPU of the server: {median(server[0]):.2f} s, {median(server[1]):.2f} s\n")
    for side, cpu in zip(sides, server):
        verdicts.reported(side.name, f"{sandbox.people / side.wall_s():,.0f} people/s")


# ---- getting ready ----


def install_node():
    """better-sqlite3, beside a copy of the script, in build/: nothing of it lies in the repository."""
    os.makedirs(NODE, exist_ok=True)
    names = ("package.json", "package-lock.json", "import.js")
    here = os.path.join(TOP, "bench/node")

    def text(path):
        try:
            with open(path, encoding="utf-8") as f:
                return f.read()
        except FileNotFoundError:
            return None

    same = all(text(f"{here}/{name}") == text(f"{NODE}/{name}") for name in names[:2])
    for name in names:
        shutil.copyfile(f"{here}/{name}", f"{NODE}/{name}")
    works = ["node", "-e", "new (require('better-sqlite3'))(':memory:')"]
    os.chdir(NODE)
    if same and os.path.isdir("node_modules"):
        try:
            run(works)
            return
        except Failed:
            pass
    print("  installing better-sqlite3 into build/bench-node (compiles it where there is no ready one: a minute)", file=sys.stderr)
    run(["npm", "ci", "--no-audit", "--no-fund"])
    run(works)


def main():
    options = argparse.ArgumentParser(prog="script/bench import", description="A first import and one without changes, "
                                      "against a careful Node script and the bound.")
    options.add_argument("--quick", action="store_true", help="one round, without 1,000,000 people and PostgreSQL")
    options.add_argument("--rounds", type=int, default=5, help="medians of so many (5)")
    options.add_argument("--people", type=int, default=100000, help="people of the comparison (100000)")
    options.add_argument("--no-baselines", action="store_true", help="leave the comparison out")
    options.add_argument("--no-million", action="store_true", help="leave 1,000,000 people out")
    options.add_argument("--no-postgres", action="store_true", help="leave PostgreSQL out")
    o = options.parse_args()
    rounds = 1 if o.quick else max(1, o.rounds)
    where = None if o.quick or o.no_postgres else os.environ.get("ROLLCALL_TEST_POSTGRES")
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    if not o.no_baselines:
        install_node()
    bench, verdicts, began = Bench(), Verdicts(), time.monotonic()
    with Sandbox(SANDBOX, 10000) as few:
        attributes, query = attributes_asked(few)
        few.prepare(attributes)
        if not o.no_baselines or where:
            with Sandbox(SANDBOX, o.people) as sandbox:
                sandbox.prepare(attributes)
                if not o.no_baselines:
                    against_baselines(bench, sandbox, query, rounds, verdicts)
                if where:
                    on_postgres(bench, sandbox, where, rounds, verdicts)
        if not o.quick and not o.no_million:
            with Sandbox(SANDBOX, 1000000) as many:
                many.prepare(attributes)
                million(bench, few, many, rounds, verdicts)
    shutil.rmtree(WORK, ignore_errors=True)
    verdicts.print()
    bench.noise.print()
    print(f"{len(verdicts.rows)} numbers, {verdicts.missed} missed, in {time.monotonic() - began:.0f} s")
    return 1 if verdicts.missed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failed:
        sys.exit(f"bench_import: {failed}")
