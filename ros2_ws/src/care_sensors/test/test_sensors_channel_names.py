# SPDX-License-Identifier: Apache-2.0
"""Names and units of channels."""

import pytest
from care_sensors.channel_names import ward_name, ward_names, ward_unit


@pytest.mark.parametrize(
    ('source', 'name'),
    [
        ('MLII', 'ecg_ii'), ('II', 'ecg_ii'), ('ECG II', 'ecg_ii'), ('ECG lead II', 'ecg_ii'),
        ('Lead I', 'ecg_i'), ('V1', 'ecg_v1'), ('V', 'ecg_v'), ('V5', 'ecg_v5'),
        (' AVR', 'ecg_avr'),
        ('aVF', 'ecg_avf'), ('ECG', 'ecg'), ('PLETH', 'pleth_ir'), ('pleth_red', 'pleth_red'),
        ('RESP', 'resp'), ('ecg_v1', 'ecg_v1'), ('ABP', 'abp'), ('CO2 (mmHg)', 'co2_mmhg'),
        ('', 'channel'), ('*', 'channel'),
    ],
)  # fmt: skip
def test_signals_get_the_name_of_the_ward(source, name):
    assert ward_name(source) == name


def test_two_signals_of_one_name_stay_apart():
    assert ward_names(['II', 'MLII', 'V', 'ECG II']) == ['ecg_ii', 'ecg_ii_2', 'ecg_v', 'ecg_ii_3']


@pytest.mark.parametrize(
    ('source', 'unit'),
    [
        ('mV', ('mV', 1.0)), ('uV', ('mV', 1e-3)), ('V', ('mV', 1000.0)), ('NU', ('{NU}', 1.0)),
        ('', ('{NU}', 1.0)), ('mmHg', ('mm[Hg]', 1.0)), ('Ohm', ('Ohm', 1.0)),
    ],
)  # fmt: skip
def test_units_become_ucum(source, unit):
    assert ward_unit(source) == unit
