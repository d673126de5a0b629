# SPDX-License-Identifier: Apache-2.0
"""The vision node: looks at the newest picture, tells what is there, and makes the view.

Without a model it stays inactive: there is nothing to tell, and no view, for nobody could be
hidden in it. A picture in which the search for persons failed is hidden as a whole.
"""

from __future__ import annotations

import array
import time
from typing import Any

from care_msgs.msg import Origin
from care_node import graph
from care_node.errors import ConfigurationError
from care_node.node import CareNode, run
from care_node.parameters import Parameter
from care_sensors.camera_spec import origin_of
from diagnostic_msgs.msg import DiagnosticStatus
from sensor_msgs.msg import CompressedImage, Image

from care_vision.detection import Detector, ModelError, Picture
from care_vision.encodings import stamp_s, to_bgr
from care_vision.latency import Latency
from care_vision.messages import detection_array, person_array
from care_vision.newest_worker import NewestWorker
from care_vision.onnx_detector import OnnxDetector
from care_vision.privacy import hide
from care_vision.sight import Finding, Sight, hiding_for
from care_vision.view import caption, jpeg, shrink

PARAMETERS = (
    Parameter('model', '', 'ONNX file of an ultralytics detect or pose export; empty: none'),
    Parameter(
        'confidence', 0.25, 'Least score of what is told of', unit='1', minimum=0.01, maximum=1.0
    ),
    Parameter(
        'doubt', 0.1, 'Least score of what is hidden in the view, as it may be a person',
        unit='1', minimum=0.01, maximum=1.0,
    ),
    Parameter(
        'overlap', 0.7, 'Of two boxes of a class with a higher intersection over union one goes',
        unit='1', minimum=0.05, maximum=1.0,
    ),
    Parameter('threads', 1, 'Threads of one inference', minimum=1, maximum=64),
    Parameter('rate_hz', 5.0, 'Highest rate of inference', unit='Hz', minimum=0.1, maximum=60.0),
    Parameter(
        'keep', 1.5, 'How long an unseen object is still followed, and hidden', unit='s',
        minimum=0.0, maximum=10.0,
    ),
    Parameter(
        'turned_every', 3, 'Every so many pictures is also looked at turned, for lying persons; '
        '0: none', minimum=0, maximum=100,
    ),
    Parameter(
        'origin', 'auto', 'Where the pictures come from; auto: told from the camera source',
        choices=('auto', 'live', 'recorded', 'simulated'),
    ),
    Parameter('source', '', 'Source of the camera node, for the origin; empty: not live'),
    Parameter('silent_after', 3.0, 'Silence of the camera that is a fault', unit='s', minimum=0.1),
    Parameter('view_size', 640, 'Longer side of the view', unit='px', minimum=64, maximum=4096),
    Parameter('jpeg_quality', 70, 'Quality of the view', minimum=1, maximum=100),
)  # fmt: skip
_ORIGINS = {'live': Origin.LIVE, 'recorded': Origin.RECORDED, 'simulated': Origin.SIMULATED}


class VisionNode(CareNode):
    """Publishes `camera/detections`, `persons`, and `camera/view/compressed`."""

    scope = 'robot'

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('vision', PARAMETERS, **kwargs)
        self._detector: Detector | None = None
        self._worker: NewestWorker[Image] | None = None

    def open_detector(self) -> Detector:
        """Return the detector that the parameters ask for; raise ModelError."""
        return OnnxDetector(
            self.value('model'),
            min(self.value('confidence'), self.value('doubt')),
            self.value('overlap'),
            self.value('threads'),
        )

    def configure(self) -> None:
        """Load the model; one that cannot be used is refused."""
        self._detector = None
        if self.value('model').strip():
            try:
                self._detector = self.open_detector()
            except ModelError as error:
                raise ConfigurationError(error.cause, error.cure) from error
        self._origin = self.value('origin')
        if self._origin == 'auto':
            self._origin = origin_of(self.value('source'))
        self._detections_out = self.advertise(graph.DETECTIONS)
        self._persons_out = self.advertise(graph.PERSONS)
        self._view_out = self.advertise(graph.VIEW)
        self.listen(graph.IMAGE, self._take)
        self.every(1.0, self._watch)

    def activate(self) -> None:
        """Begin to look; without a model the node stays inactive and says so."""
        if self._detector is None:
            raise ConfigurationError(
                cause='No model is given, so nobody is seen and there is no camera view.',
                cure='Start with model:=FILE, an ONNX file of an ultralytics export.',
            )
        self._sight = Sight(
            self._detector,
            self.value('confidence'),
            self.value('keep'),
            self.value('turned_every'),
        )
        self._latency = Latency()
        self._failed = 0
        self._failure = ''
        self._whole = ''
        self._heard_at = time.monotonic()
        self.fault = ''
        self._worker = NewestWorker(self._work, 1.0 / self.value('rate_hz'))
        self._worker.start()

    def deactivate(self) -> None:
        """End looking."""
        if self._worker is not None:
            self._worker.stop()
            self._worker = None

    def cleanup(self) -> None:
        """Release the model."""
        self._detector = None

    def _take(self, message: Image) -> None:
        self._heard_at = time.monotonic()
        if self._worker is not None:
            self._worker.put(message)

    # In the worker's thread --------------------------------------------------------------------

    def _work(self, message: Image) -> None:
        try:
            self._look(message)
            self._failure = ''
        except Exception as error:  # one bad picture must not end the thread
            self._failed += 1
            self._failure = f'{type(error).__name__}: {error}'
            if self._failed <= 3 or self._failed % 100 == 0:
                self.get_logger().error(f'picture not used, the {self._failed}.: {self._failure}')

    def _look(self, message: Image) -> None:
        stamp = stamp_s(message.header.stamp.sec, message.header.stamp.nanosec)
        picture = to_bgr(
            message.data, message.height, message.width, message.encoding, message.step
        )
        finding: Finding | None = None
        try:
            finding = self._sight.look(picture, stamp)
            self._tell(message, finding)
        finally:
            # Also when it failed: then the view shows nothing but that.
            self._show(message, picture, stamp, finding)

    def _tell(self, message: Image, finding: Finding) -> None:
        self._detections_out.publish(detection_array(message.header, finding.objects))
        origin = _ORIGINS[self._origin]
        self._persons_out.publish(person_array(message.header, finding.objects, origin))
        now = self.get_clock().now().nanoseconds * 1e-9
        self._latency.add(picture_to_detection=now - finding.stamp)
        times = getattr(self._detector, 'times', None)
        if times is not None:
            self._latency.add(pre=times.pre, inference=times.inference, post=times.post)

    def _show(
        self, message: Image, picture: Picture, stamp: float, finding: Finding | None
    ) -> None:
        start = time.perf_counter()
        hiding = hiding_for(stamp, finding)
        self._whole = hiding.whole
        if self._view_out.get_subscription_count() == 0:
            return
        size, quality = self.value('view_size'), self.value('jpeg_quality')
        words = self._origin.upper() + (f' - all hidden: {hiding.whole}' if hiding.whole else '')
        view = caption(shrink(hide(picture, hiding), size), words)
        out = CompressedImage(header=message.header, format='bgr8; jpeg compressed bgr8')
        out.data = array.array('B', jpeg(view, quality).tobytes())
        self._view_out.publish(out)
        self._latency.add(view=time.perf_counter() - start)

    # In the node's thread ----------------------------------------------------------------------

    def _watch(self) -> None:
        """Tell in fault and diagnostics how it goes."""
        worker = self._worker
        if worker is None:
            return
        silence = time.monotonic() - self._heard_at
        self.fault = ''
        if silence > self.value('silent_after'):
            self.fault = f'No picture from the camera for {silence:.0f} s.'
        elif self._failure:
            self.fault = f'The last picture could not be used: {self._failure}'
        level = DiagnosticStatus.ERROR if self.fault else DiagnosticStatus.OK
        self.diagnose(
            'pictures',
            level,
            self.fault or 'looks at the newest',
            looked_at=worker.taken,
            dropped=worker.dropped,
            failed=self._failed,
        )
        self.diagnose(
            'view',
            DiagnosticStatus.WARN if self._whole else DiagnosticStatus.OK,
            f'hidden as a whole: {self._whole}' if self._whole else 'persons are hidden',
            origin=self._origin,
        )
        self.diagnose('latency', DiagnosticStatus.OK, 'by stage', **self._latency.quantiles())


def main() -> None:
    """Run the node."""
    run(VisionNode)
