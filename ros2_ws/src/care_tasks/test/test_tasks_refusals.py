# SPDX-License-Identifier: Apache-2.0
"""Every refusal has its code and a sentence for a person."""

from dataclasses import replace

import pytest
from care_tasks.refusals import Command, Situation, refuse

GOOD = Command('go_to_bed', 3, issued=100.0, expires=105.0)
READY = Situation(now=101.0, beds=(1, 2, 3, 4), safety_state='READY')


def test_a_good_command_in_a_good_situation_is_taken() -> None:
    assert refuse(GOOD, READY) is None


@pytest.mark.parametrize(
    ('command', 'code'),
    [
        (replace(GOOD, kind='dance'), 'unknown_task'),
        (replace(GOOD, bed=9), 'bed_unknown'),
        (replace(GOOD, expires=100.5), 'expired'),
        (replace(GOOD, expires=100.0), 'expired'),
        (replace(GOOD, issued=200.0, expires=300.0), 'wrong_clock'),
    ],
)
def test_a_bad_command_is_refused(command: Command, code: str) -> None:
    refusal = refuse(command, READY)
    assert refusal is not None
    assert refusal.code == code


@pytest.mark.parametrize(
    ('change', 'code', 'words'),
    [
        ({'busy_with': 'go to bed 2'}, 'busy', 'go to bed 2'),
        ({'safety_state': ''}, 'control_silent', 'does not answer'),
        ({'safety_state': 'STOPPED', 'safety_reasons': ('stop by nurse',)}, 'stopped', 'nurse'),
        ({'position_age': 2.0}, 'position_stale', 'where it stands'),
        ({'position_known': False}, 'position_unknown', 'home place'),
        ({'tablet_silent': True}, 'link_stale', 'link to the tablet'),
    ],
)
def test_a_bad_situation_is_refused_in_plain_words(
    change: dict[str, object], code: str, words: str
) -> None:
    refusal = refuse(GOOD, replace(READY, **change))  # type: ignore[arg-type]
    assert refusal is not None
    assert refusal.code == code
    assert words in refusal.text


def test_the_robot_may_be_told_that_it_is_at_home_while_it_does_not_know() -> None:
    lost = replace(READY, position_known=False)
    assert refuse(replace(GOOD, kind='at_home', bed=0), lost) is None
