# SPDX-License-Identifier: Apache-2.0
"""Names and units of channels: from what recordings call them to what the ward calls them.

ROS topics carry one vocabulary (``ecg_ii``, ``ecg_v1``, ``pleth_ir``, ``resp``) and UCUM units,
whatever a recording says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

# Without calibration there is no unit; UCUM writes such a quantity in braces.
ARBITRARY_UNIT = '{NU}'

_LIMB_LEADS = {
    'i': 'ecg_i',
    'mli': 'ecg_i',
    'ii': 'ecg_ii',
    'mlii': 'ecg_ii',
    'iii': 'ecg_iii',
    'mliii': 'ecg_iii',
    'avr': 'ecg_avr',
    'avl': 'ecg_avl',
    'avf': 'ecg_avf',
}
_CHEST_LEADS = {lead: f'ecg_{lead}' for lead in ('v', 'v1', 'v2', 'v3', 'v4', 'v5', 'v6')}
_OTHERS = {
    '': 'ecg',
    'ecg': 'ecg',
    'pleth': 'pleth_ir',
    'ppg': 'pleth_ir',
    'pleth_ir': 'pleth_ir',
    'ir': 'pleth_ir',
    'pleth_red': 'pleth_red',
    'red': 'pleth_red',
    'resp': 'resp',
    'respiration': 'resp',
    'imp': 'resp',
    'impedance': 'resp',
}
_NAMES = _LIMB_LEADS | _CHEST_LEADS | _OTHERS

_UNITS = {
    '': ARBITRARY_UNIT,
    'nu': ARBITRARY_UNIT,
    '{nu}': ARBITRARY_UNIT,
    'adu': ARBITRARY_UNIT,
    'mmhg': 'mm[Hg]',
    'mm[hg]': 'mm[Hg]',
    'bpm': '/min',
    '/min': '/min',
    'degc': 'Cel',
    'c': 'Cel',
    'cel': 'Cel',
    '%': '%',
}
# Case matters: mV is a thousandth, MV a million.
_VOLTS_IN_MILLIVOLTS = {'V': 1000.0, 'mV': 1.0, 'uV': 1e-3, 'µV': 1e-3, 'nV': 1e-6}


def clean(name: str) -> str:
    """Return `name` in lower case with everything but letters and digits as single underscores."""
    return re.sub(r'[^a-z0-9]+', '_', name.lower()).strip('_')


def ward_name(source_name: str) -> str:
    """Return the ward's name of a signal that a recording calls `source_name`.

    An unknown name is only cleaned; a name with nothing to clean becomes ``channel``.
    """
    cleaned = clean(source_name)
    bare = re.sub(r'^(ecg|ekg)_?', '', re.sub(r'^lead_', '', cleaned))
    bare = re.sub(r'^lead_?(?=[iva])', '', bare)
    if not cleaned:
        return 'channel'
    return _NAMES.get(bare, _NAMES.get(cleaned, cleaned))


def ward_names(source_names: Iterable[str]) -> list[str]:
    """Return the ward's names of several signals; the second of the same name ends in ``_2``."""
    names: list[str] = []
    for source_name in source_names:
        name = ward_name(source_name)
        count = sum(1 for taken in names if re.fullmatch(rf'{re.escape(name)}(_\d+)?', taken))
        names.append(name if name not in names else f'{name}_{count + 1}')
    return names


def ward_unit(unit: str) -> tuple[str, float]:
    """Return the UCUM unit for `unit` and the factor to it; every voltage becomes mV."""
    stripped = unit.strip()
    if stripped in _VOLTS_IN_MILLIVOLTS:
        return 'mV', _VOLTS_IN_MILLIVOLTS[stripped]
    return _UNITS.get(stripped.lower(), stripped), 1.0


def find_leads(wanted: Sequence[str], source_names: Sequence[str]) -> list[int | None]:
    """Return the position of each wanted lead in `source_names`, None where it is missing.

    A lead may be called as the recording does (``MLII``) or as the ward does (``ecg_ii``); case
    does not matter. The first signal that fits is taken.
    """
    names = ward_names(source_names)
    exact = [name.strip().lower() for name in source_names]

    def position(lead: str) -> int | None:
        for candidates, key in (
            (exact, lead.strip().lower()),
            (names, clean(lead)),
            (names, ward_name(lead)),
        ):
            if key in candidates:
                return candidates.index(key)
        return None

    return [position(lead) for lead in wanted]
