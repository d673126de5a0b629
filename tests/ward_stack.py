# SPDX-License-Identifier: Apache-2.0
"""Runs the whole stack for tests that cross packages, as `./care up` does, and ends it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

REPOSITORY = Path(__file__).resolve().parent.parent
PIN = '260815'


def free_port() -> int:
    """Return a port of the loopback that nobody holds now."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return int(probe.getsockname()[1])


@dataclass
class Stack:
    """A running stack."""

    launcher: subprocess.Popen[bytes]
    port: int
    state_dir: Path
    log: Path

    @property
    def url(self) -> str:
        """Address of the page."""
        return f'http://127.0.0.1:{self.port}/'

    def health(self) -> dict[str, Any] | None:
        """Return what /health says, None while nobody answers."""
        try:
            with urllib.request.urlopen(self.url + 'health', timeout=2) as answer:
                return dict(json.load(answer))
        except OSError:
            return None

    def process(self, executable: str) -> psutil.Process | None:
        """Return the process of a node by its executable, None while there is none."""
        for child in psutil.Process(self.launcher.pid).children(recursive=True):
            try:
                if any(word.endswith(f'/{executable}') for word in child.cmdline()):
                    return child
            except psutil.Error:
                continue
        return None

    def kill(self, executable: str) -> int:
        """Kill a node with SIGKILL; return its pid."""
        process = self.process(executable)
        assert process is not None, f'{executable} does not run'
        process.send_signal(signal.SIGKILL)
        return int(process.pid)

    def end(self) -> float:
        """End the stack as Ctrl-C does; return how long it took [s]."""
        started = time.monotonic()
        if self.launcher.poll() is None:
            self.launcher.send_signal(signal.SIGINT)
            try:
                self.launcher.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self.launcher.pid, signal.SIGKILL)
                self.launcher.wait(5)
        return time.monotonic() - started


def wait_for(condition: Callable[[], object], seconds: float, what: str) -> float:
    """Wait until the condition is true; return how long it took [s].

    Raises:
        AssertionError: It was not within `seconds`; names `what`.
    """
    started = time.monotonic()
    while time.monotonic() < started + seconds:
        if condition():
            return time.monotonic() - started
        time.sleep(0.05)
    raise AssertionError(f'not within {seconds:g} s: {what}')


@contextmanager
def running_stack(folder: Path, **arguments: str) -> Iterator[Stack]:
    """Run the stack with launch arguments until the block ends.

    Args:
        folder: Empty folder for state and log; an existing state is taken up again.
        arguments: Launch arguments, e.g. records="['1=/path']".
    """
    port = free_port()
    state = folder / 'state'
    state.mkdir(exist_ok=True)
    pin_file = folder / 'pin'
    pin_file.touch(mode=0o600)
    pin_file.write_text(PIN)
    words = {'port': str(port), 'state_dir': str(state), 'demo_pin_file': str(pin_file)}
    words |= arguments
    log = folder / 'launch.log'
    with log.open('ab') as out:
        launcher = subprocess.Popen(
            [
                sys.executable, '-m', 'care_launch', str(REPOSITORY / 'launch/care.launch.xml'),
                *(f'{name}:={value}' for name, value in words.items()),
            ],
            stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    stack = Stack(launcher, port, state, log)
    try:
        wait_for(stack.health, 60, f'the page of the stack; its log ends:\n{_tail(log)}')
        yield stack
    except BaseException:
        print(f'log of the stack:\n{_tail(log)}')
        raise
    finally:
        stack.end()


def _tail(log: Path, lines: int = 40) -> str:
    return '\n'.join(log.read_text(errors='replace').splitlines()[-lines:])
