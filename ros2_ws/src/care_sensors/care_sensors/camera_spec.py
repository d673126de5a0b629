# SPDX-License-Identifier: Apache-2.0
"""What a camera source is, told from its text: a folder, a file, a device or a stream."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

PICTURE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp', '.tif', '.tiff')
_STREAM_SCHEMES = ('rtsp', 'rtsps', 'rtmp', 'http', 'https', 'udp', 'tcp')
_CURE = (
    'Give a folder of pictures, a video file, a device such as /dev/video0, or a URL such as '
    'rtsp://host/path.'
)


class CameraError(ValueError):
    """A camera source cannot be used: `cause` says why, `cure` says what to do about it."""

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(f'{cause} {cure}')
        self.cause = cause
        self.cure = cure


class SourceKind(Enum):
    """Where pictures come from."""

    FOLDER = 'folder of pictures'
    VIDEO = 'video file'
    DEVICE = 'device'
    STREAM = 'stream'


@dataclass(frozen=True)
class SourceSpec:
    """A camera source.

    Attributes:
        kind: What it is.
        target: Path or URL to open.
    """

    kind: SourceKind
    target: str

    @property
    def live(self) -> bool:
        """Tell whether it shows what is there now."""
        return self.kind in (SourceKind.DEVICE, SourceKind.STREAM)

    @property
    def shown(self) -> str:
        """The target for logs and pages: without user and password."""
        return re.sub(r'://[^/@]*@', '://', self.target)


def parse_source(text: str) -> SourceSpec:
    """Tell what a source is.

    Args:
        text: Folder, picture or video file, device number or path, or URL.

    Raises:
        CameraError: Nothing of that name, or a URL of no known kind.
    """
    text = text.strip()
    if not text:
        raise CameraError('No camera is given.', _CURE)
    if text.isdecimal():
        return SourceSpec(SourceKind.DEVICE, f'/dev/video{int(text)}')
    if text.startswith('/dev/'):
        return SourceSpec(SourceKind.DEVICE, text)
    if '://' in text:
        return _stream(text)
    path = Path(text).expanduser()
    if path.is_dir() or (path.is_file() and path.suffix.lower() in PICTURE_SUFFIXES):
        return SourceSpec(SourceKind.FOLDER, str(path))
    if path.is_file():
        return SourceSpec(SourceKind.VIDEO, str(path))
    raise CameraError(f'There is no camera source {text}.', _CURE)


def origin_of(text: str) -> str:
    """Return 'live' for what shows the present, else 'recorded', also for what is unknown."""
    try:
        return 'live' if parse_source(text).live else 'recorded'
    except CameraError:
        return 'recorded'


def _stream(text: str) -> SourceSpec:
    spec = SourceSpec(SourceKind.STREAM, text)
    try:
        parts = urlsplit(text)
        known = parts.scheme.lower() in _STREAM_SCHEMES and bool(parts.hostname)
    except ValueError:
        known = False
    if not known:
        raise CameraError(f'{spec.shown} is no stream that can be opened.', _CURE)
    return spec
