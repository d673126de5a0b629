# SPDX-License-Identifier: Apache-2.0
"""Command `care analyze`: what the monitor would say on a recording, line by line.

The recording is read in its own order and nothing but its samples is used.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from care_sensors.recording import RecordError, Recording, open_recording

from care_vitals.bed_monitor import HIGHEST_RATE_HZ, LOWEST_ECG_RATE_HZ, BedMonitor
from care_vitals.channels import ChannelChunk
from care_vitals.reports import (
    NOTICES,
    BeatReport,
    EventReport,
    Kind,
    Report,
    VitalsReport,
)

#: Version of the format of the lines.
FORMAT = 1
_BLOCK_S = 20


def analyze(recording: Recording, block_samples: int | None = None) -> Iterator[dict[str, Any]]:
    """Yield the lines of the analysis as JSON-ready dictionaries, in streaming order.

    Args:
        recording: An opened recording.
        block_samples: Samples fed at once; changes the speed only.

    Raises:
        RecordError: No ECG lead, or a sampling rate that the detectors are not made for.
    """
    names = _ecg_names(recording)
    order = ['ecg_ii', *names] if 'ecg_ii' in names else names
    monitor = BedMonitor(order, all_ecg=not any(n.startswith('ecg') for n in names))
    yield _meta(recording, names)
    index = 0
    for block in recording.blocks(block_samples or round(_BLOCK_S * recording.rate_hz)):
        chunks = [
            ChannelChunk(channel.name, recording.rate_hz, index, samples)
            for channel, samples in zip(recording.channels, block, strict=True)
        ]
        index += block.shape[1]
        for report in monitor.push(chunks):
            yield _line(report)


def _ecg_names(recording: Recording) -> list[str]:
    """Return the names of the ECG leads; a recording that names none has its voltages taken."""
    if not LOWEST_ECG_RATE_HZ <= recording.rate_hz <= HIGHEST_RATE_HZ:
        raise RecordError(
            f'{recording.name} is sampled at {recording.rate_hz:g} Hz',
            f'give a recording of {LOWEST_ECG_RATE_HZ:g} to {HIGHEST_RATE_HZ:g} Hz',
        )
    named = [c.name for c in recording.channels if c.name.startswith('ecg')]
    names = named or [c.name for c in recording.channels if c.unit == 'mV']
    if not names:
        held = ', '.join(c.source_name for c in recording.channels)
        raise RecordError(
            f'{recording.name} has no ECG lead, only: {held}',
            'name the ECG channel with --lead, and the unit of a CSV file with --unit mV',
        )
    return names


def _meta(recording: Recording, names: list[str]) -> dict[str, Any]:
    return {
        'kind': 'meta',
        'format': FORMAT,
        'rate_hz': recording.rate_hz,
        'samples': recording.length,
        'leads': names,
        'channels': [{'name': c.name, 'unit': c.unit} for c in recording.channels],
        'notices': list(NOTICES),
    }


def _line(report: Report) -> dict[str, Any]:
    if isinstance(report, BeatReport):
        return {
            'kind': 'beat',
            't': _round(report.t),
            'sample': report.sample,
            't_known': _round(report.known),
            'late': report.late,
            'class': 'U',
            'lead': report.channel,
            'rr': _round(report.interval),
        }
    if isinstance(report, EventReport):
        return {
            'kind': 'event',
            't': _round(report.t),
            'name': report.name,
            'on': report.on,
            'onset': _round(report.onset),
            'evidence': report.evidence,
        }
    return _vitals_line(report)


def _vitals_line(report: VitalsReport) -> dict[str, Any]:
    signs = {sign.kind: sign for sign in report.signs}
    heart, pulse = signs[Kind.HEART_RATE], signs[Kind.PULSE_RATE]
    return {
        'kind': 'vitals',
        't': _round(report.t),
        'hr': _round(heart.value),
        'hr_source': heart.source,
        'hr_reason': heart.reason.name,
        'hr_method': heart.method,
        'pulse_rate': _round(pulse.value),
        'pulse_reason': pulse.reason.name,
        'spo2': None,
        'resp_rate': None,
        'quality': {'hr': _round(heart.quality), 'pulse_rate': _round(pulse.quality)},
    }


def _round(value: float) -> float | None:
    """Return a number for JSON, to the microsecond; None for a blank."""
    return None if math.isnan(value) else round(value, 6)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog='care analyze',
        description='Beats, heart rate and events of a recording, in streaming order. '
        'Research and education, not a medical device.',
    )
    parser.add_argument('record', metavar='RECORD', help='WFDB record without suffix, or CSV file')
    parser.add_argument('--lead', action='append', metavar='NAME', help='lead to use; repeatable')
    parser.add_argument('--rate', type=float, metavar='HZ', help='sampling rate of a CSV file')
    parser.add_argument('--unit', metavar='U', help='unit of a CSV file, e.g. mV')
    parser.add_argument('--jsonl', required=True, metavar='FILE', help='output; - for stdout')
    return parser.parse_args(argv)


def _write(lines: Iterator[dict[str, Any]], first: dict[str, Any], out: TextIO) -> None:
    out.write(json.dumps(first) + '\n')
    for line in lines:
        out.write(json.dumps(line) + '\n')


def _run(arguments: argparse.Namespace) -> None:
    recording = open_recording(
        arguments.record, leads=arguments.lead, rate_hz=arguments.rate, unit=arguments.unit
    )
    lines = analyze(recording)
    # What can be refused is refused before the output file is touched.
    first = next(lines)
    if arguments.jsonl == '-':
        _write(lines, first, sys.stdout)
        return
    try:
        with Path(arguments.jsonl).open('w', encoding='utf-8') as out:
            _write(lines, first, out)
    except OSError as error:
        raise RecordError(
            f'cannot write {arguments.jsonl}: {error.strerror}', 'give another file with --jsonl'
        ) from error


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return 0, or 2 for bad input with cause and cure on stderr."""
    try:
        _run(_arguments(argv))
    except RecordError as error:
        print(f'care analyze: {error.cause}.\n  Cure: {error.cure}.', file=sys.stderr)
        return 2
    return 0


if __name__ == '__main__':
    sys.exit(main())
