# SPDX-License-Identifier: Apache-2.0
"""Publishes simulated patients, one process for all beds of a ward, with the truth beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from care_msgs.msg import Beat, Origin, VitalSign, VitalSigns, WaveformChannel
from care_node import graph
from care_node.errors import ConfigurationError
from care_node.node import CareNode, run
from care_node.parameters import Parameter
from care_sensors.schedule import Schedule, Slot
from care_sensors.waveform_output import WaveformOutput, time_from_ns
from rclpy.publisher import Publisher

from care_sim.ecg import ECG_RATE_HZ
from care_sim.patient import CHANNELS, TICK_S, PatientChunk, SimulatedPatient, Truth
from care_sim.rhythm import SimulatedBeat
from care_sim.scenario import Scenario, ScenarioError, load_scenario
from care_sim.state import ASYSTOLE

PARAMETERS = (
    Parameter('beds_to_simulate', [1, 2, 3, 4], 'Beds with a simulated patient; 0 stands for none',
              minimum=0, maximum=255),
    Parameter('seed', 1, 'The same seed gives the same samples', minimum=0, maximum=2**31 - 1),
    Parameter('scenario', '', 'Path of a scenario file or name of a shipped one; empty: stable'),
    Parameter('speed', 1.0, 'Simulation speed, 1 is real time', unit='1',
              minimum=0.1, maximum=100.0),
    Parameter('chunk_s', 0.04, 'Length of one waveform message, a multiple of 0.04', unit='s',
              minimum=0.04, maximum=1.0),
)  # fmt: skip
_TRUTH_PERIOD_S = 1.0
_SHORTEST_TICK_S = 0.02
_DEVICE = 'patient simulator'


@dataclass(slots=True)
class _Bed:
    """One bed with its patient; `gap`: samples are missing before the next chunk."""

    number: int
    output: WaveformOutput
    beats: Publisher
    vitals: Publisher
    patient: SimulatedPatient | None = field(default=None)
    gap: bool = False


class PatientSimulatorNode(CareNode):
    """Publishes `bed_<n>/waveform` with origin SIMULATED, and `bed_<n>/truth/...`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('patient_simulator', PARAMETERS, **kwargs)
        self._beds: list[_Bed] = []

    def configure(self) -> None:
        """Read the scenario and make the publishers of every bed."""
        chunk_s = self.value('chunk_s')
        self._ticks = round(chunk_s / TICK_S)
        if not math.isclose(self._ticks * TICK_S, chunk_s, rel_tol=1e-6):
            raise ConfigurationError(cause=f'Parameter "chunk_s" is {chunk_s:g} s.',
                                     cure=f'Set it to a multiple of {TICK_S:g} s.')  # fmt: skip
        self._scenario = self._read_scenario()
        beds = [bed for bed in dict.fromkeys(self.value('beds_to_simulate')) if bed]
        for bed in sorted(self._scenario.beds - set(beds)):
            self.get_logger().warning(f'scenario {self._scenario.name}: bed {bed} is not simulated')
        self._beds = [self._bed(bed) for bed in beds]
        self._schedule = Schedule(
            self._ticks * TICK_S, self.value('speed'),
            wall_ns=lambda: self.get_clock().now().nanoseconds)  # fmt: skip
        period = self._schedule.chunk_s / self._schedule.speed
        self.every(max(period, _SHORTEST_TICK_S), self._tick)

    def activate(self) -> None:
        """Let every patient begin anew."""
        for bed in self._beds:
            bed.patient = SimulatedPatient(
                self._scenario.course(bed.number), self.value('seed'), bed.number
            )
            bed.gap = False
            bed.output.start()
        self._schedule.start()

    def deactivate(self) -> None:
        """Let the patients go."""
        for bed in self._beds:
            bed.patient = None
            bed.output.stop()

    def cleanup(self) -> None:
        """Forget the beds."""
        self._beds = []

    def _read_scenario(self) -> Scenario:
        try:
            return load_scenario(self.value('scenario'))
        except ScenarioError as error:
            raise ConfigurationError(cause=_sentence(error.cause),
                                     cure=_sentence(error.cure)) from error  # fmt: skip

    def _bed(self, bed: int) -> _Bed:
        known = self.value('beds')
        if bed not in known:
            raise ConfigurationError(
                cause=f'Parameter "beds_to_simulate" names bed {bed}, which the ward lacks.',
                cure=f'Choose among the beds {", ".join(map(str, known))}.')  # fmt: skip
        return _Bed(bed, WaveformOutput(self, bed, _DEVICE, Origin.SIMULATED, CHANNELS),
                    self.advertise(graph.TRUTH_BEAT, bed=bed),
                    self.advertise(graph.TRUTH_VITALS, bed=bed))  # fmt: skip

    def _tick(self) -> None:
        for slot in self._schedule.due():
            for bed in self._beds:
                self._play(bed, slot)

    def _play(self, bed: _Bed, slot: Slot) -> None:
        if bed.patient is None:
            return
        chunk = bed.patient.read(self._ticks)
        # After a stall the patient goes on where it stopped, and the indices count the time.
        shift_s = slot.number * self._schedule.chunk_s - chunk.start_s
        bed.gap = bed.gap or slot.gap
        if chunk.lost:
            bed.gap = True
        else:
            self._send(bed, chunk, shift_s)
        for beat in chunk.beats:
            bed.beats.publish(self._beat_message(bed, beat, chunk, shift_s))
        seconds = (slot.number * self._ticks * TICK_S, (slot.number + 1) * self._ticks * TICK_S)
        if int(seconds[0] / _TRUTH_PERIOD_S + 1e-9) < int(seconds[1] / _TRUTH_PERIOD_S + 1e-9):
            bed.vitals.publish(self._truth_message(bed, bed.patient.truth(), shift_s))

    def _send(self, bed: _Bed, chunk: PatientChunk, shift_s: float) -> None:
        indices = [
            first + round(shift_s * rate)
            for first, (_, _, rate) in zip(chunk.first_indices, CHANNELS, strict=True)
        ]
        gap = WaveformChannel.GAP if bed.gap else 0
        bed.gap = False
        bed.output.send(self._schedule.stamp_ns(chunk.start_s + shift_s), indices,
                        chunk.samples, [flags | gap for flags in chunk.flags])  # fmt: skip

    def _beat_message(self, bed: _Bed, beat: SimulatedBeat, chunk: PatientChunk,
                      shift_s: float) -> Beat:  # fmt: skip
        message = Beat(
            bed=bed.number, admission_id=bed.output.admission_id, channel=CHANNELS[0][0],
            origin=Origin(value=Origin.SIMULATED), rr_interval=beat.rr,
            sample=round(beat.time * ECG_RATE_HZ) + round(shift_s * ECG_RATE_HZ),
            classification=Beat.VENTRICULAR if beat.ventricular else Beat.NORMAL)  # fmt: skip
        message.header.stamp = time_from_ns(self._schedule.stamp_ns(beat.time + shift_s))
        end_s = chunk.start_s + self._schedule.chunk_s + shift_s
        message.known_at = time_from_ns(self._schedule.stamp_ns(end_s))
        return message

    def _truth_message(self, bed: _Bed, truth: Truth, shift_s: float) -> VitalSigns:
        stamp = time_from_ns(self._schedule.stamp_ns(truth.time_s + shift_s))
        origin = Origin(value=Origin.SIMULATED)
        silent = VitalSign.ASYSTOLE if truth.rhythm == ASYSTOLE else VitalSign.FIBRILLATION
        signs = [
            VitalSign(kind=kind, value=value, unit=unit, quality=1.0, source=_DEVICE,
                      reason=silent if math.isnan(value) else VitalSign.OK,
                      method='set by the simulator', origin=origin, measured_at=stamp)
            for kind, value, unit in (
                (VitalSign.HEART_RATE, truth.heart_rate, '/min'),
                (VitalSign.SPO2, truth.spo2, '%'),
                (VitalSign.RESP_RATE, truth.resp_rate, '/min'),
                (VitalSign.PERFUSION_INDEX, truth.perfusion_index, '%'))]  # fmt: skip
        message = VitalSigns(bed=bed.number, admission_id=bed.output.admission_id, origin=origin,
                             signs=signs, notices=[f'rhythm {truth.rhythm}'])  # fmt: skip
        message.header.stamp = stamp
        return message


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + '.'


def main() -> None:
    """Run the node."""
    run(PatientSimulatorNode)
