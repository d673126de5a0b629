# SPDX-License-Identifier: AGPL-3.0-or-later
"""Grants: permission to unlock one drawer once, signed by whoever issues it.

The signature is HMAC-SHA256, with the key of the board's grants, over these bytes:

    "nightingale grant 1" and a zero byte, then the fields in the order of care_msgs/Grant:
    text     uint16 length in bytes, then the UTF-8 bytes
    number   big-endian, of the width in the message (uint8, uint32, uint64)
    time     int32 seconds, uint32 nanoseconds, big-endian
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import os
import secrets
import struct
from dataclasses import dataclass
from pathlib import Path

KEY_BYTES = 32
_DOMAIN = b'nightingale grant 1\0'
_NS = 1_000_000_000


class KeyFileError(Exception):
    """The key file cannot be used; the text says why."""


@dataclass(frozen=True)
class Grant:
    """The fields of care_msgs/Grant; times in nanoseconds of ROS time."""

    order_id: str = ''
    order_version: int = 0
    admission_id: str = ''
    drawer: int = 0
    purpose: int = 0
    place: str = ''
    user: str = ''
    witness: str = ''
    issued_ns: int = 0
    expires_ns: int = 0
    nonce: int = 0
    signature: bytes = b''

    def canonical(self) -> bytes:
        """Return the bytes that are signed."""
        return b''.join(
            (
                _DOMAIN,
                _text(self.order_id),
                struct.pack('>I', self.order_version),
                _text(self.admission_id),
                struct.pack('>BB', self.drawer, self.purpose),
                _text(self.place),
                _text(self.user),
                _text(self.witness),
                _time(self.issued_ns),
                _time(self.expires_ns),
                struct.pack('>Q', self.nonce),
            )
        )


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack('>H', len(raw)) + raw


def _time(ns: int) -> bytes:
    return struct.pack('>iI', ns // _NS, ns % _NS)


def sign_grant(grant: Grant, key: bytes) -> Grant:
    """Return the grant with its signature.

    Raises:
        struct.error: A field is out of its range, or a text is longer than 65535 bytes.
    """
    signature = hmac.new(key, grant.canonical(), hashlib.sha256).digest()
    return dataclasses.replace(grant, signature=signature)


def is_signed(grant: Grant, key: bytes) -> bool:
    """Tell whether the signature is right."""
    try:
        right = hmac.new(key, grant.canonical(), hashlib.sha256).digest()
    except (struct.error, UnicodeError):
        return False
    return hmac.compare_digest(right, grant.signature)


def load_key(path: Path) -> bytes:
    """Return the key of the file, made at random for its owner only when there is none.

    Raises:
        KeyFileError: It cannot be read or made, others may read it, or it is too short.
    """
    try:
        if not path.exists():
            _make_key(path)
        if path.stat().st_mode & 0o077:
            raise KeyFileError(f'{path} may be read by others: chmod 600 {path}')
        key = path.read_bytes()
    except OSError as error:
        raise KeyFileError(f'{path}: {error.strerror}') from error
    if len(key) < KEY_BYTES:
        raise KeyFileError(f'{path} is shorter than {KEY_BYTES} bytes')
    return key


def _make_key(path: Path) -> None:
    draft = path.with_name(f'{path.name}.{os.getpid()}')
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, 'wb') as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)  # unlike a rename, never over a key that another has just made
    except FileExistsError:
        pass
    finally:
        draft.unlink()
