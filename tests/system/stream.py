"""stream.py - somebody who listens to a stream of events of the API, each of which is held against the contract."""
import contextlib
import json
import socket
import threading
import time

import contract
from harness import check, same
from serving import until

SHAPES = {"run": "OneRun", "hold": "OneRun", "job": "OneJobState", "progress": "OneProgress", "alert": "OneAlert"}
LIVE = "that is all for now"


class Stream:
    """Reads one stream in a thread of its own; each event is held against the contract."""

    def __init__(self, port, secret, path="/companies/acme/events", last=None, reads=True, ready=True):
        self.events, self.comments, self.wrong = [], [], []  # events: (id, name, data, when)
        self.ended = threading.Event()
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        head = f"GET /api/v1{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {secret}\r\n"
        self.socket.sendall((head + (f"Last-Event-ID: {last}\r\n" if last is not None else "") + "\r\n").encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.headers = {}
        for line in iter(self.file.readline, b"\r\n"):
            name, _, value = line.decode().partition(":")
            self.headers[name.strip()] = value.strip()
        if reads and self.status == 200:
            same(self.headers["Content-Type"], "text/event-stream")
            same(self.headers["Cache-Control"], "no-store")
            threading.Thread(target=self._read, daemon=True).start()
            if ready:
                until(lambda: LIVE in self.comments, "the first look", 20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def _lines(self):
        """Without the framing of chunks."""
        text = b""
        while True:
            size = self.file.readline().strip()
            if not size or int(size, 16) == 0:
                self.whole_end = bool(size)
                return
            text += self.file.read(int(size, 16))
            self.file.readline()
            *lines, text = text.split(b"\n")
            yield from lines

    def _read(self):
        event = {}
        try:
            for line in self._lines():
                name, _, value = line.decode().partition(": ")
                if line.startswith(b":"):
                    self.comments.append(value or name[1:].strip())
                elif line:
                    event[name] = value
                elif event:
                    data = json.loads(event["data"])
                    contract.judge({"$ref": f"#/components/schemas/{SHAPES[event['event']]}"}, data, event["event"])
                    self.events.append((event["id"], event["event"], data, time.monotonic()))
                    event = {}
        except (OSError, ValueError) as why:
            self.wrong.append(repr(why))
        except Exception as why:  # pylint: disable=broad-except
            self.wrong.append(str(why))
        self.ended.set()

    def of(self, *names):
        check(not self.wrong or self.ended.is_set(), lambda: f"{self.wrong}")
        return [next(iter(data.values())) for _, name, data, _ in list(self.events) if name in names]

    def states(self, run=None):
        return [r["state"] for r in self.of("run", "hold") if run in (None, r["run"])]

    def last_id(self):
        return self.events[-1][0]
