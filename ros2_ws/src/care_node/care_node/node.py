# SPDX-License-Identifier: Apache-2.0
"""Lifecycle base of every Python node.

A node's work is written as four plain methods (configure, activate, deactivate, cleanup) and
callbacks; entities come from the table in care_node.graph. The base adds declared parameters, a
heartbeat, diagnostics, and the rule that one bad message never ends a node.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Any

import rclpy
from builtin_interfaces.msg import Time
from care_msgs.msg import Heartbeat, InputAge
from diagnostic_msgs.msg import DiagnosticStatus
from rcl_interfaces.msg import SetParametersResult
from rclpy.client import Client
from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter as RosParameter
from rclpy.publisher import Publisher
from rclpy.service import Service as RosService
from rclpy.signals import SignalHandlerOptions
from rclpy.subscription import Subscription
from rclpy.timer import Timer

from care_node import graph, qos
from care_node.diagnostics import Diagnostics
from care_node.errors import ConfigurationError, with_place
from care_node.heartbeat import PERIOD_S, Pulse
from care_node.parameters import (
    WARD_PARAMETERS,
    Parameter,
    from_ros,
    own_overrides,
    refuse_unknown,
)

_DIAGNOSTICS_PERIOD_S = 1.0
_STATES = {1: 'unconfigured', 2: 'inactive', 3: 'active', 4: 'finalized'}


class CareNode(LifecycleNode):
    """Base class of Nightingale's Python nodes.

    Attributes:
        scope: Namespace that the node lives in: 'ward' or 'robot'.
        pulse: The node's own sign of life, with the ages of its inputs.
        fault: Why the node cannot do its job, '' when it can; shown in heartbeat and diagnostics.
    """

    scope: graph.Scope = 'ward'

    def __init__(self, name: str, parameters: Sequence[Parameter] = (), **kwargs: Any) -> None:
        """Declare parameters, start heartbeat and diagnostics.

        Raises:
            ConfigurationError: A parameter is unknown, of the wrong type or out of range.
        """
        super().__init__(name, **kwargs)
        self.pulse = Pulse()
        self.fault = ''
        self.__declared: dict[str, Parameter] = {}
        self.__entities: list[Publisher | Subscription | Timer | RosService | Client] = []
        self._active = False
        self._held: dict[str, tuple[Callable[[Any], None], Any]] = {}
        self.__host = socket.gethostname()
        self.__declare([*WARD_PARAMETERS, *parameters])
        self.__heartbeat = self.__publisher(
            graph.HEARTBEAT if self.scope == 'ward' else graph.ROBOT_HEARTBEAT
        )
        self.__diagnostics_out = self.__publisher(graph.DIAGNOSTICS)
        self.__diagnostics = Diagnostics(self.get_fully_qualified_name(), self.__host)
        self.create_timer(PERIOD_S, self.__beat)
        self.create_timer(_DIAGNOSTICS_PERIOD_S, self.__report)
        self._refuse_wrong_transitions()

    # What a node writes ------------------------------------------------------------------------

    def configure(self) -> None:
        """Make publishers, subscriptions, timers; raise ConfigurationError to refuse."""

    def activate(self) -> None:
        """Start work."""

    def deactivate(self) -> None:
        """Stop work."""

    def cleanup(self) -> None:
        """Release what configure made; entities of the base are destroyed by the base."""

    # What a node uses --------------------------------------------------------------------------

    @property
    def active(self) -> bool:
        """Tell whether the node is ACTIVE."""
        return self._active

    def value(self, name: str) -> Any:
        """Return the present value of a declared parameter."""
        value = self.get_parameter(name).value
        return list(value) if isinstance(self.__declared[name].default, list) else value

    def stamp(self) -> Time:
        """Return the ROS time now."""
        return self.get_clock().now().to_msg()

    def topic_name(self, topic: graph.Topic | graph.Service, **places: object) -> str:
        """Return the name to use for a row of the graph, relative within the node's own scope."""
        name = topic.name.format(**places)
        if topic.scope in (self.scope, 'global'):
            return name
        return f'/{self.value(topic.scope)}/{name}'

    def advertise(self, topic: graph.Topic, **places: object) -> Publisher:
        """Make a publisher; it is destroyed on cleanup."""
        publisher = self.__publisher(topic, **places)
        self.__entities.append(publisher)
        return publisher

    def listen(
        self, topic: graph.Topic, callback: Callable[[Any], None], **places: object
    ) -> Subscription:
        """Make a subscription whose callback runs only while the node is ACTIVE.

        A state that arrives earlier on a latched topic comes once: it is handed over on activation.
        """
        name = self.topic_name(topic, **places)
        self.pulse.expect(name)

        def take(message: Any) -> None:
            if self._active:
                self.pulse.seen(name)
                self.__guarded(name, callback, message)
            elif topic.qos == 'latched':
                self._held[name] = (take, message)

        subscription = self.create_subscription(
            graph.load_type(topic.type),
            name,
            take,
            qos.NAMES[topic.qos],
            event_callbacks=SubscriptionEventCallbacks(use_default_callbacks=False),
        )
        self.__entities.append(subscription)
        return subscription

    def every(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Make a timer whose callback runs only while the node is ACTIVE."""

        def tick() -> None:
            if self._active:
                self.__guarded('timer ' + callback.__name__, callback)

        timer = self.create_timer(seconds, tick)
        self.__entities.append(timer)
        return timer

    def serve(self, service: graph.Service, callback: Callable[[Any, Any], Any]) -> RosService:
        """Make a service; `callback(request, response)` fills and returns the response."""
        name = self.topic_name(service)

        def answer(request: Any, response: Any) -> Any:
            answered = self.__guarded(name, callback, request, response)
            return response if answered is None else answered

        made = self.create_service(graph.load_type(service.type), name, answer)
        self.__entities.append(made)
        return made

    def client(self, service: graph.Service) -> Client:
        """Make a client. Calls need a time-out of their own: a dead server is not noticed."""
        made = self.create_client(graph.load_type(service.type), self.topic_name(service))
        self.__entities.append(made)
        return made

    def release(self, entity: Publisher | Subscription | Timer | RosService | Client) -> None:
        """Destroy one entity before cleanup does."""
        self.__entities.remove(entity)
        self.__destroy(entity)

    def diagnose(self, name: str, level: bytes, text: str, **values: object) -> None:
        """Set one subcomponent's line in /diagnostics, kept until set again."""
        self.__diagnostics.set(name, level, text, {k: str(v) for k, v in values.items()})

    # Lifecycle ---------------------------------------------------------------------------------

    def on_configure(self, _state: LifecycleState) -> TransitionCallbackReturn:
        """See configure."""
        self.fault = ''
        done = self.__transition('configure', self.configure)
        if done is not TransitionCallbackReturn.SUCCESS:
            self.__destroy_entities()
        return done

    def on_activate(self, _state: LifecycleState) -> TransitionCallbackReturn:
        """See activate."""
        done = self.__transition('activate', self.activate)
        self._active = done is TransitionCallbackReturn.SUCCESS
        if self._active:
            held, self._held = self._held, {}
            for take, message in held.values():
                take(message)
        return done

    def on_deactivate(self, _state: LifecycleState) -> TransitionCallbackReturn:
        """See deactivate."""
        self._active = False
        return self.__transition('deactivate', self.deactivate)

    def on_cleanup(self, _state: LifecycleState) -> TransitionCallbackReturn:
        """See cleanup."""
        done = self.__transition('clean up', self.cleanup)
        self.__destroy_entities()
        return done

    def on_shutdown(self, _state: LifecycleState) -> TransitionCallbackReturn:
        """End work in whatever state the node is."""
        self.end_work()
        return TransitionCallbackReturn.SUCCESS

    def on_error(self, _state: LifecycleState) -> TransitionCallbackReturn:
        """Return to UNCONFIGURED, from where the supervisor tries again."""
        self.end_work()
        return TransitionCallbackReturn.SUCCESS

    def end_work(self) -> None:
        """Deactivate and clean up without a transition; safe in any state."""
        was_active, self._active = self._active, False
        if was_active:
            self.__transition('deactivate', self.deactivate)
        if self.__entities:
            self.__transition('clean up', self.cleanup)
            self.__destroy_entities()

    def __transition(self, name: str, act: Callable[[], None]) -> TransitionCallbackReturn:
        try:
            act()
        except ConfigurationError as error:
            self.fault = str(error)
            self.get_logger().error(f'Cannot {name}: {error}')
            return TransitionCallbackReturn.FAILURE
        except Exception as error:
            self.fault = f'{type(error).__name__} in {name}: {error}'
            self.get_logger().error(with_place(f'Cannot {name}', error))
            return TransitionCallbackReturn.FAILURE
        return TransitionCallbackReturn.SUCCESS

    # Insides: two underscores, so that no node overrides one by accident -----------------------

    def __declare(self, parameters: Sequence[Parameter]) -> None:
        plain = from_ros(self._parameter_overrides)
        refuse_unknown(
            [p.name for p in parameters],
            own_overrides(sys.argv, self.get_name(), self.get_namespace()),
            self.get_fully_qualified_name(),
        )
        for parameter in parameters:
            self.__declared[parameter.name] = parameter
            value = parameter.checked(plain.get(parameter.name, parameter.default))
            self._parameter_overrides.pop(parameter.name, None)
            self.declare_parameter(parameter.name, value, parameter.descriptor())
        self.add_on_set_parameters_callback(self.__check_set)

    def __check_set(self, changes: list[RosParameter]) -> SetParametersResult:
        for change in changes:
            declared = self.__declared.get(change.name)
            try:
                if declared is not None:
                    declared.checked(from_ros({change.name: change})[change.name])
            except ConfigurationError as error:
                return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)

    def _refuse_wrong_transitions(self) -> None:
        """Answer a transition that the present state has not; rclpy's own answer is to raise.

        A second request comes easily: the first was slow, and its sender asked again.
        """
        change_state = self._service_change_state.callback

        def answer(request: Any, response: Any) -> Any:
            try:
                return change_state(request, response)
            except Exception as error:
                self.get_logger().warning(f'Transition {request.transition.id} refused: {error}')
                response.success = False
                return response

        self._service_change_state.callback = answer

    def __publisher(self, topic: graph.Topic, **places: object) -> Publisher:
        # The default event callbacks are waited for in every turn of the loop: a fifth of its cost.
        # What they would tell, a mismatch of QoS, the table of the graph excludes.
        return self.create_publisher(
            graph.load_type(topic.type),
            self.topic_name(topic, **places),
            qos.NAMES[topic.qos],
            event_callbacks=PublisherEventCallbacks(use_default_callbacks=False),
        )

    def __guarded(self, name: str, callback: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return callback(*arguments)
        except Exception as error:
            count = self.__diagnostics.count_failure(name, f'{type(error).__name__}: {error}')
            if count <= 3 or count % 100 == 0:
                self.get_logger().error(with_place(f'{name}, failure {count}', error))
            return None

    def __beat(self) -> None:
        self.pulse.turns += 1
        message = Heartbeat(
            node=self.get_fully_qualified_name(),
            pid=os.getpid(),
            host=self.__host,
            boot_id=self.pulse.boot_id,
            state=min(self._state_machine.current_state[0], Heartbeat.TRANSITION),
            turns=self.pulse.turns,
            inputs=[InputAge(name=n, age=a) for n, a in self.pulse.ages().items()],
            fault=self.fault,
        )
        message.header.stamp = self.stamp()
        self.__heartbeat.publish(message)

    def __report(self) -> None:
        state = _STATES.get(self._state_machine.current_state[0], 'in transition')
        level = DiagnosticStatus.ERROR if self.fault else DiagnosticStatus.OK
        self.__diagnostics.set('lifecycle', level, self.fault or state, {'state': state})
        array = self.__diagnostics.message()
        array.header.stamp = self.stamp()
        self.__diagnostics_out.publish(array)

    def __destroy_entities(self) -> None:
        self._held.clear()
        while self.__entities:
            self.__destroy(self.__entities.pop())

    def __destroy(self, entity: object) -> None:
        if isinstance(entity, Publisher):
            self.destroy_publisher(entity)
        elif isinstance(entity, Subscription):
            self.destroy_subscription(entity)
        elif isinstance(entity, Timer):
            self.destroy_timer(entity)
        elif isinstance(entity, RosService):
            self.destroy_service(entity)
        elif isinstance(entity, Client):
            self.destroy_client(entity)


def run(node_class: Callable[[], CareNode], *, autostart: bool = False) -> None:
    """Run one node until SIGINT or SIGTERM: the main function of every node.

    Exits with 0 after a signal, with 1 when the node refuses its parameters.

    Args:
        node_class: Makes the node.
        autostart: Configure and activate at once, for nodes that nobody brings up.
    """
    stopping = False

    def stop(_signum: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    # Our own handlers: rclpy's shut the context down at once, before a node could say goodbye.
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    try:
        node = node_class()
    except ConfigurationError as error:
        print(f'FATAL: {error}', file=sys.stderr, flush=True)
        rclpy.try_shutdown()
        sys.exit(1)
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    if autostart:
        node.trigger_configure()
        node.trigger_activate()
    try:
        while not stopping:
            # The time-out bounds how long a signal waits; the heartbeat wakes the loop anyway.
            executor.spin_once(timeout_sec=PERIOD_S)
    except ExternalShutdownException:
        pass
    finally:
        node.end_work()
        executor.shutdown()
        node.destroy_node()
        rclpy.try_shutdown()
