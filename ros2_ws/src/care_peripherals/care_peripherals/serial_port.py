# SPDX-License-Identifier: AGPL-3.0-or-later
"""Opens a serial port for one owner only."""

from __future__ import annotations

import errno
import fcntl
import os
import termios
from pathlib import Path

import serial

from care_peripherals.board import BoardError, PortBusyError, PortMissingError

WRITE_TIMEOUT_S = 0.2
READ_TIMEOUT_S = 0.5
_PSEUDO_TERMINALS = Path('/dev/pts')


def open_exclusive(port: str, baud_rate: int) -> serial.Serial:
    """Open a port that nobody else has.

    The lock on the file keeps out those who ask for one, TIOCEXCL also those who do not, and who
    came first without either is found in /proc.

    Raises:
        PortMissingError: There is no such port.
        PortBusyError: Another process has it; names that process where it can be seen.
        BoardError: It cannot be opened, or is no serial port.
    """
    if not Path(port).exists():
        raise PortMissingError(f'there is no serial port {port}')
    _refuse_held(port)
    try:
        opened = serial.Serial(
            port, baud_rate, timeout=READ_TIMEOUT_S, write_timeout=WRITE_TIMEOUT_S, exclusive=True
        )
    except (OSError, termios.error, ValueError) as error:
        code = getattr(error, 'errno', None)
        if code in (errno.EBUSY, errno.EAGAIN, errno.EACCES) and _is_locked(error):
            raise PortBusyError(f'serial port {port} is in use by another process') from error
        if code == errno.EACCES:
            raise BoardError(
                f'serial port {port} may not be opened: add this user to the group of the port'
            ) from error
        raise BoardError(f'serial port {port} cannot be opened: {error}') from error
    _keep_for_us(opened, port)
    return opened


def _refuse_held(port: str) -> None:
    held_by = holders(port)
    if held_by:
        raise PortBusyError(f'serial port {port} is in use by {", ".join(held_by)}')


def _is_locked(error: Exception) -> bool:
    return isinstance(error, OSError) and (
        error.errno in (errno.EBUSY, errno.EAGAIN) or 'lock' in str(error)
    )


def _keep_for_us(opened: serial.Serial, port: str) -> None:
    """Refuse further opens. Not on a pseudo-terminal, where the mark outlives a killed owner."""
    if _PSEUDO_TERMINALS not in Path(port).resolve().parents:
        fcntl.ioctl(opened.fileno(), termios.TIOCEXCL)


def holders(port: str) -> list[str]:
    """Return the other processes that have the port open, as far as this user may see them.

    Returns:
        Texts such as 'process 123 (minicom)'.
    """
    target = str(Path(port).resolve())
    found = []
    for process in Path('/proc').iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid() and _has(process, target):
            found.append(f'process {process.name} ({_name(process)})')
    return found


def _has(process: Path, target: str) -> bool:
    try:
        return any(_link(descriptor) == target for descriptor in (process / 'fd').iterdir())
    except OSError:
        return False  # ended meanwhile, or of another user


def _link(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except OSError:
        return ''


def _name(process: Path) -> str:
    try:
        return (process / 'comm').read_text().strip()
    except OSError:
        return '?'
