# SPDX-License-Identifier: Apache-2.0
"""A task runs to its end, or ends with the reason; it never moves after that."""

from dataclasses import replace

from care_tasks.errand import LOOK_S, Errand
from care_tasks.mode_request import SETTLE_S
from care_tasks.path_follower import Gait, Velocity
from care_tasks.refusals import Command, Situation
from care_tasks.ward_map import Place, WardMap

WARD = WardMap(
    ['home 0 0', 'corridor 2 0'],
    ['home corridor'],
    {1: Place(2.0, 1.2, 1.57)},
    Place(0.0, 0.0, 0.0),
)
START = Place(0.0, 0.0, 0.0)
CORRIDOR = Place(2.0, 0.0, 0.0)
AT_BED = Place(2.0, 1.2, 1.57)
READY = Situation(now=1e9, steady=100.0, beds=(1,), safety_state='READY')
PATIENCE = Gait().patience


def _errand(kind: str) -> Errand:
    """Return a task that control obeys."""
    errand = _unheard(kind)
    errand.mode.answer(READY.steady - 1.0, True, '')
    return errand


def _unheard(kind: str) -> Errand:
    return Errand(Command(kind, 1, 99.0, 104.0), WARD, START, Gait())


def _after(seconds: float) -> Situation:
    return replace(READY, steady=READY.steady + seconds)


def test_going_to_a_bed_ends_there() -> None:
    errand = _errand('go_to_bed')
    assert errand.step(START, READY, None).forward > 0
    assert errand.progress == 0.0
    errand.step(CORRIDOR, READY, None)
    assert errand.step(AT_BED, READY, None) == Velocity()
    assert errand.outcome is not None
    assert errand.outcome.code == 'ok'
    assert errand.progress == 1.0


def test_a_stop_on_the_way_ends_the_task_with_its_reason() -> None:
    errand = _errand('go_to_bed')
    stopped = replace(READY, safety_state='STOPPED', safety_reasons=('stop by nurse',))
    assert errand.step(START, stopped, None) == Velocity()
    assert errand.outcome is not None
    assert errand.outcome.code == 'stopped'
    assert 'stop by nurse' in errand.outcome.text


def test_a_place_lost_on_the_way_ends_the_task() -> None:
    errand = _errand('go_to_bed')
    errand.step(START, READY, None)
    assert errand.step(START, replace(READY, position_known=False), None) == Velocity()
    assert errand.outcome is not None
    assert errand.outcome.code == 'position_unknown'


def test_checking_a_bed_waits_for_a_picture_and_says_what_it_shows() -> None:
    errand = _errand('check_bed')
    errand.step(CORRIDOR, READY, None)
    errand.step(AT_BED, READY, None)
    assert errand.looking()
    assert errand.outcome is None
    errand.step(AT_BED, _after(1.0), 1)
    assert errand.outcome is not None
    assert 'sees one person' in errand.outcome.text


def test_checking_a_bed_without_a_picture_ends_by_itself() -> None:
    errand = _errand('check_bed')
    errand.step(CORRIDOR, READY, None)
    errand.step(AT_BED, READY, None)
    errand.step(AT_BED, _after(LOOK_S + 0.1), None)
    assert errand.outcome is not None
    assert errand.outcome.code == 'no_view'


def test_the_first_outcome_stays() -> None:
    errand = _errand('return')
    errand.cancel()
    errand.step(START, replace(READY, safety_state=''), None)
    assert errand.outcome is not None
    assert errand.outcome.code == 'cancelled'


def test_a_robot_held_against_its_command_ends_the_task_with_controls_reasons() -> None:
    errand = _errand('go_to_bed')
    held = replace(_after(PATIENCE - 0.1), safety_reasons=('A fresh command is needed',))
    errand.step(START, READY, None)
    assert errand.step(START, held, None).forward > 0
    assert errand.outcome is None
    held = replace(held, steady=READY.steady + PATIENCE + 0.1)
    assert errand.step(START, held, None) == Velocity()
    assert errand.outcome is not None
    assert errand.outcome.code == 'does_not_move'
    assert 'has not for 5 s: A fresh command is needed' in errand.outcome.text


def test_a_robot_held_without_a_reason_ends_the_task_with_controls_state() -> None:
    errand = _errand('go_to_bed')
    errand.step(START, READY, None)
    errand.step(START, _after(PATIENCE + 0.1), None)
    assert errand.outcome is not None
    assert 'control says READY' in errand.outcome.text


def test_slow_motion_or_turning_on_the_spot_is_motion() -> None:
    errand = _errand('go_to_bed')
    for turn in range(1, 8):  # a step every three seconds
        at = Place(0.0, 0.0, 0.06 * turn) if turn < 4 else Place(0.06 * turn, 0.0, 0.18)
        errand.step(at, _after(3.0 * turn), None)
        assert errand.outcome is None


def test_trembling_is_no_motion() -> None:
    errand = _errand('go_to_bed')
    for second in range(7):
        errand.step(Place(0.01 * (second % 2), 0.0, 0.01), _after(second), None)
    assert errand.outcome is not None
    assert errand.outcome.code == 'does_not_move'


def test_waiting_for_a_picture_is_no_lack_of_motion() -> None:
    errand = _errand('check_bed')
    errand.step(CORRIDOR, READY, None)
    errand.step(AT_BED, _after(1.0), None)
    errand.step(AT_BED, _after(PATIENCE + 0.5), 0)
    assert errand.outcome is not None
    assert errand.outcome.code == 'ok'


def test_zero_is_asked_for_until_control_obeys_and_has_seen_it() -> None:
    errand = _unheard('go_to_bed')
    assert errand.step(START, READY, None) == Velocity()
    errand.mode.answer(READY.steady + 1.0, True, '')
    assert errand.step(START, _after(1.0 + SETTLE_S / 2), None) == Velocity()
    assert errand.step(START, _after(1.0 + SETTLE_S + 0.01), None).forward > 0


def test_the_mode_is_asked_for_again_each_second_until_control_answers() -> None:
    mode = _unheard('go_to_bed').mode
    asked = [t for t in (0.0, 0.05, 0.95, 1.0, 1.05, 2.5) if mode.due(t)]
    assert asked == [0.0, 1.0, 2.5]
    mode.answer(2.6, True, '')
    assert not mode.due(9.0)


def test_a_control_that_never_answers_ends_the_task() -> None:
    errand = _unheard('go_to_bed')
    errand.step(START, READY, None)
    assert errand.step(START, _after(PATIENCE + 0.1), None) == Velocity()
    assert errand.outcome is not None
    assert errand.outcome.code == 'does_not_move'
    assert 'control does not answer' in errand.outcome.text


def test_a_refused_mode_ends_the_task_with_controls_words() -> None:
    errand = _unheard('go_to_bed')
    errand.mode.answer(READY.steady, False, 'There is no mode 1')
    assert errand.step(START, READY, None) == Velocity()
    assert errand.outcome is not None
    assert errand.outcome.code == 'mode_refused'
    assert 'There is no mode 1' in errand.outcome.text
    assert not errand.mode.due(READY.steady + 9.0)
