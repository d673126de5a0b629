# SPDX-License-Identifier: Apache-2.0
"""Times and margins of the alarms."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Times [s] and margins of the alarms; params/alarms.yaml explains each.

    Attributes:
        limit_delay_s: How long the heart rate must be outside low or high.
        extreme_delay_s: How long the heart rate must be outside an extreme.
        hysteresis: How far inside a limit the heart rate must come back [/min].
        source_lost_s: Longest silence of a bed's signals.
        vitals_lost_s: Longest silence of the processing.
        grace_s: Wait for first data after a start, admission or return.
        cleared_shown_s: How long an alarm that is over stays on the list.
        board_lost_s: Longest silence of nurse-call buttons and drawers.
        drawer_open_s: How long a drawer may stand open.
    """

    limit_delay_s: float = 3.0
    extreme_delay_s: float = 0.0
    hysteresis: float = 2.0
    source_lost_s: float = 5.0
    vitals_lost_s: float = 2.0
    grace_s: float = 8.0
    cleared_shown_s: float = 30.0
    board_lost_s: float = 2.0
    drawer_open_s: float = 60.0
