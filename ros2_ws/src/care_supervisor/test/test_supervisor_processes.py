# SPDX-License-Identifier: Apache-2.0
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest
from care_node.testing import wait_until
from care_supervisor.processes import identity, kill


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(['sleep', '987']) as process:
        try:
            # Until exec the process still looks like this one.
            wait_until(lambda: identity(process.pid, '987'), 20, 'the process runs')
            yield process
        finally:
            process.kill()


def test_process_is_killed_while_it_is_the_one_that_was_met(sleeper):
    known = identity(sleeper.pid, '987')
    assert known is not None
    assert kill(known, '987')
    assert sleeper.wait(20) == -9


def test_other_process_with_the_same_pid_is_spared(sleeper):
    known = identity(sleeper.pid, '987')
    assert known is not None
    assert not kill(replace(known, started=known.started - 1), '987')
    assert not kill(known, 'vitals')
    assert sleeper.poll() is None


def test_process_whose_command_line_lacks_the_name_is_not_it(sleeper):
    assert identity(sleeper.pid, 'vitals') is None


def test_ended_process_has_no_identity(sleeper):
    known = identity(sleeper.pid, '987')
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert identity(sleeper.pid, '987') is None
    assert known is not None
    assert not kill(known, '987')


def test_pid_of_nobody_has_no_identity(tmp_path):
    assert identity(4, 'vitals', tmp_path) is None


def test_name_with_brackets_does_not_confuse_the_start_time(tmp_path):
    (tmp_path / '9').mkdir()
    (tmp_path / '9/cmdline').write_text('vitals_node')
    fields = ' '.join(str(n) for n in range(4, 30))
    (tmp_path / '9/stat').write_text(f'9 (a) b (c)) S {fields}')
    known = identity(9, 'vitals', tmp_path)
    assert known is not None
    assert known.started == 22
