# SPDX-License-Identifier: Apache-2.0
"""Which recording plays at which bed."""

import pytest
from care_sensors.record_spec import RecordSpec, parse_record_spec
from care_sensors.recording import RecordError


@pytest.mark.parametrize(
    ('text', 'spec'),
    [
        ('1=/data/mitdb/100', RecordSpec(1, '/data/mitdb/100')),
        (' 12 = a b/100 ', RecordSpec(12, 'a b/100')),
        ('2=x.csv?rate=360&unit=mV&lead=MLII', RecordSpec(2, 'x.csv', ('MLII',), 360.0, 'mV')),
        ('2=100?start=940.5', RecordSpec(2, '100', start_s=940.5)),
        ('2=100?lead=MLII,V5', RecordSpec(2, '100', ('MLII', 'V5'))),
        ('2=what?/100', RecordSpec(2, 'what?/100')),
        ('2=a=b/100', RecordSpec(2, 'a=b/100')),
        ('2=x.csv?unit=%7BNU%7D', RecordSpec(2, 'x.csv', unit='{NU}')),
    ],
)
def test_a_text_says_bed_path_and_options(text, spec):
    assert parse_record_spec(text) == spec


@pytest.mark.parametrize(
    ('text', 'cause'),
    [
        ('/data/100', 'does not say'), ('1=', 'does not say'), ('one=100', 'does not say'),
        ('0=100', 'bed 0'), ('256=100', 'bed 256'), ('1=x.csv?rte=360', "'rte'"),
        ('1=x.csv?rate=fast', "'fast'"), ('1=100?start=-1', "'-1'"),
        ('1=100?start=nan', "'nan'"),
    ],
)  # fmt: skip
def test_a_text_that_makes_no_sense_is_refused(text, cause):
    with pytest.raises(RecordError, match=cause):
        parse_record_spec(text)


def test_a_start_behind_the_end_is_refused(tmp_path):
    file = tmp_path / 'x.csv'
    file.write_text('1\n2\n3\n')
    with pytest.raises(RecordError, match='cannot start at 5 s'):
        parse_record_spec(f'1={file}?rate=1&unit=mV&lead=MLII&start=5').open()
