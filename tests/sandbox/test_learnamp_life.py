import unittest
import harness
from harness import LearnAmp


class Life(harness.OnOneSandbox):
    make = staticmethod(lambda: LearnAmp('--no-limits'))

    def boss(self):
        """Somebody with teams, reports, tasks and a login."""
        s = self.s
        own, second, led = s.team('Own'), s.team('Second'), s.team('Led')
        boss = s.user('boss@example.org', primaryTeamId=own['id'], secondaryTeamIds=[second['id']])['id']
        s.control('POST', f'accounts/{boss}/accept')
        reports = [s.user(f'r{n}@example.org', managerId=boss)['id'] for n in range(3)]
        s.good('PUT', f'/teams/{led["id"]}', {'name': 'Led', 'managerId': boss})
        s.control('DELETE', 'mails')
        return boss, reports, own['id'], second['id'], led['id']

    def test_deactivation_takes_teams_and_work_away_and_hands_people_to_the_owner(self):
        s = self.s
        boss, reports, own, second, led = self.boss()
        s.control('PATCH', f'accounts/{boss}', {'jobTitle': 'Chief'})
        self.assertTrue(s.control('POST', 'login', {'email': 'BOSS@example.org'})['may'])
        self.assertEqual((s.call('PUT', f'/users/{boss}/deactivate').status, s.call('PUT', f'/users/{boss}/deactivate').body),
                         (204, b''))
        gone = s.account(boss)
        self.assertEqual((gone['status'], gone['primaryTeam'], gone['secondaryTeams']), ('deactivated', None, []))
        self.assertEqual((gone['jobTitle'], gone['email']), ('Chief', 'boss@example.org'))
        self.assertEqual([s.account(r)['manager'] for r in reports], [1001] * 3)
        teams = {t['id']: t for t in s.control('GET', 'teams')['teams']}
        self.assertEqual((teams[own]['members'], teams[second]['members'], teams[led]['manager']), ([], [], 1001))
        self.assertEqual(s.control('POST', 'login', {'email': 'boss@example.org'}), {'may': False, 'why_not': 'deactivated'})
        self.assertEqual(s.good('GET', f'/users/{boss}')['status'], {'status': 'Deactivated', 'time': 'On 23 Nov 26'})
        self.assertEqual(s.mails(), [])
        self.assertIn(('handed over', '3 people and 1 teams to 1001'),
                      [(e['what'], e['detail']) for e in s.control('GET', 'trail')['entries']])

    def test_tasks_and_enrolments_are_dropped_and_do_not_come_back(self):
        with LearnAmp('--no-limits', '--accounts', '30') as s:
            busy = next(a for a in s.accounts().values() if a['tasks'] and a['enrolments'] and a['objectives'] and
                        a['role'] != 'owner')
            for path in ('deactivate', 'reactivate'):
                s.good('PUT', f'/users/{busy["id"]}/{path}')
                now = s.account(busy['id'])
                self.assertEqual((now['tasks'], now['enrolments'], now['objectives']), (0, 0, 0))

    def test_reactivation_gives_the_status_back_and_nothing_else(self):
        s = self.s
        boss, reports, own, second, led = self.boss()
        s.good('PUT', f'/users/{boss}/deactivate')
        self.assertEqual((s.call('PUT', f'/users/{boss}/reactivate').status, s.mails()), (204, []))
        back = s.account(boss)
        self.assertEqual((back['status'], back['primaryTeam'], back['secondaryTeams'], back['deactivatedAt']),
                         ('confirmed', None, [], None))
        self.assertEqual([s.account(r)['manager'] for r in reports], [1001] * 3)
        self.assertEqual(s.control('GET', f'teams/{led}')['manager'], 1001)
        s.good('PUT', f'/users/{reports[0]}/deactivate')  # one who was invited, and did not accept yet
        s.good('PUT', f'/users/{reports[0]}', {'email': 'r0@example.org', 'firstName': 'r0', 'lastName': 'Test', 'reactivate': True,
                                               'managerId': boss})
        back = s.account(reports[0])
        self.assertEqual((back['status'], back['manager']), ('invite_pending', boss))
        self.assertEqual(s.mails(), [])

    def test_the_last_owner_stays(self):
        s = self.s
        s.everything()
        for method, path in (('PUT', '/users/1001/deactivate'), ('DELETE', '/users/1001')):
            self.assertEqual(s.call(method, path).status, 400)
        self.assertEqual(s.call('PUT', '/users/1001', {'email': 'owner@nordkap.example', 'firstName': 'Ada', 'lastName': 'L',
                                                       'role': 'viewer'}).status, 400)
        s.by_hand(1002, role='owner')
        self.assertEqual(s.call('PUT', '/users/1001/deactivate').status, 204)
        self.assertEqual(s.call('PUT', '/users/1002/deactivate').status, 400)

    def test_a_deactivated_account_holds_its_address_and_its_external_id_and_a_deleted_one_does_not(self):
        s = self.s
        s.everything()
        first = s.user('a@example.org', integrationExternalId='x:1')['id']
        s.good('PUT', f'/users/{first}/deactivate')
        self.assertEqual(s.call('POST', '/users', {'email': 'A@example.org', 'firstName': 'a', 'lastName': 'b'}).status, 400)
        self.assertEqual(s.call('POST', '/users', {'email': 'b@example.org', 'firstName': 'a', 'lastName': 'b',
                                                   'integrationExternalId': 'x:1'}).status, 400)
        self.assertEqual((s.call('DELETE', f'/users/{first}').status, s.call('DELETE', f'/users/{first}').status), (204, 404))
        for method, path in (('GET', ''), ('PUT', ''), ('PUT', '/deactivate'), ('PUT', '/reactivate')):
            self.assertEqual(s.call(method, f'/users/{first}{path}').status, 404)
        again = s.user('a@example.org', integrationExternalId='x:1')['id']
        self.assertGreater(again, first)
        self.assertEqual(len([m for m in s.mails() if m['to'] == 'a@example.org']), 2)

    def test_who_is_deleted_leaves_nobody_without_a_manager(self):
        s = self.s
        boss, reports, own, second, led = self.boss()
        s.everything()
        s.good('DELETE', f'/users/{boss}')
        self.assertEqual([s.account(r)['manager'] for r in reports], [1001] * 3)
        self.assertEqual(s.control('GET', f'teams/{led}')['manager'], 1001)
        self.assertEqual(s.good('GET', f'/teams/{own}')['users'], [])

    def test_an_anonymised_account_has_no_personal_data(self):
        s = self.s
        boss, *_ = self.boss()
        s.by_hand(boss, integrationExternalId='x:1', location='Leeds')
        s.control('POST', f'accounts/{boss}/anonymise')
        now = s.account(boss)
        self.assertEqual((now['status'], now['firstName'], now['integrationExternalId'], now['location']),
                         ('anonymised', 'Anonymised', None, None))
        self.assertNotIn('boss', str(now))
        self.assertIn(boss, [u['id'] for u in s.listed('/users?filters[status][]=deactivated')[0]])
        self.assertNotIn(boss, [u['id'] for u in s.listed('/users')[0]])
        self.assertEqual(s.good('GET', f'/users/{boss}')['status']['status'], 'Anonymised')
        s.user('boss@example.org')

    def test_planned_invitations_go_out_on_their_day(self):
        s = self.s
        made = s.user('a@example.org', skipInvitation=True)['id']
        s.control('POST', f'accounts/{made}/invite', {'on': '2026-11-25'})
        self.assertEqual(s.good('GET', f'/users/{made}')['status'], {'status': 'Invite scheduled', 'time': 'For 25 Nov 26'})
        s.control('POST', 'clock', {'add_days': 1})
        s.login()
        self.assertEqual((s.account(made)['status'], s.mails()), ('invite_scheduled', []))
        s.control('POST', 'clock', {'add_days': 1})
        s.login()
        s.good('GET', '/teams')
        self.assertEqual([(m['to'], m['by'], m['at'][:10]) for m in s.mails()], [('a@example.org', 'the calendar', '2026-11-25')])
        self.assertEqual(s.account(made)['status'], 'invite_pending')
        s.control('POST', f'accounts/{made}/invite')
        self.assertEqual([m['kind'] for m in s.mails()], ['invitation', 'invited-again'])

    def test_people_who_exist_only_here_are_there(self):
        people = self.s.accounts()
        self.assertEqual([a['role'] for a in people.values()].count('owner'), 1)
        self.assertEqual({'confirmed', 'invite_pending', 'deactivated', 'external'}, {a['status'] for a in people.values()})
        self.assertTrue(any('learning-partners' in a['email'] for a in people.values()))
        author = next(a['id'] for a in people.values() if a['status'] == 'external')
        self.assertEqual(self.s.good('GET', f'/users/{author}')['status'], {'status': 'External Contributor', 'time': None})
        names = [t['name'] for t in self.s.control('GET', 'teams')['teams']]
        self.assertLess(len(set(names)), len(names))  # two of one name

    def test_accounts_are_those_of_the_company_that_personio_has(self):
        with LearnAmp('--accounts', '40', seed=7) as s, harness.Sandbox(seed=7) as hr:
            addresses = {p['email'].strip().lower() for p in hr.truth() if p['email']}
            mine = [a for a in s.accounts().values() if a['id'] > 1012]
            self.assertGreater(len(mine), 36)
            self.assertTrue(all(a['email'].lower() in addresses for a in mine))
            self.assertTrue(any(a['email'] != a['email'].lower() for a in mine))
            self.assertGreater({a['status'] for a in mine}, {'confirmed', 'invite_pending', 'not_invited'})
            with LearnAmp('--accounts', '40', seed=7) as again, LearnAmp('--accounts', '40', seed=8) as other:
                self.assertEqual(again.accounts(), s.accounts())
                self.assertNotEqual(other.accounts(), s.accounts())


class Full(unittest.TestCase):
    def test_the_full_profile_takes_a_picture_a_leave_date_and_invites(self):
        with LearnAmp('--profile', 'full') as s:
            self.assertEqual(s.good('GET', '/capabilities'),
                             {'profile': 'full', 'capabilities': ['avatar', 'leaveDate', 'invite']})
            made = s.user('a@example.org', skipInvitation=True, avatar='https://pictures.example/1.png', leaveDate='2026-12-31',
                          integrationExternalId='x:1')
            self.assertEqual((made['avatar'], made['leaveDate']), ('https://pictures.example/1.png', '2026-12-31'))
            self.assertEqual(s.call('POST', '/users/by_integration_external_id/x:1/invite', {'on': '2026-12-01'}).status, 204)
            self.assertEqual(s.account(made['id'])['status'], 'invite_scheduled')
            self.assertEqual(s.call('POST', f'/users/{made["id"]}/invite').status, 204)
            self.assertEqual((s.account(made['id'])['status'], len(s.mails())), ('invite_pending', 1))
            s.control('POST', f'accounts/{made["id"]}/accept')
            self.assertEqual(s.call('POST', f'/users/{made["id"]}/invite').status, 400)
            self.assertEqual(s.call('POST', f'/users/{made["id"]}/invite', {'on': 'x'}).status, 400)

    def test_the_public_profile_passes_over_what_is_not_documented(self):
        with LearnAmp() as s:
            made = s.user('a@example.org', avatar='https://pictures.example/1.png', leaveDate='nonsense')
            self.assertEqual(made['avatar'], None)
            self.assertNotIn('leaveDate', made)
            self.assertEqual(s.account(made['id'])['leaveDate'], None)


class ByHand(unittest.TestCase):
    def test_accounts_are_edited_added_and_deleted_by_hand(self):
        with LearnAmp() as s:
            made = s.control('POST', 'accounts', {'firstName': 'Hand', 'lastName': 'Made', 'email': 'hand@example.org',
                                                  'status': 'confirmed', 'role': 'curator', 'manager': 1001, 'primaryTeam': 15,
                                                  'hireDate': '2026-01-01', 'customFields': {'Cost centre': 'K1'}})
            shown = s.good('GET', f'/users/{made["id"]}')
            self.assertEqual((shown['role'], shown['manager']['id'], shown['primaryTeam']['id'], shown['hireDate']),
                             ('curator', 1001, 15, '2026-01-01'))
            for wrong in ({'email': 'owner@nordkap.example'}, {'status': 'asleep'}, {'role': 'boss'}, {'manager': 5},
                          {'hireDate': 'x'}, {'nonsense': 1}, {'customFields': {'No': 1}}, {'primaryTeam': 'x'}, [1]):
                self.assertIn('error', s.control('PATCH', f'accounts/{made["id"]}', wrong, status=(400, 404)))
            self.assertIn('error', s.control('POST', 'accounts', {'role': 'boss'}, status=(400,)))
            s.control('DELETE', f'accounts/{made["id"]}')
            self.assertEqual(s.call('GET', f'/users/{made["id"]}').status, 404)
            self.assertFalse(s.control('GET', 'truth')['accounts'][-1]['exists'])
            s.control('GET', f'truth/{made["id"]}', status=(404,))

    def test_teams_are_edited_added_and_deleted_by_hand(self):
        with LearnAmp() as s:
            made = s.control('POST', 'teams', {'name': 'Hand', 'manager': 1002, 'members': [1001, 1003], 'parent': 15, 'tags': 'a,b'})
            shown = s.good('GET', f'/teams/{made["id"]}')
            self.assertEqual((shown['parentTeamId'], [u['id'] for u in shown['users']], shown['tags']), (15, [1001, 1003], ['a', 'b']))
            s.control('PATCH', f'teams/{made["id"]}', {'members': [1003, 1004], 'name': 'Renamed', 'manager': None})
            shown = s.good('GET', f'/teams/{made["id"]}')
            self.assertEqual((shown['name'], shown['manager'], [u['id'] for u in shown['users']]), ('Renamed', None, [1003, 1004]))
            for wrong in ({'parent': made['id']}, {'members': [5]}, {'name': ''}, {'nonsense': 1}, {'manager': 5}):
                self.assertIn('error', s.control('PATCH', f'teams/{made["id"]}', wrong, status=(400, 404)))
            s.control('DELETE', f'teams/{made["id"]}')
            self.assertEqual(s.call('GET', f'/teams/{made["id"]}').status, 404)

    def test_settings_are_made_by_hand(self):
        with LearnAmp() as s:
            s.control('POST', 'fields', {'name': 'Shoe size', 'mandatory': True})
            s.control('POST', 'occupations', {'name': 'Poet'})
            self.assertIn({'name': 'Shoe size', 'mandatory': True}, s.control('GET', 'settings')['fields'])
            made = s.user('a@example.org', customFields=[{'name': 'Shoe size', 'value': '43'}])
            need = {'email': 'a@example.org', 'firstName': 'a', 'lastName': 'b'}
            self.assertEqual(s.good('PUT', f'/users/{made["id"]}', {**need, 'occupationRole': 'Poet'})['occupationRole'], 'Poet')
            self.assertEqual(s.call('PUT', f'/users/{made["id"]}', {**need, 'customFields': [{'name': 'Shoe size'}]}).status, 400)

    def test_requests_are_logged_with_their_bodies_and_without_secrets(self):
        with LearnAmp() as s:
            s.user('a@example.org')
            s.good('GET', '/users?perPage=1')
            log = s.control('GET', 'requests')['requests']
            self.assertEqual([(r['route'], r['method'], r['status']) for r in log],
                             [('token', 'POST', 200), ('users.create', 'POST', 201), ('users.list', 'GET', 200)])
            self.assertIn('"email": "a@example.org"', log[1]['body'])
            self.assertEqual((log[0]['body'], log[2]['query'], log[2]['path']), (None, 'perPage=1', '/v1/users'))
            self.assertNotIn('learnamp-sandbox-secret', str(log))
            counters = s.control('GET', 'counters')
            self.assertEqual(counters['routes'], {'token': {'200': 1}, 'users.create': {'201': 1}, 'users.list': {'200': 1}})
            usage = s.control('GET', 'usage')
            self.assertEqual((usage['mails'], usage['accounts']), (1, 10))
            self.assertGreater(usage['cpu_s'], 0)
            s.control('POST', 'reset')
            self.assertEqual((s.control('GET', 'counters')['total'], s.mails(), len(s.accounts())), (0, [], 9))


if __name__ == '__main__':
    harness.run()
