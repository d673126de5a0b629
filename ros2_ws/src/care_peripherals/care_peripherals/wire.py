# SPDX-License-Identifier: AGPL-3.0-or-later
"""The private messages between host and board: what plain Firmata, without checksums, cannot carry.

Each is a Firmata sysex of the range for user-defined commands:

    0xF0  command  7-bit bytes of (payload, CRC-16)  0xF7

The payload is big-endian. Eight-bit bytes are sent as a stream of bits, lowest first, seven in each
data byte, as in Firmata's own encoding. CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass
from enum import IntEnum

#: Host to board: talk to me. Empty payload. The board is silent before.
BEGIN = 0x01
#: Board to host, every 100 ms and at once when an input changes.
HEARTBEAT = 0x02
#: Host to board: drive the outputs as set. Empty payload. High impedance before.
ARM = 0x03
#: Host to board: unlock one drawer once.
UNLOCK = 0x04
#: Board to host: what became of an unlock.
ANSWER = 0x05

VERSION = 1
#: Firmware name of a board that speaks these messages; one that is simulated says so.
FIRMWARE = 'care_io'
SIMULATED_FIRMWARE = 'care_io_simulated'

TAG_BYTES = 16
_HEARTBEAT = struct.Struct('>BHIHBBBIB')
_UNLOCK = struct.Struct('>BBHII')
_ANSWER = struct.Struct('>IB')


class AnswerCode(IntEnum):
    """What the board says to an unlock."""

    OK = 0
    FORGED = 1
    REPLAYED = 2
    LATE = 3
    NO_SUCH_DRAWER = 4
    OPEN = 5
    OVERHEATED = 6
    NOT_ARMED = 7


@dataclass(frozen=True)
class DrawerBits:
    """One drawer as the board sees it.

    Attributes:
        energised: The solenoid is on.
        bolt_extended: The bolt is out.
        reed_closed: The drawer is shut.
        forced: It was opened while the bolt was out, and is still open.
    """

    energised: bool = False
    bolt_extended: bool = True
    reed_closed: bool = True
    forced: bool = False


@dataclass(frozen=True)
class Heartbeat:
    """Sign of life of the board, with all inputs.

    Attributes:
        boot: Counts starts of the board, kept over power loss, modulo 65536.
        uptime_ms: Time since the start, modulo 2**32 [ms].
        sequence: Counts changes of inputs, modulo 65536.
        armed: Outputs are driven.
        line_closed: The emergency-stop line is closed: nobody has pressed.
        call: The nurse-call button was pressed and not cancelled.
        cancel: The button that cancels a call is pressed.
        refused_writes: Plain writes to lock pins that were refused, modulo 256.
        last_grant: Highest number of a grant that was taken.
        drawers: The drawers, first is drawer 1.
    """

    boot: int
    uptime_ms: int
    sequence: int = 0
    armed: bool = False
    line_closed: bool = False
    call: bool = False
    cancel: bool = False
    refused_writes: int = 0
    last_grant: int = 0
    drawers: tuple[DrawerBits, ...] = ()


@dataclass(frozen=True)
class Unlock:
    """An unlock, as sent to the board.

    Attributes:
        drawer: From 1.
        hold_ds: How long the solenoid may be on [0.1 s]; the board bounds it too.
        boot: Of the heartbeat that it follows: one board life only.
        uptime_ms: Of that heartbeat: the board refuses an unlock that was long under way.
        number: Greater than every number before.
    """

    drawer: int
    hold_ds: int
    boot: int
    uptime_ms: int
    number: int


@dataclass(frozen=True)
class Answer:
    """What became of the unlock with this number."""

    number: int
    code: AnswerCode


def crc16(data: bytes) -> int:
    """Return the CRC-16/CCITT-FALSE of the bytes."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
        crc &= 0xFFFF
    return crc


def pack7(data: bytes) -> bytes:
    """Return the bits of the bytes, lowest first, seven to a byte; the last is padded with 0."""
    number = int.from_bytes(data, 'little')
    length = -(-8 * len(data) // 7)
    return bytes(number >> (7 * i) & 0x7F for i in range(length))


def unpack7(data: bytes) -> bytes:
    """Return what `pack7` was given."""
    number = sum((byte & 0x7F) << (7 * i) for i, byte in enumerate(data))
    length = 7 * len(data) // 8
    return (number & ((1 << 8 * length) - 1)).to_bytes(length, 'little')


def seal(payload: bytes) -> bytes:
    """Return payload and checksum as the data bytes of a sysex."""
    return pack7(payload + crc16(payload).to_bytes(2, 'big'))


def unseal(data: bytes) -> bytes:
    """Return the payload of the data bytes of a sysex.

    Raises:
        ValueError: The checksum is wrong.
    """
    raw = unpack7(data)
    if len(raw) < 2 or crc16(raw[:-2]) != int.from_bytes(raw[-2:], 'big'):
        raise ValueError('checksum')
    return raw[:-2]


def _bits(*flags: bool) -> int:
    return sum(1 << i for i, flag in enumerate(flags) if flag)


def _flags(byte: int, count: int) -> list[bool]:
    return [bool(byte >> i & 1) for i in range(count)]


def heartbeat_data(beat: Heartbeat) -> bytes:
    """Return the data bytes of a heartbeat."""
    payload = _HEARTBEAT.pack(
        VERSION,
        beat.boot,
        beat.uptime_ms,
        beat.sequence,
        _bits(beat.armed),
        _bits(beat.line_closed, beat.call, beat.cancel),
        beat.refused_writes,
        beat.last_grant,
        len(beat.drawers),
    )
    drawers = bytes(
        _bits(d.energised, d.bolt_extended, d.reed_closed, d.forced) for d in beat.drawers
    )
    return seal(payload + drawers)


def heartbeat(data: bytes) -> Heartbeat:
    """Return the heartbeat of the data bytes.

    Raises:
        ValueError: Damaged, or of another version.
    """
    payload = unseal(data)
    if len(payload) < _HEARTBEAT.size or payload[0] != VERSION:
        raise ValueError('not a heartbeat of this version')
    _, boot, uptime, sequence, state, inputs, refused, grant, count = _HEARTBEAT.unpack_from(
        payload
    )
    drawers = payload[_HEARTBEAT.size :]
    if len(drawers) != count:
        raise ValueError('wrong number of drawers')
    line, call, cancel = _flags(inputs, 3)
    return Heartbeat(
        boot, uptime, sequence, bool(state & 1), line, call, cancel, refused, grant,
        tuple(DrawerBits(*_flags(byte, 4)) for byte in drawers),
    )  # fmt: skip


def board_key(grant_key: bytes) -> bytes:
    """Return the key that board and host share, made from the key of the grants."""
    return hmac.new(grant_key, b'nightingale board key 1', hashlib.sha256).digest()


def _tag(payload: bytes, key: bytes) -> bytes:
    return hmac.new(key, b'nightingale unlock 1' + payload, hashlib.sha256).digest()[:TAG_BYTES]


def unlock_data(unlock: Unlock, key: bytes) -> bytes:
    """Return the data bytes of an unlock, signed with the board's key."""
    payload = _UNLOCK.pack(
        unlock.drawer, unlock.hold_ds, unlock.boot, unlock.uptime_ms, unlock.number
    )
    return seal(payload + _tag(payload, key))


def unlock(data: bytes, key: bytes) -> tuple[Unlock, bool]:
    """Return the unlock of the data bytes, and whether its signature is right.

    Raises:
        ValueError: Damaged.
    """
    payload = unseal(data)
    if len(payload) != _UNLOCK.size + TAG_BYTES:
        raise ValueError('wrong length')
    body, tag = payload[: _UNLOCK.size], payload[_UNLOCK.size :]
    return Unlock(*_UNLOCK.unpack(body)), hmac.compare_digest(tag, _tag(body, key))


def answer_data(answer: Answer) -> bytes:
    """Return the data bytes of an answer."""
    return seal(_ANSWER.pack(answer.number, answer.code))


def answer(data: bytes) -> Answer:
    """Return the answer of the data bytes.

    Raises:
        ValueError: Damaged, or of no known code.
    """
    payload = unseal(data)
    if len(payload) != _ANSWER.size:
        raise ValueError('wrong length')
    number, code = _ANSWER.unpack(payload)
    return Answer(number, AnswerCode(code))
