#!/usr/bin/env python3
# bench_mapping.py - trying a mapping on everybody and making it count, beside reading the stored rows alone
#
# script/bench mapping [--quick] [--rounds N] [--people N] [--changed N]
#
# docs/benchmarks.md says what is measured and why. Ends with 1 when a target is missed.
import argparse
import json
import os
import shutil
import sys
import time

from measure import Bench, Failed, Ours, Sandbox, Side, Verdicts, print_sides, remove, run

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("ROLLCALL_BUILD", os.path.join(TOP, "build/release"))
WORK = os.path.join(TOP, "build/bench-mapping")
ROLLCALL = os.path.join(BUILD, "src/rollcall")
SANDBOX = os.path.join(BUILD, "sandbox/rollcall-sandbox")
STORED = os.path.join(BUILD, "bench/stored")
EXPRESSIONS = os.path.join(BUILD, "bench/mapping")

RATIO_MOST = 1.5
TRY_MOST_S = 1.0
EXPRESSION_MOST_US = 2.0

# Thirty rules, fifteen of them expressions, two filters. JOB_TITLE is what the draft changes.
RULES = """\
first_name       = part(preferred_name, " ", 1) ?? first_name
last_name        = last_name
email            = email
job_title        = JOB_TITLE
avatar           = avatar
primary_location = office
primary_team     = team ?? department
secondary_teams  = [department, cost_centre]
manager          = supervisor
hire_date        = hire_date
leave_date       = earliest(termination_date, last_working_day)
status           = status
language         = lookup(office, languages) ?? "en"
custom.office       = office.id
custom.entity       = legal_entity
custom.cost_centre  = cost_centre
custom.kind         = employment_type
custom.preferred    = preferred_name
custom.team         = team.id
custom.contract_end = contract_end_date
custom.full_name = first_name + " " + last_name
custom.group     = if employment_type == "external" then "External" else "Staff"
custom.region    = if office in ["Berlin", "Bremen", "Hamburg"] then "north" else "south"
custom.tenure    = if hire_date < 2022-01-01 and not is_empty(team) then "old" else "new"
custom.code      = upper(before(cost_centre, " "))
custom.initial   = left(last_name, 1)
custom.badge     = join(", ", job_title, department, office)
custom.lead      = if contains(job_title, "Lead") or starts_with(job_title, "Head") then "yes" else "no"
custom.probation = add_days(hire_date, 180)
custom.word      = part(job_title, " ", -1)
exclude when employment_type == "external" and legal_entity == "Nobody's" because "externals have no account"
include when status != "gone"
table languages { "Berlin" = "de", "Bremen" = "de", "Lyon" = "fr", "Oslo" = "no", "Paris" = "fr" }
"""
# Before, the title was an expression too, that gives everybody's as it is.
BEFORE = 'if is_empty(job_title) then "" else job_title'
AFTER = "if is_set(lookup(id, chosen)) then upper(job_title) else job_title"


def titles(sandbox):
    """Ids of those whose title has small letters. A page at a time: a child begins with the memory of its parent, and that is its peak."""
    ids, n = [], 1000
    for first in range(0, sandbox.people, n):
        people = sandbox.ask("GET", f"/_control/truth?from={first}&limit={n}")["people"]
        ids += [p["id"] for p in people if p["position"] and p["position"].upper() != p["position"]]
    return ids


class Prepared:
    """A company of people, all arrived through the mapping of before, and a draft that changes so many of them."""

    def __init__(self, sandbox, changed):
        self.path = os.path.join(WORK, "prepared.db")
        self.ours = Ours(ROLLCALL, WORK, sandbox, self.path)
        self.ours.set_up()
        before = self.draft(RULES.replace("JOB_TITLE", BEFORE))
        self.say("mapping", "activate", "bench/hr", before)  # nobody is there yet: it counts at once
        for command in self.ours.first_commands():
            run(*command)
        titled = titles(sandbox)
        chosen = titled[:: max(1, len(titled) // changed)][:changed]  # spread over everybody
        table = ", ".join(f'"{person}" = "1"' for person in chosen)
        self.number = self.draft(RULES.replace("JOB_TITLE", AFTER) + f"table chosen {{ {table} }}\n")
        tried = self.say("mapping", "try", "bench/hr", self.number, "--all")
        if (tried["read"], tried["changed"]) != (sandbox.people, changed):
            raise Failed(f"the draft would change {tried['changed']} of {tried['read']} people instead of {changed} of {sandbox.people}")

    def say(self, *arguments):
        return json.loads(run([ROLLCALL, "--json", *arguments], self.ours.env).out)

    def draft(self, text):
        path = os.path.join(WORK, "mapping")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return str(self.say("mapping", "draft", "bench/hr", "--file", path)["mapping"])

    def copy(self, name):
        """Another company like it; (path, the environment that names it)."""
        path = os.path.join(WORK, name)
        remove(path)
        shutil.copyfile(self.path, path)
        with open(path, "rb") as f:  # else the first sync of what is measured would write the whole copy
            os.fsync(f.fileno())
        return path, dict(self.ours.env, ROLLCALL_DATABASE=path)

    def try_all(self, env):
        return [ROLLCALL, "mapping", "try", "bench/hr", self.number, "--all"], env, (0,)

    def activate(self, env):
        """The commands that it takes: two, if the guard holds it."""
        _, trial = self.copy("trial.db")
        activate = [ROLLCALL, "--json", "mapping", "activate", "bench/hr", self.number]
        done = json.loads(run(activate, trial, (0, 3)).out)["run"]
        remove(os.path.join(WORK, "trial.db"))
        if done["state"] == "applied":
            return [(activate, env, (0,))]
        if done["state"] != "held":
            raise Failed(f"activating ended as {done['state']}")
        return [(activate, env, (3,)), ([ROLLCALL, "run", "approve", f"bench/{done['run']}", "--reason", "measured"], env, (0,))]


def everybody(bench, sandbox, rounds, changed, verdicts):
    prepared = Prepared(sandbox, changed)
    own = bench.start_s(ROLLCALL, "--version")
    path, env = prepared.copy("ours.db")
    activating = prepared.activate(env)
    held = len(activating) > 1
    stored = Side("reading and parsing alone")
    trying = Side("mapping try --all", own)
    making = Side("mapping activate" + (", run approve" if held else ""), len(activating) * own)
    for n in range(rounds):
        print(f"  round {n + 1} of {rounds}, {sandbox.people:,} people", file=sys.stderr)
        prepared.copy("ours.db")
        said = json.loads(bench.measure(stored, None, ([STORED, path],))[0].out)
        if said["people"] != sandbox.people:
            raise Failed(f"{said['people']} rows were read instead of {sandbox.people}")
        bench.measure(trying, None, prepared.try_all(env))
        bench.measure(making, None, *activating)
    print(f"\n{sandbox.people:,} people, a draft of thirty rules and two filters that changes {changed:,} of them; medians of {rounds}")
    print_sides((stored, trying, making), sandbox.people)
    base_s = stored.wall_s()
    verdicts.at_most("mapping try --all, to reading and parsing alone", trying.wall_s() / base_s, RATIO_MOST, "×", 2)
    verdicts.at_most("mapping try --all, on this machine", trying.wall_s(), TRY_MOST_S, "s", 2)
    verdicts.at_most(f"activating, {changed:,} changes, {'with the approval, ' if held else ''}to reading and parsing alone",
                     making.wall_s() / base_s, RATIO_MOST, "×", 2)


def expressions(verdicts):
    lines = run([EXPRESSIONS]).out.splitlines()
    print("\n".join(lines[:-1]) + "\n")
    verdicts.at_most("the dearest expression", json.loads(lines[-1])["dearest_expression_ns"] / 1000, EXPRESSION_MOST_US, "µs", 2)


def main():
    options = argparse.ArgumentParser(prog="script/bench mapping", description="Trying a mapping on everybody and making it count, "
                                      "beside reading the stored rows alone.")
    options.add_argument("--quick", action="store_true", help="one round")
    options.add_argument("--rounds", type=int, default=5, help="medians of so many (5)")
    options.add_argument("--people", type=int, default=100000, help="people in the company (100000)")
    options.add_argument("--changed", type=int, default=1000, help="people whom the draft changes, at most 1000 (1000)")
    o = options.parse_args()
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    bench, verdicts, began = Bench(), Verdicts(), time.monotonic()
    with Sandbox(SANDBOX, o.people) as sandbox:
        everybody(bench, sandbox, 1 if o.quick else max(1, o.rounds), o.changed, verdicts)
    expressions(verdicts)
    shutil.rmtree(WORK, ignore_errors=True)
    verdicts.print()
    bench.noise.print()
    print(f"{len(verdicts.rows)} numbers, {verdicts.missed} missed, in {time.monotonic() - began:.0f} s")
    return 1 if verdicts.missed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failed:
        sys.exit(f"bench_mapping: {failed}")
