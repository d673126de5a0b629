# SPDX-License-Identifier: Apache-2.0
"""A bus of simulated Dynamixel servos on a pseudo-terminal, and what can befall it.

Written from the maker's documents alone and shares no code with the driver; the maker's own SDK
talks to it in test_control_dynamixel_bus.py.
"""

from __future__ import annotations

import os
import random
import select
import struct
import threading
import time
import tty
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dynamixel_servo import INSTRUCTION_ERROR, Servo

PING, READ, WRITE, REBOOT, STATUS = 0x01, 0x02, 0x03, 0x08, 0x55
SYNC_READ, SYNC_WRITE, FAST_SYNC_READ = 0x82, 0x83, 0x8A
BROADCAST = 0xFE


def crc16(data: bytes) -> int:
    """Return the checksum, bit by bit."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x8005 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def status(servo: int, error: int, parameters: bytes = b'') -> bytes:
    """Return a status packet."""
    body = bytes([STATUS, error]) + parameters
    body = body.replace(b'\xff\xff\xfd', b'\xff\xff\xfd\xfd')
    head = b'\xff\xff\xfd\x00' + struct.pack('<BH', servo, len(body) + 2) + body
    return head + struct.pack('<H', crc16(head))


class Instructions:
    """Takes instruction packets out of what comes from the terminal."""

    def __init__(self) -> None:
        self._rest = b''

    def feed(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Yield id, instruction and parameters of each packet whose checksum is right."""
        self._rest += data
        while True:
            at = self._rest.find(b'\xff\xff\xfd\x00')
            if at < 0:
                self._rest = self._rest[-3:]
                return
            self._rest = self._rest[at:]
            if len(self._rest) < 10:
                return
            end = 7 + int(struct.unpack_from('<H', self._rest, 5)[0])
            if end > 1000:
                self._rest = self._rest[1:]
                continue
            if len(self._rest) < end:
                return
            packet = self._rest[:end]
            if crc16(packet[:-2]) != struct.unpack('<H', packet[-2:])[0]:
                self._rest = self._rest[1:]
                continue
            self._rest = self._rest[end:]
            body = packet[7:-2].replace(b'\xff\xff\xfd\xfd', b'\xff\xff\xfd')
            yield packet[4], body[0], body[1:]


class Bus:
    """Servos on a pseudo-terminal that a link names, so that it can be pulled out and put back."""

    def __init__(self, link: Path, servos: Iterable[Servo], seed: int = 1) -> None:
        self.link = link
        self.servos = {servo.number: servo for servo in servos}
        self.heard: list[tuple[int, int]] = []  #: instructions with their first parameter
        self.lose = 0.0  #: share of answers that are lost
        self.garble = 0.0  #: share of answers with a wrong bit
        self.noise = 0.0  #: share of answers with garbage before them
        self.unheard: set[int] = set()  #: instructions that no servo hears
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._master = self._slave = -1
        self._wake, self._waker = os.pipe()
        self._ends = False
        self._thread = threading.Thread(target=self._run, name='dynamixel bus')

    def start(self) -> None:
        """Begin to listen."""
        self.plug()
        self._thread.start()

    def end(self) -> None:
        """Leave nothing behind."""
        self._ends = True
        os.write(self._waker, b'.')
        self._thread.join()
        self.unplug()
        os.close(self._wake)
        os.close(self._waker)

    def plug(self) -> None:
        """Put the adapter in: the link names a terminal again."""
        with self._lock:
            self._master, self._slave = os.openpty()
            tty.setraw(self._slave)
            os.set_blocking(self._master, False)
            self.link.unlink(missing_ok=True)
            self.link.symlink_to(os.ttyname(self._slave))
        os.write(self._waker, b'.')

    def unplug(self) -> None:
        """Pull the adapter out: the terminal is gone, the servos keep their supply."""
        with self._lock:
            if self._master >= 0:
                os.close(self._master)
                os.close(self._slave)
                self._master = self._slave = -1
            self.link.unlink(missing_ok=True)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Hold the bus still while a test looks at several things at once; time has passed."""
        with self._lock:
            for servo in self.servos.values():
                servo.advance(time.monotonic())
            yield

    def babble(self, count: int) -> None:
        """Send garbage that nobody asked for."""
        with self._lock:
            self._send(self._random.randbytes(count))

    def _run(self) -> None:
        instructions = Instructions()
        while not self._ends:
            with self._lock:
                master = self._master
            watched = [self._wake] if master < 0 else [self._wake, master]
            try:
                ready, _, _ = select.select(watched, [], [], 1.0)
            except OSError:
                continue  # pulled out this moment
            if self._wake in ready:
                os.read(self._wake, 100)
            with self._lock:
                if master != self._master or master not in ready:
                    continue
                try:
                    data = os.read(master, 4096)
                except (BlockingIOError, OSError):
                    continue
                answers = [self._answer(*one) for one in instructions.feed(data)]
                self._send(b''.join(map(self._harm, answers)))

    def _send(self, data: bytes) -> None:
        if data and self._master >= 0:
            with suppress(BlockingIOError):  # nobody reads: bytes are lost, as on a wire
                os.write(self._master, data)

    def _harm(self, answer: bytes) -> bytes:
        if not answer or self._random.random() < self.lose:
            return b''
        if self._random.random() < self.garble:
            at = self._random.randrange(len(answer))
            answer = answer[:at] + bytes([answer[at] ^ 0x10]) + answer[at + 1 :]
        if self._random.random() < self.noise:
            answer = self._random.randbytes(self._random.randrange(1, 20)) + answer
        return answer

    def _answer(self, target: int, instruction: int, parameters: bytes) -> bytes:
        now = time.monotonic()
        if instruction in self.unheard:
            return b''
        self.heard.append((instruction, parameters[0] if parameters else 0))
        present = {n: one for n, one in self.servos.items() if one.hears(now)}
        if instruction == SYNC_WRITE:
            self._sync_write(present, parameters)
            return b''
        if instruction in (SYNC_READ, FAST_SYNC_READ):
            return self._sync_read(present, parameters, fast=instruction == FAST_SYNC_READ)
        asked = sorted(present) if target == BROADCAST else [target]
        answers = [
            self._single(present[number], instruction, parameters, now)
            for number in asked
            if number in present
        ]
        return b''.join(answers) if target != BROADCAST or instruction == PING else b''

    @staticmethod
    def _single(servo: Servo, instruction: int, parameters: bytes, now: float) -> bytes:
        if instruction == PING:
            found = servo.table[0:2] + servo.table[6:7]
            return status(servo.number, servo.error, bytes(found))
        if instruction == READ:
            data = servo.read(*struct.unpack('<HH', parameters))
            return status(servo.number, servo.error, data)
        if instruction == WRITE:
            refused = servo.write(struct.unpack_from('<H', parameters)[0], parameters[2:])
            return status(servo.number, servo.error | refused)
        if instruction == REBOOT:
            answer = status(servo.number, servo.error)
            servo.reboot(now)
            return answer
        return status(servo.number, servo.error | INSTRUCTION_ERROR)

    @staticmethod
    def _sync_write(present: dict[int, Servo], parameters: bytes) -> None:
        address, width = struct.unpack_from('<HH', parameters)
        for at in range(4, len(parameters), width + 1):
            if (servo := present.get(parameters[at])) is not None:
                servo.write(address, parameters[at + 1 : at + 1 + width])

    @staticmethod
    def _sync_read(present: dict[int, Servo], parameters: bytes, *, fast: bool) -> bytes:
        address, width = struct.unpack_from('<HH', parameters)
        asked = parameters[4:]
        answer = b''
        for number in asked:
            servo = present.get(number)
            if servo is None:
                return answer  # each waits for the one before it
            data = servo.read(address, width)
            if not fast:
                answer += status(number, servo.error, data)
                continue
            if not answer:
                length = 1 + len(asked) * (width + 4)
                answer = b'\xff\xff\xfd\x00\xfe' + struct.pack('<HB', length, STATUS)
            answer += bytes([servo.error, number]) + data
            answer += struct.pack('<H', crc16(answer))
        return answer


@contextmanager
def running(link: Path, servos: Iterable[Servo], seed: int = 1) -> Iterator[Bus]:
    """Run a bus while the block lasts."""
    bus = Bus(link, servos, seed)
    bus.start()
    try:
        yield bus
    finally:
        bus.end()
