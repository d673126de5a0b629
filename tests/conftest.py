# SPDX-License-Identifier: Apache-2.0
"""What tests that cross packages share."""

import shutil

import pytest


@pytest.fixture(scope='session')
def chromium() -> str:
    """Return the path of Chromium; skip where it is not installed."""
    for name in ('chromium', 'chromium-browser', 'google-chrome'):
        path = shutil.which(name)
        if path:
            return path
    pytest.skip('no Chromium: apt-get install chromium')
