# SPDX-License-Identifier: Apache-2.0
"""HTTP and WebSocket routes of the gateway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

from care_tablet import __version__, roles, schema
from care_tablet.gateway import Gateway
from care_tablet.guard import Guard
from care_tablet.pages import Pages
from care_tablet.session import Session, stop_ack

COOKIE = 'care_session'
_LARGEST_BODY = 4096
_BODY_S = 5.0
_MOST_SESSIONS = 64
_NO_STORE = {'cache-control': 'no-store'}


class Routes:
    """Handlers; each turns a request into a call of the gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def health(self, _request: Request) -> Response:
        """Tell that the gateway answers, and which nodes it hears."""
        return _json(
            {
                'ok': True,
                'version': __version__,
                'boot': self._gateway.hub.boot,
                'nodes': self._gateway.status.nodes(),
            }
        )

    async def log_in(self, request: Request) -> Response:
        """Log in with a PIN."""
        body = await _body(request)
        try:
            asked = schema.parse_request('login', body)
        except schema.Malformed as error:
            return _json({'code': 'malformed', 'text': str(error)}, 400)
        outcome = await self._gateway.sign_in.try_pin(asked['user'], asked['pin'], _device(request))
        if outcome.user is None:
            return _refused(outcome.code, outcome.tries_left, outcome.seconds)
        self._gateway.sign_in.log_out(request.cookies.get(COOKIE, ''), _device(request))
        user = outcome.user
        response = _json({'user': {'id': user.id, 'name': user.name, 'role': user.role}})
        # Not `secure` while the gateway speaks plain http on loopback only.
        response.set_cookie(COOKIE, outcome.login_id, httponly=True, samesite='strict', path='/')
        return response

    async def log_out(self, request: Request) -> Response:
        """End the login of this browser."""
        self._gateway.sign_in.log_out(request.cookies.get(COOKIE, ''), _device(request))
        response = _json({})
        response.delete_cookie(COOKIE, httponly=True, samesite='strict', path='/')
        return response

    async def stop(self, request: Request) -> Response:
        """Stop the robot: no login, nothing read before; says whether control has confirmed."""
        login_id = request.cookies.get(COOKIE, '')
        pressed_at = self._gateway.press_stop(login_id, _device(request), 'http')
        robot = self._gateway.robot
        if robot is None or pressed_at is None:
            return _json({**stop_ack('', False), 'confirmed': False, 'state': ''}, 503)
        state = await robot.confirmed(pressed_at)
        return _json({**stop_ack('', True), 'confirmed': state != '', 'state': state})

    async def view(self, request: Request) -> Response:
        """Give the newest camera picture, or say why there is none."""
        robot = self._gateway.robot
        if robot is None:
            return _json({'code': 'no_robot', 'text': 'This ward has no robot.'}, 404)
        user = self._gateway.user(request.cookies.get(COOKIE, ''))
        if user is None:
            return _json({'code': 'not_logged_in', 'text': 'Log in first.'}, 401)
        if not roles.allows(user.role, 'camera_view'):
            return _json({'code': 'not_allowed', 'text': 'Your role may not look.'}, 403)
        picture = robot.look(user.id, _device(request))
        if picture is None:
            return _json({'code': 'no_picture', 'text': robot.no_picture()}, 503)
        headers = {**_NO_STORE, 'x-age': f'{picture.age:.3f}'}
        return Response(picture.jpeg, media_type='image/jpeg', headers=headers)

    async def unlock(self, request: Request) -> Response:
        """Let a locked-out user try again: a charge nurse's override."""
        body = await _body(request)
        try:
            asked = schema.parse_request('unlock', body)
        except schema.Malformed as error:
            return _json({'code': 'malformed', 'text': str(error)}, 400)
        login_id = request.cookies.get(COOKIE, '')
        allowed = self._gateway.sign_in.unlock(login_id, asked['user'], _device(request))
        return _json({}) if allowed else _json({'code': 'not_allowed'}, 403)

    async def page(self, socket: WebSocket) -> None:
        """Serve one page's WebSocket."""
        if len(self._gateway.sessions) >= _MOST_SESSIONS:
            await socket.close(1013)
            return
        session = Session(socket, self._gateway, socket.cookies.get(COOKIE, ''))
        self._gateway.sessions.add(session)
        try:
            await session.run()
        finally:
            self._gateway.sessions.discard(session)


def make_app(gateway: Gateway, web_dir: Path, hosts: frozenset[str]) -> Starlette:
    """Return the application.

    Args:
        gateway: What it serves.
        web_dir: Folder of the built pages.
        hosts: Allowed host names, see Guard.
    """

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(gateway.tick_forever()),
            asyncio.create_task(gateway.tell_robot_forever()),
        ]
        yield
        for task in tasks:
            task.cancel()

    routes = Routes(gateway)
    return Starlette(
        routes=[
            Route('/health', routes.health),
            Route('/stop', routes.stop, methods=['POST']),
            Route('/api/view', routes.view),
            Route('/api/login', routes.log_in, methods=['POST']),
            Route('/api/logout', routes.log_out, methods=['POST']),
            Route('/api/unlock', routes.unlock, methods=['POST']),
            WebSocketRoute('/ws', routes.page),
            Mount('/', Pages(web_dir)),
        ],
        middleware=[Middleware(Guard, hosts=hosts)],
        lifespan=lifespan,
    )


def _json(content: dict[str, object], status: int = 200) -> JSONResponse:
    return JSONResponse(content, status, _NO_STORE)


def _refused(code: str, tries_left: int, seconds: int) -> Response:
    if code == 'locked':
        return _json({'code': code, 'seconds': seconds}, 423)
    if code == 'busy':
        return _json({'code': code}, 503)
    return _json({'code': code, 'tries_left': tries_left}, 401)


def _device(request: Request) -> str:
    return request.client.host if request.client else ''


async def _body(request: Request) -> bytes:
    """Return the body of a request, b'' when it is too long or does not come."""
    body = b''
    try:
        async with asyncio.timeout(_BODY_S):
            async for part in request.stream():
                body += part
                if len(body) > _LARGEST_BODY:
                    return b''
    except (TimeoutError, ClientDisconnect):
        return b''
    return body
