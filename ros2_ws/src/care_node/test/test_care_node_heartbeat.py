# SPDX-License-Identifier: Apache-2.0
"""Silence is a counter that does not move."""

import math

from care_node.heartbeat import Pulse, Watch


class Clock:
    """A clock that stands until moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_node_whose_counter_stands_still_is_silent_though_it_publishes() -> None:
    clock = Clock()
    watch = Watch(clock=clock)
    for tenth in range(12):
        clock.now = tenth / 10
        watch.beat('a', 'boot', 7)
    assert watch.silent('a')


def test_a_node_whose_counter_moves_is_not_silent() -> None:
    clock = Clock()
    watch = Watch(clock=clock)
    for tenth in range(12):
        clock.now = tenth / 10
        watch.beat('a', 'boot', tenth)
    assert not watch.silent('a')


def test_a_restarted_node_is_alive_though_its_counter_repeats() -> None:
    clock = Clock()
    watch = Watch(clock=clock)
    watch.beat('a', 'first', 7)
    clock.now = 5.0
    watch.beat('a', 'second', 7)
    assert not watch.silent('a')


def test_a_node_never_heard_is_silent() -> None:
    assert Watch().silent('a')
    assert Watch().age('a') == math.inf


def test_the_age_of_an_input_grows_from_its_last_message() -> None:
    clock = Clock()
    pulse = Pulse(clock)
    pulse.expect('scan')
    assert pulse.ages() == {'scan': math.inf}
    pulse.seen('scan')
    clock.now = 0.5
    assert pulse.ages() == {'scan': 0.5}
