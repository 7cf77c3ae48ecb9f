import unittest
import harness
from harness import Sandbox

FORM = {'Content-Type': 'application/x-www-form-urlencoded'}
JSON = {'Content-Type': 'application/json'}
GOOD = 'client_id=papi-sandbox&client_secret=papi-sandbox-secret'


class Auth(unittest.TestCase):
    def test_v1_takes_json_and_form_and_gives_the_same_token_for_a_day(self):
        with Sandbox() as s:
            token = s.login().json['data']
            form = s.ask('POST', '/v1/auth', GOOD, FORM).json['data']
            self.assertEqual(token['token'], form['token'])
            self.assertTrue(token['token'].startswith('papi-'))
            s.control('POST', 'clock', {'add_seconds': 86000})
            self.assertLess(s.login().json['data']['expires_in'], 500)
            s.control('POST', 'clock', {'add_seconds': 800})
            self.assertEqual(s.page(0).status, 403)
            self.assertNotEqual(s.login().json['data']['token'], token['token'])
            self.assertEqual(s.page(0).status, 200)

    def test_v1_refusals(self):
        with Sandbox() as s:
            wrong = s.ask('POST', '/v1/auth', {'client_id': 'papi-sandbox', 'client_secret': 'no'}, JSON)
            self.assertEqual((wrong.status, wrong.json), (403, {'success': False, 'error': {'code': 0, 'message': 'Wrong credentials'}}))
            self.assertEqual(s.ask('POST', '/v1/auth?' + GOOD).status, 403)
            self.assertEqual(s.ask('POST', '/v1/auth', '{"client_id": [', JSON).status, 403)
            missing = s.ask('GET', '/v1/company/employees')
            self.assertEqual((missing.status, missing.json['error']['message']), (401, 'Authorization is not provided'))
            bad = s.ask('GET', '/v1/company/employees', headers={'Authorization': 'Bearer papi-nonsense'})
            self.assertEqual((bad.status, bad.json['error']['code']), (403, 403))
            s.login()
            s.control('PATCH', 'credentials/papi-sandbox', {'scopes': ['attendances:read']})
            self.assertEqual(s.page(0).json['error']['message'], 'personio.core.api.exceptions.api.forbidden.http.exception')

    def test_tokens_expire_on_command_in_the_middle_of_a_listing(self):
        with Sandbox() as s:
            self.assertEqual(s.page(0).status, 200)
            self.assertEqual(s.control('POST', 'expire-tokens')['expired'], 1)
            self.assertEqual(s.page(100).status, 403)

    def test_a_one_time_token_is_good_for_one_request(self):
        with Sandbox('--switch', 'auth.one-time-token=on') as s:
            first = s.page(0, 10)
            self.assertEqual(first.status, 200)
            self.assertEqual(s.page(10, 10).status, 403)
            s.token = dict(first.headers)['Authorization'].removeprefix('Bearer ')
            self.assertEqual(s.page(10, 10).status, 200)

    def test_v2(self):
        with Sandbox() as s:
            ask = lambda body, headers=FORM: s.ask('POST', '/v2/auth/token', body, headers)
            good = ask('grant_type=client_credentials&' + GOOD)
            self.assertEqual((good.status, good.json['token_type']), (200, 'Bearer'))
            cases = [
                (GOOD, FORM, 'invalid_request'), ('{}', JSON, 'invalid_request'),
                ('grant_type=client_credentials&client_id=papi-sandbox&client_secret=no', FORM, 'invalid_client'),
                ('grant_type=password&' + GOOD, FORM, 'unsupported_grant_type'), ('grant_type=x&' + GOOD, FORM, 'invalid_grant'),
                ('grant_type=client_credentials&scope=personio%3Anothing%3Aread&' + GOOD, FORM, 'invalid_scope'),
            ]
            for body, headers, error in cases:
                answer = ask(body, headers)
                self.assertEqual((answer.status, answer.json['error']), (400, error))
                self.assertEqual(dict(answer.headers)['Content-Type'], 'application/problem+json')
            s.token = good.json['access_token']
            self.assertEqual(s.page(0).status, 200)
            self.assertEqual(s.ask('POST', '/v2/auth/revoke', 'token=' + s.token, FORM).status, 401)
            revoked = s.ask('POST', '/v2/auth/revoke', 'token=' + s.token, FORM | {'Authorization': 'Bearer ' + s.token})
            self.assertEqual((revoked.status, revoked.body), (200, b''))
            self.assertEqual(s.page(0).status, 403)

    def test_rate_limits(self):
        with Sandbox() as s:
            answers = [s.ask('POST', '/v1/auth', GOOD, FORM).status for _ in range(62)]
            self.assertEqual((answers[:60], answers[61]), ([200] * 60, 429))
            s.control('POST', 'reset')
            s.token = None
            statuses = [s.page(0, 1).status for _ in range(25)]
            self.assertEqual(statuses[:15], [200] * 15)
            self.assertIn(429, statuses)
            s.switch(rate__retry_after='seconds', rate__headers=True)
            limited = next(a for a in (s.page(0, 1) for _ in range(60)) if a.status == 429)
            self.assertEqual(dict(limited.headers)['Retry-After'], '1')
            s.switch(rate__retry_after='date')
            limited = next(a for a in (s.page(0, 1) for _ in range(60)) if a.status == 429)
            self.assertRegex(dict(limited.headers)['Retry-After'], r'^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$')

    def test_requests_are_logged_and_counted(self):
        with Sandbox('--no-limits') as s:
            s.page(0, 5)
            s.ask('GET', '/v1/company/employees?limit=1', headers={
                'Authorization': 'Bearer ' + s.token, 'X-Personio-App-ID': 'ROLLCALL'})
            log = s.control('GET', 'requests')['requests']
            self.assertEqual([r['route'] for r in log], ['v1.auth', 'v1.employees.list', 'v1.employees.list'])
            self.assertEqual([r['has_app_id'] for r in log], [False, False, True])
            self.assertEqual(log[2]['query'], 'limit=1')
            self.assertEqual(log[2]['token'], s.token[-6:])
            counters = s.control('GET', 'counters')
            self.assertEqual(counters['routes']['v1.employees.list'], {'200': 2})
            self.assertEqual(counters['tokens'], {s.token[-6:]: 2})
            s.control('DELETE', 'requests')
            self.assertEqual(s.control('GET', 'counters')['total'], 0)


if __name__ == '__main__':
    harness.run()
