# SPDX-License-Identifier: Apache-2.0
"""Logging in and out with a PIN."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from care_tablet import roles
from care_tablet.accounts import Accounts, User
from care_tablet.commands import Deed
from care_tablet.lockout import LockOut
from care_tablet.logins import Logins

#: A check takes a core for 25 ms.
_MOST_WAITING = 8


@dataclass(frozen=True)
class Outcome:
    """Result of a try.

    Attributes:
        code: ok, wrong_pin, locked or busy.
        user: Who is logged in now, if ok.
        login_id: Id for the cookie, if ok.
        tries_left: Wrong PINs left, if wrong.
        seconds: Time to wait [s], if locked.
    """

    code: str
    user: User | None = None
    login_id: str = ''
    tries_left: int = 0
    seconds: int = 0


class SignIn:
    """Checks PINs, slowly enough for who guesses."""

    def __init__(
        self,
        accounts: Accounts,
        lock_out: LockOut,
        logins: Logins,
        record: Callable[[Deed], None],
    ) -> None:
        self._accounts = accounts
        self._lock_out = lock_out
        self._logins = logins
        self._record = record
        # One thread of its own: each thread that ever checked a PIN keeps its 19 MiB.
        self._checker = ThreadPoolExecutor(1, 'PIN check')
        self._waiting = 0

    async def try_pin(self, user_id: str, pin: str, device: str) -> Outcome:
        """Try to log in.

        Args:
            user_id: Id of the user; an unknown one is answered like a wrong PIN.
            pin: The PIN.
            device: Address of the tablet.
        """
        if self._lock_out.wait_s(user_id, device) > 0:
            return self._locked(user_id, device)
        if self._waiting >= _MOST_WAITING:
            return Outcome('busy')
        self._lock_out.begin(user_id, device)
        user = await self._check(user_id, pin)
        if user is None:
            known = user_id if self._accounts.find(user_id) else ''
            locked = self._lock_out.wait_s(user_id, device) > 0
            self._record(Deed(known, device, 'login', 'lock_out' if locked else 'wrong_pin'))
            if locked:
                return self._locked(user_id, device)
            left = self._lock_out.tries_left(user_id, device)
            return Outcome('wrong_pin', tries_left=left)
        self._lock_out.succeed(user_id, device)
        self._record(Deed(user.id, device, 'login', 'ok'))
        return Outcome('ok', user=user, login_id=self._logins.start(user))

    async def _check(self, user_id: str, pin: str) -> User | None:
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._checker, self._accounts.check, user_id, pin)
        finally:
            self._waiting -= 1

    def _locked(self, user_id: str, device: str) -> Outcome:
        return Outcome('locked', seconds=math.ceil(self._lock_out.wait_s(user_id, device)))

    def log_out(self, login_id: str, device: str) -> None:
        """End a login."""
        user = self._logins.user(login_id)
        self._logins.end(login_id)
        if user is not None:
            self._record(Deed(user.id, device, 'logout', 'ok'))

    def unlock(self, login_id: str, user_id: str, device: str) -> bool:
        """Unlock a user on all tablets; tell whether the one who asks may do so."""
        by = self._logins.user(login_id, use=True)
        allowed = by is not None and roles.allows(by.role, 'unlock_user')
        if allowed:
            self._lock_out.release(user_id)
        known = user_id if self._accounts.find(user_id) else ''
        result = 'ok' if allowed else 'not_allowed'
        self._record(
            Deed('' if by is None else by.id, device, 'unlock_user', result, details=known)
        )
        return allowed
