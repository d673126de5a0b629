# SPDX-License-Identifier: Apache-2.0
from care_vitals.stamps import StampMap

_START = 1_700_000_000_000_000_000


def test_stamps_between_known_ones_follow_the_speed_of_the_playback() -> None:
    stamps = StampMap()
    for k in range(100):
        stamps.add(k * 0.4, _START + k * 40_000_000)
    assert abs(stamps.stamp_ns(12.34) - (_START + 1_234_000_000)) < 1000
    assert abs(stamps.stamp_ns(39.9) - (_START + 3_990_000_000)) < 1000


def test_a_time_before_all_known_ones_is_counted_back() -> None:
    stamps = StampMap()
    stamps.add(100.0, _START)
    assert stamps.stamp_ns(98.5) == _START - 1_500_000_000


def test_a_stream_that_begins_anew_forgets_its_stamps() -> None:
    stamps = StampMap()
    stamps.add(100.0, _START)
    stamps.add(0.0, _START + 5)
    assert stamps.stamp_ns(0.0) == _START + 5


def test_nothing_known_is_no_stamp() -> None:
    assert StampMap().stamp_ns(3.0) == 0
