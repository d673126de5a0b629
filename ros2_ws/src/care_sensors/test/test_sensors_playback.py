# SPDX-License-Identifier: Apache-2.0
"""Playback: exact counts, seams, gaps, and deadlines under a clock of our own."""

from collections.abc import Iterator

import numpy as np
import pytest
from care_sensors.playback import Playback
from care_sensors.recording import Channel, Recording
from care_sensors.schedule import Schedule, Slot, first_sample
from hypothesis import given
from hypothesis import strategies as st


class Counting(Recording):
    """A recording whose samples are their own indices."""

    def __init__(self, length: int, rate_hz: float = 360.0) -> None:
        self.name = 'counting'
        self.channels = (Channel('ecg_ii', 'mV', rate_hz, 'II'),)
        self.rate_hz = rate_hz
        self.length = length

    def blocks(self, block_samples: int = 4096) -> Iterator[np.ndarray]:
        samples = np.arange(self.length, dtype=float)[None, :]
        for start in range(0, self.length, block_samples):
            yield samples[:, start : start + block_samples]


class Clocks:
    """A steady and a wall clock that move when told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.wall_offset_s = 1.7e9

    def schedule(self, chunk_s: float = 0.04, speed: float = 1.0) -> Schedule:
        return Schedule(chunk_s, speed, steady=lambda: self.now,
                        wall_ns=lambda: round((self.now + self.wall_offset_s) * 1e9))  # fmt: skip


def numbers(slots: Iterator[Slot]) -> list[int]:
    return [slot.number for slot in slots]


def test_chunks_of_360_hz_hold_14_or_15_samples_and_never_drift():
    counts = [first_sample(k + 1, 0.04, 360) - first_sample(k, 0.04, 360) for k in range(100_000)]
    assert set(counts) == {14, 15}
    assert sum(counts) == 1_440_000
    assert first_sample(90_000_000, 0.04, 360) == 1_296_000_000


@given(st.integers(1, 2000), st.integers(1, 60), st.sampled_from([125.0, 250.0, 360.0, 62.5]))
def test_a_loop_plays_every_sample_and_marks_every_seam(length, count, rate):
    playback = Playback(Counting(length, rate))
    chunks = [chunk for number in range(count) for chunk in playback.read(number)]
    played = np.concatenate([chunk.samples[0] for chunk in chunks])
    np.testing.assert_array_equal(played, np.arange(len(played)) % length)
    index = 0
    for chunk in chunks:
        assert chunk.first_index == index
        assert chunk.seam == (index > 0 and index % length == 0)
        index += chunk.samples.shape[1]
    assert index == first_sample(count, 0.04, rate)


def test_samples_before_and_after_a_seam_never_share_a_chunk():
    playback = Playback(Counting(20))
    first, second, third = [*playback.read(0), *playback.read(1)]
    assert (first.samples.shape[1], second.samples.shape[1], third.samples.shape[1]) == (14, 6, 8)
    assert (first.seam, second.seam, third.seam) == (False, False, True)
    assert third.samples[0, 0] == 0


def test_without_a_loop_playback_ends_after_the_last_sample():
    playback = Playback(Counting(50), loop=False)
    assert sum(chunk.samples.shape[1] for chunk in playback.chunks()) == 50
    assert playback.ended
    assert playback.read(99) == []


def test_numbers_left_out_let_the_index_jump_and_the_samples_go_on():
    playback = Playback(Counting(10_000, 250))
    playback.read(0)
    (chunk,) = playback.read(26)
    assert chunk.first_index == 260
    assert chunk.samples[0].tolist() == list(range(10, 20))


def test_nothing_is_due_before_a_chunk_is_complete():
    clocks = Clocks()
    schedule = clocks.schedule()
    clocks.now += 0.030
    assert numbers(schedule.due()) == []
    clocks.now += 0.010
    assert numbers(schedule.due()) == [0]


@given(st.lists(st.floats(0.0, 0.9), min_size=1, max_size=50))
def test_late_wake_ups_lose_nothing_and_do_not_add_up(pauses):
    clocks = Clocks()
    schedule = clocks.schedule()
    start = clocks.now
    got: list[Slot] = []
    for pause in pauses:
        clocks.now += pause
        got += schedule.due()
    assert numbers(iter(got)) == list(range(int((clocks.now - start + 0.005) / 0.04 + 1e-9)))
    assert not any(slot.gap for slot in got)


def test_a_stall_over_one_second_leaves_a_gap_and_keeps_the_time():
    clocks = Clocks()
    schedule = clocks.schedule()
    clocks.now += 0.040
    list(schedule.due())
    clocks.now += 3.0
    assert numbers(schedule.due()) == []
    clocks.now += 0.080
    assert list(schedule.due()) == [Slot(76, True), Slot(77, False)]
    wall_ns = (clocks.now + clocks.wall_offset_s) * 1e9
    assert schedule.stamp_ns(78 * 0.04) == pytest.approx(wall_ns, abs=10e6)


def test_stamps_are_continuous_and_never_ahead_of_the_clock():
    clocks = Clocks()
    schedule = clocks.schedule()
    stamps = [schedule.stamp_ns(k * 0.04) for k in range(100)]
    assert set(np.diff(stamps)) == {40_000_000}
    clocks.now += 4.0
    list(schedule.due())
    assert schedule.stamp_ns(4.0) <= (clocks.now + clocks.wall_offset_s) * 1e9


def test_a_chunk_sent_at_the_first_moment_is_not_stamped_ahead_of_the_clock():
    clocks = Clocks()
    schedule = clocks.schedule()
    while not numbers(schedule.due()):
        clocks.now += 0.001
    assert schedule.stamp_ns(0.04) <= (clocks.now + clocks.wall_offset_s) * 1e9


def test_ten_times_as_fast_sends_ten_times_as_much():
    clocks = Clocks()
    schedule = clocks.schedule(speed=10.0)
    clocks.now += 0.040
    assert numbers(schedule.due()) == list(range(11))
    assert schedule.stamp_ns(10.0) - schedule.stamp_ns(0.0) == 1_000_000_000


def test_after_the_wall_clock_was_set_stamps_follow_with_a_gap():
    clocks = Clocks()
    schedule = clocks.schedule()
    clocks.now += 0.040
    list(schedule.due())
    clocks.wall_offset_s += 3600.0
    clocks.now += 0.040
    assert list(schedule.due()) == [Slot(1, True)]
    wall_ns = (clocks.now + clocks.wall_offset_s) * 1e9
    assert schedule.stamp_ns(0.08) == pytest.approx(wall_ns, abs=10e6)


def test_playback_starts_where_told_and_loops_to_the_beginning():
    playback = Playback(Counting(40_000), start_s=100.0)
    chunks = playback.chunks()
    first = next(chunks)
    assert (first.first_index, first.samples[0, 0], first.seam) == (0, 36_000.0, False)
    seam = next(chunk for chunk in chunks if chunk.seam)
    assert (seam.first_index, seam.samples[0, 0]) == (4_000, 0.0)
