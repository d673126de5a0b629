# SPDX-License-Identifier: Apache-2.0
"""Keeps test processes apart: each has its own ROS domain, on this machine only."""

import fcntl
import os
import tempfile
from pathlib import Path
from typing import IO

import pytest
from hypothesis import HealthCheck, settings


def _claim_domain() -> tuple[int, IO[str]]:
    """Return a ROS domain that no other test process has, and the lock that says so.

    Ids 100..199: below the range where Linux hands out ports of its own.
    """
    for attempt in range(100):
        domain = 100 + (os.getpid() + attempt) % 100
        lock = (Path(tempfile.gettempdir()) / f'nightingale_domain_{domain}.lock').open('w')
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
        else:
            return domain, lock
    raise RuntimeError('100 test processes run on this machine: end some')


if 'ROS_DOMAIN_ID' not in os.environ:
    _domain, _domain_lock = _claim_domain()
    os.environ['ROS_DOMAIN_ID'] = str(_domain)
os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
# Else rclpy turns a wrong type in a field of a message into zero, without a word.
os.environ.setdefault('ROS_PYTHON_CHECK_FIELDS', '1')

# How long an example takes says something of the machine, nothing of the code.
settings.register_profile('unhurried', deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile('unhurried')


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
