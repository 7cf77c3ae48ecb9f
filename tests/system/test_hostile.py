"""test_hostile.py - bytes that no honest client sends, at the real daemon: whatever comes, each answer is a well-formed one, never 5xx,
what is refused is refused as promised, memory stays bounded, and everybody else is served."""
import json
import re
import socket
import time

from harness import check, same, scenario
from serving import Serve, until
from test_api import token

CLOSED = 0  # no answer at all: the connection was ended
PATIENCE_S = 24  # a request has twenty seconds
API = "/api/v1/companies/acme"


def get(path, *headers, method="GET", version="HTTP/1.1", by="TOKEN", host="Host: x"):
    more = [host] * bool(host) + [f"Authorization: Bearer {by}"] * bool(by) + list(headers)
    return "\r\n".join([f"{method} {path} {version}", *more, "", ""])


def post(path, body, *headers, kind="application/json", length=None):
    size = len(body.encode("utf-8", "surrogateescape")) if length is None else length
    kinds = [f"Content-Type: {kind}"] * bool(kind)
    return get(path, *kinds, f"Content-Length: {size}", *headers, method="POST") + body


SYNC, PAUSE, TOKENS = API + "/integrations/hr/sync", API + "/destinations/la/pause", API + "/tokens"
HIDDEN = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"  # what a smuggler hopes to be taken for a second request
CHUNKED = "Transfer-Encoding: chunked"

# what: (bytes, statuses that are right). "TOKEN" stands for a token that may everything, "HOOK" for the address of a webhook.
SHAPES = {
    "length and chunks": (get(SYNC, "Content-Type: application/json", "Content-Length: 4", CHUNKED, method="POST") + "0\r\n\r\n" + HIDDEN, {400, CLOSED}),
    "two lengths": (get(SYNC, "Content-Type: application/json", "Content-Length: 2", "Content-Length: 40", method="POST") + "{}" + HIDDEN, {400, CLOSED}),
    "a list of lengths": (get(SYNC, "Content-Length: 2, 2", method="POST") + "{}", {400, CLOSED}),
    "a negative length": (get(SYNC, "Content-Length: -2", method="POST") + "{}", {400, CLOSED}),
    "a length with a plus": (get(SYNC, "Content-Length: +2", method="POST") + "{}", {400, CLOSED}),
    "a length in hexadecimal": (get(SYNC, "Content-Length: 0x2", method="POST") + "{}", {400, CLOSED}),
    "a length beyond numbers": (get(SYNC, "Content-Length: 99999999999999999999999", method="POST"), {400, 413, CLOSED}),
    "a length that is announced too long": (get(SYNC, "Content-Length: 9999999", method="POST"), {413, CLOSED}),
    "chunks of another name": (get(SYNC, "Transfer-Encoding: xchunked", method="POST") + "0\r\n\r\n", {400, 501, CLOSED}),
    "chunks with a vertical tab": (get(SYNC, "Transfer-Encoding: \x0bchunked", method="POST") + "0\r\n\r\n", {400, 501, CLOSED}),
    "a chunk of negative size": (get(SYNC, CHUNKED, method="POST") + "-1\r\n{}\r\n0\r\n\r\n", {400, CLOSED}),
    "a chunk of a huge size": (get(SYNC, CHUNKED, method="POST") + "ffffffffffffffffff\r\n{}", {400, 413, CLOSED}),
    "chunks without numbers": (get(SYNC, CHUNKED, method="POST") + "zz\r\n{}\r\n", {400, CLOSED}),
    "more chunks than a body may be": (get(SYNC, "Content-Type: application/json", CHUNKED, method="POST") + "4000\r\n" + "x" * 0x4000 + "\r\n" +
                                       ("4000\r\n" + "x" * 0x4000 + "\r\n") * 5 + "0\r\n\r\n", {400, 413, CLOSED}),
    "a folded header": (get("/healthz", "X-A: b\r\n folded"), {200, 400, CLOSED}),
    "a folded length": (get(SYNC, "Content-Type: application/json", "Content-Length:\r\n 2", method="POST") + "{}", {202, 400, CLOSED}),
    "a blank before the colon": (get(SYNC, "Content-Length : 2", method="POST") + "{}", {202, 400, CLOSED}),
    "a header without a name": (get("/healthz", ": x"), {200, 400, CLOSED}),
    "a header without a colon": (get("/healthz", "nonsense"), {200, 400, CLOSED}),
    "a NUL in a header": (get("/healthz", "X-A: b\0c"), {200, 400, CLOSED}),
    "a NUL in a token": (get(API, by="TOK\0EN"), {400, 401, CLOSED}),
    "ends of lines without CR": (get("/healthz", by=None).replace("\r\n", "\n"), {200, 400, CLOSED}),
    "ends of lines without LF": (get("/healthz", by=None).replace("\r\n", "\r"), {400, 404, CLOSED}),
    "no host": (get("/healthz", host=None), {200, 400}),
    "two hosts": (get("/healthz", "Host: y"), {200, 400}),
    "another version": (get("/healthz", version="HTTP/9.9"), {400, 505, CLOSED}),
    "no version": ("GET /healthz\r\n\r\n", {400, CLOSED}),
    "an old version": (get("/healthz", version="HTTP/1.0"), {200}),
    "nothing but ends of lines": ("\r\n" * 50, {400, CLOSED}),
    "no HTTP at all": ("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + "x" * 200, {400, CLOSED}),
    "an empty method": (get("/healthz", method=""), {400, 404, CLOSED}),
    "a method that nobody knows": (get("/healthz", method="BREW"), {404, 405}),
    "a method in small letters": (get(API, method="get"), {404, 405}),
    "CONNECT": (get("example.org:443", method="CONNECT"), {400, 404, 405, CLOSED}),
    "TRACE": (get(API, method="TRACE"), {404, 405}),
    "OPTIONS of everything": (get("*", method="OPTIONS"), {400, 404, 405, CLOSED}),
    "a whole URL": (get("http://example.org/healthz"), {200, 400, 404}),
    "a huge method": (get("/healthz", method="G" * 20000), {400, 404, 413, 414, 431, CLOSED}),
    "a huge path": (get("/" + "a" * 20000), {404, 413, 414, 431, CLOSED}),
    "a huge header": (get("/healthz", "X-A: " + "b" * 40000), {413, 431, CLOSED}),
    "a thousand headers": (get("/healthz", *[f"X-{n}: y" for n in range(1000)]), {200, 413, 431, CLOSED}),
    "a huge token": (get(API, by="x" * 9000), {401, 413, 431}),
    "dots in a path": (get(API + "/../acme"), {404}),
    "escaped dots": (get(API + "/%2e%2e/acme"), {404}),
    "dots through a slash": (get("/api/v1/companies/acme%2f..%2facme"), {404}),
    "an escaped NUL": (get("/api/v1/companies/acme%00"), {404}),
    "half an escape": (get("/api/v1/companies/acme%"), {400, 404}),
    "an escape of nothing": (get("/api/v1/companies/%zz"), {400, 404}),
    "an escape of an escape": (get("/api/v1/companies/%2561cme"), {404}),
    "overlong UTF-8": (get("/api/v1/companies/%c0%ae%c0%ae"), {404}),
    "two slashes": (get("/api/v1//companies"), {404}),
    "a slash at the end": (get("/api/v1/companies/"), {404}),
    "a backslash": (get("/api/v1\\companies"), {400, 404}),
    "a path with a semicolon": (get(API + ";x=y"), {404}),
    "a path of another case": (get("/API/v1/companies"), {404}),
    "bytes that are no text in a path": (get("/api/v1/companies/\udcff\udcfe"), {400, 404}),
    "bytes that are no text in a query": (get(API + "/runs?\udcff\udcfe=1"), {400}),
    "a name that is cut within a character": (get(API + "/runs?" + "a" * 39 + "é=1"), {400}),
    "escapes in a query": (get(API + "/runs?limit=%00"), {400}),
    "a limit beyond numbers": (get(API + "/runs?limit=99999999999999999999"), {400}),
    "a negative cursor": (get(API + "/runs?cursor=-1"), {400}),
    "an argument a hundred times": (get(API + "/runs?" + "&".join(["limit=1"] * 100)), {200, 400}),
    "a run beyond numbers": (get(API + "/runs/99999999999999999999999"), {404}),
    "deep JSON": (post(PAUSE, '{"because":' + "[" * 20000 + "]" * 20000 + "}"), {400}),
    "deep objects": (post(PAUSE, '{"because":' * 3000 + "1" + "}" * 3000), {400}),
    "a member twice": (post(PAUSE, '{"because":"a","because":"b"}'), {200, 400, 404}),
    "a member of another kind": (post(TOKENS, '{"name":{},"right":[],"days":"x"}'), {400}),
    "a huge number": (post(TOKENS, '{"name":"x","right":"read","days":1e999}'), {400}),
    "a number of many digits": (post(TOKENS, '{"name":"x","right":"read","days":' + "9" * 5000 + "}"), {400}),
    "half a day": (post(TOKENS, '{"name":"x","right":"read","days":0.5}'), {400}),
    "text that is no UTF-8": (post(TOKENS, '{"name":"\udcff\udcfe","right":"read"}'), {400}),
    "half a surrogate": (post(TOKENS, '{"name":"\\ud800","right":"read"}'), {400}),
    "a NUL in a text": (post(TOKENS, '{"name":"a\\u0000b","right":"read"}'), {400}),
    "a member that is no text": (post(TOKENS, '{"\udcff":1}'), {400}),
    "a member cut within a character": (post(TOKENS, '{"' + "a" * 39 + 'é":1}'), {400}),
    "JSON behind JSON": (post(SYNC, "{}{}"), {400}),
    "a mark before JSON": (post(SYNC, "\ufeff{}"), {202, 400}),
    "a list": (post(SYNC, "[]"), {400}),
    "no JSON": (post(SYNC, "<sync/>"), {400}),
    "another type": (post(SYNC, "{}", kind="text/plain"), {415}),
    "almost the type": (post(SYNC, "{}", kind="application/jsonp"), {415}),
    "no type": (post(SYNC, "{}", kind=None), {415}),
    "a type with a charset": (post(SYNC, "{}", kind="application/json; charset=utf-8"), {202}),
    "a form": (post(SYNC, "a=b", kind="application/x-www-form-urlencoded"), {415}),
    "a body where none belongs": (get(API, "Content-Length: 2", "Content-Type: application/json") + "{}", {400}),
    "a body of 64 KiB and one": (post(SYNC, " " * (65536 + 1)), {413, CLOSED}),
    "a key of many bytes": (post(SYNC, "{}", "Idempotency-Key: " + "k" * 5000), {400}),
    "a key that is no text": (post(SYNC, "{}", "Idempotency-Key: \udcff"), {400}),
    "a webhook that is no JSON": (post("HOOK", "{{{{", "Authorization: HOOKTOKEN"), {401, 204}),
    "a webhook with deep JSON": (post("HOOK", "[" * 30000), {401, 204}),
    "a webhook's address with dots": (post("HOOK/../x", "{}"), {404}),
    "expecting to go on": (get(SYNC, "Expect: 100-continue", "Content-Type: application/json", "Content-Length: 2", method="POST") + "{}", {202}),
    "expecting something else": (get(SYNC, "Expect: miracles", "Content-Type: application/json", "Content-Length: 2", method="POST") + "{}", {202, 417}),
    "an upgrade": (get("/healthz", "Upgrade: websocket", "Connection: Upgrade"), {200, 400}),
}


def bytes_of(text, words):
    for word, value in words.items():
        text = text.replace(word, value)
    return text.encode("utf-8", "surrogateescape")


class Line:
    """One connection; what comes is taken for what it is."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.have = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            pass  # it has answered already, and ended

    def says_no_more(self):
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # likewise

    def more(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            data = b""
        self.have += data
        return bool(data)

    def answer(self):
        """(status, headers, body) of the next answer, held against what HTTP wants; (CLOSED, {}, b"") where there is none."""
        while b"\r\n\r\n" not in self.have:
            if not self.more():
                check(self.have == b"", lambda: f"half an answer: {self.have!r}")
                return CLOSED, {}, b""
        head, _, self.have = self.have.partition(b"\r\n\r\n")
        first, *lines = head.decode("ascii").split("\r\n")
        line = re.fullmatch(r"HTTP/1\.[01] (\d{3}) [A-Za-z' -]+", first)
        check(line, lambda: f"no status line: {first!r}")
        status = int(line.group(1))
        if status == 100:
            return self.answer()
        headers = {}
        for one in lines:
            name = re.fullmatch(r"([A-Za-z0-9-]+): ?([\x20-\x7e]*)", one)
            check(name and name.group(1).lower() not in headers, lambda: f"no header: {one!r}")
            headers[name.group(1).lower()] = name.group(2)
        size = int(headers.get("content-length", 0))
        while len(self.have) < size and self.more():
            pass
        body, self.have = self.have[:size], self.have[size:]
        same(len(body), size, "bytes of the body")
        return status, headers, body


def well_formed(name, status, headers, body):
    check(status < 500 or status in (501, 505), lambda: f"{name}: {status} {body[:300]!r}")
    kind = headers.get("content-type", "")
    if kind == "application/problem+json":
        said = json.loads(body.decode("utf-8"))
        same(said["status"], status, name)
        check(said["name"] and said["detail"], lambda: f"{name}: {said}")
    elif kind == "application/json":
        json.loads(body.decode("utf-8"))


def is_served(serve):
    """One address has so many connections and no more: those of before have to end first."""
    try:
        return serve.get("/healthz")[0] == 200
    except OSError:
        return False


def memory(serve):
    with open(f"/proc/{serve.process.pid}/statm", encoding="ascii") as f:
        return int(f.read().split()[1]) * 4096


@scenario(databases=["sqlite"])
def whatever_bytes_come_each_is_answered_or_its_connection_ends(case):
    hr = case.sandbox(people=5)
    company = case.company(hr)
    hook = company.ok("integration", "webhook", "show", "acme/hr")["webhook"]
    words = {"HOOKTOKEN": hook["token"], "HOOK": hook["path"], "TOKEN": token(company)}
    wrong, times = [], []
    with Serve(company) as serve:
        for name, (text, right) in SHAPES.items():
            with Line(serve.port) as line:
                began = time.monotonic()
                line.send(bytes_of(text, words))
                line.says_no_more()
                got, headers, body = line.answer()
                well_formed(name, got, headers, body)
                times.append((time.monotonic() - began, name))
                if got not in right:
                    wrong.append(f"{name}: {got} {body[:120]!r}")
                if HIDDEN in text:  # one request and no second answer
                    same(line.answer()[0], CLOSED, f"{name}: the hidden request")
            if serve.process.poll() is not None:
                check(False, f"{name} ended the daemon: {serve.log()[-3000:]}")
        same(wrong, [], "answered otherwise than it should be")
        before = memory(serve)
        for _ in range(3):
            for name, (text, _) in SHAPES.items():
                began = time.monotonic()
                with Line(serve.port) as line:
                    line.send(bytes_of(text, words))
                check(time.monotonic() - began < 5, lambda: f"{name}: it was not even read, for {time.monotonic() - began:.0f} s")
        until(lambda: is_served(serve), "an answer for honest people")
        grown = memory(serve) - before
        check(grown < 64 << 20, f"{grown >> 20} MB more after {3 * len(SHAPES)} of them")
        case.note(f"{len(SHAPES)} shapes, the slowest {max(times)[0]:.1f} s: {max(times)[1]}")
        serve.stop()


@scenario(databases=["sqlite"])
def slow_and_silent_ones_take_nothing_from_others(case):
    company = case.company()
    words = {"TOKEN": token(company)}
    whole = bytes_of(post(SYNC, "{}"), words)
    with Serve(company) as serve:
        lines = [Line(serve.port) for _ in range(50)]
        began = time.monotonic()
        for n, line in enumerate(lines):  # a head cut anywhere, a body cut, nothing at all
            line.send(whole[:n * len(whole) // len(lines)])
        dripping = lines[-1]
        while time.monotonic() - began < PATIENCE_S and dripping.socket.fileno() >= 0:
            same(serve.get("/healthz")[0], 200, "honest people")
            lines[1].send(b"x")  # one byte a second is no reason to wait longer
            time.sleep(1)
        for line in lines:
            line.socket.settimeout(2)
            status, headers, body = line.answer()
            well_formed("slow", status, headers, body)
            check(status in (CLOSED, 400, 404, 408), lambda: f"a slow one got {status}")
            line.socket.close()
        same(serve.get("/healthz")[0], 200)
        serve.stop()
