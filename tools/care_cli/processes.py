# SPDX-License-Identifier: Apache-2.0
"""Processes: tied to their parent, found, and ended, with nothing but /proc and prctl."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PROC = Path('/proc')


def bind_to_parent() -> None:
    """Between fork and exec: have the kernel interrupt this child when its parent dies.

    SIGINT, not SIGTERM, for the real ros2 launch leaves its nodes behind on SIGTERM; and it must
    not be ignored, as it is in what a shell starts in the background.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies, so that none gets lost."""
    _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def become(command: Sequence[str], env: Mapping[str, str]) -> NoReturn:
    """Let another program take the place of this process."""
    sys.stdout.flush()
    os.execvpe(command[0], list(command), dict(env))


def parents() -> dict[int, int]:
    """Return the parent of every living process; a zombie is not living."""
    table: dict[int, int] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                # The name in parentheses may hold anything, the last parenthesis ends it.
                state, parent = (entry / 'stat').read_text().rpartition(')')[2].split()[:2]
                if state not in 'ZX':
                    table[int(entry.name)] = int(parent)
    return table


def descendants(pid: int) -> list[int]:
    """List all living processes under pid, parents before children."""
    table = parents()
    found = [pid]
    for one in found:
        found += [child for child, parent in table.items() if parent == one]
    return found[1:]


def command_of(pid: int) -> str:
    """Return the command line of a process, '' when it is gone."""
    try:
        return (_PROC / str(pid) / 'cmdline').read_bytes().replace(b'\0', b' ').decode().strip()
    except (OSError, UnicodeDecodeError):
        return ''


def alive(pid: int) -> bool:
    """Say whether a process lives."""
    return pid in parents()


def send(pids: Iterable[int], number: signal.Signals) -> None:
    """Signal each process; those already gone are no matter."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def reap() -> None:
    """Collect the adopted processes that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def end_descendants(grace: float) -> None:
    """End every process below this one: asked first, killed after grace seconds."""
    send(descendants(os.getpid()), signal.SIGTERM)
    limit = time.monotonic() + grace
    while descendants(os.getpid()) and time.monotonic() < limit:
        reap()
        time.sleep(0.02)
    send(descendants(os.getpid()), signal.SIGKILL)
    reap()


def end_group(process: subprocess.Popen[str], grace: float = 2.0) -> None:
    """End a child that leads its own session, with all of its group."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
            return
