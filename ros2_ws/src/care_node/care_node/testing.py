# SPDX-License-Identifier: Apache-2.0
"""Runs nodes inside tests: a node in a thread, and a probe that talks to it."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter as RosParameter
from rclpy.publisher import Publisher

from care_node import graph, qos
from care_node.node import CareNode

#: Depth of a probe's readers: what comes while a test gets no processor is not lost.
_KEPT = 400
#: When a request that may be repeated is sent again [s].
_AGAIN_AFTER_S = 5.0


def wait_until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until the condition is true.

    Raises:
        AssertionError: It was not within `seconds`; names `what`.
    """
    end = time.monotonic() + seconds
    late = False
    while not condition():
        if late:
            raise AssertionError(f'not within {seconds:g} s: {what}')
        time.sleep(0.01)
        # Looked at once more: it may have come true while this thread got no processor.
        late = time.monotonic() >= end


@contextmanager
def _spinning(node: Node) -> Iterator[None]:
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    stopping = threading.Event()

    def spin() -> None:
        while not stopping.is_set():
            executor.spin_once(timeout_sec=0.05)

    thread = threading.Thread(target=spin, name=f'spin {node.get_name()}')
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
        executor.shutdown()


@contextmanager
def running(
    node_class: Callable[..., CareNode],
    parameters: Mapping[str, Any] | None = None,
    *,
    activate: bool = True,
    namespace: str = '/ward',
) -> Iterator[CareNode]:
    """Run a node in a thread of its own, ACTIVE unless told otherwise.

    Raises:
        AssertionError: The node did not become ACTIVE; names its fault.
    """
    if not rclpy.ok():
        rclpy.init()
    overrides = [RosParameter(name, value=value) for name, value in (parameters or {}).items()]
    node = node_class(namespace=namespace, parameter_overrides=overrides)
    try:
        if activate:
            node.trigger_configure()
            node.trigger_activate()
            assert node.active, node.fault
        with _spinning(node):
            yield node
    finally:
        node.end_work()
        node.destroy_node()


class Probe:
    """Talks to nodes under test through the table of the graph."""

    def __init__(self, namespace: str = '/ward') -> None:
        if not rclpy.ok():
            rclpy.init()
        self.node = Node('probe', namespace=namespace)

    def collect(self, topic: graph.Topic, **places: object) -> list[Any]:
        """Subscribe; return a list that grows as messages come, all of them."""
        messages: list[Any] = []
        profile = copy.copy(qos.NAMES[topic.qos])
        profile.depth = max(profile.depth, _KEPT)
        self.node.create_subscription(
            graph.load_type(topic.type), topic.name.format(**places), messages.append, profile
        )
        return messages

    def publisher(self, topic: graph.Topic, **places: object) -> Publisher:
        """Return a publisher; wait for a match with `matched` before publishing."""
        return self.node.create_publisher(
            graph.load_type(topic.type), topic.name.format(**places), qos.NAMES[topic.qos]
        )

    @staticmethod
    def matched(publisher: Publisher, seconds: float = 20.0) -> None:
        """Wait until a subscriber has been discovered."""
        wait_until(publisher.get_subscription_count, seconds, f'a reader of {publisher.topic_name}')

    def call(self, service: graph.Service, request: Any, seconds: float = 20.0) -> Any:
        """Call a service and return its response.

        A request with an id is repeated while no answer comes: a server that has not discovered
        its client yet answers nobody, and the id makes the repetition harmless.

        Raises:
            AssertionError: No answer in time.
        """
        client = self.node.create_client(graph.load_type(service.type), service.name)
        wait_until(client.service_is_ready, seconds, f'service {service.name}')
        futures = [client.call_async(request)]
        asked_at = time.monotonic()

        def answered() -> bool:
            nonlocal asked_at
            repeatable = getattr(request, 'request_id', '')
            if repeatable and time.monotonic() - asked_at > _AGAIN_AFTER_S:
                futures.append(client.call_async(request))
                asked_at = time.monotonic()
            return any(future.done() for future in futures)

        wait_until(answered, seconds, f'answer of {service.name}')
        self.node.destroy_client(client)
        return next(future.result() for future in futures if future.done())


@contextmanager
def probing(namespace: str = '/ward') -> Iterator[Probe]:
    """Run a probe in a thread of its own."""
    probe = Probe(namespace)
    try:
        with _spinning(probe.node):
            yield probe
    finally:
        probe.node.destroy_node()
