"""mailserver.py - a real mail server (Exim) as an ordinary user, on a free port of this machine, in a directory of its own.

    with MailServer() as mail:
        ... rollcall serve with mail.environment() ...
        mail.mails()            # what it has taken, in order: email.message.Message
        mail.does("refuse")     # from now on: "refuse" (550), "later" (451), "stall" (says nothing), "" (takes everything)

Nothing is sent on: each mail becomes a file. tls=True: STARTTLS with a certificate of its own authority (mail.ca), and a password.
"""
import email
import email.policy
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from harness import Failure, check

EXIM = "/usr/sbin/exim4"
USER, PASSWORD = "rollcall", "mail-s3cr3t"

CONFIG = """
exim_user = {uid}
exim_group = {gid}
admin_groups = {gid}
primary_hostname = mail.acme.example
qualify_domain = acme.example
spool_directory = {top}/spool
log_file_path = {top}/%slog
pid_file_path = {top}/pid
exim_path = {exim}
local_interfaces = 127.0.0.1
deliver_drop_privilege = true
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
smtp_accept_max_per_host = 20
tls_advertise_hosts = {tls}
tls_certificate = {top}/cert.pem
tls_privatekey = {top}/key.pem
auth_advertise_hosts = {tls}
acl_smtp_rcpt = rcpt
acl_smtp_data = data
begin acl
rcpt:
  deny  local_parts = nobody-here
        message = 5.1.1 there is no such mailbox
  deny  condition = ${{if exists{{{top}/refuse}}}}
        message = 5.7.1 not from you
  defer condition = ${{if exists{{{top}/later}}}}
        message = 4.7.1 try again later
  warn  condition = ${{if exists{{{top}/stall}}}}
        delay = 40s
  deny  condition = {wants_password}
        !authenticated = *
        message = 5.7.0 who are you
  accept
data:
  warn  condition = ${{if exists{{{top}/stall-data}}}}
        delay = 40s
  accept
begin routers
all:
  driver = accept
  transport = file
begin transports
file:
  driver = appendfile
  directory = {top}/mail
  directory_file = $message_exim_id
  maildir_format = false
  create_directory = false
  envelope_to_add = true
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
"""


class MailServer:
    def __init__(self, tls=False):
        check(os.access(EXIM, os.X_OK), f"{EXIM} is not there: script/bootstrap installs it (exim4-daemon-light)")
        self.top = tempfile.mkdtemp(prefix="rollcall-mail.")
        self.tls = tls
        who = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self.uid, self.gid = who.pw_uid, who.pw_gid
        self.process = None
        try:
            self._prepare()
            self._start()
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _prepare(self):
        for name in ("spool", "mail"):
            os.mkdir(os.path.join(self.top, name), 0o700)
        if self.tls:
            self._certificates()
        with open(os.path.join(self.top, "exim.conf"), "w", encoding="ascii") as f:
            f.write(CONFIG.format(top=self.top, exim=EXIM, uid=self.uid, gid=self.gid, tls="*" if self.tls else "", user=USER,
                                  password=PASSWORD, wants_password="true" if self.tls else "false"))
        if os.getuid() == 0:
            for folder, folders, files in os.walk(self.top):
                for name in ["."] + folders + files:
                    os.chown(os.path.join(folder, name), self.uid, self.gid)
        os.chmod(os.path.join(self.top, "exim.conf"), 0o644)

    def _certificates(self):
        """An authority, and a certificate for 127.0.0.1 by it."""
        def openssl(*arguments):
            done = subprocess.run(["openssl", *arguments], cwd=self.top, capture_output=True, text=True, timeout=60, check=False)
            check(done.returncode == 0, done.stderr)
        self.ca = os.path.join(self.top, "ca.pem")
        new = ("-newkey", "rsa:2048", "-nodes", "-days", "3650")
        openssl("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=a test's authority")
        openssl("req", *new, "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=127.0.0.1")
        with open(os.path.join(self.top, "names"), "w", encoding="ascii") as f:
            f.write("subjectAltName=IP:127.0.0.1\n")
        openssl("x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "3650",
                "-extfile", "names", "-out", "cert.pem")

    def _start(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        how = {"user": self.uid, "group": self.gid, "extra_groups": [self.gid]} if os.getuid() == 0 else {}
        self.process = subprocess.Popen([EXIM, "-C", os.path.join(self.top, "exim.conf"), "-bdf", "-oX", f"127.0.0.1:{self.port}"], cwd="/",
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        start_new_session=True, **how)
        end = time.monotonic() + 20
        while time.monotonic() < end and self.process.poll() is None:
            with socket.socket() as one:
                one.settimeout(2)
                if one.connect_ex(("127.0.0.1", self.port)) == 0 and one.recv(100).startswith(b"220 "):
                    return
            time.sleep(0.1)
        raise Failure(f"Exim did not start: {self.process.stderr.read() if self.process.poll() is not None else self.log()}")

    def stop(self):
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)  # the talks and deliveries that it has begun, too
            except ProcessLookupError:
                pass
            self.process.wait()
            self.process.stderr.close()
            self.process = None
        shutil.rmtree(self.top, ignore_errors=True)

    def log(self):
        text = ""
        for name in ("mainlog", "paniclog", "rejectlog"):
            path = os.path.join(self.top, name)
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as f:
                    text += f.read()
        return text

    def environment(self, sender="rollcall@acme.example", **more):
        """What rollcall has to know of it."""
        env = {"ROLLCALL_SMTP_URL": f"smtp://127.0.0.1:{self.port}", "ROLLCALL_SMTP_FROM": sender}
        if self.tls:
            env.update({"ROLLCALL_SMTP_CA_FILE": self.ca, "ROLLCALL_SMTP_USER": USER, "ROLLCALL_SMTP_PASSWORD": PASSWORD})
        return {**env, **more}

    def does(self, what):
        for name in ("refuse", "later", "stall", "stall-data"):
            path = os.path.join(self.top, name)
            if name == what:
                with open(path, "w", encoding="ascii"):
                    pass
            elif os.path.exists(path):
                os.unlink(path)

    def mails(self, to=None):
        """In the order in which it took them; to: of one address."""
        folder = os.path.join(self.top, "mail")
        found = []
        whole = [name for name in os.listdir(folder) if not name.startswith("temp.")]  # it gets its name when it is written
        for name in sorted(whole, key=lambda n: os.stat(os.path.join(folder, n)).st_mtime_ns):
            with open(os.path.join(folder, name), "rb") as f:
                message = email.message_from_binary_file(f, policy=email.policy.default)
            if message["To"] is not None and to in (None, str(message["To"]).strip("<>")):
                found.append(message)
        return found
