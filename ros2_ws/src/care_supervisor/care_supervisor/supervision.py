# SPDX-License-Identifier: Apache-2.0
"""Decides which node is to be configured, activated or killed; knows no ROS.

It is fed with heartbeats and with the answers to the transitions it asked for, and is asked at
short intervals what is due. Silence is judged by the counter in the heartbeat and the clock here.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class State(IntEnum):
    """Lifecycle states, the numbers of lifecycle_msgs/State."""

    UNCONFIGURED = 1
    INACTIVE = 2
    ACTIVE = 3
    FINALIZED = 4
    TRANSITION = 10


class Step(StrEnum):
    """A lifecycle transition."""

    CONFIGURE = 'configure'
    ACTIVATE = 'activate'


#: The step that a node in this state takes next.
_NEXT = {State.UNCONFIGURED: Step.CONFIGURE, State.INACTIVE: Step.ACTIVATE}
#: The state that a step leads to.
_REACHES = {Step.CONFIGURE: State.INACTIVE, Step.ACTIVATE: State.ACTIVE}
#: How long heartbeats sent before an answered transition may still come [s].
_LATE_HEARTBEAT_S = 0.5
#: A pause between two questions longer than this is our own, not that of the nodes [s].
_OWN_STALL_S = 1.0


@dataclass(frozen=True)
class Beat:
    """One heartbeat."""

    node: str
    boot_id: str
    pid: int
    host: str
    state: State
    turns: int
    fault: str = ''


@dataclass(frozen=True)
class Transition:
    """Ask a node for a step; the answer goes to `answered` with the same object."""

    node: str
    boot_id: str
    step: Step


@dataclass(frozen=True)
class Kill:
    """Kill a process that lives on while its node hangs."""

    node: str
    boot_id: str
    pid: int
    host: str
    age: float


class Level(IntEnum):
    """Levels of diagnostic_msgs/DiagnosticStatus."""

    OK = 0
    WARN = 1
    ERROR = 2


@dataclass(frozen=True)
class Report:
    """What is known of one node.

    Attributes:
        node: Full name.
        word: ACTIVE, SILENT, MISSING, ... for machines.
        level: How bad it is.
        text: For a person.
        age: Seconds since its counter moved; infinity for never.
        restarts: New processes since this supervision began.
    """

    node: str
    word: str
    level: Level
    text: str
    age: float
    restarts: int


@dataclass(frozen=True)
class Timing:
    """Times, all in seconds; see params/supervisor.yaml."""

    bring_up_timeout: float = 10.0
    transition_timeout: float = 1.0
    retry_first: float = 1.0
    retry_longest: float = 30.0
    silent_after: float = 1.0
    hung_after: float = 5.0


@dataclass
class _Node:
    """A node that is expected or has been heard.

    Attributes:
        beat: Last heartbeat of the present process; None before the first.
        state: Its state, which an answer may tell before the heartbeat does.
        settled: It has been ACTIVE once or was given up: others wait for it no more.
        turn_since: When its turn to be brought up began.
        former: Boot ids of earlier processes.
        twice_until: A process that was thought gone spoke again: two share the name.
    """

    name: str
    beat: Beat | None = None
    state: State = State.UNCONFIGURED
    moved_at: float = -math.inf
    assumed_until: float = -math.inf
    asked: Transition | None = None
    asked_at: float = -math.inf
    retry_at: float = -math.inf
    retry_delay: float = 0.0
    refused: Step | None = None
    settled: bool = False
    given_up: bool = False
    turn_since: float | None = None
    killed_at: float = -math.inf
    former: set[str] = field(default_factory=set)
    twice_until: float = -math.inf


class Supervision:
    """State machine over all nodes.

    A node's turn comes once every expected node before it in the order is ACTIVE or has used up
    its time. That holds for the first bring-up only: what comes back later is not kept waiting.
    """

    def __init__(
        self,
        order: Sequence[str],
        expected: Sequence[str],
        timing: Timing | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start with all nodes unheard.

        Args:
            order: Full names, first to be brought up first.
            expected: Full names of the nodes that must come up; those not in the order come last.
            timing: Times.
            clock: Steady clock [s].
        """
        self._timing = timing or Timing()
        self._clock = clock
        self._order = list(dict.fromkeys([*order, *expected]))
        self._expected = set(expected)
        self._nodes = {name: _Node(name) for name in self._order if name in self._expected}
        self._asked_at: float | None = None

    def hear(self, beat: Beat) -> None:
        """Take one heartbeat."""
        now = self._clock()
        node = self._nodes.setdefault(beat.node, _Node(beat.node))
        if beat.boot_id in node.former:
            node.twice_until = now + 2.0 * self._timing.silent_after
            return
        if node.beat is None or node.beat.boot_id != beat.boot_id:
            self._meet(node, beat)
        elif node.beat.turns != beat.turns:
            node.moved_at = now
        node.beat = beat
        # Until then a heartbeat may have been sent before the answer that has overtaken it.
        if now >= node.assumed_until:
            self._take_state(node, beat.state)

    def _meet(self, node: _Node, beat: Beat) -> None:
        """Begin anew with a process not heard before."""
        if node.beat is not None:
            node.former.add(node.beat.boot_id)
        node.state = beat.state
        node.moved_at = self._clock()
        node.assumed_until = -math.inf
        self._forget_trouble(node)

    def _take_state(self, node: _Node, state: State) -> None:
        node.state = state
        step = node.refused or (node.asked.step if node.asked is not None else None)
        if state is State.ACTIVE or (step is not None and state is _REACHES[step]):
            # Also after a refusal: a step asked for twice is done the first time, then refused.
            self._forget_trouble(node)
        if state is State.ACTIVE:
            node.settled = True
            node.given_up = False

    @staticmethod
    def _forget_trouble(node: _Node) -> None:
        node.asked = None
        node.retry_at = -math.inf
        node.retry_delay = 0.0
        node.refused = None

    def answered(self, transition: Transition, success: bool) -> None:
        """Take the answer to a transition; one that came too late is ignored."""
        node = self._nodes[transition.node]
        if node.asked is not transition:
            return
        node.asked = None
        now = self._clock()
        if not success:
            self._wait_after_refusal(node, transition.step, now)
            return
        self._take_state(node, _REACHES[transition.step])
        node.assumed_until = now + _LATE_HEARTBEAT_S

    def not_sent(self, transition: Transition) -> None:
        """Take note that a transition could not be sent yet; it will be due again."""
        node = self._nodes[transition.node]
        if node.asked is transition:
            node.asked = None

    def due(self) -> list[Transition | Kill]:
        """Return what is to be done now; to be asked several times a second."""
        now = self._clock()
        self._forgive_own_stall(now)
        actions: list[Transition | Kill | None] = []
        turn_has_come = True
        for node in self._sequence():
            actions.append(self._hung(node, now))
            if turn_has_come or node.settled:
                actions.append(self._step(node, now))
            if turn_has_come and node.name in self._expected:
                turn_has_come = self._lets_others_go_on(node, now)
        return [action for action in actions if action is not None]

    def _forgive_own_stall(self, now: float) -> None:
        """Do not take our own pause, such as a stopped process, for the silence of all nodes."""
        pause = 0.0 if self._asked_at is None else now - self._asked_at
        self._asked_at = now
        if pause > _OWN_STALL_S:
            for node in self._nodes.values():
                node.moved_at += pause

    def _sequence(self) -> list[_Node]:
        """Return all nodes, those without a place in the order last."""
        known = [self._nodes[name] for name in self._order if name in self._nodes]
        return known + [n for name, n in self._nodes.items() if name not in self._order]

    def _lets_others_go_on(self, node: _Node, now: float) -> bool:
        if node.turn_since is None:
            node.turn_since = now
        if not node.settled and now - node.turn_since >= self._timing.bring_up_timeout:
            node.settled = node.given_up = True
        return node.settled

    def _hung(self, node: _Node, now: float) -> Kill | None:
        timing, beat = self._timing, node.beat
        age = now - node.moved_at
        if beat is None or age < timing.hung_after or now - node.killed_at < timing.hung_after:
            return None
        node.killed_at = now
        return Kill(node.name, beat.boot_id, beat.pid, beat.host, age)

    def _step(self, node: _Node, now: float) -> Transition | None:
        if node.beat is None or self._silent(node, now):
            return None
        if node.asked is not None and now - node.asked_at >= self._timing.transition_timeout:
            self._answer_is_lost(node, now)
        if node.asked is not None or now < node.retry_at or node.state not in _NEXT:
            return None
        node.asked = Transition(node.name, node.beat.boot_id, _NEXT[node.state])
        node.asked_at = now
        return node.asked

    def _answer_is_lost(self, node: _Node, now: float) -> None:
        """Ask again at once, unless the node says itself that it cannot."""
        if node.asked is not None and node.beat is not None and node.beat.fault:
            self._wait_after_refusal(node, node.asked.step, now)
        node.asked = None

    def _wait_after_refusal(self, node: _Node, step: Step, now: float) -> None:
        timing = self._timing
        longer = max(timing.retry_first, 2.0 * node.retry_delay)
        node.retry_delay = min(longer, timing.retry_longest)
        node.retry_at = now + node.retry_delay
        node.refused = step

    def _silent(self, node: _Node, now: float) -> bool:
        return now - node.moved_at > self._timing.silent_after

    def reports(self) -> list[Report]:
        """Return what is known of every node, in the order of bring-up."""
        now = self._clock()
        return [self._report(node, now) for node in self._sequence()]

    def _report(self, node: _Node, now: float) -> Report:
        word, level, text = self._judge(node, now)
        return Report(node.name, word, level, text, now - node.moved_at, len(node.former))

    def _judge(self, node: _Node, now: float) -> tuple[str, Level, str]:
        beat, age = node.beat, now - node.moved_at
        if beat is None:
            level = Level.ERROR if node.given_up else Level.WARN
            return 'MISSING', level, 'no heartbeat has been heard'
        if now < node.twice_until:
            return 'TWICE', Level.ERROR, 'two processes use this name'
        if self._silent(node, now):
            return 'SILENT', Level.ERROR, f'silent for {age:.1f} s, was {node.state.name}'
        if node.state is State.ACTIVE:
            return 'ACTIVE', Level.ERROR if beat.fault else Level.OK, beat.fault or 'active'
        if node.refused is not None:
            why = beat.fault or 'no reason given'
            return node.state.name, Level.ERROR, f'refused to {node.refused}: {why}'
        late = ', its time is used up' if node.given_up else ''
        text = f'{node.state.name.lower()}{late}'
        return node.state.name, Level.ERROR if node.given_up else Level.WARN, text
