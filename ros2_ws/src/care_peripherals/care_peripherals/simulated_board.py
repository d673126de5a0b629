# SPDX-License-Identifier: AGPL-3.0-or-later
"""A simulated board on a pseudo-terminal, at a link that stays the same over unplug and plug.

Run alone: `python -m care_peripherals.simulated_board --link /tmp/board --key-file KEY`, then type
the commands of `Console`.
"""

from __future__ import annotations

import argparse
import os
import select
import sys
import threading
import tty
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TypeVar

from care_peripherals import wire
from care_peripherals.grant import load_key
from care_peripherals.lock_model import Locks
from care_peripherals.simulated_firmware import Firmware
from care_peripherals.wiring import LOCK_PINS

Result = TypeVar('Result')

_TURN_S = 0.02
_ASK_S = 5.0


class SimulatedBoard:
    """A board that others open as a serial port. All its work is done on one thread.

    As on a real one, opening the port restarts it, and unplugging takes its power away; the boot
    counter and the number of the last grant are kept.
    """

    def __init__(
        self,
        link: Path,
        grant_key: bytes,
        drawers: int = len(LOCK_PINS),
        name: str = wire.SIMULATED_FIRMWARE,
    ) -> None:
        """Prepare; `start` plugs it in.

        Args:
            link: Symbolic link to be made to the pseudo-terminal: the port to open.
            grant_key: Key of the grants, from which the board's key is made.
            drawers: Number of drawers.
            name: Name of the firmware; any but our own speaks plain Firmata only.
        """
        self.link = link
        self.firmware = Firmware(Locks(drawers, wire.board_key(grant_key)), name)
        self._master: int | None = None
        self._client = False
        self._stalled = False
        self._stopping = False
        self._asked: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._run, name='simulated board', daemon=True)

    @property
    def port(self) -> str:
        """Return the port to open."""
        return str(self.link)

    def start(self) -> SimulatedBoard:
        """Plug in."""
        self._thread.start()
        self.plug()
        return self

    def close(self) -> None:
        """Unplug and end; safe to call twice."""
        if not self._thread.is_alive():
            return
        self.ask(self._unplug)
        self._stopping = True
        os.write(self._wake_write, b'.')
        self._thread.join()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def __enter__(self) -> SimulatedBoard:
        return self.start()

    def __exit__(self, *_details: object) -> None:
        self.close()

    # Handles -------------------------------------------------------------------------------------

    def ask(self, act: Callable[[], Result]) -> Result:
        """Carry something out on the board's thread and return its result."""
        done: Future[Result] = Future()

        def carry_out() -> None:
            try:
                done.set_result(act())
            except Exception as error:
                done.set_exception(error)

        self._asked.put(carry_out)
        os.write(self._wake_write, b'.')
        return done.result(_ASK_S)

    def unplug(self) -> None:
        """Pull the cable."""
        self.ask(self._unplug)

    def plug(self) -> None:
        """Plug the cable in."""
        self.ask(self._plug)

    def reset(self) -> None:
        """Press the reset button."""
        self.ask(self.firmware.reset)

    def stall(self, stalled: bool) -> None:
        """Let the firmware hang, or go on."""

        def change() -> None:
            self._stalled = stalled

        self.ask(change)

    def inject(self, data: bytes) -> None:
        """Send bytes to the host that the firmware did not mean."""

        def add() -> None:
            self.firmware.out += data

        self.ask(add)

    def set_line(self, closed: bool) -> None:
        """Close or open the emergency-stop line; a broken wire is an open line."""
        self.ask(lambda: setattr(self.firmware.wires, 'line_closed', closed))

    def set_call(self, pressed: bool) -> None:
        """Press or let go the nurse-call button."""
        self.ask(lambda: setattr(self.firmware.wires, 'call_pressed', pressed))

    def set_cancel(self, pressed: bool) -> None:
        """Press or let go the button that cancels a call."""
        self.ask(lambda: setattr(self.firmware.wires, 'cancel_pressed', pressed))

    def pull(self, drawer: int) -> bool:
        """Pull at a drawer; return whether it is open now."""
        return self.ask(lambda: self.firmware.locks.pull(drawer))

    def shut(self, drawer: int) -> None:
        """Push a drawer shut."""
        self.ask(lambda: self.firmware.locks.shut(drawer))

    def force(self, drawer: int) -> None:
        """Open a drawer with the mechanical key."""
        self.ask(lambda: self.firmware.locks.force(drawer))

    def level(self, pin: int) -> int:
        """Return what a pin drives."""
        return self.ask(lambda: self.firmware.level(pin))

    # The board's thread --------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping:
            readable = self._wait()
            while True:
                try:
                    self._asked.get_nowait()()
                except Empty:
                    break
            if self._master is not None and not self._stalled:
                self._turn(readable)

    def _wait(self) -> bool:
        """Wait for bytes of the host or something asked; tell whether there are bytes."""
        poll = select.poll()
        poll.register(self._wake_read, select.POLLIN)
        if self._master is not None and self._client and not self._stalled:
            poll.register(self._master, select.POLLIN)
        events = dict(poll.poll(_TURN_S * 1000))
        if self._wake_read in events:
            os.read(self._wake_read, 4096)
        return bool(events.get(self._master or -1, 0) & select.POLLIN)

    def _turn(self, readable: bool) -> None:
        self._notice_client()
        if self._client and readable:
            self.firmware.receive(self._read())
        self.firmware.tick()
        self._write()

    def _notice_client(self) -> None:
        """See who has the port open: a hang-up stands while nobody has."""
        assert self._master is not None
        poll = select.poll()
        poll.register(self._master, select.POLLIN)
        present = not dict(poll.poll(0)).get(self._master, 0) & select.POLLHUP
        if present and not self._client:
            self.firmware.reset()  # the serial port's DTR line restarts a real board
        self._client = present

    def _read(self) -> bytes:
        assert self._master is not None
        try:
            return os.read(self._master, 4096)
        except OSError:
            return b''  # nobody has the port open any more

    def _write(self) -> None:
        assert self._master is not None
        if self._client and self.firmware.out:
            try:
                sent = os.write(self._master, bytes(self.firmware.out))
            except OSError:
                sent = len(self.firmware.out)  # nobody reads: a UART does not wait
            del self.firmware.out[:sent]
        if not self._client:
            self.firmware.out.clear()

    def _plug(self) -> None:
        if self._master is not None:
            return
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        name = os.ttyname(slave)
        os.close(slave)
        self._master, self._client = master, False
        self.firmware.reset()
        draft = self.link.with_name(self.link.name + '.new')
        draft.unlink(missing_ok=True)
        draft.symlink_to(name)
        draft.replace(self.link)

    def _unplug(self) -> None:
        if self._master is None:
            return
        self.link.unlink(missing_ok=True)
        os.close(self._master)
        self._master = None
        self._client = False
        self.firmware.locks.lock_all()


def main() -> None:
    """Run a board until the input ends or `quit` comes."""
    parser = argparse.ArgumentParser(description='A simulated board on a pseudo-terminal.')
    parser.add_argument('--link', type=Path, required=True, help='symbolic link to make')
    parser.add_argument('--key-file', type=Path, required=True, help='key of the grants')
    parser.add_argument('--drawers', type=int, default=len(LOCK_PINS), help='number of drawers')
    arguments = parser.parse_args()
    from care_peripherals.board_console import Console

    with SimulatedBoard(arguments.link, load_key(arguments.key_file), arguments.drawers) as board:
        console = Console(board)
        print(f'board at {board.port}', flush=True)
        for line in sys.stdin:
            if line.strip() == 'quit':
                break
            print(console.obey(line), flush=True)


if __name__ == '__main__':
    main()
