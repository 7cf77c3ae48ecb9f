"""test_csv.py - people who come from a CSV file, and files that are not whole."""
import os

from harness import holds, same, scenario
from test_bad_input import refused

HEADER = "id;first_name;last_name;email;status;hire_date;termination_date;department;job_title;supervisor\n"


def _rows(n, **change):
    people = [[str(i), f"Änne{i}", "O'Neill; \"Ann\"" if i == 3 else f"Muster{i}", f"P{i}@example.org", "active", "2020-01-31", "",
               "Vertrieb", "Lead", "1" if i > 1 else ""] for i in range(1, n + 1)]
    for i, values in change.items():
        people[int(i[1:]) - 1] = values and [values.get(h, v) for h, v in zip(HEADER.strip().split(";"), people[int(i[1:]) - 1])]
    return ["".join('"' + cell.replace('"', '""') + '"' + ";" for cell in p)[:-1] + "\n" for p in people if p]


@scenario
def people_come_from_files(case):
    company = case.company()
    path = company.file("people.csv", "\ufeff" + HEADER + "".join(_rows(30)) + "#count=30\n")
    company.ok("integration", "add", "acme/hr", "--source", "csv", "--set", f"file={path}", "--set", "complete=trailer")
    code, said = company.rollcall("integration", "check", "acme/hr")
    same((code, said["people"]), (0, 30))
    company.arrive()
    people = company.people()
    same(len(people), 30)
    same({k: people["3"]["user"][k] for k in ("first_name", "last_name", "email", "hire_date", "leave_date", "job_title", "manager")},
         {"first_name": "Änne3", "last_name": "O'Neill; \"Ann\"", "email": "p3@example.org", "hire_date": "2020-01-31", "leave_date": None,
          "job_title": "Lead", "manager": "1"})
    # one changed, one out, one new; in another alphabet and with other dates
    rows = _rows(31, p5={"last_name": "Größer"}, p6=None)
    text = "".join(row.replace("2020-01-31", "31.01.2020") for row in [HEADER, *rows]) + "#count=30\n"
    company.file("people.csv", text.encode("cp1252"))
    code, answer = company.import_("--preview")  # nothing can be read of these values: what is known stays
    same((code, answer["run"]["counts"]["fields"]), (0, {"lifecycle": 1}))
    same((answer["run"]["counts"]["problems"]["bad-value"], answer["run"]["counts"]["problems"]["bad-date"]), (30, 30))
    company.reject(answer["run"]["run"])
    company.ok("integration", "set", "acme/hr", "--set", "encoding=latin-1", "--set", "date-format=dd.mm.yyyy")
    run = company.import_all()
    same({c for c in company.changes(run["run"]) if c[0] != "31"}, {("5", "last_name"), ("6", "lifecycle")})
    same(company.person("5")["problems"], [])
    same(company.person("6")["lifecycle"], "left")
    same(company.person("31")["lifecycle"], "active")
    same(company.import_("--person", 5)[0], 0)
    same(company.rollcall("import", "acme/hr", "--person", "77")[1]["error"]["name"], "person.unknown")


@scenario
def files_that_are_not_whole_change_nothing(case):
    company = case.company()
    whole = HEADER + "".join(_rows(20)) + "#count=20\n"
    path = company.file("people.csv", whole)
    company.ok("integration", "add", "acme/hr", "--source", "csv", "--set", f"file={path}", "--set", "complete=trailer")
    company.arrive()
    known = company.people()
    rows = _rows(20)
    for name, content, phrases in (
            ("csv.no-trailer", HEADER + "".join(rows[:15]), ("#count",)),
            ("csv.no-trailer", whole[: len(whole) * 2 // 3].rpartition("\n")[0] + "\n", ("#count",)),
            ("csv.quote", HEADER + "".join(rows[:19]) + rows[19][:-2] + "\n#count=20\n", ()),
            ("listing.incomplete", HEADER + "".join(rows[:19]) + "#count=20\n", ("20", "19")),
            ("csv.trailer", HEADER + "#count=20\n" + "".join(rows) + "#count=20\n", ("#count",)),
            ("csv.header", "".join(rows), ("id",)),
            ("csv.header", "", ("header",)),
            ("csv.header", HEADER.replace("job_title", "email") + "".join(rows), ("email",)),
            ("csv.header", whole.replace("supervisor", "B\u00fcro").encode("latin-1"), ("encoding",)),
            ("csv.encoding", whole.encode("utf-16"), ()),
            ("csv.too-long", HEADER + "1;" + "x" * (3 << 20) + "\n#count=1\n", ())):
        company.file("people.csv", content)
        refused(company.import_(), name, *phrases)
        same(company.people(), known, f"the directory after {name}")
    # a row that is odd, or somebody twice: nobody can be called gone, so nothing is believed
    for content in (HEADER + "".join(rows[:18]) + "19;only;three\n" + rows[19] + "#count=20\n",
                    HEADER + "".join(rows[:19]) + rows[2].replace("Lead", "Boss") + "#count=20\n"):
        company.file("people.csv", content)
        code, said = company.import_()
        same((code, said["error"]["name"]), (1, "listing.incomplete"))
        same(company.people(), known)
    os.unlink(path)
    refused(company.import_(), "csv.file", "people.csv")
    os.mkfifo(path)
    refused(company.import_(timeout=20), "csv.file")
    os.unlink(path)
    os.mkdir(path)
    refused(company.import_(), "csv.file")
    os.rmdir(path)
    company.file("people.csv", whole)
    same(company.import_()[1]["run"]["counts"]["unchanged"], 20)
    # a file that does not say that it is whole closes nobody
    company.ok("integration", "set", "acme/hr", "--set", "complete=no")
    company.file("people.csv", HEADER + "".join(rows[:19]))
    code, said = company.import_()
    same((code, said["error"]["name"]), (1, "listing.incomplete"))
    same(company.people(), known)
    for setting in ("complete=maybe", "delimiter=x", "encoding=ebcdic", "date-format=yy"):
        code, said = company.rollcall("integration", "set", "acme/hr", "--set", setting)
        same((code, said["error"]["name"]), (2, "misused"), setting)
        holds(said["error"]["text"], setting.split("=")[0])
