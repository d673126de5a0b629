# SPDX-License-Identifier: Apache-2.0
"""How punctual, quick and frugal the control node is, idle and beside two busy processes.

The floor is a thread that only sleeps, in the node's own process, at the same priority, half a
period apart: what is later than that is ours. Beside the node run what others would use instead: an
rclpy timer and, where rclcpp is installed, an rclcpp timer, both at 1 kHz.
NIGHTINGALE_BENCH_SECONDS sets the length of a run (60), NIGHTINGALE_BENCH_RUNS their number (5).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from care_msgs.msg import EstopSense, SafetyState
from care_node import graph
from care_node.testing import wait_until
from control_process import ALONE, Robot, control
from figures import Figure
from thread_probe import Counts, ThreadProbe, thread_probe

SECONDS = float(os.environ.get('NIGHTINGALE_BENCH_SECONDS', '60'))
RUNS = int(os.environ.get('NIGHTINGALE_BENCH_RUNS', '5'))
SETTLE_SECONDS = 3.0
STOPS = 20
QUANTILES = (50.0, 99.0, 99.9, 100.0)
#: A timer of 1 kHz as a Python node has it; prints the intervals' distance from 1 ms [us].
RCLPY_TIMER = """
import json, sys, time, numpy, rclpy
from rclpy.node import Node
rclpy.init()
node = Node('python_timer')
at = []
node.create_timer(0.001, lambda: at.append(time.monotonic_ns()))
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    rclpy.spin_once(node, timeout_sec=0.1)
late = numpy.abs(numpy.diff(at) - 1e6) / 1e3
print(json.dumps(numpy.percentile(late, json.loads(sys.argv[2])).tolist()))
"""
RCLCPP_SOURCE = Path(__file__).resolve().parent / 'rclcpp_timer'


@dataclass(frozen=True)
class Run:
    """One run: lateness [us] at QUANTILES, and what the control thread did."""

    late: list[float]
    floor: list[float]
    interval: list[float]
    counts: Counts

    @property
    def ratio(self) -> float:
        """How much later than the floor, at p99.9."""
        return self.late[2] / self.floor[2]


def _quantiles(values: Any) -> list[float]:
    return [float(one) for one in np.percentile(values, QUANTILES)]


def _said(title: str, values: Sequence[float]) -> None:
    words = ', '.join(f'p{q:g} {v:.1f}' for q, v in zip(QUANTILES, values, strict=True))
    print(f'  {title:<34} {words} us')


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Keep as many processors busy."""
    loops = [subprocess.Popen([sys.executable, '-c', 'while 1: pass']) for _ in range(count)]
    try:
        yield
    finally:
        for one in loops:
            one.kill()
            one.wait()


def _run(robot: Robot, probe: ThreadProbe) -> Run:
    pid = robot.process.pid
    before, floor_before = probe.counts(pid), probe.counts(pid, 1)
    time.sleep(SECONDS)
    after, floor_after = probe.counts(pid), probe.counts(pid, 1)
    late = probe.late(before.wakes, after.wakes)
    floor = probe.late(floor_before.wakes, floor_after.wakes, 1)
    counts = after.since(before)
    run = Run(_quantiles(late), _quantiles(floor), _quantiles(np.abs(np.diff(late))), counts)
    _said('control thread, late', run.late)
    _said('bare thread, late', run.floor)
    print(f'  {counts}')
    return run


class Misses:
    """Compares the periods that the node says it missed with those that the probe saw pass."""

    def __init__(self, robot: Robot, probe: ThreadProbe) -> None:
        self._robot, self._probe = robot, probe
        self._seen: list[tuple[int, int]] = []
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ending.wait(0.01):
            counts = self._probe.counts(self._robot.process.pid)
            self._seen.append((counts.wakes, counts.missed))

    def wrong(self) -> int:
        """End; return how many reports of the node do not fit."""
        self._ending.set()
        self._thread.join()
        wakes = np.array([w for w, _ in self._seen])
        wrong = 0
        for array in list(self._robot.diagnostics):
            values = self._robot.values('control loop', array)
            cycles, missed = int(values.get('cycles', -1)), int(values.get('missed', -1))
            after = int(np.searchsorted(wakes, cycles))
            if 0 < after < len(wakes):
                wrong += not self._seen[after - 1][1] <= missed <= self._seen[after][1]
        return wrong


def _python_timer() -> list[float]:
    words = [sys.executable, '-c', RCLPY_TIMER, str(SECONDS), json.dumps(QUANTILES)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return [float(one) for one in json.loads(done.stdout)]


def _prefix_with(package: str) -> Path | None:
    for prefix in os.environ.get('AMENT_PREFIX_PATH', '').split(':'):
        if prefix and (Path(prefix) / 'share' / package / 'cmake').is_dir():
            return Path(prefix)
    return None


def _rclcpp_timers(folder: Path) -> dict[str, list[float]]:
    """Build and run the same with rclcpp: a timer, and a node with the same control thread."""
    steps = (
        ['cmake', '-S', str(RCLCPP_SOURCE), '-B', str(folder), '-DCMAKE_BUILD_TYPE=Release'],
        ['cmake', '--build', str(folder)],
    )
    for step in steps:
        subprocess.run(step, check=True, stdout=sys.stderr)
    found = {}
    for kind in ('timer', 'thread'):
        words = [str(folder / 'rclcpp_timer'), kind, str(SECONDS)]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
        found[kind] = _quantiles(np.array([float(one) for one in done.stdout.split()]))
    return found


def _others(folder: Path, load: str, own: Run) -> list[Figure]:
    """Measure what others would use; our p99 interval is to be below theirs."""
    _said(f'control thread, interval, {load}', own.interval)
    timer = _python_timer()
    _said(f'rclpy timer, interval, {load}', timer)
    figures = [
        Figure(f'interval p99, rclpy timer over ours, {load}', timer[1] / own.interval[1], '', 1.0,
               'higher')
    ]  # fmt: skip
    if _prefix_with('rclcpp') is None:
        print('  no rclcpp here: its timer and thread are left out')
        return figures
    for kind, values in _rclcpp_timers(folder).items():
        _said(f'rclcpp {kind}, interval, {load}', values)
    return figures


def _ratios(runs: list[Run], load: str) -> list[Figure]:
    ratios = [run.ratio for run in runs]
    missed = sum(run.counts.missed for run in runs)
    total = missed + sum(run.counts.wakes for run in runs)
    print(f'  {load}: ratios {[round(one, 2) for one in ratios]}, missed {missed} of {total}')
    return [
        Figure(f'late p99.9 over bare thread, {load}, median', statistics.median(ratios), '', 1.2),
        Figure(f'late p99.9 over bare thread, {load}, worst', max(ratios), '', 1.5),
    ]


def _frugal(runs: list[Run]) -> list[Figure]:
    totals = {name: sum(getattr(run.counts, name) for run in runs) for name in vars(runs[0].counts)}
    print(f'  over {totals["wakes"]} cycles: {totals}')
    return [
        Figure('heap calls of the control thread', totals['allocations'], '', 0.0),
        Figure('locks of the control thread', totals['locks'], '', 0.0),
        Figure('page faults of the control thread', totals['page_faults'], '', 0.0),
    ]


def _growth(robot: Robot, probe: ThreadProbe) -> list[Figure]:
    """Heap calls of the middleware for each cycle, later over earlier."""
    rates = []
    for _ in range(2):
        pid = robot.process.pid
        others, own = probe.counts_of_others(pid), probe.counts(pid)
        time.sleep(SECONDS / 3)
        rates.append(
            probe.counts_of_others(pid).since(others).allocations
            / probe.counts(pid).since(own).wakes
        )
    print(f'  heap calls of the middleware a cycle: {rates[0]:.2f}, later {rates[1]:.2f}')
    return [Figure("growth of the middleware's heap calls", rates[1] / rates[0], '', 1.05)]


def _told(robot: Robot) -> list[Figure]:
    """What the node says of itself: work of a cycle, command to output, stop or line to braking."""
    values = robot.values('control loop', robot.diagnostics[-1])
    goals = {
        'work since start p99 [us]': 20.0,
        'command to output p50 [us]': 1000.0,
        'command to output p99 [us]': 10_000.0,
        'stop to braking max [cycles]': 2.0,
    }
    return [
        Figure(name.partition(' [')[0], float(values[name]), name[name.index('[') + 1 : -1], goal)
        for name, goal in goals.items()
        if name in values
    ]


def _stop_often(robot: Robot, press: Callable[[bool], None], state: int) -> None:
    for _ in range(STOPS):
        with robot.commanding(0.4):
            wait_until(lambda: robot.speed() > 0.1, 20, 'motion')
            press(True)
            robot.wait_state(state, 10)
        robot.wait_rest(10)
        press(False)
        time.sleep(0.4)
        wait_until(lambda: robot.reset().accepted, 10, 'a reset')


def _stop_in_both_ways(robot: Robot) -> None:
    """By a person's stop, then by the emergency-stop line."""
    line = robot.probe.publisher(graph.ESTOP_SENSE)
    robot.probe.matched(line)
    _stop_often(robot, robot.stop, SafetyState.STOPPED)
    _stop_often(
        robot,
        lambda engaged: line.publish(EstopSense(engaged=engaged, readable=True)),
        SafetyState.ESTOP,
    )


def measure() -> list[Figure]:
    """Measure idle, then beside two busy processes, then commands and stops."""
    figures: list[Figure] = []
    with (
        thread_probe() as probe,
        control(ALONE, environment=probe.environment(reference=True)) as robot,
        robot.commanding(0.0),
    ):
        wait_until(lambda: probe.running() and probe.running(1), 10, 'the threads')
        time.sleep(SETTLE_SECONDS)
        misses = Misses(robot, probe)
        every: list[Run] = []
        for load, count in (('idle', 0), ('loaded', 2)):
            with busy(count), tempfile.TemporaryDirectory() as folder:
                runs = [_run(robot, probe) for _ in range(RUNS)]
                figures += _ratios(runs, load)
                figures += _others(Path(folder), load, runs[-1])
                every += runs
        figures += _frugal(every)
        figures.append(Figure('reports of misses that are wrong', misses.wrong(), '', 0.0))
        figures += _growth(robot, probe)
    with control(ALONE) as robot:
        _stop_in_both_ways(robot)
        time.sleep(2.0)
        figures += _told(robot)
    return figures
