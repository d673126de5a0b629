# SPDX-License-Identifier: Apache-2.0
"""A simulated patient as a device: waveforms in ticks of 40 ms, with the truth beside them.

Everything is made in blocks of one second on a grid of its own, so that the same seed gives the
same samples however they are read.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from care_sim import ecg, pulse
from care_sim.noise import Noise
from care_sim.rhythm import SILENT_RHYTHMS, BeatSource, SimulatedBeat
from care_sim.state import ATRIAL_FIBRILLATION, VENTRICULAR_FIBRILLATION, Course

TICK_S = 0.04
_TICKS_PER_BLOCK = 25
RAIL_MV = 5.0

LEAD_OFF = 1
SATURATED = 2

# Name, unit (UCUM), rate [Hz] of each channel.
CHANNELS = (
    ('ecg_ii', 'mV', ecg.ECG_RATE_HZ),
    ('ecg_v1', 'mV', ecg.ECG_RATE_HZ),
    ('pleth_red', '{NU}', pulse.PLETH_RATE_HZ),
    ('pleth_ir', '{NU}', pulse.PLETH_RATE_HZ),
    ('resp', '{NU}', pulse.RESP_RATE_HZ),
)
_PER_TICK = tuple(round(rate * TICK_S) for _, _, rate in CHANNELS)
_ECG_CHANNELS, _PLETH_CHANNELS, _RESP_CHANNEL = (0, 1), (2, 3), 4


@dataclass(frozen=True, slots=True)
class PatientChunk:
    """Some ticks of all channels, in the order of CHANNELS.

    start_s: time of the first sample, [s] since the patient began
    first_indices: index of the first sample of each channel
    samples: float32 arrays; NaN while an electrode or the probe is off
    flags: bits LEAD_OFF and SATURATED as in care_msgs/WaveformChannel
    lost: the link is down, the samples never arrive
    beats: whose R peak lies in the chunk
    """

    start_s: float
    first_indices: tuple[int, ...]
    samples: tuple[NDArray[np.float32], ...]
    flags: tuple[int, ...]
    lost: bool
    beats: tuple[SimulatedBeat, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """The true vital signs at a moment; a rate without meaning is NaN."""

    time_s: float
    rhythm: str
    heart_rate: float
    spo2: float
    resp_rate: float
    perfusion_index: float


class SimulatedPatient:
    """One patient who lives from time 0 on.

    course: what happens to the patient
    seed: of the ward; bed: makes the patients of one ward different
    clean: leave all noise out
    """

    def __init__(self, course: Course, seed: int, bed: int, *, clean: bool = False) -> None:
        self._course = course
        self._clean = clean
        self._source = BeatSource(course, (seed, bed, 1))
        self._noise = Noise((seed, bed, 2))
        self._phases = np.random.default_rng((seed, bed, 3)).uniform(0, 2 * np.pi, 8)
        self._beats: deque[SimulatedBeat] = deque()
        self._unsent: deque[SimulatedBeat] = deque()
        self._tick = 0
        self._block_number = -1
        self._block: list[NDArray[np.float32]] = []

    def read(self, ticks: int = 1) -> PatientChunk:
        """Return the next `ticks` times 40 ms."""
        start = self._tick
        pieces: list[list[NDArray[np.float32]]] = [[] for _ in CHANNELS]
        while self._tick < start + ticks:
            number, offset = divmod(self._tick, _TICKS_PER_BLOCK)
            if number != self._block_number:
                self._make_block(number)
            count = min(_TICKS_PER_BLOCK - offset, start + ticks - self._tick)
            for piece, values, size in zip(pieces, self._block, _PER_TICK, strict=True):
                piece.append(values[offset * size : (offset + count) * size])
            self._tick += count
        samples = tuple(p[0] if len(p) == 1 else np.concatenate(p) for p in pieces)
        return PatientChunk(
            start * TICK_S, tuple(start * size for size in _PER_TICK), samples,
            self._flags(start * TICK_S, self._tick * TICK_S),
            self._course.switches['link'].at(start * TICK_S) == 'down',
            tuple(self._beats_before(self._tick * TICK_S)))  # fmt: skip

    def truth(self) -> Truth:
        """Return the true vital signs at the end of what was read."""
        time = self._tick * TICK_S
        ramps = self._course.ramps
        rhythm = self._course.switches['rhythm'].at(time)
        beating = rhythm not in SILENT_RHYTHMS
        return Truth(
            time, rhythm, float(ramps['heart_rate'].at(time)) if beating else math.nan,
            float(ramps['spo2'].at(time)), float(ramps['resp_rate'].at(time)),
            float(ramps['perfusion_index'].at(time)))  # fmt: skip

    def _beats_before(self, time: float) -> list[SimulatedBeat]:
        beats = []
        # The sample of a beat is the nearest one: half a sample before the end is the next chunk.
        while self._unsent and round(self._unsent[0].time * ecg.ECG_RATE_HZ) < round(
            time * ecg.ECG_RATE_HZ
        ):
            beats.append(self._unsent.popleft())
        return beats

    def _flags(self, start: float, end: float) -> tuple[int, ...]:
        lead = self._states('ecg_lead', start, end)
        probe = self._states('pleth_probe', start, end)
        off = LEAD_OFF if 'off' in lead else 0
        ecg_bits = off | (SATURATED if 'saturated' in lead else 0)
        pleth_bits = LEAD_OFF if 'off' in probe else 0
        return (ecg_bits, ecg_bits, pleth_bits, pleth_bits, off)

    def _states(self, name: str, start: float, end: float) -> set[str]:
        """Return the values that a switch has in a time."""
        switch = self._course.switches[name]
        states = {switch.at(start)}
        while (start := switch.until(start)) < end - 1e-9:
            states.add(switch.at(start))
        return states

    def _make_block(self, number: int) -> None:
        start = float(number)
        beats = self._source.until(start + 1 + ecg.REACH_BEFORE_S)
        self._beats.extend(beats)
        self._unsent.extend(beats)
        while self._beats and self._beats[0].time < start - pulse.REACH_AFTER_S:
            self._beats.popleft()
        red_and_infrared = self._pleth(start)
        leads = self._ecg(start)
        signals = (*leads, *red_and_infrared, self._resp(start))
        self._block = [signal.astype(np.float32) for signal in signals]
        self._block_number = number

    def _ecg(self, start: float) -> NDArray[np.float64]:
        """Return a second of both leads, [mV]."""
        times = start + np.arange(ecg.ECG_RATE_HZ) / ecg.ECG_RATE_HZ
        ramps, rhythm = self._course.ramps, self._course.switches['rhythm']
        near = [beat for beat in self._beats if beat.time > start - ecg.REACH_AFTER_S]
        signal = ecg.render(near, times) * ramps['ecg_amplitude'].at(times)
        for name, make in ((VENTRICULAR_FIBRILLATION, ecg.fibrillation),
                           (ATRIAL_FIBRILLATION, ecg.atrial_waves)):  # fmt: skip
            present = rhythm.mask(times, name)
            if present.any():
                signal = signal + make(times, self._phases[:4]) * present
        lead = self._course.switches['ecg_lead']
        signal = np.where(lead.mask(times, 'flat'), 0.0, signal)
        if not self._clean:
            strength = {name: ramps[name].at(times)
                        for name in ('mains_noise', 'muscle_noise', 'baseline_wander')}  # fmt: skip
            signal = signal + self._noise.ecg(times, self._breath(times), strength)
        signal = np.clip(signal, -RAIL_MV, RAIL_MV)
        signal = np.where(lead.mask(times, 'saturated'), RAIL_MV, signal)
        return np.where(lead.mask(times, 'off'), np.nan, signal)

    def _pleth(self, start: float) -> NDArray[np.float64]:
        """Return a second of red and infrared light, [{NU}]."""
        times = start + np.arange(pulse.PLETH_RATE_HZ) / pulse.PLETH_RATE_HZ
        ramps = self._course.ramps
        index = ramps['perfusion_index'].at(times)
        wave = pulse.pulse_wave(self._beats, times)
        light = pulse.pleth(wave, self._breath(times), ramps['spo2'].at(times), index)
        if not self._clean:
            light = light + self._noise.pleth(times, ramps['pleth_motion'].at(times), index)
        return np.where(self._course.switches['pleth_probe'].mask(times, 'off'), np.nan, light)

    def _resp(self, start: float) -> NDArray[np.float64]:
        """Return a second of respiration by impedance, [{NU}]; it needs the ECG's electrodes."""
        times = start + np.arange(pulse.RESP_RATE_HZ) / pulse.RESP_RATE_HZ
        # The beating heart moves the impedance too, which is what is left in an apnoea.
        wiggle = 0.05 * (pulse.pulse_wave(self._beats, times) - 0.4)
        signal = self._breath(times) + wiggle
        return np.where(self._course.switches['ecg_lead'].mask(times, 'off'), np.nan, signal)

    def _breath(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        return pulse.breath_wave(self._course.ramps['resp_rate'].integral(times) / 60)
