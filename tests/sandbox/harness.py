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

    def header(self, name):
        """None when it is not there."""
        return next((v for k, v in self.headers if k.lower() == name.lower()), None)

    def same(self):
        """What a client can notice, without what differs at every request."""
        skipped = ('date', 'authorization')
        kept = tuple(sorted((k.lower(), v) for k, v in self.headers if k.lower() not in skipped))
        return self.status, kept, self.body


class Sandbox:
    system = 'personio'

    def __init__(self, *options, people=150, seed=7):
        self.process = subprocess.Popen(
            [BINARY, self.system, '--people', str(people), '--seed', str(seed), '--today', '2026-11-23', *options],
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


SYNC = ('users:read users:create users:update users:deactivate users:reactivate teams:read teams:create teams:update '
        'teams:delete team_users:read team_users:create team_users:delete')


class LearnAmp(Sandbox):
    system = 'learnamp'

    def token_answer(self, client_id='learnamp-sandbox', secret='learnamp-sandbox-secret', scope=SYNC, **more):
        form = {'grant_type': 'client_credentials', 'client_id': client_id, 'client_secret': secret, 'scope': scope, **more}
        return self.ask('POST', '/oauth/token', urllib.parse.urlencode({k: v for k, v in form.items() if v is not None}),
                        {'Content-Type': 'application/x-www-form-urlencoded'})

    def login(self, *args, **more):
        answer = self.token_answer(*args, **more)
        self.token = answer.json['access_token']
        return answer

    def everything(self):
        """With a key that may do all, as keys from before there were scopes."""
        return self.login('learnamp-legacy', 'learnamp-legacy-secret', None)

    def call(self, method, path, body=None, headers=None, **kw):
        """The body as JSON; path without /v1."""
        if self.token is None:
            self.login()
        headers = {'Authorization': 'Bearer ' + self.token, **(headers or {})}
        if isinstance(body, (dict, list)):
            headers.setdefault('Content-Type', 'application/json')
        return self.ask(method, '/v1' + path, body, headers, **kw)

    def good(self, method, path, body=None, status=(200, 201, 204)):
        answer = self.call(method, path, body)
        assert answer.status in status, (method, path, answer.status, answer.body)
        return answer.json if answer.body else None

    def user(self, email, status=201, **more):
        """Creates one; firstName and lastName come of the address."""
        body = {'email': email, 'firstName': email.split('@')[0], 'lastName': 'Test', **more}
        return self.good('POST', '/users', body, (status,))

    def team(self, name, **more):
        return self.good('POST', '/teams', {'name': name, **more}, (201,))

    def listed(self, path, key='users', per_page=100):
        """All rows of a list, as a client collects them, and the Totals that it was told."""
        rows, totals, page = [], [], 1
        while True:
            answer = self.call('GET', f'{path}{"&" if "?" in path else "?"}perPage={per_page}&page={page}')
            assert answer.status == 200, (answer.status, answer.body)
            rows += answer.json[key]
            totals.append(int(answer.header('Total')))
            if page >= int(answer.header('Total-Pages')) or not answer.json[key]:
                return rows, totals
            page += 1

    def accounts(self):
        return {a['id']: a for a in self.control('GET', 'truth')['accounts'] if a['exists']}

    def account(self, number):
        return self.control('GET', f'truth/{number}')

    def mails(self):
        return self.control('GET', 'mails')['mails']

    def by_hand(self, number, **edits):
        return self.control('PATCH', f'accounts/{number}', edits)


class OnOneSandbox(unittest.TestCase):
    """All tests of a class share what make() starts; each finds it as it was started."""
    make = None

    @classmethod
    def setUpClass(cls):
        cls.s = cls.make()

    @classmethod
    def tearDownClass(cls):
        cls.s.close()

    def setUp(self):
        self.s.control('POST', 'reset')
        self.s.token = None


def value(row, key):
    return row['attributes'][key]['value']


def run():
    global BINARY
    BINARY = sys.argv.pop(1)
    sys.modules['harness'].BINARY = BINARY
    unittest.main(module='__main__')
