# SPDX-License-Identifier: Apache-2.0
"""Recordings as CSV files: one column a signal, one row a sample.

Understood: with or without a header line; comma, semicolon, tab or spaces between the columns; a
column of times (``Time [s]``), from which the rate is taken; units in the header (``II [mV]``);
empty cells, ``nan``, ``NA`` and ``-`` as missing samples; lines that begin with ``#``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from care_sensors.channel_names import ARBITRARY_UNIT, ward_names, ward_unit
from care_sensors.recording import (
    DEFAULT_BLOCK_SAMPLES,
    Channel,
    RecordError,
    Recording,
    choose_channels,
)

# Cells up to this row are checked before the first sample is used; later ones when they are read.
ROWS_CHECKED_AT_OPEN = 1_000_000
_MISSING = {'', 'nan', 'na', 'n/a', 'null', 'none', '-', '--'}
_TIME_FACTORS = {'s': 1.0, 'sec': 1.0, 'seconds': 1.0, '': 1.0, 'ms': 1e-3, 'us': 1e-6}
# Some exports carry the rate in the first cell of a column of its own: no signal.
_RATE_COLUMN = re.compile(r'^(sampling|sample)[ _]?(freq|rate)')
_RATE_TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class _Layout:
    """What the first lines of a CSV file tell.

    delimiter: None for any run of spaces
    first_line: number of the first line with samples, from 1
    names, units: of all columns; a name may be empty
    time_column: position, None when there is none; time_factor makes seconds of it
    signals: positions of the columns that hold signals
    """

    delimiter: str | None
    first_line: int
    names: list[str]
    units: list[str]
    time_column: int | None
    time_factor: float
    signals: list[int]


class CsvRecording(Recording):
    """A CSV file, read in blocks. Raises RecordError for whatever keeps it from being read."""

    def __init__(
        self,
        path: Path,
        *,
        leads: Sequence[str] | None = None,
        rate_hz: float | None = None,
        unit: str | None = None,
    ) -> None:
        self._path = path
        self._layout = layout = _read_layout(path, leads)
        self.name = path.stem
        source_names = [layout.names[column] for column in layout.signals]
        chosen = choose_channels(path, source_names, leads)
        self._columns = [layout.signals[row] for row in chosen]
        names = ward_names(source_names)
        units = [
            ward_unit(layout.units[self._columns[i]] or _unit_for(names[row], unit))
            for i, row in enumerate(chosen)
        ]
        self._factors = np.array([[factor] for _, factor in units])
        self.rate_hz = self._rate(rate_hz)
        self.length = self._check_rows()
        self.channels = tuple(
            Channel(names[row], ucum, self.rate_hz, source_names[row])
            for row, (ucum, _) in zip(chosen, units, strict=True)
        )

    def blocks(self, block_samples: int = DEFAULT_BLOCK_SAMPLES) -> Iterator[NDArray[np.float64]]:
        """Yield all samples; see Recording.blocks."""
        for rows in self._row_blocks(self._columns, block_samples):
            yield rows.T * self._factors

    def _rate(self, given: float | None) -> float:
        """Return the sampling rate given or taken from the time column, [Hz]."""
        if self._layout.time_column is None:
            if given is None:
                raise RecordError(
                    f'{self._path} does not say its sampling rate', 'give the rate, e.g. rate=360'
                )
            return given
        times = next(self._row_blocks([self._layout.time_column], 10_000))[:, 0]
        seconds = times * self._layout.time_factor
        steps = np.diff(seconds)
        if steps.size == 0 or not np.all(np.isfinite(steps)) or np.any(steps <= 0):
            if given is not None:
                return given
            raise RecordError(
                f'the time column of {self._path} does not rise from row to row',
                'correct it or give the rate, e.g. rate=360',
            )
        measured = steps.size / float(seconds[-1] - seconds[0])
        if given is not None and abs(given / measured - 1) > _RATE_TOLERANCE:
            raise RecordError(
                f'a rate of {given:g} Hz is given for {self._path}, but its time '
                f'column says {measured:g} Hz',
                'leave the rate out or correct it',
            )
        return given if given is not None else _plain(measured)

    def _check_rows(self) -> int:
        """Return the number of rows, after looking at the cells of the first ones."""
        rows = 0
        for block in self._row_blocks(self._columns, 8192):
            rows += len(block)
            if rows >= ROWS_CHECKED_AT_OPEN:
                rows = sum(1 for _ in self._lines())
                break
        if rows == 0:
            raise RecordError(f'{self._path} holds no sample', 'choose another file')
        return rows

    def _lines(self) -> Iterator[tuple[int, str]]:
        """Yield number and text of each line that holds samples."""
        with _open(self._path) as file:
            for number, line in enumerate(file, 1):
                if number >= self._layout.first_line and line.strip() and line[0] != '#':
                    yield number, line

    def _row_blocks(self, columns: list[int], rows: int) -> Iterator[NDArray[np.float64]]:
        """Yield blocks of shape (at most `rows`, len(columns))."""
        lines = self._lines()
        try:
            while piece := list(islice(lines, rows)):
                yield self._parse(piece, columns)
        except (OSError, UnicodeDecodeError) as error:
            raise RecordError(
                f'{self._path} cannot be read: {error}', 'save it as plain UTF-8 text'
            ) from error

    def _parse(self, piece: list[tuple[int, str]], columns: list[int]) -> NDArray[np.float64]:
        try:
            return np.loadtxt(
                [line for _, line in piece],
                delimiter=self._layout.delimiter,
                usecols=columns,
                ndmin=2,
                comments=None,
            )
        except (ValueError, IndexError):  # a missing or a bad cell: look at each one
            return np.array([self._row(number, line, columns) for number, line in piece])

    def _row(self, number: int, line: str, columns: list[int]) -> list[float]:
        cells = line.rstrip('\r\n').split(self._layout.delimiter)
        if len(cells) <= max(columns):
            raise RecordError(
                f'line {number} of {self._path} has {len(cells)} columns instead of '
                f'{len(self._layout.names)}',
                'correct the line; is the file cut off?',
            )
        return [self._value(number, column, cells[column]) for column in columns]

    def _value(self, number: int, column: int, cell: str) -> float:
        text = cell.strip().strip('"').lower()
        if text in _MISSING:
            return float('nan')
        try:
            return float(text)
        except ValueError:
            raise RecordError(
                f'line {number} of {self._path} has {cell.strip()!r} in column {column + 1}, '
                'which is no number',
                'correct the cell or leave it empty',
            ) from None


def _open(path: Path) -> TextIO:
    return path.open(encoding='utf-8-sig', newline=None)


def _read_layout(path: Path, leads: Sequence[str] | None) -> _Layout:
    """Return what the first lines of the file tell, or raise RecordError."""
    if not path.is_file():
        raise RecordError(f'there is no file {path}', 'check the path')
    try:
        with _open(path) as file:
            found = next(
                (
                    (number, line)
                    for number, line in enumerate(file, 1)
                    if line.strip() and line[0] != '#'
                ),
                None,
            )
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(
            f'{path} cannot be read: {error}', 'save it as plain UTF-8 text'
        ) from error
    if found is None:
        raise RecordError(f'{path} is empty', 'choose another file')
    number, line = found
    delimiter = next((mark for mark in (',', ';', '\t') if mark in line), None)
    cells = [cell.strip().strip('"').strip() for cell in line.rstrip('\r\n').split(delimiter)]
    if all(_is_number(cell) for cell in cells):
        return _without_header(path, delimiter, number, len(cells), leads)
    return _with_header(delimiter, number, cells)


def _without_header(
    path: Path, delimiter: str | None, number: int, columns: int, leads: Sequence[str] | None
) -> _Layout:
    if leads and len(leads) != columns:
        raise RecordError(
            f'{len(leads)} leads are named, but {path} has {columns} columns and no header',
            'name one lead a column',
        )
    unnamed = ['ecg'] if columns == 1 else [f'channel {i}' for i in range(1, columns + 1)]
    return _Layout(
        delimiter,
        number,
        list(leads) if leads else unnamed,
        [''] * columns,
        None,
        1.0,
        list(range(columns)),
    )


def _with_header(delimiter: str | None, number: int, cells: list[str]) -> _Layout:
    names, units = [], []
    for cell in cells:
        name, unit = _name_and_unit(cell)
        names.append(name)
        units.append(unit)
    lower = [name.lower() for name in names]
    time_column = next((i for i, name in enumerate(lower) if name in ('time', 't')), None)
    factor = 1.0 if time_column is None else _TIME_FACTORS.get(units[time_column].lower(), 1.0)
    signals = [
        i for i, name in enumerate(lower) if i != time_column and not _RATE_COLUMN.match(name)
    ]
    return _Layout(delimiter, number + 1, names, units, time_column, factor, signals)


def _name_and_unit(cell: str) -> tuple[str, str]:
    """Split ``II [mV]`` or ``II (mV)`` into name and unit."""
    match = re.fullmatch(r'(.*?)\s*[\[(]([^\])]*)[\])]', cell)
    return (match[1].strip(), match[2].strip()) if match else (cell, '')


def _unit_for(name: str, given: str | None) -> str:
    """Return the unit given, but not for what an ECG shares its file with."""
    return ARBITRARY_UNIT if given is None or name.startswith(('pleth', 'resp')) else given


def _is_number(cell: str) -> bool:
    if cell.lower() in _MISSING:
        return True
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _plain(rate: float) -> float:
    """Round a measured rate to the nearest plain one: printed times carry few digits."""
    return float(round(rate)) if abs(rate - round(rate)) < 1e-3 * rate else rate
