# SPDX-License-Identifier: Apache-2.0
import asyncio

import orjson
import pytest
from care_tablet import frames
from care_tablet.frames import Chunk
from care_tablet.hub import Hub
from care_tablet.outbox import Closing, Outbox
from care_tablet.rate import RateLimit
from care_tablet.ring import FrameRing


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def frame(sequence, bed=1):
    return frames.encode(Chunk(bed, float(sequence), 0, [], sequence=sequence))


def drained(outbox):
    taken = []
    while (item := outbox.take()) is not None:
        taken.append(item)
    return taken


def numbers(items, bed=1):
    return [
        frames.sequence_of(f) for f in items if isinstance(f, bytes) and frames.bed_of(f) == bed
    ]


def test_the_ring_gives_exactly_what_comes_after_a_number():
    ring = FrameRing(30.0)
    for n in range(10):
        ring.append(frame(n))
    lost, kept = ring.since(6)
    assert not lost
    assert numbers(kept) == [7, 8, 9]
    assert ring.since(9) == (False, [])


def test_the_ring_forgets_after_its_seconds_and_says_what_is_lost():
    clock = Clock()
    ring = FrameRing(30.0, clock=clock)
    for n in range(100):
        ring.append(frame(n))
        clock.now += 1.0
    lost, kept = ring.since(10)
    assert lost
    assert numbers(kept) == list(range(69, 100))
    assert ring.since(68)[0] is False
    assert ring.since(67)[0] is True


def test_a_number_that_was_never_sent_counts_as_lost():
    ring = FrameRing(30.0)
    ring.append(frame(0))
    assert ring.since(5) == (True, [])


def test_a_hole_in_the_numbers_empties_the_ring():
    ring = FrameRing(30.0)
    ring.append(frame(0))
    ring.append(frame(5))
    lost, kept = ring.since(0)
    assert lost
    assert numbers(kept) == [5]


def test_alarms_are_never_dropped_and_close_a_client_that_lets_them_wait():
    outbox = Outbox()
    for n in range(256):
        outbox.urgent(str(n))
    assert outbox.closing is None
    outbox.urgent('one more')
    assert outbox.closing is not None
    assert outbox.closing.status == 1013
    assert drained(outbox) == [str(n) for n in range(256)]


def test_of_numbers_only_the_newest_waits():
    outbox = Outbox()
    for n in range(1000):
        outbox.latest('vitals 1', f'a{n}')
        outbox.latest('vitals 2', f'b{n}')
    assert outbox.waiting() == 2
    assert drained(outbox) == ['a999', 'b999']


def test_the_oldest_waveforms_are_dropped_and_the_next_of_that_bed_is_flagged():
    outbox = Outbox(waves_limit=4)
    for n in range(3):
        outbox.wave(frame(n, bed=1))
    for n in range(3):
        outbox.wave(frame(n, bed=2))
    taken = drained(outbox)
    assert numbers(taken, 1) == [2]
    assert numbers(taken, 2) == [0, 1, 2]
    assert [frames.decode(f).flags for f in taken] == [frames.GAP, 0, 0, 0]
    assert outbox.dropped == 2


def test_alarms_go_before_numbers_and_numbers_before_waveforms():
    outbox = Outbox()
    outbox.wave(frame(0))
    outbox.latest('status', 'status')
    outbox.urgent('alarms')
    assert drained(outbox) == ['alarms', 'status', frame(0)]


def test_nothing_is_sent_after_a_closing_and_the_first_reason_counts():
    async def scenario():
        outbox = Outbox()
        outbox.urgent('alarms')
        outbox.close(Closing(1003, 'malformed', ''))
        outbox.close(Closing(1013, 'too_slow', ''))
        assert await outbox.next() is None
        assert outbox.closing.status == 1003

    asyncio.run(scenario())


@pytest.fixture
def hub():
    hub = Hub('boot', {1: 'Bed 1', 2: 'Bed 2'}, 30.0)
    hub.bed(1, 'bed 1')
    hub.vitals(1, 'vitals 1')
    hub.alarms('alarms')
    for n in range(10):
        hub.waveform(frame(n, bed=1))
        hub.waveform(frame(n, bed=2))
    return hub


def test_a_new_client_gets_the_snapshot_then_live_frames_behind_a_gap(hub):
    outbox = Outbox()
    hub.join(outbox, None, {}, user=None)
    hello, *rest = drained(outbox)
    assert orjson.loads(hello)['streams'] == {'1': 10, '2': 10}
    assert rest == ['bed 1', 'vitals 1', 'alarms']
    hub.waveform(frame(10))
    hub.waveform(frame(11))
    assert [frames.decode(f).flags for f in drained(outbox)] == [frames.GAP, 0]


def test_a_client_that_comes_back_gets_each_missed_frame_once_and_in_order(hub):
    outbox = Outbox()
    hub.join(outbox, 'boot', {'1': 4, '2': 9}, user=None)
    hub.waveform(frame(10, bed=1))
    hub.waveform(frame(10, bed=2))
    taken = drained(outbox)
    assert numbers(taken, 1) == [5, 6, 7, 8, 9, 10]
    assert numbers(taken, 2) == [10]
    flags = [frames.decode(f).flags for f in taken if isinstance(f, bytes)]
    assert flags == [frames.REPLAYED] * 5 + [0, 0]


def test_numbers_of_another_boot_mean_nothing(hub):
    outbox = Outbox()
    hub.join(outbox, 'an older boot', {'1': 4}, user=None)
    hub.waveform(frame(10))
    taken = drained(outbox)
    assert numbers(taken) == [10]
    assert frames.decode(taken[-1]).flags == frames.GAP


def test_frames_that_never_reached_the_hub_leave_a_gap(hub):
    outbox = Outbox()
    hub.join(outbox, 'boot', {'1': 9}, user=None)
    hub.waveform(frame(15))
    assert frames.decode(drained(outbox)[-1]).flags == frames.GAP


def test_a_client_that_left_gets_nothing_more(hub):
    outbox = Outbox()
    hub.join(outbox, 'boot', {'1': 9, '2': 9}, user=None)
    drained(outbox)
    hub.leave(outbox)
    hub.waveform(frame(10))
    hub.alarms('more')
    assert drained(outbox) == []


def test_blank_numbers_become_null():
    hub = Hub('boot', {}, 30.0)
    assert orjson.loads(hub.hello(value=float('nan')))['value'] is None


def test_twenty_messages_in_a_second_pass_and_the_next_does_not():
    clock = Clock()
    rate = RateLimit(20, clock)
    assert all(rate.allow() for _ in range(20))
    assert not rate.allow()
    clock.now += 1.01
    assert rate.allow()
