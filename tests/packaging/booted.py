"""booted.py BUILD - run by booted.sh as a service of a systemd of its own: installs the program as docs/operate.md says and tries its unit.

Prints "ok - ..." or "not ok - ..." for each thing that was tried, and what was said about it.
"""
import contextlib
import glob
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import traceback

STATE = "/var/lib/rollcall"
DATABASE = STATE + "/rollcall.db"
OPERATE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/operate.md")
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # where an operator builds
HOST = "hr.rollcall.test"
bad = 0


class Wrong(Exception):
    """What is not as it should be."""


def check(fact, text):
    if not fact:
        raise Wrong(text() if callable(text) else text)


def run(*command, code=0, **how):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL, **how)
    check(code is None or done.returncode == code, lambda: f"{' '.join(command)}: exit {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def rollcall(*arguments, code=0):
    """As the service's user, which is what operate.md says."""
    return run("runuser", "-u", "rollcall", "--", "rollcall", "--database", DATABASE, *arguments, code=code)


def until(fact, what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = fact()
        if found:
            return found
        time.sleep(0.1)
    raise Wrong(f"{what} did not come about within {seconds} s; {property_of('ActiveState')}; {journal()[-1500:]}")


def property_of(*names):
    said = run("systemctl", "show", "rollcall", *(f"--property={n}" for n in names))
    found = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    return found[names[0]] if len(names) == 1 else [found[n] for n in names]


def journal():
    return run("journalctl", "--unit=rollcall", "--output=cat", "--no-pager", code=None)


def lines():
    """What the service has said itself."""
    return [json.loads(line) for line in journal().splitlines() if line.startswith("{")]


def get(path, method="GET", headers=None, text=None):
    connection = http.client.HTTPConnection("127.0.0.1", 8470, timeout=5)
    with contextlib.closing(connection):
        try:
            connection.request(method, path, text, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError:
            return 0, ""


def is_ready():
    return get("/readyz")[0] == 200


def drop_in(text):
    os.makedirs("/etc/systemd/system/rollcall.service.d", exist_ok=True)
    with open("/etc/systemd/system/rollcall.service.d/override.conf", "w", encoding="utf-8") as f:
        f.write(text)
    run("systemctl", "daemon-reload")


def tried(words):
    def wrap(f):
        global bad
        try:
            said = f()
            print(f"ok - {words}" + (f": {said}" if said else ""), flush=True)
        except (Wrong, OSError, subprocess.TimeoutExpired) as why:
            bad += 1
            print(f"not ok - {words}: {why}", flush=True)
        except BaseException:
            bad += 1
            print(f"not ok - {words}: {traceback.format_exc()}", flush=True)
        return f
    return wrap


# ---- what the service talks to: a name server, and an HR system behind TLS ------------------------------------------------


def name_server():
    """One name, one address."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 53))

    def serve():
        while True:
            asked, who = s.recvfrom(512)
            end = asked.index(b"\0", 12) + 5
            is_a = asked[end - 4:end - 2] == b"\0\x01"
            answer = asked[:2] + b"\x81\x80\0\x01\0" + (b"\x01" if is_a else b"\0") + b"\0\0\0\0" + asked[12:end]
            s.sendto(answer + (b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x7f\0\0\x01" if is_a else b""), who)

    threading.Thread(target=serve, daemon=True).start()
    if os.path.islink("/etc/resolv.conf"):
        os.unlink("/etc/resolv.conf")
    with open("/etc/resolv.conf", "w", encoding="ascii") as f:
        f.write("nameserver 127.0.0.1\n")


def authority():
    """A certificate for HOST of an authority that this machine trusts."""
    os.makedirs("/run/trial", exist_ok=True)
    at = "/run/trial/"
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=Trial CA",
        "-keyout", at + "ca.key", "-out", at + "ca.pem")
    run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={HOST}", "-keyout", at + "key",
        "-out", at + "csr")
    with open(at + "ext", "w", encoding="ascii") as f:
        f.write(f"subjectAltName=DNS:{HOST}\n")
    run("openssl", "x509", "-req", "-in", at + "csr", "-CA", at + "ca.pem", "-CAkey", at + "ca.key", "-days", "2", "-extfile", at + "ext",
        "-out", at + "crt")
    with open("/etc/ssl/certs/ca-certificates.crt", "a", encoding="ascii") as to, open(at + "ca.pem", encoding="ascii") as f:
        to.write(f.read())


def tls_in_front(port, to):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("/run/trial/crt", "/run/trial/key")
    listener = socket.create_server(("127.0.0.1", port))

    def carry(a, b):
        with contextlib.suppress(OSError):
            while data := a.recv(65536):
                b.sendall(data)
        for one in (a, b):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def one(raw):
        with contextlib.suppress(OSError):
            here, there = context.wrap_socket(raw, server_side=True), socket.create_connection(("127.0.0.1", to))
            threading.Thread(target=carry, args=(here, there), daemon=True).start()
            carry(there, here)

    def serve():
        while True:
            raw, _ = listener.accept()
            threading.Thread(target=one, args=(raw,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()


def postgres(make=True):
    """A cluster where operators have it."""
    place = "/var/lib/rollcall-trial"
    tools = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
    if make:
        run("install", "-d", "-o", "postgres", "-m", "700", place)
        run("runuser", "-u", "postgres", "--", tools + "/initdb", "-D", place, "--auth-local=trust", "--auth-host=scram-sha-256", "--encoding=UTF8",
            "--locale=C.UTF-8", cwd="/")
    run("runuser", "-u", "postgres", "--", tools + "/pg_ctl", "start", "-D", place, "-s", "-w", "-l", place + "/log", "-o",
        f"-p 5432 -k {place} -c fsync=off", cwd="/")
    if make:
        run("runuser", "-u", "postgres", "--", "psql", "-h", place, "-d", "postgres", "-q", "-c", "create role rollcall login password 'open-sesame'",
            "-c", "create database rollcall owner rollcall", cwd="/")


class Personio:
    def __init__(self, build):
        self.process = subprocess.Popen([build + "/sandbox/rollcall-sandbox", "personio", "--port", "0", "--people", "60", "--no-limits"],
                                        stdout=subprocess.PIPE, text=True)
        line = next(line for line in self.process.stdout if "http://" in line)
        self.port = int(re.search(r"http://[0-9.]+:(\d+)", line).group(1))

    def control(self, method, path, what=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            connection.request(method, "/_control/" + path, json.dumps(what) if what is not None else None)
            return connection.getresponse().read()


def has_bus():
    """systemd-run wants one."""
    return os.path.exists("/run/dbus/system_bus_socket")


def section(name):
    with open(OPERATE, encoding="utf-8") as f:
        return re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", f.read(), re.S | re.M).group(1)


def installing_commands():
    """Those that operate.md shows with a # in front, as they stand there."""
    block = re.search(r"```console\n(# meson install.*?)```", section("Installing"), re.S).group(1)
    return [line[2:] for line in block.splitlines() if line.startswith("# ")]


def commands_of(name):
    """The indented lines of a section of operate.md, without those for PostgreSQL."""
    found = re.findall(r"^    (\S.*(?:(?<=\\)\n +\S.*)*)$", section(name), re.M)
    return [c for c in found if not c.startswith(("pg_", "rollcall "))]


def as_an_operator(commands, build, database=DATABASE):
    """One after the other, in one shell; a Wrong that shows all of it when one fails."""
    words = "\n".join(commands).replace("meson install -C build/release", f"meson install --no-rebuild -C {build}")  # it was built before
    os.chdir("/run/trial" if database != DATABASE else TOP)
    done = subprocess.run(["bash", "-exc", words], capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL,
                          env={**os.environ, "ROLLCALL_DATABASE": database})
    check(done.returncode == 0, lambda: f"exit {done.returncode}: {done.stdout[-1200:]}{done.stderr[-1500:]}; {journal()[-1500:]}")
    return f"{len(commands)} commands"


def main(build):

    @tried("it is installed, and the first company added, by the commands of docs/operate.md")
    def _():
        return as_an_operator(installing_commands(), build)

    @tried("systemd takes it for ready once it serves, and says how it goes")
    def _():
        check(property_of("ActiveState", "SubState") == ["active", "running"], lambda: run("systemctl", "status", "rollcall", code=None))
        check(is_ready(), lambda: f"{get('/readyz')}")
        status = until(lambda: property_of("StatusText"), "a status", 15)
        check("serves at http://127.0.0.1:8470" in status, status)
        owner = run("stat", "-c", "%U %a", STATE, DATABASE, DATABASE + ".key").split()
        check(owner == ["rollcall", "700", "rollcall", "600", "rollcall", "600"], f"{owner}")
        return f"{property_of('NotifyAccess', 'WatchdogUSec', 'StatusText')}"

    @tried("the journal has lines that a program can read")
    def _():
        check([line for line in lines() if line.get("serve") == "started"], journal)
        return json.dumps(lines()[0])

    @tried("the manual pages are found")
    def _():
        for section in ("1", "8"):
            check("rollcall" in run("man", "-w", section, "rollcall"), "they are not")

    name_server()
    authority()
    hr = Personio(build)
    tls_in_front(8443, hr.port)

    @tried("closed as it is it finds names, checks certificates and writes its database")
    def _():
        with open(STATE + "/secret", "w", encoding="ascii", opener=lambda p, flags: os.open(p, flags, 0o600)) as f:
            f.write("papi-sandbox-secret\n")
        shutil.chown(STATE + "/secret", "rollcall")
        rollcall("integration", "add", "acme/hr", "--source", "personio", "--set", f"base-url=https://{HOST}:8443", "--set", "client-id=papi-sandbox",
                 "--set", "page-size=10", "--set", "retry-wait-ms=10", "--secret-file", f"client-secret={STATE}/secret")
        rollcall("integration", "set", "acme/hr", "--schedule", "every 1 minute")
        rollcall("token", "add", "--name", "trial", "--right", "administer")
        secret = json.loads(rollcall("--json", "token", "add", "--name", "trial 2", "--right", "administer"))["secret"]
        main.headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        status, text = get("/api/v1/companies/acme/integrations/hr/sync", "POST", main.headers, "{}")
        check(status == 202, f"{status} {text}")
        held = until(lambda: [r for r in json.loads(rollcall("--json", "run", "list", "acme/hr"))["runs"] if r["state"] == "held"], "the first import")
        rollcall("run", "approve", f"acme/{held[0]['run']}", "--reason", "looked through")
        people = json.loads(rollcall("--json", "people", "list", "acme"))["people"]
        check(len(people) == 60, f"{len(people)} people")
        return f"{len(people)} people came from https://{HOST}:8443"

    @tried("stopped in the middle of a run it ends in order, and goes on when it is started")
    def _():
        hr.control("POST", "faults", {"route": "v1.employees.list", "kind": "slow", "ms": 700, "count": 0})
        status, text = get("/api/v1/companies/acme/integrations/hr/sync", "POST", main.headers, "{}")
        check(status == 202, f"{status} {text}")
        until(lambda: [r for r in json.loads(rollcall("--json", "run", "list", "acme/hr"))["runs"] if r["state"] == "listing"], "a run that lists")
        began = time.monotonic()
        run("systemctl", "stop", "rollcall")
        took = time.monotonic() - began
        check(property_of("ActiveState", "Result", "ExecMainStatus") == ["inactive", "success", "0"],
              lambda: run("systemctl", "status", "rollcall", code=None))
        check('"import":"stopped"' in journal() and '"serve":"stopped"' in journal(), lambda: journal()[-1500:])
        hr.control("DELETE", "faults")
        run("systemctl", "start", "rollcall")
        until(lambda: lines()[-1].get("work") == "done", "the end of the job", 30)
        return f"stopped after {took:.1f} s"

    for name in ("Watching", "Backup and restore", "Upgrading"):
        @tried(f"every command of docs/operate.md about this works as it stands there: {name}")
        def _(name=name):
            said = as_an_operator(commands_of(name), build)
            check(is_ready(), lambda: f"{get('/readyz')}")
            check(run("stat", "-c", "%U", DATABASE).strip() == "rollcall", "the database is somebody else's")
            return said

    @tried("what root would make is refused, with the way out")
    def _():
        said = run("rollcall", "--database", DATABASE, "status", code=1)
        check("runuser -u rollcall -- rollcall" in said, said)

    @tried("a watchdog that is not fed has it ended and started anew, and one that is fed leaves it alone")
    def _():
        drop_in("[Service]\nWatchdogSec=6\nTimeoutAbortSec=1\nRestartSec=1\n")
        run("systemctl", "restart", "rollcall")
        time.sleep(9)
        check(property_of("NRestarts", "ActiveState") == ["0", "active"], lambda: run("systemctl", "status", "rollcall", code=None))
        pid = property_of("MainPID")
        os.kill(int(pid), 19)  # it does nothing any more
        until(lambda: property_of("MainPID") not in (pid, "0") and is_ready(), "another process", 25)
        return f"{property_of('NRestarts', 'Result')}"

    @tried("the key may be a credential of systemd's")
    def _():
        os.makedirs("/etc/rollcall", mode=0o700, exist_ok=True)
        shutil.move(DATABASE + ".key", "/etc/rollcall/key")
        shutil.chown("/etc/rollcall/key", "root", "root")
        drop_in("[Service]\nRestartSec=1\nLoadCredential=rollcall.key:/etc/rollcall/key\n")
        run("systemctl", "restart", "rollcall")
        until(is_ready, "readiness")
        status, text = get("/api/v1/companies/acme/integrations/hr/check", "POST", main.headers, "{}")
        check(status == 202, f"{status} {text}")
        name = json.loads(text)["errand"]["errand"]
        done = until(lambda: (lambda e: e if e["state"] in ("done", "failed") else None)(
            json.loads(get(f"/api/v1/companies/acme/errands/{name}", headers=main.headers)[1])["errand"]), "the errand")
        check(done["state"] == "done", f"{done}")
        if not has_bus():
            return "systemd-run was not tried: there is no D-Bus"
        return as_an_operator(commands_of("The key"), build) + " of docs/operate.md"

    @tried("another key is said, in the journal and by its exit code; the right one brings it back by itself")
    def _():
        shutil.copy("/etc/rollcall/key", "/run/trial/saved")
        with open("/etc/rollcall/key", "w", encoding="ascii") as f:
            f.write("ab" * 32 + "\n")
        run("systemctl", "restart", "rollcall", code=1)
        check(property_of("ExecMainStatus") == "1", lambda: run("systemctl", "status", "rollcall", code=None))
        said = [line for line in journal().splitlines() if line.startswith("rollcall: ")][-1]
        check("sealed with key" in said, said)
        shutil.copy("/run/trial/saved", "/etc/rollcall/key")
        until(is_ready, "readiness, without anybody's doing", 30)
        return said[:200]

    @tried("a port that is taken likewise")
    def _():
        run("systemctl", "stop", "rollcall")
        with socket.create_server(("127.0.0.1", 8470)):
            run("systemctl", "start", "rollcall", code=1)
            said = [line for line in journal().splitlines() if line.startswith("rollcall: ")][-1]
            check("127.0.0.1 port 8470: another program has the port" in said, said)
        until(is_ready, "readiness, without anybody's doing", 30)
        return said[:200]

    @tried("it can write nowhere else, and has no more rights than it needs")
    def _():
        said = run("systemd-analyze", "security", "--no-pager", "rollcall", code=None)
        score = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
        check(score and float(score.group(1)) <= 2.0, said[-400:])
        pid = property_of("MainPID")
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            caps = {line.split()[0]: line.split()[1] for line in f if line.startswith(("Cap", "Seccomp:", "NoNewPrivs"))}
        check(int(caps["CapEff:"], 16) == 0 and int(caps["CapBnd:"], 16) == 0 and caps["Seccomp:"] == "2" and caps["NoNewPrivs:"] == "1", f"{caps}")
        run("systemctl", "stop", "rollcall")
        drop_in("[Service]\nLoadCredential=rollcall.key:/etc/rollcall/key\nEnvironment=ROLLCALL_DATABASE=/srv/rollcall.db\n")
        run("systemctl", "start", "rollcall", code=1)
        said = [line for line in journal().splitlines() if line.startswith("rollcall: ")][-1]
        check("/srv/rollcall.db cannot be made" in said, said)
        return f"exposure {score.group(1)}; {said}"

    @tried("PostgreSQL instead, as docs/operate.md says")
    def _():
        run("systemctl", "stop", "rollcall")
        postgres()
        text = section("Installing")
        block = re.search(r"# systemctl edit rollcall\n(\[Service\].*?)```", text, re.S).group(1)
        with open("/etc/rollcall/environment", "w", encoding="ascii", opener=lambda p, flags: os.open(p, flags, 0o600)) as f:
            f.write("ROLLCALL_DATABASE=postgres://rollcall:open-sesame@127.0.0.1:5432/rollcall\n")
        drop_in(block)
        command = re.search(r"`(systemd-run .*? rollcall) status`", text).group(1)
        if not has_bus():  # the same by other means
            command = ("runuser -u rollcall -- env $(cat /etc/rollcall/environment) ROLLCALL_KEY_FILE=/var/lib/rollcall/rollcall.key rollcall")
        said = as_an_operator([command + " company add acme", command + " status"], build)
        run("systemctl", "start", "rollcall")
        check(is_ready(), lambda: f"{get('/readyz')}")
        subprocess.run(["pkill", "-INT", "-u", "postgres", "-o", "postgres"], check=True)  # of this namespace alone
        until(lambda: get("/readyz")[0] == 503, "that it is not ready")
        status = until(lambda: (lambda s: s if "db." in s else None)(property_of("StatusText")), "a status", 15)
        postgres(make=False)
        until(is_ready, "readiness, without anybody's doing")
        check(property_of("NRestarts") == "0", "it was started anew")
        copying = re.findall(r"^    (pg_.*|rollcall restore --by-hand)$", section("Backup and restore"), re.M)
        check(len(copying) == 3, f"{copying}")
        with open("/etc/rollcall/environment", encoding="ascii") as f:
            as_an_operator([copying[0], "systemctl stop rollcall", *copying[1:], "systemctl start rollcall"], build,
                           database=f.read().partition("=")[2].strip())
        check(is_ready(), lambda: f"{get('/readyz')}")
        return said + "; while it was gone: " + status

    hr.process.kill()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
