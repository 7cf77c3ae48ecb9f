"""Starts the sandbox on a free port and talks to it, for the tests beside this file. Standard library only."""
import http.client
import json
import subprocess
import sys
import unittest
import urllib.parse

BINARY = None


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def same(self):
        """What a client can notice, without what differs at every request."""
        skipped = ('date', 'authorization')
        kept = tuple(sorted((k.lower(), v) for k, v in self.headers if k.lower() not in skipped))
        return self.status, kept, self.body


class Sandbox:
    def __init__(self, *options, people=150, seed=7):
        self.process = subprocess.Popen(
            [BINARY, 'personio', '--people', str(people), '--seed', str(seed), '--today', '2026-11-23', *options],
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith('listening on http://'), line
        self.host = line.split('//')[1].strip()
        self.token = None

    def close(self):
        self.process.terminate()
        code = self.process.wait(timeout=20)
        self.process.stdout.close()
        assert code == 0, f'the sandbox ended with {code}'

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def ask(self, method, path, body=None, headers=None, timeout=20):
        connection = http.client.HTTPConnection(self.host, timeout=timeout)
        try:
            if isinstance(body, (dict, list)):
                body = json.dumps(body)
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()

    def control(self, method, path, body=None, status=(200, 201)):
        answer = self.ask(method, '/_control/' + path, body)
        assert answer.status in status, (answer.status, answer.body)
        return answer.json

    def switch(self, **values):
        self.control('POST', 'switches', {k.replace('__', '.').replace('_', '-'): v for k, v in values.items()})

    def login(self, client_id='papi-sandbox', secret='papi-sandbox-secret'):
        answer = self.ask('POST', '/v1/auth', {'client_id': client_id, 'client_secret': secret},
                          {'Content-Type': 'application/json'})
        self.token = answer.json['data']['token']
        return answer

    def get(self, path, **kw):
        if self.token is None:
            self.login()
        return self.ask('GET', path, headers={'Authorization': 'Bearer ' + self.token}, **kw)

    def page(self, offset, limit=100, attributes=()):
        query = [('limit', limit), ('offset', offset)] + [('attributes[]', a) for a in attributes]
        return self.get('/v1/company/employees?' + urllib.parse.urlencode(query))

    def listing(self, limit=100, attributes=()):
        rows = []
        while True:
            page = self.page(len(rows), limit, attributes).json
            rows += page['data']
            if not page['data']:
                return rows

    def truth(self):
        return [p for p in self.control('GET', 'truth')['people'] if p['exists']]


def value(row, key):
    return row['attributes'][key]['value']


def run():
    global BINARY
    BINARY = sys.argv.pop(1)
    sys.modules['harness'].BINARY = BINARY
    unittest.main(module='__main__')
