# SPDX-License-Identifier: Apache-2.0
"""The patient simulator node: what reaches the graph."""

import functools
import itertools
import math
import time

import numpy as np
import pytest
from care_msgs.msg import Beat, Origin, Patient, VitalSign, WaveformChannel
from care_node import graph
from care_node.testing import probing, running, wait_until
from care_sensors.schedule import Schedule
from care_sim.node import PatientSimulatorNode
from care_sim.patient import SimulatedPatient
from care_sim.scenario import load_scenario


@pytest.fixture(autouse=True)
def no_stalls(monkeypatch):
    """Let the schedule catch up for a minute: a slow machine makes no gaps."""
    monkeypatch.setattr('care_sensors.schedule.STALL_S', 60.0)


def sent(waveforms, sample: int) -> bool:
    """Tell whether the chunk with this sample has come; beats may overtake it."""
    return any(
        m.channels[0].first_index <= sample < m.channels[0].first_index + 10 for m in waveforms[:]
    )


def test_four_beds_send_contiguous_waveforms_marked_as_simulated():
    with probing() as probe:
        got = {bed: probe.collect(graph.WAVEFORM, bed=bed) for bed in (1, 2, 3, 4)}
        with running(PatientSimulatorNode, {'speed': 4.0}):
            wait_until(lambda: all(len(m) > 100 for m in got.values()), 40, 'chunks of all beds')
    for bed, messages in got.items():
        assert all(m.origin.value == Origin.SIMULATED and m.bed == bed for m in messages)
        names = [c.name for c in messages[0].channels]
        assert names == ['ecg_ii', 'ecg_v1', 'pleth_red', 'pleth_ir', 'resp']
        for before, after in itertools.pairwise(messages):
            for b, a in zip(before.channels, after.channels, strict=True):
                assert a.first_index == b.first_index + len(b.samples)
                assert a.flags == 0


def test_the_samples_are_those_of_the_seed():
    with probing() as probe:
        got = probe.collect(graph.WAVEFORM, bed=2)
        parameters = {'seed': 7, 'beds_to_simulate': [2], 'scenario': 'quiet'}
        with running(PatientSimulatorNode, parameters):
            wait_until(lambda: len(got) > 30, 20, 'chunks')
    first = got[0].channels[0].first_index
    played = np.concatenate([m.channels[0].samples for m in got])
    patient = SimulatedPatient(load_scenario('quiet').course(2), 7, 2)
    expected = patient.read((first + len(played)) // 10).samples[0][first:]
    np.testing.assert_array_equal(played, expected)


def test_true_beats_lie_in_chunks_that_were_sent():
    with probing() as probe:
        waveforms = probe.collect(graph.WAVEFORM, bed=1)
        beats: list[Beat] = probe.collect(graph.TRUTH_BEAT, bed=1)
        with running(PatientSimulatorNode, {'speed': 4.0, 'beds_to_simulate': [1]}):
            wait_until(lambda: len(beats) >= 8, 20, 'eight beats')
            heard = beats[:]
            wait_until(
                lambda: all(sent(waveforms, beat.sample) for beat in heard), 20, 'their chunks'
            )
    for before, after in itertools.pairwise(heard):
        samples = (after.sample - before.sample) / 250
        assert after.rr_interval == pytest.approx(samples, abs=0.005)


def test_true_vital_signs_come_every_second_with_the_rhythm():
    with probing() as probe:
        truth = probe.collect(graph.TRUTH_VITALS, bed=3)
        parameters = {'scenario': 'bed_3_worsens', 'speed': 20.0, 'beds_to_simulate': [3]}
        with running(PatientSimulatorNode, parameters):
            wait_until(lambda: any(m.notices == ['rhythm asystole'] for m in truth), 40, 'asystole')
    rates = {m.notices[0]: {s.kind: s for s in m.signs}[VitalSign.HEART_RATE] for m in truth}
    assert math.isnan(rates['rhythm asystole'].value)
    assert rates['rhythm asystole'].reason == VitalSign.ASYSTOLE
    assert rates['rhythm sinus'].value == pytest.approx(178)


def test_the_admission_of_the_bed_is_stamped():
    with probing() as probe:
        got = probe.collect(graph.WAVEFORM, bed=1)
        patient = probe.publisher(graph.PATIENT, bed=1)
        patient.publish(Patient(bed=1, admission_id='a-1', state=Patient.ADMITTED))
        with running(PatientSimulatorNode, {'beds_to_simulate': [1]}):
            wait_until(lambda: got and got[-1].admission_id == 'a-1', 20, 'the latched admission')


def test_after_the_link_was_down_the_first_chunk_has_a_gap_and_indices_count_on(tmp_path):
    path = tmp_path / 'link.yaml'
    path.write_text('steps: [{at: 4, bed: 1, set: {link: down}}, {at: 6, bed: 1, set: {link: up}}]')
    with probing() as probe:
        got = probe.collect(graph.WAVEFORM, bed=1)
        parameters = {'scenario': str(path), 'beds_to_simulate': [1]}
        with running(PatientSimulatorNode, parameters):
            wait_until(lambda: got and got[-1].channels[0].first_index > 1600, 30, 'the link')
    gaps = [m.channels[0].first_index for m in got if m.channels[0].flags & WaveformChannel.GAP]
    assert gaps == [1500]
    indices = [m.channels[0].first_index for m in got]
    assert not [index for index in indices if 1000 <= index < 1500]


@pytest.mark.parametrize(
    ('parameters', 'cause'),
    [
        ({'scenario': 'bed_9_dances'}, 'no scenario bed_9_dances'),
        ({'beds_to_simulate': [1, 9]}, 'names bed 9'),
        ({'chunk_s': 0.05}, 'chunk_s'),
    ],
)
def test_what_cannot_be_simulated_is_refused(parameters, cause):
    with running(PatientSimulatorNode, parameters, activate=False) as node:
        node.trigger_configure()
        assert cause in node.fault


def test_bed_0_stands_for_no_bed():
    with running(PatientSimulatorNode, {'beds_to_simulate': [0]}) as node:
        assert node.fault == ''


def test_after_a_stall_the_patient_goes_on_and_the_indices_count_the_time(monkeypatch):
    offset_s = 0.0
    steady, wall = time.monotonic, time.time_ns
    schedule = functools.partial(
        Schedule, steady=lambda: steady() + offset_s,
        wall_ns=lambda: wall() + round(offset_s * 1e9))  # fmt: skip
    monkeypatch.setattr(
        'care_sim.node.Schedule', lambda chunk_s, speed, wall_ns: schedule(chunk_s, speed)
    )
    with probing() as probe:
        got = probe.collect(graph.WAVEFORM, bed=1)
        beats = probe.collect(graph.TRUTH_BEAT, bed=1)
        with running(PatientSimulatorNode, {'beds_to_simulate': [1]}):
            wait_until(lambda: len(got) > 20, 20, 'chunks')
            offset_s = 100.0
            wait_until(lambda: len(beats) and beats[-1].sample > 25_000, 20, 'beats afterwards')
            sample = beats[-1].sample
            wait_until(lambda: sent(got, sample), 20, 'the chunk of the last beat')
    gaps = [i for i, m in enumerate(got) if m.channels[0].flags & WaveformChannel.GAP]
    assert len(gaps) == 1
    last, first = got[gaps[0] - 1].channels[0], got[gaps[0]].channels[0]
    assert first.first_index - last.first_index == pytest.approx(25_000, abs=1000)
    patient = SimulatedPatient(load_scenario('').course(1), 1, 1)
    lived = (last.first_index + 10) // 10
    patient.read(lived)
    np.testing.assert_array_equal(np.array(first.samples), patient.read(1).samples[0])
    wave = {m.channels[0].first_index: m.channels[0].samples for m in got}
    assert max(wave[sample // 10 * 10]) == pytest.approx(1.15, abs=0.25)
