# SPDX-License-Identifier: Apache-2.0
"""The control loop on a simulated servo bus: it drives, and whatever befalls the bus stops it.

The executable comes from the C++ tests' build; ctest names it in CARE_CONTROL_PROBE.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from dynamixel_bus import FAST_SYNC_READ, PING, SYNC_WRITE, Bus, running
from dynamixel_servo import (
    EXTENDED_POSITION,
    MODE,
    OVERLOAD,
    POSITION,
    TORQUE,
    VELOCITY,
    WATCHDOG,
    Servo,
)

LEFT, RIGHT, LIFT, PAN = 11, 12, 13, 14
WATCHDOG_TIME = 0.4  # of the probe's servos [s]


def wait_until(holds: Callable[[], object], what: str, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f'no {what} within {seconds} s'
        time.sleep(0.02)


class Probe:
    """The running control loop."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def tell(self, line: str) -> None:
        """Send a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + '\n')
        self.process.stdin.flush()

    def state(self) -> dict[str, Any]:
        """Ask what it does."""
        assert self.process.stdout is not None
        self.tell('state')
        return dict(json.loads(self.process.stdout.readline()))

    def wait_state(self, *names: str) -> dict[str, Any]:
        """Wait until it is in one of these states."""
        try:
            wait_until(lambda: self.state()['state'] in names, str(names))
        except AssertionError as error:
            raise AssertionError(f'{error}: {self.state()}') from None
        return self.state()

    def drive(self, speed: float = 0.1) -> None:
        """Drive until the wheels turn as told."""
        self.tell('drive 0 0')
        self.wait_state('READY')
        time.sleep(0.1)
        self.tell(f'drive {speed} 0')
        wait_until(lambda: self.state()['speed'] > 0.8 * speed, 'motion')

    def recover(self) -> None:
        """Ask for resets, as a person does who is told to try again, until it is ready."""
        self.tell('drive 0 0')

        def ready() -> bool:
            if self.state()['state'] != 'READY':
                self.tell('reset')
                time.sleep(0.2)
            return bool(self.state()['state'] == 'READY')

        wait_until(ready, 'recovery')


@contextmanager
def probing(link: Path) -> Iterator[Probe]:
    executable = os.environ.get('CARE_CONTROL_PROBE')
    if not executable:
        pytest.skip('run by ctest, which builds what it needs')
    with subprocess.Popen(
        [executable, str(link)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Probe(process)
        finally:
            if process.poll() is None:
                process.kill()


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bus]:
    servos = [Servo(number) for number in (LEFT, RIGHT, LIFT, PAN)]
    with running(tmp_path / 'bus', servos) as bus:
        yield bus


@pytest.fixture
def probe(bus: Bus) -> Iterator[Probe]:
    with probing(bus.link) as probe:
        probe.wait_state('READY')
        yield probe


def wheels_stand(bus: Bus) -> bool:
    with bus.frozen():
        return bus.servos[LEFT].velocity == 0 == bus.servos[RIGHT].velocity


def torques(bus: Bus) -> set[int]:
    with bus.frozen():
        return {number for number, servo in bus.servos.items() if servo.torque}


def stays_stopped(probe: Probe, bus: Bus, seconds: float = 0.7) -> None:
    """Look for a while whether anything moves while a command goes on."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert probe.state()['state'] == 'FAULT'
        assert wheels_stand(bus)
        time.sleep(0.02)


def test_wheels_turn_as_told_and_are_measured(bus: Bus, probe: Probe) -> None:
    probe.drive(0.1)
    wait_until(lambda: probe.state()['x'] > 0.15, 'way')
    with bus.frozen():
        left, right = bus.servos[LEFT].position - 2048, bus.servos[RIGHT].position - 2048
    assert left > 0 > right  # the right wheel is mounted the other way round
    probe.tell('drive 0 0')
    wait_until(lambda: probe.state()['at_rest'], 'rest')
    wait_until(lambda: wheels_stand(bus), 'standing wheels')
    time.sleep(0.2)
    with bus.frozen():
        angle = (bus.servos[LEFT].position - 2048) / 4096 * 6.283185307
    state = probe.state()
    assert state['left'] == pytest.approx(angle, abs=0.01)
    assert state['right'] == pytest.approx(angle, abs=0.02)


def test_servos_are_set_up_and_their_kept_registers_are_not_worn_out(bus: Bus) -> None:
    for _ in range(2):
        with probing(bus.link) as probe:
            probe.wait_state('READY')
            with bus.frozen():
                modes = {n: servo.table[MODE] for n, servo in bus.servos.items()}
                watchdogs = {servo.table[WATCHDOG] for servo in bus.servos.values()}
            probe.tell('quit')
            assert probe.process.wait(10) == 0
    assert modes == {LEFT: VELOCITY, RIGHT: VELOCITY, LIFT: EXTENDED_POSITION, PAN: POSITION}
    assert watchdogs == {WATCHDOG_TIME / 0.02}
    for servo in bus.servos.values():
        assert servo.writes[9] == 1
        assert servo.writes[MODE] <= 1


def test_torque_is_taken_away_at_the_end(bus: Bus, probe: Probe) -> None:
    probe.drive()
    assert {LEFT, RIGHT} <= torques(bus)
    probe.tell('quit')
    assert probe.process.wait(10) == 0
    assert torques(bus) == set()


def test_switching_torque_on_moves_nothing(bus: Bus) -> None:
    bus.servos[LIFT].turn_to(5000)
    bus.servos[PAN].turn_to(3000)
    with probing(bus.link) as probe:
        probe.wait_state('READY')
        wait_until(lambda: {LEFT, RIGHT} <= torques(bus), 'torque')
        time.sleep(0.3)
        with bus.frozen():
            assert abs(bus.servos[PAN].position - 3000) < 30
        assert wheels_stand(bus)


def test_a_silent_bus_stops_the_robot_until_a_reset(bus: Bus, probe: Probe) -> None:
    probe.drive()
    for servo in bus.servos.values():
        servo.gone = True
    state = probe.wait_state('FAULT')
    assert 'bus is lost' in state['words']
    assert not state['torque']
    for servo in bus.servos.values():
        servo.gone = False
    wait_until(lambda: wheels_stand(bus), 'standing wheels')
    stays_stopped(probe, bus)
    probe.recover()
    probe.drive()


def test_one_servo_gone_is_named_and_the_others_lose_their_torque(bus: Bus, probe: Probe) -> None:
    probe.drive()
    bus.servos[RIGHT].gone = True
    state = probe.wait_state('FAULT')
    wait_until(lambda: 'no answer from the right wheel' in probe.state()['words'], 'its name')
    assert not state['torque']
    wait_until(lambda: not torques(bus) - {RIGHT}, 'no torque')
    bus.servos[RIGHT].gone = False
    wait_until(lambda: wheels_stand(bus), 'standing wheels')
    stays_stopped(probe, bus)
    assert torques(bus) == set()
    probe.recover()
    probe.drive()


def test_an_overloaded_servo_is_restarted_only_when_a_person_asks(bus: Bus, probe: Probe) -> None:
    probe.tell('reset')  # one for another reason, before, does not count
    probe.drive()
    with bus.frozen():
        bus.servos[LIFT].fail(OVERLOAD)
    state = probe.wait_state('FAULT')
    assert 'overload' in state['words']
    assert 'lift' in state['words']
    wait_until(lambda: not torques(bus), 'no torque')
    wait_until(lambda: wheels_stand(bus), 'standing wheels')
    stays_stopped(probe, bus, 1.0)
    assert bus.servos[LIFT].error
    probe.recover()
    assert not bus.servos[LIFT].error
    probe.drive()


def test_the_control_thread_takes_the_torque_itself_before_the_set_up_does(
    bus: Bus, probe: Probe
) -> None:
    probe.drive()
    with bus.frozen():
        bus.heard.clear()
        bus.servos[LIFT].fail(OVERLOAD)
    wait_until(lambda: (PING, 0) in bus.heard, 'set-up')
    with bus.frozen():
        before = bus.heard[: bus.heard.index((PING, 0))]
    reads = [i for i, (instruction, _) in enumerate(before) if instruction == FAST_SYNC_READ]
    assert before[reads[-1] + 1 :] == 2 * [(SYNC_WRITE, TORQUE)]


def test_an_adapter_pulled_out_stops_the_robot_and_heals_when_put_back(
    bus: Bus, probe: Probe
) -> None:
    probe.drive()
    bus.unplug()
    assert 'bus is lost' in probe.wait_state('FAULT')['words']
    wait_until(lambda: wheels_stand(bus), 'wheels stopped by the watchdog', 3 * WATCHDOG_TIME)
    bus.plug()
    stays_stopped(probe, bus)
    probe.recover()
    probe.drive()


def test_a_servo_that_missed_the_torque_going_does_not_move_on(bus: Bus, probe: Probe) -> None:
    probe.drive()
    bus.unplug()
    probe.wait_state('FAULT')
    wait_until(lambda: wheels_stand(bus), 'wheels stopped by the watchdog', 3 * WATCHDOG_TIME)
    bus.unheard = {SYNC_WRITE}
    bus.plug()
    stays_stopped(probe, bus)
    assert torques(bus) == set()


def test_a_garbled_bus_stops_the_robot(bus: Bus, probe: Probe) -> None:
    probe.drive()
    bus.garble = 1.0
    assert 'bus is disturbed' in probe.wait_state('FAULT')['words']
    bus.garble = 0.0
    probe.recover()
    probe.drive()


def test_losses_and_noise_now_and_then_do_not_stop_it(bus: Bus, probe: Probe) -> None:
    probe.drive()
    bus.lose, bus.garble, bus.noise = 0.03, 0.03, 0.2
    for _ in range(30):
        bus.babble(40)
        time.sleep(0.05)
    bus.lose = bus.garble = bus.noise = 0.0
    assert probe.state()['state'] == 'MOVING'


def test_a_servo_that_lost_its_torque_stops_the_robot(bus: Bus, probe: Probe) -> None:
    probe.drive()
    with bus.frozen():
        bus.servos[LEFT].table[TORQUE] = 0
    assert probe.wait_state('FAULT')['words'] == 'not as told: the left wheel'
    wait_until(lambda: not torques(bus), 'no torque')
    probe.recover()
    probe.drive()


def test_a_restarted_servo_is_set_up_anew(bus: Bus, probe: Probe) -> None:
    probe.drive()
    with bus.frozen():
        bus.servos[LEFT].reboot(time.monotonic())  # e.g. its supply was away for a moment
    probe.wait_state('FAULT')
    before = probe.state()['left']
    probe.recover()
    assert probe.state()['left'] == pytest.approx(before, abs=0.2)
    probe.drive()


def test_without_the_process_the_servos_stop_by_themselves(bus: Bus, probe: Probe) -> None:
    probe.drive()
    probe.process.kill()
    wait_until(lambda: wheels_stand(bus), 'standing wheels', 3 * WATCHDOG_TIME)


def test_a_process_that_hung_does_not_move_on(bus: Bus, probe: Probe) -> None:
    probe.drive()
    probe.process.send_signal(signal.SIGSTOP)
    try:
        wait_until(lambda: wheels_stand(bus), 'standing wheels', 3 * WATCHDOG_TIME)
    finally:
        probe.process.send_signal(signal.SIGCONT)
    probe.wait_state('FAULT')
    stays_stopped(probe, bus)
    probe.recover()


def test_without_an_adapter_it_starts_stopped_and_says_so(tmp_path: Path) -> None:
    with running(tmp_path / 'bus', [Servo(n) for n in (LEFT, RIGHT, LIFT, PAN)]) as bus:
        bus.unplug()
        with probing(bus.link) as probe:
            state = probe.wait_state('FAULT')
            assert 'No such file' in state['trouble']
            assert 'bus is lost' in state['words']
            bus.plug()
            stays_stopped(probe, bus)
            probe.recover()
            probe.drive()


def test_a_servo_too_old_for_fast_reads_is_refused(bus: Bus) -> None:
    bus.unheard = {FAST_SYNC_READ}
    with probing(bus.link) as probe:
        assert 'not as told' in probe.wait_state('FAULT')['words']


def test_reading_and_writing_take_microseconds(bus: Bus, probe: Probe) -> None:
    probe.drive()
    wait_until(lambda: probe.state()['cycles'] > 2000, 'cycles')
    state = probe.state()
    print(f'hardware p50 {state["hardware_p50_us"]} us, p99 {state["hardware_p99_us"]} us')
    assert 0 < state['hardware_p50_us'] < 100
    assert state['faults'] == 0
