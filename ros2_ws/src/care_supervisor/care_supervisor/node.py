# SPDX-License-Identifier: Apache-2.0
"""The supervisor as a node: heartbeats in, lifecycle transitions and signals out."""

from __future__ import annotations

import dataclasses
import socket
from typing import Any

from care_msgs.msg import Heartbeat
from care_node import graph
from care_node.node import CareNode, run
from care_node.parameters import Parameter
from lifecycle_msgs.msg import Transition as RosTransition
from lifecycle_msgs.srv import ChangeState
from rclpy.client import Client

from care_supervisor.processes import Identity, identity, kill
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

PARAMETERS = (
    Parameter('order', [''], 'Node names in order of bring-up; full, or of our own namespace'),
    Parameter('expected', [''], 'Names of the nodes that must come up'),
    Parameter('namespaces', [''], 'Namespaces whose heartbeats are watched; empty: our own'),
    Parameter(
        'bring_up_timeout_s',
        10.0,
        'How long a node may take to ACTIVE before others go on without it',
        unit='s',
        minimum=0.1,
        maximum=600.0,
    ),
    Parameter(
        'transition_timeout_s',
        1.0,
        'How long a transition may go without an answer before it is asked again',
        unit='s',
        minimum=0.1,
        maximum=60.0,
    ),
    Parameter(
        'retry_first_s',
        1.0,
        'First wait after a refused transition; it doubles from try to try',
        unit='s',
        minimum=0.1,
        maximum=60.0,
    ),
    Parameter(
        'retry_longest_s',
        30.0,
        'Longest wait after a refused transition',
        unit='s',
        minimum=0.1,
        maximum=600.0,
    ),
    Parameter(
        'silent_after_s',
        1.0,
        'A heartbeat counter that stands still this long is reported SILENT',
        unit='s',
        minimum=0.3,
        maximum=10.0,
    ),
    Parameter(
        'hung_after_s',
        5.0,
        'A process that lives on this long with its heartbeat counter still is killed',
        unit='s',
        minimum=1.0,
        maximum=600.0,
    ),
)
_TICK_S = 0.05
_IDS = {
    Step.CONFIGURE: RosTransition.TRANSITION_CONFIGURE,
    Step.ACTIVATE: RosTransition.TRANSITION_ACTIVATE,
}
_LEVELS = {Level.OK: b'\0', Level.WARN: b'\1', Level.ERROR: b'\2'}


class SupervisorNode(CareNode):
    """Follows heartbeats; brings nodes up, reports silence, kills the hung."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('supervisor', PARAMETERS, **kwargs)
        # One client a process: after kill -9 an old client still finds its dead server.
        self._askers: dict[str, tuple[str, Client]] = {}
        self._met: dict[str, Identity | None] = {}
        self._words: dict[str, str] = {}
        self._host = socket.gethostname()

    def configure(self) -> None:
        """Start to listen."""
        self._supervision = Supervision(
            self._names('order'),
            self._names('expected'),
            Timing(
                bring_up_timeout=self.value('bring_up_timeout_s'),
                transition_timeout=self.value('transition_timeout_s'),
                retry_first=self.value('retry_first_s'),
                retry_longest=self.value('retry_longest_s'),
                silent_after=self.value('silent_after_s'),
                hung_after=self.value('hung_after_s'),
            ),
        )
        for namespace in self.value('namespaces'):
            topic = graph.HEARTBEAT
            if namespace:
                name = f'/{namespace.strip("/")}/{topic.name}'
                topic = dataclasses.replace(topic, name=name, scope='global')
            self.listen(topic, self._hear)
        self.every(_TICK_S, self._act)
        self.every(1.0, self._show)

    def cleanup(self) -> None:
        """Forget the clients."""
        for _, client in self._askers.values():
            self.destroy_client(client)
        self._askers.clear()

    def _names(self, parameter: str) -> list[str]:
        """Return the full names of a list of node names."""
        base = self.get_namespace().rstrip('/')
        names = [name for name in self.value(parameter) if name]
        return [name if name.startswith('/') else f'{base}/{name}' for name in names]

    def _hear(self, message: Heartbeat) -> None:
        if message.node == self.get_fully_qualified_name():
            return
        if message.boot_id not in self._met:
            self._meet(message)
        self._supervision.hear(
            Beat(
                message.node,
                message.boot_id,
                message.pid,
                message.host,
                _state(message.state),
                message.turns,
                message.fault,
            )
        )

    def _meet(self, message: Heartbeat) -> None:
        """Note who a process is while it is surely alive."""
        self._asker(message.node, message.boot_id)
        here = message.host == self._host
        self._met[message.boot_id] = identity(message.pid, _word(message.node)) if here else None
        self.get_logger().info(f'{message.node} is process {message.pid} on {message.host}')

    def _act(self) -> None:
        for action in self._supervision.due():
            if isinstance(action, Kill):
                self._kill(action)
            else:
                self._ask(action)

    def _ask(self, transition: Transition) -> None:
        client = self._asker(transition.node, transition.boot_id)
        if not client.service_is_ready():
            self._supervision.not_sent(transition)
            return
        request = ChangeState.Request()
        request.transition.id = _IDS[transition.step]
        future = client.call_async(request)

        def done(answer: Any) -> None:
            success = bool(answer.result() is not None and answer.result().success)
            self.get_logger().info(
                f'{transition.node}: {transition.step} {"done" if success else "refused"}'
            )
            self._supervision.answered(transition, success)

        future.add_done_callback(done)

    def _asker(self, node: str, boot_id: str) -> Client:
        """Return the client for this very process."""
        known = self._askers.get(node)
        if known is not None and known[0] == boot_id:
            return known[1]
        if known is not None:
            self.destroy_client(known[1])
        client = self.create_client(ChangeState, f'{node}/change_state')
        self._askers[node] = (boot_id, client)
        return client

    def _kill(self, action: Kill) -> None:
        """Kill the process if it is on this host, alive, and still the one that was met."""
        known = self._met.get(action.boot_id)
        if known is None:
            return
        try:
            killed = kill(known, _word(action.node))
        except PermissionError:
            self.get_logger().error(f'{action.node} hangs, but may not be killed: other user')
            return
        if killed:
            self.get_logger().error(
                f'{action.node} hung for {action.age:.1f} s: killed process {action.pid}'
            )

    def _show(self) -> None:
        for report in self._supervision.reports():
            self.diagnose(
                report.node,
                _LEVELS[report.level],
                f'{report.word}: {report.text}',
                age=f'{report.age:.2f}',
                restarts=report.restarts,
            )
            if self._words.get(report.node) != report.word:
                self._words[report.node] = report.word
                self._log(report.level, f'{report.node}: {report.word}, {report.text}')

    def _log(self, level: Level, text: str) -> None:
        logger = self.get_logger()
        if level is Level.ERROR:
            logger.error(text)
        elif level is Level.WARN:
            logger.warning(text)
        else:
            logger.info(text)


def _state(number: int) -> State:
    return State(number) if number in (1, 2, 3, 4) else State.TRANSITION


def _word(node: str) -> str:
    """Return what the command line of a node must contain: its name without namespace."""
    return node.rsplit('/', 1)[-1]


def main() -> None:
    """Run the node; it brings itself up, for nobody else does."""
    run(SupervisorNode, autostart=True)


if __name__ == '__main__':
    main()
