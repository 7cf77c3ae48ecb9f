"""A platform that is used at random, through the API and by hand: what is true stays in one piece, and the API shows it."""
import random
import unittest
import harness
from harness import LearnAmp

GONE = ('deactivated', 'anonymised')


class World:
    def __init__(self, s, seed):
        self.s, self.rng, self.made, self.done = s, random.Random(seed), 0, {}
        s.everything()

    def people(self):
        return [a['id'] for a in self.s.accounts().values()]

    def teams(self):
        return [t['id'] for t in self.s.control('GET', 'teams')['teams'] if t['exists']]

    def person(self):
        return self.rng.choice(self.people())

    def team(self):
        return self.rng.choice(self.teams() or [15])

    def fields(self):
        rng, body = self.rng, {}
        if rng.random() < 0.4:
            body['primaryTeamId'] = rng.choice([None, self.team(), self.team()])
        if rng.random() < 0.3:
            body['secondaryTeamIds'] = [self.team() for _ in range(rng.randrange(3))]
        if rng.random() < 0.4:
            body['managerId'] = rng.choice([None, self.person(), self.person()])
        if rng.random() < 0.3:
            body['integrationExternalId'] = rng.choice([None, '', f'x:{rng.randrange(30)}', f'X:{rng.randrange(30)}'])
        if rng.random() < 0.1:
            body['role'] = rng.choice(['viewer', 'admin', 'curator'])
        return body

    def address(self):
        return f'u{self.rng.randrange(60)}@Example.org' if self.rng.random() < 0.5 else f'u{self.rng.randrange(60)}@example.org'

    def step(self):
        rng, s = self.rng, self.s
        who, team = self.person(), self.team()
        names = {'email': self.address(), 'firstName': 'F', 'lastName': 'L'}
        method, path, body = rng.choice([
            ('POST', '/users', {**names, 'skipInvitation': rng.random() < 0.5, **self.fields()}),
            ('POST', '/users', {**names, **self.fields()}),
            ('PUT', f'/users/{who}', {**names, **self.fields(), 'reactivate': rng.random() < 0.3}),
            ('PUT', f'/users/{who}', {**names, **self.fields()}),
            ('PUT', f'/users/{who}/deactivate', None), ('PUT', f'/users/{who}/reactivate', None),
            ('DELETE', f'/users/{who}', None),
            ('POST', '/teams', {'name': f'T{rng.randrange(8)}', 'managerId': who, 'parentTeamId': team,
                                'secondaryManagerIds': [self.person()]}),
            ('PUT', f'/teams/{team}', {'name': f'T{rng.randrange(8)}', 'parentTeamId': rng.choice([None, self.team()]),
                                       'managerId': rng.choice([None, who]), 'integrationExternalId': f'd:{rng.randrange(9)}'}),
            ('POST', f'/teams/{team}/users', {'userId': who}),
            ('POST', f'/teams/{team}/bulk/users', {'userIds': [who, self.person()]}),
            ('DELETE', f'/teams/{team}/users/{who}', None),
            ('DELETE', f'/teams/{team}', None) if rng.random() < 0.3 else ('POST', f'/teams/{team}/users', {'userId': who}),
        ])
        answer = s.call(method, path, body)
        assert answer.status in (200, 201, 204, 400, 404), (method, path, body, answer.status, answer.body)
        key = method, answer.status
        self.done[key] = self.done.get(key, 0) + 1
        if rng.random() < 0.05:
            s.control('POST', f'accounts/{rng.choice([p for p in self.people() if p != 1001])}/anonymise')
        if rng.random() < 0.05:
            s.control('PATCH', f'teams/{self.team()}', {'members': [self.person() for _ in range(4)]})


class Random(unittest.TestCase):
    def test_both_sides_of_every_reference_agree_after_a_random_life(self):
        for seed in (1, 2):
            for switches in ({}, {'teams.old-primary': 'secondary', 'teams.secondary': 'add', 'members.is-primary': 'honoured',
                                  'deactivate.teams': 'kept', 'delete.reports': 'nobody', 'reactivate.status': 'confirmed'}):
                with LearnAmp('--no-limits', '--accounts', '12', seed=seed) as s:
                    s.control('POST', 'switches', switches)
                    world = World(s, seed)
                    for number in range(120):
                        world.step()
                        if number % 60 == 59:
                            self.whole(s)
                    for method in ('POST', 'PUT', 'DELETE'):  # it did something, and was refused something
                        self.assertTrue({k[1] for k in world.done if k[0] == method} >= {'DELETE': {204, 404}, 'POST': {201, 400},
                                                                                      'PUT': {200, 204, 400}}[method], world.done)

    def whole(self, s):
        everybody = s.control('GET', 'truth')['accounts']
        people = {a['id']: a for a in everybody if a['exists']}
        teams = {t['id']: t for t in s.control('GET', 'teams')['teams'] if t['exists']}
        for a in everybody:
            if not a['exists']:
                self.assertEqual((a['email'], a['primaryTeam'], a['secondaryTeams'], a['manager']), (None, None, [], None))
        for a in people.values():
            mine = [t for t in [a['primaryTeam'], *a['secondaryTeams']] if t is not None]
            self.assertEqual(len(mine), len(set(mine)), a)
            self.assertEqual(sorted(mine), sorted(t['id'] for t in teams.values() if a['id'] in t['members']), a)
            self.assertIn(a['manager'], [None, *people])
        for t in teams.values():
            self.assertIn(t['manager'], [None, *people])
            self.assertTrue(set(t['secondaryManagers']) <= set(people))
            at, seen = t['id'], set()
            while at is not None:
                self.assertNotIn(at, seen)
                seen.add(at)
                at = teams[at]['parent']
        for key in ('email', 'integrationExternalId'):
            values = [a[key].lower() if key == 'email' else a[key] for a in people.values() if a[key]]
            self.assertEqual(len(values), len(set(values)))
        self.assertEqual([a['id'] for a in people.values() if a['role'] == 'owner' and a['status'] not in GONE], [1001])
        self.shown(s, people, teams)

    def shown(self, s, people, teams):
        listed = {u['id']: u for u in s.listed('/users?expanded=true', per_page=7)[0]}
        self.assertEqual(list(listed), [a['id'] for a in people.values() if a['status'] not in GONE])
        for number, user in listed.items():
            a = people[number]
            self.assertEqual((user['email'], user['integrationExternalId'], user['primaryTeam'] and user['primaryTeam']['id'],
                              [t['id'] for t in user['secondaryTeams']]),
                             (a['email'], a['integrationExternalId'], a['primaryTeam'], a['secondaryTeams']))
            if a['manager'] is not None:
                self.assertEqual(user['manager']['id'], a['manager'])
            self.assertEqual(s.good('GET', f'/users?filters[email]={a["email"].upper()}')['users'][0]['id'], number)
            if a['integrationExternalId']:
                self.assertEqual(s.good('GET', f'/users/by_integration_external_id/{a["integrationExternalId"]}')['id'], number)
        self.assertEqual([(t['id'], t['name'], t['teamUsersCount']) for t in s.listed('/teams', 'teams', per_page=5)[0]],
                         [(t['id'], t['name'], len(t['members'])) for t in teams.values()])


if __name__ == '__main__':
    harness.run()
