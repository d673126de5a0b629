# SPDX-License-Identifier: Apache-2.0
"""Keeps test processes apart: each has its own ROS domain, on this machine only."""

import os
from pathlib import Path

import pytest

# Domain ids 100..199: below the range where Linux hands out ports of its own.
os.environ.setdefault('ROS_DOMAIN_ID', str(100 + os.getpid() % 100))
os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'


@pytest.fixture(scope='session')
def test_data() -> Path:
    """Return the folder of real recordings, pictures and models; skip where it is missing."""
    folder = Path(
        os.environ.get('NIGHTINGALE_TEST_DATA', Path(__file__).resolve().parent.parent / 'shared')
    )
    if not (folder / 'data').is_dir():
        pytest.skip(f'no test data in {folder}: set NIGHTINGALE_TEST_DATA')
    return folder


@pytest.fixture(scope='session')
def long_run() -> bool:
    """Tell whether the full counts are wanted (`./care test --long`)."""
    return os.environ.get('NIGHTINGALE_LONG') == '1'
