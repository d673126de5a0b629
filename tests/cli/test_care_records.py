# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest
from care_cli.errors import CareError
from care_cli.records import check_record, parse_records

HEADER = """100 2 360 650000
100.dat 212 200 11 1024 995 -22131 0 MLII
100.dat 212 200 11 1024 1011 20052 0 V5
# 69 M
"""


@pytest.fixture
def record(tmp_path: Path) -> Path:
    (tmp_path / '100.hea').write_text(HEADER)
    (tmp_path / '100.dat').write_bytes(b'\0')
    return tmp_path / '100'


def test_a_record_is_found_without_its_extension(record):
    assert parse_records([f'3={record}'], [1, 2, 3]) == {3: str(record)}


def test_a_record_named_with_its_extension_is_understood(record):
    assert check_record(record.with_suffix('.hea')) == record


def test_a_relative_path_becomes_absolute(record, monkeypatch):
    monkeypatch.chdir(record.parent)
    assert check_record(Path('100')) == record


def test_a_missing_record_names_the_header_and_the_records_that_are_there(record):
    with pytest.raises(CareError) as caught:
        check_record(record.with_name('101'))
    assert 'there is no header 101.hea' in caught.value.cause
    assert caught.value.cure == 'records there: 100'
    assert caught.value.code == 2


def test_a_record_without_its_signal_file_names_that_file(record):
    record.with_suffix('.dat').unlink()
    with pytest.raises(CareError, match=r'signal file 100\.dat is missing'):
        check_record(record)


def test_a_header_that_is_cut_off_is_refused(record):
    record.with_suffix('.hea').write_text('\n'.join(HEADER.splitlines()[:2]))
    with pytest.raises(CareError, match='cut off: 1 of 2 signals'):
        check_record(record)


@pytest.mark.parametrize('content', ['', '# only a comment\n', '100\n', '100 two 360\n'])
def test_what_is_no_header_is_refused(record, content):
    record.with_suffix('.hea').write_text(content)
    with pytest.raises(CareError, match='is not a WFDB header'):
        check_record(record)


def test_a_missing_csv_file_is_refused(tmp_path):
    with pytest.raises(CareError, match='does not exist'):
        check_record(tmp_path / 'none.csv')


def test_options_after_a_question_mark_go_with_the_path(tmp_path):
    path = tmp_path / 'strip.csv'
    path.write_text('1\n2\n')
    record = parse_records([f'1={path}?rate=360&unit=mV'], [1])[1]
    assert str(record) == f'{path}?rate=360&unit=mV'


@pytest.mark.parametrize('text', ['100', '1=', '=100', 'one=100'])
def test_what_is_not_bed_and_path_is_refused_with_an_example(text):
    with pytest.raises(CareError, match='is not BED=PATH') as caught:
        parse_records([text], [1])
    assert './care up --record 1=' in caught.value.cure


def test_a_bed_that_does_not_exist_is_refused(record):
    with pytest.raises(CareError, match='there is no bed 5'):
        parse_records([f'5={record}'], [1, 2])


def test_two_records_for_one_bed_are_refused(record):
    with pytest.raises(CareError, match='names bed 1 twice'):
        parse_records([f'1={record}', f'1={record}'], [1])
