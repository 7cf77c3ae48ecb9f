"""contract.py - docs/api.yaml as a judge: every answer is held against it, and what it promises has to be seen.

    api = Api(serve, token)
    said = api.get("/companies/acme")               # 200, and as the contract says
    api.post("/companies/acme/runs/7/approve", {"reason": "as planned"}, status=202)

An operation, a status or a content type that the contract does not have fails the call; unseen() names what was promised and never
came, of the operations with a tag (those without: ""). A test file says which tags it looks after: covers(). loose_schemas() names
schemas that would let anything through.
"""
import contextlib
import http.client
import json
import os
import re

import jsonschema
import yaml

from harness import check, same

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/api.yaml")
METHODS = ("get", "post", "put", "patch", "delete")
ROOT = "/api/v1"


def load():
    with open(PATH, encoding="utf-8") as file:
        return yaml.safe_load(file)


DOCUMENT = load()


def resolve(node):
    """What a {"$ref": "#/a/b"} stands for."""
    while "$ref" in node:
        found = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


COVERED = {}  # tag: the file whose tests see all of its operations with every status


def tag_of(operation):
    (tag,) = operation.get("tags", [""])
    return tag


def covers(file, *tags):
    for tag in tags:
        check(COVERED.setdefault(tag, file) == file, lambda: f"{tag}: {COVERED[tag]} and {file}")


def operations(*tags):
    """(method, path, operation), of those with one of the tags; all without"""
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item and (not tags or tag_of(item[method]) in tags):
                yield method.upper(), path, item[method]


def promised(*tags):
    return {(operation["operationId"], int(status)) for _, _, operation in operations(*tags) for status in operation["responses"]}


def operation_of(method, path):
    for known, pattern, operation in operations():
        expression = re.sub(r"\\\{[a-z]+\\\}", "[^/]+", re.escape(pattern))
        if known == method and re.fullmatch(expression, path or "/"):
            return operation
    return None


def loose_schemas():
    """Schemas of objects that say nothing of their members, or let others in."""
    found = []

    def look(node, where):
        if not isinstance(node, dict):
            return
        kinds = node.get("type") if isinstance(node.get("type"), list) else [node.get("type")]
        if "object" in kinds:
            if "properties" not in node and not isinstance(node.get("additionalProperties"), dict):
                found.append(where)
            elif "properties" in node and node.get("additionalProperties") is not False:
                found.append(where)
        for key, value in node.items():
            for n, one in enumerate(value if isinstance(value, list) else [value]):
                look(one, f"{where}/{key}" + (f"/{n}" if isinstance(value, list) else ""))

    look(DOCUMENT["components"]["schemas"], "schemas")
    return found


def judge(schema, value, what):
    whole = {**schema, "components": DOCUMENT["components"]}
    errors = sorted(jsonschema.Draft202012Validator(whole).iter_errors(value), key=str)
    check(not errors, lambda: f"{what}: {errors[0].json_path}: {errors[0].message[:500]}")


class Api:
    """seen: of (operation, status), shared by those that are made from each other with as_()."""

    def __init__(self, port, token, seen=None):
        self.port, self.token = port, token
        self.seen = seen if seen is not None else set()

    def as_(self, token):
        return Api(self.port, token, self.seen)

    def raw(self, method, path, body=None, headers=None):
        """(status, headers, bytes)"""
        more = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, ROOT + path, body=body, headers={**more, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def call(self, method, path, body=None, status=200, headers=None, kind="application/json"):
        """What it says, after it has been held against the contract; status None: whatever comes. With its headers in self.headers."""
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        more = {**({"Content-Type": kind} if data is not None else {}), **(headers or {})}
        got, self.headers, text = self.raw(method, path, data, more)
        what = f"{method} {path} -> {got} {text[:400]!r}"
        operation = operation_of(method, path.split("?")[0])
        check(operation is not None, lambda: f"{what}: no operation of the contract")
        if status is not None:
            same(got, status, what)
        check(str(got) in operation["responses"], lambda: f"{what}: not promised")
        check(re.fullmatch(r"[0-9a-f]{16}", self.headers.get("Request-Id", "")), lambda: f"{what}: no Request-Id")
        self.seen.add((operation["operationId"], got))
        response = resolve(operation["responses"][str(got)])
        if "content" not in response:
            same(text, b"", what)
            return None
        (content, holder), = response["content"].items()
        same(self.headers.get("Content-Type"), content, what)
        said = json.loads(text)
        judge(holder["schema"], said, what)
        return said

    def get(self, path, **how):
        return self.call("GET", path, **how)

    def post(self, path, body=None, **how):
        return self.call("POST", path, body, **how)

    def delete(self, path, **how):
        return self.call("DELETE", path, **how)

    def put(self, path, body=None, **how):
        return self.call("PUT", path, body, **how)

    def patch(self, path, body=None, **how):
        return self.call("PATCH", path, body, **how)

    def unseen(self, *tags):
        return sorted(promised(*tags) - self.seen)
