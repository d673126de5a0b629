# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which grants were used, kept over a restart."""

from __future__ import annotations

import os
from pathlib import Path

_KEEP_NS = 30 * 24 * 3600 * 1_000_000_000


class NonceStore:
    """Nonces that were used: a file with a line of nonce and expiry [ns] for each.

    Attributes:
        complete_since_ns: Grants issued before this ROS time [ns] may have been used without a
            trace: nothing is kept, or the file was damaged. 0 when all is known.
    """

    def __init__(self, path: Path | None, now_ns: int) -> None:
        """Read what is kept.

        Args:
            path: File, None to keep nothing over a restart.
            now_ns: ROS time [ns].

        Raises:
            OSError: The file cannot be read or written.
        """
        self._path = path
        self._used: dict[int, int] = {}
        self.complete_since_ns = now_ns if path is None else 0
        if path is not None and path.exists():
            self._read(path, now_ns)
            self._rewrite(path, now_ns)

    def used(self, nonce: int) -> bool:
        """Tell whether a nonce was used."""
        return nonce in self._used

    def use(self, nonce: int, expires_ns: int) -> None:
        """Note a nonce; it is on the disk when this returns.

        Raises:
            OSError: It cannot be written; then the grant must not be honoured.
        """
        self._used[nonce] = expires_ns
        if self._path is None:
            return
        with self._path.open('a') as file:
            file.write(f'{nonce} {expires_ns}\n')
            file.flush()
            os.fsync(file.fileno())

    def _read(self, path: Path, now_ns: int) -> None:
        for line in path.read_text(errors='replace').splitlines():
            try:
                nonce, expires_ns = map(int, line.split())
            except ValueError:
                self.complete_since_ns = now_ns
            else:
                self._used[nonce] = expires_ns

    def _rewrite(self, path: Path, now_ns: int) -> None:
        self._used = {n: e for n, e in self._used.items() if e > now_ns - _KEEP_NS}
        draft = path.with_suffix('.new')
        draft.write_text(''.join(f'{n} {e}\n' for n, e in self._used.items()))
        draft.replace(path)
