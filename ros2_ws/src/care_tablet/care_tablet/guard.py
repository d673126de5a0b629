# SPDX-License-Identifier: Apache-2.0
"""Refuses requests of foreign pages before anything else sees them; sets the security headers."""

from __future__ import annotations

import re
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HOST = re.compile(r'(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?')

SECURITY_HEADERS = {
    'content-security-policy': (
        "default-src 'self'; base-uri 'none'; object-src 'none'; "
        "frame-ancestors 'none'; form-action 'self'"
    ),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
}


class Guard:
    """ASGI middleware in front of the whole application.

    The Host must be one of ours (DNS rebinding). WebSockets and POSTs must come from our own pages:
    browsers apply no same-origin rule to WebSockets, so that any page a nurse opens could connect.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        """Guard an application.

        Args:
            app: The application.
            hosts: Allowed host names and addresses, without port; IPv6 in brackets.
        """
        self._app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve or refuse one request."""
        if scope['type'] == 'websocket':
            await self._websocket(scope, receive, send)
        elif scope['type'] == 'http':
            await self._http(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if self._ours(headers) and _same_origin(headers):
            await self._app(scope, receive, send)
        else:
            # Before accept: the server answers 403.
            await send({'type': 'websocket.close', 'code': 1008})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message['type'] == 'http.response.start':
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        if not self._ours(headers):
            return PlainTextResponse('unknown host', 400)
        if scope['method'] in ('GET', 'HEAD'):
            return None
        if not _same_origin(headers):
            return PlainTextResponse('foreign origin', 403)
        if headers.get('content-type', '').split(';')[0].strip().lower() != 'application/json':
            return PlainTextResponse('JSON only', 415)
        return None

    def _ours(self, headers: Headers) -> bool:
        match = _HOST.fullmatch(headers.get('host', '').lower())
        return match is not None and match[1] in self._hosts


def _same_origin(headers: Headers) -> bool:
    # Plain http: TLS comes with binds beyond loopback.
    return headers.get('origin', '').lower() == f'http://{headers.get("host", "").lower()}'
