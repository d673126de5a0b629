# SPDX-License-Identifier: Apache-2.0
import math

import pytest
from care_vitals.reports import EventReport
from care_vitals.silence import BLIND_S, HELD_BACK_S, KNOWN_WITHIN_S, SilenceWatch


class _Ward:
    """Runs a watch along a list of beats and says in words what happened when."""

    def __init__(self) -> None:
        self.pulse = False
        self.watch = SilenceWatch(lambda _t: self.pulse)
        self.said: list[EventReport] = []
        self.said += self.watch.leads_on(0.0)

    def until(self, t: float) -> None:
        while (deadline := self.watch.next_deadline()) < t:
            self.said += self.watch.expire(deadline)

    def beats(self, *times: float) -> None:
        for t in times:
            self.until(t + 0.33)
            self.said += self.watch.qrs(t, t + 0.33)

    def words(self) -> list[str]:
        return [f'{e.name} {"on" if e.on else "off"} {e.t:.2f}' for e in self.said]


def test_asystole_comes_when_four_seconds_are_certain_and_says_since_when() -> None:
    ward = _Ward()
    ward.beats(1, 2, 3)
    ward.until(7.3)
    assert not ward.watch.asystole
    ward.until(7.4)
    assert ward.words()[-2:] == ['asystole on 7.36', 'pause off 7.36']
    assert ward.said[-2].onset == 3
    assert '4.4 s' in ward.said[-2].evidence


def test_asystole_comes_without_a_first_beat_too() -> None:
    ward = _Ward()
    ward.until(5)
    assert ward.words() == [f'asystole on {4 + KNOWN_WITHIN_S:.2f}']


def test_asystole_ends_with_the_second_beat_that_comes_back() -> None:
    ward = _Ward()
    ward.beats(1, 2, 3, 9)
    assert ward.watch.asystole
    ward.beats(10)
    assert ward.words()[-1] == 'asystole off 10.33'


def test_single_beats_between_long_silences_do_not_end_an_asystole() -> None:
    ward = _Ward()
    ward.beats(1, 2, 3, 9, 14, 19)
    assert ward.watch.asystole


def test_a_pause_of_three_seconds_is_said_before_the_next_beat_comes() -> None:
    ward = _Ward()
    ward.beats(1, 2, 3)
    ward.until(6.4)
    assert ward.words() == ['pause on 6.36']
    ward.beats(6.5, 7.5)
    assert ward.words() == ['pause on 6.36', 'pause off 7.83']


def test_an_interval_just_over_three_seconds_is_a_pause_by_its_beat() -> None:
    ward = _Ward()
    ward.beats(1, 2)
    ward.said += ward.watch.qrs(5.01, 5.30)
    assert ward.words() == ['pause on 5.30']
    assert ward.said[0].onset == 2


def test_an_interval_under_three_seconds_is_no_pause() -> None:
    ward = _Ward()
    ward.beats(1, 2, 4.99, 6)
    assert ward.said == []


def test_the_same_beat_on_two_leads_counts_once() -> None:
    ward = _Ward()
    ward.beats(1, 2, 3, 9)
    ward.said += ward.watch.qrs(9.05, 9.4)
    assert ward.watch.asystole


def test_short_gaps_stop_the_clock_but_do_not_hide_an_asystole() -> None:
    ward = _Ward()
    ward.beats(1, 2)
    for gap in range(3, 9):
        ward.until(gap)
        ward.watch.leads_off(gap)
        ward.until(gap + 0.2)
        ward.said += ward.watch.leads_on(gap + 0.2)
    ward.until(20)
    assert ward.words()[1] == f'asystole on {2 + 4 + KNOWN_WITHIN_S + 6 * (0.2 + BLIND_S):.2f}'


def test_a_gap_behind_which_thresholds_are_learned_anew_starts_the_clock_again() -> None:
    ward = _Ward()
    ward.beats(1, 2)
    ward.watch.leads_off(4)
    ward.said += ward.watch.leads_on(4.1, anew=True)
    ward.until(8.4)
    assert ward.said == []
    ward.until(8.5)
    assert ward.watch.asystole


def test_a_long_gap_starts_the_clock_again() -> None:
    ward = _Ward()
    ward.beats(1, 2)
    ward.watch.leads_off(4)
    ward.until(60)
    ward.said += ward.watch.leads_on(60)
    ward.until(64.3)
    assert ward.said == []
    ward.until(64.4)
    assert ward.watch.asystole


def test_leads_off_do_not_end_an_asystole() -> None:
    ward = _Ward()
    ward.until(5)
    ward.watch.leads_off(6)
    ward.said += ward.watch.leads_on(30)
    ward.beats(31)
    assert ward.watch.asystole
    ward.beats(32)
    assert not ward.watch.asystole


def test_a_seam_makes_no_interval() -> None:
    ward = _Ward()
    ward.beats(1, 2, 3)
    ward.said += ward.watch.restart(5)
    ward.beats(6.5, 7.5)
    assert ward.said == []


def test_a_good_pulse_holds_asystole_back_for_ten_seconds_at_most() -> None:
    ward = _Ward()
    ward.pulse = True
    ward.beats(1, 2, 3)
    ward.until(7.4)
    assert ward.watch.held_back
    assert 'ecg_lost_watching_pleth on 7.36' in ward.words()
    ward.until(7.36 + HELD_BACK_S + 0.1)
    assert ward.words()[-2:] == ['asystole on 17.36', 'ecg_lost_watching_pleth off 17.36']


def test_asystole_comes_as_soon_as_the_pulse_fails() -> None:
    ward = _Ward()
    ward.pulse = True
    ward.beats(1, 2, 3)
    ward.until(8)
    assert ward.watch.second(9.0) == []
    ward.pulse = False
    assert [e.name for e in ward.watch.second(10.0)] == ['asystole', 'ecg_lost_watching_pleth']
    assert not ward.watch.held_back


def test_beats_that_come_back_end_the_watch_of_the_pleth_without_asystole() -> None:
    ward = _Ward()
    ward.pulse = True
    ward.beats(1, 2, 3, 9, 10)
    assert ward.words()[-1] == 'ecg_lost_watching_pleth off 10.33'
    assert not any(e.name == 'asystole' for e in ward.said)


def test_a_seam_ends_the_watch_of_the_pleth() -> None:
    ward = _Ward()
    ward.pulse = True
    ward.beats(1, 2)
    ward.until(8)
    assert [e.on for e in ward.watch.restart(8.0)] == [False]
    assert ward.watch.next_deadline() == pytest.approx(12 + KNOWN_WITHIN_S)


def test_the_clock_stands_until_a_lead_is_there() -> None:
    watch = SilenceWatch(lambda _t: False)
    assert watch.waiting_for_leads
    assert watch.next_deadline() == math.inf
