# SPDX-License-Identifier: Apache-2.0
"""The gateway on a real socket, with real WebSocket and HTTP clients."""

import asyncio
import contextlib
import itertools
import json
import random
import threading
import time
import uuid

import httpx
import numpy as np
import pytest
from care_node.errors import ConfigurationError
from care_tablet import accounts, frames, server
from care_tablet.app import make_app
from care_tablet.commands import Answer
from care_tablet.gateway import Gateway, Settings
from care_tablet.journal import Journal, JournalWriter
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

PIN = '135790'
USERS = [
    accounts.make_user('ada', 'Ada', 'nurse', PIN),
    accounts.make_user('eve', 'Eve', 'charge_nurse', PIN),
]
BEDS = {bed: f'Bed {bed}' for bed in (1, 2, 3, 4)}


class Ward:
    def __init__(self):
        self.calls = []

    async def call(self, cmd, args, request_id, user):
        self.calls.append((cmd, args, user))
        return Answer(True, 'ok', '')


class Site:
    """A gateway that serves, and how to reach it."""

    def __init__(self, web_dir, idle_s=600.0):
        self.ward = Ward()
        self.journal = Journal(None)
        writer = JournalWriter(self.journal)
        self.idle = idle_s
        self.clock_ahead = 0.0
        settings = Settings(
            'boot-1', BEDS, idle_s=idle_s, clock=lambda: time.monotonic() + self.clock_ahead
        )
        self.gateway = Gateway(settings, accounts.Accounts(USERS), self.ward, writer)
        sock = server.listen('127.0.0.1', 0)
        app = make_app(self.gateway, web_dir, server.allowed_hosts('127.0.0.1'))
        self.server = server.WebServer(app, sock)
        self.server.start()
        self.origin = f'http://127.0.0.1:{self.server.port}'
        self.url = f'ws://127.0.0.1:{self.server.port}/ws'

    def connect(self, cookie='', **options):
        headers = {'Cookie': f'care_session={cookie}'} if cookie else {}
        options = {'origin': self.origin, 'compression': None, **options}
        return connect(self.url, subprotocols=['care.v1'], additional_headers=headers, **options)

    def post(self, path, content, cookie='', headers=None):
        cookies = {'care_session': cookie} if cookie else {}
        with httpx.Client(base_url=self.origin, cookies=cookies, timeout=20) as client:
            return client.post(
                path, json=content, headers={'Origin': self.origin, **(headers or {})}
            )

    def get(self, path, **options):
        return httpx.get(self.origin + path, timeout=20, **options)

    def log_in(self, user='ada'):
        answer = self.post('/api/login', {'user': user, 'pin': PIN})
        assert answer.status_code == 200, answer.text
        return answer.cookies['care_session']

    def status(self):
        return self.get('/health').json()


@pytest.fixture(scope='module')
def web_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp('web')
    (folder / 'index.html').write_text('<!doctype html><title>Ward</title>')
    (folder / 'assets').mkdir()
    (folder / 'assets' / 'page-1a2b.js').write_text('export {}')
    (folder.parent / 'secret.txt').write_text('secret')
    return folder


@pytest.fixture
def site(web_dir):
    site = Site(web_dir)
    yield site
    site.server.stop()


def hello(boot=None, last=None):
    return json.dumps({'type': 'hello', 'protocol': 1, 'boot': boot, 'last': last or {}})


def command(cmd='acknowledge', **args):
    return {
        'type': 'command',
        'id': str(uuid.uuid4()),
        'cmd': cmd,
        'args': args or {'alarm_id': 'a1'},
    }


async def tick(socket):
    """Show signs of life, as a page does."""
    while True:
        await socket.send('{"type":"tick"}')
        await asyncio.sleep(1)


async def text_of_type(socket, kind):
    while True:
        frame = await asyncio.wait_for(socket.recv(), 20)
        if isinstance(frame, str) and json.loads(frame)['type'] == kind:
            return json.loads(frame)


async def close_code(socket):
    """Read until the gateway closes; return its close code."""
    try:
        while True:
            await asyncio.wait_for(socket.recv(), 20)
    except ConnectionClosed as closed:
        return closed.rcvd and closed.rcvd.code


async def refusal(socket):
    """Return code of the error frame and close code."""
    error = await text_of_type(socket, 'error')
    return error['code'], await close_code(socket)


class Feed:
    """Four beds at 25 Hz, 10 samples of two channels a frame, from a thread like the node's."""

    def __init__(self, site, period_s=0.04):
        self.site = site
        self.period_s = period_s
        self.sent = dict.fromkeys(BEDS, 0)
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        due = time.monotonic()
        while not self.stopping.is_set():
            for bed in BEDS:
                self.site.server.post(self.site.gateway.waveform, self.frame(bed))
            due += self.period_s
            time.sleep(max(0.0, due - time.monotonic()))

    def frame(self, bed):
        number = self.sent[bed]
        self.sent[bed] += 1
        # The value of each sample is its index: what arrives can be compared sample by sample.
        samples = (np.arange(10, dtype=np.float32) + number * 10) % 30000 * np.float32(0.001)
        channels = [
            frames.Channel(name, 'mV', 250.0, number * 10, samples) for name in ('ecg_ii', 'resp')
        ]
        return frames.encode(
            frames.Chunk(bed, number * self.period_s, 2, channels, sequence=number)
        )

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()


class Page:
    """A page that remembers what it has, as the real one does."""

    def __init__(self, site):
        self.site = site
        self.boot = None
        self.last = {}
        self.numbers = {bed: [] for bed in BEDS}
        self.samples = {bed: [] for bed in BEDS}
        self.flags = []

    async def visit(self, seconds=None, until=None):
        async with self.site.connect() as socket:
            await socket.send(hello(self.boot, self.last))
            end = time.monotonic() + (30 if seconds is None else seconds)
            tick = time.monotonic() + 1
            while time.monotonic() < end and not (until and until()):
                try:
                    frame = await asyncio.wait_for(
                        socket.recv(), max(0.001, min(end - time.monotonic(), 0.2))
                    )
                    self.take(frame)
                except TimeoutError:
                    pass
                if time.monotonic() > tick:
                    await socket.send('{"type":"tick"}')
                    tick += 1
            # Cut, not closed: what the kernel still holds is thrown away.
            socket.transport.abort()

    def take(self, frame):
        if isinstance(frame, str):
            parsed = json.loads(frame)
            self.boot = parsed['boot'] if parsed['type'] == 'hello' else self.boot
            return
        chunk = frames.decode(frame)
        self.last[str(chunk.bed)] = chunk.sequence
        self.numbers[chunk.bed].append(chunk.sequence)
        self.samples[chunk.bed].extend(np.rint(chunk.channels[0].samples * 1000))
        self.flags.append(chunk.flags)


def test_a_page_that_is_cut_off_ten_times_loses_no_sample_and_gets_none_twice(site, long_run):
    dice = random.Random(11)
    cuts = 60 if long_run else 10

    async def visits(page, feed):
        for _ in range(cuts):
            await page.visit(dice.uniform(0.1, 0.9))
            await asyncio.sleep(dice.uniform(0.1, 0.9))
        feed.stopping.set()
        feed.thread.join()
        await page.visit(
            until=lambda: all(page.last.get(str(bed)) == feed.sent[bed] - 1 for bed in BEDS)
        )

    with Feed(site) as feed:
        page = Page(site)
        asyncio.run(visits(page, feed))
    assert page.boot == 'boot-1'
    for bed in BEDS:
        first = page.numbers[bed][0]
        assert page.numbers[bed] == list(range(first, feed.sent[bed]))
        expected = np.arange(first * 10, feed.sent[bed] * 10) % 30000
        np.testing.assert_array_equal(page.samples[bed], expected)
    assert sum(1 for flags in page.flags if flags & frames.GAP) == len(BEDS)
    assert any(flags & frames.REPLAYED for flags in page.flags)


def test_a_page_that_does_not_read_is_dropped_and_a_healthy_one_is_unaffected(site):
    alarms = json.dumps({'type': 'alarms', 'alarms': ['x' * 60_000]})
    clients = site.gateway.hub.clients

    async def scenario(page):
        over = asyncio.Event()
        healthy = asyncio.create_task(page.visit(120, until=over.is_set))
        slow = await site.connect(max_queue=1)
        await slow.send(hello())
        slow.transport.pause_reading()
        while len(clients) < 2:
            await asyncio.sleep(0.01)
        most, start = 0, time.monotonic()
        while len(clients) == 2 and time.monotonic() - start < 60:
            site.server.post(site.gateway.alarms, alarms)
            await asyncio.sleep(0.005)
            most = max(most, *(client.waiting() for client in set(clients)))
        left = len(clients)
        slow.transport.abort()
        await asyncio.sleep(2.0)
        over.set()
        await healthy
        return most, left

    with Feed(site):
        page = Page(site)
        most, left = asyncio.run(scenario(page))
    assert left == 1
    assert 256 <= most <= 256 + 500 + 20
    for bed in BEDS:
        numbers = page.numbers[bed]
        assert len(numbers) > 40
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_slow_page_gets_the_newest_waveforms_behind_a_gap_flag(site):
    async def scenario():
        page = Page(site)
        async with site.connect(max_queue=1) as socket:
            await socket.send(hello())
            await text_of_type(socket, 'hello')
            ticking = asyncio.create_task(tick(socket))
            socket.transport.pause_reading()
            for _ in range(8000):
                for bed in BEDS:
                    site.server.post(site.gateway.waveform, feed.frame(bed))
                if feed.sent[1] % 100 == 0:
                    await asyncio.sleep(0.002)
            (client,) = site.gateway.hub.clients
            taken = threading.Event()
            site.server.post(taken.set)
            assert await asyncio.to_thread(taken.wait, 60), 'the gateway has taken all frames'
            dropped, waiting = client.dropped, client.waiting()
            socket.transport.resume_reading()
            while any(page.last.get(str(bed)) != feed.sent[bed] - 1 for bed in BEDS):
                page.take(await asyncio.wait_for(socket.recv(), 20))
            ticking.cancel()
        return page, dropped, waiting

    feed = Feed(site)
    page, dropped, waiting = asyncio.run(scenario())
    assert dropped > 1000
    assert waiting <= 520
    for bed in BEDS:
        numbers = page.numbers[bed]
        assert numbers == sorted(set(numbers))
        assert numbers[-1] == feed.sent[bed] - 1
    jumps = sum(
        after - before > 1
        for bed in BEDS
        for before, after in itertools.pairwise(page.numbers[bed])
    )
    flagged = sum(1 for flags in page.flags if flags & frames.GAP)
    assert flagged == jumps + len(BEDS)


def test_hello_is_answered_with_the_whole_present(site):
    site.server.post(site.gateway.hub.bed, 2, '{"type":"bed","bed":2}')
    site.server.post(site.gateway.vitals, 2, '{"type":"vitals","bed":2}')
    site.server.post(site.gateway.alarms, '{"type":"alarms","alarms":[]}')

    async def scenario():
        async with site.connect() as socket:
            assert socket.subprotocol == 'care.v1'
            await socket.send(hello())
            return [json.loads(await asyncio.wait_for(socket.recv(), 20)) for _ in range(5)]

    texts = asyncio.run(scenario())
    assert [text['type'] for text in texts] == ['hello', 'bed', 'vitals', 'alarms', 'status']
    assert texts[0]['beds'] == [{'bed': bed, 'name': name} for bed, name in BEDS.items()]
    assert texts[0]['user'] is None
    assert texts[0]['users'] == [{'id': 'ada', 'name': 'Ada'}, {'id': 'eve', 'name': 'Eve'}]
    assert texts[0]['channels'][0] == 'ecg_ii'
    assert texts[4]['vitals_age']['2'] < 15
    assert texts[4]['vitals_age']['1'] is None
    missing = {node['node']: (node['state'], node['age']) for node in texts[4]['nodes']}
    assert missing == {'vitals': ('SILENT', None), 'alarms': ('SILENT', None)}


@pytest.mark.parametrize(
    ('message', 'expected'),
    [
        ('nonsense', ('malformed', 1003)),
        ('{"type":"jump"}', ('malformed', 1003)),
        (b'\x01\x02', ('malformed', 1003)),
        ('"' + 'x' * 70_000 + '"', ('too_big', 1009)),
        (json.dumps({**command(), 'args': {'alarm_id': 5}}), ('malformed', 1003)),
        (hello(), ('malformed', 1003)),
    ],
    ids=['not JSON', 'unknown type', 'binary', 'oversized', 'wrong type', 'second hello'],
)
def test_a_bad_message_is_answered_with_an_error_and_a_close(site, message, expected):
    async def scenario():
        async with site.connect() as socket:
            await socket.send(hello())
            await text_of_type(socket, 'hello')
            await socket.send(message)
            return await refusal(socket)

    assert asyncio.run(scenario()) == expected


def test_a_message_far_beyond_the_bound_is_never_taken_in(site):
    async def scenario():
        async with site.connect() as socket:
            await socket.send(hello())
            with contextlib.suppress(ConnectionClosed):
                await socket.send('x' * 1_000_000)
            return await close_code(socket)

    assert asyncio.run(scenario()) == 1009


def test_a_first_message_that_is_not_a_hello_is_refused(site):
    async def scenario():
        async with site.connect() as socket:
            await socket.send('{"type":"tick"}')
            return await refusal(socket)

    assert asyncio.run(scenario()) == ('malformed', 1003)


def test_more_than_twenty_messages_a_second_are_refused(site):
    async def scenario():
        async with site.connect() as socket:
            await socket.send(hello())
            with contextlib.suppress(ConnectionClosed):
                # Enough that 20 of them come within a second on any machine.
                for _ in range(80):
                    await socket.send('{"type":"tick"}')
            return await refusal(socket)

    assert asyncio.run(scenario()) == ('too_fast', 1008)


def test_a_silent_page_is_let_go(site):
    async def scenario():
        async with site.connect() as socket:
            await socket.send(hello())
            start = time.monotonic()
            code = await refusal(socket)
            return code, time.monotonic() - start

    code, seconds = asyncio.run(scenario())
    assert code == ('silent', 1001)
    assert 5.5 < seconds < 18


@pytest.mark.parametrize('origin', ['http://evil.example', None, 'https://127.0.0.1', 'null'])
def test_a_foreign_origin_is_refused_before_it_connects(site, origin):
    async def scenario():
        with pytest.raises(InvalidStatus) as refused:
            async with site.connect(origin=origin):
                pass
        return refused.value.response.status_code

    assert asyncio.run(scenario()) == 403


def test_a_foreign_host_is_refused(site):
    answer = site.get('/', headers={'Host': f'evil.example:{site.server.port}'})
    assert answer.status_code == 400
    url = f'http://localhost:{site.server.port}/health'
    assert httpx.get(url, timeout=20).status_code == 200


def test_posts_need_our_origin_and_json(site):
    login = {'user': 'ada', 'pin': PIN}
    assert site.post('/api/login', login, headers={'Origin': 'http://evil'}).status_code == 403
    form = {'Content-Type': 'text/plain'}
    assert site.post('/api/login', login, headers=form).status_code == 415
    url = f'{site.origin}/api/login'
    assert httpx.post(url, json=login, timeout=20).status_code == 403
    assert site.post('/api/login', {'user': 'ada'}).status_code == 400
    assert site.post('/api/login', {'user': 'x' * 100_000, 'pin': PIN}).status_code == 400


def test_log_in_says_what_is_wrong_and_locks(site):
    wrong = {'user': 'ada', 'pin': '000000'}
    for left in (4, 3, 2, 1):
        answer = site.post('/api/login', wrong)
        assert answer.status_code == 401
        assert answer.json() == {'code': 'wrong_pin', 'tries_left': left}
    assert site.post('/api/login', wrong).status_code == 423
    locked = site.post('/api/login', {'user': 'ada', 'pin': PIN})
    assert (locked.status_code, locked.json()['code']) == (423, 'locked')
    assert 50 < locked.json()['seconds'] <= 60
    charge = site.log_in('eve')
    assert site.post('/api/unlock', {'user': 'ada'}).status_code == 403
    assert site.post('/api/unlock', {'user': 'ada'}, cookie=charge).status_code == 200
    assert site.log_in('ada')


def test_a_forwarded_address_does_not_dodge_the_lock(site):
    wrong = {'user': 'ada', 'pin': '000000'}
    for n in range(5):
        site.post('/api/login', wrong, headers={'X-Forwarded-For': f'10.0.0.{n}'})
    right = {'user': 'ada', 'pin': PIN}
    answer = site.post('/api/login', right, headers={'X-Forwarded-For': '10.0.1.1'})
    assert answer.status_code == 423


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(site):
    answer = site.post('/api/login', {'user': 'ada', 'pin': PIN})
    cookie = answer.headers['set-cookie'].lower()
    assert 'httponly' in cookie
    assert 'samesite=strict' in cookie
    assert answer.json() == {'user': {'id': 'ada', 'name': 'Ada', 'role': 'nurse'}}


def test_commands_need_a_login_and_the_role_and_leave_a_line(site):
    async def give(cookie, frame):
        async with site.connect(cookie) as socket:
            await socket.send(hello())
            user = (await text_of_type(socket, 'hello'))['user']
            await socket.send(json.dumps(frame))
            return user, (await text_of_type(socket, 'ack'))['code']

    limits = command('set_limits', bed=1, admission_id='x', limits=[
        {'kind': 'heart_rate', 'extreme_low': 35, 'low': 50, 'high': 90, 'extreme_high': 160}
    ])  # fmt: skip
    nurse, charge = site.log_in('ada'), site.log_in('eve')
    assert asyncio.run(give('', command())) == (None, 'not_logged_in')
    assert asyncio.run(give('forged', command())) == (None, 'not_logged_in')
    user, code = asyncio.run(give(nurse, command()))
    assert (user['id'], code) == ('ada', 'ok')
    assert asyncio.run(give(nurse, limits))[1] == 'not_allowed'
    assert asyncio.run(give(charge, {**limits, 'id': str(uuid.uuid4())}))[1] == 'ok'
    assert [(cmd, user) for cmd, _, user in site.ward.calls] == [
        ('acknowledge', 'ada'), ('set_limits', 'eve'),
    ]  # fmt: skip
    site.server.stop()
    site.gateway._journal._thread.shutdown(wait=True)
    lines = [(line.user, line.action, line.bed, line.result) for line in site.journal.lines()]
    assert lines == [
        ('ada', 'login', 0, 'ok'),
        ('eve', 'login', 0, 'ok'),
        ('', 'acknowledge', 0, 'not_logged_in'),
        ('', 'acknowledge', 0, 'not_logged_in'),
        ('ada', 'acknowledge', 0, 'ok'),
        ('ada', 'set_limits', 1, 'not_allowed'),
        ('eve', 'set_limits', 1, 'ok'),
    ]


def test_a_page_is_closed_when_its_login_ends(site):
    cookie = site.log_in()

    async def scenario(end):
        async with site.connect(cookie) as socket:
            await socket.send(hello())
            await text_of_type(socket, 'hello')
            await asyncio.to_thread(end)
            return await refusal(socket)

    def log_out():
        assert site.post('/api/logout', {}, cookie=cookie).status_code == 200

    assert asyncio.run(scenario(log_out)) == ('session_ended', 4401)
    cookie = site.log_in()

    def fall_idle():
        site.clock_ahead += 601

    assert asyncio.run(scenario(fall_idle)) == ('session_ended', 4401)


def test_pages_come_with_cache_and_security_headers(site):
    index = site.get('/')
    assert index.status_code == 200
    assert '<title>Ward</title>' in index.text
    assert index.headers['cache-control'] == 'no-cache'
    policy = index.headers['content-security-policy']
    assert "default-src 'self'" in policy
    assert 'unsafe' not in policy
    assert index.headers['x-content-type-options'] == 'nosniff'
    asset = site.get('/assets/page-1a2b.js')
    assert 'immutable' in asset.headers['cache-control']
    assert asset.headers['content-type'].startswith('text/javascript')
    missing = site.get('/assets/other.js')
    assert missing.status_code == 404
    assert 'immutable' not in missing.headers.get('cache-control', '')
    assert site.status()['ok'] is True


@pytest.mark.parametrize('path', ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt',
                                  '/assets/../../secret.txt', '//etc/passwd'])  # fmt: skip
def test_no_path_leads_out_of_the_pages(site, path):
    async def raw():
        reader, writer = await asyncio.open_connection('127.0.0.1', site.server.port)
        request = f'GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n'
        writer.write(request.encode())
        answer = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        return answer

    answer = asyncio.run(raw())
    assert b' 404 ' in answer.split(b'\r\n')[0]
    assert b'secret' not in answer.split(b'\r\n\r\n', 1)[1]


def test_pages_of_a_development_install_are_links_and_served(tmp_path, web_dir):
    (tmp_path / 'index.html').symlink_to(web_dir / 'index.html')
    site = Site(tmp_path)
    try:
        assert '<title>Ward</title>' in site.get('/').text
    finally:
        site.server.stop()


def test_pages_that_are_not_built_say_how_to_build_them(tmp_path):
    site = Site(tmp_path / 'nothing')
    try:
        answer = site.get('/')
        assert answer.status_code == 503
        assert 'npm run build' in answer.text
        assert site.status()['ok'] is True
    finally:
        site.server.stop()


@pytest.mark.parametrize('host', ['0.0.0.0', '192.168.1.5', '::', 'ward.local', ''])
def test_only_loopback_is_bound(host):
    with pytest.raises(ConfigurationError, match='no encryption yet') as refused:
        server.listen(host, 0)
    assert '127.0.0.1' in refused.value.cure


def test_a_port_in_use_is_refused_with_a_cure(site):
    with pytest.raises(ConfigurationError, match='in use') as refused:
        server.listen('127.0.0.1', site.server.port)
    assert 'port:=' in refused.value.cure


def test_a_stopped_server_frees_its_port_and_ends_its_thread(web_dir):
    site = Site(web_dir)

    async def scenario():
        async with site.connect() as socket:
            await socket.send(hello())
            await text_of_type(socket, 'hello')
            start = time.monotonic()
            await asyncio.to_thread(site.server.stop)
            await close_code(socket)
            return time.monotonic() - start

    assert asyncio.run(scenario()) < 6
    assert not site.server.alive
    server.listen('127.0.0.1', site.server.port).close()
    site.server.post(print, 'never')
