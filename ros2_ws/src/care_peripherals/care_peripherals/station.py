# SPDX-License-Identifier: AGPL-3.0-or-later
"""The board and all that hangs on it, as the robot knows it: what the node shows and serves."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from care_peripherals import wire
from care_peripherals.board_state import Snapshot
from care_peripherals.call_latch import CallLatch
from care_peripherals.drawers import Drawer, Drawers, State
from care_peripherals.grant import Grant
from care_peripherals.grant_check import GrantCheck, Locks, Verdict
from care_peripherals.light_bar import Light
from care_peripherals.supervision import BoardSupervisor
from care_peripherals.wire import AnswerCode

ANSWER_WAIT_S = 0.5

_REFUSALS = {
    AnswerCode.FORGED: Verdict('board_refused', 'The board has another key than this robot.'),
    AnswerCode.REPLAYED: Verdict('board_refused', 'The board has seen this number before.'),
    AnswerCode.LATE: Verdict('board_stale', 'The board got the grant too late.'),
    AnswerCode.NO_SUCH_DRAWER: Verdict('wrong_drawer', 'The board has no such drawer.'),
    AnswerCode.OPEN: Verdict('drawer_open', 'The drawer stands open: close it first.'),
    AnswerCode.OVERHEATED: Verdict('overheated', 'The lock must cool down: wait a minute.'),
    AnswerCode.NOT_ARMED: Verdict('board_stale', 'The board is starting.'),
}


@dataclass(frozen=True)
class View:
    """All that is known now.

    Attributes:
        stale: Why nothing is known, '' when the board is fresh.
        locks_disabled: Why no lock may open, '' when they may.
        drawers: The drawers.
        light: What the light bar shows.
        readable: The inputs can be read.
        engaged: The emergency-stop line is open, or cannot be read.
        estop_reason: Why it counts as engaged.
        call_since_ns: ROS time [ns] since when the nurse call stands, 0 for none; known while
            `readable`.
        simulated: The firmware says that it is simulated.
    """

    stale: str
    locks_disabled: str
    drawers: tuple[Drawer, ...]
    light: Light
    readable: bool
    engaged: bool
    estop_reason: str
    call_since_ns: int
    simulated: bool


class Station:
    """Turns snapshots of the board into what people are shown, and grants into unlocks."""

    def __init__(
        self,
        board: BoardSupervisor,
        drawers: int,
        check: GrantCheck | None,
        call: CallLatch,
        no_check_because: str = '',
        unlock_s: float = 8.0,
    ) -> None:
        """Keep the parts.

        Args:
            board: Keeps the board.
            drawers: Number of drawers.
            check: Checks grants; None when that is not possible.
            call: Holds the nurse call.
            no_check_because: Why it is not.
            unlock_s: How long a drawer may be opened [s].
        """
        self._board = board
        self._count = drawers
        self._check = check
        self._no_check_because = no_check_because
        self._unlock_s = unlock_s
        self._drawers = Drawers(drawers)
        self._call = call
        self._cancels = 0
        self._simulated = False

    @property
    def forced(self) -> dict[int, int]:
        """Return how often each drawer was found forced."""
        return dict(self._drawers.forced)

    def view(self) -> View:
        """Return all that is known now."""
        snapshot = self._board.snapshot()
        beat = snapshot.heartbeat if snapshot.fresh else None
        if snapshot.firmware:
            self._simulated = snapshot.firmware == wire.SIMULATED_FIRMWARE
        if beat is not None:
            self._call.take(beat.call, self._cancelled(snapshot))
        stale = '' if snapshot.fresh else f'board STALE: {snapshot.reason}'
        unreadable = stale or (snapshot.reason if beat is None else '')
        pressed = 'the line is open: pressed, or a broken wire'
        return View(
            stale=stale,
            locks_disabled=self._disabled_because(snapshot),
            drawers=tuple(self._drawers.update(beat.drawers if beat else None)),
            light=snapshot.light,
            readable=beat is not None,
            engaged=beat is None or not beat.line_closed,
            estop_reason=unreadable or ('' if beat and beat.line_closed else pressed),
            call_since_ns=self._call.since_ns,
            simulated=self._simulated,
        )

    def _cancelled(self, snapshot: Snapshot) -> bool:
        """Tell whether a call was cancelled since asked last: a short press falls between looks."""
        counts = snapshot.counts
        before, self._cancels = self._cancels, counts.cancels if counts else 0
        return self._cancels != before

    def _disabled_because(self, snapshot: Snapshot) -> str:
        if self._no_check_because:
            return self._no_check_because
        if snapshot.fresh and snapshot.heartbeat is None:
            return f'{snapshot.reason} cannot check grants'
        beat = snapshot.heartbeat
        if beat is not None and len(beat.drawers) != self._count:
            return f'the board has {len(beat.drawers)} drawers, not {self._count}'
        return ''

    def unlock(self, grant: Grant, places: frozenset[str], now_ns: Callable[[], int]) -> Verdict:
        """Check a grant and unlock its drawer.

        Args:
            grant: The grant.
            places: Places where the robot is.
            now_ns: Returns the ROS time [ns].
        """
        view = self.view()
        locks = Locks(
            disabled_because=view.locks_disabled,
            stale_because=view.stale,
            drawers=self._count,
            open_drawers=frozenset(
                d.number for d in view.drawers if d.state in (State.OPEN, State.FORCED)
            ),
            places=places,
        )
        if self._check is None:
            return Verdict('locks_disabled', f'The locks are disabled: {view.locks_disabled}.')
        try:
            verdict = self._check.check(grant, locks, now_ns())
        except OSError as error:
            return Verdict('locks_disabled', f'Used grants cannot be kept: {error.strerror}.')
        return self._send(grant) if verdict.ok else verdict

    def _send(self, grant: Grant) -> Verdict:
        code = self._board.unlock(grant.drawer, self._unlock_s, ANSWER_WAIT_S)
        if code is None:
            return Verdict('board_stale', 'The board did not confirm; the grant is spent.')
        if code is AnswerCode.OK:
            self._drawers.granted(grant.drawer, grant.nonce)
            return Verdict('ok', f'Drawer {grant.drawer} is unlocked for {self._unlock_s:g} s.')
        return _REFUSALS[code]

    def close(self) -> None:
        """Give the board back."""
        with contextlib.suppress(RuntimeError):
            self._board.stop()
