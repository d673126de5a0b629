# SPDX-License-Identifier: Apache-2.0
"""Binary waveform frames of the protocol care.v1: little-endian, int16 samples.

A frame is a header of 24 bytes, then per channel a header of 24 bytes and its samples, padded with
zeros to a multiple of 8 bytes. docs of each field stand beside `HEADER` and `CHANNEL`.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

KIND_WAVEFORM = 1

#: kind, bed, channels, flags, sequence number, stamp of the first sample [s], origin.
HEADER = struct.Struct('<BBBBIdB7x')
#: code, flags, samples, rate [Hz], scale [unit per count], zero, index of the first sample.
CHANNEL = struct.Struct('<BBHffIQ')

GAP = 1
REPLAYED = 2
SEAM = 4
_FLAGS_AT = 3
_SEQUENCE = struct.Struct('<I')
_SEQUENCE_AT = 4

MISSING = -32768
_FULL = 32767
_PADDING = 8

#: Names of channels; a frame names them by their place here. Append only: pages index into it.
CHANNELS = (
    'ecg_ii', 'ecg_v1', 'ecg_v', 'ecg_v5', 'ecg_avr', 'pleth_red', 'pleth_ir', 'resp',
    'ecg_i', 'ecg_iii', 'ecg_avl', 'ecg_avf', 'ecg_v2', 'ecg_v3', 'ecg_v4', 'ecg_v6',
    'pleth', 'abp', 'cvp', 'pap', 'co2',
)  # fmt: skip
_CODES = {name: code for code, name in enumerate(CHANNELS)}

#: Physical units per count. 1 uV a count spans +-32.8 mV: more than any electrode offset that a
#: front end passes on, and finer than the 5 uV steps of the recordings.
_SCALES = {'mV': 0.001, 'uV': 1.0, 'mm[Hg]': 0.02, '%': 0.01, '{NU}': 0.0005}
_OTHER_SCALE = 0.001


@dataclass(frozen=True)
class Channel:
    """One channel of a chunk.

    Attributes:
        name: One of CHANNELS.
        unit: UCUM unit of the samples.
        rate_hz: Sampling rate [Hz].
        first_index: Index of the first sample since the device started.
        samples: float32, shape (count,), in `unit`; NaN is a missing sample.
        flags: Bits of care_msgs/WaveformChannel; the low eight are sent.
    """

    name: str
    unit: str
    rate_hz: float
    first_index: int
    samples: npt.NDArray[np.float32]
    flags: int = 0


@dataclass(frozen=True)
class Chunk:
    """One waveform message: all channels of a device at a bed, about 40 ms.

    Attributes:
        bed: Bed number, 1 to 255.
        t0: Stamp of the first sample [s], ROS time.
        origin: 0 live, 1 recorded, 2 simulated.
        channels: Its channels.
        flags: GAP, REPLAYED, SEAM of the whole frame.
        sequence: Counts the frames of this bed.
    """

    bed: int
    t0: float
    origin: int
    channels: Sequence[Channel]
    flags: int = 0
    sequence: int = 0


def known(chunk: Chunk) -> Chunk:
    """Return the chunk without channels that the protocol has no name for."""
    return replace(chunk, channels=[c for c in chunk.channels if c.name in _CODES])


def encode(chunk: Chunk) -> bytes:
    """Return the frame of a chunk.

    Raises:
        KeyError: A channel is not in CHANNELS.
        struct.error: A field does not fit, e.g. more than 65535 samples.
    """
    parts = [
        HEADER.pack(
            KIND_WAVEFORM,
            chunk.bed,
            len(chunk.channels),
            chunk.flags,
            chunk.sequence & 0xFFFFFFFF,
            chunk.t0,
            chunk.origin,
        )
    ]
    for channel in chunk.channels:
        parts += _encode_channel(channel)
    return b''.join(parts)


def _encode_channel(channel: Channel) -> list[bytes]:
    scale, counts = quantise(channel.samples, channel.unit)
    head = CHANNEL.pack(
        _CODES[channel.name],
        channel.flags & 0xFF,
        len(counts),
        channel.rate_hz,
        scale,
        0,
        channel.first_index,
    )
    body = counts.astype('<i2', copy=False).tobytes()
    return [head, body, bytes(-len(body) % _PADDING)]


def quantise(samples: npt.NDArray[np.float32], unit: str) -> tuple[float, npt.NDArray[np.int16]]:
    """Return the scale and the counts of samples.

    The unit's scale is doubled until the largest sample fits: a frame is never clipped or wrapped.
    A sample that is not finite becomes MISSING.
    """
    values = np.asarray(samples, dtype=np.float64)
    finite = np.isfinite(values)
    if not finite.all():
        values = np.where(finite, values, 0.0)
    scale = float(np.float32(_SCALES.get(unit, _OTHER_SCALE)))
    largest = float(np.abs(values).max(initial=0.0))
    # Half a count of room, for rounding.
    if largest > (_FULL + 0.499) * scale:
        scale *= 2.0 ** math.ceil(math.log2(largest / (_FULL * scale)))
    counts = np.rint(values / scale).astype(np.int16)
    if not finite.all():
        counts[~finite] = MISSING
    return scale, counts


def decode(frame: bytes) -> Chunk:
    """Return the chunk of a frame, its samples in float64 precision of scale times count.

    Raises:
        ValueError: Not a whole waveform frame.
    """
    if len(frame) < HEADER.size or frame[0] != KIND_WAVEFORM:
        raise ValueError('not a waveform frame')
    _, bed, count, flags, sequence, t0, origin = HEADER.unpack_from(frame)
    at = HEADER.size
    channels: list[Channel] = []
    for _ in range(count):
        channel, at = _decode_channel(frame, at)
        channels.append(channel)
    if at != len(frame):
        raise ValueError(f'{len(frame) - at} bytes behind the last channel')
    return Chunk(bed, t0, origin, channels, flags, sequence)


def _decode_channel(frame: bytes, at: int) -> tuple[Channel, int]:
    try:
        code, flags, count, rate_hz, scale, _, first_index = CHANNEL.unpack_from(frame, at)
        counts = np.frombuffer(frame, '<i2', count, at + CHANNEL.size)
    except (struct.error, ValueError) as error:
        raise ValueError(f'frame is cut off: {error}') from error
    samples = np.where(counts == MISSING, np.nan, counts * float(scale)).astype(np.float32)
    size = counts.nbytes + -counts.nbytes % _PADDING
    return Channel(CHANNELS[code], '', rate_hz, first_index, samples, flags), (
        at + CHANNEL.size + size
    )


def with_flags(frame: bytes, flags: int) -> bytes:
    """Return the frame with more flags set."""
    changed = bytearray(frame)
    changed[_FLAGS_AT] |= flags
    return bytes(changed)


def sequence_of(frame: bytes) -> int:
    """Return the sequence number of a frame."""
    return int(_SEQUENCE.unpack_from(frame, _SEQUENCE_AT)[0])


def bed_of(frame: bytes) -> int:
    """Return the bed of a frame."""
    return frame[1]
