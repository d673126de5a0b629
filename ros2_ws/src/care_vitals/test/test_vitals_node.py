# SPDX-License-Identifier: Apache-2.0
import math
import time
from array import array
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from builtin_interfaces.msg import Time
from care_msgs.msg import Origin, Patient, VitalSign, Waveform, WaveformChannel
from care_node import graph
from care_node.testing import Probe, probing, running, wait_until
from care_vitals.node import VitalsNode

_RATE = 250.0
_STEP = 50
_BEATS = np.arange(0.5, 60, 0.8)


class _Device:
    """Sends a waveform chunk by chunk, faster than real time."""

    def __init__(self, probe: Probe, bed: int, signal: Any) -> None:
        self._publisher = probe.publisher(graph.WAVEFORM, bed=bed)
        probe.matched(self._publisher)
        self._signal = signal
        self.bed = bed
        self.sent = 0
        self.admission_id = 'a1'
        self.name = 'monitor'
        self.start_s = 1_700_000_000

    def send(self, seconds: float) -> None:
        for _ in range(round(seconds * _RATE / _STEP)):
            part = self._signal[self.sent : self.sent + _STEP]
            ns = round(self.sent / _RATE * 1e9)
            stamp = Time(sec=self.start_s + ns // 10**9, nanosec=ns % 10**9)
            message = Waveform(
                bed=self.bed,
                admission_id=self.admission_id,
                origin=Origin(value=Origin.RECORDED),
                device=self.name,
                channels=[
                    WaveformChannel(
                        name='ecg_ii',
                        unit='mV',
                        rate_hz=_RATE,
                        first_index=self.sent,
                        samples=array('f', part),
                    )
                ],
            )
            message.header.stamp = stamp
            self._publisher.publish(message)
            self.sent += _STEP
            time.sleep(0.002)

    def send_until(self, condition: Callable[[], object], what: str) -> None:
        """Send on in real time until the condition holds: signs of a silent device are blank."""

        def sent_and_true() -> object:
            self.send(_STEP / _RATE)
            time.sleep(_STEP / _RATE)
            return condition()

        wait_until(sent_and_true, 20, what)


class _Bed:
    """What a probe hears of one bed."""

    def __init__(self, probe: Probe, bed: int) -> None:
        self.beats = probe.collect(graph.BEAT, bed=bed)
        self.events = probe.collect(graph.EVENT, bed=bed)
        self.vitals = probe.collect(graph.VITALS, bed=bed)

    def heart_rate(self) -> Any:
        wait_until(lambda: self.vitals, 20, 'vital signs')
        return self.vitals[-1].signs[0]

    def told(self, reason: int) -> Any:
        """Return the newest heart rate with this reason, None when there was none."""
        rates = (v.signs[0] for v in reversed(self.vitals))
        return next((rate for rate in rates if rate.reason == reason), None)


@pytest.fixture
def probe() -> Iterator[Probe]:
    with probing() as made:
        yield made


@pytest.fixture
def node() -> Iterator[Any]:
    with running(VitalsNode, {'beds': [1, 2], 'stale_after_s': 2.0}) as made:
        yield made


def test_beats_and_vital_signs_of_a_waveform_go_out(node: Any, probe: Probe, ecg: Any) -> None:
    bed = _Bed(probe, 1)
    device = _Device(probe, 1, ecg(_BEATS, 60))
    wait_until(lambda: bed.vitals, 20, 'vital signs')
    device.send(20)
    wait_until(lambda: len(bed.beats) >= 23, 20, 'beats')

    def settled() -> Any:
        method = 'mean of 12 R-R intervals'
        return next((v for v in bed.vitals if v.signs[0].method == method), None)

    device.send_until(settled, 'a heart rate from 12 intervals')
    vitals = settled()
    sign = vitals.signs[0]
    assert (sign.kind, sign.reason) == (VitalSign.HEART_RATE, VitalSign.OK)
    assert sign.value == pytest.approx(75, abs=0.5)
    assert sign.source == 'monitor ecg_ii'
    assert vitals.origin.value == Origin.RECORDED
    assert vitals.admission_id == 'a1'
    assert list(vitals.notices) == ['NO ARRHYTHMIA DETECTION', 'APNOEA WATCH OFF']


def test_a_beat_carries_place_time_interval_and_admission(
    node: Any, probe: Probe, ecg: Any
) -> None:
    bed = _Bed(probe, 1)
    _Device(probe, 1, ecg(_BEATS, 60)).send(10)
    wait_until(lambda: len(bed.beats) >= 10, 20, 'beats')
    assert math.isnan(bed.beats[0].rr_interval)
    beat = bed.beats[5]
    assert (beat.bed, beat.admission_id, beat.channel) == (1, 'a1', 'ecg_ii')
    assert beat.sample == pytest.approx(_BEATS[5] * 250, abs=5)
    assert beat.rr_interval == pytest.approx(0.8, abs=0.02)
    stamp = beat.header.stamp.sec + beat.header.stamp.nanosec / 1e9 - 1_700_000_000
    known = beat.known_at.sec + beat.known_at.nanosec / 1e9 - 1_700_000_000
    assert stamp == pytest.approx(beat.sample / 250, abs=0.001)
    assert 0.2 < known - stamp <= 0.401


def test_asystole_goes_out_as_an_event(node: Any, probe: Probe, ecg: Any) -> None:
    bed = _Bed(probe, 1)
    device = _Device(probe, 1, ecg(_BEATS[_BEATS < 10], 60))
    device.send(20)
    wait_until(lambda: any(e.name == 'asystole' for e in bed.events), 20, 'asystole')
    event = next(e for e in bed.events if e.name == 'asystole')
    assert event.on
    wait_until(lambda: len(bed.beats) >= 12, 20, 'all beats')
    assert event.onset == bed.beats[-1].header.stamp
    assert 4 <= event.header.stamp.sec - event.onset.sec <= 5
    device.send_until(lambda: bed.told(VitalSign.ASYSTOLE), 'the reason asystole')
    assert math.isnan(bed.told(VitalSign.ASYSTOLE).value)


def test_a_device_that_falls_silent_leaves_stale_signs(node: Any, probe: Probe, ecg: Any) -> None:
    bed = _Bed(probe, 1)
    device = _Device(probe, 1, ecg(_BEATS, 60))
    device.send(20)
    device.send_until(lambda: bed.told(VitalSign.OK), 'a rate')
    wait_until(lambda: bed.heart_rate().reason == VitalSign.STALE, 20, 'the reason stale')
    assert math.isnan(bed.heart_rate().value)
    assert bed.heart_rate().quality == 0


def test_another_admission_starts_from_nothing(node: Any, probe: Probe, ecg: Any) -> None:
    bed = _Bed(probe, 1)
    device = _Device(probe, 1, ecg(_BEATS, 60))
    device.send(20)
    wait_until(lambda: len(bed.beats) >= 23, 20, 'beats')
    device.admission_id = 'a2'
    device.send(6)
    wait_until(lambda: any(b.admission_id == 'a2' for b in bed.beats), 20, 'a beat of the next')
    first = next(b for b in bed.beats if b.admission_id == 'a2')
    assert math.isnan(first.rr_interval)
    assert first.sample >= 20 * 250


def test_another_device_makes_no_interval(node: Any, probe: Probe, ecg: Any) -> None:
    bed = _Bed(probe, 1)
    device = _Device(probe, 1, ecg(_BEATS, 60))
    device.send(10)
    wait_until(lambda: len(bed.beats) >= 11, 20, 'beats')
    device.name = 'another monitor'
    device.send(6)
    wait_until(lambda: sum(math.isnan(b.rr_interval) for b in bed.beats) == 2, 20, 'a new chain')


def test_beds_do_not_mix(node: Any, probe: Probe, ecg: Any) -> None:
    beds = [_Bed(probe, 1), _Bed(probe, 2)]
    fast = ecg(np.arange(0.5, 60, 0.5), 60)
    devices = [_Device(probe, 1, ecg(_BEATS, 60)), _Device(probe, 2, fast)]
    for _ in range(15):
        for device in devices:
            device.send(1)
    for bed, device, rate in zip(beds, devices, (75, 120), strict=True):
        device.send_until(lambda bed=bed: bed.told(VitalSign.OK), 'a rate')
        assert bed.told(VitalSign.OK).value == pytest.approx(rate, abs=1)


def test_a_bed_without_a_device_has_no_source_and_the_patients_admission(
    node: Any, probe: Probe
) -> None:
    bed = _Bed(probe, 2)
    probe.publisher(graph.PATIENT, bed=2).publish(Patient(bed=2, admission_id='p7'))
    wait_until(lambda: bed.vitals and bed.vitals[-1].admission_id == 'p7', 20, 'the admission')
    assert [s.reason for s in bed.vitals[-1].signs] == [VitalSign.NO_SOURCE]


def test_a_waveform_that_makes_no_sense_does_not_stop_the_bed(
    node: Any, probe: Probe, ecg: Any
) -> None:
    bed = _Bed(probe, 1)
    device = _Device(probe, 1, ecg(_BEATS, 60))
    device.send(5)
    broken = Waveform(bed=1, admission_id='a1', device='monitor')
    broken.channels = [
        WaveformChannel(name='ecg_ii', rate_hz=0.0, samples=array('f', [1.0])),
        WaveformChannel(name='ecg_ii', rate_hz=math.nan, samples=array('f', [1.0])),
    ]
    device._publisher.publish(broken)
    device.send(10)
    wait_until(lambda: len(bed.beats) >= 17, 20, 'beats after the broken message')
