# SPDX-License-Identifier: Apache-2.0
"""Silence is a stop: whichever node dies while the robot drives, the base comes to rest."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import psutil
import pytest
from builtin_interfaces.msg import Time
from care_msgs.msg import SafetyState
from care_msgs.srv import SetMode
from care_node import graph
from robot_drive import Driver, driving
from ward_stack import Stack, ask, running_stack, wait_for


@pytest.fixture(scope='module')
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp('robot_faults')) as running:
        yield running


@pytest.fixture(scope='module')
def driver(stack: Stack) -> Iterator[Driver]:
    with driving() as made:
        made.wait_ready()
        yield made


def _home(driver: Driver) -> None:
    """Bring the robot to a state from where it can be sent again."""
    if driver.safety[-1].state in (SafetyState.STOPPED, SafetyState.ESTOP, SafetyState.FAULT):
        driver.release()
    driver.wait_ready()


#: Without their signs of life control moves nothing.
_REQUIRED = [
    ('tasks_node', 'tasks'), ('tablet_node', 'tablet'), ('peripherals_node', 'peripherals'),
    ('supervisor_node', 'supervisor'),
]  # fmt: skip


@pytest.mark.parametrize(('executable', 'cause'), _REQUIRED)
def test_a_killed_node_brings_the_base_to_rest_and_the_state_names_it(
    stack: Stack, driver: Driver, executable: str, cause: str
) -> None:
    _home(driver)
    _set_out(driver)
    old = stack.process(executable)
    _rests_and_names(driver, cause, lambda: stack.kill(executable))
    wait_for(
        lambda: (new := stack.process(executable)) is not None and new != old,
        30,
        f'{executable} started again',
    )
    _stands_until_told(driver)


@pytest.mark.long
@pytest.mark.parametrize(('executable', 'cause'), _REQUIRED)
def test_a_hung_node_brings_the_base_to_rest_and_the_state_names_it(
    stack: Stack, driver: Driver, executable: str, cause: str
) -> None:
    _home(driver)
    _set_out(driver)
    process = stack.process(executable)
    assert process is not None
    try:
        _rests_and_names(driver, cause, process.suspend)
    finally:
        with suppress(psutil.NoSuchProcess):  # the supervisor kills what hangs
            process.resume()
    _stands_until_told(driver)


def _rests_and_names(driver: Driver, cause: str, befall: Callable[[], object]) -> None:
    """Let something befall the driving robot: it rests in time and control names the cause."""
    said, began = len(driver.safety), time.monotonic()
    befall()
    # The deadline is 1.5 s; three times that for a noisy machine.
    took = driver.time_to_rest(began, 4.5)
    wait_for(lambda: driver.gave(cause, said), 10, lambda: f'the cause; control {driver.says()}')
    print(f'{cause}: at rest after {took:.2f} s, {driver.says()}')


def _stands_until_told(driver: Driver) -> None:
    _home(driver)
    place = driver.at()
    time.sleep(1.0)
    assert driver.speed() < 0.01, 'motion needs a fresh command'
    assert driver.at() == pytest.approx(place, abs=0.01)


def test_a_stop_brings_the_base_to_rest_and_stays_until_released(
    stack: Stack, driver: Driver
) -> None:
    _home(driver)
    handle = _set_out(driver)
    pressed = time.monotonic()
    driver.press_stop()
    # The deadline is 1.5 s; three times that for a noisy machine.
    driver.time_to_rest(pressed, 4.5)
    assert driver.result(handle).code == 'stopped'
    wait_for(lambda: driver.safety[-1].state == SafetyState.STOPPED, 20, driver.says)
    driver.run('return', code='stopped')
    driver.release()
    driver.wait_ready()
    time.sleep(1.0)
    assert driver.speed() < 0.01, 'a release never starts motion'


def test_a_robot_taken_over_by_hand_ends_its_task_and_obeys_the_next_one(
    stack: Stack, driver: Driver
) -> None:
    by_hand = SetMode.Request(mode=SetMode.Request.TELEOP, user='test')
    for _ in range(3):  # a late heartbeat may end it first
        _home(driver)
        handle = _set_out(driver)
        assert ask(driver.probe, graph.SET_MODE, by_hand).accepted
        result = driver.result(handle)
        if result.code != 'stopped':
            break
        print(result.text)
    assert result.code == 'does_not_move', result.text
    # A task takes the base back; control wants to see zero in between.
    handle = _set_out(driver)
    handle.cancel_goal_async()
    assert driver.result(handle).code == 'cancelled'


def test_killed_control_publishes_no_motion_and_comes_back_with_new_odometry(
    stack: Stack, driver: Driver
) -> None:
    _home(driver)
    _set_out(driver)
    boot, count = driver.safety[-1].boot_id, len(driver.applied)
    stack.kill('control_node')
    killed = time.time()
    wait_for(
        lambda: driver.safety[-1].boot_id != boot, 30, lambda: f'a new control; {driver.says()}'
    )
    _home(driver)
    assert driver.speed() < 0.01
    # Killing takes a moment too.
    late = [m for m in driver.applied[count:] if _seconds(m.header.stamp) > killed + 0.1]
    assert late
    assert not [m for m in late if m.twist.linear.x or m.twist.angular.z], 'nobody publishes motion'
    driver.run('go_to_bed', 1, code='position_unknown')
    driver.run('at_home')


def _set_out(driver: Driver) -> Any:
    """Send the robot on a way of some length; return the goal handle once it drives."""
    return driver.begin('return') if driver.at()[0] > 2.5 else driver.begin('go_to_bed', 3)


def _seconds(stamp: Time) -> float:
    return float(stamp.sec) + stamp.nanosec * 1e-9
