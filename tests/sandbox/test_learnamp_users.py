import unittest
import urllib.parse
import harness
from harness import LearnAmp

TAKEN = 'has already been taken'
MISSING = {'error': 'email is missing, email is empty, firstName is missing, lastName is missing',
           'fullErrors': {'email': ['is missing', 'is empty'], 'firstName': ['is missing'], 'lastName': ['is missing']}}


def both(prefix, shown, name, what):
    return {'error': f'{prefix}{shown} {what}', 'fullErrors': {name: [what]}}


def param(name, what):
    return both('', name, name, what)


def model(shown, name, what):
    return both('Validation failed: ', shown, name, what)


class Users(harness.OnOneSandbox):
    make = staticmethod(lambda: LearnAmp('--no-limits'))

    def test_a_user_is_made_found_and_shown_in_both_shapes(self):
        s = self.s
        team, other = s.team('Works', integrationExternalId='d:1'), s.team('Choir')
        made = s.user('zoe@example.org', firstName='Zoë', lastName='Łukasz', jobTitle='Welder', language='de', role='curator',
                      integrationExternalId='HR/1 001', primaryTeamIntegrationExternalId='d:1', secondaryTeamIds=[other['id']],
                      managerEmail='OWNER@nordkap.example', skipInvitation=True, hireDate='2026-03-02', location='Leeds',
                      department='Works', customFields=[{'name': 'Employee number', 'value': '77'}])
        nested = {'id': 1001, 'firstName': 'Ada', 'lastName': 'Lindqvist', 'jobTitle': 'Learning platform owner',
                  'email': 'owner@nordkap.example', 'timeZone': 'London', 'language': 'en', 'role': 'owner',
                  'integrationExternalId': None, 'profileUrl': 'https://nordkap.learnamp.example/en/users/1001',
                  'status': {'status': 'Confirmed', 'time': 'On 13 Jul 25'}}
        simple = {'id': made['id'], 'firstName': 'Zoë', 'lastName': 'Łukasz', 'jobTitle': 'Welder', 'email': 'zoe@example.org',
                  'timeZone': 'London', 'language': 'de', 'role': 'curator', 'integrationExternalId': 'HR/1 001',
                  'hireDate': '2026-03-02', 'profileUrl': f'https://nordkap.learnamp.example/en/users/{made["id"]}',
                  'status': {'status': 'Not yet invited'}}
        team_in_user = {'id': team['id'], 'name': 'Works', 'integrationExternalId': 'd:1', 'teamUsersCount': 1,
                        'apiTeamPath': f'/v1/teams/{team["id"]}.json', 'apiTeamUsersPath': f'/v1/teams/{team["id"]}/users.json',
                        'manager': None}
        fields = [{'name': n, 'value': '77' if n == 'Employee number' else None}
                  for n in ('Employee number', 'Cost centre', 'Leave date', 'Contract type')]
        detailed = {**simple, 'occupationRole': None, 'avatar': None, 'manager': nested, 'location': 'Leeds', 'department': 'Works',
                    'primaryTeam': team_in_user, 'secondaryTeams': [{**team_in_user, **{
                        'id': other['id'], 'name': 'Choir', 'integrationExternalId': None,
                        'apiTeamPath': f'/v1/teams/{other["id"]}.json', 'apiTeamUsersPath': f'/v1/teams/{other["id"]}/users.json'}}],
                    'customFields': fields}
        self.assertEqual(made, detailed)
        self.assertEqual(s.good('GET', f'/users/{made["id"]}'), detailed)
        self.assertEqual(s.good('GET', '/users/by_integration_external_id/HR%2F1%20001'), detailed)
        self.assertEqual(s.good('GET', '/users?filters[integration_external_id]=HR/1+001'), {'users': [simple]})
        self.assertEqual(s.good('GET', '/users?expanded=true&filters[email]=ZOE@example.org'), {'users': [detailed]})
        self.assertEqual(s.mails(), [])

    def test_without_skip_invitation_one_mail_goes_out(self):
        s = self.s
        made = s.user('a@example.org')
        self.assertEqual(made['status'], {'status': 'Invite pending', 'time': 'Sent 23 Nov 26'})
        self.assertEqual([(m['to'], m['account'], m['kind'], m['by']) for m in s.mails()],
                         [('a@example.org', made['id'], 'invitation', 'learnamp-sandbox')])
        self.assertEqual(s.user('b@example.org', skipInvitation=True)['status'], {'status': 'Not yet invited'})
        self.assertEqual(len(s.mails()), 1)

    def test_forms_carry_the_same_as_json(self):
        s = self.s
        team, other = s.team('One'), s.team('Two')
        pairs = [('email', 'f@example.org'), ('firstName', 'Fé'), ('lastName', 'Form'), ('secondaryTeamIds[]', team['id']),
                 ('secondaryTeamIds[]', other['id']), ('customFields[][name]', 'Employee number'), ('customFields[][value]', '1'),
                 ('customFields[][name]', 'Cost centre'), ('customFields[][value]', 'KST & 2'), ('skipInvitation', 'true'),
                 ('managerId', '1001'), ('hireDate', '2026-01-01')]
        bodies = [('application/x-www-form-urlencoded', urllib.parse.urlencode(pairs)),
                  ('multipart/form-data; boundary="a b"', ''.join(
                      f'--a b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in pairs) + '--a b--')]
        for number, (content_type, body) in enumerate(bodies):
            answer = s.call('POST', '/users', body.replace('f%40', f'f{number}%40').replace('f@', f'f{number}@').encode(),
                            {'Content-Type': content_type})
            self.assertEqual(answer.status, 201, answer.body)
            made = s.account(answer.json['id'])
            self.assertEqual((made['firstName'], made['secondaryTeams'], made['manager'], made['status'], made['hireDate']),
                             ('Fé', [team['id'], other['id']], 1001, 'not_invited', '2026-01-01'))
            self.assertEqual(made['customFields'], {'Employee number': '1', 'Cost centre': 'KST & 2', 'Leave date': None,
                                                    'Contract type': None})

    def test_what_is_wrong_with_a_new_user_is_told_and_nobody_is_made(self):
        s = self.s
        s.user('taken@example.org', integrationExternalId='x:1')
        ok = {'email': 'new@example.org', 'firstName': 'N', 'lastName': 'W'}
        cases = [  # what differs, status, answer
            ({'email': None, 'firstName': ..., 'lastName': ...}, 400, {
                'error': 'email is empty, firstName is missing, lastName is missing',
                'fullErrors': {'email': ['is empty'], 'firstName': ['is missing'], 'lastName': ['is missing']}}),
            ({'email': ..., 'firstName': ..., 'lastName': ...}, 400, MISSING),
            ({'email': '   '}, 400, param('email', 'is empty')),
            ({'email': 'ana@@x.example'}, 400, param('email', 'is invalid')),
            ({'email': ['a@b.example']}, 400, param('email', 'is invalid')),
            ({'email': 'no-at.example'}, 400, param('email', 'is invalid')),
            ({'email': 'a@nodot'}, 400, param('email', 'is invalid')),
            ({'email': 'TAKEN@Example.ORG'}, 400, model('Email', 'email', TAKEN)),
            ({'email': ' taken@example.org '}, 400, model('Email', 'email', TAKEN)),
            ({'integrationExternalId': 'x:1'}, 400, model('Integration external id', 'integrationExternalId', TAKEN)),
            ({'email': 'taken@example.org', 'integrationExternalId': 'x:1', 'firstName': ' '}, 400, {
                'error': "Validation failed: First name can't be blank, Email has already been taken, Integration external id "
                         'has already been taken',
                'fullErrors': {'firstName': ["can't be blank"], 'email': [TAKEN], 'integrationExternalId': [TAKEN]}}),
            ({'lastName': ''}, 400, model('Last name', 'lastName', "can't be blank")),
            ({'lastName': 'x' * 256}, 400, model('Last name', 'lastName', 'is too long (maximum is 255 characters)')),
            ({'language': 'fi'}, 400, param('language', 'does not have a valid value')),
            ({'role': 'owner'}, 400, param('role', 'does not have a valid value')),
            ({'role': 'super_admin'}, 400, param('role', 'does not have a valid value')),
            ({'role': 'hr'}, 422, {'error': 'HR role is not available for your company'}),
            ({'primaryTeamId': 9999}, 400, param('primaryTeamId', 'must match existing teams IDs')),
            ({'primaryTeamId': 'abc'}, 400, param('primaryTeamId', 'is invalid')),
            ({'primaryTeamIntegrationExternalId': 'none'}, 400,
             param('primaryTeamIntegrationExternalId', 'must match existing teams integration external IDs')),
            ({'primaryTeamId': 15, 'primaryTeamIntegrationExternalId': 'x'}, 400,
             {'error': 'primaryTeamId, primaryTeamIntegrationExternalId are mutually exclusive'}),
            ({'secondaryTeamIds': [15, 9999]}, 400, param('secondaryTeamIds', 'must match existing teams IDs')),
            ({'secondaryTeamIds': 15}, 400, param('secondaryTeamIds', 'is invalid')),
            ({'secondaryTeamIds': [], 'secondaryTeamIntegrationExternalIds': []}, 400,
             {'error': 'secondaryTeamIds, secondaryTeamIntegrationExternalIds are mutually exclusive'}),
            ({'managerId': 1001, 'managerEmail': 'owner@nordkap.example'}, 400,
             {'error': 'managerId, managerEmail are mutually exclusive'}),
            ({'managerEmail': 'nobody@example.org'}, 400,
             {'error': 'managerEmail must match an existing user email within your company'}),
            ({'managerEmail': 'former.admin@nordkap.example'}, 400,
             {'error': 'managerEmail must match an existing user email within your company'}),
            ({'managerId': 9999}, 400, {'error': 'managerId must match an existing user ID within your company'}),
            ({'managerId': 'x'}, 400, param('managerId', 'is invalid')),
            ({'hireDate': '2026-02-30'}, 400, param('hireDate', 'is invalid')),
            ({'skipInvitation': 'perhaps'}, 400, param('skipInvitation', 'is invalid')),
            ({'customFields': [{'name': 'No such field', 'value': 'x'}]}, 404, {'error': 'Not found'}),
            ({'customFields': [{'value': 'x'}]}, 400, param('customFields', 'is invalid')),
            ({'customFields': {'Employee number': '1'}}, 400, param('customFields', 'is invalid')),
            ({'customFields': [{'name': 'Contract type', 'value': ''}]}, 400, model('Value', 'value', "can't be blank")),
        ]
        before = s.accounts()
        for changes, status, expected in cases:
            body = {k: v for k, v in {**ok, **changes}.items() if v is not ...}
            answer = s.call('POST', '/users', body)
            self.assertEqual((answer.status, answer.json), (status, expected), changes)
        self.assertEqual(s.accounts(), before)
        self.assertEqual(len(s.mails()), 1)
        self.assertEqual(s.call('POST', '/users', {**ok, 'nonsense': 1, 'occupationRole': 'No such'}).status, 201)

    def test_an_update_changes_what_it_names_and_nothing_else(self):
        s = self.s
        team = s.team('Works')
        made = s.user('a@example.org', jobTitle='Welder', integrationExternalId='x:1', customFields=[
            {'name': 'Employee number', 'value': '1'}, {'name': 'Contract type', 'value': 'full'}])
        s.control('DELETE', 'mails')
        before = s.account(made['id'])
        need = {'email': 'a@example.org', 'firstName': 'a', 'lastName': 'Test'}
        steps = [  # sent, what is then true
            ({}, {}), ({'jobTitle': 'Lead'}, {'jobTitle': 'Lead'}), ({'jobTitle': None}, {'jobTitle': None}),
            ({'email': 'A.New@example.org'}, {'email': 'A.New@example.org'}),
            ({'email': 'A.New@example.org', 'primaryTeamId': team['id']}, {'primaryTeam': team['id']}),
            ({'email': 'A.New@example.org', 'managerId': 1002}, {'manager': 1002}),
            ({'email': 'A.New@example.org', 'managerId': None}, {'manager': None}),
            ({'email': 'A.New@example.org', 'primaryTeamId': ''}, {'primaryTeam': None}),
            ({'email': 'A.New@example.org', 'integrationExternalId': 'x:2'}, {'integrationExternalId': 'x:2'}),
            ({'email': 'A.New@example.org', 'integrationExternalId': None}, {'integrationExternalId': None}),
            ({'email': 'A.New@example.org', 'role': 'learning_designer'}, {'role': 'learning_designer'}),
            ({'email': 'A.New@example.org', 'occupationRole': 'Nurse'}, {'occupationRole': 'Nurse'}),
            ({'email': 'A.New@example.org', 'customFields': [{'name': 'Employee number', 'value': None}]},
             {'customFields': {**before['customFields'], 'Employee number': None}}),
            ({'email': 'A.New@example.org', 'hireDate': '2026-01-31', 'location': 'Leeds'},
             {'hireDate': '2026-01-31', 'location': 'Leeds'}),
        ]
        expected = dict(before)
        for sent, true in steps:
            answer = s.call('PUT', f'/users/{made["id"]}', {**need, **sent})
            self.assertEqual(answer.status, 200, answer.body)
            expected.update(true)
            now = s.account(made['id'])
            self.assertEqual({**now, 'updatedAt': None}, {**expected, 'updatedAt': None}, sent)
        self.assertEqual(s.mails(), [])
        self.assertEqual(s.good('PUT', f'/users/{made["id"]}', {**need, 'email': 'a@example.org'})['email'], 'a@example.org')

    def test_what_is_wrong_with_an_update_is_told_and_nothing_is_changed(self):
        s = self.s
        s.user('other@example.org', integrationExternalId='x:2')
        made = s.user('a@example.org', integrationExternalId='x:1', customFields=[{'name': 'Contract type', 'value': 'full'}])
        need = {'email': 'a@example.org', 'firstName': 'a', 'lastName': 'Test', 'jobTitle': 'New'}
        cases = [
            ({'email': ..., 'firstName': ..., 'lastName': ...}, 400, MISSING),
            ({'email': 'Other@example.org'}, 400, model('Email', 'email', TAKEN)),
            ({'integrationExternalId': 'x:2'}, 400, model('Integration external id', 'integrationExternalId', TAKEN)),
            ({'occupationRole': 'Astronaut'}, 422, {'error': 'occupationRole does not match an existing role in your company'}),
            ({'customFields': [{'name': 'Contract type', 'value': None}]}, 400, model('Value', 'value', "can't be blank")),
            ({'customFields': [{'name': 'Nothing', 'value': '1'}]}, 404, {'error': 'Not found'}),
            ({'reactivate': 'perhaps'}, 400, param('reactivate', 'is invalid')),
        ]
        before = s.account(made['id'])
        for changes, status, expected in cases:
            body = {k: v for k, v in {**need, **changes}.items() if v is not ...}
            answer = s.call('PUT', f'/users/{made["id"]}', body)
            self.assertEqual((answer.status, answer.json), (status, expected), changes)
            self.assertEqual(s.account(made['id']), before, changes)
        self.assertEqual(s.call('PUT', '/users/9999', need).status, 404)
        self.assertEqual(s.call('PUT', '/users/by_integration_external_id/x:9', need).status, 404)

    def test_by_external_id_two_fields_are_enough_and_numbers_are_no_ids(self):
        s = self.s
        made = s.user('a@example.org', integrationExternalId='1001')
        changed = s.good('PUT', '/users/by_integration_external_id/1001', {'jobTitle': 'Lead', 'location': 'Leeds'})
        self.assertEqual((changed['id'], changed['jobTitle'], changed['location'], changed['email']),
                         (made['id'], 'Lead', 'Leeds', 'a@example.org'))
        self.assertEqual(s.account(1001)['jobTitle'], 'Learning platform owner')
        s.good('PUT', '/users/by_integration_external_id/1001', {'integrationExternalId': 'x:5'})
        self.assertEqual(s.call('GET', '/users/by_integration_external_id/1001').status, 404)
        self.assertEqual(s.good('GET', '/users/by_integration_external_id/x:5')['id'], made['id'])
        s.good('PUT', '/users/by_integration_external_id/x%3A5', {'integrationExternalId': ''})
        self.assertEqual(s.call('GET', '/users/by_integration_external_id/x:5').status, 404)

    def test_an_address_of_another_company_is_refused_but_for_whose_it_is(self):
        s = self.s
        made, other = s.user('a@elsewhere.example'), s.user('b@example.org')
        s.switch(email__other_companies='refused')
        body = {'email': 'a@elsewhere.example', 'firstName': 'Ana', 'lastName': 'New'}
        self.assertEqual(s.good('PUT', f'/users/{made["id"]}', body)['lastName'], 'New')
        refused = s.call('PUT', f'/users/{other["id"]}', {**body, 'email': 'c@elsewhere.example'})
        self.assertEqual(refused.status, 400)
        s.user('d@elsewhere.example', status=400)

    def test_custom_fields_are_ignored_where_the_company_has_none(self):
        s = self.s
        s.switch(custom_fields__feature='off')
        made = s.user('a@example.org', customFields=[{'name': 'Nothing', 'value': '1'}, 5])
        self.assertNotIn('customFields', made)
        self.assertEqual(set(s.account(made['id'])['customFields'].values()), {None})

    def test_names_of_all_scripts_survive(self):
        s = self.s
        names = ['Łukasz', "O'Brien-Müller", '李小龍', 'محمد', 'Zoe\u0308', '𠜎𠜱', '"quoted"\\', 'tab\there', '<b>&amp;']
        for number, name in enumerate(names):
            made = s.user(f'u{number}@example.org', lastName=name)
            self.assertEqual(s.good('GET', f'/users/{made["id"]}')['lastName'], name)

    def test_progress_is_shown_also_for_who_has_left(self):
        s = self.s
        s.everything()
        s.good('PUT', '/users/1002/deactivate')
        first = s.call('GET', '/users/1002/channels_progress?perPage=2')
        self.assertEqual((len(first.json), first.header('Total'), first.header('Total-Pages')), (2, '3', '2'))
        self.assertEqual(list(first.json[0]), ['user_id', 'first_name', 'last_name', 'email', 'content_name', 'content_type',
                                               'content_id', 'completed', 'completion_percent', 'completed_at'])
        self.assertEqual(s.call('GET', '/users/9999/channels_progress').status, 404)


class Lists(unittest.TestCase):
    def test_pages_and_headers(self):
        with LearnAmp('--no-limits', '--accounts', '60') as s:
            shown = [a['id'] for a in s.accounts().values() if a['status'] not in ('deactivated', 'anonymised')]
            for per_page in (1, 7, 25, 100):
                rows, totals = s.listed('/users', per_page=per_page)
                self.assertEqual([r['id'] for r in rows], shown)
                self.assertEqual(set(totals), {len(shown)})
            first = s.call('GET', '/users')
            self.assertEqual((first.header('Per-Page'), len(first.json['users'])), ('25', 25))
            self.assertEqual(s.call('GET', '/users?perPage=500').header('Per-Page'), '100')
            self.assertEqual(s.good('GET', '/users?page=99')['users'], [])
            for wrong in ('page=0', 'page=x', 'perPage=-1', 'perPage=1.5'):
                self.assertEqual(s.call('GET', '/users?' + wrong).status, 400)

    def test_filters(self):
        with LearnAmp('--no-limits', '--accounts', '80') as s:
            people = s.accounts()
            gone = ('deactivated', 'anonymised')
            person = next(a for a in people.values() if a['email'].lower() != a['email'] and a['status'] not in gone)
            in_team = lambda a, *ids: a['primaryTeam'] in ids or any(t in ids for t in a['secondaryTeams'])
            cases = [  # query, who it finds
                ('filters[email]=' + person['email'].upper(), lambda a: a['id'] == person['id']),
                ('filters[email]=' + person['email'][1:], lambda a: False),
                ('filters[integration_external_id]=okta:00u1f3kq9w', lambda a: a['integrationExternalId'] is not None),
                ('filters[integration_external_id]=OKTA:00u1f3kq9w', lambda a: False),
                ('filters[first_name]=AR', lambda a: 'ar' in a['firstName'].lower()),
                ('filters[last_name]=' + urllib.parse.quote('ü'), lambda a: 'ü' in a['lastName']),
                ('filters[role]=admin', lambda a: a['role'] == 'admin'),
                ('filters[no_team]=true', lambda a: a['primaryTeam'] is None and not a['secondaryTeams']),
                ('filters[team_ids]=15,17', lambda a: in_team(a, 15, 17)),
                ('filters[team_ids][]=15&filters[team_ids][]=16', lambda a: in_team(a, 15, 16)),
                ('filters[team_ids]=[9999]', lambda a: False),
                ('filters[status][]=confirmed&filters[status][]=not_invited', lambda a: a['status'] in ('confirmed', 'not_invited')),
                ('filters[status]=invite_pending,invite_scheduled', lambda a: a['status'] in ('invite_pending', 'invite_scheduled')),
                ('filters[status][]=deactivated', lambda a: a['status'] == 'deactivated'),
                ('filters[created_at][from]=2026-01-01', lambda a: a['createdAt'] >= '2026-01-01'),
                ('filters[created_at][from]=2025-12-01&filters[created_at][to]=2026-01-31',
                 lambda a: '2025-12-01' <= a['createdAt'] < '2026-02-01'),
                ('filters[updated_at][from]=2026-11-22', lambda a: a['updatedAt'] >= '2026-11-22'),
                ('filters[deactivated_at][from]=2025-01-01', lambda a: a['deactivatedAt'] is not None),
                ('filters[nothing]=x', lambda a: True),
            ]
            for query, finds in cases:
                wants = [a['id'] for a in people.values() if finds(a) and (
                    a['status'] not in gone or 'status' in query or 'deactivated_at' in query)]
                self.assertEqual([r['id'] for r in s.listed('/users?' + query, per_page=9)[0]], wants, query)
            for wrong in ('filters[role]=boss', 'filters[status][]=gone', 'filters[created_at][from]=x', 'filters[team_ids]=a',
                          'filters[no_team]=x', 'expanded=x'):
                self.assertEqual(s.call('GET', '/users?' + wrong).status, 400, wrong)

    def test_a_list_follows_changes_between_pages(self):
        with LearnAmp('--no-limits', '--accounts', '30') as s:
            first = s.call('GET', '/users?perPage=10')
            gone = first.json['users'][3]['id']
            s.good('PUT', f'/users/{gone}/deactivate')
            second = s.call('GET', '/users?perPage=10&page=2')
            self.assertEqual(int(second.header('Total')), int(first.header('Total')) - 1)
            self.assertIn(gone, [u['id'] for u in s.listed('/users?filters[status][]=deactivated')[0]])
            changed = first.json['users'][0]['id']
            s.control('POST', 'clock', {'add_days': 3})
            s.login()
            query = '/users?filters[updated_at][from]=2026-11-26'
            self.assertEqual(s.good('GET', query)['users'], [])
            s.by_hand(changed, jobTitle='Other')
            self.assertEqual([u['id'] for u in s.good('GET', query)['users']], [changed])


if __name__ == '__main__':
    harness.run()
