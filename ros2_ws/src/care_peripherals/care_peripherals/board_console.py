# SPDX-License-Identifier: AGPL-3.0-or-later
"""Moves a simulated board by lines of text, from a terminal or over a local socket."""

from __future__ import annotations

import contextlib
import socketserver
import threading
import time
from collections.abc import Callable
from pathlib import Path

from care_peripherals.simulated_board import SimulatedBoard
from care_peripherals.simulated_firmware import Firmware


class Console:
    """Moves the board by lines of text.

    Commands: plug, unplug, reset, stall, go, estop, release, call, hang_up, cancel, pull N, shut N,
    force N, inject HEX, state.
    """

    def __init__(self, board: SimulatedBoard) -> None:
        self._plain: dict[str, Callable[[], object]] = {
            'plug': board.plug,
            'unplug': board.unplug,
            'reset': board.reset,
            'stall': lambda: board.stall(True),
            'go': lambda: board.stall(False),
            'estop': lambda: board.set_line(False),
            'release': lambda: board.set_line(True),
            'call': lambda: board.set_call(True),
            'hang_up': lambda: board.set_call(False),
            'cancel': lambda: self._press_cancel(board),
            'state': lambda: board.ask(lambda: _state(board.firmware)),
        }
        self._with_word: dict[str, Callable[[str], object]] = {
            'pull': lambda word: 'open' if board.pull(int(word)) else 'shut',
            'shut': lambda word: board.shut(int(word)),
            'force': lambda word: board.force(int(word)),
            'inject': lambda word: board.inject(bytes.fromhex(word)),
        }

    @staticmethod
    def _press_cancel(board: SimulatedBoard) -> None:
        board.set_cancel(True)
        time.sleep(0.2)
        board.set_cancel(False)

    def obey(self, line: str) -> str:
        """Carry out one line; return the answer, 'ok' when there is nothing to say."""
        words = line.split()
        try:
            if len(words) == 1 and words[0] in self._plain:
                result = self._plain[words[0]]()
            elif len(words) == 2 and words[0] in self._with_word:
                result = self._with_word[words[0]](words[1])
            else:
                return f'known: {", ".join([*self._plain, *(f"{w} X" for w in self._with_word)])}'
        except (ValueError, IndexError) as error:
            return f'refused: {error}'
        return str(result) if result is not None else 'ok'


def _state(firmware: Firmware) -> str:
    levels = {pin: firmware.level(pin) for pin in sorted(firmware.values)}
    drawers = [
        'open' if not d.reed_closed else 'locked' if d.bolt_extended else 'unlocked'
        for d in firmware.locks.bits()
    ]
    return f'boot {firmware.boot} armed {firmware.armed} pins {levels} drawers {drawers}'


class ControlSocket:
    """Takes lines of text from a Unix socket, for tests and demonstrations in other processes."""

    def __init__(self, path: Path, console: Console) -> None:
        """Listen at a path that only this user may reach.

        Raises:
            OSError: The socket cannot be made.
        """

        class Lines(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                for line in self.rfile:
                    self.wfile.write(f'{console.obey(line.decode(errors="replace"))}\n'.encode())

        path.unlink(missing_ok=True)
        self._path = path
        self._server = socketserver.ThreadingUnixStreamServer(str(path), Lines)
        self._server.daemon_threads = True
        path.chmod(0o600)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={'poll_interval': 0.1}, name='board control'
        )
        self._thread.start()

    def close(self) -> None:
        """End; safe to call twice."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
