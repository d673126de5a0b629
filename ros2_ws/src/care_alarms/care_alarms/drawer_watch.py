# SPDX-License-Identifier: Apache-2.0
"""The robot's drawers: left open for too long, or opened without a grant."""

from __future__ import annotations

import math
from collections.abc import Iterable

from care_alarms.board import SOURCE_LOST, UNPROVEN, Board, Cause
from care_alarms.catalogue import WARD
from care_alarms.moment import Moment
from care_alarms.settings import Settings
from care_alarms.signals import Drawers, DrawerState
from care_alarms.silence import Silence

_LEFT_OPEN = 'drawer_open'
_FORCED = 'drawer_forced'
_CODES = (_LEFT_OPEN, _FORCED)


class DrawerWatch:
    """Raises and ends the alarms of the drawers: one for all left open, one for all forced.

    While the board is silent or does not know a drawer, its alarm neither begins nor ends.
    """

    def __init__(self, board: Board, settings: Settings) -> None:
        self._board = board
        self._after_s = settings.drawer_open_s
        # Silent until first heard.
        self._heard = Silence(settings.board_lost_s, -math.inf)
        self._open_since: dict[int, float] = {}
        self._forced: set[int] = set()
        self._origin = 0

    def restore(self, now: Moment) -> None:
        """Go on with the alarms that stood before a restart."""
        self._open_since = dict.fromkeys(self._told(_LEFT_OPEN), -math.inf)
        self._forced = self._told(_FORCED)
        self.tick(now)

    def take(self, drawers: Drawers, now: Moment) -> None:
        """Take what the board says."""
        self._origin = drawers.origin
        known = {n: s for n, s in drawers.states.items() if s is not DrawerState.UNKNOWN}
        if known:
            self._heard.heard(now.steady)
        for number, state in known.items():
            self._note(number, state, now)
        self.tick(now)

    def tick(self, now: Moment) -> None:
        """Let time pass."""
        silent = self._heard.silent(now.steady)
        if not silent:
            self._tell(_LEFT_OPEN, self._left_open(now), now)
            self._tell(_FORCED, self._forced, now)
        for code in _CODES:
            alarm = self._board.standing(WARD, code)
            if alarm is not None:
                hidden = SOURCE_LOST if silent else UNPROVEN if alarm.unproven else ''
                self._board.mark(alarm, hidden)

    def forgive(self, seconds: float) -> None:
        """Leave out a time in which we ourselves did not listen."""
        self._heard.forgive(seconds)

    def _note(self, number: int, state: DrawerState, now: Moment) -> None:
        if state is DrawerState.OPEN:
            self._open_since.setdefault(number, now.steady)
        else:
            self._open_since.pop(number, None)
        if state is DrawerState.FORCED:
            self._forced.add(number)
        else:
            self._forced.discard(number)

    def _left_open(self, now: Moment) -> set[int]:
        return {n for n, since in self._open_since.items() if now.steady - since >= self._after_s}

    def _tell(self, code: str, numbers: set[int], now: Moment) -> None:
        """Let the alarm tell these drawers; one more than it told is news, so a new alarm."""
        if not numbers:
            self._board.end(WARD, code, now, 'closed')
            return
        told = self._told(code)
        if told and not numbers <= told:
            self._board.end(WARD, code, now, 'another drawer')
        words = _words(numbers)
        cause = Cause(
            code, WARD, origin=self._origin, text_arguments=(words,), evidence=f'drawer {words}'
        )
        self._board.reword(self._board.begin(cause, now), [words])

    def _told(self, code: str) -> set[int]:
        alarm = self._board.standing(WARD, code)
        words = '' if alarm is None else ', '.join(alarm.text_arguments)
        return {int(word) for word in words.split(', ') if word.isdigit()}


def _words(numbers: Iterable[int]) -> str:
    return ', '.join(map(str, sorted(numbers)))
