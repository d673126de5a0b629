# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is known of a board and its link."""

from __future__ import annotations

from dataclasses import dataclass, field

from care_peripherals.light_bar import OFF, Light
from care_peripherals.wire import Heartbeat

NOT_YET = 'not connected yet'


@dataclass
class Counts:
    """What happened to the link, and at the button that cancels a call, since the start."""

    connects: int = 0
    losses: int = 0
    resets: int = 0
    failures: int = 0
    cancels: int = 0
    last_failure: str = ''
    texts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Timing:
    """Times of the supervision.

    Attributes:
        stale_after_s: Age of the last heartbeat from which the board is STALE [s].
        retry_first_s: First wait after a fault [s]; it doubles from try to try.
        retry_longest_s: Longest wait [s].
    """

    stale_after_s: float = 0.5
    retry_first_s: float = 0.5
    retry_longest_s: float = 8.0


@dataclass(frozen=True)
class Snapshot:
    """The board as known now.

    Attributes:
        fresh: What follows is true now.
        reason: Why it is not fresh, or why there is no heartbeat.
        firmware: Name of the firmware, '' before the first connection.
        heartbeat: Last heartbeat of this connection; None with foreign firmware.
        age_s: Age of the last sign of life [s], infinity for none.
        light: What the light bar shows.
        counts: What happened to the link.
        bad_messages: Messages of this connection that could not be understood.
    """

    fresh: bool = False
    reason: str = NOT_YET
    firmware: str = ''
    heartbeat: Heartbeat | None = None
    age_s: float = float('inf')
    light: Light = OFF
    counts: Counts | None = None
    bad_messages: int = 0
