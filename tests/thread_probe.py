# SPDX-License-Identifier: Apache-2.0
"""Looks at the threads of a process from outside, through a library that is loaded into it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[1]
SOURCE = REPOSITORY / 'ros2_ws/src/care_control/test/thread_probe.cpp'
#: As the library lays them out.
THREADS, SAMPLES = 64, 1 << 18
FIELDS = (
    'tid', 'allocations', 'locks', 'wakes', 'missed', 'reference', 'last_deadline', 'samples',
)  # fmt: skip
LINE = np.dtype([(name, np.int64) for name in FIELDS])
SIZE = THREADS * LINE.itemsize + 2 * SAMPLES * 4


@dataclass(frozen=True)
class Counts:
    """What one thread has done so far."""

    allocations: int  #: and frees
    locks: int
    wakes: int  #: from absolute deadlines
    missed: int  #: periods without a wake
    page_faults: int
    involuntary_switches: int

    def since(self, before: Counts) -> Counts:
        """Return what was done since."""
        pairs = zip(vars(self).values(), vars(before).values(), strict=True)
        return Counts(*(now - then for now, then in pairs))


class ThreadProbe:
    """The library's file of one process."""

    def __init__(self, library: Path, file: Path) -> None:
        self._library = library
        self._file = file
        file.write_bytes(bytes(SIZE))
        self._lines = np.memmap(file, LINE, 'r', 0, (THREADS,))
        self._late = np.memmap(file, np.int32, 'r', THREADS * LINE.itemsize, (2, SAMPLES))

    def environment(self, *, reference: bool = False, hz: int = 1000) -> dict[str, str]:
        """Return the variables for the process; with a thread that only sleeps beside it."""
        wanted = {
            'LD_PRELOAD': str(self._library),
            'THREAD_PROBE_FILE': str(self._file),
            'THREAD_PROBE_PERIOD_NS': str(10**9 // hz),
        }
        return wanted | ({'THREAD_PROBE_REFERENCE': '1'} if reference else {})

    def _line(self, samples: int) -> Any:
        """Return the line of the periodic thread (0) or of the reference (1); None before it is."""
        for line in self._lines:
            if line['tid'] and line['wakes'] and line['samples'] == samples:
                return line
        return None

    def running(self, samples: int = 0) -> bool:
        """Say whether the periodic thread (0) or the reference (1) has begun."""
        return self._line(samples) is not None

    def counts(self, pid: int, samples: int = 0) -> Counts:
        """Return what the periodic thread (0) or the reference (1) has done."""
        line = self._line(samples)
        return self._counts(pid, line)

    def counts_of_others(self, pid: int) -> Counts:
        """Return what all threads but the periodic and the reference have done together."""
        lines = [
            one for one in self._lines if one['tid'] and not (one['wakes'] and one['samples'] >= 0)
        ]
        each = [vars(self._counts(pid, one)) for one in lines]
        return Counts(*(sum(one[name] for one in each) for name in Counts.__dataclass_fields__))

    @staticmethod
    def _counts(pid: int, line: Any) -> Counts:
        task = Path(f'/proc/{pid}/task/{line["tid"]}')
        try:
            stat = (task / 'stat').read_text().rpartition(')')[2].split()
            status = dict(one.split(':\t', 1) for one in (task / 'status').read_text().splitlines())
        except OSError:  # the thread has ended
            stat, status = ['0'] * 12, {'nonvoluntary_ctxt_switches': '0'}
        return Counts(
            *(int(line[name]) for name in ('allocations', 'locks', 'wakes', 'missed')),
            page_faults=int(stat[7]) + int(stat[9]),
            involuntary_switches=int(status['nonvoluntary_ctxt_switches']),
        )

    def late(self, first: int, last: int, samples: int = 0) -> Any:
        """Return the lateness of wakes `first` to `last` [us]."""
        return self._late[samples][np.arange(first, last) % SAMPLES] / 1000.0


@contextmanager
def thread_probe() -> Iterator[ThreadProbe]:
    """Compile the library and give a probe; its file lies in memory while it is used."""
    with tempfile.TemporaryDirectory(prefix='nightingale_probe_', dir='/dev/shm') as folder:
        library = Path(folder) / 'thread_probe.so'
        compiler = os.environ.get('CXX', 'g++')
        flags = ['-std=c++17', '-O2', '-shared', '-fPIC', '-o', str(library), str(SOURCE), '-ldl']
        subprocess.run([compiler, *flags], check=True)
        yield ThreadProbe(library, Path(folder) / 'seen')
