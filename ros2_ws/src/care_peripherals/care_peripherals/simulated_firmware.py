# SPDX-License-Identifier: AGPL-3.0-or-later
"""The firmware of a simulated board: bytes in, bytes out, and the state of its pins.

It speaks the part of FirmataExpress that pymata4 needs, and the private messages of
care_peripherals.wire. Rules that a real firmware is to keep as well: silent until spoken to; inputs
by default; outputs driven only once armed; a host that falls silent leaves everything dark, still
and locked; lock pins take no plain write of any kind; no message makes it read beyond its buffer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from care_peripherals import wire
from care_peripherals.lock_model import Locks
from care_peripherals.wiring import (
    CALL_PIN,
    CANCEL_PIN,
    ESTOP_PIN,
    FIRST_ANALOG_PIN,
    INSTANCE_ID,
    LOCK_PINS,
    PIN_COUNT,
    REED_PINS,
)

HEARTBEAT_S = 0.1
_ALIVE_S = 1.0
_BUFFER = 64
_SYSEX, _END = 0xF0, 0xF7
_PULLUP = 0x0B
_INPUT, _OUTPUT, _PWM, _SERVO, _TONE = 0x00, 0x01, 0x03, 0x04, 0x0D
_VERSION = (1, 2)
_PROTOCOL = (2, 5)


@dataclass
class Wires:
    """What is connected to the inputs.

    Attributes:
        line_closed: The emergency-stop line; open when pressed, and when a wire is broken.
        call_pressed: The nurse-call button.
        cancel_pressed: The button that cancels a call.
    """

    line_closed: bool = True
    call_pressed: bool = False
    cancel_pressed: bool = False


class Firmware:
    """One board; call `receive` for bytes, `tick` often.

    Attributes:
        wires: What is connected to the inputs.
        locks: The locks.
        out: Bytes to the host; the caller takes them away.
        modes: Mode of each pin that was set.
        values: Value of each pin that was written.
        tones: Every tone asked for: pin, frequency [Hz], duration [ms].
        log: Names of what was received, in order, for tests.
    """

    def __init__(
        self,
        locks: Locks,
        name: str = wire.SIMULATED_FIRMWARE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Switch on.

        Args:
            locks: The locks.
            name: Name that it gives; any but our own speaks plain Firmata only.
            clock: Steady time [s].
        """
        self.wires = Wires()
        self.locks = locks
        self.boot = 0
        self._name = name
        self._clock = clock
        self._private = name in (wire.FIRMWARE, wire.SIMULATED_FIRMWARE)
        self._sysex: dict[int, Callable[[bytes], None]] = {
            0x51: lambda _: self._say(0x52, bytes([INSTANCE_ID])),
            0x79: lambda _: self._say(0x79, bytes(_VERSION) + _pairs(self._name)),
            0x69: lambda _: self._say(0x6A, _analog_map()),
            0x6D: self._pin_state,
            0x6F: self._extended_write,
            0x70: lambda data: self._plain_mode(data[0], _SERVO),
            0x5F: self._tone,
            0x50: self._keep_alive,
            0x7A: lambda _: None,
        }
        if self._private:
            self._sysex |= {
                wire.BEGIN: self._begin,
                wire.ARM: self._arm,
                wire.UNLOCK: self._unlock,
            }
        self.reset()

    def reset(self) -> None:
        """Start anew: reset button, power, watchdog, or a host that opens the port."""
        self.boot = (self.boot + 1) % 65536
        self.out = bytearray()
        self.modes: dict[int, int] = {}
        self.values: dict[int, int] = {}
        self.tones: list[tuple[int, int, int]] = []
        self.log: list[str] = []
        self.armed = False
        self._began_at = self._clock()
        self._talking = False
        self._alive_until: float | None = None
        self._beat_at = 0.0
        self._call = False
        self._sequence = 0
        self._refused = 0
        self._reported: set[int] = set()
        self._inputs: object = None
        self._ports: dict[int, int] = {}
        self._buffer = bytearray()
        self.locks.lock_all()

    # What an onlooker sees -----------------------------------------------------------------------

    def level(self, pin: int) -> int:
        """Return what the pin drives, 0..255 for PWM; 0 also while it drives nothing."""
        return self.values.get(pin, 0) if self._drives() else 0

    # Time ----------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Let time pass."""
        now = self._clock()
        self.locks.tick(now)
        if self._alive_until is not None and now > self._alive_until:
            self._make_safe()
        if self.wires.call_pressed:
            self._call = True
        if self.wires.cancel_pressed:
            self._call = False
        self._report_inputs()
        self._report_ports()
        if self._talking and now >= self._beat_at:
            self._beat(now)

    def _make_safe(self) -> None:
        self.armed = False
        self._talking = False
        self._alive_until = None
        self.values.clear()
        self.modes.clear()
        self._reported.clear()
        self.locks.lock_all()

    def _report_inputs(self) -> None:
        inputs = (
            self.wires.line_closed, self._call, self.wires.cancel_pressed,
            tuple((d.reed_closed, d.bolt_extended) for d in self.locks.bits()),
        )  # fmt: skip
        if inputs != self._inputs:
            self._inputs = inputs
            self._sequence = (self._sequence + 1) % 65536
            self._beat_at = 0.0

    def _beat(self, now: float) -> None:
        self._beat_at = now + HEARTBEAT_S
        beat = wire.Heartbeat(
            self.boot, self._uptime_ms(), self._sequence, self.armed, self.wires.line_closed,
            self._call, self.wires.cancel_pressed, self._refused, self.locks.last_number,
            self.locks.bits(),
        )  # fmt: skip
        self._say(wire.HEARTBEAT, wire.heartbeat_data(beat))

    def _uptime_ms(self) -> int:
        return int((self._clock() - self._began_at) * 1000) % 2**32

    # Bytes ---------------------------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Take bytes from the host."""
        for byte in data:
            self._take(byte)

    def _take(self, byte: int) -> None:
        if byte >= 0x80 and byte != _END:
            self._buffer = bytearray([byte])
            if byte == 0xFF:
                self.reset()
        elif self._buffer:
            self._buffer.append(byte)
        if self._is_complete():
            message, self._buffer = bytes(self._buffer), bytearray()
            self._obey(message)
        elif len(self._buffer) > _BUFFER:
            self._buffer.clear()

    def _is_complete(self) -> bool:
        if not self._buffer:
            return False
        first = self._buffer[0]
        if first == _SYSEX:
            return self._buffer[-1] == _END
        return len(self._buffer) == _length(first)

    def _obey(self, message: bytes) -> None:
        if any(byte >= 0x80 for byte in message[1:-1]):
            return
        first = message[0]
        try:
            if first == _SYSEX:
                self._obey_sysex(message[1:-1])
            elif first == 0xF4:
                self._plain_mode(message[1], message[2])
            elif first == 0xF5:
                self._plain_write(message[1], message[2])
            elif first == 0xF9:
                self.out += bytes((0xF9, *_PROTOCOL))
            else:
                self._obey_channel(first & 0xF0, first & 0x0F, message)
        except IndexError:
            return  # a message without what it should carry

    def _obey_channel(self, kind: int, channel: int, message: bytes) -> None:
        if kind == 0xE0:
            self._plain_write(channel, message[1] | message[2] << 7)
        elif kind == 0x90:
            bits = message[1] | message[2] << 7
            for i in range(8):
                if self.modes.get(8 * channel + i) == _OUTPUT or 8 * channel + i in LOCK_PINS:
                    self._plain_write(8 * channel + i, bits >> i & 1)
        elif kind == 0xD0:
            change = self._reported.add if message[1] else self._reported.discard
            change(channel)
            self._ports.pop(channel, None)

    def _obey_sysex(self, body: bytes) -> None:
        handler = self._sysex.get(body[0])
        if handler is not None:
            handler(body[1:])

    # Plain Firmata -------------------------------------------------------------------------------

    def _plain_mode(self, pin: int, mode: int) -> None:
        if self._is_lock(pin):
            return
        self.modes[pin] = mode
        self.log.append(f'mode {pin}')

    def _plain_write(self, pin: int, value: int) -> None:
        if self._is_lock(pin):
            return
        self.values[pin] = value
        self.log.append(f'write {pin}')

    def _is_lock(self, pin: int) -> bool:
        if pin not in LOCK_PINS:
            return False
        self._refused = (self._refused + 1) % 256
        return True

    def _extended_write(self, data: bytes) -> None:
        self._plain_write(data[0], sum(byte << 7 * i for i, byte in enumerate(data[1:])))

    def _tone(self, data: bytes) -> None:
        if data[0] == 0 and self._drives():
            self.tones.append((data[1], data[2] | data[3] << 7, data[4] | data[5] << 7))

    def _drives(self) -> bool:
        return self.armed or not self._private

    def _keep_alive(self, data: bytes) -> None:
        self._alive_until = self._clock() + (data[0] | data[1] << 7)

    def _pin_state(self, data: bytes) -> None:
        pin = data[0]
        value = self.values.get(pin, 0)
        self._say(0x6E, bytes((pin, self.modes.get(pin, _INPUT), value & 0x7F, value >> 7 & 0x7F)))

    def _report_ports(self) -> None:
        for port in self._reported:
            bits = sum(self._read(8 * port + i) << i for i in range(8))
            if self._ports.get(port) != bits:
                self._ports[port] = bits
                self.out += bytes((0x90 | port, bits & 0x7F, bits >> 7))

    def _read(self, pin: int) -> int:
        """Return an input's level; switches pull their pin low, a pull-up keeps the rest high."""
        if self.modes.get(pin) not in (_PULLUP, _INPUT):
            return 0
        low = {
            ESTOP_PIN: self.wires.line_closed,
            CALL_PIN: self.wires.call_pressed,
            CANCEL_PIN: self.wires.cancel_pressed,
        }
        drawers = zip(REED_PINS, self.locks.bits(), strict=False)
        low |= {reed: bits.reed_closed for reed, bits in drawers}
        return int(not low.get(pin, False))

    # Private messages ----------------------------------------------------------------------------

    def _begin(self, _data: bytes) -> None:
        self._talking = True
        self._beat_at = 0.0
        self.log.append('begin')

    def _arm(self, _data: bytes) -> None:
        self.armed = True
        if self._alive_until is None:  # nobody drives outputs without a sign of life
            self._alive_until = self._clock() + _ALIVE_S
        self._beat_at = 0.0
        self.log.append('arm')

    def _unlock(self, data: bytes) -> None:
        self.log.append('unlock')
        answer = self.locks.unlock(data, self.boot, self._uptime_ms(), self.armed, self._clock())
        if answer is not None:
            self._say(wire.ANSWER, wire.answer_data(answer))

    def _say(self, command: int, data: bytes) -> None:
        self.out += bytes((_SYSEX, command)) + data + bytes((_END,))


def _length(first: int) -> int:
    """Return the length of a message that is no sysex, 0 for one that is not known."""
    if first in (0xF4, 0xF5) or first & 0xF0 in (0x90, 0xE0):
        return 3
    if first & 0xF0 in (0xC0, 0xD0):
        return 2
    return 1 if first == 0xF9 else 0


def _pairs(text: str) -> bytes:
    return bytes(b for char in text.encode('ascii') for b in (char & 0x7F, char >> 7))


def _analog_map() -> bytes:
    return bytes(
        pin - FIRST_ANALOG_PIN if pin >= FIRST_ANALOG_PIN else 0x7F for pin in range(PIN_COUNT)
    )
