# SPDX-License-Identifier: Apache-2.0
"""Journal of what people did: append-only, each line chained to the one before by its hash.

Lines hold pseudonymous ids only, so that a person's data can be erased elsewhere without breaking
the chain.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from care_node.errors import ConfigurationError

_TABLE = """
CREATE TABLE IF NOT EXISTS journal (
  number INTEGER PRIMARY KEY,
  line TEXT NOT NULL,
  hash TEXT NOT NULL
)
"""
_START = '0' * 64
_MOST_WAITING = 1000


@dataclass(frozen=True)
class Entry:
    """One line.

    Attributes:
        at: Wall time [s].
        ros_time: ROS time [s].
        user: User id; empty for nobody.
        device: Where the person was, e.g. the tablet's address.
        action: Command, or login, logout, lock_out, unlock_user.
        bed: Bed number; 0 for none.
        request_id: Id of the command; empty for none.
        result: Code of the answer.
        details: What was asked for, as JSON text; never a PIN.
    """

    at: float
    ros_time: float
    user: str
    device: str
    action: str
    bed: int
    request_id: str
    result: str
    details: str = ''


class Journal:
    """Writes lines to a SQLite file, or to memory when there is no folder for state."""

    def __init__(self, path: Path | None) -> None:
        """Open the journal.

        Raises:
            ConfigurationError: The file cannot be opened.
        """
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            # Used from one writer thread at a time, which need not be the one that opens it.
            self._base = sqlite3.connect(path or ':memory:', check_same_thread=False)
            self._base.execute('PRAGMA journal_mode=WAL')
            self._base.execute('PRAGMA synchronous=FULL')
            self._base.execute(_TABLE)
            self._base.commit()
            row = self._base.execute(
                'SELECT number, hash FROM journal ORDER BY number DESC LIMIT 1'
            ).fetchone()
        except (OSError, sqlite3.Error) as error:
            raise ConfigurationError(
                cause=f'The journal {path} cannot be opened: {error}.',
                cure='Make the folder writable, or move a damaged file away and keep it.',
            ) from error
        self._number: int = row[0] if row else 0
        self._hash: str = row[1] if row else _START

    def write(self, entry: Entry) -> None:
        """Append a line and wait until it is on the disk.

        Raises:
            sqlite3.Error: It could not be written, e.g. the disk is full.
        """
        line = json.dumps(asdict(entry), separators=(',', ':'))
        number, chained = self._number + 1, _chain(self._hash, line)
        with self._base:
            self._base.execute('INSERT INTO journal VALUES (?, ?, ?)', (number, line, chained))
        self._number, self._hash = number, chained

    def lines(self) -> list[Entry]:
        """Return all lines, oldest first."""
        rows = self._base.execute('SELECT line FROM journal ORDER BY number')
        return [Entry(**json.loads(line)) for (line,) in rows]

    def first_broken(self) -> int | None:
        """Return the number of the first line that was changed or removed, None when all hold."""
        before = _START
        rows = self._base.execute('SELECT number, line, hash FROM journal ORDER BY number')
        for place, (number, line, chained) in enumerate(rows, 1):
            if number != place or chained != _chain(before, line):
                return place
            before = chained
        return None

    def close(self) -> None:
        """Close the file."""
        self._base.close()


def _chain(before: str, line: str) -> str:
    return hashlib.sha256(f'{before}{line}'.encode()).hexdigest()


class JournalWriter:
    """Writes lines in a thread of its own: a slow disk must not stop the waveforms.

    Attributes:
        fault: Why lines are lost, '' while none are.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._thread = ThreadPoolExecutor(1, 'journal')
        self._lock = threading.Lock()
        self._waiting = 0
        self.fault = ''

    def record(self, entry: Entry) -> None:
        """Queue a line."""
        with self._lock:
            if self._waiting >= _MOST_WAITING:
                self.fault = f'the journal is {_MOST_WAITING} lines behind: lines are lost'
                return
            self._waiting += 1
        self._thread.submit(self._write, entry)

    def _write(self, entry: Entry) -> None:
        try:
            self._journal.write(entry)
        except Exception as error:
            self.fault = f'the journal cannot be written: {error}'
        finally:
            with self._lock:
                self._waiting -= 1

    def close(self) -> None:
        """Write what waits, then close the file."""
        self._thread.shutdown(wait=True)
        self._journal.close()
