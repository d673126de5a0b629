# SPDX-License-Identifier: AGPL-3.0-or-later
"""The drawer locks as firmware and mechanics keep them.

A solenoid pulls a sprung bolt back; without current the bolt extends. While a drawer is open a
detent holds the bolt back, and the closing drawer releases it: the bolt never extends before a
drawer that is not shut. A mechanical key opens without the solenoid.
"""

from __future__ import annotations

from dataclasses import dataclass

from care_peripherals.wire import Answer, AnswerCode, DrawerBits, Unlock, unlock

#: Longest that a solenoid is on for one grant [s].
LONGEST_HOLD_S = 10.0
#: A solenoid may be on this long in a stretch, then a third of the time.
DUTY_BUDGET_S = 20.0
DUTY_SHARE = 1 / 3
_LEAST_HOLD_S = 1.0
#: An unlock that was longer under way is refused [ms].
LATE_MS = 2000


@dataclass
class _Drawer:
    bolt_extended: bool = True
    reed_closed: bool = True
    forced: bool = False
    off_at: float | None = None
    budget_s: float = DUTY_BUDGET_S

    def bits(self) -> DrawerBits:
        return DrawerBits(
            self.off_at is not None, self.bolt_extended, self.reed_closed, self.forced
        )


class Locks:
    """All locks of a board.

    Attributes:
        last_number: Highest number of a grant that was taken; kept over power loss.
        damaged: Unlocks whose checksum was wrong.
    """

    def __init__(self, count: int, key: bytes) -> None:
        self._drawers = [_Drawer() for _ in range(count)]
        self._key = key
        self._ticked_at = 0.0
        self.last_number = 0
        self.damaged = 0

    def bits(self) -> tuple[DrawerBits, ...]:
        """Return the state of all drawers, first is drawer 1."""
        return tuple(drawer.bits() for drawer in self._drawers)

    def unlock(
        self, data: bytes, boot: int, uptime_ms: int, armed: bool, now: float
    ) -> Answer | None:
        """Take an unlock message.

        Args:
            data: Data bytes of the sysex.
            boot: Boot counter of the board.
            uptime_ms: Its uptime [ms].
            armed: Outputs are driven.
            now: Steady time [s].

        Returns:
            The answer; None when the message is damaged, for then its number is worth nothing.
        """
        try:
            asked, signed = unlock(data, self._key)
        except ValueError:
            self.damaged += 1
            return None
        if not signed:
            return Answer(asked.number, AnswerCode.FORGED)
        if asked.number <= self.last_number:
            return Answer(asked.number, AnswerCode.REPLAYED)
        self.last_number = asked.number
        late = (uptime_ms - asked.uptime_ms) % 2**32 > LATE_MS
        if asked.boot != boot or late:
            return Answer(asked.number, AnswerCode.LATE)
        code = self._energise(asked, now) if armed else AnswerCode.NOT_ARMED
        return Answer(asked.number, code)

    def _energise(self, asked: Unlock, now: float) -> AnswerCode:
        self.tick(now)
        if not 1 <= asked.drawer <= len(self._drawers):
            return AnswerCode.NO_SUCH_DRAWER
        drawer = self._drawers[asked.drawer - 1]
        if not drawer.reed_closed:
            return AnswerCode.OPEN
        hold_s = min(asked.hold_ds / 10.0, LONGEST_HOLD_S, drawer.budget_s)
        if hold_s < _LEAST_HOLD_S:
            return AnswerCode.OVERHEATED
        drawer.off_at = now + hold_s
        drawer.bolt_extended = False
        return AnswerCode.OK

    def tick(self, now: float) -> None:
        """Let time pass up to `now` [s]: bound the unlock, extend bolts, cool solenoids."""
        passed, self._ticked_at = now - self._ticked_at, now
        for drawer in self._drawers:
            if drawer.off_at is None:
                drawer.budget_s = min(DUTY_BUDGET_S, drawer.budget_s + passed * DUTY_SHARE)
            else:
                drawer.budget_s = max(0.0, drawer.budget_s - passed)
                if now >= drawer.off_at or not drawer.reed_closed:
                    drawer.off_at = None
            if drawer.off_at is None and drawer.reed_closed:
                drawer.bolt_extended = True

    def lock_all(self) -> None:
        """Take the current from all solenoids: power loss, safe state."""
        for drawer in self._drawers:
            drawer.off_at = None

    # What people do ------------------------------------------------------------------------------

    def pull(self, number: int) -> bool:
        """Pull at a drawer; return whether it is open now."""
        drawer = self._drawers[number - 1]
        if not drawer.bolt_extended:
            drawer.reed_closed = False
        return not drawer.reed_closed

    def force(self, number: int) -> None:
        """Open a drawer with the mechanical key."""
        drawer = self._drawers[number - 1]
        drawer.forced = drawer.forced or drawer.bolt_extended
        drawer.bolt_extended = False
        drawer.reed_closed = False

    def shut(self, number: int) -> None:
        """Push a drawer shut."""
        drawer = self._drawers[number - 1]
        drawer.reed_closed = True
        drawer.forced = False
