# SPDX-License-Identifier: Apache-2.0
"""The camera: pictures from a folder, a video file, a V4L2 device or a stream.

A folder or file that cannot be used refuses to be configured; a device or stream may come later,
so it is tried again and again, and meanwhile the node's fault says what is wrong.
"""

from __future__ import annotations

import array
import time
from functools import partial
from typing import Any

import cv2
from builtin_interfaces.msg import Time
from care_node import graph
from care_node.errors import ConfigurationError
from care_node.node import CareNode, run
from care_node.parameters import Parameter
from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.publisher import Publisher
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_msgs.msg import Header

from care_sensors.camera_calibration import pinhole
from care_sensors.camera_capture import CameraCapture, CameraReport, CameraState
from care_sensors.camera_pictures import Picture, fit
from care_sensors.camera_source import open_source
from care_sensors.camera_spec import CameraError, SourceSpec, parse_source

PARAMETERS = (
    Parameter(
        'source', '', 'Folder of pictures, video file, device (0, /dev/video0) or URL; empty: none'
    ),
    Parameter('rate_hz', 10.0, 'Highest rate of pictures', unit='Hz', minimum=0.1, maximum=60.0),
    Parameter(
        'width', 640, 'Width of the pictures; 0: as they come', unit='px', minimum=0, maximum=7680
    ),
    Parameter(
        'height', 480, 'Height of the pictures; 0: as they come', unit='px', minimum=0, maximum=4320
    ),
    Parameter(
        'picture_seconds', 5.0, 'How long each picture of a folder is shown', unit='s', minimum=0.1
    ),
    Parameter(
        'horizontal_view', 1.2, 'Nominal horizontal field of view, not calibrated', unit='rad',
        minimum=0.1, maximum=3.0,
    ),
    Parameter(
        'frozen_after', 5.0, 'How long a live camera may show the same picture, bit for bit',
        unit='s', minimum=0.1,
    ),
    Parameter('silent_after', 3.0, 'Silence of the camera that is a fault', unit='s', minimum=0.1),
    Parameter('jpeg_quality', 80, 'Quality of the compressed pictures', minimum=1, maximum=100),
    Parameter('frame_id', 'camera_optical_frame', 'Frame of the pictures'),
)  # fmt: skip
_LEVELS = {
    CameraState.OPENING: DiagnosticStatus.WARN,
    CameraState.SHOWING: DiagnosticStatus.OK,
    CameraState.FROZEN: DiagnosticStatus.ERROR,
    CameraState.LOST: DiagnosticStatus.ERROR,
}


class CameraNode(CareNode):
    """Publishes `camera/image_raw`, `camera/camera_info`, and JPEG when somebody listens."""

    scope = 'robot'

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('camera', PARAMETERS, **kwargs)
        self._spec: SourceSpec | None = None
        self._capture: CameraCapture[Time] | None = None

    def configure(self) -> None:
        """Check the source as far as that is possible before it is needed."""
        self._size = (self.value('width'), self.value('height'))
        self._spec = None
        if self.value('source').strip():
            try:
                self._spec = parse_source(self.value('source'))
                if not self._spec.live:
                    self._open(self._spec).close()
            except (CameraError, cv2.error) as error:
                raise _refusal(error) from error
        self._image_out = self.advertise(graph.IMAGE)
        self._info_out = self.advertise(graph.CAMERA_INFO)
        self._jpeg_out = self.advertise(graph.IMAGE_COMPRESSED)
        self._jpeg_options = [cv2.IMWRITE_JPEG_QUALITY, self.value('jpeg_quality')]
        self._frame_id = self.value('frame_id')
        self._view = self.value('horizontal_view')
        self.every(0.5, self._watch)

    def activate(self) -> None:
        """Begin to capture; without a source the node stays inactive and says so."""
        if self._spec is None:
            raise ConfigurationError(
                cause='No camera is given.',
                cure='Start with --camera SRC, or set the parameter source.',
            )
        self.fault = ''
        self._capture = CameraCapture(
            partial(self._open, self._spec),
            self.stamp,
            self._publish,
            self.value('rate_hz'),
            self.value('frozen_after'),
        )
        self._capture.start()

    def deactivate(self) -> None:
        """End capturing."""
        if self._capture is not None:
            self._capture.stop()
            self._capture = None

    def cleanup(self) -> None:
        """Forget the source."""
        self._spec = None

    def _open(self, spec: SourceSpec) -> Any:
        return open_source(spec, *self._size, self.value('rate_hz'), self.value('picture_seconds'))

    def _publish(self, stamp: Time, picture: Picture) -> None:
        """Send one picture; runs in the thread of the capture."""
        picture = fit(picture, *self._size)
        header = Header(stamp=stamp, frame_id=self._frame_id)
        height, width = picture.shape[:2]
        self._info_out.publish(camera_info(header, width, height, self._view))
        self._image_out.publish(image_message(header, picture))
        if _heard(self._jpeg_out):
            _, packed = cv2.imencode('.jpg', picture, self._jpeg_options)
            message = CompressedImage(header=header, format='bgr8; jpeg compressed bgr8')
            message.data = _bytes(packed)
            self._jpeg_out.publish(message)

    def _watch(self) -> None:
        """Tell in fault and diagnostics how the camera does."""
        if self._capture is None or self._spec is None:
            return
        report = self._capture.report()
        silence = time.monotonic() - report.last_at
        self.fault = report.reason
        if not self.fault and silence > self.value('silent_after'):
            self.fault = f'The camera {self._spec.shown} has shown nothing for {silence:.0f} s.'
        self._diagnose(report, self._spec)

    def _diagnose(self, report: CameraReport, spec: SourceSpec) -> None:
        level = DiagnosticStatus.ERROR if self.fault else _LEVELS[report.state]
        text = self.fault or report.state.value
        if report.skipped and not self.fault:
            level, text = DiagnosticStatus.WARN, f'passes over: {report.skipped[0]}'
        self.diagnose(
            'camera',
            level,
            text,
            source=spec.shown,
            kind=spec.kind.value,
            pictures=report.pictures,
            losses=report.losses,
            skipped=len(report.skipped),
            calibration='nominal, from the field of view',
        )


def image_message(header: Header, picture: Picture) -> Image:
    """Return a picture, height x width x 3 BGR, as a message."""
    height, width = picture.shape[:2]
    message = Image(header=header, height=height, width=width, encoding='bgr8', step=3 * width)
    # Set afterwards: the constructor looks at every byte.
    message.data = _bytes(picture)
    return message


def camera_info(header: Header, width: int, height: int, view: float) -> CameraInfo:
    """Return the nominal calibration of pictures of a size; `view` [rad] is horizontal."""
    camera = pinhole(width, height, view)
    return CameraInfo(
        header=header,
        width=width,
        height=height,
        distortion_model='plumb_bob',
        d=[0.0] * 5,
        k=camera.intrinsics,
        r=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        p=camera.projection,
    )


def _bytes(picture: Picture) -> array.array[int]:
    # The one type that a message takes as it is.
    return array.array('B', picture.tobytes())


def _heard(publisher: Publisher) -> bool:
    return publisher.get_subscription_count() > 0


def _refusal(error: Exception) -> ConfigurationError:
    if isinstance(error, CameraError):
        return ConfigurationError(error.cause, error.cure)
    return ConfigurationError(f'OpenCV cannot read the source: {error}.', 'Give another source.')


def main() -> None:
    """Run the node."""
    run(CameraNode)
