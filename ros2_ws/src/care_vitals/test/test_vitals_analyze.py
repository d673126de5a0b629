# SPDX-License-Identifier: Apache-2.0
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from care_sensors.recording import open_recording
from care_vitals.analyze import analyze, main


def _csv(path: Path, signal: Any, header: str = 'ecg') -> Path:
    path.write_text(header + '\n' + '\n'.join(f'{v:.4f}' for v in signal) + '\n')
    return path


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def csv(ecg: Any, tmp_path: Path) -> Path:
    return _csv(tmp_path / 'some.csv', ecg(np.arange(0.5, 19.5, 0.8), 20))


def _run(csv: Path, out: Path) -> int:
    return main([str(csv), '--rate', '250', '--unit', 'mV', '--jsonl', str(out)])


def test_the_lines_are_as_contracted(csv: Path, tmp_path: Path) -> None:
    out = tmp_path / 'out.jsonl'
    assert _run(csv, out) == 0
    lines = _lines(out)
    assert lines[0]['kind'] == 'meta'
    assert {line['kind'] for line in lines[1:]} == {'beat', 'vitals'}
    beats = [line for line in lines if line['kind'] == 'beat']
    assert len(beats) == 24
    for beat in beats:
        assert beat['t'] == pytest.approx(beat['sample'] / 250, abs=1e-6)
        assert beat['late'] or beat['t_known'] - beat['t'] <= 0.4
        assert beat['class'] in ('N', 'V', 'U')
    vitals = [line for line in lines if line['kind'] == 'vitals']
    assert [v['t'] for v in vitals] == list(range(1, 20))
    assert vitals[0]['hr'] is None
    assert vitals[0]['hr_reason'] == 'SETTLING'
    assert vitals[9]['hr'] == pytest.approx(75, abs=0.5)
    assert {'hr_source', 'spo2', 'resp_rate', 'quality'} <= vitals[9].keys()


def test_lines_stand_in_streaming_order(csv: Path, tmp_path: Path) -> None:
    _run(csv, tmp_path / 'out.jsonl')
    times = [line.get('t_known', line.get('t')) for line in _lines(tmp_path / 'out.jsonl')[1:]]
    assert times == sorted(times)


def test_an_asystole_is_an_event_line(ecg: Any, tmp_path: Path) -> None:
    csv = _csv(tmp_path / 'a.csv', ecg(np.arange(0.5, 9.5, 0.8), 20))
    _run(csv, tmp_path / 'out.jsonl')
    events = [line for line in _lines(tmp_path / 'out.jsonl') if line['kind'] == 'event']
    assert [(e['name'], e['on']) for e in events] == [
        ('pause', True),
        ('asystole', True),
        ('pause', False),
    ]


def test_the_size_of_the_blocks_does_not_show(csv: Path) -> None:
    recording = open_recording(csv, rate_hz=250.0, unit='mV')
    assert list(analyze(recording, 7)) == list(analyze(recording, 5000))


def test_the_name_of_the_file_does_not_show(csv: Path, tmp_path: Path) -> None:
    other = tmp_path / 'asystole_false_alarm.csv'
    shutil.copy(csv, other)
    _run(csv, tmp_path / 'a.jsonl')
    _run(other, tmp_path / 'b.jsonl')
    assert (tmp_path / 'a.jsonl').read_bytes() == (tmp_path / 'b.jsonl').read_bytes()


def test_marks_and_comments_of_a_record_do_not_show(test_data: Path, tmp_path: Path) -> None:
    source, copy = test_data / 'data/ecg/cudb', tmp_path / 'cu01'
    header = (source / 'cu01.hea').read_text()
    copy.with_suffix('.hea').write_text(
        '\n'.join(line for line in header.splitlines() if not line.startswith('#')) + '\n'
    )
    shutil.copy(source / 'cu01.dat', copy.with_suffix('.dat'))
    outputs = []
    for record in (source / 'cu01', copy):
        assert main([str(record), '--jsonl', str(tmp_path / 'out.jsonl')]) == 0
        outputs.append((tmp_path / 'out.jsonl').read_bytes())
    assert outputs[0] == outputs[1]


def test_the_lead_can_be_chosen(test_data: Path, tmp_path: Path) -> None:
    record, out = str(test_data / 'data/ecg/cinc2015/a103l'), tmp_path / 'out.jsonl'
    assert main([record, '--lead', 'V', '--jsonl', str(out)]) == 0
    lines = _lines(out)
    assert lines[0]['leads'] == ['ecg_v']
    assert {line['lead'] for line in lines if line['kind'] == 'beat'} == {'ecg_v'}


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [
        (['nowhere/100'], 'nowhere/100'),
        (['{csv}', '--unit', 'mV'], 'rate'),
        (['{csv}', '--rate', '50', '--unit', 'mV'], '50 Hz'),
        (['{csv}', '--rate', '250', '--unit', 'mV', '--lead', 'V9'], 'V9'),
    ],
)
def test_bad_input_ends_with_2_cause_and_cure(
    csv: Path, tmp_path: Path, capsys: Any, arguments: list[str], words: str
) -> None:
    out = tmp_path / 'out.jsonl'
    command = [a.format(csv=csv) for a in arguments]
    assert main([*command, '--jsonl', str(out)]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert 'Cure: ' in said
    assert not out.exists()


def test_a_recording_without_ecg_is_refused(tmp_path: Path, capsys: Any) -> None:
    csv = _csv(tmp_path / 'p.csv', np.zeros(2500), 'pleth')
    assert main([str(csv), '--rate', '250', '--jsonl', str(tmp_path / 'o')]) == 2
    assert 'no ECG lead' in capsys.readouterr().err


def test_an_output_that_cannot_be_written_is_refused(csv: Path, capsys: Any) -> None:
    assert _run(csv, Path('/nowhere/out.jsonl')) == 2
    assert '/nowhere/out.jsonl' in capsys.readouterr().err
