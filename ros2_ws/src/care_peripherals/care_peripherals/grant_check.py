# SPDX-License-Identifier: AGPL-3.0-or-later
"""Decides whether a grant opens a drawer."""

from __future__ import annotations

from dataclasses import dataclass

from care_peripherals.grant import Grant, is_signed
from care_peripherals.nonce_store import NonceStore

_SKEW_NS = 5_000_000_000


@dataclass(frozen=True)
class Verdict:
    """An answer: code for programs, text for people."""

    code: str
    text: str

    @property
    def ok(self) -> bool:
        """Tell whether it is granted."""
        return self.code == 'ok'


@dataclass(frozen=True)
class Locks:
    """What the grant is checked against.

    Attributes:
        disabled_because: Why no lock may open, '' when they may.
        stale_because: Why the board is not known, '' when it is.
        drawers: Number of drawers.
        open_drawers: Drawers that stand open.
        places: Places where the robot is; empty when that is not known.
    """

    disabled_because: str = ''
    stale_because: str = ''
    drawers: int = 0
    open_drawers: frozenset[int] = frozenset()
    places: frozenset[str] = frozenset()


GRANTED = Verdict('ok', 'Granted.')


class GrantCheck:
    """Checks grants; a granted one is spent."""

    def __init__(self, key: bytes, nonces: NonceStore) -> None:
        self._key = key
        self._nonces = nonces

    def check(self, grant: Grant, locks: Locks, now_ns: int) -> Verdict:
        """Decide, and spend the grant when it is granted.

        A forged grant learns nothing beyond that; what a person can put right leaves it unspent.

        Args:
            grant: The grant.
            locks: The locks as they are.
            now_ns: ROS time [ns].

        Raises:
            OSError: The grant cannot be noted as spent; it is not granted then.
        """
        for verdict in (
            self._of_signature(grant, locks),
            self._of_time(grant, now_ns),
            _of_locks(grant, locks),
        ):
            if verdict is not None:
                return verdict
        self._nonces.use(grant.nonce, grant.expires_ns)
        return GRANTED

    def _of_signature(self, grant: Grant, locks: Locks) -> Verdict | None:
        if locks.disabled_because:
            return Verdict('locks_disabled', f'The locks are disabled: {locks.disabled_because}.')
        if not is_signed(grant, self._key):
            return Verdict('forged', 'The signature of the grant is not right.')
        return None

    def _of_time(self, grant: Grant, now_ns: int) -> Verdict | None:
        if self._nonces.used(grant.nonce):
            return Verdict('replayed', 'This grant was used before.')
        if now_ns >= grant.expires_ns:
            return Verdict('expired', 'The grant has expired.')
        if grant.issued_ns > now_ns + _SKEW_NS:
            return Verdict('expired', 'The grant is not valid yet: compare the clocks.')
        if grant.issued_ns < self._nonces.complete_since_ns:
            return Verdict(
                'expired', 'The grant is older than what is known of used grants: issue a new one.'
            )
        return None


def _of_locks(grant: Grant, locks: Locks) -> Verdict | None:
    if locks.stale_because:
        return Verdict('board_stale', f'The board does not answer: {locks.stale_because}.')
    if not 1 <= grant.drawer <= locks.drawers:
        return Verdict('wrong_drawer', f'There is no drawer {grant.drawer}.')
    if not locks.places:
        return Verdict('wrong_place', 'It is not known where the robot is.')
    if grant.place not in locks.places:
        here = ', '.join(sorted(locks.places))
        return Verdict('wrong_place', f'The grant is for {grant.place}, the robot is at {here}.')
    if grant.drawer in locks.open_drawers:
        return Verdict('drawer_open', f'Drawer {grant.drawer} stands open: close it first.')
    return None
