# SPDX-License-Identifier: Apache-2.0
"""The launcher with real processes: small shell and Python scripts."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

#: A process that ignores SIGINT and SIGTERM, and says when it does.
DEAF = "trap '' INT TERM; echo deaf; while :; do sleep 0.1; done"
#: A launcher that leaves a slow machine the time for an orderly end.
PATIENT = 'sigterm_timeout="30" sigkill_timeout="5"'


class Launcher:
    """A launcher as a process of its own, with its output read as it comes."""

    def __init__(self, path: Path, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, '-u', '-m', 'care_launch', str(path), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []

    def wait_for(self, text: str) -> str:
        """Read until a line with this text comes, and return it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip('\n'))
            if text in line:
                return self.lines[-1]
        raise AssertionError(f'"{text}" did not come, but:\n' + '\n'.join(self.lines))

    def end(self) -> int:
        """Read to the end and return the exit code."""
        assert self.process.stdout is not None
        self.lines += [line.rstrip('\n') for line in self.process.stdout]
        return self.process.wait(30)


@pytest.fixture
def launch(write):
    started: list[Launcher] = []

    def start(body: str) -> Launcher:
        started.append(Launcher(write(body)))
        return started[-1]

    yield start
    for launcher in started:
        launcher.process.kill()
        launcher.process.wait()
        launcher.process.stdout.close()


def shell(script: str, attributes: str = '') -> str:
    quoted = script.replace('&', '&amp;').replace('"', '&quot;').replace('<', '&lt;')
    return (
        f'<let name="script" value="{quoted.replace("$", chr(92) + "$")}"/>'
        f'<executable cmd="sh -c $(var script)" name="p" output="screen" {attributes}/>'
    )


def number_in(line: str) -> int:
    return int(line.split()[-1])


def gone(pid: int, seconds: float = 20.0) -> bool:
    """Tell whether a process has ended; one that nobody reaps counts as ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()[0] in 'ZX':
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def test_output_lines_carry_the_name_and_the_last_needs_no_end(launch):
    launcher = launch(shell('echo out; echo err >&2; printf last'))
    assert launcher.end() == 0
    shown = [line for line in launcher.lines if line.startswith('[p-1] ')]
    assert sorted(shown) == ['[p-1] err', '[p-1] last', '[p-1] out']


def test_output_log_shows_errors_only_and_logs_both(launch, tmp_path, monkeypatch):
    monkeypatch.setenv('ROS_LOG_DIR', str(tmp_path / 'logs'))
    launcher = launch(shell('echo out; echo err >&2').replace('"screen"', '"log"'))
    assert launcher.end() == 0
    assert '[p-1] err' in launcher.lines
    assert '[p-1] out' not in launcher.lines
    (log,) = (tmp_path / 'logs').iterdir()
    assert sorted(log.read_text().splitlines()) == ['[p-1] err', '[p-1] out']


def test_much_output_arrives_whole(launch):
    launcher = launch(shell('seq 1 50000'))
    assert launcher.end() == 0
    shown = [line for line in launcher.lines if line.startswith('[p-1] ')]
    assert shown == [f'[p-1] {i}' for i in range(1, 50001)]


def test_process_that_dies_is_started_again_and_the_cause_is_said(launch):
    launcher = launch(shell('echo pid $$; sleep 60', 'respawn="true" respawn_delay="0.1"'))
    pids = []
    for _ in range(2):
        pid = number_in(launcher.wait_for('[p-1] pid '))
        pids.append(pid)
        os.kill(pid, signal.SIGKILL)
        assert f'[pid {pid}, killed by SIGKILL]' in launcher.wait_for('has died')
        assert 'started again in 0.1 s' in launcher.wait_for('started again')
    assert pids[0] != pids[1]


def test_respawn_waits_for_its_delay(launch):
    launcher = launch(shell('date +%s.%N', 'respawn="true" respawn_delay="0.7"'))
    times = [float(launcher.wait_for('[p-1] ').split()[-1]) for _ in range(3)]
    assert times[1] - times[0] >= 0.7
    assert times[2] - times[1] >= 0.7


def test_process_that_is_not_respawned_ends_the_launch_when_it_is_the_last(launch):
    launcher = launch(shell('exit 3'))
    assert launcher.end() == 0
    assert any('has died' in line and 'exit code 3' in line for line in launcher.lines)


@pytest.mark.parametrize(('code', 'expected'), [(0, 0), (3, 1)])
def test_end_of_a_required_process_ends_all(launch, code, expected):
    launcher = launch(
        '<executable cmd="sleep 60" respawn="true"/>'
        + shell(f'exit {code}', 'on_exit="shutdown" respawn="true"')
    )
    assert launcher.end() == expected
    assert any('p-2 is required and has ended' in line for line in launcher.lines)


def test_process_that_cannot_be_started_is_reported(launch):
    launcher = launch('<executable cmd="/no/such/program"/>')
    assert launcher.end() == 1
    assert any('cannot be started' in line for line in launcher.lines)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_to_the_launcher_reaches_processes_as_sigint(launch, number):
    script = "trap 'echo bye; exit 0' INT; echo ready; while :; do sleep 0.05; done"
    launcher = launch(shell(script, PATIENT))
    launcher.wait_for('[p-1] ready')
    launcher.process.send_signal(number)
    assert launcher.end() == 0
    assert '[p-1] bye' in launcher.lines


def test_hung_process_gets_sigterm_then_sigkill_in_time(launch):
    launcher = launch(shell(DEAF, 'sigterm_timeout="1.5" sigkill_timeout="1.0"'))
    launcher.wait_for('[p-1] deaf')
    begin = time.monotonic()
    launcher.process.send_signal(signal.SIGINT)
    assert launcher.end() == 0
    assert 2.5 <= time.monotonic() - begin < 7.5
    text = '\n'.join(launcher.lines)
    assert text.index('sending SIGTERM') < text.index('sending SIGKILL') < text.index('SIGKILL]')


def test_process_that_ends_on_sigterm_is_not_killed(launch):
    script = "trap '' INT; echo ready; while :; do sleep 0.05; done"
    launcher = launch(shell(script, 'sigterm_timeout="0.3" sigkill_timeout="20"'))
    launcher.wait_for('[p-1] ready')
    launcher.process.send_signal(signal.SIGINT)
    assert launcher.end() == 0
    assert any('killed by SIGTERM' in line for line in launcher.lines)


def test_signal_that_arrives_twice_at_once_still_lets_processes_end_well(launch):
    script = "trap 'sleep 0.3; echo bye; exit 0' INT; echo ready; while :; do sleep 0.05; done"
    launcher = launch(shell(script, PATIENT))
    launcher.wait_for('[p-1] ready')
    # Two of a kind could arrive as one.
    launcher.process.send_signal(signal.SIGINT)
    launcher.process.send_signal(signal.SIGTERM)
    assert launcher.end() == 0
    assert '[p-1] bye' in launcher.lines


def test_second_signal_kills_at_once(launch):
    launcher = launch(shell(DEAF, 'sigterm_timeout="60" sigkill_timeout="60"'))
    launcher.wait_for('[p-1] deaf')
    launcher.process.send_signal(signal.SIGINT)
    launcher.wait_for('SIGINT: ending')
    time.sleep(1.2)
    launcher.process.send_signal(signal.SIGINT)
    assert launcher.end() == 0
    assert any('SIGINT again' in line for line in launcher.lines)


def test_signal_during_the_respawn_delay_ends_the_launch(launch):
    launcher = launch(shell('exit 1', 'respawn="true" respawn_delay="60"'))
    launcher.wait_for('started again')
    launcher.process.send_signal(signal.SIGINT)
    assert launcher.end() == 0


def test_what_a_process_has_started_ends_with_it(launch):
    launcher = launch(shell('sleep 300 & echo pid $!; wait'))
    grandchild = number_in(launcher.wait_for('[p-1] pid '))
    launcher.process.send_signal(signal.SIGINT)
    assert launcher.end() == 0
    assert gone(grandchild)


def test_output_held_open_by_a_stray_grandchild_does_not_stop_the_end(launch, tmp_path):
    away = tmp_path / 'away'
    stray = f"setsid sh -c 'echo stray $$; touch {away}; exec sleep 60' &"
    launcher = launch(shell(f'{stray} while ! [ -e {away} ]; do sleep 0.05; done'))
    pid = number_in(launcher.wait_for('[p-1] stray '))
    try:
        assert launcher.end() == 0
        assert not gone(pid, 0.1)
    finally:
        os.kill(pid, signal.SIGKILL)


def test_killed_launcher_takes_its_processes_with_it(launch):
    launcher = launch(shell('echo pid $$; exec sleep 300'))
    child = number_in(launcher.wait_for('[p-1] pid '))
    launcher.process.kill()
    assert gone(child)


def test_launcher_with_sigint_ignored_still_passes_it_on(write):
    path = write(shell("trap 'exit 0' INT; echo ready; while :; do sleep 0.05; done", PATIENT))
    command = f'{sys.executable} -u -m care_launch {path} & wait'
    with subprocess.Popen(
        ['sh', '-c', command], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as background:
        assert background.stdout is not None
        line = next(line for line in background.stdout if 'with pid' in line)
        child = int(line.rsplit('[', 1)[1].split(']')[0])
        next(line for line in background.stdout if 'ready' in line)
        launcher = int(Path(f'/proc/{child}/stat').read_text().rsplit(')', 1)[1].split()[1])
        os.kill(launcher, signal.SIGINT)
        assert not any('SIGTERM' in line for line in background.stdout)
    assert gone(child)


def test_parameter_file_is_there_while_the_node_runs_and_gone_after(
    launch, environment, prefix, monkeypatch
):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    talker = prefix / 'lib/demo/talker'
    talker.write_text(
        '#!/bin/sh\nwhile [ "$1" != --params-file ]; do shift; done\necho at $2\ncat $2\n'
    )
    launcher = launch(
        '<node pkg="demo" exec="talker" name="t" namespace="w" output="screen">'
        '<param name="rate" value="5"/></node>'
    )
    path = Path(launcher.wait_for('[talker-1] at ').split()[-1])
    assert launcher.end() == 0
    assert '[talker-1] /w/t:' in launcher.lines
    assert '[talker-1]     rate: 5' in launcher.lines
    assert not path.exists()


def test_shutdown_element_starts_nothing(launch):
    launcher = launch('<executable cmd="echo hi" output="screen"/><shutdown reason="no bed"/>')
    assert launcher.end() == 0
    assert launcher.lines == ['[INFO] [launch]: nothing is started: no bed']


def test_closed_screen_does_not_end_the_processes(launch, tmp_path):
    mark = tmp_path / 'mark'
    launcher = launch(shell(f'echo ready; sleep 0.5; echo more; sleep 0.5; touch {mark}'))
    launcher.wait_for('[p-1] ready')
    launcher.process.stdout.close()
    assert launcher.process.wait(30) == 0
    assert mark.exists()
