# SPDX-License-Identifier: Apache-2.0
"""Silence is a stop: whichever node dies while the robot drives, the base comes to rest."""

import time
from collections.abc import Iterator

import pytest
from care_msgs.msg import SafetyState
from robot_drive import Driver, driving
from ward_stack import Stack, running_stack, wait_for


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
        wait_for(lambda: driver.release().accepted, 20, f'a reset; {driver.reasons()}')
    driver.wait_ready()


@pytest.mark.parametrize(
    ('executable', 'cause'),
    [('tasks_node', 'tasks'), ('tablet_node', 'tablet'), ('peripherals_node', 'peripherals')],
)
def test_a_killed_node_brings_the_base_to_rest_and_the_state_names_it(
    stack: Stack, driver: Driver, executable: str, cause: str
) -> None:
    _home(driver)
    driver.begin('return' if driver.at()[0] > 2.5 else 'go_to_bed', 3)
    killed = time.monotonic()
    stack.kill(executable)
    # The deadline is 1.5 s; three times that for a noisy machine.
    took = driver.time_to_rest(killed, 4.5)
    wait_for(lambda: any(cause in s for m in driver.safety[-5:] for s in m.reasons), 3, 'the cause')
    print(f'{executable}: at rest after {took:.2f} s, {driver.reasons()}')
    wait_for(lambda: stack.process(executable) is not None, 20, f'{executable} started again')
    _home(driver)
    place = driver.at()
    time.sleep(1.0)
    assert driver.speed() < 0.01, 'motion needs a fresh command'
    assert driver.at() == pytest.approx(place, abs=0.01)


def test_a_stop_brings_the_base_to_rest_and_stays_until_released(
    stack: Stack, driver: Driver
) -> None:
    _home(driver)
    handle = driver.begin('return' if driver.at()[0] > 2.5 else 'go_to_bed', 3)
    driver.press_stop()
    driver.time_to_rest(time.monotonic())
    assert driver.result(handle).code == 'stopped'
    wait_for(lambda: driver.safety[-1].state == SafetyState.STOPPED, 3, 'STOPPED')
    assert driver.result(driver.send('return')).code == 'stopped'
    assert driver.release().accepted
    driver.wait_ready()
    time.sleep(1.0)
    assert driver.speed() < 0.01, 'a release never starts motion'


def test_killed_control_publishes_no_motion_and_comes_back_with_new_odometry(
    stack: Stack, driver: Driver
) -> None:
    _home(driver)
    driver.begin('return' if driver.at()[0] > 2.5 else 'go_to_bed', 3)
    boot = driver.safety[-1].boot_id
    stack.kill('control_node')
    time.sleep(0.3)
    count = len(driver.applied)
    time.sleep(0.7)
    assert len(driver.applied) == count, 'nobody publishes motion'
    wait_for(lambda: driver.safety[-1].boot_id != boot, 20, 'control started again')
    _home(driver)
    assert driver.speed() < 0.01
    assert driver.result(driver.send('go_to_bed', 1)).code == 'position_unknown'
    assert driver.result(driver.send('at_home')).code == 'ok'
