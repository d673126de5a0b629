# SPDX-License-Identifier: Apache-2.0
"""Which recording plays at which bed, as one text.

``BED=PATH[?key=value&key=value]``, for example ``1=/data/mitdb/100``, ``2=/data/100?lead=MLII``
or ``3=strip.csv?rate=360&unit=mV&lead=MLII``. Keys:

lead: channels wanted, separated by commas; names the columns of a CSV file without header
rate: sampling rate in Hz, for a CSV file without a time column
unit: unit of the samples, for a CSV file whose header gives none
start: where to begin, in seconds from the beginning of the recording
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from care_sensors.recording import RecordError, Recording, open_recording

_KEYS = ('lead', 'rate', 'unit', 'start')
_FORM = 'write it as BED=PATH or BED=PATH?rate=360&unit=mV&lead=MLII'


@dataclass(frozen=True, slots=True)
class RecordSpec:
    """A recording and the bed that it plays at; see the module for the fields."""

    bed: int
    path: str
    leads: tuple[str, ...] = ()
    rate_hz: float | None = None
    unit: str | None = None
    start_s: float = 0.0

    def open(self) -> Recording:
        """Open the recording, or raise RecordError."""
        recording = open_recording(
            self.path, leads=self.leads or None, rate_hz=self.rate_hz, unit=self.unit
        )
        if self.start_s >= recording.duration_s:
            raise RecordError(
                f'{self.path} is {recording.duration_s:.1f} s long and cannot start at '
                f'{self.start_s:g} s',
                'give a start before its end',
            )
        return recording


def parse_record_spec(text: str) -> RecordSpec:
    """Return the specification that `text` says, or raise RecordError."""
    match = re.fullmatch(r'\s*(\d+)\s*=(.+?)\s*', text, re.DOTALL)
    if match is None:
        raise RecordError(f'{text!r} does not say which recording plays at which bed', _FORM)
    bed = int(match[1])
    if not 1 <= bed <= 255:
        raise RecordError(f'{text!r} names bed {bed}', 'beds are numbered from 1 to 255')
    path, options = _split(match[2].strip())
    unknown = sorted(set(options) - set(_KEYS))
    if unknown:
        raise RecordError(
            f'{text!r} has the unknown key {unknown[0]!r}', f'the keys are {", ".join(_KEYS)}'
        )
    leads = tuple(filter(None, (lead.strip() for lead in options.get('lead', '').split(','))))
    return RecordSpec(
        bed,
        path,
        leads,
        _number(text, 'rate', options.get('rate')),
        options.get('unit'),
        _start(text, options.get('start')),
    )


def _split(path: str) -> tuple[str, dict[str, str]]:
    """Split the options off; a question mark that no ``key=`` follows belongs to the path."""
    match = re.fullmatch(r'(.*?)\?(\w+=.*)', path, re.DOTALL)
    if match is None:
        return path, {}
    # A plus sign is a plus sign here, not a space.
    return match[1], dict(parse_qsl(match[2].replace('+', '%2B'), keep_blank_values=True))


def _start(text: str, start: str | None) -> float:
    seconds = _number(text, 'start', start) or 0.0
    if not 0.0 <= seconds < math.inf:
        raise RecordError(f'{text!r} gives the start {start!r}', 'give seconds from the beginning')
    return seconds


def _number(text: str, key: str, value: str | None) -> float | None:
    if value is None:
        return None
    try:
        return float(value)
    except ValueError:
        raise RecordError(
            f'{text!r} gives the {key} {value!r}, which is no number', _FORM
        ) from None
