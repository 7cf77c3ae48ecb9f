#!/usr/bin/env python3
"""Holds the table of floors in ARCHITECTURE.md against every #include in src/ and sandbox/, and the tree against a few rules.

    floors.py TOP [COMPILER...]

A file includes what stands below it, its own folder, and the rooms of its own floor that the table lists for it. A library's
header is included only in the folder that the table gives it to. Every header compiles alone. Every error's name is explained
in docs/errors.md. No tracked file names a machine's paths or says of itself that it is unfinished. Prints one "ok - ..." or "not ok - ..." line a rule, first for trees
made to break each of them (a check that finds nothing there is no check), then for the tree itself.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)

# What every Debian has with its C library: no library of anybody's, so any folder may include it.
PLATFORM = set("""
assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic stdbool
stddef stdint stdio stdlib stdnoreturn string strings tgmath threads time uchar wchar wctype
dirent endian fcntl fnmatch getopt glob ifaddrs libgen malloc netdb poll pthread pwd grp regex sched semaphore spawn
sysexits syslog termios unistd utime
""".split())
PLATFORM_FOLDERS = ("sys/", "netinet/", "arpa/", "net/if", "linux/", "sanitizer/")

# Kept apart, so that this file does not match itself.
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK|not imple" + r"mented)\b")
MACHINE = re.compile(r"(/wo" + r"rk/|/ho" + r"me/|/ro" + r"ot/|/tmp/b" + r"-|deb\.deb" + r"ian\.org|registry\.np" + r"mjs)")


class Room:
    """One row of the table: a folder (or one file) on a floor."""

    def __init__(self, floor, paths, beside, libraries):
        self.above = floor.endswith("+")  # stands beside the house, on that floor; nothing includes it
        self.floor = int(floor.rstrip("+"))
        self.paths, self.beside, self.libraries = paths, beside, libraries

    def holds(self, path):
        return any(path == p or (p.endswith("/") and path.startswith(p)) for p in self.paths)


def rooms_of(top):
    """The rows below "## Floors": floor | folder | ... | may also use | libraries; names in backquotes."""
    text = (top / "ARCHITECTURE.md").read_text(encoding="utf-8")
    section = text.split("\n## Floors\n", 1)[1].split("\n## ", 1)[0]
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")]
            for line in section.splitlines() if line.startswith("|")]
    head, rooms = rows[0], []
    for row in rows[2:]:
        cell = dict(zip(head, row))
        names = {key: re.findall(r"`([^`]+)`", cell[key]) for key in ("folder", "may also use", "its libraries")}
        rooms.append(Room(cell["floor"], names["folder"], names["may also use"], names["its libraries"]))
    return rooms


def files_in(top):
    return sorted(str(p.relative_to(top)) for folder in ("src", "sandbox") for p in (top / folder).rglob("*.[ch]"))


def room_of(rooms, path):
    return next((room for room in rooms if room.holds(path)), None)


def may_include(mine, path, target, theirs):
    if mine is theirs:
        return True
    if theirs.above:
        return False
    if theirs.floor < mine.floor or (mine.above and theirs.floor == mine.floor):
        return True
    return theirs.floor == mine.floor and any(target == b or target.startswith(b) for b in mine.beside)


def wrong_includes(top):
    rooms, wrong = rooms_of(top), []
    for room in rooms:
        wrong += [f"ARCHITECTURE.md: {p} is in the table of floors, not in the tree"
                  for p in room.paths if p.endswith("/") and not (top / p).is_dir()]
    for path in files_in(top):
        mine = room_of(rooms, path)
        if mine is None:
            wrong.append(f"{path}: its folder is not in the table of floors")
            continue
        text = (top / path).read_text(encoding="utf-8")
        for found in INCLUDE.finditer(text):
            where = f"{path}:{text.count(chr(10), 0, found.start()) + 1}"
            quoted, name = found.group(1) == '"', found.group(2)
            tries = [pathlib.PurePath(path).parent / name, pathlib.PurePath("src") / name, pathlib.PurePath(name)]
            target = next((os.path.normpath(t) for t in tries if quoted and (top / t).is_file()), None)
            if target is not None:
                theirs = room_of(rooms, target)
                if theirs is None:
                    wrong.append(f"{where}: {target} is no part of the house")
                elif not may_include(mine, path, target, theirs):
                    wrong.append(f"{where}: {target} stands on floor {theirs.floor}, this file on floor {mine.floor}")
            elif quoted and name.endswith(".html.inc"):
                pass  # made while building, from the page of that name
            elif quoted:
                wrong.append(f'{where}: there is no "{name}"')
            elif not (name.removesuffix(".h") in PLATFORM or name.startswith(PLATFORM_FOLDERS)):
                if not any(name == lib or (lib.endswith("/") and name.startswith(lib)) for lib in mine.libraries):
                    wrong.append(f"{where}: <{name}> is not among this folder's libraries")
    return wrong


def library_flags():
    """Where the libraries' headers are, as pkg-config knows it."""
    done = subprocess.run(["pkg-config", "--cflags", "libcurl", "libmicrohttpd", "sqlite3", "libpq", "libsodium", "libcrypto",
                           "libutf8proc", "yyjson"], text=True, capture_output=True)
    return done.stdout.split()


def wrong_headers(top, compiler):
    wrong, flags = [], library_flags()
    for path in files_in(top):
        if not path.endswith(".h"):
            continue
        name = path.removeprefix("src/")
        done = subprocess.run(compiler + ["-std=c17", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                                          "-D_GNU_SOURCE", '-DROLLCALL_VERSION="0"', "-Isrc", "-I.", *flags, "-x", "c", "-"],
                              input=f'#include "{name}"\n#include "{name}"\n', cwd=top, text=True, capture_output=True)
        if done.returncode != 0:
            wrong.append(f"{path} does not compile alone:\n{done.stderr.strip()}")
    return wrong


def tracked_in(top):
    if (top / ".git").exists() and shutil.which("git"):
        done = subprocess.run(["git", "-c", "safe.directory=*", "-C", str(top), "ls-files", "-z"], text=True,
                              capture_output=True, check=True)
        return [name for name in done.stdout.split("\0") if name and (top / name).is_file()]
    every = (str(p.relative_to(top)) for p in top.rglob("*") if p.is_file())  # a release, not a clone
    return [name for name in every if not name.startswith((".git/", "build/", "bench/node_modules/"))]


def wrong_words(top):
    wrong = []
    for path in tracked_in(top):
        data = (top / path).read_bytes()
        if b"\0" in data:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            for what, pattern in (("unfinished by its own word", UNFINISHED), ("a machine's own path", MACHINE)):
                found = pattern.search(line)
                if found:
                    wrong.append(f"{path}:{number}: {what}: {found.group()}")
    return wrong


def wrong_names(top):
    """The stable names of errors in the sources that docs/errors.md does not explain, and those that it explains twice."""
    rows = re.findall(r"^\| `([^`]+)` \|", (top / "docs/errors.md").read_text(encoding="utf-8"), re.MULTILINE)
    known = set(rows)
    wrong = [f"docs/errors.md: {name} is explained twice" for name in sorted(known) if rows.count(name) > 1]
    for path in files_in(top):
        text = (top / path).read_text(encoding="utf-8")
        # a call of rc_fail_as(), whatever stands around the name; or a row of a table, the name behind its code
        for call in re.finditer(r'rc_fail_as\([^;"]*"([a-z0-9.-]+)"|\bRC_[A-Z_]+, "([a-z0-9]+[.-][a-z0-9.-]+)"', text):
            name = call.group(1) or call.group(2)
            if name not in known:
                wrong.append(f"{path}:{text.count(chr(10), 0, call.start()) + 1}: {name} is not in docs/errors.md")
    return wrong


# --- trees that break one rule each --------------------------------------------------------------------------------

TABLE = """
## Floors

| floor | folder | room | may also use | its libraries |
|---|---|---|---|---|
| 2 | `src/top/` | | | |
| 1 | `src/left/` | | `src/right/` | `yy.h` |
| 1 | `src/right/` | | | `zz/` |
| 0 | `src/base/` | | | |
| 1+ | `sandbox/` | | | |

## After
"""
SOUND = {
    "ARCHITECTURE.md": TABLE,
    "docs/errors.md": "| name | means |\n|---|---|\n| `known.name` | a |\n",
    "src/base/a.c": 'return rc_fail_as(err, code,\n    "known.name", "text");\n',
    "src/base/a.h": "#pragma once\n#include <stdint.h>\nuint8_t a(void);\n",
    "src/left/l.h": '#pragma once\n#include "base/a.h"\n',
    "src/left/l.c": '#include "left/l.h"\n#include "right/r.h"\n#include <yy.h>\n',
    "src/right/r.h": '#pragma once\n#include <sys/types.h>\n',
    "src/right/r.c": '#include "r.h"\n#include <zz/any.h>\n',
    "src/top/t.c": '#include "left/l.h"\n#include "right/r.h"\n',
    "sandbox/s.h": '#pragma once\n#include "left/l.h"\n',
    "sandbox/s.c": '#include "sandbox/s.h"\n',
}
BROKEN = [
    ("an include of a higher floor", {"src/base/x.c": '#include "left/l.h"\n'}, "floor 1"),
    ("an include of another room that the table does not list", {"src/right/x.c": '#include "left/l.h"\n'}, "floor 1"),
    ("an include from the sandbox of more than it stands on", {"sandbox/x.c": '#include "top/t.c"\n'}, "floor 2"),
    ("an include of the sandbox", {"src/top/x.c": '#include "sandbox/s.h"\n'}, "sandbox/s.h"),
    ("a library's header outside its folder", {"src/top/x.c": "#include <yy.h>\n"}, "<yy.h>"),
    ("a library's header that no folder has", {"src/left/x.c": "#include <nn.h>\n"}, "<nn.h>"),
    ("a folder that is not in the table", {"src/new/x.c": "\n"}, "not in the table"),
    ("an include of nothing", {"src/left/x.c": '#include "left/none.h"\n'}, "there is no"),
    ("an indented include", {"src/base/x.c": '  #  include "top/t.c"\n'}, "floor 2"),
    ("a header that leans on another", {"src/base/b.h": "#pragma once\nuint8_t b(void);\n"}, "compile alone"),
    ("an error that nobody explains", {"src/left/x.c": 'rc_fail_as(err, x, "other.name", "");\n'}, "other.name"),
    ("an error that is explained twice", {"docs/errors.md": SOUND["docs/errors.md"] + "| `known.name` | b |\n"}, "twice"),
    ("an unfinished file", {"src/base/x.c": "/* TO" "DO: the rest */\n"}, "unfinished"),
    ("a machine's path", {"src/base/x.c": "/* see /ho" "me/me/notes */\n"}, "machine's own path"),
]


def all_wrong(top, compiler):
    return wrong_includes(top) + wrong_headers(top, compiler) + wrong_names(top) + wrong_words(top)


def self_check(compiler):
    """(name, what is wrong with this check itself)"""
    for name, extra, words in [("a sound tree", {}, None)] + BROKEN:
        with tempfile.TemporaryDirectory() as folder:
            top = pathlib.Path(folder)
            for path, text in {**SOUND, **extra}.items():
                (top / path).parent.mkdir(parents=True, exist_ok=True)
                (top / path).write_text(text, encoding="utf-8")
            wrong = all_wrong(top, compiler)
        if words is None:
            yield f"{name} is left in peace", wrong
        else:
            found = len(wrong) == 1 and words in wrong[0]
            yield f"{name} is found", [] if found else [f"found instead: {wrong}"]


def main(arguments):
    top, compiler = pathlib.Path(arguments[0]).resolve(), arguments[1:] or ["cc"]
    results = list(self_check(compiler))
    results.append(("every file includes what its floor allows", wrong_includes(top)))
    results.append(("every header compiles alone", wrong_headers(top, compiler)))
    results.append(("every error's name is explained in docs/errors.md, once", wrong_names(top)))
    results.append(("no file names a machine's paths or calls itself unfinished", wrong_words(top)))
    for name, wrong in results:
        print(f"{'not ok' if wrong else 'ok'} - {name}")
        for line in wrong:
            print("    " + line.replace("\n", "\n    "))
    return 1 if any(wrong for _, wrong in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
