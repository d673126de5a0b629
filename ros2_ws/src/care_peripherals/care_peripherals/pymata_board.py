# SPDX-License-Identifier: AGPL-3.0-or-later
"""A board behind pymata4, with its traps closed.

What is different from plain pymata4: the port is ours alone and opened with a write time-out; the
handshake has deadlines and skips stray bytes; reading blocks instead of polling and reports an
unplugged port at once; handlers cannot end a thread; nothing is printed.
"""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Callable
from typing import Any

import pymata4.pymata4 as pymata
from pymata4.private_constants import PrivateConstants as Firmata

from care_peripherals import wire
from care_peripherals.board import (
    AskFirmware,
    BoardError,
    Command,
    Health,
    KeepAlive,
    Life,
    PinMode,
    PlayTone,
    Private,
    Report,
    SetLevel,
    SetMode,
    SetPwm,
    Text,
)
from care_peripherals.guards import GuardedDispatch, PatientBytes
from care_peripherals.serial_port import open_exclusive
from care_peripherals.wiring import BAUD_RATE, INSTANCE_ID

_SLEEP_TUNE_S = 0.001
_ANSWER_S = 1.5
_PING_EVERY_S = 0.5
_JOIN_S = 1.0
_I_AM_HERE = re.compile(rb'\xf0\x52([\x00-\x7f])\xf7')


def _swallow(*_words: object, **_options: object) -> None:
    """Stand in for print inside pymata4: what it prints is raised as an error, or of no use."""


pymata.print = _swallow


class _Link(pymata.Pymata4):
    """One connection of pymata4, guarded."""

    def __init__(
        self,
        port: str,
        settle_s: float,
        take: Callable[[Report], None],
        closing: threading.Event,
    ) -> None:
        self.link_error = ''
        self._take = take
        self._closing = closing
        try:
            super().__init__(
                com_port=port,
                baud_rate=BAUD_RATE,
                arduino_instance_id=INSTANCE_ID,
                arduino_wait=settle_s,
                sleep_tune=_SLEEP_TUNE_S,
                shutdown_on_exception=False,
            )
        except BaseException:
            self.release()
            raise
        self.report_dispatch[wire.HEARTBEAT] = [lambda data: take(wire.heartbeat(bytes(data))), 0]
        self.report_dispatch[wire.ANSWER] = [lambda data: take(wire.answer(bytes(data))), 0]
        self.report_dispatch[Firmata.STRING_DATA] = [self._text, 2]

    # pymata4 assigns a dict and a deque to these two names and only ever reads them after.

    @property
    def report_dispatch(self) -> GuardedDispatch:
        return self._dispatch

    @report_dispatch.setter
    def report_dispatch(self, _plain: dict[int, list[Any]]) -> None:
        self._dispatch = GuardedDispatch()

    @property
    def the_deque(self) -> PatientBytes:
        return self._bytes

    @the_deque.setter
    def the_deque(self, _plain: object) -> None:
        self._bytes = PatientBytes()

    def firmware_name(self) -> str:
        """Return the name that the firmware gave, without its version."""
        version, _, name = str(self.query_reply_data[Firmata.REPORT_FIRMWARE]).partition(' ')
        return name or version

    def threads_live(self) -> bool:
        """Tell whether both threads of pymata4 run."""
        return bool(self.the_reporter_thread.is_alive() and self.the_data_receive_thread.is_alive())

    def release(self) -> None:
        """End both threads and close the port; pymata4's own shutdown does neither for sure."""
        self._closing.set()
        self.shutdown_flag = True
        self.run_event.set()  # a thread that still waits for it ends at once
        self.the_deque.release()
        port = self.serial_port
        if port is not None:
            with contextlib.suppress(Exception):
                port.cancel_read()
        self._join(self.the_data_receive_thread)
        if port is not None:
            with contextlib.suppress(Exception):
                port.close()
        self._join(self.the_reporter_thread)

    @staticmethod
    def _join(thread: threading.Thread) -> None:
        if thread.is_alive() and thread is not threading.current_thread():
            thread.join(_JOIN_S)

    # In place of methods of pymata4 --------------------------------------------------------------

    def _manual_open(self) -> None:
        self.serial_port = open_exclusive(self.com_port, self.baud_rate)
        self._closing.wait(self.arduino_wait)
        self.serial_port.reset_input_buffer()
        identity = self._ask_identity()
        if identity != self.arduino_instance_id:
            raise BoardError(f'the board is number {identity}, not {self.arduino_instance_id}')

    def _ask_identity(self) -> int:
        heard = b''
        end = time.monotonic() + _ANSWER_S
        asked_at = float('-inf')
        while time.monotonic() < end and not self._closing.is_set():
            if time.monotonic() - asked_at > _PING_EVERY_S:
                self._send_sysex(Firmata.ARE_YOU_THERE)
                asked_at = time.monotonic()
            heard = (heard + self.serial_port.read(max(1, self.serial_port.in_waiting)))[-64:]
            found = _I_AM_HERE.search(heard)
            if found:
                return found.group(1)[0]
        raise BoardError(f'no board with a known firmware answers at {self.com_port}')

    def _serial_receiver(self) -> None:
        self.run_event.wait()
        try:
            while not self.shutdown_flag:
                data = self.serial_port.read(max(1, self.serial_port.in_waiting))
                if data:
                    self.the_deque.extend(data)
        except (OSError, TypeError, ValueError):
            self.link_error = f'serial port {self.com_port} is gone: unplugged'

    def get_firmware_version(self) -> str | None:
        """Ask for the firmware's name; None when there is no answer in time."""
        self._send_sysex(Firmata.REPORT_FIRMWARE)
        return self._reply(Firmata.REPORT_FIRMWARE) or None

    def get_analog_map(self) -> list[int] | None:
        """Ask for the pins; None when there is no answer in time."""
        self._send_sysex(Firmata.ANALOG_MAPPING_QUERY)
        return self._reply(Firmata.ANALOG_MAPPING_RESPONSE) or None

    def _reply(self, key: int) -> Any:
        end = time.monotonic() + _ANSWER_S
        while time.monotonic() < end and not self.link_error and not self._closing.is_set():
            if self.query_reply_data.get(key):
                return self.query_reply_data[key]
            time.sleep(0.005)
        return None

    def _report_firmware(self, sysex_data: list[int]) -> None:
        super()._report_firmware(sysex_data)
        self._take(Life())

    def _text(self, data: list[int]) -> None:
        pairs = zip(data[::2], data[1::2], strict=False)
        self._take(Text(''.join(chr(low + (high << 7)) for low, high in pairs)))


class Pymata4Board:
    """A board at a named serial port; see care_peripherals.board.Board."""

    def __init__(self, port: str, settle_s: float) -> None:
        """Keep the settings.

        Args:
            port: Serial port; always named, for a search would reset every board there is.
            settle_s: Wait after opening, while the board restarts [s].
        """
        self._port = port
        self._settle_s = settle_s
        self._link: _Link | None = None
        self._closing = threading.Event()
        self._take: Callable[[Report], None] = lambda _report: None

    def subscribe(self, take: Callable[[Report], None]) -> None:
        """See Board."""
        self._take = take

    def connect(self) -> str:
        """See Board."""
        try:
            self._link = _Link(self._port, self._settle_s, self._take, self._closing)
        except BoardError:
            raise
        except (OSError, RuntimeError, TypeError, ValueError) as error:
            # pymata4 raises RuntimeError, once without a text, when an answer does not come.
            text = str(error).strip() or 'no answer'
            raise BoardError(f'the board at {self._port} does not start: {text}') from error
        return self._link.firmware_name()

    def cancel(self) -> None:
        """See Board."""
        if self._link is None:
            self._closing.set()

    def write(self, command: Command) -> None:
        """See Board."""
        if self._link is None:
            raise BoardError('not connected')
        try:
            _send(self._link, command)
        except (OSError, RuntimeError, TypeError) as error:
            raise BoardError(f'the board at {self._port} does not take commands') from error

    def health(self) -> Health:
        """See Board."""
        link = self._link
        if link is None:
            return Health('not connected')
        fault = link.link_error
        if not fault and not link.threads_live():
            fault = 'the reader of the board has ended'
        return Health(fault, link.report_dispatch.failures)

    def close(self) -> None:
        """See Board."""
        if self._link is not None:
            self._link.release()
            self._link = None


def _send(link: _Link, command: Command) -> None:
    match command:
        case SetMode(pin, mode):
            _set_mode(link, pin, mode)
        case SetLevel(pin, high):
            link.digital_pin_write(pin, int(high))
        case SetPwm(pin, value):
            link.pwm_write(pin, value)
        case PlayTone(pin, frequency, duration_ms):
            link.play_tone(pin, frequency, duration_ms)
        case KeepAlive(seconds):
            # pymata4's own keep_alive also sets the sampling interval, and its thread dies unseen.
            link._send_sysex(Firmata.KEEP_ALIVE, [seconds & 0x7F, seconds >> 7 & 0x7F])
        case AskFirmware():
            link._send_sysex(Firmata.REPORT_FIRMWARE)
        case Private(number, data):
            link._send_sysex(number, list(data))


def _set_mode(link: _Link, pin: int, mode: PinMode) -> None:
    {
        PinMode.OUTPUT: link.set_pin_mode_digital_output,
        PinMode.PWM: link.set_pin_mode_pwm_output,
        PinMode.PULLUP: link.set_pin_mode_digital_input_pullup,
        PinMode.TONE: link.set_pin_mode_tone,
    }[mode](pin)
