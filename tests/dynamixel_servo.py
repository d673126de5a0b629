# SPDX-License-Identifier: Apache-2.0
"""A simulated Dynamixel X servo: its control table (Protocol 2.0) and the motion behind it."""

from __future__ import annotations

import math
import struct
import time
from collections import Counter

VELOCITY, POSITION, EXTENDED_POSITION = 1, 3, 4

RESULT_FAIL, INSTRUCTION_ERROR, RANGE_ERROR = 0x01, 0x02, 0x04
LENGTH_ERROR, LIMIT_ERROR, ACCESS_ERROR = 0x05, 0x06, 0x07
ALERT = 0x80
OVERLOAD = 0x20

#: Registers that may be written: address -> width.
WRITABLE = {
    **dict.fromkeys((7, 8, 9, 10, 11, 12, 31, 63, 64, 65, 68, 98), 1),
    **dict.fromkeys((32, 34, 36, 38, 76, 78, 80, 82, 84, 88, 90, 100, 102), 2),
    **dict.fromkeys((20, 24, 44, 48, 52, 104, 108, 112, 116), 4),
    **dict.fromkeys(range(168, 224, 2), 2),
}
TABLE = 252
LAST_EEPROM = 63
SHUTDOWN, TORQUE, LEVEL, ERROR, WATCHDOG = 63, 64, 68, 70, 98
MODE, VELOCITY_LIMIT, MAX_POSITION, MIN_POSITION = 11, 44, 48, 52
GOAL_VELOCITY, GOAL_POSITION, PRESENT_VELOCITY, PRESENT_POSITION = 104, 116, 128, 132
INDIRECT_ADDRESS, INDIRECT_DATA, INDIRECTS = 168, 224, 28

TICKS_PER_UNIT = 0.229 / 60 * 4096  # a second, of a velocity of 1
TIME_CONSTANT = 0.02  # of the speed loop [s]
FASTEST = 400.0  # in position mode [0.229 turns a minute]


class Servo:
    """One servo: its control table and the motion that follows from it."""

    def __init__(self, number: int, model: int = 1020, firmware: int = 48) -> None:
        self.number = number
        self.gone = False
        self.writes: Counter[int] = Counter()
        self._eeprom = bytearray(LAST_EEPROM + 1)
        self._eeprom[0:2] = struct.pack('<H', model)
        self._eeprom[6:10] = bytes([firmware, number, 3, 250])
        self._eeprom[MODE] = POSITION
        self._eeprom[SHUTDOWN] = 0x34
        struct.pack_into('<i', self._eeprom, VELOCITY_LIMIT, 200)
        struct.pack_into('<i', self._eeprom, MAX_POSITION, 4095)
        self._now = self._heard = time.monotonic()
        self._back = 0.0
        self._ticks = 2048.0
        self._velocity = 0.0
        self._power_up()

    def _power_up(self) -> None:
        self.table = bytearray(TABLE)
        self.table[: LAST_EEPROM + 1] = self._eeprom
        self.table[LEVEL] = 2
        self._ticks %= 4096
        self._set(GOAL_POSITION, int(self._ticks))
        for i in range(INDIRECTS):
            struct.pack_into('<H', self.table, INDIRECT_ADDRESS + 2 * i, INDIRECT_DATA + i)

    def _get(self, address: int) -> int:
        return int(struct.unpack_from('<i', self.table, address)[0])

    def _set(self, address: int, value: int) -> None:
        wrapped = (value + 2**31) % 2**32 - 2**31
        struct.pack_into('<i', self.table, address, wrapped)

    @property
    def torque(self) -> bool:
        """Tell whether it has torque."""
        return self.table[TORQUE] != 0

    @property
    def tripped(self) -> bool:
        """Tell whether its watchdog has stopped it."""
        return self.table[WATCHDOG] == 0xFF

    @property
    def velocity(self) -> float:
        """Return its speed [0.229 turns a minute]."""
        return self._velocity

    @property
    def goal_velocity(self) -> int:
        """Return the speed it was told [0.229 turns a minute]."""
        return self._get(GOAL_VELOCITY)

    @property
    def position(self) -> float:
        """Return its position [4096ths of a turn]."""
        return self._ticks

    def turn_to(self, ticks: float) -> None:
        """Put it elsewhere by hand."""
        self._ticks = ticks
        self._set(PRESENT_POSITION, round(ticks))

    def fail(self, error: int = OVERLOAD) -> None:
        """Shut it down by a hardware error."""
        self.table[ERROR] = error
        self.table[TORQUE] = 0

    def hears(self, now: float) -> bool:
        """Take note that an instruction went over the bus; False while it cannot."""
        if self.gone or now < self._back:
            return False
        self.advance(now)
        self._heard = now
        return True

    def advance(self, now: float) -> None:
        """Let time pass."""
        dt, self._now = now - self._now, now
        limit = self.table[WATCHDOG]
        if self.torque and 0 < limit < 0x80 and now - self._heard > limit * 0.02:
            self.table[WATCHDOG] = 0xFF
        share = 1 - math.exp(-dt / TIME_CONSTANT)
        before = self._velocity
        self._velocity += (self._wanted(dt) - self._velocity) * share
        if abs(self._velocity) < 0.3 and self._wanted(dt) == 0:
            self._velocity = 0.0
        self._ticks += (before + self._velocity) / 2 * TICKS_PER_UNIT * dt
        self._set(PRESENT_VELOCITY, round(self._velocity))
        self._set(PRESENT_POSITION, round(self._ticks))

    def _wanted(self, dt: float) -> float:
        if not self.torque or self.tripped:
            return 0.0
        if self.table[MODE] == VELOCITY:
            return float(self._get(GOAL_VELOCITY))
        error = self._get(GOAL_POSITION) - self._ticks
        return max(-FASTEST, min(FASTEST, error / TICKS_PER_UNIT * 20))

    @property
    def error(self) -> int:
        """Return the bit that is set in every answer while a hardware error stands."""
        return ALERT if self.table[ERROR] else 0

    def read(self, address: int, count: int) -> bytes:
        """Return registers, indirect ones from where they point to."""
        return bytes(self.table[self._direct(address + i)] for i in range(count))

    def _direct(self, address: int) -> int:
        if INDIRECT_DATA <= address < INDIRECT_DATA + INDIRECTS:
            where = INDIRECT_ADDRESS + 2 * (address - INDIRECT_DATA)
            address = int(struct.unpack_from('<H', self.table, where)[0])
        return address if address < TABLE else 0

    def write(self, address: int, data: bytes) -> int:
        """Write registers, one after the other; returns the error number."""
        while data:
            width = WRITABLE.get(address)
            if width is None:
                return ACCESS_ERROR
            if width > len(data):
                return LENGTH_ERROR
            if error := self._write(address, data[:width]):
                return error
            address, data = address + width, data[width:]
        return 0

    def _write(self, address: int, data: bytes) -> int:
        locked = address <= LAST_EEPROM or INDIRECT_ADDRESS <= address < INDIRECT_DATA
        if locked and self.torque:
            return ACCESS_ERROR
        if error := self._refusal(address, int.from_bytes(data, 'little', signed=len(data) == 4)):
            return error
        self.writes[address] += 1
        self.table[address : address + len(data)] = data
        if address <= LAST_EEPROM:
            self._eeprom[address : address + len(data)] = data
        return 0

    def _refusal(self, address: int, value: int) -> int:
        if address in (GOAL_VELOCITY, GOAL_POSITION) and self.tripped:
            return RANGE_ERROR
        if address == WATCHDOG and (value > 0x7F or (self.tripped and value != 0)):
            return RANGE_ERROR
        if address == TORQUE and value and self.table[ERROR]:
            return RESULT_FAIL
        if address == GOAL_VELOCITY and abs(value) > self._get(VELOCITY_LIMIT):
            return LIMIT_ERROR
        low, high = self._get(MIN_POSITION), self._get(MAX_POSITION)
        if address == GOAL_POSITION and self.table[MODE] == POSITION and not low <= value <= high:
            return LIMIT_ERROR
        return 0

    def reboot(self, now: float) -> None:
        """Start anew: what is not kept is lost, and nothing is heard for a while."""
        self._back = now + 0.2
        self._velocity = 0.0
        self._power_up()
