#!/usr/bin/env python3
"""run.py BUILD_DIR [NAME] - runs the system tests on the programs in BUILD_DIR, each on SQLite and on PostgreSQL.

NAME narrows it down: a part of "test_import: a leaver leaves [sqlite]". script/with-postgres lends a server:

    script/with-postgres tests/system/run.py build/release
    script/with-postgres tests/system/run.py build/release "test_cli: "
"""
import glob
import importlib
import os
import sys

import harness
import running


def main(arguments):
    if not 1 <= len(arguments) <= 2:
        print(__doc__, file=sys.stderr)
        return 2
    harness.use_build(arguments[0])
    here = os.path.dirname(os.path.abspath(__file__))
    for path in sorted(glob.glob(os.path.join(here, "test_*.py"))):
        importlib.import_module(os.path.basename(path)[:-3])
    return 0 if running.run_all(arguments[1] if len(arguments) == 2 else "") else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
