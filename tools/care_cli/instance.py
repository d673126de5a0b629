# SPDX-License-Identifier: Apache-2.0
"""One ward a state folder: who runs it, and which port it serves."""

import fcntl
import json
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from care_cli.errors import CareError
from care_cli.processes import command_of

_LISTEN = '0A'


@dataclass(frozen=True)
class Instance:
    """A running ward: the process of its ./care up, and the address of its pages."""

    pid: int
    address: str


def _lock_file(state: Path) -> Path:
    return state / 'care.lock'


def _read(file: IO[str]) -> Instance | None:
    try:
        file.seek(0)
        fields = json.load(file)
        return Instance(int(fields['pid']), str(fields['address']))
    except (ValueError, KeyError, TypeError):
        return None


def running(state: Path) -> Instance | None:
    """Return the ward running on this state folder, None when there is none.

    The kernel's lock says so, not the file: a killed ward leaves the file but not the lock.
    """
    try:
        with _lock_file(state).open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return _read(file) or Instance(0, 'unknown')
    except OSError:
        pass
    return None


def claim(state: Path, address: str) -> IO[str]:
    """Claim the state folder until the returned file is closed; CareError when another has it."""
    # What is kept there is about patients.
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = _lock_file(state).open('a+')
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        other = _read(file) or Instance(0, 'unknown')
        file.close()
        raise CareError(
            f'Nightingale is running here already: pid {other.pid}, {other.address}',
            cure=f'open that address, or stop it: kill -INT {other.pid}',
        ) from error
    file.truncate(0)
    json.dump(asdict(Instance(os.getpid(), address)), file)
    file.flush()
    return file


def port_is_free(port: int) -> bool:
    """Say whether the pages can be served on this port of this machine."""
    with socket.socket() as probe:
        # As the server does: a port just given up is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(('127.0.0.1', port))
            probe.listen()
        except OSError:
            return False
    return True


def port_holder(port: int) -> int:
    """Return the pid that listens on a TCP port, 0 when it cannot be seen."""
    inodes = set()
    for table in ('/proc/net/tcp', '/proc/net/tcp6'):
        for line in Path(table).read_text().splitlines()[1:] if Path(table).exists() else ():
            fields = line.split()
            if fields[3] == _LISTEN and int(fields[1].rpartition(':')[2], 16) == port:
                inodes.add(f'socket:[{fields[9]}]')
    for link in Path('/proc').glob('[0-9]*/fd/*'):
        try:
            if str(link.readlink()) in inodes:
                return int(link.parts[2])
        except OSError:
            continue
    return 0


def require_port(port: int) -> None:
    """Raise CareError when the port is taken, naming who has it."""
    if port_is_free(port):
        return
    pid = port_holder(port)
    who = f'pid {pid}: {command_of(pid)[:80]}' if pid else 'another program'
    raise CareError(
        f'port {port} is in use ({who})',
        cure=f'stop that program or take another port: ./care up port:={port + 1}',
    )
