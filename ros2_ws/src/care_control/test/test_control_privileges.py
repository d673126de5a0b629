# SPDX-License-Identifier: Apache-2.0
"""The built control node with and without the right to real time, as an ordinary user has it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('tf2_msgs.msg', reason='the workspace is not built')

from care_node.testing import probing, wait_until
from control_process import ALONE, Robot, arguments, executable

NOBODY = '65534'
CAPABILITIES = {'cap_ipc_lock': 14, 'cap_sys_nice': 23}  # their bits


@contextmanager
def _running(words: Sequence[str], **more: Any) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(words, text=True, **more)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def _tool(name: str) -> str:
    """Return the path of a system tool; skip the test where it is missing or root is not."""
    path = shutil.which(name, path=f'{os.environ["PATH"]}:/usr/sbin:/sbin')
    if path is None or os.geteuid() != 0:
        pytest.skip(f'needs root and {name}, to change privileges')
    return path


def _status(process: str, name: str) -> str:
    lines = Path(f'/proc/{process}/status').read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(f'{name}:'))


def _thread(process: str, name: str) -> int:
    tasks = Path(f'/proc/{process}/task').iterdir()
    return next(int(t.name) for t in tasks if (t / 'comm').read_text().strip() == name)


def test_it_runs_without_privileges_and_says_that_it_is_degraded() -> None:
    setpriv = _tool('setpriv')
    few = [setpriv, '--bounding-set', '-sys_nice,-ipc_lock', '--inh-caps', '-sys_nice,-ipc_lock']
    with probing('/robot_1') as probe, _running([*few, *arguments(ALONE)]) as process:
        robot = Robot(probe, process)
        wait_until(lambda: robot.line('control loop'), 30, 'diagnostics of the loop')
        message = robot.line('control loop').message
        assert 'degraded' in message
        assert message.count(';') == 1, 'two causes, each told once'
        assert 'no real-time priority' in message
        assert 'memory is not locked' in message


@pytest.fixture
def granted() -> Iterator[Path]:
    """Yield a copy of the executable with the capabilities that the README names."""
    setcap = _tool('setcap')
    bounds = int(_status('self', 'CapBnd'), 16)
    if not all(bounds >> bit & 1 for bit in CAPABILITIES.values()):
        pytest.skip('this container may not grant cap_sys_nice and cap_ipc_lock')
    # Not in tmp_path: its parents are closed to other users.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        copy = Path(folder) / 'control_node'
        shutil.copy(executable(), copy)
        copy.chmod(0o755)
        words = [setcap, f'{",".join(CAPABILITIES)}+ep', str(copy)]
        done = subprocess.run(words, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f'setcap is refused: {done.stderr.strip()}')
        yield copy


def test_with_file_capabilities_an_ordinary_user_gets_real_time(granted: Path) -> None:
    ordinary = [_tool('setpriv'), '--reuid', NOBODY, '--regid', NOBODY, '--clear-groups']
    if subprocess.run([*ordinary, 'test', '-x', executable()], check=False).returncode != 0:
        pytest.skip('the workspace lies where an ordinary user may not look')
    with tempfile.TemporaryDirectory() as home:
        shutil.chown(home, int(NOBODY), int(NOBODY))
        # Its log, not its topics: this test's shared memory is closed to other users.
        own = {'HOME': home, 'ROS_LOG_DIR': home, 'FASTDDS_BUILTIN_TRANSPORTS': 'UDPv4'}
        log = granted.with_name('log')
        words = [*ordinary, str(granted), *arguments(ALONE)[1:]]
        with (
            log.open('w') as out,
            _running(words, env={**os.environ, **own}, stderr=out) as process,
        ):
            # What it lacks it says before.
            wait_until(lambda: 'INIT -> INACTIVE' in log.read_text(), 30, 'the first cycle')
            assert 'egraded' not in log.read_text()
            pid = str(process.pid)
            assert _status(pid, 'Uid') == NOBODY
            assert int(_status(pid, 'VmLck')) > 0
            assert os.sched_getscheduler(_thread(pid, 'control')) == os.SCHED_FIFO
