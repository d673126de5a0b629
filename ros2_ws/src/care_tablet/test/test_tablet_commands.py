# SPDX-License-Identifier: Apache-2.0
import asyncio
import sqlite3
import uuid

import pytest
from care_node.errors import ConfigurationError
from care_tablet import accounts, schema
from care_tablet.commands import Answer, Commander, NoAnswerError
from care_tablet.journal import Entry, Journal, JournalWriter

NURSE = accounts.User('ada', 'Ada', 'nurse', '')
CHARGE = accounts.User('eve', 'Eve', 'charge_nurse', '')


class Ward:
    def __init__(self):
        self.calls = []
        self.answer = Answer(True, 'ok', '')

    async def call(self, cmd, args, request_id, user):
        self.calls.append((cmd, args, request_id, user))
        await asyncio.sleep(0)
        if self.answer is None:
            raise NoAnswerError('silent')
        return self.answer


class Desk:
    def __init__(self):
        self.ward = Ward()
        self.deeds = []
        self.commander = Commander(self.ward, [1, 2], self.deeds.append)

    def give(self, frame, user=NURSE):
        return asyncio.run(self.commander.handle(frame, user, 'tablet 1'))


@pytest.fixture
def desk():
    return Desk()


def acknowledge(alarm='a1', command_id=None):
    command_id = command_id or str(uuid.uuid4())
    return {'type': 'command', 'id': command_id, 'cmd': 'acknowledge', 'args': {'alarm_id': alarm}}


def pause(bed=1):
    args = {'bed': bed, 'seconds': 60}
    return {'type': 'command', 'id': str(uuid.uuid4()), 'cmd': 'pause_audio', 'args': args}


def set_limits(bed=1):
    limits = [{'kind': 'heart_rate', 'extreme_low': 35, 'low': 50, 'high': 90, 'extreme_high': 160}]
    args = {'bed': bed, 'admission_id': 'x', 'limits': limits}
    return {'type': 'command', 'id': str(uuid.uuid4()), 'cmd': 'set_limits', 'args': args}


def test_an_accepted_command_reaches_the_ward_once_and_is_acknowledged(desk):
    frame = acknowledge()
    ack = desk.give(frame)
    assert (ack['type'], ack['id'], ack['accepted']) == ('ack', frame['id'], True)
    assert desk.ward.calls == [('acknowledge', {'alarm_id': 'a1'}, frame['id'], 'ada')]


def test_the_same_id_gets_the_same_answer_and_is_given_once():
    async def scenario():
        ward, deeds = Ward(), []
        commander = Commander(ward, [1], deeds.append)
        frame = acknowledge()
        both = await asyncio.gather(*(commander.handle(frame, NURSE, '') for _ in range(2)))
        ward.answer = Answer(False, 'unknown_alarm', '')
        later = await commander.handle(frame, NURSE, '')
        return ward.calls, deeds, [*both, later]

    calls, deeds, acks = asyncio.run(scenario())
    assert len(calls) == 1
    assert len(deeds) == 1
    assert acks[0] == acks[1] == acks[2]


def test_an_id_that_is_used_for_something_else_is_refused():
    async def scenario():
        commander = Commander(Ward(), [1], lambda deed: None)
        frame = acknowledge()
        await commander.handle(frame, NURSE, '')
        other_alarm = await commander.handle(acknowledge('a2', frame['id']), NURSE, '')
        other_user = await commander.handle(frame, CHARGE, '')
        return other_alarm['code'], other_user['code']

    assert asyncio.run(scenario()) == ('id_reused', 'id_reused')


def test_a_page_that_goes_away_does_not_stop_half_a_command():
    async def scenario():
        begun, gate, noted = asyncio.Event(), asyncio.Event(), asyncio.Queue()
        ward = Ward()

        async def slow(*_arguments):
            begun.set()
            await gate.wait()
            return Answer(True, 'ok', '')

        ward.call = slow
        commander = Commander(ward, [1], noted.put_nowait)
        asking = asyncio.create_task(commander.handle(acknowledge(), NURSE, ''))
        await begun.wait()
        asking.cancel()
        gate.set()
        async with asyncio.timeout(15):
            return (await noted.get()).result

    assert asyncio.run(scenario()) == 'ok'


def test_no_answer_is_said_and_the_same_id_may_be_tried_again(desk):
    frame = acknowledge()
    desk.ward.answer = None
    assert desk.give(frame)['code'] == 'no_answer'
    desk.ward.answer = Answer(True, 'ok', '')
    assert desk.give(frame)['accepted'] is True


def test_nobody_and_the_wrong_role_are_refused_and_noted(desk):
    assert desk.give(acknowledge(), None)['code'] == 'not_logged_in'
    assert desk.give(set_limits(), NURSE)['code'] == 'not_allowed'
    assert desk.ward.calls == []
    assert [(d.user, d.result) for d in desk.deeds] == [
        ('', 'not_logged_in'), ('ada', 'not_allowed'),
    ]  # fmt: skip
    assert desk.give(set_limits(), CHARGE)['accepted'] is True


def test_an_unknown_bed_is_refused_and_bed_0_is_the_ward(desk):
    assert desk.give(pause(bed=9))['code'] == 'unknown_bed'
    assert desk.give(pause(bed=0))['accepted'] is True


def test_a_command_that_fails_is_noted_and_may_be_tried_again(desk):
    frame = acknowledge()
    working = desk.ward.call

    async def broken(*_arguments):
        raise RuntimeError('bug')

    desk.ward.call = broken
    with pytest.raises(RuntimeError):
        desk.give(frame)
    desk.ward.call = working
    assert desk.give(frame)['accepted'] is True
    assert [d.result for d in desk.deeds] == ['failed', 'ok']


def test_a_sound_test_is_noted_and_goes_no_further(desk):
    args = {'priority': 'HIGH', 'heard': False}
    frame = {'type': 'command', 'id': str(uuid.uuid4()), 'cmd': 'sound_test', 'args': args}
    assert desk.give(frame)['accepted'] is True
    assert desk.ward.calls == []
    assert desk.deeds[0].details == '{"priority":"HIGH","heard":false}'


def entry(n=0):
    return Entry(1.0, 2.0, 'ada', 'tablet 1', 'acknowledge', 1, f'id {n}', 'ok')


def test_the_journal_keeps_its_lines_over_a_restart_and_the_chain_holds(tmp_path):
    for start in range(2):
        journal = Journal(tmp_path / 'state' / 'journal.sqlite')
        for n in range(3):
            journal.write(entry(3 * start + n))
        assert journal.first_broken() is None
        lines = journal.lines()
        journal.close()
    assert lines == [entry(n) for n in range(6)]


@pytest.mark.parametrize(
    'tamper',
    [
        "UPDATE journal SET line = replace(line, 'ada', 'eve') WHERE number = 2",
        'DELETE FROM journal WHERE number = 2',
    ],
)
def test_a_changed_or_removed_line_breaks_the_chain(tmp_path, tamper):
    journal = Journal(tmp_path / 'journal')
    for n in range(4):
        journal.write(entry(n))
    with sqlite3.connect(tmp_path / 'journal') as other:
        other.execute(tamper)
    assert journal.first_broken() == 2
    journal.close()


def test_a_journal_that_cannot_be_opened_is_refused(tmp_path):
    (tmp_path / 'journal').write_text('this is no data base, it is much too short ' * 50)
    with pytest.raises(ConfigurationError, match='cannot be opened'):
        Journal(tmp_path / 'journal')


def test_the_writer_writes_all_lines_before_it_closes(tmp_path):
    writer = JournalWriter(Journal(tmp_path / 'journal'))
    for n in range(50):
        writer.record(entry(n))
    writer.close()
    assert len(Journal(tmp_path / 'journal').lines()) == 50
    assert writer.fault == ''


def test_the_writer_says_when_lines_are_lost(tmp_path):
    journal = Journal(tmp_path / 'journal')
    writer = JournalWriter(journal)
    journal.close()
    writer.record(entry())
    writer._thread.shutdown(wait=True)
    assert 'cannot be written' in writer.fault


def test_well_formed_frames_pass_the_schema():
    assert schema.parse_frame('{"type":"tick"}')['type'] == 'tick'
    hello = '{"type":"hello","protocol":1,"boot":null,"last":{"1":5,"2":-1}}'
    assert schema.parse_frame(hello)['last'] == {'1': 5, '2': -1}
    for frame in (acknowledge(), pause(), set_limits()):
        assert schema.parse_frame(__import__('json').dumps(frame)) == frame


COMMAND_ID = str(uuid.uuid4())


@pytest.mark.parametrize(
    'text',
    [
        '',
        'nonsense',
        '[]',
        '"tick"',
        '{}',
        '{"type":"stop"}',
        '{"type":["tick"]}',
        '{"type":"hello","protocol":2,"boot":null,"last":{}}',
        '{"type":"hello","protocol":1,"boot":7,"last":{}}',
        '{"type":"hello","protocol":1,"boot":null,"last":{"one":1}}',
        '{"type":"hello","protocol":1,"boot":null,"last":{"1":"5"}}',
        '{"type":"command","id":"7","cmd":"acknowledge","args":{"alarm_id":"a"}}',
        f'{{"type":"command","id":"{COMMAND_ID}","cmd":"open_drawer","args":{{}}}}',
        f'{{"type":"command","id":"{COMMAND_ID}","cmd":"acknowledge","args":{{"alarm_id":5}}}}',
        f'{{"type":"command","id":"{COMMAND_ID}","cmd":"acknowledge","args":{{}}}}',
        f'{{"type":"command","id":"{COMMAND_ID}","cmd":"pause_audio",'
        '"args":{"bed":1,"seconds":NaN}}',
        f'{{"type":"command","id":"{COMMAND_ID}","cmd":"pause_audio",'
        '"args":{"bed":true,"seconds":1}}',
        f'{{"type":"command","id":"{COMMAND_ID}","cmd":"set_limits",'
        '"args":{"bed":1,"admission_id":"x","limits":[]}}',
        '{"type":' * 5000,
        '[' * 100_000,
    ],
)
def test_what_is_not_of_the_protocol_is_refused(text):
    with pytest.raises(schema.Malformed):
        schema.parse_frame(text)


def test_a_refusal_never_repeats_the_content():
    with pytest.raises(schema.Malformed) as refused:
        schema.parse_request('login', b'{"user":"ada","pin":"1357x"}')
    assert '1357' not in str(refused.value)
