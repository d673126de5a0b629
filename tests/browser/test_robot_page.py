# SPDX-License-Identifier: Apache-2.0
"""What a nurse does with the robot: send it, stop it, release it, look through its camera."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from robot_drive import Driver, driving, near
from tablet_browser import hold, log_in, running_browser, tablet_page
from ward_stack import REPOSITORY, Stack, running_stack, wait_for

BED_3 = (5.0, -1.2)
#: Keeps all that the page says of the robot and of nodes that are missing.
_KEEP_WORDS = """() => {
  window.said ??= [];
  const note = () => {
    for (const what of ['banner', 'robot-state', 'robot-reason']) {
      const part = document.querySelector(`[data-testid=${what}]`);
      if (part && part.innerText !== window.said.at(-1)) window.said.push(part.innerText);
    }
  };
  window.keeping ??= new MutationObserver(note);
  const all = {subtree: true, childList: true, characterData: true};
  window.keeping.observe(document.body, all);
}"""
READY = re.compile('ready', re.IGNORECASE)


@pytest.fixture(scope='module')
def stack(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    arguments = {
        'camera': str(test_data / 'data/images'),
        'model': str(test_data / 'models/yolov8n-pose_480x640.onnx'),
    }
    with running_stack(tmp_path_factory.mktemp('robot_page'), **arguments) as running:
        yield running


@pytest.fixture(scope='module')
def driver(stack: Stack) -> Iterator[Driver]:
    with driving() as made:
        made.wait_ready()
        yield made


@pytest.fixture(scope='module')
def page(chromium: str, stack: Stack) -> Iterator[Page]:
    with running_browser(chromium) as browser:
        page = tablet_page(browser)
        page.goto(stack.url)
        expect(page.get_by_test_id('tile-1')).to_be_visible(timeout=30_000)
        log_in(page)
        expect(page.get_by_test_id('user-chip')).to_contain_text('Demo nurse')
        page.get_by_test_id('robot-open').click()
        yield page


def _send_to_bed_3(page: Page, driver: Driver) -> None:
    """Send the robot until it drives: a starved machine may end a task by a late heartbeat."""
    for _ in range(3):
        expect(page.get_by_test_id('robot-state')).to_have_text(READY, timeout=60_000)
        page.get_by_test_id('go-3').click()
        hold(page, 'confirm-hold')
        try:
            wait_for(lambda: driver.speed() > 0.1, 20, driver.says)
            break
        except AssertionError as why:
            print(f'{why}; the page says {page.get_by_test_id("task-result").inner_text()}')
            if page.get_by_test_id('question-close').count():
                page.get_by_test_id('question-close').click()
    expect(page.get_by_test_id('task')).to_contain_text(re.compile('bed 3', re.IGNORECASE))


def test_stop_brings_the_robot_to_rest_and_only_a_release_frees_it(
    page: Page, driver: Driver
) -> None:
    _send_to_bed_3(page, driver)
    clicked = time.monotonic()
    page.get_by_test_id('stop').click()
    # The deadline is 1.5 s; three times that for a noisy machine.
    driver.time_to_rest(clicked, 4.5)
    expect(page.get_by_test_id('stop-message')).to_contain_text(
        re.compile('stopped', re.IGNORECASE)
    )
    expect(page.get_by_test_id('robot-state')).to_contain_text('STOPPED')
    assert driver.speed() < 0.01
    page.get_by_test_id('release').click()
    page.get_by_test_id('release-path-clear').click()
    page.get_by_test_id('release-confirm').click()
    expect(page.get_by_test_id('robot-state')).to_have_text(READY, timeout=30_000)
    page.wait_for_timeout(1000)
    assert driver.speed() < 0.01, 'a release never starts motion'


def test_go_to_bed_3_drives_there_and_says_so(page: Page, driver: Driver) -> None:
    result = page.get_by_test_id('task-result')
    for _ in range(3):
        _send_to_bed_3(page, driver)
        expect(page.get_by_test_id('task')).to_have_count(0, timeout=60_000)
        if 'stands at bed 3' in result.inner_text():
            break
        print(f'the page says {result.inner_text()}')
    expect(result).to_contain_text('stands at bed 3')
    assert near(driver.at(), BED_3)
    picture = Path(os.environ.get('NIGHTINGALE_PICTURES', REPOSITORY / '.state')) / 'robot.png'
    picture.parent.mkdir(exist_ok=True)
    page.screenshot(path=str(picture))


def test_the_camera_view_shows_hidden_persons_only(page: Page) -> None:
    page.get_by_test_id('camera-open').click()
    expect(page.get_by_test_id('camera')).to_be_visible()
    picture = Path(os.environ.get('NIGHTINGALE_PICTURES', REPOSITORY / '.state')) / 'camera.png'
    page.screenshot(path=str(picture))


@pytest.mark.parametrize(
    ('executable', 'words'),
    [
        ('tasks_node', 'ROBOT TASKS NOT RUNNING|/tasks'),
        ('peripherals_node', 'ROBOT BOARD NOT RUNNING|/peripherals'),
        ('control_node', 'ROBOT CONTROL NOT RUNNING|old'),
    ],
)
def test_the_page_names_a_node_that_dies_while_the_robot_drives(
    page: Page, stack: Stack, driver: Driver, executable: str, words: str
) -> None:
    driver.begin('return' if driver.at()[0] > 2.5 else 'go_to_bed', 3)
    page.evaluate(_KEEP_WORDS)
    page.evaluate('window.said.length = 0')
    killed = time.monotonic()
    stack.kill(executable)
    page.wait_for_function(
        '(words) => window.said.some((text) => new RegExp(words).test(text))',
        arg=words, timeout=9_000,  # the deadline is 3 s; three times that for a noisy machine
    )  # fmt: skip
    print(f'{executable}: on the page after {time.monotonic() - killed:.1f} s')
    expect(page.get_by_test_id('robot-state')).to_have_text(READY, timeout=60_000)
    if executable == 'control_node':
        # Its odometry began anew: a person has to say where the robot stands.
        expect(page.get_by_test_id('at-home')).to_be_visible()
