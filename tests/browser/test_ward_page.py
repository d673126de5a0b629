# SPDX-License-Identifier: Apache-2.0
"""What a nurse sees: real Chromium on the page of a running stack."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tablet_browser import log_in, running_browser, tablet_page
from ward_stack import PIN, REPOSITORY, Stack, running_stack, wait_for

_ALL_GOT = """([before, more]) => [1, 2, 3, 4].every((bed) =>
    window.careDebug.samplesReceived[bed].ecg_ii >= before[bed].ecg_ii + more)"""


@pytest.fixture(scope='module')
def browser(chromium: str) -> Iterator[Browser]:
    with running_browser(chromium) as browser:
        yield browser


@pytest.fixture(scope='module')
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp('page')) as running:
        yield running


@pytest.fixture
def page(browser: Browser, stack: Stack) -> Iterator[Page]:
    page = tablet_page(browser)
    page.goto(stack.url)
    expect(page.get_by_test_id('tile-1')).to_be_visible(timeout=30_000)
    yield page
    page.context.close()


def _rate(page: Page, bed: int) -> int | None:
    text = page.get_by_test_id(f'hr-{bed}').inner_text().strip()
    return int(text) if re.fullmatch(r'\d+', text) else None


def _press_until(page: Page, button: str, value: str, wanted: int) -> None:
    for _ in range(40):
        shown = int(re.sub(r'\D', '', page.get_by_test_id(value).inner_text()))
        if shown == wanted:
            return
        page.get_by_test_id(button).click()
    raise AssertionError(f'{value} never showed {wanted}')


def test_four_simulated_beds_sweep_with_rate_origin_and_limits(page: Page) -> None:
    for bed in (1, 2, 3, 4):
        expect(page.get_by_test_id(f'origin-{bed}')).to_contain_text('SIMULATED', timeout=30_000)
        expect(page.get_by_test_id(f'hr-{bed}')).to_have_text(re.compile(r'^\d+$'), timeout=30_000)
        expect(page.get_by_test_id(f'limits-{bed}')).to_contain_text('120')
        expect(page.get_by_test_id(f'tile-{bed}')).to_contain_text('NO ARRHYTHMIA DETECTION')
        expect(page.get_by_test_id(f'sweep-{bed}')).to_be_visible()
    before = page.evaluate('window.careDebug')
    # Four seconds of 250 Hz; three times that for a noisy machine.
    page.wait_for_function(_ALL_GOT, arg=[before['samplesReceived'], 1000], timeout=12_000)
    after = page.evaluate('window.careDebug')
    assert (after['gaps'], after['doubles']) == (before['gaps'], 0)
    # A busy machine lets no page draw at any time; in a quiet moment this one does.
    page.wait_for_function('window.careDebug.fps >= 20', timeout=60_000)


def test_the_picture_of_the_readme(page: Page) -> None:
    page.wait_for_timeout(12_000)
    picture = Path(os.environ.get('NIGHTINGALE_PICTURES', REPOSITORY / '.state')) / 'ward.png'
    picture.parent.mkdir(exist_ok=True)
    page.screenshot(path=str(picture))
    assert picture.stat().st_size > 20_000


def test_a_wrong_pin_says_how_many_tries_are_left(page: Page) -> None:
    log_in(page, '000000' if PIN != '000000' else '111111')
    expect(page.get_by_test_id('login-message')).to_contain_text('tries left')
    page.get_by_test_id('login-close').click()
    expect(page.get_by_test_id('tile-1')).to_be_visible()


def test_a_limit_set_on_the_page_raises_its_alarm_and_is_acknowledged_there(page: Page) -> None:
    log_in(page)
    expect(page.get_by_test_id('user-chip')).to_contain_text('Demo nurse')
    wait_for(lambda: _rate(page, 2), 30, 'a heart rate at bed 2')
    page.get_by_test_id('tile-2').click()
    page.get_by_test_id('limits-open').click()
    # Bed 2's rate lies well above 50 and below 120: a high limit of 55 must alarm.
    _press_until(page, 'limit-high-minus', 'limit-high-value', 55)
    page.get_by_test_id('limits-save').click()
    expect(page.get_by_test_id('ack-hr_high')).to_be_visible(timeout=30_000)
    expect(page.get_by_test_id('alarm-strip')).to_contain_text('55')
    page.get_by_test_id('ack-hr_high').click()
    page.get_by_test_id('back').click()
    expect(page.get_by_test_id('alarm-2')).to_contain_text('Demo nurse')


@pytest.mark.parametrize('executable', ['vitals_node', 'alarms_node'])
def test_a_killed_node_is_shown_within_3_s_and_comes_back_within_10_s(
    page: Page, stack: Stack, executable: str
) -> None:
    banner = page.get_by_test_id('banner')
    wait_for(lambda: banner.count() == 0 or not banner.is_visible(), 40, 'a page without fault')
    killed = time.monotonic()
    stack.kill(executable)
    # Deadlines are 3 s and 10 s; three times that for a noisy machine.
    expect(banner).to_contain_text('NOT RUNNING', timeout=9_000)
    shown = time.monotonic() - killed
    expect(banner).not_to_be_visible(timeout=30_000)
    print(f'{executable}: shown after {shown:.1f} s, back after {time.monotonic() - killed:.1f} s')


def test_a_cut_link_is_shown_and_heals_without_a_gap_or_doubling(page: Page) -> None:
    before = _once_frames(page, 10)
    page.context.set_offline(True)
    page.evaluate('window.dispatchEvent(new Event("offline"))')
    page.wait_for_timeout(500)
    page.context.set_offline(False)
    after = _once_frames(page, before['framesReceived'] + 100)
    assert after['doubles'] == 0
    assert after['gaps'] == before['gaps']


def _once_frames(page: Page, frames: int) -> dict[str, Any]:
    """Wait until the page has got so many frames; return its counters."""
    page.wait_for_function('wanted => window.careDebug.framesReceived >= wanted', arg=frames)
    counters: dict[str, Any] = page.evaluate('window.careDebug')
    return counters
