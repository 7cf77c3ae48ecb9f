"""Every switch changes something that a client can notice: a fixed set of requests, answered once with the defaults and once
with each other value of each switch. The rate switches have their own test (test_auth.py), but are not exempt here."""
import os
import subprocess
import unittest
import harness
from harness import Sandbox, value

FORM = {'Content-Type': 'application/x-www-form-urlencoded'}
GOOD = 'client_id=papi-sandbox&client_secret=papi-sandbox-secret'
NUMBERS = {  # values to try for switches that are numbers; else 1
    'auth.wrong-status': 401, 'auth.bad-token-status': 401, 'auth.missing-fields-status': 422, 'auth.v2-status': 401,
    'auth.right-missing-status': 401, 'auth.token-seconds': 100, 'list.default-page': 10, 'list.max-limit': 20,
    'list.limit-ignored': 13, 'updated-since.extra-percent': 50, 'updated-since.delay-seconds': 3000,
    'status.unknown-percent': 50, 'attributes.missing-percent': 50,
}
LIMITS = {'rate.list-per-minute': 3, 'rate.list-per-second': 3, 'rate.address-per-minute': 3,
          'rate.auth-v1-per-minute': 3, 'rate.auth-v2-per-minute': 3}


def battery(s, people):
    """Answers to everything that a switch may change, in a shape that can be compared."""
    def auth(*more):
        answer = s.ask(*more)
        body = {k: v for k, v in answer.json.get('data', answer.json).items() if k not in ('timestamp',)}
        return answer.status, body

    out = [auth('POST', '/v1/auth', GOOD, FORM), auth('POST', '/v1/auth', GOOD, FORM), auth('POST', '/v1/auth?' + GOOD),
           auth('POST', '/v1/auth', 'client_id=papi-sandbox', FORM), auth('POST', '/v1/auth', GOOD + 'x', FORM),
           auth('POST', '/v2/auth/token', 'grant_type=client_credentials&' + GOOD, FORM),
           auth('POST', '/v2/auth/token', 'grant_type=client_credentials&' + GOOD + 'x', FORM),
           s.ask('POST', '/v2/auth/revoke', 'token=nothing', FORM).same()]
    v2 = out[5][1]['access_token']
    out.append(s.ask('GET', '/v1/company/employees?limit=1', headers={'Authorization': 'Bearer ' + v2}).same())
    out.append(s.ask('GET', '/v1/company/employees?limit=1', headers={'Authorization': 'Bearer nothing'}).same())
    none = s.ask('POST', '/v1/auth', 'client_id=none&client_secret=x', FORM).json['data']['token']
    out.append(s.ask('GET', '/v1/company/employees', headers={'Authorization': 'Bearer ' + none}).same())
    few = s.ask('POST', '/v1/auth', 'client_id=few&client_secret=x', FORM).json['data']['token']
    out.append(s.ask('GET', f'/v1/company/employees/{people["unseen"]}', headers={'Authorization': 'Bearer ' + few}).same())
    out.append(s.ask('GET', '/v1/company/employees/attributes', headers={'Authorization': 'Bearer ' + few}).same())
    s.login()
    first = s.page(0, 60)
    out.append((dict(first.headers).get('Authorization') == 'Bearer ' + s.token, 'Authorization' in dict(first.headers)))
    now, said = s.control('GET', 'clock')['now'], dict(first.headers)['Date']
    out.append((now[8:10], now[11:13]) == (said[5:7], said[17:19]))  # day and hour: the hour alone is the same once a day
    for query in ('limit=60', 'limit=60', 'limit=60&offset=60', 'limit=60&offset=120', 'limit=60&offset=600', 'limit=500', 'limit=x', '',
                  'limit=2&attributes[]=email', 'limit=2&offset=2&attributes[]=status',
                  'email=' + people['email'], 'updated_since=2026-11-23T08:00:00', 'updated_since=1990-01-01&limit=5',
                  'updated_since=2026-11-23T08:00:00&email=' + people['email'],
                  'updated_since=2026-11-23T09:30:00', 'updated_since=2026-11-23T10:15:00',
                  'updated_since=2026-11-23T08:00:00&attributes[]=team', 'updated_since=' + people['edited_at']):
        out.append(s.get('/v1/company/employees?' + query).same())
    for path in (people['active'], people['inactive'], 99, f'{people["active"]}?attributes[]=team', 'attributes',
                 f'{people["picture"]}/profile-picture', f'{people["picture"]}/profile-picture/20', '99/profile-picture'):
        out.append(s.get(f'/v1/company/employees/{path}').same())
    s.control('POST', 'clock', {'add_days': 300})
    s.login()
    out.append(s.get('/v1/company/employees?updated_since=2027-09-01').json)
    return out


def prepared(s):
    """The same people, credentials and edits before every battery."""
    s.token = None
    s.control('POST', 'reset')
    s.control('POST', 'clock', {'now': '2026-11-23T09:00:00Z'})
    s.control('POST', 'credentials', {'client_id': 'none', 'client_secret': 'x', 'scopes': []})
    s.control('POST', 'credentials', {'client_id': 'few', 'client_secret': 'x', 'sees': {'office': 'Bremen'},
                                      'attributes': ['email']})
    s.control('PATCH', 'credentials', {'client_id': 'papi-sandbox', 'attributes': 'all'})
    truth = s.truth()
    edited = truth[20]['id']
    s.control('PATCH', f'people/{edited}', {'position': 'Poet'})
    row = s.get(f'/v1/company/employees/{edited}').json['data']
    s.token = None
    picture = next(value(r, 'id') for r in s.listing() if value(r, 'profile_picture'))
    s.token = None
    return {
        'active': next(p['id'] for p in truth if p['status'] == 'active' and p['supervisor'] is None),
        'inactive': next(p['id'] for p in truth if p['status'] == 'inactive'),
        'unseen': next(p['id'] for p in truth if p['office'] != 'Bremen'),
        'email': next(p['email'] for p in truth if p['email']), 'picture': picture,
        'edited_at': value(row, 'last_modified_at')[:11] + f"{int(value(row, 'last_modified_at')[11:13]) - 1:02}"
                     + value(row, 'last_modified_at')[13:19],
    }


class Switches(unittest.TestCase):
    def test_every_value_of_every_switch_changes_something(self):
        with Sandbox('--no-limits') as s, Sandbox() as limited:
            usual = battery(s, prepared(s))
            rows = s.control('GET', 'switches')['switches']
            self.assertGreater(len(rows), 70)
            without_effect = []
            for row in rows:
                if row['name'].startswith('webhooks.'):  # test_webhooks.py
                    continue
                if row['name'].startswith('rate.'):
                    if not self.limits(limited, row):
                        without_effect.append(row['name'])
                    continue
                values = row['words'].split('|') if 'words' in row else [NUMBERS.get(row['name'], 1)]
                for other in values:
                    if other == row['default']:
                        continue
                    people = prepared(s)
                    s.control('POST', 'switches', {row['name']: other})
                    if self.shown(battery(s, people)) == self.shown(usual):
                        without_effect.append(f'{row["name"]}={other}')
            self.assertEqual(without_effect, [])
            self.assertEqual(self.shown(battery(s, prepared(s))), self.shown(usual), 'time alone made the difference')

    def test_wrong_names_and_values_are_refused(self):
        with Sandbox() as s:
            for wrong in ({'list.nothing': 1}, {'tags.form': 'abc'}, {'tags.form': 3}, {'list.default-page': 'x'},
                          {'auth.wrong-status': 99}, {'list.total-wrong': 2**62}, {'labels.german': [1]}):
                self.assertIn('error', s.control('POST', 'switches', wrong, status=(400, 404)))
            self.assertFalse(any(r['changed'] for r in s.control('GET', 'switches')['switches']))

    def test_numbers_far_out_of_range_are_answered(self):
        with Sandbox('--no-limits') as s:
            for values in ({}, {'list.offset-is-page': 1, 'list.limit-ignored': 10**9, 'list.total-shrinks': 10**9},
                           {'list.default-page': 0, 'list.max-limit': -5, 'list.short-page': 10**9, 'list.past-end': 'repeat'},
                           {'list.empty': 1, 'list.row-moves': 'to-end', 'list.past-end': 'repeat'}):
                s.control('POST', 'switches', values)
                for query in ('offset=18446744073709551615', 'limit=99999999999999999999', 'offset=-1&limit=-1', 'limit=0', 'offset=2000000',
                              'attributes[]=&attributes[]=nothing', 'updated_since=', 'updated_since=2026-13-01', 'email=', '%00=%ff&&=&'):
                    self.assertIn(s.get('/v1/company/employees?' + query).status, (200, 400))

    def test_the_documentation_names_every_switch_and_fault(self):
        with open(os.path.join(os.path.dirname(__file__), '..', '..', 'docs', 'sandbox.md'), encoding='utf-8') as file:
            docs = file.read()
        for option in ('--switches', '--faults'):
            lines = subprocess.run([harness.BINARY, option], capture_output=True, text=True, check=True).stdout.splitlines()
            names = [line.split()[0] for line in lines if not line.startswith('switch ')]
            self.assertGreater(len(names), 30)
            self.assertEqual([n for n in names if f'| `{n}` |' not in docs], [])

    def test_the_defaults_answer_the_same_twice(self):
        """The control of the test above: without a switch there is no difference."""
        with Sandbox('--no-limits') as s:
            self.assertEqual(self.shown(battery(s, prepared(s))), self.shown(battery(s, prepared(s))))

    def shown(self, answers):
        """Tokens and moments differ every time; only whether two tokens are the same is kept."""
        text = repr(answers[8:])
        names, kept = {}, []
        for status, body in answers[:7]:
            body = dict(body)
            for key in ('token', 'access_token'):
                if key in body:
                    body[key] = names.setdefault(body[key], len(names))
            for key in ('expires_in',):
                if key in body:
                    body[key] = type(body[key]).__name__, abs(int(body[key]) - 86400) < 60, int(body[key]) == 86400
            kept.append((status, repr(body)))
        return kept, answers[7], self.without_moment(text)

    def without_moment(self, text):
        import re
        return re.sub(r'T\d\d:\d\d:\d\d(?=[+-Z])', lambda m: m[0] if m[0] == 'T00:00:00' else 'T', text)

    def limits(self, s, row):
        s.control('POST', 'reset')
        s.control('POST', 'switches', {row['name']: LIMITS.get(row['name'], 1), 'rate.list-per-second': 5}
                  if row['name'] != 'rate.list-per-second' else {row['name']: 3})
        s.login()
        if 'auth-v2' in row['name']:
            return [s.ask('POST', '/v2/auth/token', 'x=1', FORM).status for _ in range(5)][3:] == [429, 429]
        if 'auth-v1' in row['name']:
            return [s.ask('POST', '/v1/auth', GOOD, FORM).status for _ in range(4)] == [200, 200, 429, 429]
        answers = [s.page(0, 1) for _ in range(8)]
        if row['name'] in LIMITS:
            return [a.status for a in answers[:4]].count(429) > 0
        names = {k.lower() for a in answers for k, _ in a.headers}
        return {'rate.retry-after': 'retry-after', 'rate.headers': 'x-ratelimit-remaining'}[row['name']] in names


if __name__ == '__main__':
    harness.run()
