# SPDX-License-Identifier: AGPL-3.0-or-later
"""The vision node with the reference detector, for comparisons; it takes .pt files too."""

from __future__ import annotations

from care_node.node import run
from care_vision.detection import Detector
from care_vision.node import VisionNode

from care_vision_ultralytics.detector import UltralyticsDetector


class ReferenceVisionNode(VisionNode):
    """Looks through ultralytics."""

    def open_detector(self) -> Detector:
        """Return the reference detector."""
        return UltralyticsDetector(
            self.value('model'),
            min(self.value('confidence'), self.value('doubt')),
            self.value('overlap'),
        )


def main() -> None:
    """Run the node."""
    run(ReferenceVisionNode)
