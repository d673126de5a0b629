# SPDX-License-Identifier: Apache-2.0
"""A real Chromium in the size of a ward tablet, for tests of the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect, sync_playwright
from ward_stack import PIN

_FLAGS = [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
]  # fmt: skip

# Five seconds, the default, are short for a busy machine. Deadlines that are behaviour say their
# own.
expect.set_options(timeout=20_000)


@contextmanager
def running_browser(chromium: str) -> Iterator[Browser]:
    """Run Chromium until the block ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def tablet_page(browser: Browser) -> Page:
    """Return an empty page of a tablet that nobody has used yet."""
    page = browser.new_context(viewport={'width': 1280, 'height': 800}, has_touch=True).new_page()
    page.set_default_timeout(60_000)
    return page


def log_in(page: Page, pin: str = PIN) -> None:
    """Choose the first user and type a PIN."""
    page.get_by_test_id('login-open').click()
    page.locator('[data-testid^=login-user-]').first.click()
    for digit in pin:
        page.get_by_test_id(f'login-key-{digit}').click()


def hold(page: Page, test_id: str) -> None:
    """Hold a button until it acts."""
    button = page.get_by_test_id(test_id)
    expect(button).to_be_enabled()
    box = button.bounding_box()
    assert box is not None
    page.mouse.move(box['x'] + box['width'] / 2, box['y'] + box['height'] / 2)
    page.mouse.down()
    page.wait_for_timeout(1000)
    page.wait_for_function('document.querySelector(".hold.held") === null')
    page.mouse.up()
