# SPDX-License-Identifier: Apache-2.0
"""CSV recordings: what is understood, and clear words for what is not."""

from pathlib import Path

import numpy as np
import pytest
from care_sensors.recording import RecordError, Recording, open_recording


def read_all(recording: Recording, block_samples: int = 997) -> np.ndarray:
    return np.concatenate(list(recording.blocks(block_samples)), axis=1)


def csv(folder: Path, text: str) -> Path:
    path = folder / 'made.csv'
    path.write_text(text)
    return path


def test_a_single_column_without_header_needs_rate_and_unit_only(test_data):
    path = test_data / 'data/ecg/nstdb/118e06.csv'
    recording = open_recording(path, rate_hz=360, unit='mV')
    assert [(c.name, c.unit) for c in recording.channels] == [('ecg', 'mV')]
    assert recording.length == 43_200
    np.testing.assert_array_equal(read_all(recording)[0], np.loadtxt(path))


def test_a_lead_names_the_column_of_a_file_without_header(test_data):
    path = test_data / 'data/ecg/nstdb/118e06.csv'
    assert open_recording(path, rate_hz=360, leads=['MLII']).channels[0].name == 'ecg_ii'


def test_the_monitor_export_is_read_with_its_stray_first_column(test_data):
    path = test_data / 'data/ecg/bidmc/bidmc_01_Signals.csv'
    recording = open_recording(path)
    assert [c.name for c in recording.channels] == [
        'resp',
        'pleth_ir',
        'ecg_v',
        'ecg_avr',
        'ecg_ii',
    ]
    assert (recording.rate_hz, recording.length) == (125, 60_001)
    reference = np.genfromtxt(path, delimiter=',', skip_header=1)[:, 2:].T
    np.testing.assert_array_equal(read_all(recording), reference)


def test_leads_choose_columns_in_their_order(test_data):
    path = test_data / 'data/ecg/bidmc/bidmc_01_Signals.csv'
    recording = open_recording(path, leads=['II', 'pleth_ir'])
    assert [c.source_name for c in recording.channels] == ['II', 'PLETH']
    assert next(recording.blocks(1))[:, 0].tolist() == [0.72549, 0.43597]


def test_a_unit_given_is_that_of_the_ecg_alone(test_data):
    path = test_data / 'data/ecg/bidmc/bidmc_01_Signals.csv'
    units = {c.name: c.unit for c in open_recording(path, unit='mV').channels}
    assert units['ecg_ii'] == 'mV'
    assert units['pleth_ir'] == units['resp'] == '{NU}'


def test_units_in_the_header_hold(tmp_path):
    path = csv(tmp_path, 'II [uV];RESP (Ohm)\n500;1\n-500;2\n')
    recording = open_recording(path, rate_hz=100)
    assert [(c.name, c.unit) for c in recording.channels] == [('ecg_ii', 'mV'), ('resp', 'Ohm')]
    np.testing.assert_allclose(read_all(recording), [[0.5, -0.5], [1, 2]])


def test_a_time_column_in_milliseconds_gives_the_rate(tmp_path):
    path = csv(tmp_path, 'time [ms],II\n0,1\n4,2\n8,3\n')
    recording = open_recording(path)
    assert recording.rate_hz == 250
    np.testing.assert_array_equal(read_all(recording), [[1, 2, 3]])


@pytest.mark.parametrize('empty', ['', 'nan', 'NaN', 'NA', '-', ' '])
def test_missing_samples_stay_nan(tmp_path, empty):
    path = csv(tmp_path, f'II,V\n1,2\n{empty},3\n4,5\n')
    np.testing.assert_array_equal(
        read_all(open_recording(path, rate_hz=100)), [[1, np.nan, 4], [2, 3, 5]]
    )


def test_comments_blank_lines_and_a_byte_order_mark_are_no_samples(tmp_path):
    path = tmp_path / 'made.csv'
    path.write_bytes('\ufeff# made\n\n1.5\n\n# pause\n2.5\n'.encode())
    np.testing.assert_array_equal(read_all(open_recording(path, rate_hz=100)), [[1.5, 2.5]])


def test_a_bad_cell_is_named_with_line_and_column(tmp_path):
    path = csv(tmp_path, '# made\nII,V\n1,2\n3,x7\n')
    with pytest.raises(RecordError, match=r"line 4 .*'x7' in column 2"):
        open_recording(path, rate_hz=100)


def test_a_bad_cell_in_a_column_not_wanted_does_no_harm(tmp_path):
    path = csv(tmp_path, 'II,note\n1,a\n3,b\n')
    recording = open_recording(path, rate_hz=100, leads=['II'])
    np.testing.assert_array_equal(read_all(recording), [[1, 3]])


def test_a_short_line_is_named(tmp_path):
    with pytest.raises(RecordError, match=r'line 3 .* has 1 columns instead of 2'):
        open_recording(csv(tmp_path, 'II,V\n1,2\n3\n'), rate_hz=100)


@pytest.mark.parametrize(('text', 'named'), [('', 'empty'), ('# only\n', 'empty'),
                                             ('II,V\n', 'no sample')])  # fmt: skip
def test_a_file_without_samples_is_refused(tmp_path, text, named):
    with pytest.raises(RecordError, match=named):
        open_recording(csv(tmp_path, text), rate_hz=100)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RecordError, match='there is no file'):
        open_recording(tmp_path / 'none.csv', rate_hz=100)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / 'made.csv'
    path.write_bytes(bytes(range(256)))
    with pytest.raises(RecordError, match='cannot be read'):
        open_recording(path, rate_hz=100)


def test_a_missing_rate_is_asked_for(tmp_path):
    with pytest.raises(RecordError, match='does not say its sampling rate') as caught:
        open_recording(csv(tmp_path, '1\n2\n'))
    assert 'rate=360' in caught.value.cure


@pytest.mark.parametrize('rate', [0, -360, float('nan'), float('inf')])
def test_a_rate_that_is_not_above_zero_is_refused(tmp_path, rate):
    with pytest.raises(RecordError, match='makes no sense'):
        open_recording(csv(tmp_path, '1\n2\n'), rate_hz=rate)


def test_a_rate_against_the_time_column_is_refused(test_data):
    with pytest.raises(RecordError, match='time column says 125'):
        open_recording(test_data / 'data/ecg/bidmc/bidmc_01_Signals.csv', rate_hz=360)


def test_a_missing_lead_is_named(test_data):
    with pytest.raises(RecordError, match='no lead V1'):
        open_recording(test_data / 'data/ecg/bidmc/bidmc_01_Signals.csv', leads=['V1'])


def test_too_few_names_for_the_columns_are_refused(tmp_path):
    with pytest.raises(RecordError, match='1 leads are named, but'):
        open_recording(csv(tmp_path, '1,2\n3,4\n'), rate_hz=100, leads=['II'])
