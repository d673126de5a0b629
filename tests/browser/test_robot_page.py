# SPDX-License-Identifier: Apache-2.0
"""What a nurse does with the robot: send it, stop it, release it, look through its camera."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from robot_drive import Driver, driving, near
from tablet_browser import log_in, running_browser, tablet_page
from ward_stack import REPOSITORY, Stack, running_stack

BED_3 = (5.0, -1.2)
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


def _hold(page: Page) -> None:
    button = page.get_by_test_id('confirm-hold')
    expect(button).to_be_enabled(timeout=10_000)
    box = button.bounding_box()
    assert box is not None
    page.mouse.move(box['x'] + box['width'] / 2, box['y'] + box['height'] / 2)
    page.mouse.down()
    page.wait_for_timeout(1100)
    page.mouse.up()


def _send_to_bed_3(page: Page) -> None:
    page.get_by_test_id('go-3').click()
    _hold(page)
    expect(page.get_by_test_id('task')).to_contain_text(
        re.compile('bed 3', re.IGNORECASE), timeout=10_000
    )


def test_stop_brings_the_robot_to_rest_and_only_a_release_frees_it(
    page: Page, driver: Driver
) -> None:
    expect(page.get_by_test_id('robot-state')).to_have_text(
        re.compile('ready', re.IGNORECASE), timeout=30_000
    )
    _send_to_bed_3(page)
    page.wait_for_timeout(2500)
    assert driver.speed() > 0.1
    page.get_by_test_id('stop').click()
    expect(page.get_by_test_id('stop-message')).to_contain_text(
        re.compile('stopped', re.IGNORECASE), timeout=5_000
    )
    expect(page.get_by_test_id('robot-state')).to_contain_text('STOPPED', timeout=5_000)
    page.wait_for_timeout(1500)
    assert driver.speed() < 0.01
    page.get_by_test_id('release').click()
    page.get_by_test_id('release-path-clear').click()
    page.get_by_test_id('release-confirm').click()
    expect(page.get_by_test_id('robot-state')).to_have_text(
        re.compile('ready', re.IGNORECASE), timeout=15_000
    )
    page.wait_for_timeout(1000)
    assert driver.speed() < 0.01, 'a release never starts motion'


def test_go_to_bed_3_drives_there_and_says_so(page: Page, driver: Driver) -> None:
    _send_to_bed_3(page)
    expect(page.get_by_test_id('task-result')).to_contain_text(
        re.compile('stands at bed 3', re.IGNORECASE), timeout=60_000
    )
    assert near(driver.at(), BED_3)
    picture = Path(os.environ.get('NIGHTINGALE_PICTURES', REPOSITORY / '.state')) / 'robot.png'
    picture.parent.mkdir(exist_ok=True)
    page.screenshot(path=str(picture))


def test_the_camera_view_shows_hidden_persons_only(page: Page) -> None:
    page.get_by_test_id('camera-open').click()
    expect(page.get_by_test_id('camera')).to_be_visible(timeout=15_000)
    picture = Path(os.environ.get('NIGHTINGALE_PICTURES', REPOSITORY / '.state')) / 'camera.png'
    page.screenshot(path=str(picture))
