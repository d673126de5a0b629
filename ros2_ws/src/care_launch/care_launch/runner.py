# SPDX-License-Identifier: Apache-2.0
"""Runs the processes of a plan: output, respawn, orderly end.

One thread, one asyncio loop. Each process leads a session of its own, so a Ctrl-C at the terminal
reaches the launcher alone, and a signal reaches the whole group of a process. The kernel kills the
processes when the launcher itself is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from care_launch.console import Console
from care_launch.plan import Plan, Process
from care_launch.spawn import spawn

#: A signal sent to the launcher and to its whole group arrives twice: no impatience yet [s].
_AGAIN_AFTER_S = 1.0
_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_plan(plan: Plan, console: Console) -> int:
    """Run a plan until all processes have ended or a signal comes.

    Returns:
        0 after an orderly end, 1 when a process could not be started or one that is required
        (`on_exit="shutdown"`) failed.
    """
    if plan.shutdown is not None:
        console.say('launch', f'nothing is started: {plan.shutdown}')
        return 0
    with tempfile.TemporaryDirectory(prefix='care_launch_') as folder:
        return asyncio.run(_Runner(plan.processes, console, Path(folder)).run())


class _Runner:
    """Starts all processes and ends them together."""

    def __init__(self, processes: Sequence[Process], console: Console, folder: Path) -> None:
        self._console = console
        self._children = [Child(process, console, folder, self._ended) for process in processes]
        self._done = asyncio.Event()
        self._ending = False
        self._ending_since = 0.0
        self.failed = False

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGCHLD, self._reap)
        for number in _ENDING_SIGNALS:
            loop.add_signal_handler(number, self._signalled, number)
        try:
            for child in self._children:
                child.start()
            self._look()
            await self._done.wait()
        finally:
            # An error of the launcher itself must not leave a robot's nodes behind.
            for child in self._children:
                child.kill()
        return 1 if self.failed else 0

    def _reap(self) -> None:
        for child in self._children:
            child.reap()

    def _signalled(self, number: signal.Signals) -> None:
        if not self._ending:
            self._end(f'{number.name}: ending all processes')
        elif time.monotonic() - self._ending_since > _AGAIN_AFTER_S:
            self._console.say('launch', f'{number.name} again: killing what still runs')
            for child in self._children:
                child.signal_group(signal.SIGKILL)

    def _ended(self, child: Child, succeeded: bool) -> None:
        """Take the end of a process that is not started again."""
        counts = child.process.required or not child.started
        if counts and not succeeded and not self._ending:
            self.failed = True
        if child.process.required and not self._ending:
            self._end(f'{child.process.label} is required and has ended: ending all processes')
        self._look()

    def _end(self, why: str) -> None:
        self._ending = True
        self._ending_since = time.monotonic()
        self._console.say('launch', why)
        for child in self._children:
            child.end()
        self._look()

    def _look(self) -> None:
        if not any(child.alive for child in self._children):
            self._done.set()


class Child:
    """One process of the plan, over all its respawns."""

    def __init__(
        self,
        process: Process,
        console: Console,
        folder: Path,
        ended: Callable[[Child, bool], None],
    ) -> None:
        self.process = process
        self.started = False
        self._console = console
        self._folder = folder
        self._ended = ended
        self._popen: subprocess.Popen[bytes] | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._ending = False

    @property
    def alive(self) -> bool:
        """Tell whether the process runs or is going to."""
        return self._popen is not None or bool(self._timers)

    def start(self) -> None:
        """Start the process; failing to is reported, and tried again where it is respawned."""
        self._timers.clear()
        if self._ending:
            return
        try:
            self._popen = spawn(self.process, self._folder)
        except OSError as error:
            self._say(f'cannot be started: {error}', bad=True)
            self._after(succeeded=False)
            return
        self.started = True
        self._say(f'process started with pid [{self._popen.pid}]')
        assert self._popen.stdout is not None
        assert self._popen.stderr is not None
        self._console.follow(self._popen.stdout, self.process, is_error=False)
        self._console.follow(self._popen.stderr, self.process, is_error=True)

    def reap(self) -> None:
        """Take notice of the end of the process, if it has ended."""
        if self._popen is None or not _has_ended(self._popen.pid):
            return
        # While it is unreaped its number cannot be given to another group.
        self.signal_group(signal.SIGKILL)
        code = self._popen.wait()
        for pipe in (self._popen.stdout, self._popen.stderr):
            if pipe is not None:
                self._console.leave(pipe, self.process)
        pid, self._popen = self._popen.pid, None
        self._cancel_timers()
        self._report(pid, code)
        self._after(succeeded=code == 0)

    def end(self) -> None:
        """Ask the process to end: SIGINT, then SIGTERM, then SIGKILL."""
        self._ending = True
        self._cancel_timers()
        if self._popen is None:
            return
        self.signal_group(signal.SIGINT)
        term, kill = self.process.sigterm_timeout, self.process.sigkill_timeout
        loop = asyncio.get_running_loop()
        self._timers = [
            loop.call_later(term, self._escalate, signal.SIGTERM, term),
            loop.call_later(term + kill, self._escalate, signal.SIGKILL, term + kill),
        ]

    def kill(self) -> None:
        """Kill the process and wait for it; for the launcher's own failure."""
        self._cancel_timers()
        if self._popen is not None:
            self.signal_group(signal.SIGKILL)
            self._popen.wait()
            self._popen = None

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the process and all it has started in its group."""
        if self._popen is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._popen.pid, number)

    def _escalate(self, number: signal.Signals, after: float) -> None:
        self._say(f'has not ended {after:g} s after SIGINT: sending {number.name}', bad=True)
        self.signal_group(number)

    def _after(self, succeeded: bool) -> None:
        delay = self.process.respawn_delay
        if delay is None or self._ending or self.process.required:
            self._ended(self, succeeded)
            return
        self._say(f'will be started again in {delay:g} s')
        self._timers = [asyncio.get_running_loop().call_later(delay, self.start)]

    def _report(self, pid: int, code: int) -> None:
        if code == 0 or self._ending:
            self._say(f'process has ended [pid {pid}, {cause(code)}]')
        else:
            self._say(f'process has died [pid {pid}, {cause(code)}]', bad=True)

    def _cancel_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers = []

    def _say(self, text: str, *, bad: bool = False) -> None:
        self._console.say(self.process.label, text, bad=bad)


def cause(code: int) -> str:
    """Return an exit code in words; negative ones are signals."""
    if code >= 0:
        return f'exit code {code}'
    try:
        return f'killed by {signal.Signals(-code).name}'
    except ValueError:
        return f'killed by signal {-code}'


def _has_ended(pid: int) -> bool:
    flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
    return os.waitid(os.P_PID, pid, flags) is not None
