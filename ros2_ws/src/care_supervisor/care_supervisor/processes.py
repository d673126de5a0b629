# SPDX-License-Identifier: Apache-2.0
"""Tells whether a pid is still the process that it was, before a signal is sent to it."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

_PROC = Path('/proc')


@dataclass(frozen=True)
class Identity:
    """A process: its pid and when the kernel started it [clock ticks since boot]."""

    pid: int
    started: int


def identity(pid: int, word: str, proc: Path = _PROC) -> Identity | None:
    """Return who has this pid now, None when nobody or somebody else.

    Args:
        pid: Process number as its heartbeat gives it.
        word: What its command line must contain: a node of another container may give a pid that
            is somebody else's here.
        proc: Where the proc file system is.
    """
    try:
        words = (proc / str(pid) / 'cmdline').read_bytes().decode(errors='replace')
        # The fields after the name in brackets, which may itself hold spaces and brackets.
        fields = (proc / str(pid) / 'stat').read_text(errors='replace').rpartition(')')[2].split()
    except OSError:
        return None
    if word not in words or fields[0] in 'ZX':
        return None
    return Identity(pid, int(fields[19]))


def kill(known: Identity, word: str) -> bool:
    """Kill a process with SIGKILL if the pid is still the one that was met.

    Returns:
        False when it is gone, or somebody else has the pid now.

    Raises:
        PermissionError: It belongs to another user.
    """
    if identity(known.pid, word) != known:
        return False
    try:
        os.kill(known.pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
