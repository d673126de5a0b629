# SPDX-License-Identifier: Apache-2.0
"""The web server in a thread of its own, with its own loop; signals stay with the main thread."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import uvicorn
import uvloop
from care_node.errors import ConfigurationError
from starlette.types import ASGIApp

from care_tablet.schema import LARGEST_FRAME

_START_S = 10.0
_STOP_S = 3.0
#: A tablet that takes nothing for so long is cut off by the kernel, and its buffer freed.
_USER_TIMEOUT_MS = 10_000
_SEND_BUFFER = 256 * 1024
#: Calls that may wait for a loop that stands still.
_MOST_POSTED = 10_000


def loopback_address(host: str) -> str:
    """Return the address to bind.

    Raises:
        ConfigurationError: It can be reached from other machines.
    """
    try:
        address = ipaddress.ip_address('127.0.0.1' if host == 'localhost' else host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise ConfigurationError(
            cause=f'The tablet gateway cannot listen on "{host}": it has no encryption yet.',
            cure='Set host to 127.0.0.1; reach it from elsewhere through an SSH tunnel.',
        )
    return str(address)


def allowed_hosts(address: str) -> frozenset[str]:
    """Return the names under which pages may ask for this server."""
    own = f'[{address}]' if ':' in address else address
    return frozenset({own, 'localhost', '127.0.0.1', '[::1]'})


def listen(host: str, port: int) -> socket.socket:
    """Return a bound socket.

    Args:
        host: A loopback address or 'localhost'.
        port: Port; 0 for any that is free.

    Raises:
        ConfigurationError: Not a loopback address, or the port is in use.
    """
    address = loopback_address(host)
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Connections inherit these. A bounded send buffer makes a slow tablet's frames wait in its
    # outbox, where they are counted and dropped by rule.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _USER_TIMEOUT_MS)
    try:
        sock.bind((address, port))
        sock.listen(128)
    except OSError as error:
        sock.close()
        raise _refusal(error, address, port) from error
    return sock


def _refusal(error: OSError, address: str, port: int) -> ConfigurationError:
    if error.errno == errno.EADDRINUSE:
        return ConfigurationError(
            cause=f'Port {port} on {address} is in use by another program.',
            cure=f'End that program ("ss -ltnp sport = :{port}" names it), or start with '
            'port:=NUMBER.',
        )
    if error.errno == errno.EACCES:
        return ConfigurationError(
            cause=f'Port {port} needs rights that this account does not have.',
            cure='Choose a port of 1024 or more with port:=NUMBER.',
        )
    return ConfigurationError(
        cause=f'Cannot listen on {address} port {port}: {error.strerror}.',
        cure='Check the parameters host and port.',
    )


class WebServer:
    """Runs an application from start to stop.

    Other threads reach it by `post` only.
    """

    def __init__(self, app: ASGIApp, sock: socket.socket) -> None:
        self.port: int = sock.getsockname()[1]
        self._sock = sock
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                http='h11',
                ws='websockets-sansio',
                # Twice our own bound, so that a page gets the error frame and not only a code.
                ws_max_size=2 * LARGEST_FRAME,
                # Pages tick each second themselves.
                ws_ping_interval=None,
                ws_per_message_deflate=False,
                lifespan='on',
                log_config=None,
                log_level='warning',
                access_log=False,
                server_header=False,
                # There is no proxy: a forwarded address would let a tablet dodge its lock-out.
                proxy_headers=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._lock = threading.Lock()
        self._posted: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque(
            maxlen=_MOST_POSTED
        )
        self._stopped = False
        self._armed = False
        self._thread = threading.Thread(target=self._run, name='web server', daemon=True)

    def start(self) -> None:
        """Start to serve; return when the loop runs.

        Raises:
            RuntimeError: It did not start in time.
        """
        self._thread.start()
        if not self._ready.wait(_START_S):
            raise RuntimeError('the web server did not start')

    def stop(self) -> None:
        """Close all connections and end the thread."""
        with self._lock:
            self._stopped = True
        self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join(_STOP_S)
        self._sock.close()

    @property
    def alive(self) -> bool:
        """Tell whether the server still runs."""
        return self._thread.is_alive()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The server's loop; only after start."""
        assert self._loop is not None
        return self._loop

    def post(self, call: Callable[..., object], *arguments: Any) -> None:
        """Have the loop make a call, in order; safe from any thread, ignored after the end.

        Calls are coalesced: waking the loop costs more than a call.
        """
        with self._lock:
            if self._stopped:
                return
            self._posted.append((call, arguments))
            if self._armed or self._loop is None:
                return
            self._armed = True
            # Under the lock: `stop` cannot end the loop in between.
            self._loop.call_soon_threadsafe(self._run_posted)

    def _run_posted(self) -> None:
        with self._lock:
            calls = list(self._posted)
            self._posted.clear()
            self._armed = False
        for call, arguments in calls:
            try:
                call(*arguments)
            except Exception as error:
                self.loop.call_exception_handler(
                    {'message': f'{call!r} failed', 'exception': error}
                )

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        with self._lock:
            self._loop = asyncio.get_running_loop()
            self._armed = True
        self._run_posted()
        self._ready.set()
        await self._server.serve(sockets=[self._sock])
