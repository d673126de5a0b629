# SPDX-License-Identifier: Apache-2.0
"""Who is logged in. Logins live on the server only, so that they can be ended there."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from care_tablet.accounts import User

HARD_END_S = 12 * 3600.0
_ID_BYTES = 32
_MOST_LOGINS = 1024


@dataclass
class Login:
    """One login: a user on one device."""

    user: User
    started: float
    used: float


class Logins:
    """Logins by random 256-bit ids; only hashes of the ids are kept."""

    def __init__(
        self,
        idle_s: float,
        hard_s: float = HARD_END_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._idle_s = idle_s
        self._hard_s = hard_s
        self._clock = clock
        self._logins: dict[str, Login] = {}

    def start(self, user: User) -> str:
        """Return the id of a new login."""
        self._forget_ended()
        while len(self._logins) >= _MOST_LOGINS:
            del self._logins[next(iter(self._logins))]
        login_id = secrets.token_urlsafe(_ID_BYTES)
        now = self._clock()
        self._logins[_digest(login_id)] = Login(user, now, now)
        return login_id

    def user(self, login_id: str, *, use: bool = False) -> User | None:
        """Return who is logged in under an id, None when nobody is, or no longer.

        Args:
            login_id: Id that the browser sent.
            use: A person did something: the idle time starts again.
        """
        login = self._logins.get(_digest(login_id))
        if login is None:
            return None
        if self._ended(login):
            self.end(login_id)
            return None
        if use:
            login.used = self._clock()
        return login.user

    def end(self, login_id: str) -> None:
        """End a login."""
        self._logins.pop(_digest(login_id), None)

    def _ended(self, login: Login) -> bool:
        now = self._clock()
        return now - login.used > self._idle_s or now - login.started > self._hard_s

    def _forget_ended(self) -> None:
        for key in [key for key, login in self._logins.items() if self._ended(login)]:
            del self._logins[key]


def _digest(login_id: str) -> str:
    return hashlib.sha256(login_id.encode()).hexdigest()
