# SPDX-License-Identifier: Apache-2.0
"""The control thread in steady state: no heap, no locks, no page faults, every miss counted."""

from __future__ import annotations

import itertools
import subprocess
import time
from collections.abc import Iterator

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('tf2_msgs.msg', reason='the workspace is not built')

from care_node.testing import wait_until
from control_process import ALONE, Robot, control
from thread_probe import ThreadProbe, thread_probe

SETTLE_SECONDS = 3.0


@pytest.fixture(scope='module')
def probe() -> Iterator[ThreadProbe]:
    try:
        with thread_probe() as made:
            yield made
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f'no compiler for the probe: {error}')


@pytest.fixture(scope='module')
def robot(probe: ThreadProbe) -> Iterator[Robot]:
    with control(ALONE, environment=probe.environment()) as robot:
        wait_until(probe.running, 10, 'the control thread')
        time.sleep(SETTLE_SECONDS)
        yield robot


def test_the_control_thread_neither_allocates_nor_locks_nor_faults(
    robot: Robot, probe: ThreadProbe, long_run: bool
) -> None:
    wanted = 60_000 if long_run else 3_000
    before = probe.counts(robot.process.pid)
    with robot.commanding(0.4):
        wait_until(
            lambda: probe.counts(robot.process.pid).since(before).wakes >= wanted,
            3 * wanted / 1000 + 30,
            f'{wanted} cycles',
        )
    counts = probe.counts(robot.process.pid).since(before)
    print(counts)
    assert counts.allocations == 0
    assert counts.locks == 0
    wait_until(lambda: robot.line('control loop'), 5, 'diagnostics')
    if 'memory is not locked' not in robot.line('control loop').message:
        assert counts.page_faults == 0


def test_the_middleware_does_not_allocate_more_with_time(
    robot: Robot, probe: ThreadProbe, long_run: bool
) -> None:
    seconds = 30.0 if long_run else 2.0

    def rate() -> float:
        """Allocations of all other threads for each cycle of the control thread."""
        pid = robot.process.pid
        others, control_thread = probe.counts_of_others(pid), probe.counts(pid)
        time.sleep(seconds)
        done = probe.counts_of_others(pid).since(others).allocations
        return done / probe.counts(pid).since(control_thread).wakes

    with robot.commanding(0.4):
        time.sleep(1.0)
        rates = [rate() for _ in range(3)]
    print('allocations a cycle', [round(one, 2) for one in rates])
    assert rates[-1] < 1.2 * rates[0] + 0.5


def test_every_missed_period_is_counted(robot: Robot, probe: ThreadProbe) -> None:
    # The probe counts from the deadlines that it sees pass; the node says its own each second.
    pid = robot.process.pid
    seen: list[tuple[int, int]] = []
    robot.diagnostics.clear()
    end = time.monotonic() + 4.0
    while time.monotonic() < end:
        counts = probe.counts(pid)
        seen.append((counts.wakes, counts.missed))
        time.sleep(0.02)
    said = [
        (int(values['cycles']), int(values['missed']))
        for values in (robot.values('control loop', array) for array in robot.diagnostics)
        if values
    ]
    checked = 0
    for cycles, missed in set(said):
        for (wakes, low), (later, high) in itertools.pairwise(seen):
            if wakes <= cycles <= later:
                assert low <= missed <= high
                checked += 1
                break
    assert checked >= 2
