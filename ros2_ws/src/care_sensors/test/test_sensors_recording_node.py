# SPDX-License-Identifier: Apache-2.0
"""The recording node: what it sends, and how it says that a recording cannot be used."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import wfdb
from care_msgs.msg import Origin, Patient, Waveform, WaveformChannel
from care_node import graph
from care_node.testing import probing, running, wait_until
from care_sensors.node import RecordingNode


@pytest.fixture(autouse=True)
def no_stalls(monkeypatch):
    """Let the schedule catch up for a minute: a slow machine makes no gaps."""
    monkeypatch.setattr('care_sensors.schedule.STALL_S', 60.0)


def seconds(message: Waveform) -> float:
    return message.header.stamp.sec + message.header.stamp.nanosec * 1e-9


def short_csv(folder: Path, samples: int = 250) -> Path:
    path = folder / 'short.csv'
    path.write_text('\n'.join(f'{k * 0.001:.3f}' for k in range(samples)))
    return path


def test_a_recording_arrives_whole_in_order_and_marked_as_recorded(test_data):
    path = test_data / 'data/ecg/mitdb/100'
    with probing() as probe:
        got = probe.collect(graph.WAVEFORM, bed=1)
        with running(RecordingNode, {'records': [f'1={path}'], 'speed': 5.0}):
            wait_until(lambda: len(got) > 100, 20, 'chunks of the recording')
    assert all(m.origin.value == Origin.RECORDED and m.bed == 1 for m in got)
    assert [c.name for c in got[0].channels] == ['ecg_ii', 'ecg_v5']
    start = got[0].channels[0].first_index
    index = start
    for message in got:
        assert {c.first_index for c in message.channels} == {index}
        assert not any(c.flags for c in message.channels)
        index += len(message.channels[0].samples)
    reference = wfdb.rdrecord(str(path), sampfrom=start, sampto=index).p_signal.T
    for row, expected in enumerate(reference):
        played = np.concatenate([m.channels[row].samples for m in got])
        np.testing.assert_array_equal(played, expected.astype(np.float32))


def test_stamps_follow_the_sample_index(test_data):
    with probing() as probe:
        got = probe.collect(graph.WAVEFORM, bed=2)
        with running(RecordingNode, {'records': [f'2={test_data}/data/ecg/mitdb/100']}):
            late = []

            def a_second_of_chunks() -> bool:
                for message in got[-1:]:
                    late.append(probe.node.get_clock().now().nanoseconds * 1e-9 - seconds(message))
                return len(got) > 25

            wait_until(a_second_of_chunks, 20, 'a second of chunks')
    # The least of them: the others may have waited for a processor.
    assert 0.0 <= min(late) < 0.5
    for before, after in itertools.pairwise(got):
        samples = after.channels[0].first_index - before.channels[0].first_index
        assert seconds(after) - seconds(before) == pytest.approx(samples / 360, abs=1e-5)


def test_a_looped_recording_marks_its_seams_and_goes_on_counting(tmp_path):
    with probing() as probe:
        got = probe.collect(graph.WAVEFORM, bed=1)
        record = f'1={short_csv(tmp_path)}?rate=250&unit=mV&lead=II'
        with running(RecordingNode, {'records': [record], 'speed': 4.0}):
            wait_until(lambda: got and got[-1].channels[0].first_index > 600, 20, 'two rounds')
    seams = [m for m in got if m.channels[0].flags & WaveformChannel.SEAM]
    assert len(seams) >= 2
    for message in got:
        channel = message.channels[0]
        assert bool(channel.flags & WaveformChannel.SEAM) == (
            channel.first_index > 0 and channel.first_index % 250 == 0
        )
        assert channel.samples[0] == pytest.approx(channel.first_index % 250 * 0.001, abs=1e-6)


def test_without_a_loop_the_end_is_the_nodes_fault(tmp_path):
    record = f'1={short_csv(tmp_path)}?rate=250'
    with running(RecordingNode, {'records': [record], 'speed': 20.0, 'loop': False}) as node:
        wait_until(lambda: 'short of bed 1 has ended' in node.fault, 20, 'the end')


def test_the_admission_of_the_bed_is_stamped_until_it_is_empty(test_data):
    with probing() as probe:
        got = probe.collect(graph.WAVEFORM, bed=1)
        patient = probe.publisher(graph.PATIENT, bed=1)
        patient.publish(Patient(bed=1, admission_id='a-1', state=Patient.ADMITTED))
        with running(RecordingNode, {'records': [f'1={test_data}/data/ecg/mitdb/100']}):
            wait_until(lambda: got and got[-1].admission_id == 'a-1', 20, 'the latched admission')
            patient.publish(Patient(bed=1, admission_id='a-1', state=Patient.EMPTY))
            wait_until(lambda: got[-1].admission_id == '', 20, 'no admission')


def test_a_bad_recording_is_a_fault_and_the_others_play(test_data):
    records = ['1=/nowhere/100', f'2={test_data}/data/ecg/mitdb/100']
    with probing() as probe:
        got = probe.collect(graph.WAVEFORM, bed=2)
        with running(RecordingNode, {'records': records}) as node:
            wait_until(lambda: got, 20, 'the good recording')
            assert 'no folder /nowhere' in node.fault


@pytest.mark.parametrize(
    ('record', 'cause'),
    [
        ('1=/nowhere/100', 'no folder /nowhere'),
        ('9=/nowhere/100', 'no bed of the ward'),
        ('rubbish', 'does not say which recording'),
        ('1={data}/data/ecg/mitdb/100?lead=V1', 'no lead V1'),
    ],
)
def test_when_none_can_play_the_node_refuses_with_cause_and_cure(test_data, record, cause):
    records = {'records': [record.format(data=test_data)]}
    with running(RecordingNode, records, activate=False) as node:
        node.trigger_configure()
        assert cause in node.fault


def test_two_recordings_for_one_bed_are_refused(test_data):
    record = f'1={test_data}/data/ecg/mitdb/100'
    with running(RecordingNode, {'records': [record, record]}) as node:
        assert 'second recording for bed 1' in node.fault


def test_without_recordings_the_node_is_active_and_silent():
    with running(RecordingNode) as node:
        assert node.fault == ''
