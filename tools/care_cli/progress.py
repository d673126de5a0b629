# SPDX-License-Identifier: Apache-2.0
"""Long steps: the terminal shows how long and how far, the whole output goes to a file."""

import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from care_cli.errors import CareError
from care_cli.processes import bind_to_parent, end_group

TAIL_LINES = 25
QUIET_SECONDS = 15.0


@dataclass
class _Display:
    """Shows the state of a step: one line redrawn on a terminal, now and then a line elsewhere."""

    title: str
    started: float = field(default_factory=time.monotonic)
    last: str = ''
    shown: float = 0.0
    terminal: bool = field(default_factory=sys.stderr.isatty)

    def elapsed(self) -> float:
        return time.monotonic() - self.started

    def refresh(self) -> None:
        text = f'  {self.title} {self.elapsed():4.0f} s  {self.last}'
        if self.terminal:
            width = shutil.get_terminal_size().columns - 1
            print(f'\r\x1b[K{text[:width]}', end='', file=sys.stderr, flush=True)
        elif self.elapsed() - self.shown >= QUIET_SECONDS:
            self.shown = self.elapsed()
            print(text[:160], file=sys.stderr, flush=True)

    def finish(self, outcome: str) -> None:
        clear = '\r\x1b[K' if self.terminal else ''
        print(f'{clear}  {self.title}: {outcome}', file=sys.stderr, flush=True)


def _copy(process: subprocess.Popen[str], log: Path, display: _Display, tail: deque[str]) -> None:
    assert process.stdout is not None
    with log.open('a') as file:
        for line in process.stdout:
            file.write(line)
            tail.append(line.rstrip())
            if line.strip() and not line.startswith('WARNING'):
                display.last = line.strip()


def run_step(
    title: str,
    command: Sequence[str],
    log: Path,
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    keep: Sequence[int] = (),
) -> None:
    """Run one long command, appending its output to log; CareError with the tail on failure.

    The command ends with us, however we end. `keep` are file descriptors it holds open too.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    display = _Display(title)
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=None if env is None else dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors='replace',
        start_new_session=True,
        preexec_fn=bind_to_parent,
        pass_fds=tuple(keep),
    )
    reader = threading.Thread(target=_copy, args=(process, log, display, tail), daemon=True)
    reader.start()
    try:
        while process.poll() is None:
            display.refresh()
            time.sleep(0.2 if display.elapsed() > 2 else 0.05)
        reader.join(5.0)
    finally:
        if process.poll() is None:
            display.finish('stopped')
            end_group(process)
    if process.returncode != 0:
        display.finish(f'failed after {display.elapsed():.0f} s')
        shown = '\n'.join(f'  | {line}' for line in tail)
        raise CareError(
            f'{title} failed (exit {process.returncode}); its end:\n{shown}\n  all: {log}'
        )
    display.finish(f'{display.elapsed():.1f} s')
