# SPDX-License-Identifier: Apache-2.0
"""The built pages as static files."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

#: Vite puts a hash of the content into these names.
_HASHED = 'assets/'
_FOREVER = 'public, max-age=31536000, immutable'

_NOT_BUILT = """\
The nurses' pages are not built yet.

Build them with

    cd ros2_ws/src/care_tablet/web
    npm ci
    npm run build

then build the workspace again, or set the parameter web_dir to web/dist.
(./care up does all of this.)
"""


class Pages(StaticFiles):
    """Static files with cache headers; says how to build them when they are missing."""

    def __init__(self, folder: Path) -> None:
        # Links are followed: a development install links each file. `..` stays refused.
        super().__init__(directory=folder, html=True, check_dir=False, follow_symlink=True)
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a file, or say how to build the pages: they may be built while we run."""
        if (self._folder / 'index.html').is_file():
            await super().__call__(scope, receive, send)
            return
        headers = {'cache-control': 'no-store', 'retry-after': '5'}
        await PlainTextResponse(_NOT_BUILT, 503, headers)(scope, receive, send)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file with its cache headers."""
        response = await super().get_response(path, scope)
        hashed = path.startswith(_HASHED) and response.status_code in (200, 304)
        response.headers['cache-control'] = _FOREVER if hashed else 'no-cache'
        return response
