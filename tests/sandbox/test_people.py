import unittest
import harness
from harness import Sandbox, value


def plain(row):
    """A listed person in the shape of the truth."""
    name = lambda v: v['attributes']['name'] if v else None
    day = lambda v: v[:10] if v else None
    supervisor = value(row, 'supervisor')
    return {
        'id': value(row, 'id'), 'status': value(row, 'status'), 'first_name': value(row, 'first_name'),
        'last_name': value(row, 'last_name'), 'email': value(row, 'email'), 'hire_date': day(value(row, 'hire_date')),
        'termination_date': day(value(row, 'termination_date')), 'team': name(value(row, 'team')),
        'department': name(value(row, 'department')), 'office': name(value(row, 'office')),
        'supervisor': value(supervisor, 'id') if supervisor else None, 'exists': True,
    }


class People(unittest.TestCase):
    def assert_listing_is_truth(self, s):
        listed = [plain(r) for r in s.listing()]
        true = [{k: p[k] for k in listed[0]} for p in s.truth()]
        self.assertEqual(listed, true)

    def test_the_same_seed_gives_the_same_people_and_another_seed_others(self):
        with Sandbox(seed=3) as a, Sandbox(seed=3) as b, Sandbox(seed=4) as c:
            self.assertEqual(a.truth(), b.truth())
            self.assertNotEqual(a.truth(), c.truth())

    def test_a_full_listing_equals_the_truth(self):
        for people in (1, 2, 99, 100, 101, 730):
            with Sandbox('--no-limits', people=people) as s:
                self.assertEqual(len(s.truth()), people)
                self.assert_listing_is_truth(s)

    def test_a_hundred_people_have_what_is_rare(self):
        with Sandbox(people=400) as s:
            people = s.truth()
            emails = [p['email'] for p in people if p['email']]
            self.assertEqual({p['status'] for p in people}, {'active', 'leave', 'onboarding', 'inactive'})
            self.assertTrue(any(p['email'] is None for p in people))
            self.assertGreater(len(emails), len(set(emails)))
            self.assertTrue(any(p['termination_date'] and p['status'] == 'active' for p in people))
            self.assertTrue(any(p['first_name'] != p['first_name'].strip() for p in people))
            self.assertTrue(any(ord(c) > 0x300 for p in people for c in p['last_name']))
            self.assertEqual(people[0]['id'], 4000001)
            ids = [p['id'] for p in people]
            self.assertEqual(ids, sorted(set(ids)))
            self.assertGreater(ids[-1] - ids[0], len(ids))
            boss = {p['id']: p['supervisor'] for p in people}
            for person in people:  # no circles
                seen, at = set(), person['id']
                while at is not None:
                    self.assertNotIn(at, seen)
                    seen.add(at)
                    at = boss[at]

    def test_edits_show_at_once_on_prepared_pages_too(self):
        with Sandbox('--no-limits', people=250) as s:
            self.assertEqual(s.control('POST', 'prepare', {'limit': 100})['pages'], 3)
            first, other = s.truth()[120], s.truth()[30]
            s.control('PATCH', f'people/{first["id"]}', {
                'first_name': 'Zo\u00eb "Z" \\ <b>', 'email': None, 'team': 'Brand new', 'hire_date': '2020-02-29',
                'supervisor': other['id'], 'dynamic_204813': 'X-1'})
            self.assert_listing_is_truth(s)
            row = s.get(f'/v1/company/employees/{first["id"]}').json['data']
            self.assertEqual(value(row, 'first_name'), 'Zo\u00eb "Z" \\ <b>')
            self.assertEqual(value(row, 'dynamic_204813'), 'X-1')
            self.assertEqual(value(row, 'hire_date'), '2020-02-29T00:00:00+01:00')
            s.control('DELETE', f'people/{other["id"]}')
            self.assertEqual(s.get(f'/v1/company/employees/{other["id"]}').status, 404)
            added = s.control('POST', 'people', {'first_name': 'New', 'last_name': 'One', 'hire_date': '2027-02-01'})
            self.assertEqual(added['status'], 'onboarding')
            self.assertEqual(len(s.truth()), 250)
            self.assert_listing_is_truth(s)
            did = s.control('POST', 'life', {'seed': 5, 'joins': 4, 'leaves': 3, 'renames': 5, 'moves': 5, 'emails': 5,
                                             'managers': 5, 'removes': 2, 'notices': 3, 'rehires': 2})['did']
            self.assertGreater(len(did), 30)
            self.assert_listing_is_truth(s)
            self.assertEqual(s.ask('PATCH', f'/_control/people/{first["id"]}', {'hire_date': '2021-02-30'}).status, 400)
            self.assertEqual(s.ask('PATCH', f'/_control/people/{first["id"]}', {'nonsense': 1}).status, 400)

    def test_statuses_follow_the_calendar(self):
        with Sandbox('--no-limits', people=300) as s:
            before = {p['id']: p for p in s.truth()}
            starts = [p for p in before.values() if p['status'] == 'onboarding']
            ends = [p for p in before.values() if p['status'] == 'active' and p['termination_date']]
            self.assertTrue(starts and ends)
            self.assertEqual(s.control('POST', 'clock', {'add_days': 400})['today'], '2027-12-28')
            after = {p['id']: p for p in s.truth()}
            self.assertTrue(all(after[p['id']]['status'] == 'active' for p in starts if not p['termination_date']))
            self.assertTrue(all(after[p['id']]['status'] == 'inactive' for p in ends))
            self.assert_listing_is_truth(s)

    def test_a_credential_reads_only_its_attributes_and_sees_only_its_people(self):
        with Sandbox('--no-limits') as s:
            s.control('POST', 'credentials', {'client_id': 'few', 'client_secret': 'x', 'sees': {'office': 'Bremen'},
                                              'attributes': ['first_name', 'status', 'dynamic_204830']})
            s.login('few', 'x')
            rows = s.listing()
            self.assertEqual([value(r, 'id') for r in rows], [p['id'] for p in s.truth() if p['office'] == 'Bremen'])
            self.assertEqual(set(rows[0]['attributes']), {'id', 'first_name', 'status', 'dynamic_204830'})
            keys = [a['key'] for a in s.get('/v1/company/employees/attributes').json['data']]
            self.assertEqual(keys, ['id', 'first_name', 'status', 'dynamic_204830'])
            hidden = next(p['id'] for p in s.truth() if p['office'] != 'Bremen')
            self.assertEqual(s.get(f'/v1/company/employees/{hidden}').status, 404)
            self.assertEqual(s.get(f'/v1/company/employees/{value(rows[0], "id")}/profile-picture').status, 404)
            s.control('PATCH', 'credentials', {'client_id': 'few', 'sees': {'percent': 50}, 'attributes': 'all'})
            self.assertTrue(30 < len(s.listing()) < 120)
            self.assertIn('fix_salary', s.listing()[0]['attributes'])

    def test_updated_since_finds_what_was_edited_after_it(self):
        with Sandbox('--no-limits') as s:
            one = s.truth()[10]['id']
            asked = '/v1/company/employees?updated_since=2026-11-23T08:00:00'
            self.assertEqual(s.get(asked).json['data'], [])
            s.control('PATCH', f'people/{one}', {'position': 'Poet'})
            found = lambda query: [value(r, 'id') for r in s.get(query).json['data']]
            self.assertEqual(found(asked), [one])
            self.assertEqual(found(asked + '&attributes[]=position'), [one])
            self.assertEqual(found(asked + '&attributes[]=team'), [])
            self.assertEqual(len(found('/v1/company/employees?updated_since=1990-01-01&limit=7')), 7)


if __name__ == '__main__':
    harness.run()
