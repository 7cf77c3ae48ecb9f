import harness
from harness import LearnAmp

TAKEN = 'has already been taken'


class Teams(harness.OnOneSandbox):
    make = staticmethod(lambda: LearnAmp('--no-limits'))

    def test_a_team_is_made_shown_and_listed(self):
        s = self.s
        made = s.team('Works', integrationExternalId='d/1', managerEmail='OWNER@nordkap.example', secondaryManagerIds=[1002, 1003],
                      parentTeamName='Logistics', subTeamIds=[16, 17], tags='core, north,,')
        self.assertEqual({k: made[k] for k in ('name', 'integrationExternalId', 'teamUsersCount', 'users', 'tags')},
                         {'name': 'Works', 'integrationExternalId': 'd/1', 'teamUsersCount': 0, 'users': [], 'tags': ['core', 'north']})
        self.assertEqual((made['manager']['id'], [m['id'] for m in made['secondaryManagers']], made['parentTeam']['name'],
                          [t['id'] for t in made['subTeams']]), (1001, [1002, 1003], 'Logistics', [16, 17]))
        self.assertEqual(s.good('GET', f'/teams/{made["id"]}'), made)
        self.assertEqual(s.good('GET', '/teams/by_external_id/d%2F1'), made)
        simple = {k: made[k] for k in ('id', 'name', 'integrationExternalId', 'teamUsersCount', 'apiTeamPath', 'apiTeamUsersPath',
                                       'parentTeamId', 'manager', 'secondaryManagers')}
        self.assertEqual(s.good('GET', '/teams?filters[name]=wor'), {'teams': [simple]})
        self.assertEqual([t['id'] for t in s.good('GET', '/teams?filters[tags]=NORTH,onboarding')['teams']], [15, made['id']])
        rows, totals = s.listed('/teams', 'teams', per_page=3)
        self.assertEqual(([t['id'] for t in rows], set(totals)),
                         ([t['id'] for t in s.control('GET', 'teams')['teams']], {7}))

    def test_a_team_is_renamed_and_keeps_its_members(self):
        s = self.s
        made = s.team('Works', integrationExternalId='d:1')
        person = s.user('a@example.org', primaryTeamId=made['id'])['id']
        short = s.good('PUT', f'/teams/{made["id"]}', {'name': 'Works North'})
        self.assertEqual((short['name'], short['teamUsersCount'], 'users' in short), ('Works North', 1, False))
        long = s.good('PUT', '/teams/by_external_id/d:1', {'name': 'Works', 'response': 'Extended', 'parentTeamId': 15,
                                                           'managerId': 1001, 'tags': 'x'})
        self.assertEqual(([u['id'] for u in long['users']], long['users'][0]['removeFromTeamUrl'], long['tags']),
                         ([person], f'/v1/teams/{made["id"]}/users/{person}.json', ['x']))
        s.good('PUT', f'/teams/{made["id"]}', {'name': 'Works', 'integrationExternalId': None, 'managerId': None})
        self.assertEqual(s.call('GET', '/teams/by_external_id/d:1').status, 404)
        self.assertEqual(s.good('GET', f'/users/{person}')['primaryTeam']['name'], 'Works')

    def test_what_is_wrong_with_a_team_is_told(self):
        s = self.s
        s.team('Works', integrationExternalId='d:1')
        other = s.team('Other', parentTeamId=15)
        one = lambda name, what: {'error': f'{name} {what}', 'fullErrors': {name: [what]}}
        cases = [
            ('POST', '', {}, {'error': 'name is missing, name is empty', 'fullErrors': {'name': ['is missing', 'is empty']}}),
            ('POST', '', {'parentTeamId': 999}, {
                'error': 'name is missing, name is empty, parentTeamId must match existing teams IDs',
                'fullErrors': {'name': ['is missing', 'is empty'], 'parentTeamId': ['must match existing teams IDs']}}),
            ('POST', '', {'name': 'X', 'integrationExternalId': 'd:1'}, {
                'error': 'Integration external id ' + TAKEN, 'fullErrors': {'integrationExternalId': [TAKEN]}}),
            ('POST', '', {'name': 'X', 'managerId': 1, 'managerEmail': 'a'}, {'error': 'managerId, managerEmail are mutually exclusive'}),
            ('POST', '', {'name': 'X', 'parentTeamId': 1, 'parentTeamName': 'a'},
             {'error': 'parentTeamId, parentTeamName are mutually exclusive'}),
            ('POST', '', {'name': 'X', 'subTeamIds': [], 'subTeamNames': []}, {'error': 'subTeamIds, subTeamNames are mutually exclusive'}),
            ('POST', '', {'name': 'X', 'managerEmail': 'a@b.example'},
             {'error': 'managerEmail must match an existing user email within your company'}),
            ('POST', '', {'name': 'X', 'subTeamNames': ['None']}, one('subTeamNames', 'must match existing teams names')),
            ('POST', '', {'name': 'X', 'secondaryManagerIds': [1008]}, one('secondaryManagerIds', 'must match existing users IDs')),
            ('PUT', f'/{other["id"]}', {}, {'error': 'name is missing, name is empty', 'fullErrors': {'name': ['is missing', 'is empty']}}),
            ('PUT', f'/{other["id"]}', {'name': 'X', 'response': 'Huge'}, one('response', 'does not have a valid value')),
            ('PUT', '/15', {'name': 'X', 'parentTeamId': other['id']}, {
                'error': 'Parent team is invalid', 'fullErrors': {'parentTeamId': ['is invalid']}}),
        ]
        before = s.control('GET', 'teams')
        for method, path, body, expected in cases:
            answer = s.call(method, '/teams' + path, body)
            self.assertEqual((answer.status, answer.json), (400, expected), body)
        self.assertEqual(s.control('GET', 'teams'), before)
        self.assertEqual(s.call('PUT', '/teams/999', {'name': 'X'}).status, 404)

    def test_a_deleted_team_leaves_its_people_and_its_teams_below(self):
        s = self.s
        top = s.team('Top', integrationExternalId='d:1')
        below = s.team('Below', parentTeamId=top['id'])
        person = s.user('a@example.org', primaryTeamId=top['id'])['id']
        self.assertEqual([s.call('DELETE', '/teams/by_external_id/d:1').status for _ in range(2)], [204, 404])
        self.assertEqual((s.account(person)['primaryTeam'], s.good('GET', f'/teams/{below["id"]}')['parentTeam']), (None, None))

    def test_members_are_added_listed_and_removed(self):
        s = self.s
        team = s.team('Works', integrationExternalId='d:1')
        people = [s.user(f'{n}@example.org')['id'] for n in range(5)]
        added = s.good('POST', f'/teams/{team["id"]}/users', {'userId': people[0]}, (201,))
        self.assertEqual(added, {'id': added['id'], 'teamId': team['id'], 'userId': people[0]})
        whole = s.good('POST', '/teams/by_external_id/d:1/users', {'userId': people[1], 'response': 'Teams::Extended'}, (201,))
        self.assertEqual([u['id'] for u in whole['users']], people[:2])
        for body in ({'teamId': team['id'], 'userEmail': '2@EXAMPLE.org'}, {'teamName': 'Works', 'userId': people[3]},
                     {'teamIntegrationExternalId': 'd:1', 'userId': people[3]}):
            self.assertEqual(s.call('POST', '/teams/users', body).status, 201)
        bulk = s.good('POST', f'/teams/{team["id"]}/bulk/users', {'userIds': people[3:]}, (201,))
        self.assertEqual([m['userId'] for m in bulk], people[3:])
        rows, totals = s.listed(f'/teams/{team["id"]}/users', per_page=2)
        self.assertEqual(([u['id'] for u in rows], set(totals)), (people, {5}))
        self.assertIn('primaryTeam', rows[0])
        self.assertEqual(s.good('GET', '/teams/by_external_id/d:1/users?perPage=1')['name'], 'Works')
        self.assertEqual([s.call('DELETE', f'/teams/{team["id"]}/users/{people[0]}').status for _ in range(2)], [204, 404])
        self.assertEqual(s.call('DELETE', f'/teams/by_external_id/d:1/users/{people[1]}').status, 204)
        self.assertEqual(s.control('GET', f'teams/{team["id"]}')['members'], people[2:])
        self.assertEqual(s.account(people[0])['secondaryTeams'], [])

    def test_what_is_wrong_with_a_member_is_told(self):
        s = self.s
        missing = lambda name: {'error': f'{name} is missing, {name} is empty', 'fullErrors': {name: ['is missing', 'is empty']}}
        within = lambda what: {'error': what + ' within your company'}
        cases = [
            ('/15/users', {}, 400, missing('userId')), ('/15/users', {'userId': 9999}, 404, {'error': 'Not found'}),
            ('/999/users', {'userId': 1001}, 404, {'error': 'Not found'}), ('/15/bulk/users', {}, 400, missing('userIds')),
            ('/15/bulk/users', {'userIds': [1001, 9999]}, 400, {'error': 'userIds must match existing users IDs',
                                                                'fullErrors': {'userIds': ['must match existing users IDs']}}),
            ('/users', {'userId': 1001}, 400, {
                'error': 'teamId, teamName, teamIntegrationExternalId are missing, exactly one parameter must be provided'}),
            ('/users', {'teamId': 15}, 400, {'error': 'userId, userEmail are missing, exactly one parameter must be provided'}),
            ('/users', {'teamId': 15, 'teamName': 'x', 'userId': 1001}, 400, {'error': 'teamId, teamName are mutually exclusive'}),
            ('/users', {'teamIntegrationExternalId': 'x', 'userId': 1001}, 400,
             within('teamIntegrationExternalId must match an existing team integration external ID')),
            ('/users', {'teamId': 15, 'userEmail': 'x@y.example'}, 400, within('userEmail must match an existing user email')),
        ]
        before = s.control('GET', 'teams')
        for path, body, status, expected in cases:
            answer = s.call('POST', '/teams' + path, body)
            self.assertEqual((answer.status, answer.json), (status, expected), body)
        self.assertEqual(s.control('GET', 'teams'), before)

    def test_a_new_primary_team_counts_its_people(self):
        s = self.s
        one, two = s.team('One'), s.team('Two')
        person = s.user('a@example.org', primaryTeamId=one['id'], secondaryTeamIds=[two['id']])['id']
        moved = s.good('PUT', f'/users/{person}', {'email': 'a@example.org', 'firstName': 'a', 'lastName': 'b',
                                                   'primaryTeamId': two['id']})
        self.assertEqual((moved['primaryTeam']['id'], moved['secondaryTeams']), (two['id'], []))
        self.assertEqual([s.good('GET', f'/teams/{t["id"]}')['teamUsersCount'] for t in (one, two)], [0, 1])


if __name__ == '__main__':
    harness.run()
