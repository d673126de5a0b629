# SPDX-License-Identifier: Apache-2.0
"""A made-up install prefix, and launch files written by the tests."""

from collections.abc import Callable
from pathlib import Path

import pytest
from care_launch.evaluate import evaluate
from care_launch.plan import Plan


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """Return an install prefix with package `demo`, its executable `talker` and a params file."""
    root = tmp_path / 'prefix'
    for folder in ('share/ament_index/resource_index/packages', 'share/demo', 'lib/demo'):
        (root / folder).mkdir(parents=True)
    (root / 'share/ament_index/resource_index/packages/demo').touch()
    (root / 'share/demo/demo.yaml').write_text('/**:\n  ros__parameters:\n    rate: 5\n')
    talker = root / 'lib/demo/talker'
    talker.write_text('#!/bin/sh\necho talker "$@"\n')
    talker.chmod(0o755)
    return root


@pytest.fixture
def environment(prefix: Path) -> dict[str, str]:
    return {'AMENT_PREFIX_PATH': str(prefix), 'PATH': '/usr/bin:/bin', 'WARD_NAME': 'west'}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a launch file from the elements inside of <launch>."""

    def write_file(body: str, name: str = 'main.launch.xml') -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'<launch>\n{body}\n</launch>\n')
        return path

    return write_file


@pytest.fixture
def plan_of(write: Callable[..., Path], environment: dict[str, str]) -> Callable[..., Plan]:
    """Return a function that evaluates the elements inside of <launch>."""

    def evaluate_body(body: str, **arguments: str) -> Plan:
        return evaluate(write(body), arguments, environment)

    return evaluate_body
