# SPDX-License-Identifier: AGPL-3.0-or-later
"""Locks of the board: bounded, cool, locked without current, never a bolt before an open drawer."""

import pytest
from care_peripherals import wire
from care_peripherals.drawers import Drawers, State
from care_peripherals.lock_model import Locks
from care_peripherals.simulated_firmware import Firmware
from care_peripherals.wire import Answer, AnswerCode, DrawerBits, Unlock
from care_peripherals.wiring import LOCK_PINS, RED_PIN

KEY = b'b' * 32


class Bench:
    """Locks with a clock of their own."""

    def __init__(self) -> None:
        self.locks = Locks(2, KEY)
        self.now = 0.0
        self.number = 0

    def send(self, unlock: Unlock, key: bytes = KEY, armed: bool = True) -> Answer | None:
        data = wire.unlock_data(unlock, key)
        return self.locks.unlock(data, 1, round(self.now * 1000), armed, self.now)

    def unlock(self, drawer: int = 1, hold_ds: int = 80) -> AnswerCode:
        self.number += 1
        answer = self.send(Unlock(drawer, hold_ds, 1, round(self.now * 1000), self.number))
        assert answer is not None
        return answer.code

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            self.locks.tick(self.now)

    def drawer(self) -> DrawerBits:
        return self.locks.bits()[0]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_locked_drawer_stays_shut_when_pulled(bench: Bench) -> None:
    assert not bench.locks.pull(1)
    assert bench.drawer() == DrawerBits(False, True, True, False)


def test_an_unlocked_drawer_opens_and_the_other_does_not(bench: Bench) -> None:
    assert bench.unlock(1) is AnswerCode.OK
    assert bench.locks.pull(1)
    assert not bench.locks.pull(2)


def test_an_unlock_ends_by_itself_after_ten_seconds_at_most(bench: Bench) -> None:
    bench.unlock(hold_ds=255)
    bench.wait(9.9)
    assert bench.drawer().energised
    bench.wait(0.3)
    assert bench.drawer() == DrawerBits(False, True, True, False)


def test_the_bolt_extends_only_behind_a_shut_drawer(bench: Bench) -> None:
    bench.unlock()
    bench.locks.pull(1)
    bench.wait(20.0)
    assert bench.drawer() == DrawerBits(False, False, False, False)
    bench.locks.shut(1)
    bench.wait(0.1)
    assert bench.drawer() == DrawerBits(False, True, True, False)


def test_the_solenoid_rests_once_the_drawer_is_open(bench: Bench) -> None:
    bench.unlock()
    bench.locks.pull(1)
    bench.wait(0.1)
    assert not bench.drawer().energised


def test_the_solenoid_cools_before_it_may_work_again(bench: Bench) -> None:
    codes = []
    for _ in range(4):
        codes.append(bench.unlock(hold_ds=100))
        bench.wait(10.2)
    assert codes[:2] == [AnswerCode.OK] * 2
    assert AnswerCode.OVERHEATED in codes
    bench.wait(60.0)
    assert bench.unlock() is AnswerCode.OK


def test_a_number_works_once(bench: Bench) -> None:
    unlock = Unlock(1, 80, 1, 0, 5)
    assert bench.send(unlock) == Answer(5, AnswerCode.OK)
    assert bench.send(unlock) == Answer(5, AnswerCode.REPLAYED)
    assert bench.send(Unlock(1, 80, 1, 0, 4)) == Answer(4, AnswerCode.REPLAYED)


def test_a_forged_unlock_opens_nothing_and_spends_no_number(bench: Bench) -> None:
    assert bench.send(Unlock(1, 80, 1, 0, 5), key=b'x' * 32) == Answer(5, AnswerCode.FORGED)
    assert bench.drawer().bolt_extended
    assert bench.locks.last_number == 0


def test_a_damaged_unlock_is_not_answered(bench: Bench) -> None:
    data = bytearray(wire.unlock_data(Unlock(1, 80, 1, 0, 5), KEY))
    data[3] ^= 0x10
    assert bench.locks.unlock(bytes(data), 1, 0, True, 0.0) is None
    assert bench.drawer().bolt_extended


@pytest.mark.parametrize(
    ('boot', 'sent_ms', 'code'),
    [(1, 8000, AnswerCode.OK), (1, 7999, AnswerCode.LATE), (2, 9999, AnswerCode.LATE)],
)
def test_an_unlock_from_before_is_too_late(
    bench: Bench, boot: int, sent_ms: int, code: AnswerCode
) -> None:
    bench.now = 10.0
    assert bench.send(Unlock(1, 80, boot, sent_ms, 5)) == Answer(5, code)


def test_a_board_that_is_not_armed_unlocks_nothing(bench: Bench) -> None:
    assert bench.send(Unlock(1, 80, 1, 0, 5), armed=False) == Answer(5, AnswerCode.NOT_ARMED)
    assert bench.drawer().bolt_extended


def test_an_open_drawer_and_a_missing_one_are_refused(bench: Bench) -> None:
    bench.locks.force(1)
    assert bench.unlock(1) is AnswerCode.OPEN
    assert bench.unlock(3) is AnswerCode.NO_SUCH_DRAWER


def test_without_current_a_shut_drawer_is_locked(bench: Bench) -> None:
    bench.unlock()
    bench.locks.lock_all()
    bench.wait(0.1)
    assert bench.drawer() == DrawerBits(False, True, True, False)


def test_the_mechanical_key_is_seen_until_the_drawer_is_shut(bench: Bench) -> None:
    bench.locks.force(1)
    assert bench.drawer().forced
    bench.locks.shut(1)
    bench.wait(0.1)
    assert bench.drawer() == DrawerBits(False, True, True, False)


def test_a_drawer_opened_with_a_grant_is_not_forced(bench: Bench) -> None:
    bench.unlock()
    bench.locks.pull(1)
    assert not bench.drawer().forced


@pytest.mark.parametrize('name', [wire.SIMULATED_FIRMWARE, 'FirmataExpress'])
def test_no_plain_write_of_any_kind_moves_a_lock_pin(name: str) -> None:
    firmware = Firmware(Locks(4, KEY), name)
    pin = LOCK_PINS[0]
    firmware.receive(bytes((0xF4, pin, 1, 0xF5, pin, 1)))
    firmware.receive(bytes((0x90 + pin // 8, 0x7F, 0x01, 0xE0 + pin, 0x7F, 1)))
    firmware.receive(bytes((0xF0, 0x6F, pin, 0x7F, 1, 0xF7)))
    firmware.receive(bytes((0xF0, 0x70, pin, 0, 4, 0, 16, 0xF7)))
    firmware.receive(bytes((0xF4, RED_PIN, 3, 0xE0 + RED_PIN, 5, 0)))
    assert pin not in firmware.modes
    assert set(firmware.values) == {RED_PIN}
    assert all(bits.bolt_extended and not bits.energised for bits in firmware.locks.bits())


def test_outputs_end_without_any_sign_of_life() -> None:
    now = [0.0]
    firmware = Firmware(Locks(1, KEY), clock=lambda: now[0])
    firmware.receive(bytes((0xE0 + RED_PIN, 5, 0, 0xF0, wire.ARM, 0xF7)))
    assert firmware.level(RED_PIN) == 5
    now[0] = 1.1
    firmware.tick()
    assert firmware.level(RED_PIN) == 0
    assert not firmware.armed


def test_an_unended_sysex_does_not_fill_the_board(bench: Bench) -> None:
    firmware = Firmware(Locks(1, KEY))
    firmware.receive(b'\xf0' + b'\x01' * 5000 + b'\xf7' + b'\xf0\x51\xf7')
    assert bytes(firmware.out) == b'\xf0\x52\x01\xf7'


def test_drawers_name_the_grant_until_they_are_locked_again() -> None:
    drawers = Drawers(1)
    drawers.update([DrawerBits()])
    drawers.granted(1, 77)
    unlocked = drawers.update([DrawerBits(True, False, True)])[0]
    assert (unlocked.state, unlocked.grant) == (State.UNLOCKED, '77')
    opened = drawers.update([DrawerBits(False, False, False)])[0]
    assert (opened.state, opened.grant) == (State.OPEN, '77')
    locked = drawers.update([DrawerBits()])[0]
    assert (locked.state, locked.grant) == (State.LOCKED, '')
    forced = drawers.update([DrawerBits(False, False, False, True)])[0]
    assert (forced.state, forced.grant) == (State.FORCED, ''), 'the old grant did not open it'


def test_drawers_are_unknown_without_a_board_and_forcing_is_counted() -> None:
    drawers = Drawers(1)
    forced = DrawerBits(False, False, False, True)
    assert drawers.update([forced])[0].state is State.FORCED
    drawers.update([forced])
    assert drawers.update(None)[0].state is State.UNKNOWN
    assert drawers.forced == {1: 1}
