# SPDX-License-Identifier: Apache-2.0
"""WFDB records: the same samples as the library gives, and clear words for bad ones."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import wfdb
from care_sensors.recording import RecordError, Recording, open_recording


def read_all(recording: Recording, block_samples: int = 997) -> np.ndarray:
    return np.concatenate(list(recording.blocks(block_samples)), axis=1)


def copy_of_100(test_data: Path, folder: Path) -> Path:
    for suffix in ('hea', 'dat'):
        shutil.copyfile(test_data / 'data/ecg/mitdb' / f'100.{suffix}', folder / f'100.{suffix}')
    return folder / '100'


def write_record(folder: Path, signal: np.ndarray, **options) -> Path:
    count = signal.shape[1]
    fields = {
        'fs': 250,
        'units': ['mV'] * count,
        'sig_name': ['II', 'V1', 'PLETH'][:count],
        'fmt': ['16'] * count,
    } | options
    wfdb.wrsamp('made', p_signal=signal, write_dir=str(folder), **fields)
    return folder / 'made'


@pytest.mark.parametrize(
    ('record', 'names', 'rate'),
    [
        ('mitdb/100', ['ecg_ii', 'ecg_v5'], 360),
        ('mitdb/119', ['ecg_ii', 'ecg_v1'], 360),
        ('cudb/cu01', ['ecg'], 250),
        ('cinc2015/a103l', ['ecg_ii', 'ecg_v', 'pleth_ir'], 250),
    ],
)
def test_samples_equal_those_of_the_wfdb_library(test_data, record, names, rate):
    path = test_data / 'data/ecg' / record
    recording = open_recording(path)
    reference = wfdb.rdrecord(str(path)).p_signal.T
    assert [channel.name for channel in recording.channels] == names
    assert (recording.rate_hz, recording.length) == (rate, reference.shape[1])
    np.testing.assert_array_equal(read_all(recording), reference)


def test_a_pleth_without_calibration_has_the_unit_nu(test_data):
    recording = open_recording(test_data / 'data/ecg/cinc2015/a103l')
    assert [channel.unit for channel in recording.channels] == ['mV', 'mV', '{NU}']


def test_blocks_have_the_size_asked_for_and_the_rest_at_the_end(test_data):
    sizes = [b.shape[1] for b in open_recording(test_data / 'data/ecg/cudb/cu01').blocks(50_000)]
    assert sizes == [50_000, 50_000, 27_232]


@pytest.mark.parametrize('lead', ['V5', 'ecg_v5', 'v5'])
def test_a_lead_may_be_called_as_the_record_or_the_ward_does(test_data, lead):
    path = test_data / 'data/ecg/mitdb/100'
    recording = open_recording(path, leads=[lead])
    assert [channel.source_name for channel in recording.channels] == ['V5']
    block = next(recording.blocks(360))
    np.testing.assert_array_equal(block[0], wfdb.rdrecord(str(path), sampto=360).p_signal[:, 1])


def test_the_suffix_of_the_header_may_be_given(test_data):
    assert open_recording(test_data / 'data/ecg/mitdb/100.hea').name == '100'


def test_missing_samples_stay_nan(tmp_path):
    signal = np.linspace(-1, 1, 100)[:, None]
    signal[40:45] = np.nan
    got = read_all(open_recording(write_record(tmp_path, signal)))
    assert np.flatnonzero(np.isnan(got[0])).tolist() == [40, 41, 42, 43, 44]


def test_microvolts_become_millivolts(tmp_path):
    signal = np.linspace(-1000, 1000, 100)[:, None]
    recording = open_recording(write_record(tmp_path, signal, units=['uV']))
    assert recording.channels[0].unit == 'mV'
    assert read_all(recording)[0, -1] == pytest.approx(1.0, abs=1e-3)


def test_a_slower_channel_comes_out_at_the_highest_rate(tmp_path):
    fast, slow = np.arange(40) - 20, np.arange(10) - 5
    wfdb.wrsamp('made', fs=50, units=['mV', 'mV'], sig_name=['II', 'RESP'],
                e_d_signal=[fast, slow], fmt=['16', '16'], adc_gain=[1.0, 1.0], baseline=[0, 0],
                samps_per_frame=[4, 1], write_dir=str(tmp_path))  # fmt: skip
    recording = open_recording(tmp_path / 'made')
    assert recording.rate_hz == 200
    assert [channel.rate_hz for channel in recording.channels] == [200, 50]
    np.testing.assert_array_equal(read_all(recording, 7), [fast, np.repeat(slow, 4)])


def test_a_missing_record_is_named_with_what_the_folder_holds(test_data):
    with pytest.raises(RecordError, match=r'no record .*101') as caught:
        open_recording(test_data / 'data/ecg/mitdb/101')
    assert '100, 105' in caught.value.cure


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(RecordError, match='no folder'):
        open_recording(tmp_path / 'none' / '100')


def test_a_record_without_header_says_so(test_data, tmp_path):
    path = copy_of_100(test_data, tmp_path)
    (tmp_path / '100.hea').unlink()
    with pytest.raises(RecordError, match='signals but no header'):
        open_recording(path)


def test_a_record_without_signal_file_says_so(test_data, tmp_path):
    path = copy_of_100(test_data, tmp_path)
    (tmp_path / '100.dat').unlink()
    with pytest.raises(RecordError, match='no signal file'):
        open_recording(path)


@pytest.mark.parametrize('kept', [0.3, 0.999])
def test_a_cut_off_flac_record_says_how_much_is_there(test_data, tmp_path, kept):
    path = copy_of_100(test_data, tmp_path)
    content = (tmp_path / '100.dat').read_bytes()
    (tmp_path / '100.dat').write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(RecordError, match='header says 650000 samples, it holds') as caught:
        open_recording(path)
    held = int(caught.value.cause.rsplit(' ', 1)[1])
    assert held == pytest.approx(650_000 * kept, rel=0.1)


@pytest.mark.parametrize(('form', 'cut', 'left'), [('16', 4, 998), ('212', 6, 998)])
def test_a_cut_off_plain_record_says_how_many_samples_are_there(tmp_path, form, cut, left):
    signal = np.random.default_rng(1).normal(size=(1000, 2))
    path = write_record(tmp_path, signal, fmt=[form, form])
    content = path.with_suffix('.dat').read_bytes()
    path.with_suffix('.dat').write_bytes(content[: -2 * cut if form == '16' else -cut])
    with pytest.raises(RecordError, match=f'says 1000 samples, it holds {left}'):
        open_recording(path)


def test_an_empty_signal_file_is_refused(test_data, tmp_path):
    path = copy_of_100(test_data, tmp_path)
    (tmp_path / '100.dat').write_bytes(b'')
    with pytest.raises(RecordError, match='FLAC'):
        open_recording(path)


def test_a_changed_sample_is_found_by_the_checksum(tmp_path):
    path = write_record(tmp_path, np.random.default_rng(1).normal(size=(1000, 2)))
    content = bytearray(path.with_suffix('.dat').read_bytes())
    content[1000] ^= 0x10
    path.with_suffix('.dat').write_bytes(content)
    with pytest.raises(RecordError, match='checksum'):
        open_recording(path)


def test_damage_inside_a_flac_file_is_found(test_data, tmp_path):
    path = copy_of_100(test_data, tmp_path)
    content = bytearray((tmp_path / '100.dat').read_bytes())
    content[300_000:300_040] = bytes(40)
    (tmp_path / '100.dat').write_bytes(content)
    with pytest.raises(RecordError):
        open_recording(path)


def test_a_header_shortened_by_hand_gives_an_excerpt(tmp_path):
    signal = np.random.default_rng(1).normal(size=(1000, 1))
    path = write_record(tmp_path, signal)
    header = path.with_suffix('.hea')
    header.write_text(header.read_text().replace(' 1000', ' 600', 1))
    assert open_recording(path).length == 600


@pytest.mark.parametrize(
    ('lead', 'named'), [('V1', 'no lead V1'), ('', None), ('ecg_v9', 'no lead ecg_v9')]
)
def test_a_missing_lead_is_named_with_the_leads_there_are(test_data, lead, named):
    path = test_data / 'data/ecg/mitdb/100'
    if named is None:
        assert len(open_recording(path, leads=[]).channels) == 2
        return
    with pytest.raises(RecordError, match=named) as caught:
        open_recording(path, leads=['MLII', lead])
    assert 'MLII (ecg_ii), V5 (ecg_v5)' in caught.value.cure


@pytest.mark.parametrize(
    'header', ['', 'rubbish', 'made 1 0 100\nmade.dat 16 200 16 0 0 0 0 II\n', 'made 0 250 0\n']
)
def test_a_useless_header_is_refused(tmp_path, header):
    (tmp_path / 'made.hea').write_text(header)
    (tmp_path / 'made.dat').write_bytes(bytes(200))
    with pytest.raises(RecordError):
        open_recording(tmp_path / 'made')


def test_a_rate_for_a_wfdb_record_is_refused(test_data):
    with pytest.raises(RecordError, match='header says rate'):
        open_recording(test_data / 'data/ecg/mitdb/100', rate_hz=250)
