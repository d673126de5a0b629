# SPDX-License-Identifier: Apache-2.0
"""Calls of the ward's services from the web server's loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from care_node import graph
from care_node.node import CareNode
from rclpy.client import Client

from care_tablet import translation
from care_tablet.commands import Answer, NoAnswerError

SERVICES = {
    'acknowledge': graph.ACKNOWLEDGE,
    'set_limits': graph.SET_LIMITS,
    'pause_audio': graph.PAUSE_AUDIO,
}

#: When a request is sent again [s] after the one before, and whether through a new client; 2 s in
#: all. A server that was killed stays visible for many seconds, so that readiness tells nothing;
#: a client made anew is matched with the new process within tens of milliseconds. Sending twice is
#: safe: the ward gives the same answer to the same request id.
_SENDS = ((0.0, False), (0.5, True), (0.2, False), (0.5, False))
_LAST_WAIT_S = 0.8


class WardLink:
    """Carries commands from the loop to the thread that spins the node, and answers back."""

    def __init__(self, node: CareNode, loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
        """Make clients; call in the thread that spins the node.

        Args:
            node: The node.
            loop: Returns the web server's loop.
        """
        self._node = node
        self._loop = loop
        self._clients: dict[str, Client] = {
            cmd: node.client(service) for cmd, service in SERVICES.items()
        }
        self._errands: deque[Callable[[], None]] = deque()
        self._wake = node.create_guard_condition(self._run_errands)

    def close(self) -> None:
        """Release what the node does not release itself."""
        self._node.destroy_guard_condition(self._wake)

    async def call(self, cmd: str, args: dict[str, Any], request_id: str, user: str) -> Answer:
        """Give one command to the ward; see commands.WardServices."""
        if not self._node.active:
            return Answer(False, 'not_active', 'The gateway is not active.')
        try:
            request = translation.request(cmd, args, request_id, user)
        except ValueError as error:
            return Answer(False, 'invalid', str(error))
        answer: asyncio.Future[Answer] = self._loop().create_future()
        waits = [wait for wait, _ in _SENDS[1:]] + [_LAST_WAIT_S]
        for (_, anew), wait in zip(_SENDS, waits, strict=True):
            self._errands.append(partial(self._send, cmd, request, anew, answer))
            self._wake.trigger()
            done, _ = await asyncio.wait([answer], timeout=wait)
            if done:
                return answer.result()
        raise NoAnswerError(
            'The alarm node does not answer. It is not known whether this was done: look at the '
            'list, then try again.'
        )

    def _run_errands(self) -> None:
        while self._errands:
            try:
                self._errands.popleft()()
            except Exception as error:
                # Nothing guards this callback: an error would end the node.
                self._node.get_logger().error(f'A command could not be sent: {error}')

    def _send(self, cmd: str, request: Any, anew: bool, answer: asyncio.Future[Answer]) -> None:
        if anew:
            self._node.release(self._clients[cmd])
            self._clients[cmd] = self._node.client(SERVICES[cmd])

        def settle(future: Any) -> None:
            response = future.result()
            given = Answer(response.accepted, response.code, response.text)
            # The loop may have ended in between.
            with contextlib.suppress(RuntimeError):
                self._loop().call_soon_threadsafe(_set, answer, given)

        self._clients[cmd].call_async(request).add_done_callback(settle)


def _set(answer: asyncio.Future[Answer], given: Answer) -> None:
    if not answer.done():
        answer.set_result(given)
