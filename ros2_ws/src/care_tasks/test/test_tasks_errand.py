# SPDX-License-Identifier: Apache-2.0
"""A task runs to its end, or ends with the reason; it never moves after that."""

from dataclasses import replace

from care_tasks.errand import LOOK_S, Errand
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
READY = Situation(now=100.0, beds=(1,), safety_state='READY')


def _errand(kind: str) -> Errand:
    return Errand(Command(kind, 1, 99.0, 104.0), WARD, START, Gait())


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


def test_checking_a_bed_waits_for_a_picture_and_says_what_it_shows() -> None:
    errand = _errand('check_bed')
    errand.step(CORRIDOR, READY, None)
    errand.step(AT_BED, READY, None)
    assert errand.looking()
    assert errand.outcome is None
    errand.step(AT_BED, replace(READY, now=101.0), 1)
    assert errand.outcome is not None
    assert 'sees one person' in errand.outcome.text


def test_checking_a_bed_without_a_picture_ends_by_itself() -> None:
    errand = _errand('check_bed')
    errand.step(CORRIDOR, READY, None)
    errand.step(AT_BED, READY, None)
    errand.step(AT_BED, replace(READY, now=100.0 + LOOK_S + 0.1), None)
    assert errand.outcome is not None
    assert errand.outcome.code == 'no_view'


def test_the_first_outcome_stays() -> None:
    errand = _errand('return')
    errand.cancel()
    errand.step(START, replace(READY, safety_state=''), None)
    assert errand.outcome is not None
    assert errand.outcome.code == 'cancelled'
