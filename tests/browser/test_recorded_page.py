# SPDX-License-Identifier: Apache-2.0
"""Real recordings on the page: marked RECORDED, with the right heart rate and the right alarm."""

import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import wfdb
from care_msgs.msg import Waveform
from care_node import graph
from care_node.testing import Probe, probing
from numpy.typing import NDArray
from playwright.sync_api import Page, expect
from tablet_browser import running_browser, tablet_page
from ward_stack import running_stack, wait_for

_BEATS = set('NLRBAaJSVrFejnE/fQ?')
#: Known this long after the R peak [s]; the reference is given the same time.
_KNOWN_AFTER_S = 0.4
#: How much longer a busy machine may look at the page [s].
_BUSY_S = 60.0


@pytest.fixture(scope='module')
def page(chromium: str) -> Iterator[Page]:
    with running_browser(chromium) as browser:
        yield tablet_page(browser)


def _reference_beats(record: Path) -> NDArray[np.float64]:
    annotation = wfdb.rdann(str(record), 'atr')
    return np.array(
        [s for s, mark in zip(annotation.sample, annotation.symbol, strict=True) if mark in _BEATS]
    ) / float(annotation.fs)


def _reference_rate(beats: NDArray[np.float64], now: float) -> float | None:
    """Return the mean of 12 intervals, or of 4 when the last three exceed 1.2 s [/min]."""
    intervals = np.diff(beats[beats <= now - _KNOWN_AFTER_S])
    if len(intervals) < 3:
        return None
    last = intervals[-4:] if (intervals[-3:] > 1.2).all() else intervals[-12:]
    return 60.0 / float(last.mean())


def _stream_time(chunks: list[Waveform]) -> float:
    channel = chunks[-1].channels[0]
    return float((channel.first_index + len(channel.samples)) / channel.rate_hz)


def _shown(page: Page) -> int | None:
    text = page.get_by_test_id('hr-1').inner_text().strip()
    return int(text) if re.fullmatch(r'\d+', text) else None


def _errors(page: Page, probe: Probe, beats: NDArray[np.float64], until: float) -> list[float]:
    """Compare the shown rate twice a second with the reference from second 10 on.

    On a busy machine it takes longer until there is one for each second.
    """
    chunks: list[Waveform] = probe.collect(graph.WAVEFORM, bed=1)
    wait_for(lambda: chunks, 30, 'waveforms of bed 1')
    errors: list[float] = []
    while (now := _stream_time(chunks)) < until or (
        len(errors) <= until - 10 and now < until + _BUSY_S
    ):
        reference, shown = _reference_rate(beats, now), _shown(page)
        if now >= 10 and reference is not None and shown is not None:
            errors.append(abs(shown - reference))
        page.wait_for_timeout(500)
    return errors


@pytest.mark.parametrize('name', ['100', '119'])
def test_a_recorded_ecg_shows_its_heart_rate_within_5_bpm(
    page: Page, test_data: Path, tmp_path: Path, long_run: bool, name: str
) -> None:
    record = test_data / 'data/ecg/mitdb' / name
    until = 120.0 if long_run else 25.0
    with running_stack(tmp_path, records=f"['1={record}']", sim_beds='[2]') as stack:
        page.goto(stack.url)
        expect(page.get_by_test_id('origin-1')).to_contain_text('RECORDED', timeout=30_000)
        expect(page.get_by_test_id('origin-2')).to_contain_text('SIMULATED', timeout=30_000)
        with probing() as probe:
            errors = _errors(page, probe, _reference_beats(record), until)
    assert len(errors) > (until - 10)
    print(f'record {name}: median error {statistics.median(errors):.2f} /min, n {len(errors)}')
    assert statistics.median(errors) <= 5.0


def test_a_long_pause_of_record_232_raises_asystole_on_the_page(
    page: Page, test_data: Path, tmp_path: Path
) -> None:
    # The longest pause, 5.87 s, begins 1051.3 s into the record.
    record = f'{test_data / "data/ecg/mitdb/232"}?start=1035'
    with running_stack(tmp_path, records=f"['1={record}']", sim_beds='[2]') as stack:
        page.goto(stack.url)
        expect(page.get_by_test_id('alarm-1')).to_contain_text(
            re.compile('asystole', re.IGNORECASE), timeout=60_000
        )
        expect(page.get_by_test_id('alarm-strip')).to_contain_text(
            re.compile('asystole', re.IGNORECASE)
        )
