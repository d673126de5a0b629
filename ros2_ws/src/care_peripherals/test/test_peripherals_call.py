# SPDX-License-Identifier: AGPL-3.0-or-later
"""The nurse call between the board's heartbeats and what is shown."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from care_peripherals.board_state import Counts, Snapshot
from care_peripherals.call_latch import CallLatch
from care_peripherals.station import Station
from care_peripherals.supervision import BoardSupervisor
from care_peripherals.wire import Heartbeat


def test_a_call_begins_with_the_press_and_a_second_press_changes_nothing(tmp_path: Path) -> None:
    times = iter((5, 6))
    latch = CallLatch(tmp_path / 'nurse_call', lambda: next(times))
    latch.take(pressed=True, cancelled=False)
    latch.take(pressed=False, cancelled=False)
    latch.take(pressed=True, cancelled=False)
    assert latch.since_ns == 5
    assert CallLatch(tmp_path / 'nurse_call', lambda: 9).since_ns == 5
    latch.take(pressed=True, cancelled=True)
    assert latch.since_ns == 0
    assert CallLatch(tmp_path / 'nurse_call', lambda: 9).since_ns == 0


def test_a_disk_that_cannot_be_written_holds_no_call_back(tmp_path: Path) -> None:
    latch = CallLatch(tmp_path / 'missing' / 'nurse_call', lambda: 5)
    latch.take(pressed=True, cancelled=False)
    assert latch.since_ns == 5
    latch.take(pressed=False, cancelled=True)
    assert latch.since_ns == 0


def test_every_heartbeat_with_the_cancel_button_pressed_is_counted() -> None:
    def no_board() -> Any:
        raise AssertionError('not started')

    supervisor = BoardSupervisor(no_board, None)
    for cancel in (False, True, False):
        supervisor._take(Heartbeat(1, 5, cancel=cancel))
    counts = supervisor.snapshot().counts
    assert counts is not None
    assert counts.cancels == 1


def test_a_cancel_between_two_looks_is_not_missed() -> None:
    beat = Heartbeat(1, 5, line_closed=True, call=True)
    board: Any = SimpleNamespace(snapshot=lambda: Snapshot(True, '', heartbeat=beat, counts=counts))
    counts = Counts()
    station = Station(board, 0, None, CallLatch(None, lambda: 5))
    assert station.view().call_since_ns == 5
    counts, beat = Counts(cancels=2), Heartbeat(1, 6, line_closed=True)
    assert station.view().call_since_ns == 0
    beat = Heartbeat(1, 7, line_closed=True, call=True)
    assert station.view().call_since_ns == 5, 'pressed again'
