# SPDX-License-Identifier: AGPL-3.0-or-later
"""The port that the node is told to use: a real one, or a simulated board of its own."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from care_node.errors import ConfigurationError

from care_peripherals.board import Board
from care_peripherals.board_console import Console, ControlSocket
from care_peripherals.parameters import SIMULATED_PORT
from care_peripherals.simulated_board import SimulatedBoard

_SIMULATED_SETTLE_S = 0.1


@dataclass
class Ports:
    """A port to connect to.

    Attributes:
        port: Name of the port.
        make_board: Makes the object for one connection.
        simulated_board: The simulated board, None with a real port.
    """

    port: str
    make_board: Callable[[], Board]
    simulated_board: SimulatedBoard | None = None
    control: ControlSocket | None = None

    @property
    def simulated(self) -> bool:
        """Tell whether the board is simulated."""
        return self.simulated_board is not None

    def exists(self) -> bool:
        """Tell whether the port is there."""
        return Path(self.port).exists()

    def close(self) -> None:
        """End the simulated board."""
        if self.control is not None:
            self.control.close()
        if self.simulated_board is not None:
            self.simulated_board.close()
            shutil.rmtree(self.simulated_board.link.parent, ignore_errors=True)


def open_ports(port: str, settle_s: float, key: bytes | None, drawers: int, control: str) -> Ports:
    """Return the port of a name; start the simulated board if it is asked for.

    Args:
        port: Serial port, or 'simulated'.
        settle_s: Wait after opening a real port [s].
        key: Key of the grants, None for none.
        drawers: Number of drawers of a simulated board.
        control: Unix socket that moves the simulated board, '' for none.

    Raises:
        ConfigurationError: pymata4 is missing, or the simulated board cannot be made.
    """
    try:
        from care_peripherals.pymata_board import Pymata4Board
    except ImportError as error:
        raise ConfigurationError(
            f'Boards need pymata4: {error}.', 'Install it: python -m pip install pymata4'
        ) from error
    if port != SIMULATED_PORT:
        return Ports(port, lambda: Pymata4Board(port, settle_s))
    folder = Path(tempfile.mkdtemp(prefix='care_board_'))
    # Without a key of its own no grant is ever right for the board.
    board = SimulatedBoard(folder / 'port', key or secrets.token_bytes(32), drawers).start()
    try:
        socket = ControlSocket(Path(control), Console(board)) if control else None
    except OSError as error:
        board.close()
        raise ConfigurationError(
            f'The socket {control} of the simulated board cannot be made: {error.strerror}.',
            'Give simulated_control a path in a folder that can be written to.',
        ) from error
    return Ports(board.port, lambda: Pymata4Board(board.port, _SIMULATED_SETTLE_S), board, socket)
