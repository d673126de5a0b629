# SPDX-License-Identifier: Apache-2.0
"""The table of alarms: what can be raised, how urgent it is, and whether it latches."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Priority(IntEnum):
    """Urgency; the numbers are those of care_msgs/Alarm."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


class Category(IntEnum):
    """What an alarm is about; the numbers are those of `type` in care_msgs/Alarm."""

    PHYSIOLOGICAL = 0
    TECHNICAL = 1
    NURSE_CALL = 2


@dataclass(frozen=True)
class Code:
    """One kind of alarm.

    Attributes:
        name: Code in messages and journal.
        category: Physiological, technical or a call.
        priority: Priority when raised.
        latching: Stays until acknowledged, even when its condition has gone.
        text: Text in plain words; {0}, {1}, ... are the arguments.
        always_armed: Standby does not switch it off.
        shown_at_least_s: A condition shorter than this stands for this long [s], so that an alarm
            that lasts an instant is still heard.
    """

    name: str
    category: Category
    priority: Priority
    latching: bool
    text: str
    always_armed: bool = False
    shown_at_least_s: float = 0.0


_BODY = Category.PHYSIOLOGICAL
_DEVICE = Category.TECHNICAL

CODES: dict[str, Code] = {
    code.name: code
    for code in (
        Code('asystole', _BODY, Priority.HIGH, True, 'Asystole: no heart beat', always_armed=True),
        Code(
            'extreme_bradycardia',
            _BODY,
            Priority.HIGH,
            True,
            'Extreme bradycardia: heart rate {0} below {1} {2}',
        ),
        Code(
            'extreme_tachycardia',
            _BODY,
            Priority.HIGH,
            True,
            'Extreme tachycardia: heart rate {0} above {1} {2}',
        ),
        Code('hr_low', _BODY, Priority.MEDIUM, False, 'Heart rate {0} below {1} {2}'),
        Code('hr_high', _BODY, Priority.MEDIUM, False, 'Heart rate {0} above {1} {2}'),
        Code(
            'pause',
            _BODY,
            Priority.MEDIUM,
            False,
            'Pause: 3 s or more between two heart beats',
            shown_at_least_s=10.0,
        ),
        Code(
            'ecg_lost_watching_pleth', _DEVICE, Priority.MEDIUM, False, 'ECG lost - watching pleth'
        ),
        Code('leads_off', _DEVICE, Priority.LOW, False, 'ECG electrode off'),
        Code('signal_poor', _DEVICE, Priority.LOW, False, 'ECG signal too poor for a heart rate'),
        Code('source_lost', _DEVICE, Priority.HIGH, False, 'No signal from this bed'),
        Code(
            'vitals_lost',
            _DEVICE,
            Priority.HIGH,
            False,
            'No vital signs from the processing: no bed is watched',
        ),
        Code(
            'state_lost',
            _DEVICE,
            Priority.HIGH,
            True,
            'Kept ward state could not be read: check patients and limits of every bed',
        ),
        Code(
            'state_not_kept',
            _DEVICE,
            Priority.MEDIUM,
            False,
            'Limits and acknowledgements cannot be stored: a restart would lose them',
        ),
        Code(
            'nurse_call',
            Category.NURSE_CALL,
            Priority.MEDIUM,
            False,
            'Nurse call from {0}',
            always_armed=True,
        ),
        Code('drawer_open', _DEVICE, Priority.MEDIUM, False, 'Robot drawer left open: {0}'),
        Code('drawer_forced', _DEVICE, Priority.MEDIUM, True, 'Robot drawer forced open: {0}'),
    )
}

#: Codes raised by an event message of the same name.
EVENT_CODES = ('asystole', 'pause', 'leads_off', 'signal_poor', 'ecg_lost_watching_pleth')

_OF_THE_WARD = ('vitals_lost', 'state_lost', 'state_not_kept', 'drawer_open', 'drawer_forced')

#: Codes that standby and away switch off.
SUSPENDABLE = tuple(
    name for name, code in CODES.items() if not code.always_armed and name not in _OF_THE_WARD
)

#: Bed number of alarms of the whole ward, the robot's own among them.
WARD = 0
