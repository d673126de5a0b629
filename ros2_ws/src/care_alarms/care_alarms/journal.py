# SPDX-License-Identifier: Apache-2.0
"""Entries of the journal: what happened, when, by whom; pseudonymous ids only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One line of the journal.

    Attributes:
        at: ROS time [ns].
        event: alarm_on, alarm_off, acknowledged, limits_set, audio_paused, admitted, ...
        bed: Bed number, 0 for the whole ward.
        admission_id: Opaque id, '' for none.
        code: Code of the alarm, '' for none.
        alarm_id: Id of the alarm, '' for none.
        user: User id of who acted, '' for nobody.
        detail: Priority, value, limits and the like; JSON types only.
    """

    at: int
    event: str
    bed: int
    admission_id: str = ''
    code: str = ''
    alarm_id: str = ''
    user: str = ''
    detail: dict[str, Any] = field(default_factory=dict)
