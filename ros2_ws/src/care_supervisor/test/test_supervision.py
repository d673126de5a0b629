# SPDX-License-Identifier: Apache-2.0
"""The supervisor's decisions, on a clock of the test."""

import itertools
import math

import pytest
from care_supervisor.supervision import (
    Beat,
    Kill,
    Level,
    State,
    Step,
    Supervision,
    Timing,
    Transition,
)

A, B, C = '/ward/alarms', '/ward/vitals', '/ward/tablet'


class World:
    """A supervision with a clock, and nodes whose heartbeats can be sent by name."""

    def __init__(self, order=(A, B, C), expected=(A, B, C), **timing: float) -> None:
        self.now = 100.0
        self.supervision = Supervision(order, expected, Timing(**timing), lambda: self.now)
        self._turns = itertools.count(1)

    def beat(self, node, state=State.UNCONFIGURED, *, boot='1', turns=None, fault='', pid=7):
        turns = next(self._turns) if turns is None else turns
        self.supervision.hear(Beat(node, boot, pid, 'here', state, turns, fault))

    def due(self):
        return self.supervision.due()

    def steps(self):
        return [(a.node, a.step) for a in self.due() if isinstance(a, Transition)]

    def kills(self):
        return [a for a in self.due() if isinstance(a, Kill)]

    def answer(self, success=True):
        """Answer the one step that is due."""
        (transition,) = self.due()
        self.supervision.answered(transition, success)
        return transition.node, transition.step

    def report(self, node):
        return next(r for r in self.supervision.reports() if r.node == node)

    def live(self, seconds, **states):
        """Let time pass in small steps with heartbeats of the given nodes."""
        actions = []
        for _ in range(round(seconds / 0.1)):
            self.now += 0.1
            for name, state in states.items():
                self.beat(f'/ward/{name}', state)
            actions += self.due()
        return actions


def test_nodes_come_up_in_order_whatever_the_order_of_their_heartbeats():
    world = World()
    for node in (C, B, A):
        world.beat(node)
    done = [world.answer() for _ in range(6)]
    assert done == [(n, s) for n in (A, B, C) for s in (Step.CONFIGURE, Step.ACTIVATE)]
    assert world.due() == []
    assert [world.report(n).word for n in (A, B, C)] == ['ACTIVE'] * 3


def test_node_is_not_brought_up_before_an_expected_one_was_heard():
    world = World()
    world.beat(B)
    assert world.steps() == []
    assert world.report(A).word == 'MISSING'


def test_node_of_the_order_that_is_not_expected_is_not_waited_for():
    world = World(expected=(B,))
    world.beat(B)
    assert world.steps() == [(B, Step.CONFIGURE)]


def test_expected_node_without_place_in_the_order_comes_last():
    world = World(order=(B,), expected=(A, B))
    world.beat(A)
    world.beat(B)
    assert world.answer() == (B, Step.CONFIGURE)
    assert world.answer() == (B, Step.ACTIVATE)
    assert world.answer() == (A, Step.CONFIGURE)


def test_node_that_nobody_expects_is_brought_up_too():
    world = World(expected=(A,))
    world.beat('/ward/guest')
    assert world.steps() == []
    world.beat(A, State.ACTIVE)
    assert world.steps() == [('/ward/guest', Step.CONFIGURE)]


def test_rest_goes_on_when_a_node_has_used_up_its_time():
    world = World(bring_up_timeout=10.0)
    actions = world.live(9.8, vitals=State.UNCONFIGURED)
    assert actions == []
    actions = world.live(0.6, vitals=State.UNCONFIGURED)
    assert [a.node for a in actions] == [B]
    missing = world.report(A)
    assert (missing.word, missing.level, missing.age) == ('MISSING', Level.ERROR, math.inf)


def test_time_of_a_node_begins_with_its_turn():
    world = World(bring_up_timeout=10.0)
    world.live(9.0, alarms=State.UNCONFIGURED)
    world.beat(A, State.ACTIVE)
    world.due()
    actions = world.live(9.0, alarms=State.ACTIVE, tablet=State.UNCONFIGURED)
    assert [a for a in actions if a.node == C] == []


def test_late_node_is_still_brought_up():
    world = World(bring_up_timeout=1.0)
    world.live(5.0)
    world.beat(A)
    assert world.steps() == [(A, Step.CONFIGURE)]


def test_active_nodes_are_left_alone_by_a_supervisor_that_starts_again():
    world = World()
    for node in (A, B, C):
        world.beat(node, State.ACTIVE)
    assert world.due() == []
    assert world.live(5.0, alarms=State.ACTIVE, vitals=State.ACTIVE, tablet=State.ACTIVE) == []


def test_step_is_asked_once_while_its_answer_is_awaited():
    world = World(transition_timeout=1.0)
    world.beat(A)
    assert world.steps() == [(A, Step.CONFIGURE)]
    assert world.live(0.8, alarms=State.UNCONFIGURED) == []
    assert len(world.live(0.3, alarms=State.UNCONFIGURED)) == 1


def test_lost_answer_is_made_good_by_the_heartbeat():
    world = World()
    world.beat(A)
    (lost,) = world.due()
    world.beat(A, State.INACTIVE)
    assert world.steps() == [(A, Step.ACTIVATE)]
    world.supervision.answered(lost, False)
    assert world.report(A).text == 'inactive'


def test_heartbeat_overtaken_by_the_answer_does_not_undo_it():
    world = World()
    world.beat(A)
    assert world.answer() == (A, Step.CONFIGURE)
    world.beat(A, State.UNCONFIGURED)
    assert world.steps() == [(A, Step.ACTIVATE)]


def test_answer_that_proves_wrong_is_corrected_by_later_heartbeats():
    world = World()
    world.beat(A)
    world.answer()
    world.answer()
    actions = world.live(1.0, alarms=State.INACTIVE)
    assert [a.step for a in actions] == [Step.ACTIVATE]


def test_refusal_is_reported_with_the_nodes_own_words_and_retried_ever_more_slowly():
    world = World(retry_first=1.0, retry_longest=4.0, transition_timeout=1.0)
    world.beat(A, fault='no such record')
    times = []
    for _ in range(200):
        world.now += 0.1
        world.beat(A, fault='no such record')
        for action in world.due():
            times.append(world.now)
            world.supervision.answered(action, False)
    waits = [round(b - a, 1) for a, b in itertools.pairwise(times)]
    assert waits[:4] == pytest.approx([1.0, 2.0, 4.0, 4.0], abs=0.15)
    report = world.report(A)
    assert report.level is Level.ERROR
    assert report.text == 'refused to configure: no such record'


def test_refusal_whose_answer_is_lost_is_not_asked_in_a_spin():
    world = World(retry_first=4.0, transition_timeout=1.0)
    world.beat(A)
    world.due()
    asked = 0
    for _ in range(45):
        world.now += 0.1
        world.beat(A, fault='no such record')
        asked += len(world.due())
    assert asked == 0


def test_success_ends_the_waiting_after_refusals():
    world = World(retry_first=8.0)
    world.beat(A)
    world.answer(False)
    world.beat(A, State.ACTIVE)
    assert world.report(A).text == 'active'
    world.beat(A, State.INACTIVE)
    assert world.steps() == [(A, Step.ACTIVATE)]


def test_step_done_though_its_second_request_was_refused_is_followed_at_once():
    world = World()
    world.beat(A)
    world.answer(False)
    world.beat(A, State.INACTIVE)
    assert world.steps() == [(A, Step.ACTIVATE)]


def test_step_that_could_not_be_sent_is_due_again_at_once():
    world = World()
    world.beat(A)
    (transition,) = world.due()
    world.supervision.not_sent(transition)
    assert world.steps() == [(A, Step.CONFIGURE)]


def test_restarted_node_is_transitioned_at_once_even_while_another_is_missing():
    world = World()
    for node in (A, B, C):
        world.beat(node, State.ACTIVE)
    world.due()
    world.beat(A, boot='2')
    world.beat(C, boot='2')
    assert world.steps() == [(A, Step.CONFIGURE), (C, Step.CONFIGURE)]
    assert world.report(A).restarts == 1


def test_restart_ends_the_waiting_of_the_former_process():
    world = World(retry_first=30.0)
    world.beat(A)
    world.answer(False)
    world.beat(A, boot='2')
    assert world.steps() == [(A, Step.CONFIGURE)]


def test_answer_meant_for_the_former_process_is_ignored():
    world = World()
    world.beat(A)
    (old,) = world.due()
    world.beat(A, boot='2')
    world.supervision.answered(old, True)
    assert world.steps() == [(A, Step.CONFIGURE)]


def test_counter_that_stands_still_is_silence_though_heartbeats_come():
    world = World(silent_after=1.0)
    world.beat(A, State.ACTIVE, turns=5)
    for _ in range(11):
        world.now += 0.1
        world.beat(A, State.ACTIVE, turns=5)
        world.due()
    assert (world.report(A).word, world.report(A).level) == ('SILENT', Level.ERROR)
    world.beat(A, State.ACTIVE, turns=6)
    assert world.report(A).word == 'ACTIVE'


def test_silence_of_just_under_the_limit_is_none():
    world = World(silent_after=1.0)
    world.beat(A, State.ACTIVE)
    world.now += 0.99
    assert world.report(A).word == 'ACTIVE'


def test_silent_node_is_not_asked_for_anything():
    world = World()
    world.beat(A)
    world.now += 1.5
    assert world.steps() == []


def test_hung_process_is_to_be_killed_once_and_again_only_after_a_while():
    world = World(hung_after=5.0)
    world.beat(A, State.ACTIVE, pid=42)
    world.due()
    assert [a for a in world.live(4.8) if isinstance(a, Kill)] == []
    (kill,) = world.live(0.5)
    assert (kill.node, kill.pid, kill.boot_id) == (A, 42, '1')
    assert world.live(4.0) == []
    assert len(world.live(1.5)) == 1


def test_hung_node_is_killed_even_before_its_turn():
    world = World(hung_after=5.0, bring_up_timeout=60.0)
    world.beat(C)
    assert [a.node for a in world.live(5.5)] == [C]


def test_own_stall_is_not_taken_for_the_silence_of_others():
    world = World(hung_after=5.0)
    for node in (A, B, C):
        world.beat(node, State.ACTIVE)
    world.due()
    world.now += 60.0
    assert world.due() == []
    assert world.report(A).word == 'ACTIVE'
    world.live(1.2)
    assert world.report(A).word == 'SILENT'


def test_two_processes_with_one_name_are_reported():
    world = World()
    for boot in ('1', '2', '1', '2'):
        world.beat(A, State.ACTIVE, boot=boot)
    assert (world.report(A).word, world.report(A).level) == ('TWICE', Level.ERROR)


def test_fault_of_an_active_node_is_reported_in_its_words():
    world = World()
    world.beat(A, State.ACTIVE, fault='disk full')
    report = world.report(A)
    assert (report.word, report.level, report.text) == ('ACTIVE', Level.ERROR, 'disk full')


@pytest.mark.parametrize('state', [State.FINALIZED, State.TRANSITION])
def test_node_on_its_way_or_at_its_end_is_left_alone(state):
    world = World()
    world.beat(A, state)
    assert world.steps() == []
