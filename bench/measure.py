"""measure.py - what the benchmarks share: processes with their CPU and memory, a sandbox, rollcall beside it, medians, tables."""
import json
import os
import statistics
import subprocess
import time
import urllib.request

CLIENT = "papi-sandbox"
SECRET = "papi-sandbox-secret"
NOISE_MOST_PERCENT = 5


class Failed(Exception):
    """A program did not do what is to be measured: there is no number."""


class Took:
    """One process: wall and CPU seconds, peak memory, what it printed."""

    def __init__(self, wall_s, usage, out):
        self.wall_s = wall_s
        self.cpu_s = usage.ru_utime + usage.ru_stime
        self.peak_mb = usage.ru_maxrss / 1024
        self.out = out


def run(command, env=None, codes=(0,)):
    """Runs a command to its end. Its exit code has to be one of codes."""
    began = time.monotonic()
    process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, said = process.stdout.read(), process.stderr.read()  # both are short: neither pipe fills up
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    process.stderr.close()
    if process.returncode not in codes:
        raise Failed(f"{' '.join(command[:3])} ... ended with {process.returncode}:\n{out.decode()}{said.decode()}")
    return Took(wall_s, usage, out.decode())


class Sandbox:
    """A make-believe Personio without rate limits; a context manager."""

    def __init__(self, program, people):
        self.people = people
        self.process = subprocess.Popen([program, "personio", "--port", "0", "--people", str(people), "--seed", "1", "--no-limits"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if "http://" not in line:
            raise Failed("the sandbox did not start")
        self.origin = line.split()[-1]
        self.direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        ask = urllib.request.Request(self.origin + path, data=data, method=method, headers={"Content-Type": "application/json"})
        with self.direct.open(ask, timeout=600) as answer:
            return json.load(answer)

    def token(self):
        return self.ask("POST", "/v1/auth", {"client_id": CLIENT, "client_secret": SECRET})["data"]["token"]

    def prepare(self, attributes):
        """Makes all pages ahead, so that answering costs next to nothing."""
        self.ask("POST", "/_control/prepare", {"limit": 100, "attributes": attributes, "client_id": CLIENT})

    def cpu_s(self):
        return self.ask("GET", "/_control/usage")["cpu_s"]


def machine_busy_s():
    """CPU seconds that anything on this machine has used."""
    with open("/proc/stat", encoding="ascii") as f:
        user, nice, system, _, _, irq, softirq = map(int, f.readline().split()[1:8])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


class Noise:
    """How much of the machine others took while something was measured."""

    def __init__(self):
        self.wall_s = self.others_s = 0.0

    def add(self, wall_s, busy_s, ours_s):
        self.wall_s += wall_s
        self.others_s += busy_s - ours_s

    def percent(self):
        return 100 * max(0.0, self.others_s) / (self.wall_s * os.cpu_count()) if self.wall_s else 0

    def print(self):
        noise = self.percent()
        print(f"\nOther programs took {noise:.1f} % of the {os.cpu_count()} CPUs while something was measured."
              + (" THAT IS NOISY: repeat on an idle machine." if noise > NOISE_MOST_PERCENT else ""))


def median(values):
    return statistics.median(values)


class Side:
    """One competitor's numbers, a list per round: wall and CPU seconds, the sandbox's CPU, peak memory."""

    def __init__(self, name, start_s=0.0):
        self.name, self.start_s = name, start_s
        self.wall, self.cpu, self.sandbox, self.peak = [], [], [], []

    def wall_s(self):
        return median(self.wall)

    def own_s(self):
        """Without what starting the processes costs."""
        return max(self.wall_s() - self.start_s, 1e-9)


class Bench:
    """Measures, and keeps what else went on meanwhile."""

    def __init__(self):
        self.noise = Noise()
        self.starts = {}

    def measure(self, side, sandbox, *commands):
        """Runs commands one after the other, as one measurement. Each is (argv, env, exit codes). sandbox: None when none is asked."""
        os.sync()  # what others wrote, the compiler too, would be written to the disk meanwhile
        before_s, busy_s = sandbox.cpu_s() if sandbox else 0.0, machine_busy_s()
        done = [run(*command) for command in commands]
        busy_s = machine_busy_s() - busy_s
        served_s = sandbox.cpu_s() - before_s if sandbox else 0.0
        wall_s, cpu_s = sum(d.wall_s for d in done), sum(d.cpu_s for d in done)
        side.wall.append(wall_s)
        side.cpu.append(cpu_s)
        side.sandbox.append(served_s)
        side.peak.append(max(d.peak_mb for d in done))
        self.noise.add(wall_s, busy_s, cpu_s + served_s)
        return done

    def start_s(self, *command):
        """What the process costs by itself: a median of 5, kept."""
        if command not in self.starts:
            self.starts[command] = median([run(command).wall_s for _ in range(5)])
        return self.starts[command]


class Ours:
    """rollcall with a database of its own; its key and secret lie in the folder work."""

    def __init__(self, program, work, sandbox, where):
        self.program, self.work, self.sandbox = program, work, sandbox
        self.env = dict(os.environ, ROLLCALL_DATABASE=where, ROLLCALL_KEY_FILE=os.path.join(work, "key"))

    def set_up(self):
        secret = os.path.join(self.work, "secret")
        with open(secret, "w", encoding="ascii") as f:
            f.write(SECRET + "\n")
        run([self.program, "company", "add", "bench", "--name", "Bench", "--zone", "Europe/Berlin"], self.env)
        run([self.program, "integration", "add", "bench/hr", "--source", "personio", "--set", f"base-url={self.sandbox.origin}",
             "--set", f"client-id={CLIENT}", "--set", "per-minute=0", "--secret-file", f"client-secret={secret}"], self.env)

    def import_command(self, code):
        return [self.program, "import", "bench/hr"], self.env, (code,)

    def first_commands(self):
        """A first import is held until somebody approves it: exit code 3, and a second command."""
        return self.import_command(3), ([self.program, "run", "approve", "bench/1", "--reason", "measured"], self.env, (0,))


def remove(path):
    for end in ("", "-wal", "-shm"):
        if os.path.exists(path + end):
            os.remove(path + end)


class Verdicts:
    """The last table: what was to be reached, what was, and whether that is enough."""

    def __init__(self):
        self.rows, self.missed = [], 0

    def at_least(self, what, measured, target, unit="×", valid=True):
        self._add(what, f"≥ {target:g} {unit}", f"{measured:.2f} {unit}", valid and measured >= target, valid)

    def at_most(self, what, measured, target, unit, digits=0):
        self._add(what, f"≤ {target:g} {unit}", f"{measured:.{digits}f} {unit}", measured <= target)

    def holds(self, what, target, measured, is_true):
        self._add(what, target, measured, is_true)

    def reported(self, what, measured):
        self.rows.append((what, "report", measured, ""))

    def _add(self, what, target, measured, good, valid=True):
        self.rows.append((what, target, measured, "reached" if good else "MISSED" if valid else "NO BASELINE"))
        self.missed += not good

    def print(self):
        table(("what", "target", "measured", "verdict"), self.rows)


def table(head, rows):
    """Flushed, so that what is known is seen although the rest takes minutes."""
    rows = [tuple(map(str, row)) for row in rows]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, tuple("-" * width for width in widths), *rows]:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip(), flush=True)


def print_sides(sides, people):
    table(("", "people/s", "wall s", "without start", "min", "max", "CPU s", "sandbox CPU s", "peak MB"),
          [(s.name, f"{people / s.wall_s():,.0f}", f"{s.wall_s():.3f}", f"{s.own_s():.3f}", f"{min(s.wall):.3f}", f"{max(s.wall):.3f}",
            f"{median(s.cpu):.3f}", f"{median(s.sandbox):.3f}", f"{max(s.peak):.0f}") for s in sides])
    print()
