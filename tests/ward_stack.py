# SPDX-License-Identifier: Apache-2.0
"""Runs the whole stack for tests that cross packages, as `./care up` does, and ends it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil
from care_node import graph
from care_node.testing import Probe

REPOSITORY = Path(__file__).resolve().parent.parent
PIN = '260815'
T = TypeVar('T')


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
        except (OSError, ValueError, http.client.HTTPException):
            return None  # half an answer is none: it is being killed or started

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
        """Kill a node with SIGKILL, once it runs; return its pid."""
        process = wait_for_value(lambda: self.process(executable), 30, f'{executable} runs')
        process.send_signal(signal.SIGKILL)
        return int(process.pid)

    def end(self) -> float:
        """End the stack as Ctrl-C does; return how long it took [s]."""
        started = time.monotonic()
        if self.launcher.poll() is None:
            below = psutil.Process(self.launcher.pid).children(recursive=True)
            self.launcher.send_signal(signal.SIGINT)
            try:
                self.launcher.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.launcher.pid, signal.SIGKILL)
                self.launcher.wait(30)
                for process in below:
                    with suppress(psutil.NoSuchProcess):
                        process.kill()
        return time.monotonic() - started


#: What was waited for: words, or what makes them at the time of failure.
What = str | Callable[[], object]


def wait_for(condition: Callable[[], object], seconds: float, what: What) -> float:
    """Wait until the condition is true; return how long it took [s].

    Raises:
        AssertionError: It was not within `seconds`; names `what`.
    """
    started = time.monotonic()
    wait_for_value(lambda: condition() or None, seconds, what)
    return time.monotonic() - started


def wait_for_value(value: Callable[[], T | None], seconds: float, what: What) -> T:
    """Wait until there is a value; return it.

    Raises:
        AssertionError: There was none within `seconds`; names `what`.
    """
    end = time.monotonic() + seconds
    while True:
        # Looked at last after the time has passed: a starved test is no late robot.
        late = time.monotonic() > end
        found = value()
        if found is not None:
            return found
        if late:
            raise AssertionError(f'not within {seconds:g} s: {what() if callable(what) else what}')
        time.sleep(0.05)


def ask(probe: Probe, service: graph.Service, request: Any, seconds: float = 30.0) -> Any:
    """Call a service, again where no answer comes; return the answer.

    A request to a process that was killed or has just started vanishes without a word. Give the
    request an id where the service does something twice otherwise.

    Raises:
        AssertionError: No answer in time.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            return probe.call(service, request, 5.0)
        except AssertionError:
            if time.monotonic() > end:
                raise


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
        ended = launcher.poll
        wait_for(lambda: ended() is not None or stack.health(), 90, 'the page of the stack')
        assert ended() is None, f'the launcher ended with code {ended()}'
        yield stack
    except BaseException:
        print(f'log of the stack:\n{_tail(log)}')
        raise
    finally:
        stack.end()


def _tail(log: Path, lines: int = 40) -> str:
    return '\n'.join(log.read_text(errors='replace').splitlines()[-lines:])
