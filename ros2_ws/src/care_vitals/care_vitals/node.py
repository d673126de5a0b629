# SPDX-License-Identifier: Apache-2.0
"""Node `vitals`: waveforms of all beds to beats, events and vital signs.

Executable vitals_node. Beats and events go out as soon as they are known, vital signs once a
second. A bed is forgotten when another patient comes; a sign without new data for 5 s is blank.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import Any

import numpy as np
from builtin_interfaces.msg import Time
from care_msgs.msg import Beat, ClinicalEvent, Origin, VitalSign, VitalSigns
from care_node import graph
from care_node.node import CareNode, run
from care_node.parameters import Parameter

from care_vitals.bed_monitor import BedMonitor
from care_vitals.channels import ChannelChunk
from care_vitals.reports import (
    NOTICES,
    REASON_TEXTS,
    BeatReport,
    EventReport,
    Kind,
    Reason,
    Sign,
)
from care_vitals.stamps import StampMap

PARAMETERS = (
    Parameter(
        'stale_after_s',
        5.0,
        'Time without waveforms after which every sign is blank',
        unit='s',
        minimum=1.0,
        maximum=5.0,
    ),
    Parameter('preferred_lead', 'ecg_ii', 'ECG lead that the heart rate is taken from'),
)
_NS_PER_S = 1_000_000_000


class _Bed:
    """One bed: its monitor, who lies in it, and what its device says of itself."""

    def __init__(self, node: CareNode, number: int) -> None:
        self._node = node
        self.number = number
        self.patient_id: str | None = None
        self._monitor = BedMonitor((node.value('preferred_lead'),))
        self._stamps = StampMap()
        self._admission_id = ''
        self._origin = Origin()
        self._device = ''
        self._seen: float | None = None
        self._beats = node.advertise(graph.BEAT, bed=number)
        self._events = node.advertise(graph.EVENT, bed=number)
        self._vitals = node.advertise(graph.VITALS, bed=number)
        node.listen(graph.WAVEFORM, self.take, bed=number)

    def patient(self, message: Any) -> None:
        """Take who lies in the bed."""
        self.patient_id = message.admission_id

    def take(self, message: Any) -> None:
        """Take one waveform message and send at once what became known with it."""
        self._recognise(message)
        chunks = [_chunk(channel) for channel in message.channels if len(channel.samples)]
        if not chunks:
            return
        stamp = message.header.stamp
        first = chunks[0]
        start = first.first_index / first.rate_hz
        self._stamps.add(start, stamp.sec * _NS_PER_S + stamp.nanosec)
        self._seen = time.monotonic()
        for report in self._monitor.push(chunks):
            if isinstance(report, BeatReport):
                self._beats.publish(self._beat(report))
            elif isinstance(report, EventReport):
                self._events.publish(self._event(report))

    def _recognise(self, message: Any) -> None:
        if message.admission_id != self._admission_id:
            self._monitor.reset()
            self._stamps = StampMap()
        elif message.device != self._device:
            self._monitor.begin()
            self._stamps = StampMap()
        self._admission_id = message.admission_id
        self._device = message.device
        self._origin = message.origin

    def publish_vitals(self) -> None:
        """Send the vital signs as they are now."""
        fresh = self._fresh()
        admission = self._admission_id
        if not fresh and self.patient_id is not None:
            admission = self.patient_id
        signs = [self._sign(sign, fresh) for sign in self._monitor.vitals().signs]
        message = VitalSigns(
            bed=self.number,
            admission_id=admission,
            origin=self._origin,
            # A pulse rate is shown only where a pleth has ever come.
            signs=[s for s in signs if s.kind == Kind.HEART_RATE or s.source],
            notices=list(NOTICES),
        )
        message.header.stamp = self._node.stamp()
        self._vitals.publish(message)

    def _fresh(self) -> bool:
        if self._seen is None:
            return False
        return time.monotonic() - self._seen < float(self._node.value('stale_after_s'))

    def _sign(self, sign: Sign, fresh: bool) -> VitalSign:
        if not fresh and self._seen is not None and sign.reason is not Reason.NO_SOURCE:
            sign = replace(sign.blank(Reason.STALE), quality=0.0)
        measured = math.nan if math.isnan(sign.measured_at) else sign.measured_at
        return VitalSign(
            kind=int(sign.kind),
            value=sign.value,
            unit=sign.unit,
            quality=sign.quality,
            reason=int(sign.reason),
            reason_text=REASON_TEXTS[sign.reason],
            source=f'{self._device} {sign.source}'.strip() if sign.source else '',
            method=sign.method,
            origin=self._origin,
            measured_at=Time() if math.isnan(measured) else self._time(measured),
        )

    def _beat(self, report: BeatReport) -> Beat:
        message = Beat(
            bed=self.number,
            admission_id=self._admission_id,
            origin=self._origin,
            channel=report.channel,
            sample=report.sample,
            rr_interval=report.interval,
            known_at=self._time(report.known),
            late=report.late,
            classification=Beat.UNKNOWN,
        )
        message.header.stamp = self._time(report.t)
        return message

    def _event(self, report: EventReport) -> ClinicalEvent:
        message = ClinicalEvent(
            bed=self.number,
            admission_id=self._admission_id,
            origin=self._origin,
            name=report.name,
            on=report.on,
            onset=self._time(report.onset),
            evidence=report.evidence,
        )
        message.header.stamp = self._time(report.t)
        return message

    def _time(self, t: float) -> Time:
        if not math.isfinite(t):
            return Time()
        sec, nanosec = divmod(max(self._stamps.stamp_ns(t), 0), _NS_PER_S)
        return Time(sec=sec, nanosec=nanosec)


def _chunk(channel: Any) -> ChannelChunk:
    samples = np.asarray(channel.samples, dtype=np.float32)
    return ChannelChunk(channel.name, channel.rate_hz, channel.first_index, samples, channel.flags)


class VitalsNode(CareNode):
    """Processes the waveforms of all beds of the ward."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('vitals', PARAMETERS, **kwargs)
        self._beds: list[_Bed] = []
        self._patients: list[Any] = []

    def configure(self) -> None:
        """Make the beds."""
        self._beds = [_Bed(self, number) for number in self.value('beds')]
        self.every(1.0, self._publish_vitals)

    def activate(self) -> None:
        """Listen to who lies where: what a latched topic sends to an inactive node is lost."""
        for bed in self._beds:
            self._patients.append(self.listen(graph.PATIENT, bed.patient, bed=bed.number))

    def deactivate(self) -> None:
        """Forget who lies where."""
        for subscription in self._patients:
            self.release(subscription)
        self._patients = []

    def cleanup(self) -> None:
        """Forget the beds."""
        self._beds = []

    def _publish_vitals(self) -> None:
        for bed in self._beds:
            bed.publish_vitals()


def main() -> None:
    """Run the node."""
    run(VitalsNode)
