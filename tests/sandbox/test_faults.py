import gzip
import http.client
import json
import subprocess
import tempfile
import time
import unittest
import harness
from harness import Sandbox, value

LIST = 'v1.employees.list'


class Faults(harness.OnOneSandbox):
    make = staticmethod(lambda: Sandbox('--no-limits'))

    def setUp(self):
        super().setUp()
        self.good = self.s.page(0, 30)

    def spoiled(self, kind, **parameters):
        """The answer to a listing with this fault; afterwards everything is right again."""
        self.s.control('DELETE', 'faults')
        self.s.control('POST', 'faults', {'route': LIST, 'kind': kind, 'count': 1, **parameters})
        try:
            return self.s.page(0, 30)
        finally:
            self.assertEqual(self.s.control('GET', 'faults')['faults'][0]['fired'], 1)
            self.s.login()
            self.assertEqual(self.s.page(0, 30).same(), self.good.same())

    def test_every_kind_is_noticed(self):
        listed = subprocess.run([harness.BINARY, 'personio', '--faults'], capture_output=True, text=True, check=True).stdout
        kinds = [line.split()[0] for line in listed.splitlines()]
        self.assertGreater(len(kinds), 30)
        unnoticed = []
        for kind in kinds:
            began = time.monotonic()
            try:
                more = {'status': 503} if kind == 'status' else {'bytes': 100000} if kind == 'oversized' else {}
                ms = 3 if kind == 'drip' else 300
                answer = self.spoiled(kind, ms=ms, **({'bytes': 1000} if kind == 'drip' else more))
                same = answer.same() == self.good.same() and time.monotonic() - began < 0.2
            except (http.client.HTTPException, ConnectionError, OSError):
                same = False
            # The connection ends behind a right answer: seen by who keeps it, tested below.
            if same and kind != 'close-after':
                unnoticed.append(kind)
        self.assertEqual(unnoticed, [])

    def test_statuses_and_bodies(self):
        for status in (400, 401, 403, 404, 409, 412, 422, 429, 431, 500, 502, 503, 504):
            self.assertEqual(self.spoiled('status', status=status).status, status)
        answer = self.spoiled('status', status=429, retry_after=7, body='error')
        self.assertEqual((dict(answer.headers)['Retry-After'], list(answer.json)), ('7', ['error']))
        self.assertEqual(list(self.spoiled('status', status=500, body='v2').json)[0], 'personio_trace_id')
        self.assertIn(b'<html>', self.spoiled('status', status=502, body='html').body)
        self.assertEqual(self.spoiled('status', status=502, body='empty').body, b'')
        moved = self.spoiled('redirect', text='http://elsewhere.example/')
        self.assertEqual((moved.status, dict(moved.headers)['Location']), (302, 'http://elsewhere.example/'))

    def test_broken_transfers(self):
        for kind in ('cut', 'cut-chunked'):
            with self.assertRaises(http.client.IncompleteRead):
                self.spoiled(kind, at=500)
        for kind in ('reset', 'close-before'):
            with self.assertRaises(ConnectionError):
                self.spoiled(kind)
        self.assertEqual(len(self.spoiled('truncate', at=100).body), 100)
        began = time.monotonic()
        self.assertEqual(self.spoiled('slow', ms=400).body, self.good.body)
        self.assertGreater(time.monotonic() - began, 0.4)
        self.assertEqual(self.spoiled('stall', ms=200).body, self.good.body)
        self.assertEqual(self.spoiled('drip', ms=1, bytes=20000).body, self.good.body)
        self.assertEqual(self.spoiled('chunked').body, self.good.body)

    def test_a_kept_connection_ends_behind_a_right_answer(self):
        for kind in ('close', 'close-after'):
            self.s.control('DELETE', 'faults')
            self.s.control('POST', 'faults', {'route': LIST, 'kind': kind, 'count': 1})
            connection = http.client.HTTPConnection(self.s.host, timeout=5)
            connection.auto_open = 0
            connection.connect()
            bearer = {'Authorization': 'Bearer ' + self.s.token}
            connection.request('GET', '/v1/company/employees?limit=30&offset=0', headers=bearer)
            answer = connection.getresponse()
            self.assertEqual(answer.read(), self.good.body)
            self.assertEqual(answer.getheader('Connection') == 'close', kind == 'close')
            with self.assertRaises((http.client.HTTPException, ConnectionError)):
                time.sleep(0.1)
                connection.request('GET', '/v1/company/employees', headers=bearer)
                connection.getresponse()
            connection.close()

    def test_spoiled_bodies(self):
        self.assertEqual(gzip.decompress(self.spoiled('gzip').body), self.good.body)
        with self.assertRaises(OSError):
            gzip.decompress(self.spoiled('gzip-broken').body)
        self.assertGreater(len(self.spoiled('oversized', bytes=3000000).body), 3000000)
        self.assertIn(b'[' * 5000, self.spoiled('deep', depth=5000).body)
        self.assertRaises(UnicodeDecodeError, self.spoiled('invalid-utf8').body.decode)
        self.assertIn(b'\0', self.spoiled('nul-byte').body)
        self.assertEqual(self.spoiled('duplicate-keys').body.count(b'"value":1,'), 1)
        self.assertTrue(self.spoiled('duplicate-keys', text='data').body.startswith(b'{"data":[],"success":true,'))
        text = self.spoiled('numbers-as-strings').json
        self.assertEqual((text['metadata']['total_elements'], value(text['data'][0], 'id')), ('150', '4000001'))
        big = self.spoiled('big-integers').json
        self.assertEqual(value(big['data'][0], 'id'), 4000001 * 10**20)
        self.assertEqual(value(big['data'][3], 'first_name'), value(self.good.json['data'][3], 'first_name'))
        self.assertIsNone(self.spoiled('null-data').json['data'])
        self.assertIsInstance(self.spoiled('data-object').json['data'], dict)
        self.assertIs(self.spoiled('success-false').json['success'], False)
        self.assertIsNone(self.spoiled('row-null').json['data'][0])
        self.assertNotIn('id', self.spoiled('row-no-id').json['data'][0]['attributes'])
        self.assertRaises(json.JSONDecodeError, json.loads, self.spoiled('trailing').body)
        self.assertEqual(dict(self.spoiled('content-type', text='text/csv').headers)['Content-Type'], 'text/csv')
        self.assertEqual(self.spoiled('expire-token').status, 403)

    def statuses(self, n=12):
        return [self.s.page(0, 1).status for _ in range(n)]

    def test_after_count_probability_and_time(self):
        self.s.control('POST', 'faults', {'route': LIST, 'kind': 'status', 'status': 500, 'after': 2, 'count': 3})
        self.assertEqual(self.statuses(7), [200, 200, 500, 500, 500, 200, 200])
        runs = []
        for _ in range(2):
            self.s.control('DELETE', 'faults')
            self.s.control('POST', 'faults', {'route': '*', 'kind': 'status', 'status': 502, 'probability': 0.4, 'seed': 9})
            runs.append(self.statuses(40))
        self.assertEqual(runs[0], runs[1])
        self.assertTrue(5 < runs[0].count(502) < 30)
        self.s.control('DELETE', 'faults')
        self.s.control('POST', 'faults', {'kind': 'status', 'status': 503, 'from_ms': 300, 'until_ms': 600})
        self.assertEqual(self.statuses(1), [200])
        time.sleep(0.35)
        self.assertEqual(self.statuses(1), [503])
        time.sleep(0.3)
        self.assertEqual(self.statuses(1), [200])
        for wrong in ({'kind': 'nonsense'}, {'kind': 'status'}, {'kind': 'slow', 'route': 'nowhere'}, {'kind': 'slow', 'ms': -1}):
            self.s.control('POST', 'faults', wrong, status=(400,))


class Replay(unittest.TestCase):
    def test_a_transcript_is_answered_in_the_order_recorded(self):
        with tempfile.TemporaryDirectory() as folder:
            entries = []
            for number, (query, status, body) in enumerate((('limit=1', 200, '{"a":1}'), ('limit=1', 200, '{"a":2}'),
                                                            ('limit=1&offset=1', 503, 'oops'))):
                with open(f'{folder}/{number}.json', 'w') as file:
                    file.write(body)
                entries.append({'method': 'GET', 'path': '/v1/company/employees', 'query': query, 'status': status,
                                'content_type': 'application/json', 'file': f'{number}.json'})
            with open(f'{folder}/index.json', 'w') as file:
                json.dump(entries, file)
            with Sandbox('--replay', folder) as s:
                bodies = [s.get('/v1/company/employees?limit=1').body for _ in range(3)]
                self.assertEqual(bodies, [b'{"a":1}', b'{"a":2}', b'{"a":2}'])
                self.assertEqual(s.get('/v1/company/employees?limit=1&offset=1').status, 503)
                self.assertEqual(s.get('/v1/company/employees?limit=7').status, 404)


if __name__ == '__main__':
    harness.run()
