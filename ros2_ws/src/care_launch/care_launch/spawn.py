# SPDX-License-Identifier: Apache-2.0
"""Starts one process so that nothing of it outlives the launcher."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from pathlib import Path

from care_launch.plan import Process

_PR_SET_PDEATHSIG = 1
# Loaded before any fork: between fork and exec a child should load nothing.
_LIBC = ctypes.CDLL(None, use_errno=True)


def spawn(process: Process, folder: Path) -> subprocess.Popen[bytes]:
    """Start a process in its own session, with pipes for its output.

    Args:
        process: What to start.
        folder: Where its parameter files are written.

    Raises:
        OSError: It cannot be started.
    """
    parent = os.getpid()

    def prepare() -> None:
        # A launcher started in the background of a shell hands on SIGINT ignored, and the nodes
        # would not hear it either.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return subprocess.Popen(
        _words(process, folder),
        env=process.environment,
        cwd=process.cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # The launcher has one thread, so the usual danger of preexec_fn is none.
        preexec_fn=prepare,
    )


def _words(process: Process, folder: Path) -> list[str]:
    """Return the command line with the parameter files written and named by path."""
    for name, content in process.files.items():
        (folder / name).write_text(content)
    return [str(folder / word) if word in process.files else word for word in process.argv]
