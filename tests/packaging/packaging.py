#!/usr/bin/env python3
"""packaging.py PROGRAM UNIT PAGE... - what is installed besides the program: the unit as systemd reads it, and manual pages that
name every command. Prints one "ok - ..." or "not ok - ..." line each."""
import os
import re
import subprocess
import sys
import tempfile

EXPOSURE_MOST = 2.0  # of systemd-analyze security, which counts to 10


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def unit_is_well(program, unit):
    """systemd finds nothing to say about it, but for pages and programs that are not installed here."""
    with tempfile.TemporaryDirectory() as directory:
        copy = os.path.join(directory, "rollcall.service")
        with open(unit, encoding="utf-8") as file, open(copy, "w", encoding="utf-8") as to:
            text = file.read()
            to.write(re.sub(r"^ExecStart=\S+", f"ExecStart={program}", text, flags=re.M).replace("Documentation=man:rollcall(8)\n", ""))
        code, said = run("systemd-analyze", "verify", "--man=no", copy)
        if code != 0 or copy in said:
            return said
        _, said = run("systemd-analyze", "security", "--offline=yes", "--no-pager", copy)
        exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
        return "" if exposure and float(exposure.group(1)) <= EXPOSURE_MOST else said[-300:]


def unit_names_the_program(unit):
    with open(unit, encoding="utf-8") as file:
        text = file.read()
    return "" if re.search(r"^ExecStart=/\S+/rollcall serve$", text, re.M) and "@" not in text.replace("SystemCallFilter=@", "").replace("=~@", "") else text


def pages_are_well(pages):
    wrong = []
    for page in pages:
        _, said = run("mandoc", "-T", "lint", "-W", "warning", page)
        wrong += [line for line in said.splitlines() if "skipping paragraph macro" not in line]  # scdoc writes more than are needed
    return "; ".join(wrong)


def commands_of(program):
    """("integration", "add") ... as --help lists them."""
    _, said = run(program, "--help")
    return re.findall(r"^  ([a-z]+)(?: ([a-z]+))? ", said, re.M)


def pages_name_every_command(program, page):
    """"*integration add*, *list*, *show*": the noun stands once."""
    with open(page, encoding="utf-8") as file:
        text = re.sub(r"\\f[A-Z]|\\&", "", file.read().replace("\\-", "-")).replace("\n", " ")
    groups = {}
    for noun, verb in commands_of(program):
        groups.setdefault(noun, set()).add(verb)
    missing = []
    for noun, verbs in groups.items():
        for verb in sorted(verbs):
            named = re.search(rf"\b{noun} {verb}\b" if verb else rf"\b{noun}\b", text)
            listed = verb and re.search(rf"\b{noun} [a-z]+((?:, [a-z]+)*, {verb})\b", text)
            if not named and not listed:
                missing.append(f"{noun} {verb}".strip())
    return ", ".join(missing)


def main(arguments):
    program, unit, *pages = map(os.path.abspath, arguments)
    first = next(page for page in pages if page.endswith(".1"))
    checks = {"the unit is one that systemd takes, and closes what the service does not need": lambda: unit_is_well(program, unit),
              "the unit starts what is installed": lambda: unit_names_the_program(unit),
              "the manual pages are well formed": lambda: pages_are_well(pages),
              "every command is in the manual": lambda: pages_name_every_command(program, first)}
    bad = 0
    print(f"1..{len(checks)}")
    for n, (words, look) in enumerate(checks.items(), 1):
        wrong = look()
        bad += bool(wrong)
        print(f"not ok {n} - {words}: {wrong}" if wrong else f"ok {n} - {words}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
