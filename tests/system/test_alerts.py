"""test_alerts.py - rollcall serve tells people, by a real mail server.

What the mails are about is made to happen in the sandboxes; a day passes by starting the service anew with a clock that is ahead.
"""
import time

from harness import check, holds, same, scenario
from mailserver import PASSWORD, MailServer
from scenes import Scene
from serving import Serve, schedule, until

ADMIN, OTHER, OPERATOR = "ana@acme.example", "mira@acme.example", "ops@hoster.example"
HOUR = 3600


def subjects(mail, to=None):
    return [str(m["Subject"]) for m in mail.mails(to)]


def text(message):
    return message.get_content()


def arrived(mail, n, to=None, seconds=30):
    return until(lambda: len(mail.mails(to)) >= n and mail.mails(to), f"mail {n} to {to or 'anybody'}: {subjects(mail)}; {mail.log()[-1500:]}", seconds)


def stays(mail, n, to=None, seconds=7):
    """Longer than it takes to look once more."""
    time.sleep(seconds)
    same(len(mail.mails(to)), n, f"mails {subjects(mail)}")


def six_leave(s):
    people = [s.hire(first_name=f"Ada{i}", last_name=f"Lovelace{i}") for i in range(6)]
    s.approve_import()
    for person in people:
        s.edit(person, status="inactive", termination_date="2026-01-31")
    return people


def server(case, **how):
    return case.stack.enter_context(MailServer(**how))


@scenario
def a_hold_that_delays_leavers_is_one_mail_and_one_more_when_it_is_approved(case):
    mail = server(case)
    s = Scene(case, people=12)
    people = six_leave(s)
    s.company.ok("alert", "set", "acme", "--to", ADMIN, "--to", OTHER)
    schedule(s.company)
    with Serve(s.company, shift=61, env=mail.environment(ROLLCALL_ALERT_TO=OPERATOR)) as serve:
        message = arrived(mail, 1, ADMIN)[0]
        same(str(message["Subject"]), "Acme: 6 people who left can still sign in until you decide")
        same(str(message["From"]), "rollcall <rollcall@acme.example>")
        same(str(message["Auto-Submitted"]), "auto-generated")
        run = s.company.rollcall("status")[1]["integrations"][0]["held_run"]["run"]
        holds(text(message), f"rollcall run show acme/{run}\n      safe", f"rollcall run approve acme/{run}", "Ada0 Lovelace0",
              f"({people[0]} in HR)", "nothing of this run has been carried out", "(Europe/Berlin)")
        check("@" not in text(message), text(message))
        arrived(mail, 1, OTHER)
        metrics = serve.metrics()
        same(metrics['rollcall_alerts_open{cause="held-leavers"}'], 1)
        stays(mail, 2)
        same(mail.mails(OPERATOR), [], "the operator is not told of what is the company's to decide")
        shown = s.company.ok("alert", "list", "acme")["alerts"]
        same([(a["subject"], a["cause"], a["run"], a["told"], {m["state"] for m in a["mails"]}) for a in shown],
             [("hr", "held-leavers", run, 1, {"sent"})])
        holds(shown[0]["mails"][0]["answer"], "250 OK id=")
        s.company.approve(run)
        message = arrived(mail, 2, ADMIN)[1]
        same(str(message["Subject"]), f"Acme: over: run {run} was approved")
        holds(text(message), "on the command line")
        stays(mail, 4)
        same(s.company.ok("alert", "list", "acme")["alerts"], [])
        log = serve.log()
        check(ADMIN not in log and "Lovelace" not in log, log)
        serve.stop()


@scenario
def refused_credentials_are_told_at_once_to_company_and_operator_and_that_they_are_good_again(case):
    mail = server(case)
    s = Scene(case)
    s.company.ok("alert", "set", "acme", "--to", ADMIN)
    schedule(s.company)
    s.hr.fault("v1.auth", "status", status=403)
    with Serve(s.company, shift=61, env=mail.environment(ROLLCALL_ALERT_TO=OPERATOR)) as serve:
        message = arrived(mail, 1, OPERATOR)[0]
        same(str(message["Subject"]), "Acme: HR system hr refuses our credentials")
        holds(text(message), "rollcall integration check acme/hr\n      safe", "It is tried again at", "who leaves keeps theirs")
        arrived(mail, 1, ADMIN)
        stays(mail, 2)
        s.hr.no_faults()
        s.company.ok("integration", "set", "acme/hr", "--set", "page-size=50")  # tried again at once
        same(str(arrived(mail, 2, ADMIN)[1]["Subject"]), "Acme: over: HR system hr is read again")
        arrived(mail, 2, OPERATOR)
        stays(mail, 4)
        serve.stop()


@scenario
def a_platform_that_is_down_is_told_after_an_hour_and_once_a_day(case):
    mail = server(case)
    s = Scene(case)
    ana = s.hire(first_name="Ana")
    s.sync()
    s.edit(ana, position="Foreman")
    s.company.ok("alert", "set", "acme", "--to", ADMIN)
    schedule(s.company)
    s.there.fault("*", "status", status=503)
    failed = 'rollcall_jobs_failed_total{kind="delivery"}'
    with Serve(s.company, shift=61, env=mail.environment()) as serve:
        until(lambda: serve.metrics()[failed] >= 1, "the first failure", 60)
        stays(mail, 0)
        serve.stop(30)
    for hours, mails in ((0.9, 0), (2.2, 1), (20, 1), (27, 2)):
        with Serve(s.company, shift=61 + hours * HOUR, env=mail.environment()) as serve:
            until(lambda: serve.metrics()[failed] >= 1, f"the failure after {hours} hours", 60)
            if mails:
                arrived(mail, mails)
            stays(mail, mails)
            serve.stop(30)
    same(subjects(mail), ["Acme: nothing reaches learning platform la", "Acme: nothing reaches learning platform la (still)"])
    s.there.no_faults()
    with Serve(s.company, shift=61 + 29 * HOUR, env=mail.environment()) as serve:
        same(str(arrived(mail, 3, seconds=60)[2]["Subject"]), "Acme: over: learning platform la takes changes again")
        stays(mail, 3)
        serve.stop(30)


@scenario
def a_mail_server_that_hangs_or_says_later_loses_nothing_and_syncs_go_on(case):
    mail = server(case)
    s = Scene(case)
    ana = s.hire(first_name="Ana")
    s.sync()
    s.company.ok("alert", "set", "acme", "--to", ADMIN)
    s.company.connect(s.hr, key="acme/second", secret="wrong")
    same(s.company.import_(integration="acme/second")[0], 1)  # met by a command, told by the service
    s.edit(ana, position="Foreman")
    schedule(s.company)
    mail.does("stall")
    with Serve(s.company, shift=57, env=mail.environment()) as serve:
        until(lambda: "F=<rollcall@acme.example>" in mail.log() or serve.metrics()["rollcall_alert_mails_waiting"] == 1, "a mail that waits")
        until(lambda: s.account(ana)["jobTitle"] == "Foreman", "the new title, while the mail server says nothing", 20)
        until(lambda: any(line.get("mail") == "waits" for line in serve.lines()), f"the time-out {serve.log()[-500:]}", 50)
        same(next(line for line in serve.lines() if line.get("mail") == "waits")["name"], "mail.timeout")
        began = time.monotonic()
        serve.stop(15)
        check(time.monotonic() - began < 8, "it took its time")
    same(mail.mails(), [])
    mail.does("later")
    with Serve(s.company, shift=57 + 1000, env=mail.environment()) as serve:
        waiting = until(lambda: [m for a in s.company.ok("alert", "list")["alerts"] for m in a["mails"] if (m["answer"] or "").startswith("451")],
                        "an answer")
        same(waiting[0]["state"], "waiting")
        stays(mail, 0)
        serve.stop()
    mail.does("")
    with Serve(s.company, shift=57 + 3000, env=mail.environment()) as serve:
        same(str(arrived(mail, 1)[0]["Subject"]), "Acme: HR system second refuses our credentials")
        stays(mail, 1)
        same(serve.metrics()["rollcall_alert_mails_waiting"], 0)
        serve.stop()


@scenario
def an_address_that_is_refused_is_shown_and_the_operator_told_instead(case):
    mail = server(case)
    s = Scene(case, people=12)
    six_leave(s)
    s.company.ok("alert", "set", "acme", "--to", "nobody-here@acme.example")
    schedule(s.company)
    with Serve(s.company, shift=61, env=mail.environment(ROLLCALL_ALERT_TO=OPERATOR)) as serve:
        message = arrived(mail, 1, OPERATOR)[0]
        holds(str(message["Subject"]), "6 people who left")
        check("Lovelace" not in text(message), text(message))
        shown = s.company.run("alert", "list", "acme").out
        holds(shown, "nobody-here@acme.example", "refused: 550", "there is no such mailbox")
        stays(mail, 1)
        check(any(line.get("mail") == "refused" and line["level"] == "error" for line in serve.lines()), serve.log())
        serve.stop()


@scenario
def killed_while_it_tells_it_tells_once_more_with_the_same_id(case):
    mail = server(case)
    s = Scene(case, people=12)
    six_leave(s)
    s.company.ok("alert", "set", "acme", "--to", ADMIN)
    schedule(s.company)
    mail.does("stall-data")
    with Serve(s.company, shift=61, env=mail.environment()) as serve:
        until(lambda: serve.metrics()["rollcall_alert_mails_waiting"] == 1, "a mail that waits")
        time.sleep(1)
        serve.kill()
    mail.does("")
    with Serve(s.company, shift=61 + 300, env=mail.environment()) as serve:
        arrived(mail, 1)
        until(lambda: serve.metrics()["rollcall_alert_mails_waiting"] == 0, "its end")
        serve.stop()
    check(1 <= len(mail.mails()) <= 2, f"{subjects(mail)}")
    same(len({str(m["Message-ID"]) for m in mail.mails()}), 1, "ids")


@scenario
def of_two_services_one_tells(case):
    mail = server(case)
    s = Scene(case, people=12)
    six_leave(s)
    s.company.ok("alert", "set", "acme", "--to", ADMIN)
    schedule(s.company)
    with Serve(s.company, shift=61, env=mail.environment()) as one, Serve(s.company, shift=61, env=mail.environment()) as two:
        arrived(mail, 1)
        stays(mail, 1, seconds=12)
        one.stop()
        two.stop()


@scenario(databases=["sqlite"])
def a_test_mail_is_encrypted_and_signed_in_and_the_answer_printed(case):
    mail = server(case, tls=True)
    company = case.company()
    done = company.run("alert", "test", "--to", ADMIN, env=mail.environment())
    same(done.code, 0, f"{done}")
    holds(done.out, "the mail server took it: 250 OK id=")
    arrived(mail, 1)
    same(subjects(mail), ["rollcall: a test mail"])
    holds(str(mail.mails()[0]["Received"]), "esmtpsa")  # encrypted, and signed in

    def fails(name, **env):
        code, answer = company.rollcall("alert", "test", "--to", ADMIN, env=mail.environment(**env))
        same(answer["error"]["name"], name, f"{answer}")
        check(PASSWORD not in f"{answer}", f"{answer}")
        return code

    same(fails("mail.credentials", ROLLCALL_SMTP_PASSWORD="wrong"), 1)
    same(fails("mail.certificate", ROLLCALL_SMTP_CA_FILE="/etc/ssl/certs/ca-certificates.crt"), 1)
    same(fails("mail.refused", ROLLCALL_SMTP_CA_FILE=None, ROLLCALL_SMTP_USER=None, ROLLCALL_SMTP_PASSWORD=None), 1)
    same(fails("mail.unreachable", ROLLCALL_SMTP_URL="smtp://127.0.0.1:1"), 1)
    same(fails("misused", ROLLCALL_SMTP_URL="mail.example.org"), 2)
    same(fails("misused", ROLLCALL_SMTP_PASSWORD=None), 2)
    same(fails("misused", ROLLCALL_SMTP_FROM="a@b.org\r\nBcc: x@y.org"), 2)
    env = mail.environment(ROLLCALL_SMTP_PASSWORD=None, ROLLCALL_SMTP_PASSWORD_FILE=company.file("password", PASSWORD + "\n"))
    same(company.run("alert", "test", "--to", ADMIN, env=env).code, 0)
    with MailServer() as plain:
        same(fails("mail.plain", ROLLCALL_SMTP_URL=plain.environment()["ROLLCALL_SMTP_URL"]), 1)
        same(plain.mails(), [])
    arrived(mail, 2)


@scenario
def the_password_of_the_mail_server_shows_up_nowhere(case):
    mail = server(case, tls=True)
    s = Scene(case, people=12)
    six_leave(s)
    s.company.ok("alert", "set", "acme", "--to", ADMIN)
    schedule(s.company)
    with Serve(s.company, shift=61, level=("--log", "debug"), env=mail.environment()) as serve:
        arrived(mail, 1)
        check(PASSWORD not in serve.log(), "it is in the log")
        with open(f"/proc/{serve.process.pid}/cmdline", "rb") as f:
            check(PASSWORD.encode() not in f.read(), "it is among the arguments")
        serve.stop()
    check(PASSWORD.encode() not in s.company.directory_bytes(), "it is in the database")
    for arguments in (("serve", "--smtp", "smtp://u:p@127.0.0.1"), ("serve", "--smtp-password", "x"), ("serve", "--smtp-from", "a@b.org"),
                      ("serve", "--alert-to", OPERATOR)):
        done = s.company.run(*arguments)
        same(done.code, 2, f"{arguments}: {done}")
