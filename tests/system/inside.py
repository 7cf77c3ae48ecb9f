"""inside.py - a company's tables, read behind rollcall's back; and a database that can be set back to where it was.

    with Inside(company) as inside:
        inside.rows("SELECT run_id, state FROM run ORDER BY 1")     # [("1", "applied"), ...]
        inside.keep()                                               # this is where restore() goes back to
        inside.directory()                                          # everybody as the directory has them, ready to compare

Cells are text or None on both databases. PostgreSQL is asked through one psql that stays, since a start takes longer than a question.
"""
import collections
import contextlib
import os
import sqlite3
import subprocess

from harness import Failure, check, rollcall_path

# What is said of people, whatever numbers the rows have: who, where, and what the current version says.
DIRECTORY = """SELECT u.source_id, u.presence, u.email, u.manager, u.team, u.problems, u.has_left, v.person, v.employee
    FROM "user" u JOIN version v ON v.company_id = u.company_id AND v.run_id = u.run_id AND v.user_id = u.user_id
    ORDER BY u.source_id"""
TEAMS = "SELECT key, kind, hr_id, name FROM team ORDER BY key"

END = "that was all"
UNIT, NULL, LINE = "\x1f", "\x1dnull", "\x1e"


def fault_library():
    path = os.path.join(os.path.dirname(rollcall_path()), "../tests/system/preload/libfault.so")
    if not os.path.exists(path):
        raise Failure(f"{path} is not there: build it first")
    return os.path.realpath(path)


class Inside:
    def __init__(self, company):
        self.company = company
        self._psql = None
        self._kept_file = self._kept_rows = None  # of SQLite

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.rest()

    def rest(self):
        """Nothing stays open; the next question opens it again."""
        if self._psql is not None:
            self._psql.stdin.close()
            self._psql.wait()
            self._psql.stdout.close()
            self._psql = None

    def rows(self, sql):
        if self.company.kind == "sqlite":
            db = sqlite3.connect(self.company.database, timeout=20, isolation_level=None)
            try:
                return [tuple(None if cell is None else str(cell) for cell in row) for row in db.execute(sql)]
            finally:
                db.close()
        said = self._ask(sql)
        return [tuple(None if cell == NULL else cell for cell in line.split(UNIT)) for line in said.split(LINE) if line]

    def number(self, sql):
        return int(self.rows(sql)[0][0])

    def _ask(self, sql):
        if self._psql is None:
            self._psql = subprocess.Popen(
                ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-F", UNIT, "-R", LINE, "-P", f"null={NULL}", "-d",
                 self.company.database], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            self._psql.stdin.write(f"{sql};\n\\echo {END!r}\n")
            self._psql.stdin.flush()
        except BrokenPipeError:
            pass  # it has said why
        said = []
        for line in self._psql.stdout:
            if line.endswith(END + "\n"):
                return ("".join(said) + line[:-len(END) - 1]).removesuffix("\n")
            said.append(line)
        raise Failure(f"psql: {''.join(said).strip()}")

    def directory(self):
        """Everybody, and the names of the teams."""
        return self.rows(DIRECTORY), self.rows(TEAMS)

    def changes(self, after_run):
        """What applied runs behind that one have changed: (person, field, old, new), sorted; a repetition shows."""
        return sorted(self.rows(f"""SELECT v.source_id, c.field, c.old_value, c.new_value FROM change c
            JOIN run r ON r.company_id = c.company_id AND r.run_id = c.run_id
            JOIN version v ON v.company_id = c.company_id AND v.run_id = c.run_id AND v.user_id = c.user_id
            WHERE r.state = 'applied' AND v.left_out = 0 AND c.run_id > {after_run}"""), key=str)

    def newest_run(self):
        """(number, state)"""
        found = self.rows("SELECT run_id, state FROM run ORDER BY run_id DESC LIMIT 1")
        return (int(found[0][0]), found[0][1]) if found else (0, "none")

    def runs(self):
        """{number: state} of all runs."""
        return {int(run): state for run, state in self.rows("SELECT run_id, state FROM run ORDER BY run_id")}

    def is_sound(self):
        """None; or what is doubled, left over or damaged in the tables of a database on which nothing is at work."""
        for what, sql in (
                ("people with one id", 'SELECT COUNT(*) - COUNT(DISTINCT source_id) FROM "user"'),
                ("people without their version", 'SELECT COUNT(*) FROM "user" u WHERE NOT EXISTS (SELECT 1 FROM version v WHERE '
                 "v.company_id = u.company_id AND v.run_id = u.run_id AND v.user_id = u.user_id)"),
                ("people whose version belongs to a run that was not applied", 'SELECT COUNT(*) FROM "user" u JOIN run r ON '
                 "r.company_id = u.company_id AND r.run_id = u.run_id WHERE r.state <> 'applied'"),
                ("runs left over", "SELECT COUNT(*) FROM run WHERE state IN ('listing', 'checking', 'passed')"),
                ("staged versions of runs that failed", "SELECT COUNT(*) FROM version v JOIN run r ON r.company_id = "
                 "v.company_id AND r.run_id = v.run_id WHERE r.state = 'failed'")):
            n = self.number(sql)
            if n:
                return f"{n} {what}"
        if self.company.kind == "sqlite":
            said = self.rows("PRAGMA integrity_check")
            if said != [("ok",)]:
                return f"the file is damaged: {said}"
        return None

    # -- going back --

    def keep(self):
        """What is now: difference() compares with it, and restore() goes back to it."""
        if self.company.kind == "sqlite":
            self.rows("PRAGMA wal_checkpoint(TRUNCATE)")
            self._kept_rows = self._sound_rows()
            with open(self.company.database, "rb") as f:
                self._kept_file = f.read()
            return
        tables = [row[0] for row in self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        copies = "; ".join(f'CREATE TABLE kept."{t}" AS TABLE public."{t}"' for t in tables)
        differing = " UNION ALL ".join(
            f"""SELECT '{t}' AS name, '{sign}' AS sign, line FROM
                (SELECT t::text AS line FROM {there}."{t}" t EXCEPT ALL SELECT t::text FROM {other}."{t}" t) lines"""
            for t in tables for sign, there, other in (("+", "public", "kept"), ("-", "kept", "public")))
        back = " ".join(f'DELETE FROM public."{t}"; INSERT INTO public."{t}" TABLE kept."{t}";' for t in tables)
        # In functions, which plan but once. What the server still does for a client that is gone is waited for.
        self._ask(f"""CREATE SCHEMA kept; {copies}; CREATE VIEW kept.differing AS {differing};
            CREATE FUNCTION kept.difference() RETURNS SETOF kept.differing LANGUAGE plpgsql AS $$ BEGIN
                FOR i IN 1 .. 20000 LOOP
                    PERFORM pg_stat_clear_snapshot();
                    IF NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                                   AND backend_type = 'client backend') THEN
                        RETURN QUERY TABLE kept.differing;
                        RETURN;
                    END IF;
                    PERFORM pg_sleep(0.001);
                END LOOP;
                RAISE 'the server goes on working for a client that is gone';
            END $$;
            CREATE FUNCTION kept.restore() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {back} END $$""")

    def difference(self):
        """[(table, "+" or "-", row)]: the rows that are there and were not kept, and the other way round; [] when all is as it was kept."""
        if self.company.kind != "sqlite":
            return self.rows("SELECT * FROM kept.difference()")
        if self._is_kept_file():
            return []
        rows = self._sound_rows()
        return [(table, sign, line) for sign, more, less in (("+", rows, self._kept_rows), ("-", self._kept_rows, rows))
                for table, line in (more - less).elements()]

    def _is_kept_file(self):
        """Byte for byte, and nothing is written beside it."""
        for behind in ("-wal", "-journal"):
            if os.path.exists(self.company.database + behind) and os.path.getsize(self.company.database + behind):
                return False
        with open(self.company.database, "rb") as f:
            return f.read() == self._kept_file

    def _sound_rows(self):
        with contextlib.closing(sqlite3.connect(self.company.database, timeout=20, isolation_level=None)) as db:
            try:
                said = db.execute("PRAGMA integrity_check").fetchall()
                check(said == [("ok",)], lambda: f"the file is damaged: {said}")
                tables = ["sqlite_master"] + [name for name, in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
                return collections.Counter((t, repr(row)) for t in tables for row in db.execute(f'SELECT * FROM "{t}"'))
            except sqlite3.DatabaseError as why:
                raise Failure(f"the file is damaged: {why}") from None

    def restore(self):
        if self.company.kind == "sqlite":
            for behind in ("-wal", "-shm", "-journal"):
                if os.path.exists(self.company.database + behind):
                    os.unlink(self.company.database + behind)
            with open(self.company.database, "wb") as f:
                f.write(self._kept_file)
        else:  # what is set once stays as it is; to set it in the function would have everything planned anew each time
            self._ask("SET synchronous_commit = off; SET session_replication_role = replica; SELECT kept.restore()")
