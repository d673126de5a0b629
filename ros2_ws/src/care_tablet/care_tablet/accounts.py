# SPDX-License-Identifier: Apache-2.0
"""Users and their PINs. Only hashes are kept; a PIN is never written to a log or journal."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from care_node.errors import ConfigurationError

from care_tablet.roles import COMMANDS

# 19 MiB, 2 passes, 1 lane: OWASP's smallest recommendation, 23 ms on a small machine. A PIN's few
# digits are protected by the lock-out, not by the hash.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_PIN = re.compile(r'[0-9]{6}')
_ID = re.compile(r'[a-z0-9_]{1,32}')
DEMO_ID = 'demo'


@dataclass(frozen=True)
class User:
    """A user; `id` is a pseudonym, safe for journals and logs."""

    id: str
    name: str
    role: str
    pin_hash: str = field(repr=False)


def make_user(user_id: str, name: str, role: str, pin: str) -> User:
    """Return a user with the hash of a PIN.

    Raises:
        ConfigurationError: The id, role or PIN is not allowed.
    """
    if not _ID.fullmatch(user_id):
        raise ConfigurationError(
            cause=f'"{user_id}" is no user id.',
            cure='Use 1 to 32 small letters, digits or underscores, and no name of a person.',
        )
    if role not in COMMANDS:
        raise ConfigurationError(
            cause=f'"{role}" is no role.', cure=f'Use one of {", ".join(COMMANDS)}.'
        )
    if not _PIN.fullmatch(pin):
        raise ConfigurationError(cause='The PIN is not 6 digits.', cure='Choose 6 digits.')
    return User(user_id, name, role, _HASHER.hash(pin))


class Accounts:
    """The users that may log in."""

    def __init__(self, users: Iterable[User] = ()) -> None:
        self._users = {user.id: user for user in users}
        # Checked for unknown names, so that the time to answer does not tell who exists.
        self._nobody = _HASHER.hash(secrets.token_hex())

    def list(self) -> list[User]:
        """Return all users."""
        return list(self._users.values())

    def find(self, user_id: str) -> User | None:
        """Return a user by id."""
        return self._users.get(user_id)

    def add(self, user: User) -> None:
        """Add or replace a user."""
        self._users[user.id] = user

    def check(self, user_id: str, pin: str) -> User | None:
        """Return the user if the PIN is right. Takes some 25 ms and 19 MiB: call in a thread."""
        user = self._users.get(user_id)
        try:
            _HASHER.verify(self._nobody if user is None else user.pin_hash, pin)
        except (VerificationError, InvalidHashError):
            return None
        return user


def load(path: Path) -> Accounts:
    """Return the users of a file; none when it does not exist.

    Raises:
        ConfigurationError: The file cannot be read.
    """
    if not path.exists():
        return Accounts()
    try:
        rows = json.loads(path.read_text())['users']
        return Accounts([User(**row) for row in rows])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(
            cause=f'The users in {path} cannot be read: {error}.',
            cure='Restore the file from a copy, or remove it and add the users again.',
        ) from error


def save(accounts: Accounts, path: Path) -> None:
    """Write all users to a file that only this account of the machine can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix('.new')
    text = json.dumps({'users': [asdict(user) for user in accounts.list()]}, indent=1)
    _write_private(fresh, text)
    fresh.replace(path)


def demo_user(pin_file: Path) -> User:
    """Return the demonstration user, whose PIN is in a file; made at random when there is none.

    Raises:
        ConfigurationError: The file holds no PIN, or cannot be read or written.
    """
    try:
        if not pin_file.exists():
            pin_file.parent.mkdir(parents=True, exist_ok=True)
            _write_private(pin_file, f'{secrets.randbelow(10**6):06d}\n')
        pin = pin_file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            cause=f'The demo PIN in {pin_file} cannot be read: {error}.',
            cure='Remove the file, so that a new one is made, or set demo_pin_file to "".',
        ) from error
    if not _PIN.fullmatch(pin):
        raise ConfigurationError(
            cause=f'{pin_file} does not hold a PIN of 6 digits.',
            cure='Remove the file, so that a new one is made.',
        )
    return make_user(DEMO_ID, 'Demo nurse', 'charge_nurse', pin)


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, 'w') as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
