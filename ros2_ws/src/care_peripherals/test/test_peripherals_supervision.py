# SPDX-License-Identifier: AGPL-3.0-or-later
"""The supervisor against a board that does as the test says, without any port."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from care_node.testing import wait_until
from care_peripherals import wire
from care_peripherals.board import (
    AskFirmware,
    BoardError,
    Command,
    Health,
    KeepAlive,
    Life,
    PlayTone,
    PortMissingError,
    Private,
    Report,
    SetMode,
    SetPwm,
    Text,
)
from care_peripherals.board_state import Timing
from care_peripherals.call_latch import CallLatch
from care_peripherals.grant import Grant, sign_grant
from care_peripherals.grant_check import GrantCheck
from care_peripherals.light_bar import HIGH, LIGHTS, LOW, OFF
from care_peripherals.nonce_store import NonceStore
from care_peripherals.station import Station
from care_peripherals.supervision import BoardSupervisor
from care_peripherals.wire import AnswerCode, DrawerBits, Heartbeat
from care_peripherals.wiring import GREEN_PIN, RED_PIN

KEY = b'b' * 32
#: Losing a board that is only slow is not what most tests are about.
PATIENT = Timing(stale_after_s=15.0, retry_first_s=0.05, retry_longest_s=0.2)
WATCHFUL = Timing(stale_after_s=0.4, retry_first_s=0.05, retry_longest_s=0.2)


class FakeWorld:
    """Makes boards and decides how they behave."""

    def __init__(self) -> None:
        self.firmware = wire.FIRMWARE
        self.missing = False
        self.hold = threading.Event()
        self.hold.set()
        self.beating = True
        self.boot = 1
        self.answer: AnswerCode | None = AnswerCode.OK
        self.health_fault = ''
        self.write_fault = ''
        self.drawers: tuple[DrawerBits, ...] = (DrawerBits(),)
        self.line_closed = True
        self.boards: list[FakeBoard] = []

    def make(self) -> 'FakeBoard':
        self.boards.append(FakeBoard(self))
        return self.boards[-1]


class FakeBoard:
    """Board that answers as its world says."""

    def __init__(self, world: FakeWorld) -> None:
        self.world = world
        self.sent: list[Command] = []
        self.closed = threading.Event()
        self.take: Callable[[Report], None] = lambda _report: None

    def subscribe(self, take: Callable[[Report], None]) -> None:
        self.take = take

    def connect(self) -> str:
        if self.world.missing:
            raise PortMissingError('there is no serial port')
        self.world.hold.wait(20)
        self.take(Life())
        return self.world.firmware

    def cancel(self) -> None:
        pass

    def write(self, command: Command) -> None:
        if self.world.write_fault:
            raise BoardError(self.world.write_fault)
        self.sent.append(command)
        match command:
            case Private(wire.BEGIN):
                threading.Thread(target=self._beat, daemon=True).start()
            case Private(wire.UNLOCK, data) if self.world.answer is not None:
                number = wire.unlock(data, KEY)[0].number
                self.take(wire.Answer(number, self.world.answer))
            case AskFirmware() if self.world.beating:
                self.take(Life())

    def _beat(self) -> None:
        while not self.closed.wait(0.03):
            if self.world.beating:
                self.take(
                    Heartbeat(
                        self.world.boot,
                        5,
                        line_closed=self.world.line_closed,
                        last_grant=41,
                        drawers=self.world.drawers,
                    )
                )

    def health(self) -> Health:
        return Health(self.world.health_fault)

    def close(self) -> None:
        self.closed.set()


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@contextmanager
def supervising(world: FakeWorld, timing: Timing) -> Iterator[BoardSupervisor]:
    made = BoardSupervisor(world.make, KEY, timing, port_exists=lambda: not world.missing)
    made.start()
    yield made
    made.stop()
    assert all(board.closed.is_set() for board in world.boards)


@pytest.fixture
def supervisor(world: FakeWorld) -> Iterator[BoardSupervisor]:
    with supervising(world, PATIENT) as made:
        yield made


@pytest.fixture
def watchful(world: FakeWorld) -> Iterator[BoardSupervisor]:
    with supervising(world, WATCHFUL) as made:
        yield made


def fresh(supervisor: BoardSupervisor) -> Callable[[], bool]:
    return lambda: supervisor.snapshot().fresh


def test_everything_is_set_before_outputs_are_enabled(
    world: FakeWorld, supervisor: BoardSupervisor
) -> None:
    supervisor.show(LIGHTS[LOW])
    wait_until(fresh(supervisor), 15, 'fresh')
    sent = world.boards[0].sent
    armed = sent.index(Private(wire.ARM))
    before = sent[:armed]
    assert SetPwm(GREEN_PIN, 160) in before
    assert sum(isinstance(command, SetMode) for command in before) == 4
    assert not any(isinstance(command, SetMode) for command in sent[armed:])


def test_the_board_is_kept_alive(world: FakeWorld, supervisor: BoardSupervisor) -> None:
    wait_until(fresh(supervisor), 15, 'fresh')
    alive = KeepAlive(1)
    wait_until(lambda: world.boards[0].sent.count(alive) >= 4, 15, 'keep-alives')


def test_a_silent_board_is_stale_and_replaced(world: FakeWorld, watchful: BoardSupervisor) -> None:
    watchful.show(LIGHTS[HIGH])
    wait_until(fresh(watchful), 15, 'fresh')
    world.beating = False
    wait_until(lambda: 'silent' in watchful.snapshot().reason, 3 * 0.4, 'STALE')
    assert not watchful.snapshot().fresh
    assert watchful.snapshot().light == OFF
    wait_until(world.boards[0].closed.is_set, 15, 'port given back')
    world.beating = True
    wait_until(fresh(watchful), 15, 'healed')
    wait_until(lambda: watchful.snapshot().light == LIGHTS[HIGH], 15, 'the same light again')
    assert len(world.boards) >= 2


def test_a_text_is_no_sign_that_inputs_are_fresh(
    world: FakeWorld, watchful: BoardSupervisor
) -> None:
    wait_until(fresh(watchful), 15, 'fresh')
    world.beating = False

    def is_stale_while_texts_come() -> bool:
        world.boards[0].take(Text('hello'))
        return not watchful.snapshot().fresh

    wait_until(is_stale_while_texts_come, 3 * 0.4, 'STALE')


def test_a_hung_owner_cannot_make_old_data_look_new() -> None:
    now = [0.0]
    board = FakeBoard(FakeWorld())
    supervisor = BoardSupervisor(lambda: board, KEY, WATCHFUL, lambda: now[0])
    supervisor._connect(board)
    assert supervisor.snapshot().fresh
    board.world.beating = False
    time.sleep(0.1)  # one that was on its way has arrived
    now[0] = 0.41
    assert not supervisor.snapshot().fresh
    board.close()


def test_a_restarted_board_is_set_anew(world: FakeWorld, supervisor: BoardSupervisor) -> None:
    wait_until(fresh(supervisor), 15, 'fresh')
    world.boot = 2
    wait_until(lambda: len(world.boards) == 2, 15, 'a new connection')
    wait_until(lambda: Private(wire.ARM) in world.boards[1].sent, 15, 'armed again')
    counts = supervisor.snapshot().counts
    assert counts is not None
    assert counts.resets == 1


@pytest.mark.parametrize('fault', ['health_fault', 'write_fault'])
def test_a_fault_of_the_link_is_told_and_healed(
    world: FakeWorld, supervisor: BoardSupervisor, fault: str
) -> None:
    wait_until(fresh(supervisor), 15, 'fresh')
    setattr(world, fault, 'the cable is cut')
    wait_until(lambda: not supervisor.snapshot().fresh, 15, 'STALE')
    wait_until(lambda: supervisor.snapshot().reason == 'the cable is cut', 15, 'the reason')
    setattr(world, fault, '')
    wait_until(fresh(supervisor), 15, 'healed')


def test_a_port_that_comes_back_is_taken_at_once(world: FakeWorld) -> None:
    world.missing = True
    supervisor = BoardSupervisor(
        world.make, KEY, Timing(15.0, 60.0, 60.0), port_exists=lambda: not world.missing
    )
    supervisor.start()
    try:
        wait_until(lambda: 'no serial port' in supervisor.snapshot().reason, 15, 'missing')
        world.missing = False
        wait_until(fresh(supervisor), 15, 'fresh')
    finally:
        supervisor.stop()


def test_the_light_flashes(world: FakeWorld, supervisor: BoardSupervisor) -> None:
    supervisor.show(LIGHTS[HIGH])
    wait_until(fresh(supervisor), 15, 'fresh')

    def reds() -> list[int]:
        sent = list(world.boards[0].sent)
        return [c.value for c in sent if isinstance(c, SetPwm) and c.pin == RED_PIN]

    began, before = time.monotonic(), len(reds())
    wait_until(lambda: len(reds()) >= before + 6, 3 * 1.5, 'three flashes')
    assert time.monotonic() - began > 0.9, 'two a second'
    assert set(itertools.pairwise(reds())) == {(0, 255), (255, 0)}


def test_sounds_are_played(world: FakeWorld, supervisor: BoardSupervisor) -> None:
    wait_until(fresh(supervisor), 15, 'fresh')
    supervisor.test_sound(LOW)
    tones = lambda: [c for c in world.boards[0].sent if isinstance(c, PlayTone)]  # noqa: E731
    wait_until(tones, 15, 'a tone')
    assert tones()[0].frequency == 440


def test_an_unlock_has_the_next_number_and_brings_the_answer(
    world: FakeWorld, supervisor: BoardSupervisor
) -> None:
    wait_until(fresh(supervisor), 15, 'fresh')
    assert supervisor.unlock(1, 8.0, 15.0) is AnswerCode.OK
    world.answer = AnswerCode.OPEN
    assert supervisor.unlock(2, 8.0, 15.0) is AnswerCode.OPEN
    sent = [
        wire.unlock(c.data, KEY)
        for c in world.boards[0].sent
        if isinstance(c, Private) and c.command == wire.UNLOCK
    ]
    assert [(u.drawer, u.number, u.hold_ds, good) for u, good in sent] == [
        (1, 42, 80, True), (2, 43, 80, True),
    ]  # fmt: skip


def test_an_unlock_without_an_answer_ends_in_time_and_is_not_sent_later(
    world: FakeWorld, supervisor: BoardSupervisor
) -> None:
    wait_until(fresh(supervisor), 15, 'fresh')
    world.answer = None
    assert supervisor.unlock(1, 8.0, 0.2) is None
    world.missing = True
    world.health_fault = 'gone'
    wait_until(lambda: not supervisor.snapshot().fresh, 15, 'STALE')
    assert supervisor.unlock(1, 8.0, 0.2) is None
    world.health_fault, world.missing = '', False
    wait_until(fresh(supervisor), 15, 'healed')
    time.sleep(0.2)
    commands = [c.command for c in world.boards[-1].sent if isinstance(c, Private)]
    assert wire.UNLOCK not in commands


def test_an_unlock_asked_while_the_board_starts_is_not_sent_later(world: FakeWorld) -> None:
    world.hold.clear()
    supervisor = BoardSupervisor(world.make, KEY, PATIENT)
    supervisor.start()
    try:
        assert supervisor.unlock(1, 8.0, 0.1) is None
        world.hold.set()
        wait_until(fresh(supervisor), 15, 'fresh')
        time.sleep(0.2)
        commands = [c.command for c in world.boards[-1].sent if isinstance(c, Private)]
        assert commands == [wire.BEGIN, wire.ARM]
    finally:
        supervisor.stop()


def station_of(supervisor: BoardSupervisor) -> Station:
    check = GrantCheck(KEY, NonceStore(None, 0))
    return Station(supervisor, 1, check, CallLatch(None, lambda: 1))


def test_foreign_firmware_lights_up_but_unlocks_and_reads_nothing(world: FakeWorld) -> None:
    world.firmware = 'StandardFirmata.ino'
    supervisor = BoardSupervisor(world.make, KEY, Timing(2.0, 0.05, 0.2))
    supervisor.start()
    try:
        wait_until(fresh(supervisor), 15, 'fresh')
        station = station_of(supervisor)
        view = station.view()
        assert (view.engaged, view.readable) == (True, False)
        assert 'StandardFirmata' in view.locks_disabled
        grant = sign_grant(Grant(drawer=1, place='bed_1', expires_ns=10), KEY)
        assert station.unlock(grant, frozenset({'bed_1'}), lambda: 1).code == 'locks_disabled'
        assert any(isinstance(c, SetPwm) for c in world.boards[-1].sent)
        time.sleep(2.5)
        assert supervisor.snapshot().fresh
        assert len(world.boards) == 1, 'its answers keep it fresh'
    finally:
        supervisor.stop()


def test_a_board_with_another_number_of_drawers_unlocks_nothing(
    world: FakeWorld, supervisor: BoardSupervisor
) -> None:
    world.drawers = (DrawerBits(), DrawerBits())
    wait_until(fresh(supervisor), 15, 'fresh')
    assert station_of(supervisor).view().locks_disabled == 'the board has 2 drawers, not 1'


def test_the_stop_line_counts_as_engaged_unless_it_is_seen_closed(
    world: FakeWorld, watchful: BoardSupervisor
) -> None:
    station = station_of(watchful)

    def is_engaged(readable: bool) -> bool:
        view = station.view()
        return view.engaged and view.readable == readable

    wait_until(lambda: not station.view().engaged, 15, 'released')
    world.line_closed = False
    wait_until(lambda: is_engaged(readable=True), 15, 'engaged')
    world.line_closed = True
    wait_until(lambda: not station.view().engaged, 15, 'released again')
    world.beating = False
    wait_until(lambda: is_engaged(readable=False), 15, 'engaged without a board')
    assert station.view().drawers[0].state == 0


def test_a_spent_grant_says_so_when_the_board_does_not_confirm(
    world: FakeWorld, supervisor: BoardSupervisor
) -> None:
    wait_until(fresh(supervisor), 15, 'fresh')
    world.answer = None
    grant = sign_grant(Grant(drawer=1, place='bed_1', expires_ns=10), KEY)
    station = station_of(supervisor)
    assert station.unlock(grant, frozenset({'bed_1'}), lambda: 1).code == 'board_stale'
    assert station.unlock(grant, frozenset({'bed_1'}), lambda: 1).code == 'replayed'
