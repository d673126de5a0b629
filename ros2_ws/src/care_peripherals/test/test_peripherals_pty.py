# SPDX-License-Identifier: AGPL-3.0-or-later
"""The whole device layer: the real pymata4 against a board of ours on a pseudo-terminal."""

import fcntl
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from care_node.testing import wait_until
from care_peripherals import pymata_board, supervision, wire
from care_peripherals.board import (
    BoardError,
    KeepAlive,
    PinMode,
    PortBusyError,
    PortMissingError,
    Private,
    Report,
    SetLevel,
    SetMode,
    SetPwm,
)
from care_peripherals.board_console import Console, ControlSocket
from care_peripherals.board_state import Timing
from care_peripherals.light_bar import HIGH, LIGHTS, LOW
from care_peripherals.pymata_board import Pymata4Board
from care_peripherals.simulated_board import SimulatedBoard
from care_peripherals.supervision import BoardSupervisor
from care_peripherals.wire import AnswerCode
from care_peripherals.wiring import (
    BLUE_PIN,
    CALL_PIN,
    ESTOP_PIN,
    GREEN_PIN,
    LOCK_PINS,
    RED_PIN,
)

KEY = b'g' * 32
BOARD_KEY = wire.board_key(KEY)


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    threads, files = threading.active_count(), _terminals()
    yield
    wait_until(lambda: threading.active_count() <= threads, 15, 'threads ended')
    assert _terminals() == files


def _terminals() -> int:
    links = [os.path.realpath(f'/proc/self/fd/{fd}') for fd in os.listdir('/proc/self/fd')]  # noqa: PTH208
    return sum(link.startswith(('/dev/pts/', '/dev/ptmx')) for link in links)


@pytest.fixture
def board(tmp_path: Path) -> Iterator[SimulatedBoard]:
    with SimulatedBoard(tmp_path / 'port', KEY) as made:
        yield made


@contextmanager
def supervising(board: SimulatedBoard, stale_after_s: float) -> Iterator[BoardSupervisor]:
    made = BoardSupervisor(
        lambda: Pymata4Board(board.port, 0.05),
        BOARD_KEY,
        Timing(stale_after_s, 0.2, 1.0),
        port_exists=board.link.exists,
    )
    made.start()
    try:
        wait_until(lambda: made.snapshot().fresh, 20, 'connected')
        yield made
    finally:
        made.stop()


@pytest.fixture
def supervisor(board: SimulatedBoard, monkeypatch: pytest.MonkeyPatch) -> Iterator[BoardSupervisor]:
    """Return one that takes a slow machine for a slow machine, not for a silent board or host."""
    monkeypatch.setattr(supervision, '_KEEP_ALIVE_S', 15)
    with supervising(board, 10.0) as made:
        yield made


@pytest.fixture
def watchful(board: SimulatedBoard) -> Iterator[BoardSupervisor]:
    """Return one with the times of the robot, which may lose a board that is only slow."""
    with supervising(board, 0.5) as made:
        yield made


def is_fresh(supervisor: BoardSupervisor) -> Callable[[], bool]:
    return lambda: supervisor.snapshot().fresh


def is_stale(supervisor: BoardSupervisor) -> Callable[[], bool]:
    return lambda: not supervisor.snapshot().fresh


def show(supervisor: BoardSupervisor, board: SimulatedBoard, priority: int) -> None:
    """Show a steady light and wait until the board does."""
    supervisor.show(LIGHTS[priority])
    green = LIGHTS[priority].colour[1]
    wait_until(lambda: board.level(GREEN_PIN) == green, 15, f'light of priority {priority}')


def test_lights_reach_the_pins(supervisor: BoardSupervisor, board: SimulatedBoard) -> None:
    show(supervisor, board, LOW)
    wait_until(lambda: board.level(BLUE_PIN) == 160, 15, 'blue, which comes last')
    assert [board.level(pin) for pin in (RED_PIN, GREEN_PIN, BLUE_PIN)] == [0, 160, 160]
    assert supervisor.snapshot().firmware == wire.SIMULATED_FIRMWARE
    supervisor.show(LIGHTS[HIGH])
    for level in (255, 0, 255):
        wait_until(lambda red=level: board.level(RED_PIN) == red, 15, f'red at {level}')


def test_pins_are_set_before_the_outputs_are_enabled(
    supervisor: BoardSupervisor, board: SimulatedBoard
) -> None:
    wait_until(lambda: 'arm' in board.firmware.log, 15, 'armed')
    log = board.ask(lambda: list(board.firmware.log))
    armed = log.index('arm')
    for pin in (RED_PIN, GREEN_PIN, BLUE_PIN):
        assert log.index(f'mode {pin}') < log.index(f'write {pin}') < armed


def test_a_sound_reaches_the_board(supervisor: BoardSupervisor, board: SimulatedBoard) -> None:
    supervisor.test_sound(LOW)
    wait_until(lambda: board.ask(lambda: list(board.firmware.tones)), 15, 'a tone')
    assert board.firmware.tones == [(4, 440, 200)]


def test_inputs_arrive_at_once(supervisor: BoardSupervisor, board: SimulatedBoard) -> None:
    def beat() -> wire.Heartbeat:
        found = supervisor.snapshot().heartbeat
        assert found is not None
        return found

    assert beat().line_closed
    board.set_line(False)
    wait_until(lambda: not beat().line_closed, 3 * 1.0, 'line open')
    board.set_call(True)
    wait_until(lambda: beat().call, 3 * 1.0, 'call')
    board.set_call(False)
    time.sleep(0.3)
    assert beat().call, 'held until cancelled'
    board.set_cancel(True)
    wait_until(lambda: not beat().call, 3 * 1.0, 'cancelled')


def test_only_an_unlock_with_the_right_key_opens_a_drawer(
    supervisor: BoardSupervisor, board: SimulatedBoard
) -> None:
    assert not board.pull(1)
    assert supervisor.unlock(1, 8.0, 15.0) is AnswerCode.OK
    assert board.pull(1)
    assert not board.pull(2)
    supervisor._key = b'x' * 32
    assert supervisor.unlock(2, 8.0, 15.0) is AnswerCode.FORGED
    assert not board.pull(2)


def test_unplugging_is_seen_within_a_second_and_heals(
    watchful: BoardSupervisor, board: SimulatedBoard
) -> None:
    show(watchful, board, LOW)
    board.unplug()
    wait_until(is_stale(watchful), 3 * 1.0, 'STALE within 1 s')
    time.sleep(0.6)
    assert not watchful.snapshot().fresh
    board.plug()
    wait_until(is_fresh(watchful), 20, 'healed')
    wait_until(lambda: board.level(GREEN_PIN) == 160, 15, 'the same light again')


def test_unplugging_again_and_again_leaves_nothing_open(
    supervisor: BoardSupervisor, board: SimulatedBoard
) -> None:
    before = len(os.listdir('/proc/self/fd'))  # noqa: PTH208
    threads = threading.active_count()
    for _ in range(5):
        board.unplug()
        wait_until(is_stale(supervisor), 3 * 1.0, 'STALE')
        board.plug()
        wait_until(is_fresh(supervisor), 20, 'healed')
    wait_until(lambda: threading.active_count() <= threads, 15, 'threads ended')
    assert len(os.listdir('/proc/self/fd')) <= before  # noqa: PTH208


@pytest.mark.parametrize(
    'garbage',
    [
        bytes((0xC1, 0xFD, 0xFF)),
        bytes((0xF0, 0x2A, 1, 2, 3, 0xF7)),
        bytes((0xE5, 1, 2, 0xEF, 1, 2)),
        bytes((0xF0, 0x77, 1, 0xF7, 0xF0, 0x79, 0xF7, 0xF0, 0xF7)),
        bytes((0xF0, wire.HEARTBEAT, 1, 2, 3, 0xF7)),
        bytes(range(1, 128)),
    ],
    ids=['status', 'unknown sysex', 'missing pin', 'cut short', 'false heartbeat', 'stray data'],
)
def test_garbage_does_not_end_the_connection(
    supervisor: BoardSupervisor, board: SimulatedBoard, garbage: bytes
) -> None:
    board.inject(garbage)
    time.sleep(0.3)
    assert supervisor.snapshot().fresh
    board.set_line(False)
    wait_until(lambda: _line_is_open(supervisor), 15, 'still reading')
    counts = supervisor.snapshot().counts
    assert counts is not None
    assert counts.losses == 0


def _line_is_open(supervisor: BoardSupervisor) -> bool:
    beat = supervisor.snapshot().heartbeat
    return beat is not None and not beat.line_closed


def test_flipped_bits_are_never_taken_for_inputs(
    supervisor: BoardSupervisor, board: SimulatedBoard
) -> None:
    beat = wire.Heartbeat(9, 9, 9, True, False, True, drawers=(wire.DrawerBits(),) * 4)
    data = bytearray(wire.heartbeat_data(beat))
    for i in range(len(data)):
        data[i] ^= 0x11
        board.inject(bytes((0xF0, wire.HEARTBEAT)) + bytes(data) + b'\xf7')
        data[i] ^= 0x11
    wait_until(lambda: supervisor.snapshot().bad_messages >= len(data), 15, 'all were refused')
    snapshot = supervisor.snapshot()
    assert snapshot.heartbeat is not None
    assert snapshot.heartbeat.line_closed
    assert not snapshot.heartbeat.call


def test_an_unfinished_message_heals_and_costs_no_processor(
    watchful: BoardSupervisor, board: SimulatedBoard
) -> None:
    board.stall(True)
    os.write(board._master or -1, b'\xf0\x01\x02')
    began, spent = time.monotonic(), time.process_time()
    time.sleep(0.4)
    assert time.process_time() - spent < 0.5 * (time.monotonic() - began)
    wait_until(is_stale(watchful), 3 * 1.0, 'STALE')
    board.stall(False)
    wait_until(is_fresh(watchful), 20, 'healed')


def test_a_reset_board_is_set_anew(watchful: BoardSupervisor, board: SimulatedBoard) -> None:
    def losses() -> int:
        counts = watchful.snapshot().counts
        assert counts is not None
        return counts.losses

    def reset() -> int:
        board.firmware.reset()
        return board.firmware.level(GREEN_PIN)

    show(watchful, board, LOW)
    before = losses()
    assert board.ask(reset) == 0
    # It is lost for a moment only.
    wait_until(lambda: losses() > before, 3 * 1.0, 'STALE')
    wait_until(is_fresh(watchful), 20, 'healed')
    wait_until(lambda: board.level(GREEN_PIN) == 160, 15, 'the same light again')


def test_a_stalled_board_is_stale_and_heals(
    watchful: BoardSupervisor, board: SimulatedBoard
) -> None:
    board.stall(True)
    wait_until(is_stale(watchful), 3 * 1.0, 'STALE within 1 s')
    assert watchful.unlock(1, 8.0, 0.3) is None
    time.sleep(0.5)
    board.stall(False)
    wait_until(is_fresh(watchful), 20, 'healed')
    assert not board.pull(1), 'nothing that was asked before opens a drawer now'


def test_a_silent_host_leaves_everything_dark_and_locked(board: SimulatedBoard) -> None:
    supervisor = BoardSupervisor(lambda: Pymata4Board(board.port, 0.05), BOARD_KEY)
    supervisor.start()
    try:
        wait_until(is_fresh(supervisor), 20, 'connected')
        show(supervisor, board, LOW)
        assert supervisor.unlock(1, 8.0, 15.0) is AnswerCode.OK
        supervisor._keep_alive = lambda _board, _own: None  # type: ignore[method-assign, assignment]
        wait_until(lambda: board.level(GREEN_PIN) == 0, 3 * 1.0, 'dark')
        assert not board.pull(1)
    finally:
        supervisor.stop()


_HOST = """
import sys, time
from care_peripherals import wire
from care_peripherals.light_bar import LIGHTS
from care_peripherals.pymata_board import Pymata4Board
from care_peripherals.supervision import BoardSupervisor
host = BoardSupervisor(lambda: Pymata4Board(sys.argv[1], 0.05), bytes.fromhex(sys.argv[2]))
host.show(LIGHTS[1])
host.start()
while not host.snapshot().fresh:
    time.sleep(0.01)
print(host.unlock(1, 8.0, 15.0), flush=True)
time.sleep(60)
"""


def test_a_killed_host_leaves_everything_dark_and_locked_and_the_port_free(
    board: SimulatedBoard, request: pytest.FixtureRequest
) -> None:
    host = subprocess.Popen(
        [sys.executable, '-c', _HOST, board.port, BOARD_KEY.hex()], stdout=subprocess.PIPE
    )
    try:
        assert host.stdout is not None
        assert host.stdout.readline().strip() in (b'0', b'AnswerCode.OK')
        wait_until(lambda: board.level(GREEN_PIN) == 160, 15, 'lit')
        assert not board.firmware.locks.bits()[0].bolt_extended
    finally:
        host.kill()
        host.wait()
        host.stdout.close()
    wait_until(lambda: board.level(GREEN_PIN) == 0, 3 * 1.0, 'dark')
    wait_until(lambda: board.firmware.locks.bits()[0].bolt_extended, 3 * 0.5, 'locked')
    supervisor = request.getfixturevalue('supervisor')
    assert supervisor.snapshot().fresh


@pytest.fixture
def plain(
    board: SimulatedBoard, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Pymata4Board, list[Report]]]:
    """Return a connection that nobody tries again, and what comes over it."""
    monkeypatch.setattr(pymata_board, '_ANSWER_S', 15.0)
    reports: list[Report] = []
    made = Pymata4Board(board.port, 0.05)
    made.subscribe(reports.append)
    made.connect()
    made.write(KeepAlive(30))
    yield made, reports
    made.close()


def test_plain_writes_of_pymata4_to_lock_pins_are_refused(
    plain: tuple[Pymata4Board, list[Report]], board: SimulatedBoard
) -> None:
    made, _ = plain
    made.write(Private(wire.BEGIN))
    made.write(Private(wire.ARM))
    for pin in LOCK_PINS:
        made.write(SetMode(pin, PinMode.OUTPUT))
        made.write(SetLevel(pin, True))
        made.write(SetPwm(pin, 255))
    made._link.digital_write(LOCK_PINS[0], 1)  # type: ignore[union-attr]
    made._link.set_pin_mode_servo(LOCK_PINS[1])  # type: ignore[union-attr]
    made.write(SetMode(RED_PIN, PinMode.PWM))
    made.write(SetPwm(RED_PIN, 7))
    wait_until(lambda: board.level(RED_PIN) == 7, 15, 'writes arrived')
    assert not set(LOCK_PINS) & set(board.firmware.values)
    assert not any(board.pull(drawer) for drawer in (1, 2, 3, 4))


def test_a_replayed_unlock_is_refused_by_the_board(
    plain: tuple[Pymata4Board, list[Report]], board: SimulatedBoard
) -> None:
    made, reports = plain
    made.write(Private(wire.BEGIN))
    made.write(Private(wire.ARM))
    boot, now = board.ask(lambda: (board.firmware.boot, board.firmware._uptime_ms()))
    data = wire.unlock_data(wire.Unlock(1, 80, boot, now, 7), BOARD_KEY)

    def answers() -> list[AnswerCode]:
        return [r.code for r in reports if isinstance(r, wire.Answer)]

    for _ in range(2):
        made.write(Private(wire.UNLOCK, data))
    wait_until(lambda: len(answers()) == 2, 15, 'two answers')
    assert answers() == [AnswerCode.OK, AnswerCode.REPLAYED]


def test_plain_firmata_reads_inputs_too(
    plain: tuple[Pymata4Board, list[Report]], board: SimulatedBoard
) -> None:
    made, _ = plain
    link = made._link
    assert link is not None
    for pin in (ESTOP_PIN, CALL_PIN):
        made.write(SetMode(pin, PinMode.PULLUP))
    board.set_line(False)
    wait_until(lambda: link.digital_read(ESTOP_PIN)[0] == 1, 15, 'open line')
    board.set_line(True)
    wait_until(lambda: link.digital_read(ESTOP_PIN)[0] == 0, 15, 'closed line')
    wait_until(lambda: link.digital_read(CALL_PIN)[0] == 1, 15, 'no call')
    assert link.get_pin_state(ESTOP_PIN)[:2] == [ESTOP_PIN, PinMode.PULLUP]
    assert len(link.analog_pins) == 6


def test_foreign_firmware_connects_without_heartbeat(tmp_path: Path) -> None:
    with SimulatedBoard(tmp_path / 'port', KEY, name='FirmataExpress.ino') as board:
        supervisor = BoardSupervisor(lambda: Pymata4Board(board.port, 0.05), BOARD_KEY)
        supervisor.start()
        try:
            wait_until(is_fresh(supervisor), 20, 'connected')
            show(supervisor, board, LOW)
            assert supervisor.unlock(1, 8.0, 0.3) is None
            assert not board.pull(1)
            wait_until(lambda: 'FirmataExpress' in supervisor.snapshot().reason, 15, 'its name')
            board.stall(True)
            wait_until(is_stale(supervisor), 3 * 1.0, 'STALE')
        finally:
            supervisor.stop()


def test_a_missing_port_is_named(tmp_path: Path) -> None:
    with pytest.raises(PortMissingError, match='nowhere'):
        Pymata4Board(str(tmp_path / 'nowhere'), 0.0).connect()


def test_a_file_is_no_port(tmp_path: Path) -> None:
    (tmp_path / 'file').write_text('x')
    with pytest.raises(BoardError, match='cannot be opened'):
        Pymata4Board(str(tmp_path / 'file'), 0.0).connect()


def test_a_mute_device_is_given_up_in_time(board: SimulatedBoard) -> None:
    board.stall(True)
    began = time.monotonic()
    with pytest.raises(BoardError, match='no board'):
        Pymata4Board(board.port, 0.0).connect()
    assert time.monotonic() - began < 5.0


def test_stopping_does_not_wait_for_a_board_that_starts(board: SimulatedBoard) -> None:
    supervisor = BoardSupervisor(lambda: Pymata4Board(board.port, 10.0), BOARD_KEY)
    supervisor.start()
    wait_until(lambda: board._client, 15, 'port opened')
    began = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - began < 3 * 1.5
    wait_until(lambda: not board._client, 15, 'port given back')


def test_a_port_of_another_process_is_left_alone(board: SimulatedBoard) -> None:
    hold = 'import os, sys; os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY); print(1, flush=True); '
    other = subprocess.Popen(
        [sys.executable, '-c', hold + 'sys.stdin.read()', board.port],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(PortBusyError, match=f'process {other.pid}'):
            Pymata4Board(board.port, 0.0).connect()
    finally:
        other.communicate()
    made = Pymata4Board(board.port, 0.05)
    made.connect()
    made.close()


def test_a_locked_port_is_left_alone(board: SimulatedBoard) -> None:
    descriptor = os.open(board.port, os.O_RDWR | os.O_NOCTTY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with pytest.raises(PortBusyError, match='in use'):
            Pymata4Board(board.port, 0.0).connect()
    finally:
        os.close(descriptor)


def test_two_of_us_do_not_share_a_port(
    plain: tuple[Pymata4Board, list[Report]], board: SimulatedBoard
) -> None:
    with pytest.raises(PortBusyError):
        Pymata4Board(board.port, 0.0).connect()


def test_writing_to_an_unplugged_board_is_an_error(
    plain: tuple[Pymata4Board, list[Report]], board: SimulatedBoard
) -> None:
    made, _ = plain
    board.unplug()
    wait_until(lambda: made.health().fault, 15, 'fault')
    with pytest.raises(BoardError):
        made.write(SetPwm(RED_PIN, 1))


def test_a_board_that_takes_no_bytes_does_not_hold_the_host(
    plain: tuple[Pymata4Board, list[Report]], board: SimulatedBoard
) -> None:
    made, _ = plain
    board.stall(True)
    began = time.monotonic()
    with pytest.raises(BoardError, match='does not take'):
        _write_for_ever(made)
    assert time.monotonic() - began < 10.0


def _write_for_ever(board: Pymata4Board) -> None:
    while True:
        board.write(SetPwm(RED_PIN, 1))


def test_the_console_moves_the_board_from_another_process(tmp_path: Path) -> None:
    command = [sys.executable, '-m', 'care_peripherals.simulated_board', '--link']
    process = subprocess.run(
        [*command, str(tmp_path / 'port'), '--key-file', str(tmp_path / 'key')],
        input='pull 1\nforce 1\npull 1\nestop\nstate\npull 9\nnonsense\nquit\n',
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = process.stdout.splitlines()
    assert process.returncode == 0, process.stderr
    assert lines[1:5] == ['shut', 'ok', 'open', 'ok']
    assert "drawers ['open', 'locked'" in lines[5]
    assert lines[6].startswith('refused')
    assert lines[7].startswith('known: plug')
    assert not (tmp_path / 'port').is_symlink()


def test_the_control_socket_moves_the_board(tmp_path: Path, board: SimulatedBoard) -> None:
    control = ControlSocket(tmp_path / 'control', Console(board))
    try:
        assert (tmp_path / 'control').stat().st_mode & 0o077 == 0
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(15)
            client.connect(str(tmp_path / 'control'))
            client.sendall(b'unplug\n')
            assert client.recv(100) == b'ok\n'
        assert not board.link.exists()
    finally:
        control.close()
