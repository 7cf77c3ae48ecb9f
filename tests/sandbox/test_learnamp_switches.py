"""Every value of every switch changes something that a client, or the truth, can tell: a fixed life of a platform, lived once
with the defaults and once with each other value of each switch."""
import os
import re
import unittest
import harness
from harness import LearnAmp, SYNC

NUMBERS = {  # values to try for switches that are numbers; else 1
    'auth.token-seconds': 100, 'auth.scope-missing-status': 401, 'list.default-page': 3, 'list.max-page': 5,
    'list.per-page-ignored': 4, 'list.lag-seconds': 1000, 'status.unknown-percent': 50, 'deactivate.last-owner-status': 422,
    'deactivate.again-status': 400, 'reactivate.again-status': 400,
}
MOMENT = re.compile(r'T\d\d:\d\d:\d\dZ|"created_at":\d+')


class Battery:
    """Asks, and keeps what was answered."""

    def __init__(self, s):
        self.s, self.kept = s, []

    def ask(self, *args, **kw):
        answer = self.s.call(*args, **kw)
        self.keep(answer)
        return answer

    def keep(self, answer):
        status, headers, body = answer.same()
        self.kept.append((status, headers, MOMENT.sub('', body.decode())))

    def token(self, *args, **more):
        self.keep(self.s.token_answer(*args, **more))

    def put(self, number, **changes):
        email = self.s.account(number)['email'] or ''
        self.ask('PUT', f'/users/{number}', {'email': email, 'firstName': 'First', 'lastName': 'Last', **changes})


def tokens(b):
    b.token()
    b.token()
    b.token(secret='wrong')
    b.token(scope=None)
    b.token(grant_type='password')
    b.keep(b.s.ask('POST', '/oauth/token', 'grant_type=client_credentials&scope=users:read', {
        'Content-Type': 'application/x-www-form-urlencoded',
        'Authorization': 'Basic bGVhcm5hbXAtc2FuZGJveDpsZWFybmFtcC1zYW5kYm94LXNlY3JldA=='}))
    b.ask('DELETE', '/users/1002')
    b.keep(b.s.ask('GET', '/v1/users', headers={'Authorization': 'Bearer nothing'}))
    b.s.control('POST', 'expire-tokens')
    b.ask('GET', '/teams')
    b.s.login(scope=SYNC)
    answer = b.s.call('GET', '/teams?perPage=1')
    b.kept.append(b.s.control('GET', 'clock')['now'][:13] == harness_hour(answer))


def harness_hour(answer):
    """The hour of the Date header as the clock writes it."""
    day, month, year, time = answer.header('Date').split()[1:5]
    number = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split().index(month) + 1
    return f'{year}-{number:02}-{day}T{time[:2]}'


def lists(b):
    for query in ('', '', 'perPage=200', 'perPage=4&page=1', 'perPage=4&page=2', 'perPage=4&page=3', 'perPage=4&page=99', 'page=x',
                  'filters[email]=OWNER@nordkap.example', 'filters[email]=owner', 'filters[status][]=deactivated',
                  'filters[status][]=pending_deactivation', 'filters[role]=nobody', 'filters[integration_external_id]=OKTA:00u1f3kq9w',
                  'filters[integration_external_id]=okta:00u1f3kq9w', 'filters[updated_at][from]=2026-11-23', 'expanded=true'):
        b.ask('GET', '/users?' + query)
    for query in ('', 'filters[name]=aurora', 'filters[name]=project+aurora', 'filters[name]=Book+club', 'perPage=2&page=2'):
        b.ask('GET', '/teams?' + query)
    for path in ('/users/1001', '/users/1008', '/users/9999', '/teams/15', '/teams/17', '/teams/15/users', '/languages', '/roles',
                 '/users/by_integration_external_id/okta:00u1f3kq9w', '/users/by_integration_external_id/OKTA:00U1F3KQ9W'):
        b.ask('GET', path)


def created(b):
    s, made = b.s, []
    team = s.team('Works', integrationExternalId='d:1')['id']
    other = s.team('Choir', managerId=1002)['id']
    base = {'firstName': 'First', 'lastName': 'Last'}
    bodies = [
        {'email': 'Ana@Example.org', 'primaryTeamId': team, 'secondaryTeamIds': [15], 'integrationExternalId': 'x:1',
         'customFields': [{'name': 'Employee number', 'value': '1'}]},
        {'email': ' ben@example.org ', 'skipInvitation': True, 'primaryTeamId': other, 'occupationRole': 'Nurse'},
        {'email': 'cem@example.org', 'hireDate': '2026-01-01', 'location': 'Leeds', 'department': 'Works', 'jobTitle': 'Cook'},
        {'email': 'dea@elsewhere.example'}, {'email': 'ana@example.org'}, {'email': 'eva@example.org', 'role': 'hr'},
        {'email': 'fay@example.org', 'customFields': [{'name': 'Nothing', 'value': '1'}]},
        {'email': 'gus@example.org', 'managerEmail': 'ben@example.org'}, {'email': 'hal@example.org', 'managerId': 1008},
        {'email': 'ivy@example.org', 'integrationExternalId': 'X:1'},
    ]
    for body in bodies:
        answer = b.ask('POST', '/users', {**base, **body})
        made.append(answer.json['id'] if answer.status == 201 else None)
    b.ask('POST', '/teams', {'name': 'Works'})
    b.ask('GET', '/users?filters[email]=Ana@Example.org')
    return team, other, made


def changed(b, team, other, made):
    s = b.s
    ana, ben, cem = made[0], made[1], made[2]
    b.ask('PUT', f'/users/{cem}', {'jobTitle': 'Chef'})
    b.ask('PUT', '/users/by_integration_external_id/x:1', {'jobTitle': 'Chef'})
    b.put(ana, primaryTeamId=other, secondaryTeamIds=[16], managerId=cem)
    b.put(ana, managerId=ana)
    b.put(ana, managerId=None)
    b.put(ana, primaryTeamId=None)
    b.put(ana, email='ana.new@example.org')
    b.put(ben, skipInvitation=False)
    b.put(cem, jobTitle=None, location='')
    b.put(cem, hireDate=None)
    b.put(cem, language='de', customFields=[{'name': 'Nothing', 'value': '1'}])
    b.put(1008, jobTitle='Ghost')
    b.ask('PUT', f'/teams/{team}', {'tags': 'x'})
    for path, body in ((f'/{team}/users', {'userId': ana, 'isPrimary': True}), (f'/{team}/users', {'userId': ana}),
                       (f'/{team}/users', {'userId': 1008}), (f'/{team}/users', {'userId': 1003, 'response': 'Teams::Simple'}),
                       (f'/{team}/bulk/users', {'userIds': [1004, 9999]}), (f'/{team}/bulk/users', {'userIds': [1004]})):
        b.ask('POST', '/teams' + path, body)
    s.control('POST', 'clock', {'add_days': 1})
    s.login()
    b.ask('POST', f'/teams/{other}/users', {'userId': cem})
    b.ask('GET', '/users?filters[updated_at][from]=2026-11-24')


def left(b, team, other, made):
    s, ana, cem = b.s, made[0], made[2]
    s.by_hand(ana, manager=cem)
    for number, what in ((cem, 'deactivate'), (cem, 'deactivate'), (1001, 'deactivate'), (1003, 'reactivate')):
        b.ask('PUT', f'/users/{number}/{what}')
    b.ask('GET', '/users?filters[updated_at][from]=2026-11-24&filters[status][]=deactivated')
    b.ask('GET', f'/users/{cem}')
    b.ask('PUT', f'/users/{cem}/reactivate')
    s.control('POST', f'accounts/{made[1]}/invite', {'on': '2027-01-01'})
    b.ask('GET', f'/users/{made[1]}')
    s.by_hand(1004, leaveDate='2026-11-30')
    b.ask('GET', '/users/1004')
    s.control('POST', 'accounts/1005/anonymise')
    b.ask('GET', '/users/1005')
    b.ask('GET', '/users?filters[status][]=deactivated')
    s.everything()
    s.by_hand(ana, manager=cem)
    b.ask('DELETE', f'/users/{cem}')
    s.control('POST', 'clock', {'add_days': 10})
    s.everything()
    b.ask('GET', '/teams?perPage=1')


def life(s, name=None, value=None):
    """What was answered, and what is true in the end. The switch is set once the token is there, but for those of tokens."""
    s.control('POST', 'reset')
    s.control('DELETE', 'switches')
    s.token = None
    b = Battery(s)
    s.login()
    s.by_hand(1006, primaryTeam=18)
    if name is not None:
        s.control('POST', 'switches', {name: value})
    tokens(b)
    s.login()
    lists(b)
    team, other, made = created(b)
    if None not in made[:3] and len(set(made[:3])) == 3:  # with some switches a later step has nobody to happen to
        changed(b, team, other, made)
        left(b, team, other, made)
    b.kept.append([MOMENT.sub('', str({**a, 'updatedAt': None})) for a in s.control('GET', 'truth')['accounts']])
    b.kept.append([(m['to'], m['kind'], m['why']) for m in s.mails()])
    return b.kept


class Switches(unittest.TestCase):
    def test_every_value_of_every_switch_changes_something(self):
        with LearnAmp('--no-limits') as s, LearnAmp() as limited:
            usual = life(s)
            self.assertGreater(sum(1 for k in usual if isinstance(k, tuple) and k[0] in (200, 201, 204)), 60)
            rows = s.control('GET', 'switches')['switches']
            self.assertGreater(len(rows), 80)
            without_effect = []
            for row in rows:
                for other in row['words'].split('|') if 'words' in row else [NUMBERS.get(row['name'], 1)]:
                    if other == row['default']:
                        continue
                    if row['name'].startswith('rate.'):
                        changes = self.limits(limited, row['name'], other)
                    else:
                        changes = life(s, row['name'], other) != usual
                    if not changes:
                        without_effect.append(f'{row["name"]}={other}')
            self.assertEqual(without_effect, [])
            self.assertEqual(life(s), usual, 'time alone made the difference')

    def limits(self, s, name, value):
        s.control('POST', 'reset')
        s.control('POST', 'switches', {'rate.per-minute': 3, name: value})
        s.login()
        answers = [s.call('GET', '/teams?perPage=1') for _ in range(6)]
        if name == 'rate.per-minute':
            return [a.status for a in answers[:2]] == [200, 429]
        return any(a.header({'rate.retry-after': 'Retry-After', 'rate.headers': 'RateLimit-Limit'}[name]) for a in answers)

    def test_the_documentation_has_a_row_for_every_switch_and_says_the_same(self):
        docs = os.path.join(os.path.dirname(__file__), '..', '..', 'docs')
        with open(os.path.join(docs, 'sandbox.md'), encoding='utf-8') as file:
            written = file.read().split('# Learn Amp\n')[1]
        with open(os.path.join(docs, 'wire-learnamp.md'), encoding='utf-8') as file:
            sections = {line.split()[1] for line in file if re.match(r'## \d', line)}
        with LearnAmp() as s:
            rows = s.control('GET', 'switches')['switches']
        found = re.findall(r'^\| `([a-z0-9.-]+)` \| (.*?) \| (.) \| (\S+) \| (.*) \|$', written, re.MULTILINE)
        expected = []
        for row in rows:
            words = row['words'].split('|') if 'words' in row else []
            ordered = [row['default']] + [w for w in words if w != row['default']]
            values = ', '.join(f'`{w}`' for w in ordered) if words else f'number, {row["default"]}'
            expected.append((row['name'], values, row['mark'], row['text']))
        self.assertEqual(sorted((n, v, m, t) for n, v, m, _, t in found), sorted(expected))
        self.assertEqual({section for *_, section, _ in found} - sections, {'-'})

    def test_wrong_names_and_values_are_refused(self):
        with LearnAmp() as s:
            for wrong in ({'list.nothing': 1}, {'list.order': 'abc'}, {'list.order': 9}, {'list.default-page': 'x'},
                          {'deactivate.last-owner-status': 99}, {'list.total-wrong': 2**62}, {'update.partial': [1]}):
                self.assertIn('error', s.control('POST', 'switches', wrong, status=(400, 404)))
            self.assertFalse(any(r['changed'] for r in s.control('GET', 'switches')['switches']))

    def test_numbers_far_out_of_range_are_answered(self):
        with LearnAmp('--no-limits') as s:
            for values in ({}, {'list.per-page-ignored': 10**9, 'list.total-grows': 10**9}, {'list.total-grows': -10**9},
                           {'list.default-page': 0, 'list.max-page': -5, 'list.past-end': 'last'}, {'list.lag-seconds': 10**9},
                           {'list.empty': 1, 'list.row-moves': 'to-end', 'list.past-end': 'last'}):
                s.control('DELETE', 'switches')
                s.control('POST', 'switches', values)
                for query in ('page=999999999999999999', 'perPage=999999999999999999', 'page=-1', 'filters[email]=%00%ff', 'filters=x',
                              'filters[status][][][]=x', 'filters[created_at]=x', '&&==&[]=1', 'filters[a' + '[a' * 50, 'perPage=1&page=2'):
                    self.assertIn(s.call('GET', '/users?' + query).status, (200, 400), query)


if __name__ == '__main__':
    harness.run()
