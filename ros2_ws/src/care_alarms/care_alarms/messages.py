# SPDX-License-Identifier: Apache-2.0
"""Between ROS messages and the plain types of the logic."""

from __future__ import annotations

import math
from collections.abc import Sequence

from builtin_interfaces.msg import Time
from care_msgs import msg

from care_alarms.alarm import Alarm
from care_alarms.board import Board
from care_alarms.catalogue import SUSPENDABLE, WARD
from care_alarms.limits import Limit, Profile
from care_alarms.moment import NS_PER_S
from care_alarms.patient import Known, Patient, Presence
from care_alarms.refusal import RefusedError
from care_alarms.signals import Call, Drawers, DrawerState, Event, Kind, Reason, Sign, Vitals
from care_alarms.ward import Bed, Ward

_KINDS = frozenset(Kind)
_REASONS = frozenset(Reason)
_DRAWER_STATES = frozenset(DrawerState)


def nanoseconds(time: Time) -> int:
    """Return a time in nanoseconds."""
    return int(time.sec) * NS_PER_S + int(time.nanosec)


def time(stamp: int) -> Time:
    """Return nanoseconds as a time; 0 is the zero time."""
    return Time(sec=stamp // NS_PER_S, nanosec=stamp % NS_PER_S)


def vitals(message: msg.VitalSigns) -> Vitals:
    """Return the continuous signs of a message."""
    signs = [_sign(sign) for sign in message.signs if sign.kind in _KINDS]
    return Vitals(
        message.admission_id,
        nanoseconds(message.header.stamp),
        message.origin.value,
        {sign.kind: sign for sign in signs},
    )


def _sign(message: msg.VitalSign) -> Sign:
    reason = Reason(message.reason) if message.reason in _REASONS else Reason.OUT_OF_RANGE
    if reason is Reason.OK and not (math.isfinite(message.value) and message.value >= 0):
        reason = Reason.OUT_OF_RANGE  # no number, and no reason given for that
    return Sign(
        Kind(message.kind),
        message.value,
        reason,
        message.origin.value,
        nanoseconds(message.measured_at),
    )


def event(message: msg.ClinicalEvent) -> Event:
    """Return an event."""
    return Event(
        message.admission_id,
        message.name,
        message.on,
        nanoseconds(message.header.stamp),
        nanoseconds(message.onset),
        message.origin.value,
        message.evidence,
    )


def call(message: msg.NurseCall) -> Call:
    """Return the state of a nurse-call button."""
    return Call(message.bed, message.pressed, nanoseconds(message.since), message.origin.value)


def drawers(message: msg.DrawersState) -> Drawers:
    """Return the state of the robot's drawers; a state without meaning is UNKNOWN."""
    states = {
        one.drawer: DrawerState(one.state) if one.state in _DRAWER_STATES else DrawerState.UNKNOWN
        for one in message.drawers
    }
    return Drawers(states, message.origin.value)


def limits(messages: Sequence[msg.Limit]) -> list[Limit]:
    """Return limits as asked for, not yet checked."""
    return [Limit(m.kind, m.unit, m.extreme_low, m.low, m.high, m.extreme_high) for m in messages]


def patient(message: msg.Patient) -> Patient:
    """Return a patient as asked for, not yet checked.

    Raises:
        RefusedError: `invalid_patient`: a field has a number without meaning.
    """
    try:
        return Patient(
            message.admission_id,
            Presence(message.state),
            Profile(message.category),
            Known(message.paced),
            Known(message.pregnant),
            Known(message.bed_exit_risk),
            message.spo2_scale,
            message.spo2_target_low,
            message.spo2_target_high,
            message.spo2_target_set_by,
        )
    except ValueError as error:
        raise RefusedError('invalid_patient', f'The profile is not valid: {error}.') from error


def patient_message(bed: Bed, now: Time) -> msg.Patient:
    """Return who lies in a bed."""
    lying = bed.patient
    message = msg.Patient(
        bed=bed.number,
        admission_id=lying.admission_id,
        state=int(lying.presence),
        category=int(lying.profile),
        paced=int(lying.paced),
        pregnant=int(lying.pregnant),
        bed_exit_risk=int(lying.bed_exit_risk),
        spo2_scale=lying.spo2_scale,
        spo2_target_low=lying.spo2_target_low,
        spo2_target_high=lying.spo2_target_high,
        spo2_target_set_by=lying.spo2_target_set_by,
    )
    message.header.stamp = now
    return message


def limits_message(bed: Bed, now: Time) -> msg.Limits:
    """Return the limits in force at a bed."""
    message = msg.Limits(
        bed=bed.number,
        admission_id=bed.patient.admission_id,
        limits=[_limit_message(limit) for limit in bed.limits.values()],
        defaults=[_limit_message(limit) for limit in bed.defaults.values()],
        restored=bed.restored,
        set_by=bed.set_by,
        set_at=time(bed.set_at),
    )
    message.header.stamp = now
    return message


def _limit_message(limit: Limit) -> msg.Limit:
    return msg.Limit(
        kind=limit.kind,
        unit=limit.unit,
        extreme_low=limit.extreme_low,
        low=limit.low,
        high=limit.high,
        extreme_high=limit.extreme_high,
    )


def watch_message(bed: Bed, since: Time, now: Time) -> msg.Watch:
    """Return that no camera watches a bed."""
    message = msg.Watch(
        bed=bed.number,
        admission_id=bed.patient.admission_id,
        watched=False,
        since=since,
        reason='no camera at this bed yet',
    )
    message.header.stamp = now
    return message


def alarm_list(ward: Ward, board: Board, boot_id: str, sequence: int, now: Time) -> msg.AlarmList:
    """Return the full snapshot of the ward."""
    message = msg.AlarmList(
        boot_id=boot_id,
        sequence=sequence,
        alarms=[_alarm_message(alarm) for alarm in board.listing()],
        beds=[_bed_message(bed, board) for bed in (Bed(WARD), *ward.beds.values())],
    )
    message.header.stamp = now
    return message


def _bed_message(bed: Bed, board: Board) -> msg.BedAlarmState:
    pause = board.audio.of(bed.number)
    return msg.BedAlarmState(
        bed=bed.number,
        admission_id=bed.patient.admission_id,
        audio_paused_until=time(pause.until if pause else 0),
        audio_paused_by=pause.by if pause else '',
        alarms_off=bed.patient.suspended,
        codes_off=list(SUSPENDABLE) if bed.patient.suspended else [],
    )


def _alarm_message(alarm: Alarm) -> msg.Alarm:
    return msg.Alarm(
        id=alarm.id,
        code=alarm.code,
        bed=alarm.bed,
        admission_id=alarm.admission_id,
        origin=msg.Origin(value=alarm.origin),
        type=int(alarm.kind.category),
        priority=int(alarm.priority),
        state=int(alarm.state),
        onset=time(alarm.onset),
        announced=time(alarm.announced),
        cleared=time(alarm.cleared),
        acknowledged_by=alarm.acknowledged_by,
        acknowledged_at=time(alarm.acknowledged_at),
        value=alarm.value,
        limit=alarm.limit,
        unit=alarm.unit,
        suppressed_by=alarm.suppressed_by,
        audio_paused_until=time(alarm.audio_paused_until),
        text_key=f'alarm.{alarm.code}',
        text_arguments=alarm.text_arguments,
        text=alarm.text,
    )
