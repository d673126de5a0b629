# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keeps a board connected, and says honestly when it is not.

One thread owns the board: it connects, sets everything as wanted before it enables the outputs,
keeps the board alive, and on any fault closes the port, throws the object away and begins again.
Readers judge freshness by the age of the last heartbeat on their own clock, so that a hung owner
cannot make old data look new.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from care_peripherals import wire
from care_peripherals.annunciator import Annunciator
from care_peripherals.board import (
    AskFirmware,
    Board,
    BoardError,
    KeepAlive,
    Life,
    PinMode,
    PlayTone,
    PortMissingError,
    Private,
    Report,
    SetMode,
    SetPwm,
    Text,
)
from care_peripherals.board_state import Counts, Snapshot, Timing
from care_peripherals.light_bar import LIGHTS, NONE, OFF, Colour, Light
from care_peripherals.wire import Answer, AnswerCode, Heartbeat
from care_peripherals.wiring import BLUE_PIN, GREEN_PIN, RED_PIN, TONE_PIN

_RGB = (RED_PIN, GREEN_PIN, BLUE_PIN)
_TURN_S = 0.05
_KEEP_ALIVE_S = 1
_KEEP_ALIVE_EVERY_S = 0.3
_FIRST_BEAT_S = 1.0
_MISSING_POLL_S = 0.1
_TEXTS_KEPT = 20


class _Request:
    """An unlock on its way to the board."""

    def __init__(self, drawer: int, hold_ds: int) -> None:
        self.drawer = drawer
        self.hold_ds = hold_ds
        self.done = threading.Event()
        self.code: AnswerCode | None = None
        self.given_up = False


class BoardSupervisor:
    """Owner of one board at a time; all public methods may be called from any thread."""

    def __init__(
        self,
        make_board: Callable[[], Board],
        key: bytes | None,
        timing: Timing | None = None,
        clock: Callable[[], float] = time.monotonic,
        port_exists: Callable[[], bool] = lambda: True,
    ) -> None:
        """Prepare; `start` begins.

        Args:
            make_board: Makes a new board object for each connection.
            key: The board's key, None when nothing may be unlocked.
            timing: Times.
            clock: Steady time [s].
            port_exists: Tells whether the port is there, to connect at once when it comes back.
        """
        self._make_board = make_board
        self._key = key
        self._timing = timing or Timing()
        self._clock = clock
        self._port_exists = port_exists
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._state = Snapshot(counts=Counts())
        self._counts = Counts()
        self._alive_at = float('-inf')
        self._boot: int | None = None
        self._connecting: Board | None = None
        self._light = LIGHTS[NONE]
        self._sound = NONE
        self._tested: list[int] = []
        self._annunciator = Annunciator()
        self._requests: list[_Request] = []
        self._pending: dict[int, _Request] = {}
        self._last_number = 0
        self._shown: Colour | None = None
        self._kept_alive_at = float('-inf')
        self._thread = threading.Thread(target=self._run, name='board owner', daemon=True)

    # For any thread ------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def stop(self) -> None:
        """End and give the port back."""
        with self._lock:
            self._stopping.set()
            board = self._connecting
        if board is not None:
            board.cancel()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def snapshot(self) -> Snapshot:
        """Return the board as known now."""
        with self._lock:
            state, age = self._state, self._clock() - self._alive_at
            counts = replace(self._counts, texts=list(self._counts.texts))
            light = self._light
        if state.fresh and age > self._timing.stale_after_s:
            state = replace(state, fresh=False, reason=self._silent())
        return replace(state, age_s=age, counts=counts, light=light if state.fresh else OFF)

    def _silent(self) -> str:
        return f'silent for more than {self._timing.stale_after_s:g} s'

    def show(self, light: Light) -> None:
        """Let the light bar show a pattern."""
        with self._lock:
            changed, self._light = self._light != light, light
        if changed:
            self._wake.set()

    def sound(self, priority: int) -> None:
        """Let the annunciator play a priority until told otherwise, 0 for silence."""
        with self._lock:
            self._sound = priority

    def test_sound(self, priority: int) -> None:
        """Play one burst of a priority."""
        with self._lock:
            self._tested.append(priority)
        self._wake.set()

    def unlock(self, drawer: int, hold_s: float, wait_s: float) -> AnswerCode | None:
        """Unlock a drawer and wait for the board's word.

        Args:
            drawer: From 1.
            hold_s: How long the solenoid may be on [s].
            wait_s: How long to wait for an answer [s].

        Returns:
            The board's answer; None when there was none in time, and then it is not sent later.
        """
        request = _Request(drawer, round(hold_s * 10))
        with self._lock:
            self._requests.append(request)
        self._wake.set()
        request.done.wait(wait_s)
        with self._lock:
            request.given_up = True
        return request.code

    # Reports of the board, on its own thread -----------------------------------------------------

    def _take(self, report: Report) -> None:
        with self._lock:
            if isinstance(report, Heartbeat):
                self._alive_at = self._clock()
                self._state = replace(self._state, heartbeat=report)
                self._counts.cancels += report.cancel
            elif isinstance(report, Life) and self._state.heartbeat is None:
                self._alive_at = self._clock()  # all that foreign firmware has to offer
            elif isinstance(report, Answer):
                request = self._pending.pop(report.number, None)
                if request is not None:
                    request.code = report.code
                    request.done.set()
            elif isinstance(report, Text):
                self._counts.texts = [*self._counts.texts, report.text][-_TEXTS_KEPT:]

    # The owner's thread --------------------------------------------------------------------------

    def _run(self) -> None:
        wait_s = self._timing.retry_first_s
        while not self._stopping.is_set():
            board = self._make_board()
            missing = False
            with self._lock:
                if self._stopping.is_set():
                    return
                self._connecting = board
            try:
                self._connect(board)
                self._connecting = None
                wait_s = self._timing.retry_first_s
                while not self._stopping.is_set():
                    self._turn(board)
            except BoardError as error:
                missing = isinstance(error, PortMissingError)
                self._lose(str(error))
            except Exception as error:
                self._lose(f'{type(error).__name__}: {error}')
            finally:
                self._go_dark(board)
                board.close()
            self._pause(wait_s, missing)
            wait_s = min(2 * wait_s, self._timing.retry_longest_s)
        self._lose('closed')

    def _pause(self, seconds: float, missing: bool) -> None:
        """Wait before the next try; no longer than until a missing port is there."""
        end = time.monotonic() + seconds
        while not self._stopping.is_set() and time.monotonic() < end:
            gone = missing or not self._port_exists()
            self._stopping.wait(min(_MISSING_POLL_S, max(0.0, end - time.monotonic())))
            if gone and self._port_exists():
                return

    def _connect(self, board: Board) -> None:
        with self._lock:
            self._alive_at = float('-inf')
            self._pending.clear()
            self._state = replace(self._state, heartbeat=None)
        self._kept_alive_at = float('-inf')
        board.subscribe(self._take)
        firmware = board.connect()
        own = firmware in (wire.FIRMWARE, wire.SIMULATED_FIRMWARE)
        with self._lock:
            self._state = replace(self._state, firmware=firmware)
        self._keep_alive(board, own)
        if own:
            board.write(Private(wire.BEGIN))
            self._await_heartbeat(board)
        self._apply(board)
        if own:
            board.write(Private(wire.ARM))
        self._began(own)

    def _await_heartbeat(self, board: Board) -> None:
        end = self._clock() + _FIRST_BEAT_S
        while self._clock() < end and not self._stopping.is_set():
            with self._lock:
                beat = self._state.heartbeat
            if beat is not None:
                self._note_boot(beat)
                return
            _raise_fault(board)
            time.sleep(0.01)
        raise BoardError('the board sends no heartbeat')

    def _note_boot(self, beat: Heartbeat) -> None:
        self._boot = beat.boot
        self._last_number = beat.last_grant

    def _apply(self, board: Board) -> None:
        """Set all pins as wanted, while nothing is driven yet."""
        self._shown = None
        for pin in _RGB:
            board.write(SetMode(pin, PinMode.PWM))
        board.write(SetMode(TONE_PIN, PinMode.TONE))
        self._show(board)

    def _began(self, own: bool) -> None:
        with self._lock:
            self._counts.connects += 1
            reason = '' if own else f'foreign firmware "{self._state.firmware}"'
            self._state = replace(self._state, fresh=True, reason=reason)

    def _lose(self, reason: str) -> None:
        with self._lock:
            self._counts.failures += 1
            self._counts.last_failure = reason
            self._counts.losses += self._state.fresh
            self._state = replace(self._state, fresh=False, reason=reason, heartbeat=None)
            for request in (*self._pending.values(), *self._requests):
                request.done.set()
            self._pending.clear()
            self._requests.clear()

    def _turn(self, board: Board) -> None:
        self._wake.wait(self._sleep_s())
        self._wake.clear()
        self._check(board)
        self._keep_alive(board, self._state.heartbeat is not None)
        self._send_unlocks(board)
        self._show(board)
        self._play(board)

    def _sleep_s(self) -> float:
        return min(_TURN_S, max(0.001, self._light.next_edge(self._clock())))

    def _check(self, board: Board) -> None:
        _raise_fault(board)
        health = board.health()
        with self._lock:
            self._state = replace(self._state, bad_messages=health.bad_messages)
            age = self._clock() - self._alive_at
            beat = self._state.heartbeat
        if age > self._timing.stale_after_s:
            raise BoardError(self._silent())
        if beat is not None and beat.boot != self._boot:
            with self._lock:
                self._counts.resets += 1
            raise BoardError('the board has restarted')

    def _keep_alive(self, board: Board, own: bool) -> None:
        now = self._clock()
        if now - self._kept_alive_at < _KEEP_ALIVE_EVERY_S:
            return
        self._kept_alive_at = now
        board.write(KeepAlive(_KEEP_ALIVE_S))
        if not own:
            board.write(AskFirmware())

    def _show(self, board: Board) -> None:
        with self._lock:
            light = self._light
        colour = light.at(self._clock())
        before = self._shown
        for i, pin in enumerate(_RGB):
            if before is None or before[i] != colour[i]:
                board.write(SetPwm(pin, colour[i]))
        self._shown = colour

    def _play(self, board: Board) -> None:
        now = self._clock()
        with self._lock:
            self._annunciator.stand(self._sound, now)
            while self._tested:
                self._annunciator.test(self._tested.pop(), now)
        sound = self._annunciator.due(now)
        if sound is not None:
            board.write(PlayTone(TONE_PIN, sound.frequency, sound.tone_ms))

    def _send_unlocks(self, board: Board) -> None:
        with self._lock:
            requests, self._requests = self._requests, []
            beat = self._state.heartbeat
        for request in requests:
            if beat is None or self._key is None or request.given_up:
                request.done.set()
                continue
            self._last_number = max(self._last_number, beat.last_grant) + 1
            with self._lock:
                self._pending[self._last_number] = request
            unlock = wire.Unlock(
                request.drawer, request.hold_ds, beat.boot, beat.uptime_ms, self._last_number
            )
            board.write(Private(wire.UNLOCK, wire.unlock_data(unlock, self._key)))

    def _go_dark(self, board: Board) -> None:
        """Leave a board that can still hear with its lights off."""
        if not self._stopping.is_set():
            return
        try:
            for pin in _RGB:
                board.write(SetPwm(pin, 0))
        except BoardError:
            return


def _raise_fault(board: Board) -> None:
    fault = board.health().fault
    if fault:
        raise BoardError(fault)
