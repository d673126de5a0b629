# SPDX-License-Identifier: Apache-2.0
"""What processes leave behind: shared memory that nobody holds, old logs."""

import contextlib
import fcntl
import os
import re
import time
from collections.abc import Iterable
from pathlib import Path

SHARED_MEMORY = Path('/dev/shm')
# Fast DDS, and the tracing library that ROS 2 links.
_OURS = re.compile(r'^(sem\.)?fastrtps_|^lttng-ust-wait-\d')
# One segment or port of Fast DDS is several files; what one holds, all hold.
_FAMILY = re.compile(r'^(?:sem\.)?(fastrtps_(?:port\d+|[0-9a-f]+))')


def family(name: str) -> str:
    """Return what the files of one segment or port have in common."""
    found = _FAMILY.match(name)
    return found[1] if found else name


def candidates(folder: Path = SHARED_MEMORY) -> list[Path]:
    """List the files of this user that ROS 2 processes make."""
    found = []
    for path in folder.glob('*'):
        with contextlib.suppress(OSError):
            if _OURS.match(path.name) and path.stat().st_uid == os.getuid():
                found.append(path)
    return sorted(found)


def _opened(process: Path) -> Iterable[str]:
    """List the files that a process has open or mapped; nothing when it may not be looked at."""
    with contextlib.suppress(OSError):
        for line in (process / 'maps').read_text(errors='replace').splitlines():
            yield line.partition('/')[1] + line.partition('/')[2]
    with contextlib.suppress(OSError):
        for link in (process / 'fd').iterdir():
            with contextlib.suppress(OSError):
                yield str(link.readlink())


def held_families(folder: Path = SHARED_MEMORY, proc: Path = Path('/proc')) -> set[str]:
    """Return the families that some process has open or mapped."""
    prefix = f'{folder}/'
    return {
        family(name.removeprefix(prefix))
        for process in proc.glob('[0-9]*')
        for name in _opened(process)
        if name.startswith(prefix)
    }


def _locked(path: Path) -> bool:
    """Say whether somebody holds the file's lock: also one in a container, whom /proc hides."""
    try:
        with path.open('rb') as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def unheld(folder: Path = SHARED_MEMORY) -> list[Path]:
    """List the files of this user that ROS 2 processes made and nobody holds."""
    files = candidates(folder)
    held = held_families(folder)
    held |= {family(path.name) for path in files if _locked(path)}
    return [path for path in files if family(path.name) not in held]


def remove_unheld(folder: Path = SHARED_MEMORY) -> int:
    """Remove what nobody holds, twice seen so; returns how many files."""
    first = set(unheld(folder))
    # A process that is just starting has its file made but not yet mapped: it is held by now.
    removed = 0
    for path in unheld(folder) if first else ():
        if path in first:
            with contextlib.suppress(OSError):
                path.unlink()
                removed += 1
    return removed


def remove_old(folder: Path, days: float) -> None:
    """Remove the files of a folder that were not written to for so many days."""
    limit = time.time() - days * 86400
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            if path.is_file() and path.stat().st_mtime < limit:
                path.unlink()
