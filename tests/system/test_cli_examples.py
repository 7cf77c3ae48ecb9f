"""test_cli_examples.py - the examples of docs/command-line.md are run, in their order, and have to come out as they stand there."""
import json
import os
import re
import shlex
import subprocess

from harness import SECRET, check, scenario
from scenes import LEARNAMP_SECRET, LearnAmp
from test_cli import commands_of

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/command-line.md")


def examples(text):
    """(edits, command, expected lines) of the ```console blocks, in order; <!-- edit ID JSON --> before a block happens in the sandbox."""
    edits = []
    for edit, block in re.findall(r"<!-- edit (.*?) -->|```console\n(.*?)```", text, re.S):
        if edit:
            person, _, values = edit.partition(" ")
            edits.append((int(person), json.loads(values)))
            continue
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            lines = part.splitlines()
            while lines[0].endswith("\\"):
                lines[0:2] = [lines[0][:-1] + lines[1].strip()]
            yield edits, lines[0], lines[1:]
            edits = []


def plainly(text, company, hr):
    """Without what differs each time: moments, days, durations, rates, the port, the directory, who is logged in."""
    text = text.replace(hr.origin, "http://127.0.0.1:8085").replace(hr.there.origin, "http://127.0.0.1:8086")
    text = text.replace(company.directory + "/", "")
    for pattern, instead in ((r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "MOMENT"), (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "MOMENT"),
                             (r"\d{4}-\d\d-\d\d", "DAY"), (r"after \d+\.\d s", "after N s"), (r"\w+ on the command line", "WHO"),
                             (r"\b[0-9a-f]{48}\b", "SECRET"), (r"\brollcall-[0-9a-f]{8}\b", "PREFIX"),
                             (r'"bytes":\d+', '"bytes":N'),
                             (r" +$", "")):
        text = re.sub(pattern, instead, text, flags=re.M)
    return text


def agrees(want, have):
    """The lines are the same; a line "..." stands for any lines."""
    if not want:
        return not have
    if want[0].strip() == "...":
        return any(agrees(want[1:], have[i:]) for i in range(len(have) + 1))
    return bool(have) and want[0] == have[0] and agrees(want[1:], have[1:])


def run_example(company, hr, edits, command):
    """The lines that were shown, and the exit code."""
    for person, values in edits:
        hr.edit(person, **values)
    words = shlex.split(command.replace("http://127.0.0.1:8085", hr.origin).replace("http://127.0.0.1:8086", hr.there.origin))
    check(words[0] == "rollcall", f"{command}: only rollcall is run")
    done = company.run(*words[1:], cwd=company.directory, stderr=subprocess.STDOUT)
    return done.out.splitlines(), done.code


def documented(case):
    hr = case.sandbox(people=300)
    company = case.company(add=False)
    hr.there = case.stack.enter_context(LearnAmp(300))  # 8086
    hr.there.control("POST", "fields", {"name": "site", "mandatory": False})  # which the document's mapping fills
    company.file("personio.secret", SECRET + "\n")
    company.file("learnamp.secret", LEARNAMP_SECRET + "\n")
    with open(DOCUMENT, encoding="utf-8") as file:  # the mapping that the document works with
        text = file.read()
    company.file("site.mapping", re.search(r"```mapping\n(.*?)```", text, re.S).group(1))
    for name, content in re.findall(r"<!-- file (\S+) (.*?) -->", text):
        company.file(name, content + "\n")
    return hr, company


@scenario
def the_examples_of_the_document_are_true(case):
    hr, company = documented(case)
    with open(DOCUMENT, encoding="utf-8") as file:
        text = file.read()
    tried = set()
    for edits, command, want in examples(text):
        have, _ = run_example(company, hr, edits, command)
        want = plainly("\n".join(want), company, hr).strip().splitlines()
        have = plainly("\n".join(have), company, hr).strip().splitlines()
        check(agrees(want, have), lambda: f"$ {command}\n" + "\n".join(have))
        tried.add(command)
    for one in commands_of(company):
        check(any(f" {one}" in command for command in tried), f"{one} has no example")
        check(f"`{one}" in text, f"{one} is not told")
