# SPDX-License-Identifier: Apache-2.0
"""Output of the processes, line by line behind the name of each."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import IO, TextIO

from care_launch.plan import Process

_CHUNK = 65536


class Console:
    """Writes lines to the screen and, where `output` asks for it, to a log file.

    `screen` shows both streams; `both` shows and logs them; `log` logs both and shows only the
    error stream. The log file is made with its first line, in $ROS_LOG_DIR or ~/.ros/log.
    """

    def __init__(self, screen: TextIO | None = None, log_folder: Path | None = None) -> None:
        self._screen = screen or sys.stdout
        self._log_folder = log_folder
        self._log: TextIO | None = None
        self._rests: dict[int, bytes] = {}
        self._errors: set[int] = set()

    def say(self, label: str, text: str, *, bad: bool = False) -> None:
        """Write a line of the launcher itself."""
        self._show(f'[{"ERROR" if bad else "INFO"}] [{label}]: {text}')

    def follow(self, pipe: IO[bytes], process: Process, *, is_error: bool) -> None:
        """Write what comes through a pipe until it is left."""
        descriptor = pipe.fileno()
        os.set_blocking(descriptor, False)
        self._rests[descriptor] = b''
        self._errors.discard(descriptor)
        if is_error:
            self._errors.add(descriptor)

        def take() -> None:
            if self._take(descriptor, process) == 0:
                asyncio.get_running_loop().remove_reader(descriptor)

        asyncio.get_running_loop().add_reader(descriptor, take)

    def leave(self, pipe: IO[bytes], process: Process) -> None:
        """Write what is still in the pipe of an ended process, and close it.

        Something that it started may hold the other end open for ever: that is not waited for.
        """
        descriptor = pipe.fileno()
        asyncio.get_running_loop().remove_reader(descriptor)
        while self._take(descriptor, process) > 0:
            pass
        rest = self._rests.pop(descriptor)
        if rest:
            self._write(process, rest, descriptor in self._errors)
        pipe.close()

    def _take(self, descriptor: int, process: Process) -> int:
        """Read once; return the bytes read, 0 at the end of the pipe, -1 when it is empty now."""
        try:
            chunk = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return -1
        *lines, self._rests[descriptor] = (self._rests[descriptor] + chunk).split(b'\n')
        for line in lines:
            self._write(process, line, descriptor in self._errors)
        return len(chunk)

    def _write(self, process: Process, line: bytes, is_error: bool) -> None:
        text = f'[{process.label}] {line.decode(errors="replace")}'
        if process.output != 'log' or is_error:
            self._show(text)
        if process.output != 'screen':
            self._file().write(text + '\n')

    def _show(self, text: str) -> None:
        try:
            self._screen.write(text + '\n')
            self._screen.flush()
        except BrokenPipeError:
            # A closed terminal must not end what watches over patients.
            self._screen = Path(os.devnull).open('w')  # noqa: SIM115  open to the end

    def _file(self) -> TextIO:
        if self._log is None:
            folder = self._log_folder or _log_folder()
            folder.mkdir(parents=True, exist_ok=True)
            name = time.strftime(f'care_launch-%Y-%m-%d-%H-%M-%S-{os.getpid()}.log')
            self._log = (folder / name).open('w', buffering=1)
        return self._log


def _log_folder() -> Path:
    home = os.environ.get('ROS_HOME') or str(Path.home() / '.ros')
    return Path(os.environ.get('ROS_LOG_DIR') or Path(home) / 'log')
