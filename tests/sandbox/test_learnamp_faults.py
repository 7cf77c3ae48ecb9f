import concurrent.futures
import gzip
import http.client
import json
import subprocess
import time
import unittest
import harness
from harness import LearnAmp

LIST = '/users?perPage=5&page=2'
NEED = {'email': 'new@example.org', 'firstName': 'N', 'lastName': 'W'}


class Faults(harness.OnOneSandbox):
    make = staticmethod(lambda: LearnAmp('--no-limits', '--accounts', '20'))

    def setUp(self):
        super().setUp()
        self.good = self.s.call('GET', LIST)

    def spoiled(self, kind, route='users.list', ask=('GET', LIST), **parameters):
        """The answer with this fault; afterwards everything is right again."""
        self.s.control('DELETE', 'faults')
        self.s.control('POST', 'faults', {'route': route, 'kind': kind, 'count': 1, **parameters})
        try:
            return self.s.call(*ask)
        finally:
            self.assertEqual(self.s.control('GET', 'faults')['faults'][0]['fired'], 1)
            self.s.login()
            if route == 'users.list':
                self.assertEqual(self.s.call('GET', LIST).same(), self.good.same())

    def test_every_kind_is_noticed(self):
        listed = subprocess.run([harness.BINARY, 'learnamp', '--faults'], capture_output=True, text=True, check=True).stdout
        kinds = [line.split()[0] for line in listed.splitlines()]
        self.assertGreater(len(kinds), 35)
        self.assertNotIn('success-false', kinds)
        unnoticed = []
        for kind in kinds:
            began = time.monotonic()
            try:
                more = {'status': 503} if 'status' in kind else {'bytes': 100000} if kind == 'oversized' else {}
                answer = self.spoiled(kind, ms=30 if kind == 'drip' else 300, **({'bytes': 100} if kind == 'drip' else more))
                same = answer.same() == self.good.same() and time.monotonic() - began < 0.2
            except (http.client.HTTPException, ConnectionError, OSError):
                same = False
            if same and kind != 'close-after':  # the connection ends behind a right answer: seen by who keeps it
                unnoticed.append(kind)
        self.assertEqual(unnoticed, [])

    def test_errors_have_the_shape_of_the_api(self):
        for status in (400, 401, 403, 404, 406, 410, 422, 429, 500, 503):
            answer = self.spoiled('status', status=status)
            self.assertEqual((answer.status, answer.json), (status, {'error': 'Something went wrong'}))
        self.assertEqual(self.spoiled('status', status=429, retry_after=7).header('Retry-After'), '7')
        self.assertIsNone(self.spoiled('status', status=429).header('Retry-After'))
        self.assertEqual(self.spoiled('status', status=503, text='Down for maintenance').json, {'error': 'Down for maintenance'})

    def test_pages_come_again_are_left_out_or_are_empty(self):
        page = lambda n: [u['id'] for u in self.s.good('GET', f'/users?perPage=5&page={n}')['users']]
        ids = lambda answer: [u['id'] for u in answer.json['users']]
        self.assertEqual(ids(self.spoiled('page-before')), page(1))
        self.assertEqual(ids(self.spoiled('page-after')), page(3))
        empty = self.spoiled('page-empty')
        self.assertEqual((ids(empty), empty.header('Total')), ([], self.good.header('Total')))
        self.assertIsNone(self.spoiled('no-total').header('Total'))

    def test_an_answer_is_lost_after_the_deed_was_done_once(self):
        s = self.s
        with self.assertRaises((http.client.HTTPException, ConnectionError)):
            self.spoiled('lost', 'users.create', ('POST', '/users', NEED))
        found = s.good('GET', '/users?filters[email]=new@example.org')['users']
        self.assertEqual((len(found), len(s.mails())), (1, 1))
        self.assertEqual(s.call('POST', '/users', NEED).status, 400)
        self.assertEqual(len(s.mails()), 1)
        late = self.spoiled('late-status', 'users.deactivate', ('PUT', f'/users/{found[0]["id"]}/deactivate'), status=504, body='html')
        self.assertEqual((late.status, late.body[:9], s.account(found[0]['id'])['status']), (504, b'<!DOCTYPE', 'deactivated'))
        refused = self.spoiled('status', 'users.reactivate', ('PUT', f'/users/{found[0]["id"]}/reactivate'), status=503)
        self.assertEqual((refused.status, s.account(found[0]['id'])['status']), (503, 'deactivated'))
        log = [(r['route'], r['fault']) for r in s.control('GET', 'requests')['requests'] if r['fault']]
        self.assertEqual(log, [('users.create', 'lost'), ('users.deactivate', 'late-status'), ('users.reactivate', 'status')])

    def test_broken_transfers_and_bodies(self):
        for kind in ('cut', 'cut-chunked'):
            with self.assertRaises(http.client.IncompleteRead):
                self.spoiled(kind, at=100)
        self.assertEqual(gzip.decompress(self.spoiled('gzip').body), self.good.body)
        self.assertGreater(len(self.spoiled('oversized', bytes=2000000).body), 2000000)
        self.assertRaises(UnicodeDecodeError, self.spoiled('invalid-utf8').body.decode)
        self.assertIsInstance(self.spoiled('numbers-as-strings').json['users'][0]['id'], str)
        self.assertEqual(self.spoiled('null-data').json, {'users': None})
        self.assertEqual(self.spoiled('data-object').json, {'users': {'count': 1}})
        self.assertIsNone(self.spoiled('row-null').json['users'][0])
        self.assertNotIn('id', self.spoiled('row-no-id').json['users'][0])
        self.assertEqual(self.spoiled('duplicate-keys').body[:20], b'{"users":[{"id":1,"i')
        self.assertTrue(self.spoiled('duplicate-keys', text='users').body.startswith(b'{"users":[],"users":[{'))
        self.assertEqual(self.spoiled('content-type', text='text/csv').header('Content-Type'), 'text/csv')
        self.assertEqual(self.spoiled('expire-token').json, {'error': 'The access token expired'})

    def test_a_window_of_maintenance_opens_and_closes(self):
        self.s.control('POST', 'faults', {'kind': 'status', 'status': 503, 'from_ms': 150, 'until_ms': 400})
        statuses = []
        for _ in range(3):
            statuses.append(self.s.call('GET', '/teams').status)
            time.sleep(0.22)
        self.assertEqual(statuses, [200, 503, 200])


class Hostile(unittest.TestCase):
    def test_whatever_comes_is_answered_and_changes_nobody(self):
        json_type, form = {'Content-Type': 'application/json'}, {'Content-Type': 'application/x-www-form-urlencoded'}
        part = {'Content-Type': 'multipart/form-data; boundary=b'}
        bodies = [
            ('{', json_type), ('[]', json_type), ('"x"', json_type), ('[' * 3000 + ']' * 3000, json_type),
            ('{"a":' * 200 + '1' + '}' * 200, json_type), (json.dumps({str(n): n for n in range(30000)}), json_type),
            (json.dumps({'email': 5, 'firstName': True, 'lastName': 1.5e300}), json_type), ('{"email":"a\\u0000@b.example"}', json_type),
            (json.dumps({'customFields': [[[[]]]], 'secondaryTeamIds': {'a': 1}}), json_type),
            ('a[[[]]]=1&[]=2&b[c]=1&b[]=2&b=3&=&&%', form), ('a' * 1000 + '[]' * 1000 + '=1', form), ('x[]=1&' * 50000, form),
            ('email=%ff%fe&firstName=%00', form), ('customFields[][][]=1&customFields[a]=2', form),
            ('--b\r\n\r\nx\r\n--b--', part), ('--b\r\nContent-Disposition: form-data; name=email', part), ('', part),
            ('--b\r\nContent-Disposition: form-data; name="email"\r\n\r\nx', part), (b'\0' * 100000, part),
            ('x', {'Content-Type': 'multipart/form-data'}), ('x', {'Content-Type': 'multipart/form-data; boundary='}),
            ('x=1', {'Content-Type': ''}), ('email=a', {'Content-Type': 'application/jsonp'}),
        ]
        with LearnAmp('--no-limits') as s:
            before = s.accounts()
            for method, path in (('POST', '/users'), ('PUT', '/users/1003'), ('POST', '/teams'), ('POST', '/teams/users'),
                                 ('POST', '/teams/15/bulk/users')):
                for body, headers in bodies:
                    answer = s.call(method, path, body, headers)
                    self.assertIn(answer.status, (400, 415), (method, path, body[:60], answer.body[:200]))
                    self.assertIn('error', answer.json)
            for path in ('/users/' + '9' * 5000, '/users/%00', '/users/..%2F..', '/users/by_integration_external_id/' + '%C3%28' * 50,
                         '/users/by_integration_external_id/' + 'x' * 60000, '/teams/by_external_id/%2F/users', '/' * 300, '/users/1/' * 20):
                self.assertIn(s.call('GET', path).status, (404, 431), path[:60])
            self.assertEqual(s.accounts(), before)

    def test_many_clients_at_once_make_each_account_once(self):
        with LearnAmp('--no-limits') as s:
            s.login()
            make = lambda n: s.call('POST', '/users', {**NEED, 'email': f'u{n % 40}@example.org'}).status
            with concurrent.futures.ThreadPoolExecutor(12) as pool:
                statuses = list(pool.map(make, range(120)))
                listed = list(pool.map(lambda n: len(s.listed(f'/users?filters[email]=u{n}@example.org')[0]), range(40)))
            self.assertEqual((statuses.count(201), statuses.count(400), listed), (40, 80, [1] * 40))
            self.assertEqual(len(s.mails()), 40)


if __name__ == '__main__':
    harness.run()
