# SPDX-License-Identifier: Apache-2.0
"""Keeps ward state, answered requests and the journal over power loss, in one SQLite file.

Every commit is atomic and on disk when it returns (write-ahead log, synchronous FULL). The journal
can only be appended to; its oldest entries are dropped beyond a fixed number.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from care_alarms.journal import Entry

VERSION = 1
#: The journal never keeps fewer entries than this, whatever is set.
FEWEST_ENTRIES = 1000

_SCHEMA = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO meta VALUES ('version', '{VERSION}');
CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), document TEXT NOT NULL);
CREATE TABLE answer (
  service TEXT NOT NULL, request TEXT NOT NULL, answer TEXT NOT NULL,
  PRIMARY KEY (service, request)
);
CREATE TABLE journal (
  number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, event TEXT NOT NULL,
  bed INTEGER NOT NULL, admission_id TEXT NOT NULL, code TEXT NOT NULL, alarm_id TEXT NOT NULL,
  user TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE TRIGGER journal_is_not_edited BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_is_not_cut BEFORE DELETE ON journal
WHEN OLD.number > (SELECT MAX(number) FROM journal) - {FEWEST_ENTRIES}
BEGIN SELECT RAISE(ABORT, 'the journal keeps its newest entries'); END;
"""

#: Id of a request: service and request id.
RequestKey = tuple[str, str]


class DamagedError(Exception):
    """The file cannot be trusted."""


class InUseError(Exception):
    """Another process uses the file."""


class Store:
    """One file of kept state; without a path all is kept in memory only.

    Attributes:
        path: The file, None for memory.
        keep_entries: Number of journal entries kept; the oldest beyond it are dropped.
    """

    def __init__(self, path: Path | None, keep_entries: int = 10_000) -> None:
        """Open the file, or make it.

        Raises:
            DamagedError: The file is there but cannot be trusted; see `move_aside`.
            InUseError: Another process uses the file.
            OSError, sqlite3.OperationalError: The folder or file cannot be used.
        """
        self.path = path
        self.keep_entries = max(keep_entries, FEWEST_ENTRIES)
        self._lock: IO[str] | None = None
        if path is None:
            self._database = _connect(':memory:')
            self._database.executescript(_SCHEMA)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(path.with_suffix('.lock'))
        try:
            if not path.exists():
                _create(path)
            self._database = _opened(path)
        except BaseException:
            self._lock.close()
            raise

    def document(self) -> dict[str, Any] | None:
        """Return the kept ward state, None when nothing has been kept yet.

        Raises:
            DamagedError: It cannot be read.
        """
        try:
            row = self._database.execute('SELECT document FROM state').fetchone()
            found = None if row is None else json.loads(row[0])
        except (sqlite3.Error, ValueError) as error:
            raise DamagedError(str(error)) from error
        if found is not None and not isinstance(found, dict):
            raise DamagedError('the ward state is no record')
        return found

    def answers(self) -> dict[RequestKey, dict[str, Any]]:
        """Return the answers to requests that have been kept.

        Raises:
            DamagedError: They cannot be read.
        """
        try:
            rows = self._database.execute('SELECT service, request, answer FROM answer').fetchall()
            return {(service, request): json.loads(answer) for service, request, answer in rows}
        except (sqlite3.Error, ValueError) as error:
            raise DamagedError(str(error)) from error

    def commit(
        self,
        document: dict[str, Any],
        entries: Sequence[Entry] = (),
        answers: dict[RequestKey, dict[str, Any]] | None = None,
        forgotten: Iterable[RequestKey] = (),
    ) -> None:
        """Keep the ward state, add entries to the journal and keep answers: all or nothing.

        Raises:
            sqlite3.Error: Nothing has been kept.
        """
        if self._database.in_transaction:
            self._database.rollback()  # left by a commit that failed
        with self._database as database:
            database.execute('BEGIN IMMEDIATE')
            database.execute('INSERT OR REPLACE INTO state VALUES (1, ?)', (_json(document),))
            database.executemany(
                'INSERT OR REPLACE INTO answer VALUES (?, ?, ?)',
                [(*key, _json(answer)) for key, answer in (answers or {}).items()],
            )
            database.executemany(
                'DELETE FROM answer WHERE service = ? AND request = ?', list(forgotten)
            )
            self._append(entries)

    def _append(self, entries: Sequence[Entry]) -> None:
        self._database.executemany(
            'INSERT INTO journal (at, event, bed, admission_id, code, alarm_id, user, detail)'
            ' VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
            [
                (e.at, e.event, e.bed, e.admission_id, e.code, e.alarm_id, e.user, _json(e.detail))
                for e in entries
            ],
        )
        if entries:
            self._database.execute(
                'DELETE FROM journal WHERE number <= (SELECT MAX(number) FROM journal) - ?',
                (self.keep_entries,),
            )

    def journal(self, newest: int = 1000) -> list[Entry]:
        """Return the newest entries of the journal, oldest of them first."""
        rows = self._database.execute(
            'SELECT at, event, bed, admission_id, code, alarm_id, user, detail'
            ' FROM journal ORDER BY number DESC LIMIT ?',
            (newest,),
        ).fetchall()
        return [_entry(*row) for row in reversed(rows)]

    def dropped(self) -> int:
        """Return how many of the oldest journal entries have been dropped."""
        row = self._database.execute('SELECT MIN(number) FROM journal').fetchone()
        return 0 if row[0] is None else int(row[0]) - 1

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._database.close()
        if self._lock is not None:
            self._lock.close()


def _entry(
    at: int, event: str, bed: int, admission: str, code: str, alarm: str, user: str, detail: str
) -> Entry:
    return Entry(at, event, bed, admission, code, alarm, user, json.loads(detail))


def move_aside(path: Path) -> Path:
    """Move a damaged file, with its log, out of the way; return where it is now."""
    when = datetime.now(UTC).strftime('%Y%m%dT%H%M%S.%fZ')
    aside = path.with_name(f'{path.name}.damaged-{when}')
    for suffix in ('', '-wal', '-shm'):
        found = path.with_name(path.name + suffix)
        if found.exists():
            found.rename(aside.with_name(aside.name + suffix))
    return aside


def _connect(name: str | Path) -> sqlite3.Connection:
    # One thread at a time uses it: the executor's, which is not always the one that opened it.
    # A short wait for a locked file: alarms wait meanwhile.
    return sqlite3.connect(name, timeout=0.1, isolation_level=None, check_same_thread=False)


def _create(path: Path) -> None:
    """Make the file under another name first, so that it is either complete or not there."""
    young = path.with_name(path.name + '.new')
    young.unlink(missing_ok=True)
    database = _connect(young)
    database.executescript(f'BEGIN;{_SCHEMA}COMMIT;')
    database.execute('PRAGMA journal_mode=WAL')
    database.close()
    young.replace(path)


def _opened(path: Path) -> sqlite3.Connection:
    database = _connect(path)
    try:
        _check(database)
    except sqlite3.DatabaseError as error:
        database.close()
        if isinstance(error, sqlite3.OperationalError) and 'no such' not in str(error):
            raise
        raise DamagedError(str(error)) from error
    except DamagedError:
        database.close()
        raise
    return database


def _check(database: sqlite3.Connection) -> None:
    found = database.execute('PRAGMA quick_check').fetchall()
    if found != [('ok',)]:
        raise DamagedError(str(found[0][0]))
    row = database.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
    if row is None or row[0] != str(VERSION):
        raise DamagedError(f'its version is {row and row[0]}, not {VERSION}')
    database.execute('PRAGMA journal_mode=WAL')
    database.execute('PRAGMA synchronous=FULL')


def _locked(path: Path) -> IO[str]:
    lock = path.open('w')
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise InUseError(f'{path} is held by another process') from error
    return lock


def _json(value: object) -> str:
    return json.dumps(value, allow_nan=False, separators=(',', ':'))
