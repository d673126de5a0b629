# SPDX-License-Identifier: Apache-2.0
"""The supervisor with real nodes in processes of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from care_msgs.msg import Heartbeat
from care_node import graph
from care_node.testing import Probe, probing, running, wait_until
from care_supervisor.node import SupervisorNode

SCRIPT = Path(__file__).with_name('patient_node.py')


class Ward:
    """Starts nodes, and knows what they say."""

    def __init__(self, probe: Probe) -> None:
        self.beats: list[Heartbeat] = probe.collect(graph.HEARTBEAT)
        self.diagnostics = probe.collect(graph.DIAGNOSTICS)
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, **parameters: object) -> subprocess.Popen[bytes]:
        words = [w for k, v in parameters.items() for w in ('-p', f'{k}:={str(v).lower()}')]
        process = subprocess.Popen(
            [
                sys.executable, str(SCRIPT), '--ros-args',
                '-r', f'__node:={name}', '-r', '__ns:=/ward', *words,
            ]
        )  # fmt: skip
        self.processes.append(process)
        return process

    def active(self, process: subprocess.Popen[bytes]) -> bool:
        return any(b.pid == process.pid and b.state == b.ACTIVE for b in self.beats[-20:])

    def line(self, node: str, since: int = 0) -> str:
        """Return the supervisor's last line on a node, of the diagnostics from `since` on."""
        for array in reversed(self.diagnostics[since:]):
            for status in array.status:
                if status.name == f'/ward/supervisor: {node}':
                    return str(status.message)
        return ''

    def wait_for(self, word: str, since: int = 0) -> None:
        """Wait until the supervisor's word on the patient is this one."""
        wait_until(
            lambda: self.line('/ward/patient', since).startswith(word + ':'), 20, f'it is {word}'
        )


def seconds(beat: Heartbeat) -> float:
    return float(beat.header.stamp.sec + beat.header.stamp.nanosec * 1e-9)


@pytest.fixture
def ward() -> Iterator[Ward]:
    with probing() as probe:
        made = Ward(probe)
        yield made
        for process in made.processes:
            process.kill()
            process.wait()


def test_node_killed_with_9_is_active_again_soon_after_its_restart(ward):
    with running(SupervisorNode, {'expected': ['patient']}):
        first = ward.start('patient')
        wait_until(lambda: ward.active(first), 60, 'the node is ACTIVE')
        first.send_signal(signal.SIGKILL)
        ward.wait_for('SILENT')
        second = ward.start('patient')
        wait_until(lambda: ward.active(second), 60, 'the new process is ACTIVE')
        beats = [b for b in ward.beats if b.pid == second.pid]
        took = seconds(next(b for b in beats if b.state == b.ACTIVE)) - seconds(beats[0])
        assert took < 9.0  # goal 3 s from its first heartbeat, three times that on a noisy machine
        ward.wait_for('ACTIVE')


def test_nodes_come_up_in_their_order(ward):
    names = ['alpha', 'beta']
    parameters = {'order': names, 'expected': names, 'bring_up_timeout_s': 120.0}
    with running(SupervisorNode, parameters):
        beta = ward.start('beta')
        wait_until(lambda: any(b.pid == beta.pid for b in ward.beats), 60, 'beta is heard')
        time.sleep(1.0)
        assert not ward.active(beta)
        alpha = ward.start('alpha')
        for process in (alpha, beta):
            wait_until(partial(ward.active, process), 60, 'both are ACTIVE')
    not_yet = [seconds(b) for b in ward.beats if b.pid == alpha.pid and b.state != b.ACTIVE]
    later = [seconds(b) for b in ward.beats if b.pid == beta.pid and b.state != b.UNCONFIGURED]
    assert max(not_yet, default=0.0) < min(later)


def test_hung_process_is_killed(ward):
    with running(SupervisorNode, {'expected': ['patient'], 'hung_after_s': 2.0}):
        process = ward.start('patient', hang_after_s=0.5)
        assert process.wait(60) == -signal.SIGKILL


def test_refusal_is_reported_in_the_nodes_own_words(ward):
    with running(SupervisorNode, {'expected': ['patient']}):
        ward.start('patient', refuse=True)
        wait_until(
            lambda: (
                'refused to configure: There is no bed. Bring one.' in ward.line('/ward/patient')
            ),
            60,
            'the refusal is reported',
        )


def test_restarted_supervisor_does_not_disturb_an_active_node(ward):
    with running(SupervisorNode, {'expected': ['patient']}):
        process = ward.start('patient')
        wait_until(lambda: ward.active(process), 60, 'the node is ACTIVE')
    heard, told = len(ward.beats), len(ward.diagnostics)
    with running(SupervisorNode, {'expected': ['patient']}):
        ward.wait_for('ACTIVE', since=told)
        time.sleep(1.0)
    states = {b.state for b in ward.beats[heard:] if b.pid == process.pid}
    assert states == {Heartbeat.ACTIVE}


def test_stopped_process_that_goes_on_in_time_is_spared(ward):
    with running(SupervisorNode, {'expected': ['patient'], 'hung_after_s': 30.0}):
        process = ward.start('patient')
        wait_until(lambda: ward.active(process), 60, 'the node is ACTIVE')
        os.kill(process.pid, signal.SIGSTOP)
        ward.wait_for('SILENT')
        os.kill(process.pid, signal.SIGCONT)
        ward.wait_for('ACTIVE')
        assert process.poll() is None
