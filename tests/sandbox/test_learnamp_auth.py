import base64
import unittest
import urllib.parse
import harness
from harness import LearnAmp, SYNC

FORM = {'Content-Type': 'application/x-www-form-urlencoded'}
GOOD = {'grant_type': 'client_credentials', 'client_id': 'learnamp-sandbox', 'client_secret': 'learnamp-sandbox-secret',
        'scope': 'users:read'}


def form(**changes):
    return urllib.parse.urlencode({k: v for k, v in {**GOOD, **changes}.items() if v is not None})


class Tokens(unittest.TestCase):
    def test_a_token_is_given_for_a_form_multipart_json_and_a_basic_header(self):
        multipart = ''.join(f'--x\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in GOOD.items()) + '--x--\r\n'
        basic = base64.b64encode(b'learnamp-sandbox:learnamp-sandbox-secret').decode()
        with LearnAmp() as s:
            for body, headers in ((form(), FORM), (multipart, {'Content-Type': 'multipart/form-data; boundary=x'}),
                                  (GOOD, {'Content-Type': 'application/json'}),
                                  (form(client_id=None, client_secret=None), FORM | {'Authorization': 'Basic ' + basic})):
                answer = s.ask('POST', '/oauth/token', body, headers)
                self.assertEqual(answer.status, 200, answer.body)
                self.assertEqual(list(answer.json), ['access_token', 'token_type', 'expires_in', 'scope', 'created_at'])
                self.assertEqual((answer.json['token_type'], answer.json['expires_in'], answer.json['scope']),
                                 ('Bearer', 7200, 'users:read'))
                self.assertEqual(answer.json['created_at'] // 86400 * 86400, 1795392000)
                s.token = answer.json['access_token']
                self.assertEqual(s.call('GET', '/users').status, 200)

    def test_refusals(self):
        cases = [  # body, error, status, status with auth.error-status=all-401
            (form(client_secret='no'), 'invalid_client', 401), (form(client_id='nobody'), 'invalid_client', 401),
            (form(client_id=None), 'invalid_client', 401), ('', 'invalid_request', 400),
            (form(grant_type=None), 'invalid_request', 400), (form(grant_type='password'), 'unsupported_grant_type', 400),
            (form(scope='users:read nonsense'), 'invalid_scope', 400), (form(scope='users:delete'), 'invalid_scope', 400),
            (form(scope=None), 'invalid_scope', 400), (form(scope='users:read ' + 'x' * 3000), 'invalid_scope', 400),
        ]
        with LearnAmp('--no-limits') as s:
            for words, same in (('split', False), ('all-401', True)):
                s.control('POST', 'switches', {'auth.error-status': words})
                for body, error, status in cases:
                    answer = s.ask('POST', '/oauth/token', body, FORM)
                    self.assertEqual((answer.status, answer.json['error']), (401 if same else status, error), body[:80])
                    self.assertEqual(list(answer.json), ['error', 'error_description'])

    def test_a_key_from_before_scopes_may_do_all_without_asking_for_scopes(self):
        with LearnAmp() as s:
            self.assertEqual(s.everything().json['scope'], 'public')
            self.assertEqual(s.call('DELETE', '/users/1003').status, 204)
            self.assertEqual(s.token_answer('learnamp-legacy', 'learnamp-legacy-secret', 'users:read').status, 400)

    def test_a_token_ends_after_two_hours_or_on_command_and_says_why(self):
        with LearnAmp() as s:
            s.login()
            s.control('POST', 'clock', {'add_seconds': 7190})
            self.assertEqual(s.call('GET', '/users').status, 200)
            s.control('POST', 'clock', {'add_seconds': 20})
            for answer, words in ((s.call('GET', '/users'), 'The access token expired'),
                                  (s.ask('GET', '/v1/users'), 'The access token is invalid'),
                                  (s.ask('GET', '/v1/users', headers={'Authorization': 'Bearer x'}), 'The access token is invalid'),
                                  (s.ask('GET', '/v1/users', headers={'Authorization': 'Basic x'}), 'The access token is invalid')):
                self.assertEqual((answer.status, answer.json), (401, {'error': words}))
            s.login()
            self.assertGreater(s.control('POST', 'expire-tokens', {'client_id': 'learnamp-sandbox'})['expired'], 0)
            self.assertEqual(s.call('GET', '/users').json, {'error': 'The access token expired'})
            s.login()
            self.assertEqual(s.control('POST', 'expire-tokens', {'revoked': True})['expired'], 1)
            self.assertEqual(s.call('GET', '/users').json, {'error': 'The access token was revoked'})

    def test_each_endpoint_wants_its_scope_and_names_it(self):
        needs = {
            ('GET', '/users'): 'users:read', ('GET', '/users/1001'): 'users:read', ('POST', '/users'): 'users:create',
            ('GET', '/users/by_integration_external_id/x'): 'users:read', ('PUT', '/users/1001'): 'users:update',
            ('PUT', '/users/by_integration_external_id/x'): 'users:update', ('DELETE', '/users/1003'): 'users:delete',
            ('PUT', '/users/1003/deactivate'): 'users:deactivate', ('PUT', '/users/1003/reactivate'): 'users:reactivate',
            ('GET', '/users/1001/channels_progress'): 'user_channels_progress:read', ('GET', '/teams'): 'teams:read',
            ('GET', '/teams/15'): 'teams:read', ('GET', '/teams/by_external_id/x'): 'teams:read', ('POST', '/teams'): 'teams:create',
            ('PUT', '/teams/15'): 'teams:update', ('PUT', '/teams/by_external_id/x'): 'teams:update',
            ('DELETE', '/teams/15'): 'teams:delete', ('DELETE', '/teams/by_external_id/x'): 'teams:delete',
            ('GET', '/teams/15/users'): 'team_users:read', ('POST', '/teams/15/users'): 'team_users:create',
            ('POST', '/teams/users'): 'team_users:create', ('POST', '/teams/15/bulk/users'): 'team_users:create',
            ('DELETE', '/teams/15/users/1001'): 'team_users:delete', ('GET', '/teams/by_external_id/x/users'): 'team_users:read',
            ('POST', '/teams/by_external_id/x/users'): 'team_users:create',
            ('POST', '/teams/by_external_id/x/bulk/users'): 'team_users:create',
            ('DELETE', '/teams/by_external_id/x/users/1'): 'team_users:delete',
        }
        with LearnAmp('--no-limits') as s:
            scopes = sorted(set(needs.values()))
            s.control('POST', 'credentials', {'client_id': 'all', 'client_secret': 'x', 'scopes': scopes})
            for (method, path), scope in needs.items():
                others = ' '.join(x for x in scopes if x != scope)
                s.login('all', 'x', others)
                answer = s.call(method, path)
                self.assertEqual((answer.status, answer.json), (403, {
                    'error': f'Access to this resource requires scope "{scope}".'}), path)
                s.login('all', 'x', scope)
                self.assertNotIn(s.call(method, path).status, (401, 403, 405), path)

    def test_a_scope_taken_from_a_key_is_missed_at_once(self):
        with LearnAmp() as s:
            s.login()
            s.control('PATCH', 'credentials/learnamp-sandbox', {'scopes': SYNC.replace('users:update ', '')})
            self.assertEqual(s.call('PUT', '/users/1003', {'email': 'a@b.example'}).status, 403)
            self.assertEqual(s.call('GET', '/users').status, 200)

    def test_too_many_calls_are_refused_with_and_without_a_time_to_wait(self):
        with LearnAmp('--switch', 'rate.per-minute=5') as s:
            s.login()
            answers = [s.call('GET', '/teams') for _ in range(7)]
            self.assertEqual([a.status for a in answers[:5]], [200] * 5)
            self.assertEqual((answers[6].status, answers[6].json, answers[6].header('Retry-After')),
                             (429, {'error': 'Too many requests'}, None))
            s.control('POST', 'switches', {'rate.retry-after': 'seconds', 'rate.headers': 'on'})
            refused = s.call('GET', '/teams')
            self.assertTrue(1 <= int(refused.header('Retry-After')) <= 12)
            self.assertEqual((refused.header('RateLimit-Limit'), refused.header('RateLimit-Remaining')), ('5', '0'))
            s.control('POST', 'switches', {'rate.retry-after': 'date'})
            self.assertRegex(s.call('GET', '/teams').header('Retry-After'), r'^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$')
        with LearnAmp('--no-limits', '--switch', 'rate.per-minute=5') as s:
            self.assertEqual({s.call('GET', '/teams').status for _ in range(20)}, {200})

    def test_what_is_no_endpoint(self):
        cases = [
            ('GET', '/nothing', {}, 404), ('GET', '/users/1001/nothing', {}, 404), ('GET', '/users/abc', {}, 404),
            ('PATCH', '/users/1001', {}, 405), ('POST', '/users/1001', {}, 405), ('GET', '/users.xml', {}, 406),
            ('GET', '/users', {'Accept': 'text/csv'}, 406), ('GET', '/users', {'Accept': 'application/json'}, 200),
            ('GET', '/users.json', {'Accept': '*/*'}, 200), ('GET', '/users/1001.json', {}, 200), ('GET', '/teams/15.json', {}, 200),
            ('GET', '/teams/15/users.json', {}, 200), ('GET', '/users/', {}, 404), ('GET', '/capabilities', {}, 404),
            ('POST', '/users/1003/invite', {}, 404), ('GET', '/languages', {}, 404), ('GET', '/users/0001001', {}, 200),
            ('GET', '/users/99999999999999999999', {}, 404), ('POST', '/users', {'Content-Type': 'text/plain'}, 415),
            ('POST', '/users', {'Content-Type': 'application/json'}, 400),
        ]
        with LearnAmp('--no-limits') as s:
            for method, path, headers, status in cases:
                answer = s.call(method, path, '{"a":' if headers.get('Content-Type') else None, headers)
                self.assertEqual(answer.status, status, (method, path, answer.body))
                if status >= 400:
                    self.assertEqual(list(answer.json), ['error'])
            self.assertEqual(s.call('PATCH', '/users/1001').header('Allow'), 'GET, PUT, DELETE')


if __name__ == '__main__':
    harness.run()
