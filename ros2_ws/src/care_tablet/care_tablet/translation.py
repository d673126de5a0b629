# SPDX-License-Identifier: Apache-2.0
"""Between the ward's messages and the frames of the protocol. Knows message fields, no nodes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from care_msgs.msg import Alarm, Beat, Heartbeat, Limit, Patient, VitalSign, WaveformChannel
from care_msgs.srv import AcknowledgeAlarm, PauseAudio, SetLimits

from care_tablet import frames
from care_tablet.status import Sign

ORIGINS = ('LIVE', 'RECORDED', 'SIMULATED')
PRIORITIES = {Alarm.LOW: 'LOW', Alarm.MEDIUM: 'MEDIUM', Alarm.HIGH: 'HIGH'}
ALARM_TYPES = {
    Alarm.PHYSIOLOGICAL: 'PHYSIOLOGICAL',
    Alarm.TECHNICAL: 'TECHNICAL',
    Alarm.NURSE_CALL: 'NURSE_CALL',
}
ALARM_STATES = {
    Alarm.ACTIVE: 'ACTIVE',
    Alarm.ACKNOWLEDGED: 'ACKNOWLEDGED',
    Alarm.LATCHED: 'LATCHED',
    Alarm.CLEARED: 'CLEARED',
}
KINDS = {
    VitalSign.HEART_RATE: 'heart_rate',
    VitalSign.PULSE_RATE: 'pulse_rate',
    VitalSign.SPO2: 'spo2',
    VitalSign.RESP_RATE: 'resp_rate',
    VitalSign.TEMPERATURE: 'temperature',
    VitalSign.BP_SYSTOLIC: 'bp_systolic',
    VitalSign.BP_DIASTOLIC: 'bp_diastolic',
    VitalSign.BP_MEAN: 'bp_mean',
    VitalSign.PERFUSION_INDEX: 'perfusion_index',
}
UNITS = {
    'heart_rate': '/min',
    'pulse_rate': '/min',
    'spo2': '%',
    'resp_rate': '/min',
    'temperature': 'Cel',
    'bp_systolic': 'mm[Hg]',
    'bp_diastolic': 'mm[Hg]',
    'bp_mean': 'mm[Hg]',
    'perfusion_index': '%',
}
REASONS = {
    VitalSign.OK: 'OK',
    VitalSign.NO_SOURCE: 'NO_SOURCE',
    VitalSign.SETTLING: 'SETTLING',
    VitalSign.LEADS_OFF: 'LEADS_OFF',
    VitalSign.NOISE: 'NOISE',
    VitalSign.ASYSTOLE: 'ASYSTOLE',
    VitalSign.STALE: 'STALE',
    VitalSign.FIBRILLATION: 'FIBRILLATION',
    VitalSign.EXPIRED: 'EXPIRED',
    VitalSign.OUT_OF_RANGE: 'OUT_OF_RANGE',
    VitalSign.NO_BEATS: 'NO_BEATS',
}
PATIENT_STATES = {
    Patient.EMPTY: 'EMPTY',
    Patient.ADMITTED: 'ADMITTED',
    Patient.STANDBY: 'STANDBY',
    Patient.AWAY: 'AWAY',
}
CATEGORIES = {
    Patient.ADULT: 'ADULT',
    Patient.PAEDIATRIC: 'PAEDIATRIC',
    Patient.NEONATAL: 'NEONATAL',
}
ANSWERS = {Patient.UNKNOWN: 'UNKNOWN', Patient.YES: 'YES', Patient.NO: 'NO'}
BEAT_CLASSES = {Beat.NORMAL: 'NORMAL', Beat.VENTRICULAR: 'VENTRICULAR', Beat.UNKNOWN: 'UNKNOWN'}
NODE_STATES = {
    Heartbeat.UNCONFIGURED: 'UNCONFIGURED',
    Heartbeat.INACTIVE: 'INACTIVE',
    Heartbeat.ACTIVE: 'ACTIVE',
    Heartbeat.FINALIZED: 'FINALIZED',
    Heartbeat.TRANSITION: 'TRANSITION',
}


def seconds(stamp: Any) -> float:
    """Return a stamp as unix seconds."""
    return float(stamp.sec + stamp.nanosec * 1e-9)


def moment(stamp: Any) -> float | None:
    """Return a stamp as unix seconds, None for zero: never."""
    return None if stamp.sec == 0 and stamp.nanosec == 0 else seconds(stamp)


def number(value: float) -> float | None:
    """Return a number, None for a blank one; float32 noise behind the sixth digit is cut off."""
    return float(f'{value:.6g}') if math.isfinite(value) else None


def word(words: Mapping[int, str], value: int) -> str:
    """Return the word of a constant; one of a newer message is not shown as something else."""
    return words.get(value, f'UNKNOWN_{value}')


def origin(value: int) -> str:
    """Return the word of an origin."""
    return ORIGINS[value] if value < len(ORIGINS) else f'UNKNOWN_{value}'


class WaveformReader:
    """Makes frames of one bed's waveforms; counts them, and sees samples that never came.

    Attributes:
        left_out: Names of channels that the protocol cannot carry.
    """

    def __init__(self) -> None:
        self._sequence = 0
        self._expected: dict[str, int] = {}
        self.left_out: set[str] = set()

    def frame(self, message: Any) -> bytes | None:
        """Return the frame of a Waveform message, None when no channel is known."""
        chunk = frames.Chunk(
            bed=message.bed,
            t0=seconds(message.header.stamp),
            origin=message.origin.value,
            channels=[_channel(channel) for channel in message.channels],
        )
        known = frames.known(chunk)
        self.left_out |= {c.name for c in chunk.channels} - {c.name for c in known.channels}
        if not known.channels:
            return None
        flags = self._flags(known.channels)
        frame = frames.encode(
            frames.Chunk(known.bed, known.t0, known.origin, known.channels, flags, self._sequence)
        )
        self._sequence += 1
        return frame

    def _flags(self, channels: Iterable[frames.Channel]) -> int:
        flags = 0
        for channel in channels:
            expected = self._expected.get(channel.name, channel.first_index)
            self._expected[channel.name] = channel.first_index + len(channel.samples)
            if channel.flags & WaveformChannel.GAP or channel.first_index != expected:
                flags |= frames.GAP
            if channel.flags & WaveformChannel.SEAM:
                flags |= frames.SEAM
        return flags


def _channel(channel: Any) -> frames.Channel:
    return frames.Channel(
        name=channel.name,
        unit=channel.unit,
        rate_hz=channel.rate_hz,
        first_index=channel.first_index,
        samples=np.frombuffer(channel.samples, np.float32),
        flags=channel.flags,
    )


def vitals(message: Any) -> dict[str, Any]:
    """Return the frame of a VitalSigns message."""
    return {
        'type': 'vitals',
        'bed': message.bed,
        't': seconds(message.header.stamp),
        'origin': origin(message.origin.value),
        'admission_id': message.admission_id,
        'signs': [_sign(sign) for sign in message.signs],
        'notices': list(message.notices),
    }


def _sign(sign: Any) -> dict[str, Any]:
    return {
        'kind': word(KINDS, sign.kind),
        # A reason blanks the number, whatever stands in it.
        'value': number(sign.value) if sign.reason == VitalSign.OK else None,
        'unit': sign.unit,
        'quality': number(sign.quality),
        'reason': word(REASONS, sign.reason),
        'reason_text': sign.reason_text,
        'source': sign.source,
        'method': sign.method,
        'origin': origin(sign.origin.value),
        'measured_at': moment(sign.measured_at),
        'confirmed': sign.confirmed,
    }


def beat(message: Any) -> dict[str, Any]:
    """Return the frame of a Beat message."""
    return {
        'type': 'beat',
        'bed': message.bed,
        't': seconds(message.header.stamp),
        'class': word(BEAT_CLASSES, message.classification),
    }


def alarm_list(message: Any) -> dict[str, Any]:
    """Return the frame of an AlarmList message."""
    return {
        'type': 'alarms',
        'boot': message.boot_id,
        'sequence': message.sequence,
        'alarms': [_alarm(alarm) for alarm in message.alarms],
        'beds': [
            {
                'bed': bed.bed,
                'audio_paused_until': moment(bed.audio_paused_until),
                'audio_paused_by': bed.audio_paused_by,
                'alarms_off': bed.alarms_off,
                'codes_off': list(bed.codes_off),
            }
            for bed in message.beds
        ],
    }


def _alarm(alarm: Any) -> dict[str, Any]:
    return {
        'id': alarm.id,
        'code': alarm.code,
        'bed': alarm.bed,
        'admission_id': alarm.admission_id,
        'origin': origin(alarm.origin.value),
        'type': word(ALARM_TYPES, alarm.type),
        'priority': word(PRIORITIES, alarm.priority),
        'state': word(ALARM_STATES, alarm.state),
        'onset': moment(alarm.onset),
        'announced': moment(alarm.announced),
        'cleared': moment(alarm.cleared),
        'acknowledged_by': alarm.acknowledged_by,
        'acknowledged_at': moment(alarm.acknowledged_at),
        'value': number(alarm.value),
        'limit': number(alarm.limit),
        'unit': alarm.unit,
        'suppressed_by': alarm.suppressed_by,
        'text': alarm.text,
        'audio_paused_until': moment(alarm.audio_paused_until),
    }


class BedBoard:
    """Joins patient, limits and watch of one bed to its frame."""

    def __init__(self, bed: int) -> None:
        self._frame: dict[str, Any] = {
            'type': 'bed',
            'bed': bed,
            'patient': None,
            'limits': [],
            'defaults': [],
            'restored': False,
            'set_by': '',
            'set_at': None,
            'watch': None,
        }

    def patient(self, message: Any) -> dict[str, Any]:
        """Take a Patient message, return the frame."""
        self._frame['patient'] = {
            'state': word(PATIENT_STATES, message.state),
            'admission_id': message.admission_id,
            'category': word(CATEGORIES, message.category),
            'paced': word(ANSWERS, message.paced),
        }
        return self._frame

    def limits(self, message: Any) -> dict[str, Any]:
        """Take a Limits message, return the frame."""
        self._frame |= {
            'limits': [_limit(limit) for limit in message.limits],
            'defaults': [_limit(limit) for limit in message.defaults],
            'restored': message.restored,
            'set_by': message.set_by,
            'set_at': moment(message.set_at),
        }
        return self._frame

    def watch(self, message: Any) -> dict[str, Any]:
        """Take a Watch message, return the frame."""
        self._frame['watch'] = {
            'watched': message.watched,
            'since': moment(message.since),
            'reason': message.reason,
        }
        return self._frame


def _limit(limit: Any) -> dict[str, Any]:
    return {
        'kind': word(KINDS, limit.kind),
        'unit': limit.unit,
        'extreme_low': number(limit.extreme_low),
        'low': number(limit.low),
        'high': number(limit.high),
        'extreme_high': number(limit.extreme_high),
    }


def sign_of_life(message: Any) -> Sign:
    """Return what a Heartbeat message says."""
    return Sign(
        node=message.node.rsplit('/', 1)[-1],
        boot_id=message.boot_id,
        turns=message.turns,
        state=word(NODE_STATES, message.state),
        fault=message.fault,
    )


def request(cmd: str, args: Mapping[str, Any], request_id: str, user: str) -> Any:
    """Return the service request of a command.

    Raises:
        ValueError: The ward knows no such vital sign, or no such command.
    """
    if cmd == 'acknowledge':
        return AcknowledgeAlarm.Request(request_id=request_id, alarm_id=args['alarm_id'], user=user)
    if cmd == 'pause_audio':
        return PauseAudio.Request(
            request_id=request_id, bed=int(args['bed']), user=user, seconds=float(args['seconds'])
        )
    if cmd == 'set_limits':
        return SetLimits.Request(
            request_id=request_id,
            bed=int(args['bed']),
            admission_id=args['admission_id'],
            user=user,
            limits=[_limit_message(limit) for limit in args['limits']],
        )
    raise ValueError(f'The ward has no command "{cmd}".')


def _limit_message(limit: Mapping[str, Any]) -> Limit:
    kinds = {name: kind for kind, name in KINDS.items()}
    if limit['kind'] not in kinds:
        raise ValueError(f'There are no limits of "{limit["kind"]}".')
    bounds = {
        name: math.nan if limit[name] is None else float(limit[name])
        for name in ('extreme_low', 'low', 'high', 'extreme_high')
    }
    return Limit(kind=kinds[limit['kind']], unit=UNITS[limit['kind']], **bounds)
