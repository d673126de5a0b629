# SPDX-License-Identifier: Apache-2.0
"""The table of alarm states, and that a new occurrence is a new alarm."""

import itertools

import pytest
from care_alarms.alarm import Happening, State, next_state
from care_alarms.board import Board, Cause
from care_alarms.journal import Entry
from care_alarms.moment import Moment
from care_alarms.refusal import RefusedError

END, ACKNOWLEDGE = Happening.END, Happening.ACKNOWLEDGE
ACTIVE, ACKNOWLEDGED, LATCHED, CLEARED = State

#: Written out in full: state, happening, next if latching, next if not.
TABLE = [
    (ACTIVE, END, LATCHED, CLEARED),
    (ACTIVE, ACKNOWLEDGE, ACKNOWLEDGED, ACKNOWLEDGED),
    (ACKNOWLEDGED, END, CLEARED, CLEARED),
    (ACKNOWLEDGED, ACKNOWLEDGE, ACKNOWLEDGED, ACKNOWLEDGED),
    (LATCHED, END, LATCHED, LATCHED),
    (LATCHED, ACKNOWLEDGE, CLEARED, CLEARED),
    (CLEARED, END, CLEARED, CLEARED),
    (CLEARED, ACKNOWLEDGE, CLEARED, CLEARED),
]


@pytest.mark.parametrize(('state', 'happening', 'latching', 'plain'), TABLE)
def test_each_state_follows_the_table(
    state: State, happening: Happening, latching: State, plain: State
) -> None:
    assert next_state(state, happening, latching=True) is latching
    assert next_state(state, happening, latching=False) is plain


def test_the_table_names_every_state_and_happening() -> None:
    assert {(row[0], row[1]) for row in TABLE} == set(itertools.product(State, Happening))


def board_with(code: str, *happenings: Happening) -> tuple[Board, list[Entry]]:
    entries: list[Entry] = []
    board = Board(entries.append)
    alarm = board.begin(Cause(code, 1, 'adm'), at(0))
    for happening in happenings:
        if happening is END:
            board.end(1, code, at(1))
        else:
            board.acknowledge(alarm.id, 'nurse_1', at(1))
    return board, entries


def at(seconds: float) -> Moment:
    return Moment(round((1e9 + seconds) * 1e9), seconds)


@pytest.mark.parametrize(
    ('happenings', 'alarms_after'),
    [((), 1), ((ACKNOWLEDGE,), 1), ((END,), 2), ((ACKNOWLEDGE, END), 2), ((END, ACKNOWLEDGE), 2)],
)
def test_a_condition_that_begins_again_is_a_new_alarm_only_if_it_had_ended(
    happenings: tuple[Happening, ...], alarms_after: int
) -> None:
    board, entries = board_with('asystole', *happenings)
    (before,) = board.listing()
    board.begin(Cause('asystole', 1, 'adm'), at(2))
    (after,) = board.listing()
    assert (after.id != before.id) is (alarms_after == 2)
    assert [e.event for e in entries].count('alarm_on') == alarms_after
    if alarms_after == 2:
        assert (after.state, after.acknowledged_by) == (ACTIVE, '')


@pytest.mark.parametrize(
    ('happenings', 'code'),
    [
        ((ACKNOWLEDGE,), 'already_acknowledged'),
        ((END, ACKNOWLEDGE), 'already_cleared'),
        ((ACKNOWLEDGE, END), 'already_cleared'),
    ],
)
def test_an_alarm_is_acknowledged_once(happenings: tuple[Happening, ...], code: str) -> None:
    board, _ = board_with('asystole', *happenings)
    (alarm,) = board.listing()
    acknowledged_at = alarm.acknowledged_at
    with pytest.raises(RefusedError) as refused:
        board.acknowledge(alarm.id, 'nurse_2', at(3))
    assert refused.value.code == code
    assert (alarm.acknowledged_by, alarm.acknowledged_at) == ('nurse_1', acknowledged_at)


def test_a_latched_alarm_of_before_is_told_to_the_journal_when_a_new_one_takes_its_place() -> None:
    board, entries = board_with('asystole', END)
    board.begin(Cause('asystole', 1, 'adm'), at(2))
    assert [e.detail.get('why') for e in entries if e.event == 'alarm_off'] == [
        'condition gone',
        'occurred again',
    ]


def test_highest_priority_comes_first_then_the_oldest() -> None:
    board = Board(lambda entry: None)
    for seconds, code, bed in ((0, 'leads_off', 1), (1, 'hr_high', 2), (2, 'hr_low', 1)):
        board.begin(Cause(code, bed, text_arguments=('1', '2', '/min')), at(seconds))
    board.begin(Cause('asystole', 3), at(3))
    assert [a.code for a in board.listing()] == ['asystole', 'hr_high', 'hr_low', 'leads_off']


def test_a_cleared_alarm_is_shown_for_a_while_and_then_gone() -> None:
    board, _ = board_with('leads_off', END)
    board.tick(at(31))
    assert len(board.listing()) == 1
    revision = board.revision
    board.tick(at(31.1))
    assert board.listing() == []
    assert board.revision > revision


def test_a_more_urgent_alarm_needs_a_new_acknowledgement() -> None:
    board, _ = board_with('leads_off', ACKNOWLEDGE)
    (before,) = board.listing()
    board.raise_priority(before, before.priority, at(2))
    assert board.listing() == [before]
    board.raise_priority(before, type(before.priority).MEDIUM, at(2))
    (after,) = board.listing()
    assert after.id != before.id
    assert (after.priority.name, after.state) == ('MEDIUM', ACTIVE)
