# SPDX-License-Identifier: Apache-2.0
"""The simulated servo bus, as the maker's own SDK finds it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from dynamixel_bus import Bus, running
from dynamixel_sdk import (
    COMM_RX_CORRUPT,
    COMM_RX_TIMEOUT,
    COMM_SUCCESS,
    GroupSyncRead,
    GroupSyncWrite,
    PacketHandler,
    PortHandler,
)
from dynamixel_servo import (
    ACCESS_ERROR,
    ALERT,
    EXTENDED_POSITION,
    LIMIT_ERROR,
    OVERLOAD,
    RANGE_ERROR,
    VELOCITY,
    Servo,
)


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bus]:
    # The SDK waits by spinning: without this the bus's thread would starve.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    try:
        with running(tmp_path / 'bus', [Servo(1), Servo(2), Servo(3)]) as bus:
            yield bus
    finally:
        sys.setswitchinterval(interval)


class Master:
    """The SDK's two halves."""

    def __init__(self, bus: Bus) -> None:
        self.port = PortHandler(str(bus.link))
        self.port.openPort()
        self.packets = PacketHandler(2.0)

    def write(self, servo: int, address: int, value: int, width: int) -> int:
        """Write a register; returns the error byte."""
        write = {
            1: self.packets.write1ByteTxRx,
            2: self.packets.write2ByteTxRx,
            4: self.packets.write4ByteTxRx,
        }[width]
        result, error = write(self.port, servo, address, value)
        assert result == COMM_SUCCESS, self.packets.getTxRxResult(result)
        return int(error)

    def read(self, servo: int, address: int, width: int) -> int:
        """Read a register."""
        read = {
            1: self.packets.read1ByteTxRx,
            2: self.packets.read2ByteTxRx,
            4: self.packets.read4ByteTxRx,
        }[width]
        value, result, _ = read(self.port, servo, address)
        assert result == COMM_SUCCESS, self.packets.getTxRxResult(result)
        return int(value)


@pytest.fixture
def master(bus: Bus) -> Iterator[Master]:
    master = Master(bus)
    yield master
    master.port.closePort()


def test_the_sdk_finds_the_servos(master: Master) -> None:
    model, result, error = master.packets.ping(master.port, 2)
    assert (model, result, error) == (1020, COMM_SUCCESS, 0)
    found, result = master.packets.broadcastPing(master.port)
    assert result == COMM_SUCCESS
    assert found == {1: [1020, 48], 2: [1020, 48], 3: [1020, 48]}


def test_the_sdk_hears_nothing_from_a_servo_that_is_gone(bus: Bus, master: Master) -> None:
    bus.servos[2].gone = True
    assert master.packets.ping(master.port, 2)[1] == COMM_RX_TIMEOUT
    assert master.packets.ping(master.port, 3)[1] == COMM_SUCCESS


def test_the_sdk_refuses_a_garbled_answer(bus: Bus, master: Master) -> None:
    bus.garble = 1.0
    results = {master.packets.ping(master.port, 1)[1] for _ in range(8)}
    assert results <= {COMM_RX_CORRUPT, COMM_RX_TIMEOUT}
    assert COMM_RX_CORRUPT in results


@pytest.mark.parametrize('value', [0x00FDFFFF, -3 & 0xFFFFFFFF, 0x7FFDFFFF])
def test_bytes_like_a_header_survive_both_ways(master: Master, value: int) -> None:
    assert master.write(1, 20, value, 4) == 0
    assert master.read(1, 20, 4) == value


def test_modes_and_other_kept_registers_are_locked_under_torque(master: Master) -> None:
    assert master.write(1, 11, VELOCITY, 1) == 0
    assert master.write(1, 64, 1, 1) == 0
    assert master.write(1, 11, EXTENDED_POSITION, 1) == ACCESS_ERROR
    assert master.write(1, 128, 5, 4) == ACCESS_ERROR
    assert master.read(1, 11, 1) == VELOCITY


def test_sync_write_drives_the_wheels_and_fast_sync_read_follows_them(
    bus: Bus, master: Master
) -> None:
    write = GroupSyncWrite(master.port, master.packets, 104, 4)
    for servo, speed in ((1, 100), (2, -50)):
        assert master.write(servo, 11, VELOCITY, 1) == 0
        assert master.write(servo, 64, 1, 1) == 0
        write.addParam(servo, list((speed & 0xFFFFFFFF).to_bytes(4, 'little')))
    assert write.txPacket() == COMM_SUCCESS
    time.sleep(0.2)
    for read_all in ('txRxPacket', 'fastSyncRead'):
        read = GroupSyncRead(master.port, master.packets, 128, 8)
        read.addParam(2)
        read.addParam(1)
        assert getattr(read, read_all)() == COMM_SUCCESS
        assert read.getData(1, 128, 4) == 100
        assert read.getData(2, 128, 4) == -50 & 0xFFFFFFFF
        assert read.getData(1, 132, 4) > 2048


def test_fast_sync_read_gathers_indirect_registers(bus: Bus, master: Master) -> None:
    bus.servos[3].turn_to(0x00FDFFFF)  # a fast answer is not stuffed
    for servo in (1, 3):
        for i, address in enumerate((70, 132, 133, 134, 135)):
            assert master.write(servo, 168 + 2 * i, address, 2) == 0
    read = GroupSyncRead(master.port, master.packets, 224, 5)
    read.addParam(1)
    read.addParam(3)
    assert read.fastSyncRead() == COMM_SUCCESS
    assert read.getData(3, 225, 4) == 0x00FDFFFF
    assert read.getData(1, 225, 4) == 2048


def test_a_goal_beyond_the_limit_is_refused(master: Master) -> None:
    assert master.write(1, 104, 201, 4) == LIMIT_ERROR
    assert master.write(1, 104, 200, 4) == 0


def test_the_watchdog_stops_a_servo_that_hears_nothing(bus: Bus, master: Master) -> None:
    assert master.write(1, 11, VELOCITY, 1) == 0
    assert master.write(1, 64, 1, 1) == 0
    assert master.write(1, 104, 100, 4) == 0
    assert master.write(1, 98, 10, 1) == 0
    time.sleep(0.6)
    with bus.frozen():
        assert bus.servos[1].tripped
        assert bus.servos[1].velocity == 0
    assert master.read(1, 98, 1) == 0xFF
    assert master.write(1, 104, 50, 4) == RANGE_ERROR
    assert master.write(1, 98, 0, 1) == 0
    assert master.write(1, 104, 50, 4) == 0


def test_an_overloaded_servo_has_no_torque_until_it_is_rebooted(bus: Bus, master: Master) -> None:
    assert master.write(1, 64, 1, 1) == 0
    bus.servos[1].fail()
    assert master.packets.ping(master.port, 1)[2] == ALERT
    assert master.read(1, 70, 1) == OVERLOAD
    assert master.write(1, 64, 1, 1) & 0x7F != 0
    result, _ = master.packets.reboot(master.port, 1)
    assert result == COMM_SUCCESS
    assert master.packets.ping(master.port, 1)[1] == COMM_RX_TIMEOUT
    time.sleep(0.5)
    assert master.packets.ping(master.port, 1)[1:] == (COMM_SUCCESS, 0)
    assert master.write(1, 64, 1, 1) == 0
