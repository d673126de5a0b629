# SPDX-License-Identifier: Apache-2.0
"""One page on its WebSocket: reads checked frames, writes what waits for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from care_tablet import schema
from care_tablet.accounts import User
from care_tablet.hub import to_json
from care_tablet.outbox import Closing, Outbox
from care_tablet.rate import RateLimit

SUBPROTOCOL = 'care.v1'
SILENT_AFTER_S = 6.0
_CLOSE_S = 1.0
_MOST_COMMANDS = 16
_log = logging.getLogger(__name__)


class Host(Protocol):
    """What a session needs of the gateway."""

    def join(self, client: Outbox, hello: dict[str, Any], user: User | None) -> None:
        """Greet a client and register it."""

    def leave(self, client: Outbox) -> None:
        """Send nothing more to it."""

    async def command(self, frame: dict[str, Any], login_id: str, device: str) -> dict[str, Any]:
        """Return the ack of a command."""

    def user(self, login_id: str) -> User | None:
        """Return who is logged in."""

    def press_stop(self, login_id: str, device: str, way: str) -> float | None:
        """Stop the robot, now; None when that is not possible."""


def stop_ack(stop_id: str, sent: bool) -> dict[str, Any]:
    """Return the ack of a stop: that it was sent on, not that the robot stands."""
    return {
        'type': 'ack',
        'id': stop_id,
        'accepted': sent,
        'code': 'sent' if sent else 'not_sent',
        'text': 'Stop was sent to the robot.' if sent else 'Stop could not be sent to the robot.',
    }


class Session:
    """One connection of one page."""

    def __init__(
        self,
        socket: WebSocket,
        host: Host,
        login_id: str,
        silent_after_s: float = SILENT_AFTER_S,
        make_outbox: Callable[[], Outbox] = Outbox,
    ) -> None:
        self._socket = socket
        self._host = host
        self._device = socket.client.host if socket.client else ''
        # A cookie of a login that has ended is nobody's.
        self._login_id = login_id if host.user(login_id) else ''
        self._silent_after_s = silent_after_s
        self._rate = RateLimit()
        self._stops = RateLimit()
        self._commands: set[asyncio.Task[None]] = set()
        self.outbox = make_outbox()

    def check_login(self) -> None:
        """Close the connection when the login that it was opened with has ended."""
        if self._login_id and self._host.user(self._login_id) is None:
            self.outbox.close(Closing(4401, 'session_ended', 'You are logged out.'))

    async def run(self) -> None:
        """Serve the page until either side ends the connection."""
        offered = self._socket.scope.get('subprotocols', [])
        await self._socket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)
        reader = asyncio.create_task(self._read())
        writer = asyncio.create_task(self._write())
        closed = asyncio.create_task(self.outbox.closed.wait())
        tasks = (reader, writer, closed)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if self.outbox.closing is not None:
                # A page that does not read would hold the writer for ever.
                await asyncio.wait([writer], timeout=_CLOSE_S)
        finally:
            self._host.leave(self.outbox)
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception):
                    _log.error('Session of %s failed', self._device, exc_info=result)

    async def _read(self) -> None:
        try:
            hello = await self._receive()
            if hello['type'] != 'hello':
                raise schema.Malformed('the first frame is not a hello')
            self._host.join(self.outbox, hello, self._host.user(self._login_id))
            while True:
                self._take(await self._receive())
        except schema.Malformed as error:
            self.outbox.close(Closing(1003, 'malformed', str(error)))
        except _RefusedError as error:
            self.outbox.close(error.closing)
        except TimeoutError:
            self.outbox.close(Closing(1001, 'silent', 'no sign of life of the tablet'))
        except WebSocketDisconnect:
            pass

    async def _receive(self) -> dict[str, Any]:
        text = await self._receive_text()
        while text is not None and (stop_id := schema.stop_id(text)) is not None:
            self._stop(stop_id)
            text = await self._receive_text()
        if not self._rate.allow():
            raise _RefusedError(Closing(1008, 'too_fast', 'more than 20 messages a second'))
        if text is None:
            raise schema.Malformed('not a text frame')
        if len(text) > schema.LARGEST_FRAME or len(text.encode()) > schema.LARGEST_FRAME:
            raise _RefusedError(Closing(1009, 'too_big', 'a message of more than 64 KiB'))
        return schema.parse_frame(text)

    async def _receive_text(self) -> str | None:
        async with asyncio.timeout(self._silent_after_s):
            message = await self._socket.receive()
        if message['type'] == 'websocket.disconnect':
            raise WebSocketDisconnect(message.get('code') or 1005)
        text: str | None = message.get('text')
        return text

    def _stop(self, stop_id: str) -> None:
        """Stop the robot before anything else: before the hello, beyond the rate, unchecked."""
        sent = self._host.press_stop(self._login_id, self._device, 'websocket') is not None
        if self._stops.allow():
            self.outbox.urgent(to_json(stop_ack(stop_id, sent)))

    def _take(self, frame: dict[str, Any]) -> None:
        if frame['type'] == 'hello':
            raise schema.Malformed('a second hello')
        if frame['type'] != 'command':
            return
        if len(self._commands) >= _MOST_COMMANDS:
            raise _RefusedError(Closing(1008, 'too_many', 'too many commands at once'))
        task = asyncio.create_task(self._command(frame))
        self._commands.add(task)
        task.add_done_callback(self._commands.discard)

    async def _command(self, frame: dict[str, Any]) -> None:
        try:
            ack = await self._host.command(frame, self._login_id, self._device)
        except Exception:
            _log.exception('Command %s failed', frame['cmd'])
            text = 'The gateway could not do this; its log says why.'
            ack = {'type': 'ack', 'id': frame['id'], 'accepted': False, 'code': 'failed'}
            ack['text'] = text
        self.outbox.urgent(to_json(ack))

    async def _write(self) -> None:
        try:
            while (frame := await self.outbox.next()) is not None:
                if isinstance(frame, str):
                    await self._socket.send_text(frame)
                else:
                    await self._socket.send_bytes(frame)
            closing = self.outbox.closing
            assert closing is not None
            await self._socket.send_text(
                to_json({'type': 'error', 'code': closing.code, 'text': closing.text})
            )
            await self._socket.close(closing.status, closing.code)
        except (WebSocketDisconnect, RuntimeError):
            # Gone in the middle of a frame: the reader sees the same.
            return


class _RefusedError(Exception):
    def __init__(self, closing: Closing) -> None:
        super().__init__(closing.code)
        self.closing = closing
