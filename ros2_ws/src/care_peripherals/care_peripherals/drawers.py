# SPDX-License-Identifier: AGPL-3.0-or-later
"""State of the drawers, from what the board sees and which grant opened them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from care_peripherals.wire import DrawerBits


class State(IntEnum):
    """As in care_msgs/DrawerState."""

    UNKNOWN = 0
    LOCKED = 1
    UNLOCKED = 2
    OPEN = 3
    FORCED = 4


@dataclass(frozen=True)
class Drawer:
    """One drawer; `grant` is the nonce of the grant that unlocked it, '' when it is locked."""

    number: int
    state: State = State.UNKNOWN
    bolt_extended: bool = False
    reed_closed: bool = False
    grant: str = ''


def state_of(bits: DrawerBits) -> State:
    """Return the state that the board's view amounts to."""
    if bits.forced:
        return State.FORCED
    if not bits.reed_closed:
        return State.OPEN
    return State.LOCKED if bits.bolt_extended else State.UNLOCKED


class Drawers:
    """Keeps the drawers and which grant is in use at which.

    Attributes:
        forced: Drawers that were found forced since the start, by number of times.
    """

    def __init__(self, count: int) -> None:
        self._known = [Drawer(number + 1) for number in range(count)]
        self._grants: dict[int, str] = {}
        self.forced: dict[int, int] = {}

    def granted(self, number: int, nonce: int) -> None:
        """Note the grant that unlocks a drawer."""
        self._grants[number] = str(nonce)

    def update(self, bits: Sequence[DrawerBits] | None) -> list[Drawer]:
        """Take the board's view, None while there is none; return all drawers."""
        if bits is None:
            return [Drawer(d.number) for d in self._known]
        self._known = [
            self._one(before, seen) for before, seen in zip(self._known, bits, strict=False)
        ]
        return self._known

    def _one(self, before: Drawer, seen: DrawerBits) -> Drawer:
        number, state = before.number, state_of(seen)
        if state is State.FORCED and before.state is not State.FORCED:
            self.forced[number] = self.forced.get(number, 0) + 1
        if state is State.LOCKED and before.state in (State.UNLOCKED, State.OPEN, State.FORCED):
            self._grants.pop(number, None)
        grant = '' if state is State.LOCKED else self._grants.get(number, '')
        return Drawer(number, state, seen.bolt_extended, seen.reed_closed, grant)
