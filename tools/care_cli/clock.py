# SPDX-License-Identifier: Apache-2.0
"""The system's clock: whether it is set, and whether something keeps it right."""

import ctypes
import time

# linux/timex.h: the state adjtimex returns while nothing disciplines the clock.
_TIME_ERROR = 5
# struct timex is 208 bytes on 64-bit Linux; its first field, modes, stays 0: only read.
_TIMEX_BYTES = 256
# Before the first release of this software a clock cannot be right.
_EARLIEST = 1_735_689_600.0


def seconds_now() -> float:
    """Return the system's time in s since 1970."""
    return time.time()


def is_synchronised() -> bool | None:
    """Say whether the kernel's clock is kept in step (NTP or PTP), None when it cannot be asked."""
    buffer = ctypes.create_string_buffer(_TIMEX_BYTES)
    state = ctypes.CDLL(None).adjtimex(buffer)
    return None if state < 0 else state != _TIME_ERROR


def judge(now: float, synchronised: bool | None) -> tuple[str, str, str, str]:
    """Return level, subject, text and cure for a time in s and the state of the clock."""
    text = time.strftime('%Y-%m-%d %H:%M:%S UTC', time.gmtime(now))
    cure = 'sudo apt-get install -y chrony'
    if now < _EARLIEST:
        return 'FAULT', 'clock', f'{text} cannot be right', cure
    if synchronised:
        return 'ok', 'clock', f'{text}, synchronised', ''
    known = 'not synchronised' if synchronised is False else 'synchronisation unknown'
    return 'note', 'clock', f'{text}, {known}: two machines would disagree', cure
