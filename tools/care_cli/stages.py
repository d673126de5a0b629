# SPDX-License-Identifier: Apache-2.0
"""Steps that are done once: each carries a key of all that it was made from.

The stamp holding the key lies beside the product, so that deleting the product forgets the step.
It is written last: a step that was killed half-way is done again.
"""

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

_NEVER_HASHED = {'__pycache__', 'node_modules', '.pytest_cache', '.mypy_cache', '.ruff_cache'}


@dataclass(frozen=True)
class Stage:
    """One step: done when `stamp` holds `key`."""

    name: str
    stamp: Path
    key: str
    work: Callable[[], None]

    def done(self) -> bool:
        """Say whether this very step was finished."""
        return read_stamp(self.stamp) == self.key

    def ensure(self) -> bool:
        """Do the step unless it is done; returns whether anything was done."""
        if self.done():
            return False
        self.stamp.unlink(missing_ok=True)
        self.work()
        write_stamp(self.stamp, self.key)
        return True


def read_stamp(stamp: Path) -> str:
    """Return the key in a stamp, '' when there is none."""
    try:
        return stamp.read_text().strip()
    except OSError:
        return ''


def write_stamp(stamp: Path, key: str) -> None:
    """Write a stamp whole or not at all."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    fresh = stamp.with_name(stamp.name + '.new')
    fresh.write_text(key + '\n')
    fresh.replace(stamp)


def combine(*parts: str) -> str:
    """Return one key for several."""
    return hashlib.sha256('\0'.join(parts).encode()).hexdigest()


def tree_files(roots: Iterable[Path], skip: frozenset[str] = frozenset()) -> list[Path]:
    """List all files under the roots, sorted, without folders named in skip and caches."""
    found: list[Path] = []
    for root in roots:
        if root.is_file():
            found.append(root)
        for folder, names, files in os.walk(root):
            names[:] = [name for name in names if name not in _NEVER_HASHED | skip]
            found += [Path(folder, name) for name in files]
    return sorted(found)


def tree_key(roots: Iterable[Path], base: Path, skip: frozenset[str] = frozenset()) -> str:
    """Return a key of names, contents and executable bits of all files under the roots."""
    digest = hashlib.sha256()
    for path in tree_files(roots, skip):
        digest.update(f'{path.relative_to(base)}\0{os.access(path, os.X_OK)}\0'.encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
