import concurrent.futures
import contextlib
import json
import queue
import time
import unittest
import harness
from harness import Sandbox, value
from hooks import Listener

FORM = {'Content-Type': 'application/x-www-form-urlencoded'}
EVENTS = ['person.created', 'person.updated', 'person.deleted', 'employment.created', 'employment.updated',
          'employment.deleted', 'employment.started', 'employment.terminated']


class Hooked(Sandbox):
    """With a token of v2, and loopback addresses allowed."""
    def __init__(self, *options, **kw):
        super().__init__('--no-limits', '--switch', 'webhooks.loopback-http=allowed', *options, **kw)
        self.v2 = None

    def login_v2(self, scope=None):
        form = 'grant_type=client_credentials&client_id=papi-sandbox&client_secret=papi-sandbox-secret'
        answer = self.ask('POST', '/v2/auth/token', form + (f'&scope={scope}' if scope else ''), FORM)
        self.v2 = answer.json['access_token']

    def call(self, method, path, body=None):
        if self.v2 is None:
            self.login_v2()
        return self.ask(method, '/v2/webhooks' + path, body, {'Authorization': 'Bearer ' + self.v2,
                                                              'Content-Type': 'application/json'})

    def hook(self, url, **more):
        body = {'url': url, 'description': 'test', 'status': 'ENABLED', 'token': 'Bearer 8f1c', 'enabled_events': EVENTS, **more}
        answer = self.call('POST', '', {k: v for k, v in body.items() if v is not None})
        assert answer.status == 201, (answer.status, answer.body)
        return answer.json

    def waiting(self):
        return self.control('GET', 'webhooks')['waiting']

    def attempts(self, n, seconds=10):
        """Waits until so many requests have been answered or given up."""
        until = time.monotonic() + seconds
        while self.control('GET', 'webhooks')['attempts'] < n:
            assert time.monotonic() < until, self.control('GET', 'webhooks')
            time.sleep(0.01)


class Management(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.s = Hooked()

    @classmethod
    def tearDownClass(cls):
        cls.s.close()

    def setUp(self):
        self.s.control('POST', 'reset')
        self.s.switch(webhooks__loopback_http='allowed')
        self.s.v2 = None

    def test_a_webhook_is_made_read_changed_and_deleted(self):
        s = self.s
        made = s.hook('https://hooks.example/one', status=None)
        self.assertEqual((made['status'], made['auth_type'], made['token']), ('DISABLED', 'TOKEN', '********'))
        self.assertEqual(made['enabled_events'], EVENTS)
        path = '/' + made['id']
        self.assertEqual(s.call('GET', path).json, made)
        changed = s.call('PATCH', path, {'status': 'ENABLED', 'description': 'other'})
        self.assertEqual((changed.status, changed.json['status'], changed.json['url']), (200, 'ENABLED', made['url']))
        self.assertEqual([w['id'] for w in s.call('GET', '').json['_data']], [made['id']])
        self.assertEqual(s.call('DELETE', path).status, 204)
        for method, tail in (('GET', ''), ('PATCH', ''), ('DELETE', ''), ('POST', '/ping'), ('GET', '/events'),
                             ('GET', '/activity'), ('POST', '/redelivery'), ('POST', '/test-event')):
            answer = s.call(method, path + tail, {} if method != 'GET' else None)
            self.assertEqual(answer.status, 404, (method, tail))
            self.assertEqual(answer.json['errors'][0]['type'].split('#')[1], 'common.requested_resource_not_found')

    def test_what_is_no_webhook_is_refused_and_nothing_is_changed(self):
        s = self.s
        good = {'url': 'https://hooks.example/', 'description': 'd', 'enabled_events': ['person.updated']}
        for wrong in ({'url': None}, {'url': 'http://hooks.example/'}, {'url': 'ftp://hooks.example/'}, {'url': 7}, {'url': 'https://'},
                      {'description': None}, {'enabled_events': None}, {'enabled_events': []}, {'enabled_events': 'person.updated'},
                      {'enabled_events': [1]}, {'status': 'ON'}, {'auth_type': 'BASIC'}, {'token': 'a\nb'},
                      {'custom_headers': {'X-A': 'b'}}, {'auth_type': 'CUSTOM', 'custom_headers': {f'X-{i}': 'v' for i in range(4)}},
                      {'auth_type': 'CUSTOM', 'custom_headers': ['X']}, {'auth_type': 'CUSTOM', 'custom_headers': {'X A': 'b'}},
                      {'auth_type': 'CUSTOM', 'custom_headers': {'X-A': 'b\r\nX: y'}}):
            body = {k: v for k, v in {**good, **wrong}.items() if v is not None}
            self.assertEqual(s.call('POST', '', body).status, 422, wrong)
        for name in ('Host', 'content-length', 'Transfer-Encoding', 'CONNECTION', 'upgrade', 'te', 'TE-x', 'trailer', 'Expect', 'content-type',
                     'Host-Name', 'Content-Type-2'):
            self.assertEqual(s.call('POST', '', {**good, 'auth_type': 'CUSTOM', 'custom_headers': {name: 'v'}}).status, 422, name)
        self.assertEqual(s.call('POST', '', '{"url":').status, 400)
        self.assertEqual(s.call('GET', '').json['_data'], [])
        s.switch(webhooks__loopback_http='refused')
        self.assertEqual(s.call('POST', '', {**good, 'url': 'http://127.0.0.1:1/'}).status, 422)
        made = s.call('POST', '', good).json
        self.assertEqual(s.call('POST', '', good).status, 409)
        self.assertEqual(s.call('PATCH', '/' + made['id'], {'status': 'ENABLED', 'url': 'http://x.example'}).status, 422)
        self.assertEqual(s.call('GET', '/' + made['id']).json, made)

    def test_each_call_needs_its_scope_and_a_token(self):
        s = self.s
        made = s.hook('https://hooks.example/one')
        s.login_v2('personio:webhooks:read')
        self.assertEqual(s.call('GET', '').status, 200)
        for method, tail in (('POST', ''), ('PATCH', '/' + made['id']), ('DELETE', '/' + made['id']), ('POST', f'/{made["id"]}/ping')):
            self.assertEqual(s.call(method, tail, {}).status, 403, (method, tail))
        s.login_v2('personio:webhooks:write')
        self.assertEqual(s.call('GET', '').status, 403)
        s.v2 = 'papi-nothing'
        self.assertEqual(s.call('GET', '').status, 401)
        self.assertEqual(s.ask('GET', '/v2/webhooks').status, 401)

    def test_lists_are_paged_and_filtered(self):
        s = self.s
        ids = [s.hook(f'https://hooks.example/{i}', status='ENABLED' if i % 2 else None,
                      enabled_events=['person.updated'] if i < 2 else ['person.deleted', 'x.y'])['id'] for i in range(5)]
        listed = lambda query: [w['id'] for w in s.call('GET', query).json['_data']]
        self.assertEqual(listed(''), ids)
        self.assertEqual(listed('?status=ENABLED'), [ids[1], ids[3]])
        self.assertEqual(listed('?enabled_events=person.updated'), ids[:2])
        self.assertEqual(listed('?enabled_events=none,x.y&status=DISABLED'), [ids[2], ids[4]])
        page = s.call('GET', '?limit=2&status=DISABLED').json
        self.assertEqual([w['id'] for w in page['_data']], [ids[0], ids[2]])
        link = page['_meta']['links']['next']['href']
        self.assertTrue(link.startswith(f'http://{s.host}/v2/webhooks?cursor=cur_'), link)
        page = s.call('GET', link.split('/v2/webhooks')[1]).json
        self.assertEqual([w['id'] for w in page['_data']], [ids[4]])
        self.assertNotIn('next', page['_meta']['links'])
        for wrong in ('?limit=0', '?limit=201', '?limit=x', '?cursor=7', '?cursor=cur_'):
            self.assertEqual(s.call('GET', wrong).status, 400, wrong)

    def test_events_attempts_and_redelivery_of_the_last_thirty_days(self):
        s = self.s
        with Listener(200, 404, 200) as to:
            one, path = s.truth()[3]['id'], '/' + s.hook(to.url)['id']
            for name in ('A', 'B', 'C'):
                s.control('PATCH', f'people/{one}', {'first_name': name})
                to.wait('ABC'.index(name) + 1)
            s.attempts(3)
            events = s.call('GET', path + '/events').json['_data']
            self.assertEqual([e['event_name'] for e in events], ['person.updated'] * 3)
            self.assertEqual(events[0], json.loads(to.came[0][2]))
            self.assertEqual(len(s.call('GET', path + '/events?limit=2').json['_data']), 2)
            self.assertEqual(s.call('GET', path + '/events?event_name=person.created').json['_data'], [])
            self.assertEqual(len(s.call('GET', path + f'/events?occurred_at.gte={events[1]["occurred_at"]}').json['_data']), 2)
            self.assertEqual(s.call('GET', path + '/events?occurred_at.lte=2026-11-23T08:00:00Z').json['_data'], [])
            self.assertEqual(s.call('GET', path + '/events?occurred_at.gte=yesterday').status, 400)
            failed = s.call('GET', path + '/activity?is_delivered=false').json['_data']
            self.assertEqual([(a['response_status'], a['is_delivered']) for a in failed], [(404, False)])
            self.assertEqual(len(s.call('GET', path + '/activity?is_delivered=true').json['_data']), 2)
            self.assertEqual(s.call('GET', path + '/activity?is_delivered=perhaps').status, 422)
            again = s.call('POST', path + '/redelivery', {'occurred_at': {'lte': events[1]['occurred_at']}})
            self.assertEqual((again.status, again.json['events']), (202, 2))
            to.wait(5)
            s.attempts(5)
            self.assertCountEqual([b for _, _, b in to.came[3:]], [b for _, _, b in to.came[:2]])
            repeated = s.call('GET', path + '/activity?redelivery_id=' + again.json['redelivery_id']).json['_data']
            self.assertEqual([a['is_delivered'] for a in repeated], [True, True])
            s.control('POST', 'clock', {'add_days': 31})
            s.v2 = None
            gone = s.call('GET', path + '/events').json['_data']
            self.assertNotIn(events[0], gone)
            self.assertEqual(s.call('POST', path + '/redelivery', {'event_name': 'person.updated'}).json['events'], 0)

    def test_ping_and_test_events_go_to_one_webhook(self):
        s = self.s
        with Listener() as to, Listener() as other:
            path = '/' + s.hook(to.url, enabled_events=['person.updated'])['id']
            s.hook(other.url)
            self.assertEqual(s.call('POST', path + '/ping').status, 200)
            to.wait(1)
            self.assertEqual(s.call('POST', path + '/test-event', {'event_name': 'person.updated'}).status, 400)
            self.assertEqual(s.call('POST', path + '/test-event', {'event_name': 'person.deleted', 'person': {'id': '7'}}).status, 400)
            self.assertEqual(s.call('POST', path + '/test-event', {'event_name': 'person.updated', 'person': {'id': '7'}}).status, 200)
            to.wait(2)
            self.assertEqual(s.call('POST', path + '/test-event', {'event_name': 'person.updated', 'payload': {'person': {'id': '8'}}}).status, 200)
            to.wait(3)
            self.assertEqual(to.events(), [('ping', {}), ('person.updated', {'person': {'id': '7'}}), ('person.updated', {'person': {'id': '8'}})])
            other.quiet(0)


class Delivery(unittest.TestCase):
    def test_the_token_goes_out_as_it_is_custom_headers_too_and_otherwise_nothing(self):
        with Hooked() as s, Listener() as token, Listener() as custom, Listener() as none:
            one = s.truth()[3]['id']
            s.hook(token.url + '/path', token='8f1c no bearer')
            s.hook(custom.url, auth_type='CUSTOM', custom_headers={'X-One': 'first', 'Authorization': 'Basic eDp5'}, token=None)
            s.hook(none.url, auth_type='NONE', token='unused')
            s.control('PATCH', f'people/{one}', {'last_name': 'New'})
            path, headers, body = token.wait(1)[0]
            self.assertEqual((path, headers['Authorization'], headers['Content-Type']), ('/path', '8f1c no bearer', 'application/json'))
            self.assertFalse([h for h in headers if 'signature' in h.lower()])
            event = json.loads(body)
            self.assertEqual(set(event), {'company_id', 'event_name', 'occurred_at', 'payload', 'meta'})
            self.assertEqual((event['company_id'], event['payload']), ('90210', {'person': {'id': str(one)}}))
            self.assertRegex(event['occurred_at'], r'^2026-11-23T09:\d\d:\d\d\.\d\d\dZ$')
            headers = custom.wait(1)[0][1]
            self.assertEqual((headers['X-One'], headers['Authorization']), ('first', 'Basic eDp5'))
            self.assertNotIn('Authorization', none.wait(1)[0][1])

    def test_what_is_final_and_what_is_tried_again(self):
        for answer, again in ((204, False), (299, False), (302, False), (400, False), (404, False), (429, False), (501, False),
                              (500, True), (503, True), (599, True)):
            with Hooked() as s, Listener(answer, 200) as to:
                s.hook(to.url)
                s.control('POST', 'webhooks/raise', {'event_name': 'person.updated', 'person': 4000001})
                to.wait(2 if again else 1)
                to.quiet(2 if again else 1, 0.2)

    def test_silence_is_cut_off_after_three_seconds_and_a_slow_answer_counts_as_none(self):
        with Hooked() as s, Listener(('late', 3.5), 200) as to:
            s.hook(to.url)
            began = time.monotonic()
            s.control('POST', 'webhooks/raise', {})
            answer = s.ask('GET', '/_control/webhooks')  # and nobody waits for it
            self.assertLess(time.monotonic() - began, 1)
            self.assertEqual(answer.status, 200)
            to.wait(2)
            self.assertTrue(2.8 < time.monotonic() - began < 3.6, time.monotonic() - began)

    def test_fourteen_requests_two_at_a_time_after_growing_gaps_and_then_none(self):
        with Hooked() as s, Listener(500) as to:
            s.hook(to.url)
            s.control('POST', 'webhooks/raise', {})
            for i, gap in enumerate((60, 600, 3600, 21600, 86400, 144000)):
                s.attempts(2 * (i + 1))
                to.quiet(2 * (i + 1), 0.25)
                self.assertEqual(s.waiting()[0]['tries'], 2 * (i + 1))
                s.control('POST', 'clock', {'add_seconds': gap - 5})
                to.quiet(2 * (i + 1), 0.25)
                s.control('POST', 'clock', {'add_seconds': 6})
            s.attempts(14)
            self.assertEqual(s.waiting(), [])
            s.control('POST', 'clock', {'add_days': 10})
            to.quiet(14, 0.3)

    def test_a_webhook_that_is_disabled_or_gone_gets_nothing_more(self):
        with Hooked() as s, Listener(500) as to:
            path = '/' + s.hook(to.url)['id']
            s.control('POST', 'webhooks/raise', {})
            s.attempts(2)
            s.call('PATCH', path, {'status': 'DISABLED'})
            s.control('POST', 'webhooks/raise', {})
            s.control('POST', 'clock', {'add_seconds': 100})
            to.quiet(2)
            s.call('DELETE', path)
            self.assertEqual(s.waiting(), [])

    def test_a_reset_and_the_end_do_not_wait_for_a_listener_that_is_slow(self):
        with Hooked() as s, Listener(('late', 2)) as to:
            s.hook(to.url)
            s.control('POST', 'webhooks/raise', {'count': 3})
            to.wait(3)
            began = time.monotonic()
            s.control('POST', 'reset')
            self.assertLess(time.monotonic() - began, 1)
            self.assertEqual(s.control('GET', 'webhooks')['webhooks'], [])


class Events(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.s = Hooked(people=300)

    @classmethod
    def tearDownClass(cls):
        cls.s.close()

    def setUp(self):
        self.s.control('POST', 'reset')
        self.s.switch(webhooks__loopback_http='allowed')
        self.s.v2 = self.s.token = None
        self.one = next(p for p in self.s.truth() if p['status'] == 'active' and not p['termination_date'] and p['supervisor'])

    def raised(self, what, wanted, **switches):
        """The names of the events that `what` raises."""
        with Listener() as to:
            self.s.control('DELETE', 'webhooks')
            if switches:
                self.s.switch(**switches)
            self.s.hook(to.url)
            what()
            to.wait(len(wanted))
            to.quiet(len(wanted), 0.15)
            self.assertEqual(to.names(), sorted(wanted))
            return to.events()

    def edit(self, **edits):
        return lambda: self.s.control('PATCH', f'people/{self.one["id"]}', edits)

    def test_which_edits_raise_which_events(self):
        s, person, employment = self.s, ['person.updated'], ['employment.updated']
        for edits, wanted in (({'first_name': 'X'}, person), ({'email': None}, person), ({'preferred_name': 'P'}, person),
                              ({'dynamic_204813': 'custom'}, person), ({'position': 'Poet'}, employment), ({'team': 'New'}, employment),
                              ({'supervisor': None}, employment), ({'hire_date': '2019-01-01'}, employment),
                              ({'termination_date': '2027-01-31'}, employment), ({'status': 'leave'}, employment),
                              ({'first_name': 'Y', 'office': 'Bremen 2'}, person + employment),
                              ({'position': 'Poet'}, []), ({'profile_picture': 'x'}, []), ({}, [])):
            self.raised(self.edit(**edits), wanted)
        self.raised(lambda: s.control('POST', 'rename-unit', {'kind': 'team', 'from': 'New', 'to': 'Newer'}), [])
        self.raised(lambda: s.control('POST', 'people', {'first_name': 'A', 'last_name': 'B'}), ['person.created', 'employment.created'])
        self.raised(lambda: s.control('DELETE', f'people/{self.one["id"]}'), ['person.deleted', 'employment.deleted'])
        self.raised(lambda: s.control('DELETE', f'people/{self.one["id"]}'), [])

    def test_a_week_of_life_raises_what_it_did(self):
        events = self.raised(lambda: self.s.control('POST', 'life', {'seed': 3, 'joins': 2, 'leaves': 2, 'renames': 3, 'moves': 3, 'removes': 1}),
                             ['person.created', 'employment.created'] * 2 + ['employment.terminated', 'employment.updated'] * 2
                             + ['person.updated'] * 3 + ['employment.updated'] * 3 + ['person.deleted', 'employment.deleted'])
        ids = {str(p['id']) for p in self.s.control('GET', 'truth')['people']}
        self.assertTrue(all(payload['person']['id'] in ids for _, payload in events))

    def test_days_that_begin_start_and_end_employments(self):
        s, day = self.s, '2026-11-30'
        s.control('PATCH', f'people/{self.one["id"]}', {'termination_date': '2026-11-24'})
        new = s.control('POST', 'people', {'first_name': 'A', 'last_name': 'B', 'hire_date': '2026-11-26'})
        with Listener() as to:
            s.hook(to.url, enabled_events=['employment.started', 'employment.terminated'])
            s.control('POST', 'clock', {'add_days': 7})
            self.assertEqual(s.control('GET', 'clock')['today'], day)
            s.truth()
            deadline = time.monotonic() + 10
            mine = []
            while len(mine) < 2 and time.monotonic() < deadline:
                mine = sorted((e['event_name'], e['occurred_at'], e['payload']['person']['id'])
                              for e in (json.loads(b) for _, _, b in list(to.came))
                              if e['payload']['person']['id'] in (str(self.one['id']), str(new['id'])))
                time.sleep(0.02)
            self.assertEqual(mine, [('employment.started', '2026-11-25T23:00:00.000Z', str(new['id'])),
                                    ('employment.terminated', '2026-11-24T23:00:00.000Z', str(self.one['id']))])

    def test_silent_attributes_raise_nothing(self):
        self.s.control('POST', 'webhooks/silent', {'attributes': ['position', 'first_name']})
        self.raised(self.edit(position='Poet', first_name='Z'), [])
        self.raised(self.edit(position='Bard', last_name='Z'), ['person.updated'])
        self.s.control('POST', 'webhooks/silent', {'attributes': ['nothing']}, status=(400,))

    def test_the_api_shows_the_old_state_for_as_long_as_the_lag(self):
        s = self.s
        get = lambda: s.get(f'/v1/company/employees/{self.one["id"]}')
        listed = lambda: {value(r, 'id'): r for r in s.listing()}
        with Listener() as to:
            s.switch(webhooks__read_lag_ms=900)
            s.hook(to.url)
            before = listed()
            began = time.monotonic()
            s.control('PATCH', f'people/{self.one["id"]}', {'first_name': 'Late', 'dynamic_204813': 'L', 'status': 'leave'})
            new = s.control('POST', 'people', {'first_name': 'New', 'last_name': 'One'})['id']
            gone = next(p['id'] for p in s.truth() if p['id'] not in (new, self.one['id']))
            s.control('DELETE', f'people/{gone}')
            to.wait(6)
            shown = listed()
            self.assertLess(time.monotonic() - began, 0.85, 'too slow a machine for this test')
            self.assertEqual(shown, before)
            self.assertEqual(s.control('GET', f'truth/{self.one["id"]}')['first_name'], 'Late')
            time.sleep(max(0, began + 1.3 - time.monotonic()))
            after = listed()
            self.assertEqual(value(after[self.one['id']], 'first_name'), 'Late')
            self.assertEqual(value(get().json['data'], 'dynamic_204813'), 'L')
            self.assertEqual((new in after, gone in after, len(after)), (True, False, len(before)))


class Switches(unittest.TestCase):
    """Every value of every switch of webhooks changes something that a client or a listener notices."""
    NUMBERS = {'webhooks.invalid-status': 400, 'webhooks.delete-status': 200, 'webhooks.redelivery-status': 201, 'webhooks.auto-disable': 2,
               'webhooks.deadline-ms': 200, 'webhooks.gap-percent': 10, 'webhooks.senders': 0, 'webhooks.delay-ms': 60000,
               'webhooks.shuffle-ms': 3600000, 'webhooks.twice-percent': 50, 'webhooks.lost-percent': 50, 'webhooks.unknown-ids-percent': 50, 'webhooks.read-lag-ms': 60000}

    def battery(self, s, name, other):
        s.control('POST', 'reset')
        s.v2 = s.token = None
        s.switch(webhooks__loopback_http='allowed')
        if other is not None:
            s.control('POST', 'switches', {name: other})
        body = {'url': 'http://127.0.0.1:1/', 'description': 'd', 'enabled_events': EVENTS}
        out = [s.call('POST', '', b).status for b in (
            body, body, {**body, 'url': 'http://127.0.0.1:2/', 'enabled_events': ['no.event']}, {**body, 'url': 'http://127.0.0.1:3/', 'description': ''},
            {**body, 'url': 'http://127.0.0.1:4/', 'status': 'ENABLED'}, {'url': 7})]
        first = s.control('GET', 'webhooks')['webhooks']
        if first:
            path = '/' + first[0]['id']
            s.call('PATCH', path, {'token': 'secret'})
            out += [s.call('GET', path).body, s.call('POST', path + '/ping').body, s.call('DELETE', path).status]
        out.append(s.ask('GET', '/v2/webhooks').body[:1])
        s.control('DELETE', 'webhooks')
        people = s.truth()
        new = lambda body: b'person.created' in body  # so that it does not matter which is posted first
        with Listener(lambda body: 500 if new(body) else 200) as failing, Listener(404) as lost, \
                Listener(lambda body: ('late', 0.35) if new(body) else 200) as late:
            rounds = {'all': EVENTS, 'enabled': 'ACTIVE' if other == 'ACTIVE' else 'ENABLED'}
            ids = []
            for to in (failing, lost, late):
                ids.append(s.control('POST', 'webhooks', {'url': to.url, 'token': 't', 'enabled_events': rounds['all']})['id'])
            for edits in ({'first_name': 'A'}, {'position': 'Poet'}, {'profile_picture': 'x'}, {'termination_date': '2026-12-01'}, {'team': 'T'}):
                s.control('PATCH', f'people/{people[3]["id"]}', edits)
            s.control('POST', 'people', {'first_name': 'N', 'last_name': 'N'})
            s.control('POST', 'rename-unit', {'kind': 'team', 'from': 'T', 'to': 'U'})
            out.append(s.get(f'/v1/company/employees/{people[3]["id"]}').json['data']['attributes']['first_name'])
            self.settle(s)
            out.append(s.call('POST', f'/{ids[1]}/redelivery', {}).status)
            self.settle(s)
            waits = s.waiting()
            out.append(sorted((w['tries'], w['due'][11:16]) for w in waits))
            s.control('POST', 'clock', {'add_days': 20})
            s.v2 = None
            s.truth()
            s.call('GET', '')
            self.settle(s)
            for to in (failing, lost, late):
                out.append(sorted((h.get('Content-Type'), b.split(b'"occurred_at"')[0] + b[-100:].split(b'"payload"')[-1]) for _, h, b in to.came))
            out.append([w['status'] for w in s.control('GET', 'webhooks')['webhooks']])
        return repr(out)

    def settle(self, s):
        """Nothing has been posted for a while, nor can be."""
        seen, since = None, time.monotonic()
        while time.monotonic() - since < 0.5:
            now = s.control('GET', 'webhooks')['attempts']
            if now != seen:
                seen, since = now, time.monotonic()
            time.sleep(0.05)

    def test_every_value_of_every_switch_changes_something(self):
        with contextlib.ExitStack() as stack:
            free = queue.Queue()  # most of a battery is waiting, so several are played at once
            for _ in range(6):
                free.put(stack.enter_context(Hooked()))

            def battery(case):
                s = free.get()
                try:
                    return self.battery(s, *case)
                finally:
                    free.put(s)

            s = free.queue[0]
            rows = [r for r in s.control('GET', 'switches')['switches'] if r['name'].startswith('webhooks.')]
            self.assertGreater(len(rows), 30)
            cases = [(row['name'], other) for row in rows
                     for other in (row['words'].split('|') if 'words' in row else [self.NUMBERS[row['name']]])
                     if other != ('allowed' if row['name'] == 'webhooks.loopback-http' else row['default'])]
            with concurrent.futures.ThreadPoolExecutor(6) as pool:
                usual, again, *others = pool.map(battery, [(None, None), (None, None)] + cases)
            self.assertEqual(usual, again, 'time alone made the difference')
            self.assertEqual([f'{name}={other}' for (name, other), came in zip(cases, others) if came == usual], [])


if __name__ == '__main__':
    harness.run()
